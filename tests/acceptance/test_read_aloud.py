"""An independent reader hears each leaflet: the words of its Markdown, in order, and none that nobody wrote.

Nothing of pdfkit is used but its list of PDFs. What is heard is read from the structure tree with pikepdf; what should be heard is read from the
editor's files with regular expressions.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml
from babel import Locale
from pikepdf import Array, Dictionary, Name, Page

from tests.helpers.founding_library_build import output_keys
from tests.helpers.tiny_library import FOUNDING, ROOT

INLINE = {"Span", "Em", "Strong", "Link", "Reference", "Lbl"}
CARDS = 8
"""How many of the same card are on a sheet."""

DAYS = {str(day) for day in range(1, 15)}
"""What the chart of the exercise sheet has a column for."""

LETTERS = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a text: letters and digits, without signs and vowel marks."""
    plain = unicodedata.normalize("NFKC", text.translate(dict.fromkeys((0xAD, *range(0x2066, 0x206A)))))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return LETTERS.findall(bare.casefold())


# What is heard.


def heard(path: Path) -> str:
    """Follow the structure tree, as a screen reader does (ISO 32000-1, 14.7 to 14.9)."""
    with pikepdf.open(path) as pdf:
        marks: dict[tuple[tuple[int, int], int], str] = {}
        for page in pdf.pages:
            _listen(page, page.obj.objgen, page.get("/Resources"), marks)
        return "".join(_spoken(pdf.Root.StructTreeRoot, marks))


def _spoken(element: Any, marks: dict[tuple[tuple[int, int], int], str]) -> Iterator[str]:
    kind = str(element.get("/S", "/Root"))[1:]
    apart = "" if kind in INLINE else " "
    yield apart
    if "/ActualText" in element:
        yield str(element.ActualText)
    elif "/Alt" in element:
        yield str(element.Alt)
    elif kind != "Reference" and kind != "Lbl":  # the number of a note or an item
        kids = element.get("/K", Array())
        for kid in kids if isinstance(kids, Array) else [kids]:
            if isinstance(kid, int):
                yield marks[element.Pg.objgen, kid]
            elif kid.get("/Type") == Name.MCR:
                yield marks[kid.get("/Stm", kid.get("/Pg", element.get("/Pg"))).objgen, int(kid.MCID)]
            elif kid.get("/Type") != Name.OBJR:
                yield from _spoken(kid, marks)
    yield apart


def _listen(
    content: Page | pikepdf.Object,
    owner: tuple[int, int],
    resources: Any,
    marks: dict[tuple[tuple[int, int], int], str],
) -> None:
    """Note what each mark of a content stream shows, and each of the forms in it."""
    font: dict[int, str] = {}
    inside: list[int | None] = []
    for instruction in pikepdf.parse_content_stream(content, "BDC BMC EMC Tf TJ Tj Do"):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "BDC":
                given = operands[1]
                mcid = given.get("/MCID") if isinstance(given, Dictionary) else None
                inside.append(None if mcid is None else int(mcid))
                if mcid is not None:
                    marks[owner, int(mcid)] = ""
            case "BMC":
                inside.append(None)
            case "EMC":
                inside.pop()
            case "Tf":
                font = _letters(bytes(resources.Font[str(operands[0])].ToUnicode.read_bytes()))
            case "TJ" | "Tj":
                mark = next((number for number in reversed(inside) if number is not None), None)
                if mark is not None:
                    parts = operands[0] if isinstance(operands[0], Array) else [operands[0]]
                    shown = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                    codes = (int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2))
                    marks[owner, mark] += "".join(font[code] for code in codes)
            case "Do":
                form = resources.XObject[str(operands[0])]
                if form.get("/Subtype") == Name.Form:
                    _listen(form, form.objgen, form.get("/Resources", resources), marks)


@cache
def _letters(table: bytes) -> dict[int, str]:
    rows = re.findall(rb"^<(\w{4})> <(\w+)>$", table.split(b"endcodespacerange")[1], re.M)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in rows}


# What should be heard.


SMALL_DRAWINGS = r"lying-on-the-front|lift-home|shower|ice-pack"
"""Those that stand beside words, and are left out, all of them, where they would cost a sheet."""


