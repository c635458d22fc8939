"""Leaflets as the desk and the catalogue show them: titles, state, and PDFs. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import ceil

from pdfkit_cli.content import search, translations
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.content.models import Appointments, Format, Status, Variant, format_order
from pdfkit_cli.output.manifest import ManifestEntry


class LeafletState(StrEnum):
    """Whether a leaflet may be printed."""

    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    RECALLED = "recalled"
    """Its present version is recalled."""

    OVERDUE = "overdue"
    BROKEN = "broken"
    """Its file has errors, and may say that it is withdrawn: only the desk, which knows what it was before, has such."""

    SOON = "soon"
    """Its review is due soon."""

    FINE = "fine"

    @property
    def printable(self) -> bool:
        """Whether it may be handed out."""
        return self in (LeafletState.SOON, LeafletState.FINE)


def leaflet_state(leaflet: LeafletEntry, today: date, soon: int) -> LeafletState:
    """Return the state of a leaflet; `soon` is the number of days before its review is due from which the desk warns."""
    model = leaflet.model
    if model.superseded_by:
        return LeafletState.SUPERSEDED
    if model.status is Status.WITHDRAWN:
        return LeafletState.WITHDRAWN
    if leaflet.recall:
        return LeafletState.RECALLED
    if model.review_by is None:
        return LeafletState.FINE
    days = (model.review_by - today).days
    return LeafletState.OVERDUE if days < 0 else LeafletState.SOON if days <= soon else LeafletState.FINE


def translation_labels(leaflet: LeafletEntry, language: str) -> tuple[str, ...]:
    """Return how far a text can be trusted as a translation: any of `unreviewed` and `stale`."""
    labels = {
        "unreviewed": leaflet.prints_unreviewed(language),
        "stale": bool(translations.stale_segments(leaflet, language)),
    }
    return tuple(label for label, holds in labels.items() if holds)


@dataclass(frozen=True, slots=True)
class LeafletPdf:
    """One PDF to choose. Its `entry` in the manifest describes what is on paper, whatever the library contains by now."""

    path: str
    clinic: str
    language: str
    variant: str
    format: str
    form: Format | None
    """None for a format that the layouts no longer have."""

    entry: ManifestEntry | None
    """None before it is built."""

    @property
    def version(self) -> str:
        """The version of the leaflet on paper."""
        return self.entry.version if self.entry else ""

    @property
    def draft(self) -> bool:
        """Whether the leaflet on paper is a draft."""
        return self.entry is not None and self.entry.status == Status.DRAFT

    @property
    def pages(self) -> int:
        """Pages of the PDF; 0 before it is built."""
        return self.entry.pages if self.entry else 0

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return ceil(self.pages / 2)

    @property
    def here(self) -> bool:
        """Whether the office printer prints it."""
        return self.form is not None and self.form.office_printer


@dataclass(frozen=True, slots=True)
class LeafletCard:
    """A leaflet; it has no `files` where it may not be handed out."""

    entry: search.SearchEntry
    source_language: str
    version: str
    reviewed: date | None
    review_by: date | None
    draft: bool
    state: LeafletState
    successor: str
    labels: Mapping[str, tuple[str, ...]]
    """By language, for those that have any: see `translation_labels`."""

    files: tuple[LeafletPdf, ...]

    @property
    def titles(self) -> Mapping[str, str]:
        """The title in each language."""
        return {text.language: text.title for text in self.entry.texts}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is handed out in."""
        return tuple(dict.fromkeys(file.language for file in self.files))

    def title(self, *languages: str) -> str:
        """Return the title in `language(*languages)`."""
        return self.titles[self.language(*languages)]

    def summary(self, language: str) -> str:
        """Return the summary in a language that it has a text in."""
        return next(text.summary for text in self.entry.texts if text.language == language)

    def subject(self, *languages: str) -> str:
        """Return the subject in `language(*languages)`; empty if it has none."""
        return next(text.subject for text in self.entry.texts if text.language == self.language(*languages))

    def language(self, *languages: str) -> str:
        """Return the first of these languages that it has a text in, or else the source language, or any."""
        titles = self.titles
        return next((each for each in (*languages, self.source_language) if each in titles), next(iter(titles)))

    def labels_in(self, language: str) -> tuple[str, ...]:
        """Return the labels of a text, with `draft` where the leaflet is one."""
        return (("draft",) if self.draft else ()) + self.labels.get(language, ())

    def file(self, language: str, format_name: str = "", variant: str = "") -> LeafletPdf | None:
        """Return the PDF that is closest to the request, always in that language."""
        return min(
            (file for file in self.files if file.language == language),
            key=lambda file: (file.format != format_name, file.variant != (variant or Variant.FULL)),
            default=None,
        )

    def for_channel(
        self, file: LeafletPdf, channel: str, formats: Iterable[str], *, printed: bool
    ) -> LeafletPdf | None:
        """Return the same edition in the format for a channel's packs; `formats` are those of the channel, the best first.

        A format chosen for the reader, such as large print, is kept. `printed` means that the pack is printed here.
        """
        if file.form and file.form.on_request and channel in file.form.channels:
            return file
        same = {
            each.format: each for each in self.files if (each.language, each.variant) == (file.language, file.variant)
        }
        able = [same[name] for name in formats if name in same]
        if printed:
            able.sort(key=lambda each: (each is not file, not each.here))
        return next(iter(able), None)

    def cover(self, language: str) -> LeafletPdf | None:
        """Return the PDF whose first page is the cover: if possible in that language, else in the source language."""

        def rank(file: LeafletPdf) -> tuple[bool, bool, bool]:
            return file.language != language, file.language != self.source_language, file.variant != Variant.FULL

        return min(self.files, key=rank, default=None)


