"""Finds text that looks like Markdown, or like the markup of another program, and would be printed as typed.

Each kind has a pattern and a message. Escaped signs (a backslash before the sign) are not reported.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Lookalike(NamedTuple):
    """Text that looks like markup: its line and column (from 0) in the text, the text itself, and a message."""

    line: int
    column: int
    mark: str
    message: str


class MarkupPattern(NamedTuple):
    """One kind of unsupported markup."""

    pattern: re.Pattern[str]
    message: str


def _markup_pattern(pattern: str, message: str) -> MarkupPattern:
    return MarkupPattern(re.compile(pattern), message)


_BLANK = r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000]"
_BULLETS = "•‣◦⁃∙●○■□▪▫◾◽►▶▸◆◇♦❖➢➤\uf000-\uf8ff"
_DASHES = "–—―−‐‑"

INLINE_PATTERNS = (
    _markup_pattern(r"\\[A-Za-z]+\*?|\\", "a backslash has a meaning only before a sign; remove it (pdfkit breaks pages itself)"),
    _markup_pattern(r"~~[^~\n]{1,200}~~|~~+", "two tildes do not strike text out here; delete the text that should not be printed"),
    _markup_pattern(r"(?<![~\w])~[^\s~]{1,20}~(?![~\d])|(?<=\w)~[^\s~]{1,20}~(?![~\d])", "tildes do not make a subscript here; write the character itself, such as H₂O"),
    _markup_pattern(r"\^\[", "a footnote cannot be written inside the text; write [^1] here and “[^1]: …” in a paragraph of its own"),
    _markup_pattern(r"\^[^\s^]{1,20}\^|(?<=[\w)])\^[\w({+−-]", "a caret does not make a superscript here; write the character itself, such as 10⁹ or m²"),
    _markup_pattern(r"==(?=\S)[^=\n]{1,200}==", "equals signs do not highlight text here; write **words**"),
    _markup_pattern(r"\+\+(?=\S)[^+\n]{1,200}\+\+", "plus signs do not underline text here; write **words**"),
    _markup_pattern(r"\$\$|(?<![\w$])\$(?=[^\s$])(?:[^$\s]{1,40}|[^$\n]{0,60}[\\^_=][^$\n]{0,60})(?<=\S)\$(?![\w$])", "formulas are not supported; write the characters, such as ≥ 38"),
    _markup_pattern(r"\[\[[^\[\]\n]{0,80}\]{0,2}", "wiki links are not supported; write [the words](https://…)"),
    _markup_pattern(r"\]\[[^\[\]\n]{0,80}\]", "no address is defined for this link; write [the words](https://…)"),
    _markup_pattern(r"!\[", "a picture is written ![what it shows](images/file.svg), without a space between the brackets"),
    _markup_pattern(r"\[[^\[\]\n]{1,80}\] \((?=https?:|www\.)", "a link must have no space between its brackets: [the words](https://…)"),
    _markup_pattern(r"\)\[(?=https?:|www\.)", "the brackets of a link are the other way round: [the words](https://…)"),
    _markup_pattern(r"\[(?=https?://\S{1,200} )", "a link is written [the words](https://…)"),
    _markup_pattern(r"\[-?@[\w:.-]+|(?<!\w)@(?:fig|tbl|sec|eq|lst)[-:]\w+", "references are not supported; write out what you refer to"),
    _markup_pattern(r"(?i)\[_*toc_*\]", "a leaflet has no table of contents; remove it"),
    _markup_pattern(r"\[ ?\](?!\()", "brackets do not make a tick box here; write a list, or use a personal field"),
    _markup_pattern(r"\[/[A-Za-z]+\]|\[(?:br|hr)\]", "words in brackets are not markup here; write **bold**, *emphasis* or plain words"),
    _markup_pattern(r"(?<![\w:]):[a-z][a-z0-9_+-]{2,}:(?![\w:])", "names between colons do not make a picture here; write words"),
    _markup_pattern(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});", "this would be printed as typed; write the character itself"),
    _markup_pattern(r"&(?:nbsp|amp|lt|gt|quot|ndash|mdash|deg|times|shy)\b", "this would be printed as typed; write the character itself"),
    _markup_pattern(r"(?i)<\s{1,9}(?:br|hr|sup|sub|div|span|strong|em|font|center|img|ul|ol|li|table|tr|td|h[1-6])\s{0,9}/?\s{0,9}>|<(?:\s{1,9}/\s{0,9}|/\s{1,9})[a-z]{1,20}\s{0,9}>|<!(?!--)|<\?", "HTML is not allowed; remove it"),
    _markup_pattern(r"<<[^<>\n]{1,200}>>", "these brackets are not markup here; quotation marks are »…« or “…”"),
    _markup_pattern(r"'''|`", "this mark is not supported; an apostrophe is ’, and bold text is written **words**"),
    _markup_pattern(r"(?<!\S)[^\s:]\S*\s:{3,}", "three colons must be on a line of their own"),
    _markup_pattern(r"%%", "comments are not supported and would be printed; remove it"),
    _markup_pattern(r"\|\|", "a table has one “|” between cells, and a row of dashes below the headings"),
    _markup_pattern(r"(?<=\w)--+(?=\w)|(?<=\s)--+(?=\s)|---", "write a dash: “–”"),
    _markup_pattern(r"!\S{1,100}\.(?:png|jpe?g|svg|gif)!", "a picture is written ![what it shows](images/file.svg)"),
)  # fmt: skip
"""Patterns for running text, and for plain text without Markdown."""

_INLINE_HINT = re.compile(r"[\\~^$\[&<`@]|==|\+\+|'''|--|%%|\|\||!\S|:::|(?<![\w:]):[a-z]")
"""What is in every text that one of them matches. Few texts have any of it, and searching for each took a sixth of a check."""

_SPACE = "there is a special space (such as a no-break space) after “{0}”; type a plain space"
_LIST = "“{0}” does not make a list; begin each item with “- ” on a line of its own"
_BLOCK = "a block begins with three colons and its name, such as “::: warning Title”, and ends with “:::”"
_TABLE = "this is not a valid table; write | between cells, and below the headings a row such as |---|---| with as many columns"

LINE_PATTERNS = (
    _markup_pattern(rf"(#{{1,6}}|[-*+]){_BLANK}", _SPACE),
    _markup_pattern(r"(#{7,})", "a heading can have two to six “#”"),
    _markup_pattern(r"(#{2,6})[^#\s]|(#)[^\W\d_]", "a heading needs a space after “#”, such as “## Before you come”; to print the sign itself, write “\\#”"),
    _markup_pattern(rf"([{_BULLETS}])\s*\S|(·)\s*\S|(o)(?:\t|  )|(§)[ \t]+\D", _LIST),
    _markup_pattern(r"([-+])[^\W\d_]", "a list item needs a space after “{0}”; to print the sign itself, write “\\{0}”"),
    _markup_pattern(r"(\d{1,9}[.)])[^\W\d_]", "a list item needs a space after “{0}”"),
    _markup_pattern(r"(!{3}|\?{3}\+?)\s*(?:\w|$)", _BLOCK),
    _markup_pattern(r"(:{1,2})\s*(?:[^\W\d_]|$)", _BLOCK),
    _markup_pattern(r"(\|)", _TABLE),
    _markup_pattern(r"(?=[^|+]*[|+])(?=[^-]*--)([\s|:+=-]+)$|(-{2,}(?: +-{2,})+)$", _TABLE),
    _markup_pattern(r"(={2,})(?:\s|$)", "“{0}” does not make a heading; write “## Heading”"),
    _markup_pattern(r"(\.\. \w+::|\w+::\S*\[|h[1-6]\. |bq\. |\*\[[^\]]+\]:|#\+\w+:)", "“{0}” is markup of another program; write the block, heading or picture in Markdown"),
    _markup_pattern(r"(?i)(\[(?:note|tip|warning|important|caution)\])$", _BLOCK),
    _markup_pattern(r"(\[[xX]\])\s", "brackets do not make a tick box here; write a list"),
    _markup_pattern(r"(-{2,})\s+\S", _LIST),
)  # fmt: skip
"""Patterns for the beginning of each line of a paragraph."""

_LINE_HINT = re.compile(r"\W|\d|o[\t ]|h[1-6]\.|bq\.|\w+::")
"""How every line begins that one of them matches."""

_ADDRESS = re.compile(r"(?<=://)\S+|(?<=www\.)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.\S+")
_WEB = re.compile(r"(?:https?://|www\.)\S+")
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~\n]|(\\[A-Za-z]*)")
_WIDE_GAP = re.compile(r"\S\t+\S|\S {3,}\S")
_BAR = re.compile(r"\S\s*\|\s*\S")
_NUMBERED = re.compile(rf"\(?(\d{{1,3}})(?:[.)°:]{{1,2}}|\s?[.)/-])(?:\s|{_BLANK})")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""A letter of a script without spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

_LETTERED = re.compile(rf"\(?([^\W\d_])[.)](?:\s|{_BLANK})")
_ROMAN = re.compile(rf"(?i)\(?([ivx]{{1,4}})[.)](?:\s|{_BLANK})")
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_SIGN = re.compile(rf"([{_DASHES}→⇒➔➜✓✔✗✘☐☑☒✅★☆*o])(?:\s|{_BLANK})")


def find_inline_lookalikes(text: str) -> Iterator[Lookalike]:
    """Yield what looks like markup in running text, except in web and e-mail addresses."""
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(lambda match: "a" * len(match[0]), text)
    if not _INLINE_HINT.search(text):
        return
    taken: set[int] = set()
    for kind in INLINE_PATTERNS:
        for match in kind.pattern.finditer(text):
            if taken.isdisjoint(range(*match.span())):
                taken |= set(range(*match.span()))
                yield Lookalike(0, match.start(), match[0], f"“{match[0].strip()}”: {kind.message}")


def find_stray_backslashes(text: str) -> Iterator[Lookalike]:
    """Yield each backslash that escapes nothing, with the letters after it."""
    for match in _ESCAPE.finditer(text):
        if match[1]:
            yield Lookalike(0, match.start(), match[1], f"“{match[1]}”: {INLINE_PATTERNS[0].message}")


def find_line_lookalikes(lines: Sequence[str], before: str = "") -> Iterator[Lookalike]:
    """Yield what looks like a block, list, heading or table in the lines of a paragraph; `before` is the text of the preceding paragraph."""
    named = set()
    for number, line in enumerate(lines):
        text = line.strip()
        for kind in LINE_PATTERNS if _LINE_HINT.match(text) else ():
            if match := kind.pattern.match(text):
                mark = next(filter(None, match.groups()))
                named.add(number)
                yield Lookalike(number, 0, mark, kind.message.format(mark))
                break
    rows = [line.strip() for line in lines]
    for find in _SEVERAL_LINES if len(rows) > 1 else _ONE_LINE:
        if found := next((one for one in find(rows, before) if one.line not in named), None):
            yield found
            return


def find_unpaired_emphasis(text: str, runs: Sequence[tuple[int, int]]) -> Iterator[Lookalike]:
    """Yield the stars and underscores that are not part of emphasis; `runs` are their start and end positions in the text."""
    waiting = deque(runs)
    while waiting:
        start, end = waiting.popleft()
        before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
        if end - start > 1 and text[start] == "*":
            partner = waiting[0] if waiting and _are_a_pair(text, (start, end), waiting[0]) else None
            if partner:
                waiting.popleft()
            yield _unclosed_emphasis(
                text, start, partner[1] if partner else end, _unpaired_reason(text, (start, end), partner)
            )
        elif _touches_one_word(before, after, text[start]) and (text[start] == "*" or end - start < 3):
            mark = text[start:end]
            message = f"“{mark}” has no meaning here; emphasis is *words* or **words**, a footnote is [^1], and the sign itself is written “\\{mark[0]}”"
            yield Lookalike(0, start, mark, message)


def _touches_one_word(before: str, after: str, sign: str) -> bool:
    """Return whether a mark touches a word on one side, like an opening or closing mark."""
    return before.isalnum() != after.isalnum() or sign in (before, after)


def _are_a_pair(text: str, one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Return whether two marks enclose words, so that they were probably meant as a pair."""
    opens, closes = text[one[1] : one[1] + 1] or " ", text[two[0] - 1 : two[0]] or " "
    return text[one[0]] == text[two[0]] and two[1] - two[0] > 1 and not opens.isspace() and not closes.isspace()


