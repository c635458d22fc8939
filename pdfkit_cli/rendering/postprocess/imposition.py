"""Pages side by side on sheets that are folded: once through the middle, or twice.

Works on the pydyf objects of a PDF that WeasyPrint has made and not yet written (WeasyPrint 70, pydyf 0.13).
Each page becomes a form XObject that keeps its StructParents, so the structure tree stays in reading order: only the
references from structure elements to marked content change (ISO 32000-1, 14.7.4.2, marked-content references with a Stm
entry).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf.folding import FORM_NAMES, Folding, SheetSide, sheet_sides
from pdfkit_cli.pdf.geometry import POINTS_PER_MM
from pdfkit_cli.rendering.postprocess import press, structure_writer
from pdfkit_cli.rendering.postprocess.pydyf_objects import destination_names, page_dictionaries, resolve

SHEET_SIZE: Final = (297 * POINTS_PER_MM, 210 * POINTS_PER_MM)
"""A4, landscape."""


@dataclass(frozen=True, slots=True)
class _PageMove:
    """A page that becomes a form on a sheet, `shift` points from the sheet's left edge."""

    page: Any
    form: Any
    sheet: Any
    shift: float


def impose(pdf: pydyf.PDF, folding: Folding, *, right_to_left: bool = False) -> None:
    """Replace the pages of a PDF by imposed sheets, in place, with their tags, links, bookmarks and destinations."""
    pages = page_dictionaries(pdf)
    moves: dict[bytes, _PageMove] = {}
    sheets = []
    for side in sheet_sides(folding, len(pages), right_to_left=right_to_left):
        sheet = pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference, "Tabs": "/S"})
        pdf.add_object(sheet)
        sheets.append(sheet)
        parts = []
        edges = _edges(side, pages)
        for number, left in zip(side, edges, strict=False):
            if number:
                page = pages[number - 1]
                parts.append(_PageMove(page, resolve(pdf, page["Contents"]), sheet, left))
        _draw_sheet(pdf, sheet, parts, FORM_NAMES[folding])
        if folding == "letter-fold":
            press.add_fold_marks(sheet, resolve(pdf, sheet["Contents"]), edges[1:-1])
        moves |= {part.page.reference: part for part in parts}
    _move_tags(pdf, moves)
    _move_destinations(pdf, moves)
    for page in pages:
        page.clear()  # pydyf cannot leave a number out
    pdf.pages["Kids"] = pydyf.Array(part for sheet in sheets for part in (sheet.number, 0, "R"))
    pdf.pages["Count"] = len(sheets)


def _edges(side: SheetSide, pages: list[Any]) -> list[float]:
    """Return where the parts of a side begin and end, in points from the left: next to each other, in the middle of the sheet.

    An empty part is as wide as the first page, or what there is room for.
    """
    printed = [pages[number - 1]["MediaBox"][2] for number in side if number]
    room = (SHEET_SIZE[0] - sum(printed)) / max(side.count(0), 1)
    empty = min(pages[0]["MediaBox"][2], room)
    widths = [pages[number - 1]["MediaBox"][2] if number else empty for number in side]
    return list(accumulate(widths, initial=(SHEET_SIZE[0] - sum(widths)) / 2))


def _draw_sheet(pdf: pydyf.PDF, sheet: Any, parts: list[_PageMove], prefix: str) -> None:
    content = []
    forms = pydyf.Dictionary({})
    annotations = pydyf.Array()
    for index, part in enumerate(parts):
        content.append(b"q 1 0 0 1 %.3f 0 cm %s%d Do Q" % (part.shift, prefix.encode(), index))
        forms[f"{prefix[1:]}{index}"] = part.form.reference
        part.form.extra |= {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array(part.page["MediaBox"]),
            "Resources": part.page["Resources"],
            "StructParents": part.page["StructParents"],
        }
        for reference in part.page.get("Annots", ()):
            annotation = resolve(pdf, reference)
            left, bottom, right, top = annotation["Rect"]
            annotation["Rect"] = pydyf.Array([left + part.shift, bottom, right + part.shift, top])
            annotations.append(reference)
    stream = pydyf.Stream(content)
    pdf.add_object(stream)
    box = pydyf.Array([0, 0, round(SHEET_SIZE[0], 3), round(SHEET_SIZE[1], 3)])
    sheet["MediaBox"] = sheet["TrimBox"] = box
    sheet["Contents"] = stream.reference
    sheet["Resources"] = pydyf.Dictionary({"XObject": forms})
    if annotations:
        sheet["Annots"] = annotations


def _move_tags(pdf: pydyf.PDF, moves: Mapping[bytes, _PageMove]) -> None:
    for item in pdf.objects:
        if not isinstance(item, pydyf.Dictionary) or item.get("Type") not in ("/StructElem", "/OBJR"):
            continue
        if move := moves.get(item.get("Pg")):
            item["Pg"] = move.sheet.reference
            if "K" in item:
                item["K"] = pydyf.Array(_kids(item["K"], move, moves))
                structure_writer.shift_element(item, move.shift, 0)


def _kids(kids: Iterable[Any], move: _PageMove, moves: Mapping[bytes, _PageMove]) -> Iterator[Any]:
    for kid in kids:
        if isinstance(kid, int):
            yield pydyf.Dictionary(
                {"Type": "/MCR", "Pg": move.sheet.reference, "Stm": move.form.reference, "MCID": kid}
            )
        else:
            if isinstance(kid, dict):  # a mark on another page, or inside a form of a page, see `imprint.slots`
                other = moves[kid["Pg"]]
                kid["Pg"] = other.sheet.reference
                kid.setdefault("Stm", other.form.reference)
            yield kid


def _move_destinations(pdf: pydyf.PDF, moves: Mapping[bytes, _PageMove]) -> None:
    """Point outline items and named destinations at the sheets."""
    dictionaries = (item for item in pdf.objects if isinstance(item, pydyf.Dictionary))
    destinations = [item["Dest"] for item in dictionaries if "Title" in item and "Dest" in item]
    destinations += destination_names(pdf)[1::2]
    for destination in destinations:
        if move := moves.get(destination[0]):
            destination[0], destination[2] = move.sheet.reference, destination[2] + move.shift
