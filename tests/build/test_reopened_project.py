"""A project that is opened over the last one is the same as one that is opened anew, whatever was edited between."""

import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import Library
from pdfkit_cli.errors import Finding, Severity, SourceError
from tests.helpers.build_fault_injection import DAY
from tests.helpers.library_edits import EDITS, Bench, Edit, bench, lost_manifest, spoilt_cache, spoilt_output
from tests.helpers.soak_sampling import WHOLE, amount
from tests.helpers.tiny_library import TinyLibrary

OF_THE_SOURCES = [edit for edit in EDITS if edit not in (spoilt_output, lost_manifest, spoilt_cache)]
SEEDS = range(amount(1, 12))
STEPS = amount(len(OF_THE_SOURCES), 400)


def opened(b: Bench, before: Project | None) -> tuple[Project | None, tuple[Finding, ...]]:
    try:
        project = open_project(BuildRequest(b.library.root, b.out, as_of=DAY, layouts=b.layouts), before)
    except SourceError as error:
        return None, tuple(error.findings)
    return project, project.findings


def pages(project: Project) -> dict[str, Any]:
    """Return what each PDF is made from, and the key of its page, or why it has none."""
    return {key.path: (project.register.of(key), drawn(project, key)) for key in project.output_keys()}


def drawn(project: Project, key: OutputKey) -> Any:
    try:
        return project.draw(key).key
    except SourceError as error:
        return error.findings


def chosen(chance: Random) -> list[Edit]:
    """Return so many edits by chance; in `make test` each once."""
    return chance.choices(OF_THE_SOURCES, k=STEPS) if WHOLE else chance.sample(OF_THE_SOURCES, STEPS)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_edit_a_reopened_project_is_a_new_one(tmp_path: Path, seed: int) -> None:
    b = bench(tmp_path, seed)
    before, faulty = opened(b, None)[0], 0
    for edit in chosen(b.chance):
        for folder in (b.library.root, b.layouts):
            shutil.copytree(folder, tmp_path / "saved" / folder.name, dirs_exist_ok=False)
        edit(b)
        (again, findings), (anew, expected) = opened(b, before), opened(b, None)
        assert findings == expected, edit
        assert (again is None) == (anew is None), edit
        if again and anew:
            assert again.library == anew.library, edit
            assert again.library.findings == anew.library.findings, edit
            assert pages(again) == pages(anew), edit
        before = again or before
        if any(finding.severity is Severity.ERROR for finding in findings):
            faulty += 1
            for folder in (b.library.root, b.layouts):
                shutil.rmtree(folder)
                shutil.copytree(tmp_path / "saved" / folder.name, folder)
        shutil.rmtree(tmp_path / "saved")
    assert faulty < STEPS / 2


def test_what_has_not_changed_is_not_parsed_again(library: TinyLibrary, tmp_path: Path) -> None:
    def load(before: Project | None) -> Project:
        return open_project(BuildRequest(library.root, tmp_path / "dist", as_of=DAY), before)

    first = load(None)
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", library.read("content/first/da.md"))
    second = load(first)
    library.write("content/second/da.md", library.read("content/second/da.md") + "\nMere.\n")
    third = load(second)
    assert third.layouts is second.layouts is first.layouts
    assert texts(third.library, "first") == texts(second.library, "first") == texts(first.library, "first")
    assert texts(third.library, "second") != texts(second.library, "second")
    assert third.library.brands["plain"] is first.library.brands["plain"]


def texts(library: Library, leaflet: str) -> list[int]:
    """Return which objects the texts of a leaflet are."""
    return [id(text) for text in library.leaflets[leaflet].translations.values()]


def test_a_text_with_a_picture_that_is_gone_is_read_again(library: TinyLibrary, tmp_path: Path) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="{}"/></svg>'
    library.write("content/first/a.svg", picture.format(9))
    library.body("![En mand](a.svg)\n")
    request = BuildRequest(library.root, tmp_path / "dist", as_of=DAY)
    first = open_project(request)
    library.write("content/first/a.svg", picture.format(8))
    second = open_project(request, first)
    digests = [p.library.leaflets["first"].translations["da"].pictures["a.svg"].digest for p in (first, second)]
    assert digests[0] != digests[1]
    (library.root / "content/first/a.svg").unlink()
    assert [finding.code for finding in open_project(request, second).library.findings][:1] == ["missing-picture"]


def test_a_text_of_another_leaflet_yaml_is_read_again(library: TinyLibrary, tmp_path: Path) -> None:
    leaflet = library.read("content/first/leaflet.yaml")
    library.write("content/first/leaflet.yaml", f"{leaflet}slots: [parking]\n")
    library.body("::: slot parking\nDer er plads.\n:::\n")
    request = BuildRequest(library.root, tmp_path / "dist", as_of=DAY)
    first = open_project(request)
    assert first.library.findings == ()
    library.write("content/first/leaflet.yaml", leaflet)
    assert [finding.code for finding in open_project(request, first).library.findings] == ["unknown-slot"]


def test_findings_of_a_file_are_found_again(library: TinyLibrary, tmp_path: Path) -> None:
    library.write("content/first/da.md", library.read("content/first/da.md") + "\n{{ clinic.fax }}\n")
    library.write("clinics/north/first/parking.da.md", "{{ clinic.fax }}\n")
    request = BuildRequest(library.root, tmp_path / "dist", as_of=DAY)
    first = open_project(request)
    assert {"undefined-field"} < {finding.code for finding in first.library.findings}
    assert open_project(request, first).findings == first.findings
