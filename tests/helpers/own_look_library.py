"""A library with a look of its own: a font, a masthead, a component, CSS of its brand, and a format. It changes nothing of pdfkit."""

from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from pdfkit_cli.content.packaged import packaged_folder
from tests.helpers.tiny_library import TinyLibrary, tiny

SOURCE = packaged_folder("fonts") / "source-sans-3"
FAMILY = "region-sans"
LACKING = "Ł"
"""A letter that the example's font does not have, and pdfkit's has."""

LOCK_UP = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 100"><rect width="600" height="100" fill="#7a1f4b"/></svg>\n'

WARNING_HTML = """\
<section class="warning own-warning{{ size }}">
<h{{ block.level }}>{{ block.argument }}</h{{ block.level }}>
<div class="warning-text">
{{ inner }}
</div>
</section>
"""

BRAND_CSS = ".masthead { border-block-end-color: #7a1f4b; }\nh2 { letter-spacing: 0.2pt; }\n"

A6_FORMAT = """\
name: A6 card
text: {measure: 85, size: 12, narrow: true}
css: [a5/a5.css, a6-card/a6-card.css]
preflight:
  page: [105, 148]
"""

A6_CSS = """\
:root, .slot { --text: 12pt; --title: 18pt; --measure: none; --picture: 95mm; --logo: 8mm; --call-width: 85mm; }
@page { size: 105mm 148mm; margin: 12mm 10mm 12mm; }
.running-title { display: none; }
"""

MASTHEAD_HTML = """\
<!--slot--><div class="slot"><header class="masthead{{ " " ~ edition.brand.logo_shape if edition.brand.logo_shape }}">
<div class="logo"{{ own_lang }}><img src="{{ logo }}" alt="{{ edition.brand.model.name }}"></div>
<p class="masthead-name own-masthead"{{ own_lang }}>{{ own(edition.contact.name) }}</p>
</header></div><!--/slot-->
"""


@cache
def face(file: str, drop: str = LACKING, **os2: int) -> bytes:
    """Return a font file under another name, without some letters, and with other values in its OS/2 table."""
    font, out = TTFont(SOURCE / file), BytesIO()
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = str(record).replace("Source Sans 3", "Region Sans").replace("SourceSans3", "RegionSans")
    for table in font["cmap"].tables:
        for letter in drop:
            table.cmap.pop(ord(letter), None)
    for name, value in os2.items():
        setattr(font["OS/2"], name, value)
    font.save(out)
    return out.getvalue()


def add_font(library: TinyLibrary, family: str = FAMILY) -> None:
    """Add a family with a regular and a bold face, and its licence."""
    library.write(f"fonts/{family}/Regular.ttf", face("SourceSans3-Regular.ttf"))
    library.write(f"fonts/{family}/Bold.ttf", face("SourceSans3-Bold.ttf"))
    library.write(f"fonts/{family}/LICENSE.txt", "SIL Open Font License 1.1\n")


def own_look(folder: Path) -> TinyLibrary:
    """Write the example into `folder`/leaflets."""
    library = tiny(folder)
    add_font(library)
    library.write(
        "brands/plain/brand.yaml",
        f"{library.read('brands/plain/brand.yaml')}fonts: {{text: {FAMILY}, headings: {FAMILY}}}\n",
    )
    library.write("brands/plain/logo.svg", LOCK_UP)
    library.write("brands/plain/brand.css", BRAND_CSS)
    library.write("layouts/components/masthead/masthead.html", MASTHEAD_HTML)
    library.write("layouts/components/warning/warning.html", WARNING_HTML)
    library.write("layouts/formats/a6-card/format.yaml", A6_FORMAT)
    library.write("layouts/formats/a6-card/a6-card.css", A6_CSS)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5, a6-card]")
    library.body(f"Spis før du kommer, {LACKING}ukasz.\n\n::: warning Feber\nRing straks.\n:::\n")
    return library
