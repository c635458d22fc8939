"""Verifies finished PDFs: intact, standards-compliant, which leaflet each one is, and whether it is up to date."""

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
from pikepdf import settings

from pdfkit_cli.build import output_folder
from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.editions import EditionKey, OutputKey
from pdfkit_cli.content.library import LeafletEntry, Library
from pdfkit_cli.content.models import Status, Variant
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.content.yaml_source import sha256_hex
from pdfkit_cli.errors import PdfkitError, Problem, ProblemCode, SourceError
from pdfkit_cli.output.manifest import Manifest
from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.audit import AuditedPdf, AuditIssue, InvalidPdfError, active
from pdfkit_cli.pdf.merge import conformance
from pdfkit_cli.pdf.objects import entry, stream_data
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.postprocess import xmp
from pdfkit_cli.rendering.postprocess.xmp import Identity
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskLimits, WorkerPoolError

PROFILES = {"ua1": "PDF/UA-1", "2a": "PDF/A-2a"}
"""The standards that every leaflet claims, named as in page-validation."""

MAX_REFERENCES = 4096
"""Number of references that page-validation follows: with its default of 256 it misses the end of a long text."""

TIME_LIMIT = 60.0
"""Seconds allowed for one file; a leaflet takes less than one."""

MAX_FILE_BYTES = 100 << 20
"""Largest file in bytes that is read; a leaflet has some hundred thousand."""

MAX_DECODED_BYTES = 100 << 20
"""Largest size in bytes of a decoded stream."""

MAX_WORD_LENGTH = 100
"""Largest number of characters of one value in a file's metadata."""

SHORT_HASH_LENGTH = 8
"""Hexadecimal digits of the digest that are printed at the foot of each page."""


class EditionStatus(StrEnum):
    """Whether an edition is up to date with the library."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    RECALLED = "recalled"
    UNKNOWN = "unknown"


class ManifestStatus(StrEnum):
    """How a file compares with the manifest of the output folder, which never lists a copy filled in for a patient."""

    SAME = "same"
    ALTERED = "altered"
    PERSONAL = "personal"
    NOT_LISTED = "not-listed"


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The files to verify, the library and output folder to compare them with, and the day."""

    files: tuple[Path, ...]
    library: Path = Path("leaflets")
    out: Path = Path("dist")
    as_of: date = field(default_factory=date.today)


@dataclass(frozen=True, slots=True)
class FileExamination:
    """The result of examining the file alone."""

    sha256: str
    identity: Identity | None
    faults: tuple[AuditIssue, ...]
    inside: tuple[tuple[int, Identity], ...] = ()


@dataclass(frozen=True, slots=True)
class EnclosedLeaflet:
    """A leaflet in a pack: its first page, counted from 1, and whether it is up to date."""

    page: int
    identity: Identity
    standing: EditionStatus
    reason: str
    overdue: date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one file; `reason` is why it has this status and what to do, `overdue` when its review was due.

    A pack has no identity of its own: it has the worst status of the leaflets `inside`.
    """

    file: str
    faults: tuple[AuditIssue, ...]
    identity: Identity | None
    standing: EditionStatus
    reason: str
    built: ManifestStatus
    overdue: date | None = None
    inside: tuple[EnclosedLeaflet, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the file could be read at all."""
        return not any(fault.code in UNREADABLE_CODES for fault in self.faults)

    @property
    def met_bug(self) -> bool:
        """Whether a bug in pdfkit prevented the verification."""
        return any(fault.code == ProblemCode.INTERNAL for fault in self.faults)

    @property
    def good(self) -> bool:
        """Whether it can be handed out: intact, standards-compliant and up to date."""
        current = self.standing is EditionStatus.CURRENT and self.overdue is None
        return current and not self.faults and self.built is not ManifestStatus.ALTERED

    @property
    def short_hash(self) -> str:
        """The short hash to compare with the foot of the printed page."""
        return self.identity.digest[:SHORT_HASH_LENGTH] if self.identity else ""


UNREADABLE_CODES = frozenset({"unreadable", "encrypted", ProblemCode.INTERNAL})


