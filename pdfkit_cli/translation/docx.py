"""A table in a Word file, for translators without a tool: a row for each unit, with codes as numbered tags."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.errors import SourceLocation
from pdfkit_cli.translation.exchange import (
    MAX_DEPTH,
    MAX_FILE_BYTES,
    ReturnedLeaflet,
    ReturnedUnit,
    check_ids,
    file_error,
    has_content,
    too_deep,
)
from pdfkit_cli.translation.inline_codes import all_codes
from pdfkit_cli.translation.tags import read_tags, write_tags
from pdfkit_cli.translation.units import Unit, Work

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_NAMESPACE}}}"
_HELP = (
    "Write the translations into the third column, and change nothing else. Move the numbered tags to where they belong, each once: "
    "<1>words</1> marks words, <2/> stands for something. Write numbers as in the source. An empty cell stays untranslated."
)
_WIDTHS = (2200, 4200, 4200)
"""Of the columns, in twentieths of a point."""

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_CONTENT_TYPE}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_CONTENT_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "word/styles.xml": f'<w:styles xmlns:w="{_NAMESPACE}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="60"/></w:pPr></w:pPrDefault></w:docDefaults></w:styles>',
}  # fmt: skip
"""What is around the document."""

_DOCUMENT = "word/document.xml"
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, KeyError, ParseError, LookupError, ValueError, RuntimeError, NotImplementedError, EOFError, OSError,
)  # fmt: skip
"""What damaged and encrypted files cause."""

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_HEADING = re.compile(r"pdfkit: ([a-z0-9-]+), ([A-Za-z0-9-]+)")
_ID = re.compile(r"p[0-9a-f]+-\d+-\d+\b")

# Writing


def write_docx(work: Work, units: Iterable[Unit]) -> bytes:
    """Return a Word file with units of one leaflet: their ids and notes, their words, and the cells for the translations."""
    source, target = work.leaflet.model.source_language, work.language
    names = (known_language(language).name_in("en") for language in (source, target))
    heading = _row([[_small(f"pdfkit: {work.leaflet.name}, {target}")], *([_run(name, "en")] for name in names)])
    rows = "".join(_unit_row(unit, source, target) for unit in units)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    table = f"<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{heading}{rows}</w:tbl>"
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="700" w:right="650" w:bottom="700" w:left="650" w:header="400" w:footer="400" w:gutter="0"/></w:sectPr>'
    body = f"{_paragraph(_run(_HELP, 'en'))}{table}{_paragraph('')}{page}"
    document = f'<w:document xmlns:w="{_NAMESPACE}"><w:body>{body}</w:body></w:document>'
    return _zipped({**_PARTS, _DOCUMENT: document})


def _zipped(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _DECLARATION + text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _unit_row(unit: Unit, source: str, target: str) -> str:
    codes = {
        code.id: code.hint for content in (unit.source, unit.target, unit.old) for code in all_codes(content or ())
    }
    place = f"{unit.place.file.rpartition('/')[2]}:{unit.place.line}"
    notes = [unit.id, f"{place}: {unit.kind}", *(f"{id}: {hint}" for id, hint in codes.items()), *unit.notes]
    words = [_run(write_tags(unit.source), source)]
    if unit.old:
        words += [_small("The translation so far:"), _run(write_tags(unit.old), target)]
    for match in unit.matches:
        words += [_small(f"{match.note}:"), _run(write_tags(match.target), target)]
    return _row([[_small(note) for note in notes], words, [_run(write_tags(unit.target or ()), target)]], target)


def _row(cells: Iterable[Iterable[str]], target: str = "") -> str:
    written = []
    for number, (width, runs) in enumerate(zip(_WIDTHS, cells, strict=True)):
        direction = "<w:pPr><w:bidi/></w:pPr>" if number == 2 and target and _is_rtl(target) else ""
        paragraphs = "".join(_paragraph(run, direction) for run in runs)
        written.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>')
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(written)}</w:tr>"


def _paragraph(run: str, properties: str = "") -> str:
    return f"<w:p>{properties}{run}</w:p>"


def _run(words: str, language: str) -> str:
    tag = quoteattr(language)
    kind = f"<w:rtl/><w:lang w:bidi={tag}/>" if _is_rtl(language) else f"<w:lang w:val={tag}/>"
    return f'<w:r><w:rPr>{kind}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>' if words else ""


def _small(words: str) -> str:
    return f'<w:r><w:rPr><w:color w:val="666666"/><w:sz w:val="15"/></w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def _is_rtl(language: str) -> bool:
    return known_language(language).is_rtl


# Reading


def read_docx(data: bytes, name: str) -> tuple[ReturnedLeaflet, ...]:
    """Return the leaflet in a Word file; the lines of its places are rows of the table.

    What Word tracked as deleted is left out, and what it tracked as inserted is in it. Raises SourceError if nothing of it may be imported.
    """
    leaflets: list[ReturnedLeaflet] = []
    number = 0
    for table in _tables(_document(data, name)):
        rows = _rows(table)
        first = _text(next(iter(_cells(rows[0])), table)).strip() if rows else ""
        heading = _HEADING.fullmatch(first)
        if heading:
            number = 0
            leaflets.append(ReturnedLeaflet(heading[1], heading[2], (), SourceLocation(name, 1)))
        elif not leaflets or not _ID.match(first):  # a table of somebody else
            continue
        units = tuple(_units(rows[bool(heading) :], name, number + 1 + bool(heading)))
        number += len(rows)
        leaflets[-1] = replace(leaflets[-1], units=(*leaflets[-1].units, *units))
    if not leaflets:
        raise file_error(
            "has no table that begins with “pdfkit: …”, so pdfkit cannot tell where it belongs; export it again",
            SourceLocation(name),
        )
    check_ids(leaflets)
    return tuple(leaflets)


def _tables(root: Element) -> list[Element]:
    """Return the tables that are not inside others; where people have divided one, all parts of it."""
    body = root.find(f"{_W}body")
    return [] if body is None else list(_below(body, "tbl"))


def _document(data: bytes, name: str) -> Element:
    place = SourceLocation(name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            about = archive.getinfo(_DOCUMENT)
            with archive.open(about) as file:
                text = file.read(MAX_FILE_BYTES + 1)
        if len(text) > MAX_FILE_BYTES:
            raise file_error(f"has more than {MAX_FILE_BYTES / 1e6:g} MB of text; export it again", place)
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise file_error("has a DOCTYPE or entities, which are not read; export it again", place) from None
    except _UNREADABLE:
        raise file_error(
            "is not a Word file that can be read; save it again as .docx, without a password", place
        ) from None
    if too_deep(root) is not None:
        raise file_error(f"has more than {MAX_DEPTH} elements inside each other; export it again", place)
    return root


def _rows(table: Element) -> list[Element]:
    return [row for row in _below(table, "tr") if row.find(f"{_W}trPr/{_W}del") is None]


def _cells(row: Element) -> list[Element]:
    return list(_below(row, "tc"))


def _below(element: Element, name: str) -> Iterator[Element]:
    """Yield the elements of a kind that are not inside another of this kind; content controls may be around them."""
    for child in element:
        if child.tag == f"{_W}{name}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _below(child, name)


_LEFT_OUT = frozenset(
    f"{_W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "tcPr", "instrText", "delText", "footnoteReference")
)
_SIGNS = {f"{_W}tab": " ", f"{_W}br": " ", f"{_W}cr": " ", f"{_W}noBreakHyphen": "\u2011", f"{_W}softHyphen": ""}


def _text(element: Element) -> str:
    """Return the words of a cell; its paragraphs are separated by spaces."""
    if element.tag == f"{_W}t":
        return element.text or ""
    if element.tag in _SIGNS:
        return _SIGNS[element.tag]
    words = "".join(_text(child) for child in element if child.tag not in _LEFT_OUT)
    return f"{words} " if element.tag == f"{_W}p" else words


def _units(rows: Iterable[Element], name: str, first: int) -> Iterator[ReturnedUnit]:
    """Yield the units of rows, numbered from `first`. Raises SourceError for cells that were joined or divided."""
    for number, row in enumerate(rows, first):
        place = SourceLocation(name, number)
        cells = _cells(row)
        if len(cells) != len(_WIDTHS) or any(cell.find(f"{_W}tcPr/{_W}vMerge") is not None for cell in cells):
            raise file_error(
                f"row {number} of the table does not have {len(_WIDTHS)} cells of its own; do not join or divide cells",
                place,
            )
        words = [_text(cell).strip() for cell in cells]
        if any(words):
            yield _returned(words, place)


def _returned(words: list[str], place: SourceLocation) -> ReturnedUnit:
    id = (words[0].split() or [""])[0]
    if not _ID.match(id):
        message = "the first cell of this row does not begin with the code of its passage; export it again"
        return ReturnedUnit(f"row {place.line}", None, place, message)
    try:
        content = read_tags(words[2])
    except ValueError as error:
        return ReturnedUnit(id, None, place, str(error))
    return ReturnedUnit(id, content if has_content(content) else None, place)
