"""A PDF says what it is, whatever it is called: to programs, in the same words in both places, and to nobody's harm."""

from dataclasses import fields, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import page as validation
import pydyf
import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page, page_key
from pdfkit_cli.rendering.postprocess import xmp as postprocess_xmp
from pdfkit_cli.rendering.postprocess.xmp import NAMESPACE, Identity, identity_of
from tests.helpers.check_runner import wrong
from tests.helpers.html_pages import Room
from tests.helpers.tiny_library import TinyLibrary
from tests.helpers.xmp_reader import xmp_of

IDENTITY = Identity("first", "T-1", "0.1", "da", "full", "north", "a4", "ab" * 32)
SHARED = "Tekst uden klinikkens egne ord.\n\n::: call\n:::\n"
OWN = "Ring på {{ clinic.phone }}.\n"


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


def pages(library: TinyLibrary, body: str) -> dict[str, Page]:
    """Return a page of each clinic in each format."""
    library.body(body)
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4, a5-booklet]")
    project = open_project(BuildRequest(library.root, as_of=date(2026, 11, 21)))
    assert wrong(project.findings) == []
    return {item.path: project.draw(item).page for item in project.output_keys()}


@pytest.mark.parametrize("body", [SHARED, OWN], ids=["imprinted", "whole"])
def test_each_pdf_says_whose_it_is(library: TinyLibrary, body: str) -> None:
    found = pages(library, body)
    assert len(found) == 4
    for path, page in found.items():
        identity = identity_of(xmp_of(renderer.render(page).pdf))
        assert identity is not None
        clinic, _, rest = path.partition("/")
        leaflet, language, format_name, _ = rest.split(".")
        assert identity == page.identity
        assert (identity.clinic, identity.leaflet, identity.language, identity.format) == (
            clinic, leaflet, language, format_name,
        )  # fmt: skip
        assert (identity.id, identity.version, identity.variant) == ("T-1", "0.1", "full")


def test_its_digest_begins_as_on_paper(library: TinyLibrary) -> None:
    page = pages(library, SHARED)["north/first.da.a4.pdf"]
    pdf = renderer.render(page).pdf
    identity = identity_of(xmp_of(pdf))
    assert identity
    assert len(identity.digest) == 64
    assert identity.digest[:8] in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_programs_that_know_no_pdf_can_read_it(library: TinyLibrary) -> None:
    """The metadata stand in the file as they are, in one rdf:RDF."""
    pdf = renderer.render(pages(library, SHARED)["north/first.da.a5-booklet.pdf"]).pdf
    start, end = pdf.index(b"<?xpacket begin"), pdf.index(b'<?xpacket end="r"?>')
    assert pdf.count(b"<?xpacket begin") == pdf.count(b"<rdf:RDF") == 1
    assert identity_of(pdf[start:end]) == identity_of(xmp_of(pdf))


def test_both_standards_are_claimed(library: TinyLibrary) -> None:
    pdf = renderer.render(pages(library, SHARED)["south/first.da.a4.pdf"]).pdf
    xmp = xmp_of(pdf)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert b'pdfaid:part="2" pdfaid:conformance="A"' in xmp
    for profile in ("ua1", "2a"):
        assert validation.is_pdf_compliant_bytes(pdf, profile=profile, limits=validation.SafetyLimits.unlimited())


