"""What each PDF is made from: named digests in a few groups, so that an unchanged library is recognised without drawing it."""

import ctypes
import hashlib
import json
import platform
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import TypeAlias

from pdfkit_cli import source, translations
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.editions import Printing
from pdfkit_cli.layout import PACKAGE, Layouts

Group: TypeAlias = Mapping[str, str]
"""File or tool to its digest or version."""

TOOLS = (
    "babel", "cssselect2", "fonttools", "jinja2", "markdown-it-py", "markupsafe", "mdit-py-plugins", "phonenumbers",
    "pillow", "pydyf", "pyphen", "segno", "tinycss2", "tinyhtml5", "weasyprint",
)  # fmt: skip
"""The libraries that can change a page or its PDF."""

SYSTEM = (
    ("pango", "libpango-1.0.so.0", "pango_version_string"),
    ("harfbuzz", "libharfbuzz.so.0", "hb_version_string"),
    ("harfbuzz-subset", "libharfbuzz-subset.so.0", "hb_version_string"),
)
"""The same, of the system: name, file, and the function that tells the version."""


AGAINST_SOURCE = "@source"
"""Behind the name of a translation: an input that says which of its passages are out of date against its source."""


class ReasonKind(StrEnum):
    """Why a PDF has to be rendered; the first ones are of the file, the others of an input."""

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


_ENGLISH: Mapping[ReasonKind, str] = {
    ReasonKind.NEW: "new",
    ReasonKind.UNFINISHED: "an earlier build did not finish it",
    ReasonKind.FORCED: "forced",
    ReasonKind.MISSING: "the file is missing",
    ReasonKind.ALTERED: "the file was changed by something else",
    ReasonKind.UNKNOWN: "its inputs are not known any more",
    ReasonKind.CHANGED: "{} changed",
    ReasonKind.ADDED: "{} is new",
    ReasonKind.GONE: "{} is gone",
    ReasonKind.STALE: "{} is out of date against its source",
    ReasonKind.STALE_ELSEWHERE: "{} is out of date against its source in another place",
    ReasonKind.STALE_NO_MORE: "{} is up to date with its source again",
}

_OF_TRANSLATION = {
    ReasonKind.ADDED: ReasonKind.STALE,
    ReasonKind.CHANGED: ReasonKind.STALE_ELSEWHERE,
    ReasonKind.GONE: ReasonKind.STALE_NO_MORE,
}


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a PDF has to be rendered: its kind, and the input that it is about, where it is about one."""

    kind: ReasonKind
    subject: str = ""

    def __str__(self) -> str:
        return _ENGLISH[self.kind].format(self.subject)

    @property
    def of_tool(self) -> bool:
        """Whether it is about a library or a program, and not about a file."""
        return bool(self.subject) and "/" not in self.subject


def group_digest(group: Group) -> str:
    """Return the short name of a group: 16 hexadecimal digits of SHA-256 over its canonical JSON."""
    return hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The groups of one PDF, by their digests."""

    groups: tuple[str, ...]


