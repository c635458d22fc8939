"""The pages of a source text with the passages that are to be translated marked: what a translator looks at beside the words."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf
from pikepdf import Array, Dictionary, Name

from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.translation.inline_codes import plain
from pdfkit_cli.translation.units import Unit

_COLOUR = 1.0, 0.86, 0.35
_DESCENT = 0.3
"""How far a mark reaches below the baseline, as a share of the height of capitals."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A finished PDF, the name that it goes by, and where each text of its source is on its pages.

    Places are those of a line of the source, or of the letters of an alternative text: pages from 1, with a box of each line.
    """

    pdf: bytes
    name: str
    lines: Mapping[int, Sequence[tuple[int, Box]]]
    pictures: Mapping[str, Sequence[tuple[int, Box]]]

    def places(self, unit: Unit) -> Sequence[tuple[int, Box]]:
        """Return where a unit is; nothing if it is not on the pages, as the title of the short variant."""
        shown = self.pictures.get(comparable_letters(plain(unit.source)), ())
        return shown or self.lines.get(unit.place.line, ())


def with_pages(units: Iterable[Unit], pages: PlacedText) -> Iterator[Unit]:
    """Yield units, each with a note of the page that shows it."""
    for unit in units:
        places = pages.places(unit)
        note = f"See page {places[0][0]} of {pages.name}"
        yield replace(unit, notes=(*unit.notes, note)) if places else unit


def marked_pdf(units: Iterable[Unit], pages: PlacedText) -> bytes:
    """Return the pages with a mark on each unit that is to be translated; units on one line of the source share theirs."""
    with pikepdf.open(io.BytesIO(pages.pdf)) as pdf:
        seen: set[tuple[int, Box]] = set()
        for unit in (unit for unit in units if unit.target is None):
            places = [place for place in pages.places(unit) if place not in seen]
            seen.update(places)
            for number in dict.fromkeys(page for page, _ in places):
                _add_mark(pdf, number, [box for page, box in places if page == number], unit.kind)
        file = io.BytesIO()
        pdf.save(file, deterministic_id=True)
        return file.getvalue()


def _add_mark(pdf: pikepdf.Pdf, number: int, boxes: list[Box], kind: str) -> None:
    page = pdf.pages[number - 1]
    reaching = [(left, bottom - _DESCENT * (top - bottom), right, top) for left, bottom, right, top in boxes]
    corners = [value for x0, y0, x1, y1 in reaching for value in (x0, y1, x1, y1, x0, y0, x1, y0)]
    sides = list(zip(*reaching, strict=True))
    mark = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Highlight,
        Rect=Array([min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])]),
        QuadPoints=Array(corners),
        C=Array(_COLOUR),
        F=4,
        Contents=kind,
    )
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(pdf.make_indirect(mark))
