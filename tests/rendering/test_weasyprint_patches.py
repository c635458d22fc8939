"""Each patch of WeasyPrint leaves every byte as it is, and is installed only for the version that it was written for."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer, weasyprint_patches
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.weasyprint_patches import Patch, drawing, text
from pdfkit_cli.system import caching
from tests.helpers.founding_library_build import drawn
from tests.helpers.soak_sampling import sampled

PAGES = (
    "rygcenter-syddanmark/facet-denervation.ar.a5.pdf",
    "smartkliniken/interventional-pain-guideline.sv.a4.pdf",
    "sportsmed/facet-neurotomy.sv.print-shop.pdf",
)

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


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    renderer.prepare_process()


@cache
def page(path: str) -> Page:
    return replace(drawn(path).page, imprint=False)


def rendered(*paths: str) -> dict[str, bytes]:
    renderer.reset()
    return {"strange": strange(), **{path: renderer.render_unverified(page(path)).pdf for path in paths}}


def strange() -> bytes:
    import weasyprint

    fonts = weasyprint.text.fonts.FontConfiguration()
    face = weasyprint.CSS(
        string=f"@font-face {{ font-family: F; src: url({FONT.as_uri()}) }} html {{ font-family: F }}",
        font_config=fonts,
    )
    pdf: bytes = weasyprint.HTML(string=STRANGE).write_pdf(font_config=fonts, stylesheets=[face], pdf_identifier=b"x")
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


def test_all_patches_together_change_no_byte() -> None:
    expected = patched()
    with without(*weasyprint_patches.PATCHES):
        assert rendered(*PAGES) == expected


@pytest.mark.soak
@pytest.mark.parametrize("patch", weasyprint_patches.PATCHES, ids=lambda patch: patch.__name__)
def test_a_patch_changes_no_byte(patch: Patch) -> None:
    paths, expected = sampled(PAGES, 1, weasyprint_patches.PATCHES.index(patch)), patched()
    with without(patch):
        made = rendered(*paths)
    assert made == {path: expected[path] for path in made}


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
