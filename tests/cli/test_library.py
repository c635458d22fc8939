"""What is said of a library: problems in order, leaflets, translations recorded."""

import json
import re

from tests.helpers import translated_library
from tests.helpers.cli_runner import Terminal


def test_check(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("check")
    assert (code, out) == (0, "1 leaflets, 2 editions, 2 clinics: 0 errors, 1 warnings\n")
    assert re.fullmatch(r"\S+/leaflet\.yaml:4:1: warning: clinics hand this out as a draft.* \[draft-leaflet\]\n", err)
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


def test_list(pdfkit: Terminal) -> None:
    code, out, err = pdfkit.on("list")
    assert (code, err) == (0, "")
    assert out.startswith("first  T-1 version 0.1, draft\n  da  En titel\n  formats: a4, a5\n")
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
