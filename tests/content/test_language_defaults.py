"""The phrases and word lists of pdfkit, and what a library makes of them."""

import shutil

import pytest

from pdfkit_cli.content import language_defaults, loader, yaml_source
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Phrases, PlainWordList
from tests.helpers.tiny_library import FOUNDING, PACKAGED, TinyLibrary

PHRASES = sorted(file.stem for file in PACKAGED.glob("phrases/*.yaml"))
"""The languages that pdfkit has phrases in."""


@pytest.fixture
def bare(library: TinyLibrary) -> TinyLibrary:
    """A library without phrases of its own."""
    shutil.rmtree(library.root / "phrases")
    return library


def load(library: TinyLibrary) -> Library:
    loaded = loader.load_library(library.root)
    assert not loaded.findings, loaded.findings
    return loaded


def findings(library: TinyLibrary) -> list[str]:
    root = f"{library.root.as_posix()}/"
    return [str(finding).replace(root, "") for finding in loader.load_library(library.root).findings]


@pytest.mark.parametrize("language", PHRASES)
def test_the_phrases_of_pdfkit_are_complete(bare: TinyLibrary, language: str) -> None:
    packaged = yaml_source.load_model(Phrases, PACKAGED / f"phrases/{language}.yaml", language)[0]
    assert load(bare).phrases[language].model == packaged


def test_the_word_lists_of_pdfkit_are_there(bare: TinyLibrary) -> None:
    packaged = yaml_source.load_model(PlainWordList, PACKAGED / "words/da.yaml", "da")[0]
    assert load(bare).words["da"].model == packaged
    assert set(load(bare).words) >= {"da", "en", "sv"}


def test_the_founding_library_has_none_of_its_own() -> None:
    assert not (FOUNDING / "phrases").exists()
    assert not (FOUNDING / "words").exists()
    assert {"ar", "da", "en", "sv"} <= set(PHRASES) == set(loader.load_library(FOUNDING).phrases)


def test_a_library_overrides_single_phrases(bare: TinyLibrary) -> None:
    before = load(bare).phrases["da"].model
    bare.write("phrases/da.yaml", "contact: Spørg os\n")
    after = load(bare).phrases
    assert after["da"].model == before.model_copy(update={"contact": "Spørg os"})
    assert after["da"].source.text == "contact: Spørg os\n"
    assert after["sv"].model.contact == "Kontakt"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("contac: x\n", "phrases/da.yaml:1:1: error: unknown key “contac”; did you mean “contact”? [unknown-key]"),
        ("contact:\npage: Side\n", "phrases/da.yaml:2:1: error: “page”: must contain {page} and then {pages}"),
        ("- contact\n", "phrases/da.yaml:1:1: error: the file must be keys with values"),
        ("contact: ''\n", "phrases/da.yaml:1:1: error: “contact” must not be empty"),
    ],
)
def test_a_wrong_override_is_named_and_never_replaced(bare: TinyLibrary, text: str, finding: str) -> None:
    bare.write("phrases/da.yaml", text)
    assert any(line.startswith(finding) for line in findings(bare)), findings(bare)
    assert "da" not in loader.load_library(bare.root).phrases


def test_another_language_works_with_a_complete_file(bare: TinyLibrary) -> None:
    bare.replace("clinics/north.yaml", "language: da", "language: fi")
    assert [line for line in findings(bare) if "missing-phrases" in line]
    bare.write("phrases/fi.yaml", (PACKAGED / "phrases/en.yaml").read_text("utf-8").replace("contact: ", "contact: X "))
    assert load(bare).phrases["fi"].model.contact.startswith("X ")
    bare.write("phrases/fi.yaml", "page: '{page} / {pages}'\n")
    assert "phrases/fi.yaml:1:1: error: “contact” is missing; add it [missing-key]" in findings(bare)


def test_where_the_folder_cannot_be_read_nobody_knows_the_phrases(bare: TinyLibrary) -> None:
    (bare.root / "phrases").symlink_to("nowhere")
    assert findings(bare)
    assert loader.load_library(bare.root).phrases == {}


def test_a_library_adds_changes_and_removes_words(bare: TinyLibrary) -> None:
    before = load(bare).words["da"].model
    bare.write("words/da.yaml", 'words:\n  "atrofi*": muskelsvind\n  pacemaker: hjerteapparat\n  "biopsi*":\n')
    after = load(bare).words["da"].model
    assert after.explained_by == before.explained_by
    expected = {**before.words, "atrofi*": "muskelsvind", "pacemaker": "hjerteapparat"}
    del expected["biopsi*"]
    assert dict(after.words) == expected


def test_a_language_without_a_packaged_list_may_have_one(bare: TinyLibrary) -> None:
    bare.write("words/ar.yaml", "words: {x: y, z: }\n")
    assert dict(load(bare).words["ar"].model.words) == {"x": "y"}


def test_the_files_are_read_once() -> None:
    assert language_defaults.packaged_files("phrases") is language_defaults.packaged_files("phrases")
