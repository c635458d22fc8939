"""Every PDF of the founding library is right, and the oracle that says so sees what is wrong."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.pdf import audit
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.conforming_pdf import XMP, edited, elements, good
from tests.helpers.founding_library_build import entries, library, sample
from tests.helpers.pdf_validators import wrongs

FORMATS = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats


@pytest.mark.soak
@pytest.mark.parametrize("path", sample())
def test_nothing_is_wrong(path: str, founding: Path) -> None:
    archival = FORMATS[path.split(".")[-2]].archival
    assert [str(wrong) for wrong in wrongs((founding / path).read_bytes(), archival=archival)] == []


@pytest.mark.slow
def test_nothing_is_wrong_with_what_goes_to_a_print_shop(print_shop: Path) -> None:
    for path in entries(print_shop):
        assert [str(wrong) for wrong in wrongs((print_shop / path).read_bytes(), archival=False)] == [], path


@pytest.mark.slow
def test_most_of_what_is_proven_was_imprinted_in_batches(founding: Path, print_shop: Path) -> None:
    """Each brand, language and format, as a build makes them: one body for all clinics that share it."""
    made = [*entries(founding).values(), *entries(print_shop).values()]
    imprinted = [entry for entry in made if not entry.whole]
    shared = [entry for entry in made if entry.whole != "fact-in-sentence"]
    assert {_kind(entry) for entry in imprinted} == {_kind(entry) for entry in shared}
    assert len(imprinted) >= 65 + 8
    bodies = Counter((entry.leaflet, entry.language, entry.variant, entry.format) for entry in imprinted)
    assert sum(clinics > 1 for clinics in bodies.values()) >= 12


def _kind(entry: ManifestEntry) -> tuple[str, str, str]:
    return library().clinics[entry.clinic].model.brand, entry.language, entry.format


def test_nothing_is_wrong_with_the_good_one() -> None:
    assert [str(wrong) for wrong in wrongs(good())] == []


def test_an_edit_alone_makes_nothing_wrong() -> None:
    def same(pdf: Pdf) -> None:
        replace(pdf, 0, rb"\Z", b"")
        metadata(pdf, r"\Z", "")

    assert [str(wrong) for wrong in wrongs(edited(good(), same))] == []


# Faults, planted one at a time. What points at what:


def marks_swapped(pdf: Pdf) -> None:
    paragraph, row = elements(pdf, "H1")[0], elements(pdf, "P")[0]
    paragraph.K, row.K = row.K, paragraph.K


def mark_left_out(pdf: Pdf) -> None:
    elements(pdf, "P")[0].K = Array([99])


def mark_in_two_elements(pdf: Pdf) -> None:
    elements(pdf, "H1")[0].K.append(1)


def words_untagged(pdf: Pdf) -> None:
    replace(pdf, 0, rb"/P <</MCID 1>> BDC (.*?) EMC", rb"\1")


def paragraph_made_artifact(pdf: Pdf) -> None:
    replace(pdf, 0, rb"/P <</MCID 1>> BDC", b"/Artifact <</Type /Pagination>> BDC")
    drop(pdf, elements(pdf, "P")[0])


def last_paragraph_not_in_the_tree(pdf: Pdf) -> None:
    drop(pdf, elements(pdf, "P")[-1])


def furniture_tagged(pdf: Pdf) -> None:
    for number, page in enumerate(pdf.pages):
        mcid = len(row(pdf, number))
        made = pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.P, P=document(pdf), K=Array([mcid]), Pg=page.obj)
        )
        document(pdf).K.append(made)
        row(pdf, number).append(made)
        head = rb"/Artifact <</Type /Pagination>> BDC"
        replace(pdf, number, head, b"/P <</MCID %d>> BDC" % mcid)


def element_on_another_page(pdf: Pdf) -> None:
    elements(pdf, "H1")[0].Pg = pdf.pages[1].obj


def element_on_no_page(pdf: Pdf) -> None:
    elements(pdf, "Figure")[0].Pg = pdf.make_indirect(Dictionary(Type=Name.Page))


def parent_tree_entry_wrong(pdf: Pdf) -> None:
    row(pdf, 0)[1] = elements(pdf, "H2")[0]


def parent_tree_row_gone(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot.ParentTree.Nums[4:6]  # that of the form


def parent_tree_key_low(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.ParentTreeNextKey = 2


def link_row_of_another(pdf: Pdf) -> None:
    first, second = pdf.pages[0].Annots
    first.StructParent, second.StructParent = second.StructParent, first.StructParent


def parent_wrong(pdf: Pdf) -> None:
    elements(pdf, "TR")[0].P = document(pdf)


def loop(pdf: Pdf) -> None:
    elements(pdf, "TR")[0].K.append(elements(pdf, "Table")[0])


def object_that_no_page_has(pdf: Pdf) -> None:
    del pdf.pages[0].Annots[1]


def link_in_no_element(pdf: Pdf) -> None:
    del elements(pdf, "Link")[1].K[1]


def tree_gone(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot


def mark_in_an_artifact(pdf: Pdf) -> None:
    replace(pdf, 0, rb"(/P <</MCID 1>> BDC .*? EMC)", rb"/Artifact BMC \1 EMC")


def mark_painted_twice(pdf: Pdf) -> None:
    replace(pdf, 0, rb"(/P <</MCID 1>> BDC .*? EMC)", rb"\1 \1")


def mark_without_end(pdf: Pdf) -> None:
    replace(pdf, 0, rb"(/P <</MCID 1>> BDC .*?) EMC", rb"\1")


def mark_on_another_page_than_said(pdf: Pdf) -> None:
    elements(pdf, "P")[-1].K[0].Pg = pdf.pages[0].obj


def object_on_another_page_than_said(pdf: Pdf) -> None:
    elements(pdf, "Link")[0].K[1].Pg = pdf.pages[1].obj


def kid_of_no_kind(pdf: Pdf) -> None:
    elements(pdf, "P")[0].K.append(String("words"))


def two_documents(pdf: Pdf) -> None:
    root = pdf.Root.StructTreeRoot
    second = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=elements(pdf, "L")))
    root.K = Array([root.K, second])


def words_that_are_no_furniture(pdf: Pdf) -> None:
    replace(pdf, 0, rb"/Artifact <</Type /Pagination>> BDC", b"/Artifact BMC")


# What the elements say:


def language_gone(pdf: Pdf) -> None:
    del pdf.Root.Lang


def language_rubbish(pdf: Pdf) -> None:
    pdf.Root.Lang = String("svenska")


def language_of_an_element_rubbish(pdf: Pdf) -> None:
    elements(pdf, "Span")[0].Lang = String("s")


def language_of_another_script(pdf: Pdf) -> None:
    pdf.Root.Lang = String("ar")


def id_twice(pdf: Pdf) -> None:
    first, second = elements(pdf, "TH")
    second.ID = first.ID


def id_not_in_the_tree(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot.IDTree.Names[:2]


def id_tree_gone(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot.IDTree


def headers_of_no_header_cell(pdf: Pdf) -> None:
    elements(pdf, "TD")[0].A.Headers = Array([String("column-9")])


def heading_skipped(pdf: Pdf) -> None:
    elements(pdf, "H2")[1].S = Name.H4


def heading_in_a_heading(pdf: Pdf) -> None:
    outer = elements(pdf, "H2")[0]
    inner = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.H2, P=outer, K=outer.K, Pg=outer.Pg))
    outer.K = Array([inner])
    row(pdf, 0)[5] = inner


def no_first_heading(pdf: Pdf) -> None:
    elements(pdf, "H1")[0].S = Name.P


def alternative_text_gone(pdf: Pdf) -> None:
    del elements(pdf, "Figure")[0].Alt


def alternative_text_a_file_name(pdf: Pdf) -> None:
    elements(pdf, "Figure")[0].Alt = String("knee-exercise-2.png")


def figure_box_in_pixels_from_above(pdf: Pdf) -> None:
    elements(pdf, "Figure")[0].A.BBox = Array([96, 256, 363, 456])


def figure_box_outside_the_page(pdf: Pdf) -> None:
    elements(pdf, "Figure")[0].A.BBox = Array([72, 800, 272, 950])


def figure_box_gone(pdf: Pdf) -> None:
    del elements(pdf, "Figure")[0].A


def table_without_header_cells(pdf: Pdf) -> None:
    for cell in elements(pdf, "TH"):
        cell.S = Name.TD
    for cell in elements(pdf, "TD"):
        del cell["/A"]


def scope_and_headers_gone(pdf: Pdf) -> None:
    for cell in elements(pdf, "TH"):
        del cell["/A"]
    for cell in elements(pdf, "TD"):
        cell.A = Dictionary(O=Name.Table)


def other_words_heard(pdf: Pdf) -> None:
    elements(pdf, "P")[0].ActualText = String("This leaflet is for nobody.")


def element_empty(pdf: Pdf) -> None:
    document(pdf).K.append(
        pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.NonStruct, P=document(pdf), K=Array()))
    )


def type_of_nobody(pdf: Pdf) -> None:
    elements(pdf, "P")[0].S = Name.Paragraph


# Where bookmarks and links lead:


def bookmark_to_another_page(pdf: Pdf) -> None:
    bookmarks(pdf)[1].Dest[0] = pdf.pages[1].obj


def bookmark_to_another_height(pdf: Pdf) -> None:
    bookmarks(pdf)[2].Dest[3] = 300


def bookmarks_out_of_order(pdf: Pdf) -> None:
    _, one, other = bookmarks(pdf)
    for entry in ("/Title", "/Dest"):
        one[entry], other[entry] = other[entry], one[entry]


def bookmark_left_out(pdf: Pdf) -> None:
    one = bookmarks(pdf)[1]
    one.Parent.Last = one
    del one["/Next"]


def bookmarks_gone(pdf: Pdf) -> None:
    del pdf.Root.Outlines


def bookmarks_in_a_circle(pdf: Pdf) -> None:
    bookmarks(pdf)[2].Next = bookmarks(pdf)[1]


def link_to_another_page(pdf: Pdf) -> None:
    pdf.pages[0].Annots[0].Dest[0] = pdf.pages[0].obj


def link_to_a_page_that_is_gone(pdf: Pdf) -> None:
    pdf.pages[0].Annots[0].Dest[0] = pdf.make_indirect(Dictionary(Type=Name.Page))


def link_to_nothing(pdf: Pdf) -> None:
    del pdf.pages[0].Annots[0].Dest


def link_beside_its_words(pdf: Pdf) -> None:
    pdf.pages[0].Annots[1].Rect = Array([71, 500, 192, 516])


def link_that_dials_another_number(pdf: Pdf) -> None:
    pdf.pages[0].Annots[1].A.URI = String("tel:+4576361401")


def link_to_a_file(pdf: Pdf) -> None:
    pdf.pages[0].Annots[1].A.URI = String("file:///etc/passwd")


def link_in_a_paragraph(pdf: Pdf) -> None:
    elements(pdf, "Link")[0].S = Name.P


def link_without_contents(pdf: Pdf) -> None:
    del pdf.pages[0].Annots[1].Contents


# Fonts, and what the file says of itself:


def words_without_a_font(pdf: Pdf) -> None:
    replace(pdf, 0, rb"/F 12 Tf", b"")


def font_not_embedded(pdf: Pdf) -> None:
    del font(pdf).DescendantFonts[0].FontDescriptor.FontFile2


def font_without_characters(pdf: Pdf) -> None:
    del font(pdf).ToUnicode


def glyph_without_character(pdf: Pdf) -> None:
    table = font(pdf).ToUnicode.read_bytes()
    font(pdf).ToUnicode = pdf.make_stream(re.sub(rb"<\w{4}> <0061>\n", b"", table))


def glyph_missing(pdf: Pdf) -> None:
    replace(pdf, 0, rb"(/P <</MCID 1>> BDC .*?Tm <)\w{4}", rb"\g<1>0000")


def title_gone(pdf: Pdf) -> None:
    metadata(pdf, "<dc:title>.*?</dc:title>", "")


def title_another(pdf: Pdf) -> None:
    pdf.trailer.Info.Title = String("Another leaflet")


def title_hidden(pdf: Pdf) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


def not_marked(pdf: Pdf) -> None:
    pdf.Root.MarkInfo.Marked = False


def ua_claim_gone(pdf: Pdf) -> None:
    metadata(pdf, "<pdfuaid:part>1</pdfuaid:part>", "")


def archive_claim_gone(pdf: Pdf) -> None:
    metadata(pdf, "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>", "")


def output_intent_gone(pdf: Pdf) -> None:
    del pdf.Root.OutputIntents


def date_rubbish(pdf: Pdf) -> None:
    pdf.trailer.Info.CreationDate = String("yesterday")


def trim_box_too_large(pdf: Pdf) -> None:
    pdf.pages[0].TrimBox = Array([0, 0, 900, 900])


def page_rotated(pdf: Pdf) -> None:
    pdf.pages[1].Rotate = 90


def tab_order_gone(pdf: Pdf) -> None:
    del pdf.pages[0].Tabs


def script_at_opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


PLANTED: dict[Callable[[Pdf], None], str] = {
    marks_swapped: "pdfkit parent-tree",
    script_at_opening: "pdfkit active",
    mark_left_out: "pdfkit mark-missing",
    mark_in_two_elements: "pdfkit mark-shared",
    words_untagged: "pdfkit unmarked",
    paragraph_made_artifact: "pdfkit artifact-text",
    last_paragraph_not_in_the_tree: "pdfkit mark-unclaimed",
    furniture_tagged: "pdfkit furniture-tagged",
    element_on_another_page: "pdfkit mark-shared",
    element_on_no_page: "pdfkit page-unknown",
    parent_tree_entry_wrong: "pdfkit parent-tree",
    parent_tree_row_gone: "pdfkit parent-tree",
    parent_tree_key_low: "pdfkit parent-tree-key",
    link_row_of_another: "pdfkit parent-tree",
    parent_wrong: "pdfkit tree-parent",
    loop: "pdfkit tree-loop",
    object_that_no_page_has: "pdfkit object-missing",
    link_in_no_element: "pdfkit object-unclaimed",
    tree_gone: "pdfkit not-tagged",
    mark_in_an_artifact: "pdfkit mark-nested",
    mark_painted_twice: "pdfkit mark-repeated",
    mark_without_end: "pdfkit mark-unbalanced",
    mark_on_another_page_than_said: "pdfkit mark-elsewhere",
    object_on_another_page_than_said: "pdfkit object-elsewhere",
    kid_of_no_kind: "pdfkit tree-broken",
    two_documents: "pdfkit tree-root",
    words_that_are_no_furniture: "pdfkit artifact-type",
    language_gone: "pdfkit language-missing",
    language_rubbish: "pdfkit language-tag",
    language_of_an_element_rubbish: "pdfkit language-tag",
    language_of_another_script: "pdfkit language-script",
    id_twice: "pdfkit id-duplicate",
    id_not_in_the_tree: "pdfkit id-tree",
    id_tree_gone: "pdfkit id-tree",
    headers_of_no_header_cell: "pdfkit headers",
    heading_skipped: "pdfkit heading-skip",
    heading_in_a_heading: "pdfkit heading-nested",
    no_first_heading: "pdfkit heading-first",
    alternative_text_gone: "pdfkit figure-alt",
    alternative_text_a_file_name: "outloud FIG-010",
    figure_box_in_pixels_from_above: "pdfkit figure-box",
    figure_box_outside_the_page: "pdfkit figure-box",
    figure_box_gone: "pdfkit figure-box",
    table_without_header_cells: "outloud TBL-001",
    scope_and_headers_gone: "PDF/UA-1 PDFUA1-TABLE-HEADERS-SCOPE-001",
    other_words_heard: "pdfkit actual-text",
    element_empty: "pdfkit element-empty",
    type_of_nobody: "pdfkit type-unknown",
    bookmark_to_another_page: "pdfkit bookmark-target",
    bookmark_to_another_height: "pdfkit bookmark-target",
    bookmarks_out_of_order: "pdfkit bookmark-heading",
    bookmark_left_out: "pdfkit bookmark-missing",
    bookmarks_gone: "pdfkit bookmark-missing",
    bookmarks_in_a_circle: "pdfkit bookmark-loop",
    link_to_another_page: "pdfkit link-target",
    link_to_a_page_that_is_gone: "pdfkit link-target",
    link_to_nothing: "pdfkit link-target",
    link_beside_its_words: "pdfkit link-place",
    link_that_dials_another_number: "pdfkit link-address",
    link_to_a_file: "pdfkit link-target",
    link_in_a_paragraph: "pdfkit link-element",
    link_without_contents: "pdfkit link-contents",
    words_without_a_font: "pdfkit font-missing",
    font_not_embedded: "pdfkit font-embedded",
    font_without_characters: "pdfkit font-unicode",
    glyph_without_character: "pdfkit glyph-unmapped",
    glyph_missing: "pdfkit glyph-missing",
    title_gone: "pdfkit title-missing",
    title_another: "pdfkit title-differs",
    title_hidden: "pdfkit title-hidden",
    not_marked: "pdfkit mark-info",
    ua_claim_gone: "PDF/UA-1 PDFUA1-ID-PART-001",
    archive_claim_gone: "PDF/A-2a PDFA2A-ID-SCHEMA-001",
    output_intent_gone: "PDF/A-2a PDFA2A-DEVICE-RGB-001",
    date_rubbish: "pdfkit date",
    trim_box_too_large: "pdfkit page-box",
    page_rotated: "pdfkit page-rotated",
    tab_order_gone: "pdfkit tab-order",
}


REAL = ("sportsmed/facet-neurotomy.sv.a4.pdf", "rygcenter-syddanmark/facet-denervation.ar.a5-booklet.pdf")
"""An imprint with exercises, and a booklet that is read from right to left."""


def real_marks_swapped(pdf: Pdf) -> None:
    first, second = [element for element in elements(pdf) if not any(_is_element(kid) for kid in element.K)][2:4]
    first.K, second.K = second.K, first.K


def _is_element(kid: Any) -> bool:
    return isinstance(kid, Dictionary) and "/S" in kid


def real_parent_tree_entry_wrong(pdf: Pdf) -> None:
    entries = next(entries for entries in pdf.Root.StructTreeRoot.ParentTree.Nums if isinstance(entries, Array))
    entries[0] = elements(pdf, "P")[-1]


def real_paragraph_dropped(pdf: Pdf) -> None:
    element = elements(pdf, "P")[3]
    element.P.K = Array([kid for kid in element.P.K if getattr(kid, "objgen", None) != element.objgen])


def real_bookmark_to_another_page(pdf: Pdf) -> None:
    pdf.Root.Outlines.First.First.Dest[0] = pdf.pages[-1].obj


def real_bookmarks_renamed(pdf: Pdf) -> None:
    first = pdf.Root.Outlines.First.First
    first.Title, first.Next.Title = first.Next.Title, first.Title


def real_link_dials_another_number(pdf: Pdf) -> None:
    for page in pdf.pages:
        for link in page.get("/Annots", ()):
            if str(link.A.URI).startswith("tel:"):
                link.A.URI = String("tel:+4512345678")


def real_link_moved(pdf: Pdf) -> None:
    link = next(link for page in pdf.pages for link in page.get("/Annots", ()))
    link.Rect = Array([1, 1, 20, 20])


def real_figure_box_elsewhere(pdf: Pdf) -> None:
    left, low, right, high = map(float, elements(pdf, "Figure")[0].A.BBox)
    elements(pdf, "Figure")[0].A.BBox = Array([left, 842 - high, right, 842 - low])


def real_language_of_another_script(pdf: Pdf) -> None:
    arabic = pdf.Root.Lang == "ar"
    for element in [pdf.Root, *elements(pdf)]:
        if "/Lang" in element:
            element.Lang = String("da" if arabic else "ar")


REAL_PLANTED: dict[Callable[[Pdf], None], str] = {
    real_marks_swapped: "parent-tree",
    real_parent_tree_entry_wrong: "parent-tree",
    real_paragraph_dropped: "mark-unclaimed",
    real_bookmark_to_another_page: "bookmark-target",
    real_bookmarks_renamed: "bookmark-heading",
    real_link_dials_another_number: "link-address",
    real_link_moved: "link-place",
    real_figure_box_elsewhere: "figure-box",
    real_language_of_another_script: "language-script",
}


@pytest.mark.parametrize("path", REAL)
@pytest.mark.parametrize("plant", REAL_PLANTED, ids=lambda plant: plant.__name__)
def test_a_fault_planted_in_a_leaflet_is_named(plant: Callable[[Pdf], None], path: str, founding: Path) -> None:
    pdf = edited((founding / path).read_bytes(), plant)
    found = audit.audit(pdf)
    assert REAL_PLANTED[plant] in {fault.code for fault in found}, [*map(str, found)]


STRANGE = {"content-unreadable", "encrypted", "form-loop", "page-tree", "strange", "too-large", "unreadable"}
"""Issues of strange files: tests/pdf/audit/test_audit.py makes those."""

OF_PACKS = {"bookmark-part", "part-pages"}
"""Issues of packs: tests/pdf/audit/test_parts.py makes those."""


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_named(plant: Callable[[Pdf], None]) -> None:
    found = wrongs(edited(good(), plant))
    assert PLANTED[plant] in {f"{wrong.checker} {wrong.code}" for wrong in found}, [*map(str, found)]


def test_every_fault_of_a_readable_file_is_planted() -> None:
    rules = Path(audit.__file__).parent.glob("*.py")
    known = {
        code
        for rule in rules
        for code in re.findall(
            r'(?:AuditIssue|InvalidPdfError|issue|_at)\([^"()]*"([a-z-]+)",', rule.read_text("utf-8")
        )
    }
    assert len(known) > 50
    assert known - STRANGE - OF_PACKS == {
        named.removeprefix("pdfkit ") for named in PLANTED.values() if named.startswith("pdfkit ")
    }


def document(pdf: Pdf) -> Any:
    return pdf.Root.StructTreeRoot.K


def row(pdf: Pdf, number: int) -> Any:
    return pdf.Root.StructTreeRoot.ParentTree.Nums[2 * number + 1]


def bookmarks(pdf: Pdf) -> list[Any]:
    top = pdf.Root.Outlines.First
    return [top, top.First, top.First.Next]


def font(pdf: Pdf) -> Any:
    return pdf.pages[0].Resources.Font.F


def drop(pdf: Pdf, element: Any) -> None:
    """Take an element out of the tree and of the parent tree."""
    kids = element.P.K
    element.P.K = Array([kid for kid in kids if kid.objgen != element.objgen])
    for number in range(3):
        for index, entry in enumerate(row(pdf, number)):
            if getattr(entry, "objgen", None) == element.objgen:
                row(pdf, number)[index] = None


def replace(pdf: Pdf, page: int, pattern: bytes, by: bytes) -> None:
    content, count = re.subn(pattern, by, pdf.pages[page].Contents.read_bytes(), count=1, flags=re.S)
    assert count
    pdf.pages[page].Contents = pdf.make_stream(content)


def metadata(pdf: Pdf, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, XMP, flags=re.S)
    assert count
    pdf.Root.Metadata = pdf.make_stream(text.encode(), Type=Name.Metadata, Subtype=Name.XML)
