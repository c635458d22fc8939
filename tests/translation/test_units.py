"""What travels: what is missing or stale, with its old translation and what changed."""

import io
import zipfile

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.errors import SourceError, UsageError
from pdfkit_cli.translation.exports import WRITERS, export_leaflet
from pdfkit_cli.translation.inline_codes import plain
from pdfkit_cli.translation.units import Unit, find_work, units
from tests.helpers import translated_library
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import DANISH, recorded, source


def travelling(library: TinyLibrary, language: str = "en", everything: bool = False) -> list[Unit]:
    return list(units(find_work(loader.load_library(library.root), "first", language), everything))


def words(library: TinyLibrary) -> list[tuple[str, str]]:
    return [(plain(unit.source), plain(unit.old or ())) for unit in travelling(library)]


@pytest.fixture(autouse=True)
def _languages(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en, sv, ar]\n")


def test_only_what_is_stale_travels(library: TinyLibrary) -> None:
    recorded(library)
    assert words(library) == []
    source(library, "kl. 8", "kl. 9")
    assert words(library) == [("Du skal møde kl. 9.", "You must come at 8.")]
    (unit,) = travelling(library)
    assert (unit.place.line, unit.kind, unit.target) == (8, "paragraph", None)
    assert unit.notes == ("The source was: “Du skal møde kl. 8.”. Changed: “8.” is now “9.”.",)


def test_what_is_up_to_date_travels_only_when_asked_for(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    found = {plain(unit.source): unit for unit in travelling(library, everything=True)}
    assert len(found) == 8
    assert found["Tag tøj med."].target == ("Bring clothes.",)
    assert found["Du skal møde kl. 9."].target is None


def test_a_new_language_gets_all(library: TinyLibrary) -> None:
    recorded(library)
    found = travelling(library, "ar")
    assert (len(found), {unit.target for unit in found}, {unit.old for unit in found}) == (8, {None}, {None})


def test_a_translation_without_a_record_has_to_be_confirmed(library: TinyLibrary) -> None:
    translated_library.write(library)
    assert len(words(library)) == 8
    assert ("Tag tøj med.", "Bring clothes.") in words(library)


def test_blocks_may_be_added_and_removed(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "- Tag din insulin.\n", "- Spis ikke.\n- Tag din insulin.\n")
    source(library, "## Før\n", "## Inden\n")
    assert words(library) == [("Inden", "Before"), ("Spis ikke.", "")]
    source(library, "Du skal møde kl. 8.\n\n", "")
    assert words(library) == [("Inden", "Before"), ("Spis ikke.", "")]


def test_the_same_words_in_two_places_are_two_units(library: TinyLibrary) -> None:
    twice = DANISH.replace("- Tag din insulin.", "- Tag tøj med.")
    translated_library.write(library, twice)
    ids = [unit.id for unit in travelling(library)]
    assert len(ids) == len(set(ids))


def test_an_id_changes_with_a_mark(library: TinyLibrary) -> None:
    translated_library.write(library)
    before = {unit.id for unit in travelling(library)}
    source(library, "Tag din insulin", "Tag **din** insulin")
    assert len(before - {unit.id for unit in travelling(library)}) == 1


def test_names_that_are_not_there(library: TinyLibrary) -> None:
    recorded(library)
    loaded = loader.load_library(library.root)
    for name, language, message in (
        ("frist", "en", "did you mean “first”"),
        ("first", "da", "source"),
        ("first", "pl", "not a language"),
    ):
        with pytest.raises(UsageError, match=message):
            find_work(loaded, name, language)
    library.write("content/first/en.md", "broken")
    with pytest.raises(SourceError, match=r"en\.md"):
        find_work(loader.load_library(library.root), "first", "en")


def test_a_record_that_cannot_be_read_is_never_written_over(library: TinyLibrary) -> None:
    recorded(library)
    library.write("content/first/translated.yaml", "nonsense: 1\n")
    with pytest.raises(SourceError, match=r"translated\.yaml"):
        find_work(loader.load_library(library.root), "first", "ar")


@pytest.mark.parametrize("name", ["..", "../first", "/", ""])
def test_a_name_that_leads_elsewhere(library: TinyLibrary, name: str) -> None:
    recorded(library)
    with pytest.raises(UsageError, match="there is no leaflet"):
        find_work(loader.load_library(library.root), name, "ar")


def test_words_of_another_block_are_never_taken_for_a_translation(library: TinyLibrary) -> None:
    recorded(library)
    text = library.read("content/first/en.md")
    library.write(
        "content/first/en.md", text.replace("- Bring clothes.\n", "").replace("## Before\n", "## Before\n\nMore.\n")
    )
    source(library, "Feber\n", "Feber\nNyt.\n\n")
    assert ("Tag tøj med.", "") in words(library)
    assert not {"More.", "You must come at 8."} & {old for now, old in words(library) if now == "Tag tøj med."}


@pytest.mark.parametrize("format", WRITERS)
def test_where_the_library_is_concerns_nobody_else(library: TinyLibrary, format: str) -> None:
    translated_library.write(library)
    data = export_leaflet(loader.load_library(library.root), "first", "en", format=format).data
    document = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml") if format == "docx" else data
    assert library.root.parent.as_posix() not in document.decode()
    assert "da.md:8" in document.decode()


def test_limits_travel_with_their_words(library: TinyLibrary) -> None:
    translated_library.write(
        library,
        "\n::: facts work driving\n- **1 dag** Så kan du arbejde.\n- **2 dage** Så kan du løbe.\n:::\n\n![Et hus](images/a.svg)\n",
    )
    library.write("content/first/images/a.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    found = {plain(unit.source): unit for unit in travelling(library)}
    assert found["1 dag Så kan du arbejde."].notes == ("Keep the bold words under 15 characters.",)
    assert (found["Et hus"].limit, found["Et hus"].notes) == (400, ("Write at most 400 characters.",))
