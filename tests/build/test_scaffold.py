"""What `pdfkit new` makes builds as it is, and the schemas say what the models say."""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pdfkit_cli import cli
from pdfkit_cli.build import scaffold
from pdfkit_cli.build.pipeline import BuildRequest, build, open_project
from pdfkit_cli.content import loader
from pdfkit_cli.errors import OutputError, UsageError
from tests.helpers.output_folder_audit import lies
from tests.helpers.tiny_library import FOUNDING, PACKAGED, TinyLibrary

DAY = date(2026, 11, 21)
FILES = {
    "library": ["library.yaml"],
    "appointments": ["appointments.yaml"],
    "leaflet": ["content/*/leaflet.yaml"],
    "clinic": ["clinics/*.yaml"],
    "brand": ["brands/*/brand.yaml"],
    "language": ["languages/*.yaml"],
    "front-matter": ["content/*/*.md"],
    "glossary": ["glossary/*.yaml"],
}

PACKAGED_KINDS = {"language"}
"""What pdfkit brings, and the founding library does not override."""


def findings(root: Path) -> list[str]:
    """Return what is wrong, besides that what is new is a draft."""
    found = open_project(BuildRequest(root, as_of=DAY)).findings
    return [str(finding) for finding in found if finding.code != "draft-leaflet"]


def hands_out(library: TinyLibrary, clinic: str = "north") -> list[str]:
    return list(loader.load_library(library.root).clinics[clinic].model.hands_out)


# New things.


def test_a_new_library_builds(tmp_path: Path) -> None:
    written = scaffold.create_library(tmp_path / "leaflets", DAY)
    assert all(path.is_file() for path in written)
    assert findings(tmp_path / "leaflets") == []
    assert set(loader.load_library(tmp_path / "leaflets").languages) == {"ar", "da", "sv", "en"}
    summary = build(BuildRequest(tmp_path / "leaflets", tmp_path / "dist", as_of=DAY))
    assert summary.clean
    assert sorted(summary.rendered) == ["my-clinic/my-leaflet.en.a4.pdf", "my-clinic/my-leaflet.en.a5.pdf"]
    assert lies(tmp_path / "dist") == []


@pytest.mark.usefixtures("fake_rendering")
@pytest.mark.parametrize("language", ["da", "sv", "en", "ar", None])
def test_a_new_leaflet_builds(library: TinyLibrary, language: str | None) -> None:
    loaded = loader.load_library(library.root)
    scaffold.create_leaflet(loaded, "nerve-block", "south", language, DAY)
    assert findings(library.root) == []
    language = language or "da"
    summary = build(BuildRequest(library.root, library.root.parent / "dist", as_of=DAY))
    assert [path for path in summary.rendered if "nerve" in path] == [
        f"south/nerve-block.{language}.a4.pdf",
        f"south/nerve-block.{language}.a5.pdf",
    ]


def test_new_leaflets_have_ids_of_their_own(library: TinyLibrary) -> None:
    for name in ("one", "two", "three"):
        scaffold.create_leaflet(loader.load_library(library.root), name, None, None, DAY)
    entries = loader.load_library(library.root).leaflets
    assert {entries[name].model.id for name in ("one", "two", "three")} == {"L-1", "L-2", "L-3"}
    assert hands_out(library) == ["three", "two", "one", "first"]


def test_a_new_clinic_is_right_and_hands_out_what_is_added(library: TinyLibrary) -> None:
    scaffold.create_clinic(loader.load_library(library.root), "east-wing", None)
    assert findings(library.root) == []
    scaffold.create_leaflet(loader.load_library(library.root), "second", "east-wing", None, DAY)
    assert findings(library.root) == []
    assert hands_out(library, "east-wing") == ["second"]


CLINIC = 'name: Nord\nbrand: plain\nlanguage: da\ncountry: DK\nphone: "76 36 14 00"\n'


@pytest.mark.parametrize(
    "end",
    [
        "",
        "hands_out: {}\n",
        "hands_out: # leaflets\n  first: {languages: [da]}\n",
        "hands_out:\n    first: {languages: [da]}\n    # more to come\n",
        'hands_out:\n  "first":\n    languages: [da]\n',
        "hands_out:\n  # the first one\n  first: {languages: [da]}\n",
        "hands_out: {}\nemail: nord@example.dk\n",
        "\n# the end",
    ],
)
def test_a_clinic_keeps_what_it_had(library: TinyLibrary, end: str) -> None:
    before = CLINIC + end
    library.write("clinics/north.yaml", before)
    scaffold.create_leaflet(loader.load_library(library.root), "second", "north", None, DAY)
    assert findings(library.root) == []
    assert set(hands_out(library)) == {"second"} | ({"first"} if "first:" in end or '"first"' in end else set())
    after = library.read("clinics/north.yaml")
    for line in before.splitlines():
        assert line.replace(" {}", "") in after
    assert loader.load_library(library.root).clinics["north"].model.phone == "76 36 14 00"


@pytest.mark.parametrize(
    "end",
    [
        "hands_out: {first: {languages: [da]}}\n",
        "hands_out:\n  # four spaces below\n    first: {languages: [da]}\n",
        "hands_out:\n  {first: {languages: [da]}}\n",
    ],
)
def test_a_clinic_that_it_cannot_write_in_is_left_alone(library: TinyLibrary, end: str) -> None:
    library.write("clinics/north.yaml", CLINIC + end)
    with pytest.raises(UsageError, match="cannot add to") as caught:
        scaffold.create_leaflet(loader.load_library(library.root), "second", "north", None, DAY)
    assert "second: {languages: [da]}" in caught.value.hint
    assert library.read("clinics/north.yaml") == CLINIC + end
    assert not (library.root / "content/second").exists()


