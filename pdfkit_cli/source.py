"""A file to data with positions; a model's error to a finding with its place."""

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pdfkit_cli.errors import Finding, Place, SourceError

KeyPath: TypeAlias = tuple[str | int, ...]
Positions: TypeAlias = Mapping[KeyPath, tuple[int, int]]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source:
    """A text file of the library: its name as the user types it, its text with `\\n` line ends, its digest."""

    name: str
    text: str
    digest: str


class Yaml(NamedTuple):
    """Data of a YAML file, every scalar a string, and where each key path stands (line, column from 1)."""

    data: Any
    positions: Positions


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(path: Path, name: str) -> Source:
    """Read a UTF-8 file; a byte order mark and Windows line ends are fine.

    Raises SourceError where the file cannot be read or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _error("unreadable", name, f"cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise _error("encoding", name, message, line, column) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(name, text, digest(raw))


def parse_yaml(source: Source, text: str | None = None, first_line: int = 1) -> Yaml:
    """Parse YAML so that `0712` stays a string and `no` a word.

    `text` and `first_line` parse a part of the source, such as front matter. Raises SourceError.
    """
    try:
        node = yaml.compose(source.text if text is None else text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        raise _error("yaml", source.name, f"broken YAML: {error.problem or error.context}", line, column) from None
    except yaml.reader.ReaderError as error:
        raise _error("yaml", source.name, f"broken YAML: {error.reason} (U+{ord(str(error.character)):04X})") from None
    if node is None:
        return Yaml({}, {(): (first_line, 1)})
    positions: dict[KeyPath, tuple[int, int]] = {}
    duplicates: list[Finding] = []

    def position(mark: Any) -> tuple[int, int]:
        return mark.line + first_line, mark.column + 1

    def build(node: yaml.Node, path: KeyPath, open_nodes: frozenset[int]) -> Any:
        positions.setdefault(path, position(node.start_mark))
        if id(node) in open_nodes:
            raise _error("yaml", source.name, "an anchor contains itself", *position(node.start_mark))
        inside = open_nodes | {id(node)}
        if isinstance(node, yaml.MappingNode):
            mapping: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key, place = str(key_node.value), position(key_node.start_mark)
                if key in mapping:
                    message = f"“{key}” stands here twice; keep one"
                    duplicates.append(Finding("duplicate-key", message, Place(source.name, *place)))
                positions[(*path, key)] = place
                mapping[key] = build(value_node, (*path, key), inside)
            return mapping
        if isinstance(node, yaml.SequenceNode):
            return [build(item, (*path, index), inside) for index, item in enumerate(node.value)]
        return None if node.value == "" and not getattr(node, "style", None) else node.value

    data = build(node, (), frozenset())
    if duplicates:
        raise SourceError(duplicates)
    return Yaml(data, positions)


def validate(model: type[M], source: Source, parsed: Yaml) -> M:
    """Make a model of parsed YAML. Raises SourceError with every problem, each at its line and column."""
    data = {} if parsed.data is None else parsed.data
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise SourceError(_model_findings(model, source.name, parsed.positions, error)) from None


def load(model: type[M], path: Path, name: str) -> tuple[M, Source]:
    """Read and validate one YAML file. Raises SourceError."""
    source = read(path, name)
    return validate(model, source, parse_yaml(source)), source


def _error(code: str, name: str, message: str, line: int = 0, column: int = 0) -> SourceError:
    return SourceError([Finding(code, message, Place(name, line, column))])


def _model_findings(
    model: type[BaseModel], name: str, positions: Positions, error: ValidationError
) -> Iterator[Finding]:
    for problem in error.errors(include_url=False):
        path = tuple(part for part in problem["loc"] if part != "[key]")
        place = Place(name, *_nearest(positions, path))
        key = ".".join(str(part) for part in path)
        match problem["type"]:
            case "extra_forbidden":
                yield Finding("unknown-key", f"unknown key “{path[-1]}”{_did_you_mean(model, path)}", place)
            case "missing":
                yield Finding("missing-key", f"“{key}” is missing; add it", place)
            case "value_error":
                message = str(problem["ctx"]["error"])
                yield Finding("value", message if not key else f"{key}: {message}", place)
            case _:
                given = problem["input"]
                said = f", not “{given}”" if isinstance(given, str) else ""
                message = problem["msg"].removeprefix("Value error, ").replace("Input should", "should")
                yield Finding("value", f"“{key}” {_lower(message)}{said}" if key else message, place)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _nearest(positions: Positions, path: KeyPath) -> tuple[int, int]:
    """Return the position of the deepest part of `path` that stands in the file."""
    while path and path not in positions:
        path = path[:-1]
    return positions.get(path, (1, 1))


def _did_you_mean(model: type[BaseModel], path: KeyPath) -> str:
    allowed = list(model.model_fields) if len(path) == 1 else []
    near = difflib.get_close_matches(str(path[-1]), allowed, n=1)
    if near:
        return f"; did you mean “{near[0]}”?"
    return f"; use one of: {', '.join(sorted(allowed))}" if allowed else "; remove it"
