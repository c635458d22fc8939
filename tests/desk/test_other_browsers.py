"""The counter without scripts, with forced colours, and in Firefox: what no other test of the desk has."""

import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from tests.desk.test_browser import DROP, RULES
from tests.helpers import personal_fields_library
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import tiny

CLINIC = "rygcenter-syddanmark"


# Without scripts


@pytest.fixture
def plain_page(whole_browser: Browser, address: str) -> Iterator[Page]:
    context = whole_browser.new_context(
        base_url=address, locale="da-DK", java_script_enabled=False, accept_downloads=True
    )
    yield context.new_page()
    context.close()


def test_without_scripts_one_finds_prints_and_saves(plain_page: Page) -> None:
    page = plain_page
    page.goto("/")
    page.get_by_role("button", name="Rygcenter Syddanmark").click()
    page.get_by_role("searchbox").fill("varme")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#count")).to_have_text("1 pjece fundet")
    page.get_by_role("button", name="Stjerne: ").click()
    expect(page.locator(".star button")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="arabisk").click()
    expect(page.locator(".page-pictures img")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Læg i brev")).to_be_hidden()
    page.get_by_label("Antal").fill("2")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Udskriv", exact=True).click()
    assert opened.value.url.endswith(f"/{CLINIC}/pdf/facet-denervation.ar.a4.pdf?copies=2")
    with page.expect_download() as download:
        page.get_by_role("button", name="Gem", exact=True).click()
    assert download.value.suggested_filename.endswith(" ar a4.pdf")


def test_without_scripts_a_leaflet_is_made_and_its_fields_are_for_the_hand(
    browser: Browser, serving: Callable[[Path, Path], str], tmp_path: Path
) -> None:
    library = tiny(tmp_path)
    personal_fields_library.write(library)
    context = browser.new_context(
        base_url=serving(library.root, tmp_path / "dist"), locale="da-DK", java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/north/leaflet/first?language=da&format=a4")
    expect(page.get_by_role("button", name="Udskriv", exact=True)).to_be_disabled()
    page.get_by_role("link", name="Vis pjecen, når den er lavet").click()
    expect(page.get_by_role("button", name="Udskriv", exact=True)).to_be_enabled()
    assert page.url.endswith("/north/leaflet/first?language=da&format=a4&variant=full")
    expect(page.locator("noscript .notice")).to_be_visible()
    expect(page.locator(".personal")).to_be_hidden()
    context.close()


# Forced colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_one_sees_what_is_chosen(browser: Browser, address: str, scheme: str) -> None:
    """Colours are all that tells it, and there are none of ours."""
    context = browser.new_context(base_url=address, locale="da-DK", forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/{CLINIC}/leaflet/facet-denervation?language=ar&format=a5-booklet")
    script = (
        "all => all.map(one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color, one.ariaCurrent])"
    )
    for each in (".choice", ".format", ".languages button"):
        shown = page.locator(each).evaluate_all(script)
        chosen = {(ground, ink) for ground, ink, current in shown if current}
        others = {(ground, ink) for ground, ink, current in shown if not current}
        assert len(chosen) == 1, each
        assert not chosen & others, each
    page.goto(f"/{CLINIC}/keeper/issued")
    tabs = dict(page.locator(".tabs a").evaluate_all("all => all.map(one => [one.ariaCurrent ?? '', getComputedStyle(one).backgroundColor])"))  # fmt: skip
    assert tabs["page"] != tabs[""]
    found = Axe().run(page, options=RULES).response["violations"]
    assert [rule["id"] for rule in found] == []
    context.close()


# Firefox


@pytest.fixture(scope="module")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """Playwright's own Firefox, or the one of this machine, if the two understand each other."""
    installed = shutil.which("firefox") or shutil.which("firefox-esr")
    choices: tuple[dict[str, Any], ...] = ({}, {"channel": "moz-firefox", "executable_path": installed})
    for options in choices:
        try:
            browser = playwright.firefox.launch(**options)
            browser.new_context().close()
        except Error:
            continue
        yield browser
        browser.close()
        return
    pytest.skip("Playwright has no Firefox: playwright install firefox")


@pytest.mark.firefox
def test_the_counter_in_firefox(firefox: Browser, address: str) -> None:
    """It leaves out what a PDF says of copies and sides, so the page says what to choose."""
    context = firefox.new_context(base_url=address, viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "language", "value": "da", "url": address}])
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    page.get_by_role("button", name="Rygcenter Syddanmark").click()
    page.get_by_role("searchbox").press_sequentially("arabisk varme")
    expect(page.locator("#count")).to_have_text("1 pjece fundet")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".patient-title")).to_have_attribute("lang", "ar")
    page.get_by_label("Antal").click()
    page.keyboard.type("2")  # it replaces the 1
    expect(page.locator("#copies-sum")).to_contain_text("Skriv 2 ved ”Kopier” i printvinduet")
    page.get_by_role("button", name="Udskriv", exact=True).click()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    expect(page.locator("[data-chart] textarea").first).to_have_value(re.compile("BP-01 version .*, arabisk, kode "))
    page.get_by_role("button", name="Læg i brev").click()
    page.evaluate(DROP, ["Jensen.pdf", b64encode(plain(1)).decode()])
    expect(page.get_by_text("Er det den rigtige patient?")).to_be_visible()
    page.get_by_role("button", name="Saml brev og pjecer").click()
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    page.locator("[data-print-pack]").click()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    page.get_by_role("button", name="Næste patient").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert page.evaluate(f"sessionStorage.getItem('pack:{CLINIC}')") == "[]"
    context.close()
    assert not complaints
