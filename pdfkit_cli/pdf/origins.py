"""What each structure element was made from, noted while WeasyPrint makes it (WeasyPrint 70).

WeasyPrint writes neither language nor HTML tag nor text of what it tags, and most of what it does not know becomes NonStruct.
No documented seam tells more, so this relies on an undocumented one, and on nothing else: `weasyprint.pdf.tags._build_box_tree(box, parent, pdf,
page_number, nums, annotations, tags)`, a generator that yields the structure elements of a box and calls itself through its module for
those inside. A test holds it to that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pydyf

CALL, MARKER = "::footnote-call", "::footnote-marker"
FURNITURE: Final = {"top": "Header", "bottom": "Footer"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The HTML element, numbered in the order of the page, that a structure element was made from; `tag` may be a pseudo-element's."""

    source: int
    tag: str
    lang: str
    scope: str


@dataclass(slots=True)
class Notes:
    """What is known of one PDF: elements by their number, marks by page from 0 and marked-content id."""

    origins: dict[int, Origin] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """What a mark says, in the order of reading; pictures have no text."""

    line_ends: set[tuple[int, int]] = field(default_factory=set)
    """The last words of each line."""

    furniture: dict[tuple[int, int], str] = field(default_factory=dict)
    """Marks in the page margins: Header, Footer, or nothing where they stand at the side."""

    _sources: dict[int, int] = field(default_factory=dict)
    _pages: set[int] = field(default_factory=set)

    def page(self, number: int, marks: dict[Any, dict[str, Any]]) -> None:
        """Note the texts of a page, once, before WeasyPrint takes its marks away."""
        if number not in self._pages:
            self._pages.add(number)
            self.texts |= {(number, mark["mcid"]): getattr(box, "text", "") for box, mark in marks.items()}

    def lines(self, number: int, box: Any, marks: dict[Any, dict[str, Any]]) -> None:
        """Note where the lines of a box end."""
        for line in getattr(box, "children", ()):
            if type(line).__name__ == "LineBox":
                last = line
                while getattr(last, "children", ()):
                    last = last.children[-1]
                if last in marks:
                    self.line_ends.add((number, marks[last]["mcid"]))

    def origin(self, box: Any) -> Origin:
        """Return what a box was made from."""
        html = box.element
        source = self._sources.setdefault(id(html), len(self._sources))
        return Origin(source, box.element_tag, box.style["lang"] or "", html.get("scope") or "")


def notes(pdf: pydyf.PDF) -> Notes:
    """Return what was noted of a PDF."""
    if not hasattr(pdf, "notes"):
        pdf.notes = Notes()
    noted: Notes = pdf.notes
    return noted


def install(tagging: Any) -> None:
    """Let WeasyPrint's tagging, the module, note origins from now on. Raises AttributeError where it has changed."""
    if not hasattr(tagging._build_box_tree, "noting"):
        tagging._build_box_tree = _noting(tagging._build_box_tree)


def _noting(build: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def noting(box: Any, parent: Any, pdf: Any, page: int, nums: Any, annotations: Any, tags: Any) -> Iterator[Any]:
        noted = notes(pdf)
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
