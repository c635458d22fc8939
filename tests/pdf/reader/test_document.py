"""What a PDF shows: small content streams by hand, and whole PDFs against what PDFium reads in them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pypdfium2
import pytest

from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reader import content_stream, document
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, PaintedArea, TextRun, XObjectCall
from pdfkit_cli.pdf.reader.document import PageContent
from pdfkit_cli.pdf.reader.fonts import GlyphFont
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.verification import legibility
from tests.helpers.founding_library_build import drawn

FONT = GlyphFont({1: "a", 2: "b", 3: " "}, {1: 500.0, 2: 1000.0, 3: 250.0}, 600.0)
FONTS = (("/F", FONT),)
CASES = (
    "rygcenter-syddanmark/facet-denervation.da.a4.pdf",
    "rygcenter-syddanmark/facet-denervation.ar.a5-booklet.pdf",
    "neurokirurgisk-ambulatorium/nerve-root-block.en.a5-folder.pdf",
    "sportsmed/facet-neurotomy.sv.a5.pdf",
    "fysioterapi/nerve-root-pain-education.da.short.a4.pdf",
    "neurokirurgisk-ambulatorium/nerve-root-block.da.leporello.pdf",
)

Published: TypeAlias = Callable[[str], bytes]


def painted(content: str) -> tuple[content_stream.PaintedItem, ...]:
    return content_stream.read_content_stream(content.encode(), False, FONTS)


def run(content: str) -> TextRun:
    (item,) = painted(content)
    assert isinstance(item, TextRun)
    return item


# Content streams


def test_text_has_its_letters_and_its_box() -> None:
    shown = run("q 2 0 0 2 10 20 cm /Span <</MCID 7>> BDC BT /F 10 Tf 1 0 0 1 5 6 Tm [<00010002>100<0003>] TJ ET EMC Q")
    assert shown.glyphs == ("a", "b")
    assert shown.mark == 7
    assert shown.size == pytest.approx(20)
    assert shown.box == pytest.approx(
        (20, 32, 50, 32 + 2 * 10 * content_stream.CAP_HEIGHT)
    )  # 5 + 15 points wide, doubled


def test_a_page_drawn_from_the_top_has_its_text_upright() -> None:
    shown = run("1 0 0 -1 0 800 cm BT /F 10 Tf 1 0 0 -1 0 100 Tm <0001> Tj ET")
    assert shown.box == pytest.approx((0, 700, 5, 706.6))


def test_a_clip_is_that_of_its_path() -> None:
    first, second = painted(
        "q 0 0 30 40 re W n 10 0 100 100 re W n BT /F 9 Tf 1 0 0 1 0 0 Tm <0001> Tj ET Q 0 0 5 5 re f"
    )
    assert (first.clip, second.clip) == ((10, 0, 30, 40), content_stream.EVERYWHERE)


def test_text_that_is_not_painted_is_clipped_away() -> None:
    left, _, right, _ = run("3 Tr BT /F 9 Tf 1 0 0 1 0 0 Tm <0001> Tj ET").clip
    assert right < left


def test_artifacts_have_no_mark() -> None:
    marks = [item.mark for item in painted("/Artifact BMC 0 0 5 5 re f EMC /P <</MCID 3>> BDC /x Do 0 0 m 9 9 l S EMC")]
    assert marks == [ARTIFACT, 3, 3]


def test_a_stroke_has_its_width_and_a_frame_is_no_ground() -> None:
    line, frame, ground = painted("2 w 0 0 m 10 0 l S 0 0 9 9 re 1 1 7 7 re f* 0 0 9 9 re f")
    assert isinstance(line, PaintedArea)
    assert line.box == (-1, -1, 11, 1)
    assert [item.solid for item in (line, frame, ground) if isinstance(item, PaintedArea)] == [False, False, True]


def test_forms_are_calls_with_their_place() -> None:
    (call,) = painted("q 1 0 0 1 50 60 cm /slot0 Do Q")
    assert isinstance(call, XObjectCall)
    assert (call.name, call.matrix) == ("/slot0", (1, 0, 0, 1, 50, 60))


def test_a_glyph_that_no_font_has_is_missing() -> None:
    shown = run("BT /F 9 Tf 1 0 0 1 100 100 Tm <00010000> Tj ET")
    assert shown.missing == 1
    page = PageContent(1, 1, (0, 0, 595, 842), (shown,), ())
    assert [fault.reason for fault in legibility.find_illegible(page)] == ["has letters that no font has"]


@pytest.mark.parametrize("content", ["BI /W 1 ID x EI", "BT /G 9 Tf ET", "BT <0001> Tj ET", "BT /F 9 Tf (a) Tj ET"])
def test_what_is_not_known_is_no_success(content: str) -> None:
    with pytest.raises(UnreadableError):
        painted(content)


# Files


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\nstartxref\n9\n%%EOF\n", b"no PDF"])
def test_no_pdf_at_all(pdf: bytes) -> None:
    with pytest.raises(UnreadableError):
        document.read_pdf(pdf)


def test_every_torn_pdf_is_unreadable(pdf: Published) -> None:
    good = pdf(CASES[4])
    for length in range(0, len(good) - 10, 997):
        with pytest.raises(UnreadableError):
            document.read_pdf(good[:length])


# Whole PDFs


@pytest.fixture
def pdf(founding: Path) -> Published:
    """Returns a PDF of the founding library."""
    return lambda path: (founding / path).read_bytes()


@pytest.mark.parametrize("path", CASES)
def test_letters_and_places_are_those_that_pdfium_reads(path: str, pdf: Published) -> None:
    read = document.read_pdf(pdf(path))
    sheets = list(pypdfium2.PdfDocument(pdf(path)))
    assert read.sheets == len(sheets)
    for number, sheet in enumerate(sheets, start=1):
        text = sheet.get_textpage()
        pages = [page for page in read.pages if page.sheet == number]
        ours = Counter(comparable_letters("".join("".join(run.glyphs) for page in pages for run in page.runs)))
        theirs = Counter(comparable_letters(text.get_text_bounded()))
        for sign in "\x02\ufffe()":  # PDFium's own marks for hyphens, and brackets, which it turns around in Arabic
            ours.pop(sign, None)
            theirs.pop(sign, None)
        assert ours == theirs
        if len(pages) == 1 and pages[0].box[:2] == (0, 0) and not path.endswith(("a5-booklet.pdf", "a5-folder.pdf")):
            ink = [run.box for run in pages[0].runs]
            boxes = [text.get_charbox(at) for at in range(text.count_chars()) if text.get_text_range(at, 1).strip()]
            assert min(box[0] for box in ink) == pytest.approx(min(box[0] for box in boxes), abs=2)
            assert max(box[2] for box in ink) == pytest.approx(max(box[2] for box in boxes), abs=2)


def test_a_booklet_is_read_page_by_page() -> None:
    booklet = replace(drawn("rygcenter-syddanmark/facet-denervation.ar.a5-booklet.pdf").page, shares_body=False)
    flat = replace(booklet, format=replace(booklet.format, imposition="none", preflight=None))
    renderer.prepare_process()
    pages, imposed = (document.read_pdf(renderer.render(page).pdf).pages for page in (flat, booklet))
    assert [page.number for page in imposed] == [page.number for page in pages]
    for page, other in zip(pages, imposed, strict=True):
        assert other.box == pytest.approx(page.box)
        assert [run.glyphs for run in other.runs] == [run.glyphs for run in page.runs]


def test_what_is_tagged_comes_in_the_order_of_the_text(pdf: Published) -> None:
    words = ["".join(run.glyphs).strip() for _, run in document.read_pdf(pdf(CASES[0])).tagged()]
    assert words[:2] == ["Rygcenter Syddanmark", "Rygkirurgisk Ambulatorium"]
    assert words[2:5] == ["Patientinformation", "Varmebehandling af smerter", "i lænden (denervering)"]
    call = words.index("Så skal du ringe til os")
    assert words[call + 1] == "76 36 14 00", "drawn last on its page, read where the panel stands"


def test_reading_twice_gives_the_same(pdf: Published) -> None:
    assert document.read_pdf(pdf(CASES[0])) == document.read_pdf(pdf(CASES[0]))
