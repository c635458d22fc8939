"""Nearly empty pages, lone lines and headings at a page's foot are seen, and nothing is said of good pages."""

import pytest

from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning
from tests.helpers.faulty_pages import page, with_css
from tests.helpers.tiny_library import TinyLibrary

LINES = "Ord.\n\n" * 40
"""Paragraphs of one line each: more than a page of them."""


def remarks(library: TinyLibrary, body: str, css: str = "") -> list[TypographicWarning]:
    library.body(body)
    return list(renderer.render(with_css(page(library), css)).remarks)


def codes(found: list[TypographicWarning]) -> list[str]:
    return [remark.code for remark in found]


def test_a_short_page_has_nothing_to_say(library: TinyLibrary) -> None:
    library.body("## Før\n\nKom i god tid.\n")
    rendered = renderer.render(page(library))
    assert (rendered.remarks, rendered.pages, rendered.sheets) == ((), 1, 1)
    assert 0 < rendered.filled < 1


def test_a_nearly_empty_last_page(library: TinyLibrary) -> None:
    found = remarks(
        library, "Første.\n\n## Sidste\n\nSlut.\n", "h2 { break-before: page } .contact h2 { break-before: auto }"
    )
    assert codes(found) == ["near-empty-page"]
    assert found[0].page == 2
    assert found[0].line == 9
    assert found[0].words.startswith("filled to ")


@pytest.mark.parametrize(("widows", "lone"), [(1, True), (2, False)])
def test_a_lone_line(library: TinyLibrary, widows: int, lone: bool) -> None:
    """Paragraphs are moved down line by line, until one is parted: CSS that allows a lone line gets one."""
    seen = []
    for number in range(3):
        lines = " ".join(["En linje med mange ord, som fylder det meste af sin linje."] * 5)
        css = f"p {{ orphans: {widows}; widows: {widows} }} .summary {{ margin-block-end: {number * 16}pt }}"
        seen += [remark for remark in remarks(library, f"{lines}\n\n" * 12, css) if remark.code == "lone-line"]
    assert bool(seen) is lone
    assert all(remark.line and remark.words for remark in seen)


def test_a_heading_at_the_foot_of_a_page(library: TinyLibrary) -> None:
    body = "Første.\n\n## Overskrift\n\nTekst.\n"
    css = "h2 { break-after: auto } h2 + p { break-before: page }"
    found = [remark for remark in remarks(library, body, css) if remark.code == "heading-at-foot"]
    assert [(remark.page, remark.line, remark.words) for remark in found] == [(1, 7, "Overskrift")]
    assert "heading-at-foot" not in codes(remarks(library, body))


def test_sheets_are_counted_as_printed(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "formats: [a4, a5]", "formats: [a5, a5-booklet]")
    library.body(LINES)
    plain, booklet = (renderer.render(page(library, f"north/first.da.{name}.pdf")) for name in ("a5", "a5-booklet"))
    assert (plain.pages, plain.sheets) == (3, 2)
    assert (booklet.pages, booklet.sheets) == (2, 1)
