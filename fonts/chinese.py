"""Make the Chinese faces anew from Noto Sans CJK: python fonts/chinese.py FOLDER (that has NotoSansCJK-*.ttc).

The characters are those of GB 2312, levels 1 and 2, and some of medicine that it lacks.
Their cubic outlines become quadratic ones, since pdfkit embeds TrueType only.
Latin letters, figures and signs such as “°” stay out, so that they come from the text face of the brand.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

OUT = Path(__file__).parent / "noto-sans-sc"
SIMPLIFIED = "Noto Sans CJK SC"
FACES = {"Regular": 400, "Bold": 700}
MEDICINE = "腧膙脷瞤膕臜噁噻嗪唑啉喹肼胍脒芴菲蒎酞酰肟哒嘌呤嘧啶吖吡唑砜胂膦锍醌醛酮酯酚醇醚胺腈腙脲苷苯萘蒽茚莰薁镥镧铒铥钬镝铽钆铕钐锝锶铟铊铼氡氙氦髂腘髋跖骺骶腓胫颞颧颌颏睑睫痤瘙疣疖痂癣癜瘢瘘痿癔龋齲龈腺肽胰脘瓣膈阑啰瞭"
PUNCTUATION = (0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026)
"""Signs that Chinese draws as wide as its characters, in pdfkit's other fonts too."""

MAX_ERROR = 0.6
"""How far an outline may move, in units of an em of 1000."""


def characters() -> set[int]:
    """Return the code points of the faces."""
    found = set(map(ord, MEDICINE)) | set(PUNCTUATION)
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                sign = ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
            # Hanzi, enclosed numbers, CJK punctuation and full-width forms; letters and arrows are in other fonts.
            if (sign >= 0x3000 and not 0x3040 <= sign < 0x3200) or 0x2460 <= sign < 0x2500:
                found.add(sign)
    return found


def main(folder: Path) -> None:
    """Write a file for each face."""
    for face, weight in FACES.items():
        collection = TTCollection(str(folder / f"NotoSansCJK-{face}.ttc"))
        font = next(one for one in collection if one["name"].getDebugName(1) == SIMPLIFIED)
        options = subset.Options(
            layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]
        )
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=characters() | {0x20})
        subsetter.subset(font)
        to_truetype(font)
        font["OS/2"].usWeightClass = weight
        font.save(str(OUT / f"NotoSansSC-{face}.ttf"))


def to_truetype(font: TTFont) -> None:
    """Replace the outlines of CFF by those of glyf."""
    order, drawn, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    for name in order:
        glyphs[name].recalcBounds(font["glyf"])
        font["hmtx"][name] = font["hmtx"][name][0], glyphs[name].xMin if glyphs[name].numberOfContours else 0
    maxp = font["maxp"] = newTable("maxp")
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, len(order)
    for key in ("Zones", "TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(maxp, f"max{key}", int(key == "Zones"))
    maxp.maxSizeOfInstructions = maxp.maxComponentElements = maxp.maxComponentDepth = 0
    post = font["post"]
    post.formatType, post.extraNames, post.mapping, post.glyphOrder = 3.0, [], {}, None
    for table in ("CFF ", "VORG", "vhea", "vmtx", "BASE", "GSUB", "GPOS", "GDEF", "DSIG"):
        if table in font:
            del font[table]
    font.sfntVersion = "\x00\x01\x00\x00"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
