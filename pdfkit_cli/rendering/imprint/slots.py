"""A page cut into a body that clinics share and one clinic's slots, and room in the body for the slots.

In the body, each slot is an empty image as large as the slot's content.
The slots are a separate document, with one page for each slot.
WeasyPrint lays out both;
`assembler` joins their bytes: each slot's page becomes a form XObject that is drawn in its room in the body, its
structure elements are attached there, and its links move with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.imprint import digest_text
from pdfkit_cli.rendering.imprint.assembler import NotTemplatableError, PreparedBody, SlotRoom
from pdfkit_cli.rendering.imprint.byte_template import Gap, placeholder, placeholder_reference
from pdfkit_cli.rendering.postprocess import structure_writer
from pdfkit_cli.rendering.postprocess.pydyf_objects import (
    destination_names,
    object_number,
    parent_tree_numbers,
    resolve,
)

AUTHOR_PLACEHOLDER: Final = "pdfkit-author"
"""Placeholder for the clinic's name in a body's metadata."""

_SLOT = re.compile(r"<!--slot-->(.*?)<!--/slot-->", re.S)
_DIGEST = re.compile(r"(<!--digest-->)(.*?)(<!--/digest-->)", re.S)
_TAG = re.compile(r"<!--slot-->|<(/?)([a-z][a-z0-9]*)[^>]*>")
_LANGUAGE = re.compile(r' lang="[^"]*"')
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_AUTHOR = re.compile(r'(<meta name="author" content=")([^"]*)(">)')
_EMPTY_IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1' preserveAspectRatio='none'/%3E"
)
_SLOT_PAGE_HEIGHT = 1200
"""Height in CSS pixels of the pages that slots are laid out on: more than any slot, so that its own height shows."""

_NO_FURNITURE = " ".join(
    f"@{edge}-{part} {{ content: none !important }}"
    for edge in ("top", "bottom")
    for part in ("left", "center", "right")
)
"""Formats may rule lines in their margins, on left pages others than on right ones."""

_PIXEL_DIGITS = 9
"""Digits to which widths and heights are rounded: fewer move the text below a slot slightly, which may be a pixel on paper."""

_ROUNDING = 0.01
"""CSS pixels by which a sum of heights may be too large."""


@dataclass(frozen=True, slots=True)
class SlottedHtml:
    """A page's HTML: the body, which is the same for all clinics that share it, and the content of one clinic."""

    body: str
    slots: tuple[str, ...]
    digest: str
    author: str


def split_slots(html: str) -> SlottedHtml:
    """Cut a page at its slots."""
    slots = tuple(match[1] for match in _SLOT.finditer(html))
    digest, author = _DIGEST.search(html), _AUTHOR.search(html)
    body = _SLOT.sub("<!--slot-->", html)
    body = _DIGEST.sub(rf"\g<1>{digest_text.SAMPLE}\g<3>", _AUTHOR.sub(rf"\g<1>{AUTHOR_PLACEHOLDER}\g<3>", body))
    return SlottedHtml(body, slots, digest[2] if digest else "", unescape(author[2]) if author else "")


def slot_paths(parts: SlottedHtml) -> tuple[str, ...]:
    """Return the start tags of the elements around each slot, without languages: slots in the same elements usually have the same width."""
    open_: list[str] = []
    found = []
    for match in _TAG.finditer(parts.body):
        closes, name = match[1], match[2]
        if name is None:
            found.append(_LANGUAGE.sub("", "".join(open_)))
        elif closes:
            while open_ and not open_.pop().startswith(f"<{name}"):
                pass
        elif name not in _VOID:
            open_.append(match[0])
    return tuple(found)


def body_html(parts: SlottedHtml, heights: Sequence[float]) -> str:
    """Return the body with room for its slots, `heights` in CSS pixels."""
    before, *pieces = parts.body.split("<!--slot-->")
    return before + "".join(
        _room(index, height) + piece for index, (height, piece) in enumerate(zip(heights, pieces, strict=True))
    )


def skeleton_html(paths: Sequence[str]) -> str:
    """Return a document with room for a slot in each of these paths, and no text: the rooms are nearly always as wide as in a body."""
    tags = [_TAG.findall(path) for path in paths]
    rooms = (
        path + _room(index, 0.0) + "".join(f"</{name}>" for _, name in reversed(names))
        for index, (path, names) in enumerate(zip(paths, tags, strict=True))
    )
    return "<!DOCTYPE html>" + "".join(rooms)


def _room(index: int, height: float) -> str:
    """Return the room for a slot, `height` in CSS pixels."""
    return f'<img src="{_EMPTY_IMAGE}" id="room{index}" alt="slot:{index}" style="display:block;width:100%;height:{height}px">'


def clinic_html(html: str, slots: Sequence[str], widths: Sequence[float]) -> str:
    """Return a document with one page for each slot, as wide as the slot; nothing else in it depends on the leaflet."""
    (opening,) = re.findall(r"<html[^>]*>", html)[:1]
    (body,) = re.findall(r"<body[^>]*>", html)[:1]
    pages = "".join(
        f"@page slot{n} {{ size: {width}px {_SLOT_PAGE_HEIGHT}px; margin: 0; {_NO_FURNITURE} }}\n"
        for n, width in enumerate(widths)
    )
    content = "".join(f'<div id="slot{n}" style="page: slot{n}">{slot}</div>' for n, slot in enumerate(slots))
    head = f"<head><title>slots</title><style>{pages}</style></head>"
    return f"<!DOCTYPE html>{opening}{head}{body}{content}</body></html>"


