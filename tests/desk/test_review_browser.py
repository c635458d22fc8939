"""A leaflet is read, remarked on and approved in a real browser, from the inbox to the history."""

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.helpers.desk_process import served
from tests.helpers.tiny_library import TinyLibrary, tiny

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> TinyLibrary:
    """A library with a draft of two pages."""
    library = tiny(tmp_path_factory.mktemp("review"))
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.body("".join(f"## Del {number}\n\n{'Ord og flere ord. ' * 30}\n\n" for number in range(6)))
    return library


@pytest.fixture(scope="module")
def address(room: TinyLibrary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("log")
    (folder / "roles").write_text("approver: an.approver\nkeeper: an.approver\n", "utf-8")
    roles = {"PDFKIT_DESK_USER_HEADER": "X-User", "PDFKIT_DESK_ROLE_FILE": str(folder / "roles")}
    with served(room.root, out_of(room), log=folder / "log", environment={**os.environ, **roles}) as address:
        yield address


def out_of(library: TinyLibrary) -> Path:
    return library.root.parent / "dist"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window of somebody whom the proxy has signed in."""
    context = browser.new_context(
        base_url=address, extra_http_headers={"x-user": "an.approver"}, viewport={"width": 1280, "height": 720}
    )
    context.add_cookies([{"name": "language", "value": "da", "url": address}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if "Content Security" in message.text else None)
    yield page
    context.close()


def test_from_the_inbox_to_the_history(page: Page, room: TinyLibrary) -> None:
    page.goto("/keeper")
    page.get_by_role("link", name="Læs og godkend: En titel").click()
    expect(page.get_by_text("Du mangler side 2")).to_be_visible()
    picture = page.locator(".review-page img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
    page.get_by_role("combobox", name="Om").select_option(label="Del 0")
    page.get_by_role("textbox", name="Bemærkning").fill("Hvad betyder det?")
    page.get_by_role("button", name="Tilføj bemærkning").click()
    expect(page.get_by_text("Hvad betyder det?").first).to_be_visible()
    page.get_by_role("link", name="Næste side").click()
    expect(page.get_by_text("Afslut bemærkningerne, før pjecen godkendes.")).to_be_visible()
    page.get_by_role("button", name="Afslut: Hvad betyder det?").click()
    expect(
        page.get_by_text("Afslut bemærkningerne, før pjecen godkendes.")
    ).to_be_hidden()  # what is filled in sooner goes with the old page
    page.get_by_label("Version").fill("1.1")
    page.get_by_label("Næste gennemsyn").fill((date.today() + timedelta(700)).isoformat())
    page.wait_for_load_state()  # words are there before stylesheets
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Godkend version 1.1", exact=True).click()
    expect(page.get_by_text("Godkendt og skrevet i biblioteket.")).to_be_visible()
    assert re.search("an.approver godkendte version 1.1", page.locator(".history").inner_text())
    assert "status: approved" in room.read("content/first/leaflet.yaml")
    assert 'version: "1.1"' in room.read("content/first/leaflet.yaml")
    page.goto("/keeper")
    expect(page.get_by_text("Kladder, der skal godkendes")).to_have_count(0)


@pytest.mark.parametrize("width", [768, 341])
def test_the_page_fits_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto("/keeper/review/first")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_clinics_phone_from_the_inbox_to_the_list_of_pdfs(page: Page, room: TinyLibrary) -> None:
    page.goto("/keeper")
    page.get_by_role("link", name="Ret: Klinik Nord").click()
    page.get_by_label("Telefon", exact=True).fill("76 36 14 99")
    first = page.get_by_role("group", name="Række 1")
    first.get_by_label("Dag, eller første dag").select_option(label="mandag")
    first.get_by_label("Åbner").fill("08:00")
    first.get_by_label("Lukker").fill("15:00")
    page.wait_for_load_state()  # words are there before stylesheets
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Se ændringen").click()
    expect(page.get_by_text("1 PDF-fil skal laves")).to_be_visible()
    assert "76 36 14 00" in room.read("clinics/north.yaml")
    page.wait_for_load_state()  # words are there before stylesheets
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.get_by_text("Gemt. Lav nu PDF-filerne på ny")).to_be_visible()
    assert "an.approver ændrede Telefon: 76 36 14 00 → 76 36 14 99" in page.locator(".history").inner_text()
    assert 'phone: "76 36 14 99"\nhours: [{days: [mon], opens:' in room.read("clinics/north.yaml")
    page.set_viewport_size({"width": 341, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 341
