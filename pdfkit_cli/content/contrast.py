"""Contrast of two colours, and what a greyscale print makes of a colour."""

from typing import TypeAlias

Rgb: TypeAlias = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as `#005ea2`, 1 to 21 (WCAG 2.1)."""
    return rgb_contrast_ratio(_rgb(one), _rgb(other))


def rgb_contrast_ratio(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours in sRGB, 1 to 21 (WCAG 2.1)."""
    lighter, darker = sorted((_relative_luminance(one), _relative_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def to_grey(colour: str) -> str:
    """Return the grey in which a monochrome printer prints a colour (ISO 32000-1, 10.3: 0.3 R + 0.59 G + 0.11 B)."""
    red, green, blue = bytes.fromhex(colour[1:7])
    level = round(0.3 * red + 0.59 * green + 0.11 * blue)
    return f"#{level:02x}{level:02x}{level:02x}"


def lightened(colour: str, share: float) -> str:
    """Return a colour such as `#005ea2`, mixed with white: `share` of white, 0 to 1."""
    return "#" + "".join(f"{round(level + (255 - level) * share):02x}" for level in bytes.fromhex(colour[1:7]))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (level / 255 for level in bytes.fromhex(colour[1:7]))
    return red, green, blue


def _relative_luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
