"""A hot folder whose packs are made in no time, and an operating system that fails, or ends it, at any call."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.models import PackMode
from pdfkit_cli.errors import Problem
from pdfkit_cli.packs import assembly, letters, orders
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackResult
from pdfkit_cli.packs.hot_folder import HotFolder, PollResult
from pdfkit_cli.packs.inbox import ORPHAN_SECONDS, SETTLE_SECONDS
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers.channels import DIGITAL
from tests.helpers.check_runner import DAY

_take, _list = os.unlink, os.listdir
"""What the printer does; it never fails."""

LEAFLET = Enclosure(Path("leaflet.pdf"), "Leaflet", "T-1", "0.1", "d" * 64, "north", "da")


def pdf(words: str) -> bytes:
    """Return what an inbox takes for a whole PDF."""
    return f"%PDF-1.7\n{words}\nstartxref\n9\n%%EOF\n".encode()


def _make(pack: Pack) -> PackResult:
    letter = letters.read_letter_bytes(pack.letter, pack.seen) if pack.letter else b""
    names = [pack.out.name]
    if pack.way is PackMode.SPLIT:
        names = [f"{pack.out.stem}.{number}.pdf" for number in (1, 2)]
    assembly._write_files({pack.out.with_name(name): letter for name in names})
    return PackResult(
        1, 1, len(letter), True, True, ((1, 1),), (), tuple(names), sha256=(sha256(letter).hexdigest(),) * len(names)
    )


def _packs_of(request: BuildRequest, wanted: Mapping[Any, orders.PackOrder]) -> dict[Any, Pack | Problem]:
    found: dict[Any, Pack | Problem] = {}
    for name, order in wanted.items():
        job = order.job
        pack = Pack(job.letter, (LEAFLET,), DIGITAL, "Brev", order.out, False, job.way, seen=order.seen)
        found[name] = Problem("there is no leaflet", "name another") if job.leaflets == ("T-9",) else pack
    return found


def _run(
    work: Callable[[Any], Any], tasks: Iterable[Any], limits: object, prepare: object
) -> Iterator[TaskResult[Any, Any]]:
    for name, task in tasks:
        yield TaskResult(name, *worker_pool._run_task(work, task))


def fake_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make packs in this process, without a library: a pack is a copy of its letter."""
    monkeypatch.setattr(orders, "plan_packs", _packs_of)
    monkeypatch.setattr(assembly, "make_pack", _make)
    monkeypatch.setattr(worker_pool, "run_tasks", _run)