def test_xmp_and_info_agree(library: TinyLibrary) -> None:
    """PDF/A wants them to (ISO 19005-2, 6.6.2.3.2 and annex)."""
    library.replace("clinics/north.yaml", "name: Klinik Nord", "name: Klinik Nord & Øst <1>")
    for path, page in pages(library, SHARED).items():
        reader = PdfReader(BytesIO(renderer.render(page).pdf))
        info, xmp = reader.metadata, reader.xmp_metadata
        assert info
        assert xmp
        assert info.title == "En titel"
        assert xmp.dc_title == {"x-default": info.title}
        assert [info.author] == xmp.dc_creator
        assert (info.author == "Klinik Nord & Øst <1>") == path.startswith("north")
        assert xmp.dc_description == {"x-default": info.subject}
        assert info.get("/Keywords") == xmp.pdf_keywords
        assert info.producer == xmp.pdf_producer
        assert info.creator == xmp.xmp_creator_tool == "pdfkit"
        assert info.creation_date
        assert xmp.xmp_create_date
        assert info.creation_date.date() == xmp.xmp_create_date.date() == date(2026, 1, 31)
        assert set(info) == {
            "/Title", "/Author", "/Subject", "/Keywords", "/Producer", "/Creator", "/CreationDate", "/ModDate",
        }  # fmt: skip


def test_a_page_without_an_identity(tmp_path: Path) -> None:
    pdf = renderer.render(Room(tmp_path).page()).pdf
    assert identity_of(xmp_of(pdf)) is None
    assert NAMESPACE.encode() not in pdf
    assert validation.is_pdf_compliant_bytes(pdf, profile="2a")


@pytest.mark.parametrize("name", [field.name for field in fields(Identity)])
def test_another_identity_is_another_pdf(tmp_path: Path, name: str) -> None:
    page = replace(Room(tmp_path).page(), identity=IDENTITY)
    changed: dict[str, Any] = {name: True if name == "personal" else "another"}
    other = replace(page, identity=replace(IDENTITY, **changed))
    assert page_key(page, {}) != page_key(other, {})


def written(identity: Identity) -> bytes:
    """Return XMP as `write` makes it."""
    pdf = pydyf.PDF()
    stream = pydyf.Stream(
        [b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'], compress=True
    )
    pdf.add_object(stream)
    pdf.catalog["Metadata"] = stream.reference
    postprocess_xmp.write_xmp(pdf, postprocess_xmp.xmp_description(identity))
    (xmp,) = stream.stream
    return bytes(xmp)


def test_any_text_comes_back() -> None:
    identity = Identity("a&b", "<x>", '"1"', "ar", "]]>", "Ærø مركز", "&amp;", "0")
    assert identity_of(written(identity)) == identity


@pytest.mark.parametrize(
    "xmp",
    [
        b"",
        b"no XML",
        b"<a>",
        b"\xff\xfe\x00",
        written(IDENTITY).replace(b"<pdfkit:clinic>north</pdfkit:clinic>", b""),
        written(IDENTITY).replace(b">north<", b"><"),
        written(IDENTITY).replace(NAMESPACE.encode(), b"https://example.org/"),
        b'<!DOCTYPE a [<!ENTITY x "north">]>' + written(IDENTITY).replace(b">north<", b">&x;<"),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + written(IDENTITY).replace(b">north<", b">&x;<"),
        b"<?xml version='1.0' encoding='nowhere'?>" + written(IDENTITY),
    ],
)
def test_what_says_nothing_is_none(xmp: bytes) -> None:
    assert identity_of(written(IDENTITY)) == IDENTITY
    assert identity_of(xmp) is None


def test_identity_in_attributes() -> None:
    """XMP may be written either way; other programs rewrite it."""
    values = " ".join(f'p:{field.name}="{getattr(IDENTITY, field.name)}"' for field in fields(Identity))
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    assert (
        identity_of(f'<rdf:RDF {rdf} xmlns:p="{NAMESPACE}"><rdf:Description {values}/></rdf:RDF>'.encode()) == IDENTITY
    )


def test_metadata_of_another_shape_are_refused() -> None:
    pdf = pydyf.PDF()
    stream = pydyf.Stream([b"<rdf:RDF></rdf:RDF><rdf:RDF></rdf:RDF>"])
    pdf.add_object(stream)
    pdf.catalog["Metadata"] = stream.reference
    with pytest.raises(ValueError, match=r"not one rdf:RDF"):
        postprocess_xmp.write_xmp(pdf, postprocess_xmp.xmp_description(None))
