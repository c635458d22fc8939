"""A leaflet is read page by page, remarked on and approved: only by who may, and only what was read."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from pdfkit_cli.content import loader
from pdfkit_cli.content.models import Status
from pdfkit_cli.desk import history
from pdfkit_cli.desk.history import Deed, HistoryEntry
from pdfkit_cli.desk.settings import DeskRole
from tests.desk.test_keeper import text
from tests.helpers.desk_app_client import OWN, opened
from tests.helpers.desk_client import library_of
from tests.helpers.letter_pdfs import reader
from tests.helpers.tiny_library import TEXT, TinyLibrary

REVIEW = "/keeper/review/first"
NEXT = (date.today() + timedelta(700)).isoformat()
ROLES = {DeskRole.APPROVER: frozenset({"an.approver"}), DeskRole.REVIEWER: frozenset({"a.reviewer"}), DeskRole.KEEPER: frozenset({"a.keeper"})}  # fmt: skip


@pytest.fixture
def desk(library: TinyLibrary, tmp_path: Path) -> Iterator[TestClient]:
    """A desk behind a proxy that signs users in by name."""
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    library.replace("content/first/leaflet.yaml", "status: draft", "# a note of the author\nstatus: draft  # for now")
    library.replace("clinics/north.yaml", "[da]", "[da, en]")
    library.write("content/first/en.md", TEXT.replace("summary:", "# a note\nsummary:"))
    proxy = {"user_header": "x-user", "role_header": "x-roles", "roles": ROLES, "proxies": frozenset({"testclient"})}
    with opened(library.root, tmp_path / "dist", **proxy) as client:
        client.cookies.set("language", "en")
        yield client


def user(name: str, roles: str = "") -> dict[str, str]:
    return {"x-user": name, "x-roles": roles, **OWN}


APPROVER, REVIEWER = user("An.Approver"), user("a.reviewer")


def read(client: TestClient, who: dict[str, str] = APPROVER, language: str = "") -> dict[str, str]:
    """Open every page, and return what the form sends."""
    query = f"language={language}&" if language else ""
    page = client.get(f"{REVIEW}?{query}", headers=who).text
    pages = int(re.findall(r"Page 1 of (\d+)", page)[0])
    for number in range(1, pages + 1):
        page = client.get(f"{REVIEW}?{query}page={number}", headers=who).text
        picture = re.findall(r'<img src="(/keeper/review/[^"]+)"', page)[0].replace("&amp;", "&")
        assert client.get(picture, headers=who).content[:4] == b"\x89PNG"
    return {
        "bound": re.findall(r'name="bound" value="(\w+)"', page)[0] if 'name="bound"' in page else "",
        "version": "1.0",
        "review_by": NEXT,
    }


def approve(client: TestClient, form: dict[str, str], who: dict[str, str] = APPROVER, language: str = "") -> tuple[int, str]:  # fmt: skip
    answer = client.post(f"{REVIEW}/approve{f'?language={language}' if language else ''}", data=form, headers=who)
    return answer.status_code, text(answer.text)


def short_digest(library: TinyLibrary, language: str) -> str:
    return loader.load_library(library.root).leaflets["first"].translations[language].short_digest


def deeds(library: TinyLibrary) -> list[HistoryEntry]:
    return list(history.load_history(library.root, "content", "first"))


def test_what_was_read_is_approved_and_the_file_keeps_the_rest(library: TinyLibrary, desk: TestClient) -> None:
    before = library.read("content/first/leaflet.yaml")
    form = read(desk)
    assert approve(desk, form)[0] == 303
    today = date.today().isoformat()
    expected = before.replace('version: "0.1"', 'version: "1.0"').replace("date: 2026-01-31", f"date: {today}")
    expected = expected.replace("status: draft  # for now", f"status: approved  # for now\nreviewed: {today}\nreview_by: {NEXT}\napproved_text: {short_digest(library, 'da')}")  # fmt: skip
    assert library.read("content/first/leaflet.yaml") == expected
    leaflet = loader.load_library(library.root).leaflets["first"]
    assert leaflet.model.status is Status.APPROVED
    (entry,) = deeds(library)
    assert (entry.who, entry.did, entry.version, entry.review_by) == ("An.Approver", Deed.APPROVED, "1.0", NEXT)
    assert leaflet.original
    assert entry.text == leaflet.original.text_digest
    page = text(desk.get(REVIEW, headers=APPROVER).text)
    assert f"An.Approver approved version 1.0 (sheet {entry.edition}); next review {NEXT}" in page
    assert "The text is approved, and nothing is missing" in page
    assert approve(desk, read(desk) | {"bound": form["bound"]})[0] == 409, "not twice"


def test_a_text_that_changes_after_its_approval_is_a_draft_again_at_once(
    library: TinyLibrary, desk: TestClient
) -> None:
    """Its sheets, the desk and the inbox say so, until it is approved again: a new version alone is no approval."""

    def sheet() -> str:
        library_of(desk).refresh()
        return str(reader(desk.get("/north/pdf/first.en.a4.pdf", headers=APPROVER).content).pages[0].extract_text())

    assert approve(desk, read(desk))[0] == 303
    assert approve(desk, read(desk, language="en"), language="en")[0] == 303
    assert "draft" not in sheet().casefold()
    approved = library.read("content/first/da.md")
    library.replace("content/first/da.md", "i tvivl", "usikker")
    library.replace("content/first/leaflet.yaml", 'version: "1.0"', 'version: "1.1"')
    assert "draft" in sheet().casefold(), "in all languages: the leaflet is what is approved"
    assert "Draft" in text(desk.get("/north/leaflet/first?language=da", headers=APPROVER).text)
    inbox = text(desk.get("/keeper", headers=APPROVER).text)
    assert "Drafts to approve" in inbox
    library.write("content/first/da.md", approved)
    assert "draft" not in sheet().casefold()
    library.replace("content/first/en.md", "i tvivl", "in doubt")
    library.replace("content/first/leaflet.yaml", 'version: "1.1"', 'version: "1.2"')
    assert "Translation not reviewed" in sheet()
    assert approve(desk, read(desk, language="en"), language="en")[0] == 303
    assert "Translation not reviewed" not in sheet()


def test_a_text_that_changed_since_is_not_approved(library: TinyLibrary, desk: TestClient) -> None:
    form = read(desk)
    library.replace("content/first/da.md", "i tvivl", "usikker")
    before = library.read("content/first/leaflet.yaml")
    status, words = approve(desk, form)
    assert status == 409
    assert "The leaflet changed since you read it. Nothing was approved." in words
    assert (library.read("content/first/leaflet.yaml"), deeds(library)) == (before, [])
    assert approve(desk, read(desk))[0] == 303, "the new one, once it was read"


@pytest.mark.parametrize("file", ["clinics/north.yaml", "content/first/leaflet.yaml"])
def test_nor_is_a_sheet_or_a_file_that_changed(library: TinyLibrary, desk: TestClient, file: str) -> None:
    form = read(desk)
    old, new = ("76 36 14 00", "76 36 14 99") if "clinics" in file else ("audience: patient", "audience: patient # x")
    library.replace(file, old, new)
    assert approve(desk, form)[0] == 409
    assert deeds(library) == []


def test_pages_that_were_not_opened_are_not_approved(
    library: TinyLibrary, desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = read(desk)
    assert approve(desk, form, user("another.one", "approver"))[0] == 409, "somebody else has opened none"
    library.body("".join(f"## Del {number}\n\n{'Ord og flere ord. ' * 150}\n\n" for number in range(6)))
    library_of(desk).refresh()
    page = desk.get(REVIEW, headers=APPROVER).text
    assert "Open every page first" in page
    assert 'name="bound"' not in page
    form = read(desk)
    assert form["bound"]
    assert approve(desk, form)[0] == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"review_by": "2020-01-01"}, "Choose a day after today"),
        ({"review_by": "soon"}, "Choose a day after today"),
        ({"review_by": ""}, "Choose a day after today"),
        ({"version": "one"}, "Write the version as numbers"),
        ({"version": "1.0\nowner: x"}, "Write the version as numbers"),
        ({"version": ""}, "Write the version as numbers"),
    ],
)
def test_a_form_that_is_wrong_changes_nothing(
    library: TinyLibrary, desk: TestClient, change: dict[str, str], words: str
) -> None:
    before, form = library.read("content/first/leaflet.yaml"), read(desk)
    status, said = approve(desk, form | change)
    assert status == 400
    assert words in said
    assert (library.read("content/first/leaflet.yaml"), deeds(library)) == (before, [])


@pytest.mark.parametrize("who", ["nobody.special", "a.keeper"])
def test_nobody_without_a_role_sees_or_does_anything(library: TinyLibrary, desk: TestClient, who: str) -> None:
    form, without = read(desk), user(who)
    picture = f"{REVIEW}/page/1?v={desk.get('/north/ready/first.da.a4.pdf', headers=APPROVER).json()['sha256']}"
    assert desk.get(picture, headers=APPROVER).status_code == 200
    for path in (REVIEW, picture):
        assert desk.get(path, headers=without).status_code == 403
    for path in ("approve", "remark", "settle"):
        assert desk.post(f"{REVIEW}/{path}", data={**form, "words": "x"}, headers=without).status_code == 403
    assert "/keeper/review/" not in desk.get("/keeper", headers=without).text
    assert "/keeper/review/first" in desk.get("/keeper", headers=REVIEWER).text
    assert desk.get(REVIEW, headers=OWN).status_code == 401, "nobody is signed in"
    assert desk.get(REVIEW, headers={**user("x"), "x-roles": "approver, nonsense"}).status_code == 200
    assert deeds(library) == []


def test_a_reviewer_remarks_and_does_not_approve(library: TinyLibrary, desk: TestClient) -> None:
    form = read(desk)
    read(desk, REVIEWER)
    assert approve(desk, form, REVIEWER)[0] == 403
    page = desk.get(REVIEW, headers=REVIEWER).text
    assert "Only somebody with that role can approve" in page
    assert "/approve" not in page


def test_without_names_nobody_has_a_role(library: TinyLibrary, tmp_path: Path) -> None:
    with opened(library.root, tmp_path / "dist", roles=ROLES) as client:
        assert client.get(REVIEW, headers=APPROVER).status_code == 403
        assert client.post(f"{REVIEW}/approve", headers=APPROVER).status_code == 403


def test_headers_of_anybody_but_the_proxy_give_no_role(library: TinyLibrary, tmp_path: Path) -> None:
    more = {"user_header": "x-user", "role_header": "x-roles", "roles": ROLES, "token": "3f9c2a71d04be865", "proxies": frozenset({"10.0.0.1"})}  # fmt: skip
    with opened(library.root, tmp_path / "dist", **more) as client:
        client.post("/sign-in", data={"token": more["token"]}, headers=OWN)
        assert client.get("/keeper").status_code == 200
        assert client.get(REVIEW, headers=user("an.approver", "approver")).status_code == 403


def test_a_remark_on_a_passage_waits_until_it_is_settled(library: TinyLibrary, desk: TestClient) -> None:
    form = read(desk)
    page = desk.get(REVIEW, headers=REVIEWER).text
    passages = {words: digest for digest, words in re.findall(r'<option value="(\w{16})"[^>]*>([^<]+)<', page)}
    chosen = next(words for words in passages if words.startswith("Ring"))
    words = 'Skal der stå "straks"?\n- og: hvem #1 <b>\u2028'
    answer = desk.post(f"{REVIEW}/remark", data={"passage": passages[chosen], "words": words}, headers=REVIEWER)
    assert answer.status_code == 303
    (entry,) = deeds(library)
    assert (entry.who, entry.did, entry.excerpt, entry.language) == ("a.reviewer", Deed.REMARKED, chosen, "da")
    assert entry.words == 'Skal der stå "straks"?\n- og: hvem #1 <b>'
    assert yaml.safe_load(library.read("history/content/first.yaml"))[0]["who"] == "a.reviewer"
    shown = desk.get(REVIEW, headers=APPROVER).text
    assert "hvem #1 &lt;b&gt;" in shown
    assert approve(desk, form)[0] == 409, "a remark waits"
    library.replace("content/first/da.md", "i tvivl", "usikker")
    library_of(desk).refresh()
    assert "The passage changed since" in desk.get(REVIEW, headers=APPROVER).text
    remark = re.findall(r'name="remark" value="(\w+)"', shown)[0]
    for _ in range(2):
        assert desk.post(f"{REVIEW}/settle", data={"remark": remark}, headers=APPROVER).status_code == 303
    assert [each.did for each in deeds(library)] == [Deed.REMARKED, Deed.SETTLED]
    assert approve(desk, read(desk))[0] == 303


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_a_remark_has_words_and_not_too_many(library: TinyLibrary, desk: TestClient, words: str) -> None:
    answer = desk.post(f"{REVIEW}/remark", data={"words": words}, headers=REVIEWER)
    assert (answer.status_code, deeds(library)) == (400, [])


def test_a_translation_is_marked_as_reviewed(library: TinyLibrary, desk: TestClient) -> None:
    before = library.read("content/first/en.md")
    assert approve(desk, read(desk, language="en"), language="en")[0] == 303
    marked = f"summary: En kort indledning.\ntranslation: reviewed\nreviewed_text: {short_digest(library, 'en')}\n"
    assert library.read("content/first/en.md") == before.replace("summary: En kort indledning.\n", marked)
    assert not loader.load_library(library.root).leaflets["first"].is_unreviewed("en")
    assert [(each.did, each.language) for each in deeds(library)] == [(Deed.REVIEWED, "en")]
    assert library.read("content/first/leaflet.yaml").count("status: draft") == 1, "the original is another matter"


def test_a_translation_that_is_behind_is_not(library: TinyLibrary, desk: TestClient) -> None:
    library.write("content/first/translated.yaml", "made_from:\n  en: |\n    0123456789abcdef x\n")
    library_of(desk).refresh()
    page = desk.get(f"{REVIEW}?language=en", headers=APPROVER).text
    assert "Have the changes translated first" in page
    read(desk, language="en")
    bound = {"bound": "x"}
    assert approve(desk, bound, language="en")[0] == 409
    assert "translation: reviewed" not in library.read("content/first/en.md")


def test_a_broken_history_stops_approving_and_is_named(library: TinyLibrary, desk: TestClient) -> None:
    form, before = read(desk), library.read("content/first/leaflet.yaml")
    library.write("history/content/first.yaml", "- who\n  did: x\n")
    for answer in (desk.get(REVIEW, headers=APPROVER), desk.post(f"{REVIEW}/approve", data=form, headers=APPROVER), desk.post(f"{REVIEW}/remark", data={"words": "x"}, headers=APPROVER)):  # fmt: skip
        assert answer.status_code == 409
        assert "history/content/first.yaml:2:" in answer.text
    assert library.read("content/first/leaflet.yaml") == before
    assert library.read("history/content/first.yaml") == "- who\n  did: x\n"


def test_a_library_that_cannot_be_written_is_told(library: TinyLibrary, desk: TestClient) -> None:
    form = read(desk)
    library.write("history/content", "a file where the folder should be")
    assert approve(desk, form)[0] in (409, 500)
    assert "status: draft" in library.read("content/first/leaflet.yaml")


@pytest.mark.parametrize("path", ["/keeper/review/nothing", "/keeper/review/first?language=sv", "/keeper/review/first/page/9?v=x", "/keeper/review/first/page/1"])  # fmt: skip
def test_what_there_is_not(desk: TestClient, path: str) -> None:
    assert desk.get(path, headers=APPROVER).status_code == 404


def test_every_language_has_the_page(desk: TestClient) -> None:
    read(desk)
    for language, word in (("da", "Godkend version 1.0"), ("sv", "Godkänn version 1.0"), ("en", "Approve version 1.0")):
        desk.cookies.set("language", language)
        assert word in desk.get(REVIEW, headers=APPROVER).text


def test_the_link_and_the_letter_name_the_page(desk: TestClient) -> None:
    page = desk.get(f"{REVIEW}?language=en", headers=REVIEWER).text
    assert 'value="http://127.0.0.1:8000/keeper/review/first?language=en"' in page
    assert re.search(
        r'href="mailto:\?subject=[^"]+&amp;body=[^"]+http%3A//127\.0\.0\.1%3A8000/keeper/review/first', page
    )
