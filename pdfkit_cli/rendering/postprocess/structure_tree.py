"""Structure elements as a tree, and its normal form: the rules of docs/conformance.md that need no PDF.

WeasyPrint makes an element of every box: of each piece of a paragraph on two pages, of each line of a link, of anonymous boxes.
The tree is normalized from the root down: elements without a meaning of their own are dissolved, pieces of one HTML
element are joined, footnotes move to their calls.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, Final, TypeAlias

from pdfkit_cli.rendering.postprocess.tagging_record import (
    FOOTNOTE_CALL,
    FOOTNOTE_MARKER,
    ElementOrigin,
    MarkId,
    TaggingRecord,
)

KINDS: Final = {"em": "Em", "strong": "Strong"}
"""Structure types of HTML elements for which WeasyPrint has none."""

INLINE: Final = {"Span", "Em", "Strong", "Link", "Reference", "Note"}
GROUPS: Final = frozenset(
    ["Document", "Part", "Art", "Sect", "Div", "BlockQuote", "L", "LI", "Table", "THead", "TBody", "TFoot", "TR"]
)
"""Types that contain other elements, not text (ISO 32000-1, 14.8.4.2)."""

KEPT_EMPTY: Final = {"TD", "TH"}
_ISOLATES: Final = dict.fromkeys(range(0x2066, 0x206A))

StructureKid: TypeAlias = "StructureNode | MarkId | bytes"
"""An element, a mark, or the reference of an annotation's OBJR."""


@dataclass(slots=True)
class StructureNode:
    """A structure element: its type, the HTML element that it was made from, its kids, and its ActualText, if it needs one."""

    kind: str
    origin: ElementOrigin | None = None
    kids: list[StructureKid] = field(default_factory=list)
    element: Any = None
    actual_text: str = ""

    @property
    def lang(self) -> str:
        """The language of its HTML element, or empty."""
        return self.origin.lang if self.origin else ""

    @property
    def key(self) -> tuple[int, str, str] | None:
        """The same for all pieces of one HTML element, on several lines or pages."""
        return (self.origin.source, self.origin.tag, self.kind) if self.origin else None

    def marks(self) -> Iterator[MarkId]:
        """Yield its marks and those of its descendants, in order."""
        for kid in self.kids:
            if isinstance(kid, tuple):
                yield kid
            elif isinstance(kid, StructureNode):
                yield from kid.marks()

    def annotations(self) -> Iterator[bytes]:
        """Yield the references of its annotations and those of its descendants."""
        for kid in self.kids:
            if isinstance(kid, bytes):
                yield kid
            elif isinstance(kid, StructureNode):
                yield from kid.annotations()


@dataclass(slots=True)
class NormalizationResult:
    """The results of normalizing, besides the tree."""

    repeated: set[MarkId] = field(default_factory=set)
    """Marks in headers of tables that are repeated on every further page: they are read only once."""

    repeated_links: list[bytes] = field(default_factory=list)
    """References of the annotations in repeated headers, which would belong to no element."""

    spaced: set[MarkId] = field(default_factory=set)
    """Marks at the end of a line that is broken at a space, which WeasyPrint drops."""


def normalize_tree(document: StructureNode, record: TaggingRecord, language: str) -> NormalizationResult:
    """Normalize the tree, in place."""
    normalizer = _TreeNormalizer(record)
    normalizer.name(document)
    normalizer.collect_footnotes(document)
    normalizer.normalize(document, language)
    for footnote in normalizer.footnotes.values():  # without a call: no word may be lost
        document.kids.append(footnote)
        normalizer.normalize(footnote, language)
    return normalizer.result


