"""The list of letters of a day: a row a letter, as CSV or as JSON lines."""

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

from pdfkit_cli.errors import Place, Problem, UsageError, shortened
from pdfkit_cli.models import FormatName, Language, Model, Slug, Text
from pdfkit_cli.packs import Channel, Way

LISTS = (".csv", ".jsonl", ".ndjson")
"""Endings of lists."""

LARGEST_LIST, LARGEST_SIDECAR = 20_000_000, 64_000
"""Bytes: far more than any, and little enough to be read by a process that must not end."""

MOST_ROWS = 50_000
"""Letters in one list."""

LONGEST_NAME = 200
"""Bytes of a file name: most drives take 255, and ours have an ending or a number more."""

MOST_PROBLEMS = 20
"""Wrong values of one job that are said."""

COLUMNS = "the first line names the columns: letter,clinic,leaflets,output"

Short = Annotated[Text, Field(max_length=LONGEST_NAME)]


def _names(value: Any) -> Any:
    """A CSV cell holds names with spaces between them; JSON holds a list."""
    return tuple(value.split()) if isinstance(value, str) else value


class Job(Model):
    """One letter and what goes behind it: leaflets by name or document id, or a code of appointments.yaml."""

    letter: Path
    clinic: Slug
    language: Language | None = None
    leaflets: Annotated[tuple[Short, ...], Field(max_length=100), BeforeValidator(_names)] = ()
    code: Short | None = None
    format: FormatName | None = None
    channel: Channel = Channel.PAPER
    way: Way = Way.JOIN
    unlock: bool = False
    output: Text

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
            raise ValueError(f"“{shortened(output, 40)}” must be a plain file name, such as 0001.pdf")
        if too_long(output):
            raise ValueError(f"the name is longer than {LONGEST_NAME} bytes")
        return output

    @model_validator(mode="after")
    def _says_what_goes_behind(self) -> "Job":
        if bool(self.leaflets) == bool(self.code):
            raise ValueError("give either “leaflets” or “code”")
        return self


REMEDIES = {
    "letter": "write the file name of the letter",
    "clinic": "write the name of a clinic as the library has it: pdfkit list",
    "language": "write a code such as da, or leave it out",
    "leaflets": "write names or document ids of leaflets: pdfkit list",
    "code": "write a code of appointments.yaml",
    "format": "write the name of a format such as a4, or leave it out",
    "channel": "write paper or digital",
    "way": "write join, separate, embed or split",
    "unlock": "write true or false",
    "output": "write a plain file name that ends in .pdf",
    "": "take one of the two out, or add one",
}
"""What to do about a wrong value, by its key; without a key it is the job as a whole."""

TAKE_OUT = f"take it out; a job may say: {', '.join(Job.model_fields)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list: where it stands, and the job, or what is wrong with it."""

    place: Place
    job: Job | None
    problems: tuple[Problem, ...] = ()

    @property
    def error(self) -> str:
        """What is wrong, in one line."""
        return "; ".join(map(str, self.problems))


def refused(place: Place, message: str, hint: str = "") -> Row:
    """Return a row that has no job."""
    return Row(place, None, (Problem(message, hint),))


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a list. Letters are found beside the list. Raises UsageError where it cannot be read at all."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    spelled = cache(_spelled)
    for row in parse(path, data):
        if row.job:
            row = replace(row, job=row.job.model_copy(update={"letter": _as_spelled(row.job.letter, spelled)}))
        yield row


def parse(path: Path, data: bytes) -> Iterator[Row]:
    """Yield the rows of a list that has been read. Raises UsageError where it is none."""
    if len(data) > LARGEST_LIST:
        raise UsageError(f"{path}: is larger than {LARGEST_LIST // 1_000_000} MB", hint="make several lists of it")
    lines = path.suffix.lower() in (".jsonl", ".ndjson")
    text = _text(path, data, "save it as UTF-8" if lines else "save it as CSV UTF-8")
    outputs = Outputs()
    for count, (line, values) in enumerate(_json_lines(text) if lines else _csv(text, path)):
        if count == MOST_ROWS:
            raise UsageError(f"{path}: it has more than {MOST_ROWS} rows", hint="make several lists of it")
        row = _row(Place(str(path), line), values, path.parent)
        if row.job and (problem := outputs.taken(row.job, line)):
            row = Row(row.place, None, (problem,))
        yield row


