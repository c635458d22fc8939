"""Whatever comes back as a file is read, or refused as a whole with its place: nothing else happens."""

import io
import random
import zipfile
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation.exports import ENDINGS, WRITERS, export_leaflet, export_memory
from pdfkit_cli.translation.imports import apply_returned, read_returned_bytes
from pdfkit_cli.translation.tmx import read_tmx
from pdfkit_cli.translation.units import find_work
from tests.helpers.tiny_library import FOUNDING

LIBRARY = loader.load_library(FOUNDING)
NAME, LANGUAGE = "nerve-root-block", "en"
TRIES = 60


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return a file of which a few pieces are gone, doubled, moved or replaced."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(data))
        end = min(len(data), start + chance.choice([1, 1, 3, 20, 400]))
        piece = data[start:end]
        place = chance.randrange(len(data))
        data = chance.choice(
            [
                data[:start] + data[end:],
                data[:end] + piece + data[end:],
                data[:place] + piece + data[place:],
                data[:start] + chance.choice([b"<", b"&", b'"', b"\0", b"\xff", b">", b"\n", b"</g>"]) + data[end:],
            ]
        )
    return data


def in_the_document(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Return what changes the words of a Word file, and not its archive."""

    def changed(data: bytes) -> bytes:
        old, new = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
        with zipfile.ZipFile(new, "w") as archive:
            for name in old.namelist():
                archive.writestr(name, change(old.read(name)) if name == "word/document.xml" else old.read(name))
        return new.getvalue()

    return changed


Result = TypeVar("Result")


def outcome(read: Callable[[], Result]) -> Result | SourceError:
    """Return what is read, or why it is refused. Any other exception is a fault."""
    try:
        return read()
    except SourceError as error:
        return error


def is_named(outcome: SourceError, name: str) -> bool:
    return {finding.place.file for finding in outcome.findings} == {name}


@pytest.mark.parametrize(("format", "inside"), [*((format, False) for format in WRITERS), ("docx", True)])
def test_a_damaged_file_is_read_or_refused(format: str, inside: bool) -> None:
    data = export_leaflet(LIBRARY, NAME, LANGUAGE, everything=True, format=format).data
    work, name = find_work(LIBRARY, NAME, LANGUAGE), f"back.{ENDINGS.get(format, format)}"
    for seed in range(TRIES):
        damage = partial(damaged, chance=random.Random(f"{format} {inside} {seed}"))
        file = (in_the_document(damage) if inside else damage)(data)
        found = outcome(partial(read_returned_bytes, file, name))
        assert not isinstance(found, SourceError) or is_named(found, name), seed
        for leaflet in () if isinstance(found, SourceError) else found:
            done = outcome(partial(apply_returned, work, leaflet))
            assert not isinstance(done, SourceError), seed


def test_a_damaged_memory_is_read_or_refused() -> None:
    data = export_memory(LIBRARY, "da", "en")[0].encode()
    for seed in range(TRIES):
        found = outcome(partial(read_tmx, damaged(data, random.Random(seed)), "m.tmx", "da", "en"))
        assert not isinstance(found, SourceError) or is_named(found, "m.tmx"), seed
