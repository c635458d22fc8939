"""Boxes, crop and fold marks and colours for a printing press, on the pydyf objects of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13)."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf import cmyk
from pdfkit_cli.pdf.cmyk import Inks
from pdfkit_cli.pdf.geometry import POINTS_PER_MM
from pdfkit_cli.rendering.page import PageFormat
from pdfkit_cli.rendering.postprocess.pydyf_objects import page_dictionaries, resolve

MARK: Final = 5.0
"""Length of a crop mark in mm. It begins where the bleed ends, so that it is cut off."""

SLUG: Final = 10.0
"""Width in mm of the paper around a page with crop marks."""

GAP: Final = 2.0
"""Distance in mm of a mark from a page without bleed: a knife that is a little off leaves nothing of it."""

_PDFA: Final = re.compile(rb"<rdf:Description[^>]*pdfaid:part[^>]*/>")


def prepare_for_press(pdf: pydyf.PDF, form: PageFormat, inks: Inks = ()) -> None:
    """Give a PDF the boxes, marks and colours of its format, in place."""
    prepare_drawing(pdf, form, inks)
    if not form.archival:
        _remove_pdfa_claim(pdf)
    if form.bleed:
        for page in page_dictionaries(pdf):
            _add_bleed(page, resolve(pdf, page["Contents"]), form.bleed * POINTS_PER_MM)


def prepare_drawing(pdf: pydyf.PDF, form: PageFormat, inks: Inks = ()) -> None:
    """Remove transparency groups and convert colours as the format requires, in place."""
    if not form.transparency:
        _flatten_groups(pdf)
    if form.colours == "cmyk":
        cmyk.convert_to_cmyk(pdf, inks)


def _remove_pdfa_claim(pdf: pydyf.PDF) -> None:
    """Remove the claim to be PDF/A, and the screen's colour profile."""
    pdf.catalog.pop("OutputIntents", None)
    metadata = resolve(pdf, pdf.catalog["Metadata"])
    metadata.stream = [_PDFA.sub(b"", part) for part in metadata.stream]


def _flatten_groups(pdf: pydyf.PDF) -> None:
    """Draw every transparency group directly on the page:
    WeasyPrint makes one for each SVG, which opaque drawings do not need.

    Transparent content remains transparent, and preflight finds it.
    """
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream):
            item.extra.pop("Group", None)


def _add_bleed(page: Any, stream: Any, bleed: float) -> None:
    """Widen the sheet around a page, draw crop marks on it, and clip the content at the edge of the bleed."""
    _, _, width, height = page["TrimBox"]
    slug = SLUG * POINTS_PER_MM
    page["MediaBox"] = _expanded_box(width, height, slug)
    page["BleedBox"] = _expanded_box(width, height, bleed)
    corner = b"%.3f %.3f %.3f %.3f re W n" % (-bleed, -bleed, width + 2 * bleed, height + 2 * bleed)
    lines = (b"%.3f %.3f m %.3f %.3f l" % mark for mark in _crop_marks(width, height, bleed))
    stream.stream[:0] = [*_artifact(b"1 1 1 1 K 0.25 w", *lines, b"S"), corner]


def add_fold_marks(sheet: Any, stream: Any, folds: Iterable[float]) -> None:
    """Widen the paper around a sheet, and mark on it where the sheet is cut and, in dashes, where it is folded.

    `folds` are points from the left edge of the sheet. Viewers and office printers see the sheet alone: it is the crop box.
    """
    _, _, width, height = sheet["TrimBox"]
    slug, gap, length = SLUG * POINTS_PER_MM, GAP * POINTS_PER_MM, MARK * POINTS_PER_MM
    sheet["CropBox"] = sheet["BleedBox"] = sheet["TrimBox"]
    sheet["MediaBox"] = _expanded_box(width, height, slug)
    edges = ((-gap, -gap - length), (height + gap, height + gap + length))
    cuts = (b"%.3f %.3f m %.3f %.3f l S" % mark for mark in _crop_marks(width, height, gap))
    dashes = (b"%.3f %.3f m %.3f %.3f l S" % (fold, near, fold, far) for fold in folds for near, far in edges)
    stream.stream += _artifact(b"0 G 0.25 w", *cuts, b"[3 2] 0 d", *dashes)


def _artifact(*drawing: bytes) -> list[Any]:
    """Return a drawing as a part of the page that is not read aloud."""
    return ["/Artifact", pydyf.Dictionary({"Type": "/Page"}), b"BDC", b"q", *drawing, b"Q", b"EMC"]


def _expanded_box(width: float, height: float, by: float) -> pydyf.Array:
    return pydyf.Array([round(-by, 3), round(-by, 3), round(width + by, 3), round(height + by, 3)])


def _crop_marks(width: float, height: float, gap: float) -> Iterator[tuple[float, float, float, float]]:
    """Yield the lines of the crop marks: two at each corner, on the trim lines, as far outside as the bleed or the gap."""
    length = MARK * POINTS_PER_MM
    for x in (0, width):
        yield x, -gap - length, x, -gap
        yield x, height + gap, x, height + gap + length
    for y in (0, height):
        yield -gap - length, y, -gap, y
        yield width + gap, y, width + gap + length, y
