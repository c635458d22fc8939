"""What a finished PDF shows, read from its bytes: its pages with text, pictures and fills, and the order of its tags.

A page is what a reader turns: on the sheets of a booklet each page is a form (see imposition), and here it is a page again, in its own
points, with the number that it has in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pdfkit_cli.pdf.reader import content_stream, objects
from pdfkit_cli.pdf.reader.content_stream import (
    ARTIFACT,
    IDENTITY,
    Box,
    GlyphFont,
    Matrix,
    PaintedArea,
    PaintedItem,
    TextRun,
    XObjectCall,
    intersect,
    transform_box,
)
from pdfkit_cli.pdf.reader.objects import ObjectReference, PdfObjects, UnreadableError
from pdfkit_cli.pdf.saddle_stitch import saddle_stitch_sides
from pdfkit_cli.system.codec import storable

_IMPOSED: Final = "/P"
"""How the names of pages begin that stand on a sheet (see imposition)."""

_MAX_DEPTH: Final = 40
"""Forms inside forms, and elements inside elements: more is a loop."""

Mark: TypeAlias = tuple[int, int]
"""A stretch of marked content: the number of its stream, and its id there."""


@storable
@dataclass(frozen=True, slots=True)
class PageContent:
    """A page: its number from 1, its trim box, and what it paints in the order of painting. `footer_code` counts from 1."""

    number: int
    sheet: int
    box: Box
    runs: tuple[TextRun, ...]
    inks: tuple[PaintedArea, ...]


@dataclass(frozen=True, slots=True)
class TaggedElement:
    """A part of the structure tree: its type, its alternative text, the marks below it, and how deep it stands."""

    kind: str
    alt: str | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ActualText:
    """What an element says in the place of its glyphs (its actual text), the marks below it, and their language."""

    text: str
    marks: tuple[Mark, ...]
    language: str


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A whole PDF.

    `order` has every mark of the structure tree, in reading order; `described` are the elements with an alternative text, `spoken` those with an actual text.
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
    """Read a PDF that pdfkit wrote. Raises UnreadableError where the bytes are damaged, or of a kind that pdfkit does not write."""
    try:
        return _PdfReader(PdfObjects(pdf)).read()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"the PDF is damaged: {type(error).__name__}: {error}") from error


class _PdfReader:
    def __init__(self, found: PdfObjects) -> None:
        self._objects = found
        self._get = found.get
        self._fonts: dict[int, tuple[tuple[str, GlyphFont], ...]] = {}

    def read(self) -> PdfContent:
        root = self._objects.root
        sheets = list(self._sheets(root["/Pages"]))
        right_to_left = self._get(root.get("/ViewerPreferences", {})).get("/Direction") == "/R2L"
        halves = {
            number: (index, is_left)
            for index, side in enumerate(saddle_stitch_sides(2 * len(sheets), right_to_left=right_to_left))
            for number, is_left in ((side.left, True), (side.right, False))
        }
        imposed = [self._imposed(sheet) for sheet in sheets]
        pages: list[PageContent] = []
        if any(imposed):
            for number, (index, is_left) in sorted(halves.items()):
                if form := imposed[index].get(is_left) if index < len(imposed) else None:
                    pages.append(self._form_page(number, index + 1, form))
        else:
            pages = [self._page(number, sheet) for number, sheet in enumerate(sheets, start=1)]
        order: list[Mark] = []
        described: list[TaggedElement] = []
        spoken: list[ActualText] = []
        if "/StructTreeRoot" in root:
            tree = self._get(root["/StructTreeRoot"])
            language = objects.text_string(self._get(root.get("/Lang", b"")))
            for kid in _list(self._get(tree.get("/K", []))):
                self._walk(kid, None, language, order, described, spoken, 0)
        return PdfContent(tuple(pages), len(sheets), tuple(order), tuple(described), tuple(spoken))

    def _sheets(self, reference: Any, inherited: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        node = {**(inherited or {}), **self._get(reference)}
        if node["/Type"] != "/Pages":
            yield node
            return
        handed_down = {key: node[key] for key in ("/MediaBox", "/Resources") if key in node}
        for kid in self._get(node["/Kids"]):
            yield from self._sheets(kid, handed_down)

    # Pages

    def _page(self, number: int, page: dict[str, Any]) -> PageContent:
        box = _box(self._get(page.get("/TrimBox", page["/MediaBox"])))
        clip = _box(self._get(page["/MediaBox"]))
        call = XObjectCall("", IDENTITY, clip, ARTIFACT)
        items = self._shown(page["/Contents"], self._get(page["/Resources"]), call, page["/Contents"], 0)
        return _read_page(number, number, box, items)

    def _imposed(self, sheet: dict[str, Any]) -> dict[bool, ObjectReference]:
        """Return the forms that are pages on a sheet, by whether they are its left half."""
        resources = self._get(sheet["/Resources"])
        forms = self._get(resources.get("/XObject", {}))
        if not any(name.startswith(_IMPOSED) and name[2:].isdigit() for name in forms):
            return {}
        media = _box(self._get(sheet["/MediaBox"]))
        found = {}
        for item in self._items(sheet["/Contents"], resources):
            if not isinstance(item, XObjectCall) or not item.name.startswith(_IMPOSED):
                raise UnreadableError("a sheet has more on it than its pages")
            box = transform_box(_box(self._objects[forms[item.name]]["/BBox"]), item.matrix)
            if any(one < other - 1 for one, other in zip(intersect(box, media)[2:], box[2:], strict=True)):
                raise UnreadableError("a page reaches over the edge of its sheet")
            found[(box[0] + box[2]) / 2 < (media[0] + media[2]) / 2] = forms[item.name]
        return found

    def _form_page(self, number: int, sheet: int, form: ObjectReference) -> PageContent:
        head = self._objects[form]
        box = _box(head["/BBox"])
        items = self._shown(form, self._get(head["/Resources"]), XObjectCall("", IDENTITY, box, ARTIFACT), form, 0)
        return _read_page(number, sheet, box, items)

    def _shown(
        self, stream: ObjectReference, resources: dict[str, Any], call: XObjectCall, marks: ObjectReference, depth: int
    ) -> Iterator[PaintedItem]:
        """Yield what a stream paints, with all that its forms paint, on the page; `marks` is the stream that counts its marks."""
        if depth > _MAX_DEPTH:
            raise UnreadableError("a form shows itself")
        known = self._get(resources.get("/XObject", {}))
        for item in content_stream.place_on_page(self._items(stream, resources), call, int(marks)):
            if not isinstance(item, XObjectCall):
                yield item
                continue
            reference = known[item.name]
            head = self._get(reference)
            if head["/Subtype"] == "/Image":
                yield PaintedArea(
                    transform_box((0.0, 0.0, 1.0, 1.0), item.matrix), item.clip, None, item.mark, stream=int(marks)
                )
                continue
            own = _matrix(head["/Matrix"]) if "/Matrix" in head else IDENTITY
            matrix = content_stream.multiply(own, item.matrix)
            inner = replace(item, matrix=matrix, clip=intersect(item.clip, transform_box(_box(head["/BBox"]), matrix)))
            owner = reference if "/StructParents" in head else marks
            for part in self._shown(reference, self._get(head.get("/Resources", resources)), inner, owner, depth + 1):
                group_key = owner == marks and item.mark != ARTIFACT and part.mark == ARTIFACT
                yield replace(part, mark=item.mark) if group_key else part

    def _items(self, stream: ObjectReference, resources: dict[str, Any]) -> tuple[PaintedItem, ...]:
        if not isinstance(stream, ObjectReference) or isinstance(self._get(stream), list):
            raise UnreadableError("a page is drawn in several pieces, which is not known here")
        raw = self._objects.raw(stream)
        states = {name: self._get(state) for name, state in self._get(resources.get("/ExtGState", {})).items()}
        alphas = tuple((name, float(state["/ca"])) for name, state in sorted(states.items()) if "/ca" in state)
        return content_stream.read_content_stream(
            raw, objects.is_flate_compressed(self._objects[stream]), self._fonts_of(resources), alphas
        )

    def _fonts_of(self, resources: dict[str, Any]) -> tuple[tuple[str, GlyphFont], ...]:
        value = resources.get("/Font")
        if not isinstance(value, ObjectReference):
            return tuple((name, self._font(reference)) for name, reference in sorted((value or {}).items()))
        if value not in self._fonts:
            self._fonts[value] = tuple(
                (name, self._font(font)) for name, font in sorted((self._get(value) or {}).items())
            )
        return self._fonts[value]

    def _font(self, reference: Any) -> GlyphFont:
        head = self._get(reference)
        if head["/Subtype"] != "/Type0" or head["/Encoding"] != "/Identity-H":
            raise UnreadableError(f"font {head.get('/BaseFont')} is of a kind that is not known here")
        own = self._get(self._get(head["/DescendantFonts"])[0])
        stream = head["/ToUnicode"]
        return content_stream.read_font(
            self._objects.raw(stream),
            objects.is_flate_compressed(self._objects[stream]),
            tuple(_widths(self._get(own.get("/W", [])))),
            float(own.get("/DW", 1000)),
        )

    # Structure

    def _walk(
        self, kid: Any, page: ObjectReference | None, language: str,
        order: list[Mark], described: list[TaggedElement], spoken: list[ActualText], depth: int,
    ) -> None:  # fmt: skip
        if depth > _MAX_DEPTH:
            raise UnreadableError("the structure tree has a loop")
        if isinstance(kid, int) and not isinstance(kid, ObjectReference):
            if page is not None:
                order.append((self._contents(page), kid))
            return
        node = self._get(kid)
        if "/MCID" in node:
            stream = node.get("/Stm")
            order.append((int(stream) if stream is not None else self._contents(node.get("/Pg", page)), node["/MCID"]))
            return
        if node.get("/Type") == "/OBJR":
            return
        page, start = node.get("/Pg", page), len(order)
        if "/Lang" in node:
            language = objects.text_string(self._get(node["/Lang"]))
        for inner in _list(self._get(node.get("/K", []))):
            self._walk(inner, page, language, order, described, spoken, depth + 1)
        if "/ActualText" in node:
            spoken.append(
                ActualText(objects.text_string(self._get(node["/ActualText"])), tuple(order[start:]), language)
            )
        if "/Alt" in node:
            described.append(
                TaggedElement(node["/S"], objects.text_string(self._get(node["/Alt"])), tuple(order[start:]))
            )

    def _contents(self, page: Any) -> int:
        return int(self._objects[page]["/Contents"])


def _read_page(number: int, sheet: int, box: Box, items: Iterator[PaintedItem]) -> PageContent:
    runs: list[TextRun] = []
    inks: list[PaintedArea] = []
    for item in items:
        if isinstance(item, TextRun):
            runs.append(item)
        elif isinstance(item, PaintedArea):
            inks.append(item)
    return PageContent(number, sheet, box, tuple(runs), tuple(inks))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _box(values: list[Any]) -> Box:
    x0, y0, x1, y1 = map(float, values)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _matrix(values: list[Any]) -> Matrix:
    a, b, c, d, e, f = map(float, values)
    return a, b, c, d, e, f


def _widths(values: list[Any]) -> Iterator[tuple[int, float]]:
    """Yield the width of each glyph: `first [w w …]` or `first last w` (ISO 32000-1, 9.7.4.3)."""
    at = 0
    while at < len(values):
        if isinstance(values[at + 1], list):
            yield from ((values[at] + index, width) for index, width in enumerate(values[at + 1]))
            at += 2
        else:
            yield from ((glyph, values[at + 2]) for glyph in range(values[at], values[at + 1] + 1))
            at += 3
