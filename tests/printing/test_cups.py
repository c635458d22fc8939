"""Through a print server: CUPS on loopback, with a queue that writes a file and one of a whole printer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.content.printers import Printer, Printers
from pdfkit_cli.printing import dispatch, press
from pdfkit_cli.printing.selection import PrintRequest, select_prints
from tests.helpers import founding_library_build as founding_library
from tests.helpers.print_server import PrintServer, print_server
from tests.helpers.tiny_library import FOUNDING
from tests.helpers.virtual_printers import VirtualPrinter


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrintServer]:
    monkeypatch.setattr(press, "POLL_SECONDS", 0.05)
    with print_server() as running:
        yield running


def print_booklet(founding: Path, uri: str) -> list[str]:
    """Print two copies of a booklet of two sheets; return what is said."""
    project, request = founding_library.project(), BuildRequest(FOUNDING, founding, as_of=founding_library.DAY)
    queue = Printers({f"queue-{uri.rpartition(':')[2].replace('/', '-')}": Printer(name="Queue", address=uri)})
    wanted = PrintRequest(("BP-01",), "rygcenter-syddanmark", "da", "a5-booklet", copies=2)
    said: list[str] = []
    chosen = select_prints(project, queue, wanted, request.as_of)
    report = dispatch.print_selection(
        project, request, wanted, chosen, lambda title, progress: said.append(progress.words())
    )
    assert report.clean, report
    assert [job.notes for job in report.jobs] == [()]
    return said


def test_a_queue_that_writes_a_file(founding: Path, server: PrintServer) -> None:
    """In PostScript, turned over the short edge."""
    (server.folder / "out").touch()  # CUPS makes no file any more (CVE-2026-34990)
    uri = server.add_queue("file", f"file:{server.folder}/out", "drv:///sample.drv/generic.ppd", "-o", "Option1=True")
    assert print_booklet(founding, uri)[-1] == "printed, sheets: 4"
    made = (server.folder / "out").read_bytes()
    assert made.startswith(b"%!PS")
    assert b"*Duplex DuplexTumble" in made
    assert b"%%BoundingBox: 0 0 595 842" in made, "A4"


def test_a_queue_of_a_printer(
    founding: Path, server: PrintServer, start_printer: Callable[..., VirtualPrinter]
) -> None:
    printer = start_printer()
    uri = server.add_queue("office", printer.uri, "everywhere")
    assert print_booklet(founding, uri)[-1] == "printed, sheets: 4"
    [job] = printer.jobs
    assert (job.ticket["SIDES"], job.ticket["COPIES"]) == ("two-sided-short-edge", "2")
    assert "x-dimension=21000 y-dimension=29700" in job.ticket["MEDIA_COL"]
    assert (job.type, job.document[:5]) == ("application/pdf", b"%PDF-")
