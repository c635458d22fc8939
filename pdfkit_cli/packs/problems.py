"""Problems of letters, jobs and packs: values with a code, and their texts in the reader's language."""

from collections.abc import Iterable
from errno import EILSEQ, EINVAL, ENAMETOOLONG
from pathlib import Path
from typing import Any, Final

from pdfkit_cli.content.loader import load_settings
from pdfkit_cli.errors import InternalFault, PdfkitError, Problem, SourceLocation, UsageError, shorten_message
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE, load_phrases, phrase_languages

PHRASES: Final = Path(__file__).with_name("phrases")
_ENGLISH: Final = load_phrases(PHRASES, FALLBACK_LANGUAGE)
"""Read when imported: a message about a full disk, or too many open files, must not require a file."""


def report_language(library: Path) -> str:
    """Return the language of reports and reason files: the first one in `library.yaml` that has phrases, else English."""
    try:
        known = (code for code in load_settings(library).languages if code in phrase_languages(PHRASES))
        language = next(known, FALLBACK_LANGUAGE)
        load_phrases(PHRASES, language)
    except (PdfkitError, OSError):
        return FALLBACK_LANGUAGE
    return language


def phrase(name: str, language: str, **values: object) -> str:
    """Return a phrase for reports and reason files in a language, or in English if there are no phrases in it."""
    return str(load_phrases(PHRASES, language)[name]).format(**values)


def make_problem(
    code: str,
    /,
    *,
    place: SourceLocation | None = None,
    passing: bool = False,
    fault: InternalFault | None = None,
    **values: Any,
) -> Problem:
    """Return a problem by its code; `values` fill the placeholders of its phrases."""
    words = _ENGLISH["problems"][code]
    message, hint = (shorten_message(words[part].format(**values)) for part in ("why", "do"))
    return Problem(message, hint, passing, code, place, fault, values)


def reader_words(problem: Problem, language: str) -> tuple[str, str]:
    """Return a problem's message and remedy in a language, for the author of a job: without command-line options."""
    words = load_phrases(PHRASES, language)["problems"].get(problem.code)
    if words is None:  # findings of checks are in English
        return problem.message, problem.hint
    remedy = words.get("job", words["do"])
    if language == FALLBACK_LANGUAGE:
        return problem.message, remedy.format(**problem.values) or problem.hint
    return shorten_message(words["why"].format(**problem.values)), remedy.format(**problem.values)


def in_one_line(problems: Iterable[Problem], language: str) -> str:
    """Return the problems with their remedies in one line, for a cell of a report."""
    return "; ".join("; ".join(filter(None, reader_words(problem, language))) for problem in problems)


AUTHOR_ERRNOS = frozenset({ENAMETOOLONG, EINVAL, EILSEQ})
"""System errors caused by a file's name or type, and not by the drive."""


def passes_by_itself(error: OSError) -> bool:
    """Return whether an error comes from the drive, which may be full or unavailable for a time."""
    return error.errno not in AUTHOR_ERRNOS


class PackingError(PdfkitError):
    """An error with a letter, a job or a pack.

    `kind` names a phrase of the desk; several codes share one if the difference is irrelevant to the reader.
    """

    usual_kind = ""

    def __init__(
        self,
        code: str,
        about: object = "",
        /,
        *,
        line: int = 0,
        kind: str = "",
        passing: bool = False,
        fault: InternalFault | None = None,
        **values: Any,
    ) -> None:
        place = SourceLocation(str(about), line) if str(about) else None
        self._problem = make_problem(code, place=place, passing=passing, fault=fault, **values)
        self.kind = kind or self.usual_kind or code
        message = self._problem.message
        super().__init__(f"{place}: {message}" if place else message, hint=self._problem.hint, fault=fault)

    @property
    def problem(self) -> Problem:
        return self._problem


class PackingUsageError(PackingError, UsageError):
    """Something requested does not exist, or a list cannot be read at all."""
