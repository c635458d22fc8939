"""What is rendered, kept and removed, and why: an incremental build ends where a cold one does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, build, dry_run, make_plan, open_project
from pdfkit_cli.build.planning import DiskState, FingerprintedPage, Plan, PlanContext, compute_plan
from pdfkit_cli.content.editions import SELECT_ALL, EditionKey, OutputKey, Selection
from pdfkit_cli.content.models import Format, Variant
from pdfkit_cli.errors import Finding, SourceLocation
from pdfkit_cli.output.fingerprints import OutputInputs, RebuildReason, RebuildReasonKind
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.rendering.layouts import page_format
from pdfkit_cli.rendering.page import DeclaredFile, Page, PageFormat, Stylesheet, page_key
from tests.helpers.fake_rendering import DAY
from tests.helpers.output_folder_audit import contents, lies
from tests.helpers.tiny_library import TEXT, TinyLibrary, tiny

# A page and its key.

WORDS = st.text(max_size=5)
PAGES = st.builds(
    Page,
    html=WORDS,
    stylesheet=st.builds(Stylesheet, st.just(""), WORDS),
    files=st.lists(st.builds(DeclaredFile, WORDS, st.just(Path("x")), WORDS), max_size=2).map(tuple),
    format=st.builds(
        Format,
        name=st.text(st.characters(categories=["L"]), min_size=1, max_size=3),
        css=st.just(("a.css",)),
        duplex=st.sampled_from(["long-edge", "short-edge"]),
        imposition=st.sampled_from(["none", "saddle-stitch", "letter-fold"]),
    ).map(page_format),
    right_to_left=st.just(False),
    shares_body=st.just(False),
)
VERSIONS = st.dictionaries(WORDS, WORDS, max_size=2)


@given(PAGES, VERSIONS, PAGES, VERSIONS)
def test_pages_have_one_key_each(page: Page, versions: dict[str, str], other: Page, others: dict[str, str]) -> None:
    assert (page_key(page, versions) == page_key(other, others)) == ((page, versions) == (other, others))


@given(PAGES, VERSIONS, WORDS)
def test_any_part_of_a_page_changes_its_key(page: Page, versions: dict[str, str], more: str) -> None:
    more += "x"
    others = [
        (replace(page, html=page.html + more), versions),
        (replace(page, stylesheet=Stylesheet("", page.stylesheet.digest + more)), versions),
        (replace(page, files=(*page.files, DeclaredFile(more, Path("y"), more))), versions),
        (replace(page, format=replace(page.format, key=page.format.key + more)), versions),
        (page, {**versions, more * 6: "1"}),
        *((page, {**versions, name: version + more}) for name, version in versions.items()),
        *((replace(page, files=(replace(file, digest=file.digest + more),)), versions) for file in page.files),
    ]
    assert page_key(page, versions) not in {page_key(*other) for other in others}


def test_where_a_file_is_does_not_change_the_key() -> None:
    page = Page("", Stylesheet("", ""), (DeclaredFile("u", Path("x"), "d"),), PageFormat("A4"), False, False)
    moved = replace(page, files=(DeclaredFile("u", Path("y"), "d"),))
    assert page_key(page, {}) == page_key(moved, {})


# A plan of one PDF, from values.

FIRST = OutputKey(EditionKey("north", "first", "da", Variant.FULL), "a4")
OTHER = OutputKey(EditionKey("south", "first", "da", Variant.FULL), "a4")
NOW = OutputInputs(("now",))
LACKS = Finding("missing-fact", "no phone", SourceLocation("leaflets/a.yaml"))


class Register:
    """Two groups of inputs, `before` and `now`, in which one file differs."""

    groups: ClassVar = {"now": {"leaflets/a.yaml": "2", "leaflets/b.md": "1"}}

    def of(self, output_key: OutputKey) -> OutputInputs:
        return NOW

    def files(self, inputs: OutputInputs) -> dict[str, str]:
        return self.groups["now"]


def entry(**values: Any) -> ManifestEntry:
    made: dict[str, Any] = {
        "clinic": "north", "leaflet": "first", "language": "da", "variant": "full", "format": "a4", "id": "T-1",
        "version": "1", "status": "draft", "digest": "0", "title": "T", "pages": 1, "key": "key", "inputs": ("now",),
        "sha256": "0", "bytes": 1, "mtime_ns": 1,
    }  # fmt: skip
    return ManifestEntry(**made | values)


def planned(
    manifest: Manifest | None = None,
    *,
    wanted: tuple[OutputKey, ...] = (FIRST,),
    selection: Selection = SELECT_ALL,
    state: DiskState = DiskState.SAME,
    key: str = "key",
    blocking: dict[str, tuple[Finding, ...]] | None = None,
    broken: frozenset[str] = frozenset(),
    force: bool = False,
    lacking: tuple[Finding, ...] = (),
    draw: Callable[[OutputKey], FingerprintedPage] | None = None,
) -> Plan:
    page = Page("", Stylesheet("", ""), (), PageFormat("A4"), False, False)
    manifest = manifest or Manifest()
    manifest.inputs |= {"before": {"leaflets/a.yaml": "1", "leaflets/b.md": "1"}}
    register: Any = Register()
    return compute_plan(
        wanted,
        selection,
        PlanContext(
            manifest,
            register,
            lambda path, entry: state,
            draw or (lambda output_key: FingerprintedPage(page, key, "", "")),
            lambda output_key: lacking,
            blocking or {},
            broken,
            force,
        ),
    )


def known(**values: Any) -> Manifest:
    return Manifest({FIRST.path: entry(**values)})


def test_nothing_changed() -> None:
    assert planned(known()) == Plan((), {FIRST.path: entry()}, (), {})


def test_a_change_that_does_not_show() -> None:
    made = planned(known(inputs=("before",)))
    assert (made.run, made.kept) == ((), {FIRST.path: entry()})


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: planned(), "new"),
        (lambda: planned(Manifest(pending={FIRST.path: None})), "an earlier build did not finish it"),
        (lambda: planned(Manifest(pending={FIRST.path: entry()})), "an earlier build did not finish it"),
        (lambda: planned(known(), force=True), "forced"),
        (lambda: planned(known(), state=DiskState.MISSING), "the file is missing"),
        (lambda: planned(known(), state=DiskState.DIFFERENT), "the file was changed by something else"),
        (lambda: planned(known(inputs=("before",)), key="other"), "leaflets/a.yaml changed"),
        (lambda: planned(known(inputs=("now", "before")), key="other"), "leaflets/a.yaml changed"),
    ],
)
def test_reasons_to_render(made: Callable[[], Plan], reason: str) -> None:
    (run,) = made().run
    assert (run.output_key, run.inputs, tuple(map(str, run.reasons))) == (FIRST, NOW, (reason,))


def test_reasons_to_remove() -> None:
    assert planned(known(), wanted=()).remove == (FIRST.path,)
    assert planned(Manifest(pending={FIRST.path: entry()}), wanted=()).remove == (FIRST.path,)
    assert planned(Manifest(pending={FIRST.path: None}), wanted=()).remove == (FIRST.path,)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(clinics=("south",)),
        Selection(leaflets=("second",)),
        Selection(languages=("sv",)),
        Selection(formats=("a5",)),
        Selection(variants=("short",)),
    ],
)
def test_nothing_outside_the_selection(selection: Selection) -> None:
    for manifest in (known(), Manifest(pending={FIRST.path: entry()}), Manifest(pending={FIRST.path: None})):
        assert planned(manifest, wanted=(), selection=selection) == Plan((), {}, (), {})
    assert planned(wanted=(FIRST,), selection=selection) == Plan((), {}, (), {})


def test_an_error_in_what_it_was_made_from_keeps_it() -> None:
    for manifest in (known(inputs=("before",)), Manifest(pending={FIRST.path: entry(inputs=("before",))})):
        assert planned(manifest, wanted=(), broken=frozenset({"leaflets/b.md"})).remove == ()
        assert planned(manifest, wanted=(), broken=frozenset({"leaflets/c.md"})).remove == (FIRST.path,)


def test_an_error_in_what_it_would_be_made_from_blocks_it() -> None:
    finding = Finding("code", "wrong", SourceLocation("leaflets/b.md", 3))
    made = planned(known(inputs=("before",)), key="other", blocking={"leaflets/b.md": (finding,)})
    assert made == Plan((), {}, (), {FIRST.path: (finding,)})


def undrawn(output_key: OutputKey) -> FingerprintedPage:
    raise AssertionError(f"{output_key.path} is drawn")


@pytest.mark.parametrize("name", ["weasyprint", "layouts/base/a.css", "fonts/a.ttf"])
def test_a_page_is_drawn_only_where_that_decides(name: str) -> None:
    assert planned(draw=undrawn).run
    assert planned(known(), force=True, draw=undrawn).run
    assert planned(known(), state=DiskState.MISSING, draw=undrawn).run
    assert planned(known(), draw=undrawn).kept
    manifest = known(inputs=("old",))
    manifest.inputs["old"] = {"leaflets/a.yaml": "2", "leaflets/b.md": "1", name: "1"}
    assert planned(manifest, draw=undrawn).run[0].reasons == (RebuildReason(RebuildReasonKind.GONE, name),)


def test_what_cannot_be_drawn_is_blocked_without_trying() -> None:
    assert planned(lacking=(LACKS,), draw=undrawn) == Plan((), {}, (), {FIRST.path: (LACKS,)})
    assert planned(known(), lacking=(LACKS,), draw=undrawn).kept  # its inputs are the same


# Whole builds, with a stand-in for WeasyPrint.

EDITS: dict[str, Callable[[TinyLibrary], Any]] = {
    "phone": lambda lib: lib.write("clinics/north.yaml", _clinic("Nord", "76 36 14 0{}", lib)),
    "comment": lambda lib: lib.write("clinics/north.yaml", lib.read("clinics/north.yaml") + "# more\n"),
    "text": lambda lib: lib.body(f"## Før\n\n{'Ord. ' * (lib.read('content/first/da.md').count('Ord.') % 3 + 1)}\n"),
    "broken text": lambda lib: lib.body("::: nonsense\n:::\n"),
    "logo": lambda lib: lib.write("brands/plain/logo.svg", lib.read("brands/plain/logo.svg") + "\n"),
    "format": lambda lib: lib.write(
        "content/first/leaflet.yaml", _swap(lib.read("content/first/leaflet.yaml"), "[a4, a5]", "[a4, a4-large]")
    ),
    "second": lambda lib: [
        lib.write("content/second/leaflet.yaml", lib.read("content/first/leaflet.yaml").replace("T-1", "T-2")),
        lib.write("content/second/da.md", TEXT),
        lib.write("clinics/north.yaml", _swap(lib.read("clinics/north.yaml"), "  first:", "  second:")),
    ],
    "no south": lambda lib: (lib.root / "clinics/south.yaml").unlink(missing_ok=True),
    "south": lambda lib: lib.write("clinics/south.yaml", _clinic("Syd", "97 66 24 00", lib)),
}


def _swap(text: str, one: str, other: str) -> str:
    return text.replace(one, other) if one in text else text.replace(other, one)


def _clinic(name: str, phone: str, library: TinyLibrary) -> str:
    text = library.read("clinics/north.yaml").replace("Nord", name)
    old = next(line for line in text.split("\n") if line.startswith("phone:"))
    return text.replace(old, f'phone: "{phone.format((int(old[-2]) + 1) % 10)}"')


STEPS = st.lists(st.sampled_from([*EDITS, "build", "build north", "lose one"]), min_size=1, max_size=6)


@pytest.mark.slow
@pytest.mark.usefixtures("fake_rendering")
@given(STEPS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_an_incremental_build_ends_where_a_cold_one_does(layouts: Path, steps: list[str]) -> None:
    with TemporaryDirectory() as name:
        library = tiny(Path(name))
        request = BuildRequest(library.root, Path(name) / "dist", as_of=DAY, layouts=layouts)
        build(request)
        for step in steps:
            _step(step, library, request)
            assert lies(request.out) == []
        if "broken text" in steps:
            EDITS["text"](library)
        build(request)
        cold = replace(request, out=Path(name) / "cold")
        build(cold)
        assert contents(request.out) == contents(cold.out)
        assert dry_run(request)[0].run == ()
        assert output_folder.read_manifest(request.out).pending == {}


def _step(step: str, library: TinyLibrary, request: BuildRequest) -> None:
    if step == "lose one":
        for path in list(request.out.rglob("*.pdf"))[:1]:
            path.unlink()
        build(request)  # else its manifest would not be true
    elif step.startswith("build"):
        build(replace(request, selection=Selection(clinics=("north",) if "north" in step else ())))
    else:
        EDITS[step](library)


def test_planning_is_repeatable(library: TinyLibrary) -> None:
    request = BuildRequest(library.root, library.root / "dist", as_of=DAY)
    made = [make_plan(open_project(request), request, output_folder.read_manifest(request.out)) for _ in range(2)]
    assert made[0] == made[1]
    assert [run.output_key.path for run in made[0].run] == sorted(run.output_key.path for run in made[0].run)
