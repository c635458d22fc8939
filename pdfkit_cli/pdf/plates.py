"""A body and a clinic's matter as prepared bytes, and a PDF put together from the two without looking into either.

Both are made from pydyf objects (WeasyPrint 70, pydyf 0.13) that are about to be written. What no clinic changes is written once: streams
compressed, all other objects in one object stream, with their places in the cross-reference. What a clinic changes is a pattern: bytes with
gaps for the numbers and places that are known only when body and matter meet (ISO 32000-1, 7.5.7 and 7.5.8).
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any, Final
from xml.sax.saxutils import escape

import pydyf

from pdfkit_cli.pdf import tags
from pdfkit_cli.pdf.codec import storable
from pdfkit_cli.pdf.painting import Box
from pdfkit_cli.pdf.patterns import GAP, Pattern, gap, reference, written
from pdfkit_cli.pdf.vouching import SLACK, Area

HEADER: Final = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_REFERENCE: Final = re.compile(rb"(\d+) 0 R")
_ENTRY: Final = 7
"""Bytes of an entry of the cross-reference: its kind, four bytes, two bytes."""

_LEVEL: Final = 5
"""How hard the little that each clinic changes is compressed: 6 takes half as long again, and saves 4 bytes of 1570."""


@storable
@dataclass(frozen=True, slots=True)
class Place:
    """Where a body keeps room for a slot: its page or sheet, the element that holds it, and how far the slot moves, in points."""

    page: int
    parent: int
    x: float
    y: float


@storable
@dataclass(frozen=True, slots=True)
class Plate:
    """A body, written as far as no clinic changes it.

    `head` is the beginning of the file, `entries` its part of the cross-reference for the objects up to `count`; `objects` and `texts` are the patterns of what a clinic changes,
    objects and streams, by their numbers. `key` is the next one of the parent tree.
    """

    head: bytes
    entries: bytes
    count: int
    objects: tuple[tuple[int, Pattern], ...]
    texts: tuple[tuple[int, Pattern], ...]
    places: tuple[Place, ...]
    key: int
    profile: int
    trailer: bytes
    digits: Mapping[str, bytes]
    """How the letters of the short digest are written, and how far the font moves two of them together."""

    roles: frozenset[str]
    areas: tuple[tuple[int, Box], ...]
    """Where the slots stand before pages become sheets: page from 1, and box on it."""


@storable
@dataclass(frozen=True, slots=True)
class Group:
    """Objects and streams that belong together, as patterns, numbered from 0."""

    objects: tuple[tuple[int, Pattern], ...]
    texts: tuple[tuple[int, Pattern, bytes], ...]
    count: int


@storable
@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of a clinic's matter, to be laid on a body once or more often: its form first, then its elements and links.

    `tops` are its outermost elements, `parents` what its marks and each of its links belong to.
    """

    own: Group
    tops: Pattern
    links: Pattern
    parents: tuple[Pattern, ...]
    roles: frozenset[str]


@storable
@dataclass(frozen=True, slots=True)
class Matter:
    """A clinic's own matter: what its slots share, fonts above all, and the slots."""

    shared: Group
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What else is a clinic's own in a PDF: the short digest of its edition, its name as author, its metadata as XMP."""

    digest: str
    author: str
    described: bytes


class UnpreparedError(Exception):
    """A body or matter has something that no plate can hold; it has to be rendered whole."""


