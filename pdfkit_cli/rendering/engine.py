"""WeasyPrint: a page's HTML to a laid-out document, and that to the bytes of a PDF."""

import gc
import hashlib
import logging
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pdfkit_cli.content.packaged import PACKAGE
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.pdf.saddle_stitch import saddle_stitch_sides
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page, Stylesheet
from pdfkit_cli.rendering.postprocess import deterministic_writer, imposition, press, structure_writer, vector, xmp
from pdfkit_cli.rendering.verification.legibility import Margins

PDF_VARIANT: Final = "pdf/a-2a"
"""What WeasyPrint claims; `xmp` adds PDF/UA-1."""

NEARLY_EMPTY_SHARE: Final = 0.4
"""A last page whose text ends above this share of its height looks like a mistake."""

TIGHTER_FITS: Final = {"snug": 0.08, "tight": 0.13}
"""CSS classes of every format for tighter setting, and the largest share of a text that each can save.

Measured on the founding leaflets in all formats and on 200 generated ones in two formats: at most 0.074 and 0.122.
A second layout costs as much as the first, so it is tried only if it can help.
"""

_OWN_LAYER: Final = re.compile(r"\n@layer (?:format|brand) \{")

LaidOut = TypeVar("LaidOut")


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
            self._documents.clear()
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

    def render(self, page: Page) -> tuple[bytes, int, Margins]:
        """Return the PDF of a page, the number of its pages or sheet sides, and its margins. Call this in a session."""

        def lay_out(fit: str) -> FittedLayout[Any]:
            document = self.layout(with_fit_class(page.html, fit), page.stylesheet)
            return FittedLayout(document, len(document.pages), last_page_surplus(document))

        document = fit_to_pages(lay_out).document
        pdf: bytes = document.write_pdf(finisher=partial(_finish, page), pdf_variant=PDF_VARIANT)
        return pdf, page_count(len(document.pages), page), page_margins(document)


@dataclass(frozen=True, slots=True)
class FittedLayout(Generic[LaidOut]):
    """A laid-out text, its number of pages, and the share of the text on a nearly empty last page."""

    document: LaidOut
    pages: int
    surplus: float


def fit_to_pages(lay_out: Callable[[str], FittedLayout[LaidOut]]) -> FittedLayout[LaidOut]:
    """Lay out a text; if it ends on a nearly empty page, set it tighter if that saves the page."""
    loose = lay_out("")
    for fit, saving in TIGHTER_FITS.items():
        if 0 < loose.surplus <= saving:
            tighter = lay_out(fit)
            if tighter.pages < loose.pages:
                return tighter
    return loose


def _shared_css(css: str) -> str:
    """Return what stylesheets of several formats begin with: all before the first layer of a format or brand.

    Nothing if a block is open there, or may be.
    """
    found = _OWN_LAYER.search(css)
    shared = css[: found.start()] if found else ""
    return shared if shared.count("{") == shared.count("}") else ""


def with_fit_class(html: str, fit: str) -> str:
    """Return HTML that is set as tightly as a class of TIGHTER_FITS asks, or unchanged."""
    return html.replace("<html ", f'<html class="{fit}" ', 1) if fit else html


def last_page_surplus(document: Any) -> float:
    """Return the share of the text that is on a nearly empty last page; 0 if that page is fuller."""
    last, others = document.pages[-1], len(document.pages) - 1
    end = weasyprint_seams.anchor_boxes(last).get("end")
    filled: float = end[1] / last.height if end else 1.0
    return filled / (others + filled) if others and filled < NEARLY_EMPTY_SHARE else 0.0


def page_margins(document: Any) -> Margins:
    """Return the margins of a document's pages in points."""
    box = weasyprint_seams.page_box(document.pages[0])
    sides = (box.margin_left, box.margin_bottom, box.margin_right, box.margin_top)
    left, bottom, right, top = (float(side) * structure_writer.PIXEL for side in sides)
    return left, bottom, right, top


def page_count(pages: int, page: Page) -> int:
    """Return the number of pages in the PDF: of sheet sides, if pages are imposed."""
    return len(saddle_stitch_sides(pages)) if page.format.imposition == "saddle-stitch" else pages


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
    if page.format.imposition == "saddle-stitch":
        imposition.impose_saddle_stitch(pdf, right_to_left=page.right_to_left)
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
