"""A photograph with too few pixels for the size that it is printed in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import Blocks, Directive, Figure
from pdfkit_cli.errors import Severity, SourceLocation
from pdfkit_cli.rendering.layouts import Layouts

MM_PER_INCH = 25.4
_PAPER = {"a3": (297.0, 420.0), "a4": (210.0, 297.0), "a5": (148.0, 210.0), "a6": (105.0, 148.0)}
"""Width and height in mm of the sizes that CSS can name."""

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_PAGE = re.compile(r"@page\s*\{([^{}]*)")
_SIZE_OR_MARGIN = re.compile(r"(?<![\w-])(size|margin)\s*:\s*([^;]*[^;\s])")
_ROOT = re.compile(r":root[^{]*\{([^}]*)\}")
_LENGTH = re.compile(r"(--rail|--picture|--exercise):\s*([\d.]+)(mm|%)")


@dataclass(frozen=True, slots=True)
class PictureArea:
    """The largest size in which a format prints a picture, in mm; `exercise` is the width inside an exercise."""

    width: float
    exercise: float
    height: float


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each raster picture whose resolution is too low in one of its leaflet's formats."""
    areas = {name: area for name in context.layouts.formats if (area := picture_area(context.layouts, name))}
    for leaflet in context.library.leaflets.values():
        offered = {name: areas[name] for name in leaflet.model.formats if name in areas}
        for translation in leaflet.translations.values():
            if not (translation.pictures and offered):
                continue
            for figure, in_exercise in find_figures(translation.body.blocks):
                if pixels := translation.pictures[figure.source].pixels:
                    worst = min((_resolution(pixels, area, in_exercise), name) for name, area in offered.items())
                    if worst[0] < context.limits.picture_dpi:
                        message = (
                            f"picture “{figure.source}” has {int(worst[0])} pixels per inch in {worst[1]}; "
                            f"at least {context.limits.picture_dpi} are needed; save it with more pixels"
                        )
                        yield SourceLocation(translation.source.name, figure.line, 1), message


def find_figures(blocks: Blocks, in_exercise: bool = False) -> Iterator[tuple[Figure, bool]]:
    """Yield each picture in a text, and whether it is in an exercise."""
    for block in blocks:
        if isinstance(block, Figure):
            yield block, in_exercise
        elif isinstance(block, Directive):
            yield from find_figures(block.blocks, in_exercise or block.spec.exercise)


def _resolution(pixels: tuple[int, int], area: PictureArea, in_exercise: bool) -> float:
    """Return the resolution in pixels per inch. A picture fills the width, unless it would then be too high."""
    width, height = pixels
    printed_width = min(area.exercise if in_exercise else area.width, area.height * width / height)
    return width / printed_width * MM_PER_INCH


def picture_area(layouts: Layouts, format_name: str) -> PictureArea | None:
    """Return the largest size in which a format prints pictures, read from its CSS; None if the CSS is not in the usual form."""
    css = _COMMENT.sub("", "\n".join(file.text for file in layouts.css_files(format_name)))
    page, variables = dict(_SIZE_OR_MARGIN.findall(";".join(_PAGE.findall(css)))), "".join(_ROOT.findall(css))
    lengths = {name: (float(value), unit) for name, value, unit in _LENGTH.findall(variables)}
    paper, sides = _paper_width(page.get("size", "")), _millimetres(page.get("margin", ""))
    if paper is None or not sides or not lengths.keys() >= {"--rail", "--picture", "--exercise"}:
        return None
    left, right = sides[1 % len(sides)], sides[3] if len(sides) == 4 else sides[1 % len(sides)]
    width = paper - left - right - lengths["--rail"][0]
    exercise, unit = lengths["--exercise"]
    return PictureArea(width, width if unit == "%" else exercise, lengths["--picture"][0])


def _paper_width(size: str) -> float | None:
    """Return the width in mm of a `size` of CSS: a name with or without its orientation, or millimetres; None for others."""
    words = size.lower().split()
    if named := [_PAPER[word] for word in words if word in _PAPER]:
        return named[0]["landscape" in words]
    lengths = _millimetres(size)
    return lengths[0] if lengths else None


def _millimetres(values: str) -> list[float] | None:
    """Return lengths in mm; None if one has another unit."""
    lengths = [re.fullmatch(r"(\d*\.?\d+)mm|0", value) for value in values.split()]
    return [float(length[1] or 0) for length in lengths if length] if all(lengths) else None


RULE = Rule("low-resolution", "A picture with too few pixels for its size", Severity.WARNING, check)
