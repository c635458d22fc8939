"""A pack is held against its letter: one change of any kind is found, and the pack is not made."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from pdfkit_cli.content.models import PackMode
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackError
from pdfkit_cli.pdf.fidelity import DifferenceKind, LetterDifference, first_difference
from pdfkit_cli.pdf.merge import MergePart, merge
from tests.helpers.channels import DIGITAL
from tests.helpers.letter_pdfs import after, tagged
from tests.helpers.raw_pdf import CATALOG, file, page, stream, updated
from tests.helpers.raw_pdf import PAGES as PAGES_OF_ONE

PAGES = 2


def with_note_and_field(document: Any) -> None:
    look = Stream(document, b"BT /Helv 12 Tf 2 6 Td (12 May) Tj ET", {"/Type": Name.XObject, "/Subtype": Name.Form})
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    look.BBox, look.Resources = Array([0, 0, 100, 20]), Dictionary(Font=Dictionary(Helv=font))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([10, 10, 30, 30]), Contents=String("Come early"))
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("day"), V=String("12 May"),
        Rect=Array([100, 100, 200, 120]), F=4, AP=Dictionary(N=look),
    )  # fmt: skip
    widget = document.make_indirect(field)
    document.pages[0].Annots.extend([document.make_indirect(note), widget])
    document.Root.AcroForm = Dictionary(Fields=Array([widget]))


@pytest.fixture(scope="module")
def letter() -> bytes:
    return after(tagged("letter"), with_note_and_field)


@pytest.fixture(scope="module")
def pack(letter: bytes) -> bytes:
    return merge([MergePart(letter, "Letter"), MergePart(tagged("leaflet", "sv"), "Leaflet")], "Both").pdf


def test_a_pack_that_shows_its_letter(letter: bytes, pack: bytes) -> None:
    assert first_difference(letter, pack, PAGES) is None


def annotation(document: Any, kind: Name, page: int = 0) -> Any:
    return next(one for one in document.pages[page].Annots if one.Subtype == kind)


def swapped_font(document: Any) -> None:
    fonts = document.pages[1].Resources.Font
    first = next(iter(fonts.keys()))
    fonts[first] = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)


def one_digit(document: Any) -> None:
    look = annotation(document, Name.Widget).AP.N
    look.write(look.read_bytes().replace(b"12 May", b"13 May"))


def other_words(document: Any) -> None:
    """The same ink, read aloud as something else."""
    for font in document.pages[0].Resources.Font.values():
        table = font.ToUnicode.read_bytes()
        font.ToUnicode.write(table.replace(b"0065>", b"0078>"))


def turned_box(document: Any) -> None:
    document.pages[1].CropBox = Array([0, 0, 300, 300])


def without_outline(document: Any) -> None:
    part = document.Root.Outlines.First
    del part.First, part.Last


def outline_comes_back(document: Any) -> None:
    first = document.Root.Outlines.First.First
    first.Title = String("What was deleted")


def dead_link(document: Any) -> None:
    link = annotation(document, Name.Link)
    for key in ("/Dest", "/A"):
        if key in link:
            del link[key]


def link_elsewhere(document: Any) -> None:
    for link in document.pages[0].Annots:
        if link.Subtype == Name.Link and "/A" in link and "/URI" in link.A:
            link.A.URI = String("https://example.org/other")


def lost_note(document: Any) -> None:
    kept = [one for one in document.pages[0].Annots if one.Subtype != Name.Text]
    document.pages[0].Annots = Array(kept)


def changed_note(document: Any) -> None:
    annotation(document, Name.Text).Contents = String("Come late")


def lost_form(document: Any) -> None:
    document.pages[0].Annots = Array([one for one in document.pages[0].Annots if one.Subtype != Name.Widget])


PLANTED = {
    "a picture or font": (swapped_font, 1, {DifferenceKind.PICTURE, DifferenceKind.TEXT}),
    "a digit of a filled-in field": (one_digit, 1, {DifferenceKind.PICTURE}),
    "words that are read aloud": (other_words, 1, {DifferenceKind.TEXT}),
    "the visible part of a page": (turned_box, 2, {DifferenceKind.SIZE}),
    "no bookmarks": (without_outline, 0, {DifferenceKind.BOOKMARKS}),
    "a deleted bookmark": (outline_comes_back, 0, {DifferenceKind.BOOKMARKS}),
    "a dead link": (dead_link, 1, {DifferenceKind.LINKS}),
    "a link that leads elsewhere": (link_elsewhere, 1, {DifferenceKind.LINKS}),
    "a lost note": (lost_note, 1, {DifferenceKind.PICTURE, DifferenceKind.NOTES}),
    "another note": (changed_note, 1, {DifferenceKind.NOTES}),
    "a lost field": (lost_form, 1, {DifferenceKind.PICTURE}),
    "a lost page": (lambda document: document.pages.__delitem__(1), 1, {DifferenceKind.LINKS}),
    "pages in another order": (
        lambda document: document.pages.reverse(),
        1,
        {DifferenceKind.PICTURE, DifferenceKind.SIZE},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_change_is_found(letter: bytes, pack: bytes, name: str) -> None:
    change, page, aspects = PLANTED[name]
    found = first_difference(letter, after(pack, change), PAGES)
    assert found
    assert found.page == page
    assert found.aspect in aspects


def test_a_pack_with_fewer_pages_of_the_letter(letter: bytes, pack: bytes) -> None:
    assert first_difference(letter, pack, 1) == LetterDifference(2, DifferenceKind.PAGES)


def test_what_cannot_be_opened_is_a_difference(letter: bytes) -> None:
    assert first_difference(letter, b"%PDF-1.7 nothing", PAGES) == LetterDifference(0, DifferenceKind.UNREADABLE)
    assert first_difference(b"nothing", letter, PAGES) == LetterDifference(0, DifferenceKind.UNREADABLE)


@pytest.mark.parametrize("way", [PackMode.JOIN, PackMode.EMBED, PackMode.SPLIT])
def test_a_pack_that_does_not_show_its_letter_is_not_made(
    way: PackMode, letter: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.pdf").write_bytes(letter)
    (tmp_path / "leaflet.pdf").write_bytes(tagged("leaflet"))
    pack = Pack(
        tmp_path / "letter.pdf", (Enclosure(tmp_path / "leaflet.pdf", "Leaflet"),),
        DIGITAL, "Title", tmp_path / "out/pack.pdf", way=way,
    )  # fmt: skip
    assembly.make_pack(pack)
    (tmp_path / "out").rename(tmp_path / "good")

    def wrong(*arguments: Any, **options: Any) -> Any:
        joined = merge(*arguments, **options)
        return replace(joined, pdf=after(joined.pdf, one_digit))

    monkeypatch.setattr(assembly, "merge", wrong)
    with pytest.raises(PackError) as refused:
        assembly.make_pack(pack)
    assert str(refused.value).splitlines()[0].startswith(f"{pack.letter}: page 1 would not be the same in the pack")
    assert refused.value.kind == "differs"
    assert not (tmp_path / "out").exists()


def web_link(document: Any) -> Any:
    return next(one for one in document.pages[0].Annots if "/A" in one and "/URI" in one.A)


def dotted(document: Any) -> None:
    web_link(document).A.URI = String("https://example.org/./letter")


def into_an_attachment(document: Any) -> None:
    target = Dictionary(R=Name.C, N=String("other.pdf"))
    web_link(document).A = Dictionary(S=Name.GoToE, D=Array([0, Name.Fit]), T=target)


def without_action(document: Any) -> None:
    del web_link(document).A


def test_an_address_may_be_written_in_another_way(letter: bytes, pack: bytes) -> None:
    assert first_difference(after(letter, dotted), pack, PAGES) is None


def test_a_link_that_a_pack_leaves_out_is_no_difference(letter: bytes, pack: bytes) -> None:
    assert first_difference(after(letter, into_an_attachment), after(pack, without_action), PAGES) is None


def test_a_page_without_width_shows_nothing(letter: bytes, pack: bytes) -> None:
    def flat(document: Any) -> None:
        document.pages[1].MediaBox = Array([0, 0, 0, 595])

    assert first_difference(after(letter, flat), after(pack, flat), PAGES) is None


NULL = file(
    CATALOG,
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 300] /CropBox [0 0 300 200] >>",
    b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> /CropBox null >>",
    stream(b"10 10 50 50 re f"),
)
"""A page whose own crop box is null: it has that of the node above it, and PDFium says that it has none."""

DELETED = updated(
    file(
        b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>",
        PAGES_OF_ONE,
        page(b""),
        stream(b""),
        b"<< /Title (Secret) /Parent 6 0 R >>",
        b"<< /Type /Outlines /First 5 0 R /Last 5 0 R /Count 1 >>",
    ),
    {},
    [5, 6],
)
"""Bookmarks that were deleted: PDFium shows them all the same."""


@pytest.mark.parametrize("sound", [NULL, DELETED], ids=["null", "deleted"])
def test_a_sound_letter_counts_as_the_standard_has_it(sound: bytes) -> None:
    joined = merge([MergePart(sound, "Letter")], "Pack").pdf
    assert first_difference(sound, joined, 1) is None
    assert first_difference(sound, after(joined, wider), 1)


def wider(document: Any) -> None:
    document.pages[0].MediaBox = document.pages[0].CropBox = Array([0, 0, 400, 400])


def test_nothing_is_taken_for_granted_of_a_damaged_letter() -> None:
    damaged = NULL.replace(b"startxref\n", b"startxref\n9")
    assert first_difference(damaged, merge([MergePart(damaged, "Letter")], "Pack").pdf, 1)
