"""`glossary/<language>.yaml`: how terms are translated into a language, and where a text has them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, RootModel

from pdfkit_cli.content.models import LanguageCode, NonEmptyText, StrictModel

FOLDER: Final = "glossary"
"""The folder of the files, in a library."""


def _validate_term(term: str) -> str:
    if not any(map(str.isalnum, term)):
        raise ValueError(f"“{term}” has no letter; write a term, in which * matches any beginning or ending")
    return term


Term = Annotated[NonEmptyText, AfterValidator(_validate_term)]


class TermTranslation(StrictModel):
    """The translations of a term that may be used, the best first."""

    use: tuple[Term, ...] = Field(min_length=1, description="The translations; * matches any beginning or ending.")
    note: NonEmptyText | None = Field(default=None, description="What a translator should know about the term.")


def _as_translation(given: Any) -> Any:
    if not given:
        raise ValueError("has no translation; write one")
    return {"use": [given]} if isinstance(given, str) else {"use": given} if isinstance(given, list) else given


_Translated = Annotated[
    TermTranslation,
    BeforeValidator(
        _as_translation, json_schema_input_type=NonEmptyText | Annotated[list[NonEmptyText], Field(min_length=1)] | TermTranslation
    ),
]  # fmt: skip


class Glossary(RootModel[Mapping[LanguageCode, Mapping[Term, _Translated]]]):
    """`glossary/<language>.yaml`: terms by the language that they are translated from, with their translations."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term as it is written in the glossary, with its translation, and patterns for `folded` text."""

    written: str
    translation: TermTranslation
    _stem: str
    """Letters without which no text has the term: a quick test."""

    _source: re.Pattern[str]
    _target: re.Pattern[str]

    @property
    def term(self) -> str:
        """The term without “*”."""
        return without_stars(self.written)

    @property
    def translations(self) -> tuple[str, ...]:
        """Its translations without “*”."""
        return tuple(map(without_stars, self.translation.use))

    def is_in(self, source: str) -> bool:
        """Return whether a `folded` text of the source has the term."""
        return self._stem in source and bool(self._source.search(source))

    def is_translated_in(self, text: str) -> bool:
        """Return whether a `folded` translation has one of its translations."""
        return bool(self._target.search(text))


def without_stars(written: str) -> str:
    """Return a term without the signs that match a beginning or an ending."""
    return written.replace("*", "")


def folded(text: str) -> str:
    """Return a text in the form in which terms are searched: small letters, without vowel signs and other marks.

    Accents of letters that Unicode has in one piece, such as å, remain.
    """
    return unicodedata.normalize("NFC", text).casefold().translate(_WITHOUT_MARKS)


class _WithoutMarks(dict[int, int | None]):
    """A table for `str.translate` that removes marks, and learns each character once."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code)).startswith("M") else code
        return self[code]


_WITHOUT_MARKS = _WithoutMarks()


@lru_cache(64)
def _entries(terms: tuple[tuple[str, TermTranslation], ...]) -> tuple[GlossaryEntry, ...]:
    return tuple(
        GlossaryEntry(written, translation, _stem(written), _pattern((written,)), _pattern(translation.use))
        for written, translation in terms
    )


def entries(glossary: Glossary, source: str) -> tuple[GlossaryEntry, ...]:
    """Return the entries of a glossary for terms of a language."""
    return _entries(tuple(glossary.root.get(source, {}).items()))


def found_entries(known: tuple[GlossaryEntry, ...], source: str) -> Iterator[GlossaryEntry]:
    """Yield the entries of which a text of the source has the term."""
    text = folded(source) if known else ""
    return (entry for entry in known if entry.is_in(text))


def _stem(term: str) -> str:
    return max(re.split(r"[*\s]+", folded(term)), key=len)


def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    forms = (re.escape(folded(term)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for term in terms)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")
