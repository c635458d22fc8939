"""A page on its way to another machine: without its files, which travel by their digests, each once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from pdfkit_cli.rendering.page import DeclaredFile, Page, Stylesheet

Asset: TypeAlias = Path | bytes
"""Where a file is, or what is in it."""


def pack_page(page: Page) -> tuple[Page, dict[str, Asset]]:
    """Return a page without its stylesheet and without the places of its files, and what it needs, by name: digest and ending."""
    light = replace(
        page,
        stylesheet=Stylesheet("", page.stylesheet.digest),
        files=tuple(replace(file, path=Path(_asset_name(file))) for file in page.files),
    )
    return light, dict(_page_assets(page))


def unpack_page(page: Page, folder: Path) -> Page:
    """Return the page as it was, with its files in a folder that has them by name."""
    return replace(
        page,
        stylesheet=Stylesheet((folder / _stylesheet_asset(page)).read_text("utf-8"), page.stylesheet.digest),
        files=tuple(replace(file, path=folder / file.path) for file in page.files),
    )


def body_key(page: Page) -> str:
    """Return what pages with the same body have in common, whoever hands them out and in whatever format."""
    about = page.identity
    return f"{about.leaflet} {about.language} {about.variant}" if about else page.name


def _page_assets(page: Page) -> Iterator[tuple[str, Asset]]:
    yield _stylesheet_asset(page), page.stylesheet.css.encode()
    for file in page.files:
        yield _asset_name(file), file.path


def _asset_name(file: DeclaredFile) -> str:
    return f"{file.digest}{file.path.suffix.lower()}"


def _stylesheet_asset(page: Page) -> str:
    return f"{page.stylesheet.digest}.css"
