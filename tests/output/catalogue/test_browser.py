"""The catalogue without a server, in a real browser, opened from the disk by its address."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pdfkit_cli.content.models import Brand
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.search import SearchEntry, SearchIndex, SearchText
from pdfkit_cli.output.catalogue import brand_css
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf, LeafletState
from pdfkit_cli.output.catalogue.page import STATIC, CatalogueClinic, CatalogueSite, render_catalogue
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.pdf.thumbnails import render_thumbnail
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.conforming_pdf import good
from tests.helpers.search_cases import CASES, GUESSES, HOSPITAL, HOSPITAL_CASES, LIBRARY, Case

TODAY = date(2026, 11, 21)
FORMATS = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats
CLINICS = {
    "ryg": CatalogueClinic("Rygcenter", "Rygkirurgisk Ambulatorium", "da"),
    "nord": CatalogueClinic("Klinik Nord", "", "da"),
    "neuro": CatalogueClinic("Neurokirurgi", "", "da"),
    "sport": CatalogueClinic("Sportkliniken", "", "sv"),
}
BRAND = Brand(name="Rygcenter", primary="#0f5b6e", accent="#c9731d", tint="#eaf3f4", cmyk={})
PUBLISHED = ManifestEntry(
    clinic="", leaflet="", language="", variant="full", format="", id="", version="0.1", status="draft", digest="", title="", pages=5,
    key="", inputs=(), sha256="", bytes=0, mtime_ns=0,
)  # fmt: skip
"""What all the PDFs have in common that the page shows."""

WIDTHS = {"ward PC": (1280, 720), "tablet": (820, 1100), "at 200 %": (640, 360), "at 400 %": (320, 180)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def files(entry: SearchEntry) -> tuple[LeafletPdf, ...]:
    spoken = [text.language for text in entry.texts]
    return tuple(
        LeafletPdf(f"{clinic}/{entry.leaflet}.{code}.{form}.pdf", clinic, code, "full", form, FORMATS[form], PUBLISHED)
        for clinic in sorted(entry.clinics)
        for code in spoken
        for form in ("a4", "a4-large", "a5-booklet", "digital-letter")
    )


def card(entry: SearchEntry, **changes: Any) -> LeafletCard:
    labels = {"ar": ("unreviewed", "stale")}
    state = LeafletState.FINE if entry.in_use else LeafletState.SUPERSEDED
    pdfs = files(entry) if entry.in_use else ()
    shown = LeafletCard(entry, entry.texts[0].language, "0.1", None, None, True, state, "", labels, pdfs)
    return replace(shown, **changes)


def library() -> tuple[LeafletCard, ...]:
    """Return the library of the search's cases; its old leaflet has a successor."""
    return tuple(card(entry, successor="tens" if entry.leaflet == "tens-old" else "") for entry in LIBRARY)


def site(clinic: str = "", brand: Brand | None = None) -> CatalogueSite:
    return CatalogueSite(
        clinic, "Pjecer om ryg", "da", CLINICS, FORMATS, brand, (STATIC / "icon.svg").read_bytes(), 60
    )  # fmt: skip


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A page of a ward PC on one day; what the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, timezone_id="Europe/Copenhagen", locale="da")
    page = context.new_page()
    page.clock.set_fixed_time(f"{TODAY}T23:30:00+01:00")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    yield page
    context.close()
    assert complaints == []


def opened(desk: Page, folder: Path, cards: tuple[LeafletCard, ...], where: CatalogueSite | None = None) -> Page:
    where = where or site()
    covers = {file.path: render_thumbnail(good()) for card in cards if (file := card.cover(where.language))}
    target = folder / (where.clinic or ".") / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(render_catalogue(where, cards, covers))
    desk.goto(target.as_uri())
    return desk


def found(desk: Page) -> list[str]:
    names: list[str] = desk.locator("article").evaluate_all("all => all.map(one => one.dataset.leaflet)")
    return names


@pytest.fixture(scope="module")
def searching(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = browser.new_page()
    yield opened(page, tmp_path_factory.mktemp("search"), library())
    page.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.typed} {case.clinic}")
def test_found_first_as_in_python(searching: Page, case: Case) -> None:
    searching.select_option("#clinic", case.clinic)
    searching.fill("#typed", case.typed)
    if case.typed.strip():
        assert (found(searching) or [""])[0] == case.first
        ours = SearchIndex.of(LIBRARY).find(case.typed, case.clinic or None, limit=99)
        assert found(searching) == [hit.leaflet for hit in ours]