def assemble(plate: Plate, matter: Matter, slots: Sequence[int], own: Own) -> bytes:
    """Put a PDF together: `slots` says which slot of the matter stands in each place. The same four give the same bytes."""
    parts = _Parts(plate)
    shared = parts.numbered(b"o", matter.shared)
    shared[b"q"] = b"%d" % plate.profile
    known = _Known(shared)
    known[b"author"] = pydyf.String(own.author).data
    known[b"creator"] = escape(own.author).encode()
    known[b"described"] = own.described
    known[b"digest"] = _digest(plate.digits, own.digest)
    parts.add(matter.shared, plate.count, known)
    key, nums = plate.key, []
    links: dict[int, list[bytes]] = {place.page: [] for place in plate.places}
    for index, (place, number) in enumerate(zip(plate.places, slots, strict=True)):
        slot, base = matter.slots[number], parts.count
        inner = _Known(shared | parts.numbered(b"s", slot.own), place)
        for at, parent in enumerate(slot.parents):
            inner[b"k%d" % at] = b"%d" % key
            nums.append(b"%d %s" % (key, parent.filled(inner)))
            key += 1
        known[b"f%d" % index] = b"%d" % base
        known[b"t%d" % index] = slot.tops.filled(inner)
        if slot.links.gaps:
            links[place.page].append(slot.links.filled(inner))
        parts.add(slot.own, base, inner)
    known |= {b"a%d" % page: b" ".join(some) for page, some in links.items()}
    used = plate.roles.union(*(matter.slots[number].roles for number in slots))
    known[b"roles"] = b"/RoleMap " + tags.role_map(used).data if used else b""
    known |= {b"n": b" ".join(nums), b"next": b"%d" % key}
    return parts.file(known)


def areas(plate: Plate, matter: Matter, slots: Sequence[int]) -> tuple[Area, ...]:
    """Return where the slots of an assembled PDF stand."""
    number = plate.count + matter.shared.count
    found = []
    for place, slot, (page, box) in zip(plate.places, slots, plate.areas, strict=True):
        on_sheet = place.x, place.y - (box[3] - box[1]), place.x + box[2] - box[0], place.y
        found.append(Area(page, box, on_sheet, number))
        number += matter.slots[slot].own.count
    return tuple(found)


