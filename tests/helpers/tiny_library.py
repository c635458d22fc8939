"""Small libraries for tests, written to disk as an editor would write them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUNDING = ROOT / "leaflets"
PACKAGED = ROOT / "pdfkit_cli/languages"
"""Where pdfkit's files of languages are."""

FORMATS = tuple(sorted(folder.name for folder in (ROOT / "layouts/formats").iterdir()))
"""Every format of pdfkit, by name."""

WHOLE_FORMATS = tuple(
    name
    for name in FORMATS
    if not re.search("\n(extract|bilingual):", (ROOT / f"layouts/formats/{name}/format.yaml").read_text("utf-8"))
)
"""Those that show the whole leaflet, whatever it has, and nothing else."""

SCHEMA_COMMENT = "# yaml-language-server: $schema=../.schemas/language.json\n"

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="#24506b"/></svg>\n'
)

LEAFLET = """\
id: {id}
version: "0.1"
date: 2026-01-31
status: draft
owner: {owner}
audience: patient
source_language: da
formats: [a4, a5]
"""

TEXT = """\
---
title: En titel
summary: En kort indledning.
---

## Før du kommer

Ring på {{ clinic.phone }}, hvis du er i tvivl.
"""

CLINIC = """\
name: Klinik {name}
brand: plain
language: da
country: DK
phone: "{phone}"
hands_out:
  first: {{languages: [da]}}
"""

BRAND = 'name: Plain\nprimary: "#24506b"\naccent: "#b3611f"\ntint: "#eef3f6"\n'


def packaged_phrases(code: str) -> str:
    """Return the phrases of pdfkit in a language, as a library may have them in its own file."""
    text = (PACKAGED / f"{code}.yaml").read_text("utf-8")
    return text[text.index("phrases:") :]


@dataclass(frozen=True, slots=True)
class TinyLibrary:
    """A library with one leaflet, `first`, in Danish, and two clinics, `north` and `south`."""

    root: Path

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the library, by its path below the root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_text("utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def body(self, markdown: str) -> None:
        """Give the leaflet this text, below a title and a summary."""
        self.write("content/first/da.md", f"---\ntitle: En titel\nsummary: En kort indledning.\n---\n{markdown}")

    def translate(self, language: str = "sv") -> None:
        """Add a translation whose words are those of the source, and have `north` hand it out."""
        text = self.read("content/first/da.md").replace("\n---\n", "\ntranslation: unreviewed\n---\n", 1)
        self.write(f"content/first/{language}.md", text)
        self.replace("clinics/north.yaml", "languages: [da", f"languages: [da, {language}")


def tiny(folder: Path) -> TinyLibrary:
    """Write the tiny library into `folder`/leaflets."""
    library = TinyLibrary(folder / "leaflets")
    library.write("library.yaml", "name: Tiny\nlanguages: [da, sv, en, ar]\n")
    library.write("content/first/leaflet.yaml", LEAFLET.format(id="T-1", owner="north"))
    library.write("content/first/da.md", TEXT)
    library.write("clinics/north.yaml", CLINIC.format(name="Nord", phone="76 36 14 00"))
    library.write("clinics/south.yaml", CLINIC.format(name="Syd", phone="97 66 24 00"))
    library.write("brands/plain/brand.yaml", BRAND)
    library.write("brands/plain/logo.svg", LOGO)
    for code in ("ar", "da", "en", "sv"):
        library.write(f"languages/{code}.yaml", SCHEMA_COMMENT + packaged_phrases(code))
    return library
