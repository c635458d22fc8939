"""Reads YAML files with the position of each key, and turns validation errors into findings with places."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, RootModel, ValidationError

from pdfkit_cli.content import files, yaml_pitfalls
from pdfkit_cli.errors import Finding, SourceError, SourceLocation

KeyPath: TypeAlias = tuple[str | int, ...]
Positions: TypeAlias = Mapping[KeyPath, tuple[int, int]]
M = TypeVar("M", bound=BaseModel)

MAX_QUOTE_LENGTH = 40
"""The most characters of a file that a finding quotes: enough to recognize the text, but too few to reveal confidential data."""

MAX_DEPTH = 20
"""The maximum nesting of YAML; the models need 4."""

_EXPECTED_TYPES = {
    "tuple_type": "must be a list, such as [a, b]",
    "string_type": "must be text",
    "model_type": "must be keys with values, such as “key: value”",
    "dict_type": "must be keys with values, such as “key: value”",
    "mapping_type": "must be keys with values, such as “key: value”",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}
"""Messages for authors in place of Pydantic's messages for programmers."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufeff\ufffe\uffff]")
"""Characters that editors do not produce. YAML could take them for line ends, terminals obey them, and some reverse the order of words."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file of the library: its name as the user types it, its text with `\\n` line ends, its SHA-256."""

    name: str
    text: str
    digest: str


class ParsedYaml(NamedTuple):
    """Data of a YAML file, with every scalar as a string, and the position (line and column from 1) of each key path."""

    data: Any
    positions: Positions


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_text(path: Path, name: str, root: Path | None = None) -> SourceFile:
    """Return the text of a UTF-8 file. A byte order mark and Windows line ends are accepted.

    Raises SourceError if the file cannot be read, is a link that leads out of `root`, is not UTF-8 or contains control characters.
    """
    return decode(files.read_bytes(path, name, root), name)


def decode(raw: bytes, name: str) -> SourceFile:
    """Return the text of a file from its bytes. Raises SourceError if it is not UTF-8 or contains control characters."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _end_position(error.object[: error.start].decode())
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise _source_error("encoding", name, message, *place) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := CONTROL_CHARACTERS.search(text):
        message = f"control character U+{ord(control[0]):04X}; remove it, and save the file as UTF-8"
        raise _source_error("encoding", name, message, *_end_position(text[: control.start()]))
    return SourceFile(name, text, sha256_hex(raw))


def _end_position(text: str) -> tuple[int, int]:
    """Return the line and column (from 1) right after `text`."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def parse_yaml(source: SourceFile, text: str | None = None, first_line: int = 1) -> ParsedYaml:
    """Return parsed YAML in which all scalars are strings, such as `0712` and `no`. Aliases are refused: a few lines of them could fill the memory.

    `text` and `first_line` select a part of the source, such as front matter. Raises SourceError with all problems.
    """
    reader = _YamlReader(source, source.text if text is None else text, first_line)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        raise SourceError(reader.broken(error)) from None
    if reader.problems:
        raise SourceError(reader.problems)
    return ParsedYaml(data, reader.positions)


class _YamlReader:
    """Builds data from the events of the YAML parser, which has no depth limit, and records the position of each key."""

    def __init__(self, source: SourceFile, text: str, first_line: int) -> None:
        self._name, self._first_line, self._text = source.name, first_line, text.rstrip()
        self._lines = text.split("\n")
        self._events = yaml.parse(text, Loader=yaml.CBaseLoader)
        self.positions: dict[KeyPath, tuple[int, int]] = {}
        self.problems: list[Finding] = []

    def place(self, mark: Any) -> tuple[int, int]:
        """Return the line and column in the file; a mark after the text counts as its end."""
        inside = mark and mark.index < len(self._text)
        line, column = (mark.line + 1, mark.column + 1) if inside else _end_position(self._text)
        return line - 1 + self._first_line, column

    def place_of(self, error: yaml.MarkedYAMLError) -> tuple[int, int]:
        """Return the position of an error; if something is unfinished at the end of the text, where it begins."""
        at_end = self.place(error.problem_mark) == self.place(None)
        return self.place(error.context_mark if at_end else error.problem_mark)

    def broken(self, error: yaml.MarkedYAMLError) -> Iterator[Finding]:
        """Yield a finding for the YAML error, in plain words if the mistake is known, and for mistakes in other lines."""
        line, column = self.place_of(error)
        at = line - self._first_line
        others = list(yaml_pitfalls.find_pitfalls(self._lines, skip=at))
        for index in range(at, max(at - 2, -1), -1):
            if index not in dict(others) and (own := self._pitfall(index)):
                line, column, message = index + self._first_line, own.column, own.message
                break
        else:
            message = shorten_quote(error.problem or error.context or "", 80)
        yield Finding("yaml", f"broken YAML: {message}", SourceLocation(self._name, line, column))
        for index, found in others:
            place = SourceLocation(self._name, index + self._first_line, found.column)
            yield Finding("yaml", f"broken YAML: {found.message}", place)

    def _pitfall(self, index: int) -> yaml_pitfalls.YamlPitfall | None:
        line = self._lines[index]
        return yaml_pitfalls.find_pitfall(line) or yaml_pitfalls.find_missing_key(line)

    def _check_truncated(self, event: yaml.ScalarEvent, path: KeyPath) -> None:
        """Report a value that is cut off by “ #”, which begins a comment."""
        mark: Any = event.end_mark
        rest = self._lines[mark.line][mark.column :] if mark.line < len(self._lines) else ""
        if (
            not event.style
            and "#" in rest
            and (message := yaml_pitfalls.truncated_value_message(rest, words=self._is_prose_key(path)))
        ):
            line, column = mark.line + self._first_line, mark.column + rest.index("#") + 1
            self.problems.append(Finding("yaml", message, SourceLocation(self._name, line, column)))

    def _report_dropped(self, event: yaml.Event, mark: str) -> None:
        """Report a text that begins with an anchor or a tag, which YAML would drop."""
        message = f"a text cannot begin with “{mark}”; put quotation marks around it"
        self.problems.append(Finding("yaml", message, SourceLocation(self._name, *self.place(event.start_mark))))

    def _is_prose_key(self, path: KeyPath) -> bool:
        return bool(path) and path[0] in ("title", "summary", "short_title", "synonyms", "subject", "personal")

    def document(self) -> Any:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self.positions[()] = self._first_line, 1
            return {}
        data = self._node(next(self._events), ())
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            raise self._refused(after, "a second document begins here; remove the line “---”")
        return data

    def _refused(self, event: yaml.Event, message: str) -> SourceError:
        return _source_error("yaml", self._name, message, *self.place(event.start_mark))

    def _node(self, event: yaml.Event, path: KeyPath) -> Any:
        self.positions.setdefault(path, self.place(event.start_mark))
        if getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent):
            self._report_dropped(event, "&")
        if (getattr(event, "tag", None) or "").startswith("!"):
            self._report_dropped(event, "!")
        if len(path) > MAX_DEPTH:
            raise self._refused(event, f"the data is nested more than {MAX_DEPTH} levels deep; use fewer levels")
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(path)
            case yaml.SequenceStartEvent():
                return [
                    self._node(item, (*path, index)) for index, item in enumerate(self._until(yaml.SequenceEndEvent))
                ]
            case yaml.ScalarEvent():
                self._check_truncated(event, path)
                return None if event.value == "" and event.implicit[0] else event.value
            case _:
                raise self._refused(
                    event,
                    "YAML aliases (*) are not supported; repeat the value, or put quotation marks around a text that begins with a star",
                )

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                message = "a key must be a word; put quotation marks around a text that begins with { or ["
                raise self._refused(event, message)
            key, place = event.value, self.place(event.start_mark)
            if key in mapping:
                message = f"“{shorten_quote(key)}” is here twice; keep one"
                self.problems.append(Finding("duplicate-key", message, SourceLocation(self._name, *place)))
            self.positions[(*path, key)] = place
            mapping[key] = self._node(next(self._events), (*path, key))
        return mapping

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event


