"""Parses Markdown into typed blocks with line numbers. Anything that a leaflet cannot contain is a finding."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin

from pdfkit_cli.content import block_content, list_numbers, lookalikes
from pdfkit_cli.content.block_specs import BLOCKS, Level, Role
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Break,
    Directive,
    Emphasis,
    Field,
    Figure,
    FootnoteMark,
    Heading,
    Inline,
    Inlines,
    Link,
    List,
    ListItem,
    Paragraph,
    Span,
    Strong,
    Table,
    Text,
    merge_texts,
    plain_text,
    walk,
)
from pdfkit_cli.content.lookalikes import Lookalike
from pdfkit_cli.content.models import MAX_URL_LENGTH, is_web_address
from pdfkit_cli.errors import Finding, SourceLocation

MAX_DEPTH = 20
"""The maximum nesting of lists and blocks; markdown-it drops anything deeper."""

MAX_TEXT_LENGTH = 300_000
"""The longest text that is read, in characters: about 130 pages of A5."""

MAX_INLINE_WORK = 20_000_000
"""The limit for the length of a paragraph, heading or cell times the number of marks in it, such as “[”.

Parsing takes time in proportion to this product, because the end of each mark may be searched for in all the text after it."""

_INLINE_MARKUP = re.compile(r"[\[\]!*_`<\\~^{|]")
_FIELD = re.compile(r"\{\{([^{}]*)\}\}")
_LEFTOVER_MARKUP = re.compile(r"\{+[^{}\n]*\}*|\}+|\]\(")
_STARS = re.compile(r"\*\*")
_HTML_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|<!--")
_FOOTNOTE_CALL = re.compile(r"\[\^([^\]\s]+)\]")
_SPACES = re.compile(r" {2,}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_FENCE = re.compile(r"\s*:{3,}\s*$")
_LINE_END = re.compile(r"\r\n?|\n")
"""A line end in CommonMark. Texts from files have only line feeds."""

_CELL_END = re.compile(r"(?<!\\)\|")
MAX_TABLE_COLUMNS = 5
"""More columns do not fit on A5 in 12 pt."""

_UNSUPPORTED_MARKUP = "unexpected “{mark}”; a field is written {{{{ clinic.phone }}}}, a span […]{{.full}}, a link [words](https://…), bold text **words**"
_FOOTNOTE_NOT_ALLOWED = "“{mark}” would be printed here, because footnotes can only be called in running text; call it there, or write the note here"
_DUPLICATE_NUMBER = "two consecutive items have the number {number}; write the numbers as they should be printed (1. 2. 3.), and a date after “- ” as “{number}\\. december”"

_ESCAPE_HINTS = {"blockquote_open": ", or “\\>” to print the sign itself"}

_UNSUPPORTED_BLOCKS = {
    "blockquote_open": "a quotation (>)",
    "code_block": "text indented by four spaces",
    "fence": "a code block (```)",
    "hr": "a rule (---)",
    "html_block": "HTML",
    "code_inline": "code in backticks",
}


@dataclass(frozen=True)
class MarkdownBody:
    """The text of one language: its blocks, and its footnotes with their labels. It has no `__slots__`, so that its nodes can be cached."""

    blocks: Blocks
    footnotes: tuple[tuple[str, Inlines], ...]

    @cached_property
    def nodes(self) -> tuple[Any, ...]:
        """Every block and inline node of the blocks, in the order of the text."""
        return tuple(walk(self.blocks))

    @cached_property
    def notes(self) -> tuple[Any, ...]:
        """Every inline node of the footnotes."""
        return tuple(walk(tuple(inlines for _, inlines in self.footnotes)))


def parse(text: str, name: str, first_line: int = 1) -> tuple[MarkdownBody, list[Finding]]:
    """Return the parsed body and the findings; `first_line` is the line of the file on which the text begins.

    Nothing is raised: every problem is a finding, and the body contains everything that could be read.
    """
    if len(text) > MAX_TEXT_LENGTH:
        message = (
            f"the text has {len(text):,} characters, but the limit is {MAX_TEXT_LENGTH:,}; divide it into two leaflets"
        )
        return MarkdownBody((), ()), [Finding("too-long", message, SourceLocation(name, first_line, 1))]
    reader = _BodyParser(name, _LINE_END.split(text), first_line)
    # The container plugin reads one character too far if the last line has no line end.
    addresses = _LinkReferences()
    tokens = _create_parser().parse(f"{text}\n", {"references": addresses})
    reader.check_addresses(addresses)
    return reader.body(tokens), reader.findings


def tokenize(text: str) -> Sequence[Token]:
    """Return the tokens that a body is read from, for who needs their places."""
    return _create_parser().parse(f"{text}\n", {"references": _LinkReferences()})


class _LeafletMarkdownIt(MarkdownIt):
    """CommonMark that accepts every link address, so that invalid ones can be reported."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True


class _LinkReferences(dict[str, Any]):
    """The link addresses that a text defines by label, and the labels that it uses."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def get(self, label: str, default: Any = None) -> Any:
        self.used.add(label)
        return super().get(label, default)


def _record_emphasis_position(state: StateInline, silent: bool) -> bool:
    """Record the position of each star and underscore, so that an unpaired one can be reported there."""
    start = state.pos
    found = emphasis.tokenize(state, silent)
    if found:
        for at, token in zip(range(start, state.pos), state.tokens[start - state.pos :], strict=True):
            token.meta = {"at": at}
    return found


def _truncate_long_inlines(state: StateCore) -> None:
    """Empty inline content that would take too long to parse; `_BodyParser` reports it."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) * len(_INLINE_MARKUP.findall(token.content)) > MAX_INLINE_WORK:
            token.meta["length"] = len(token.content)
            token.content = ""


def _mark_unpaired_delimiters(state: StateInline) -> None:
    """Give unpaired stars and underscores a token type of their own."""
    for token in state.tokens:
        if token.type == "text" and token.content in ("*", "_") and "at" in token.meta:
            token.type = "stray"


@cache
def _create_parser() -> MarkdownIt:
    parser = (
        _LeafletMarkdownIt("commonmark", {"html": False, "maxNesting": MAX_DEPTH}).enable("table").disable("html_block")
    )
    container_plugin(parser, "directive", validate=lambda info, *_: bool(info.strip()))
    footnote_plugin(parser, inline=False, move_to_end=False)
    attrs_plugin(parser, spans=True, after=())
    parser.core.ruler.before("inline", "cut_long", _truncate_long_inlines)
    parser.inline.ruler.at("emphasis", _record_emphasis_position)
    parser.inline.ruler2.after("emphasis", "strays", _mark_unpaired_delimiters)
    parser.core.ruler.disable("text_join")  # escaped signs are meant to be printed
    return parser


@dataclass(slots=True)
class _BodyParser:
    """Walks the tokens once. `level` is the level of the last heading, `end` the last line of the enclosing block, `above` the preceding paragraph."""

    name: str
    lines: list[str]
    first_line: int
    findings: list[Finding] = field(default_factory=list)
    level: int = 1
    end: int = 0
    above: str = ""
    called: set[str] = field(default_factory=set)
    defined: dict[str, int] = field(default_factory=dict)
    located: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)

    def body(self, tokens: Sequence[Token]) -> MarkdownBody:
        footnotes: dict[str, Inlines] = {}
        self.end = len(self.lines)
        self._check_depth(tokens)
        blocks = self._blocks(_TokenStream(tokens), footnotes)
        for label, index in self.defined.items():
            if label not in self.called:
                self._find("footnote", f"footnote [^{label}] is never called; call it in the text or remove it", index)
        if not blocks and not self.findings:
            self._find("empty-body", "the text is empty; write something below the front matter", 0)
        return MarkdownBody(blocks, tuple(footnotes.items()))

    # Findings

    def _find(self, code: str, message: str, index: int, column: int = 1) -> None:
        self.findings.append(Finding(code, message, SourceLocation(self.name, index + self.first_line, column)))

    def _find_words(self, code: str, message: str, words: str, token: Token) -> None:
        self._find(code, message, *self._locate(words, token))

    def _locate(self, words: str, token: Token) -> tuple[int, int]:
        """Return the index of the line that contains `words`, and their column; each further call returns the next occurrence."""
        first, last = token.map or (0, 1)
        start, column = self.located.get((first, words), (first, 0))
        for index in range(start, min(max(last, first + 1), len(self.lines))):
            if (column := self.lines[index].find(words, column)) >= 0:
                self.located[first, words] = index, column + len(words)
                return index, column + 1
            column = 0
        return first, 1

    def _find_at(self, code: str, found: Lookalike, inline: Token) -> None:
        """Add a finding at a line and column in the content of a token."""
        index = (inline.map or [0])[0] + found.line
        line = inline.content.split("\n", found.line + 1)[found.line].strip()
        indent = max(self.lines[index].find(line), 0) if index < len(self.lines) else 0
        self._find(code, found.message, min(index, len(self.lines) - 1), indent + found.column + 1)

    def _find_in(self, code: str, found: Lookalike, inline: Token) -> None:
        """Add a finding at an offset in the content of a token."""
        start = inline.content.rfind("\n", 0, found.column) + 1
        before = inline.content[start : found.column]
        line = inline.content.count("\n", 0, found.column)
        self._find_at(code, found._replace(line=line, column=len(before.lstrip())), inline)

    def _check_depth(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if (
                token.nesting == 1
                and token.level >= MAX_DEPTH - 1
                and token.type not in ("paragraph_open", "heading_open")
            ):
                message = "lists and blocks are nested too deeply; use fewer levels"
                self._find("deep-nesting", message, (token.map or [0])[0])
                return

    def check_addresses(self, addresses: "_LinkReferences") -> None:
        """Report link definitions that no link uses: Markdown would not print these lines."""
        for label, address in addresses.items():
            if label not in addresses.used:
                index = address["map"][0]
                message = f"“[{label}]: …” defines the address of a link, but no link uses it, so it is not printed; write plain words, or remove it"
                self._find("left-over", message, index)

    # Blocks

    def _blocks(self, tokens: "_TokenStream", footnotes: dict[str, Inlines], *, in_item: bool = False) -> Blocks:
        """Return the blocks at one level of nesting."""
        return list_numbers.resolve_list_numbers(tuple(self._read(tokens, footnotes, in_item)), in_item=in_item)

    def _read(self, tokens: "_TokenStream", footnotes: dict[str, Inlines], in_item: bool) -> Iterator[Block]:
        before: Token | None = None
        for token in tokens:
            match token.type:
                case "heading_open":
                    yield self._heading(token, tokens)
                case "paragraph_open":
                    inline = tokens.next()
                    yield self._paragraph(inline)
                    self.above = inline.content
                    tokens.next()
                case "bullet_list_open" | "ordered_list_open":
                    found = self._list(token, tokens.until_close(), footnotes)
                    if not in_item and before and before.map and token.map and before.map[1] == token.map[0]:
                        self._check_interruption(found, before.map[1] - 1)
                    yield found
                case "table_open":
                    yield self._table(token, tokens.until_close())
                case "container_directive_open":
                    yield from self._directive(token, tokens.until_close(), footnotes)
                case "footnote_reference_open":
                    self._define(token, tokens.until_close(), footnotes)
                case other:
                    what = _UNSUPPORTED_BLOCKS.get(other, f"“{other}”")
                    self._find(
                        "not-in-vocabulary",
                        f"{what} is not part of a leaflet; write a paragraph, a list or a block{_ESCAPE_HINTS.get(other, '')}",
                        (token.map or [0])[0],
                    )
                    if token.nesting == 1:
                        yield from self._blocks(tokens.until_close(), footnotes)
            before = token if token.type == "paragraph_open" else None
            if not before:
                self.above = ""

    def _heading(self, token: Token, tokens: "_TokenStream") -> Heading:
        inline = tokens.next()
        tokens.next()
        level = int(token.tag[1])
        index = (token.map or [0])[0]
        if level == 1:
            self._find("heading-level", "“#” is for the title, which is in the front matter; begin with “##”", index)
        elif level > self.level + 1:
            self._find(
                "heading-level",
                f"a heading of level {level} follows one of level {self.level}; use “{'#' * (self.level + 1)}”",
                index,
            )
        self.level = max(level, 2)
        children = self._inlines(inline)
        if _is_blank(children):
            self._find("empty-heading", "the heading is empty; give it words or remove it", index)
        return Heading(level, children, index + self.first_line)

    def _paragraph(self, inline: Token) -> Block:
        index = (inline.map or [0])[0]
        children = inline.children or []
        if [child.type for child in children if child.type != "text" or child.content.strip()] == ["image"]:
            return self._figure(next(child for child in children if child.type == "image"), inline, index)
        lines = inline.content.split("\n")
        for found in lookalikes.find_line_lookalikes(lines, self.above):
            self._find_at("left-over", found, inline)
        return Paragraph(self._inlines(inline), index + self.first_line)

    def _figure(self, image: Token, inline: Token, index: int) -> Figure:
        alt = "".join(child.content or " " * (child.nesting == 0) for child in image.children or ()).strip()
        caption = str(image.attrs.get("title", ""))
        source = unquote(str(image.attrs.get("src", "")))
        if not alt:
            self._find_words(
                "alt-text",
                f"picture “{source}” has no alternative text; describe what it shows in the brackets",
                "![",
                inline,
            )
        self._check_plain(f"{alt}\n{caption}", inline)
        return Figure(source, alt, caption, index + self.first_line)

    def _list(self, token: Token, inner: "_TokenStream", footnotes: dict[str, Inlines]) -> List:
        items: list[ListItem] = []
        start, number = int(token.attrs.get("start", 1)), ""
        for item in inner:
            blocks = self._blocks(inner.until_close(), footnotes, in_item=True)
            index = (item.map or [0])[0]
            if not blocks:
                self._find("empty-item", "the list item is empty; give it words or remove it", index)
            if item.info and item.info == number:
                self._find("list-number", _DUPLICATE_NUMBER.format(number=number), index)
            number = item.info
            typed = f"{number}{item.markup}" if number else ""
            marker = "" if typed == f"{start + len(items)}." else typed
            items.append(ListItem(blocks, index + self.first_line, marker))
        line = (token.map or [0])[0] + self.first_line
        return List(token.type == "ordered_list_open", start, tuple(items), line)

    def _check_interruption(self, found: List, index: int) -> None:
        """Report a line of a sentence that Markdown reads as a list, because it begins with a number, a dash or a plus."""
        if len(found.items) > 1:
            return
        text = self.lines[index + 1].strip()
        is_sentence = (
            found.ordered or text[0] == "+" or (text[2:3].isdigit() and self.lines[index].rstrip()[-1:].isdigit())
        )
        if is_sentence:
            mark = text.split()[0]
            message = f"“{mark}” begins a list here, in the middle of a paragraph; put an empty line before the list, or write “{mark[:-1]}\\{mark[-1:]}” if the sentence continues"
            self._find("list-number", message, index + 1, self.lines[index + 1].index(mark) + 1)

    def _table(self, token: Token, inner: "_TokenStream") -> Table:
        index = (token.map or [0])[0]
        rows: list[list[Inlines]] = []
        for part in inner:
            if part.type == "tr_open":
                rows.append([])
            elif part.type == "inline":
                rows[-1].append(self._inlines(part))
        if any(map(_is_blank, rows[0])):
            self._find("table-head", "a column of the table has no heading; every column needs one", index)
        if len(rows[0]) > MAX_TABLE_COLUMNS:
            message = f"the table has {len(rows[0])} columns; at most {MAX_TABLE_COLUMNS} are legible on A5, so split the table"
            self._find("table-columns", message, index)
        for at in range(*(token.map or (0, 0))):
            # Markdown drops surplus cells of a row.
            cells = len(_CELL_END.split(self.lines[at].strip().removeprefix("|").removesuffix("|")))
            if cells != len(rows[0]):
                message = f"the row has {cells} cells, but the table has {len(rows[0])} columns; write one cell for each column"
                self._find("table-row", message, at)
        return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]), index + self.first_line)

    def _directive(self, token: Token, inner: "_TokenStream", footnotes: dict[str, Inlines]) -> Iterator[Block]:
        first, last = token.map or (0, 0)
        word, *rest = token.info.split(None, 1)
        argument = rest[0].strip() if rest else ""
        if not (last < self.end and _FENCE.match(self.lines[last])):
            message = f"block “{word}” is never closed; end it with “{token.markup}” on a line of its own; a block around another block needs one more colon"
            self._find("unclosed-block", message, first)
        outer_end, self.end = self.end, min(self.end, last)
        if word in BLOCKS:
            yield self._known(word, argument, first, inner, footnotes)
        else:
            self._find("unknown-block", f"unknown block “{word}”; use one of: {', '.join(BLOCKS)}", first)
            yield from self._blocks(inner, footnotes)
        self.end = outer_end

    def _known(
        self, name: str, argument: str, index: int, inner: "_TokenStream", footnotes: dict[str, Inlines]
    ) -> Directive:
        spec = BLOCKS[name]
        problem = spec.argument_problem(name, argument)
        if problem:
            self._find("block-argument", problem, index)
        self._check_plain(argument, Token("inline", "", 0, map=[index, index + 1]))
        outer, level = self.level, 0
        if spec.level is not Level.NONE:
            self.level = level = 2 if spec.level is Level.SECTION else min(self.level + 1, 6)
        blocks = self._blocks(inner, footnotes)
        if spec.level is Level.BELOW or spec.role is Role.FULL_ONLY:  # the short edition has none of its headings
            self.level = outer
        if not blocks and not spec.may_be_empty:
            self._find("empty-block", f"block “{name}” is empty; give it words or remove it", index)
        block = Directive(name, argument, blocks, index + self.first_line, level)
        for line, message in block_content.content_problems(block) if blocks and not problem else ():
            self._find("block-content", message, line - self.first_line)
        return block

    # Inline nodes

    def _define(self, token: Token, inner: "_TokenStream", footnotes: dict[str, Inlines]) -> None:
        label, index = token.meta["label"], (token.map or [0])[0]
        nodes: list[Inline] = []
        refused = False
        for part in inner:
            if part.type == "inline":
                nodes += (Text(" "), *self._inlines(part)) if nodes else self._inlines(part)
            elif part.type not in ("paragraph_open", "paragraph_close"):
                message = "a footnote can only contain plain text, not a list or a block"
                if part.type == "ordered_list_open":
                    message += "; write a sentence that begins with a number as “24\\. december”"
                self._find("footnote", message, (part.map or [index])[0])
                refused = True
                break
        children = tuple(merge_texts(iter(nodes)))
        if any(isinstance(node, FootnoteMark) for node in walk(children)):
            self._find("footnote", "a footnote cannot call another; combine the two", index)
        if self.defined.setdefault(label, index) != index:
            self._find("footnote", f"footnote [^{label}] is defined here for the second time; keep one", index)
        elif _is_blank(children) and not refused:
            self._find("footnote", f"footnote [^{label}] is empty; give it words or remove it", index)
        footnotes.setdefault(label, children)

    def _inlines(self, inline: Token) -> Inlines:
        if length := inline.meta.get("length"):
            message = f"this has {length:,} characters and too many marks such as “[” or “*” to be read in one piece; divide it with empty lines"
            self._find("too-long", message, (inline.map or [0])[0])
            return (Text("…"),)
        if "<" in inline.content:
            for tag in _HTML_TAG.findall(inline.content):
                self._find_words("html", f"HTML is not allowed; remove “{tag}”", tag, inline)
        if ":::" in inline.content:
            self._check_fences(inline)
        if "*" in inline.content or "_" in inline.content:
            self._check_emphasis(inline)
        for found in lookalikes.find_stray_backslashes(inline.content) if "\\" in inline.content else ():
            self._find_in("left-over", found, inline)
        return tuple(merge_texts(self._nodes(_TokenStream(_merge_text_tokens(inline.children or ())), inline)))

    def _check_fences(self, inline: Token) -> None:
        for offset, line in enumerate(inline.content.split("\n")):
            if _FENCE.match(line):
                message = (
                    "“:::” closes nothing here; a block around another block needs one more colon than the inner one"
                )
                self._find("stray-fence", message, (inline.map or [0])[0] + offset)

    def _check_emphasis(self, inline: Token) -> None:
        """Report unpaired stars and underscores, and those that mark something other than words."""
        text, children = inline.content, inline.children or []
        found = lookalikes.find_unpaired_emphasis(
            text, _delimiter_runs([child.meta["at"] for child in children if child.type == "stray"], text)
        )
        for one in (*found, *lookalikes.find_accidental_emphasis(text, _emphasis_spans(children))):
            self._find_in("left-over", one, inline)

    def _mark(self, label: str, inline: Token) -> FootnoteMark:
        index, column = self._locate(f"[^{label}]", inline)
        if label in self.called:
            message = f"footnote [^{label}] is called a second time, but can be printed only once; call it once"
            self._find("footnote", message, index, column)
        self.called.add(label)
        return FootnoteMark(label, index + self.first_line)

    def _check_plain(self, words: str, token: Token) -> None:
        """Report Markdown in plain text, where it would be printed."""
        for mark in _STARS.findall(words):
            self._find_words("left-over", _UNSUPPORTED_MARKUP.format(mark=mark), mark, token)
        for call in _FOOTNOTE_CALL.finditer(words):
            self._find_words("left-over", _FOOTNOTE_NOT_ALLOWED.format(mark=call[0]), call[0], token)
        self._check_words(words, token)

    def _check_words(self, words: str, token: Token) -> None:
        """Report Markdown that was not understood and would be printed."""
        if "{" in words or "}" in words or "](" in words:
            for mark in _LEFTOVER_MARKUP.findall(words):
                self._find_words("left-over", _UNSUPPORTED_MARKUP.format(mark=mark), mark, token)
        for found in lookalikes.find_inline_lookalikes(words):
            self._find_words("left-over", found.message, found.mark, token)

    def _nodes(self, tokens: "_TokenStream", inline: Token) -> Iterator[Inline]:
        for token in tokens:
            match token.type:
                case "text":
                    yield from self._text(token.content, inline)
                case "text_special" if token.content not in ("{", "}"):
                    yield Text(token.content)
                case "text_special":
                    yield from self._words(token.content, inline)
                case "softbreak":
                    yield Text(" ")
                case "hardbreak":
                    yield Break()
                case "em_open":
                    yield Emphasis(self._inside(tokens.until_close(), inline))
                case "strong_open":
                    yield Strong(self._inside(tokens.until_close(), inline))
                case "span_open":
                    yield self._span(token, self._inside(tokens.until_close(), inline), inline)
                case "link_open":
                    yield self._link(token, self._inside(tokens.until_close(), inline), inline)
                case "footnote_ref":
                    yield self._mark(token.meta["label"], inline)
                case "image":
                    message = "a picture needs a paragraph of its own; put an empty line before and after it"
                    self._find_words("picture-in-text", message, "![", inline)
                case other:
                    what = _UNSUPPORTED_BLOCKS.get(other, f"“{other}”")
                    self._find_words(
                        "not-in-vocabulary",
                        f"{what} is not part of a leaflet; write plain words",
                        token.content,
                        inline,
                    )

    def _inside(self, tokens: "_TokenStream", inline: Token) -> Inlines:
        return tuple(merge_texts(self._nodes(tokens, inline)))

    def _text(self, text: str, inline: Token) -> Iterator[Inline]:
        end = 0
        for match in _FIELD.finditer(text):
            yield from self._words(text[end : match.start()], inline)
            index, column = self._locate(match[0], inline)
            yield Field(match[1].strip(), index + self.first_line, column)
            end = match.end()
        yield from self._words(text[end:], inline)

    def _words(self, text: str, inline: Token) -> Iterator[Text]:
        self._check_words(text, inline)
        if "[^" in text:
            for label in _FOOTNOTE_CALL.findall(text):
                message = f"footnote [^{label}] does not exist; add a line “[^{label}]: …”"
                self._find_words("footnote", message, f"[^{label}]", inline)
        if text:
            yield Text(_SPACES.sub(" ", text) if "  " in text else text)

    def _span(self, token: Token, children: Inlines, inline: Token) -> Span:
        attrs = {key: str(value) for key, value in token.attrs.items()}
        full = attrs.pop("class", "") == "full"
        lang = attrs.pop("lang", "")
        known = token.attrs.get("class", "full") == "full" and (not lang or _LANGUAGE.fullmatch(lang))
        if attrs or not (full or lang) or not known:
            self._find_words(
                "span",
                "a span can only be […]{.full} or […]{lang=en}; correct it",
                "[" + plain_text(children)[:20],
                inline,
            )
        return Span(children, lang, full)

    def _link(self, token: Token, children: Inlines, inline: Token) -> Link:
        href = str(token.attrs.get("href", ""))
        words = plain_text(children).strip()
        place = self._locate(href if href in inline.content else words, inline)
        if not is_web_address(href):
            message = f"link to “{href[:80]}”: an address must begin with https:// and have at most {MAX_URL_LENGTH} characters; use fields for phone numbers and e-mail addresses"
            self._find("link-address", message, *place)
        if not words:
            self._find("link-words", f"the link to {href} has no words; write them in the brackets", *place)
        if any(isinstance(node, Field | FootnoteMark | Span | Break) for node in walk(children)):
            self._find(
                "link-words", "the text of a link must be plain; put the field, span or footnote next to it", *place
            )
        return Link(words, href, place[0] + self.first_line)


