"""A desk inside the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from pdfkit_cli.desk.app import create_app
from pdfkit_cli.desk.settings import DeskSettings

HERE = "http://127.0.0.1:8000"
OWN = {"origin": HERE}
"""What a browser sends with a form of our own pages."""


@contextmanager
def opened(library: Path, out: Path, **settings: object) -> Iterator[TestClient]:
    """A desk inside this process, and a browser at it that follows nothing by itself."""
    made = DeskSettings(library, out, **settings)  # type: ignore[arg-type]
    with TestClient(create_app(made), HERE, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client