class Mail:
    """An inbox, an outbox with a printer that takes every pack away, and a clock that only tests move."""

    def __init__(self, root: Path) -> None:
        self.root, self.inbox, self.outbox, self.dist = root, root / "in", root / "out", root / "dist"
        for folder in (root, self.inbox, self.outbox):
            folder.mkdir(exist_ok=True)
        self.now = 0.0
        self.sent: dict[str, bytes] = {}
        self.printed = Counter[bytes]()
        self.folder: HotFolder | None = None

    def write(self, name: str | bytes, data: bytes) -> None:
        path = os.path.join(os.fsencode(self.inbox), os.fsencode(name))  # noqa: PTH118  # a name that is not UTF-8
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(data)

    def put(self, name: str, words: str = "", **job: object) -> None:
        """Put a letter into the inbox, with its sidecar."""
        self.letter(f"{name}.pdf", words or name)
        self.write(f"{name}.json", json.dumps({"clinic": "north", "leaflets": ["T-1"], **job}).encode())

    def letter(self, name: str, words: str) -> None:
        self.sent[words] = pdf(words)
        self.write(name, self.sent[words])

    def open(self) -> HotFolder:
        if self.folder is None:
            request = BuildRequest(self.root / "leaflets", self.dist, as_of=DAY, jobs=1)
            self.folder = HotFolder(request, self.inbox, self.outbox, lambda: self.now, lambda: DAY)
        return self.folder

    def close(self) -> None:
        if self.folder:
            self.folder.close()
            self.folder = None

    def look(self) -> PollResult:
        made = self.open().look()
        self.print()
        return made

    def go(self, times: int = 3, seconds: float = SETTLE_SECONDS) -> PollResult:
        """Look, and look again when everything has settled; returns what all of it did."""
        made = self.look()
        for _ in range(times - 1):
            self.now += seconds
            more = self.look()
            made = replace(
                more, done=made.done + more.done, failed=made.failed + more.failed, late=made.late + more.late
            )
        return made

    def print(self) -> None:
        for path in (self.outbox / name for name in _list(self.outbox) if name.endswith(".pdf")):
            self.printed[path.read_bytes()] += 1
            _take(path)

    def names(self, folder: str = "") -> list[str]:
        return sorted(path.name for path in (self.inbox / folder).iterdir() if path.is_file())

    def reason(self, name: str) -> str:
        return (self.inbox / f"failed/{name}.reason.txt").read_text("utf-8")

    def rows(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for path in (self.inbox / "done").glob("report-*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                found += csv.DictReader(file)
        return found

    def issued(self) -> list[str]:
        path = self.dist / "issued.jsonl"
        return [json.loads(line)["pack"] for line in path.read_text().splitlines()] if path.exists() else []

    def wrong(self) -> list[str]:
        """Return what is not as it must be when all has been dealt with: a letter lost, printed twice, or told of wrongly."""
        found = [f"left in the inbox: {name}" for name in self.names()]
        lying = {folder: Counter(self._letters(folder)) for folder in ("done", "failed")}
        for words, data in self.sent.items():
            done, failed, times = lying["done"][data], lying["failed"][data], self.printed[data]
            if done + failed != 1 or (done, times) not in ((1, self.copies(words)), (0, 0)):
                found.append(f"{words}: {done} in done, {failed} in failed, printed {times} times")
            if failed and not any(name.endswith(".reason.txt") for name in self.names("failed")):
                found.append(f"{words} failed without a reason")
            names = (f"{words}.pdf", f"{words}.json", *(["l.csv"] if words in "cd" else []))
            states = [row["state"] for row in self.rows() if row["letter"] in names]
            if (
                states != ["done"] if done else {*states} != {"failed"}
            ):  # a list may fail as a whole, and then its letters
                found.append(f"{words}: the report says {states}")
        went_out = sum(self.printed[data] > 0 for data in self.sent.values())
        if (len(self.issued()), len(set(self.issued()))) != (went_out, went_out):
            found.append(f"{len(self.issued())} lines for {went_out} packs")
        return found

    def copies(self, words: str) -> int:
        """Return in how many files a letter goes out: a copy of it in each."""
        return 2 if words.startswith("split") else 1

    def _letters(self, folder: str) -> Iterator[bytes]:
        return (path.read_bytes() for path in (self.inbox / folder).iterdir() if path.suffix.lower() == ".pdf")


def settled(mail: Mail) -> list[str]:
    """Let a hot folder go on until all has been dealt with; return what is wrong then."""
    mail.go(4)
    mail.go(3, ORPHAN_SECONDS)
    mail.close()
    mail.print()
    left = [path.name for path in (mail.outbox / ".pdfkit").glob("run-*")]
    return mail.wrong() + [f"left behind: {name}" for name in left]


CALLS = (
    "open",
    "stat",
    "lstat",
    "fstat",
    "mkdir",
    "rename",
    "replace",
    "listdir",
    "fsync",
    "unlink",
    "rmdir",
    "fdopen",
)
"""What a round asks of the system; reading and writing are counted, too."""


@dataclass(slots=True)
class System:
    """An operating system that does something at one call, and counts them all."""

    at: int = -1
    do: Callable[[], None] = lambda: None
    calls: int = 0

    def step(self) -> None:
        self.calls += 1
        if self.calls - 1 == self.at:
            self.do()


class _File:
    """A file whose reading and writing are calls as well."""

    def __init__(self, file: Any, system: System) -> None:
        self._file, self._system = file, system

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        if name in ("read", "write"):
            self._system.step()
        return getattr(self._file, name)


@contextmanager
def failing(at: int, do: Callable[[], None]) -> Iterator[System]:
    """Do something (raise an error, end the process) at one call; with -1 only count."""
    system = System(at, do)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            system.step()
            made = real(*arguments, **options)
            return _File(made, system) if real.__name__ == "fdopen" else made

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counted(getattr(os, name)))
        yield system


def error(number: int) -> Callable[[], None]:
    """Return what raises an error of the system."""

    def do() -> None:
        raise OSError(number, os.strerror(number))

    return do


def memory() -> None:
    """There is none left."""
    raise MemoryError


def in_a_child(work: Callable[[], None]) -> None:
    """Do something in a process that may be ended by it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
