"""The right leaflet first, however it is spelled."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from pdfkit_cli.content import loader, search
from pdfkit_cli.content.languages.folding import fold_text, folded_words, prefix_osa_distance
from pdfkit_cli.content.models import Appointments
from pdfkit_cli.content.search import SearchEntry, SearchIndex, SearchText
from tests.helpers.search_cases import CASES, GUESSES, HOSPITAL, HOSPITAL_CASES, LIBRARY, Case
from tests.helpers.tiny_library import FOUNDING, TinyLibrary

INDEX = SearchIndex.of(LIBRARY)
TITLES = [
    (entry.leaflet, word)
    for entry in LIBRARY
    for text in entry.texts
    for word in folded_words(text.title)
    if len(word) > 1
]
letters = st.text("abcdæ", max_size=9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.typed} {case.clinic}")
def test_found_first(case: Case) -> None:
    hits = INDEX.find(case.typed, case.clinic or None)
    assert (hits[0].leaflet if hits else "") == case.first, hits


@pytest.mark.parametrize("case", HOSPITAL_CASES, ids=lambda case: case.typed)
def test_the_right_part_of_the_body_comes_first(case: Case) -> None:
    hits = SearchIndex.of(HOSPITAL).find(case.typed)
    assert (hits[0].leaflet, hits[0].guess) == (case.first, False), hits
    assert all(hit.guess for hit in hits[1:]), "only guesses, after it"


@pytest.mark.parametrize("typed", GUESSES)
def test_a_guess_is_called_a_guess(typed: str) -> None:
    hits = SearchIndex.of(HOSPITAL).find(typed)
    assert hits
    assert all(hit.guess for hit in hits), hits


@pytest.mark.parametrize("typed", ["knæoperation", "hofteprotese"])
def test_another_part_of_the_body_is_no_answer(typed: str) -> None:
    library = [entry for entry in HOSPITAL if not entry.leaflet.startswith(("hip", "knee", "new-knee"))]
    assert all(hit.guess for hit in SearchIndex.of(library).find(typed))


def test_the_first_part_of_a_compound_outranks_the_last() -> None:
    entries = [_entry("udskiftning", "Udskiftning af kateter"), _entry("hofte", "Brud på hofte")]
    assert SearchIndex.of(entries).find("hofteudskiftning")[0].leaflet == "hofte"


def test_parts_of_two_languages_are_no_compound() -> None:
    both = SearchEntry("mixed", "M-1", (SearchText("da", "Knæ", ""), SearchText("en", "Operation", "")))
    assert SearchIndex.of([both]).find("knæoperation")[0].guess


def _entry(name: str, title: str) -> SearchEntry:
    return SearchEntry(name, name.upper(), (SearchText("da", title, ""),))


@pytest.mark.parametrize(("leaflet", "word"), TITLES)
def test_what_is_half_typed_is_found(leaflet: str, word: str) -> None:
    for length in range(1, len(word)):
        assert leaflet in {hit.leaflet for hit in INDEX.find(word[:length], limit=99)}, word[:length]


@given(st.sampled_from([each for each in TITLES if len(each[1]) > 5]), st.data())
def test_one_slip_is_forgiven(title: tuple[str, str], data: st.DataObject) -> None:
    leaflet, word = title
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("aeinrst"))
    slip = data.draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            ]
        )
    )
    assume(fold_text(slip) == slip)  # no “oe” came to be, which is read as ø
    assert leaflet in {hit.leaflet for hit in INDEX.find(slip, limit=99)}, slip


@given(st.text(max_size=12), st.integers(0, 12))
def test_the_beginning_of_a_text_folds_to_the_beginning(text: str, length: int) -> None:
    assert fold_text(text).startswith(fold_text(text[:length]))


@given(letters, letters, st.integers(0, 2))
def test_slips_are_those_of_optimal_string_alignment(term: str, text: str, most: int) -> None:
    nearest = min(OSA.distance(term, text[:length]) for length in range(len(text) + 1))
    assert prefix_osa_distance(term, text, most) == min(nearest, most + 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ærø", "aro"), ("Ærø", "aeroe"), ("Ærø", "arö"), ("ÅÄÖ", "aaaeoe"), ("Straße", "STRASSE"), ("IŞIK", "isik"),
        ("Łódź", "lodz"), ("آلام", "الام"), ("مُزْمِنَة", "مزمنه"), ("الأعصـــاب", "الاعصاب"), ("على", "علي"), ("٢٠", "20"),
        ("Gáŋgaviika", "gangaviika"),
        ("ہسپتال", "هسپتال"),
        ("نەخۆشخانە", "نهخوشخانه"),
    ],
)  # fmt: skip
def test_folds_to_the_same(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


def test_digits_are_not_letters_that_are_doubled() -> None:
    assert folded_words("BP-11") == ["bp", "11", "bp11"]
    assert [hit.leaflet for hit in INDEX.find("BP-1")] == ["back-pain", "tens"]


@pytest.mark.parametrize(
    ("typed", "own", "language"),
    [("varmebehandling", "da", "da"), ("varmebehandling", "sv", "sv"), ("denervering", "sv", "da"), ("heat", "da", "en"),
     ("حرارة", "da", "ar"), ("BP-01", "da", "")],
)  # fmt: skip
def test_says_in_which_language_it_was_found(typed: str, own: str, language: str) -> None:
    assert INDEX.find(typed, own=own)[0].language == language


def test_what_is_out_of_use_comes_last() -> None:
    assert [hit.leaflet for hit in INDEX.find("tens behandling")] == ["tens", "tens-old"]


def test_a_limit() -> None:
    assert len(INDEX.find("b", limit=2)) == 2


def test_equal_hits_have_one_order() -> None:
    twins = [SearchEntry(name, name.upper(), (SearchText("da", "Ryg", ""),)) for name in ("b", "a", "c")]
    assert [hit.leaflet for hit in SearchIndex.of(twins).find("ryg")] == ["a", "b", "c"]


def test_nothing_to_find() -> None:
    assert SearchIndex.of(()).find("ryg") == ()


def test_entries_of_a_library(library: TinyLibrary) -> None:
    library.write(
        "content/first/sv.md",
        "---\ntitle: En titel\nshort_title: Kort\nsummary: Inledning.\nsynonyms: [a, b]\n---\nText.\n",
    )
    codes = Appointments.model_validate(
        {"north": {"KX1": {"leaflets": ["T-1"]}}, "south": {"KX2": {"leaflets": ["first"]}}}
    )
    (entry,) = search.search_entries(loader.load_library(library.root), codes)
    assert (entry.leaflet, entry.id, entry.in_use, entry.clinics) == (
        "first",
        "T-1",
        True,
        frozenset({"north", "south"}),
    )
    assert entry.codes == (("north", "KX1"), ("south", "KX2"))
    assert [text.language for text in entry.texts] == ["da", "sv"]
    assert entry.texts[1].synonyms == ("a", "b", "Kort")


def test_a_superseded_leaflet_is_out_of_use(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "status: draft", "status: withdrawn")
    assert [entry.in_use for entry in search.search_entries(loader.load_library(library.root), Appointments({}))] == [
        False
    ]


def test_the_founding_library() -> None:
    index = SearchIndex.of(search.search_entries(loader.load_library(FOUNDING), Appointments({})))
    found = {
        typed: index.find(typed)[0].leaflet for typed in ("rotblokad", "samtaleguide", "facetled", "back operation")
    }
    assert found == {
        "rotblokad": "interventional-pain-guideline",
        "samtaleguide": "nerve-root-pain-education",
        "facetled": "facet-denervation",
        "back operation": "facet-neurotomy",
    }
