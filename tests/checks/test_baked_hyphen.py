"""Hyphens that were pasted into words."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, text: str) -> list[str]:
    library.body(f"\n{text}\n")
    return said(library, "baked-hyphen")


def test_a_hyphen_in_a_word_that_stands_elsewhere_without(library: TinyLibrary) -> None:
    assert found(library, "Behandlingen virker.\n\nDin behand-ling virker.") == [
        "content/first/da.md:8:5: warning: “behand-ling” is written without a hyphen elsewhere (“behandlingen”); "
        "write it as one word [baked-hyphen]"
    ]


@pytest.mark.parametrize(
    "text", ["Den inne-\nholder alt. Hvad indeholder den? Den inneholder.", "Begynd behand\u2010ling. Behandling."]
)
def test_line_ends_and_other_hyphens(library: TinyLibrary, text: str) -> None:
    assert len(found(library, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Skriv en e-mail. Emailen er god.",
        "En MR-scanning. MRscanning.",
        "Kom til- og fra. Tilogfra.",
        "Et EU-land. EUlandet.",
        "Facetleds-blokade.",
        "For- og bagside, ryg- og nakkesmerter. Rygognakke.",
        "Top-down-moduleringen. Topdownmoduleringen.",
        "Start-stop.",
        "Ryg-Center og Rygcentret.",
    ],
)
def test_hyphens_that_are_right(library: TinyLibrary, text: str) -> None:
    assert found(library, text) == []


def test_another_language_is_no_witness(library: TinyLibrary) -> None:
    library.write("content/first/sv.md", "---\ntitle: T\nsummary: S.\n---\n\nBehandling.\n")
    assert found(library, "Din behand-ling.") == []
