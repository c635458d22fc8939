"""Links whose words say nothing."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, text: str) -> list[str]:
    library.body(f"\n{text}\n")
    return said(library, "link-text")


def test_a_link_says_where_it_leads(library: TinyLibrary) -> None:
    assert found(library, "Se [læs mere](https://example.org/a).") == [
        "content/first/da.md:6:5: warning: “læs mere” means nothing on paper; "
        "describe where the link leads: [the words](https://…) [link-text]"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[Her](https://example.org)",
        "[Link](https://example.org)",
        "[click here](https://example.org)",
        "[**Läs mer**](https://example.org)",
        "[هنا](https://example.org)",
        "Klik her for mere.",
        "klicka här",
        "For more, click on the link.",
    ],
)
def test_words_that_say_nothing(library: TinyLibrary, text: str) -> None:
    assert len(found(library, text)) == 1


@pytest.mark.parametrize(
    "text",
    ["[Sundhed.dk om lænden](https://sundhed.dk)", "[https://example.org](https://example.org)", "Kom her. Læs mere."],
)
def test_words_that_say_something(library: TinyLibrary, text: str) -> None:
    assert found(library, text) == []
