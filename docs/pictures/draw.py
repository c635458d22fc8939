"""Draw the pictures of README from the PDFs in dist/: `make pictures`."""

from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

HERE, DIST = Path(__file__).parent, Path("dist")
PAGES = (
    ("rygcenter-syddanmark/facet-denervation.da.a4.pdf", 1),
    ("rygcenter-syddanmark/facet-denervation.ar.a4.pdf", 1),
    ("sportsmed/facet-neurotomy.sv.a4.pdf", 5),
    ("rygcenter-syddanmark/facet-denervation.da.a4-large.pdf", 1),
)
GAP = 24


def page(path: str, number: int, dpi: int) -> Image.Image:
    """Return one page as a picture with a thin edge."""
    drawn = pypdfium2.PdfDocument(DIST / path)[number - 1].render(scale=dpi / 72).to_pil().convert("RGB")
    return ImageOps.expand(drawn, border=1, fill="#c3cad1")


def row(pictures: list[Image.Image]) -> Image.Image:
    """Return pictures side by side."""
    width = sum(picture.width + GAP for picture in pictures) + GAP
    sheet = Image.new("RGB", (width, pictures[0].height + 2 * GAP), "#eef1f4")
    left = GAP
    for picture in pictures:
        sheet.paste(picture, (left, GAP))
        left += picture.width + GAP
    return sheet


row([page(path, number, 62) for path, number in PAGES]).quantize(256).save(HERE / "pages.png", optimize=True)
warning = page(PAGES[0][0], 4, 110)
warning.crop((0, 60, warning.width, 640)).quantize(256).save(HERE / "warning.png", optimize=True)
foot = page("neurokirurgisk-ambulatorium/nerve-root-block.en.a4.pdf", 2, 110)
foot.crop((0, foot.height - 110, foot.width, foot.height)).quantize(32).save(HERE / "foot.png", optimize=True)
