"""A page to the bytes of a PDF: the only import of WeasyPrint, in worker processes only."""

import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.layout import BASE_URL, File, Page, Stylesheet
from pdfkit_cli.pdf import (
    arabic,
    bodies,
    completeness,
    imposition,
    imprint,
    metadata,
    origins,
    preflight,
    press,
    reading,
    remarks,
    streams,
    tags,
)
from pdfkit_cli.pdf.bodies import Bodies, Body
from pdfkit_cli.pdf.legibility import Margins
from pdfkit_cli.pdf.remarks import Remark
from pdfkit_cli.source import digest

VARIANT = "pdf/a-2a"
"""What WeasyPrint claims; `pdf.metadata` adds PDF/UA-1."""
NEARLY_EMPTY = 0.4
"""A last page whose text ends above this part of its height looks like a mistake."""

FITS = {"snug": 0.08, "tight": 0.17}
"""Closer settings that every format's CSS has, and the share of a text that each can save at most.

Measured on the founding leaflets in all formats. A second layout costs as much as the first: it is tried where it can help.
"""

KEPT_MATTERS = 64
"""Clinics, in one language and format, whose matter a worker keeps."""

_folder: Path | None = None
"""Where the workers of a build share the bodies that they have laid out."""


class RenderError(PdfkitError):
    """A page could not be drawn as it should be."""


