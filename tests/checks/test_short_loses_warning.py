"""The short variant keeps every red flag."""

import re

import pytest

from pdfkit_cli import checks
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import TinyLibrary

YAML = "content/first/leaflet.yaml"


def lost(library: TinyLibrary, body: str) -> list[str]:
    library.body(body)
    if "variants" not in library.read(YAML):
        library.write(YAML, library.read(YAML) + "variants: [full, short]\nslots: [own]\n")
    return said(library, "short-loses-warning")


SLOT = "\n::: slot own\n:::\n"
WHOLE = "the short variant leaves out this"


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (":::: full\n::: warning Pas på\nOrd.\n:::\n::::\n", 6, f"{WHOLE} warning; move it out of the “full” block"),
        (":::: full\n::: call\n:::\n::::\n", 6, f"{WHOLE} call; move it out of the “full” block"),
        ("::::: full\n:::: step day\n::: call\n:::\n::::\n:::::\n", 7, f"{WHOLE} call"),
        (":::: warning Pas på\nOrd.\n\n::: full\nMere.\n:::\n::::\n", 8, "leaves out part of this warning"),
        ("::: warning Pas på\n- [feber]{.full}\n- kulde\n:::\n", 6, "leaves out words of this warning"),
        ("::: warning Pas på\nOrd. [Mere.]{.full}\n:::\n", 6, "leaves out words of this warning; remove “{.full}”"),
        (":::: warning Pas på\n- a\n\n  ::: full\n  b\n  :::\n::::\n", 8, "leaves out part of this warning"),
        ("- a\n\n  ::::: full\n  :::: warning Pas på\n  b\n  ::::\n  :::::\n", 8, f"{WHOLE} warning"),
    ],
)  # fmt: skip
def test_a_red_flag_that_is_left_out(library: TinyLibrary, body: str, line: int, message: str) -> None:
    (said_line,) = lost(library, body + SLOT)
    assert re.match(rf"content/first/da.md:{line}:1: error: .*{re.escape(message)}", said_line)
    (finding,) = found(library, "short-loses-warning")
    assert checks.blocks_rendering(finding)


@pytest.mark.parametrize(
    "body",
    [
        "::: warning Pas på\nOrd.\n:::\n\n::: full\nMere.\n:::\n",
        ":::: step day\n::: warning Pas på\n- feber\n:::\n::::\n\n[Mere.]{.full}\n",
        "::: warning Pas på\n[fever]{lang=en}\n:::\n",
    ],
)
def test_a_red_flag_that_stays(library: TinyLibrary, body: str) -> None:
    assert lost(library, body + SLOT) == []


def test_without_a_short_variant_nothing_is_left_out(library: TinyLibrary) -> None:
    library.body(":::: full\n::: call\n:::\n::::\n")
    assert said(library, "short-loses-warning") == []


def test_the_own_wording_of_a_clinic(library: TinyLibrary) -> None:
    own = "clinics/south/first/own.da.md"
    library.write(own, "::: warning Pas på\nOrd. [Mere.]{.full}\n:::\n")
    (line,) = lost(library, SLOT)
    assert line.startswith(f"{own}:2:1: error: the short variant leaves out words")
    library.write(own, "::: call\n:::\n")
    assert lost(library, SLOT) == []
    (line,) = lost(library, f"Ord.\n\n:::: full\n{SLOT}\n::::\n")
    assert line.startswith(f"{own}:1:1: error: {WHOLE} call")