def _unpaired_reason(text: str, opening: tuple[int, int], closing: tuple[int, int] | None) -> str:
    before, after = text[opening[0] - 1 : opening[0]] or " ", text[opening[1] : opening[1] + 1] or " "
    if closing:
        following = text[closing[1] : closing[1] + 1]
        if following.isalnum() and not text[closing[0] - 1].isalnum():
            return f"put a space after the stars, before “{following}”"
        if before.isalnum() and not after.isalnum():
            return f"put a space before the stars, after “{before}”"
    if after.isspace() and before.isspace():
        return "remove the space between the stars and the words, or write “\\*\\*” to print stars"
    if after.isspace():
        return "the opening stars are missing; write two before the first word"
    return "the closing stars are missing; write two after the last word"


def _unclosed_emphasis(text: str, start: int, end: int, reason: str) -> Lookalike:
    excerpt = text[start : end + 12].split("\n")[0]
    return Lookalike(0, start, text[start:end], f"“{excerpt}” is not bold: {reason}; bold is **words**")


def find_accidental_emphasis(text: str, pairs: Sequence[tuple[int, int]]) -> Iterator[Lookalike]:
    """Yield emphasis inside a number, a word or an address, as in 2*3*4, whose marks would not be printed; `pairs` are start and end positions."""
    addresses = {at for match in _WEB.finditer(text) for at in range(match.start() + 1, match.end())}
    for opening, closing in pairs:
        before, after = text[opening - 1 : opening] or " ", text[closing : closing + 1] or " "
        if opening in addresses:
            message = "marks inside an address are read as emphasis and not printed; write <https://…>, or [the words](https://…)"
        elif (
            before.isdigit()
            or after.isdigit()
            or (before.isalnum() and after.isalnum() and not _UNSPACED.match(before))
        ):
            message = "stars inside a number or a word are read as emphasis and not printed; write “×” for times, and “\\*” for a star"
        else:
            continue
        yield Lookalike(0, opening, text[opening], message)


