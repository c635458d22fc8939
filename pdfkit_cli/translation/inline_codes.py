"""The words of a passage with its marks as numbered codes: translators can move a code, but neither see nor change what it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pdfkit_cli.content import lookalikes
from pdfkit_cli.content.blocks import (
    Break,
    Emphasis,
    Field,
    FootnoteMark,
    Inline,
    Inlines,
    Link,
    Span,
    Strong,
    Text,
    merge_texts,
)

MAX_CODE_DEPTH = 20
"""Codes inside each other."""


@dataclass(frozen=True, slots=True)
class Code:
    """A numbered code. `inside` are the words that it marks; None for a code that stands for something, such as a field."""

    id: str
    inside: "Content | None" = None
    kind: str = field(default="", compare=False)
    hint: str = field(default="", compare=False)
    """What it is, for the translator."""


Content: TypeAlias = tuple[str | Code, ...]
"""The words of a passage, and its codes."""

Codes: TypeAlias = Mapping[str, Inline]
"""What each code is, by its id."""


class CodeError(ValueError):
    """Words whose codes cannot be used; the message says why, and what to do."""


def encode(nodes: Inlines, source: Codes | None = None) -> tuple[Content, Codes]:
    """Return words with codes, and what the codes are.

    The codes of a source are numbered from 1. Those of a translation have the numbers of the same codes of its `source`;
    what only the translation has is called t1, t2, …
    """
    encoder = _Encoder(source)
    return encoder.content(tidy(nodes)), encoder.codes


class _Encoder:
    def __init__(self, source: Codes | None) -> None:
        self._prefix = "" if source is None else "t"
        self._waiting = dict(source or {})
        self._own = 0
        self.codes: dict[str, Inline] = {}

    def content(self, nodes: Inlines) -> Content:
        return tuple(node.text if isinstance(node, Text) else self._code(node) for node in nodes)

    def _code(self, node: Inline) -> Code:
        id = self._id(node)
        self.codes[id] = node
        kind, hint = _describe(node)
        match node:
            case Link(text):
                return Code(id, (text,), kind, hint)
            case Strong(children) | Emphasis(children) | Span(children):
                return Code(id, self.content(children), kind, hint)
            case _:
                return Code(id, None, kind, hint)

    def _id(self, node: Inline) -> str:
        same = next((id for id, other in self._waiting.items() if _identity(other) == _identity(node)), None)
        if same is not None:
            del self._waiting[same]
            return same
        self._own += 1
        return f"{self._prefix}{self._own}"


def _describe(node: Inline) -> tuple[str, str]:
    """Return the kind of a node, and what it is in words."""
    match node:
        case Strong():
            return "bold", "bold"
        case Emphasis():
            return "italic", "emphasis"
        case Link(_, href):
            return "link", f"link to {href}"
        case Field(name):
            return "field", name.removeprefix("clinic.").removeprefix("personal.").replace("_", " ")
        case FootnoteMark():
            return "footnote", "call of a footnote"
        case Span(lang=lang, full=True):
            return "full", "left out of the short version" + (f"; language: {lang}" if lang else "")
        case Span(lang=lang):
            return "language", f"language: {lang}"
        case _:
            return "lb", "line break"


def _identity(node: Inline) -> tuple[str, ...]:
    """Return what makes two codes the same, whatever words are in them."""
    match node:
        case Link(_, href):
            return "link", href
        case Field(name):
            return "field", name
        case Span(lang=lang, full=full):
            return "span", lang, str(full)
        case _:
            return (type(node).__name__,)


def check_codes(content: Content, source: Codes, own: Codes) -> None:
    """Raise CodeError unless each code of the source is there once, and no code is unknown or doubled.

    A line break, and words marked as being in another language, may be left out;
    so may bold, emphasis and links that the translation so far (whose codes are `own`) does not have.
    """
    found = [code.id for code in all_codes(content)]
    if unknown := [id for id in found if id not in source and id not in own]:
        raise CodeError(f"there is no code “{unknown[0]}” in this passage; use those of the source")
    if doubled := [id for id in found if found.count(id) > 1]:
        raise CodeError(f"the code “{doubled[0]}” is here {found.count(doubled[0])} times; use it once")
    for id, node in source.items():
        if id not in found and not _may_be_left_out(node, in_old=not own or id in own):
            raise CodeError(
                f"the code “{id}” ({_describe(node)[1]}) is missing; put it where it belongs in the sentence"
            )


def _may_be_left_out(node: Inline, in_old: bool) -> bool:
    match node:
        case Break() | Span(full=False):
            return True
        case Strong() | Emphasis() | Link():
            return not in_old
        case _:
            return False


def all_codes(content: Content) -> Iterator[Code]:
    """Yield the codes among words, and those inside them, in reading order."""
    for part in content:
        if isinstance(part, Code):
            yield part
            yield from all_codes(part.inside or ())


def decode(content: Content, codes: Codes) -> Inlines:
    """Return words with their codes as nodes. Raises CodeError if a code has words and may not, or has none."""
    return tidy(tuple(_decode(part, codes, 0) for part in content))


def _decode(part: str | Code, codes: Codes, depth: int) -> Inline:
    if isinstance(part, str):
        return Text(part)
    if depth > MAX_CODE_DEPTH:
        raise CodeError("codes are nested too deeply; use those of the source")
    node = codes[part.id]
    if not isinstance(node, Link | Strong | Emphasis | Span):
        if part.inside and plain(part.inside).strip():
            raise CodeError(f"the code “{part.id}” ({_describe(node)[1]}) has words in it; move them out of it")
        return node
    inside = tuple(_decode(each, codes, depth + 1) for each in part.inside or ())
    if not plain(part.inside or ()).strip() and not any(isinstance(each, Field) for each in inside):
        raise CodeError(f"the code “{part.id}” ({_describe(node)[1]}) has no words in it; put it around words")
    if isinstance(node, Link):
        if not all(isinstance(each, Text) for each in inside):
            raise CodeError(f"another code is inside the link “{part.id}”; move it out of it")
        return replace(node, text=plain(part.inside or ()))
    return replace(node, children=inside)


def plain(content: Content) -> str:
    """Return the words without codes."""
    return "".join(part if isinstance(part, str) else plain(part.inside or ()) for part in content)


def has_codes(content: Content) -> bool:
    """Return whether there is a code among the words."""
    return any(isinstance(part, Code) for part in content)


def ends_lines_at_codes(content: Content) -> bool:
    """Return whether there is a line end between words and a code."""
    for at, part in enumerate(content):
        if isinstance(part, Code) and ends_lines_at_codes(part.inside or ()):
            return True
        if isinstance(part, str) and part:
            before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
            if (at > 0 and "\n" in before) or (at < len(content) - 1 and "\n" in after):
                return True
    return False


def squeezed(content: Content) -> Content:
    """Return words and codes without any white space, to compare them where a tool has rearranged it."""
    parts = (
        re.sub(r"\s", "", part)
        if isinstance(part, str)
        else replace(part, inside=part.inside and squeezed(part.inside))
        for part in content
    )
    return tuple(part for part in parts if part)


def words_of(nodes: Inlines) -> str:
    """Return the words of nodes without their marks."""
    return plain(encode(nodes)[0])


_BLANKS = re.compile(r"[ \t\r\n]+")


def tidy(nodes: Inlines) -> Inlines:
    """Return nodes with single spaces, none at the edges of the words, of a line, or of a mark. A no-break space inside stays."""
    return _stripped(_spaced(nodes))


def _spaced(nodes: Inlines) -> Inlines:
    texts = merge_texts(each for node in nodes for each in _hoisted(node))
    return tuple(replace(node, text=_BLANKS.sub(" ", node.text)) if isinstance(node, Text) else node for node in texts)


def _hoisted(node: Inline) -> Iterator[Inline]:
    """Yield a node with the blanks at the edges of its words outside of it."""
    match node:
        case Link(text):
            words: Inlines = (Text(text),)
            node = replace(node, text=_BLANKS.sub(" ", text).strip())
        case Strong(children) | Emphasis(children) | Span(children):
            words = _spaced(children)
            node = replace(node, children=_stripped(words))
        case _:
            yield node
            return
    first, last = (each.text if isinstance(each, Text) else "" for each in (words[0], words[-1])) if words else ("", "")
    yield Text(first[: len(first) - len(first.lstrip())])
    yield node
    yield Text(last[len(last.rstrip()) :])


def _stripped(nodes: Inlines) -> Inlines:
    stripped: list[Inline] = []
    for index, node in enumerate(nodes):
        if isinstance(node, Text):
            words = node.text
            words = words.lstrip() if index == 0 or isinstance(nodes[index - 1], Break) else words
            after = nodes[index + 1 : index + 2]
            words = words.rstrip() if not after or isinstance(after[0], Break) else words
            if not words:
                continue
            node = Text(words)
        stripped.append(node)
    return tuple(stripped)


def without_places(nodes: Inlines) -> Inlines:
    """Return nodes without their lines and columns, so that they can be compared."""
    return tuple(_without_place(node) for node in tidy(nodes))


def _without_place(node: Inline) -> Inline:
    match node:
        case Link():
            return replace(node, line=0)
        case Field():
            return replace(node, line=0, column=0)
        case FootnoteMark():
            return replace(node, line=0)
        case Strong(children) | Emphasis(children) | Span(children):
            return replace(node, children=tuple(map(_without_place, children)))
        case _:
            return node


# Markdown

_SIGNS = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BLOCK_SIGN = re.compile(r"[#+\-:=>|~!?%@]")
_BLOCK_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$|[^\W\d_])")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def to_markdown(nodes: Inlines, *, cell: bool = False) -> str:
    """Return the Markdown of one paragraph, heading or cell of a table. A sign that would be a mark is escaped."""
    written = "".join(_written(nodes, within_bold=False))
    lines = (_at_line_start(line) for line in written.split("\n"))
    written = "\n".join(lines)
    return written.replace("|", "\\|") if cell else written


def _at_line_start(line: str) -> str:
    if _BLOCK_SIGN.match(line):
        return f"\\{line}"
    return _BLOCK_NUMBER.sub(r"\1\\\2", line, count=1) if _BLOCK_NUMBER.match(line) else line


def _written(nodes: Inlines, within_bold: bool) -> Iterator[str]:
    for node in nodes:
        match node:
            case Text(text):
                yield escape(text)
            case Strong(children):
                yield f"**{''.join(_written(children, True))}**"
            case Emphasis(children):
                mark = "_" if within_bold else "*"
                yield f"{mark}{''.join(_written(children, within_bold))}{mark}"
            case Link(text, href):
                yield f"[{escape(text)}]({f'<{href}>' if re.search(r'[ ()<>]', href) else href})"
            case Field(name):
                yield f"{{{{ {name} }}}}"
            case FootnoteMark(label):
                yield f"[^{label}]"
            case Span(children, lang, full):
                marks = " ".join([*([".full"] if full else []), *([f"lang={lang}"] if lang else [])])
                yield f"[{''.join(_written(children, within_bold))}]{{{marks}}}"
            case _:
                yield "\\\n"


def escape(text: str) -> str:
    """Return plain words as Markdown that prints them."""
    risky = {at for found in lookalikes.find_inline_lookalikes(text) for at in _marks(text, found)}
    risky |= {match.start() for match in _SIGNS.finditer(text)}
    return "".join(f"\\{sign}" if at in risky else sign for at, sign in enumerate(text))


def _marks(text: str, found: lookalikes.Lookalike) -> Iterator[int]:
    return (match.start() for match in _PUNCTUATION.finditer(text, found.column, found.column + len(found.mark)))
