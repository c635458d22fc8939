"""Everything that a PDF is made from is in its groups, and nothing else is."""

import shutil
from datetime import date
from pathlib import Path

import grimp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.packaged import PACKAGE, packaged_folder
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind, changed_inputs
from pdfkit_cli.rendering import toolchain
from pdfkit_cli.rendering.toolchain import InputGroup, group_digest, tool_versions
from tests.helpers import translated_library
from tests.helpers.tiny_library import FORMATS, TEXT, TinyLibrary

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
GROUPS = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4)


def project(library: TinyLibrary, layouts: Path | None = None) -> Project:
    return open_project(
        BuildRequest(library.root, as_of=date(2026, 11, 21), layouts=layouts or packaged_folder("layouts"))
    )


def output_key(made: Project, path: str) -> OutputKey:
    return next(output_key for output_key in made.output_keys() if output_key.path == path)


def files(made: Project, path: str = "north/first.da.a4.pdf") -> InputGroup:
    return made.register.files(made.register.of(output_key(made, path)))


@pytest.fixture
def rich(library: TinyLibrary) -> TinyLibrary:
    """The tiny library with a picture, a slot with own wording, and another leaflet."""
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", TEXT)
    library.replace("clinics/north.yaml", "hands_out:\n", "hands_out:\n  second: {languages: [da]}\n")
    library.replace("content/first/leaflet.yaml", "formats:", "slots: [parking]\nformats:")
    library.body("![Et billede](images/a.svg)\n\n::: slot parking\n:::\n\nRing på {{ clinic.phone }}.\n")
    library.write("content/first/images/a.svg", PICTURE)
    library.write("content/first/images/unused.svg", PICTURE)
    library.write("clinics/north/first/parking.da.md", "Parkér bag huset.\n")
    return library


def test_the_files_of_a_pdf(rich: TinyLibrary) -> None:
    found = {name for name in files(project(rich)) if name.startswith("leaflets/")}
    assert found == {
        f"leaflets/{name}"
        for name in (
            "content/first/leaflet.yaml", "content/first/da.md", "content/first/images/a.svg",
            "clinics/north.yaml", "clinics/north/first/parking.da.md",
            "brands/plain/brand.yaml", "brands/plain/logo.svg", "languages/da.yaml",
        )
    }  # fmt: skip


def test_the_phrases_of_its_language_are_an_input(rich: TinyLibrary) -> None:
    found = files(project(rich))
    assert [name for name in found if name.startswith("languages/")] == ["languages/da.yaml"]


def test_the_layout_of_a_pdf(rich: TinyLibrary) -> None:
    made = project(rich)
    a4, a5 = files(made), files(made, "north/first.da.a5.pdf")
    assert {"layouts/formats/a4/a4.css", "layouts/formats/a4/format.yaml", "layouts/base/page.html"} <= a4.keys()
    assert {"layouts/base/base.css", "fonts/source-sans-3/SourceSans3-Regular.ttf"} <= a4.keys()
    assert set(a4.keys() ^ a5.keys()) == {
        f"layouts/formats/{name}"
        for name in ("a4/a4.css", "a4/staff.css", "a4/format.yaml", "a5/a5.css", "a5/format.yaml")
    }


def test_every_file_of_the_layouts_is_an_input_of_something(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{', '.join(FORMATS)}]")
    library.translate()
    made = project(library)
    known = {name for output_key in made.output_keys() for name in made.register.files(made.register.of(output_key))}
    folder = packaged_folder("layouts")
    checked = {"layouts/colours.yaml"}  # for checks only, and drawn nowhere
    assert {f"layouts/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*.*")} - checked <= known


def test_every_file_that_a_page_may_read_is_an_input(rich: TinyLibrary) -> None:
    made = project(rich)
    for output_key in made.output_keys():
        known = set(made.register.files(made.register.of(output_key)).values())
        assert {file.digest for file in made.draw(output_key).page.files} <= known


