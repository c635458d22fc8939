"""Make the pages of the catalogue for an output folder."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pdfkit_cli.content import appointments, yaml_source
from pdfkit_cli.content.library import Library
from pdfkit_cli.content.models import Appointments, Format
from pdfkit_cli.errors import SourceError
from pdfkit_cli.output import published_file
from pdfkit_cli.output.catalogue import INDEX_FILE
from pdfkit_cli.output.catalogue.cards import cards_of_clinic, catalogue_cards
from pdfkit_cli.output.catalogue.page import STATIC, CatalogueClinic, CatalogueSite, render_catalogue
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.pdf import thumbnails
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.system.disk_cache import DiskCache


def catalogue_paths(library: Library, files: Mapping[str, ManifestEntry]) -> tuple[str, ...]:
    """Return the paths of the pages in the output folder: one for all clinics, and one for each."""
    return (INDEX_FILE, *(f"{clinic}/{INDEX_FILE}" for clinic in _catalogue_clinics(library, files.values())))


def catalogue_pages(
    library: Library, layouts: Layouts, files: Mapping[str, ManifestEntry], folder: Path, kept: Path
) -> Iterator[tuple[str, bytes]]:
    """Yield each page with its path. Thumbnails of the PDFs in `folder` are kept in `kept` by the digest of the PDF."""
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
    """Return every clinic, sorted by name; for one that cannot be read, the data in the manifest."""
    known = {
        name: CatalogueClinic(entry.model.name, entry.model.unit or "", entry.model.language)
        for name, entry in library.clinics.items()
    }
    published = {entry.clinic: CatalogueClinic(entry.clinic, "", entry.language) for entry in files}
    return dict(sorted((published | known).items(), key=lambda item: (item[1].name.casefold(), item[0])))


def _appointments(root: Path) -> Appointments:
    """Return the appointment codes; none if their file is broken, which the checks report."""
    with suppress(SourceError):
        return appointments.load_appointments(root)
    return Appointments({})


class _CoverCache:
    """Thumbnails: PDFs that share a body share one, without the clinic's own part, so that sixty clinics need one image.

    The cache can be made again at any time.
    """

    def __init__(
        self, files: Mapping[str, ManifestEntry], formats: Mapping[str, Format], folder: Path, kept: Path
    ) -> None:
        self._files, self._folder, self._kept, self._store = files, folder, kept, DiskCache(kept)
        # On an imposed sheet, pages cannot be told from slots.
        imposed = {name for name, form in formats.items() if form.imposition != "none"}
        self._bodies = {path: entry.body for path, entry in files.items() if entry.body and entry.format not in imposed}
        self._first: dict[str, str] = {}
        for path, body in sorted(self._bodies.items()):
            self._first.setdefault(body, path)
        self._pictures: dict[str, bytes] = {}

    def of(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the thumbnails of PDFs by path, without those that cannot be made."""
        found: dict[str, bytes] = {}
        for path in paths:
            body = self._bodies.get(path, "")
            for like in dict.fromkeys((self._first.get(body, path), path)):  # the first file may be gone
                with suppress(OSError, ValueError, published_file.AlteredPdfError):
                    found[path] = self._cover(like, body=bool(body))
                    break
        return found

    def forget(self) -> None:
        """Remove the thumbnails that no page shows."""
        with suppress(OSError):  # the next build can remove the rest
            for path in self._kept.iterdir():
                if path.name not in self._pictures:
                    path.unlink(missing_ok=True)

    def _cover(self, path: str, *, body: bool) -> bytes:
        name = yaml_source.sha256_hex(f"{self._files[path].sha256} {body} {thumbnails.settings_key()}".encode())
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
        with suppress(OSError):  # without a cache, it is made again
            self._kept.mkdir(parents=True, exist_ok=True)
        self._store.put(name, picture)
        return picture
