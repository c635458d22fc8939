"""A warning that tells patients to call, from a clinic with no number for the hours in which it does not answer."""

from collections.abc import Iterator, Mapping

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.block_specs import Panel, Role
from pdfkit_cli.content.blocks import Blocks, Directive, List
from pdfkit_cli.content.languages.public_numbers import quoted_names
from pdfkit_cli.content.library import ClinicEntry, LeafletEntry, Library
from pdfkit_cli.content.models import Audience
from pdfkit_cli.errors import Severity


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each clinic that hands out such a warning without `out_of_hours`, or without its words in that language."""
    library = context.library
    urgent = {
        (name, language)
        for name, leaflet in library.leaflets.items()
        for language in leaflet.translations
        if _tells_patients_to_call(leaflet, language, {})
    }
    for clinic in library.clinics.values():
        languages = _urgent_languages(library, clinic, urgent)
        if languages and not clinic.model.out_of_hours:
            leaflet_name, country = next(iter(languages.values())), clinic.model.country
            known = quoted_names(country) or "none"
            yield (
                clinic.place("hands_out", leaflet_name),
                (
                    f"a warning in {leaflet_name} tells patients to call, and the clinic has no number for nights and "
                    f"weekends; add “out_of_hours” (public numbers that pdfkit knows in {country}: {known})"
                ),
            )
        for index, entry in enumerate(clinic.model.out_of_hours):
            for language, leaflet_name in languages.items():
                if language not in entry.words:
                    yield (
                        clinic.place("out_of_hours", index),
                        (
                            f"has no words in “{language}”, and a warning in {leaflet_name} tells patients to call; "
                            f'write {{phone: "…", words: {{{language}: …}}}}'
                        ),
                    )


def _urgent_languages(library: Library, clinic: ClinicEntry, urgent: set[tuple[str, str]]) -> Mapping[str, str]:
    """Return the languages in which a clinic hands out such a warning, each with the first leaflet that has it."""
    own: dict[tuple[str, str], dict[str, Blocks]] = {}
    for (name, slot, language), (body, _) in clinic.slots.items():
        own.setdefault((name, language), {})[slot] = body.blocks
    found: dict[str, str] = {}
    for name, hand_out in clinic.model.hands_out.items():
        for language in hand_out.languages:
            wording = own.get((name, language))
            leaflet = library.leaflets.get(name)
            if (
                _tells_patients_to_call(leaflet, language, wording)
                if leaflet and wording
                else (name, language) in urgent
            ):
                found.setdefault(language, name)
    return found


def _tells_patients_to_call(leaflet: LeafletEntry, language: str, own: Mapping[str, Blocks]) -> bool:
    """Return whether a leaflet for patients has a call in a warning. `own` is a clinic's wording, by slot."""
    text = leaflet.translations.get(language)
    read_by_patients = leaflet.model.in_use and leaflet.model.audience is Audience.PATIENT
    return bool(text and read_by_patients and _has_urgent_call(text.body.blocks, own))


def _has_urgent_call(blocks: Blocks, own: Mapping[str, Blocks], in_urgent: bool = False) -> bool:
    for block in blocks:
        inside, inner = in_urgent, blocks[:0]
        if isinstance(block, Directive):
            if in_urgent and block.spec.panel is Panel.PHONE:
                return True
            inside = in_urgent or block.spec.urgent
            inner = own.get(block.argument, block.blocks) if block.spec.role is Role.SLOT else block.blocks
        elif isinstance(block, List):
            inner = tuple(inner_block for item in block.items for inner_block in item.blocks)
        if _has_urgent_call(inner, own, inside):
            return True
    return False


RULE = Rule(
    "no-out-of-hours",
    "A warning to call, from a clinic with no number for nights and weekends",
    Severity.ERROR,
    check,
    protects_existing_pdfs=False,
)
