"""Structure elements as a tree, and what it should look like: the rules of docs/conformance.md that need no PDF.

WeasyPrint makes an element of every box: of each piece of a paragraph on two pages, of each line of a link, of boxes that CSS invents. Settling goes
from the root down: what says nothing of its own is taken out of the way, pieces of one HTML element are joined, footnotes stand where they are called.
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
"""Structure types of HTML elements that WeasyPrint knows none for."""

INLINE: Final = {"Span", "Em", "Strong", "Link", "Reference", "Note"}
GROUPS: Final = {
    "Document",
    "Part",
    "Art",
    "Sect",
    "Div",
    "BlockQuote",
    "L",
    "LI",
    "Table",
    "THead",
    "TBody",
    "TFoot",
    "TR",
}
"""Types that hold other elements, not text (ISO 32000-1, 14.8.4.2)."""

KEPT_EMPTY: Final = {"TD", "TH"}
_ISOLATES: Final = dict.fromkeys(range(0x2066, 0x206A))

StructureKid: TypeAlias = "StructureNode | MarkId | bytes"
"""An element, a mark, or the reference of an annotation's object."""


@dataclass(slots=True)
class StructureNode:
    """A structure element: its type, what it was made from, what it holds; `said` is what it says where its marks do not."""

    kind: str
    origin: ElementOrigin | None = None
    kids: list[StructureKid] = field(default_factory=list)
    element: Any = None
    said: str = ""

    @property
    def lang(self) -> str:
        """The language of its HTML element, or nothing."""
        return self.origin.lang if self.origin else ""

    @property
    def key(self) -> tuple[int, str, str] | None:
        """What pieces of one HTML element, on several lines or pages, have in common."""
        return (self.origin.source, self.origin.tag, self.kind) if self.origin else None

    def marks(self) -> Iterator[MarkId]:
        """Yield what it holds and what the elements in it hold, in order."""
        for kid in self.kids:
            if isinstance(kid, tuple):
                yield kid
            elif isinstance(kid, StructureNode):
                yield from kid.marks()

    def annotations(self) -> Iterator[bytes]:
        """Yield the references of the annotations in it."""
        for kid in self.kids:
            if isinstance(kid, bytes):
                yield kid
            elif isinstance(kid, StructureNode):
                yield from kid.annotations()


@dataclass(slots=True)
class NormalizationResult:
    """What comes of settling beside the tree."""

    repeated: set[MarkId] = field(default_factory=set)
    """Headers of tables, printed again on every further page: read once, where they are first."""

    repeated_links: list[bytes] = field(default_factory=list)
    """References of the annotations in them: a link that nobody reads would belong to nothing."""

    spaced: set[MarkId] = field(default_factory=set)
    """Ends of lines at a space, which WeasyPrint drops, where the text goes on."""


def normalize_tree(document: StructureNode, notes: TaggingRecord, language: str) -> NormalizationResult:
    """Make the tree what it should be, in place."""
    settling = _TreeNormalizer(notes)
    settling.name(document)
    settling.take_footnotes(document)
    settling.settle(document, language)
    for footnote in settling.footnotes.values():  # those whose call is nowhere: no word may be lost
        document.kids.append(footnote)
        settling.settle(footnote, language)
    return settling.settled