def verify_files(request: VerifyRequest) -> Iterator[Verdict]:
    """Yield a verdict on each file, in the given order.

    Files are opened in worker processes with limits of time and memory, since they may be malicious.
    Raises UsageError or SourceError if there is no library, PdfkitError if no process can be started.
    """
    library, manifest = loader.load_library(request.library), output_folder.read_manifest(request.out)
    limits = TaskLimits(min(len(request.files), len(os.sched_getaffinity(0))), TIME_LIMIT)
    try:
        look = partial(examine, unarchived=_formats_without_pdfa(request.library))
        outcomes = worker_pool.run_tasks(look, enumerate(request.files), limits, init_worker)
        examined = {outcome.name: outcome.result or _failed_examination(outcome.problem) for outcome in outcomes}
    except WorkerPoolError as error:
        raise PdfkitError(f"no file can be opened here: {error}", hint="see what is missing: pdfkit doctor") from None
    for index, file in enumerate(request.files):
        yield _verdict(str(file), examined[index], library, manifest, request.as_of)


def init_worker() -> None:
    """Prepare a worker: silence pikepdf's log, since the issues report broken files."""
    logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
    settings.set_qpdf_limits(flate_max_memory=MAX_DECODED_BYTES)


def _failed_examination(error: object) -> FileExamination:
    code = ProblemCode.INTERNAL if isinstance(error, Problem) and error.is_bug else "unreadable"
    return FileExamination("", None, (AuditIssue(code, f"it could not be read: {error}"),))


def _formats_without_pdfa(library: Path) -> frozenset[str]:
    """Return the formats whose PDFs are not PDF/A."""
    formats = Layouts(packaged_folder("layouts"), packaged_folder("fonts"), library).formats
    return frozenset(name for name, format in formats.items() if not format.archival)


def examine(file: Path, unarchived: frozenset[str] = frozenset()) -> FileExamination:
    """Examine one file. Never raises: a file that is not a PDF has a fault."""
    try:
        pdf = _read_bytes(file)
    except OSError as error:
        return _failed_examination(error.strerror or type(error).__name__)
    sha256 = sha256_hex(pdf)
    if b"%PDF-" not in pdf[:1024]:
        words = "it is no PDF" if pdf else "it is empty"
        return FileExamination(sha256, None, (AuditIssue("unreadable", words),))
    try:
        document = audit.read_pdf(pdf)
    except InvalidPdfError as error:
        return FileExamination(sha256, None, (error.issue,))
    identity = _plausible_identity(xmp.identity_of(document.metadata()))
    if identity is None and (inside := tuple(_enclosed_leaflets(document))):
        return FileExamination(sha256, None, tuple(map(_redact, _check_claims(pdf, document))), inside)
    profiles = [name for name in PROFILES if name == "ua1" or identity is None or identity.format not in unarchived]
    faults = [
        *_file_ending(pdf),
        *active.active_content_issues(pdf),
        *audit.audit_document(document),
        *audit.limit_repeats(_check_profiles(pdf, profiles)),
    ]
    if identity is None:
        return FileExamination(sha256, None, tuple(map(_redact, faults)))
    return FileExamination(sha256, identity, (*faults, *_check_printed_hash(identity, document)))


def _enclosed_leaflets(document: AuditedPdf) -> Iterator[tuple[int, Identity]]:
    """Yield the leaflets of a pack: the first page of each leaflet keeps the leaflet's metadata."""
    for number, found in enumerate(document.pages, start=1):
        identity = _plausible_identity(xmp.identity_of(stream_data(entry(found, "/Metadata"))))
        if identity:
            yield number, identity


