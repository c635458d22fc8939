"""What somebody hears who has a PDF read aloud: its structure tree, in order, with the text that each mark stands for.

Knows nothing of how the PDF was made; relies on nothing but marked content, ToUnicode, ActualText and the tree (ISO 32000-1, 14.7 to 14.9).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from pypdf import PdfReader


@dataclass(frozen=True)
class Said:
    """A piece of text: the types of the elements around it from the outside in, its language, what it says.

    `block` is the object number of the innermost element around it that is a block: where that changes, a word ends.
    """

    types: tuple[str, ...]
    lang: str
    text: str
    block: int


INLINE = {"Span", "Em", "Strong", "Link", "Reference", "Lbl", "Note"}


def number(item: Any) -> int:
    return int(item.indirect_reference.idnum)


def speak(pdf: bytes) -> list[Said]:
    """Return what is read aloud, piece by piece."""
    reader = PdfReader(BytesIO(pdf))
    texts = {mark: text for page in reader.pages for mark, text in _texts(reader, page, page["/Contents"])}
    root: Any = reader.root_object
    (document,) = root["/StructTreeRoot"]["/K"]
    return list(_heard(document.get_object(), texts, (), str(root["/Lang"]), 0))


def _heard(
    element: Any, texts: dict[tuple[int, int | None], str], types: tuple[str, ...], lang: str, block: int
) -> Iterator[Said]:
    block = block if str(element["/S"])[1:] in INLINE else number(element)
    types, lang = (*types, str(element["/S"])[1:]), str(element.get("/Lang", lang))
    if "/ActualText" in element:
        yield Said(types, lang, str(element["/ActualText"]), block)
        return
    for kid in element.get("/K", ()):
        kid = kid.get_object()
        if isinstance(kid, int):
            yield Said(types, lang, texts[number(element["/Pg"]["/Contents"]), kid], block)
        elif kid.get("/Type") == "/MCR":
            stream = kid["/Stm"] if "/Stm" in kid else kid["/Pg"]["/Contents"]
            yield Said(types, lang, texts[number(stream), int(kid["/MCID"])], block)
        elif kid.get("/Type") == "/StructElem":
            yield from _heard(kid, texts, types, lang, block)


def _texts(reader: PdfReader, holder: Any, stream: Any) -> Iterator[tuple[tuple[int, int | None], str]]:
    """Yield what each mark in a stream paints, and those in the forms that it paints; a form without marks belongs to the mark around it."""
    resources, codes = holder["/Resources"], {}
    open_marks: list[tuple[int | None, list[str]]] = [(None, [])]
    for operands, operator in _operations(stream.get_object().get_data()):
        if operator in ("BDC", "BMC"):
            tagged = operator == "BDC" and isinstance(operands[1], pikepdf.Dictionary)
            mcid = operands[1].get("/MCID") if tagged else None
            open_marks.append((None if mcid is None else int(mcid), []))
        elif operator == "EMC":
            mcid, said = open_marks.pop()
            if mcid is not None:
                yield (number(stream), mcid), "".join(said)
        elif operator == "Tf":
            codes = to_unicode(resources["/Font"][str(operands[0])])
        elif operator == "TJ":
            shown = b"".join(bytes(part) for part in operands[0] if isinstance(part, pikepdf.String))
            pairs = (shown[at : at + 2].hex() for at in range(0, len(shown), 2))
            open_marks[-1][1].append("".join(codes[pair] for pair in pairs))
        elif operator == "Do":
            item = resources["/XObject"][str(operands[0])].get_object()
            if item["/Subtype"] == "/Form":
                for (of, mark), painted in _texts(reader, item, item):
                    if mark is None:
                        open_marks[-1][1].append(painted)
                    else:
                        yield (of, mark), painted
    yield (number(stream), None), "".join(open_marks[0][1])


def _operations(content: bytes) -> Iterator[tuple[list[Any], str]]:
    """Yield the operands and the operator of each operation; pypdf would take ten times as long."""
    with pikepdf.Pdf.new() as pdf:
        for operation in pikepdf.parse_content_stream(pikepdf.Stream(pdf, content), "BDC BMC EMC Tf TJ Do"):
            yield list(operation.operands), str(operation.operator)


def to_unicode(font: Any) -> dict[str, str]:
    return _map(font.get_object()["/ToUnicode"].get_data())


@cache
def _map(data: bytes) -> dict[str, str]:
    pairs = re.findall(r"<(\w{4})> <(\w*)>", data.decode().split("endcodespacerange")[1])
    return {code: bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
