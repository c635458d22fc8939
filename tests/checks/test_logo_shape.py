"""Logos that do not fit the masthead."""

import pytest

from pdfkit_cli.content import loader
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


@pytest.mark.parametrize(
    ("view_box", "words"),
    [
        ("0 0 100 400", "is only 0.25 times as wide as high, so it prints too small; save a wider version"),
        ("0 0 1300 100", "is 13 times as wide as high, so it prints too small; save a version on two lines"),
    ],
)
def test_a_logo_that_no_masthead_fits(library: TinyLibrary, view_box: str, words: str) -> None:
    library.replace("brands/plain/logo.svg", "0 0 48 48", view_box)
    (line,) = said(library, "logo-shape")
    assert line.startswith(f"brands/plain/logo.svg: warning: the logo {words}")


@pytest.mark.parametrize(
    "view_box",
    ["0 0 48 48", "-10,-10,80.0,100", "0 0 1.2e1 10", "0 0 50 100", "0 0 240 100", "0 0 600 100", "0 0 1000 100"],
)
def test_logos_that_fit(library: TinyLibrary, view_box: str) -> None:
    library.replace("brands/plain/logo.svg", "0 0 48 48", view_box)
    assert said(library, "logo-shape") == []


@pytest.mark.parametrize("view_box", ["0 0 100", "0 0 0 10"])
def test_a_logo_without_a_size_is_refused(library: TinyLibrary, view_box: str) -> None:
    library.replace("brands/plain/logo.svg", "0 0 48 48", view_box)
    findings = loader.load_library(library.root).findings
    assert {finding.code for finding in findings} == {"undrawable-picture"}
    assert "logo.svg:1:1 has no viewBox and no width and height in its <svg>; give it a viewBox" in findings[0].message
