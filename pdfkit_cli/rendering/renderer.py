"""A page to the bytes of a PDF: the only import of WeasyPrint, in worker processes only."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.errors import PdfkitError, Problem, problem_from_error
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.reader import document as reader_document
from pdfkit_cli.pdf.saddle_stitch import saddle_stitch_sides
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.imprint import assembler, body_cache
from pdfkit_cli.rendering.imprint import slots as imprint_slots
from pdfkit_cli.rendering.imprint.assembler import BodyTemplate, ClinicFragment, EditionValues, NotTemplatableError
from pdfkit_cli.rendering.imprint.body_cache import BodyCache, SharedBody
from pdfkit_cli.rendering.imprint.byte_template import placeholder
from pdfkit_cli.rendering.imprint.disk_cache import DiskCache
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page, Stylesheet
from pdfkit_cli.rendering.postprocess import (
    deterministic_writer,
    imposition,
    press,
    structure_writer,
    vector,
    xmp,
)
from pdfkit_cli.rendering.verification import completeness, preflight, typographic_warnings
from pdfkit_cli.rendering.verification.legibility import Margins
from pdfkit_cli.rendering.verification.proof_cache import ImprintParts, ProofCache
from pdfkit_cli.rendering.verification.typographic_warnings import TypographicWarning
from pdfkit_cli.system import caching, fault_log
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.codec import storable

PDF_VARIANT = "pdf/a-2a"
"""What WeasyPrint claims; `pdf.metadata` adds PDF/UA-1."""
NEARLY_EMPTY_SHARE = 0.4
"""A last page whose text ends above this part of its height looks like a mistake."""

TIGHTER_FITS = {"snug": 0.08, "tight": 0.13}
"""Closer settings that every format's CSS has, and the share of a text that each can save at most.

