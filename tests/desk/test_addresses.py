"""Every address that depends on a clinic begins with it, so that each window has the clinic it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.desk.addresses import RESERVED_NAMES, clinic_in_path, file_address
from pdfkit_cli.desk.app import ROUTES
from pdfkit_cli.desk.templating import CLINIC_COOKIE
from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary, tiny

NAMES = {"rygcenter-syddanmark": "Rygcenter Syddanmark", "neurokirurgisk-ambulatorium": "Neurokirurgisk"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("addresses")
    library = tiny(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path]) -> TestClient:
    """A browser that remembers another clinic than it asks for."""
    return client(built[0].root, built[1], clinic="south")


def test_the_clinic_is_in_the_path() -> None:
    assert [clinic_in_path(path) for path in ("/north/leaflet/first", "/north", "/")] == ["north", "north", ""]
    assert {clinic_in_path(f"/{name}/x") for name in RESERVED_NAMES} == {""}
    assert file_address("pdf", "north/first.da.a4.pdf") == "/north/pdf/first.da.a4.pdf"


def test_what_begins_an_address_without_a_clinic_is_reserved() -> None:
    begins = {route.path.split("/")[1] for route in ROUTES}
    assert begins - {"", "{clinic}"} == RESERVED_NAMES


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_clinic_that_no_address_could_lead_to_is_told(library: TinyLibrary, tmp_path: Path, name: str) -> None:
    library.write(f"clinics/{name}.yaml", library.read("clinics/north.yaml"))
    answer = client(library.root, tmp_path / "dist").get("/")
    assert answer.status_code == 503
    assert f"clinics/{name}.yaml" in answer.text
    assert "another name" in answer.text


def test_everything_on_a_page_belongs_to_its_clinic(asking: TestClient) -> None:
    for path in ("/north/", "/north/?q=titel", "/north/leaflet/first", "/north/keeper"):
        page = asking.get(path).text
        assert "Klinik Nord" in page
        assert "/south" not in page, path
        for kind in ("leaflet", "pdf", "picture", "pack"):
            assert not re.search(f'="/{kind}[/"?]', page), (path, kind)


def test_what_a_browser_remembers_is_only_where_it_begins(asking: TestClient) -> None:
    assert asking.get("/").url.path == "/south/"
    assert asking.get("/?q=titel").url.query == b"q=titel"
    asking.get("/north/")
    asking.get("/north/leaflet/first")
    assert asking.get("/").url.path == "/south/", "a bookmark of another clinic does not change it"
    asking.post("/choose", data={"clinic": "north"})
    assert asking.get("/").url.path == "/north/"
    asking.cookies.delete(CLINIC_COOKIE)
    assert asking.get("/").url.path == "/clinic"
    assert asking.get("/north/leaflet/first").status_code == 200, "a bookmark needs no choice"


def test_a_pack_is_of_the_clinic_in_its_address(asking: TestClient) -> None:
    mine = {"leaflet": "north/first.da.a4.pdf"}
    assert asking.post("/north/pack", data=mine).status_code == 200
    refused = asking.post("/south/pack", data=mine, headers={"accept": "application/json"})
    assert refused.json()["problem"] == "no_leaflet"
    assert (
        asking.post("/nowhere/pack", data=mine, headers={"accept": "application/json"}).json()["problem"] == "no_clinic"
    )


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/", "/nowhere/leaflet/first", "/%3Cscript%3E/"])
def test_an_unknown_clinic_is_answered_with_the_clinics_there_are(asking: TestClient, path: str) -> None:
    answer = asking.get(path)
    assert answer.status_code == 404
    assert "No clinic has the address" in answer.text
    assert "Klinik Nord" in answer.text
    assert "<script>" not in answer.text


def test_addresses_from_before_lead_to_those_of_today(asking: TestClient) -> None:
    for before, now in (
        ("/leaflet/first?language=da", "/south/leaflet/first?language=da"),
        ("/pdf/north/first.da.a4.pdf?save", "/north/pdf/first.da.a4.pdf?save"),
        ("/north", "/north/"),
        ("/north?q=titel", "/north/?q=titel"),
    ):
        answer = asking.get(before, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, now)


def test_a_clinic_whose_name_begins_like_a_public_page_is_not_public(library: TinyLibrary, tmp_path: Path) -> None:
    for name in ("health-centre", "sign-in-centre", "statics"):
        library.write(f"clinics/{name}.yaml", library.read("clinics/north.yaml"))
    asking = client(library.root, tmp_path / "dist", token="0123456789abcdef0123")
    for name in ("health-centre", "sign-in-centre", "statics"):
        answer = asking.get(f"/{name}/", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.fixture
def tabs(browser: Browser, address: str) -> Iterator[tuple[Page, Page]]:
    """Two tabs of one window, each at a clinic, the second chosen last."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="da-DK", base_url=address
    )
    pages = []
    for clinic in NAMES:
        page = context.new_page()
        page.goto("/clinic")
        page.locator(f"button[value={clinic}]").click()
        expect(page.get_by_role("searchbox")).to_be_focused()
        pages.append(page)
    yield pages[0], pages[1]
    context.close()


