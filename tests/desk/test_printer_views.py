"""Print on a printer of the clinic: one press prints once, whatever happens, and says how far it is until the end."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.output_folder import OutputFolder
from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.desk.print_jobs import MAX_COPIES
from pdfkit_cli.printing import ipp, press
from pdfkit_cli.printing.client import Operation
from pdfkit_cli.printing.ipp import IppMessage
from tests.helpers import personal_fields_library
from tests.helpers.desk_client import client, library_of
from tests.helpers.letter_pdfs import reader
from tests.helpers.lying_printers import LyingPrinter, lying_printer, reply
from tests.helpers.tiny_library import TinyLibrary, tiny
from tests.helpers.virtual_printers import VirtualPrinter, message_bus, virtual_printer

PRINT = "/north/print/first.da.a4.pdf"
ORDER = "0123456789abcdef"
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("pressing")
    library = tiny(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def liar(built: tuple[TinyLibrary, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[LyingPrinter]:
    """The printer of `north`; the one of `south` is elsewhere."""
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    with lying_printer() as printer:
        entries = f"office: {{name: Office, address: '{printer.uri}', clinics: [north]}}\n"
        built[0].write("printers.yaml", entries + "other: {name: Other, cups: none, clinics: [south]}\n")
        yield printer
    (built[0].root / "printers.yaml").unlink()


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path], liar: LyingPrinter) -> TestClient:
    return client(built[0].root, built[1])


@pytest.fixture
def order(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "-", request.node.name)[:64]


def pressed(asking: TestClient, name: str, **more: str) -> dict[str, Any]:
    answer = asking.post(PRINT, data={"printer": "office", "copies": "1", "order": name} | more, headers=JSON)
    return {"status": answer.status_code, **answer.json()}


def at_the_end(asking: TestClient, order: str) -> dict[str, Any]:
    for _ in range(1000):
        found: dict[str, Any] = asking.get(PRINT, params={"order": order}, headers=JSON).json()
        if not found["running"]:
            return found
        time.sleep(0.02)
    raise AssertionError


def test_the_page_offers_the_printers_of_the_clinic(asking: TestClient) -> None:
    page = asking.get("/north/leaflet/first").text
    assert "Print on Office" in page
    assert "Other" not in page
    names = [
        re.findall('name="order" value="([0-9a-f]{32})"', asking.get("/north/leaflet/first").text) for _ in range(2)
    ]
    assert names[0] != names[1]


def test_no_printers_no_button(built: tuple[TinyLibrary, Path]) -> None:
    for text in ("", "office: {name: [\n"):
        built[0].write("printers.yaml", text or "{}\n")
        assert "data-press" not in client(built[0].root, built[1]).get("/north/leaflet/first").text
    (built[0].root / "printers.yaml").unlink()


def test_one_press_prints_once(
    asking: TestClient, liar: LyingPrinter, order: str, built: tuple[TinyLibrary, Path]
) -> None:
    """However often it is sent, also to a desk that was restarted, and also when it is over."""
    assert pressed(asking, order)["status"] == 200
    pressed(asking, order)
    end = at_the_end(asking, order)
    assert (end["words"], end["failed"]) == ("printed, sheets: 1", False)
    assert end["next"] != order
    pressed(asking, order)
    restarted = client(built[0].root, built[1])
    assert restarted.get(PRINT, params={"order": order}, headers=JSON).status_code == 404
    pressed(restarted, order)
    assert at_the_end(restarted, order)["failed"] is False
    assert liar.documents == [(built[1] / "north/first.da.a4.pdf").read_bytes()]


def test_a_press_goes_before_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """What is printed, and what the chart says of it, is what was made beside the build, and never what was published before."""
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    library, out = tiny(tmp_path), tmp_path / "dist"
    with lying_printer() as printer:
        library.write("printers.yaml", f"office: {{name: Office, address: '{printer.uri}'}}\n")
        assert build(
            BuildRequest(library.root, out, selection=Selection(("first",), ("north",), ("da",), ("a4",)))
        ).clean
        before = (out / "north/first.da.a4.pdf").read_bytes()
        library.body("## Hop\n\nEn anden tekst.\n")
        asking = client(library.root, out)
        with OutputFolder(out):  # as while a build writes
            pressed(asking, order)
            end = at_the_end(asking, order)
            made = asking.get("/north/pdf/first.da.a4.pdf").content
        assert (end["words"], printer.documents) == ("printed, sheets: 1", [made])
        assert made != before == (out / "north/first.da.a4.pdf").read_bytes()
        entry = library_of(asking).latest("north/first.da.a4.pdf")
        assert entry
        assert f"code {entry.digest[:8]}" in end["lines"]


def test_another_press_prints_again(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    pressed(asking, order, copies="3")
    pressed(asking, at_the_end(asking, order)["next"])
    for _ in range(500):
        if len(liar.documents) == 2:
            break
        time.sleep(0.02)
    assert len(liar.documents) == 2


def test_what_went_wrong_is_said_in_the_language_of_the_desk(
    asking: TestClient, liar: LyingPrinter, order: str
) -> None:
    liar.printer["sides-supported"] = ipp.keyword("one-sided")
    liar.printer["media-ready"] = ipp.keyword("iso_a5_148x210mm")
    asking.cookies.set("language", "da")
    pressed(asking, order)
    end = at_the_end(asking, order)
    assert end["words"] == "Der er ikke A4 i Office. Læg papir i, og indstil skuffen til det, eller vælg formatet a5."
    assert (end["failed"], end["next"]) == (True, order), "nothing was sent: the same order is tried again"
    del liar.printer["media-ready"]
    pressed(asking, order)
    assert at_the_end(asking, order)["words"] == "printet: 1 ark"
    assert len(liar.documents) == 1


def test_an_answer_that_nobody_can_give_ends_the_order(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    liar.says[Operation.SEND_DOCUMENT] = lambda message: b""
    liar.says[Operation.GET_JOB_ATTRIBUTES] = lambda message: reply(message, status=0x0406)
    pressed(asking, order)
    end = at_the_end(asking, order)
    assert end["words"].startswith("Office did not say whether it got “T-1 da a4")
    assert end["next"] != order, "somebody was told to look in the tray"
    pressed(asking, order)
    assert len(liar.documents) == 1


def test_a_job_that_is_cancelled_at_the_printer(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    def attributes(message: IppMessage) -> IppMessage:
        return reply(message, 2, liar.jobs[1] | {"job-state": ipp.enum(7), "job-impressions-completed": ipp.integer(2)})

    liar.says[Operation.GET_JOB_ATTRIBUTES] = attributes
    pressed(asking, order, copies="5")
    end = at_the_end(asking, order)
    assert "cancelled at the printer after 2 of 5 sheets" in end["words"]
    assert end["failed"] is True


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"printer": "other"}, 404),
        ({"printer": ""}, 404),
        ({"order": "../../../x"}, 404),
        ({"order": ""}, 404),
        ({"copies": "0"}, 400),
        ({"copies": str(MAX_COPIES + 1)}, 400),
        ({"copies": "1.5"}, 400),
    ],
)
def test_what_is_not_asked_by_our_page(
    asking: TestClient, liar: LyingPrinter, more: dict[str, str], status: int
) -> None:
    assert pressed(asking, ORDER, **more)["status"] == status
    assert liar.asked == []


def test_the_order_of_another_clinic_is_none_of_ours(asking: TestClient, order: str) -> None:
    pressed(asking, order)
    at_the_end(asking, order)
    assert asking.get(PRINT.replace("north", "south"), params={"order": order}, headers=JSON).status_code == 404


def test_what_may_not_be_handed_out_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tiny(tmp_path)
    with lying_printer() as printer:
        library.write("printers.yaml", f"office: {{name: Office, address: '{printer.uri}'}}\n")
        review = "status: approved\nreviewed: 2020-01-01\nreview_by: 2021-01-01"
        library.replace("content/first/leaflet.yaml", "status: draft", review)
        assert pressed(client(library.root, tmp_path / "dist"), ORDER)["status"] == 410
        assert printer.asked == []


def test_without_scripts_a_page_says_it(asking: TestClient, order: str) -> None:
    answer = asking.post(PRINT, data={"printer": "office", "copies": "1", "order": order})
    assert answer.status_code == 200
    at_the_end(asking, order)
    assert "printed, sheets: 1" in asking.get(PRINT, params={"order": order}).text


def test_what_is_filled_in_for_a_patient_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """Wrong fields and past days are answered as for the print window; nothing that was typed is in the record of orders."""
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    library = tiny(tmp_path)
    personal_fields_library.write(library)
    with lying_printer() as printer:
        library.write("printers.yaml", f"office: {{name: Office, address: '{printer.uri}'}}\n")
        asking = client(library.root, tmp_path / "dist")
        tomorrow = date.today() + timedelta(1)
        day, past = f"{tomorrow:%d.%m.%Y}", f"{date.today() - timedelta(2):%d.%m.%Y}"
        wrong = pressed(asking, order, **{"personal.date": "soon"})
        assert (wrong["status"], [*wrong["fields"]]) == (422, ["date"])
        assert pressed(asking, order, **{"personal.date": past})["status"] == 409
        assert printer.documents == []
        assert pressed(asking, order, **{"personal.date": day, "personal.time": "14.05"})["status"] == 200
        assert at_the_end(asking, order)["words"] == "printed, sheets: 1"
        [document] = printer.documents
        assert f"{tomorrow.year}" in reader(document).pages[0].extract_text()
        assert "14.05" in reader(document).pages[0].extract_text()
        orders = b"".join(file.read_bytes() for file in (tmp_path / "dist/.pdfkit/prints").glob("*.jsonl"))
        assert b"14.05" not in orders


# In a browser, on a whole printer


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinter]:
    folder = tmp_path_factory.mktemp("office")
    script = 'for n in 1 2; do echo "ATTR: job-impressions-completed=$n" >&2; sleep 0.7; done'
    with ExitStack() as running:
        bus = running.enter_context(message_bus(folder))
        yield running.enter_context(virtual_printer(folder / "printer", bus, script=script))


@pytest.fixture
def page(
    browser: Browser,
    serving: Callable[[Path, Path], str],
    printer: VirtualPrinter,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """A leaflet of a clinic with two printers; the second one is nowhere."""
    folder = tmp_path_factory.mktemp("desk")
    library = tiny(folder)
    library.write("printers.yaml", printer.entry(place="Stuen") + "gone: {name: Away, address: 'ipp://127.0.0.1:9/'}\n")
    assert build(BuildRequest(library.root, folder / "dist")).clean
    context = browser.new_context(locale="da-DK", base_url=serving(library.root, folder / "dist"))
    page = context.new_page()
    page.goto("/north/leaflet/first")
    expect(page.locator(".page-pictures img").first).to_be_visible()
    yield page
    context.close()


def test_a_press_in_a_browser(page: Page, printer: VirtualPrinter) -> None:
    before = len(printer.jobs)
    page.get_by_label("Antal").fill("2")
    page.locator("[data-press]").dblclick()
    said = page.locator("[data-pressed]")
    expect(said).to_contain_text(re.compile(r"printer ark \d af 2|venter på printeren"))
    expect(said).to_have_text("printet: 2 ark")
    assert [job.ticket["COPIES"] for job in printer.jobs[before:]] == ["2"]
    expect(page.locator("[data-press]")).to_be_enabled()
    page.locator("[data-press]").press("Enter")
    expect(said).not_to_have_text("printet: 2 ark")
    expect(said).to_have_text("printet: 2 ark")
    assert len(printer.jobs) == before + 2
    assert page.locator("#print-frame").count() == 0


def test_the_printer_is_remembered(page: Page) -> None:
    expect(page.locator("[data-press]")).to_have_text("Udskriv på The printer")
    page.get_by_label("Printer", exact=True).select_option("gone")
    expect(page.locator("[data-press]")).to_have_text("Udskriv på Away")
    page.reload()
    expect(page.get_by_label("Printer", exact=True)).to_have_value("gone")
    expect(page.locator("[data-press]")).to_have_text("Udskriv på Away")
    page.locator("[data-press]").click()
    expect(page.locator("[data-print-problem]")).to_contain_text("Away kan ikke nås. Er den tændt og på netværket?")
    expect(page.locator("[data-pressed]")).to_be_hidden()


def test_filled_in_for_a_patient_in_a_browser(
    browser: Browser, serving: Callable[[Path, Path], str], printer: VirtualPrinter, tmp_path: Path
) -> None:
    """A slip is shown at its field, a past day is asked about, and the next patient finds no field filled in."""
    library = tiny(tmp_path)
    personal_fields_library.write(library)
    library.write("printers.yaml", printer.entry())
    context = browser.new_context(locale="da-DK", base_url=serving(library.root, tmp_path / "dist"))
    page, asked, before = context.new_page(), list[str](), len(printer.jobs)
    past = date.today() - timedelta(2)

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.goto("/north/leaflet/first")
    expect(page.locator("[data-press]")).to_be_enabled(timeout=60_000)
    page.locator("[name=date]").fill("snart")
    page.locator("[data-press]").click()
    expect(page.locator("[name=date]")).to_have_attribute("aria-invalid", "true", timeout=60_000)
    page.locator("[name=date]").fill(f"{past:%d.%m.%Y}")
    page.locator("[data-press]").press("Enter")  # a second click so soon would be that of a double click
    expect(page.locator("[data-pressed]")).to_have_text("printet: 1 ark", timeout=60_000)
    assert asked == ["En dag er allerede gået. Skal den stå der?"]
    [job] = printer.jobs[before:]
    assert f"{past.day}. " in reader(job.document).pages[0].extract_text()
    page.get_by_role("button", name="Næste patient").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.goto("/north/leaflet/first")
    expect(page.locator("[name=date]")).to_have_value("")
    context.close()
