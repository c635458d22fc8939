"""Fixtures that more than one module needs."""

import compileall
import gc
import itertools
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.yaml_source import ParsedYaml, SourceFile
from pdfkit_cli.rendering import layout_files, toolchain
from pdfkit_cli.rendering.layout_files import LayoutFile
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers import work_here
from tests.helpers.fake_rendering import DAY, render_nothing
from tests.helpers.soak_sampling import WHOLE, amount
from tests.helpers.tiny_library import FOUNDING, ROOT, TinyLibrary, tiny

MAX_SHEETS = 200
"""Layouts keep a stylesheet for each brand that they have met, of some ten kilobytes."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-print-preview",  # without a screen it crashes
]

expect.set_options(timeout=120_000)
settings.register_profile(
    "tests",
    deadline=None,
    derandomize=not WHOLE,
    max_examples=amount(50, 1000),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the program once, where Python may not: else each of some hundred processes compiles it, for a quarter of a second.

    And keep the tests as pytest compiles them: that takes six seconds in each process.
    """
    sys.dont_write_bytecode = False
    gc.set_threshold(50_000)  # modules and tests are never garbage: searching them takes a second
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "pdfkit_cli", quiet=2)


def pytest_collection_finish() -> None:
    """Search for garbage only in what tests make."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let `make soak` try more examples of each property."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: one in a process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium without all that is around a page, where it is installed: a new page costs a quarter of the CPU."""
    yield from _launched(playwright, shutil.which("chromium-headless-shell") or shutil.which("chromium"))


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium as it is, without a window: it shows PDFs."""
    yield from _launched(playwright, shutil.which("chromium"))


def _launched(playwright: Playwright, path: str | None) -> Iterator[Browser]:
    assert path, "make browser"
    # A test before may have rendered in this process, which then knows only the fonts of leaflets: Chromium crashes without its own.
    environment: dict[str, str | float | bool] = {
        name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG_")
    }
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, env=environment)
    yield browser
    browser.close()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What builds keep for the builds after them is nobody else's, and nor is the log of bugs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that do not exist yet, for the tests of this process.

    pytest lists all its folders to find a free number: 22 s of CPU in each of two processes with 3,400 tests.
    """
    root = tmp_path_factory.mktemp("tests")
    return (root / str(number) for number in itertools.count())


@pytest.fixture
def tmp_path(_folders: Iterator[Path]) -> Path:
    """An empty folder of its own for each test."""
    folder = next(_folders)
    folder.mkdir()
    return folder


@pytest.fixture(scope="session", autouse=True)
def _work_here() -> Iterator[None]:
    """Do here what workers would do, and read the code and the layouts of pdfkit, which no test changes, once: 26 ms for each project.

    And let a project have the layouts of another, as when it is opened again, unless one of their files differs: 30 ms.
    The same YAML is parsed once: most libraries here have the same files.
    """
    packaged, read = packaged_folder("layouts"), layout_files._read_file
    load, known = Layouts.load, dict[tuple[Path, Path], Layouts]()

    @cache
    def packaged_file(name: str) -> LayoutFile:
        return read(packaged, name)

    def read_file(folder: Path, name: str, root: Path | None = None) -> LayoutFile:
        return packaged_file(name) if folder == packaged else read(folder, name, root)

    def loaded(folder: Path, fonts: Path, library: Path | None, before: Layouts | None = None) -> Layouts:
        other = before or known.get((folder, fonts))
        found = load(folder, fonts, library, other if other and len(other._sheets) < MAX_SHEETS else None)
        if not any(file.own for file in found._files.values()):
            known[folder, fonts] = found
        return found

    with work_here.work_here(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(toolchain, "tool_versions", cache(toolchain.tool_versions))
        patch.setattr(layout_files, "_read_file", read_file)
        patch.setattr(Layouts, "load", loaded)
        patch.setattr(yaml_source, "parse_yaml", _once(yaml_source.parse_yaml))
        yield


def _once(parse: Callable[[SourceFile, str | None, int], ParsedYaml]) -> Callable[..., ParsedYaml]:
    """Return a parser that knows the texts that it has parsed before without a problem; nobody changes what it returns."""
    known: dict[tuple[str, int], ParsedYaml] = {}

    def parse_yaml(source: SourceFile, text: str | None = None, first_line: int = 1) -> ParsedYaml:
        key = source.text if text is None else text, first_line
        if key not in known:
            known[key] = parse(source, text, first_line)
        return known[key]

    return parse_yaml


@pytest.fixture
def worker_processes() -> Iterator[None]:
    with work_here.worker_processes():
        yield


@pytest.fixture(autouse=True)
def _empty_cache(_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test has it easier for what another has built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(next(_folders)))


@pytest.fixture
def library(tmp_path: Path) -> TinyLibrary:
    """A tiny library of its own for each test."""
    return tiny(tmp_path)


@pytest.fixture(scope="session")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Layouts that nobody edits while the tests run."""
    return Path(shutil.copytree(packaged_folder("layouts"), tmp_path_factory.mktemp("room") / "layouts"))


@pytest.fixture
def build_request(library: TinyLibrary, layouts: Path) -> BuildRequest:
    return BuildRequest(library.root, library.root.parent / "dist", as_of=DAY, jobs=1, layouts=layouts)


@pytest.fixture
def fake_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw, but render nothing. It replaces WeasyPrint, which tests/rendering tests."""
    render_nothing(monkeypatch)


@pytest.fixture(scope="session")
def kept_folder(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a name that the processes that run tests share, and the next run, too, where pytest has a cache."""
    cache = getattr(pytestconfig, "cache", None)
    root = tmp_path_factory.getbasetemp()
    root = root.parent if hasattr(pytestconfig, "workerinput") else root

    def folder(name: str) -> Path:
        if cache:
            return Path(cache.mkdir(name))
        (root / name).mkdir(exist_ok=True)
        return root / name

    return folder


@pytest.fixture(scope="session")
def founding(kept_folder: Callable[[str], Path]) -> Path:
    """Build the founding library, in worker processes."""
    return _built(kept_folder("founding"), BuildRequest(FOUNDING, as_of=DAY))


@pytest.fixture(scope="session")
def print_shop_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The founding library with a leaflet that is imprinted for a print shop: of its own only one that is rendered whole goes there."""
    root = tmp_path_factory.mktemp("print-shop") / "leaflets"
    shutil.copytree(FOUNDING, root)
    sheet = root / "content/facet-denervation/leaflet.yaml"
    sheet.write_text(re.sub("formats: .*", "formats: [a4, print-shop]", sheet.read_text("utf-8")), "utf-8")
    for clinic in root.glob("clinics/exempelkliniken-*.yaml"):  # they choose among the formats that it had
        clinic.write_text(re.sub(r"\n    formats: .*", "", clinic.read_text("utf-8")), "utf-8")
    return root


@pytest.fixture(scope="session")
def print_shop(print_shop_library: Path, kept_folder: Callable[[str], Path]) -> Path:
    """Build what a print shop would get of it, as the founding library is built."""
    clinics = ("exempelkliniken-norr", "exempelkliniken-syd", "rygcenter-syddanmark")
    selection = Selection(clinics=clinics, leaflets=("facet-denervation",), formats=("print-shop",))
    return _built(kept_folder("print-shop"), BuildRequest(print_shop_library, selection=selection, as_of=DAY))


def _built(folder: Path, request: BuildRequest) -> Path:
    """Build what changed since the tests ran last: library, layouts, tools or code. The processes that run tests share it."""
    with FileLock(folder / "lock"), work_here.worker_processes():
        summary = build(replace(request, out=folder / "dist"))
        assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return folder / "dist"
