"""Each page is in its place on a sheet that is folded, and its tags, links and bookmarks go where it went."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream, NullObject

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.pdf.folding import Folding, sheet_sides
from pdfkit_cli.pdf.geometry import POINTS_PER_MM
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.postprocess.imposition import SHEET_SIZE
from tests.helpers.check_runner import wrong
from tests.helpers.structure_elements import elements, number_of, parents
from tests.helpers.tiny_library import TinyLibrary, tiny

# Real booklets and a leporello, beside the same pages one by one.

FILLER = "Ord om det der sker, og hvad der er godt at vide på dagen. " * 6


def chapter(number: int, phone: str) -> str:
    return (
        f"## Kapitel {number}\n\n{FILLER}\n\n[Adresse {number}](https://example.org/{number}) og {phone}.\n\n"
        f"### Afsnit {number}\n\n{FILLER}\n\n- et\n- to\n\n{FILLER}\n\n"
    )


def write(library: TinyLibrary, chapters: int, phone: str, form: str) -> None:
    body = "".join(chapter(number, phone) for number in range(1, chapters + 1))
    library.body(body)
    library.write("content/first/ar.md", f"---\ntitle: عنوان\nsummary: مقدمة\n---\n{body}")
    library.replace("library.yaml", "languages:", "checks: {severity: {foreign-script: off}}  # filler\nlanguages:")
    library.replace("content/first/leaflet.yaml", "[a4, a5]", f"[{form}]")
    library.replace("clinics/north.yaml", "[da]", "[da, ar]")


@dataclass(frozen=True)
class Half:
    """Where a page stands on its sheet: its side from 0, which part of it from the left, points from its left edge, and its form."""

    sheet: int
    part: int
    shift: float
    form: Any

    @property
    def width(self) -> float:
        return float(self.form["/BBox"][2])


@dataclass(frozen=True)
class Pair:
    """The same edition as pages and on sheets that are folded."""

    plain: PdfReader
    booklet: PdfReader
    folding: Folding
    right_to_left: bool

    @property
    def halves(self) -> dict[int, Half]:
        """Return where each page stands, by its number from 1, as `sheet_sides` has it."""
        found = {}
        order = sheet_sides(self.folding, len(self.plain.pages), right_to_left=self.right_to_left)
        assert len(order) == len(self.booklet.pages)
        for index, (side, sheet) in enumerate(zip(order, self.booklet.pages, strict=True)):
            contents = sheet.get_contents()
            assert contents is not None
            drawn = re.findall(r"q 1 0 0 1 ([\d.]+) 0 cm (/[PF]\d) Do Q", contents.get_data().decode())
            assert drawn == sorted(drawn, key=lambda call: float(call[0]))
            places = [(part, number) for part, number in enumerate(side) if number]
            assert len(drawn) == len(places)
            forms: Any = sheet["/Resources"]["/XObject"] if drawn else {}  # type: ignore[index]
            for (part, number), (shift, name) in zip(places, drawn, strict=True):
                found[number] = Half(index, part, float(shift), forms[name].get_object())
        return found


PHONE, PANEL = "{{ clinic.phone }}", "sådan"
"""A clinic's fact in the text, or only in a panel of its own, which is laid on a body that other clinics share."""


