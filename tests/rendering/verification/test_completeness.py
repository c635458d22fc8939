"""What proves a PDF: nothing is said of a good page, and every fault that is planted in one is found, with its place."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf.reader import document
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.postprocess.tounicode import GlyphTexts
from pdfkit_cli.rendering.verification import typographic_warnings
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from tests.helpers import translated_library
from tests.helpers.block_examples import EXAMPLES, FACTS, LEAFLET_SETTINGS
from tests.helpers.faulty_pages import DAY, page, pages, with_css, with_html
from tests.helpers.founding_library_build import entries, output_keys, sample
from tests.helpers.generated_library import generate
from tests.helpers.soak_sampling import WHOLE
from tests.helpers.tiny_library import LOGO, TinyLibrary, tiny

FORMATS = "[a4, a5, a5-booklet, a4-large]"
"""A sample: one format of each page size, imposition and size of letters."""

BODY = """\
## Før du kommer

Ring på {{ clinic.phone }}, hvis du er i tvivl om noget, som du ikke forstår.[^1]

[^1]: Sygeplejersken svarer.

Du må ikke spise de sidste 6 timer før operationen.

| Dag | Hvad du må |
|---|---|
| 1–2 | **Gå** 20 minutter |
| 3 | Cykle en tur |

![En øvelse](images/løft.svg "Sådan løfter du")

::: warning Ring, hvis du får feber
- Over 38 grader
:::

::: call Er du i tvivl?
Ring til os.
:::
"""
# Its first line is the fifth of the file, behind the front matter.


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page with a bit of everything, rendered whole."""
    library = tiny(tmp_path_factory.mktemp("good"))
    library.write("clinics/north.yaml", FACTS)
    library.write("content/first/images/løft.svg", LOGO)
    library.body(BODY)
    return page(library)


def misses(faulty: Page) -> list[str]:
    """Render, and return what is said of it; the folder of the test is cut off."""
    with pytest.raises(RenderError) as raised:
        renderer.render(faulty)
    lines = str(raised.value).split("\n")
    assert all(" · da · north · a4: " in line for line in lines), lines
    return [line[line.index("leaflets/") :].replace(" · da · north · a4: ", " ") for line in lines]


def test_a_good_page_is_whole(good: Page) -> None:
    assert renderer.render(good).pdf.startswith(b"%PDF")


DA = "leaflets/content/first/da.md"
NORTH = "leaflets/clinics/north.yaml"
FAST = "Du må ikke spise de sidste 6\N{NO-BREAK SPACE}timer før operationen."
CALLED = "Ring på <a"

