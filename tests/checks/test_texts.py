"""What rules read of a text."""

from pdfkit_cli.checks.texts import FIELD_PLACEHOLDER, SpanKind, checked_texts
from pdfkit_cli.errors import SourceLocation
from tests.helpers.check_runner import subject
from tests.helpers.tiny_library import TinyLibrary

TEXT = """
## A *heading*

Two {{ clinic.phone }}[^1] [linked](https://example.org)
words.

::: warning Its title
- item
:::

| a | b |
|---|---|
| c | d |

![Alt](a.svg "Caption")

[^1]: A note.
"""


def test_every_word_is_in_a_passage_with_its_kind_and_line(library: TinyLibrary) -> None:
    library.write("content/first/a.svg", library.read("brands/plain/logo.svg"))
    library.body(TEXT)
    library.replace("content/first/da.md", "summary:", "short_title: Kort\nsynonyms: [andet]\nsummary:")
    (writing,) = checked_texts(subject(library))
    assert [(str(piece.kind), piece.words, piece.line) for piece in writing.spans] == [
        ("title", "En titel", 2),
        ("title", "Kort", 2),
        ("summary", "En kort indledning.", 2),
        ("synonym", "andet", 2),
        ("heading", "A heading", 8),
        ("paragraph", f"Two {FIELD_PLACEHOLDER} linked words.", 10),
        ("heading", "Its title", 13),
        ("paragraph", "item", 14),
        ("cell", "a", 17),
        ("cell", "b", 17),
        ("cell", "c", 17),
        ("cell", "d", 17),
        ("alternative", "Alt", 21),
        ("caption", "Caption", 21),
        ("footnote", "A note.", 1),
    ]
    assert writing.place("words.", 10) == SourceLocation(writing.source.name, 11, 1)
    assert writing.place("linked words", 10) == SourceLocation(writing.source.name, 10, 1)


def test_the_wording_of_a_clinic_is_a_text_too(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: slot parking\n:::\n")
    library.write("clinics/north/first/parking.da.md", "Parkér bag huset.\n")
    _, wording = checked_texts(subject(library))
    assert [(piece.kind, piece.words) for piece in wording.spans] == [(SpanKind.PARAGRAPH, "Parkér bag huset.")]
    assert (wording.language, wording.audience) == ("da", "patient")
