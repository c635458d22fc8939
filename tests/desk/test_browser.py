"""The desk in a real browser: the walks of a secretary, by mouse and by keyboard, and the rules of accessibility."""

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.helpers.letter_pdfs import plain, reader

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
HOME = "/rygcenter-syddanmark/"
DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "application/pdf" }));
  (document.querySelector("[data-drop]") ?? document.body).dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


class Secretary:
    """Counts what one does with mouse and keyboard; a word typed is one thing."""

    def __init__(self, page: Page) -> None:
        self.page, self.done = page, 0
        page.goto("/")

    def click(self, where: Locator) -> None:
        where.click()
        self.done += 1

    def choose(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name))
        expect(self.page.get_by_role("searchbox")).to_be_focused()

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.done += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.done += 1

    def drop(self, name: str, pdf: bytes) -> None:
        self.page.evaluate(DROP, [name, b64encode(pdf).decode()])
        self.done += 1

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=name)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


def printed(page: Page) -> str:
    """Wait until the browser has loaded what it prints; return where it came from."""
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    page.wait_for_function("() => window.frames.length > 0")
    loaded = (
        "performance.getEntriesByType('resource').map((e) => e.name).filter((n) => /[/](pdf|pack)\\b/.test(n)).at(-1)"
    )
    return str(page.evaluate(loaded))


