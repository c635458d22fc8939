"""Whether the desk can do its work, for whoever watches over services."""

from pathlib import Path

import pytest

from pdfkit_cli.desk import isolated_task, security
from pdfkit_cli.errors import PdfkitError
from tests.helpers.desk_client import client, library_of
from tests.helpers.tiny_library import TinyLibrary


def test_all_is_well_without_signing_in_and_nothing_is_told(library: TinyLibrary, tmp_path: Path) -> None:
    answer = client(library.root, tmp_path / "dist", token="8f3a91c27be04d56").get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert set(security.SECURITY_HEADERS) <= set(answer.headers)


def test_a_library_that_cannot_be_read(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_task, "probe_worker", lambda *arguments: True)
    asking = client(library.root, tmp_path / "dist")
    assert asking.get("/health").status_code == 200
    library.write("library.yaml", "nme: broken\n")
    library_of(asking).refresh()
    answer = asking.get("/health")
    assert (answer.status_code, answer.text) == (503, "the library cannot be read\n")


def test_a_watcher_that_stands_still(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_task, "probe_worker", lambda *arguments: True)
    asking = client(library.root, tmp_path / "dist")
    found = library_of(asking)
    found._watched, found._seen = True, found._seen - 100
    assert asking.get("/health").status_code == 503


def test_no_worker_starts(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> bool:
        raise PdfkitError("secret")

    monkeypatch.setattr(isolated_task, "probe_worker", fails)
    answer = client(library.root, tmp_path / "dist").get("/health")
    assert (answer.status_code, "worker" in answer.text, "secret" in answer.text) == (503, True, False)
