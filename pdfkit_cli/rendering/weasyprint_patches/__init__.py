"""Faster pieces for WeasyPrint 70.0, installed when it is loaded: no byte of a PDF depends on them.

A patch is a function that returns what it replaces. Its docstring says what is slow, on which undocumented behaviour the
patch relies, and what it was measured to save: CPU of rendering the founding library in A4 and A5, one patch removed.
Another version of WeasyPrint runs unpatched. tests/rendering/test_weasyprint_patches.py renders with and without each patch
and compares bytes.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, Final

from pdfkit_cli.rendering.weasyprint_patches import (
    boxes,
    columns,
    drawing,
    memory,
    parsing,
    shared_styles,
    styles,
    text,
)

PATCHED_VERSION: Final = "70.0"

Replacement = tuple[Any, str, Any]
"""An owner, the name of an attribute, and its new value."""

Patch = Callable[[], Iterable[Replacement]]

PATCHES: Final[tuple[Patch, ...]] = (
    boxes.resolve_percentages_by_plan,
    boxes.flow_by_two_values,
    boxes.plain_backgrounds,
    columns.columns_tried_once,
    parsing.remembered_patterns,
    parsing.children_wrapped_once,
    styles.initial_values_at_once,
    styles.remembered_values,
    shared_styles.styles_shared_by_documents,
    text.cached_struts,
    text.cached_lines,
    drawing.remembered_drawings,
    drawing.page_references_at_once,
    memory.pages_finished_when_drawn,
    memory.released_styles,
)

originals: dict[Patch, list[Replacement]] = {}
"""What each installed patch has replaced."""


def install(weasyprint: Any) -> None:
    """Install all patches, once, if this is the version that they were written for."""
    if weasyprint.__version__ == PATCHED_VERSION and not originals:
        for patch in PATCHES:
            originals[patch] = [*replace_all(patch())]


def replace_all(replacements: Iterable[Replacement]) -> Iterator[Replacement]:
    """Replace attributes, those of modules wherever they were imported, and yield how to put them back.

    An attribute that only instances have is None before, and again afterwards.
    """
    for owner, name, value in replacements:
        original = getattr(owner, name, None)
        for place in _modules() if isinstance(owner, ModuleType) else [owner]:
            if getattr(place, name, None) is original:
                setattr(place, name, value)
                yield place, name, original


def _modules() -> list[Any]:
    return [module for name, module in sys.modules.items() if name.partition(".")[0] in ("weasyprint", "tinyhtml5")]
