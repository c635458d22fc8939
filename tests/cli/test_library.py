"""What is said of a library: problems in order, leaflets, translations recorded."""

import json
import re

from pdfkit_cli.checks import RULES
from tests.helpers import translated_library
from tests.helpers.cli_runner import Terminal


def test_check(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("check")
    assert (code, out) == (0, "1 leaflets, 2 editions, 2 clinics: 0 errors, 1 warnings\n")
    assert re.fullmatch(r"\S+/leaflet\.yaml:4:1: warning: clinics hand out this draft.* \[draft-leaflet\]\n", err)
    pdfkit.library.write("library.yaml", "name: Tiny\nlanguages: [da]\nchecks: {severity: {draft-leaflet: off}}\n")
    assert pdfkit.on("check", "--json") == (0, "[]\n", "")
    pdfkit.library.body("Skriv til {{ clinic.email }}.\n")
    code, out, err = pdfkit.on("check")
    assert (code, out) == (1, "1 leaflets, 2 editions, 2 clinics: 2 errors, 0 warnings\n")
    assert err.count("missing-fact") == 2
    code, out, _ = pdfkit.on("check", "--json")
    assert [finding["code"] for finding in json.loads(out)] == ["missing-fact"] * 2


def test_check_says_things_in_order_of_their_place(pdfkit: Terminal) -> None:
    pdfkit.library.body("Ord.\n\n::: nonsense\n:::\n\n![x](images/none.png)\n")
    pdfkit.library.write("clinics/north.yaml", "nonsense: 1\n")
    _, _, err = pdfkit.on("check")
    places = [
        (file, int(line), int(column)) for file, line, column in re.findall(r"^(\S+):(\d+):(\d+): error", err, re.M)
    ]
    assert places == sorted(places)
    assert len(places) > 3


def test_check_lists_every_rule_with_its_state(pdfkit: Terminal) -> None:
    severity = "draft-leaflet: off, long-sentence: {severity: error, only: [first]}"
    pdfkit.library.write("library.yaml", f"name: Tiny\nlanguages: [da]\nchecks: {{severity: {{{severity}}}}}\n")
    code, out, err = pdfkit.on("check", "--list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(RULES)
    assert "draft-leaflet: off; set in library.yaml, otherwise warning; A draft that is handed out" in lines
    assert (
        "long-sentence: error only for first; set in library.yaml, otherwise warning; A sentence that is too long"
        in lines
    )
    assert "missing-glyph: error; safety, cannot be lowered or allowed; A character that no font has" in lines
    rows = {row["code"]: row for row in json.loads(pdfkit.on("check", "--list", "--json")[1])}
    assert rows["long-sentence"] == {
        "code": "long-sentence",
        "title": "A sentence that is too long",
        "severity": "error",
        "only": ["first"],
        "except": [],
        "default_severity": "warning",
        "changed_by_library": True,
        "can_be_changed": True,
        "allowed_in_last_build": 0,
        "package": "pdfkit",
    }
    assert not rows["missing-glyph"]["can_be_changed"]


def test_list(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("list")
    assert (code, err) == (0, "")
    assert out.startswith("first  T-1 version 0.1, draft\n  da  En titel\n  formats: a4 (A4), a5 (A5)\n")
    code, out, _ = pdfkit.on("list", "--json")
    (leaflet,) = json.loads(out)
    assert (leaflet["leaflet"], leaflet["clinics"]) == ("first", ["north", "south"])


def test_translated_says_what_it_recorded(pdfkit: Terminal) -> None:
    translated_library.write(pdfkit.library)
    code, out, err = pdfkit.on("translated", "first", "en")
    file = pdfkit.library.root / "content/first"
    assert (code, err) == (0, "")
    assert out.splitlines()[3:] == [
        f"  {file / 'da.md'}:8: Du skal møde kl. 8.",
        f"  {file / 'da.md'}:10: Tag tøj med.",
        f"  {file / 'da.md'}:11: Tag din insulin.",
        f"  {file / 'da.md'}:13: Feber",
        f"  {file / 'da.md'}:14: Ring, hvis du har over 38,5 °C.",
        f"recorded 8 passages, 8 of them new, in {file / 'translated.yaml'}",
    ]
    translated_library.source(pdfkit.library, "Feber\n", "Feber\nSvar.\n\n")
    code, out, err = pdfkit.on("translated", "first", "en")
    assert (code, out) == (1, "")
    assert "[different-structure]" in err
    assert pdfkit.on("translated", "first", "da")[0] == 2
