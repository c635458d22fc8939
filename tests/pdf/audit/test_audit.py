"""The audit of strange files: whatever is in a PDF becomes an issue, never an exception or an endless loop."""

import random
import re
import time
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from pypdf import PdfReader, PdfWriter

from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.audit import AuditIssue, limit_repeats
from pdfkit_cli.pdf.audit.audited_pdf import AuditedPdf
from pdfkit_cli.pdf.audit.report import MAX_REPEATS
from pdfkit_cli.pdf.reader import fonts
from tests.helpers.conforming_pdf import edited, elements, good
from tests.helpers.soak_sampling import amount, sampled

STRANGE: tuple[Any, ...] = (None, -7, 3.5, True, String("x"), Name.X, Array([1, Name.Y]), Dictionary(Z=1))


def codes(pdf: bytes) -> set[str]:
    return {fault.code for fault in audit.audit(pdf)}


def after(edit: Callable[[Pdf], None]) -> set[str]:
    return codes(edited(good(), edit))


def test_a_fault_is_told_once_and_no_more_than_some_of_a_kind() -> None:
    many = [AuditIssue("one", f"number {number}", 1) for number in range(MAX_REPEATS + 5)]
    said = list(limit_repeats([*many, many[0], AuditIssue("two", "alone")]))
    assert said == [*many[:MAX_REPEATS], AuditIssue("two", "alone"), AuditIssue("one", "and 5 more of this kind")]
    assert str(said[0]) == "page 1: number 0 [one]"
    assert str(said[-2]) == "alone [two]"


def test_a_rule_that_fails_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(document: AuditedPdf) -> Iterator[AuditIssue]:
        yield AuditIssue("one", "before")
        raise ValueError

    monkeypatch.setattr(audit, "RULES", (rule, *audit.RULES))
    assert audit.audit(good()) == (
        AuditIssue("one", "before"),
        AuditIssue("strange", "its structure is so unusual that it cannot be checked (ValueError)"),
    )


@pytest.mark.parametrize(
    ("width", "height", "wrong"),
    [(312, 11_000, False), (11_000, 312, False), (312, 14_401, True), (3_001, 3_001, True), (71, 842, True)],
)
def test_a_page_may_be_as_high_as_its_text_but_not_as_no_reader_shows_it(width: int, height: int, wrong: bool) -> None:
    def resize(pdf: Pdf) -> None:
        for name in ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"):
            if name in pdf.pages[0].obj:
                pdf.pages[0].obj[name] = Array([0, 0, width, height])

    assert ("page-box" in after(resize)) == wrong


# Bytes that are no PDF, or no longer.


@pytest.mark.parametrize(
    "pdf", [b"", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"\x00" * 999, b"<html>", b"%PDF-1.7\ntrailer<</Root 1 0 R>>"]
)
def test_no_pdf(pdf: bytes) -> None:
    assert codes(pdf) == {"unreadable"}


def test_cut_off_anywhere() -> None:
    pdf = good()
    for end in range(0, len(pdf) - 50, 1499):
        assert codes(pdf[:end]), end


def test_bytes_changed_anywhere() -> None:
    source = random.Random(20261121)
    for _ in range(60):
        pdf = bytearray(good())
        for _ in range(8):
            pdf[source.randrange(len(pdf))] = source.randrange(256)
        assert "strange" not in codes(bytes(pdf))


def test_encrypted() -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(good())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    assert codes(out.getvalue()) == {"encrypted"}


# Objects of another type than they should be.


def places(pdf: Pdf) -> Iterator[tuple[Any, str]]:
    """Yield every dictionary of the catalog, the pages and the tree, with each of its entries, one of each sort."""
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[str, Any]] = [("Root", pdf.Root)]
    known: set[tuple[int, int]] = set()
    while waiting:
        called, item = waiting.pop()
        if isinstance(item, Object) and item.is_indirect:
            if item.objgen in known:
                continue
            known.add(item.objgen)
        if isinstance(item, Array):
            waiting += [(called, part) for part in item if isinstance(part, Array | Dictionary)]
        elif isinstance(item, Dictionary) or hasattr(item, "read_raw_bytes"):
            for name in sorted(set(item.keys()) - {"/Length"}):
                if (called, name) not in seen:
                    seen.add((called, name))
                    yield item, name
                if isinstance(item[name], Object):
                    waiting.append((name, item[name]))


