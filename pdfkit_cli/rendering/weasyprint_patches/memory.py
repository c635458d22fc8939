"""Patches of what a layout leaves to be drawn, and of what outlives it."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final
from weakref import ref

_AFTER_LAYOUT: Final = frozenset({"get_image_from_uri", "font_config", "dictionaries"})
"""What drawing needs of the context of a layout: an SVG finds the photos in it there."""

_LATER: Final = "pdfkit_later"
"""The attribute of a page box for what its margin boxes and backgrounds need, until they are laid out."""


def pages_finished_when_drawn() -> Iterable[tuple[Any, str, Any]]:
    """Lay out margin boxes and backgrounds of a document only when it is drawn, and then release what the layout needed.

    A text is laid out in several settings, of which one is drawn: these are 15 % of the CPU of a layout.
    Its context refers to itself, and SVGs to the context, so that computed styles and boxes would wait for the garbage collector.
    Measured with the next patch: 55 of 206 MB of a worker, and no search for garbage during a render.
    Relies on `weasyprint.layout.layout_document(html, root_box, context, …)` being a generator that ends with calling
    `make_margin_boxes(context, page, state)` and `layout_backgrounds(page, get_image_from_uri)` for each page; on these
    depending on the page, the state and the `current_page` of the context; on `Page.__init__` collecting the links and
    anchors of a page box, and `Document.write_pdf` drawing `pages`.
    And on nothing of the context being used afterwards but `_AFTER_LAYOUT`, and on `get_image_from_uri` of the context
    being a partial function, whose argument `context` serves SVG in SVG, which `vector` does not draw.
    """
    from weasyprint import document, layout

    margins, backgrounds, write = layout.make_margin_boxes, layout.layout_backgrounds, document.Document.write_pdf

    def make_margin_boxes(context: Any, page: Any, state: Any) -> tuple[()]:
        setattr(page, _LATER, (context, state, context.current_page))
        return ()

    def finish(page: Any) -> None:
        if later := vars(page._page_box).get(_LATER):
            context, state, context.current_page = later
            page._page_box.children += tuple(margins(context, page._page_box, state))
            backgrounds(page._page_box, context.get_image_from_uri)
            page.__init__(page._page_box)

    def write_pdf(self: Any, *arguments: Any, **options: Any) -> Any:
        for page in self.pages:
            finish(page)
        release(self)
        return write(self, *arguments, **options)

    return [
        (layout, "make_margin_boxes", make_margin_boxes),
        (layout, "layout_backgrounds", lambda page, get_image_from_uri: None),
        (document.Document, "write_pdf", write_pdf),
    ]


def release(document: Any) -> None:
    """Release computed styles and boxes that the layout of a document needed: it is drawn, or never will be."""
    for page in document.pages:
        if later := vars(page._page_box).pop(_LATER, None):
            context = later[0]
            for name in vars(context).keys() - _AFTER_LAYOUT:
                delattr(context, name)
            find = context.get_image_from_uri
            others = {name: value for name, value in find.keywords.items() if name != "context"}
            context.get_image_from_uri = partial(find.func, *find.args, **others)


def released_styles() -> Iterable[tuple[Any, str, Any]]:
    """Let anonymous styles be freed with their boxes: each refers to itself, and its parent's style to it.

    Relies on `weasyprint.css.AnonymousStyle.specified` always being the style itself, and on `anonymous_style` of a style
    being an `AnonymousStyle` that nothing but boxes keeps.
    """
    from weasyprint import css

    def anonymous_style(style: Any) -> Any:
        found = style.__dict__.get("known_anonymous", _nothing)()
        if found is None:
            found = css.AnonymousStyle(style)
            style.known_anonymous = ref(found)
        return found

    return [
        (css.AnonymousStyle, "specified", property(lambda style: style, lambda style, value: None)),
        (css.Style, "anonymous_style", property(anonymous_style)),
    ]


def _nothing() -> None:
    return None
