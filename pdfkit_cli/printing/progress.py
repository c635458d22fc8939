"""How far a job is, in sheets and words: from the attributes of job and printer to values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.ipp import Attributes
from pdfkit_cli.printing.problems import phrase
from pdfkit_cli.printing.ticket import JobSize

JOB_ATTRIBUTE_NAMES: Final = (
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "job-name",
)

STATE_ATTRIBUTE_NAMES: Final = ("printer-state", "printer-state-reasons")


class JobPhase(StrEnum):
    """What becomes of a job."""

    INCOMING = "incoming"
    """Its document has not arrived whole."""

    WAITING = "waiting"
    PRINTING = "printing"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be printed."""
        return self in (JobPhase.DONE, JobPhase.CANCELLED, JobPhase.FAILED)


_PHASES: Final = {
    3: JobPhase.WAITING,
    4: JobPhase.WAITING,
    5: JobPhase.PRINTING,
    6: JobPhase.STOPPED,
    7: JobPhase.CANCELLED,
    8: JobPhase.FAILED,
    9: JobPhase.DONE,
}
"""The values of `job-state` (RFC 8011, 5.3.7)."""

_INCOMING = frozenset({"job-incoming", "job-data-insufficient"})

_STOPPED_PRINTER: Final = 5
"""The value of `printer-state` for a printer that waits for a person."""

TROUBLES: Final = {
    "media-empty": "no-paper",
    "media-needed": "no-paper",
    "media-jam": "jam",
    "cover-open": "open",
    "door-open": "open",
    "interlock-open": "open",
    "input-tray-missing": "tray-out",
    "toner-empty": "no-toner",
    "marker-supply-empty": "no-toner",
    "output-area-full": "full",
    "output-tray-missing": "tray-out",
    "paused": "paused",
    "stopping": "paused",
    "shutdown": "off",
    "offline": "off",
    "connecting-to-device": "off",
    "timed-out": "off",
}
"""Reasons for which a printer waits for a person (RFC 8011, 5.4.12), and the phrase of each."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: sheets that are in the tray, of all its copies, and what the printer is waiting for."""

    phase: JobPhase
    sheets_done: int
    sheets: int
    troubles: tuple[str, ...] = ()
    sheets_used: int = 0
    """Sheets of paper that the printer says it took; 0 where it does not say."""

    def words(self, language: str = "en") -> str:
        """Return it in one line."""
        phase = "stopped" if self.troubles and not self.phase.is_final else str(self.phase)
        if phase == "stopped" and not self.troubles:
            phase = "stopped-somehow"
        why = ", ".join(phrase(f"trouble-{trouble}", language) for trouble in self.troubles)
        next_sheet = min(self.sheets_done + 1, self.sheets)
        return phrase(f"job-{phase}", language, done=self.sheets_done, next=next_sheet, sheets=self.sheets, why=why)


def read_progress(job: Attributes, printer: Attributes, size: JobSize) -> JobProgress:
    """Return how far a job is. A state that is missing or unknown counts as waiting."""
    phase = _PHASES.get(ipp.first_integer(job, "job-state"), JobPhase.WAITING)
    reasons = ipp.strings(job, "job-state-reasons")
    if phase is JobPhase.WAITING and _INCOMING & {*reasons}:
        phase = JobPhase.INCOMING
    impressions = ipp.first_integer(job, "job-impressions-completed")
    used = ipp.first_integer(job, "job-media-sheets-completed")
    done = _sheets_of(impressions, size) if impressions > 0 else used
    if phase is JobPhase.DONE:
        done = size.sheets
    waits = ipp.first_integer(printer, "printer-state") == _STOPPED_PRINTER or phase is JobPhase.STOPPED
    said = (*ipp.strings(printer, "printer-state-reasons"), *reasons)
    troubles = () if phase.is_final else read_troubles(said, waits=waits)
    return JobProgress(phase, min(max(done, 0), size.sheets), size.sheets, troubles, max(used, 0))


def _sheets_of(impressions: int, size: JobSize) -> int:
    """Return the sheets that are printed on all their sides: a copy begins on a new sheet."""
    copies, pages = divmod(impressions, max(size.pages, 1))
    return copies * size.sheets_per_copy + pages // size.pages_per_sheet


_ALWAYS_WAITS: Final = frozenset({"media-needed", "media-jam", "cover-open", "door-open", "interlock-open"})
"""Reasons for which a printer waits also where it calls them warnings: a tray that is empty need not be the one that is used."""


def read_troubles(reasons: Iterable[str], *, waits: bool) -> tuple[str, ...]:
    """Return what a printer is waiting for. What it only warns of is left out, unless it `waits`."""
    found = []
    for reason in reasons:
        keyword, _, level = reason.rpartition("-")
        keyword, level = (keyword, level) if level in ("error", "warning", "report") else (reason, "error")
        stops = level == "error" or waits or (level == "warning" and keyword in _ALWAYS_WAITS)
        if keyword in TROUBLES and stops:
            found.append(TROUBLES[keyword])
    return tuple(dict.fromkeys(found))


def seems_one_sided(progress: JobProgress, size: JobSize) -> bool:
    """Return whether a printer took so many sheets for a job that it cannot have printed on both sides.

    A printer that counts sides as sheets seems so, too: that is asked of a person, and nothing is concluded from it.
    """
    return size.pages_per_sheet == 2 and progress.sheets_used >= size.pages * size.copies > size.sheets


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is missing of a job that ended early: the sheet to go on from in the copy that was begun, and the copies after it."""

    from_sheet: int
    copies_after: int


def remainder(sheets_done: int, sheets_per_copy: int, copies: int, sheets_before: int = 0) -> Remainder:
    """Return what is missing after a number of sheets; in a copy that was not begun, the first sheet is.

    A single copy may have begun after `sheets_before`, which are in the tray.
    """
    complete, inside = divmod(sheets_done, sheets_per_copy)
    return Remainder(sheets_before + inside + 1, max(copies - complete - 1, 0))
