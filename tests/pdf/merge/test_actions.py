"""What acts on the reader's machine leaves every pack, wherever it is and whatever it is called; what shows a place or opens an address stays."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf import objects as pdf_objects
from pdfkit_cli.pdf.fidelity import first_difference
from pdfkit_cli.pdf.merge import MergePart, actions, merge
from tests.helpers.conforming_pdf import good
from tests.helpers.letter_pdfs import plain, saved

EVIL = "evil.example"


def script(**more: Any) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(f"app.launchURL('{EVIL}')"), **more)


def acting(kind: str, **more: Any) -> Callable[[], Dictionary]:
    return lambda: Dictionary(S=Name(f"/{kind}"), F=String(EVIL), JS=String(EVIL), **more)


def address(uri: str) -> Callable[[], Dictionary]:
    return lambda: Dictionary(S=Name.URI, URI=String(f"{uri}{EVIL}"))


KINDS: dict[str, Callable[[], Any]] = {
    kind: acting(kind)
    for kind in (
        "JavaScript", "Launch", "SubmitForm", "ImportData", "ResetForm", "GoToR", "GoToE", "GoToDp", "Rendition", "Sound", "Movie", "SetOCGState",
        "Trans", "Hide", "Thread", "GoTo3DView", "RichMediaExecute", "SomethingNew",
    )
} | {
    "with-K": lambda: script(K=0),
    "with-P-and-K": lambda: script(K=0, P=1, Type=Name.StructElem),
    "no-name": lambda: Dictionary(S=String("JavaScript"), JS=String(EVIL)),
    "no-kind": lambda: Dictionary(JS=String(EVIL)),
    "print": acting("Named", N=Name.Print),
    "script-link": address("javascript:"),
    "script-link-in-capitals": address("JavaScript:"),
    "script-link-behind-space": address("\t javascript:"),
    "file-link": address("file:///"),
    "share": address("\\\\server\\"),
    "share-with-slashes": address("//server/"),
    "data-link": address("data:text/html,"),
    "other-program": address("ms-word:ofe|u|https://"),
    "ftp": address("ftp://"),
    "beside-the-letter": address("program.exe?"),
    "no-address": lambda: Dictionary(S=Name.URI, URI=Name("/https:evil.example")),
    "behind-a-place": lambda: Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=script()),
    "behind-two": lambda: Dictionary(
        S=Name.GoTo, D=Array([0, Name.Fit]), Next=Array([Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=script())])
    ),
    "in-a-place": lambda: Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), JS=String(EVIL), AA=script()),
    "array": lambda: Array([script()]),
}  # fmt: skip


def link(pdf: Pdf) -> Any:
    annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([70, 690, 300, 730]))
    pdf.pages[0].obj.Annots = pdf.make_indirect(Array([annotation]))
    return pdf.pages[0].obj.Annots[0]


def field(pdf: Pdf) -> Any:
    """Return a field whose widget is on the page, below a field that is not."""
    group = pdf.make_indirect(Dictionary(T=String("group"), FT=Name.Btn))
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, Rect=Array([9, 9, 50, 50]), T=String("x"), FT=Name.Btn, Parent=group
        )
    )
    group.Kids = Array([widget])
    pdf.pages[0].obj.Annots = Array([widget])
    pdf.Root.AcroForm = Dictionary(Fields=Array([group]))
    return widget


def bookmark(pdf: Pdf) -> Any:
    item = pdf.make_indirect(Dictionary(Title=String("Here")))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=item, Count=1))
    return item


def only_in_the_tree(pdf: Pdf) -> Any:
    """Return an annotation that is on no page, and held by the structure tree."""
    annotation = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9])))
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    element = Dictionary(Type=Name.StructElem, S=Name.Link, K=Dictionary(Type=Name.OBJR, Obj=annotation))
    tree.K = Array([pdf.make_indirect(element)])
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = tree, Dictionary(Marked=True)
    return annotation


PLACES: dict[str, Callable[[Pdf, Any], None]] = {
    "when-opened": lambda pdf, action: pdf.Root.__setitem__("/OpenAction", action),
    "when-opened-indirect": lambda pdf, action: pdf.Root.__setitem__("/OpenAction", pdf.make_indirect(action)),
    "when-closed": lambda pdf, action: pdf.Root.__setitem__("/AA", Dictionary(WC=action)),
    "page": lambda pdf, action: pdf.pages[0].obj.__setitem__("/AA", Dictionary(O=action)),
    "steps": lambda pdf, action: pdf.pages[0].obj.__setitem__("/PresSteps", Dictionary(NA=action)),
    "link": lambda pdf, action: link(pdf).__setitem__("/A", action),
    "link-before": lambda pdf, action: link(pdf).__setitem__("/PA", pdf.make_indirect(action)),
    "link-over": lambda pdf, action: link(pdf).__setitem__("/AA", Dictionary(E=action)),
    "button": lambda pdf, action: field(pdf).__setitem__("/A", action),
    "button-over": lambda pdf, action: field(pdf).__setitem__("/AA", Dictionary(U=action)),
    "field": lambda pdf, action: field(pdf).Parent.__setitem__("/AA", Dictionary(K=action)),
    "bookmark": lambda pdf, action: bookmark(pdf).__setitem__("/A", action),
    "only-in-the-tree": lambda pdf, action: only_in_the_tree(pdf).__setitem__("/A", action),
    "names": lambda pdf, action: pdf.Root.__setitem__(
        "/Names", Dictionary(JavaScript=Dictionary(Names=Array([String("x"), action])))
    ),
}  # fmt: skip


def letter(place: str, action: Any) -> bytes:
    pdf = Pdf.open(BytesIO(plain()))
    PLACES[place](pdf, action)
    return saved(pdf)


def objects(pdf: bytes) -> bytes:
    """Return what all objects say, and no stream."""
    opened = Pdf.open(BytesIO(pdf))
    return b"\n".join(
        (value.stream_dict if isinstance(value, pikepdf.Stream) else value).unparse(resolved=True)
        for value in opened.objects
        if isinstance(value, pikepdf.Object)
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_acts_is_left_out_and_said(place: str) -> None:
    for kind, action in KINDS.items() if place in ("when-opened", "link") else list(KINDS.items())[::6]:
        before = letter(place, action())
        joined = merge([MergePart(before, "Letter")], "Pack")
        assert EVIL.encode() not in objects(joined.pdf), kind
        assert list(audit.active.active_content_issues(joined.pdf)) == [], kind
        if kind != "in-a-place":
            assert joined.left_out, kind
            assert all(left.startswith("/") and EVIL not in left for left in joined.left_out)
            assert list(audit.active.active_content_issues(before)), kind


def drawing(pdf: Pdf, **more: Any) -> Any:
    """Return a form that the page shows."""
    form = pdf.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), **more)
    page = pdf.pages[0].obj
    page.Resources.XObject = Dictionary(X1=form)
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n/X1 Do")
    return form


def noted(pdf: Pdf, key: str, **more: Any) -> None:
    """Let a link name an annotation that is on no page."""
    link(pdf)[key] = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Popup, **more))


def named_place(pdf: Pdf, value: Any) -> None:
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("d"), value])))


def layer(pdf: Pdf, **more: Any) -> None:
    known = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("x"), **more))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([known]), D=Dictionary(ON=Array([known])))


def calculated(pdf: Pdf) -> None:
    field(pdf)
    pdf.Root.AcroForm.CO = Array([pdf.make_indirect(Dictionary(T=String("c"), AA=Dictionary(C=script())))])


STRAYS: dict[str, Callable[[Pdf], Any]] = {
    "popup": lambda pdf: noted(pdf, "/Popup", A=script(), AA=Dictionary(E=script())),
    "popup-with-place": lambda pdf: noted(pdf, "/Popup", Rect=Array([0, 0, 9, 9]), A=script(), AA=Dictionary(E=script())),
    "answered": lambda pdf: noted(pdf, "/IRT", Rect=Array([0, 0, 9, 9]), A=script()),
    "calculated": calculated,
    "form": lambda pdf: drawing(pdf, A=script(), AA=Dictionary(O=script())),
    "name-of-its-own": lambda pdf: drawing(pdf, PieceInfo=Dictionary(X=Dictionary(Private=pdf.make_indirect(
        Dictionary(S=pdf.make_indirect(Name.JavaScript), JS=String(EVIL)))))),
    "place": lambda pdf: named_place(pdf, Dictionary(D=Array([pdf.pages[0].obj, Name.Fit]), A=script())),
    "instead-of-a-place": lambda pdf: named_place(pdf, script()),
    "destination": lambda pdf: link(pdf).__setitem__("/Dest", script()),
    "layer": lambda pdf: layer(pdf, A=script(), AA=Dictionary(O=script())),
    "array": lambda pdf: drawing(pdf, X=Array([1, script(), Array([script()])])),
    "reference": lambda pdf: drawing(pdf, Ref=Dictionary(F=String(f"\\\\{EVIL}\\x.pdf"), Page=0)),
    "print-server": lambda pdf: drawing(pdf, OPI=Dictionary({"/2.0": Dictionary(Type=Name.OPI, F=String(EVIL))})),
    "external-data": lambda pdf: drawing(pdf, F=String(f"\\\\{EVIL}\\x"), FFilter=Name.FlateDecode),
    "external-content": lambda pdf: pdf.pages[0].obj.Contents.__setitem__("/F", String(EVIL)),
    "printer-program": lambda pdf: pdf.pages[0].Resources.__setitem__(
        "/XObject", Dictionary(P=pdf.make_stream(b"run", Subtype=Name.PS, Level1=String(EVIL)))),
    "file-elsewhere": lambda pdf: link(pdf).update(Dictionary(Subtype=Name.FileAttachment, FS=Dictionary(F=String(EVIL)))),
}  # fmt: skip


@pytest.mark.parametrize("stray", STRAYS)
def test_what_acts_where_no_action_belongs_is_left_out_and_said(stray: str) -> None:
    pdf = Pdf.open(BytesIO(plain()))
    STRAYS[stray](pdf)
    before = saved(pdf)
    joined = merge([MergePart(before, "Letter")], "Pack")
    assert EVIL.encode() not in objects(joined.pdf)
    assert joined.left_out
    assert list(audit.active.active_content_issues(joined.pdf)) == []
    assert list(audit.active.active_content_issues(before))
    assert first_difference(before, joined.pdf, 1) is None


def test_what_is_called_like_an_action_or_a_file_stays() -> None:
    pdf = Pdf.open(BytesIO(plain()))
    drawing(pdf, AA=Dictionary(Font=Dictionary(S=Name.Transparency)))
    file = pdf.make_stream(b"words", Type=Name.EmbeddedFile)
    link(pdf).update(
        Dictionary(Subtype=Name.FileAttachment, F=4, FS=Dictionary(F=String("x.txt"), EF=Dictionary(F=file)))
    )
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, RoleMap=Dictionary(Launch=Name.P)))
    element = Dictionary(Type=Name.StructElem, S=Name.Launch, P=tree, A=Dictionary(O=Name.Layout, SpaceAfter=3))
    tree.K = Array([pdf.make_indirect(element)])
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = tree, Dictionary(Marked=True)
    joined = merge([MergePart(saved(pdf), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    assert list(audit.active.active_content_issues(joined.pdf)) == []
    said = objects(joined.pdf)
    assert all(word in said for word in (b"/AA", b"x.txt", b"/Launch", b"/SpaceAfter"))


@pytest.mark.parametrize("address", ["http:", "https:\\\\", "http://\n", "mailto: ", "tel: "])
def test_half_an_address_is_left_out_and_its_letter_packed(address: str) -> None:
    before = letter("link", Dictionary(S=Name.URI, URI=String(f"{address}{EVIL}")))
    joined = merge([MergePart(before, "Letter")], "Pack")
    assert joined.left_out == {"/URI"}
    assert first_difference(before, joined.pdf, 1) is None


@pytest.mark.parametrize(
    "action",
    [
        Dictionary(S=Name.URI, URI=String("https://sygehus.example/kort?a=1")),
        Dictionary(S=Name.URI, URI=String("HTTP://sygehus.example")),
        Dictionary(S=Name.URI, URI=String("mailto:a@sygehus.example")),
        Dictionary(S=Name.URI, URI=String("tel:+4512345678")),
        Dictionary(S=Name.Named, N=Name.NextPage),
        Dictionary(S=Name.GoTo, D=Array([0, Name.Fit])),
        Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=Dictionary(S=Name.URI, URI=String("https://a.example"))),
    ],
    ids=lambda action: str(action.S),
)
@pytest.mark.parametrize("place", ["link", "bookmark", "button"])
def test_what_a_click_may_do_stays(place: str, action: Dictionary) -> None:
    joined = merge([MergePart(letter(place, action), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    said = objects(joined.pdf)
    for value in action.values():
        if isinstance(value, Name | String):
            assert bytes(value) if isinstance(value, String) else str(value).encode() in said


def test_a_place_may_be_shown_at_opening_and_an_address_not() -> None:
    place = Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]))
    joined = merge([MergePart(letter("when-opened", place), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    assert Name.GoTo == Pdf.open(BytesIO(joined.pdf)).Root.OpenAction.S
    for action in KINDS["JavaScript"](), address("https://")(), Dictionary(S=Name.Named, N=Name.NextPage):
        assert merge([MergePart(letter("when-opened", action), "Letter")], "Pack").left_out


def test_a_web_address_without_a_scheme_gets_the_one_that_browsers_take() -> None:
    action = Dictionary(S=Name.URI, URI=String("www.sygehus.example"))
    joined = merge([MergePart(letter("link", action), "Letter")], "Pack")
    assert b"(http://www.sygehus.example)" in objects(joined.pdf)


@pytest.mark.parametrize("kind", ["Screen", "RichMedia", "3D", "Sound", "Movie"])
@pytest.mark.parametrize("looks", [True, False])
def test_of_what_plays_only_the_looks_stay(kind: str, looks: bool) -> None:
    pdf = Pdf.open(BytesIO(plain()))
    annotation = link(pdf)
    annotation.Subtype = Name(f"/{kind}")
    for key in ("/3DD", "/RichMediaContent", "/RichMediaSettings", "/Movie", "/Sound"):
        annotation[key] = Dictionary(OnInstantiate=pdf.make_stream(EVIL.encode()), F=String(EVIL))
    annotation.A = Dictionary(S=Name.Rendition, JS=String(EVIL))
    if looks:
        annotation.AP = Dictionary(N=pdf.make_stream(b"0 0 9 9 re f", Type=Name.XObject, BBox=Array([0, 0, 9, 9])))
    joined = merge([MergePart(saved(pdf), "Letter")], "Pack")
    assert f"/{kind}" in joined.left_out
    assert EVIL.encode() not in objects(joined.pdf)
    opened = Pdf.open(BytesIO(joined.pdf))
    stamp = opened.pages[0].obj.Annots[0]
    assert stamp.Subtype == Name.Stamp
    assert ("/AP" in stamp) == looks
    assert ("/F" in stamp) != looks


def test_a_resource_may_be_called_as_an_action_is() -> None:
    pdf = Pdf.open(BytesIO(plain()))
    fonts = pdf.pages[0].Resources.Font
    for name in ("/AA", "/A", "/OpenAction", "/JavaScript", "/PA", "/Next"):
        fonts[name] = fonts.F1
    joined = merge([MergePart(saved(pdf), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    opened = Pdf.open(BytesIO(joined.pdf))
    assert len(opened.pages[0].Resources.Font.keys()) == 7


def test_leaflets_do_nothing_by_themselves() -> None:
    assert actions.find_actions(pdf_objects.open_pdf(good())) == set()


@pytest.mark.parametrize(
    ("base", "link", "leads_to"),
    [
        ("https://a.example/da/", "kontakt.html", "https://a.example/da/kontakt.html"),
        ("https://a.example/da/x.html", "../y", "https://a.example/y"),
        ("https://a.example", "?q=1", "https://a.example?q=1"),
        ("https://a.example/da/", "https://b.example/", "https://b.example/"),
        ("https://a.example/da/", "mailto:a@b.example", "mailto:a@b.example"),
        ("", "\ufeffhttps://å.example/kort", "https://%C3%A5.example/kort"),
        ("https://a.example/da/", "javascript:alert(1)", None),
        ("file:///c:/", "x.exe", None),
        ("javascript:", "alert(1)", None),
        ("", "kontakt.html", None),
        ("", "\ufeffjavascript:alert(1)", None),
    ],
)
def test_addresses_lead_to_where_viewers_go(base: str, link: str, leads_to: str | None) -> None:
    pdf = Pdf.open(BytesIO(letter("link", Dictionary(S=Name.URI, URI=String(link.encode("utf-16-be") if link[0] == "\ufeff" else link)))))  # fmt: skip
    pdf.Root.URI = Dictionary(Base=String(base))
    joined = merge([MergePart(saved(pdf), "Letter")], "Pack")
    opened = Pdf.open(BytesIO(joined.pdf))
    annotation = opened.pages[0].obj.Annots[0]
    assert (str(annotation.A.URI) if "/A" in annotation else None) == leads_to
    assert joined.left_out == (frozenset() if leads_to else {"/URI"})
