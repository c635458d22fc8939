"""A library outside the tree has a look of its own, and pdfkit stays as it is."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from pdfkit_cli.build import verifier
from pdfkit_cli.build.pipeline import BuildRequest, BuildSummary, Project, build, open_project
from pdfkit_cli.build.verifier import VerifyRequest
from pdfkit_cli.content import loader
from pdfkit_cli.content.blocks import Table
from pdfkit_cli.content.editions import OutputKey, Selection
from pdfkit_cli.desk.library_state import LibraryState
from pdfkit_cli.errors import SourceError
from pdfkit_cli.packs.attaching import attach_leaflets
from pdfkit_cli.packs.selection import EnclosureRequest
from pdfkit_cli.rendering import sandbox, tables
from pdfkit_cli.rendering.layout_files import LAYER_OF_FOLDER
from pdfkit_cli.rendering.templates import VARIABLES
from tests.helpers import own_look_library
from tests.helpers.check_runner import said
from tests.helpers.fake_rendering import DAY
from tests.helpers.letter_pdfs import plain
from tests.helpers.own_look_library import BRAND_CSS, FAMILY, face, own_look
from tests.helpers.tiny_library import ROOT, TinyLibrary


def request_(library: TinyLibrary) -> BuildRequest:
    north = Selection(clinics=("north",))
    return BuildRequest(library.root, library.root.parent / "dist", selection=north, as_of=DAY, jobs=1)


@pytest.fixture
def own(tmp_path: Path) -> TinyLibrary:
    return own_look(tmp_path)


def drawn(library: TinyLibrary, form: str = "a4") -> tuple[Project, OutputKey]:
    project = open_project(request_(library))
    return project, next(key for key in project.output_keys() if key.path == f"north/first.da.{form}.pdf")


def draw_first(library: TinyLibrary) -> None:
    project, key = drawn(library)
    project.draw(key)


def refused(library: TinyLibrary) -> list[str]:
    """What is wrong with the layouts, or with what is drawn with them; paths begin below the library."""
    with pytest.raises(SourceError) as caught:
        draw_first(library)
    prefix = f"{library.root.as_posix()}/"
    return [str(finding).removeprefix(prefix) for finding in caught.value.findings]


def findings(library: TinyLibrary) -> list[str]:
    prefix = f"{library.root.as_posix()}/"
    return [str(finding).removeprefix(prefix) for finding in loader.load_library(library.root).findings]


def test_the_docs_list_every_variable_and_folder() -> None:
    text = (ROOT / "docs/your-own-look.md").read_text("utf-8")
    assert {name for name in VARIABLES if not re.search(rf"`{name}(\(…?\))?`", text)} == set()
    assert all(f"layouts/{folder}/" in text for folder in LAYER_OF_FOLDER)


def test_the_example_is_built(own: TinyLibrary) -> None:
    request = request_(own)
    summary: BuildSummary = build(request)
    names = [f"north/first.da.{form}.pdf" for form in ("a4", "a5", "a6-card")]
    assert (summary.rendered, summary.failed) == (names, {})
    for name in names:
        document = PdfReader(request.out / name)
        fonts = {str(font["/BaseFont"]) for font in _fonts(document)}
        assert any(FAMILY in font for font in fonts), "its own font"
        assert any("Source-Sans" in font for font in fonts), "for the one letter that it lacks"
        assert "Łukasz" in document.pages[0].extract_text()
    card = PdfReader(request.out / names[2]).pages[0].mediabox
    assert [round(float(side) * 25.4 / 72) for side in (card.width, card.height)] == [105, 148]
    verdicts = list(verifier.verify_files(VerifyRequest((request.out / names[2],), own.root, request.out, DAY)))
    assert [(verdict.standing, verdict.faults) for verdict in verdicts] == [("current", ())]
    assert build(request).rendered == []


def test_its_format_goes_with_letters_over_a_channel_of_its_own(own: TinyLibrary) -> None:
    own.write("library.yaml", own.read("library.yaml") + "channels:\n  cards: {formats: [a6-card], sides: 0}\n")
    own.write("letter.pdf", plain(1))
    wanted, pack = EnclosureRequest(("first",), "north", channel="cards"), own.root / "pack.pdf"
    packed = attach_leaflets(request_(own), own.root / "letter.pdf", wanted, pack)
    sizes = [round(float(page.mediabox.width) * 25.4 / 72) for page in PdfReader(pack).pages]
    assert (packed.pages, sizes[0], set(sizes[1:])) == (len(sizes), 210, {105})


def _fonts(document: PdfReader) -> list[dict[str, object]]:
    return [font.get_object() for page in document.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_templates_and_css_take_the_place_of_pdfkits(own: TinyLibrary) -> None:
    project, key = drawn(own)
    page = project.draw(key).page
    assert 'class="warning own-warning' in page.html
    assert 'class="masthead banner"' in page.html
    assert page.stylesheet.css.endswith(f"@layer brand {{\n{BRAND_CSS}}}")
    own.write("layouts/components/warning/warning.css", ".own-warning { margin-block-start: 3mm; }\n")
    css = drawn(own)[0].draw(key).page.stylesheet.css
    assert ".own-warning" in css
    assert ".warning::before" not in css


@pytest.mark.parametrize(
    "name",
    [
        "layouts/components/masthead/masthead.html", "layouts/components/warning/warning.html", "layouts/base/base.css",
        "layouts/formats/a4/a4.css", "brands/plain/brand.css", f"fonts/{FAMILY}/Bold.ttf",
    ],
)  # fmt: skip
def test_what_it_brings_is_an_input(own: TinyLibrary, name: str) -> None:
    project, key = drawn(own)
    inputs, page = project.register.of(key), project.draw(key)
    packaged = project.layouts.folder.parent / name
    if not (own.root / name).exists():
        own.write(name, packaged.read_bytes())
        assert drawn(own)[0].draw(key).key == page.key, "the same file in its place"
    if name.endswith(".ttf"):
        own.write(name, face("SourceSans3-Bold.ttf", "ŁŻ"))
    else:
        own.write(name, own.read(name) + "\n")
    again, _ = drawn(own)
    assert again.register.of(key) != inputs
    assert again.draw(key).key != page.key or name.endswith(".html")


def test_another_format_does_not_depend_on_a_new_one(own: TinyLibrary) -> None:
    project, key = drawn(own)
    inputs, page = project.register.of(key), project.draw(key)
    own.write("layouts/formats/a6-card/a6-card.css", own_look_library.A6_CSS + "\n")
    again, _ = drawn(own)
    assert (again.register.of(key), again.draw(key).key) == (inputs, page.key)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("components/warning/warning.html", "{{ inner }}\n{% if %}\n", ":2:1: error: Expected an expression"),
        ("components/warning/warning.html", "\n{{ iner }}\n", ":2:1: error: there is no variable “iner”; did you mean “inner”?"),
        ("components/warning/warning.html", "\n{{ inner | shuffle }}\n", ":2:1: error: No filter named 'shuffle'"),
        ("components/warning/warning.html", "\n{{ edition.titel }}\n", ":2:1: error: 'pdfkit_cli.content.editions.Edition object' has no attribute 'titel'"),
        ("components/warning/warning.html", "\n{{ dose }}\n", ":2:1: error: 'dose' is undefined"),
        ("components/warning/warning.html", '{% include "components/iner.html" %}', ": error: there is no template “components/iner.html”"),
        ("components/warnin/warnin.html", "{{ inner }}", ": error: no template includes it, and pdfkit has none of this name"),
        ("components/warning/warning.css", ".warning { color: red; }\n}\n.x { color: red; }", ":2:1: error: Unmatched }; correct the CSS"),
        ("components/warning/warning.css", ".warning { color: red;\n", ":1:10: error: is never closed; close it"),
        ("components/warning/warning.css", "/* .warning { color: red; }\n", "error: "),
        ("components/warning/warning.svg", "<svg onload='x()' viewBox='0 0 1 1' xmlns='http://www.w3.org/2000/svg'/>", ": error: "),
        ("component/warning.css", ".warning { color: red; }", ": error: is in none of the folders of layouts (base, components, formats); move it there"),
        ("formats/a6-card/format.yaml", "name: A6\ncss: [a6-card/a6.css]\n", ": error: there is no formats/a6-card/a6.css in the layouts"),
        ("formats/a6-card/format.yaml", "name: A6\n", ":1:1: error: "),
        ("formats/a6-card/form.yaml", "name: A6\n", ": error: is not read; the files of settings are colours.yaml and formats/<format>/format.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(own: TinyLibrary, name: str, text: str, words: str) -> None:
    own.write(f"layouts/{name}", text)
    (line,) = refused(own)
    assert line.startswith(f"layouts/{name}")
    assert words in line


def test_css_that_weasyprint_rejects_is_named_with_its_place(own: TinyLibrary) -> None:
    own.write("brands/plain/brand.css", "/* ours */\nh2 {\n  colour: red;\n}\n")
    failed = str(next(iter(build(request_(own)).failed.values())))
    assert "brands/plain/brand.css:3:3: WeasyPrint: Ignored `colour: red`, unknown property" in failed


@pytest.mark.parametrize("name", ["layouts/components/warning/warning.html", "layouts/extra", f"fonts/{FAMILY}/Bold.ttf", "brands/plain/brand.css"])  # fmt: skip
def test_links_that_lead_out_are_refused(own: TinyLibrary, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.html").write_text("{{ inner }}", "utf-8")
    path = own.root / name
    path.unlink(missing_ok=True)
    path.symlink_to(elsewhere / "a.html" if path.suffix else elsewhere)
    lines = findings(own) if not name.startswith("layouts") else refused(own)
    assert any(line.startswith(name) and "leads out of the library" in line for line in lines)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ edition.brand.logo.path.read_text() }}",
        "{{ edition.leaflet.source.text.__class__.__mro__ }}",
        '{{ leaflet.parse_raw("x", allow_pickle=True) }}',
        "{{ edition.clinic.model.model_construct() }}",
        "{{ inline.__globals__ }}",
        "{{ isolate.func.__globals__ }}",
        "{{ phrases.clear() }}",
        "{{ edition.labels.__add__(1) }}",
        '{{ "x" * 1000000000 }}',
        '{% set n = namespace(t="x") %}{% for _ in "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" %}{% set n.t = n.t ~ n.t %}{% endfor %}',
        '{% set n = namespace(t="xxxxxxxxxx") %}{% for _ in "xxxxxxxxxx" %}{% set n.t = n.t | replace("x", n.t) %}{% endfor %}',
        '{% set n = namespace(t="xxxxxxxxxx") %}{% for _ in "x" | list %}{% for _ in "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" %}{% set n.t = n.t + n.t %}{% endfor %}{% endfor %}',
        '{% set n = namespace(t="x") %}{% for _ in "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" %}{% set part %}{{ n.t }}{{ n.t }}{% endset %}{% set n.t = part %}{% endfor %}',
        "{{ 9 ** 999999999 }}",
        '{{ "%999999999d" % 1 }}',
        '{{ "x".center(1000000000) }}',
        '{{ "{:999999999}".format(1) }}',
        "{% for a in phrases %}{% for b in phrases %}{% for c in phrases %}{% for d in phrases %}{% for e in phrases %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        '{% include "components/warning/warning.html" %}',
        '{% include "../../../../../../etc/passwd" %}',
    ],
)
def test_templates_are_not_trusted(own: TinyLibrary, monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    monkeypatch.setattr(sandbox, "MAX_STEPS", 50_000)
    own.write("layouts/components/warning/warning.html", f"{{{{ inner }}}}{attack}")
    (line,) = refused(own)
    assert line.startswith("layouts/components/warning/warning.html")


def test_css_reads_no_other_file(own: TinyLibrary) -> None:
    own.write("brands/plain/brand.css", "body { background: url(file:///etc/passwd); }\n")
    assert all("which it does not declare" in str(error) for error in build(request_(own)).failed.values())
    own.write("brands/plain/brand.css", "@import url(https://example.com/x.css);\n")
    assert build(replace(request_(own), force=True)).failed


def test_the_desk_sees_a_change(own: TinyLibrary) -> None:
    desk = LibraryState(request_(own))
    desk.refresh()
    assert desk.now.project
    assert not desk.refresh()
    template = own.read("layouts/components/warning/warning.html")
    own.write("layouts/components/warning/warning.html", "{% if %}")
    assert desk.refresh()
    assert desk.now.project is None
    assert [finding.code for finding in desk.now.findings] == ["template"]
    own.write("layouts/components/warning/warning.html", template)
    for name in ("brands/plain/brand.css", "layouts/formats/a6-card/a6-card.css"):
        own.write(name, own.read(name) + "\n")
        assert desk.refresh()
        assert desk.now.project


class TestFonts:
    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("LICENSE.txt", None, f"fonts/{FAMILY}: error: has no licence; save the licence of the font here as LICENSE.txt"),
            ("Bold.ttf", None, f"fonts/{FAMILY}: error: needs a regular and a bold face"),
            ("Bold.ttf", face("SourceSans3-Bold.ttf", fsType=2), "Bold.ttf: error: its licence forbids embedding it in documents (OS/2 fsType 0x0002)"),
            ("Bold.ttf", face("SourceSans3-Bold.ttf", fsType=0x104), "Bold.ttf: error: its licence forbids embedding a part of it"),
            ("Bold.ttf", b"no font", "Bold.ttf: error: the font cannot be read"),
            ("Bold.otf", b"OTTO", "Bold.otf: error: only TrueType fonts can be used; ask the maker"),
        ],
    )  # fmt: skip
    def test_a_family_that_cannot_be_used(self, own: TinyLibrary, name: str, data: bytes | None, words: str) -> None:
        if data is None:
            (own.root / f"fonts/{FAMILY}" / name).unlink()
        else:
            own.write(f"fonts/{FAMILY}/{name}", data)
        lines = findings(own)
        assert any(words in line for line in lines)
        assert (
            f"brands/plain/brand.yaml:5:9: error: the font “{FAMILY}” has errors; correct them first [unknown-font]"
            in lines
        )

    def test_a_family_that_does_not_exist(self, own: TinyLibrary) -> None:
        own.replace("brands/plain/brand.yaml", f"headings: {FAMILY}", "headings: region-sens")
        (line,) = (line for line in findings(own) if "unknown-font" in line)
        assert "there is no font “region-sens”; put its files into" in line
        assert "did you mean “region-sans”?" in line

    def test_pdfkits_own_families_can_be_named(self, own: TinyLibrary) -> None:
        own.replace("brands/plain/brand.yaml", f"headings: {FAMILY}", "headings: source-sans-3")
        assert not [line for line in findings(own) if "font" in line]

    def test_a_name_of_pdfkits_is_taken(self, own: TinyLibrary) -> None:
        own_look_library.add_font(own, "source-sans-3")
        assert any(
            line.startswith("fonts/source-sans-3: error: pdfkit comes with a font of this name")
            for line in findings(own)
        )

    def test_its_letters_can_be_printed(self, own: TinyLibrary) -> None:
        own.body("ⴰ and Ł\n")
        assert "“ⴰ”" in "".join(said(own, "missing-glyph"))
        assert "Ł" not in "".join(said(own, "missing-glyph"))

    def test_tables_are_measured_with_it(self, own: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
        measured: list[Path] = []

        def fit(block: Table, language: str, font: Path, *measures: object) -> tuple[Table, str]:
            measured.append(font)
            return block, ""

        monkeypatch.setattr(tables, "fit_table", fit)
        own.body("| A | B |\n|---|---|\n| c | d |\n")
        own.write("brands/other/brand.yaml", own.read("brands/plain/brand.yaml").partition("fonts:")[0])
        own.write("brands/other/logo.svg", own_look_library.LOCK_UP)
        own.replace("clinics/south.yaml", "brand: plain", "brand: other")
        project, _ = drawn(own)
        for key in project.output_keys():
            project.draw(key)
        assert [font.name for font in measured] == ["Regular.ttf", "SourceSans3-Regular.ttf"], "once for each font"
