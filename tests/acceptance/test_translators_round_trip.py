"""One Danish sentence changes: one passage travels for each language, and what comes back makes every edition current again."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pdfkit_cli.content import loader, translations
from pdfkit_cli.content.library import Library
from pdfkit_cli.translation.exports import ENDINGS, export_leaflet
from pdfkit_cli.translation.imports import import_leaflet, read_returned
from tests.helpers.tiny_library import FOUNDING

NAME = "facet-denervation"
LANGUAGES = ("ar", "en", "sv")
SENTENCE, CHANGED = (
    "Det er helt naturligt at være øm på det behandlede sted.",
    "Det er naturligt at være øm der, hvor vi har behandlet.",
)


def in_xliff(data: bytes) -> bytes:
    """Return what a translator returns who confirms the translation so far."""
    confirmed = re.sub(
        r"(</source>)(.*?<alt-trans origin=\"the translation so far\">\s*<target>)(.*?)(</target>)",
        r"\1<target>\3</target>\2\3\4",
        data.decode(),
        flags=re.DOTALL,
    )
    return confirmed.encode()


def in_xliff2(data: bytes) -> bytes:
    confirmed = re.sub(
        r"(origin=\"the translation so far\">.*?<target>)(.*?)(</target>.*?</source>)(\s*</segment>)",
        r"\1\2\3<target>\2</target>\4",
        data.decode(),
        flags=re.DOTALL,
    )
    return confirmed.encode()


def in_po(data: bytes) -> bytes:
    return data.replace(b"#, fuzzy\n", b"")


def in_word(data: bytes) -> bytes:
    """Copy the words below the source into the empty cell beside it."""
    old, new = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            text = old.read(name).decode() if name.endswith(".xml") else ""
            if name == "word/document.xml":
                text = re.sub(
                    r"(The translation so far:</w:t></w:r></w:p>)(<w:p>(?:(?!</w:p>).)*</w:p>)(</w:tc><w:tc><w:tcPr>.*?</w:tcPr>).*?(</w:tc>)",
                    r"\1\2\3\2\4",
                    text,
                )
            archive.writestr(name, text or old.read(name))
    return new.getvalue()


def stale(library: Library) -> dict[str, list[str]]:
    leaflet = library.leaflets[NAME]
    found = {language: translations.stale_segments(leaflet, language) for language in LANGUAGES}
    return {language: [each.theirs.words for each in each_stale] for language, each_stale in found.items()}


@pytest.mark.parametrize(
    ("format", "translate"), [("xliff", in_xliff), ("xliff2", in_xliff2), ("po", in_po), ("docx", in_word)]
)
def test_one_sentence_makes_the_round_trip(format: str, translate: Callable[[bytes], bytes], tmp_path: Path) -> None:
    root = tmp_path / "leaflets"
    shutil.copytree(FOUNDING, root)
    danish = root / f"content/{NAME}/da.md"
    before = danish.read_text("utf-8")
    assert before.count(SENTENCE) == 1
    danish.write_text(before.replace(SENTENCE, CHANGED), "utf-8")
    assert [len(words) for words in stale(loader.load_library(root)).values()] == [1, 1, 1]
    for language in LANGUAGES:
        texts = {path: path.read_bytes() for path in root.glob("content/*/*.md")}
        done = export_leaflet(loader.load_library(root), NAME, language, format=format)
        assert (done.passages, done.units) == (1, 1)
        file = tmp_path / f"{language}.{ENDINGS.get(format, format)}"
        file.write_bytes(translate(done.data))
        (returned,) = read_returned(file)
        imported = import_leaflet(loader.load_library(root), returned)
        assert (imported.accepted, imported.refused, imported.left) == (1, (), 0)
        assert {path: path.read_bytes() for path in root.glob("content/*/*.md")} == texts
    assert stale(loader.load_library(root)) == {language: [] for language in LANGUAGES}
