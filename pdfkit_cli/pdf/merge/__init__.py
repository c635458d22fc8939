"""Merges PDFs into one that keeps the content of every part: tags, languages, outlines, links, forms, attachments, appearance.

    from pdfkit_cli.pdf.merge import MergePart, merge
    pack = merge([MergePart(letter, "Letter"), MergePart(leaflet, "Nerve root block", "en")], title="Your appointment")

Each part keeps its own structure tree, inside a Part element with its own title and language.
The result claims PDF/UA and PDF/A if every part claims them. Active content, such as scripts, is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pikepdf import Array, Dictionary, Name, Page, Pdf, String

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf import objects
from pdfkit_cli.pdf.geometry import intersect, normalize
from pdfkit_cli.pdf.merge import colours, conformance, dates, writer
from pdfkit_cli.pdf.merge.acroform import AcroForm
from pdfkit_cli.pdf.merge.actions import ActionRemover
from pdfkit_cli.pdf.merge.conformance import Conformance
from pdfkit_cli.pdf.merge.outlines import DocumentNavigation
from pdfkit_cli.pdf.merge.sharing import Deduplicator
from pdfkit_cli.pdf.merge.source import SourcePart
from pdfkit_cli.pdf.merge.structure import MergedStructure, is_tagged
from pdfkit_cli.pdf.objects import PDF_ERRORS, array_items, as_number, as_text, entry, name_entry, rectangle
from pdfkit_cli.system import fault_log

__all__ = ["PRODUCER", "MergeError", "MergePart", "MergedPdf", "merge", "write_merged"]

PRODUCER = "pdfkit"

_KEPT_PREFERENCES = ("/Direction", "/PrintScaling")
"""Viewer preferences that are taken from the first part; page ranges, copies and duplex printing are not."""

_BOXES = ("/MediaBox", "/CropBox", "/TrimBox", "/Rotate", "/UserUnit")


class MergeError(PdfkitError):
    """A part cannot be merged."""


@dataclass(frozen=True, slots=True)
class MergePart:
    """One PDF to merge: its bytes, the title of its bookmark, and its language, for a PDF that does not declare one.

    `information` of the first part becomes that of the pack; its keys are those of an information dictionary: Author, Keywords, Title.
    """

    pdf: bytes
    title: str
    language: str = ""
    information: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergedPdf:
    """The pack: its bytes; the first page of each part (from 0) and one past the last; whether it is fully tagged; what was left out.

    `sizes` are width and height of the visible part of each page in points, before rotation.
    """

    pdf: bytes
    starts: tuple[int, ...]
    tagged: bool
    claims: Conformance
    left_out: frozenset[str]
    sizes: tuple[tuple[float, float], ...]


def merge(parts: Sequence[MergePart], title: str, *, front_sides: bool = False) -> MergedPdf:
    """Merge PDFs in the given order.
    With `front_sides` each part begins on a front side: one with an odd number of pages gets a blank page.

    Raises MergeError if a part cannot be read, or has no pages.
    A part that opens without a password loses its encryption, and a signed one its signature: the caller has to refuse these.
    """
    merger = _Merger()
    for part in parts:
        try:
            merger.add(part, front_sides)
        except PDF_ERRORS as error:
            raise MergeError(f"“{part.title}” cannot be read as a PDF", fault=fault_log.capture_fault(error)) from None
    try:
        information = parts[0].information
        return merger.finish(information.get("Title", title), front_sides, information)
    except PDF_ERRORS as error:
        raise MergeError("the parts cannot be written as one PDF", fault=fault_log.capture_fault(error)) from None


class _Merger:
    def __init__(self) -> None:
        self._pdf = Pdf.new()
        self._structure, self._form = MergedStructure(self._pdf), AcroForm(self._pdf)
        self._navigation = DocumentNavigation(self._pdf)
        self._sharing = Deduplicator()
        self._pages: list[Any] = []
        self._sources: list[SourcePart] = []  # qpdf reads their streams when the pack is written
        self._starts: list[int] = []
        self._claims: list[Conformance] = []
        self._intents: list[Any] = []
        self._layers: list[Any] = []
        self._languages: list[str] = []
        self._dates: list[datetime] = []
        self._left_out: set[str] = set()

    def add(self, part: MergePart, front_sides: bool) -> None:
        pdf = objects.open_pdf(part.pdf)
        source = SourcePart(pdf, self._pdf, list(pdf.pages), is_tagged(pdf.Root))
        if not source.pages:
            raise MergeError(f"“{part.title}” has no pages")
        called = self._navigation.renaming(source, len(self._sources))
        cleaner = ActionRemover(pdf, called.target)
        cleaner.clean(source.pages)
        first, start = len(self._pdf.objects) + 1, len(self._pages)
        self._pages += [self._copied_page(source, page) for page in source.pages]
        language = as_text(entry(pdf.Root, "/Lang")) or part.language
        self._navigation.add(source, called, part.title, self._pages[start], start)
        self._form.add(source, len(self._sources))
        if source.tagged:
            self._left_out |= self._structure.add(source, part.title, language, first)
        else:
            self._structure.number(source, first)
        self._note_claims(source, language, self._pages[start])
        for page in self._pages[start:]:
            self._sharing.share(page)
        if objects.has_missing_objects(pdf, part.pdf):
            raise MergeError(f"“{part.title}” is damaged: something that its pages need is missing")
        self._sources.append(source)
        self._starts.append(start)
        self._left_out |= cleaner.left_out | _unsupported_features(pdf.Root)
        if front_sides and len(source.pages) % 2:
            self._pages.append(self._blank_page(self._pages[-1]))

    def _copied_page(self, source: SourcePart, page: Page) -> Any:
        copied = source.copied(page.obj)
        copied.Parent = self._pdf.Root.Pages
        return copied

    def _blank_page(self, like: Any) -> Any:
        """Return an empty page of the same size as another; it needs no tags."""
        blank = Dictionary(Type=Name.Page, Resources=Dictionary(), Parent=self._pdf.Root.Pages)
        for key in _BOXES:
            if (value := entry(like, key)) is not None:
                blank[key] = value
        return self._pdf.make_indirect(blank)

    def _note_claims(self, source: SourcePart, language: str, first: Any) -> None:
        """Note the claims of a part; its metadata move to its first page, unless this has its own (ISO 32000-1, 14.3.2)."""
        root = source.root
        metadata = entry(root, "/Metadata")
        claimed = conformance.read_conformance(objects.stream_data(metadata))
        self._claims.append(claimed if source.tagged or claimed.level != "A" else Conformance())
        if metadata is not None and entry(first, "/Metadata") is None:
            first.Metadata = source.copied(metadata)
        self._languages.append(language)
        self._dates += dates.read_dates(source.pdf.trailer)
        self._intents.append(source.copied(entry(root, "/OutputIntents")))
        if isinstance(layers := entry(root, "/OCProperties"), Dictionary):
            self._layers.append(source.copied(layers))

    def finish(self, title: str, front_sides: bool, information: Mapping[str, str]) -> MergedPdf:
        tagged = all(source.tagged for source in self._sources)
        common = conformance.common_conformance(self._claims)
        if common.archive and not colours.same_colour_space(self._intents):
            common = Conformance(common.ua)
        if not tagged:
            common = Conformance(0, common.archive, common.level)
        catalog = self._pdf.Root
        catalog.Pages.Kids, catalog.Pages.Count = Array(self._pages), len(self._pages)
        if language := self._languages[0]:
            catalog.Lang = String(language)
        self._navigation.finish(catalog)
        self._form.finish(catalog)
        if self._structure.parts:
            self._structure.finish(catalog)
            catalog.MarkInfo = Dictionary(Marked=True)
            if not tagged:
                catalog.MarkInfo.Suspects = True  # a part has no tags, so the structure tree is incomplete
        self._set_preferences(catalog, front_sides)
        if intents := [intent for intent in self._intents if array_items(intent)]:
            catalog.OutputIntents = intents[0]
        self._add_layers(catalog)
        changed = max(self._dates, default=None)
        entries = {**information, "Title": title, "Producer": PRODUCER} | dates.information_date(changed)
        metadata = conformance.write_xmp(common, title, language, PRODUCER, dates.xmp_date(changed), information)
        catalog.Metadata = self._pdf.make_stream(metadata, Type=Name.Metadata, Subtype=Name.XML)
        info = Dictionary({f"/{key}": String(value) for key, value in entries.items()})
        self._pdf.trailer.Info = self._pdf.make_indirect(info)
        sizes, starts = tuple(map(_page_size, self._pages)), (*self._starts, len(self._pages))
        return MergedPdf(write_merged(self._pdf, common), starts, tagged, common, frozenset(self._left_out), sizes)

    def _set_preferences(self, catalog: Any, front_sides: bool) -> None:
        """Set how the pack is shown, as in its first part, and printed: completely, once and, with front sides, on both sides."""
        first = self._sources[0]
        preferences = Dictionary(DisplayDocTitle=True)
        for key in _KEPT_PREFERENCES:
            if name_entry(preferred := entry(first.root, "/ViewerPreferences"), key):
                preferences[key] = objects.direct_copy(entry(preferred, key))
        if front_sides:
            preferences.Duplex = Name.DuplexFlipLongEdge
        catalog.ViewerPreferences = preferences
        if (opening := entry(first.root, "/OpenAction")) is not None:
            catalog.OpenAction = first.copied(opening)

    def _add_layers(self, catalog: Any) -> None:
        """Merge the layers of all parts; the first part's settings apply to the pack (ISO 32000-1, 8.11.4)."""
        if not self._layers:
            return
        merged = self._layers[0]
        for other in self._layers[1:]:
            _extend(merged, other, "/OCGs")
            if isinstance(entry(merged, "/D"), Dictionary):
                _set_layer_states(entry(merged, "/D"), other)
            for key in ("/ON", "/OFF", "/Order", "/Locked", "/RBGroups", "/AS"):
                _extend(entry(merged, "/D"), entry(other, "/D"), key)
        catalog.OCProperties = merged


