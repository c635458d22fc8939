"""The keeper's pages in a real browser: accessible, by keyboard alone, in light and dark, wide and narrow."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.issue_log import IssueWay, append_once
from tests.helpers.desk_process import served
from tests.helpers.tiny_library import TEXT, TinyLibrary, tiny

PATH = "north/first.da.a4.pdf"
PAGES = ("/keeper", "/keeper/pdfs", "/keeper/findings", "/keeper/matrix", "/keeper/matrix?attention", "/keeper/issued", "/keeper/translations", f"/keeper/differences/{PATH}", "/keeper/differences/x")  # fmt: skip


RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> TinyLibrary:
    """A library of which something is built, something has changed, and something is wrong."""
    library = tiny(tmp_path_factory.mktemp("keeper"))
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.replace("clinics/north.yaml", "[da]", "[da, en]")
    library.write("content/first/en.md", TEXT)
    assert build(BuildRequest(library.root, out_of(library), jobs=1)).clean
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    library.replace("clinics/south.yaml", "phone:", "# phone:")
    leaflet = Enclosure(Path(), "", "T-1", "0.1", "0" * 64, "north", "da")
    append_once(out_of(library), [leaflet], "a", datetime(2026, 11, 1, tzinfo=UTC), IssueWay.PRINTER, 20)
    return library


def out_of(library: TinyLibrary) -> Path:
    return library.root.parent / "dist"


@pytest.fixture(scope="module")
def address(room: TinyLibrary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(room.root, out_of(room), log=tmp_path_factory.mktemp("log") / "log") as address:
        yield address


def page_at(browser: Browser, address: str, language: str = "en", **options: object) -> Page:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    for name, value in (("clinic", "north"), ("language", language)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if "Content Security" in message.text else None)
    return page


def arrived(page: Page, address: str) -> None:
    """Go there, and wait for what the server works on."""
    page.goto(address)
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0, timeout=300_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    browser: Browser, address: str, path: str, scheme: str
) -> None:
    """A width of 640 is what a window of 1280 has at 200 %, and 320 at 400 %."""
    page = page_at(browser, address, color_scheme=scheme, viewport={"width": 1280, "height": 720})
    arrived(page, address + path)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    for width in (1280, 768, 640, 320):
        page.set_viewport_size({"width": width, "height": 720})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_the_marks_lie_on_the_pictures(browser: Browser, address: str) -> None:
    page = page_at(browser, address)
    arrived(page, f"{address}/keeper/differences/{PATH}")
    expect(page.locator("svg image")).to_have_count(2)
    picture, mark = page.locator("svg image").last.bounding_box(), page.locator("svg rect.new").first.bounding_box()
    assert picture
    assert mark
    assert picture["x"] < mark["x"] < picture["x"] + picture["width"]
    assert picture["y"] < mark["y"] < picture["y"] + picture["height"]
    assert page.evaluate("getComputedStyle(document.querySelector('rect.new')).stroke") == "rgb(27, 107, 63)"
    page.context.close()


def test_a_build_by_keyboard_alone(browser: Browser, address: str, room: TinyLibrary) -> None:
    before = (out_of(room) / PATH).read_bytes()
    page = page_at(browser, address)
    arrived(page, f"{address}/keeper/pdfs")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Make the PDFs":
            break
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    page.keyboard.press("Enter")
    expect(page.get_by_text("files are ready")).to_be_visible(timeout=300_000)
    expect(page.get_by_text("could not be made")).to_be_visible()
    expect(page.get_by_role("button", name="Make the PDFs")).to_have_count(0)
    assert (out_of(room) / PATH).read_bytes() != before
    page.context.close()
