"""Renders a source text for its translators, and finds each passage on the pages."""

from collections.abc import Iterable
from typing import TypeAlias

from pdfkit_cli.content import editions
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.library import LeafletEntry, Library, Translation
from pdfkit_cli.content.models import Variant, format_order
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.errors import OutputError
from pdfkit_cli.pdf.geometry import Box
from pdfkit_cli.pdf.reader import document
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.verification import completeness
from pdfkit_cli.translation.marked_pages import PlacedText

_Places: TypeAlias = dict[int, list[tuple[int, Box]]]


def render_source(library: Library, name: str, pdf_name: str) -> PlacedText:
    """Return the source text of a leaflet, as its owner hands it out, as a PDF with the places of its passages.

    `pdf_name` is what the PDF is to be called. Raises PdfkitError if it cannot be made.
    """
    leaflet = library.leaflets[name]
    text, owner = leaflet.original, leaflet.model.owner
    if text is None or owner not in library.clinics or text.language not in library.languages:
        raise OutputError(f"its owner, {owner}, cannot print it; see: pdfkit check")
    layouts = Layouts.load(packaged_folder("layouts"), packaged_folder("fonts"), library.root)
    edition = editions.resolve_edition(library, EditionKey(owner, name, text.language, Variant.FULL))
    form = _format(leaflet, layouts)
    page = layouts.page(edition, layouts.draw(edition, form), form)
    renderer.prepare_process()
    pdf = renderer.render(page).pdf
    shown = document.read_pdf(pdf)
    return PlacedText(pdf, pdf_name, _text_places(shown, page, text), _picture_places(shown))


def _format(leaflet: LeafletEntry, layouts: Layouts) -> str:
    """Return the first format that shows the whole text on pages in their order. Raises OutputError if there is none."""
    for name in sorted(leaflet.model.formats, key=lambda name: format_order(layouts.formats, name)):
        form = layouts.formats.get(name)
        if form and form.imposition == "none" and not form.extract and not form.bilingual:
            return name
    raise OutputError("none of its formats shows the whole text on pages in their order")


def _text_places(shown: PdfContent, page: Page, text: Translation) -> _Places:
    """Return where the words of each line of a text are."""
    report = completeness.verify_content(shown, page.expected, page.name, right_to_left=page.right_to_left)
    places: _Places = {}
    for match in report.matches:
        if match.expected.file == text.source.name:
            places.setdefault(match.expected.line, []).extend((on.number, run.box) for on, run in match.runs)
    return places


def _picture_places(shown: PdfContent) -> dict[str, list[tuple[int, Box]]]:
    """Return where each picture is, by the letters of its alternative text."""
    boxes = completeness.image_boxes(shown)
    return {
        comparable_letters(element.alt): [_hull(boxes[element.marks])]
        for element in shown.described
        if element.alt and boxes[element.marks]
    }


def _hull(parts: Iterable[tuple[PageContent, Box]]) -> tuple[int, Box]:
    """Return the page of the first part, and the box around all parts on it."""
    pages, found = zip(*parts, strict=True)
    sides = list(zip(*(box for page, box in zip(pages, found, strict=True) if page is pages[0]), strict=True))
    return pages[0].number, (min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))
