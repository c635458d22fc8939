"""What the desk says is said in each of its languages."""

import re
from pathlib import Path

import pytest
import yaml

from pdfkit_cli.desk.i18n import LANGUAGES, PHRASES_FOLDER, Phrase, Translator, load_phrases

FIELD = re.compile(r"\{(\w+)\}")
DESK = Path(__file__).parent.parent.parent / "pdfkit_cli/desk"


def fields(phrase: Phrase) -> set[str]:
    texts = [phrase] if isinstance(phrase, str) else list(phrase.values())
    return {name for text in texts for name in FIELD.findall(text)}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_phrase_is_there_with_the_same_fields(language: str) -> None:
    ours, theirs = load_phrases(language), load_phrases("en")
    assert set(ours) == set(theirs)
    for name, phrase in theirs.items():
        assert fields(ours[name]) == fields(phrase), name
        assert isinstance(ours[name], str) == isinstance(phrase, str), name


def test_no_phrase_is_left_over() -> None:
    files = [*DESK.glob("*.py"), *DESK.glob("templates/*"), DESK.parent / "packs/letters.py"]
    code = "\n".join(path.read_text("utf-8") for path in files)
    code += "".join(
        f" pack_{kind}" for kind in re.findall(r'kind="(\w+)"', (DESK.parent / "packs/assembly.py").read_text("utf-8"))
    )
    made = ("label_", "review_", "closed_", "sheet_", "letter_", "variant_", "channel_", "side_", "hint_")
    ours = yaml.safe_load((PHRASES_FOLDER / "en.yaml").read_text("utf-8"))
    own = [name for name in ours if not name.startswith(made)]
    assert [name for name in own if not re.search(rf"\b{re.escape(name)}\b", code)] == []


def test_a_number_chooses_its_phrase() -> None:
    assert [Translator("en")("pages", n=n) for n in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]


def test_an_unknown_language_speaks_english() -> None:
    assert Translator("xx")("find") == Translator("en")("find")
