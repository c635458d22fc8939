"""A small PDF in which everything is right, made by hand: PDF/UA-1 and PDF/A-2a, with one of each thing that can be wrong."""

from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import ImageCms

from tests.helpers.tiny_library import ROOT

FONT = ROOT / "fonts/source-sans-3/SourceSans3-Regular.ttf"
WIDTH, HEIGHT = 595.28, 841.89
TITLE = "A good leaflet"

XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<rdf:Description rdf:about=""><pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about=""><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">A good leaflet</rdf:li></rdf:Alt></dc:title>
</rdf:Description>
<rdf:Description rdf:about=""><xmp:CreateDate>2026-01-31T00:00:00Z</xmp:CreateDate>
<xmp:ModifyDate>2026-01-31T00:00:00Z</xmp:ModifyDate></rdf:Description>
<rdf:Description rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

HEADINGS = ((1, "A good leaflet", 0, 740), (2, "When it is done", 0, 560), (2, "Exercises", 1, 740))
"""Level, words, page from 0, height of the first line."""


@cache
def good() -> bytes:
    """Return the good PDF."""
    pdf = Pdf.new()
    writer = _Writer(pdf)
    writer.pages()
    writer.finish()
    return saved(pdf)


def saved(pdf: Pdf) -> bytes:
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False)
    return out.getvalue()


def edited(pdf: bytes, edit: Callable[[Pdf], None]) -> bytes:
    """Return a PDF after an edit."""
    opened = pikepdf.open(BytesIO(pdf))
    edit(opened)
    return saved(opened)


def elements(pdf: Pdf, kind: str = "") -> list[Any]:
    """Return the structure elements of a type, or all, in reading order."""
    return [item for item in _below(pdf.Root.StructTreeRoot) if not kind or str(item.S)[1:] == kind]


def _below(node: Any) -> Iterator[Any]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from _below(kid)


