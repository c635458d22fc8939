"""The transfer of a page to another machine, without its files: these are sent separately, each once, named by digest."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from pdfkit_cli.rendering.page import DeclaredFile, Page, Stylesheet

Asset: TypeAlias = Path | bytes
"""The path of a file, or its content."""


def pack_page(page: Page) -> tuple[Page, dict[str, Asset]]:
    """Return a page without its stylesheet and without the paths of its files, and the assets that it needs.

    An asset's name consists of its digest and its suffix.
    """
    light = replace(
        page,
        stylesheet=Stylesheet("", page.stylesheet.digest),
        files=tuple(replace(file, path=Path(_asset_name(file))) for file in page.files),
    )
    return light, dict(_page_assets(page))


def unpack_page(page: Page, folder: Path) -> Page:
    """Return the original page, with its files in a folder that contains them by name."""
    return replace(
        page,
        stylesheet=Stylesheet((folder / _stylesheet_asset(page)).read_text("utf-8"), page.stylesheet.digest),
        files=tuple(replace(file, path=folder / file.path) for file in page.files),
    )


def body_key(page: Page) -> str:
    """Return a key that pages with the same body share, for any clinic and format."""
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
