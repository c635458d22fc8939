"""Formats that show an extract are rendered and proven; what does not fit them is refused and never cut off."""

from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.build.planning import body_sort_key
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.pdf.reader import document
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.pdf_validators import wrongs
from tests.helpers.tiny_library import TinyLibrary

EXERCISE = (
    "::: exercise 3 × 10\n### Stræk\n\nStræk benet ud foran dig, og hold det der, mens du tæller til ti.\n:::\n\n"
)
WARNING = ":::: warning Ring straks\n{}\n\n::: call\n:::\n::::\n"


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def rendered(library: TinyLibrary, form: str, body: str) -> bytes:
    library.body(f"\nDette står kun i pjecen.\n\n## Øvelser\n\nTo gange om dagen.\n\n{body}")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{form}]")
    shop = open_project(BuildRequest(library.root))
    key = next(key for key in shop.output_keys() if key.edition.clinic == "north")
    return renderer.render(shop.draw(key).page).pdf


def test_formats_of_the_whole_leaflet_share_its_html(library: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if one that shows an extract is drawn between them."""
    library.body(f"\n## Øvelser\n\n{EXERCISE}")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, digital-a4, exercise-sheet, print-shop]")
    drawn: list[str | None] = []
    draw = Layouts.draw

    def recorded(self: Layouts, edition: Edition, name: str | None = None) -> str:
        drawn.append(name)
        return draw(self, edition, name)

    monkeypatch.setattr(Layouts, "draw", recorded)
    shop = open_project(BuildRequest(library.root))
    html = {
        key.format: shop.draw(key).page.html
        for key in sorted(shop.output_keys(), key=body_sort_key)
        if key.edition.clinic == "north"
    }
    assert drawn == ["a4", "exercise-sheet"]
    assert html["a4"] == html["print-shop"] != html["exercise-sheet"]


def said(pdf: bytes) -> str:
    return "".join("".join(run.glyphs) for _, run in document.read_pdf(pdf).tagged())


def test_a_sheet_of_exercises(library: TinyLibrary) -> None:
    pdf = rendered(library, "exercise-sheet", 3 * EXERCISE)
    assert [str(fault) for fault in wrongs(pdf)] == []
    words = said(pdf)
    assert (words.count("Stræk benet"), words.count("To gange om dagen"), words.count("pjecen")) == (3, 1, 0)


def test_a_sheet_of_exercises_has_one_page(library: TinyLibrary) -> None:
    with pytest.raises(RenderError, match="too-many-pages"):
        rendered(library, "exercise-sheet", 30 * EXERCISE)


def test_eight_cards(library: TinyLibrary) -> None:
    pdf = rendered(library, "pocket-card", WARNING.format("- feber\n- stærke smerter"))
    assert [str(fault) for fault in wrongs(pdf)] == []
    words = said(pdf)
    assert (words.count("stærke smerter"), words.count("pjecen")) == (8, 0)


def test_a_card_has_one_side(library: TinyLibrary) -> None:
    with pytest.raises(RenderError, match=r"overlaps|is cut off"):
        rendered(library, "pocket-card", WARNING.format("\n".join(f"- tegn nummer {number}" for number in range(30))))
