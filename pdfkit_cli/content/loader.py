"""Loads the library. All problems are collected as findings, and each affects only the files that it concerns."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from pdfkit_cli.content import (
    css_syntax,
    files,
    fonts,
    glossary,
    language_files,
    markdown,
    personal_fields,
    pictures,
    references,
    yaml_source,
)
from pdfkit_cli.content.blocks import Figure
from pdfkit_cli.content.files import FolderItem
from pdfkit_cli.content.fonts import FontFamily
from pdfkit_cli.content.glossary import Glossary
from pdfkit_cli.content.languages import locales
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import (
    SOURCE_RECORD,
    BrandEntry,
    ClinicEntry,
    ContentEntry,
    LanguageEntry,
    LeafletEntry,
    Library,
    PictureFile,
    Translation,
)
from pdfkit_cli.content.markdown import MarkdownBody
from pdfkit_cli.content.models import (
    SLUG_PATTERN,
    Brand,
    Clinic,
    FrontMatter,
    Leaflet,
    LibrarySettings,
    MadeFrom,
)
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.pictures import CheckedPicture
from pdfkit_cli.content.recalls import RECALLS_FILE, Recalls
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.content.yaml_source import Positions, SourceFile
from pdfkit_cli.errors import Finding, SourceError, SourceLocation, UsageError

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def load_library(root: Path, before: Library | None = None, *, hold: bool = False) -> Library:
    """Load the library in `root`, the folder with `library.yaml`.

    Every file is read, but what has not changed since the library was loaded `before` is not parsed again:
    the entries of such files are the same objects.
    With `hold`, a clinic, a leaflet or a text that can no longer be read stays as it was `before`, and is `held`.

    Raises UsageError if there is no library, SourceError if library.yaml itself or recalls.yaml cannot be read.
    All other problems are in `findings` of the library, which contains everything that could be read.
    """
    if not files.exists(root / "library.yaml", (root / "library.yaml").as_posix()):
        raise UsageError(
            f"{root}: no library here (no library.yaml)",
            hint="name its folder with --library, or create one with: pdfkit new library",
        )
    return _Loader(root, _Unchanged.since(before), hold).library()


def load_settings(root: Path) -> LibrarySettings:
    """Return the settings in `library.yaml`. Raises SourceError if it cannot be read."""
    return _Loader(root)._validated(LibrarySettings, root / "library.yaml")[1]


_NAME = re.compile(SLUG_PATTERN)

_TRANSLATION_KEYS = {"translation", "translated_by", "translation_reviewed_by"}
"""Keys of the front matter that only a translation may have."""


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """What a library was when it was loaded before, without files that had findings: those are parsed again."""

    files: Mapping[str, tuple[SourceFile, BaseModel, Positions]] = field(default_factory=dict)
    translations: Mapping[str, tuple[Leaflet, Translation]] = field(default_factory=dict)
    slots: Mapping[str, tuple[MarkdownBody, SourceFile]] = field(default_factory=dict)
    brands: Mapping[str, BrandEntry] = field(default_factory=dict)

    @classmethod
    def since(cls, library: Library | None) -> "_Unchanged":
        if library is None:
            return cls()
        faulty = {finding.place.file for finding in library.findings}
        settings = library.settings_source, library.settings, library.settings_positions
        files: dict[str, tuple[SourceFile, BaseModel, Positions]] = {library.settings_source.name: settings}
        files |= {leaflet.source.name: _validated_file(leaflet) for leaflet in library.leaflets.values()}
        files |= {clinic.source.name: _validated_file(clinic) for clinic in library.clinics.values()}
        files[library.recalls.source.name] = _validated_file(library.recalls)
        files |= {entry.source.name: _validated_file(entry) for entry in library.glossaries.values()}
        return cls(
            files,
            {
                text.source.name: (entry.model, text)
                for entry in library.leaflets.values()
                for text in entry.translations.values()
            },
            {
                source.name: (body, source)
                for clinic in library.clinics.values()
                for body, source in clinic.slots.values()
                if source.name not in faulty
            },
            library.brands,
        )


def _with_recall(leaflet: LeafletEntry, recalls: ContentEntry[Recalls]) -> LeafletEntry:
    recall = recalls.model.root.get(leaflet.model.id)
    return replace(leaflet, recall=recall) if recall and recall.covers(leaflet.model.version) else leaflet


def _validated_file(entry: ContentEntry[M]) -> tuple[SourceFile, BaseModel, Positions]:
    return entry.source, entry.model, entry.positions


@dataclass(slots=True)
class _Loader:
    root: Path
    unchanged: _Unchanged = field(default_factory=_Unchanged)
    hold: bool = False
    held: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    listed: dict[str, frozenset[str]] = field(default_factory=dict)
    fonts: dict[str, FontFamily] = field(default_factory=dict)
    languages: Mapping[str, LanguageEntry] = field(default_factory=dict)

    def library(self) -> Library:
        settings_source, settings, positions = self._validated(LibrarySettings, self.root / "library.yaml")
        languages = self.languages = self._languages(settings)
        self.fonts = dict(self._each(self._folders("fonts"), self._font_family))
        brands = dict(self._each(self._folders("brands"), self._brand))
        leaflets = dict(self._each(self._folders("content"), lambda path: self._leaflet(path, settings)))
        self._unique_ids(leaflets)
        recalls = self._recalls()
        leaflets = {name: _with_recall(entry, recalls) for name, entry in leaflets.items()}
        clinics = dict(self._each(self._files("clinics"), self._clinic))
        for entry in clinics.values():
            self.findings += references.slot_findings(entry, leaflets, self.listed)
        self._check_stray_folders(clinics)
        self._check_empty_folders()
        library = Library(
            self.root,
            settings,
            settings_source,
            positions,
            leaflets,
            clinics,
            brands,
            languages,
            (),
            self.listed,
            recalls,
            self.held,
            dict(self._each(self._files(glossary.FOLDER), self._glossary)),
        )
        self.findings += references.reference_findings(library)
        self.findings.sort(key=lambda finding: finding.place)
        return replace(library, findings=tuple(dict.fromkeys(self.findings)))

    def _recalls(self) -> ContentEntry[Recalls]:
        """Return the recalls. Raises SourceError: while nobody knows what is recalled, nothing may be handed out."""
        path = self.root / RECALLS_FILE
        if not files.exists(path, self._name(path)):
            return ContentEntry(path.stem, Recalls({}), SourceFile(self._name(path), "", ""), {})
        text, recalls, positions = self._last_good(Recalls, path)
        return ContentEntry(path.stem, recalls, text, positions)

    def _glossary(self, path: Path) -> ContentEntry[Glossary]:
        self._check_language_name(path)
        text, terms, positions = self._validated(Glossary, path)
        return ContentEntry(path.stem, terms, text, positions)

    def _check_language_name(self, path: Path) -> None:
        """Raise SourceError unless a file is named after a language."""
        if not locales.is_language(path.stem):
            message = f"{locales.unknown_language_message(path.stem)}; rename the file"
            raise SourceError([Finding("bad-name", message, SourceLocation(self._name(path)))])

    def _name(self, path: Path) -> str:
        """Return a path in the form used in findings: relative to the library folder as the user named it."""
        return path.as_posix()

    def _members(self, folder: Path) -> tuple[FolderItem, ...]:
        """Return the entries of a folder. Raises SourceError if it cannot be listed."""
        found = files.list_folder(folder, self._name(folder), self.root)
        self.listed[folder.relative_to(self.root).as_posix()] = frozenset(member.name for member in found)
        return found

    def _list_folder(self, folder: str) -> tuple[FolderItem, ...]:
        """Return the entries of a folder of the library. If it cannot be listed, that is a finding, and published PDFs made from it are kept."""
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
                message = "is a broken link, or cannot be read; repair or remove it"
                self.findings.append(Finding("unreadable", message, SourceLocation(self._name(path))))
            elif member.is_folder:
                found.append(path)
        return list(self._valid_names(found))

    def _valid_names(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Yield the entries whose names can be used in commands, clinic files and output file names; the others are findings."""
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
        """Yield the name and the entry of each path that loads, and collect the findings of the others."""
        for path in paths:
            try:
                yield path.name.removesuffix(".yaml"), load_one(path)
            except SourceError as error:
                self.findings += error.findings

    def _languages(self, settings: LibrarySettings) -> dict[str, LanguageEntry]:
        """Return the languages of the library, without those whose own file has errors or is where such files were before."""
        own = {path.stem for path in self._files(language_files.FOLDER)}
        if language_files.FOLDER not in self.listed:
            return {}  # what the library overrides is unknown
        moved = set(self._moved_files())
        codes = sorted({*own, *settings.languages} - moved)
        paths = (self.root / language_files.FOLDER / f"{code}.yaml" for code in codes)
        return {code: entry for code, entry in self._each(paths, lambda path: self._language(path, own)) if entry}

    def _language(self, path: Path, own: Collection[str]) -> LanguageEntry | None:
        """Return a language; None if neither the library nor pdfkit has phrases in it. Raises SourceError."""
        if path.stem in own:
            self._check_language_name(path)
            source = yaml_source.read_text(path, self._name(path), self.root)
            return self._own_language(path.stem, source)
        packaged = language_files.packaged_source(path.stem)
        known = language_files.known_language(path.stem)
        if packaged is None or known.file.phrases is None:
            return None
        return LanguageEntry(known, replace(packaged, name=self._name(path)))

    def _own_language(self, code: str, source: SourceFile) -> LanguageEntry:
        language, positions = language_files.library_language(code, source)
        return LanguageEntry(language, source, positions)

    def _moved_files(self) -> Iterator[str]:
        """Yield each language with a file in a folder of pdfkit 1.0, with a finding that tells where it belongs now."""
        for folder, key in (("phrases", "phrases"), ("words", "plain_words")):
            for path in self._files(folder):
                target = self._name(self.root / language_files.FOLDER / path.name)
                message = f"what depends on a language is in one file now; move this to {target}, below “{key}:”"
                self.findings.append(Finding("moved-file", message, SourceLocation(self._name(path))))
                yield path.stem

    def _validated(self, model: type[M], path: Path) -> tuple[SourceFile, M, Positions]:
        text = yaml_source.read_text(path, self._name(path), self.root)
        known = self.unchanged.files.get(text.name)
        if known and known[0] == text and isinstance(known[1], model):
            return text, known[1], known[2]
        parsed = yaml_source.parse_yaml(text)
        return text, yaml_source.validate_model(model, text, parsed), parsed.positions

    def _last_good(self, model: type[M], path: Path) -> tuple[SourceFile, M, Positions]:
        """Return a file as it is, or, if it has errors and those are held, as it was before. Raises SourceError."""
        try:
            return self._validated(model, path)
        except SourceError as error:
            name = self._name(path)
            text, known, positions = self.unchanged.files.get(name, (None, None, {}))
            if not self.hold or text is None or not isinstance(known, model):
                raise
            self.held[name] = tuple(error.findings)
            return text, known, positions

    def _brand(self, folder: Path) -> BrandEntry:
        text, brand, positions = self._validated(Brand, folder / "brand.yaml")
        logo, picture = self._asset(folder, "logo.svg", SourceLocation(text.name))
        css = folder / "brand.css"
        style = yaml_source.read_text(css, self._name(css), self.root) if files.exists(css, self._name(css)) else None
        if style and (problems := css_syntax.css_problems(style)):
            raise SourceError(problems)

        def place(*key: str) -> SourceLocation:
            return SourceLocation(text.name, *positions.get(key, (0, 0)))

        text_font, heading_font = [
            self._brand_font(name, place("fonts", key))
            for key, name in (("text", brand.fonts.text), ("headings", brand.fonts.headings))
        ]
        scripts = {
            script: family
            for script, name in brand.fonts.scripts.items()
            if (family := self._brand_font(name, place("fonts", "scripts", script)))
        }
        entry = BrandEntry(
            folder.name, brand, text, positions, logo, picture.data, picture.found.ratio, style, text_font,
            heading_font, scripts,
        )  # fmt: skip
        known = self.unchanged.brands.get(folder.name)
        return known if known == entry else entry

    def _brand_font(self, name: str | None, place: SourceLocation) -> FontFamily | None:
        """Return a font family of the library, or of pdfkit. Raises SourceError if it does not exist or has errors."""
        if name is None or name in self.fonts:
            return self.fonts.get(name or "")
        if name in self.listed.get("fonts", ()):
            raise SourceError([Finding("unknown-font", f"the font “{name}” has errors; correct them first", place)])
        packaged = fonts.load_families(packaged_folder("fonts"))
        if name in packaged:
            return packaged[name]
        guess = did_you_mean(name, [*self.listed.get("fonts", ()), *packaged])
        message = f"there is no font “{name}”; put its files into {self._name(self.root / 'fonts' / name)}{guess}"
        raise SourceError([Finding("unknown-font", message, place)])

    def _font_family(self, folder: Path) -> FontFamily:
        if folder.name in fonts.load_families(packaged_folder("fonts")):
            message = "pdfkit comes with a font of this name; rename the folder"
            raise SourceError([Finding("bad-name", message, SourceLocation(self._name(folder)))])
        return fonts.load_family(folder, self._name(folder), self.root)

    def _asset(self, folder: Path, relative: str, place: SourceLocation) -> tuple[PictureFile, CheckedPicture]:
        """Return a picture that has been checked. Raises SourceError if it is missing or not safe."""
        path = pictures.resolve_inside(folder, relative, place)
        picture = pictures.read_picture(path, place)
        found = picture.found
        shown = found.pixels, found.see_through, found.callouts, found.small
        file = PictureFile(path, self._name(path), picture.digest, *shown)
        return file, picture

    def _leaflet(self, folder: Path, settings: LibrarySettings) -> LeafletEntry:
        texts = {
            Path(member.name).stem: folder / member.name for member in self._members(folder) if _is_text_file(member)
        }
        text, leaflet, positions = self._last_good(Leaflet, folder / "leaflet.yaml")
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
                continue  # whether it is out of date is unknown
            try:
                translations[path.stem] = self._translation(path, folder, leaflet)
            except SourceError as error:
                if self.hold and (last := self._known_translation(self._name(path), folder, leaflet)):
                    translations[path.stem] = last
                    self.held[last.source.name] = tuple(error.findings)
                else:
                    self.findings += error.findings
        if leaflet.source_language not in texts:
            message = f"the source language is {leaflet.source_language}, but there is no {leaflet.source_language}.md; write it"
            place = SourceLocation(text.name, *positions.get(("source_language",), (0, 0)))
            self.findings.append(Finding("missing-language", message, place))
        return LeafletEntry(folder.name, leaflet, text, positions, translations, made_from)

    def _made_from(self, path: Path) -> tuple[tuple[MadeFrom, SourceFile] | None, bool]:
        """Return the record of the source that translations were made from, and whether there is a record that cannot be read."""
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
        known = self._known_translation(text.name, folder, leaflet)
        if known and known.source == text:
            return known
        head, body_text, body_line = split_front_matter(text)
        findings: list[Finding] = []
        front_matter = None
        positions: Positions = {}
        try:
            parsed = yaml_source.parse_yaml(text, head, 2)
            positions = parsed.positions
            front_matter = yaml_source.validate_model(FrontMatter, text, parsed)
            if path.stem == leaflet.source_language:
                for key in front_matter.model_fields_set & _TRANSLATION_KEYS:
                    message = f"this is the source text, not a translation; remove “{key}”"
                    findings.append(Finding("translation", message, SourceLocation(text.name, *positions[key,])))
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
        if leaflet.cover:
            place = SourceLocation(self._name(folder / "leaflet.yaml"))
            try:
                found[leaflet.cover], _ = self._asset(folder, leaflet.cover, place)
            except SourceError as error:
                findings += error.findings
        findings += references.body_findings(body, text.name, leaflet)
        findings += personal_fields.personal_field_findings(body, front_matter, text.name, leaflet, positions)
        if findings or front_matter is None:
            raise SourceError(findings)
        return Translation(path.stem, front_matter, body, found, text, self._rules(path.stem))

    def _rules(self, code: str) -> Language:
        entry = self.languages.get(code)
        return entry.language if entry else language_files.known_language(code)

    def _known_translation(self, name: str, folder: Path, leaflet: Leaflet) -> Translation | None:
        """Return the text as it was loaded before, if its leaflet and its pictures are the same; it had no findings."""
        before, known = self.unchanged.translations.get(name, (None, None))
        if known is None or before != leaflet or known.rules is not self._rules(known.language):
            return None
        try:
            found = {name: self._asset(folder, name, SourceLocation(known.source.name))[0] for name in known.pictures}
        except SourceError:
            return None
        return known if found == known.pictures else None

    def _clinic(self, path: Path) -> ClinicEntry:
        text, clinic, positions = self._last_good(Clinic, path)
        slots = {}
        for file in self._load_slot_texts(path.with_suffix("")):
            slot, _, language = file.stem.rpartition(".")
            slots[file.parent.name, slot, language] = self._load_slot_text(file)
        return ClinicEntry(path.stem, clinic, text, positions, slots)

    def _load_slot_texts(self, folder: Path) -> list[Path]:
        """Return the files of a clinic's own wording. Raises SourceError, with the place of the clinic, if they cannot be listed."""
        try:
            members = self._members(folder)
            leaflets = [folder / member.name for member in members if member.is_folder or member.is_broken]
            return [each / member.name for each in leaflets for member in self._members(each) if _is_text_file(member)]
        except SourceError as error:
            clinic = SourceLocation(f"{self._name(folder)}.yaml")
            messages = (f"its own wording in {finding.place.file} {finding.message}" for finding in error.findings)
            raise SourceError(Finding("unreadable", message, clinic) for message in messages) from None

    def _load_slot_text(self, path: Path) -> tuple[MarkdownBody, SourceFile]:
        """Return a clinic's own wording. Wording with errors is kept, so that the leaflet's text is never printed instead."""
        try:
            text = yaml_source.read_text(path, self._name(path), self.root)
        except SourceError as error:
            self.findings += error.findings
            return MarkdownBody((), ()), SourceFile(self._name(path), "", "")
        known = self.unchanged.slots.get(text.name)
        if known and known[1] == text:
            return known
        body, problems = markdown.parse(text.text, text.name)
        self.findings += problems
        self.findings += references.field_findings(body, text.name)
        return body, text

    def _check_stray_folders(self, clinics: Collection[str]) -> None:
        for folder in self._folders("clinics"):
            if f"{folder.name}.yaml" not in self.listed["clinics"] and folder.suffix != ".yaml":
                message = f"there is no clinic {folder.name}.yaml for the wording in this folder{did_you_mean(folder.name, clinics)}"
                self.findings.append(Finding("unknown-clinic", message, SourceLocation(self._name(folder))))

    def _check_empty_folders(self) -> None:
        """Report a library without leaflets or without clinics: it may be a share that is not mounted, so published PDFs must be kept."""
        for folder, what in (("content", "leaflet"), ("clinics", "clinic")):
            if not self.listed.get(folder, {"cannot be listed"}):
                message = (
                    f"there is no {what} here, so no published PDF is removed; "
                    f"restore the files, or create one with: pdfkit new {what}"
                )
                self.findings.append(Finding("empty-library", message, SourceLocation(self._name(self.root / folder))))

    def _unique_ids(self, leaflets: dict[str, LeafletEntry]) -> None:
        """Leave out leaflets that have the same id, since the id on a printed leaflet would be ambiguous."""
        first: dict[str, LeafletEntry] = {}
        for name, entry in list(leaflets.items()):
            other = first.setdefault(entry.model.id, entry)
            if other is entry:
                continue
            for this, that in ((entry, other), (other, entry)):
                place = this.place("id")
                message = f"document id {entry.model.id} is also used by {that.name}; give one of them another id"
                self.findings.append(Finding("duplicate-id", message, place))
            leaflets.pop(name)
            leaflets.pop(other.name, None)


def _is_text_file(member: FolderItem) -> bool:
    return member.name.endswith(".md")


def split_front_matter(text: SourceFile) -> tuple[str, str, int]:
    """Return front matter, body, and the line on which the body begins. Raises SourceError if there is no front matter."""
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