class Register:
    """Knows every input of the library that is loaded, and the groups that the manifest must remember."""

    def __init__(self, catalogue: Catalogue, layouts: Layouts) -> None:
        self._catalogue, self._layouts = catalogue, layouts
        self.groups: dict[str, Group] = {}
        self._memo: dict[tuple[str, ...], str] = {}

    def of(self, printing: Printing) -> Inputs:
        """Return what one PDF is made from."""
        key = printing.edition
        return Inputs(
            (
                self._group(("leaflet", key.leaflet, key.language)),
                self._group(("clinic", key.clinic, key.leaflet, key.language)),
                self._group(("layout", printing.format)),
                self._group(("tools",)),
            )
        )

    def name(self, file: str) -> str:
        """Return the name of a library file as the manifest has it, wherever the library was loaded from."""
        return "leaflets/" + file.removeprefix(f"{self._catalogue.root.as_posix()}/")

    def files(self, inputs: Inputs) -> Group:
        """Return every file and tool of the groups together."""
        return {name: digest for group in inputs.groups for name, digest in self.groups[group].items()}

    def _group(self, name: tuple[str, ...]) -> str:
        if name not in self._memo:
            kind, *arguments = name
            group: Group = getattr(self, f"_{kind}")(*arguments)
            digest = group_digest(group)
            self.groups[digest] = group
            self._memo[name] = digest
        return self._memo[name]

    def _leaflet(self, leaflet: str, language: str) -> Group:
        entry = self._catalogue.leaflets[leaflet]
        translation = entry.translations[language]
        pictures = {asset.name: asset.digest for asset in translation.pictures.values()}
        texts = {text.name: text.digest for text in (entry.source, translation.source)}
        return self._named({**texts, **pictures, **_state(entry, language)})

    def _clinic(self, clinic: str, leaflet: str, language: str) -> Group:
        entry = self._catalogue.clinics[clinic]
        brand = self._catalogue.brands[entry.model.brand]
        phrases = self._catalogue.phrases[language].source
        own = [text for (where, _, lang), (_, text) in entry.slots.items() if (where, lang) == (leaflet, language)]
        sources = [entry.source, brand.source, phrases, *own]
        return self._named({text.name: text.digest for text in sources} | {brand.logo.name: brand.logo.digest})

    def _named(self, files: Group) -> Group:
        return {self.name(file): digest for file, digest in files.items()}

    def _layout(self, format_name: str) -> Group:
        own = {f"layouts/{name}": digest for name, digest in self._layouts.digests(format_name).items()}
        return {**self._shared_layout, **own}

    @cached_property
    def _shared_layout(self) -> Group:
        return {_name(file.url): file.digest for file in (*self._layouts.files, *self._layouts.templates)}

    def _tools(self) -> Group:
        return tools()


def _state(entry: LeafletEntry, language: str) -> Group:
    """Return what a translation was made from, and how it stands to its source: the page says where it is out of date."""
    if language == entry.model.source_language or entry.made_from is None:
        return {}
    record = entry.made_from[1]
    stale = translations.stale(entry, language)
    against = entry.translations[language].source.name + AGAINST_SOURCE
    digests = "".join(passage.theirs.digest for passage in stale)
    return {record.name: record.digest} | ({against: source.digest(digests.encode())} if stale else {})


def _name(url: str) -> str:
    return url.split("/", 3)[3]


def tools() -> Group:
    """Return the versions of the libraries and the digest of pdfkit's own code."""
    own = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")) + sorted(PACKAGE.glob("*.xml")):
        if not {PACKAGE / "desk", PACKAGE / "offline"} & set(path.parents):  # they show PDFs, and make no byte of them
            own.update(path.read_bytes())
    return (
        {"pdfkit": own.hexdigest()[:16], "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
        | {name: version(name) for name in TOOLS}
        | {name: system_version(file, function) for name, file, function in SYSTEM}
    )


def system_version(file: str, function: str) -> str:
    """Return the version of a shared library, or nothing where it cannot be loaded."""
    try:
        tell = ctypes.CDLL(file)[function]
    except (OSError, AttributeError):
        return ""
    tell.restype = ctypes.c_char_p
    return str(tell().decode())


def changed(before: Iterable[Group], now: Group) -> tuple[Reason, ...]:
    """Return which inputs differ, by their names."""
    old = {name: digest for group in before for name, digest in group.items()}
    found = [(name, ReasonKind.CHANGED) for name in now if name in old and old[name] != now[name]]
    found += [(name, ReasonKind.ADDED) for name in now if name not in old]
    found += [(name, ReasonKind.GONE) for name in old if name not in now]
    return tuple(_reason(kind, name) for name, kind in sorted(found))


@lru_cache(1 << 12)  # thousands of PDFs have the same
def _reason(kind: ReasonKind, name: str) -> Reason:
    if name.endswith(AGAINST_SOURCE):
        return Reason(_OF_TRANSLATION[kind], name.removesuffix(AGAINST_SOURCE))
    return Reason(kind, name)


def shows(before: Group, now: Group) -> bool:
    """Say whether the difference between two groups is in the key of every page: one of tools, fonts or CSS, which each key holds whole."""
    names = (name for name in {*before, *now} if "/" not in name or name.endswith((".css", ".ttf")))
    return any(before.get(name) != now.get(name) for name in names)
