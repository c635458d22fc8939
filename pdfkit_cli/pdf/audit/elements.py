"""Each structure element has an identity, a language and content; headings, tables and figures have what readers need."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf
from pdfkit_cli.pdf.audit.content import NO_BOX
from pdfkit_cli.pdf.audit.marked_content import MarkedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, comparable_text
from pdfkit_cli.pdf.geometry import Box, contains
from pdfkit_cli.pdf.objects import as_list, as_text, entry, name_entry, object_key, rectangle, text_entry
from pdfkit_cli.pdf.reader import aloud, bidi
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.pdf.structure_types import STANDARD
from pdfkit_cli.pdf.tree_walk import tree_items

LANGUAGE: Final = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8}|-\d[A-Za-z0-9]{3})*"
)
"""A language tag: language, script, region, variants (RFC 5646, 2.1), without extensions."""

ARABIC: Final = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
ARABIC_LANGUAGES: Final = frozenset({"ar", "fa", "ur", "ps", "ckb", "prs"})

MAX_FOREIGN_LETTERS: Final = 24
"""Letters of another script that a text may contain without its own language: a name, an abbreviation."""

BOX_TOLERANCE: Final = 2.0
"""Points by which a figure's box may differ from what is painted."""

MAY_BE_EMPTY: Final = frozenset({"TD", "TH"})


def element_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check every element."""
    elements = document.structure.elements
    roots = [element.kind for element in elements if not element.parent]
    if document.structure.root is not None and roots != ["Document"]:
        message = f"the tree begins with {', '.join(roots) or 'nothing'} instead of one Document"
        yield AuditIssue("tree-root", message)
    yield from _id_issues(document)
    yield from _language_issues(document)
    for part in document.parts:
        yield from _heading_issues([element for element in part.elements if element.is_heading], document)
    for element in elements:
        if element.kind not in STANDARD:
            yield _at(document, "type-unknown", f"“{element.kind}” is not a standard structure type", element)
        yield from _script_issues(element, document)
        yield from _empty_issues(element, document)
        yield from _actual_text_issues(element, document)
        if element.kind == "Figure":
            yield from _figure_issues(element, document)


def _at(document: AuditedPdf, code: str, message: str, element: StructureElement) -> AuditIssue:
    return AuditIssue(code, message, document.structure.page(element, document.painted), element.kind)


def _id_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that IDs are unique and in the IDTree, and that Headers name header cells (ISO 32000-1, 14.7.2 and 14.8.5.7)."""
    elements = document.structure.elements
    named = [(found, element) for element in elements if (found := text_entry(element.dictionary, "/ID"))]
    listed = {
        as_text(name): object_key(value)
        for name, value in tree_items(entry(document.structure.root, "/IDTree"), "/Names")
    }
    count = Counter(name for name, _ in named)
    for name, element in named:
        if count[name] > 1:
            yield _at(document, "id-duplicate", f"{count[name]} elements have the ID “{name}”", element)
        elif listed.get(name) != element.key:
            yield _at(document, "id-tree", f"the IDTree does not lead to the element with the ID “{name}”", element)
    for name in set(listed) - set(count):
        yield AuditIssue("id-tree", f"the IDTree contains “{name}”, which is the ID of no element")
    header_cells = {name for name, element in named if element.kind == "TH"}
    for element in elements:
        for attributes in as_list(entry(element.dictionary, "/A")):
            for header in as_list(entry(attributes, "/Headers")):
                if (name := as_text(header)) not in header_cells:
                    yield _at(
                        document, "headers", f"a cell names the header “{name}”, which is no header cell", element
                    )


def _language_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    language = text_entry(document.catalog, "/Lang")
    if not language:
        yield AuditIssue("language-missing", "the file does not declare its language")
    elif not LANGUAGE.fullmatch(language):
        yield AuditIssue("language-tag", f"“{language[:40]}” is not a language tag")
    for element in document.structure.elements:
        language = text_entry(element.dictionary, "/Lang") or ""
        if "/Lang" in element.dictionary and not LANGUAGE.fullmatch(language):
            yield _at(document, "language-tag", f"“{language[:40]}” is not a language tag", element)


def _language(element: StructureElement, document: AuditedPdf) -> str:
    """Return the language of an element, its own or inherited; nothing where none is declared."""
    holders = (element.dictionary, *(outer.dictionary for outer in element.ancestors), document.catalog)
    return next(filter(None, (text_entry(holder, "/Lang") for holder in holders)), "")


