"""A joined PDF keeps what each part had: tags, languages, outlines, links, forms, attachments, looks."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import page as page_validation
import pypdfium2
import pytest
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from pdfkit_cli.pdf.merge import MergeError, MergePart, conformance, merge
from pdfkit_cli.pdf.merge.conformance import Conformance
from tests.helpers.letter_pdfs import edited, plain, raw, reader, tagged, written


@pytest.fixture(scope="module")
def letter() -> bytes:
    return tagged("letter", "da")


@pytest.fixture(scope="module")
def leaflet() -> bytes:
    return tagged("leaflet", "sv")


def root(pdf: bytes) -> Any:
    return reader(pdf).trailer["/Root"]


def together(*pdfs: bytes, **options: Any) -> bytes:
    return merge([MergePart(pdf, f"part {n}") for n, pdf in enumerate(pdfs, start=1)], "Pack", **options).pdf


def pictures(pdf: bytes) -> list[Any]:
    return [page.render(scale=50 / 72).to_pil().tobytes() for page in pypdfium2.PdfDocument(pdf)]


def heard(pdf: bytes) -> list[str]:
    """Return what stands in the structure tree, in its order: types, and the marked content with its page."""
    document = reader(pdf)
    pages = {page.indirect_reference.idnum: n for n, page in enumerate(document.pages)}

    def tell(kid: Any, page: int) -> Iterator[str]:
        value: Any = kid.get_object() if isinstance(kid, IndirectObject) else kid
        if isinstance(value, int):
            yield f"{page}#{value}"
        elif isinstance(value, ArrayObject):
            for inner in list.__iter__(value):
                yield from tell(inner, page)
        elif value.get("/Type") in ("/MCR", "/OBJR"):
            yield f"{value['/Type']} {pages.get(dict.get(value, '/Pg', kid).idnum, page) if '/Pg' in value else page}"
        else:
            at = pages[raw(value, "/Pg").idnum] if "/Pg" in value else page
            yield str(value["/S"])
            yield from tell(dict.get(value, "/K", ArrayObject()), at)

    return list(tell(dict.get(document.trailer["/Root"]["/StructTreeRoot"], "/K"), 0))


def shifted(told: list[str], pages: int) -> list[str]:
    def shift(item: str) -> str:
        page, mark, mcid = item.partition("#")
        if mark:
            return f"{int(page) + pages}#{mcid}"
        kind, space, page = item.partition(" ")
        return f"{kind} {int(page) + pages}" if space else item

    return [shift(item) for item in told]


def test_every_mark_is_heard_in_its_part_and_on_its_page(letter: bytes, leaflet: bytes) -> None:
    told = heard(together(letter, leaflet, letter))
    first, second = heard(letter)[1:], heard(leaflet)[1:]
    assert told == ["/Document", "/Part", *first, "/Part", *shifted(second, 2), "/Part", *shifted(first, 4)]


def test_each_part_has_its_language_and_title(letter: bytes, leaflet: bytes) -> None:
    parts = root(together(letter, leaflet))["/StructTreeRoot"]["/K"][0]["/K"]
    assert [(part["/Lang"], part["/T"]) for part in parts] == [("da", "part 1"), ("sv", "part 2")]
    assert root(together(leaflet, letter))["/Lang"] == "sv"


def test_a_pack_of_accessible_parts_is_accessible(letter: bytes, leaflet: bytes, tmp_path: Path) -> None:
    joined = merge([MergePart(pdf, "x") for pdf in (letter, leaflet, leaflet, letter)], "Pack")
    assert (joined.tagged, joined.claims, joined.starts) == (True, Conformance(ua=1), (0, 2, 4, 6, 8))
    path = tmp_path / "pack.pdf"
    path.write_bytes(joined.pdf)
    assert page_validation.validate_pdf(str(path), profile="ua1").is_compliant


def test_an_untagged_letter_leaves_the_tags_of_the_leaflets_and_claims_nothing(leaflet: bytes) -> None:
    joined = merge([MergePart(plain(), "letter"), MergePart(leaflet, "leaflet")], "Pack")
    assert (joined.tagged, joined.claims) == (False, Conformance())
    assert heard(joined.pdf) == ["/Document", "/Part", *shifted(heard(leaflet)[1:], 1)]
    assert root(joined.pdf)["/MarkInfo"]["/Suspects"].value is True
    assert conformance.read_conformance(root(joined.pdf)["/Metadata"].get_data()) == Conformance()
    assert "/StructParents" not in reader(joined.pdf).pages[0]


def test_without_any_tags_there_is_no_tree() -> None:
    assert {"/StructTreeRoot", "/MarkInfo"} & set(root(together(plain(), plain()))) == set()


def test_parent_tree_and_ids_agree_with_the_tree(letter: bytes, leaflet: bytes) -> None:
    tree = root(together(letter, leaflet, leaflet))["/StructTreeRoot"]
    nums = tree["/ParentTree"]["/Nums"]
    keys = [int(key) for key in nums[::2]]
    assert keys == sorted(set(keys))
    assert tree["/ParentTreeNextKey"] > max(keys)
    names = [name for kid in tree["/IDTree"]["/Kids"] for name in kid["/Names"][::2]] if "/IDTree" in tree else []
    assert len(names) == len(set(names))


def test_pages_look_the_same(letter: bytes, leaflet: bytes) -> None:
    parts = [letter, plain(2), leaflet]
    assert pictures(together(*parts)) == [picture for part in parts for picture in pictures(part)]


def test_the_outline_has_a_bookmark_a_part_with_its_own_below(letter: bytes, leaflet: bytes) -> None:
    document = reader(together(letter, leaflet, plain()))
    flat: list[Any] = []

    def flatten(items: Any, level: int) -> None:
        for item in items:
            if isinstance(item, list):
                flatten(item, level + 1)
            else:
                flat.append((level, item.title, document.get_destination_page_number(item)))

    flatten(document.outline, 0)
    assert flat == [
        (0, "part 1", 0), (1, "letter one", 0), (1, "letter two", 1),
        (0, "part 2", 2), (1, "leaflet one", 2), (1, "leaflet two", 3),
        (0, "part 3", 4),
    ]  # fmt: skip


def targets(pdf: bytes) -> list[Any]:
    """Return where each link leads: the page, or the address."""
    document = reader(pdf)
    found: list[Any] = []
    for page in document.pages:
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            if "/A" in link and "/URI" in link["/A"]:
                found.append(str(link["/A"]["/URI"]))
            else:
                target = link["/Dest"] if "/Dest" in link else link["/A"]["/D"]
                named = document.named_destinations.get(str(target)) if isinstance(target, str) else None
                at = named.page if named else target[0]
                found.append(document.get_page_number(at.get_object()))
    return found


def test_links_lead_into_the_part_that_they_came_from(letter: bytes, leaflet: bytes) -> None:
    """Both parts call their destinations one and two."""
    one, two = targets(letter), targets(leaflet)
    assert {1, "https://example.org/letter"} <= set(one)
    expected = [*one, *(at + 2 if isinstance(at, int) else at for at in two), *(at + 4 if isinstance(at, int) else at for at in one)]  # fmt: skip
    assert targets(together(letter, leaflet, letter)) == expected


def test_identical_fonts_are_stored_once(leaflet: bytes) -> None:
    alone, many = len(leaflet), len(together(*[leaflet] * 10))
    assert many < alone * 4
    fonts = {page["/Resources"]["/Font"][name].indirect_reference.idnum for page in reader(together(*[leaflet] * 3)).pages for name in page["/Resources"]["/Font"]}  # fmt: skip
    assert len(fonts) == len(reader(leaflet).pages[0]["/Resources"]["/Font"])


def test_every_part_begins_on_a_front_side(leaflet: bytes) -> None:
    joined = merge([MergePart(plain(1), "a"), MergePart(leaflet, "b"), MergePart(plain(3, width=420, height=595), "c"), MergePart(plain(1), "d")], "Pack", front_sides=True)  # fmt: skip
    assert joined.starts == (0, 2, 4, 8, 10)
    pages = reader(joined.pdf).pages
    assert [page.extract_text() for page in (pages[1], pages[7], pages[9])] == ["", "", ""]
    assert pages[7].mediabox.width == 420
    assert "/StructParents" not in pages[1]


def test_the_same_parts_give_the_same_bytes(letter: bytes, leaflet: bytes) -> None:
    assert together(letter, leaflet) == together(letter, leaflet)


def test_attachments_keep_their_names_or_get_free_ones() -> None:
    def attached(name: str, data: bytes) -> bytes:
        writer = edited(plain())
        writer.add_attachment(name, data)
        return written(writer)

    document = reader(together(attached("a.txt", b"1"), attached("a.txt", b"2"), attached("b.txt", b"3")))
    assert {name: list(data) for name, data in document.attachments.items()} == {
        "a.txt": [b"1"],
        "a (2).txt": [b"2"],
        "b.txt": [b"3"],
    }


def test_page_labels_go_on_for_each_part() -> None:
    writer = edited(plain(3))
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 2, style="/D", start=7)
    document = reader(together(plain(2), written(writer), plain(1)))
    assert document.page_labels == ["1", "2", "i", "ii", "7", "1"]


def form(name: str, value: str) -> bytes:
    writer = edited(plain())
    field = DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"), NameObject("/FT"): NameObject("/Tx"),
        NameObject("/T"): TextStringObject(name), NameObject("/V"): TextStringObject(value),
        NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (10, 10, 200, 40)]),
    })  # fmt: skip
    reference = writer._add_object(field)
    writer.pages[0][NameObject("/Annots")] = ArrayObject([reference])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([reference])})
    return written(writer)


def test_forms_keep_their_fields_apart() -> None:
    fields = reader(together(form("name", "one"), form("name", "two"), form("other", "three"))).get_fields()
    assert fields is not None
    assert {name: field["/V"] for name, field in fields.items()} == {"name": "one", "p2-name": "two", "other": "three"}


def test_what_acts_on_the_readers_machine_is_left_out_and_said(leaflet: bytes) -> None:
    writer = edited(plain())
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert()")}
    )
    scripts = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), script])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("x.exe")})
    writer.root_object[NameObject("/OpenAction")] = action
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
    link = Link(rect=(1, 1, 9, 9), url="https://example.org")
    link[NameObject("/A")] = action
    writer.add_annotation(0, link)
    joined = merge([MergePart(written(writer), "letter"), MergePart(leaflet, "leaflet")], "Pack")
    assert joined.left_out == {"/AA", "/JavaScript", "/Launch"}
    for trace in (b"x.exe", b"app.alert", b"Launch", b"JavaScript"):
        assert trace not in uncompressed(joined.pdf)


def uncompressed(pdf: bytes) -> bytes:
    document = reader(pdf)
    out = BytesIO()
    for number in range(1, document.trailer["/Size"]):
        value = document.get_object(number)
        if value is not None and (not isinstance(value, StreamObject) or value.get("/Type") != "/ObjStm"):
            value.write_to_stream(out)
    return out.getvalue()


def test_boxes_and_rotation_stay_though_they_were_inherited() -> None:
    writer = edited(plain(2))
    node = writer.root_object["/Pages"]
    for page in writer.pages:
        del page["/MediaBox"]
    node[NameObject("/MediaBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 300, 400)])
    node[NameObject("/Rotate")] = NumberObject(90)
    pages = reader(together(plain(), written(writer))).pages
    assert [(page.mediabox.width, page.rotation) for page in pages] == [(595, 0), (300, 90), (300, 90)]


def test_a_page_that_does_not_say_so_is_one() -> None:
    writer = edited(plain(2))
    del writer.pages[0]["/Type"]
    assert [page["/Type"] for page in reader(together(written(writer), plain())).pages] == ["/Page"] * 3


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"not a PDF", plain()[:200]])
def test_what_is_no_pdf_is_named(pdf: bytes, leaflet: bytes) -> None:
    with pytest.raises(MergeError, match="“letter”"):
        merge([MergePart(pdf, "letter"), MergePart(leaflet, "leaflet")], "Pack")


def test_loops_in_trees_end(letter: bytes, leaflet: bytes) -> None:
    writer = edited(letter)
    pages = writer.root_object["/Pages"].indirect_reference
    raw(writer.root_object["/Pages"].get_object(), "/Kids").append(pages)
    outline = writer.root_object["/Outlines"].get_object()
    first = raw(outline, "/First")
    first.get_object()[NameObject("/Next")] = first
    tree = writer.root_object["/StructTreeRoot"].get_object()
    top = raw(tree, "/K")[0]
    raw(top.get_object(), "/K").append(top)
    joined = together(written(writer), leaflet)
    assert len(reader(joined).pages) == 4


def test_a_pack_is_as_old_as_its_youngest_part() -> None:
    def dated(date: str) -> bytes:
        writer = edited(plain())
        writer.add_metadata({"/CreationDate": date})
        return written(writer)

    joined = together(*map(dated, ("D:20260131120000+02'00'", "D:202601311030", "D:20269999", "yesterday")))
    assert reader(joined).trailer["/Info"]["/CreationDate"] == "D:20260131103000Z"
    assert b"<xmp:CreateDate>2026-01-31T10:30:00Z</xmp:CreateDate>" in root(joined)["/Metadata"].get_data()
    assert "/CreationDate" not in reader(together(dated("yesterday"))).trailer["/Info"]


def test_a_bookmark_that_names_an_element_leads_into_the_tree_of_the_pack(letter: bytes) -> None:
    writer = edited(letter)
    document = raw(writer.root_object["/StructTreeRoot"].get_object(), "/K")[0]
    for trusted in (True, False):
        writer.root_object["/Outlines"]["/First"].get_object()[NameObject("/SE")] = document
        writer.root_object[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(trusted)})
        joined = reader(together(written(writer)))
        trees = [
            number
            for number in range(1, joined.trailer["/Size"])
            if kind(joined.get_object(number)) == "/StructTreeRoot"
        ]
        assert len(trees) == trusted
        if trusted:
            part = raw(joined.trailer["/Root"]["/StructTreeRoot"]["/K"][0], "/K")[0]
            assert raw(joined.trailer["/Root"]["/Outlines"]["/First"]["/First"], "/SE") == part


def kind(value: Any) -> Any:
    return value.get("/Type") if isinstance(value, DictionaryObject) else None


def test_all_claim_or_none() -> None:
    a2a, a2b, a3u, a1b = Conformance(1, 2, "A"), Conformance(1, 2, "B"), Conformance(0, 3, "U"), Conformance(1, 1, "B")
    assert conformance.common_conformance([a2a, a2a]) == a2a
    assert conformance.common_conformance([a2a, a2b]) == a2b
    assert conformance.common_conformance([a2a, a3u]) == a3u
    assert conformance.common_conformance([a2a, a1b]) == Conformance(1)
    assert conformance.common_conformance([a2a, Conformance()]) == Conformance()


@pytest.mark.parametrize("claim", [Conformance(), Conformance(1), Conformance(1, 2, "A"), Conformance(0, 3, "B")])
def test_what_is_claimed_is_read_again(claim: Conformance) -> None:
    assert conformance.read_conformance(conformance.write_xmp(claim, "A & <b>", "da", "pdfkit")) == claim


@pytest.mark.parametrize("xmp", [b"", b"<x", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"\xff\xfe\x00"])
def test_strange_metadata_claim_nothing(xmp: bytes) -> None:
    assert conformance.read_conformance(xmp) == Conformance()
