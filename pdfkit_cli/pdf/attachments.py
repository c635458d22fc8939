"""Attaches files to a PDF, as associated files of the document (ISO 19005-3, 6.8)."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, String

from pdfkit_cli.pdf import objects
from pdfkit_cli.pdf.merge import PRODUCER, conformance, dates, write_merged
from pdfkit_cli.pdf.merge.conformance import Conformance
from pdfkit_cli.pdf.merge.outlines import unique_file_name, utf8_name
from pdfkit_cli.pdf.objects import PDF_ERRORS, array_items, as_bytes, as_text, entry, sorted_entries
from pdfkit_cli.pdf.tree_walk import make_name_tree, tree_names


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF to attach: its bytes, its file name, and the description that a viewer shows next to it."""

    pdf: bytes
    name: str
    description: str


def attach_files(
    pdf: bytes, files: Sequence[Attachment], claimed: Conformance, title: str, language: str
) -> tuple[bytes, Conformance]:
    """Return a merged PDF with attachments, and what it may claim with them; `claimed` is what it claimed before.

    A name that is taken gets a number. Viewers show the list of attachments when they open the PDF.
    """
    opened = objects.open_pdf(pdf)
    catalog: Any = opened.Root
    known: dict[bytes, Any] = dict(tree_names(catalog, "/EmbeddedFiles"))
    taken = dict.fromkeys(known) | dict.fromkeys(_viewer_names(known.values()))
    infos = [_read_info(file.pdf) for file in files]
    added = []
    for file, info in zip(files, infos, strict=True):
        name = unique_file_name(bytes(String(file.name)), taken)
        known[name] = opened.make_indirect(_file_specification(opened, file, name, info.changed))
        taken[name] = None
        added.append(known[name])
    trees = entry(catalog, "/Names") or Dictionary()
    trees.EmbeddedFiles = make_name_tree(opened, known)
    catalog.Names, catalog.AF = trees, Array([*array_items(entry(catalog, "/AF")), *added])
    catalog.PageMode = Name.UseAttachments
    allowed = _conformance_with_attachments(claimed, {info.archive for info in infos})
    information = {key[1:]: as_text(value) for key, value in sorted_entries(entry(opened.trailer, "/Info"))}
    changed = max(dates.read_dates(opened.trailer), default=None)
    title = information.get("Title", title)
    metadata = conformance.write_xmp(allowed, title, language, PRODUCER, dates.xmp_date(changed), information)
    catalog.Metadata = opened.make_stream(metadata, Type=Name.Metadata, Subtype=Name.XML)
    return write_merged(opened, allowed), allowed


def _viewer_names(files: Iterable[Any]) -> Iterable[bytes]:
    """Yield the names of attachments that viewers show, which may differ from those in the name tree."""
    for file in files:
        for key in ("/F", "/UF"):
            if (name := as_bytes(entry(file, key))) is not None:
                yield utf8_name(name)


@dataclass(frozen=True, slots=True)
class _AttachmentInfo:
    """What an attached PDF states: the part of PDF/A that it claims, and its modification date, or else its creation date."""

    archive: int = 0
    changed: bytes | None = None


def _read_info(pdf: bytes) -> _AttachmentInfo:
    try:
        opened = objects.open_pdf(pdf)
        claimed = conformance.read_conformance(objects.stream_data(entry(opened.Root, "/Metadata")))
        info = entry(opened.trailer, "/Info")
        return _AttachmentInfo(
            claimed.archive, as_bytes(entry(info, "/ModDate")) or as_bytes(entry(info, "/CreationDate"))
        )
    except PDF_ERRORS:
        return _AttachmentInfo()


def _conformance_with_attachments(claimed: Conformance, attached: Set[int]) -> Conformance:
    """Return what a PDF may claim with attachments.

    PDF/A-1 allows no attachments (ISO 19005-1, 6.1.11), PDF/A-2 only PDF/A-1 and PDF/A-2 (ISO 19005-2, 6.8), and
    PDF/A-3, which does not differ from PDF/A-2 otherwise, allows any.
    PDF/A-4 allows PDF/A-1, 2 and 4, and PDF/A-4f any (ISO 19005-4, 6.9). PDF/UA makes no demands on attachments.
    """
    if claimed.archive == 2 and not attached <= {1, 2}:
        return replace(claimed, archive=3)
    if claimed.archive == 4 and not attached <= {1, 2, 4}:
        return replace(claimed, level="F")
    return Conformance(claimed.ua) if claimed.archive == 1 else claimed


def _file_specification(pdf: Pdf, file: Attachment, name: bytes, changed: bytes | None) -> Dictionary:
    digest = hashlib.md5(file.pdf, usedforsecurity=False).digest()  # as ISO 32000-1, 7.11.4 requires
    parameters = Dictionary(Size=len(file.pdf), CheckSum=String(digest))
    if changed is not None:
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
