"""A bug is told as one, and what is kept of it helps to find it and quotes no patient."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdfkit_cli.build import verifier
from pdfkit_cli.errors import InternalFault, PdfkitError, Problem
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Pack
from pdfkit_cli.rendering import personal_copies
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.worker_pool import error_problem
from tests.helpers.channels import PAPER
from tests.helpers.internal_faults import internal, log_path

SECRET = "Ellen Vestergaard"


@pytest.fixture(autouse=True)
def _log(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield
    for handler in [*fault_log._logger.handlers]:
        fault_log._logger.removeHandler(handler)


def broken() -> None:
    raise KeyError(SECRET)


def caught() -> KeyError:
    try:
        broken()
    except KeyError as error:
        return error
    raise AssertionError


def test_a_bug_is_logged_with_its_traceback_and_versions() -> None:
    problem = fault_log.report(fault_log.internal_error(caught(), "da · north · a4").problem)
    assert str(problem) == internal("KeyError")
    assert problem.is_bug
    log = log_path().read_text()
    assert "KeyError in da · north · a4" in log
    assert f"KeyError: '{SECRET}'" in log
    assert all(f"{name} " in log for name in ("pdfkit-cli", "Python", "weasyprint", "pikepdf"))
    assert stat.S_IMODE(log_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(log_path().parent.stat().st_mode) == 0o700


def test_the_log_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_log, "MAX_LOG_BYTES", 4000)
    for _ in range(20):
        fault_log.report(error_problem(caught()))
    files = sorted(log_path().parent.iterdir())
    assert [file.name for file in files] == ["faults.log", "faults.log.1"]
    assert all(file.stat().st_size <= 4000 and stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    deep = InternalFault("RecursionError", ("a.py:1 in a",) * 3, "x" * 10)
    assert len(fault_log.capture_fault(_deep()).traceback) < fault_log.MAX_TRACEBACK_LENGTH + 10
    fault_log.log_fault(deep)


def _deep() -> RuntimeError:
    return RuntimeError("x" * 1_000_000)


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    problem = fault_log.report(error_problem(caught()))
    assert str(problem) == "internal error (KeyError). This is a bug in pdfkit; please report it"


def test_debug_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    fault_log.show_on_stderr()
    fault_log.report(error_problem(caught()))
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_without_debug_stderr_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    fault_log.report(error_problem(caught()))
    assert capsys.readouterr().err == ""
    assert logging.getLogger("pdfkit.faults").propagate is False


def test_a_fault_in_a_pack_quotes_nothing_of_a_letter(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdfkit_cli.packs.assembly._pack_parts", lambda pack: broken())
    pack = Pack(None, (), PAPER, "Brev", log_path())
    with pytest.raises(PdfkitError) as error:
        assembly.make_pack(pack)
    problem = error.value.problem
    assert problem.is_bug
    _says_only_where(fault_log.report(problem))


def test_a_fault_in_a_personal_copy_quotes_nothing_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is caught in code that handles no patient's words, below code that does."""
    monkeypatch.setattr("pdfkit_cli.rendering.renderer.render_unverified", lambda page: broken())
    monkeypatch.setattr("pdfkit_cli.rendering.renderer.forget_page", lambda page: None)

    class Page:
        name = "da · north · a4"

    with pytest.raises(personal_copies.PersonalRenderError) as error:
        personal_copies.render_in_worker(Page())  # type: ignore[arg-type]
    assert error.value.fault
    _says_only_where(fault_log.report(error.value.problem))


def test_all_code_that_is_private_exists() -> None:
    package = Path(fault_log.__file__).parents[1]
    assert all((package / path).exists() for path in fault_log.PRIVATE_CODE)


def test_a_fault_while_a_pack_is_verified_quotes_nothing_of_its_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack.pdf").write_bytes(b"%PDF-1.7 a pack")
    monkeypatch.setattr("pdfkit_cli.pdf.audit.read_pdf", lambda pdf: broken())
    with pytest.raises(KeyError) as error:
        verifier.examine(tmp_path / "pack.pdf", frozenset())
    fault_log.report(error_problem(error.value))
    assert SECRET not in log_path().read_text()


def _says_only_where(problem: Problem) -> None:
    log = log_path().read_text()
    assert SECRET not in f"{log} {problem!r}"
    assert problem.fault
    assert problem.fault.kind == "KeyError"
    assert problem.fault.traceback == ""
    assert any("test_fault_log.py:" in place and place.endswith(" in broken") for place in problem.fault.places)
    assert "KeyError" in log
