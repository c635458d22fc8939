"""Two PDFs of one leaflet, page by page."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.pdf import compare as pdf_compare
from pdfkit_cli.pdf.compare import PdfComparison, compare
from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reader import document, words
from pdfkit_cli.pdf.reader.document import PdfContent
from tests.helpers.tiny_library import TinyLibrary, tiny

LONG = "\n\n".join(f"Her står en linje, som er nummer {number} i rækken, og den er lang nok." for number in range(60))
PHONE = "Ring på {{ clinic.phone }}, hvis du er i tvivl.\n\n"


def printed(library: TinyLibrary, out: Path) -> dict[str, bytes]:
    summary = build(BuildRequest(library.root, out, jobs=1))
    assert not summary.failed
    return {path: (out / path).read_bytes() for path in summary.rendered}


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """The same leaflet in three states: as it was, with another phone, and with a page put in before the rest."""
    folder = tmp_path_factory.mktemp("differences")
    library = tiny(folder)
    (library.root / "clinics/south.yaml").unlink()
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5-booklet]")
    library.body(PHONE + LONG)
    made = {"before": printed(library, folder / "before")}
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 99 11")
    made["phone"] = printed(library, folder / "phone")
    library.body(PHONE + "Et nyt afsnit.\n\n" * 40 + LONG)
    made["longer"] = printed(library, folder / "longer")
    return made


def told(found: PdfComparison) -> list[tuple[str, str]]:
    return [(words.words_as_text(change.gone), words.words_as_text(change.new)) for change in found.changes]


A4, BOOKLET = "north/first.da.a4.pdf", "north/first.da.a5-booklet.pdf"


def test_nothing_differs(pdfs: dict[str, dict[str, bytes]]) -> None:
    found = compare(pdfs["before"][A4], pdfs["before"][A4])
    assert found.is_identical
    assert all(pair.same for pair in found.pages)
    assert len(found.pages) == len(PdfReader(BytesIO(pdfs["before"][A4])).pages) > 1


def test_a_phone_is_found_marked_and_shown(pdfs: dict[str, dict[str, bytes]]) -> None:
    found = compare(pdfs["before"][A4], pdfs["phone"][A4])
    assert set(told(found)) == {("76 36 14 00,", "76 36 99 11,"), ("76 36 14 00", "76 36 99 11")}
    first = found.pages[0]
    assert first.before
    assert first.after
    assert (first.before.number, first.after.number) == (1, 1)
    assert first.gone
    assert first.new
    marked = first.new[0]
    assert any(left <= marked[2] and right >= marked[0] and top <= marked[3] and bottom >= marked[1] for left, top, right, bottom in first.regions)  # fmt: skip
    picture = Image.open(BytesIO(first.after.png))
    assert picture.size == (first.after.width, first.after.height) == (662, 936)
    assert min(picture.convert("L").crop(marked).tobytes()) < 128, "there is ink in what is marked"
    assert [pair.same for pair in found.pages[1:-1]] == [False] * len(found.pages[1:-1]), (
        "the hash at each foot is another"
    )
    assert [len(pair.regions) for pair in found.pages[1:-1]] == [1] * len(found.pages[1:-1])
    assert len(found.margins) == 1


def test_pages_that_are_put_in_or_gone(pdfs: dict[str, dict[str, bytes]]) -> None:
    before, after = pdfs["phone"][A4], pdfs["longer"][A4]
    count, more = (len(PdfReader(BytesIO(pdf)).pages) for pdf in (before, after))
    assert more > count
    grown, shrunk = compare(before, after), compare(after, before)
    assert sum(pair.before is None for pair in grown.pages) == more - count
    assert sum(pair.after is None for pair in shrunk.pages) == more - count
    assert told(grown) == [("", "Et nyt afsnit. " * 39 + "Et nyt afsnit.")]
    assert told(shrunk) == [(new, gone) for gone, new in told(grown)]


def test_a_page_put_in_leaves_the_others_paired(pdfs: dict[str, dict[str, bytes]]) -> None:
    reader = PdfReader(BytesIO(pdfs["before"][A4]))
    shown = document.read_pdf(pdfs["before"][A4])
    assert len(reader.pages) >= 2
    fewer = PdfContent(shown.pages[1:], shown.sheets - 1, shown.order, shown.described)
    renumbered = PdfContent(
        tuple(type(page)(number, number, page.box, page.runs, page.inks) for number, page in enumerate(fewer.pages, 1)),
        fewer.sheets, fewer.order, fewer.described,
    )  # fmt: skip
    assert pdf_compare._pair_pages(renumbered, shown)[0] == (None, 0)
    assert pdf_compare._pair_pages(renumbered, shown)[1:] == [(at, at + 1) for at in range(len(renumbered.pages))]


def test_sides_of_sheets_are_compared_as_they_come(pdfs: dict[str, dict[str, bytes]]) -> None:
    found = compare(pdfs["before"][BOOKLET], pdfs["phone"][BOOKLET])
    assert ("76 36 14 00", "76 36 99 11") in told(found)
    assert all(pair.before and pair.after and pair.before.width > pair.before.height for pair in found.pages)
    assert not any(pair.gone or pair.new for pair in found.pages)


def test_what_another_version_made_is_shown_without_words(pdfs: dict[str, dict[str, bytes]]) -> None:
    found = compare(_in_pieces(pdfs["phone"][A4]), pdfs["before"][A4])
    assert (found.readable, found.changes, found.is_identical) == (False, (), False)
    assert found.pages[0].regions


def _in_pieces(pdf: bytes) -> bytes:
    """A PDF that opens, and whose content stands in pieces, as pdfkit does not write it."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    page = writer.pages[0]
    page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents")])
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_no_pdf() -> None:
    with pytest.raises(UnreadableError):
        compare(b"%PDF-1.7 nothing", b"")


def test_regions_stand_around_what_differs() -> None:
    old = Image.new("RGB", (400, 400), "white")
    new = old.copy()
    ImageDraw.Draw(new).rectangle((100, 200, 120, 210), fill="black")
    ImageDraw.Draw(new).rectangle((300, 40, 303, 43), fill="black")
    regions = sorted(pdf_compare._changed_regions(old, new))
    assert len(regions) == 2
    for (left, top, right, bottom), (x0, y0, x1, y1) in zip(regions, ((100, 200, 120, 210), (300, 40, 303, 43)), strict=True):  # fmt: skip
        assert left <= x0
        assert top <= y0
        assert x1 < right <= x1 + 24
        assert y1 < bottom <= y1 + 24
    assert list(pdf_compare._changed_regions(old, old)) == []


def test_a_shade_is_no_difference_and_a_larger_page_is() -> None:
    paper = Image.new("RGB", (80, 80), "white")
    assert list(pdf_compare._changed_regions(paper, Image.new("RGB", (80, 80), (230, 230, 230)))) == []
    taller = Image.new("RGB", (80, 120), "black")
    assert list(pdf_compare._changed_regions(paper, taller)) == [(0, 0, 80, 120)]


def test_many_regions_become_one() -> None:
    old = Image.new("RGB", (600, 900), "white")
    new = old.copy()
    for x in range(0, 600, 40):
        for y in range(0, 880, 40):
            ImageDraw.Draw(new).point([(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)], fill="black")
    assert len(list(pdf_compare._changed_regions(old, new))) == 1
