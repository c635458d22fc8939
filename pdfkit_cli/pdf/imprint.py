"""A body that several clinics share, and a clinic's own matter laid on it, without laying the body out again.

The body is a page whose slots are empty but as large as their matter; the slots are a document of their own, one slot a page. Both are
made by WeasyPrint; here their pydyf objects (WeasyPrint 70, pydyf 0.13) become one PDF: each slot's page is a form XObject drawn
where the body has room for it, its structure elements stand where the slot stands in the text, its links move with it.
"""

import copy
import pickle
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf import origins, streams, tags

PIXEL: Final = tags.PIXEL
"""Points in a CSS pixel."""

_SLOT = re.compile(r"<!--slot-->(.*?)<!--/slot-->", re.S)
_AUTHOR = re.compile(r'<meta name="author"[^>]*>')
_BODY = re.compile(r"(<body[^>]*>).*</body>", re.S)
_REFERENCE = re.compile(rb"(\d+) 0 R\Z")
_NOTHING = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1' preserveAspectRatio='none'/%3E"
)
_SLACK = 3.0
"""Points around a slot that its form may paint: overhanging letters are not clipped."""

_TALL = 1200
"""Height in pixels of the pages that slots are laid out on: more than any slot, so that its own height shows."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A page's HTML, taken apart: the body is the same for all clinics that share it, the slots are one clinic's."""

    body: str
    slots: tuple[str, ...]


def split(html: str) -> Parts:
    """Take a page apart at its slots."""
    slots = tuple(match[1] for match in _SLOT.finditer(html))
    return Parts(_SLOT.sub("<!--slot-->", _AUTHOR.sub("", html)), slots)


def body_html(parts: Parts, heights: Sequence[float]) -> str:
    """Return the body with room for its slots, `heights` in CSS pixels."""
    before, *pieces = parts.body.split("<!--slot-->")
    places = (
        f'<img src="{_NOTHING}" id="room{index}" alt="slot:{index}" style="display:block;width:100%;height:{height}px">'
        for index, height in enumerate(heights)
    )
    return before + "".join(place + piece for place, piece in zip(places, pieces, strict=True))


def slots_html(html: str, slots: Sequence[str], widths: Sequence[float]) -> str:
    """Return the document of the slots: the head of the whole page, and a page as wide as its slot for each."""
    pages = "".join(f"@page slot{n} {{ size: {width}px {_TALL}px; margin: 0 }}\n" for n, width in enumerate(widths))
    matter = "".join(f'<div id="slot{n}" style="page: slot{n}">{slot}</div>' for n, slot in enumerate(slots))
    page = _BODY.sub(lambda body: f"{body[1]}{matter}</body>", html, count=1)
    return page.replace("</head>", f"<style>{pages}</style></head>", 1)


def matter_html(html: str, slots: Sequence[str], widths: Sequence[float]) -> str:
    """Return the document of slots that many leaflets share: like `slots_html`, with nothing of this leaflet in its head."""
    (opening,) = re.findall(r"<html[^>]*>", html)[:1]
    (body,) = re.findall(r"<body[^>]*>", html)[:1]
    return slots_html(f"<!DOCTYPE html>{opening}<head><title>slots</title></head>{body}</body></html>", slots, widths)


def heights(document: Any, count: int) -> tuple[float, ...] | None:
    """Return the height of each slot in pixels, or None where one does not fit on its page."""
    if len(document.pages) != count:
        return None
    boxes = [page.anchors.get(f"slot{index}") for index, page in enumerate(document.pages)]
    return None if None in boxes else tuple(round(box[3] - box[1], 4) for box in boxes)


def widths(document: Any, count: int) -> tuple[float, ...]:
    """Return the width that a body gives each slot, in pixels."""
    boxes: dict[str, Any] = {}
    for page in reversed(document.pages):
        boxes |= page.anchors
    return tuple(round(boxes[f"room{index}"][2] - boxes[f"room{index}"][0], 4) for index in range(count))