def leaflet_card(
    entry: search.SearchEntry, leaflet: LeafletEntry, state: LeafletState, files: Iterable[LeafletPdf]
) -> LeafletCard:
    """Return the card of a leaflet of the library."""
    model = leaflet.model
    return LeafletCard(
        entry,
        model.source_language,
        model.version,
        model.reviewed,
        model.review_by,
        leaflet.is_draft,
        state,
        model.superseded_by or "",
        {each: labels for each in sorted(leaflet.translations) if (labels := translation_labels(leaflet, each))},
        tuple(files),
    )


def catalogue_cards(
    library: Library,
    appointments: Appointments,
    files: Mapping[str, ManifestEntry],
    formats: Mapping[str, Format],
) -> tuple[LeafletCard, ...]:
    """Return a card for each leaflet that is in the library or has PDFs in the output folder.

    One whose source cannot be read at the moment has the titles of its PDFs. The state is as of no particular day:
    the page is opened on a later one, and determines by itself what is overdue.
    """
    published: dict[str, list[LeafletPdf]] = {}
    for path, made in files.items():
        file = LeafletPdf(path, made.clinic, made.language, made.variant, made.format, formats.get(made.format), made)
        published.setdefault(made.leaflet, []).append(file)
    for found in published.values():
        found.sort(key=lambda file: (file.clinic, file.language, format_order(formats, file.format), file.variant))
    known = {entry.leaflet: entry for entry in search.search_entries(library, appointments)}
    missing = {name: _published_only_entry(name, files.values()) for name in published if name not in known}
    return tuple(
        _catalogue_card(entry, library.leaflets.get(name), published.get(name, []))
        for name, entry in sorted((known | missing).items())
        if name in published or not entry.in_use
    )


def _catalogue_card(
    entry: search.SearchEntry, leaflet: LeafletEntry | None, published: Iterable[LeafletPdf]
) -> LeafletCard:
    files = tuple(published) if entry.in_use else ()
    if leaflet:
        return leaflet_card(entry, leaflet, leaflet_state(leaflet, date.min, 0), files)
    return LeafletCard(entry, files[0].language, files[0].version, None, None, False, LeafletState.FINE, "", {}, files)


def cards_of_clinic(found: Iterable[LeafletCard], clinic: str) -> tuple[LeafletCard, ...]:
    """Return the cards of what one clinic hands out, with its PDFs alone."""
    return tuple(
        one
        for card in found
        if clinic in card.entry.clinics
        for one in [_card_of_clinic(card, clinic)]
        if one.files or not one.entry.in_use
    )


def _card_of_clinic(card: LeafletCard, clinic: str) -> LeafletCard:
    codes = tuple(code for code in card.entry.codes if code[0] == clinic)
    files = tuple(file for file in card.files if file.clinic == clinic)
    return replace(card, entry=replace(card.entry, clinics=frozenset({clinic}), codes=codes), files=files)


def _published_only_entry(name: str, files: Iterable[ManifestEntry]) -> search.SearchEntry:
    own = [entry for entry in files if entry.leaflet == name]
    texts = {entry.language: search.SearchText(entry.language, entry.title, "") for entry in own}
    return search.SearchEntry(name, own[0].id, tuple(texts.values()), frozenset(entry.clinic for entry in own))
