"""Logos of every shape: whole, undistorted, large enough to be read, and clear of the clinic's name."""

import pypdfium2
import pytest
from PIL import Image

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from tests.helpers.fake_rendering import DAY
from tests.helpers.tiny_library import TinyLibrary

COLOUR = (176, 0, 176)
SCALE = 2.0
"""Pixels a point."""

POINTS_PER_MM = 72 / 25.4


def first_page(library: TinyLibrary, path: str) -> Image.Image:
    project = open_project(BuildRequest(library.root, as_of=DAY))
    key = next(key for key in project.output_keys() if key.path == path)
    document = pypdfium2.PdfDocument(renderer.render(project.draw(key).page).pdf)
    image: Image.Image = document[0].render(scale=SCALE).to_pil().convert("RGB")
    return image


@pytest.mark.parametrize(("width", "height", "shape"), [(40, 100, "tall"), (100, 100, ""), (240, 100, "wide"), (600, 100, "banner"), (1000, 100, "banner")])  # fmt: skip
@pytest.mark.parametrize("path", ["north/first.da.a4.pdf", "north/first.da.a5.pdf", "north/first.ar.a5.pdf"])
def test_a_logo_fits(library: TinyLibrary, width: int, height: int, shape: str, path: str) -> None:
    library.write("brands/plain/logo.svg", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" fill="#b000b0"/></svg>')  # fmt: skip
    library.write("content/first/ar.md", library.read("content/first/da.md"))
    library.replace("clinics/north.yaml", "languages: [da]", "languages: [da, ar]")
    library.replace(
        "clinics/north.yaml", "name: Klinik Nord", "name: Neurokirurgisk Ambulatorium Nord\nunit: Afsnit for rygsmerter"
    )
    page = first_page(library, path)
    pixels = page.load()
    assert pixels
    found = [(x, y) for x in range(page.width) for y in range(page.height // 3) if pixels[x, y] == COLOUR]
    left, right = min(x for x, _ in found), max(x for x, _ in found) + 1
    top, bottom = min(y for _, y in found), max(y for _, y in found) + 1
    assert len(found) > 0.95 * (right - left) * (bottom - top), "nothing is printed over it"
    assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.08)
    assert bottom - top > 9 * POINTS_PER_MM * SCALE
    assert left > 10 * POINTS_PER_MM * SCALE < page.width - right
    around = page.crop((left - 8, top, right + 8, bottom))
    dark = [colour for _, colour in around.getcolors(1 << 16) or () if isinstance(colour, tuple) and max(colour) < 90]
    assert dark == [], "the name is not close to it"