def prepare(folder: Path | None = None) -> None:
    """Make this process ready to render. Call it before anything imports WeasyPrint.

    Workers of one build share laid-out bodies through `folder`, which only they may write. WeasyPrint's copies of the fonts stand there, too: a worker
    is killed when it is done, and would leave them behind.

    fontconfig gets a configuration without a single folder: only the faces that the stylesheet declares exist,
    on every machine the same.
    """
    global _folder  # a worker has one engine, and one build
    _folder = folder
    if folder:
        tempfile.tempdir = str(folder)
    for name in [name for name in os.environ if name.startswith("FONTCONFIG_")]:
        del os.environ[name]
    os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fontconfig.xml"))
    _weasyprint()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A PDF, the number of its pages (of its sheet sides, where it is imposed), its sheets of paper, and what a reader may dislike.

    `filled` is the share of the last page's height down to its last line.
    """

    pdf: bytes
    pages: int
    remarks: tuple[Remark, ...] = ()
    sheets: int = 0
    filled: float = 0.0


def render(page: Page) -> Rendered:
    """Return the PDF of a page, in PDF/UA-1, the same bytes for the same page everywhere.

    Raises RenderError where a file is missing or changed, where the page asks for anything that it did not
    declare, where WeasyPrint logs a warning or an error, where the finished PDF does not show everything that the page owes, and
    where it is not what its format promises.
    """
    try:
        pdf, pages, margins = drawn(page)
        rendered, misses = proven(page, pdf, pages, margins)
        if wrong := (*misses, *map(str, preflight.check(pdf, page.format))):
            raise RenderError("\n".join(wrong))
        return rendered
    except (PdfkitError, MemoryError):
        raise
    except Exception as error:
        raise RenderError(f"WeasyPrint could not draw it: {type(error).__name__}: {error}") from error


def drawn(page: Page) -> tuple[bytes, int, Margins]:
    """Return the PDF of a page without looking at it, the number of its pages or sheet sides, and the margins of its pages."""
    return _engine_for(page).render(page)


def forget(page: Page) -> None:
    """Forget the words of a page in this process: what was laid out, which WeasyPrint keeps with its pictures, and what was read."""
    _engine_for(page).forget()
    completeness.forget()


def proven(page: Page, pdf: bytes, pages: int, margins: Margins | None) -> tuple[Rendered, tuple[str, ...]]:
    """Read what has been written, and return it with what there is to say of it, and with everything that is lost."""
    sheets = -(-pages // 2)
    if not page.owed:
        return Rendered(pdf, pages, (), sheets), ()
    shown = reading.read(pdf)
    proof = completeness.prove(shown, page.owed, page.name, right_to_left=page.right_to_left, margins=margins)
    said = tuple(remarks.remarks(shown, proof.claims, NEARLY_EMPTY))
    return Rendered(pdf, pages, said, sheets, remarks.filled(shown.pages[-1])), tuple(proof.misses)


def _weasyprint() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No fonts configured")  # as intended, see prepare()
        import weasyprint
        import weasyprint.pdf.tags
        from weasyprint.pdf import fonts, stream
    stream.Font = _font_class(fonts.Font)
    origins.install(weasyprint.pdf.tags)
    return weasyprint


@cache
def _font_class(font: Any) -> Any:
    known: dict[tuple[str, int], dict[int, str]] = {}

    class Font(font):  # type: ignore[misc]
        """A font whose Arabic glyphs say what the font file says of them."""

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            key = self.hash, len(self.file_content)
            if key not in known:
                known[key] = arabic.texts(self.file_content)
            self.to_unicode = arabic.Texts(known[key])

    return Font


def _engine_for(page: Page) -> "_Engine":
    return _engine(tuple(file for file in page.files if file.path.suffix == ".ttf"))


@lru_cache(maxsize=1)
def _engine(fonts: tuple[File, ...]) -> "_Engine":
    """Return the engine of these fonts: faces stay in WeasyPrint once they are declared."""
    return _Engine()


class _Engine:
    """WeasyPrint with what is shared by all pages of a process: fonts, parsed stylesheets, images.

    A new FontConfiguration for each document leaks about 0.4 MB a document; one shared by all does not.
    """

    def __init__(self) -> None:
        self._weasyprint = _weasyprint()
        self._fonts = self._weasyprint.text.fonts.FontConfiguration()
        self._sheets: dict[str, Any] = {}
        self._files: tuple[File, ...] = ()
        self._images: dict[str, Any] = {}
        self._bodies = Bodies(_folder)
        self._matters: dict[str, _Matter | None] = {}
        self._widths: dict[Any, tuple[float, ...]] = {}

    def render(self, page: Page) -> tuple[bytes, int, Margins]:
        from weasyprint.urls import FatalURLFetchingError

        fetcher = _fetcher_class()(page.files)
        if page.files != self._files:  # what one page may show, another may not
            self._files, self._images = page.files, {}
        try:
            with _log() as said:
                laid = (self._imprinted(page, fetcher) if page.shares_body else None) or self._whole(page, fetcher)
                body = _taken(laid.body) if laid.body else None
                pdf: bytes = laid.document.write_pdf(finisher=_finisher(page, body, laid.matter), pdf_variant=VARIANT)
        except FatalURLFetchingError as error:
            raise RenderError(str(error)) from None
        if problems := (*fetcher.refused, *said):
            self._images = {}  # both keep what failed, and the next page would not hear of it
            self._bodies.clear()
            self._matters.clear()
            raise RenderError("\n".join(dict.fromkeys(problems)))
        if laid.body:
            self._bodies.share(laid.body)
        return pdf, _pages(laid.pages, page), laid.body.margins if laid.body else _margins(laid.document)

    def forget(self) -> None:
        """Let go of the pictures: each SVG holds the document that it was first drawn in."""
        self._images = {}

    def _whole(self, page: Page, fetcher: Any) -> "_Laid":
        """Lay out a page as it is."""

        def lay(fit: str) -> _Laid:
            document = self._layout(_closer(page.html, fit), page.stylesheet, fetcher)
            return _Laid(document, None, len(document.pages), _surplus(document))

        return _fitted(lay)

    def _imprinted(self, page: Page, fetcher: Any) -> "_Laid | None":
        """Lay out the clinic's own matter, and find or lay out the body with room for it; None where it does not fit.

        How wide the matter may be shows only in the body, and how high it is only at that width: so it is laid out as wide as it was
        in the page before, which mostly is right, and again where the body says otherwise.
        """
        parts = imprint.split(page.html)
        count = len(parts.slots)
        shape = page.stylesheet.digest, count
        widths = self._widths.get(shape, (400.0,) * count)
        for _ in range(3 if count else 0):
            html = imprint.slots_html(page.html, parts.slots[:1], widths[:1])
            first = self._layout(html, page.stylesheet, fetcher)
            matter = self._matter(page, parts.slots[1:], widths[1:], fetcher)
            first_height = imprint.heights(first, 1)
            if first_height is None or matter is None:
                return None
            heights = (*first_height, *matter.heights)
            loose = self._body(page, parts, "", heights, fetcher)
            if loose.widths == widths:
                return self._imprinted_on(page, parts, heights, partial(_Laid, first, matter.objects), fetcher)
            loose.document = None
            self._widths[shape] = widths = loose.widths
        return None

    def _imprinted_on(
        self,
        page: Page,
        parts: imprint.Parts,
        heights: tuple[float, ...],
        laid_on: "Callable[[int, float, Body], _Laid]",
        fetcher: Any,
    ) -> "_Laid | None":
        tried = []

        def lay(fit: str) -> _Laid:
            tried.append(self._body(page, parts, fit, heights, fetcher))
            return laid_on(tried[-1].pages, tried[-1].surplus, tried[-1])

        laid = _fitted(lay)
        for body in tried:
            if body is not laid.body:
                body.document = None  # a laid-out document is large
        return laid if laid.body and laid.body.widths == tried[0].widths else None

    def _matter(self, page: Page, slots: tuple[str, ...], widths: tuple[float, ...], fetcher: Any) -> "_Matter | None":
        """Return a clinic's matter, which is the same in all its leaflets; None where it does not fit."""
        if not slots:
            return _Matter((), None)
        html = imprint.matter_html(page.html, slots, widths)
        files = (f"{file.url} {file.digest}" for file in page.files)
        key = bodies.key((page.stylesheet.digest, html, *files))
        if key not in self._matters:
            document = self._layout(html, page.stylesheet, fetcher)
            heights = imprint.heights(document, len(slots))
            self._matters[key] = None if heights is None else _Matter(heights, _objects(document))
            if len(self._matters) > KEPT_MATTERS:
                del self._matters[next(iter(self._matters))]
        return self._matters[key]

    def _body(self, page: Page, parts: imprint.Parts, fit: str, heights: tuple[float, ...], fetcher: Any) -> Body:
        files = (f"{file.url} {file.digest}" for file in page.files)
        key = bodies.key((page.stylesheet.digest, fit, parts.body, repr(heights), *files))
        known = self._bodies.get(key)
        if known:
            return known
        html = _closer(imprint.body_html(parts, heights), fit)
        lay = partial(self._layout, html, page.stylesheet, fetcher)
        document = lay()
        widths = imprint.widths(document, len(parts.slots))
        margins = _margins(document)
        return self._bodies.put(Body(key, len(document.pages), _surplus(document), widths, margins, lay, document))

    def _layout(self, html: str, stylesheet: Stylesheet, fetcher: Any) -> Any:
        return self._weasyprint.HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher).render(
            font_config=self._fonts,
            stylesheets=[self._sheet(stylesheet, fetcher)],
            pdf_variant=VARIANT,
            cache=self._images,
        )

    def _sheet(self, stylesheet: Stylesheet, fetcher: Any) -> Any:
        if stylesheet.digest not in self._sheets:
            with _log() as said:
                sheet = self._weasyprint.CSS(
                    string=stylesheet.css, base_url=BASE_URL, url_fetcher=fetcher, font_config=self._fonts
                )
            if said:
                raise RenderError("the stylesheet has faults:\n" + "\n".join(dict.fromkeys(said)))
            self._sheets[stylesheet.digest] = sheet
        return self._sheets[stylesheet.digest]