def validate_model(model: type[M], source: SourceFile, parsed: ParsedYaml) -> M:
    """Return the model made from parsed YAML. Raises SourceError with all problems, each with its line and column."""
    data = {} if parsed.data is None else parsed.data
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise SourceError(_model_findings(model, source.name, parsed.positions, error)) from None


def load_model(model: type[M], path: Path, name: str, root: Path | None = None) -> tuple[M, SourceFile]:
    """Return the model and the source of a YAML file. Raises SourceError with all problems."""
    source = read_text(path, name, root)
    return validate_model(model, source, parse_yaml(source)), source


def _source_error(code: str, name: str, message: str, line: int = 0, column: int = 0) -> SourceError:
    return SourceError([Finding(code, message, SourceLocation(name, line, column))])


def _model_findings(
    model: type[BaseModel], name: str, positions: Positions, error: ValidationError
) -> Iterator[Finding]:
    for problem in error.errors(include_url=False):
        path = tuple(part for part in problem["loc"] if part != "[key]")
        place = SourceLocation(name, *_nearest_position(positions, path))
        key = shorten_quote(".".join(str(part) for part in path))
        match problem["type"]:
            case "extra_forbidden":
                yield Finding(
                    "unknown-key", f"unknown key “{shorten_quote(str(path[-1]))}”{_did_you_mean(model, path)}", place
                )
            case "missing":
                yield Finding("missing-key", f"“{key}” is missing; add it", place)
            case "value_error":
                message = _shorten_input(str(problem["ctx"]["error"]), problem["input"])
                yield Finding("value", message if not key else f"“{key}”: {message}", place)
            case "too_short" if problem["input"]:
                pass  # pydantic counts only the valid items; the invalid ones have been reported
            case kind:
                given = problem["input"]
                actual = f", not “{shorten_quote(given)}”" if isinstance(given, str) else ""
                message = _EXPECTED_TYPES.get(kind) or _lower_first(problem["msg"]).replace("input should", "must")
                yield Finding("value", f"{f'“{key}”' if key else 'the file'} {message}{actual}", place)


def shorten_quote(text: str, longest: int = MAX_QUOTE_LENGTH) -> str:
    """Return a text as a finding may quote it: its first `longest` characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def _shorten_input(message: str, given: object) -> str:
    """Return the message of a validator with the input that it quotes shortened."""
    return (
        message.replace(given, shorten_quote(given))
        if isinstance(given, str) and len(given) > MAX_QUOTE_LENGTH
        else message
    )


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]


def _nearest_position(positions: Positions, path: KeyPath) -> tuple[int, int]:
    """Return the position of the longest part of `path` that is in the file."""
    while path and path not in positions:
        path = path[:-1]
    return positions.get(path, (1, 1))


def _did_you_mean(model: type[BaseModel], path: KeyPath) -> str:
    if issubclass(model, RootModel):
        model = next(_nested_models(model.model_fields["root"].annotation), model)
    for part in path[:-1]:
        if field := model.model_fields.get(str(part)):
            model = next(_nested_models(field.annotation), model)
    allowed = sorted(field.alias or name for name, field in model.model_fields.items())
    near = difflib.get_close_matches(str(path[-1]), allowed, n=1)
    return f"; did you mean “{near[0]}”?" if near else f"; use one of: {', '.join(allowed)}"


def _nested_models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models in a type annotation such as `Mapping[Slug, HandOut]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _nested_models(argument)
