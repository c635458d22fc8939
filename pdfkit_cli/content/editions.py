"""Resolves editions: fills in fields, chooses the wording of slots, and applies the variant. Missing facts are errors."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from itertools import count, zip_longest
from typing import Any, Final
from urllib.parse import urlsplit

from pdfkit_cli.content import personal_fields, translations
from pdfkit_cli.content.block_specs import Content, Panel, Role
from pdfkit_cli.content.blocks import (
    Blank,
    Block,
    Blocks,
    Break,
    Directive,
    Emphasis,
    Fact,
    Field,
    Figure,
    Footnote,
    FootnoteMark,
    Heading,
    Inline,
    Inlines,
    Link,
    List,
    ListItem,
    Paragraph,
    Row,
    Span,
    Strong,
    Table,
    Text,
    merge_texts,
    plain_text,
    walk,
)
from pdfkit_cli.content.languages import phones, typography
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import BrandEntry, ClinicEntry, LeafletEntry, Library, PictureFile, Translation
from pdfkit_cli.content.models import Clinic, Extract, PersonalType, Phrases, Variant
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Finding, SourceError, SourceLocation, UsageError

MAX_INLINE_URL_LENGTH = 40
"""The longest address, in characters, that is printed after its link; a longer one gets a QR code."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The PDFs that a command should handle; an empty field means no restriction."""

    leaflets: tuple[str, ...] = ()
    clinics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    def includes(self, clinic: str, leaflet: str, language: str, format_name: str, variant: str) -> bool:
        """Return whether a PDF is selected."""
        return all(
            not wanted or name in wanted
            for wanted, name in (
                (self.clinics, clinic),
                (self.leaflets, leaflet),
                (self.languages, language),
                (self.formats, format_name),
                (self.variants, variant),
            )
        )


SELECT_ALL = Selection()


@dataclass(frozen=True, slots=True, order=True)
class EditionKey:
    """The four names that identify an edition."""

    clinic: str
    leaflet: str
    language: str
    variant: Variant


@dataclass(frozen=True, slots=True)
class OutputKey:
    """One PDF that a clinic hands out: an edition in a format."""

    edition: EditionKey
    format: str

    @property
    def path(self) -> str:
        """Its path below the output folder."""
        key = self.edition
        short = ".short" if key.variant is Variant.SHORT else ""
        return f"{key.clinic}/{key.leaflet}.{key.language}{short}.{self.format}.pdf"


