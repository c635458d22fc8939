"""Templates of bodies and of clinics' slots, and PDFs assembled from the two without parsing either (ISO 32000-1, 7.5.7 and 7.5.8).

Templates are compiled from the pydyf objects of a PDF that WeasyPrint is about to write (WeasyPrint 70, pydyf 0.13).
Content that is the same for all clinics is written once: streams compressed, all other objects in one object stream,
with their entries of the cross-reference.
Content that depends on the clinic is a `ByteTemplate`, whose gaps are described at `Gap` and, with an example, in docs/imprint.md.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5
from struct import Struct
from typing import Any, Final
from xml.sax.saxutils import escape

import pydyf

from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.imprint.byte_template import (
    PLACEHOLDER_START,
    ByteTemplate,
    Gap,
    numbered_gaps,
    placeholder,
    placeholder_reference,
    serialize_stream,
)
from pdfkit_cli.rendering.imprint.digest_text import DigestEncoding
from pdfkit_cli.rendering.postprocess import structure_writer
from pdfkit_cli.rendering.postprocess.pydyf_objects import (
    object_number,
    page_dictionaries,
    parent_tree_numbers,
    resolve,
)
from pdfkit_cli.rendering.verification.proof_cache import AREA_TOLERANCE, SlotArea
from pdfkit_cli.system.codec import storable

HEADER: Final = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_REFERENCE: Final = re.compile(rb"(\d+) 0 R")
_ENTRY: Final = Struct(">BIH")
"""The fields of a cross-reference entry: its kind, four bytes, two bytes."""

_COMPRESSION_LEVEL: Final = 5
"""Compression level of the small part that differs between clinics: level 6 takes half as long again, and saves 4 bytes of 1570."""


@dataclass(frozen=True, slots=True)
class SlotRoom:
    """Room for a slot in a body: its structure element, its page from 1, and its box there in points, before pages become sheets."""

    element: Any
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class PreparedBody:
    """A body with forms drawn in its rooms: `digests` are the forms of the short digest, `profile` the object number of the colour profile."""

    rooms: tuple[SlotRoom, ...]
    digests: tuple[Any, ...]
    digest_encoding: DigestEncoding
    profile: int


@storable
@dataclass(frozen=True, slots=True)
class SlotPlacement:
    """Where a slot goes in the finished body: object numbers of the page or sheet and of the parent element, and its
    upper left corner in points.
    """

    page: int
    parent: int
    x: float
    y: float


@storable
@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """A body, serialized except for the parts that depend on the clinic.

    `head` is the beginning of the file, and `entries` its part of the cross-reference, for the objects up to `count`.
    `objects` and `streams` are those that depend on the clinic, by object number.
    `next_key` is the next key of the parent tree, `roles` are custom structure types, and `areas` the slots' pages from
    1 and boxes before pages become sheets.
    """

    head: bytes
    entries: bytes
    count: int
    objects: tuple[tuple[int, ByteTemplate], ...]
    streams: tuple[tuple[int, ByteTemplate], ...]
    placements: tuple[SlotPlacement, ...]
    next_key: int
    profile: int
    trailer: bytes
    digest_encoding: DigestEncoding
    roles: frozenset[str]
    areas: tuple[tuple[int, Box], ...]


@storable
@dataclass(frozen=True, slots=True)
class ObjectGroup:
    """Objects and streams that belong together, numbered from 0; a stream is the template of its dictionary, and its data."""

    objects: tuple[tuple[int, ByteTemplate], ...]
    streams: tuple[tuple[int, ByteTemplate, bytes], ...]
    count: int


@storable
@dataclass(frozen=True, slots=True)
class SlotFragment:
    """One slot of a clinic, to be placed in a body once or more often: its form first, then its structure elements and links.

    `elements` refers to its outermost structure elements, `links` to its links.
    `parents` are the values in the parent tree for its content and for each of its links.
    """

    own: ObjectGroup
    elements: ByteTemplate
    links: ByteTemplate
    parents: tuple[ByteTemplate, ...]
    roles: frozenset[str]


@storable
@dataclass(frozen=True, slots=True)
class ClinicFragment:
    """A clinic's slots, and the objects that they share, such as fonts."""

    shared: ObjectGroup
    slots: tuple[SlotFragment, ...]


