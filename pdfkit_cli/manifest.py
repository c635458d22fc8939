"""What stands in the output folder and what each file was made from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, TypeAdapter, ValidationError

from pdfkit_cli.inputs import Group
from pdfkit_cli.pdf.remarks import Remark


@dataclass(frozen=True, slots=True)
class Entry:
    """One PDF: who it is for, what it was made from (`key`, `inputs`), and how to know it again (`sha256` and stat)."""

    clinic: str
    leaflet: str
    language: str
    variant: str
    format: str
    id: str
    version: str
    status: str
    digest: str
    title: str
    pages: int
    key: str
    inputs: tuple[str, ...]
    sha256: str
    bytes: int
    mtime_ns: int
    remarks: tuple[Remark, ...] = ()
    allowed: tuple[str, ...] = ()
    """Codes of the errors that it was built in spite of."""

    text: str = ""
    """Digest of the leaflet's own words and pictures, without the facts of the clinic."""

    whole: str = ""
    """Why it was rendered whole; nothing where the clinic's matter was imprinted on a body that clinics share."""

    body: str = ""
    """The name of that body: PDFs with the same one differ in the clinic's matter alone."""


def _below(path: str) -> str:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("leads out of the output folder")
    return path


PdfPath = Annotated[str, AfterValidator(_below)]
"""Where a file stands below the output folder."""


SCHEMA: Final = 2


@dataclass(slots=True)
class Manifest:
    """What each file is; `pending` are those that an unfinished build may have changed, with what they were before."""

    files: dict[PdfPath, Entry] = field(default_factory=dict)
    inputs: dict[str, Group] = field(default_factory=dict)
    pending: dict[PdfPath, Entry | None] = field(default_factory=dict)
    pages: tuple[PdfPath, ...] = ()
    """Pages of the catalogue that a build may replace or remove; not each needs to be there."""

    schema: Literal[2] = SCHEMA
    """Raised when the meaning of the file changes; a manifest of another schema is not read."""

    @property
    def owned(self) -> set[str]:
        """Every path that a build may remove or replace."""
        return {*self.pending, *self.files}

    def entry(self, path: str) -> Entry | None:
        """Return what a file is, or was before an unfinished build."""
        return self.files.get(path) or self.pending.get(path)

    def dump(self) -> str:
        """Return the manifest as JSON, one file a line; groups that nothing refers to are left out."""
        entries = (*self.files.values(), *self.pending.values())
        used = {group for entry in entries if entry for group in entry.inputs}
        return "\n".join(
            [
                "{",
                f'"schema": {self.schema},',
                f'"files": {_lines(self.files)},',
                f'"inputs": {_lines({name: group for name, group in self.inputs.items() if name in used})},',
                f'"pages": {_json(self.pages)},',
                f'"pending": {_lines(self.pending)}',
                "}\n",
            ]
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal: a file that was put in place, or removed."""

    path: PdfPath
    entry: Entry | None


_SCHEMA = re.compile(rb'\{\s*"schema":\s*(\d{1,9})\b')
_MANIFEST, _LINE = TypeAdapter(Manifest), TypeAdapter(Line)


class DamagedError(ValueError):
    """A manifest that is not whole, or of another version of pdfkit."""


def parse(text: bytes) -> Manifest:
    """Read a manifest. Raises DamagedError: what it listed must not be forgotten."""
    try:
        return _MANIFEST.validate_json(text)
    except ValidationError:
        found = _SCHEMA.match(text)
        if found and int(found[1]) != SCHEMA:
            raise DamagedError("was written by another version of pdfkit") from None
        raise DamagedError("is damaged") from None


def parse_line(text: bytes) -> Line | None:
    """Read a line of the journal; None is one that cannot be read."""
    try:
        return _LINE.validate_json(text)
    except ValidationError:
        return None


def dump_line(line: Line) -> str:
    """Return a line of the journal, with its end."""
    return _json({"entry": line.entry, "path": line.path}) + "\n"


def _lines(values: Mapping[str, Any]) -> str:
    """Return a JSON object with one line for each key."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_json(values[key])}" for key in sorted(values)) + "\n}"


def _json(value: object) -> str:
    return _ENCODER.encode(value)


def _values(part: Any) -> dict[str, Any]:
    """Return what JSON does not know as what it does; `asdict` would copy every value first."""
    return {name: getattr(part, name) for name in _NAMES[type(part)]}


_NAMES = {kind: tuple(field.name for field in fields(kind)) for kind in (Entry, Remark)}
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_values)
