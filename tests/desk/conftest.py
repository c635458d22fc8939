"""One desk and one browser for all tests that drive it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from pdfkit_cli.desk import server as desk_server
from pdfkit_cli.desk.settings import DeskSettings
from tests.helpers.tiny_library import FOUNDING


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[[Path, Path], str]]:
    """Lets a desk listen over a library and its output folder; returns its address."""
    servers = []

    def serve_(library: Path, out: Path) -> str:
        told: list[str] = []
        server = desk_server.make_server(DeskSettings(library, out, port=0), told.append, browser=False)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not told:
            assert thread.is_alive()
            time.sleep(0.02)
        return told[0]

    yield serve_
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def address(founding: Path, serving: Callable[[Path, Path], str]) -> str:
    """The address of a desk over the founding library."""
    return serving(FOUNDING, founding)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window of a ward's PC that has not been at the desk before. Whatever the browser complains of fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, locale="da-DK", base_url=address, accept_downloads=True
    )
    page, complaints = context.new_page(), list[str]()
    page.set_default_timeout(120_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _matters(message) else None)
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
    yield page
    context.close()
    assert not complaints


def _matters(message: ConsoleMessage) -> bool:
    """A letter that is refused is answered with a status of its own, which the browser notes."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")
