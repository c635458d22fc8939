"""A finished PDF held to the figures of its format, before it leaves: what a printer, a provider or a post box would refuse."""

from collections.abc import Iterable, Iterator
from ctypes import create_string_buffer
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor
from typing import Any, Final

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream, IndirectObject, StreamObject

from pdfkit_cli.content.models import Format, Preflight, Zone
from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.pdfium import raw

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
class PreflightIssue:
    """One thing that is wrong: a stable code, and what it is with what to do about it."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


UNTAGGED: Final = PreflightIssue("untagged", "it has no tags: a screen reader cannot follow it")


def check_format(pdf: bytes, form: Format, *, ink: bool = True) -> tuple[PreflightIssue, ...]:
    """Return every fault of a PDF in a format, none where the format has no preflight; `ink` looks at the pixels of its zones, too."""
    if form.preflight is None:
        return ()
    with pdfium.open_document(pdf) as document:
        pages = tuple(document)
        found = [
            *_limits(len(pdf), len(pages), form.preflight),
            *_boxes(pages, form.preflight, form.bleed),
            *(() if raw.FPDFCatalog_IsTagged(document) and _has_tags(pages[0]) else [UNTAGGED]),
            *_fonts(pages),
            *(_ink(pages, form.preflight.zones) if ink else ()),
        ]
    if form.preflight.max_pdf_version or not form.transparency or form.colours == "cmyk":
        found += _inside(PdfReader(BytesIO(pdf)), form, form.preflight)
    return tuple(found)


def clear_zones(form: Format) -> tuple[Box, ...]:
    """Return what a format keeps free, on whichever page, in points from the lower left corner of the trimmed page."""
    if form.preflight is None:
        return ()
    height = form.preflight.page[1]
    millimetres = (
        (zone.left, height - zone.top - zone.height, zone.left + zone.width, height - zone.top)
        for zone in form.preflight.zones
    )
    return tuple(tuple(part * POINTS_PER_MM for part in box) for box in millimetres)  # type: ignore[misc]


def exceeds_byte_limit(pdf: bytes, form: Format) -> bool:
    """Say whether a PDF has more bytes than its format takes."""
    most = form.preflight.max_bytes if form.preflight else None
    return most is not None and len(pdf) > most


def _limits(size: int, pages: int, figures: Preflight) -> Iterator[PreflightIssue]:
    if figures.max_bytes is not None and size > figures.max_bytes:
        advice = "use fewer or smaller pictures"
        yield PreflightIssue("file-too-large", f"{size:,} bytes; at most {figures.max_bytes:,} are taken: {advice}")
    sheets = ceil(pages / 2)
    if figures.max_sheets is not None and sheets > figures.max_sheets:
        advice = "shorten the text, or hand it out in another format"
        yield PreflightIssue("too-many-sheets", f"{sheets} sheets; at most {figures.max_sheets} fit: {advice}")


def _boxes(pages: tuple[Any, ...], figures: Preflight, bleed: float) -> Iterator[PreflightIssue]:
    """Yield a fault for each page whose trimmed page, or whose bleed around it, has another size than the format says."""
    for number, page in enumerate(pages, start=1):
        media, trim, around = (_millimetres(box()) for box in (page.get_mediabox, page.get_trimbox, page.get_bleedbox))
        size = trim[2] - trim[0], trim[3] - trim[1]
        if _differ(size, figures.page):
            said = "{:.1f} × {:.1f} mm".format(*size)
            yield PreflightIssue(
                "page-box", f"page {number} is {said}, not {figures.page[0]:g} × {figures.page[1]:g} mm"
            )
        widths = [abs(one - other) for one, other in zip(trim, around, strict=True)]
        if _differ(widths, (bleed,) * 4):
            yield PreflightIssue("page-box", f"page {number} has a bleed of {min(widths):.1f} mm, not {bleed:g} mm")
        if not bleed and _differ(media, trim):
            yield PreflightIssue("page-box", f"page {number} has a sheet around it, and is not to be trimmed")
        shown = _millimetres(page.get_size())
        if page.get_rotation() or _differ(shown, (media[2] - media[0], media[3] - media[1])):
            yield PreflightIssue("page-box", f"page {number} is turned or cropped when it is shown")


def _millimetres(points: Iterable[float]) -> tuple[float, ...]:
    return tuple(part / POINTS_PER_MM for part in points)


def _differ(some: Iterable[float], others: Iterable[float]) -> bool:
    return any(abs(one - other) > TOLERANCE for one, other in zip(some, others, strict=True))


def _has_tags(page: Any) -> bool:
    tree = raw.FPDF_StructTree_GetForPage(page)
    try:
        return bool(raw.FPDF_StructTree_CountChildren(tree) > 0)
    finally:
        raw.FPDF_StructTree_Close(tree)


def _fonts(pages: Iterable[Any]) -> Iterator[PreflightIssue]:
    """Yield one fault where text is set in a font that the reader's machine would have to bring (ISO 32000-1, 9.9)."""
    texts = (text for page in pages for text in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]))
    fonts = (raw.FPDFTextObj_GetFont(text) for text in texts)
    missing = {_font_name(font) for font in fonts if not raw.FPDFFont_GetIsEmbedded(font)}
    if missing:
        names = ", ".join(sorted(missing))
        yield PreflightIssue("font-not-embedded", f"the file does not hold the font {names}: use the fonts of fonts/")


