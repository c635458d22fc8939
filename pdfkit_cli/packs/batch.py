"""A list of letters to packs, with a report and a log of what was sent; a second run makes only what is missing or changed."""

import csv
import hashlib
import hmac
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.errors import OutputError, PdfkitError, Problem, UsageError, utf8_safe
from pdfkit_cli.packs import assembly, job_list, letters
from pdfkit_cli.packs import orders as packs_orders
from pdfkit_cli.packs.assembly import Pack, PackResult
from pdfkit_cli.packs.attaching import init_worker
from pdfkit_cli.packs.issue_log import ISSUE_LOG, append_json_lines, issue_entries, read_json_lines
from pdfkit_cli.packs.issue_log import issued_versions as issued_versions  # a call from Python finds it here
from pdfkit_cli.packs.job_list import Job, JobRow
from pdfkit_cli.packs.orders import PackOrder
from pdfkit_cli.packs.overwrite_guard import ProtectedFiles, published_files
from pdfkit_cli.packs.problems import in_one_line, make_problem, phrase, reader_words, report_language
from pdfkit_cli.system import fault_log, worker_pool
from pdfkit_cli.system.folders import FileStamp, Folder
from pdfkit_cli.system.worker_pool import WorkerPoolError

DONE_LOG = "done.jsonl"
LOCK_FILE = ".lock"
KEY = ".key"
"""Holds the secret from which the numbers of packs in the log are derived."""

OWN_FILES = (DONE_LOG, LOCK_FILE, KEY, "report.csv", "report.json")
"""Files that a run writes beside the packs."""

