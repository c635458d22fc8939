"""XLIFF 2.1, as it is written and as tools give it back."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given

from pdfkit_cli.content import loader
from pdfkit_cli.content.blocks import Inlines
from pdfkit_cli.errors import SourceError, SourceLocation
from pdfkit_cli.translation import inline_codes, xliff2
from pdfkit_cli.translation.exports import export_leaflet
from pdfkit_cli.translation.imports import apply_returned, import_leaflet
from pdfkit_cli.translation.inline_codes import Code
from pdfkit_cli.translation.units import Unit, find_work
from pdfkit_cli.translation.xliff import read_xliff
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded, source
from tests.translation.test_po import INLINES, joined

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]
CORE = "{urn:oasis:names:tc:xliff:document:2.0}"


def exported(name: str, language: str) -> str:
    return export_leaflet(LIBRARY, name, language, everything=True, format="xliff2").data.decode()


def as_it_is(text: str) -> bytes:
    return text.encode()


def apart(text: str) -> bytes:
    """Write the two ends of each code as elements of their own."""
    text = re.sub(r"<pc (id=\"\w+\")([^>]*) dispStart=", r"<sc \1\2 disp=", text)
    opened: list[str] = []

    def end(found: re.Match[str]) -> str:
        if found[1]:
            opened.append(found[1])
            return f"{found[0][:-1]}/>"
        return f'<ec startRef="{opened.pop()}"/>'

    return re.sub(r'<sc id="(\w+)"[^>]*>|</pc>', end, text).encode()


def in_segments(text: str) -> bytes:
    """Divide each unit after its first word, as a tool does after each sentence, and say something about it."""
    text = re.sub(
        r'<segment id="s" state="translated">\s*<source>([^<&\s]+)( )([^<]*)</source>\s*<target>([^<&\s]+)( )([^<]*)</target>\s*</segment>',
        r"<segment id='s1'><source>\1</source><target>\4</target></segment><ignorable><source>\2</source></ignorable>"
        r"<segment id='s2'><source>\3</source><target><mrk id='m' type='comment' value='!'>\6</mrk></target></segment>",
        text,
    )
    return text.replace("<notes>\n    <note>", "<x:status xmlns:x='urn:x' done='1'/><notes>\n    <note>").encode()


@pytest.mark.parametrize("serialise", [as_it_is, apart, in_segments])
@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_the_founding_translations_lose_no_byte(name: str, language: str, serialise: Callable[[str], bytes]) -> None:
    text = exported(name, language)
    assert ":::" not in text
    assert "{{" not in text
    assert serialise is as_it_is or serialise(text) != text.encode()
    (leaflet,) = read_xliff(serialise(text), "back.xlf")
    work = find_work(LIBRARY, name, language)
    done = apply_returned(work, leaflet)
    assert done.refused == ()
    assert work.ours
    assert done.text == work.ours.source.text


def test_it_has_the_order_of_the_schema() -> None:
    """Matches come before notes, and these before the segment; validated against the schemas of OASIS when it was written."""
    root = fromstring(exported("facet-denervation", "ar"))
    assert (root.tag, root.get("version"), root.get("srcLang"), root.get("trgLang")) == (
        f"{CORE}xliff",
        "2.1",
        "da",
        "ar",
    )
    for unit in root.iter(f"{CORE}unit"):
        names = [child.tag.rpartition("}")[2] for child in unit]
        assert names in (["notes", "segment"], ["matches", "notes", "segment"])


@given(INLINES)
def test_any_words_and_codes_are_read_as_they_were_written(words: Inlines) -> None:
    content = inline_codes.encode(words)[0]
    unit = Unit("p1", content, content, None, SourceLocation("a", 1), "paragraph")
    text = f'<xliff version="2.1" trgLang="en"><file original="a/b">{xliff2._unit(unit)}</file></xliff>'
    text = text.replace("<mtc:", "<").replace("slr:", "")
    (leaflet,) = read_xliff(text.encode(), "back.xlf")
    assert joined(leaflet.units[0].target or ()) == (joined(content) if blank(content) is False else [])


def blank(content: inline_codes.Content) -> bool:
    return not any(isinstance(part, Code) or part.strip() for part in content)


def test_what_is_out_of_date_is_offered_and_not_taken(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    text = export_leaflet(loader.load_library(library.root), "first", "en", format="xliff2").data.decode()
    assert re.search(
        r'<mtc:match ref="#s" origin="the translation so far">\s*<source>Du skal møde kl. 9.</source>\s*<target>You must come at 8.</target>',
        text,
    )
    done = import_leaflet(loader.load_library(library.root), read_xliff(text.encode(), "back.xlf")[0])
    assert [finding.message for finding in done.refused] == ["is not translated; write its translation into the file"]
    text = text.replace("</source>\n  </segment>", "</source><target>You must come at 9.</target></segment>")
    done = import_leaflet(loader.load_library(library.root), read_xliff(text.encode(), "back.xlf")[0])
    assert (done.accepted, done.left) == (1, 0)
    assert "You must come at 9." in library.read("content/first/en.md")


def wrapped(inside: str, before: str = "") -> bytes:
    file = '<file id="f" original="first/da.md">'
    return f'<?xml version="1.0"?>{before}\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="da" trgLang="en">{file}\n{inside}\n</file></xliff>'.encode()


UNIT = '<unit id="p1"><segment><source>a</source><target>b</target></segment></unit>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (wrapped(UNIT.replace("<target>b", "<target>&b;"), BOMB), "back.xlf:1:34: error: has a DOCTYPE"),
        (wrapped(UNIT, '<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "has a DOCTYPE"),
        (wrapped(UNIT.replace("b<", "ø<")).decode().encode("latin-1"), "back.xlf:3:"),
        (wrapped(UNIT)[:-5], "back.xlf:4:"),
        (wrapped(f"{UNIT}\n{UNIT}"), "back.xlf:4:42: error: unit “p1” is here for the second time (first at line 3)"),
        (wrapped("<unit><segment/></unit>"), "back.xlf:3:1: error: this <unit> has no id"),
        (wrapped(UNIT).replace(b' trgLang="en"', b""), "back.xlf:2:1: error: has no “trgLang”"),
        (wrapped(UNIT).replace(b' original="first/da.md"', b""), "has no “original”"),
        (b'<xliff version="2.0"/>', "there is no <file>"),
        (wrapped("<group>" * 200 + "</group>" * 200), "elements inside each other"),
    ],
)  # fmt: skip
def test_files_of_which_nothing_is_read(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)):
        read_xliff(data, "back.xlf")


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<segment><source>a</source></segment>", ""),
        ("<segment><source>a</source><target> </target></segment>", ""),
        ("", ""),
        ("<segment><source>a</source><target>b</target></segment><segment><source>c</source></segment>", "some of its segments are not translated"),
        ('<segment><target>b <cp hex="0002"/></target></segment>', "code “cp”"),
        ('<segment><target>b <ph id="x y"/></target></segment>', "no code “x y”"),
        ('<segment><target>b <sc id="1"/> c</target></segment>', "“<1>” is never closed"),
        ('<segment><target>b <ec startRef="1"/> c</target></segment>', "“</1>” closes nothing"),
        ('<segment><target>b <ec id="1" isolated="yes"/> c</target></segment>', "no code “”"),
    ],
)  # fmt: skip
def test_units_that_are_not_translated(inside: str, problem: str) -> None:
    (leaflet,) = read_xliff(wrapped(f'<unit id="p1">{inside}</unit>'), "back.xlf")
    assert leaflet.units[0].target is None
    assert problem in leaflet.units[0].problem
    assert bool(problem) == bool(leaflet.units[0].problem)


def test_segments_in_another_order() -> None:
    inside = '<segment><source>a</source><target order="3">last</target></segment><ignorable><source> </source></ignorable><segment><source>b</source><target order="1">First</target></segment>'
    (leaflet,) = read_xliff(wrapped(f'<unit id="p1">{inside}</unit>'), "back.xlf")
    assert "".join(map(str, leaflet.units[0].target or ())) == "First last"


def test_an_order_that_is_nonsense_is_not_followed() -> None:
    inside = '<segment><target order="²">a</target></segment><segment><target order="-1">b</target></segment>'
    (leaflet,) = read_xliff(wrapped(f'<unit id="p1">{inside}</unit>'), "back.xlf")
    assert "".join(map(str, leaflet.units[0].target or ())) == "ab"
