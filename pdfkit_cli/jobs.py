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
from pdfkit_cli.packs import Channel


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
    output: Text

    @model_validator(mode="after")
    def _says_what_goes_behind(self) -> "Job":
        if bool(self.leaflets) == bool(self.code):
            raise ValueError("give either “leaflets” or “code”")
        if Path(self.output).name != self.output or self.output.startswith("."):
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
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is not UTF-8 text", hint="save it as CSV UTF-8") from None
    rows = _json_lines(text) if path.suffix in (".jsonl", ".ndjson") else _csv(text, path)
    taken: dict[str, int] = {}
    for line, values in rows:
        row = _row(Place(str(path), line), values, path.parent)
        if row.job and taken.setdefault(row.job.output, line) != line:
            row = Row(row.place, None, f"“{row.job.output}” is also the output of line {taken[row.job.output]}")
        yield row


def _csv(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    lines = text.splitlines()
    if not lines:
        raise UsageError(
            f"{path}: the list is empty", hint="the first line names the columns: letter,clinic,leaflets,output"
        )
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=lines[0].count))
    for values in reader:
        if any(values.values()):
            yield reader.line_num, {key: value for key, value in values.items() if value not in ("", None)}


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                yield number, f"this is not JSON: {error.msg}"


def _row(place: Place, values: Any, folder: Path) -> Row:
    if isinstance(values, str):
        return Row(place, None, values)
    try:
        job = Job.model_validate(values)
    except ValidationError as error:
        said = [f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}".removeprefix(": ") for one in error.errors()]  # fmt: skip
        return Row(place, None, "; ".join(said))
    return Row(place, job.model_copy(update={"letter": folder / job.letter}))
