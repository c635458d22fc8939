"""Orders: what was asked of a printer, entered on the disk before it is sent, so that nothing is printed twice.

Each order is a file of JSON lines in `OUT/.pdfkit/prints`, append-only, which is locked while it is being printed.
A job is first created at the printer, which prints nothing; then `sending` is entered; then its document is sent; then `sent`.
So after a crash, a job without `sending` was not printed, one with `sent` is followed by its number, and of one between
the two the printer is asked. If it does not know, nobody does: that is said, and the job is never sent again by itself.

The lines name leaflets, and no patient.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from filelock import FileLock, Timeout

from pdfkit_cli.build.output_folder import WORK_FOLDER
from pdfkit_cli.packs.issue_log import dump_json_lines, parse_json_lines
from pdfkit_cli.printing.problems import PrintingError, PrintingUsageError
from pdfkit_cli.printing.selection import PrintRequest
from pdfkit_cli.printing.ticket import JobSize
from pdfkit_cli.system.folders import Folder

ORDERS_FOLDER: Final = "prints"

MAX_ORDER_BYTES: Final = 1 << 20
"""Length of the longest file of an order that is read."""

KEPT_DAYS: Final = 30
"""Days after which a finished order is forgotten: its name could then be used again."""

_ORDER_NAME = re.compile(r"[0-9A-Za-z-]{8,64}")


class JobStage(StrEnum):
    """What is certain of a job."""

    NEW = "new"
    """Nothing of it was printed."""

    CREATED = "created"
    """The printer has a job without a document: nothing of it was printed."""

    SENDING = "sending"
    """Its document was sent, or was about to be: only the printer knows."""

    SENT = "sent"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What is known of one job of an order: its leaflet, counted from 0, its copies, and how far it has come."""

    leaflet: int
    copies: int
    stage: JobStage = JobStage.NEW
    number: int = 0
    """The printer's number of the job."""

    title: str = ""
    size: JobSize | None = None
    outcome: str = ""
    sheets: int = 0
    """Sheets that were printed when it ended."""


