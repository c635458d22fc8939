"""The list of a day's letters: one row per letter, as CSV or JSON lines."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from pdfkit_cli.content.models import (
    DEFAULT_CHANNEL,
    FormatName,
    LanguageCode,
    NonEmptyText,
    PackMode,
    Slug,
    StrictModel,
)
from pdfkit_cli.errors import Problem, SourceLocation, shorten_message
from pdfkit_cli.packs.problems import PackingUsageError, make_problem

LIST_SUFFIXES = (".csv", ".jsonl", ".ndjson")
"""File suffixes of lists."""

MAX_LIST_BYTES, MAX_SIDECAR_BYTES = 20_000_000, 64_000
"""Largest sizes in bytes: far more than any real one, and little enough for a process that must not run out of memory."""

MAX_ROWS = 50_000
"""Largest number of letters in one list."""

MAX_NAME_BYTES = 200
"""Largest size of a file name in bytes: most drives take 255, and pdfkit may add a suffix or a number."""

MAX_PROBLEMS = 20
"""Largest number of invalid values of one job that are reported."""

ShortText = Annotated[NonEmptyText, Field(max_length=MAX_NAME_BYTES)]


def _split_names(value: Any) -> Any:
    """Split the names in a CSV cell at spaces; JSON has a list."""
    return tuple(value.split()) if isinstance(value, str) else value


class Job(StrictModel):
    """One letter and its leaflets, given by name or document id, or by a code of appointments.yaml."""

    letter: Path
    clinic: Slug
    language: LanguageCode | None = None
    leaflets: Annotated[tuple[ShortText, ...], Field(max_length=100), BeforeValidator(_split_names)] = ()
    code: ShortText | None = None
    format: FormatName | None = None
    channel: Slug = DEFAULT_CHANNEL
    way: PackMode = PackMode.JOIN
    unlock: bool = False
    output: NonEmptyText

    @field_validator("letter")
    @classmethod
    def _can_be_a_file(cls, letter: Path) -> Path:
        if "\0" in str(letter):
            raise ValueError("no file has such a name")
        return letter

    @field_validator("output")
    @classmethod
    def _is_a_plain_name(cls, output: str) -> str:
        plain = Path(output).name == output and output.isprintable()
        if not plain or output.startswith(".") or not output.endswith(".pdf"):
            raise ValueError(f"“{shorten_message(output, 40)}” must be a plain file name, such as 0001.pdf")
        if is_name_too_long(output):
            raise ValueError(f"the name is longer than {MAX_NAME_BYTES} bytes")
        return output

    @model_validator(mode="after")
    def _says_what_goes_behind(self) -> "Job":
        if bool(self.leaflets) == bool(self.code):
            raise ValueError("give either “leaflets” or “code”")
        return self


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of the list: its place, and the job or its problems."""

    place: SourceLocation
    job: Job | None
    problems: tuple[Problem, ...] = ()


def rejected_row(place: SourceLocation, code: str, **values: Any) -> JobRow:
    """Return a row that has no job."""
    return JobRow(place, None, (make_problem(code, **values),))


def read_list(path: Path) -> Iterator[JobRow]:
    """Yield the rows of a list.

    Paths of letters are relative to the list. Raises UsageError if it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise PackingUsageError("list-unreadable", path, reason=error.strerror) from None
    spelled = cache(_file_spellings)
    for row in parse_list(path, data):
        if row.job:
            row = replace(row, job=row.job.model_copy(update={"letter": _resolve_spelling(row.job.letter, spelled)}))
        yield row


def parse_list(path: Path, data: bytes) -> Iterator[JobRow]:
    """Yield the rows of a list from its bytes. Raises UsageError if it is not a list."""
    if len(data) > MAX_LIST_BYTES:
        raise PackingUsageError("list-large", path, megabytes=MAX_LIST_BYTES // 1_000_000)
    lines = path.suffix.lower() in (".jsonl", ".ndjson")
    text = _decode(path, data, "not-utf8" if lines else "not-utf8-csv")
    outputs = OutputNames()
    for count, (line, values) in enumerate(_parse_json_lines(text) if lines else _parse_csv(text, path)):
        if count == MAX_ROWS:
            raise PackingUsageError("rows", path, rows=MAX_ROWS)
        row = _make_row(SourceLocation(str(path), line), values, path.parent)
        if row.job and (problem := outputs.taken(row.job, line)):
            row = JobRow(row.place, None, (problem,))
        yield row


def parse_sidecar(path: Path, data: bytes, letter: str = "") -> JobRow:
    """Return the job of a sidecar, which is a JSON file with the name of its letter.

    The pack gets the name of the letter unless `output` is given. Raises UsageError if the file is not JSON.
    """
    if len(data) > MAX_SIDECAR_BYTES:
        raise PackingUsageError("sidecar-large", path, kilobytes=MAX_SIDECAR_BYTES // 1000)
    try:
        values = _parse_json(_decode(path, data, "not-utf8"))
    except (ValueError, RecursionError) as error:
        code, values = _json_problem(error)
        raise PackingUsageError(code, path, **values) from None
    letter = letter or path.with_suffix(".pdf").name
    if not isinstance(values, dict) or not may_be_same_file(values.get("letter", letter), letter):
        code = "sidecar-other-letter" if isinstance(values, dict) else "sidecar-not-keys"
        return rejected_row(SourceLocation(str(path)), code, letter=letter)
    row = _make_row(SourceLocation(str(path)), {"output": f"{path.stem}.pdf", **values, "letter": letter}, path.parent)
    if row.job:  # the exact name: the model strips spaces from its ends
        row = replace(row, job=row.job.model_copy(update={"letter": path.parent / letter}))
    return row


class OutputNames:
    """The output names of a list. Some drives ignore differences of case, or of Unicode composition."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._split: dict[str, int] = {}
        self._numbered: dict[str, int] = {}

    def taken(self, job: Job, line: int) -> Problem | None:
        """Return a problem if an earlier row has the same output, or one of its files; else remember this one."""
        name = normalize_file_name(job.output)
        other = self._lines.get(name)
        base, is_numbered = NUMBERED_PDF.subn(".pdf", name)
        if other is not None:
            return make_problem("output-twice", output=job.output, line=other)
        other = self._split.get(base) if is_numbered else None
        if job.way is PackMode.SPLIT:
            other = self._numbered.get(name, other)
        if other is not None:
            return make_problem("output-of-split", output=job.output, line=other)
        self._lines[name] = line
        if is_numbered:
            self._numbered[base] = line
        if job.way is PackMode.SPLIT:
            self._split[name] = line
        return None


