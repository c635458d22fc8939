"""The colours of a brand on screen: as on paper, and lighter in dark mode."""

from pdfkit_cli.content.contrast import contrast_ratio
from pdfkit_cli.content.models import Brand

DARK_BACKGROUND = "#151b22"
"""The background of a card in dark mode, as in `shared.css`."""

MIN_CONTRAST = 7.0
"""Contrast of a brand colour on the dark background: WCAG 2.2, 1.4.6, since headings and buttons share it."""


def brand_css(brand: Brand) -> str:
    """Return the custom properties of a brand, for light and dark."""
    return (
        f":root{{--brand:{brand.primary};--brand-ink:#ffffff;--tint:{brand.tint};--accent:{brand.accent}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{lighten(brand.primary)};--brand-ink:{DARK_BACKGROUND};"
        f"--tint:{mix(brand.primary, DARK_BACKGROUND, 0.24)};--accent:{lighten(brand.accent)}}}}}\n"
    )


def lighten(colour: str) -> str:
    """Return a colour mixed with as little white as makes it readable in dark mode."""
    steps = (mix("#ffffff", colour, step / 20) for step in range(21))
    return next(step for step in steps if contrast_ratio(step, DARK_BACKGROUND) >= MIN_CONTRAST)


def mix(one: str, other: str, share: float) -> str:
    """Return a mix of two colours, with a share of the first from 0 to 1."""
    parts = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in parts)
