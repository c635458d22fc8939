"""The pages that go to a translator: where each passage is on them, and the marks."""

import io

import pikepdf
import pytest

from pdfkit_cli.build.source_pages import render_source
from pdfkit_cli.content import loader
from pdfkit_cli.errors import OutputError
from pdfkit_cli.translation.exports import Travelling, travelling_units, write_units
from pdfkit_cli.translation.inline_codes import plain
from pdfkit_cli.translation.marked_pages import PlacedText, marked_pdf
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import DANISH, recorded, source

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><rect width="90" height="60" fill="#24506b"/></svg>'
)


@pytest.fixture
def sent(library: TinyLibrary) -> tuple[Travelling, PlacedText]:
    """A leaflet of three pages, of which two passages on the last are to be translated."""
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    library.write("content/first/images/a.svg", PICTURE)
    long = "\n".join(f"Her er et afsnit, som er nummer {number}, og som fylder.\n" for number in range(60))
    text = f"\n{long}{DANISH}\n| Dag | Gang |\n|---|---|\n| en | to |\n\n![Et blåt felt](images/a.svg)\n"
    recorded(library, text, text.replace("Du skal", "Du bør"))
    source(library, "kl. 8", "kl. 9")
    source(library, "Et blåt felt", "Et helt blåt felt")
    loaded = loader.load_library(library.root)
    return travelling_units(loaded, "first", "en"), render_source(loaded, "first", "x.pages.pdf")


def test_each_passage_is_found_and_marked_on_its_page(sent: tuple[Travelling, PlacedText]) -> None:
    travelling, pages = sent
    assert [plain(unit.source) for unit in travelling.units] == ["Du skal møde kl. 9.", "Et helt blåt felt"]
    with pikepdf.open(io.BytesIO(marked_pdf(travelling.units, pages))) as pdf:
        marks = [(number, mark) for number, page in enumerate(pdf.pages, 1) for mark in page.get("/Annots", ())]
        marks = [(number, mark) for number, mark in marks if mark.Subtype == "/Highlight"]
        assert [(number, str(mark.Contents)) for number, mark in marks] == [
            (len(pdf.pages), "paragraph"),
            (len(pdf.pages), "picture, alternative text"),
        ]
        assert len(pdf.pages) > 1
        words, picture = (list(map(float, mark.Rect)) for _, mark in marks)
    assert 8 < words[3] - words[1] < 20 < picture[3] - picture[1]


def test_each_passage_names_its_page(sent: tuple[Travelling, PlacedText]) -> None:
    travelling, pages = sent
    text = write_units(travelling, "po", pages).data.decode()
    assert text.count("#. See page 3 of x.pages.pdf") == len(travelling.units) == 2


def test_cells_of_a_row_are_marked_once(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    library.body("\n| Dag | Gang |\n|---|---|\n| en | to |\n")
    loaded = loader.load_library(library.root)
    pages = render_source(loaded, "first", "x.pdf")
    with pikepdf.open(io.BytesIO(marked_pdf(travelling_units(loaded, "first", "en").units, pages))) as pdf:
        kinds = [str(mark.Contents) for mark in pdf.pages[0].Annots if mark.Subtype == "/Highlight"]
    assert kinds == ["title", "summary", "table of 2 columns, column 1", "table row, column 1"]


def test_a_leaflet_that_nobody_can_print(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "formats: [a4, a5]", "formats: [a5-booklet]")
    with pytest.raises(OutputError, match="none of its formats shows the whole text on pages in their order"):
        render_source(loader.load_library(library.root), "first", "x.pdf")
    library.write("clinics/north.yaml", "name: [\n")
    with pytest.raises(OutputError, match="its owner, north, cannot print it"):
        render_source(loader.load_library(library.root), "first", "x.pdf")
