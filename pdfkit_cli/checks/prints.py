"""The PDFs of the last build, as rules see them."""

from collections.abc import Iterator

from pdfkit_cli.catalogue import LeafletEntry
from pdfkit_cli.checks.rule import Subject
from pdfkit_cli.errors import Place
from pdfkit_cli.manifest import Entry
from pdfkit_cli.pdf.remarks import Remark


def published(subject: Subject) -> Iterator[tuple[str, Entry, LeafletEntry]]:
    """Yield path, entry and leaflet of each PDF that stands in the output folder and that the library still has."""
    for path, entry in subject.published.files.items():
        leaflet = subject.catalogue.leaflets.get(entry.leaflet)
        if leaflet:
            yield path, entry, leaflet


def remarks(subject: Subject, code: str) -> Iterator[tuple[Place, Remark, str]]:
    """Yield each different remark with this code: place, remark, and the PDFs that it is of, as words."""
    found: dict[tuple[str, str, Remark], list[str]] = {}
    for path, entry, leaflet in published(subject):
        text = leaflet.translations.get(entry.language)
        if text:
            for remark in entry.remarks:
                if remark.code == code:
                    found.setdefault((text.source.name, entry.format, remark), []).append(path)
    for (file, _, remark), paths in sorted(found.items(), key=lambda item: (item[0][0], item[1])):
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield Place(file), remark, f"{paths[0]}{others}"
