"""Reuse of proofs: a PDF whose parts have all been read back in other PDFs need not be read again.

An imprint is a body, byte for byte, with a clinic's slots placed in it.
A body is read with the first clinic that uses it; a slot is read with the first body that it is placed in, once for each background.
Both proofs remain valid together as long as a slot keeps to its own area, in which the body has no text and one
background colour, and which is inside the margins and outside the zones that the format keeps free.
Otherwise the imprint is read for each clinic. The expected content is counted for each imprint.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from pdfkit_cli.pdf.geometry import Box, intersect
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, Colour
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering.verification import legibility
from pdfkit_cli.rendering.verification.completeness import CompletenessReport, painted_images
from pdfkit_cli.rendering.verification.expected_item import PICTURES, ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.legibility import Margins
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning
from pdfkit_cli.rendering.verification.typographic_warnings import NEAR_EMPTY, describe_fill
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.codec import storable
from pdfkit_cli.system.disk_cache import DiskCache

SAMPLE_INTERVAL: Final = 64
"""One imprint in this many, chosen by its bytes, is read although its parts are proven."""

CACHE_SIZE: Final = 2000
"""Bodies that are remembered, and clinics' fragments, a few kB each."""

AREA_TOLERANCE: Final = 3.0
"""Points around a slot that its form may paint, because overhanging letters are not clipped: nothing else may be there."""


storable(ExpectedItem)


@storable
@dataclass(frozen=True, slots=True)
class SlotArea:
    """Where a slot is: its page from 1 and its box there, and its box on the sheet, in points; `form` is the object number of its stream."""

    page: int
    box: Box
    on_sheet: Box
    form: int


@dataclass(frozen=True, slots=True)
class ImprintParts:
    """What a PDF was assembled from: the keys of body and fragment, the slot in each area, the short digest."""

    body: str
    fragment: str
    slots: tuple[int, ...]
    areas: tuple[SlotArea, ...]
    digest: str


@storable
@dataclass(frozen=True, slots=True)
class UniformBackground:
    """A slot's area has one colour, or a pattern (None), as it may have in other bodies."""

    colour: Colour | None


@storable
@dataclass(frozen=True, slots=True)
class UniqueBackground:
    """A slot's area has several colours, or other content is near: a proof holds only for this area of this body."""

    body: str
    page: int
    box: Box


Background: TypeAlias = UniformBackground | UniqueBackground


@storable
@dataclass(frozen=True, slots=True)
class _ProvenBody:
    """A body that has been read: the expected items that it shows itself, the backgrounds of its slots, its warnings,
    its last page, and the lowest line there.
    """

    shown: frozenset[ExpectedItem]
    count: int
    backgrounds: tuple[Background, ...]
    remarks: tuple[TypographicWarning, ...]
    last: PageContent
    low: float


@storable
@dataclass(frozen=True, slots=True)
class _ProvenSlot:
    """A slot that has been read: the texts and images that it shows, and how far its last line is below its upper edge, in points."""

    words: Counter[str]
    pictures: Counter[str]
    low: float


_SlotKey: TypeAlias = tuple[int, Background]
"""The number of a slot in its fragment, and its background."""


class ProofCache:
    """Proofs made in this process, and in others that use the same disk cache."""

    def __init__(self, store: DiskCache) -> None:
        self._store = store
        self._bodies = BoundedCache[str, _ProvenBody](CACHE_SIZE)
        self._slots = BoundedCache[str, dict[_SlotKey, _ProvenSlot]](CACHE_SIZE)

    def lookup(
        self, imprint: ImprintParts, expected: Sequence[ExpectedItem], pdf: bytes, nearly_empty: float
    ) -> tuple[tuple[TypographicWarning, ...], float] | None:
        """Return the warnings of an imprint and how far its last page is filled, or None if it has to be read."""
        body = self._body(imprint.body)
        if body is None or _is_sampled(pdf):
            return None
        slots = [
            self._slot(imprint.fragment, (slot, background))
            for slot, background in zip(imprint.slots, body.backgrounds, strict=True)
        ]
        known = [slot for slot in slots if slot]
        if len(known) < len(slots) or not _covers_expected(body, known, expected, imprint.digest):
            return None
        lows = (
            area.box[3] - slot.low
            for area, slot in zip(imprint.areas, known, strict=True)
            if area.page == body.last.number
        )
        filled = (body.last.box[3] - min(body.low, *lows, body.last.box[3])) / (body.last.box[3] - body.last.box[1])
        noted = any(remark.code == NEAR_EMPTY for remark in body.remarks)
        if (body.last.number > 1 and filled < nearly_empty) != noted:
            return None
        described = describe_fill(filled)
        remarks = (replace(one, words=described) if one.code == NEAR_EMPTY else one for one in body.remarks)
        return tuple(remarks), filled

    def keeps_zones_free(self, imprint: ImprintParts, pdf: bytes, zones: Sequence[Box]) -> bool:
        """Return whether an imprint has no ink in the zones, because its body has none and its slots are elsewhere."""
        slots = (_expanded_box(area.on_sheet) for area in imprint.areas)
        near = any(_touch(box, slot) for slot in slots for box in zones)
        return not near and not _is_sampled(pdf) and self._body(imprint.body) is not None

    def record(
        self, imprint: ImprintParts, reading: PdfContent, proof: CompletenessReport, expected: Sequence[ExpectedItem], remarks: tuple[TypographicWarning, ...],
        margins: Margins, zones: Sequence[Box],
    ) -> None:  # fmt: skip
        """Remember what an imprint that was read shows of its body and its slots. It must be free of errors."""
        forms = {area.form for area in imprint.areas}
        backgrounds = tuple(_background(area, imprint.body, reading, forms, margins, zones) for area in imprint.areas)
        slots = [_proven_slot(area, reading, proof) for area in imprint.areas]
        known = self._slots_of(imprint.fragment)
        before = len(known)
        for number, background, slot in zip(imprint.slots, backgrounds, slots, strict=True):
            if slot:
                known[number, background] = slot
        if len(known) > before:
            self._store.put(f"slots-{imprint.fragment}", known)
        total = _total(slot for slot in slots if slot)
        shown = [item for item in expected if not _take_from_slots(item, total, imprint.digest)]
        last = reading.pages[-1]
        low = min(
            (run.box[1] for run in last.runs if run.mark != ARTIFACT and run.stream not in forms), default=last.box[3]
        )
        page = PageContent(last.number, last.sheet, last.box, (), ())
        body = _ProvenBody(frozenset(shown), len(shown), backgrounds, remarks, page, low)
        if body != self._body(imprint.body):
            self._bodies[imprint.body] = body
            self._store.put(f"read-{imprint.body}", body)

    def _body(self, key: str) -> _ProvenBody | None:
        return self._store.recall(self._bodies, key, "read-")

    def _slot(self, fragment: str, key: _SlotKey) -> _ProvenSlot | None:
        known = self._slots_of(fragment)
        if key not in known:
            known |= self._store.get(f"slots-{fragment}") or {}
        return known.get(key)

    def _slots_of(self, fragment: str) -> dict[_SlotKey, _ProvenSlot]:
        if fragment not in self._slots:
            self._slots[fragment] = {}
        return self._slots[fragment]

    def clear(self) -> None:
        """Forget everything."""
        self._bodies.clear()
        self._slots.clear()


