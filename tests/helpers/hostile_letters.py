"""Letters that nobody should send, and somebody does: one of each kind, with a secret in its text and its names."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Permissions, String
from pikepdf import Encryption as Passwords

from tests.helpers.conforming_pdf import elements, good
from tests.helpers.letter_pdfs import plain, saved
from tests.helpers.soak_sampling import amount

SECRET = "Secret Person"


def opened() -> Pdf:
    """Return a letter of two pages with tags, links, bookmarks and named destinations, to be made strange."""
    pdf = Pdf.open(BytesIO(good()))
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("kort"), Array([pdf.pages[1].obj, Name.Fit])])))
    pdf.docinfo["/Title"] = SECRET
    pdf.Root.Outlines.First.Title = String(SECRET)
    return pdf


def after(edit: Callable[[Pdf], None]) -> bytes:
    pdf = opened()
    edit(pdf)
    return saved(pdf)


def locked(user: str) -> bytes:
    allowed = Permissions(modify_assembly=False, modify_other=False)
    return saved(opened(), encryption=Passwords(user=user, owner="owner", allow=allowed))


def acting(pdf: Pdf) -> None:
    """What a form of an office program brings: scripts, actions, the XML of XFA."""
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('Secret Person')"))
    launch = Dictionary(S=Name.Launch, F=String("secret.exe"), Next=script)
    pdf.Root.OpenAction = pdf.make_indirect(script)
    pdf.Root.Names.JavaScript = Dictionary(Names=Array([String("x"), script]))
    pdf.pages[0].AA = Dictionary(O=launch)
    pdf.pages[0].Annots[0].A = launch
    pdf.pages[1].Annots = Array([pdf.make_indirect(_field(script))])
    pdf.Root.AcroForm = Dictionary(Fields=pdf.pages[1].Annots, XFA=pdf.make_stream(b"<xdp>Secret Person</xdp>"))


def _field(action: Any) -> Dictionary:
    return Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("kept"), A=action, Rect=Array([9, 9, 99, 30])
    )  # fmt: skip


def page_tree_loop(pdf: Pdf) -> None:
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def pages_below_each_other(pdf: Pdf) -> None:
    """Two nodes that hold each other and say that there are pages below them."""
    nodes = [pdf.make_indirect(Dictionary(Type=Name.Pages, Count=2)) for _ in range(2)]
    nodes[0].Kids, nodes[1].Kids = Array([nodes[1]]), Array([nodes[0]])
    pdf.Root.Pages = nodes[0]


def outline_loop(pdf: Pdf) -> None:
    first = pdf.Root.Outlines.First
    first.Next, first.First = first, pdf.Root.Outlines.First


def name_tree_loop(pdf: Pdf) -> None:
    tree = pdf.make_indirect(Dictionary())
    tree.Kids = Array([tree, pdf.make_indirect(pdf.Root.Names.Dests), tree])
    pdf.Root.Names.Dests = tree


def number_tree_loop(pdf: Pdf) -> None:
    tree = pdf.Root.StructTreeRoot.ParentTree
    tree.Kids = Array([tree])


def structure_loop(pdf: Pdf) -> None:
    row = elements(pdf, "TR")[0]
    row.K.append(elements(pdf, "Table")[0])


def role_loop(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(One=Name.Two, Two=Name.One)
    elements(pdf, "H1")[0].S = Name.One


def deep_structure(pdf: Pdf) -> None:
    inner = elements(pdf, "P")[0]
    for _ in range(3000):
        outer = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Div, K=Array([]), P=inner))
        inner.K.append(outer)
        inner = outer


def form_loop(pdf: Pdf) -> None:
    field = pdf.make_indirect(Dictionary(T=String("loop")))
    field.Kids = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def on_its_side(pdf: Pdf) -> None:
    pdf.pages[0].Rotate = -90
    pdf.pages[1].Rotate = 450


def negative_boxes(pdf: Pdf) -> None:
    pdf.pages[0].MediaBox = Array([600, 850, -20, -10.5])
    pdf.pages[1].CropBox = Array([-100, -100, 9000, 400])


def large_units(pdf: Pdf) -> None:
    pdf.pages[0].UserUnit = 2.5
    pdf.pages[1].UserUnit = String("three")


def no_pages(pdf: Pdf) -> None:
    del pdf.pages[:]


def layers_and_labels(pdf: Pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(SECRET)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), Order=Array([layer])))
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r), -3, 7, 10**12, Dictionary(P=String("x"))]))


def deflate_bomb(pdf: Pdf) -> None:
    """A page of a hundred kilobytes that is a hundred megabytes of spaces, drawn or read by nobody."""
    pdf.pages[1].PieceInfo = pdf.make_stream(b"")
    pdf.pages[1].PieceInfo.write(_bomb(b"", 120 << 20), filter=Name.FlateDecode)
    pdf.Root.Metadata = pdf.make_stream(b"", Type=Name.Metadata, Subtype=Name.XML)
    pdf.Root.Metadata.write(_bomb(b"<x>", 120 << 20), filter=Name.FlateDecode)


def _bomb(head: bytes, size: int) -> bytes:
    packer, block = zlib.compressobj(1), b" " * (1 << 20)
    return b"".join([packer.compress(head), *(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


def in_streams(head: bytes, padding: int) -> bytes:
    """Return a PDF whose objects are all in one object stream that ends in so many bytes of nothing."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    places = b" ".join(b"%d %d" % (number, sum(len(one) + 1 for one in objects[: number - 1])) for number in (1, 2, 3))
    packed = _bomb(places + b"\n" + b"\n".join(objects), padding)
    said = b"/Type/ObjStm/N 3/First %d/Filter/FlateDecode%b" % (len(places) + 1, head)
    start = b"%PDF-1.7\n"
    stream = b"4 0 obj\n<<%b/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (said, len(packed), packed)
    rows = [b"\0" * 7, *(b"\2\0\0\0\4\0" + bytes([index]) for index in range(3))]
    rows += [b"\1" + len(place).to_bytes(4, "big") + b"\0\0" for place in (start, start + stream)]
    table = b"".join(rows)
    end = b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        len(table),
        table,
    )
    return start + stream + end + b"startxref\n%d\n%%%%EOF\n" % len(start + stream)


