"""What a block must contain: what is wrong is named at its line, with what to write instead."""

import pytest

from pdfkit_cli.content import block_content, markdown
from pdfkit_cli.content.blocks import Directive, plain_text

PICTURE = "![Ryggen](x.svg)"


def found(text: str) -> list[str]:
    """Line, code and message of each finding."""
    _, findings = markdown.parse(text, "da.md")
    return [f"{finding.place.line} {finding.code}: {finding.message}" for finding in findings]


def one(text: str) -> Directive:
    body, findings = markdown.parse(text, "da.md")
    assert not findings
    (block,) = body.blocks
    assert isinstance(block, Directive)
    return block


@pytest.mark.parametrize(
    "text",
    [
        "::: facts duration driving\n- **1 time** i alt\n- **Kør ikke**\n:::\n",
        "::: facts  phone\n- **{{ clinic.phone }}**\n:::\n",
        "::: timeline\n- **Før** [meget]{.full} medicin\n:::\n",
        "::: timeline day=1\n- **[Hele]{.full} dagen**\n:::\n",
        "::: odds 10 of 10\na\n:::\n",
        "::: compare Vent\n| a | b |\n|-|-|\n| c | d |\n:::\n",
        f"::: diagram\n{PICTURE}\n\n1. a\n2. b\n:::\n",
        f"::: diagram\n{PICTURE}\n\nSet fra siden.\n\n1. a\n:::\n",
        "::: questions\n:::\n",
    ],
)
def test_what_a_block_asks_for_is_no_finding(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("::: facts duration driving\n- **a**\n:::\n", 1, "names 2 icons for 1 items; name one for each item"),
        ("::: facts duration\n- **a**\n- **b**\n:::\n", 1, "names 1 icons for 2 items"),
        ("::: facts duration\n1. **a**\n:::\n", 1, "“facts” contains one list, written with “-”, and nothing else"),
        ("::: facts duration\n- **a**\n\nb\n:::\n", 1, "“facts” contains one list"),
        ("::: facts duration\n- a **b**\n:::\n", 2, "an item of “facts” is one line that begins with bold words"),
        ("::: odds 2 of 3\na\n\n- b\n:::\n", 4, "“odds” contains plain sentences only; move this out of it"),
        ("::: timeline\n- **a**\n- **b**\n  - c\n:::\n", 3, "an item of “timeline” is one line"),
        ("::: timeline\n- **[a]{.full}** b\n:::\n", 2, "the short variant would leave out all of this item"),
        ("::: timeline day=3\n- **a**\n- **b**\n:::\n", 1, "there is no item 3; correct “day=3”"),
        ("::: compare Vent\n| a | b | c |\n|-|-|-|\n:::\n", 1, "contains one table of two columns"),
        ("::: compare Vent\na\n\n| a | b |\n|-|-|\n:::\n", 1, "contains one table of two columns"),
        (f"::: diagram\n{PICTURE}\n\n- a\n:::\n", 1, "and then a numbered list that explains the picture"),
        (f"::: diagram\n1. a\n\n{PICTURE}\n:::\n", 1, "contains a picture, at most one paragraph, and then"),
        (f"::: diagram\n{PICTURE}\n\na\n\nb\n\n1. c\n:::\n", 1, "at most one paragraph"),
        (f"::: diagram\n{PICTURE}\n\n0. a\n1. b\n:::\n", 4, "number the legend 1. 2. 3., as the picture does"),
        (f"::: diagram\n{PICTURE}\n\n1. a\n\n   b\n:::\n", 4, "an item of a legend is one line of words"),
        (f"::: diagram\n{PICTURE}\n\n1. [a]{{.full}}\n:::\n", 4, "the short variant would leave out all of this item"),
    ],
)
def test_what_is_wrong_is_named_at_its_line(text: str, line: int, words: str) -> None:
    (finding,) = found(text)
    assert finding.startswith(f"{line} block-content: ")
    assert words in finding


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("::: facts\n- **a**\n:::\n", "write the name of an icon for each item; they are: activity, asleep, awake"),
        ("::: facts duration cat\n- **a**\n- **b**\n:::\n", "“facts duration cat”: write the name of an icon"),
        ("::: odds\na\n:::\n", "write it as “2 of 3”, with at most 10 people"),
        ("::: odds 4 of 3\na\n:::\n", "“odds 4 of 3” is not a share of people"),
        ("::: odds 0 of 3\na\n:::\n", "is not a share of people"),
        ("::: odds 1 of 11\na\n:::\n", "is not a share of people"),
        ("::: timeline 3\n- **a**\n:::\n", "“timeline 3”: write nothing, or “day=3”"),
        ("::: compare\n| a | b |\n|-|-|\n:::\n", "the compare has no title"),
        ("::: important\na\n:::\n", "the important has no title"),
    ],
)
def test_a_wrong_argument_is_named(text: str, words: str) -> None:
    (finding,) = found(text)
    assert finding.startswith("1 block-argument: ")
    assert words in finding


def test_moments_are_the_words_of_each_item() -> None:
    block = one("::: timeline day=2\n- **Før** medicin\n- **Dagen** *ro*\n:::\n")
    assert [plain_text(words) for words in block_content.moments(block)] == ["Før medicin", "Dagen ro"]
    assert block_content.marked_item(block) == 2
    assert block_content.marked_item(one("::: timeline\n- **Før**\n:::\n")) == 0
