"""What a part says in an unusual way is in the pack as viewers read it in the part."""

from collections.abc import Callable
from ctypes import c_int
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.merge import MergeError, MergePart, merge
from pdfkit_cli.pdf.objects import make_name
from tests.helpers.conforming_pdf import elements, good
from tests.helpers.letter_pdfs import after, opened, plain
from tests.helpers.raw_pdf import CATALOG, IMAGE, PAGES, file, page, stream, updated


def pack(letter: bytes) -> Any:
    return opened(merge([MergePart(letter, "Brev"), MergePart(good(), "A good leaflet")], "Pack").pdf)


def picture(pdf: bytes) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return bytes(document[0].render(scale=1).to_pil().tobytes())


def shown(name: bytes) -> bytes:
    """Return a page with a picture that is called by a name."""
    return file(
        CATALOG,
        PAGES,
        page(b"/XObject << %b 5 0 R >>" % name),
        stream(b"q 200 0 0 200 50 50 cm %b Do Q" % name),
        stream(b"\x40", IMAGE),
    )


@pytest.mark.parametrize(
    "name",
    [
        b"/Br#f8dtekst", b"/Br\xf8dtekst", "/Brødtekst".encode(), b"/\xcb\xce\xcc\xe5", b"/#CB#CE#CC#E5", b"/A#20B",
        b"/A#2fB", b"/A#28B", b"/" + b"x" * 130, b"/AA", b"/#5B", b"/A#23B",
    ],
)  # fmt: skip
def test_names_keep_their_bytes(name: bytes) -> None:
    letter = shown(name)
    joined = merge([MergePart(letter, "Brev"), MergePart(shown(b"/Other"), "Other")], "Pack").pdf
    blank = picture(letter.replace(b"Do", b"  "))
    assert picture(joined) == picture(letter)
    assert picture(letter) != blank


@pytest.mark.parametrize("between", [b"% a comment", b"%\n%%\n", b" ", b"\r\n", b"\x00", b"\t% endobj"])
def test_comments_and_space_before_a_stream(between: bytes) -> None:
    letter = file(
        CATALOG,
        PAGES,
        page(b"/XObject << /I 5 0 R >>"),
        stream(b"q 200 0 0 200 50 50 cm /I Do Q"),
        stream(b"\x40", IMAGE, between),
    )
    assert picture(merge([MergePart(letter, "Brev")], "Pack").pdf) == picture(letter)


def test_what_was_deleted_stays_deleted() -> None:
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [50 50 250 250] /Contents (Secret) /DA (/F 12 Tf) /AP << /N 6 0 R >> >>"
    looks = stream(b"0 0 200 200 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 200 200]")
    first = file(CATALOG, PAGES, page(b"", b"/Annots [5 0 R]"), stream(b""), note, looks)
    letter = updated(first, {}, [5])
    joined = merge([MergePart(letter, "Brev")], "Pack").pdf
    assert picture(joined) == picture(letter) != picture(first)
    assert b"Secret" not in b"".join(value.unparse(resolved=True) for value in opened(joined).objects if not isinstance(value, pikepdf.Stream))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "last"),
    [
        (b"/V (DRAFT) /V (FINAL)", b"FINAL"),
        (b"/V (DRAFT) /Q 0 /V (FINAL) /Q 2", b"FINAL"),
        (b"/V (DRAFT) /#56 (FINAL)", b"FINAL"),
    ],
)
def test_of_two_equal_keys_the_last_counts(before: bytes, last: bytes) -> None:
    letter = file(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        PAGES,
        page(b"", b"/Annots [5 0 R]"),
        stream(b""),
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /Rect [50 50 250 90] %b >>" % before,
    )
    field = pack(letter).Root.AcroForm.Fields[0]
    assert bytes(field.V) == last


def test_closed_bookmarks_stay_closed() -> None:
    def edit(pdf: Any) -> None:
        with pdf.open_outline() as outline:
            closed = pikepdf.OutlineItem("Closed", 0)
            closed.children.append(pikepdf.OutlineItem("Below", 0))
            closed.is_closed = True
            opening = pikepdf.OutlineItem("Open", 0)
            opening.children.append(pikepdf.OutlineItem("Below", 0))
            outline.root += [closed, opening]

    top = pack(after(plain(), edit)).Root.Outlines
    letter = top.First
    assert (letter.First.Count, letter.First.Next.Count, letter.Count) == (-1, 1, 3)
    assert top.Count == 2 + letter.Count + letter.Next.get("/Count", 0)