class _TreeNormalizer:
    def __init__(self, notes: TaggingRecord) -> None:
        self._notes = notes
        self._calls = {origin.source for origin in notes.origins.values() if origin.tag.endswith(FOOTNOTE_CALL)}
        self.footnotes: dict[int, StructureNode] = {}
        self.settled = NormalizationResult()

    def name(self, node: StructureNode) -> None:
        """Give elements the types that WeasyPrint does not know."""
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
            return self._says_something(kid)
        if isinstance(kid, bytes):
            return False
        return any(map(self._is_inline, kid.kids)) if kid.kind == "NonStruct" or not kid.origin else kid.kind in INLINE

    def _says_something(self, mark: MarkId) -> bool:
        text = self._notes.texts.get(mark)
        return text is None or bool(text.strip())

    def take_footnotes(self, node: StructureNode) -> None:
        """Take footnotes from the feet of the pages."""
        kept: list[StructureKid] = []
        for kid in node.kids:
            if isinstance(kid, StructureNode) and kid.kind == "Note" and kid.origin:
                self.footnotes.setdefault(
                    kid.origin.source, StructureNode("Note", kid.origin, [], kid.element)
                ).kids += kid.kids
                continue
            if isinstance(kid, StructureNode) and kid.kids:
                self.take_footnotes(kid)
                if not kid.kids:  # the foot of a page, which would part what goes on behind it
                    continue
            kept.append(kid)
        node.kids = kept

    def settle(self, node: StructureNode, language: str) -> None:
        """Make a node's kids what they should be, and theirs."""
        language = node.lang or language
        flat = self._flat(node, language)
        kids: Iterable[StructureKid] = self._joined(node, _wrap_list_bodies(node, flat) if node.kind == "LI" else flat)
        if node.kind in GROUPS:
            kids = list(self._blocks(kids))
        for kid in kids:
            if isinstance(kid, StructureNode):
                self.settle(kid, language)
        node.kids = [kid for kid in kids if not isinstance(kid, StructureNode) or kid.kids or kid.kind in KEPT_EMPTY]
        if node.kind not in GROUPS and node.kind not in INLINE:
            self.settled.spaced |= {mark for mark, _ in pairwise(node.marks()) if mark in self._notes.spaced}
        node.kids = list(self._spoken(node.kids))

    def _flat(self, node: StructureNode, language: str) -> Iterator[StructureKid]:
        """Yield a node's kids, and in place of those that say nothing of their own what they hold."""
        for kid in node.kids:
            if not isinstance(kid, StructureNode):
                yield kid
            elif self._is_redundant(kid, node, language):
                yield from self._flat(kid, language)
            else:
                yield kid
                if kid.kind == "Reference" and kid.origin and kid.origin.source in self.footnotes:
                    yield self.footnotes.pop(kid.origin.source)

    def _is_redundant(self, kid: StructureNode, node: StructureNode, language: str) -> bool:
        if kid.origin is None:  # a piece of text
            return kid.kind == "Span"
        if kid.kind == "NonStruct" or kid.key == node.key:  # a box that CSS invents
            return True
        if kid.kind == "Span":
            return kid.lang == language
        return kid.kind == "Div" and kid.origin.tag != "figure"

    def _joined(self, node: StructureNode, kids: Iterable[StructureKid]) -> list[StructureKid]:
        """Put the pieces of one HTML element together, which stand on several lines or pages."""
        joined: list[StructureKid] = []
        known: dict[Any, StructureNode] = {}
        for kid in kids:
            last = joined[-1] if joined else None
            if not isinstance(kid, StructureNode):
                joined.append(kid)
            elif node.kind == "Table" and kid.key in known:
                self._join_rows(known[kid.key], kid)
            elif node.kind == "TR" and kid.key in known:  # beside another cell that goes on over the page
                known[kid.key].kids += kid.kids
            elif isinstance(last, StructureNode) and kid.key and kid.key == last.key:
                last.kids += kid.kids
            elif node.kind == "L" and kid.kind == "L" and isinstance(last, StructureNode) and last.kind == "LI":
                _nest_list(last, kid)
            else:
                known[kid.key] = kid
                joined.append(kid)
        if node.kind == "Table":  # a page that has no room for the head begins with a row
            joined.sort(key=lambda kid: not isinstance(kid, StructureNode) or kid.kind != "THead")
        return joined

    def _join_rows(self, group: StructureNode, more: StructureNode) -> None:
        if group.kind == "TBody":
            group.kids += more.kids
        else:
            self.settled.repeated |= set(more.marks())
            self.settled.repeated_links += more.annotations()

    def _blocks(self, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
        """Leave no bare text in an element that only groups."""
        for kid in kids:
            if not isinstance(kid, tuple):
                yield kid
            elif self._says_something(kid):
                yield StructureNode("P", None, [kid])

    def _spoken(self, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
        """Hold text that is painted in another order than it is read in spans that say it in the order of reading."""
        for is_text, group in groupby(kids, lambda kid: isinstance(kid, tuple)):
            pieces = list(group)
            if is_text and not self._notes.turned.isdisjoint(pieces):
                said = "".join(self._said(piece) for piece in pieces if isinstance(piece, tuple))
                yield StructureNode("Span", None, pieces, None, said)
            else:
                yield from map(self._audible, pieces)

    def _audible(self, kid: StructureKid) -> StructureKid:
        """Let a space between two elements be heard: WeasyPrint paints none."""
        alone = isinstance(kid, tuple) and self._notes.texts.get(kid, "").isspace()
        return StructureNode("Span", None, [kid], None, " ") if alone else kid

    def _said(self, mark: MarkId) -> str:
        return self._notes.texts.get(mark, "").translate(_ISOLATES) + " " * (mark in self._notes.spaced)


def _nest_list(item: StructureNode, inner: StructureNode) -> None:
    """Hang a list into the item that it belongs to: WeasyPrint hangs it beside, behind all that the item says."""
    first = min(inner.marks())
    places = (at for at, kid in enumerate(item.kids) if isinstance(kid, StructureNode) and kid.kind != "Lbl")
    at = next((at for at in places if min(item.kids[at].marks(), default=first) > first), len(item.kids))  # type: ignore[union-attr]
    item.kids.insert(at, inner)


def _wrap_list_bodies(item: StructureNode, kids: Iterable[StructureKid]) -> Iterator[StructureKid]:
    """Give what an item says, blocks and lists too, a body (ISO 32000-1, 14.8.4.3.3)."""
    for kid in kids:
        has_place = isinstance(kid, StructureNode) and kid.kind in ("Lbl", "LBody")
        yield kid if has_place else StructureNode("LBody", item.origin, [kid])
