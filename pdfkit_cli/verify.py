"""Finished PDFs, proved: whole and conformant, which leaflet each one is, and whether the library still says the same."""

import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path

import page

from pdfkit_cli import catalogue, editions, execute, publish
from pdfkit_cli.catalogue import Catalogue, LeafletEntry
from pdfkit_cli.editions import EditionKey, Printing
from pdfkit_cli.errors import PdfkitError, SourceError
from pdfkit_cli.execute import Limits, WorkersError
from pdfkit_cli.layout import Layouts, packaged
from pdfkit_cli.manifest import Manifest
from pdfkit_cli.models import Status, Variant
from pdfkit_cli.pdf import invariants, metadata
from pdfkit_cli.pdf.invariants import Document, Fault, UnreadableError, active, objects
from pdfkit_cli.pdf.joining import claims
from pdfkit_cli.pdf.metadata import Identity
from pdfkit_cli.source import digest

PROFILES = {"ua1": "PDF/UA-1", "2a": "PDF/A-2a"}
"""What every leaflet claims to be, by the name that page-validation has for it."""

DEPTH = 4096
"""References that page-validation follows: with its own limit of 256 it loses the end of a long text."""

TIME_LIMIT = 60.0
"""Seconds that one file may take: a leaflet takes less than one."""

LARGEST = 100 << 20
"""Bytes of a file that is read at all: a leaflet has some hundred thousand."""

LONGEST = 100
"""Letters of one word that a file says of itself."""

SHORT_HASH = 8
"""Letters of the digest that are printed at the foot of each page."""


