"""The loaded library: leaflets, clinics, brands and languages, each with the file that it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from pdfkit_cli.content import language_files, personal_fields, segments, yaml_source
from pdfkit_cli.content.block_specs import Panel
from pdfkit_cli.content.blocks import Directive, Field
from pdfkit_cli.content.fonts import FontFamily
from pdfkit_cli.content.glossary import Glossary
from pdfkit_cli.content.languages import numbers
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.numbers import NumberText, NumberToken
from pdfkit_cli.content.languages.quantities import Quantities, read_quantities
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import (
    Brand,
    Clinic,
    FrontMatter,
    Leaflet,
    LibrarySettings,
    MadeFrom,
    Phrases,
    Status,
)
from pdfkit_cli.content.recalls import Recall, Recalls
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.content.yaml_source import Positions, SourceFile
from pdfkit_cli.errors import Finding, SourceLocation

M = TypeVar("M", bound=BaseModel)

SOURCE_RECORD = "translated.yaml"
"""The file in the folder of a leaflet in which `pdfkit translated` records the source of its translations."""

SQUARE_RATIO = 0.8, 1.2
"""Width divided by height of a logo that the masthead treats as square."""

MAX_RATIO_BESIDE_NAME = 2.5
"""Width divided by height of the widest logo that leaves room for the clinic's name beside it."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture of the library: its path, its name in findings, its SHA-256, its size in pixels if it is a PNG or JPEG, whether it has transparency, the numbers of its callouts, and whether it is a small drawing."""

    path: Path
    name: str
    digest: str
    pixels: tuple[int, int] | None = None
    see_through: bool = False
    callouts: tuple[int, ...] = ()
    small: bool = False


@dataclass(frozen=True)
class Translation:
    """One leaflet in one language, as the author wrote it. It has no `__slots__`, so that derived data can be cached."""

    language: str
    front_matter: FrontMatter
    body: MarkdownBody
    pictures: Mapping[str, PictureFile]
    source: SourceFile
    rules: Language
    """The language, as the library knows it."""

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The units of the text that are translated one by one."""
        return segments.split_into_segments(self.front_matter, self.body, self.source)

    @cached_property
    def _normalized(self) -> tuple[NumberText, ...]:
        return tuple(numbers.normalize(self.written(segment)) for segment in self.segments)

    @cached_property
    def _number_tokens(self) -> tuple[tuple[NumberToken, ...], ...]:
        return tuple(map(numbers.number_tokens, self._normalized))

    @cached_property
    def numbers(self) -> tuple[tuple[str, ...], ...]:
        """The numbers in digits of each segment; the number of a list item comes first."""
        return tuple(tuple(value for token in tokens for value in token.values) for tokens in self._number_tokens)

    @cached_property
    def quantities(self) -> tuple[Quantities | None, ...]:
        """The quantities of each segment, in digits and in words."""
        return tuple(map(read_quantities, self._normalized, self._number_tokens))

    def written(self, segment: Segment) -> NumberText:
        """Return the words of a segment, with the number of a list item, in the form in which numbers are searched."""
        return NumberText(f"{segment.marker} ; {segment.words}" if segment.marker else segment.words, self.rules)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The names of the clinic's facts that the text uses in any variant."""
        nodes = (*self.body.nodes, *self.body.notes)
        calls = any(isinstance(node, Directive) and node.spec.panel is Panel.PHONE for node in nodes)
        fields = (
            node.name
            for node in nodes
            if isinstance(node, Field) and not node.name.startswith(personal_fields.FIELD_PREFIX)
        )
        named = (name.removeprefix("clinic.") for name in fields)
        return frozenset(named) | (frozenset({"phone"}) if calls else frozenset())

    @cached_property
    def text_digest(self) -> str:
        """SHA-256, in hexadecimal, of its words and pictures; it does not depend on clinics, layouts and line numbers."""
        shown = "".join(f"{name} {asset.digest}" for name, asset in sorted(self.pictures.items()))
        return yaml_source.sha256_hex(f"{segments.segments_digest(self.segments)} {shown}".encode())

    @property
    def short_digest(self) -> str:
        """The beginning of `text_digest`, by which an approval names the text."""
        return self.text_digest[:16]

    @property
    def changed_since_review(self) -> bool:
        """Whether it is no longer the translation that was reviewed, as far as that is recorded."""
        return self.front_matter.reviewed_text not in (None, self.short_digest)


@dataclass(frozen=True, slots=True)
class ContentEntry(Generic[M]):
    """A validated YAML file of the library; subclasses add the files that belong to it."""

    name: str
    model: M
    source: SourceFile
    positions: Positions

    def place(self, *path: str | int) -> SourceLocation:
        """Return the place of a key; if the file does not have the key, a place without a line."""
        return SourceLocation(self.source.name, *self.positions.get(path, (0, 0)))


@dataclass(frozen=True, slots=True)
class LanguageEntry:
    """A language that editions can be made in, and the file with which a library overrides it, whether it has one or not."""

    language: Language
    source: SourceFile
    positions: Positions = field(default_factory=dict)

    def place(self, *path: str | int) -> SourceLocation:
        """Return the place of a key; if the file does not have the key, a place without a line."""
        return SourceLocation(self.source.name, *self.positions.get(path, (0, 0)))

    @property
    def phrases(self) -> Phrases:
        """The phrases that layouts print."""
        return self.language.phrases