LOST: dict[str, tuple[Callable[[Page], Page], str]] = {
    "a paragraph is dropped": (
        lambda good: with_html(good, f"<p>{FAST}</p>", ""),
        f"{DA}:11:1 “{' '.join(FAST.split())}” is not on the page",
    ),
    "a number is changed": (
        lambda good: with_html(good, "sidste 6", "sidste 8"),
        f"{DA}:11:1 “{' '.join(FAST.split())}” is not on the page",
    ),
    "paragraphs are swapped": (
        lambda good: with_html(with_html(good, f"<p>{FAST}</p>", ""), "<h2>Før", f"<p>{FAST}</p><h2>Før"),
        f"{DA}:11:1 “{' '.join(FAST.split())}” is not in its order",
    ),
    "a block is not shown": (
        lambda good: with_css(good, ".warning { display: none }"),
        f"{DA}:21:1 “Over 38 grader” is not on the page",
    ),
    "a block is invisible": (
        lambda good: with_css(good, ".warning li { visibility: hidden }"),
        f"{DA}:21:1 “Over 38 grader” is not on the page",
    ),
    "a title is dropped": (
        lambda good: with_html(good, ">Ring, hvis du får feber<", "><"),
        f"{DA}:20:1 “Ring, hvis du får feber” is not on the page",
    ),
    "a cell is dropped": (
        lambda good: with_html(good, "<td>Cykle en tur</td>", "<td></td>"),
        f"{DA}:16:1 “Cykle en tur” is not on the page",
    ),
    "an accent is added": (
        lambda good: with_html(good, "Sådan løfter du<", "Sådan løfter dú<"),
        f"{DA}:18:1 “Sådan løfter du” is not on the page",
    ),
    "an accent is dropped": (
        lambda good: with_html(good, "Sådan løfter du<", "Sadan løfter du<"),
        f"{DA}:18:1 “Sådan løfter du” is not on the page",
    ),
    "a caption is dropped": (
        lambda good: with_css(good, "figcaption { display: none }"),
        f"{DA}:18:1 “Sådan løfter du” is not on the page",
    ),
    "a footnote is dropped": (
        lambda good: with_html(good, "Sygeplejersken svarer.", "Sygeplejersken"),
        f"{DA}:7:1 “Sygeplejersken svarer.” is not on the page",
    ),
    "the title of the leaflet": (
        lambda good: with_css(good, "h1 { display: none }"),
        f"{DA}:2:1 “En titel” is not on the page",
    ),
    "the hours of a call panel": (
        lambda good: with_css(good, ".call-hours { display: none }"),
        f"{NORTH}:9:1 “mandag–fredag kl. 08.00–15.00” is not on the page",
    ),
    "the phone of the contact panel": (
        lambda good: with_css(good, ".contact-phone { display: none }"),
        f"{NORTH}:7:1 “76 36 14 00” is not on the page",
    ),
    "a picture is dropped": (
        lambda good: with_css(good, "figure img { display: none }"),
        f"{DA}:18:1 the picture “En øvelse” is not on the page",
    ),
    "a picture has no size": (
        lambda good: with_css(good, "figure img { width: 0; height: 0 }"),
        f"{DA}:18:1 the picture “En øvelse” is empty, or too small to be seen",
    ),
    "a picture is cut away": (
        lambda good: with_css(good, "figure { height: 0; overflow: hidden } figcaption { position: absolute }"),
        f"{DA}:18:1 the picture “En øvelse” is empty, or too small to be seen",
    ),
    "a picture over the edge of the page": (
        lambda good: with_css(good, "figure img { position: relative; inset-inline-start: 120mm }"),
        f"{DA}:18:1 the picture “En øvelse” runs out of the text area of page 2",
    ),
    "a picture in the margin": (
        lambda good: with_css(good, "figure img { position: relative; inset-inline-start: -22mm }"),
        f"{DA}:18:1 the picture “En øvelse” runs out of the text area of page 2",
    ),
    "the QR code is dropped": (
        lambda good: with_css(good, ".contact-code { display: none }"),
        f"{NORTH}:12:1 the picture “Scan koden med din telefon: www.example.org/nord” is not on the page",
    ),
    "the foot is dropped": (
        lambda good: with_css(good, ".foot-page { display: none }"),
        "leaflets/content/first/leaflet.yaml “Side 2 af 3” is not in the margins of page 2",
    ),
    "a box with a fixed height": (
        lambda good: with_css(good, ".warning-text { height: 1mm; padding-block: 0; overflow: hidden }"),
        f"{DA}:21:1 “Over 38 grader” is cut off, on page 2",
    ),
    "a line that does not break": (
        lambda good: with_css(good, "p { white-space: nowrap; font-size: 22pt }"),
        f"{DA}:11:1 “{' '.join(FAST.split())[:39]}…” is in the margin of the page, on page 1",
    ),
    "a table that is too wide": (
        lambda good: with_css(good, "table { width: 240mm } td, th { text-align: end }"),
        f"{DA}:13:1 the table is wider than the page",
    ),
    "a negative margin": (
        lambda good: with_css(good, ".warning { margin-inline-start: -40mm }"),
        f"{DA}:21:1 “Over 38 grader” is in the margin of the page, on page 2",
    ),
    "a block over another": (
        lambda good: with_css(good, "p + p { margin-block-start: -8mm }"),
        f"{DA}:11:1 “{' '.join(FAST.split())[:39]}…” overlaps",
    ),
    "an absolute box over text": (
        lambda good: with_css(good, ".summary { position: absolute; inset-block-start: 3mm; inset-inline-start: 0 }"),
        "overlaps",
    ),
    "lines set too close": (
        lambda good: with_css(good, ".summary { line-height: 0.2; width: 20mm }"),
        f"{DA}:3:1 “indlednin” overlaps “En kort”, on page 1",
    ),
    "white on white": (
        lambda good: with_css(good, "figcaption { color: #fff }"),
        f"{DA}:18:1 “Sådan løfter du” cannot be told from its background, on page 2",
    ),
    "red on red": (
        lambda good: with_css(good, ".warning-text { background: #9c1420; color: #a01520 }"),
        f"{DA}:21:1 “Over 38 grader” cannot be told from its background, on page 2",
    ),
    "transparent": (
        lambda good: with_css(good, "figcaption { color: rgba(0, 0, 0, 0.1) }"),
        f"{DA}:18:1 “Sådan løfter du” cannot be told from its background, on page 2",
    ),
    "faded": (
        lambda good: with_css(good, "figcaption { opacity: 0.1 }"),
        f"{DA}:18:1 “Sådan løfter du” cannot be told from its background, on page 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", LOST)
def test_a_planted_fault_is_found(good: Page, fault: str) -> None:
    plant, said = LOST[fault]
    found = misses(plant(good))
    assert any(said in line for line in found), found


@pytest.mark.parametrize("review", ["unreviewed", "reviewed"])
def test_a_stale_translation_owes_its_label(library: TinyLibrary, review: str) -> None:
    text = "---\ntitle: Et\nsummary: En kort tekst.\n---\n\nDu skal hvile.\n"
    library.write("content/first/da.md", text)
    library.write("content/first/sv.md", text.replace("tekst.\n", f"tekst.\ntranslation: {review}\n"))
    library.write("clinics/north.yaml", FACTS.replace("[da]", "[da, sv]"))
    translated_library.record(library, "sv")
    library.write("content/first/da.md", text.replace("hvile", "sove"))
    stale = page(library, "north/first.sv.a4.pdf")
    assert renderer.render(stale).pages == 1
    with pytest.raises(RenderError) as raised:
        renderer.render(with_css(stale, ".colophon-label, .label { display: none }"))
    assert "“Texten har ändrats efter att den översattes" in str(raised.value)
    assert "inte uppdatera" in str(raised.value)


def test_every_fault_is_said_at_once(good: Page) -> None:
    faulty = with_css(with_html(good, FAST, ""), ".contact-code { display: none } figcaption { color: #fff }")
    assert len(misses(faulty)) == 3


def test_what_a_clinic_wrote_has_its_own_place(library: TinyLibrary) -> None:
    library.body("Tekst.\n\n::: slot parking\nHer.\n:::\n")
    library.replace("content/first/leaflet.yaml", "formats:", "slots: [parking]\nformats:")
    library.write("clinics/north/first/parking.da.md", "Parkér i gården.\n")
    (said,) = misses(with_html(page(library), "<p>Parkér i\N{NO-BREAK SPACE}gården.</p>", ""))
    assert said == "leaflets/clinics/north/first/parking.da.md:1:1 “Parkér i gården.” is not on the page"


def test_a_soft_hyphen_and_a_line_end_in_an_address_are_no_loss(library: TinyLibrary) -> None:
    library.body(f"[Læs mere](https://example.org/{'a' * 25}) om genop\N{SOFT HYPHEN}træning og e-mail.\n")
    good = page(library)
    assert renderer.render(with_css(good, "main p { width: 24mm; max-width: none }")).pages >= 1
    assert renderer.render(with_css(good, "main p { width: 16mm; hyphens: auto; font-size: 9pt }")).pages >= 1


def test_a_cell_with_a_dash_and_one_with_nothing_owe_nothing_more(library: TinyLibrary) -> None:
    library.body("| Dag | Hvad |\n|---|---|\n| - | – |\n| | 3 |\n")
    renderer.render(page(library))


def test_a_footnote_may_part_a_paragraph_at_the_end_of_a_page(library: TinyLibrary) -> None:
    words = " ".join(f"Sætning nummer {number} i et meget langt afsnit." for number in range(160))
    library.body(f"Et ord[^1]. {words}\n\n[^1]: En note.\n")
    good = page(library)
    assert renderer.render(good).pages == 3
    (said,) = misses(with_html(good, "nummer 140", "nummer 141"))
    assert said.startswith(f"{DA}:5:1 “Et ord1. Sætning nummer 0")


def test_a_footnote_may_say_what_a_cell_says(library: TinyLibrary) -> None:
    library.body("| Dag | Hvor meget |\n|---|---|\n| i dag | 100 mg |\n| i morgen | 50 mg[^1] |\n\n[^1]: 100 mg\n")
    good = page(library)
    assert renderer.render(good).pages
    for old in ("<td>100\N{NO-BREAK SPACE}mg</td>", '<span class="footnote">100\N{NO-BREAK SPACE}mg</span>'):
        assert misses(with_html(good, old, old.replace("100", "10")))


# A body that clinics share, booklets, and every kind of block.

SHARED = "## Før du kommer\n\n::: call\nRing, hvis du er i tvivl.\n:::\n\nTag ikke medicin.\n"


@pytest.mark.parametrize("name", ["a4", "a5-booklet"])
def test_what_is_imprinted_is_proven_too(library: TinyLibrary, name: str) -> None:
    library.replace("content/first/leaflet.yaml", "formats: [a4, a5]", f"formats: {FORMATS}")
    library.body(SHARED)
    good = page(library, f"north/first.da.{name}.pdf")
    assert good.shares_body
    renderer.render(good)
    for old, new, said in (
        ("76 36 14 00</a>", "76 36 14 01</a>", "“76 36 14 00” is not on the page"),
        ("Tag ikke medicin.", "Tag medicin.", "“Tag ikke medicin.” is not on the page"),
    ):
        with pytest.raises(RenderError) as raised:
            renderer.render(with_html(good, old, new))
        assert said in str(raised.value)


def formats_of(block: str, variant: str) -> tuple[str, ...]:
    """Return the formats to try a block in; in `make test` another one for each block and variant."""
    every = ("a4", "a5", "a5-booklet", "a4-large")
    return every if WHOLE else (every[(list(EXAMPLES).index(block) + 2 * (variant == "short")) % len(every)],)


@pytest.mark.soak
@pytest.mark.parametrize("block", EXAMPLES)
@pytest.mark.parametrize("variant", ["full", "short"])
def test_every_kind_of_block_is_whole(library: TinyLibrary, block: str, variant: str) -> None:
    library.write("clinics/north.yaml", FACTS)
    library.replace("clinics/south.yaml", "hands_out:", 'out_of_hours: ["112"]\nhands_out:')
    library.write("content/first/images/løft.svg", LOGO)
    library.replace("content/first/leaflet.yaml", "formats: [a4, a5]", f"formats: {FORMATS}\nvariants: [full, short]")
    library.replace("content/first/leaflet.yaml", "formats:", f"{LEAFLET_SETTINGS.get(block, '')}formats:")
    library.body(EXAMPLES[block])
    suffix = ".short" if variant == "short" else ""
    for good in pages(library, *(f"north/first.da{suffix}.{name}.pdf" for name in formats_of(block, variant))):
        assert renderer.render(replace(good, shares_body=False)).pages > 0


# Right to left

ARABIC = """\
---
title: العلاج بالحرارة
summary: نشرة قصيرة عن العلاج (RFA) في 2 من 3 حالات.
translation: unreviewed
---

## قبل الموعد

لا تأكل 6 ساعات قبل العملية، ولا تشرب قهوةً مثلًا (1–2 كوب).

اتصل على {{ clinic.phone }} إذا كنت غير متأكد.

- حمّى
- آلام شديدة
"""


@pytest.fixture
def arabic(library: TinyLibrary) -> Page:
    """A page in Arabic, with numbers and foreign words."""
    library.write("content/first/ar.md", ARABIC)
    library.write("clinics/north.yaml", FACTS.replace("[da]", "[da, ar]"))
    return page(library, "north/first.ar.a4.pdf")


def test_arabic_is_whole(arabic: Page) -> None:
    assert arabic.right_to_left
    assert renderer.render(arabic).pages == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("لا تأكل 6", "لا تأكل 8", "ar.md:9:1 · ar · north · a4: “لا تأكل 6"),
        ("(RFA) في 2 من 3", "(RFA) في 3 من 2", "ar.md:3:1 · ar · north · a4: “نشرة قصيرة"),
        ("شديدة", "شديد", "ar.md:14:1 · ar · north · a4: “آلام شديدة” is not on the page"),
        ("<li>حمّى</li>\n<li>آلام شديدة</li>", "<li>آلام شديدة</li>\n<li>حمّى</li>", "is not in its order"),
        ("الموعد</h2>", "</h2>", "ar.md:7:1 · ar · north · a4: “قبل الموعد” is not on the page"),
    ],
)
def test_what_arabic_loses_is_found(arabic: Page, old: str, new: str, said: str) -> None:
    html = arabic.html.replace("\N{NO-BREAK SPACE}", " ")
    renderer.render(replace(arabic, html=html))
    with pytest.raises(RenderError) as raised:
        renderer.render(with_html(replace(arabic, html=html), old, new))
    assert said in str(raised.value)