@pytest.mark.parametrize("typed", [case.typed[:5] for case in CASES] + ["b", "ba", "و"])
def test_hits_and_scores_are_those_of_python(searching: Page, typed: str) -> None:
    hits = searching.evaluate("typed => new Index(data.leaflets).find(typed, '', 99, 'da')", typed)
    ours = SearchIndex.of(LIBRARY).find(typed, limit=99, own="da")
    assert [(hit["leaflet"], hit["language"]) for hit in hits] == [(hit.leaflet, hit.language) for hit in ours]
    assert [hit["score"] for hit in hits] == pytest.approx([hit.score for hit in ours], rel=1e-12)


@pytest.mark.parametrize(
    "typed", [*(case.typed for case in HOSPITAL_CASES), *GUESSES, "brok opration", "hofte øvelser"]
)
def test_guesses_are_those_of_python(searching: Page, typed: str) -> None:
    entries = [{"leaflet": one.leaflet, "id": one.id, "codes": [], "clinics": ["nord"], "in_use": True, "texts": [
        {"language": text.language, "title": text.title, "summary": text.summary, "synonyms": list(text.synonyms)} for text in one.texts
    ]} for one in HOSPITAL]  # fmt: skip
    script = "([entries, typed]) => new Index(entries).find(typed, 'nord', 99, 'da')"
    hits = searching.evaluate(script, [entries, typed])
    ours = SearchIndex.of(HOSPITAL).find(typed, "nord", limit=99, own="da")
    assert [(hit["leaflet"], hit["guess"]) for hit in hits] == [(hit.leaflet, hit.guess) for hit in ours]
    assert [hit["score"] for hit in hits] == pytest.approx([hit.score for hit in ours], rel=1e-12)


def test_a_guess_is_said_to_be_one(searching: Page) -> None:
    searching.select_option("#clinic", "")
    searching.fill("#typed", "vramebehandling")
    expect(searching.locator("#count")).to_have_text("Ingen præcis for »vramebehandling«. Mente du …")
    searching.fill("#typed", "varmebehandling")
    expect(searching.locator("#count")).to_have_text("1 pjece")


def test_no_pdf_is_offered_before_a_clinic_is_chosen(searching: Page) -> None:
    searching.select_option("#clinic", "")
    for typed in ("", "varmebehandling", "TENS"):
        searching.fill("#typed", typed)
        assert found(searching)
        expect(searching.locator("a[href$='.pdf']")).to_have_count(0)
    searching.fill("#typed", "varmebehandling")
    expect(searching.get_by_text("Vælg din klinik først")).to_be_visible()
    searching.keyboard.press("Enter")
    select = searching.locator("article select")
    expect(select).to_be_focused()
    expect(select).to_have_value("")
    select.select_option("nord")
    expect(searching.locator("article a.button")).to_have_attribute("href", "nord/facet-denervation.da.a4.pdf")
    searching.reload()  # the choice in one card is not the clinic of all
    searching.fill("#typed", "varmebehandling")
    expect(searching.locator("a[href$='.pdf']")).to_have_count(0)
    searching.select_option("#clinic", "ryg")
    expect(searching.locator("article a.button")).to_have_attribute("href", "ryg/facet-denervation.da.a4.pdf")
    searching.select_option("#clinic", "")


@pytest.mark.parametrize(("typed", "language"), [("varme", "da"), ("varmebehandling", "da"), ("treatment", "en")])
def test_a_word_of_the_pages_language_offers_it(desk: Page, tmp_path: Path, typed: str, language: str) -> None:
    """Another language may have it in a shorter title, where it weighs more."""
    entry = next(entry for entry in LIBRARY if entry.leaflet == "facet-denervation")
    short = tuple(replace(text, title="Värmebehandling") if text.language == "sv" else text for text in entry.texts)
    opened(desk, tmp_path, (card(replace(entry, texts=short)),), site("ryg", BRAND))
    desk.fill("#typed", typed)
    expect(desk.locator("article a.button")).to_have_attribute("href", f"facet-denervation.{language}.a4.pdf")


