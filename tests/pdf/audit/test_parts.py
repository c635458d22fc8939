"""The invariants of packs: what each part owes by itself, and that no part reaches into another."""

from collections.abc import Callable

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.merge import MergePart, merge
from tests.helpers.conforming_pdf import edited, elements, good
from tests.helpers.letter_pdfs import plain

PARTS = [MergePart(good(), "One"), MergePart(plain(), "Two"), MergePart(good(), "Three")]


def codes(pdf: bytes) -> set[str]:
    return {fault.code for fault in audit.audit(pdf)}


def test_parts_are_found_and_nothing_is_wrong() -> None:
    joined = merge([MergePart(good(), "One"), MergePart(good(), "Two"), MergePart(good(), "One")], "Pack").pdf
    assert audit.audit(joined) == ()
    assert [(piece.title, piece.first, piece.last) for piece in audit.read_pdf(joined).parts] == [
        ("One", 1, 2), ("Two", 3, 4), ("One", 5, 6),
    ]  # fmt: skip


def test_one_document_is_one_piece() -> None:
    (piece,) = audit.read_pdf(good()).parts
    assert (piece.title, piece.element, piece.first, piece.last) == ("", None, 1, 2)


def test_a_bookmark_may_lead_to_pages_without_tags() -> None:
    assert not {code for code in codes(merge(PARTS, "Pack").pdf) if code.startswith("bookmark")}


def bookmark_gone(pdf: Pdf) -> None:
    first = pdf.Root.Outlines.First
    pdf.Root.Outlines.First = first.Next


def bookmark_renamed(pdf: Pdf) -> None:
    pdf.Root.Outlines.First.Title = String("Five")


def bookmarks_swapped(pdf: Pdf) -> None:
    first, last = pdf.Root.Outlines.First, pdf.Root.Outlines.Last
    first.Dest, last.Dest = last.Dest, first.Dest


def bookmark_below_another(pdf: Pdf) -> None:
    first, last = pdf.Root.Outlines.First, pdf.Root.Outlines.Last
    first.First, last.First = last.First, first.First


def bookmark_of_no_part(pdf: Pdf) -> None:
    last = pdf.Root.Outlines.Last
    item = Dictionary(Title=String("More"), Parent=pdf.Root.Outlines, Prev=last, Dest=last.Dest)
    last.Next = pdf.Root.Outlines.Last = pdf.make_indirect(item)


def link_into_another_part(pdf: Pdf) -> None:
    link = next(link for link in pdf.pages[0].Annots if "/Dest" in link or str(link.A.S) == "/GoTo")
    link.Dest = Array([pdf.pages[-1].obj, Name.Fit])
    if "/A" in link:
        del link["/A"]


def language_of_a_part_gone(pdf: Pdf) -> None:
    del elements(pdf, "Part")[1]["/Lang"]


def headings_of_a_part_begin_low(pdf: Pdf) -> None:
    elements(pdf, "H1")[1].S = Name.H2


def parts_swapped(pdf: Pdf) -> None:
    document = elements(pdf, "Document")[0]
    document.K = Array(list(document.K)[::-1])


def element_in_another_part(pdf: Pdf) -> None:
    one, other = elements(pdf, "Part")
    moved = one.K[-1]
    del one.K[-1]
    moved.P = other
    other.K.append(moved)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (bookmark_gone, "bookmark-missing"),
        (bookmark_renamed, "bookmark-part"),
        (bookmarks_swapped, "bookmark-part"),
        (bookmark_below_another, "bookmark-target"),
        (bookmark_of_no_part, "bookmark-part"),
        (link_into_another_part, "link-target"),
        (language_of_a_part_gone, "language-missing"),
        (headings_of_a_part_begin_low, "heading-first"),
        (parts_swapped, "part-pages"),
        (element_in_another_part, "part-pages"),
    ],
)
def test_what_is_wrong_between_parts_is_found(edit: Callable[[Pdf], None], code: str) -> None:
    joined = merge([PARTS[0], PARTS[2]], "Pack").pdf
    assert code in codes(edited(joined, edit))
