"""Recognizes common mistakes in YAML and explains what to write instead. Messages do not repeat the author's text."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MAX_LINE_LENGTH = 1000
"""How many characters of a line are examined."""

_LINE = re.compile(r"(\s*(?:- +)*)(?:([^\s#:\"'\[{&*!|>%@`,-][^:#]*?)\s*:(?=\s|$)\s*)?(.*)$")
_QUOTED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}
_UNKNOWN_ESCAPE = re.compile(r"\\[^0abt\tnvfre \"/\\N_LPxuU]")
_CLOSING = {"[": "]", "{": "}"}
_BLOCK = re.compile(r"[|>][+-]?\d?[+-]?\s*(#.*)?$")
_COMMENT = re.compile(r"\s+#(.?)")


class YamlPitfall(NamedTuple):
    """A column of a line (from 1), and a message."""

    column: int
    message: str


def find_pitfall(line: str) -> YamlPitfall | None:
    """Return the mistake in a line, as far as it can be recognized without the other lines, or None."""
    match = _LINE.match(line[:MAX_LINE_LENGTH])
    if match is None or not match[3]:
        return None
    if "\t" in match[1]:
        return YamlPitfall(1, "this line is indented with a tab; use spaces")
    key, value, column = match[2], match[3].rstrip(), match.start(3) + 1
    found = _flow_value_pitfall(value, _quoting_hint(key, value)) if value[0] in _CLOSING else _value_pitfall(value)
    if found is None:
        return None
    message = found.message if value[0] in _CLOSING else f"{found.message}; {_quoting_hint(key, value)}"
    return YamlPitfall(column + found.column, message)


def find_missing_key(line: str) -> YamlPitfall | None:
    """Return the mistake in a line without a key, where YAML expects one, or None."""
    line = line[:MAX_LINE_LENGTH]
    if match := re.match(r"\s*[A-Za-z_]\w*:(?=[^\s/:])", line):
        return YamlPitfall(match.end(), "a key needs a space after its colon; add one")
    if re.match(r"[^\W\d_][^:#]*$", line):
        return YamlPitfall(
            1,
            "this is neither a key nor an indented line; indent the further lines of a text by two spaces; a key ends with a colon and a space",
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
        return YamlPitfall(colon.start(), "a colon followed by a space ends a key, so it cannot be part of a text")
    if len(words) < len(value) and value[len(words) + 2 :][:1].isalnum():
        return YamlPitfall(len(words) + 1, "everything after “ #” is a comment and is ignored")
    return None


def _quoted_value_pitfall(value: str) -> YamlPitfall | None:
    quoted = _QUOTED[value[0]].match(value)
    if quoted is None:
        return YamlPitfall(0, "a text that begins with a quotation mark must end with one")
    if value[0] == '"' and (escape := _UNKNOWN_ESCAPE.search(quoted[0])):
        return YamlPitfall(
            escape.start(), "in double quotation marks, a backslash is allowed only before certain letters"
        )
    rest = value[quoted.end() :]
    if rest.strip() and not re.match(r"\s+#|\s*[,:\]}]", rest):
        return YamlPitfall(
            len(value) - len(rest.lstrip()), "a text that begins with a quotation mark ends at the next one"
        )
    return None


def _flow_value_pitfall(value: str, remedy: str) -> YamlPitfall | None:
    first, last = value[0], _CLOSING[value[0]]
    closing = value.rfind(last)
    if closing < 0:
        message = f"“{first}” begins a list or keys that are never closed; write “{last}” at the end, or, if it is a text, {remedy}"
        return YamlPitfall(0, message)
    rest = value[closing + 1 :]
    if rest.strip() and not _COMMENT.match(rest):
        return YamlPitfall(0, f"“{first}” begins a list or keys, but there is text after the end; {remedy}")
    if comment := _COMMENT.search(value, 0, closing):
        return YamlPitfall(
            comment.start(),
            "everything after “ #” is a comment and is ignored; put quotation marks around that word or text",
        )
    return None


def _quoting_hint(key: str | None, value: str) -> str:
    mark = "'" if '"' in value else '"'
    beginning = f"{key[:40]}: " if key else ""
    return f"put quotation marks around the complete text: {beginning}{mark}…{mark}"


def find_pitfalls(lines: Sequence[str], skip: int) -> Iterator[tuple[int, YamlPitfall]]:
    """Yield the mistakes in lines that begin with a key, each with the index of its line; only certain mistakes, whatever the other lines are."""
    for index, line in enumerate(lines):
        if (
            index != skip
            and line[:1].isalpha()
            and not re.search(r":\s+[\[{|>]", line)
            and (found := find_pitfall(line))
        ):
            yield index, found


def truncated_value_message(rest: str, *, words: bool) -> str:
    """Return a message if `rest`, the rest of a line from “ #”, seems to be cut off by mistake; an empty string if it is a comment.

    A comment has a space after the “#”. In `words`, such as a title, it must also have two spaces before it.
    """
    comment = _COMMENT.match(rest)
    if comment is None or ((comment[1].isspace() or not comment[1]) and not (words and re.match(r" #", rest))):
        return ""
    if comment[1] and not comment[1].isalnum() and not comment[1].isspace():
        return ""
    return 'everything after “ #” is a comment and would not be printed; put quotation marks around the complete text ("…"), or, if it is a comment, write two spaces before the # and one after it'
