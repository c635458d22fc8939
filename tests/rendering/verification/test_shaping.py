"""Glyphs that are marked with a text are believed only if a font makes them of it."""

from dataclasses import replace

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf.objects import UnreadableError
from pdfkit_cli.pdf.reader.content_stream import NOWHERE, ShownGlyphs, TextRun, read_content_stream
from pdfkit_cli.pdf.reader.fonts import GlyphFont
from pdfkit_cli.rendering.verification.shaping import Shaper, shaped_glyphs

FACE = packaged_folder("fonts") / "noto-sans-devanagari/NotoSansDevanagari-Regular.ttf"
NASTALIQ = packaged_folder("fonts") / "noto-nastaliq-urdu/NotoNastaliqUrdu-Regular.ttf"
SHAPER = Shaper((("noto-sans-devanagari", FACE), ("noto-nastaliq-urdu", NASTALIQ)), ("hi", "ur"))
FONT = "ABCDEF+noto-sans-devanagari"


def run(*words: tuple[str, tuple[int, ...]], font: str = FONT) -> TextRun:
    shaping = tuple(ShownGlyphs(font, codes, True) for _, codes in words)
    return TextRun(tuple(text for text, _ in words), NOWHERE, NOWHERE, 12.0, (0.0,), 1, shaping=shaping)


@pytest.mark.parametrize("word", ["हिन्दी", "क्षत्रिय", "र्कि", "स्त्री", "पत्रक\u200dम्"])
def test_a_word_as_the_font_shapes_it_is_proven(word: str) -> None:
    assert SHAPER.paints_its_text(run((word, shaped_glyphs(FACE, word, "hi"))))


@pytest.mark.parametrize("other", ["हन्दी", "हिन्द", "हीन्दी", "हिन्दी1"])
def test_the_glyphs_of_another_word_are_found(other: str) -> None:
    assert not SHAPER.paints_its_text(run((other, shaped_glyphs(FACE, "हिन्दी", "hi"))))


def test_glyphs_in_another_order_are_found() -> None:
    codes = shaped_glyphs(FACE, "हिन्दी", "hi")
    assert not SHAPER.paints_its_text(run(("हिन्दी", codes[1::-1] + codes[2:])))


def test_a_font_that_the_page_does_not_declare_proves_nothing() -> None:
    assert not SHAPER.paints_its_text(run(("हिन्दी", shaped_glyphs(FACE, "हिन्दी", "hi")), font="ABCDEF+other"))


def test_letters_of_nastaliq_are_joined_from_right_to_left() -> None:
    """Each cluster is marked by itself, from left to right; together they are the word."""
    codes = shaped_glyphs(NASTALIQ, "پاس", "ur")
    parts = [("س", codes[:1]), ("ا", codes[1:2]), ("پ", codes[2:])]
    assert SHAPER.paints_its_text(run(*parts, font="ABCDEF+noto-nastaliq-urdu-Bold"))
    assert not SHAPER.paints_its_text(run(*reversed(parts), font="ABCDEF+noto-nastaliq-urdu-Bold"))


# Content streams

LETTERS = GlyphFont({1: "a", 2: "b", 3: " "}, {}, 500.0, name="F")
SPAN = b"/P <</MCID 0>> BDC BT /F 12 Tf 1 0 0 1 0 0 Tm [<0001>] TJ /Span <</ActualText <feff0915093f>>> BDC [<00020001>] TJ EMC [<0003>] TJ ET EMC"


def read(stream: bytes) -> TextRun:
    (found,) = read_content_stream(stream, False, (("/F", LETTERS),))
    assert isinstance(found, TextRun)
    return found


def test_marked_glyphs_are_one_with_their_text_in_the_run_of_their_line() -> None:
    found = read(SPAN)
    assert (found.glyphs, found.mark) == (("a", "कि"), 0)
    assert found.shaping == (ShownGlyphs("F", (1,), False), ShownGlyphs("F", (2, 1), True))
    assert replace(found, glyphs=(), shaping=()).missing == 0


def test_a_glyph_that_the_font_lacks_is_missing_inside_a_text_too() -> None:
    assert read(SPAN.replace(b"<00020001>", b"<00020000>")).missing == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"[<00020001>] TJ EMC", b"EMC"), (b"TJ EMC [", b"TJ ["), (b"<feff0915093f>", b"<0915093f>")],
)
def test_what_pdfkit_does_not_write_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(SPAN.replace(old, new))
