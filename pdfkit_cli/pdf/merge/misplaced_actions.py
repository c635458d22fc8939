"""Actions in places where the standard allows none, and streams whose data are in another file.

A lenient viewer may follow such an action.
External data (ISO 32000-1, 7.3.8.1, 8.10.4, 14.11.7) tell a server that a letter is being read, and show whatever the server sends.
"""

import re
from collections.abc import Iterator
from typing import Any

from pikepdf import Array, Dictionary, Object, Pdf, Stream

from pdfkit_cli.pdf.objects import MAX_DEPTH, array_items, entry, name_entry, sorted_entries

ACTION_TYPES = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute", "/GoToR", "/GoToE",
}  # fmt: skip
"""Names that are used for nothing but an action."""

EXTERNAL_KEYS = ("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI")
"""Keys of a stream that refer to another file."""

_SIGNS = re.compile(rb"/(?:%b|AA|PS)(?![\w#])" % "|".join(kind[1:] for kind in sorted(ACTION_TYPES)).encode())
_EXTERNAL = re.compile(rb"/(?:F|Ref|OPI)(?![\w#])")


def serialized(value: Any) -> bytes:
    """Return an object as qpdf writes it, of a stream its dictionary; nothing for a number."""
    if isinstance(value, Stream):
        return value.stream_dict.unparse()
    return value.unparse(resolved=True) if isinstance(value, Object) else b""


def may_contain_action(value: Any, written: bytes) -> bool:
    """Return whether an object, from its serialized form, may contain any: most files have none, and need not be walked."""
    return bool(_SIGNS.search(written)) or (isinstance(value, Stream) and bool(_EXTERNAL.search(written)))


def remove_misplaced_actions(pdf: Pdf) -> set[str]:
    """Remove them from all objects of a PDF, and return their names."""
    return {kind for value in list(pdf.objects) for kind in _remove_from(value, 0)}


def actions_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names of the actions that an object is or contains."""
    if is_action(value):
        yield name_entry(value, "/S")
    if depth < MAX_DEPTH:
        for inner in _direct(value):
            yield from actions_in(inner, depth + 1)


def is_action(value: Any) -> bool:
    """Return whether a dictionary is an action, by its name; a structure element, which has a parent, may have any name."""
    return isinstance(value, Dictionary) and name_entry(value, "/S") in ACTION_TYPES and entry(value, "/P") is None


def _direct(value: Any) -> list[Any]:
    held = array_items(value) if isinstance(value, Array) else [inner for _, inner in sorted_entries(value)]
    return [inner for inner in held if isinstance(inner, Dictionary | Array) and not inner.is_indirect]


def _remove_from(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Array):
        for index, inner in enumerate(array_items(value)):
            if is_action(inner):
                value[index] = None  # keeps the position of the other items
                yield name_entry(inner, "/S")
    else:
        for key, inner in sorted_entries(value):
            if kind := _misplaced_type(value, key, inner):
                del value[key]
                yield kind
    if depth < MAX_DEPTH:
        for inner in _direct(value):
            yield from _remove_from(inner, depth + 1)


def _misplaced_type(holder: Any, key: str, value: Any) -> str:
    """Return the name of an entry that has to be removed; nothing for all others."""
    if is_action(value):
        return name_entry(value, "/S")
    if key == "/AA" and isinstance(value, Dictionary) and any(is_action(inner) for _, inner in sorted_entries(value)):
        return "/AA"
    if isinstance(value, Stream) and name_entry(value, "/Subtype") == "/PS":  # PostScript (ISO 32000-1, 8.8.2)
        return "/PS"
    return key if key in EXTERNAL_KEYS and isinstance(holder, Stream) else ""
