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
