"""What translations are made from: recorded, told apart from what changed, and refused where blocks differ."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content import loader, translations
from pdfkit_cli.content.library import LeafletEntry
from pdfkit_cli.errors import OutputError, SourceError, UsageError
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import DANISH, ENGLISH, FOLDER, record, recorded, source, write

RECORD = f"{FOLDER}/translated.yaml"


def leaflet(library: TinyLibrary) -> LeafletEntry:
    loaded = loader.load_library(library.root)
    assert not loaded.findings
    return loaded.leaflets["first"]


def stale(library: TinyLibrary, language: str = "en") -> list[str]:
    return [segment.theirs.words for segment in translations.stale_segments(leaflet(library), language)]


class TestRecord:
    def test_it_says_what_it_recorded(self, library: TinyLibrary) -> None:
        write(library)
        done = record(library)
        assert (done.path, done.segments, len(done.new)) == (library.root / RECORD, 8, 8)
        assert record(library).new == ()
        source(library, "kl. 8", "kl. 9")
        assert [(segment.words, segment.line) for segment in record(library).new] == [("Du skal møde kl. 9.", 8)]

    def test_the_file_can_be_read_by_people_line_by_line(self, library: TinyLibrary) -> None:
        recorded(library)
        head, made_from, language, *lines = library.read(RECORD).splitlines()
        assert (head[:2], made_from, language) == ("# ", "made_from:", "  en: |")
        assert [re.sub(r"^    [0-9a-f]{16} ", "", line) for line in lines] == [
            "En titel", "En kort indledning.", "Før", "Du skal møde kl. 8.", "Tag tøj med.", "Tag din insulin.", "Feber",
            "Ring, hvis du har over 38,5 °C.",
        ]  # fmt: skip

    def test_blocks_without_words_are_not_recorded(self, library: TinyLibrary) -> None:
        text = "::: step day\nOrd.\n:::\n\n::: call\n:::\n"
        write(library, text, text)
        assert (record(library).segments, stale(library)) == (3, [])

    def test_other_languages_stay(self, library: TinyLibrary) -> None:
        recorded(library)
        before = library.read(RECORD)
        write(library, language="sv")
        record(library, "sv")
        assert library.read(RECORD).startswith(before)
        source(library, "kl. 8", "kl. 9")
        record(library, "sv")
        assert (stale(library, "sv"), stale(library, "en")) == ([], ["Du skal møde kl. 9."])

    def test_what_yaml_cannot_hold_stays_out_of_it(self, library: TinyLibrary) -> None:
        text = "\nEt&#7; ord&#133; og: &#8238;et til # &#xfeff;\n"
        recorded(library, text, text)
        assert stale(library) == []

    @pytest.mark.parametrize(
        ("name", "language", "message"),
        [
            ("frist", "en", "no leaflet “frist”; did you mean “first”"),
            ("first", "da", "“da” is the source language of first"),
            ("first", "sv", "first has no text in “sv”; there are: en"),
        ],
    )
    def test_a_name_that_is_not_there(self, library: TinyLibrary, name: str, language: str, message: str) -> None:
        write(library)
        with pytest.raises(UsageError, match=message):
            translations.record_source(loader.load_library(library.root), name, language)

    @pytest.mark.parametrize("file", ["da.md", "en.md", "leaflet.yaml", "translated.yaml"])
    def test_a_file_that_cannot_be_read_is_named(self, library: TinyLibrary, file: str) -> None:
        recorded(library)
        library.write(f"{FOLDER}/{file}", "nonsense: *x\n")
        with pytest.raises(SourceError, match=re.escape(f"{FOLDER}/{file}")):
            record(library)

    def test_a_folder_that_cannot_be_written(self, library: TinyLibrary) -> None:
        write(library)
        library.write(f"{FOLDER}/.translated.yaml.new/x", "")
        with pytest.raises(OutputError, match="cannot be written"):
            record(library)

    @pytest.mark.parametrize(
        ("danish", "english", "message"),
        [
            ("Et.\n\nTo.\n", "One.\n", "en.md:6:1: .*: the text ends here, but a paragraph is at .*da.md:7;"),
            ("Et.\n", "One.\n\nTwo.\n", "en.md:8:1: .*: here is a paragraph, but .*da.md ends;"),
            ("- Et.\n", "1. One.\n", "en.md:6:1: .*here is a numbered list item, but a list item is at"),
            ("## Et\n\n### To\n", "## One\n\n## Two\n", "en.md:8:1: .*a heading of level 2, but a heading of level 3"),
            ("::: do\n- Et\n:::\n", "::: dont\n- One\n:::\n", "en.md:6:1: .*is a dont, but a do is at"),
            ("::: step day\nEt\n:::\n", "::: step after\nOne\n:::\n", "a step after, but a step day"),
            (
                ":::: step day\n::: call\n:::\nEt.\n::::\n",
                ":::: step day\n::: call\nOne.\n:::\n::::\n",
                r"a paragraph \(in: step day, call\), but a paragraph \(in: step day\) is at",
            ),
            ("|a|\n|-|\n|b|\n", "|a|c|\n|-|-|\n|b|d|\n", "a table of 2 columns, but a table of 1 columns"),
            ("Et[^1].\n\n[^1]: En.\n", "One.\n", "the text ends here, but a footnote"),
        ],
    )
    def test_it_refuses_where_blocks_differ(
        self, library: TinyLibrary, danish: str, english: str, message: str
    ) -> None:
        write(library, danish, english)
        with pytest.raises(SourceError, match=message):
            record(library)
        assert not (library.root / RECORD).exists()


class TestStale:
    def test_nothing_is_stale_where_nothing_changed_or_was_recorded(self, library: TinyLibrary) -> None:
        write(library)
        assert stale(library) == []
        source(library, "kl. 8", "kl. 9")
        assert stale(library) == []
        record(library)
        assert stale(library) == []

    def test_white_space_and_comments_are_no_change(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "Du skal møde kl. 8.", "Du skal\nmøde  **kl. 8**.")
        source(library, "title:", "# en kommentar\ntitle:")
        assert stale(library) == []

    def test_what_changed_is_stale_and_nothing_else(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "Tag tøj med.", "Tag varmt tøj med.")
        (found,) = translations.stale_segments(leaflet(library), "en")
        assert found.ours is not None
        assert (found.theirs.line, found.ours.line, found.ours.words) == (10, 11, "Bring clothes.")
        source(library, "Tag varmt tøj med.", "Tag tøj med.")
        assert stale(library) == []

    def test_the_title_is_a_passage(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "title: En titel", "title: En ny titel")
        assert stale(library) == ["En ny titel"]

    def test_what_is_put_in_is_stale_and_not_what_stands_behind(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "## Før\n", "## Før\n\nNyt.\n")
        library.replace(f"{FOLDER}/en.md", "## Before\n", "## Before\n\nNew.\n")
        assert stale(library) == ["Nyt."]

    def test_what_is_taken_out_makes_nothing_stale(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "- Tag tøj med.\n", "")
        library.replace(f"{FOLDER}/en.md", "- Bring clothes.\n", "")
        assert stale(library) == []

    def test_what_changes_places_is_stale(self, library: TinyLibrary) -> None:
        text = "\n::: do\n- Gå\n- Løb\n:::\n\n::: dont\n- Svøm\n- Cykl\n:::\n"
        recorded(library, text, text)
        library.body(text.replace("Løb", "x").replace("Svøm", "Løb").replace("x", "Svøm"))
        assert stale(library) == ["Svøm", "Løb"]

    def test_without_the_same_blocks_there_is_no_counterpart(self, library: TinyLibrary) -> None:
        recorded(library)
        source(library, "## Før\n", "## Før\n\nNyt.\n")
        (found,) = translations.stale_segments(leaflet(library), "en")
        assert found.ours is None

    def test_a_record_that_cannot_be_read_stops_the_translations_and_not_the_source(self, library: TinyLibrary) -> None:
        recorded(library)
        library.write(RECORD, "made_from: [da]\n")
        loaded = loader.load_library(library.root)
        assert [finding.place.file for finding in loaded.findings] == [f"{library.root.as_posix()}/{RECORD}"]
        assert set(loaded.leaflets["first"].translations) == {"da"}


WORDS = st.lists(st.sampled_from("abcdefgh"), max_size=8)


@given(WORDS, WORDS)
def test_what_is_fresh_was_recorded_in_the_same_order(before: list[str], after: list[str]) -> None:
    at_fault = translations.changed_indices(before, after)
    rest = iter(before)
    assert all(word in rest for index, word in enumerate(after) if index not in at_fault)
    assert bool(at_fault) is not (before == after) or set(after) <= set(before)


@pytest.mark.parametrize("name", ["facet-denervation", "facet-neurotomy", "nerve-root-block"])
def test_the_founding_translations_are_recorded_and_fresh(name: str) -> None:
    entry = loader.load_library(FOUNDING).leaflets[name]
    assert entry.made_from is not None
    assert set(entry.made_from[0].made_from) | {entry.model.source_language} == set(entry.translations)
    assert [translations.stale_segments(entry, language) for language in entry.translations] == [()] * len(
        entry.translations
    )


def test_the_texts_of_these_tests_have_the_same_blocks() -> None:
    assert DANISH.count("\n") == ENGLISH.count("\n")
