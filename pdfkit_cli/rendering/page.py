"""A page to render, and everything that decides the bytes of its PDF."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pdfkit_cli.pdf.folding import Folding
from pdfkit_cli.rendering.verification.expected_item import ExpectedItem
from pdfkit_cli.system.disk_cache import cache_key

if TYPE_CHECKING:
    from pdfkit_cli.pdf.cmyk import Inks

_CSS_PLACE = re.compile(r" at (\d+):(\d+)\b")

BASE_URL = "https://pdfkit.invalid/"
"""The base of relative addresses in a page. The top-level domain is reserved (RFC 2606), so it leads nowhere."""


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that a render may read: its address in the page, its path, its digest."""

    url: str
    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """CSS, its digest, and the files that it consists of, each with the line on which it begins."""

    css: str
    digest: str
    sources: tuple[tuple[int, str], ...] = field(default=(), compare=False, repr=False)

    def locate(self, message: str) -> str:
        """Return a message of WeasyPrint with the file, line and column that it refers to, if it contains a place."""
        if not (found := _CSS_PLACE.search(message)):
            return message
        line, column = map(int, found.groups())
        file = next((source for source in reversed(self.sources) if source[0] <= line), None)
        return f"{file[1]}:{line - file[0] + 1}:{column}: {_CSS_PLACE.sub('', message)}" if file else message


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a PDF in its metadata, whatever its file name; `digest` begins with the printed short hash."""

    leaflet: str
    id: str
    version: str
    language: str
    variant: str
    clinic: str
    format: str
    digest: str
    personal: bool = False
    """Whether it was filled in for one patient. The values are only in the text."""


@dataclass(frozen=True, slots=True)
class ClearZone:
    """A rectangle that must stay white, in mm from the left and the top edge of the trimmed page."""

    name: str
    left: float
    top: float
    width: float
    height: float
    pages: Literal["every", "first", "later"] = "every"


@dataclass(frozen=True, slots=True)
class PageLimits:
    """The limits that a finished PDF is checked against; see `models.Preflight`."""

    page: tuple[float, float]
    zones: tuple[ClearZone, ...] = ()
    max_bytes: int | None = None
    max_sheets: int | None = None
    instead: tuple[str, ...] = ()
    max_pages: int | None = None
    max_pdf_version: str | None = None


@dataclass(frozen=True, slots=True)
class PageFormat:
    """What a format decides about a PDF, as plain values: a worker that knew the models would import Pydantic, 0.3 s of CPU.

    `key` is `models.Format.render_key`, and the others are its settings of the same names.
    """

    key: str
    duplex: Literal["long-edge", "short-edge"] = "long-edge"
    imposition: Literal["none"] | Folding = "none"
    bleed: float = 0
    colours: Literal["rgb", "cmyk"] = "rgb"
    transparency: bool = True
    archival: bool = True
    pages_per_sheet: int = 2
    columns: int = 1
    grows: bool = False
    cover: bool = False
    preflight: PageLimits | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """An edition in a format, ready to render: nothing else can change the bytes.

    `shares_body` is whether the clinic's facts are only in blocks of their own, so that other clinics have the same body.
    `imprint` is whether such bodies are used at all, which has no visible effect.
    `expected` is the content that the PDF must contain, and `name` identifies the edition in messages about
    missing content: neither changes a byte.
    `inks` are the brand's colours as its organisation prints them, for a format in CMYK.
    """

    html: str
    stylesheet: Stylesheet
    files: tuple[DeclaredFile, ...]
    format: PageFormat
    right_to_left: bool
    shares_body: bool = False
    expected: tuple[ExpectedItem, ...] = ()
    name: str = ""
    identity: Identity | None = None
    inks: "Inks" = ()
    imprint: bool = True

    @property
    def may_share_body(self) -> bool:
        """Whether it is imprinted on a body that clinics share, if its content fits."""
        return self.imprint and self.shares_body

    @property
    def has_small_pictures(self) -> bool:
        """Whether there are small pictures beside the text, as `components/figure/figure.html` draws them."""
        return '<figure class="small">' in self.html


def page_key(page: Page, versions: Mapping[str, str]) -> str:
    """Return the cache key: SHA-256 over everything that can change the bytes of the PDF."""
    return cache_key(
        (
            page.html,
            page.stylesheet.digest,
            *(f"{file.url} {file.digest}" for file in page.files),
            repr(page.format),
            repr(page.identity),
            repr(page.inks),
            *(f"{name} {version}" for name, version in sorted(versions.items())),
        )
    )
