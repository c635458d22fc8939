"""A clinic's details are changed at the desk: by who may, after a look at the PDFs, and never over somebody else's change."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pdfkit_cli.desk import history
from pdfkit_cli.desk.history import Deed
from pdfkit_cli.desk.settings import DeskRole
from tests.desk.test_keeper import text
from tests.helpers.desk_app_client import OWN, opened
from tests.helpers.desk_client import library_of
from tests.helpers.tiny_library import TinyLibrary

PAGE = "/keeper/clinic/north"
KEEPER = {"x-user": "The.Keeper", **OWN}


@pytest.fixture
def desk(library: TinyLibrary, tmp_path: Path) -> Iterator[TestClient]:
    roles = {DeskRole.KEEPER: frozenset({"the.keeper"}), DeskRole.APPROVER: frozenset({"an.approver"})}
    proxy = {"user_header": "x-user", "roles": roles, "proxies": frozenset({"testclient"})}
    with opened(library.root, tmp_path / "dist", **proxy) as client:
        client.cookies.set("language", "en")
        yield client


def fields(html: str) -> dict[str, str]:
    """Return what the form of a page sends as it is."""
    return dict(re.findall(r'<input type="(?:hidden|text)" name="([^"]+)" value="([^"]*)"', html))


def test_a_phone_is_looked_at_and_then_saved(library: TinyLibrary, desk: TestClient) -> None:
    before = library.read("clinics/north.yaml")
    sent = fields(desk.get(PAGE, headers=KEEPER).text) | {"phone": "76 36 14 99"}
    look = desk.post(PAGE, data=sent, headers=KEEPER)
    assert look.status_code == 200
    assert "76 36 14 00 → 76 36 14 99" in text(look.text)
    assert "2 PDFs to make" in text(look.text)
    assert "a4, a5" in text(look.text)
    assert library.read("clinics/north.yaml") == before, "nothing is saved yet"
    answer = desk.post(PAGE, data=fields(look.text) | {"save": "yes"}, headers=KEEPER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?saved")
    assert library.read("clinics/north.yaml") == before.replace("76 36 14 00", "76 36 14 99")
    (entry,) = history.load_history(library.root, "clinics", "north")
    assert (entry.who, entry.did, entry.field) == ("The.Keeper", Deed.CHANGED, "phone")
    assert (entry.before, entry.after) == ("76 36 14 00", "76 36 14 99")
    page = text(desk.get(f"{PAGE}?saved", headers=KEEPER).text)
    assert "Saved." in page
    assert "The.Keeper changed Phone: 76 36 14 00 → 76 36 14 99" in page
    now = library_of(desk).now.project
    assert now
    assert now.library.clinics["north"].model.phone == "76 36 14 99", "the desk knows it at once"


def test_a_change_of_somebody_else_is_not_overwritten(library: TinyLibrary, desk: TestClient) -> None:
    sent = fields(desk.get(PAGE, headers=KEEPER).text) | {"phone": "76 36 14 99", "save": "yes"}
    library.replace("clinics/north.yaml", "Klinik Nord", "Klinik Ny")
    before = library.read("clinics/north.yaml")
    answer = desk.post(PAGE, data=sent, headers=KEEPER)
    assert answer.status_code == 409
    assert "The clinic’s file changed since you opened it. Nothing was saved." in text(answer.text)
    assert library.read("clinics/north.yaml") == before
    assert history.load_history(library.root, "clinics", "north") == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": "12"}, "The phone number cannot be used"),
        ({"opens-0": "9", "closes-0": "8"}, "The hours cannot be used"),
        ({"number-0": "12 34 56 78"}, "cannot be used. Public numbers can be written here"),
        ({}, "Nothing is changed"),
    ],
)
def test_what_cannot_be_is_told_and_kept_in_the_form(
    library: TinyLibrary, desk: TestClient, change: dict[str, str], words: str
) -> None:
    before = library.read("clinics/north.yaml")
    sent = fields(desk.get(PAGE, headers=KEEPER).text) | change
    for more in ({}, {"save": "yes"}):
        answer = desk.post(PAGE, data=sent | more, headers=KEEPER)
        assert (answer.status_code, words in text(answer.text)) == (400, True), answer.text
        assert all(f'value="{value}"' in answer.text for value in change.values())
    assert library.read("clinics/north.yaml") == before


@pytest.mark.parametrize("who", ["an.approver", "nobody.special"])
def test_nobody_but_a_keeper_sees_or_changes_it(library: TinyLibrary, desk: TestClient, who: str) -> None:
    sent = fields(desk.get(PAGE, headers=KEEPER).text) | {"phone": "76 36 14 99", "save": "yes"}
    without = {"x-user": who, **OWN}
    assert desk.get(PAGE, headers=without).status_code == 403
    assert desk.post(PAGE, data=sent, headers=without).status_code == 403
    assert desk.post(PAGE, data=sent, headers=OWN).status_code == 401
    assert "/keeper/clinic/" not in desk.get("/keeper", headers=without).text
    assert f'href="{PAGE}"' in desk.get("/keeper", headers=KEEPER).text
    assert "76 36 14 00" in library.read("clinics/north.yaml")


def test_a_clinic_with_an_error_in_its_file_is_not_changed_here(library: TinyLibrary, desk: TestClient) -> None:
    library.replace("clinics/north.yaml", "phone:", "phone")
    library_of(desk).refresh()
    answer = desk.get(PAGE, headers=KEEPER)
    assert answer.status_code == 409
    assert "cannot be changed here until it is corrected" in text(answer.text)


def test_a_clinic_that_is_not_there(desk: TestClient) -> None:
    for name in ("nowhere", "..%2flibrary", "library"):
        assert desk.get(f"/keeper/clinic/{name}", headers=KEEPER).status_code == 404


def test_what_is_sent_is_words_and_no_markup(desk: TestClient) -> None:
    sent = fields(desk.get(PAGE, headers=KEEPER).text) | {"phone": '"><script>alert(1)</script>'}
    assert "<script>alert" not in desk.post(PAGE, data=sent, headers=KEEPER).text
