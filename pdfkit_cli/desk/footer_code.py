"""The code in the footer of a printed sheet, `id version hash`: is the sheet still current?

The hash alone proves what is on the paper. So whatever is not known letter by letter is a typing mistake until the paper is compared,
and only a hash that was really published before is out of date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pdfkit_cli.build.output_folder import WORK_FOLDER
from pdfkit_cli.content import editions
from pdfkit_cli.content.editions import EditionKey
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.content.recalls import Recall
from pdfkit_cli.desk.cards import sheet_labels, state_now
from pdfkit_cli.desk.library_state import LibrarySnapshot, LibraryState
from pdfkit_cli.errors import SourceError
from pdfkit_cli.output.catalogue.cards import LeafletState
from pdfkit_cli.output.past_editions import PAST_LOG
from pdfkit_cli.packs.issue_log import ISSUE_LOG, read_json_lines

_FOOT = re.compile(
    r"(?P<id>[A-Z0-9]+(?:-[A-Z0-9]+)*)[\s·.,;]+(?:[^\W\d]+\s+)?(?P<version>\d+(?:\.\d+)*)[\s·.,;]+(?P<hash>\w{6,10})(?!\w)",
    re.IGNORECASE,
)
"""As it is printed, typed or scanned: with or without separators, and with the word for “version” in any language.

A hash has eight digits or letters up to f: one with more, with fewer or with others is a typing mistake.
"""

_HASH = re.compile("[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class FooterCode:
    """What is known about a sheet.

    `state` is recalled (with its `recall`), current, labelled (current, but a draft or a translation that nobody has reviewed), changed, closed (must not be
    handed out), broken (nobody knows), mistyped (no such hash) or unknown (no such id); `key` is the edition, if known.
    """

    id: str
    version: str
    hash: str
    state: str
    leaflet: str = ""
    key: EditionKey | None = None
    labels: tuple[str, ...] = ()
    recall: Recall | None = None


def read_footer_code(text: str, state: LibraryState, clinic: str) -> FooterCode | None:
    """Return what is known about the sheet with a code, or with its hash alone; None if the text is no such code."""
    project = state.now.project
    if project is None:
        return None
    found, alone = _FOOT.search(text), _HASH.fullmatch(text.strip().lower())
    if alone and (published := next(_published(state, alone[0]), None)):
        id, version, short_hash = *published, alone[0]
    elif alone and not alone[0].isdecimal() and not alone[0].isalpha():
        return FooterCode("", "", alone[0], "mistyped")
    elif found:
        id, version, short_hash = found["id"].upper(), found["version"], found["hash"].lower()
    else:
        return None
    leaflet = next((entry for entry in project.library.leaflets.values() if entry.model.id == id), None)
    recall, name = project.library.recall_of(id), leaflet.name if leaflet else ""
    if recall and any(map(recall.covers, _versions(state, id, version, short_hash))):
        return FooterCode(id, version, short_hash, "recalled", name, recall=recall)
    if leaflet is None:
        return FooterCode(id, version, short_hash, "unknown")
    return _judge(FooterCode(id, version, short_hash, "mistyped", name), leaflet, state, project.library, clinic)


def _judge(code: FooterCode, leaflet: LeafletEntry, state: LibraryState, library: Library, clinic: str) -> FooterCode:
    now = state_now(library, leaflet, state.today)
    if not now.printable:
        return replace(code, state="broken" if now is LeafletState.BROKEN else "closed")
    if not _HASH.fullmatch(code.hash):
        return code
    if code.version == leaflet.model.version:
        for key in _editions(state.now, leaflet.name, clinic):
            if _digest(library, key).startswith(code.hash):
                labels = sheet_labels(library, leaflet, key.language)
                return replace(code, state="labelled" if labels else "current", key=key, labels=labels)
    published = (code.id, code.version) in _published(state, code.hash)
    return replace(code, state="changed") if published else code


def _versions(state: LibraryState, id: str, version: str, short_hash: str) -> set[str]:
    """Return the versions of a leaflet that were published with a hash; if there is none, the version that was typed."""
    return {known for other, known in _published(state, short_hash) if other == id} or {version}


def _editions(snapshot: LibrarySnapshot, leaflet: str, clinic: str) -> Iterator[EditionKey]:
    """Yield the editions of a leaflet, first those of the clinic that asks."""
    groups = (output_keys for (_, name), output_keys in snapshot.editions.items() if name == leaflet)
    keys = dict.fromkeys(output_key.edition for output_keys in groups for output_key in output_keys)
    yield from sorted(keys, key=lambda key: key.clinic != clinic)


def _digest(library: Library, key: EditionKey) -> str:
    try:
        return editions.resolve_edition(library, key).digest
    except SourceError:
        return ""


def _published(state: LibraryState, short_hash: str) -> Iterator[tuple[str, str]]:
    """Yield id and version of everything with a hash that was ever published: now, before, or behind a letter."""
    manifest, out = state.manifest, state.request.out
    for entry in (*manifest.files.values(), *manifest.pending.values()):
        if entry and entry.digest.startswith(short_hash):
            yield entry.id, entry.version
    for log in (out / WORK_FOLDER / PAST_LOG, out / ISSUE_LOG):
        for line in read_json_lines(log):
            if str(line.get("digest", "")).startswith(short_hash):
                yield str(line.get("leaflet", "")), str(line.get("version", ""))
