"""The letter in a real browser: whose it is can be seen, a refused one leaves nothing behind, and the next patient begins with nothing."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from pdfkit_cli.build.pipeline import BuildRequest, build
from tests.helpers.letter_pdfs import plain
from tests.helpers.tiny_library import tiny

DROP = """([files, spaces]) => {
  const transfer = new DataTransfer();
  for (const [name, data] of files) {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    transfer.items.add(new File([bytes, new Uint8Array(spaces).fill(32)], name, { type: name.endsWith(".pdf") ? "application/pdf" : "" }));
  }
  (document.querySelector("[data-drop]") ?? document.body).dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
INK = """(canvas) => canvas.width ? [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data].filter((one, at) => at % 4 === 0 && one < 80).length : 0"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, serving: Callable[[Path, Path], str]) -> str:
    folder = tmp_path_factory.mktemp("letters")
    library = tiny(folder)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    assert build(BuildRequest(library.root, folder / "dist", jobs=1)).clean
    return serving(library.root, folder / "dist")


@pytest.fixture
def page(browser: Browser, desk: str) -> Iterator[Page]:
    context = browser.new_context(base_url=desk, locale="da-DK", accept_downloads=True)
    page = context.new_page()
    page.goto("/north/leaflet/first?language=da&format=a4")
    page.get_by_role("button", name="Læg i brev").click()
    yield page
    context.close()


def drop(page: Page, *files: tuple[str, bytes], spaces: int = 0) -> None:
    """Drop files with so many spaces behind them, which the browser makes: to send 38 MB to it takes a minute."""
    page.evaluate(DROP, [[(name, b64encode(data).decode()) for name, data in files], spaces])


def taken(page: Page, name: str = "Jensen.pdf") -> None:
    drop(page, (name, plain(2)))
    expect(page.locator("[data-letter-name]")).to_contain_text(name)


def test_the_first_page_of_the_letter_is_shown(page: Page) -> None:
    expect(page.get_by_text("Der er intet brev: kun pjecerne kommer med.")).to_be_visible()
    taken(page)
    expect(page.get_by_role("img", name="Brevets første side")).to_be_visible()
    expect(page.locator("[data-letter-look]")).to_contain_text("2 sider · Er det den rigtige patient?")
    assert page.locator("[data-letter-picture]").evaluate(INK) > 100
    expect(page.get_by_text("Der er intet brev")).to_be_hidden()


BAD = {
    "a Word file": ((("B.docx", b"PK"),), "Brevet er ikke en PDF."),
    "damaged": ((("B.pdf", plain()[:300]),), "Brevets PDF er beskadiget."),
    "no PDF inside": ((("B.pdf", b"hello"),), "Brevet er ikke en PDF."),
    "too large": ((("B.pdf", plain()),), "Filen er for stor."),
    "two files": ((("B.pdf", plain()), ("C.pdf", plain())), "Ingen af de 2 filer er taget."),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_refused_letter_leaves_the_one_before_no_place(page: Page, bad: str) -> None:
    taken(page)
    files, words = BAD[bad]
    drop(page, *files, spaces=38_000_001 if bad == "too large" else 0)
    expect(page.locator("[data-result-words]")).to_contain_text(words)
    expect(page.locator("[data-letter-name]")).to_be_hidden()
    expect(page.locator("[data-letter-look]")).to_be_hidden()
    assert page.locator("[data-letter-picture]").evaluate(INK) == 0
    expect(page.get_by_text("Der er intet brev: kun pjecerne kommer med.")).to_be_visible()


def test_of_two_letters_after_each_other_the_last_counts(page: Page) -> None:
    drop(page, ("A.pdf", plain(1)))
    drop(page, ("B.pdf", plain(3)))
    expect(page.get_by_role("button", name="Saml brev og pjecer")).to_be_disabled()
    expect(page.locator("[data-letter-name]")).to_contain_text("B.pdf")
    expect(page.locator("[data-letter-pages]")).to_have_text("3 sider")
    page.wait_for_timeout(500)
    expect(page.locator("[data-letter-name]")).to_contain_text("B.pdf")


def test_of_two_letters_that_come_before_the_page_does_the_last_counts(page: Page) -> None:
    page.goto("/north/leaflet/first?language=da&format=a4")
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route("**/north/pack", wait)
    for number, name in enumerate(("A.pdf", "B.pdf"), start=1):
        drop(page, (name, plain(1)))
        while len(waiting) < number:
            page.wait_for_timeout(20)
    first, last = waiting
    last.continue_()
    expect(page.locator("[data-letter-name]")).to_contain_text("B.pdf")
    with page.expect_response("**/north/pack"):
        first.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("[data-letter-name]")).to_contain_text("B.pdf")


def test_the_next_patient_begins_with_nothing(page: Page) -> None:
    taken(page)
    page.get_by_role("button", name="Saml brev og pjecer").click()
    expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
    again = page.get_by_role("button", name="Næste patient")
    expect(again).to_be_hidden()
    with page.expect_download():
        page.locator("[data-save-pack]").click()
    again.click()
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#status")).to_have_text("Brev, pjecer og felter er tømt.")
    page.locator(".to-pack").click()
    expect(page.get_by_text("Find en pjece, og vælg ”Læg i brev”.")).to_be_visible()
    for gone in ("[data-letter-name]", "[data-letter-look]", "[data-result]", "[data-items]"):
        expect(page.locator(gone)).to_be_hidden()
    expect(again).to_be_hidden()
    expect(page.locator("[data-items] li")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('pack:north')") == "[]"


def test_what_comes_after_a_letter_that_was_printed_may_be_for_the_next_patient(page: Page) -> None:
    """Who forgets the button is asked: neither leaflets nor letter of one patient go to another."""
    asked, counted, answers = list[str](), list[str](), iter((True, False, False))

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    page.on("dialog", answer)
    page.on("request", lambda request: counted.append(request.url) if request.url.endswith("/issued") else None)

    def saved() -> None:
        page.get_by_role("button", name="Saml brev og pjecer").click()
        expect(page.get_by_text("Brevet med pjecer er klar.")).to_be_visible()
        page.locator("[data-save-pack]").dblclick()
        expect(page.locator("[data-chart]").last).to_be_visible()

    taken(page, "Jensen.pdf")
    saved()
    assert len(counted) == 1, "a double click saves and counts once"
    taken(page, "Hansen.pdf")
    assert "Er det nye brev til en anden patient?" in asked[0]
    expect(page.locator("[data-items] li")).to_have_count(0)
    page.get_by_role("link", name="Find en pjece mere").click()
    page.locator("[data-first]").first.click()
    page.get_by_role("button", name="Læg i brev").click()
    expect(page.locator("[data-letter-name]")).to_contain_text("Hansen.pdf")
    saved()
    drop(page, ("Olsen.pdf", plain(2)))
    expect(page.locator("[data-letter-name]")).to_contain_text("Hansen.pdf")
    assert len(asked) == 2, "the question is put away without an answer: nothing goes behind another letter"
    page.get_by_role("button", name="Tag brevet ud").click()
    taken(page, "Hansen, rettet.pdf")
    expect(page.locator("[data-items] li")).to_have_count(1)
    assert "Er det her til næste patient?" in asked[2], "the same patient: what is in the letter stays"


def test_a_letter_in_its_place_is_not_lost_without_asking(page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    taken(page)
    for name in ("Biblioteket", "Skift klinik"):
        page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Svenska").click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"] * 3
    expect(page.locator("[data-letter-name]")).to_contain_text("Jensen.pdf")
    page.get_by_role("link", name="Find en pjece mere").click()  # within the desk the letter stays
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.locator(".to-pack").click()
    expect(page.locator("[data-letter-name]")).to_contain_text("Jensen.pdf")
    page.get_by_role("button", name="Tag brevet ud").click()
    page.get_by_role("link", name="Biblioteket").click()
    expect(page.locator(".tabs")).to_be_visible()
    assert len(asked) == 3


def test_a_page_that_the_browser_kept_whole_has_no_letter_any_more(page: Page) -> None:
    """Back, after somebody was elsewhere: the letter in the memory of that page may be that of the patient before."""
    taken(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("[data-letter-name]")).to_be_hidden()
    expect(page.locator("[data-items] li")).to_have_count(1)
