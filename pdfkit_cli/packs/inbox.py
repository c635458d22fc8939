"""The inbox of a hot folder: which deliveries are complete, and which files are orphans."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from stat import S_ISDIR

from pdfkit_cli.errors import PdfkitError, Problem, SourceLocation, UsageError, utf8_safe
from pdfkit_cli.packs import job_list
from pdfkit_cli.packs.job_list import (
    LIST_SUFFIXES,
    MAX_LIST_BYTES,
    MAX_NAME_BYTES,
    MAX_SIDECAR_BYTES,
    JobRow,
    is_name_too_long,
    normalize_file_name,
    rejected_row,
)
from pdfkit_cli.packs.problems import make_problem, passes_by_itself
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.folders import FileStamp, Folder

SETTLE_SECONDS = 10.0
"""Seconds for which a file must be unchanged before it is opened: a copy in progress, or a scanner, writes more often."""

UNFINISHED_SECONDS = 30.0
"""Seconds for which an incomplete file may be unchanged before that is an error: a copy over a network may pause."""

ORPHAN_SECONDS = 600.0
"""Seconds that a letter waits for its sidecar or list, and a list for its letters."""

REPEAT_SECONDS = 60.0
"""The same for a letter whose name has just been packed: it may be the rest of a letter whose first pages were packed."""

RECENT_SECONDS = 3600.0
"""Seconds for which the name of a packed letter is remembered."""

IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini"})
"""Files that file managers create in every folder."""

PDF_END_BYTES = 1024
"""Number of bytes at the end of a PDF that must contain the end mark (ISO 32000-1, annex H, 3.4.4, as readers apply it)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A sidecar or a list with its jobs and letters, all complete; or an unusable file, with the reason in its only row.

    `ids` identifies each row by its job and by the state of its letter, so that other changes to a list do not matter.
    `seen` is the state of each file of the delivery: a file that arrives later under the same name is not part of it.
    """

    slip: Path
    rows: tuple[JobRow, ...]
    ids: tuple[str, ...]
    beside: tuple[Path, ...] = ()
    seen: Mapping[str, FileStamp] = field(default_factory=dict)

    def letters(self) -> tuple[Path, ...]:
        """Return its letters, each once. The letter of a sidecar is known by its name, even if the sidecar is invalid."""
        return tuple(dict.fromkeys((*self.beside, *(row.job.letter for row in self.rows if row.job))))


@dataclass(frozen=True, slots=True)
class _ObservedFile:
    """A file of the inbox, and the time since which it is unchanged."""

    seen: FileStamp
    since: float


class Inbox:
    """Polls a folder.

    Network drives do not report changes, so it compares what it sees; their clocks differ, so it uses its own.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._known: dict[str, _ObservedFile] = {}
        self._read_before: dict[str, tuple[FileStamp, tuple[JobRow, ...] | PdfkitError]] = {}
        self._packed: dict[str, float] = {}
        self._beside: dict[str, str] = {}
        self._spelled: dict[str, list[str]] = {}
        self.trouble: OSError | None = None
        """The error for a file that could not be inspected, if any; the other files were."""

    def look(self) -> list[Delivery]:
        """Return the complete deliveries, sorted by name. Raises OSError if the folder cannot be read."""
        now = self._clock()
        with Folder.at(self.folder) as folder:
            self._look(folder, now)
            self._read_before = {name: read for name, read in self._read_before.items() if name in self._known}
            self._packed = {name: when for name, when in self._packed.items() if now - when < RECENT_SECONDS}
            self._spelled = _normalized_names(self._known)
            self._beside = dict(_sidecar_letter_pairs(self._known, self._spelled))
            return list(self._deliveries(folder, now))

    def packed(self, name: str) -> None:
        """Remember that a letter of this name has been packed."""
        self._packed[normalize_file_name(name)] = self._clock()

    def _look(self, folder: Folder, now: float) -> None:
        before, self._known, self.trouble = self._known, {}, None
        for name in sorted(folder.names()):
            if name.startswith((".", "~")) or name.lower() in IGNORED_NAMES:
                continue
            try:
                found = folder.stat(name)
            except FileNotFoundError:  # removed just now
                continue
            except OSError as error:
                self.trouble = error
                continue
            if not S_ISDIR(found.st_mode):
                known, seen = before.get(name), FileStamp.of(found)
                self._known[name] = known if known and known.seen == seen else _ObservedFile(seen, now)

    def _deliveries(self, folder: Folder, now: float) -> Iterator[Delivery]:
        claimed: set[str] = set()
        for name in self._known:
            if Path(name).suffix.lower() not in (".json", *LIST_SUFFIXES):
                continue
            claimed |= {name, *(letter.name for letter in self._letter_of(name))}
            delivery = self._read(folder, name, now) if self._age(name, now) >= SETTLE_SECONDS else None
            if delivery:
                letters = {letter.name for letter in delivery.letters()}
                claimed |= letters
                late = self._age(name, now) >= ORPHAN_SECONDS
                if all(self._is_whole(folder, one, now) or (late and one not in self._known) for one in letters):
                    yield self._identified(delivery)
        for name in self._known:
            if name not in claimed and (problem := self._alone(name, now)):
                yield self._unusable(name, problem)

    def _alone(self, name: str, now: float) -> Problem | None:
        """Return the problem of an orphaned file, once it has waited for long enough; else None."""
        if not name.lower().endswith(".pdf"):
            return make_problem("unknown-type") if self._age(name, now) >= ORPHAN_SECONDS else None
        if normalize_file_name(name) in self._packed and self._age(name, now) >= REPEAT_SECONDS:
            return make_problem("repeat")
        return make_problem("orphan") if self._age(name, now) >= ORPHAN_SECONDS else None

    def _letter_of(self, sidecar: str) -> tuple[Path, ...]:
        letter = self._beside.get(sidecar)
        return (self.folder / letter,) if letter else ()

    def _age(self, name: str, now: float) -> float:
        return now - self._known[name].since if name in self._known else 0.0

    def _is_whole(self, folder: Folder, name: str, now: float) -> bool:
        """Return whether a letter is complete. One without an end mark counts as complete after some time."""
        age = self._age(name, now)
        if name not in self._known or age < SETTLE_SECONDS:
            return False
        return age >= UNFINISHED_SECONDS or (self._known[name].seen.alone and _has_pdf_end(folder, name))

    def _read(self, folder: Folder, name: str, now: float) -> Delivery | None:
        """Return a sidecar or list as a delivery; None while it is incomplete. Any fault in it affects no other delivery."""
        known = self._known[name]
        if not known.seen.alone:
            return self._unusable(name, make_problem("link"))
        if problem := _name_problem(name):
            return self._unusable(name, problem)
        try:
            rows = tuple(map(self._checked, self._rows(folder, name)))
        except Exception as error:
            if self._age(name, now) < _grace_seconds(error):
                return None
            return self._unusable(name, _read_problem(error))
        return Delivery(self.folder / name, rows, (), self._letter_of(name))

    def _identified(self, delivery: Delivery) -> Delivery:
        return replace(delivery, ids=tuple(map(self._id, delivery.rows)), seen=self._seen_of(delivery))

    def _rows(self, folder: Folder, name: str) -> tuple[JobRow, ...]:
        """Return the rows of a sidecar or list, which is read again only after it changed, also if it is invalid."""
        seen = self._known[name].seen
        before = self._read_before.get(name)
        if before is None or before[0] != seen:
            try:
                before = seen, self._parsed(folder, name, seen)
            except UsageError as error:
                before = seen, error
            self._read_before[name] = before
        if isinstance(before[1], PdfkitError):
            raise before[1]
        return before[1]

    def _parsed(self, folder: Folder, name: str, seen: FileStamp) -> tuple[JobRow, ...]:
        path = self.folder / name
        if path.suffix.lower() == ".json":
            data = folder.read(name, MAX_SIDECAR_BYTES + 1, seen)
            return (job_list.parse_sidecar(path, data, *(letter.name for letter in self._letter_of(name))),)
        return tuple(job_list.parse_list(path, folder.read(name, MAX_LIST_BYTES + 1, seen)))

    def _checked(self, row: JobRow) -> JobRow:
        """Reject a letter outside the inbox, since it would be moved from there.

        A letter may become a link after its sidecar was read.
        """
        if row.job is None:
            return row
        name = self._as_spelled(row.job.letter.name)
        if row.job.letter.parent != self.folder:
            return rejected_row(row.place, "outside")
        if name.startswith((".", "~")):
            return rejected_row(row.place, "name-start")
        if name in self._known and not self._known[name].seen.alone:
            return rejected_row(row.place, "outside")
        if problem := _name_problem(name):
            return JobRow(row.place, None, (problem,))
        if name == row.job.letter.name:
            return row
        return replace(row, job=row.job.model_copy(update={"letter": self.folder / name}))

    def _as_spelled(self, name: str) -> str:
        """Return the name of a letter as the folder spells it: “å” may be one code point in a list and two on a drive."""
        spelled = self._spelled.get(normalize_file_name(name), [])
        return spelled[0] if name not in self._known and len(spelled) == 1 else name

    def _id(self, row: JobRow) -> str:
        if row.job is None:
            return ""
        known = self._known.get(row.job.letter.name)
        state = f"{known.seen.size} {known.seen.changed} {known.seen.inode}" if known else ""
        said = json.dumps({key: str(value) for key, value in row.job.model_dump().items()})
        return hashlib.sha256(f"{state}\n{said}".encode()).hexdigest()[:32]

    def _seen_of(self, delivery: Delivery) -> dict[str, FileStamp]:
        names = (delivery.slip.name, *(letter.name for letter in delivery.letters()))
        return {name: self._known[name].seen for name in names if name in self._known}

    def _unusable(self, name: str, problem: Problem) -> Delivery:
        path = self.folder / name
        return self._identified(
            Delivery(path, (JobRow(SourceLocation(str(path)), None, (problem,)),), (), self._letter_of(name))
        )


