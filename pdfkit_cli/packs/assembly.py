"""A letter and its leaflets as one or several PDFs: the work of a worker on one pack."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from pdfkit_cli.content.models import Channel, PackMode
from pdfkit_cli.errors import InternalError, PdfkitError
from pdfkit_cli.output import published_file
from pdfkit_cli.packs import letters
from pdfkit_cli.packs.problems import PackingError, passes_by_itself
from pdfkit_cli.pdf.attachments import Attachment, attach_files
from pdfkit_cli.pdf.fidelity import first_difference
from pdfkit_cli.pdf.merge import MergedPdf, MergeError, MergePart, merge
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.folders import FileStamp

_UNSAFE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
"""Characters that file names cannot contain on some systems."""

SIZE_TOLERANCE = 3.0
"""Points by which two pages of the same paper size may differ."""


A4 = (595.28, 841.89)
"""The paper of offices here, in points: if a letter is on another, it is the letter that has to change."""


class PackError(PackingError):
    """The parts are valid, but cannot be combined into one pack."""

    usual_kind = "failed"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A built leaflet to attach to a letter."""

    path: Path
    title: str
    id: str = ""
    version: str = ""
    digest: str = ""
    clinic: str = ""
    language: str = ""
    sha256: str = ""
    """SHA-256 of the file, as listed in the manifest: a different file is never packed. Empty if there is no manifest."""

    folded: bool = False
    """Whether its pages are imposed for folding, two or three on each side."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack to make: a letter (None for the leaflets alone), its leaflets in order, and the path of the file.

    `language` is the clinic's, which is assumed for letters that declare none.
    """

    letter: Path | None
    enclosures: tuple[Enclosure, ...]
    channel: Channel
    title: str
    out: Path
    unlock: bool = False
    way: PackMode = PackMode.JOIN
    language: str = ""
    seen: FileStamp | None = None
    """The expected state of the letter's file, if others may replace it."""


@dataclass(frozen=True, slots=True)
class PackResult:
    """The result of one pack: pages, sheets of paper printed on both sides, and bytes.

    `staple_sets` has the first and last page of each part, counted from 1.
    For several files, pages and bytes are totals, and `staple_sets` counts the pages of each file.
    `files` are their names. A pack that is `tagged` but not `accessible` does not claim conformance.
    """

    pages: int
    sheets: int
    bytes: int
    accessible: bool
    archivable: bool
    staple_sets: tuple[tuple[int, int], ...]
    left_out: tuple[str, ...]
    files: tuple[str, ...] = ()
    tagged: bool = False
    sha256: tuple[str, ...] = ()
    """SHA-256 of each file."""

    printed: bool = False
    """Whether the channel is on paper."""


def make_pack(pack: Pack) -> PackResult:
    """Make a pack and put it in place atomically, readable by its owner only.

    Its folder is made if it is missing, but not the folders above it.
    The files of a split pack are numbered from the letter on: `x.1.pdf`, `x.2.pdf`.
    Raises LetterError or PackError, which name the letter's file and the remedy, and contain no text of the letter.
    """
    try:
        files = _pack_files(pack)
        packed = _pack_result(pack.channel, files)
        _write_files({pack.out.with_name(name): joined.pdf for name, joined in files.items()})
        return packed
    except MergeError as error:
        raise PackError("merge", pack.letter or pack.out.name, fault=error.fault, reason=error) from None
    except (PdfkitError, MemoryError):
        raise
    except Exception as error:  # its message may contain text of the letter
        raise InternalError(fault_log.capture_fault(error), str(pack.letter or pack.out.name)) from None


def _pack_files(pack: Pack) -> dict[str, MergedPdf]:
    """Return the files of a pack by name.

    Raises PackError if the channel does not accept them, or if they do not show the letter as it is.
    """
    parts = _pack_parts(pack)
    _check_mode(pack, parts)
    files = _join_parts(pack, parts)
    if pack.letter:
        _check_letter_unchanged(pack, parts[0].pdf, next(iter(files.values())))
    return files


