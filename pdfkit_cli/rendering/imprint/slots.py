"""A body that several clinics share, and a clinic's own matter laid on it, without laying the body out again.

The body is a page whose slots are empty but as large as their matter; the slots are a document of their own, one slot a page. Both are
laid out by WeasyPrint; `assembler` puts their bytes together. Each slot's page is a form XObject drawn where the body has room for it, its structure
elements stand where the slot stands in the text, its links move with it. The short digest at the foot of each page, which is another for
each clinic, is a form of its own: eight letters, written in the codes of the body's font.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf.reader.content_stream import Box
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.imprint.assembler import NotTemplatableError
from pdfkit_cli.rendering.imprint.byte_template import placeholder, placeholder_reference
from pdfkit_cli.rendering.postprocess import structure_writer

PIXEL: Final = structure_writer.PIXEL
"""Points in a CSS pixel."""

AUTHOR_PLACEHOLDER: Final = "pdfkit-author"
"""Stands in a body's metadata for the clinic's name."""

DIGEST_SAMPLE: Final = " ".join(
    one + other for one in (*"0123456789abcdef", "ff") for other in (*"0123456789abcdef", "ff")
)
"""Stands in a body for the short digest: all pairs of letters that one may have, so that the body tells how its font writes each; ff may be one sign."""

_SLOT = re.compile(r"<!--slot-->(.*?)<!--/slot-->", re.S)
_DIGEST = re.compile(r"(<!--digest-->)(.*?)(<!--/digest-->)", re.S)
_TAG = re.compile(r"<!--slot-->|<(/?)([a-z][a-z0-9]*)[^>]*>")
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_AUTHOR = re.compile(r'(<meta name="author" content=")([^"]*)(">)')
_BODY = re.compile(r"(<body[^>]*>).*</body>", re.S)
_CODES = re.compile(rb"([0-9a-f]{4})(?:>(-?[\d.]+))?")
_UNICODE = re.compile(rb"<([0-9a-f]{4})> <((?:[0-9a-f]{4})+)>\Z", re.I)
_EMPTY_IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1' preserveAspectRatio='none'/%3E"
)
_SLOT_PAGE_HEIGHT = 1200
"""Height in pixels of the pages that slots are laid out on: more than any slot, so that its own height shows."""

_PIXEL_DIGITS = 9
"""Digits of a pixel that widths and heights are measured with: fewer move the text below a slot by a hair, which may be a pixel on paper."""

_ROUNDING = 0.01
"""Pixels by which a sum of heights may be more than it is."""


@dataclass(frozen=True, slots=True)
class SlottedHtml:
    """A page's HTML, taken apart: the body is the same for all clinics that share it, the slots are one clinic's."""

    body: str
    slots: tuple[str, ...]
    digest: str
    author: str


def split_slots(html: str) -> SlottedHtml:
    """Take a page apart at its slots."""
    slots = tuple(match[1] for match in _SLOT.finditer(html))
    digest, author = _DIGEST.search(html), _AUTHOR.search(html)
    body = _SLOT.sub("<!--slot-->", html)
    body = _DIGEST.sub(rf"\g<1>{DIGEST_SAMPLE}\g<3>", _AUTHOR.sub(rf"\g<1>{AUTHOR_PLACEHOLDER}\g<3>", body))
    return SlottedHtml(body, slots, digest[2] if digest else "", unescape(author[2]) if author else "")


def slot_paths(parts: SlottedHtml) -> tuple[str, ...]:
    """Return in which elements each slot stands, by their start tags: slots with the same path are mostly as wide."""
    open_: list[str] = []
    found = []
    for match in _TAG.finditer(parts.body):
        closes, name = match[1], match[2]
        if name is None:
            found.append("".join(open_))
        elif closes:
            while open_ and not open_.pop().startswith(f"<{name}"):
                pass
        elif name not in _VOID:
            open_.append(match[0])
    return tuple(found)


def body_html(parts: SlottedHtml, heights: Sequence[float]) -> str:
    """Return the body with room for its slots, `heights` in CSS pixels."""
    before, *pieces = parts.body.split("<!--slot-->")
    places = (
        f'<img src="{_EMPTY_IMAGE}" id="room{index}" alt="slot:{index}" style="display:block;width:100%;height:{height}px">'
        for index, height in enumerate(heights)
    )
    return before + "".join(place + piece for place, piece in zip(places, pieces, strict=True))


def slots_html(html: str, slots: Sequence[str], widths: Sequence[float]) -> str:
    """Return the document of the slots: the head of the whole page, and a page as wide as its slot for each."""
    pages = "".join(
        f"@page slot{n} {{ size: {width}px {_SLOT_PAGE_HEIGHT}px; margin: 0 }}\n" for n, width in enumerate(widths)
    )
    matter = "".join(f'<div id="slot{n}" style="page: slot{n}">{slot}</div>' for n, slot in enumerate(slots))
    page = _BODY.sub(lambda body: f"{body[1]}{matter}</body>", html, count=1)
    return page.replace("</head>", f"<style>{pages}</style></head>", 1)


def clinic_html(html: str, slots: Sequence[str], widths: Sequence[float]) -> str:
    """Return the document of slots that many leaflets share: like `slots_html`, with nothing of this leaflet in its head."""
    (opening,) = re.findall(r"<html[^>]*>", html)[:1]
    (body,) = re.findall(r"<body[^>]*>", html)[:1]
    return slots_html(f"<!DOCTYPE html>{opening}<head><title>slots</title></head>{body}</body></html>", slots, widths)


def slot_heights(document: Any, count: int) -> tuple[float, ...] | None:
    """Return the height of each slot in pixels, or None where one does not fit on its page."""
    if len(document.pages) != count:
        return None
    boxes = [weasyprint_seams.anchor_boxes(page).get(f"slot{index}") for index, page in enumerate(document.pages)]
    found = [box for box in boxes if box]
    return tuple(round(box[3] - box[1], _PIXEL_DIGITS) for box in found) if len(found) == count else None


def slot_widths(document: Any, count: int) -> tuple[float, ...]:
    """Return the width that a body gives each slot, in pixels."""
    boxes: dict[str, Any] = {}
    for page in reversed(document.pages):
        boxes |= weasyprint_seams.anchor_boxes(page)
    return tuple(round(boxes[f"room{index}"][2] - boxes[f"room{index}"][0], _PIXEL_DIGITS) for index in range(count))


def slots_stay_on_page(document: Any) -> bool:
    """Say whether all slots end on their pages, and what is around them.

    WeasyPrint lets a picture that is higher than its page, which keeps room for a slot, reach over its foot; the slot itself would go on.
    """
    return all(
        bottom <= box.content_box_y() + box.height + _ROUNDING
        for box in map(weasyprint_seams.page_box, document.pages)
        for bottom in _slot_bottoms(box, 0.0)
    )


def _slot_bottoms(box: Any, around: float) -> Iterator[float]:
    """Yield, for each room on a page, how far down it or a box around it reaches, in pixels."""
    for kid in getattr(box, "children", ()):
        bottom = max(around, kid.border_box_y() + kid.border_height())
        if kid.element is not None and kid.element.get("id", "").startswith("room"):
            yield bottom
        else:
            yield from _slot_bottoms(kid, bottom)


@dataclass(frozen=True, slots=True)
class SlotLayout:
    """What a body has for its clinics: the elements that keep room for slots, the forms of the digest, and how its letters are written.

    `areas` are the slots' pages, from 1, and boxes in points.
    """

    rooms: tuple[Any, ...]
    digests: tuple[Any, ...]
    digits: Mapping[str, bytes]
    profile: int
    areas: tuple[tuple[int, Box], ...]


def lay_out_slots(pdf: pydyf.PDF, slots: int, *, digest: bool) -> SlotLayout:
    """Make a body ready for its clinics, in place, once its tags are mended: forms are drawn where slots and the digest stand.

    Raises UnpreparedError where a slot does not stand in the text, or a digest that is owed nowhere.
    """
    by_reference = {item.reference: item for item in pdf.objects}
    rooms = sorted((item for item in pdf.objects if _slot_index(item) >= 0), key=_slot_index)
    if [*map(_slot_index, rooms)] != [*range(slots)]:
        raise NotTemplatableError("a slot does not stand in the text")
    pages = {page: number for number, page in enumerate(pdf.page_references, start=1)}
    areas = tuple((pages[room["Pg"]], tuple(room["A"]["BBox"])) for room in rooms)
    nums = by_reference[by_reference[pdf.catalog["StructTreeRoot"]]["ParentTree"]]["Nums"]
    for index, room in enumerate(rooms):
        page = by_reference[room["Pg"]]
        _unmark_room(room, page, by_reference, nums)
        _draw_slot_form(by_reference, page, index, room["A"]["BBox"])
        room["K"] = pydyf.Array()
    digits: dict[str, bytes] = {}
    digests = tuple(_make_digest_forms(pdf, by_reference, digits))
    if digest and not digests:
        raise NotTemplatableError("the digest stands on no page")
    names = pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])
    kept = [pair for pair in zip(names[::2], names[1::2], strict=True) if not pair[0].string.startswith("room")]
    names[:] = [part for pair in kept for part in pair]
    (intent,) = pdf.catalog["OutputIntents"]
    metadata = by_reference[pdf.catalog["Metadata"]]
    metadata.stream = [part.replace(AUTHOR_PLACEHOLDER.encode(), placeholder(b"creator")) for part in metadata.stream]
    pdf.info["Author"] = placeholder(b"author")
    return SlotLayout(tuple(rooms), digests, digits, int(intent["DestOutputProfile"].split()[0]), areas)


def _unmark_room(room: Any, page: Any, by_reference: Mapping[bytes, Any], nums: list[Any]) -> None:
    """Take the mark of a room away: what it painted was nothing."""
    (mcid,) = room["K"]
    stream = by_reference[page["Contents"]].stream
    for at, item in enumerate(stream):
        if isinstance(item, dict) and item.get("MCID") == mcid:
            stream[at - 1 : at + 2] = structure_writer.artifact_properties(None)
            break
    nums[nums.index(page["StructParents"]) + 1][mcid] = b"null"


def _draw_slot_form(by_reference: Mapping[bytes, Any], page: Any, index: int, box: Sequence[float]) -> None:
    """Draw a slot's form on a page, its upper left corner in that of `box`, which is measured from below."""
    by_reference[page["Resources"]]["XObject"][f"slot{index}"] = placeholder_reference(b"f%d" % index)
    by_reference[page["Contents"]].stream += [
        b"q",
        b"1 0 0 -1 0 %.6f cm" % page["MediaBox"][3],
        b"1 0 0 1 %.6f %.6f cm" % (box[0], box[3] - _SLOT_PAGE_HEIGHT * PIXEL),
        b"/slot%d Do" % index,
        b"Q",
    ]


