"""The keeper's inbox: what waits for a person, straight from the loaded library. Values in, values out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pdfkit_cli.content.library import Library
from pdfkit_cli.output.catalogue.cards import translation_labels


@dataclass(frozen=True, slots=True)
class DueReview:
    """A leaflet whose review is overdue, or due soon."""

    leaflet: str
    day: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenTranslation:
    """A translation that is `unreviewed` or `stale`, or both."""

    leaflet: str
    language: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeeperInbox:
    """What waits for a person; the leaflets by name, the most urgent first."""

    drafts: tuple[str, ...] = ()
    """Leaflets that clinics hand out and nobody has approved."""

    reviews: tuple[DueReview, ...] = ()
    translations: tuple[OpenTranslation, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    """Texts that no clinic hands out: leaflet and language."""

    @property
    def count(self) -> int:
        """The number of tasks."""
        return len(self.drafts) + len(self.reviews) + len(self.translations) + len(self.unused)


def collect_inbox(library: Library, today: date) -> KeeperInbox:
    """Return what waits for a person in a library."""
    used = {name: entry for name, entry in library.leaflets.items() if entry.model.in_use}
    handed_out = {
        (name, language)
        for clinic in library.clinics.values()
        for name, hand_out in clinic.model.hands_out.items()
        for language in hand_out.languages
    }
    given = {name for name, _ in handed_out}
    return KeeperInbox(
        tuple(sorted(name for name, entry in used.items() if name in given and entry.is_draft)),
        tuple(sorted(_reviews(library, today), key=lambda one: (one.day, one.leaflet))),
        tuple(sorted(_translations(library), key=lambda one: ("stale" not in one.labels, one.leaflet, one.language))),
        tuple(
            (name, language)
            for name, entry in sorted(used.items())
            for language in sorted(entry.translations)
            if (name, language) not in handed_out
        ),
    )


def _reviews(library: Library, today: date) -> Iterator[DueReview]:
    for name, leaflet in library.leaflets.items():
        day = leaflet.model.review_by
        if leaflet.model.in_use and day and (day - today).days <= library.settings.checks.review_soon:
            yield DueReview(name, day, day < today)


def _translations(library: Library) -> Iterator[OpenTranslation]:
    for name, leaflet in library.leaflets.items():
        if leaflet.model.in_use:
            for language in leaflet.translations:
                if labels := translation_labels(leaflet, language):
                    yield OpenTranslation(name, language, labels)
