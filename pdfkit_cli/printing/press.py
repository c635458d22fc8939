"""Sends the jobs of an order to a printer, each at most once, and follows them to their end."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pikepdf

from pdfkit_cli.content.printers import Printer
from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.client import IppClient, IppStatus, PrinterRefusedError, PrinterUnreachableError
from pdfkit_cli.printing.orders import JobRecord, JobStage, PrintOrder, size_entry
from pdfkit_cli.printing.problems import PrintingError, printing_error
from pdfkit_cli.printing.progress import (
    JOB_ATTRIBUTE_NAMES,
    STATE_ATTRIBUTE_NAMES,
    JobPhase,
    JobProgress,
    read_progress,
)
from pdfkit_cli.printing.raster import draw_raster
from pdfkit_cli.printing.ticket import JobSize, JobTicket, RasterSettings, refuse_ignored

POLL_SECONDS: Final = 1.0

LOST_SECONDS: Final = 60.0
"""Seconds without an answer after which a printer is no longer followed."""

BUSY_SECONDS: Final = 300.0
"""Seconds for which a printer may be too busy to take a job."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One job of an order: its title, as the printer shows it, its ticket, and its PDF, which is read when it is sent.

    `draw` returns the pages of a PDF for a printer that takes none.
    """

    title: str
    ticket: JobTicket
    pdf: Callable[[], bytes]
    draw: Callable[[bytes, RasterSettings], bytes] = draw_raster

    def document(self) -> bytes:
        """Return what is sent."""
        return self.draw(self.pdf(), self.ticket.raster) if self.ticket.raster else self.pdf()


Listener = Callable[[int, JobProgress], None]
"""Is called with a job, counted from 0, and how far it is, whenever that has changed."""

SentListener = Callable[[int], None]
"""Is called with a job, counted from 0, that the printer has; for some more than once."""


class Press:
    """Prints one order. Raises PrintingError where it is not known, or known not, what was printed."""

    def __init__(
        self,
        client: IppClient,
        printer: Printer,
        order: PrintOrder,
        unsent: Mapping[int, PrintJob],
        tell: Listener,
        sent: SentListener = lambda index: None,
    ) -> None:
        self._client, self._printer, self._order, self._unsent = client, printer, order, unsent
        self._tell, self._sent = tell, sent
        self.seen: dict[int, JobProgress] = {}
        """How far each job was last, counted from 0."""

    def run(self) -> None:
        """Send what has not been sent, and wait for the end of all jobs."""
        busy_since = 0.0
        while open_jobs := [index for index, job in enumerate(self._order.jobs) if job.stage is not JobStage.ENDED]:
            sent, busy = self._send_all(open_jobs)
            for index in sent:
                self._follow(index)
            if busy and not sent:
                busy_since = busy_since or time.monotonic()
                if time.monotonic() - busy_since > BUSY_SECONDS:
                    raise busy
                time.sleep(POLL_SECONDS)
            elif sent:
                busy_since = 0.0

    def _send_all(self, indices: Sequence[int]) -> tuple[list[int], PrinterRefusedError | None]:
        """Send jobs until the printer takes no more; return those that it has, and its refusal."""
        sent: list[int] = []
        for index in indices:
            try:
                self._ensure_sent(index)
            except PrinterRefusedError as error:
                if error.status == IppStatus.BUSY:
                    return sent, error
                raise
            self._sent(index)
            sent.append(index)
        return sent, None

    def _ensure_sent(self, index: int) -> None:
        record = self._order.jobs[index]
        if record.stage is JobStage.SENDING:
            self._settle(index, record)
            record = self._order.jobs[index]
        if record.stage is JobStage.CREATED:
            self._drop(record.number)
        if record.stage in (JobStage.NEW, JobStage.CREATED):
            self._send(index)

    def _send(self, index: int) -> None:
        job = self._unsent[index]
        title = f"{job.title} [{self._order.name[:6]}-{index + 1}]"
        document = job.document()  # before the printer is asked to wait for it
        created = self._client.create(job.ticket.attributes, title)
        size = size_entry(job.ticket.size)
        self._order.record(index, JobStage.CREATED, number=created.number, title=title, size=size)
        if problem := refuse_ignored(job.ticket, created.ignored, self._printer):
            self._drop(created.number)
            raise printing_error(problem, job.title)
        self._order.record(index, JobStage.SENDING)
        try:
            self._client.send(created.number, document, job.ticket.document_format)
        except (PrinterRefusedError, PrinterUnreachableError) as error:
            self._settle(index, self._order.jobs[index])
            if self._order.jobs[index].stage is JobStage.NEW:
                raise error from None
            return
        self._order.record(index, JobStage.SENT)

    def _settle(self, index: int, record: JobRecord) -> None:
        """Find out whether a document arrived: enters SENT if it did, and NEW if certainly nothing was printed."""
        try:
            progress = self._progress(record)
            if progress.phase is JobPhase.INCOMING:
                self._client.cancel(record.number)
                progress = self._progress(record)
                if progress.phase.is_final and progress.phase is not JobPhase.DONE and not progress.sheets_done:
                    self._order.record(index, JobStage.NEW)
                    return
        except (PrinterRefusedError, PrinterUnreachableError):
            raise PrintingError("order-unknown", printer=self._printer.name, title=record.title) from None
        if progress.phase is JobPhase.INCOMING:
            raise PrintingError("order-unknown", printer=self._printer.name, title=record.title)
        self._order.record(index, JobStage.SENT)

    def _drop(self, number: int) -> None:
        """Cancel a job without a document, which would keep the printer waiting; it ends by itself otherwise."""
        with suppress(PrinterRefusedError, PrinterUnreachableError):
            self._client.cancel(number)

    def _follow(self, index: int) -> None:
        """Wait for the end of a job. Raises PrintingError if the printer no longer answers, or has forgotten it."""
        record, heard = self._order.jobs[index], time.monotonic()
        while True:
            try:
                progress = self._progress(record)
            except PrinterRefusedError as error:
                if error.status not in (IppStatus.NOT_FOUND, IppStatus.GONE):
                    raise
                raise PrintingError("order-forgotten", printer=self._printer.name, title=record.title) from None
            except PrinterUnreachableError:
                if time.monotonic() - heard > LOST_SECONDS:
                    raise PrintingError("order-lost", printer=self._printer.name, title=record.title) from None
                time.sleep(POLL_SECONDS)
                continue
            heard = time.monotonic()
            if self.seen.get(index) != progress:
                self.seen[index] = progress
                self._tell(index, progress)
            if progress.phase.is_final:
                self._order.record(index, JobStage.ENDED, outcome=str(progress.phase), sheets=progress.sheets_done)
                return
            time.sleep(POLL_SECONDS)

    def _progress(self, record: JobRecord) -> JobProgress:
        """Return how far a job is. A job of another name is not ours: a printer that was restarted counts anew."""
        job = self._client.job_attributes(record.number, *JOB_ATTRIBUTE_NAMES)
        name = ipp.first_string(job, "job-name")
        if name and name != record.title:
            raise PrinterRefusedError("printer-refuses", IppStatus.NOT_FOUND, printer=self._printer.name, reason=name)
        size = record.size or JobSize(1, 1, 1)
        return read_progress(job, self._client.printer_attributes(*STATE_ATTRIBUTE_NAMES), size)


def pages_from(pdf: bytes, first_page: int) -> bytes:
    """Return a PDF without the pages before one, counted from 0."""
    if first_page == 0:
        return pdf
    with pikepdf.open(BytesIO(pdf)) as document:
        del document.pages[:first_page]
        written = BytesIO()
        document.save(written)
    return written.getvalue()