@dataclass(frozen=True, slots=True)
class OutOfHoursLine:
    """Whom patients may call when the clinic does not answer, in the language of the edition."""

    phone: Fact | None
    words: str


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact details of a clinic, in the language of the edition."""

    name: str
    unit: str
    address: tuple[str, ...]
    phone: Fact | None
    phone_note: str
    hours: tuple[str, ...]
    out_of_hours: tuple[OutOfHoursLine, ...]
    email: Fact | None
    web: Fact | None

    @property
    def reachable(self) -> bool:
        """Whether a contact panel would have any content."""
        return bool(self.address or self.phone or self.email or self.web)


@dataclass(frozen=True)
class ResolvedText:
    """The text of an edition: its blocks, the links with a QR code, and the files of blocks that come from a clinic (`elsewhere`).

    Clinics with the same text share one object, so that derived data is computed once.
    """

    blocks: Blocks
    links: tuple[Link, ...] = ()
    elsewhere: Mapping[Block, str] = field(default_factory=dict)

    @cached_property
    def has_facts(self) -> bool:
        """Whether the text contains a fact of the clinic."""
        return any(isinstance(node, Fact) for node in walk(self.blocks))

    @cached_property
    def figures(self) -> frozenset[str]:
        """The sources of the pictures in it."""
        return frozenset(node.source for node in walk(self.blocks) if isinstance(node, Figure))

    @cached_property
    def canonical(self) -> "_PrecomputedRepr":
        """The text in the form that digests are computed from."""
        return _PrecomputedRepr(repr(_canonical_form(self.blocks)))


@dataclass(frozen=True)
class Edition:
    """One leaflet in one language and variant, resolved for one clinic."""

    key: EditionKey
    leaflet: LeafletEntry
    clinic: ClinicEntry
    brand: BrandEntry
    language: Language
    title: str
    summary: str
    synonyms: tuple[str, ...]
    unreviewed: bool
    stale: bool
    text: ResolvedText
    contact: Contact
    pictures: Mapping[str, PictureFile]
    personal: bool = False
    """Whether it has been filled in for one patient. Then nothing derived from it may be cached or stored."""

    whole: "Edition | None" = None
    """The edition that this is an extract of, if it is one, and which `extract`; see `extracts`."""

    extract: Extract | None = None
    beside: "Edition | None" = None
    """The same leaflet in its source language, on a page that shows both; see `bilingual`."""

    @property
    def blocks(self) -> Blocks:
        """The blocks of its text."""
        return self.text.blocks

    @property
    def links(self) -> tuple[Link, ...]:
        """The links in its text."""
        return self.text.links

    @property
    def phrases(self) -> Phrases:
        """The phrases that layouts print."""
        return self.language.phrases

    @property
    def draft(self) -> bool:
        """Whether every page must have a “draft” label."""
        return self.leaflet.is_draft

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels at the head of every page: a draft, an unreviewed translation, an outdated one."""
        phrases = self.phrases
        translation = (
            (phrases.stale_unreviewed if self.stale else phrases.unreviewed)
            if self.unreviewed
            else (phrases.stale if self.stale else "")
        )
        return tuple(filter(None, (phrases.draft if self.draft else "", translation)))

    @property
    def notices(self) -> tuple[str, ...]:
        """The labels as sentences, for the end of the text."""
        phrases = self.phrases
        sentences = (
            (phrases.draft_long, self.draft),
            (phrases.unreviewed_long, self.unreviewed),
            (phrases.stale_long, self.stale),
        )
        return tuple(words for words, holds in sentences if holds)

    @property
    def credits(self) -> Mapping[str, str]:
        """Who translated the text, and who reviewed it if it is reviewed, by their keys in the front matter; printed at its end."""
        written = self.leaflet.translations[self.key.language].front_matter
        reviewed = not (self.stale or self.leaflet.is_unreviewed(self.key.language))
        roles = {"translated_by": written.translated_by}
        roles["translation_reviewed_by"] = written.translation_reviewed_by if reviewed else None
        return {key: role for key, role in roles.items() if role}

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of everything that is printed for all patients; independent of format, layout and source lines."""
        if self.whole:
            return self.whole.digest
        model = self.leaflet.model
        hashed = (
            model.id, model.version, str(model.date), str(self.leaflet.status), str(model.reviewed), str(model.review_by),
            self.key.language, str(self.key.variant), self.title, self.summary, self.unreviewed, self.stale,
            self.text.canonical, _canonical_form(self.contact),
            tuple(self.phrases.model_dump(exclude=_CREDITS).values()),
            tuple(sorted((name, asset.digest) for name, asset in self.pictures.items())),
            *(f"{getattr(self.phrases, key)}: {role}" for key, role in self.credits.items()),
        )  # fmt: skip
        return hashlib.sha256(repr(hashed).encode()).hexdigest()


_CREDITS: Final = {"translated_by", "translation_reviewed_by"}
"""Phrases that are printed only with `credits`."""


class _PrecomputedRepr:
    """A stand-in for a value whose repr has been computed before."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _canonical_form(node: Any) -> Any:
    """Return nested tuples that do not depend on source lines or on what is filled in for a patient."""
    if isinstance(node, tuple):
        return tuple(map(_canonical_form, node))
    if is_dataclass(node):
        names = (part.name for part in fields(node) if part.name not in ("line", "filled"))
        values = (getattr(node, name) for name in names if name != "marker" or getattr(node, name))
        return (type(node).__name__, *map(_canonical_form, values))
    return str(node)