_Finder = Callable[[Sequence[str], str], Iterator[Lookalike]]


def _find_numbered_lines(rows: Sequence[str], before: str) -> Iterator[Lookalike]:
    """Yield consecutively numbered lines, and a numbered line after a colon. Markdown reads numbers inside a paragraph as plain text."""
    matches = [_NUMBERED.match(row) for row in rows]
    counts = [int(match[1]) if match else None for match in matches]
    above = _NUMBERED.match(before)
    for number, (one, two) in enumerate(pairwise([int(above[1]) if above else None, *counts])):
        follows = one is not None and two == one + 1
        announced = two is not None and number > 0 and rows[number - 1].endswith(":")
        if (follows or announced) and (match := matches[number]):
            yield _numbered_line(number, match[0].strip())


def _numbered_line(number: int, mark: str) -> Lookalike:
    message = f"“{mark}” does not begin a list item here; write “1. ” with a plain space, and put an empty line before the list"
    return Lookalike(number, 0, mark, message)


def _find_lettered_lines(rows: Sequence[str], before: str) -> Iterator[Lookalike]:
    """Yield lines that are numbered consecutively with letters or Roman numerals."""
    for pattern, order in ((_LETTERED, None), (_ROMAN, _ROMANS)):
        matches = [pattern.match(row) for row in rows]
        for number, (one, two) in enumerate(pairwise(matches), start=1):
            if one and two and _is_next(one[1].lower(), two[1].lower(), order):
                mark = two[0].strip()
                message = f"“{mark}” does not make a list; number the items “1. ”, or put an empty line between them"
                yield Lookalike(number, 0, mark, message)