def deep() -> bytes:
    """Return a PDF with an array in an array, 50,000 times."""
    return plain().replace(b"/Type /Catalog", b"/Type /Catalog /Deep " + b"[" * 50_000 + b"]" * 50_000)


KEPT: dict[str, Callable[[], bytes]] = {
    "plain": lambda: plain(2),
    "acting": lambda: after(acting),
    "page-tree-loop": lambda: after(page_tree_loop),
    "outline-loop": lambda: after(outline_loop),
    "name-tree-loop": lambda: after(name_tree_loop),
    "number-tree-loop": lambda: after(number_tree_loop),
    "structure-loop": lambda: after(structure_loop),
    "role-loop": lambda: after(role_loop),
    "deep-structure": lambda: after(deep_structure),
    "form-loop": lambda: after(form_loop),
    "rotated": lambda: after(on_its_side),
    "negative-boxes": lambda: after(negative_boxes),
    "large-units": lambda: after(large_units),
    "layers-and-labels": lambda: after(layers_and_labels),
    "linearized": lambda: saved(opened(), linearize=True),
    "old": lambda: saved(opened(), force_version="1.3", object_stream_mode=ObjectStreamMode.disable),
    "deflate-bomb": lambda: after(deflate_bomb),
    "object-streams": lambda: in_streams(b"", 0),
    "mail-header-before": lambda: b"Content-Type: application/pdf\r\n\r\n" + plain(2),
    "many-pages": lambda: plain(amount(2_500, 10_000)),
}
"""Letters that leaflets go behind, and the pages of the letter look as before."""

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "user-password": (lambda: locked("user"), "it needs a password to open"),
    "owner-password": (lambda: locked(""), "it is protected against changes by a password"),
    "no-pages": (lambda: after(no_pages), "it has no pages"),
    "truncated": (lambda: saved(opened())[:-900], "its end is missing"),
    "half": (lambda: plain(9)[:2000], "its end is missing"),
    "linearized-half": (lambda: saved(opened(), linearize=True)[:4000], "its end is missing"),
    "hole": (lambda: _hole(saved(opened())), "the PDF is broken"),
    "pages-missing": (lambda: plain(3).replace(b"/Count 3", b"/Count 5"), "pages are missing"),
    "pages-below-each-other": (lambda: after(pages_below_each_other), "it has no pages"),
    "object-stream-bomb": (lambda: in_streams(b"", 120 << 20), "the PDF is broken"),
    "object-stream-in-itself": (
        lambda: in_streams(b"/Extends 4 0 R", 0).replace(b"/N 3", b"/N 999999999"),
        "the PDF is broken",
    ),
    "deep": (deep, "the PDF is broken"),
    "not-a-pdf": (lambda: b"Dear Secret Person", "this is not a PDF"),
    "empty": (lambda: b"", "the file is empty"),
}
"""Letters that no leaflet can go behind, and what is said of them."""


def _hole(pdf: bytes) -> bytes:
    """Return a file with nothing in its middle, as a network drive may leave it."""
    return pdf[:500] + b"\0" * (len(pdf) - 1500) + pdf[-1000:]