@dataclass(frozen=True, slots=True)
class LeafletEntry(ContentEntry[Leaflet]):
    """A leaflet and its readable translations; `made_from` records the source text that they were made from."""

    translations: Mapping[str, Translation]
    made_from: tuple[MadeFrom, SourceFile] | None = None
    recall: Recall | None = None
    """The recall of its present version."""

    @property
    def in_use(self) -> bool:
        """Whether it can be handed out: neither withdrawn, superseded nor recalled."""
        return self.model.in_use and self.recall is None

    @property
    def original(self) -> Translation | None:
        """The text in the source language; None if it could not be read."""
        return self.translations.get(self.model.source_language)

    @property
    def changed_since_approval(self) -> bool:
        """Whether its original is no longer the text that was approved, as far as that is recorded and can be read."""
        approved, original = self.model.approved_text, self.original
        return bool(approved and original and original.short_digest != approved)

    @property
    def is_draft(self) -> bool:
        """Whether nobody has approved its text: every page must then have a label."""
        status = self.model.status
        return status is Status.DRAFT or (status is Status.APPROVED and self.changed_since_approval)

    @property
    def status(self) -> Status:
        """Its status on paper: that of its file, but a draft if the text changed since it was approved."""
        return Status.DRAFT if self.is_draft else self.model.status

    def is_unreviewed(self, language: str) -> bool:
        """Return whether a text is a translation that is not marked as reviewed, or changed since."""
        if language == self.model.source_language:
            return False
        text = self.translations[language]
        return text.front_matter.translation != "reviewed" or text.changed_since_review

    def prints_unreviewed(self, language: str) -> bool:
        """Return whether its pages have words that nobody has reviewed: the text, or the phrases of the language."""
        return self.is_unreviewed(language) or not self.translations[language].rules.file.reviewed


@dataclass(frozen=True, slots=True)
class ClinicEntry(ContentEntry[Clinic]):
    """A clinic and its own wording, by leaflet, slot and language. Wording with errors is included, and has findings."""

    slots: Mapping[tuple[str, str, str], tuple[MarkdownBody, SourceFile]]


@dataclass(frozen=True, slots=True)
class BrandEntry(ContentEntry[Brand]):
    """A brand with its logo (`drawing` contains its bytes, `logo_ratio` is width divided by height, 0 if unknown), its CSS and its fonts."""

    logo: PictureFile
    drawing: bytes
    logo_ratio: float = 1.0
    css: SourceFile | None = None
    text_font: FontFamily | None = None
    heading_font: FontFamily | None = None
    script_fonts: Mapping[str, FontFamily] = field(default_factory=dict)
    """Its families for other scripts, by ISO 15924 code."""

    @property
    def logo_shape(self) -> str:
        """How the masthead places the logo: `tall`, `wide` (beside the name) or `banner` (above it); empty if it is about square."""
        if not self.logo_ratio or SQUARE_RATIO[0] <= self.logo_ratio <= SQUARE_RATIO[1]:
            return ""
        if self.logo_ratio < SQUARE_RATIO[0]:
            return "tall"
        return "wide" if self.logo_ratio <= MAX_RATIO_BESIDE_NAME else "banner"

    @property
    def fonts(self) -> tuple[FontFamily, ...]:
        """The families of its text and headings, without duplicates."""
        return tuple(dict.fromkeys(filter(None, (self.text_font, self.heading_font))))

    @property
    def all_fonts(self) -> tuple[FontFamily, ...]:
        """All its families, also those of other scripts, without duplicates."""
        return tuple(dict.fromkeys((*self.fonts, *self.script_fonts.values())))

    @property
    def sources(self) -> Mapping[str, str]:
        """The names of its files, with their digests."""
        digests = {self.source.name: self.source.digest, self.logo.name: self.logo.digest}
        if self.css:
            digests[self.css.name] = self.css.digest
        return digests | {face.name: face.digest for family in self.all_fonts for face in family.faces}


@dataclass(frozen=True, slots=True)
class Library:
    """The library: everything that could be read, and findings for everything else."""

    root: Path
    settings: LibrarySettings
    settings_source: SourceFile
    settings_positions: Positions
    leaflets: Mapping[str, LeafletEntry]
    clinics: Mapping[str, ClinicEntry]
    brands: Mapping[str, BrandEntry]
    languages: Mapping[str, LanguageEntry]
    """The languages that editions can be made in."""

    findings: tuple[Finding, ...]
    listed: Mapping[str, frozenset[str]]
    """The names in each folder of the library, by its path below the root. Folders that could not be listed are missing."""

    recalls: ContentEntry[Recalls]
    held: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """Files with errors that are replaced with what they were before, by name; these findings are not in `findings`."""

    glossaries: Mapping[str, ContentEntry[Glossary]] = field(default_factory=dict)
    """How terms are translated, by the language that they are translated into."""

    def language(self, code: str) -> Language:
        """Return a language; as pdfkit knows it, if the library cannot make editions in it."""
        entry = self.languages.get(code)
        return entry.language if entry else language_files.known_language(code)

    def recall_of(self, id: str) -> Recall | None:
        """Return the recall of a leaflet by its document id, whichever versions it covers."""
        return self.recalls.model.root.get(id)

    def names(self, folder: str) -> frozenset[str]:
        """Return the names in a folder, without “.yaml” and “.md”, including files with errors."""
        return frozenset(_without_suffix(name) for name in self.listed.get(folder, ()))

    def lacks(self, folder: str, name: str) -> bool:
        """Return whether a folder was listed and does not contain a name."""
        return folder in self.listed and name not in self.listed[folder]


def _without_suffix(name: str) -> str:
    return name.removesuffix(".yaml").removesuffix(".md")
