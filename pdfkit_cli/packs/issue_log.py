"""The log of what went out: leaflets, versions and times, append-only, without data of letters or patients."""

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from filelock import FileLock

from pdfkit_cli.build.output_folder import WORK_FOLDER
from pdfkit_cli.errors import OutputError
from pdfkit_cli.system.folders import Folder

ISSUE_LOG: Final = "issued.jsonl"

_KEYS: Final = ("leaflet", "version", "digest", "clinic", "language", "time")
_TIME: Final = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])-\d\dT.*")


class IssueWay(StrEnum):
    """How a leaflet went out, as far as pdfkit knows."""

    PACK = "pack"
    """In a pack of a list or a hot folder."""

    PRINTER = "printer"
    """Sent to a printer of printers.yaml."""

    WINDOW = "window"
    """Sent to the print window of a browser, which does not say whether it was printed."""

    SAVED = "saved"
    """Saved at the desk as a file."""


class IssuedLeaflet(Protocol):
    """What is logged of a leaflet: document id, version, digest, clinic and language."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def clinic(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Issue:
    """A line of the log: copies of a leaflet that went out together. `time` is in UTC, ISO 8601."""

    leaflet: str
    version: str
    digest: str
    clinic: str
    language: str
    time: str
    way: IssueWay
    copies: int


@dataclass(frozen=True, slots=True)
class IssuedVersion:
    """One version of a leaflet's text that went out: how many copies, and the first and last time (UTC)."""

    leaflet: str
    version: str
    digest: str
    clinic: str
    language: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class IssuedMonth:
    """The copies that a clinic handed out in a language in a month of UTC (`2026-11`), by the way they went out."""

    month: str
    clinic: str
    language: str
    pack: int = 0
    printer: int = 0
    window: int = 0
    saved: int = 0

    @property
    def copies(self) -> int:
        """The copies of all ways."""
        return self.pack + self.printer + self.window + self.saved


@dataclass(frozen=True, slots=True)
class IssuedClinic:
    """The copies that a clinic handed out, by the way they went out, and the last time (UTC), empty if there were none."""

    clinic: str
    pack: int = 0
    printer: int = 0
    window: int = 0
    saved: int = 0
    last: str = ""


def read_issues(out: Path) -> Iterator[Issue]:
    """Yield what went out, in the order of the log; lines that are torn or not understood are skipped. Raises OutputError."""
    for line in read_json_lines(out / ISSUE_LOG):
        copies, way = line.get("copies", 1), line.get("way", IssueWay.PACK)
        texts = [text for name in _KEYS if isinstance(text := line.get(name), str)]
        if len(texts) == len(_KEYS) and way in list(IssueWay) and type(copies) is int and copies > 0:
            leaflet, version, digest, clinic, language, time = texts
            if _TIME.fullmatch(time):
                yield Issue(leaflet, version, digest, clinic, language, time, IssueWay(way), copies)


def issued_versions(issues: Iterable[Issue]) -> list[IssuedVersion]:
    """Return the versions that went out, the latest last."""
    found: dict[tuple[str, str, str, str, str], list[Issue]] = defaultdict(list)
    for issue in issues:
        found[issue.leaflet, issue.version, issue.digest, issue.clinic, issue.language].append(issue)
    versions = []
    for key, same in found.items():
        times = [issue.time for issue in same]
        versions.append(IssuedVersion(*key, sum(issue.copies for issue in same), min(times), max(times)))
    return sorted(versions, key=lambda one: one.last)


def issued_months(issues: Iterable[Issue]) -> list[IssuedMonth]:
    """Return what went out by month, clinic and language, the latest month first."""
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for issue in issues:
        counts[issue.time[:7], issue.clinic, issue.language][issue.way] += issue.copies
    months = [
        IssuedMonth(*key, way[IssueWay.PACK], way[IssueWay.PRINTER], way[IssueWay.WINDOW], way[IssueWay.SAVED])
        for key, way in sorted(counts.items())
    ]
    return sorted(months, key=lambda one: one.month, reverse=True)


def issued_clinics(issues: Iterable[Issue], also: Iterable[str]) -> list[IssuedClinic]:
    """Return what went out by clinic, sorted by name, with other clinics from which nothing went out."""
    counts: dict[str, Counter[str]] = {clinic: Counter() for clinic in also}
    last: dict[str, str] = {}
    for issue in issues:
        counts.setdefault(issue.clinic, Counter())[issue.way] += issue.copies
        last[issue.clinic] = max(last.get(issue.clinic, ""), issue.time)
    return [
        IssuedClinic(
            clinic,
            way[IssueWay.PACK],
            way[IssueWay.PRINTER],
            way[IssueWay.WINDOW],
            way[IssueWay.SAVED],
            last.get(clinic, ""),
        )
        for clinic, way in sorted(counts.items())
    ]


def months_csv(months: Iterable[IssuedMonth]) -> str:
    """Return CSV with a row for each month, clinic and language."""
    written = io.StringIO()
    columns = ("month", "clinic", "language", *IssueWay, "copies")
    table = csv.DictWriter(written, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(month) | {"copies": month.copies} for month in months)
    return written.getvalue()


def issued_ids(out: Path) -> set[str]:
    """Return the document ids of all leaflets that ever went out. Raises OutputError."""
    return {line["leaflet"] for line in read_json_lines(out / ISSUE_LOG) if isinstance(line.get("leaflet"), str)}


def issue_entries(leaflets: Iterable[IssuedLeaflet], number: str, now: datetime) -> list[dict[str, str]]:
    """Return the log entries for leaflets that go out together under a random number; nothing about a letter, not even its name."""
    time = now.isoformat(timespec="seconds")
    return [
        {
            "time": time,
            "leaflet": one.id,
            "version": one.version,
            "digest": one.digest,
            "clinic": one.clinic,
            "language": one.language,
            "pack": number,
        }
        for one in leaflets
    ]


def append_once(
    out: Path, leaflets: Iterable[IssuedLeaflet], number: str, now: datetime, way: IssueWay, copies: int = 1
) -> None:
    """Log leaflets that went out together, unless their number is in the log: so a press that is sent twice counts once.

    Other processes may append at the same time. Raises OSError, OutputError.
    """
    entries = [entry | {"way": way, "copies": copies} for entry in issue_entries(leaflets, number, now)]
    with Folder.at(out) as opened, opened.ours(WORK_FOLDER, new=True) as work, FileLock(work.path / "issued.lock"):
        if f'"{number}"'.encode() not in _read(out / ISSUE_LOG):
            append_json_lines(out / ISSUE_LOG, entries)


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects in a log, which is empty if the file does not exist.

    A torn last line is skipped. Raises OutputError.
    """
    yield from parse_json_lines(_read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be read: {error.strerror}", hint="may it be read by whoever runs this?"
        ) from None


def parse_json_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the objects in JSON lines; other lines are skipped."""
    for line in data.decode("utf-8", "replace").split("\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def append_json_lines(path: Path, values: Sequence[Mapping[str, object]]) -> None:
    """Append lines to a log that only its owner can read, and wait until they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Folder.at(path.parent) as folder:
        folder.append(path.name, dump_json_lines(values))


def dump_json_lines(values: Sequence[Mapping[str, object]]) -> bytes:
    """Return JSON lines in ASCII, since a file name need not be UTF-8."""
    return "".join(json.dumps(value) + "\n" for value in values).encode()
