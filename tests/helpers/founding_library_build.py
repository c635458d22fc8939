"""The founding library as it is printed: built once for all tests that look at it."""

import pickle
from collections.abc import Hashable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from pdfkit_cli.build import output_folder
from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.build.planning import FingerprintedPage
from pdfkit_cli.content import loader
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.library import Library
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from tests.helpers.soak_sampling import covering
from tests.helpers.tiny_library import FOUNDING

DAY = date(2026, 11, 21)


@cache
def library() -> Library:
    return loader.load_library(FOUNDING)


@cache
def output_keys() -> dict[str, OutputKey]:
    """Return every PDF of the library, by its path."""
    return {output_key.path: output_key for output_key in project().output_keys()}


@cache
def project() -> Project:
    return open_project(BuildRequest(FOUNDING, as_of=DAY))


def sample() -> list[str]:
    """Return some of these paths, in `make test`: each text, clinic, and format in each direction of writing."""
    return covering(output_keys(), lambda path: _kinds(output_keys()[path]))


def _kinds(output_key: OutputKey) -> tuple[Hashable, ...]:
    edition = output_key.edition
    text = edition.leaflet, edition.language, edition.variant
    return text, edition.clinic, (known_language(edition.language).direction, output_key.format)


def drawn(path: str) -> FingerprintedPage:
    return project().draw(output_keys()[path])


@cache
def entries(out: Path) -> dict[str, ManifestEntry]:
    """Return what the manifest says of each PDF."""
    return output_folder.read_manifest(out).files


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
