"""Which passages concern the safety of the patient: warnings, call panels, and what is said of medicine and fasting."""

import re
from collections.abc import Sequence
from functools import cache

from pdfkit_cli.models import Checks
from pdfkit_cli.passages import Passage

WORDS = {
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
"""Words of each language that stand in passages about medicine, fasting, driving and calling. They count inside longer words, too."""

_BLOCKS = frozenset(("warning", "call"))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)) or r"(?!)", re.I)


def pattern(limits: Checks, language: str) -> re.Pattern[str]:
    """Return what finds the words of a language: pdfkit's own, and those that the library adds."""
    return _pattern((*WORDS.get(language, ()), *limits.safety_words.get(language, ())))


def concerns_safety(passages: Sequence[Passage], index: int, words: re.Pattern[str]) -> bool:
    """Say whether a passage stands in a warning or a call panel, or has one of the words itself, in a heading above it or before its list."""
    passage = passages[index]
    if passage.kind in _BLOCKS or not _BLOCKS.isdisjoint(passage.where):
        return True
    return any(words.search(above.words) for above in (passage, *_above(passages, index)))


def _above(passages: Sequence[Passage], index: int) -> list[Passage]:
    """Return the headings that a passage stands under, and the passage that its list follows."""
    found: list[Passage] = []
    level, in_list = _level(passages[index]) or 7, "list item" in passages[index].kind
    for passage in reversed(passages[:index]):
        if (heading := _level(passage)) and heading < level:
            found.append(passage)
            level = heading
        if in_list and "list item" not in passage.kind:
            found.append(passage)
            in_list = False
    return found


def _level(passage: Passage) -> int:
    """Return the level of a heading; 0 is another passage."""
    return int(passage.kind[-1]) if passage.kind.startswith("heading") else 0
