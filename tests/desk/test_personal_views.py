"""Personal fields at the desk: rendered at once, refused in plain words, kept nowhere."""

import re
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.desk import on_demand_build
from tests.desk.test_browser import DROP
from tests.helpers import personal_fields_library
from tests.helpers.desk_client import client
from tests.helpers.letter_pdfs import plain, reader
from tests.helpers.tiny_library import tiny

PATH = "/north/personal/first.da.a4.pdf"
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
    return f"{date.today().year + 1}-12-03"


def test_the_form_asks_for_each_field_in_the_language_of_the_desk(asking: TestClient) -> None:
    html = asking.get("/north/leaflet/first?language=da&format=a4").text
    for words in (
        'id="field-date"',
        ">e.g. 3/12/2026<",
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
    blank = asking.get("/north/pdf/first.da.a4.pdf").content
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


def test_a_day_in_the_past_is_asked_about(asking: TestClient) -> None:
    past = f"{date.today() - timedelta(1)}"
    answer = asking.post(PATH, data={"date": past}, headers=JSON)
    assert (answer.status_code, answer.json()["problem"]) == (409, "personal_past")
    assert answer.json()["fields"] == {"date": "That day is in the past. Is it meant?"}
    assert past not in answer.text
    assert asking.post(f"{PATH}?past=yes", data={"date": past}, headers=JSON).content[:4] == b"%PDF"


def test_the_pictures_show_what_was_typed(asking: TestClient) -> None:
    answers = [
        asking.post(f"{PATH}?pictures", data={"time": time}, headers=JSON) for time in ("14:05", "15:05", "14:05")
    ]
    one, other, again = (answer.json()["pages"] for answer in answers)
    assert len(one) == len(reader(asking.get("/north/pdf/first.da.a4.pdf").content).pages)
    assert Image.open(BytesIO(b64decode(one[0]))).width == 1200
    assert one == again
    assert one != other
    assert answers[0].headers["cache-control"] == "no-store"


def test_what_was_typed_goes_into_the_pack(
    asking: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level("DEBUG")
    data = {
        "leaflet": ["north/first.da.a4.pdf"] * 2,
        "channel": "paper",
        "personal.1.date": day(),
        "personal.1.time": "14:05",
    }
    answer = asking.post("/north/pack", data=data, headers=JSON)
    assert answer.status_code == 200
    pages = [page.extract_text().replace("\N{NO-BREAK SPACE}", " ") for page in reader(answer.content).pages]
    assert len(pages) % 2 == 0
    first, second = " ".join(pages[: len(pages) // 2]), " ".join(pages[len(pages) // 2 :])
    for words in ("14.05", "3. december"):
        assert words in second
        assert words not in first, "only the leaflet that it was typed for"
    assert not list(tmp_path.iterdir())
    assert not [record for record in caplog.records if "14" in record.getMessage() and record.name.startswith("pdfkit")]


def test_a_pack_with_a_wrong_or_a_past_value_is_not_made(asking: TestClient) -> None:
    data = {"leaflet": ["north/first.da.a4.pdf"], "channel": "paper", "personal.0.time": "25:77"}
    wrong = asking.post("/north/pack", data=data, headers=JSON)
    assert wrong.status_code == 422
    assert wrong.json()["message"].startswith("Behandling af ryggen: Write the time")
    data["personal.0.time"] = "14:05"
    data["personal.0.date"] = f"{date.today() - timedelta(1)}"
    assert asking.post("/north/pack", data=data, headers=JSON).status_code == 409
    assert asking.post("/north/pack", data=data | {"past": "yes"}, headers=JSON).status_code == 200
    assert asking.post("/north/pack", data=data | {"personal.0.name": "x"}, headers=JSON).status_code == 422


def test_what_is_typed_travels_with_language_and_format_into_the_pack_and_is_stored_nowhere(
    browser: Browser, serving: Callable[[Path, Path], str], built: tuple[Path, Path]
) -> None:
    page = browser.new_page(base_url=serving(*built), locale="da-DK", viewport={"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    page.goto("/north/leaflet/first?language=da&format=a4")
    time, first = page.get_by_label("Klokken"), page.locator(".page-pictures img").first
    time.fill("14.05")
    time.press("Tab")
    expect(first).to_have_attribute("src", re.compile("^data:image/png"))
    expect(page.locator("[data-personal-note]")).to_have_text("Billederne viser det, du har skrevet.")
    for link in ("English", "Stor skrift"):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("link", name=link)).to_have_attribute("aria-current", "true")
        expect(page.locator("[name=time]")).to_have_value("14.05")
    expect(first).to_have_attribute("src", re.compile("^data:image/png"))
    page.get_by_role("button", name="Læg i brev").click()
    expect(page.locator("[data-items]")).to_contain_text("udfyldt til patienten")
    page.get_by_role("button", name="Saml brev og pjecer").click()
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    with page.expect_download() as download:
        page.locator("[data-save-pack]").click()
    text = " ".join(sheet.extract_text() for sheet in reader(Path(download.value.path()).read_bytes()).pages)
    assert "14:05" in text
    assert "14.05" not in page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])")
    page.get_by_role("button", name="Næste patient").click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Behandling af ryggen").click()
    expect(page.locator("[name=time]")).to_have_value("")
    expect(first).to_have_attribute("src", re.compile("^/north/picture/"))
    page.get_by_role("link", name="English").click()
    expect(page.locator("[name=time]")).to_have_value("")
    page.close()


def test_a_day_in_the_past_is_asked_about_in_a_browser(
    browser: Browser, serving: Callable[[Path, Path], str], built: tuple[Path, Path]
) -> None:
    page = browser.new_page(base_url=serving(*built), locale="da-DK", viewport={"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if len(asked) > 1 else dialog.dismiss()

    page.on("dialog", answer)
    page.goto("/north/leaflet/first?language=da&format=a4")
    page.locator("[name=date]").fill(f"{date.today() - timedelta(3)}")
    page.locator("[data-print]").click()
    expect(page.locator("#wrong-date")).to_have_text("Datoen er allerede gået. Skal den stå der?")
    expect(page.locator("[name=date]")).to_be_focused()
    expect(page.locator("#print-frame")).to_have_count(0)
    page.locator("[data-print]").click()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    assert asked == ["En dag er allerede gået. Skal den stå der?"] * 2
    page.close()


def test_what_is_filled_in_goes_with_one_letter_only(
    browser: Browser, serving: Callable[[Path, Path], str], built: tuple[Path, Path]
) -> None:
    """Another letter is asked about before anything was printed, too; who puts the question away keeps the first one."""
    page = browser.new_page(base_url=serving(*built), locale="da-DK", viewport={"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    answers = iter((False, True))
    page.on("dialog", lambda dialog: dialog.accept() if next(answers) else dialog.dismiss())
    page.goto("/north/leaflet/first?language=da&format=a4")
    page.get_by_label("Klokken").fill("14.05")
    page.get_by_role("button", name="Læg i brev").click()
    for dropped, stays, leaflets in (("A.pdf", "A.pdf", 1), ("B.pdf", "A.pdf", 1), ("B.pdf", "B.pdf", 0)):
        page.evaluate(DROP, [dropped, b64encode(plain(1)).decode()])
        expect(page.locator("[data-letter-name]")).to_contain_text(stays)
        expect(page.locator("[data-letter-look]")).to_be_visible()
        expect(page.locator("[data-items] li")).to_have_count(leaflets)
    page.close()


def test_filled_in_and_printed_in_a_browser(
    browser: Browser, serving: Callable[[Path, Path], str], built: tuple[Path, Path]
) -> None:
    page = browser.new_page(base_url=serving(*built), locale="da-DK", viewport={"width": 1280, "height": 720})
    page.set_default_timeout(120_000)
    page.goto("/")
    page.get_by_role("button", name="Klinik Nord").click()
    page.get_by_role("link", name="Behandling af ryggen").click()
    page.get_by_label("Klokken").fill("14.05")
    page.get_by_label("Afdelingens telefon").fill("12")
    page.get_by_role("button", name="Udskriv", exact=True).click()
    expect(page.locator("#wrong-ward_phone")).to_be_visible()
    expect(page.get_by_label("Afdelingens telefon")).to_be_focused()
    page.get_by_label("Afdelingens telefon").fill("97 66 24 00")
    page.get_by_role("button", name="Udskriv", exact=True).click()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    page.get_by_role("link", name="English").click()  # the same patient, in another language
    expect(page.get_by_role("link", name="English")).to_have_attribute("aria-current", "true")
    expect(page.locator("[name=time]")).to_have_value("14.05")
    page.get_by_role("link", name="Tilbage til søgningen").click()
    page.get_by_role("link", name="Behandling af ryggen").click()  # it may be another
    expect(page.locator("[name=time]")).to_have_value("")
    page.close()