@dataclass(frozen=True, slots=True)
class Body:
    """A laid-out body: its objects, to be copied for each imprint."""

    objects: bytes


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a slot stands in the page margins: page, box in points, and which furniture it is."""

    index: int
    page: bytes
    box: Sequence[float]
    side: str


def take(pdf: pydyf.PDF) -> Body:
    """Mend and keep the objects of a body that is about to be written."""
    rooms = tuple(_rooms(pdf))
    tags.mend(pdf)
    plain = [_plain(item) for item in pdf.objects]
    pages = {int(plain[number]["Contents"].split()[0]) for number in pdf.pages["Kids"][::3]}
    for item in plain:
        if isinstance(item, pydyf.Stream) and item.number not in pages:
            streams.squeeze(item)
    names = plain[pdf.catalog.number].get("Names", {}).get("Dests", {}).get("Names", [])
    kept = [pair for pair in zip(names[::2], names[1::2], strict=True) if not pair[0].string.startswith("room")]
    names[:] = [part for pair in kept for part in pair]
    return Body(pickle.dumps((plain, pdf.catalog.number, pdf.pages.number, rooms), protocol=5))


def _rooms(pdf: pydyf.PDF) -> Iterator[_Room]:
    """Yield the rooms in the page margins, which are no elements any more once the tags are mended."""
    furniture = origins.notes(pdf).furniture
    pages = {reference: number for number, reference in enumerate(pdf.page_references)}
    for item in pdf.objects:
        if (index := _slot(item)) >= 0 and (side := furniture.get((pages[item["Pg"]], item["K"][0]))) is not None:
            page = pdf.objects[int(item["Pg"].split()[0])]
            yield _Room(index, item["Pg"], tags.points(item["A"]["BBox"], page), side)


def imprint(body: Body, matter: Body | None, pdf: pydyf.PDF) -> None:
    """Turn the PDF of the first slot, about to be written, into that of the body with all slots laid on it, in place.

    `matter` are the other slots, taken before: a clinic's are the same in all its leaflets.
    """
    objects, catalog, pages, rooms = pickle.loads(body.objects)  # noqa: S301  # our own bytes, from memory
    first = _Slots([_plain(item) for item in pdf.objects], pdf.catalog.number, pdf.pages.number, len(objects))
    sources = [(first, number) for number in range(len(first.pages))]
    others = []
    if matter:
        taken, its_catalog, its_pages, _ = pickle.loads(matter.objects)  # noqa: S301
        slots = _Slots(taken, its_catalog, its_pages, len(objects) + len(first.objects))
        sources += [(slots, number) for number in range(len(slots.pages))]
        others = slots.objects
    by_reference = {item.reference: item for item in objects}
    root = by_reference[objects[catalog]["StructTreeRoot"]]
    tree = _Tree(by_reference[root["ParentTree"]]["Nums"], by_reference)
    for place in [item for item in objects if _slot(item) >= 0]:
        tree.give(place, *sources[_slot(place)])
    for room in rooms:
        tree.furnish(room, *sources[room.index])
    for slots, number in sources:
        slots.pages[number].clear()  # an empty object: pydyf cannot leave a number out
    objects[catalog]["Metadata"] = first.catalog["Metadata"]
    (intent,) = objects[catalog]["OutputIntents"]
    for slots in {id(slots): slots for slots, _ in sources}.values():
        slots.drop_rest(intent["DestOutputProfile"], slots is not first)
    pdf.objects = objects + first.objects + others
    pdf.catalog, pdf.pages = objects[catalog], objects[pages]


class _Slots:
    """The objects of a PDF of slots, with the numbers that they have in the whole."""

    def __init__(self, objects: list[Any], catalog: int, pages: int, offset: int) -> None:
        numbers = objects[pages]["Kids"][::3]
        self.objects = objects[1:]
        self._offset = offset - 1
        for item in self.objects:
            item.number += self._offset
        by_number = {item.number: item for item in self.objects}
        for item in self.objects:
            self._shift(item.extra if isinstance(item, pydyf.Stream) else item)
        self.pages = [by_number[number + self._offset] for number in numbers]
        self.by_reference = {item.reference: item for item in self.objects}
        self.catalog = by_number[catalog + self._offset]
        root = self.by_reference[self.catalog["StructTreeRoot"]]
        nums = self.by_reference[root["ParentTree"]]["Nums"]
        self.parents = dict(zip(nums[::2], nums[1::2], strict=True))
        self.document = self.by_reference[root["K"][0]]
        self._rest = [
            root,
            self.by_reference[root["ParentTree"]],
            self.document,
            self.catalog,
            by_number[pages + self._offset],
        ]

    def elements(self, page: bytes) -> Iterator[Any]:
        """Yield the structure elements and annotations' objects of a page."""
        for item in self.objects:
            if isinstance(item, pydyf.Dictionary) and item.get("Pg") == page:
                yield item

    def drop_rest(self, profile: bytes, metadata: bool) -> None:
        """Empty what the whole has already: tree, catalog, `metadata`, and the colour profile, in place of which it uses `profile`."""
        (intent,) = self.catalog["OutputIntents"]
        streams = [intent["DestOutputProfile"], *([self.catalog["Metadata"]] if metadata else [])]
        for item in self.objects:
            if isinstance(item, pydyf.Dictionary) and "srgb" in item:
                item["srgb"] = pydyf.Array(("/ICCBased", profile))
        for reference in streams:
            self.by_reference[reference].stream, self.by_reference[reference].extra = [], {}
        for item in self._rest:
            item.clear()

    def _shift(self, value: Any) -> None:
        """Rewrite every reference inside a dictionary or an array."""
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in list(items):
            if isinstance(inner, bytes) and (match := _REFERENCE.match(inner)):
                value[key] = b"%d 0 R" % (int(match[1]) + self._offset)
            else:
                self._shift(inner)


