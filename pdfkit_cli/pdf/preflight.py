"""A finished PDF held to the figures of its format, before it leaves: what a printer, a provider or a post box would refuse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor
from typing import Any, Final

import pypdfium2
from PIL import Image
from pypdf import PageObject, PdfReader
from pypdf.generic import BooleanObject, ContentStream, DictionaryObject, IndirectObject, StreamObject

from pdfkit_cli.models import Format, Preflight, Zone

POINTS_PER_MM: Final = 72 / 25.4
DPI: Final = 72
"""How finely zones are looked at. What reaches into one by less than a pixel, 0.35 mm, goes unseen."""

PAPER: Final = 250
"""Levels of 255 from which a pixel counts as white: the rest is ink, a hairline at this resolution, too."""

TOLERANCE: Final = 0.1
"""Millimetres by which a box may differ: what is left of rounding to points."""

RGB_OPERATORS: Final = frozenset({b"rg", b"RG"})
INKS: Final = frozenset({"/DeviceCMYK", "/DeviceGray"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable code, and what it is with what to do about it."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


def check(pdf: bytes, form: Format) -> tuple[Fault, ...]:
    """Return every fault of a PDF in a format, none where the format has no preflight."""
    if form.preflight is None:
        return ()
    reader = PdfReader(BytesIO(pdf))
    used = tuple(_used(reader))
    return (
        *_limits(pdf, reader, form.preflight),
        *_boxes(reader, form.preflight, form.bleed),
        *_tags(reader),
        *_fonts(used),
        *(() if form.transparency else _transparency(used)),
        *(() if form.colours == "rgb" else _colours(reader, used)),
        *_ink(pdf, reader, form.preflight),
    )


def _limits(pdf: bytes, reader: PdfReader, figures: Preflight) -> Iterator[Fault]:
    if figures.max_bytes is not None and len(pdf) > figures.max_bytes:
        advice = "use fewer or smaller pictures"
        yield Fault("file-too-large", f"{len(pdf):,} bytes; at most {figures.max_bytes:,} are taken: {advice}")
    sheets = ceil(len(reader.pages) / 2)
    if figures.max_sheets is not None and sheets > figures.max_sheets:
        advice = "shorten the text, or hand it out in another format"
        yield Fault("too-many-sheets", f"{sheets} sheets; at most {figures.max_sheets} fit: {advice}")
    version = max(reader.pdf_header.removeprefix("%PDF-"), str(reader.root_object.get("/Version", "")).lstrip("/"))
    if figures.max_pdf_version is not None and version > figures.max_pdf_version:
        yield Fault("pdf-version", f"PDF {version}; at most PDF {figures.max_pdf_version} is taken")


def _boxes(reader: PdfReader, figures: Preflight, bleed: float) -> Iterator[Fault]:
    """Yield a fault for each page whose trimmed page, or whose bleed around it, has another size than the format says."""
    for number, page in enumerate(reader.pages, start=1):
        trim, media = _box(page, "trimbox"), _box(page, "mediabox")
        size = trim[2] - trim[0], trim[3] - trim[1]
        if any(abs(is_ - should) > TOLERANCE for is_, should in zip(size, figures.page, strict=True)):
            said = "{:.1f} × {:.1f} mm".format(*size)
            yield Fault("page-box", f"page {number} is {said}, not {figures.page[0]:g} × {figures.page[1]:g} mm")
        around = [abs(one - other) for one, other in zip(trim, _box(page, "bleedbox"), strict=True)]
        if any(abs(width - bleed) > TOLERANCE for width in around):
            yield Fault("page-box", f"page {number} has a bleed of {min(around):.1f} mm, not {bleed:g} mm")
        if not bleed and any(abs(one - other) > TOLERANCE for one, other in zip(trim, media, strict=True)):
            yield Fault("page-box", f"page {number} has a sheet around it, and is not to be trimmed")
        if page.rotation or page.get("/UserUnit", 1) != 1:
            yield Fault("page-box", f"page {number} is turned or scaled when it is shown")


def _box(page: PageObject, name: str) -> tuple[float, float, float, float]:
    """Return a box of a page in mm: left, bottom, right, top."""
    box = getattr(page, name)
    left, bottom, right, top = (float(part) / POINTS_PER_MM for part in (box.left, box.bottom, box.right, box.top))
    return left, bottom, right, top


def _tags(reader: PdfReader) -> Iterator[Fault]:
    root = reader.root_object
    marked = root.get("/MarkInfo", DictionaryObject()).get_object().get("/Marked")
    if "/StructTreeRoot" not in root or marked != BooleanObject(True):
        yield Fault("untagged", "it has no tags: a screen reader cannot follow it")


def _used(reader: PdfReader) -> Iterator[Any]:
    """Yield every dictionary and stream that the pages draw with, and those inside these, each once."""
    waiting: list[Any] = [part for page in reader.pages for part in (page.get("/Resources"), page.get("/Group"))]
    seen: set[tuple[int, int]] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            if (item.idnum, item.generation) in seen:
                continue
            seen.add((item.idnum, item.generation))
            item = item.get_object()
        if isinstance(item, dict):
            yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _fonts(used: Iterable[Any]) -> Iterator[Fault]:
    """Yield a fault for each font that the reader's machine would have to bring (ISO 32000-1, 9.9)."""
    for item in used:
        if item.get("/Type") != "/Font" or item.get("/Subtype") in ("/Type0", "/Type3"):
            continue
        descriptor = item.get("/FontDescriptor", DictionaryObject()).get_object()
        if not any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3")):
            name = str(item.get("/BaseFont", "")).lstrip("/")
            yield Fault("font-not-embedded", f"the font {name} is not in the file: use the fonts of fonts/")