def test_find_by_a_misspelled_word_and_print(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.type("varmebehanling")
    expect(page.locator("#count")).to_have_text("Ingen præcis for ”varmebehanling”. Mente du …")
    at.press("Enter")
    page.wait_for_timeout(300)
    expect(page.get_by_role("searchbox")).to_be_focused()  # a guess is never opened unseen
    at.press("ArrowDown")
    at.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Varmebehandling af smerter i lænden (denervering)")
    at.click(at.button("Udskriv"))
    assert printed(page).endswith("/rygcenter-syddanmark/pdf/facet-denervation.da.a4.pdf?copies=1")
    expect(page.locator("#status")).to_contain_text("Vend på den lange kant")
    assert at.done == 6
    page.goto("/")  # the clinic is remembered
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_button_of_the_search_shows_and_enter_opens_what_is_unambiguous(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    results = page.locator("#results .result")
    at.type("varme")
    expect(results).to_have_count(1)
    at.click(page.locator(".search").get_by_role("button", name="Søg"))
    page.wait_for_timeout(300)
    expect(results).to_have_count(1)
    page.get_by_role("searchbox").fill("arabisk varme")
    at.press("Enter")
    expect(page.locator(".patient-title")).to_have_attribute("lang", "ar")


def test_print_arabic_large_print(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.type("rygsmerter")
    at.click(at.link("العربية").first)
    at.click(at.link("Stor skrift"))
    expect(at.link("Stor skrift")).to_have_attribute("aria-current", "true")
    expect(page.locator(".patient-title")).to_have_attribute("lang", "ar")
    expect(page.locator(".page-pictures img")).to_have_count(7)
    at.click(at.button("Udskriv"))
    assert printed(page).endswith("facet-denervation.ar.a4-large.pdf?copies=1")
    assert at.done == 5


def test_a_booklet_and_twenty_copies(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.click(at.link("Varmebehandling"))
    at.click(at.link("A5-hæfte"))
    expect(page.locator(".instruction")).to_contain_text("Vend på den korte kant. Fold arkene")
    page.get_by_label("Antal").fill("20")
    expect(page.locator("#copies-sum")).to_have_text("40 ark. Printvinduet åbner med 20 kopier.")


def test_make_a_pack(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.click(at.link("Varmebehandling"))
    at.click(at.button("Læg i brev"))
    expect(at.heading("Brev med pjecer")).to_be_visible()  # the first one opens the page
    at.click(at.link("Find en pjece mere"))
    at.click(at.link("English"))
    at.click(at.button("Læg i brev"))
    expect(page.locator("[data-pack-count]")).to_have_text("(2)")
    expect(at.heading("Varmebehandling af smerter i lænden (denervering)")).to_be_visible()  # the others do not
    at.drop("Jensen.pdf", plain(1))  # anywhere
    expect(page.get_by_text("Jensen.pdf")).to_be_visible()
    at.click(at.button("Saml brev og pjecer"))
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_contain_text("sider")
    expect(page.get_by_text("Brevet har ingen koder for skærmlæsere")).to_be_visible()
    with page.expect_download() as download:
        at.click(page.locator("[data-save-pack]"))
    assert at.done < 10
    assert download.value.suggested_filename == "Jensen.pack.pdf"
    text = [sheet.extract_text() for sheet in reader(Path(download.value.path()).read_bytes()).pages]
    assert "Letter page 1" in text[0]
    assert "Varmebehandling" in text[2]
    assert "Heat treatment" in "".join(text[3:])


def test_a_bad_letter_is_told_in_plain_words_and_the_pack_stays(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.click(at.link("Varmebehandling"))
    at.click(at.button("Læg i brev"))
    at.drop("broken.pdf", plain()[:300])
    expect(page.locator("[data-result-words]")).to_contain_text("Brevets PDF er beskadiget.")
    expect(page.locator("[data-items] li")).to_have_count(1)


def test_leaflets_are_dragged_into_order_and_moved_by_buttons(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.click(at.link("Varmebehandling"))
    for language in ("Dansk", "English", "Svenska"):
        at.click(at.link(language))
        expect(at.link(language)).to_have_attribute("aria-current", "true")
        at.click(at.button("Læg i brev"))
        if language == "Dansk":
            expect(at.heading("Brev med pjecer")).to_be_visible()
            page.go_back()
    at.click(page.locator(".to-pack"))
    titles = page.locator(".pack-item .muted")
    expect(titles).to_have_text([re.compile(name) for name in ("Dansk", "English", "Svenska")])
    handle, last = page.locator(".handle").first.bounding_box(), page.locator("[data-items] li").last.bounding_box()
    assert handle
    assert last
    page.mouse.move(handle["x"] + 4, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 4, last["y"] + last["height"] - 2, steps=8)
    page.mouse.up()
    expect(titles).to_have_text([re.compile(name) for name in ("English", "Svenska", "Dansk")])
    page.get_by_role("button", name="Flyt Varmebehandling af smerter i lænden (denervering) op").click()
    expect(titles).to_have_text([re.compile(name) for name in ("English", "Dansk", "Svenska")])
    expect(page.get_by_role("button", name="Flyt Varmebehandling af smerter i lænden (denervering) op")).to_be_focused()
    page.reload()  # what lies in the pack is remembered, and the letter is not
    expect(titles).to_have_text([re.compile(name) for name in ("English", "Dansk", "Svenska")])


def test_a_scanned_sheet_is_answered_and_stays(page: Page) -> None:
    at = Secretary(page)
    at.choose("Rygcenter Syddanmark")
    at.type("BP-01 0.1 00000000\n")
    expect(page.locator(".sheet")).to_contain_text("Koden er ukendt.")
    page.wait_for_timeout(300)
    expect(page.locator(".sheet")).to_be_visible()


def tab_to(page: Page, wanted: Callable[[Any], bool]) -> None:
    """Press Tab until what is wanted has the focus, which must be seen."""
    script = "() => { const e = document.activeElement; return { name: e.getAttribute('aria-label') || e.innerText || e.id, ring: getComputedStyle(e).outlineStyle, after: getComputedStyle(e, '::after').outlineStyle, drop: !!e.closest('.drop') } }"
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(script)
        assert focused["ring"] != "none" or focused["after"] != "none" or focused["drop"], focused
        if wanted(focused["name"]):
            return
    raise AssertionError("not reached by Tab")


def test_everything_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, lambda name: "Rygcenter" in name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("varme")
    expect(page.locator("#count")).to_have_text("1 pjece fundet")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Varmebehandling af smerter i lænden (denervering)")
    tab_to(page, lambda name: "العربية" in name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="العربية")).to_be_focused()  # where one was
    tab_to(page, lambda name: name == "Læg i brev")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Brev med pjecer")
    tab_to(page, lambda name: name == "Saml brev og pjecer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    expect(page.locator("[data-print-pack]")).to_be_focused()
    page.keyboard.press("Enter")
    assert printed(page).endswith(f"{HOME}pack")


@pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        ("light", 1280, 720),
        ("dark", 1280, 720),
        ("light", 820, 1180),
        ("light", 640, 360),
        ("light", 390, 844),
        ("dark", 320, 500),
    ],  # 200 %, a phone, 400 %
)
def test_axe_finds_nothing_and_nothing_is_cut_off(page: Page, scheme: Any, width: int, height: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    Secretary(page).choose("Rygcenter Syddanmark")
    listed = "facet-denervation.ar.a4.pdf|facet-denervation.da.a5-booklet.pdf|gone.pdf"
    page.context.add_cookies([{"name": "batch", "value": listed, "domain": "127.0.0.1", "path": HOME}])
    for path in (
        "/clinic",
        "/nowhere",
        f"{HOME}?q=zzzzzz",
        f"{HOME}?q=BP-01 0.1 00000000",
        HOME,
        f"{HOME}pack",
        f"{HOME}batch",
        f"{HOME}leaflet/facet-denervation?language=ar",
        f"{HOME}leaflet/facet-denervation?language=ar&format=a5-booklet",
        "the letter",
    ):
        if path == "the letter":
            page.get_by_role("button", name="Læg i brev").click()
            expect(page.locator("[data-items] li")).to_have_count(1)
        else:
            page.goto(path)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
