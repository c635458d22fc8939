"""Colours of brands on the colours of layouts."""

import shutil
from pathlib import Path

import pytest

from pdfkit_cli import checks
from pdfkit_cli.build.pipeline import BuildRequest, dry_run
from pdfkit_cli.checks.rule import CheckContext
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.check_runner import DAY, said, subject
from tests.helpers.tiny_library import TinyLibrary

BRAND = "brands/plain/brand.yaml"


@pytest.mark.parametrize(
    ("key", "old", "value", "line", "words"),
    [
        (
            "primary",
            "#24506b",
            "#ffffff",
            2,
            "primary #ffffff on white #ffffff is 1.0:1; choose colours of at least 4.5:1",
        ),
        ("primary", "#24506b", "#8899aa", 2, "primary #8899aa on white #ffffff is 2.9:1"),
        ("accent", "#b3611f", "#eeeeee", 3, "accent #eeeeee on white #ffffff is 1.2:1"),
        ("tint", "#eef3f6", "#000000", 4, "ink #1c2530 on tint #000000 is 1.4:1"),
    ],
)
def test_a_brand_that_cannot_be_read(
    library: TinyLibrary, key: str, old: str, value: str, line: int, words: str
) -> None:
    library.replace(BRAND, f'{key}: "{old}"', f'{key}: "{value}"')
    lines = said(library, "low-contrast")
    assert all(text.startswith(f"{BRAND}:") for text in lines)
    assert any(text.startswith(f"{BRAND}:{line}:1: error: the contrast of {words}") for text in lines), lines


def test_the_brand_of_the_tests_is_fine(library: TinyLibrary) -> None:
    assert said(library, "low-contrast") == []


def test_grey_is_measured_too(library: TinyLibrary) -> None:
    """Body text on this green is 8.8:1, and a printer without colours makes it 5.8:1."""
    library.replace(BRAND, "#eef3f6", "#40e040")
    lines = said(library, "low-contrast")
    assert (
        f"{BRAND}:4:1: error: the contrast of ink #1c2530 on tint #40e040 is 5.8:1 in a greyscale print; "
        "choose colours of at least 7:1 [low-contrast]"
    ) in lines


def test_a_pair_of_the_layouts_themselves_stands_in_their_file(library: TinyLibrary, tmp_path: Path) -> None:
    folder = tmp_path / "layouts"
    shutil.copytree(packaged_folder("layouts"), folder)
    (folder / "colours.yaml").write_text(
        "pairs:\n  - {front: --line, back: white, least: 4.5}\n  - {front: --purple, back: white, least: 3}\n", "utf-8"
    )
    given = subject(library)
    strange = CheckContext(given.library, Layouts(folder, packaged_folder("fonts")), DAY, given.published)
    lines = [str(finding) for finding in checks.run_checks(strange) if finding.code == "low-contrast"]
    assert [line.removeprefix(f"{folder.as_posix()}/") for line in lines] == [
        "colours.yaml: error: the contrast of line #c3cad1 on white #ffffff is 1.7:1; choose colours of at least 4.5:1 [low-contrast]",
        "colours.yaml: error: layouts/colours.yaml names “--purple”, which base/base.css does not set; correct it [low-contrast]",
    ]


def test_what_is_printed_in_a_brand_that_cannot_be_read_is_not_built(library: TinyLibrary, tmp_path: Path) -> None:
    made, summary = dry_run(BuildRequest(library.root, tmp_path / "dist", as_of=DAY))
    assert (len(made.run), summary.failed) == (4, {})
    library.replace(BRAND, "#24506b", "#ffffff")
    made, summary = dry_run(BuildRequest(library.root, tmp_path / "dist", as_of=DAY))
    assert (len(made.run), len(summary.failed)) == (0, 4)
