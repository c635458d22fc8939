"""A list of letters to packs, with a report and a log of what was sent.

A second run makes only the packs that are missing or changed.
"""

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
"""Name of the file with the secret from which the log's pack numbers are derived."""

OWN_FILES = (DONE_LOG, LOCK_FILE, KEY, "report.csv", "report.json")
"""Files that a run writes beside the packs."""

REPORT_COLUMNS = ("line", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets", "remarks")


MAX_ATTEMPTS = 3
"""How often a row is planned if its letter or leaflets change before they are joined."""

CHANGED_CODES = ("letter-changed", "leaflet-altered")
"""Problems after which a row is planned again."""


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
    """A row whose pack is to be made, with the pack and the digest of its sources."""

    row: JobRow
    pack: Pack
    key: str

    @property
    def letter(self) -> Path:
        """The letter of the row, even if the pack is made without it."""
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
    """Make the pack of each row of a list in the folder `to`, with a report beside them.

    `done` is called with each result and the number of rows. A row that fails does not stop the others.
    A run after one that was killed resumes: an existing pack of the same letter and leaflets is neither made nor logged again.
    No pack overwrites a letter of the list or a published leaflet.
    Raises UsageError if the list cannot be read or would be overwritten, OutputError if the folder cannot be written.
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
    """Lock a folder against other runs, and remove incomplete files of a killed one. Raises OutputError."""
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
            except Exception as error:  # an unexpected error with one letter does not stop the others
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
        """Make packs; collect in `again` the rows whose letter or leaflets have changed meanwhile."""
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
    """Return a digest of a pack's sources: the letter's bytes, the leaflets' texts, the channel, the output's name and mode."""
    digest = hashlib.sha256(letter).hexdigest()
    parts = [digest, job.output, job.channel, job.way, *(f"{one.path} {one.digest}" for one in pack.enclosures)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _DoneLog:
    """The packs that were made, and the leaflets that were sent: two append-only files of JSON lines.

    Only the newest line of an output counts: a letter, another, and the first again are three packs.
    The number of a pack in the log of leaflets is derived from a secret of this folder: a resumed run recognizes its
    own packs, and nobody can trace a number back to a letter.
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
        """Return whether a pack is the newest one of its name, and its files exist unchanged."""
        known, files = self._newest.get(out.name, ("", {}))
        return known == key and bool(files) and all(_has_digest(out.with_name(name), files[name]) for name in files)

    def add(self, key: str, pack: Pack, packed: PackResult) -> None:
        """Record a pack whose files are complete.

        Its leaflets are logged first: a run that is killed in between makes the pack again, and logs it once.
        """
        output, number = pack.out.name, self._number(key, pack.out.name)
        if number not in self._logged:
            append_json_lines(self._issued, issue_entries(pack.enclosures, number, datetime.now(UTC)))
            self._logged.add(number)
        files = dict(zip(packed.files, packed.sha256, strict=True))
        for stale, digest in self._newest.get(output, ("", {}))[1].items():
            if stale not in files and _has_digest(
                pack.out.with_name(stale), digest
            ):  # an earlier version was split into more files
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
    """Return whether a file exists and has these bytes."""
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
    """Write report.csv and report.json beside the packs, readable by their owner only."""
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
    """Return remarks for the sender of a pack: parts left out, and whether it is not accessible."""
    if packed is None:
        return ""
    notes = [phrase("left_out", language, parts=", ".join(packed.left_out))] if packed.left_out else []
    return "; ".join([*notes, *([] if packed.accessible else [phrase("not_accessible", language)])])


def csv_cell(text: str) -> str:
    """Return text for a cell of a CSV file, in one line, with an apostrophe before anything that begins like a formula.

    A spreadsheet would run it. In countries with a decimal comma, such as Denmark, a formula may also begin after a
    semicolon, which separates cells there even in quotation marks.
    """
    return _FORMULA_START.sub(r"\1'\2", _CONTROL_CHARACTERS.sub(" ", utf8_safe(text)))


_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA_START = re.compile(r"""(^|[;,|])([\s"'\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212])""")
