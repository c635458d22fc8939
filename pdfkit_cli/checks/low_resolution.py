"""A photograph with too few pixels for the size that it is printed in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import Blocks, Directive, Figure
from pdfkit_cli.errors import Severity, SourceLocation
from pdfkit_cli.rendering.layouts import Layouts

MM_PER_INCH = 25.4
_PAPER = {"A4": 210.0, "A5": 148.0}
_PAGE = re.compile(r"@page\s*\{\s*size:\s*(A[45]);\s*margin:\s*([\d.]+mm(?: [\d.]+mm)*)")
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
    css = "\n".join(file.text for file in layouts.css_files(format_name))
    pages, variables = _PAGE.findall(css), "".join(_ROOT.findall(css))
    lengths = {name: (float(value), unit) for name, value, unit in _LENGTH.findall(variables)}
    if not pages or not lengths.keys() >= {"--rail", "--picture", "--exercise"}:
        return None
    paper, margins = pages[-1]
    sides = [float(margin.removesuffix("mm")) for margin in margins.split()]
    left, right = sides[1 % len(sides)], sides[3] if len(sides) == 4 else sides[1 % len(sides)]
    width = _PAPER[paper] - left - right - lengths["--rail"][0]
    exercise, unit = lengths["--exercise"]
    return PictureArea(width, width if unit == "%" else exercise, lengths["--picture"][0])


RULE = Rule("low-resolution", "A picture with too few pixels for its size", Severity.WARNING, check)
