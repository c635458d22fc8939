"""Repairs of WeasyPrint's tags, on the pydyf objects of a PDF that is not yet written (WeasyPrint 70, pydyf 0.13).

docs/conformance.md lists the faults; a test for each fails when WeasyPrint no longer has it.
The structure elements are read into a tree, which `structure_tree` normalizes, and written back.
Elements that are left over become empty objects, because pydyf cannot leave a number out.
"""

from collections.abc import Iterable
from typing import Any, Final

import pydyf

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.rendering import weasyprint_seams
from pdfkit_cli.rendering.postprocess.pydyf_objects import page_dictionaries, parent_tree_numbers, resolve
from pdfkit_cli.rendering.postprocess.structure_tree import NormalizationResult, StructureNode, normalize_tree
from pdfkit_cli.rendering.postprocess.tagging_record import MarkId

PIXEL: Final = 0.75
"""Points in a CSS pixel."""

ROLES: Final = {"Em": "Span", "Strong": "Span"}
"""Em and Strong are standard only in PDF 2.0 (ISO 32000-2); in PDF 1.7 the role map defines them (ISO 32000-1, 14.8.4)."""


class TagError(PdfkitError):
    """Something on a page cannot be tagged."""


def repair_tags(pdf: pydyf.PDF) -> None:
    """Make the tags of one document conform to PDF/UA-1. Call it once, before anything is joined to the document.

    Raises TagError if a link is outside the text.
    """
    repair = _TagRepair(pdf)
    document = repair.read()
    language = pdf.catalog["Lang"].string
    normalized = normalize_tree(document, weasyprint_seams.tagging_record(pdf), language)
    repair.write(document, None, language)
    repair.clear()
    repair.unlink(normalized.repeated_links)
    repair.write_parents()
    repair.mark(normalized)


def finalize_tags(pdf: pydyf.PDF) -> None:
    """Write the entries that depend on the complete structure tree: the IDs in it, the role map, the next key of the parent tree.

    Raises TagError if two elements have the same ID.
    """
    elements = [item for item in pdf.objects if is_element(item)]
    root = resolve(pdf, pdf.catalog["StructTreeRoot"])
    ids = {item["ID"].string: item for item in elements if "ID" in item}
    if len(ids) < sum("ID" in item for item in elements):
        raise TagError("two structure elements have the same ID", hint="this is a bug in pdfkit; please report it")
    if ids:
        names = [part for name in sorted(ids) for part in (pydyf.String(name), ids[name].reference)]
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(names)})
    if used := custom_roles(elements):
        root["RoleMap"] = role_map(used)
    root["ParentTreeNextKey"] = max(parent_tree_numbers(pdf)[::2], default=-1) + 1


def custom_roles(items: Iterable[Any]) -> frozenset[str]:
    """Return the custom structure types that are used."""
    return frozenset(item["S"].removeprefix("/") for item in items if is_element(item)).intersection(ROLES)


def role_map(used: Iterable[str]) -> pydyf.Dictionary:
    """Return the role map of custom structure types."""
    return pydyf.Dictionary({kind: f"/{ROLES[kind]}" for kind in sorted(used)})


def is_element(item: Any) -> bool:
    """Return whether an object is a structure element."""
    return isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"


def make_artifact(stream: list[Any], at: int, side: str | None) -> None:
    """Make an artifact of the marked content whose properties are at this index of a content stream.

    `side` is the side of the page that page furniture belongs to, empty for neither;
    None for content that is not furniture.
    """
    if side is None:
        start = [b"/Artifact", b"BMC", b""]
    else:
        subtype = {"Subtype": f"/{side}"} if side else {}
        start = [b"/Artifact", pydyf.Dictionary({"Type": "/Pagination"} | subtype), b"BDC"]
    stream[at - 1 : at + 2] = start


