"""`recalls.yaml`: the versions of leaflets that must not be handed out any more, and why."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import ConfigDict, Field, RootModel, ValidationError

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.models import DocumentId, IsoDate, StrictModel, TextPattern, Version
from pdfkit_cli.errors import OutputError, SourceError, SourceLocation, UsageError

if TYPE_CHECKING:
    from pdfkit_cli.content.library import Library

RECALLS_FILE: Final = "recalls.yaml"

_HEADER: Final = (
    "# yaml-language-server: $schema=.schemas/recalls.json\n"
    "# Sheets with a version below these must not be handed out any more. Delete an entry to undo it.\n"
)


class Recall(StrictModel):
    """The recall of all versions of a leaflet below one."""

    below: Version = Field(description="Sheets with a lower version are recalled.")
    because: Annotated[str, TextPattern(r"[^\n\r]{1,300}", "a reason in one line of 1 to 300 characters")] = Field(
        description="Why, as the staff will read it."
    )
    date: IsoDate = Field(description="The day of the recall.")

    def covers(self, version: str) -> bool:
        """Return whether a version is recalled; what is no version is not."""
        return bool(re.fullmatch(r"\d+(\.\d+)*", version, re.ASCII)) and version_number(version) < version_number(
            self.below
        )


class Recalls(RootModel[Mapping[DocumentId, Recall]]):
    """`recalls.yaml`: recalls by the document id of the leaflet."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


@dataclass(frozen=True, slots=True)
class RecordedRecall:
    """A recall, and its place in recalls.yaml."""

    recall: Recall
    place: SourceLocation


def version_number(version: str) -> tuple[int, ...]:
    """Return a version in a form that can be compared: 1.10 is later than 1.9, and 1.0 equals 1."""
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def record_recall(library: "Library", id: str, below: str, because: str, today: date) -> RecordedRecall:
    """Enter a recall in recalls.yaml. If one that goes as far is there already, nothing is written, and that is returned.

    Raises UsageError if the version or the reason is not valid, and OutputError if the file cannot be written.
    """
    known = library.recalls.model.root.get(id)
    recall = _validated(below, because, today)
    if known and version_number(known.below) >= version_number(recall.below):
        return RecordedRecall(known, library.recalls.place(id))
    path, source = library.root / RECALLS_FILE, library.recalls.source
    lines = (source.text or _HEADER).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start, end = _lines_of(lines, library.recalls.place(id).line)
    lines[start:end] = _entry(id, recall)
    text = "".join(lines)
    place = _place_of(text, source.name, id, recall)
    _write(path, text)
    return RecordedRecall(recall, place)


def _validated(below: str, because: str, today: date) -> Recall:
    try:
        return Recall(below=below, because=because, date=today)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise UsageError(f"--{wrong['loc'][0]}: {wrong['ctx']['error']}") from None


def _lines_of(lines: list[str], line: int) -> tuple[int, int]:
    """Return where the entry that begins on a line is, as a slice; without one (0), the end of the file."""
    if not line:
        return len(lines), len(lines)
    end = line
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    return line - 1, end


def _entry(id: str, recall: Recall) -> list[str]:
    because = json.dumps(recall.because, ensure_ascii=False)  # what JSON quotes, YAML reads the same
    return [f"{id}:\n", f'  below: "{recall.below}"\n', f"  because: {because}\n", f"  date: {recall.date}\n"]


def _place_of(text: str, name: str, id: str, recall: Recall) -> SourceLocation:
    """Return the place of a recall in the text to be written. Raises OutputError if it would not be read as it was meant."""
    try:
        source = yaml_source.decode(text.encode(), name)
        parsed = yaml_source.parse_yaml(source)
        if yaml_source.validate_model(Recalls, source, parsed).root.get(id) == recall:
            return SourceLocation(name, *parsed.positions[id,])
    except SourceError:
        pass
    raise OutputError(
        f"{name}: the recall cannot be entered there",
        hint="".join(["write it by hand:\n", *_entry(id, recall)]).rstrip(),
    )


def _write(path: Path, text: str) -> None:
    """Write the file atomically. Raises OutputError if it cannot be written."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
