"""Each patch of WeasyPrint leaves every byte as it is, and is installed only for the version that it was written for."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from random import Random
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer, weasyprint_patches
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.weasyprint_patches import Patch, columns, drawing, text
from pdfkit_cli.system import caching
from tests.helpers.founding_library_build import drawn
from tests.helpers.soak_sampling import amount, sampled

PAGES = (
    "rygcenter-syddanmark/facet-denervation.ar.a5.pdf",
    "smartkliniken/interventional-pain-guideline.sv.a4.pdf",
    "sportsmed/facet-neurotomy.sv.print-shop.pdf",
)
RAISED = {"rygcenter-syddanmark/facet-denervation.ar.a5.pdf"}
"""Pages with glyphs above or below their line."""

FONT = packaged_folder("fonts") / "source-sans-3/SourceSans3-Regular.ttf"
STRANGE = """
<html lang="en"><meta charset="utf-8"><title>T</title><style>
:root { --a: 3mm; --b: calc(var(--a) * 2); --c: var(--d, 1px solid red) }
@page { size: 90mm 120mm; margin: 15mm; @top-center { content: string(head) " " counter(page) "/" counter(pages) }
  @bottom-left { content: element(foot); border-top: var(--c) } @footnote { border-top: 1px solid } }
@page :first { margin-top: 25mm } @page wide { size: 120mm 90mm }
h1 { string-set: head content(); bookmark-level: 1; float: left; position: relative }
h1::first-letter { font-size: 2em; color: blue } p::first-line { font-weight: bold }
.foot { position: running(foot) } .note { float: footnote } .wide { page: wide } .abs { position: absolute; inset-inline-end: 0 }
p { margin-block: var(--b) calc(1em + 2%); padding-inline: var(--a); border-inline-start: 2px dotted; text-decoration: underline }
p + p { border-block: inherit; outline: 1px solid; width: 80vw; max-width: max(40%, 2cm); orphans: 3 }
ol { list-style: upper-roman inside; counter-reset: list-item 4 } li::marker { content: counter(list-item) leader(".") }
table { border-collapse: collapse; padding: 3px } td { border: 1px solid; margin: 4px; vertical-align: super }
.columns { columns: 2; column-gap: 4mm; column-rule: 1px solid } .flex { display: flex; gap: 2mm } .inline { display: inline-table }
a::after { content: " " target-counter(attr(href), page) } q { quotes: "<" ">" } body { overflow: hidden } rt { font: 1ex/2 F }
</style><body><div class="foot">Foot <b>of</b> it</div><h1 id="one">First</h1><p>Some <a href="#two">words</a> <q>said</q><span class="note">A note</span>.
<p style="color: red">More <i>words</i>, <span dir="rtl" lang="ar">x<span class="abs">y</span></span> and <u><s>others</s></u>.<p>Last.
<ol><li>One<li value="9">Nine<ul><li>x</ul></ol><div class="columns"><p>a b c d<p>e f g h</div><div class="flex"><b>x</b>y<p>z</div>
<table><caption>C</caption><tr><th>A<td rowspan="2">B<tr><td><table class="inline"><tr><td>in</table></table>
<section class="wide"><h1 id="two">Second</h1><img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E" alt="x"></section>
"""
"""What our own layouts hardly use."""

COLUMNS = """<html lang="en"><meta charset="utf-8"><title>T</title><style>
@page {{ size: 120mm 160mm; margin: 10mm; @footnote {{ border-top: 1px solid }} @top-center {{ content: element(head) }} }}
main {{ columns: 2; column-gap: 6mm; column-fill: auto }} footer {{ column-span: all; border: 1px solid }}
h2 {{ break-after: avoid }} .box {{ break-inside: avoid; border: 1px solid; padding: 2mm; margin-block: 3mm }}
.high {{ height: 30mm }} .nested {{ columns: 2 }} .grid {{ display: grid; grid-template-columns: 1fr 1fr }}
.note {{ float: footnote }} .float {{ float: left; width: 20mm; height: 25mm }} .head {{ position: running(head) }}
</style><main>{}<footer>The end</footer></main><p>After it"""

SECTION = "<h2>A heading</h2>{}<p>Some words of a paragraph that take several lines in a narrow column.</p>"
PARTS = (
    '<div class="box">A box</div>',
    '<div class="box high">A high box</div>',
    '<div class="nested"><p>a b c</p><p>d e f</p><div class="box">g</div></div>',
    '<p>Words<span class="note">A note at the foot</span> with a note.</p>',
    '<div class="float"></div>',
    '<div class="grid"><p>a</p><p>b</p><p>c c c c c c c c c c c c</p></div>',
    '<p class="head">A running head</p>',
    "<table><tr><td>A<td>B<tr><td>C<td>D</table>",
)
"""What may go on in the next column, or be left outside the boxes of a column."""


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@cache
def page(path: str) -> Page:
    return replace(drawn(path).page, imprint=False)


def rendered(*paths: str) -> dict[str, bytes]:
    renderer.reset()
    return {"strange": written(STRANGE), **{path: renderer.render_unverified(page(path)).pdf for path in paths}}


def written(html: str) -> bytes:
    """Return the PDF of a page, with the font of leaflets: there is no other in this process."""
    import weasyprint

    fonts = weasyprint.text.fonts.FontConfiguration()
    face = weasyprint.CSS(
        string=f"@font-face {{ font-family: F; src: url({FONT.as_uri()}) }} html {{ font-family: F }}",
        font_config=fonts,
    )
    pdf: bytes = weasyprint.HTML(string=html).write_pdf(font_config=fonts, stylesheets=[face], pdf_identifier=b"x")
    return pdf


@cache
def patched() -> dict[str, bytes]:
    return rendered(*PAGES)


@contextmanager
def without(*patches: Patch) -> Iterator[None]:
    """Put back what some patches have replaced, the last first."""
    replaced = [one for patch in reversed(patches) for one in reversed(weasyprint_patches.originals[patch])]
    assert all(weasyprint_patches.originals[patch] for patch in patches)
    installed = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, original in replaced:
        setattr(owner, name, original)
    try:
        yield
    finally:
        for owner, name, value in reversed(installed):
            setattr(owner, name, value)


def differing(made: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Return the pages that differ; those with raised glyphs may differ in where these stand, see `remembered_drawings`."""
    return [
        path
        for path, pdf in made.items()
        if pdf != expected[path] and (path not in RAISED or glyphs(pdf) != glyphs(expected[path]))
    ]


