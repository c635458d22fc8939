"""What each structure element owes: identity, language, headings in steps, tables, figures, something to say."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pdfkit_cli.pdf.audit.document import AuditedPdf
from pdfkit_cli.pdf.audit.marked_content import MarkedContent
from pdfkit_cli.pdf.audit.report import AuditIssue
from pdfkit_cli.pdf.audit.structure import StructureElement, comparable_text, is_heading
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.objects import as_list, as_text, entry, name_entry, numbers, object_key, text_entry
from pdfkit_cli.pdf.reader import aloud, bidi
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.pdf.structure_types import STANDARD
from pdfkit_cli.pdf.tree_walk import tree_items

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8}|-\d[A-Za-z0-9]{3})*")
"""A language tag as texts have them: language, script, region, variants (RFC 5646, 2.1), without extensions."""

ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
ARABIC_LANGUAGES = frozenset({"ar", "fa", "ur", "ps", "ckb", "prs"})
MAX_FOREIGN_LETTERS = 24
"""Letters of another script that a text may hold without saying that it is another language: a name, an abbreviation."""

BOX_TOLERANCE = 2.0
"""Points that a figure's box may differ from what is painted."""

MAY_BE_EMPTY = frozenset({"TD", "TH"})


def element_issues(document: AuditedPdf) -> Iterator[AuditIssue]:
    """Look at every element."""
    yield from _types(document)
    yield from _ids(document)
    yield from _languages(document)
    yield from _headings(document)
    yield from _empty(document)
    yield from _replaced(document)
    for element in document.structure.elements:
        if element.kind == "Figure":
            yield from _figure(element, document)


def _at(document: AuditedPdf, code: str, message: str, element: StructureElement) -> AuditIssue:
    return AuditIssue(code, message, document.structure.page(element, document.painted), element.kind)


def _types(document: AuditedPdf) -> Iterator[AuditIssue]:
    for element in document.structure.elements:
        if element.kind not in STANDARD:
            yield _at(document, "type-unknown", f"“{element.kind}” is no standard structure type", element)
    roots = [element.kind for element in document.structure.elements if not element.parent]
    if document.structure.root and roots != ["Document"]:
        yield AuditIssue("tree-root", f"the tree begins with {', '.join(roots) or 'nothing'} instead of one Document")


def _ids(document: AuditedPdf) -> Iterator[AuditIssue]:
    """IDs are unique and in the IDTree; Headers name header cells (ISO 32000-1, 14.7.2 and 14.8.5.7)."""
    having = [
        (called, element)
        for element in document.structure.elements
        if (called := text_entry(element.dictionary, "/ID"))
    ]
    listed = {
        as_text(known): object_key(value)
        for known, value in tree_items(entry(document.structure.root, "/IDTree"), "/Names")
    }
    count = Counter(called for called, _ in having)
    by_id: dict[str, StructureElement] = {}
    for called, element in having:
        by_id[called] = element
        if count[called] > 1:
            yield _at(document, "id-duplicate", f"{count[called]} elements have the ID “{called}”", element)
        elif listed.get(called) != element.key:
            yield _at(document, "id-tree", f"the IDTree does not lead to the element with the ID “{called}”", element)
    for called in set(listed) - set(by_id):
        yield AuditIssue("id-tree", f"the IDTree names “{called}”, which no element has")
    for element in document.structure.elements:
        for called in _headers(element):
            target = by_id.get(called)
            if target is None or target.kind != "TH":
                yield _at(document, "headers", f"a cell names the header “{called}”, which is no header cell", element)


def _headers(element: StructureElement) -> Iterator[str]:
    for attributes in as_list(entry(element.dictionary, "/A")):
        for called in as_list(entry(attributes, "/Headers")):
            yield as_text(called)


def _languages(document: AuditedPdf) -> Iterator[AuditIssue]:
    """The file and its parts say their language, and text in another script than its language has is another language."""
    whole = text_entry(document.catalog, "/Lang")
    if not whole:
        yield AuditIssue("language-missing", "the file does not say its language")
    elif not LANGUAGE.fullmatch(whole):
        yield AuditIssue("language-tag", f"“{whole[:40]}” is no language tag")
    for element in document.structure.elements:
        said = text_entry(element.dictionary, "/Lang")
        if "/Lang" in element.dictionary and not LANGUAGE.fullmatch(said or ""):
            yield _at(document, "language-tag", f"“{(said or '')[:40]}” is no language tag", element)
        yield from _script(element, document)


def _language(element: StructureElement, document: AuditedPdf) -> str:
    """Return the language that an element is in: nothing where nothing says it."""
    above = (text_entry(item.dictionary, "/Lang") for item in element.above)
    return next(filter(None, above), text_entry(document.catalog, "/Lang") or "")


