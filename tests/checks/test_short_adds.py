"""The short variant says nothing that the full one does not."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content import editions, loader, markdown, segments
from pdfkit_cli.content.blocks import Blocks
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import FrontMatter, Variant
from pdfkit_cli.content.yaml_source import SourceFile
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import FOUNDING, TinyLibrary, tiny

YAML = "content/first/leaflet.yaml"
IN_TWO = "divides a word, so the short variant would print another word; mark complete words [short-adds]"
ELSE = "the short variant would mean something else; mark the complete sentence as full [short-adds]"


def short(library: TinyLibrary, body: str) -> list[str]:
    library.body(body)
    library.write(YAML, library.read(YAML) + "variants: [full, short]\n")
    return said(library, "short-adds")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Det er [u]{.full}farligt.", f"“[u]{{.full}}” {IN_TWO}"),
        ("Det er **[u]{.full}farligt**.", f"“[u]{{.full}}” {IN_TWO}"),
        ("Tag 1[0]{.full} mg.", f"“[0]{{.full}}” {IN_TWO}"),
        ("Du må [ikke]{.full} køre bil.", f"without “ikke” {ELSE}"),
        ("Du må køre bil [, men kun om dagen]{.full}.", f"without “kun” {ELSE}"),
        ("- Kør bil, [men aldrig om natten.]{.full}", f"without “aldrig” {ELSE}"),
        ("Kør bil. [Du må ikke]{.full} løbe.", f"without “ikke” {ELSE}"),
        ("Ord [kaldet [ikke] her]{.full}.", f"without “ikke” {ELSE}"),
    ],
)
def test_a_mark_that_changes_what_is_said(library: TinyLibrary, body: str, message: str) -> None:
    assert short(library, f"\n{body}\n") == [f"content/first/da.md:6:1: error: {message}"]


@pytest.mark.parametrize(
    "body",
    [
        "Det er farligt. [Det er ikke godt.]{.full} Ord.",
        "[Kør ikke bil.]{.full}",
        "Gå en tur [hver dag]{.full}.",
        "Et ord[, og et til]{.full}.",
        "Ord[^1]. [Mere[^2].]{.full}\n\n[^1]: A.\n\n[^2]: B.",
    ],
)
def test_a_mark_that_does_not(library: TinyLibrary, body: str) -> None:
    assert short(library, f"{body}\n") == []


def test_without_a_short_variant_there_is_nothing_to_say(library: TinyLibrary) -> None:
    library.body("Det er [u]{.full}farligt.\n")
    assert said(library, "short-adds") == []


def words(matter: FrontMatter, blocks: Blocks) -> list[str]:
    """Return every word that an edition says, in its order."""
    cut = segments.split_into_segments(matter, MarkdownBody(blocks, ()), SourceFile("", "", ""))
    return [word for segment in cut for word in segment.words.replace("{.full}", "").split()]


def adds(short: list[str], full: list[str]) -> bool:
    rest = iter(full)
    return not all(word in rest for word in short)


def test_the_founding_short_editions_say_nothing_of_their_own() -> None:
    loaded = loader.load_library(FOUNDING)
    keys = {item.edition for item in editions.output_keys(loaded) if item.edition.variant is Variant.SHORT}
    assert keys
    for key in keys:
        matter = loaded.leaflets[key.leaflet].translations[key.language].front_matter
        short, full = (
            words(matter, editions.resolve_edition(loaded, replace(key, variant=variant)).blocks)
            for variant in (Variant.SHORT, Variant.FULL)
        )
        assert 100 < len(short) < len(full)
        assert not adds(short, full)


PIECES = st.lists(
    st.sampled_from(["ord ", "[mere]{.full} ", "**[alt]{.full} nu** ", "[*a* b]{.full} x ", ", ", "\n\n::: full\nx\n:::\n\n", "\n\n- y [z]{.full}\n\n"]),
    min_size=1, max_size=12,
)  # fmt: skip
LETTERS = re.compile(r"\w+")


@cache
def loaded() -> Library:
    with TemporaryDirectory() as folder:
        return loader.load_library(tiny(Path(folder)).root)


@given(PIECES)
def test_no_mark_adds_words(pieces: list[str]) -> None:
    entry = loaded().leaflets["first"]
    body, _ = markdown.parse("start " + "".join(pieces), "da.md")
    text = replace(entry.translations["da"], body=body)
    library = replace(loaded(), leaflets={"first": replace(entry, translations={"da": text})})
    short, full = (
        LETTERS.findall(" ".join(words(text.front_matter, editions.resolve_edition(library, key).blocks)))
        for key in (EditionKey("north", "first", "da", variant) for variant in (Variant.SHORT, Variant.FULL))
    )
    assert not adds(short, full)


def test_words_that_are_added_would_be_seen() -> None:
    assert adds(["ord", "mere"], ["mere", "ord"])
    assert adds(["mere"], ["ord"])
