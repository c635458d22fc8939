"""A leaflet as one clinic hands it out."""

from collections.abc import Mapping
from datetime import date

from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.content.models import Format, format_order
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibrarySnapshot
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf, leaflet_card, leaflet_state
from pdfkit_cli.output.manifest import ManifestEntry


def clinic_card(
    snapshot: LibrarySnapshot, clinic: str, name: str, entries: Mapping[str, ManifestEntry], today: date
) -> LeafletCard | None:
    """Return the card of a leaflet; None if the clinic does not hand it out, or no text of it can be read."""
    assert snapshot.project
    library, formats = snapshot.project.library, snapshot.project.layouts.formats
    if name not in library.clinics[clinic].model.hands_out or not _readable(library, name):
        return None
    leaflet = library.leaflets[name]
    state = leaflet_state(leaflet, today, library.settings.checks.review_soon)
    files = [
        LeafletPdf(
            output_key.path,
            clinic,
            output_key.edition.language,
            str(output_key.edition.variant),
            output_key.format,
            formats[output_key.format],
            entries.get(output_key.path),
        )
        for output_key in (snapshot.editions.get((clinic, name), ()) if state.printable else ())
    ]
    files.sort(key=lambda file: (format_order(formats, file.format), file.variant))
    return leaflet_card(snapshot.entries[name], leaflet, state, files)


def leaflet_names(library: Library, clinic: str) -> list[str]:
    """Return every leaflet that a clinic hands out and that can be read, sorted by its title in the clinic's language."""

    def title(name: str) -> str:
        leaflet = library.leaflets[name]
        text = leaflet.translations.get(language) or leaflet.original or next(iter(leaflet.translations.values()))
        return text.front_matter.title.casefold()

    language = library.clinics[clinic].model.language
    return sorted((name for name in library.clinics[clinic].model.hands_out if _readable(library, name)), key=title)


def _readable(library: Library, name: str) -> bool:
    return name in library.leaflets and bool(library.leaflets[name].translations)


def printing_instructions(form: Format, say: Translator) -> str:
    """Return how to print a format, or what to do with it instead."""
    if not form.office_printer:
        return f"{form.purpose_in(say.language)} {say('save_or_pack' if form.channels else 'save_and_send')}".strip()
    if form.imposition == "saddle-stitch":
        return say("print_booklet")
    return say("print_long_edge" if form.duplex == "long-edge" else "print_short_edge")


def final_successor(card: LeafletCard, library: Library) -> LeafletEntry | None:
    """Follow the leaflets that replaced one another, and return the last; None if that is not in use."""
    seen, name = {card.entry.leaflet}, card.successor
    while name in library.leaflets and name not in seen:
        seen.add(name)
        entry = library.leaflets[name]
        if entry.model.in_use:
            return entry
        name = entry.model.superseded_by or ""
    return None
