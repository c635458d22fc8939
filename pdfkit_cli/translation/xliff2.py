"""XLIFF 2.1 (ISO 21720), which some translation tools prefer: written, and read however a tool has divided and rewritten it."""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from pdfkit_cli.translation.exchange import (
    HELP,
    ReturnedLeaflet,
    ReturnedUnit,
    file_error,
    has_content,
    local_name,
    place_of,
)
from pdfkit_cli.translation.inline_codes import Code, Content
from pdfkit_cli.translation.tags import CODE_ID, read_tags, write_tags
from pdfkit_cli.translation.units import Unit, Work

_NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_MATCHES = "urn:oasis:names:tc:xliff:matches:2.0"
_LIMITS = "urn:oasis:names:tc:xliff:sizerestriction:2.0"
_TYPES = {
    "bold": 'type="fmt" subType="xlf:b"',
    "italic": 'type="fmt" subType="xlf:i"',
    "lb": 'type="fmt" subType="xlf:lb"',
    "link": 'type="link"',
}
_DISPENSABLE = ("lb", "language")
"""Codes that a translation may leave out."""

_ORDER = re.compile(r"[1-9][0-9]{0,4}")

# Writing


def write_xliff2(work: Work, units: Iterable[Unit]) -> str:
    """Return an XLIFF 2.1 file with units of one leaflet."""
    source, target = work.leaflet.model.source_language, work.language
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="{_NAMESPACE}" xmlns:mtc="{_MATCHES}" xmlns:slr="{_LIMITS}" '
        f'version="2.1" srcLang={quoteattr(source)} trgLang={quoteattr(target)} xml:space="preserve">\n'
        f'<file id="f" original={quoteattr(f"{work.leaflet.name}/{source}.md")}>\n'
        f'<slr:profiles generalProfile="xliff:codepoints"/>\n<notes><note>{escape(HELP)}</note></notes>\n'
    )
    return head + "".join(map(_unit, units)) + "</file>\n</xliff>\n"


def _unit(unit: Unit) -> str:
    limit = f' slr:sizeRestriction="{unit.limit}"' if unit.limit else ""
    lines = [f'<unit id="{unit.id}"{limit}>', *_offers(unit), "  <notes>"]
    lines += [f"    <note>{escape(note)}</note>" for note in (f"{unit.place}: {unit.kind}", *unit.notes)]
    state = "translated" if unit.target else "initial"
    lines += [
        "  </notes>",
        f'  <segment id="s" state="{state}">',
        f"    <source>{_markup(unit.source)}</source>",
    ]
    if unit.target:
        lines.append(f"    <target>{_markup(unit.target)}</target>")
    return "\n".join([*lines, "  </segment>", "</unit>\n"])


def _offers(unit: Unit) -> Iterator[str]:
    """Yield the translation so far, and others, with what they are."""
    offers = [("the translation so far", "", unit.source, unit.old)] if unit.old else []
    offers += [(match.note, f' similarity="{match.per_cent}"', match.source, match.target) for match in unit.matches]
    if offers:
        yield "  <mtc:matches>"
    for origin, similarity, source, target in offers:
        yield f'    <mtc:match ref="#s" origin={quoteattr(origin)}{similarity}>'
        yield f"      <source>{_markup(source)}</source>"
        yield f"      <target>{_markup(target)}</target>"
        yield "    </mtc:match>"
    if offers:
        yield "  </mtc:matches>"


def _markup(content: Content) -> str:
    return "".join(escape(part) if isinstance(part, str) else _code(part) for part in content)


def _code(code: Code) -> str:
    kind = _TYPES.get(code.kind, f'type="other" subType="pdfkit:{code.kind or "code"}"')
    fixed = 'canCopy="no"' if code.kind in _DISPENSABLE else 'canCopy="no" canDelete="no"'
    about, hint = f'id="{code.id}" {fixed} {kind}', quoteattr(code.hint)
    if code.inside is None:
        return f"<ph {about} disp={hint} equiv={hint}/>"
    return f"<pc {about} dispStart={hint}>{_markup(code.inside)}</pc>"


