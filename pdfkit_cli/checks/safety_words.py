"""Finds the segments that concern patient safety: warnings, call panels, and words about medicine and fasting."""

import re
from collections.abc import Sequence
from functools import lru_cache

from pdfkit_cli.content.block_specs import RED_FLAGS
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.segments import Segment


@lru_cache(256)
def safety_word_pattern(language: Language) -> re.Pattern[str]:
    """Return a pattern for the safety words of a language. They are found inside longer words, too."""
    return re.compile("|".join(map(re.escape, language.file.safety_words)) or r"(?!)", re.I)


def concerns_safety(segments: Sequence[Segment], index: int, words: re.Pattern[str]) -> bool:
    """Return whether a segment is in a red flag, or has a safety word in it, in a heading above it or in the line before its list."""
    segment = segments[index]
    if segment.kind in RED_FLAGS or not RED_FLAGS.isdisjoint(segment.where):
        return True
    return any(words.search(above.words) for above in (segment, *_enclosing_segments(segments, index)))


def _enclosing_segments(segments: Sequence[Segment], index: int) -> list[Segment]:
    """Return the headings above a segment, and the segment that its list follows."""
    found: list[Segment] = []
    level, in_list = _level(segments[index]) or 7, "list item" in segments[index].kind
    for segment in reversed(segments[:index]):
        if (heading := _level(segment)) and heading < level:
            found.append(segment)
            level = heading
        if in_list and "list item" not in segment.kind:
            found.append(segment)
            in_list = False
    return found


def _level(segment: Segment) -> int:
    """Return the level of a heading; 0 for any other segment."""
    return int(segment.kind[-1]) if segment.kind.startswith("heading") else 0
