"""Pseudo-translations are longer, and keep marks, fields and numbers."""

import re

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.errors import OutputError, UsageError
from pdfkit_cli.translation import pseudo
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

LIBRARY = loader.load_library(FOUNDING)


def test_words_are_longer_and_have_accents() -> None:
    assert pseudo.longer("Spis 20 g kl. 8 og tag 1–2 tabletter") == "Špííš 20 g kl. 8 og ťááğ 1–2 ťáábľééťťééŕ"


@pytest.mark.parametrize("name", list(LIBRARY.leaflets))
def test_a_founding_text_keeps_its_blocks_numbers_and_fields(name: str) -> None:
    original = LIBRARY.leaflets[name].original
    assert original
    text = pseudo.pseudo_text(LIBRARY, name)
    for kept in (r"^:{3,}(?: [a-z]+)?", r"\{\{.*?\}\}", r"\d+", r"\]\(.*?\)", r"\*\*", r"^\|"):
        assert re.findall(kept, text, re.M) == re.findall(kept, original.source.text, re.M), kept
    assert 1.15 < len(text) / len(original.source.text) < 1.6


def test_a_copy_of_the_library_can_be_built(library: TinyLibrary) -> None:
    library.translate()
    before = library.read("content/first/da.md")
    folder = library.root.parent / "copy"
    path = pseudo.write_library(loader.load_library(library.root), "first", folder)
    copy = loader.load_library(folder)
    assert [finding.code for finding in copy.findings] == []
    assert "{{ clinic.phone }}" in path.read_text("utf-8")
    assert library.read("content/first/da.md") == before
    with pytest.raises(OutputError, match="is already there"):
        pseudo.write_library(loader.load_library(library.root), "first", folder)


def test_an_unknown_leaflet(library: TinyLibrary) -> None:
    with pytest.raises(UsageError, match="there is no leaflet “fist”"):
        pseudo.pseudo_text(loader.load_library(library.root), "fist")
