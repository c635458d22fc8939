"""Protection of files that no pack may overwrite: letters and published leaflets."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pdfkit_cli.build import output_folder
from pdfkit_cli.content.models import PackMode
from pdfkit_cli.packs.job_list import NUMBERED_PDF, normalize_file_name


class ProtectedFiles:
    """Files that must not change, each by its path and, if that is a link, by its target."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {place: file for file in files for place in (_resolved_parent(file), file.resolve())}
        self._numbered = {
            place.with_name(normalize_file_name(NUMBERED_PDF.sub(".pdf", place.name))): file
            for place, file in self._files.items()
            if NUMBERED_PDF.search(place.name)
        }
        self._known: dict[tuple[int, int], Path] | None = None

    def conflict(self, out: Path, way: PackMode) -> Path | None:
        """Return the file that a pack would overwrite, if any.

        For a split pack any number counts, since the number of its files is not known yet.
        """
        place = _resolved_parent(out)
        if way is PackMode.SPLIT:
            return self._numbered.get(place.with_name(normalize_file_name(place.name)))
        return self._files.get(place) or self._same(out)

    def _same(self, out: Path) -> Path | None:
        """Return the same file under another name.

        Some drives have one file for names that differ in case or in Unicode composition.
        """
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
    """Return the absolute path of a file. A link is not followed: it is itself replaced, not its target."""
    return file.parent.resolve() / file.name


def published_files(out: Path, folder: Path) -> Iterator[Path]:
    """Yield the PDFs of an output folder if a pack goes into it; otherwise the manifest need not be read."""
    if folder.resolve().is_relative_to(out.resolve()):
        yield from (out / path for path in output_folder.read_manifest(out).files)
