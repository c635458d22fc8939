"""What an engine does once for all pages of a process."""

from dataclasses import replace
from typing import Any

import pytest
import weasyprint

from pdfkit_cli.content import yaml_source
from pdfkit_cli.rendering import engine as engine_module
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine, FittedLayout, RenderError, fit_to_sheets
from pdfkit_cli.rendering.page import Page, PageFormat, PageLimits, Stylesheet
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


# As few sheets as the settings allow

ONE_SIDED = PageFormat("x", pages_per_sheet=1)
SHEETS = PageFormat("x")
BOOKLET = PageFormat("x", pages_per_sheet=4, cover=True)
PHONE = PageFormat("x", pages_per_sheet=1, grows=True, preflight=PageLimits((110, 4000)))


def fitted(form: PageFormat, **layouts: tuple[int, float] | tuple[int, float, float]) -> tuple[str, list[str]]:
    """Return the setting chosen, and all that were laid out, where each makes so many pages and fills so much, and its emptiest page.

    `words` is what a text with small pictures makes without them.
    """
    tried: list[str] = []

    def lay_out(fit: str) -> FittedLayout[str]:
        tried.append(fit)
        name = "words" if "words-only" in fit else fit.partition(" ")[0].partition("-")[0] or "loose"
        return FittedLayout(fit, *layouts[name])

    return fit_to_sheets(lay_out, form, small_pictures="words" in layouts).document, tried


@pytest.mark.parametrize(
    ("form", "pages", "filled", "chosen"),
    [
        (SHEETS, 1, 0.3, ""),
        (SHEETS, 2, 1.9, ""),
        (SHEETS, 2, 1.05, "snug"),  # a page that is nearly empty
        (SHEETS, 3, 2.1, "snug"),  # a sheet
        (SHEETS, 3, 2.6, "tight"),
        (SHEETS, 3, 2.8, ""),  # more than any setting can save
        (SHEETS, 4, 3.5, ""),  # neither a sheet nor a page that looks like a mistake
        (ONE_SIDED, 3, 2.1, "snug"),
        (BOOKLET, 9, 7.3, "snug"),  # seven with the front cover, and the back cover
        (BOOKLET, 10, 8.9, "tight"),
        (BOOKLET, 11, 9.9, ""),
    ],
)
def test_a_tighter_setting_wins_a_sheet_or_a_nearly_empty_page(
    form: PageFormat, pages: int, filled: float, chosen: str
) -> None:
    fewer = (pages - 1, pages - 1.1)
    fit, tried = fitted(form, loose=(pages, filled), snug=fewer, tight=fewer, open=(pages, filled), spare=(12, filled))
    assert fit.partition("spare")[0].rstrip() == chosen
    assert [one for one in tried if one in ("snug", "tight")] == ([chosen] if chosen else [])


def test_a_tighter_setting_that_wins_nothing_is_not_kept() -> None:
    same = (3, 2.05)
    assert fitted(SHEETS, loose=(3, 2.1), snug=same, tight=same) == ("", ["", "snug", "tight"])


def test_the_snuggest_setting_that_wins_is_kept() -> None:
    assert fitted(SHEETS, loose=(3, 2.1), snug=(3, 2.01), tight=(2, 1.95)) == ("tight", ["", "snug", "tight"])


def test_a_page_won_does_not_keep_a_sheet_from_being_won() -> None:
    layouts = {"loose": (6, 5.05), "snug": (5, 4.6)}
    assert fitted(SHEETS, **layouts, tight=(4, 3.9)) == ("tight", ["", "snug", "tight"])
    assert fitted(SHEETS, **layouts, tight=(5, 4.3)) == ("snug", ["", "snug", "tight"])


def test_small_pictures_are_left_out_where_they_cost_a_sheet() -> None:
    pictured = {"loose": (3, 2.2), "snug": (3, 2.1), "tight": (3, 2.05)}
    fewer = (2, 1.9)
    assert fitted(SHEETS, **pictured, words=fewer) == ("words-only", ["", "snug", "tight", "words-only"])
    assert fitted(SHEETS, **pictured, words=(3, 2.5))[0] == "", "no sheet is won"
    assert fitted(SHEETS, **pictured) == ("", ["", "snug", "tight"]), "there are none"
    assert fitted(SHEETS, loose=fewer, words=fewer) == ("", [""]), "one sheet"
    assert fitted(SHEETS, loose=(3, 2.2), snug=fewer, words=fewer) == ("snug", ["", "snug"])
    assert fitted(SHEETS, loose=(4, 3.9), words=fewer) == ("", [""]), "more than pictures take"


def test_a_hole_is_closed_by_another_setting_of_the_same_sheets() -> None:
    hole = (4, 3.8, 0.6)
    assert fitted(SHEETS, loose=hole, snug=(4, 3.5, 0.9)) == ("snug", ["", "snug"])
    assert fitted(SHEETS, loose=hole, snug=(4, 3.5, 0.5), tight=(3, 2.8, 0.7)) == ("tight", ["", "snug", "tight"])
    assert fitted(SHEETS, loose=hole, snug=(4, 3.5, 0.5), tight=(4, 3.1, 0.9))[0] == "", "a nearly empty last page"
    assert fitted(SHEETS, loose=(5, 4.1, 0.9), snug=(5, 4.1, 0.9), tight=(4, 3.9, 0.6))[0] == "tight", (
        "a sheet counts more"
    )
    assert fitted(SHEETS, loose=(3, 2.2), snug=(3, 2.1), tight=(3, 2.05), words=(2, 1.9, 0.6))[0] == "words-only"
    assert fitted(BOOKLET, loose=(8, 6.9, 0.6), snug=(8, 6.6, 0.9)) == ("snug", ["", "snug"])


