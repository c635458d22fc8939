"""What a secretary finds in a large library: the right leaflet first, guesses called guesses, languages and formats by name."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.content.models import Format
from pdfkit_cli.desk.search_query import SearchQuery, read_beginning, read_query
from tests.helpers.desk_client import client
from tests.helpers.search_cases import GUESSES, HOSPITAL, HOSPITAL_CASES, Case
from tests.helpers.tiny_library import TinyLibrary, tiny

LANGUAGES = ("da", "sv", "en", "ar")
ARABIC = "---\ntitle: العلاج\nsummary: نص.\n---\n\n## عنوان\n\nنص.\n"


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A desk over many leaflets, in Danish; those on knees in Arabic, too, and that of the back in large print."""
    folder = tmp_path_factory.mktemp("hospital")
    library = tiny(folder)
    hands_out = ""
    for entry in HOSPITAL:
        text, knee = entry.texts[0], "knee" in entry.leaflet
        model = library.read("content/first/leaflet.yaml").replace("T-1", entry.id)
        formats = "[a4, a4-large]" if entry.leaflet == "back" else "[a4]"
        library.write(f"content/{entry.leaflet}/leaflet.yaml", model.replace("[a4, a5]", formats))
        synonyms = f"synonyms: [{', '.join(text.synonyms)}]\n" if text.synonyms else ""
        body = f"---\ntitle: {text.title}\nsummary: {text.summary}\n{synonyms}---\n\n## Før\n\nRing.\n"
        library.write(f"content/{entry.leaflet}/da.md", body)
        if knee:
            library.write(f"content/{entry.leaflet}/ar.md", ARABIC)
        hands_out += f"  {entry.leaflet}: {{languages: [da{', ar' if knee else ''}]}}\n"
    clinic = library.read("clinics/north.yaml")
    library.write("clinics/north.yaml", clinic.split("hands_out:")[0] + "hands_out:\n" + hands_out)
    found = client(library.root, folder / "dist")
    found.cookies.set("language", "da")
    return found


def shown(asking: TestClient, query: str) -> str:
    return str(asking.get("/", params={"q": query}).text)


def leaflets(html: str) -> list[str]:
    """The addresses of the leaflets, in their order."""
    return re.findall(r'<h3 [^>]*><a href="/north/leaflet/([^"]+)"', html)


def heading(html: str) -> str:
    found = re.search('<h2 id="count"[^>]*>([^<]*)</h2>', html)
    assert found
    return found[1]


@pytest.mark.parametrize("case", HOSPITAL_CASES, ids=lambda case: case.typed)
def test_the_right_part_of_the_body_comes_first_and_enter_opens_it(asking: TestClient, case: Case) -> None:
    html = shown(asking, case.typed)
    assert leaflets(html)[0] == case.first
    assert heading(html) == "1 pjece fundet"
    assert "data-only" in html
    assert ("Måske mente du …" in html) == (len(leaflets(html)) > 1)


@pytest.mark.parametrize("typed", GUESSES)
def test_a_guess_is_called_a_guess_and_opened_by_nothing(asking: TestClient, typed: str) -> None:
    html = shown(asking, typed)
    assert leaflets(html)
    assert heading(html) == f"Ingen præcis for ”{typed}”. Mente du …"
    assert "data-only" not in html


def test_enter_opens_nothing_that_is_ambiguous(asking: TestClient) -> None:
    assert len(leaflets(shown(asking, "hofte"))) > 10
    for typed in ("hofte", "operation", "", "zzzz"):
        assert "data-only" not in shown(asking, typed), typed
    assert "data-only" in shown(asking, "h-hip"), "an id, though other ids begin like it"
    assert leaflets(shown(asking, "H-HIP"))[0] == "hip"


@pytest.mark.parametrize("typed", ["arabisk", "arabiska", "Arabic", "العربية", "arabi"])
def test_a_language_is_found_by_its_name(asking: TestClient, typed: str) -> None:
    html = shown(asking, typed)
    assert leaflets(html) == ["new-knee?language=ar", "knee?language=ar"]
    assert heading(html) == "2 pjecer fundet"


@pytest.mark.parametrize("typed", ["arabisk knæoperation", "knæoperation arabisk", "knæet Arabic"])
def test_a_language_beside_words_opens_that_language(asking: TestClient, typed: str) -> None:
    html = shown(asking, typed)
    assert leaflets(html)[0] == "knee?language=ar"
    assert heading(html) == "1 pjece fundet"
    assert "data-only" in html


def test_a_language_that_a_leaflet_has_not_is_never_opened_in_another(asking: TestClient) -> None:
    for typed in ("lyskebrok arabisk", "lyskebrok svensk"):
        html = shown(asking, typed)
        assert leaflets(html) == ["hernia"]
        assert "Mente du" in heading(html)
        assert "data-only" not in html
    assert leaflets(shown(asking, "svensk")) == []


def test_a_format_is_found_by_its_name(asking: TestClient) -> None:
    for typed in ("stor skrift", "Stor skrift lænden", "large print", "ryggen stor stil"):
        html = shown(asking, typed)
        assert leaflets(html) == ["back?format=a4-large"], typed
    assert leaflets(shown(asking, "stor skrift dansk")) == ["back?language=da&amp;format=a4-large"]


def test_what_is_asked_for_is_read() -> None:
    formats: dict[str, Format] = {}
    assert read_query("svensk Lænd", LANGUAGES, formats) == SearchQuery("land", "sv")
    assert read_query("svenske", LANGUAGES, formats) == SearchQuery("svenske")
    assert read_query("engelsk svensk", LANGUAGES, formats).words != "", "one language is asked for"
    assert read_beginning("smerter enge", LANGUAGES) == SearchQuery("smerter", "en")
    assert read_beginning("eng", LANGUAGES) == SearchQuery("eng")
    assert read_query("farsi", ("da", "fa"), formats) == SearchQuery("", "fa")


def test_what_is_opened_shows_the_language_asked_for(asking: TestClient) -> None:
    html = asking.get("/north/leaflet/knee?language=ar").text
    assert 'data-key="language.ar" aria-current="true"' in html


def test_a_title_in_another_language_is_shown_only_where_it_explains_the_match(
    library: TinyLibrary, tmp_path: Path
) -> None:
    library.replace("content/first/da.md", "En titel", "Varmebehandling af smerter i lænden (denervering)")
    library.translate("sv")
    library.replace("content/first/sv.md", "Varmebehandling af smerter i lænden (denervering)", "Värmebehandling")
    asking = client(library.root, tmp_path / "dist")
    asking.cookies.set("language", "da")
    assert "other-title" not in shown(asking, "varmebehandling")
    library.replace("content/first/sv.md", "Värmebehandling", "Denervering av nerver")
    asking = client(library.root, tmp_path / "dist")
    asking.cookies.set("language", "da")
    assert "other-title" in shown(asking, "nerver")
