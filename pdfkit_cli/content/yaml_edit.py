"""Changes single values of a YAML file in its text: comments, order and everything else stay as they are.

What comes out is not validated: load it again before it takes the place of the file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pdfkit_cli.content.yaml_source import KeyPath
from pdfkit_cli.errors import OutputError
from pdfkit_cli.system import durable


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a value is in a text, and whether it is a scalar."""

    start: int
    end: int
    scalar: bool


def replace_values(text: str, values: Mapping[KeyPath, Any], after: str = "") -> str:
    """Return a YAML text with other values: strings, dates, or lists and mappings, which are written on one line.

    A top-level key that is missing is added on a line of its own, below the value of the key `after` and in the order given.
    Comments inside a list or a mapping that is replaced are kept above its key. Raises KeyError for any other missing key.
    """
    spans = _spans(text)
    edits = [_replacement(text, spans[path], path, value) for path, value in values.items() if path in spans]
    missing = {path: value for path, value in values.items() if path not in spans}
    if missing:
        if any(len(path) > 1 for path in missing):
            raise KeyError(*missing)
        at = _line_end(text, spans[after,].end)
        added = "".join(f"\n{path[0]}: {_inline(value)}" for path, value in missing.items())
        edits.append((at, at, added))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def has_value(text: str, path: KeyPath) -> bool:
    """Return whether a YAML text has a value at a path."""
    return path in _spans(text)


def write_file(path: Path, text: str) -> None:
    """Write a file of the library as a whole or not at all, with the line ends and the mark that it had. Raises OutputError."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        before = path.read_bytes() if path.exists() else b""
        if b"\r\n" in before:
            text = text.replace("\n", "\r\n")
        mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(mark + text.encode())
        if before:
            temporary.chmod(path.stat().st_mode & 0o7777)
        durable.sync((temporary,))
        temporary.replace(path)
        durable.sync((path.parent,))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


def _replacement(text: str, span: _Span, path: KeyPath, value: Any) -> tuple[int, int, str]:
    old = text[span.start : span.end]
    if span.scalar:
        return span.start, span.end, _scalar(old, value) if not isinstance(value, list | dict) else _inline(value)
    start = span.start
    if old.startswith(("[", "{")):
        return start, span.end, _inline(value)
    line = text.rfind("\n", 0, start) + 1
    key = text.rfind(f"{path[-1]}:", 0, start)  # a block begins on the line after its key
    first = text.rfind("\n", 0, key) + 1
    notes = "".join(f"{each.strip()}\n" for each in text[key : span.end].split("\n") if each.strip().startswith("#"))
    assert line > first
    return first, span.end, f"{notes}{path[-1]}: {_inline(value)}"


def _scalar(old: str, value: Any) -> str:
    """Return a scalar, in double quotation marks if the old one had them."""
    return json.dumps(value, ensure_ascii=False) if old.startswith('"') and isinstance(value, str) else _inline(value)


def _inline(value: Any) -> str:
    """Return a value on one line, as it may also be inside a list."""
    written = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, sort_keys=False, width=float("inf"))
    return str(written).strip().removeprefix("[").removesuffix("]")


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _spans(text: str) -> dict[KeyPath, _Span]:
    """Return where each value is; the end of a block is that of its last value."""
    events = yaml.parse(text, Loader=yaml.SafeLoader)
    next(events), next(events)
    return dict(_node(next(events), events, ()))


def _node(event: Any, events: Iterator[Any], path: KeyPath) -> Iterator[tuple[KeyPath, _Span]]:
    inside: list[tuple[KeyPath, _Span]] = []
    last = event
    if isinstance(event, yaml.MappingStartEvent):
        while not isinstance(last := next(events), yaml.MappingEndEvent):
            inside += _node(next(events), events, (*path, last.value))
    elif isinstance(event, yaml.SequenceStartEvent):
        while not isinstance(last := next(events), yaml.SequenceEndEvent):
            number = sum(len(each) == len(path) + 1 for each, _ in inside)
            inside += _node(last, events, (*path, number))
    end: int = last.end_mark.index
    if (
        isinstance(event, yaml.CollectionStartEvent) and not event.flow_style
    ):  # its own end is where the next key begins
        end = max((span.end for _, span in inside), default=end)
    yield path, _Span(event.start_mark.index, end, isinstance(event, yaml.ScalarEvent))
    yield from inside
