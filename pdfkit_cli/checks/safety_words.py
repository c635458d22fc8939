"""Finds the segments that concern patient safety: warnings, call panels, and words about medicine and fasting."""

import re
from collections.abc import Sequence
from functools import cache

from pdfkit_cli.content.block_specs import RED_FLAGS
from pdfkit_cli.content.models import Checks
from pdfkit_cli.content.segments import Segment

SAFETY_WORDS = {
    "da": (
        "medicin", "blodfortyndende", "fortynde", "tyndere blod", "blodet tyndere", "insulin", "diabetes", "blodsukker",
        "allergi", "gravid", "antibiotika", "tablet", "pille", "dosis", "smertestillende", "penicillin", "faste", "fastende",
        "spise og drikke", "spise eller drikke", "spis ikke", "drik ikke", "spist", "drukket", "køre bil", "ring til", "ringe til",
        "lægevagt", "skadestue", "112", "1813",
    ),
    "sv": (
        "läkemedel", "medicin", "blodförtunnande", "blodet tunnare", "insulin", "diabetes", "blodsocker", "allergi", "gravid",
        "antibiotika", "tablett", "dos", "smärtstillande", "penicillin", "fasta", "fastande", "äta eller dricka",
        "äta och dricka", "ät inget", "ät ingenting", "ät och drick", "drick inget", "drick ingenting", "köra bil", "kör inte",
        "ring oss", "ring till", "ringa oss", "akutmottagning", "112", "1177",
    ),
    "en": (
        "medicine", "medication", "blood thinn", "blood-thinn", "thins the blood", "thin the blood", "insulin", "diabetes", "blood sugar",
        "allerg", "pregnan", "antibiotic", "tablet", "pills", "dose", "painkiller", "penicillin", "to fast", "fasting", "fast for",
        "eat or drink", "eat and drink", "eat nothing", "drink nothing", "not drive", "call us", "emergency", "112",
    ),
    "ar": (
        "دواء", "أدوي", "الأدوية", "مسكنات", "مميعات", "مميّعات", "إنسولين", "أنسولين", "سكر الدم", "بالسكري", "حساسية", "حامل",
        "مضاد حيوي", "مضادات حيوية", "جرعة", "صائم", "الصيام", "الصوم", "لا تأكل", "لا تشرب", "الأكل", "الشرب", "قيادة السيارة", "اتصل بنا",
        "112",
    ),
}  # fmt: skip
"""Words for medicine, fasting, driving and calling, by language. They are found inside longer words, too."""


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)) or r"(?!)", re.I)


def safety_word_pattern(limits: Checks, language: str) -> re.Pattern[str]:
    """Return a pattern for the safety words of a language: pdfkit's own, and those that the library adds."""
    return _pattern((*SAFETY_WORDS.get(language, ()), *limits.safety_words.get(language, ())))


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