Measured on the founding leaflets in all formats and on 200 generated ones in two: 0.074 and 0.122 at most. A second layout costs as much as the first: it is tried where it can help.
"""

MAX_CACHED_FRAGMENTS = 600
"""How many matters a worker keeps, some 40 kB each: those of 60 clinics in two formats, with a few sets of slots."""

UNSHARED_INLINE_FACT: Final = "a fact of the clinic stands inside a sentence"
UNSHARED_OVERFLOW: Final = "the clinic's matter does not fit the place that it has"
UNSHARED_NO_SLOT: Final = "the layout keeps no room for the clinic's matter"

Taken = TypeVar("Taken")

_shared_cache_folder: Path | None = None
"""Where workers share what they have laid out, with each other and with the builds after them."""


class RenderError(PdfkitError):
    """A page could not be drawn as it should be."""


def prepare_process(folder: Path | None = None, kept: Path | None = None) -> None:
    """Make this process ready to render. Call it before anything imports WeasyPrint.

    WeasyPrint's copies of the fonts stand in `folder`: a worker is killed when it is done, and would leave them behind. Bodies and clinics' matter that are
    laid out already are looked for in `kept`, and put there for others (see `DiskCache`).

    fontconfig gets a configuration without a single folder: only the faces that the stylesheet declares exist,
    on every machine the same.
    """
    global _shared_cache_folder  # a worker has one engine, and one build
    _shared_cache_folder = kept
    if folder:
        tempfile.tempdir = str(folder)
    for name in [name for name in os.environ if name.startswith("FONTCONFIG_")]:
        del os.environ[name]
    os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fontconfig.xml"))
    weasyprint_seams.load_weasyprint(vector.VectorImage)


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A PDF, the number of its pages (of its sheet sides, where it is imposed), and what a reader may dislike.

    `filled` is the share of the last page's height down to its last line; `whole` says why it is no imprint, if so, and `body` on which body it is one.
    """

    pdf: bytes
    pages: int
    remarks: tuple[TypographicWarning, ...] = ()
    filled: float = 0.0
    whole: str = ""
    body: str = ""

    @property
    def sheets(self) -> int:
        """Its sheets of paper, printed on both sides."""
        return -(-self.pages // 2)


def render(page: Page) -> RenderedPdf:
    """Return the PDF of a page, in PDF/UA-1, the same bytes for the same page everywhere.

    Raises RenderError where a file is missing or changed, where the page asks for anything that it did not
    declare, where WeasyPrint logs a warning or an error, where the finished PDF does not show everything that the page owes, and
    where it is not what its format promises. Raises InternalError for a bug, ours or WeasyPrint's.
    """
    try:
        made = render_unverified(page)
        if made.imprint and (rendered := _reuse_proof(page, made)):
            return rendered
        rendered, wrong = verify_rendered(page, made)
        if wrong and made.imprint:  # its matter may be too much for its place: what it is as a whole decides
            rendered, wrong = verify_rendered(page, render_unverified(replace(page, shares_body=False)))
            rendered = replace(rendered, whole=UNSHARED_OVERFLOW)
        if wrong:
            raise RenderError("\n".join(wrong))
        return rendered
    except (PdfkitError, MemoryError):
        raise
    except Exception as error:
        raise fault_log.internal_error(error, page.name) from error


def render_all(pages: tuple[Page, ...]) -> tuple[RenderedPdf | Problem, ...]:
    """Return the PDFs of pages that share a body, or what is wrong with one. What ends the process ends all of them."""
    return tuple(map(_render_or_problem, pages))


def _render_or_problem(page: Page) -> RenderedPdf | Problem:
    try:
        return render(page)
    except PdfkitError as error:
        return problem_from_error(error)


def _reuse_proof(page: Page, made: "UnverifiedPdf") -> RenderedPdf | None:
    """Return an imprint that need not be read, since what it is made of has been read before; None where it must be."""
    assert made.imprint
    said = _proof_cache().lookup(made.imprint, page.expected, made.pdf, NEARLY_EMPTY_SHARE)
    if said is None or not made.sound or preflight.exceeds_byte_limit(made.pdf, page.format):
        return None
    return RenderedPdf(made.pdf, made.pages, *said, body=made.imprint.body)


@cache
def _proof_cache() -> ProofCache:
    return ProofCache(DiskCache(_shared_cache_folder))


def render_unverified(page: Page) -> "UnverifiedPdf":
    """Return the PDF of a page without looking at it."""
    return _engine_for(page).render(page)


def forget_page(page: Page) -> None:
    """Forget the words of a page in this process: what was laid out, which WeasyPrint keeps with its pictures, and what was read or made of it."""
    _engine_for(page).forget()
    caching.clear_text_caches()


def verify_rendered(page: Page, drawn: "UnverifiedPdf") -> tuple[RenderedPdf, tuple[str, ...]]:
    """Read what has been written, and return it with what there is to say of it, and with everything that is lost."""
    if not page.expected:
        wrong = tuple(map(str, preflight.check_format(drawn.pdf, page.format)))
        return RenderedPdf(drawn.pdf, drawn.pages, whole=drawn.whole), wrong
    shown = reader_document.read_pdf(drawn.pdf)
    proof = completeness.verify_content(
        shown, page.expected, page.name, right_to_left=page.right_to_left, margins=drawn.margins
    )
    said = tuple(typographic_warnings.typographic_warnings(shown, proof.claims, NEARLY_EMPTY_SHARE))
    zones = preflight.clear_zones(page.format)
    known_free = drawn.imprint and _proof_cache().keeps_zones_free(drawn.imprint, drawn.pdf, zones)
    ink = not known_free and not proof.crowded.said  # what has no room reaches where no ink may be
    wrong = (*proof.misses, *map(str, preflight.check_format(drawn.pdf, page.format, ink=ink)))
    if drawn.imprint and not wrong:
        _proof_cache().note(drawn.imprint, shown, proof, page.expected, said, drawn.margins, zones)
    body = drawn.imprint.body if drawn.imprint else ""
    return RenderedPdf(
        drawn.pdf, drawn.pages, said, typographic_warnings.fill_share(shown.pages[-1]), drawn.whole, body
    ), wrong


def _engine_for(page: Page) -> "_Engine":
    return _cached_engine(tuple(file for file in page.files if file.path.suffix == ".ttf"))


@lru_cache(maxsize=1)
def _cached_engine(fonts: tuple[DeclaredFile, ...]) -> "_Engine":
    """Return the engine of these fonts: faces stay in WeasyPrint once they are declared."""
    return _Engine()


@dataclass(frozen=True, slots=True)
class UnverifiedPdf:
    """A PDF that nobody has looked at yet: its pages or sheet sides, the margins of its pages, and why it is no imprint, if so.

    An imprint is `sound` where its body is in it byte for byte, and each object in its place.
    """

    pdf: bytes
    pages: int
    margins: Margins
    whole: str = ""
    imprint: ImprintParts | None = None
    sound: bool = True


class _Engine:
    """WeasyPrint with what is shared by all pages of a process: fonts, parsed stylesheets, images.

    A new FontConfiguration for each document leaks about 0.4 MB a document; one shared by all does not.
    """

    def __init__(self) -> None:
        self._weasyprint = weasyprint_seams.load_weasyprint(vector.VectorImage)
        self._fonts = self._weasyprint.text.fonts.FontConfiguration()
        self._sheets: dict[str, Any] = {}
        self._shown: tuple[tuple[DeclaredFile, ...], bool] = (), False
        self._fetcher = _fetcher_class()(*self._shown)
        self._images: dict[str, Any] = {}
        self._store = DiskCache(_shared_cache_folder)
        self._bodies = BodyCache(self._store)
        self._matters = BoundedCache[str, _ClinicFragments | None](MAX_CACHED_FRAGMENTS)
        self._chosen = BoundedCache[str, SharedBody | None](body_cache.MAX_BODIES)
        self._pending_shares: list[Callable[[], None]] = []
        self._widths: dict[str, tuple[float, ...]] = {}
        self._width_by_slot_path: dict[tuple[str, str], float] = {}

    def render(self, page: Page) -> "UnverifiedPdf":
        from weasyprint.urls import FatalURLFetchingError

        shown = page.files, page.format.colours == "cmyk"
        if shown != self._shown:  # what one page may show, another may not
            self._shown, self._images = shown, {}
            self._fetcher = _fetcher_class()(*shown)
        fetcher = self._fetcher
        fetcher.refused.clear()
        self._pending_shares.clear()
        try:
            with _collected_log() as said:
                drawn = self._render_shared(page, fetcher)
                if isinstance(drawn, str):
                    drawn = self._whole(page, fetcher, drawn)
        except FatalURLFetchingError as error:
            raise RenderError(str(error)) from None
        if problems := (*fetcher.refused, *said):
            self._images = {}  # both keep what failed, and the next page would not hear of it
            self._bodies.clear()
            self._matters.clear()
            self._chosen.clear()
            _proof_cache().clear()
            raise RenderError("\n".join(dict.fromkeys(_prefix_file_name(problem, page) for problem in problems)))
        for lend in self._pending_shares:  # only now: others would not hear what WeasyPrint said
            lend()
        return drawn

    def forget(self) -> None:
        """Let go of the pictures: each SVG holds the document that it was first drawn in."""
        self._images = {}

    def _whole(self, page: Page, fetcher: Any, why: str) -> "UnverifiedPdf":
        """Lay out a page as it is, and write it."""

        def lay(fit: str) -> _LayoutResult:
            document = self._layout(_with_fit_class(page.html, fit), page.stylesheet, fetcher)
            return _LayoutResult(document, len(document.pages), _last_page_surplus(document))

        laid = _fit_to_pages(lay)
        pdf: bytes = laid.document.write_pdf(finisher=partial(_postprocess, page), pdf_variant=PDF_VARIANT)
        return UnverifiedPdf(pdf, _page_count(laid.pages, page), _page_margins(laid.document), why)

    def _render_shared(self, page: Page, fetcher: Any) -> "UnverifiedPdf | str":
        """Put a page together from a body and the clinic's matter, which are laid out where they are not known; or say why not.

        How wide the matter may be shows only in the body, and how high it is only at that width: so it is laid out as wide as it was
        on that body before, or in the same elements of another, which mostly is right, and again where the body says otherwise.
        """
        if not page.shares_body:
            return UNSHARED_INLINE_FACT
        parts = imprint_slots.split_slots(page.html)
        style = _style_key(page)
        text = body_cache.body_key((style, parts.body))
        count = len(parts.slots)
        if text not in self._widths and (stored := self._store.get(f"widths-{text}")):
            self._widths[text] = stored
        widths = self._widths.get(text) or self._guess_slot_widths(style, parts)
        for _ in range(3 if count else 0):
            matter = self._matter(page, style, dict.fromkeys(sorted(zip(parts.slots, widths, strict=True))), fetcher)
            if matter is None and text in self._widths:
                return UNSHARED_OVERFLOW
            pairs = zip(parts.slots, widths, strict=True)
            places = [matter.slots[pair] for pair in pairs] if matter else []
            # What does not fit where it was guessed to stand may fit where it stands: then only the widths are asked for.
            heights = tuple(matter.heights[place] for place in places) if matter else (0.0,) * count
            loose = self._body(page, text, parts, "", heights, fetcher)
            self._remember_slot_widths(text, style, parts, loose.widths)
            if matter and loose.widths == widths:
                body = self._choose_body(page, text, parts, heights, loose, fetcher)
                if body is None:
                    return UNSHARED_OVERFLOW
                if body.body_template is None:
                    return UNSHARED_NO_SLOT
                own = EditionValues(parts.digest, parts.author, xmp.xmp_description(page.identity))
                pdf = assembler.assemble(body.body_template, matter.prepared, places, own)
                areas = assembler.slot_areas(body.body_template, matter.prepared, places)
                made = ImprintParts(body.key, matter.key, tuple(places), areas, parts.digest)
                return UnverifiedPdf(
                    pdf,
                    _page_count(body.pages, page),
                    body.margins,
                    "",
                    made,
                    assembler.matches_template(body.body_template, pdf),
                )
            loose.document = None
            widths = loose.widths
        return UNSHARED_NO_SLOT

    def _guess_slot_widths(self, style: str, parts: imprint_slots.SlottedHtml) -> tuple[float, ...]:
        return tuple(self._width_by_slot_path.get((style, path), 400.0) for path in imprint_slots.slot_paths(parts))

    def _remember_slot_widths(
        self, text: str, style: str, parts: imprint_slots.SlottedHtml, widths: tuple[float, ...]
    ) -> None:
        if self._widths.get(text) != widths:
            self._widths[text] = widths
            self._width_by_slot_path |= {
                (style, path): width for path, width in zip(imprint_slots.slot_paths(parts), widths, strict=True)
            }
            self._pending_shares.append(partial(self._store.put, f"widths-{text}", widths))

    def _choose_body(
        self,
        page: Page,
        text: str,
        parts: imprint_slots.SlottedHtml,
        heights: tuple[float, ...],
        loose: SharedBody,
        fetcher: Any,
    ) -> SharedBody | None:
        """Return the body as it is set best, with its plate; None where its slots would be wider or narrower then, or too high for a page."""
        if loose.key in self._chosen:
            return self._chosen[loose.key]
        tried: list[SharedBody] = []

        def lay(fit: str) -> _LayoutResult:
            tried.append(self._body(page, text, parts, fit, heights, fetcher) if fit else loose)
            return _LayoutResult(tried[-1], tried[-1].pages, tried[-1].surplus)

        chosen: SharedBody = _fit_to_pages(lay).document
        fits = chosen.widths == loose.widths and all(body.stays for body in tried)
        if fits and chosen.body_template is None and chosen.lay:
            chosen.body_template = _compile_body_template(chosen.document or chosen.lay(), page, parts)
        for body in tried:
            if body.lay:
                self._pending_shares.append(partial(self._bodies.share, body))
            body.document = body.lay = None  # a laid-out document is large
        self._chosen[loose.key] = chosen if fits else None
        return self._chosen[loose.key]

    def _matter(
        self, page: Page, style: str, pairs: Mapping[tuple[str, float], None], fetcher: Any
    ) -> "_ClinicFragments | None":
        """Return a clinic's matter, which is the same in all its leaflets that have the same slots; None where it does not fit."""
        slots, widths = zip(*pairs, strict=True)
        html = imprint_slots.clinic_html(page.html, slots, widths)
        key = body_cache.body_key((style, html))
        if key not in self._matters and (lent := self._store.get(key)):
            self._matters[key] = lent
        if key not in self._matters:
            document = self._layout(html, page.stylesheet, fetcher)
            heights = imprint_slots.slot_heights(document, len(slots))
            prepared = None if heights is None else _compile_clinic_fragment(document, page, heights)
            numbers = {pair: number for number, pair in enumerate(pairs)}
            self._matters[key] = made = (
                _ClinicFragments(key, numbers, heights, prepared) if heights and prepared else None
            )
            if made:
                self._pending_shares.append(partial(self._store.put, key, made))
        return self._matters[key]

    def _body(
        self,
        page: Page,
        text: str,
        parts: imprint_slots.SlottedHtml,
        fit: str,
        heights: tuple[float, ...],
        fetcher: Any,
    ) -> SharedBody:
        key = body_cache.body_key((text, fit, repr(heights)))
        known = self._bodies.get(key)
        if known:
            return known
        html = _with_fit_class(imprint_slots.body_html(parts, heights), fit)
        lay = partial(self._layout, html, page.stylesheet, fetcher)
        document = lay()
        widths = imprint_slots.slot_widths(document, len(parts.slots))
        margins = _page_margins(document)
        stays = imprint_slots.slots_stay_on_page(document)
        return self._bodies.put(
            SharedBody(
                key, len(document.pages), _last_page_surplus(document), widths, margins, lay, document, stays=stays
            )
        )

    def _layout(self, html: str, stylesheet: Stylesheet, fetcher: Any) -> Any:
        return self._weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher).render(
            font_config=self._fonts,
            stylesheets=[self._sheet(stylesheet, fetcher)],
            pdf_variant=PDF_VARIANT,
            cache=self._images,
        )

    def _sheet(self, stylesheet: Stylesheet, fetcher: Any) -> Any:
        if stylesheet.digest not in self._sheets:
            with _collected_log() as said:
                sheet = self._weasyprint.CSS(
                    string=stylesheet.css, base_url=BASE_URL, url_fetcher=fetcher, font_config=self._fonts
                )
            if said:
                raise RenderError("the stylesheet has faults:\n" + "\n".join(dict.fromkeys(said)))
            self._sheets[stylesheet.digest] = sheet
        return self._sheets[stylesheet.digest]