def check_selection(library: Library, selection: Selection, formats: Iterable[str]) -> None:
    """Raise UsageError if the selection contains unknown names; the message lists all of them."""
    known: tuple[tuple[str, tuple[str, ...], Iterable[str]], ...] = (
        ("leaflet", selection.leaflets, library.names("content")),
        ("clinic", selection.clinics, library.names("clinics")),
        ("language", selection.languages, library.settings.languages),
        ("format", selection.formats, formats),
        ("variant", selection.variants, list(Variant)),
    )
    wrong = [
        f"there is no {what} “{name}”{did_you_mean(name, names)}"
        for what, wanted, names in known
        for name in wanted
        if name not in set(names)
    ]
    if wrong:
        raise UsageError("\n".join(wrong))


def output_keys(library: Library) -> Iterator[OutputKey]:
    """Yield every PDF that clinics hand out and that can be made, in a stable order."""
    for clinic_name, clinic in sorted(library.clinics.items()):
        if clinic.model.brand not in library.brands:
            continue
        for leaflet_name, hand_out in sorted(clinic.model.hands_out.items()):
            leaflet = library.leaflets.get(leaflet_name)
            if leaflet is None or not leaflet.in_use:
                continue
            for language in dict.fromkeys(hand_out.languages):
                if language not in leaflet.translations or language not in library.languages:
                    continue
                for variant in dict.fromkeys(hand_out.variants or leaflet.model.variants):
                    for format_name in dict.fromkeys(hand_out.formats or leaflet.model.formats):
                        if variant in leaflet.model.variants and format_name in leaflet.model.formats:
                            yield OutputKey(EditionKey(clinic_name, leaflet_name, language, variant), format_name)


def missing_facts(library: Library, keys: Iterable[EditionKey]) -> Iterator[Finding]:
    """Yield the findings that prevent editions from being resolved. Only editions that may have a problem are resolved."""
    for key in keys:
        facts = library.leaflets[key.leaflet].translations[key.language].facts
        clinic = library.clinics[key.clinic]
        if clinic.slots or not all(getattr(clinic.model, name, None) for name in facts):
            try:
                resolve_edition(library, key)
            except SourceError as error:
                yield from error.findings


@dataclass(frozen=True, slots=True)
class ResolveCache:
    """A cache of what editions share: texts without anything specific to a clinic, and the contact details of clinics by language."""

    texts: dict[tuple[str, str, Variant], ResolvedText] = field(default_factory=dict)
    contacts: dict[tuple[str, str], Contact] = field(default_factory=dict)


def resolve_edition(library: Library, key: EditionKey, shared: ResolveCache | None = None) -> Edition:
    """Return the edition. `shared` is a cache that the caller passes to several calls.

    Raises SourceError if the clinic lacks a fact that the text uses, or if its own wording for a slot has errors."""
    shared = shared or ResolveCache()
    clinic = library.clinics[key.clinic]
    leaflet = library.leaflets[key.leaflet]
    translation = leaflet.translations[key.language]
    language = library.languages[key.language].language
    contact = shared.contacts.get((key.clinic, key.language)) or _contact(clinic.model, language)
    shared.contacts[key.clinic, key.language] = contact
    resolver = _Resolver(
        key, language, contact, clinic, translation.source.name, dict(translation.body.footnotes), library.findings,
        _personal_blanks(leaflet, translation, language),
        frozenset(name for name, picture in translation.pictures.items() if picture.small),
    )  # fmt: skip
    name = key.leaflet, key.language, key.variant
    own = contact.phone is None or any((where, lang) == (key.leaflet, key.language) for where, _, lang in clinic.slots)
    text = None if own else shared.texts.get(name)
    if text is None:
        blocks = resolver.running_text(translation.body.blocks)
        text = ResolvedText(blocks, tuple(resolver.links), resolver.elsewhere)
        if not own and not resolver.findings and not text.has_facts:
            shared.texts[name] = text
    if resolver.findings:
        raise SourceError(dict.fromkeys(resolver.findings))
    front_matter = translation.front_matter
    title = (
        front_matter.short_title if key.variant is Variant.SHORT and front_matter.short_title else front_matter.title
    )
    shown = text.figures | {leaflet.model.cover}
    return Edition(
        key=key,
        leaflet=leaflet,
        clinic=clinic,
        brand=library.brands[clinic.model.brand],
        language=language,
        title=typography.add_no_break_spaces(title, language),
        summary=typography.add_no_break_spaces(front_matter.summary, language),
        synonyms=front_matter.synonyms,
        unreviewed=leaflet.prints_unreviewed(key.language),
        stale=bool(translations.stale_segments(leaflet, key.language)),
        text=text,
        contact=contact,
        pictures={name: asset for name, asset in translation.pictures.items() if name in shown},
    )


