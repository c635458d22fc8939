"""Patches of how HTML is parsed and matched with selectors."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

PATCHED_PARSER: Final = "2.1.0"
"""The version of tinyhtml5, with which WeasyPrint parses."""

PATCHED_MATCHER: Final = "0.10.1"
"""The version of cssselect2, with which WeasyPrint matches selectors."""


class _Patterns(dict[tuple[Iterable[str], bool], re.Pattern[str]]):
    """The pattern of the longest text of some characters, or of all others."""

    def __missing__(self, key: tuple[Iterable[str], bool]) -> re.Pattern[str]:
        characters, only_these = key
        listed = "".join(f"\\x{ord(character):02x}" for character in characters)
        pattern = self[key] = re.compile(f"[{listed}]+" if only_these else f"[^{listed}]+")
        return pattern


def remembered_patterns() -> Iterable[tuple[Any, str, Any]]:
    """Let the parser find its patterns again: tinyhtml5 keeps each under itself, so that it builds them 500 times for a leaflet.

    Measured: a third of the CPU of parsing, 2 % of a layout.
    Relies on `tinyhtml5.inputstream.characters_until_regex` being asked for a pair of characters and whether only they match.
    """
    from weasyprint import tinyhtml5

    if tinyhtml5.__version__ != PATCHED_PARSER:
        return []
    return [(tinyhtml5.inputstream, "characters_until_regex", _Patterns())]


def children_wrapped_once() -> Iterable[tuple[Any, str, Any]]:
    """Wrap the children of an element once: cssselect2 wraps all of them again for each that it tests for what follows it.

    `:has(+ …)` and `:last-child` do so for a paragraph among forty.
    Measured: a quarter of the CPU of matching selectors, 1 % of a render.
    Relies on `cssselect2.ElementWrapper.iter_children` and `iter_next_siblings` yielding wrappers in the order of the
    document, on `index` being the place among the children of the parent, and on nothing changing the tree.
    """
    import cssselect2

    if cssselect2.VERSION != PATCHED_MATCHER:
        return []
    wrap = cssselect2.ElementWrapper.iter_children

    def iter_children(self: Any) -> Iterator[Any]:
        return iter(known_children(self))

    def iter_next_siblings(self: Any) -> Iterator[Any]:
        return iter(known_children(self.parent)[self.index + 1 :] if self.parent is not None else ())

    def known_children(parent: Any) -> list[Any]:
        if "known_children" not in vars(parent):
            parent.known_children = [*wrap(parent)]
        children: list[Any] = parent.known_children
        return children

    return [
        (cssselect2.ElementWrapper, "iter_children", iter_children),
        (cssselect2.ElementWrapper, "iter_next_siblings", iter_next_siblings),
    ]
