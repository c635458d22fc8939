"""What `weasyprint_seams` relies on is still so, in WeasyPrint 70.0 and pydyf 0.13.

A test that fails here after an update means: read what the seam's docstring says it relies on, and change the seam.
"""

import inspect
import re
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pydyf
import pytest

from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering import renderer, weasyprint_seams
from pdfkit_cli.rendering.postprocess import vector

FONT = packaged_folder("fonts") / "source-sans-3/SourceSans3-Regular.ttf"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0h9v9z'/></svg>"


@pytest.fixture(scope="module")
def weasyprint() -> Any:
    renderer.prepare_process()
    import weasyprint

    return weasyprint


def laid_out(weasyprint: Any, body: str, css: str = "") -> Any:
    fonts = weasyprint.text.fonts.FontConfiguration()
    face = f"@font-face {{ font-family: F; src: url({FONT.as_uri()}) }} html {{ font-family: F }}"
    html = weasyprint.HTML(string=f'<html lang="da"><title>T</title><body>{body}</body></html>')
    sheet = weasyprint.CSS(string=face + css, font_config=fonts)
    return html.render(font_config=fonts, stylesheets=[sheet], pdf_variant="pdf/a-2a")


def finished(document: Any) -> pydyf.PDF:
    """Return the PDF object of a document, just before it is written."""
    found = []
    document.write_pdf(finisher=lambda _, pdf: found.append(pdf), pdf_variant="pdf/a-2a")
    return found[0]


@pytest.mark.parametrize("install", [
    weasyprint_seams.record_tagging,
    weasyprint_seams.end_blocks_with_their_text,
    weasyprint_seams.keep_what_spans_columns,
    weasyprint_seams.keep_lines_with_a_hanging_space,
    weasyprint_seams.balance_headings,
    lambda module: weasyprint_seams.replace_svg_class(module, object),
    lambda module: weasyprint_seams.replace_font_class(module, object),
])  # fmt: skip
def test_a_replacement_whose_place_has_moved_is_refused(install: Any) -> None:
    with pytest.raises(AttributeError):
        install(SimpleNamespace())


def test_balanced_columns_end_where_their_text_ends(weasyprint: Any) -> None:
    """The second half of a block is one piece that has no room below the first: the columns are no higher for it."""
    css = "@page { size: 100mm 100mm; margin: 0 } body { margin: 0; columns: 2; column-fill: auto } p { margin: 0 }"
    part = '<p style="height: {}mm; break-inside: avoid">x</p>'.format
    text = f'<section>{part(10)}{part(40)}{part(60)}</section><p id="end" style="column-span: all">x</p>'
    (page,) = laid_out(weasyprint, text, css).pages
    assert page.anchors["end"][1] * 25.4 / 96 == pytest.approx(60, abs=1)


def test_what_spans_columns_is_not_lost_below_columns_that_are_too_high(weasyprint: Any) -> None:
    css = "@page { size: 100mm 100mm; margin: 0 } body { margin: 0; columns: 2; column-fill: auto } p { margin: 0 }"
    text = '<p style="height: 102mm; break-inside: avoid">x</p><p id="end" style="column-span: all">x</p>'
    _, second = laid_out(weasyprint, text, css).pages
    assert "end" in second.anchors


def test_a_block_that_goes_on_on_the_next_page_ends_with_its_text(weasyprint: Any) -> None:
    css = "@page { size: 100mm 100mm; margin: 0 } body, p { margin: 0 } section { padding: 0 }"
    part = '<p style="height: {}mm; break-inside: avoid">x</p>'.format
    first, _ = laid_out(weasyprint, f'<section id="part">{part(40)}{part(80)}</section>', css).pages
    _, top, _, bottom = weasyprint_seams.anchor_boxes(first)["part"]
    assert (bottom - top) * 25.4 / 96 == pytest.approx(40, abs=1)


def test_no_first_word_is_alone_where_only_the_space_before_an_element_is_too_wide(weasyprint: Any) -> None:
    words = (
        'An alternative is keyhole surgery. With the help of <span style="white-space: nowrap">X-rays</span> we see.'
    )
    widths = "".join(f'<p style="width: {width / 2}mm">{words}</p>' for width in range(100, 260))
    document = laid_out(weasyprint, widths, "@page { size: 200mm 4000mm } p { font-size: 12pt; margin: 0 }")
    firsts = set(_first_lines(weasyprint_seams.page_box(document.pages[0])))
    assert len(firsts) > 4
    assert "An" not in firsts


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_lines_of_a_heading_are_about_as_long_as_each_other(weasyprint: Any, direction: str) -> None:
    heading = f'<h1 dir="{direction}">Heat treatment of <em>nerves</em> for lower back pain</h1>'
    css = "@page { size: 160mm 90mm; margin: 0 } h1 { font-size: 30pt; margin: 0; padding: 0 5mm; text-align: start }"
    (page,) = laid_out(weasyprint, heading, css + "body { margin: 0 }").pages
    lines = list(_lines(weasyprint_seams.page_box(page)))
    widths = [sum(part.margin_width() for part in line.children) for line in lines]
    starts = [_start(line, direction) for line in lines]
    assert len(widths) == 2
    assert min(widths) > 0.7 * max(widths)
    assert starts == pytest.approx([(5 if direction == "ltr" else 155) * 96 / 25.4] * 2, abs=1)


