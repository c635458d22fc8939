"""Links whose words say nothing."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, text: str, language: str = "da") -> list[str]:
    library.write(f"content/first/{language}.md", f"---\ntitle: T\nsummary: S.\n---\n\n{text}\n")
    return said(library, "link-text")


def test_a_link_says_where_it_leads(library: TinyLibrary) -> None:
    assert found(library, "Se [læs mere](https://example.org/a).") == [
        "content/first/da.md:6:5: warning: “læs mere” means nothing on paper; "
        "describe where the link leads: [the words](https://…) [link-text]"
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("[Her](https://example.org)", "da"),
        ("[Link](https://example.org)", "da"),
        ("[click here](https://example.org)", "en"),
        ("[**Läs mer**](https://example.org)", "sv"),
        ("[هنا](https://example.org)", "ar"),
        ("Klik her for mere.", "da"),
        ("klicka här", "sv"),
        ("For more, click on the link.", "en"),
    ],
)
def test_words_that_say_nothing(library: TinyLibrary, text: str, language: str) -> None:
    assert [line for line in found(library, text, language) if f"/{language}.md" in line]


@pytest.mark.parametrize(
    "text",
    ["[Sundhed.dk om lænden](https://sundhed.dk)", "[https://example.org](https://example.org)", "Kom her. Læs mere."],
)
def test_words_that_say_something(library: TinyLibrary, text: str) -> None:
    assert found(library, text) == []
