"""A letter with its leaflets on a printer of the clinic: each stapled by itself, once, and nothing of the letter stays."""

import re
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.packs.issue_log import read_issues
from pdfkit_cli.printing import ipp, press
from pdfkit_cli.printing.client import Operation
from pdfkit_cli.printing.ipp import IppMessage
from tests.desk.test_browser import DROP
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import plain, reader
from tests.helpers.lying_printers import LyingPrinter, lying_printer, reply
from tests.helpers.tiny_library import TinyLibrary, tiny
from tests.helpers.virtual_printers import VirtualPrinter, message_bus, virtual_printer

JSON = {"accept": "application/json"}
LEAFLET = "north/first.da.a4.pdf"
WHERE = "/north/pack/print"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("pack-printing")
    library = tiny(folder)
    library.body("## A\n\nTekst.\n" * 40)  # two sheets
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def liar(built: tuple[TinyLibrary, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[LyingPrinter]:
    """The printer of the clinic, which staples."""
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    with lying_printer() as printer:
        printer.printer["finishings-supported"] = ipp.enum(4)
        built[0].write("printers.yaml", f"office: {{name: Office, address: '{printer.uri}', staple: true}}\n")
        yield printer
    (built[0].root / "printers.yaml").unlink()


@pytest.fixture
def asking(
    built: tuple[TinyLibrary, Path], liar: LyingPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TestClient:
    """A desk whose temporary files go where a test can look."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return client(built[0].root, built[1])


@pytest.fixture
def order(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "-", request.node.name)[:64]


def pressed(asking: TestClient, order: str, letter: bytes | None, where: str = WHERE, **more: Any) -> dict[str, Any]:
    files = {"letter": ("Jensen 010180-1234.pdf", letter, "application/pdf")} if letter is not None else None
    data = {"channel": "paper", "leaflet": [LEAFLET], "printer": "office", "order": order} | more
    answer = asking.post(where, data=data, files=files, headers=JSON)
    return {"status": answer.status_code, **answer.json()}


def at_the_end(asking: TestClient, order: str) -> dict[str, Any]:
    for _ in range(10_000):
        found: dict[str, Any] = asking.get(WHERE, params={"order": order}, headers=JSON).json()
        if not found["running"]:
            return found
        time.sleep(0.02)
    raise AssertionError


def texts(document: bytes) -> str:
    return " ".join(page.extract_text() for page in reader(document).pages)


def test_letter_and_leaflet_are_stapled_each_by_itself_and_once(
    asking: TestClient, liar: LyingPrinter, order: str, built: tuple[TinyLibrary, Path], tmp_path: Path
) -> None:
    """However often it is sent, also to a desk that was restarted. Neither the record of orders nor the printer's list names the patient."""
    tickets: list[IppMessage] = []
    liar.before_answer = lambda message: tickets.append(message) if message.code == Operation.CREATE_JOB else None
    before = len([*read_issues(built[1])])
    for desk in (asking, asking, client(built[0].root, built[1])):
        assert pressed(desk, order, plain(40))["status"] == 200  # longer than any other form may be
        end = at_the_end(desk, order)
        assert (end["words"], end["failed"]) == ("printed, sheets: 22", False)
    assert "T-1 version 0.1" in end["lines"]
    letter, leaflet = liar.documents
    assert ("Letter page 3" in texts(letter), "Tekst" in texts(letter)) == (True, False)
    assert ("Letter" in texts(leaflet), "Tekst" in texts(leaflet)) == (False, True)
    asked = [message.group(2) for message in tickets]
    assert [ipp.integers(each, "finishings") for each in asked] == [(4,), (4,)]
    assert {ipp.first_string(each, "sides") for each in asked} == {"two-sided-long-edge"}
    issues = [*read_issues(built[1])][before:]
    assert [(issue.leaflet, issue.way, issue.copies) for issue in issues] == [("T-1", "printer", 1)]
    names = [ipp.first_string(job, "job-name").partition(" [")[0] for job in liar.jobs.values()]
    assert names == ["Letter", "T-1 da a4"]
    orders = b"".join(file.read_bytes() for file in (built[1] / ".pdfkit/prints").glob("*.jsonl"))
    assert b"Jensen" not in orders
    assert not list((tmp_path / "tmp").iterdir())


def test_without_staples_it_is_one_job(
    asking: TestClient, liar: LyingPrinter, order: str, built: tuple[TinyLibrary, Path]
) -> None:
    """No other print can come between; one page of the letter leaves its back blank."""
    built[0].replace("printers.yaml", "staple: true", "staple: false")
    asking = client(built[0].root, built[1])
    pressed(asking, order, plain(1))
    assert at_the_end(asking, order)["words"] == "printed, sheets: 3"
    [document] = liar.documents
    pages = [page.extract_text().strip() for page in reader(document).pages]
    assert (pages[0], pages[1], "Tekst" in pages[2]) == ("Letter page 1", "", True)


@pytest.mark.usefixtures("worker_processes")
def test_the_rest_of_a_letter_after_a_jam(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    """Only that part is printed again, from its sheet on."""

    def attributes(message: IppMessage) -> IppMessage:
        number = ipp.first_integer(message.group(1), "job-id")
        state = {"job-state": ipp.enum(8 if number == 1 else 9), "job-impressions-completed": ipp.integer(2)}
        return reply(message, 2, liar.jobs[number] | state)

    liar.says[Operation.GET_JOB_ATTRIBUTES] = attributes
    pressed(asking, order, plain(5))
    end = at_the_end(asking, order)
    assert "“Letter”: given up by the printer after 1 of 3 sheets" in end["words"]
    [rest] = end["rests"]
    assert (rest["words"], rest["from"]) == ("Letter: Print the rest, from sheet 2", 2)
    pressed(asking, end["next"], plain(5), rest["address"], **{"from": str(rest["from"]), "copies": "1"})
    assert not at_the_end(asking, end["next"])["failed"]
    pages = [page.extract_text().strip() for page in reader(liar.documents[-1]).pages]
    assert pages == ["Letter page 3", "Letter page 4", "Letter page 5", ""]
    assert len(liar.documents) == 3


@pytest.mark.usefixtures("worker_processes")
def test_a_printer_that_takes_no_pdf_gets_it_drawn(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    """In a process of its own, as whatever opens a letter."""
    liar.printer |= {
        "document-format-supported": ipp.keyword("image/pwg-raster"),
        "pwg-raster-document-resolution-supported": (ipp.IppValue(ipp.ValueTag.RESOLUTION, ipp.Resolution(150, 150)),),
        "pwg-raster-document-type-supported": ipp.keyword("sgray_8"),
    }
    pressed(asking, order, plain(1))
    assert at_the_end(asking, order)["words"].startswith("printed, sheets: ")
    assert [document[:4] for document in liar.documents] == [b"RaS2"] * 2


@pytest.mark.parametrize(
    ("letter", "more", "status"),
    [
        (plain(1), {"printer": "none"}, 404),
        (plain(1), {"order": "x"}, 404),
        (plain(1), {"channel": "digital"}, 400),
        (b"no PDF", {}, 400),
        (plain(1), {"leaflet": ["south/first.da.a4.pdf"]}, 400),
        (plain(1), {"where": f"{WHERE}?part=9"}, 404),
    ],
)
def test_what_cannot_be_printed(
    asking: TestClient, liar: LyingPrinter, order: str, letter: bytes, more: dict[str, Any], status: int, tmp_path: Path
) -> None:
    assert pressed(asking, **({"order": order, "letter": letter} | more))["status"] == status
    assert liar.documents == []
    assert not list((tmp_path / "tmp").iterdir())


# In a browser, on a whole printer


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinter]:
    folder = tmp_path_factory.mktemp("stapler")
    with ExitStack() as running:
        bus = running.enter_context(message_bus(folder))
        yield running.enter_context(virtual_printer(folder / "printer", bus, finishings_supported="3,4"))


@pytest.fixture
def page(
    browser: Browser, serving: Callable[[Path, Path], str], printer: VirtualPrinter, tmp_path: Path
) -> Iterator[Page]:
    library = tiny(tmp_path)
    library.body("## A\n\nTekst.\n" * 40)
    library.write("printers.yaml", printer.entry(staple="yes"))
    assert build(BuildRequest(library.root, tmp_path / "dist")).clean
    context = browser.new_context(locale="da-DK", base_url=serving(library.root, tmp_path / "dist"))
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_a_letter_in_a_browser(page: Page, printer: VirtualPrinter) -> None:
    page.goto("/north/leaflet/first")
    page.get_by_role("button", name="Læg i brev").click()
    page.evaluate(DROP, ["brev.pdf", b64encode(plain(3)).decode()])
    expect(page.get_by_text("Er det den rigtige patient?")).to_be_visible()
    page.get_by_role("button", name="Saml brev og pjecer").click()
    page.locator("[data-press-pack]").dblclick()
    expect(page.locator("[data-pressed]")).to_have_text("printet: 4 ark")
    expect(page.get_by_label("Til patientens journal")).to_have_value(re.compile("T-1 version 0.1"))
    got = [
        (job.ticket["FINISHINGS"], job.ticket["SIDES"], job.ticket["COPIES"], job.ticket["MEDIA"])
        for job in printer.jobs
    ]
    assert got == [("staple", "two-sided-long-edge", "1", "iso_a4_210x297mm")] * 2
    assert "Letter page 3" in texts(printer.jobs[0].document)
    page.get_by_role("button", name="Næste patient").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.goto("/north/pack")
    expect(page.locator("[data-items] li")).to_have_count(0)