# Reading


def leaflets_of(root: Element, name: str) -> Iterator[ReturnedLeaflet]:
    """Yield the leaflets of a file that `parse_xml` has read. Raises SourceError for one that does not say where it belongs."""
    language = root.get("trgLang", "")
    for file in (element for element in root if local_name(element) == "file"):
        leaflet, _, _ = file.get("original", "").replace("\\", "/").rpartition("/")
        if not leaflet or not language:
            place = place_of(file if language else root, name)
            missing = "“original”" if language else "“trgLang”"
            raise file_error(f"has no {missing}, so pdfkit cannot tell where it belongs; export it again", place)
        units = tuple(_returned(unit, name) for unit in file.iter() if local_name(unit) == "unit")
        yield ReturnedLeaflet(leaflet.rpartition("/")[2], language, units, place_of(file, name))


def _returned(unit: Element, name: str) -> ReturnedUnit:
    id, place = unit.get("id", ""), place_of(unit, name)
    if not id:
        raise file_error("this <unit> has no id; export it again", place)
    pieces = [each for each in unit if local_name(each) in ("segment", "ignorable")]
    sources = [_child(each, "source") for each in pieces]
    targets = [_child(each, "target") for each in pieces]
    place = next((place_of(each, name) for each in targets if each is not None), place)
    try:
        return _joined(ReturnedUnit(id, None, place, source=_content(sources)), pieces, targets)
    except ValueError as error:
        return ReturnedUnit(id, None, place, str(error))


def _joined(unit: ReturnedUnit, pieces: list[Element], targets: list[Element | None]) -> ReturnedUnit:
    """Return a unit with the translations of its segments, in their order. Raises ValueError if some are missing."""
    done = [target for piece, target in zip(pieces, targets, strict=True) if local_name(piece) == "segment"]
    words = [target is not None and has_content(_content([target])) for target in done]
    if not any(words):
        return unit
    if not all(words):
        raise ValueError("some of its segments are not translated; translate each of them")
    written = [
        _child(piece, "source") if target is None else target for piece, target in zip(pieces, targets, strict=True)
    ]
    in_order = sorted(enumerate(written, 1), key=_position)
    return ReturnedUnit(unit.id, _content(target for _, target in in_order), unit.place, source=unit.source)


def _position(numbered: tuple[int, Element | None]) -> int:
    """Return where a segment is in the translation: elsewhere than in the source if its target has an `order`."""
    number, target = numbered
    order = target.get("order", "") if target is not None else ""
    return int(order) if _ORDER.fullmatch(order) else number


def _child(element: Element, name: str) -> Element | None:
    return next((each for each in element if local_name(each) == name), None)


def _content(elements: Iterable[Element | None]) -> Content:
    """Return the words and codes of elements. Raises ValueError for a code that pdfkit did not write, or one that is not closed."""
    tags = "".join(tag for element in elements if element is not None for tag in _tags(element))
    return tuple(part for part in read_tags(tags) if part != "")


def _tags(element: Element) -> Iterator[str]:
    """Yield words and codes as numbered tags: a tool may write the two ends of a code apart (sc, ec)."""
    yield write_tags((element.text or "",))
    for child in element:
        match local_name(child):
            case "mrk":  # remarks of a tool
                yield from _tags(child)
            case "sm" | "em":
                pass
            case "ph":
                yield f"<{_id(child, 'id')}/>"
            case "pc":
                yield f"<{_id(child, 'id')}>"
                yield from _tags(child)
                yield f"</{_id(child, 'id')}>"
            case "sc":
                yield f"<{_id(child, 'id')}>"
            case "ec":
                yield f"</{_id(child, 'startRef')}>"
            case other:
                raise ValueError(f"there is a code “{other}” in the words; use the codes of the source")
        yield write_tags((child.tail or "",))


def _id(element: Element, name: str) -> str:
    """Return the number of a code. Raises ValueError for one that cannot be ours."""
    id = element.get(name, "")
    if not CODE_ID.fullmatch(id):
        raise ValueError(f"there is no code “{id}” in this passage; use those of the source")
    return id
