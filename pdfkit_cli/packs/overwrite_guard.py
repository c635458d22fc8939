"""Files that no pack may be written over: letters, and leaflets that are handed out."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pdfkit_cli.build import output_folder
from pdfkit_cli.content.models import PackMode
from pdfkit_cli.packs.job_list import normalize_file_name

_NUMBERED_PDF = re.compile(r"\.\d+\.pdf$")
"""How the names of the files of a split pack end."""


class ProtectedFiles:
    """Files that stay as they are, each by its name and, where that is a link, by the file that it leads to."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {place: file for file in files for place in (_resolved_parent(file), file.resolve())}
        self._numbered = {
            place.with_name(normalize_file_name(_NUMBERED_PDF.sub(".pdf", place.name))): file
            for place, file in self._files.items()
            if _NUMBERED_PDF.search(place.name)
        }
        self._known: dict[tuple[int, int], Path] | None = None

    def conflict(self, out: Path, way: PackMode) -> Path | None:
        """Return the file that a pack would be written over, if there is one. Of a split pack any number counts: nobody knows yet how many there will be."""
        place = _resolved_parent(out)
        if way is PackMode.SPLIT:
            return self._numbered.get(place.with_name(normalize_file_name(place.name)))
        return self._files.get(place) or self._same(out)

    def _same(self, out: Path) -> Path | None:
        """Return the file that is there under another name: a drive that ignores case, or how letters are composed, has one file for both."""
        if (found := _file_identity(out)) is None:
            return None
        if self._known is None:
            known = ((_file_identity(file), file) for file in self._files.values())
            self._known = {identity: file for identity, file in known if identity}
        return self._known.get(found)


def _file_identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.lstat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _resolved_parent(file: Path) -> Path:
    """Return where a file stands; a link is itself replaced, not what it leads to."""
    return file.parent.resolve() / file.name


def published_files(out: Path, folder: Path) -> Iterator[Path]:
    """Yield the PDFs of an output folder, where a pack goes into it; else none, which spares reading the manifest."""
    if folder.resolve().is_relative_to(out.resolve()):
        yield from (out / path for path in output_folder.read_manifest(out).files)
