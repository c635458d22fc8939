"""Pages two-up on sheets, in the order that folding and stapling through the middle puts right.

Works on the pydyf objects of a PDF that WeasyPrint has made and not yet written (WeasyPrint 70, pydyf 0.13).
Each page becomes a form XObject that keeps its own StructParents, so the structure tree stays in reading order:
only the references from structure elements to marked content change (ISO 32000-1, 14.7.4.2, marked-content references
with a Stm entry).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pydyf

from pdfkit_cli.pdf.geometry import POINTS_PER_MM
from pdfkit_cli.pdf.saddle_stitch import saddle_stitch_sides
from pdfkit_cli.rendering.postprocess import structure_writer

SHEET_SIZE = (297 * POINTS_PER_MM, 210 * POINTS_PER_MM)
"""A4, landscape."""


def impose_saddle_stitch(pdf: pydyf.PDF, *, right_to_left: bool = False) -> None:
    """Replace the pages of `pdf` by imposed sheets, in place: tags, links, bookmarks and destinations follow."""
    by_number = {item.number: item for item in pdf.objects}
    pages = [by_number[number] for number in pdf.pages["Kids"][::3]]
    moves: dict[bytes, _PageMove] = {}
    sheets = []
    for side in saddle_stitch_sides(len(pages), right_to_left=right_to_left):
        sheet = pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference, "Tabs": "/S"})
        pdf.add_object(sheet)
        sheets.append(sheet)
        halves = []
        for number, is_left in ((side.left, True), (side.right, False)):
            if number:
                page = pages[number - 1]
                shift = SHEET_SIZE[0] / 2 - (page["MediaBox"][2] if is_left else 0)
                halves.append(_PageMove(page, by_number[_number(page["Contents"])], sheet, shift))
        _draw_sheet(pdf, sheet, halves)
        moves |= {half.page.reference: half for half in halves}
    _move_tags(pdf, moves)
    _move_destinations(pdf, moves, by_number)
    for page in pages:
        page.clear()  # an empty object: pydyf cannot leave a number out
    pdf.pages["Kids"] = pydyf.Array(part for sheet in sheets for part in (sheet.number, 0, "R"))
    pdf.pages["Count"] = len(sheets)


@dataclass(frozen=True, slots=True)
class _PageMove:
    """A page that becomes a form on a sheet, `shift` points from the sheet's left edge."""

    page: Any
    form: Any
    sheet: Any
    shift: float


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _draw_sheet(pdf: pydyf.PDF, sheet: Any, moves: list[_PageMove]) -> None:
    content = []
    forms = pydyf.Dictionary({})
    annotations = pydyf.Array()
    for index, move in enumerate(moves):
        name = f"P{index}"
        content.append(f"q 1 0 0 1 {move.shift:.3f} 0 cm /{name} Do Q")
        forms[name] = move.form.reference
        move.form.extra |= {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array(move.page["MediaBox"]),
            "Resources": move.page["Resources"],
            "StructParents": move.page["StructParents"],
        }
        annotations.extend(move.page.get("Annots", ()))
    stream = pydyf.Stream([line.encode() for line in content])
    pdf.add_object(stream)
    box = pydyf.Array([0, 0, round(SHEET_SIZE[0], 3), round(SHEET_SIZE[1], 3)])
    sheet["MediaBox"] = sheet["TrimBox"] = box
    sheet["Contents"] = stream.reference
    sheet["Resources"] = pydyf.Dictionary({"XObject": forms})
    if annotations:
        sheet["Annots"] = annotations
        by_reference = {item.reference: item for item in pdf.objects}
        for move in moves:
            for reference in move.page.get("Annots", ()):
                rect = by_reference[reference]["Rect"]
                by_reference[reference]["Rect"] = pydyf.Array(
                    [rect[0] + move.shift, rect[1], rect[2] + move.shift, rect[3]]
                )


def _elements(pdf: pydyf.PDF) -> Iterator[Any]:
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("Type") in ("/StructElem", "/OBJR"):
            yield item


def _move_tags(pdf: pydyf.PDF, moves: dict[bytes, _PageMove]) -> None:
    for element in list(_elements(pdf)):
        move = moves.get(element.get("Pg"))
        if move is None:
            continue
        element["Pg"] = move.sheet.reference
        if "K" in element:
            element["K"] = pydyf.Array(_kids(element["K"], move, moves))
            structure_writer.shift_element(element, move.shift, 0)


def _kids(kids: Iterable[Any], move: _PageMove, moves: dict[bytes, _PageMove]) -> Iterator[Any]:
    for kid in kids:
        if isinstance(kid, int):
            yield pydyf.Dictionary(
                {"Type": "/MCR", "Pg": move.sheet.reference, "Stm": move.form.reference, "MCID": kid}
            )
        else:
            if isinstance(kid, dict):  # a mark on another page, or inside a form of a page, see imprint
                own = moves[kid["Pg"]]
                kid["Pg"] = own.sheet.reference
                kid.setdefault("Stm", own.form.reference)
            yield kid


def _move_destinations(pdf: pydyf.PDF, moves: dict[bytes, _PageMove], by_number: dict[int, Any]) -> None:
    """Point outline items and named destinations at the sheets."""
    arrays = [
        item["Dest"]
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and "Title" in item and "Dest" in item
    ]
    arrays += pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])[1::2]
    for array in arrays:
        if move := moves.get(array[0]):
            array[0], array[2] = move.sheet.reference, array[2] + move.shift