NUMBERED_PDF = re.compile(r"\.\d+\.pdf$")
"""Matches the end of file names of a split pack."""


def normalize_file_name(name: str) -> str:
    """Return a file name without differences of case and of Unicode composition, which some drives ignore."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def may_be_same_file(one: object, other: str) -> bool:
    """Return whether two names may refer to the same file."""
    return isinstance(one, str) and normalize_file_name(one) == normalize_file_name(other)


def is_name_too_long(name: str) -> bool:
    """Return whether a file name leaves no room for a suffix or a number."""
    return len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES


def _decode(path: Path, data: bytes, code: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PackingUsageError(code, path) from None


def _parse_csv(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    if not text.strip():
        raise PackingUsageError("list-empty", path)
    if text.lstrip().startswith(("{", "[")):
        raise PackingUsageError("csv-is-json", path)
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        _check_columns(reader.fieldnames, path)
        for values in reader:
            if any(values.values()):
                yield reader.line_num, _row_values(values)
    except csv.Error as error:
        raise PackingUsageError("not-csv", path, line=max(reader.line_num, 1), reason=error) from None


def _check_columns(names: Any, path: Path) -> None:
    """Raise UsageError if the first line does not name the columns.

    It may contain patient data, so it is never quoted.
    """
    if "letter" not in names:
        raise PackingUsageError("no-letter-column", path)
    if len(set(names)) < len(names):
        raise PackingUsageError("columns-twice", path)


def _row_values(values: dict[Any, Any]) -> dict[str, str] | Problem:
    if None in values:
        return make_problem("cells")
    stripped = {key: value.strip() for key, value in values.items() if value}
    return {key: value for key, value in stripped.items() if value}


def _parse_json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(re.split("\r\n?|\n", text), start=1):  # a JSON string may contain U+2028
        if line.strip():
            try:
                yield number, _parse_json(line)
            except (ValueError, RecursionError) as error:
                code, values = _json_problem(error)
                yield number, make_problem(code, **values)


class _DuplicateKeyError(ValueError):
    """A key occurs twice, so its value is ambiguous."""


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_reject_duplicate_keys)


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _DuplicateKeyError
    return values


def _json_problem(error: Exception) -> tuple[str, dict[str, Any]]:
    """Return the problem's code and values, without text from the file.

    A number of too many digits is a ValueError, too.
    """
    if isinstance(error, _DuplicateKeyError):
        return "key-twice", {}
    known = {json.JSONDecodeError: getattr(error, "msg", ""), RecursionError: "nested too deep"}
    return "not-json", {"reason": known.get(type(error), "a number has too many digits")}


def _make_row(place: SourceLocation, values: Any, folder: Path) -> JobRow:
    if isinstance(values, Problem):
        return JobRow(place, None, (values,))
    try:
        job = Job.model_validate(values)
    except ValidationError as error:
        return JobRow(place, None, tuple(map(_validation_problem, error.errors()[:MAX_PROBLEMS])))
    return JobRow(place, job.model_copy(update={"letter": folder / job.letter}))


def _validation_problem(error: Any) -> Problem:
    """Return the problem of a key's value, or of the job if there is no key."""
    key = ".".join(map(str, error["loc"]))
    if not key:
        return make_problem("leaflets-or-code")
    code = "unknown-key" if error["type"] == "extra_forbidden" else f"wrong-{error['loc'][0]}"
    reason = error["msg"].removeprefix("Value error, ")
    return make_problem(code, key=key, reason=reason, keys=", ".join(Job.model_fields))


def _resolve_spelling(letter: Path, spelled: Callable[[Path], dict[str, Path]]) -> Path:
    """Return a letter as its folder spells it: “å” may be one code point in a list and two on a drive."""
    try:
        if letter.exists():
            return letter
        return spelled(letter.parent).get(unicodedata.normalize("NFC", letter.name), letter)
    except (OSError, ValueError):
        return letter


def _file_spellings(folder: Path) -> dict[str, Path]:
    return {unicodedata.normalize("NFC", path.name): path for path in folder.iterdir()}
