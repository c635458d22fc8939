"""What authors write into YAML that is not what YAML takes it for, and what to write instead. No text of the author is repeated."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_LINE_LENGTH = 1000
"""Characters of a line that are looked at."""

_LINE = re.compile(r"(\s*(?:- +)*)(?:([^\s#:\"'\[{&*!|>%@`,-][^:#]*?)\s*:(?=\s|$)\s*)?(.*)$")
_QUOTED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}
_UNKNOWN_ESCAPE = re.compile(r"\\[^0abt\tnvfre \"/\\N_LPxuU]")
_CLOSING = {"[": "]", "{": "}"}
_BLOCK = re.compile(r"[|>][+-]?\d?[+-]?\s*(#.*)?$")
_COMMENT = re.compile(r"\s+#(.?)")


class YamlPitfall(NamedTuple):
    """A column of a line (from 1), and what to do."""

    column: int
    message: str


def find_pitfall(line: str) -> YamlPitfall | None:
    """Return what is wrong with a line, as far as it can be told without the others."""
    match = _LINE.match(line[:MAX_LINE_LENGTH])
    if match is None or not match[3]:
        return None
    if "\t" in match[1]:
        return YamlPitfall(1, "a line is indented with spaces, not with a tab")
    key, value, column = match[2], match[3].rstrip(), match.start(3) + 1
    found = _flow_value_pitfall(value, _quoting_hint(key, value)) if value[0] in _CLOSING else _value_pitfall(value)
    if found is None:
        return None
    message = found.message if value[0] in _CLOSING else f"{found.message}; {_quoting_hint(key, value)}"
    return YamlPitfall(column + found.column, message)


def find_missing_key(line: str) -> YamlPitfall | None:
    """Return what is wrong with a line that has no key, where YAML wants one."""
    line = line[:MAX_LINE_LENGTH]
    if match := re.match(r"\s*[A-Za-z_]\w*:(?=[^\s/:])", line):
        return YamlPitfall(match.end(), "a key has a space behind its colon; put one there")
    if re.match(r"[^\W\d_][^:#]*$", line):
        return YamlPitfall(
            1, "a text that goes on over more lines is indented, by two spaces; a key ends with a colon and a space"
        )
    return None


def _value_pitfall(value: str) -> YamlPitfall | None:
    first = value[0]
    if first in _QUOTED:
        return _quoted_value_pitfall(value)
    if first in "|>":
        return None if _BLOCK.match(value) else YamlPitfall(0, f"a text cannot begin with “{first}”")
    if first in "@`%*&!,]}" or re.match(r"[?-](\s|$)", value):
        return YamlPitfall(0, f"a text cannot begin with “{first}”")
    words = re.split(r"\s#", value, maxsplit=1)[0]
    if colon := re.search(r":(\s|$)", words):
        return YamlPitfall(colon.start(), "a colon with a space behind it ends a key, and cannot stand in a text")
    if len(words) < len(value) and value[len(words) + 2 :][:1].isalnum():
        return YamlPitfall(len(words) + 1, "what follows “ #” is a comment, and not read")
    return None


def _quoted_value_pitfall(value: str) -> YamlPitfall | None:
    quoted = _QUOTED[value[0]].match(value)
    if quoted is None:
        return YamlPitfall(0, "a text that begins with a quotation mark ends with one")
    if value[0] == '"' and (escape := _UNKNOWN_ESCAPE.search(quoted[0])):
        return YamlPitfall(escape.start(), "a backslash in double quotation marks stands before a few letters only")
    rest = value[quoted.end() :]
    if rest.strip() and not re.match(r"\s+#|\s*[,:\]}]", rest):
        return YamlPitfall(
            len(value) - len(rest.lstrip()), "a text that begins with a quotation mark ends with the next one"
        )
    return None


def _flow_value_pitfall(value: str, remedy: str) -> YamlPitfall | None:
    first, last = value[0], _CLOSING[value[0]]
    closing = value.rfind(last)
    if closing < 0:
        message = f"“{first}” begins a list or keys, and is never closed; write “{last}” behind the last, or, where it is a text, {remedy}"
        return YamlPitfall(0, message)
    rest = value[closing + 1 :]
    if rest.strip() and not _COMMENT.match(rest):
        return YamlPitfall(0, f"“{first}” begins a list or keys, and text follows it; {remedy}")
    if comment := _COMMENT.search(value, 0, closing):
        return YamlPitfall(
            comment.start(),
            "what follows “ #” is a comment, and not read; put quotation marks around that word or text",
        )
    return None


def _quoting_hint(key: str | None, value: str) -> str:
    mark = "'" if '"' in value else '"'
    beginning = f"{key[:40]}: " if key else ""
    return f"put quotation marks around the whole text: {beginning}{mark}…{mark}"


def find_pitfalls(lines: Sequence[str], skip: int) -> Iterator[tuple[int, YamlPitfall]]:
    """Yield what is wrong with the lines of keys, by their index; only what cannot be right whatever the other lines are."""
    for index, line in enumerate(lines):
        if (
            index != skip
            and line[:1].isalpha()
            and not re.search(r":\s+[\[{|>]", line)
            and (found := find_pitfall(line))
        ):
            yield index, found


def truncated_value_message(rest: str, *, words: bool) -> str:
    """Return what to do where a value loses the rest of its line, which begins with “ #”; nothing where that is a comment.

    A comment has a space behind the sign. In `words`, such as a title, it also has two before it.
    """
    comment = _COMMENT.match(rest)
    if comment is None or ((comment[1].isspace() or not comment[1]) and not (words and re.match(r" #", rest))):
        return ""
    if comment[1] and not comment[1].isalnum() and not comment[1].isspace():
        return ""
    return 'what follows “ #” is a comment, and would not be printed; put quotation marks around the whole text ("…"), or two spaces before the # and one behind it where it is a comment'