def test_a_sheet_of_a_booklet_is_not_given_up_for_a_page() -> None:
    """Six pages or seven, it is two sheets: nothing is set tighter, and what is left over gets lines."""
    assert fitted(BOOKLET, loose=(7, 5.1), spare=(8, 5.1)) == ("spare-1", ["", "spare-1"])


def test_a_booklet_with_pages_left_over_is_opened_and_gets_lines_on_the_rest() -> None:
    layouts = {"loose": (6, 4.8), "spare": (8, 4.8)}
    assert fitted(BOOKLET, **layouts, open=(7, 5.9)) == ("open spare-1", ["", "open", "open spare-1"])
    assert fitted(BOOKLET, **layouts, open=(8, 6.9)) == ("open", ["", "open"])
    assert fitted(BOOKLET, **layouts, open=(6, 4.9))[0] == "spare-2", "air that fills no page"
    assert fitted(BOOKLET, **layouts, open=(9, 7.1))[0] == "spare-2", "air that costs a sheet"


def test_a_booklet_that_was_set_tighter_is_not_opened_again() -> None:
    layouts = {"loose": (5, 3.1), "snug": (4, 2.95)}
    assert fitted(BOOKLET, **layouts) == ("snug", ["", "snug"])
    layouts = {"loose": (9, 7.1), "snug": (6, 4.9)}
    assert fitted(BOOKLET, **layouts) == ("snug spare-2", ["", "snug", "snug spare-2"])


def test_the_rest_of_a_last_page_that_is_half_empty_is_for_questions() -> None:
    """Unless they need a page of their own there."""
    assert fitted(BOOKLET, loose=(8, 6.3), spare=(8, 6.3)) == ("spare-part", ["", "spare-part"])
    assert fitted(BOOKLET, loose=(8, 6.3), spare=(9, 6.3)) == ("", ["", "spare-part"])
    assert fitted(BOOKLET, loose=(8, 6.6)) == ("", [""])
    layouts = {"loose": (9, 7.1), "snug": (8, 6.4), "spare": (8, 6.4)}
    assert fitted(BOOKLET, **layouts) == ("snug spare-part", ["", "snug", "snug spare-part"])


@pytest.mark.parametrize(
    ("form", "room", "fit"),
    [(BOOKLET, 59.0, ""), (BOOKLET, 60.0, "back-4"), (BOOKLET, 95.0, "back-7"), (BOOKLET, 400.0, "back-12"), (SHEETS, 95.0, "")],
)  # fmt: skip
def test_what_a_back_cover_leaves_empty_is_for_questions(form: PageFormat, room: float, fit: str) -> None:
    assert fit_to_sheets(lambda one: FittedLayout(one, 8, 6.8, room=room), form).document == fit


def test_the_lines_on_a_back_cover_are_laid_out_with_those_before_it() -> None:
    tried: list[str] = []

    def lay_out(fit: str) -> FittedLayout[str]:
        tried.append(fit)
        return FittedLayout(fit, 8 if "spare" in fit else 7, 5.1, room=95.0)

    assert fit_to_sheets(lay_out, BOOKLET).document == "back-7 spare-1"
    assert tried == ["", "back-7 spare-1"]


def test_a_page_that_grows_is_as_high_as_its_text() -> None:
    """In whole millimetres, and not less."""
    assert fitted(PHONE, loose=(1, 0.2001), page=(1, 0.99)) == ("page-110x801", ["", "page-110x801"])


def test_a_text_longer_than_a_page_that_grows_is_left_as_it_is() -> None:
    assert fitted(PHONE, loose=(2, 1.6)) == ("", [""])


def test_a_setting_is_a_class_and_a_size_is_that_of_a_page() -> None:
    html = '<html lang="da"><head></head>'
    assert engine_module.with_fit_class(html, "") == html
    assert engine_module.with_fit_class(html, "open spare-1") == '<html class="open spare-1" lang="da"><head></head>'
    assert (
        engine_module.with_fit_class(html, "snug back-7 spare-1")
        == '<html class="snug back spare-1" style="--back-lines: 7" lang="da"><head></head>'
    )
    assert (
        engine_module.with_fit_class(html, "page-110x801")
        == '<html lang="da"><head><style>@page { size: 110mm 801mm }</style></head>'
    )


@pytest.mark.parametrize(("columns", "least", "most"), [(1, 0.45, 0.55), (2, 0.2, 0.3)])
def test_how_full_a_page_is_where_columns_follow_each_other(columns: int, least: float, most: float) -> None:
    page = drawn(PATHS[0]).page
    engine = Engine()
    css = with_css(page, "@page { size: 100mm 200mm; margin: 0 }").stylesheet
    with engine.session(page):
        document = engine.layout('<div style="height: 100mm"></div><div id="end"></div>', css)
    assert least <= engine_module.filled_pages(document, PageFormat("x", columns=columns)) <= most


@pytest.mark.parametrize(("form", "emptiest"), [(SHEETS, 0.3), (BOOKLET, 0.6)])
def test_the_emptiest_page_ends_with_its_text_and_not_with_a_box_that_goes_on(
    form: PageFormat, emptiest: float
) -> None:
    """The last page may be empty, and so may a front cover."""
    engine, page = Engine(), drawn(PATHS[0]).page
    css = with_css(
        page, "@page { size: 100mm 100mm; margin: 0 } body, p { margin: 0 } p { break-inside: avoid }"
    ).stylesheet
    part = '<p style="height: {}mm"></p>'.format
    text = f'<section>{part(30)}{part(80)}</section>{part(60)}{part(90)}<div id="end"></div><div id="text-end"></div>'
    with engine.session(page):
        document = engine.layout(text, css)
    assert len(document.pages) == 4
    assert engine_module.emptiest_page(document, form) == pytest.approx(emptiest, abs=0.01)
