"""Front matter and other YAML as authors type it: what would be cut off, or is not understood, says what to do."""

import pytest

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import SourceError


def said(text: str) -> list[str]:
    try:
        yaml_source.parse_yaml(SourceFile("f.yaml", text, ""))
    except SourceError as error:
        return [str(finding).removeprefix("f.yaml:") for finding in error.findings]
    return []


QUOTES = 'put quotation marks around the complete text: title: "…"'

WRONG = [
    ("title: Knæet: før og efter", "1:13", QUOTES),
    ("title: Ring:", "1:12", QUOTES),
    ('title: "Tryk" på ryggen', "1:15", "ends at the next one; put quotation marks around the complete text: title: '…'"),
    ("title: 'Tryk' på ryggen", "1:15", QUOTES),
    ("title: 'Kl. 5 o'clock'", "1:17", QUOTES),
    ('title: "Tryk', "1:8", "must end with one"),
    ('title: "C:\\Temp"', "1:", "in double quotation marks, a backslash"),
    ("title: Hjemmetest #2 efter", "1:19", "everything after “ #” is a comment and would not be printed"),
    ("title: Stue # 5", "1:13", "everything after “ #” is a comment"),
    ("title: #2 efter", "1:8", "everything after “ #” is a comment"),
    ("summary: Gå til stue #5 og\n  ring på", "1:", "is a comment"),
    ("name: Ward #5", "1:12", "everything after “ #” is a comment"),
    ("primary: #24506b", "1:10", "everything after “ #” is a comment"),
    ("synonyms: [test #2, b]", "1:", "put quotation marks"),
    ("title: @hjem", "1:8", "a text cannot begin with “@”"),
    ("title: %hjem", "1:8", "a text cannot begin with “%”"),
    ("title: &hjem ord", "1:8", "a text cannot begin with “&”; put quotation marks around it"),
    ("title: *hjem ord", "1:8", "put quotation marks"),
    ("title: !hjem ord", "1:8", "a text cannot begin with “!”; put quotation marks around it"),
    ("title: ! ord", "1:8", "a text cannot begin with “!”"),
    ("title: | ord", "1:", "a text cannot begin with “|”"),
    ("title: > 38 grader", "1:", "a text cannot begin with “>”"),
    ("title: `hjem`", "1:8", "a text cannot begin with “`”"),
    ("title: - hjem", "1:8", "a text cannot begin with “-”"),
    ("title: [Knæ] før", "1:", "there is text after the end; put quotation marks"),
    ("title: {knæ", "1:8", "are never closed; write “}” at the end, or, if it is a text, put quotation marks"),
    ("formats: [a4, a5\nid: b", "1:10", "write “]” at the end"),
    ("a: b\nstatus:draft\nid: c", "2:7", "a key needs a space after its colon"),
    ("title: a b\nc d\nsummary: e", "2:1", "this is neither a key nor an indented line; indent the further lines of a text"),
    ("phone_note: {en: Press #2}\nid: b", "1:23", "put quotation marks around that word"),
    ("title: {knæ} før", "1:", "there is text after the end"),
    ("a: b\n\tc: d", "2:1", "indented with a tab; use spaces"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "remedy"), WRONG, ids=[text for text, _, _ in WRONG])
def test_a_slip_says_what_to_do(text: str, place: str, remedy: str) -> None:
    lines = said(f"{text}\n")
    assert any(line.startswith(place) and remedy in line for line in lines), lines


def test_all_lines_are_named_at_once() -> None:
    lines = said('title: Knæet: før\nsummary: Ring: nu\nshort_title: "a" b\nsynonyms: [a]\n')
    assert [line.partition(" ")[0] for line in lines] == ["1:13:", "2:14:", "3:18:"]


@pytest.mark.parametrize(
    "text",
    [
        "title: Knæet:før kl. 8:30", 'title: "Knæet: før #2"', "title: 'Det er »5« o''clock'", "title: C#", "title: a#2", "id: BP-01   # the document id", "status: draft # not yet",
        "title: Ord   # en bemærkning", "# helt\ntitle: a\n#slut", "title: no", "title: 5 > 3 & 2 * 3 @ 4 % ! - x", "summary: |\n  Ring: nu\n  #2", "summary: >-\n  to: linjer", "synonyms: [a, b]  # c",
        "web: https://a.dk/#b", "primary: '#24506b'", "title: ”Tryk” på", "title: -5 grader", "a: {b: c}", "a: [\n  b,\n]", "primary: \"#24506b\" # blue",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(text: str) -> None:
    assert said(f"{text}\n") == []
