"""Leaflets attached to a letter: found, named, taken out as they went in; and claims that stay true."""

from typing import Any

import pytest

from pdfkit_cli import render
from pdfkit_cli.pdf.embedding import Attachment, embed
from pdfkit_cli.pdf.joining import Part, join
from pdfkit_cli.pdf.joining.claims import Claims, read
from tests.good import good
from tests.oracle import wrongs
from tests.papers import STYLE, edited, plain, reader, tagged, written


@pytest.fixture(scope="module")
def leaflet() -> bytes:
    return good()


def attached(pdf: bytes, *files: Attachment) -> tuple[Any, Claims]:
    letter = join([Part(pdf, "Letter", "da")], "Letter")
    made, claims = embed(letter.pdf, files, letter.claims, "Letter", "da")
    document = reader(made)
    assert read(document.trailer["/Root"]["/Metadata"].get_data()) == claims
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
    letter = join([Part(leaflet, "Letter", "da")], "Letter")
    one, two = (embed(letter.pdf, [Attachment(leaflet, "a.pdf", "A")], letter.claims, "L", "da")[0] for _ in range(2))
    assert one == two


def test_an_archivable_letter_stays_so_with_archivable_leaflets(leaflet: bytes) -> None:
    letter = join([Part(leaflet, "Letter", "en")], "Letter")
    assert letter.claims == Claims(1, 2, "A")
    # page-validation takes what is attached for PDF/A only where it claims level B, the lowest.
    lowest = leaflet.replace(b"conformance>A<", b"conformance>B<")
    assert lowest != leaflet
    for file, unseen in ((leaflet, {"PDFA2A-EMBEDDED-FILE-PDFA-001"}), (lowest, set[str]())):
        made, claims = embed(letter.pdf, [Attachment(file, "a.pdf", "A")], letter.claims, "Letter", "en")
        assert claims == letter.claims
        assert {wrong.code for wrong in wrongs(made)} - {wrong.code for wrong in wrongs(letter.pdf)} == unseen


@pytest.mark.parametrize(
    ("claimed", "file", "kept"),
    [
        (Claims(1, 2, "A"), plain(), Claims(1, 3, "A")),
        (Claims(0, 3, "B"), plain(), Claims(0, 3, "B")),
        (Claims(1, 1, "A"), plain(), Claims(1)),
        (Claims(), plain(), Claims()),
        (Claims(1, 2, "U"), b"%PDF-1.7 broken", Claims(1, 3, "U")),
        (Claims(0, 4), good(), Claims(0, 4)),
        (Claims(0, 4), plain(), Claims(0, 4, "F")),
        (Claims(0, 4, "F"), good(), Claims(0, 4, "F")),
    ],
)
def test_what_may_still_be_claimed(claimed: Claims, file: bytes, kept: Claims) -> None:
    letter = join([Part(plain(), "Letter")], "Letter").pdf
    assert embed(letter, [Attachment(file, "a.pdf", "A")], claimed, "Letter", "da")[1] == kept


@pytest.mark.parametrize("variant", ["pdf/a-4f", "pdf/a-4e"])
def test_a_letter_of_pdf_a_4_stays_one(leaflet: bytes, variant: str) -> None:
    render.prepare()
    from weasyprint import HTML

    html = f'<html lang="da"><head><title>Brev</title>{STYLE}</head><body><h1>Brev</h1></body></html>'
    letter = bytes(HTML(string=html).write_pdf(pdf_variant=variant))
    joined = join([Part(letter, "Letter", "da")], "Letter")
    expected = Claims(0, 4, "F" if variant == "pdf/a-4f" else "")
    assert joined.claims == expected
    made, claims = embed(joined.pdf, [Attachment(leaflet, "a.pdf", "A")], joined.claims, "Letter", "da")
    assert claims == expected
    assert made.startswith(b"%PDF-2.0")
    document = reader(made)
    assert "/Info" not in document.trailer
    assert b"<pdfaid:rev>2020</pdfaid:rev>" in document.trailer["/Root"]["/Metadata"].get_data()
    assert join([Part(letter, "Letter", "da"), Part(leaflet, "Leaflet")], "Letter").claims.archive == 0
