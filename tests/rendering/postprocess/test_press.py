"""Boxes, crop marks and bleed, and groups that are drawn straight on the page."""

from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import yaml_source
from pdfkit_cli.rendering import engine, renderer
from pdfkit_cli.rendering.page import Page, Stylesheet
from tests.helpers.tiny_library import tiny

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g stroke="#a33" fill="#cde"><path d="M0 0h9v9z"/></g></svg>'
DPI = 100
WHITE = 250
_folder = TemporaryDirectory()


@cache
def page(format_name: str, css: str = "") -> Page:
    renderer.prepare_process()
    library = tiny(Path(_folder.name) / yaml_source.sha256_hex(f"{format_name} {css}".encode())[:16])
    library.body("## Før du kommer\n\nTekst.\n\n![En øvelse](images/a.svg)\n\n::: call\n:::\n")
    library.write("content/first/images/a.svg", PICTURE)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{format_name}]")
    shop = open_project(BuildRequest(library.root))
    made = shop.draw(next(iter(shop.output_keys()))).page
    sheet = made.stylesheet.css + css
    return replace(made, stylesheet=Stylesheet(sheet, yaml_source.sha256_hex(sheet.encode())))


def picture(pdf: bytes, number: int = 0) -> Image.Image:
    drawn: Image.Image = pypdfium2.PdfDocument(pdf)[number].render(scale=DPI / 72).to_pil().convert("L")
    return drawn


def box(of: Image.Image, left: float, top: float, right: float, bottom: float) -> tuple[int, int]:
    """Return the darkest and the lightest level of a part of a sheet, in mm from the corner of the trimmed page."""
    return of.crop(tuple(round((part + 10) / 25.4 * DPI) for part in (left, top, right, bottom))).getextrema()  # type: ignore[arg-type, return-value]


def test_boxes() -> None:
    for sheet in PdfReader(BytesIO(renderer.render(page("print-shop")).pdf)).pages:
        size = [[round(float(part) / 72 * 25.4, 2) for part in found] for found in (sheet.mediabox, sheet.bleedbox, sheet.trimbox)]  # fmt: skip
        assert size == [[-10, -10, 158, 220], [-3, -3, 151, 213], [0, 0, 148, 210]]


def test_the_cover_s_band_bleeds_to_its_end_and_no_further() -> None:
    sheet = picture(renderer.render(page("print-shop")).pdf)
    assert box(sheet, -2.8, 70, 150.8, 175.5)[1] < 150  # the whole band, three millimetres of it to be cut off
    assert box(sheet, -9.5, 2, -3.4, 208)[0] > WHITE  # left of its bleed
    assert box(sheet, 151.4, 2, 157.5, 208)[0] > WHITE  # right of it
    assert box(sheet, -2.8, 29, 150.8, 31.4)[0] > WHITE  # above it
    assert box(sheet, -2.8, 177.2, 150.8, 190)[0] > WHITE  # below it


FLOOD = ".cover .front { box-shadow: 0 0 0 90mm var(--brand-primary) }"
"""What lets the band of the cover flow over everything."""


@pytest.mark.parametrize("css", ["", FLOOD])
def test_crop_marks_stand_on_the_trim_lines_outside_the_bleed(css: str) -> None:
    made = page("print-shop", css)
    sheet = picture(renderer.render(replace(made, expected=(), format=replace(made.format, preflight=None))).pdf)
    for x in (0.0, 148.0):
        for y in (-5.5, 215.5):
            assert box(sheet, x - 0.4, y, x + 0.4, y + 0.3)[0] < 200
    for y in (0.0, 210.0):
        for x in (-5.5, 153.5):
            assert box(sheet, x, y - 0.4, x + 0.3, y + 0.4)[0] < 200
    for left, top, right, bottom in ((-9.5, 2, -3.4, 208), (151.4, 2, 157.5, 208), (2, 213.4, 146, 219.5)):
        assert box(sheet, left, top, right, bottom)[0] > WHITE  # whatever the page paints, it ends with the bleed
    inside = box(sheet, -2.7, 204, 0.5, 212.7)
    assert inside[1] < 150 if css else inside[0] > WHITE  # and no mark begins before


def test_a_pdf_in_ink_does_not_claim_to_be_an_archive_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the other formats claim."""
    monkeypatch.setattr(engine, "PDF_VARIANT", "pdf/a-2a")
    for name, claims in (("a4", True), ("print-shop", False)):
        root = PdfReader(BytesIO(renderer.render(page(name)).pdf)).root_object
        assert ("/OutputIntents" in root) == claims
        assert (b"pdfaid:part" in root["/Metadata"].get_data()) == claims  # type: ignore[attr-defined]
        assert b"<dc:title>" in root["/Metadata"].get_data()  # type: ignore[attr-defined]


def test_crop_marks_are_artifacts() -> None:
    for sheet in PdfReader(BytesIO(renderer.render(page("print-shop")).pdf)).pages:
        contents = sheet.get_contents()
        assert contents is not None
        assert contents.get_data().split(b"q\n", 1)[0].split() == [b"/Artifact", b"<</Type", b"/Page>>", b"BDC"]


def test_an_imprinted_page_is_the_same() -> None:
    made = page("print-shop")
    assert made.shares_body
    one, other = (renderer.render(replace(made, shares_body=shares)).pdf for shares in (True, False))
    assert len(PdfReader(BytesIO(one)).pages) == len(PdfReader(BytesIO(other)).pages) == 4
    for number in range(4):
        assert not any(ImageChops.difference(picture(one, number), picture(other, number)).histogram()[3:])


def test_dropped_groups_change_no_pixel() -> None:
    made = page("remote-print")
    groups = replace(made, format=replace(made.format, transparency=True, preflight=None))
    with_groups, without = renderer.render(groups).pdf, renderer.render(made).pdf
    assert b"/Transparency" in with_groups
    assert b"/Transparency" not in without
    assert ImageChops.difference(picture(with_groups), picture(without)).getbbox() is None


@pytest.mark.parametrize("name", ["a4", "print-shop", "remote-print", "digital-letter"])
def test_only_paper_has_codes_to_scan(name: str, tmp_path: Path) -> None:
    """Neither on the page nor in what a screen reader says; the links themselves stay, and their addresses in words."""
    renderer.prepare_process()
    library = tiny(tmp_path)
    library.body("## Mere\n\n[Kortet](https://example.org/kort-over-sygehuset-med-parkering).\n")
    library.replace("clinics/north.yaml", "phone:", "web: https://www.example.org\nphone:")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{name}]")
    shop = open_project(BuildRequest(library.root))
    made = shop.draw(next(iter(shop.output_keys()))).page
    reader = PdfReader(BytesIO(renderer.render(made).pdf))
    elements: list[Any] = [reader.get_object(number) for number in range(1, int(reader.trailer["/Size"]))]  # type: ignore[call-overload]
    alternatives = [str(item["/Alt"]) for item in elements if isinstance(item, dict) and item.get("/S") == "/Figure"]
    codes = [words for words in alternatives if words.startswith("Scan koden")]
    assert bool(codes) == shop.layouts.formats[name].qr
    assert ("Scan" in "".join(page.extract_text() for page in reader.pages)) == shop.layouts.formats[name].qr
    links = {str(item["/A"]["/URI"]) for item in elements if isinstance(item, dict) and item.get("/Subtype") == "/Link"}
    assert {"https://www.example.org", "https://example.org/kort-over-sygehuset-med-parkering"} <= links