def _check_claims(pdf: bytes, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check a pack against the standards that it claims: none if its letter has no tags.

    pdfkit's own rules for leaflets do not apply to letters.
    """
    claimed = conformance.read_conformance(document.metadata())
    yield from _file_ending(pdf)
    yield from active.active_content_issues(pdf)
    profiles = [
        name for name, holds in (("ua1", claimed.ua), ("2a", (claimed.archive, claimed.level) == (2, "A"))) if holds
    ]
    yield from audit.limit_repeats(_check_profiles(pdf, profiles))


def _plausible_identity(identity: Identity | None) -> Identity | None:
    """Return an identity if it is plausible: its values are short and cannot be mistaken for lines of the output."""
    values = [value for value in asdict(identity).values() if isinstance(value, str)] if identity else []
    return identity if all(len(value) <= MAX_WORD_LENGTH and value.isprintable() for value in values) else None


def _file_ending(pdf: bytes) -> Iterator[AuditIssue]:
    if b"%%EOF" not in pdf[-1024:]:
        yield AuditIssue("truncated", "its end is missing")


def _check_printed_hash(identity: Identity, document: AuditedPdf) -> Iterator[AuditIssue]:
    """Check that every page prints the short hash of the text named in the metadata."""
    short_hash = identity.digest[:SHORT_HASH_LENGTH]
    feet = [short_hash in words for words in document.page_furniture().values()]
    if not all(feet):
        message = f"{feet.count(False)} of {len(feet)} pages do not print {short_hash}, the hash in its metadata"
        yield AuditIssue("paper-differs", message)


def _read_bytes(file: Path) -> bytes:
    """Read a regular file of a sensible size. Raises OSError."""
    found = file.stat()
    if stat.S_ISDIR(found.st_mode):
        raise OSError(0, "it is a folder; name the files in it")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is no file")
    if found.st_size > MAX_FILE_BYTES:
        raise OSError(0, f"it has more than {MAX_FILE_BYTES >> 20} MB")
    return file.read_bytes()


def _check_profiles(pdf: bytes, profiles: Iterable[str]) -> Iterator[AuditIssue]:
    limits = page.SafetyLimits(max_reference_depth=MAX_REFERENCES)
    for profile in profiles:
        called = PROFILES[profile]
        try:
            report = page.validate_pdf_bytes(pdf, profile=profile, limits=limits)
        except page.PageError as error:
            yield AuditIssue("not-validated", f"whether it is {called} cannot be checked: {error}")
            continue
        for failure in report.failures:
            yield AuditIssue(failure.rule_id, f"not {called}: {failure.message}")


def _redact(fault: AuditIssue) -> AuditIssue:
    """Redact text from a file that is not a leaflet: it may be a letter to a patient, and the output may be logged."""
    return replace(fault, message=re.sub("“.*”", "“…”", fault.message, flags=re.S))


def _verdict(file: str, examined: FileExamination, library: Library, manifest: Manifest, as_of: date) -> Verdict:
    identity = examined.identity
    if examined.inside:
        return _pack_verdict(file, examined, library, as_of)
    if identity is None:
        verdict = Verdict(file, examined.faults, None, EditionStatus.UNKNOWN, "", _manifest_status(examined, manifest))
        reason = "it does not identify a leaflet; if it should be one, print it again"
        return replace(verdict, reason=reason) if verdict.readable else verdict
    standing, reason = edition_status(identity, library)
    overdue = _overdue(identity, library, as_of)
    return Verdict(file, examined.faults, identity, standing, reason, _manifest_status(examined, manifest), overdue)


_WORST_FIRST = (
    EditionStatus.RECALLED,
    EditionStatus.WITHDRAWN,
    EditionStatus.UNKNOWN,
    EditionStatus.SUPERSEDED,
    EditionStatus.CURRENT,
)


def _pack_verdict(file: str, examined: FileExamination, library: Library, as_of: date) -> Verdict:
    inside = tuple(
        EnclosedLeaflet(number, identity, *edition_status(identity, library), _overdue(identity, library, as_of))
        for number, identity in examined.inside
    )
    standing = min((one.standing for one in inside), key=_WORST_FIRST.index)
    overdue = min((one.overdue for one in inside if one.overdue), default=None)
    behind = " after a letter" if inside[0].page > 1 else ""
    reason = f"a pack: {len(inside)} {'leaflet' if len(inside) == 1 else 'leaflets'}{behind}"
    return Verdict(file, examined.faults, None, standing, reason, ManifestStatus.NOT_LISTED, overdue, inside)


def _overdue(identity: Identity, library: Library, as_of: date) -> date | None:
    leaflet = library.leaflets.get(identity.leaflet)
    due = leaflet.model.review_by if leaflet else None
    return due if due and due < as_of else None


def _manifest_status(examined: FileExamination, manifest: Manifest) -> ManifestStatus:
    """Compare with the output folder: the same bytes, or other bytes under the same name."""
    if any(entry.sha256 == examined.sha256 for entry in manifest.files.values()):
        return ManifestStatus.SAME
    identity = examined.identity
    if identity and identity.personal:
        return ManifestStatus.PERSONAL
    output_key = _output_key(identity) if identity else None
    entry = manifest.files.get(output_key.path) if output_key else None
    same_text = entry is not None and identity is not None and entry.digest == identity.digest
    return ManifestStatus.ALTERED if same_text else ManifestStatus.NOT_LISTED


def _output_key(identity: Identity) -> OutputKey | None:
    if identity.variant not in list(Variant):
        return None
    key = EditionKey(identity.clinic, identity.leaflet, identity.language, Variant(identity.variant))
    return OutputKey(key, identity.format)


def edition_status(identity: Identity, library: Library) -> tuple[EditionStatus, str]:
    """Return whether an edition is up to date, and why not."""
    recall = library.recall_of(identity.id)
    if recall and recall.covers(identity.version):
        return EditionStatus.RECALLED, f"versions below {recall.below} were recalled on {recall.date}: {recall.because}"
    leaflet = library.leaflets.get(identity.leaflet)
    if leaflet is None:
        return EditionStatus.UNKNOWN, f"there is no leaflet “{identity.leaflet}”{_renamed(identity, library)}"
    if leaflet.model.status is Status.WITHDRAWN:
        return EditionStatus.WITHDRAWN, "the leaflet is withdrawn; hand it out no more"
    if successor := leaflet.model.superseded_by:
        return EditionStatus.SUPERSEDED, f"“{successor}” took its place; print that instead"
    if unknown := _unknown_reason(identity, leaflet, library):
        return EditionStatus.UNKNOWN, unknown
    return _compare_editions(identity, leaflet, library)


def _renamed(identity: Identity, library: Library) -> str:
    names = [name for name, entry in library.leaflets.items() if entry.model.id == identity.id]
    return (
        f"; {identity.id} is now “{names[0]}”: print that"
        if names
        else did_you_mean(identity.leaflet, library.leaflets)
    )


def _unknown_reason(identity: Identity, leaflet: LeafletEntry, library: Library) -> str:
    """Return which part of an edition the library lacks; empty if it has all."""
    if identity.clinic not in library.clinics:
        return f"there is no clinic “{identity.clinic}”{did_you_mean(identity.clinic, library.clinics)}"
    if identity.language not in leaflet.translations:
        return (
            f"the leaflet is not there in “{identity.language}”{did_you_mean(identity.language, leaflet.translations)}"
        )
    output_key = _output_key(identity)
    if output_key is None or output_key not in set(editions.output_keys(library)):
        edition = f"{identity.language}, {identity.variant}, {identity.format}"
        return f"{identity.clinic} does not hand it out any more in {edition}; see who does: pdfkit list"
    return ""


def _compare_editions(identity: Identity, leaflet: LeafletEntry, library: Library) -> tuple[EditionStatus, str]:
    output_key = _output_key(identity)
    assert output_key
    try:
        now = editions.resolve_edition(library, output_key.edition)
    except SourceError as error:
        return EditionStatus.UNKNOWN, f"its current text cannot be determined: {error.findings[0]}"
    anew = f"print {output_key.path} again: pdfkit build {identity.leaflet} --clinic {identity.clinic}"
    if identity.version != leaflet.model.version:
        return EditionStatus.SUPERSEDED, f"the library has version {leaflet.model.version}; {anew}"
    if identity.digest != now.digest:
        return EditionStatus.SUPERSEDED, f"the text has changed: it is now {now.digest[:SHORT_HASH_LENGTH]}; {anew}"
    return EditionStatus.CURRENT, ""