def _slot_index(item: Any) -> int:
    """Return the number of the slot that a structure element keeps room for, or -1."""
    alt = item.get("Alt") if isinstance(item, pydyf.Dictionary) else None
    text = getattr(alt, "string", "")
    return int(text.removeprefix("slot:")) if isinstance(text, str) and text.startswith("slot:") else -1


def _make_digest_forms(pdf: pydyf.PDF, by_reference: Mapping[bytes, Any], digits: dict[str, bytes]) -> Iterator[Any]:
    """Make a form of each digest that the pages show, one where several show the same, and find out how its letters are written."""
    forms: dict[tuple[bytes, ...], Any] = {}
    for number in pdf.pages["Kids"][::3]:
        page = by_reference[b"%d 0 R" % number]
        resources = by_reference[page["Resources"]]
        stream = by_reference[page["Contents"]].stream
        fonts = _PageFonts(by_reference, resources)
        for start, end in _digest_texts(stream, fonts, digits):
            text = stream[start:end]
            if (key := tuple(text)) not in forms:
                forms[key] = _digest_form(text, resources["Font"])
                pdf.add_object(forms[key])
                resources["XObject"][f"digest{len(forms)}"] = forms[key].reference
                yield forms[key]
            stream[start:end] = [b"/digest%d Do" % (1 + [*forms].index(key))]


