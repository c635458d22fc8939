"""A large library costs little besides its renders, and a killed build of one goes on where it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.build.planning import DiskState
from pdfkit_cli.output import manifest
from tests.bench import scale
from tests.helpers.generated_library import generate
from tests.helpers.tiny_library import TinyLibrary


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was(tmp_path: Path) -> None:
    """Every stage of the benchmark, small: what it counts must be so before its seconds mean anything."""
    generate(tmp_path / "leaflets", 3, 4, ("da", "sv"))
    assert scale.planned(tmp_path) == 48
    killed = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale", "killed", str(tmp_path)], check=False, capture_output=True
    )
    assert killed.returncode == scale.KILLED
    assert json.loads(killed.stdout)["pdfs"] == 24
    assert len(output_folder.read_manifest(tmp_path / "dist").files) == 24
    assert scale.resumed(tmp_path) == 24
    assert scale.unchanged(tmp_path) == 48
    assert scale.read(tmp_path) == scale.written(tmp_path) == 48


@pytest.mark.usefixtures("fake_rendering")
def test_a_build_reads_its_manifest_once(build_request: BuildRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.build(build_request)
    parse, read = manifest.parse_manifest, []

    def counted(text: bytes) -> manifest.Manifest:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(manifest, "parse_manifest", counted)
    assert pipeline.build(build_request).kept == 4
    assert len(read) == 1


@pytest.mark.usefixtures("fake_rendering")
def test_a_build_with_nothing_to_do_looks_at_each_file_once(
    build_request: BuildRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipeline.build(build_request)
    look, seen = output_folder.disk_state, []

    def counted(folder: Path, path: str, entry: manifest.ManifestEntry) -> DiskState:
        seen.append(path)
        return look(folder, path, entry)

    monkeypatch.setattr(output_folder, "disk_state", counted)
    assert pipeline.build(build_request).kept == 4
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 4


@pytest.mark.usefixtures("fake_rendering")
def test_a_first_plan_draws_nothing(
    library: TinyLibrary,
    build_request: BuildRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline.Project, "draw", None)
    library.replace("clinics/south.yaml", 'phone: "97 66 24 00"\n', "")
    made, summary = pipeline.dry_run(build_request)
    assert [run.output_key.edition.clinic for run in made.run] == ["north"] * 2
    assert sorted(made.blocked) == ["south/first.da.a4.pdf", "south/first.da.a5.pdf"]
    assert {finding.code for finding in summary.findings} >= {"missing-fact"}
