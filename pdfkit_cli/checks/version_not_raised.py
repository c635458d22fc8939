"""An approved text that changed under the same version: two sheets would bear one name and say different things."""

from collections.abc import Iterator

from pdfkit_cli.catalogue import LeafletEntry, Translation
from pdfkit_cli.checks.rule import Problem, Rule, Subject
from pdfkit_cli.errors import Place, Severity
from pdfkit_cli.manifest import Entry
from pdfkit_cli.models import Status


def check(subject: Subject) -> Iterator[Problem]:
    """Yield each approved leaflet with the languages in which it was published, approved, with other words and no lower version."""
    published: dict[tuple[str, str], list[Entry]] = {}
    for path in subject.published.owned:
        entry = subject.published.entry(path)
        if entry and entry.text and entry.status == Status.APPROVED:
            published.setdefault((entry.leaflet, entry.language), []).append(entry)
    for name, leaflet in subject.catalogue.leaflets.items():
        if leaflet.model.status is Status.APPROVED:
            changed = [
                language
                for language, text in leaflet.translations.items()
                if _changed(leaflet, text, published.get((name, language), []))
            ]
            if changed:
                yield _problem(leaflet, sorted(changed))


def _changed(leaflet: LeafletEntry, text: Translation, published: list[Entry]) -> bool:
    if not published:
        return False
    now, version = text.text_digest, leaflet.model.version
    if any(entry.text == now and entry.version == version for entry in published):
        return False
    return any(entry.text != now and _number(entry.version) >= _number(version) for entry in published)


def _number(version: str) -> tuple[int, ...]:
    """Return a version to compare: 1.10 is later than 1.9, and 1.0 is 1."""
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _problem(leaflet: LeafletEntry, changed: list[str]) -> Problem:
    version = leaflet.model.version
    message = (
        f"the text changed ({', '.join(changed)}) since version {version} was published; raise “version” and set “date”"
    )
    return Place(leaflet.source.name, *leaflet.positions["version",]), message


RULE = Rule("version-not-raised", "An approved text that changed under the same version", Severity.ERROR, check)
