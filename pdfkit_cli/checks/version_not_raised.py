"""An approved text that changed without a new version: two printed leaflets of one version would differ."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.library import LeafletEntry, Translation
from pdfkit_cli.content.models import Status
from pdfkit_cli.content.recalls import version_number
from pdfkit_cli.errors import Severity
from pdfkit_cli.output.manifest import ManifestEntry


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each approved leaflet that was published, approved, with another text under this version or a later one."""
    published: dict[tuple[str, str], list[ManifestEntry]] = {}
    for path in context.published.owned:
        entry = context.published.entry(path)
        if entry and entry.text and entry.status == Status.APPROVED:
            published.setdefault((entry.leaflet, entry.language), []).append(entry)
    for name, leaflet in context.library.leaflets.items():
        if leaflet.model.status is Status.APPROVED:
            changed = [
                language
                for language, text in leaflet.translations.items()
                if _changed(leaflet, text, published.get((name, language), []))
            ]
            if changed:
                yield _problem(leaflet, sorted(changed))


def _changed(leaflet: LeafletEntry, text: Translation, published: list[ManifestEntry]) -> bool:
    if not published:
        return False
    now, version = text.text_digest, leaflet.model.version
    if any(entry.text == now and entry.version == version for entry in published):
        return False
    return any(entry.text != now and version_number(entry.version) >= version_number(version) for entry in published)


def _problem(leaflet: LeafletEntry, changed: list[str]) -> Violation:
    version = leaflet.model.version
    message = (
        f"the text changed ({', '.join(changed)}) since version {version} was published; raise “version” and set “date”"
    )
    return leaflet.place("version"), message


RULE = Rule("version-not-raised", "An approved text that changed under the same version", Severity.ERROR, check)
