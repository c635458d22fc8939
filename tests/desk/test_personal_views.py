"""Personal fields at the desk: rendered at once, refused in plain words, kept nowhere."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.desk import on_demand_build
from tests.helpers import personal_fields_library
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import reader
from tests.helpers.tiny_library import tiny

PATH = "/personal/north/first.da.a4.pdf"
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("personal")
    library = tiny(folder)
    personal_fields_library.write(library)
    assert build(
        BuildRequest(library.root, folder / "dist", Selection(clinics=("north",), languages=("da",), formats=("a4",)))
    ).clean
    return library.root, folder / "dist"


@pytest.fixture
def asking(built: tuple[Path, Path]) -> TestClient:
    return client(*built)


def day() -> str:
    """A day that is not too far away."""
    return f"{date.today().year}-12-03"


def test_the_form_asks_for_each_field_in_the_language_of_the_desk(asking: TestClient) -> None:
    html = asking.get("/leaflet/first?language=da&format=a4").text
    for words in (
        'id="field-date"',
        ">3/12/2026<",
        'type="tel"',
        'name="side"',
        ">Phone of the ward ",
        'autocomplete="off"',
    ):
        assert words in html


def test_what_was_typed_is_printed_and_kept_nowhere(asking: TestClient, built: tuple[Path, Path]) -> None:
    before = {path: path.stat().st_mtime_ns for path in built[1].rglob("*") if path.is_file()}
    answer = asking.post(
        PATH, data={"date": day(), "time": "14:05", "side": "left", "ward_phone": "97662400"}, headers=JSON
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    text = " ".join(page.extract_text() for page in reader(answer.content).pages)
    for words in ("14.05", "venstre", "97 66 24 00", "3. december"):
        assert words in text.replace("\N{NO-BREAK SPACE}", " ")
    assert {path: path.stat().st_mtime_ns for path in built[1].rglob("*") if path.is_file()} == before
    blank = asking.get("/pdf/north/first.da.a4.pdf").content
    assert "97 66 24 00" not in reader(blank).pages[0].extract_text()


def test_a_wrong_value_is_told_beside_its_field_and_not_repeated(asking: TestClient) -> None:
    answer = asking.post(PATH, data={"date": "31.2.2026", "time": "25:77", "side": ""}, headers=JSON)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"date", "time"}
    assert "25:77" not in answer.text


def test_a_render_that_hangs_says_to_write_by_hand(asking: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_demand_build, "BUILD_SECONDS", 0.05)
    answer = asking.post(PATH, data={"time": "14:05"}, headers=JSON)
    assert (answer.status_code, answer.json()["problem"]) == (503, "personal_failed")
    assert "14" not in answer.json()["message"]


def test_filled_in_and_printed_in_a_browser(
    browser: Browser, serving: Callable[[Path, Path], str], built: tuple[Path, Path]
) -> None:
    page = browser.new_page(base_url=serving(*built), locale="da-DK", viewport={"width": 1280, "height": 720})
    page.goto("/")
    page.get_by_role("button", name="Klinik Nord").click()
    page.get_by_role("link", name="Behandling af ryggen").click()
    page.get_by_label("Klokken").fill("14.05")
    page.get_by_label("Afdelingens telefon").fill("12")
    page.get_by_role("link", name="Udskriv").click()
    expect(page.locator("#wrong-ward_phone")).to_be_visible()
    expect(page.get_by_label("Afdelingens telefon")).to_be_focused()
    page.get_by_label("Afdelingens telefon").fill("97 66 24 00")
    page.get_by_role("link", name="Udskriv").click()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    page.close()
