"""How many pages a text fills, where they have holes, and how high its small pictures are."""

from dataclasses import replace
from typing import Any

import pytest

from pdfkit_cli.content import yaml_source
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import Engine
from pdfkit_cli.rendering.page import PageFormat, Stylesheet
from pdfkit_cli.rendering.page_measures import measure
from tests.helpers.founding_library_build import drawn

PATH = "rygcenter-syddanmark/facet-denervation.da.a4.pdf"
SHEETS, BOOKLET = PageFormat("x"), PageFormat("x", pages_per_sheet=4, cover=True)


def laid_out(html: str, css: str) -> Any:
    renderer.prepare_process()
    engine, page = Engine(), drawn(PATH).page
    page = replace(page, stylesheet=Stylesheet(css, yaml_source.sha256_hex(css.encode())))
    with engine.session(page):
        return engine.layout(html, page.stylesheet)


@pytest.mark.parametrize(("columns", "least", "most"), [(1, 0.45, 0.55), (2, 0.2, 0.3)])
def test_how_full_a_page_is_where_columns_follow_each_other(columns: int, least: float, most: float) -> None:
    document = laid_out(
        '<div style="height: 100mm"></div><div id="end"></div>', "@page { size: 100mm 200mm; margin: 0 }"
    )
    assert least <= measure(document, PageFormat("x", columns=columns)).filled <= most


@pytest.mark.parametrize(("form", "emptiest", "holes"), [(SHEETS, 0.3, 1.3), (BOOKLET, 0.6, 0.6)])
def test_the_emptiest_page_ends_with_its_text_and_not_with_a_box_that_goes_on(
    form: PageFormat, emptiest: float, holes: float
) -> None:
    """The last page may be empty, and so may a front cover."""
    part = '<p style="height: {}mm"></p>'.format
    measured = measure(
        laid_out(
            f'<section>{part(30)}{part(80)}</section>{part(60)}{part(90)}<div id="end"></div><div id="text-end"></div>',
            "@page { size: 100mm 100mm; margin: 0 } body, p { margin: 0 } p { break-inside: avoid }",
        ),
        form,
    )
    assert measured.pages == 4
    assert measured.emptiest == pytest.approx(emptiest, abs=0.01)
    assert measured.holes == pytest.approx(holes, abs=0.01)
    assert measured.content == pytest.approx(measured.filled - holes, abs=0.01)


def test_small_pictures_are_measured_and_no_others() -> None:
    """Each once, whatever is in it."""
    figure = '<figure class="{}"><b style="height: 30mm"></b></figure>'.format
    css = "@page { size: 100mm 100mm; margin: 0 } figure { margin: 0 } .small { float: right } b { display: block }"
    for name, share in (("small", 0.6), ("wide small", 0.6), ("large", 0)):
        assert measure(laid_out(figure(name) * 2, css), SHEETS).pictures == pytest.approx(share, abs=0.001)
