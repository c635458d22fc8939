"""How the library stands: every state of an edition, the plan by its reasons, findings by leaflet."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk.library_status import (
    EditionState,
    LibraryStatus,
    MatrixCell,
    finding_leaflet,
    group_findings,
    library_status,
)
from pdfkit_cli.errors import Finding, Severity, SourceLocation
from pdfkit_cli.output.fingerprints import RebuildReason, RebuildReasonKind
from tests.helpers.tiny_library import TEXT, TinyLibrary

APPROVED = "status: approved\nreviewed: 2026-01-31\nreview_by: 2028-01-31"


@pytest.fixture
def built(library: TinyLibrary, build_request: BuildRequest, fake_rendering: None) -> BuildRequest:
    """Approved, built, and current in both clinics."""
    library.replace("content/first/leaflet.yaml", "status: draft", APPROVED)
    assert build(build_request).clean
    return build_request


def cells(found: LibraryStatus) -> dict[tuple[str, str, str], MatrixCell]:
    clinics = list(found.clinics)
    return {
        (row.leaflet, row.language, clinics[at]): cell
        for row in found.rows
        for at, cell in enumerate(row.cells)
        if cell
    }


def states(found: LibraryStatus, leaflet: str = "first", language: str = "da", clinic: str = "north") -> list[str]:
    return list(cells(found)[leaflet, language, clinic].states)


def translated(library: TinyLibrary, clinic: str = "north") -> None:
    library.replace(f"clinics/{clinic}.yaml", "[da]", "[da, en]")


def test_current(built: BuildRequest) -> None:
    found = library_status(built)
    assert states(found) == states(found, clinic="south") == [EditionState.CURRENT]
    assert found.plan.idle
    assert found.plan.kept == 4
    assert cells(found)["first", "da", "north"].paths == ("north/first.da.a4.pdf", "north/first.da.a5.pdf")
    assert found.titles == {"first": {"da": "En titel"}}
    assert found.clinics == {"north": "Klinik Nord", "south": "Klinik Syd"}


def test_draft_and_never_built(library: TinyLibrary, build_request: BuildRequest, fake_rendering: None) -> None:
    found = library_status(build_request)
    assert states(found) == [EditionState.MISSING, EditionState.DRAFT]
    assert [(group.reasons, len(group.paths)) for group in found.plan.groups] == [
        ((RebuildReason(RebuildReasonKind.NEW),), 4)
    ]
    assert not any(published for group in found.plan.groups for _, published in group.paths)
    assert not list(build_request.out.glob("**/*")), "looking touches nothing"


def test_outdated_with_a_difference_to_look_at(library: TinyLibrary, built: BuildRequest) -> None:
    library.replace("clinics/north.yaml", "76 36 14 00", "76 36 14 99")
    found = library_status(built)
    assert (states(found), states(found, clinic="south")) == ([EditionState.OUTDATED], [EditionState.CURRENT])
    assert cells(found)["first", "da", "north"].changed == ("north/first.da.a4.pdf", "north/first.da.a5.pdf")
    (group,) = found.plan.groups
    assert group.reasons == (RebuildReason(RebuildReasonKind.CHANGED, "leaflets/clinics/north.yaml"),)
    assert group.paths == (("north/first.da.a4.pdf", True), ("north/first.da.a5.pdf", True))
    assert found.plan.runs == 2


def test_a_file_that_somebody_removed_is_outdated(built: BuildRequest) -> None:
    (built.out / "north/first.da.a4.pdf").unlink()
    assert states(library_status(built)) == [EditionState.OUTDATED]


def test_overdue(built: BuildRequest) -> None:
    assert states(library_status(replace(built, as_of=date(2028, 1, 31)))) == [EditionState.CURRENT]
    assert states(library_status(replace(built, as_of=date(2028, 2, 1)))) == [EditionState.OVERDUE]


def test_a_language_without_a_text_is_missing(library: TinyLibrary, built: BuildRequest) -> None:
    translated(library)
    assert states(library_status(built), language="en") == [EditionState.MISSING]


def test_an_unreviewed_translation(library: TinyLibrary, built: BuildRequest) -> None:
    translated(library)
    library.write("content/first/en.md", TEXT)
    assert EditionState.UNREVIEWED in states(library_status(built), language="en")
    library.write("content/first/en.md", TEXT.replace("summary:", "translation: reviewed\nsummary:"))
    assert EditionState.UNREVIEWED not in states(library_status(built), language="en")


def test_a_stale_translation(library: TinyLibrary, built: BuildRequest) -> None:
    translated(library)
    library.write("content/first/en.md", TEXT)
    library.write("content/first/translated.yaml", "made_from:\n  en: |\n    0123456789abcdef x\n")
    assert EditionState.STALE in states(library_status(built), language="en")
    assert EditionState.STALE not in states(library_status(built))


def test_failing_by_its_text_and_by_its_clinic(library: TinyLibrary, built: BuildRequest) -> None:
    library.replace("clinics/south.yaml", "phone:", "# phone:")
    found = library_status(built)
    assert (states(found), states(found, clinic="south")) == ([EditionState.CURRENT], [EditionState.FAILING])
    assert [path for path, _ in found.plan.blocked] == ["south/first.da.a4.pdf", "south/first.da.a5.pdf"]
    assert len(found.plan.findings) == 1
    library.body("::: nonsense\n:::\n")
    found = library_status(built)
    assert states(found)[0] == EditionState.FAILING
    assert [(group.leaflet, group.errors > 0) for group in found.finding_groups] == [("first", True)]


def test_a_leaflet_that_cannot_be_read_fails_and_one_that_is_not_there_is_missing(
    library: TinyLibrary, built: BuildRequest
) -> None:
    library.replace("clinics/south.yaml", "first:", "second: {languages: [da]}\n  first:")
    assert states(library_status(built), "second", clinic="south") == [EditionState.MISSING]
    library.replace("content/first/leaflet.yaml", "owner:", "oner:")
    assert states(library_status(built)) == [EditionState.FAILING]


def test_withdrawn(library: TinyLibrary, built: BuildRequest) -> None:
    library.replace("content/first/leaflet.yaml", "status: approved", "status: withdrawn")
    found = library_status(built)
    assert states(found) == [EditionState.WITHDRAWN]
    assert found.plan.remove == (
        "north/first.da.a4.pdf", "north/first.da.a5.pdf", "south/first.da.a4.pdf", "south/first.da.a5.pdf",
    )  # fmt: skip
    assert not found.plan.idle


def test_rows_begin_with_the_source_language(
    library: TinyLibrary, build_request: BuildRequest, fake_rendering: None
) -> None:
    library.replace("clinics/north.yaml", "[da]", "[ar, en, da]")
    assert [(row.leaflet, row.language) for row in library_status(build_request).rows] == [("first", "da"), ("first", "en"), ("first", "ar")]  # fmt: skip
    assert library_status(build_request).rows[1].cells[1] is None, "the other clinic does not hand it out in English"


def test_titles_begin_with_that_of_the_source(
    library: TinyLibrary, build_request: BuildRequest, fake_rendering: None
) -> None:
    library.write("content/first/ar.md", TEXT.replace("En titel", "عنوان"))
    assert list(library_status(build_request).titles["first"]) == ["da", "ar"]


def finding(file: str, severity: Severity = Severity.ERROR, line: int = 1) -> Finding:
    return Finding("x", "words", SourceLocation(file, line), severity)


@pytest.mark.parametrize(
    ("file", "leaflet"),
    [
        ("lib/content/first/da.md", "first"),
        ("lib/clinics/north/first/slot.da.md", "first"),
        ("lib/clinics/north.yaml", ""),
        ("lib/library.yaml", ""),
        ("lib/content/Bad_Name", ""),
    ],
)
def test_the_leaflet_of_a_finding(file: str, leaflet: str) -> None:
    assert finding_leaflet(finding(file), Path("lib")) == leaflet


def test_findings_stand_by_leaflet_the_worst_first() -> None:
    mild, bad = finding("lib/content/a/da.md", Severity.WARNING), finding("lib/content/b/da.md")
    late, common = finding("lib/content/a/da.md", Severity.ERROR, 9), finding("lib/clinics/x.yaml", Severity.WARNING)
    also = finding("lib/content/b/sv.md")
    found = group_findings((mild, bad, late, common, also), Path("lib"))
    assert [(group.leaflet, group.errors, group.findings) for group in found] == [
        ("", 0, (common,)), ("b", 2, (bad, also)), ("a", 1, (late, mild)),
    ]  # fmt: skip
