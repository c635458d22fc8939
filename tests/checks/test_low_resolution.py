"""Pictures with too few pixels."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.checks.low_resolution import MM_PER_INCH, picture_area
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.weasyprint_seams import page_box
from tests.helpers import own_look_library
from tests.helpers.check_runner import DAY, said
from tests.helpers.tiny_library import TinyLibrary


def picture(library: TinyLibrary, width: int, height: int, body: str = "![Et knæ](knee.png)") -> list[str]:
    out = BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    library.write("content/first/knee.png", out.getvalue())
    library.body(f"\n{body}\n")
    return said(library, "low-resolution")


def test_a_picture_has_pixels_enough_for_its_largest_format(library: TinyLibrary) -> None:
    # 142 mm on A4 at 200 dpi are 1119 pixels.
    assert picture(library, 1205, 500) == []
    assert picture(library, 600, 300) == [
        "content/first/da.md:6:1: warning: picture “knee.png” has 99 pixels per inch in a4; "
        "at least 200 are needed; save it with more pixels [low-resolution]"
    ]


def test_large_print_needs_more(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a4-large]")
    (line,) = picture(library, 1119, 500)
    assert "has 167 pixels per inch in a4-large" in line


def test_a_tall_picture_is_printed_narrower(library: TinyLibrary) -> None:
    assert picture(library, 500, 1500) == []


def test_an_exercise_prints_pictures_smaller(library: TinyLibrary) -> None:
    body = "## Hofte\n\n::: exercise\n### Løft\n\n![Et knæ](knee.png)\n:::"
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    assert picture(library, 576, 200, body) == []  # 73 mm
    assert len(picture(library, 565, 200, body)) == 1


def test_a_drawing_has_no_pixels_and_the_library_sets_the_limit(library: TinyLibrary) -> None:
    library.write("content/first/a.svg", library.read("brands/plain/logo.svg"))
    library.replace("library.yaml", "languages:", "checks: {picture_dpi: 100}\nlanguages:")
    assert picture(library, 610, 300, "![Et knæ](knee.png)\n\n![En fod](a.svg)") == []


@pytest.mark.parametrize(
    ("page", "width"),
    [
        ("size: 105mm 148mm; margin: 12mm 10mm 12mm;", 85),
        ("margin: 12mm 10mm 12mm; size: a6", 85),
        ("size: A6 landscape;\n  margin: 10mm 8mm 10mm 0", 140),
        ("size: landscape A3; /* size: A4; */ margin: 10mm; @footnote { margin: 40mm }", 400),
        ("margin: 5mm 10mm", 128),  # the size of A5
        ("size: 200mm", 172),  # the margins of A5
        ("margin-top: 3mm; font-size: 105mm", 120),
        ("size: 4in 6in", None),
        ("margin: 1cm", None),
        ("margin: auto", None),
    ],
)
def test_the_last_page_rule_of_a_format_counts(library: TinyLibrary, page: str, width: float | None) -> None:
    library.write("layouts/formats/a6-card/format.yaml", own_look_library.A6_FORMAT)
    library.write("layouts/formats/a6-card/a6-card.css", f"@page {{ {page} }}\n@page :first {{ margin: 40mm; }}\n")
    area = picture_area(open_project(BuildRequest(library.root, as_of=DAY)).layouts, "a6-card")
    assert (area and area.width) == width


def test_every_format_of_pdfkit_is_measured(library: TinyLibrary) -> None:
    layouts = open_project(BuildRequest(library.root, as_of=DAY)).layouts
    assert [name for name in layouts.formats if not picture_area(layouts, name)] == []


def pictures(box: Any) -> Iterator[float]:
    """Yield the width of each picture of the text, in mm."""
    if box.element_tag == "img" and "knee.png" in box.element.get("src"):
        yield box.width / 96 * MM_PER_INCH
    for child in getattr(box, "children", ()):
        yield from pictures(getattr(child, "_box", child))


def test_pictures_are_printed_as_large_as_the_rule_thinks(library: TinyLibrary) -> None:
    picture(library, 900, 300, "![Et knæ](knee.png)\n\n## Hofte\n\n::: exercise\n### Løft\n\n![Et knæ](knee.png)\n:::")
    library.write("layouts/formats/a6-card/format.yaml", own_look_library.A6_FORMAT)
    library.write("layouts/formats/a6-card/a6-card.css", own_look_library.A6_CSS)
    formats = "[a4, a5, a5-booklet, a4-large, remote-print, a6-card]"
    library.replace("content/first/leaflet.yaml", "[a4, a5]", formats)
    renderer.prepare_process()
    project = open_project(BuildRequest(library.root, library.root / "dist", as_of=DAY))
    for output_key in (output_key for output_key in project.output_keys() if output_key.edition.clinic == "north"):
        page = project.draw(output_key).page
        engine = Engine()
        with engine.session(page):
            document = engine.layout(page.html, page.stylesheet)
        text, exercise = (width for one in document.pages for width in pictures(page_box(one)))
        room = picture_area(project.layouts, output_key.format)
        assert room
        assert text == pytest.approx(room.width, abs=0.1), output_key.format
        assert exercise <= room.exercise + 0.1 < exercise + 12, output_key.format
