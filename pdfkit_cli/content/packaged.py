"""Folders that come with pdfkit."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def packaged_folder(folder: str) -> Path:
    """Return the path of `layouts` or `fonts`: in the installed package, or next to it in a checkout."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder
