"""XLIFF 1.2, the format that translation tools read: written, and read however a tool has rewritten it; 2.1 is in `xliff2`."""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from pdfkit_cli.translation import xliff2
from pdfkit_cli.translation.exchange import (
    HELP,
    ReturnedLeaflet,
    ReturnedUnit,
    check_ids,
    file_error,
    has_content,
    local_name,
    parse_xml,
    place_of,
)
from pdfkit_cli.translation.inline_codes import Code, Content
from pdfkit_cli.translation.units import Unit, Work

_NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
# Writing


def write_xliff(work: Work, units: Iterable[Unit]) -> str:
    """Return an XLIFF file with units of one leaflet."""
    source, target = work.leaflet.model.source_language, work.language
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xliff version="1.2" xmlns="{_NAMESPACE}">\n'
        f"<file original={quoteattr(f'{work.leaflet.name}/{source}.md')} source-language={quoteattr(source)} "
        f'target-language={quoteattr(target)} datatype="plaintext">\n'
        f"<header><note>{escape(HELP)}</note></header>\n<body>\n"
    )
    return head + "".join(map(_unit, units)) + "</body>\n</file>\n</xliff>\n"


def _unit(unit: Unit) -> str:
    limit = f' maxwidth="{unit.limit}" size-unit="char"' if unit.limit else ""
    lines = [f'<trans-unit id="{unit.id}"{limit} xml:space="preserve">', f"  <source>{_markup(unit.source)}</source>"]
    if unit.target:
        lines.append(f'  <target state="translated">{_markup(unit.target)}</target>')
    lines += [f'  <note from="pdfkit">{escape(note)}</note>' for note in (f"{unit.place}: {unit.kind}", *unit.notes)]
    if unit.old:
        lines += [
            '  <alt-trans origin="the translation so far">',
            f"    <target>{_markup(unit.old)}</target>",
            "  </alt-trans>",
        ]
    for match in unit.matches:
        lines += [
            f'  <alt-trans match-quality="{match.per_cent}%" origin={quoteattr(match.note)}>',
            f"    <target>{_markup(match.target)}</target>",
            "  </alt-trans>",
        ]
    return "\n".join([*lines, "</trans-unit>\n"])


def _markup(content: Content) -> str:
    return "".join(escape(part) if isinstance(part, str) else _code(part) for part in content)


def _code(code: Code) -> str:
    kind = code.kind if code.kind in ("bold", "italic", "link", "lb") else f"x-{code.kind or 'code'}"
    about = f'id="{code.id}" ctype="{kind}"'
    if code.inside is None:
        return f"<ph {about} equiv-text={quoteattr(code.hint)}>{escape(code.hint)}</ph>"
    return f"<g {about} equiv-text={quoteattr(code.hint)}>{_markup(code.inside)}</g>"


# Reading


def read_xliff(data: bytes, name: str) -> tuple[ReturnedLeaflet, ...]:
    """Return the leaflets in an XLIFF file, of version 1 or 2.

    Raises SourceError if nothing of it may be imported: it is damaged, or names a unit twice.
    """
    root = parse_xml(data, name)
    version = root.get("version", "").partition(".")[0] if local_name(root) == "xliff" else ""
    if version not in ("1", "2"):
        what = f"is not XLIFF 1.2 or 2.1 (its root is “{local_name(root)}”, of version “{root.get('version', '')}”)"
        raise file_error(f"{what}; return it in the format in which it was exported", place_of(root, name))
    found = tuple(_leaflets(root, name) if version == "1" else xliff2.leaflets_of(root, name))
    if not found:
        raise file_error("there is no <file> in it; export it again", place_of(root, name))
    check_ids(found)
    return found


def _leaflets(root: Element, name: str) -> Iterator[ReturnedLeaflet]:
    return (_leaflet(element, name) for element in root if local_name(element) == "file")


def _leaflet(element: Element, name: str) -> ReturnedLeaflet:
    place = place_of(element, name)
    leaflet, _, _ = element.get("original", "").replace("\\", "/").rpartition("/")
    language = element.get("target-language", "")
    if not leaflet or not language:
        missing = "original" if not leaflet else "target-language"
        raise file_error(f"<file> has no “{missing}”, so pdfkit cannot tell where it belongs; export it again", place)
    units = [each for each in element.iter() if local_name(each) == "trans-unit"]
    return ReturnedLeaflet(leaflet.rpartition("/")[2], language, tuple(_returned(each, name) for each in units), place)


def _returned(unit: Element, name: str) -> ReturnedUnit:
    id = unit.get("id", "")
    if not id:
        raise file_error("this <trans-unit> has no id; export it again", place_of(unit, name))
    place = place_of(unit, name)
    found: dict[str, Content | None] = {}
    for child in unit:
        if local_name(child) in ("source", "target"):
            place = place_of(child, name)
            try:
                found[local_name(child)] = tuple(_content(child))
            except ValueError as error:
                if local_name(child) == "target":
                    return ReturnedUnit(id, None, place, str(error))
    target = found.get("target")
    return ReturnedUnit(id, target if target and has_content(target) else None, place, source=found.get("source"))


def _content(element: Element) -> Iterator[str | Code]:
    """Yield the words and codes of an element. Raises ValueError for a code that pdfkit did not write."""
    yield element.text or ""
    for child in element:
        match local_name(child):
            case "mrk":  # segments and remarks of a tool
                yield from _content(child)
            case "g":
                yield Code(child.get("id", ""), tuple(_content(child)))
            case "ph" | "x":
                yield Code(child.get("id", ""))
            case other:
                raise ValueError(f"there is a code “{other}” in the words; use the codes of the source")
        yield child.tail or ""