@pytest.mark.soak
def test_an_entry_of_another_type_is_at_most_a_fault() -> None:
    count = sum(1 for _ in places(edited_pdf()))
    assert count > 90
    for index in sampled(range(count), 60):
        pdf = edited_pdf()
        holder, name = next(islice(places(pdf), index, None))
        value = STRANGE[index % len(STRANGE)]
        if value is None:
            del holder[name]
        else:
            holder[name] = value
        assert "strange" not in codes(written(pdf)), (name, value)


def edited_pdf() -> Pdf:
    return Pdf.open(BytesIO(good()))


def written(pdf: Pdf) -> bytes:
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


# Loops, and too much of anything.


def test_loops() -> None:
    def page_tree(pdf: Pdf) -> None:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)

    def number_tree(pdf: Pdf) -> None:
        tree = pdf.Root.StructTreeRoot.ParentTree
        tree.Kids = Array([tree])

    def name_tree(pdf: Pdf) -> None:
        tree = pdf.Root.StructTreeRoot.IDTree
        tree.Kids = Array([tree, tree])

    def form(pdf: Pdf) -> None:
        slot = pdf.pages[1].Resources.XObject.Slot
        slot.Resources.XObject = Dictionary(Slot=slot)
        slot.write(slot.read_bytes() + b" /P <</MCID 7>> BDC /Slot Do EMC")

    def element(pdf: Pdf) -> None:
        table = elements(pdf, "Table")[0]
        table.K.append(table)

    def roles(pdf: Pdf) -> None:
        pdf.Root.StructTreeRoot.RoleMap = Dictionary(One=Name.Two, Two=Name.One)
        elements(pdf, "H1")[0].S = Name.One

    assert "page-tree" in after(page_tree)
    assert after(number_tree) == after(name_tree) == set()
    assert "form-loop" in after(form)
    assert "tree-loop" in after(element)
    assert "type-unknown" in after(roles)


def test_a_reference_to_itself() -> None:
    pdf = good()
    number = int(re.findall(rb"/StructTreeRoot (\d+) 0 R", pdf)[0])
    start = pdf.index(b"\n%d 0 obj" % number) + 1
    end = pdf.index(b"endobj", start)
    loop = b"%d 0 obj\n%d 0 R\n" % (number, number)
    assert codes(pdf[:start] + loop.ljust(end - start) + pdf[end:])


def test_too_deep() -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    pdf = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages " + deep + b">>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    assert codes(pdf)

    def tree(pdf: Pdf) -> None:
        inner = elements(pdf, "P")[0]
        for _ in range(300):
            outer = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Div, K=Array()))
            inner.K = Array([outer])
            inner = outer

    assert "too-large" in after(tree)


@pytest.mark.soak
def test_much_in_little_is_bounded() -> None:
    def form_bomb(pdf: Pdf) -> None:
        """Ten forms that each draw the next ten times: ten to the tenth."""
        inner = pdf.make_stream(b"0 0 1 1 re f " * 100, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        for _ in range(10):
            outer = pdf.make_stream(b"/X Do " * 10, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
            outer.Resources = Dictionary(XObject=Dictionary(X=inner))
            inner = outer
        pdf.pages[0].Resources.XObject = Dictionary(X=inner)
        pdf.pages[0].Contents = pdf.make_stream(b"/Artifact BMC /X Do EMC")

    def content_bomb(pdf: Pdf) -> None:
        pdf.pages[0].Contents = pdf.make_stream(b"")
        pdf.pages[0].Contents.write(zlib.compress(b" " * (amount(64, 200) << 20), 1), filter=Name.FlateDecode)

    started = time.thread_time()
    assert "too-large" in after(form_bomb)
    assert codes(edited(good(), content_bomb)) & {"too-large", "content-unreadable"}
    assert time.thread_time() - started < 60


# Characters of glyphs.


def test_to_unicode() -> None:
    table = (
        b"2 beginbfchar <0001> <0041> <0002> <00660069> endbfchar "
        b"2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <D83DDE00>] endbfrange "
        b"1 beginbfchar <0030> <007A> endbfchar"
    )
    assert fonts.parse_tounicode(table) == {
        1: "A", 2: "fi", 16: "a", 17: "b", 18: "c", 32: "x", 33: "😀", 48: "z",
    }  # fmt: skip
    assert len(fonts.parse_tounicode(b"beginbfrange <0000> <ffffffff> <0041> endbfrange")) == fonts.MAX_MAPPINGS
    assert fonts.parse_tounicode(b"beginbfrange <0001> endbfrange beginbfchar <00 endbfchar") == {}