@dataclass(frozen=True, slots=True)
class _Matter:
    """A clinic's slots but the first: their heights, and their objects."""

    heights: tuple[float, ...]
    objects: imprint.Body | None


@dataclass(frozen=True, slots=True)
class _Laid:
    """A page laid out, ready to write: the document, and the body to lay it on where it holds only the slots."""

    document: Any
    matter: imprint.Body | None
    pages: int
    surplus: float
    body: Body | None = None


def _fitted(lay: Callable[[str], _Laid]) -> _Laid:
    """Lay out; where the text ends on a nearly empty sheet, set it closer if that saves the sheet."""
    loose = lay("")
    for fit, saving in FITS.items():
        if 0 < loose.surplus <= saving:
            closer = lay(fit)
            if closer.pages < loose.pages:
                return closer
    return loose


class _TakenError(Exception):
    """Ends the writing of a body whose objects have been taken."""


def _taken(body: Body) -> imprint.Body:
    """Return the objects of a body, which are taken when it is first chosen."""
    if body.taken is None and body.lay:
        body.taken = _objects(body.document or body.lay())
        body.document = None
    assert body.taken
    return body.taken


def _objects(document: Any) -> imprint.Body:
    """Return the PDF objects of a document, without writing it."""
    taken: list[imprint.Body] = []

    def take(_: Any, pdf: Any) -> None:
        taken.append(imprint.take(pdf))
        raise _TakenError

    with suppress(_TakenError):
        document.write_pdf(finisher=take, pdf_variant=VARIANT)
    return taken[0]