def held(page: Page) -> set[str]:
    """Return the clinics that anything on a page leads to or comes from, but for the pictures of the brand."""
    found = page.evaluate(
        "() => [...document.querySelectorAll('[href], [src], [action], [data-ready], [data-personal], [data-channels]')]"
        ".flatMap((e) => ['href', 'src', 'action', 'data-ready', 'data-personal', 'data-channels'].map((n) => e.getAttribute(n) ?? ''))"
    )
    return {clinic for clinic in NAMES for text in found if f"{clinic}/" in text}


def test_two_tabs_are_two_clinics(tabs: tuple[Page, Page]) -> None:
    """Each step of a secretary in the first tab, after another clinic was chosen in the second."""
    first, second = tabs
    mine, other = NAMES

    def still_mine() -> None:
        assert held(first) == {mine}
        expect(first.locator(".masthead .home")).to_contain_text(NAMES[mine])
        assert f"/{mine}/" in first.url
        assert first.evaluate("document.body.dataset.clinic") == mine

    still_mine()
    first.keyboard.type("varme")
    expect(first.locator("#count")).to_have_text("1 pjece fundet")
    still_mine()
    first.keyboard.press("Enter")
    expect(first.locator(".page-pictures img").first).to_be_visible()
    still_mine()
    first.get_by_role("link", name="العربية").click()
    expect(first.locator(".patient-title")).to_have_attribute("lang", "ar")
    first.get_by_role("link", name="Stor skrift").click()
    expect(first.get_by_role("link", name="Stor skrift")).to_have_attribute("aria-current", "true")
    still_mine()
    first.get_by_role("button", name="Læg i brev").click()
    with first.expect_request(lambda asked: asked.method == "POST") as sent:
        first.get_by_role("button", name="Saml brev og pjecer").click()
    assert sent.value.url.endswith(f"/{mine}/pack")
    expect(first.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    still_mine()
    first.go_back()
    with first.expect_request("**/pdf/**") as sent:
        first.locator("[data-key=print]").click()
    assert f"/{mine}/pdf/" in sent.value.url
    first.wait_for_selector("#print-frame", state="attached")
    first.locator("[data-key=back]").click()
    expect(first.locator("#count")).to_have_text("1 pjece fundet")
    still_mine()
    first.go_back()
    expect(first.locator(".page-pictures img").first).to_be_visible()
    first.reload()
    still_mine()
    first.get_by_role("link", name="Biblioteket").click()
    expect(first.locator(".tabs")).to_be_visible()
    expect(first.locator(".masthead .home")).to_contain_text(NAMES[mine])
    first.get_by_role("link", name="Find en pjece").click()
    expect(first.get_by_role("searchbox")).to_be_focused()
    still_mine()
    first.get_by_role("button", name="sv", exact=True).or_(first.get_by_role("button", name="Svenska")).first.click()
    expect(first.locator("html")).to_have_attribute("lang", "sv")
    still_mine()
    assert held(second) == {other}
    second.reload()
    assert held(second) == {other}


def test_a_ward_can_bookmark_its_clinic(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="da-DK")
    page = context.new_page()
    page.goto("/rygcenter-syddanmark/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator(".masthead .home")).to_contain_text("Rygcenter Syddanmark")
    context.close()