def _start(line: Any, direction: str) -> float:
    if direction == "ltr":
        return float(min(part.position_x for part in line.children))
    return float(max(part.position_x + part.margin_width() for part in line.children))


@pytest.mark.parametrize(("pieces", "width", "balanced"), [
    ([30, 30, 30, 30], 200, 200),  # one line
    ([30, 30, 30, 30], 110, 70.5),  # two of two words, and not three and one
    ([90, 20, 20, 20], 120, 90.5),
    ([300, 20], 120, 120),  # a word that is too long
    ([60, 70], 100, 70.5),  # the longest word is not torn
    ([40, 90, 30], 100, 90.5),
])  # fmt: skip
def test_a_heading_gets_the_least_width_for_its_lines(pieces: list[float], width: float, balanced: float) -> None:
    whole = sum(pieces) + 10 * (len(pieces) - 1)
    assert weasyprint_seams.balanced_width(pieces, whole, width) == pytest.approx(balanced)


def _lines(box: Any) -> Iterator[Any]:
    if type(box).__name__ == "LineBox":
        yield box
        return
    for child in getattr(box, "children", ()):
        yield from _lines(child)


def _first_lines(box: Any) -> Iterator[str]:
    lines = [child for child in box.children if type(child).__name__ == "LineBox"]
    if lines:
        yield "".join(part.text for part in lines[0].descendants() if hasattr(part, "text"))
    for child in box.children:
        if hasattr(child, "children") and not lines:
            yield from _first_lines(child)


