"""PO, as it is written and as tools give it back."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.content import loader
from pdfkit_cli.content.blocks import Break, Field, FootnoteMark, Inline, Inlines, Link, Span, Strong, Text
from pdfkit_cli.errors import SourceError
from pdfkit_cli.translation import inline_codes, po, tags
from pdfkit_cli.translation.exports import export_leaflet
from pdfkit_cli.translation.imports import apply_returned, import_leaflet
from pdfkit_cli.translation.inline_codes import Code
from pdfkit_cli.translation.po import read_po
from pdfkit_cli.translation.units import find_work
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded, source

LIBRARY = loader.load_library(FOUNDING)
TRANSLATIONS = [
    (name, language)
    for name, leaflet in LIBRARY.leaflets.items()
    for language in leaflet.translations
    if language != leaflet.model.source_language
]


def exported(name: str, language: str) -> str:
    return export_leaflet(LIBRARY, name, language, everything=True, format="po").data.decode()


def as_it_is(text: str) -> bytes:
    return text.encode()


def wrapped(text: str) -> bytes:
    """Break strings at spaces, as gettext does."""
    return re.sub(r'^(msgid|msgstr) "(.{40,})"$', lambda found: f'{found[1]} ""\n' + "\n".join(f'"{part}"' for part in re.findall(r".{1,60} |.+", found[2])), text, flags=re.MULTILINE).encode()  # fmt: skip


def windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def from_a_tool(text: str) -> bytes:
    text = re.sub(r"^#\. .*\n", "", text, flags=re.MULTILINE).replace(
        '"Language:', '"X-Generator: Tool\\n"\n"Language:'
    )
    return (text.replace("msgctxt", "# Remark\n#, no-wrap\nmsgctxt") + '\n#~ msgid "a"\n#~ msgstr "b"\n').encode()


@pytest.mark.parametrize("serialise", [as_it_is, wrapped, windows, from_a_tool])
@pytest.mark.parametrize(("name", "language"), TRANSLATIONS)
def test_the_founding_translations_lose_no_byte(name: str, language: str, serialise: Callable[[str], bytes]) -> None:
    text = exported(name, language)
    assert ":::" not in text
    assert "{{" not in text
    (leaflet,) = read_po(serialise(text), "back.po")
    work = find_work(LIBRARY, name, language)
    done = apply_returned(work, leaflet)
    assert done.refused == ()
    assert work.ours
    assert done.text == work.ours.source.text


def test_gettext_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "a.po"
    file.write_text(exported("facet-neurotomy", "en"), "utf-8")
    try:
        done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", file], check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("gettext is not installed")
    assert done.returncode == 0, done.stderr


def test_what_is_out_of_date_is_fuzzy_and_stays_untranslated_as_long(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "kl. 8", "kl. 9")
    library.write("library.yaml", "name: Tiny\nlanguages: [da, en]\n")
    text = export_leaflet(loader.load_library(library.root), "first", "en", format="po").data.decode()
    assert "#, fuzzy\nmsgctxt" in text
    assert 'msgid "Du skal møde kl. 9."\nmsgstr "You must come at 8."' in text
    assert "#. The source was: “Du skal møde kl. 8.”" in text
    done = import_leaflet(loader.load_library(library.root), read_po(text.encode(), "back.po")[0])
    assert [finding.message for finding in done.refused] == ["is not translated; write its translation into the file"]
    text = text.replace("#, fuzzy\n", "").replace("at 8", "at 9")
    done = import_leaflet(loader.load_library(library.root), read_po(text.encode(), "back.po")[0])
    assert (done.accepted, done.left) == (1, 0)
    assert "You must come at 9." in library.read("content/first/en.md")


WORDS = st.text("ab <>/&;1t\\\"'\nn", max_size=12).map(Text)
LEAVES: st.SearchStrategy[Inline] = st.one_of(
    WORDS, st.sampled_from([Field("clinic.phone", 0, 0), FootnoteMark("1", 0), Break(), Link("a", "https://a.b", 0)])
)
INLINES: st.SearchStrategy[Inlines] = st.recursive(
    st.lists(LEAVES, max_size=4).map(tuple),
    lambda inside: st.lists(st.one_of(LEAVES, st.builds(Strong, inside), st.builds(Span, inside, st.just("en"))), max_size=3).map(tuple),
    max_leaves=5,
)  # fmt: skip


@given(INLINES)
def test_any_words_and_codes_are_read_as_they_were_written(words: Inlines) -> None:
    content = inline_codes.encode(words)[0]
    line = f"msgstr {po._quoted(tags.write_tags(content))}"
    assert "\n" not in line
    (entry,) = po._entries(f'msgctxt "a"\nmsgid "b"\n{line}\n', "back.po")
    assert joined(tags.read_tags(entry.strings["msgstr"])) == joined(content)


def joined(content: inline_codes.Content) -> list[object]:
    """Return words and codes without the bounds between words."""
    found: list[object] = []
    for part in content:
        if isinstance(part, Code):
            found.append((part.id, None if part.inside is None else joined(part.inside)))
        elif part and found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return found


HEAD = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n"X-Pdfkit-Leaflet: first\\n"\n\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "back.po:1:1: error: has no header"),
        (HEAD.replace("X-Pdfkit-Leaflet", "X-Other"), "back.po:1:1: error: the header has no “X-Pdfkit-Leaflet”"),
        (HEAD.replace("Language: en", "Language:"), "the header has no “Language”"),
        (f'{HEAD}msgctxt "a"\nmsgid "b"\nmsgstr "c"\n\nmsgctxt "a"\nmsgid "b"\nmsgstr "c"\n', "back.po:12:1: error: unit “a” is here for the second time"),
        (f'{HEAD}msgctxt "a"\nmsgid "b"\nmsgstr[0] "c"\n', "back.po:8:1: error: this line is not PO"),
        (f'{HEAD}msgctxt "a"\nmsgid "b"\nmsgstr "c\n', "back.po:8:1: error: this line is not PO"),
        (f'{HEAD}msgctxt "a"\nmsgid "b"\n', "the file ends in the middle"),
        (f"{HEAD}nonsense\n", "back.po:6:1: error: this line is not PO"),
        ('"stray"\n', "back.po:1:1: error: this line is not PO"),
    ],
)  # fmt: skip
def test_files_of_which_nothing_is_read(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)):
        read_po(text.encode(), "back.po")


def test_another_encoding() -> None:
    with pytest.raises(SourceError, match=r"back\.po:7:8: error: byte 0xf8 is not UTF-8"):
        read_po(f'{HEAD}msgctxt "a"\nmsgid "ø"\nmsgstr "c"\n'.encode("latin-1"), "back.po")


@pytest.mark.parametrize("text", ["a <1>b", "a</1>", "<1>a<2>b</1></2>"])
def test_tags_that_do_not_match(text: str) -> None:
    (leaflet,) = read_po(f'{HEAD}msgctxt "a"\nmsgid "b"\nmsgstr "{text}"\n'.encode(), "back.po")
    assert "write the tags as they are in the source" in leaflet.units[0].problem


def test_a_sign_that_is_no_tag_is_a_word() -> None:
    (leaflet,) = read_po(f'{HEAD}msgctxt "a"\nmsgid "b"\nmsgstr "a < 3 & b <x>"\n'.encode(), "back.po")
    assert leaflet.units[0].target == ("a < 3 & b <x>",)