@dataclass(frozen=True, slots=True)
class EditionValues:
    """The other values that depend on the clinic: the short digest of its edition, its name as author, the XMP description."""

    digest: str
    author: str
    xmp: bytes


class NotTemplatableError(Exception):
    """A body or slot contains something that templates do not support; the page must be rendered without a shared body."""


def assemble(body: BodyTemplate, fragment: ClinicFragment, slots: Sequence[int], own: EditionValues) -> bytes:
    """Assemble a PDF: `slots` tells which slot of the fragment goes in each placement.

    The same arguments give the same bytes.
    """
    parts = _PdfAssembly(body)
    shared = parts.object_numbers(Gap.SHARED, fragment.shared)
    shared[Gap.PROFILE] = b"%d" % body.profile
    values = {
        **shared,
        Gap.AUTHOR: pydyf.String(own.author).data,
        Gap.CREATOR: escape(own.author).encode(),
        Gap.XMP: own.xmp,
        Gap.DIGEST: body.digest_encoding.encode(own.digest),
    }
    parts.add(fragment.shared, body.count, values)
    key, parent_tree = body.next_key, []
    links: dict[int, list[bytes]] = {placement.page: [] for placement in body.placements}
    for index, (placement, number) in enumerate(zip(body.placements, slots, strict=True)):
        slot, base = fragment.slots[number], parts.count
        inner = _PlacedValues(shared | parts.object_numbers(Gap.OWN, slot.own), placement)
        for at, parent in enumerate(slot.parents):
            inner[Gap.KEY.at(at)] = b"%d" % key
            parent_tree.append(b"%d %s" % (key, parent.filled(inner)))
            key += 1
        values[Gap.FORM.at(index)] = b"%d" % base
        values[Gap.ELEMENTS.at(index)] = slot.elements.filled(inner)
        if slot.links.gaps:
            links[placement.page].append(slot.links.filled(inner))
        parts.add(slot.own, base, inner)
    values |= {Gap.LINKS.at(page): b" ".join(some) for page, some in links.items()}
    roles = body.roles.union(*(fragment.slots[number].roles for number in slots))
    values[Gap.ROLE_MAP] = b"/RoleMap " + structure_writer.role_map(roles).data if roles else b""
    values |= {Gap.PARENT_TREE: b" ".join(parent_tree), Gap.NEXT_KEY: b"%d" % key}
    return parts.file(values)


def slot_areas(body: BodyTemplate, fragment: ClinicFragment, slots: Sequence[int]) -> tuple[SlotArea, ...]:
    """Return where the slots of an assembled PDF are."""
    number = body.count + fragment.shared.count
    found = []
    for placement, slot, (page, box) in zip(body.placements, slots, body.areas, strict=True):
        left, top = placement.x, placement.y
        on_sheet = left, top - (box[3] - box[1]), left + box[2] - box[0], top
        found.append(SlotArea(page, box, on_sheet, number))
        number += fragment.slots[slot].own.count
    return tuple(found)


def matches_template(body: BodyTemplate, pdf: bytes) -> bool:
    """Return whether a file begins with its body, byte for byte, and each further object is where the cross-reference has it."""
    end = pdf.rfind(b"startxref")
    start = int(pdf[end + 9 : -6])
    data = pdf.index(b"stream\n", start) + len(b"stream\n")
    entries = zlib.decompress(pdf[data : pdf.rindex(b"\r\nendstream", data, end)])
    misplaced = [
        number
        for number, (kind, where, _) in enumerate(_ENTRY.iter_unpack(entries[body.count * _ENTRY.size :]), body.count)
        if kind == 1 and not pdf.startswith(b"%d 0 obj\n" % number, where)
    ]
    return pdf.startswith(body.head) and not misplaced