def _merge_text_tokens(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with adjacent texts, and the unpaired marks between them, joined."""
    merged: list[Token] = []
    for token in tokens:
        if token.type not in ("text", "stray"):
            merged.append(token)
        elif merged and merged[-1].type == "text":
            merged[-1].content += token.content
        else:
            merged.append(Token("text", "", 0, content=token.content))
    return merged


def _emphasis_spans(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the start and the end, including the marks, of each emphasized text."""
    pairs, opened = [], []
    for token in tokens:
        if token.type in ("em_open", "strong_open"):
            opened.append(token.meta["at"] - (token.type == "strong_open"))
        elif token.type in ("em_close", "strong_close"):
            pairs.append((opened.pop(), token.meta["at"] + 1 + (token.type == "strong_close")))
    return pairs


def _delimiter_runs(places: Sequence[int], text: str) -> list[tuple[int, int]]:
    """Join neighbouring places with the same sign: where each run begins and ends."""
    runs: list[tuple[int, int]] = []
    for at in places:
        if runs and runs[-1][1] == at and text[runs[-1][0]] == text[at]:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs


def _is_blank(nodes: Inlines) -> bool:
    return not any(
        isinstance(node, Field) or (isinstance(node, Text | Link) and node.text.strip()) for node in walk(nodes)
    )


class _TokenStream:
    """A stream of markdown-it tokens from which the tokens inside a pair can be taken."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._waiting = iter(tokens)

    def __iter__(self) -> Iterator[Token]:
        return self._waiting

    def next(self) -> Token:
        return next(self._waiting)

    def until_close(self) -> "_TokenStream":
        """Return the tokens inside the pair that the last token opened, and move past the pair."""
        inside, depth = [], 1
        for token in self._waiting:
            depth += token.nesting
            if not depth:
                break
            inside.append(token)
        return _TokenStream(inside)