class _Tree:
    """The parent tree of the body, which grows with each slot."""

    def __init__(self, nums: Any, by_reference: dict[bytes, Any]) -> None:
        self._nums, self._by_reference = nums, by_reference
        self._next = max(nums[::2], default=-1) + 1

    def give(self, place: Any, slots: _Slots, number: int) -> None:
        """Lay a slot in the text where `place` keeps room for it; `number` is that of its page among the slots."""
        page = self._by_reference[place["Pg"]]
        slot = slots.pages[number]
        form = slots.by_reference[slot["Contents"]]
        x, y = _paint(self._by_reference, page, slot, form, _slot(place), place["A"]["BBox"])
        self._empty(place, page)
        form.extra["StructParents"] = self._key(slots.parents[slot["StructParents"]])
        self._graft(place, slot, form, slots, (x, y))
        self._links(page, slot, slots, x, y)

    def furnish(self, room: _Room, slots: _Slots, number: int) -> None:
        """Lay a slot in the margin of a page, where it is no part of the text."""
        page, slot = self._by_reference[room.page], slots.pages[number]
        form = slots.by_reference[slot["Contents"]]
        _paint(self._by_reference, page, slot, form, room.index, room.box)
        for at, item in enumerate(form.stream):
            if isinstance(item, dict) and "MCID" in item:
                form.stream[at - 1 : at + 2] = tags.artifact(room.side)
        for item in [*slots.elements(slot.reference)]:
            item.clear()

    def _key(self, value: Any) -> int:
        self._nums += [self._next, value]
        self._next += 1
        return int(self._next - 1)

    def _empty(self, place: Any, page: Any) -> None:
        """Take the mark of a place away: what it painted was nothing."""
        (mcid,) = place["K"]
        stream = self._by_reference[page["Contents"]].stream
        for at, item in enumerate(stream):
            if isinstance(item, dict) and item.get("MCID") == mcid:
                stream[at - 1 : at + 2] = tags.artifact(None)
                break
        self._nums[self._nums.index(page["StructParents"]) + 1][mcid] = b"null"

    def _graft(self, place: Any, slot: Any, form: Any, slots: _Slots, shift: tuple[float, float]) -> None:
        """Hang the slot's elements where the place stands."""
        parent = self._by_reference[place["P"]]
        tops = pydyf.Array()
        for item in slots.elements(slot.reference):
            item["Pg"] = place["Pg"]
            if not tags.is_element(item):
                continue
            item["K"] = pydyf.Array(_marks(item["K"], place["Pg"], form.reference))
            tags.shift(item, *shift)
            if item["P"] == slots.document.reference:
                item["P"] = parent.reference
                tops.append(item.reference)
        at = parent["K"].index(place.reference)
        parent["K"][at : at + 1] = tops
        place.clear()

    def _links(self, page: Any, slot: Any, slots: _Slots, x: float, y: float) -> None:
        for reference in slot.get("Annots", ()):
            link = slots.by_reference[reference]
            left, bottom, right, top = link["Rect"]
            link["Rect"] = pydyf.Array([left + x, bottom + y, right + x, top + y])
            link["StructParent"] = self._key(slots.parents[link["StructParent"]])
            page.setdefault("Annots", pydyf.Array()).append(reference)


def _marks(kids: Sequence[Any], page: bytes, form: bytes) -> Iterator[Any]:
    for kid in kids:
        if isinstance(kid, int):
            yield pydyf.Dictionary({"Type": "/MCR", "Pg": page, "Stm": form, "MCID": kid})
        else:
            yield kid


def _paint(
    by_reference: dict[bytes, Any], page: Any, slot: Any, form: Any, index: int, box: Sequence[float]
) -> tuple[float, float]:
    """Paint a slot as a form on a page, its upper left corner in that of `box`, and return how far it moves."""
    width, height = slot["MediaBox"][2], slot["MediaBox"][3]
    x, y = box[0], box[3] - height
    form.extra |= {
        "Type": "/XObject",
        "Subtype": "/Form",
        "BBox": pydyf.Array([-_SLACK, -_SLACK, width + _SLACK, height + _SLACK]),
        "Resources": slot["Resources"],
    }
    by_reference[page["Resources"]]["XObject"][f"slot{index}"] = form.reference
    by_reference[page["Contents"]].stream += [
        b"q",
        b"1 0 0 -1 0 %.6f cm" % page["MediaBox"][3],
        b"1 0 0 1 %.6f %.6f cm" % (x, y),
        b"/slot%d Do" % index,
        b"Q",
    ]
    return x, y


def _slot(item: Any) -> int:
    """Return the number of the slot that a structure element keeps room for, or -1."""
    alt = item.get("Alt") if isinstance(item, pydyf.Dictionary) else None
    text = getattr(alt, "string", "")
    return int(text.removeprefix("slot:")) if isinstance(text, str) and text.startswith("slot:") else -1


def _plain(item: Any) -> Any:
    """Return a copy of a pydyf object without what WeasyPrint keeps beside it."""
    if isinstance(item, pydyf.Stream):
        parts = [part.data if type(part).__module__.startswith("weasyprint") else part for part in item.stream]
        plain = pydyf.Stream(parts, copy.deepcopy(dict(item.extra)), item.compress)
        plain.number, plain.free = item.number, item.free
        return plain
    return copy.deepcopy(item)
