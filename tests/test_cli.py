"""The command line: what it says and where, how it exits, and what is left when it is stopped."""

import json
import os
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import click
import psutil
import pytest
import typer
from rich.console import Console

from pdfkit_cli import __version__, cli, publish
from pdfkit_cli import build as building
from pdfkit_cli.build import Request
from tests import translating
from tests.libraries import FOUNDING, TinyLibrary
from tests.outputs import contents, lies
from tests.papers import plain
from tests.test_build import NORTH, SOUTH, quick  # noqa: F401

PDFKIT = [sys.executable, "-m", "pdfkit_cli"]
ROOT = Path(__file__).parent.parent


class Terminal:
    """Runs commands in this process, on the tiny library."""

    def __init__(self, library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
        self.library, self.out, self._capsys = library, library.root.parent / "dist", capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        code = cli._run([str(argument) for argument in arguments])
        return (int(code), *self._capsys.readouterr())

    def build(self, *arguments: str) -> tuple[int, str, str]:
        return self("build", "--library", self.library.root, "--out", self.out, *arguments)

    def on(self, command: str, *arguments: str | Path) -> tuple[int, str, str]:
        return self(*command.split(), "--library", self.library.root, *arguments)


@pytest.fixture
def pdfkit(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(library, capsys)


def commands() -> dict[str, click.Command]:
    """Return every command by its name."""
    found: dict[str, click.Command] = {}

    def walk(name: str, command: Any) -> None:
        if hasattr(command, "commands"):
            for below, inner in command.commands.items():
                walk(f"{name} {below}".strip(), inner)
        else:
            found[name] = command

    walk("", typer.main.get_command(cli.app))
    return found


# Help.


@pytest.mark.parametrize("name", commands())
def test_help_is_a_sentence_and_an_example(name: str, pdfkit: Terminal) -> None:
    text = commands()[name].help or ""
    sentence, example = text.split("\n\n")
    assert re.fullmatch(r"[A-Z][^.\n]*\.", sentence), sentence
    assert not sentence.split()[0].endswith("s"), "an imperative"
    assert example.strip().startswith(f"Example: pdfkit {name}")
    code, out, err = pdfkit(*name.split(), "--help")
    assert (code, err) == (0, "")
    assert sentence in " ".join(out.split())


@pytest.mark.slow
def test_every_example_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FOUNDING, tmp_path / "library/leaflets")
    (tmp_path / "empty").mkdir()
    (tmp_path / "library/letter.pdf").write_bytes(plain(1))
    (tmp_path / "library/today.csv").write_text("letter,clinic,leaflets,output\nletter.pdf,sportsmed,BP-02,1.pdf\n")
    endless = {"desk"}  # see tests/desk/test_serve.py
    for name, command in commands().items():
        if name in endless:
            continue
        monkeypatch.chdir(tmp_path / ("empty" if name == "new library" else "library"))
        example = (command.help or "").split("Example: pdfkit ")[1].strip()
        assert cli._run(shlex.split(example)) == 0, example
        capsys.readouterr()


def test_nothing_asked(pdfkit: Terminal) -> None:
    for arguments in ([], ["new"]):
        code, out, err = pdfkit(*arguments)
        assert code == 2
        assert "Usage: pdfkit" in out + err
        assert "Traceback" not in out + err


def test_version(pdfkit: Terminal) -> None:
    assert pdfkit("--version") == (0, f"pdfkit {__version__}\n", "")


# What is said where, and how it exits.


@pytest.mark.usefixtures("quick")
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
        with publish.Output(pdfkit.out):
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
        screen = StringIO()
        monkeypatch.setattr(cli, "err", Console(file=screen, force_terminal=True, width=200))
        code, out, _ = pdfkit.build()
        assert code == 0
        assert "4 rendered" in out
        assert "rendering" in screen.getvalue() or "4/4" in screen.getvalue()

    def test_interrupted(self, pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(building, "_run", interrupt)
        code, out, err = pdfkit.build()
        assert (code, out) == (130, "")
        assert "the next run goes on" in err
        assert lies(pdfkit.out) == []


def test_our_own_fault(pdfkit: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: Request) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(building, "open_workshop", fail)
    code, out, err = pdfkit.on("check")
    assert (code, out) == (3, "")
    assert "Traceback" not in err
    (name,) = re.findall(r"\S+\.log", err)
    log = Path(name)
    assert "ZeroDivisionError: a bug" in log.read_text()
    assert "Traceback" in log.read_text()
    log.unlink()


def test_check(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("check")
    assert (code, out) == (0, "1 leaflets, 2 editions, 2 clinics: 0 errors, 1 warnings\n")
    assert re.fullmatch(r"\S+/leaflet\.yaml:4:1: warning: clinics hand this out as a draft.* \[draft-leaflet\]\n", err)
    pdfkit.library.write("library.yaml", "name: Tiny\nlanguages: [da]\nchecks: {severity: {draft-leaflet: off}}\n")
    assert pdfkit.on("check", "--json") == (0, "[]\n", "")
    pdfkit.library.body("Skriv til {{ clinic.email }}.\n")
    code, out, err = pdfkit.on("check")
    assert (code, out) == (1, "1 leaflets, 2 editions, 2 clinics: 2 errors, 0 warnings\n")
    assert err.count("missing-fact") == 2
    code, out, _ = pdfkit.on("check", "--json")
    assert [finding["code"] for finding in json.loads(out)] == ["missing-fact"] * 2


def test_check_says_things_in_order_of_their_place(pdfkit: Terminal) -> None:
    pdfkit.library.body("Ord.\n\n::: nonsense\n:::\n\n![x](images/none.png)\n")
    pdfkit.library.write("clinics/north.yaml", "nonsense: 1\n")
    _, _, err = pdfkit.on("check")
    places = [
        (file, int(line), int(column)) for file, line, column in re.findall(r"^(\S+):(\d+):(\d+): error", err, re.M)
    ]
    assert places == sorted(places)
    assert len(places) > 3


def test_a_line_number_is_no_emoji(pdfkit: Terminal) -> None:
    """Rich turns :100: into a picture, where it is not told otherwise."""
    pdfkit.library.body("\n" * 95 + "::: nonsense\n:::\n")
    _, _, err = pdfkit.on("check")
    assert "da.md:100:1: error" in err


def test_brackets_are_no_markup(pdfkit: Terminal, tmp_path: Path) -> None:
    code, _, err = pdfkit("check", "--library", tmp_path / "[bold]")
    assert code == 2
    assert "[bold]: no library here" in err


def test_list(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("list")
    assert (code, err) == (0, "")
    assert out.startswith("first  T-1 version 0.1, draft\n  da  En titel\n  formats: a4, a5\n")
    code, out, _ = pdfkit.on("list", "--json")
    (leaflet,) = json.loads(out)
    assert (leaflet["leaflet"], leaflet["clinics"]) == ("first", ["north", "south"])


@pytest.mark.usefixtures("quick")
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


def test_doctor(pdfkit: Terminal) -> None:
    code, out, err = pdfkit("doctor")
    assert (code, err) == (0, "")
    assert all(line.startswith("ok ") for line in out.splitlines())
    code, out, _ = pdfkit("doctor", "--json")
    assert {reading["name"]: reading["good"] for reading in json.loads(out)}["pango"] is True


# In a process of its own.


def shell(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PDFKIT, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120, cwd=ROOT,
        env=os.environ | environment,
    )  # fmt: skip


def test_colour_only_where_it_is_wanted(library: TinyLibrary) -> None:
    library.body("::: nonsense\n:::\n")
    command = ("check", "--library", library.root)
    assert "\x1b[31m" in shell(*command, FORCE_COLOR="1").stderr
    for environment in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        assert "\x1b[31m" not in shell(*command, **environment).stderr


def test_a_terminal_that_lacks_letters(library: TinyLibrary) -> None:
    library.body("::: nonsense\n:::\n")
    done = shell("check", "--library", library.root, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "\\u201cnonsense\\u201d" in done.stderr
    library.write("content/first/da.md", "---\ntitle: Før\nsummary: Efter\n---\nOrd.\n")
    done = shell("list", "--library", library.root, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "F\\xf8r" in done.stdout


def test_a_reader_that_leaves(library: TinyLibrary) -> None:
    command = " ".join([*PDFKIT, "list", "--library", str(library.root)])
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command}; echo $? >&2) | true"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stderr.strip().isdigit()  # the exit code, and no word


def start(library: TinyLibrary, out: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PDFKIT, "build", "--library", str(library.root), "--out", str(out), *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def moments() -> Iterator[float]:
    """Random moments of a build of some two seconds, the same ones each time."""
    source = random.Random(20261121)
    return iter(lambda: source.uniform(0.1, 2.0), None)


@pytest.fixture
def more(library: TinyLibrary) -> TinyLibrary:
    """Eight PDFs."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a5-booklet, a4-large]")
    return library


@pytest.fixture
def expected(more: TinyLibrary, tmp_path: Path) -> Callable[[Path], None]:
    """Return a check that the next build of a folder finishes the work."""

    def check(out: Path) -> None:
        done = shell("build", "--library", more.root, "--out", out)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)
        assert lies(out) == []
        assert len(contents(out)) == 8
        assert not list((out / ".pdfkit").glob("*.part"))
        assert " 0 rendered" in " " + shell("build", "--library", more.root, "--out", out).stdout

    return check


@pytest.mark.slow
def test_killed_at_any_moment(
    more: TinyLibrary, tmp_path: Path, moments: Iterator[float], expected: Callable[[Path], None]
) -> None:
    """With -9, while it renders new files or old ones again; the workers go away by themselves."""
    out = tmp_path / "dist"
    for attempt in range(6):
        process = start(more, out, *(["--force"] if attempt % 2 else []))
        time.sleep(next(moments))
        workers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.communicate()
        assert lies(out) == []
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert alive == []
    expected(out)


@pytest.mark.slow
def test_interrupted_at_any_moment(
    more: TinyLibrary, tmp_path: Path, moments: Iterator[float], expected: Callable[[Path], None]
) -> None:
    """With Ctrl-C, which a terminal sends to the whole group."""
    out = tmp_path / "dist"
    codes = []
    for _ in range(6):
        manifest = out / "manifest.json"
        manifest.unlink(missing_ok=True)
        process = start(more, out)
        while not manifest.exists():  # before that, it is Python that starts
            time.sleep(0.01)
        time.sleep(next(moments) * 0.7)
        os.killpg(process.pid, signal.SIGINT)
        said, err = process.communicate(timeout=20)
        assert "Traceback" not in err
        assert process.returncode in (0, 130, -signal.SIGINT)  # the last while Python loads: shells make 130 of it
        assert ("interrupted" in err) == (process.returncode == 130)
        assert (said == "") == (process.returncode == 130)
        codes.append(process.returncode)
        assert lies(out) == []
    assert 130 in codes
    expected(out)


@pytest.mark.slow
def test_a_full_disk(more: TinyLibrary, tmp_path: Path, expected: Callable[[Path], None]) -> None:
    """From the first finished file on, the parent can write no more than some bytes."""
    out = tmp_path / "dist"
    process = start(more, out, "--jobs", "1")
    assert process.stderr
    first = process.stderr.readline()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (64, 64))
    said, err = process.communicate(timeout=60)
    assert first.startswith("rendered ")
    assert (process.returncode, said) == (1, "")
    assert "cannot be written: File too large" in err
    assert "hint: free some space" in err
    assert "Traceback" not in err
    assert lies(out) == []
    expected(out)


@pytest.mark.slow
def test_two_builds_at_once(more: TinyLibrary, tmp_path: Path, expected: Callable[[Path], None]) -> None:
    out = tmp_path / "dist"
    both = [start(more, out) for _ in range(2)]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in both]
    assert sorted(code for _, _, code in ends) == [0, 1]
    (err,) = [err for _, err, code in ends if code]
    assert "another build is writing" in err
    assert "Traceback" not in err
    assert lies(out) == []
    expected(out)


@pytest.mark.slow
def test_watch_builds_what_is_saved(library: TinyLibrary, tmp_path: Path) -> None:
    process = start(library, tmp_path / "dist", "--watch", "--format", "a5")
    assert process.stdout
    try:
        assert process.stdout.readline().startswith("2 rendered")
        assert process.stdout.readline().startswith("2 of them rendered whole")
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        assert process.stdout.readline().startswith("1 rendered, 1 kept")
        assert process.stdout.readline().startswith("1 of them rendered whole")
        library.write("library.yaml", "name: [\n")  # half a file, as some editors save it
        time.sleep(1)
        library.write("library.yaml", "name: Tiny\nlanguages: [da, sv, en, ar]\n")
        assert process.stdout.readline().startswith("0 rendered, 2 kept")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "stop with Ctrl-C" in err
    assert "library.yaml:" in err
    assert "Traceback" not in err
    assert lies(tmp_path / "dist") == []


def test_watch_needs_a_folder(pdfkit: Terminal, tmp_path: Path) -> None:
    code, _, err = pdfkit("build", "--watch", "--library", tmp_path / "nowhere")
    assert code == 2
    assert "no such folder" in err


def test_translated_says_what_it_recorded(pdfkit: Terminal) -> None:
    translating.write(pdfkit.library)
    code, out, err = pdfkit.on("translated", "first", "en")
    file = pdfkit.library.root / "content/first"
    assert (code, err) == (0, "")
    assert out.splitlines()[3:] == [
        f"  {file / 'da.md'}:8: Du skal møde kl. 8.",
        f"  {file / 'da.md'}:10: Tag tøj med.",
        f"  {file / 'da.md'}:11: Tag din insulin.",
        f"  {file / 'da.md'}:13: Feber",
        f"  {file / 'da.md'}:14: Ring, hvis du har over 38,5 °C.",
        f"recorded 8 passages, 8 of them new, in {file / 'translated.yaml'}",
    ]
    translating.source(pdfkit.library, "Feber\n", "Feber\nSvar.\n\n")
    code, out, err = pdfkit.on("translated", "first", "en")
    assert (code, out) == (1, "")
    assert "[different-structure]" in err
    assert pdfkit.on("translated", "first", "da")[0] == 2
