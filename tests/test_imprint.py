"""A leaflet that was imprinted on a shared body is the same as one rendered whole."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from pdfkit_cli import render
from pdfkit_cli.build import Request, Workshop, open_workshop
from pdfkit_cli.editions import Printing
from pdfkit_cli.layout import Page
from pdfkit_cli.owed import Kind, Owed
from pdfkit_cli.pdf import imprint, plates, vouching
from tests.checking import wrong
from tests.libraries import FOUNDING, TinyLibrary
from tests.speech import speak

DAY = date(2026, 11, 21)
FORMATS = ("a4", "a5", "a5-booklet", "a4-large", "remote-print", "digital-letter")
CASES = [
    *(f"rygcenter-syddanmark/facet-denervation.{language}.{name}.pdf" for language in ("da", "ar") for name in FORMATS),
    "neurokirurgisk-ambulatorium/nerve-root-block.en.a4.pdf",
    "exempelkliniken-norr/facet-denervation.sv.digital-letter.pdf",
    "exempelkliniken-norr/facet-denervation.sv.a5.pdf",
    "smartkliniken/interventional-pain-guideline.sv.a4.pdf",
    "fysioterapi/nerve-root-pain-education.da.a4.pdf",
]
FAINT = 2
"""Levels of 255 by which a pixel may differ: the logo's edge is drawn at another fraction of a point."""


@cache
def workshop() -> Workshop:
    render.prepare()
    return open_workshop(Request(FOUNDING, as_of=DAY))


@cache
def printing(path: str) -> Printing:
    return next(item for item in workshop().printings() if item.path == path)


@cache
def both(path: str) -> tuple[bytes, bytes]:
    """Return the PDF rendered whole, and imprinted."""
    page = workshop().draw(printing(path)).page
    assert page.shares_body
    whole, imprinted = render.render(replace(page, shares_body=False)), render.render(page)
    assert (whole.whole, imprinted.whole) == (render.FACT_INSIDE, "")
    return whole.pdf, imprinted.pdf


def pictures(pdf: bytes) -> Iterator[Image.Image]:
    for page in pypdfium2.PdfDocument(pdf):
        yield page.render(scale=150 / 72).to_pil().convert("RGB")


def letters(pdf: bytes) -> list[Counter[str]]:
    """Count the letters of each page; their order in the file, and so what a reader glues together, is another."""
    return [Counter("".join(page.get_textpage().get_text_bounded().split())) for page in pypdfium2.PdfDocument(pdf)]


