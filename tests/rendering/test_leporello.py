"""A leporello: six panels on one sheet that is folded twice, or no leporello at all."""

import re
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import pypdfium2
import pytest
from pypdf import PdfReader

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf.audit import audited_pdf
from pdfkit_cli.pdf.geometry import POINTS_PER_MM
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.layouts import Layouts
from tests.helpers.check_runner import DAY
from tests.helpers.tiny_library import tiny

WORDS = "Gå lidt hver dag, og hvil dig, når du har brug for det. "
ARABIC = "امش قليلا كل يوم، وخذ قسطا من الراحة عندما تحتاج إليها. "


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


def chapters(number: int, words: str = WORDS, head: str = "Kapitel") -> str:
    """Return a text of so many chapters, of about half a panel each."""
    return "".join(f"## {head} {n}\n\n{words * 6}\n\n" for n in range(1, number + 1))


@cache
def leporello(language: str, number: int) -> bytes:
    with TemporaryDirectory() as folder:
        library = tiny(Path(folder))
        library.body(chapters(number))
        text = chapters(number, ARABIC, "فصل")
        library.write("content/first/ar.md", f"---\ntitle: عنوان\nsummary: مقدمة\n---\n{text}")
        library.replace("content/first/leaflet.yaml", "[a4, a5]", "[leporello]")
        library.replace("clinics/north.yaml", "[da]", "[da, ar]")
        project = open_project(BuildRequest(library.root, as_of=DAY))
        keys = {key.path: key for key in project.output_keys()}
        return renderer.render(project.draw(keys[f"north/first.{language}.leporello.pdf"]).page).pdf


def panels(pdf: bytes) -> list[list[str]]:
    """Return the text of the panels on each side of the sheet, from left to right as it is seen, without its spaces."""
    sides = []
    for side in pypdfium2.PdfDocument(pdf):
        width, height = side.get_size()
        assert (round(width / POINTS_PER_MM), round(height / POINTS_PER_MM)) == (297, 210)
        text, edges = side.get_textpage(), [part * width / 3 for part in range(4)]
        parts = (text.get_text_bounded(left, 0, right, height) for left, right in pairwise(edges))
        sides.append([normalize("NFKC", "".join(part.split())) for part in parts])
    return sides


def numbers(pdf: bytes) -> list[list[int]]:
    """Return the page number that is printed on each panel."""
    return [[int(re.findall(r"(?:Side|صفحة)(\d)(?:af|من)6", part)[0]) for part in side] for side in panels(pdf)]


@pytest.mark.parametrize("number", [1, 6, 10])
def test_it_opens_on_the_side_where_its_language_begins(number: int) -> None:
    """Outside are the panel that is folded in, the back and the front; inside the text begins behind the front."""
    assert numbers(leporello("da", number)) == [[5, 6, 1], [2, 3, 4]]
    assert numbers(leporello("ar", number)) == [[1, 6, 5], [4, 3, 2]]


def test_each_panel_has_what_belongs_there() -> None:
    (folded_in, back, front), inside = panels(leporello("da", 10))
    assert "Entitel" in front
    assert "Kapitel" not in front + back
    assert "Kontakt" in back
    found = [re.findall(r"Kapitel(\d+)G", part) for part in (*inside, folded_in)]
    assert all(found)
    assert [int(number) for part in found for number in part] == list(range(1, 11))


def test_panels_left_over_are_for_questions() -> None:
    (folded_in, *_), inside = panels(leporello("da", 1))
    assert ["Minespørgsmål" in part for part in (*inside, folded_in)] == [False, True, True, True]
    (folded_in, *_), inside = panels(leporello("da", 9))
    assert ["Minespørgsmål" in part for part in (*inside, folded_in)] == [False, False, False, True]


@pytest.mark.parametrize("language", ["da", "ar"])
def test_a_longer_text_is_refused_and_told_where_it_fits(language: str) -> None:
    assert len(PdfReader(BytesIO(leporello(language, 10))).pages) == 2
    with pytest.raises(RenderError, match=r"2 sheets; at most 1 fit: .* hand it out in a5-folder or a5-booklet"):
        leporello(language, 20)


def test_what_a_longer_text_is_sent_to_is_there() -> None:
    formats = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats
    limits = [form.preflight for form in formats.values() if form.preflight]
    assert {name for limit in limits for name in limit.instead} <= formats.keys()


def test_its_sheets_have_no_foot_but_its_panels_do() -> None:
    """`pdfkit verify` asks each page for its hash; the marks for folding are on the sheets."""
    feet = audited_pdf.read_pdf(leporello("da", 3)).page_furniture().values()
    assert len(feet) == 6
    assert all("T-1" in foot for foot in feet)