def written(leaflet: str, language: str, variant: str, form: str, *, without: str = "") -> str:
    """Return the words of a Markdown file in the order that they are to be read in, or of what a format shows of it.

    Pictures whose names match `without` are not described.
    """
    _, head, body = (FOUNDING / f"content/{leaflet}/{language}.md").read_text("utf-8").split("---\n", 2)
    matter = yaml.safe_load(head)
    title = matter.get("short_title", matter["title"]) if variant == "short" else matter["title"]
    notes = dict(re.findall(r"^\[\^(\w+)\]: (.*)$", body, re.M))
    title += f"\n{matter['summary']}"
    match form:
        case "exercise-sheet":
            title, body = "", next(part for part in re.split(r"^(?=## )", body, flags=re.M) if "::: exercise" in part)
        case "pocket-card":
            boxes = re.findall(r"^(:{3,}) (warning .*?\n)^\1$", body, re.M | re.S)
            title, body = matter["title"], "".join(f"::: {box}" for _, box in boxes if "::: call" in box)
    body = re.sub(r"^\[\^\w+\]: .*$", "", body, flags=re.M)
    body = re.sub(r"\[\^(\w+)\]", lambda call: f" {notes[call[1]]} ", body)
    if without:
        body = re.sub(rf"!\[[^]]*\]\(images/({without})\.svg\)", "", body)
    body = re.sub(r"!\[(.*?)\]\(\S+?(?: \"(.*?)\")?\)", lambda picture: f"{picture[1]} {picture[2] or ''}", body)
    if variant == "short":
        body = re.sub(r"\[([^]]*)\]\{\.full\}", "", body)
        body = re.sub(r"^(:{3,}) full\n.*?^\1$", "", body, flags=re.M | re.S)
    body = re.sub(r"\[([^]]*)\](?:\{[^}]*\}|\([^)]*\))", r"\1", body)
    body = re.sub(r"\{\{.*?\}\}", "", body)
    body = re.sub(r"^:{3,} (full|brief|contact|diagram|(slot|step|facts|odds|timeline) .*)$", "", body, flags=re.M)
    body = re.sub(r"^:{3,} (\w+)", "", body, flags=re.M)
    text = f"{title}\n" + re.sub(r"^\s*\d+\. ", "", body, flags=re.M)
    return text * (CARDS if form == "pocket-card" else 1)


def around(leaflet: str, language: str, clinic: str) -> set[str]:
    """Return the words that a leaflet may print around its text: phrases, facts of the clinic, addresses of links, numbers."""
    files = (f"languages/{language}.yaml", f"clinics/{clinic}.yaml", f"content/{leaflet}/leaflet.yaml")
    folders = (ROOT / "pdfkit_cli", FOUNDING, FOUNDING)
    known = {
        part: yaml.load((folder / part).read_text("utf-8"), yaml.BaseLoader)
        for folder, part in zip(folders, files, strict=True)
    }
    brand = yaml.safe_load((FOUNDING / f"brands/{known[files[1]]['brand']}/brand.yaml").read_text("utf-8"))
    locale = Locale.parse(language)
    calendar = [
        name
        for names in (*locale.days.values(), *locale.months.values())
        for form in names.values()
        for name in form.values()
    ]
    body = (FOUNDING / f"content/{leaflet}/{language}.md").read_text("utf-8")
    addresses = re.findall(
        r"\[[^]]*\]\(https?://[^)]*\)", body
    )  # with their words, which stand beside the code to scan again
    exercises = [str(number) for number in range(1, body.count("::: exercise") + 1)]
    phases = [str(number) for number in range(1, body.count("::: step") + 1)]
    public = (ROOT / "pdfkit_cli/content/languages/public_numbers.yaml").read_text("utf-8")
    called = known[files[1]].get("out_of_hours", ())
    nights = [
        each["words"][language]
        for each in yaml.safe_load(public)
        if {each.get("phone"), each.get("name")} & set(called)
    ]
    texts = [*_strings([*known.values(), brand]), *calendar, *addresses, *exercises, *phases, *nights]
    found = {word for text in texts for word in words(text)}
    digits = "".join(re.findall(r"\d", " ".join(_strings(known[files[1]]))))
    return found | {digits[at : at + size] for size in range(1, 6) for at in range(len(digits))}


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _strings(item)
        case list():
            for item in value:
                yield from _strings(item)


def compared(spoken: list[str], source: list[str]) -> tuple[list[str], list[str]]:
    """Return the words from the first one on that is not heard in its turn, and those heard that are not in the source."""
    waiting, rest = list(reversed(source)), []
    for word in spoken:
        if waiting and waiting[-1] == word:
            waiting.pop()
        else:
            rest.append(word)
    return waiting[::-1], rest


@pytest.mark.parametrize("path", output_keys())
def test_each_leaflet_is_heard_right(path: str, founding: Path) -> None:
    key, form = output_keys()[path].edition, output_keys()[path].format
    spoken = words(heard(founding / path))
    sources = [
        words(written(key.leaflet, key.language, str(key.variant), form, without=without))
        for without in ("", SMALL_DRAWINGS)
    ]
    source, (lost, rest) = min(
        ((source, compared(spoken, source)) for source in sources), key=lambda heard_of: len(heard_of[1][0])
    )
    assert (len(source) - len(lost), lost[:12]) == (len(source), [])
    days = DAYS if form == "exercise-sheet" else set()
    known = around(key.leaflet, key.language, key.clinic)
    if form == "a4-bilingual":  # the source is heard in its order, too; its pictures are those of the translation
        beside = words(written(key.leaflet, "da", str(key.variant), form, without=".*"))
        assert compared(spoken, beside)[0] == []
        names = words(f"{Locale.parse('da').display_name} {Locale.parse(key.language).display_name}")
        items = map(str, range(1, 10))  # the numbers of lists are words here
        known |= {*beside, *sources[0], *around(key.leaflet, "da", key.clinic), *names, *items}
    assert set(rest) - known - days == set()


def test_what_is_lost_swapped_or_added_is_noticed() -> None:
    source = ["a", "b", "c"]
    assert compared(["x", "a", "b", "y", "c"], source) == ([], ["x", "y"])
    assert compared(["a", "c"], source) == (["b", "c"], ["c"])
    assert compared(["b", "a", "c"], source) == (["b", "c"], ["b", "c"])
