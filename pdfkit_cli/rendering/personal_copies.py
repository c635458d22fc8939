"""Personal fields filled in for one patient: values are validated and rendered into one PDF, and stored nowhere.

    edition = resolve_edition(library, key)
    for field in personal_fields(library, edition, "da"): …           # the fields of a form, labelled in Danish
    filled = fill_in(edition, {"date": "3.12.2026"}, today)            # raises PersonalError; its `problems` have the texts
    pdf = render_personal(layouts, filled, format_name)               # bytes, made in a worker process

An empty field remains a line to write on by hand.
The values are in the text of the page and nowhere else: not in a message, the metadata, a file or a cache.
The caller has to check which editions may be printed: `editions.output_keys`, and the findings.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import phonenumbers
from babel.dates import get_month_names

from pdfkit_cli.content.blocks import Blank, Fact, walk
from pdfkit_cli.content.editions import Edition, phone_fact
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.locales import parse_locale
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import PersonalType
from pdfkit_cli.errors import InternalFault, PdfkitError
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.system import caching, temporary, worker_pool
from pdfkit_cli.system.phrases import load_phrases, phrase_languages
from pdfkit_cli.system.worker_pool import TaskLimits, WorkerPoolError

MAX_YEARS_FROM_TODAY = 2
"""A date more than this number of years in the past or future is taken for a typing error."""

MAX_DAYS_WITHOUT_YEAR = 300
"""A day without a year is the next such day, unless that is more than this number of days away: then it may be one in the past."""

MAX_VALUE_LENGTH = 40
"""Largest number of characters of a value."""

SIDES = ("right", "left", "both")
"""Accepted values for a side; the page prints it in its own language."""

PHRASES = Path(__file__).with_name("phrases")
"""Messages for the person who typed, by language and code; English for any other language."""

_DAY = re.compile(r"(\d{1,2})(?:\. ?| ?[/-] ?| )(\d{1,2})(?:\. ?| ?[/-] ?| )(\d{4}|\d\d)")
_DAY_MONTH = re.compile(r"([0-9]{1,2}) ?/ ?([0-9]{1,2})")
_NAMED_DAY = re.compile(r"(?:den )?([0-9]{1,2})\.? ?([^\W\d_]{3,})\.?(?:,? ([0-9]{4}))?", re.I)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(?:kl\.? ?)?(\d{1,2})(?:[.:](\d\d))?", re.I)
_PHONE = re.compile(r"\+?[\d ()./-]+")
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class PersonalField:
    """A field of a form: its name and type, and its label in the language of the person who fills it in."""

    name: str
    kind: PersonalType
    label: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field with an invalid value: the code of a phrase. It does not contain the value."""

    field: str
    code: str

    def words(self, language: str) -> str:
        """Return the message in a language."""
        return str(load_phrases(PHRASES, language)[self.code])


