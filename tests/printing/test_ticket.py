"""How each format is printed, in the words of a printer; and why a printer cannot."""

from typing import Any

import pytest

from pdfkit_cli.content.models import Format
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.printers import Printer
from pdfkit_cli.errors import Problem
from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.capabilities import PrinterCapabilities, read_capabilities
from pdfkit_cli.printing.ipp import Attributes, IntegerRange, IppValue, Resolution, ValueTag
from pdfkit_cli.printing.ticket import JobTicket, make_ticket, refuse_ignored
from pdfkit_cli.rendering.layouts import Layouts

BOTH = ("one-sided", "two-sided-long-edge", "two-sided-short-edge")


def capabilities(**more: Any) -> PrinterCapabilities:
    answer: dict[str, tuple[IppValue, ...]] = {
        "document-format-supported": (IppValue(ValueTag.MIME, "application/pdf"),),
        "sides-supported": ipp.keyword(*BOTH),
        "media-supported": ipp.keyword("na_letter_8.5x11in", "iso_a4_210x297mm", "iso_a5_148x210mm"),
        "copies-supported": (IppValue(ValueTag.RANGE, IntegerRange(1, 99)),),
        "multiple-document-handling-supported": ipp.keyword("separate-documents-collated-copies"),
        "print-color-mode-supported": ipp.keyword("auto", "monochrome"),
        "media-source-supported": ipp.keyword("tray-1", "tray-2"),
        "media-col-supported": ipp.keyword("media-size", "media-source"),
        "pwg-raster-document-resolution-supported": tuple(
            IppValue(ValueTag.RESOLUTION, Resolution(dots, dots)) for dots in (150, 300, 600)
        ),
        "pwg-raster-document-type-supported": ipp.keyword("black_1", "sgray_8"),
    }
    answer |= {name.replace("_", "-"): value for name, value in more.items()}
    return read_capabilities(answer)


@pytest.fixture(scope="module")
def formats() -> dict[str, Format]:
    return dict(Layouts.load(packaged_folder("layouts"), packaged_folder("fonts"), None).formats)


def ticket(
    form: Format, pages: int = 4, copies: int = 1, can: PrinterCapabilities | None = None, **printer: Any
) -> JobTicket:
    entry = Printer(name="Office", address="ipp://localhost/ipp/print", **printer)
    made = make_ticket(form, pages, copies, can or capabilities(), entry, {})
    assert isinstance(made, JobTicket), made
    return made


def refusal(form: Format, can: PrinterCapabilities, *others: Format, **printer: Any) -> str:
    entry = Printer(name="Office", address="ipp://localhost/ipp/print", **printer)
    made = make_ticket(form, 4, 1, can, entry, {other.name: other for other in others})
    assert isinstance(made, Problem), made
    return str(made)


def said(attributes: Attributes, name: str) -> Any:
    values = attributes.get(name, ())
    return values[0].content if values else None


@pytest.mark.parametrize(
    ("name", "pages", "sides", "media"),
    [
        ("a4", 4, "two-sided-long-edge", "iso_a4_210x297mm"),
        ("a4", 1, "one-sided", "iso_a4_210x297mm"),
        ("a5", 6, "two-sided-long-edge", "iso_a5_148x210mm"),
        ("a5-booklet", 4, "two-sided-short-edge", "iso_a4_210x297mm"),
        ("a5-folder", 2, "two-sided-short-edge", "iso_a4_210x297mm"),
        ("leporello", 2, "two-sided-short-edge", "iso_a4_210x297mm"),
        ("exercise-sheet", 1, "one-sided", "iso_a4_210x297mm"),
    ],
)
def test_each_format_on_its_paper_turned_over_its_edge(
    formats: dict[str, Format], name: str, pages: int, sides: str, media: str
) -> None:
    made = ticket(formats[name], pages).attributes
    assert (said(made, "sides"), said(made, "media"), said(made, "print-scaling")) == (sides, media, "none")


def test_every_office_format_can_be_printed(formats: dict[str, Format]) -> None:
    for name, form in formats.items():
        if form.office_printer:
            ticket(form)
        else:
            assert "not for office printers" in refusal(form, capabilities()), name


def test_a_booklet_is_refused_where_no_short_edge_is(formats: dict[str, Format]) -> None:
    can = capabilities(sides_supported=ipp.keyword("one-sided", "two-sided-long-edge"))
    assert "upside down on every other page; take another format" in refusal(formats["a5-booklet"], can)
    assert "upside down on every other page; take another format" in refusal(formats["leporello"], can)
    both = refusal(formats["a5-booklet"], can, formats["a5-folder"], formats["a4"])
    assert both.endswith("take the format A4, or another printer")


