"""Text that looks like Markdown or the markup of another program is named where it stands; honest text is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdfkit_cli.content import lookalikes, markdown
from pdfkit_cli.content.lookalikes import MarkupPattern


def found(text: str) -> list[str]:
    """Line, column and message of each finding."""
    _, findings = markdown.parse(text, "da.md")
    return [f"{finding.place.line}:{finding.place.column} {finding.message}" for finding in findings]


NBSP = "\N{NO-BREAK SPACE}"

NAMED = [
    # bullets of word processors
    ("Tag med:\n\n• kort\n• medicin\n", "3:1", "begin each item with “- ”"),
    ("• kort\n", "1:1", "“•” does not make a list"),
    ("·\tkort\n", "1:1", "“·” does not make a list"),
    ("o\tkort\n", "1:1", "“o” does not make a list"),
    ("§\tkort\n", "1:1", "“§” does not make a list"),
    ("\uf0b7 kort\n", "1:1", "does not make a list"),
    ("▪ kort\n", "1:1", "“▪” does not make a list"),
    ("➢kort\n", "1:1", "“➢” does not make a list"),
    ("– kort\n– medicin\n", "1:1", "“–” does not make a list"),
    ("— kort\n— medicin\n", "1:1", "“—” does not make a list"),
    ("Tag med:\n– kort\n", "2:1", "“–” does not make a list"),
    ("Tag med:\n\n– kort\n", "3:1", "“–” does not make a list"),
    ("– kort\n\n– medicin\n", "3:1", "“–” does not make a list"),
    ("✓ kort\n✓ medicin\n", "1:1", "“✓” does not make a list"),
    ("o kort\no medicin\n", "1:1", "“o” does not make a list"),
    ("-- kort\n", "1:1", "“--” does not make a list"),
    ("-kort\n", "1:1", "a list item needs a space after “-”"),
    ("+kort\n", "1:1", "a list item needs a space after “+”"),
    ("- kort\n-medicin\n", "2:1", "a list item needs a space after “-”"),
    (f"-{NBSP}kort\n", "1:1", "there is a special space (such as a no-break space) after “-”; type a plain space"),
    (f"*{NBSP}kort\n", "1:1", "there is a special space (such as a no-break space) after “*”"),
    ("- [ ] kort\n", "1:3", "brackets do not make a tick box"),
    ("- [x] kort\n", "1:3", "brackets do not make a tick box"),
    ("[] ja [] nej\n", "1:1", "brackets do not make a tick box"),
    # numbers and letters
    ("1.Vask\n2.Tør\n", "1:1", "a list item needs a space after “1.”"),
    ("1)Vask\n", "1:1", "a list item needs a space after “1)”"),
    (f"1.{NBSP}Vask\n2.{NBSP}Tør\n", "2:1", "“2.” does not begin a list item"),
    (f"1.{NBSP}Vask\n\n2.{NBSP}Tør\n", "3:1", "“2.” does not begin a list item"),
    ("1 . Vask\n2 . Tør\n", "2:1", "“2 .” does not begin a list item"),
    ("1 ) Vask\n2 ) Tør\n", "2:1", "“2 )” does not begin a list item"),
    ("1/ Vask\n2/ Tør\n", "2:1", "“2/” does not begin a list item"),
    ("** Kun efter aftale\n", "1:1", "or write “\\*\\*” to print stars"),
    ("Du må tage:\n2. Panodil\n3. Ipren\n", "2:1", "“2.” does not begin a list item"),
    ("Du må tage\n2. Panodil\n3. Ipren\n", "3:1", "“3.” does not begin a list item"),
    ("(1) Vask\n(2) Tør\n", "2:1", "“(2)” does not begin a list item"),
    ("1: Vask\n2: Tør\n", "2:1", "“2:” does not begin a list item"),
    ("١. اغسل\n٢. جفف\n", "2:1", "does not begin a list item"),
    ("a) vask\nb) tør\n", "2:1", "“b)” does not make a list"),
    ("a. vask\nb. tør\n", "2:1", "“b.” does not make a list"),
    ("(a) vask\n(b) tør\n", "2:1", "“(b)” does not make a list"),
    ("i) vask\nii) tør\n", "2:1", "“ii)” does not make a list"),
    # headings
    ("##Før\n", "1:1", "a heading needs a space"),
    ("a\n###Før\n", "2:1", "a heading needs a space"),
    ("#Før\n", "1:1", "a heading needs a space"),
    (f"##{NBSP}Før\n", "1:1", "there is a special space (such as a no-break space) after “##”"),
    ("####### Før\n", "1:1", "two to six “#”"),
    ("== Før ==\n", "1:1", "does not make a heading"),
    ("h2. Før\n", "1:1", "markup of another program"),
    # blocks
    ('!!! warning "Ring"\n    Nu.\n', "1:1", "a block begins with three colons"),
    ("!!! warning\nRing.\n!!!\n", "1:1", "a block begins with three colons"),
    ("??? note\n", "1:1", "a block begins with three colons"),
    (":: warning Ring\n", "1:1", "a block begins with three colons"),
    (": warning Ring\n", "1:1", "a block begins with three colons"),
    ("::warning\n", "1:1", "a block begins with three colons"),
    ("a\n::\n", "2:1", "a block begins with three colons"),
    ("[NOTE]\n", "1:1", "a block begins with three colons"),
    (".. note:: a\n", "1:1", "markup of another program"),
    ("image::a.png[]\n", "1:1", "markup of another program"),
    ("::: warning Ring :::\na\n:::\n", "1:13", "three colons must be on a line of their own"),
    ("Term\n: Forklaring\n", "2:1", "a block begins with three colons"),
    # tables
    ("| Dag | Hvad |\n| 1 | Gå |\n", "1:1", "this is not a valid table"),
    ("Dag | Hvad\n1 | Gå\n", "1:1", "this is not a valid table"),
    ("Dag\tHvad\n1\tGå\n", "1:1", "this is not a valid table"),
    ("Dag     Hvad\n1       Gå\n", "1:1", "this is not a valid table"),
    ("| a | b |\n|---|\n", "2:1", "this is not a valid table"),
    ("| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 | 4 |\n", "5:1", "this is not a valid table"),
    ("+---+---+\n", "1:1", "this is not a valid table"),
    ("||Dag||Hvad||\n", "1:1", "this is not a valid table"),
    # marks in the text
    ("Tag ~~to~~ en.\n", "1:5", "two tildes do not strike text out"),
    ("H~2~O\n", "1:2", "tildes do not make a subscript"),
    ("~2~ tabletter\n", "1:1", "tildes do not make a subscript"),
    ("10^9^ og m^2\n", "1:3", "a caret does not make a superscript"),
    ("10^9/l\n", "1:3", "a caret does not make a superscript"),
    ("a ==vigtigt== b\n", "1:3", "equals signs do not highlight text"),
    ("a ++vigtigt++ b\n", "1:3", "plus signs do not underline text"),
    ("$x$ og $\\geq 38$\n", "1:1", "formulas are not supported"),
    ("\\newpage\n", "1:1", "pdfkit breaks pages itself"),
    ("a\n\n\\pagebreak\n\nb\n", "3:1", "a backslash"),
    ("\\• kort\n", "1:1", "a backslash"),
    ("og\\eller\n", "1:3", "a backslash"),
    ("[a][b]\n", "1:3", "no address is defined for this link"),
    ("[a][]\n", "1:3", "no address is defined for this link"),
    ("[[side]]\n", "1:1", "wiki links are not supported"),
    ("[[side|tekst]]\n", "1:1", "wiki links are not supported"),
    ("![[a.png]]\n", "1:2", "wiki links are not supported"),
    ("![a] (b.png)\n", "1:1", "a picture is"),
    ("[a] (https://b.dk)\n", "1:1", "a link must have no space"),
    ("(a)[https://b.dk]\n", "1:3", "the other way round"),
    ("[https://b.dk a]\n", "1:1", "a link is written"),
    ("[TOC]\n", "1:1", "no table of contents"),
    ("[@madsen2020] og @fig-knee\n", "1:1", "references are not supported"),
    ("a^[en note]\n", "1:2", "a footnote cannot be written inside the text"),
    (":warning: pas på\n", "1:1", ""),
    ("pas på :warning:\n", "1:8", "names between colons"),
    ("a &nbsp b\n", "1:3", "write the character itself"),
    ("a &amp;nbsp; b &nbps; c\n", "1:16", "write the character itself"),
    ("a < br > b\n", "1:3", "HTML is not allowed"),
    ("a</ b>\n", "1:2", "HTML is not allowed"),
    ("[b]a[/b]\n", "1:5", "words in brackets"),
    ("a %% b\n", "1:3", "comments are not supported"),
    ("'''a'''\n", "1:1", "this mark is not supported"),
    ("l`été\n", "1:2", "an apostrophe is ’"),
    ("5--10 mg\n", "1:2", "write a dash"),
    ("a -- b\n", "1:3", "write a dash"),
    ("[Husk]: kortet\n", "1:1", "no link uses it, so it is not printed"),
    ("[//]: # (en note)\n\na\n", "1:1", "no link uses it, so it is not printed"),
    # stars
    ("**Mød** nu, **uden** smykker. **Husk:**tag det.\n", "1:31", "put a space after the stars, before “t”"),
    ("tag**»kort«**\n", "1:4", "put a space before the stars, after “g”"),
    ("a\nb **c d\n", "2:3", "the closing stars are missing"),
    ("a c** d\n", "1:4", "the opening stars are missing"),
    ("**a*\n", "1:1", "has no meaning here"),
    ("__a b\n", "1:1", "has no meaning here"),
    ("*Kun for voksne\n", "1:1", "a footnote is [^1]"),
    ("Panodil* hjælper\n", "1:8", "a footnote is [^1]"),
    ("_kun for voksne\n", "1:1", "has no meaning here"),
    ("Tag 2*3*4 mg\n", "1:6", "stars inside a number"),
    ("3*1*0\n", "1:2", "stars inside a number"),
    ("se https://a.dk/_b_/c\n", "1:17", "marks inside an address"),
    ("Patient*innen und Ärzt*innen\n", "1:8", "stars inside a number or a word"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "remedy"), NAMED, ids=[repr(text) for text, _, _ in NAMED])
def test_what_looks_like_markup_is_named(text: str, place: str, remedy: str) -> None:
    lines = found(text)
    assert any(line.startswith(f"{place} ") and remedy in line for line in lines), lines


HONEST = [
    "~ 5 minutter, ca. ~5 minutter og ~10 %", "5–10 - 15", "kl. 8-10 og 8 - 16", "$5 and $10, US$ 20, 5$ or 6 $", "100 kr. + 50 kr.", "C++", "1/2 og ½",
    "a) er godt, b) er bedre, og (c) er bedst.", "Vælg a) eller\nb) nu", "skriv til a@b.dk eller a_b@c.dk", "se https://a.dk/c__d~e/#f^g?x==y og www.a.dk/[b]", "**https://a.dk** og <https://a.dk/_b_/c>",
    "-5 °C udenfor", "−18 °C", "2 * 3 = 6", "2*3", "a_b_c", "#5 og nr. #7", "1.000 kr.", "14.30 til 15.00", "kl.:8", "den 3.\n4. maj var det", "i år\n2024. Det år",
    f"24.{NBSP}december er vi her", "Du må spise\n– men ikke drikke", "– Hvad nu?", "[a] og [se side 3]", "R&D, AT&T", "a < b > c", "<38 og >39", "Navn: ______", "Navn: __________ dato ____",
    "Hvornår?! Nu!!!", "tid: 8:30:00", "a | b", "e-mail, til- og fra", "(*)", "a: b\nc: d", "Vej 1\n5000 Odense", "`Umar" if False else "‘Umar", "1. a\n2. b", "- a\n- b", "fx\n- a\n- b",
    "\\- kort", "\\#Før", "\\*Kun", "\\~\\~to\\~\\~", "1\\. december", "Patient*innen", "x² og 10⁹", "§ 5 siger", "A. P. Møller\nB. S. Ingemann" if False else "A. P. Møller",
    "o problemie\npisz", "1 tablet\n2 tabletter", "→ Se side 3", "5 % - 10 %", "**a** (b) **c**: d", "*a*, _b_ og __c__", "**a:** b", "»**a**«", "(**a**)", "**u**farlig", "[a](https://b.dk/c_d_e)",
    "a[^1]\n\n[^1]: en note", "[a][1]\n\n[1]: https://b.dk", "[a]\n\n[a]: https://b.dk", "10 - 12 uger\n3 - 4 dage", "Mandag • Tirsdag", "☐ Ja", "Hvad? ... Det!", "50/50", "&lt;b&gt;", "3 × 10", "et --helt-- nyt" if False else "et helt nyt",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST, ids=[repr(text) for text in HONEST])
def test_honest_text_is_left_alone(text: str) -> None:
    assert found(f"{text}\n") == []


@pytest.mark.parametrize("text", ["> 38 grader\n", ">= 38\n", "- > 38\n"])
def test_a_sign_that_begins_a_quotation_says_how_it_is_printed(text: str) -> None:
    (line,) = found(text)
    assert "or “\\>” to print the sign itself" in line
    assert not found(text.replace(">", "\\>"))


def test_one_pair_of_stars_is_one_finding() -> None:
    assert len(found("**Mød** nu, **uden** smykker. **Husk:**tag det.\n")) == 1


def test_places_are_those_of_the_file() -> None:
    text = "- a\n\n  b\n  c ~~d~~\n\n::: warning W\n- e **f:**g\n\n  • h\n:::\n"
    assert [line.split(" ")[0] for line in found(text)] == ["4:5", "7:5", "9:3"]


@pytest.mark.parametrize(
    "text",
    [
        "## a ~~b~~",
        "| ~~a~~ |\n|---|\n| b |",
        "a[^1]\n\n[^1]: ~~b~~",
        "::: warning ~~a~~\nb\n:::",
        "![~~a~~](b.svg)",
        '![a](b.svg "~~c~~")',
    ],
)
def test_marks_are_named_wherever_words_stand(text: str) -> None:
    assert any("two tildes" in line for line in found(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [("::: warning A[^1]\nb\n:::", "1:14"), ("![a[^1]](b.svg)", "1:4"), ('![a](b.svg "c[^1]")', "1:14")],
)
def test_a_footnote_that_would_be_printed_as_typed_is_named(text: str, place: str) -> None:
    (line,) = found(text)
    assert line.startswith(f"{place} ")
    assert "“[^1]” would be printed here, because footnotes can only be called in running text" in line


@pytest.mark.parametrize("kind", lookalikes.INLINE_PATTERNS, ids=lambda kind: kind.pattern.pattern)
@settings(max_examples=100)
@given(st.data())
def test_no_text_that_a_pattern_matches_is_passed_over(kind: MarkupPattern, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(kind.pattern))
    assert lookalikes._INLINE_HINT.search(text)


@pytest.mark.parametrize("kind", lookalikes.LINE_PATTERNS, ids=lambda kind: kind.pattern.pattern)
@settings(max_examples=100)
@given(st.data())
def test_no_line_that_a_pattern_matches_is_passed_over(kind: MarkupPattern, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(kind.pattern))
    match = kind.pattern.search(text)
    line = text[match.start() :].strip() if match else ""
    assert lookalikes._LINE_HINT.match(line) or not kind.pattern.match(line)
