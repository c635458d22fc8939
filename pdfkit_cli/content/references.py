"""Finds references to things that do not exist: fields, slots, leaflets, brands, languages."""

from collections.abc import Iterable, Iterator, Mapping

from pdfkit_cli.content import language_files, personal_fields
from pdfkit_cli.content.block_specs import Role
from pdfkit_cli.content.blocks import Directive, Field, Figure
from pdfkit_cli.content.library import ClinicEntry, LeafletEntry, Library
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import HandOut, Leaflet
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Finding, SourceLocation

CLINIC_FIELDS = ("name", "unit", "phone", "email", "web", "address", "hours")
"""The names allowed in `{{ clinic.… }}`."""


def field_findings(body: MarkdownBody, name: str, personal: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield a finding for each field that is neither a clinic field nor a personal field of the leaflet."""
    known = [
        *(f"clinic.{field}" for field in CLINIC_FIELDS),
        *(f"{personal_fields.FIELD_PREFIX}{field}" for field in personal),
    ]
    for node in (*body.nodes, *body.notes):
        if isinstance(node, Field) and node.name not in known:
            message = f"undefined field “{node.name}”; use one of: {', '.join(known)}"
            if node.name.startswith(personal_fields.FIELD_PREFIX):
                message += "; personal fields must be declared under “personal:” in leaflet.yaml, and can only be used in the leaflet's own text"
            yield Finding("undefined-field", message, SourceLocation(name, node.line, node.column))


def body_findings(body: MarkdownBody, name: str, leaflet: Leaflet) -> Iterator[Finding]:
    """Yield a finding for each unknown field, and for slots and blocks that do not fit the leaflet."""
    yield from field_findings(body, name, leaflet.personal)
    seen: set[str] = set()
    directives = [node for node in body.nodes if isinstance(node, Directive)]
    for node in directives:
        place = SourceLocation(name, node.line, 1)
        if node.spec.role is Role.SLOT and node.argument and node.argument not in leaflet.slots:
            yield Finding(
                "unknown-slot", f"slot “{node.argument}” is not in “slots:” of leaflet.yaml; add it there", place
            )
        if node.spec.once:
            if node.name in seen:
                yield Finding("block-twice", f"block “{node.name}” is used here for the second time; keep one", place)
            seen.add(node.name)
    written = {node.argument for node in directives}
    for slot in leaflet.slots:
        if slot not in written:
            message = f"leaflet.yaml declares the slot “{slot}”, but the text has no “::: slot {slot}”; add it"
            yield Finding("unused-slot", message, SourceLocation(name))


def slot_findings(
    clinic: ClinicEntry, leaflets: Mapping[str, LeafletEntry], listed: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    """Yield a finding for each wording without a matching slot, and for each block that a wording may not contain."""
    for (leaflet, slot, language), (body, text) in clinic.slots.items():
        place = SourceLocation(text.name)
        entry = leaflets.get(leaflet)
        if leaflet not in (known := listed.get("content", {leaflet})):
            yield Finding("unknown-leaflet", f"there is no leaflet “{leaflet}”{did_you_mean(leaflet, known)}", place)
        elif entry and slot not in entry.model.slots:
            declared = ", ".join(entry.model.slots) or "none"
            message = f"leaflet {leaflet} declares no slot “{slot}” (it declares: {declared}); name the file <slot>.<language>.md"
            yield Finding("unknown-slot", message, place)
        elif entry and f"{language}.md" not in listed[f"content/{leaflet}"]:
            message = f"leaflet {leaflet} has no text in “{language}”; name the file <slot>.<language>.md, such as {slot}.da.md"
            yield Finding("unknown-language", message, place)
        for node in body.nodes:
            if isinstance(node, Figure):
                yield Finding(
                    "not-in-slot",
                    "a picture can only be in the leaflet itself; remove it here",
                    SourceLocation(text.name, node.line),
                )
            elif isinstance(node, Directive) and not node.spec.in_slot:
                message = f"block “{node.name}” can only be in the leaflet itself; remove it here"
                yield Finding("not-in-slot", message, SourceLocation(text.name, node.line))


def reference_findings(library: Library) -> Iterator[Finding]:
    """Yield a finding for each name in clinic and leaflet files that does not exist."""
    for clinic in library.clinics.values():
        brand = clinic.model.brand
        if library.lacks("brands", brand):
            message = f"there is no brand “{brand}”{did_you_mean(brand, library.names('brands'))}"
            yield Finding("unknown-brand", message, clinic.place("brand"))
        for name, hand_out in clinic.model.hands_out.items():
            if library.lacks("content", name):
                message = f"there is no leaflet “{name}”{did_you_mean(name, library.names('content'))}"
                yield Finding("unknown-leaflet", message, clinic.place("hands_out", name))
            if leaflet := library.leaflets.get(name):
                yield from _hand_out_findings(library, clinic, leaflet, hand_out)
        yield from _missing_phrases(library, clinic)
    for leaflet in library.leaflets.values():
        owner = leaflet.model.owner
        if library.lacks("clinics", f"{owner}.yaml"):
            message = f"owner “{owner}” is not a clinic{did_you_mean(owner, library.clinics)}"
            yield Finding("unknown-clinic", message, leaflet.place("owner"))


def _hand_out_findings(
    library: Library, clinic: ClinicEntry, leaflet: LeafletEntry, hand_out: HandOut
) -> Iterator[Finding]:
    """Yield a finding for each format, variant and language that a clinic hands out but the leaflet does not have."""
    name, where = leaflet.name, ("hands_out", leaflet.name)
    for kind, wanted, offered in (
        ("format", hand_out.formats, leaflet.model.formats),
        ("variant", hand_out.variants, leaflet.model.variants),
    ):
        for index, each in enumerate(wanted):
            if each not in offered:
                message = f"{name} is not offered in {kind} “{each}”; it is in: {', '.join(offered)}"
                yield Finding(f"unknown-{kind}", message, clinic.place(*where, f"{kind}s", index))
    for index, language in enumerate(hand_out.languages):
        if library.lacks(f"content/{name}", f"{language}.md"):
            exists = ", ".join(sorted(leaflet.translations)) or "none"
            message = f"{name} has no text in “{language}” (it has: {exists}); write {language}.md or remove it here"
            yield Finding("missing-language", message, clinic.place(*where, "languages", index))


def _missing_phrases(library: Library, clinic: ClinicEntry) -> Iterator[Finding]:
    """Yield a finding for each language of a clinic without phrases, where the language is first named."""
    languages = {clinic.model.language: clinic.place("language")}
    for name, hand_out in clinic.model.hands_out.items():
        for index, language in enumerate(hand_out.languages):
            languages.setdefault(language, clinic.place("hands_out", name, "languages", index))
    for language, place in languages.items():
        packaged = language_files.known_language(language).file.phrases
        if not packaged and library.lacks(language_files.FOLDER, f"{language}.yaml"):
            message = f"there is no languages/{language}.yaml with phrases in the language “{language}”; write it"
            yield Finding("missing-phrases", message, place)