def _is_sampled(pdf: bytes) -> bool:
    return zlib.crc32(pdf) % SAMPLE_INTERVAL == 0


def _covers_expected(
    body: _ProvenBody, slots: Sequence[_ProvenSlot], expected: Sequence[ExpectedItem], digest: str
) -> bool:
    """Return whether body and slots together show everything that is expected."""
    rest = [item for item in expected if item not in body.shown]
    total = _total(slots)
    return len(expected) - len(rest) == body.count and all(_take_from_slots(item, total, digest) for item in rest)


def _total(slots: Iterable[_ProvenSlot]) -> tuple[Counter[str], Counter[str]]:
    words: Counter[str] = Counter()
    pictures: Counter[str] = Counter()
    for slot in slots:
        words.update(slot.words)
        pictures.update(slot.pictures)
    return words, pictures


def _take_from_slots(item: ExpectedItem, total: tuple[Counter[str], Counter[str]], digest: str) -> bool:
    """Return whether slots show an expected item, and take it from what they show."""
    if item.kind is ContentKind.FURNITURE:
        return item.text == digest
    if item.kind not in (ContentKind.FACT, *PICTURES):
        return False
    shown = total[item.kind is not ContentKind.FACT]
    text = comparable_letters(item.text)
    shown[text] -= 1
    return shown[text] >= 0


def _proven_slot(area: SlotArea, reading: PdfContent, proof: CompletenessReport) -> _ProvenSlot | None:
    """Return the proof of a slot; None if it extends beyond its area."""
    page = reading.pages[area.page - 1]
    runs = [run for run in page.runs if run.stream == area.form]
    if any(legibility.overhangs(run.box, area.box) for run in runs):
        return None
    facts = (match for match in proof.matches if match.expected.kind is ContentKind.FACT)
    words = (
        comparable_letters(match.expected.text)
        for match in facts
        if match.runs and all(run.stream == area.form for _, run in match.runs)
    )
    pictures = (alt for alt, streams in painted_images(reading) if streams == {area.form})
    low = area.box[3] - min((run.box[1] for run in runs if run.mark != ARTIFACT), default=area.box[3])
    return _ProvenSlot(Counter(words), Counter(pictures), low)


def _background(
    area: SlotArea, body: str, reading: PdfContent, forms: set[int], margins: Margins, zones: Sequence[Box]
) -> Background:
    """Return the background of a slot."""
    page = reading.pages[area.page - 1]
    unique = UniqueBackground(body, area.page, area.box)
    letters = (legibility.letter_band(run) for run in page.runs if run.stream not in forms)
    if (
        any(_touch(box, area.box) for box in letters)
        or legibility.overhangs(area.box, legibility.text_area(page.box, margins))
        or any(_touch(box, _expanded_box(area.on_sheet)) for box in zones)
    ):
        return unique
    background: Background = UniformBackground(legibility.PAPER)
    for ink in page.inks:
        # A shape that does not fill its box, such as a frame, is no background to `legibility` either.
        if ink.solid and ink.stream not in forms and _touch(intersect(ink.box, ink.clip), area.box):
            covers = not legibility.overhangs(area.box, intersect(ink.box, ink.clip))
            background = UniformBackground(ink.colour) if covers else unique
    return background


def _expanded_box(box: Box) -> Box:
    return box[0] - AREA_TOLERANCE, box[1] - AREA_TOLERANCE, box[2] + AREA_TOLERANCE, box[3] + AREA_TOLERANCE


def _touch(one: Box, other: Box) -> bool:
    shared = intersect(one, other)
    return shared[2] > shared[0] and shared[3] > shared[1]