def test_tools_are_inputs(library: TinyLibrary) -> None:
    tools = tool_versions()
    assert tools.items() <= files(project(library)).items()
    assert {"pdfkit", "python", "zlib", "weasyprint", "pydyf", "pango", "harfbuzz", "harfbuzz-subset"} <= tools.keys()
    assert all(tools.values())


def test_a_library_that_is_not_installed_has_no_version() -> None:
    assert toolchain.system_version("libnowhere.so.0", "version") == ""
    assert toolchain.system_version("libpango-1.0.so.0", "nowhere") == ""


def _copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = Path(shutil.copytree(PACKAGE, tmp_path / "pdfkit_cli", ignore=shutil.ignore_patterns("__pycache__")))
    monkeypatch.setattr(toolchain, "PACKAGE", package)
    monkeypatch.setattr(toolchain, "tool_versions", tool_versions)  # which the other tests read once
    return package


MAKES_BYTES = (
    "rendering/fontconfig.xml", "rendering/renderer.py", "rendering/templates.py", "rendering/imprint/slots.py",
    "rendering/verification/completeness.py", "content/markdown.py", "content/languages/number_words.py",
    "pdf/cmyk.py", "pdf/pdfium.py", "pdf/images/rasters.py", "pdf/images/svg/reader.py", "pdf/reader/bidi.py", "system/codec.py",
)  # fmt: skip
MAKES_NONE = (
    "__main__.py", "errors.py", "cli/doctor.py", "desk/app.py", "desk/phrases/da.yaml", "packs/batch.py", "build/pipeline.py",
    "checks/logo_shape.py", "output/manifest.py", "output/catalogue/page.py", "pdf/audit/fonts.py", "pdf/merge/writer.py",
    "pdf/thumbnails.py", "system/worker_pool.py", "languages/da.yaml", "languages/sv.yaml",
)  # fmt: skip


@pytest.mark.parametrize(
    ("file", "expected"), [(file, True) for file in MAKES_BYTES] + [(file, False) for file in MAKES_NONE]
)
def test_a_plan_renders_again_what_changed_code_makes(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, expected: bool
) -> None:
    package = _copied(tmp_path, monkeypatch)
    shop = project(library)
    before = {key: (shop.register.of(key), shop.draw(key).key) for key in shop.output_keys()}
    with (package / file).open("a", encoding="utf-8") as code:
        code.write("\n")
    again = project(library)
    for key, (inputs, drawn) in before.items():
        assert (again.register.of(key) != inputs) == expected
        assert (again.draw(key).key != drawn) == expected


def test_all_code_that_rendering_can_reach_is_hashed() -> None:
    graph = grimp.build_graph("pdfkit_cli")
    entries = [name for name in graph.modules if name.startswith("pdfkit_cli.rendering")]
    reached = {name for entry in entries for name in graph.find_upstream_modules(entry)} | set(entries)
    files = {PACKAGE / f"{name.partition('.')[2].replace('.', '/')}.py" for name in reached}
    unhashed = {path for path in files if path.exists()} - set(toolchain.code_files())
    names = {path.relative_to(PACKAGE).as_posix() for path in unhashed}
    assert {name for name in names if not name.startswith("system/")} == {"errors.py"}, "system/ runs processes"