class _Writer:
    """Writes the pages, marks and elements side by side."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.font, self.glyphs = _font(pdf)
        self.root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.document = self.element("Document", self.root)
        self.root.K = self.document
        self.rows: list[list[Any]] = []
        self.links: list[Any] = []
        self.page: Any = None
        self.content: list[str] = []
        self.ids: dict[str, Any] = {}

    def element(self, kind: str, parent: Any, **entries: Any) -> Any:
        made = self.pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name(f"/{kind}"), P=parent, K=Array(), **entries)
        )
        if parent.get("/Type") == "/StructElem":
            parent.K.append(made)
        return made

    def text(self, kind: str, parent: Any, words: str, x: float, y: float, **entries: Any) -> Any:
        """Write words into an element of their own."""
        made = self.element(kind, parent, **entries)
        self.more(made, words, x, y)
        return made

    def more(self, element: Any, words: str, x: float, y: float) -> None:
        """Write words into an element that is there."""
        self.mark(element, self.show(words, x, y), element.S)

    def mark(self, element: Any, operations: str, tag: Any = "/Span") -> None:
        element.Pg = self.page.obj
        element.K.append(len(self.rows[-1]))
        self.content.append(f"{tag} <</MCID {len(self.rows[-1])}>> BDC {operations} EMC")
        self.rows[-1].append(element)

    def show(self, words: str, x: float, y: float) -> str:
        codes = "".join(f"{self.glyphs[letter]:04x}" for letter in words)
        return f"BT /F 12 Tf 1 0 0 1 {x} {y} Tm <{codes}> Tj ET"

    def furniture(self) -> None:
        for words, y in (("Draft", 810), ("G-1 version 1", 24)):
            self.content.append(f"/Artifact <</Type /Pagination>> BDC {self.show(words, 72, y)} EMC")

    def link(self, parent: Any, words: str, x: float, y: float, **target: Any) -> None:
        element = self.text("Link", parent, words, x, y)
        annotation = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=Array([x - 1, y - 4, x + 120, y + 12]), F=4,
                Contents=String(words), Border=Array([0, 0, 0]), **target,
            )
        )  # fmt: skip
        element.K.append(Dictionary(Type=Name.OBJR, Obj=annotation, Pg=self.page.obj))
        if "/Annots" not in self.page.obj:
            self.page.obj.Annots = Array()
        self.page.obj.Annots.append(annotation)
        self.links.append((annotation, element))

    def begin(self) -> None:
        self.page = self.pdf.add_blank_page(page_size=(WIDTH, HEIGHT))
        self.page.obj.update({"/StructParents": len(self.rows), "/Tabs": Name.S})
        self.page.obj.Resources = Dictionary(Font=Dictionary(F=self.font))
        self.page.obj.TrimBox = Array([0, 0, WIDTH, HEIGHT])
        self.rows.append([])
        self.content = []

    def end(self) -> None:
        self.page.obj.Contents = self.pdf.make_stream("\n".join(self.content).encode())

    def pages(self) -> None:
        second = self.pdf.make_indirect(Dictionary())
        self.begin()
        self.furniture()
        self.text("H1", self.document, HEADINGS[0][1], 72, 740)
        self.text("P", self.document, "This leaflet is for you who have had pain for a long time.", 72, 700)
        paragraph = self.text("P", self.document, "Read on in", 72, 660)
        self.link(paragraph, "Exercises", 140, 660, Dest=Array([second, Name.XYZ, 72, 755, 0]))
        paragraph = self.text("P", self.document, "Call us:", 72, 620)
        self.link(paragraph, "76 36 14 00", 140, 620, A=Dictionary(S=Name.URI, URI=String("tel:+4576361400")))
        self.text("Span", paragraph, "på svenska: behandling", 300, 620, Lang=String("sv"))
        self.text("H2", self.document, HEADINGS[1][1], 72, 560)
        self.table()
        self.end()
        self.begin()
        self.furniture()
        self.text("H2", self.document, HEADINGS[2][1], 72, 740)
        figure = self.element("Figure", self.document, Alt=String("A person lies on the back and pulls up one knee."))
        figure.A = Dictionary(O=Name.Layout, Placement=Name.Block, BBox=Array([72, 500, 272, 650]))
        self.page.obj.Resources.XObject = Dictionary(I=_image(self.pdf))
        self.mark(figure, "q 200 0 0 150 72 500 cm /I Do Q", "/Figure")
        items = self.element("L", self.document, A=Dictionary(O=Name.List, ListNumbering=Name.Decimal))
        for number, words in enumerate(("Lift one leg.", "Lift the other leg."), 1):
            item = self.element("LI", items)
            self.text("Lbl", item, f"{number}.", 72, 460 - 20 * number)
            self.text("LBody", item, words, 100, 460 - 20 * number)
        self.slot()
        self.end()
        for link, _ in self.links[:1]:
            link.Dest[0] = self.page.obj

    def table(self) -> None:
        table = self.element("Table", self.document)
        for number, row in enumerate((("When", "What"), ("Before", "Eat as usual"), ("After", "Rest for an hour"))):
            line = self.element("TR", table)
            for column, words in enumerate(row):
                x, y = 72 + 100 * column, 520 - 20 * number
                if number == 0:
                    head = self.text("TH", line, words, x, y, ID=String(f"column-{column}"))
                    head.A = Dictionary(O=Name.Table, Scope=Name.Column)
                    self.ids[f"column-{column}"] = head
                else:
                    cell = self.text("TD", line, words, x, y)
                    cell.A = Dictionary(O=Name.Table, Headers=Array([String(f"column-{column}")]))

    def slot(self) -> None:
        """A paragraph inside a form with marks of its own, as imprints and booklets have."""
        element = self.element("P", self.document)
        form = self.pdf.make_stream(
            f"/P <</MCID 0>> BDC {self.show('The clinic can be reached from eight to four.', 0, 0)} EMC".encode()
        )
        form.update(
            {
                "/Type": Name.XObject,
                "/Subtype": Name.Form,
                "/BBox": Array([-3, -5, 400, 20]),
                "/StructParents": len(self.rows),
            }
        )
        form.Resources = Dictionary(Font=Dictionary(F=self.font))
        element.K.append(Dictionary(Type=Name.MCR, Pg=self.page.obj, Stm=form, MCID=0))
        self.rows.append([element])
        self.page.obj.Resources.XObject["/Slot"] = form
        self.content.append("q 1 0 0 1 72 380 cm /Slot Do Q")

    def finish(self) -> None:
        pdf, root = self.pdf, self.pdf.Root
        rows = [item for number, row in enumerate(self.rows) for item in (number, pdf.make_indirect(Array(row)))]
        for number, (annotation, element) in enumerate(self.links, len(self.rows)):
            annotation.StructParent = number
            rows += [number, element]
        self.root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(rows)))
        self.root.ParentTreeNextKey = len(rows) // 2
        named = [part for called, head in sorted(self.ids.items()) for part in (String(called), head)]
        self.root.IDTree = pdf.make_indirect(Dictionary(Names=Array(named)))
        root.StructTreeRoot = self.root
        root.MarkInfo, root.Lang = Dictionary(Marked=True), String("en")
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        root.Metadata = pdf.make_stream(XMP.encode(), Type=Name.Metadata, Subtype=Name.XML)
        root.OutputIntents = Array([_intent(pdf)])
        pdf.trailer.Info = pdf.make_indirect(
            Dictionary(
                Title=String(TITLE), CreationDate=String("D:20260131000000Z"), ModDate=String("D:20260131000000Z")
            )
        )
        with pdf.open_outline() as outline:
            top = pikepdf.OutlineItem(HEADINGS[0][1], self._destination(*HEADINGS[0][2:]))
            outline.root.append(top)
            for _, words, page, y in HEADINGS[1:]:
                top.children.append(pikepdf.OutlineItem(words, self._destination(page, y)))

    def _destination(self, page: int, y: float) -> Array:
        return Array([self.pdf.pages[page].obj, Name.XYZ, 72, y + 15, 0])


def _font(pdf: Pdf) -> tuple[Any, dict[str, int]]:
    letters = "".join(map(chr, (*range(32, 127), *map(ord, "åäöæø·–"))))
    font = TTFont(FONT)
    options = subset.Options(retain_gids=True, notdef_outline=True, layout_features=[], hinting=False)
    chosen = subset.Subsetter(options)
    chosen.populate(text=letters)
    chosen.subset(font)
    out = BytesIO()
    font.save(out)
    cmap, order = font.getBestCmap(), font.getReverseGlyphMap()
    glyphs = {letter: order[cmap[ord(letter)]] for letter in letters}
    scale = 1000 / font["head"].unitsPerEm
    widths = Array()
    for letter in sorted(letters, key=glyphs.__getitem__):
        widths.extend([glyphs[letter], Array([round(font["hmtx"][cmap[ord(letter)]][0] * scale, 3)])])
    called = Name("/AAAAAA+SourceSans3-Regular")
    file = pdf.make_stream(out.getvalue())
    file.Length1 = len(out.getvalue())
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=called, Flags=4, FontBBox=Array([-500, -400, 1200, 1000]), ItalicAngle=0,
        Ascent=1000, Descent=-400, CapHeight=660, StemV=80, FontFile2=file,
    )  # fmt: skip
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=called, CIDToGIDMap=Name.Identity, W=widths, DW=500,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
    )  # fmt: skip
    rows = "\n".join(f"<{code:04x}> <{ord(letter):04x}>" for letter, code in glyphs.items())
    table = f"begincmap\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{len(glyphs)} beginbfchar\n{rows}\nendbfchar\nendcmap"
    made = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=called, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(inner)]), ToUnicode=pdf.make_stream(table.encode()),
    )  # fmt: skip
    return pdf.make_indirect(made), glyphs


def _image(pdf: Pdf) -> Any:
    return pdf.make_stream(
        bytes([200, 210, 220] * 4), Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2, BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB,
    )  # fmt: skip


def _intent(pdf: Pdf) -> Dictionary:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return Dictionary(
        Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=String("sRGB"),
        DestOutputProfile=pdf.make_stream(profile, N=3),
    )  # fmt: skip
