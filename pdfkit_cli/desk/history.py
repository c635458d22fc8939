"""The history of a leaflet or a clinic: who did what, and when. It is a file of the library to which entries are only added.

The desk alone writes it, and git shows each deed as lines that were added.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path

from pydantic import RootModel

from pdfkit_cli.content import files, yaml_edit, yaml_source
from pdfkit_cli.content.models import StrictModel
from pdfkit_cli.desk.templating import ProblemError
from pdfkit_cli.errors import SourceError

FOLDER = "history"
"""The folder of the library; below it are those of `content` and `clinics`."""

_HEAD = "# Written by the desk: who did what, and when. The latest is last.\n"


class Deed(StrEnum):
    """What somebody did."""

    REMARKED = "remarked"
    SETTLED = "settled"
    APPROVED = "approved"
    REVIEWED = "reviewed"
    CHANGED = "changed"
    TRANSLATED = "translated"


class HistoryEntry(StrictModel):
    """One deed: `text` is the digest of the leaflet's text that was read, `edition` that of the sheet, as at its foot."""

    when: datetime
    who: str
    did: Deed
    language: str = ""
    version: str = ""
    review_by: str = ""
    text: str = ""
    edition: str = ""
    remark: str = ""
    """The name of a remark, for the entry that settles it."""

    passage: str = ""
    """The digest of the passage that a remark is on."""

    excerpt: str = ""
    words: str = ""
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def name(self) -> str:
        """A name for the entry, the same in every copy of the library."""
        return yaml_source.sha256_hex(f"{self.when.isoformat()} {self.who} {self.words}".encode())[:12]


class History(RootModel[tuple[HistoryEntry, ...]]):
    """The entries of a file, the oldest first."""


def load_history(root: Path, kind: str, name: str) -> tuple[HistoryEntry, ...]:
    """Return the history of a leaflet (`content`) or a clinic (`clinics`). Raises SourceError if its file cannot be read."""
    path = root / FOLDER / kind / f"{name}.yaml"
    if not files.exists(path, path.as_posix()):
        return ()
    source = yaml_source.read_text(path, path.as_posix(), root)
    parsed = yaml_source.parse_yaml(source)
    return yaml_source.validate_model(History, source, parsed._replace(data=parsed.data or [])).root


def read_history(root: Path, kind: str, name: str) -> tuple[HistoryEntry, ...]:
    """Return a history for a page. Raises ProblemError if its file cannot be read."""
    try:
        return load_history(root, kind, name)
    except SourceError as error:
        raise ProblemError("history_broken", HTTPStatus.CONFLICT, file=error.findings[0].place) from None


def add_entries(root: Path, kind: str, name: str, entries: Sequence[HistoryEntry]) -> None:
    """Add entries. Raises SourceError if the file cannot be read, OutputError if it cannot be written."""
    load_history(root, kind, name)
    path = root / FOLDER / kind / f"{name}.yaml"
    before = yaml_source.read_text(path, path.as_posix(), root).text if files.exists(path, path.as_posix()) else _HEAD
    yaml_edit.write_file(path, before.rstrip("\n") + "\n" + "".join(map(_written, entries)))


def _written(entry: HistoryEntry) -> str:
    values = {name: value for name, value in entry.model_dump(mode="json").items() if value}
    lines = [f"{name}: {json.dumps(_plain(value), ensure_ascii=False)}" for name, value in values.items()]
    return "- " + "\n  ".join(lines) + "\n"


def _plain(words: str) -> str:
    """Return words without what no file of a library may have; lines stay lines."""
    return "\n".join(
        "".join(sign if sign.isprintable() else " " for sign in line).rstrip() for line in words.splitlines()
    )


def open_remarks(entries: Sequence[HistoryEntry], language: str) -> tuple[HistoryEntry, ...]:
    """Return the remarks on a text that nobody has settled."""
    settled = {entry.remark for entry in entries if entry.did is Deed.SETTLED}
    return tuple(
        entry
        for entry in entries
        if entry.did is Deed.REMARKED and entry.language == language and entry.name not in settled
    )
