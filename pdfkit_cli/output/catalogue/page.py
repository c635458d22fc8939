"""Render one page of the catalogue as a self-contained HTML file: the same leaflets give the same bytes."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pdfkit_cli.content import language_files, search
from pdfkit_cli.content.inspections import ResultCache
from pdfkit_cli.content.models import Brand, Format
from pdfkit_cli.output.catalogue import brand_css
from pdfkit_cli.output.catalogue.cards import LeafletCard, LeafletPdf, LeafletState
from pdfkit_cli.system.phrases import load_phrases

PAGE_LANGUAGES: Final = ("da", "sv", "en")
"""The languages of the page itself; leaflets have any."""

HERE: Final = Path(__file__).parent
PHRASES_FOLDER: Final = HERE / "phrases"
STATIC: Final = HERE / "static"
"""Stylesheets, scripts and fonts; the desk serves `shared.css` and `icon.svg` of them too."""


_FILE_FIELDS: Final = ("path", "clinic", "language", "variant", "format", "version", "draft", "pages")
"""The data of a PDF that the page shows."""


@dataclass(frozen=True, slots=True)
class CatalogueClinic:
    """The names of a clinic on the page, and the language of its staff."""

    name: str
    unit: str
    language: str


@dataclass(frozen=True, slots=True)
class CatalogueSite:
    """The scope of a catalogue: one clinic, or all clinics if `clinic` is empty."""

    clinic: str
    name: str
    language: str
    clinics: Mapping[str, CatalogueClinic]
    formats: Mapping[str, Format]
    brand: Brand | None
    logo: bytes
    soon: int
    """Days before “review_by” from which the page warns, counted when it is opened."""


def render_catalogue(site: CatalogueSite, cards: Iterable[LeafletCard], covers: Mapping[str, bytes]) -> bytes:
    """Return the page; `covers` are the thumbnails of PDFs by path."""
    language = site.language if site.language in PAGE_LANGUAGES else "en"
    data = _page_data(site, tuple(cards), covers) | {"language": language}
    style, script = _page_css(site.brand), _script()
    html = _template().render(
        site=site,
        say=load_phrases(PHRASES_FOLDER, language),
        language=language,
        languages={code: _language(code)["own"] for code in PAGE_LANGUAGES},
        unit=site.clinics[site.clinic].unit if site.clinic else "",
        logo=data_url(site.logo, "image/svg+xml"),
        policy=f"default-src 'none'; img-src data:; font-src data:; style-src {_hash(style)}; script-src {_hash(script)}",
        style=style,
        script=script,
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_as_json).replace("<", "\\u003c"),
    )
    return html.encode()


@cache
def _template() -> Template:
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("index.html")


def data_url(content: bytes, kind: str) -> str:
    """Return a data URL."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _page_data(site: CatalogueSite, cards: tuple[LeafletCard, ...], covers: Mapping[str, bytes]) -> dict[str, Any]:
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


_languages: Final = ResultCache[dict[str, Any]]("language")
"""The names of languages: CLDR's data of one take 5 ms to load."""


def _language(code: str) -> dict[str, Any]:
    known = language_files.known_language(code).digest
    return _languages.get("-".join((code, known, *PAGE_LANGUAGES)), partial(_language_names, code))


def _language_names(code: str) -> dict[str, Any]:
    language = language_files.known_language(code)
    names = {spoken: language.name_in(spoken) for spoken in PAGE_LANGUAGES}
    return {"own": language.own_name, "dir": language.direction, "names": names}


def _format(form: Format) -> dict[str, Any]:
    return {
        "title": {code: form.title_in(code) for code in PAGE_LANGUAGES},
        "purpose": {code: form.purpose_in(code) for code in PAGE_LANGUAGES},
        "how": _how(form),
    }


def _how(form: Format) -> str:
    """Return the phrase that says how to print a format."""
    if not form.office_printer:
        return "away"
    if form.imposition == "letter-fold":
        return form.imposition
    return "one-side" if form.one_page else form.duplex


def _leaflet(site: CatalogueSite, card: LeafletCard, covers: Mapping[str, bytes]) -> dict[str, Any]:
    cover = card.cover(site.language)
    picture = covers.get(cover.path) if cover else None
    found_by: dict[str, Any] = _as_json(card.entry)
    return found_by | {
        "source": card.source_language,
        "version": card.version,
        "reviewed": str(card.reviewed or ""),
        "review_by": str(card.review_by or ""),
        "withdrawn": card.state in (LeafletState.WITHDRAWN, LeafletState.RECALLED),
        "successor": card.successor,
        "labels": card.labels,
        "files": [_file(file, site.clinic) for file in card.files],
        "cover": data_url(picture, "image/webp") if picture else "",
    }


def _file(file: LeafletPdf, clinic: str) -> dict[str, Any]:
    """Return a PDF with its address from this page: a clinic's page is beside its PDFs."""
    shown = {name: getattr(file, name) for name in _FILE_FIELDS}
    return shown | {"path": file.path.removeprefix(f"{clinic}/") if clinic else file.path}


def _as_json(value: Any) -> Any:
    """Return a JSON type for values that JSON does not support: a set as a sorted list, a search entry as an object."""
    if isinstance(value, frozenset):
        return sorted(value)
    return {field.name: getattr(value, field.name) for field in fields(value)}


@cache
def _read_text(path: Path) -> str:
    return path.read_text("utf-8")


def _page_css(brand: Brand | None) -> str:
    styles = (_read_text(STATIC / name) for name in ("shared.css", "catalogue.css"))
    return "\n".join((_fonts(), *styles, brand_css.brand_css(brand) if brand else ""))


@cache
def _fonts() -> str:
    """Return the fonts of the leaflets, for Latin letters only: with all scripts a page would be ten times as large."""
    faces = ((weight, (STATIC / f"latin-{weight}.woff2").read_bytes()) for weight in (400, 700))
    return "\n".join(
        f'@font-face{{font-family:"Source Sans 3";font-weight:{weight};src:url({data_url(face, "font/woff2")}) format("woff2")}}'
        for weight, face in faces
    )


def _script() -> str:
    return "\n".join(_read_text(STATIC / name) for name in ("search.js", "catalogue.js"))


def _hash(content: str) -> str:
    """Return the source expression for an inline style or script in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
