"""Where blocks are on a page, read from the finished PDF: what touches, what is parted, and what is as wide as its column."""

from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.reader.content_stream import TextRun
from pdfkit_cli.pdf.reader.document import PageContent, read_pdf
from pdfkit_cli.rendering import renderer
from tests.helpers.tiny_library import LEAFLET, TinyLibrary

MM = 72 / 25.4
CALL = "## Hjemme\n\n:::: {name} Ring, hvis du får feber\n- Over 38 grader\n\n::: call Ring til os\nVi er her.\n:::\n::::\n"
EXERCISES = "## Hjemme\n\n" + "".join(
    f"::: exercise 3 × 10\n### Øvelse {word}\n\nLøft langsomt.\n:::\n\n" for word in "abc"
)
FACTS = (
    "::: facts duration driving\n- **20 minutter** i alt\n- **Kør ikke selv** {words}\n:::\n\n::: brief\n{brief}\n:::\n"
)
TIMELINE = (
    "::: timeline day=2\n"
    + "".join(f"- **{day} uger efter** {'Du kommer igen. ' * 5}\n" for day in range(2, 9))
    + ":::\n"
)


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def pages(library: TinyLibrary, body: str, form: str) -> tuple[PageContent, ...]:
    library.body("\n" + body)
    library.write(
        "content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north").replace("[a4, a5]", f"[{form}]")
    )
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.edition.clinic == "north")
    return read_pdf(renderer.render_unverified(project.draw(key).page).pdf).pages


def run(page: PageContent, words: str) -> TextRun:
    """Return the first line that begins with some words."""
    return next(run for run in page.runs if "".join(run.glyphs).strip().startswith(words))


def holds(page: PageContent, words: str) -> bool:
    return any(words in "".join(run.glyphs) for run in page.runs)


def discs(page: PageContent, size: float) -> list[Box]:
    """Return the areas that are as wide and as high as a disc, in mm."""
    boxes = (ink.box for ink in page.inks)
    return [box for box in boxes if all(abs(side - size * MM) < 1 for side in (box[2] - box[0], box[3] - box[1]))]


@pytest.mark.parametrize("name", ["warning", "important"])
@pytest.mark.parametrize(("form", "size"), [("a4", 11), ("a4-columns", 8), ("a5", 9), ("leporello", 8)])
def test_the_phone_in_a_box_is_beside_its_words(library: TinyLibrary, name: str, form: str, size: float) -> None:
    (page,) = (page for page in pages(library, CALL.format(name=name), form) if holds(page, "Ring til os"))
    title = run(page, "Ring til os").box
    beside = [box for box in discs(page, size) if box[1] < title[3] and box[3] > title[1]]
    assert beside
    assert all(box[2] < title[0] - MM for box in beside)


@pytest.mark.parametrize("form", ["a4", "a4-columns", "a5", "leporello"])
def test_numbers_at_night_have_their_words_on_one_edge(library: TinyLibrary, form: str) -> None:
    """A number of eight digits is as wide as it gets."""
    library.replace("clinics/north.yaml", "hands_out:", 'out_of_hours: ["70 11 07 07", "112"]\nhands_out:')
    (page,) = (page for page in pages(library, CALL.format(name="warning"), form) if holds(page, "Ring til os"))
    assert run(page, "Aften").box[0] == pytest.approx(run(page, "Ved livsfare").box[0], abs=0.1)


def test_exercises_are_as_wide_as_their_column(library: TinyLibrary) -> None:
    (page,) = pages(library, EXERCISES, "a4-columns")
    doses = [run.box for run in page.runs if "".join(run.glyphs).startswith("3")]
    assert len(doses) == 3
    columns = {round(box[0] // (page.box[2] / 2)): box[2] for box in doses}
    assert all(box[2] == pytest.approx(columns[round(box[0] // (page.box[2] / 2))], abs=0.5) for box in doses)


@pytest.mark.parametrize("form", ["a4", "a5", "digital-letter"])
def test_the_last_of_the_facts_keeps_its_distance(library: TinyLibrary, form: str) -> None:
    """It may be the highest of its row."""
    body = FACTS.format(words="Du skal aftale med nogen, at de henter dig. " * 3, brief="- Et.\n- To.")
    page = next(page for page in pages(library, body, form) if holds(page, "Kort fortalt"))
    title = run(page, "Kort fortalt").box
    words = min(
        run.box[1] for run in page.runs if run.box[1] > title[3] + 1 * MM and run.box[3] < page.box[3] - 60 * MM
    )
    box = next(ink.box for ink in page.inks if ink.box[1] < title[1] and ink.box[3] > title[3] and ink.solid)
    assert words - box[3] > 3 * MM


@pytest.mark.parametrize(("brief", "bullets"), [("- Et og kun et.", 0), ("- Et.\n- To.", 2)])
def test_one_thing_in_brief_has_no_bullet(library: TinyLibrary, brief: str, bullets: int) -> None:
    (page,) = pages(library, FACTS.format(words="Aftal det.", brief=brief), "a4")
    assert sum("".join(run.glyphs).count("•") for run in page.runs) == bullets


def test_a_timeline_is_on_one_page(library: TinyLibrary) -> None:
    for lines in (24, 28):
        shown = pages(library, "Linje.\n\n" * lines + TIMELINE, "a4")
        assert sum(holds(page, "uger efter") for page in shown) == 1, lines


@pytest.mark.parametrize("form", ["a4", "remote-print"])
def test_a_step_begins_on_the_page_of_the_box_that_it_announces(library: TinyLibrary, form: str) -> None:
    warning = CALL.format(name="warning").removeprefix("## Hjemme\n\n")
    step = f"::::: step after\n## Når du er hjemme\n\nDu skal hvile dig.\n\n{warning}:::::\n"
    for lines in (18, 22, 26):
        shown = pages(library, "Linje.\n\n" * lines + step, form)
        heading = [page.number for page in shown if holds(page, "Når du er hjemme")]
        assert heading == [page.number for page in shown if holds(page, "Ring, hvis du")], lines


def test_a_print_shop_s_pages_have_as_much_room_as_a_booklet_s(library: TinyLibrary) -> None:
    """So that a text takes as many."""
    heights = []
    for form in ("a5-booklet", "print-shop"):
        library.body("\nOrd.\n")
        library.write(
            "content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north").replace("[a4, a5]", f"[{form}]")
        )
        project = open_project(BuildRequest(library.root))
        key = next(key for key in project.output_keys() if key.edition.clinic == "north")
        margins = renderer.render_unverified(project.draw(key).page).margins
        assert margins
        heights.append(margins[1] + margins[3])
    assert heights[0] == pytest.approx(heights[1], abs=0.1)


def test_a_title_is_not_parted_at_a_hyphen(library: TinyLibrary) -> None:
    library.replace("content/first/da.md", "title: En titel", "title: Behandling af lang-varige smerter")
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.edition.clinic == "north")
    assert '<span class="together">lang-varige</span>' in project.draw(key).page.html
