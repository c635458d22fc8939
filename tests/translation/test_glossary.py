"""The glossary of a library, as translators get it: as remarks beside their passages, and as TBX."""

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from translate.storage import tbx

from pdfkit_cli.content import loader
from pdfkit_cli.translation.exports import export_glossary, export_leaflet
from tests.helpers import translated_library
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

GLOSSARY = "da:\n  insulin*: insulin*\n  tøj: {use: [clothes, <i>garments</i>], note: For “wear” & more.}\nsv:\n  feber: fever\n"


@pytest.fixture(autouse=True)
def _texts(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    library.write("glossary/en.yaml", GLOSSARY)
    translated_library.write(library)


@pytest.mark.parametrize("format", ["xliff", "xliff2", "po"])
def test_terms_go_with_their_passages(library: TinyLibrary, format: str) -> None:
    text = export_leaflet(loader.load_library(library.root), "first", "en", format=format).data.decode()
    assert text.count("Glossary: ") == 2
    assert "Glossary: “insulin” is “insulin”" in text
    assert "Glossary: “tøj” is “clothes” or “" in text
    assert "(For “wear” &" in text


def test_it_is_written_as_tbx(library: TinyLibrary) -> None:
    text, terms = export_glossary(loader.load_library(library.root), "da", "en")
    root = fromstring(text)
    assert (root.tag, root.get("type"), terms) == ("martif", "TBX-Basic", 2)
    languages = [
        [each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in entry.iter("langSet")]
        for entry in root.iter("termEntry")
    ]
    assert languages == [["da", "en"]] * 2
    assert [term.text for term in root.iter("term")] == ["insulin", "insulin", "tøj", "clothes", "<i>garments</i>"]
    assert [note.text for note in root.iter("note")] == ["For “wear” & more."]
    assert [each.text for each in root.iter("termNote")][-2:] == ["preferredTerm-admn-sts", "admittedTerm-admn-sts"]


def test_a_language_without_a_glossary_has_no_terms(library: TinyLibrary) -> None:
    assert export_glossary(loader.load_library(library.root), "da", "sv")[1] == 0


@pytest.mark.parametrize("language", ["sv", "en", "ar"])
def test_a_tool_reads_the_founding_glossaries(language: str) -> None:
    text, terms = export_glossary(loader.load_library(FOUNDING), "da", language)
    tool: Any = tbx.tbxfile
    store = tool.parsestring(bytes(tool.parsestring(text.encode())))
    read = {str(unit.source): str(unit.target) for unit in store.units}
    assert len(read) == terms
    assert read["binyrebarkhormon"] == {"sv": "binjurebarkhormon", "en": "corticosteroid", "ar": "كورتيزون"}[language]