def sidecar(path: Path, data: bytes, letter: str = "") -> Row:
    """Return the job of a JSON file beside a letter of the same name. The pack is called like the letter, if it says nothing else.

    Raises UsageError where it is no JSON.
    """
    if len(data) > LARGEST_SIDECAR:
        raise UsageError(f"{path}: is larger than {LARGEST_SIDECAR // 1000} kB", hint="is it the right file?")
    try:
        values = _json(_text(path, data, "save it as UTF-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: {_no_json(error)}", hint="write keys and values, such as “clinic”") from None
    letter = letter or path.with_suffix(".pdf").name
    if not isinstance(values, dict) or not same_name(values.get("letter", letter), letter):
        return refused(
            Place(str(path)),
            f"it must hold keys and values, such as “clinic”, about {letter}",
            "" if isinstance(values, dict) else "a list of several letters is CSV or JSON lines (.jsonl)",
        )
    row = _row(Place(str(path)), {"output": f"{path.stem}.pdf", **values, "letter": letter}, path.parent)
    if row.job:  # the name as it is: a model takes spaces off its ends
        row = replace(row, job=row.job.model_copy(update={"letter": path.parent / letter}))
    return row


class Outputs:
    """The names that the packs of a list will have: drives that ignore case, or compose letters, know some for the same."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._split: dict[str, int] = {}
        self._numbered: dict[str, int] = {}

    def taken(self, job: Job, line: int) -> Problem | None:
        """Say which row before has the same output, or one of its files, if one has; else remember it."""
        name = folded(job.output)
        other = self._lines.get(name)
        base, is_numbered = _NUMBER.subn(".pdf", name)
        if other is not None:
            return Problem(f"“{job.output}” is also the output of line {other}", GIVE_ANOTHER)
        other = self._split.get(base) if is_numbered else None
        if job.way is Way.SPLIT:
            other = self._numbered.get(name, other)
        if other is not None:
            return Problem(f"“{job.output}” may be a file of the pack of line {other}, which is split", GIVE_ANOTHER)
        self._lines[name] = line
        if is_numbered:
            self._numbered[base] = line
        if job.way is Way.SPLIT:
            self._split[name] = line
        return None


GIVE_ANOTHER = "give one of them another “output”"

_NUMBER = re.compile(r"\.\d+\.pdf$")
"""How the names of the files of a split pack end."""


def folded(name: str) -> str:
    """Return a file name as drives compare it that ignore case and how letters are composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def same_name(one: object, other: str) -> bool:
    """Say whether two names may be those of one file."""
    return isinstance(one, str) and folded(one) == folded(other)


def too_long(name: str) -> bool:
    """Say whether a file name leaves no room for an ending or a number more."""
    return len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME


def _text(path: Path, data: bytes, hint: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is not UTF-8 text", hint=hint) from None


def _csv(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    if not text.strip():
        raise UsageError(f"{path}: the list is empty", hint=COLUMNS)
    if text.lstrip().startswith(("{", "[")):
        raise UsageError(f"{path}: this is JSON", hint="a list of JSON lines has a name that ends in .jsonl")
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        _check_columns(reader.fieldnames, path)
        for values in reader:
            if any(values.values()):
                yield reader.line_num, _cells(values)
    except csv.Error as error:
        raise UsageError(
            f"{path}:{max(reader.line_num, 1)}: this is not CSV: {error}", hint="save it as CSV UTF-8"
        ) from None


def _check_columns(names: Any, path: Path) -> None:
    """Raise UsageError where the first line names no columns. It may be about a patient, so none of it is said."""
    if "letter" not in names:
        raise UsageError(f"{path}: there is no column “letter”", hint=COLUMNS)
    if len(set(names)) < len(names):
        raise UsageError(f"{path}: two columns have the same name", hint=COLUMNS)


def _cells(values: dict[Any, Any]) -> dict[str, str] | Problem:
    if None in values:
        return Problem("there are more cells than columns", "put a value with a comma in it between quotation marks")
    stripped = {key: value.strip() for key, value in values.items() if value}
    return {key: value for key, value in stripped.items() if value}


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(re.split("\r\n?|\n", text), start=1):  # a string of JSON may hold U+2028
        if line.strip():
            try:
                yield number, _json(line)
            except (ValueError, RecursionError) as error:
                yield number, Problem(_no_json(error), "write one job a line, with keys and values")


class _TwiceError(ValueError):
    """A key is there twice: which of its values is meant, nobody can say."""


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_keys_once)


def _keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _TwiceError
    return values


def _no_json(error: Exception) -> str:
    """Say what is wrong without a word of the file; a number of too many digits is a ValueError, too."""
    if isinstance(error, _TwiceError):
        return "a key is there twice"
    known = {json.JSONDecodeError: getattr(error, "msg", ""), RecursionError: "nested too deep"}
    return f"this is not JSON: {known.get(type(error), 'a number has too many digits')}"


def _row(place: Place, values: Any, folder: Path) -> Row:
    if isinstance(values, Problem):
        return Row(place, None, (values,))
    try:
        job = Job.model_validate(values)
    except ValidationError as error:
        return Row(place, None, tuple(map(_problem, error.errors()[:MOST_PROBLEMS])))
    return Row(place, job.model_copy(update={"letter": folder / job.letter}))


def _problem(error: Any) -> Problem:
    key = ".".join(map(str, error["loc"]))
    said = f"{key}: {error['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    hint = TAKE_OUT if error["type"] == "extra_forbidden" else REMEDIES.get(key.partition(".")[0], "")
    return Problem(shortened(said), hint)


def _as_spelled(letter: Path, spelled: Callable[[Path], dict[str, Path]]) -> Path:
    """Return a letter as its folder spells it: “å” may be one sign in a list and two on a drive."""
    try:
        if letter.exists():
            return letter
        return spelled(letter.parent).get(unicodedata.normalize("NFC", letter.name), letter)
    except (OSError, ValueError):
        return letter


def _spelled(folder: Path) -> dict[str, Path]:
    return {unicodedata.normalize("NFC", path.name): path for path in folder.iterdir()}
