"""Renders a page to a verified PDF, in worker processes only: imprinted on a shared body if possible, and read back before it is used."""

import os
import tempfile
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.errors import InternalError, PdfkitError, Problem, shorten_message
from pdfkit_cli.pdf.reader import document as reader_document
from pdfkit_cli.rendering.engine import (
    Engine,
    RenderError,
    is_raised_by_weasyprint,
    load_weasyprint,
    prefix_file_name,
)
from pdfkit_cli.rendering.imprint.shared_layout import SharedLayoutRenderer
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page
from pdfkit_cli.rendering.postprocess import tounicode
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.rendering.sheet_fitting import NEARLY_EMPTY_SHARE
from pdfkit_cli.rendering.unverified import UnsharedReason, UnverifiedPdf
from pdfkit_cli.rendering.verification import completeness, preflight, shaping, typographic_warnings
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.rendering.verification.proof_cache import ProofCache
from pdfkit_cli.system import caching, fault_log
from pdfkit_cli.system.disk_cache import DiskCache

_shared_cache_folder: Path | None = None
"""The folder in which workers share layouts with each other and with later builds."""


def prepare_process(folder: Path | None = None, kept: Path | None = None) -> None:
    """Prepare this process for rendering. Call this before anything imports WeasyPrint.

    WeasyPrint's copies of the fonts are written to `folder`, since a worker is killed at the end and would leave them behind.
    Layouts for several clinics, and what fonts say of their glyphs, are read from `kept`, and stored there for other
    processes (see `DiskCache`).

    fontconfig gets a configuration without any folder, so that on every machine only the faces declared by the stylesheet exist.
    """
    global _shared_cache_folder  # a worker has one engine, and one build
    _shared_cache_folder = kept
    tounicode.keep_faces(kept)
    if folder:
        tempfile.tempdir = str(folder)
    for name in [name for name in os.environ if name.startswith("FONTCONFIG_")]:
        del os.environ[name]
    os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fontconfig.xml"))
    load_weasyprint()


def render(page: Page) -> RenderedPdf:
    """Return the PDF of a page, in PDF/UA-1, the same bytes for the same page everywhere.

    Raises RenderError if a file is missing or changed, if the page requests anything that it did not declare, if
    WeasyPrint logs a warning or an error, if the finished PDF does not show everything that the page must contain, and
    if it violates the limits of its format.
    Raises RenderError for an exception in WeasyPrint, and InternalError for one in pdfkit.
    """
    try:
        made = render_unverified(page)
        if made.imprint and (rendered := _reuse_proof(page, made)):
            return rendered
        rendered, wrong = verify_rendered(page, made)
        if wrong and made.imprint:  # the clinic's content may be too large for its room: a full render decides
            rendered, wrong = verify_rendered(page, render_unverified(replace(page, shares_body=False)))
            rendered = replace(rendered, unshared=UnsharedReason.OVERFLOW)
        if wrong:
            raise RenderError("\n".join(wrong))
        return rendered
    except (PdfkitError, MemoryError):
        raise
    except Exception as error:
        raise _unexpected_error(error, page) from error


def _unexpected_error(error: Exception, page: Page) -> PdfkitError:
    """Return the error to raise for an unexpected exception: in WeasyPrint, which other content may avoid, or a bug in pdfkit."""
    fault = fault_log.capture_fault(error, page.name)
    if not is_raised_by_weasyprint(error):
        return InternalError(fault)
    message = f"WeasyPrint could not draw it: {type(error).__name__}: {shorten_message(str(error))}"
    return RenderError(prefix_file_name(message, page), fault=fault)


def render_all(pages: tuple[Page, ...]) -> tuple[RenderedPdf | Problem, ...]:
    """Return the PDF of each page that shares a body, or its problem. An error that ends the process ends all of them."""
    return tuple(map(_render_or_problem, pages))


def _render_or_problem(page: Page) -> RenderedPdf | Problem:
    try:
        return render(page)
    except PdfkitError as error:
        return error.problem


def _reuse_proof(page: Page, made: UnverifiedPdf) -> RenderedPdf | None:
    """Return an imprint that need not be read back, because its parts have been read before; None if it must be."""
    assert made.imprint
    found = _proof_cache().lookup(made.imprint, _expected_in(made, page), made.pdf, NEARLY_EMPTY_SHARE)
    if found is None or not made.is_sound or preflight.exceeds_byte_limit(made.pdf, page.format):
        return None
    return RenderedPdf(made.pdf, made.pages, *found, body=made.imprint.body)


