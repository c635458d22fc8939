"""Translations at the desk: how far each is, files for translators, and what comes back, looked at and then taken over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.desk import history, security, translation_views
from pdfkit_cli.desk.history import Deed
from pdfkit_cli.desk.settings import DeskRole
from pdfkit_cli.desk.translation_views import changed_passages
from tests.desk.test_keeper import text
from tests.helpers.desk_app_client import OWN, opened
from tests.helpers.desk_client import library_of
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.translated_library import recorded, source

PAGE = "/keeper/translations/first/en"
KEEPER = {"x-user": "The.Keeper", **OWN}


@pytest.fixture
def desk(library: TinyLibrary, tmp_path: Path) -> Iterator[TestClient]:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en, ar]\n")
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    roles = {DeskRole.KEEPER: frozenset({"the.keeper"}), DeskRole.APPROVER: frozenset({"an.approver"})}
    proxy = {"user_header": "x-user", "roles": roles, "proxies": frozenset({"testclient"})}
    with opened(library.root, tmp_path / "dist", **proxy) as client:
        client.cookies.set("language", "en")
        yield client


def hidden(html: str) -> dict[str, str]:
    """Return what the form that takes over sends."""
    return dict(re.findall(r'<input type="hidden" name="(file|bound)" value="([^"]*)"', html))


def translated(desk: TestClient, words: str = "You must come at 9.") -> bytes:
    """Return the file that the desk exports, with one passage translated."""
    sent = desk.get(f"{PAGE}/xliff", headers=KEEPER)
    assert sent.headers["content-disposition"] == 'attachment; filename="first.en.xliff"'
    return bytes(sent.content).replace(b"</source>", f"</source><target>{words}</target>".encode())


def upload(desk: TestClient, data: bytes, name: str = "back.xliff") -> tuple[int, str]:
    answer = desk.post(PAGE, files={"file": (name, data)}, headers=KEEPER)
    return answer.status_code, answer.text


def test_the_overview_tells_how_far_each_translation_is(desk: TestClient, library: TinyLibrary) -> None:
    page = text(desk.get("/keeper/translations", headers=KEEPER).text)
    assert "Original 1 passage to translate of 8 Send and receive No text yet Send and receive" in page
    library.write("content/first/translated.yaml", "nonsense: 1\n")
    library_of(desk).refresh()
    assert "Cannot be read" in text(desk.get("/keeper/translations", headers=KEEPER).text)


def test_a_translation_is_looked_at_and_then_taken_over(desk: TestClient, library: TinyLibrary) -> None:
    before = library.read("content/first/en.md")
    status, look = upload(desk, translated(desk))
    assert status == 200
    assert "1 passage is right. 0 remain to be translated. The translation is marked as not reviewed" in text(look)
    assert "You must come at 8. You must come at 9." in text(look)
    assert library.read("content/first/en.md") == before, "nothing is saved yet"
    answer = desk.post(f"{PAGE}/take-over", data=hidden(look), headers=KEEPER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?imported")
    assert library.read("content/first/en.md") == before.replace("at 8", "at 9").replace("reviewed", "unreviewed")
    (entry,) = history.load_history(library.root, "content", "first")
    assert (entry.who, entry.did, entry.language) == ("The.Keeper", Deed.TRANSLATED, "en")
    page = text(desk.get(f"{PAGE}?imported", headers=KEEPER).text)
    assert "The translation has been taken over." in page
    assert "The.Keeper took over a translation" in page
    assert "Up to date" in text(desk.get("/keeper/translations", headers=KEEPER).text)


def test_what_is_refused_is_named_and_not_saved(desk: TestClient, library: TinyLibrary) -> None:
    before = library.read("content/first/en.md")
    status, look = upload(desk, translated(desk, "You must come at 7."))
    assert status == 200
    assert "1 passage is refused" in text(look)
    assert "back.xliff:7:" in text(look)
    assert "Take it over" not in text(look)
    answer = desk.post(f"{PAGE}/take-over", data=hidden(look), headers=KEEPER)
    assert answer.status_code == 409
    assert library.read("content/first/en.md") == before


def test_a_change_of_somebody_else_is_looked_at_again(desk: TestClient, library: TinyLibrary) -> None:
    _, look = upload(desk, translated(desk))
    library.replace("content/first/en.md", "Bring clothes", "Bring warm clothes")
    before = library.read("content/first/en.md")
    answer = desk.post(f"{PAGE}/take-over", data=hidden(look), headers=KEEPER)
    assert answer.status_code == 409
    assert "The leaflet changed in the meantime." in text(answer.text)
    assert library.read("content/first/en.md") == before
    assert desk.post(f"{PAGE}/take-over", data=hidden(answer.text), headers=KEEPER).status_code == 303
    assert "Bring warm clothes" in library.read("content/first/en.md")


def test_a_new_language(desk: TestClient, library: TinyLibrary) -> None:
    page = f"{PAGE[:-2]}ar"
    data = desk.get(f"{page}/po", headers=KEEPER).content.decode()
    data = re.sub(r'(msgid "(.+)"\nmsgstr )""', r'\1"\2 x"', data)
    look = desk.post(page, files={"file": ("back.po", data.encode())}, headers=KEEPER)
    assert desk.post(f"{page}/take-over", data=hidden(look.text), headers=KEEPER).status_code == 303
    assert "Tag tøj med. x" in library.read("content/first/ar.md")


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xliff version="1.2"/>'


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (BOMB, "back.xliff", "The file cannot be used, and nothing was changed. back.xliff:1:"),
        (b"\xd0\xcf", "back.docx", "The file cannot be used"),
        (b"", "back.po", "The file cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used(desk: TestClient, data: bytes, name: str, words: str) -> None:
    status, page = upload(desk, data, name)
    assert (status, words in text(page)) == (400, True), text(page)


def test_other_files_and_forgotten_ones(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    good = translated(desk)
    assert "another leaflet or another language" in text(upload(desk, good.replace(b'"en"', b'"ar"'))[1])
    assert "Choose a file first." in text(desk.post(PAGE, headers=KEEPER).text)
    answer = desk.post(f"{PAGE}/take-over", data={"file": "0" * 64, "bound": ""}, headers=KEEPER)
    assert (answer.status_code, "no longer has the file" in text(answer.text)) == (409, True)
    monkeypatch.setattr(translation_views, "MAX_FILE_BYTES", 100)
    assert upload(desk, good)[0] == 413


def test_there_is_nothing_to_send(desk: TestClient) -> None:
    upload_page = upload(desk, translated(desk))[1]
    desk.post(f"{PAGE}/take-over", data=hidden(upload_page), headers=KEEPER)
    answer = desk.get(f"{PAGE}/po", headers=KEEPER)
    assert (answer.status_code, "fetch everything instead" in text(answer.text)) == (409, True)
    assert b"Bring clothes." in desk.get(f"{PAGE}/po?all", headers=KEEPER).content


@pytest.mark.parametrize("user", ["an.approver", "somebody"])
def test_only_a_keeper_may(desk: TestClient, library: TinyLibrary, user: str) -> None:
    who = {**KEEPER, "x-user": user}
    before = library.read("content/first/en.md")
    assert desk.get(PAGE, headers=who).status_code == 403
    assert desk.get(f"{PAGE}/po", headers=who).status_code == 403
    assert desk.post(PAGE, files={"file": ("a.po", b"")}, headers=who).status_code == 403
    assert desk.post(f"{PAGE}/take-over", data={"file": "", "bound": ""}, headers=who).status_code == 403
    overview = desk.get("/keeper/translations", headers=who)
    assert (overview.status_code, PAGE in overview.text) == (200, False)
    assert library.read("content/first/en.md") == before


@pytest.mark.parametrize("path", ["none/en", "first/da", "first/pl", "first/en/doc", "../first/en"])
def test_what_does_not_exist(desk: TestClient, path: str) -> None:
    assert desk.get(f"/keeper/translations/{path}", headers=KEEPER).status_code == 404


def test_only_the_form_takes_large_files() -> None:
    for path in (PAGE, f"/north{PAGE}"):
        assert security.UPLOAD_PATH.fullmatch(path)
    for path in (f"{PAGE}/take-over", "/keeper/translations", "/keeper/clinic/north"):
        assert not security.UPLOAD_PATH.fullmatch(path)


def test_passages_that_change() -> None:
    assert list(changed_passages("a\n\nb\nc\n", "a\n\nB\nc\nd\n")) == [("b", "B"), ("", "d")]
    assert list(changed_passages("a\n", "")) == []