def _is_next(one: str, two: str, order: Sequence[str] | None) -> bool:
    if order is None:
        return ord(two) == ord(one) + 1
    return one in order and two in order and order.index(two) == order.index(one) + 1


def _find_bulleted_lines(rows: Sequence[str], before: str) -> Iterator[Lookalike]:
    """Yield lines that begin with the same sign as another, or with a dash after a colon or after a paragraph that begins with a dash."""
    matches = [_SIGN.match(row) for row in rows]
    above = _SIGN.match(before)
    for number, match in enumerate(matches):
        if match is None:
            continue
        others = [other for at, other in enumerate(matches) if other and at != number]
        if number == 0 and match[1] in _DASHES:
            others += [above] if above and above[1] in _DASHES else []
        line_above = rows[number - 1] if number else before
        if others or (line_above.endswith(":") and match[1] in _DASHES):
            yield Lookalike(number, 0, match[1], _LIST.format(match[1]))


def _find_columns(rows: Sequence[str], before: str) -> Iterator[Lookalike]:
    """Yield lines that are divided into columns by tabs, wide gaps or bars."""
    for part in (_WIDE_GAP.search, _BAR.search):
        cut = [number for number, row in enumerate(rows) if part(row)]
        if len(cut) > 1:
            yield Lookalike(cut[0], 0, rows[cut[0]], _TABLE)


_ONE_LINE = (_find_numbered_lines, _find_bulleted_lines)
_SEVERAL_LINES = (_find_numbered_lines, _find_lettered_lines, _find_bulleted_lines, _find_columns)