@storable
@dataclass(frozen=True, slots=True)
class _ClinicFragments:
    """A clinic's slots, by text and width, each of which is laid out once: its number, heights in CSS pixels, and all of them ready to imprint."""

    key: str
    slots: Mapping[tuple[str, float], int]
    heights: tuple[float, ...]
    prepared: ClinicFragment


@dataclass(frozen=True, slots=True)
class _LayoutResult:
    """A text laid out: the document or body, its pages, and the share of it on a nearly empty last one."""

    document: Any
    pages: int
    surplus: float


def _fit_to_pages(lay: Callable[[str], _LayoutResult]) -> _LayoutResult:
    """Lay out; where the text ends on a nearly empty sheet, set it closer if that saves the sheet."""
    loose = lay("")
    for fit, saving in TIGHTER_FITS.items():
        if 0 < loose.surplus <= saving:
            closer = lay(fit)
            if closer.pages < loose.pages:
                return closer
    return loose


class _ExtractedError(Exception):
    """Ends the writing of a PDF whose objects have been taken."""


def _compile_body_template(document: Any, page: Page, parts: imprint_slots.SlottedHtml) -> BodyTemplate | None:
    """Return a body ready to be imprinted; None where that cannot be."""

    def engrave(pdf: Any) -> BodyTemplate:
        structure_writer.repair_tags(pdf)
        vector.link_shading_patterns(pdf)
        laid = imprint_slots.lay_out_slots(pdf, len(parts.slots), digest=bool(parts.digest))
        _write_document_properties(page, pdf, placeholder(b"described"))
        return assembler.compile_body(pdf, laid.areas, laid.rooms, laid.digests, laid.digits, laid.profile)

    return _extract(document, engrave)


