"""The loaded, validated library; loading collects every problem and stops only what it touches."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from pdfkit_cli.content import (
    css_syntax,
    files,
    fonts,
    language_defaults,
    markdown,
    personal_fields,
    pictures,
    segments,
    yaml_source,
)
from pdfkit_cli.content.block_specs import Panel, Role
from pdfkit_cli.content.blocks import Directive, Field, Figure
from pdfkit_cli.content.files import FolderItem
from pdfkit_cli.content.fonts import FontFamily
from pdfkit_cli.content.languages import numbers
from pdfkit_cli.content.languages.numbers import NumberText
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import (
    Brand,
    Clinic,
    FrontMatter,
    Leaflet,
    LibrarySettings,
    MadeFrom,
    Phrases,
    PlainWordList,
    StrictModel,
)
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.content.yaml_source import ParsedYaml, Positions, SourceFile
from pdfkit_cli.errors import Finding, SourceError, SourceLocation, UsageError

M = TypeVar("M", bound=StrictModel)
T = TypeVar("T")

CLINIC_FIELDS = ("name", "unit", "phone", "email", "web", "address", "hours")
"""What `{{ clinic.… }}` may name."""

SOURCE_RECORD = "translated.yaml"
"""The file of a leaflet in which `pdfkit translated` writes what its translations were made from."""

SQUARE_RATIO = 0.8, 1.2
"""Width divided by height of a logo that the masthead treats as square."""

MAX_RATIO_BESIDE_NAME = 2.5
"""The widest logo that leaves room for the clinic's name beside it."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that a page may show: where it is, its name in findings, its digest, the pixels of a PNG or JPEG, and whether it is seen through."""

    path: Path
    name: str
    digest: str
    pixels: tuple[int, int] | None = None
    see_through: bool = False


@dataclass(frozen=True)
class Translation:
    """One leaflet in one language, as written. No slots: its passages, facts and digest are made once, where they are asked for."""

    language: str
    front_matter: FrontMatter
    body: MarkdownBody
    pictures: Mapping[str, PictureFile]
    source: SourceFile

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The runs of words that are translated one by one."""
        return segments.split_into_segments(self.front_matter, self.body, self.source)

    @cached_property
    def numbers(self) -> tuple[tuple[str, ...], ...]:
        """The numbers of each passage, as they stand in digits, that of a list item before those of its words."""
        return tuple(numbers.extract_numbers(*self.written(segment)) for segment in self.segments)

    def written(self, segment: Segment) -> NumberText:
        """Return the words of a passage as its numbers are read from them."""
        return NumberText(f"{segment.marker} ; {segment.words}" if segment.marker else segment.words, self.language)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The names of the facts of a clinic that the text may ask for, in whichever variant."""
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
        """SHA-256 of its words and pictures; the facts of a clinic, the layout and the lines of the file are not in it."""
        shown = "".join(f"{name} {asset.digest}" for name, asset in sorted(self.pictures.items()))
        return yaml_source.sha256_hex(f"{segments.segments_digest(self.segments)} {shown}".encode())


@dataclass(frozen=True, slots=True)
class ContentEntry(Generic[M]):
    """A validated YAML file of the library, with what stands beside it."""

    name: str
    model: M
    source: SourceFile
    positions: Positions


@dataclass(frozen=True, slots=True)
class LeafletEntry(ContentEntry[Leaflet]):
    """A leaflet and the languages of it that could be read; `made_from` is what its translations were made from."""

    translations: Mapping[str, Translation]
    made_from: tuple[MadeFrom, SourceFile] | None = None

    @property
    def original(self) -> Translation | None:
        """The text that the others are translated from; None is one that could not be read."""
        return self.translations.get(self.model.source_language)

    def is_unreviewed(self, language: str) -> bool:
        """Say whether a text is a translation that nobody has reviewed."""
        translated = language != self.model.source_language
        return translated and self.translations[language].front_matter.translation != "reviewed"


