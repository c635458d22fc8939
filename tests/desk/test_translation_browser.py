"""A translation goes to a translator and comes back in a real browser, from the overview to the history."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.helpers.desk_process import served
from tests.helpers.tiny_library import TinyLibrary, tiny
from tests.helpers.translated_library import recorded, source

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> TinyLibrary:
    library = tiny(tmp_path_factory.mktemp("translations"))
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en, ar]\n")
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    return library


@pytest.fixture
def page(browser: Browser, room: TinyLibrary, tmp_path: Path) -> Iterator[Page]:
    """A window of a keeper whom the proxy has signed in."""
    (tmp_path / "roles").write_text("keeper: a.keeper\n", "utf-8")
    roles = {"PDFKIT_DESK_USER_HEADER": "X-User", "PDFKIT_DESK_ROLE_FILE": str(tmp_path / "roles")}
    dist = room.root.parent / "dist"
    with served(room.root, dist, log=tmp_path / "log", environment={**os.environ, **roles}) as address:
        context = browser.new_context(
            base_url=address, extra_http_headers={"x-user": "a.keeper"}, viewport={"width": 1280, "height": 720}
        )
        context.add_cookies([{"name": "language", "value": "da", "url": address}])
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("console", lambda message: pytest.fail(message.text) if "Content Security" in message.text else None)
        yield page
        context.close()


def looked_at(page: Page) -> None:
    """Expect nothing that hinders, in a wide window and in a narrow one."""
    page.wait_for_load_state()  # words are there before stylesheets
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    for width in (341, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def press(page: Page, name: str, role: str = "link") -> None:
    """Go to a link or a button and press it, with the keyboard alone."""
    page.get_by_role(role, name=name).first.focus()  # type: ignore[arg-type]
    page.keyboard.press("Enter")


def test_from_the_overview_to_the_history(page: Page, room: TinyLibrary, tmp_path: Path) -> None:
    page.goto("/keeper")
    press(page, "Oversættelser")
    expect(page.get_by_text("1 stykke mangler")).to_be_visible()
    looked_at(page)
    press(page, "Send og modtag: En titel, engelsk")
    expect(page.get_by_role("heading", name="Send til en oversætter")).to_be_visible()
    looked_at(page)
    with page.expect_download() as fetched:
        press(page, "Det, der mangler: PO (Poedit, Weblate, OmegaT)")
    assert fetched.value.suggested_filename == "first.en.po"
    file = tmp_path / "first.en.po"
    text = Path(fetched.value.path()).read_text("utf-8")
    file.write_text(text.replace("#, fuzzy\n", "").replace("at 8", "at 9"), "utf-8")
    page.get_by_label("Fil fra oversætteren").set_input_files(file)
    press(page, "Se forskellen", "button")
    expect(page.get_by_text("You must come at 9.")).to_be_visible()
    looked_at(page)
    assert "at 8" in room.read("content/first/en.md")
    press(page, "Overtag", "button")
    expect(page.get_by_text("Oversættelsen er overtaget.")).to_be_visible()
    assert "a.keeper overtog en oversættelse" in page.locator(".history").inner_text()
    assert "at 9" in room.read("content/first/en.md")
    press(page, "Oversættelser")
    expect(page.get_by_text("Ajour")).to_be_visible()
