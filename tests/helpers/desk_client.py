"""A desk to ask, over a tiny library or the founding one."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from pdfkit_cli.desk.app import create_app
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.security import RequestGuard
from pdfkit_cli.desk.settings import DeskSettings
from pdfkit_cli.desk.templating import DeskState

HERE = "http://127.0.0.1"


def client(library: Path, out: Path, clinic: str = "north", **settings: Any) -> TestClient:
    """Return a browser that has chosen a clinic, before a desk with its library loaded."""
    asking = TestClient(create_app(DeskSettings(library, out, **settings)), HERE, raise_server_exceptions=False)
    asking.headers.update({"sec-fetch-site": "same-origin", "accept-language": "en"})
    asking.cookies.set("language", "en")
    if clinic:
        asking.cookies.set("clinic", clinic)
    return asking


def library_of(asking: TestClient) -> LibraryState:
    """Return what the desk looks the library up in."""
    return desk_of(asking).library


def desk_of(asking: TestClient) -> DeskState:
    """Return what the routes of a desk share."""
    desk: DeskState = app_of(asking).state.desk
    return desk


def app_of(asking: TestClient) -> Starlette:
    """Return the application of a desk, without the guard before it."""
    guard = asking.app
    assert isinstance(guard, RequestGuard)
    assert isinstance(guard.app, Starlette)
    return guard.app