def write_merged(pdf: Pdf, claimed: Conformance) -> bytes:
    """Return a PDF as a file that conforms to what it claims.

    PDF/A-1 allows no object streams (ISO 19005-1, 6.1.4).
    PDF/A-4 is PDF 2.0 and has no information dictionary (ISO 19005-4, 6.1.2 and 6.1.3).
    """
    if claimed.archive == 4 and "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    return writer.write_pdf(pdf, packed=claimed.archive != 1, version="2.0" if claimed.archive == 4 else "1.7")


def _unsupported_features(root: Any) -> set[str]:
    """Return the features of a part that a pack cannot keep: XFA data, a portfolio, articles, usage rights."""
    found = {key for key in ("/Collection", "/Threads", "/Perms") if entry(root, key)}
    return found | ({"/XFA"} if entry(entry(root, "/AcroForm"), "/XFA") is not None else set())


def _page_size(page: Any) -> tuple[float, float]:
    """Return width and height of the visible part of a page, in points."""
    unit, paper = as_number(entry(page, "/UserUnit")) or 1.0, rectangle(entry(page, "/MediaBox"))
    if not paper:
        return 0.0, 0.0
    paper = normalize(paper)
    left, low, right, high = intersect(paper, normalize(rectangle(entry(page, "/CropBox")) or paper))
    if left >= right or low >= high:
        left, low, right, high = paper
    return (right - left) * unit, (high - low) * unit


def _set_layer_states(settings: Any, other: Any) -> None:
    """List the visible or hidden layers of a part whose default (BaseState) differs from that of the first part."""
    base, own = (name_entry(one, "/BaseState") or "/ON" for one in (settings, entry(other, "/D")))
    if own == base or own not in ("/ON", "/OFF"):
        return
    exceptions = array_items(entry(entry(other, "/D"), "/OFF" if own == "/ON" else "/ON"))
    listed = {layer.objgen for layer in exceptions if isinstance(layer, Dictionary)}
    layers = [layer for layer in array_items(entry(other, "/OCGs")) if isinstance(layer, Dictionary)]
    more = [layer for layer in layers if layer.objgen not in listed]
    settings[own] = Array([*array_items(entry(settings, own)), *more])


def _extend(target: Any, other: Any, key: str) -> None:
    if isinstance(target, Dictionary) and array_items(entry(other, key)):
        target[key] = Array([*array_items(entry(target, key)), *array_items(entry(other, key))])