@dataclass(frozen=True, slots=True)
class ClinicEntry(ContentEntry[Clinic]):
    """A clinic and its own wording, by leaflet, slot and language; a broken one is there, and has findings."""

    slots: Mapping[tuple[str, str, str], tuple[MarkdownBody, SourceFile]]


@dataclass(frozen=True, slots=True)
class BrandEntry(ContentEntry[Brand]):
    """A brand with its logo (`drawing` is its bytes, `logo_ratio` its width divided by its height, 0 if unknown), its CSS and its fonts."""

    logo: PictureFile
    drawing: bytes
    logo_ratio: float = 1.0
    css: SourceFile | None = None
    text_font: FontFamily | None = None
    heading_font: FontFamily | None = None

    @property
    def logo_shape(self) -> str:
        """How the masthead places the logo: `tall`, `wide` (beside the name) or `banner` (above it); empty for one that is about square."""
        if not self.logo_ratio or SQUARE_RATIO[0] <= self.logo_ratio <= SQUARE_RATIO[1]:
            return ""
        if self.logo_ratio < SQUARE_RATIO[0]:
            return "tall"
        return "wide" if self.logo_ratio <= MAX_RATIO_BESIDE_NAME else "banner"

    @property
    def fonts(self) -> tuple[FontFamily, ...]:
        """Its font families, each once."""
        return tuple(dict.fromkeys(filter(None, (self.text_font, self.heading_font))))

    @property
    def sources(self) -> Mapping[str, str]:
        """The files that it consists of, with their digests."""
        digests = {self.source.name: self.source.digest, self.logo.name: self.logo.digest}
        if self.css:
            digests[self.css.name] = self.css.digest
        return digests | {face.name: face.digest for family in self.fonts for face in family.faces}


@dataclass(frozen=True, slots=True)
class Library:
    """The library: what could be read, and a finding for each thing that could not."""

    root: Path
    settings: LibrarySettings
    settings_source: SourceFile
    settings_positions: Positions
    leaflets: Mapping[str, LeafletEntry]
    clinics: Mapping[str, ClinicEntry]
    brands: Mapping[str, BrandEntry]
    phrases: Mapping[str, ContentEntry[Phrases]]
    words: Mapping[str, ContentEntry[PlainWordList]]
    findings: tuple[Finding, ...]
    listed: Mapping[str, frozenset[str]]
    """What each folder of the library holds, by its path below the root, as it was read; one that cannot be listed is not here."""

    def names(self, folder: str) -> frozenset[str]:
        """Return the names in a folder, without “.yaml” and “.md”: also of what has a mistake."""
        return frozenset(_without_suffix(name) for name in self.listed.get(folder, ()))

    def lacks(self, folder: str, name: str) -> bool:
        """Say whether a folder has nothing of this name; of one that cannot be listed nobody knows."""
        return folder in self.listed and name not in self.listed[folder]


def load_library(root: Path) -> Library:
    """Load the library in `root`, the folder with `library.yaml`.

    Raises UsageError where there is no library, SourceError where library.yaml itself cannot be read.
    Every other problem is in `findings`, and the rest of the library is there.
    """
    if not files.exists(root / "library.yaml", (root / "library.yaml").as_posix()):
        raise UsageError(
            f"{root}: no library here (no library.yaml)",
            hint="name its folder with --library, or make one with: pdfkit new library",
        )
    return _Loader(root).library()


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_LISTED_NAMES = 12
"""Names that a message lists."""


def _without_suffix(name: str) -> str:
    return name.removesuffix(".yaml").removesuffix(".md")