def _name_problem(name: str) -> Problem | None:
    if is_name_too_long(name):
        return make_problem("long-name", bytes=MAX_NAME_BYTES)
    return None if name == utf8_safe(name) else make_problem("name-not-utf8")


def _normalized_names(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the PDFs of a folder, grouped by their names without differences of case and of Unicode composition."""
    found: dict[str, list[str]] = {}
    for name in names:
        if name.lower().endswith(".pdf"):
            found.setdefault(normalize_file_name(name), []).append(name)
    return found


def _sidecar_letter_pairs(names: Iterable[str], spelled: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield each sidecar with its letter: the one with exactly its name, else the only one with an equivalent name.

    A letter that several sidecars could refer to belongs to none of them.
    """
    sidecars = [name for name in names if Path(name).suffix.lower() == ".json"]
    rivals = Counter(normalize_file_name(Path(name).stem) for name in sidecars)
    for name in sidecars:
        stem = Path(name).stem
        letters = spelled.get(normalize_file_name(f"{stem}.pdf"), [])
        exact = [letter for letter in letters if Path(letter).stem == stem]
        if len(exact) == 1 or (len(letters) == 1 and rivals[normalize_file_name(stem)] == 1):
            yield name, (exact or letters)[0]


def _grace_seconds(error: Exception) -> float:
    """Return for how many seconds a sidecar or list may have this error before it fails.

    A copy may still be in progress, or a drive may come back.
    """
    if isinstance(error, PermissionError | FileNotFoundError | PdfkitError):
        return UNFINISHED_SECONDS
    if isinstance(error, OSError) and passes_by_itself(error):
        return ORPHAN_SECONDS
    return 0.0


def _read_problem(error: Exception) -> Problem:
    if isinstance(error, PdfkitError):
        return error.problem
    if isinstance(error, OSError):
        return make_problem("list-unreadable", reason=error.strerror)
    return fault_log.report(fault_log.internal_error(error).problem)


def _has_pdf_end(folder: Folder, name: str) -> bool:
    """Return whether a file has an end mark. An unreadable file has none."""
    try:
        return b"%%EOF" in folder.tail(name, PDF_END_BYTES)
    except (OSError, PdfkitError):
        return False
