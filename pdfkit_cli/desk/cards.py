"""A leaflet as one clinic hands it out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.content.models import Format, format_order
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.desk.library_state import LibrarySnapshot
from pdfkit_cli.output.catalogue.cards import (
    LeafletCard,
    LeafletPdf,
    LeafletState,
    leaflet_card,
    leaflet_state,
    translation_labels,
)
from pdfkit_cli.output.manifest import ManifestEntry

A4, A5 = (210.0, 297.0), (148.0, 210.0)
"""Paper, width and height in mm (ISO 216)."""


def clinic_card(
    snapshot: LibrarySnapshot, clinic: str, name: str, entries: Mapping[str, ManifestEntry], today: date
) -> LeafletCard | None:
    """Return the card of a leaflet; None if the clinic does not hand it out, or no text of it can be read."""
    assert snapshot.project
    library, formats = snapshot.project.library, snapshot.project.layouts.formats
    if name not in library.clinics[clinic].model.hands_out or not _readable(library, name):
        return None
    leaflet = library.leaflets[name]
    state = state_now(library, leaflet, today, library.settings.checks.review_soon)
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
    card = leaflet_card(snapshot.entries[name], leaflet, state, files)
    held = [each for each, text in leaflet.translations.items() if text.source.name in library.held]
    return replace(card, labels={**card.labels, **{each: (*card.labels.get(each, ()), "held") for each in held}})


def sheet_labels(library: Library, leaflet: LeafletEntry, language: str) -> tuple[str, ...]:
    """Return why a sheet is not approved, even though it is current: as `LeafletCard.labels_in`."""
    held = ("held",) if leaflet.translations[language].source.name in library.held else ()
    draft = ("draft",) if leaflet.is_draft else ()
    return (*draft, *translation_labels(leaflet, language), *held)


def state_now(library: Library, leaflet: LeafletEntry, today: date, soon: int = 0) -> LeafletState:
    """Return the state of a leaflet; `soon` is the number of days before its review is due from which the desk warns.

    While its file has errors it is out of order: nobody knows whether it has been withdrawn.
    """
    state = leaflet_state(leaflet, today, soon)
    return LeafletState.BROKEN if state.printable and leaflet.source.name in library.held else state


def missing_leaflets(
    library: Library, clinic: str, entries: Mapping[str, ManifestEntry]
) -> tuple[tuple[str, str, str], ...]:
    """Return what a clinic hands out and nobody can read: name, title, and the language, empty for all languages."""
    found = []
    for name, hand_out in library.clinics[clinic].model.hands_out.items():
        files = library.listed.get(f"content/{name}", frozenset())
        readable = library.leaflets[name].translations if name in library.leaflets else {}
        title = _published_title(entries, clinic, name, library.clinics[clinic].model.language)
        if name in library.names("content") and not readable:
            found.append((name, title or name, ""))
        elif readable and library.leaflets[name].model.in_use:
            lost = [each for each in hand_out.languages if f"{each}.md" in files and each not in readable]
            found += [(name, title or name, language) for language in lost]
    return tuple(found)


def _published_title(entries: Mapping[str, ManifestEntry], clinic: str, leaflet: str, language: str) -> str:
    own = [entry for entry in entries.values() if (entry.clinic, entry.leaflet) == (clinic, leaflet)]
    return min(own, key=lambda entry: entry.language != language).title if own else ""


def missing_clinics(library: Library) -> tuple[str, ...]:
    """Return the names of clinics whose files cannot be read."""
    files = (name for name in library.listed.get("clinics", ()) if name.endswith(".yaml"))
    return tuple(sorted({name.removesuffix(".yaml") for name in files} - library.clinics.keys()))


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
    return say(printing_way(form))


def printing_way(form: Format) -> str:
    """Return the name of the phrase, and of the drawing, that says how to print a format; empty if it is not printed here."""
    if not form.office_printer:
        return ""
    if form.imposition == "saddle-stitch":
        return "print_booklet"
    if form.imposition == "letter-fold":
        return "print_letter_fold"
    if form.one_page:
        return "print_one_side"
    return "print_long_edge" if form.duplex == "long-edge" else "print_short_edge"


def paper_note(card: LeafletCard, pdf: LeafletPdf, say: Translator) -> str:
    """Return what to do where a PDF needs other paper than A4; empty if it does not."""
    assert pdf.form
    if not pdf.here or _on_a4(pdf.form):
        return ""
    width, height = pdf.form.paper_size
    paper = "A5" if (width, height) == A5 else f"{width:g} × {height:g} mm"
    same = (each for each in card.files if (each.language, each.variant) == (pdf.language, pdf.variant))
    instead = next((each.form for each in same if each.here and each.form and _on_a4(each.form)), None)
    only_a4 = say("only_a4", format=instead.title_in(say.language)) if instead else ""
    return f"{say('other_paper', paper=paper)} {only_a4}".strip()


def _on_a4(form: Format) -> bool:
    return sorted(form.paper_size) == sorted(A4)


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