def _closer(html: str, fit: str) -> str:
    return html.replace("<html ", f'<html class="{fit}" ', 1) if fit else html


def _surplus(document: Any) -> float:
    """Return the share of the text that stands on a nearly empty last page, 0 where that page is fuller."""
    last, others = document.pages[-1], len(document.pages) - 1
    filled: float = last.anchors["end"][1] / last.height if "end" in last.anchors else 1.0
    return filled / (others + filled) if others and filled < NEARLY_EMPTY else 0.0


def _margins(document: Any) -> Margins:
    """Return the margins of a document's pages in points."""
    box = document.pages[0]._page_box
    sides = (box.margin_left, box.margin_bottom, box.margin_right, box.margin_top)
    left, bottom, right, top = (float(side) * tags.PIXEL for side in sides)
    return left, bottom, right, top


def _pages(count: int, page: Page) -> int:
    return len(imposition.sides(count)) if page.format.imposition == "saddle-stitch" else count


@contextmanager
def _log() -> Iterator[list[str]]:
    """Collect what WeasyPrint says: most of its failures are quiet, a line in a log and a wrong page."""
    said: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"WeasyPrint: {record.getMessage()}")

    logger, handler = logging.getLogger("weasyprint"), Collect(logging.WARNING)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


@cache
def _fetcher_class() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class DeclaredFiles(URLFetcher):  # type: ignore[misc]
        """Serves the files that a page declares, and data that stands in the page itself; all else ends the render."""

        def __init__(self, files: tuple[File, ...]) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)
            self._files: Mapping[str, File] = {file.url: file for file in files}
            self.refused: list[str] = []
            """What the page asked for in vain: WeasyPrint swallows even fatal errors inside a picture."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            try:
                if url not in self._files:
                    raise RenderError(f"the page asks for {url[:200]}, which it does not declare")
                file = self._files[url]
                return URLFetcherResponse(url, _declared_bytes(file), {"Content-Type": _kind(file.path)})
            except RenderError as error:
                self.refused.append(str(error))
                raise FatalURLFetchingError(str(error)) from None

    return DeclaredFiles


def _declared_bytes(file: File) -> bytes:
    try:
        data = file.path.read_bytes()
    except OSError as problem:
        raise RenderError(f"{file.path} cannot be read: {problem.strerror}") from None
    if digest(data) != file.digest:
        raise RenderError(f"{file.path} changed while the build was running; build again")
    return data


def _kind(path: Path) -> str:
    kinds = {
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".ttf": "font/ttf",
    }
    return kinds[path.suffix.lower()]


def _finisher(page: Page, body: imprint.Body | None, matter: imprint.Body | None) -> Any:
    """Return the last step before the PDF is written: how a printer should treat it, and its sheets."""

    def finish(document: Any, pdf: Any) -> None:
        tags.mend(pdf)
        if body:
            imprint.imprint(body, matter, pdf)
        tags.close(pdf)
        metadata.write(pdf, page.identity)
        preferences = pdf.catalog["ViewerPreferences"]
        preferences["PrintScaling"] = "/None"
        preferences["Duplex"] = "/DuplexFlipLongEdge" if page.format.duplex == "long-edge" else "/DuplexFlipShortEdge"
        preferences["Direction"] = "/R2L" if page.right_to_left else "/L2R"
        if page.format.imposition == "saddle-stitch":
            imposition.saddle_stitch(pdf, right_to_left=page.right_to_left)
        press.prepare(pdf, page.format, page.inks)
        streams.settle(pdf)

    return finish
