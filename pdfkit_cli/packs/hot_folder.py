"""A hot folder: each letter in an inbox appears in an outbox as a pack, exactly once, even after a crash or a lost drive."""

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from pdfkit_cli.build import output_guard
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.errors import PdfkitError, Problem, UsageError, utf8_safe
from pdfkit_cli.packs import assembly, orders
from pdfkit_cli.packs.assembly import Pack, PackResult
from pdfkit_cli.packs.attaching import init_worker
from pdfkit_cli.packs.batch import csv_cell, leaflet_labels, report_figures
from pdfkit_cli.packs.inbox import ORPHAN_SECONDS, Delivery, Inbox
from pdfkit_cli.packs.issue_log import ISSUE_LOG, issue_entries
from pdfkit_cli.packs.job_list import JobRow
from pdfkit_cli.packs.journal import (
    DONE_FOLDER,
    FAILED_FOLDER,
    Journal,
    free_name,
    move_entry,
    note_entry,
    numbered_name,
)
from pdfkit_cli.packs.orders import PackOrder
from pdfkit_cli.packs.problems import (
    in_one_line,
    make_problem,
    passes_by_itself,
    phrase,
    reader_words,
    report_language,
)
from pdfkit_cli.system import fault_log, worker_pool
from pdfkit_cli.system.folders import FileStamp, Folder
from pdfkit_cli.system.worker_pool import WorkerPoolError

POLL_INTERVAL = 1.0
"""Seconds between two polls of the inbox."""

RETRY_INTERVAL = 10.0
"""Seconds to the next poll after an error that does not come from a letter."""

REGROWTH_WATCH_SECONDS = 120.0
"""Seconds for which a packed letter is observed in done/: a scanner may still be adding pages to it."""

UNREADABLE_CODES = ("letter-missing", "letter-unreadable")
"""Problems that pass when a drive comes back, unless that takes too long."""