class Standing(StrEnum):
    """How an edition on paper stands to the library now."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Built(StrEnum):
    """How a file stands to the manifest of the output folder; one that was filled in for a patient is never in it."""

    SAME = "same"
    ALTERED = "altered"
    PERSONAL = "personal"
    NOT_LISTED = "not-listed"


@dataclass(frozen=True, slots=True)
class Request:
    """Which files to prove, against which library and output folder, on which day."""

    files: tuple[Path, ...]
    library: Path = Path("leaflets")
    out: Path = Path("dist")
    as_of: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file says by itself."""

    sha256: str
    identity: Identity | None
    faults: tuple[Fault, ...]
    inside: tuple[tuple[int, Identity], ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """A leaflet in a pack: the page that it begins on, from 1, and how it stands to the library."""

    page: int
    identity: Identity
    standing: Standing
    reason: str
    overdue: date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one file; `reason` says why it stands so and what to do, `overdue` when its review was due.

    A pack has no identity of its own: it stands as the worst of the leaflets `inside`.
    """

    file: str
    faults: tuple[Fault, ...]
    identity: Identity | None
    standing: Standing
    reason: str
    built: Built
    overdue: date | None = None
    inside: tuple[Inside, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the file could be read at all."""
        return not any(fault.code in UNREADABLE for fault in self.faults)

    @property
    def good(self) -> bool:
        """Whether it can be handed out: whole, conformant and current."""
        current = self.standing is Standing.CURRENT and self.overdue is None
        return current and not self.faults and self.built is not Built.ALTERED

    @property
    def short_hash(self) -> str:
        """What to compare with the foot of the printed page."""
        return self.identity.digest[:SHORT_HASH] if self.identity else ""


UNREADABLE = frozenset({"unreadable", "encrypted"})


def verify(request: Request) -> Iterator[Verdict]:
    """Yield a verdict on each file, in the order asked.

    Files are opened in worker processes with limits of time and memory: they may be anything. Raises UsageError or SourceError
    where there is no library, PdfkitError where no process can be started.
    """
    library, manifest = catalogue.load(request.library), publish.look(request.out)
    limits = Limits(min(len(request.files), len(os.sched_getaffinity(0))), TIME_LIMIT)
    try:
        look = partial(examine, unarchived=_unarchived())
        outcomes = execute.run(look, enumerate(request.files), limits, prepare)
        examined = {outcome.name: outcome.result or _failed(outcome.error) for outcome in outcomes}
    except WorkersError as error:
        raise PdfkitError(f"no file can be opened here: {error}", hint="see what is missing: pdfkit doctor") from None
    for index, file in enumerate(request.files):
        yield _verdict(str(file), examined[index], library, manifest, request.as_of)


def prepare() -> None:
    """Make a worker ready: what pypdf would say of a broken file is said by the faults."""
    for reader in ("pypdf", "pikepdf"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)


def _failed(error: str) -> Examined:
    return Examined("", None, (Fault("unreadable", f"it could not be read: {error}"),))


def _unarchived() -> frozenset[str]:
    """Return the formats whose PDFs are no PDF/A."""
    formats = Layouts(packaged("layouts"), packaged("fonts")).formats
    return frozenset(name for name, format in formats.items() if not format.archival)


def examine(file: Path, unarchived: frozenset[str] = frozenset()) -> Examined:
    """Look into one file. Never raises: what is no PDF has faults that say so."""
    try:
        pdf = _bytes(file)
    except OSError as error:
        return _failed(error.strerror or type(error).__name__)
    sha256 = digest(pdf)
    if b"%PDF-" not in pdf[:1024]:
        words = "it is no PDF" if pdf else "it is empty"
        return Examined(sha256, None, (Fault("unreadable", words),))
    try:
        document = invariants.read(pdf)
    except UnreadableError as error:
        return Examined(sha256, None, (error.fault,))
    identity = _sane(metadata.identity_of(document.metadata()))
    if identity is None and (inside := tuple(_inside(document))):
        return Examined(sha256, None, tuple(map(_discreet, _claimed(pdf, document))), inside)
    profiles = [name for name in PROFILES if name == "ua1" or identity is None or identity.format not in unarchived]
    faults = [
        *_ending(pdf),
        *active.faults(pdf),
        *invariants.faults(document),
        *invariants.told(_validated(pdf, profiles)),
    ]
    if identity is None:
        return Examined(sha256, None, tuple(map(_discreet, faults)))
    return Examined(sha256, identity, (*faults, *_on_paper(identity, document)))


def _inside(document: Document) -> Iterator[tuple[int, Identity]]:
    """Yield the leaflets of a pack: each page that a leaflet begins on keeps the leaflet's metadata."""
    for number, found in enumerate(document.pages, start=1):
        identity = _sane(
            metadata.identity_of(objects.stream_data(objects.entry(objects.resolved(found), "/Metadata")) or b"")
        )
        if identity:
            yield number, identity


def _claimed(pdf: bytes, document: Document) -> Iterator[Fault]:
    """A pack is held to what it claims, which is nothing behind a letter without tags; what is asked of leaflets beyond that is not asked of letters."""
    claimed = claims.read(document.metadata())
    yield from _ending(pdf)
    yield from active.faults(pdf)
    profiles = [
        name for name, holds in (("ua1", claimed.ua), ("2a", (claimed.archive, claimed.level) == (2, "A"))) if holds
    ]
    yield from invariants.told(_validated(pdf, profiles))


def _sane(identity: Identity | None) -> Identity | None:
    """Return an identity that can be one: its words are short, and cannot pass for lines of an answer."""
    values = [value for value in asdict(identity).values() if isinstance(value, str)] if identity else []
    return identity if all(len(value) <= LONGEST and value.isprintable() for value in values) else None


def _ending(pdf: bytes) -> Iterator[Fault]:
    if b"%%EOF" not in pdf[-1024:]:
        yield Fault("truncated", "its end is missing")


def _on_paper(identity: Identity, document: Document) -> Iterator[Fault]:
    """Every page prints the short hash of what its metadata say that it is."""
    short_hash = identity.digest[:SHORT_HASH]
    feet = [short_hash in words for words in document.furniture().values()]
    if not all(feet):
        message = f"{feet.count(False)} of {len(feet)} pages do not print {short_hash}, which it says that it is"
        yield Fault("paper-differs", message)


def _bytes(file: Path) -> bytes:
    """Read a regular file of a sensible size. Raises OSError."""
    found = file.stat()
    if stat.S_ISDIR(found.st_mode):
        raise OSError(0, "it is a folder; name the files in it")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is no file")
    if found.st_size > LARGEST:
        raise OSError(0, f"it has more than {LARGEST >> 20} MB")
    return file.read_bytes()


def _validated(pdf: bytes, profiles: Iterable[str]) -> Iterator[Fault]:
    limits = page.SafetyLimits(max_reference_depth=DEPTH)
    for profile in profiles:
        called = PROFILES[profile]
        try:
            report = page.validate_pdf_bytes(pdf, profile=profile, limits=limits)
        except page.PageError as error:
            yield Fault("not-validated", f"whether it is {called} cannot be told: {error}")
            continue
        for failure in report.failures:
            yield Fault(failure.rule_id, f"not {called}: {failure.message}")


def _discreet(fault: Fault) -> Fault:
    """Leave out words of a file that is no leaflet: it may be a letter to a patient, and answers end up in logs."""
    return replace(fault, message=re.sub("“.*”", "“…”", fault.message, flags=re.S))


def _verdict(file: str, examined: Examined, library: Catalogue, manifest: Manifest, as_of: date) -> Verdict:
    identity = examined.identity
    if examined.inside:
        return _pack(file, examined, library, as_of)
    if identity is None:
        verdict = Verdict(file, examined.faults, None, Standing.UNKNOWN, "", _built(examined, manifest))
        reason = "it does not say which leaflet it is; if it should be one, print that anew"
        return replace(verdict, reason=reason) if verdict.readable else verdict
    standing, reason = stands(identity, library)
    overdue = _overdue(identity, library, as_of)
    return Verdict(file, examined.faults, identity, standing, reason, _built(examined, manifest), overdue)


_WORST_FIRST = (Standing.WITHDRAWN, Standing.UNKNOWN, Standing.SUPERSEDED, Standing.CURRENT)


def _pack(file: str, examined: Examined, library: Catalogue, as_of: date) -> Verdict:
    inside = tuple(
        Inside(number, identity, *stands(identity, library), _overdue(identity, library, as_of))
        for number, identity in examined.inside
    )
    standing = min((one.standing for one in inside), key=_WORST_FIRST.index)
    overdue = min((one.overdue for one in inside if one.overdue), default=None)
    behind = " behind a letter" if inside[0].page > 1 else ""
    reason = f"a pack: {len(inside)} {'leaflet' if len(inside) == 1 else 'leaflets'}{behind}"
    return Verdict(file, examined.faults, None, standing, reason, Built.NOT_LISTED, overdue, inside)


def _overdue(identity: Identity, library: Catalogue, as_of: date) -> date | None:
    leaflet = library.leaflets.get(identity.leaflet)
    due = leaflet.model.review_by if leaflet else None
    return due if due and due < as_of else None


def _built(examined: Examined, manifest: Manifest) -> Built:
    """Compare with what stands in the output folder: the same bytes, or others under the same name."""
    if any(entry.sha256 == examined.sha256 for entry in manifest.files.values()):
        return Built.SAME
    identity = examined.identity
    if identity and identity.personal:
        return Built.PERSONAL
    printing = _printing(identity) if identity else None
    entry = manifest.files.get(printing.path) if printing else None
    same_text = entry is not None and identity is not None and entry.digest == identity.digest
    return Built.ALTERED if same_text else Built.NOT_LISTED


def _printing(identity: Identity) -> Printing | None:
    if identity.variant not in list(Variant):
        return None
    key = EditionKey(identity.clinic, identity.leaflet, identity.language, Variant(identity.variant))
    return Printing(key, identity.format)


def stands(identity: Identity, library: Catalogue) -> tuple[Standing, str]:
    """Say how an edition stands to the library now, and why."""
    leaflet = library.leaflets.get(identity.leaflet)
    if leaflet is None:
        return Standing.UNKNOWN, f"there is no leaflet “{identity.leaflet}”{_renamed(identity, library)}"
    if leaflet.model.status is Status.WITHDRAWN:
        return Standing.WITHDRAWN, "the leaflet is withdrawn; hand it out no more"
    if successor := leaflet.model.superseded_by:
        return Standing.SUPERSEDED, f"“{successor}” took its place; print that instead"
    if unknown := _unknown(identity, leaflet, library):
        return Standing.UNKNOWN, unknown
    return _compared(identity, leaflet, library)


def _renamed(identity: Identity, library: Catalogue) -> str:
    names = [name for name, entry in library.leaflets.items() if entry.model.id == identity.id]
    return (
        f"; {identity.id} is now “{names[0]}”: print that"
        if names
        else catalogue.near(identity.leaflet, library.leaflets)
    )


def _unknown(identity: Identity, leaflet: LeafletEntry, library: Catalogue) -> str:
    """Say what of an edition the library does not have; nothing where it has all."""
    if identity.clinic not in library.clinics:
        return f"there is no clinic “{identity.clinic}”{catalogue.near(identity.clinic, library.clinics)}"
    if identity.language not in leaflet.translations:
        return f"the leaflet is not there in “{identity.language}”{catalogue.near(identity.language, leaflet.translations)}"
    printing = _printing(identity)
    if printing is None or printing not in set(editions.printings(library)):
        edition = f"{identity.language}, {identity.variant}, {identity.format}"
        return f"{identity.clinic} does not hand it out any more in {edition}; see who does: pdfkit list"
    return ""


def _compared(identity: Identity, leaflet: LeafletEntry, library: Catalogue) -> tuple[Standing, str]:
    printing = _printing(identity)
    assert printing
    try:
        now = editions.resolve(library, printing.edition)
    except SourceError as error:
        return Standing.UNKNOWN, f"the library cannot say what it should read: {error.findings[0]}"
    anew = f"print {printing.path} anew: pdfkit build {identity.leaflet} --clinic {identity.clinic}"
    if identity.version != leaflet.model.version:
        return Standing.SUPERSEDED, f"the library has version {leaflet.model.version}; {anew}"
    if identity.digest != now.digest:
        return Standing.SUPERSEDED, f"the text is another now, {now.digest[:SHORT_HASH]}; {anew}"
    return Standing.CURRENT, ""
