"""Bilingual editions: how blocks are paired, what the proof expects, and what is refused."""

from collections.abc import Callable

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, Project, open_project
from pdfkit_cli.content import bilingual
from pdfkit_cli.content.bilingual import Kind
from pdfkit_cli.content.blocks import Footnote, walk
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.errors import SourceError
from pdfkit_cli.rendering.verification.expected_content import expected_content
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from tests.helpers.block_examples import EXAMPLES, FACTS, LEAFLET_SETTINGS, NORTH
from tests.helpers.tiny_library import LOGO, TinyLibrary

LEAFLET = "content/first/leaflet.yaml"
SV = "content/first/sv.md"


@pytest.fixture
def shop(library: TinyLibrary) -> Callable[[str, str], Project]:
    """Returns the project of a leaflet with a Danish text and its Swedish translation, in one language beside the other."""

    def opened(danish: str, swedish: str) -> Project:
        library.write(NORTH, FACTS)
        library.write("content/first/images/løft.svg", LOGO)
        library.body(danish)
        library.translate()
        library.write(SV, library.read(SV).replace(danish, swedish))
        library.replace(LEAFLET, "[a4, a5]", "[a4, a4-bilingual]")
        return open_project(BuildRequest(library.root))

    return opened


def bilingual_edition(project: Project) -> Edition:
    key = next(key for key in project.output_keys() if key.format == "a4-bilingual")
    return project.edition(key)


def said(edition: Edition) -> list[str]:
    """Return the expected texts between title and contact."""
    kinds = ContentKind.TEXT, ContentKind.HEADING
    return [item.text for item in expected_content(edition) if item.kind in kinds][4:]


def test_passages_are_expected_pair_by_pair(shop: Callable[[str, str], Project]) -> None:
    danish = "\n## Før\n\n1. Gå\n2. Stå\n\n   mere\n\n| a | b |\n|---|---|\n| c | d |\n\n::: do\n- Ro\n:::\n"
    swedish = (
        "\n## Innan\n\n1. Gå på\n2. Stå på\n\n   mer\n\n| A | B |\n|---|---|\n| C | D |\n\n::: do Bra\n- Lugn\n:::\n"
    )
    edition = bilingual_edition(shop(danish, swedish))
    assert said(edition) == [
        "Innan", "Før", "1. Gå på", "1. Gå", "2. Stå på", "2. Stå", "mer", "mere", "A", "a", "B", "b", "C", "c", "D", "d",
        "Bra", edition.beside.phrases.do if edition.beside else "", "Lugn", "Ro",
    ]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_of_either_text_is_left_out(
    example: str, library: TinyLibrary, shop: Callable[[str, str], Project]
) -> None:
    """What the two editions owe by themselves, the page owes; a picture once, and whom to reach."""
    library.write(LEAFLET, library.read(LEAFLET) + LEAFLET_SETTINGS.get(example, ""))
    body = f"\n{EXAMPLES[example]}"
    edition = bilingual_edition(shop(body, body))
    assert edition.whole
    assert edition.beside
    once = {ContentKind.FURNITURE, ContentKind.FACT, ContentKind.CODE, ContentKind.PICTURE, ContentKind.SMALL_PICTURE}
    both = [*expected_content(edition.whole), *expected_content(edition.beside)]
    texts = sorted(item.text for item in both if item.kind not in once)
    found = expected_content(edition)
    expected = sorted(item.text for item in found if item.kind not in once)
    assert [text.strip(" 0123456789") for text in expected] == [text.strip(" 0123456789") for text in texts]
    assert {item.text for item in expected_content(edition.whole)} <= {item.text for item in found}


