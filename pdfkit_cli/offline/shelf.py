"""The pages of the catalogue for an output folder: what they need from the disk, gathered; the pages, made."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pdfkit_cli import appointments, intact, source
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.errors import SourceError
from pdfkit_cli.layout import Layouts
from pdfkit_cli.manifest import Entry
from pdfkit_cli.models import Appointments, Format
from pdfkit_cli.offline.cards import cards, of_clinic
from pdfkit_cli.offline.page import DESK, Clinic, Site, page
from pdfkit_cli.pdf import thumbnails
from pdfkit_cli.pdf.store import Store

INDEX = "index.html"


def paths(catalogue: Catalogue, files: Mapping[str, Entry]) -> tuple[str, ...]:
    """Return where the pages stand below the output folder: one for all, and one for each clinic."""
    return (INDEX, *(f"{clinic}/{INDEX}" for clinic in _clinics(catalogue, files.values())))


def pages(
    catalogue: Catalogue, layouts: Layouts, files: Mapping[str, Entry], folder: Path, kept: Path
) -> Iterator[tuple[str, bytes]]:
    """Yield each page with its path. Thumbnails are made of the PDFs in `folder` and kept in `kept` under the digest of the PDF."""
    known = cards(catalogue, _appointments(catalogue.root), files)
    clinics = _clinics(catalogue, files.values())
    shown = {"": known} | {name: of_clinic(known, name) for name in clinics}
    pictures = _Covers(files, layouts.formats, folder, kept)
    for clinic, own in shown.items():
        site = _site(catalogue, layouts, clinic, clinics)
        covers = pictures.of(card_file.path for card in own if (card_file := card.cover(site.language)))
        yield (f"{clinic}/{INDEX}" if clinic else INDEX), page(site, own, covers)
    pictures.forget()


def _site(catalogue: Catalogue, layouts: Layouts, name: str, clinics: Mapping[str, Clinic]) -> Site:
    clinic = catalogue.clinics.get(name)
    brand = catalogue.brands.get(clinic.model.brand) if clinic else None
    shown = clinics.get(name)
    return Site(
        name,
        shown.name if shown else catalogue.library.name,
        shown.language if shown else catalogue.library.languages[0],
        clinics,
        layouts.formats,
        brand.model if brand else None,
        brand.drawing if brand else (DESK / "icon.svg").read_bytes(),
        catalogue.library.checks.review_soon,
    )


def _clinics(catalogue: Catalogue, files: Iterable[Entry]) -> Mapping[str, Clinic]:
    """Return every clinic by its name's order; of one that cannot be read at the moment, what the manifest knows."""
    known = {
        name: Clinic(entry.model.name, entry.model.unit or "", entry.model.language)
        for name, entry in catalogue.clinics.items()
    }
    published = {entry.clinic: Clinic(entry.clinic, "", entry.language) for entry in files}
    return dict(sorted((published | known).items(), key=lambda item: (item[1].name.casefold(), item[0])))


def _appointments(root: Path) -> Appointments:
    """Return the codes of the clinics; a file with a mistake has none here, and is an error of whoever needs it."""
    with suppress(SourceError):
        return appointments.load(root)
    return Appointments({})


class _Covers:
    """Thumbnails, one for all PDFs with the same body, without what is a clinic's own: sixty clinics have one picture of a leaflet.

    What is kept is pdfkit's own: no more than a build cannot make again.
    """

    def __init__(self, files: Mapping[str, Entry], formats: Mapping[str, Format], folder: Path, kept: Path) -> None:
        self._files, self._folder, self._kept, self._store = files, folder, kept, Store(kept)
        # Pages on a sheet cannot be told from slots.
        imposed = {name for name, form in formats.items() if form.imposition != "none"}
        self._bodies = {path: entry.body for path, entry in files.items() if entry.body and entry.format not in imposed}
        self._first: dict[str, str] = {}
        for path, body in sorted(self._bodies.items()):
            self._first.setdefault(body, path)
        self._pictures: dict[str, bytes] = {}

    def of(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the thumbnails of PDFs by their paths, without those that cannot be made."""
        found: dict[str, bytes] = {}
        for path in paths:
            body = self._bodies.get(path, "")
            for like in dict.fromkeys((self._first.get(body, path), path)):  # the first one's file may be gone
                with suppress(OSError, ValueError, intact.DamagedError):
                    found[path] = self._cover(like, body=bool(body))
                    break
        return found

    def forget(self) -> None:
        """Remove the thumbnails that no page shows any more."""
        with suppress(OSError):  # what stays can be removed by the next build
            for path in self._kept.iterdir():
                if path.name not in self._pictures:
                    path.unlink(missing_ok=True)

    def _cover(self, path: str, *, body: bool) -> bytes:
        name = source.digest(f"{self._files[path].sha256} {body} {thumbnails.MADE_WITH}".encode())
        if name not in self._pictures:
            self._pictures[name] = self._kept_or_made(path, name, body=body)
        return self._pictures[name]

    def _kept_or_made(self, path: str, name: str, *, body: bool) -> bytes:
        kept = self._store.get(name)
        if isinstance(kept, bytes):
            return kept
        picture = thumbnails.thumbnail(intact.read(self._folder / path, self._files[path].sha256), body=body)
        with suppress(OSError):  # where it cannot be kept, it is made again
            self._kept.mkdir(parents=True, exist_ok=True)
        self._store.put(name, picture)
        return picture