def test_a_page_keeps_its_own_metadata_and_a_part_those_of_its_file() -> None:
    def metadata(pdf: Any, said: bytes) -> Any:
        return pdf.make_stream(said, Type=Name.Metadata, Subtype=Name.XML)

    def edit(pdf: Any) -> None:
        pdf.pages[0].obj.Metadata = metadata(pdf, b"<page/>")
        pdf.Root.Metadata = metadata(pdf, b"<file/>")

    made = pack(after(plain(), edit))
    assert made.pages[0].obj.Metadata.read_bytes() == b"<page/>"
    letter = after(plain(), lambda pdf: pdf.Root.__setitem__("/Metadata", metadata(pdf, b"<file/>")))
    made = pack(letter)
    assert made.pages[0].obj.Metadata.read_bytes() == opened(letter).Root.Metadata.read_bytes()


def test_a_key_that_is_twice_in_the_parent_tree() -> None:
    def edit(pdf: Any) -> None:
        tree = pdf.Root.StructTreeRoot.ParentTree
        pairs = [part for kid in tree.get("/Kids", [tree]) for part in kid.Nums]
        pdf.Root.StructTreeRoot.ParentTree = Dictionary(Nums=Array([*pairs, *pairs]))

    made = pack(after(good(), edit))
    keys = list(made.Root.StructTreeRoot.ParentTree.Nums)[::2]
    assert keys == sorted(set(keys))


def test_suspects_is_only_there_where_it_is_true() -> None:
    assert "/Suspects" not in pack(good()).Root.MarkInfo
    assert pack(plain()).Root.MarkInfo.Suspects is True


def test_a_portfolio_and_articles_are_said_to_be_left_out() -> None:
    def edit(pdf: Any) -> None:
        bead = pdf.make_indirect(Dictionary(R=Array([0, 0, 9, 9]), P=pdf.pages[0].obj))
        bead.N = bead.V = bead
        pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(F=bead))])
        pdf.pages[0].obj.B = Array([bead])
        pdf.Root.Collection = Dictionary(View=Name.T)

    joined = merge([MergePart(after(plain(), edit), "Brev")], "Pack")
    assert joined.left_out == {"/Collection", "/Threads"}
    assert "/B" not in opened(joined.pdf).pages[0].obj


def test_links_to_page_numbers_lead_to_the_same_page_of_the_part() -> None:
    def edit(pdf: Any) -> None:
        links = [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9])) for _ in range(2)]
        links[0].Dest = Array([1, Name.Fit])
        links[1].A = Dictionary(S=Name.GoTo, D=Array([1, Name.Fit]))
        pdf.pages[0].obj.Annots = Array(links)

    made = opened(merge([MergePart(good(), "First"), MergePart(after(plain(2), edit), "Brev")], "Pack").pdf)
    for link in made.pages[2].obj.Annots:
        place = link.Dest if "/Dest" in link else link.A.D
        assert place[0].objgen == made.pages[3].obj.objgen


def test_a_dead_link_does_not_come_to_life_in_another_part() -> None:
    def edit(pdf: Any) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), Dest=String("kort"))
        pdf.pages[0].obj.Annots = Array([link])

    def named(pdf: Any) -> None:
        tree = Dictionary(Names=Array([String("kort"), Array([pdf.pages[1].obj, Name.Fit])]))
        pdf.Root.Names = Dictionary(Dests=tree)

    made = opened(
        merge([MergePart(after(plain(), edit), "Brev"), MergePart(after(plain(2), named), "Map")], "Pack").pdf
    )
    assert "/Dest" not in made.pages[0].obj.Annots[0]


def test_roles_of_a_later_part_do_not_change_those_of_an_earlier_one() -> None:
    def mapping(role: Name, kind: str) -> Callable[[Any], None]:
        def edit(pdf: Any) -> None:
            pdf.Root.StructTreeRoot.RoleMap = Dictionary({kind: role})
            for element in pdf.objects:
                if isinstance(element, Dictionary) and element.get("/S") == Name.P:
                    element.S = Name(kind)

        return edit

    parts = [after(good(), mapping(Name.P, "/Body")), after(good(), mapping(Name.Note, "/Body")), good()]
    made = opened(merge([MergePart(part, f"part {n}") for n, part in enumerate(parts)], "Pack").pdf)
    roles = {str(key): str(value) for key, value in made.Root.StructTreeRoot.RoleMap.items()}
    assert roles["/Body"] == "/P"
    assert roles["/Body-2"] == "/Note"
    assert [fault for fault in audit.audit(merge([MergePart(part, "x") for part in parts], "Pack").pdf) if "role" in fault.code] == []  # fmt: skip