@lru_cache(1 << 12)
def _offset(name: bytes) -> tuple[bytes, float]:
    """Return the axis and the offset of a gap for a position: a clinic's slot is placed in many bodies."""
    axis, _, offset = name.partition(b":")
    return axis, float(offset)


class _PlacedValues(dict[bytes, bytes]):
    """The values of a placed slot's gaps; positions are calculated when they are asked for."""

    def __init__(self, values: Mapping[bytes, bytes], placement: SlotPlacement) -> None:
        super().__init__(values)
        self |= {Gap.PAGE: b"%d" % placement.page, Gap.PARENT: b"%d" % placement.parent}
        self._origin = {b"x": placement.x, b"y": placement.y}

    def __missing__(self, name: bytes) -> bytes:
        axis, offset = _offset(name)
        return weasyprint_seams.serialize(round(offset + self._origin[axis], 6))


class _PdfAssembly:
    """A file that grows: streams are written at once, other objects go into one object stream at the end."""

    def __init__(self, body: BodyTemplate) -> None:
        self._body = body
        self._out = bytearray(body.head)
        self._in_object_stream: list[tuple[int, bytes]] = []
        self._offsets: list[tuple[int, int]] = []
        self.count = body.count

    def object_numbers(self, gap: Gap, group: ObjectGroup) -> dict[bytes, bytes]:
        """Return the numbers that the objects of a group get if it is added next."""
        numbers = map(b"%d".__mod__, range(self.count, self.count + group.count))
        return dict(zip(numbered_gaps(gap, group.count), numbers, strict=True))

    def add(self, group: ObjectGroup, base: int, values: Mapping[bytes, bytes]) -> None:
        """Write a group whose numbers begin at `base`."""
        for index, dictionary, data in group.streams:
            self._stream(base + index, dictionary.filled(values), data)
        self._in_object_stream += [(base + index, template.filled(values)) for index, template in group.objects]
        self.count = base + group.count

    def _stream(self, number: int, dictionary: bytes, data: bytes) -> None:
        self._offsets.append((number, len(self._out)))
        self._out += _stream_object(number, dictionary, data)

    def file(self, values: Mapping[bytes, bytes]) -> bytes:
        """Write the rest of the body and the cross-reference, and return the file."""
        body, out, holder = self._body, self._out, self.count
        for number, template in body.streams:
            dictionary, _, data = template.filled(values).partition(b"\n")
            self._stream(number, dictionary[:-2] + b"/Length %d>>" % len(data), data)
        objects = [(number, template.filled(values)) for number, template in body.objects] + self._in_object_stream
        entries = bytearray(body.entries) + bytes(_ENTRY.size * (holder + 2 - body.count))
        for number, offset in (*self._offsets, (holder, len(out))):
            _write_entry(entries, number, 1, offset)
        for index, (number, _) in enumerate(objects):
            _write_entry(entries, number, 2, holder, index)
        out += _object_stream(holder, objects, _COMPRESSION_LEVEL)
        _write_entry(entries, holder + 1, 1, len(out))
        return bytes(out + self._cross_reference(holder + 1, entries))

    def _cross_reference(self, number: int, entries: bytearray) -> bytes:
        """Return the cross-reference, which is a stream, and the end of the file."""
        file_id = b"(%s)" % md5(self._out, usedforsecurity=False).hexdigest().encode()
        data = zlib.compress(entries, _COMPRESSION_LEVEL)
        dictionary = b"<</Type /XRef/Index [0 %d]/W [1 4 2]/Size %d%s/ID [%s %s]/Filter /FlateDecode/Length %d>>" % (
            number + 1, number + 1, self._body.trailer, file_id, file_id, len(data),
        )  # fmt: skip
        return _stream_object(number, dictionary, data) + b"startxref\n%d\n%%%%EOF\n" % len(self._out)


def _stream_object(number: int, dictionary: bytes, data: bytes) -> bytes:
    return b"%d 0 obj\n%s\nstream\n%s\r\nendstream\nendobj\n" % (number, dictionary, data)


