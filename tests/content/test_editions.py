"""Catalogue and selection to what a patient reads: fields, slots, variants, footnotes, digests."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.blocks import (
    Directive,
    Emphasis,
    Fact,
    Figure,
    Footnote,
    Link,
    List,
    Span,
    Strong,
    Text,
    plain_text,
    walk,
)
from pdfkit_cli.content.editions import Edition, EditionKey, Selection
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import SourceError, UsageError
from tests.helpers import translated_library
from tests.helpers.tiny_library import LOGO, TEXT, TinyLibrary, tiny

NBSP = "\N{NO-BREAK SPACE}"
LRI, PDI = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
YAML, NORTH = "content/first/leaflet.yaml", "clinics/north.yaml"
FACTS = """\
name: Klinik Nord
unit: Afdeling 3
brand: plain
language: da
country: DK
address: {street: Vejen 24, postal_code: "6000", city: Kolding}
phone: 76 36 14 00
phone_note: {da: tast 2, en: press 2}
hours:
  - {days: [mon, fri], opens: "08:00", closes: "15:00"}
email: nord@example.org
web: https://www.example.org/nord/
hands_out:
  first: {languages: [da]}
"""


def resolve(
    library: TinyLibrary, clinic: str = "north", language: str = "da", variant: Variant = Variant.FULL
) -> Edition:
    loaded = loader.load_library(library.root)
    assert not loaded.findings
    return editions.resolve_edition(loaded, EditionKey(clinic, "first", language, variant))


def words(library: TinyLibrary, variant: Variant = Variant.FULL) -> str:
    """What the edition says, a line for each block."""
    return "\n".join(plain_text(block) for block in resolve(library, variant=variant).blocks).replace(NBSP, "_")


def lacking(library: TinyLibrary, clinic: str = "north") -> list[str]:
    with pytest.raises(SourceError) as caught:
        resolve(library, clinic)
    return [str(finding).replace(f"{library.root.as_posix()}/", "") for finding in caught.value.findings]


def both(library: TinyLibrary) -> None:
    library.replace(YAML, "owner", "variants: [full, short]\nowner")


def paths(library: TinyLibrary) -> list[str]:
    return [output_key.path for output_key in editions.output_keys(loader.load_library(library.root))]


# Fields


def test_every_field_is_a_fact_of_the_clinic(library: TinyLibrary) -> None:
    library.write(NORTH, FACTS)
    names = ("name", "unit", "phone", "email", "web", "address", "hours")
    library.body("".join(f"\n{{{{ clinic.{name} }}}}\n" for name in names))
    facts = [node for node in walk(resolve(library).blocks) if isinstance(node, Fact)]
    assert [(fact.kind, fact.text, fact.href) for fact in facts] == [
        ("name", "Klinik Nord", ""),
        ("unit", "Afdeling 3", ""),
        ("phone", "76 36 14 00", "tel:+4576361400"),
        ("email", "nord@example.org", "mailto:nord@example.org"),
        ("web", "www.example.org/nord", "https://www.example.org/nord/"),
        ("address", "Vejen 24, 6000 Kolding", ""),
        ("hours", "mandag–fredag kl.\N{NO-BREAK SPACE}08.00–15.00", ""),
    ]


@pytest.mark.parametrize("name", ["unit", "phone", "email", "web", "address", "hours"])
def test_a_missing_fact_names_clinic_and_place(library: TinyLibrary, name: str) -> None:
    library.replace(NORTH, 'phone: "76 36 14 00"\n', "")
    library.body(f"\n## a\n\n- b {{{{ clinic.{name} }}}}\n")
    assert lacking(library) == [
        f"content/first/da.md:8:5: error: clinic north has no “{name}”, which the text needs; "
        f"add it to {library.root}/clinics/north.yaml [missing-fact]".replace(f"{library.root}/", "")
    ]


def test_a_call_panel_needs_a_phone(library: TinyLibrary) -> None:
    library.replace(NORTH, 'phone: "76 36 14 00"\n', "")
    library.body("\na\n\n::: call\n:::\n\n{{ clinic.phone }}[^1]\n\n[^1]: {{ clinic.web }}\n")
    first, second, third = lacking(library)
    assert first.startswith(
        "content/first/da.md:8:1: error: clinic north has no “phone”, which the call panel needs; add"
    )
    assert second.startswith("content/first/da.md:11:1: error: clinic north has no “phone”, which the text needs")
    assert third.startswith("content/first/da.md:13:7: error: clinic north has no “web”")
    library.body("\n::: call\n:::\n")
    assert resolve(library, "south").contact.phone == Fact("phone", "97 66 24 00", "tel:+4597662400")


def test_a_phone_of_another_country_is_written_internationally(library: TinyLibrary) -> None:
    library.replace(NORTH, "76 36 14 00", "+46 31 81 80 83")
    assert resolve(library).contact.phone == Fact("phone", "+46 31 81 80 83", "tel:+4631818083")


def test_phones_and_addresses_are_isolated_in_arabic(library: TinyLibrary) -> None:
    library.write(NORTH, FACTS.replace("[da]", "[da, ar]"))
    library.write("content/first/ar.md", TEXT)
    contact = resolve(library, language="ar").contact
    assert contact.phone
    assert (contact.phone.text, contact.phone.href) == (f"{LRI}76 36 14 00{PDI}", "tel:+4576361400")
    assert contact.email
    assert contact.email.text == f"{LRI}nord@example.org{PDI}"
    assert contact.web
    assert contact.web.text == f"{LRI}www.example.org/nord{PDI}"
    assert contact.hours == (f"الاثنين–الجمعة من {LRI}08:00{PDI} إلى {LRI}15:00{PDI}",)
    assert contact.phone_note == ""


@pytest.mark.parametrize(
    ("language", "hours"),
    [
        ("da", "mandag–fredag kl.\N{NO-BREAK SPACE}08.00–15.00"),
        ("sv", "måndag–fredag klockan\N{NO-BREAK SPACE}8–15"),
        ("en", "Monday–Friday 08:00–15:00"),
    ],
)
def test_hours_are_in_the_language_of_the_edition(library: TinyLibrary, language: str, hours: str) -> None:
    library.write(NORTH, FACTS)
    if language != "da":
        library.write(f"content/first/{language}.md", TEXT)
    assert resolve(library, language=language).contact.hours == (hours,)


def test_a_note_to_the_phone_is_in_the_language_of_the_edition(library: TinyLibrary) -> None:
    library.write(NORTH, FACTS)
    library.write("content/first/en.md", TEXT)
    assert resolve(library).contact.phone_note == "tast 2"
    assert resolve(library, language="en").contact.phone_note == "press 2"


def test_who_answers_at_night_is_in_the_language_of_the_edition(library: TinyLibrary) -> None:
    own = '{phone: "76 36 14 01", words: {da: Vagten}}'
    library.write(NORTH, FACTS.replace("email:", f'out_of_hours: [lægevagten, {own}, "112"]\nemail:'))
    library.write("content/first/ar.md", TEXT)
    region, ward, alarm = resolve(library).contact.out_of_hours
    assert (region.phone, region.words) == (None, "Aften, nat og weekend: lægevagten i din region")
    assert ward.words == "Vagten"
    assert ward.phone
    assert (ward.phone.text, ward.phone.href) == ("76 36 14 01", "tel:+4576361401")
    assert alarm.phone
    assert (alarm.phone.text, alarm.phone.href) == ("112", "tel:112")
    _, alarm = resolve(library, language="ar").contact.out_of_hours  # the ward has no words in Arabic
    assert alarm.phone
    assert alarm.phone.text == f"{LRI}112{PDI}"


# Numbers, links, footnotes


def test_numbers_stay_with_their_units_even_where_one_is_bold(library: TinyLibrary) -> None:
    library.body(
        "\n20 minutter, **30** minutter, 40 **minutter**, [50]{.full} minutter\n\n- 3 x 10\n\n|1 a|\n|-|\n|2 b|\n"
    )
    assert words(library) == "20_minutter, 30_minutter, 40_minutter, 50_minutter\n3_×_10\n1_a2_b"


def test_a_line_may_end_after_a_ratio(library: TinyLibrary) -> None:
    library.body("\n**2 ud af 3** patienter, **20** minutter\n")
    assert plain_text(resolve(library).blocks) == f"2{NBSP}ud{NBSP}af{NBSP}3 patienter, 20{NBSP}minutter"


def test_titles_and_captions_keep_numbers_together(library: TinyLibrary) -> None:
    library.write("content/first/b.svg", LOGO)
    library.write(
        "content/first/da.md",
        '---\ntitle: Om 2 uger\nsummary: Om 3 uger\n---\n\n::: do Om 4 uger\n![a](b.svg "Om 5 uger")\n:::\n',
    )
    edition = resolve(library)
    (directive,) = edition.blocks
    assert isinstance(directive, Directive)
    (figure,) = directive.blocks
    assert isinstance(figure, Figure)
    said = (edition.title, edition.summary, directive.argument, figure.caption)
    assert said == tuple(f"Om {number}{NBSP}uger" for number in (2, 3, 4, 5))


def test_short_addresses_are_printed_and_long_ones_get_a_number(library: TinyLibrary) -> None:
    long = f"https://example.org/{'a' * 60}"
    library.body(f"\n[a](https://example.org/b) [c]({long}) [d]({long}e)\n\n[example.org/b](https://example.org/b)\n")
    edition = resolve(library)
    assert [link.note for link in walk(edition.blocks) if isinstance(link, Link)] == [
        "(example.org/b)",
        "[1]",
        "[2]",
        "",
    ]
    assert [link.text for link in edition.links] == ["c", "d"]


def test_footnotes_are_numbered_as_they_come(library: TinyLibrary) -> None:
    library.body("\n- a[^x]\n\n|b[^y]|\n|-|\n|c|\n\n[^y]: to {{ clinic.phone }}\n\n[^x]: et\n")
    notes = [node for node in walk(resolve(library).blocks) if isinstance(node, Footnote)]
    assert [(note.number, plain_text(note)) for note in notes] == [(1, "et"), (2, "to 76 36 14 00")]


# Variants


SHORTENED = [
    ("a [b]{.full} c", "a c"),
    ("a [b]{.full}.", "a."),
    ("a [b]{.full}, c", "a, c"),
    ("a[ b]{.full} c", "a c"),
    ("[b]{.full} c", "c"),
    ("a [b]{.full}", "a"),
    ("a [b]{.full} [c]{.full} d", "a d"),
    ("[b]{.full} [c]{.full} d", "d"),
    ("**a** [b]{.full} **c**", "a c"),
    ("**a [b]{.full}** c", "a c"),
    ("a **[b]{.full}** c", "a c"),
    ("a *[b]{.full} c* d", "a c d"),
    ("a [b [c]{.full} d]{lang=en} e", "a b d e"),
    ("a\\\n[b]{.full} c", "ac"),
    ("a\\\n[b]{.full}", "a"),
    ("20 [korte]{.full} minutter", "20_minutter"),
    ("a [{{ clinic.unit }}]{.full} b", "a b"),
    ("a [b (c)]{.full} (d)", "a (d)"),
]


@pytest.mark.parametrize(("text", "expected"), SHORTENED)
def test_a_short_edition_leaves_out_words_and_no_space_too_many(library: TinyLibrary, text: str, expected: str) -> None:
    both(library)
    library.body(f"\n{text}\n")
    assert words(library, Variant.SHORT) == expected


def test_a_short_edition_leaves_out_blocks_and_what_is_empty_without_them(library: TinyLibrary) -> None:
    both(library)
    library.body(
        "\na\n\n::: full\nb\n:::\n\n- [c]{.full}\n- d\n\n1. [e]{.full}\n\n::: do\n- [f]{.full}\n:::\n\n## [g]{.full}\n\n[h]{.full}\n\n"
        "|i|j|\n|-|-|\n|[k]{.full}|[l]{.full}|\n|m|[n]{.full}|\n"
    )
    assert words(library, Variant.SHORT) == "a\nd\nijm"
    (items,) = [block for block in resolve(library, variant=Variant.SHORT).blocks if isinstance(block, List)]
    assert len(items.items) == 1
    assert "".join(words(library).split("\n")) == "abcdefghijklmn"


def test_a_short_edition_keeps_blocks_that_may_be_empty(library: TinyLibrary) -> None:
    both(library)
    library.body(
        "\n::: questions\n[a]{.full}\n:::\n\n::: important Husk\n[b]{.full}\n:::\n\n"
        ":::: full\n::: facts home\n- **c**\n:::\n::::\n\n::: timeline\n- **d** [e]{.full}\n:::\n"
    )
    directives = [block for block in resolve(library, variant=Variant.SHORT).blocks if isinstance(block, Directive)]
    assert [(block.name, plain_text(block).strip()) for block in directives] == [("questions", ""), ("timeline", "d")]


def test_a_legend_has_the_numbers_of_its_picture(library: TinyLibrary) -> None:
    library.write("content/first/images/x.svg", LOGO)
    library.body("\n::: diagram\n![x](images/x.svg)\n\n1. a\n2. b\n:::\n\n1. c\n2. d\n")
    lists = [node.markers for node in walk(resolve(library).blocks) if isinstance(node, List)]
    assert lists == [("1", "2"), ("1.", "2.")]


def small_pictures(library: TinyLibrary, body: str) -> list[bool]:
    """Return of each picture of a text whether it is set beside the words that follow it."""
    library.write("content/first/s.svg", LOGO.replace("<svg", '<svg width="200"', 1))
    library.write("content/first/l.svg", LOGO)
    library.body(body)
    return [node.small for node in walk(resolve(library).blocks) if isinstance(node, Figure)]


def test_a_small_drawing_is_beside_the_words_that_follow_it(library: TinyLibrary) -> None:
    assert small_pictures(library, "\n![x](s.svg)\n\na\n\n![x](s.svg)\n\n- a\n") == [True, True]
    assert small_pictures(library, "\n::: step day\n![x](s.svg)\n\na\n:::\n") == [True]
    assert small_pictures(library, "\n![x](l.svg)\n\na\n") == [False], "no width of its own"
    assert small_pictures(library, '\n![x](s.svg "y")\n\na\n') == [False], "a caption"
    assert small_pictures(library, "\na\n\n![x](s.svg)\n\n## b\n\na\n\n![x](s.svg)\n") == [False, False], "no words"
    assert small_pictures(library, "\n::: exercise\n## b\n![x](s.svg)\n\na\n:::\n") == [False], "in a box"


def test_footnotes_that_only_the_full_text_calls_vanish(library: TinyLibrary) -> None:
    both(library)
    library.body("\na [b[^1]]{.full} c[^2]\n\n[^1]: et\n\n[^2]: to [tre]{.full}\n")
    notes = [node for node in walk(resolve(library, variant=Variant.SHORT).blocks) if isinstance(node, Footnote)]
    assert [(note.number, plain_text(note)) for note in notes] == [(1, "to")]


def test_links_that_only_the_full_text_has_get_no_code(library: TinyLibrary) -> None:
    both(library)
    library.body(f"\n[[a](https://example.org/{'a' * 60})]{{.full}} b [c](https://example.org/{'c' * 60})\n")
    assert [link.text for link in resolve(library, variant=Variant.SHORT).links] == ["c"]


def test_a_fact_that_only_the_full_text_asks_for_does_not_stop_the_short_one(library: TinyLibrary) -> None:
    both(library)
    library.replace(NORTH, 'phone: "76 36 14 00"\n', "")
    library.body("\na\n\n:::: full\n::: call\n:::\n::::\n")
    assert lacking(library)
    assert words(library, Variant.SHORT) == "a"


def test_the_short_edition_has_its_own_title(library: TinyLibrary) -> None:
    both(library)
    assert resolve(library, variant=Variant.SHORT).title == "En titel"
    library.replace("content/first/da.md", "summary:", "short_title: Kort\nsummary:")
    assert (resolve(library).title, resolve(library, variant=Variant.SHORT).title) == ("En titel", "Kort")


PIECE = st.sampled_from(
    ["a", "20", "b.", "**c**", "*d*", "[e]{.full}", "**[f]{.full}**", "*g [h]{.full}*", "[i]{lang=en}"]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(PIECE, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=4))
def test_a_short_edition_says_a_part_of_the_full_one_and_has_no_double_spaces(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = tiny(Path(folder))
        both(library)
        library.body("\nz\n\n" + "\n\n".join(lines) + "\n")
        full, short = words(library), words(library, Variant.SHORT)
    assert short.replace("_", " ").split() == [
        word for word in full.replace("_", " ").split() if not set(word) & set("efh")
    ]
    assert not re.search(r"  |^ | $", short, re.M)
    assert not set(short) & set("efh")


def test_no_node_is_empty_in_a_short_edition(library: TinyLibrary) -> None:
    both(library)
    library.body("\na **[b]{.full}** *[c]{.full}* [[d]{.full}]{lang=en} e\n")
    nodes = list(walk(resolve(library, variant=Variant.SHORT).blocks))
    assert not [node for node in nodes if isinstance(node, Strong | Emphasis | Span)]
    assert [node for node in nodes if isinstance(node, Text)] == [Text("a e")]


# Slots


def slot(library: TinyLibrary) -> None:
    library.replace(YAML, "owner", "slots: [parking]\nowner")
    library.body("\na[^1]\n\n::: slot parking\nHer.\n:::\n\n[^1]: leaflet\n")


def test_the_wording_of_a_clinic_replaces_the_default(library: TinyLibrary) -> None:
    slot(library)
    library.write("clinics/north/first/parking.da.md", "Der, ring {{ clinic.phone }}, 2 timer[^1].\n\n[^1]: clinic\n")
    edition = resolve(library)
    assert plain_text(edition.blocks).replace(NBSP, " ") == "aleafletDer, ring 76 36 14 00, 2 timerclinic."
    assert [node.number for node in walk(edition.blocks) if isinstance(node, Footnote)] == [1, 2]
    assert plain_text(resolve(library, "south").blocks) == "aleafletHer."


def test_the_wording_of_another_language_is_not_used(library: TinyLibrary) -> None:
    slot(library)
    library.write("content/first/sv.md", library.read("content/first/da.md"))
    library.write("clinics/north/first/parking.sv.md", "Där.")
    assert plain_text(resolve(library).blocks).endswith("Her.")
    assert plain_text(resolve(library, language="sv").blocks).endswith("Där.")


def test_a_fact_that_a_wording_lacks_is_named_in_its_own_file(library: TinyLibrary) -> None:
    slot(library)
    library.write("clinics/north/first/parking.da.md", "\n{{ clinic.web }}")
    (said,) = lacking(library)
    assert said.startswith("clinics/north/first/parking.da.md:2:1: error: clinic north has no “web”")


# Outputs and selections


def test_every_clinic_prints_what_it_hands_out_in_what_is_offered(library: TinyLibrary) -> None:
    both(library)
    library.replace("clinics/south.yaml", "[da]", "[da, da], formats: [a5, a5], variants: [short, short]")
    assert paths(library) == [
        "north/first.da.a4.pdf",
        "north/first.da.a5.pdf",
        "north/first.da.short.a4.pdf",
        "north/first.da.short.a5.pdf",
        "south/first.da.short.a5.pdf",
    ]


def test_what_a_leaflet_does_not_offer_is_not_printed(library: TinyLibrary) -> None:
    library.replace(NORTH, "[da]", "[da, sv], variants: [full, short], formats: [a4, a4-large]")
    assert [path for path in paths(library) if path.startswith("north")] == ["north/first.da.a4.pdf"]


def test_withdrawn_leaflets_are_not_printed(library: TinyLibrary) -> None:
    library.replace(YAML, "draft", "withdrawn")
    assert paths(library) == []


@pytest.mark.parametrize("wrong", ["languages/da.yaml", "brands/plain/brand.yaml"])
def test_what_an_edition_needs_is_there_or_it_is_not_printed(library: TinyLibrary, wrong: str) -> None:
    library.write(wrong, "nonsense: 1\n")
    assert paths(library) == []
    assert loader.load_library(library.root).findings


def test_drafts_and_unreviewed_translations_are_known(library: TinyLibrary) -> None:
    library.write("content/first/en.md", TEXT)
    library.write("content/first/sv.md", TEXT.replace("---\n\n", "translation: reviewed\n---\n\n"))
    assert resolve(library).draft
    assert [resolve(library, language=language).unreviewed for language in ("da", "en", "sv")] == [False, True, False]
    library.replace(YAML, "status: draft", "status: approved\nreviewed: 2026-01-01\nreview_by: 2028-01-01")
    assert not resolve(library).draft


def test_a_translation_that_is_out_of_date_is_known_and_has_another_digest(library: TinyLibrary) -> None:
    translated_library.recorded(library)
    fresh = resolve(library, language="en")
    library.replace("content/first/da.md", "Tag tøj med", "Tag varmt tøj med")
    stale = resolve(library, language="en")
    assert (fresh.stale, stale.stale, resolve(library).stale) == (False, True, False)
    assert fresh.digest != stale.digest


TRANSLATOR, REVIEWER = (
    "translated_by: state-authorised translator\n",
    "translation_reviewed_by: nurse, native speaker\n",
)


def test_who_translated_and_who_reviewed_is_in_the_digest(library: TinyLibrary) -> None:
    translated_library.recorded(library)
    plain = resolve(library, language="en")
    library.replace("content/first/en.md", "translation:", f"{TRANSLATOR}{REVIEWER}translation:")
    credited = resolve(library, language="en")
    assert plain.credits == resolve(library).credits == {}
    assert credited.credits == {
        "translated_by": "state-authorised translator",
        "translation_reviewed_by": "nurse, native speaker",
    }
    assert plain.digest != credited.digest


@pytest.mark.parametrize("change", ["unreviewed", "changed since", "stale"])
def test_nobody_is_said_to_have_reviewed_what_is_not_reviewed(library: TinyLibrary, change: str) -> None:
    translated_library.recorded(library)
    library.replace("content/first/en.md", "translation:", f"{TRANSLATOR}{REVIEWER}translation:")
    if change == "unreviewed":
        library.replace("content/first/en.md", "translation: reviewed", "translation: unreviewed")
    elif change == "stale":
        translated_library.source(library, "Tag tøj med", "Tag varmt tøj med")
    else:
        library.replace("content/first/en.md", "title:", "reviewed_text: 0123456789abcdef\ntitle:")
    assert resolve(library, language="en").credits == {"translated_by": "state-authorised translator"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (TRANSLATOR.replace("state", "a.b@example.org state"), "en.md:2:", "“a.b@example.org” would be printed; write a role"),
        (TRANSLATOR.replace("state", "+45 76 36 14 00 state"), "en.md:2:", "“+45 76 36 14 00” would be printed; write a role"),
        (TRANSLATOR.replace("translator", "**translator**"), "en.md:2:", "“**” would be printed"),
    ],
)  # fmt: skip
def test_a_credit_is_a_role(library: TinyLibrary, text: str, line: str, words: str) -> None:
    translated_library.write(library)
    library.replace("content/first/en.md", "title:", f"{text}title:")
    (finding,) = loader.load_library(library.root).findings
    assert line in str(finding)
    assert words in finding.message


@pytest.mark.parametrize("key", ["translation: reviewed\n", TRANSLATOR, REVIEWER])
def test_a_source_text_is_no_translation(library: TinyLibrary, key: str) -> None:
    library.replace("content/first/da.md", "title:", f"{key}title:")
    (finding,) = loader.load_library(library.root).findings
    name = key.partition(":")[0]
    assert finding.message == f"this is the source text, not a translation; remove “{name}”"
    assert finding.place.line == 2


def test_a_superseded_leaflet_is_not_printed(library: TinyLibrary) -> None:
    library.write(YAML, library.read(YAML) + "superseded_by: next\n")
    assert paths(library) == []


def test_a_selection_names_what_does_not_exist(library: TinyLibrary) -> None:
    loaded = loader.load_library(library.root)
    editions.check_selection(loaded, Selection(("first",), ("north",), ("da",), ("a4",), ("full",)), ["a4"])
    with pytest.raises(UsageError) as caught:
        editions.check_selection(loaded, Selection(("frist",), ("west",), ("fi",), ("a3",), ("long",)), ["a4"])
    assert str(caught.value).split("\n") == [
        "there is no leaflet “frist”; did you mean “first”?",
        "there is no clinic “west”; there are: north, south",
        "there is no language “fi”; there are: ar, da, en, sv",
        "there is no format “a3”; there are: a4",
        "there is no variant “long”; there are: full, short",
    ]


def test_a_selection_takes_what_it_names() -> None:
    assert Selection().includes("north", "first", "da", "a4", "full")
    assert Selection(clinics=("north",)).includes("north", "first", "da", "a4", "full")
    assert not Selection(clinics=("south",)).includes("north", "first", "da", "a4", "full")
    assert not Selection(variants=("short",)).includes("north", "first", "da", "a4", "full")


# The digest


def change(library: TinyLibrary, name: str, old: str, new: str) -> tuple[bool, bool]:
    """Say whether the digest changed for north, and for south."""
    before = resolve(library).digest, resolve(library, "south").digest
    library.replace(name, old, new)
    after = resolve(library).digest, resolve(library, "south").digest
    return before[0] != after[0], before[1] != after[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "changed"),
    [
        ("content/first/da.md", "Ring på", "Ring til", (True, True)),
        ("content/first/da.md", "En titel", "Ny titel", (True, True)),
        ("content/first/da.md", "En kort", "En ny", (True, True)),
        ("content/first/da.md", "## Før", "### Før", (True, True)),
        ("content/first/da.md", "i tvivl", "i *tvivl*", (True, True)),
        (YAML, 'version: "0.1"', 'version: "0.2"', (True, True)),
        (YAML, "id: T-1", "id: T-2", (True, True)),
        (YAML, "2026-01-31", "2026-02-01", (True, True)),
        (YAML, "status: draft", "status: approved\nreviewed: 2026-01-01\nreview_by: 2028-01-01", (True, True)),
        ("languages/da.yaml", "contact: ", "contact: Ny ", (True, True)),
        (NORTH, "76 36 14 00", "76 36 14 01", (True, False)),
        (NORTH, "Klinik Nord", "Klinik Nordvest", (True, False)),
        (NORTH, "country: DK", "country: DK\nweb: https://example.org", (True, False)),
        ("clinics/south.yaml", "97 66 24 00", "97 66 24 01", (False, True)),
        # What nobody reads
        (YAML, "owner: north", "owner: south", (False, False)),
        (YAML, "formats: [a4, a5]", "formats: [a4]", (False, False)),
        ("content/first/da.md", "\n\n", "\n\n\n\n", (False, False)),
        ("content/first/da.md", "Ring på {{ clinic.phone }},", "Ring\npå   {{clinic.phone}},", (False, False)),
        ("content/first/da.md", "summary:", "synonyms: [a]\nsummary:", (False, False)),
        (NORTH, "76 36 14 00", "76361400", (False, False)),
        (NORTH, "brand: plain", "brand: plain  # a comment", (False, False)),
        ("brands/plain/brand.yaml", "#24506b", "#24506c", (False, False)),
        ("languages/sv.yaml", "contact: ", "contact: Ny ", (False, False)),
    ],
)
def test_the_digest_changes_with_what_is_read(
    library: TinyLibrary, name: str, old: str, new: str, changed: tuple[bool, bool]
) -> None:
    if old == "## Før":
        library.replace("content/first/da.md", "## Før", "## Her\n\n## Før")
    assert change(library, name, old, new) == changed


def test_the_contact_panel_prints_a_phone_that_the_text_does_not_name(library: TinyLibrary) -> None:
    library.body("\na\n")
    assert change(library, NORTH, "76 36 14 00", "76 36 14 01") == (True, False)


def test_the_digest_changes_with_the_pictures_that_are_shown(library: TinyLibrary) -> None:
    both(library)
    library.write("content/first/b.svg", LOGO)
    library.body("\na\n\n::: full\n![b](b.svg)\n:::\n")
    full, short = (resolve(library, variant=variant) for variant in Variant)
    assert (len(full.pictures), len(short.pictures)) == (1, 0)
    library.write("content/first/b.svg", LOGO.replace("48", "49"))
    assert resolve(library).digest != full.digest
    assert resolve(library, variant=Variant.SHORT).digest == short.digest


def test_the_digest_changes_with_a_wording_that_is_used(library: TinyLibrary) -> None:
    slot(library)
    before = resolve(library).digest, resolve(library, "south").digest
    library.write("clinics/north/first/parking.da.md", "Her.")
    assert resolve(library).digest == before[0]
    library.write("clinics/north/first/parking.da.md", "Der.")
    assert (resolve(library).digest != before[0], resolve(library, "south").digest == before[1]) == (True, True)


BLOCK = st.sampled_from(
    ["a b", "- a\n- b", "## a", "a[^1] 2 b", "|a|\n|-|\n|b|", "::: call\na\n:::", "{{ clinic.phone }}"]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(BLOCK, st.integers(2, 5)), min_size=1, max_size=5), st.text("abc", min_size=1, max_size=3))
def test_the_digest_stays_when_lines_move_and_changes_when_words_do(parts: list[tuple[str, int]], word: str) -> None:
    notes = "".join(f"\n\n[^{index}]: n" for index, (text, _) in enumerate(parts) if "[^1]" in text)
    texts = [text.replace("[^1]", f"[^{index}]") for index, (text, _) in enumerate(parts)]
    with tempfile.TemporaryDirectory() as folder:
        library = tiny(Path(folder))
        library.body("\n" + "\n\n".join(texts) + notes + "\n")
        before = resolve(library)
        library.body("\n\n" + "".join(text + "\n" * gap for text, (_, gap) in zip(texts, parts, strict=True)) + notes)
        assert resolve(library).digest == before.digest
        library.body("\n" + "\n\n".join([*texts, word]) + notes + "\n")
        assert resolve(library).digest != before.digest


def missing(library: TinyLibrary) -> list[str]:
    loaded = loader.load_library(library.root)
    keys = {output_key.edition for output_key in editions.output_keys(loaded)}
    quick = sorted(str(finding) for finding in dict.fromkeys(editions.missing_facts(loaded, keys)))
    slow = set()
    for key in keys:
        try:
            editions.resolve_edition(loaded, key)
        except SourceError as error:
            slow |= {str(finding) for finding in error.findings}
    assert quick == sorted(slow)
    return [finding.removeprefix(f"{library.root.as_posix()}/") for finding in quick]


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Ring {{ clinic.phone }}.", []),
        ("Skriv til {{ clinic.email }}.", ["email", "email"]),
        ("Ord[^1].\n\n[^1]: Se {{ clinic.web }}.", ["web", "web"]),
        ("::: call\n:::\n\nMød {{ clinic.name }}.", []),
        ("::: full\nSkriv til {{ clinic.email }}.\n:::", ["email", "email"]),
    ],
)
def test_what_editions_lack_is_found_without_resolving_all(library: TinyLibrary, text: str, lacks: list[str]) -> None:
    library.body(f"\n{text}\n")
    assert [re.findall("has no “(.+?)”", line)[0] for line in missing(library)] == lacks


def test_a_call_panel_without_a_phone_and_a_wording_of_a_clinic_are_found(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    library.body("\n::: call\n:::\n\n::: slot parking\n:::\n")
    library.replace("clinics/north.yaml", 'phone: "76 36 14 00"\n', "")
    library.write("clinics/south/first/parking.da.md", "Skriv til {{ clinic.email }}.\n")
    north, south = missing(library)
    assert "clinic south has no “email”" in north
    assert "clinic north has no “phone”, which the call panel needs" in south
