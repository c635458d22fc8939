"""Words that a patient may not know."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary

WORDS = """\
plain_words:
  explained_by: [kaldes, … er en, ". Det er"]
  words:
    "kanyle*": nål
    "*denervering": varmebehandling
    sederet: døsig
    "seder*":
"""


def unexplained(library: TinyLibrary, body: str) -> list[str]:
    library.write("languages/da.yaml", WORDS)
    library.body(f"\n{body}\n")
    return said(library, "unexplained-word")


def test_a_word_is_named_where_it_first_stands(library: TinyLibrary) -> None:
    assert unexplained(library, "Vi bruger den.\n\nKanylen sidder. Tag kanylen ud.") == [
        "content/first/da.md:8:1: warning: a patient may not know “Kanylen”; write “nål”, "
        "or explain it: Kanylen (…) [unexplained-word]"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Facetdenervering er nødvendigt.",
        "Du er sederet.",
        "Det er en kanyle.",
        "Tag den (helt) ud. En kanyle bruges.",
        "- punkt\n- sederet",
        "| Før | Nu |\n|---|---|\n| a | sederet |",
    ],
)
def test_words_that_are_not_explained(library: TinyLibrary, text: str) -> None:
    assert len(unexplained(library, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Vi bruger en kanyle (en hul nål). Kanylen tages ud.",
        "Vi bruger kanylen. Vi bruger en hul nål (kanyle).",
        "Vi varmer nerven. Det kaldes også denervering.",
        "En kanyle er en hul nål.",
        "Du får en kanyle. Det er en hul nål.",
        "Du får en »kanyle« (en hul nål).",
        "Du får en kanyle[^1].\n\n[^1]: En hul nål.",
        "Usederet og sederetheden er andre ord.",
    ],
)
def test_words_that_are_explained(library: TinyLibrary, text: str) -> None:
    assert unexplained(library, text) == []


def test_it_is_for_patients_only(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "audience: patient", "audience: clinician")
    assert unexplained(library, "Du er sederet.") == []


def test_synonyms_are_for_searching(library: TinyLibrary) -> None:
    library.write("languages/da.yaml", WORDS)
    library.replace("content/first/da.md", "summary:", "synonyms: [kanyle]\nsummary:")
    assert said(library, "unexplained-word") == []


def test_a_language_without_a_list_is_not_checked(library: TinyLibrary) -> None:
    library.write("languages/sv.yaml", WORDS)
    library.write("content/first/ar.md", "---\ntitle: T\nsummary: S.\n---\n\nDu er sederet.\n")
    assert said(library, "unexplained-word") == []


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("da", "radiofrekvens"), ("da", "denervering"), ("da", "kontraindikation"), ("da", "analgetika"),
        ("da", "antikoagulantia"), ("da", "sederet"), ("sv", "denervering"), ("sv", "antikoagulantia"),
        ("sv", "sederad"), ("sv", "kontraindikation"), ("en", "radiofrequency"), ("en", "contraindication"),
        ("en", "sedated"), ("en", "anticoagulants"), ("da", "SI-leddet"), ("sv", "sätt ut"), ("sv", "sätta ut"),
        ("en", "anti-inflammatory"), ("en", "facet joints"),
    ],
)  # fmt: skip
def test_the_founding_lists_have_what_such_leaflets_say(library: TinyLibrary, language: str, word: str) -> None:
    matter = "---\ntitle: T\nsummary: S.\n---\n"
    library.write(f"content/first/{language}.md", f"{matter}\nx {word} x.\n")
    (line,) = said(library, "unexplained-word")
    assert f"“{word}”" in line


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("da", "Akut hjælp på akutmodtagelsen, akutbilen, din Aspirin."), ("sv", "Akut hjälp på akutmottagningen."),
        ("en", "Acute, a monitor beside the bed"), ("sv", "Bortsätt utan."),
    ],
)  # fmt: skip
def test_everyday_words_are_not_listed(library: TinyLibrary, language: str, words: str) -> None:
    library.write(f"content/first/{language}.md", f"---\ntitle: T\nsummary: S.\n---\n\n{words}\n")
    assert said(library, "unexplained-word") == []


def test_a_phrase_is_explained_like_a_word(library: TinyLibrary) -> None:
    library.write(
        "languages/da.yaml", 'plain_words: {explained_by: ["… er et"], words: {"SI-led*": leddet ved korsbenet}}\n'
    )
    library.body("\nSI-leddet er et led ved korsbenet. Dit SI-led gør ondt.\n")
    assert said(library, "unexplained-word") == []
    library.body("\nDit SI-led gør ondt.\n")
    assert said(library, "unexplained-word") == [
        "content/first/da.md:6:5: warning: a patient may not know “SI-led”; write “leddet ved korsbenet”, or explain it: SI-led (…) [unexplained-word]"
    ]


def test_a_list_with_an_unknown_key_is_an_error(library: TinyLibrary) -> None:
    from pdfkit_cli.content import loader

    library.write("languages/da.yaml", "plain_words: {wrds: {}}\n")
    (finding,) = loader.load_library(library.root).findings
    assert (finding.code, finding.place.line) == ("unknown-key", 1)
    assert "did you mean “words”?" in finding.message
