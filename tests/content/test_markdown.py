"""Markdown to blocks: what is understood, what is refused and where, and that no word is lost."""

import re
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pdfkit_cli.content import markdown
from pdfkit_cli.content.block_specs import BLOCKS, Argument, Content
from pdfkit_cli.content.blocks import (
    Block,
    Break,
    Directive,
    Emphasis,
    Field,
    Figure,
    FootnoteMark,
    Heading,
    Link,
    List,
    Paragraph,
    Span,
    Strong,
    Table,
    Text,
    plain_text,
    walk,
)
from tests.helpers.soak_sampling import amount


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in which nothing is wrong."""
    body, findings = markdown.parse(text, "da.md")
    assert not findings
    return body.blocks


def found(text: str) -> list[str]:
    """Line, column and code of each finding."""
    _, findings = markdown.parse(text, "da.md")
    return [f"{finding.place.line}:{finding.place.column} {finding.code}" for finding in findings]


def said(text: str) -> str:
    _, findings = markdown.parse(text, "da.md")
    return "\n".join(finding.message for finding in findings)


def one(text: str) -> Any:
    (block,) = blocks(text)
    return block


# What is understood


def test_headings_paragraphs_and_lines() -> None:
    heading, paragraph, second = blocks("## Før\n\nen\nto\n\ntre\\\nfire\n")
    assert heading == Heading(2, (Text("Før"),), 1)
    assert paragraph == Paragraph((Text("en to"),), 3)
    assert second == Paragraph((Text("tre"), Break(), Text("fire")), 6)


def test_the_first_line_of_the_body_is_counted_from() -> None:
    body, _ = markdown.parse("\nen\n", "da.md", 5)
    assert body.blocks[0].line == 6


def test_inline_nodes() -> None:
    text = "a *b* **c** [d](https://e.dk/ø) [f]{lang=en} [g]{.full} {{ clinic.phone }}"
    children = one(text).children
    assert children[1:] == (
        Emphasis((Text("b"),)), Text(" "), Strong((Text("c"),)), Text(" "), Link("d", "https://e.dk/%C3%B8", 1), Text(" "),
        Span((Text("f"),), "en"), Text(" "), Span((Text("g"),), "", True), Text(" "),
        Field("clinic.phone", 1, text.index("{{") + 1),
    )  # fmt: skip


def test_lists_nest_and_begin_where_they_say() -> None:
    outer = one("3. a\n4. b\n   - c\n")
    assert isinstance(outer, List)
    assert (outer.ordered, outer.start, [item.line for item in outer.items]) == (True, 3, [1, 2])
    inner = outer.items[1].blocks[1]
    assert isinstance(inner, List)
    assert (inner.ordered, plain_text(inner), inner.line) == (False, "c", 3)


def test_tables() -> None:
    table = one("| a | b |\n|---|---|\n| c | **d** |\n| e | f |\n")
    assert isinstance(table, Table)
    assert [plain_text(cell) for cell in table.head] == ["a", "b"]
    assert [[plain_text(cell) for cell in row] for row in table.rows] == [["c", "d"], ["e", "f"]]


def test_figures_keep_their_letters() -> None:
    assert one('![En øvelse](images/løft%20a.svg "Sådan")') == Figure("images/løft a.svg", "En øvelse", "Sådan", 1)


def test_the_words_of_a_picture_are_plain() -> None:
    assert one("![En *øvelse*\nfor &amp; til\\*](a.svg)").alt == "En øvelse for & til*"


def test_footnotes_stand_beside_the_blocks() -> None:
    body, findings = markdown.parse("a[^x] b\n\n[^x]: en {{ clinic.name }}\n\n    to\n", "da.md")
    assert not findings
    assert body.blocks == (Paragraph((Text("a"), FootnoteMark("x", 1), Text(" b")), 1),)
    assert body.footnotes == (("x", (Text("en "), Field("clinic.name", 3, 10), Text(" to"))),)


@pytest.mark.parametrize("name", BLOCKS)
def test_every_directive_is_known(name: str) -> None:
    title = "Ja" if BLOCKS[name].argument is Argument.TITLE else ""
    arguments = {"step": "before", "exercise": "3 × 10", "slot": "x", "facts": "duration", "odds": "2 of 3"}
    argument = arguments.get(name, title)
    content = {
        Content.ANY: "- a",
        Content.MOMENTS: "- **a**",
        Content.PARAGRAPHS: "a",
        Content.TWO_COLUMNS: "| a | {{ clinic.unit }} |\n|-|-|",
        Content.LEGEND: "![x](x.svg)\n\n1. a",
    }[BLOCKS[name].content]
    directive = one(f"::: {name} {argument}\n{content}\n:::\n")
    assert (directive.name, directive.argument, plain_text(directive)) == (name, argument, "a")


def test_titles_of_directives_get_the_level_that_fits() -> None:
    text = "## a\n\n::: do\n- b\n:::\n\n### c\n\n::: warning W\nd\n:::\n\n::: topic T\ne\n\n### f\n:::\n\n::: contact\n:::\n"
    assert [node.level for node in walk(blocks(text)) if isinstance(node, Directive)] == [3, 4, 2, 2]


def test_a_heading_of_the_full_edition_alone_is_not_above_what_both_have() -> None:
    text = ":::: topic T\n::: full\n### a\n:::\n\n::: warning W\nb\n:::\n::::\n"
    assert [node.level for node in walk(blocks(text)) if isinstance(node, Directive)] == [2, 0, 3]


def test_a_title_of_a_directive_is_not_above_what_follows() -> None:
    text = "## a\n\n::: do\n- b\n:::\n\n::: warning W\nc\n:::\n"
    assert [node.level for node in walk(blocks(text)) if isinstance(node, Directive)] == [3, 3]


def test_directives_nest_with_one_colon_more() -> None:
    outer = one("::::: full\n:::: step day\n::: call\n:::\n::::\n:::::\n")
    assert [node.name for node in walk(outer) if isinstance(node, Directive)] == ["full", "step", "call"]


@pytest.mark.parametrize(
    "text",
    [
        "## {{ clinic.name }}\n",
        "a[^1]\n\n[^1]: {{ clinic.name }}\n",
        "|{{ clinic.name }}|\n|-|\n|a|\n",
        "- {{ clinic.name }}",
    ],
)
def test_a_field_alone_is_not_empty(text: str) -> None:
    assert not found(text)


# What is refused, and where

NOT_UNDERSTOOD = [
    ("a\n\n::: warn X\nb\n:::\n", ["3:1 unknown-block"]),
    ("::: warn X\n{{x\n:::\n", ["1:1 unknown-block", "2:1 left-over"]),
    ("::: do\n- a\n", ["1:1 unclosed-block"]),
    (":::: step day\n::: do\n- a\n::::\n", ["2:1 unclosed-block"]),
    ("- ::: do\n  - a\n\nb\n", ["1:1 unclosed-block"]),
    ("a\n\n:::\n\nb\n", ["3:1 stray-fence"]),
    ("a\n:::\nb\n", ["2:1 stray-fence"]),
    ("- a\n:::\n", ["2:1 stray-fence"]),
    ("::: step day\n## a\n\n::: do\n- b\n:::\n\n:::\n\nc\n", ["4:1 unclosed-block", "8:1 stray-fence"]),
    ("::: step night\na\n:::\n", ["1:1 block-argument"]),
    ("::: exercise tre\na\n:::\n", ["1:1 block-argument"]),
    ("::: slot\na\n:::\n", ["1:1 block-argument"]),
    ("::: warning\na\n:::\n", ["1:1 block-argument"]),
    ("::: brief Kort\na\n:::\n", ["1:1 block-argument"]),
    ("::: do\n:::\n", ["1:1 empty-block"]),
    ("a\n\n# b\n", ["3:1 heading-level"]),
    ("## a\n\n#### b\n", ["3:1 heading-level"]),
    ("### a\n", ["1:1 heading-level"]),
    ("a\n\n##\n", ["3:1 empty-heading"]),
    ("- a\n-\n- b\n", ["2:1 empty-item"]),
    ("| a | |\n|---|---|\n| b | c |\n", ["1:1 table-head"]),
    ("a\n\n![](b.svg)\n", ["3:1 alt-text"]),
    ("a ![b](c.svg) d\n", ["1:3 picture-in-text"]),
    ("## a ![b](c.svg)\n", ["1:6 picture-in-text"]),
    ("| a | b |\n|---|---|\n| ![b](c.svg) | d |\n", ["3:3 picture-in-text"]),
    ("a[^1]\n\n[^1]: b ![b](c.svg)\n", ["3:9 picture-in-text"]),
    ("[![b](c.svg)](https://d.dk)\n", ["1:2 picture-in-text", "1:15 link-words"]),
    ("![b](c.svg){.full}\n", ["1:1 picture-in-text", "1:12 left-over"]),
    ("a\n\n> b\n", ["3:1 not-in-vocabulary"]),
    ("```\na\n```\n", ["1:1 not-in-vocabulary"]),
    ("a\n\n    b\n", ["3:1 not-in-vocabulary"]),
    ("a\n\n---\n", ["3:1 not-in-vocabulary"]),
    ("a `b`\n", ["1:4 not-in-vocabulary"]),
    ("a <b>c</b>\nd <br>\n", ["1:3 html", "1:7 html", "2:3 html"]),
    ("<div>\na\n</div>\n", ["1:1 html", "3:1 html"]),
    ("<script>alert(1)</script>\n", ["1:1 html", "1:17 html"]),
    ("a <!-- b -->\n", ["1:3 html"]),
    ("<a\nhref='b'>c\n", ["1:1 html"]),
    ("a {{ clinic.phone }\n", ["1:3 left-over"]),
    ("::: call Ring {{ clinic.phone }}\n:::\n", ["1:15 left-over"]),
    ("![se {{ clinic.phone }}](b.svg)\n", ["1:6 left-over"]),
    ("a [b](https://c.dk){.full}\n", ["1:20 left-over"]),
    ("a **b **\n", ["1:3 left-over", "1:7 left-over"]),
    ("[a [b]{.full}](https://c.dk)\n", ["1:14 left-over"]),
    ("[a]{.half} [b]{lang=12} [c]{title=x} [d]{}\n", ["1:1 span", "1:12 span", "1:25 span", "1:38 span"]),
    ("a[^1]\n", ["1:2 footnote"]),
    ("a\n\n[^1]: b\n", ["3:1 footnote"]),
    ("a[^1] b[^1]\n\n[^1]: c\n", ["1:8 footnote"]),
    ("a[^1]\n\n[^1]: b\n\n[^1]: c\n", ["5:1 footnote"]),
    ("a[^1]\n\n[^1]:\n", ["3:1 footnote"]),
    ("a[^1]\n\n[^1]: b\n\n    - c\n", ["5:1 footnote"]),
    ("a[^1]\n\n[^1]: b[^2]\n\n[^2]: c\n", ["3:1 footnote"]),
    ("[](https://a.dk)\n", ["1:4 link-words"]),
    ("[a {{ clinic.name }}](https://a.dk)\n", ["1:23 link-words"]),
    *(
        (f"a\n[b]({address}) c\n", ["2:5 link-address"])
        for address in (
            "javascript:alert(1)", "vbscript:x", "data:text/html,x", "mailto:a@b.dk", "tel:112", "file:///etc/passwd",
            "images/a.svg", "../a", "#a", "//a.dk", "https://", "ftp://a.dk", "https://a.dk/" + "x" * 1000,
        )
    ),
    ("[a][1]\n\n[1]: javascript:x\n", ["1:2 link-address"]),
    ("<mailto:a@b.dk>\n", ["1:2 link-address"]),
    ("", ["1:1 empty-body"]),
    ("\n  \n", ["1:1 empty-body"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NOT_UNDERSTOOD, ids=[repr(text[:40]) for text, _ in NOT_UNDERSTOOD])
def test_what_is_wrong_is_found_at_its_place(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (
            "::: warn\na\n:::",
            f"use one of: {', '.join(BLOCKS)}",
        ),
        ("::: do\n- a", "end it with “:::” on a line of its own"),
        ("a\n:::", "a block around another block needs one more colon"),
        ("::: step night\na\n:::", "the name of a step must be one of: before, day, after"),
        ("::: exercise tre\na\n:::", "such as 3 × 10"),
        ("# a", "begin with “##”"),
        ("## a\n\n#### b", "use “###”"),
        ("![](a.svg)", "has no alternative text; describe what it shows"),
        ("> a", "a quotation (>) is not part of a leaflet"),
        ("a[^1]", "add a line “[^1]: …”"),
        ("[a](tel:112)", "an address must begin with https://"),
        ("a {{ b", "a field is written {{ clinic.phone }}"),
        ("<b>a</b>", "HTML is not allowed; remove “<b>”"),
        ("", "write something below the front matter"),
    ],
)
def test_a_finding_says_what_to_do(text: str, remedy: str) -> None:
    assert remedy in said(text)


def test_all_problems_come_at_once_each_at_its_own_place() -> None:
    text = "a {{ x }} {{x}}\n\n::: warn\n# b\n:::\n\n- <i>\n- <i>\n- `c`\n- `c`\n"
    assert found(text) == ["3:1 unknown-block", "4:1 heading-level", "7:3 html", "8:3 html", "9:4 not-in-vocabulary",
                           "10:4 not-in-vocabulary"]  # fmt: skip


def test_the_same_field_twice_has_two_places() -> None:
    fields = [node for node in walk(blocks("{{ x }} og {{ x }}\n{{ x }}\n")) if isinstance(node, Field)]
    assert [(field.line, field.column) for field in fields] == [(1, 1), (1, 12), (2, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "a < b og c > d",
        "5 * 3 * 2",
        "[a]",
        "a_b_c",
        "1 & 2",
        "&lt;b&gt;",
        "<https://a.dk>",
        "a: b",
        "#5",
        "a | b",
        "* a",
    ],
)
def test_plain_signs_are_no_findings(text: str) -> None:
    assert not found(text)


# Whatever an author types


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"{'  ' * depth}- a{depth}\n" for depth in range(500)), id="lists"),
        pytest.param("> " * 1000 + "a", id="quotations"),
        pytest.param(">" * 1000 + "a", id="tight quotations"),
        pytest.param("".join(f"{':' * (60 - depth)} full\n" for depth in range(50)) + "a\n", id="directives"),
        pytest.param("- " * 500 + "a", id="lists on a line"),
    ],
)
def test_what_stands_too_deep_is_said_not_dropped(text: str) -> None:
    assert "lists and blocks are nested too deeply; use fewer levels" in said(text)


def test_eight_levels_of_lists_are_not_too_deep() -> None:
    text = "".join(f"{'  ' * depth}- a{depth}\n" for depth in range(8))
    assert plain_text(blocks(text)) == "".join(f"a{depth}" for depth in range(8))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000, "1" * 100_000, "{{ " * 10_000, "[" * 3_000, "![" * 2_000, "[a]{" * 2_000, "*_" * 2_000, "<a " * 10_000,
        "`a" * 3_000, "a[^b] " * 2_000, "[a](" * 2_000, "::: x\n" * 2_000, "| " * 3_000 + "\n" + "|-" * 3_000, "{" * 50_000,
        "{{ x }} " * 5_000, "(" * 50_000, "**a " * 3_000, "\\" * 50_000, "&amp;" * 10_000,
    ],
    ids=lambda text: text[:6],
)  # fmt: skip
def test_long_lines_take_seconds_at_most(text: str) -> None:
    started = time.thread_time()
    markdown.parse(text, "da.md")
    assert time.thread_time() - started < 5


def calls(text: str) -> int:
    """Count the calls that reading a text takes."""
    count = 0

    def note(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        markdown.parse(text, "da.md")
    finally:
        sys.setprofile(None)
    return count


REPEATED = [
    "[^a", "[a](", "[a][", "![", "*a ", "**a ", "*a", "_a_ ", "`a", "<a ", "\\a", "[[", "~~a", "{{ ", "&amp", "a\tb\n", "a\n", "• a\n", "$a", "^a", "a@", "!a", "-a\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_twice_the_text_takes_twice_the_work(piece: str) -> None:
    block = (piece * 100)[:300] + "\n\n"
    markdown.parse(block, "da.md")
    assert calls(block * 8) <= 2.3 * calls(block * 4)


@pytest.mark.parametrize(
    "line",
    [
        "1. a\n",
        "{}. a\n",
        "- a\n",
        "::: x\n",
        "[a{}]: https://a.dk\n",
        "[^a{}]: b\n\n",
        "## a\n\n",
        "24. a\n\nb\n\n",
        "> a\n",
        "| a |\n",
    ],
)
def test_twice_the_lines_take_twice_the_work(line: str) -> None:
    few, many = ("".join(line.format(number) for number in range(1, count + 1)) for count in (150, 300))
    markdown.parse(few, "da.md")
    assert calls(many) <= 2.3 * calls(few)


@pytest.mark.parametrize("piece", ["[^a", "*a ", "|", "[", "{{ x }} ", "`a", "<a "])
def test_a_block_that_is_too_long_is_named_and_not_read(piece: str) -> None:
    """180 kB of “[^a” took minutes: what a block costs grows with the square of its length."""
    text = f"en\n\n{(piece * 180_000)[:180_000]}x"
    assert found(text) == ["3:1 too-long"]
    assert "too many marks such as “[” or “*” to be read in one piece; divide it with empty lines" in said(text)
    assert calls(text) < 2 * calls("en\n\nto\n")


@pytest.mark.parametrize("text", ["## {}", "- {}", "| {} |\n|---|\n| a |", "a[^1]\n\n[^1]: {}", "::: do\n- {}\n:::"])
def test_so_is_one_that_stands_anywhere(text: str) -> None:
    assert "too-long" in " ".join(found(text.format("[a" * 5_000)))
    assert not found(text.format("[a] " * 500))


def test_a_text_that_is_too_long_is_named_and_not_read() -> None:
    text = "a\n\n" * 100_001
    assert found(text) == ["1:1 too-long"]
    assert "the text has 300,003 characters, but the limit is 300,000" in said(text)
    assert calls(text) < 1000


def test_thousands_of_findings_come_all() -> None:
    assert len(found("::: warn\na\n:::\n\n" * 2_000)) == 2_000


PIECES = [
    "a", "æ ø", " ", "\n", "\n\n", "\n\n- ", "\n\n  1. ", "## ", "# ", "::: do\n", ":::\n", ":::: step day\n", "::::\n", ":::", "> ",
    "    ", "\t", "|", "|-|\n", "[^1]", "[^1]: ", "{{ clinic.name }}", "{{", "}}", "[", "](https://a.dk)", "](", "]{.full}", "]{",
    "![", "](a.svg)", "*", "**", "`", "```\n", "---\n", "===\n", "<b>", "<!--", "&amp;", "&#0;", "\\", "\x00", "\r", "\u2028", "1. ",
    "- ", "-", "::: slot x\n", "::: warning W\n", "[1]: b\n", "~", "\u202e", "😀",
]  # fmt: skip


@example(">:::0\n>")
@example("0|\r--\n0")
@settings(max_examples=amount(100, 3000))
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_blocks_and_findings_within_the_file(text: str) -> None:
    body, findings = markdown.parse(text, "da.md", 3)
    lines = len(re.split(r"\r\n|\r|\n", text))
    assert all(3 <= finding.place.line < 3 + lines and finding.place.column >= 1 for finding in findings)
    assert all(finding.message and finding.place.file == "da.md" for finding in findings)
    assert findings or body.blocks


WORDS = st.lists(st.text("abcæøåABC123", min_size=1, max_size=8), min_size=1, max_size=6)


@st.composite
def inline(draw: st.DrawFn) -> str:
    """Words, some of them marked, all of which must come through."""
    marks = st.sampled_from(["{}", "{}", "*{}*", "**{}**", "[{}]{{.full}}", "[{}]{{lang=en}}", "[{}](https://a.dk)"])
    return " ".join(draw(marks).format(word) for word in draw(WORDS))


@st.composite
def block(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["p", "ul", "ol", "table", "heading", "lines", "do", "full", "slot", "step"]))
    words = draw(inline())
    match kind:
        case "p":
            return words
        case "lines":
            return f"{words}\n{draw(inline())}\\\n{draw(inline())}"
        case "heading":
            return f"## {words}"
        case "ul":
            return "\n".join(f"- {item}" for item in [words, draw(inline())])
        case "ol":
            return f"1. {words}\n\n   {draw(inline())}\n2. {draw(inline())}"
        case "table":
            return f"| {words} | {draw(inline())} |\n|---|---|\n| {draw(inline())} | {draw(inline())} |"
        case _ if depth:
            inner = "\n\n".join(draw(st.lists(block(depth=depth - 1), min_size=1, max_size=3)))
            fence = ":" * (3 + depth)
            return f"{fence} {kind} {'before' if kind == 'step' else 'x' if kind == 'slot' else ''}\n{inner}\n{fence}"
        case _:
            return words


@given(st.lists(block(), min_size=1, max_size=5).map("\n\n".join))
def test_every_word_of_a_well_formed_body_is_in_its_blocks(text: str) -> None:
    body, findings = markdown.parse(text, "da.md")
    assert not findings
    written = re.sub(r":::+ ?\w* ?\w*|\]\{[^}]*\}|\]\([^)]*\)|(?m:^\d\.)|[^a-zæøåABC0-9]", "", text)
    assert re.sub(r"[^a-zæøåABC0-9]", "", plain_text(body.blocks)) == written


@given(st.lists(block(), min_size=1, max_size=4).map("\n\n".join), st.integers(0, 5))
def test_empty_lines_move_lines_and_nothing_else(text: str, count: int) -> None:
    before, _ = markdown.parse(text, "da.md")
    after, _ = markdown.parse("\n" * count + text, "da.md")
    assert [part.line + count for part in walk(before.blocks) if hasattr(part, "line")] == [
        part.line for part in walk(after.blocks) if hasattr(part, "line")
    ]
    assert plain_text(before.blocks) == plain_text(after.blocks)


def test_a_row_with_a_cell_too_many_or_too_few() -> None:
    text = "## T\n\n| Medicine | Dose |\n|---|---|\n| Warfarin | 2 | STOP 3 DAYS BEFORE |\n| Fragmin |\n"
    _, findings = markdown.parse(text, "da.md")
    assert [(finding.code, finding.place.line) for finding in findings] == [("table-row", 5), ("table-row", 6)]


def test_a_bar_that_is_escaped_ends_no_cell() -> None:
    assert markdown.parse("## T\n\n| a | b |\n|---|---|\n| one \\| two | c |\n", "da.md")[1] == []


def test_a_table_of_too_many_columns() -> None:
    columns = 6
    text = "## T\n\n" + "".join(f"|{cell * columns}\n" for cell in (" a |", "---|", " b |"))
    assert [finding.code for finding in markdown.parse(text, "da.md")[1]] == ["table-columns"]
