"""Make the small web fonts of the catalogue anew: python fonts/subset.py

Latin letters of Source Sans 3, in WOFF2. They bear no name, since the licence keeps “Source” for the whole fonts.
"""

from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).parent
OUT = FONTS.parent / "pdfkit_cli" / "output" / "catalogue" / "static"
FACES = {"Regular": 400, "Bold": 700}
CHARACTERS = (*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, "‐‑–—‘’“”„•…"))


def main() -> None:
    """Write a file for each face."""
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "liga", "tnum", "mark", "ccmp"], name_IDs=[], hinting=False
    )
    for face, weight in FACES.items():
        font = subset.load_font(str(FONTS / "source-sans-3" / f"SourceSans3-{face}.ttf"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=CHARACTERS)
        subsetter.subset(font)
        subset.save_font(font, str(OUT / f"latin-{weight}.woff2"), options)


if __name__ == "__main__":
    main()
