"""The covers of booklets: one page in front whatever is on it, with a picture where a leaflet has one, and whom to call behind."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from tests.helpers.tiny_library import LEAFLET, TinyLibrary

COLOUR = (0, 176, 176)
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="#00b0b0"/></svg>'
LONG_NAME = "Neurokirurgisk og ortopædkirurgisk fællesambulatorium for rygsmerter og nervesmerter"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}"><rect width="{0}" height="{1}" fill="#b000b0"/></svg>'


@pytest.fixture(autouse=True)
def prepared(tmp_path: Path) -> None:
    renderer.prepare_process(tmp_path)


def booklet(library: TinyLibrary, form: str = "a5-booklet") -> bytes:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{form}]")
    project = open_project(BuildRequest(library.root))
    key = next(key for key in project.output_keys() if key.edition.clinic == "north")
    return renderer.render(project.draw(key).page).pdf


def with_cover(library: TinyLibrary) -> None:
    library.write("content/first/images/cover.svg", PICTURE)
    library.write(
        "content/first/leaflet.yaml", library.read("content/first/leaflet.yaml") + "cover: images/cover.svg\n"
    )


def words(pdf: bytes) -> list[str]:
    """Return the text of each page, without spaces, which a title may have or not where its lines end."""
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def cover_pixels(pdf: bytes) -> list[int]:
    """Return how many pixels of the cover's picture each page has, at one pixel a point."""

    def count(page: Any) -> int:
        image = page.render(scale=1).to_pil().convert("RGB")
        return sum(number for number, colour in image.getcolors(1 << 24) if _near(colour))

    return [count(page) for page in pypdfium2.PdfDocument(pdf)]


def _near(colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(colour, COLOUR, strict=True))


def test_a_picture_is_on_the_cover_and_nowhere_else(library: TinyLibrary) -> None:
    with_cover(library)
    outside, inside = cover_pixels(booklet(library))
    assert outside > 20_000
    assert inside == 0


def test_a_leaflet_without_a_picture_has_a_cover_all_the_same(library: TinyLibrary) -> None:
    """And lines for questions on the page left over, and on the rest of its back."""
    first, second, third, back = words(booklet(library, "print-shop"))
    assert "Entitel" in first
    assert "Førdukommer" not in first
    assert "Førdukommer" in second
    assert "Minespørgsmål" in third
    assert "Kontakt" in back
    assert "Minespørgsmål" in back.partition("Kontakt")[2]


@pytest.mark.parametrize("form", ["a4", "a5-folder-screen"])
def test_formats_without_room_for_it_have_no_picture(library: TinyLibrary, form: str) -> None:
    with_cover(library)
    assert set(cover_pixels(booklet(library, form))) == {0}


@pytest.mark.parametrize("form", ["a5-booklet", "print-shop", "leporello"])
@pytest.mark.parametrize("width", [40, 240, 1000])
def test_a_cover_is_one_page_whatever_the_clinic_is_called(library: TinyLibrary, form: str, width: int) -> None:
    with_cover(library)
    library.write("brands/plain/logo.svg", LOGO.format(width, 100))
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: {LONG_NAME}\nunit: Afsnit for rygsmerter")
    assert len(words(booklet(library, form))) == (4 if form == "print-shop" else 2)


def test_a_cover_without_a_picture_has_a_pattern_of_the_brand(library: TinyLibrary) -> None:
    """A folder has no cover of its own, so no room for it."""

    def rings(form: str) -> int:
        image = pypdfium2.PdfDocument(booklet(library, form))[0].render(scale=1).to_pil().convert("RGB")
        accent = (0xB3, 0x61, 0x1F)
        line = [image.getpixel((x, y)) for y in range(180, 320) for x in range(image.width // 2, image.width - 60)]
        return sum(all(abs(a - b) < 50 for a, b in zip(colour, accent, strict=True)) for colour in line)

    assert rings("a5-booklet") > 200
    library.write("content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north"))
    assert rings("a5-folder") == 0
    library.write("content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north"))
    with_cover(library)
    assert rings("a5-booklet") == 0
