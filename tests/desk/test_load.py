"""Fifty secretaries at once at a real server, and the catalogue that changes underneath them."""

import os
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from tests.helpers.desk_load import ask, at_95
from tests.helpers.desk_process import served
from tests.helpers.tiny_library import TinyLibrary

FILE = "first.da.a4.pdf"
PATH, PDF = f"north/{FILE}", f"/north/pdf/{FILE}"
COOKIE = "clinic=north; language=da"
SLOW = 300.0
"""Seconds in which all must have been served: far more than it takes, so that a busy machine fails nobody."""


@pytest.fixture
def out(library: TinyLibrary) -> Path:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    out = library.root.parent / "dist"
    assert build(BuildRequest(library.root, out, jobs=1)).clean
    return out


def test_fifty_at_once_and_no_error(library: TinyLibrary, out: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    picture = f"/north/picture/{FILE}?page=1&width=480"
    paths = ["/north/", "/north/?q=titel", "/north/leaflet/first", PDF, picture, "/static/desk.css", PDF, "/keeper/progress"]  # fmt: skip
    with served(library.root, out, log=log, environment=dict(os.environ)) as address:
        started = time.monotonic()
        asked = ask(address, COOKIE, paths, 50)
        took = time.monotonic() - started
    assert len(asked) == 50 * len(paths)
    assert {one.status for one in asked} == {200}
    assert {one.length for one in asked if one.path == PDF} == {(out / PATH).stat().st_size}
    assert took < SLOW
    said = [line for line in log.read_text("utf-8").splitlines() if "interrupted" not in line]
    assert said == [], "nobody's questions are in a log"


def test_a_library_that_changes_is_picked_up(library: TinyLibrary, out: Path, tmp_path: Path) -> None:
    with served(library.root, out, log=tmp_path / "log") as address:
        assert "En anden titel" not in read(address, "/north/leaflet/first")
        library.replace("content/first/da.md", "title: En titel", "title: En anden titel")
        end = time.monotonic() + SLOW
        while "En anden titel" not in read(address, "/north/leaflet/first"):
            assert time.monotonic() < end
            time.sleep(0.2)
        library.write("library.yaml", "nme: broken\n")
        while read(address, "/clinic", 503) == "":
            assert time.monotonic() < end
            time.sleep(0.2)
        assert "library.yaml:1:1" in read(address, "/clinic", 503)


def read(address: str, path: str, status: int = 200) -> str:
    """Return a page; nothing where it has another status."""
    asked = urllib.request.Request(address + path, headers={"cookie": COOKIE})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.read().decode()) if answer.status == status else ""
    except urllib.error.HTTPError as error:
        return error.read().decode() if error.code == status else ""


def test_what_95_of_100_are_faster_than() -> None:
    assert at_95([float(number) for number in range(100)]) == 95
    assert at_95([1.0]) == 1
