"""Pictures with too few pixels."""

from io import BytesIO

from PIL import Image

from tests.checking import said
from tests.libraries import TinyLibrary


def picture(library: TinyLibrary, width: int, height: int, body: str = "![Et knæ](knee.png)") -> list[str]:
    out = BytesIO()
    Image.new("L", (width, height)).save(out, "PNG")
    library.write("content/first/knee.png", out.getvalue())
    library.body(f"\n{body}\n")
    return said(library, "low-resolution")


def test_a_picture_has_pixels_enough_for_its_largest_format(library: TinyLibrary) -> None:
    # 142 mm on A4 at 200 dpi are 1119 pixels.
    assert picture(library, 1119, 500) == []
    assert picture(library, 600, 300) == [
        "content/first/da.md:6:1: warning: picture “knee.png” has 107 pixels per inch in a4; "
        "at least 200 print well, so save it larger [low-resolution]"
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
    assert picture(library, 851, 300, body) == []  # 108 mm
    assert len(picture(library, 840, 300, body)) == 1


def test_a_drawing_has_no_pixels_and_the_library_sets_the_limit(library: TinyLibrary) -> None:
    library.write("content/first/a.svg", library.read("brands/plain/logo.svg"))
    library.replace("library.yaml", "languages:", "checks: {picture_dpi: 100}\nlanguages:")
    assert picture(library, 600, 300, "![Et knæ](knee.png)\n\n![En fod](a.svg)") == []
