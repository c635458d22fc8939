"""What a large library costs besides its renders: planning it, entering it, going on after a kill, and finding nothing changed.

Run as `python -m tests.bench.scale LEAFLETS CLINICS LANGUAGES`: prints JSON. Every stage is a process of its own. A PDF is a few bytes that
nothing renders; it goes through the plan, the output folder, the journal and the manifest like any other.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from pdfkit_cli.build import output_folder, pipeline, planning
from pdfkit_cli.build.pipeline import BuildRequest, Project
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.output import manifest
from pdfkit_cli.output.manifest import ManifestEntry
from tests.bench.pages import DAY
from tests.helpers.generated_library import generate

LANGUAGES = ("da", "sv", "en", "ar")
KILLED = 9
"""Exit code of a build that ends in the middle."""


def main(leaflets: int, clinics: int, languages: int) -> None:
    """Measure every stage and print what each took."""
    with tempfile.TemporaryDirectory(prefix="pdfkit-scale-") as folder:
        generate(Path(folder) / "leaflets", leaflets, clinics, LANGUAGES[:languages])
        stages = ("planned", "killed", "resumed", "unchanged", "redrawn", "read", "written")
        print(json.dumps({stage: _stage(stage, folder) for stage in stages}))


def _stage(stage: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.scale", stage, folder]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == (KILLED if stage == "killed" else 0), done.stderr
    said: dict[str, float] = json.loads(done.stdout)
    return said


def _request(folder: Path) -> BuildRequest:
    return BuildRequest(folder / "leaflets", folder / "dist", as_of=DAY)


def planned(folder: Path) -> int:
    """Plan everything, with nothing published."""
    return len(pipeline.dry_run(_request(folder))[0].run)


def killed(folder: Path) -> int:
    """Enter half of the PDFs, and stop there as a killed build does."""
    return _entered(_request(folder), 0.5)


def resumed(folder: Path) -> int:
    """Enter the others."""
    return _entered(_request(folder), 1)


def unchanged(folder: Path) -> int:
    """Build when nothing has changed."""
    summary = pipeline.build(_request(folder))
    assert not summary.rendered, summary.rendered[:3]
    return summary.kept


def redrawn(folder: Path) -> int:
    """Plan with one template changed, which draws every page to see where that matters."""
    layouts = shutil.copytree(packaged_folder("layouts"), folder / "layouts")
    with (layouts / "components" / "exercise" / "exercise.html").open("a", encoding="utf-8") as template:
        template.write("{# changed #}\n")
    return len(pipeline.dry_run(replace(_request(folder), layouts=layouts))[0].run)


def read(folder: Path) -> int:
    """Read the manifest."""
    return len(manifest.parse_manifest((folder / "dist" / output_folder.MANIFEST_NAME).read_bytes()).files)


def written(folder: Path) -> int:
    """Read the manifest, and write it."""
    return (
        manifest.parse_manifest((folder / "dist" / output_folder.MANIFEST_NAME).read_bytes()).dump().count('"sha256"')
    )


def _entered(request: BuildRequest, share: float) -> int:
    project = pipeline.open_project(request)
    with output_folder.OutputFolder(request.out) as output:
        made = pipeline.make_plan(project, request, output.manifest)
        output.begin(made.kept, {run.output_key.path for run in made.run}, project.register.groups)
        runs = made.run[: int(len(made.run) * share)]
        for run in runs:
            pdf = f"%PDF-{run.output_key.path}\n%%EOF".encode()
            output.put(run.output_key.path, pdf, _entry(project, run, pdf))
        output.settle()  # what is still on its way to the disk is rendered again by the next build
        if share == 1:
            output.finish()
    return len(runs)


def _entry(project: Project, run: planning.RenderTask, pdf: bytes) -> ManifestEntry:
    key, leaflet = run.output_key.edition, project.library.leaflets[run.output_key.edition.leaflet]
    return ManifestEntry(
        clinic=key.clinic, leaflet=key.leaflet, language=key.language, variant=str(key.variant), format=run.output_key.format,
        id=leaflet.model.id, version=leaflet.model.version, status=str(leaflet.model.status), digest=yaml_source.sha256_hex(pdf),
        title=leaflet.translations[key.language].front_matter.title, pages=2, key=yaml_source.sha256_hex(pdf), inputs=run.inputs.groups,
        sha256=yaml_source.sha256_hex(pdf), bytes=len(pdf), mtime_ns=0, text=leaflet.translations[key.language].text_digest,
    )  # fmt: skip


STAGES = {stage.__name__: stage for stage in (planned, killed, resumed, unchanged, redrawn, read, written)}


def _measured(stage: str, folder: Path) -> None:
    started = time.process_time()
    pdfs = STAGES[stage](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"pdfs": pdfs, "cpu": time.process_time() - started, "peak": peak}), flush=True)
    if stage == "killed":
        os._exit(KILLED)


if __name__ == "__main__":
    if sys.argv[1] in STAGES:
        _measured(sys.argv[1], Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
