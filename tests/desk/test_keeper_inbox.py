"""The keeper's inbox: what waits for a person, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.desk.i18n import LANGUAGES, Translator
from pdfkit_cli.desk.keeper_inbox import DueReview, KeeperInbox, OpenTranslation, collect_inbox
from tests.desk.test_keeper import at_once, text  # noqa: F401 - a fixture
from tests.helpers.desk_app_client import opened
from tests.helpers.tiny_library import TEXT, TinyLibrary

TODAY = date(2026, 12, 1)
APPROVED = "status: approved\nreviewed: 2026-01-31\nreview_by: {}"


def inbox(library: TinyLibrary) -> KeeperInbox:
    return collect_inbox(loader.load_library(library.root), TODAY)


def test_a_draft_waits_until_it_is_approved_or_nobody_hands_it_out(library: TinyLibrary) -> None:
    assert inbox(library) == KeeperInbox(drafts=("first",))
    library.replace("content/first/leaflet.yaml", "status: draft", APPROVED.format("2029-01-31"))
    assert inbox(library) == KeeperInbox()
    library.replace("content/first/leaflet.yaml", "status: approved", "status: withdrawn")
    assert inbox(library).count == 0


@pytest.mark.parametrize(("days", "found"), [(-1, True), (0, False), (60, False), (61, None)])
def test_a_review_waits_from_sixty_days_before(library: TinyLibrary, days: int, found: bool | None) -> None:
    day = TODAY + timedelta(days)
    library.replace("content/first/leaflet.yaml", "status: draft", APPROVED.format(day))
    assert inbox(library).reviews == (() if found is None else (DueReview("first", day, found),))


def test_translations_the_stale_ones_first(library: TinyLibrary) -> None:
    for language in ("en", "sv"):
        library.write(f"content/first/{language}.md", TEXT)
    library.replace("clinics/north.yaml", "[da]", "[da, en, sv]")
    library.write("content/first/translated.yaml", "made_from:\n  sv: |\n    0123456789abcdef x\n")
    assert inbox(library).translations == (
        OpenTranslation("first", "sv", ("unreviewed", "stale")),
        OpenTranslation("first", "en", ("unreviewed",)),
    )


def test_a_text_that_no_clinic_hands_out_is_named(library: TinyLibrary) -> None:
    library.write("content/first/en.md", TEXT)
    assert inbox(library).unused == (("first", "en"),)
    assert replace(inbox(library), unused=()).count == 2


@pytest.mark.usefixtures("fake_rendering", "at_once")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_has_errors_on_top_and_each_next_step(
    library: TinyLibrary, tmp_path: Path, language: str
) -> None:
    library.write("content/first/en.md", TEXT)
    library.replace("clinics/south.yaml", "phone:", "# phone:")
    say = Translator(language)
    with opened(library.root, tmp_path / "dist") as client:
        page = client.get("/keeper", cookies={"language": language}).text
    top = page.index("notice-bad broken")
    assert say.remedy("missing-fact") in page[top:]
    assert "Klinik Syd" in page[top:] or "En titel" in page[top:]
    headings = [say(name) for name in ("keeper_plan", "inbox_drafts", "inbox_translations", "inbox_unused")]
    places = [page.index(heading, page.index("<h1>")) for heading in headings]
    assert places == sorted(places)
    assert top < places[0]
    assert 'href="/keeper/pdfs"' in page[places[0] :]
