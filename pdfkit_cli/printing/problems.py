"""What is wrong with a printer, an order or a job: values with a code, and their words in the reader's language."""

from pathlib import Path
from typing import Any, Final

from pdfkit_cli.errors import PdfkitError, Problem, UsageError, shorten_message
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE, load_phrases

PHRASES: Final = Path(__file__).with_name("phrases")


def phrase(name: str, language: str = FALLBACK_LANGUAGE, **values: object) -> str:
    """Return a phrase about printing in a language, or in English if there are no phrases in it."""
    return str(load_phrases(PHRASES, language)[name]).format(**values)


def make_printing_problem(code: str, /, **values: Any) -> Problem:
    """Return a problem by its code; `values` fill the placeholders of its phrases."""
    why, do = printing_words(code, FALLBACK_LANGUAGE, values)
    return Problem(why, do, code=code, values=values)


def printing_words(code: str, language: str, values: dict[str, Any], *, at_desk: bool = False) -> tuple[str, str]:
    """Return what is wrong and what to do about it, in a language; at the desk, without commands and files."""
    words = load_phrases(PHRASES, language)["problems"][code]
    parts = words["why"], words.get("desk", words["do"]) if at_desk else words["do"]
    why, do = (shorten_message(part.format(**values)) for part in parts)
    return why, do


class PrintingError(PdfkitError):
    """Something that prevents a print."""

    def __init__(self, code: str, /, *, about: str = "", **values: Any) -> None:
        self._problem = make_printing_problem(code, **values)
        message = f"{about}: {self._problem.message}" if about else self._problem.message
        super().__init__(message, hint=self._problem.hint, code=code)

    @property
    def problem(self) -> Problem:
        return self._problem


class PrintingUsageError(PrintingError, UsageError):
    """Something that was asked for does not exist."""


def printing_error(problem: Problem, about: str) -> PrintingError:
    """Return a problem as an error to raise, with the name of what was to be printed."""
    return PrintingError(problem.code, about=about, **problem.values)