REPORT_COLUMNS = ("time", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets", "remarks")


@dataclass(frozen=True, slots=True)
class PollResult:
    """The result of one poll: letters done, failed and waiting, and why the first one waits.

    `late` counts letters that grew after they were packed: their packs are incomplete.
    """

    done: int = 0
    failed: int = 0
    waiting: int = 0
    reason: str = ""
    late: int = 0


@dataclass(frozen=True, slots=True)
class LetterResult:
    """The result of one letter; `state` is done or failed."""

    row: JobRow
    state: str
    problems: tuple[Problem, ...] = ()
    pack: Pack | None = None
    packed: PackResult | None = None


def watch_inbox(request: BuildRequest, inbox: Path, outbox: Path, told: Callable[[str], None]) -> None:
    """Poll the inbox until interrupted; `told` gets a line for each event, without names or content of letters.

    Raises UsageError if a folder is missing or cannot be used, OutputError if another process watches it.
    """
    folder = HotFolder(request, inbox, outbox)
    trouble = ""
    try:
        while True:
            made = folder.look()
            if made.done or made.failed:
                told(
                    f"{made.done} made, {made.failed} failed"
                    + (f"; see {folder.inbox / FAILED_FOLDER}" if made.failed else "")
                )
            if made.late:
                told(
                    f"{made.late} grew after they were packed, so their packs are incomplete; see {folder.inbox / FAILED_FOLDER}"
                )
            if made.reason != trouble:
                trouble = made.reason
                told(f"{made.waiting} waiting: {trouble}" if trouble else "resumed")
            time.sleep(RETRY_INTERVAL if trouble else POLL_INTERVAL)
    finally:
        folder.close()


class HotFolder:
    """An inbox and an outbox. `look` does one poll."""

    def __init__(
        self,
        request: BuildRequest,
        inbox: Path,
        outbox: Path,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._request, self._today, self._clock = request, today, clock
        self.inbox, self.outbox = _open_folder(inbox), _open_folder(outbox)
        if self.outbox in (self.inbox, self.inbox / DONE_FOLDER, self.inbox / FAILED_FOLDER):
            raise UsageError(f"{outbox}: packs cannot go where letters come from", hint="name another folder")
        output_guard.check_output_folder(request.out, request.library)
        self._look = Inbox(self.inbox, clock)
        self._held: dict[str, float] = {}
        self._moved: dict[str, tuple[FileStamp, float]] = {}
        try:
            self._check_folders(new=True)
            self._journal: Journal | None = self._open(new=True)
        except OSError as error:
            raise UsageError(f"{error.filename or outbox}: cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Remove unfinished packs, and unlock the outbox."""
        if self._journal:
            self._journal.close()
            self._journal = None

    def look(self) -> PollResult:
        """Pack every complete delivery. What cannot be reached or built now waits for the next poll."""
        waiting = 0
        try:
            trouble = self._resume_journal()  # before the inbox is read, since this moves files
            deliveries = self._look.look()
            waiting = sum(len(delivery.rows) for delivery in deliveries)
            late = self._late()
            if trouble or self._journal is None:
                raise trouble or FileNotFoundError
            if not deliveries:
                return self._ended(PollResult(late=late))
            self._check_folders()
            self._journal.check()
            untouched = [delivery for delivery in deliveries if not _is_settling(delivery, self._journal)]
            made = self._process_deliveries(untouched, self._journal)
            return self._ended(replace(made, late=late))
        except (OSError, PdfkitError, WorkerPoolError, MemoryError) as error:
            if isinstance(error, OSError):
                self.close()  # it is reopened by the next poll, and resumes
            return PollResult(waiting=waiting, reason=self._words(error))

    def _open(self, *, new: bool = False) -> Journal:
        return Journal(self.inbox, self.outbox, self._request.out / ISSUE_LOG, new=new)

    def _resume_journal(self) -> OSError | PdfkitError | None:
        """Open the journal if it is closed, and complete its unfinished entries. Returns the error that prevents it."""
        try:
            if self._journal is None:
                self._journal = self._open()
            elif not self._journal.is_finished:
                self._journal.check()
                self._journal.retry()
        except (OSError, PdfkitError) as error:
            return error
        return None

    def _check_folders(self, *, new: bool = False) -> None:
        """Raise UntrustedPathError if done/ or failed/ is a link or belongs to another user.

        Nothing is packed that could not be moved there.
        """
        with Folder.at(self.inbox) as inbox:
            for name in (DONE_FOLDER, FAILED_FOLDER):
                if new or inbox.look(name):
                    inbox.ours(name, new=new).close()

    def _ended(self, made: PollResult) -> PollResult:
        """Add the entries waiting in the journal, and files that cannot be inspected."""
        journal = self._journal
        trouble = [*(journal.trouble if journal else ()), *([self._look.trouble] if self._look.trouble else ())]
        if journal and journal.is_broken:
            self.close()
        if trouble and not made.reason:
            made = replace(made, reason=self._words(trouble[0]))
        return replace(made, waiting=made.waiting + len(trouble))

    def _process_deliveries(self, deliveries: list[Delivery], journal: Journal) -> PollResult:
        """Process deliveries together and, after an unexpected error, one by one, to find the one that causes it."""
        ended: dict[str, LetterResult] = {}
        try:
            obstacles = self._make(deliveries, journal, ended)
        except (OSError, PdfkitError, WorkerPoolError):
            raise
        except Exception as error:
            if len(deliveries) > 1:
                return _sum_results(self._process_deliveries([delivery], journal) for delivery in deliveries)
            obstacles = {}
            problem = fault_log.report(fault_log.internal_error(error).problem)
            for row, name in zip(deliveries[0].rows, deliveries[0].ids, strict=True):
                if not (journal.placed(name) or journal.is_waiting(name)):
                    ended[name] = LetterResult(row, FAILED_FOLDER, (problem,))
        return self._settled(deliveries, journal, ended, obstacles)

    def _settled(
        self,
        deliveries: list[Delivery],
        journal: Journal,
        ended: dict[str, LetterResult],
        obstacles: dict[str, Problem],
    ) -> PollResult:
        done = failed = 0
        for delivery in deliveries:
            ends = [
                _letter_result(row, name, ended, journal) for row, name in zip(delivery.rows, delivery.ids, strict=True)
            ]
            known = [end for end in ends if end]
            if len(known) < len(ends):
                continue
            done += sum(end.state == DONE_FOLDER for end in known)
            failed += sum(end.state == FAILED_FOLDER for end in known)
            try:
                self._settle(delivery, known, journal)
            except Exception as error:  # an error with one delivery does not stop the others
                if journal.is_broken:
                    raise
                obstacles.setdefault(delivery.slip.name, Problem(self._words(error)))
        journal.tidy()
        journal.forget()
        return PollResult(done, failed, len(obstacles), next(map(_waiting_reason, obstacles.values()), ""))

    def _make(
        self, deliveries: Iterable[Delivery], journal: Journal, ended: dict[str, LetterResult]
    ) -> dict[str, Problem]:
        """Make the missing packs, and hand them over. Returns why the others wait."""
        rows: dict[str, JobRow] = {}
        wanted: dict[str, PackOrder] = {}
        obstacles: dict[str, Problem] = {}
        for delivery in deliveries:
            for row, name in zip(delivery.rows, delivery.ids, strict=True):
                if row.job is None or journal.placed(name):
                    continue
                if journal.is_waiting(name):
                    obstacles[name] = make_problem("outbox-full")
                    continue
                rows[name] = row
                seen = delivery.seen.get(row.job.letter.name)
                wanted[name] = PackOrder(row.job, journal.folder_for(name) / row.job.output, seen)
        if not wanted:
            return obstacles
        found = orders.plan_packs(replace(self._request, as_of=self._today()), wanted)
        tasks: dict[str, Pack] = {}
        for name, pack in found.items():
            if isinstance(pack, Pack):
                tasks[name] = pack
            elif pack.passing:
                obstacles[name] = pack
            else:
                ended[name] = LetterResult(rows[name], FAILED_FOLDER, (pack,))
        return obstacles | self._run(tasks, rows, journal, ended)

    def _run(
        self, tasks: Mapping[str, Pack], rows: Mapping[str, JobRow], journal: Journal, ended: dict[str, LetterResult]
    ) -> dict[str, Problem]:
        obstacles: dict[str, Problem] = {}
        if not tasks:
            return obstacles
        limits = worker_pool.TaskLimits(min(self._request.workers, len(tasks)), self._request.seconds)
        for outcome in worker_pool.run_tasks(assembly.make_pack, tasks.items(), limits, init_worker):
            name, problem = outcome.name, outcome.problem
            row, pack = rows[name], tasks[name]
            if problem is None:
                self._place(name, LetterResult(row, DONE_FOLDER, (), pack, outcome.result), journal, ended, obstacles)
            elif problem.passing and not (problem.code in UNREADABLE_CODES and self._too_long(name)):
                obstacles[name] = problem
            else:
                ended[name] = LetterResult(row, FAILED_FOLDER, (problem,))
        self._held = {name: since for name, since in self._held.items() if name in obstacles}
        return obstacles

    def _place(
        self,
        name: str,
        end: LetterResult,
        journal: Journal,
        ended: dict[str, LetterResult],
        obstacles: dict[str, Problem],
    ) -> None:
        """Hand a pack over if its letter is unchanged since it was packed."""
        assert end.pack
        assert end.packed
        if not self._is_unchanged(end.row, end.pack.seen):
            obstacles[name] = make_problem("letter-exchanged")
            return
        try:
            problem = journal.place(
                name, end.packed.files, issue_entries(end.pack.enclosures, uuid4().hex, datetime.now(UTC))
            )
        except OSError as error:
            if journal.is_waiting(name) and not journal.is_broken:  # the journal has it, and tries again
                obstacles[name] = Problem(self._words(error))
                return
            if journal.is_broken or passes_by_itself(error):
                raise
            problem = make_problem("outbox-refused", reason=error.strerror)
        ended[name] = replace(end, state=FAILED_FOLDER, problems=(problem,)) if problem else end

    def _is_unchanged(self, row: JobRow, seen: FileStamp | None) -> bool:
        """Return whether a letter is unchanged since it was inspected."""
        if row.job is None or seen is None:
            return True
        with Folder.at(self.inbox) as inbox:
            return inbox.look(row.job.letter.name) == seen

    def _too_long(self, name: str) -> bool:
        """Return whether a letter has been unreadable for long enough to fail."""
        return self._clock() - self._held.setdefault(name, self._clock()) >= ORPHAN_SECONDS

    def _settle(self, delivery: Delivery, ends: list[LetterResult], journal: Journal) -> None:
        """Move the files of a delivery to done/ or, if their pack failed, to failed/ with a file that states the reasons."""
        failed = [end for end in ends if end.state == FAILED_FOLDER]
        bad = {end.row.job.letter for end in failed if end.row.job} | {*(delivery.beside if failed else ())}
        moves, language = [], report_language(self._request.library)
        for path in (*delivery.letters(), delivery.slip):
            where = FAILED_FOLDER if path in bad or (failed and path == delivery.slip) else DONE_FOLDER
            if seen := delivery.seen.get(path.name):
                moves.append(move_entry(path.name, seen, where))
        if failed:
            text = reason_file_text(delivery, failed, language)
            moves.append(note_entry(reason_file_name(delivery.slip), text, FAILED_FOLDER))
        report = {
            "to": f"report-{self._today()}.csv",
            "head": _csv_table([REPORT_COLUMNS]),
            "text": _csv_table(_report_row(end, language) for end in ends),
        }
        moved = journal.settle([name for name in delivery.ids if name], moves, report)
        for letter in {*delivery.letters()} - bad:
            self._look.packed(letter.name)
            if letter.name in moved:
                self._moved[moved[letter.name]] = delivery.seen[letter.name], self._clock()

    def _words(self, error: Exception) -> str:
        """Return an error as text, without names of files in the inbox or the outbox, which are those of letters."""
        if isinstance(error, MemoryError):
            return "there is not enough memory"
        if isinstance(error, OSError):
            path = Path(str(error.filename or ""))
            known = path.is_absolute() and path.parent not in (self.inbox, self.outbox)
            return f"{path if known else 'a file'} cannot be reached: {error.strerror}"
        if isinstance(error, WorkerPoolError):
            return str(error)
        told = error if isinstance(error, PdfkitError) else fault_log.internal_error(error)
        return str(fault_log.report(told.problem))

    def _late(self) -> int:
        """Return how many letters have grown in done/, and write a reason file for each.

        A scanner keeps writing into a file that was moved.
        """
        if not self._moved:
            return 0
        now, late = self._clock(), 0
        with suppress(OSError, PdfkitError), Folder.at(self.inbox) as inbox, inbox.ours(DONE_FOLDER) as done:
            for name, (seen, since) in [*self._moved.items()]:
                found = done.look(name)
                if found and found.inode == seen.inode and found != seen:
                    late += 1
                    with inbox.ours(FAILED_FOLDER, new=True) as failed:
                        failed.write(
                            free_name(failed, reason_file_name(Path(name))),
                            _grew_text(name, report_language(self._request.library)).encode(),
                        )
                elif found and now - since < REGROWTH_WATCH_SECONDS:
                    continue
                del self._moved[name]
        return late


def _grew_text(name: str, language: str) -> str:
    why, do = phrase("grew_why", language), phrase("grew_do", language)
    return f"{phrase('grew_title', language)}\n\n{utf8_safe(name)}\n{_why_and_what(why, do, language)}"


def _waiting_reason(problem: Problem) -> str:
    """Return why a letter waits, without its name."""
    return str(replace(problem, place=None))


def _is_settling(delivery: Delivery, journal: Journal) -> bool:
    seen = delivery.seen.get(delivery.slip.name)
    return seen is not None and journal.is_settling(delivery.slip.name, seen)


def _sum_results(rounds: Iterable[PollResult]) -> PollResult:
    made = [*rounds]
    reason = next((one.reason for one in made if one.reason), "")
    return PollResult(
        sum(one.done for one in made), sum(one.failed for one in made), sum(one.waiting for one in made), reason
    )


def _letter_result(row: JobRow, name: str, ended: Mapping[str, LetterResult], journal: Journal) -> LetterResult | None:
    """Return the result of a row; None while it is waiting."""
    if row.job is None:
        return LetterResult(row, FAILED_FOLDER, row.problems)
    return ended.get(name) or (LetterResult(row, DONE_FOLDER) if journal.placed(name) else None)


def _open_folder(path: Path) -> Path:
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder", hint="make it first; is the drive there?")
    return path.resolve()


def reason_file_name(slip: Path) -> str:
    """Return the name of the file that states why a delivery failed."""
    return numbered_name(f"{slip.stem}.txt", ".reason")


def reason_file_text(delivery: Delivery, failed: Iterable[LetterResult], language: str) -> str:
    """Return the text of the file that states why letters have not been sent, and how to send them again."""
    entries = []
    for end in failed:
        name = utf8_safe(end.row.job.letter.name if end.row.job else delivery.slip.name)
        line = f", {phrase('line', language, line=end.row.place.line)}" if end.row.place.line else ""
        entries.append(f"{name}{line}\n" + "".join(_problem_text(problem, language) for problem in end.problems))
    parts = [phrase("failed_title", language), "", *entries]
    parts.append(phrase("failed_retry", language, slip=utf8_safe(delivery.slip.name)))
    if len(delivery.rows) > 1:
        parts.append(phrase("failed_others", language))
    return "\n".join(parts) + "\n"


def _problem_text(problem: Problem, language: str) -> str:
    why, do = reader_words(problem, language)
    if problem.place and problem.place.line:
        why = f"{phrase('line', language, line=problem.place.line)}: {why}"
    return _why_and_what(why, do, language)


def _why_and_what(why: str, do: str, language: str) -> str:
    remedy = f"  {phrase('what_to_do', language)}: {do}\n" if do else ""
    return f"  {phrase('why', language)}: {why}\n{remedy}"


def _report_row(end: LetterResult, language: str) -> tuple[object, ...]:
    packed, job = end.packed, end.row.job
    names = (job.letter.name, job.output) if job else (Path(end.row.place.file).name, "")
    sent = leaflet_labels(end.pack) if end.pack and packed else ()
    when = datetime.now(UTC).isoformat(timespec="seconds")
    reason = in_one_line(end.problems, language)
    return (when, *map(csv_cell, (*names, end.state, reason)), *report_figures(packed, sent, language))


def _csv_table(rows: Iterable[Iterable[object]]) -> str:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return table.getvalue()
