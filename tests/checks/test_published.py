"""Rules that look at the PDFs of the last build."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, build, check_project, open_project
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskResult
from tests.helpers.check_runner import DAY, said, wrong
from tests.helpers.tiny_library import TinyLibrary

ENTRY = ManifestEntry(
    clinic="north", leaflet="first", language="da", variant="full", format="a4", id="T-1", version="0.1", status="draft",
    digest="x", title="En titel", pages=3, key="x", inputs=(), sha256="x", bytes=1, mtime_ns=0,
)  # fmt: skip
NORTH, SOUTH = "north/first.da.a4.pdf", "south/first.da.a4.pdf"
YAML = "content/first/leaflet.yaml"


def published(*remarks: TypographicWarning, **values: Any) -> Manifest:
    entry = replace(ENTRY, remarks=remarks, **values)
    return Manifest({NORTH: entry, SOUTH: replace(entry, clinic="south")})


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("near-empty-page", "page 2 is nearly empty"),
        ("lone-line", "page 2 has a single line of a paragraph, “Ord”"),
        ("heading-at-foot", "page 2 ends with the heading “Ord”"),
    ],
)
def test_a_remark_is_said_once_for_all_clinics(library: TinyLibrary, code: str, words: str) -> None:
    (line,) = said(library, code, published=published(TypographicWarning(code, 2, "Ord")))
    assert line.startswith(f"content/first/da.md: warning: {NORTH} and 1 more: {words}")
    assert said(library, code, published=published()) == []
    assert said(library, code, published=published(TypographicWarning(code, 2, "Ord"), leaflet="gone")) == []


@pytest.mark.parametrize(("budget", "over"), [("a4: 2", True), ("a4: 3", False), ("a5: 1", False)])
def test_a_leaflet_says_how_many_pages_it_may_have(library: TinyLibrary, budget: str, over: bool) -> None:
    library.replace(YAML, "owner", f"pages: {{{budget}}}\nowner")
    lines = said(library, "over-page-budget", published=published())
    assert len(lines) == (2 if over else 0)
    for line in lines:
        assert "leaflet.yaml:" in line
        assert "it has 3 pages in a4, but 2 are allowed" in line


@pytest.fixture
def request_(library: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> BuildRequest:
    """A build whose every PDF has three pages and a remark: it stands in for WeasyPrint."""

    def run(work: object, tasks: object, limits: object, prepare: object) -> object:
        for names, _ in tasks:  # type: ignore[attr-defined]
            made = RenderedPdf(b"%PDF-%%EOF", 3, (TypographicWarning("lone-line", 2, "Ord"),))
            yield TaskResult(names, (made,) * len(names))

    monkeypatch.setattr(worker_pool, "run_tasks", run)
    return BuildRequest(library.root, library.root.parent / "dist", as_of=DAY)


def test_a_build_says_what_is_wrong_with_its_prints_and_so_does_the_next(request_: BuildRequest) -> None:
    for rendered in (4, 0):
        summary = build(request_)
        assert len(summary.rendered) == rendered
        assert [finding.code for finding in wrong(summary.findings)] == ["lone-line", "lone-line"]  # in two formats
        assert summary.clean
    assert [finding.code for finding in wrong(check_project(open_project(request_), request_).findings)] == [
        "lone-line",
        "lone-line",
    ]


def test_what_is_over_its_budget_is_not_published(library: TinyLibrary, request_: BuildRequest) -> None:
    library.replace(YAML, "owner", "pages: {a4: 2}\nowner")
    summary = build(request_)
    assert sorted(summary.failed) == [NORTH, SOUTH]
    assert str(summary.failed[NORTH]).endswith("shorten the text, or raise the limit [over-page-budget]")
    assert not Path(request_.out / NORTH).exists()
    allowed = build(replace(request_, allow=("over-page-budget",)))
    assert sorted(allowed.rendered) == [NORTH, SOUTH]
    assert allowed.clean
    assert output_folder.read_manifest(request_.out).files[NORTH].allowed == ("over-page-budget",)


def test_a_budget_that_is_only_a_warning_is_published(library: TinyLibrary, request_: BuildRequest) -> None:
    library.replace(YAML, "owner", "pages: {a4: 2}\nowner")
    setting = "over-page-budget: {severity: warning, only: [first]}"
    library.replace("library.yaml", "languages:", f"checks: {{severity: {{{setting}}}}}\nlanguages:")
    summary = build(request_)
    assert NORTH in summary.rendered
    assert summary.clean
    assert "over-page-budget" in [finding.code for finding in summary.findings]
