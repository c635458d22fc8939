"""What is stated of a block holds everywhere: it has a look that was approved, a proof, and a line in the docs."""

import html
import re
from pathlib import Path

import pytest

from pdfkit_cli.content.block_specs import BLOCKS, FACT_ICONS, RED_FLAGS, Argument, Level, Panel, Role
from pdfkit_cli.content.models import Phrases
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.verification import expected_content
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from tests.helpers.block_examples import EXAMPLES, FACTS, LEAFLET_SETTINGS, NORTH, draw, main_part, resolve
from tests.helpers.tiny_library import LOGO, ROOT, TinyLibrary

UNPROVEN_PHRASES = {"exercise", "topic", "say", "phone", "hours", "email", "web", "links"}
"""Captions beside what is proven: a number of an exercise, the heads of columns, what a fact of the clinic is."""


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_has_a_template_and_an_approved_example(name: str) -> None:
    folder = packaged_folder("layouts") / "components" / name
    assert (folder / f"{name}.html").exists() == (BLOCKS[name].role is Role.DRAWN)
    assert [text for text in EXAMPLES.values() if re.search(rf"^:::+ {name}\b", text, re.M)]


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_explained_to_authors(name: str) -> None:
    table = (ROOT / "docs/writing-a-leaflet.md").read_text("utf-8")
    assert re.search(rf"^\|.*`::: {name}\b.*\|", table, re.M)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_block_prints_is_proven(library: TinyLibrary, name: str) -> None:
    library.write(NORTH, FACTS)
    library.write("content/first/images/løft.svg", LOGO)
    library.replace("content/first/leaflet.yaml", "owner", f"{LEAFLET_SETTINGS.get(name, '')}owner")
    library.body("\n" + EXAMPLES[name])
    edition = resolve(library)
    captions = [str(getattr(edition.phrases, phrase)) for phrase in UNPROVEN_PHRASES]
    proven = _words(" ".join([*(item.text for item in expected_content.expected_content(edition)), *captions]))
    drawn = re.sub(r'<section class="notes.*?</section>', "", main_part(draw(library)), flags=re.S)
    if name != "contact":  # the panel that every page ends with is the contact block's
        drawn = drawn.partition('<section class="contact">')[0]
    printed = _words(html.unescape(re.sub("<[^>]+>", " ", drawn)))
    assert printed
    assert printed - proven <= {"1", "2"}  # of “Øvelse 1”


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]+|\d+", text.replace("\u00ad", "")))


def test_a_declaration_makes_sense() -> None:
    for name, spec in BLOCKS.items():
        assert not spec.usual_title or spec.usual_title in Phrases.model_fields, name
        assert bool(spec.pattern) == bool(spec.problem), name
        assert spec.argument is not Argument.TITLE or spec.level is not Level.NONE, name
        assert spec.argument in (Argument.NAME, Argument.VALUE) or not spec.words, name
        assert spec.role is Role.DRAWN or not (spec.usual_title or spec.words or spec.level is not Level.NONE), name
    assert {name for name, spec in BLOCKS.items() if spec.panel is Panel.CONTACT} == {"contact"}
    assert {"warning", "call"} == RED_FLAGS


def test_no_module_lists_blocks_by_itself() -> None:
    """A `match` over names is how `appointment` was forgotten in two of them."""
    names = "|".join(BLOCKS)
    found = [
        path.name
        for path in Path(packaged_folder("layouts")).parent.joinpath("pdfkit_cli").rglob("*.py")
        if len(set(re.findall(rf'"({names})"', path.read_text("utf-8")))) > 2
    ]
    assert found == ["block_specs.py"]


def test_every_icon_is_drawn_and_nothing_else() -> None:
    folder = packaged_folder("layouts") / "components/facts"
    assert sorted(path.stem for path in folder.glob("*.svg")) == list(FACT_ICONS) == sorted(FACT_ICONS)
    rules = re.findall(
        r"\.facts > \.facts-(\w+)::before \{ background-image: url\(layouts/components/facts/(\w+)\.svg\); \}",
        (folder / "facts.css").read_text("utf-8"),
    )
    assert rules == [(icon, icon) for icon in FACT_ICONS]


def test_a_drawn_argument_is_proven_as_a_picture(library: TinyLibrary) -> None:
    library.body("\n::: odds 8 of 10\na\n:::\n")
    pictures = [
        item.text for item in expected_content.expected_content(resolve(library)) if item.kind is ContentKind.PICTURE
    ]
    assert pictures == ["Plain", "8 ud af 10 personer"]
