"""SVG: drawn as a browser draws it, in more than one reader of PDF, or refused by name and line."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import pictures
from pdfkit_cli.content.editions import EditionKey, OutputKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import SourceError, SourceLocation
from pdfkit_cli.rendering import renderer
from tests.helpers.pdf_equivalence import same_pictures
from tests.helpers.svg_samples import EXPORTS, HEAD, ODD, REFUSED, SAME, SQUARE
from tests.helpers.tiny_library import TinyLibrary

PLACE = SourceLocation("da.md", 7)
WIDTH, HEIGHT, GAP, COLUMNS = 150, 100, 10, 12
"""Of a drawing on the sheet that holds all, in CSS pixels."""

BLOCK = 3
"""Pixels that are taken together: readers smooth edges in their own ways."""

FAR = 96
"""Levels of 255 by which a block is another one, not the same with another edge."""

FEW = 6
"""Blocks of 1,650 that may be others: a hard edge between two pixels. An arrow head has 60."""

MEAN = 4.5
"""Levels by which a drawing may differ in all, as enlarged pixels do."""


def sheet(drawings: list[str]) -> tuple[str, int, int]:
    """Return a page with all drawings in rows, and its size in CSS pixels."""
    wide, high = COLUMNS * (WIDTH + GAP), -(-len(drawings) // COLUMNS) * (HEIGHT + GAP)
    cells = "".join(
        f'<img alt="" src="data:image/svg+xml,{quote(HEAD.format(drawing))}" style="position: absolute; width: {WIDTH}px;'
        f' height: {HEIGHT}px; left: {box(number)[0]}px; top: {box(number)[1]}px">'
        for number, drawing in enumerate(drawings)
    )
    css = f"@page {{ size: {wide}px {high}px; margin: 0 }} body {{ margin: 0 }}"
    return f"<style>{css}</style><body>{cells}</body>", wide, high


def box(number: int) -> tuple[int, int, int, int]:
    left, top = number % COLUMNS * (WIDTH + GAP), number // COLUMNS * (HEIGHT + GAP)
    return left, top, left + WIDTH, top + HEIGHT


@cache
def written() -> bytes:
    renderer.prepare_process()
    import weasyprint

    pdf: bytes = weasyprint.HTML(string=sheet(list(SAME.values()))[0]).write_pdf()
    return pdf


@pytest.fixture(scope="module")
def browsed(browser: Browser) -> Image.Image:
    html, wide, high = sheet(list(SAME.values()))
    page = browser.new_page(viewport={"width": wide, "height": high})
    page.set_content(html)
    data = page.screenshot()
    page.close()
    return Image.open(BytesIO(data)).convert("RGB")


def others(browsed: Image.Image, seen: Image.Image) -> list[str]:
    """Return the drawings that look otherwise than in the browser, and how."""
    found = []
    for number, name in enumerate(SAME):
        one, other = (
            picture.crop(box(number)).resize((WIDTH // BLOCK, HEIGHT // BLOCK), Image.Resampling.BOX)
            for picture in (browsed, seen)
        )
        difference = ImageChops.difference(one, other).convert("RGB")
        most = ImageChops.lighter(ImageChops.lighter(*difference.split()[:2]), difference.split()[2])
        count, mean = sum(most.histogram()[FAR:]), ImageStat.Stat(most).mean[0]
        if count > FEW or mean > MEAN:
            found.append(f"{name}: {count} blocks, {mean:.1f} in the mean")
    return found


@pytest.mark.slow
def test_drawings_look_as_in_a_browser(browsed: Image.Image) -> None:
    page = pypdfium2.PdfDocument(written())[0]
    assert not others(browsed, page.render(scale=96 / 72).to_pil().convert("RGB"))


@pytest.mark.slow
def test_they_do_in_poppler_too(browsed: Image.Image, tmp_path: Path) -> None:
    program = shutil.which("pdftoppm")
    if not program:
        pytest.skip("poppler-utils is not installed: make browser")
    (tmp_path / "a.pdf").write_bytes(written())
    subprocess.run([program, "-r", "96", "-png", "-singlefile", "a.pdf", "a"], cwd=tmp_path, check=True)
    assert not others(browsed, Image.open(tmp_path / "a.png").convert("RGB"))


@pytest.mark.parametrize(("drawing", "message"), REFUSED)
def test_what_would_be_drawn_otherwise_is_refused(tmp_path: Path, drawing: str, message: str) -> None:
    path = tmp_path / "a.svg"
    path.write_text(HEAD.format(drawing), "utf-8")
    with pytest.raises(SourceError) as caught:
        pictures.read_picture(path, PLACE)
    assert all(finding.place == PLACE and finding.message.startswith(str(path)) for finding in caught.value.findings)
    assert any(message in finding.message for finding in caught.value.findings), str(caught.value)


@pytest.mark.parametrize("drawing", ODD.values(), ids=ODD)
def test_odd_drawings_are_taken(tmp_path: Path, drawing: str) -> None:
    renderer.prepare_process()
    import weasyprint

    (tmp_path / "a.svg").write_text(HEAD.format(drawing), "utf-8")
    pictures.read_picture(tmp_path / "a.svg", PLACE)
    assert weasyprint.HTML(string=sheet([drawing])[0]).write_pdf()


@pytest.mark.parametrize("program", EXPORTS)
def test_what_programs_export_is_drawn(tmp_path: Path, program: str) -> None:
    (tmp_path / "a.svg").write_text(EXPORTS[program], "utf-8")
    pictures.read_picture(tmp_path / "a.svg", PLACE)
    assert alike(seen(EXPORTS[program]), seen(HEAD.format(SQUARE)))


def seen(svg: str) -> Image.Image:
    """Return a drawing as PDFium sees it."""
    renderer.prepare_process()
    import weasyprint

    css = f"@page {{ size: {WIDTH}px {HEIGHT}px; margin: 0 }} body {{ margin: 0 }}"
    size = f"width: {WIDTH}px; height: {HEIGHT}px; display: block"
    html = f'<style>{css}</style><img alt="" style="{size}" src="data:image/svg+xml,{quote(svg)}">'
    page = pypdfium2.PdfDocument(weasyprint.HTML(string=html).write_pdf())[0]
    picture: Image.Image = page.render(scale=96 / 72).to_pil().convert("RGB")
    return picture


def alike(one: Image.Image, other: Image.Image) -> bool:
    difference = ImageChops.difference(one, other).convert("L")
    return one.size == other.size and sum(difference.histogram()[FAR:]) <= FEW


def test_a_drawing_that_uses_itself_over_and_over_is_refused_soon(tmp_path: Path) -> None:
    levels = "".join(f'<g id="g{at}">' + f'<use href="#g{at - 1}"/>' * 10 + "</g>" for at in range(1, 12))
    (tmp_path / "a.svg").write_text(HEAD.format(f'<g id="g0"/>{levels}'), "utf-8")
    with pytest.raises(SourceError, match="draws more than 100,000 elements; export the drawing as a PNG"):
        pictures.read_picture(tmp_path / "a.svg", PLACE)


def test_what_ends_the_reader_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pdfkit_cli.pdf.images.svg.reader.read_drawing", broken)
    (tmp_path / "a.svg").write_text(HEAD.format("<!-- known to no other test -->"), "utf-8")
    with pytest.raises(SourceError, match=r"a\.svg cannot be drawn \(ZeroDivisionError\); export the drawing as a PNG"):
        pictures.read_picture(tmp_path / "a.svg", PLACE)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["a4", "print-shop"])
def test_a_gradient_in_a_logo_reaches_every_clinic(library: TinyLibrary, form: str) -> None:
    square = '<rect width="48" height="48" fill="url(#g)"/>'
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{}</svg>'
    plain = '<linearGradient id="g"><stop stop-color="#c00"/><stop offset="1" stop-color="#06c"/></linearGradient>'
    library.write("brands/plain/logo.svg", logo.format(plain + square))
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{form}]")
    library.body("\n## Før du kommer\n\nSpis og drik, som du plejer.\n")
    shop = open_project(BuildRequest(library.root, library.root.parent / "dist", as_of=date(2026, 11, 21)))
    page = shop.draw(OutputKey(EditionKey("north", "first", "da", Variant.FULL), form)).page
    imprinted, whole = renderer.render_unverified(page), renderer.render_unverified(replace(page, shares_body=False))
    assert imprinted.imprint
    assert not whole.imprint
    same_pictures(imprinted.pdf, whole.pdf)
    colours = pypdfium2.PdfDocument(imprinted.pdf)[0].render(scale=0.5).to_pil().convert("RGB").getcolors(100_000)
    assert any(red > 120 and green < 90 and blue < 90 for _, (red, green, blue) in colours)
