"""A table in a Word file, as it is written and as people give it back."""

import io
import re
import zipfile
from collections.abc import Callable

import pymupdf
import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation.docx import read_docx
from pdfkit_cli.translation.exports import export_leaflet
from pdfkit_cli.translation.imports import apply_returned, import_leaflet
from pdfkit_cli.translation.units import find_work, units
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded, source

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]
DOCUMENT = "word/document.xml"


def edited(data: bytes, change: Callable[[str], str]) -> bytes:
    """Return a Word file with a changed document."""
    old, new = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            text = old.read(name).decode()
            archive.writestr(name, change(text) if name == DOCUMENT else text)
    return new.getvalue()


def as_it_is(text: str) -> str:
    return text


def split_runs(text: str) -> str:
    """Divide the words of each run, as Word does where they were typed or proofread."""
    return re.sub(
        r"<w:r>(<w:rPr>.*?</w:rPr>)<w:t xml:space=\"preserve\">((?:&\w+;|[^<&])+?)([^<]+)</w:t></w:r>",
        r'<w:r>\1<w:t xml:space="preserve">\2</w:t></w:r><w:proofErr w:type="spellStart"/><w:ins w:id="1"><w:r>\1<w:t xml:space="preserve">\3</w:t></w:r></w:ins>',
        text,
    )


def controls(text: str) -> str:
    return re.sub(r"(<w:tc>.*?</w:tc>)", r"<w:sdt><w:sdtContent>\1</w:sdtContent></w:sdt>", text)


@pytest.mark.parametrize("change", [as_it_is, split_runs, controls])
@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_the_founding_translations_lose_no_byte(name: str, language: str, change: Callable[[str], str]) -> None:
    data = export_leaflet(LIBRARY, name, language, everything=True, format="docx").data
    text = zipfile.ZipFile(io.BytesIO(data)).read(DOCUMENT).decode()
    assert ":::" not in text
    assert "{{" not in text
    assert change is as_it_is or change(text) != text
    (leaflet,) = read_docx(edited(data, change), "back.docx")
    work = find_work(LIBRARY, name, language)
    done = apply_returned(work, leaflet)
    assert done.refused == ()
    assert work.ours
    assert done.text == work.ours.source.text


def test_another_program_reads_it() -> None:
    data = export_leaflet(LIBRARY, "facet-denervation", "ar", everything=True, format="docx").data
    with pymupdf.open(stream=data, filetype="docx") as document:  # type: ignore[no-untyped-call]
        words = " ".join(" ".join(page.get_text().split()) for page in document)
    for seen in ("pdfkit: facet-denervation, ar", "<1>Du er vågen</1> under behandlingen.", "إلى أي مدى يفيد العلاج؟"):
        assert seen in words


def test_arabic_is_written_from_the_right() -> None:
    text = {
        language: zipfile.ZipFile(
            io.BytesIO(export_leaflet(LIBRARY, "facet-denervation", language, True, "docx").data)
        ).read(DOCUMENT).decode()
        for language in ("ar", "sv")
    }  # fmt: skip
    assert '<w:pPr><w:bidi/></w:pPr><w:r><w:rPr><w:rtl/><w:lang w:bidi="ar"/>' in text["ar"]
    assert "<w:rtl/>" not in text["sv"]


def exported(library: TinyLibrary) -> bytes:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    return export_leaflet(loader.load_library(library.root), "first", "en", format="docx").data


EMPTY = re.compile(r"(<w:p>)(</w:p></w:tc></w:tr></w:tbl>)")
"""The only cell for a translation."""


@pytest.mark.parametrize(
    "typed",
    [
        "<w:r><w:t>You must come at 9.</w:t></w:r>",
        '<w:r><w:t xml:space="preserve">You must </w:t></w:r><w:r><w:t>come at 9.</w:t></w:r>',
        "<w:r><w:t>You must</w:t><w:br/><w:t>come at 9.</w:t></w:r>",
        "<w:r><w:t>You must</w:t></w:r></w:p><w:p><w:r><w:t>come at 9.</w:t></w:r>",
        '<w:del w:id="1"><w:r><w:delText>We</w:delText></w:r></w:del><w:ins w:id="2"><w:r><w:t>You must come at 9.</w:t></w:r></w:ins>',
        '<w:moveFrom w:id="1"><w:r><w:t>at 9.</w:t></w:r></w:moveFrom><w:r><w:t>You must come </w:t></w:r><w:moveTo w:id="2"><w:r><w:t>at 9.</w:t></w:r></w:moveTo>',
    ],
)
def test_what_is_typed_is_read(library: TinyLibrary, typed: str) -> None:
    data = edited(exported(library), lambda text: EMPTY.sub(rf"\1{typed}\2", text))
    (leaflet,) = read_docx(data, "back.docx")
    done = import_leaflet(loader.load_library(library.root), leaflet)
    assert (done.accepted, done.refused) == (1, ())
    assert "\nYou must come at 9.\n" in library.read("content/first/en.md")


