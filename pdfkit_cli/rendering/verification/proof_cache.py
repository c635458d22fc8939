"""What has been read once need not be read again: which imprints are proven by the proofs of others.

An imprint is a body, byte for byte, with a clinic's slots laid on it. A body is read whole with the first clinic that has it; a slot is read whole
on the first body that it stands on, once for each ground beneath it. What both have in common is that a slot stays inside its own area: no
word of the body stands there, its ground is of one colour, it is inside the margins and outside the zones that the format keeps free. Where that does
not hold the imprint is read whole for each clinic. What is owed is counted for each imprint.
"""

import zlib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, Box, intersect
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering.imprint.disk_cache import DiskCache
from pdfkit_cli.rendering.verification import legibility
from pdfkit_cli.rendering.verification.completeness import CompletenessReport, painted_images
from pdfkit_cli.rendering.verification.expected_content import ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.legibility import Margins
from pdfkit_cli.rendering.verification.typographic_warnings import NEAR_EMPTY, TypographicWarning, describe_fill
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.codec import storable

SAMPLE_INTERVAL: Final = 64
"""One imprint in so many, chosen by its bytes, is read whole although others vouch for it."""

CACHE_SIZE: Final = 2000
"""How many bodies are remembered, and how many clinics' matters, a few kB each."""

AREA_TOLERANCE: Final = 3.0
"""Points around a slot that its form may paint, since overhanging letters are not clipped: in there nothing else may stand."""


storable(ExpectedItem)  # it is below this package, and knows nothing of it


@storable
@dataclass(frozen=True, slots=True)
class SlotArea:
    """Where a slot stands: its page from 1 and its box there, and its box on the sheet, in points; `form` is the number of its stream."""

    page: int
    box: Box
    on_sheet: Box
    form: int


@dataclass(frozen=True, slots=True)
class ImprintParts:
    """What a PDF was put together from: body and matter by their names, the slot in each area, the short digest."""

    body: str
    matter: str
    slots: tuple[int, ...]
    areas: tuple[SlotArea, ...]
    digest: str


@storable
@dataclass(frozen=True, slots=True)
class _ProvenBody:
    """A body that has been read: what it shows of what is owed, what is beneath its slots, its remarks, and its lowest line on the last page."""

    rest: frozenset[ExpectedItem]
    count: int
    backgrounds: tuple[Hashable, ...]
    remarks: tuple[TypographicWarning, ...]
    last: PageContent
    low: float


@storable
@dataclass(frozen=True, slots=True)
class _ProvenSlot:
    """A slot that has been read: the words and pictures that it shows, and how far its last line is below its upper edge, in points."""

    words: Counter[str]
    pictures: Counter[str]
    low: float