def test_footnotes_are_numbered_through_both(shop: Callable[[str, str], Project]) -> None:
    body = "\nEt[^a].\n\nTo[^b] og tre[^c].\n\n[^a]: Her.\n\n[^b]: Der.\n\n[^c]: Alle.\n"
    edition = bilingual_edition(shop(body, body))
    assert edition.beside

    def numbers(one: Edition) -> list[int]:
        return [node.number for node in walk(one.blocks) if isinstance(node, Footnote)]

    assert numbers(edition) == [1, 3, 4]
    assert numbers(edition.beside) == [2, 5, 6]
    assert said(edition)[:4] == ["Et1.", "Et2.", "To3 og tre4.", "To5 og tre6."]


def test_the_source_is_not_printed_beside_itself(shop: Callable[[str, str], Project]) -> None:
    keys = [key.path for key in shop("\na\n", "\nb\n").output_keys()]
    assert "north/first.sv.a4-bilingual.pdf" in keys
    assert "north/first.da.a4-bilingual.pdf" not in keys
    assert "north/first.da.a4.pdf" in keys


@pytest.mark.parametrize(
    ("danish", "swedish", "line"),
    [
        ("\n- a\n- b\n", "\n- a\n", 7),
        ("\na\n", "\n## a\n", 7),
        ("\na\n\nb\n", "\na\n", 7),
        ("\n::: do\n- a\n:::\n", "\n::: dont\n- a\n:::\n", 7),
        ("\n- a\n  - b\n", "\n- a\n", 7),
    ],
)
def test_other_blocks_than_those_of_the_source_are_refused(
    danish: str, swedish: str, line: int, shop: Callable[[str, str], Project]
) -> None:
    project = shop(danish, swedish)
    with pytest.raises(SourceError) as caught:
        bilingual_edition(project)
    finding = caught.value.findings[0]
    assert (finding.place.file.rpartition("/")[2], finding.place.line) == ("sv.md", line)
    assert "beside its source" in finding.message


def test_a_source_with_other_pictures_keeps_them(library: TinyLibrary, shop: Callable[[str, str], Project]) -> None:
    library.write("content/first/images/b.svg", LOGO)
    pairs = bilingual.pairs(bilingual_edition(shop("\n![a](images/løft.svg)\n", "\n![b](images/b.svg)\n")))
    assert pairs[0].kind is Kind.WORDS


def test_a_changed_source_renders_it_again(library: TinyLibrary, shop: Callable[[str, str], Project]) -> None:
    project = shop("\na\n", "\nb\n")
    keys = {key.path: key for key in project.output_keys()}

    def inputs(path: str, of: Project) -> tuple[str, ...]:
        return of.register.of(keys[path]).groups

    library.replace("content/first/da.md", "\na\n", "\naa\n")
    after = open_project(BuildRequest(library.root))
    assert inputs("north/first.sv.a4.pdf", project) == inputs("north/first.sv.a4.pdf", after)
    assert inputs("north/first.sv.a4-bilingual.pdf", project) != inputs("north/first.sv.a4-bilingual.pdf", after)


def test_a_source_that_cannot_be_read_stops_this_format_only(
    library: TinyLibrary, shop: Callable[[str, str], Project]
) -> None:
    shop("\na\n", "\nb\n")
    library.write("content/first/da.md", "---\ntitle: [\n---\n")
    project = open_project(BuildRequest(library.root))
    keys = {key.path: key for key in project.output_keys()}
    assert project.register.of(keys["north/first.sv.a4-bilingual.pdf"])
    with pytest.raises(SourceError, match="no text in “da” that can be read"):
        project.draw(keys["north/first.sv.a4-bilingual.pdf"])


def test_the_short_hash_is_that_of_the_translation(shop: Callable[[str, str], Project]) -> None:
    project = shop("\na\n", "\nb\n")
    keys = {key.path: key for key in project.output_keys()}
    drawn = {form: project.draw(keys[f"north/first.sv.{form}.pdf"]) for form in ("a4", "a4-bilingual")}
    assert drawn["a4"].digest == drawn["a4-bilingual"].digest
    assert not drawn["a4-bilingual"].page.shares_body