@dataclass(slots=True)
class _Loader:
    root: Path
    findings: list[Finding] = field(default_factory=list)
    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    fonts: dict[str, FontFamily] = field(default_factory=dict)

    def library(self) -> Library:
        settings_source, settings, positions = self._validated(LibrarySettings, self.root / "library.yaml")
        phrases = self._language_files("phrases", Phrases)
        words = self._language_files("words", PlainWordList)
        self.fonts = dict(self._each(self._folders("fonts"), self._font_family))
        brands = dict(self._each(self._folders("brands"), self._brand))
        leaflets = dict(self._each(self._folders("content"), lambda path: self._leaflet(path, settings)))
        self._unique_ids(leaflets)
        clinics = dict(self._each(self._files("clinics"), self._clinic))
        for entry in clinics.values():
            self.findings += _slot_findings(entry, leaflets, self.listed)
        self._check_stray_folders(clinics)
        self._check_empty_folders()
        library = Library(
            self.root, settings, settings_source, positions, leaflets, clinics, brands, phrases, words, (), self.listed
        )
        self.findings += _reference_findings(library)
        self.findings.sort(key=lambda finding: finding.place)
        return replace(library, findings=tuple(dict.fromkeys(self.findings)))

    def _name(self, path: Path) -> str:
        """Return the path as findings show it: the library's folder as the user named it, and below."""
        return path.as_posix()

    def _members(self, folder: Path) -> tuple[FolderItem, ...]:
        """Return what a folder holds. Raises SourceError where it cannot be listed."""
        found = files.list_folder(folder, self._name(folder), self.root)
        self.listed[folder.relative_to(self.root).as_posix()] = frozenset(member.name for member in found)
        return found

    def _list_folder(self, folder: str) -> tuple[FolderItem, ...]:
        """Return what a folder of the library holds; one that cannot be listed is a finding, and all that was made of what it holds stays."""
        try:
            return self._members(self.root / folder)
        except SourceError as error:
            self.findings += error.findings
            return ()

    def _files(self, folder: str) -> list[Path]:
        names = [member.name for member in self._list_folder(folder)]
        return list(self._valid_names(self.root / folder / name for name in names if name.endswith((".yaml", ".yml"))))

    def _folders(self, folder: str) -> list[Path]:
        found = []
        for member in self._list_folder(folder):
            path = self.root / folder / member.name
            if member.is_broken:
                message = "is a link that leads nowhere, or cannot be read; mend or remove it"
                self.findings.append(Finding("unreadable", message, SourceLocation(self._name(path))))
            elif member.is_folder:
                found.append(path)
        return list(self._valid_names(found))

    def _valid_names(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Yield what has a name that a command, a clinic and a file of the output can all use; the others are findings."""
        for path in paths:
            if path.suffix == ".yml":
                message = "the name must end in .yaml; rename the file"
            elif _NAME.fullmatch(path.name.removesuffix(".yaml")):
                yield path
                continue
            else:
                message = (
                    "the name may have small letters, digits and hyphens only, such as nerve-root-block; rename it"
                )
            self.findings.append(Finding("bad-name", message, SourceLocation(self._name(path))))

    def _each(self, paths: Iterable[Path], load_one: Callable[[Path], T]) -> Iterator[tuple[str, T]]:
        """Yield name and thing for each path that loads; the findings of the others are kept."""
        for path in paths:
            try:
                yield path.name.removesuffix(".yaml"), load_one(path)
            except SourceError as error:
                self.findings += error.findings

    def _language_files(self, folder: str, model: type[M]) -> dict[str, ContentEntry[M]]:
        """Return the phrases or the word lists of all languages. A language whose own file is broken is left out."""
        own = {path.stem: path for path in self._files(folder)}
        if folder not in self.listed:
            return {}  # nobody knows what the library overrides
        languages = sorted({*own, *language_defaults.packaged_files(folder)})
        paths = (self.root / folder / f"{language}.yaml" for language in languages)
        return dict(self._each(paths, lambda path: self._language_file(folder, model, path, path.stem in own)))

    def _language_file(self, folder: str, model: type[M], path: Path, is_own: bool) -> ContentEntry[M]:
        if is_own:
            source = yaml_source.read_text(path, self._name(path), self.root)
            parsed = yaml_source.parse_yaml(source)
        else:
            source, parsed = (
                language_defaults.packaged_source(folder, path.stem, self._name(path)),
                ParsedYaml(None, {}),
            )
        data = language_defaults.with_defaults(folder, path.stem, parsed.data)
        merged = yaml_source.validate_model(model, source, ParsedYaml(data, parsed.positions))
        return ContentEntry(path.stem, merged, source, parsed.positions)

    def _validated(self, model: type[M], path: Path) -> tuple[SourceFile, M, Positions]:
        text = yaml_source.read_text(path, self._name(path), self.root)
        parsed = yaml_source.parse_yaml(text)
        return text, yaml_source.validate_model(model, text, parsed), parsed.positions

    def _brand(self, folder: Path) -> BrandEntry:
        text, brand, positions = self._validated(Brand, folder / "brand.yaml")
        logo, drawing = self._asset(folder, "logo.svg", SourceLocation(text.name))
        css = folder / "brand.css"
        style = yaml_source.read_text(css, self._name(css), self.root) if files.exists(css, self._name(css)) else None
        if style and (problems := css_syntax.css_problems(style)):
            raise SourceError(problems)
        families = [
            self._brand_font(name, SourceLocation(text.name, *positions.get(("fonts", key), (0, 0))))
            for key, name in (("text", brand.fonts.text), ("headings", brand.fonts.headings))
        ]
        return BrandEntry(
            folder.name, brand, text, positions, logo, drawing, pictures.svg_ratio(drawing), style, *families
        )

    def _brand_font(self, name: str | None, place: SourceLocation) -> FontFamily | None:
        """Return a family of the library, or one of pdfkit's. Raises SourceError."""
        if name is None or name in self.fonts:
            return self.fonts.get(name or "")
        if name in self.listed.get("fonts", ()):
            raise SourceError([Finding("unknown-font", f"the font “{name}” has errors; correct them first", place)])
        packaged = fonts.packaged_families()
        if name in packaged:
            folder = packaged_folder("fonts") / name
            return fonts.load_family(folder, folder.as_posix(), folder)
        guess = did_you_mean(name, [*self.listed.get("fonts", ()), *packaged])
        message = f"there is no font “{name}”; put its files into {self._name(self.root / 'fonts' / name)}{guess}"
        raise SourceError([Finding("unknown-font", message, place)])

    def _font_family(self, folder: Path) -> FontFamily:
        if folder.name in fonts.packaged_families():
            message = "pdfkit comes with a font of this name; rename the folder"
            raise SourceError([Finding("bad-name", message, SourceLocation(self._name(folder)))])
        return fonts.load_family(folder, self._name(folder), self.root)

    def _asset(self, folder: Path, relative: str, place: SourceLocation) -> tuple[PictureFile, bytes]:
        """Return the picture after looking into it, and its bytes. Raises SourceError."""
        path = pictures.resolve_inside(folder, relative, place)
        data = pictures.read_picture(path, place)
        pixels, see_through = pictures.pixel_size(path, data), pictures.is_transparent(path, data)
        return PictureFile(path, self._name(path), yaml_source.sha256_hex(data), pixels, see_through), data

    def _leaflet(self, folder: Path, settings: LibrarySettings) -> LeafletEntry:
        texts = {
            Path(member.name).stem: folder / member.name for member in self._members(folder) if _is_text_file(member)
        }
        text, leaflet, positions = self._validated(Leaflet, folder / "leaflet.yaml")
        translations: dict[str, Translation] = {}
        made_from, record_broken = self._made_from(folder / SOURCE_RECORD)
        for path in texts.values():
            place = SourceLocation(self._name(path))
            if path.stem not in settings.languages:
                known = ", ".join(settings.languages)
                message = f"“{path.stem}” is not a language of this library ({known}); add it to library.yaml or rename the file"
                self.findings.append(Finding("unknown-language", message, place))
                continue
            if record_broken and path.stem != leaflet.source_language:
                continue  # nobody can tell whether it is out of date
            try:
                translations[path.stem] = self._translation(path, folder, leaflet)
            except SourceError as error:
                self.findings += error.findings
        if leaflet.source_language not in texts:
            message = f"the source language is {leaflet.source_language}, but there is no {leaflet.source_language}.md; write it"
            place = SourceLocation(text.name, *positions.get(("source_language",), (0, 0)))
            self.findings.append(Finding("missing-language", message, place))
        return LeafletEntry(folder.name, leaflet, text, positions, translations, made_from)

    def _made_from(self, path: Path) -> tuple[tuple[MadeFrom, SourceFile] | None, bool]:
        """Return what the translations of a leaflet were made from, and whether that is there and cannot be read."""
        if path.name not in self.listed[path.parent.relative_to(self.root).as_posix()]:
            return None, False
        try:
            text, made_from, _ = self._validated(MadeFrom, path)
        except SourceError as error:
            self.findings += error.findings
            return None, True
        return (made_from, text), False

    def _translation(self, path: Path, folder: Path, leaflet: Leaflet) -> Translation:
        text = yaml_source.read_text(path, self._name(path), self.root)
        head, body_text, body_line = _split_front_matter(text)
        findings: list[Finding] = []
        front_matter = None
        positions: Positions = {}
        try:
            parsed = yaml_source.parse_yaml(text, head, 2)
            positions = parsed.positions
            front_matter = yaml_source.validate_model(FrontMatter, text, parsed)
            if path.stem == leaflet.source_language and front_matter.translation:
                message = "this is the source language, so “translation” does not belong here; remove it"
                findings.append(
                    Finding("translation", message, SourceLocation(text.name, *parsed.positions["translation",]))
                )
        except SourceError as error:
            findings += error.findings
        body, problems = markdown.parse(body_text, text.name, body_line)
        findings += problems
        found: dict[str, PictureFile] = {}
        for figure in (node for node in body.nodes if isinstance(node, Figure)):
            try:
                found[figure.source], _ = self._asset(folder, figure.source, SourceLocation(text.name, figure.line))
            except SourceError as error:
                findings += error.findings
        findings += _body_findings(body, text.name, leaflet)
        findings += personal_fields.personal_field_findings(body, front_matter, text.name, leaflet, positions)
        if findings or front_matter is None:
            raise SourceError(findings)
        return Translation(path.stem, front_matter, body, found, text)

    def _clinic(self, path: Path) -> ClinicEntry:
        text, clinic, positions = self._validated(Clinic, path)
        slots = {}
        for file in self._load_slot_texts(path.with_suffix("")):
            slot, _, language = file.stem.rpartition(".")
            slots[file.parent.name, slot, language] = self._load_slot_text(file)
        return ClinicEntry(path.stem, clinic, text, positions, slots)

    def _load_slot_texts(self, folder: Path) -> list[Path]:
        """Return the files of a clinic's own wording. Raises SourceError at the clinic where nobody can tell what there is."""
        try:
            members = self._members(folder)
            leaflets = [folder / member.name for member in members if member.is_folder or member.is_broken]
            return [each / member.name for each in leaflets for member in self._members(each) if _is_text_file(member)]
        except SourceError as error:
            clinic = SourceLocation(f"{self._name(folder)}.yaml")
            told = (f"its own wording in {finding.place.file} {finding.message}" for finding in error.findings)
            raise SourceError(Finding("unreadable", message, clinic) for message in told) from None

    def _load_slot_text(self, path: Path) -> tuple[MarkdownBody, SourceFile]:
        """Return a clinic's own wording. A broken one is kept, so that nobody takes the leaflet's for the clinic's."""
        try:
            text = yaml_source.read_text(path, self._name(path), self.root)
        except SourceError as error:
            self.findings += error.findings
            return MarkdownBody((), ()), SourceFile(self._name(path), "", "")
        body, problems = markdown.parse(text.text, text.name)
        self.findings += problems
        self.findings += _field_findings(body, text.name)
        return body, text

    def _check_stray_folders(self, clinics: Collection[str]) -> None:
        for folder in self._folders("clinics"):
            if f"{folder.name}.yaml" not in self.listed["clinics"] and folder.suffix != ".yaml":
                message = (
                    f"there is no clinic {folder.name}.yaml for the wording in here{did_you_mean(folder.name, clinics)}"
                )
                self.findings.append(Finding("unknown-clinic", message, SourceLocation(self._name(folder))))

    def _check_empty_folders(self) -> None:
        """Find a library without a single leaflet or clinic: a share that is not there yet looks like that, and its PDFs must stay."""
        for folder, what in (("content", "leaflet"), ("clinics", "clinic")):
            if not self.listed.get(folder, {"cannot be listed"}):
                message = (
                    f"there is not a single {what} here, so nothing that was published is removed; "
                    f"bring them back, or make one with: pdfkit new {what}"
                )
                self.findings.append(Finding("empty-library", message, SourceLocation(self._name(self.root / folder))))

    def _unique_ids(self, leaflets: dict[str, LeafletEntry]) -> None:
        """Two leaflets with one id: both are kept out, since nobody can tell which a printed sheet is."""
        first: dict[str, LeafletEntry] = {}
        for name, entry in list(leaflets.items()):
            other = first.setdefault(entry.model.id, entry)
            if other is entry:
                continue
            for this, that in ((entry, other), (other, entry)):
                place = SourceLocation(this.source.name, *this.positions.get(("id",), (0, 0)))
                message = f"document id {entry.model.id} is also that of {that.name}; give one of them another"
                self.findings.append(Finding("duplicate-id", message, place))
            leaflets.pop(name)
            leaflets.pop(other.name, None)


def _is_text_file(member: FolderItem) -> bool:
    return member.name.endswith(".md")


def _split_front_matter(text: SourceFile) -> tuple[str, str, int]:
    """Split a text into front matter, body, and the line that the body starts on. Raises SourceError."""
    lines = text.text.split("\n")
    if lines[0].strip() != "---":
        message = "the text must begin with front matter: a line “---”, title and summary, and another “---”"
        raise SourceError([Finding("front-matter", message, SourceLocation(text.name, 1))])
    for index, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2
    raise SourceError(
        [
            Finding(
                "front-matter",
                "the front matter is never closed; add a line “---” after it",
                SourceLocation(text.name, 1),
            )
        ]
    )


def _field_findings(body: MarkdownBody, name: str, personal: Iterable[str] = ()) -> Iterator[Finding]:
    known = [
        *(f"clinic.{field}" for field in CLINIC_FIELDS),
        *(f"{personal_fields.FIELD_PREFIX}{field}" for field in personal),
    ]
    for node in (*body.nodes, *body.notes):
        if isinstance(node, Field) and node.name not in known:
            message = f"undefined field “{node.name}”; use one of: {', '.join(known)}"
            if node.name.startswith(personal_fields.FIELD_PREFIX):
                message += "; personal fields are declared under “personal:” in leaflet.yaml, and stand in the leaflet's own text"
            yield Finding("undefined-field", message, SourceLocation(name, node.line, node.column))


def _body_findings(body: MarkdownBody, name: str, leaflet: Leaflet) -> Iterator[Finding]:
    yield from _field_findings(body, name, leaflet.personal)
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
                yield Finding("block-twice", f"block “{node.name}” stands here for the second time; keep one", place)
            seen.add(node.name)
    written = {node.argument for node in directives}
    for slot in leaflet.slots:
        if slot not in written:
            message = f"leaflet.yaml declares the slot “{slot}”, but the text has no “::: slot {slot}”; add it"
            yield Finding("unused-slot", message, SourceLocation(name))


def _slot_findings(
    clinic: ClinicEntry, leaflets: Mapping[str, LeafletEntry], listed: Mapping[str, frozenset[str]]
) -> Iterator[Finding]:
    """Yield a finding for each wording that no leaflet asks for, and for what cannot stand in one."""
    for (leaflet, slot, language), (body, text) in clinic.slots.items():
        place = SourceLocation(text.name)
        entry = leaflets.get(leaflet)
        if leaflet not in (known := listed.get("content", {leaflet})):
            yield Finding("unknown-leaflet", f"there is no leaflet “{leaflet}”{did_you_mean(leaflet, known)}", place)
        elif entry and slot not in entry.model.slots:
            declared = ", ".join(entry.model.slots) or "none"
            message = (
                f"leaflet {leaflet} declares no slot “{slot}” (it declares: {declared}); name the file slot.language.md"
            )
            yield Finding("unknown-slot", message, place)
        elif entry and f"{language}.md" not in listed[f"content/{leaflet}"]:
            message = (
                f"leaflet {leaflet} has no text in “{language}”; name the file slot.language.md, such as {slot}.da.md"
            )
            yield Finding("unknown-language", message, place)
        for node in body.nodes:
            if isinstance(node, Figure):
                yield Finding(
                    "not-in-slot",
                    "a picture belongs to the leaflet; take it out here",
                    SourceLocation(text.name, node.line),
                )
            elif isinstance(node, Directive) and not node.spec.in_slot:
                message = f"block “{node.name}” belongs to the leaflet; take it out here"
                yield Finding("not-in-slot", message, SourceLocation(text.name, node.line))


def _reference_findings(library: Library) -> Iterator[Finding]:
    """Yield a finding for each name in the library that leads nowhere."""
    brands, content = library.names("brands"), library.names("content")
    for clinic in library.clinics.values():

        def place(*path: str | int, clinic: ClinicEntry = clinic) -> SourceLocation:
            return SourceLocation(clinic.source.name, *clinic.positions.get(path, (0, 0)))

        if library.lacks("brands", clinic.model.brand):
            yield Finding(
                "unknown-brand",
                f"there is no brand “{clinic.model.brand}”{did_you_mean(clinic.model.brand, brands)}",
                place("brand"),
            )
        for leaflet_name, hand_out in clinic.model.hands_out.items():
            where = ("hands_out", leaflet_name)
            if library.lacks("content", leaflet_name):
                yield Finding(
                    "unknown-leaflet",
                    f"there is no leaflet “{leaflet_name}”{did_you_mean(leaflet_name, content)}",
                    place(*where),
                )
            leaflet = library.leaflets.get(leaflet_name)
            if leaflet is None:
                continue
            for kind, wanted, offered in (
                ("format", hand_out.formats, leaflet.model.formats),
                ("variant", hand_out.variants, leaflet.model.variants),
            ):
                for index, name in enumerate(wanted):
                    if name not in offered:
                        message = f"{leaflet_name} is not offered in {kind} “{name}”; it is in: {', '.join(offered)}"
                        yield Finding(f"unknown-{kind}", message, place(*where, f"{kind}s", index))
            for index, language in enumerate(hand_out.languages):
                if library.lacks(f"content/{leaflet_name}", f"{language}.md"):
                    exists = ", ".join(sorted(leaflet.translations)) or "none"
                    message = f"{leaflet_name} has no text in “{language}” (it has: {exists}); write {language}.md or take it out here"
                    yield Finding("missing-language", message, place(*where, "languages", index))
        languages = {clinic.model.language: place("language")}
        for leaflet_name, hand_out in clinic.model.hands_out.items():
            for index, language in enumerate(hand_out.languages):
                languages.setdefault(language, place("hands_out", leaflet_name, "languages", index))
        for language, where_asked in languages.items():
            if language not in language_defaults.packaged_files("phrases") and library.lacks(
                "phrases", f"{language}.yaml"
            ):
                message = f"there is no phrases/{language}.yaml for the language “{language}”; write it"
                yield Finding("missing-phrases", message, where_asked)
    for leaflet in library.leaflets.values():
        if library.lacks("clinics", f"{leaflet.model.owner}.yaml"):
            line = leaflet.positions.get(("owner",), (0, 0))
            message = (
                f"owner “{leaflet.model.owner}” is not a clinic{did_you_mean(leaflet.model.owner, library.clinics)}"
            )
            yield Finding("unknown-clinic", message, SourceLocation(leaflet.source.name, *line))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return “; did you mean …?” for the nearest of the known names, or a list of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean “{close[0]}”?"
    more = f" and {len(known) - MAX_LISTED_NAMES} more" if len(known) > MAX_LISTED_NAMES else ""
    return f"; there are: {', '.join(known[:MAX_LISTED_NAMES])}{more}" if known else ""