def _expected_in(made: UnverifiedPdf, page: Page) -> tuple[ExpectedItem, ...]:
    """Return what a PDF must contain, without the small pictures if they were left out."""
    if not made.words_only:
        return page.expected
    return tuple(item for item in page.expected if item.kind is not ContentKind.SMALL_PICTURE)


@cache
def _proof_cache() -> ProofCache:
    return ProofCache(DiskCache(_shared_cache_folder))


def render_unverified(page: Page) -> UnverifiedPdf:
    """Return the PDF of a page without reading it back."""
    engine, shared_layouts = _renderers_for(page)
    try:
        with engine.session(page):
            made = _unshared_reason(page) or shared_layouts.render(page)
            if isinstance(made, UnsharedReason):
                made = replace(engine.render(page), unshared=made)
    except Exception:
        shared_layouts.clear()  # the next page would miss what was logged for them
        _proof_cache().clear()
        raise
    shared_layouts.commit()
    return made


def _unshared_reason(page: Page) -> UnsharedReason | None:
    if not page.imprint:
        return UnsharedReason.SWITCHED_OFF
    return None if page.shares_body else UnsharedReason.FACT_IN_SENTENCE


def _renderers_for(page: Page) -> tuple[Engine, SharedLayoutRenderer]:
    return _cached_renderers(
        tuple(file for file in page.files if file.path.suffix.lower() == ".ttf" and not _is_packaged(file))
    )


def _is_packaged(file: DeclaredFile) -> bool:
    """Return whether a face is one of pdfkit's, at its own address, of which a page declares all that have a character of it.

    So one that another page of this process has declared changes nothing.
    """
    return file.url.startswith(f"{BASE_URL}fonts/") and file.path.is_relative_to(_packaged_fonts())


@cache
def _packaged_fonts() -> Path:
    return packaged_folder("fonts")


@lru_cache(maxsize=1)
def _cached_renderers(fonts: tuple[DeclaredFile, ...]) -> tuple[Engine, SharedLayoutRenderer]:
    """Return the renderers for these fonts: WeasyPrint keeps faces once they are declared."""
    engine = Engine()
    return engine, SharedLayoutRenderer(engine, _shared_cache_folder)


def reset() -> None:
    """Forget everything that this process has laid out and verified."""
    _cached_renderers.cache_clear()
    _proof_cache.cache_clear()


def forget_page(page: Page) -> None:
    """Forget the text of a page in this process: in WeasyPrint's images, and in everything read or computed from the page."""
    engine, _ = _renderers_for(page)
    engine.forget()
    caching.clear_text_caches()


def verify_rendered(page: Page, made: UnverifiedPdf) -> tuple[RenderedPdf, tuple[str, ...]]:
    """Read a PDF back, and return it with its typographic warnings, and with everything that is wrong with it."""
    if not page.expected:
        wrong = tuple(map(str, preflight.check_format(made.pdf, page.format)))
        return RenderedPdf(made.pdf, made.pages, unshared=made.unshared), wrong
    shown, expected = reader_document.read_pdf(made.pdf), _expected_in(made, page)
    shaper = shaping.page_shaper(page.files, page.html)
    proof = completeness.verify_content(
        shown, expected, page.name, right_to_left=page.right_to_left, margins=made.margins, shaper=shaper
    )
    remarks = tuple(typographic_warnings.typographic_warnings(shown, proof.matches, NEARLY_EMPTY_SHARE))
    zones = preflight.clear_zones(page.format)
    known_free = made.imprint and _proof_cache().keeps_zones_free(made.imprint, made.pdf, zones)
    ink = not known_free and not proof.overflow.messages  # content that does not fit may extend into a zone without ink
    wrong = (*proof.misses, *map(str, preflight.check_format(made.pdf, page.format, ink=ink)))
    if made.imprint and not wrong:
        _proof_cache().record(made.imprint, shown, proof, expected, remarks, made.margins, zones)
    filled = typographic_warnings.fill_share(shown.pages[-1])
    body = made.imprint.body if made.imprint else ""
    return RenderedPdf(made.pdf, made.pages, remarks, filled, made.unshared, body), wrong
