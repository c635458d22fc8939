"""The manifest of the output folder: each file, and what it was made from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, TypeAdapter, ValidationError

from pdfkit_cli.rendering.toolchain import InputGroup
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One PDF: its edition, what it was made from (`key`, `inputs`), and how to recognise it (`sha256`, `bytes`, `mtime_ns`)."""

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
    remarks: tuple[TypographicWarning, ...] = ()
    allowed: tuple[str, ...] = ()
    """Codes of the errors that were allowed when it was built."""

    text: str = ""
    """Digest of the leaflet's own text and pictures, without the facts of the clinic."""

    whole: str = ""
    """Why it was rendered in full, a value of `UnsharedReason`; empty if it was imprinted on a shared body."""

    body: str = ""
    """The key of that body: PDFs with the same one differ only in the clinic's own content."""


def _validate_relative_path(path: str) -> str:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError("leads out of the output folder")
    return path


OutputPath = Annotated[str, AfterValidator(_validate_relative_path)]
"""Path of a file in the output folder."""


SCHEMA_VERSION: Final = 2


@dataclass(slots=True)
class Manifest:
    """The files of the output folder; `pending` are those that an unfinished build may have changed, with their earlier entries."""

    files: dict[OutputPath, ManifestEntry] = field(default_factory=dict)
    inputs: dict[str, InputGroup] = field(default_factory=dict)
    pending: dict[OutputPath, ManifestEntry | None] = field(default_factory=dict)
    pages: tuple[OutputPath, ...] = ()
    """Pages of the catalogue that a build may replace or remove; some may be missing."""

    schema: Literal[2] = SCHEMA_VERSION
    """Incremented when the meaning of the file changes; a manifest with another schema is not read."""

    @property
    def owned(self) -> set[str]:
        """Every path that a build may remove or replace."""
        return {*self.pending, *self.files}

    def entry(self, path: str) -> ManifestEntry | None:
        """Return the entry of a file, or the one from before an unfinished build."""
        return self.files.get(path) or self.pending.get(path)

    def dump(self) -> str:
        """Return the manifest as JSON with one file per line, without unused input groups."""
        entries = (*self.files.values(), *self.pending.values())
        used = {group for entry in entries if entry for group in entry.inputs}
        return "\n".join(
            [
                "{",
                f'"schema": {self.schema},',
                f'"files": {_json_lines(self.files)},',
                f'"inputs": {_json_lines({name: dict(sorted(group.items())) for name, group in self.inputs.items() if name in used})},',
                f'"pages": {_to_json(self.pages)},',
                f'"pending": {_json_lines(self.pending)}',
                "}\n",
            ]
        )


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the journal: a file that was published, or removed."""

    path: OutputPath
    entry: ManifestEntry | None


_SCHEMA = re.compile(rb'\{\s*"schema":\s*(\d{1,9})\b')
_MANIFEST, _LINE, _ANY = TypeAdapter(Manifest), TypeAdapter(JournalLine), TypeAdapter[Any](Any)


class DamagedManifestError(ValueError):
    """The manifest is damaged, or was written by another version of pdfkit."""


def parse_manifest(text: bytes) -> Manifest:
    """Read a manifest. Raises DamagedManifestError: what it listed must not be forgotten."""
    try:
        return _MANIFEST.validate_json(text)
    except ValidationError:
        found = _SCHEMA.match(text)
        if found and int(found[1]) != SCHEMA_VERSION:
            raise DamagedManifestError("was written by another version of pdfkit") from None
        raise DamagedManifestError("is damaged") from None


def parse_line(text: bytes) -> JournalLine | None:
    """Read a line of the journal; None if it is damaged."""
    try:
        return _LINE.validate_json(text)
    except ValidationError:
        return None


def dump_line(line: JournalLine) -> str:
    """Return a line of the journal, with its line feed."""
    return _to_json(line) + "\n"


def _json_lines(values: Mapping[str, Any]) -> str:
    """Return a JSON object with one line per key."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_to_json(values[key])}" for key in sorted(values)) + "\n}"


def _to_json(value: object) -> str:
    return _ANY.dump_json(value).decode()