def test_arabic_words_in_danish_are_read_in_their_order(library: TinyLibrary) -> None:
    library.body("Spørg efter »[آلام أسفل الظهر]{lang=ar}« eller 2 [حمّى]{lang=ar}, hvis du vil.\n")
    good = page(library)
    renderer.render(good)
    (said,) = misses(with_html(good, "أسفل الظهر", "الظهر أسفل"))
    assert said.endswith("is not on the page")


# What is compared


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20\N{NO-BREAK SPACE}minutter", "20minutter"),
        ("e-mail", "email"),
        ("genop\N{SOFT HYPHEN}træning", "genoptræning"),
        ("27–40 %", "27–40%"),
        ("Café", "Cafe\N{COMBINING ACUTE ACCENT}"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "Cafe\N{COMBINING ACUTE ACCENT}"),
        ("\N{LATIN SMALL LIGATURE FI}n", "fin"),
        ("\N{LEFT-TO-RIGHT ISOLATE}76 36\N{POP DIRECTIONAL ISOLATE}", "7636"),
    ],
)  # fmt: skip
def test_letters(text: str, said: str) -> None:
    assert comparable_letters(text) == said


def test_signs_that_share_a_glyph_are_the_same_letters() -> None:
    """A file has one text for each glyph: where a font draws two signs alike, the wrong one may come back."""
    for path in sorted(packaged_folder("fonts").rglob("*.ttf")):
        signs: dict[str, list[str]] = {}
        for code, glyph in TTFont(path).getBestCmap().items():
            signs.setdefault(glyph, []).append(chr(code))
        for alike in signs.values():
            assert len({comparable_letters(sign) for sign in alike}) == 1, (path.name, alike)


