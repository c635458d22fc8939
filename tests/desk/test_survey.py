"""The latest survey: shown at once, renewed behind, and kept for the next start."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk import isolated_task, keeper, survey
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.desk.library_status import LibraryStatus, library_status
from pdfkit_cli.desk.survey import LatestSurvey, Survey
from pdfkit_cli.errors import PdfkitError
from tests.desk.test_keeper import text
from tests.helpers.desk_app_client import opened
from tests.helpers.desk_client import library_of
from tests.helpers.tiny_library import TinyLibrary

pytestmark = pytest.mark.usefixtures("fake_rendering")


class Worker:
    """A worker that waits until it may go on, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.runs, self.fails = threading.Event(), 0, False
        self.free.set()
        monkeypatch.setattr(isolated_task, "run_isolated", self._run)

    def _run(self, work: object, task: BuildRequest, seconds: float, prepare: object = None, stop: object = None) -> LibraryStatus:  # fmt: skip
        self.runs += 1
        assert self.free.wait(60)
        if self.fails:
            raise PdfkitError("no")
        return library_status(task)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(monkeypatch)


@pytest.fixture
def state(library: TinyLibrary, build_request: BuildRequest) -> LibraryState:
    state = LibraryState(build_request)
    state.refresh()
    return state


def surveys(state: LibraryState, *, building: bool = False) -> LatestSurvey:
    return LatestSurvey(state, lambda: state.request, lambda: building)


def get(latest: LatestSurvey, wait: float = 60.0) -> Survey | None:
    with ThreadPoolExecutor(1) as thread:  # a browser of other tests has a loop in this one
        return thread.submit(asyncio.run, latest.get(wait)).result()


def test_what_changed_is_shown_as_it_was_until_it_is_known(
    library: TinyLibrary, state: LibraryState, worker: Worker
) -> None:
    latest = surveys(state)
    first = get(latest)
    assert first
    assert first.current
    library.replace("clinics/north.yaml", "Klinik Nord", "Klinik Ny")
    state.refresh()
    worker.free.clear()
    behind = get(latest, 0.05)
    assert behind
    assert (behind.current, behind.taken, behind.status) == (False, first.taken, first.status)
    assert get(latest, 0.05), "a second who asks waits for the same one"
    assert worker.runs == 2
    worker.free.set()
    renewed = get(latest)
    assert renewed
    assert renewed.current
    assert renewed.status.clinics["north"] == "Klinik Ny"
    assert worker.runs == 2
    assert get(latest)
    assert worker.runs == 2, "nothing changed since"


def test_a_change_while_it_is_made_is_not_lost(library: TinyLibrary, state: LibraryState, worker: Worker) -> None:
    latest = surveys(state)
    worker.free.clear()
    assert get(latest, 0.05) is None
    library.replace("clinics/north.yaml", "Klinik Nord", "Klinik Ny")
    state.refresh()
    worker.free.set()
    assert get(latest)
    found = get(latest)
    assert found
    assert found.current
    assert worker.runs == 2


def test_the_next_desk_shows_it_at_once_with_its_day(state: LibraryState, worker: Worker) -> None:
    build(state.request)
    first = get(surveys(state))
    assert first
    worker.free.clear()
    again = get(surveys(state), 0.05)
    worker.free.set()
    assert again
    assert (again.status, again.taken, again.current) == (first.status, first.taken, False)


def test_a_damaged_or_foreign_file_is_not_shown(state: LibraryState, worker: Worker) -> None:
    assert get(surveys(state))
    file = survey._file(state.request)
    assert file
    for content in (b"", b"\x00", file.read_bytes()[:-9]):
        file.write_bytes(content)
        worker.free.clear()
        latest = surveys(state)
        assert get(latest, 0.05) is None
        worker.free.set()
        assert get(latest), "it is kept, and the next file is not replaced by it"


def test_a_failure_leaves_the_last_and_is_told_without_one(state: LibraryState, worker: Worker) -> None:
    latest = surveys(state)
    worker.fails = True
    with pytest.raises(PdfkitError):
        get(latest)
    worker.fails = False
    assert get(latest)
    latest._made_for, worker.fails = (), True
    found = get(latest)
    assert found
    assert not found.current


def test_during_a_build_the_one_from_before_stands(library: TinyLibrary, state: LibraryState, worker: Worker) -> None:
    latest = surveys(state, building=True)
    assert get(latest), "without any, one is made"
    library.replace("clinics/north.yaml", "Klinik Nord", "Klinik Ny")
    state.refresh()
    found = get(latest)
    assert found
    assert not found.current
    assert worker.runs == 1


def test_pages_show_the_last_survey_at_once_and_say_so(
    library: TinyLibrary, tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(library.root, tmp_path / "dist") as client:
        client.cookies.set("language", "en")
        monkeypatch.setattr(keeper, "WAIT_SECONDS", 60.0)
        for path in ("/keeper", "/keeper/pdfs", "/keeper/findings", "/keeper/matrix"):
            page = client.get(path).text
            assert "Last looked through on" in page
            assert "data-renewing" not in page
        assert client.get("/keeper/survey").json()["current"]
        monkeypatch.setattr(keeper, "WAIT_SECONDS", 0.05)
        library.replace("clinics/north.yaml", "Klinik Nord", "Klinik Ny")
        library_of(client).refresh()
        worker.free.clear()
        for path in ("/keeper", "/keeper/pdfs", "/keeper/findings", "/keeper/matrix"):
            answer = client.get(path)
            assert (answer.status_code, "data-renewing" in answer.text) == (200, True), path
        assert not client.get("/keeper/survey").json()["current"]
        worker.free.set()


def test_the_inbox_waits_for_no_survey(
    library: TinyLibrary, tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "WAIT_SECONDS", 0.0)
    worker.free.clear()
    with opened(library.root, tmp_path / "dist") as client:
        answer = client.get("/keeper", cookies={"language": "en"})
        worker.free.set()
    assert answer.status_code == 200
    assert "The PDFs are being compared with the library" in text(answer.text)
    assert "Drafts to approve" in answer.text
