"""Files that translate-toolkit and polib, which Weblate and others are built on, have read, changed and written anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polib
import pytest
from translate.storage import pypo, tmx, xliff, xliff2

from pdfkit_cli.content import loader
from pdfkit_cli.translation.exports import ENDINGS, export_leaflet, export_memory
from pdfkit_cli.translation.imports import apply_returned, import_leaflet, read_returned
from pdfkit_cli.translation.tmx import read_tmx
from pdfkit_cli.translation.units import find_work
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded, source

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]
Change = Callable[[str], str | None]
"""Returns the translation of a source; None to leave it as it is."""


def toolkit(storage: Any) -> Callable[[bytes, Change], bytes]:
    def rewritten(data: bytes, change: Change) -> bytes:
        store = storage.parsestring(data)
        for unit in store.units:
            if unit.source and (words := change(str(unit.source))):
                unit.target = words
                unit.markfuzzy(False)
        return bytes(store)

    return rewritten


def by_polib(data: bytes, change: Change) -> bytes:
    file = polib.pofile(data.decode())
    for entry in file:
        if words := change(entry.msgid):
            entry.msgstr = words
            entry.flags = []
    return str(file).encode()


TOOLS = [
    pytest.param("po", by_polib, id="polib"),
    pytest.param("po", toolkit(pypo.pofile), id="toolkit-po"),
    pytest.param("xliff", toolkit(xliff.xlifffile), id="toolkit-xliff"),
    pytest.param("xliff2", toolkit(xliff2.Xliff2File), id="toolkit-xliff2"),
]


def nothing(source: str) -> None:
    return None


@pytest.mark.parametrize(("format", "rewrite"), TOOLS)
@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_the_founding_translations_lose_no_byte(
    name: str, language: str, format: str, rewrite: Callable[[bytes, Change], bytes], tmp_path: Path
) -> None:
    data = export_leaflet(LIBRARY, name, language, everything=True, format=format).data
    file = tmp_path / f"back.{ENDINGS.get(format, format)}"
    file.write_bytes(rewrite(data, nothing))
    (returned,) = read_returned(file)
    work = find_work(LIBRARY, name, language)
    done = apply_returned(work, returned)
    assert done.refused == ()
    assert work.ours
    assert done.text == work.ours.source.text


@pytest.mark.parametrize(("format", "rewrite"), TOOLS)
def test_what_is_translated_in_a_tool_is_imported(
    library: TinyLibrary, format: str, rewrite: Callable[[bytes, Change], bytes], tmp_path: Path
) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    data = export_leaflet(loader.load_library(library.root), "first", "en", format=format).data
    file = tmp_path / f"back.{ENDINGS.get(format, format)}"
    file.write_bytes(rewrite(data, {"Du skal møde kl. 9.": "You must come at 9."}.get))
    done = import_leaflet(loader.load_library(library.root), read_returned(file)[0])
    assert (done.accepted, done.refused, done.left) == (1, (), 0)
    assert "\nYou must come at 9.\n" in library.read("content/first/en.md")


@pytest.mark.parametrize("language", ["ar", "en", "sv"])
def test_a_memory_is_read_after_a_tool_has_written_it(language: str) -> None:
    text, passages = export_memory(LIBRARY, "da", language)
    tool: Any = tmx.tmxfile
    store = tool.parsestring(text.encode())
    assert len(store.units) == passages
    back = read_tmx(bytes(store), "m.tmx", "da", language)
    assert back == read_tmx(text.encode(), "m.tmx", "da", language)
    assert len(back) == passages
