"""Small pictures: beside the words that follow them, at the end side, and left out where they would cost a sheet."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from tests.helpers.structure_elements import elements
from tests.helpers.tiny_library import LEAFLET, TinyLibrary

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="180" viewBox="0 0 240 180">'
    '<rect width="240" height="180" fill="#00b0b0"/></svg>'
)
ALT = "En bil set forfra"
PICTURE = f"![{ALT}](car.svg)"
WORDS = "Her er en del ord, som er ved siden af billedet. " * 9
Box = tuple[int, int, int, int]


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def drawn(library: TinyLibrary, body: str, form: str = "a4") -> Page:
    library.write("content/first/car.svg", DRAWING)
    library.body(body)
    library.write(
        "content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north").replace("[a4, a5]", f"[{form}]")
    )
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.edition.clinic == "north")
    return replace(project.draw(key).page, imprint=False)


def pages(page: Page) -> list[Image.Image]:
    """Return the pages at one pixel a point."""
    pdf = renderer.render_unverified(page).pdf
    return [sheet.render(scale=1).to_pil().convert("RGB") for sheet in pypdfium2.PdfDocument(pdf)]


def picture(image: Image.Image) -> Box | None:
    """Return the left, upper, right and lower edge of the drawing."""
    same = ImageChops.difference(image, Image.new("RGB", image.size, "#00b0b0")).convert("L")
    return same.point(lambda value: 255 if value < 20 else 0).getbbox()


def has_ink(image: Image.Image, *box: float) -> bool:
    return image.convert("L").crop(tuple(map(round, box))).getextrema()[0] < 128  # type: ignore[operator, arg-type]


@pytest.mark.parametrize("form", ["a4", "a4-columns", "a4-large", "a5"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_it_is_at_the_end_side_with_words_beside_it(library: TinyLibrary, form: str, direction: str) -> None:
    page = drawn(library, f"\n## Hjem\n\n{PICTURE}\n\n{WORDS}\n", form)
    turned = replace(page, html=page.html.replace('dir="ltr"', f'dir="{direction}"', 1))
    (image, left, upper, right, lower), *more = ((sheet, *box) for sheet in pages(turned) if (box := picture(sheet)))
    assert not more
    share = (right - left) / image.width
    assert 0.1 < share < 0.3
    words = (left - 2 * (right - left), left - 6) if direction == "ltr" else (right + 6, right + 2 * (right - left))
    assert has_ink(image, words[0], upper + 5, words[1], lower - 5)
    assert not has_ink(image, left - 3, upper, left - 1, lower), "words run into it"
    assert not has_ink(image, right + 1, upper, right + 3, lower), "words run into it"


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_on_a_phone_it_is_above_the_words_from_their_edge_on(library: TinyLibrary, direction: str) -> None:
    page = drawn(library, f"\n## Hjem\n\n{PICTURE}\n\n{WORDS}\n", "digital-letter")
    (image,) = pages(replace(page, html=page.html.replace('dir="ltr"', f'dir="{direction}"', 1)))
    box = picture(image)
    assert box
    margin = 7 * 72 / 25.4
    edge = box[0] if direction == "ltr" else image.width - box[2]
    assert edge == pytest.approx(margin, abs=1.5)
    assert (box[2] - box[0]) / (image.width - 2 * margin) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("form", ["a4", "a5", "exercise-sheet"])
def test_the_picture_of_an_exercise_is_in_the_middle_in_both_directions(library: TinyLibrary, form: str) -> None:
    page = drawn(library, f"\n## Hjem\n\n::: exercise 2 × 10\n### Gå\n\n{PICTURE}\n\n{WORDS}\n:::\n", form)
    places = []
    for direction in ("ltr", "rtl"):
        (image, *_) = pages(replace(page, html=page.html.replace('dir="ltr"', f'dir="{direction}"', 1)))
        box = picture(image)
        assert box
        places.append(box if direction == "ltr" else (image.width - box[2], box[1], image.width - box[0], box[3]))
    assert places[1][0::2] == pytest.approx(places[0][0::2], abs=2)


@pytest.mark.parametrize(
    "following", ["### Mere\n\nOrd", "::: important Husk\nOrd\n:::", "| a | b |\n|---|---|\n| c | d |"]
)
def test_headings_and_boxes_are_below_it(library: TinyLibrary, following: str) -> None:
    (image, *_) = pages(drawn(library, f"\n## Hjem\n\n{PICTURE}\n\nKort.\n\n{following}\n"))
    box = picture(image)
    assert box
    left, upper, right, lower = box
    heading = 45
    assert not has_ink(image, 100, upper + heading, left - 10, lower), "beside it"
    assert has_ink(image, 100, lower, right, lower + 60), "below it"


@pytest.mark.parametrize("form", ["a4", "a5"])
def test_it_stays_with_its_heading_and_words(library: TinyLibrary, form: str) -> None:
    """Wherever a page ends, and at the beginning of a step."""
    for lines in range(9, 45, 5):
        above = "\n\n".join(["Linje."] * lines)
        page = drawn(library, f"\n{above}\n\n::: step day\n## Hjemad\n\n{PICTURE}\n\n{WORDS}\n:::\n", form)
        with_picture = [number for number, image in enumerate(pages(page)) if picture(image)]
        texts = [text.extract_text() for text in PdfReader(BytesIO(renderer.render_unverified(page).pdf)).pages]
        heading = [number for number, text in enumerate(texts) if "Hjemad" in text]
        words = [number for number, text in enumerate(texts) if "Her er en del" in text]
        assert with_picture == heading == words[:1], lines


def test_where_it_would_cost_a_sheet_it_is_left_out_and_not_expected(library: TinyLibrary) -> None:
    section = f"\n\n{PICTURE}\n\nOrd.\n\n### Hjem"
    found = set()
    for sections in range(9, 24):
        page = drawn(library, f"\n## Hjem{section * sections}\n\nOrd.\n")
        made = renderer.render_unverified(page)
        assert not renderer.verify_rendered(page, made)[1]
        reader = PdfReader(BytesIO(made.pdf))
        root: Any = reader.root_object
        alts = [element.get("/Alt") for element in elements(root["/StructTreeRoot"])].count(ALT)
        assert alts == (0 if made.words_only else sections)
        found.add((made.words_only, len(reader.pages)))
    assert (True, 2) in found
    assert any(not words_only for words_only, _ in found)


def test_one_that_is_lost_is_reported(library: TinyLibrary) -> None:
    page = drawn(library, f"\n{PICTURE}\n\n{WORDS}\n")
    assert ContentKind.SMALL_PICTURE in {item.kind for item in page.expected}
    made = renderer.render_unverified(replace(page, html=page.html.replace('class="small"', 'style="display: none"')))
    assert any(ALT in message for message in renderer.verify_rendered(page, made)[1])
