"""What each structure element was made from, noted while WeasyPrint makes it (WeasyPrint 70).

WeasyPrint writes neither language nor HTML tag nor text of what it tags, and most of what it does not know becomes NonStruct.
No documented seam tells more, so this relies on an undocumented one, and on nothing else: `weasyprint.pdf.tags._build_box_tree(box, parent, pdf,
page_number, nums, annotations, tags)`, a generator that yields the structure elements of a box and calls itself through its module for
those inside. A test holds it to that.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final
from unicodedata import mirrored

import pydyf

from pdfkit_cli.pdf.reader import bidi

MarkId = tuple[int, int]
"""The number of a page, from 0, and a marked-content id on it."""

FOOTNOTE_CALL, FOOTNOTE_MARKER = "::footnote-call", "::footnote-marker"
HYPHENS: Final = ("-", "\u2010")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
FURNITURE: Final = {"top": "Header", "bottom": "Footer"}


@dataclass(frozen=True, slots=True)
class ElementOrigin:
    """The HTML element, numbered in the order of the page, that a structure element was made from; `tag` may be a pseudo-element's."""

    source: int
    tag: str
    lang: str
    scope: str


@dataclass(slots=True)
class TaggingRecord:
    """What is known of one PDF: of its elements by their numbers, and of its marks."""

    origins: dict[int, ElementOrigin] = field(default_factory=dict)
    texts: dict[MarkId, str] = field(default_factory=dict)
    """What a mark says, in the order of reading; pictures have no text."""

    turned: set[MarkId] = field(default_factory=set)
    """Marks of which some is painted in another order than it is read."""

    spaced: set[MarkId] = field(default_factory=set)
    """Marks that end a line at a space, which WeasyPrint drops."""

    furniture: dict[MarkId, str] = field(default_factory=dict)
    """Marks in the page margins: Header, Footer, or nothing where they stand at the side."""

    _sources: dict[int, int] = field(default_factory=dict)
    _words: dict[int, str] = field(default_factory=dict)
    _pages: set[int] = field(default_factory=set)

    def page(self, number: int, marks: dict[Any, dict[str, Any]]) -> None:
        """Note the texts of a page, once, before WeasyPrint takes its marks away."""
        if number not in self._pages:
            self._pages.add(number)
            texts = {(number, mark["mcid"]): box for box, mark in marks.items() if getattr(box, "text", "")}
            self.texts |= {(number, mark["mcid"]): getattr(box, "text", "") for box, mark in marks.items()}
            self.turned |= {mark for mark, box in texts.items() if _is_turned(box)}

    def lines(self, number: int, box: Any, marks: dict[Any, dict[str, Any]]) -> None:
        """Note where the lines of a box end at a space."""
        for line in getattr(box, "children", ()):
            if type(line).__name__ == "LineBox":
                last = next((leaf for leaf in _leaves(line) if getattr(leaf, "text", "").strip()), None)
                if last in marks and self._ends_at_space(last):
                    self.spaced.add((number, marks[last]["mcid"]))

    def _ends_at_space(self, last: Any) -> bool:
        """Say whether the text goes on with a space: not where a line ends at a hyphen, or inside an address."""
        if last.element is None:  # what CSS writes in the margins
            return False
        text, key = last.text, id(last.element)
        if key not in self._words:
            self._words[key] = _SPACES.sub(" ", "".join(_words(last.element)))
        whole = self._words[key]
        end = whole.find(text) + len(text)
        return not text.endswith((" ", *HYPHENS)) and (end < len(text) or whole[end : end + 1] in ("", " "))

    def origin(self, box: Any) -> ElementOrigin:
        """Return what a box was made from."""
        html = box.element
        source = self._sources.setdefault(id(html), len(self._sources))
        return ElementOrigin(source, box.element_tag, box.style["lang"] or "", html.get("scope") or "")


def _is_turned(box: Any) -> bool:
    """Say whether some of a text is painted in another order than it is read: also words in a row that do not run from right to left themselves."""
    right_to_left = box.style["direction"] == "rtl"
    if not right_to_left and not bidi.has_right_to_left(box.text):
        return False
    signs = zip(box.text, bidi.embedding_levels(box.text, right_to_left), strict=True)
    shown = [(sign, level % 2) for sign, level in signs if sign.isspace() or sign.isprintable()]
    while shown and shown[-1][0].isspace():
        shown.pop()
    while shown and shown[0][0].isspace():
        shown.pop(0)
    return any(odd and (len(shown) > 1 or mirrored(sign)) for sign, odd in shown)


def _leaves(box: Any) -> Iterator[Any]:
    """Yield the boxes without boxes in them, the last first."""
    children = getattr(box, "children", ())
    if not children:
        yield box
    for child in reversed(children):
        yield from _leaves(child)


def _words(html: Any) -> Iterator[str]:
    """Yield what an HTML element says; a line ends like a word."""
    yield html.text or ""
    for child in html:
        yield from " " if child.tag == "br" else _words(child)
        yield child.tail or ""


def tagging_record(pdf: pydyf.PDF) -> TaggingRecord:
    """Return what was noted of a PDF."""
    if not hasattr(pdf, "notes"):
        pdf.notes = TaggingRecord()
    noted: TaggingRecord = pdf.notes
    return noted


def install_hooks(tagging: Any) -> None:
    """Let WeasyPrint's tagging, the module, note origins from now on. Raises AttributeError where it has changed."""
    if not hasattr(tagging._build_box_tree, "noting"):
        tagging._build_box_tree = _record_origins(tagging._build_box_tree)


def _record_origins(build: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @wraps(build)
    def noting(box: Any, parent: Any, pdf: Any, page: int, nums: Any, annotations: Any, tags: Any) -> Iterator[Any]:
        noted = tagging_record(pdf)
        noted.page(page, tags)
        noted.lines(page, box, tags)
        margin = getattr(box, "at_keyword", "")
        before = set(nums) if margin else set()
        for element in build(box, parent, pdf, page, nums, annotations, tags):
            if box.element is not None and element.number not in noted.origins:
                noted.origins[element.number] = noted.origin(box)
            yield element
        if margin:
            side = FURNITURE.get(margin.strip("@").split("-")[0], "")
            noted.furniture |= {(page, mcid): side for mcid in nums if mcid not in before}

    noting.noting = True  # type: ignore[attr-defined]
    return noting
