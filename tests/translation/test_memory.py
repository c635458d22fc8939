"""Earlier translations: what is offered for a passage, and TMX as it is written and as tools give it."""

import re

import pytest
from hypothesis import given

from pdfkit_cli.content import loader
from pdfkit_cli.content.blocks import Inlines
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation import inline_codes, memory
from pdfkit_cli.translation.exports import export_leaflet, export_memory
from pdfkit_cli.translation.inline_codes import Code
from pdfkit_cli.translation.memory import Remembered, of_passages, without_hints
from pdfkit_cli.translation.tmx import read_tmx, write_tmx
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded
from tests.translation.test_po import INLINES, joined

LIBRARY = loader.load_library(FOUNDING)
FIELD = (Code("1"), " svarer")


def remembered(source: str, target: str = "x", origin: str = "other") -> Remembered:
    return Remembered((source,), (target,), origin)


def test_the_same_passage_is_offered_alone() -> None:
    known = of_passages([remembered("Tag tøj med.", "Bring clothes."), remembered("Tag sko med.", "Bring shoes.")])
    (match,) = known.matches(("Tag tøj med.",))
    assert (match.target, match.per_cent) == (("Bring clothes.",), 100)
    assert match.note == "Translated in other (the same passage)"


def test_two_translations_of_one_passage_are_both_offered_once() -> None:
    known = of_passages([remembered("a", "b"), remembered("a", "c", "third"), remembered("a", "b", "third")])
    assert [(each.target, each.origin) for each in known.matches(("a",))] == [(("b",), "other"), (("c",), "third")]


def test_a_similar_passage_comes_with_its_difference() -> None:
    known = of_passages([remembered("Du skal møde klokken 8 på sygehuset."), remembered("Noget helt andet")])
    (match,) = known.matches(("Du skal møde klokken 9 på sygehuset.",))
    assert 75 <= match.per_cent < 100
    assert match.difference == "“8” is now “9”"


def test_other_codes_are_no_same_passage() -> None:
    known = of_passages([Remembered(FIELD, FIELD, "other")])
    assert known.matches(FIELD)[0].per_cent == 100
    assert known.matches((" svarer",)) == () or known.matches((" svarer",))[0].per_cent < 100


def test_a_few_letters_are_like_nothing() -> None:
    assert of_passages([remembered("1 mg")]).matches(("1 g",)) == ()


@pytest.mark.parametrize("format", ["xliff", "xliff2", "po", "docx"])
def test_a_new_leaflet_is_offered_what_another_one_has(library: TinyLibrary, format: str) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    recorded(library)
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write(
        "content/second/da.md", "---\ntitle: Andet\nsummary: Nyt.\n---\n\nDu skal møde kl. 9.\n\n- Tag tøj med.\n"
    )
    data = export_leaflet(loader.load_library(library.root), "second", "en", format=format).data
    if format == "docx":
        from tests.translation.test_docx import DOCUMENT, edited

        found: list[str] = []
        edited(data, lambda text: found.append(text) or text)  # type: ignore[func-returns-value]
        assert DOCUMENT
        text = found[0]
    else:
        text = data.decode()
    assert "Translated in first (the same passage)" in text
    assert re.search(r"Translated in first \(\d\d % alike; “8\.” is now “9\.”\)", text)
    assert "Bring clothes." in text


def test_what_is_offered_is_not_taken_over(library: TinyLibrary) -> None:
    from pdfkit_cli.translation.xliff import read_xliff

    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    recorded(library)
    library.write("content/second/leaflet.yaml", library.read("content/first/leaflet.yaml").replace("T-1", "T-2"))
    library.write("content/second/da.md", "---\ntitle: En titel\nsummary: Nyt.\n---\n\n- Tag tøj med.\n")
    data = export_leaflet(loader.load_library(library.root), "second", "en").data
    (returned,) = read_xliff(data, "back.xliff")
    assert {unit.target for unit in returned.units} == {None}


@pytest.mark.parametrize("language", ["ar", "en", "sv"])
def test_the_founding_translations_are_remembered_as_they_are(language: str) -> None:
    text, passages = export_memory(LIBRARY, "da", language)
    back = read_tmx(text.encode(), "m.tmx", "da", language)
    known = of_passages(memory.of_library(LIBRARY, "da", language))
    assert passages == len(back) > 70
    assert {(str(joined(each.source)), str(joined(each.target))) for each in back} == {
        (str(joined(each.source)), str(joined(each.target))) for ways in known.passages.values() for each in ways
    }


@given(INLINES)
def test_any_words_and_codes_are_read_as_they_were_written(words: Inlines) -> None:
    content = without_hints(inline_codes.encode(words)[0])
    if not joined(content):
        return
    (back,) = read_tmx(write_tmx("da", "en", [Remembered(content, content, "a")]).encode(), "m.tmx", "da", "en")
    assert joined(back.source) == joined(back.target) == joined(content)


TMX = '<tmx version="1.4"><header/><body>{}</body></tmx>'
UNIT = "<tu>{}</tu>"


def variant(language: str, words: str) -> str:
    return f'<tuv xml:lang="{language}"><seg>{words}</seg></tuv>'


def test_files_of_other_tools() -> None:
    units = [
        variant("da-DK", "Tag <hi>tøj</hi> med.")
        + variant("en-GB", "Bring clothes.")
        + variant("sv", "Ta med kläder."),
        variant("da", "Uden oversættelse"),
        variant("da", 'Med <ph x="1">{\\b</ph> kode') + variant("en", "With a code"),
        variant("DA", "a &lt;1/&gt; b") + variant("EN", "c"),
    ]
    found = read_tmx(TMX.format("".join(map(UNIT.format, units))).encode("utf-8"), "folder/m.tmx", "da", "en")
    assert [(each.source, each.target, each.origin) for each in found] == [
        (("Tag tøj med.",), ("Bring clothes.",), "m.tmx"),
        (("a <1/> b",), ("c",), "m.tmx"),
    ]


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_the_doctype_that_tools_write(code: str) -> None:
    unit = UNIT.format(variant("da", "Før") + variant("en", "Before"))
    text = f'<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n{TMX.format(unit)}'
    (found,) = read_tmx(text.encode(code), "m.tmx", "da", "en")
    assert (found.source, found.target) == (("Før",), ("Before",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<xliff/>", "m.tmx:1:1: error: is not TMX"),
        ("<tmx>", "is not well-formed XML"),
        ('<!DOCTYPE tmx [<!ENTITY a "b">]><tmx/>', "has a DOCTYPE"),
        ("<!DOCTYPE tmx SYSTEM 'tmx14.dtd' [<!ENTITY a 'b'>]><tmx/>", "has a DOCTYPE"),
    ],
)
def test_files_of_which_nothing_is_read(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)):
        read_tmx(text.encode(), "m.tmx", "da", "en")
