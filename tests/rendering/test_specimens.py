"""Every script is printed, proven, read back by other readers, and looks as it did; `make specimens` makes all the rest."""

import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product

import pymupdf
import pypdfium2
import pytest
import uharfbuzz

from pdfkit_cli.content.fonts import load_families
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf.reader import document
from pdfkit_cli.pdf.reader.content_stream import TextRun
from tests.helpers.page_pictures import DPI, looks_as_it_did
from tests.helpers.soak_sampling import covering
from tests.helpers.specimen_pages import SPECIMENS, SpecimenPage, printed, specimen, specimens

SCRIPTS = {
    "Thai": ("th", "a4", ""),
    "Taml": ("ta", "a5", ""),
    "Deva": ("hi", "a4", ""),
    "Hebr": ("he", "a4", ""),
    "Ethi": ("ti", "a5", ""),
    "Hans": ("zh", "a4", ""),
    "Aran": ("ur", "a4", "Aran"),
    "Arab": ("ckb", "a5", ""),
    "Latn": ("kl", "leporello", ""),
}
"""A language, a format, and the script if it is not the language's own, by the code of the script."""

PICTURES = {
    **{script: (*case, 1) for script, case in SCRIPTS.items()},
    "Thai-call": ("th", "digital-letter", "", 1),
    "Taml-call": ("ta", "leporello", "", 2),
    "Deva-call": ("hi", "a5", "", 2),
    "Hebr-call": ("he", "pocket-card", "", 1),
    "Ethi-call": ("ti", "a4-columns", "", 1),
    "Hans-call": ("zh", "a5-booklet", "", 2),
    "Aran-call": ("ur", "a4", "Aran", 2),
    "Aran-sheet": ("ur", "exercise-sheet", "Aran", 1),
    "Aran-columns": ("ur", "a4-columns", "Aran", 2),
    "Aran-back": ("ur", "leporello", "Aran", 1),
    "Arab-call": ("ckb", "a5", "", 2),
    "Arab-beside": ("fa", "a4-bilingual", "", 1),
    "Latn-call": ("kl", "leporello", "", 2),
}
"""What is looked at: a language, a format, the script if it is not the language's own, and a page."""

LEFT_TO_RIGHT = ("Thai", "Taml", "Deva", "Ethi", "Hans", "Latn")


def made(script: str) -> SpecimenPage:
    return specimen(*SCRIPTS[script])


@cache
def words(language: str) -> tuple[str, ...]:
    """Return the words of a specimen, as other readers should find them."""
    text = (SPECIMENS / f"content/specimen/{language}.md").read_text("utf-8").split("---", 2)
    plain = re.sub(r"^:+ ?(dont|do|call|exercise|warning)?|[*:|]|^- |^#+ |\{\{.*?\}\}", " ", text[2], flags=re.M)
    return tuple(letters(word.strip("()., ።፣។。，؟،۔।")) for word in plain.split() if any(map(str.isalpha, word)))


def letters(text: str) -> str:
    return "".join(
        sign
        for sign in unicodedata.normalize("NFKD", text)
        if not sign.isspace() and unicodedata.category(sign)[0] != "C" and sign not in "-\N{HYPHEN}"
    )


def with_pdfium(pdf: bytes) -> str:
    return letters("".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)))


def with_mupdf(pdf: bytes) -> str:
    return letters("".join(page.get_text() for page in pymupdf.open(stream=pdf).pages()))  # type: ignore[no-untyped-call]


def with_poppler(pdf: bytes) -> str:
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return letters(read.stdout.decode())


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_proven(name: str) -> None:
    *case, _ = PICTURES[name]
    assert specimen(*case).wrong == ()


@pytest.mark.parametrize("script", LEFT_TO_RIGHT)
@pytest.mark.parametrize("read", [with_pdfium, with_mupdf])
def test_another_reader_finds_every_word(script: str, read: Callable[[bytes], str]) -> None:
    found = read(made(script).pdf)
    assert [word for word in words(SCRIPTS[script][0]) if word not in found] == []


@pytest.mark.parametrize(
    ("script", "read"),
    [
        ("Hebr", with_pdfium),
        ("Hebr", with_poppler),
        ("Arab", with_pdfium),
        ("Arab", with_poppler),
        ("Aran", with_mupdf),
        ("Aran", with_poppler),
    ],
)
def test_another_reader_finds_words_from_right_to_left(script: str, read: Callable[[bytes], str]) -> None:
    """They turn lines by themselves, and err about ligatures; PDFium takes the steps of Nastaliq for lines."""
    found, wanted = read(made(script).pdf), words(SCRIPTS[script][0])
    assert sum(word in found for word in wanted) >= 0.9 * len(wanted)


