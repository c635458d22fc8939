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
from math import ceil
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pdfkit_cli.content.packaged import PACKAGE
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.folding import sheet_sides
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page, PageFormat, Stylesheet
from pdfkit_cli.rendering.postprocess import deterministic_writer, imposition, press, structure_writer, vector, xmp
from pdfkit_cli.rendering.unverified import UnverifiedPdf
from pdfkit_cli.rendering.verification.legibility import Margins

PDF_VARIANT: Final = "pdf/a-2a"
"""What WeasyPrint claims; `xmp` adds PDF/UA-1."""

NEARLY_EMPTY_SHARE: Final = 0.4
"""A last page whose text ends above this share of its height looks like a mistake."""

FULL_SHARE: Final = 0.87
"""A page that text flows on from, and that ends above this share of its type area, has a hole."""

ROOM_FOR_QUESTIONS: Final = 0.55
"""In a format with a cover, a last page whose text ends above this share of its height has room for questions."""

TIGHTER_FITS: Final = {"snug": 0.20, "tight": 0.24}
"""CSS classes of every format for tighter setting, and the largest share of a text that each can save.

Measured on the founding leaflets in formats of one column: at most 0.188 and 0.233, since what does not fit on a page moves whole.
A second layout costs as much as the first, so it is tried only if it can help.
"""

_PAGE_SIZE: Final = re.compile(r"page-([\d.]+)x(\d+)")
_OWN_LAYER: Final = re.compile(r"\n@layer (?:format|brand) \{")

BACK_LINES: Final = range(4, 13)
"""How many lines for questions may fill what a back cover leaves empty: less looks lost, more is never filled."""

BACK_LINE, BACK_HEAD = 10.0, 20.0
"""The height in mm of such a line, and of what is above the first, as in the CSS of formats."""

_BACK_CLASS: Final = re.compile(r"\bback-(\d+)")

OPENED: Final = "open"
"""The CSS class of formats with a cover for a setting with more air."""

WORDS_ONLY: Final = "words-only"
"""The CSS class of a setting without the small pictures beside the text."""

MOST_SAVED: Final = 0.3
"""The largest share of a text that a tighter setting can save together with the small pictures."""

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

    def render(self, page: Page) -> UnverifiedPdf:
        """Return the PDF of a page. Call this in a session."""

        def lay_out(fit: str) -> FittedLayout[tuple[Any, str]]:
            document = self.layout(with_fit_class(page.html, fit), page.stylesheet)
            filled, emptiest = filled_pages(document, page.format), emptiest_page(document, page.format)
            room = room_on_last_page(document)
            return FittedLayout((document, fit), len(document.pages), filled, emptiest, room)

        document, fit = fit_to_sheets(lay_out, page.format, small_pictures=page.has_small_pictures).document
        pdf: bytes = document.write_pdf(finisher=partial(_finish, page), pdf_variant=PDF_VARIANT)
        pages = page_count(len(document.pages), page)
        return UnverifiedPdf(pdf, pages, page_margins(document), words_only=is_words_only(fit))


@dataclass(frozen=True, slots=True)
class FittedLayout(Generic[LaidOut]):
    """A laid-out text, its number of pages, and how many of them it fills: 5.4 if it ends on the sixth, after 40 % of it.

    `emptiest` is the share of the type area that the emptiest page is filled to, of those that text flows on from.
    `room` is the height that is left below the end of the last page, in mm.
    """

    document: LaidOut
    pages: int
    filled: float
    emptiest: float = 1.0
    room: float = 0.0


