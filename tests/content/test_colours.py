"""The list of colour pairs is that of the layouts: what stands in CSS, and what a finished page shows."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content import colours, yaml_source
from pdfkit_cli.content.editions import EditionKey, OutputKey
from pdfkit_cli.content.models import Variant
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.weasyprint_seams import page_box
from tests.helpers.check_runner import DAY
from tests.helpers.tiny_library import FOUNDING

LAYOUTS = packaged_folder("layouts")
CSS = "\n".join(path.read_text("utf-8") for path in sorted(LAYOUTS.rglob("*.css")))
COLOUR = r"(#[0-9a-fA-F]{3,6}|var\((--[\w-]+)\))"
PHASES = ("--before", "--day", "--after")
SHORT = {"#fff": "white"}


def used(property_name: str) -> set[str]:
    """Return what the CSS gives a property: variables, without those of text size, and white."""
    found = re.findall(rf"(?<![\w-]){property_name}:\s*{COLOUR}", CSS)
    names = {variable or SHORT.get(literal, literal) for literal, variable in found}
    return names - {"--step"} | (set(PHASES) if "--step" in names else set())


def test_every_colour_of_words_and_grounds_in_the_css_is_listed() -> None:
    pairs = colours.colour_pairs(yaml_source.read_text(LAYOUTS / "colours.yaml", "colours.yaml"))
    assert used("color") <= {pair.front for pair in pairs} >= {"--ink", "--brand-primary"}
    assert used("background(?:-color)?") <= {pair.back for pair in pairs}
    assert len({(pair.front, pair.back) for pair in pairs}) == len(pairs)


@cache
def project() -> Project:
    return open_project(BuildRequest(FOUNDING, as_of=DAY))


def printed(box: Any, ground: str) -> Iterator[tuple[str, str]]:
    """Yield the colours of all words in a box, each with that of the ground that they stand on.

    The number of an item stands on what is painted behind the item (`z-index` below 0): the badge of a legend.
    """
    colour = box.style["background_color"]
    if colour.alpha:
        ground = named(colour)
    if getattr(box, "text", "").strip():
        yield named(box.style["color"]), ground
    children = [getattr(child, "_box", child) for child in getattr(box, "children", ())]
    behind = [child.style["background_color"] for child in children if child.style["z_index"] in range(-9, 0)]
    for child in children:
        is_number = str(child.element_tag).endswith("::marker")
        yield from printed(child, named(behind[0]) if is_number and behind else ground)


def named(colour: Any) -> str:
    red, green, blue = (round(level * 255) for level in colour.to("srgb").coordinates)
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize(
    ("clinic", "leaflet", "language", "format_name"),
    [
        ("rygcenter-syddanmark", "facet-denervation", "da", "a4"),
        ("sportsmed", "facet-neurotomy", "sv", "a4-large"),
        ("fysioterapi", "nerve-root-pain-education", "da", "a4"),
        ("smartkliniken", "interventional-pain-guideline", "sv", "a4"),
    ],
)
def test_every_pair_on_a_page_is_listed(clinic: str, leaflet: str, language: str, format_name: str) -> None:
    renderer.prepare_process()
    drawn = project().draw(OutputKey(EditionKey(clinic, leaflet, language, Variant.FULL), format_name))
    engine = Engine()
    with engine.session(drawn.page):
        document = engine.layout(drawn.page.html, drawn.page.stylesheet)
    found = {pair for page in document.pages for pair in printed(page_box(page), "#ffffff")}
    brand = project().library.brands[project().library.clinics[clinic].model.brand].model
    known = {
        "white": "#ffffff",
        **colours.colour_variables(yaml_source.read_text(LAYOUTS / "base/base.css", "base.css")),
        **{f"--brand-{name}": getattr(brand, name) for name in ("primary", "accent", "tint")},
    }
    listed = {
        (known[pair.front], known[pair.back])
        for pair in colours.colour_pairs(yaml_source.read_text(LAYOUTS / "colours.yaml", "colours.yaml"))
        if pair.least >= 4.5
    }
    assert len(found) >= 3
    assert found - listed == set()


def test_what_differs_by_hue_has_a_sign_of_its_own() -> None:
    """In grey the phases of a journey look alike, and so do what to do and what to leave."""
    signs = dict(re.findall(r"\.(step-\w+|do|dont)\b[^{}]*::(?:before|after) \{[^}]*url\(([^)]+)\)", CSS))
    assert set(signs) == {"step-before", "step-day", "step-after", "do", "dont"}
    assert len({LAYOUTS.parent.joinpath(sign).read_bytes() for sign in signs.values()}) == 5
