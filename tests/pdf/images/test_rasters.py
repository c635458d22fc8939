"""PNG and JPEG of every kind: what is taken is printed, and what is printed is good."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms

from pdfkit_cli.build import verifier
from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import pictures
from pdfkit_cli.content.editions import EditionKey, OutputKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import SourceError, SourceLocation
from pdfkit_cli.pdf.images import rasters
from pdfkit_cli.rendering import renderer
from tests.helpers.check_runner import said
from tests.helpers.raster_samples import PRINTS, REFUSED, SEEN_THROUGH, gradient, profile, saved
from tests.helpers.tiny_library import TinyLibrary

DAY = date(2026, 11, 21)


def kind(name: str) -> str:
    return rasters.FORMATS_BY_TYPE["." + name.rpartition(".")[2].lower()]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def alike(one: Image.Image, other: Image.Image, levels: int = 6) -> bool:
    difference = ImageChops.difference(one, other).convert("L")
    return not any(difference.histogram()[levels + 1 :])


def put(library: TinyLibrary, names: list[str], formats: str) -> None:
    every = PRINTS | SEEN_THROUGH
    for name in names:
        library.write(f"content/first/{name}", every[name]())
    text = "".join(f"![Billede af sagen {name.replace('.', ' ')}]({name})\n\n" for name in names)
    library.body(f"\n## Billeder\n\n{text}")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{formats}]")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "names"), [("a4", [*PRINTS, *SEEN_THROUGH]), ("print-shop", [*PRINTS])], ids=["a4", "print-shop"]
)
def test_what_a_build_takes_is_good(library: TinyLibrary, form: str, names: list[str]) -> None:
    put(library, names, form)
    shop = open_project(BuildRequest(library.root, library.root.parent / "dist", as_of=DAY))
    assert not {finding.code for finding in shop.findings} - {"low-resolution", "draft-leaflet", "poor-alt-text"}
    pdf = renderer.render(shop.draw(OutputKey(EditionKey("north", "first", "da", Variant.FULL), form)).page).pdf
    file = library.root / "a.pdf"
    file.write_bytes(pdf)
    assert not verifier.examine(file, frozenset({"print-shop"})).faults


@pytest.mark.parametrize("name", PRINTS)
def test_a_picture_is_the_same_in_the_same_bytes(name: str) -> None:
    data = PRINTS[name]()
    assert rasters.image_problem(data, kind(name)) == ""
    made = rasters.normalize_image(data, kind(name))
    assert made == rasters.normalize_image(data, kind(name))
    assert rasters.normalize_image(made, kind(name)) == made
    assert Image.open(BytesIO(made)).mode in ("1", "L", "P", "RGB")
    assert not rasters.has_transparency(made, kind(name))


def test_sixteen_bits_of_grey_become_eight() -> None:
    assert set(opened(rasters.normalize_image(PRINTS["grey-16.png"](), "PNG")).tobytes()) == {33_000 >> 8}


def test_inks_become_colours_and_stay_inks_for_a_press() -> None:
    data = PRINTS["cmyk.jpg"]()
    made = rasters.normalize_image(data, "JPEG")
    assert Image.open(BytesIO(made)).mode == "RGB"
    assert alike(opened(made), opened(data))
    assert rasters.normalize_image(data, "JPEG", inks=True) == data


def test_a_profile_is_put_into_the_colours() -> None:
    own = ImageCms.ImageCmsProfile(BytesIO(profile("sRGB")))
    blue = Image.new("RGB", (4, 4), "#2060c0")
    wide = ImageCms.profileToProfile(blue, own, _gamma(), outputMode="RGB")
    assert wide
    data = saved(wide, icc_profile=_gamma().tobytes())
    assert not alike(wide, blue)
    assert alike(opened(rasters.normalize_image(data, "PNG")), blue, 3)


def _gamma() -> ImageCms.ImageCmsProfile:
    """A profile of the primaries of sRGB in another order of reading: it is sRGB with red and blue exchanged."""
    data = bytearray(profile("sRGB"))
    red, blue = data.index(b"rXYZ", 128), data.index(b"bXYZ", 128)
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    text = data.find("sRGB".encode("utf-16-be"))
    data[text : text + 8] = "Test".encode("utf-16-be")
    return ImageCms.ImageCmsProfile(BytesIO(bytes(data)))


def test_a_turned_photograph_has_the_size_in_which_it_is_seen(library: TinyLibrary) -> None:
    assert rasters.displayed_size(PRINTS["turned-6.jpg"]()) == (200, 300)
    put(library, ["turned-6.jpg"], "a4")
    (line,) = said(library, "low-resolution")
    upright = Image.new("RGB", (200, 300))
    library.write("content/first/turned-6.jpg", saved(upright, "JPEG"))
    assert said(library, "low-resolution") == [line]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_printed_is_refused(library: TinyLibrary, name: str) -> None:
    make, message = REFUSED[name]
    path = library.write(f"content/first/{name}", make())
    with pytest.raises(SourceError) as caught:
        pictures.read_picture(path, SourceLocation("da.md", 7))
    (finding,) = caught.value.findings
    assert str(finding).startswith(f"da.md:7:1: error: {path} {message}")


@pytest.mark.parametrize("name", SEEN_THROUGH)
def test_what_is_seen_through_is_named_where_a_press_does_not_take_it(library: TinyLibrary, name: str) -> None:
    put(library, [name], "a4, print-shop")
    (line,) = said(library, "see-through")
    assert line == (
        f"content/first/da.md:8:1: error: picture “{name}” has transparency, which print-shop does not allow; "
        "draw it in opaque colours, and save photographs without an alpha channel [see-through]"
    )
    library.replace("content/first/leaflet.yaml", "a4, print-shop", "a4")
    assert said(library, "see-through") == []


def test_drawings_and_logos_that_are_seen_through_are_named_too(library: TinyLibrary) -> None:
    faded = library.read("brands/plain/logo.svg").replace("<rect", '<rect opacity=".5"')
    library.write("brands/plain/logo.svg", faded)
    library.write("content/first/a.svg", faded)
    library.body("\n![En tegning af knæet](a.svg)\n")
    assert said(library, "see-through") == []
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, print-shop]")
    places = [line.partition(": error")[0] for line in said(library, "see-through")]
    assert sorted(places) == ["brands/plain/brand.yaml", "content/first/da.md:6:1"]


def test_a_picture_with_all_levels_is_seen_through() -> None:
    assert rasters.has_transparency(saved(gradient("RGBA")), "PNG")
