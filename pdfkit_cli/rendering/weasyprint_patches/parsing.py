"""A patch of how HTML is parsed."""

import re
from collections.abc import Iterable
from typing import Any, Final

PATCHED_PARSER: Final = "2.1.0"
"""The version of tinyhtml5, with which WeasyPrint parses."""


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
