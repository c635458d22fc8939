"""Printings and the last manifest to what must be rendered, kept and removed, each with its reason."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import PurePosixPath

from pdfkit_cli.editions import EVERYTHING, Printing, Selection
from pdfkit_cli.errors import Finding, SourceError
from pdfkit_cli.inputs import Group, Inputs, Reason, ReasonKind, Register, changed, shows
from pdfkit_cli.layout import Page
from pdfkit_cli.manifest import Entry, Manifest


class OnDisk(StrEnum):
    """How a file of the manifest stands in the output folder."""

    SAME = "same"
    MISSING = "missing"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A printing with its page and the key of everything that can change its bytes."""

    page: Page
    key: str
    digest: str
    title: str


@dataclass(frozen=True, slots=True)
class Run:
    """A PDF to render, and why. Its page is drawn again when its turn comes, so that a plan stays small."""

    printing: Printing
    inputs: Inputs
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build will do. `kept` are the entries that stay, some with newer inputs; `blocked` could not be drawn."""

    run: tuple[Run, ...]
    kept: dict[str, Entry]
    remove: tuple[str, ...]
    blocked: dict[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a plan is made from, besides the printings. All of it is values, or functions of values."""

    manifest: Manifest
    register: Register
    on_disk: Callable[[str, Entry], OnDisk]
    draw: Callable[[Printing], Drawn]
    lacking: Callable[[Printing], tuple[Finding, ...]]
    """What keeps a printing from being drawn, found without drawing it."""

    blocking: dict[str, tuple[Finding, ...]]
    """Errors by input: a PDF that is made from one of these is not rendered."""

    broken: frozenset[str]
    """Every input with an error, and every folder: a PDF that was made from one of these, or of what stood in one, is not removed."""

    force: bool = False


def plan(wanted: Iterable[Printing], selection: Selection, situation: Situation) -> Plan:
    """Compare what the clinics hand out with what stands in the output folder.

    A file that has an error in its sources is neither rendered nor removed: what was published stays.
    """
    run: list[Run] = []
    kept: dict[str, Entry] = {}
    blocked: dict[str, tuple[Finding, ...]] = {}
    all_wanted: set[str] = set()
    for printing in wanted:
        path, key = printing.path, printing.edition
        all_wanted.add(path)
        if not selection.takes(key.clinic, key.leaflet, key.language, printing.format, key.variant):
            continue
        inputs = situation.register.of(printing)
        if findings := _blocking(inputs, situation):
            blocked[path] = findings
            continue
        try:
            entry = _stays(printing, inputs, situation)
        except SourceError as error:
            blocked[path] = error.findings
            continue
        if entry:
            kept[path] = entry
        elif findings := situation.lacking(printing):
            blocked[path] = findings
        else:
            run.append(Run(printing, inputs, why(path, inputs, situation)))
    return Plan(tuple(run), kept, tuple(_removals(all_wanted, selection, situation)), blocked)


def _blocking(inputs: Inputs, situation: Situation) -> tuple[Finding, ...]:
    if not situation.blocking:
        return ()
    return tuple(finding for name in situation.register.files(inputs) for finding in situation.blocking.get(name, ()))


def _stays(printing: Printing, inputs: Inputs, situation: Situation) -> Entry | None:
    """Return the entry of a PDF that need not be rendered. Its page is only drawn where that must decide; raises SourceError where it cannot be."""
    entry = situation.manifest.files.get(printing.path)
    if entry is None or situation.force or situation.on_disk(printing.path, entry) is not OnDisk.SAME:
        return None
    if entry.inputs == inputs.groups:
        return entry
    if _shows(entry, inputs, situation):
        return None
    return replace(entry, inputs=inputs.groups) if entry.key == situation.draw(printing).key else None


def _shows(entry: Entry, inputs: Inputs, situation: Situation) -> bool:
    known, now = situation.manifest.inputs, situation.register.groups
    pairs = zip(entry.inputs, inputs.groups, strict=False)
    return any(shows(known[old], now[new]) for old, new in pairs if old != new and old in known)


def why(path: str, inputs: Inputs, situation: Situation) -> tuple[Reason, ...]:
    """Say why a PDF has to be rendered: which of its inputs changed since it was made, or what befell the file."""
    entry = situation.manifest.files.get(path)
    if entry is None:
        return (Reason(ReasonKind.UNFINISHED if path in situation.manifest.pending else ReasonKind.NEW),)
    if situation.force:
        return (Reason(ReasonKind.FORCED),)
    state = situation.on_disk(path, entry)
    if state is not OnDisk.SAME:
        return (Reason(ReasonKind.MISSING if state is OnDisk.MISSING else ReasonKind.ALTERED),)
    known: list[Group] = [situation.manifest.inputs[name] for name in entry.inputs if name in situation.manifest.inputs]
    return changed(known, situation.register.files(inputs)) or (Reason(ReasonKind.UNKNOWN),)


def _removals(wanted: set[str], selection: Selection, situation: Situation) -> Iterator[str]:
    """Yield the files that no clinic hands out any more, except where an error may be what hides them."""
    for path in sorted(situation.manifest.owned - wanted):
        entry = situation.manifest.entry(path)
        if entry is None:
            if selection == EVERYTHING:
                yield path
        elif selection.takes(entry.clinic, entry.leaflet, entry.language, entry.format, entry.variant):
            made_from = {file for name in entry.inputs for file in situation.manifest.inputs.get(name, {})}
            if not any(map(partial(_is_hidden, situation.broken), made_from)):
                yield path


def _is_hidden(broken: frozenset[str], file: str) -> bool:
    """Say whether an error may hide a file: its own, one of a folder above it, or one of the folder that belongs to it, as a clinic's wording does."""
    names = (file, file.removesuffix(".yaml"), *(parent.as_posix() for parent in PurePosixPath(file).parents))
    return not broken.isdisjoint(names)
