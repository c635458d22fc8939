"""What WeasyPrint tags wrong, mended on the pydyf objects of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13).

docs/conformance.md lists the faults; a test asks of each whether WeasyPrint still has it. The structure elements are read into a
tree, the tree is settled from the root down, and written back: elements that are left over become empty objects, since pydyf cannot leave a
number out.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf import origins
from pdfkit_cli.pdf.origins import CALL, MARKER, Notes, Origin

PIXEL: Final = 0.75
"""Points in a CSS pixel."""

KINDS: Final = {"em": "Em", "strong": "Strong"}
"""Structure types of HTML elements that WeasyPrint knows none for."""

ROLES: Final = {"Em": "Span", "Strong": "Span"}
"""Em and Strong are standard in PDF 2.0 only (ISO 32000-2); in PDF 1.7 the role map says what they are (ISO 32000-1, 14.8.4)."""

INLINE: Final = {"Span", "Em", "Strong", "Link", "Reference", "Note"}
GROUPS: Final = {
    "Document",
    "Part",
    "Art",
    "Sect",
    "Div",
    "BlockQuote",
    "L",
    "LI",
    "Table",
    "THead",
    "TBody",
    "TFoot",
    "TR",
}
"""Types that hold other elements, not text (ISO 32000-1, 14.8.4.2)."""

KEPT_EMPTY: Final = {"TD", "TH"}
_ISOLATES: Final = dict.fromkeys(range(0x2066, 0x206A))
_UNSPACED: Final = ("-", "\u2010", "\u2013", "/", "\u00ad", "\u200b")

Mark = tuple[bytes, int]
"""The reference of a page, and a marked-content id on it."""


@dataclass(slots=True)
class _Node:
    """A structure element and what it holds: elements, marks, and references of annotations' objects."""

    element: Any
    kind: str
    origin: Origin | None
    kids: "list[_Node | Mark | bytes]" = field(default_factory=list)

    @property
    def lang(self) -> str:
        return self.origin.lang if self.origin else ""

    @property
    def key(self) -> tuple[int, str, str] | None:
        """What pieces of one HTML element, on several lines or pages, have in common."""
        return (self.origin.source, self.origin.tag, self.kind) if self.origin else None


def mend(pdf: pydyf.PDF) -> None:
    """Make the tags of one document, as WeasyPrint has just made it, what PDF/UA-1 asks for. Run it once, before anything is joined to it."""
    _Mending(pdf, origins.notes(pdf)).run()


def close(pdf: pydyf.PDF) -> None:
    """Write what belongs to the whole structure tree: the IDs in it, the types of our own.

    Raises ValueError where two elements have one ID.
    """
    elements = [item for item in pdf.objects if is_element(item)]
    root = pdf.objects[_number(pdf.catalog["StructTreeRoot"])]
    ids = {item["ID"].string: item for item in elements if "ID" in item}
    if len(ids) < sum("ID" in item for item in elements):
        raise ValueError("two structure elements have one ID")
    if ids:
        names = [part for name in sorted(ids) for part in (pydyf.String(name), ids[name].reference)]
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(names)})
    used = {item["S"].removeprefix("/") for item in elements}
    if used & ROLES.keys():
        root["RoleMap"] = pydyf.Dictionary({kind: f"/{ROLES[kind]}" for kind in sorted(used & ROLES.keys())})
    nums = pdf.objects[_number(root["ParentTree"])]["Nums"]
    root["ParentTreeNextKey"] = max(nums[::2], default=-1) + 1


def is_element(item: Any) -> bool:
    """Say whether an object is a structure element."""
    return isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"


def artifact(side: str | None) -> list[Any]:
    """Return how an artifact begins: page furniture with its side of the page ("" is neither), or None for what is none."""
    if side is None:
        return [b"/Artifact", b"BMC", b""]
    subtype = {"Subtype": f"/{side}"} if side else {}
    return [b"/Artifact", pydyf.Dictionary({"Type": "/Pagination"} | subtype), b"BDC"]


