"""Pages of the tiny library with faults planted in them, for the tests of what proves a PDF."""

from dataclasses import replace
from datetime import date

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content import yaml_source
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page, Stylesheet
from tests.helpers.check_runner import wrong
from tests.helpers.tiny_library import TinyLibrary

DAY = date(2026, 11, 21)
ELSEWHERE = {"link-text", "stale-text", "different-structure", "different-numbers", "different-callouts"}
"""Rules on content, which have tests of their own: the texts here are about the page."""


def page(library: TinyLibrary, path: str = "north/first.da.a4.pdf") -> Page:
    """Return a page of the library, which has no fault of its own."""
    (made,) = pages(library, path)
    return made


def pages(library: TinyLibrary, *paths: str) -> list[Page]:
    """Return some of them."""
    renderer.prepare_process()
    shop = open_project(BuildRequest(library.root, as_of=DAY))
    faults = [finding for finding in wrong(shop.findings) if finding.code not in ELSEWHERE]
    assert not faults, faults
    keys = {item.path: item for item in shop.output_keys()}
    made = [shop.draw(keys[path]).page for path in paths]
    return [replace(one, format=replace(one.format, preflight=None)) for one in made]  # that has tests of its own


def with_css(good: Page, css: str) -> Page:
    """Return the page with more CSS, which wins over the layout's."""
    text = f"{good.stylesheet.css}\n{css}"
    return replace(good, stylesheet=Stylesheet(text, yaml_source.sha256_hex(text.encode())))


def with_html(good: Page, old: str, new: str) -> Page:
    """Return the page with other HTML."""
    assert old in good.html
    return replace(good, html=good.html.replace(old, new))