def test_svg_is_drawn_by_our_class_and_by_these_calls(weasyprint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Recorded(vector.VectorImage):
        def __init__(self, *arguments: Any) -> None:
            calls.append(("init", len(arguments)))
            super().__init__(*arguments)

        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("_"):
                calls.append((name, 0))
            return super().__getattribute__(name)

    monkeypatch.setattr(weasyprint.images, "SVG", Recorded)
    image = SVG.replace("<", "%3C").replace(">", "%3E").replace(" width='9' height='9'", " viewBox='0 0 9 9'")
    finished(laid_out(weasyprint, f'<img src="data:image/svg+xml,{image}" alt="x">'))
    assert ("init", 4) in calls
    assert {name for name, _ in calls} == {"init", "get_intrinsic_size", "get_viewbox", "draw"}
    source = inspect.getsource(weasyprint.images.SVGImage)
    assert set(re.findall(r"self\._svg\.(\w+)\(", source)) == {"get_intrinsic_size", "get_viewbox", "draw"}


STREAM_METHODS = {
    "add_group": ["x", "y", "width", "height"],
    "add_shading": ["shading_type", "domain", "coords", "extend", "function", "color_space"],
    "set_alpha": ["alpha", "stroke", "fill"],
    "set_alpha_state": ["x", "y", "width", "height", "mode"],
    "stacked": [],
    "transform": ["a", "b", "c", "d", "e", "f"],
}


@pytest.mark.parametrize("method", STREAM_METHODS)
def test_streams_are_drawn_on_with_these_methods(weasyprint: Any, method: str) -> None:
    from weasyprint.pdf.stream import Stream

    _, *parameters = inspect.signature(getattr(Stream, method)).parameters
    assert parameters == STREAM_METHODS[method]


def test_fonts_are_of_our_class_and_say_what_the_file_says(weasyprint: Any) -> None:
    from weasyprint.pdf import fonts, stream

    assert "Font" in stream.Stream.add_font.__code__.co_names
    assert issubclass(stream.Font, fonts.Font)
    assert stream.Font is not fonts.Font
    pdf = finished(laid_out(weasyprint, "<p>x\N{NO-BREAK SPACE}y</p>"))
    streams = [weasyprint_seams.stream_data(item) for item in pdf.objects if isinstance(item, pydyf.Stream)]
    (unicode,) = (data for data in streams if b"beginbfchar" in data)
    assert b"<0020>" in unicode  # the glyph's own text, not that of the word that used it
    assert b"<00a0>" not in unicode


def test_tagging_is_a_generator_that_calls_itself_through_its_module(weasyprint: Any) -> None:
    import weasyprint.pdf.tags as tags

    assert tags._build_box_tree.records
    build = tags._build_box_tree.__wrapped__
    assert inspect.isgeneratorfunction(build)
    assert list(inspect.signature(build).parameters) == [
        "box", "parent", "pdf", "page_number", "nums", "annotations", "tags",
    ]  # fmt: skip
    assert "_build_box_tree" in build.__code__.co_names


def test_what_is_recorded_of_boxes_and_kept_with_the_pdf(weasyprint: Any) -> None:
    words = "Ord der fylder en linje. " * 3
    body = f'<p lang="sv">{words}</p><table><tr><th scope="row">x</table>'
    css = "@page { size: 50mm 80mm; margin: 10mm; @top-center { content: 'Hoved' } @bottom-center { content: 'Fod' } }"
    pdf = finished(laid_out(weasyprint, body, css))
    record = weasyprint_seams.tagging_record(pdf)
    assert record is weasyprint_seams.tagging_record(pdf)
    found = {(origin.tag, origin.lang, origin.scope) for origin in record.origins.values()}
    assert {("p", "sv", ""), ("th", "da", "row")} <= found
    assert "".join(record.texts.values()).startswith("Ord der fylder")
    assert record.spaced
    assert sorted(record.furniture.values()) == ["Footer", "Header"]


def test_boxes_of_a_page_tell_its_margins_and_where_they_end(weasyprint: Any) -> None:
    css = (
        "@page { size: 100px 200px; margin: 10px 20px 30px 40px } body { margin: 0 } #a { padding: 5px; height: 20px }"
    )
    (page,) = laid_out(weasyprint, '<div id="a"></div>', css).pages
    box = weasyprint_seams.page_box(page)
    assert (box.margin_top, box.margin_right, box.margin_bottom, box.margin_left) == (10, 20, 30, 40)
    assert (box.content_box_y(), box.height) == (10, 160)
    (html,) = box.children
    (div,) = html.children[0].children
    assert div.element.get("id") == "a"
    assert (div.border_box_y(), div.border_height()) == (10, 30)


def test_anchors_are_rectangles_in_pixels(weasyprint: Any) -> None:
    css = "@page { size: 100px 200px; margin: 10px } body { margin: 0 } #a { height: 20px }"
    (page,) = laid_out(weasyprint, '<div id="a"></div>', css).pages
    assert weasyprint_seams.anchor_boxes(page) == {"a": (10, 10, 90, 30)}


@pytest.mark.parametrize(("value", "data"), [(b"x", b"x"), (1.5, b"1.5"), (2.0, b"2"), (3, b"3"), (1 / 3, b"0.333333")])
def test_values_are_serialized_as_pydyf_does(value: Any, data: bytes) -> None:
    assert weasyprint_seams.serialize(value) == data
    assert data in pydyf.Array([value]).data


def test_the_data_of_a_stream_are_its_items_a_line_each() -> None:
    stream = pydyf.Stream([b"q", pydyf.Dictionary({"MCID": 1}), b"Q"])
    assert weasyprint_seams.stream_data(stream) in stream.data


def test_a_replaced_write_is_called_by_weasyprint_and_can_start_again(weasyprint: Any) -> None:
    seen = []

    def write(pdf: pydyf.PDF, output: Any, *arguments: Any) -> None:
        seen.append(arguments)
        objects = pdf.objects
        written = []
        for _ in range(2):
            pdf.objects, pdf.current_position = list(objects), 0
            buffer = BytesIO()
            pydyf.PDF.write(pdf, buffer, *arguments)
            written.append(buffer.getvalue())
        assert written[0] == written[1]
        output.write(written[0])

    document = laid_out(weasyprint, "<p>x</p>")
    pdf = document.write_pdf(finisher=lambda _, pdf: weasyprint_seams.replace_write(pdf, write), pdf_variant="pdf/a-2a")
    assert pdf.startswith(b"%PDF")
    assert len(seen) == 1


def test_a_pattern_becomes_a_resource_of_the_page(weasyprint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    matrices = []

    def draw(self: Any, stream: Any, *_: Any) -> None:
        with stream.stacked():
            stream.transform(2, 0, 0, 2, 10, 20)
            matrices.append((weasyprint_seams.current_matrix(stream), stream.ctm.values))
        weasyprint_seams.add_pattern(stream, pydyf.Dictionary({"Type": "/Pattern", "PatternType": 2}))

    monkeypatch.setattr(vector.VectorImage, "draw", draw)
    image = SVG.replace("<", "%3C").replace(">", "%3E")
    pdf = finished(laid_out(weasyprint, f'<img src="data:image/svg+xml,{image}" alt="x">'))
    assert any(isinstance(item, pydyf.Dictionary) and item.get("PatternType") == 2 for item in pdf.objects)
    ((matrix, _),) = matrices
    assert len(matrix) == 6
    assert matrix[0] == pytest.approx(2 * 0.75)
