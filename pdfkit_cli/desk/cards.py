"""What the desk says of a leaflet: its titles, its state, what it is handed out in. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil

from pdfkit_cli.content import translations
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.loader import LeafletEntry, Library
from pdfkit_cli.content.models import Format, Status, Variant
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibrarySnapshot
from pdfkit_cli.output.manifest import ManifestEntry


class LeafletState(StrEnum):
    """Whether a leaflet may be printed, the worst first."""

    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    OVERDUE = "overdue"
    SOON = "soon"
    FINE = "fine"

    @property
    def printable(self) -> bool:
        """Whether it may be handed out."""
        return self in (LeafletState.SOON, LeafletState.FINE)


@dataclass(frozen=True, slots=True)
class PdfOffer:
    """One PDF to choose: what it is, and what is known of the file that stands in the output folder."""

    path: str
    language: str
    variant: str
    format: str
    form: Format
    entry: ManifestEntry | None

    @property
    def pages(self) -> int:
        """Pages of the PDF; 0 is not known before it is built."""
        return self.entry.pages if self.entry else 0

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return ceil(self.pages / 2)

    @property
    def here(self) -> bool:
        """Whether it is meant for the printer of the ward."""
        return self.form.office_printer

    @property
    def rank(self) -> tuple[int, str]:
        """Its place among the formats."""
        return self.form.order, self.format


@dataclass(frozen=True, slots=True)
class LeafletCard:
    """A leaflet as one clinic hands it out; `authorised_paths` are empty where it may not be printed at all."""

    name: str
    id: str
    version: str
    reviewed: date | None
    review_by: date | None
    state: LeafletState
    successor: str
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]
    """By language: draft, unreviewed, stale."""

    offers: tuple[PdfOffer, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is handed out in."""
        return tuple(dict.fromkeys(offer.language for offer in self.offers))

    def title(self, *languages: str) -> str:
        """Return the title in the first of these languages that it has, or else in any."""
        return self.titles[self.language(*languages)]

    def language(self, *languages: str) -> str:
        """Return the first of these languages that it has, or else any."""
        return next((language for language in languages if language in self.titles), next(iter(self.titles)))

    def offer(self, language: str, format_name: str = "", variant: str = "") -> PdfOffer | None:
        """Return the PDF that is nearest to what is asked for, in that language and in no other."""
        able = [offer for offer in self.offers if offer.language == language]
        wanted = format_name, variant or Variant.FULL
        return min(
            able,
            key=lambda offer: (offer.format != wanted[0], offer.variant != wanted[1], offer.rank),
            default=None,
        )

    def for_channel(self, offer: PdfOffer, channel: str, formats: Iterable[str], *, printed: bool) -> PdfOffer | None:
        """Return the same edition as a pack for a channel takes it; `formats` are those of the channel, the best first.

        What was chosen for the reader, such as large print, is kept. Where the pack is `printed`, that is done here.
        """
        if offer.form.on_request and channel in offer.form.channels:
            return offer
        same = {
            each.format: each
            for each in self.offers
            if (each.language, each.variant) == (offer.language, offer.variant)
        }
        able = [same[name] for name in formats if name in same]
        if printed:
            able.sort(key=lambda each: (each is not offer, not each.here))
        return next(iter(able), None)


def leaflet_card(
    snapshot: LibrarySnapshot, clinic: str, name: str, entries: Mapping[str, ManifestEntry], today: date
) -> LeafletCard | None:
    """Return a leaflet as a clinic hands it out; None where it does not, or where nobody can read it."""
    assert snapshot.project
    library = snapshot.project.library
    if name not in library.clinics[clinic].model.hands_out or not _readable(library, name):
        return None
    leaflet = library.leaflets[name]
    state = leaflet_state(leaflet, today, library.settings.checks.review_soon)
    output_keys = snapshot.editions.get((clinic, name), ()) if state.printable else ()
    texts = dict(sorted(leaflet.translations.items(), key=lambda item: item[0] != leaflet.model.source_language))
    return LeafletCard(
        name,
        leaflet.model.id,
        leaflet.model.version,
        leaflet.model.reviewed,
        leaflet.model.review_by,
        state,
        leaflet.model.superseded_by or "",
        {language: text.front_matter.title for language, text in texts.items()},
        {language: text.front_matter.summary for language, text in texts.items()},
        {language: text_labels(leaflet, language) for language in texts},
        _offers(output_keys, entries, snapshot.project.layouts.formats),
    )


def leaflet_names(library: Library, clinic: str) -> list[str]:
    """Return every leaflet that a clinic hands out and that can be read, by its title in the clinic's language."""
    language = library.clinics[clinic].model.language
    found = [name for name in library.clinics[clinic].model.hands_out if _readable(library, name)]
    return sorted(found, key=lambda name: _title(library.leaflets[name], language).casefold())


def _readable(library: Library, name: str) -> bool:
    return name in library.leaflets and bool(library.leaflets[name].translations)


def _title(leaflet: LeafletEntry, language: str) -> str:
    text = leaflet.translations.get(language) or leaflet.original or next(iter(leaflet.translations.values()))
    return text.front_matter.title


def _offers(
    output_keys: Iterable[OutputKey], entries: Mapping[str, ManifestEntry], formats: Mapping[str, Format]
) -> tuple[PdfOffer, ...]:
    offers = (
        PdfOffer(
            output_key.path,
            output_key.edition.language,
            str(output_key.edition.variant),
            output_key.format,
            formats[output_key.format],
            entries.get(output_key.path),
        )
        for output_key in output_keys
    )
    return tuple(sorted(offers, key=lambda offer: (offer.rank, offer.variant)))


def leaflet_state(leaflet: LeafletEntry, today: date, soon: int) -> LeafletState:
    """Say whether a leaflet may be handed out; `soon` is the days before its review is due from which it is said."""
    model = leaflet.model
    if model.superseded_by:
        return LeafletState.SUPERSEDED
    if model.status is Status.WITHDRAWN:
        return LeafletState.WITHDRAWN
    if model.review_by is None:
        return LeafletState.FINE
    days = (model.review_by - today).days
    return LeafletState.OVERDUE if days < 0 else LeafletState.SOON if days <= soon else LeafletState.FINE


def text_labels(leaflet: LeafletEntry, language: str) -> tuple[str, ...]:
    """Return what its pages say of the text: that it is a draft, and how far its translation can be trusted."""
    translated = language != leaflet.model.source_language
    unreviewed = translated and leaflet.translations[language].front_matter.translation != "reviewed"
    said = (
        ("draft", leaflet.model.status is Status.DRAFT),
        ("unreviewed", unreviewed),
        ("stale", bool(translations.stale_segments(leaflet, language))),
    )
    return tuple(name for name, holds in said if holds)


def printing_instructions(form: Format, say: Translator) -> str:
    """Return how a format is printed, or what is done with it instead."""
    if not form.office_printer:
        return f"{form.purpose_in(say.language)} {say('save_or_pack' if form.channels else 'save_and_send')}".strip()
    if form.imposition == "saddle-stitch":
        return say("print_booklet")
    return say("print_long_edge" if form.duplex == "long-edge" else "print_short_edge")


def final_successor(card: LeafletCard, library: Library) -> LeafletEntry | None:
    """Return the leaflet at the end of the way from one to the next that took its place; None where it leads nowhere."""
    seen, name = {card.name}, card.successor
    while name in library.leaflets and name not in seen:
        seen.add(name)
        entry = library.leaflets[name]
        if entry.model.in_use:
            return entry
        name = entry.model.superseded_by or ""
    return None
