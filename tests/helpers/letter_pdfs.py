"""PDFs as other programs make them, for tests of packs: tagged and not, to be edited."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

from pikepdf import Pdf
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NullObject, StreamObject

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer

FACE = (packaged_folder("fonts") / "source-sans-3/SourceSans3-Regular.ttf").as_uri()
STYLE = f"<style>@font-face {{ font-family: f; src: url({FACE}) }} @page {{ size: A5 }} html {{ font-family: f }} h1 {{ page-break-before: always }}</style>"
TAGGED = """<html lang="{lang}"><head><title>{name}</title>{style}</head><body><h1 id="one">{name} one</h1>
<p>Words of {name}, <a href="#two">further on</a>. <a href="https://example.org/{name}">Out</a>.</p>
<table><thead><tr><th id="head" scope="col">Head {name}</th></tr></thead><tbody><tr><td headers="head">cell {name}</td></tr></tbody></table>
<h1 id="two">{name} two</h1><p>The end of {name}.</p></body></html>"""


def tagged(name: str, lang: str = "en") -> bytes:
    """Return a tagged PDF of two A5 pages, with links inside, named destinations and an outline."""
    renderer.prepare_process()
    from weasyprint import HTML

    html = TAGGED.format(name=name, lang=lang, style=STYLE)
    return bytes(HTML(string=html).write_pdf(pdf_variant="pdf/ua-1"))


def plain(pages: int = 1, **size: float) -> bytes:
    """Return a PDF with a line of text a page and no tags, as simple programs make them."""
    writer: Any = PdfWriter()
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    for number in range(pages):
        page = writer.add_blank_page(width=size.get("width", 595), height=size.get("height", 842))
        content = StreamObject()
        content.set_data(b"BT /F1 24 Tf 72 700 Td (Letter page %d) Tj ET" % (number + 1))
        page[NameObject("/Contents")] = writer._add_object(content)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})  # fmt: skip
    return written(writer)


def written(writer: Any) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@cache
def opened(pdf: bytes) -> Any:
    """Return a PDF that stays open as long as its objects are looked at."""
    return Pdf.open(BytesIO(pdf))


def saved(pdf: Pdf, **options: Any) -> bytes:
    out = BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def after(pdf: bytes, edit: Callable[[Any], object]) -> bytes:
    """Return a PDF after an edit."""
    with Pdf.open(BytesIO(pdf)) as changed:
        edit(changed)
        return saved(changed)


def edited(pdf: bytes) -> Any:
    return PdfWriter(clone_from=BytesIO(pdf))


def reader(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf), strict=True)


def resolve(value: Any) -> Any:
    """Return what a reference leads to; None for null and for what leads nowhere."""
    while isinstance(value, IndirectObject):
        value = value.get_object()
    return None if isinstance(value, NullObject) else value


def raw(value: Any, key: str) -> Any:
    """Return a dictionary's value, references unresolved; None where there is none."""
    resolved = resolve(value)
    return dict.get(resolved, key) if isinstance(resolved, DictionaryObject) else None


def items(value: Any) -> list[Any]:
    """Return the items of an array, references unresolved; nothing for anything else."""
    resolved = resolve(value)
    return list(list.__iter__(resolved)) if isinstance(resolved, ArrayObject) else []