class PrintOrder:
    """An order that is being printed by this process, and by no other until it is closed."""

    def __init__(self, folder: Folder, name: str, lock: FileLock) -> None:
        self.name, self._folder, self._lock = name, folder, lock
        self.jobs: list[JobRecord] = []
        self.number = ""
        """A random number, for the log of what went out: a script may have put anything into the name."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release(force=True)
        self._folder.close()

    def record(self, index: int, stage: JobStage, **values: Any) -> None:
        """Enter how far a job is, and wait until that is on the disk. Raises OSError."""
        line = {"job": index, "stage": str(stage), **values}
        self._folder.append(f"{self.name}.jsonl", dump_json_lines([line]))
        self.jobs[index] = _advanced(self.jobs[index], line)

    @property
    def is_finished(self) -> bool:
        """Whether no job of it is open."""
        return _is_finished(self.jobs)


def request_digest(wanted: PrintRequest, printer: str, paths: Sequence[str]) -> str:
    """Return what makes two orders the same: the PDFs, not what is in them, how many, and where."""
    asked = [printer, list(paths), wanted.copies, wanted.from_sheet, wanted.sets]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def is_order_name(name: str) -> bool:
    """Return whether an order can have this name."""
    return _ORDER_NAME.fullmatch(name) is not None


def open_order(
    out: Path, digest: str, plan: Sequence[tuple[int, int]], *, name: str = "", again: bool = False
) -> PrintOrder:
    """Open the order of a name, or an unfinished one that asks for the same, or a new one with `plan`: leaflet and copies of each job.

    `again` gives up an unfinished one that asks for the same, and begins a new one.
    Raises PrintingError if another process prints it, or if the name was given to something else; OSError.
    """
    if name and not is_order_name(name):
        raise PrintingUsageError("order-name", order=name[:80])
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = orders_folder(out)
        stack.callback(folder.close)
        with FileLock(folder.path / "lock"):
            _forget_old(folder)
            known = name or ("" if again else _unfinished(folder, digest))
            order = _locked(folder, known or uuid.uuid4().hex)
            stack.callback(order.__exit__, None, None, None)
            _read_or_begin(order, folder, digest, plan)
            if again:
                _give_up(folder, _unfinished(folder, digest, but=order.name))
        stack.pop_all()
        return order


def _give_up(folder: Folder, name: str) -> None:
    """End an order whose prints nobody knows of, unless it is being printed at the moment."""
    if name:
        with suppress(Timeout), FileLock(folder.path / f"{name}.lock", timeout=0):
            folder.append(f"{name}.jsonl", dump_json_lines([{"given-up": True}]))


def orders_folder(out: Path) -> Folder:
    """Open the folder of orders, which nobody else may write to."""
    with Folder.at(out) as opened, opened.ours(WORK_FOLDER, new=True) as work:
        return work.ours(ORDERS_FOLDER, new=True, private=True)


def _locked(folder: Folder, name: str) -> PrintOrder:
    lock = FileLock(folder.path / f"{name}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PrintingError("order-running") from None
    return PrintOrder(folder, name, lock)


def _read_or_begin(order: PrintOrder, folder: Folder, digest: str, plan: Sequence[tuple[int, int]]) -> None:
    lines = _lines(folder, order.name)
    if not lines or (lines[0].get("digest") != digest and _is_untouched(_jobs(lines))):
        time, number = datetime.now(UTC).isoformat(timespec="seconds"), uuid.uuid4().hex
        first = {"digest": digest, "time": time, "number": number, "plan": [*plan]}
        folder.append(f"{order.name}.jsonl", dump_json_lines([first]))
        folder.sync()
        lines = _lines(folder, order.name)
    if lines[0].get("digest") != digest:
        raise PrintingUsageError("order-differs", order=order.name)
    order.jobs = _jobs(lines)
    order.number = str(lines[0].get("number", uuid.uuid4().hex))


def _lines(folder: Folder, name: str) -> list[dict[str, Any]]:
    """Return the lines of an order, from the last plan on: it has another one if nothing of the first was ever sent."""
    try:
        lines = [*parse_json_lines(folder.read(f"{name}.jsonl", MAX_ORDER_BYTES, ours=True))]
    except FileNotFoundError:
        return []
    return lines[max((at for at, line in enumerate(lines) if "plan" in line), default=0) :]


def _jobs(lines: Sequence[Mapping[str, Any]]) -> list[JobRecord]:
    jobs = [JobRecord(int(leaflet), int(copies)) for leaflet, copies in lines[0]["plan"]]
    for line in lines[1:]:
        if "job" in line:
            jobs[line["job"]] = _advanced(jobs[line["job"]], line)
        elif line.get("given-up"):
            jobs = [replace(job, stage=JobStage.ENDED, outcome=job.outcome or "given-up") for job in jobs]
    return jobs


def _advanced(job: JobRecord, line: Mapping[str, Any]) -> JobRecord:
    values = {name: line[name] for name in ("number", "title", "outcome", "sheets") if name in line}
    if "size" in line:
        values["size"] = JobSize(**line["size"])
    return replace(job, stage=JobStage(line["stage"]), **values)


def size_entry(size: JobSize) -> dict[str, int]:
    """Return a size as it is entered."""
    return asdict(size)


def _is_forgettable(jobs: Sequence[JobRecord]) -> bool:
    return all(job.stage in (JobStage.NEW, JobStage.ENDED) for job in jobs)


def _is_untouched(jobs: Sequence[JobRecord]) -> bool:
    return all(job.stage is JobStage.NEW and not job.number for job in jobs)


def _is_finished(jobs: Sequence[JobRecord]) -> bool:
    return all(job.stage is JobStage.ENDED for job in jobs)


def _names(folder: Folder) -> list[str]:
    return sorted(name.removesuffix(".jsonl") for name in folder.names() if name.endswith(".jsonl"))


def _unfinished(folder: Folder, digest: str, but: str = "") -> str:
    """Return the name of an unfinished order that asks for the same; an empty string if there is none."""
    for name in _names(folder):
        lines = _lines(folder, name)
        if name != but and lines and lines[0].get("digest") == digest and not _is_finished(_jobs(lines)):
            return name
    return ""


def _forget_old(folder: Folder) -> None:
    """Remove orders that were finished long ago, or never begun."""
    before = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    for name in _names(folder):
        if folder.stat(f"{name}.jsonl").st_mtime < before.timestamp() and _is_forgettable(_jobs(_lines(folder, name))):
            for file in (f"{name}.jsonl", f"{name}.lock"):
                with suppress(OSError):
                    (folder.path / file).unlink()
