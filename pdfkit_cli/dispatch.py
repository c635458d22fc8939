"""Packs by the thousand: a list of letters to packs, a report, and a log of what went out; done once, however often it is started."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pdfkit_cli import execute, jobs, letters, packs, source
from pdfkit_cli.attach import LETTER, ready
from pdfkit_cli.build import Request, Workshop, open_workshop
from pdfkit_cli.enclosures import Chosen, Wanted, bring_up_to_date, choose
from pdfkit_cli.errors import PdfkitError, UsageError
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.jobs import Job, Row
from pdfkit_cli.models import Appointments
from pdfkit_cli.packs import Enclosure, Limits, Pack, Packed

DONE = "done.jsonl"
ISSUED = "issued.jsonl"
REPORT = ("line", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets")


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
    same leaflets, is not made again, nor logged twice. Raises UsageError where the list cannot be read.
    """
    rows = list(jobs.read(listed))
    workshop = open_workshop(request)
    run = _Run(request, workshop, to, rows)
    dispatched = Dispatched()
    for result in run.results():
        dispatched.results.append(result)
        done(result, len(rows))
    dispatched.results.sort(key=lambda result: result.line)
    _report(dispatched.results, to)
    return dispatched


@dataclass(frozen=True, slots=True)
class Issued:
    """One text of a leaflet that went out: how often, and when first and last (UTC)."""

    version: str
    digest: str
    clinic: str
    language: str
    count: int
    first: str
    last: str


def issued(out: Path, leaflet: str) -> list[Issued]:
    """Return which texts of a leaflet, by its document id, went out behind letters, the latest last."""
    times: dict[tuple[str, str, str, str], list[str]] = {}
    for line in _lines(out / ISSUED):
        if line.get("leaflet") == leaflet:
            key = line["version"], line["digest"], line["clinic"], line["language"]
            times.setdefault(key, []).append(line["time"])
    found = [Issued(*key, len(when), min(when), max(when)) for key, when in times.items()]
    return sorted(found, key=lambda one: one.last)


def appointments(workshop: Workshop) -> Appointments:
    """Return what a clinic's codes stand for. Raises SourceError where the file is wrong."""
    path = workshop.library.root / "appointments.yaml"
    return source.load(Appointments, path, path.as_posix())[0] if path.exists() else Appointments({})


class _Run:
    def __init__(self, request: Request, workshop: Workshop, to: Path, rows: list[Row]) -> None:
        self._request, self._workshop, self._to, self._rows = request, workshop, to, rows
        self._codes = appointments(workshop).root
        channels = workshop.library.library.channels
        self._limits = Limits(channels.paper.sheets, int(channels.digital.megabytes * 1_000_000))
        self._log = _Log(to / DONE, request.out / ISSUED)

    def results(self) -> Iterator[Result]:
        chosen: dict[int, Chosen] = {}
        for row in self._rows:
            try:
                if row.job is None:
                    raise UsageError(row.error)
                chosen[row.place.line] = choose(self._workshop, self._wanted(row.job))
            except PdfkitError as error:
                yield _failed(row, str(error))
        wanted = dict.fromkeys(printing for choice in chosen.values() for printing in choice.printings)
        built = bring_up_to_date(self._request, list(wanted)) if wanted else {}
        tasks: dict[int, tuple[Row, Pack, str]] = {}
        for row in self._rows:
            if row.place.line in chosen and row.job:
                try:
                    pack = self._pack(row.job, chosen[row.place.line], built)
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
                    self._log.add(key, pack)
                    yield _result(row, pack, "done", outcome.result)
        except WorkersError as error:
            for row, _, _ in tasks.values():
                yield _failed(row, str(error))

    def _wanted(self, job: Job) -> Wanted:
        if job.code is None:
            return Wanted(job.leaflets, job.clinic, job.language or "", job.format or "", job.channel)
        codes = self._codes.get(job.clinic, {})
        if job.code not in codes:
            known = ", ".join(sorted(codes)) or "none"
            raise UsageError(f"{job.clinic} has no code “{job.code}” in appointments.yaml; it has: {known}")
        behind = codes[job.code]
        return Wanted(behind.leaflets, job.clinic, job.language or "", job.format or behind.format or "", job.channel)

    def _pack(self, job: Job, chosen: Chosen, built: Any) -> Pack:
        enclosures: list[Enclosure] = []
        for printing in chosen.printings:
            enclosure = built[printing]
            if not isinstance(enclosure, Enclosure):
                raise PdfkitError(str(enclosure))
            enclosures.append(enclosure)
        title = LETTER.get(self._workshop.library.clinics[chosen.clinic].model.language, LETTER["en"])
        return Pack(job.letter, tuple(enclosures), job.channel, self._limits, title, self._to / job.output)


def _key(job: Job, pack: Pack) -> str:
    """Return what a pack is made from, as a digest: the letter's bytes, the leaflets' texts, the channel."""
    letter = hashlib.sha256(letters.content(job.letter)).hexdigest()
    parts = [letter, job.output, job.channel, *(f"{one.path} {one.digest}" for one in pack.enclosures)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _Log:
    """What has been done, and which leaflets went out: two files of JSON lines that only grow."""

    def __init__(self, done: Path, issued: Path) -> None:
        self._done, self._issued = done, issued
        self._keys = {line["key"] for line in _lines(done)}
        self._logged = {line["pack"] for line in _lines(issued)}

    def has(self, key: str, out: Path) -> bool:
        """Say whether a pack has been made, and is still there."""
        return key in self._keys and out.exists()

    def add(self, key: str, pack: Pack) -> None:
        """Enter a pack that stands in its place. The leaflets first: a run that is killed here makes the pack again, and enters it once."""
        if key not in self._logged:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            _append(self._issued, [
                {"time": now, "leaflet": one.id, "version": one.version, "digest": one.digest, "clinic": one.clinic, "language": one.language, "pack": key}
                for one in pack.enclosures
            ])  # fmt: skip
            self._logged.add(key)
        _append(self._done, [{"key": key, "output": pack.out.name}])
        self._keys.add(key)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log; the last may be torn, and does not count."""
    try:
        text = path.read_text("utf-8")
    except OSError:
        return
    for line in text.split("\n"):
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(value, dict):
            yield value


def _append(path: Path, values: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
            file.write(b"\n")  # a line that was torn when a run was killed
        file.write("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode())
        file.flush()
        os.fsync(file.fileno())


def _failed(row: Row, reason: str) -> Result:
    job = row.job
    return Result(row.place.line, job.letter.name if job else "", job.output if job else "", "failed", reason)


def _result(row: Row, pack: Pack, state: str, packed: Packed | None) -> Result:
    leaflets = tuple(f"{one.id} {one.version} {one.digest[:8]}" for one in pack.enclosures)
    assert row.job
    return Result(row.place.line, row.job.letter.name, pack.out.name, state, "", packed, leaflets)


def _report(results: list[Result], to: Path) -> None:
    """Write report.csv and report.json beside the packs."""
    to.mkdir(parents=True, exist_ok=True)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(REPORT)
    for one in results:
        figures = (one.packed.pages, one.packed.sheets, one.packed.bytes) if one.packed else ("", "", "")
        writer.writerow((one.line, one.letter, one.output, one.state, one.reason, *figures, "; ".join(one.leaflets)))
    for name, text in (("report.csv", table.getvalue()), ("report.json", json.dumps([asdict(one) for one in results], ensure_ascii=False, indent=2) + "\n")):  # fmt: skip
        part = to / f".{name}.part"
        part.write_text(text, "utf-8")
        part.replace(to / name)
