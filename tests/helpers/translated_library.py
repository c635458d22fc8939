"""A tiny library whose leaflet has an English translation, and its record."""

from pdfkit_cli.content import loader, translations
from pdfkit_cli.content.translations import RecordedTranslation
from tests.helpers.tiny_library import TinyLibrary

FOLDER = "content/first"
DANISH = """
## Før

Du skal møde kl. 8.

- Tag tøj med.
- Tag din insulin.

::: warning Feber
Ring, hvis du har over 38,5 °C.
:::
"""
ENGLISH = """
## Before

You must come at 8.

- Bring clothes.
- Take your insulin.

::: warning Fever
Call, if you have more than 38.5 °C.
:::
"""


def write(library: TinyLibrary, danish: str = DANISH, english: str = ENGLISH, language: str = "en") -> None:
    """Write source and translation; a text begins on line 5 and 6 of its file."""
    library.body(danish)
    head = "---\ntitle: A title\nsummary: A short summary.\ntranslation: reviewed\n---\n"
    library.write(f"{FOLDER}/{language}.md", head + english)


def record(library: TinyLibrary, language: str = "en") -> RecordedTranslation:
    return translations.record_source(loader.load_library(library.root), "first", language)


def recorded(library: TinyLibrary, danish: str = DANISH, english: str = ENGLISH) -> None:
    write(library, danish, english)
    record(library)


def source(library: TinyLibrary, old: str, new: str) -> None:
    """Change the source."""
    library.replace(f"{FOLDER}/da.md", old, new)
