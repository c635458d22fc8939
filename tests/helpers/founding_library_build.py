"""The founding library as it is printed: built once for all tests that look at it."""

import pickle
import re
import shutil
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, Project, build, open_project
from pdfkit_cli.build.planning import FingerprintedPage
from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.editions import OutputKey, Selection
from pdfkit_cli.content.loader import Library
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.renderer import RenderedPdf
from tests.helpers.tiny_library import FOUNDING

DAY = date(2026, 11, 21)


@cache
def library() -> Library:
    return loader.load_library(FOUNDING)


@cache
def output_keys() -> dict[str, OutputKey]:
    """Return every PDF of the library, by its path."""
    return {output_key.path: output_key for output_key in editions.output_keys(library())}


@cache
def project() -> Project:
    return open_project(BuildRequest(FOUNDING, as_of=DAY))


def drawn(path: str) -> FingerprintedPage:
    return project().draw(output_keys()[path])


@cache
def entries(out: Path) -> dict[str, ManifestEntry]:
    """Return what the manifest says of each PDF."""
    return output_folder.read_manifest(out).files


@pytest.fixture(scope="session")
def founding(pytestconfig: pytest.Config) -> Path:
    """Build what changed since the tests ran last: library, layouts, tools or code. The processes that run tests share it."""
    assert pytestconfig.cache
    folder = pytestconfig.cache.mkdir("founding")
    with FileLock(folder / "lock"):
        out = folder / "dist"
        summary = build(BuildRequest(FOUNDING, out, as_of=DAY))
        assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return out


def whole(path: str, founding: Path) -> RenderedPdf:
    """Return what one of these PDFs is without a shared body, rendered anew where it is not what it was when the tests ran last."""
    page, kept = drawn(path), founding.parent / "whole" / f"{path}.pickle"
    if kept.exists():
        key, known = pickle.loads(kept.read_bytes())
        if key == page.key:
            return RenderedPdf(**known)
    renderer.prepare_process()
    made = renderer.render(replace(page.page, shares_body=False))
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(pickle.dumps((page.key, {name: getattr(made, name) for name in RenderedPdf.__slots__})))
    part.replace(kept)
    return made


@pytest.fixture(scope="session")
def print_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what a print shop would get of a leaflet that is imprinted: in the library itself only one that is rendered whole goes there."""
    root = tmp_path_factory.mktemp("print-shop")
    shutil.copytree(FOUNDING, root / "leaflets")
    sheet = root / "leaflets/content/facet-denervation/leaflet.yaml"
    sheet.write_text(re.sub("formats: .*", "formats: [a4, print-shop]", sheet.read_text("utf-8")), "utf-8")
    clinics = ("exempelkliniken-norr", "exempelkliniken-syd", "rygcenter-syddanmark")
    selection = Selection(clinics=clinics, leaflets=("facet-denervation",), formats=("print-shop",))
    summary = build(BuildRequest(root / "leaflets", root / "dist", selection, as_of=DAY))
    assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return root / "dist"
