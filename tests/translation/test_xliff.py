"""XLIFF 1.2, as it is written and as tools give it back."""

from pathlib import Path

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation.exports import export_leaflet
from pdfkit_cli.translation.units import find_work, units
from pdfkit_cli.translation.xliff import read_xliff
from tests.helpers.tiny_library import FOUNDING

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]


@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_what_is_written_is_read(name: str, language: str) -> None:
    text = export_leaflet(LIBRARY, name, language, everything=True).data.decode()
    assert ":::" not in text
    assert "{{" not in text
    (leaflet,) = read_xliff(text.encode(), "x.xliff")
    assert (leaflet.leaflet, leaflet.language) == (name, language)
    sent = {unit.id: unit.target for unit in units(find_work(LIBRARY, name, language), everything=True)}
    back = {unit.id: unit.target for unit in leaflet.units}
    assert back.keys() == sent.keys()
    for id, target in sent.items():
        assert [part for part in back[id] or () if part] == list(target or ())


def wrapped(inside: str, before: str = "") -> bytes:
    file = '<file original="first/da.md" source-language="da" target-language="en">'
    return (
        f'<?xml version="1.0"?>{before}\n<xliff version="1.2">{file}<body>\n{inside}\n</body></file></xliff>'.encode()
    )


UNIT = '<trans-unit id="p1"><source>a</source><target>b</target></trans-unit>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (wrapped(UNIT.replace("<target>b", "<target>&b;"), BOMB), "x.xliff:1:34: error: has a DOCTYPE"),
        (wrapped(UNIT, '<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "has a DOCTYPE"),
        (wrapped(UNIT, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "has a DOCTYPE"),
        (wrapped(UNIT.replace("b<", "ø<")).decode().encode("latin-1"), "x.xliff:3:"),
        (wrapped(UNIT)[:-5], "x.xliff:4:"),
        (b"", "x.xliff:1:"),
        (b"PK\x03\x04", "x.xliff:1:"),
        (b'<?xml version="1.0" encoding="klingon"?><xliff/>', "x.xliff:1:"),
        (wrapped(f"{UNIT}\n{UNIT}"), "x.xliff:4:39: error: unit “p1” is here for the second time (first at line 3)"),
        (wrapped("<trans-unit><source>a</source></trans-unit>"), "x.xliff:3:1: error: this <trans-unit> has no id"),
        (wrapped(UNIT).replace(b'version="1.2"', b'version="3.0"'), "is not XLIFF 1.2 or 2.1 (its root is “xliff”, of version “3.0”)"),
        (wrapped(UNIT).replace(b' target-language="en"', b""), "has no “target-language”"),
        (wrapped(UNIT).replace(b' original="first/da.md"', b""), "has no “original”"),
        (b"<html/>", "is not XLIFF 1.2 or 2.1 (its root is “html”"),
        (b'<xliff version="1.2"/>', "there is no <file>"),
        (wrapped("<group>" * 200 + "</group>" * 200), "elements inside each other"),
    ],
)  # fmt: skip
def test_files_of_which_nothing_is_read(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_xliff(data, "x.xliff")
    assert message in str(caught.value)


def test_codes_of_tools_are_seen_through(tmp_path: Path) -> None:
    unit = '<trans-unit id="p1"><source>a</source><target><mrk mtype="seg" mid="1">b <g id="1">c</g></mrk> <x id="2"/></target></trans-unit>'
    (leaflet,) = read_xliff(wrapped(unit), "x.xliff")
    words = [
        part if isinstance(part, str) else (part.id, part.inside) for part in leaflet.units[0].target or () if part
    ]
    assert words == ["b ", ("1", ("c",)), " ", ("2", None)]


@pytest.mark.parametrize("target", ["", "<target/>", "<target> \n </target>"])
def test_an_empty_target_is_not_translated(target: str) -> None:
    (leaflet,) = read_xliff(wrapped(f'<trans-unit id="p1"><source>a</source>{target}</trans-unit>'), "x.xliff")
    assert [(unit.target, unit.problem) for unit in leaflet.units] == [(None, "")]


def test_a_code_that_pdfkit_did_not_write() -> None:
    (leaflet,) = read_xliff(wrapped('<trans-unit id="p1"><target>a <bpt id="1"/> b</target></trans-unit>'), "x.xliff")
    assert (leaflet.units[0].target, "code “bpt”" in leaflet.units[0].problem) == (None, True)
