"""The inbox of a hot folder: what has come whole, and what was never finished."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from errno import EILSEQ, EINVAL, ENAMETOOLONG
from pathlib import Path
from stat import S_ISDIR

from pdfkit_cli import jobs
from pdfkit_cli.errors import PdfkitError, Place, Problem, UsageError, printable, problem_of
from pdfkit_cli.folders import Folder, Seen
from pdfkit_cli.jobs import LARGEST_LIST, LARGEST_SIDECAR, LISTS, LONGEST_NAME, Row, folded, refused, too_long

SETTLED = 10.0
"""Seconds that a file must stay as it is before it is opened: whoever copies it writes more often, and a scanner adds a page."""

UNFINISHED = 30.0
"""Seconds that a file without its end may stay as it is, before that is an error: a copy over a network may pause."""

ALONE = 600.0
"""Seconds that a letter waits for what says what goes behind it, and a list for its letters."""

AFTERWARDS = 60.0
"""The same for a letter under a name that has just been packed: perhaps the rest of it, while its first pages are printed."""

LATELY = 3600.0
"""Seconds for which a name that has been packed is remembered."""

NOBODYS = frozenset({"thumbs.db", "desktop.ini"})
"""What a file manager leaves in every folder."""

_ALONE = Problem(
    "nothing says what goes behind it; put a JSON file of the same name beside it, or name it in a list",
    "put both into the inbox again",
)
_STRANGE = Problem("it is no letter (PDF), no sidecar (JSON) and no list (CSV, JSON lines); put such a file there")
_AFTERWARDS = Problem(
    "a letter of this name has been packed a short time ago, and this came after it, with nothing that says what goes behind it",
    "look at both: if the first one was not whole, its pack must not go out; put this one into the inbox with its JSON file",
)
_LINK = Problem("it is no file of its own; put the file itself there", "copy it, do not link it")
_LONG = Problem(f"its name is longer than {LONGEST_NAME} bytes", "give it a shorter name")

_NO_UTF8 = Problem("its name is not UTF-8", "give it a name of letters without accents, and digits")

PDF_END = 1024
"""Bytes in which a PDF has its end mark (ISO 32000-1, annex H, 3.4.4, as readers take it)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A sidecar or a list with the jobs in it, all of it there; or a file that nobody can use, with the reason in its one row.

    `ids` names each row by the job and by what was seen of its letter: whatever else changes in a list, it is the same letter. `seen` is what
    was seen of each of its files: what comes later under such a name is none of it.
    """

    slip: Path
    rows: tuple[Row, ...]
    ids: tuple[str, ...]
    beside: tuple[Path, ...] = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def letters(self) -> tuple[Path, ...]:
        """Return the letters of it, each once; that of a sidecar is known by its name, whatever is wrong with the sidecar."""
        return tuple(dict.fromkeys((*self.beside, *(row.job.letter for row in self.rows if row.job))))


@dataclass(frozen=True, slots=True)
class _Known:
    """A file of the inbox, and since when it is as it is."""

    seen: Seen
    since: float


class Inbox:
    """Looks into a folder again and again. Network drives tell nobody of a change, so it compares; and their clocks differ, so it asks its own."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._read_before: dict[str, tuple[Seen, tuple[Row, ...] | PdfkitError]] = {}
        self._packed: dict[str, float] = {}
        self._beside: dict[str, str] = {}
        self._spelled: dict[str, list[str]] = {}
        self.trouble: OSError | None = None
        """Why a file could not even be looked at; the others were."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies there."""
        return not self._known

    def look(self) -> list[Delivery]:
        """Return what can be dealt with now, in the order of names. Raises OSError where the folder cannot be read."""
        now = self._clock()
        with Folder.at(self.folder) as folder:
            self._look(folder, now)
            self._read_before = {name: read for name, read in self._read_before.items() if name in self._known}
            self._packed = {name: when for name, when in self._packed.items() if now - when < LATELY}
            self._spelled = _spellings(self._known)
            self._beside = dict(_pairs(self._known, self._spelled))
            return list(self._deliveries(folder, now))

    def packed(self, name: str) -> None:
        """Remember that a letter of this name has been packed."""
        self._packed[folded(name)] = self._clock()

    def _look(self, folder: Folder, now: float) -> None:
        before, self._known, self.trouble = self._known, {}, None
        for name in sorted(folder.names()):
            if name.startswith((".", "~")) or name.lower() in NOBODYS:
                continue
            try:
                found = folder.stat(name)
            except FileNotFoundError:  # taken away just now
                continue
            except OSError as error:
                self.trouble = error
                continue
            if not S_ISDIR(found.st_mode):
                known, seen = before.get(name), Seen.of(found)
                self._known[name] = known if known and known.seen == seen else _Known(seen, now)

    def _deliveries(self, folder: Folder, now: float) -> Iterator[Delivery]:
        claimed: set[str] = set()
        for name in self._known:
            if Path(name).suffix.lower() not in (".json", *LISTS):
                continue
            claimed |= {name, *(letter.name for letter in self._letter_of(name))}
            delivery = self._read(folder, name, now) if self._age(name, now) >= SETTLED else None
            if delivery:
                letters = {letter.name for letter in delivery.letters()}
                claimed |= letters
                late = self._age(name, now) >= ALONE
                if all(self._is_whole(folder, one, now) or (late and one not in self._known) for one in letters):
                    yield self._identified(delivery)
        for name in self._known:
            if name not in claimed and (problem := self._alone(name, now)):
                yield self._unusable(name, problem)

    def _alone(self, name: str, now: float) -> Problem | None:
        """Say what is wrong with a file that nothing belongs to, when it has waited for long enough."""
        if not name.lower().endswith(".pdf"):
            return _STRANGE if self._age(name, now) >= ALONE else None
        if folded(name) in self._packed and self._age(name, now) >= AFTERWARDS:
            return _AFTERWARDS
        return _ALONE if self._age(name, now) >= ALONE else None

    def _letter_of(self, sidecar: str) -> tuple[Path, ...]:
        letter = self._beside.get(sidecar)
        return (self.folder / letter,) if letter else ()

    def _age(self, name: str, now: float) -> float:
        return now - self._known[name].since if name in self._known else 0.0

    def _is_whole(self, folder: Folder, name: str, now: float) -> bool:
        """Say whether a letter is there as it will stay. One without an end is taken for what it is, after a time."""
        age = self._age(name, now)
        if name not in self._known or age < SETTLED:
            return False
        return age >= UNFINISHED or (self._known[name].seen.alone and _has_end(folder, name))

    def _read(self, folder: Folder, name: str, now: float) -> Delivery | None:
        """Return what a sidecar or list says; None while it is half a file. Whatever is wrong with it, it is only this one's fault."""
        known = self._known[name]
        if not known.seen.alone:
            return self._unusable(name, _LINK)
        if problem := _name_problem(name):
            return self._unusable(name, problem)
        try:
            rows = tuple(map(self._checked, self._rows(folder, name)))
        except Exception as error:
            if self._age(name, now) < _patience(error):
                return None
            return self._unusable(name, _problem(error, self.folder / name))
        return Delivery(self.folder / name, rows, (), self._letter_of(name))

    def _identified(self, delivery: Delivery) -> Delivery:
        return replace(delivery, ids=tuple(map(self._id, delivery.rows)), seen=self._seen_of(delivery))

    def _rows(self, folder: Folder, name: str) -> tuple[Row, ...]:
        """Return the rows of a sidecar or list, read once as long as it does not change, also where it cannot be understood."""
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

    def _parsed(self, folder: Folder, name: str, seen: Seen) -> tuple[Row, ...]:
        path = self.folder / name
        if path.suffix.lower() == ".json":
            data = folder.read(name, LARGEST_SIDECAR + 1, seen)
            return (jobs.sidecar(path, data, *(letter.name for letter in self._letter_of(name))),)
        return tuple(jobs.parse(path, folder.read(name, LARGEST_LIST + 1, seen)))

    def _checked(self, row: Row) -> Row:
        """Refuse a letter that is elsewhere, since it would be moved from there. A letter may become a link after its sidecar was read."""
        if row.job is None:
            return row
        name = self._as_spelled(row.job.letter.name)
        if row.job.letter.parent != self.folder:
            return refused(row.place, "the letter must lie in the inbox itself; write its plain file name")
        if name.startswith((".", "~")):
            return refused(row.place, "the name of a letter begins with a letter or a digit", "give it another name")
        if name in self._known and not self._known[name].seen.alone:
            return refused(row.place, "the letter must lie in the inbox itself; write its plain file name")
        if problem := _name_problem(name):
            return Row(row.place, None, (problem,))
        if name == row.job.letter.name:
            return row
        return replace(row, job=row.job.model_copy(update={"letter": self.folder / name}))

    def _as_spelled(self, name: str) -> str:
        """Return the name of a letter as the folder spells it: “å” may be one sign in a list, and two on a drive."""
        spelled = self._spelled.get(folded(name), [])
        return spelled[0] if name not in self._known and len(spelled) == 1 else name

    def _id(self, row: Row) -> str:
        if row.job is None:
            return ""
        known = self._known.get(row.job.letter.name)
        state = f"{known.seen.size} {known.seen.changed} {known.seen.inode}" if known else ""
        said = json.dumps({key: str(value) for key, value in row.job.model_dump().items()})
        return hashlib.sha256(f"{state}\n{said}".encode()).hexdigest()[:32]

    def _seen_of(self, delivery: Delivery) -> dict[str, Seen]:
        names = (delivery.slip.name, *(letter.name for letter in delivery.letters()))
        return {name: self._known[name].seen for name in names if name in self._known}

    def _unusable(self, name: str, problem: Problem) -> Delivery:
        path = self.folder / name
        return self._identified(Delivery(path, (Row(Place(str(path)), None, (problem,)),), (), self._letter_of(name)))


