"""Packs by the thousand: a list of letters to packs, a report, and a log of what went out; done once, however often it is started."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pdfkit_cli import execute, jobs, letters, packs
from pdfkit_cli import orders as ordering
from pdfkit_cli.attach import ready
from pdfkit_cli.build import Request
from pdfkit_cli.errors import OutputError, PdfkitError, UsageError
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.issuelog import ISSUED, append, lines, lines_of
from pdfkit_cli.issuelog import issued as issued  # a call from Python finds it here
from pdfkit_cli.jobs import Job, Row
from pdfkit_cli.orders import Order
from pdfkit_cli.packs import Pack, Packed
from pdfkit_cli.spared import Spared, published

DONE = "done.jsonl"
LOCK = ".lock"
OWN = (DONE, LOCK, "report.csv", "report.json")
"""Files that a run writes beside the packs."""

REPORT = ("line", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets", "remarks")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: `done`, `kept` (done by an earlier run) or `failed`, and why."""

    line: int
    letter: str
    output: str
    state: str
    reason: str = ""
    packed: Packed | None = None
    leaflets: tuple[str, ...] = ()


@dataclass(slots=True)
class Dispatched:
    """What became of a list."""

    results: list[Result] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every letter has its pack."""
        return all(result.state != "failed" for result in self.results)


def dispatch(request: Request, listed: Path, to: Path, done: Callable[[Result, int], None]) -> Dispatched:
    """Make the pack of each row of a list, in `to`, with a report beside them; `done` is told of each, and of how many there are.

    A row that fails never stops the others. A run that was killed goes on where it was: a pack that is there, of the same letter and the
    same leaflets, is not made again, nor logged twice. No pack is written over a letter of the list, or over a published leaflet. Raises
    UsageError where the list cannot be read, or would be written over.
    """
    if listed.resolve().parent == to.resolve() and listed.resolve().name in OWN:
        raise UsageError(
            f"{listed}: a run writes a file of this name into {to}",
            hint="name another --to, or give the list another name",
        )
    rows = list(jobs.read(listed))
    dispatched = Dispatched()
    with _alone(to):
        for result in _Run(request, to, rows).results():
            dispatched.results.append(result)
            done(result, len(rows))
        dispatched.results.sort(key=lambda result: result.line)
        _report(dispatched.results, to)
    return dispatched


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    """Keep other runs out of a folder, and remove what a killed one left half written. Raises OutputError."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        lock = FileLock(to / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise OutputError(
            f"another run is writing {to}", hint="wait until it has ended, or name another --to"
        ) from None
    except OSError as error:
        raise OutputError(f"{to}: cannot be written: {error.strerror}", hint="choose another place") from None
    try:
        for leftover in to.glob(".*.part"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


class _Run:
    def __init__(self, request: Request, to: Path, rows: list[Row]) -> None:
        self._request, self._to, self._rows = request, to, rows
        self._log = _Log(to / DONE, request.out / ISSUED)

    def results(self) -> Iterator[Result]:
        orders = {row.place.line: Order(row.job, self._to / row.job.output) for row in self._rows if row.job}
        packs_of = ordering.packs_of(self._request, orders)
        spared = Spared((*(order.job.letter for order in orders.values()), *published(self._request.out, self._to)))
        tasks: dict[int, tuple[Row, Pack, str]] = {}
        for row in self._rows:
            try:
                pack = packs_of[row.place.line] if row.job else row.error
                if isinstance(pack, str) or not row.job:
                    raise UsageError(str(pack))
                if over := spared.under(pack.out, pack.way):
                    raise UsageError(
                        f"{pack.out.name} would be written over {over.name}; give it another output, or name another --to"
                    )
                key = _key(row.job, pack)
            except PdfkitError as error:
                yield _failed(row, str(error))
                continue
            if self._log.has(key, pack.out):
                yield _result(row, pack, "kept", None)
            else:
                tasks[row.place.line] = row, pack, key
        yield from self._made(tasks)

    def _made(self, tasks: dict[int, tuple[Row, Pack, str]]) -> Iterator[Result]:
        if not tasks:
            return
        limits = execute.Limits(min(self._request.workers, len(tasks)), self._request.seconds)
        work = [(line, pack) for line, (_, pack, _) in tasks.items()]
        try:
            for outcome in execute.run(packs.make, work, limits, ready):
                row, pack, key = tasks.pop(outcome.name)
                if outcome.result is None:
                    yield _failed(row, outcome.error)
                else:
                    self._log.add(key, pack, outcome.result)
                    yield _result(row, pack, "done", outcome.result)
        except WorkersError as error:
            for row, _, _ in tasks.values():
                yield _failed(row, str(error))


def _key(job: Job, pack: Pack) -> str:
    """Return what a pack is made from, as a digest: the letter's bytes, the leaflets' texts, the channel."""
    letter = hashlib.sha256(letters.content(job.letter)).hexdigest()
    parts = [letter, job.output, job.channel, job.way, *(f"{one.path} {one.digest}" for one in pack.enclosures)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _Log:
    """What has been done, and which leaflets went out: two files of JSON lines that only grow."""

    def __init__(self, done: Path, issued: Path) -> None:
        self._done, self._issued = done, issued
        self._files: dict[str, list[str]] = {}
        self._by_output: dict[str, list[str]] = {}
        for line in lines(done):
            self._files[line["key"]] = self._by_output[line["output"]] = line.get("files", [line["output"]])
        self._logged = {line["pack"] for line in lines(issued)}

    def has(self, key: str, out: Path) -> bool:
        """Say whether a pack has been made, and is still there."""
        return key in self._files and all(out.with_name(name).exists() for name in self._files[key])

    def add(self, key: str, pack: Pack, packed: Packed) -> None:
        """Enter a pack that stands in its place. The leaflets first: a run that is killed here makes the pack again, and enters it once."""
        if key not in self._logged:
            append(self._issued, lines_of(pack, key, datetime.now(UTC)))
            self._logged.add(key)
        for stale in set(self._by_output.get(pack.out.name, ())) - set(packed.files):
            pack.out.with_name(stale).unlink(missing_ok=True)  # it was split into more files before
        self._files[key] = self._by_output[pack.out.name] = list(packed.files)
        append(self._done, [{"key": key, "output": pack.out.name, "files": packed.files}])


def _failed(row: Row, reason: str) -> Result:
    job = row.job
    return Result(row.place.line, job.letter.name if job else "", job.output if job else "", "failed", reason)


def _result(row: Row, pack: Pack, state: str, packed: Packed | None) -> Result:
    assert row.job
    return Result(row.place.line, row.job.letter.name, pack.out.name, state, "", packed, leaflets(pack))


def _report(results: list[Result], to: Path) -> None:
    """Write report.csv and report.json beside the packs."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(REPORT)
    for one in results:
        words = (one.letter, one.output, one.state, one.reason)
        writer.writerow((one.line, *map(cell, words), *figures(one.packed, one.leaflets)))
    for name, text in (("report.csv", table.getvalue()), ("report.json", json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=2) + "\n")):  # fmt: skip
        part = to / f".{name}.part"
        part.write_text(text, "utf-8")
        part.replace(to / name)


def leaflets(pack: Pack) -> tuple[str, ...]:
    """Return the leaflets of a pack as a report names them, each with its version and short digest."""
    return tuple(f"{one.id} {one.version} {one.digest[:8]}" for one in pack.enclosures)


def figures(packed: Packed | None, leaflets: tuple[str, ...]) -> tuple[object, ...]:
    """Return the last cells of a row of a report: pages, sheets, bytes, leaflets and remarks."""
    numbers = (packed.pages, packed.sheets, packed.bytes) if packed else ("", "", "")
    return (*numbers, cell("; ".join(leaflets)), cell(remarks(packed)))


def remarks(packed: Packed | None) -> str:
    """Say what whoever sends a pack must know of it."""
    if packed is None:
        return ""
    said = [f"left out of the letter: {', '.join(packed.left_out)}"] if packed.left_out else []
    return "; ".join([*said, *([] if packed.accessible else ["not accessible as a whole"])])


def cell(text: str) -> str:
    """Return words for a cell of a CSV: a spreadsheet takes what begins like a formula for one, and runs it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
