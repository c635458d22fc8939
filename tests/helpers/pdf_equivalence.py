"""What two PDFs of one page must have in common, however they were made: all but their bytes."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from pdfkit_cli.pdf.geometry import intersect
from pdfkit_cli.pdf.reader import document
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from tests.helpers.screen_reader import speak

FAINT = 2
"""Levels of 255 by which a pixel may differ: the logo's edge is drawn at another fraction of a point."""

ROUNDED = 96
"""Levels by which a few pixels may differ: PDFium puts a letter on a quarter of a pixel, and one that stands between two of them on either."""

FEW = 1 / 2000
"""The share of a page that these few pixels may be."""

NEAR = 0.01
"""Points by which a place may differ: far less than a pixel at 150 dpi."""

BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_OWN = ("/StructTreeRoot", "/Metadata", "/Outlines", "/Names", "/Pages", "/OutputIntents")
"""What of the catalog is looked at by itself."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length in points, the same as one that is as long as the eye can tell."""

    points: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Length) and abs(self.points - other.points) < NEAR

    def __hash__(self) -> int:
        raise TypeError("lengths that are alike may have any hash")


def same_pictures(one: bytes, other: bytes) -> None:
    """Assert that two PDFs look the same at 150 dpi. Where letters stand to a hundredth of a point is among their `features`."""
    documents = pypdfium2.PdfDocument(one), pypdfium2.PdfDocument(other)
    assert len(documents[0]) == len(documents[1])
    for number, pages in enumerate(zip(*documents, strict=True), start=1):
        counts = _differences(*map(_picture, pages))
        assert not any(counts[ROUNDED + 1 :]), f"page {number}"
        assert sum(counts[FAINT + 1 :]) <= sum(counts) * FEW, f"page {number}"


def _picture(page: Any) -> Image.Image:
    picture: Image.Image = page.render(scale=150 / 72).to_pil()
    return picture


def _differences(one: Image.Image, other: Image.Image) -> list[int]:
    """Return how many pixels differ by how many levels, in the colour in which they differ most."""
    if one.tobytes() == other.tobytes():
        return [one.width * one.height]
    return reduce(ImageChops.lighter, ImageChops.difference(one, other).split()).histogram()


def features(pdf: bytes) -> dict[str, Any]:
    """Return everything besides its looks that a PDF has for its readers, in words and numbers that can be compared."""
    reader = PdfReader(BytesIO(pdf))
    root: Any = reader.root_object
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    xmp = reader.xmp_metadata
    assert xmp
    return {
        "read aloud": [(piece.types, piece.lang, piece.text) for piece in speak(pdf)],
        "structure": list(_elements(root["/StructTreeRoot"], pages, 0)),
        "role map": root["/StructTreeRoot"].get("/RoleMap"),
        "letters": _letters(pdf),
        "painted": list(_painted(pdf)),
        "links": _links(reader),
        "bookmarks": list(_bookmarks(root.get("/Outlines", {}), pages, 0)),
        "destinations": {
            name: _destination(target.dest_array, pages) for name, target in reader.named_destinations.items()
        },
        "boxes": [[_lengths(page[box]) for box in BOXES if box in page] for page in reader.pages],
        "pages": [(page.get("/Tabs"), page.get("/Rotate"), page.get("/Group")) for page in reader.pages],
        "information": dict(reader.metadata or {}),
        "XMP": xmp.stream.get_data(),
        "output intents": [
            {key: value for key, value in intent.get_object().items() if key != "/DestOutputProfile"}
            for intent in root.get("/OutputIntents", ())
        ],
        "catalog": {key: value for key, value in root.items() if key not in _OWN},
    }