def test_without_both_sides_a_leaflet_takes_more_sheets(formats: dict[str, Format]) -> None:
    made = ticket(formats["a4"], 4, 2, capabilities(sides_supported=ipp.keyword("one-sided")))
    assert (said(made.attributes, "sides"), made.notes, made.size.sheets) == ("one-sided", ("one-sided",), 8)
    assert ticket(formats["a4"], 5, 2).size.sheets == 6


def test_paper_that_is_not_there(formats: dict[str, Format]) -> None:
    can = capabilities(media_supported=ipp.keyword("na_letter_8.5x11in", "iso_a4_210x297mm", "custom_max_300x500mm"))
    assert "takes no A5 (it takes: letter, A4)" in refusal(formats["a5"], can)
    empty = capabilities(media_ready=ipp.keyword("iso_a5_148x210mm"))
    assert "there is no A4 in Office; put some in" in refusal(formats["a4"], empty)
    assert refusal(formats["a4"], empty, formats["a5"]).endswith("or take the format A5")


def test_the_tray_with_the_paper(formats: dict[str, Format]) -> None:
    empty = capabilities(media_ready=ipp.keyword("iso_a4_210x297mm"))
    made = ticket(formats["a5"], can=empty, trays={"tray-2": "A5"}).attributes
    assert "media" not in made
    assert said(made, "media-col") == {
        "media-size": ipp.collection({"x-dimension": ipp.integer(14800), "y-dimension": ipp.integer(21000)}),
        "media-source": ipp.keyword("tray-2"),
    }
    assert "has no tray tray-9 to choose (it has: tray-1, tray-2)" in refusal(
        formats["a5"], capabilities(), trays={"tray-9": "A5"}
    )
    assert "no tray tray-2" in refusal(formats["a5"], capabilities(media_col_supported=()), trays={"tray-2": "A5"})


def test_copies_one_after_another(formats: dict[str, Format]) -> None:
    assert "multiple-document-handling" not in ticket(formats["a4"]).attributes
    made = ticket(formats["a4"], copies=7).attributes
    assert (said(made, "copies"), said(made, "multiple-document-handling")) == (7, "separate-documents-collated-copies")


def test_colour_or_grey(formats: dict[str, Format]) -> None:
    assert said(ticket(formats["a4"]).attributes, "print-color-mode") == "auto"
    assert said(ticket(formats["a4"], colour=False).attributes, "print-color-mode") == "monochrome"
    assert "print-color-mode" not in ticket(formats["a4"], can=capabilities(print_color_mode_supported=())).attributes


def test_staples(formats: dict[str, Format]) -> None:
    can = capabilities(finishings_supported=(*ipp.enum(3), *ipp.enum(4), *ipp.enum(8), *ipp.enum(20), *ipp.enum(24)))
    assert said(ticket(formats["a4"], 4, can=can, staple=True).attributes, "finishings") == 4
    assert said(ticket(formats["a5-booklet"], 4, can=can, staple=True).attributes, "finishings") == 8
    assert "finishings" not in ticket(formats["a4"], 2, can=can, staple=True).attributes
    assert "finishings" not in ticket(formats["a4"], 4, can=can).attributes
    assert ticket(formats["a4"], 4, staple=True).notes == ("not-stapled",)


def test_a_printer_without_pdf_gets_pictures(formats: dict[str, Format]) -> None:
    raster = (IppValue(ValueTag.MIME, "image/pwg-raster"),)
    made = ticket(formats["a4"], can=capabilities(document_format_supported=raster))
    assert made.raster
    assert (made.document_format, made.raster.resolution.cross, made.raster.colour) == ("image/pwg-raster", 300, False)
    black = capabilities(document_format_supported=raster, pwg_raster_document_type_supported=ipp.keyword("black_1"))
    assert "takes neither PDF nor PWG Raster" in refusal(formats["a4"], black)
    assert "takes neither" in refusal(formats["a4"], capabilities(document_format_supported=()))


def test_a_printer_that_says_it_would_not_follow(formats: dict[str, Format]) -> None:
    made, office = ticket(formats["a4"], 4, 2), Printer(name="Office", cups="office")
    assert refuse_ignored(made, frozenset({"print-scaling", "job-name"}), office) is None
    problem = refuse_ignored(made, frozenset({"sides", "media", "x"}), office)
    assert problem
    assert problem.message == "Office would not follow: media, sides"
    assert refuse_ignored(ticket(formats["a4"], 1), frozenset({"sides", "copies"}), office) is None