def _join_parts(pack: Pack, parts: list[MergePart]) -> dict[str, MergedPdf]:
    match pack.way:
        case PackMode.SPLIT:
            files = list(_split_files(pack, parts))
            if len(files) > pack.channel.files:
                raise PackError("files", pack.out.name, count=len(files), most=pack.channel.files)
            return {f"{pack.out.stem}.{number}.pdf": joined for number, joined in enumerate(files, start=1)}
        case PackMode.EMBED:
            joined = _embed_leaflets(pack, parts)
        case _:
            joined = merge(parts, pack.title, front_sides=pack.channel.sides == 2)
    _check_file_limits(pack, parts, joined)
    return {pack.out.name: joined}


def _check_letter_unchanged(pack: Pack, letter: bytes, joined: MergedPdf) -> None:
    """Raise PackError if another PDF reader sees a difference between the letter and its pages in the pack."""
    if difference := first_difference(letter, joined.pdf, joined.starts[1]):
        code = "page-differs" if difference.page else "letter-differs"
        raise PackError(code, pack.letter, kind="differs", page=difference.page, aspect=difference.aspect)


def _check_mode(pack: Pack, parts: list[MergePart]) -> None:
    if pack.way not in pack.channel.allowed_ways:
        able, code = " or ".join(pack.channel.allowed_ways), "paper-one-file" if pack.channel.sides else "way-refused"
        raise PackError(code, pack.out.name, able=able, way=pack.way)
    if not parts or (pack.way is PackMode.EMBED and not pack.letter):
        raise PackError("nothing-to-embed", pack.out.name)


def _split_files(pack: Pack, parts: list[MergePart]) -> Iterator[MergedPdf]:
    """Yield files with as many parts each as the limit allows, in order."""
    waiting = list(parts)
    while waiting:
        # Merged parts are seldom larger than their sum: this estimate is nearly always right, and one more part is tried.
        sizes = accumulate(len(part.pdf) for part in waiting)
        count = max(1, sum(not pack.channel.megabytes or size <= pack.channel.max_bytes for size in sizes))
        joined = _first_parts(pack, waiting, count)
        while count > 1 and not _small(pack, joined):
            count -= 1
            joined = _first_parts(pack, waiting, count)
        while count < len(waiting) and _small(pack, longer := _first_parts(pack, waiting, count + 1)):
            joined, count = longer, count + 1
        _check_file_limits(pack, waiting[:count], joined)
        yield joined
        del waiting[:count]


def _first_parts(pack: Pack, parts: list[MergePart], count: int) -> MergedPdf:
    return merge(parts[:count], parts[0].title)


def _small(pack: Pack, joined: MergedPdf) -> bool:
    return not pack.channel.megabytes or len(joined.pdf) <= pack.channel.max_bytes


def _embed_leaflets(pack: Pack, parts: list[MergePart]) -> MergedPdf:
    letter = merge(parts[:1], pack.title)
    files = [
        Attachment(part.pdf, f"{_UNSAFE_NAME.sub(' ', enclosure.title)}.pdf", enclosure.title)
        for part, enclosure in zip(parts[1:], pack.enclosures, strict=True)
    ]
    pdf, claims = attach_files(letter.pdf, files, letter.claims, pack.title, parts[0].language)
    return replace(letter, pdf=pdf, claims=claims)


def _pack_parts(pack: Pack) -> list[MergePart]:
    parts = []
    if pack.letter:
        letter = letters.read_letter(pack.letter, unlock=pack.unlock, seen=pack.seen)
        parts.append(MergePart(letter.pdf, pack.title, letter.language or _pack_language(pack), letter.information))
    for enclosure in pack.enclosures:
        try:
            path, sha256 = enclosure.path, enclosure.sha256
            pdf = published_file.read_verified(path, sha256) if sha256 else path.read_bytes()
        except OSError as error:
            passing = passes_by_itself(error)
            raise PackError("leaflet-unreadable", enclosure.path, passing=passing, reason=error.strerror) from None
        parts.append(MergePart(pdf, enclosure.title))
    return parts


