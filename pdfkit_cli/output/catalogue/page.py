"""One page of the catalogue as HTML: all in one file, the same bytes for the same leaflets."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pdfkit_cli.content import search
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.models import Brand, Format
from pdfkit_cli.output.catalogue import brand_css
from pdfkit_cli.output.catalogue.cards import CatalogueCard, CataloguePdf
from pdfkit_cli.system.phrases import load_phrases

PAGE_LANGUAGES: Final = ("da", "sv", "en")
"""The languages of the page itself; leaflets have any."""

HERE: Final = Path(__file__).parent
PHRASES_FOLDER: Final = HERE / "phrases"
STATIC: Final = HERE / "static"
"""Stylesheets, scripts and fonts; the desk serves `shared.css` and `icon.svg` of them too."""


@dataclass(frozen=True, slots=True)
class CatalogueClinic:
    """A clinic as the page names it, with the language of its staff."""

    name: str
    unit: str
    language: str


@dataclass(frozen=True, slots=True)
class CatalogueSite:
    """Whose catalogue it is: one clinic's, or with an empty `clinic` that of all."""

    clinic: str
    name: str
    language: str
    clinics: Mapping[str, CatalogueClinic]
    formats: Mapping[str, Format]
    brand: Brand | None
    logo: bytes
    soon: int
    """Days before “review_by” from which the page warns, counted on the day that it is opened."""


def render_catalogue(site: CatalogueSite, cards: Iterable[CatalogueCard], covers: Mapping[str, bytes]) -> bytes:
    """Return the page; `covers` are the thumbnails of PDFs, by their paths."""
    language = site.language if site.language in PAGE_LANGUAGES else "en"
    data = _page_data(site, tuple(cards), covers) | {"language": language}
    style, script = _page_css(site.brand), _script()
    html = _template().render(
        site=site,
        say=load_phrases(PHRASES_FOLDER, language),
        language=language,
        languages={code: typography.native_language_name(code) for code in PAGE_LANGUAGES},
        unit=site.clinics[site.clinic].unit if site.clinic else "",
        logo=data_url(site.logo, "image/svg+xml"),
        policy=f"default-src 'none'; img-src data:; font-src data:; style-src {_hash(style)}; script-src {_hash(script)}",
        style=style,
        script=script,
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )
    return html.encode()


@cache
def _template() -> Template:
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("index.html")


def data_url(content: bytes, kind: str) -> str:
    """Return an address that holds the content itself."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _page_data(site: CatalogueSite, cards: tuple[CatalogueCard, ...], covers: Mapping[str, bytes]) -> dict[str, Any]:
    spoken = sorted({text.language for card in cards for text in card.entry.texts})
    return {
        "clinic": site.clinic,
        "clinics": {name: clinic.name for name, clinic in site.clinics.items()},
        "soon": site.soon,
        "search": search.rules(),
        "phrases": {code: load_phrases(PHRASES_FOLDER, code) for code in PAGE_LANGUAGES},
        "languages": {code: _language(code) for code in spoken},
        "formats": {name: _format(form) for name, form in site.formats.items()},
        "leaflets": [_leaflet(site, card, covers) for card in cards],
    }


def _language(code: str) -> dict[str, Any]:
    names = {spoken: typography.language_name(code, spoken) for spoken in PAGE_LANGUAGES}
    return {"own": typography.native_language_name(code), "dir": typography.text_direction(code), "names": names}


def _format(form: Format) -> dict[str, Any]:
    return {
        "title": {code: form.title_in(code) for code in PAGE_LANGUAGES},
        "purpose": {code: form.purpose_in(code) for code in PAGE_LANGUAGES},
        "how": form.duplex if form.office_printer else "away",
    }


def _leaflet(site: CatalogueSite, card: CatalogueCard, covers: Mapping[str, bytes]) -> dict[str, Any]:
    cover = card.cover(site.language)
    picture = covers.get(cover.path) if cover else None
    return _search_data(card.entry) | {
        "source": card.source_language,
        "version": card.version,
        "reviewed": card.reviewed,
        "reviewBy": card.review_by,
        "withdrawn": card.withdrawn,
        "successor": card.successor,
        "labels": card.labels,
        "files": [_file(file, site.clinic) for file in card.files],
        "cover": data_url(picture, "image/webp") if picture else "",
    }


def _search_data(entry: search.SearchEntry) -> dict[str, Any]:
    return {
        "leaflet": entry.leaflet,
        "id": entry.id,
        "texts": [
            {"language": text.language, "title": text.title, "summary": text.summary, "synonyms": text.synonyms}
            for text in entry.texts
        ],
        "clinics": sorted(entry.clinics),
        "codes": entry.codes,
        "inUse": entry.in_use,
    }


def _file(file: CataloguePdf, clinic: str) -> dict[str, Any]:
    """Return a PDF with its address from this page: a clinic's page stands beside its PDFs."""
    return {
        "path": file.path.removeprefix(f"{clinic}/") if clinic else file.path,
        "clinic": file.clinic,
        "language": file.language,
        "variant": file.variant,
        "format": file.format,
        "version": file.version,
        "draft": file.draft,
        "pages": file.pages,
    }


@cache
def _read_text(path: Path) -> str:
    return path.read_text("utf-8")


def _page_css(brand: Brand | None) -> str:
    styles = (_read_text(STATIC / name) for name in ("shared.css", "catalogue.css"))
    return "\n".join((_fonts(), *styles, brand_css.brand_css(brand) if brand else ""))


@cache
def _fonts() -> str:
    """Return the faces of the leaflets, Latin letters alone: others are the browser's own, or a page would weigh ten times as much."""
    faces = ((weight, (STATIC / f"latin-{weight}.woff2").read_bytes()) for weight in (400, 700))
    return "\n".join(
        f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};src:url({data_url(face, "font/woff2")}) format("woff2")}}'
        for weight, face in faces
    )


def _script() -> str:
    return "\n".join(_read_text(STATIC / name) for name in ("search.js", "catalogue.js"))


def _hash(content: str) -> str:
    """Return what a content security policy calls a style or script of the page itself."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
