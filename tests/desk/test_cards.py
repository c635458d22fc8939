"""How a secretary is told to print each format of pdfkit."""

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.desk.cards import printing_instructions
from pdfkit_cli.desk.i18n import Translator
from pdfkit_cli.rendering.layouts import Layouts

FORMATS = Layouts(packaged_folder("layouts"), packaged_folder("fonts")).formats
BOTH_SIDES = "On both sides. Flip on the long edge."
BOOKLET = "On both sides. Flip on the short edge. Fold the sheets in the middle."
LEPORELLO = "On both sides. Flip on the short edge. Fold the narrow flap in, then the front over it."
ONE_SIDE = "On one side only."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a4", BOTH_SIDES),
        ("a4-columns", BOTH_SIDES),
        ("a5", BOTH_SIDES),
        ("a5-booklet", BOOKLET),
        ("a5-folder", BOOKLET),
        ("leporello", LEPORELLO),
        ("exercise-sheet", ONE_SIDE),
        ("pocket-card", ONE_SIDE),
        ("a5-folder-screen", "For a web page or an e-mail. Save it and send it there."),
        ("print-shop", "For a print shop. Save it and send it there."),
        ("digital-letter", "For digital post. Save it, or add it to a letter."),
    ],
)
def test_how_to_print_it(name: str, words: str) -> None:
    assert printing_instructions(FORMATS[name], Translator("en")) == words
