"""Patches of the layout of boxes: their sizes, margin boxes, and backgrounds."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import Any, Final

MAX_PLANS: Final = 4096
"""Different sets of values that are remembered for one process: the founding library has about 400."""

_SIDES: Final = ("top", "right", "bottom", "left")
_WIDTHS: Final = (
    "margin_left", "margin_right", "margin_top", "margin_bottom",
    "padding_left", "padding_right", "padding_top", "padding_bottom", "width", "min_width", "max_width",
)  # fmt: skip
_HEIGHTS: Final = ("height", "min_height", "max_height")
_BORDERS: Final = tuple(f"border_{side}_width" for side in _SIDES)


_read_sizes: Final = itemgetter("box_sizing", "border_collapse", *_BORDERS, *_WIDTHS, *_HEIGHTS)


def resolve_percentages_by_plan() -> Iterable[tuple[Any, str, Any]]:
    """Look up the used margins, paddings, borders and sizes of a box by its computed values, in place of resolving each of 18.

    Most values are `auto` or lengths, whose used values depend on nothing else; only percentages are computed.
    Relies on `weasyprint.layout.percent.resolve_percentages(box, containing_block)` setting these 18 attributes, and no
    others, from the values of the same names in `box.style`.
    """
    from weasyprint.css.properties import Dimension
    from weasyprint.formatting_structure.boxes import Box, PageBox
    from weasyprint.layout import percent

    original = percent.resolve_percentages
    plans: dict[tuple[Any, ...], _SizePlan | None] = {}

    def plan_for(values: tuple[Any, ...]) -> "_SizePlan | None":
        if len(plans) >= MAX_PLANS:
            plans.clear()
        plans[values] = _size_plan(values, Dimension)
        return plans[values]

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        values = _read_sizes(box.style)
        try:
            plan = plans[values]
        except KeyError:
            plan = plan_for(values)
        except TypeError:  # what is to be calculated has no hash
            plan = None
        if plan is None or isinstance(box, PageBox) or not isinstance(box, Box):
            original(box, containing_block)
            return
        if isinstance(containing_block, Box):
            width, height = containing_block.width, containing_block.height
        else:
            width, height = containing_block
        used = box.__dict__
        used.update(plan.in_auto_height if height == "auto" else plan.in_fixed_height)
        for name, value in plan.of_width:
            used[name] = width * value / 100
        if height != "auto":
            for name, value in plan.of_height:
                used[name] = height * value / 100
        for name, value in plan.collapsed_borders:
            used.setdefault(name, value)

    return [(percent, "resolve_percentages", resolve_percentages)]


def flow_by_two_values() -> Iterable[tuple[Any, str, Any]]:
    """Ask a box in normal flow for two values of its style, in place of five methods; and only the ends of a box for pages.

    Measured: 2 % of the CPU of a layout.
    Relies on `Box.is_in_normal_flow` of `weasyprint.formatting_structure.boxes` depending on `float` and `position` only,
    and on `ParentBox.page_values` depending on its own value and the first and last child that is in flow or floats.
    """
    from weasyprint.formatting_structure.boxes import Box, ParentBox

    original = Box.is_in_normal_flow

    def is_in_normal_flow(self: Any) -> bool:
        style = self.style
        if style["float"] == "none" and style["position"] in ("static", "relative"):
            return True
        in_flow: bool = original(self)
        return in_flow

    def page_values(self: Any) -> tuple[Any, Any]:
        start = end = self.style["page"]
        first = next((child for child in self.children if child.is_in_normal_flow() or child.is_floated()), None)
        if first is not None:
            last = next(child for child in reversed(self.children) if child.is_in_normal_flow() or child.is_floated())
            first_start, first_end = first.page_values()
            start = first_start or start
            end = (first_end if last is first else last.page_values()[1]) or end
        return start, end

    return [(Box, "is_in_normal_flow", is_in_normal_flow), (ParentBox, "page_values", page_values)]


def plain_backgrounds() -> Iterable[tuple[Any, str, Any]]:
    """Compare what may be behind and around a box with the initial values at once: nearly all boxes have nothing there.

    Measured: 2 % of the CPU of a layout.
    Relies on `weasyprint.layout.background.layout_box_backgrounds` setting only the four radii and `background` of such a
    box, and calling itself through its module for the boxes inside.
    """
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout import background

    original, initial = background.layout_box_backgrounds, _read_look(INITIAL_VALUES)
    nothing = {f"border_{corner}_radius": (0, 0) for corner in _CORNERS} | {"background": None}

    def layout_box_backgrounds(page: Any, box: Any, *arguments: Any, **options: Any) -> None:
        if options or box is page or not isinstance(box, Box) or _read_look(box.style) != initial:
            original(page, box, *arguments, **options)
            return
        box.__dict__.update(nothing)
        for child in box.all_children():
            layout_box_backgrounds(page, child, *arguments)

    return [(background, "layout_box_backgrounds", layout_box_backgrounds)]


_CORNERS: Final = ("top_left", "top_right", "bottom_right", "bottom_left")
_read_look: Final = itemgetter(
    *(f"border_{corner}_radius" for corner in _CORNERS), "border_image_source", "mask_border_source",
    "background_image", "box_shadow", "background_color",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _SizePlan:
    """The used values of a set of computed ones, and the percentages of the width and height of the containing block.

    Borders in tables with collapsed borders are used only if no others were set for the table.
    """

    in_auto_height: dict[str, Any]
    in_fixed_height: dict[str, Any]
    of_width: tuple[tuple[str, float], ...]
    of_height: tuple[tuple[str, float], ...]
    collapsed_borders: tuple[tuple[str, float], ...]


def _size_plan(values: tuple[Any, ...], dimension: type) -> _SizePlan | None:
    """Return None for values that WeasyPrint must resolve itself."""
    sizing, collapse, *rest = values
    borders = dict(zip(_BORDERS, rest, strict=False))
    sizes = dict(zip((*_WIDTHS, *_HEIGHTS), rest[len(_BORDERS) :], strict=True))
    if sizing != "content-box" or not all(value == "auto" or type(value) is dimension for value in sizes.values()):
        return None
    shares = {name: size.value for name, size in sizes.items() if size != "auto" and size.unit == "%"}
    used = {name: _used_size(name, size) for name, size in sizes.items() if name not in shares}
    if collapse != "collapse":
        used |= borders
    unknown = {"height": "auto", "min_height": 0, "max_height": inf * shares.get("max_height", 1) / 100}
    return _SizePlan(
        used | {name: value for name, value in unknown.items() if name in shares},
        used,
        tuple((name, shares[name]) for name in _WIDTHS if name in shares),
        tuple((name, shares[name]) for name in _HEIGHTS if name in shares),
        tuple(borders.items()) if collapse == "collapse" else (),
    )


def _used_size(name: str, size: Any) -> Any:
    if size == "auto":
        return 0 if name in ("min_width", "min_height") else "auto"
    return size.value