def _elements(node: Any, pages: dict[int, int], depth: int) -> Iterator[tuple[Any, ...]]:
    """Yield the structure elements in reading order: how deep, what they are, and all that they say; their marks are read aloud."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if not isinstance(kid, dict):
            continue
        if kid.get("/Type") == "/OBJR":
            yield depth, "an object", _page(kid.get("/Pg", node["/Pg"]), kid), kid["/Obj"]["/Subtype"]
        elif kid.get("/Type") == "/StructElem":
            said = {key: str(kid[key]) for key in ("/Alt", "/ActualText", "/Lang", "/ID", "/E", "/T") if key in kid}
            yield depth, kid["/S"], said, _attributes(kid.get("/A", {})), kid.get("/Pg") and pages[_number(kid, "/Pg")]
            yield from _elements(kid, pages, depth + 1)


def _page(page: Any, reference: Any) -> bool:
    """Say whether what a reference leads to stands on the page that it names."""
    return any(link.idnum == reference.raw_get("/Obj").idnum for link in page.get("/Annots", ()))


def _attributes(attributes: Any) -> list[tuple[str, Any]]:
    found = attributes if isinstance(attributes, list) else [attributes]
    return sorted(
        (key, _lengths(value) if key == "/BBox" else str(value)) for item in found for key, value in item.items()
    )


def _letters(pdf: bytes) -> list[Counter[str]]:
    """Count the letters of each page; their order in the file, and so what a reader glues together, is another.

    PDFium says U+0002 for a hyphen at the end of a line, where it takes the next line in the file for the rest of the word.
    """
    texts = (page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    return [Counter("".join(text.replace("\2", "-").split())) for text in texts]


def _painted(pdf: bytes) -> Iterator[list[tuple[Any, ...]]]:
    """Yield what each page paints and where, whatever was painted first.

    The form of a digest has its colour and scale from where it is drawn, which the reading does not follow: they show in the pictures.
    """
    for page in document.read_pdf(pdf).pages:
        runs: list[tuple[Any, ...]] = [
            ("".join(run.glyphs), _ink(run), run.alpha, run.missing, run.box) for run in page.runs
        ]
        inks: list[tuple[Any, ...]] = [
            ("", ink.colour, 1.0, ink.solid, intersect(ink.box, ink.clip)) for ink in page.inks
        ]
        found = sorted(runs + inks, key=lambda item: (item[0], *map(round, item[-1]), str(item)))
        yield [(*item[:-1], _lengths(item[-1])) for item in found]


def _ink(run: TextRun) -> Any:
    is_digest = re.fullmatch("[0-9a-f]{8}", "".join(run.glyphs))
    return None if run.mark == ARTIFACT or is_digest else (round(run.size, 3), run.colour)


def _links(reader: PdfReader) -> list[list[tuple[str, str, list[Length]]]]:
    """Return the links of each page from top to bottom: a slot's stand behind those of the body in the file."""
    found = []
    for page in reader.pages:
        links = [link.get_object() for link in page.get("/Annots", ())]
        links.sort(key=lambda link: [-round(float(part)) for part in reversed(link["/Rect"])])
        found.append([(_target(link), str(link.get("/Contents")), _lengths(link["/Rect"])) for link in links])
    return found


def _target(link: Any) -> str:
    assert link["/Subtype"] == "/Link"
    return str(link["/A"]["/URI"] if "/A" in link else link["/Dest"][1:])


def _bookmarks(node: Any, pages: dict[int, int], depth: int) -> Iterator[tuple[Any, ...]]:
    item = node.get("/First")
    while item:
        yield depth, str(item["/Title"]), _destination(item["/Dest"], pages)
        yield from _bookmarks(item, pages, depth + 1)
        item = item.get("/Next")


def _destination(target: Any, pages: dict[int, int]) -> list[Any]:
    """Return where a bookmark leads: the number of the page, and the place on it."""
    page, *place = target
    number = pages[page.idnum] if isinstance(page, IndirectObject) else int(page)
    return [number, *(Length(float(part)) if isinstance(part, int | float) else str(part) for part in place)]


def _lengths(values: Any) -> list[Length]:
    return [Length(float(value)) for value in values]


def _number(item: Any, key: str) -> int:
    return int(item.raw_get(key).idnum)
