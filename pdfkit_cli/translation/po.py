"""PO, the format of gettext, which Poedit, Weblate and many others read: codes are numbered tags, such as <1>bold</1> and <2/>."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.parser import Parser

from pdfkit_cli.content import yaml_source
from pdfkit_cli.errors import SourceLocation
from pdfkit_cli.translation.exchange import ReturnedLeaflet, ReturnedUnit, check_ids, file_error, has_content
from pdfkit_cli.translation.inline_codes import all_codes
from pdfkit_cli.translation.tags import read_tags, write_tags
from pdfkit_cli.translation.units import Unit, Work

_LEAFLET = "X-Pdfkit-Leaflet"
_HELP = (
    "Move the numbered tags to where they belong, each once: <1>words</1> marks words, <2/> stands for something.",
    "Write numbers as in the source. What is fuzzy or empty stays untranslated.",
)

# Writing


def write_po(work: Work, units: Iterable[Unit]) -> str:
    """Return a PO file with units of one leaflet. What is out of date has its old translation, and is fuzzy."""
    fields = {
        "Project-Id-Version": work.leaflet.name,
        "Language": work.language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "X-Source-Language": work.leaflet.model.source_language,
        _LEAFLET: work.leaflet.name,
    }
    lines = [*(f"# {line}" for line in _HELP), 'msgid ""', 'msgstr ""']
    lines += [_quoted(f"{key}: {value}\n") for key, value in fields.items()]
    return "\n".join(lines) + "\n\n" + "\n".join(map(_entry, units))


def _entry(unit: Unit) -> str:
    codes = {
        code.id: code.hint for content in (unit.source, unit.target, unit.old) for code in all_codes(content or ())
    }
    offered = (f"{match.note}: {write_tags(match.target)}" for match in unit.matches)
    notes = (unit.kind, *(f"{id}: {hint}" for id, hint in codes.items()), *unit.notes, *offered)
    lines = [f"#. {note}" for note in notes]
    lines.append(f"#: {unit.place.file}:{unit.place.line}")
    if unit.old:
        lines.append("#, fuzzy")
    lines += [f"msgctxt {_quoted(unit.id)}", f"msgid {_quoted(write_tags(unit.source))}"]
    return "\n".join([*lines, f"msgstr {_quoted(write_tags(unit.target or unit.old or ()))}", ""])


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t"))


# Reading

_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d+\])\s*)?"((?:\\.|[^"\\])*)"\s*')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(slots=True)
class _PoEntry:
    """An entry as it is read: its strings by keyword, the line of each, and its flags."""

    strings: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    fuzzy: bool = False


def read_po(data: bytes, name: str) -> tuple[ReturnedLeaflet, ...]:
    """Return the leaflet in a PO file. Raises SourceError if nothing of it may be imported: it is damaged, or names a unit twice."""
    entries = tuple(_entries(yaml_source.decode(data, name).text, name))
    head = next(
        (entry for entry in entries if entry.strings.get("msgid") == "" and "msgctxt" not in entry.strings), None
    )
    if head is None:
        raise file_error(
            "has no header, so pdfkit cannot tell where it belongs; export it again", SourceLocation(name, 1)
        )
    place = SourceLocation(name, head.lines["msgid"])
    fields = Parser().parsestr(head.strings.get("msgstr", ""))
    for key in (_LEAFLET, "Language"):
        if not fields[key]:
            raise file_error(
                f"the header has no “{key}”, so pdfkit cannot tell where it belongs; export it again", place
            )
    units = tuple(_returned(entry, name) for entry in entries if "msgctxt" in entry.strings)
    found = (ReturnedLeaflet(str(fields[_LEAFLET]), str(fields["Language"]).replace("_", "-"), units, place),)
    check_ids(found)
    return found


def _entries(text: str, name: str) -> Iterator[_PoEntry]:
    """Yield the entries of a file; those that a tool has put away (#~) are left out. Raises SourceError for a line that is not PO."""
    entry, keyword = _PoEntry(), ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#") or not line.strip():
            if "msgstr" in entry.strings:
                yield entry
                entry, keyword = _PoEntry(), ""
            entry.fuzzy |= line.startswith("#,") and "fuzzy" in re.split(r"[,\s]+", line)
            continue
        found = _LINE.fullmatch(line.strip())
        word = found[1] or keyword if found else ""
        if found is None or not word or "plural" in word or "[" in word:
            raise file_error("this line is not PO as pdfkit writes it; export it again", SourceLocation(name, number))
        if found[1] in ("msgctxt", "msgid") and "msgstr" in entry.strings:
            yield entry
            entry = _PoEntry()
        if found[1] and found[1] in entry.strings:
            raise file_error(f"“{word}” is here for the second time; keep one", SourceLocation(name, number))
        keyword = word
        entry.lines.setdefault(word, number)
        entry.strings[word] = entry.strings.get(word, "") + _unescaped(found[2])
    if entry.strings:
        if "msgstr" not in entry.strings:
            raise file_error("the file ends in the middle of an entry; export it again", SourceLocation(name, number))
        yield entry


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)


def _returned(entry: _PoEntry, name: str) -> ReturnedUnit:
    id = entry.strings["msgctxt"]
    place = SourceLocation(name, entry.lines["msgstr"])
    if entry.fuzzy:
        return ReturnedUnit(id, None, place)
    try:
        content = read_tags(entry.strings["msgstr"])
    except ValueError as error:
        return ReturnedUnit(id, None, place, str(error))
    return ReturnedUnit(id, content if has_content(content) else None, place)
