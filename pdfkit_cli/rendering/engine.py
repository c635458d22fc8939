"""WeasyPrint: a page's HTML to a laid-out document, and that to the bytes of a PDF."""

import gc
import hashlib
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from pdfkit_cli.content.packaged import PACKAGE
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.folding import sheet_sides
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.rendering import page_measures, sheet_fitting, weasyprint_seams
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page, Stylesheet
from pdfkit_cli.rendering.postprocess import deterministic_writer, imposition, press, structure_writer, vector, xmp
from pdfkit_cli.rendering.unverified import UnverifiedPdf
from pdfkit_cli.rendering.verification.legibility import Margins

PDF_VARIANT: Final = "pdf/a-2a"
"""What WeasyPrint claims; `xmp` adds PDF/UA-1."""

_OWN_LAYER: Final = re.compile(r"\n@layer (?:format|brand) \{")


class RenderError(PdfkitError):
    """A page cannot be rendered correctly."""


def load_weasyprint() -> Any:
    """Import WeasyPrint, changed as `weasyprint_seams` describes."""
    return weasyprint_seams.load_weasyprint(vector.VectorImage)


def is_raised_by_weasyprint(error: BaseException) -> bool:
    """Return whether an exception was raised in WeasyPrint or pydyf, or in a library that they called, and not in pdfkit."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(PACKAGE):
            return False
        if not {"weasyprint", "pydyf"}.isdisjoint(path.parts):
            return True
    return False


class Engine:
    """WeasyPrint with everything that all pages of a process share: fonts, parsed stylesheets, images.

    A new FontConfiguration for each document leaks about 0.4 MB per document; a shared one does not.
    """

    def __init__(self) -> None:
        self._weasyprint = load_weasyprint()
        self._fonts = self._weasyprint.text.fonts.FontConfiguration()
        self._stylesheets: dict[str, Any] = {}
        self._shared_styles: dict[str, Any] = {}
        """What begins the stylesheets of all formats and brands: base and components."""

        self._declared: tuple[tuple[DeclaredFile, ...], bool] = (), False
        self._fetcher = _fetcher_class()(*self._declared)
        self._images: dict[str, Any] = {}
        self._text: tuple[object, ...] = ()
        self._documents: dict[tuple[str, str], Any] = {}
        """The layouts of the last text with the last stylesheet."""

    @contextmanager
    def session(self, page: Page) -> Iterator[None]:
        """Allow layouts with the files that a page declares, and no others.

        At the end, raises RenderError with everything that WeasyPrint logged or could not load: most of its failures
        show only as a line in the log and a wrong page.
        """
        from weasyprint.urls import FatalURLFetchingError

        declared = page.files, page.format.colours == "cmyk"
        if declared != self._declared:
            self._declared, self._images = declared, {}
            self._fetcher = _fetcher_class()(*declared)
        text = page.html, page.stylesheet.digest, declared
        if text != self._text:
            self._forget_layouts()
        self._text = ()  # after an error, nothing is reused: its message would be missing
        self._fetcher.refused.clear()
        try:
            with _collected_log() as messages, _without_garbage_collector():
                yield
        except FatalURLFetchingError as error:
            raise RenderError(str(error)) from None
        except vector.DrawingError as error:
            raise RenderError(prefix_file_name(str(error), page)) from None
        if problems := (*self._fetcher.refused, *messages):
            self._images = {}  # a failed image would be reused without a message
            raise RenderError("\n".join(dict.fromkeys(prefix_file_name(problem, page) for problem in problems)))
        self._text = text

    def forget(self) -> None:
        """Drop the last text, and the images: each SVG refers to the document that it was first drawn in."""
        self._images = {}
        self._text = ()
        self._forget_layouts()

    def _forget_layouts(self) -> None:
        for document in self._documents.values():
            weasyprint_seams.release(document)
        self._documents.clear()

    def layout(self, html: str, stylesheet: Stylesheet) -> Any:
        """Return a laid-out document. Call this in a session.

        Formats that differ only in what is done with the pages, such as a booklet, share the layout of a text.
        """
        key = html, stylesheet.digest
        if key not in self._documents:
            self._documents[key] = self._weasyprint.HTML(
                string=html, base_url=BASE_URL, url_fetcher=self._fetcher
            ).render(
                font_config=self._fonts,
                stylesheets=[self._parsed(stylesheet)],
                pdf_variant=PDF_VARIANT,
                cache=self._images,
            )
        return self._documents[key].copy()  # drawing a document changes its fonts

    def _parsed(self, stylesheet: Stylesheet) -> Any:
        if stylesheet.digest not in self._stylesheets:
            shared = _shared_css(stylesheet.css)
            own = stylesheet.css.removeprefix(shared)
            rest = "\n" * shared.count("\n") + own  # messages have the lines of the whole
            with _collected_log() as messages:
                before = self._shared_styles.get(shared) or self._parse_css(shared)
                parsed = self._parse_css(rest, **weasyprint_seams.copy_rules(before))
            if messages:
                raise RenderError(
                    "the stylesheet has faults:\n" + "\n".join(dict.fromkeys(map(stylesheet.locate, messages)))
                )
            self._shared_styles, self._stylesheets[stylesheet.digest] = {shared: before}, parsed
        return self._stylesheets[stylesheet.digest]

    def _parse_css(self, css: str, **before: Any) -> Any:
        return self._weasyprint.CSS(
            string=css, base_url=BASE_URL, url_fetcher=self._fetcher, font_config=self._fonts, **before
        )

    def render(self, page: Page) -> UnverifiedPdf:
        """Return the PDF of a page. Call this in a session."""

        def lay_out(fit: str) -> Any:
            return self.layout(sheet_fitting.with_fit_class(page.html, fit), page.stylesheet)

        fit = sheet_fitting.fit_to_sheets(
            lambda fit: page_measures.measure(lay_out(fit), page.format),
            page.format,
            small_pictures=page.has_small_pictures,
        )
        document = lay_out(fit)
        pdf: bytes = document.write_pdf(finisher=partial(_finish, page), pdf_variant=PDF_VARIANT)
        pages = page_count(len(document.pages), page)
        return UnverifiedPdf(pdf, pages, page_margins(document), words_only=sheet_fitting.is_words_only(fit))


def _shared_css(css: str) -> str:
    """Return what stylesheets of several formats begin with: all before the first layer of a format or brand.

    Nothing if a block is open there, or may be.
    """
    found = _OWN_LAYER.search(css)
    shared = css[: found.start()] if found else ""
    return shared if shared.count("{") == shared.count("}") else ""


def page_margins(document: Any) -> Margins:
    """Return the margins of a document's pages in points."""
    box = weasyprint_seams.page_box(document.pages[0])
    sides = (box.margin_left, box.margin_bottom, box.margin_right, box.margin_top)
    left, bottom, right, top = (float(side) * structure_writer.PIXEL for side in sides)
    return left, bottom, right, top


