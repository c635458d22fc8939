"""Words in another script without their language."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, text: str, language: str = "ar") -> list[str]:
    library.write(f"content/first/{language}.md", f"---\ntitle: T\nsummary: S.\n---\n\n{text}\n")
    return [line for line in said(library, "foreign-script") if f"/{language}.md" in line]


def test_latin_words_in_arabic(library: TinyLibrary) -> None:
    assert found(library, "هذا lower back pain هنا") == [
        "content/first/ar.md:6:5: warning: “lower back pain” is in another script; mark its language, "
        "so that screen readers pronounce it correctly: [lower back pain]{lang=…} [foreign-script]"
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "Det hedder ألم på arabisk."),
        ("sv", "Ordet боль."),
        ("en", "The word πόνος."),
        ("ar", "**some words** هنا"),
        ("ar", "كلمة боль"),
    ],
)
def test_words_in_another_script(library: TinyLibrary, language: str, text: str) -> None:
    assert len(found(library, text, language)) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "هذا [lower back pain]{lang=en} هنا"),
        ("ar", "الكيّ بالترددات الراديوية (RFA)"),
        ("da", "[ألم]{lang=ar}"),
        ("da", "5 μg α-blokker, β"),
        ("da", "Ændring, café, Malmö"),
        ("en", "[**боль**]{lang=ru}"),
    ],
)
def test_words_that_are_marked_and_names(library: TinyLibrary, language: str, text: str) -> None:
    assert found(library, text, language) == []
