"""Leaflets that others took the place of, and those that were withdrawn."""

import pytest

from pdfkit_cli.content import editions, loader
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import LEAFLET, TEXT, TinyLibrary

YAML = "content/first/leaflet.yaml"


def superseded(library: TinyLibrary, name: str, by: str) -> None:
    """Write a leaflet that another took the place of."""
    library.write(f"content/{name}/leaflet.yaml", LEAFLET.format(id=f"T-{name.upper()}", owner="north"))
    library.write(f"content/{name}/da.md", TEXT)
    path = f"content/{name}/leaflet.yaml"
    library.write(path, library.read(path) + (f"superseded_by: {by}\n" if by else ""))


def test_it_is_not_printed_and_each_clinic_is_told_the_last_successor(library: TinyLibrary) -> None:
    superseded(library, "first", "second")
    superseded(library, "second", "third")
    superseded(library, "third", "")
    assert [*editions.output_keys(loader.load_library(library.root))] == []
    line = "error: first is superseded by third and no longer printed; hand out third here [superseded-leaflet]"
    assert said(library, "superseded-leaflet") == [f"clinics/north.yaml:7:3: {line}", f"clinics/south.yaml:7:3: {line}"]
    assert said(library, "unknown-successor") == []


def test_a_successor_that_is_not_there(library: TinyLibrary) -> None:
    superseded(library, "first", "secnd")
    superseded(library, "second", "")
    assert said(library, "unknown-successor") == [
        f"{YAML}:9:1: error: there is no leaflet “secnd”; did you mean “second”? [unknown-successor]"
    ]


@pytest.mark.parametrize(
    ("chain", "message"),
    [
        ({"first": "first"}, "first → first"),
        ({"first": "second", "second": "first"}, "first → second → first"),
        ({"first": "second", "second": "third", "third": "first"}, "first → second → third → first"),
    ],
)
def test_a_circle(library: TinyLibrary, chain: dict[str, str], message: str) -> None:
    for name, by in chain.items():
        superseded(library, name, by)
    lines = said(library, "unknown-successor")
    assert len(lines) == len(chain)
    assert f"{YAML}:9:1: error: superseded in a circle: {message}; remove “superseded_by”" in lines[0]


def test_what_leads_into_a_circle_is_told_and_does_not_hang(library: TinyLibrary) -> None:
    superseded(library, "first", "second")
    superseded(library, "second", "third")
    superseded(library, "third", "second")
    assert len(said(library, "unknown-successor")) == 2
    assert len(said(library, "superseded-leaflet")) == 2


def test_a_withdrawn_leaflet_that_is_handed_out(library: TinyLibrary) -> None:
    library.replace(YAML, "draft", "withdrawn")
    line = "error: first is withdrawn and no longer printed; remove it here [withdrawn-leaflet]"
    assert said(library) == [f"clinics/north.yaml:7:3: {line}", f"clinics/south.yaml:7:3: {line}"]
    library.write(YAML, library.read(YAML) + "superseded_by: second\n")
    superseded(library, "second", "")
    assert "; hand out second instead [withdrawn" in said(library, "withdrawn-leaflet")[0]
    assert said(library, "superseded-leaflet") == []


def test_a_leaflet_in_use_is_fine(library: TinyLibrary) -> None:
    codes = {finding.code for finding in found(library)}
    assert codes == {"draft-leaflet"}
