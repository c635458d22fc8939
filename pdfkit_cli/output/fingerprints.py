"""The inputs of each PDF as named digests in groups, which show that a library is unchanged without drawing it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache

from pdfkit_cli.content import language_files, translations, yaml_source
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.toolchain import InputGroup, group_digest

SOURCE_MARKER = "@source"
"""Suffix of an input that lists the segments of a translation that are out of date."""

APPROVAL_MARKER = "@approval"
"""Suffix of an input that is there while an original is not the text that was approved: all languages have a label then."""


class RebuildReasonKind(StrEnum):
    """Why a PDF has to be rendered. The kinds before `changed` are about the file, the others about an input."""

    NEW = "new"
    UNFINISHED = "unfinished"
    FORCED = "forced"
    MISSING = "missing"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    ADDED = "added"
    GONE = "gone"
    STALE = "stale"
    STALE_ELSEWHERE = "stale-elsewhere"
    STALE_NO_MORE = "stale-no-more"
    UNAPPROVED = "unapproved"
    APPROVED = "approved"


_DESCRIPTIONS: Mapping[RebuildReasonKind, str] = {
    RebuildReasonKind.NEW: "new",
    RebuildReasonKind.UNFINISHED: "an earlier build did not finish it",
    RebuildReasonKind.FORCED: "forced",
    RebuildReasonKind.MISSING: "the file is missing",
    RebuildReasonKind.ALTERED: "the file was changed by something else",
    RebuildReasonKind.UNKNOWN: "its inputs are not known any more",
    RebuildReasonKind.CHANGED: "{} changed",
    RebuildReasonKind.ADDED: "{} is new",
    RebuildReasonKind.GONE: "{} is gone",
    RebuildReasonKind.STALE: "{} is out of date against its source",
    RebuildReasonKind.STALE_ELSEWHERE: "{} is out of date against its source in another place",
    RebuildReasonKind.STALE_NO_MORE: "{} is up to date with its source again",
    RebuildReasonKind.UNAPPROVED: "{} changed since it was approved",
    RebuildReasonKind.APPROVED: "{} is the text that was approved",
}

_TRANSLATION_KINDS = {
    RebuildReasonKind.ADDED: RebuildReasonKind.STALE,
    RebuildReasonKind.CHANGED: RebuildReasonKind.STALE_ELSEWHERE,
    RebuildReasonKind.GONE: RebuildReasonKind.STALE_NO_MORE,
}


@dataclass(frozen=True, slots=True, order=True)
class RebuildReason:
    """Why a PDF has to be rendered: a kind, and the input that it is about, if any."""

    kind: RebuildReasonKind
    subject: str = ""

    def __str__(self) -> str:
        return _DESCRIPTIONS[self.kind].format(self.subject)

    @property
    def of_tool(self) -> bool:
        """Whether it is about a tool and not about a file."""
        return bool(self.subject) and "/" not in self.subject


@dataclass(frozen=True, slots=True)
class OutputInputs:
    """The groups of one PDF, by their digests."""

    groups: tuple[str, ...]


class FingerprintIndex:
    """The inputs of every PDF of a loaded library, and the groups that the manifest stores."""

    def __init__(self, library: Library, layouts: Layouts, versions: InputGroup) -> None:
        self._library, self._layouts, self._versions = library, layouts, versions
        self.groups: dict[str, InputGroup] = {}
        self._memo: dict[tuple[str, ...], str] = {}

    def of(self, output_key: OutputKey) -> OutputInputs:
        """Return the inputs of one PDF."""
        key = output_key.edition
        groups = [
            ("leaflet", key.leaflet, key.language),
            ("clinic", key.clinic, key.leaflet, key.language),
            ("layout", output_key.format),
            ("tools",),
        ]
        if self._layouts.formats[output_key.format].bilingual:
            leaflet = self._library.leaflets[key.leaflet]
            original = leaflet.model.source_language
            if original in leaflet.translations and original in self._library.languages:
                groups += [("leaflet", key.leaflet, original), ("clinic", key.clinic, key.leaflet, original)]
        return OutputInputs(tuple(map(self._group, groups)))

    def name(self, file: str) -> str:
        """Return the name of a library file in the manifest, which does not depend on where the library is."""
        return "leaflets/" + file.removeprefix(f"{self._library.root.as_posix()}/")

    def files(self, inputs: OutputInputs) -> InputGroup:
        """Return all files and tools of the groups."""
        return {name: digest for group in inputs.groups for name, digest in self.groups[group].items()}

    def _group(self, name: tuple[str, ...]) -> str:
        if name not in self._memo:
            kind, *arguments = name
            group: InputGroup = getattr(self, f"_{kind}")(*arguments)
            digest = group_digest(group)
            self.groups[digest] = group
            self._memo[name] = digest
        return self._memo[name]

    def _leaflet(self, leaflet: str, language: str) -> InputGroup:
        entry = self._library.leaflets[leaflet]
        translation = entry.translations[language]
        pictures = {asset.name: asset.digest for asset in translation.pictures.values()}
        texts = {text.name: text.digest for text in (entry.source, translation.source)}
        return self._named({**texts, **pictures, **_translation_state(entry, language), **_approval_state(entry)})

    def _clinic(self, clinic: str, leaflet: str, language: str) -> InputGroup:
        entry = self._library.clinics[clinic]
        brand = self._library.brands[entry.model.brand]
        own_language = self._library.languages[language].source
        own = [text for (where, _, lang), (_, text) in entry.slots.items() if (where, lang) == (leaflet, language)]
        named = self._named(
            {text.name: text.digest for text in (entry.source, own_language, *own)} | dict(brand.sources)
        )
        return {**named, **_packaged_language(language)}

    def _named(self, files: InputGroup) -> InputGroup:
        return {self.name(file): digest for file, digest in files.items()}

    def _layout(self, format_name: str) -> InputGroup:
        own = {f"layouts/{name}": digest for name, digest in self._layouts.digests(format_name).items()}
        return {**self._shared_layout, **own}

    @cached_property
    def _shared_layout(self) -> InputGroup:
        files = {_path_in_url(file.url): file.digest for file in (*self._layouts.files, *self._layouts.templates)}
        return files | {"layouts/formats": yaml_source.sha256_hex(repr(self._layouts.measures).encode())}

    def _tools(self) -> InputGroup:
        return self._versions


def _translation_state(entry: LeafletEntry, language: str) -> InputGroup:
    """Return the record of a translation and the segments that are out of date: the page mentions that it is."""
    if language == entry.model.source_language or entry.made_from is None:
        return {}
    record = entry.made_from[1]
    stale = translations.stale_segments(entry, language)
    against = entry.translations[language].source.name + SOURCE_MARKER
    digests = "".join(segment.theirs.digest for segment in stale)
    return {record.name: record.digest} | ({against: yaml_source.sha256_hex(digests.encode())} if stale else {})


def _approval_state(entry: LeafletEntry) -> InputGroup:
    """Return that the original changed since it was approved: the pages of all languages mention it."""
    if not (entry.changed_since_approval and entry.original):
        return {}
    return {entry.original.source.name + APPROVAL_MARKER: yaml_source.sha256_hex(b"changed")}


@cache
def _packaged_language(language: str) -> InputGroup:
    """Return pdfkit's file of a language, which decides what a library's own does not."""
    source = language_files.packaged_source(language)
    return {source.name: source.digest} if source else {}


def _path_in_url(url: str) -> str:
    return url.split("/", 3)[3]


def changed_inputs(before: Iterable[InputGroup], now: InputGroup) -> tuple[RebuildReason, ...]:
    """Return the inputs that differ, sorted by name."""
    old = {name: digest for group in before for name, digest in group.items()}
    found = [(name, RebuildReasonKind.CHANGED) for name in now if name in old and old[name] != now[name]]
    found += [(name, RebuildReasonKind.ADDED) for name in now if name not in old]
    found += [(name, RebuildReasonKind.GONE) for name in old if name not in now]
    return tuple(_reason(kind, name) for name, kind in sorted(found))


@lru_cache(1 << 12)  # thousands of PDFs have the same groups
def _reason(kind: RebuildReasonKind, name: str) -> RebuildReason:
    if name.endswith(SOURCE_MARKER):
        return RebuildReason(_TRANSLATION_KINDS[kind], name.removesuffix(SOURCE_MARKER))
    if name.endswith(APPROVAL_MARKER):
        approved = RebuildReasonKind.APPROVED if kind is RebuildReasonKind.GONE else RebuildReasonKind.UNAPPROVED
        return RebuildReason(approved, name.removesuffix(APPROVAL_MARKER))
    return RebuildReason(kind, name)


def affects_every_page(before: InputGroup, now: InputGroup) -> bool:
    """Return whether two groups differ in tools, fonts or CSS, all of which are part of the key of every page."""
    names = (name for name in {*before, *now} if "/" not in name or name.endswith((".css", ".ttf")))
    return any(before.get(name) != now.get(name) for name in names)
