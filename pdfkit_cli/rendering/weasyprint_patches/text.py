"""Patches of how text is measured and broken into lines."""

import atexit
from collections.abc import Iterable
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, ClassVar, Final

from pdfkit_cli.system.caching import cache_texts

MAX_LINES: Final = 4096
"""Lines that are remembered in one process, about 1 kB each: a leaflet has some 300, with those that were tried in vain."""

_FONT: Final = (
    "font_family", "font_style", "font_stretch", "font_weight", "font_variant_ligatures", "font_variant_position",
    "font_variant_caps", "font_variant_numeric", "font_variant_alternates", "font_variant_east_asian",
    "font_feature_settings", "font_variation_settings", "font_language_override", "lang", "font_size",
)  # fmt: skip
_read_strut: Final = itemgetter(*_FONT, "line_height")
read_line: Final = itemgetter(
    *_FONT, "direction", "font_kerning", "text_decoration_line", "white_space", "letter_spacing", "word_spacing",
    "tab_size", "overflow_wrap", "word_break", "hyphens", "hyphenate_character", "hyphenate_limit_chars",
    "hyphenate_limit_zone",
)  # fmt: skip


def cached_struts() -> Iterable[tuple[Any, str, Any]]:
    """Find the height of a line by the values that it depends on: WeasyPrint joins them to a string each time.

    Measured: 2 % of the CPU of a layout.
    Relies on `weasyprint.text.line_break.strut(style)` depending on these values only, which WeasyPrint's own cache does.
    """
    from weasyprint.text import line_break

    original = line_break.strut

    def strut(style: Any) -> Any:
        key, struts = _read_strut(style), style.font_config.strut_layouts
        try:
            return struts[key]
        except KeyError:
            found = struts[key] = original(style)
            return found
        except TypeError:  # what is to be calculated has no hash
            return original(style)

    return [(line_break, "strut", strut)]


class KnownLines(dict[Any, Any]):
    """What was found for the texts of one font configuration; a process has one at a time."""

    every: ClassVar[list["KnownLines"]] = []
    fonts: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.every.append(self)
        atexit.register(self._forget)

    def begin(self, fonts: Any, most: int) -> None:
        """Forget what was found with other fonts, or everything if there are that many."""
        if self.fonts is not fonts or len(self) >= most:
            self.clear()
            self.fonts = fonts

    def _forget(self) -> None:
        """Forget everything before Python unloads Pango's library, which its objects must not outlive."""
        self.clear()
        self.fonts = None


known_lines: Final = KnownLines()
cache_texts(SimpleNamespace(cache_clear=known_lines.clear, __module__=__name__, __name__="known_lines"))


def cached_lines() -> Iterable[tuple[Any, str, Any]]:
    """Remember where lines break: a text is often laid out again, unchanged, in the same width.

    A block that does not fit on a page is laid out again on the next, a body again with slots of another height.
    Measured: 13 % of the CPU of a layout.
    Relies on `weasyprint.text.line_break.split_first_line` depending on its arguments and these values of the style only,
    on the layout that it returns being plain data until the line is drawn, and on fonts changing by
    `FontConfiguration.add_font_face` only.
    """
    from weasyprint.text import line_break
    from weasyprint.text.fonts import FontConfiguration

    original, known, add = line_break.split_first_line, known_lines, FontConfiguration.add_font_face

    def add_font_face(self: Any, *arguments: Any) -> None:
        add(self, *arguments)
        self.strut_layouts.clear()
        for lines in KnownLines.every:
            lines.clear()

    def split_first_line(
        text: str, style: Any, context: Any, max_width: Any, justification_spacing: Any,
        is_line_start: bool = True, minimum: bool = False,
    ) -> Any:  # fmt: skip
        known.begin(style.font_config, MAX_LINES)
        key = text, max_width, justification_spacing, is_line_start, minimum, read_line(style)
        try:
            layout, *found = known[key]
        except KeyError:
            layout, *found = original(text, style, context, max_width, justification_spacing, is_line_start, minimum)
            known[key] = layout, *found
        except TypeError:  # what is to be calculated has no hash
            return original(text, style, context, max_width, justification_spacing, is_line_start, minimum)
        return _copy(layout), *found

    return [(line_break, "split_first_line", split_first_line), (FontConfiguration, "add_font_face", add_font_face)]


def _copy(layout: Any) -> Any:
    """Return a layout that may be changed when it is drawn."""
    copy = object.__new__(type(layout))
    copy.__dict__.update(layout.__dict__)
    return copy
