"""XMP metadata: PDF/UA beside PDF/A, and which leaflet a PDF is.

WeasyPrint claims PDF/A or PDF/UA, never both, and writes XMP that it is given as a second rdf:RDF, which is not XMP (ISO 16684-1, 7.4).
PDF/A requires a description of every schema that it does not define itself (ISO 19005-2, 6.6.2.3.3).
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

import pydyf
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pdfkit_cli.rendering.page import Identity
from pdfkit_cli.rendering.postprocess.pydyf_objects import resolve

__all__ = ["NAMESPACE", "Identity", "identity_of", "write_xmp", "xmp_description"]

NAMESPACE: Final = "https://pdfkit.invalid/ns/leaflet#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PDFUA: Final = "http://www.aiim.org/pdfua/ns/id/"

_LEAFLET_PROPERTIES: Final[Mapping[str, str]] = {
    "leaflet": "Name of the leaflet in its library",
    "id": "Document id of the leaflet",
    "version": "Version of the leaflet",
    "language": "Language of the text, BCP 47",
    "variant": "full or short",
    "clinic": "Name of the clinic that hands it out, in its library",
    "format": "Format that it is printed in",
    "digest": "SHA-256 of what the patient reads; its beginning is printed at the foot of each page",
}
_PERSONAL: Final = "personal"


def write_xmp(pdf: pydyf.PDF, descriptions: bytes) -> None:
    """Add descriptions to WeasyPrint's XMP. Raises ValueError if that is not one rdf:RDF.

    The metadata are not compressed, so that programs that do not know PDF can read them.
    """
    stream = resolve(pdf, pdf.catalog["Metadata"])
    (packet,) = stream.stream
    end = b"</rdf:RDF>"
    if packet.count(end) != 1:
        raise ValueError("the metadata are not one rdf:RDF")
    stream.stream = [packet.replace(end, descriptions + end)]
    stream.compress = False


def identity_of(xmp: bytes) -> Identity | None:
    """Return the identity that a PDF claims; None if its metadata do not contain it, or are not XML."""
    try:
        root = fromstring(xmp, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    names = [*_LEAFLET_PROPERTIES, _PERSONAL]
    found: dict[str, Any] = {}
    for description in root.iter(f"{{{RDF}}}Description"):
        for name in names:
            element, attribute = description.find(f"{{{NAMESPACE}}}{name}"), f"{{{NAMESPACE}}}{name}"
            value = description.get(attribute) if element is None else element.text
            if value:
                found.setdefault(name, value)
    personal = found.pop(_PERSONAL, "") == "True"
    return Identity(**found, personal=personal) if len(found) == len(_LEAFLET_PROPERTIES) else None


def xmp_description(identity: Identity | None) -> bytes:
    """Return the descriptions that are added to WeasyPrint's XMP."""
    found = [_description("pdfuaid", PDFUA, {"part": "1"})]
    if identity:
        values = asdict(identity)
        if values.pop(_PERSONAL):
            values[_PERSONAL] = "True"
        found.append(_description("pdfkit", NAMESPACE, values))
    return "".join((*found, _schemas(identity is not None, bool(identity and identity.personal)), "\n")).encode()


@cache
def _schemas(of_leaflets: bool, personal: bool) -> str:
    schemas = [
        _schema("PDF/UA identification schema", PDFUA, "pdfuaid", {"part": ("Integer", "internal", "Part of PDF/UA")})
    ]
    if of_leaflets:
        properties = {name: ("Text", "external", text) for name, text in _LEAFLET_PROPERTIES.items()}
        if personal:
            properties[_PERSONAL] = ("Boolean", "external", "Whether it was filled in for one patient")
        schemas.append(_schema("Leaflet identification schema", NAMESPACE, "pdfkit", properties))
    return _extension("".join(schemas))


def _description(prefix: str, namespace: str, values: Mapping[str, str]) -> str:
    inner = "".join(f"\n<{prefix}:{name}>{escape(value)}</{prefix}:{name}>" for name, value in values.items())
    return f'\n<rdf:Description xmlns:{prefix}="{namespace}" rdf:about="">{inner}\n</rdf:Description>'


def _extension(schemas: str) -> str:
    base = "http://www.aiim.org/pdfa/ns"
    return (
        f'\n<rdf:Description xmlns:pdfaExtension="{base}/extension/" xmlns:pdfaSchema="{base}/schema#"'
        f' xmlns:pdfaProperty="{base}/property#" rdf:about="">'
        f"\n<pdfaExtension:schemas><rdf:Bag>{schemas}\n</rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>"
    )


def _schema(title: str, namespace: str, prefix: str, properties: Mapping[str, tuple[str, str, str]]) -> str:
    inner = "".join(
        f'\n<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{escape(text)}</pdfaProperty:description></rdf:li>"
        for name, (kind, category, text) in properties.items()
    )
    return (
        f'\n<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{title}</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{inner}\n</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
