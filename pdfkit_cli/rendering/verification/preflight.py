"""Checks a finished PDF against the limits of its format: anything that a printer, a delivery provider or a mailbox would refuse."""

from collections.abc import Iterable, Iterator
from ctypes import create_string_buffer
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor
from typing import Any, Final

from pikepdf import Array, Dictionary, Pdf, Stream, parse_content_stream
from PIL import Image

from pdfkit_cli.pdf import pdfium
from pdfkit_cli.pdf.geometry import POINTS_PER_MM, Box
from pdfkit_cli.pdf.objects import array_items, as_integer, as_number, entry, name_entry, sorted_entries
from pdfkit_cli.pdf.pdfium import raw
from pdfkit_cli.pdf.tree_walk import VisitedObjects
from pdfkit_cli.rendering.page import ClearZone, PageFormat, PageLimits

DPI: Final = 72
"""The resolution at which zones are checked. An intrusion of less than a pixel, 0.35 mm, is not found."""

PAPER: Final = 250
"""The level of 255 from which a pixel counts as white; a hairline at this resolution is below it."""

_AROUND: Final = 8
"""Pixels that are drawn around a zone, since PDFium clips lines at the edge of what is drawn."""

_INKED: Final = [255 if level < PAPER else 0 for level in range(256)]

TOLERANCE: Final = 0.1
"""Millimetres by which a box may differ, from rounding to points."""

INKS: Final = frozenset({"/DeviceCMYK", "/DeviceGray", "/Pattern"})
"""Colour spaces that a press can print; the colours of a pattern are in its own objects."""


@dataclass(frozen=True, slots=True)
class PreflightIssue:
    """A violation of a limit: a stable code, and a message with the remedy."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


UNTAGGED: Final = PreflightIssue("untagged", "it has no tags: a screen reader cannot follow it")


def check_format(pdf: bytes, form: PageFormat, *, ink: bool = True) -> tuple[PreflightIssue, ...]:
    """Return every violation of a format's limits; none if the format has no preflight.

    `ink` includes the pixels of its clear zones.
    """
    if form.preflight is None:
        return ()
    with pdfium.open_document(pdf) as document:
        pages = tuple(document)
        found = [
            *_limits(len(pdf), len(pages), form.preflight),
            *_boxes(pages, form),
            *(() if raw.FPDFCatalog_IsTagged(document) and _has_tags(pages[0]) else [UNTAGGED]),
            *_fonts(pages),
            *(_ink(pages, form.preflight.zones) if ink else ()),
        ]
    if form.preflight.max_pdf_version or not form.transparency or form.colours == "cmyk":
        with Pdf.open(BytesIO(pdf)) as opened:
            found += _inside(opened, form, form.preflight)
    return tuple(found)


def clear_zones(form: PageFormat) -> tuple[Box, ...]:
    """Return the clear zones of a format, on any of its pages, in points from the lower left corner of the trimmed page."""
    if form.preflight is None:
        return ()
    height = form.preflight.page[1]
    millimetres = (
        (zone.left, height - zone.top - zone.height, zone.left + zone.width, height - zone.top)
        for zone in form.preflight.zones
    )
    return tuple(tuple(part * POINTS_PER_MM for part in box) for box in millimetres)  # type: ignore[misc]


def exceeds_byte_limit(pdf: bytes, form: PageFormat) -> bool:
    """Return whether a PDF has more bytes than its format allows."""
    most = form.preflight.max_bytes if form.preflight else None
    return most is not None and len(pdf) > most


def _limits(size: int, pages: int, figures: PageLimits) -> Iterator[PreflightIssue]:
    if figures.max_bytes is not None and size > figures.max_bytes:
        advice = "use fewer or smaller pictures"
        yield PreflightIssue("file-too-large", f"{size:,} bytes; at most {figures.max_bytes:,} are taken: {advice}")
    if figures.max_pages is not None and pages > figures.max_pages:
        advice = "shorten the text, or take this format out of the leaflet"
        yield PreflightIssue("too-many-pages", f"{pages} pages; at most {figures.max_pages} may be filled: {advice}")
    sheets = ceil(pages / 2)
    if figures.max_sheets is not None and sheets > figures.max_sheets:
        instead = " or ".join(figures.instead) or "another format"
        advice = f"shorten the text, or hand it out in {instead}"
        yield PreflightIssue("too-many-sheets", f"{sheets} sheets; at most {figures.max_sheets} fit: {advice}")


def _boxes(pages: tuple[Any, ...], form: PageFormat) -> Iterator[PreflightIssue]:
    """Yield an issue for each page whose trim box or bleed differs from the format's."""
    assert form.preflight
    (width, height), bleed = form.preflight.page, form.bleed
    for number, page in enumerate(pages, start=1):
        boxes = (page.get_mediabox, page.get_cropbox, page.get_trimbox, page.get_bleedbox)
        media, crop, trim, around = (_millimetres(box()) for box in boxes)
        size = trim[2] - trim[0], trim[3] - trim[1]
        if _differ(size, (width, min(size[1], height) if form.grows else height)):
            said = "{:.1f} × {:.1f} mm".format(*size)
            yield PreflightIssue("page-box", f"page {number} is {said}, not {width:g} × {height:g} mm")
        widths = [abs(one - other) for one, other in zip(trim, around, strict=True)]
        if _differ(widths, (bleed,) * 4):
            yield PreflightIssue("page-box", f"page {number} has a bleed of {min(widths):.1f} mm, not {bleed:g} mm")
        marked = form.imposition == "letter-fold"  # its marks are around what is shown
        if not bleed and not marked and _differ(media, trim):
            yield PreflightIssue("page-box", f"page {number} has a sheet around it, and is not to be trimmed")
        if page.get_rotation() or _differ(crop, trim if marked else media):
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
    """Yield one issue if text is set in a font that is not embedded (ISO 32000-1, 9.9)."""
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


