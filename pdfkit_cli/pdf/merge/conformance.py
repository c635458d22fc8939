"""The claims of a PDF in its XMP metadata: PDF/UA and PDF/A. A pack may claim only what every part claims."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"

_NO_CONFORMANCE: Mapping[str, str] = {}
_ELEMENTS = {
    "Title": '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title>',
    "Author": "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>",
    "Subject": '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>',
    "Keywords": "<pdf:Keywords>{}</pdf:Keywords>",
    "Creator": "<xmp:CreatorTool>{}</xmp:CreatorTool>",
    "Producer": "<pdf:Producer>{}</pdf:Producer>",
}
"""The XMP element for each entry of the information dictionary: the two must agree (ISO 19005-1, 6.7.3)."""


@dataclass(frozen=True, slots=True)
class Conformance:
    """PDF/UA part (0 is none); PDF/A part (0 is none) and its level, which plain PDF/A-4 does not have."""

    ua: int = 0
    archive: int = 0
    level: str = ""


def read_conformance(xmp: bytes) -> Conformance:
    """Return what metadata claim; nothing where they cannot be read."""
    try:
        root = ElementTree.fromstring(xmp)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        return Conformance()
    values: dict[str, str] = {}
    for description in root.iter(f"{RDF}Description"):
        values |= description.attrib
        values |= {child.tag: (child.text or "").strip() for child in description}
    part, ua = values.get(f"{PDFA}part", ""), values.get(f"{PDFUA}part", "")
    archive = int(part) if part in ("1", "2", "3", "4") else 0
    level = values.get(f"{PDFA}conformance", "").upper() if archive else ""
    return Conformance(int(ua) if ua == "1" else 0, archive, level)


def common_conformance(parts: Iterable[Conformance]) -> Conformance:
    """Return what all parts claim in common.

    PDF/A-3 differs from PDF/A-2 only in what may be attached (ISO 19005-3), so a pack of both is PDF/A-3; PDF/A-1 and
    PDF/A-4 combine with no other. Level a (tagged) includes u (Unicode text), which includes b (appearance).
    PDF/A-4f may have any attachment; a pack has no 3D models, so it is never PDF/A-4e.
    """
    claims = list(parts)
    archives = {claim.archive for claim in claims}
    if archives == {4}:
        return Conformance(
            min(claim.ua for claim in claims), 4, "F" if any(claim.level == "F" for claim in claims) else ""
        )
    archive = max(archives) if archives in ({1}, {2}, {3}, {2, 3}) else 0
    level = max((claim.level for claim in claims), key="AUB".find) if archive else ""
    return Conformance(min(claim.ua for claim in claims), archive if level else 0, level)


def write_xmp(
    claims: Conformance,
    title: str,
    language: str,
    creator: str,
    dates: str = "",
    information: Mapping[str, str] = _NO_CONFORMANCE,
) -> bytes:
    """Return the XMP metadata of a pack.

    `dates` are XMP elements, `information` are the other entries of the information dictionary.
    """
    values = {**information, "Title": title, "Producer": creator}
    lines = [
        *(form.format(escape(values[key])) for key, form in _ELEMENTS.items() if key in values),
        f"<dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>" if language else "",
        dates,
        f"<pdfaid:part>{claims.archive}</pdfaid:part>" if claims.archive else "",
        "<pdfaid:rev>2020</pdfaid:rev>" if claims.archive == 4 else "",  # ISO 19005-4, 6.7.3
        f"<pdfaid:conformance>{claims.level}</pdfaid:conformance>" if claims.archive and claims.level else "",
        f"<pdfuaid:part>{claims.ua}</pdfuaid:part>{_SCHEMA}" if claims.ua else "",
    ]
    return _PACKET.format("\n".join(line for line in lines if line)).encode()


_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
{}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

_SCHEMA = """
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"""
"""PDF/A requires a description of every property that it does not define (ISO 19005-2, 6.6.2.3)."""