def _transparency(used: Iterable[Any]) -> Iterator[Fault]:
    """Yield one fault where anything is seen through (ISO 32000-1, 11.6): alpha, soft masks, blend modes, groups."""
    reasons = set()
    for item in used:
        mask, blend = item.get("/SMask", "/None"), item.get("/BM", "/Normal")
        if any(isinstance(item.get(alpha), float | int) and item[alpha] < 1 for alpha in ("/ca", "/CA")):
            reasons.add("a colour that is not opaque")
        if mask != "/None" or item.get("/SMaskInData", 0):
            reasons.add("a soft mask")
        if blend not in ("/Normal", "/Compatible"):
            reasons.add("a blend mode")
        if item.get("/S") == "/Transparency":
            reasons.add("a transparency group")
    if reasons:
        advice = "draw it in opaque colours, and save pictures without an alpha channel"
        yield Fault("transparency", f"it has {', '.join(sorted(reasons))}: {advice}")


def _colours(reader: PdfReader, used: Iterable[Any]) -> Iterator[Fault]:
    """Yield one fault where a colour is not in the inks of a press: in text and areas, in pictures, in gradients."""
    found = set()
    streams: list[Any] = [page.get_contents() for page in reader.pages]
    for item in used:
        if item.get("/Subtype") == "/Image" or "/ShadingType" in item:
            found |= {str(item.get("/ColorSpace", "/DeviceGray"))} - INKS
        elif isinstance(item, StreamObject) and (item.get("/Subtype") == "/Form" or "/PatternType" in item):
            streams.append(item)
    for stream in streams:
        found |= set(_foreign(stream, reader)) if stream is not None else set()
    if found:
        yield Fault("colour-space", f"it has colours that are not CMYK or black ({', '.join(sorted(found))})")


def _foreign(stream: Any, reader: PdfReader) -> Iterator[str]:
    for operands, operator in ContentStream(stream, reader).operations:
        if operator in RGB_OPERATORS:
            yield "/DeviceRGB"
        elif operator in (b"cs", b"CS") and operands[0] not in (*INKS, "/Pattern"):
            yield str(operands[0])


def _ink(pdf: bytes, reader: PdfReader, figures: Preflight) -> Iterator[Fault]:
    """Yield a fault for each zone with ink in it on any page, as seen on pixels."""
    found: dict[str, list[str]] = {}
    document = pypdfium2.PdfDocument(pdf) if figures.zones else ()
    for number, (page, drawn) in enumerate(zip(reader.pages, document, strict=False), start=1):
        zones = [zone for zone in figures.zones if zone.pages in ("every", "first" if number == 1 else "later")]
        if zones:
            picture = drawn.render(scale=DPI / 72, grayscale=True).to_pil()
            for zone in zones:
                if place := _first_ink(picture, zone, *_around(page)):
                    at = "page {}, {:.0f} mm from the left and {:.0f} mm from the top".format(number, *place)
                    found.setdefault(zone.name, []).append(at)
    for name, places in found.items():
        others = f", and on {len(places) - 1} more pages" if len(places) > 1 else ""
        advice = "set smaller what reaches out of the page's text area, or widen the margins in the format's CSS"
        yield Fault("ink-in-zone", f"ink in the zone “{name}”: {places[0]}{others}; {advice}")


def _around(page: PageObject) -> tuple[float, float]:
    """Return what a sheet has left of and above the page that is trimmed out of it, in mm."""
    trim, media = _box(page, "trimbox"), _box(page, "mediabox")
    return trim[0] - media[0], media[3] - trim[3]


def _first_ink(picture: Image.Image, zone: Zone, left: float, top: float) -> tuple[float, float] | None:
    """Return where on the trimmed page the uppermost ink of a zone is, in mm; `left` and `top` lie around the page."""
    pixel = 25.4 / DPI
    box = (
        ceil((left + zone.left) / pixel),
        ceil((top + zone.top) / pixel),
        floor((left + zone.left + zone.width) / pixel),
        floor((top + zone.top + zone.height) / pixel),
    )
    inked = picture.crop(box).point([255 if level < PAPER else 0 for level in range(256)]).getbbox()
    if inked is None:
        return None
    return (box[0] + inked[0]) * pixel - left, (box[1] + inked[1]) * pixel - top
