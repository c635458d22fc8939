"""Sentences that are too long."""

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def test_a_sentence_has_at_most_as_many_words_as_the_library_says(library: TinyLibrary) -> None:
    fine, long = "ord " * 24 + "ord.", "og " * 25 + "slut."
    library.body(f"\n{fine.capitalize()} {long.capitalize()}\n")
    (line,) = said(library, "long-sentence")
    assert line.startswith(
        "content/first/da.md:6:102: warning: this sentence has 26 words, but the limit is 25; divide it in two"
    )
    library.replace("library.yaml", "languages:", "checks: {sentence_words: 26}\nlanguages:")
    assert said(library, "long-sentence") == []


def test_items_of_a_list_are_sentences_of_their_own(library: TinyLibrary) -> None:
    library.body("\nKig efter:\n\n" + "- " + "\n- ".join(["ord ord ord"] * 12) + "\n")
    assert said(library, "long-sentence") == []


def test_summaries_and_other_languages_count(library: TinyLibrary) -> None:
    long = "word " * 26
    library.write("content/first/en.md", f"---\ntitle: T\nsummary: {long}.\n---\n\nText.\n")
    (line,) = said(library, "long-sentence")
    assert line.startswith("content/first/en.md:3:10: ")
