"""The form for a clinic's phone, hours and out-of-hours numbers, and the changes that it makes in the clinic's file.

Values in, values out: the file is a text, and what comes out is the text with these values changed and all else as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from pdfkit_cli.content import yaml_edit, yaml_source
from pdfkit_cli.content.library import ClinicEntry
from pdfkit_cli.content.models import Clinic
from pdfkit_cli.content.yaml_source import KeyPath, SourceFile
from pdfkit_cli.errors import SourceError

FIELDS: Final = ("phone", "hours", "out_of_hours")
"""The keys of a clinic that the form changes."""

MAX_ROWS: Final = 14
"""Rows of hours, and numbers out of hours."""


@dataclass(frozen=True, slots=True)
class HoursRow:
    """A row of the form: from a day to a day (empty for one day), opening and closing time. All empty for no hours."""

    first: str = ""
    last: str = ""
    opens: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number out of hours: `words` of the clinic's own, which the form does not change; `own` if it has some."""

    phone: str = ""
    words: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class ClinicForm:
    """The values of the form."""

    phone: str
    hours: tuple[HoursRow, ...]
    numbers: tuple[NumberRow, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of the file, before and after, in words."""

    field: str
    before: str
    after: str


class ClinicFormError(Exception):
    """A value cannot be used: the field, and the message of its model."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def read_form(clinic: ClinicEntry, language: str) -> ClinicForm:
    """Return the form as the clinic's file fills it in, with its words in a language."""
    data = yaml_source.parse_yaml(clinic.source).data
    hours = tuple(
        HoursRow(row.days[0], row.days[1] if len(row.days) == 2 else "", row.opens, row.closes)
        for row in clinic.model.hours
    )
    numbers = tuple(
        NumberRow(_phone(raw), entry.words.get(language) or next(iter(entry.words.values())), isinstance(raw, dict))
        for raw, entry in zip(data.get("out_of_hours") or (), clinic.model.out_of_hours, strict=True)
    )
    return ClinicForm(clinic.model.phone or "", hours, numbers)


def _phone(raw: Any) -> str:
    return str(raw.get("phone") or "") if isinstance(raw, dict) else str(raw)


def sent_form(sent: Mapping[str, str], before: ClinicForm) -> ClinicForm:
    """Return the form that a browser has sent; rows that are empty are left out, but for words without a number."""
    rows = (
        HoursRow(*(sent.get(f"{name}-{at}", "") for name in ("first", "last", "opens", "closes")))
        for at in range(MAX_ROWS)
    )
    known = dict(enumerate(before.numbers))
    numbers = tuple(
        NumberRow(sent.get(f"number-{at}", ""), known[at].words if at in known else "", at in known and known[at].own)
        for at in range(MAX_ROWS)
    )
    return ClinicForm(sent.get("phone", ""), tuple(row for row in rows if row != HoursRow()), numbers)


def edit_clinic(clinic: ClinicEntry, form: ClinicForm) -> str:
    """Return the text of the clinic's file with the values of a form.

    Raises ClinicFormError for a value that the clinic cannot have, and for a file that cannot be changed this way.
    """
    data = yaml_source.parse_yaml(clinic.source).data
    if data.get("phone") and not form.phone:
        raise ClinicFormError("phone", "")
    wanted = {**data, **_wanted(data, form)}
    wanted = {name: value for name, value in wanted.items() if name not in FIELDS or value or name in data}
    try:
        expected = Clinic.model_validate(wanted)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ClinicFormError(str(problem["loc"][0]), str(problem["msg"])) from None
    edits = dict(_edits(data, wanted))
    if not edits:
        return clinic.source.text
    after = next(name for name in ("phone", "country") if name in data)
    try:
        source = SourceFile(clinic.source.name, yaml_edit.replace_values(clinic.source.text, edits, after), "")
        found = yaml_source.validate_model(Clinic, source, yaml_source.parse_yaml(source))
    except (SourceError, KeyError):
        raise ClinicFormError("file", "") from None
    if found != expected:
        raise ClinicFormError("file", "")
    return source.text


def _wanted(data: Mapping[str, Any], form: ClinicForm) -> dict[str, Any]:
    """Return the fields of the form as the file writes them."""
    hours = [
        {"days": [row.first, row.last] if row.last else [row.first], "opens": row.opens, "closes": row.closes}
        for row in form.hours
    ]
    before = data.get("out_of_hours") or []
    return {"phone": form.phone or None, "hours": hours, "out_of_hours": list(_numbers(before, form.numbers))}


def _numbers(before: Sequence[Any], rows: Sequence[NumberRow]) -> Any:
    for at, row in enumerate(rows):
        raw = before[at] if at < len(before) else ""
        if isinstance(raw, dict) and row.phone:
            yield {**raw, "phone": row.phone}
        elif isinstance(raw, dict) and not raw.get("phone"):
            yield raw
        elif not isinstance(raw, dict) and row.phone:
            yield row.phone


def _edits(data: Mapping[str, Any], wanted: Mapping[str, Any]) -> Any:
    """Yield each value to change: single ones where only they differ, so that comments beside the others stay."""
    for name in FIELDS:
        if name in wanted and data.get(name) != wanted[name]:
            yield from _differing(data.get(name), wanted[name], (name,))


def _differing(before: Any, after: Any, path: KeyPath) -> Any:
    if before == after:
        return
    inside: list[tuple[KeyPath, Any]] = []
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        pairs: Any = before.items()
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(before)
    else:
        yield path, after
        return
    for key, value in pairs:
        inside += _differing(value, after[key], (*path, key))
    yield from inside


def changes(before: Clinic, after: Clinic) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in words."""
    found = (FieldChange(name, _said(before, name), _said(after, name)) for name in FIELDS)
    return tuple(change for change in found if change.before != change.after)


def _said(clinic: Clinic, field: str) -> str:
    if field == "phone":
        return clinic.phone or "–"
    if field == "hours":
        rows = (f"{'–'.join(row.days)} {row.opens}–{row.closes}" for row in clinic.hours)
        return "; ".join(rows) or "–"
    return "; ".join(entry.phone or next(iter(entry.words.values())) for entry in clinic.out_of_hours) or "–"