def _compile_clinic_fragment(document: Any, page: Page, heights: tuple[float, ...]) -> ClinicFragment | None:
    """Return a clinic's matter ready to imprint; None where that cannot be."""

    def prepare(pdf: Any) -> ClinicFragment:
        structure_writer.repair_tags(pdf)
        vector.link_shading_patterns(pdf)
        press.prepare_drawing(pdf, page.format, page.inks)
        return assembler.compile_fragment(pdf, [height * structure_writer.PIXEL for height in heights])

    return _extract(document, prepare)


def _extract(document: Any, take: "Callable[[Any], Taken]") -> "Taken | None":
    """Return what is taken from the PDF of a document, which is not written; None where it cannot be taken."""
    taken: list[Taken] = []

    def finish(_: Any, pdf: Any) -> None:
        with suppress(NotTemplatableError):
            taken.append(take(pdf))
        raise _ExtractedError

    with suppress(_ExtractedError):
        document.write_pdf(finisher=finish, pdf_variant=PDF_VARIANT)
    return taken[0] if taken else None


def _prefix_file_name(problem: str, page: Page) -> str:
    """Return a problem behind the name of the file whose address it has."""
    names = [file.path.as_posix() for file in page.files if file.url in problem]
    return ": ".join([*names[:1], problem])


