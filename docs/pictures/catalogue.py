"""Draw the picture of the catalogue from the pages in dist/, in a browser: `make pictures`."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE, DIST = Path(__file__).parent, Path("dist")

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1100, "height": 680})
    page.goto((DIST.resolve() / "rygcenter-syddanmark" / "index.html").as_uri())
    page.fill("#typed", "vramebehandling")
    page.check("input[value=ar]", force=True)
    page.evaluate("document.fonts.ready")
    picture = Image.open(BytesIO(page.screenshot()))
    browser.close()
picture.quantize(256).save(HERE / "catalogue.png", optimize=True)
