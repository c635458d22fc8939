"""Draws the pictures of docs/desk.md: the desk over the founding library, in a browser without a window. Run by `make pictures`."""

import shutil
import threading
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pdfkit_cli.desk import server as desk_server
from pdfkit_cli.desk.settings import DeskSettings

HERE = Path(__file__).parent


def main() -> None:
    """Draw them all."""
    told: list[str] = []
    server = desk_server.make_server(DeskSettings(port=0), told.append, browser=False)
    threading.Thread(target=server.run, daemon=True).start()
    while not told:
        time.sleep(0.05)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1366, "height": 768}, base_url=told[0], locale="da-DK", reduced_motion="reduce"
        )
        page.set_default_timeout(120_000)
        draw(page)
        browser.close()
    server.should_exit = True


def draw(page: Page) -> None:
    """Walk through the desk as a secretary does."""
    page.goto("/")
    page.get_by_role("button", name="Rygcenter Syddanmark").click()
    page.get_by_role("searchbox").fill("varmebehandling")
    page.locator("#count", has_text="1 pjece fundet").wait_for()
    shot(page, "desk-search")
    page.get_by_role("link", name="العربية").first.click()
    page.get_by_role("link", name="Stor skrift").click()
    page.locator("[data-key='format.a4-large'][aria-current]").wait_for()
    page.locator(".page-pictures img").first.wait_for()
    shot(page, "desk-leaflet")
    page.get_by_role("button", name="Læg i brev").click()
    page.get_by_role("link", name="Find en pjece mere").click()
    page.get_by_role("link", name="Dansk").click()
    page.locator(".page-pictures img").first.wait_for()
    page.get_by_role("button", name="Læg i brev").click()
    page.locator(".to-pack").click()
    page.get_by_role("button", name="Saml brev og pjecer").click()
    page.get_by_text("Brevet med pjecer er klar.").wait_for()
    page.evaluate("document.getElementById('status').textContent = ''")
    shot(page, "desk-pack")


def shot(page: Page, name: str) -> None:
    """Take one picture, once everything on it has come."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