def fit_to_sheets(
    lay_out: Callable[[str], FittedLayout[LaidOut]], form: PageFormat, *, small_pictures: bool = False
) -> FittedLayout[LaidOut]:
    """Lay out a text on as few sheets as its settings allow, and on pages that are not nearly empty and have no holes.

    Its small pictures, if it has any, are left out where they would cost a sheet.
    A page that grows is laid out again in the height that the text needs.
    """
    lay_out = cache(lay_out)
    fit, chosen = _fewest_sheets(lay_out, form)
    if form.grows and form.preflight and chosen.pages == 1:
        width, height = form.preflight.page
        return lay_out(f"page-{width:g}x{ceil(height * chosen.filled)}")
    if small_pictures and any(share <= MOST_SAVED for share in _share_of_a_sheet(chosen, form)):
        words = _words_only(lay_out)
        other, without = _fewest_sheets(words, form)
        if _sheets(without, form) < _sheets(chosen, form):
            lay_out, fit, chosen = words, other, without
    fit, chosen = _without_holes(lay_out, form, fit, chosen)
    return _with_covers(lay_out, form, fit, chosen) if form.cover else chosen


def _words_only(lay_out: Callable[[str], FittedLayout[LaidOut]]) -> Callable[[str], FittedLayout[LaidOut]]:
    return lambda fit: lay_out(f"{fit} {WORDS_ONLY}".lstrip())


def is_words_only(fit: str) -> bool:
    """Return whether a setting leaves out the small pictures."""
    return WORDS_ONLY in fit.split()


def _fewest_sheets(
    lay_out: Callable[[str], FittedLayout[LaidOut]], form: PageFormat
) -> tuple[str, FittedLayout[LaidOut]]:
    """Lay out a text, and tighter where that can win a sheet, or a nearly empty last page: a setting that wins neither is not kept."""
    fit, chosen = "", lay_out("")
    goals, sheet = _shares_to_save(chosen, form), _share_of_a_sheet(chosen, form)
    for tighter, saving in TIGHTER_FITS.items():
        if any(share <= saving for share in goals):
            tried = lay_out(tighter)
            won = _sheets(tried, form) < _sheets(chosen, form)
            if won or (not fit and tried.pages < chosen.pages):
                fit, chosen = tighter, tried
            if won or (fit and not sheet):
                break
    return fit, chosen


def _with_covers(
    lay_out: Callable[[str], FittedLayout[LaidOut]], form: PageFormat, fit: str, chosen: FittedLayout[LaidOut]
) -> FittedLayout[LaidOut]:
    """Open up a text that leaves more than one page over.

    The pages still left are for questions, and so is the rest of a last page that is half empty, and of the back cover.
    """
    if not fit and _spare_pages(chosen, form) > 1:
        opened = lay_out(OPENED)
        if _sheets(opened, form) == _sheets(chosen, form) and opened.pages > chosen.pages:
            fit, chosen = OPENED, opened
    fit += _lines_on_back(chosen)
    if spare := _spare_pages(chosen, form):
        return lay_out(f"{fit} spare-{spare}".lstrip())
    if 0 < chosen.filled % 1 < ROOM_FOR_QUESTIONS:
        filled = lay_out(f"{fit} spare-part".lstrip())
        if filled.pages == chosen.pages:
            return filled
    return lay_out(fit.lstrip()) if "back-" in fit else chosen