def test_a_page_owes_what_the_edition_says_whatever_the_layout_draws(good: Page) -> None:
    kinds = {item.kind for item in good.expected}
    assert kinds == set(ContentKind) - {ContentKind.SMALL_PICTURE}  # tests of small pictures have those
    assert replace(good, html="").expected == good.expected


# Whole libraries: nothing is said of what is good.


@pytest.mark.slow
@pytest.mark.soak
def test_the_founding_library_is_whole(founding: Path) -> None:
    """What a build publishes is proven."""
    assert entries(founding).keys() == output_keys().keys()
    for path in sample():
        last = document.read_pdf((founding / path).read_bytes()).pages[-1]
        assert typographic_warnings.fill_share(last) > 0, path


@pytest.mark.slow
def test_a_generated_library_is_whole(tmp_path: Path) -> None:
    root = generate(tmp_path / "leaflets", 3, 1)
    renderer.prepare_process()
    shop = open_project(BuildRequest(root, as_of=DAY))
    count = 0
    for output_key in shop.output_keys():
        assert renderer.render(shop.draw(output_key).page).filled > 0
        count += 1
    assert count >= 12


def test_weasyprint_still_guesses_what_arabic_glyphs_say(arabic: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this fails, WeasyPrint has learnt it, and pdfkit_cli.rendering.postprocess.tounicode is not needed any more."""
    monkeypatch.setattr(GlyphTexts, "__setitem__", dict.__setitem__)
    with pytest.raises(RenderError, match="مثلًا"):
        renderer.render(arabic)


def test_a_translation_owes_who_made_it(library: TinyLibrary) -> None:
    text = "---\ntitle: Et\nsummary: En kort tekst.\n---\n\nDu skal hvile.\n"
    roles = "translation: reviewed\ntranslated_by: auktoriserad translator\ntranslation_reviewed_by: Läkare (Danish)\n"
    library.write("content/first/da.md", text)
    library.write("content/first/sv.md", text.replace("tekst.\n", f"tekst.\n{roles}"))
    library.write("clinics/north.yaml", FACTS.replace("[da]", "[da, sv]"))
    translated_library.record(library, "sv")
    credited = page(library, "north/first.sv.a4.pdf")
    assert renderer.render(credited).pages == 1
    silent = credited.html.replace("auktoriserad translator", "").replace("granskad av: Läkare (Danish)", "")
    assert silent != credited.html
    with pytest.raises(RenderError) as raised:
        renderer.render(replace(credited, html=silent))
    assert "sv.md:5:1 · sv · north · a4: “Översatt av: auktoriserad translator” is not on the page" in str(raised.value)
    assert "sv.md:6:1 · sv · north · a4: “Översättningen granskad av: Läkare (Danish)”" in str(raised.value)
