"""The content of a PDF that pdfkit wrote: its pages with text, pictures and fills, and the reading order of its tags.

On sheets that are folded each page is a form; here it is a page again, in its own coordinates and with its own number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, TypeAlias

from pikepdf import Pdf, Stream

from pdfkit_cli.pdf.folding import FORM_NAMES, Folding, sheet_sides
from pdfkit_cli.pdf.geometry import IDENTITY, Box, intersect, multiply, normalize, transform_box
from pdfkit_cli.pdf.objects import (
    MAX_DEPTH,
    PDF_ERRORS,
    UnreadableError,
    array_items,
    as_list,
    as_text,
    entry,
    name_entry,
    page_leaves,
    sorted_entries,
)
from pdfkit_cli.pdf.reader import content_stream, fonts
from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, UNIT_SQUARE, PaintedArea, PaintedItem, TextRun, XObjectCall
from pdfkit_cli.pdf.reader.fonts import GlyphFont
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.codec import storable

Mark: TypeAlias = tuple[int, int]
"""A marked-content sequence: the object number of its stream, and its id there."""


@storable
@dataclass(frozen=True, slots=True)
class PageContent:
    """A page: its number and that of its sheet, both from 1, its trim box, and its text and areas in the order of painting."""

    number: int
    sheet: int
    box: Box
    runs: tuple[TextRun, ...]
    inks: tuple[PaintedArea, ...]


@dataclass(frozen=True, slots=True)
class TaggedElement:
    """A structure element with an alternative text: its type, with a slash, that text, and the marks inside the element."""

    kind: str
    alt: str | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ActualText:
    """The text that replaces the glyphs of an element, the marks inside the element, and their language."""

    text: str
    marks: tuple[Mark, ...]
    language: str


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A complete PDF.

    `order` has every mark of the structure tree, in reading order; `described` are the elements with an alternative
    text, `spoken` those with an actual text.
    """

    pages: tuple[PageContent, ...]
    sheets: int
    order: tuple[Mark, ...]
    described: tuple[TaggedElement, ...]
    spoken: tuple[ActualText, ...] = ()

    def tagged(self) -> Iterator[tuple[PageContent, TextRun]]:
        """Yield the text that is content, in reading order, each run with its page."""
        by_mark: dict[Mark, list[tuple[PageContent, TextRun]]] = {}
        for page in self.pages:
            for run in page.runs:
                if run.mark != ARTIFACT:
                    by_mark.setdefault((run.stream, run.mark), []).append((page, run))
        for mark in self.order:
            yield from by_mark.get(mark, ())


def read_pdf(pdf: bytes) -> PdfContent:
    """Read a PDF that pdfkit wrote.

    Raises UnreadableError where the bytes are damaged, or of a kind that pdfkit does not write.
    """
    try:
        with Pdf.open(BytesIO(pdf), suppress_warnings=True, attempt_recovery=False) as opened:
            content = _PdfReader(opened).read()
            if warnings := opened.get_warnings():
                raise UnreadableError(f"the PDF is damaged: {warnings[0]}")
            return content
    except PDF_ERRORS as error:
        raise UnreadableError(
            f"the PDF is damaged: {type(error).__name__}: {error}", fault=fault_log.capture_fault(error)
        ) from error


@dataclass(frozen=True, slots=True)
class _Imposed:
    """A side of a sheet: how it is folded, None if it is not, and its pages, each with the middle of its place: 0.5 is halfway."""

    folding: Folding | None
    forms: tuple[tuple[float, Stream], ...]


