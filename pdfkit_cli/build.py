"""One build, from the library to the output folder: the way through the program, callable from Python."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from pdfkit_cli import (
    catalogue,
    checks,
    cluster,
    editions,
    execute,
    keeping,
    layout,
    parcels,
    places,
    plan,
    publish,
    render,
    source,
    temporary,
)
from pdfkit_cli.catalogue import Catalogue
from pdfkit_cli.checks import page_budget
from pdfkit_cli.checks.rule import Subject
from pdfkit_cli.editions import EVERYTHING, EditionKey, Printing, Selection
from pdfkit_cli.errors import Finding, PdfkitError, Severity, UsageError
from pdfkit_cli.execute import Limits, Outcome, WorkersError
from pdfkit_cli.inputs import Group, Register, tools
from pdfkit_cli.layout import Layouts, Page
from pdfkit_cli.manifest import Entry, Manifest
from pdfkit_cli.offline import shelf
from pdfkit_cli.outpost import Order
from pdfkit_cli.plan import Drawn, Plan, Run, Situation
from pdfkit_cli.publish import Output
from pdfkit_cli.render import Rendered

TIME_LIMIT = 60.0
"""Seconds that one render may take."""

BATCH = 64
"""PDFs with one body that go to a worker together: a second or two of work, and the body is laid out in one worker only."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to build, from where to where."""

    library: Path = Path("leaflets")
    out: Path = Path("dist")
    selection: Selection = EVERYTHING
    as_of: date = field(default_factory=date.today)
    jobs: int = 0
    force: bool = False
    seconds: float = TIME_LIMIT
    allow: tuple[str, ...] = ()
    layouts: Path = field(default_factory=partial(layout.packaged, "layouts"))
    cluster: str = ""
    """Address of a Dask scheduler; without one, this machine does the work."""

    @property
    def workers(self) -> int:
        """One worker a core, where the request does not say."""
        return self.jobs or len(os.sched_getaffinity(0))


@dataclass(slots=True)
class Summary:
    """What a build did."""

    rendered: list[str] = field(default_factory=list)
    kept: int = 0
    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    """What failed since it took too long."""

    whole: dict[str, str] = field(default_factory=dict)
    """What was rendered whole, not imprinted on a body that clinics share, and why."""

    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing failed and nothing in the library is wrong."""
        return not self.failed and not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how a build goes: once what is planned, then each file as it is done (with its error, or none)."""

    planned: Callable[[Plan], None] = lambda plan: None
    done: Callable[[str, str], None] = lambda path, error: None


@dataclass(slots=True)
class Workshop:
    """The loaded library with its layouts, and what both say of each PDF."""

    library: Catalogue
    layouts: Layouts
    register: Register
    findings: tuple[Finding, ...]
    allowed: frozenset[tuple[str, str]]
    """Errors that this build lets pass: code and file."""

    versions: Group
    """What the PDFs are made with, besides their sources."""

    _last: tuple[EditionKey, editions.Edition, str] | None = None
    _shared: editions.Shared = field(default_factory=editions.Shared)

    def draw(self, printing: Printing) -> Drawn:
        """Draw one page. Raises SourceError. The formats of an edition follow each other and share its HTML."""
        if self._last is None or self._last[0] != printing.edition:
            edition = editions.resolve(self.library, printing.edition, self._shared)
            self._last = printing.edition, edition, self.layouts.draw(edition)
        _, edition, html = self._last
        page = self.layouts.page(edition, html, printing.format)
        return Drawn(page, layout.key(page, self.versions), edition.digest, edition.title)

    def printings(self) -> Iterator[Printing]:
        """Yield every PDF of the library that there is a format for."""
        return (printing for printing in editions.printings(self.library) if printing.format in self.layouts.formats)


def open_workshop(request: Request) -> Workshop:
    """Load and check everything. Raises UsageError or SourceError where there is no library to speak of."""
    return _checked(request, *_load(request), publish.look(request.out))


def _load(request: Request) -> tuple[Catalogue, Layouts]:
    checks.check_allowed(request.allow)
    return catalogue.load(request.library), Layouts(request.layouts, layout.packaged("fonts"))


