"""New leaflets, clinics and libraries that can be built at once, and the schemas for editors."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from pdfkit_cli.build import SCHEMA_KINDS
from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.glossary import Glossary
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import LanguageFile
from pdfkit_cli.content.languages.public_numbers import quoted_names
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import (
    Appointments,
    Brand,
    Clinic,
    FrontMatter,
    Leaflet,
    LibrarySettings,
    Slug,
)
from pdfkit_cli.content.printers import Printers
from pdfkit_cli.content.recalls import Recalls
from pdfkit_cli.errors import OutputError, SourceError, UsageError
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE

_MODELS: tuple[type[BaseModel], ...] = (
    LibrarySettings, Appointments, Printers, Recalls, Leaflet, FrontMatter, Clinic, Brand, LanguageFile, Glossary,
)  # fmt: skip
SCHEMAS = dict(zip(SCHEMA_KINDS, _MODELS, strict=True))
"""The kinds of file that authors write, and the model of each."""

_NEW_LANGUAGES = ("da", "sv", "en", "ar")
"""The languages of a new library."""

_SAMPLE_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="#24506b"/>'
    '<path d="M14 24h20M24 14v20" stroke="#fff" stroke-width="6" stroke-linecap="round"/></svg>\n'
)


def json_schema(kind: str) -> str:
    """Return the JSON Schema of one kind of file. Raises UsageError."""
    if kind not in SCHEMAS:
        raise UsageError(f"there is no schema “{kind}”; there are: {', '.join(SCHEMAS)}")
    schema = SCHEMAS[kind].model_json_schema()
    if kind == "language":
        for part in ("NumberWordList", "Phrases", "SampleText"):
            schema["$defs"][part].pop("required", None)  # a library may omit what pdfkit itself provides
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(root: Path) -> list[Path]:
    """Write the schemas into the library; the first line of each source file refers editors to them."""
    return [_write_new(root / ".schemas" / f"{kind}.json", json_schema(kind)) for kind in SCHEMAS]


def create_library(root: Path, today: date) -> list[Path]:
    """Make a library with one clinic, one brand and one leaflet, which can be built.

    Raises UsageError if there is one already.
    """
    if (root / "library.yaml").exists():
        raise UsageError(f"{root} is already a library", hint="name another folder: pdfkit new library FOLDER")
    written = [
        _write_new(
            root / "library.yaml",
            f"{_schema_comment('library', 0)}name: My leaflets\nlanguages: [{', '.join(_NEW_LANGUAGES)}]\n",
        ),
        _write_new(
            root / "brands/plain/brand.yaml",
            f'{_schema_comment("brand", 2)}name: Plain\nprimary: "#24506b"\naccent: "#b3611f"\ntint: "#eef3f6"\n',
        ),
        _write_new(root / "brands/plain/logo.svg", _SAMPLE_LOGO),
    ]
    written.append(_write_clinic(root, "my-clinic", "plain", "en", "GB"))
    written += _write_leaflet(root, "my-leaflet", "L-1", "my-clinic", known_language("en"), today)
    path = root / "clinics/my-clinic.yaml"
    _write_new(path, _with_leaflet_handed_out(path, "my-leaflet", "en"))
    return written + write_schemas(root)


def create_clinic(library: Library, name: str, brand: str | None) -> list[Path]:
    """Make a clinic. Raises UsageError if the name is taken or invalid."""
    _check_name(name, library.root / "clinics" / f"{name}.yaml")
    known = sorted(library.brands)
    if brand is None and not known:
        raise UsageError("the library has no brand yet; make brands/<brand>/brand.yaml first")
    if brand is not None and brand not in known:
        raise UsageError(f"there is no brand “{brand}”; there are: {', '.join(known)}")
    model = next(iter(library.clinics.values())).model if library.clinics else None
    language = model.language if model else library.settings.languages[0]
    return [_write_clinic(library.root, name, brand or known[0], language, model.country if model else "GB")]


def create_leaflet(library: Library, name: str, owner: str | None, language: str | None, today: date) -> list[Path]:
    """Make a leaflet in one language and let its owner hand it out. Raises UsageError."""
    root = library.root
    _check_name(name, root / "content" / name)
    known = sorted(library.clinics)
    if not known:
        raise UsageError("the library has no clinic yet", hint="make one first: pdfkit new clinic NAME")
    if owner is not None and owner not in known:
        raise UsageError(f"there is no clinic “{owner}”; there are: {', '.join(known)}")
    owner = owner or known[0]
    language = language or library.clinics[owner].model.language
    if language not in library.settings.languages:
        raise UsageError(
            f"“{language}” is not a language of this library; it has: {', '.join(library.settings.languages)}"
        )
    taken = {entry.model.id for entry in library.leaflets.values()}
    number = next(number for number in range(1, len(taken) + 2) if f"L-{number}" not in taken)
    path = root / "clinics" / f"{owner}.yaml"
    handing_out = _with_leaflet_handed_out(path, name, language)
    return [
        *_write_leaflet(root, name, f"L-{number}", owner, library.language(language), today),
        _write_new(path, handing_out),
    ]


def _check_name(name: str, path: Path) -> None:
    pattern = Slug.__metadata__[0].pattern  # type: ignore[attr-defined]
    if not re.fullmatch(pattern, name):
        raise UsageError(f"“{name}” cannot be a name; use small letters, digits and hyphens, such as nerve-root-block")
    if path.exists():
        raise UsageError(f"{path} already exists; choose another name")


def _schema_comment(kind: str, depth: int) -> str:
    return f"# yaml-language-server: $schema={'../' * depth}.schemas/{kind}.json\n"


def _write_clinic(root: Path, name: str, brand: str, language: str, country: str) -> Path:
    text = f"""{_schema_comment("clinic", 1)}name: {name.replace("-", " ").capitalize()}
