"""Each patch of WeasyPrint leaves every byte as it is, and is installed only for the version that it was written for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest

from pdfkit_cli.rendering import renderer, weasyprint_patches
from pdfkit_cli.rendering.weasyprint_patches import Patch
from tests.helpers.founding_library_build import drawn

PAGES = (
    "rygcenter-syddanmark/facet-denervation.ar.a5.pdf",
    "smartkliniken/interventional-pain-guideline.sv.a4.pdf",
    "sportsmed/facet-neurotomy.sv.print-shop.pdf",
)


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


def rendered() -> tuple[bytes, ...]:
    renderer.reset()
    return tuple(renderer.render_unverified(replace(drawn(path).page, imprint=False)).pdf for path in PAGES)


@cache
def patched() -> tuple[bytes, ...]:
    return rendered()


@contextmanager
def without(patch: Patch) -> Iterator[None]:
    """Put back what a patch has replaced."""
    replaced = weasyprint_patches.originals[patch]
    assert replaced
    installed = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, original in replaced:
        setattr(owner, name, original)
    yield
    for owner, name, value in installed:
        setattr(owner, name, value)


@pytest.mark.parametrize("patch", weasyprint_patches.PATCHES, ids=lambda patch: patch.__name__)
def test_a_patch_changes_no_byte(patch: Patch) -> None:
    expected = patched()
    with without(patch):
        assert rendered() == expected


def test_another_version_of_weasyprint_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint_patches, "originals", {})
    weasyprint_patches.install(SimpleNamespace(__version__="70.1"))
    assert weasyprint_patches.originals == {}
