"""What the catalogue says of each leaflet: what there is to find, its state, and the PDFs that stand in the output folder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pdfkit_cli.content import search, translations
from pdfkit_cli.content.loader import LeafletEntry, Library
from pdfkit_cli.content.models import Appointments, Format, Status, Variant, format_order
from pdfkit_cli.output.manifest import ManifestEntry


@dataclass(frozen=True, slots=True)
class CataloguePdf:
    """One PDF to choose, as the manifest has it: what stands on its paper, whatever the library says by now."""

    path: str
    clinic: str
    language: str
    variant: str
    format: str
    version: str
    draft: bool
    pages: int


@dataclass(frozen=True, slots=True)
class CatalogueCard:
    """A leaflet; `files` are empty where it may not be handed out. Dates as year-month-day, or empty."""

    entry: search.SearchEntry
    source_language: str
    version: str
    reviewed: str
    review_by: str
    withdrawn: bool
    successor: str
    labels: Mapping[str, tuple[str, ...]]
    """By language: unreviewed, stale."""

    files: tuple[CataloguePdf, ...]

    def cover(self, language: str) -> CataloguePdf | None:
        """Return the PDF whose first page stands for the leaflet: in that language where there is one, on A4 where there is one."""

        def rank(file: CataloguePdf) -> tuple[bool, bool, bool]:
            return file.language != language, file.language != self.source_language, file.variant != Variant.FULL

        return min(self.files, key=rank, default=None)


def catalogue_cards(
    library: Library,
    appointments: Appointments,
    files: Mapping[str, ManifestEntry],
    formats: Mapping[str, Format],
) -> tuple[CatalogueCard, ...]:
    """Return a card for each leaflet that is in the library or has PDFs in the output folder.

    One whose source cannot be read at the moment has the titles that stand on its PDFs.
    """
    published: dict[str, list[CataloguePdf]] = {}
    for path, entry in files.items():
        published.setdefault(entry.leaflet, []).append(_catalogue_pdf(path, entry))
    for found in published.values():
        found.sort(key=lambda file: (file.clinic, file.language, format_order(formats, file.format), file.variant))
    known = {entry.leaflet: entry for entry in search.search_entries(library, appointments)}
    missing = {name: _published_only_entry(name, files.values()) for name in published if name not in known}
    return tuple(
        _card(entry, library.leaflets.get(name), published.get(name, []))
        for name, entry in sorted((known | missing).items())
        if name in published or not entry.in_use
    )


def cards_of_clinic(found: Iterable[CatalogueCard], clinic: str) -> tuple[CatalogueCard, ...]:
    """Return the cards of what one clinic hands out, with its PDFs alone."""
    return tuple(
        one
        for card in found
        if clinic in card.entry.clinics
        for one in [_card_of_clinic(card, clinic)]
        if one.files or not one.entry.in_use
    )


def _card_of_clinic(card: CatalogueCard, clinic: str) -> CatalogueCard:
    codes = tuple(code for code in card.entry.codes if code[0] == clinic)
    files = tuple(file for file in card.files if file.clinic == clinic)
    return replace(card, entry=replace(card.entry, clinics=frozenset({clinic}), codes=codes), files=files)


def _card(entry: search.SearchEntry, leaflet: LeafletEntry | None, published: list[CataloguePdf]) -> CatalogueCard:
    files = tuple(published) if entry.in_use else ()
    if leaflet is None:
        return CatalogueCard(entry, files[0].language, files[0].version, "", "", False, "", {}, files)
    model = leaflet.model
    return CatalogueCard(
        entry,
        model.source_language,
        model.version,
        str(model.reviewed or ""),
        str(model.review_by or ""),
        model.status is Status.WITHDRAWN,
        model.superseded_by or "",
        {language: labels for language in sorted(leaflet.translations) if (labels := _labels(leaflet, language))},
        files,
    )


def _labels(leaflet: LeafletEntry, language: str) -> tuple[str, ...]:
    reviewed = leaflet.translations[language].front_matter.translation == "reviewed"
    unreviewed = language != leaflet.model.source_language and not reviewed
    said = (("unreviewed", unreviewed), ("stale", bool(translations.stale_segments(leaflet, language))))
    return tuple(label for label, holds in said if holds)


def _catalogue_pdf(path: str, entry: ManifestEntry) -> CataloguePdf:
    draft = entry.status == Status.DRAFT
    return CataloguePdf(
        path, entry.clinic, entry.language, entry.variant, entry.format, entry.version, draft, entry.pages
    )


def _published_only_entry(name: str, files: Iterable[ManifestEntry]) -> search.SearchEntry:
    own = [entry for entry in files if entry.leaflet == name]
    texts = {entry.language: search.SearchText(entry.language, entry.title, "") for entry in own}
    return search.SearchEntry(name, own[0].id, tuple(texts.values()), frozenset(entry.clinic for entry in own))