def _write_entry(entries: bytearray, number: int, kind: int, where: int, index: int = 0) -> None:
    _ENTRY.pack_into(entries, number * _ENTRY.size, kind, where, index)


def _object_stream(number: int, objects: Sequence[tuple[int, bytes]], level: int) -> bytes:
    """Return an object stream that holds objects by their numbers."""
    offsets, at = [], 0
    for own, data in objects:
        offsets.append(b"%d %d" % (own, at))
        at += len(data) + 1
    first = b" ".join(offsets)
    data = zlib.compress(b"\n".join((first, *(data for _, data in objects))), level)
    dictionary = b"<</Type /ObjStm/N %d/First %d/Filter /FlateDecode/Length %d>>"
    return _stream_object(number, dictionary % (len(objects), len(first) + 1, len(data)), data)


# Compiling a body


def compile_body(pdf: pydyf.PDF, prepared: PreparedBody) -> BodyTemplate:
    """Return the template of a body whose document properties have been written.

    Raises NotTemplatableError if a room is in no other element.
    """
    pdf.add_object(pdf.info)
    placements = tuple(_placement(pdf, room) for room in prepared.rooms)
    root = resolve(pdf, pdf.catalog["StructTreeRoot"])
    next_key = root["ParentTreeNextKey"]
    _put_gaps_in_body(pdf, root, prepared, placements)
    changing = {object_number(pdf.catalog["Metadata"]), *(form.number for form in prepared.digests)}
    out, entries = bytearray(HEADER), bytearray(_ENTRY.size * (len(pdf.objects) + 1))
    objects, streams, in_object_stream = [], [], []
    for item in pdf.objects[1:]:
        if item.number in changing:
            streams.append((item.number, ByteTemplate.of(_uncompressed_stream(item))))
        elif isinstance(item, pydyf.Stream):
            _write_entry(entries, item.number, 1, len(out))
            out += _stream_object(item.number, *serialize_stream(item))
        elif PLACEHOLDER_START in (data := item.data):
            objects.append((item.number, ByteTemplate.of(data)))
        else:
            in_object_stream.append((item.number, data))
    holder = len(pdf.objects)
    _write_entry(entries, 0, 0, 0, 0xFFFF)
    _write_entry(entries, holder, 1, len(out))
    for index, (number, _) in enumerate(in_object_stream):
        _write_entry(entries, number, 2, holder, index)
    out += _object_stream(holder, in_object_stream, 9)
    return BodyTemplate(
        head=bytes(out),
        entries=bytes(entries),
        count=holder + 1,
        objects=tuple(objects),
        streams=tuple(streams),
        placements=placements,
        next_key=next_key,
        profile=prepared.profile,
        trailer=b"/Root %s/Info %s" % (pdf.catalog.reference, pdf.info.reference),
        digest_encoding=prepared.digest_encoding,
        roles=structure_writer.custom_roles(pdf.objects),
        areas=tuple((room.page, room.box) for room in prepared.rooms),
    )


def _placement(pdf: pydyf.PDF, room: SlotRoom) -> SlotPlacement:
    """Return where a slot goes, now that pages may have become sheets."""
    element = room.element
    left, _, _, top = element["A"]["BBox"]
    if element.reference not in resolve(pdf, element["P"])["K"]:
        raise NotTemplatableError("the room for a slot is in no other element")
    return SlotPlacement(object_number(element["Pg"]), object_number(element["P"]), left, top)