def _pack_language(pack: Pack) -> str:
    """Return the language of a letter that declares none: its clinic's, else that of its leaflets."""
    return pack.language or next((enclosure.language for enclosure in pack.enclosures if enclosure.language), "")


def _pack_result(channel: Channel, files: dict[str, MergedPdf]) -> PackResult:
    made = files.values()
    pages = sum(joined.starts[-1] for joined in made)
    return PackResult(
        pages=pages,
        sheets=channel.sheets_of(pages),
        bytes=sum(len(joined.pdf) for joined in made),
        accessible=all(joined.claims.ua for joined in made),
        archivable=all(joined.claims.archive for joined in made),
        staple_sets=tuple((first + 1, last) for joined in made for first, last in pairwise(joined.starts)),
        left_out=tuple(sorted({left for joined in made for left in joined.left_out})),
        files=tuple(files),
        tagged=all(joined.tagged for joined in made),
        sha256=tuple(hashlib.sha256(joined.pdf).hexdigest() for joined in made),
        printed=bool(channel.sides),
    )


def _check_file_limits(pack: Pack, parts: list[MergePart], joined: MergedPdf) -> None:
    """Raise PackError if the channel does not accept a file."""
    channel, size = pack.channel, len(joined.pdf)
    if channel.sides:
        _check_paper(pack, joined)
        sheets = channel.sheets_of(joined.starts[-1])
        if channel.sheets and sheets > channel.sheets:
            raise PackError("sheets", pack.out.name, sheets=sheets, most=channel.sheets)
    if channel.megabytes and size > channel.max_bytes:
        heaviest = max(parts, key=lambda part: len(part.pdf))
        megabytes: dict[str, float] = {"size": size / 1e6, "most": channel.megabytes, "part": len(heaviest.pdf) / 1e6}
        figures: dict[str, Any] = {name: f"{figure:.2f}" for name, figure in megabytes.items()}
        raise PackError("megabytes", pack.out.name, title=heaviest.title, **figures)


def _check_paper(pack: Pack, joined: MergedPdf) -> None:
    """Raise PackError unless a pack can be printed in one go: on one size of paper, turned over the same way."""
    for enclosure in pack.enclosures:
        if enclosure.folded:
            raise PackError("booklet", pack.out.name, kind="booklet", title=enclosure.title)
    paper = sorted(joined.sizes[0])
    for (first, _), enclosure in zip(_enclosure_ranges(pack, joined), pack.enclosures, strict=True):
        sheet = sorted(joined.sizes[first])
        if not _is_paper(paper, sheet):
            of_letter = pack.letter and _is_paper(sheet, A4) and not _is_paper(paper, A4)
            kind = "letter-paper" if of_letter else "paper"
            raise PackError("paper-size", pack.out.name, kind=kind, title=enclosure.title)


def _is_paper(size: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(one - two) <= SIZE_TOLERANCE for one, two in zip(size, other, strict=True))


def _enclosure_ranges(pack: Pack, joined: MergedPdf) -> list[tuple[int, int]]:
    return list(pairwise(joined.starts))[1 if pack.letter else 0 :]


def _write_files(files: dict[Path, bytes]) -> None:
    parts = {out.with_name(f".{out.name}.{os.getpid()}.part"): out for out in files}
    try:
        for part, out in parts.items():
            out.parent.mkdir(exist_ok=True)
            part.unlink(missing_ok=True)  # left by a killed process that had the same number
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(files[out])
                file.flush()
                os.fsync(file.fileno())
        for part, out in parts.items():
            part.replace(out)
    except OSError as error:
        out, passing = next(iter(files)), passes_by_itself(error)
        raise PackError("pack-unwritable", out, passing=passing, reason=error.strerror) from None
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