def _ink(pages: Iterable[Any], zones: tuple[ClearZone, ...]) -> Iterator[PreflightIssue]:
    """Yield an issue for each clear zone that has ink on any page, judged by pixels."""
    found: dict[str, list[str]] = {}
    for number, page in enumerate(pages, start=1):
        ours = [zone for zone in zones if zone.pages in ("every", "first" if number == 1 else "later")]
        if ours:
            shown, trim = _millimetres(page.get_cropbox()), _millimetres(page.get_trimbox())
            for zone in ours:
                if place := _first_ink(page, zone, trim[0] - shown[0], shown[3] - trim[3]):
                    at = "page {}, {:.0f} mm from the left and {:.0f} mm from the top".format(number, *place)
                    found.setdefault(zone.name, []).append(at)
    for name, places in found.items():
        others = f", and {len(places) - 1} more like it" if len(places) > 1 else ""
        advice = "set smaller what reaches out of the page's text area, or widen the margins in the format's CSS"
        yield PreflightIssue("ink-in-zone", f"ink in the zone “{name}”: {places[0]}{others}; {advice}")


def _first_ink(page: Any, zone: ClearZone, left: float, top: float) -> tuple[float, float] | None:
    """Return the position of the uppermost ink in a zone, in mm; `left` and `top` are the margins of the sheet around the trimmed page."""
    pixel = 25.4 / DPI
    box = (
        ceil((left + zone.left) / pixel),
        ceil((top + zone.top) / pixel),
        floor((left + zone.left + zone.width) / pixel),
        floor((top + zone.top + zone.height) / pixel),
    )
    inked = _picture_of(page, box).point(_INKED).getbbox()
    if inked is None:
        return None
    return (box[0] + inked[0]) * pixel - left, (box[1] + inked[1]) * pixel - top


