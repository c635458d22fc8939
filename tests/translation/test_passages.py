"""Where the words of each passage are in the file."""

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.content.library import Translation
from pdfkit_cli.translation import inline_codes
from pdfkit_cli.translation.passages import Form, Part, locate_passages
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

TEXTS = [
    pytest.param(text, id=text.source.name)
    for leaflet in loader.load_library(FOUNDING).leaflets.values()
    for text in leaflet.translations.values()
]


def written(part: Part) -> str:
    if part.form in (Form.MARKDOWN, Form.CELL):
        return inline_codes.to_markdown(inline_codes.tidy(part.words), cell=part.form is Form.CELL)
    return inline_codes.plain(inline_codes.encode(part.words)[0])


@pytest.mark.parametrize("text", TEXTS)
def test_the_founding_texts_would_be_written_as_they_are(text: Translation) -> None:
    passages = locate_passages(text)
    assert [passage.segment for passage in passages] == list(text.segments)
    for part in (part for passage in passages for part in passage.parts):
        if part.form not in (Form.YAML, Form.CAPTION):
            assert text.source.text[part.start : part.end] == written(part)


def found(library: TinyLibrary, body: str) -> list[tuple[str, str]]:
    library.body(body)
    library.write("content/first/images/a.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    loaded = loader.load_library(library.root)
    assert not loaded.findings
    text = loaded.leaflets["first"].translations["da"]
    parts = [part for passage in locate_passages(text)[2:] for part in passage.parts]
    return [(part.name, text.source.text[part.start : part.end]) for part in parts]


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("Et ord\n  og *to*.\n", ["Et ord\n  og *to*."]),
        ("## Hovedet ##\n\nOrd.\n", ["Hovedet", "Ord."]),
        ("- 1. gang: blod\n- En\n\n  To\n", ["1. gang: blod", "En", "To"]),
        ("24. december er her lukket.\n", ["24. december er her lukket."]),
        ("a | b\n--|--\nc | d\\|e\n", ["a", "b", "c", "d\\|e"]),
        ("| a | b |\n|--|--|\n|   | d |\n", ["a", "b", "", "d"]),
        ("Ord[^x] her.\n\n[^x]: Noten.\n\nSlut.\n", ["Ord[^x] her.", "Noten.", "Slut."]),
        ('![Alt](images/a.svg "Et *ord*")\n', ["Alt", ' "Et *ord*"']),
        ("![Alt](images/a.svg)\n", ["Alt", ""]),
        (":::: warning  To ord \n::: call\n:::\n::::\n", ["To ord", ""]),
    ],
)
def test_places(library: TinyLibrary, body: str, parts: list[str]) -> None:
    assert [words for _, words in found(library, body)] == parts
