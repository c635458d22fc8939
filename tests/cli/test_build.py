"""What a build says and where, how it exits, and what `why` answers."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from pdfkit_cli.build import output_folder, pipeline, plan_runner
from pdfkit_cli.cli import build as cli_build
from pdfkit_cli.errors import Problem
from tests.helpers.cli_runner import Terminal, start
from tests.helpers.output_folder_audit import lies
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.tiny_outputs import NORTH, SOUTH


@pytest.mark.usefixtures("fake_rendering")
class TestBuild:
    def test_results_on_stdout_progress_on_stderr(self, pdfkit: Terminal) -> None:
        code, out, err = pdfkit.build()
        assert code == 0
        assert re.fullmatch(r"4 rendered, 0 kept, 0 removed, 0 failed in \d+\.\d seconds\n", out)
        *rendered, draft = err.splitlines()
        assert sorted(rendered) == [f"rendered {path}" for path in NORTH + SOUTH]
        assert draft.endswith("[draft-leaflet]")
        code, out, err = pdfkit.build()
        assert (code, out.split(" in ")[0], err) == (0, "0 rendered, 4 kept, 0 removed, 0 failed", f"{draft}\n")

    def test_json(self, pdfkit: Terminal) -> None:
        code, out, err = pdfkit.build("--json")
        said = json.loads(out)
        assert (code, err) == (0, "")
        assert said["rendered"] == NORTH + SOUTH
        assert (said["kept"], said["removed"], said["failed"]) == (0, [], {})
        assert [finding["code"] for finding in said["findings"]] == ["draft-leaflet"]

    def test_a_selection(self, pdfkit: Terminal) -> None:
        _, out, _ = pdfkit.build("first", "--clinic", "north", "--language", "da", "--format", "a5", "--json")
        assert json.loads(out)["rendered"] == [NORTH[1]]

    def test_findings(self, pdfkit: Terminal) -> None:
        pdfkit.library.body("::: nonsense\n:::\n")
        code, out, err = pdfkit.build()
        assert code == 1
        assert out.startswith("0 rendered")
        assert re.match(r"\S+/leaflets/content/first/da\.md:5:1: error: .*nonsense.* \[[a-z-]+\]\n", err)

    def test_findings_in_json(self, pdfkit: Terminal) -> None:
        pdfkit.library.body("::: nonsense\n:::\n")
        code, out, err = pdfkit.build("--json")
        finding, draft = json.loads(out)["findings"]
        assert draft["severity"] == "warning"
        assert (code, err) == (1, "")
        assert (finding["severity"], finding["line"], finding["column"]) == ("error", 5, 1)
        assert finding["file"].endswith("leaflets/content/first/da.md")

    def test_a_blocked_pdf_is_said_with_one_reason(self, pdfkit: Terminal) -> None:
        pdfkit.library.body("Skriv til {{ clinic.email }}.\n")
        code, out, err = pdfkit.build()
        assert (code, out.split(", ")[3].split(" in")[0]) == (1, "4 failed")
        assert err.count("missing-fact") == 2  # one for each clinic
        assert err.count("failed ") == 4

    def test_an_unknown_name(self, pdfkit: Terminal) -> None:
        code, out, err = pdfkit.build("--clinic", "norht", "--format", "a6")
        assert (code, out) == (2, "")
        assert "there is no clinic “norht”; did you mean “north”?" in err
        assert "there is no format “a6”" in err
        assert not pdfkit.out.exists()

    def test_no_library(self, pdfkit: Terminal, tmp_path: Path) -> None:
        code, out, err = pdfkit("build", "--library", tmp_path / "nowhere")
        assert (code, out) == (2, "")
        assert "no library here" in err
        assert "hint: name its folder with --library" in err

    @pytest.mark.parametrize(
        "arguments", [["--jobs", "many"], ["--jobs", "-1"], ["--as-of", "today"], ["--variant", "long"], ["--nonsense"]]
    )
    def test_a_wrong_option(self, pdfkit: Terminal, arguments: list[str]) -> None:
        code, out, err = pdfkit.build(*arguments)
        assert (code, out) == (2, "")
        assert arguments[0] in err
        assert "Traceback" not in err

    def test_a_folder_that_cannot_be_written(self, pdfkit: Terminal) -> None:
        pdfkit.out.write_text("a file")
        code, out, err = pdfkit.build()
        assert (code, out) == (1, "")
        assert "cannot be written" in err
        assert "hint: " in err

    def test_a_folder_that_another_build_writes(self, pdfkit: Terminal) -> None:
        with output_folder.OutputFolder(pdfkit.out):
            code, _, err = pdfkit.build()
        assert code == 1
        assert "another build is writing" in err

    def test_dry_run(self, pdfkit: Terminal) -> None:
        code, out, err = pdfkit.build("--dry-run")
        assert (code, len(err.splitlines()), "[draft-leaflet]" in err) == (0, 1, True)
        assert out.splitlines() == [
            *(f"render {path}: new" for path in NORTH + SOUTH),
            "4 to render, 0 to keep, 0 to remove, 0 blocked",
        ]
        assert not pdfkit.out.exists()
        pdfkit.build()
        (pdfkit.library.root / "clinics/south.yaml").unlink()
        pdfkit.library.body("Skriv til {{ clinic.email }}.\n")
        code, out, _ = pdfkit.build("--dry-run", "--json")
        said = json.loads(out)
        assert (code, said["run"], said["keep"], said["remove"]) == (1, {}, [], SOUTH)
        assert sorted(said["blocked"]) == NORTH

    def test_as_of(self, pdfkit: Terminal) -> None:
        pdfkit.library.replace("content/first/leaflet.yaml", "status:", "review_by: 2027-01-31\nstatus:")
        for command in ("build", "check"):
            arguments = ["--out", str(pdfkit.out)] if command == "build" else []
            code, _, err = pdfkit.on(command, *arguments, "--as-of", "2027-01-31")
            assert (code, "review-overdue" in err) == (0, False)
            code, _, err = pdfkit.on(command, *arguments, "--as-of", "2027-02-01")
            assert (code, "review-overdue" in err) == (0, True)

    def test_progress_on_a_terminal(self, pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        code, out, err = pdfkit.build()
        assert code == 0
        assert "4 rendered" in out
        assert "rendering" in err or "4/4" in err

    def test_interrupted(self, pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(plan_runner.PlanRunner, "run", interrupt)
        code, out, err = pdfkit.build()
        assert (code, out) == (130, "")
        assert "the next run resumes" in err
        assert lies(pdfkit.out) == []


@pytest.mark.usefixtures("fake_rendering")
class TestWhy:
    def why(self, pdfkit: Terminal, *arguments: str | Path) -> tuple[int, str, str]:
        return pdfkit.on("why", "--out", pdfkit.out, *arguments)

    def test_nothing_changed(self, pdfkit: Terminal) -> None:
        pdfkit.build()
        for name in (NORTH[0], pdfkit.out / NORTH[0]):
            code, out, err = self.why(pdfkit, name)
            assert (code, err) == (0, "")
            assert out.startswith(f"{NORTH[0]}\nEn titel: T-1 version 0.1, da, full, a4, for north\nmade from\n")
            assert "  leaflets/clinics/north.yaml\n" in out
            assert out.endswith("since then: nothing changed that it prints; it is up to date\n")

    def test_what_changed(self, pdfkit: Terminal) -> None:
        pdfkit.build()
        pdfkit.library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        _, out, _ = self.why(pdfkit, NORTH[0])
        assert out.endswith("since then: leaflets/clinics/north.yaml changed\n")
        code, out, _ = self.why(pdfkit, NORTH[0], "--json")
        said = json.loads(out)
        assert (code, said["path"], said["now"]) == (0, NORTH[0], ["leaflets/clinics/north.yaml changed"])
        assert said["entry"]["clinic"] == "north"
        assert "leaflets/clinics/north.yaml" in said["made_from"]

    def test_what_is_wrong(self, pdfkit: Terminal) -> None:
        pdfkit.build()
        pdfkit.library.body("Skriv til {{ clinic.email }}.\n")
        _, out, _ = self.why(pdfkit, NORTH[0])
        assert "[missing-fact]" in out.split("since then: ")[1]

    @pytest.mark.parametrize("gone", ["clinics/south.yaml", "content/first"])
    def test_what_is_gone(self, pdfkit: Terminal, gone: str) -> None:
        pdfkit.build()
        for name in ("clinics/north.yaml", "clinics/south.yaml"):
            if gone.startswith("content"):
                text = pdfkit.library.read(name)
                pdfkit.library.write(name, text[: text.index("hands_out")])
        path = pdfkit.library.root / gone
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        code, out, _ = self.why(pdfkit, SOUTH[0])
        assert code == 0
        assert out.endswith("since then: no clinic hands it out any more; the next build removes it\n")

    def test_a_file_that_it_does_not_know(self, pdfkit: Terminal) -> None:
        code, _, err = self.why(pdfkit, NORTH[0])
        assert code == 2
        assert "build first" in err
        pdfkit.build()
        code, _, err = self.why(pdfkit, "north/frist.da.a4.pdf")
        assert code == 2
        assert f"did you mean “{NORTH[0]}”" in err


@pytest.mark.slow
def test_watch_builds_what_is_saved(library: TinyLibrary, tmp_path: Path) -> None:
    process = start(library, tmp_path / "dist", "--watch", "--format", "a5")
    assert process.stdout
    try:
        assert process.stdout.readline().startswith("2 rendered")
        assert process.stdout.readline().startswith("2 of them rendered in full")
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        assert process.stdout.readline().startswith("1 rendered, 1 kept")
        assert process.stdout.readline().startswith("1 of them rendered in full")
        library.write("library.yaml", "name: [\n")  # half a file, as some editors save it
        time.sleep(1)
        library.write("library.yaml", "name: Tiny\nlanguages: [da, sv, en, ar]\n")
        assert process.stdout.readline().startswith("0 rendered, 2 kept")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "stop with Ctrl-C" in err
    assert "library.yaml:" in err
    assert "Traceback" not in err
    assert lies(tmp_path / "dist") == []


def test_watch_needs_a_folder(pdfkit: Terminal, tmp_path: Path) -> None:
    code, _, err = pdfkit("build", "--watch", "--library", tmp_path / "nowhere")
    assert code == 2
    assert "no such folder" in err


@pytest.mark.parametrize("option", ["--dry-run", "--watch", "--json", "--force"])
def test_no_pdf_goes_into_the_library(pdfkit: Terminal, option: str) -> None:
    code, out, err = pdfkit.on("build", "--out", pdfkit.library.root / "dist", option)
    assert (code, out) == (2, "")
    assert "the output folder lies in the library" in err
    assert f"hint: name a folder beside the library: --out {os.path.relpath(pdfkit.out)}" in err
    assert not (pdfkit.library.root / "dist").exists()


def test_what_took_too_long_says_how_to_give_it_more_time(capsys: pytest.CaptureFixture[str]) -> None:
    error = "it took longer than 60 seconds and was stopped"
    cli_build._report(pipeline.BuildSummary(failed={NORTH[0]: Problem(error)}, late={NORTH[0]}), as_json=False)
    assert capsys.readouterr().err.splitlines() == [
        f"failed {NORTH[0]}: {error}",
        "1 took too long; allow more time for long leaflets: --time-limit SECONDS",
    ]