def sound(plate: Plate, pdf: bytes) -> bool:
    """Say whether a file begins with its body, byte for byte, and each object stands where the cross-reference has it."""
    end = pdf.rfind(b"startxref")
    start = int(pdf[end + 9 : -6])
    data = pdf.index(b"stream\n", start) + len(b"stream\n")
    entries = zlib.decompress(pdf[data : pdf.rindex(b"\r\nendstream", data, end)])
    wrong = [
        number
        for number in range(plate.count, len(entries) // _ENTRY)
        if entries[(at := number * _ENTRY)] == 1
        and not pdf.startswith(b"%d 0 obj\n" % number, int.from_bytes(entries[at + 1 : at + 5], "big"))
    ]
    return pdf.startswith(plate.head) and not wrong


def _digest(digits: Mapping[str, bytes], digest: str) -> bytes:
    """Return how a digest is written: two letters as one sign where the font has one for them."""
    signs: list[str] = []
    for sign in digest:
        if signs and len(signs[-1]) == 1 and signs[-1] + sign in digits:
            signs[-1] += sign
        else:
            signs.append(sign)
    pairs = (
        digits[sign] + digits.get(f"{sign} {after}", b"0") for sign, after in zip(signs, [*signs[1:], ""], strict=True)
    )
    return b"".join(pairs)


class _Known(dict[bytes, bytes]):
    """What stands in each gap; where a slot's parts lie is reckoned when it is asked for."""

    def __init__(self, values: Mapping[bytes, bytes], place: Place | None = None) -> None:
        super().__init__(values)
        if place:
            self |= {b"p": b"%d" % place.page, b"u": b"%d" % place.parent}
            self._moves = {b"x": place.x, b"y": place.y}

    def __missing__(self, key: bytes) -> bytes:
        axis, _, at = key.partition(b":")
        value: bytes = pydyf._to_bytes(round(float(at) + self._moves[axis], 6))
        return value


class _Parts:
    """A file that grows: streams are written at once, other objects go into one object stream at the end."""

    def __init__(self, plate: Plate) -> None:
        self._plate = plate
        self._out = bytearray(plate.head)
        self._inside: list[tuple[int, bytes]] = []
        self._streams: list[tuple[int, int]] = []
        self.count = plate.count

    def numbered(self, name: bytes, group: Group) -> dict[bytes, bytes]:
        """Give the objects of a group their numbers."""
        return {b"%s%d" % (name, index): b"%d" % (self.count + index) for index in range(group.count)}

    def add(self, group: Group, base: int, known: Mapping[bytes, bytes]) -> None:
        """Write a group whose numbers begin at `base`."""
        for index, head, data in group.texts:
            self._stream(base + index, head.filled(known), data)
        self._inside += [(base + index, pattern.filled(known)) for index, pattern in group.objects]
        self.count = base + group.count

    def _stream(self, number: int, head: bytes, data: bytes) -> None:
        self._streams.append((number, len(self._out)))
        self._out += b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\n" % (number, head, data)

    def file(self, known: Mapping[bytes, bytes]) -> bytes:
        """Write what is left of the body, the cross-reference and the end."""
        plate, out, holder = self._plate, self._out, self.count
        for number, pattern in plate.texts:
            head, _, data = pattern.filled(known).partition(b"\n")
            self._stream(number, head[:-2] + b"/Length %d>>" % len(data), data)
        inside = [(number, pattern.filled(known)) for number, pattern in plate.objects] + self._inside
        entries = bytearray(plate.entries) + bytes(_ENTRY * (holder + 2 - plate.count))
        for number, at in (*self._streams, (holder, len(out))):
            _enter(entries, number, 1, at)
        for index, (number, _) in enumerate(inside):
            _enter(entries, number, 2, holder, index)
        out += _held(holder, inside, _LEVEL)
        _enter(entries, holder + 1, 1, len(out))
        return bytes(out + self._end(holder + 1, entries))

    def _end(self, number: int, entries: bytearray) -> bytes:
        """Return the cross-reference, which is a stream, and the end of the file."""
        name = b"(%s)" % md5(self._out, usedforsecurity=False).hexdigest().encode()
        data = zlib.compress(entries, _LEVEL)
        head = b"<</Type /XRef/Index [0 %d]/W [1 4 2]/Size %d%s/ID [%s %s]/Filter /FlateDecode/Length %d>>" % (
            number + 1, number + 1, self._plate.trailer, name, name, len(data),
        )  # fmt: skip
        text = b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        return text % (number, head, data, len(self._out))


def _enter(entries: bytearray, number: int, kind: int, where: int, index: int = 0) -> None:
    entries[number * _ENTRY : (number + 1) * _ENTRY] = b"%c%s%s" % (
        kind, where.to_bytes(4, "big"), index.to_bytes(2, "big"),
    )  # fmt: skip


def _held(number: int, objects: Sequence[tuple[int, bytes]], level: int) -> bytes:
    """Return an object stream."""
    places, at = [], 0
    for own, data in objects:
        places.append(b"%d %d" % (own, at))
        at += len(data) + 1
    first = b" ".join(places)
    data = zlib.compress(b"\n".join((first, *(data for _, data in objects))), level)
    return b"%d 0 obj\n<</Type /ObjStm/N %d/First %d/Filter /FlateDecode/Length %d>>\nstream\n%s\r\nendstream\nendobj\n" % (
        number, len(objects), len(first) + 1, len(data), data,
    )  # fmt: skip


# A body becomes a plate


def engrave(
    pdf: pydyf.PDF,
    areas: Sequence[tuple[int, Box]],
    rooms: Sequence[Any],
    digests: Sequence[Any],
    digits: Mapping[str, bytes],
    profile: int,
) -> Plate:
    """Write a body as far as no clinic changes it. `rooms` are the elements that keep room for slots, `digests` the forms of the digest.

    Raises UnpreparedError where a slot hangs nowhere in the structure tree.
    """
    pdf.add_object(pdf.info)
    by_reference = {item.reference: item for item in pdf.objects}
    root = by_reference[pdf.catalog["StructTreeRoot"]]
    key = root["ParentTreeNextKey"]
    places = tuple(_place(room, by_reference) for room in rooms)
    _open_tree(pdf, by_reference[root["ParentTree"]])
    for number in sorted({place.page for place in places}):
        page = by_reference[b"%d 0 R" % number]
        page["Annots"] = pydyf.Array([*page.get("Annots", ()), gap(b"a%d" % number)])
    for index, room in enumerate(rooms):
        kids = by_reference[room["P"]]["K"]
        kids[kids.index(room.reference)] = gap(b"t%d" % index)
        room.clear()
    root["ParentTreeNextKey"] = gap(b"next") + gap(b"roles")
    root.pop("RoleMap", None)
    own = {by_reference[pdf.catalog["Metadata"]].number, *(form.number for form in digests)}
    out, entries = bytearray(HEADER), bytearray(_ENTRY * (len(pdf.objects) + 1))
    objects, texts, inside = [], [], []
    for item in pdf.objects[1:]:
        if item.number in own:
            texts.append((item.number, Pattern.of(_open_stream(item))))
        elif isinstance(item, pydyf.Stream):
            _enter(entries, item.number, 1, len(out))
            out += b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\n" % (item.number, *written(item))
        elif GAP in (data := item.data):
            objects.append((item.number, Pattern.of(data)))
        else:
            inside.append((item.number, data))
    holder = len(pdf.objects)
    _enter(entries, 0, 0, 0, 0xFFFF)
    _enter(entries, holder, 1, len(out))
    for index, (number, _) in enumerate(inside):
        _enter(entries, number, 2, holder, index)
    out += _held(holder, inside, 9)
    trailer = b"/Root %s/Info %s" % (pdf.catalog.reference, pdf.info.reference)
    return Plate(
        bytes(out), bytes(entries), holder + 1, tuple(objects), tuple(texts), places, key, profile, trailer, digits,
        tags.roles(pdf.objects), tuple(areas),
    )  # fmt: skip


def _place(room: Any, by_reference: Mapping[bytes, Any]) -> Place:
    left, _, _, top = room["A"]["BBox"]
    page, parent = (int(room[name].split()[0]) for name in ("Pg", "P"))
    if room.reference not in by_reference[room["P"]]["K"]:
        raise UnpreparedError("a slot stands nowhere in the text")
    return Place(page, parent, left, top)


def _open_tree(pdf: pydyf.PDF, tree: Any) -> None:
    """Make the arrays of the parent tree objects of their own, which stay as they are when it grows."""
    nums = tree["Nums"]
    for at in range(1, len(nums), 2):
        if isinstance(nums[at], list):
            array = pydyf.Array(nums[at])
            pdf.add_object(array)
            nums[at] = array.reference
    nums.append(gap(b"n"))


def _open_stream(stream: Any) -> bytes:
    """Return a stream that a clinic changes: its dictionary, without a length, and its data, not compressed."""
    extra: bytes = pydyf.Dictionary(stream.extra).data
    return extra + b"\n" + b"\n".join(pydyf._to_bytes(item) for item in stream.stream)


# A clinic's slots become matter


def prepare(pdf: pydyf.PDF, heights: Sequence[float]) -> Matter:
    """Take the slots of a clinic, one a page, out of a PDF whose tags are mended; `heights` are theirs in points.

    Raises UnpreparedError for what only the whole PDF has: bookmarks, IDs.
    """
    return _Preparing(pdf, heights).matter()


class _Preparing:
    def __init__(self, pdf: pydyf.PDF, heights: Sequence[float]) -> None:
        self._pdf, self._heights = pdf, heights
        self._by_reference = {item.reference: item for item in pdf.objects}
        root = self._by_reference[pdf.catalog["StructTreeRoot"]]
        tree = self._by_reference[root["ParentTree"]]
        self._document = self._by_reference[root["K"][0]]
        self._nums = dict(zip(tree["Nums"][::2], tree["Nums"][1::2], strict=True))
        self._pages = [self._by_reference[b"%d 0 R" % number] for number in pdf.pages["Kids"][::3]]
        self._profile = self._by_reference[pdf.catalog["OutputIntents"][0]["DestOutputProfile"]]
        metadata = self._by_reference[pdf.catalog["Metadata"]]
        self._rest = [root, tree, self._document, pdf.catalog, pdf.pages, self._profile, metadata, *self._pages]
        if "Outlines" in pdf.catalog or any("ID" in item for item in pdf.objects if tags.is_element(item)):
            raise UnpreparedError("a slot has a heading or a table in it")

    def matter(self) -> Matter:
        groups = [self._members(page) for page in self._pages]
        left_out = {0, *(item.number for item in self._rest), *(item.number for group in groups for item in group)}
        shared = [item for item in self._pdf.objects if item.number not in left_out and self._is_used(item)]
        self._gaps = {item.reference: reference(b"o%d" % index) for index, item in enumerate(shared)}
        self._gaps[self._profile.reference] = reference(b"q")
        for page, members in zip(self._pages, groups, strict=True):
            self._gaps[page.reference] = reference(b"p")
            self._gaps |= {item.reference: reference(b"s%d" % index) for index, item in enumerate(members)}
        slots = tuple(map(self._slot, self._pages, groups, self._heights))
        return Matter(self._group(shared), slots)

    def _is_used(self, item: Any) -> bool:
        """Say whether anything refers to an object: one that is empty was left over, but for the colour spaces, which a press has none of."""
        spaces = self._by_reference[self._pages[0]["Resources"]]["ColorSpace"]
        return bool(item) or isinstance(item, pydyf.Stream) or item.reference == spaces

    def _members(self, page: Any) -> list[Any]:
        """Return what is one slot's: its form, its elements, its links and their places in the structure tree."""
        links = set(page.get("Annots", ()))
        return [
            self._by_reference[page["Contents"]],
            *(
                item
                for item in self._pdf.objects
                if item.reference in links or (isinstance(item, pydyf.Dictionary) and item.get("Pg") == page.reference)
            ),
        ]

    def _group(self, items: Sequence[Any]) -> Group:
        objects, texts = [], []
        for index, item in enumerate(items):
            if isinstance(item, pydyf.Stream):
                self._refer(item.extra)
                head, data = written(item)
                texts.append((index, Pattern.of(head), data))
            else:
                self._refer(item)
                objects.append((index, Pattern.of(item.data)))
        return Group(tuple(objects), tuple(texts), len(items))

    def _slot(self, page: Any, members: Sequence[Any], tall: float) -> Slot:
        """Turn a page into a form, and say what of it hangs where."""
        form = self._by_reference[page["Contents"]]
        width, height = page["MediaBox"][2:]
        box = [-SLACK, height - tall - SLACK, width + SLACK, height + SLACK]
        form.extra |= {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(box), "Resources": page["Resources"]}
        form.extra["StructParents"] = gap(b"k0")
        parents = [b"[%s]" % self._list(self._nums[page["StructParents"]])]
        for number, reference_ in enumerate(page.get("Annots", ()), start=1):
            link = self._by_reference[reference_]
            parents.append(self._list([self._nums[link["StructParent"]]]))
            link["StructParent"] = gap(b"k%d" % number)
            link["Rect"] = _moved(link["Rect"], height)
        tops = [kid for kid in self._document["K"] if self._by_reference[kid]["Pg"] == page.reference]
        for item in filter(tags.is_element, members):
            self._move(item, page)
        return Slot(
            self._group(members),
            Pattern.of(self._list(tops)),
            Pattern.of(self._list(page.get("Annots", ()))),
            tuple(map(Pattern.of, parents)),
            tags.roles(members),
        )

    def _list(self, references: Iterable[bytes]) -> bytes:
        return b" ".join(self._gaps.get(kid, kid) for kid in references)

    def _move(self, element: Any, page: Any) -> None:
        """Put gaps where an element says where it is, and in what."""
        if element["P"] == self._document.reference:
            element["P"] = gap(b"u") + b" 0 R"
        element["K"] = pydyf.Array(_marks(element["K"], element["Pg"], page["Contents"]))
        if box := element.get("A", {}).get("BBox"):
            element["A"]["BBox"] = _moved(box, page["MediaBox"][3])

    def _refer(self, value: Any) -> None:
        """Put gaps in the place of all references. Raises UnpreparedError where one leads to what is not a slot's."""
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in list(items):
            if not isinstance(inner, bytes) or not _REFERENCE.fullmatch(inner):
                self._refer(inner)
            elif inner in self._gaps:
                value[key] = self._gaps[inner]
            else:
                raise UnpreparedError("a slot refers to what is no clinic's own")


def _moved(box: Sequence[float], height: float) -> pydyf.Array:
    """Return a box that moves with its slot, measured from the slot's upper left corner."""
    left, bottom, right, top = box
    return pydyf.Array(
        gap(b"%s:%.6f" % part) for part in ((b"x", left), (b"y", bottom - height), (b"x", right), (b"y", top - height))
    )


def _marks(kids: Iterable[Any], page: bytes, form: bytes) -> Iterator[Any]:
    for kid in kids:
        yield pydyf.Dictionary({"Type": "/MCR", "Pg": page, "Stm": form, "MCID": kid}) if isinstance(kid, int) else kid