def _personal_blanks(leaflet: LeafletEntry, translation: Translation, language: Language) -> dict[str, Blank]:
    """Return a blank for each personal field of a leaflet, by name, with labels in the language of the translation."""
    phrases = language.phrases
    own, sides = translation.front_matter.personal, (phrases.right, phrases.left, phrases.both)

    def blank(name: str, kind: PersonalType) -> Blank:
        label = typography.add_no_break_spaces(own.get(name) or getattr(phrases, kind), language)
        if kind is PersonalType.SIDE:
            return Blank(name, kind, label, phrases.tick, sides)
        return Blank(name, kind, label, f"{label}: {phrases.fill_in}")

    return {name: blank(name, kind) for name, kind in leaflet.model.personal.items()}


def _contact(clinic: Clinic, language: Language) -> Contact:
    address = clinic.address
    lines = (address.street, f"{address.postal_code} {address.city}") if address else ()
    return Contact(
        name=clinic.name,
        unit=clinic.unit or "",
        address=lines,
        phone=phone_fact(clinic.phone, clinic.country, language) if clinic.phone else None,
        phone_note=clinic.phone_note.get(language.code, ""),
        hours=typography.localized_opening_hours(clinic.hours, language, language.phrases),
        out_of_hours=tuple(_out_of_hours_lines(clinic, language)),
        email=Fact("email", typography.isolate_ltr(clinic.email, language), f"mailto:{clinic.email}")
        if clinic.email
        else None,
        web=Fact("web", typography.isolate_ltr(_without_scheme(clinic.web), language), clinic.web)
        if clinic.web
        else None,
    )


def _out_of_hours_lines(clinic: Clinic, language: Language) -> Iterator[OutOfHoursLine]:
    """Yield those that have words in the language; `no-out-of-hours` reports the others where patients need them."""
    for entry in clinic.out_of_hours:
        if words := entry.words.get(language.code):
            phone = phone_fact(entry.phone, clinic.country, language) if entry.phone else None
            yield OutOfHoursLine(phone, typography.add_no_break_spaces(words, language))


def phone_fact(phone: str, country: str, language: Language) -> Fact:
    """Return a phone number in the form printed in `language` for readers in `country`. Raises NumberParseException if it is invalid."""
    text, address = phones.format_phone(phone, country)
    return Fact("phone", typography.isolate_ltr(text, language), address)


def _without_scheme(address: str) -> str:
    """Return a web address in printed form: without scheme and trailing slash."""
    parts = urlsplit(address)
    return (parts.netloc + parts.path + (f"?{parts.query}" if parts.query else "")).rstrip("/")