def _with_fit_class(html: str, fit: str) -> str:
    return html.replace("<html ", f'<html class="{fit}" ', 1) if fit else html


def _style_key(page: Page) -> str:
    """Return the name of all that a page is drawn with but its text: SHA-256."""
    files = (f"{file.url} {file.digest}" for file in page.files)
    form = page.format.model_dump_json()
    return body_cache.body_key((page.stylesheet.digest, form, repr(page.inks), str(page.right_to_left), *files))


def _last_page_surplus(document: Any) -> float:
    """Return the share of the text that stands on a nearly empty last page, 0 where that page is fuller."""
    last, others = document.pages[-1], len(document.pages) - 1
    anchors = weasyprint_seams.anchor_boxes(last)
    filled: float = anchors["end"][1] / last.height if "end" in anchors else 1.0
    return filled / (others + filled) if others and filled < NEARLY_EMPTY_SHARE else 0.0


def _page_margins(document: Any) -> Margins:
    """Return the margins of a document's pages in points."""
    box = weasyprint_seams.page_box(document.pages[0])
    sides = (box.margin_left, box.margin_bottom, box.margin_right, box.margin_top)
    left, bottom, right, top = (float(side) * structure_writer.PIXEL for side in sides)
    return left, bottom, right, top


def _page_count(count: int, page: Page) -> int:
    return len(saddle_stitch_sides(count)) if page.format.imposition == "saddle-stitch" else count


