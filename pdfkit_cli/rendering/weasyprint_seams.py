"""Every place where rendering relies on undocumented behaviour of WeasyPrint 70 and pydyf 0.13.

Documented interfaces are used directly elsewhere:
`HTML`, `CSS`, `FontConfiguration`, URL fetchers, the `finisher` of `write_pdf`, and the objects of pydyf.
tests/rendering/test_weasyprint_seams.py has a test for each function here, which fails if a new version changes the
behaviour that the function relies on: run it first when the pinned versions change.
"""

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache, partial, wraps
from typing import Any, Final

import pydyf

from pdfkit_cli.pdf.geometry import Box, Matrix
from pdfkit_cli.rendering import weasyprint_patches
from pdfkit_cli.rendering.postprocess import tounicode
from pdfkit_cli.rendering.postprocess.tagging_record import TaggingRecord
from pdfkit_cli.rendering.weasyprint_import import shortened_import

_MARGIN_SIDES: Final = {"top": "Header", "bottom": "Footer"}

_HEADINGS: Final = {"h1", "h2", "h3", "h4", "h5", "h6"}

_ROUNDING: Final = 0.5
"""Pixels by which the words of a line may be wider than the sum of what they measure one by one."""


def load_weasyprint(svg_class: type) -> Any:
    """Import WeasyPrint, and install the seven replacements below and the patches; `svg_class` draws SVG.

    Raises AttributeError if WeasyPrint no longer has the replaced names.
    """
    with warnings.catch_warnings(), shortened_import():
        warnings.filterwarnings("ignore", "No fonts configured")  # intended, see `renderer.prepare_process`
        import weasyprint
        import weasyprint.images
        import weasyprint.pdf.tags
        from weasyprint.layout import block, column
        from weasyprint.pdf import fonts, stream
        from weasyprint.text import line_break
    replace_svg_class(weasyprint.images, svg_class)
    replace_font_class(stream, fonts.Font)
    record_tagging(weasyprint.pdf.tags)
    end_blocks_with_their_text(block)
    keep_what_spans_columns(column)
    balance_headings(block)
    keep_lines_with_a_hanging_space(line_break)
    weasyprint_patches.install(weasyprint)
    return weasyprint


def replace_svg_class(images: Any, svg_class: type) -> None:
    """Let `svg_class` draw SVG: WeasyPrint draws markers, masks, clips and gradients differently from browsers.

    Relies on `weasyprint.images.SVGImage`, which looks `SVG` up in its module, constructs it with the XML tree, the
    base URL, the font configuration and the URL fetcher, and calls nothing but its `get_intrinsic_size(font_size)`,
    `get_viewbox()` and `draw(stream, width, height, base_url, context)`.
    Those draw with the methods of `weasyprint.pdf.stream.Stream`, see `vector`.
    """
    _check_has(images, "SVG")
    images.SVG = svg_class


def replace_font_class(stream: Any, font_class: type) -> None:
    """Let fonts take the text of each glyph from the font file: WeasyPrint takes it from the first word that uses the glyph.

    Relies on `weasyprint.pdf.stream.Stream.add_font`, which looks `Font` up in its module, and on the attributes
    `hash`, `file_content`, `to_unicode` and `widths` of `weasyprint.pdf.fonts.Font`, which are filled while text is
    drawn and written when the PDF is finished.
    """
    _check_has(stream, "Font")
    stream.Font = _font_class(font_class)


@cache
def _font_class(font_class: Any) -> Any:
    faces: dict[tuple[str, int], tounicode.FontGlyphs] = {}

    class Font(font_class):  # type: ignore[misc]
        """A font with the glyph texts of its file. It always has a space, with which `structure_writer` ends lines."""

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            key = self.hash, len(self.file_content)
            if key not in faces:
                faces[key] = tounicode.known_face(self.file_content)
            self.to_unicode = tounicode.GlyphTexts(faces[key].texts)
            self.to_unicode[faces[key].space] = " "
            self.widths[faces[key].space] = faces[key].space_width

    return Font