REPORT_COLUMNS = ("line", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets", "remarks")


MAX_ATTEMPTS = 3
"""How often a row is planned whose letter or leaflets are changed before they are joined."""

CHANGED_CODES = ("letter-changed", "leaflet-altered")
"""Problems of a row that is planned again."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of one row: `done`, `kept` (done by an earlier run) or `failed`, and why."""

    line: int
    letter: str
    output: str
    state: str
    problems: tuple[Problem, ...] = ()
    packed: PackResult | None = None
    leaflets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _PackTask:
    """A row whose pack is to be made, and what it is made from."""

    row: JobRow
    pack: Pack
    key: str

    @property
    def letter(self) -> Path:
        """The letter of the row, also where the pack is made without it."""
        assert self.row.job
        return self.row.job.letter


@dataclass(slots=True)
class BatchResult:
    """The results of a list."""

    results: list[RowResult] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every letter has its pack."""
        return all(result.state != "failed" for result in self.results)


def run_batch(request: BuildRequest, listed: Path, to: Path, done: Callable[[RowResult, int], None]) -> BatchResult:
    """Make the pack of each row of a list, in `to`, with a report beside them; `done` is told of each, and of how many there are.

    A row that fails never stops the others. A run that was killed goes on where it was: a pack that is there, of the same letter and the
    same leaflets, is not made again, nor logged twice. No pack is written over a letter of the list, or over a published leaflet. Raises
    UsageError where the list cannot be read, or would be written over.
    """
    if listed.resolve().parent == to.resolve() and listed.resolve().name in OWN_FILES:
        raise UsageError(
            f"{listed}: a run writes a file of this name into {to}",
            hint="name another --to, or give the list another name",
        )
    rows = list(job_list.read_list(listed))
    dispatched = BatchResult()
    with _explain_write_errors(to), _lock_folder(to):
        for result in _BatchRun(request, to, rows).results():
            dispatched.results.append(result)
            done(result, len(rows))
        dispatched.results.sort(key=lambda result: result.line)
        _write_report(dispatched.results, to, report_language(request.library))
    return dispatched


@contextmanager
def _explain_write_errors(to: Path) -> Iterator[None]:
    """Raise OutputError for a full disk; finished packs are kept, and the next run resumes."""
    try:
        yield
    except OSError as error:
        said = f"{error.filename or to}: cannot be written: {error.strerror}"
        raise OutputError(said, hint="free some space or name another --to; run it again, and it goes on") from None


@contextmanager
def _lock_folder(to: Path) -> Iterator[None]:
    """Keep other runs out of a folder, and remove what a killed one left half written. Raises OutputError."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        lock = FileLock(to / LOCK_FILE)
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


class _BatchRun:
    def __init__(self, request: BuildRequest, to: Path, rows: list[JobRow]) -> None:
        self._request, self._to, self._rows = request, to, rows
        self._log = _DoneLog(to, request.out / ISSUE_LOG)

    def results(self) -> Iterator[RowResult]:
        rows, times = self._rows, MAX_ATTEMPTS
        while rows:
            tasks: list[_PackTask] = []
            yield from self._planned(rows, tasks)
            times -= 1
            rows = []
            yield from self._made(tasks, rows if times else None)

    def _planned(self, rows: list[JobRow], tasks: list[_PackTask]) -> Iterator[RowResult]:
        """Plan rows: yield those that have failed or are kept, and collect the others."""
        orders = {row.place.line: PackOrder(row.job, self._to / row.job.output) for row in rows if row.job}
        found = packs_orders.plan_packs(self._request, orders)
        letters_of_rows = (row.job.letter for row in self._rows if row.job)
        protected_files = ProtectedFiles((*letters_of_rows, *published_files(self._request.out, self._to)))
        for row in rows:
            try:
                task = self._task(row, found.get(row.place.line), protected_files)
            except Exception as error:  # whatever is wrong with one letter stops no other
                known = error if isinstance(error, PdfkitError) else fault_log.internal_error(error)
                yield _failed_result(row, fault_log.report(known.problem))
                continue
            if not isinstance(task, _PackTask):
                yield _failed_result(row, *task)
            elif self._log.has(task.key, task.pack.out):
                yield _row_result(task, "kept")
            else:
                tasks.append(task)

    def _task(
        self, row: JobRow, pack: Pack | Problem | None, protected_files: ProtectedFiles
    ) -> _PackTask | tuple[Problem, ...]:
        if pack is None or row.job is None:
            return row.problems
        if isinstance(pack, Problem):
            return (pack,)
        if over := protected_files.conflict(pack.out, pack.way):
            return (make_problem("overwrites", output=pack.out.name, file=over.name),)
        seen = FileStamp.of(row.job.letter.stat()) if row.job.letter.exists() else None
        key = _pack_key(row.job, pack, letters.read_letter_bytes(row.job.letter, seen))
        return _PackTask(row, replace(pack, seen=seen), key)

    def _made(self, tasks: list[_PackTask], again: list[JobRow] | None) -> Iterator[RowResult]:
        """Make packs; collect in `again` the rows whose letter or leaflets were changed meanwhile."""
        waiting = {task.row.place.line: task for task in tasks}
        if not waiting:
            return
        limits = worker_pool.TaskLimits(min(self._request.workers, len(waiting)), self._request.seconds)
        work = [(line, task.pack) for line, task in waiting.items()]
        try:
            for outcome in worker_pool.run_tasks(assembly.make_pack, work, limits, init_worker):
                task, problem = waiting.pop(outcome.name), outcome.problem
                if outcome.result:
                    self._log.add(task.key, task.pack, outcome.result)
                    yield _row_result(task, "done", outcome.result)
                elif problem and problem.code in CHANGED_CODES and again is not None:
                    again.append(task.row)
                elif problem:
                    yield _failed_result(task.row, problem)
        except WorkerPoolError as error:
            for task in waiting.values():
                yield _failed_result(task.row, Problem(str(error)))


def _pack_key(job: Job, pack: Pack, letter: bytes) -> str:
    """Return what a pack is made from, as a digest: the letter's bytes, the leaflets' texts, the channel."""
    digest = hashlib.sha256(letter).hexdigest()
    parts = [digest, job.output, job.channel, job.way, *(f"{one.path} {one.digest}" for one in pack.enclosures)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _DoneLog:
    """What has been done, and which leaflets went out: two files of JSON lines that only grow.

    Of an output only the newest line counts: a letter, another, and the first again are three packs. A pack has a number in the log of leaflets
    that follows from a secret of this folder, so that a run that was killed finds its own again, and nobody turns it back into a letter.
    """

    def __init__(self, to: Path, issued: Path) -> None:
        self._to, self._done, self._issued = to, to / DONE_LOG, issued
        self._newest: dict[str, tuple[str, dict[str, str]]] = {}
        self._times = Counter[str]()
        self._secret = ""
        for line in read_json_lines(self._done):
            if isinstance(key := line.get("key"), str) and isinstance(output := line.get("output"), str):
                files = line.get("files")
                self._newest[output] = key, files if isinstance(files, dict) else {}  # an older version has no digests
                self._times[output] += 1
        self._logged = {line["pack"] for line in read_json_lines(issued) if isinstance(line.get("pack"), str)}

    def has(self, key: str, out: Path) -> bool:
        """Say whether a pack is the last one that was made under its name, and is still there as it was made."""
        known, files = self._newest.get(out.name, ("", {}))
        return known == key and bool(files) and all(_has_digest(out.with_name(name), files[name]) for name in files)

    def add(self, key: str, pack: Pack, packed: PackResult) -> None:
        """Enter a pack that stands in its place. The leaflets first: a run that is killed here makes the pack again, and enters it once."""
        output, number = pack.out.name, self._number(key, pack.out.name)
        if number not in self._logged:
            append_json_lines(self._issued, issue_entries(pack, number, datetime.now(UTC)))
            self._logged.add(number)
        files = dict(zip(packed.files, packed.sha256, strict=True))
        for stale, digest in self._newest.get(output, ("", {}))[1].items():
            if stale not in files and _has_digest(
                pack.out.with_name(stale), digest
            ):  # it was split into more files before
                pack.out.with_name(stale).unlink(missing_ok=True)
        append_json_lines(self._done, [{"key": key, "output": output, "files": files}])
        self._newest[output] = key, files
        self._times[output] += 1

    def _number(self, key: str, output: str) -> str:
        self._secret = self._secret or _folder_secret(self._to)
        said = f"{self._times[output]}\n{key}"
        return hmac.new(self._secret.encode(), said.encode(), "sha256").hexdigest()[:32]


def _folder_secret(to: Path) -> str:
    """Return the secret of a folder of packs, which is made with its first pack."""
    with Folder.at(to) as folder:
        if folder.look(KEY):
            return folder.read(KEY, 1000).decode("ascii", "replace")
        folder.write(part := f"{KEY}.part", token_hex(32).encode())
        folder.move(part, folder, KEY)
        return folder.read(KEY, 1000).decode("ascii")


def _has_digest(file: Path, sha256: str) -> bool:
    """Say whether a file is there, with these bytes in it."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _failed_result(row: JobRow, *problems: Problem) -> RowResult:
    job = row.job
    names = (utf8_safe(job.letter.name), job.output) if job else ("", "")
    return RowResult(row.place.line, *names, "failed", problems)


def _row_result(task: _PackTask, state: str, packed: PackResult | None = None) -> RowResult:
    letter = utf8_safe(task.letter.name)
    return RowResult(task.row.place.line, letter, task.pack.out.name, state, (), packed, leaflet_labels(task.pack))


def _write_report(results: list[RowResult], to: Path, language: str) -> None:
    """Write report.csv and report.json beside the packs, for their owner's eyes only."""
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(REPORT_COLUMNS)
    for one in results:
        words = (one.letter, one.output, one.state, in_one_line(one.problems, language))
        writer.writerow((one.line, *map(csv_cell, words), *report_figures(one.packed, one.leaflets, language)))
    said = json.dumps([_result_json(one, language) for one in results], ensure_ascii=False, indent=2) + "\n"
    with Folder.at(to) as folder:
        for name, text in (("report.csv", table.getvalue()), ("report.json", said)):
            part = f".{name}.part"
            (to / part).unlink(missing_ok=True)
            folder.write(part, text.encode())
            (to / part).replace(to / name)


def _result_json(result: RowResult, language: str) -> dict[str, object]:
    words = [(problem.code, *reader_words(problem, language)) for problem in result.problems]
    problems = [{"code": code, "message": why, "hint": do} for code, why, do in words]
    return asdict(result) | {"problems": problems, "reason": in_one_line(result.problems, language)}


def leaflet_labels(pack: Pack) -> tuple[str, ...]:
    """Return the leaflets of a pack as a report names them, each with its version and short digest."""
    return tuple(f"{one.id} {one.version} {one.digest[:8]}" for one in pack.enclosures)


def report_figures(packed: PackResult | None, leaflets: tuple[str, ...], language: str) -> tuple[object, ...]:
    """Return the last cells of a row of a report: pages, sheets, bytes, leaflets and remarks."""
    numbers = (packed.pages, packed.sheets, packed.bytes) if packed else ("", "", "")
    return (*numbers, csv_cell("; ".join(leaflets)), csv_cell(sending_notes(packed, language)))


def sending_notes(packed: PackResult | None, language: str) -> str:
    """Return what whoever sends a pack must know of it."""
    if packed is None:
        return ""
    notes = [phrase("left_out", language, parts=", ".join(packed.left_out))] if packed.left_out else []
    return "; ".join([*notes, *([] if packed.accessible else [phrase("not_accessible", language)])])


def csv_cell(text: str) -> str:
    """Return words for a cell of a CSV, in one line: a spreadsheet takes what begins like a formula for one, and runs it.

    Where a comma is written in numbers, as in Denmark and Sweden, a semicolon begins a new cell, even in quotation marks.
    """
    return _FORMULA_START.sub(r"\1'\2", _CONTROL_CHARACTERS.sub(" ", utf8_safe(text)))


_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA_START = re.compile(r"""(^|[;,|])([\s"'\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212])""")