def _put_gaps_in_body(pdf: pydyf.PDF, root: Any, prepared: PreparedBody, placements: tuple[SlotPlacement, ...]) -> None:
    """Put gaps in the parent tree, the pages' links, the elements around rooms, and the root of the structure tree."""
    numbers = parent_tree_numbers(pdf)
    for at in range(1, len(numbers), 2):
        if isinstance(numbers[at], list):  # an object of its own, which stays as it is when the tree grows
            array = pydyf.Array(numbers[at])
            pdf.add_object(array)
            numbers[at] = array.reference
    numbers.append(placeholder(Gap.PARENT_TREE))
    for number in sorted({placement.page for placement in placements}):
        page = pdf.objects[number]
        page["Annots"] = pydyf.Array([*page.get("Annots", ()), placeholder(Gap.LINKS.at(number))])
    for index, room in enumerate(prepared.rooms):
        kids = resolve(pdf, room.element["P"])["K"]
        kids[kids.index(room.element.reference)] = placeholder(Gap.ELEMENTS.at(index))
        room.element.clear()
    root["ParentTreeNextKey"] = placeholder(Gap.NEXT_KEY) + placeholder(Gap.ROLE_MAP)
    root.pop("RoleMap", None)


def _uncompressed_stream(stream: Any) -> bytes:
    """Return the parts of a stream that depends on the clinic: its dictionary without a length, and its uncompressed data."""
    dictionary: bytes = pydyf.Dictionary(stream.extra).data
    return dictionary + b"\n" + weasyprint_seams.stream_data(stream)


# Compiling a clinic's slots


def compile_fragment(pdf: pydyf.PDF, heights: Sequence[float]) -> ClinicFragment:
    """Return the templates of a clinic's slots, one for each page of a PDF whose tags have been repaired.

    `heights` are those of the slots in points.

    Raises NotTemplatableError for objects that belong to the complete PDF: bookmarks, IDs of structure elements.
    """
    return _FragmentCompiler(pdf, heights).compile()


