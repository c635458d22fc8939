"""The files of languages that come with pdfkit, and what a library makes of them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pdfkit_cli.content import language_files, loader, yaml_source
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import LanguageFile
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.packaged import PACKAGE, packaged_languages
from tests.helpers.check_runner import said
from tests.helpers.tiny_library import FOUNDING, PACKAGED, TinyLibrary, packaged_phrases

CODES = sorted(packaged_languages())


@pytest.fixture
def bare(library: TinyLibrary) -> TinyLibrary:
    """A library without languages of its own."""
    shutil.rmtree(library.root / "languages")
    return library


def load(library: TinyLibrary) -> Library:
    loaded = loader.load_library(library.root)
    assert not loaded.findings, loaded.findings
    return loaded


def findings(library: TinyLibrary) -> list[str]:
    root = f"{library.root.as_posix()}/"
    return [str(finding).replace(root, "") for finding in loader.load_library(library.root).findings]


def own(library: TinyLibrary, code: str, text: str) -> Language:
    library.write(f"languages/{code}.yaml", text)
    return load(library).languages[code].language


@pytest.mark.parametrize("code", CODES)
def test_a_file_of_pdfkit_is_right(code: str) -> None:
    path = PACKAGED / f"{code}.yaml"
    packaged = yaml_source.load_model(LanguageFile, path, path.name)[0]
    known = language_files.known_language(code)
    assert known.file == packaged
    silent = Language(code, LanguageFile(locale=packaged.locale))
    assert known.direction == silent.direction
    assert packaged.reviewed is (code in ("ar", "da", "en", "sv")), "the others nobody has read"


@pytest.mark.parametrize("code", [code for code in CODES if language_files.known_language(code).file.phrases])
def test_the_labels_of_a_language_fit_at_the_head_of_a_small_page(code: str) -> None:
    phrases = language_files.known_language(code).phrases
    assert len(f"{phrases.draft} · {phrases.unreviewed}") <= 64
    assert len(f"{phrases.draft} · {phrases.stale_unreviewed}") <= 78


def test_the_founding_library_has_none_of_its_own() -> None:
    assert not (FOUNDING / "languages").exists()
    assert set(loader.load_library(FOUNDING).languages) == {"ar", "da", "en", "sv"}


def test_a_library_overrides_single_phrases(bare: TinyLibrary) -> None:
    before = load(bare).language("da").file
    after = own(bare, "da", "phrases: {contact: Spørg os}\n").file
    assert before.phrases
    assert after.phrases == before.phrases.model_copy(update={"contact": "Spørg os"})
    assert after.model_copy(update={"phrases": before.phrases}) == before
    assert load(bare).language("sv").phrases.contact == "Kontakt"


def test_a_library_overrides_whatever_depends_on_a_language(bare: TinyLibrary) -> None:
    after = own(bare, "da", 'quotation_marks: "“…”"\nnumber_words: {ones: [een]}\ndates: {time: "HH:mm"}\n').file
    assert (after.quotation_marks, after.number_words.ones, after.dates.time) == ("“…”", ("een",), "HH:mm")
    assert after.number_words.words["2"] == ("to", "begge")
    assert after.dates.unbroken_after == ("den",)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("phrases: {contac: x}\n", "languages/da.yaml:1:11: error: unknown key “contac”; did you mean “contact”?"),
        ("phrases:\n  page: Side\n", "languages/da.yaml:2:3: error: “phrases.page”: must contain {page} and then"),
        ("- contact\n", "languages/da.yaml:1:1: error: the file must be keys with values"),
        ("phrases: {contact: ''}\n", "languages/da.yaml:1:11: error: “phrases.contact” must not be empty"),
        ("direction: left\n", "languages/da.yaml:1:1: error: “direction” must be 'ltr' or 'rtl', not “left”"),
        ("dates:\n  date: dd hh q\n", "languages/da.yaml:2:3: error: “dates.date”: “dd hh q” is not a date pattern"),
        ("locale: xx\n", "languages/da.yaml:1:1: error: “locale”: “xx” is not a locale of CLDR"),
        ("lix: [1, 2]\n", "languages/da.yaml:1:1: error: “lix.2” is missing"),
        ("hyphenation: ee_EE\n", "languages/da.yaml:1:1: error: there is no dictionary “ee_EE”"),
        ("digits: roman\n", "languages/da.yaml:1:1: error: “digits” must be"),
    ],
)
def test_a_wrong_override_is_named_and_never_replaced(bare: TinyLibrary, text: str, finding: str) -> None:
    bare.write("languages/da.yaml", text)
    assert any(line.startswith(finding) for line in findings(bare)), findings(bare)
    assert "da" not in loader.load_library(bare.root).languages


def test_another_language_works_with_a_complete_file(bare: TinyLibrary) -> None:
    bare.replace("clinics/north.yaml", "language: da", "language: eo")
    assert [line for line in findings(bare) if "missing-phrases" in line]
    esperanto = own(bare, "eo", packaged_phrases("en").replace("contact: ", "contact: X "))
    assert esperanto.phrases.contact.startswith("X ")
    assert not esperanto.file.reviewed
    bare.write("languages/eo.yaml", "phrases: {page: '{page} / {pages}'}\n")
    assert "languages/eo.yaml:1:1: error: “phrases.contact” is missing; add it [missing-key]" in findings(bare)
    bare.write("languages/eo.yaml", "direction: ltr\n")
    assert any("pdfkit has none in “eo”; write them all [missing-key]" in line for line in findings(bare))


def test_a_file_must_be_called_like_a_language(bare: TinyLibrary) -> None:
    bare.write("languages/danish.yaml", packaged_phrases("da"))
    assert any(line.startswith("languages/danish.yaml: error: “danish” is not a language") for line in findings(bare))


def test_where_the_folder_cannot_be_read_nobody_knows_the_languages(bare: TinyLibrary) -> None:
    (bare.root / "languages").symlink_to("nowhere")
    assert findings(bare)
    assert loader.load_library(bare.root).languages == {}


@pytest.mark.parametrize(("folder", "key"), [("phrases", "phrases"), ("words", "plain_words")])
def test_a_file_in_its_old_place_says_where_it_belongs(bare: TinyLibrary, folder: str, key: str) -> None:
    bare.write(f"{folder}/da.yaml", "contact: Spørg os\n")
    (finding,) = findings(bare)
    assert finding.startswith(f"{folder}/da.yaml: error: what depends on a language is in one file now; move this to ")
    assert finding.endswith(f"languages/da.yaml, below “{key}:” [moved-file]")
    assert "da" not in loader.load_library(bare.root).languages, "its PDFs would have other words"


def test_safety_words_in_their_old_place_say_where_they_belong(bare: TinyLibrary) -> None:
    bare.replace("library.yaml", "languages:", "checks: {safety_words: {da: [pacemaker]}}\nlanguages:")
    with pytest.raises(Exception, match="move them to “safety_words” in languages/<language>"):
        loader.load_library(bare.root)


def test_safety_words_are_added_to_those_of_pdfkit(bare: TinyLibrary) -> None:
    before = load(bare).language("da").file.safety_words
    assert own(bare, "da", "safety_words: [pacemaker]\n").file.safety_words == (*before, "pacemaker")


def test_a_library_adds_changes_and_removes_words(bare: TinyLibrary) -> None:
    before = load(bare).language("da").file.plain_words
    text = 'plain_words:\n  words:\n    "atrofi*": muskelsvind\n    pacemaker: hjerteapparat\n    "biopsi*":\n'
    after = own(bare, "da", text).file.plain_words
    assert after.explained_by == before.explained_by
    expected = {**before.words, "atrofi*": "muskelsvind", "pacemaker": "hjerteapparat"}
    del expected["biopsi*"]
    assert dict(after.words) == expected


def test_a_language_without_a_packaged_list_may_have_one(bare: TinyLibrary) -> None:
    assert dict(own(bare, "ar", "plain_words: {words: {x: y, z: }}\n").file.plain_words.words) == {"x": "y"}


def test_an_unchanged_file_is_the_same_language(bare: TinyLibrary) -> None:
    first = own(bare, "da", "phrases: {contact: Spørg os}\n")
    assert load(bare).languages["da"].language is first
    assert own(bare, "da", "phrases: {contact: Spørg}\n") is not first


def test_what_nobody_has_reviewed_is_said_on_the_page(bare: TinyLibrary) -> None:
    from pdfkit_cli.content.editions import output_keys, resolve_edition

    def labels() -> tuple[str, ...]:
        library = load(bare)
        return resolve_edition(library, next(iter(output_keys(library))).edition).labels

    assert labels() == ("Kladde – ikke godkendt",)
    own(bare, "da", "reviewed: false\n")
    assert labels() == ("Kladde – ikke godkendt", "Oversættelsen er ikke gennemgået")
    assert any("no one who reads “da” has reviewed" in line for line in said(bare, "translation-unreviewed"))


def test_texts_are_read_by_the_rules_of_the_library(bare: TinyLibrary) -> None:
    bare.body("\nTag en snes piller.\n")
    bare.write("content/first/sv.md", "---\ntitle: T\nsummary: S.\n---\n\nTa 20 piller.\n")
    assert said(bare, "different-numbers")
    own(bare, "da", 'number_words: {words: {"20": [snes]}}\n')
    assert not said(bare, "different-numbers")


OTHER_WORDS = {"nn", "pt", "hr", "no", "th", "tr", "is", "am", "so", "se", "fo", "fr", "vi", "lt"}
"""Codes that are also words, or names in HTML, XML and SVG."""

LANGUAGE_CODES = re.compile(rf"""["'](?:{"|".join(set(CODES) - OTHER_WORDS)})["']""")
KNOWN_BY_CODE = {
    "system/phrases.py": "the language of staff whose own the desk does not have",
    "desk/i18n.py": "the languages that staff read",
    "output/catalogue/page.py": "the same, of the catalogue",
    "output/catalogue/static": "the same: there, English is British",
    "desk/pack_views.py": "the same: all but English write a decimal comma",
    "build/scaffold.py": "the languages that a new library begins with",
    "cli/library.py": "messages of pdfkit itself are in English",
    "cli/packs.py": "the same",
    "content/languages/countries.py": "the same",
    "content/languages/locales.py": "the same",
    "desk/templates": "the same",
    "printing/client.py": "the same",
    "printing/progress.py": "the same",
    "rendering/personal_copies.py": "the same",
    "translation/docx.py": "the same",
    "translation/tmx.py": "the same; hi is also a name in TMX",
    "content/search.py": "an example in a docstring",
    "pdf/merge/__init__.py": "the same",
    "pdf/audit/elements.py": "languages of any PDF, of which letters may be joined",
    "pdf/reader/aloud.py": "languages of any PDF, which run from right to left",
}
"""Files that name a language by its code, and why."""


def test_no_code_knows_a_language_by_its_code() -> None:
    kinds = (".py", ".html", ".css", ".js")
    paths = [path for room in (PACKAGE, PACKAGE.parent / "layouts") for path in room.rglob("*") if path.suffix in kinds]
    assert paths
    known = tuple(f"{PACKAGE.name}/{name}" for name in KNOWN_BY_CODE)
    found = {
        f"{path.relative_to(PACKAGE.parent)}:{number}: {line.strip()}"
        for path in paths
        if not path.relative_to(PACKAGE.parent).as_posix().startswith(known)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if LANGUAGE_CODES.search(line)
    }
    assert found == set()
    assert [name for name in KNOWN_BY_CODE if not (PACKAGE / name).exists()] == []


def test_the_schema_names_every_key() -> None:
    schema = json.loads(Path(FOUNDING / ".schemas/language.json").read_text("utf-8"))
    assert set(schema["properties"]) == set(LanguageFile.model_fields)