def record_tagging(tags: Any) -> None:
    """Record the HTML element, language and text of each structure element, see `tagging_record`: WeasyPrint writes none of them.

    Relies on `weasyprint.pdf.tags._build_box_tree(box, parent, pdf, page_number, nums, annotations, tags)`: a generator
    that yields the structure elements of a box, and calls itself through its module for the boxes inside.
    Of the boxes, `TaggingRecord` reads `element`, `element_tag`, `style`, `text`, `children` and `at_keyword`, and
    knows a line by the class name `LineBox`.
    """
    if not hasattr(tags._build_box_tree, "records"):
        tags._build_box_tree = _recording(tags._build_box_tree)


def _recording(build: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @wraps(build)
    def build_and_record(
        box: Any, parent: Any, pdf: Any, page: int, nums: Any, annotations: Any, tags: Any
    ) -> Iterator[Any]:
        record = tagging_record(pdf)
        record.record_page(page, tags)
        record.record_lines(page, box, tags)
        margin = getattr(box, "at_keyword", "")
        before = set(nums) if margin else set()
        for element in build(box, parent, pdf, page, nums, annotations, tags):
            if box.element is not None and element.number not in record.origins:
                record.origins[element.number] = record.origin(box)
            yield element
        if margin:
            side = _MARGIN_SIDES.get(margin.strip("@").split("-")[0], "")
            record.furniture |= {(page, mcid): side for mcid in nums if mcid not in before}

    build_and_record.records = True  # type: ignore[attr-defined]
    return build_and_record


def _wrap_once(module: Any, name: str, wrap: Callable[..., Callable[..., Any]]) -> None:
    """Replace a function of a module by its wrapped one, wherever it was imported, if that was not done before."""
    _check_has(module, name)
    function = getattr(module, name)
    wrapped_by = getattr(function, "wrapped_by_pdfkit", ())
    if wrap not in wrapped_by:
        replacement: Any = wrap(function)
        replacement.wrapped_by_pdfkit = (*wrapped_by, wrap)
        deque(weasyprint_patches.replace_all([(module, name, replacement)]), 0)


def end_blocks_with_their_text(layout: Any) -> None:
    """Let a block that continues in the next column or page be as high as what is in it, and not reach to the foot.

    WeasyPrint stretches it: lines and panels run on beside nothing, and balanced columns become too high.
    Relies on `weasyprint.layout.block.block_container_layout(context, box, …)` returning the box and where it resumes.
    """
    _wrap_once(layout, "block_container_layout", _unstretched)


def _unstretched(lay_out: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(lay_out)
    def block_container_layout(context: Any, box: Any, *arguments: Any, **options: Any) -> Any:
        result = lay_out(context, box, *arguments, **options)
        if result[1] is not None and box.style["height"] == "auto":
            _end_with_text(result[0])
        return result

    return block_container_layout


def _end_with_text(box: Any) -> None:
    inside = [child for child in box.children if child.is_in_normal_flow()]
    if inside:
        end = inside[-1].position_y + inside[-1].margin_height()
        box.height = min(box.height, max(0, end - box.content_box_y()))


def keep_what_spans_columns(layout: Any) -> None:
    """Lay out on the next page what spans columns and has no room below them.

    WeasyPrint loses it where the columns before it are complete, and higher than the page.
    Relies on `weasyprint.layout.column.columns_layout(context, box, bottom_space, skip_stack, …)` returning the box, and
    where it resumes; and on its children being columns or what spans them.
    """
    _wrap_once(layout, "columns_layout", _with_spans)


def _with_spans(lay_out: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(lay_out)
    def columns_layout(context: Any, box: Any, bottom_space: float, skip_stack: Any, *arguments: Any) -> Any:
        made, resume_at, *others = lay_out(context, box, bottom_space, skip_stack, *arguments)
        if made is not None and resume_at is None:
            first = next(iter(skip_stack or (0,)))
            spans = [at for at, child in enumerate(box.children) if child.style["column_span"] == "all" and at >= first]
            lost = spans[sum(not child.is_column for child in made.children) :]
            resume_at = {lost[0]: None} if lost else None
        return made, resume_at, *others

    return columns_layout


def balance_headings(layout: Any) -> None:
    """Set headings of several lines in lines of about the same width: WeasyPrint does not know `text-wrap: balance`.

    Relies on `weasyprint.layout.block.block_container_layout(context, box, …)` finding the width of a box and its padding
    resolved, and on `weasyprint.layout.preferred.inline_line_widths(context, line, outer, is_line_start, minimum)`
    yielding the widths of the pieces of a line that are not divided, or those of its lines if only what forces a break divides them.
    """
    _wrap_once(layout, "block_container_layout", _balanced)


def _balanced(lay_out: Callable[..., Any]) -> Callable[..., Any]:
    from weasyprint.layout.preferred import inline_line_widths

    @wraps(lay_out)
    def block_container_layout(context: Any, box: Any, *arguments: Any, **options: Any) -> Any:
        if box.element_tag in _HEADINGS and [type(child).__name__ for child in box.children] == ["LineBox"]:
            line = box.children[0]
            pieces = list(inline_line_widths(context, line, outer=False, is_line_start=True, minimum=True))
            lines = list(inline_line_widths(context, line, outer=False, is_line_start=True, minimum=False))
            if len(lines) == 1:
                _narrow(box, balanced_width(pieces, lines[0], box.width))
        return lay_out(context, box, *arguments, **options)

    return block_container_layout


def _narrow(box: Any, width: float) -> None:
    side = "padding_left" if box.style["direction"] == "rtl" else "padding_right"
    setattr(box, side, getattr(box, side) + box.width - width)
    box.width = width


def balanced_width(pieces: list[float], whole: float, width: float) -> float:
    """Return the least width at which words take as many lines as at `width`; `whole` is their width with the spaces between."""
    space = max(0.0, whole - sum(pieces)) / max(1, len(pieces) - 1)
    lines = _line_count(pieces, space, width)
    if lines == 1 or max(pieces) > width:
        return width
    longest = max(pieces) + _ROUNDING  # in less room it would be torn
    widths = sorted(
        sum(pieces[first:end]) + space * (end - first - 1) + _ROUNDING
        for first in range(len(pieces))
        for end in range(first + 1, len(pieces) + 1)
    )
    return next(
        (least for least in widths if longest <= least <= width and _line_count(pieces, space, least) == lines), width
    )


def _line_count(pieces: list[float], space: float, width: float) -> int:
    lines, end = 1, -space
    for piece in pieces:
        end += space + piece
        if end > width:
            lines, end = lines + 1, piece
    return lines


def keep_lines_with_a_hanging_space(text: Any) -> None:
    """Keep a line whole that is too wide by nothing but the space at its end, before an inline element.

    WeasyPrint leaves its first word on a line by itself.
    Relies on `weasyprint.text.line_break.split_first_line(text, style, context, max_width, …)` returning the layout of a
    line, its length and where the next begins in UTF-8 bytes, or None if all fits.
    """
    _wrap_once(text, "split_first_line", _keeping_lines)


def _keeping_lines(split: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(split)
    def split_first_line(text: str, style: Any, context: Any, max_width: Any, *arguments: Any, **options: Any) -> Any:
        result = split(text, style, context, max_width, *arguments, **options)
        if result[2] is not None and text.endswith(" ") and result[1] == len(text.partition(" ")[0].encode()):
            whole = split(text.rstrip(" "), style, context, max_width, *arguments, **options)
            return whole if whole[2] is None else result
        return result

    return split_first_line


def tagging_record(pdf: pydyf.PDF) -> TaggingRecord:
    """Return what was recorded for a PDF. Relies on `pydyf.PDF` taking another attribute."""
    if not hasattr(pdf, "tagging_record"):
        pdf.tagging_record = TaggingRecord()
    record: TaggingRecord = pdf.tagging_record
    return record


def copy_rules(css: Any) -> dict[str, Any]:
    """Return the rules of a parsed stylesheet as arguments of `weasyprint.CSS`, for one that begins with them.

    Relies on `CSS` adding to the `matcher`, `page_rules` and `layers` that it is given, and on a matcher having nothing
    but a counter, lists, and dictionaries of lists.
    """
    matcher = type(css.matcher)()
    for name, value in vars(css.matcher).items():
        if isinstance(value, dict):
            value = {key: list(entries) for key, entries in value.items()}
        setattr(matcher, name, list(value) if isinstance(value, list) else value)
    return {"matcher": matcher, "page_rules": list(css.page_rules), "layers": list(css.layers)}


def release(document: Any) -> None:
    """Release what the layout of a document needed, if it was not drawn and never will be."""
    weasyprint_patches.memory.release(document)


def page_box(page: Any) -> Any:
    """Return the box tree of a laid-out page, which alone tells its margins and where boxes end.

    Relies on `weasyprint.document.Page._page_box`, and on `children`, `element`, `height`, `margin_left` and so on,
    `content_box_y()`, `border_box_y()` and `border_height()` of boxes.
    """
    return page._page_box


def text_end(page: Any) -> float:
    """Return how far down a page its last line, picture or note ends, in CSS pixels from the upper edge.

    Boxes that go on on the next page reach to the foot, so they do not count.
    Relies on `at_keyword` of the boxes in the margins of a page.
    """
    return max(map(_end, _type_area(page)), default=0.0)


def _type_area(page: Any) -> Iterator[Any]:
    """Yield the boxes of a page that are not in its margins."""
    return (box for box in page_box(page).children if not getattr(box, "at_keyword", ""))


def _end(box: Any) -> float:
    inside = [] if type(box).__name__ == "LineBox" else getattr(box, "children", ())
    return max(map(_end, inside), default=float(box.position_y) + box.margin_height())


def heights_of_class(page: Any, name: str) -> Iterator[float]:
    """Yield the heights of the elements with a class on a laid-out page, with borders, in CSS pixels.

    Relies on `element` of boxes being the element of the HTML, or None.
    """
    boxes = deque(_type_area(page))
    while boxes:
        box = boxes.popleft()
        if box.element is not None and name in box.element.get("class", "").split():
            yield float(box.border_height())
        else:
            boxes += getattr(box, "children", ())


def anchor_boxes(page: Any) -> dict[str, Box]:
    """Return left, top, right and bottom of each element with an `id` on a laid-out page, in CSS pixels.

    Relies on `weasyprint.document.Page.anchors`, which is documented as points and holds rectangles.
    """
    boxes: dict[str, Box] = page.anchors
    return boxes


def serialize(item: Any) -> bytes:
    """Return a value as pydyf writes it: values that we write ourselves must not differ. Relies on `pydyf._to_bytes`."""
    data: bytes = pydyf._to_bytes(item)
    return data


def stream_data(stream: pydyf.Stream) -> bytes:
    """Return the uncompressed data of a stream, as pydyf joins the items of its list."""
    return b"\n".join(map(serialize, stream.stream))


def replace_write(pdf: pydyf.PDF, write: Callable[..., None]) -> None:
    """Let `write(pdf, output, version, identifier, compress)` write a PDF.

    Relies on WeasyPrint calling `pdf.write` of the instance after the finisher, with no other arguments, and on
    `pydyf.PDF.write` starting at `current_position` and adding its own objects to `objects`, so that both can be reset.
    """
    _check_has(pdf, "write")
    pdf.write = partial(write, pdf)


def add_pattern(stream: Any, pattern: pydyf.Dictionary) -> str:
    """Add a pattern to the resources of a stream that WeasyPrint draws, and return its name.

    Relies on `weasyprint.pdf.stream.Stream._resources`, and on WeasyPrint looking for the resources of each pattern in its `extra`.
    """
    pattern.extra = {}
    patterns = stream._resources["Pattern"]
    name = f"p{len(patterns)}"
    patterns[name] = pattern
    return name


def current_matrix(stream: Any) -> Matrix:
    """Return the transformation of the next drawing. Relies on `weasyprint.pdf.stream.Stream.ctm`."""
    values: Matrix = stream.ctm.values
    return values


def _check_has(owner: Any, name: str) -> None:
    """Raise AttributeError where a replacement would replace nothing."""
    getattr(owner, name)
