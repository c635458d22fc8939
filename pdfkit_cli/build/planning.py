"""Decides from the outputs and the last manifest which PDFs to render, keep and remove, and why."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import PurePosixPath

from pdfkit_cli.content.editions import SELECT_ALL, OutputKey, Selection
from pdfkit_cli.errors import Finding, SourceError
from pdfkit_cli.output.fingerprints import (
    FingerprintIndex,
    OutputInputs,
    RebuildReason,
    RebuildReasonKind,
    affects_every_page,
    changed_inputs,
)
from pdfkit_cli.output.manifest import Manifest, ManifestEntry
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.toolchain import InputGroup


class DiskState(StrEnum):
    """The state of a listed file on the disk."""

    SAME = "same"
    MISSING = "missing"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class FingerprintedPage:
    """A page, and the key of everything that can change the bytes of its PDF."""

    page: Page
    key: str
    digest: str
    title: str


@dataclass(frozen=True, slots=True)
class RenderTask:
    """A PDF to render, and the reasons. Its page is drawn again when it is rendered, so that a plan stays small."""

    output_key: OutputKey
    inputs: OutputInputs
    reasons: tuple[RebuildReason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build will do. `kept` are unchanged PDFs, some of them with newer inputs; `blocked` could not be drawn."""

    run: tuple[RenderTask, ...]
    kept: dict[str, ManifestEntry]
    remove: tuple[str, ...]
    blocked: dict[str, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class PlanContext:
    """The data from which a plan is made, besides the outputs: values, and functions of values."""

    manifest: Manifest
    register: FingerprintIndex
    on_disk: Callable[[str, ManifestEntry], DiskState]
    draw: Callable[[OutputKey], FingerprintedPage]
    lacking: Callable[[OutputKey], tuple[Finding, ...]]
    """Returns the findings that prevent a page from being drawn, without drawing it."""

    blocking: dict[str, tuple[Finding, ...]]
    """Errors by input: a PDF made from one of these inputs is not rendered."""

    broken: frozenset[str]
    """Every input with an error, file or folder: a PDF made from one of these, or from a file in such a folder, is not removed."""

    force: bool = False


def compute_plan(wanted: Iterable[OutputKey], selection: Selection, context: PlanContext) -> Plan:
    """Compare what the clinics hand out with the output folder.

    A PDF with an error in its sources is neither rendered nor removed: the published version is kept.
    """
    run: list[RenderTask] = []
    kept: dict[str, ManifestEntry] = {}
    blocked: dict[str, tuple[Finding, ...]] = {}
    all_wanted: set[str] = set()
    for output_key in wanted:
        path, key = output_key.path, output_key.edition
        all_wanted.add(path)
        if not selection.includes(key.clinic, key.leaflet, key.language, output_key.format, key.variant):
            continue
        inputs = context.register.of(output_key)
        if findings := _blocking_error(inputs, context):
            blocked[path] = findings
            continue
        try:
            entry = _kept_entry(output_key, inputs, context)
        except SourceError as error:
            blocked[path] = error.findings
            continue
        if entry:
            kept[path] = entry
        elif findings := context.lacking(output_key):
            blocked[path] = findings
        else:
            run.append(RenderTask(output_key, inputs, render_reasons(path, inputs, context)))
    return Plan(tuple(run), kept, tuple(_files_to_remove(all_wanted, selection, context)), blocked)


def body_sort_key(output_key: OutputKey) -> tuple[str, ...]:
    """Order PDFs so that clinics that share a body are adjacent, and so are the formats of an edition, which share its HTML."""
    key = output_key.edition
    return key.leaflet, key.language, key.variant, key.clinic, output_key.format


def _blocking_error(inputs: OutputInputs, context: PlanContext) -> tuple[Finding, ...]:
    if not context.blocking:
        return ()
    return tuple(finding for name in context.register.files(inputs) for finding in context.blocking.get(name, ()))


def _kept_entry(output_key: OutputKey, inputs: OutputInputs, context: PlanContext) -> ManifestEntry | None:
    """Return the entry of a PDF that need not be rendered, else None.

    Its page is drawn only if that is needed to decide. Raises SourceError if it cannot be drawn.
    """
    entry = context.manifest.files.get(output_key.path)
    if entry is None or context.force or context.on_disk(output_key.path, entry) is not DiskState.SAME:
        return None
    if entry.inputs == inputs.groups:
        return entry
    if _affects_page(entry, inputs, context):
        return None
    return replace(entry, inputs=inputs.groups) if entry.key == context.draw(output_key).key else None


def _affects_page(entry: ManifestEntry, inputs: OutputInputs, context: PlanContext) -> bool:
    known, now = context.manifest.inputs, context.register.groups
    pairs = zip(entry.inputs, inputs.groups, strict=False)
    return any(affects_every_page(known[old], now[new]) for old, new in pairs if old != new and old in known)


def render_reasons(path: str, inputs: OutputInputs, context: PlanContext) -> tuple[RebuildReason, ...]:
    """Return why a PDF has to be rendered: the inputs that have changed, or what happened to the file."""
    entry = context.manifest.files.get(path)
    if entry is None:
        return (
            RebuildReason(RebuildReasonKind.UNFINISHED if path in context.manifest.pending else RebuildReasonKind.NEW),
        )
    if context.force:
        return (RebuildReason(RebuildReasonKind.FORCED),)
    state = context.on_disk(path, entry)
    if state is not DiskState.SAME:
        return (RebuildReason(RebuildReasonKind.MISSING if state is DiskState.MISSING else RebuildReasonKind.ALTERED),)
    known: list[InputGroup] = [
        context.manifest.inputs[name] for name in entry.inputs if name in context.manifest.inputs
    ]
    return changed_inputs(known, context.register.files(inputs)) or (RebuildReason(RebuildReasonKind.UNKNOWN),)


def _files_to_remove(wanted: set[str], selection: Selection, context: PlanContext) -> Iterator[str]:
    """Yield the files that no clinic hands out any more, except those that an error may have hidden."""
    for path in sorted(context.manifest.owned - wanted):
        entry = context.manifest.entry(path)
        if entry is None:
            if selection == SELECT_ALL:
                yield path
        elif selection.includes(entry.clinic, entry.leaflet, entry.language, entry.format, entry.variant):
            made_from = {file for name in entry.inputs for file in context.manifest.inputs.get(name, {})}
            if not any(map(partial(_may_be_hidden_by_error, context.broken), made_from)):
                yield path


def _may_be_hidden_by_error(broken: frozenset[str], file: str) -> bool:
    """Return whether an error may have hidden a file.

    It may be in a source of the file, in a folder above that, or in a folder that belongs to the source, such as that
    of a clinic's wording.
    """
    names = (file, file.removesuffix(".yaml"), *(parent.as_posix() for parent in PurePosixPath(file).parents))
    return not broken.isdisjoint(names)
