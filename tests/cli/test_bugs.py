"""A bug of pdfkit: it is told as one, the log has its traceback, the rest of the work is done, and the exit code is 3."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build import pipeline
from pdfkit_cli.packs import batch
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.system import fault_log, worker_pool
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers.cli_runner import Terminal
from tests.helpers.fake_rendering import fake_pdf
from tests.helpers.internal_faults import internal, log_path
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_outputs import NORTH, SOUTH

SECRET = "Ellen Vestergaard"


@pytest.fixture(autouse=True)
def _log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    for handler in [*fault_log._logger.handlers]:
        fault_log._logger.removeHandler(handler)


def broken(*_: object) -> Any:
    raise KeyError(SECRET)


def _one_breaks(
    work: object, tasks: Iterable[tuple[tuple[str, ...], tuple[Page, ...]]], limits: object, prepare: object
) -> Iterator[TaskResult[Any, Any]]:
    """Render nothing, in this process, and let one page meet a bug."""
    for names, pages in tasks:
        try:
            made = [broken() if name == SOUTH[1] else RenderedPdf(fake_pdf(page), 1) for name, page in zip(names, pages, strict=True)]  # fmt: skip
        except KeyError as error:
            yield TaskResult(names, None, fault_log.report(worker_pool.error_problem(error)))
        else:
            yield TaskResult(names, tuple(made))


def test_one_pdf_of_many(pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "run_tasks", _one_breaks)
    code, out, err = pdfkit.build()
    assert code == 3
    assert out.startswith("3 rendered, 0 kept, 0 removed, 1 failed")
    assert f"failed {SOUTH[1]}: {internal('KeyError')}" in err
    assert "1 failed through a bug in pdfkit; the others are made" in err
    assert "Traceback" not in err
    assert SECRET in log_path().read_text()
    code, out, _ = pdfkit.build("--json")
    assert (code, json.loads(out)["failed"]) == (3, {SOUTH[1]: internal("KeyError")})
    assert json.loads(out)["kept"] == len([*NORTH, *SOUTH]) - 1


def test_debug_prints_the_traceback(pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "make_plan", broken)
    code, _, err = pdfkit("--debug", "build", "--library", pdfkit.library.root, "--out", pdfkit.out)
    assert code == 3
    assert f"pdfkit: {internal('KeyError')}" in err
    assert "Traceback (most recent call last)" in err
    assert f"KeyError: '{SECRET}'" in err


def test_a_letter_of_a_list(pdfkit: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other letters get their packs, and nothing of the letter is in the log or in a report."""
    name = "0101501234 Ellen.pdf"
    (tmp_path / name).write_bytes(plain())
    (tmp_path / "list.csv").write_text(f"letter,clinic,leaflets,output\n{name},north,T-1,1.pdf\n")
    monkeypatch.setattr(batch._BatchRun, "_task", broken)
    code, _, err = pdfkit.on("packs", tmp_path / "list.csv", "--to", tmp_path / "packs", "--out", pdfkit.out)
    assert code == 3
    assert "internal error (KeyError). This is a bug in pdfkit" in err
    report = (tmp_path / "packs" / "report.json").read_text()
    (row,) = json.loads(report)
    assert [problem["code"] for problem in row["problems"]] == ["internal"]
    assert SECRET not in f"{err} {report} {log_path().read_text()}"
    assert name not in log_path().read_text()


def test_a_file_that_is_verified(pdfkit: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(work: object, tasks: Iterable[tuple[int, Path]], *_: object) -> Iterator[TaskResult[int, Any]]:
        for name, _path in tasks:
            try:
                broken()
            except KeyError as error:
                yield TaskResult(name, None, fault_log.report(worker_pool.error_problem(error)))

    (tmp_path / "a.pdf").write_bytes(plain())
    monkeypatch.setattr(worker_pool, "run_tasks", run)
    code, out, _ = pdfkit.on("verify", tmp_path / "a.pdf", "--out", pdfkit.out)
    assert code == 3
    assert f"it could not be read: {internal('KeyError')} [internal]" in out


def test_a_crash_of_a_command_that_handles_letters_quotes_nothing(
    pdfkit: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdfkit_cli.packs.attaching.select_enclosures", broken)
    (tmp_path / "letter.pdf").write_bytes(plain())
    code, _, err = pdfkit.on("attach", tmp_path / "letter.pdf", "--leaflet", "first", "--out", pdfkit.out)
    assert code == 3
    log = log_path().read_text()
    assert SECRET not in log + err
    assert "packs/attaching.py" in log
