"""Words with numbered codes: nothing of a mark is seen, and nothing is lost on the way back to Markdown."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pdfkit_cli.content import markdown
from pdfkit_cli.content.blocks import (
    Break,
    Emphasis,
    Field,
    FootnoteMark,
    Inline,
    Inlines,
    Link,
    Paragraph,
    Span,
    Strong,
    Text,
    walk,
)
from pdfkit_cli.translation import inline_codes
from pdfkit_cli.translation.inline_codes import Code, CodeError, Content

WORDS = st.text("abcæ0123 .,-+*_`[]()<>&;:#!|~^=$\\/'\"ضم\u00a0\u2013%@?", min_size=1, max_size=24)


def nodes(inside: "st.SearchStrategy[Inlines]") -> "st.SearchStrategy[Inline]":
    marks = st.one_of(
        st.builds(Strong, inside), st.builds(Emphasis, inside),
        st.builds(Span, inside, st.just("en")), st.builds(lambda each: Span(each, full=True), inside),
    )  # fmt: skip
    return st.one_of(st.builds(Text, WORDS), marks)


LEAVES = st.one_of(
    st.builds(Text, WORDS),
    st.just(Field("clinic.phone", 0, 0)),
    st.builds(Link, st.text("abc *_[", min_size=1), st.just("https://example.org/a_b"), st.just(0)),
)
INLINES = st.recursive(
    st.lists(LEAVES, min_size=1, max_size=3).map(tuple),
    lambda inside: st.lists(st.one_of(LEAVES, nodes(inside)), min_size=1, max_size=3).map(tuple),
    max_leaves=6,
)


def has_words(node: Inline) -> bool:
    """Return whether a mark is around something."""
    return any(isinstance(each, Field) or (isinstance(each, Text | Link) and each.text.strip()) for each in walk(node))


@given(INLINES)
def test_coded_words_come_back_as_they_were(words: Inlines) -> None:
    content, codes = inline_codes.encode(words)
    assume(all(has_words(node) for node in walk(words) if not isinstance(node, Text)))
    back = inline_codes.decode(content, codes)
    assert inline_codes.without_places(back) == inline_codes.without_places(words)
    inline_codes.check_codes(content, codes, {})


@given(WORDS)
def test_plain_words_are_printed_as_they_are(text: str) -> None:
    words = inline_codes.tidy((Text(text),))
    body, findings = markdown.parse(inline_codes.to_markdown(words), "x.md")
    if words and not findings:
        (paragraph,) = body.blocks
        assert isinstance(paragraph, Paragraph)
        assert inline_codes.without_places(paragraph.children) == words


@pytest.mark.parametrize(
    "text",
    [
        "Ring på {{ clinic.phone }}, **straks** hvis *feber*.", "**2 ud af 3** får det bedre", "1\\. december er vi lukket",
        "[ordene](https://example.org) og [whiplash]{lang=en}", "Kom. [Og bliv **længe**.]{.full}", "\\# er et tegn, og \\* er ét",
        "en linje\\\nen til", "a_b og H2O & co.", "\\[nej\\] og \\`kode\\`", "\\- 5 grader", "**fed _kursiv_**",
    ],
)  # fmt: skip
def test_markdown_comes_back_byte_for_byte(text: str) -> None:
    body, findings = markdown.parse(text, "x.md")
    assert not findings
    (paragraph,) = body.blocks
    assert isinstance(paragraph, Paragraph)
    assert inline_codes.to_markdown(inline_codes.tidy(paragraph.children)) == text


def test_nothing_of_a_mark_is_seen() -> None:
    words = (Text("Ring "), Field("clinic.phone", 1, 1), Strong((Text("nu"), FootnoteMark("a", 1))), Break(), Text("x"))
    content, _ = inline_codes.encode(words)
    assert content == ("Ring ", Code("1"), Code("2", ("nu", Code("3"))), Code("4"), "x")
    assert inline_codes.plain(content) == "Ring nux"


def test_a_translation_has_the_numbers_of_its_source_and_names_of_its_own() -> None:
    _, codes = inline_codes.encode((Strong((Text("a"),)), Field("clinic.phone", 1, 1)))
    content, own = inline_codes.encode(
        (Field("clinic.phone", 9, 9), Span((Text("b"),), "da"), Strong((Text("c"),))), codes
    )
    assert content == (Code("2"), Code("t1", ("b",)), Code("1", ("c",)))
    assert set(own) == {"1", "2", "t1"}


SOURCE = inline_codes.encode((Text("Ring "), Field("clinic.phone", 1, 1), Strong((Text("nu"),))))[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (("Call ", Code("2", ("now",))), "the code “1” (phone) is missing"),
        ((Code("1"), Code("1"), Code("2", ("now",))), "the code “1” is here 2 times"),
        ((Code("1"), Code("2", ("now",)), Code("3")), "there is no code “3”"),
        ((Code("1"), "now"), "the code “2” (bold) is missing"),
        ((Code("1", ("phone",)), Code("2", ("now",))), "has words in it"),
        ((Code("1"), Code("2", (" ",))), "has no words in it"),
    ],
)
def test_codes_that_are_wrong(content: Content, message: str) -> None:
    with pytest.raises(CodeError, match=re.escape(message)):  # noqa: PT012  # either may find it
        inline_codes.check_codes(content, SOURCE, {})
        inline_codes.decode(content, SOURCE)


def test_bold_that_the_translation_never_had_may_be_missing() -> None:
    inline_codes.check_codes((Code("1"), "now"), SOURCE, {"1": SOURCE["1"]})


def test_blanks_at_the_edge_of_a_mark_move_out_of_it() -> None:
    words = (Text("a"), Strong((Text(" b "),)), Text(" c\n"))
    assert inline_codes.tidy(words) == (Text("a "), Strong((Text("b"),)), Text(" c"))