@pytest.fixture(
    scope="module",
    params=[
        *(("da", 1, PHONE, True), ("da", 5, PHONE, True), ("ar", 5, PHONE, True)),
        *(("da", 3, PANEL, True), ("ar", 4, PANEL, True), ("da", 1, PHONE, False), ("ar", 5, PANEL, False)),
        *(
            ("da", 2, PHONE, True, "leporello"),
            ("ar", 2, PANEL, True, "leporello"),
            ("da", 2, PANEL, False, "leporello"),
        ),
    ],
    ids=lambda given: "-".join(
        (
            given[0],
            str(given[1]),
            "text" if given[2] == PHONE else "panel",
            "filled" if given[3] else "blanks",
            *given[4:],
        )
    ),
)
def pair(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Pair:
    """Pages left over are filled as a booklet with a cover asks, or stay blank, as they would without one."""
    language, chapters, phone, filled, form = (*request.param, "a5-booklet")[:5]
    library = tiny(tmp_path_factory.mktemp("booklet"))
    write(library, chapters, phone, form)
    renderer.prepare_process()
    project = open_project(BuildRequest(library.root, as_of=date(2026, 11, 21)))
    assert not wrong(project.findings)
    made = {item.path: item for item in project.output_keys()}
    page = project.draw(made[f"north/first.{language}.{form}.pdf"]).page
    folded = replace(page.format, cover=filled)
    flat = replace(folded, imposition="none", preflight=None)
    plain, booklet = (PdfReader(BytesIO(renderer.render(replace(page, format=one)).pdf)) for one in (flat, folded))
    assert (len(plain.pages) % folded.pages_per_sheet == 0) == filled
    assert folded.imposition != "none"
    return Pair(plain, booklet, folded.imposition, language == "ar")


def test_there_is_something_to_fold(pair: Pair) -> None:
    assert len(pair.plain.pages) > 1
    assert sorted(pair.halves) == list(range(1, len(pair.plain.pages) + 1))


def test_each_half_holds_its_page(pair: Pair) -> None:
    for number, page in enumerate(pair.plain.pages, start=1):
        half = pair.halves[number]
        text = pair.booklet.pages[half.sheet].extract_xform_text(half.form, (0, 90, 180, 270), 200.0)
        assert text.split() == page.extract_text().split()
        assert list(map(float, half.form["/BBox"])) == pytest.approx(list(map(float, page.mediabox)))


def test_parts_meet_at_the_folds(pair: Pair) -> None:
    for one in pair.halves.values():
        assert -0.01 <= one.shift <= SHEET_SIZE[0] - one.width + 0.01
        for other in pair.halves.values():
            if (one.sheet, one.part + 1) == (other.sheet, other.part):
                assert one.shift + one.width == pytest.approx(other.shift, abs=0.01)
        if pair.folding == "saddle-stitch":
            assert one.shift + (1 - one.part) * one.width == pytest.approx(SHEET_SIZE[0] / 2, abs=0.01)


def test_what_is_folded_in_is_narrower(pair: Pair) -> None:
    """100 + 100 + 97 mm, on both sides: the flap lies flat between the others."""
    if pair.folding == "letter-fold":
        widths = [round(half.width / POINTS_PER_MM, 2) for _, half in sorted(pair.halves.items())]
        assert widths == [100, 100, 100, 97, 97, 100][: len(widths)]


def test_every_sheet_is_a4_across(pair: Pair) -> None:
    for sheet in pair.booklet.pages:
        for box in (sheet.cropbox, sheet.trimbox, sheet.bleedbox):
            assert [round(float(value)) for value in box] == [0, 0, 842, 595]
        assert (sheet.mediabox == sheet.cropbox) == (pair.folding == "saddle-stitch")
        assert str(sheet["/Tabs"]) == "/S"


def test_marks_around_the_sheet_say_where_it_is_folded(pair: Pair) -> None:
    if pair.folding == "saddle-stitch":
        return
    for number, sheet in enumerate(pair.booklet.pages):
        on_it = [half for half in pair.halves.values() if half.sheet == number]
        edges = {round(edge, 1) for half in on_it for edge in (half.shift, half.shift + half.width)}
        folds = edges - {0, round(SHEET_SIZE[0], 1)}
        marks, dashed = Counter[float](), False
        for operands, operator in ContentStream(sheet["/Contents"], pair.booklet).operations:
            if operator == b"d":
                dashed = True
            elif operator in (b"m", b"l"):
                x, y = map(float, operands)
                assert not (0 < x < SHEET_SIZE[0] and 0 < y < SHEET_SIZE[1]), "a mark is on the sheet"
                assert all(
                    low <= at <= high
                    for at, low, high in zip((x, y), sheet.mediabox[:2], sheet.mediabox[2:], strict=True)
                )
                if dashed:
                    marks[round(x, 1)] += 1
        assert list(marks.values()) == [4, 4], "one above and one below each fold"
        assert folds <= marks.keys()
        assert len(folds) == 2 or len(on_it) < 3


# Tags.


def marked(reader: PdfReader, stream: Any) -> list[int]:
    """Return the marked-content ids in a content stream, artifacts left out."""
    found = []
    for operands, operator in ContentStream(stream, reader).operations:
        if operator == b"BDC" and isinstance(operands[1], dict) and "/MCID" in operands[1]:
            found.append(int(operands[1]["/MCID"]))
    return found


def contents(element: Any) -> Iterator[tuple[int, int, int]]:
    """Yield page, stream and id of each piece of marked content of an element."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, int):
            page = element["/Pg"]
            yield number_of(page), number_of(page["/Contents"]), kid
        elif kid.get("/Type") == "/MCR":
            page = kid.get("/Pg", element.get("/Pg"))
            yield number_of(page), number_of(kid.get("/Stm", page["/Contents"])), int(kid["/MCID"])


def streams(reader: PdfReader) -> Iterator[tuple[int, Any, Any]]:
    """Yield each content stream with the number of its page: pages' own, and forms."""
    for page in reader.pages:
        yield number_of(page), page, page["/Contents"]
        for form in drawn(reader, page, page["/Contents"]):
            yield number_of(page), form, form


def drawn(reader: PdfReader, holder: Any, stream: Any) -> Iterator[Any]:
    """Yield the forms that a page or a form draws, and those that they draw."""
    for operands, operator in ContentStream(stream, reader).operations:
        item = holder["/Resources"]["/XObject"][operands[0]].get_object() if operator == b"Do" else {}
        if item.get("/Subtype") == "/Form":
            yield item
            yield from drawn(reader, item, item)


def test_every_piece_of_content_has_one_element_and_the_reverse(pair: Pair) -> None:
    for reader in (pair.plain, pair.booklet):
        root: Any = reader.root_object
        claimed = Counter(piece for element in elements(root["/StructTreeRoot"]) for piece in contents(element))
        there = Counter(
            (page, number_of(stream), mcid) for page, _, stream in streams(reader) for mcid in marked(reader, stream)
        )
        assert there
        assert set(claimed.values()) == {1}
        assert claimed.keys() == there.keys()


def test_the_parent_tree_agrees(pair: Pair) -> None:
    for reader in (pair.plain, pair.booklet):
        root: Any = reader.root_object
        tree = parents(reader)
        owners = {piece: element for element in elements(root["/StructTreeRoot"]) for piece in contents(element)}
        for page, holder, stream in streams(reader):
            ids = marked(reader, stream)
            if ids:
                row = tree[int(holder["/StructParents"])]
                for mcid in ids:
                    assert number_of(row[mcid].get_object()) == number_of(owners[page, number_of(stream), mcid])


def reading(reader: PdfReader) -> list[tuple[str, list[int]]]:
    root: Any = reader.root_object
    return [
        (str(element["/S"]), [mcid for _, _, mcid in contents(element)])
        for element in elements(root["/StructTreeRoot"])
    ]


def test_it_is_read_in_the_order_of_the_pages(pair: Pair) -> None:
    assert reading(pair.booklet) == reading(pair.plain)
    root: Any = pair.booklet.root_object
    numbers = {half.form.indirect_reference.idnum: number for number, half in pair.halves.items()}
    pages = [
        numbers[stream]
        for element in elements(root["/StructTreeRoot"])
        for _, stream, _ in contents(element)
        if stream in numbers
    ]
    assert set(pages) == set(numbers.values())
    assert pages == sorted(pages)


def test_the_margins_are_no_part_of_the_text(pair: Pair) -> None:
    """Which leaflet, which version, which page: printed on every page, read once nowhere."""
    for reader in (pair.plain, pair.booklet):
        root: Any = reader.root_object
        texts = [page.extract_text() for page in reader.pages]
        assert any("T-1" in text for text in texts)
        known = {number_of(element) for element in elements(root["/StructTreeRoot"])}
        for row in parents(reader).values():
            for element in row if isinstance(row, list) else [row]:
                assert isinstance(element.get_object(), NullObject) or number_of(element.get_object()) in known


# Links and bookmarks.


def links(reader: PdfReader) -> list[tuple[int, str, list[float], int]]:
    """Return page, address, place and structure parent of each link."""
    found = []
    for index, page in enumerate(reader.pages):
        annotations: Any = page.get("/Annots", [])
        for annotation in annotations:
            item = annotation.get_object()
            address = str(item["/A"]["/URI"]) if "/A" in item else f"#{item['/Dest']}"
            found.append((index, address, [float(value) for value in item["/Rect"]], int(item["/StructParent"])))
    return found


def test_links_are_where_their_words_are(pair: Pair) -> None:
    expected = [
        (pair.halves[page + 1].sheet, address, [x + pair.halves[page + 1].shift for x in (a, c)] + [b, d])
        for page, address, (a, b, c, d), _ in links(pair.plain)
    ]
    found = [(page, address, [a, c, b, d]) for page, address, (a, b, c, d), _ in links(pair.booklet)]
    assert len(expected) > 2
    assert Counter(address for _, address, _ in expected) == Counter(address for _, address, _ in found)
    for (page, address, place), (other, name, where) in zip(sorted(expected), sorted(found), strict=True):
        assert (page, address) == (other, name)
        assert place == pytest.approx(where, abs=0.01)


def test_links_are_tagged_on_their_sheet(pair: Pair) -> None:
    tree = parents(pair.booklet)
    for page, _, _, parent in links(pair.booklet):
        element = tree[parent]
        assert element["/S"] == "/Link"
        kids = element["/K"]
        annotations = [kid.get_object() for kid in kids if not isinstance(kid.get_object(), int)]
        (reference,) = [kid for kid in annotations if kid.get("/Type") == "/OBJR"]
        assert int(reference["/Obj"]["/StructParent"]) == parent
        assert number_of(element["/Pg"]) == number_of(pair.booklet.pages[page])
        if "/Pg" in reference:
            assert number_of(reference["/Pg"]) == number_of(pair.booklet.pages[page])


def bookmarks(reader: PdfReader) -> list[tuple[str, int, float, float]]:
    found = []

    def walk(items: Any) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                page = reader.get_destination_page_number(item)
                assert page is not None
                found.append((str(item.title), page, float(item.left), float(item.top)))

    walk(reader.outline)
    return found


def test_bookmarks_lead_to_their_headings(pair: Pair) -> None:
    before, after = bookmarks(pair.plain), bookmarks(pair.booklet)
    assert len(before) > 2
    for (title, page, left, top), (other, sheet, x, y) in zip(before, after, strict=True):
        half = pair.halves[page + 1]
        assert (other, sheet) == (title, half.sheet)
        assert [x, y] == pytest.approx([left + half.shift, top], abs=0.01)


def test_named_places_lead_to_their_sheets(pair: Pair) -> None:
    before, after = pair.plain.named_destinations, pair.booklet.named_destinations
    assert before.keys() == after.keys()
    for name, place in before.items():
        page = pair.plain.get_destination_page_number(place)
        assert page is not None
        half = pair.halves[page + 1]
        assert pair.booklet.get_destination_page_number(after[name]) == half.sheet
        assert float(after[name].left or 0) == pytest.approx(float(place.left or 0) + half.shift, abs=0.01)


def test_nothing_leads_to_a_page_that_is_gone(pair: Pair) -> None:
    sheets = {number_of(page) for page in pair.booklet.pages}
    for number in range(1, int(pair.booklet.trailer["/Size"])):  # type: ignore[call-overload]
        item: Any = pair.booklet.get_object(number)
        if isinstance(item, dict):
            assert item.get("/Type") != "/Page" or number in sheets
            if "/Pg" in item:
                assert number_of(item["/Pg"]) in sheets
