"""What is asked for beside the words of a leaflet: a language or a format, such as “arabisk varme” or “stor skrift”."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.folding import TERM, fold_text
from pdfkit_cli.content.models import Format
from pdfkit_cli.desk.i18n import LANGUAGES

SHORTEST_BEGINNING = 4
"""Letters of a language's name from which it is understood while it is being typed."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was typed, without the names of a language and of a format, which are empty if there were none."""

    words: str
    language: str = ""
    format: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a language or a format was named."""
        return bool(self.language or self.format)


def read_query(text: str, languages: Iterable[str], formats: Mapping[str, Format]) -> SearchQuery:
    """Return what is asked for, by the complete names of the library's languages and formats."""
    terms = TERM.findall(fold_text(text))
    language = format_ = ""
    for names, code in sorted(_names(languages, formats), key=lambda item: -len(item[0])):
        at = next((at for at in range(len(terms)) if tuple(terms[at : at + len(names)]) == names), None)
        if at is None or (format_ if code in formats else language):
            continue
        del terms[at : at + len(names)]
        language, format_ = (language, code) if code in formats else (code, format_)
    return SearchQuery(" ".join(terms), language, format_)


def read_beginning(text: str, languages: Iterable[str]) -> SearchQuery:
    """Return what is asked for, where one word is the beginning of a language's name and of no other's."""
    terms = TERM.findall(fold_text(text))
    names = [(names[0], code) for names, code in _names(languages, {}) if len(names) == 1]
    for at, term in enumerate(terms):
        codes = {code for name, code in names if len(term) >= SHORTEST_BEGINNING and name.startswith(term)}
        if len(codes) == 1:
            return SearchQuery(" ".join(terms[:at] + terms[at + 1 :]), codes.pop())
    return SearchQuery(" ".join(terms))


def _names(languages: Iterable[str], formats: Mapping[str, Format]) -> Iterator[tuple[tuple[str, ...], str]]:
    for code in languages:
        yield from ((name, code) for name in _language_names(code))
    for code, form in formats.items():
        yield from {(tuple(TERM.findall(fold_text(form.title_in(spoken)))), code) for spoken in LANGUAGES}


@cache
def _language_names(code: str) -> frozenset[tuple[str, ...]]:
    language = known_language(code)
    names = [language.name_in(spoken) for spoken in LANGUAGES]
    names += [language.own_name, *language.file.also_called]
    return frozenset(tuple(TERM.findall(fold_text(name))) for name in names if name)
