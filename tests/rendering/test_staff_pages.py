"""A4 pages for staff: a guideline with its headings at the side, a conversation guide whose rows are labelled on every page."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from tests.helpers.printed_blocks import Block, printed
from tests.helpers.tiny_library import TEXT, TinyLibrary

LONG = "\n\n".join(f"Sætning nummer {number} er kort." for number in range(45))


PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 100"><rect width="60" height="100" fill="#00b0b0"/></svg>'
)


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def drawn(library: TinyLibrary, audience: str, text: str) -> bytes:
    library.replace("content/first/leaflet.yaml", "audience: patient", f"audience: {audience}")
    library.write("content/first/da.md", TEXT.partition("## ")[0] + text)
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.format == "a4")
    return renderer.render(project.draw(key).page).pdf


def test_a_row_that_goes_on_has_its_label_again(library: TinyLibrary) -> None:
    rows = f"::: topic Smerter\n{LONG}\n:::\n\n::: topic Ro\nKort.\n:::\n"
    first, second = (page.extract_text() for page in PdfReader(BytesIO(drawn(library, "physiotherapist", rows))).pages)
    assert "Smerter …" not in first
    assert "Smerter …" in second
    assert "Ro …" not in second


def test_a_row_that_begins_a_page_has_its_label_once(library: TinyLibrary) -> None:
    """Its picture has no room on the first page."""
    library.write("content/first/images/high.svg", PICTURE)
    rows = f"::: topic Smerter\n{LONG[:600]}\n:::\n\n::: topic Ro\n![Et billede](images/high.svg)\n\n{LONG}\n:::\n"
    first, second, third, *_ = (
        page.extract_text() for page in PdfReader(BytesIO(drawn(library, "physiotherapist", rows))).pages
    )
    assert "Ro" not in first
    assert "Ro" in second
    assert "…" not in second
    assert "Ro …" in third


def test_headings_of_a_guideline_are_beside_their_text(library: TinyLibrary) -> None:
    blocks = printed(drawn(library, "clinician", "## Diagnostik\n\nSmærtekilden findes.\n"), 1).blocks
    heading, text = (_block(blocks, words) for words in ("Diagnostik", "Smærtekilden findes."))
    assert heading.lines[0].box[2] < text.lines[0].box[0]
    assert abs(heading.lines[0].box[1] - text.lines[0].box[1]) < 6


def test_a_guideline_says_on_its_front_how_old_it_is(library: TinyLibrary) -> None:
    first = PdfReader(BytesIO(drawn(library, "clinician", "## Diagnostik\n\nTekst.\n"))).pages[0].extract_text()
    assert first.index("Version") < first.index("Diagnostik")


def _block(blocks: tuple[Block, ...], words: str) -> Block:
    return next(block for block in blocks if block.text == words)
