"""Bilingual pages are rendered and proven, tagged with both languages, and pass the validators."""

from pathlib import Path

import pikepdf
import pytest

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from tests.helpers.block_examples import EXAMPLES, FACTS, LEAFLET_SETTINGS, NORTH
from tests.helpers.pdf_validators import wrongs
from tests.helpers.tiny_library import LOGO, TinyLibrary

LEAFLET = "content/first/leaflet.yaml"
APART = {"contact", "footnote", "facts", "urgent", "questions-titled", "call", "brief", "exercise"}
"""Examples that a page has once, or that need a page of their own."""


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def rendered(library: TinyLibrary, body: str, language: str) -> bytes:
    """Render a text beside itself; a text of Latin letters from right to left is as good as any."""
    library.write(NORTH, FACTS)
    library.write("content/first/images/løft.svg", LOGO)
    needed = "".join(words for name, words in LEAFLET_SETTINGS.items() if f"::: {name}" in body)
    library.write(LEAFLET, library.read(LEAFLET).replace("[a4, a5]", "[a4-bilingual]") + needed)
    library.body(body)
    library.translate(language)
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.edition.language == language)
    return renderer.render(project.draw(key).page).pdf


@pytest.mark.slow
@pytest.mark.parametrize("language", ["sv", "ar"])
def test_every_block_is_drawn_on_both_sides(language: str, library: TinyLibrary) -> None:
    body = "\n".join(text for name, text in EXAMPLES.items() if name not in APART)
    assert {wrong.code for wrong in wrongs(rendered(library, f"\n{body}", language))} <= {"language-script"}


@pytest.mark.parametrize("name", sorted(APART - {"contact"}))
def test_a_block_by_itself(name: str, library: TinyLibrary) -> None:
    assert wrongs(rendered(library, f"\n{EXAMPLES[name]}", "sv")) == []


def test_each_side_is_tagged_with_its_language(library: TinyLibrary) -> None:
    pdf = rendered(library, "\nEn tekst.\n", "sv")
    (library.root / "x.pdf").write_bytes(pdf)
    with pikepdf.open(library.root / "x.pdf") as document:
        languages = {
            str(each.Lang) for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/Lang" in each
        }
    assert {"sv", "da"} <= languages
