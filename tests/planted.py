"""Pages of the tiny library with faults planted in them, for the tests of what proves a PDF."""

from dataclasses import replace
from datetime import date

from pdfkit_cli import render, source
from pdfkit_cli.build import Request, open_workshop
from pdfkit_cli.layout import Page, Stylesheet
from tests.checking import wrong
from tests.libraries import TinyLibrary

DAY = date(2026, 11, 21)
ELSEWHERE = {"link-text", "stale-text", "different-structure", "different-numbers"}
"""Rules on content, which have tests of their own: the texts here are about the page."""


def page(library: TinyLibrary, path: str = "north/first.da.a4.pdf") -> Page:
    """Return a page of the library, which has no fault of its own."""
    render.prepare()
    shop = open_workshop(Request(library.root, as_of=DAY))
    faults = [finding for finding in wrong(shop.findings) if finding.code not in ELSEWHERE]
    assert not faults, faults
    made = shop.draw(next(item for item in shop.printings() if item.path == path)).page
    return replace(made, format=made.format.model_copy(update={"preflight": None}))  # that has tests of its own


def with_css(good: Page, css: str) -> Page:
    """Return the page with more CSS, which wins over the layout's."""
    text = f"{good.stylesheet.css}\n{css}"
    return replace(good, stylesheet=Stylesheet(text, source.digest(text.encode())))


def with_html(good: Page, old: str, new: str) -> Page:
    """Return the page with other HTML."""
    assert old in good.html
    return replace(good, html=good.html.replace(old, new))
