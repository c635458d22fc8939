"""The pages of the catalogue for an output folder: what they need from the disk, gathered; the pages, made."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pdfkit_cli.content import appointments, yaml_source
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Appointments, Format
from pdfkit_cli.errors import SourceError
from pdfkit_cli.output import published_file
from pdfkit_cli.output.catalogue.cards import cards_of_clinic, catalogue_cards
from pdfkit_cli.output.catalogue.page import STATIC, CatalogueClinic, CatalogueSite, render_catalogue
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.pdf import thumbnails
from pdfkit_cli.rendering.imprint.disk_cache import DiskCache
from pdfkit_cli.rendering.layouts import Layouts

INDEX_FILE = "index.html"


def catalogue_paths(library: Library, files: Mapping[str, ManifestEntry]) -> tuple[str, ...]:
    """Return where the pages stand below the output folder: one for all, and one for each clinic."""
    return (INDEX_FILE, *(f"{clinic}/{INDEX_FILE}" for clinic in _catalogue_clinics(library, files.values())))


def catalogue_pages(
    library: Library, layouts: Layouts, files: Mapping[str, ManifestEntry], folder: Path, kept: Path
) -> Iterator[tuple[str, bytes]]:
    """Yield each page with its path. Thumbnails are made of the PDFs in `folder` and kept in `kept` under the digest of the PDF."""
    known = catalogue_cards(library, _appointments(library.root), files, layouts.formats)
    clinics = _catalogue_clinics(library, files.values())
    shown = {"": known} | {name: cards_of_clinic(known, name) for name in clinics}
    pictures = _CoverCache(files, layouts.formats, folder, kept)
    for clinic, own in shown.items():
        site = _catalogue_site(library, layouts, clinic, clinics)
        covers = pictures.of(card_file.path for card in own if (card_file := card.cover(site.language)))
        yield (f"{clinic}/{INDEX_FILE}" if clinic else INDEX_FILE), render_catalogue(site, own, covers)
    pictures.forget()


def _catalogue_site(
    library: Library, layouts: Layouts, name: str, clinics: Mapping[str, CatalogueClinic]
) -> CatalogueSite:
    clinic = library.clinics.get(name)
    brand = library.brands.get(clinic.model.brand) if clinic else None
    shown = clinics.get(name)
    return CatalogueSite(
        name,
        shown.name if shown else library.settings.name,
        shown.language if shown else library.settings.languages[0],
        clinics,
        layouts.formats,
        brand.model if brand else None,
        brand.drawing if brand else (STATIC / "icon.svg").read_bytes(),
        library.settings.checks.review_soon,
    )


def _catalogue_clinics(library: Library, files: Iterable[ManifestEntry]) -> Mapping[str, CatalogueClinic]:
    """Return every clinic by its name's order; of one that cannot be read at the moment, what the manifest knows."""
    known = {
        name: CatalogueClinic(entry.model.name, entry.model.unit or "", entry.model.language)
        for name, entry in library.clinics.items()
    }
    published = {entry.clinic: CatalogueClinic(entry.clinic, "", entry.language) for entry in files}
    return dict(sorted((published | known).items(), key=lambda item: (item[1].name.casefold(), item[0])))


def _appointments(root: Path) -> Appointments:
    """Return the codes of the clinics; a file with a mistake has none here, and is an error of whoever needs it."""
    with suppress(SourceError):
        return appointments.load_appointments(root)
    return Appointments({})


class _CoverCache:
    """Thumbnails, one for all PDFs with the same body, without what is a clinic's own: sixty clinics have one picture of a leaflet.

    What is kept is pdfkit's own: no more than a build cannot make again.
    """

    def __init__(
        self, files: Mapping[str, ManifestEntry], formats: Mapping[str, Format], folder: Path, kept: Path
    ) -> None:
        self._files, self._folder, self._kept, self._store = files, folder, kept, DiskCache(kept)
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
                with suppress(OSError, ValueError, published_file.AlteredPdfError):
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
        name = yaml_source.sha256_hex(f"{self._files[path].sha256} {body} {thumbnails.SETTINGS_KEY}".encode())
        if name not in self._pictures:
            self._pictures[name] = self._load_or_render(path, name, body=body)
        return self._pictures[name]

    def _load_or_render(self, path: str, name: str, *, body: bool) -> bytes:
        kept = self._store.get(name)
        if isinstance(kept, bytes):
            return kept
        picture = thumbnails.render_thumbnail(
            published_file.read_verified(self._folder / path, self._files[path].sha256), body=body
        )
        with suppress(OSError):  # where it cannot be kept, it is made again
            self._kept.mkdir(parents=True, exist_ok=True)
        self._store.put(name, picture)
        return picture
