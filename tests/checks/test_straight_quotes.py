"""Straight quotation marks."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def test_the_message_has_the_marks_of_the_language(library: TinyLibrary) -> None:
    library.body('\nDet "rigtige" ord.\n')
    library.write("content/first/sv.md", "---\ntitle: T\nsummary: Ett 'ord'.\n---\n\nText.\n")
    assert sorted({line.split("warning: ")[1] for line in said(library, "straight-quotes")}) == [
        'straight quotation mark "; write »…« [straight-quotes]',
        "straight quotation mark '; write ”…” [straight-quotes]",
    ]


@pytest.mark.parametrize("text", ["»rigtigt«", "Lars' bil og don't", 'et 5" rør', "'"])
def test_what_is_no_quotation_mark(library: TinyLibrary, text: str) -> None:
    library.body(f"\n{text}\n")
    assert said(library, "straight-quotes") == []
