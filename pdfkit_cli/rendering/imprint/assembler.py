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

from pdfkit_cli.pdf.reader.content_stream import Box
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.imprint.byte_template import (
    PLACEHOLDER,
    ByteTemplate,
    placeholder,
    placeholder_reference,
    serialize_stream,
)
from pdfkit_cli.rendering.postprocess import structure_writer
from pdfkit_cli.rendering.verification.proof_cache import AREA_TOLERANCE, SlotArea
from pdfkit_cli.system.codec import storable

HEADER: Final = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_REFERENCE: Final = re.compile(rb"(\d+) 0 R")
_ENTRY: Final = 7
"""Bytes of an entry of the cross-reference: its kind, four bytes, two bytes."""

_COMPRESSION_LEVEL: Final = 5
"""How hard the little that each clinic changes is compressed: 6 takes half as long again, and saves 4 bytes of 1570."""


@storable
@dataclass(frozen=True, slots=True)
class SlotPlacement:
    """Where a body keeps room for a slot: its page or sheet, the element that holds it, and how far the slot moves, in points."""

    page: int
    parent: int
    x: float
    y: float


@storable
@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """A body, written as far as no clinic changes it.

    `head` is the beginning of the file, `entries` its part of the cross-reference for the objects up to `count`; `objects` and `texts` are the patterns of what a clinic changes,
    objects and streams, by their numbers. `key` is the next one of the parent tree.
    """

    head: bytes
    entries: bytes
    count: int
    objects: tuple[tuple[int, ByteTemplate], ...]
    texts: tuple[tuple[int, ByteTemplate], ...]
    places: tuple[SlotPlacement, ...]
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
class ObjectGroup:
    """Objects and streams that belong together, as patterns, numbered from 0."""

    objects: tuple[tuple[int, ByteTemplate], ...]
    texts: tuple[tuple[int, ByteTemplate, bytes], ...]
    count: int


@storable
@dataclass(frozen=True, slots=True)
class SlotFragment:
    """One slot of a clinic's matter, to be laid on a body once or more often: its form first, then its elements and links.

    `tops` are its outermost elements, `parents` what its marks and each of its links belong to.
    """

    own: ObjectGroup
    tops: ByteTemplate
    links: ByteTemplate
    parents: tuple[ByteTemplate, ...]
    roles: frozenset[str]


@storable
@dataclass(frozen=True, slots=True)
class ClinicFragment:
    """A clinic's own matter: what its slots share, fonts above all, and the slots."""

    shared: ObjectGroup
    slots: tuple[SlotFragment, ...]


@dataclass(frozen=True, slots=True)
class EditionValues:
    """What else is a clinic's own in a PDF: the short digest of its edition, its name as author, its metadata as XMP."""

    digest: str
    author: str
    described: bytes


class NotTemplatableError(Exception):
    """A body or matter has something that no plate can hold; it has to be rendered whole."""


def assemble(body_template: BodyTemplate, matter: ClinicFragment, slots: Sequence[int], own: EditionValues) -> bytes:
    """Put a PDF together: `slots` says which slot of the matter stands in each place. The same four give the same bytes."""
    parts = _PdfAssembly(body_template)
    shared = parts.numbered(b"o", matter.shared)
    shared[b"q"] = b"%d" % body_template.profile
    known = _PlaceholderValues(shared)
    known[b"author"] = pydyf.String(own.author).data
    known[b"creator"] = escape(own.author).encode()
    known[b"described"] = own.described
    known[b"digest"] = _encode_digest(body_template.digits, own.digest)
    parts.add(matter.shared, body_template.count, known)
    key, nums = body_template.key, []
    links: dict[int, list[bytes]] = {place.page: [] for place in body_template.places}
    for index, (place, number) in enumerate(zip(body_template.places, slots, strict=True)):
        slot, base = matter.slots[number], parts.count
        inner = _PlaceholderValues(shared | parts.numbered(b"s", slot.own), place)
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
    used = body_template.roles.union(*(matter.slots[number].roles for number in slots))
    known[b"roles"] = b"/RoleMap " + structure_writer.role_map(used).data if used else b""
    known |= {b"n": b" ".join(nums), b"next": b"%d" % key}
    return parts.file(known)


