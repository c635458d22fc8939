"""What a keeper wants to know of the whole library at once: what a build would do, every finding, and how each edition stands.

Values only, so that it can be gathered in a worker process: for a large library that takes seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pdfkit_cli import publish, translations
from pdfkit_cli.build import Request, Workshop, findings_of, make_plan, open_workshop
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.editions import Printing
from pdfkit_cli.errors import Finding, Severity
from pdfkit_cli.inputs import Reason
from pdfkit_cli.manifest import Manifest
from pdfkit_cli.models import Status
from pdfkit_cli.plan import Plan


class State(StrEnum):
    """How an edition of a clinic stands, the worst first; several may hold at once."""

    FAILING = "failing"
    """An error keeps it from being printed."""

    WITHDRAWN = "withdrawn"
    """The leaflet is not in use any more, and the clinic still lists it."""

    MISSING = "missing"
    """The clinic hands it out, and there is no text, or no PDF."""

    OUTDATED = "outdated"
    """What stands in the output folder is not what the library says."""

    OVERDUE = "overdue"
    """Its day of review is past."""

    STALE = "stale"
    """Its source changed after it was translated."""

    UNREVIEWED = "unreviewed"
    """Nobody has reviewed the translation."""

    DRAFT = "draft"
    """Nobody has approved the text."""

    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Cell:
    """One leaflet in one language for one clinic: its states, the worst first, its PDFs, and those of them with a difference to look at."""

    states: tuple[State, ...]
    paths: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One leaflet in one language: a cell for each clinic, none where it does not hand this out."""

    leaflet: str
    language: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """PDFs that a build would render for the same reasons: each with whether there is a published one to compare it with."""

    reasons: tuple[Reason, ...]
    paths: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a build would do."""

    groups: tuple[Group, ...]
    kept: int
    remove: tuple[str, ...]
    blocked: tuple[tuple[str, tuple[Finding, ...]], ...]

    @property
    def runs(self) -> int:
        """How many PDFs it would render."""
        return sum(len(group.paths) for group in self.groups)

    @property
    def mend(self) -> tuple[Finding, ...]:
        """What keeps PDFs from being rendered, each once."""
        return tuple(dict.fromkeys(finding for _, findings in self.blocked for finding in findings))

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.groups or self.remove)


@dataclass(frozen=True, slots=True)
class Heap:
    """The findings of one leaflet; `leaflet` is empty for those of the library, its clinics, brands and phrases."""

    leaflet: str
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many of them are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything at once. `titles` are by leaflet and language, `clinics` by their names of files."""

    name: str
    titles: Mapping[str, Mapping[str, str]]
    clinics: Mapping[str, str]
    outlook: Outlook
    heaps: tuple[Heap, ...]
    rows: tuple[Row, ...]


def survey(request: Request) -> Survey:
    """Look at the library and its output folder, and touch nothing. Raises UsageError or SourceError where there is no library."""
    workshop, manifest = open_workshop(request), publish.look(request.out)
    library = workshop.library
    made = make_plan(workshop, request, manifest)
    findings = findings_of(workshop, request)
    return Survey(
        library.library.name,
        {name: {language: text.matter.title for language, text in entry.translations.items()} for name, entry in library.leaflets.items()},
        {name: entry.model.name for name, entry in sorted(library.clinics.items())},
        outlook(made, manifest),
        heaps(findings, library.root),
        rows(workshop, made, manifest, findings, request.as_of),
    )  # fmt: skip


def outlook(made: Plan, manifest: Manifest) -> Outlook:
    """Put the PDFs of a plan together that have the same reasons; the largest group first."""
    groups: dict[tuple[Reason, ...], list[tuple[str, bool]]] = {}
    for run in made.run:
        groups.setdefault(run.reasons, []).append((run.printing.path, run.printing.path in manifest.files))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    blocked = tuple((path, made.blocked[path]) for path in sorted(made.blocked))
    return Outlook(tuple(Group(why, tuple(paths)) for why, paths in ordered), len(made.kept), made.remove, blocked)


