"""Attaches files to a PDF, as associated files that belong to all of it (ISO 19005-3, 6.8)."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.pdf.joining import PRODUCER, claims, dates, reading, written
from pdfkit_cli.pdf.joining.claims import Claims
from pdfkit_cli.pdf.joining.navigation import free_name, plain
from pdfkit_cli.pdf.joining.reading import BROKEN, entries, get, items, raw, text
from pdfkit_cli.pdf.joining.trees import name_tree, names


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF to attach: its bytes, the name that it is saved under, the words that a viewer shows beside it."""

    pdf: bytes
    name: str
    description: str


def embed(pdf: bytes, files: Sequence[Attachment], claimed: Claims, title: str, language: str) -> tuple[bytes, Claims]:
    """Return a joined PDF with files attached, and what it may claim then: `claimed` is what it claimed before.

    A name that is taken gets a number. Viewers show the list of attachments when they open it.
    """
    opened = reading.opened(pdf)
    catalog: Any = opened.Root
    known: dict[bytes, Any] = dict(names(catalog, "/EmbeddedFiles"))
    taken = dict.fromkeys(known) | dict.fromkeys(_shown(known.values()))
    added = []
    for file in files:
        name = free_name(bytes(String(file.name)), taken)
        known[name] = opened.make_indirect(_specification(opened, file, name))
        taken[name] = None
        added.append(known[name])
    trees = get(catalog, "/Names") or Dictionary()
    trees.EmbeddedFiles = name_tree(opened, known)
    catalog.Names, catalog.AF = trees, Array([*items(get(catalog, "/AF")), *added])
    catalog.PageMode = Name.UseAttachments
    allowed = _claims(claimed, files)
    said = {key[1:]: text(value) for key, value in entries(get(opened.trailer, "/Info"))}
    changed = max(dates.read(opened.trailer), default=None)
    metadata = claims.write(allowed, said.get("Title", title), language, PRODUCER, dates.xmp(changed), said)
    catalog.Metadata = opened.make_stream(metadata, Type=Name.Metadata, Subtype=Name.XML)
    return written(opened, allowed), allowed


def _shown(files: Iterable[Any]) -> Iterable[bytes]:
    """Yield the names that viewers show of attachments, which need not be those of the name tree."""
    for file in files:
        for key in ("/F", "/UF"):
            if (name := raw(get(file, key))) is not None:
                yield plain(name)


def _claims(claimed: Claims, files: Iterable[Attachment]) -> Claims:
    """Return what a PDF may claim with attachments.

    PDF/A-1 lets nothing be attached (ISO 19005-1, 6.1.11), PDF/A-2 only PDF/A-1 and PDF/A-2 (ISO 19005-2, 6.8), PDF/A-3 anything. It differs
    from PDF/A-2 in nothing else. PDF/A-4 takes PDF/A-1, 2 and 4, and PDF/A-4f anything (ISO 19005-4, 6.9). PDF/UA says nothing of what is in
    them.
    """
    attached = {_claims_of(file.pdf).archive for file in files}
    if claimed.archive == 2 and not attached <= {1, 2}:
        return replace(claimed, archive=3)
    if claimed.archive == 4 and not attached <= {1, 2, 4}:
        return replace(claimed, level="F")
    return Claims(claimed.ua) if claimed.archive == 1 else claimed


def _claims_of(pdf: bytes) -> Claims:
    try:
        opened = reading.opened(pdf)
        return claims.read(reading.data(get(opened.Root, "/Metadata")))
    except BROKEN:
        return Claims()


def _specification(pdf: Pdf, file: Attachment, name: bytes) -> Dictionary:
    digest = hashlib.md5(file.pdf, usedforsecurity=False).digest()  # what ISO 32000-1, 7.11.4 asks for
    parameters = Dictionary(Size=len(file.pdf), CheckSum=String(digest))
    if (changed := _changed(file.pdf)) is not None:
        parameters.ModDate = String(changed)
    stream = pdf.make_stream(
        zlib.compress(file.pdf),
        Type=Name.EmbeddedFile,
        Subtype=Name("/application/pdf"),
        Filter=Name.FlateDecode,
        Params=parameters,
    )
    return Dictionary(
        Type=Name.Filespec,
        F=String(name),
        UF=String(name),
        Desc=String(file.description),
        AFRelationship=Name.Supplement,
        EF=Dictionary(F=stream, UF=stream),
    )


def _changed(pdf: bytes) -> bytes | None:
    """Return when a PDF says that it was changed last, as it is written there."""
    try:
        opened = reading.opened(pdf)
        info = get(opened.trailer, "/Info")
        return raw(get(info, "/ModDate")) or raw(get(info, "/CreationDate"))
    except BROKEN:
        return None