class PersonalError(PdfkitError):
    """Typed values that cannot be printed. The message contains none of them."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{problem.field}: {problem.words('en')}" for problem in problems))


class _InvalidValueError(Exception):
    """Carries the code of the problem with one value."""


def personal_fields(library: Library, edition: Edition, language: str) -> tuple[PersonalField, ...]:
    """Return the fields of an edition in the order in which the leaflet declares them, labelled in `language`.

    If the leaflet has its own label for a field, but not in `language`, the label is that of the edition.
    """
    blanks = {node.name: node for node in walk(edition.blocks) if isinstance(node, Blank)}
    translation, known = edition.leaflet.translations.get(language), library.languages.get(language)
    own = translation.front_matter.personal if translation else {}
    there = edition.leaflet.translations[edition.key.language].front_matter.personal
    found = []
    for name, kind in edition.leaflet.model.personal.items():
        if name in blanks:
            usual = getattr(known.phrases, kind) if known and (translation or name not in there) else ""
            found.append(PersonalField(name, kind, own.get(name) or usual or blanks[name].label))
    return tuple(found)


def fill_in(edition: Edition, typed: Mapping[str, str], today: date) -> Edition:
    """Return an edition with its blanks filled in; empty values stay blank. Its digest is that of the edition.

    A date is `2026-12-03`, day, month and year in figures, or `3. december 2026`; without a year, `3/12`, it is the next such day.
    A time is `14:05`, `14.05` or `14`, in 24 hours; a side
    is one of SIDES; a phone number is one of the clinic's country, or begins with `+`.
    Raises PersonalError with every problem.
    """
    blanks = {node.name: node for node in walk(edition.blocks) if isinstance(node, Blank)}
    values: dict[str, Fact] = {}
    problems = []
    for name, value in typed.items():
        words = _SPACES.sub(" ", value).strip()
        try:
            if name not in blanks:
                raise _InvalidValueError("unknown-field")
            if words:
                values[name] = _parse_value(blanks[name].kind, words, edition, today)
        except _InvalidValueError as wrong:
            problems.append(FieldProblem(name if name in blanks else "", str(wrong)))
    if problems:
        raise PersonalError(tuple(problems))
    text = replace(edition.text, blocks=_fill_blanks(edition.blocks, values))
    beside = fill_in(edition.beside, typed, today) if edition.beside else None
    return replace(edition, text=text, personal=bool(values), beside=beside)


def _fill_blanks(node: Any, values: Mapping[str, Fact]) -> Any:
    """Return blocks, or their content, with values put into the blanks."""
    match node:
        case tuple():
            return tuple(_fill_blanks(part, values) for part in node)
        case Blank(name):
            return replace(node, filled=values.get(name))
        case _:
            names = [part for part in ("blocks", "items", "children", "head", "rows") if hasattr(node, part)]
            return (
                replace(node, **{part: _fill_blanks(getattr(node, part), values) for part in names}) if names else node
            )


def _parse_value(kind: str, words: str, edition: Edition, today: date) -> Fact:
    language = edition.language
    if len(words) > MAX_VALUE_LENGTH:
        raise _InvalidValueError(kind)
    match PersonalType(kind):
        case PersonalType.DATE:
            return Fact(kind, typography.localized_appointment_date(_parse_date(words, today), language))
        case PersonalType.TIME:
            return Fact(kind, typography.isolate_ltr(typography.localized_time(_parse_time(words), language), language))
        case PersonalType.SIDE:
            return _parse_side(words, edition)
        case PersonalType.PHONE:
            return _parse_phone(words, edition.clinic.model.country, language)


def past_dates(edition: Edition, typed: Mapping[str, str], today: date) -> tuple[str, ...]:
    """Return the names of the date fields whose valid value is before today: it may be a slip."""
    blanks = {node.name: node for node in walk(edition.blocks) if isinstance(node, Blank)}
    found = []
    for name, value in typed.items():
        words = _SPACES.sub(" ", value).strip()
        if words and name in blanks and blanks[name].kind == PersonalType.DATE:
            with suppress(_InvalidValueError):
                found += [name] if _parse_date(words, today) < today else []
    return tuple(found)


def _parse_date(words: str, today: date) -> date:
    year = None
    if iso := _ISO_DAY.fullmatch(words):
        year, month, day = iso.groups()
    elif typed := _DAY.fullmatch(words):
        day, month, year = typed.groups()
    elif short := _DAY_MONTH.fullmatch(words):
        day, month = short.groups()
    elif (named := _NAMED_DAY.fullmatch(words)) and named[2].casefold() in _month_numbers():
        day, month, year = named[1], str(_month_numbers()[named[2].casefold()]), named[3]
    else:
        raise _InvalidValueError("date")
    try:
        if year is None:
            return _next_day(int(month), int(day), today)
        found = date(int(year if len(year) == 4 else f"20{year}"), int(month), int(day))
    except ValueError:
        raise _InvalidValueError("no-such-day") from None
    if abs(found - today).days > MAX_YEARS_FROM_TODAY * 366:
        raise _InvalidValueError("far-away")
    return found


def _next_day(month: int, day: int, today: date) -> date:
    """Return the next such day. Raises ValueError, or _InvalidValueError if it may be meant to be the last one."""
    this_year = date(today.year, month, day)
    found = this_year if this_year >= today else date(today.year + 1, month, day)
    if (found - today).days > MAX_DAYS_WITHOUT_YEAR:
        raise _InvalidValueError("no-year")
    return found


@cache
def _month_numbers() -> Mapping[str, int]:
    """Return the numbers of the months by their names and abbreviations in the languages of those who type."""
    names: dict[str, int] = {}
    for language in phrase_languages(PHRASES):
        for width in ("wide", "abbreviated"):
            months = get_month_names(width, locale=parse_locale(language)).items()
            names |= {name.casefold().rstrip("."): number for number, name in months}
    return names


def _parse_time(words: str) -> str:
    typed = _TIME.fullmatch(words)
    hour, minute = map(int, typed.groups("0")) if typed else (24, 0)
    if hour > 23 or minute > 59:
        raise _InvalidValueError("time")
    return f"{hour:02}:{minute:02}"


def _parse_side(words: str, edition: Edition) -> Fact:
    if words not in SIDES:
        raise _InvalidValueError("side")
    said: str = getattr(edition.phrases, words)
    return Fact("side", said)


def _parse_phone(words: str, country: str, language: Language) -> Fact:
    if not _PHONE.fullmatch(words):
        raise _InvalidValueError("phone")
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(words, country))
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        raise _InvalidValueError("phone" if unknown else "phone-length") from None
    if not possible:
        raise _InvalidValueError("phone-length")
    return phone_fact(words, country, language)


class PersonalRenderError(PdfkitError):
    """A filled-in PDF could not be made. The cause is not stated, since it may quote typed values."""

    def __init__(
        self,
        why: str = "the PDF is not as it should be, so it was not made",
        *,
        fault: InternalFault | None = None,
    ) -> None:
        super().__init__(why, hint="print the leaflet as it is, and write on it by hand")
        self.fault = fault


def personal_page(layouts: Layouts, edition: Edition, format_name: str) -> Page:
    """Return everything needed to render a filled-in edition. It is never laid out together with others, nor cached."""
    return layouts.page(edition, layouts.draw(edition, format_name), format_name)


def render_in_worker(page: Page) -> bytes:
    """Return the verified PDF of a page, in a worker that `renderer.prepare_process` has prepared; no text of it is kept.

    Raises PersonalRenderError.
    """
    try:
        return renderer.render(page).pdf
    except (PdfkitError, MemoryError) as error:
        raise PersonalRenderError(fault=getattr(error, "fault", None)) from None
    finally:
        renderer.forget_page(page)


def render_personal(layouts: Layouts, edition: Edition, format_name: str, seconds: float = 60.0) -> bytes:
    """Return the PDF of a filled-in edition, made in a process of its own; this process keeps no text of it.

    Raises PersonalRenderError.
    """
    try:
        page = personal_page(layouts, edition, format_name)
        with temporary.temporary_folder() as folder:  # for fonts only
            outcome = worker_pool.run_task(
                render_in_worker, page, TaskLimits(1, seconds), partial(renderer.prepare_process, folder)
            )
    except (WorkerPoolError, OSError, PdfkitError):
        raise PersonalRenderError("nothing can be rendered here") from None
    finally:
        caching.clear_text_caches()
    if outcome.problem:
        raise PersonalRenderError(outcome.problem.message)
    return cast(bytes, outcome.result)
