"""The way through the program, from files to PDFs: a build renders exactly what changed."""

import errno
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import (
    BuildRequest,
    BuildSummary,
    ProgressListener,
    build,
    build_project,
    dry_run,
    make_plan,
    open_project,
    plan_build,
    render_edition,
)
from pdfkit_cli.content.editions import Selection
from pdfkit_cli.errors import OutputError, PdfkitError, Problem, Severity, SourceError, UsageError
from pdfkit_cli.output import fingerprints
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind
from pdfkit_cli.rendering import render_worker, toolchain
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, TaskResult
from tests.helpers import translated_library
from tests.helpers.fake_rendering import use_tools
from tests.helpers.internal_faults import log_path
from tests.helpers.output_folder_audit import contents, lies
from tests.helpers.soak_sampling import amount
from tests.helpers.tiny_library import TEXT, TinyLibrary
from tests.helpers.tiny_outputs import NORTH, SOUTH, WEST
from tests.helpers.worker_tasks import MISFORTUNES, raising, render_unlucky


def stood(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """What a change of a file would change; reading one may change the time of access."""
    stats = {path: path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def rendered(request: BuildRequest) -> list[str]:
    summary = build(request)
    assert not summary.failed
    assert lies(request.out) == []
    return sorted(summary.rendered)


@pytest.mark.usefixtures("worker_processes")
def test_a_build_leaves_no_temporary_file(
    build_request: BuildRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are killed when they are done; WeasyPrint's copies of the fonts, 2 MB a worker, must go all the same."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert rendered(build_request) == NORTH + SOUTH
    assert list((tmp_path / "tmp").iterdir()) == []


def test_build_renders_everything_then_nothing(build_request: BuildRequest) -> None:
    assert rendered(build_request) == NORTH + SOUTH
    names = ("manifest.json", "index.html", "north/index.html")
    before = {name: stood(build_request.out)[build_request.out / name] for name in names}
    again = build(build_request)
    assert (again.rendered, again.kept, again.clean) == ([], 4, True)
    assert {name: stood(build_request.out)[build_request.out / name] for name in names} == before


@pytest.mark.usefixtures("fake_rendering")
class TestIncremental:
    def test_a_phone_renders_only_what_prints_it(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
        library.write("content/second/da.md", TEXT.replace("{{ clinic.phone }}", "til os"))
        library.replace("clinics/south.yaml", "hands_out:\n", "hands_out:\n  second: {languages: [da]}\n")
        library.replace("clinics/south.yaml", 'phone: "97 66 24 00"\n', "")
        library.write("content/first/da.md", TEXT.replace("{{ clinic.phone }}", "til os"))
        build(build_request)
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        assert rendered(build_request) == NORTH  # its contact panel
        library.replace("clinics/south.yaml", "hands_out:", 'phone: "97 66 24 00"\nhands_out:')
        assert rendered(build_request) == [*SOUTH, "south/second.da.a4.pdf", "south/second.da.a5.pdf"]

    @pytest.mark.parametrize("name", ["clinics/north.yaml", "library.yaml", "brands/plain/brand.yaml"])
    def test_a_comment_renders_nothing(self, library: TinyLibrary, build_request: BuildRequest, name: str) -> None:
        build(build_request)
        library.write(name, "# a comment\n" + library.read(name))
        again = build(build_request)
        assert (again.rendered, again.kept) == ([], 4)
        assert build(build_request).kept == 4

    def test_the_catalogue_is_whole_whatever_is_built(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        pages = {path: path.read_bytes() for path in build_request.out.rglob("index.html")}
        assert sorted(path.relative_to(build_request.out).as_posix() for path in pages) == [
            "index.html",
            "north/index.html",
            "south/index.html",
        ]
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        one = replace(build_request, selection=Selection(clinics=("north",), formats=("a4",)))
        assert rendered(one) == NORTH[:1]
        assert {path: path.read_bytes() for path in build_request.out.rglob("index.html")} == pages
        library.replace("content/first/leaflet.yaml", 'version: "0.1"', 'version: "0.2"')
        assert rendered(one) == NORTH[:1]
        said = {path.parent.name: path.read_text("utf-8").count('"version":"0.2"') for path in pages}
        assert said == {"dist": 2, "north": 2, "south": 1}  # the leaflet, and the one PDF that says so

    def test_a_clinic_that_is_gone_has_no_page(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        library.replace("content/first/leaflet.yaml", "owner: north", "owner: south")
        (library.root / "clinics/north.yaml").unlink()
        build(build_request)
        assert not (build_request.out / "north").exists()
        assert "Klinik Nord" not in (build_request.out / "index.html").read_text("utf-8")

    def test_what_a_build_of_a_selection_does_not_touch_writes_no_page(self, build_request: BuildRequest) -> None:
        build(build_request)
        (build_request.out / "index.html").unlink()
        build(replace(build_request, selection=Selection(clinics=("north",))))
        assert not (build_request.out / "index.html").exists()
        build(build_request)
        assert (build_request.out / "index.html").exists()

    def test_the_text_renders_what_shows_it(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        library.replace("content/first/da.md", "En titel", "En anden titel")
        assert rendered(build_request) == NORTH + SOUTH

    def test_css_of_a_format_renders_that_format(self, tmp_path: Path, build_request: BuildRequest) -> None:
        request = replace(build_request, layouts=tmp_path / "layouts")
        shutil.copytree(build_request.layouts, request.layouts)
        build(request)
        css = request.layouts / "formats/a5/a5.css"
        css.write_text(css.read_text("utf-8") + "\nh1 { color: #123456 }\n", "utf-8")
        assert rendered(request) == [NORTH[1], SOUTH[1]]
        css = request.layouts / "base/base.css"
        css.write_text(css.read_text("utf-8") + "\nh1 { color: #123456 }\n", "utf-8")
        assert rendered(request) == NORTH + SOUTH

    def test_another_version_of_a_tool_renders_everything(
        self, build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(build_request)
        use_tools(monkeypatch, {**toolchain.tool_versions(), "pango": "1.99"})
        assert rendered(build_request) == NORTH + SOUTH

    @pytest.mark.parametrize(
        "setting", ["", "error", "{severity: error, only: [first]}", "{severity: error, except: [first]}"]
    )
    def test_a_plan_needs_no_warnings(self, build_request: BuildRequest, library: TinyLibrary, setting: str) -> None:
        build(build_request)
        library.replace("content/first/da.md", "i tvivl", "i  tvivl")
        if setting:
            library.replace(
                "library.yaml", "languages:", f"checks: {{severity: {{double-space: {setting}}}}}\nlanguages:"
            )
        project = open_project(build_request)
        made = plan_build(build_request, project.published)
        assert made == make_plan(project, build_request, project.published)
        codes = {finding.code for findings in made.blocked.values() for finding in findings}
        assert ("double-space" in codes) == (setting != "" and "except" not in setting)

    def test_compiled_templates_are_kept_for_these_tools_only(
        self, build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = open_project(build_request).layouts.compiled
        assert kept
        assert kept == open_project(build_request).layouts.compiled
        assert open_project(replace(build_request, force=True)).layouts.compiled is None
        use_tools(monkeypatch, {**toolchain.tool_versions(), "jinja2": "1.99"})
        assert kept != open_project(build_request).layouts.compiled

    def test_another_day_renders_nothing(self, build_request: BuildRequest) -> None:
        build(build_request)
        assert rendered(replace(build_request, as_of=date(2031, 1, 1))) == []

    def test_force_renders_what_has_not_changed(self, build_request: BuildRequest) -> None:
        build(build_request)
        assert rendered(replace(build_request, force=True)) == NORTH + SOUTH

    def test_a_lost_or_altered_file_is_made_again(self, build_request: BuildRequest) -> None:
        build(build_request)
        (build_request.out / NORTH[0]).unlink()
        (build_request.out / SOUTH[0]).write_bytes(b"scribble")
        assert rendered(build_request) == [NORTH[0], SOUTH[0]]

    def test_a_copied_folder_is_as_good(self, tmp_path: Path, build_request: BuildRequest) -> None:
        build(build_request)
        shutil.copytree(build_request.out, tmp_path / "copy", copy_function=shutil.copyfile)
        assert rendered(replace(build_request, out=tmp_path / "copy")) == []

    def test_the_library_may_move(self, tmp_path: Path, build_request: BuildRequest) -> None:
        build(build_request)
        build_request.library.rename(tmp_path / "elsewhere")
        assert rendered(replace(build_request, library=tmp_path / "elsewhere")) == []

    def test_what_has_no_source_is_removed_and_strangers_stay(
        self, library: TinyLibrary, build_request: BuildRequest
    ) -> None:
        build(build_request)
        stranger = build_request.out / "south/first.da.a3.pdf"
        stranger.write_bytes(b"mine")
        (library.root / "clinics/south.yaml").unlink()
        assert build(build_request).removed == SOUTH
        assert sorted(contents(build_request.out)) == [*NORTH, "south/first.da.a3.pdf"]
        stranger.unlink()

    def test_an_empty_folder_goes_with_its_last_file(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        (library.root / "clinics/south.yaml").unlink()
        build(build_request)
        assert not (build_request.out / "south").exists()

    def test_a_filtered_build_touches_nothing_else(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        (library.root / "clinics/south.yaml").unlink()
        library.replace("clinics/north.yaml", "{languages: [da]}", "{languages: [da], formats: [a5]}")
        library.replace("content/first/da.md", "En titel", "En anden titel")
        summary = build(replace(build_request, selection=Selection(formats=("a5",), clinics=("north",))))
        assert (summary.rendered, summary.removed) == ([NORTH[1]], [])
        assert build(build_request).removed == [NORTH[0], *SOUTH]

    def test_a_filtered_build_leaves_the_unfinished_of_others(
        self, library: TinyLibrary, build_request: BuildRequest
    ) -> None:
        build(build_request)
        with output_folder.OutputFolder(build_request.out) as output:
            output.begin({}, {*SOUTH, "east/first.da.a4.pdf"}, {})
        (build_request.out / SOUTH[0]).write_bytes(b"%PDF-half a build\n%%EOF")
        (library.root / "clinics/south.yaml").unlink()
        build(replace(build_request, selection=Selection(clinics=("north",))))
        assert sorted(contents(build_request.out)) == NORTH + SOUTH
        build(build_request)
        assert sorted(contents(build_request.out)) == NORTH

    def test_a_withdrawn_leaflet_is_removed(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        library.replace("content/first/leaflet.yaml", "status: draft", "status: withdrawn")
        summary = build(build_request)
        assert summary.removed == NORTH + SOUTH
        assert [finding.code for finding in summary.findings] == ["withdrawn-leaflet"] * 2

    def test_a_superseded_leaflet_is_removed_and_the_other_leaflets_of_its_clinics_are_built(
        self, library: TinyLibrary, build_request: BuildRequest
    ) -> None:
        build(build_request)
        leaflet = library.read("content/first/leaflet.yaml")
        library.write("content/next/leaflet.yaml", leaflet.replace("T-1", "T-2"))
        library.write("content/next/da.md", library.read("content/first/da.md"))
        library.replace("clinics/south.yaml", "  first:", "  next: {languages: [da]}\n  first:")
        library.write("content/first/leaflet.yaml", f"{leaflet}superseded_by: next\n")
        summary = build(build_request)
        assert summary.removed == NORTH + SOUTH
        assert sorted(summary.rendered) == ["south/next.da.a4.pdf", "south/next.da.a5.pdf"]
        assert [finding.code for finding in summary.findings if finding.severity is Severity.ERROR] == [
            "superseded-leaflet"
        ] * 2
        assert not summary.clean

    def test_nothing_is_removed_for_a_successor_that_is_not_there(
        self, library: TinyLibrary, build_request: BuildRequest
    ) -> None:
        build(build_request)
        library.write("content/first/leaflet.yaml", library.read("content/first/leaflet.yaml") + "superseded_by: nxt\n")
        assert build(build_request).removed == []

    def test_a_name_that_does_not_exist(self, build_request: BuildRequest) -> None:
        with pytest.raises(UsageError, match="did you mean “north”"):
            build(replace(build_request, selection=Selection(clinics=("norht",))))
        with pytest.raises(UsageError, match="did you mean “a5”"):
            dry_run(replace(build_request, selection=Selection(formats=("a55",))))
        assert not build_request.out.exists()


def break_wording(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "formats:", "slots: [parking]\nformats:")
    library.body("::: slot parking\n:::\n\nRing på {{ clinic.phone }}.\n")
    for name in ("north", "south"):
        library.write(f"clinics/{name}/first/parking.da.md", "::: nonsense\n:::\n")


BREAKAGES: dict[str, Callable[[TinyLibrary], Any]] = {
    "text": lambda lib: lib.body("::: nonsense\n:::\n"),
    "front matter": lambda lib: lib.write("content/first/da.md", "no front matter"),
    "literal phone": lambda lib: lib.body("Ring 76 36 14 99.\n"),
    "leaflet": lambda lib: lib.write("content/first/leaflet.yaml", "id: [\n"),
    "picture": lambda lib: lib.body("![Et billede](images/none.png)\n"),
    "clinic": lambda lib: [lib.write(f"clinics/{name}.yaml", "name: {\n") for name in ("north", "south")],
    "brand": lambda lib: lib.write("brands/plain/brand.yaml", "name: 1\n"),
    "logo": lambda lib: lib.write("brands/plain/logo.svg", "<svg"),
    "phrases": lambda lib: lib.write("languages/da.yaml", "phrases: {page: 1}\n"),
    "lost leaflet": lambda lib: shutil.rmtree(lib.root / "content/first"),
    "same id": lambda lib: [
        lib.write(f"content/other/{name}", lib.read(f"content/first/{name}")) for name in ("leaflet.yaml", "da.md")
    ],
    "language": lambda lib: lib.replace("library.yaml", "da, sv", "sv"),
    "missing fact": lambda lib: lib.body("Skriv til {{ clinic.email }}.\n"),
    "own wording": break_wording,
}


@pytest.mark.usefixtures("fake_rendering")
def test_without_phrases_of_its_own_a_library_has_those_of_pdfkit(
    library: TinyLibrary, build_request: BuildRequest
) -> None:
    library.replace("languages/da.yaml", "contact: ", "contact: Ny ")
    build(build_request)
    shutil.rmtree(library.root / "languages")
    summary = build(build_request)
    assert summary.clean
    assert (len(summary.rendered), summary.removed) == (4, [])
    library.write("languages/da.yaml", "phrases: {contact: Spørg os}\n")
    assert len(build(build_request).rendered) == 4
    assert build(build_request).kept == 4
    library.write("languages/da.yaml", "phrases: {contac: Spørg os}\n")
    summary = build(build_request)
    assert not summary.clean
    assert (summary.rendered, summary.removed) == ([], [])
    assert len(output_folder.read_manifest(build_request.out).files) == 4


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("kind", BREAKAGES)
def test_an_error_keeps_what_was_published(library: TinyLibrary, build_request: BuildRequest, kind: str) -> None:
    build(build_request)
    before = contents(build_request.out)
    BREAKAGES[kind](library)
    summary = build(build_request)
    assert not summary.clean
    assert (summary.rendered, summary.removed) == ([], [])
    assert contents(build_request.out) == before
    assert lies(build_request.out) == []
    assert len(output_folder.read_manifest(build_request.out).files) == 4


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("kind", sorted(set(BREAKAGES) - {"lost leaflet", "same id"}))
def test_an_error_stops_only_what_it_touches(library: TinyLibrary, build_request: BuildRequest, kind: str) -> None:
    """Nothing was built before; another leaflet in another language, of another clinic and brand, is built all the same."""
    another_leaflet(library)
    BREAKAGES[kind](library)
    summary = build(build_request)
    assert not summary.clean
    assert summary.rendered == ["east/third.en.a4.pdf", "east/third.en.a5.pdf"]
    assert lies(build_request.out) == []


def another_leaflet(library: TinyLibrary) -> None:
    for name in ("brand.yaml", "logo.svg"):
        library.write(f"brands/other/{name}", library.read(f"brands/plain/{name}"))
    library.write("clinics/east.yaml", library.read("clinics/north.yaml").replace("plain", "other"))
    library.replace("clinics/east.yaml", "first: {languages: [da]}", "third: {languages: [en]}")
    library.replace("clinics/east.yaml", "language: da", "language: en")
    leaflet = library.read("content/first/leaflet.yaml").replace("T-1", "T-3").replace("language: da", "language: en")
    library.write("content/third/leaflet.yaml", leaflet)
    library.write("content/third/en.md", TEXT)


def instead(name: str, target: str | None = None) -> Callable[[TinyLibrary], None]:
    """Put a link in the place of a file or folder: to itself, which not even root can read, if to nothing else."""

    def change(library: TinyLibrary) -> None:
        path = library.root / name
        if path.exists():
            path.rename(library.root.parent / f"away-{path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(path.name if target is None else target)

    return change


def empty(*names: str) -> Callable[[TinyLibrary], None]:
    def change(library: TinyLibrary) -> None:
        for name in names:
            shutil.rmtree(library.root / name)
            (library.root / name).mkdir()

    return change


def gone(*names: str, but: str = "") -> Callable[[TinyLibrary], None]:
    """Take folders away; one name of them may be that of a file."""

    def change(library: TinyLibrary) -> None:
        for name in names:
            shutil.rmtree(library.root / name)
        if but:
            library.write(but, "")

    return change


def huge(name: str) -> Callable[[TinyLibrary], None]:
    return lambda library: os.truncate(library.root / name, 400 << 30)


def fifo(name: str) -> Callable[[TinyLibrary], None]:
    def change(library: TinyLibrary) -> None:
        (library.root / name).unlink()
        os.mkfifo(library.root / name)

    return change


def wording_without_clinics(library: TinyLibrary) -> None:
    for name in ("north", "south"):
        library.write(f"clinics/{name}/first/parking.da.md", "Der.\n")
        (library.root / f"clinics/{name}.yaml").unlink()


ROOMS = ("content", "clinics", "brands", "languages")
UNREADABLE: dict[str, Callable[[TinyLibrary], Any]] = {
    **{f"{room} cannot be listed": instead(room) for room in ROOMS},
    **{f"{room} is a link that leads nowhere": instead(room, "nowhere") for room in ROOMS},
    **{f"{room} is a link that leads out": instead(room, f"../away-{room}") for room in ROOMS},
    **{f"{room} is empty": empty(room) for room in ROOMS if room != "languages"},
    **{f"{room} is gone": gone(room) for room in ROOMS if room != "languages"},
    **{f"{room} is a file": gone(room, but=room) for room in ROOMS},
    "content and clinics are empty": empty("content", "clinics"),
    "content and clinics are gone": gone("content", "clinics"),
    "nothing but library.yaml": gone("content", "clinics", "brands", "languages"),
}
ONE_UNREADABLE: dict[str, Callable[[TinyLibrary], Any]] = {
    "leaflet": instead("content/first"),
    "leaflet leads nowhere": instead("content/first", "nowhere"),
    "leaflet leads out": instead("content/first", "../../away-first"),
    "text": instead("content/first/da.md"),
    "text leads nowhere": instead("content/first/da.md", "nowhere"),
    "text leads out": instead("content/first/da.md", "../../../away-da.md"),
    "huge text": huge("content/first/da.md"),
    "pipe": fifo("content/first/da.md"),
    "facts of a leaflet": instead("content/first/leaflet.yaml"),
    "huge facts": huge("content/first/leaflet.yaml"),
    "record of translations": instead("content/first/translated.yaml"),
    "brand": instead("brands/plain"),
    "brand leads out": instead("brands/plain", "../../away-plain"),
    "huge brand": huge("brands/plain/brand.yaml"),
    "logo": instead("brands/plain/logo.svg"),
    "logo leads out": instead("brands/plain/logo.svg", "../../../away-logo.svg"),
    "huge logo": huge("brands/plain/logo.svg"),
    "clinic": lambda lib: [instead(f"clinics/{name}.yaml")(lib) for name in ("north", "south")],
    "clinic leads out": lambda lib: [
        instead(f"clinics/{name}.yaml", f"../../away-{name}.yaml")(lib) for name in ("north", "south")
    ],
    "wording": lambda lib: [instead(f"clinics/{name}")(lib) for name in ("north", "south")],
    "wording leads nowhere": lambda lib: [instead(f"clinics/{name}", "nowhere")(lib) for name in ("north", "south")],
    "wording of a leaflet": lambda lib: [instead(f"clinics/{name}/first")(lib) for name in ("north", "south")],
    "clinic is not there yet": wording_without_clinics,
    "phrases": instead("languages/da.yaml"),
    "phrases lead out": instead("languages/da.yaml", "../../away-da.yaml"),
}
"""What a file server without permission, a share that is half synchronised, or a link of a stranger does."""


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("kind", [*UNREADABLE, *sorted(set(ONE_UNREADABLE) - {"record of translations"})])
def test_nothing_is_removed_since_it_could_not_be_read(
    library: TinyLibrary, build_request: BuildRequest, kind: str
) -> None:
    build(build_request)
    before = contents(build_request.out)
    (UNREADABLE | ONE_UNREADABLE)[kind](library)
    summary = build(build_request)
    assert not summary.clean
    assert summary.removed == []
    assert contents(build_request.out) == before
    assert lies(build_request.out) == []
    assert len(output_folder.read_manifest(build_request.out).files) == 4


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("kind", ONE_UNREADABLE)
def test_one_that_cannot_be_read_stops_only_what_it_touches(
    library: TinyLibrary, build_request: BuildRequest, kind: str
) -> None:
    another_leaflet(library)
    ONE_UNREADABLE[kind](library)
    summary = build(build_request)
    assert not summary.clean
    assert {"east/third.en.a4.pdf", "east/third.en.a5.pdf"} <= set(summary.rendered)
    assert lies(build_request.out) == []


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("formats/a4/format.yaml", "name: A4\n", "name: A4\nduplex: short-edge\n"),
        ("base/base.css", "--space: 9pt", "--space: 10pt"),
        ("components/title/title.html", "", "<!-- more -->"),
    ],
)
def test_what_is_saved_while_a_build_starts_is_built_next(
    build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str, tmp_path: Path
) -> None:
    """What a PDF is made from and what the manifest says of it are of the same bytes."""
    layouts = Path(shutil.copytree(build_request.layouts, tmp_path / "layouts"))
    request = replace(build_request, layouts=layouts)
    real = fingerprints.FingerprintIndex

    def saved(*arguments: Any) -> fingerprints.FingerprintIndex:
        path = layouts / name
        text = path.read_text("utf-8")
        path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("pdfkit_cli.build.pipeline.FingerprintIndex", saved)
        assert build(request).clean
    again = build(request)
    clean = replace(request, out=tmp_path / "clean")
    assert again.rendered
    build(clean)
    assert contents(request.out) == contents(clean.out)


CODES = (errno.EACCES, errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE)


@pytest.mark.soak
@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("code", CODES[: amount(1, len(CODES))])
def test_every_error_of_a_file_server_keeps_what_was_published(
    library: TinyLibrary, build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """At each listing and each opening of a file in the library, in turn."""
    build(build_request)
    before = contents(build_request.out)
    for call in range(1, 200):
        with monkeypatch.context() as patch:
            calls = failing(patch, library.root, call, code)
            try:
                summary = build(build_request)
            except PdfkitError:
                pass  # library.yaml itself
            else:
                assert not summary.clean or len(calls) < call
        assert contents(build_request.out) == before
        if len(calls) < call:
            break
    assert call > 12


def failing(patch: pytest.MonkeyPatch, folder: Path, call: int, code: int) -> list[str]:
    """Let one of the calls that list or open something in a folder fail; returns the calls so far."""
    calls: list[str] = []

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def function(path: Any, *args: Any, **options: Any) -> Any:
            if isinstance(path, str | os.PathLike) and str(path).startswith(f"{folder}{os.sep}"):
                calls.append(str(path))
                if len(calls) == call:
                    raise OSError(code, os.strerror(code), str(path))
            return real(path, *args, **options)

        return function

    for name in ("open", "scandir", "listdir"):
        patch.setattr(os, name, wrapped(getattr(os, name)))
    patch.setattr(io, "open", wrapped(io.open))
    patch.setattr("builtins.open", wrapped(open))
    return calls


@pytest.mark.usefixtures("fake_rendering")
def test_own_wording_with_an_error_removes_nothing_of_its_clinic(
    library: TinyLibrary, build_request: BuildRequest
) -> None:
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", TEXT)
    library.replace("clinics/north.yaml", "hands_out:\n", "hands_out:\n  second: {languages: [da]}\n")
    build(build_request)
    library.write("clinics/north/first/nowhere.da.md", "Tekst.\n")
    assert build(build_request).removed == []


@pytest.mark.usefixtures("fake_rendering")
def test_a_format_that_does_not_exist_is_said(library: TinyLibrary, build_request: BuildRequest) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a55]")
    summary = build(build_request)
    assert {(finding.code, finding.place.line) for finding in summary.findings} == {
        ("unknown-format", 8),
        ("draft-leaflet", 4),
    }
    assert summary.rendered == [NORTH[0], SOUTH[0]]


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.usefixtures("fake_rendering")
def test_what_is_allowed_is_built_and_said_in_the_manifest(library: TinyLibrary, build_request: BuildRequest) -> None:
    library.body("\nRing 76 36 14 00\n")
    assert sorted(build(build_request).failed) == NORTH + SOUTH
    summary = build(replace(build_request, allow=("contact-literal",)))
    assert summary.clean
    assert sorted(summary.rendered) == NORTH + SOUTH
    assert {entry.allowed for entry in output_folder.read_manifest(build_request.out).files.values()} == {
        ("contact-literal",)
    }
    library.body("\nRing os\n")
    build(build_request)
    assert {entry.allowed for entry in output_folder.read_manifest(build_request.out).files.values()} == {()}


def test_what_may_harm_patients_cannot_be_allowed(build_request: BuildRequest) -> None:
    with pytest.raises(UsageError, match="cannot be allowed"):
        build(replace(build_request, allow=("missing-glyph",)))


class TestDryRun:
    def test_it_touches_nothing(self, build_request: BuildRequest) -> None:
        made, summary = dry_run(build_request)
        assert [run.output_key.path for run in made.run] == NORTH + SOUTH
        assert summary.clean
        assert not build_request.out.exists()

    def test_it_says_what_a_build_then_does(self, library: TinyLibrary, build_request: BuildRequest) -> None:
        build(build_request)
        library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 01")
        (library.root / "clinics/south.yaml").unlink()
        before = stood(build_request.out)
        made, _ = dry_run(build_request)
        assert {run.output_key.path: run.reasons for run in made.run} == dict.fromkeys(
            NORTH, (RebuildReason(RebuildReasonKind.CHANGED, "leaflets/clinics/north.yaml"),)
        )
        assert list(made.remove) == SOUTH
        assert stood(build_request.out) == before
        assert rendered(build_request) == NORTH

    def test_it_says_what_is_blocked_before_anything_was_built(
        self, library: TinyLibrary, build_request: BuildRequest
    ) -> None:
        library.body("Skriv til {{ clinic.email }}.\n")
        made, summary = dry_run(build_request)
        assert (made.run, sorted(made.blocked)) == ((), NORTH + SOUTH)
        assert {finding.code for finding in summary.findings} == {"missing-fact", "draft-leaflet"}


@pytest.mark.usefixtures("fake_rendering")
def test_a_failed_render_keeps_what_was_published(
    library: TinyLibrary, build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(build_request)
    before = contents(build_request.out)
    library.replace("content/first/da.md", "En titel", "En anden titel")
    with monkeypatch.context() as patch:
        patch.setattr(worker_pool, "run_tasks", _failing)
        summary = build(build_request)
        assert sorted(summary.failed) == NORTH + SOUTH
        assert not summary.clean
    assert contents(build_request.out) == before
    assert lies(build_request.out) == []
    assert sorted(output_folder.read_manifest(build_request.out).files) == NORTH + SOUTH
    assert rendered(build_request) == NORTH + SOUTH


def _failing(
    work: object, tasks: Iterable[tuple[str, Page]], limits: TaskLimits, prepare: object
) -> Iterator[TaskResult[str, RenderedPdf]]:
    for name, _ in tasks:
        yield TaskResult(name, None, Problem("it broke"))


@pytest.mark.usefixtures("fake_rendering")
def test_two_builds_at_once(build_request: BuildRequest) -> None:
    build(build_request)
    with output_folder.OutputFolder(build_request.out), pytest.raises(OutputError, match="another build is writing"):
        build(build_request)
    assert lies(build_request.out) == []


def test_a_machine_that_cannot_render_says_so_once(
    build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_worker, "prepare_process", raising)
    with pytest.raises(PdfkitError, match="the renderer cannot start: cannot load library 'libpango") as caught:
        build(build_request)
    assert "pdfkit doctor" in caught.value.hint
    assert lies(build_request.out) == []


@pytest.mark.slow
@pytest.mark.usefixtures("worker_processes")
def test_same_bytes_with_one_worker_or_two_and_twice(
    library: TinyLibrary, build_request: BuildRequest, tmp_path: Path
) -> None:
    library.write(
        "content/first/images/a.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>',
    )
    library.body("## Hop\n\n![En streg](images/a.svg)\n\n- et\n- to\n\nRing på {{ clinic.phone }}.\n")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a5-booklet, a4-large]")
    build(build_request)
    expected = contents(build_request.out)
    assert len(expected) == 8
    build(replace(build_request, out=tmp_path / "two", jobs=2, as_of=date(2029, 2, 3)))
    assert contents(tmp_path / "two") == expected
    build(replace(build_request, out=tmp_path / "two", jobs=2, force=True))
    assert contents(tmp_path / "two") == expected


# What ends a worker in the middle of a batch that shares a body

UNLUCKY = "south/first.da.a5.pdf"


ERRORS = {
    "dies": "its worker process died (SIGKILL)",
    "hangs": "it took longer than 300 seconds and was stopped",
    "takes all memory": "it needed more than 2048 MB of memory",
    "leaves": "internal error (SystemExit). This is a bug in pdfkit; please report it with {log}",
}


class HastyClock:
    """The clock by which Pebble ends tasks: it skips a time limit at each look while a process hangs, which made a file with its id."""

    sleep = staticmethod(time.sleep)

    def __init__(self, seconds: float, hanging: Path) -> None:
        self._seconds, self._hanging, self._skipped = seconds, hanging, 0.0

    def time(self) -> float:
        if any(psutil.pid_exists(int(file.name)) for file in self._hanging.iterdir()):
            self._skipped += self._seconds + 1
        return time.time() + self._skipped


@pytest.mark.slow
@pytest.mark.parametrize("misfortune", MISFORTUNES)
def test_one_that_ends_its_worker_costs_no_other_of_its_batch(
    library: TinyLibrary, build_request: BuildRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misfortune: str
) -> None:
    library.body("## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n")
    library.write("clinics/west.yaml", library.read("clinics/south.yaml").replace("Syd", "Vest"))
    request, told, hanging = replace(build_request, seconds=300), list[tuple[str, str]](), tmp_path / "hanging"
    hanging.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("pebble.pool.process.time", HastyClock(request.seconds, hanging))
        patch.setattr(render_worker, "render_all", partial(render_unlucky, misfortune, hanging))
        summary = build(request, ProgressListener(done=lambda path, error: told.append((path, str(error or "")))))
    error = ERRORS[misfortune].format(log=log_path())
    assert {path: str(problem) for path, problem in summary.failed.items()} == {UNLUCKY: error}
    assert sorted(told) == [(path, error if path == UNLUCKY else "") for path in sorted([*NORTH, *SOUTH, *WEST])]
    assert lies(request.out) == []
    build(replace(build_request, out=tmp_path / "lucky"))
    assert contents(request.out) == {path: pdf for path, pdf in contents(tmp_path / "lucky").items() if path != UNLUCKY}
    files = output_folder.read_manifest(request.out).files
    assert {entry.whole for entry in files.values()} == {""}
    assert len({entry.body for entry in files.values()} - {""}) == len({entry.format for entry in files.values()})
    assert rendered(build_request) == [UNLUCKY]


def test_pdfs_that_share_a_body_go_to_a_worker_together(
    library: TinyLibrary, build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those that share none go alone."""
    batches: list[tuple[str, ...]] = []

    def run(
        work: object, tasks: Iterable[tuple[tuple[str, ...], object]], limits: TaskLimits, prepare: object
    ) -> Iterator[Any]:
        batches.extend(names for names, _ in tasks)
        yield from ()

    monkeypatch.setattr(worker_pool, "run_tasks", run)
    build(build_request)
    library.body("## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n")
    build(build_request)
    alone, together = batches[:4], batches[4:]
    assert sorted(alone) == sorted((path,) for path in NORTH + SOUTH)
    assert together == [*zip(NORTH, SOUTH, strict=True)]  # a body is of one format


def test_workers_are_one_a_core_or_as_asked() -> None:
    assert BuildRequest(jobs=3).workers == 3
    assert BuildRequest().workers == len(os.sched_getaffinity(0))


def test_summary_is_clean_only_without_errors() -> None:
    assert BuildSummary().clean
    assert not BuildSummary(failed={"a.pdf": Problem("broke")}).clean


@pytest.mark.usefixtures("fake_rendering")
class TestTranslations:
    ENGLISH = "north/first.en.a4.pdf"

    @pytest.fixture
    def handed_out(self, library: TinyLibrary, build_request: BuildRequest) -> BuildRequest:
        translated_library.recorded(library)
        library.replace("clinics/north.yaml", "[da]", "[da, en]")
        library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
        build(build_request)
        return build_request

    def test_other_stale_text_is_printed_with_its_label(self, library: TinyLibrary, handed_out: BuildRequest) -> None:
        library.replace("content/first/da.md", "Tag tøj med", "Tag varmt tøj med")
        summary = build(handed_out)
        assert self.ENGLISH in summary.rendered
        assert summary.clean
        translated_library.record(library)
        assert rendered(handed_out) == [self.ENGLISH]  # without the label

    def test_stale_words_of_safety_block_that_edition_and_what_was_published_stays(
        self, library: TinyLibrary, handed_out: BuildRequest
    ) -> None:
        before = contents(handed_out.out)[self.ENGLISH]
        library.replace("content/first/da.md", "din insulin", "insulinen")
        summary = build(handed_out)
        assert (sorted(summary.rendered), [*summary.failed]) == ([NORTH[0], SOUTH[0]], [self.ENGLISH])
        assert contents(handed_out.out)[self.ENGLISH] == before
        translated_library.record(library)
        assert rendered(handed_out) == []  # the English text says what it said

    def test_a_record_that_is_broken_removes_nothing(self, library: TinyLibrary, handed_out: BuildRequest) -> None:
        before = contents(handed_out.out)
        library.write("content/first/translated.yaml", "nonsense")
        summary = build(handed_out)
        assert (summary.removed, summary.rendered, summary.clean) == ([], [], False)
        assert contents(handed_out.out) == before

    def test_a_source_that_is_broken_keeps_its_translations_as_they_are(
        self, library: TinyLibrary, handed_out: BuildRequest
    ) -> None:
        before = contents(handed_out.out)
        library.body("::: nonsense\n:::\n")
        assert build(handed_out).rendered == []
        assert contents(handed_out.out) == before

    def test_the_manifest_knows_the_text_and_an_approved_one_needs_another_version(
        self, library: TinyLibrary, handed_out: BuildRequest
    ) -> None:
        yaml = "content/first/leaflet.yaml"
        library.replace(yaml, "status: draft", "status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31")
        build(handed_out)
        assert build(handed_out).failed == {}
        texts = {path: entry.text for path, entry in output_folder.read_manifest(handed_out.out).files.items()}
        assert texts[NORTH[0]] == texts[SOUTH[0]] != texts[self.ENGLISH]
        library.replace("content/first/da.md", "Tag tøj med", "Tag varmt tøj med")
        summary = build(handed_out)
        assert (summary.rendered, sorted(summary.failed)) == ([], sorted(texts))
        library.replace(yaml, '"0.1"', '"0.2"')
        assert sorted(build(handed_out).rendered) == sorted(texts)


def test_threads_that_draw_at_the_same_time_each_get_their_own_page(
    library: TinyLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project(BuildRequest(library.root))
    output_keys = [*project.output_keys()] * 3
    alone = [project.draw(output_key).key for output_key in output_keys]
    drawing, most, page = [0], [0], Layouts.page

    def slow(*arguments: Any) -> Page:
        drawing[0] += 1
        most[0] = max(most[0], drawing[0])
        time.sleep(0.002)
        drawing[0] -= 1
        return page(*arguments)

    monkeypatch.setattr(Layouts, "page", slow)
    with ThreadPoolExecutor(4) as threads:
        together = [drawn.key for drawn in threads.map(project.draw, output_keys)]
    assert len({*alone}) > 1
    assert together == alone
    assert most == [1]


@pytest.mark.usefixtures("fake_rendering")
def test_a_project_is_built_for_the_request_that_is_made_now(library: TinyLibrary, build_request: BuildRequest) -> None:
    """What was allowed when it was opened is not allowed for ever, and the files are read once."""
    library.body("\nRing 76 36 14 00\n")
    allowing = replace(build_request, allow=("contact-literal",))
    project = open_project(allowing)
    summary = build_project(project, build_request)
    assert len(summary.failed) == 4
    assert summary.rendered == []
    shutil.rmtree(library.root / "content")
    assert len(build_project(project, allowing).rendered) == 4
    assert build_project(project, allowing).kept == 4
    with pytest.raises(UsageError, match="cannot be allowed"):
        build_project(project, replace(build_request, allow=("missing-glyph",)))


@pytest.mark.usefixtures("fake_rendering")
def test_an_edition_is_not_rendered_against_an_error(library: TinyLibrary, build_request: BuildRequest) -> None:
    key = next(open_project(build_request).output_keys())
    project = open_project(build_request)
    assert render_edition(project, build_request, key).pdf.startswith(b"%PDF-")
    assert not build_request.out.exists()
    with pytest.raises(UsageError, match="no clinic hands out"):
        render_edition(project, build_request, replace(key, format="a4-large"))
    library.body("\nRing 76 36 14 00\n")
    with pytest.raises(SourceError, match="contact-literal"):
        render_edition(open_project(build_request), build_request, key)
