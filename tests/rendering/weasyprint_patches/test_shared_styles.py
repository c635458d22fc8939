"""Documents that share computed values are drawn as if they were alone, and only what is theirs is shared."""

from typing import Any

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.weasyprint_patches import shared_styles

FONT = packaged_folder("fonts") / "source-sans-3/SourceSans3-Regular.ttf"
CSS = f"""
@font-face {{ font-family: F; src: url({FONT.as_uri()}) }}
:root {{ --size: 10pt }} .large {{ --size: 20pt }}
html {{ font: 10pt F }} body {{ overflow: hidden }} p {{ font-size: var(--size) }} section {{ overflow: inherit }}
@page {{ size: 60mm 80mm; @bottom-left {{ content: counter(page) }} }} @page wide {{ size: 120mm 80mm }} .wide {{ page: wide }}
table {{ border-collapse: collapse; padding: 5mm }} td {{ padding: inherit }} section.framed {{ border: 1mm solid; margin: 9mm }}
section > div {{ margin: inherit }} .half {{ width: 50vw }}
.faulty {{ font-size: calc(1em + 1) }}
"""
DOCUMENTS = (
    "<p>a<p class='large'>b<i>c</i>",
    "<ol><li>a<li>b</ol><table><tr><td>x</table>",
    "<section class='framed'><div>a</div></section><section><div>b</div></section>",
    "<section><div>b</div></section><section class='framed'><div>a</div></section><div class='large'><p>c</div>",
    "<section>a</section>",
    "<div lang='da'><p id='x'>a</div><p style='--size: 30pt'>b<div class='wide'><p>c</div>",
)


class Room:
    """One stylesheet and one set of fonts for several documents."""

    def __init__(self) -> None:
        import weasyprint

        self._weasyprint, self._fonts = weasyprint, weasyprint.text.fonts.FontConfiguration()
        self._sheet = weasyprint.CSS(string=CSS, font_config=self._fonts)

    def drawn(self, body: str) -> bytes:
        html = self._weasyprint.HTML(string=f'<html lang="da"><title>T</title>{body}')
        pdf: bytes = html.write_pdf(font_config=self._fonts, stylesheets=[self._sheet], pdf_identifier=b"x")
        return pdf

    @property
    def trees(self) -> list[Any]:
        return [*vars(self._fonts)["style_trees"].values()]


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@pytest.mark.parametrize("order", [DOCUMENTS, DOCUMENTS[::-1]])
def test_a_document_looks_the_same_after_any_other(order: tuple[str, ...]) -> None:
    shared = Room()
    for _ in range(2):
        for body in order:
            assert shared.drawn(body) == Room().drawn(body)
    assert len(shared.trees) == 1


def test_what_is_computed_once_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.css import ComputedStyle

    room = Room()
    asked: list[str] = []
    room.drawn(DOCUMENTS[0])
    find = ComputedStyle.__missing__

    def noted(style: Any, name: str) -> Any:
        asked.append(name)
        return find(style, name)

    monkeypatch.setattr(ComputedStyle, "__missing__", noted)
    room.drawn(DOCUMENTS[0])
    assert set(asked) <= {"overflow"}


def test_lengths_that_depend_on_the_page_are_not_shared() -> None:
    room = Room()
    for body in ("<p>a<div class='half'>b c d e f g h</div>", "<p class='wide'>a<div class='half'>b c d e f g h</div>"):
        assert room.drawn(body) == Room().drawn(body)


def test_what_was_logged_is_logged_for_each_document(caplog: pytest.LogCaptureFixture) -> None:
    room = Room()
    for _ in range(2):
        room.drawn("<p>x")
        caplog.clear()
        room.drawn("<div class='faulty'>a</div>")
        assert "Invalid math" in caplog.text


def test_only_so_many_styles_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_styles, "MAX_STYLES", 30)
    room, other = Room(), Room()
    for sheet in (room._sheet, other._sheet, room._sheet):
        room._sheet = sheet
        room.drawn(DOCUMENTS[0])
    assert [tree.sheets[-1][0] for tree in room.trees] == [room._sheet]
