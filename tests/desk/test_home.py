"""The first screen of a clinic: subjects to choose from, and what to do where nothing is found."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary

SUBJECTS = {"alfa": "Ryg", "beta": "Knæ", "gamma": "Ryg", "delta": ""}


@pytest.fixture
def asking(library: TinyLibrary, tmp_path: Path) -> TestClient:
    """A desk over four leaflets, three of them with a subject; `delta` is handed out by the other clinic alone."""
    hands_out = "hands_out:\n"
    for number, (name, subject) in enumerate(SUBJECTS.items(), 2):
        model = library.read("content/first/leaflet.yaml").replace("T-1", f"T-{number}")
        library.write(f"content/{name}/leaflet.yaml", model)
        line = f"subject: {subject}\n" if subject else ""
        text = library.read("content/first/da.md").replace("En titel\n", f"{name.title()}blokade\n{line}")
        library.write(f"content/{name}/da.md", text)
        hands_out += f"  {name}: {{languages: [da]}}\n"
    for clinic, mine in (("north", hands_out.replace("  delta: {languages: [da]}\n", "")), ("south", hands_out)):
        text = library.read(f"clinics/{clinic}.yaml")
        library.write(f"clinics/{clinic}.yaml", text.split("hands_out:")[0] + mine)
    return client(library.root, tmp_path / "dist")


def shown(html: str) -> list[str]:
    return re.findall(r'href="/\w+/leaflet/(\w+)" data-key="\w+" data-first', html)


def test_subjects_are_chosen_from(asking: TestClient) -> None:
    html = asking.get("/north/").text
    assert shown(html) == ["alfa", "beta", "gamma"]
    assert re.findall(r'data-key="subject\.(\w*)"', html) == ["", "Knæ", "Ryg"]
    back = asking.get("/north/", params={"subject": "Ryg"}).text
    assert shown(back) == ["alfa", "gamma"]
    assert "2 leaflets" in back
    assert 'data-key="subject.Ryg" aria-current="true"' in back
    assert shown(asking.get("/north/", params={"subject": "Hjerte"}).text) == ["alfa", "beta", "gamma"]
    assert 'data-key="subject.' not in asking.get("/north/", params={"q": "alfa"}).text


@pytest.mark.usefixtures("asking")
def test_many_subjects_make_no_page_wider(
    library: TinyLibrary, tmp_path: Path, browser: Browser, serving: Callable[[Path, Path], str]
) -> None:
    for name in ("alfa", "beta"):
        library.replace(f"content/{name}/da.md", "subject: ", f"subject: {name} og andet, der er længere, ")
    address = serving(library.root, tmp_path / "dist")
    context = browser.new_context(viewport={"width": 341, "height": 500}, base_url=address, locale="da-DK")
    page = context.new_page()
    for path in ("/north/", "/north/?q=delta", "/north/pack"):
        page.goto(path)
        assert page.locator("html").evaluate("one => one.scrollWidth") <= 341, path
    context.close()


def test_what_only_other_clinics_hand_out_is_named_and_not_opened(asking: TestClient) -> None:
    html = asking.get("/north/", params={"q": "deltablokade"}).text
    assert "Other clinics hand out" in html
    assert "Deltablokade" in html
    assert "Klinik Syd" in html
    assert "/leaflet/delta" not in html
    assert "Other clinics hand out" not in asking.get("/south/", params={"q": "deltablokade"}).text
    assert "Other clinics hand out" not in asking.get("/north/", params={"q": "alfablokade"}).text


def test_a_leaflet_that_is_missing_can_be_asked_for(asking: TestClient, library: TinyLibrary, tmp_path: Path) -> None:
    assert "Ask the person who maintains the library" in asking.get("/north/", params={"q": "kvantefysik"}).text
    assert "maintained by" not in asking.get("/north/").text
    settings = library.read("library.yaml")
    library.write(
        "library.yaml", f"{settings}maintainer: {{name: Kontoret, phone: 76 36 00 00, email: a@example.org}}\n"
    )
    asking = client(library.root, tmp_path / "dist")
    html = asking.get("/north/", params={"q": "knæ & brok"}).text
    wanted = "subject=Leaflet%20wanted%3A%20kn%C3%A6%20%26%20brok&amp;body=Klinik%20Nord"
    assert f'href="mailto:a@example.org?{wanted}"' in html
    for path in ("/north/", "/clinic", "/north/leaflet/alfa"):
        assert "The library is maintained by Kontoret · 76 36 00 00" in asking.get(path).text


def test_an_address_that_is_none_is_told(library: TinyLibrary, tmp_path: Path) -> None:
    settings = library.read("library.yaml")
    library.write("library.yaml", f"{settings}maintainer: {{name: Kontoret, email: nobody}}\n")
    answer = client(library.root, tmp_path / "dist").get("/north/")
    assert answer.status_code == 503
    assert "an e-mail address" in answer.text
