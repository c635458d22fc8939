"""Attaches files to a PDF, as associated files that belong to all of it (ISO 19005-3, 6.8)."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ByteStringObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from pdfkit_cli.pdf.joining import PRODUCER, claims
from pdfkit_cli.pdf.joining.claims import Claims
from pdfkit_cli.pdf.joining.copying import BROKEN, Copier, Objects, array, dictionary, get, items, raw, resolve
from pdfkit_cli.pdf.joining.trees import names


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF to attach: its bytes, the name that it is saved under, the words that a viewer shows beside it."""

    pdf: bytes
    name: str
    description: str


def embed(pdf: bytes, files: Sequence[Attachment], claimed: Claims, title: str, language: str) -> tuple[bytes, Claims]:
    """Return a PDF with files attached, and what it may claim then: `claimed` is what it claimed before.

    A name that is taken gets a number. Viewers show the list of attachments when they open it.
    """
    reader, objects = PdfReader(BytesIO(pdf)), Objects()
    copier, root = Copier(reader, objects, 0), objects.reserve()
    copier.place(raw(reader.trailer, "/Root"), root)
    catalog = copier.copy(resolve(raw(reader.trailer, "/Root")))
    known = names(catalog, "/EmbeddedFiles")
    added = []
    for file in files:
        specification = objects.add(_specification(objects, file, _free(file.name, known)))
        known[str(resolve(specification)["/UF"])] = specification
        added.append(specification)
    trees = get(catalog, "/Names") or DictionaryObject()
    trees[NameObject("/EmbeddedFiles")] = _name_tree(objects, known)
    catalog[NameObject("/Names")] = trees
    catalog[NameObject("/AF")] = array(*items(raw(catalog, "/AF")), *added)
    catalog[NameObject("/PageMode")] = NameObject("/UseAttachments")
    claimed = _claims(claimed, files)
    metadata = StreamObject()
    metadata._data = claims.write(claimed, title, language, PRODUCER)
    metadata.update(dictionary(Type=NameObject("/Metadata"), Subtype=NameObject("/XML")))
    catalog[NameObject("/Metadata")] = objects.add(metadata)
    objects.put(root, catalog)
    return objects.write(root, copier.copy(raw(reader.trailer, "/Info"))), claimed


def _claims(claimed: Claims, files: Iterable[Attachment]) -> Claims:
    """Return what a PDF may claim with attachments.

    PDF/A-1 lets nothing be attached (ISO 19005-1, 6.1.11), PDF/A-2 only PDF/A-1 and PDF/A-2 (ISO 19005-2, 6.8), PDF/A-3 anything. It differs
    from PDF/A-2 in nothing else. PDF/UA says nothing of what is in them.
    """
    if claimed.archive == 2 and not all(_claims_of(file.pdf).archive in (1, 2) for file in files):
        return replace(claimed, archive=3)
    return Claims(claimed.ua) if claimed.archive == 1 else claimed


def _claims_of(pdf: bytes) -> Claims:
    try:
        metadata = get(PdfReader(BytesIO(pdf)).trailer["/Root"], "/Metadata")
        return claims.read(metadata.get_data())
    except BROKEN:
        return Claims()


def _specification(objects: Objects, file: Attachment, name: str) -> DictionaryObject:
    stream = EncodedStreamObject()
    stream._data = zlib.compress(file.pdf)
    digest = ByteStringObject(
        hashlib.md5(file.pdf, usedforsecurity=False).digest()
    )  # what ISO 32000-1, 7.11.4 asks for
    parameters = dictionary(Size=NumberObject(len(file.pdf)), CheckSum=digest)
    if (changed := _changed(file.pdf)) is not None:
        parameters[NameObject("/ModDate")] = changed
    stream.update(
        dictionary(
            Type=NameObject("/EmbeddedFile"),
            Subtype=NameObject("/application/pdf"),
            Filter=NameObject("/FlateDecode"),
            Params=parameters,
        )
    )
    reference = objects.add(stream)
    return dictionary(
        Type=NameObject("/Filespec"),
        F=TextStringObject(name),
        UF=TextStringObject(name),
        Desc=TextStringObject(file.description),
        AFRelationship=NameObject("/Supplement"),
        EF=dictionary(F=reference, UF=reference),
    )


def _changed(pdf: bytes) -> Any:
    """Return when a PDF says that it was changed last, as it stands there."""
    try:
        info = get(PdfReader(BytesIO(pdf)).trailer, "/Info")
    except BROKEN:
        return None
    date = get(info, "/ModDate") or get(info, "/CreationDate")
    return date if isinstance(date, TextStringObject) else None


def _name_tree(objects: Objects, values: dict[str, Any]) -> IndirectObject:
    pairs = [part for name in sorted(values) for part in (TextStringObject(name), values[name])]
    kid = objects.add(dictionary(Names=array(*pairs), Limits=array(pairs[0], pairs[-2])))
    return objects.add(dictionary(Kids=array(kid)))


def _free(name: str, taken: dict[str, Any]) -> str:
    """Return the name, or one like it that nobody has."""
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem} ({number}){dot}{suffix}"
    return free
