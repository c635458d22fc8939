"""Joins PDFs into one that keeps everything of every part: tags, languages, outlines, links, forms, attachments.

    from pdfkit_cli.pdf.joining import Part, join
    pack = join([Part(letter, "Letter"), Part(leaflet, "Nerve root block", "en")], title="Your appointment")

Works with pypdf alone, and knows nothing of leaflets. Each part keeps its own structure tree, below a Part of the new document with its own title and
language. PDF/UA and PDF/A are claimed where every part claims them.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pypdf import PdfReader
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

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.joining import claims, dates
from pdfkit_cli.pdf.joining.claims import Claims
from pdfkit_cli.pdf.joining.copying import (
    BROKEN,
    Copier,
    Objects,
    array,
    dictionary,
    entries,
    get,
    items,
    raw,
    resolve,
    text,
)
from pdfkit_cli.pdf.joining.forms import Form
from pdfkit_cli.pdf.joining.navigation import Navigation
from pdfkit_cli.pdf.joining.structure import Structure, is_tagged, keys_used
from pdfkit_cli.pdf.joining.trees import pages

PRODUCER = "pdfkit"


class JoinError(PdfkitError):
    """A part cannot be joined."""


@dataclass(frozen=True, slots=True)
class Part:
    """One PDF to join: its bytes, the words for its bookmark, its language where it does not say so itself."""

    pdf: bytes
    title: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The pack: its bytes; the first page of each part (from 0) and one past the last; whether all of it is tagged; what was left out.

    `sizes` are width and height of each page's sheet in points, before it is turned; 0 where it does not say so.
    """

    pdf: bytes
    starts: tuple[int, ...]
    tagged: bool
    claims: Claims
    left_out: frozenset[str]
    sizes: tuple[tuple[float, float], ...]


def join(parts: Sequence[Part], title: str, *, front_sides: bool = False) -> Joined:
    """Join PDFs in their order. With `front_sides` every part begins on a front side: an odd one gets a blank page behind it.

    Raises JoinError where a part cannot be read, or has no pages. A part that opens without a password comes out without encryption, and
    a signed one without its signature: they are the caller's to refuse.
    """
    joining = _Joining()
    for part in parts:
        try:
            joining.add(part, front_sides)
        except BROKEN as error:
            raise JoinError(f"“{part.title}” cannot be read as a PDF ({type(error).__name__})") from None
    try:
        return joining.finish(title)
    except BROKEN as error:
        raise JoinError(f"the parts cannot be written as one PDF ({type(error).__name__})") from None


