"""Print at the desk: what goes to the print window, and that nothing else ever does."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Pdf
from playwright.sync_api import Browser, Page, Route, expect
from starlette.testclient import TestClient

from pdfkit_cli.build.pipeline import BuildRequest, build
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.desk.print_jobs import MAX_COPIES, print_job
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers import conforming_pdf
from tests.helpers.desk_client import client
from tests.helpers.tiny_library import TinyLibrary, tiny

FORMATS = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats
PDF = "/north/pdf/first.da.a4.pdf"
HOME = "/rygcenter-syddanmark/"
LEAFLET = f"{HOME}leaflet/facet-denervation?language=da&format=a4"
WRONG = ["-2", "0", "1000", "501", "", "1.5", "1e2"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinyLibrary, Path]:
    folder = tmp_path_factory.mktemp("printing")
    library = tiny(folder)
    assert build(BuildRequest(library.root, folder / "dist")).clean
    return library, folder / "dist"


@pytest.fixture
def asking(built: tuple[TinyLibrary, Path]) -> TestClient:
    return client(built[0].root, built[1])


def preferences(pdf: bytes) -> dict[str, str]:
    with Pdf.open(BytesIO(pdf)) as opened:
        return {name: str(value) for name, value in opened.Root["/ViewerPreferences"].items()}


# The PDF


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.office_printer])
def test_a_print_job_says_how_it_is_printed(name: str) -> None:
    form = FORMATS[name]
    said = preferences(print_job(conforming_pdf.good(), form, 7))
    sides = "/DuplexFlipShortEdge" if form.duplex == "short-edge" else "/DuplexFlipLongEdge"
    assert said["/NumCopies"] == "7"
    assert said["/PrintScaling"] == "/None"
    assert said["/Duplex"] == ("/Simplex" if form.one_page else sides)
    assert said["/DisplayDocTitle"] == "True", "what it said before stays"


def test_the_copies_are_in_what_is_printed_and_not_in_what_is_published(
    asking: TestClient, built: tuple[TinyLibrary, Path]
) -> None:
    published = (built[1] / "north/first.da.a4.pdf").read_bytes()
    for copies in (1, 2, MAX_COPIES):
        answer = asking.get(f"{PDF}?copies={copies}")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("inline")
        assert preferences(answer.content)["/NumCopies"] == str(copies)
    assert asking.get(PDF).content == published
    assert asking.get(f"{PDF}?copies=2&save=").content == published
    assert (built[1] / "north/first.da.a4.pdf").read_bytes() == published
    assert "/NumCopies" not in preferences(published)


@pytest.mark.parametrize("copies", [*WRONG, "2²", "x", "99999999999999999999"])
def test_a_number_of_copies_that_is_none_is_refused(asking: TestClient, copies: str) -> None:
    answer = asking.get(PDF, params={"copies": copies}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["problem"]) == (400, "copies_wrong")
    assert f"from 1 to {MAX_COPIES}" in answer.json()["message"]


# The page


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="da-DK", base_url=address, accept_downloads=True
    )
    page = context.new_page()
    page.goto(LEAFLET)
    expect(page.locator(".page-pictures img").first).to_be_visible()
    yield page
    context.close()


def button(page: Page) -> Any:
    return page.get_by_role("button", name="Udskriv", exact=True)


def prints(page: Page, act: Callable[[], object]) -> bytes:
    """Do something that prints; return the PDF that the browser was given for it."""
    page.evaluate("document.getElementById('print-frame')?.remove()")
    with page.expect_response(re.compile(r"/(pdf|pack)\b.*")) as answer:
        act()
    body = answer.value.body()
    page.wait_for_selector("#print-frame[src^='blob:']", state="attached")
    return body


def test_the_copies_stay_when_language_and_format_are_chosen(page: Page) -> None:
    page.get_by_label("Antal").fill("3")
    for language in ("العربية", "Svenska", "Dansk"):
        page.locator(".leaflet-choices").get_by_role("link", name=language).click()
        expect(page.locator("[aria-current]", has_text=language)).to_be_visible()
        expect(page.get_by_label("Antal")).to_have_value("3")
    for key in page.locator("[data-key^='format.']").evaluate_all("(all) => all.map((e) => e.dataset.key)"):
        page.locator(f"[data-key='{key}']").click()
        expect(page.locator(f"[data-key='{key}'][aria-current]")).to_be_visible()
        if FORMATS[key.removeprefix("format.")].office_printer:
            expect(page.get_by_label("Antal")).to_have_value("3")
            expect(page.locator("#copies-sum")).to_contain_text("Printvinduet åbner med 3 kopier.")
    page.locator("[data-key='format.a4-large']").click()
    expect(page.locator("[data-key='format.a4-large'][aria-current]")).to_be_visible()
    assert preferences(prints(page, button(page).click))["/NumCopies"] == "3"
    expect(page.locator("#status")).to_contain_text("3 kopier")


def test_a_wrong_number_is_told_beside_its_field_and_prints_nothing(page: Page) -> None:
    field, asked = page.get_by_label("Antal"), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for wrong in WRONG:
        page.evaluate("document.getElementById('print-frame')?.remove()")
        asked.clear()
        field.fill("")
        field.fill(wrong) if wrong != "1e2" else field.press_sequentially(wrong)
        button(page).click()
        expect(page.get_by_text("Skriv et helt tal fra 1 til 500.")).to_be_visible()
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("Control+p")
        page.wait_for_timeout(200)
        assert not [url for url in asked if "/pdf/" in url], wrong
        assert page.locator("#print-frame").count() == 0, wrong
        field.fill("2")
        expect(page.get_by_text("Skriv et helt tal")).to_be_hidden()
        assert preferences(prints(page, lambda: field.press("Enter")))["/NumCopies"] == "2", wrong


@pytest.mark.parametrize("keys", ["Control+p", "Meta+p", "Control+Shift+p"])
def test_the_keys_of_print_print_the_leaflet(page: Page, keys: str) -> None:
    page.get_by_label("Antal").fill("2")
    assert preferences(prints(page, lambda: page.keyboard.press(keys)))["/NumCopies"] == "2"


def test_the_keys_of_print_print_the_pack_that_one_has_just_made(page: Page) -> None:
    page.get_by_role("button", name="Læg i brev").click()
    page.get_by_role("button", name="Saml brev og pjecer").click()
    expect(page.locator("[data-print-pack]")).to_be_focused()
    page.keyboard.press("Control+p")
    page.wait_for_selector("#print-frame", state="attached")
    assert page.locator("#print-frame").get_attribute("src") == page.locator("[data-save-pack]").get_attribute("href")


def test_a_page_on_paper_is_one_sentence(page: Page) -> None:
    for path in (HOME, LEAFLET, f"{HOME}?q=zzzzzz", "/clinic", "/nowhere", f"{HOME}leaflet/none"):
        page.goto(path)
        page.emulate_media(media="print")
        assert page.evaluate("document.body.innerText.trim()") == "Siden her skal ikke printes. Åbn pjecen, og brug knappen Udskriv.", path  # fmt: skip
        page.emulate_media(media="screen")
        assert "Siden her skal ikke printes" not in page.evaluate("document.body.innerText"), path


BROKEN: dict[str, dict[str, Any]] = {
    "withdrawn": {"status": 410, "json": {"message": "Pjecen kan ikke udskrives mere."}},
    "cannot be made": {"status": 503, "json": {"message": "Pjecen kan ikke laves lige nu."}},
    "a page of errors": {"status": 503, "content_type": "text/html", "body": "<h1>Det lykkedes ikke</h1>"},
    "signed out": {"status": 200, "content_type": "text/html", "body": "<h1>Log ind</h1>"},
    "no server": {},
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_pdf_is_told_in_the_page_and_not_printed(page: Page, name: str) -> None:
    here = page.url
    words = BROKEN[name].get("json", {}).get("message") or re.compile("intet blev printet|svarer ikke")
    for act in ("print", "save", "keys"):
        page.evaluate("document.getElementById('print-frame')?.remove()")
        page.route("**/pdf/**", lambda route: route.fulfill(**BROKEN[name]) if BROKEN[name] else route.abort())
        page.keyboard.press("Control+p") if act == "keys" else page.locator(f"[data-{act}]").click()
        expect(page.locator("[data-print-problem]")).to_be_visible()
        expect(page.locator("[data-print-problem]")).to_have_text(words)
        assert page.locator("#print-frame").count() == 0, act
        assert page.url == here, act
        page.unroute("**/pdf/**")
        assert prints(page, button(page).click).startswith(b"%PDF"), act
        expect(page.locator("[data-print-problem]")).to_be_hidden()


def holding(page: Page, pattern: str) -> list[Route]:
    """Let requests wait; return where they are collected."""
    held = list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def test_nothing_is_printed_of_a_leaflet_that_one_has_left(page: Page) -> None:
    held = holding(page, "**/pdf/**")
    button(page).click()
    page.get_by_role("link", name="Svenska").click()
    expect(page.get_by_role("link", name="Svenska")).to_have_attribute("aria-current", "true")
    assert len(held) == 1
    with page.expect_response("**/pdf/**"):
        held[0].continue_()
    page.wait_for_timeout(300)
    assert page.locator("#print-frame").count() == 0


def test_print_is_dead_until_there_is_a_pdf(
    browser: Browser, serving: Callable[[Path, Path], str], tmp_path: Path
) -> None:
    context = browser.new_context(base_url=serving(tiny(tmp_path).root, tmp_path / "dist"), locale="da-DK")
    page = context.new_page()
    page.set_default_timeout(120_000)
    waiting = holding(page, "**/ready/**")
    page.goto("/north/leaflet/first?language=da&format=a4")
    expect(page.locator("[data-ready]")).to_be_visible()
    for each in ("[data-print]", "[data-save]"):
        expect(page.locator(each)).to_be_disabled()
    page.keyboard.press("Control+p")
    page.get_by_label("Antal").press("Enter")
    expect(page.locator("#status")).to_contain_text("Pjecen bliver lavet")
    waiting[0].fulfill(status=503, json={"problem": "render_failed", "message": "Pjecen kan ikke laves lige nu."})
    expect(page.get_by_text("Pjecen kan ikke laves lige nu.")).to_be_visible()
    expect(button(page)).to_be_disabled()
    page.keyboard.press("Control+p")
    assert page.locator("#print-frame").count() == 0
    page.unroute("**/ready/**")
    page.reload()
    expect(button(page)).to_be_enabled()
    assert prints(page, button(page).click).startswith(b"%PDF")
    context.close()


def test_saving_gives_the_published_pdf_under_its_name(page: Page, founding: Path) -> None:
    page.get_by_label("Antal").fill("4")
    with page.expect_download() as download:
        page.get_by_role("button", name="Gem", exact=True).click()
    assert re.match(r"BP-01 .* da a4\.pdf", download.value.suggested_filename)
    published = founding / "rygcenter-syddanmark/facet-denervation.da.a4.pdf"
    assert Path(download.value.path()).read_bytes() == published.read_bytes()


def test_how_to_turn_the_sheet_is_drawn_and_named(page: Page) -> None:
    for key in page.locator("[data-key^='format.']").evaluate_all("(all) => all.map((e) => e.dataset.key)"):
        page.locator(f"[data-key='{key}']").click()
        expect(page.locator(f"[data-key='{key}'][aria-current]")).to_be_visible()
        form = FORMATS[key.removeprefix("format.")]
        expect(page.get_by_role("img", name=re.compile("^Tegning: "))).to_have_count(1 if form.office_printer else 0)
        if form.office_printer and not form.one_page:
            edge = "korte" if form.duplex == "short-edge" else "lange"
            expect(page.locator(".drawing")).to_have_attribute("aria-label", re.compile(f"sin {edge} kant"))
            expect(page.locator(".instruction")).to_contain_text(f"Vend på den {edge} kant.")
        paper = page.locator(".paper")
        expect(paper).to_have_count(1 if form.office_printer and sorted(form.paper_size) != [210, 297] else 0)


def test_space_presses_whatever_looks_like_a_button(page: Page) -> None:
    for key in ("language.ar", "format.a4-large"):
        page.locator(f"[data-key='{key}']").focus()
        page.keyboard.press("Space")
        expect(page.locator(f"[data-key='{key}'][aria-current]")).to_be_visible()
        assert page.evaluate("scrollY") == 0
    button(page).focus()
    prints(page, lambda: page.keyboard.press("Space"))
    for each in page.locator("a.button:visible").all():
        assert each.get_attribute("href")


def test_no_browser_offers_to_translate(page: Page) -> None:
    assert page.evaluate("document.documentElement.translate") is False
    prints(page, button(page).click)
    assert page.evaluate("document.getElementById('print-frame').translate") is False


def test_what_a_pack_takes_is_said(page: Page) -> None:
    add, told = page.get_by_role("button", name="Læg i brev"), page.locator("#status")
    page.locator("[data-key='format.a5-booklet']").click()
    expect(page.locator("[data-key='format.a5-booklet'][aria-current]")).to_be_visible()
    add.click()
    expect(told).to_contain_text("Lagt i brevet som A4: A5-hæfte kan ikke lægges i et brev.")
    expect(page.locator("[data-items] li")).to_have_count(1)  # the first one opens the page of the letter
    page.go_back()
    add.click()
    expect(told).to_contain_text("Ligger allerede i brevet.")
    page.locator("[data-key='format.a4']").click()
    expect(page.locator("[data-key='format.a4'][aria-current]")).to_be_visible()
    add.click()
    expect(told).to_contain_text("Ligger allerede i brevet.")
    expect(page.locator("[data-pack-count]")).to_have_text("(1)")
    page.locator("[data-key='format.a4-large']").click()
    expect(page.locator("[data-key='format.a4-large'][aria-current]")).to_be_visible()
    add.click()
    expect(told).to_contain_text(re.compile("^Lagt i brevet. "))
    expect(page.locator("[data-pack-count]")).to_have_text("(2)")