def test_nothing_is_overwritten(library: TinyLibrary) -> None:
    loaded = loader.load_library(library.root)
    with pytest.raises(UsageError, match="already exists"):
        scaffold.create_leaflet(loaded, "first", None, None, DAY)
    with pytest.raises(UsageError, match="already exists"):
        scaffold.create_clinic(loaded, "north", None)
    with pytest.raises(UsageError, match="is already a library"):
        scaffold.create_library(library.root, DAY)


@pytest.mark.parametrize("name", ["", "Big", "two words", "../out", "æble", "a_b", "-a", "name\n"])
def test_a_name_that_cannot_be(library: TinyLibrary, name: str) -> None:
    loaded = loader.load_library(library.root)
    with pytest.raises(UsageError, match="cannot be a name"):
        scaffold.create_leaflet(loaded, name, None, None, DAY)
    with pytest.raises(UsageError, match="cannot be a name"):
        scaffold.create_clinic(loaded, name, None)


def test_what_there_is_not(library: TinyLibrary) -> None:
    loaded = loader.load_library(library.root)
    with pytest.raises(UsageError, match="no clinic “east”; there are: north, south"):
        scaffold.create_leaflet(loaded, "second", "east", None, DAY)
    with pytest.raises(UsageError, match="“fr” is not a language of this library"):
        scaffold.create_leaflet(loaded, "second", None, "fr", DAY)
    with pytest.raises(UsageError, match="no brand “fancy”; there are: plain"):
        scaffold.create_clinic(loaded, "east", "fancy")
    shutil.rmtree(library.root / "clinics")
    shutil.rmtree(library.root / "brands")
    empty = loader.load_library(library.root)
    with pytest.raises(UsageError, match="no clinic yet"):
        scaffold.create_leaflet(empty, "second", None, None, DAY)
    with pytest.raises(UsageError, match="no brand yet"):
        scaffold.create_clinic(empty, "east", None)


def test_a_folder_that_cannot_be_written() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        scaffold.create_library(Path("/proc/leaflets"), DAY)


def test_the_command_line_makes_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("new library", "new clinic east", "new leaflet second --owner east --language en", "check"):
        assert cli._run_command(command.split()) == 0
    out = capsys.readouterr().out
    assert "wrote leaflets/clinics/east.yaml\n" in out
    assert "build it with: pdfkit build second\n" in out
    assert cli._run_command(["new", "leaflet", "second"]) == 2


# Schemas.


def data(path: Path) -> Any:
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        text = text.split("---\n")[1]
    return _typed(yaml.load(text, Loader=yaml.BaseLoader))  # every scalar a string, as pdfkit reads it


def _typed(read: Any) -> Any:
    """Return the data of a file of a language with its switches and limits as YAML knows them."""
    switches = {key: value == "true" for key, value in read.items() if value in ("true", "false")}
    limits = {"lix": [int(limit) for limit in read["lix"]]} if "lix" in read else {}
    return read | switches | limits | ({"divide_from": int(read["divide_from"])} if "divide_from" in read else {})


@pytest.mark.parametrize(
    "kind", [kind for kind in scaffold.SCHEMAS if kind not in ("printers", "recalls")]
)  # see tests/content/test_printers.py and test_recalls.py
def test_a_schema_takes_the_files_that_there_are(kind: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(scaffold.json_schema(kind)))
    root = PACKAGED.parent if kind in PACKAGED_KINDS else FOUNDING
    paths = [path for pattern in FILES[kind] for path in root.glob(pattern)]
    assert paths
    for path in paths:
        assert [error.message for error in validator.iter_errors(data(path))] == [], path


WRONG: dict[str, Any] = {
    "appointments": {"north": {"CODE": {}}},
    "printers": {"office": {}},
    "recalls": {"T-1": {}},
    "language": {"wrds": {}},
    "glossary": {"da": {"x": []}},
}


def test_a_schema_takes_single_keys_over_those_of_pdfkit() -> None:
    for own in ({"phrases": {"page": "x"}}, {"plain_words": {"words": {"x": "y", "z": None}}}, {"reviewed": True}):
        jsonschema.validate(own, json.loads(scaffold.json_schema("language")))


@pytest.mark.parametrize("kind", scaffold.SCHEMAS)
def test_a_schema_knows_its_keys(kind: str) -> None:
    schema = json.loads(scaffold.json_schema(kind))
    assert schema["additionalProperties"] is False
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(WRONG.get(kind, {}), schema)


@pytest.mark.parametrize("kind", scaffold.SCHEMAS)
def test_schemas_of_the_founding_library_are_current(kind: str) -> None:
    """Where not: pdfkit schema."""
    assert (FOUNDING / f".schemas/{kind}.json").read_text("utf-8") == scaffold.json_schema(kind)


def test_files_point_editors_to_their_schema(tmp_path: Path) -> None:
    scaffold.create_library(tmp_path / "new", DAY)
    for root in (FOUNDING, tmp_path / "new"):
        for kind, patterns in FILES.items():
            for path in (path for pattern in patterns for path in root.glob(pattern) if path.suffix == ".yaml"):
                first = path.read_text("utf-8").split("\n")[0]
                if match := re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first):
                    assert (path.parent / match[1]).resolve() == (root / f".schemas/{kind}.json").resolve()


def test_the_schema_command(library: TinyLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run_command(["schema", "clinic"]) == 0
    assert capsys.readouterr().out == scaffold.json_schema("clinic")
    assert cli._run_command(["schema", "clinics"]) == 2
    assert "there is no schema “clinics”" in capsys.readouterr().err
    assert cli._run_command(["schema", "--library", str(library.root)]) == 0
    assert {path.stem for path in (library.root / ".schemas").iterdir()} == set(scaffold.SCHEMAS)
