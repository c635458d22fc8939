"""What acts on the reader's machine leaves every pack, wherever it is and whatever it is called; what shows a place or opens an address stays."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.pdf import invariants
from pdfkit_cli.pdf.joining import Part, actions, join, reading
from tests.good import good
from tests.papers import plain, saved

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
        joined = join([Part(before, "Letter")], "Pack")
        assert EVIL.encode() not in objects(joined.pdf), kind
        assert list(invariants.active.faults(joined.pdf)) == [], kind
        if kind != "in-a-place":
            assert joined.left_out, kind
            assert all(left.startswith("/") and EVIL not in left for left in joined.left_out)
            assert list(invariants.active.faults(before)), kind


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
    joined = join([Part(letter(place, action), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    said = objects(joined.pdf)
    for value in action.values():
        if isinstance(value, Name | String):
            assert bytes(value) if isinstance(value, String) else str(value).encode() in said


def test_a_place_may_be_shown_at_opening_and_an_address_not() -> None:
    place = Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]))
    joined = join([Part(letter("when-opened", place), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    assert Name.GoTo == Pdf.open(BytesIO(joined.pdf)).Root.OpenAction.S
    for action in KINDS["JavaScript"](), address("https://")(), Dictionary(S=Name.Named, N=Name.NextPage):
        assert join([Part(letter("when-opened", action), "Letter")], "Pack").left_out


def test_a_web_address_without_a_scheme_gets_the_one_that_browsers_take() -> None:
    action = Dictionary(S=Name.URI, URI=String("www.sygehus.example"))
    joined = join([Part(letter("link", action), "Letter")], "Pack")
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
    joined = join([Part(saved(pdf), "Letter")], "Pack")
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
    joined = join([Part(saved(pdf), "Letter")], "Pack")
    assert joined.left_out == frozenset()
    opened = Pdf.open(BytesIO(joined.pdf))
    assert len(opened.pages[0].Resources.Font.keys()) == 7


def test_leaflets_do_nothing_by_themselves() -> None:
    assert actions.found(reading.opened(good())) == set()


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
    joined = join([Part(saved(pdf), "Letter")], "Pack")
    opened = Pdf.open(BytesIO(joined.pdf))
    annotation = opened.pages[0].obj.Annots[0]
    assert (str(annotation.A.URI) if "/A" in annotation else None) == leads_to
    assert joined.left_out == (frozenset() if leads_to else {"/URI"})
