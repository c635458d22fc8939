"""The HTML element, language and text of each structure element, recorded while WeasyPrint tags a page.

WeasyPrint writes none of the three into the PDF, and tags most elements that it does not know as NonStruct.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import mirrored

from pdfkit_cli.pdf.reader import bidi

MarkId = tuple[int, int]
"""The number of a page, from 0, and a marked-content id on it."""

FOOTNOTE_CALL, FOOTNOTE_MARKER = "::footnote-call", "::footnote-marker"
HYPHENS: Final = ("-", "\u2010")
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class ElementOrigin:
    """The HTML element that a structure element was made from.

    `source` numbers HTML elements in document order; `tag` may be that of a pseudo-element, such as
    `span::footnote-call`.
    """

    source: int
    tag: str
    lang: str
    scope: str


@dataclass(slots=True)
class TaggingRecord:
    """What was recorded for one PDF: its structure elements by object number, and its marked content."""

    origins: dict[int, ElementOrigin] = field(default_factory=dict)
    texts: dict[MarkId, str] = field(default_factory=dict)
    """The text of each mark in reading order; empty for pictures."""

    turned: set[MarkId] = field(default_factory=set)
    """Marks with text that is painted in another order than it is read."""

    spaced: set[MarkId] = field(default_factory=set)
    """Marks at the end of a line that is broken at a space, which WeasyPrint drops."""

    furniture: dict[MarkId, str] = field(default_factory=dict)
    """Marks in the page margins: `Header`, `Footer`, or empty for the left and right margins."""

    _sources: dict[int, int] = field(default_factory=dict)
    _words: dict[int, str] = field(default_factory=dict)
    _pages: set[int] = field(default_factory=set)

    def record_page(self, number: int, marks: dict[Any, dict[str, Any]]) -> None:
        """Record the texts of a page once, before WeasyPrint removes its marks."""
        if number not in self._pages:
            self._pages.add(number)
            texts = {(number, mark["mcid"]): box for box, mark in marks.items() if getattr(box, "text", "")}
            self.texts |= {(number, mark["mcid"]): getattr(box, "text", "") for box, mark in marks.items()}
            self.turned |= {mark for mark, box in texts.items() if _is_turned(box)}

    def record_lines(self, number: int, box: Any, marks: dict[Any, dict[str, Any]]) -> None:
        """Record the lines of a box that are broken at a space."""
        for line in getattr(box, "children", ()):
            if type(line).__name__ == "LineBox":
                last = next((leaf for leaf in _leaves(line) if getattr(leaf, "text", "").strip()), None)
                if last in marks and self._ends_at_space(last):
                    self.spaced.add((number, marks[last]["mcid"]))

    def _ends_at_space(self, last: Any) -> bool:
        """Return whether the text continues with a space, unlike after a hyphen or inside a web address."""
        if last.element is None:  # generated content in the page margins
            return False
        text, key = last.text, id(last.element)
        if key not in self._words:
            self._words[key] = _SPACES.sub(" ", "".join(_words(last.element)))
        full_text = self._words[key]
        end = full_text.find(text) + len(text)
        return not text.endswith((" ", *HYPHENS)) and (end < len(text) or full_text[end : end + 1] in ("", " "))

    def origin(self, box: Any) -> ElementOrigin:
        """Return the HTML element of a box."""
        html = box.element
        source = self._sources.setdefault(id(html), len(self._sources))
        return ElementOrigin(source, box.element_tag, box.style["lang"] or "", html.get("scope") or "")


def _is_turned(box: Any) -> bool:
    """Return whether any of a text is painted in another order than it is read, left-to-right words in a right-to-left line included."""
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
    """Yield the innermost boxes, last first."""
    children = getattr(box, "children", ())
    if not children:
        yield box
    for child in reversed(children):
        yield from _leaves(child)


def _words(html: Any) -> Iterator[str]:
    """Yield the text of an HTML element; `br` counts as a space."""
    yield html.text or ""
    for child in html:
        yield from " " if child.tag == "br" else _words(child)
        yield child.tail or ""