class _PdfReader:
    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._fonts: dict[tuple[int, int], tuple[tuple[str, GlyphFont], ...]] = {}
        self._order: list[Mark] = []
        self._described: list[TaggedElement] = []
        self._spoken: list[ActualText] = []

    def read(self) -> PdfContent:
        root = self._pdf.Root
        sheets = list(page_leaves(self._pdf))
        right_to_left = name_entry(entry(root, "/ViewerPreferences"), "/Direction") == "/R2L"
        imposed = [self._imposed(sheet) for sheet in sheets]
        if any(sheet.folding for sheet in imposed):
            pages = list(self._folded_pages(imposed, right_to_left))
        else:
            pages = [self._page(number, sheet) for number, sheet in enumerate(sheets, start=1)]
        for kid in as_list(entry(entry(root, "/StructTreeRoot"), "/K")):
            self._walk(kid, None, as_text(entry(root, "/Lang")), 0)
        return PdfContent(tuple(pages), len(sheets), tuple(self._order), tuple(self._described), tuple(self._spoken))

    # Pages

    def _page(self, number: int, page: Any) -> PageContent:
        media = _box(page["/MediaBox"])
        call = XObjectCall("", IDENTITY, media, ARTIFACT)
        items = self._painted(page["/Contents"], page["/Resources"], call, page["/Contents"], 0)
        return _page_content(number, number, _box(page.get("/TrimBox", page["/MediaBox"])), items)

    def _folded_pages(self, imposed: list[_Imposed], right_to_left: bool) -> Iterator[PageContent]:
        folding = next(sheet.folding for sheet in imposed if sheet.folding)
        parts = len(sheet_sides(folding, 1)[0])
        sides = sheet_sides(folding, parts * len(imposed), right_to_left=right_to_left)
        found = {
            side[int(middle * parts)]: (index, form)
            for index, (sheet, side) in enumerate(zip(imposed, sides, strict=False))
            for middle, form in sheet.forms
        }
        for number, (index, form) in sorted(found.items()):
            box = _box(form["/BBox"])
            items = self._painted(form, form["/Resources"], XObjectCall("", IDENTITY, box, ARTIFACT), form, 0)
            yield _page_content(number, index + 1, box, items)

    def _imposed(self, sheet: Any) -> _Imposed:
        """Return the forms that are pages on a sheet; around it there may be marks that say where it is cut and folded."""
        forms = entry(sheet["/Resources"], "/XObject")
        names = {name for name, _ in sorted_entries(forms)}
        folding = next((folding for folding, form in FORM_NAMES.items() if f"{form}0" in names), None)
        if folding is None:
            return _Imposed(None, ())
        trim = _box(sheet["/TrimBox"])
        found = []
        for item in self._items(sheet["/Contents"], sheet["/Resources"]):
            if isinstance(item, PaintedArea) and item.mark == ARTIFACT and _is_outside(item.box, trim):
                continue
            if not isinstance(item, XObjectCall) or not item.name.startswith(FORM_NAMES[folding]):
                raise UnreadableError("a sheet paints something besides its pages")
            box = transform_box(_box(forms[item.name]["/BBox"]), item.matrix)
            if any(one < other - 1 for one, other in zip(intersect(box, trim)[2:], box[2:], strict=True)):
                raise UnreadableError("a page extends beyond the edge of its sheet")
            found.append((((box[0] + box[2]) / 2 - trim[0]) / (trim[2] - trim[0]), forms[item.name]))
        return _Imposed(folding, tuple(found))

    def _painted(
        self, stream: Stream, resources: Any, call: XObjectCall, marks: Stream, depth: int
    ) -> Iterator[PaintedItem]:
        """Yield what a stream and its forms paint, in the space of the page; `marks` is the stream that the marks belong to."""
        if depth > MAX_DEPTH:
            raise UnreadableError("a form draws itself")
        owner = marks.objgen[0]
        for item in content_stream.place_on_page(self._items(stream, resources), call, owner):
            if not isinstance(item, XObjectCall):
                yield item
                continue
            form = resources["/XObject"][item.name]
            if form["/Subtype"] == "/Image":
                yield PaintedArea(transform_box(UNIT_SQUARE, item.matrix), item.clip, None, item.mark, stream=owner)
                continue
            own = content_stream.as_matrix(array_items(form["/Matrix"])) if "/Matrix" in form else IDENTITY
            matrix = multiply(own, item.matrix)
            inner = replace(item, matrix=matrix, clip=intersect(item.clip, transform_box(_box(form["/BBox"]), matrix)))
            has_own_marks = "/StructParents" in form
            parts = self._painted(
                form, form.get("/Resources", resources), inner, form if has_own_marks else marks, depth + 1
            )
            for part in parts:
                inherits = not has_own_marks and item.mark != ARTIFACT and part.mark == ARTIFACT
                yield replace(part, mark=item.mark) if inherits else part

    def _items(self, stream: Any, resources: Any) -> tuple[PaintedItem, ...]:
        if not isinstance(stream, Stream):
            raise UnreadableError("a page with several content streams is not supported here")
        if name_entry(stream, "/Filter") not in ("", "/FlateDecode") or "/DecodeParms" in stream:
            raise UnreadableError("a content stream is compressed in a way that is not supported here")
        states = sorted_entries(entry(resources, "/ExtGState"))
        alphas = tuple((name, float(state["/ca"])) for name, state in states if "/ca" in state)
        return content_stream.read_content_stream(
            stream.read_raw_bytes(), "/Filter" in stream, self._fonts_of(entry(resources, "/Font")), alphas
        )

    def _fonts_of(self, resources: Any) -> tuple[tuple[str, GlyphFont], ...]:
        if resources is None or not resources.is_indirect:
            return tuple((name, _font(font)) for name, font in sorted_entries(resources))
        if resources.objgen not in self._fonts:
            self._fonts[resources.objgen] = tuple((name, _font(font)) for name, font in sorted_entries(resources))
        return self._fonts[resources.objgen]

    # Structure

    def _walk(self, kid: Any, page: Any, language: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise UnreadableError("the structure tree has a loop")
        if isinstance(kid, int):
            if page is not None:
                self._order.append((page["/Contents"].objgen[0], kid))
            return
        if "/MCID" in kid:
            stream = kid.get("/Stm") or kid.get("/Pg", page)["/Contents"]
            self._order.append((stream.objgen[0], kid["/MCID"]))
            return
        if kid.get("/Type") == "/OBJR":
            return
        page, start = kid.get("/Pg", page), len(self._order)
        language = as_text(kid.get("/Lang")) or language
        for inner in as_list(kid.get("/K")):
            self._walk(inner, page, language, depth + 1)
        marks = tuple(self._order[start:])
        if "/ActualText" in kid:
            self._spoken.append(ActualText(as_text(kid["/ActualText"]), marks, language))
        if "/Alt" in kid:
            self._described.append(TaggedElement(name_entry(kid, "/S"), as_text(kid["/Alt"]), marks))


def _font(font: Any) -> GlyphFont:
    if font["/Subtype"] != "/Type0" or font["/Encoding"] != "/Identity-H" or "/ToUnicode" not in font:
        raise UnreadableError(f"the font {font.get('/BaseFont')} is of a kind that is not supported here")
    return fonts.read_font(font)


def _page_content(number: int, sheet: int, box: Box, items: Iterator[PaintedItem]) -> PageContent:
    runs: list[TextRun] = []
    inks: list[PaintedArea] = []
    for item in items:
        if isinstance(item, TextRun):
            runs.append(item)
        elif isinstance(item, PaintedArea):
            inks.append(item)
    return PageContent(number, sheet, box, tuple(runs), tuple(inks))


def _is_outside(box: Box, of: Box) -> bool:
    left, bottom, right, top = intersect(box, of)
    return left > right or bottom > top


def _box(values: Any) -> Box:
    left, bottom, right, top = map(float, values)
    return normalize((left, bottom, right, top))