class _FragmentCompiler:
    def __init__(self, pdf: pydyf.PDF, heights: Sequence[float]) -> None:
        self._pdf, self._heights = pdf, heights
        root = resolve(pdf, pdf.catalog["StructTreeRoot"])
        numbers = parent_tree_numbers(pdf)
        self._parents = dict(zip(numbers[::2], numbers[1::2], strict=True))
        self._document = resolve(pdf, root["K"][0])
        self._pages = page_dictionaries(pdf)
        self._profile = resolve(pdf, pdf.catalog["OutputIntents"][0]["DestOutputProfile"])
        tree, metadata = resolve(pdf, root["ParentTree"]), resolve(pdf, pdf.catalog["Metadata"])
        self._of_complete_pdf = [
            root, tree, self._document, pdf.catalog, pdf.pages, self._profile, metadata, *self._pages,
        ]  # fmt: skip
        self._gaps: dict[bytes, bytes] = {}
        """The placeholders that replace references."""

    def compile(self) -> ClinicFragment:
        elements = filter(structure_writer.is_element, self._pdf.objects)
        if "Outlines" in self._pdf.catalog or any("ID" in element for element in elements):
            raise NotTemplatableError("a slot has a heading or a table in it")
        groups = [self._objects_of_slot(page) for page in self._pages]
        others = (*self._of_complete_pdf, *(item for group in groups for item in group))
        left_out = {0, *(item.number for item in others)}
        shared = [item for item in self._pdf.objects if item.number not in left_out and self._is_used(item)]
        self._gaps |= {item.reference: placeholder_reference(Gap.SHARED.at(at)) for at, item in enumerate(shared)}
        self._gaps[self._profile.reference] = placeholder_reference(Gap.PROFILE)
        for page, group in zip(self._pages, groups, strict=True):
            self._gaps[page.reference] = placeholder_reference(Gap.PAGE)
            self._gaps |= {item.reference: placeholder_reference(Gap.OWN.at(at)) for at, item in enumerate(group)}
        slots = tuple(map(self._slot, self._pages, groups, self._heights))
        return ClinicFragment(self._group(shared), slots)

    def _is_used(self, item: Any) -> bool:
        """Return whether anything refers to an object.

        Unused objects are empty ones, and the colour spaces, which a PDF for a press does not have.
        """
        spaces = resolve(self._pdf, self._pages[0]["Resources"])["ColorSpace"]
        return bool(item) or isinstance(item, pydyf.Stream) or item.reference == spaces

    def _objects_of_slot(self, page: Any) -> list[Any]:
        """Return the objects of one slot: its form, its structure elements, its links and their places in the structure tree."""
        links = set(page.get("Annots", ()))
        others = (
            item
            for item in self._pdf.objects
            if item.reference in links or (isinstance(item, pydyf.Dictionary) and item.get("Pg") == page.reference)
        )
        return [resolve(self._pdf, page["Contents"]), *others]

    def _group(self, items: Sequence[Any]) -> ObjectGroup:
        objects, streams = [], []
        for index, item in enumerate(items):
            if isinstance(item, pydyf.Stream):
                self._put_gaps(item.extra)
                dictionary, data = serialize_stream(item)
                streams.append((index, ByteTemplate.of(dictionary), data))
            else:
                self._put_gaps(item)
                objects.append((index, ByteTemplate.of(item.data)))
        return ObjectGroup(tuple(objects), tuple(streams), len(items))

    def _slot(self, page: Any, objects: Sequence[Any], tall: float) -> SlotFragment:
        """Turn a page into a form, with gaps for its place in a body."""
        form = resolve(self._pdf, page["Contents"])
        width, height = page["MediaBox"][2:]
        box = [-AREA_TOLERANCE, height - tall - AREA_TOLERANCE, width + AREA_TOLERANCE, height + AREA_TOLERANCE]
        form.extra |= {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(box), "Resources": page["Resources"]}
        form.extra["StructParents"] = placeholder(Gap.KEY.at(0))
        parents = [b"[%s]" % self._references(self._parents[page["StructParents"]])]
        for number, reference in enumerate(page.get("Annots", ()), start=1):
            link = resolve(self._pdf, reference)
            parents.append(self._references([self._parents[link["StructParent"]]]))
            link["StructParent"] = placeholder(Gap.KEY.at(number))
            link["Rect"] = _relative_box(link["Rect"], height)
        outermost = [kid for kid in self._document["K"] if resolve(self._pdf, kid)["Pg"] == page.reference]
        for element in filter(structure_writer.is_element, objects):
            self._put_gaps_in_element(element, page)
        return SlotFragment(
            self._group(objects),
            ByteTemplate.of(self._references(outermost)),
            ByteTemplate.of(self._references(page.get("Annots", ()))),
            tuple(map(ByteTemplate.of, parents)),
            structure_writer.custom_roles(objects),
        )

    def _references(self, references: Iterable[bytes]) -> bytes:
        return b" ".join(self._gaps.get(reference, reference) for reference in references)

    def _put_gaps_in_element(self, element: Any, page: Any) -> None:
        """Put gaps for the parent of an element, its marks and its box."""
        if element["P"] == self._document.reference:
            element["P"] = placeholder_reference(Gap.PARENT)
        element["K"] = pydyf.Array(_marks(element["K"], element["Pg"], page["Contents"]))
        if box := element.get("A", {}).get("BBox"):
            element["A"]["BBox"] = _relative_box(box, page["MediaBox"][3])

    def _put_gaps(self, value: Any) -> None:
        """Put gaps in place of all references. Raises NotTemplatableError if one leads to an object outside the slot."""
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in list(items):
            if not isinstance(inner, bytes) or not _REFERENCE.fullmatch(inner):
                self._put_gaps(inner)
            elif inner in self._gaps:
                value[key] = self._gaps[inner]
            else:
                raise NotTemplatableError("a slot refers to something outside it")


def _relative_box(box: Sequence[float], height: float) -> pydyf.Array:
    """Return a box that moves with its slot, measured from the slot's upper left corner."""
    left, bottom, right, top = box
    parts = ((Gap.X, left), (Gap.Y, bottom - height), (Gap.X, right), (Gap.Y, top - height))
    return pydyf.Array(placeholder(b"%s%.6f" % part) for part in parts)


def _marks(kids: Iterable[Any], page: bytes, form: bytes) -> Iterator[Any]:
    """Yield the kids of an element, with marked content as references into a form."""
    for kid in kids:
        yield pydyf.Dictionary({"Type": "/MCR", "Pg": page, "Stm": form, "MCID": kid}) if isinstance(kid, int) else kid
