"""Folders that come with pdfkit."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def packaged_folder(folder: str) -> Path:
    """Return `layouts` or `fonts`: inside the installed package, or beside it in a checkout."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder
