"""What the catalogue says of each leaflet: what there is to find, its state, and the PDFs that stand in the output folder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pdfkit_cli import search, translations
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.manifest import Entry
from pdfkit_cli.models import Appointments, Status, Variant

ORDER = ("a4", "a4-large", "a5-booklet", "a5")
"""Formats in the order that one asks for them; any other comes behind."""


@dataclass(frozen=True, slots=True)
class File:
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
class Card:
    """A leaflet; `files` are empty where it may not be handed out. Dates as year-month-day, or empty."""

    entry: search.Entry
    source_language: str
    version: str
    reviewed: str
    review_by: str
    withdrawn: bool
    successor: str
    labels: Mapping[str, tuple[str, ...]]
    """By language: unreviewed, stale."""

    files: tuple[File, ...]

    def cover(self, language: str) -> File | None:
        """Return the PDF whose first page stands for the leaflet: in that language where there is one, on A4 where there is one."""

        def rank(file: File) -> tuple[bool, bool, bool]:
            return file.language != language, file.language != self.source_language, file.variant != Variant.FULL

        return min(self.files, key=rank, default=None)


def cards(catalogue: Catalogue, appointments: Appointments, files: Mapping[str, Entry]) -> tuple[Card, ...]:
    """Return a card for each leaflet that is in the library or has PDFs in the output folder.

    One whose source cannot be read at the moment has the titles that stand on its PDFs.
    """
    published: dict[str, list[File]] = {}
    for path, entry in files.items():
        published.setdefault(entry.leaflet, []).append(_file(path, entry))
    known = {entry.leaflet: entry for entry in search.entries(catalogue, appointments)}
    missing = {name: _only_published(name, files.values()) for name in published if name not in known}
    return tuple(
        _card(entry, catalogue.leaflets.get(name), published.get(name, []))
        for name, entry in sorted((known | missing).items())
        if name in published or not entry.in_use
    )


def of_clinic(found: Iterable[Card], clinic: str) -> tuple[Card, ...]:
    """Return the cards of what one clinic hands out, with its PDFs alone."""
    return tuple(
        one
        for card in found
        if clinic in card.entry.clinics
        for one in [_of(card, clinic)]
        if one.files or not one.entry.in_use
    )


def _of(card: Card, clinic: str) -> Card:
    codes = tuple(code for code in card.entry.codes if code[0] == clinic)
    files = tuple(file for file in card.files if file.clinic == clinic)
    return replace(card, entry=replace(card.entry, clinics=frozenset({clinic}), codes=codes), files=files)


def _card(entry: search.Entry, leaflet: LeafletEntry | None, published: list[File]) -> Card:
    files = tuple(sorted(published, key=_rank)) if entry.in_use else ()
    if leaflet is None:
        return Card(entry, files[0].language, files[0].version, "", "", False, "", {}, files)
    model = leaflet.model
    return Card(
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
    reviewed = leaflet.translations[language].matter.translation == "reviewed"
    unreviewed = language != leaflet.model.source_language and not reviewed
    said = (("unreviewed", unreviewed), ("stale", bool(translations.stale(leaflet, language))))
    return tuple(label for label, holds in said if holds)


def _file(path: str, entry: Entry) -> File:
    draft = entry.status == Status.DRAFT
    return File(path, entry.clinic, entry.language, entry.variant, entry.format, entry.version, draft, entry.pages)


def _rank(file: File) -> tuple[str, str, int, str, str]:
    place = ORDER.index(file.format) if file.format in ORDER else len(ORDER)
    return file.clinic, file.language, place, file.format, file.variant


def _only_published(name: str, files: Iterable[Entry]) -> search.Entry:
    own = [entry for entry in files if entry.leaflet == name]
    texts = {entry.language: search.Text(entry.language, entry.title, "") for entry in own}
    return search.Entry(name, own[0].id, tuple(texts.values()), frozenset(entry.clinic for entry in own))
