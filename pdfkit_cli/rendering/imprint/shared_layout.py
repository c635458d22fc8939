"""PDFs assembled from a body, which is laid out once for all clinics that share it, and the content of one clinic.

The width of a slot is known only from a laid-out body, and the height of its content only at that width.
`SlotWidths` guesses the widths from a body without text, so that usually the first attempt fits; otherwise the next
attempt uses the widths of the new body.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pdfkit_cli.rendering import engine, page_measures, sheet_fitting
from pdfkit_cli.rendering.engine import PDF_VARIANT, Engine
from pdfkit_cli.rendering.imprint import assembler, slots
from pdfkit_cli.rendering.imprint.assembler import BodyTemplate, ClinicFragment, EditionValues, NotTemplatableError
from pdfkit_cli.rendering.imprint.byte_template import Gap, placeholder
from pdfkit_cli.rendering.imprint.slots import SlottedHtml
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.page_measures import Measures
from pdfkit_cli.rendering.postprocess import press, structure_writer, xmp
from pdfkit_cli.rendering.unverified import UnsharedReason, UnverifiedPdf
from pdfkit_cli.rendering.verification.legibility import Margins
from pdfkit_cli.rendering.verification.proof_cache import ImprintParts
from pdfkit_cli.system import disk_cache
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.codec import storable
from pdfkit_cli.system.disk_cache import DiskCache

MAX_BODIES: Final = 48
"""Bodies that a worker keeps in memory, about 200 kB each."""

MAX_FRAGMENTS: Final = 600
"""Clinics' fragments that a worker keeps in memory, about 40 kB each: those of 60 clinics in two formats, with a few sets of slots."""

MAX_ATTEMPTS: Final = 3
"""Layouts after which the search for the widths of slots ends."""

T = TypeVar("T")
Widths = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SlottedPage:
    """A page cut at its slots; `style` is the key of everything that affects its drawing, `key` that of its body."""

    page: Page
    parts: SlottedHtml
    style: str
    key: str

    @classmethod
    def of(cls, page: Page) -> "SlottedPage":
        """Cut a page at its slots."""
        files = (f"{file.url} {file.digest}" for file in page.files)
        form = repr(page.format)
        look = page.stylesheet.digest, form, repr(page.inks), str(page.right_to_left), *files
        parts, style = slots.split_slots(page.html), disk_cache.cache_key(look)
        return cls(page, parts, style, disk_cache.cache_key((style, parts.body)))


@storable
@dataclass(slots=True)
class SharedBody:
    """A laid-out body, with slots of certain heights, and its template once it has been compiled.

    `words_only` is whether its small pictures were left out; `widths` are those of the slots in CSS pixels, `margins` those of the pages in points.
    `template` is None if the body cannot be compiled.
    """

    key: str
    measures: Measures
    words_only: bool
    widths: Widths
    margins: Margins
    slots_stay_on_page: bool
    is_compiled: bool = False
    template: BodyTemplate | None = None


@storable
@dataclass(frozen=True, slots=True)
class MeasuredFragment:
    """A clinic's slots, laid out once for each text and width: their numbers in `fragment`, and their heights in CSS pixels."""

    key: str
    numbers: Mapping[tuple[str, float], int]
    heights: tuple[float, ...]
    fragment: ClinicFragment