@dataclass(slots=True)
class _Resolver:
    """Resolves one text for one clinic; footnotes and links are numbered in the order of the text."""

    key: EditionKey
    language: Language
    contact: Contact
    clinic: ClinicEntry
    name: str
    footnotes: dict[str, Inlines]
    known: tuple[Finding, ...]
    blanks: dict[str, Blank]
    small_pictures: frozenset[str]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    links: list[Link] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    elsewhere: dict[Block, str] = field(default_factory=dict)

    def running_text(self, blocks: Blocks) -> Blocks:
        """Return the blocks, with small pictures beside the words that follow them."""
        resolved = tuple(self.blocks(blocks))
        return tuple(
            replace(block, small=True)
            if isinstance(block, Figure)
            and block.source in self.small_pictures
            and not block.caption
            and isinstance(after, Paragraph | List)
            else block
            for block, after in zip_longest(resolved, resolved[1:])
        )

    def blocks(self, blocks: Blocks) -> Iterator[Block]:
        for block in blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[Block]:
        match block:
            case Heading() | Paragraph():
                if children := self.inlines(block.children):
                    yield replace(block, children=children)
            case List():
                items = tuple(map(self._item, block.items))
                if kept := tuple(item for item in items if item.blocks):
                    yield replace(block, items=kept if kept == items else _keep_numbers(block, items))
            case Table():
                rows = (tuple(map(self.inlines, row)) for row in block.rows)
                head = tuple(map(self.inlines, block.head))
                yield replace(block, head=head, rows=tuple(row for row in rows if any(row)))
            case Row():
                yield block
            case Figure():
                yield replace(block, caption=typography.add_no_break_spaces(block.caption, self.language))
            case Directive():
                yield from self._directive(block)

    def _item(self, item: ListItem) -> ListItem:
        return replace(item, blocks=tuple(self.blocks(item.blocks)))

    def _slot(self, slot: Directive) -> Iterator[Block]:
        own = self.clinic.slots.get((self.key.leaflet, slot.argument, self.key.language))
        if own is None:
            yield from self.blocks(slot.blocks)
            return
        body, text = own
        if broken := [finding for finding in self.known if finding.place.file == text.name]:
            self.findings += broken
            return
        inner = replace(self, name=text.name, footnotes=dict(body.footnotes))  # shares numbers, links and findings
        for block in inner.blocks(body.blocks):
            self.elsewhere[block] = text.name
            yield block

    def _directive(self, block: Directive) -> Iterator[Block]:
        spec = block.spec
        if spec.role is Role.SLOT:
            yield from self._slot(block)
            return
        if spec.role is Role.FULL_ONLY:
            yield from self.blocks(block.blocks) if self.key.variant is Variant.FULL else ()
            return
        if spec.panel is Panel.PHONE and self.contact.phone is None:
            self._report_missing_fact("phone", block.line, 1, f"the {block.name} panel")
        blocks = self.running_text(block.blocks) if spec.running else tuple(self.blocks(block.blocks))
        if spec.content is Content.LEGEND:
            blocks = tuple(map(_numbered_like_picture, blocks))
        if spec.personal_fields:
            blocks += tuple(Row((self._without_label_prefix(blank),), block.line) for blank in self.blanks.values())
        if blocks or (spec.may_be_empty and not spec.personal_fields):
            yield replace(block, blocks=blocks, argument=typography.add_no_break_spaces(block.argument, self.language))

    def _without_label_prefix(self, blank: Blank) -> Blank:
        return blank if blank.choices else replace(blank, aloud=blank.aloud.removeprefix(f"{blank.label}: "))

    def inlines(self, nodes: Inlines) -> Inlines:
        """Return resolved inline nodes; an empty tuple if no words and no blanks are left."""
        resolved = tuple(self._inlines(tuple(merge_texts(_apply_variant(nodes, self.key.variant)))))
        has_content = plain_text(resolved).strip() or any(isinstance(node, Blank) for node in walk(resolved))
        return resolved if has_content else ()

    def _inlines(self, nodes: Inlines) -> Iterator[Inline]:
        for index, node in enumerate(nodes):
            match node:
                case Text(text):
                    before = plain_text(nodes[max(index - 1, 0) : index])
                    before = "" if typography.ends_with_ratio(before, self.language) else before[-1:]
                    after = plain_text(nodes[index + 1 : index + 2])[:1]
                    yield Text(typography.add_no_break_spaces(text, self.language, before, after))
                case Emphasis(children) | Strong(children) | Span(children):
                    yield replace(node, children=tuple(self._inlines(children)))
                case Link():
                    yield self._link(node)
                case Field(name) if name.startswith(personal_fields.FIELD_PREFIX):
                    yield self.blanks[name.removeprefix(personal_fields.FIELD_PREFIX)]
                case Field(name, line, column):
                    if fact := self._fact(name.removeprefix("clinic."), line, column):
                        yield fact
                case FootnoteMark(label):
                    yield Footnote(next(self.numbers), self.inlines(self.footnotes[label]))
                case Fact() | Blank() | Footnote() | Break():
                    yield node

    def _link(self, link: Link) -> Link:
        address = _without_scheme(link.href)
        if address == link.text.removeprefix("https://").removeprefix("http://").rstrip("/"):
            return link
        if len(address) <= MAX_INLINE_URL_LENGTH:
            return replace(link, note=f"({typography.isolate_ltr(address, self.language)})")
        noted = replace(link, note=f"[{len(self.links) + 1}]")
        self.links.append(noted)
        return noted

    def _fact(self, name: str, line: int, column: int) -> Fact | None:
        match name:
            case "name":
                return Fact("name", self.contact.name)
            case "phone" | "email" | "web":
                fact: Fact | None = getattr(self.contact, name)
            case "address":
                fact = Fact(name, ", ".join(self.contact.address)) if self.contact.address else None
            case "hours":
                fact = (
                    Fact(name, typography.comma(self.language).join(self.contact.hours)) if self.contact.hours else None
                )
            case _:
                fact = Fact(name, self.contact.unit) if self.contact.unit else None
        if fact is None:
            self._report_missing_fact(name, line, column, "the text")
        return fact

    def _report_missing_fact(self, name: str, line: int, column: int, who: str) -> None:
        message = f"clinic {self.key.clinic} has no “{name}”, which {who} needs; add it to {self.clinic.source.name}"
        self.findings.append(Finding("missing-fact", message, SourceLocation(self.name, line, column)))


