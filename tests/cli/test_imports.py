"""What each command imports. A list may become shorter; it may become longer only on purpose, since each import is waited for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.cli_runner import shell
from tests.helpers.tiny_library import ROOT, TinyLibrary

RUN = """
import atexit, json, sys
from pathlib import Path
from pdfkit_cli.__main__ import main
names, sys.argv = Path(sys.argv[1]), ["pdfkit", *sys.argv[2:]]
atexit.register(lambda: names.write_text(json.dumps(sorted(sys.modules))))
main()
"""

SLOW_STANDARD = frozenset({"asyncio", "email", "http", "logging", "sqlite3", "unittest", "xml"})
"""Modules of the standard library that take longer than a command should."""

LIGHT = frozenset({"annotated_doc", "pdfkit_cli", "shellingham", "typer"})
"""What every command imports."""

LIGHT_OWN = frozenset({"", "__main__", "build", "cli", "content", "content.enumerations", "errors", "system", "system.call_stack", "system.core_dumps"})  # fmt: skip


def imported(folder: Path, *arguments: str | Path, says: str = "", **environment: str) -> tuple[set[str], set[str]]:
    """Return the packages that a command imports, with slow ones of the standard library, and the modules of pdfkit."""
    names = folder / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", RUN, names, *arguments],
        env=os.environ | environment, cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    assert says in done.stdout.decode(), done.stderr
    modules = json.loads(names.read_text())
    packages = {name.partition(".")[0] for name in modules}
    known = {name for name in packages if name not in sys.stdlib_module_names or name in SLOW_STANDARD}
    own = {name.removeprefix("pdfkit_cli").removeprefix(".") for name in modules if name.startswith("pdfkit_cli")}
    return {name for name in known if not name.startswith("_")}, {name for name in own if not name.startswith("cli.")}


@pytest.mark.parametrize(
    "command",
    [
        "--version",
        "--help",
        "new",
        "build --help",
        "list --help",
        "new leaflet --help",
        "packs --help",
        "translate export --help",
        "desk --help",
    ],
)
def test_help_imports_no_implementation(command: str, tmp_path: Path) -> None:
    packages, own = imported(tmp_path, *command.split())
    assert packages <= LIGHT
    assert own <= LIGHT_OWN


@pytest.mark.parametrize("words", ["pdfkit ", "pdfkit li", "pdfkit build --", "pdfkit new leaflet --own"])
def test_tab_imports_no_implementation(words: str, tmp_path: Path) -> None:
    completing = {"_PDFKIT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    packages, own = imported(tmp_path, **completing)
    assert packages <= LIGHT
    assert own <= LIGHT_OWN


LOADING = LIGHT | {
    "annotated_types", "babel", "cython_runtime", "markdown_it", "mdit_py_plugins", "mdurl", "msgpack", "phonenumbers", "platformdirs",
    "pydantic", "pydantic_core", "typing_extensions", "typing_inspection", "yaml",
    "email", "logging",
}  # fmt: skip
"""What reading a library takes whose pictures were read before; Pydantic brings `email`, Markdown `logging`."""


@pytest.mark.parametrize("command", ["list", "new leaflet another"])
def test_reading_a_library_imports_nothing_that_draws(command: str, library: TinyLibrary, tmp_path: Path) -> None:
    imported(tmp_path, "list", "--library", library.root)  # keeps what is found in pictures
    packages, own = imported(tmp_path, *command.split(), "--library", library.root)
    assert packages <= LOADING
    assert not {name for name in own if name.startswith(("checks", "desk", "output", "packs", "pdf.reader"))}
    assert {name for name in own if name.startswith("rendering")} <= {"rendering", "rendering.layout_files"}


PLANNING = LOADING | {"PIL", "asyncio", "concurrent", "filelock", "http", "jinja2", "markupsafe"}
"""What it takes to see that nothing has changed: Jinja2 draws the catalogue, `filelock` brings `asyncio`."""


@pytest.mark.slow
def test_a_build_in_which_nothing_changed_imports_nothing_that_renders(library: TinyLibrary, tmp_path: Path) -> None:
    place = ("--library", library.root, "--out", tmp_path / "dist")
    assert shell("build", "--jobs", "1", *place).returncode == 0
    for command, says in {
        "build": "4 kept",
        "build --dry-run": "4 to keep",
        "why north/first.da.a4.pdf": "up to date",
    }.items():
        packages, own = imported(tmp_path, *command.split(), *place, says=says)
        assert packages <= PLANNING
        assert not own & {"rendering.engine", "rendering.renderer", "rendering.templates", "system.worker_pool"}
        heavy = ("build.cluster", "build.plan_runner", "desk", "packs", "pdf.reader")
        assert not {name for name in own if name.startswith(heavy)}