class SharedLayoutRenderer:
    """Renders pages from shared bodies and clinics' fragments, and lays out only those that it has not seen before."""

    def __init__(self, pdf_engine: Engine, cache_folder: Path | None) -> None:
        self._engine, self._store = pdf_engine, DeferredCache(cache_folder)
        self._bodies = BoundedCache[str, SharedBody](MAX_BODIES)
        self._fragments = BoundedCache[str, MeasuredFragment | None](MAX_FRAGMENTS)
        self._widths = SlotWidths(self._store, pdf_engine)

    def render(self, page: Page) -> UnverifiedPdf | UnsharedReason:
        """Return the PDF of a page, or why it cannot be assembled.

        Call this in a session of the engine, and then `commit` or `clear`.
        """
        return self._fit(SlottedPage.of(page))

    def commit(self) -> None:
        """Share new layouts with other processes.

        They would miss WeasyPrint's messages, so call this only if there were none.
        """
        self._store.commit()

    def clear(self) -> None:
        """Forget the layouts, but not the widths of slots."""
        self._store.pending.clear()
        self._bodies.clear()
        self._fragments.clear()

    def _fit(self, page: SlottedPage) -> UnverifiedPdf | UnsharedReason:
        """Lay out body and slots until both have the same widths."""
        texts = page.parts.slots
        widths = self._widths.known(page) or self._widths.guess(page)
        for _ in range(MAX_ATTEMPTS if texts else 0):
            measured = self._measure(page, dict.fromkeys(sorted(zip(texts, widths, strict=True))))
            if measured is None and self._widths.known(page):
                return UnsharedReason.OVERFLOW
            numbers = [measured.numbers[slot] for slot in zip(texts, widths, strict=True)] if measured else []
            # Content that does not fit at a guessed width may fit at the right one: then the body is laid out only for its widths.
            heights = tuple(measured.heights[number] for number in numbers) if measured else (0.0,) * len(texts)
            body = self._body(page, "", heights)
            if len(body.widths) < len(texts):
                return UnsharedReason.NO_SLOT
            self._widths.learn(page, body.widths)
            if measured and body.widths == widths:
                return self._imprint(page, measured, numbers, self._choose_body(page, heights, body))
            widths = body.widths
        return UnsharedReason.NO_SLOT

    def _imprint(
        self, page: SlottedPage, measured: MeasuredFragment, numbers: Sequence[int], body: SharedBody | None
    ) -> UnverifiedPdf | UnsharedReason:
        if body is None:
            return UnsharedReason.OVERFLOW
        if body.template is None:
            return UnsharedReason.NO_SLOT
        parts, fragment = page.parts, measured.fragment
        own = EditionValues(parts.digest, parts.author, xmp.xmp_description(page.page.identity))
        pdf = assembler.assemble(body.template, fragment, numbers, own)
        areas = assembler.slot_areas(body.template, fragment, numbers)
        made_of = ImprintParts(body.key, measured.key, tuple(numbers), areas, parts.digest)
        is_sound = assembler.matches_template(body.template, pdf)
        pages = engine.page_count(body.measures.pages, page.page)
        return UnverifiedPdf(pdf, pages, body.margins, None, made_of, is_sound, body.words_only)

    def _measure(self, page: SlottedPage, slots_: Mapping[tuple[str, float], None]) -> MeasuredFragment | None:
        """Return a clinic's slots, which are the same in all its leaflets with the same slots; None if one does not fit a page."""
        texts, widths = zip(*slots_, strict=True)
        html = slots.clinic_html(page.page.html, texts, widths)
        key = disk_cache.cache_key((page.style, html))
        self._store.recall(self._fragments, key)
        if key not in self._fragments:
            document = self._engine.layout(html, page.page.stylesheet)
            heights = slots.slot_heights(document, len(texts))
            fragment = _compile_fragment(document, page.page, heights) if heights else None
            numbers = {slot: number for number, slot in enumerate(slots_)}
            made = MeasuredFragment(key, numbers, heights, fragment) if heights and fragment else None
            self._fragments[key] = made
            if made:
                self._store.put(key, made)
        return self._fragments[key]

    def _choose_body(self, page: SlottedPage, heights: tuple[float, ...], loose: SharedBody) -> SharedBody | None:
        """Return the best setting of a body, compiled;
        None if its slots would have other widths, or extend below a page.
        """
        tried: dict[str, SharedBody] = {}

        def body(fit: str) -> SharedBody:
            tried[fit] = self._body(page, fit, heights)
            return tried[fit]

        fit = sheet_fitting.fit_to_sheets(
            lambda fit: body(fit).measures, page.page.format, small_pictures=page.page.has_small_pictures
        )
        chosen = body(fit)
        fits = chosen.widths == loose.widths and all(body.slots_stay_on_page for body in tried.values())
        if fits and not chosen.is_compiled:
            document = self._lay_out_body(page, fit, heights)
            chosen.template, chosen.is_compiled = _compile_body(document, page), True
            self._store.put(chosen.key, chosen)
        return chosen if fits else None

    def _body(self, page: SlottedPage, fit: str, heights: tuple[float, ...]) -> SharedBody:
        key = disk_cache.cache_key((page.key, fit, repr(heights)))
        if known := self._store.recall(self._bodies, key):
            return known
        document = self._lay_out_body(page, fit, heights)
        body = self._bodies[key] = SharedBody(
            key,
            page_measures.measure(document, page.page.format),
            sheet_fitting.is_words_only(fit),
            slots.slot_widths(document, len(heights)),
            engine.page_margins(document),
            slots.slots_stay_on_page(document),
        )
        self._store.put(key, body)
        return body

    def _lay_out_body(self, page: SlottedPage, fit: str, heights: tuple[float, ...]) -> Any:
        html = sheet_fitting.with_fit_class(slots.body_html(page.parts, heights), fit)
        return self._engine.layout(html, page.page.stylesheet)