def heaps(findings: Iterable[Finding], root: Path) -> tuple[Heap, ...]:
    """Put findings together by leaflet: those of no leaflet first, since they may touch all, then those with the most errors."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(leaflet_of(finding, root), []).append(finding)
    made = [Heap(name, tuple(sorted(some, key=lambda one: (one.severity, one.place)))) for name, some in found.items()]
    return tuple(sorted(made, key=lambda heap: (heap.leaflet != "", -heap.errors, heap.leaflet)))


def leaflet_of(finding: Finding, root: Path) -> str:
    """Return the leaflet that a finding is about: of its own files, or of a clinic's wording for it; nothing for any other file."""
    parts = finding.place.file.removeprefix(f"{root.as_posix()}/").split("/")
    if len(parts) > 2 and parts[0] == "content":
        return parts[1]
    return parts[2] if len(parts) > 3 and parts[0] == "clinics" else ""


def rows(
    workshop: Workshop, made: Plan, manifest: Manifest, findings: Iterable[Finding], today: date
) -> tuple[Row, ...]:
    """Return how each edition stands that a clinic says it hands out, leaflet by leaflet, the source language first."""
    library = workshop.library
    standing = _Standing(
        library,
        _by_edition(workshop.printings()),
        manifest,
        frozenset(run.printing.path for run in made.run),
        frozenset(made.blocked),
        frozenset(one.place.file for one in findings if one.severity is Severity.ERROR),
        today,
    )
    return tuple(
        Row(leaflet, language, tuple(standing.cell(clinic, leaflet, language) for clinic in sorted(library.clinics)))
        for leaflet, languages in sorted(_handed_out(library).items())
        for language in languages
    )


def _by_edition(printings: Iterable[Printing]) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for printing in printings:
        key = printing.edition
        found.setdefault((key.clinic, key.leaflet, key.language), []).append(printing.path)
    return found


def _handed_out(library: Catalogue) -> dict[str, list[str]]:
    """Return the languages of each leaflet that any clinic asks for, the source first, then as the library lists them."""
    asked: dict[str, set[str]] = {}
    for clinic in library.clinics.values():
        for leaflet, hand_out in clinic.model.hands_out.items():
            asked.setdefault(leaflet, set()).update(hand_out.languages)
    order = {language: at for at, language in enumerate(library.library.languages)}
    return {name: sorted(some, key=lambda one: (one != _source(library, name), order.get(one, 99), one)) for name, some in asked.items()}  # fmt: skip


def _source(library: Catalogue, leaflet: str) -> str:
    entry = library.leaflets.get(leaflet)
    return entry.model.source_language if entry else ""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the states of a cell are read from."""

    library: Catalogue
    printings: Mapping[tuple[str, str, str], list[str]]
    manifest: Manifest
    run: frozenset[str]
    blocked: frozenset[str]
    broken: frozenset[str]
    today: date

    def cell(self, clinic: str, leaflet: str, language: str) -> Cell | None:
        hand_out = self.library.clinics[clinic].model.hands_out.get(leaflet)
        if hand_out is None or language not in hand_out.languages:
            return None
        paths = tuple(self.printings.get((clinic, leaflet, language), ()))
        found = set(self._states(leaflet, language, paths))
        states = tuple(state for state in State if state in found) or (State.CURRENT,)
        return Cell(states, paths, tuple(path for path in paths if path in self.run and path in self.manifest.files))

    def _states(self, name: str, language: str, paths: tuple[str, ...]) -> Iterator[State]:
        leaflet = self.library.leaflets.get(name)
        if leaflet is None:  # its leaflet.yaml cannot be read, or is not there
            folder = self.library.root / "content" / name
            yield (
                State.FAILING
                if any(file.startswith(f"{folder.as_posix()}/") for file in self.broken)
                else State.MISSING
            )
            return
        if not leaflet.model.in_use:
            yield State.WITHDRAWN
            return
        yield from self._of_text(leaflet, language)
        if not paths:
            text = f"{(self.library.root / 'content' / name / language).as_posix()}.md"
            yield State.FAILING if text in self.broken else State.MISSING
        for path in paths:
            yield from self._of_file(path)

    def _of_text(self, leaflet: LeafletEntry, language: str) -> Iterator[State]:
        model, text = leaflet.model, leaflet.translations.get(language)
        if model.review_by and model.review_by < self.today:
            yield State.OVERDUE
        if text and translations.stale(leaflet, language):
            yield State.STALE
        if text and language != model.source_language and text.matter.translation != "reviewed":
            yield State.UNREVIEWED
        if model.status is Status.DRAFT:
            yield State.DRAFT

    def _of_file(self, path: str) -> Iterator[State]:
        if path in self.blocked:
            yield State.FAILING
        elif path in self.run:
            yield State.OUTDATED if path in self.manifest.files else State.MISSING
