"""Texts cut into passages: their kinds, what they stand in, their words, lines and digests."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content import markdown, segments
from pdfkit_cli.content.blocks import Paragraph, Text
from pdfkit_cli.content.models import FrontMatter
from pdfkit_cli.content.segments import Segment
from pdfkit_cli.content.yaml_source import SourceFile

HEAD = "---\nsummary: En kort indledning.\ntitle: En titel\n---\n"


def cut(body: str, **matter: str) -> tuple[Segment, ...]:
    parsed, findings = markdown.parse(body, "da.md", HEAD.count("\n") + 1)
    assert not findings, findings
    front = FrontMatter.model_validate({"title": "En titel", "summary": "En kort indledning.", **matter})
    return segments.split_into_segments(front, parsed, SourceFile("da.md", HEAD + body, ""))


def test_title_and_summary_have_the_lines_of_the_front_matter() -> None:
    title, summary, _ = cut("Ord.\n", short_title="Kort titel")
    assert (title.kind, title.words, title.line) == ("title", "En titel Kort titel", 3)
    assert (summary.kind, summary.words, summary.line) == ("summary", "En kort indledning.", 2)


def test_each_block_is_cut_with_what_it_stands_in() -> None:
    body = """
## Før

Et **vigtigt** ord[^1] og {{ clinic.phone }} på [siden](https://example.org/a).

:::: warning Ring
- feber
- kulde
  1. først

::: call
:::
::::

::: step before
[Mere.]{.full}
:::

| A | B |
|---|---|
| 1 | 2 |

[^1]: En note.
"""
    assert [(p.kind, p.where, p.words, p.line) for p in cut(body)[2:]] == [
        ("heading of level 2", (), "Før", 6),
        ("paragraph", (), "Et vigtigt ord[^] og {{ clinic.phone }} på siden <https://example.org/a>.", 8),
        ("footnote", ("paragraph",), "En note.", 8),
        ("warning", (), "Ring", 10),
        ("list item", ("warning",), "feber", 11),
        ("list item", ("warning",), "kulde", 12),
        ("numbered list item", ("warning", "list item"), "først", 13),
        ("call", ("warning",), "", 15),
        ("step before", (), "", 19),
        ("paragraph", ("step before",), "[Mere.]{.full}", 20),
        ("table of 2 columns", (), "A | B", 23),
        ("table row", (), "1 | 2", 25),
    ]


def test_a_picture_has_its_words_and_its_file() -> None:
    picture = cut('![En fod](images/fod.svg "Løft foden")\n')[-1]
    assert (picture.kind, picture.words) == ("picture", "En fod Løft foden <images/fod.svg>")


def digests(body: str) -> list[str]:
    return [segment.digest for segment in cut(body)]


def test_white_space_line_ends_lines_and_emphasis_do_not_count() -> None:
    assert (
        digests("Et ord og\net til.\n")
        == digests("\n\nEt  **ord** og et\u00a0til.\n")
        == digests("Et ord og et ti\u00adl.\n")
    )


def test_words_kind_and_place_count() -> None:
    texts = ["Gå.\n", "Stå.\n", "- Gå.\n", "::: do\nGå.\n:::\n", "::: dont\nGå.\n:::\n", "[Gå.]{.full}\n"]
    texts += [f"::: step {phase}\nGå.\n:::\n" for phase in ("before", "after")]
    assert len({digests(text)[-1] for text in texts}) == len(texts)


def test_the_digest_of_a_text_knows_the_order() -> None:
    one, other = cut("Gå.\n\nStå.\n"), cut("Stå.\n\nGå.\n")
    assert segments.segments_digest(one) != segments.segments_digest(other)
    assert segments.segments_digest(one) == segments.segments_digest(p._replace(line=99) for p in one)


@given(st.lists(st.text("abc æø,.", min_size=1).filter(str.strip), min_size=1))
def test_every_word_is_in_a_passage(paragraphs: list[str]) -> None:
    words = [" ".join(paragraph.split()) for paragraph in paragraphs]
    body = replace(markdown.MarkdownBody((), ()), blocks=tuple(Paragraph((Text(w),), 1) for w in paragraphs))
    front = FrontMatter(title="t", summary="s")
    assert [p.words for p in segments.split_into_segments(front, body, SourceFile("da.md", HEAD, ""))[2:]] == words