def slot_heights(document: Any, count: int) -> tuple[float, ...] | None:
    """Return the height of each slot in CSS pixels, or None if one does not fit on its page."""
    if len(document.pages) != count:
        return None
    boxes = [weasyprint_seams.anchor_boxes(page).get(f"slot{index}") for index, page in enumerate(document.pages)]
    found = [box for box in boxes if box]
    return tuple(round(box[3] - box[1], _PIXEL_DIGITS) for box in found) if len(found) == count else None


def slot_widths(document: Any, count: int) -> tuple[float, ...]:
    """Return the width of each slot's room in a body, in CSS pixels; fewer than `count` if WeasyPrint lost one between columns."""
    boxes: dict[str, Any] = {}
    for page in reversed(document.pages):
        boxes |= weasyprint_seams.anchor_boxes(page)
    rooms = (boxes.get(f"room{index}") for index in range(count))
    return tuple(round(room[2] - room[0], _PIXEL_DIGITS) for room in rooms if room)


def slots_stay_on_page(document: Any) -> bool:
    """Return whether all slots, and the boxes around them, end on their pages.

    WeasyPrint lets an image that is higher than its page, such as the room for a slot, extend below the page; the slot
    itself would be broken across pages.
    """
    return all(
        bottom <= box.content_box_y() + box.height + _ROUNDING
        for box in map(weasyprint_seams.page_box, document.pages)
        for bottom in _slot_bottoms(box, 0.0)
    )


def _slot_bottoms(box: Any, around: float) -> Iterator[float]:
    """Yield, for each slot's room on a page, the lowest position of it and of the boxes around it, in CSS pixels."""
    for kid in getattr(box, "children", ()):
        bottom = max(around, kid.border_box_y() + kid.border_height())
        if kid.element is not None and kid.element.get("id", "").startswith("room"):
            yield bottom
        else:
            yield from _slot_bottoms(kid, bottom)


def lay_out_slots(pdf: pydyf.PDF, slots: int, *, digest: bool) -> PreparedBody:
    """Prepare a body for its clinics, in place, after its tags have been repaired: forms are drawn in the rooms of
    slots and for the digest.

    Raises NotTemplatableError if a slot is not in the text, or if the digest is wanted and is on no page.
    """
    elements = sorted((item for item in pdf.objects if _slot_index(item) >= 0), key=_slot_index)
    if [*map(_slot_index, elements)] != [*range(slots)]:
        raise NotTemplatableError("a slot is not in the text")
    pages = {reference: number for number, reference in enumerate(pdf.page_references, start=1)}
    rooms = tuple(SlotRoom(room, pages[room["Pg"]], tuple(room["A"]["BBox"])) for room in elements)
    for index, room in enumerate(rooms):
        page = resolve(pdf, room.element["Pg"])
        _remove_mark(pdf, room.element, page)
        _draw_slot_form(pdf, page, index, room.box)
        room.element["K"] = pydyf.Array()
    forms, encoding = digest_text.replace_digests(pdf)
    if digest and not forms:
        raise NotTemplatableError("the digest is on no page")
    names = destination_names(pdf)
    kept = [pair for pair in zip(names[::2], names[1::2], strict=True) if not pair[0].string.startswith("room")]
    names[:] = [part for pair in kept for part in pair]
    (intent,) = pdf.catalog["OutputIntents"]
    metadata = resolve(pdf, pdf.catalog["Metadata"])
    metadata.stream = [part.replace(AUTHOR_PLACEHOLDER.encode(), placeholder(Gap.CREATOR)) for part in metadata.stream]
    pdf.info["Author"] = placeholder(Gap.AUTHOR)
    return PreparedBody(rooms, forms, encoding, object_number(intent["DestOutputProfile"]))


def _remove_mark(pdf: pydyf.PDF, element: Any, page: Any) -> None:
    """Make an artifact of a room's mark: it paints nothing."""
    (mcid,) = element["K"]
    stream = resolve(pdf, page["Contents"]).stream
    for at, item in enumerate(stream):
        if isinstance(item, dict) and item.get("MCID") == mcid:
            structure_writer.make_artifact(stream, at, None)
            break
    numbers = parent_tree_numbers(pdf)
    numbers[numbers.index(page["StructParents"]) + 1][mcid] = b"null"


def _draw_slot_form(pdf: pydyf.PDF, page: Any, index: int, box: Box) -> None:
    """Draw a slot's form on a page, its upper left corner in that of `box`, which is measured from below."""
    resolve(pdf, page["Resources"])["XObject"][f"slot{index}"] = placeholder_reference(Gap.FORM.at(index))
    resolve(pdf, page["Contents"]).stream += [
        b"q",
        b"1 0 0 -1 0 %.6f cm" % page["MediaBox"][3],
        b"1 0 0 1 %.6f %.6f cm" % (box[0], box[3] - _SLOT_PAGE_HEIGHT * structure_writer.PIXEL),
        b"/slot%d Do" % index,
        b"Q",
    ]


def _slot_index(item: Any) -> int:
    """Return the index of the slot whose room a structure element is, or -1."""
    alt = item.get("Alt") if isinstance(item, pydyf.Dictionary) else None
    text = getattr(alt, "string", "")
    return int(text.removeprefix("slot:")) if isinstance(text, str) and text.startswith("slot:") else -1
