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

from pdfkit_cli import catalogue, editions, publish, render
from pdfkit_cli.build import Request, Workshop, build, open_workshop
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.editions import Printing, Selection
from pdfkit_cli.manifest import Entry
from pdfkit_cli.plan import Drawn
from pdfkit_cli.render import Rendered
from tests.libraries import FOUNDING

DAY = date(2026, 11, 21)


@cache
def library() -> Catalogue:
    return catalogue.load(FOUNDING)


@cache
def printings() -> dict[str, Printing]:
    """Return every PDF of the library, by its path."""
    return {printing.path: printing for printing in editions.printings(library())}


@cache
def workshop() -> Workshop:
    return open_workshop(Request(FOUNDING, as_of=DAY))


def drawn(path: str) -> Drawn:
    return workshop().draw(printings()[path])


@cache
def entries(out: Path) -> dict[str, Entry]:
    """Return what the manifest says of each PDF."""
    return publish.look(out).files


@pytest.fixture(scope="session")
def founding(pytestconfig: pytest.Config) -> Path:
    """Build what changed since the tests ran last: library, layouts, tools or code. The processes that run tests share it."""
    assert pytestconfig.cache
    folder = pytestconfig.cache.mkdir("founding")
    with FileLock(folder / "lock"):
        out = folder / "dist"
        summary = build(Request(FOUNDING, out, as_of=DAY))
        assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return out


def whole(path: str, founding: Path) -> Rendered:
    """Return what one of these PDFs is without a shared body, rendered anew where it is not what it was when the tests ran last."""
    page, kept = drawn(path), founding.parent / "whole" / f"{path}.pickle"
    if kept.exists():
        key, known = pickle.loads(kept.read_bytes())
        if key == page.key:
            return Rendered(**known)
    render.prepare()
    made = render.render(replace(page.page, shares_body=False))
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(pickle.dumps((page.key, {name: getattr(made, name) for name in Rendered.__slots__})))
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
    summary = build(Request(root / "leaflets", root / "dist", selection, as_of=DAY))
    assert summary.clean, [*map(str, summary.findings), *summary.failed.items()]
    return root / "dist"
