"""The inbox of a hot folder: what has come whole, and what was never finished."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pdfkit_cli import jobs
from pdfkit_cli.errors import Place, UsageError, in_words
from pdfkit_cli.jobs import LISTS, Row

SETTLED = 2.0
"""Seconds that a file must stay as it is before it is opened: whoever copies it writes more often."""

UNFINISHED = 30.0
"""Seconds that a file without its end may stay as it is, before that is an error: a copy over a network may pause."""

ALONE = 600.0
"""Seconds that a letter waits for what says what goes behind it, and a list for its letters."""

NOBODYS = frozenset({"thumbs.db", "desktop.ini"})
"""What a file manager leaves in every folder."""

_ALONE = "nothing says what goes behind it; put a JSON file of the same name beside it, or name it in a list"
_STRANGE = "it is no letter (PDF), no sidecar (JSON) and no list (CSV, JSON lines); put such a file there"

PDF_END = 1024
"""Bytes in which a PDF has its end mark (ISO 32000-1, annex H, 3.4.4, as readers take it)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A sidecar or a list with the jobs in it, all of it there; or a file that nobody can use, with the reason in its one row.

    `ids` names each row by the job and by what was seen of its letter: whatever else changes in a list, it is the same letter.
    """

    slip: Path
    rows: tuple[Row, ...]
    ids: tuple[str, ...]
    beside: tuple[Path, ...] = ()

    def letters(self) -> tuple[Path, ...]:
        """Return the letters of it, each once; that of a sidecar is known by its name, whatever is wrong with the sidecar."""
        return tuple(dict.fromkeys((*self.beside, *(row.job.letter for row in self.rows if row.job))))


@dataclass(frozen=True, slots=True)
class _Seen:
    size: int
    changed: int
    since: float


class Inbox:
    """Looks into a folder again and again. Network drives tell nobody of a change, so it compares; and their clocks differ, so it asks its own."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._read_before: dict[str, tuple[_Seen, tuple[Row, ...]]] = {}

    def look(self) -> list[Delivery]:
        """Return what can be dealt with now, in the order of names. Raises OSError where the folder cannot be read."""
        now, before = self._clock(), self._seen
        self._seen = {}
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith((".", "~")) or path.name.lower() in NOBODYS or path.is_dir():
                continue
            try:
                stat = path.lstat()
            except FileNotFoundError:  # taken away just now
                continue
            known = before.get(path.name)
            if known is None or (known.size, known.changed) != (stat.st_size, stat.st_mtime_ns):
                known = _Seen(stat.st_size, stat.st_mtime_ns, now)
            self._seen[path.name] = known
        self._read_before = {name: read for name, read in self._read_before.items() if self._seen.get(name) == read[0]}
        return list(self._deliveries(now))

    def _deliveries(self, now: float) -> Iterator[Delivery]:
        claimed: set[str] = set()
        for name in self._seen:
            path = self.folder / name
            if path.suffix.lower() not in (".json", *LISTS):
                continue
            claimed |= {name, *(letter.name for letter in self._beside(path))}
            delivery = self._read(path, now) if self._age(name, now) >= SETTLED else None
            if delivery:
                letters = {letter.name for letter in delivery.letters()}
                claimed |= letters
                late = self._age(name, now) >= ALONE
                if all(self._whole(letter, now) or (late and letter not in self._seen) for letter in letters):
                    yield delivery
        for name in self._seen:
            if name not in claimed and self._age(name, now) >= ALONE:
                yield self._unusable(self.folder / name, _ALONE if name.lower().endswith(".pdf") else _STRANGE)

    def _letters(self, stem: str) -> list[str]:
        return [name for name in self._seen if name.lower() == f"{stem}.pdf".lower()]

    def _age(self, name: str, now: float) -> float:
        return now - self._seen[name].since if name in self._seen else 0.0

    def _whole(self, name: str, now: float) -> bool:
        """Say whether a letter is there as it will stay. One without an end is taken for what it is, after a time."""
        age = self._age(name, now)
        if name not in self._seen or age < SETTLED:
            return False
        return age >= UNFINISHED or _has_end(self.folder / name)

    def _read(self, path: Path, now: float) -> Delivery | None:
        """Return what a sidecar or list says; None while it is half a file."""
        if not path.is_file() or path.is_symlink():
            return self._unusable(path, "it is no file of its own; put the file itself there")
        try:
            rows = self._rows(path)
        except (UsageError, PermissionError, FileNotFoundError) as error:
            if self._age(path.name, now) < UNFINISHED:
                return None
            return self._unusable(path, in_words(error))
        return Delivery(path, rows, tuple(map(self._id, rows)), self._beside(path))

    def _beside(self, path: Path) -> tuple[Path, ...]:
        names = self._letters(path.stem) if path.suffix.lower() == ".json" else []
        return tuple(self.folder / name for name in names[:1])

    def _rows(self, path: Path) -> tuple[Row, ...]:
        if path.name not in self._read_before:
            seen = self._seen[path.name]
            data = path.read_bytes()
            if path.suffix.lower() == ".json":
                rows: Iterable[Row] = [jobs.sidecar(path, data, *(letter.name for letter in self._beside(path)))]
            else:
                rows = jobs.parse(path, data)
            self._read_before[path.name] = seen, tuple(map(self._inside, rows))
        return self._read_before[path.name][1]

    def _inside(self, row: Row) -> Row:
        """Refuse a letter that is elsewhere: it would be moved from there."""
        if row.job and (row.job.letter.parent != self.folder or row.job.letter.is_symlink()):
            return Row(row.place, None, "the letter must lie in the inbox itself; write its plain file name")
        return row

    def _id(self, row: Row) -> str:
        if row.job is None:
            return ""
        seen = self._seen.get(row.job.letter.name)
        state = f"{seen.size} {seen.changed}" if seen else ""
        return hashlib.sha256(f"{state}\n{row.job.model_dump_json()}".encode()).hexdigest()[:32]

    def _unusable(self, path: Path, reason: str) -> Delivery:
        return Delivery(path, (Row(Place(str(path)), None, reason),), ("",), self._beside(path))


def _has_end(path: Path) -> bool:
    """Say whether a file has an end, or never will: it is no file, or nobody may read it."""
    try:
        if not path.is_file():
            return True
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - PDF_END))
            return b"%%EOF" in file.read()
    except (PermissionError, FileNotFoundError):
        return False