def _digest_texts(stream: list[Any], fonts: "_PageFonts", digits: dict[str, bytes]) -> Iterator[tuple[int, int]]:
    """Yield where the digest is shown in a stream, from its end to its beginning."""
    for start in reversed([at for at, item in enumerate(stream) if item == b"BT"]):
        end = stream.index(b"ET", start) + 1
        shown = [item for item in stream[start:end] if isinstance(item, bytes) and item.endswith(b"] TJ")]
        font = next((item for item in stream[start:end] if isinstance(item, bytes) and item.endswith(b" Tf")), b"")
        codes = _CODES.findall(shown[0]) if len(shown) == 1 and len(shown[0]) > len(DIGEST_SAMPLE) else []
        signs = [fonts.text(font, code) for code, _ in codes]
        if "".join(signs) == DIGEST_SAMPLE:
            digits |= {sign: b"<%s>" % code for sign, (code, _) in zip(signs, codes, strict=True)}
            digits |= {f"{one} {other}": kern for (one, other), (_, kern) in zip(pairwise(signs), codes, strict=False)}
            yield start, end


def _digest_form(text: list[Any], fonts: bytes) -> Any:
    """Return the form of a digest; it inherits its colour from where it is drawn."""
    (matrix,) = [item for item in text if isinstance(item, bytes) and item.endswith(b" Tm")]
    (font,) = [item for item in text if isinstance(item, bytes) and item.endswith(b" Tf")]
    x, y, size = float(matrix.split()[4]), float(matrix.split()[5]), float(font.split()[1])
    shown = [
        b"[%s] TJ" % placeholder(b"digest") if isinstance(item, bytes) and item.endswith(b"] TJ") else item
        for item in text
    ]
    box = pydyf.Array([round(part, 3) for part in (x - size, y - 2 * size, x + 8 * size, y + size)])
    resources = pydyf.Dictionary({"Font": fonts})
    return pydyf.Stream(shown, {"Type": "/XObject", "Subtype": "/Form", "BBox": box, "Resources": resources})


class _PageFonts:
    """What the codes of a page's fonts say."""

    def __init__(self, by_reference: Mapping[bytes, Any], resources: Any) -> None:
        self._by_reference, self._fonts = by_reference, by_reference[resources["Font"]]
        self._texts: dict[str, dict[bytes, str]] = {}

    def text(self, font: bytes, code: bytes) -> str:
        """Return what a code says in the font of a line such as `/F 12 Tf`."""
        name = font[1:].split(b" ")[0].decode()
        if name not in self._texts:
            lines = self._by_reference[self._by_reference[self._fonts[name]]["ToUnicode"]].stream
            found = (_UNICODE.match(line) for line in lines if isinstance(line, bytes))
            self._texts[name] = {
                match[1]: bytes.fromhex(match[2].decode()).decode("utf-16-be") for match in found if match
            }
        return self._texts[name].get(code, "")