class _LogCollector(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"WeasyPrint: {record.getMessage()}")


@contextmanager
def _collected_log() -> Iterator[list[str]]:
    """Collect what WeasyPrint says: most of its failures are quiet, a line in a log and a wrong page."""
    logger, handler = logging.getLogger("weasyprint"), _LogCollector(logging.WARNING)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield handler.said
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


@cache
def _fetcher_class() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class DeclaredFiles(URLFetcher):  # type: ignore[misc]
        """Serves the files that a page declares, and data that stands in the page itself; all else ends the render."""

        def __init__(self, files: tuple[DeclaredFile, ...], inks: bool = False) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)
            self._inks = inks
            self._files: Mapping[str, DeclaredFile] = {file.url: file for file in files}
            self.refused: list[str] = []
            """What the page asked for in vain: WeasyPrint swallows even fatal errors inside a picture."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            try:
                if url not in self._files:
                    raise RenderError(f"the page asks for {url[:200]}, which it does not declare")
                file = self._files[url]
                data = _prepare_picture(file, _read_declared_file(file), inks=self._inks)
                return URLFetcherResponse(url, data, {"Content-Type": _media_type(file.path)})
            except (RenderError, OSError, SyntaxError, ValueError) as error:  # Pillow has several for a broken picture
                message = (
                    str(error)
                    if isinstance(error, RenderError)
                    else f"{self._files[url].path} cannot be drawn: {error}"
                )
                self.refused.append(message)
                raise FatalURLFetchingError(message) from None

    return DeclaredFiles


def _read_declared_file(file: DeclaredFile) -> bytes:
    try:
        data = file.path.read_bytes()
    except OSError as problem:
        raise RenderError(f"{file.path} cannot be read: {problem.strerror}") from None
    if sha256_hex(data) != file.digest:
        raise RenderError(f"{file.path} changed while the build was running; build again")
    return data


def _prepare_picture(file: DeclaredFile, data: bytes, *, inks: bool) -> bytes:
    """Return the bytes of a file as a PDF can show them; `inks` says that it is for a press."""
    kind = rasters.FORMATS_BY_TYPE.get(file.path.suffix.lower())
    return rasters.normalize_image(data, kind, inks=inks) if kind else data


def _media_type(path: Path) -> str:
    kinds = {
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".ttf": "font/ttf",
    }
    return kinds[path.suffix.lower()]


def _postprocess(page: Page, _: Any, pdf: Any) -> None:
    """Do the last step before a whole PDF is written."""
    structure_writer.repair_tags(pdf)
    vector.link_shading_patterns(pdf)
    _write_document_properties(page, pdf, xmp.xmp_description(page.identity))
    deterministic_writer.freeze(pdf)


def _write_document_properties(page: Page, pdf: Any, described: bytes) -> None:
    """Write what belongs to the whole PDF: what it says of itself, how a printer should treat it, and its sheets."""
    structure_writer.finalize_tags(pdf)
    xmp.write_xmp(pdf, described)
    preferences = pdf.catalog["ViewerPreferences"]
    preferences["PrintScaling"] = "/None"
    preferences["Duplex"] = "/DuplexFlipLongEdge" if page.format.duplex == "long-edge" else "/DuplexFlipShortEdge"
    preferences["Direction"] = "/R2L" if page.right_to_left else "/L2R"
    if page.format.imposition == "saddle-stitch":
        imposition.impose_saddle_stitch(pdf, right_to_left=page.right_to_left)
    press.prepare_for_press(pdf, page.format, page.inks)