def shift_element(element: Any, x: float, y: float) -> None:
    """Move the box of an element by `x` and `y` points, with its content."""
    if box := element.get("A", {}).get("BBox"):
        left, bottom, right, top = box
        element["A"]["BBox"] = pydyf.Array([left + x, bottom + y, right + x, top + y])


def css_box_to_points(box: Any, page: Any) -> pydyf.Array:
    """Return a box in points from the lower left corner, for one in CSS pixels from the upper left."""
    left, top, right, bottom = (value * PIXEL for value in box)
    height = page["TrimBox"][3]
    return pydyf.Array([left, height - bottom, right, height - top])


class _TagRepair:
    """Reads and writes the tags of one document."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self._pdf, self._notes = pdf, weasyprint_seams.tagging_record(pdf)
        self._root = resolve(pdf, pdf.catalog["StructTreeRoot"])
        self._parents = parent_tree_numbers(pdf)
        self._pages: list[bytes] = list(pdf.page_references)
        self._page_numbers = {reference: number for number, reference in enumerate(self._pages)}
        self._headers: dict[int, str] = {}
        self._ids: dict[str, str] = {}
        self._footnotes = 0
        self._owners: dict[MarkId, bytes] = {}
        self._links: dict[int, bytes] = {}
        self._written: set[int] = set()

    def read(self) -> StructureNode:
        """Return the tree that WeasyPrint made."""
        return self._read(resolve(self._pdf, self._root["K"][0]))

    def _read(self, element: Any) -> StructureNode:
        node = StructureNode(element["S"][1:], self._notes.origins.get(element.number), element=element)
        for kid in element["K"]:
            if isinstance(kid, int):
                node.kids.append((self._page_numbers[element["Pg"]], kid))
            elif is_element(item := resolve(self._pdf, kid)):
                node.kids.append(self._read(item))
            else:
                node.kids.append(kid)
        if node.kind == "TH" and node.origin:  # one ID for all pages that repeat it
            name = self._headers.setdefault(node.origin.source, f"th{len(self._headers) + 1}")
            self._ids[element["ID"].string] = name
        return node

    def write(self, node: StructureNode, parent: Any, language: str) -> None:
        """Write a normalized node and its descendants."""
        element = node.element = node.element if node.element is not None else self._new(node)
        self._written.add(element.number)
        element["S"] = f"/{node.kind}"
        if parent is not None:
            element["P"] = parent.reference
        if node.lang and node.lang != language:
            element["Lang"] = pydyf.String(node.lang)
        if node.actual_text:
            element["ActualText"] = pydyf.String(node.actual_text)
        self._write_attributes(node)
        element["K"] = pydyf.Array()
        for kid in node.kids:
            if isinstance(kid, StructureNode):
                self.write(kid, element, node.lang or language)
                element["K"].append(kid.element.reference)
            elif isinstance(kid, bytes):
                annotation = resolve(self._pdf, resolve(self._pdf, kid)["Obj"])
                self._links[annotation["StructParent"]] = element.reference
                element["K"].append(kid)
            else:
                self._owners[kid] = element.reference
                element["K"].append(self._kid(element, kid))

    def _new(self, node: StructureNode) -> Any:
        page, _ = next(node.marks())
        element = pydyf.Dictionary({"Type": "/StructElem", "Pg": self._pages[page]})
        self._pdf.add_object(element)
        return element

    def _kid(self, element: Any, mark: MarkId) -> Any:
        page, mcid = self._pages[mark[0]], mark[1]
        return mcid if page == element["Pg"] else pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": mcid})

    def _write_attributes(self, node: StructureNode) -> None:
        element = node.element
        match node.kind:
            case "Figure":
                page = resolve(self._pdf, element["Pg"])
                element["A"]["BBox"] = css_box_to_points(element["A"]["BBox"], page)
            case "TH":
                row = node.origin is not None and node.origin.scope == "row"
                element["A"]["Scope"] = "/Row" if row else "/Column"
                element["ID"] = pydyf.String(self._ids[element["ID"].string])
            case "TD":
                headers = [self._ids[name.string] for name in element["A"].pop("Headers", ())]
                if headers:
                    element["A"]["Headers"] = pydyf.Array(map(pydyf.String, headers))
                if len(element["A"]) == 1:
                    del element["A"]
            case "Note":
                self._footnotes += 1
                element["ID"] = pydyf.String(f"note{self._footnotes}")

    def clear(self) -> None:
        """Empty the elements that were not written."""
        for item in self._pdf.objects:
            if is_element(item) and item.number not in self._written:
                item.clear()

    def unlink(self, references: Iterable[bytes]) -> None:
        """Remove links from their pages: their content has become an artifact."""
        for reference in references:
            place = resolve(self._pdf, reference)
            annotation = resolve(self._pdf, place["Obj"])
            page = resolve(self._pdf, place["Pg"])
            page["Annots"].remove(place["Obj"])
            if not page["Annots"]:
                del page["Annots"]
            at = self._parents.index(annotation["StructParent"])
            del self._parents[at : at + 2]
            place.clear()
            annotation.clear()

    def write_parents(self) -> None:
        """Write which element each mark and link belongs to."""
        for at in range(0, len(self._parents), 2):
            key, value = self._parents[at], self._parents[at + 1]
            if isinstance(value, list):  # a page's, whose key is its number
                value[:] = [self._owners.get((key, mcid), b"null") for mcid in range(len(value))]
            elif key in self._links:
                self._parents[at + 1] = self._links[key]
            else:
                raise TagError("a link is in the margin of a page", hint="only links in the text can be tagged")

    def mark(self, normalized: NormalizationResult) -> None:
        """Make artifacts of the marks that belong to no element, and end lines with the spaces that the text has there."""
        spaced = normalized.spaced - self._notes.turned
        for number, page in enumerate(page_dictionaries(self._pdf)):
            stream = resolve(self._pdf, page["Contents"]).stream
            spaces = _SpaceInserter(self._pdf, page)
            for at, item in enumerate(stream):
                spaces.follow(stream, at)
                mcid = item.get("MCID") if isinstance(item, dict) else None
                if mcid is None:
                    continue
                mark = number, mcid
                if mark not in self._owners:
                    make_artifact(stream, at, "" if mark in normalized.repeated else self._notes.furniture.get(mark))
                spaces.wanted = mark in spaced


class _SpaceInserter:
    """Ends lines of a page with a space, for readers that do not see lines (ISO 32000-1, 14.8.2.5)."""

    def __init__(self, pdf: pydyf.PDF, page: Any) -> None:
        self._pdf = pdf
        self._fonts = resolve(pdf, resolve(pdf, page["Resources"])["Font"])
        self._codes: dict[str, bytes | None] = {}
        self._font, self._shown = "", -1
        self.wanted = False

    def follow(self, stream: list[Any], at: int) -> None:
        """Process the next item of the content, and end the line where a mark ends."""
        item = stream[at]
        if not isinstance(item, bytes):
            return
        if item.endswith(b" Tf"):
            self._font = item[1 : item.index(b" ")].decode()
        elif item.endswith(b"] TJ"):
            self._shown = at
        elif item == b"EMC":
            if self.wanted and self._shown >= 0 and (code := self._code()):
                stream[self._shown] = b"%s<%s>] TJ" % (stream[self._shown][:-4], code)
            self.wanted, self._shown = False, -1

    def _code(self) -> bytes | None:
        """Return the code of the space in the current font; None if the page has none, and readers must see the line."""
        if self._font not in self._codes:
            font = resolve(self._pdf, self._fonts[self._font])
            lines = resolve(self._pdf, font["ToUnicode"]).stream
            self._codes[self._font] = next((line[1:5] for line in lines if line.endswith(b"> <0020>")), None)
        return self._codes[self._font]
