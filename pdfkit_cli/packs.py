"""A letter and its leaflets as one PDF: what a worker does for one pack. Called by `attach` and by whatever makes thousands."""

import os
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil
from pathlib import Path

from pdfkit_cli import letters
from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.pdf.joining import Joined, JoinError, Part, join

SAME_SIZE = 3.0
"""Points by which two pages may differ and still be the same paper."""


class PackError(PdfkitError):
    """The parts are each right, and cannot be one pack."""


class Channel(StrEnum):
    """How a pack reaches the patient."""

    PAPER = "paper"
    DIGITAL = "digital"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A built leaflet that goes behind a letter."""

    path: Path
    title: str
    format: str
    id: str = ""
    version: str = ""
    digest: str = ""
    clinic: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel takes: sheets in an envelope, bytes in a message; 0 is no limit."""

    sheets: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack to make: a letter (none: the leaflets alone), its leaflets in their order, and where the file goes."""

    letter: Path | None
    enclosures: tuple[Enclosure, ...]
    channel: Channel
    limits: Limits
    title: str
    out: Path
    unlock: bool = False


@dataclass(frozen=True, slots=True)
class Packed:
    """What was made: pages, sheets of paper printed on both sides, bytes; the pages of each part, to staple them (from 1, both ends)."""

    pages: int
    sheets: int
    bytes: int
    accessible: bool
    archivable: bool
    staple_sets: tuple[tuple[int, int], ...]
    left_out: tuple[str, ...]


def make(pack: Pack) -> Packed:
    """Make a pack and put it in place, whole or not at all, for its owner's eyes only.

    Raises LetterError and PackError, which name the letter's file and what to do, and say nothing of what is in it.
    """
    parts = _parts(pack)
    joined = _joined(pack, parts)
    packed = _packed(joined)
    _fits(pack, parts, joined, packed)
    _write(pack.out, joined.pdf)
    return packed


def _parts(pack: Pack) -> list[Part]:
    parts = []
    if pack.letter:
        letter = letters.read(pack.letter, unlock=pack.unlock)
        parts.append(Part(letter.pdf, pack.title, letter.language))
    for enclosure in pack.enclosures:
        try:
            parts.append(Part(enclosure.path.read_bytes(), enclosure.title))
        except OSError as error:
            raise PackError(
                f"{enclosure.path}: cannot be read: {error.strerror}", hint="build it again: pdfkit build"
            ) from None
    return parts


def _joined(pack: Pack, parts: list[Part]) -> Joined:
    files = [*([pack.letter] if pack.letter else []), *(enclosure.path for enclosure in pack.enclosures)]
    try:
        return join(parts, pack.title, front_sides=pack.channel is Channel.PAPER)
    except JoinError as error:
        raise PackError(f"{files[error.part or 0]}: {error}", hint=letters.MEND) from None
    except MemoryError:
        raise PackError(f"{files[0]}: it needs more memory than there is for a pack", hint=letters.MEND) from None


def _packed(joined: Joined) -> Packed:
    pages = joined.starts[-1]
    sets = tuple((first + 1, last) for first, last in pairwise(joined.starts))
    return Packed(
        pages=pages,
        sheets=ceil(pages / 2),
        bytes=len(joined.pdf),
        accessible=bool(joined.claims.ua),
        archivable=bool(joined.claims.archive),
        staple_sets=sets,
        left_out=tuple(sorted(joined.left_out)),
    )


def _fits(pack: Pack, parts: list[Part], joined: Joined, packed: Packed) -> None:
    """Raise PackError where the channel does not take it."""
    if pack.channel is Channel.PAPER:
        _one_paper(pack, joined)
        if pack.limits.sheets and packed.sheets > pack.limits.sheets:
            raise PackError(
                f"{pack.out.name}: {packed.sheets} sheets, and the envelope holds {pack.limits.sheets}",
                hint="leave a leaflet out, or use a larger envelope",
            )
    elif pack.limits.bytes and packed.bytes > pack.limits.bytes:
        heaviest = max(parts, key=lambda part: len(part.pdf))
        raise PackError(
            f"{pack.out.name}: {packed.bytes / 1e6:.2f} MB, and the channel takes {pack.limits.bytes / 1e6:.2f} MB; "
            f"most of it is “{heaviest.title}”, {len(heaviest.pdf) / 1e6:.2f} MB",
            hint="leave it out, send it by itself, or make its pictures smaller",
        )


def _one_paper(pack: Pack, joined: Joined) -> None:
    """A pack is printed in one go, on one size of paper, turned over one way."""
    for enclosure in pack.enclosures:
        if enclosure.format.endswith("booklet"):
            raise PackError(
                f"{pack.out.name}: “{enclosure.title}” is a booklet, which is turned over the short edge and folded",
                hint="take a format with single pages, or print the booklet by itself",
            )
    paper = sorted(joined.sizes[0])
    for (first, _), enclosure in zip(_enclosed(pack, joined), pack.enclosures, strict=True):
        if any(abs(one - other) > SAME_SIZE for one, other in zip(paper, sorted(joined.sizes[first]), strict=True)):
            raise PackError(
                f"{pack.out.name}: “{enclosure.title}” has another paper size than the first page",
                hint="take the leaflet in the letter's size with --format",
            )


def _enclosed(pack: Pack, joined: Joined) -> list[tuple[int, int]]:
    return list(pairwise(joined.starts))[1 if pack.letter else 0 :]


def _write(out: Path, pdf: bytes) -> None:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)  # of a process with the same number that was killed
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise PackError(
            f"{out}: cannot be written: {error.strerror}", hint="free some space, or choose another place"
        ) from None
    finally:
        part.unlink(missing_ok=True)
