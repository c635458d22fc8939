"""Letters as hospitals' systems make them, by several programs: for the proof of packs."""

from collections.abc import Callable
from functools import cache

import typst
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from tests.helpers.conforming_pdf import good
from tests.helpers.letter_pdfs import STYLE, edited, plain, written

TYPST = """#set document(title: "Indkaldelse", date: datetime(year: 2026, month: 1, day: 31))
#set page(paper: "a4"); #set text(lang: "da", font: "Source Sans 3")
= Indkaldelse
Du er indkaldt. Se #link("https://example.org/kort")[kortet] eller #link(<two>)[mødestedet].
#table(columns: 2, table.header([Dag], [Tid]), [Mandag], [9.00])
== Mødested <two>
- Indgang B
- Niveau 2"""
FORM = """<html lang="da"><head><title>Svar</title>{style}</head><body><h1>Svar</h1>
<p><label for="one">Navn</label> <input id="one" name="navn" value="ingen"></p></body></html>"""


@cache
def by_typst() -> bytes:
    """Return a tagged letter of another typesetter, whose tags are made in another way than ours."""
    compiler = typst.Compiler(font_paths=[str(packaged_folder("fonts"))], ignore_system_fonts=True)
    made = compiler.compile(input=TYPST.encode(), format="pdf", pdf_standards="ua-1")
    assert isinstance(made, bytes)
    return made


@cache
def form() -> bytes:
    """Return a tagged letter with a field to fill in."""
    renderer.prepare_process()
    from weasyprint import HTML

    html = FORM.format(style=STYLE)
    return bytes(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1", pdf_forms=True))


@cache
def rotated() -> bytes:
    """Return a tagged letter whose first page lies on its side, in boxes that begin below zero and are written from the wrong corner."""
    writer = edited(good())
    page = writer.pages[0]
    page[NameObject("/Rotate")] = NumberObject(-90)
    page[NameObject("/MediaBox")] = ArrayObject([NumberObject(number) for number in (600, 850, -20, -10)])
    return written(writer)


@cache
def signed() -> bytes:
    """Return a letter with a signature in a field below another field."""
    writer = edited(plain())
    signature = DictionaryObject({NameObject("/ByteRange"): ArrayObject([NumberObject(0)] * 4)})
    field = writer._add_object(DictionaryObject({NameObject("/FT"): NameObject("/Sig"), NameObject("/V"): signature}))
    group = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject([field])}))
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([group])})
    return written(writer)


LETTERS: dict[str, Callable[[], bytes]] = {
    "tagged": good, "typst": by_typst, "untagged": plain, "form": form, "rotated": rotated,
}  # fmt: skip
"""The letters that leaflets can be put behind, by their kind."""
