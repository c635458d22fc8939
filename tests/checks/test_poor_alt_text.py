"""Alternative texts that say nothing."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(
    library: TinyLibrary, alt: str, caption: str = "", name: str = "hip-lift.svg", language: str = "da"
) -> list[str]:
    library.write(f"content/first/{name}", library.read("brands/plain/logo.svg"))
    title = f' "{caption}"' if caption else ""
    text = f"---\ntitle: T\nsummary: S.\n---\n\n![{alt}]({name}{title})\n"
    library.write(f"content/first/{language}.md", text)
    return said(library, "poor-alt-text")


def test_a_file_name_is_no_alternative_text(library: TinyLibrary) -> None:
    assert found(library, "IMG_1234.jpg") == [
        "content/first/da.md:6:1: warning: the alternative text “IMG_1234.jpg” is only a name; "
        "describe what the picture shows [poor-alt-text]"
    ]


@pytest.mark.parametrize(
    ("alt", "language"),
    [("image1", "da"), ("Billede 2", "da"), ("bild", "sv"), ("DSC_0042", "da"), ("hip-lift", "da"), ("foto.PNG", "da"), ("صورة 3", "ar")],
)  # fmt: skip
def test_names(library: TinyLibrary, alt: str, language: str) -> None:
    (line,) = found(library, alt, language=language)
    assert "is only a name" in line


@pytest.mark.parametrize(
    ("alt", "language"),
    [
        ("Billede af en hofte", "da"), ("Et foto der viser ryggen", "da"), ("En bild på en höft", "sv"),
        ("Image of a hip", "en"), ("The picture showing a hip", "en"), ("صورة رجل مستلق", "ar"),
    ],
)  # fmt: skip
def test_a_screen_reader_says_itself_that_it_is_a_picture(library: TinyLibrary, alt: str, language: str) -> None:
    (line,) = found(library, alt, language=language)
    assert "which screen readers announce themselves" in line


def test_the_caption_once_more_and_too_many_letters(library: TinyLibrary) -> None:
    (line,) = found(library, "Hofteløft.", "Hofteløft")
    assert "repeats the caption" in line
    (line,) = found(library, "x" * 401)
    assert "has 401 characters; the limit is 400" in line


@pytest.mark.parametrize(
    "alt",
    ["En person ligger på ryggen.", "Billede 1: hoften er løftet.", "Bildskärm", "الصورة 1: الشخص مستلق", "x" * 400],
)
def test_what_says_something(library: TinyLibrary, alt: str) -> None:
    assert found(library, alt, "Hofteløft") == []
