"""Glossaries: what authors may write, what is said of a slip, and which words a term matches."""

import pytest

from pdfkit_cli.content import glossary, loader
from pdfkit_cli.content.glossary import Glossary, GlossaryEntry
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

TERMS = """\
da:
  facetled*: facet joint*
  blodsukker: [blood sugar, blood glucose]
  nerverod:
    use: [nerve root]
    note: Not “nerve ending”.
"""


def entry(term: str, *use: str) -> GlossaryEntry:
    (found,) = glossary.entries(Glossary.model_validate({"da": {term: list(use or ("x",))}}), "da")
    return found


def test_a_glossary_is_read(library: TinyLibrary) -> None:
    library.write("glossary/en.yaml", TERMS)
    loaded = loader.load_library(library.root)
    file = loaded.glossaries["en"]
    assert {found.term: found.translations for found in glossary.entries(file.model, "da")} == {
        "facetled": ("facet joint",),
        "blodsukker": ("blood sugar", "blood glucose"),
        "nerverod": ("nerve root",),
    }
    assert file.model.root["da"]["nerverod"].note == "Not “nerve ending”."
    assert str(file.place("da", "nerverod")).endswith("glossary/en.yaml:4:3")
    assert glossary.entries(file.model, "sv") == ()
    assert loader.load_library(library.root, loaded).glossaries["en"].model is file.model


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("en", "da: [a]\n", "glossary/en.yaml:1:1: error: “da” must be keys with values"),
        ("en", "da:\n  led: joint\n  rod:\n", "glossary/en.yaml:3:3: error: “da.rod”: has no translation; write one"),
        ("en", "da:\n  rod: []\n", "glossary/en.yaml:2:3: error: “da.rod”: has no translation; write one"),
        ("en", 'da:\n  rod: "**"\n', "“**” has no letter; write a term"),
        ("en", 'da:\n  "*": root\n', "“*” has no letter; write a term"),
        (
            "en",
            "da:\n  rod: {use: [root], nte: x}\n",
            "glossary/en.yaml:2:22: error: unknown key “nte”; did you mean “note”?",
        ),
        ("en", "danish:\n  rod: root\n", "glossary/en.yaml:1:1"),
        ("english", "da:\n  rod: root\n", "glossary/english.yaml"),
    ],
)
def test_a_slip_is_named_with_its_place(library: TinyLibrary, name: str, text: str, message: str) -> None:
    library.write(f"glossary/{name}.yaml", text)
    loaded = loader.load_library(library.root)
    assert any(message in str(finding) for finding in loaded.findings), loaded.findings
    assert not loaded.glossaries


@pytest.mark.parametrize(
    ("term", "text", "matches"),
    [
        ("led", "Et led gør ondt", True),
        ("led", "Facetleddet gør ondt", False),
        ("led*", "LEDDENE", True),
        ("*led*", "facetleddene", True),
        ("facet joint*", "the facet\njoints", True),
        ("facet joint*", "the facets join", False),
        ("مفصل وجيهي", "مفصل وُجَيهي", True),
        ("rygg", "rygg", True),
        ("å", "a\N{COMBINING RING ABOVE}", True),
        ("a", "å", False),
        ("a.b", "axb", False),
        ("सूजन", "सूजनें", True),
    ],
)
def test_which_words_a_term_matches(term: str, text: str, matches: bool) -> None:
    assert entry(term).is_in(glossary.folded(text)) == matches
    assert entry("x", term).is_translated_in(glossary.folded(text)) == matches


def test_every_founding_term_is_in_the_leaflets() -> None:
    """Nothing in them is invented: each term is used, and each is translated so (`different-term`, which finds nothing)."""
    library = loader.load_library(FOUNDING)
    for language, file in library.glossaries.items():
        for source in file.model.root:
            texts = [
                glossary.folded(leaflet.original.source.text)
                for leaflet in library.leaflets.values()
                if leaflet.original and leaflet.model.source_language == source and language in leaflet.translations
            ]
            for term in glossary.entries(file.model, source):
                assert any(map(term.is_in, texts)), (language, term.written)