def _lines_on_back(chosen: FittedLayout[LaidOut]) -> str:
    """Return the CSS class for the lines that a back cover has room for; nothing if they are too few."""
    lines = min(int((chosen.room - BACK_HEAD) // BACK_LINE), BACK_LINES[-1])
    return f" back-{lines}" if lines in BACK_LINES else ""


def _without_holes(
    lay_out: Callable[[str], FittedLayout[LaidOut]], form: PageFormat, fit: str, chosen: FittedLayout[LaidOut]
) -> tuple[str, FittedLayout[LaidOut]]:
    """Return the setting of the same sheets whose emptiest page is the fullest: boxes that are not split fall otherwise on the pages."""
    for other in TIGHTER_FITS:
        if chosen.emptiest >= FULL_SHARE:
            break
        tried = lay_out(other)
        ends_well = form.cover or not 0 < tried.filled % 1 < NEARLY_EMPTY_SHARE
        if _sheets(tried, form) == _sheets(chosen, form) and ends_well and tried.emptiest > chosen.emptiest:
            fit, chosen = other, tried
    return fit, chosen


def _shares_to_save(loose: FittedLayout[LaidOut], form: PageFormat) -> list[float]:
    """Return the shares of a text that must be saved to win a sheet, and to win a nearly empty last page."""
    goals = _share_of_a_sheet(loose, form)
    last = loose.filled % 1
    if not form.cover and loose.pages > 1 and 0 < last < NEARLY_EMPTY_SHARE:
        goals.append(last / loose.filled)
    return goals


def _share_of_a_sheet(layout: FittedLayout[LaidOut], form: PageFormat) -> list[float]:
    """Return the share of a text that must be saved to win a sheet; nothing if there is but one."""
    room = form.pages_per_sheet * (_sheets(layout, form) - 1) - bool(form.cover)  # the back cover
    return [(layout.filled - room) / layout.filled] if room > 0 else []


def _sheets(layout: FittedLayout[LaidOut], form: PageFormat) -> int:
    return -(-layout.pages // form.pages_per_sheet)


def _spare_pages(layout: FittedLayout[LaidOut], form: PageFormat) -> int:
    return -layout.pages % form.pages_per_sheet


def _shared_css(css: str) -> str:
    """Return what stylesheets of several formats begin with: all before the first layer of a format or brand.

    Nothing if a block is open there, or may be.
    """
    found = _OWN_LAYER.search(css)
    shared = css[: found.start()] if found else ""
    return shared if shared.count("{") == shared.count("}") else ""


def with_fit_class(html: str, fit: str) -> str:
    """Return HTML set as a class of the formats' CSS asks, or on a page of the size in mm of `page-110x800`; else unchanged."""
    if size := _PAGE_SIZE.fullmatch(fit):
        return html.replace("</head>", f"<style>@page {{ size: {size[1]}mm {size[2]}mm }}</style></head>", 1)
    if lines := _BACK_CLASS.search(fit):
        fit = _BACK_CLASS.sub("back", fit)
        html = html.replace("<html ", f'<html style="--back-lines: {lines[1]}" ', 1)
    return html.replace("<html ", f'<html class="{fit}" ', 1) if fit else html


def filled_pages(document: Any, form: PageFormat) -> float:
    """Return how many pages a text fills, with its front cover and without its back cover; with its foot, if the page grows.

    Of columns, one is filled after the other: the last page may be taken to be emptier than it is, never fuller.
    """
    for number, page in enumerate(document.pages):
        end = weasyprint_seams.anchor_boxes(page).get("text-end" if form.cover else "end")
        if end and form.grows:
            return float((end[3] + weasyprint_seams.page_box(page).margin_bottom) / page.height)
        if end:
            return number + float(end[1] / page.height) / form.columns
    return float(len(document.pages))


def emptiest_page(document: Any, form: PageFormat) -> float:
    """Return the share of the type area that is filled on the emptiest of the pages that text flows on from: 1 if there are none.

    A front cover does not count, and nor does the page before a back cover. A hole in one of several columns is not seen.
    """
    last = int(filled_pages(document, form))
    return min(map(_share_of_type_area, document.pages[bool(form.cover) : last]), default=1.0)


def _share_of_type_area(page: Any) -> float:
    box = weasyprint_seams.page_box(page)
    return float((weasyprint_seams.text_end(page) - box.margin_top) / box.height)


def room_on_last_page(document: Any) -> float:
    """Return the height below the end of the text on the last page, in mm; 0 if it ends elsewhere."""
    page = document.pages[-1]
    end = weasyprint_seams.anchor_boxes(page).get("end")
    box = weasyprint_seams.page_box(page)
    return float(box.content_box_y() + box.height - end[3]) * 25.4 / 96 if end else 0.0


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