class ProofCache:
    """What has been read in this process, and through a store in others."""

    def __init__(self, store: DiskCache) -> None:
        self._store = store
        self._bodies = BoundedCache[str, _ProvenBody](CACHE_SIZE)
        self._slots = BoundedCache[str, dict[tuple[int, Hashable], _ProvenSlot]](CACHE_SIZE)

    def lookup(
        self, imprint: ImprintParts, expected: Sequence[ExpectedItem], pdf: bytes, nearly_empty: float
    ) -> tuple[tuple[TypographicWarning, ...], float] | None:
        """Return the remarks on an imprint and how far its last page is filled, or None where it has to be read."""
        body = self._body(imprint.body)
        if body is None or _is_sampled(pdf):
            return None
        slots = [
            self._slot(imprint.matter, (slot, ground))
            for slot, ground in zip(imprint.slots, body.backgrounds, strict=True)
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
        how = describe_fill(filled)
        return tuple(replace(said, words=how) if said.code == NEAR_EMPTY else said for said in body.remarks), filled

    def keeps_zones_free(self, imprint: ImprintParts, pdf: bytes, zones: Sequence[Box]) -> bool:
        """Say whether an imprint has no ink in the zones, since its body has none and its slots are elsewhere."""
        slots = (_expanded_box(area.on_sheet) for area in imprint.areas)
        near = any(_touch(box, slot) for slot in slots for box in zones)
        return not near and not _is_sampled(pdf) and self._body(imprint.body) is not None

    def note(
        self, imprint: ImprintParts, reading: PdfContent, proof: CompletenessReport, expected: Sequence[ExpectedItem], said: tuple[TypographicWarning, ...],
        margins: Margins, zones: Sequence[Box],
    ) -> None:  # fmt: skip
        """Remember what the whole reading of an imprint says of its body and its slots. Nothing may be wrong with it."""
        forms = {area.form for area in imprint.areas}
        backgrounds = tuple(
            _background_colour(area, imprint.body, reading, forms, margins, zones) for area in imprint.areas
        )
        slots = [_proven_slot(area, reading, proof) for area in imprint.areas]
        known = self._slots_of(imprint.matter)
        before = len(known)
        for number, ground, slot in zip(imprint.slots, backgrounds, slots, strict=True):
            if slot:
                known[number, ground] = slot
        if len(known) > before:
            self._store.put(f"slots-{imprint.matter}", known)
        total = _total(slot for slot in slots if slot)
        rest = [item for item in expected if not _take_from_slots(item, total, imprint.digest)]
        last = reading.pages[-1]
        low = min(
            (run.box[1] for run in last.runs if run.mark != ARTIFACT and run.stream not in forms), default=last.box[3]
        )
        page = PageContent(last.number, last.sheet, last.box, (), ())
        body = _ProvenBody(frozenset(rest), len(rest), backgrounds, said, page, low)
        if body != self._body(imprint.body):
            self._bodies[imprint.body] = body
            self._store.put(f"read-{imprint.body}", body)

    def _body(self, key: str) -> _ProvenBody | None:
        if key not in self._bodies and (stored := self._store.get(f"read-{key}")):
            self._bodies[key] = stored
        return self._bodies.get(key)

    def _slot(self, matter: str, key: tuple[int, Hashable]) -> _ProvenSlot | None:
        known = self._slots_of(matter)
        if key not in known:
            known |= self._store.get(f"slots-{matter}") or {}
        return known.get(key)

    def _slots_of(self, matter: str) -> dict[tuple[int, Hashable], _ProvenSlot]:
        if matter not in self._slots:
            self._slots[matter] = {}
        return self._slots[matter]

    def clear(self) -> None:
        """Forget everything."""
        self._bodies.clear()
        self._slots.clear()


def _is_sampled(pdf: bytes) -> bool:
    return zlib.crc32(pdf) % SAMPLE_INTERVAL == 0


def _covers_expected(
    body: _ProvenBody, slots: Sequence[_ProvenSlot], expected: Sequence[ExpectedItem], digest: str
) -> bool:
    """Say whether body and slots together show what is owed."""
    rest = [item for item in expected if item not in body.rest]
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
    """Say whether slots show something that is owed, and take it from what they show."""
    if item.kind is ContentKind.FURNITURE:
        return item.text == digest
    if item.kind not in (ContentKind.FACT, ContentKind.PICTURE, ContentKind.CODE):
        return False
    shown = total[item.kind is not ContentKind.FACT]
    text = comparable_letters(item.text)
    shown[text] -= 1
    return shown[text] >= 0


def _proven_slot(area: SlotArea, reading: PdfContent, proof: CompletenessReport) -> _ProvenSlot | None:
    """Return what a slot shows; None where it reaches out of its area."""
    page = reading.pages[area.page - 1]
    runs = [run for run in page.runs if run.stream == area.form]
    if any(legibility.overhangs(run.box, area.box) for run in runs):
        return None
    claimed = (claim for claim in proof.claims if claim.expected.kind is ContentKind.FACT)
    words = (
        comparable_letters(claim.expected.text)
        for claim in claimed
        if claim.runs and all(run.stream == area.form for _, run in claim.runs)
    )
    pictures = (alt for alt, streams in painted_images(reading) if streams == {area.form})
    low = area.box[3] - min((run.box[1] for run in runs if run.mark != ARTIFACT), default=area.box[3])
    return _ProvenSlot(Counter(words), Counter(pictures), low)


def _background_colour(
    area: SlotArea, body: str, reading: PdfContent, forms: set[int], margins: Margins, zones: Sequence[Box]
) -> Hashable:
    """Return the colour beneath a slot; where it is more than one, or anything else is near, nothing that another body has, too."""
    page = reading.pages[area.page - 1]
    words = (legibility.letter_band(run) for run in page.runs if run.stream not in forms)
    inside = page.box[0] + margins[0], page.box[1] + margins[1], page.box[2] - margins[2], page.box[3] - margins[3]
    if (
        any(_touch(box, area.box) for box in words)
        or legibility.overhangs(area.box, inside)
        or any(_touch(box, _expanded_box(area.on_sheet)) for box in zones)
    ):
        return body, area.page, area.box
    ground: Hashable = (1.0,)
    for ink in page.inks:
        # What does not fill its box, such as a frame, is no ground to `legibility` either.
        if ink.solid and ink.stream not in forms and _touch(intersect(ink.box, ink.clip), area.box):
            covers = not legibility.overhangs(area.box, intersect(ink.box, ink.clip))
            ground = ink.colour if covers else (body, area.page, area.box)
    return ground


def _expanded_box(box: Box) -> Box:
    return box[0] - AREA_TOLERANCE, box[1] - AREA_TOLERANCE, box[2] + AREA_TOLERANCE, box[3] + AREA_TOLERANCE


def _touch(one: Box, other: Box) -> bool:
    shared = intersect(one, other)
    return shared[2] > shared[0] and shared[3] > shared[1]
