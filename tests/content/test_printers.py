"""printers.yaml: what authors may write, and what is said of a slip."""

import json

import jsonschema
import pytest
import yaml

from pdfkit_cli.content.printers import load_printers
from pdfkit_cli.errors import SourceError
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import FOUNDING, ROOT, TinyLibrary

WHOLE = """\
office:
  name: Kontoret
  place: Stuen
  address: ipps://10.0.0.7/ipp/print
  fingerprint: "{digest}"
  clinics: [north]
  trays: {{tray-2: A5}}
  colour: no
  staple: yes
copy-room: {{name: Kopirummet, cups: copy-room}}
"""


def test_a_library_without_printers(library: TinyLibrary) -> None:
    assert load_printers(library.root).root == {}
    assert said(library, "wrong-printer") == []


def test_what_can_be_written(library: TinyLibrary) -> None:
    library.write("printers.yaml", WHOLE.format(digest="0" * 64))
    office, copies = load_printers(library.root).root.values()
    assert (office.uri, copies.uri) == ("ipps://10.0.0.7/ipp/print", "ipp://localhost:631/printers/copy-room")
    assert (office.tray_of("A5"), office.tray_of("A4")) == ("tray-2", "")
    assert [office.serves("north"), office.serves("south"), copies.serves("south")] == [True, False, True]
    assert (office.colour, office.staple, copies.colour, copies.staple) == (False, True, True, False)
    assert said(library, "wrong-printer") == []


def test_the_example_of_the_docs(library: TinyLibrary) -> None:
    text = (ROOT / "docs/printing.md").read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    library.write("printers.yaml", text)
    printers = load_printers(library.root).root
    assert {name: printer.trays for name, printer in printers.items()} == {
        "front-desk": {"tray-1": "A4", "tray-2": "A5"},
        "booklets": {},
    }
    schema = json.loads((FOUNDING / ".schemas/printers.json").read_text("utf-8"))
    jsonschema.validate(yaml.safe_load(text), schema)


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ("{name: N}", "1:", "either an “address” or a queue of “cups”"),
        ("{name: N, cups: q, address: 'ipp://h/p'}", "1:", "either an “address” or a queue of “cups”"),
        ("{name: N, address: 'http://h/p'}", "1:19", "“http://h/p” is not the address of a printer"),
        ("{name: N, address: 'ipp://'}", "1:19", "is not the address of a printer"),
        ("{name: N, address: 'ipp://u:secret@h/'}", "1:19", "is not the address of a printer"),
        ("{name: N, address: 'ipp://h:99999/'}", "1:19", "is not the address of a printer"),
        ('{name: N, address: "ipp://h/\\r\\nX: y"}', "1:19", "is not the address of a printer"),
        ("{name: N, cups: ../../admin}", "1:", "cups"),
        ("{name: N, cups: q, fingerprint: abc}", "1:", "is not a SHA-256 fingerprint"),
        (f"{{name: N, cups: q, fingerprint: '{'0' * 64}'}}", "1:", "only for an ipps: address"),
        ("{name: N, cups: q, clinics: [nrth]}", "1:38", "there is no clinic “nrth”; did you mean “north”?"),
        ("{name: N, cups: q, trays: {tray-1: B5}}", "1:", "A5"),
        ("{name: N, cups: q, duplex: yes}", "1:", "unknown key “duplex”"),
    ],
)
def test_slips_have_a_place(library: TinyLibrary, entry: str, place: str, words: str) -> None:
    library.write("printers.yaml", f"office: {entry}\n")
    lines = said(library, "wrong-printer")
    assert any(line.startswith(f"printers.yaml:{place}") and words in line for line in lines), lines
    if "no clinic" not in words:
        with pytest.raises(SourceError):
            load_printers(library.root)
