"""The walks of docs/desk.md, as secretaries make them: how many clicks and keys each takes. Their seconds are printed only (`-s`)."""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content.editions import Selection
from tests.desk.test_browser import DROP, printed
from tests.helpers import personal_fields_library
from tests.helpers.generated_library import generate
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import FOUNDING, ROOT, tiny

CLINIC = "rygcenter-syddanmark"
WALKS = {
    "A the first day: Arabic, two copies": (4, 6),
    "A the same, one copy, by keyboard alone": (0, 15),
    "B a letter with a leaflet in two languages": (7, 6),
    "C filled in for a patient": (2, 20),
    "D what a new phone changes": (3, 0),
    "E the catalogue without a server": (1, 5),
    "F one of 300 leaflets": (1, 6),
}
"""Clicks, of which a drop is one, and keys. The same numbers are in docs/desk.md."""


class Walk:
    """Counts clicks and keys, and the seconds from the first of them."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys, self.begun = page, 0, 0, time.monotonic()

    def click(self, where: Locator) -> None:
        where.click()
        self.clicks += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.keys += len(words)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def drop(self, name: str, pdf: bytes) -> None:
        self.page.evaluate(DROP, [name, b64encode(pdf).decode()])
        self.clicks += 1

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def ends(self, name: str) -> None:
        print(f"\n{name}: {self.clicks} clicks, {self.keys} keys, {time.monotonic() - self.begun:.1f} s")
        assert (self.clicks, self.keys) == WALKS[name]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the walks at the counter print: one leaflet in A4."""
    folder = tmp_path_factory.mktemp("walks")
    selection = Selection(("facet-denervation",), (CLINIC,), ("da", "en", "ar"), ("a4",))
    assert build(BuildRequest(FOUNDING, folder, selection=selection, jobs=1)).clean
    return folder


@pytest.fixture(scope="module")
def counter(out: Path, serving: Callable[[Path, Path], str]) -> str:
    return serving(FOUNDING, out)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from window(browser)


@pytest.fixture
def pdf_page(whole_browser: Browser) -> Iterator[Page]:
    """A page of a browser that shows PDFs."""
    yield from window(whole_browser)


def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="da-DK", accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


def test_a_the_first_day(pdf_page: Page, counter: str) -> None:
    pdf_page.goto(counter)
    walk = Walk(pdf_page)
    walk.click(pdf_page.get_by_role("button", name="Rygcenter Syddanmark"))
    expect(pdf_page.get_by_role("searchbox")).to_be_focused()
    walk.type("varme")
    walk.click(walk.link("arabisk"))
    expect(pdf_page.locator(".patient-title")).to_have_attribute("lang", "ar")
    walk.click(pdf_page.get_by_label("Antal"))
    walk.type("2")  # it replaces the 1
    walk.click(walk.button("Udskriv"))
    assert printed(pdf_page).endswith("facet-denervation.ar.a4.pdf?copies=2")
    walk.ends("A the first day: Arabic, two copies")


def test_a_by_keyboard(page: Page, counter: str) -> None:
    page.goto(f"{counter}/{CLINIC}/")
    walk = Walk(page)
    walk.type("arabisk varme")
    walk.press("Enter")
    expect(page.locator(".patient-title")).to_have_attribute("lang", "ar")
    walk.press("Control+p")
    assert printed(page).endswith("facet-denervation.ar.a4.pdf?copies=1")
    walk.ends("A the same, one copy, by keyboard alone")


def test_b_a_letter(page: Page, counter: str) -> None:
    page.goto(f"{counter}/{CLINIC}/")
    walk = Walk(page)
    walk.type("varme")
    walk.press("Enter")
    walk.click(walk.button("Læg i brev"))
    walk.click(walk.link("Find en pjece mere"))
    walk.click(walk.link("English"))
    walk.click(walk.button("Læg i brev"))
    walk.drop("letter.pdf", plain(1))
    expect(page.get_by_text("Er det den rigtige patient?")).to_be_visible()
    expect(page.locator("[data-items] li")).to_have_count(2)
    walk.click(walk.button("Saml brev og pjecer"))
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    walk.click(page.locator("[data-print-pack]"))
    assert printed(page).endswith(f"/{CLINIC}/pack")
    walk.ends("B a letter with a leaflet in two languages")


