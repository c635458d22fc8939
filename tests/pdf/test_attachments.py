"""Leaflets attached to a letter: found, named, taken out as they went in; and claims that stay true."""

from typing import Any

import pytest

from pdfkit_cli.pdf.attachments import Attachment, attach_files
from pdfkit_cli.pdf.merge import MergePart, merge
from pdfkit_cli.pdf.merge.conformance import Conformance, read_conformance
from pdfkit_cli.rendering import renderer
from tests.helpers.conforming_pdf import good
from tests.helpers.letter_pdfs import STYLE, edited, plain, reader, tagged, written
from tests.helpers.pdf_validators import wrongs


@pytest.fixture(scope="module")
def leaflet() -> bytes:
    return good()


def attached(pdf: bytes, *files: Attachment) -> tuple[Any, Conformance]:
    letter = merge([MergePart(pdf, "Letter", "da")], "Letter")
    made, claims = attach_files(letter.pdf, files, letter.claims, "Letter", "da")
    document = reader(made)
    assert read_conformance(document.trailer["/Root"]["/Metadata"].get_data()) == claims
    return document, claims


def test_a_leaflet_comes_out_as_it_went_in(leaflet: bytes) -> None:
    document, _ = attached(plain(), Attachment(leaflet, "Nerverodsblokade.pdf", "Nerverodsblokade"))
    assert document.attachments == {"Nerverodsblokade.pdf": [leaflet]}
    root = document.trailer["/Root"]
    assert root["/PageMode"] == "/UseAttachments"
    (file,) = root["/AF"]
    assert (file["/AFRelationship"], file["/Desc"], file["/UF"]) == (
        "/Supplement", "Nerverodsblokade", "Nerverodsblokade.pdf"
    )  # fmt: skip
    stream = file["/EF"]["/F"]
    assert (stream["/Subtype"], stream["/Params"]["/Size"]) == ("/application/pdf", len(leaflet))


def test_names_are_unlike_each_other_and_those_of_the_letter(leaflet: bytes) -> None:
    writer = edited(plain())
    writer.add_attachment("a.pdf", b"of the letter")
    document, _ = attached(written(writer), *[Attachment(leaflet, "a.pdf", "A")] * 2)
    assert {name: data for name, (data,) in document.attachments.items()} == {
        "a.pdf": b"of the letter", "a (2).pdf": leaflet, "a (3).pdf": leaflet,
    }  # fmt: skip


def test_the_letter_stays_what_it_is() -> None:
    document, claims = attached(tagged("letter", "da"), Attachment(plain(), "a.pdf", "A"))
    assert claims.ua == 1
    assert [item.title for item in document.outline if not isinstance(item, list)] == ["Letter"]
    assert [page.extract_text() for page in document.pages] == [
        page.extract_text() for page in reader(tagged("letter", "da")).pages
    ]


def test_the_same_parts_give_the_same_bytes(leaflet: bytes) -> None:
    letter = merge([MergePart(leaflet, "Letter", "da")], "Letter")
    one, two = (
        attach_files(letter.pdf, [Attachment(leaflet, "a.pdf", "A")], letter.claims, "L", "da")[0] for _ in range(2)
    )
    assert one == two


def test_an_archivable_letter_stays_so_with_archivable_leaflets(leaflet: bytes) -> None:
    letter = merge([MergePart(leaflet, "Letter", "en")], "Letter")
    assert letter.claims == Conformance(1, 2, "A")
    # page-validation takes what is attached for PDF/A only where it claims level B, the lowest.
    lowest = leaflet.replace(b"conformance>A<", b"conformance>B<")
    assert lowest != leaflet
    for file, unseen in ((leaflet, {"PDFA2A-EMBEDDED-FILE-PDFA-001"}), (lowest, set[str]())):
        made, claims = attach_files(letter.pdf, [Attachment(file, "a.pdf", "A")], letter.claims, "Letter", "en")
        assert claims == letter.claims
        assert {wrong.code for wrong in wrongs(made)} - {wrong.code for wrong in wrongs(letter.pdf)} == unseen


@pytest.mark.parametrize(
    ("claimed", "file", "kept"),
    [
        (Conformance(1, 2, "A"), plain(), Conformance(1, 3, "A")),
        (Conformance(0, 3, "B"), plain(), Conformance(0, 3, "B")),
        (Conformance(1, 1, "A"), plain(), Conformance(1)),
        (Conformance(), plain(), Conformance()),
        (Conformance(1, 2, "U"), b"%PDF-1.7 broken", Conformance(1, 3, "U")),
        (Conformance(0, 4), good(), Conformance(0, 4)),
        (Conformance(0, 4), plain(), Conformance(0, 4, "F")),
        (Conformance(0, 4, "F"), good(), Conformance(0, 4, "F")),
    ],
)
def test_what_may_still_be_claimed(claimed: Conformance, file: bytes, kept: Conformance) -> None:
    letter = merge([MergePart(plain(), "Letter")], "Letter").pdf
    assert attach_files(letter, [Attachment(file, "a.pdf", "A")], claimed, "Letter", "da")[1] == kept


@pytest.mark.parametrize("variant", ["pdf/a-4f", "pdf/a-4e"])
def test_a_letter_of_pdf_a_4_stays_one(leaflet: bytes, variant: str) -> None:
    renderer.prepare_process()
    from weasyprint import HTML

    html = f'<html lang="da"><head><title>Brev</title>{STYLE}</head><body><h1>Brev</h1></body></html>'
    letter = bytes(HTML(string=html).write_pdf(pdf_variant=variant))
    joined = merge([MergePart(letter, "Letter", "da")], "Letter")
    expected = Conformance(0, 4, "F" if variant == "pdf/a-4f" else "")
    assert joined.claims == expected
    made, claims = attach_files(joined.pdf, [Attachment(leaflet, "a.pdf", "A")], joined.claims, "Letter", "da")
    assert claims == expected
    assert made.startswith(b"%PDF-2.0")
    document = reader(made)
    assert "/Info" not in document.trailer
    assert b"<pdfaid:rev>2020</pdfaid:rev>" in document.trailer["/Root"]["/Metadata"].get_data()
    assert merge([MergePart(letter, "Letter", "da"), MergePart(leaflet, "Leaflet")], "Letter").claims.archive == 0
