"""How often WeasyPrint lays out a text: as seldom as possible."""

from dataclasses import replace
from typing import Any

import pytest
import weasyprint

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer, weasyprint_seams
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.imprint import shared_layout
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.unverified import UnsharedReason
from tests.helpers.founding_library_build import DAY
from tests.helpers.tiny_library import TinyLibrary

CALL = "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\n"
BODY = (
    f"{CALL}"
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


@pytest.mark.parametrize(
    ("form", "body"),
    [("a4", BODY + "\n\nTekst." * 13), ("a5", CALL), ("a4-large", CALL), ("remote-print", BODY + "\n\nTekst." * 13)],
)
def test_the_first_imprint_needs_one_layout_of_body_and_slots(
    library: TinyLibrary, layouts: list[str], form: str, body: str
) -> None:
    """The widths of slots are known beforehand: from a layout without text, once for each format.

    No page is so empty that the text would be set tighter.
    """
    library.body(body)
    north, south = pages(library, form)
    assert renderer.render_unverified(north).imprint
    assert layouts == ["skeleton", "slots", "text"]
    assert renderer.render_unverified(south).imprint
    assert layouts[3:] == ["slots"]


@pytest.mark.parametrize("shares_body", [True, False])
def test_a_folder_shares_the_layout_of_its_pages(library: TinyLibrary, layouts: list[str], shares_body: bool) -> None:
    library.body(BODY)
    found = pages(library, "a5-folder", "a5-folder-screen")[:2]
    folder, screen = (replace(page, shares_body=shares_body) for page in found)
    renderer.render_unverified(screen)
    before = len(layouts)
    made = renderer.render_unverified(folder)
    assert len(layouts) == before
    renderer.reset()
    assert made.pdf == renderer.render_unverified(folder).pdf


def test_a_text_that_is_forgotten_is_laid_out_again(library: TinyLibrary, layouts: list[str]) -> None:
    library.body(CALL)
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


def test_a_body_that_lost_the_room_of_a_slot_is_no_imprint(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeasyPrint may lose a box between balanced columns; the whole render is then proven by itself."""
    library.body(CALL)
    find = weasyprint_seams.anchor_boxes

    def lost(page: Any) -> dict[str, Any]:
        return {name: box for name, box in find(page).items() if name != "room0"}

    (page, *_) = pages(library, "a4")
    renderer.prepare_process()
    engine = Engine()
    shared = shared_layout.SharedLayoutRenderer(engine, None)
    monkeypatch.setattr(shared_layout.SlotWidths, "guess", lambda self, page: (100.0,) * len(page.parts.slots))
    monkeypatch.setattr(weasyprint_seams, "anchor_boxes", lost)
    with engine.session(page):
        assert shared.render(page) is UnsharedReason.NO_SLOT
