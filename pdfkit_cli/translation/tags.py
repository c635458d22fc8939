"""Codes as numbered tags among plain words, such as <1>bold</1> and <2/>, for formats that have no codes of their own."""

import re

from pdfkit_cli.translation.inline_codes import Code, Content

CODE_ID = re.compile(r"t?\d{1,4}")
"""The number of a code."""

_TAG = re.compile(rf"<(/?)({CODE_ID.pattern})(/?)>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}


def write_tags(content: Content) -> str:
    """Return words with tags; “<” and “&” of the words are written as in XML."""
    return "".join(_escaped(part) if isinstance(part, str) else _tag(part) for part in content)


def _tag(code: Code) -> str:
    return f"<{code.id}/>" if code.inside is None else f"<{code.id}>{write_tags(code.inside)}</{code.id}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_tags(text: str) -> Content:
    """Return words and codes. Raises ValueError if tags are not closed in the order in which they were opened."""
    opened: list[tuple[str, list[str | Code]]] = [("", [])]
    end = 0
    for tag in _TAG.finditer(text):
        opened[-1][1].append(_plain(text[end : tag.start()]))
        end = tag.end()
        closes, id, stands = tag.groups()
        if stands:
            opened[-1][1].append(Code(id))
        elif not closes:
            opened.append((id, []))
        elif opened[-1][0] == id:
            _, inside = opened.pop()
            opened[-1][1].append(Code(id, tuple(inside)))
        else:
            raise ValueError(f"“{tag[0]}” closes nothing; write the tags as they are in the source")
    if len(opened) > 1:
        raise ValueError(f"“<{opened[-1][0]}>” is never closed; write the tags as they are in the source")
    return (*opened[0][1], _plain(text[end:]))


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)