def page_count(pages: int, page: Page) -> int:
    """Return the number of pages in the PDF: of sheet sides, if pages are imposed."""
    folding = page.format.imposition
    return pages if folding == "none" else len(sheet_sides(folding, pages))


def _finish(page: Page, _: Any, pdf: Any) -> None:
    """Complete a PDF just before WeasyPrint writes it."""
    repair(pdf)
    write_document_properties(page, pdf, xmp.xmp_description(page.identity))
    deterministic_writer.freeze(pdf)


def repair(pdf: Any) -> None:
    """Repair a document as made by WeasyPrint, before anything is joined to it."""
    structure_writer.repair_tags(pdf)
    vector.link_shading_patterns(pdf)


def write_document_properties(page: Page, pdf: Any, xmp_description: bytes) -> None:
    """Write what concerns the complete PDF: the structure tree's root, metadata, printing preferences, sheets and printer's marks."""
    structure_writer.finalize_tags(pdf)
    xmp.write_xmp(pdf, xmp_description)
    preferences = pdf.catalog["ViewerPreferences"]
    preferences["PrintScaling"] = "/None"
    preferences["Duplex"] = "/DuplexFlipLongEdge" if page.format.duplex == "long-edge" else "/DuplexFlipShortEdge"
    preferences["Direction"] = "/R2L" if page.right_to_left else "/L2R"
    if page.format.imposition != "none":
        imposition.impose(pdf, page.format.imposition, right_to_left=page.right_to_left)
    press.prepare_for_press(pdf, page.format, page.inks)


def prefix_file_name(problem: str, page: Page) -> str:
    """Return a problem, prefixed with the name of the file whose URL it contains."""
    names = [file.path.as_posix() for file in page.files if file.url in problem]
    return ": ".join([*names[:1], problem])


class _LogCollector(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"WeasyPrint: {record.getMessage()}")


@contextmanager
def _collected_log() -> Iterator[list[str]]:
    """Collect the warnings and errors that WeasyPrint logs, in place of printing them."""
    logger, handler = logging.getLogger("weasyprint"), _LogCollector(logging.WARNING)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Stop the search for garbage, which takes 8 % of the CPU and finds next to none: boxes and styles are freed without it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def _fetcher_class() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class DeclaredFiles(URLFetcher):  # type: ignore[misc]
        """Serves the files that a page declares, and `data:` URLs; any other URL ends the render."""

        def __init__(self, files: tuple[DeclaredFile, ...], inks: bool = False) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)
            self._inks = inks
            self._files: Mapping[str, DeclaredFile] = {file.url: file for file in files}
            self.refused: list[str] = []
            """The URLs that the page requested in vain: inside an image, WeasyPrint ignores even fatal errors."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            try:
                if url not in self._files:
                    raise RenderError(f"the page asks for {url[:200]}, which it does not declare")
                file = self._files[url]
                data = _normalized(file, _read_declared_file(file), inks=self._inks)
                return URLFetcherResponse(url, data, {"Content-Type": _MEDIA_TYPES[file.path.suffix.lower()]})
            except (RenderError, OSError, SyntaxError, ValueError) as error:  # Pillow raises several for a broken image
                ours = isinstance(error, RenderError)
                message = str(error) if ours else f"{self._files[url].path} cannot be drawn: {error}"
                self.refused.append(message)
                raise FatalURLFetchingError(message) from None

    return DeclaredFiles


_MEDIA_TYPES: Final = {
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".ttf": "font/ttf",
}  # fmt: skip


def _read_declared_file(file: DeclaredFile) -> bytes:
    try:
        data = file.path.read_bytes()
    except OSError as problem:
        raise RenderError(f"{file.path} cannot be read: {problem.strerror}") from None
    if hashlib.sha256(data).hexdigest() != file.digest:
        raise RenderError(f"{file.path} changed while the build was running; build again")
    return data


def _normalized(file: DeclaredFile, data: bytes, *, inks: bool) -> bytes:
    """Return a file's bytes in a form that PDFs can contain; `inks` keeps colours in CMYK for a printing press."""
    kind = rasters.FORMATS_BY_TYPE.get(file.path.suffix.lower())
    return rasters.normalize_image(data, kind, inks=inks) if kind else data
