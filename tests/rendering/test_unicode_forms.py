"""Decomposed letters, and names that run from right to left on a page that runs from left to right."""

import re
import unicodedata

import pypdfium2
import pytest

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.pdf.reader import aloud, document
from pdfkit_cli.rendering import renderer
from tests.helpers.specimen_pages import DAY
from tests.helpers.tiny_library import tiny

WORDS = ["Rådgivning før café", "được phát ở đây", "आपको फ़ोन करें", "إجراء آخر مؤقّت", "περιοδικό", "ёлка й"]
"""With letters that Unicode also has as a letter and a mark."""

NAMES = ["د. ليلى (قسم 3)", "محمد 112", "ד״ר (2) כהן", "نشانه‌ها (۲)", "سارة [ب] 8–15", "عُدِّل ٤٠٪"]
LANGUAGES = ["vi", "hi", "ar", "el", "ru", "ar", "ar", "he", "fa", "ar", "ar"]


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A Danish page with all of it, each in a paragraph, proven."""
    library = tiny(tmp_path_factory.mktemp("forms"))
    others = [unicodedata.normalize("NFD", words) for words in WORDS[1:]] + NAMES
    escaped = [re.sub(r"([][])", r"\\\1", words) for words in others]
    marked = [f"[{words}]{{lang={code}}}" for words, code in zip(escaped, LANGUAGES, strict=True)]
    paragraphs = [unicodedata.normalize("NFD", WORDS[0]), *(f"Ring til {words}, eller skriv." for words in marked)]
    library.body("\n\n".join(paragraphs) + "\n")
    project = open_project(BuildRequest(library.root, as_of=DAY))
    page = project.draw(next(iter(project.output_keys()))).page
    renderer.prepare_process()
    made = renderer.render_unverified(page)
    assert renderer.verify_rendered(page, made)[1] == ()
    return made.pdf


@pytest.fixture(scope="module")
def heard(pdf: bytes) -> str:
    return unicodedata.normalize("NFC", " ".join(text for _, _, text in aloud.tagged_runs(document.read_pdf(pdf))))


@pytest.mark.parametrize("words", [*WORDS, *NAMES])
def test_it_is_heard_in_its_order(heard: str, words: str) -> None:
    def plain(text: str) -> str:
        """Without joiners and other signs that print nothing."""
        kept = (sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
        return "".join("".join(kept).split())

    assert plain(words) in plain(heard)


@pytest.mark.parametrize("words", ["Rådgivning", "café", "được", "ở", "ёлка", "περιοδικό"])
def test_a_viewer_finds_what_is_typed(pdf: bytes, words: str) -> None:
    """People type composed letters; PDFium does not compose what it searches."""
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    assert unicodedata.normalize("NFC", words) in text


def test_names_are_painted_in_their_own_direction(pdf: bytes) -> None:
    """PDFium returns the letters of a line from left to right as a reader sees them, and turns words by itself."""
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    for name, number in (("محمد", "112"), ("כהן", "2")):
        (line,) = (line for line in text.splitlines() if name in line)
        assert number in line
