"""Which letters can have leaflets behind them, and what the others are told."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pikepdf import ObjectStreamMode, Pdf
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from pdfkit_cli.packs import letters
from pdfkit_cli.packs.letters import LetterError
from pdfkit_cli.pdf.fidelity import first_difference
from pdfkit_cli.pdf.merge import MergePart, merge
from tests.helpers.encrypted_letters import encrypted
from tests.helpers.letter_pdfs import edited, plain, tagged, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "letter.pdf"


def refused(path: Path, pdf: bytes, **options: Any) -> str:
    path.write_bytes(pdf)
    with pytest.raises(LetterError) as caught:
        letters.read_letter(path, **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert caught.value.hint
    return str(caught.value)


def test_a_plain_letter(path: Path) -> None:
    path.write_bytes(plain(3))
    letter = letters.read_letter(path)
    assert (letter.pages, letter.tagged, letter.language, letter.pdf) == (3, False, "", path.read_bytes())


def test_a_tagged_letter(path: Path) -> None:
    path.write_bytes(tagged("letter", "da"))
    letter = letters.read_letter(path)
    assert (letter.pages, letter.tagged, letter.language) == (2, True, "da")


@pytest.mark.parametrize(
    ("pdf", "words"),
    [
        (b"", "the file is empty"),
        (b"Dear Sir", "this is not a PDF"),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF", "the PDF is broken"),
        (b"%PDF-1.7\n", "its end is missing"),
        (plain()[:-30], "its end is missing"),
        (plain().replace(b"/Count 1", b"/Count 2"), "pages are missing"),
        (
            plain().replace(b"/MediaBox [ 0.0 0.0 595 842 ]", b"/MediaBox [ 0.0 0.0 595     ]"),
            "page 1 does not state its size",
        ),
        (plain().replace(b"/MediaBox [ 0.0 0.0 595 842 ]", b"/MediaBox 9 0 R"), "page 1 does not state its size"),
        (plain().replace(b"/Type /Page\n", b"/Type /Xage\n"), "the PDF is broken"),
        (plain().replace(b"/Contents 5 0 R", b"/Contents 9 0 R"), "the content of page 1 is missing"),
    ],
)
def test_what_is_no_letter_is_told_so(path: Path, pdf: bytes, words: str) -> None:
    assert words in refused(path, pdf)


def test_comments_in_an_object_stream_are_no_numbers(path: Path) -> None:
    with Pdf.open(BytesIO(plain(width=612, height=792))) as pdf:
        pdf.save(path, object_stream_mode=ObjectStreamMode.generate, qdf=True)
    assert b"%% Object stream" in path.read_bytes()
    assert letters.read_letter(path).pages == 1


def unrooted() -> bytes:
    """Return a letter to which a program has added a trailer without a catalog."""
    whole = plain(2)
    end = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 8 >>\nstartxref\n%d\n%%%%EOF\n"
    return whole + end % len(whole)


UNROOTED = unrooted()


def test_a_letter_whose_end_does_not_name_its_catalog_is_read_as_viewers_read_it(path: Path) -> None:
    path.write_bytes(UNROOTED)
    letter = letters.read_letter(path)
    assert (letter.pages, letter.pdf) == (2, UNROOTED)
    joined = merge([MergePart(letter.pdf, "Letter")], "Pack")
    assert first_difference(UNROOTED, joined.pdf, 2) is None


@pytest.mark.parametrize(
    "pdf",
    [
        UNROOTED.replace(b"/Catalog", b"/Xatalog"),
        UNROOTED.replace(b"xref", b"99 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\nxref", 1).replace(
            b"/Root", b"/X"
        ),
    ],
    ids=["none", "two"],
)
def test_a_letter_whose_catalog_cannot_be_told_is_refused(path: Path, pdf: bytes) -> None:
    assert "the PDF is broken" in refused(path, pdf)


def test_a_folder_and_a_file_that_is_gone(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "this is a folder"), (tmp_path / "x.pdf", "there is no such file")):
        with pytest.raises(LetterError, match=words):
            letters.read_letter(path)


def test_a_password_to_open_is_refused(path: Path) -> None:
    assert "needs a password to open" in refused(path, encrypted("secret"))
    assert "needs a password to open" in refused(path, encrypted("secret"), unlock=True)


def test_a_password_against_changes_is_refused_until_it_is_allowed(path: Path) -> None:
    assert "protected against changes" in refused(path, encrypted(""))
    assert letters.read_letter(path, unlock=True).pages == 1


def locked(handler: bytes) -> bytes:
    """Return a letter that says how it is encrypted; what is in it does not matter, since nobody opens it."""
    pdf = plain()
    said = (
        b"/Encrypt << %b >> /ID [<00000000000000000000000000000000> <00000000000000000000000000000000>]\n/Root"
        % handler
    )
    at = pdf.rindex(b"/Root")
    return pdf[:at] + said + pdf[at + 5 :]


CERTIFICATES = b"/Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /CF << /DefaultCryptFilter << /CFM /AESV2 >> >>"
ATTACHMENTS = (
    b"/Filter /Standard /V 4 /R 4 /Length 128 /P -4 /StmF /Identity /StrF /Identity /EFF /StdCF"
    b" /CF << /StdCF << /AuthEvent /EFOpen /CFM /AESV2 /Length 16 >> >>"
    b" /O <%b> /U <%b>" % (b"11" * 32, b"22" * 32)
)


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (CERTIFICATES, "encrypted for the holders of certain certificates"),
        (b"/Filter /Standard /V 4 /R 4 /SubFilter /adbe.pkcs7.s4".replace(b"Standard", b"Other"), "certificates"),
        (ATTACHMENTS, "its attachments are locked by a password (its pages are not)"),
        (ATTACHMENTS.replace(b"/StmF /Identity", b"/StmF /StdCF"), "it needs a password to open"),
    ],
)
def test_why_a_letter_does_not_open(path: Path, handler: bytes, words: str) -> None:
    assert words in refused(path, locked(handler))


def test_what_lies_behind_the_end_does_not_matter_unless_it_is_the_letter(path: Path) -> None:
    path.write_bytes(plain() + b"<html>" + b" error " * 500 + b"</html>")
    assert letters.read_letter(path).pages == 1
    assert "its end is missing" in refused(path, plain() + b"\n9 0 obj\n<< /Length 5 >>\nstream\nabc")


def test_what_is_no_page_does_not_pass_for_one(path: Path) -> None:
    assert "something that is no page" in refused(path, plain(1).replace(b"/Kids [ 4 0 R ]", b"/Kids [ 1 0 R ]"))


def test_a_letter_without_a_count_of_its_pages(path: Path) -> None:
    path.write_bytes(plain(3).replace(b"/Count 3", b"/Other 3"))
    assert letters.read_letter(path).pages == 3


def form(field: dict[str, Any], **catalog: Any) -> bytes:
    writer = edited(plain())
    whole = DictionaryObject({NameObject(f"/{key}"): value for key, value in field.items()})
    fields = ArrayObject([writer._add_object(whole)])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): fields, NameObject("/SigFlags"): NumberObject(3)}
    )
    for key, value in catalog.items():
        if key == "XFA":
            writer.root_object["/AcroForm"][NameObject("/XFA")] = value
        else:
            writer.root_object[NameObject(f"/{key}")] = value
    return written(writer)


def test_a_signed_letter_is_refused_and_an_unsigned_field_is_not(path: Path) -> None:
    signature = DictionaryObject({NameObject("/ByteRange"): ArrayObject([NumberObject(0)] * 4)})
    assert "digitally signed" in refused(path, form({"FT": NameObject("/Sig"), "V": signature}))
    path.write_bytes(form({"FT": NameObject("/Sig"), "T": TextStringObject("sign here")}))
    assert letters.read_letter(path).pages == 1


def test_a_dynamic_form_is_refused_and_a_static_one_is_not(path: Path) -> None:
    xfa = TextStringObject("<xdp/>")
    assert "dynamic XFA form" in refused(path, form({}, XFA=xfa, NeedsRendering=BooleanObject(True)))
    path.write_bytes(form({}, XFA=xfa))
    assert letters.read_letter(path).pages == 1


def test_a_letter_without_pages(path: Path) -> None:
    writer = edited(plain())
    writer.root_object["/Pages"][NameObject("/Kids")] = ArrayObject()
    assert "it has no pages" in refused(path, written(writer))