def _picture_of(page: Any, box: tuple[int, int, int, int]) -> Image.Image:
    """Return the pixels of a part of a page, in grey: nothing else is drawn, which takes a sixth of the time.

    They may differ from those of the complete page by a level or two where PDFium clips a line, and a pattern may be a pixel off. Outside the page is black.
    """
    left, top, right, bottom = box
    width, height = (ceil(side * DPI / 72) for side in page.get_size())
    x, y = max(0, left - _AROUND), max(0, top - _AROUND)
    cut = x, max(0, height - bottom - _AROUND), max(0, width - right - _AROUND), y
    if x + cut[2] >= width or y + cut[1] >= height:
        return Image.new("L", (right - left, bottom - top))
    picture = page.render(scale=DPI / 72, grayscale=True, crop=[side * 72 / DPI for side in cut]).to_pil()
    part: Image.Image = picture.crop((left - x, top - y, right - x, bottom - y))
    return part


def _inside(pdf: Pdf, form: PageFormat, figures: PageLimits) -> Iterator[PreflightIssue]:
    """Yield the issues that only the objects of the file reveal."""
    version = max(pdf.pdf_version, name_entry(pdf.Root, "/Version")[1:])
    if figures.max_pdf_version is not None and version > figures.max_pdf_version:
        yield PreflightIssue("pdf-version", f"PDF {version}; at most PDF {figures.max_pdf_version} is taken")
    used = tuple(_used(pdf))
    if not form.transparency:
        yield from _transparency(used)
    if form.colours == "cmyk":
        yield from _colours(pdf, used)


def _used(pdf: Pdf) -> Iterator[Any]:
    """Yield every dictionary and stream that the pages use, directly or indirectly, each once."""
    waiting = [entry(page.obj, key) for page in pdf.pages for key in ("/Resources", "/Group")]
    seen = VisitedObjects()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Dictionary | Stream | Array) and seen.add(item):
            if not isinstance(item, Array):
                yield item
            waiting += array_items(item) if isinstance(item, Array) else [value for _, value in sorted_entries(item)]


def _transparency(used: Iterable[Any]) -> Iterator[PreflightIssue]:
    """Yield one issue if anything is transparent (ISO 32000-1, 11.6): alpha, soft masks, blend modes, groups."""
    reasons = set()
    for item in used:
        alphas = [as_number(entry(item, key)) for key in ("/ca", "/CA")]
        if any(alpha is not None and alpha < 1 for alpha in alphas):
            reasons.add("a colour that is not opaque")
        if _is_other(item, "/SMask", "/None") or as_integer(entry(item, "/SMaskInData")):
            reasons.add("a soft mask")
        if _is_other(item, "/BM", "/Normal", "/Compatible"):
            reasons.add("a blend mode")
        if name_entry(item, "/S") == "/Transparency":
            reasons.add("a transparency group")
    if reasons:
        advice = "draw it in opaque colours, and save pictures without an alpha channel"
        yield PreflightIssue("transparency", f"it has {', '.join(sorted(reasons))}: {advice}")


def _is_other(item: Any, key: str, *names: str) -> bool:
    """Return whether an entry exists and is none of these names."""
    return entry(item, key) is not None and name_entry(item, key) not in names


def _colours(pdf: Pdf, used: Iterable[Any]) -> Iterator[PreflightIssue]:
    """Yield one issue if a colour of text, areas, images or gradients is not in the inks of a press."""
    found: set[str] = set()
    streams: list[Any] = [page for page in pdf.pages if entry(page.obj, "/Contents") is not None]
    for item in used:
        if name_entry(item, "/Subtype") == "/Image" or entry(item, "/ShadingType") is not None:
            space = entry(item, "/ColorSpace")
            found.add(str(space[0] if isinstance(space, Array) else space or "/DeviceGray"))
        elif isinstance(item, Stream) and (name_entry(item, "/Subtype") == "/Form" or "/PatternType" in item):
            streams.append(item)
    for stream in streams:
        for instruction in parse_content_stream(stream, "rg RG cs CS"):
            is_rgb = str(instruction.operator) in ("rg", "RG")
            found.add("/DeviceRGB" if is_rgb else str(instruction.operands[0]))
    if foreign := sorted(found - INKS):
        yield PreflightIssue("colour-space", f"it has colours that are not CMYK or black ({', '.join(foreign)})")