class _TreeNormalizer:
    def __init__(self, record: TaggingRecord) -> None:
        self._record = record
        self._calls = {origin.source for origin in record.origins.values() if origin.tag.endswith(FOOTNOTE_CALL)}
        self.footnotes: dict[int, StructureNode] = {}
        self.result = NormalizationResult()

    def name(self, node: StructureNode) -> None:
        """Give elements the types that WeasyPrint does not give."""
        for kid in node.kids:
            if isinstance(kid, StructureNode):
                self.name(kid)
        if not node.origin:
            return
        tag = node.origin.tag
        if tag.endswith(FOOTNOTE_CALL):
            node.kind = "Reference"
        elif tag.endswith(FOOTNOTE_MARKER):
            node.kind = "Lbl"
        elif node.origin.source in self._calls and "::" not in tag:
            node.kind = "Note"
        elif tag == "figure":
            node.kind = "Div"
        elif node.kind == "Div" and any(map(self._is_inline, node.kids)):
            node.kind = "P"
        else:
            node.kind = KINDS.get(tag, node.kind)

    def _is_inline(self, kid: StructureKid) -> bool:
        if isinstance(kid, tuple):
            return self._has_text(kid)
        if isinstance(kid, bytes):
            return False
        return any(map(self._is_inline, kid.kids)) if kid.kind == "NonStruct" or not kid.origin else kid.kind in INLINE

    def _has_text(self, mark: MarkId) -> bool:
        text = self._record.texts.get(mark)
        return text is None or bool(text.strip())

    def collect_footnotes(self, node: StructureNode) -> None:
        """Remove footnotes from the feet of the pages."""
        kept: list[StructureKid] = []
        for kid in node.kids:
            if isinstance(kid, StructureNode) and kid.kind == "Note" and kid.origin:
                self.footnotes.setdefault(
                    kid.origin.source, StructureNode("Note", kid.origin, [], kid.element)
                ).kids += kid.kids
                continue
            if isinstance(kid, StructureNode) and kid.kids:
                self.collect_footnotes(kid)
                if not kid.kids:  # at the foot of a page, where it would split text that continues on the next one
                    continue
            kept.append(kid)
        node.kids = kept

    def normalize(self, node: StructureNode, language: str) -> None:
        """Normalize the descendants of a node."""
        language = node.lang or language
        flat = self._flattened(node, language)
        kids: Iterable[StructureKid] = self._joined(node, _wrap_list_bodies(node, flat) if node.kind == "LI" else flat)
        if node.kind in GROUPS:
            kids = list(self._blocks(kids))
        for kid in kids:
            if isinstance(kid, StructureNode):
                self.normalize(kid, language)
        node.kids = [kid for kid in kids if not isinstance(kid, StructureNode) or kid.kids or kid.kind in KEPT_EMPTY]
        if node.kind not in GROUPS and node.kind not in INLINE:
            self.result.spaced |= {mark for mark, _ in pairwise(node.marks()) if mark in self._record.spaced}
        node.kids = list(self._with_actual_text(node.kids))

    def _flattened(self, node: StructureNode, language: str) -> Iterator[StructureKid]:
        """Yield a node's kids; in place of redundant ones, their kids. Footnotes follow their calls."""
        for kid in node.kids:
            if not isinstance(kid, StructureNode):
                yield kid
            elif self._is_redundant(kid, node, language):
                yield from self._flattened(kid, language)
            else:
                yield kid
                if kid.kind == "Reference" and kid.origin and kid.origin.source in self.footnotes:
                    yield self.footnotes.pop(kid.origin.source)

    def _is_redundant(self, kid: StructureNode, node: StructureNode, language: str) -> bool:
        if kid.origin is None:  # a piece of text
            return kid.kind == "Span"
        if kid.kind == "NonStruct" or kid.key == node.key:  # an anonymous box
            return True
        if kid.kind == "Span":
            return kid.lang == language
        return kid.kind == "Div" and kid.origin.tag != "figure"

    def _joined(self, node: StructureNode, kids: Iterable[StructureKid]) -> list[StructureKid]:
        """Join the pieces of each HTML element, which are on several lines or pages."""
        joined: list[StructureKid] = []
        known: dict[Any, StructureNode] = {}
        for kid in kids:
            last = joined[-1] if joined else None
            if not isinstance(kid, StructureNode):
                joined.append(kid)
            elif node.kind == "Table" and kid.key in known:
                self._join_rows(known[kid.key], kid)
            elif node.kind == "TR" and kid.key in known:  # beside another cell that continues on the next page
                known[kid.key].kids += kid.kids
            elif isinstance(last, StructureNode) and kid.key and kid.key == last.key:
                last.kids += kid.kids
            elif node.kind == "L" and kid.kind == "L" and isinstance(last, StructureNode) and last.kind == "LI":
                _nest_list(last, kid)
            else:
                known[kid.key] = kid
                joined.append(kid)
        if node.kind == "Table":  # a page without room for the header begins with a row
            joined.sort(key=lambda kid: not isinstance(kid, StructureNode) or kid.kind != "THead")
        return joined

    def _join_rows(self, group: StructureNode, more: StructureNode) -> None:
        if group.kind == "TBody":
            group.kids += more.kids
        else:
            self.result.repeated |= set(more.marks())
            self.result.repeated_links += more.annotations()

    def _blocks(self, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
        """Yield kids for an element that only groups: text in paragraphs, spaces dropped."""
        for kid in kids:
            if not isinstance(kid, tuple):
                yield kid
            elif self._has_text(kid):
                yield StructureNode("P", None, [kid])

    def _with_actual_text(self, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
        """Put text whose painting order is not its reading order into spans with ActualText in reading order."""
        for is_text, group in groupby(kids, lambda kid: isinstance(kid, tuple)):
            pieces = list(group)
            if is_text and not self._record.turned.isdisjoint(pieces):
                actual_text = "".join(self._text(piece) for piece in pieces if isinstance(piece, tuple))
                yield StructureNode("Span", None, pieces, None, actual_text)
            else:
                yield from map(self._with_audible_space, pieces)

    def _with_audible_space(self, kid: StructureKid) -> StructureKid:
        """Put a space between two elements into a span with ActualText: WeasyPrint paints none."""
        alone = isinstance(kid, tuple) and self._record.texts.get(kid, "").isspace()
        return StructureNode("Span", None, [kid], None, " ") if alone else kid

    def _text(self, mark: MarkId) -> str:
        return self._record.texts.get(mark, "").translate(_ISOLATES) + " " * (mark in self._record.spaced)


def _nest_list(item: StructureNode, inner: StructureNode) -> None:
    """Move a list into the item that it belongs to: WeasyPrint puts it beside the item, after its content."""
    first = min(inner.marks())
    places = (at for at, kid in enumerate(item.kids) if isinstance(kid, StructureNode) and kid.kind != "Lbl")
    at = next((at for at in places if min(item.kids[at].marks(), default=first) > first), len(item.kids))  # type: ignore[union-attr]
    item.kids.insert(at, inner)


def _wrap_list_bodies(item: StructureNode, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
    """Give the content of a list item, blocks and lists included, a body (ISO 32000-1, 14.8.4.3.3)."""
    for kid in kids:
        has_role = isinstance(kid, StructureNode) and kid.kind in ("Lbl", "LBody")
        yield kid if has_role else StructureNode("LBody", item.origin, [kid])