def test_c_for_one_patient(page: Page, tmp_path: Path, serving: Callable[[Path, Path], str]) -> None:
    library = tiny(tmp_path)
    personal_fields_library.write(library)
    selection = Selection(("first",), ("north",), ("da",), ("a4",))
    assert build(BuildRequest(library.root, tmp_path / "dist", selection=selection, jobs=1)).clean
    page.goto(f"{serving(library.root, tmp_path / 'dist')}/north/")
    walk = Walk(page)
    walk.type("ryg")
    walk.press("Enter")
    walk.click(page.locator("[name=date]"))
    walk.type(f"{date.today() + timedelta(30):%d.%m.%Y}")
    walk.press("Tab")
    walk.type("14.05")
    walk.click(walk.button("Udskriv"))
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    walk.ends("C filled in for a patient")


def test_d_a_new_phone(page: Page, tmp_path: Path, serving: Callable[[Path, Path], str]) -> None:
    library = tiny(tmp_path)
    assert build(BuildRequest(library.root, tmp_path / "dist", jobs=1)).clean
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    page.goto(f"{serving(library.root, tmp_path / 'dist')}/north/")
    walk = Walk(page)
    walk.click(walk.link("Biblioteket"))
    walk.click(page.locator("main a[href$='/keeper/pdfs']").last)
    walk.click(page.locator("main a[href*='/keeper/differences/']").first)
    expect(page.get_by_text("76 36 14 99").first).to_be_visible()
    walk.ends("D what a new phone changes")


def test_e_without_a_server(pdf_page: Page, out: Path) -> None:
    pdf_page.goto((out / CLINIC / "index.html").as_uri())
    walk = Walk(pdf_page)
    walk.type("varme")
    with pdf_page.expect_popup() as opened:
        walk.click(pdf_page.locator("article a.button").first)
    assert opened.value.url.endswith(f"/{CLINIC}/facet-denervation.da.a4.pdf")
    walk.ends("E the catalogue without a server")


@pytest.mark.slow
def test_f_one_of_300(page: Page, tmp_path: Path, serving: Callable[[Path, Path], str]) -> None:
    library = generate(tmp_path / "leaflets", 300, 1, ("da",))
    page.goto(f"{serving(library, tmp_path / 'dist')}/clinic-00/")
    walk = Walk(page)
    expect(page.locator("#count")).to_have_text("300 pjecer")
    expect(page.locator(".result")).to_have_count(24)
    bottoms = page.locator(".result .paper").evaluate_all("all => all.map(one => one.getBoundingClientRect().bottom)")
    assert sum(bottom <= 768 for bottom in bottoms) >= 6, "readable first pages on a small screen"
    assert page.locator(".result .paper").first.evaluate("one => one.getBoundingClientRect().width") == 200
    walk.click(walk.link("Vis flere"))
    expect(page.locator(".result")).to_have_count(48)
    expect(page.locator(".result:nth-child(25) [data-first]")).to_be_focused()
    page.get_by_role("searchbox").focus()
    walk.type("G-124")
    walk.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pjece nummer 123 om smerter i ryggen")
    walk.ends("F one of 300 leaflets")


def test_the_walks_are_in_the_docs() -> None:
    docs = (ROOT / "docs/desk.md").read_text("utf-8")
    for name, (clicks, keys) in WALKS.items():
        assert re.search(rf"^\| {name} \| {clicks} \| {keys} \| [\d.]+ \|$", docs, re.MULTILINE), name