def _name_problem(name: str) -> Problem | None:
    if too_long(name):
        return _LONG
    return None if name == printable(name) else _NO_UTF8


def _spellings(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the PDFs of a folder by how names are compared where case, and how letters are composed, do not count."""
    found: dict[str, list[str]] = {}
    for name in names:
        if name.lower().endswith(".pdf"):
            found.setdefault(folded(name), []).append(name)
    return found


def _pairs(names: Iterable[str], spelled: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield each sidecar with its letter: that of the very same name, or the only one that may be meant, by one sidecar only."""
    sidecars = [name for name in names if Path(name).suffix.lower() == ".json"]
    rivals = Counter(folded(Path(name).stem) for name in sidecars)
    for name in sidecars:
        stem = Path(name).stem
        letters = spelled.get(folded(f"{stem}.pdf"), [])
        exact = [letter for letter in letters if Path(letter).stem == stem]
        if len(exact) == 1 or (len(letters) == 1 and rivals[folded(stem)] == 1):
            yield name, (exact or letters)[0]


def _patience(error: Exception) -> float:
    """Return how many seconds a sidecar or list may be wrong in this way before it is an error: half a file becomes a whole one, a drive comes back."""
    if isinstance(error, PermissionError | FileNotFoundError | PdfkitError):
        return UNFINISHED
    if isinstance(error, OSError) and error.errno not in THEIR_FAULT:
        return ALONE
    return 0.0


THEIR_FAULT = frozenset({ENAMETOOLONG, EINVAL, EILSEQ})
"""What the system says of a file whose name or kind is the trouble, and not the drive."""


def _problem(error: Exception, path: Path) -> Problem:
    if isinstance(error, PdfkitError):
        return problem_of(error)
    said = error.strerror if isinstance(error, OSError) else type(error).__name__
    return Problem(f"{path.name}: cannot be read: {said}", "may it be read by whoever runs this? else make it again")


def _has_end(folder: Folder, name: str) -> bool:
    """Say whether a file has an end. What cannot be read has none."""
    try:
        return b"%%EOF" in folder.tail(name, PDF_END)
    except (OSError, PdfkitError):
        return False
