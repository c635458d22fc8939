"""Whatever is done to a letter, it ends in a right pack or in an error that names it, soon."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pikepdf import Array, Pdf, Stream

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.packs import assembly
from pdfkit_cli.packs.assembly import Enclosure, Pack, PackResult
from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.merge import conformance
from tests.helpers.channels import DIGITAL
from tests.helpers.conforming_pdf import good
from tests.helpers.hostile_letters import SECRET
from tests.helpers.letter_pdfs import reader
from tests.helpers.pdf_mutations import by_bytes, by_objects, by_references
from tests.helpers.soak_sampling import amount

SECONDS = 120
"""A pack takes some hundredths of one; more than this is a hang."""

QUICK = settings(
    max_examples=amount(12, 2000),
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@QUICK
@given(by_bytes())
def test_any_bytes(pdf: bytes) -> None:
    check(pdf)


@pytest.mark.slow
@QUICK
@given(by_references())
def test_any_references(pdf: bytes) -> None:
    check(pdf)


@pytest.mark.slow
@QUICK
@given(by_objects())
def test_any_objects(pdf: bytes) -> None:
    check(pdf)


def check(pdf: bytes) -> bool:
    """Put a leaflet behind a letter and look at what comes; return whether it was a pack."""
    with TemporaryDirectory() as folder:
        letter, leaflet, out = Path(folder, "letter.pdf"), Path(folder, "leaflet.pdf"), Path(folder, "out", "pack.pdf")
        letter.write_bytes(pdf)
        leaflet.write_bytes(good())
        pack = Pack(letter, (Enclosure(leaflet, "Leaflet"),), DIGITAL, "Brev", out)
        try:
            with ended(SECONDS):
                packed = assembly.make_pack(pack)
        except PdfkitError as error:
            said, hint = str(error), error.hint
        else:
            assert [path.name for path in out.parent.iterdir()] == ["pack.pdf"]
            right(pdf, out.read_bytes(), packed)
            return True
        assert said.startswith(f"{letter}: ")
        assert SECRET not in said
        assert hint
        assert not out.exists()
        return False


def right(letter: bytes, pack: bytes, packed: PackResult) -> None:
    """The pack opens, says of itself what is so, the leaflet looks and sounds as before, and the letter is drawn as before."""
    document = reader(pack)
    assert len(document.pages) == packed.pages
    said = conformance.read_conformance(document.trailer["/Root"]["/Metadata"].get_data())
    assert (bool(said.ua), bool(said.archive)) == (packed.accessible, packed.archivable)
    assert sound(pack, packed.pages - 2) == sound(good(), 0)
    after = pypdfium2.PdfDocument(pack)
    assert len(after) == packed.pages
    for number, picture in enumerate(pictures(good())):
        assert drawn(after, packed.pages - 2 + number) == picture
    assert seen(letter) in (packed.pages - 2, None)
    assert operators(pack)[:-2] == operators(letter)


def seen(letter: bytes) -> int | None:
    """Return how many pages a viewer finds; None where it finds no PDF."""
    try:
        return len(pypdfium2.PdfDocument(letter))
    except pypdfium2.PdfiumError:
        return None


def operators(pdf: bytes) -> list[tuple[list[bytes], str, str]]:
    """Return what draws each page, as it stands in the file, its box and its turn."""
    document = Pdf.open(BytesIO(pdf), suppress_warnings=True)
    found = []
    for page in document.pages:
        drawing: Any = page.obj.get("/Contents")
        pieces = list(drawing) if isinstance(drawing, Array) else [drawing]
        data = [piece.read_raw_bytes() for piece in pieces if isinstance(piece, Stream)]
        found.append((data, str(page.mediabox), str(page.obj.get("/Rotate"))))
    return found


def sound(pdf: bytes, first: int) -> list[tuple[int, int, str]]:
    """Return what is heard from a page on: page, mark and words."""
    document = audit.read_pdf(pdf)
    found = []
    for element in document.structure.elements:
        for reference in element.references:
            mark = document.painted.marks.get((reference.target, reference.mcid or 0))
            if mark and mark.page > first:
                found.append((mark.page - first, mark.mcid, mark.words))
    return found


@cache
def pictures(pdf: bytes) -> list[bytes]:
    document = pypdfium2.PdfDocument(pdf)
    return [drawn(document, number) for number in range(len(document))]


def drawn(document: pypdfium2.PdfDocument, number: int) -> bytes:
    image = document[number].render(scale=50 / 72, may_draw_forms=False).to_pil()
    return repr(image.size).encode() + bytes(image.tobytes())


@contextmanager
def ended(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
