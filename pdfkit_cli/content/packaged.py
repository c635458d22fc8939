"""Folders that come with pdfkit."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def packaged_folder(folder: str) -> Path:
    """Return `layouts`, `fonts`, `phrases` or `words`: inside the installed package, or where a checkout has it."""
    inside = PACKAGE / folder
    if inside.is_dir():
        return inside
    return PACKAGE.parent / (f"leaflets/{folder}" if folder in ("phrases", "words") else folder)
