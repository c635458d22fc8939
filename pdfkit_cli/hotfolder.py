"""A hot folder: letters that are put into an inbox come out of an outbox as packs, each once, whatever is killed or unplugged when."""

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pdfkit_cli import execute, letters, orders, packs, places
from pdfkit_cli.attach import ready
from pdfkit_cli.build import Request
from pdfkit_cli.dispatch import cell, figures, leaflets
from pdfkit_cli.errors import PdfkitError, UsageError, in_words
from pdfkit_cli.execute import WorkersError
from pdfkit_cli.inbox import ALONE, Delivery, Inbox
from pdfkit_cli.issuelog import ISSUED, lines_of
from pdfkit_cli.jobs import Row
from pdfkit_cli.journal import Journal
from pdfkit_cli.orders import Order
from pdfkit_cli.packs import Pack, Packed

DONE, FAILED = "done", "failed"

INTERVAL = 1.0
"""Seconds between two looks into the inbox."""

RETRY = 10.0
"""Seconds to the next look where something other than a letter is in the way."""

REPORT = ("time", "letter", "output", "state", "reason", "pages", "sheets", "bytes", "leaflets", "remarks")


@dataclass(frozen=True, slots=True)
class Round:
    """What one look brought: letters done and failed, and those that wait, with the reason for it."""

    done: int = 0
    failed: int = 0
    waiting: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one letter; `state` is done or failed."""

    row: Row
    state: str
    reason: str = ""
    pack: Pack | None = None
    packed: Packed | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    """What a worker made, or what was in its way: the letter's file, which may be refused later, or something else."""

    packed: Packed | None
    obstacle: str = ""
    letter: bool = False


def make(pack: Pack) -> _Made:
    """Make a pack in a worker. A letter that cannot be packed is an error; a drive that is away, or full, is none of the letter's fault."""
    try:
        return _Made(packs.make(pack))
    except PdfkitError as error:
        cause = error.__context__
        gone = isinstance(cause, FileNotFoundError) and pack.letter and pack.letter.parent.is_dir()
        if isinstance(cause, OSError) and not gone:
            return _Made(None, f"{error}", isinstance(error, letters.LetterError))
        raise


def watch(request: Request, inbox: Path, outbox: Path, told: Callable[[str], None]) -> None:
    """Look into the inbox until it is interrupted; `told` gets a line when something happened, without names or words of letters.

    Raises UsageError where a folder is not there or cannot be used, OutputError where another process watches.
    """
    folder = HotFolder(request, inbox, outbox)
    trouble = ""
    try:
        while True:
            made = folder.look()
            if made.done or made.failed:
                told(
                    f"{made.done} made, {made.failed} failed"
                    + (f"; see {folder.inbox / FAILED}" if made.failed else "")
                )
            if made.reason != trouble:
                trouble = made.reason
                told(f"{made.waiting} waiting: {trouble}" if trouble else "it goes on")
            time.sleep(RETRY if trouble else INTERVAL)
    finally:
        folder.close()


class HotFolder:
    """An inbox and an outbox. `look` does what there is to do."""

    def __init__(
        self,
        request: Request,
        inbox: Path,
        outbox: Path,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._request, self._today, self._clock = request, today, clock
        self.inbox, self.outbox = _folder(inbox), _folder(outbox)
        if self.outbox in (self.inbox, self.inbox / DONE, self.inbox / FAILED):
            raise UsageError(f"{outbox}: packs cannot go where letters come from", hint="name another folder")
        places.check_out(request.out, request.library)
        self._look = Inbox(self.inbox, clock)
        self._held: dict[str, float] = {}
        try:
            for name in (DONE, FAILED):
                (self.inbox / name).mkdir(exist_ok=True)
            self._journal: Journal | None = Journal(self.outbox, request.out / ISSUED, new=True)
        except OSError as error:
            raise UsageError(f"{error.filename or outbox}: cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Remove what is unfinished, and let go of the outbox."""
        if self._journal:
            self._journal.__exit__(None, None, None)
            self._journal = None

    def look(self) -> Round:
        """Pack what has come whole. What cannot be reached or built now waits for the next look."""
        waiting = 0
        try:
            deliveries = self._look.look()
            waiting = sum(len(delivery.rows) for delivery in deliveries)
            if self._journal is None:
                self._journal = Journal(self.outbox, self._request.out / ISSUED)
            if not deliveries:
                return Round()
            self._journal.check()
            return self._deal_with(deliveries, self._journal)
        except (OSError, PdfkitError, WorkersError) as error:
            if isinstance(error, OSError):
                self.close()  # it is opened anew, and goes on where it was
            return Round(waiting=waiting, reason=_words(error))

    def _deal_with(self, deliveries: list[Delivery], journal: Journal) -> Round:
        ended: dict[str, Ended] = {}
        obstacles = self._make(deliveries, journal, ended)
        done = failed = 0
        settled = []
        for delivery in deliveries:
            ends = [_end(row, name, ended, journal) for row, name in zip(delivery.rows, delivery.ids, strict=True)]
            known = [end for end in ends if end]
            if len(known) == len(ends):
                self._settle(delivery, known, journal)
                settled.append(delivery)
                done += sum(end.state == DONE for end in known)
                failed += sum(end.state == FAILED for end in known)
        journal.tidy()
        if len(settled) == len(deliveries):
            journal.forget()
        return Round(done, failed, len(obstacles), next(iter(obstacles.values()), ""))

    def _make(self, deliveries: Iterable[Delivery], journal: Journal, ended: dict[str, Ended]) -> dict[str, str]:
        """Make what has not been made, and hand it over. Returns what is in the way of those that wait."""
        rows = {
            name: row
            for delivery in deliveries
            for row, name in zip(delivery.rows, delivery.ids, strict=True)
            if row.job and not journal.placed(name)
        }
        wanted = {
            name: Order(row.job, journal.folder_for(name) / row.job.output) for name, row in rows.items() if row.job
        }
        if not wanted:
            return {}
        found = orders.packs_of(replace(self._request, as_of=self._today()), wanted)
        tasks: dict[str, Pack] = {}
        for name, pack in found.items():
            if isinstance(pack, str):
                ended[name] = Ended(rows[name], FAILED, pack)
            else:
                tasks[name] = pack
        return self._run(tasks, rows, journal, ended)

    def _run(
        self, tasks: Mapping[str, Pack], rows: Mapping[str, Row], journal: Journal, ended: dict[str, Ended]
    ) -> dict[str, str]:
        obstacles: dict[str, str] = {}
        if not tasks:
            return obstacles
        limits = execute.Limits(min(self._request.workers, len(tasks)), self._request.seconds)
        for outcome in execute.run(make, tasks.items(), limits, ready):
            name, made = outcome.name, outcome.result
            row, pack = rows[name], tasks[name]
            reason = outcome.error
            if made and made.packed:
                issued = lines_of(pack, name, datetime.now(UTC))
                reason = journal.place(name, list(made.packed.files), issued)
                ended[name] = Ended(row, FAILED if reason else DONE, reason, pack, made.packed)
            elif made and not (made.letter and self._too_long(name)):
                obstacles[name] = made.obstacle
            else:
                ended[name] = Ended(row, FAILED, reason or (made.obstacle if made else ""))
        self._held = {name: since for name, since in self._held.items() if name in obstacles}
        return obstacles

    def _too_long(self, name: str) -> bool:
        """Say whether a letter that cannot be read has been waited for long enough."""
        return self._clock() - self._held.setdefault(name, self._clock()) >= ALONE

    def _settle(self, delivery: Delivery, ends: list[Ended], journal: Journal) -> None:
        """Move a delivery to where it belongs: a letter where one of its packs failed to failed/, and so its list, with the reasons."""
        for name in (DONE, FAILED):
            (self.inbox / name).mkdir(exist_ok=True)
        failed = [end for end in ends if end.state == FAILED]
        bad = {end.row.job.letter for end in failed if end.row.job} | {*(delivery.beside if failed else ())}
        taken: set[Path] = set()
        moves = []
        for letter in delivery.letters():
            if letter.exists():
                moves.append(self._to(FAILED if letter in bad else DONE, letter, taken))
        slip = self._to(FAILED if failed else DONE, delivery.slip, taken)
        if failed:
            reason = _free(Path(slip["to"]).with_suffix(".reason.txt"), taken)
            moves.append({"text": reason_text(delivery, failed), "to": str(reason)})
        report = self.inbox / DONE / f"report-{self._today()}.csv"
        journal.settle([*moves, slip], {"to": str(report), "text": _report(ends, new=not report.exists())})

    def _to(self, folder: str, path: Path, taken: set[Path]) -> dict[str, str]:
        return {"from": str(path), "to": str(_free(self.inbox / folder / path.name, taken))}


def _end(row: Row, name: str, ended: Mapping[str, Ended], journal: Journal) -> Ended | None:
    """Return what became of a row; None while it waits."""
    if row.job is None:
        return Ended(row, FAILED, row.error)
    return ended.get(name) or (Ended(row, DONE) if journal.placed(name) else None)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder", hint="make it first; is the drive there?")
    return path.resolve()


def _free(path: Path, taken: set[Path]) -> Path:
    """Return a path that no file has: this one, or one with a number."""
    number, free = 1, path
    while free.exists() or free in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    taken.add(free)
    return free


def reason_text(delivery: Delivery, failed: Iterable[Ended]) -> str:
    """Return what a person reads who looks for a letter that has not gone out."""
    said = []
    for end in failed:
        name = end.row.job.letter.name if end.row.job else delivery.slip.name
        line = f", line {end.row.place.line}" if end.row.place.line else ""
        why = end.reason
        for path in (end.row.job.letter if end.row.job else delivery.slip, delivery.slip):
            why = why.removeprefix(f"{path}: ")
        why, _, todo = why.partition("; ")
        said.append(f"{name}{line}\n  Why: {why}\n" + (f"  What to do: {todo}\n" if todo else ""))
    return (
        "These letters have NOT been sent on:\n\n"
        + "\n".join(said)
        + f"\nWhen it is mended, put the letters and {delivery.slip.name} into the inbox again.\n"
        + (
            "Letters of this list that are not named here have been packed: take their lines out first.\n"
            if len(delivery.rows) > 1
            else ""
        )
    )


def _report(ends: Iterable[Ended], *, new: bool) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    if new:
        writer.writerow(REPORT)
    for end in ends:
        packed, job = end.packed, end.row.job
        names = (job.letter.name, job.output) if job else (Path(end.row.place.file).name, "")
        sent = leaflets(end.pack) if end.pack and packed else ()
        when = datetime.now(UTC).isoformat(timespec="seconds")
        words = (*names, end.state, end.reason)
        writer.writerow((when, *map(cell, words), *figures(packed, sent)))
    return table.getvalue()


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'a folder'} cannot be reached: {error.strerror}"
    return in_words(error)