def tags(node: Any) -> Iterator[str]:
    """Yield the types of the structure elements in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and kid.get("/Type") == "/StructElem":
            yield kid["/S"]
            yield from tags(kid)


def aloud(pdf: bytes) -> list[tuple[tuple[str, ...], str, str]]:
    return [(piece.types, piece.lang, piece.text) for piece in speak(pdf)]


def links(reader: PdfReader) -> list[tuple[int, str, list[int]]]:
    found = []
    for number, page in enumerate(reader.pages):
        annotations: Any = page.get("/Annots", [])
        for link in annotations:
            annotation = link.get_object()
            found.append(
                (number, str(annotation["/A"]["/URI"]), [round(float(value)) for value in list(annotation["/Rect"])])
            )
    return sorted(found)


@pytest.mark.parametrize("path", CASES)
def test_the_pages_look_the_same(path: str) -> None:
    same_pictures(*both(path))


def same_pictures(one_pdf: bytes, other_pdf: bytes) -> None:
    whole, imprinted = list(pictures(one_pdf)), list(pictures(other_pdf))
    assert len(whole) == len(imprinted)
    for number, (one, other) in enumerate(zip(whole, imprinted, strict=True), start=1):
        worst = max(
            level for level, count in enumerate(ImageChops.difference(one, other).convert("L").histogram()) if count
        )
        assert worst <= FAINT, f"page {number}"


@pytest.mark.parametrize("path", CASES)
def test_they_say_the_same(path: str) -> None:
    whole, imprinted = both(path)
    assert letters(imprinted) == letters(whole)
    one, other = PdfReader(BytesIO(whole)), PdfReader(BytesIO(imprinted))
    assert list(tags(other.root_object["/StructTreeRoot"])) == list(tags(one.root_object["/StructTreeRoot"]))
    assert aloud(imprinted) == aloud(whole)
    assert links(other) == links(one)
    assert [item.title for item in flat(other.outline)] == [item.title for item in flat(one.outline)]
    assert other.metadata == one.metadata
    assert other.xmp_metadata
    assert one.xmp_metadata
    assert other.xmp_metadata.stream.get_data() == one.xmp_metadata.stream.get_data()
    assert sorted(other.named_destinations) == sorted(one.named_destinations)
    assert other.root_object["/ViewerPreferences"] == one.root_object["/ViewerPreferences"]


def flat(outline: list[Any]) -> Iterator[Any]:
    for item in outline:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


def page_of(library: TinyLibrary, clinic: str) -> Page:
    render.prepare()
    shop = open_workshop(Request(library.root, as_of=DAY))
    assert not wrong(shop.findings)
    return shop.draw(next(item for item in shop.printings() if item.path == f"{clinic}/first.da.a4.pdf")).page


BODY = "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\nTekst.\n"


def test_clinics_share_a_body(library: TinyLibrary) -> None:
    library.body(BODY)
    north, south = (imprint.split(page_of(library, clinic).html) for clinic in ("north", "south"))
    assert north.body == south.body
    assert len(north.slots) == len(south.slots) == 3
    assert north.slots != south.slots


def test_the_order_of_renders_changes_no_byte(library: TinyLibrary) -> None:
    library.body(BODY)
    library.replace("clinics/south.yaml", "language: da", "unit: Afsnit 4\nemail: syd@example.org\nlanguage: da")
    pages = [page_of(library, clinic) for clinic in ("north", "south")]
    render._engine.cache_clear()
    forth = [render.render(page).pdf for page in pages]
    render._engine.cache_clear()
    back = [render.render(page).pdf for page in reversed(pages)]
    assert forth == back[::-1]


def test_a_fact_inside_a_sentence_is_rendered_whole(library: TinyLibrary) -> None:
    assert not page_of(library, "north").shares_body  # the tiny leaflet has a phone number in a sentence


def test_matter_that_does_not_fit_is_rendered_whole(library: TinyLibrary) -> None:
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", f"name: {'Klinik Nord ' * 400}")
    page = page_of(library, "north")
    assert page.shares_body
    assert render.render(page).pdf == render.render(replace(page, shares_body=False)).pdf


CONTACTS = {
    "a long name": "name: Rygkirurgisk og Neurologisk Ambulatorium for Voksne og Børn i Syddanmark\nunit: Dagkirurgisk Afsnit 24",
    "signs of XML": "name: Nord & <Syd>",
    "every way to reach it": "name: Klinik Nord\nemail: nord@example.org\nweb: https://example.org/nord",
    "a name from right to left": "name: عيادة الشمال",
    "a name outside Latin-1": "name: Klinika Północ",
}


@pytest.mark.parametrize("contact", CONTACTS)
def test_whatever_a_clinic_has_in_its_slots(library: TinyLibrary, contact: str) -> None:
    library.body(BODY)
    library.replace("clinics/north.yaml", "name: Klinik Nord", CONTACTS[contact])
    page = page_of(library, "north")
    whole, imprinted = render.drawn(replace(page, shares_body=False)), render.drawn(page)
    assert (bool(whole.whole), imprinted.whole) == (True, "")
    same_pictures(whole.pdf, imprinted.pdf)
    assert aloud(imprinted.pdf) == aloud(whole.pdf)
    assert PdfReader(BytesIO(imprinted.pdf)).metadata == PdfReader(BytesIO(whole.pdf)).metadata


def test_a_clinic_without_a_phone(library: TinyLibrary) -> None:
    library.body("## Før du kommer\n\nTekst.\n")
    library.replace("clinics/north.yaml", 'phone: "76 36 14 00"\n', "")
    page = page_of(library, "north")
    whole, imprinted = render.drawn(replace(page, shares_body=False)), render.drawn(page)
    assert imprinted.whole == ""
    same_pictures(whole.pdf, imprinted.pdf)
    assert aloud(imprinted.pdf) == aloud(whole.pdf)


@pytest.mark.parametrize("digest", ["fffa4bff", "7f4aff10", "00000000", "c6d07ef7"])
def test_the_digest_is_written_as_the_font_writes_it(library: TinyLibrary, digest: str) -> None:
    """ff is one sign in this font, and some letters stand closer than others."""
    library.body(BODY)
    page = page_of(library, "north")
    page = replace(page, html=re.sub("(<!--digest-->)[0-9a-f]{8}", rf"\g<1>{digest}", page.html))
    whole, imprinted = render.drawn(replace(page, shares_body=False)).pdf, render.drawn(page)
    (form,) = set(forms(imprinted.pdf, "/digest"))
    (shown,) = re.findall(rb"\[.*?\] TJ", form)
    assert shown in PdfReader(BytesIO(whole)).pages[0].get_contents().get_data()  # type: ignore[union-attr]


def forms(pdf: bytes, name: str) -> Iterator[bytes]:
    resources: Any = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]
    for key, form in resources["/XObject"].items():
        if key.startswith(name):
            yield form.get_object().get_data()


class TestVouching:
    """Once a body and a slot have been read, others are not read again, unless something about them is new."""

    @pytest.fixture
    def page(self, library: TinyLibrary) -> Page:
        library.body(BODY)
        render._vouchers().clear()
        return page_of(library, "north")

    @pytest.fixture
    def known(self, page: Page, monkeypatch: pytest.MonkeyPatch) -> render.Drawn:
        monkeypatch.setattr(vouching, "SAMPLE", 1 << 40)
        made = render.drawn(page)
        assert render._vouched(page, made) is None
        assert render.proven(page, made)[1] == ()
        return made

    def test_what_was_read_is_known_and_says_the_same(self, page: Page, known: render.Drawn) -> None:
        rendered = render._vouched(page, known)
        assert rendered
        read, _ = render.proven(page, known)
        assert replace(rendered, filled=round(rendered.filled, 6)) == replace(read, filled=round(read.filled, 6))

    @pytest.mark.parametrize("kind", [Kind.FACT, Kind.TEXT, Kind.PICTURE, Kind.FURNITURE])
    def test_what_is_owed_beside_it_is_looked_for(self, page: Page, known: render.Drawn, kind: Kind) -> None:
        more = replace(page, owed=(*page.owed, Owed("x.md", 1, kind, "Klinik Vest")))
        assert render._vouched(more, known) is None
        assert render.proven(more, known)[1]

    def test_another_digest_is_looked_for(self, page: Page, known: render.Drawn) -> None:
        assert known.imprint
        other = replace(known, imprint=replace(known.imprint, digest="00000000"))
        assert render._vouched(page, other) is None

    def test_some_are_read_all_the_same(self, page: Page, known: render.Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vouching, "SAMPLE", 1)
        assert render._vouched(page, known) is None

    def test_a_file_that_is_not_what_was_put_together_is_read(self, page: Page, known: render.Drawn) -> None:
        assert render._vouched(page, replace(known, sound=False)) is None


def test_a_damaged_file_is_not_sound(library: TinyLibrary) -> None:
    library.body(BODY)
    page = page_of(library, "north")
    made = render.drawn(page)
    engine = render._engine(tuple(file for file in page.files if file.path.suffix == ".ttf"))
    assert made.imprint
    body = engine._bodies.get(made.imprint.body)
    assert body
    assert body.plate
    assert plates.sound(body.plate, made.pdf)
    assert not plates.sound(body.plate, made.pdf[:999] + bytes([made.pdf[999] ^ 1]) + made.pdf[1000:])
    at = made.pdf.index(b" 0 obj", len(body.plate.head))
    assert not plates.sound(body.plate, made.pdf[: at - 1] + b"x" + made.pdf[at:])
