"""Translations that come back: applied passage by passage, or refused with their place, and never half."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.dom import minidom

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdfkit_cli.content import loader, translations
from pdfkit_cli.errors import OutputError, SourceError
from pdfkit_cli.translation import imports
from pdfkit_cli.translation.exports import export_leaflet
from pdfkit_cli.translation.imports import Imported, apply_returned, import_leaflet
from pdfkit_cli.translation.units import State, find_work
from pdfkit_cli.translation.xliff import read_xliff
from tests.helpers import translated_library
from tests.helpers.block_examples import EXAMPLES, LEAFLET_SETTINGS
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import FOLDER, recorded, source

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]
WORDS = {
    "En titel": "A title", "En kort indledning.": "A short summary.", "Før": "Before", "Du skal møde kl. 8.": "You must come at 8.",
    "Tag tøj med.": "Bring clothes.", "Tag din insulin.": "Take your insulin.", "Feber": "Fever",
    "Ring, hvis du har over 38,5 °C.": "Call, if you have more than 38.5 °C.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _languages(library: TinyLibrary) -> None:
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en, sv, ar]\n")


def exported(library: TinyLibrary, language: str = "en", everything: bool = False) -> str:
    return export_leaflet(loader.load_library(library.root), "first", language, everything).data.decode()


def translate(xliff: str, words: dict[str, str]) -> str:
    """Fill in targets, as XML, by their sources."""
    for old, new in words.items():
        assert f"<source>{old}</source>" in xliff
        xliff = xliff.replace(f"<source>{old}</source>", f"<source>{old}</source><target>{new}</target>")
    return xliff


def returned(library: TinyLibrary, xliff: str | bytes) -> Imported:
    (leaflet,) = read_xliff(xliff.encode() if isinstance(xliff, str) else xliff, "back.xliff")
    return import_leaflet(loader.load_library(library.root), leaflet)


def refusals(done: Imported) -> list[str]:
    return [finding.message for finding in done.refused]


def english(library: TinyLibrary) -> str:
    return library.read(f"{FOLDER}/en.md")


def stale(library: TinyLibrary, language: str = "en") -> list[str]:
    loaded = loader.load_library(library.root)
    assert not loaded.findings
    return [each.theirs.words for each in translations.stale_segments(loaded.leaflets["first"], language)]


# The round trip


def as_it_is(text: str) -> bytes:
    return text.encode()


def pretty(text: str) -> bytes:
    text = re.sub(r'(<trans-unit id="[^"]*") xml:space="preserve"', r"\1", text)
    return minidom.parseString(re.sub(r"\s*\n\s*", " ", text)).toprettyxml().encode()


def reordered_attributes(text: str) -> bytes:
    return re.sub(r'<(g|ph|file) (\S+="[^"]*") ([^>]*)>', r"<\1 \3 \2>", text).encode()


def cdata(text: str) -> bytes:
    return re.sub(r"(<target[^>]*>)([^<&]+)(</target>)", r"\1<![CDATA[\2]]>\3", text).encode()


def windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def utf16(text: str) -> bytes:
    return text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")


def from_a_tool(text: str) -> bytes:
    text = text.replace("<header>", '<header><tool tool-id="x" tool-name="X"/><count-group name="x"/>')
    text = text.replace("</trans-unit>", "<note>Remark</note><x:status xmlns:x='urn:x' done='1'/></trans-unit>")
    text = re.sub(
        r"<source>(.*?)</source>",
        r"<source>\1</source><seg-source><mrk mtype='seg' mid='0'>\1</mrk></seg-source>",
        text,
    )
    text = re.sub(r"(<target[^>]*>)(.*?)</target>", r'\1<mrk mtype="seg" mid="0">\2</mrk></target>', text)
    return re.sub(r'<ph (id="\w+")[^>]*>[^<]*</ph>', r"<x \1/>", text).encode()


def character_references(text: str) -> bytes:
    return re.sub(r"[^\x00-\x7f]", lambda found: f"&#x{ord(found[0]):x};", text).encode()


SERIALISERS = (as_it_is, pretty, reordered_attributes, cdata, windows, utf16, from_a_tool, character_references)


@pytest.mark.parametrize("serialise", SERIALISERS)
@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_the_founding_translations_lose_no_byte(name: str, language: str, serialise: Callable[[str], bytes]) -> None:
    work = find_work(LIBRARY, name, language)
    data = serialise(export_leaflet(LIBRARY, name, language, everything=True).data.decode())
    (leaflet,) = read_xliff(data, "back.xliff")
    done = apply_returned(work, leaflet)
    assert done.refused == ()
    assert work.ours
    assert done.text == work.ours.source.text
    assert done.record == translations.recorded_lines(work.leaflet, language)


@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_founding_translations_can_be_made_from_nothing(name: str, language: str) -> None:
    """A new language has the words of the file, in the blocks of the source."""
    data = export_leaflet(LIBRARY, name, language, everything=True).data.decode().encode()
    data = re.sub(rb" *<note[^>]*>.*?</note>\n", b"", data)
    data = re.sub(rb'<g id="t\d+"[^>]*>([^<]*)</g>', rb"\1", data)
    (leaflet,) = read_xliff(data, "back.xliff")
    work = find_work(LIBRARY, name, language)
    sources = tuple(replace(each, state=State.MISSING, old=None, record="") for each in work.sources)
    bare = replace(work, ours=None, old=(), paired=False, sources=sources)
    done = apply_returned(bare, leaflet)
    soft = [finding for finding in done.refused if "is missing; put it" not in finding.message]
    assert [finding.message for finding in soft if "has no translation" not in finding.message] == []
    if not done.refused:
        assert done.text
        assert "translation: unreviewed" in done.text


MARKED = st.text("abcæ012 .,-+*_`[]()<>&;:#!|~^=$/'\"ضم\u00a0%@?", min_size=1, max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(MARKED)
def test_any_words_are_written_as_they_are_or_refused(library: TinyLibrary, text: str) -> None:
    (library.root / FOLDER / "translated.yaml").unlink(missing_ok=True)
    translated_library.write(library)
    before = english(library)
    target = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    done = returned(library, translate(exported(library), {"Tag tøj med.": target}))
    if done.accepted:
        loaded = loader.load_library(library.root)
        assert not loaded.findings
        assert loaded.leaflets["first"].translations["en"].segments[4].words == " ".join(text.split())
    else:
        assert english(library) == before
        assert len(done.refused) == 8


# One passage


def test_what_is_right_is_written_and_recorded(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    source(library, "Tag din insulin", "Husk din insulin")
    before = english(library)
    done = returned(library, translate(exported(library), {"Du skal møde kl. 9.": "You must come at 9."}))
    assert (done.accepted, done.left) == (1, 1)
    assert refusals(done) == ["is not translated; write its translation into the file"]
    assert english(library) == before.replace("at 8", "at 9").replace(
        "translation: reviewed", "translation: unreviewed"
    )
    assert done.unreviewed
    assert stale(library) == ["Husk din insulin."]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("You must come at 10.", "the numbers differ from"),
        ("You must come.", "“9” in the source is missing here"),
        ("", "is not translated"),
        ("Du skal møde kl. 9.", "is the same as the source"),
        ("You must <ph id='1'/> come at 9.", "there is no code “1”"),
        ("You must come at 9\u202e.", "U+202E"),
        ("You must come at 9. {{ clinic.phone }}", "cannot be printed: "),
        ("::: warning You must come at 9.", "has “:::” in it"),
        ("• You must come at 9.", "cannot be printed: "),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_of_it_written(library: TinyLibrary, target: str, message: str) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    before = english(library), library.read(f"{FOLDER}/translated.yaml")
    done = returned(library, translate(exported(library), {"Du skal møde kl. 9.": target}))
    (refused,) = done.refused
    assert message in refused.message
    assert (refused.place.file, refused.place.line) == ("back.xliff", 7)
    assert (english(library), library.read(f"{FOLDER}/translated.yaml")) == before
    assert stale(library) == ["Du skal møde kl. 9."]


def test_a_field_may_move_but_not_be_lost(library: TinyLibrary) -> None:
    fields = "\nRing på {{ clinic.phone }}, **straks**, hvis du får feber.\n"
    recorded(library, fields, "\nx {{ clinic.phone }} y\n")
    source(library, "du får feber", "det gør ondt")
    text = exported(library)
    old = re.findall("<source>(.*)</source>", text)[-1]
    done = returned(library, translate(text, {old: "If it hurts, <g id='2'>at once</g> call."}))
    assert refusals(done) == ["the code “1” (phone) is missing; put it where it belongs in the sentence"]
    done = returned(library, translate(text, {old: 'If it hurts, call <g id="2">at once</g> <ph id="1"/>.'}))
    assert done.accepted == 1
    assert english(library).endswith("\nIf it hurts, call **at once** {{ clinic.phone }}.\n")


def test_a_source_that_has_moved_on(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    source(library, "Feber\n", "Høj feber\n")
    text = translate(exported(library), {"Du skal møde kl. 9.": "You must come at 9.", "Høj feber": "High fever"})
    source(library, "kl. 9", "kl. 10")
    source(library, "Høj feber\nRing", "Høj feber\nLinje.\n\nRing")
    source(library, "Høj feber\nLinje.\n\nRing", "Høj feber\nRing")
    done = returned(library, text)
    assert refusals(done) == ["the source of this passage has changed since it was exported; export it again"]
    assert "::: warning High fever" in english(library)
    assert stale(library) == ["Du skal møde kl. 10."]


def test_the_old_translation_stays_recorded_as_old(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    source(library, "Tag tøj med", "Tag sko med")
    returned(library, translate(exported(library), {"Tag sko med.": "Bring shoes."}))
    source(library, "kl. 9", "kl. 8")
    assert stale(library) == []


def test_white_space_that_a_tool_has_rearranged(library: TinyLibrary) -> None:
    recorded(library, "\nRing **straks** nu.\n", "\nCall **at once** now.\n")
    source(library, "straks", "nu")
    text = exported(library)
    old = re.findall("<source>(.*)</source>", text)[-1]
    text = translate(text, {old: "Call <g id='1'>now</g>."})
    done = returned(library, text.replace(f"<source>{old}", f"<source>{old.replace(' <g', '<g')}"))
    assert "rearranged the white space" in refusals(done)[0]
    assert returned(library, text).accepted == 1


# Blocks


def test_a_new_language_gets_its_file(library: TinyLibrary) -> None:
    recorded(library)
    done = returned(library, translate(exported(library, "sv"), WORDS))
    assert (done.accepted, done.refused, done.left) == (8, (), 0)
    head = "---\ntitle: A title\nsummary: A short summary.\ntranslation: unreviewed\n---\n"
    assert library.read(f"{FOLDER}/sv.md") == head + translated_library.ENGLISH
    assert stale(library, "sv") == []
    assert stale(library, "en") == []


def test_a_new_language_is_written_as_a_whole_or_not_at_all(library: TinyLibrary) -> None:
    recorded(library)
    text = translate(exported(library, "sv"), WORDS | {"Du skal møde kl. 8.": "You must come at 9."})
    done = returned(library, text)
    assert (done.accepted, len(done.refused)) == (0, 1)
    assert "the numbers differ" in done.refused[0].message
    assert not (library.root / FOLDER / "sv.md").exists()
    text = re.sub(
        r"<trans-unit(?:(?!</trans-unit>).)*Feber.*?</trans-unit>\n",
        "",
        translate(exported(library, "sv"), WORDS),
        flags=re.DOTALL,
    )
    done = returned(library, text)
    assert [str(finding.place).rpartition("/")[2] for finding in done.refused] == ["da.md:13:1"]
    assert "has no translation in back.xliff" in done.refused[0].message
    assert not (library.root / FOLDER / "sv.md").exists()
    assert stale(library, "en") == []


def test_new_blocks_come_with_their_words(library: TinyLibrary) -> None:
    recorded(library)
    source(
        library,
        "- Tag din insulin.\n",
        "- Spis ikke fra midnat.\n- Tag din insulin.\n\n::: important Husk det nu\nDet her.\n:::\n",
    )
    text = exported(library)
    words = {"Spis ikke fra midnat.": "Do not eat after midnight.", "Husk det nu": "Remember", "Det her.": "This."}
    done = returned(library, translate(text, words))
    assert (done.accepted, done.refused) == (3, ())
    assert (
        "- Do not eat after midnight.\n- Take your insulin.\n\n::: important Remember\nThis.\n:::\n\n::: warning Fever"
        in english(library)
    )
    assert english(library).startswith("---\ntitle: A title\n")
    assert stale(library) == []


def test_data_of_a_block_is_copied(library: TinyLibrary) -> None:
    recorded(library, "\n::: odds 2 of 3\n**2 ud af 3** er.\n:::\n", "\n::: odds 2 of 3\n**2 out of 3** are.\n:::\n")
    source(library, "odds 2 of 3\n**2 ud af 3**", "odds 1 of 4\n**1 ud af 4**")
    text = exported(library)
    old = re.findall("<source>(.*)</source>", text)[-1]
    done = returned(library, translate(text, {old: old.replace("ud af", "out of").replace("er.", "are.")}))
    assert (done.accepted, done.refused) == (1, ())
    assert english(library).endswith("\n::: odds 1 of 4\n**1 out of 4** are.\n:::\n")
    assert stale(library) == []


def test_tables_pictures_footnotes_and_titles(library: TinyLibrary) -> None:
    library.write(f"{FOLDER}/images/a.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    danish = '\n| En | To |\n|---|---|\n| tre[^x] | fire |\n\n[^x]: Note.\n\n![Billede](images/a.svg "Tekst")\n\n::: contact\n:::\n'
    library.body(danish)
    text = exported(library, "sv")
    words = {
        "En titel": "x",
        "En kort indledning.": "y",
        "En": "x|En",
        "To": "x|To",
        "fire": "fire",
        "Note.": "x|Note.",
    }
    words |= {"Billede": "x|Billede", "Tekst": 'x|Tekst "a"'}
    mark = '<ph id="1" ctype="x-footnote" equiv-text="call of a footnote">call of a footnote</ph>'
    done = returned(library, translate(text, {**words, f"tre{mark}": "x|tre<ph id='1'/>"}))
    assert done.refused == ()
    assert library.read(f"{FOLDER}/sv.md").partition("---\n\n")[2] == (
        '| x\\|En | x\\|To |\n|---|---|\n| x\\|tre[^x] | fire |\n\n[^x]: x|Note.\n\n![x|Billede](images/a.svg "x|Tekst \\"a\\"")\n\n::: contact\n:::\n'
    )


def test_windows_line_ends_stay(library: TinyLibrary) -> None:
    recorded(library)
    library.write(f"{FOLDER}/en.md", b"\xef\xbb\xbf" + english(library).replace("\n", "\r\n").encode())
    source(library, "kl. 8", "kl. 9")
    returned(library, translate(exported(library), {"Du skal møde kl. 9.": "You must come at 9."}))
    raw = (library.root / FOLDER / "en.md").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf---\r\n")
    assert b"\r\nYou must come at 9.\r\n" in raw


HEAD = "---\ntitle: En titel\nsummary: En kort indledning.\n---\n"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="400" height="400"/>'


def example(library: TinyLibrary, block: str) -> None:
    """Write a leaflet with an example of a block."""
    library.write(f"{FOLDER}/images/løft.svg", DRAWING)
    settings = LEAFLET_SETTINGS.get(block, "")
    library.write(f"{FOLDER}/leaflet.yaml", library.read(f"{FOLDER}/leaflet.yaml") + settings)
    library.write(f"{FOLDER}/da.md", f"{HEAD}\n{EXAMPLES[block]}")


@pytest.mark.parametrize("block", EXAMPLES)
def test_each_block_comes_back_byte_for_byte(library: TinyLibrary, block: str) -> None:
    example(library, block)
    library.write(f"{FOLDER}/en.md", f"{HEAD}\n{EXAMPLES[block]}")
    translated_library.record(library)
    before = english(library), library.read(f"{FOLDER}/translated.yaml")
    text = exported(library, everything=True)
    assert ":::" not in text
    assert "{{" not in text
    done = returned(library, text)
    assert done.refused == ()
    assert (english(library), library.read(f"{FOLDER}/translated.yaml")) == before


@pytest.mark.parametrize("block", EXAMPLES)
def test_each_block_is_made_for_a_new_language(library: TinyLibrary, block: str) -> None:
    example(library, block)
    text = re.sub(r"<source>(.*)</source>", r"<source>\1</source><target>\1 ö</target>", exported(library, "sv"))
    done = returned(library, text)
    assert done.refused == ()
    made = library.read(f"{FOLDER}/sv.md")
    assert made.replace(" ö", "").replace("translation: unreviewed\n", "") == library.read(f"{FOLDER}/da.md")
    assert made.count(" ö") == text.count("<target>")
    assert not loader.load_library(library.root).findings


# Files


def test_a_file_of_another_library(library: TinyLibrary) -> None:
    recorded(library)
    for wrong, message in (("first/da.md", "no leaflet “frist”"), ("target-language", "is not a language")):
        text = exported(library, "sv")
        text = (
            text.replace(wrong, "frist/da.md")
            if "/" in wrong
            else text.replace('target-language="sv"', 'target-language="pl"')
        )
        with pytest.raises(SourceError, match=message):
            returned(library, text)


def test_somebody_saves_the_translation_meanwhile(library: TinyLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    text = translate(exported(library), {"Du skal møde kl. 9.": "You must come at 9."})
    apply = imports.apply_returned

    def save(*arguments: object) -> Imported:
        library.replace(f"{FOLDER}/en.md", "Bring", "Take")
        return apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(imports, "apply_returned", save)
    with pytest.raises(OutputError, match="was saved while"):
        returned(library, text)
    assert "at 8" in english(library)
    assert stale(library) == ["Du skal møde kl. 9."]


def test_a_passage_with_a_part_missing(library: TinyLibrary) -> None:
    library.body("\n| En | To |\n|---|---|\n| tre | fire |\n")
    text = translate(
        exported(library, "sv"),
        {each: f"x {each}" for each in ("En titel", "En kort indledning.", "En", "tre", "fire")},
    )
    text = re.sub(r"<trans-unit(?:(?!</trans-unit>).)*<source>To<.*?</trans-unit>\n", "", text, flags=re.DOTALL)
    done = returned(library, text)
    assert refusals(done) == ["other parts of this passage are not in the file; export it again"]
    assert not (library.root / FOLDER / "sv.md").exists()
