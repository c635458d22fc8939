"""TMX 1.4, in which tools exchange translation memories: codes are numbered tags, each in an element of its own."""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from pdfkit_cli.errors import SourceLocation
from pdfkit_cli.translation.exchange import file_error, local_name, parse_xml, place_of
from pdfkit_cli.translation.inline_codes import Code, Content
from pdfkit_cli.translation.memory import Remembered
from pdfkit_cli.translation.tags import read_tags, write_tags

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DOCTYPE = re.compile(r"""<!DOCTYPE\s+tmx\s+(?:SYSTEM|PUBLIC\s+"[^"<>]*")\s+["'][^"'<>\[]*["']\s*>""")
_TAG = re.compile(r"</?t?\d{1,4}/?>")


def write_tmx(source: str, target: str, passages: Iterable[Remembered]) -> str:
    """Return a TMX file of passages in two languages."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        '<header creationtool="pdfkit" creationtoolversion="1" segtype="paragraph" o-tmf="pdfkit" adminlang="en" '
        f'srclang={quoteattr(source)} datatype="plaintext"/>\n<body>\n'
    )
    return head + "".join(_unit(source, target, each) for each in passages) + "</body>\n</tmx>\n"


def _unit(source: str, target: str, each: Remembered) -> str:
    variants = "".join(
        f"  <tuv xml:lang={quoteattr(language)}><seg>{_markup(content)}</seg></tuv>\n"
        for language, content in ((source, each.source), (target, each.target))
    )
    return f'<tu>\n  <prop type="x-leaflet">{escape(each.origin)}</prop>\n{variants}</tu>\n'


def _markup(content: Content) -> str:
    return "".join(escape(part) if isinstance(part, str) else _code(part) for part in content)


def _code(code: Code) -> str:
    # What only the translation has is called t1, t2, …; its numbers are to differ from those of the source.
    number = int(code.id.removeprefix("t")) + 1000 * code.id.startswith("t")
    if code.inside is None:
        return f'<ph x="{number}">{escape(f"<{code.id}/>")}</ph>'
    opening, closing = (escape(tag) for tag in (f"<{code.id}>", f"</{code.id}>"))
    return f'<bpt i="{number}" x="{number}">{opening}</bpt>{_markup(code.inside)}<ept i="{number}">{closing}</ept>'


def read_tmx(data: bytes, name: str, source: str, target: str) -> tuple[Remembered, ...]:
    """Return the passages of a TMX file in two languages. Regions count only where the language asked for has one.

    Raises SourceError if it is no TMX, or damaged. Passages with codes of another tool are left out: they would not fit.
    """
    root = parse_xml(_without_doctype(data), name)
    if local_name(root) != "tmx":
        raise file_error(
            f"is not TMX (its root is “{local_name(root)}”); save the memory as TMX 1.4", place_of(root, name)
        )
    return tuple(_remembered(root, name, source, target))


def _without_doctype(data: bytes) -> bytes:
    """Return a file without the DOCTYPE that most tools write into it: one that only names the DTD declares no entity."""
    code = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    try:
        text = data.decode(code)
    except UnicodeDecodeError:
        return data
    return _DOCTYPE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text, count=1).encode(code)


def _remembered(root: Element, name: str, source: str, target: str) -> Iterator[Remembered]:
    for unit in root.iter():
        if local_name(unit) != "tu":
            continue
        variants = [each for each in unit if local_name(each) == "tuv"]
        ours, theirs = (_content(_in_language(variants, language)) for language in (source, target))
        if ours and theirs:
            origin = next((each.text or "" for each in unit if each.get("type") == "x-leaflet"), "")
            yield Remembered(ours, theirs, origin or SourceLocation(name).file.rpartition("/")[2])


def _in_language(variants: list[Element], language: str) -> Element | None:
    """Return the variant in a language; “en-GB” will do for “en”."""
    found = {(each.get(_LANGUAGE) or each.get("lang") or "").replace("_", "-").lower(): each for each in variants}
    wanted = language.lower()
    with_region = (each for code, each in found.items() if code.startswith(f"{wanted}-"))
    return found[wanted] if wanted in found else next(with_region, None)


def _content(variant: Element | None) -> Content | None:
    segment = next((each for each in variant if local_name(each) == "seg"), None) if variant is not None else None
    if segment is None:
        return None
    parts = [segment.text or ""]
    for code in segment:
        words = "".join(code.itertext())
        if local_name(code) != "hi" and not _TAG.fullmatch(words):
            return None
        parts += [words if local_name(code) != "hi" else _escaped(words), _escaped(code.tail or "")]
    parts[0] = _escaped(parts[0])
    try:
        content = read_tags("".join(parts))
    except ValueError:
        return None
    return tuple(part for part in content if part != "") or None


def _escaped(words: str) -> str:
    return write_tags((words,))
