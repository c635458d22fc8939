"""The PDFs of the last build, for rules that read them."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext
from pdfkit_cli.content.library import LeafletEntry
from pdfkit_cli.errors import SourceLocation
from pdfkit_cli.output.manifest import ManifestEntry
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning


def published_outputs(context: CheckContext) -> Iterator[tuple[str, ManifestEntry, LeafletEntry]]:
    """Yield path, manifest entry and leaflet of each published PDF whose leaflet is still in the library."""
    for path, entry in context.published.files.items():
        leaflet = context.library.leaflets.get(entry.leaflet)
        if leaflet:
            yield path, entry, leaflet


def published_remarks(context: CheckContext, code: str) -> Iterator[tuple[SourceLocation, TypographicWarning, str]]:
    """Yield each distinct remark with this code: its place, the remark, and the PDFs that have it, as text."""
    found: dict[tuple[str, str, TypographicWarning], list[str]] = {}
    for path, entry, leaflet in published_outputs(context):
        text = leaflet.translations.get(entry.language)
        if text:
            for remark in entry.remarks:
                if remark.code == code:
                    found.setdefault((text.source.name, entry.format, remark), []).append(path)
    for (file, _, remark), paths in sorted(found.items(), key=lambda item: (item[0][0], item[1])):
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield SourceLocation(file), remark, f"{paths[0]}{others}"