class SlotWidths:
    """The widths of slots in CSS pixels: in bodies that were laid out before, and of slots in the same elements of other bodies."""

    def __init__(self, store: DiskCache, pdf_engine: Engine) -> None:
        self._store, self._engine = store, pdf_engine
        self._by_body: dict[str, Widths] = {}
        self._by_path: dict[tuple[str, str], float] = {}

    def known(self, page: SlottedPage) -> Widths | None:
        """Return the widths in a laid-out body of this page, with slots of any height."""
        return self._store.recall(self._by_body, page.key, "widths-")

    def guess(self, page: SlottedPage) -> Widths:
        """Return the widths of slots in the same elements without any text: laid out in a tenth of the time, and nearly always the same."""
        paths = slots.slot_paths(page.parts)
        if new := [path for path in dict.fromkeys(paths) if (page.style, path) not in self._by_path]:
            document = self._engine.layout(slots.skeleton_html(new), page.page.stylesheet)
            widths = slots.slot_widths(document, len(new))
            self._by_path |= {(page.style, path): width for path, width in zip(new, widths, strict=True)}
        return tuple(self._by_path[page.style, path] for path in paths)

    def learn(self, page: SlottedPage, widths: Widths) -> None:
        """Remember the widths in a laid-out body of this page."""
        if self._by_body.get(page.key) != widths:
            self._by_body[page.key] = widths
            paths = ((page.style, path) for path in slots.slot_paths(page.parts))
            self._by_path |= dict(zip(paths, widths, strict=True))
            self._store.put(f"widths-{page.key}", widths)


class DeferredCache(DiskCache):
    """A disk cache that is written only by `commit`."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder)
        self.pending: dict[str, Any] = {}

    def put(self, name: str, value: Any) -> None:
        self.pending[name] = value

    def commit(self) -> None:
        """Write the pending values."""
        for name, value in self.pending.items():
            super().put(name, value)
        self.pending.clear()


class _ExtractedError(Exception):
    """Stops the writing of a PDF after its objects have been extracted."""


def _compile_body(document: Any, page: SlottedPage) -> BodyTemplate | None:
    """Return the template of a body; None if it cannot have one."""

    def compile_(pdf: Any) -> BodyTemplate:
        engine.repair(pdf)
        layout = slots.lay_out_slots(pdf, len(page.parts.slots), digest=bool(page.parts.digest))
        engine.write_document_properties(page.page, pdf, placeholder(Gap.XMP))
        return assembler.compile_body(pdf, layout)

    return _extract(document, compile_)


def _compile_fragment(document: Any, page: Page, heights: tuple[float, ...]) -> ClinicFragment | None:
    """Return the templates of a clinic's slots; None if they cannot have any."""

    def compile_(pdf: Any) -> ClinicFragment:
        engine.repair(pdf)
        press.prepare_drawing(pdf, page.format, page.inks)
        return assembler.compile_fragment(pdf, [height * structure_writer.PIXEL for height in heights])

    return _extract(document, compile_)


def _extract(document: Any, take: Callable[[Any], T]) -> T | None:
    """Return the result of extracting objects from a document's PDF, which is not written; None if that is impossible."""
    taken: list[T] = []

    def finish(_: Any, pdf: Any) -> None:
        with suppress(NotTemplatableError):
            taken.append(take(pdf))
        raise _ExtractedError

    with suppress(_ExtractedError):
        document.write_pdf(finisher=finish, pdf_variant=PDF_VARIANT)
    return taken[0] if taken else None