def _font_name(font: Any) -> str:
    name = create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, name, len(name))
    return name.value.decode("utf-8", "replace")


def _ink(pages: Iterable[Any], zones: tuple[Zone, ...]) -> Iterator[PreflightIssue]:
    """Yield a fault for each zone with ink in it on any page, as seen on pixels."""
    found: dict[str, list[str]] = {}
    for number, page in enumerate(pages, start=1):
        ours = [zone for zone in zones if zone.pages in ("every", "first" if number == 1 else "later")]
        if ours:
            picture = page.render(scale=DPI / 72, grayscale=True).to_pil()
            media, trim = _millimetres(page.get_mediabox()), _millimetres(page.get_trimbox())
            for zone in ours:
                if place := _first_ink(picture, zone, trim[0] - media[0], media[3] - trim[3]):
                    at = "page {}, {:.0f} mm from the left and {:.0f} mm from the top".format(number, *place)
                    found.setdefault(zone.name, []).append(at)
    for name, places in found.items():
        others = f", and {len(places) - 1} more like it" if len(places) > 1 else ""
        advice = "set smaller what reaches out of the page's text area, or widen the margins in the format's CSS"
        yield PreflightIssue("ink-in-zone", f"ink in the zone “{name}”: {places[0]}{others}; {advice}")


def _first_ink(picture: Image.Image, zone: Zone, left: float, top: float) -> tuple[float, float] | None:
    """Return where the uppermost ink of a zone is, in mm; `left` and `top` are what the sheet has around the trimmed page."""
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


def _inside(reader: PdfReader, form: Format, figures: Preflight) -> Iterator[PreflightIssue]:
    """Yield the faults that only the objects of the file show."""
    version = max(reader.pdf_header.removeprefix("%PDF-"), str(reader.root_object.get("/Version", "")).lstrip("/"))
    if figures.max_pdf_version is not None and version > figures.max_pdf_version:
        yield PreflightIssue("pdf-version", f"PDF {version}; at most PDF {figures.max_pdf_version} is taken")
    used = tuple(_used(reader))
    if not form.transparency:
        yield from _transparency(used)
    if form.colours == "cmyk":
        yield from _colours(reader, used)


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


def _transparency(used: Iterable[Any]) -> Iterator[PreflightIssue]:
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
        yield PreflightIssue("transparency", f"it has {', '.join(sorted(reasons))}: {advice}")


def _colours(reader: PdfReader, used: Iterable[Any]) -> Iterator[PreflightIssue]:
    """Yield one fault where a colour is not in the inks of a press: in text and areas, in pictures, in gradients."""
    found = set()
    streams: list[Any] = [page.get_contents() for page in reader.pages]
    for item in used:
        if item.get("/Subtype") == "/Image" or "/ShadingType" in item:
            found |= {str(item.get("/ColorSpace", "/DeviceGray"))} - INKS
        elif isinstance(item, StreamObject) and (item.get("/Subtype") == "/Form" or "/PatternType" in item):
            streams.append(item)
    for stream in streams:
        found |= set(_has_foreign_colour(stream, reader)) if stream is not None else set()
    if found:
        yield PreflightIssue("colour-space", f"it has colours that are not CMYK or black ({', '.join(sorted(found))})")


def _has_foreign_colour(stream: Any, reader: PdfReader) -> Iterator[str]:
    for operands, operator in ContentStream(stream, reader).operations:
        if operator in RGB_OPERATORS:
            yield "/DeviceRGB"
        elif operator in (b"cs", b"CS") and operands[0] not in (*INKS, "/Pattern"):
            yield str(operands[0])
