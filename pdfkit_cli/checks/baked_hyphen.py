"""A hyphen in the middle of a word, pasted from text where the word was divided at a line end: “inne-håller”."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from pdfkit_cli.checks.regex_rule import search_pattern
from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.checks.texts import CheckedText, checked_texts
from pdfkit_cli.errors import Severity

_SMALL = r"[a-zß-öø-ÿ]"
_HYPHENATED = re.compile(rf"(?<![\w-])([^\W\d_]{_SMALL}{{2,}})[-\u2010\u2011] ?({_SMALL}{{3,}})(?![\w-])")
_HINT = re.compile(rf"[-\u2010\u2011](?<={_SMALL}.) ?{_SMALL}")
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{6,}(?![\w-])")


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each word with a hyphen that the library also has without one.

    Many hyphens are correct: “e-mail”, “MR-scanning”, “til- og fra”. So a word is reported only if both parts have at least three
    letters, the second part is in lower case, and the library has a word of that language that begins with the first part and
    the first three letters of the second.
    """

    def message(match: re.Match[str], text: CheckedText) -> str:
        first, last = match[1].lower(), match[2]
        known = _word_beginning(_vocabulary(context, text.language), first + last[:3])
        return f"“{match[0]}” is written without a hyphen elsewhere (“{known}”); write it as one word" if known else ""

    return search_pattern(context, _HYPHENATED, message, _HINT)


@lru_cache(maxsize=8)
def _vocabulary(context: CheckContext, language: str) -> list[str]:
    texts = (text.source.text.lower() for text in checked_texts(context) if text.language == language)
    return sorted({word for text in texts for word in _WORD.findall(text)})


def _word_beginning(words: list[str], start: str) -> str:
    """Return the first of the sorted words that begins with `start`, or an empty string."""
    at = bisect_left(words, start)
    return words[at] if at < len(words) and words[at].startswith(start) else ""


RULE = Rule("baked-hyphen", "A hyphen pasted into a word", Severity.WARNING, check)
