"""The search, over the leaflets of one clinic."""

from pdfkit_cli.desk.library import Snapshot


def find(snapshot: Snapshot, query: str, clinic: str) -> list[tuple[str, str]]:
    """Return the leaflets that may be meant, the best first, each with the language that its words were found in."""
    assert snapshot.workshop
    found = []
    for name, entry in snapshot.workshop.library.leaflets.items():
        for language, text in entry.translations.items():
            if query.casefold() in f"{text.matter.title} {text.matter.summary} {entry.model.id}".casefold():
                found.append((name, language))
                break
    return found