def _script(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    language = _language(element, document)
    arabic = language.split("-")[0].lower() in ARABIC_LANGUAGES
    own = [document.painted.marks.get((item.target, item.mcid)) for item in element.holds if item.mcid is not None]
    words = "".join(mark.words for mark in own if mark)
    strange, known = (LATIN, ARABIC) if arabic else (ARABIC, LATIN)
    letters = len(strange.findall(words))
    if language and letters > MAX_FOREIGN_LETTERS and letters > len(known.findall(words)):
        message = f"“{words[:40].strip()}” is said to be in “{language}”, which has other letters"
        yield _at(document, "language-script", message, element)


def _headings(document: AuditedPdf) -> Iterator[AuditIssue]:
    for piece in document.parts:
        yield from _steps([element for element in piece.elements if is_heading(element)], document)


def _steps(headings: list[StructureElement], document: AuditedPdf) -> Iterator[AuditIssue]:
    for element in headings:
        if any(is_heading(outer) for outer in list(element.above)[1:]):
            yield _at(
                document, "heading-nested", f"a {element.kind} stands inside a heading: it is heard twice", element
            )
    if headings and headings[0].kind != "H1":
        yield _at(document, "heading-first", f"the first heading is {headings[0].kind}, not H1", headings[0])
    for before, element in pairwise(headings):
        if int(element.kind[1]) > int(before.kind[1]) + 1:
            yield _at(document, "heading-skip", f"{before.kind} is followed by {element.kind}", element)


def _empty(document: AuditedPdf) -> Iterator[AuditIssue]:
    for element in document.structure.elements:
        if element.kind in MAY_BE_EMPTY or document.structure.references(element):
            continue
        if element.parent is None or document.structure.references(
            element.parent
        ):  # the outermost says it for all in it
            yield AuditIssue("element-empty", f"a {element.kind} holds nothing", element=element.kind)


def _replaced(document: AuditedPdf) -> Iterator[AuditIssue]:
    """What is heard instead of the marks says the same as they do."""
    for element in document.structure.elements:
        said = text_entry(element.dictionary, "/ActualText")
        marks = document.structure.marks(element, document.painted)
        shown = "".join(mark.words for mark in marks)
        if not said or not comparable_text(shown) or element.kind == "Formula":
            continue
        if comparable_text(said) != comparable_text(shown) and not _is_turned(
            said, marks, _language(element, document)
        ):
            message = f"“{said[:40].strip()}” is heard, “{shown[:40].strip()}” is printed"
            yield _at(document, "actual-text", message, element)


def _is_turned(said: str, marks: Sequence[MarkedContent], language: str) -> bool:
    """Say whether marks, each a line, paint numbers in a text from right to left: 1–2 is painted 2–1 there (UAX #9)."""
    if not aloud.runs_right_to_left(language):
        return False
    for mark in marks:
        line, said = bidi.split_line(said, len(comparable_letters(mark.words)), comparable_letters)
        if not bidi.matches_visual_order(line, mark.text, True, comparable_letters):
            return False
    return not comparable_letters(said)


def _figure(element: StructureElement, document: AuditedPdf) -> Iterator[AuditIssue]:
    """A figure says what it shows and where it stands (PDF/UA-1, 7.3; ISO 32000-1, 14.8.5.4.3)."""
    if (
        not (text_entry(element.dictionary, "/Alt") or "").strip()
        and not (text_entry(element.dictionary, "/ActualText") or "").strip()
    ):
        yield _at(document, "figure-alt", "a figure has no alternative text", element)
    marks = document.structure.marks(element, document.painted)
    if not marks:
        return
    box = _box(element)
    if box is None:
        yield _at(document, "figure-box", "a figure does not say where it stands (BBox)", element)
        return
    left, low, right, high = box
    page = document.pages[marks[0].page - 1]
    sheet = _page_box(page)
    painted = [mark.box for mark in marks if mark.box and mark.page == marks[0].page]
    if not (_inside(box, sheet) and left < right and low < high):
        yield _at(
            document,
            "figure-box",
            f"the box of a figure, {_words(box)}, is not inside its page, {_words(sheet)}",
            element,
        )
    elif any(not _inside(((a + c) / 2, (b + d) / 2) * 2, box) for a, b, c, d in painted):
        yield _at(document, "figure-box", f"a figure does not stand in its box, {_words(box)}", element)


def _box(element: StructureElement) -> Box | None:
    for attributes in as_list(entry(element.dictionary, "/A")):
        if name_entry(attributes, "/O") == "/Layout" and (found := numbers(entry(attributes, "/BBox"), 4)):
            return found[0], found[1], found[2], found[3]
    return None


def _page_box(page: Any) -> Box:
    found = numbers(entry(page, "/CropBox") or entry(page, "/MediaBox"), 4) or (0.0, 0.0, 0.0, 0.0)
    return found[0], found[1], found[2], found[3]


def _inside(box: tuple[float, ...], outer: Box) -> bool:
    return all(at >= low - BOX_TOLERANCE for at, low in zip(box[:2], outer[:2], strict=True)) and all(
        at <= high + BOX_TOLERANCE for at, high in zip(box[2:], outer[2:], strict=True)
    )


def _words(box: Box) -> str:
    return " ".join(f"{value:.0f}" for value in box)
