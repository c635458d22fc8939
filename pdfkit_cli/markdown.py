"""Markdown to typed blocks with line numbers; what is not in the vocabulary is a finding."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin

from pdfkit_cli.blocks import (
    PHASES,
    TITLED,
    Block,
    Blocks,
    Break,
    Directive,
    DirectiveName,
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
    plain,
    walk,
)
from pdfkit_cli.errors import Finding, Place

_FIELD = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--)>")
_FENCE = re.compile(r"\s*:{3,}\s*$")
_DOSE = re.compile(r"(\d+) ?[×x] ?(\d+)$")
_SCHEMES = ("https://", "http://")
_NOT_IN_A_LEAFLET = {
    "blockquote_open": "a quotation (>)",
    "code_block": "text indented by four spaces",
    "fence": "a code block (```)",
    "hr": "a rule (---)",
    "html_block": "HTML",
    "code_inline": "code in backticks",
}


@dataclass(frozen=True, slots=True)
class Body:
    """The text of one language: its blocks, and its footnotes by label."""

    blocks: Blocks
    footnotes: tuple[tuple[str, Inlines], ...]


def parse(text: str, name: str, first_line: int = 1) -> tuple[Body, list[Finding]]:
    """Parse a body; `first_line` is the line of the file that it starts on.

    Nothing is raised: every problem is a finding, and what could be read is in the body.
    """
    reader = _Reader(name, text.split("\n"), first_line)
    return reader.body(_parser().parse(text)), reader.findings


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    container_plugin(parser, "directive", validate=lambda *_: True)
    footnote_plugin(parser, inline=False, move_to_end=False)
    attrs_plugin(parser, spans=True)
    return parser


@dataclass(slots=True)
class _Reader:
    """Walks the tokens once; `level` is that of the last heading."""

    name: str
    lines: list[str]
    first_line: int
    findings: list[Finding] = field(default_factory=list)
    level: int = 1

    def body(self, tokens: Sequence[Token]) -> Body:
        footnotes: dict[str, Inlines] = {}
        blocks = tuple(self._blocks(_Tokens(tokens), footnotes))
        self._check_footnotes(blocks, footnotes)
        if not blocks and not self.findings:
            self._find("empty-body", "the text is empty; write something below the front matter", 0)
        return Body(blocks, tuple(footnotes.items()))

    # Findings

    def _find(self, code: str, message: str, index: int, column: int = 1) -> None:
        self.findings.append(Finding(code, message, Place(self.name, index + self.first_line, column)))

    def _find_words(self, code: str, message: str, words: str, token: Token) -> None:
        self._find(code, message, *self._locate(words, token))

    def _locate(self, words: str, token: Token) -> tuple[int, int]:
        """Return the index of the line in which `words` stand, and their column."""
        first, last = token.map or (0, 1)
        for index in range(first, min(max(last, first + 1), len(self.lines))):
            if (column := self.lines[index].find(words)) >= 0:
                return index, column + 1
        return first, 1

    # Blocks

    def _blocks(self, tokens: "_Tokens", footnotes: dict[str, Inlines]) -> Iterator[Block]:
        for token in tokens:
            match token.type:
                case "heading_open":
                    yield self._heading(token, tokens)
                case "paragraph_open":
                    if block := self._paragraph(tokens.next()):
                        yield block
                    tokens.next()
                case "bullet_list_open" | "ordered_list_open":
                    yield self._list(token, tokens.until_close(token), footnotes)
                case "table_open":
                    yield self._table(token, tokens.until_close(token))
                case "container_directive_open":
                    if directive := self._directive(token, tokens.until_close(token), footnotes):
                        yield directive
                case "footnote_reference_open":
                    inner = tokens.until_close(token)
                    footnotes[token.meta["label"]] = tuple(self._footnote(inner))
                case other:
                    what = _NOT_IN_A_LEAFLET.get(other, f"“{other}”")
                    self._find(
                        "not-in-vocabulary",
                        f"{what} is not part of a leaflet; write a paragraph, a list or a block",
                        (token.map or [0])[0],
                    )
                    if token.nesting == 1:
                        tokens.until_close(token)

    def _heading(self, token: Token, tokens: "_Tokens") -> Heading:
        inline = tokens.next()
        tokens.next()
        level = int(token.tag[1])
        index = (token.map or [0])[0]
        if level == 1:
            self._find("heading-level", "“#” is the title's, which stands in the front matter; begin with “##”", index)
        elif level > self.level + 1:
            self._find(
                "heading-level",
                f"a heading of level {level} follows one of level {self.level}; use “{'#' * (self.level + 1)}”",
                index,
            )
        self.level = max(level, 2)
        children = self._inlines(inline)
        if not plain(children).strip():
            self._find("empty-heading", "the heading is empty; give it words or remove it", index)
        return Heading(level, children, index + self.first_line)

    def _paragraph(self, inline: Token) -> Block | None:
        index = (inline.map or [0])[0]
        if inline.content.lstrip().startswith(":::"):
            self._find(
                "stray-fence",
                "“:::” closes nothing here; a block around another block needs one colon more than it",
                index,
            )
            return None
        children = [child for child in inline.children or () if child.type != "softbreak"]
        images = [child for child in children if child.type == "image"]
        if len(images) == 1 and all(child.type == "image" or not child.content.strip() for child in children):
            return self._figure(images[0], inline, index)
        for _ in images:
            self._find(
                "picture-in-text",
                "a picture stands in a paragraph of its own; put an empty line before and after it",
                index,
            )
        return Paragraph(self._inlines(inline), index + self.first_line)

    def _figure(self, image: Token, inline: Token, index: int) -> Figure:
        alt = image.content.strip()
        source = str(image.attrs.get("src", ""))
        if not alt:
            self._find_words(
                "alt-text", f"picture “{source}” has no words in its brackets; say what it shows", "![", inline
            )
        return Figure(source, alt, str(image.attrs.get("title", "")), index + self.first_line)

    def _list(self, token: Token, inner: "_Tokens", footnotes: dict[str, Inlines]) -> List:
        items = []
        for item in inner:
            blocks = tuple(self._blocks(inner.until_close(item), footnotes))
            index = (item.map or [0])[0]
            if not blocks:
                self._find("empty-item", "the list item is empty; give it words or remove it", index)
            items.append(ListItem(blocks, index + self.first_line))
        start = int(token.attrs.get("start", 1))
        return List(token.type == "ordered_list_open", start, tuple(items), (token.map or [0])[0] + self.first_line)

    def _table(self, token: Token, inner: "_Tokens") -> Table:
        index = (token.map or [0])[0]
        rows: list[list[Inlines]] = []
        for part in inner:
            if part.type == "tr_open":
                rows.append([])
            elif part.type == "inline":
                rows[-1].append(self._inlines(part))
        if any(not plain(cell).strip() for cell in rows[0]):
            self._find("table-head", "a column of the table has no heading; every column needs one", index)
        return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]), index + self.first_line)

    def _directive(self, token: Token, inner: "_Tokens", footnotes: dict[str, Inlines]) -> Directive | None:
        index = (token.map or [0])[0]
        word, _, argument = token.info.strip().partition(" ")
        argument = argument.strip()
        if token.map and not (token.map[1] < len(self.lines) and _FENCE.match(self.lines[token.map[1]])):
            self._find(
                "unclosed-block",
                f"block “{word}” is never closed; end it with “{token.markup}” on a line of its own",
                index,
            )
        if word not in list(DirectiveName):
            allowed = ", ".join(DirectiveName)
            self._find("unknown-block", f"unknown block “{word}”; use one of: {allowed}", index)
            return None
        name = DirectiveName(word)
        self._check_argument(name, argument, index)
        outer, level = self.level, 0
        if name in TITLED or name is DirectiveName.CONTACT:
            level = 2 if name in (DirectiveName.TOPIC, DirectiveName.CONTACT) else min(self.level + 1, 6)
            self.level = level
        blocks = tuple(self._blocks(inner, footnotes))
        if name in TITLED and name is not DirectiveName.TOPIC:
            self.level = outer
        if not blocks and name not in (DirectiveName.CALL, DirectiveName.CONTACT, DirectiveName.SLOT):
            self._find("empty-block", f"block “{word}” is empty; give it words or remove it", index)
        return Directive(name, argument, blocks, index + self.first_line, level)

    def _check_argument(self, name: DirectiveName, argument: str, index: int) -> None:
        match name:
            case DirectiveName.STEP if argument not in PHASES:
                self._find("block-argument", f"“step {argument}”: a step is one of: {', '.join(PHASES)}", index)
            case DirectiveName.EXERCISE if argument and not _DOSE.match(argument):
                self._find(
                    "block-argument",
                    f"“exercise {argument}”: write the dose as rounds × repetitions, such as 3 × 10",
                    index,
                )
            case DirectiveName.SLOT if not argument:
                self._find("block-argument", "the slot has no name; write “::: slot name”", index)
            case DirectiveName.WARNING | DirectiveName.TOPIC if not argument:
                self._find("block-argument", f"the {name} has no title; write it behind “{name}”", index)
            case DirectiveName.BRIEF | DirectiveName.FULL | DirectiveName.CONTACT if argument:
                self._find("block-argument", f"“{name}” takes nothing behind it; remove “{argument}”", index)
            case _:
                pass

    # Inline nodes

    def _footnote(self, inner: "_Tokens") -> Iterator[Inline]:
        for token in inner:
            if token.type == "inline":
                yield from self._inlines(token)

    def _inlines(self, inline: Token) -> Inlines:
        return tuple(_joined(self._nodes(_Tokens(inline.children or ()), inline)))

    def _nodes(self, tokens: "_Tokens", inline: Token) -> Iterator[Inline]:
        for token in tokens:
            match token.type:
                case "text":
                    yield from self._text(token.content, inline)
                case "softbreak":
                    yield Text(" ")
                case "hardbreak":
                    yield Break()
                case "em_open":
                    yield Emphasis(self._inside(tokens.until_close(token), inline))
                case "strong_open":
                    yield Strong(self._inside(tokens.until_close(token), inline))
                case "span_open":
                    yield self._span(token, self._inside(tokens.until_close(token), inline), inline)
                case "link_open":
                    yield self._link(token, self._inside(tokens.until_close(token), inline), inline)
                case "footnote_ref":
                    label = token.meta["label"]
                    yield FootnoteMark(label, self._locate(f"[^{label}]", inline)[0] + self.first_line)
                case "image":
                    pass  # said by _paragraph, or not allowed in a heading or cell
                case other:
                    what = _NOT_IN_A_LEAFLET.get(other, f"“{other}”")
                    self._find_words(
                        "not-in-vocabulary",
                        f"{what} is not part of a leaflet; write plain words",
                        token.content,
                        inline,
                    )

    def _inside(self, tokens: "_Tokens", inline: Token) -> Inlines:
        return tuple(_joined(self._nodes(tokens, inline)))

    def _text(self, text: str, inline: Token) -> Iterator[Inline]:
        for tag in _TAG.findall(text):
            self._find_words("html", f"HTML is not allowed; remove “{tag}”", tag, inline)
        end = 0
        for match in _FIELD.finditer(text):
            if match.start() > end:
                yield Text(text[end : match.start()])
            index, column = self._locate(match[0], inline)
            yield Field(match[1], index + self.first_line, column)
            end = match.end()
        if end < len(text):
            yield Text(text[end:])

    def _span(self, token: Token, children: Inlines, inline: Token) -> Span:
        attrs = {key: str(value) for key, value in token.attrs.items()}
        full = attrs.pop("class", "") == "full"
        lang = attrs.pop("lang", "")
        if attrs or not (full or lang) or token.attrs.get("class", "full") != "full":
            self._find_words("span", "a span is […]{.full} or […]{lang=en}, nothing else", plain(children)[:20], inline)
        return Span(children, lang, full)

    def _link(self, token: Token, children: Inlines, inline: Token) -> Link:
        href = str(token.attrs.get("href", ""))
        words = plain(children).strip()
        index, _ = self._locate(f"]({href}" if f"]({href}" in inline.content else words, inline)
        if not href.startswith(_SCHEMES):
            self._find(
                "link-address",
                f"link to “{href}”: an address begins with https://; phones and e-mail are fields",
                index,
            )
        if not words:
            self._find("link-words", f"the link to {href} has no words; write them in the brackets", index)
        return Link(words, href, index + self.first_line)

    def _check_footnotes(self, blocks: Blocks, footnotes: dict[str, Inlines]) -> None:
        called = {node.label: node.line for node in walk(blocks) if isinstance(node, FootnoteMark)}
        for label in footnotes:
            if label not in called:
                index = next((i for i, line in enumerate(self.lines) if line.startswith(f"[^{label}]:")), 0)
                self._find("footnote", f"footnote [^{label}] is never called; call it in the text or remove it", index)
        for index, line in enumerate(self.lines):
            for label in re.findall(r"\[\^([^\]\s]+)\](?!:)", line):
                if label not in footnotes:
                    self._find(
                        "footnote",
                        f"footnote [^{label}] does not exist; add a line “[^{label}]: …”",
                        index,
                        line.index(f"[^{label}]") + 1,
                    )


def _joined(nodes: Iterator[Inline]) -> Iterator[Inline]:
    """Join neighbouring texts, so that words can be searched across a line end."""
    text = ""
    for node in nodes:
        if isinstance(node, Text):
            text += node.text
            continue
        if text:
            yield Text(text)
            text = ""
        yield node
    if text:
        yield Text(text)


class _Tokens:
    """The tokens of markdown-it, one after the other, with the inside of a pair cut out."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens, self._at = tokens, 0

    def __iter__(self) -> "_Tokens":
        return self

    def __next__(self) -> Token:
        if self._at >= len(self._tokens):
            raise StopIteration
        self._at += 1
        return self._tokens[self._at - 1]

    def next(self) -> Token:
        return self.__next__()

    def until_close(self, opened: Token) -> "_Tokens":
        """Return the tokens inside the pair that `opened` opens, and step behind it."""
        depth, start = 1, self._at
        while depth:
            token = self.next()
            depth += token.nesting
        return _Tokens(self._tokens[start : self._at - 1])
