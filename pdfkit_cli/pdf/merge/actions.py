"""Removes active content, and redirects the links of a part.

An action is recognized by its place (ISO 32000-1, table 194 and 12.6), never by its name: /A and /PA of an annotation,
a field or a bookmark, /AA of those, of a page and of the catalog, /OpenAction, the chain in /Next, and the scripts of
the name dictionary. Actions that only show another place are kept; all others are removed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, String

from pdfkit_cli.pdf.merge import misplaced_actions
from pdfkit_cli.pdf.objects import MAX_DEPTH, array_items, as_bytes, as_list, entry, name_entry
from pdfkit_cli.pdf.tree_walk import VisitedObjects, outline_siblings

ACTION_TYPES = {
    "/GoTo", "/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/URI", "/Sound", "/Movie", "/Hide", "/Named", "/SubmitForm", "/ResetForm",
    "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView", "/RichMediaExecute",
}  # fmt: skip
"""Action types of the standard; other names in a file are never quoted, since they may be patient data."""

ADDRESS = re.compile(rb"(?:https?://|mailto:|tel:)[^\s]", re.I)
"""Addresses that a link may open: the reader clicks it, and the browser, mail program or phone asks before it acts."""

NAMED_PAGES = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
"""Named actions that only turn pages (ISO 32000-1, table 211); others print, save or close."""

MEDIA_SUBTYPES = {"/Screen", "/RichMedia", "/3D", "/Sound", "/Movie"}
"""Annotations that play something. Only their appearance is kept."""

_KEPT = {"/Type", "/S", "/D", "/SD", "/N", "/URI", "/IsMap", "/Next"}
_LOOKS = {
    "/Type", "/Subtype", "/Rect", "/Contents", "/P", "/NM", "/M", "/F", "/AP", "/AS", "/Border", "/C", "/OC", "/StructParent", "/Lang", "/CA",
    "/ca", "/BM",
}  # fmt: skip
_SAFE = "%:/?#[]@!$&'()*+,;="
_HIDDEN = 2

ResolveTarget = Callable[[Any], Any]
"""Returns the destination in the pack for one of a part; None where it leads nowhere."""


@dataclass(slots=True)
class ActionRemover:
    """Removes active content from a PDF, in place, and collects its names in `left_out`; `target` redirects the
    remaining destinations.
    """

    pdf: Pdf
    target: ResolveTarget = lambda destination: destination
    left_out: set[str] = field(default_factory=set)
    _seen: VisitedObjects = field(default_factory=VisitedObjects)
    _fields_seen: VisitedObjects = field(default_factory=VisitedObjects)
    _base: bytes = b""

    def clean(self, pages: Iterable[Page]) -> None:
        """Clean the catalog, its outline and form, and the pages."""
        root = self.pdf.Root
        self._base = as_bytes(entry(entry(root, "/URI"), "/Base")) or b""
        self._clean_opening(root)
        self._drop_additional(root)
        if entry(entry(root, "/Names"), "/JavaScript") is not None:
            self._drop(root.Names, "/JavaScript")
        for page in pages:
            self._clean_page(page.obj)
        self._clean_fields(array_items(entry(entry(root, "/AcroForm"), "/Fields")))
        self._clean_outline(entry(entry(root, "/Outlines"), "/First"))
        self._clean_unreachable()

    def _clean_unreachable(self) -> None:
        """Clean annotations that are on no page, and remove actions in places that allow none."""
        may_act = False
        for value in list(self.pdf.objects):
            written = misplaced_actions.serialized(value)
            may_act = may_act or misplaced_actions.may_contain_action(value, written)
            if b"/Rect" in written and name_entry(value, "/Subtype"):
                self.annotation(value)
        if may_act:
            self.left_out |= misplaced_actions.remove_misplaced_actions(self.pdf)

    def annotation(self, annotation: Any) -> None:
        """Clean one annotation or field, and its parents."""
        for _ in range(MAX_DEPTH):
            if not isinstance(annotation, Dictionary) or not self._seen.add(annotation):
                return
            self._clean_holder(annotation)
            if name_entry(annotation, "/Subtype") in MEDIA_SUBTYPES:
                self._flatten_media(annotation)
            elif name_entry(annotation, "/Subtype") == "/FileAttachment" and _is_external(entry(annotation, "/FS")):
                self._drop(annotation, "/FS", "/FileAttachment")
            annotation = entry(annotation, "/Parent")

    def _clean_page(self, page: Object) -> None:
        self._drop_additional(page)
        for key in ("/PresSteps", "/B"):
            if key in page:
                self._drop(page, key, "/PresSteps" if key == "/PresSteps" else "/Threads")
        annotations = entry(page, "/Annots")
        for index, annotation in enumerate(array_items(annotations)):
            if isinstance(annotation, Dictionary) and not annotation.is_indirect:
                annotations[index] = annotation = self.pdf.make_indirect(annotation)
            self.annotation(annotation)

    def _clean_fields(self, waiting: list[Any]) -> None:
        while waiting:
            known = waiting.pop()
            if isinstance(known, Dictionary):
                self.annotation(known)
                waiting += array_items(entry(known, "/Kids")) if self._fields_seen.add(known) else []

    def _clean_outline(self, first: Any) -> None:
        waiting, seen = [first], VisitedObjects()
        while waiting:
            for item in outline_siblings(waiting.pop(), seen):
                self._clean_holder(item)
                waiting.append(entry(item, "/First"))

    def _clean_holder(self, holder: Any) -> None:
        """Clean the actions of an annotation, a field or a bookmark, and redirect its destination."""
        self._drop_additional(holder)
        for key in ("/A", "/PA"):
            action = entry(holder, key)
            if action is not None and not self._may_stay(action, clicked=True):
                self._drop(holder, key, _action_type(action))
        self._redirect(holder, "/Dest")

    def _clean_opening(self, root: Any) -> None:
        opening = entry(root, "/OpenAction")
        if isinstance(opening, Dictionary):
            if not self._may_stay(opening, clicked=False):
                self._drop(root, "/OpenAction", _action_type(opening))
        elif opening is not None:
            self._redirect(root, "/OpenAction")

    def _drop_additional(self, holder: Any) -> None:
        if entry(holder, "/AA") is not None:
            self._drop(holder, "/AA")

    def _drop(self, holder: Any, key: str, kind: str = "") -> None:
        del holder[key]
        self._report(kind or key)

    def _report(self, kind: str) -> None:
        if kind != "/GoTo":  # one that leads nowhere
            self.left_out.add(kind)

    def _may_stay(self, action: Any, *, clicked: bool, depth: int = 0) -> bool:
        """Return whether an action may stay; actions that follow it, and may not, are removed."""
        if not isinstance(action, Dictionary) or depth > MAX_DEPTH:
            return False
        match name_entry(action, "/S"):
            case "/GoTo":
                self._redirect(action, "/D")
                stays = entry(action, "/D") is not None or entry(action, "/SD") is not None
            case "/Named":
                stays = clicked and name_entry(action, "/N") in NAMED_PAGES
            case "/URI":
                stays = clicked and self._normalize_address(action)
            case _:
                return False
        for key in set(action.keys()) - _KEPT:
            del action[key]
        self._clean_chain(action, clicked, depth)
        return stays

    def _clean_chain(self, action: Any, clicked: bool, depth: int) -> None:
        following, stay = as_list(entry(action, "/Next")), []
        for inner in following:
            if self._may_stay(inner, clicked=clicked, depth=depth + 1):
                stay.append(inner)
            else:
                self._report(_action_type(inner))
        if len(stay) < len(following):
            if stay:
                action["/Next"] = Array(stay)
            else:
                del action["/Next"]

    def _normalize_address(self, action: Any) -> bool:
        address = entry(action, "/URI")
        if not isinstance(address, String):
            return False
        known = bytes(address).strip()
        if known.startswith((b"\xfe\xff", b"\xff\xfe")):  # must be ASCII (ISO 32000-1, table 206)
            known = quote(str(address).strip(), safe=_SAFE).encode()
        if self._base and not ADDRESS.match(known):
            known = urljoin(self._base.decode("latin-1"), known.decode("latin-1")).encode("latin-1")
        elif known[:4].lower() == b"www.":
            known = b"http://" + known  # as browsers do
        if known != bytes(address):
            action["/URI"] = String(known)
        return bool(ADDRESS.match(known))

    def _redirect(self, holder: Any, key: str) -> None:
        destination = entry(holder, key)
        if destination is None:
            return
        if isinstance(destination, Array) and not _is_page_destination(destination):
            self._drop(holder, key)
            return
        target = self.target(destination)
        if target is None:
            del holder[key]
        elif target is not destination:
            holder[key] = target

    def _flatten_media(self, annotation: Any) -> None:
        """Turn an annotation that plays something into a stamp; one without an appearance is hidden."""
        self.left_out.add(name_entry(annotation, "/Subtype"))
        for key in set(annotation.keys()) - _LOOKS:
            del annotation[key]
        annotation["/Subtype"] = Name.Stamp
        if entry(entry(annotation, "/AP"), "/N") is None:
            flags = entry(annotation, "/F")
            annotation["/F"] = (flags if isinstance(flags, int) else 0) | _HIDDEN


def _is_page_destination(destination: Array) -> bool:
    """Return whether an array is an explicit destination: it begins with a page, or with its number."""
    first = destination[0] if len(destination) else None
    return isinstance(first, int) or first is None or name_entry(first, "/Type") == "/Page"


def _is_external(file: Any) -> bool:
    """Return whether the data of a file are outside of the PDF (ISO 32000-1, 7.11.3)."""
    return file is not None and entry(file, "/EF") is None


def _action_type(action: Any) -> str:
    """Return the name of an action of the standard; /A for any other."""
    kind = name_entry(action, "/S")
    return kind if kind in ACTION_TYPES else "/A"


def find_actions(pdf: Pdf) -> set[str]:
    """Return the names, as in the standard, of the active content of a PDF. Removes it from the PDF in memory."""
    cleaner = ActionRemover(pdf)
    cleaner.clean(pdf.pages)
    return cleaner.left_out | {kind for value in pdf.objects for kind in misplaced_actions.actions_in(value)}