def _checked(request: Request, loaded: Catalogue, layouts: Layouts, published: Manifest) -> Workshop:
    register = Register(loaded, layouts)
    subject = Subject(loaded, layouts, request.as_of, published)
    found = (*loaded.findings, *checks.settings(subject), *checks.check(subject, request.allow, checks.TEXT_RULES))
    findings = tuple(sorted(found, key=lambda finding: finding.place))
    allowed = frozenset((finding.code, finding.place.file) for finding in findings if finding.code in request.allow)
    return Workshop(loaded, layouts, register, findings, allowed, tools())


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of the whole library found."""

    leaflets: int
    editions: int
    clinics: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def check(request: Request) -> Report:
    """Load and check everything, and every edition that is handed out. Raises UsageError or SourceError where there is no library."""
    workshop = open_workshop(request)
    handed_out = {printing.edition for printing in workshop.printings()}
    library = workshop.library
    return Report(len(library.leaflets), len(handed_out), len(library.clinics), findings_of(workshop, request))


def findings_of(workshop: Workshop, request: Request) -> tuple[Finding, ...]:
    """Return what a check finds: in the library, in the last build, and in every edition that is handed out."""
    keys = {printing.edition for printing in workshop.printings()}
    subject = Subject(workshop.library, workshop.layouts, request.as_of, publish.look(request.out))
    found = dict.fromkeys((*workshop.findings, *checks.check(subject, request.allow, checks.PRINT_RULES)))
    found |= dict.fromkeys(editions.lacking(workshop.library, keys))
    return tuple(sorted(found, key=lambda finding: finding.place))


def make_plan(workshop: Workshop, request: Request, manifest: Manifest) -> Plan:
    """Plan a build over what stands in the output folder, in the order in which pages are drawn and rendered fastest.

    Raises UsageError where nobody hands out what was asked for.
    """
    printings = sorted(workshop.printings(), key=_body_first)
    made = plan.plan(printings, request.selection, situation(workshop, request, manifest))
    nothing = not (made.run or made.kept or made.remove or made.blocked)
    wrong = any(finding.severity is Severity.ERROR for finding in workshop.findings)
    if nothing and request.selection != EVERYTHING and not wrong:
        raise UsageError("no clinic hands out what was asked for", hint="see who hands out what: pdfkit list")
    return made


def situation(workshop: Workshop, request: Request, manifest: Manifest) -> Situation:
    """Gather what a plan is made from."""
    errors = [finding for finding in workshop.findings if finding.severity is Severity.ERROR]
    blocking: dict[str, tuple[Finding, ...]] = {}
    for finding in errors:
        if checks.blocks(finding):
            name = workshop.register.name(finding.place.file)
            blocking[name] = (*blocking.get(name, ()), finding)
    return Situation(
        manifest=manifest,
        register=workshop.register,
        on_disk=partial(publish.on_disk, request.out),
        draw=workshop.draw,
        lacking=lambda printing: tuple(editions.lacking(workshop.library, (printing.edition,))),
        blocking=blocking,
        broken=frozenset(workshop.register.name(finding.place.file) for finding in errors if checks.hides(finding)),
        force=request.force,
    )


def dry_run(request: Request) -> tuple[Plan, Summary]:
    """Say what a build would do, and touch nothing. Raises UsageError for a name that does not exist, or an output folder that cannot be."""
    workshop = open_workshop(request)
    places.check_out(request.out, request.library, workshop.library.clinics)
    editions.check_selection(workshop.library, request.selection, workshop.layouts.formats)
    made = make_plan(workshop, request, publish.look(request.out))
    return made, _summary(workshop, made)


def build(request: Request, watcher: Watcher | None = None) -> Summary:
    """Bring the output folder up to date with the library.

    Content problems stop only what they touch: they are in the summary. Raises UsageError for a request that makes no
    sense, OutputError where the output folder cannot be written, PdfkitError where this machine cannot render at all;
    what was finished before that stays.
    """
    watcher = watcher or Watcher()
    started = time.monotonic()
    loaded, layouts = _load(request)
    places.check_out(request.out, request.library, loaded.clinics)
    editions.check_selection(loaded, request.selection, layouts.formats)
    with Output(request.out) as output:
        workshop = _checked(request, loaded, layouts, output.manifest)
        made = make_plan(workshop, request, output.manifest)
        summary = _summary(workshop, made)
        watcher.planned(made)
        output.begin(made.kept, {run.printing.path for run in made.run} | set(made.remove), workshop.register.groups)
        try:
            _run(workshop, request, made, output, watcher, summary)
        except WorkersError as error:
            raise PdfkitError(
                f"nothing can be rendered here: {error}", hint="see what is missing: pdfkit doctor"
            ) from None
        finally:
            output.finish()
        if request.selection == EVERYTHING or summary.rendered or summary.removed:
            _catalogue(workshop, output)
        subject = Subject(workshop.library, workshop.layouts, request.as_of, output.manifest)
    summary.findings += tuple(checks.check(subject, request.allow, checks.PRINT_RULES))
    summary.seconds = time.monotonic() - started
    return summary


def _run(workshop: Workshop, request: Request, made: Plan, output: Output, watcher: Watcher, summary: Summary) -> None:
    for path in made.remove:
        output.remove(path)
        summary.removed.append(path)
    jobs: dict[str, tuple[Run, Drawn]] = {}
    again: list[Run] = []

    def done(path: str, result: Rendered | str) -> None:
        run, drawn = jobs.pop(path)
        error = result if isinstance(result, str) else _refused(workshop, request, run, result)
        if error or isinstance(result, str):
            summary.failed[path] = error
        else:
            output.put(path, result.pdf, _entry(workshop, run, drawn, result))
            summary.rendered.append(path)
            if result.whole:
                summary.whole[path] = result.whole
        watcher.done(path, error)

    def tasks(runs: Iterable[Run], most: int) -> Iterator[tuple[tuple[str, ...], tuple[Page, ...]]]:
        for drawn in _batches(workshop, runs, most):
            jobs.update((run.printing.path, (run, one)) for run, one in drawn)
            yield tuple(run.printing.path for run, _ in drawn), tuple(one.page for _, one in drawn)

    if not made.run:
        return
    with _workers(workshop, request, len(made.run)) as rendered:
        for runs, most in ((made.run, BATCH), (again, 1)):  # what ends a batch is found by rendering each of it alone
            for outcome in rendered(tasks(runs, most)):
                if outcome.result is None and len(outcome.name) > 1:
                    again += [jobs.pop(path)[0] for path in outcome.name]
                    continue
                if outcome.late:
                    summary.late.update(outcome.name)
                for path, result in zip(outcome.name, outcome.result or (outcome.error,), strict=True):
                    done(path, result)


def _batches(workshop: Workshop, runs: Iterable[Run], most: int) -> Iterator[list[tuple[Run, Drawn]]]:
    """Yield the PDFs that one worker makes in a row, with their pages: those that share a body, or one that shares none.

    What has the same text is drawn in the order of its clinics, since their formats share the HTML; a body is that text in one format and brand.
    """
    for _, group in groupby(runs, lambda run: _body_first(run.printing)[:3]):
        batches: dict[str, list[tuple[Run, Drawn]]] = {}
        for run in group:
            drawn = workshop.draw(run.printing)
            if not drawn.page.shares_body:
                yield [(run, drawn)]
                continue
            body = drawn.page.stylesheet.digest
            batches.setdefault(body, []).append((run, drawn))
            if len(batches[body]) == most:
                yield batches.pop(body)
        yield from batches.values()


Batch: TypeAlias = tuple[tuple[str, ...], tuple[Page, ...]]
"""PDFs that one worker makes in a row: their paths, and their pages."""

Renderer: TypeAlias = Callable[[Iterable[Batch]], Iterator[Outcome[tuple[str, ...], tuple[Rendered | str, ...]]]]


@contextmanager
def _workers(workshop: Workshop, request: Request, count: int) -> Iterator[Renderer]:
    """Return what renders pages: worker processes here, or those of a cluster."""
    if request.cluster:
        order = Order(
            uuid4().hex, render.render, render.prepare, parcels.unpack, tools, workshop.versions, request.seconds
        )
        yield partial(_elsewhere, request.cluster, order)
    else:
        with temporary.folder() as folder:
            limits = Limits(min(request.workers, count), request.seconds)
            kept = None if request.force else keeping.folder(workshop.versions)
            prepare = partial(render.prepare, folder, kept or folder)
            yield lambda batches: execute.run(render.render_all, batches, limits, prepare)
            if kept:
                keeping.prune(kept)


def _elsewhere(
    address: str, order: Order[Page, Rendered], batches: Iterable[Batch]
) -> Iterator[Outcome[tuple[str, ...], tuple[Rendered | str, ...]]]:
    """Render on a cluster, which groups pages itself and does each of a group for itself."""
    pages = (pair for paths, pages in batches for pair in zip(paths, pages, strict=True))
    for outcome in cluster.run(address, order, cluster.Freight(parcels.pack, parcels.body), pages):
        yield Outcome((outcome.name,), (outcome.result,) if outcome.result else None, outcome.error)


def _catalogue(workshop: Workshop, output: Output) -> None:
    """Write the pages by which leaflets are found without a server: always of everything that stands in the output folder."""
    files, kept = output.manifest.files, output.folder / publish.WORK / publish.THUMBNAILS
    paths = shelf.paths(workshop.library, files)
    output.pages(paths, shelf.pages(workshop.library, workshop.layouts, files, output.folder, kept))


def _refused(workshop: Workshop, request: Request, run: Run, rendered: Rendered) -> str:
    """Say why a PDF must not be published, if so."""
    leaflet = workshop.library.leaflets[run.printing.edition.leaflet]
    problem = page_budget.over(leaflet, run.printing.format, rendered.pages)
    if problem is None or page_budget.CODE in request.allow:
        return ""
    return f"{problem[0]}: {problem[1]} [{page_budget.CODE}]"


def _body_first(printing: Printing) -> tuple[str, ...]:
    """Order PDFs so that clinics which share a body follow each other, and the formats of an edition, which share its HTML."""
    key = printing.edition
    return key.leaflet, key.language, key.variant, key.clinic, printing.format


def _entry(workshop: Workshop, run: Run, drawn: Drawn, rendered: Rendered) -> Entry:
    key, leaflet = run.printing.edition, workshop.library.leaflets[run.printing.edition.leaflet].model
    return Entry(
        clinic=key.clinic,
        leaflet=key.leaflet,
        language=key.language,
        variant=str(key.variant),
        format=run.printing.format,
        id=leaflet.id,
        version=leaflet.version,
        status=str(leaflet.status),
        digest=drawn.digest,
        title=drawn.title,
        pages=rendered.pages,
        key=drawn.key,
        inputs=run.inputs.groups,
        sha256=source.digest(rendered.pdf),
        bytes=len(rendered.pdf),
        mtime_ns=0,
        remarks=rendered.remarks,
        whole=rendered.whole,
        body=rendered.body[:16],
        allowed=_allowed(workshop, run, rendered.pages),
        text=workshop.library.leaflets[key.leaflet].translations[key.language].text_digest,
    )


def _allowed(workshop: Workshop, run: Run, pages: int) -> tuple[str, ...]:
    files = workshop.register.files(run.inputs) if workshop.allowed else {}
    codes = {code for code, file in workshop.allowed if workshop.register.name(file) in files}
    over = page_budget.over(workshop.library.leaflets[run.printing.edition.leaflet], run.printing.format, pages)
    return tuple(sorted(codes | ({page_budget.CODE} if over else set())))


def _summary(workshop: Workshop, made: Plan) -> Summary:
    known = set(workshop.findings)
    drawn = tuple(
        dict.fromkeys(finding for findings in made.blocked.values() for finding in findings if finding not in known)
    )
    failed = {path: str(findings[0]) for path, findings in made.blocked.items()}
    return Summary(kept=len(made.kept), failed=failed, findings=(*workshop.findings, *drawn))
