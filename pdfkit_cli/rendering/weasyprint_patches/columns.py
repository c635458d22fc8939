"""A patch of columns that are balanced."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any, Final
from weakref import WeakKeyDictionary

SAFE: Final = 1.0
"""CSS pixels. What ends so far above the foot of a column was not stretched to it."""

ROUNDING: Final = 1e-3
"""CSS pixels, much more than `LayoutContext.overflows` tolerates."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A column that was laid out, from where to where its foot may be without a change, and what the context was afterwards."""

    start: tuple[bool, Any]
    foot: float
    changes_at: float
    result: tuple[Any, ...]
    in_column: bool


def columns_tried_once() -> Iterable[tuple[Any, str, Any]]:
    """Try a column again only where the added height changes it.

    WeasyPrint makes balanced columns higher, often by one pixel a time, until their text fits, and lays out all of them each time:
    up to 250 times on one page, nearly always to the same boxes.
    Measured: a third to a half of the CPU of a layout in two columns.
    Relies on `weasyprint.layout.column.columns_layout` trying heights with one column box, for which it calls
    `block.block_box_layout` with an empty list of adjoining margins, and drawing columns with None instead of the list;
    on its only adding height, and on changing nothing in what it tries.
    And on a taller column being the same until something fits for which `LayoutContext.overflows_page` was true,
    unless a box is stretched to its foot, has columns itself, or has notes, running elements or floats that go on.
    """
    from weasyprint.layout import LayoutContext, block

    lay_out, overflows = block.block_box_layout, LayoutContext.overflows_page
    trials = WeakKeyDictionary[Any, list[_Trial]]()
    growths: list[float] = []
    """By how much each column that is being tried must grow for a change, the innermost last."""

    def overflows_page(context: Any, bottom_space: float, position_y: float) -> bool:
        found: bool = overflows(context, bottom_space, position_y)
        if found and growths:
            growths[-1] = min(growths[-1], position_y - context.page_bottom + bottom_space)
        return found

    def block_box_layout(
        context: Any,
        box: Any,
        bottom_space: float,
        skip_stack: Any,
        around: Any,
        is_empty: bool,
        *arguments: Any,
        **options: Any,
    ) -> Any:
        if not box.is_column:
            return lay_out(context, box, bottom_space, skip_stack, around, is_empty, *arguments, **options)
        if growths:  # columns in columns depend on the height in more ways
            growths[-1] = 0
        if arguments[2] is None:  # drawn, not tried
            return lay_out(context, box, bottom_space, skip_stack, around, is_empty, *arguments, **options)
        start, foot = (is_empty, skip_stack), context.page_bottom - bottom_space
        for trial in trials.setdefault(box, []):
            if trial.start == start and (trial.foot == foot or trial.foot < foot < trial.changes_at):
                context.in_column = trial.in_column
                return trial.result
        before = _outside(context)
        growths.append(inf)
        try:
            result = lay_out(context, box, bottom_space, skip_stack, around, is_empty, *arguments, **options)
        finally:
            growth = growths.pop()
        if before == _outside(context):
            is_fixed = is_empty or (result[1] is not None and _may_be_stretched(result[0], foot))
            changes_at = foot if is_fixed else foot + growth - ROUNDING
            trials[box].append(_Trial(start, foot, changes_at, result, context.in_column))
        return result

    return [(block, "block_box_layout", block_box_layout), (LayoutContext, "overflows_page", overflows_page)]


def _outside(context: Any) -> tuple[Any, ...]:
    """Return what a layout may leave outside its boxes."""
    running = sum(len(boxes) for pages in context.running_elements.values() for boxes in pages.values())
    notes = context.footnotes, context.current_page_footnotes, context.reported_footnotes
    return running, dict(context.broken_out_of_flow), *map(tuple, notes)


def _may_be_stretched(box: Any, foot: float) -> bool:
    """Return whether the last box in a column, or the last in that, and so on, may be as high as the column lets it be."""
    end, edges = -inf, 0.0
    while box and type(box).__name__ != "LineBox":
        inside = [child for child in getattr(box, "children", ()) if child.is_in_normal_flow()]
        box = inside[-1] if inside else None
        if box:
            end = max(end, box.position_y + box.margin_height())
            edges += box.padding_bottom + box.border_bottom_width + box.margin_bottom
    return end + edges > foot - SAFE