def slot_areas(body_template: BodyTemplate, matter: ClinicFragment, slots: Sequence[int]) -> tuple[SlotArea, ...]:
    """Return where the slots of an assembled PDF stand."""
    number = body_template.count + matter.shared.count
    found = []
    for place, slot, (page, box) in zip(body_template.places, slots, body_template.areas, strict=True):
        on_sheet = place.x, place.y - (box[3] - box[1]), place.x + box[2] - box[0], place.y
        found.append(SlotArea(page, box, on_sheet, number))
        number += matter.slots[slot].own.count
    return tuple(found)


def matches_template(body_template: BodyTemplate, pdf: bytes) -> bool:
    """Say whether a file begins with its body, byte for byte, and each object stands where the cross-reference has it."""
    end = pdf.rfind(b"startxref")
    start = int(pdf[end + 9 : -6])
    data = pdf.index(b"stream\n", start) + len(b"stream\n")
    entries = zlib.decompress(pdf[data : pdf.rindex(b"\r\nendstream", data, end)])
    wrong = [
        number
        for number in range(body_template.count, len(entries) // _ENTRY)
        if entries[(at := number * _ENTRY)] == 1
        and not pdf.startswith(b"%d 0 obj\n" % number, int.from_bytes(entries[at + 1 : at + 5], "big"))
    ]
    return pdf.startswith(body_template.head) and not wrong


def _encode_digest(digits: Mapping[str, bytes], digest: str) -> bytes:
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


class _PlaceholderValues(dict[bytes, bytes]):
    """What stands in each gap; where a slot's parts lie is reckoned when it is asked for."""

    def __init__(self, values: Mapping[bytes, bytes], place: SlotPlacement | None = None) -> None:
        super().__init__(values)
        if place:
            self |= {b"p": b"%d" % place.page, b"u": b"%d" % place.parent}
            self._moves = {b"x": place.x, b"y": place.y}

    def __missing__(self, key: bytes) -> bytes:
        axis, _, at = key.partition(b":")
        return weasyprint_seams.serialize(round(float(at) + self._moves[axis], 6))


class _PdfAssembly:
    """A file that grows: streams are written at once, other objects go into one object stream at the end."""

    def __init__(self, body_template: BodyTemplate) -> None:
        self._plate = body_template
        self._out = bytearray(body_template.head)
        self._inside: list[tuple[int, bytes]] = []
        self._streams: list[tuple[int, int]] = []
        self.count = body_template.count

    def numbered(self, name: bytes, group: ObjectGroup) -> dict[bytes, bytes]:
        """Give the objects of a group their numbers."""
        return {b"%s%d" % (name, index): b"%d" % (self.count + index) for index in range(group.count)}

    def add(self, group: ObjectGroup, base: int, known: Mapping[bytes, bytes]) -> None:
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
        body_template, out, holder = self._plate, self._out, self.count
        for number, pattern in body_template.texts:
            head, _, data = pattern.filled(known).partition(b"\n")
            self._stream(number, head[:-2] + b"/Length %d>>" % len(data), data)
        inside = [(number, pattern.filled(known)) for number, pattern in body_template.objects] + self._inside
        entries = bytearray(body_template.entries) + bytes(_ENTRY * (holder + 2 - body_template.count))
        for number, at in (*self._streams, (holder, len(out))):
            _add_xref_entry(entries, number, 1, at)
        for index, (number, _) in enumerate(inside):
            _add_xref_entry(entries, number, 2, holder, index)
        out += _object_stream(holder, inside, _COMPRESSION_LEVEL)
        _add_xref_entry(entries, holder + 1, 1, len(out))
        return bytes(out + self._end(holder + 1, entries))

    def _end(self, number: int, entries: bytearray) -> bytes:
        """Return the cross-reference, which is a stream, and the end of the file."""
        name = b"(%s)" % md5(self._out, usedforsecurity=False).hexdigest().encode()
        data = zlib.compress(entries, _COMPRESSION_LEVEL)
        head = b"<</Type /XRef/Index [0 %d]/W [1 4 2]/Size %d%s/ID [%s %s]/Filter /FlateDecode/Length %d>>" % (
            number + 1, number + 1, self._plate.trailer, name, name, len(data),
        )  # fmt: skip
        text = b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        return text % (number, head, data, len(self._out))


def _add_xref_entry(entries: bytearray, number: int, kind: int, where: int, index: int = 0) -> None:
    entries[number * _ENTRY : (number + 1) * _ENTRY] = b"%c%s%s" % (
        kind, where.to_bytes(4, "big"), index.to_bytes(2, "big"),
    )  # fmt: skip


def _object_stream(number: int, objects: Sequence[tuple[int, bytes]], level: int) -> bytes:
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


def compile_body(
    pdf: pydyf.PDF,
    areas: Sequence[tuple[int, Box]],
    rooms: Sequence[Any],
    digests: Sequence[Any],
    digits: Mapping[str, bytes],
    profile: int,
) -> BodyTemplate:
    """Write a body as far as no clinic changes it. `rooms` are the elements that keep room for slots, `digests` the forms of the digest.

    Raises UnpreparedError where a slot hangs nowhere in the structure tree.
    """
    pdf.add_object(pdf.info)
    by_reference = {item.reference: item for item in pdf.objects}
    root = by_reference[pdf.catalog["StructTreeRoot"]]
    key = root["ParentTreeNextKey"]
    places = tuple(_slot_placement(room, by_reference) for room in rooms)
    _externalize_parent_tree(pdf, by_reference[root["ParentTree"]])
    for number in sorted({place.page for place in places}):
        page = by_reference[b"%d 0 R" % number]
        page["Annots"] = pydyf.Array([*page.get("Annots", ()), placeholder(b"a%d" % number)])
    for index, room in enumerate(rooms):
        kids = by_reference[room["P"]]["K"]
        kids[kids.index(room.reference)] = placeholder(b"t%d" % index)
        room.clear()
    root["ParentTreeNextKey"] = placeholder(b"next") + placeholder(b"roles")
    root.pop("RoleMap", None)
    own = {by_reference[pdf.catalog["Metadata"]].number, *(form.number for form in digests)}
    out, entries = bytearray(HEADER), bytearray(_ENTRY * (len(pdf.objects) + 1))
    objects, texts, inside = [], [], []
    for item in pdf.objects[1:]:
        if item.number in own:
            texts.append((item.number, ByteTemplate.of(_uncompressed_stream(item))))
        elif isinstance(item, pydyf.Stream):
            _add_xref_entry(entries, item.number, 1, len(out))
            out += b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\n" % (item.number, *serialize_stream(item))
        elif PLACEHOLDER in (data := item.data):
            objects.append((item.number, ByteTemplate.of(data)))
        else:
            inside.append((item.number, data))
    holder = len(pdf.objects)
    _add_xref_entry(entries, 0, 0, 0, 0xFFFF)
    _add_xref_entry(entries, holder, 1, len(out))
    for index, (number, _) in enumerate(inside):
        _add_xref_entry(entries, number, 2, holder, index)
    out += _object_stream(holder, inside, 9)
    trailer = b"/Root %s/Info %s" % (pdf.catalog.reference, pdf.info.reference)
    return BodyTemplate(
        bytes(out), bytes(entries), holder + 1, tuple(objects), tuple(texts), places, key, profile, trailer, digits,
        structure_writer.custom_roles(pdf.objects), tuple(areas),
    )  # fmt: skip


def _slot_placement(room: Any, by_reference: Mapping[bytes, Any]) -> SlotPlacement:
    left, _, _, top = room["A"]["BBox"]
    page, parent = (int(room[name].split()[0]) for name in ("Pg", "P"))
    if room.reference not in by_reference[room["P"]]["K"]:
        raise NotTemplatableError("a slot stands nowhere in the text")
    return SlotPlacement(page, parent, left, top)


def _externalize_parent_tree(pdf: pydyf.PDF, tree: Any) -> None:
    """Make the arrays of the parent tree objects of their own, which stay as they are when it grows."""
    nums = tree["Nums"]
    for at in range(1, len(nums), 2):
        if isinstance(nums[at], list):
            array = pydyf.Array(nums[at])
            pdf.add_object(array)
            nums[at] = array.reference
    nums.append(placeholder(b"n"))


def _uncompressed_stream(stream: Any) -> bytes:
    """Return a stream that a clinic changes: its dictionary, without a length, and its data, not compressed."""
    extra: bytes = pydyf.Dictionary(stream.extra).data
    return extra + b"\n" + weasyprint_seams.stream_data(stream)


# A clinic's slots become matter


def compile_fragment(pdf: pydyf.PDF, heights: Sequence[float]) -> ClinicFragment:
    """Take the slots of a clinic, one a page, out of a PDF whose tags are mended; `heights` are theirs in points.

    Raises UnpreparedError for what only the whole PDF has: bookmarks, IDs.
    """
    return _FragmentCompiler(pdf, heights).matter()


class _FragmentCompiler:
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
        if "Outlines" in pdf.catalog or any("ID" in item for item in pdf.objects if structure_writer.is_element(item)):
            raise NotTemplatableError("a slot has a heading or a table in it")

    def matter(self) -> ClinicFragment:
        groups = [self._members(page) for page in self._pages]
        left_out = {0, *(item.number for item in self._rest), *(item.number for group in groups for item in group)}
        shared = [item for item in self._pdf.objects if item.number not in left_out and self._is_used(item)]
        self._gaps = {item.reference: placeholder_reference(b"o%d" % index) for index, item in enumerate(shared)}
        self._gaps[self._profile.reference] = placeholder_reference(b"q")
        for page, members in zip(self._pages, groups, strict=True):
            self._gaps[page.reference] = placeholder_reference(b"p")
            self._gaps |= {item.reference: placeholder_reference(b"s%d" % index) for index, item in enumerate(members)}
        slots = tuple(map(self._slot, self._pages, groups, self._heights))
        return ClinicFragment(self._group(shared), slots)

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

    def _group(self, items: Sequence[Any]) -> ObjectGroup:
        objects, texts = [], []
        for index, item in enumerate(items):
            if isinstance(item, pydyf.Stream):
                self._refer(item.extra)
                head, data = serialize_stream(item)
                texts.append((index, ByteTemplate.of(head), data))
            else:
                self._refer(item)
                objects.append((index, ByteTemplate.of(item.data)))
        return ObjectGroup(tuple(objects), tuple(texts), len(items))

    def _slot(self, page: Any, members: Sequence[Any], tall: float) -> SlotFragment:
        """Turn a page into a form, and say what of it hangs where."""
        form = self._by_reference[page["Contents"]]
        width, height = page["MediaBox"][2:]
        box = [-AREA_TOLERANCE, height - tall - AREA_TOLERANCE, width + AREA_TOLERANCE, height + AREA_TOLERANCE]
        form.extra |= {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(box), "Resources": page["Resources"]}
        form.extra["StructParents"] = placeholder(b"k0")
        parents = [b"[%s]" % self._list(self._nums[page["StructParents"]])]
        for number, reference_ in enumerate(page.get("Annots", ()), start=1):
            link = self._by_reference[reference_]
            parents.append(self._list([self._nums[link["StructParent"]]]))
            link["StructParent"] = placeholder(b"k%d" % number)
            link["Rect"] = _relative_box(link["Rect"], height)
        tops = [kid for kid in self._document["K"] if self._by_reference[kid]["Pg"] == page.reference]
        for item in filter(structure_writer.is_element, members):
            self._move(item, page)
        return SlotFragment(
            self._group(members),
            ByteTemplate.of(self._list(tops)),
            ByteTemplate.of(self._list(page.get("Annots", ()))),
            tuple(map(ByteTemplate.of, parents)),
            structure_writer.custom_roles(members),
        )

    def _list(self, references: Iterable[bytes]) -> bytes:
        return b" ".join(self._gaps.get(kid, kid) for kid in references)

    def _move(self, element: Any, page: Any) -> None:
        """Put gaps where an element says where it is, and in what."""
        if element["P"] == self._document.reference:
            element["P"] = placeholder(b"u") + b" 0 R"
        element["K"] = pydyf.Array(_marks(element["K"], element["Pg"], page["Contents"]))
        if box := element.get("A", {}).get("BBox"):
            element["A"]["BBox"] = _relative_box(box, page["MediaBox"][3])

    def _refer(self, value: Any) -> None:
        """Put gaps in the place of all references. Raises UnpreparedError where one leads to what is not a slot's."""
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in list(items):
            if not isinstance(inner, bytes) or not _REFERENCE.fullmatch(inner):
                self._refer(inner)
            elif inner in self._gaps:
                value[key] = self._gaps[inner]
            else:
                raise NotTemplatableError("a slot refers to what is no clinic's own")


def _relative_box(box: Sequence[float], height: float) -> pydyf.Array:
    """Return a box that moves with its slot, measured from the slot's upper left corner."""
    left, bottom, right, top = box
    return pydyf.Array(
        placeholder(b"%s:%.6f" % part)
        for part in ((b"x", left), (b"y", bottom - height), (b"x", right), (b"y", top - height))
    )


def _marks(kids: Iterable[Any], page: bytes, form: bytes) -> Iterator[Any]:
    for kid in kids:
        yield pydyf.Dictionary({"Type": "/MCR", "Pg": page, "Stm": form, "MCID": kid}) if isinstance(kid, int) else kid