# unit: Ward or department
brand: {brand}
language: {language}
country: {country}
# address: {{street: …, postal_code: "…", city: …}}
# phone: "…"
# hours:
#   - {{days: [mon, fri], opens: "10:00", closes: "14:00"}}
# out_of_hours: [{_public_numbers(country)}]   # whom patients may call when the phone is not answered
# email: …
# web: https://…
hands_out: {{}}
"""
    return _write_new(root / "clinics" / f"{name}.yaml", text)


def _public_numbers(country: str) -> str:
    """Return what `out_of_hours` may be in a country; words to replace where pdfkit knows no number."""
    return quoted_names(country) or '{phone: "…", words: {…}}'


def _write_leaflet(root: Path, name: str, document_id: str, owner: str, language: Language, today: date) -> list[Path]:
    sample = language.file.sample or known_language(FALLBACK_LANGUAGE).file.sample
    assert sample
    yaml = f"""{_schema_comment("leaflet", 2)}id: {document_id}
version: "0.1"
date: {today}
status: draft
owner: {owner}
audience: patient
source_language: {language.code}
formats: [a4, a5]
"""
    text = f"---\ntitle: {sample.title}\nsummary: {sample.summary}\n---\n\n## {sample.heading}\n\n{sample.paragraph}\n"
    folder = root / "content" / name
    return [_write_new(folder / "leaflet.yaml", yaml), _write_new(folder / f"{language.code}.md", text)]


def _with_leaflet_handed_out(path: Path, name: str, language: str) -> str:
    """Return a clinic's file with a leaflet added and its comments preserved. Raises UsageError if that is not safe."""
    text = yaml_source.read_text(path, path.as_posix())
    entry = f"{name}: {{languages: [{language}]}}"
    changed, found = re.subn(
        r"^hands_out:(?: *\{\})?( *#.*)?\n( *(?=[\w\"']))?",
        lambda match: f"hands_out:{match[1] or ''}\n{match[2] or '  '}{entry}\n{match[2] or ''}",
        text.text,
        count=1,
        flags=re.M,
    )
    if not found:
        changed = f"{text.text.rstrip()}\nhands_out:\n  {entry}\n"
    try:
        written = replace(text, text=changed)
        model = yaml_source.validate_model(Clinic, written, yaml_source.parse_yaml(written))
    except SourceError:
        model = None
    if model is None or name not in model.hands_out:
        raise UsageError(f"{path} is written in a way that pdfkit cannot add to", hint=f"add to hands_out: {entry}")
    return changed


def _write_new(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path