class _Joining:
    def __init__(self) -> None:
        self._objects = Objects()
        self._catalog, self._pages = self._objects.reserve(), self._objects.reserve()
        self._structure = Structure(self._objects, self._objects.reserve(), self._objects.reserve())
        self._navigation, self._form = Navigation(self._objects), Form(self._objects)
        self._kids: list[IndirectObject] = []
        self._starts: list[int] = []
        self._tagged: list[bool] = []
        self._claims: list[Claims] = []
        self._intents: list[Any] = []
        self._layers: list[Any] = []
        self._languages: list[str] = []
        self._dates: list[datetime] = []
        self._viewer: Any = None
        self._opening: Any = None
        self._left_out: set[str] = set()

    def add(self, part: Part, front_sides: bool) -> None:
        reader = PdfReader(BytesIO(part.pdf))
        if reader.is_encrypted:
            reader.decrypt("")
        source = raw(reader.trailer, "/Root")
        catalog = resolve(source)
        found = list(pages(catalog))
        leaves = [(page, inherited) for page, inherited, is_page in found if is_page]
        if not leaves:
            raise JoinError(f"“{part.title}” has no pages")
        copier = Copier(reader, self._objects, self._structure.next_key)
        copier.tagged = is_tagged(catalog)
        self._structure.place(catalog, copier)
        number = len(self._starts)
        copier.renamed = self._navigation.renaming(catalog, number)
        copier.place(source, self._catalog)
        for node, _, is_page in found:
            if not is_page:
                copier.place(node, self._pages)
        places = [self._objects.reserve() for _ in leaves]
        for (page, _), place in zip(leaves, places, strict=True):
            copier.place(page, place)
        for (page, inherited), place in zip(leaves, places, strict=True):
            self._objects.put(place, self._page(copier, page, inherited))
        language = text(get(catalog, "/Lang")) or part.language
        self._starts.append(len(self._kids))
        self._navigation.add(catalog, copier, part.title, places[0], len(self._kids))
        self._form.add(catalog, copier, number)
        self._kids += places
        if copier.tagged:
            self._structure.add(catalog, copier, part.title, language)
            self._structure.next_key += keys_used(get(catalog, "/StructTreeRoot"), [page for page, _ in leaves])
        self._describe(reader, catalog, copier, language, places[0])
        if front_sides and len(leaves) % 2:
            self._kids.append(self._blank(places[-1]))
        self._left_out |= copier.left_out

    def _page(self, copier: Copier, page: Any, inherited: dict[str, Any]) -> DictionaryObject:
        whole = DictionaryObject()
        for key, value in (inherited | dict(entries(page))).items():
            if key != "/Parent":
                dict.__setitem__(whole, NameObject(key), value)
        copied: DictionaryObject = copier.copy(whole)
        copied[NameObject("/Type")], copied[NameObject("/Parent")] = NameObject("/Page"), self._pages
        return copied

    def _blank(self, like: IndirectObject) -> IndirectObject:
        """Return an empty page as large as another: nothing stands on it, so there is nothing to tag."""
        page = resolve(like)
        blank = dictionary(Type=NameObject("/Page"), Parent=self._pages, Resources=DictionaryObject())
        for key in ("/MediaBox", "/CropBox", "/TrimBox", "/Rotate", "/UserUnit"):
            if dict.get(page, key) is not None:
                blank[NameObject(key)] = dict.get(page, key)
        return self._objects.add(blank)

    def _describe(self, reader: PdfReader, catalog: Any, copier: Copier, language: str, first: IndirectObject) -> None:
        """Keep what the part says of itself; its metadata stay with its first page (ISO 32000-1, 14.3.2)."""
        metadata = get(catalog, "/Metadata")
        claimed = Claims()
        if isinstance(metadata, StreamObject):
            with suppress(*BROKEN):
                claimed = claims.read(metadata.get_data())
            resolve(first)[NameObject("/Metadata")] = copier.copy(raw(catalog, "/Metadata"))
        self._claims.append(claimed if copier.tagged or claimed.level != "A" else Claims())
        self._tagged.append(copier.tagged)
        self._languages.append(language)
        self._dates += dates.read(reader.trailer)
        self._intents.append(copier.copy(raw(catalog, "/OutputIntents")))
        if raw(catalog, "/OCProperties") is not None:
            self._layers.append(copier.copy(get(catalog, "/OCProperties")))
        opening = copier.copy(raw(catalog, "/OpenAction"))
        if raw(get(catalog, "/Names"), "/JavaScript") is not None:
            copier.left_out.add("/JavaScript")
        if self._viewer is None:
            self._viewer = copier.copy(get(catalog, "/ViewerPreferences") or DictionaryObject())
            self._opening = opening

    def finish(self, title: str) -> Joined:
        tagged = all(self._tagged)
        common = claims.common(self._claims)
        if common.archive and not self._one_intent():
            common = Claims(common.ua)
        if not tagged:
            common = Claims(0, common.archive, common.level)
        language = self._languages[0]
        catalog = dictionary(Type=NameObject("/Catalog"), Pages=self._pages)
        if language:
            catalog[NameObject("/Lang")] = TextStringObject(language)
        self._navigation.finish(catalog)
        self._form.finish(catalog)
        if self._structure.parts:
            self._structure.finish()
            catalog[NameObject("/StructTreeRoot")] = self._structure.root
            # Suspects: a part has no tags; the tree is right, and not all that there is.
            marks = dictionary(Marked=BooleanObject(True), Suspects=BooleanObject(not tagged))
            catalog[NameObject("/MarkInfo")] = marks
        self._viewer[NameObject("/DisplayDocTitle")] = BooleanObject(True)
        catalog[NameObject("/ViewerPreferences")] = self._viewer
        if resolve(self._opening) is not None:
            catalog[NameObject("/OpenAction")] = self._opening
        if intents := [intent for intent in self._intents if items(intent)]:
            catalog[NameObject("/OutputIntents")] = intents[0]
        self._add_layers(catalog)
        metadata = StreamObject()
        changed = max(self._dates, default=None)
        metadata._data = claims.write(common, title, language, PRODUCER, dates.xmp(changed))
        metadata.update(dictionary(Type=NameObject("/Metadata"), Subtype=NameObject("/XML")))
        catalog[NameObject("/Metadata")] = self._objects.add(metadata)
        self._objects.put(self._catalog, catalog)
        node = dictionary(Type=NameObject("/Pages"), Kids=array(*self._kids), Count=NumberObject(len(self._kids)))
        self._objects.put(self._pages, node)
        said = {"Title": title, "Producer": PRODUCER} | dates.information(changed)
        info = self._objects.add(dictionary(**{key: TextStringObject(value) for key, value in said.items()}))
        pdf = self._objects.write(self._catalog, info)
        starts, sizes = (*self._starts, len(self._kids)), tuple(map(_size, self._kids))
        return Joined(pdf, starts, tagged, common, frozenset(self._left_out), sizes)

    def _one_intent(self) -> bool:
        """Say whether all parts mean the same colours: identical profiles are one object here."""
        profiles = set()
        for intents in self._intents:
            found = {getattr(raw(intent, "/DestOutputProfile"), "idnum", None) for intent in items(intents)}
            profiles |= found or {None}
        return len(profiles) == 1

    def _add_layers(self, catalog: DictionaryObject) -> None:
        """Put the layers of all parts together; the first part's settings come first (ISO 32000-1, 8.11.4)."""
        if not self._layers:
            return
        whole = self._layers[0]
        for other in self._layers[1:]:
            _extend(whole, other, "/OCGs")
            for key in ("/ON", "/OFF", "/Order", "/Locked", "/RBGroups", "/AS"):
                _extend(get(whole, "/D"), get(other, "/D"), key)
        catalog[NameObject("/OCProperties")] = whole


def _size(page: IndirectObject) -> tuple[float, float]:
    """Return width and height of a page in points; its box may begin at any corner."""
    unit, corners = (
        _number(get(page, "/UserUnit")) or 1.0,
        [_number(resolve(item)) for item in items(raw(page, "/MediaBox"))],
    )
    return (
        (abs(corners[2] - corners[0]) * unit, abs(corners[3] - corners[1]) * unit) if len(corners) == 4 else (0.0, 0.0)
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _extend(whole: Any, other: Any, key: str) -> None:
    if isinstance(whole, DictionaryObject) and items(raw(other, key)):
        whole[NameObject(key)] = ArrayObject([*items(raw(whole, key)), *items(raw(other, key))])
