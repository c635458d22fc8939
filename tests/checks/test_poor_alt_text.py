"""Alternative texts that say nothing."""

import pytest

from tests.helpers.check_runner import said
from tests.helpers.tiny_library import TinyLibrary


def found(library: TinyLibrary, alt: str, caption: str = "", name: str = "hip-lift.svg") -> list[str]:
    library.write(f"content/first/{name}", library.read("brands/plain/logo.svg"))
    title = f' "{caption}"' if caption else ""
    library.body(f"\n![{alt}]({name}{title})\n")
    return said(library, "poor-alt-text")


def test_a_file_name_is_no_alternative_text(library: TinyLibrary) -> None:
    assert found(library, "IMG_1234.jpg") == [
        "content/first/da.md:6:1: warning: the alternative text “IMG_1234.jpg” is only a name; "
        "describe what the picture shows [poor-alt-text]"
    ]


@pytest.mark.parametrize("alt", ["image1", "Billede 2", "bild", "DSC_0042", "hip-lift", "foto.PNG", "صورة 3"])
def test_names(library: TinyLibrary, alt: str) -> None:
    (line,) = found(library, alt)
    assert "is only a name" in line


@pytest.mark.parametrize(
    "alt", ["Billede af en hofte", "Et foto, der viser ryggen".replace(",", ""), "En bild på en höft", "Image of a hip",
            "The picture showing a hip", "صورة رجل مستلق"]
)  # fmt: skip
def test_a_screen_reader_says_itself_that_it_is_a_picture(library: TinyLibrary, alt: str) -> None:
    (line,) = found(library, alt)
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