@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_as_it_did(name: str) -> None:
    *case, number = PICTURES[name]
    page = pypdfium2.PdfDocument(specimen(*case).pdf)[number - 1]
    looks_as_it_did(f"specimen-{name}", page.render(scale=DPI / 72).to_pil().convert("L"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_glyph_is_missing(script: str) -> None:
    assert [run for run in runs(script) if run.missing] == []


def runs(script: str) -> Iterator[TextRun]:
    for page in document.read_pdf(made(script).pdf).pages:
        yield from page.runs


@pytest.mark.parametrize("script", ["Thai", "Taml", "Deva", "Aran"])
def test_words_are_marked_where_their_glyphs_do_not_tell_them(script: str) -> None:
    assert any(part.is_marked for run in runs(script) for part in run.shaping)


@pytest.mark.parametrize("script", ["Latn", "Ethi", "Hans"])
def test_plain_letters_need_no_marks(script: str) -> None:
    assert not [run for run in runs(script) if run.shaping]


def test_a_page_declares_only_the_fonts_that_it_needs() -> None:
    def families(script: str) -> set[str]:
        return {file.url.split("/")[-2] for file in made(script).page.files if file.path.suffix == ".ttf"}

    base = families("Latn")
    assert base == {"source-sans-3", "source-serif-4", "noto-sans-arabic", "noto-naskh-arabic"}
    assert families("Hans") - base == {"noto-sans-sc"}
    assert families("Aran") - base == {"noto-nastaliq-urdu"}


def test_every_specimen_has_its_letters_in_one_family() -> None:
    """No box: each letter of each specimen is in all faces of a family."""
    known = frozenset[str]().union(*(family.characters for family in load_families(packaged_folder("fonts")).values()))
    for path in (SPECIMENS / "content/specimen").glob("*.md"):
        lacking = {sign for sign in path.read_text("utf-8") if sign.isprintable()} - known - {"\u200c"}
        assert not lacking, (path.name, lacking)


WHOLE = specimens()
LONGEST = "kl"
"""The language whose words are the longest."""


SARA_AM = "\N{THAI CHARACTER NIKHAHIT}\N{THAI CHARACTER SARA AA}"
"""A Thai vowel of two glyphs: MuPDF repeats what follows it in some words that are marked with their text."""

EXTRACTS = ("exercise-sheet", "pocket-card")
"""The formats that show a part of a text."""


def kinds(case: tuple[str, str]) -> tuple[str, ...]:
    language = WHOLE[case]
    return case[1], language.script


CASES = covering(sorted(WHOLE, key=lambda case: case[0] != LONGEST), kinds)
"""With the longest words wherever no script needs the format."""


@pytest.mark.soak
@pytest.mark.parametrize(("language", "paper"), CASES)
def test_a_specimen_is_printed_in_every_language_and_format(language: str, paper: str) -> None:
    """With the phrases of its language: nothing is wrong, no glyph is missing, and two other readers find the words."""
    made = printed(language, paper)
    assert made.wrong == ()
    assert [run for page in document.read_pdf(made.pdf).pages for run in page.runs if run.missing] == []
    if paper not in EXTRACTS:
        is_rtl = WHOLE[language, paper].is_rtl
        for read in (with_pdfium, with_poppler if is_rtl else with_mupdf):
            text, wanted = read(made.pdf), words(language)
            missed = [word for word in wanted if word not in text and not (read is with_mupdf and SARA_AM in word)]
            assert len(missed) <= 0.15 * len(wanted) * is_rtl, missed


TONES, VOWELS = "\u0e48\u0e49\u0e4a\u0e4b", "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e4d"
"""What stands above Thai letters: a tone stands above the vowel."""


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_thai_tones_stand_clear_above_vowels(style: str) -> None:
    path = packaged_folder("fonts") / f"noto-sans-thai-looped/NotoSansThaiLooped-{style}.ttf"
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path)))
    for text in map("".join, product("\u0e01\u0e17\u0e19\u0e1b\u0e1d\u0e0f", VOWELS, TONES)):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(font, buffer)
        glyphs = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        inks = [(place.y_offset, font.get_glyph_extents(glyph.codepoint)) for glyph, place in glyphs]
        if len(inks) == 3:  # one glyph may have both
            (_, _), (low, vowel), (high, tone) = inks
            assert high + tone.y_bearing + tone.height > low + vowel.y_bearing, text
