"""Follows the content streams of pages: what they paint inside and outside of marked content."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from pikepdf import Array, Dictionary, Object, Pdf, Stream, String, parse_content_stream

from pdfkit_cli.pdf.audit.marked_content import ArtifactContent, MarkedContent, PaintedContent, TextStart
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.geometry import IDENTITY, Box, Matrix, bounding_box, multiply, transform_box
from pdfkit_cli.pdf.objects import (
    PDF_ERRORS,
    ObjectKey,
    as_integer,
    as_list,
    as_name,
    entry,
    name_entry,
    numbers,
    object_key,
    read_stream,
    rectangle,
    text_entry,
)
from pdfkit_cli.pdf.reader import fonts
from pdfkit_cli.pdf.reader.content_stream import OPERATORS, ContentInterpreter, PaintedArea
from pdfkit_cli.pdf.reader.fonts import GlyphFont

MAX_OPERATIONS: Final = 500_000
"""Largest number of operations followed on all pages together; a leaflet has a few hundred per page."""

MAX_FORM_DEPTH: Final = 12
"""Greatest depth of forms inside forms."""

MAX_STREAM_BYTES: Final = 32 << 20
"""Largest size in bytes of one decoded content stream."""

NO_BOX: Final[Box] = (0.0, 0.0, 0.0, 0.0)

Operations: TypeAlias = list[tuple[bytes, list[Any]]]
ContentSequence: TypeAlias = MarkedContent | ArtifactContent | None


def read_painted(pages: Sequence[Dictionary]) -> PaintedContent:
    """Follow the content of all pages."""
    follower = _PageFollower()
    for number, page in enumerate(pages, 1):
        follower.follow(number, page)
    return follower.painted


class _PageFollower:
    """Reads one page after the other; `inside` are the forms that are being drawn, `surface` the page that a reader sees."""

    def __init__(self) -> None:
        self.painted = PaintedContent()
        self.number = 0
        self.surface: ObjectKey = (0, 0)
        self.inside: list[ObjectKey] = []
        self._scratch = Pdf.new()
        self._count = 0
        self._parsed: dict[ObjectKey, Operations] = {}
        self._fonts: dict[ObjectKey, GlyphFont] = {}

    def follow(self, number: int, page: Dictionary) -> None:
        self.number, self.surface = number, object_key(page)
        self.painted.surfaces[self.surface] = rectangle(entry(page, "/MediaBox")) or NO_BOX
        if entry(page, "/StructParents") is not None:
            self.painted.parents[self.surface] = as_integer(entry(page, "/StructParents"))
        if (contents := entry(page, "/Contents")) is not None:
            _StreamFollower(self, entry(page, "/Resources"), self.surface, None).run(contents)

    def operations(self, stream: Any) -> Operations:
        """Return the operations of a stream, or of an array of them, until there are too many in all."""
        key = object_key(stream)
        if key not in self._parsed:
            self._parsed[key] = self._parse(stream)
        self._count += len(self._parsed[key])
        if self._count > MAX_OPERATIONS:
            self.issue("too-large", f"it paints more than {MAX_OPERATIONS} operations")
            return []
        return self._parsed[key]

    def _parse(self, stream: Any) -> Operations:
        try:
            parts = [read_stream(part, MAX_STREAM_BYTES + 1) for part in as_list(stream)]
            if sum(map(len, parts)) > MAX_STREAM_BYTES:
                self.issue("too-large", f"a content stream has more than {MAX_STREAM_BYTES >> 20} MB")
                return []
            instructions = parse_content_stream(self._scratch.make_stream(b"\n".join(parts)))
            return [
                (operator, [_plain(operand) for operand in instruction.operands])
                for instruction in instructions
                if (operator := bytes(instruction.operator)) in OPERATORS
            ]
        except PDF_ERRORS as error:
            self.issue("content-unreadable", f"its content cannot be read: {type(error).__name__}")
            return []

    def font(self, dictionary: Any) -> GlyphFont:
        key = object_key(dictionary)
        if key not in self._fonts:
            self._fonts[key] = fonts.read_font(dictionary)
            self.painted.issues += _font_issues(dictionary, self._fonts[key].name)
        return self._fonts[key]

    def issue(self, code: str, message: str) -> None:
        self.painted.issues.append(AuditIssue(code, message, self.number))


def _plain(operand: Any) -> Any:
    """Return an operand as ContentInterpreter expects it; dictionaries and inline images stay as they are."""
    if isinstance(operand, String):
        return bytes(operand)
    if isinstance(operand, Array):
        return [_plain(item) for item in operand]
    return as_name(operand) or operand


class _StreamFollower(ContentInterpreter):
    """Follows one content stream, of a page or a form whose marks belong to `owner`."""

    def __init__(self, page: _PageFollower, resources: Any, owner: ObjectKey, around: ContentSequence) -> None:
        super().__init__({}, {})
        self.page, self.resources, self.owner = page, resources, owner
        self.current: ContentSequence = around
        self.open: list[ContentSequence] = []
        self._replaced: list[bool] = []
        """Of the open sequences, whether a text stands for their glyphs."""

        self._known_fonts: dict[str, GlyphFont] = {}

    def run(self, stream: Any) -> None:
        for operator, operands in self.page.operations(stream):
            try:
                self.handlers[operator](operands)
            except (ValueError, TypeError, LookupError, ArithmeticError):
                self.page.issue("content-unreadable", f"the operands of {operator.decode()} are invalid")
            self._note_areas()
        if self.open:
            self.page.issue("mark-unbalanced", f"{len(self.open)} marked-content sequences do not end")

    # Marked content

    def begin_mark(self, operands: list[Any]) -> None:
        self.open.append(self.current)
        given = operands[1] if len(operands) > 1 else None
        properties = entry(entry(self.resources, "/Properties"), given) if isinstance(given, str) else given
        mcid = as_integer(entry(properties, "/MCID"))
        text = text_entry(properties, "/ActualText") if mcid is None and operands[0] != "/Artifact" else None
        if text is not None and self.current and not any(self._replaced):
            self.current.text.append(text)
        else:
            self.shown = []
        self._replaced.append(text is not None)
        if operands[0] == "/Artifact":
            self._forbid_inside(MarkedContent, "an artifact is inside tagged content")
            self.current = ArtifactContent(name_entry(properties, "/Type"), self.page.number, self.page.surface)
            self.page.painted.artifacts.append(self.current)
        elif mcid is not None:
            self._forbid_inside(ArtifactContent, "tagged content is inside an artifact")
            self.current = self._new_mark(mcid)

    def _forbid_inside(self, kind: type, message: str) -> None:
        if isinstance(self.current, kind):
            self.page.issue("mark-nested", message)

    def _new_mark(self, mcid: int) -> MarkedContent:
        painted = self.page.painted
        if (self.owner, mcid) in painted.marks:
            self.page.issue("mark-repeated", f"the mark {mcid} is painted twice")
            return painted.marks[self.owner, mcid]
        painted.parents.setdefault(self.owner, None)
        mark = MarkedContent(self.owner, mcid, self.page.number, self.page.surface)
        painted.marks[self.owner, mcid] = mark
        return mark

    def end_mark(self, _: list[Any]) -> None:
        if not (self._replaced and self._replaced.pop()):
            self.shown = []
        if self.open:
            self.current = self.open.pop()
        else:
            self.page.issue("mark-unbalanced", "a marked-content sequence ends that did not begin")

    def _note_paint(self, what: str) -> None:
        if self.current is None:
            self.page.issue("unmarked", f"{what} is neither tagged nor an artifact")

    def _note_areas(self) -> None:
        """Add the area that the last operation painted, unless it is text, to the current sequence."""
        for item in self.items:
            if isinstance(item, PaintedArea):
                self._note_paint("a drawing" if item.colour is not None else "a picture")
                if isinstance(self.current, MarkedContent):
                    self.current.box = bounding_box([item.box, self.current.box] if self.current.box else [item.box])
        self.items.clear()

    def shade(self, _: list[Any]) -> None:
        self._note_paint("a shading")

    def draw_object(self, operands: list[Any]) -> None:
        form = entry(entry(self.resources, "/XObject"), operands[0])
        if name_entry(form, "/Subtype") == "/Form":
            self._draw_form(form)
        else:
            self.inline_image(operands)

    def _draw_form(self, form: Stream) -> None:
        page, key = self.page, object_key(form)
        if key in page.inside or len(page.inside) >= MAX_FORM_DEPTH:
            page.issue("form-loop", "a form draws itself, or too many forms are inside each other")
            return
        surface, parents = page.surface, entry(form, "/StructParents")
        matrix = multiply(_matrix(form), self.state.matrix)
        if parents is not None:
            page.painted.parents[key] = as_integer(parents)
            if not page.inside and surface not in page.painted.parents:  # a page that was imposed on a sheet
                page.painted.sheets.add(surface)
                page.surface = key
                page.painted.surfaces[key] = transform_box(rectangle(entry(form, "/BBox")) or NO_BOX, matrix)
        follower = _StreamFollower(page, entry(form, "/Resources") or self.resources, key, self.current)
        follower.state.matrix = matrix
        follower.state.font, follower.state.size = self.state.font, self.state.size
        page.inside.append(key)
        follower.run(form)
        page.inside.pop()
        page.surface = surface

    # Text

    def set_font(self, operands: list[Any]) -> None:
        if operands[0] not in self._known_fonts:
            self._known_fonts[operands[0]] = self.page.font(entry(entry(self.resources, "/Font"), operands[0]))
        self.state.font, self.state.size = self._known_fonts[operands[0]], float(operands[1])

    def show(self, operands: list[Any]) -> None:
        parts = operands[-1] if isinstance(operands[-1], list) else operands[-1:]
        shown = b"".join(part for part in parts if isinstance(part, bytes))
        if not shown:
            return
        self._note_paint("text")
        font = self.state.font
        if font is None:
            self.page.issue("font-missing", "text is shown without a font")
            return
        if self.current:
            letters = list(self._letters(font, shown))
            self.current.text += letters if not any(self._replaced) else []
            if not self.shown:
                self.current.starts.append(TextStart(*self.text_origin()))
        super().show([parts])

    def _letters(self, font: GlyphFont, shown: bytes) -> Iterator[str]:
        for code in font.codes(shown):
            if code == 0 and font.code_bytes == 2:
                self.page.issue("glyph-missing", f"the font {font.name} lacks a glyph: a box is printed")
            elif code not in font.letters and font.letters:
                self.page.issue("glyph-unmapped", f"the font {font.name} does not map its glyph {code} to a character")
            yield font.letters.get(code, chr(code) if font.code_bytes == 1 else "\ufffd")


def _font_issues(font: Any, name: str) -> Iterator[AuditIssue]:
    descriptor = entry(fonts.descendant(font), "/FontDescriptor")
    files = ("/FontFile", "/FontFile2", "/FontFile3")
    if name_entry(font, "/Subtype") != "/Type3" and not any(entry(descriptor, file) is not None for file in files):
        yield AuditIssue("font-embedded", f"the font {name} is not embedded")
    if not isinstance(entry(font, "/ToUnicode"), Object):
        yield AuditIssue("font-unicode", f"the font {name} does not map its glyphs to characters")


def _matrix(form: Stream) -> Matrix:
    found = numbers(entry(form, "/Matrix"), 6)
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if found else IDENTITY
