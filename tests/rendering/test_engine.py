"""What an engine does once for all pages of a process."""

from dataclasses import replace
from typing import Any

import pytest
import weasyprint

from pdfkit_cli.content import yaml_source
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine, RenderError
from pdfkit_cli.rendering.page import Page, Stylesheet
from tests.helpers.founding_library_build import drawn

PATHS = tuple(f"rygcenter-syddanmark/facet-denervation.da.{form}.pdf" for form in ("a4", "a5", "a4-large"))


@pytest.fixture(autouse=True)
def _prepared() -> None:
    renderer.prepare_process()


def with_css(page: Page, css: str) -> Page:
    sources = page.stylesheet.sources
    return replace(page, stylesheet=Stylesheet(css, yaml_source.sha256_hex(css.encode()), sources))


def test_what_formats_share_of_their_css_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, parsed, start = Engine(), list[str](), weasyprint.CSS.__init__

    def recorded(css: Any, *arguments: Any, **options: Any) -> None:
        parsed.append(options.get("string", ""))
        start(css, *arguments, **options)

    monkeypatch.setattr(weasyprint.CSS, "__init__", recorded)
    for path in PATHS:
        page = drawn(path).page
        with engine.session(page):
            engine.layout("<p>x", page.stylesheet)
    shared, *own = (css for css in parsed if css.strip())
    assert "@layer component" in shared
    assert "@layer format" not in shared
    assert len(own) == len(PATHS)
    assert not any("@layer component" in css for css in own)


def test_a_layout_is_the_same_whichever_format_was_first() -> None:
    def widths(engine: Engine, path: str) -> list[tuple[float, float]]:
        page = drawn(path).page
        with engine.session(page):
            return [(one.width, one.height) for one in engine.layout(page.html, page.stylesheet).pages]

    together = Engine()
    assert [widths(together, path) for path in PATHS] == [widths(Engine(), path) for path in PATHS]


def test_faults_of_both_parts_are_said_with_their_files() -> None:
    page = drawn(PATHS[0]).page
    css = page.stylesheet.css.replace("body { margin: 0;", "body { margin: nix;").replace(
        "@page { size: A4;", "@page { size: nix;"
    )
    page = with_css(page, css)
    engine = Engine()
    for _ in range(2):  # and again for the next page
        with pytest.raises(RenderError) as fault, engine.session(page):
            engine.layout("<p>x", page.stylesheet)
        said = str(fault.value)
        assert "layouts/base/base.css" in said
        assert "layouts/formats/a4/a4.css" in said


def test_css_with_an_open_block_is_not_divided() -> None:
    page = drawn(PATHS[0]).page
    css = page.stylesheet.css.replace("body { margin: 0;", "body { { margin: 0;")
    open_, whole = with_css(page, css), Engine()
    with whole.session(page):
        parsed = whole._parsed(open_.stylesheet)
        assert vars(parsed.matcher).keys() == vars(weasyprint.CSS(string="").matcher).keys()
    assert list(whole._shared_styles) == [""]
