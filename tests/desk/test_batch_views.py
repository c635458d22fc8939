"""The list for the waiting room: several leaflets, printed as one order or from the browser."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk.batch_views import MAX_LEAFLETS
from pdfkit_cli.packs.issue_log import IssueWay, read_issues
from pdfkit_cli.printing import ipp, press
from pdfkit_cli.printing.client import Operation
from pdfkit_cli.printing.ipp import IppMessage
from tests.desk.test_browser import printed
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import reader
from tests.helpers.lying_printers import LyingPrinter, lying_printer, reply
from tests.helpers.tiny_library import TinyLibrary, tiny
from tests.helpers.virtual_printers import VirtualPrinter, message_bus, virtual_printer

JSON = {"accept": "application/json"}
FIRST, SECOND, SMALL = "first.da.a4.pdf", "second.da.a4.pdf", "first.da.a5.pdf"


def two_leaflets(folder: Path) -> TinyLibrary:
    library = tiny(folder)
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", library.read("content/first/da.md").replace("En titel", "En anden"))
    library.replace("clinics/north.yaml", "hands_out:", "hands_out:\n  second: {languages: [da]}")
    return library


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("batch")
    library = two_leaflets(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def liar(built: tuple[TinyLibrary, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[LyingPrinter]:
    monkeypatch.setattr(press, "POLL_SECONDS", 0.02)
    with lying_printer() as printer:
        built[0].write("printers.yaml", f"office: {{name: Office, address: '{printer.uri}'}}\n")
        yield printer
    (built[0].root / "printers.yaml").unlink()


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path], liar: LyingPrinter) -> TestClient:
    return client(built[0].root, built[1])


@pytest.fixture
def order(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "-", request.node.name)[:64]


def change(asking: TestClient, **what: str) -> int:
    return int(asking.post("/north/batch", data=what, headers=JSON).status_code)


def pressed(asking: TestClient, order: str, *files: str, **more: str) -> dict[str, Any]:
    data = {"printer": "office", "copies": "2", "order": order, "file": list(files or (FIRST, SECOND))} | more
    answer = asking.post("/north/batch/print", data=data, headers=JSON)
    return {"status": answer.status_code, **answer.json()}


def at_the_end(asking: TestClient, order: str, where: str = "batch/print") -> dict[str, Any]:
    for _ in range(1000):
        found: dict[str, Any] = asking.get(f"/north/{where}", params={"order": order}, headers=JSON).json()
        if not found["running"]:
            return found
        time.sleep(0.02)
    raise AssertionError


def test_the_list_is_of_this_clinic_and_this_browser(asking: TestClient) -> None:
    for name in (FIRST, SECOND, FIRST):
        assert change(asking, add=name) == 200
    page = asking.get("/north/batch").text
    assert re.findall(r'name="file" value="([^"]+)"', page) == [SECOND, FIRST], "added again, it is the last"
    assert "For the waiting room (2)" in page
    assert "For the waiting room (" not in asking.get("/south/batch").text
    assert change(asking, add="first.sv.a4.pdf") == 404
    assert change(asking, add="../south/first.da.a4.pdf") == 404
    change(asking, remove=SECOND)
    assert re.findall(r'name="file" value="([^"]+)"', asking.get("/north/batch").text) == [FIRST]
    change(asking, clear="yes")
    assert "Find a leaflet and choose" in asking.get("/north/batch").text
    asking.cookies.set("batch", "|".join(f"a{n}.pdf" for n in range(MAX_LEAFLETS)), path="/north/")
    assert change(asking, add=FIRST) == 400


def test_what_can_no_longer_be_printed_is_said_and_nothing_is_printed(tmp_path: Path) -> None:
    library = two_leaflets(tmp_path)
    asking = client(library.root, tmp_path / "dist")
    for name in (FIRST, SECOND):
        change(asking, add=name)
    library.replace("content/second/leaflet.yaml", "status: draft", "status: withdrawn")
    gone = client(library.root, tmp_path / "dist")
    gone.cookies.set("batch", f"{FIRST}|{SECOND}")
    page = gone.get("/north/batch").text
    assert "cannot be printed any more" in page
    assert "data-print-form" not in page
    assert gone.get("/north/batch/pdf", params={"file": [FIRST, SECOND]}, headers=JSON).status_code == 404


@pytest.mark.parametrize(
    ("sets", "copies"), [("no", [("T-1", 2), ("T-2", 2)]), ("yes", [("T-1", 1), ("T-2", 1), ("T-1", 1), ("T-2", 1)])]
)
def test_one_press_prints_all_of_it_once(
    asking: TestClient,
    liar: LyingPrinter,
    built: tuple[TinyLibrary, Path],
    order: str,
    sets: str,
    copies: list[tuple[str, int]],
) -> None:
    """However often it is sent, also to a desk that was restarted; each leaflet is counted with its copies."""
    before = len([*read_issues(built[1])])
    for desk in (asking, asking, client(built[0].root, built[1])):
        assert pressed(desk, order, sets=sets)["status"] == 200
        end = at_the_end(desk, order)
        assert (end["words"], end["failed"], end["lines"], end["rests"]) == ("printed, sheets: 4", False, "", [])
    names = [ipp.first_string(job, "job-name")[:3] for job in liar.jobs.values()]
    assert names == [name for name, _ in copies]
    assert len(liar.documents) == len(copies)
    issues = [*read_issues(built[1])][before:]
    assert [(issue.leaflet, issue.copies, issue.way) for issue in issues] == [
        (*each, IssueWay.PRINTER) for each in copies
    ]


def test_what_is_missing_is_printed_from_its_sheet_on(asking: TestClient, liar: LyingPrinter, order: str) -> None:
    """The first leaflet jams in its second copy: it is named, and its rest is a press of its own."""

    def attributes(message: IppMessage) -> IppMessage:
        number = ipp.first_integer(message.group(1), "job-id")
        state = {"job-state": ipp.enum(8 if number == 1 else 9), "job-impressions-completed": ipp.integer(1)}
        return reply(message, 2, liar.jobs[number] | state)

    liar.says[Operation.GET_JOB_ATTRIBUTES] = attributes
    pressed(asking, order, copies="3")
    end = at_the_end(asking, order)
    assert end["failed"]
    assert "“T-1 da a4”: given up by the printer after 1 of 3 sheets" in end["words"]
    assert "T-2" not in end["words"]
    [rest] = end["rests"]
    assert rest == {
        "words": "T-1 da a4: Print the 2 copies that are missing",
        "address": "/north/print/first.da.a4.pdf",
        "from": 1,
        "copies": 2,
    }
    again = asking.post(
        rest["address"],
        data={"printer": "office", "order": end["next"], "from": str(rest["from"]), "copies": str(rest["copies"])},
        headers=JSON,
    )
    assert again.status_code == 200
    assert not at_the_end(asking, end["next"], rest["address"].removeprefix("/north/"))["failed"]
    assert len(liar.documents) == 3


@pytest.mark.parametrize(
    ("more", "status"),
    [({"printer": "none"}, 404), ({"order": "x"}, 404), ({"copies": "0"}, 400), ({"from": "0"}, 400)],
)
def test_what_is_not_asked_by_our_page(
    asking: TestClient, liar: LyingPrinter, order: str, more: dict[str, str], status: int
) -> None:
    assert pressed(asking, **({"order": order} | more))["status"] == status
    assert pressed(asking, order, *[FIRST] * (MAX_LEAFLETS + 1))["status"] == 400
    assert pressed(asking, order, "third.da.a4.pdf")["status"] == 404
    assert liar.asked == []


def test_sets_are_one_pdf_for_the_print_window(asking: TestClient) -> None:
    """Each leaflet begins on a sheet of its own; on different paper, or folded, there are no sets."""
    answer = asking.get("/north/batch/pdf", params={"file": [FIRST, SECOND], "copies": 7}, headers=JSON)
    assert answer.status_code == 200
    pdf = reader(answer.content)
    preferences: Any = pdf.trailer["/Root"]["/ViewerPreferences"]
    assert (preferences["/NumCopies"], preferences["/Duplex"]) == (7, "/DuplexFlipLongEdge")
    texts = [page.extract_text() for page in pdf.pages]
    assert ["En titel" in texts[0], texts[1].strip(), "En anden" in texts[2]] == [True, "", True]
    mixed = asking.get("/north/batch/pdf", params={"file": [FIRST, SMALL]}, headers=JSON)
    assert mixed.json()["problem"] == "batch_mixed"
    asking.cookies.set("batch", f"{FIRST}|{SMALL}")
    assert "The browser can only print sets" in asking.get("/north/batch").text


# In a browser


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinter]:
    folder = tmp_path_factory.mktemp("waiting-room")
    with ExitStack() as running:
        bus = running.enter_context(message_bus(folder))
        yield running.enter_context(virtual_printer(folder / "printer", bus))


@pytest.fixture
def page(
    browser: Browser, serving: Callable[[Path, Path], str], tmp_path: Path, printer: VirtualPrinter
) -> Iterator[Page]:
    library = two_leaflets(tmp_path)
    library.write("printers.yaml", printer.entry(clinics="[north]"))
    library.replace("clinics/south.yaml", "hands_out:", "hands_out:\n  second: {languages: [da]}")
    assert build(BuildRequest(library.root, tmp_path / "dist")).clean
    context = browser.new_context(locale="da-DK", base_url=serving(library.root, tmp_path / "dist"))
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def fill_list(page: Page, clinic: str) -> None:
    for name in ("first", "second"):
        page.goto(f"/{clinic}/leaflet/{name}")
        page.get_by_role("button", name="Til venteværelset").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Til venteværelset")
    expect(page.locator(".batch-items > li")).to_have_count(2)


def test_a_batch_in_a_browser(page: Page, printer: VirtualPrinter) -> None:
    """On a printer, in sets; and for a clinic without one, each leaflet or the sets in the print window."""
    fill_list(page, "north")
    page.get_by_label("Antal af hver").fill("2")
    expect(page.locator("#copies-sum")).to_contain_text("4 ark")
    page.get_by_label("I sæt med én af hver").check()
    page.locator("[data-press]").dblclick()
    expect(page.locator("[data-pressed]")).to_have_text("printet: 4 ark")
    assert [job.ticket["JOB_NAME"][:3] for job in printer.jobs] == ["T-1", "T-2"] * 2

    fill_list(page, "south")
    expect(page.locator("[data-press]")).to_have_count(0)
    page.get_by_label("Antal af hver").fill("3")
    page.keyboard.press("Enter")  # neither this reflex nor the other prints this page, or only one of the leaflets
    page.keyboard.press("Control+p")
    page.wait_for_timeout(500)
    assert page.locator("#print-frame").count() == 0
    expect(page.get_by_role("button", name="Udskriv En titel")).to_have_text("Udskriv")
    page.get_by_role("button", name="Udskriv En anden").click()
    assert printed(page).endswith("/south/pdf/second.da.a4.pdf?copies=3")
    expect(page.get_by_role("button", name="Udskriv En anden")).to_have_text("Udskriv igen")
    page.get_by_label("I sæt med én af hver").check()
    page.keyboard.press("Control+p")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some((e) => e.name.includes('/south/batch/pdf?'))"
    )
    expect(page.locator("[data-print-problem]")).to_be_hidden()
    page.get_by_role("button", name="Fjern En titel").click()
    expect(page.locator(".batch-items > li")).to_have_count(1)
    page.get_by_role("button", name="Tøm listen").click()
    expect(page.get_by_text("Find en pjece, og vælg ”Til venteværelset”.")).to_be_visible()
