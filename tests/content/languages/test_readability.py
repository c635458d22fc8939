"""Sentences, words and LIX."""

import pytest

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages import readability
from pdfkit_cli.content.languages.readability import (
    WordCount,
    count_words,
    lix_score,
    split_sentences,
    split_words,
    total_count,
)


def counts(texts: list[str]) -> list[WordCount]:
    return [count_words(text, known_language("da")) for text in texts]


def test_lix_counts_as_bjornsson_does() -> None:
    # 9 words in 2 sentences; Behandlingen and personalet have seven letters or more.
    counted = total_count(counts(["Behandlingen tager en time.", "Ring til personalet i dag"]))
    assert counted == WordCount(sentences=2, words=9, long=2)
    assert lix_score(counted) == 9 / 2 + 100 * 2 / 9
    assert lix_score(total_count(counts(["", "12 %"]))) == lix_score(total_count([])) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kom i dag. Ring i morgen.", ["Kom i dag", "Ring i morgen"]),
        ("Det tager ca. 20 minutter, evt. længere.", ["Det tager ca. 20 minutter, evt. længere."]),
        ("Mød kl. 10. Det tager 2 min. Så er det slut.", ["Mød kl. 10", "Det tager 2 min", "Så er det slut"]),
        ("Gør den. 3 × 10 er ti gange.", ["Gør den", "3 × 10 er ti gange"]),
        ("Tegn på det: feber.", ["Tegn på det", "feber"]),
        ("Gør det ondt? Ja! Vent…", ["Gør det ondt", "Ja", "Vent"]),
        ("Han sagde »nej.« Så gik han (hjem).", ["Han sagde »nej", "Så gik han (hjem)"]),
        ("هل تشعر بألم؟ اتصل بنا.", ["هل تشعر بألم", "اتصل بنا"]),
        ("12 %. 3.", []),
        ("En overskrift", ["En overskrift"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split_sentences(text, known_language("da")) == [sentence.removesuffix(".") for sentence in expected]


def test_a_word_is_a_run_of_letters() -> None:
    assert split_words("MR-scanning, don’t, 3 × 10, L4, مُراجَعة") == ["MR", "scanning", "don’t", "L", "مُراجَعة"]


@pytest.mark.parametrize(
    ("value", "danish", "swedish"),
    [
        (24.4, "very easy", "very easy"),
        (24.6, "easy", "very easy"),
        (34.4, "easy", "easy"),
        (44, "medium", "medium"),
        (45, "hard", "medium"),
        (55, "very hard", "hard"),
        (60, "very hard", "very hard"),
    ],
)
def test_bands(value: float, danish: str, swedish: str) -> None:
    def bands(code: str) -> str:
        return readability.lix_band(value, known_language(code).file.lix or ())

    assert (bands("da"), bands("sv")) == (danish, swedish)