def _script_issues(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that the text of an element is written in the script of its language."""
    language = _language(element, document)
    is_arabic = language.split("-")[0].lower() in ARABIC_LANGUAGES
    own = [document.painted.marks.get((item.target, item.mcid)) for item in element.references if item.mcid is not None]
    words = "".join(mark.words for mark in own if mark)
    foreign, expected = (LATIN, ARABIC) if is_arabic else (ARABIC, LATIN)
    letters = len(foreign.findall(words))
    if language and letters > MAX_FOREIGN_LETTERS and letters > len(expected.findall(words)):
        message = f"“{words[:40].strip()}” is tagged as “{language}”, which is written in another script"
        yield _at(document, "language-script", message, element)


def _heading_issues(headings: list[StructureElement], document: AuditedPdf) -> Iterator[AuditIssue]:
    for element in headings:
        if any(outer.is_heading for outer in element.ancestors):
            message = f"a {element.kind} is inside another heading: it is read twice"
            yield _at(document, "heading-nested", message, element)
    if headings and headings[0].kind != "H1":
        yield _at(document, "heading-first", f"the first heading is {headings[0].kind}, not H1", headings[0])
    for before, element in pairwise(headings):
        if int(element.kind[1]) > int(before.kind[1]) + 1:
            yield _at(document, "heading-skip", f"{before.kind} is followed by {element.kind}", element)


def _empty_issues(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Report an element without content, but not those inside another one without content."""
    references = document.structure.references
    if element.kind in MAY_BE_EMPTY or references(element):
        return
    if element.parent is None or references(element.parent):
        yield AuditIssue("element-empty", f"a {element.kind} is empty", element=element.kind)


def _actual_text_issues(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that the actual text of an element is the text that is painted."""
    spoken = text_entry(element.dictionary, "/ActualText")
    if not spoken or element.kind == "Formula":
        return
    marks = document.structure.marks(element, document.painted)
    printed = "".join(mark.words for mark in marks)
    if comparable_text(printed) in ("", comparable_text(spoken)):
        return
    if not _is_reordered(spoken, marks, _language(element, document)):
        message = f"“{spoken[:40].strip()}” is read aloud, but “{printed[:40].strip()}” is printed"
        yield _at(document, "actual-text", message, element)


def _is_reordered(spoken: str, marks: Sequence[MarkedContent], language: str) -> bool:
    """Return whether marks, each a line, paint a text in the visual order of a right-to-left paragraph: 1–2 as 2–1 (UAX #9)."""
    if not aloud.runs_right_to_left(language):
        return False
    for mark in marks:
        line, spoken = bidi.split_line(spoken, len(comparable_letters(mark.words)), comparable_letters)
        if not bidi.matches_visual_order(line, mark.text, True, comparable_letters):
            return False
    return not comparable_letters(spoken)


def _figure_issues(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check the alternative text and the box of a figure (PDF/UA-1, 7.3; ISO 32000-1, 14.8.5.4.3)."""
    texts = (text_entry(element.dictionary, key) or "" for key in ("/Alt", "/ActualText"))
    if not any(map(str.strip, texts)):
        yield _at(document, "figure-alt", "a figure has no alternative text", element)
    marks = document.structure.marks(element, document.painted)
    if not marks:
        return
    box = _layout_box(element)
    if box is None:
        yield _at(document, "figure-box", "a figure does not declare its position (BBox)", element)
        return
    left, low, right, high = box
    page = document.pages[marks[0].page - 1]
    sheet = rectangle(entry(page, "/CropBox")) or rectangle(entry(page, "/MediaBox")) or NO_BOX
    painted = [mark.box for mark in marks if mark.box and mark.page == marks[0].page]
    if not (contains(sheet, box, BOX_TOLERANCE) and left < right and low < high):
        message = f"the box of a figure, {_in_points(box)}, is not inside its page, {_in_points(sheet)}"
        yield _at(document, "figure-box", message, element)
    elif any(not contains(box, ((a + c) / 2, (b + d) / 2) * 2, BOX_TOLERANCE) for a, b, c, d in painted):
        yield _at(document, "figure-box", f"a figure is painted outside its box, {_in_points(box)}", element)


def _layout_box(element: StructureElement) -> Box | None:
    for attributes in as_list(entry(element.dictionary, "/A")):
        if name_entry(attributes, "/O") == "/Layout" and (found := rectangle(entry(attributes, "/BBox"))):
            return found
    return None


def _in_points(box: Box) -> str:
    return " ".join(f"{value:.0f}" for value in box)
