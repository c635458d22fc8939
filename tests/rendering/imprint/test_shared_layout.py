"""How often WeasyPrint lays out a text: as seldom as possible."""

from dataclasses import replace
from typing import Any

import pytest
import weasyprint

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.page import Page
from tests.helpers.founding_library_build import DAY
from tests.helpers.tiny_library import TinyLibrary

BODY = (
    "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\n"
    ":::: warning Vigtigt\n::: call\nRing straks.\n:::\n::::\n\n"
    ":::: step before\n## Ved besøget\n\n::: call\nRing også nu.\n:::\n::::\n"
)


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been laid out, with a new engine: a skeleton, a clinic's slots, or a text."""
    found: list[str] = []
    render = weasyprint.HTML.render

    def recorded(html: Any, *arguments: Any, **options: Any) -> Any:
        root = html.etree_element
        title = root.findtext("head/title") or ""
        found.append({"": "skeleton", "slots": "slots"}.get(title, "text"))
        return render(html, *arguments, **options)

    renderer.prepare_process()
    renderer.reset()
    monkeypatch.setattr(weasyprint.HTML, "render", recorded)
    return found


def pages(library: TinyLibrary, *formats: str) -> list[Page]:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{', '.join(formats)}]")
    project = open_project(BuildRequest(library.root, as_of=DAY))
    return [
        project.draw(one).page
        for one in sorted(project.output_keys(), key=lambda one: (one.edition.clinic, one.format))
    ]


@pytest.mark.parametrize("form", ["a4", "a5", "a4-large", "remote-print"])
def test_the_first_imprint_needs_one_layout_of_body_and_slots(
    library: TinyLibrary, layouts: list[str], form: str
) -> None:
    """The widths of slots are known beforehand: from a layout without text, once for each format."""
    library.body(BODY)
    north, south = pages(library, form)
    assert renderer.render_unverified(north).imprint
    assert layouts == ["skeleton", "slots", "text"]
    assert renderer.render_unverified(south).imprint
    assert layouts[3:] == ["slots"]


@pytest.mark.parametrize("shares_body", [True, False])
def test_a_booklet_shares_the_layout_of_its_pages(library: TinyLibrary, layouts: list[str], shares_body: bool) -> None:
    library.body(BODY)
    a5, booklet = (replace(page, shares_body=shares_body) for page in pages(library, "a5", "a5-booklet")[:2])
    renderer.render_unverified(a5)
    before = len(layouts)
    made = renderer.render_unverified(booklet)
    assert len(layouts) == before
    renderer.reset()
    assert made.pdf == renderer.render_unverified(booklet).pdf


def test_a_text_that_is_forgotten_is_laid_out_again(library: TinyLibrary, layouts: list[str]) -> None:
    library.body(BODY)
    page = replace(pages(library, "a5")[0], shares_body=False)
    for _ in range(2):
        renderer.render_unverified(page)
    assert layouts == ["text"]
    renderer.forget_page(page)
    renderer.render_unverified(page)
    assert layouts == ["text", "text"]


def test_a_layout_with_a_fault_is_not_used_again(library: TinyLibrary, layouts: list[str]) -> None:
    """Its message would be missing."""
    library.body(BODY)
    page = pages(library, "a5")[0]
    engine = Engine()
    for _ in range(2):
        with pytest.raises(Exception, match="no-such"), engine.session(page):  # noqa: PT012
            engine.layout("<p>first</p>", page.stylesheet)
            engine.layout('<img src="https://pdfkit.invalid/no-such.png">', page.stylesheet)
    assert len(layouts) == 4