def test_an_empty_cell_is_named_by_its_row(library: TinyLibrary) -> None:
    data = exported(library)
    assert "The translation so far:" in zipfile.ZipFile(io.BytesIO(data)).read(DOCUMENT).decode()
    done = import_leaflet(loader.load_library(library.root), read_docx(data, "back.docx")[0])
    assert [str(finding) for finding in done.refused] == [
        "back.docx:2:1: error: is not translated; write its translation into the file [refused-passage]"
    ]


def rows(text: str) -> list[str]:
    return re.findall(r"<w:tr>.*?</w:tr>", text)


def cells(row: str) -> list[str]:
    return re.findall(r"<w:tc>.*?</w:tc>", row)


def divided_table(text: str) -> str:
    """Divide the table at a row, with a table of the agency between its parts, and one before it."""
    other = "<w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>Checked by</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
    text = text.replace(rows(text)[8], f"</w:tbl>{other}<w:tbl>{rows(text)[8]}")
    return text.replace("<w:body>", f"<w:body>{other}")


def with_empty_row(text: str) -> str:
    return text.replace(rows(text)[8], rows(text)[8] + f"<w:tr>{'<w:tc><w:p/></w:tc>' * 3}</w:tr>")


@pytest.mark.parametrize("change", [divided_table, with_empty_row])
def test_a_table_that_people_have_changed(change: Callable[[str], str]) -> None:
    data = export_leaflet(LIBRARY, "facet-denervation", "ar", everything=True, format="docx").data
    (leaflet,) = read_docx(edited(data, change), "back.docx")
    work = find_work(LIBRARY, "facet-denervation", "ar")
    done = apply_returned(work, leaflet)
    assert (done.accepted, done.refused) == (len(leaflet.units), ())
    assert [unit.id for unit in leaflet.units] == [unit.id for unit in units(work, everything=True)]


def test_a_row_without_its_code_is_named(library: TinyLibrary) -> None:
    data = edited(exported(library), lambda text: text.replace(cells(rows(text)[1])[0], "<w:tc><w:p/></w:tc>"))
    done = import_leaflet(loader.load_library(library.root), read_docx(data, "back.docx")[0])
    assert [str(finding) for finding in done.refused] == [
        "back.docx:2:1: error: the first cell of this row does not begin with the code of its passage; export it again [refused-passage]"
    ]


def joined_upwards(text: str) -> str:
    """Join the last cell with the one below, as Word writes it: its words are those of both."""
    cell = cells(rows(text)[1])[2]
    return text.replace(cell, cell.replace("</w:tcPr>", '<w:vMerge w:val="restart"/></w:tcPr>'))


def doubled(text: str) -> str:
    row = re.findall(r"<w:tr>.*?</w:tr>", text)[1]
    return text.replace(row, row * 2)


def joined_cells(text: str) -> str:
    return text.replace("</w:tc></w:tr></w:tbl>", "</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (doubled, "back.docx:3:1: error: unit “p"),
        (joined_cells, "back.docx:2:1: error: row 2 of the table does not have 3 cells of its own"),
        (joined_upwards, "back.docx:2:1: error: row 2 of the table does not have 3 cells of its own"),
        (lambda text: text.replace("pdfkit: first", "first"), "has no table that begins with"),
        (lambda text: text.replace("<w:document", '<!DOCTYPE x [<!ENTITY a "b">]><w:document', 1), "has a DOCTYPE"),
        (lambda text: text[:-9], "is not a Word file that can be read"),
        (lambda text: text.replace("<w:p></w:p>", "<w:p>" * 200 + "</w:p>" * 200), "elements inside each other"),
        (lambda text: text.replace("<w:p></w:p>", f"<w:p>{' ' * 20_000_001}</w:p>"), "has more than 20 MB of text"),
    ],
)
def test_files_of_which_nothing_is_read(library: TinyLibrary, change: Callable[[str], str], message: str) -> None:
    data = edited(exported(library), change)
    with pytest.raises(SourceError, match=re.escape(message)):
        read_docx(data, "back.docx")


def test_damaged_files(library: TinyLibrary) -> None:
    data = exported(library)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    for wrong in (
        b"",
        b"\xd0\xcf\x11\xe0 an old .doc",
        data[:-40],
        data[: len(data) // 2] + bytes(4) + data[len(data) // 2 + 4 :],
        other.getvalue(),
    ):
        with pytest.raises(SourceError, match="Word file that can be read"):
            read_docx(wrong, "back.docx")