def test_find_choose_and_open_by_keyboard(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library(), site("ryg", BRAND))
    expect(desk.locator("#typed")).to_be_focused()
    desk.keyboard.type("vramebehandling")
    assert found(desk)[0] == "facet-denervation"
    desk.keyboard.press("ArrowDown")
    link = desk.locator("article a.button").first
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", "facet-denervation.da.a4.pdf")
    desk.keyboard.press("Shift+Tab")  # the formats that are not for this printer
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("ArrowRight")
    expect(desk.locator("article input[value=a4-large]").first).to_be_focused()
    desk.keyboard.press("Shift+Tab")
    for _ in ("sv", "en", "ar"):
        desk.keyboard.press("ArrowRight")
    expect(desk.locator("article input[value=ar]")).to_be_focused()
    expect(link).to_have_attribute("href", "facet-denervation.ar.a4-large.pdf")
    expect(desk.locator(".translated")).to_have_attribute("dir", "rtl")
    expect(desk.get_by_role("radio", name="arabisk · العربية")).to_be_focused()
    expect(desk.locator("[data-leaflet=facet-denervation] .label")).to_have_text(
        ["Kladde – ikke godkendt", "Oversættelsen er ikke gennemgået", "Oversættelsen er ikke opdateret"]
    )


def test_enter_goes_to_the_first_and_escape_clears(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.fill("#typed", "lænderygsmerter")
    desk.keyboard.press("Enter")
    expect(desk.locator("article .unchosen select").first).to_be_focused()  # a PDF is offered when the clinic is known
    desk.select_option("#clinic", "ryg")
    desk.fill("#typed", "lænderygsmerter")
    desk.keyboard.press("Enter")
    expect(desk.locator("article a.button").first).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(desk.locator("#typed")).to_be_focused()
    desk.select_option("#clinic", "")
    desk.focus("#typed")
    desk.keyboard.press("Escape")
    expect(desk.locator("#typed")).to_have_value("")
    assert len(found(desk)) == len(LIBRARY)


def test_the_link_leads_to_the_pdf_beside_the_page(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.select_option("#clinic", "ryg")
    desk.fill("#typed", "tens")
    href = desk.locator("article a.button").first.evaluate("link => link.href")
    assert href == (tmp_path / "ryg/tens.da.a4.pdf").as_uri()


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (61, None),
        (60, "Udløber om 60 dage"),
        (1, "Udløber om 1 dag"),
        (0, "Udløber i dag"),
        (-1, "Udløbet 20. november 2026"),
    ],
)
def test_what_expires_is_told_on_the_day_it_is_opened(desk: Page, tmp_path: Path, days: int, says: str | None) -> None:
    first = card(LIBRARY[0], reviewed=date(2024, 11, 21), review_by=TODAY + timedelta(days))
    opened(desk, tmp_path, (first,), site("ryg"))
    expect(desk.locator(".facts")).to_contain_text("Gennemgået 21. november 2024")
    expect(desk.locator("article a.button")).to_have_count(1 if days >= 0 else 0)
    labels = desk.locator("article .label").all_text_contents()
    assert (says in labels) if says else labels == ["Kladde – ikke godkendt"]
    assert ("Den må ikke udleveres." in desk.locator("article").inner_text()) is (days < 0)


