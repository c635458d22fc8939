"""The list of letters of a day: a row a letter, as CSV or as JSON lines."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, model_validator

from pdfkit_cli.errors import Place, UsageError
from pdfkit_cli.models import FormatName, Language, Model, Slug, Text
from pdfkit_cli.packs import Channel, Way

LISTS = (".csv", ".jsonl", ".ndjson")
"""Endings of lists."""


def _names(value: Any) -> Any:
    """A CSV cell holds names with spaces between them; JSON holds a list."""
    return tuple(value.split()) if isinstance(value, str) else value


class Job(Model):
    """One letter and what goes behind it: leaflets by name or document id, or a code of appointments.yaml."""

    letter: Path
    clinic: Slug
    language: Language | None = None
    leaflets: Annotated[tuple[Text, ...], BeforeValidator(_names)] = ()
    code: Text | None = None
    format: FormatName | None = None
    channel: Channel = Channel.PAPER
    way: Way = Way.JOIN
    unlock: bool = False
    output: Text

    @model_validator(mode="after")
    def _says_what_goes_behind(self) -> "Job":
        if bool(self.leaflets) == bool(self.code):
            raise ValueError("give either “leaflets” or “code”")
        plain = Path(self.output).name == self.output and self.output.isprintable()
        if not plain or self.output.startswith(".") or not self.output.endswith(".pdf"):
            raise ValueError(f"“{self.output}” must be a plain file name, such as 0001.pdf")
        return self


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list: where it stands, and the job, or what is wrong with it."""

    place: Place
    job: Job | None
    error: str = ""


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a list. Letters are found beside the list. Raises UsageError where it cannot be read at all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    return parse(path, data)


def parse(path: Path, data: bytes) -> Iterator[Row]:
    """Yield the rows of a list that has been read. Raises UsageError where it is none."""
    text = _text(path, data)
    rows = _json_lines(text) if path.suffix in (".jsonl", ".ndjson") else _csv(text, path)
    taken: dict[str, int] = {}
    for line, values in rows:
        row = _row(Place(str(path), line), values, path.parent)
        if row.job and taken.setdefault(row.job.output, line) != line:
            row = Row(row.place, None, f"“{row.job.output}” is also the output of line {taken[row.job.output]}")
        yield row


def sidecar(path: Path, data: bytes, letter: str = "") -> Row:
    """Return the job of a JSON file beside a letter of the same name. The pack is called like the letter, if it says nothing else.

    Raises UsageError where it is no JSON.
    """
    try:
        values = json.loads(_text(path, data))
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: this is not JSON: {getattr(error, 'msg', 'nested too deep')}") from None
    letter = letter or path.with_suffix(".pdf").name
    if not isinstance(values, dict) or values.get("letter", letter) != letter:
        return Row(Place(str(path)), None, f"it must hold keys and values, such as “clinic”, about {letter}")
    return _row(Place(str(path)), {"output": f"{path.stem}.pdf", **values, "letter": letter}, path.parent)


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is not UTF-8 text", hint="save it as CSV UTF-8") from None


def _csv(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    lines = text.splitlines()
    columns = "the first line names the columns: letter,clinic,leaflets,output"
    if not lines:
        raise UsageError(f"{path}: the list is empty", hint=columns)
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=lines[0].count))
    if "letter" not in (reader.fieldnames or ()):  # its first line may be about a patient, so none of it is said
        raise UsageError(f"{path}: there is no column “letter”", hint=columns)
    try:
        for values in reader:
            if any(values.values()):
                yield reader.line_num, {key: value for key, value in values.items() if value not in ("", None)}
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: this is not CSV: {error}", hint="save it as CSV UTF-8") from None


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                yield number, f"this is not JSON: {getattr(error, 'msg', 'nested too deep')}"


def _row(place: Place, values: Any, folder: Path) -> Row:
    if isinstance(values, str):
        return Row(place, None, values)
    try:
        job = Job.model_validate(values)
    except ValidationError as error:
        said = [f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}".removeprefix(": ") for one in error.errors()]  # fmt: skip
        return Row(place, None, "; ".join(said))
    return Row(place, job.model_copy(update={"letter": folder / job.letter}))