def test_types_of_elements_keep_their_bytes() -> None:
    def edit(pdf: Any) -> None:
        kind, role = make_name("/Br\udcf8d"), make_name("/R\udcf8")
        pdf.Root.StructTreeRoot.RoleMap = Dictionary()
        pdf.Root.StructTreeRoot.RoleMap["/Br\udcf8d"] = role
        elements(pdf, "P")[0].S = kind

    made = opened(merge([MergePart(after(good(), edit), "Brev")], "Pack").pdf)
    assert b"/Br\xf8d" in {bytes(value.S) for value in made.objects if isinstance(value, Dictionary) and "/S" in value}
    assert {key: bytes(value) for key, value in made.Root.StructTreeRoot.RoleMap.items()} == {"/Br\udcf8d": b"/R\xf8"}


def test_a_damaged_file_is_taken_where_all_that_it_refers_to_is_there() -> None:
    letter = plain()
    broken = letter.replace(b"startxref\n", b"startxref\n9")
    assert picture(merge([MergePart(broken, "Brev")], "Pack").pdf) == picture(letter)
    lost = broken.replace(b"5 0 obj", b"% 0 obj")
    with pytest.raises(MergeError):
        merge([MergePart(lost, "Brev")], "Pack")


@pytest.mark.parametrize(
    "name",
    [b"plain", b"\x9f\x01\xad\x7f\xff", "kapitel-æøå".encode(), "ß".encode(), "\ufeffعربي".encode("utf-16-be"), b"\xe6\xf8\xe5", b"(a\\b", b""],
)  # fmt: skip
def test_links_to_names_of_any_bytes_lead_on(name: bytes) -> None:
    letter = file(
        b"<< /Type /Catalog /Pages 2 0 R /Names << /Dests << /Names [<%b> [3 0 R /Fit]] >> >> >>" % name.hex().encode(),
        PAGES,
        page(b"", b"/Annots [<< /Type /Annot /Subtype /Link /Rect [9 9 99 99] /Dest <%b> >>]" % name.hex().encode()),
        stream(b""),
    )
    joined = merge([MergePart(letter, "Brev"), MergePart(good(), "Leaflet")], "Pack").pdf
    document = pypdfium2.PdfDocument(joined)
    position, link = c_int(0), pypdfium2.raw.FPDF_LINK()
    assert pypdfium2.raw.FPDFLink_Enumerate(document[0], position, link)
    destination = pypdfium2.raw.FPDFLink_GetDest(document, link)
    assert destination
    assert pypdfium2.raw.FPDFDest_GetDestPageIndex(document, destination) == 0


@pytest.mark.parametrize("first", ["ON", "OFF"])
@pytest.mark.parametrize("second", ["ON", "OFF"])
def test_layers_are_seen_as_in_their_part(first: str, second: str) -> None:
    def layered(base: str) -> bytes:
        """Return a page with two layers of one name, of which one is as all are, and one is not."""
        other = "OFF" if base == "ON" else "ON"
        return file(
            b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R 7 0 R] /D << /BaseState /%b /%b [7 0 R] >> >> >>"
            % (base.encode(), other.encode()),
            PAGES,
            page(b"/Properties << /A 6 0 R /B 7 0 R >>"),
            stream(b"/OC /A BDC 0 0 150 300 re f EMC /OC /B BDC 1 0 0 rg 150 0 150 300 re f EMC"),
            b"null",
            b"<< /Type /OCG /Name (Layer) >>",
            b"<< /Type /OCG /Name (Layer) >>",
        )

    parts = [layered(first), layered(second)]
    document = pypdfium2.PdfDocument(merge([MergePart(part, "x") for part in parts], "Pack").pdf)
    for number, part in enumerate(parts):
        assert bytes(document[number].render(scale=1).to_pil().tobytes()) == picture(part)