def test_what_is_out_of_use_leads_to_its_successor(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.select_option("#clinic", "ryg")
    desk.fill("#typed", "afdelingen")
    old = desk.locator("[data-leaflet=tens-old]")
    expect(old).to_contain_text("Erstattet af en anden")
    expect(old.locator("input, a.button")).to_have_count(0)
    old.get_by_role("link", name="TENS-behandling derhjemme").click()
    assert found(desk)[0] == "tens"
    expect(desk.locator("[data-leaflet=tens] a.button")).to_be_focused()


def test_what_is_withdrawn_without_a_successor(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, (card(replace(LIBRARY[0], in_use=False), state=LeafletState.WITHDRAWN),))
    expect(desk.locator("article .label")).to_have_text("Trukket tilbage")
    expect(desk.locator("article")).to_contain_text("Spørg den, der passer pjecerne")


def test_a_pdf_of_an_older_version_says_so(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, (card(LIBRARY[0], version="0.2"),))
    expect(desk.locator("article .label").last).to_have_text("Ældre version – biblioteket har version 0.2")
    expect(desk.locator(".facts")).to_contain_text("Version 0.1")


def test_how_to_print(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, (card(LIBRARY[1]),), site("sport"))
    words = desk.locator(".print p")
    expect(words).to_have_text("Udskriv på begge sider, vend på den lange kant.")
    desk.check("input[value=a5-booklet]", force=True)
    expect(words).to_contain_text("korte kant, uden skalering")
    desk.locator("summary").click()
    desk.check("input[value=digital-letter]", force=True)
    expect(words).to_have_text("Til digital post. Udskriv den ikke her.")
    expect(desk.locator("input[value=digital-letter]")).to_be_focused()
    expect(desk.locator(".facts")).to_contain_text("5 sider")
    expect(desk.locator(".facts")).to_contain_text("3 ark")


def test_the_language_of_the_page_is_remembered(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.fill("#typed", "xylofon")
    expect(desk.locator("#count")).to_have_text(
        "Ingen pjecer passer til »xylofon«. Prøv et kortere ord eller et andet."
    )
    desk.get_by_role("button", name="English").click()
    expect(desk.locator("#count")).to_have_text("No leaflet matches “xylofon”. Try a shorter word, or another one.")
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    desk.wait_for_timeout(500)  # Chromium tells its other processes a little later what a page has stored
    desk.reload()
    expect(desk.locator("h1")).to_have_text("Find a leaflet")
    desk.get_by_role("button", name="Svenska").click()
    desk.fill("#typed", "nerve root")
    expect(desk.locator("article h2")).to_have_text("Nerverodsblokade i lænden")
    expect(desk.locator("article h2")).to_have_attribute("lang", "da")


def test_the_clinic_is_remembered(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.select_option("#clinic", "neuro")
    desk.reload()
    expect(desk.locator("#clinic")).to_have_value("neuro")
    assert sorted(found(desk)) == ["back-pain", "nerve-root-block"]
    desk.fill("#typed", "lænderygsmerter")
    assert desk.locator("article a.button").first.get_attribute("href") == "neuro/back-pain.da.a4.pdf"


def test_a_leaflet_of_several_clinics_lets_choose_one(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    desk.fill("#typed", "BP-01")
    desk.locator("article select").select_option("ryg")
    assert desk.locator("article a.button").first.get_attribute("href") == "ryg/facet-denervation.da.a4.pdf"
    expect(desk.locator("article select")).to_be_focused()


def test_many_leaflets_come_in_steps(desk: Page, tmp_path: Path) -> None:
    many = [
        SearchEntry(f"l-{number:02}", f"X-{number}", (SearchText("da", f"Pjece {number:02}", ""),), frozenset({"ryg"}))
        for number in range(45)
    ]
    opened(desk, tmp_path, tuple(card(entry) for entry in many), site("ryg"))
    assert found(desk) == [f"l-{number:02}" for number in range(20)]
    desk.click("#more")
    expect(desk.locator("[data-leaflet=l-20] input").first).to_be_focused()
    desk.click("#more")
    assert len(found(desk)) == 45
    expect(desk.locator("#more")).to_be_hidden()
    expect(desk.locator("#count")).to_have_text("45 pjecer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_accessible_and_nothing_sticks_out(desk: Page, tmp_path: Path, scheme: Any, width: str) -> None:
    across, down = WIDTHS[width]
    desk.set_viewport_size({"width": across, "height": down})
    desk.emulate_media(color_scheme=scheme)
    soon = card(LIBRARY[0], review_by=TODAY + timedelta(9), version="0.2")
    opened(desk, tmp_path, (soon, *library()[1:]), site("" if width == "tablet" else "ryg", BRAND))
    if width == "tablet":  # one card with a clinic, the others still without
        desk.locator("article select").first.select_option(index=1)
    desk.locator("summary").first.click()
    results = Axe().run(desk, options={**RULES, "resultTypes": ["violations"]})
    assert results.response["violations"] == [], results.generate_report()
    assert desk.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    small = desk.locator("a.button, button, .pill, select, summary").evaluate_all(
        "all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 24).map(one => one.outerHTML)"
    )
    assert small == []  # WCAG 2.2, 2.5.8


def test_the_page_has_the_colours_of_its_brand(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library(), site("ryg", BRAND))
    assert desk.locator("h1").evaluate("one => getComputedStyle(one).color") == "rgb(15, 91, 110)"
    desk.emulate_media(color_scheme="dark")
    light = brand_css.lighten(BRAND.primary)
    assert (
        desk.locator("h1").evaluate("one => getComputedStyle(one).color")
        == f"rgb({', '.join(str(int(light[at : at + 2], 16)) for at in (1, 3, 5))})"
    )


def test_the_letters_are_those_of_the_leaflets(desk: Page, tmp_path: Path) -> None:
    opened(desk, tmp_path, library())
    assert desk.evaluate("document.fonts.ready.then(all => [...all].map(face => face.status))") == ["loaded", "loaded"]