def _keep_numbers(block: List, items: tuple[ListItem, ...]) -> tuple[ListItem, ...]:
    """Return the items that are not empty, each with the number that it has in the complete list."""
    return tuple(replace(item, marker=marker) for marker, item in zip(block.markers, items, strict=True) if item.blocks)


def _numbered_like_picture(block: Block) -> Block:
    """Return a legend with plain numbers (1 2 3), as the callouts in its picture have them; any other block unchanged."""
    if not isinstance(block, List):
        return block
    numbers = (marker.removesuffix(".") for marker in block.markers)
    return replace(
        block, items=tuple(replace(item, marker=number) for number, item in zip(numbers, block.items, strict=True))
    )


def _apply_variant(nodes: Inlines, variant: Variant) -> Inlines:
    """Return the nodes without those that the variant leaves out, and without the surplus spaces that this would leave."""
    kept: list[Inline] = []
    gap = False
    for node in nodes:
        parts = _variant_parts(node, variant)
        gap = gap or not parts
        if gap and parts:
            _close_gap(kept, parts)
            gap = not parts
        kept += parts
    if gap:
        _close_gap(kept, [])
    return tuple(kept)


def _variant_parts(node: Inline, variant: Variant) -> list[Inline]:
    match node:
        case Span(full=True) if variant is Variant.SHORT:
            return []
        case Span(children, lang=""):
            return [*_apply_variant(children, variant)]
        case Emphasis(children) | Strong(children) | Span(children):
            inner = _apply_variant(children, variant)
            return [replace(node, children=inner)] if inner else []
        case _:
            return [node]


def _close_gap(kept: list[Inline], parts: list[Inline]) -> None:
    """Remove surplus space, in place, from the nodes before (`kept`) and after (`parts`) a gap."""
    while kept and not parts and isinstance(kept[-1], Break):
        kept.pop()
    following = parts[0] if parts else None
    at_start = not kept or isinstance(kept[-1], Break)
    if at_start and isinstance(following, Text):
        parts[:1] = [Text(text)] if (text := following.text.lstrip(" ")) else []
    elif kept and isinstance(before := kept[-1], Text) and (following is None or _separates_words(following)):
        kept[-1:] = [Text(text)] if (text := before.text.rstrip(" ")) else []


def _separates_words(node: Inline) -> bool:
    return isinstance(node, Text) and node.text.startswith((" ", ".", ",", ";", ":", "!", "?", ")"))