def glyphs(pdf: bytes) -> list[list[bytes]]:
    """Return the glyphs of each page, as they are painted."""
    contents = (page.get_contents() for page in PdfReader(BytesIO(pdf)).pages)
    return [re.findall(rb"[0-9a-f]{4}(?=[0-9a-f]*>)", content.get_data()) for content in contents if content]


def test_all_patches_together_change_no_byte() -> None:
    expected = patched()
    with without(*weasyprint_patches.PATCHES):
        assert differing(rendered(*PAGES), expected) == []


@pytest.mark.soak
@pytest.mark.parametrize("patch", weasyprint_patches.PATCHES, ids=lambda patch: patch.__name__)
def test_a_patch_changes_no_byte(patch: Patch) -> None:
    paths, expected = sampled(PAGES, 1, weasyprint_patches.PATCHES.index(patch)), patched()
    with without(patch):
        made = rendered(*paths)
    assert differing(made, expected) == []


def in_columns(*parts: str) -> tuple[bytes, int]:
    """Return the bytes of sections in two columns, a wide block after them, and how many blocks were laid out for them."""
    from weasyprint.layout import block

    laid_out, count = block.block_container_layout, 0

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        return laid_out(*arguments, **options)

    html = COLUMNS.format("".join(map(SECTION.format, parts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "block_container_layout", counted)
        return written(html), count


@pytest.mark.parametrize("number", range(amount(12, 300)))
def test_a_column_tried_once_is_where_many_trials_set_it(number: int) -> None:
    chosen = Random(number)
    parts = [chosen.choice(PARTS) for _ in range(chosen.randint(1, 12))]
    pdf, _ = in_columns(*parts)
    with without(columns.columns_tried_once):
        assert in_columns(*parts)[0] == pdf


def test_columns_are_tried_only_where_the_height_changes_them() -> None:
    parts = (PARTS[1], PARTS[0], PARTS[0], PARTS[1])
    _, few = in_columns(*parts)
    with without(columns.columns_tried_once):
        assert few < 0.5 * in_columns(*parts)[1]


def test_an_element_and_those_around_it_have_one_wrapper_each() -> None:
    from cssselect2 import ElementWrapper

    tree = ElementTree.fromstring("<main><p/><ul><li/><li/></ul><p/></main>")
    root = ElementWrapper.from_html_root(tree)
    main, first, ul, item, _, last = root.iter_subtree()
    assert [*map(id, first.iter_next_siblings())] == [id(ul), id(last)]
    assert last.previous is ul
    assert [one.index for one in item.iter_next_siblings()] == [1]
    assert not [*main.iter_next_siblings(), *last.iter_next_siblings()]


def test_another_version_of_weasyprint_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint_patches, "originals", {})
    weasyprint_patches.install(SimpleNamespace(__version__="70.1"))
    assert weasyprint_patches.originals == {}


def test_lines_are_forgotten_with_the_other_texts() -> None:
    """A page that is filled in for one patient leaves nothing behind."""
    assert rendered(*PAGES) == patched(), "what was remembered differs from what was found"
    for lines in (text.known_lines, drawing.drawn_lines):
        assert any("smärta" in key[0] for key in lines)
    caching.clear_text_caches()
    assert not text.known_lines
    assert not drawing.drawn_lines


def test_lines_are_forgotten_when_a_face_is_added() -> None:
    """A stylesheet may declare a face that earlier stylesheets did not have."""
    import weasyprint

    faces = [
        f"@font-face {{ font-family: F; font-weight: {weight}; src: url({FONT.with_name(name).as_uri()}) }} html {{ font-family: F; text-align: right }}"
        for weight, name in ((400, FONT.name), (700, "SourceSans3-Bold.ttf"))
    ]

    def set_in(*sheets: str) -> bytes:
        """Return a page after each of these stylesheets was loaded, and a page was set with those so far."""
        fonts, loaded, pdf = weasyprint.text.fonts.FontConfiguration(), list[object](), b""
        for sheet in sheets:
            loaded.append(weasyprint.CSS(string=sheet, font_config=fonts))
            pdf = weasyprint.HTML(string="<b>Words</b>").write_pdf(
                font_config=fonts, stylesheets=loaded, pdf_identifier=b"x"
            )
        return pdf

    assert set_in(*faces) == set_in("".join(faces))
    assert set_in(*faces) != set_in(faces[0])


def test_heads_and_feet_are_laid_out_when_a_document_is_drawn_and_only_then() -> None:
    """A second drawing finds them there."""
    pdf_engine, _ = renderer._renderers_for(page(PAGES[1]))
    pdf_engine.forget()
    with pdf_engine.session(page(PAGES[1])):
        document = pdf_engine.layout(page(PAGES[1]).html, page(PAGES[1]).stylesheet)
        found = []
        for _ in range(3):
            boxes = [box for one in document.pages for box in one._page_box.children]
            found.append(sum(hasattr(box, "at_keyword") for box in boxes))
            document.write_pdf()
    assert found[0] == 0
    assert found[1] == found[2] >= 2 * len(document.pages)


def test_what_a_layout_needed_is_freed_without_the_garbage_collector() -> None:
    """Else a worker keeps the styles and boxes of several documents, 50 MB more."""
    from weasyprint.css import Style
    from weasyprint.formatting_structure.boxes import Box

    rendered(PAGES[0])
    pdf_engine, _ = renderer._renderers_for(page(PAGES[0]))
    pdf_engine.forget()
    gc.collect()
    gc.disable()
    before = sum(isinstance(thing, Style | Box) for thing in gc.get_objects())
    with pdf_engine.session(page(PAGES[0])):
        document = pdf_engine.layout(page(PAGES[0]).html, page(PAGES[0]).stylesheet)
        assert sum(isinstance(thing, Style | Box) for thing in gc.get_objects()) > before + 200
        del document
    pdf_engine.forget()
    after = sum(isinstance(thing, Style | Box) for thing in gc.get_objects())
    gc.enable()
    assert after < before + 50
