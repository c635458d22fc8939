"""Rejects output folders inside the library, and those where a first build would replace foreign files."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from pdfkit_cli.build.output_folder import MANIFEST_NAME
from pdfkit_cli.errors import UsageError
from pdfkit_cli.output.catalogue import INDEX_FILE

MANIFEST_PREFIX = b'{\n"schema"'
"""The beginning of every manifest of pdfkit, in all versions of its schema."""


def check_output_folder(out: Path, library: Path, clinics: Collection[str] = ()) -> None:
    """Raise UsageError if PDFs cannot be written to a folder.

    PDFs in the library would be mixed with its files, and `--watch` would never come to rest.
    A folder that contains the library is accepted, since a build removes only its own files.
    But it may contain other files: a first build there must not replace any, and no clinic's output folder may contain the library.
    """
    inner, outer = _resolved(library), _resolved(out)
    if outer.is_relative_to(inner):
        lies = "is" if outer == inner else "lies in"
        raise UsageError(
            f"{out}: the output folder {lies} the library {library}",
            hint=f"name a folder beside the library: --out {os.path.relpath(inner.parent / 'dist')}",
        )
    if not inner.is_relative_to(outer):
        return
    hint = "name another folder with --out, such as dist"
    if (first := inner.relative_to(outer).parts[0]) in clinics:
        raise UsageError(f"{out}: the PDFs of clinic “{first}” would go into the library, in {out / first}", hint=hint)
    if strangers := list(_foreign_files(out, clinics)):
        raise UsageError(f"{out}: a build would replace what it has not made: {', '.join(strangers)}", hint=hint)


def _resolved(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError):  # pathlib raises the latter for a loop of links
        raise UsageError(
            f"{folder}: cannot be used: it is a link to itself, or cannot be reached", hint="name another folder"
        ) from None


def _foreign_files(out: Path, clinics: Collection[str]) -> Iterator[str]:
    """Yield the foreign files that a build would replace; none if pdfkit's manifest shows that it has built there before."""
    with suppress(OSError), (out / MANIFEST_NAME).open("rb") as file:
        if file.read(len(MANIFEST_PREFIX)) == MANIFEST_PREFIX:
            return
    for name in (MANIFEST_NAME, INDEX_FILE, *(f"{clinic}/{INDEX_FILE}" for clinic in clinics)):
        if os.path.lexists(out / name):
            yield name