def shift(element: Any, x: float, y: float) -> None:
    """Move the box of an element whose content moves by `x` and `y` points."""
    if box := element.get("A", {}).get("BBox"):
        left, bottom, right, top = box
        element["A"]["BBox"] = pydyf.Array([left + x, bottom + y, right + x, top + y])


def points(box: Any, page: Any) -> pydyf.Array:
    """Return a box in points from the lower left corner, as PDF has it, of one in CSS pixels from the upper left."""
    left, top, right, bottom = (value * PIXEL for value in box)
    height = page["TrimBox"][3]
    return pydyf.Array([left, height - bottom, right, height - top])


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


class _Mending:
    """One document on its way from WeasyPrint's tags to ours."""

    def __init__(self, pdf: pydyf.PDF, notes: Notes) -> None:
        self._pdf, self._notes = pdf, notes
        self._root = pdf.objects[_number(pdf.catalog["StructTreeRoot"])]
        self._nums = pdf.objects[_number(self._root["ParentTree"])]["Nums"]
        self._pages = {reference: number for number, reference in enumerate(pdf.page_references)}
        self._calls = {origin.source for origin in notes.origins.values() if origin.tag.endswith(CALL)}
        self._footnotes: dict[int, _Node] = {}
        self._headers: dict[int, str] = {}
        self._aliases: dict[str, str] = {}
        self._footnotes_written = 0
        self._rows: dict[bytes, dict[int, bytes]] = {page: {} for page in self._pages}
        self._owners: dict[int, bytes] = {}
        self._written: set[int] = set()
        self._repeated: set[Mark] = set()

    def run(self) -> None:
        """Read, settle, write."""
        document = self._read(self._pdf.objects[_number(self._root["K"][0])])
        language = self._pdf.catalog["Lang"].string
        self._take_footnotes(document)
        self._settle(document, language)
        for footnote in self._footnotes.values():  # those whose call is nowhere: never lose a word
            document.kids.append(footnote)
            self._settle(footnote, language)
        self._write(document, None, language)
        for item in self._pdf.objects:
            if is_element(item) and item.number not in self._written:
                item.clear()
        self._write_parents()
        for page, reference in enumerate(self._pdf.page_references):
            self._mark_page(page, reference)

    # Reading.

    def _read(self, element: Any) -> _Node:
        node = _Node(element, element["S"][1:], self._notes.origins.get(element.number))
        for kid in element["K"]:
            if isinstance(kid, int):
                node.kids.append((element["Pg"], kid))
            elif is_element(item := self._pdf.objects[_number(kid)]):
                node.kids.append(self._read(item))
            else:
                node.kids.append(kid)
        node.kind = self._kind(node)
        if node.kind == "TH":
            self._name_header(node)
        return node

    def _kind(self, node: _Node) -> str:
        tag = node.origin.tag if node.origin else ""
        if tag.endswith(CALL):
            return "Reference"
        if tag.endswith(MARKER):
            return "Lbl"
        if node.origin and "::" not in tag and node.origin.source in self._calls:
            return "Note"
        if node.kind == "Div" and tag != "figure" and any(map(self._is_inline, node.kids)):
            return "P"
        if tag == "figure":
            return "Div"
        return KINDS.get(tag, node.kind)

    def _is_inline(self, kid: "_Node | Mark | bytes") -> bool:
        if isinstance(kid, tuple):
            return self._says_something(kid)
        if isinstance(kid, bytes):
            return False
        return any(map(self._is_inline, kid.kids)) if kid.kind == "NonStruct" or not kid.origin else kid.kind in INLINE

    def _says_something(self, mark: Mark) -> bool:
        text = self._notes.texts.get((self._pages[mark[0]], mark[1]))
        return text is None or bool(text.strip())

    # Settling.

    def _take_footnotes(self, node: _Node) -> None:
        """Take footnotes from the feet of the pages: each is read where it is called."""
        kept: list[_Node | Mark | bytes] = []
        for kid in node.kids:
            if isinstance(kid, _Node) and kid.kind == "Note" and kid.origin:
                self._footnotes.setdefault(kid.origin.source, _Node(kid.element, "Note", kid.origin)).kids += kid.kids
                continue
            if isinstance(kid, _Node):
                self._take_footnotes(kid)
            kept.append(kid)
        node.kids = kept

    def _settle(self, node: _Node, language: str) -> None:
        """Make a node's kids what they should be, and theirs."""
        language = node.lang or language
        kids = self._joined(node, self._flat(node, language))
        if node.kind in GROUPS:
            kids = self._blocks(node, kids)
        for kid in kids:
            if isinstance(kid, _Node):
                self._settle(kid, language)
        kept = [kid for kid in kids if not isinstance(kid, _Node) or kid.kids or kid.kind in KEPT_EMPTY]
        node.kids = list(self._spoken(kept))

    def _flat(self, node: _Node, language: str) -> "Iterator[_Node | Mark | bytes]":
        """Yield a node's kids, and in place of those that say nothing of their own what they hold."""
        for kid in node.kids:
            if not isinstance(kid, _Node):
                yield kid
            elif self._is_empty_talk(kid, node, language):
                yield from self._flat(kid, language)
            else:
                yield kid
                if (
                    kid.kind == "Reference"
                    and kid.origin
                    and (footnote := self._footnotes.pop(kid.origin.source, None))
                ):
                    yield footnote

    def _is_empty_talk(self, kid: _Node, node: _Node, language: str) -> bool:
        if kid.origin is None:  # a piece of text
            return kid.kind == "Span"
        if kid.kind == "NonStruct" or (kid.key == node.key):  # an anonymous box
            return True
        if kid.kind == "Span":
            return kid.lang == language
        return kid.kind == "Div" and kid.origin.tag != "figure"

    def _joined(self, node: _Node, kids: "Iterator[_Node | Mark | bytes]") -> "list[_Node | Mark | bytes]":
        """Put the pieces of one HTML element together, which stand on several lines or pages."""
        joined: list[_Node | Mark | bytes] = []
        known: dict[Any, _Node] = {}
        for kid in kids:
            last = joined[-1] if joined else None
            if not isinstance(kid, _Node):
                joined.append(kid)
            elif node.kind == "Table" and kid.key in known:
                self._join_rows(known[kid.key], kid)
            elif isinstance(last, _Node) and kid.key and kid.key == last.key:
                last.kids += kid.kids
            elif node.kind == "L" and kid.kind == "L" and isinstance(last, _Node) and last.kind == "LI":
                self._nest(last, kid)
            else:
                known[kid.key] = kid
                joined.append(kid)
        return joined

    def _join_rows(self, group: _Node, more: _Node) -> None:
        if group.kind == "TBody":
            group.kids += more.kids
            return
        self._repeated |= set(_marks(more))  # the header is printed on each page and read once

    def _nest(self, item: _Node, inner: _Node) -> None:
        """Hang a list into the item that it belongs to: WeasyPrint hangs it beside."""
        bodies = [kid for kid in item.kids if isinstance(kid, _Node) and kid.kind == "LBody"]
        (bodies[-1] if bodies else item).kids.append(inner)

    def _blocks(self, node: _Node, kids: "list[_Node | Mark | bytes]") -> "list[_Node | Mark | bytes]":
        """Leave no bare text in an element that only groups."""
        blocks: list[_Node | Mark | bytes] = []
        for kid in kids:
            if isinstance(kid, tuple):
                if not self._says_something(kid):
                    continue
                blocks.append(self._new("P", [kid]))
            else:
                blocks.append(kid)
        return blocks

    def _spoken(self, kids: "list[_Node | Mark | bytes]") -> "Iterator[_Node | Mark | bytes]":
        """Hold text that is painted in another order than it is read together in spans that say it in the order of reading."""
        for is_text, group in groupby(kids, lambda kid: isinstance(kid, tuple)):
            pieces = list(group)
            said = "".join(self._said(piece) for piece in pieces if isinstance(piece, tuple))
            if is_text and _right_to_left(said):
                span = self._new("Span", pieces)
                span.element["ActualText"] = pydyf.String(said)
                yield span
            else:
                yield from pieces

    def _said(self, mark: Mark) -> str:
        """Return what a mark says, and the space that WeasyPrint drops at the end of a line."""
        place = self._pages[mark[0]], mark[1]
        text = self._notes.texts.get(place, "")
        ends = place in self._notes.line_ends and not text.endswith((" ", *_UNSPACED))
        return text.translate(_ISOLATES) + " " * ends

    def _new(self, kind: str, kids: "list[_Node | Mark | bytes]") -> _Node:
        """Return a new element around marks."""
        page = next(kid[0] for kid in kids if isinstance(kid, tuple))
        element = pydyf.Dictionary({"Type": "/StructElem", "Pg": page})
        self._pdf.add_object(element)
        return _Node(element, kind, None, kids)

    # Writing.

    def _write(self, node: _Node, parent: Any, language: str) -> None:
        element = node.element
        self._written.add(element.number)
        element["S"] = f"/{node.kind}"
        if parent is not None:
            element["P"] = parent.reference
        if node.lang and node.lang != language:
            element["Lang"] = pydyf.String(node.lang)
        self._write_attributes(node)
        element["K"] = pydyf.Array()
        for kid in node.kids:
            if isinstance(kid, _Node):
                self._write(kid, element, node.lang or language)
                element["K"].append(kid.element.reference)
            elif isinstance(kid, bytes):
                annotation = self._pdf.objects[_number(self._pdf.objects[_number(kid)]["Obj"])]
                self._owners[annotation["StructParent"]] = element.reference
                element["K"].append(kid)
            else:
                page, mcid = kid
                self._rows[page][mcid] = element.reference
                element["K"].append(mcid if page == element["Pg"] else _reference_to(page, mcid))

    def _write_attributes(self, node: _Node) -> None:
        element = node.element
        if node.kind == "Figure" and "A" in element:
            page = self._pdf.objects[_number(element["Pg"])]
            element["A"]["BBox"] = points(element["A"]["BBox"], page)
        elif node.kind == "TH":
            row = node.origin is not None and node.origin.scope == "row"
            element["A"]["Scope"] = "/Row" if row else "/Column"
            element["ID"] = pydyf.String(self._aliases[element["ID"].string])
        elif node.kind == "TD" and "A" in element:
            if headers := [self._aliases[name.string] for name in element["A"].pop("Headers", ())]:
                element["A"]["Headers"] = pydyf.Array(map(pydyf.String, headers))
            if len(element["A"]) == 1:
                del element["A"]
        elif node.kind == "Note":
            self._footnotes_written += 1
            element["ID"] = pydyf.String(f"note{self._footnotes_written}")

    def _name_header(self, node: _Node) -> None:
        """Give a header cell an ID, the same for all pages that it is printed on."""
        assert node.origin
        name = self._headers.setdefault(node.origin.source, f"th{len(self._headers) + 1}")
        self._aliases[node.element["ID"].string] = name

    def _write_parents(self) -> None:
        for at in range(0, len(self._nums), 2):
            key, value = self._nums[at], self._nums[at + 1]
            if isinstance(value, list):
                row = self._rows[self._pdf.page_references[key]]
                value[:] = [row.get(mcid, b"null") for mcid in range(len(value))]
            else:
                self._nums[at + 1] = self._owners[key]

    def _mark_page(self, number: int, reference: bytes) -> None:
        """Make artifacts of the marks that no element has."""
        page = self._pdf.objects[_number(reference)]
        stream = self._pdf.objects[_number(page["Contents"])].stream
        row = self._rows[reference]
        for at, item in enumerate(stream):
            mcid = item.get("MCID") if isinstance(item, dict) else None
            if mcid is not None and mcid not in row:
                side = "" if (reference, mcid) in self._repeated else self._notes.furniture.get((number, mcid))
                stream[at - 1 : at + 2] = artifact(side)


def _marks(node: _Node) -> Iterator[Mark]:
    for kid in node.kids:
        if isinstance(kid, tuple):
            yield kid
        elif isinstance(kid, _Node):
            yield from _marks(kid)


def _reference_to(page: bytes, mcid: int) -> pydyf.Dictionary:
    return pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": mcid})


def _right_to_left(text: str) -> bool:
    """Say whether glyphs are painted in another order than they are read."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
