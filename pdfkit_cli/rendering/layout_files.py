"""The files of the layouts: those of pdfkit, and those of a library that replace them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pdfkit_cli.content import css_syntax, files, pictures, yaml_source
from pdfkit_cli.content.models import Format
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Finding, SourceError, SourceLocation

LAYER_OF_FOLDER: Final = {"base": "base", "components": "component", "formats": "format"}
"""The folders of the layouts, and the cascade layer of the CSS in each."""

TEXTS: Final = (".css", ".html", ".yaml")
PICTURES: Final = (".svg", ".png", ".jpg", ".jpeg")

MAX_FILE_BYTES: Final = 5_000_000

_SETTINGS: Final = re.compile(r"colours\.yaml|formats/[^/]+/format\.yaml")


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """A file with its content, so that the bytes that are drawn are those of its digest."""

    path: Path
    digest: str
    text: SourceFile | None
    """None for a picture."""

    own: bool
    """Whether it belongs to the library."""

    replaces: bool = False
    """Whether it replaces a file of pdfkit."""


def read_layouts(packaged: Path, library: Path | None) -> Mapping[str, LayoutFile]:
    """Return the files by their path in the layouts folder; a file of `layouts/` in the library replaces that of pdfkit.

    Raises SourceError with every problem of the library's files.
    """
    found = {name: _read_file(packaged, name) for name in _names(packaged, None)}
    if library is None:
        return found
    folder, findings = library / "layouts", list[Finding]()
    for name in _names(folder, library):
        try:
            found[name] = replace(_read_own_file(folder, name, library), replaces=name in found)
        except SourceError as error:
            findings += error.findings
    if findings:
        raise SourceError(findings)
    return found


def read_formats(files: Mapping[str, LayoutFile]) -> dict[str, Format]:
    """Return the formats by name. Raises SourceError if one is invalid."""
    formats: dict[str, Format] = {}
    for name, file in files.items():
        if file.text and (found := re.fullmatch(r"formats/([^/]+)/format\.yaml", name)):
            formats[found[1]] = yaml_source.validate_model(Format, file.text, yaml_source.parse_yaml(file.text))
    return formats


def _names(folder: Path, root: Path | None, below: str = "") -> Iterator[str]:
    here = folder / below
    for item in files.list_folder(here, here.as_posix(), root):
        name = f"{below}{item.name}"
        if item.is_folder:
            yield from _names(folder, root, f"{name}/")
        elif name.endswith((*TEXTS, *PICTURES)):
            yield name


def _read_file(folder: Path, name: str, root: Path | None = None) -> LayoutFile:
    path = folder / name
    data = files.read_bytes(path, path.as_posix(), root, largest=MAX_FILE_BYTES)
    text = yaml_source.decode(data, path.as_posix()) if name.endswith(TEXTS) else None
    return LayoutFile(path, yaml_source.sha256_hex(data), text, root is not None)


def _read_own_file(folder: Path, name: str, root: Path) -> LayoutFile:
    file = _read_file(folder, name, root)
    place = SourceLocation(file.path.as_posix())
    if name != "colours.yaml" and name.partition("/")[0] not in LAYER_OF_FOLDER:
        message = f"is in none of the folders of layouts ({', '.join(LAYER_OF_FOLDER)}); move it there"
        raise SourceError([Finding("bad-place", message, place)])
    if name.endswith(".yaml") and not _SETTINGS.fullmatch(name):
        message = "is not read; the files of settings are colours.yaml and formats/<format>/format.yaml"
        raise SourceError([Finding("bad-place", message, place)])
    if file.text and name.endswith(".css") and (problems := css_syntax.css_problems(file.text)):
        raise SourceError(problems)
    if file.text is None:
        pictures.read_picture(file.path, place)
    return file
