"""Colours that stand on each other: how well they can be told apart, in colour and in grey."""

import re
from collections.abc import Mapping
from pathlib import Path

from pdfkit_cli import files, source
from pdfkit_cli.models import ColourPair, ColourPairs

NAMED = {"white": "#ffffff"}
_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_VARIABLE = re.compile(r"(--[\w-]+):\s*(#[0-9a-fA-F]{6})\s*;")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1, relative luminance of sRGB)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def grey(colour: str) -> str:
    """Return the grey that a printer without colours makes of a colour (ISO 32000-1, 10.3: 0.3 R + 0.59 G + 0.11 B)."""
    red, green, blue = _channels(colour)
    level = round(0.3 * red + 0.59 * green + 0.11 * blue)
    return f"#{level:02x}{level:02x}{level:02x}"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    channels = [level / 255 for level in _channels(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def pairs(layouts: Path) -> tuple[ColourPair, ...]:
    """Return the pairs that the layouts print; none where they do not list them. Raises SourceError."""
    path = layouts / "colours.yaml"
    return source.load(ColourPairs, path, path.as_posix())[0].pairs if files.exists(path, path.as_posix()) else ()


def variables(layouts: Path) -> Mapping[str, str]:
    """Return the colours that the layouts themselves name, with white. Raises SourceError."""
    path = layouts / "base/base.css"
    css = source.read(path, path.as_posix()).text
    return NAMED | dict(_VARIABLE.findall("".join(_ROOT.findall(css))))