def test_names_do_not_say_where_the_library_is(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(project(library))
    library.root.rename(tmp_path / "elsewhere")
    assert files(project(TinyLibrary(tmp_path / "elsewhere"))) == before
    for root in ("elsewhere", "elsewhere/../elsewhere"):
        monkeypatch.chdir(tmp_path)
        assert files(project(TinyLibrary(Path(root)))) == before
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert files(project(TinyLibrary(Path()))) == before


@pytest.mark.parametrize(
    ("name", "touches"),
    [
        ("content/first/da.md", {"north/first", "south/first"}),
        ("content/first/leaflet.yaml", {"north/first", "south/first"}),
        ("content/first/images/a.svg", {"north/first", "south/first"}),
        ("content/first/images/unused.svg", set()),
        ("clinics/north.yaml", {"north/first", "north/second"}),
        ("clinics/north/first/parking.da.md", {"north/first"}),
        ("brands/plain/logo.svg", {"north/first", "north/second", "south/first"}),
        ("languages/da.yaml", {"north/first", "north/second", "south/first"}),
        ("languages/sv.yaml", set()),
    ],
)
def test_a_change_touches_its_own(rich: TinyLibrary, name: str, touches: set[str]) -> None:
    def groups() -> dict[str, tuple[str, ...]]:
        made = project(rich)
        return {output_key.path: made.register.of(output_key).groups for output_key in made.output_keys()}

    before = groups()
    rich.write(name, rich.read(name) + "\n")
    after = groups()
    assert {path.split(".")[0] for path in before if before[path] != after[path]} == touches


@given(GROUPS, GROUPS)
def test_groups_have_one_name_each(one: InputGroup, other: InputGroup) -> None:
    assert (group_digest(one) == group_digest(other)) == (one == other)
    assert group_digest(dict(reversed(list(one.items())))) == group_digest(one)


@given(GROUPS, GROUPS)
def test_what_changed_is_said_and_nothing_else(before: InputGroup, now: InputGroup) -> None:
    words = changed_inputs([before], now)
    assert (words == ()) == (before == now)
    assert len(words) == sum(before.get(name) != now.get(name) for name in before.keys() | now.keys())


def test_the_words_for_a_change() -> None:
    assert tuple(map(str, changed_inputs([{"a": "1"}, {"b": "1", "c": "1"}], {"a": "1", "b": "2", "d": "1"}))) == (
        "b changed",
        "c is gone",
        "d is new",
    )


def test_a_translation_is_made_from_its_record_and_from_what_is_out_of_date_in_it(library: TinyLibrary) -> None:
    translated_library.recorded(library)
    library.replace("clinics/north.yaml", "[da]", "[da, en]")
    english, danish = "north/first.en.a4.pdf", "north/first.da.a4.pdf"
    first = project(library)
    fresh = files(first, english)
    assert "leaflets/content/first/translated.yaml" in fresh
    assert "leaflets/content/first/translated.yaml" not in files(first, danish)
    library.replace("content/first/da.md", "title:", "# a comment\ntitle:")
    assert files(project(library), english) == fresh
    library.replace("content/first/da.md", "Tag tøj med", "Tag varmt tøj med")
    stale = files(project(library), english)
    text = "leaflets/content/first/en.md"
    assert changed_inputs([fresh], stale) == (RebuildReason(RebuildReasonKind.STALE, text),)
    assert changed_inputs([stale], fresh) == (RebuildReason(RebuildReasonKind.STALE_NO_MORE, text),)
    library.replace("content/first/da.md", "Tag varmt tøj med", "Tag alt dit tøj med")
    other = RebuildReason(RebuildReasonKind.STALE_ELSEWHERE, text)
    assert changed_inputs([stale], files(project(library), english)) == (other,)


def test_all_languages_are_made_anew_when_an_approved_text_changes(library: TinyLibrary) -> None:
    translated_library.recorded(library)
    library.replace("clinics/north.yaml", "[da]", "[da, en]")
    original = project(library).library.leaflets["first"].original
    assert original
    approval = f"status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31\napproved_text: {original.short_digest}"
    library.replace("content/first/leaflet.yaml", "status: draft", approval)
    english, text = "north/first.en.a4.pdf", "leaflets/content/first/da.md"
    approved = files(project(library), english)
    library.replace("content/first/da.md", "title:", "# a comment\ntitle:")
    assert files(project(library), english) == approved
    library.replace("content/first/da.md", "Tag tøj med", "Tag varmt tøj med")
    changed = files(project(library), english)
    assert RebuildReason(RebuildReasonKind.UNAPPROVED, text) in changed_inputs([approved], changed)
    assert RebuildReason(RebuildReasonKind.APPROVED, text) in changed_inputs([changed], approved)
