"""Texts from right to left: what an author may write is printed and proven, and what goes missing is found, by eye and by ear."""

import re
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from pikepdf import Pdf, String

from pdfkit_cli.build.pipeline import BuildRequest, open_project
from pdfkit_cli.content.editions import OutputKey
from pdfkit_cli.pdf.reader import aloud, bidi, document, words
from pdfkit_cli.pdf.reader.spelling import comparable_letters
from pdfkit_cli.rendering import renderer
from pdfkit_cli.rendering.page import Page
from pdfkit_cli.rendering.verification import completeness
from tests.helpers import faulty_pages, pdf_validators
from tests.helpers.block_examples import FACTS
from tests.helpers.conforming_pdf import edited, elements
from tests.helpers.faulty_pages import DAY, page, with_html
from tests.helpers.soak_sampling import sampled
from tests.helpers.tiny_library import FOUNDING, TinyLibrary, packaged_phrases, tiny

ARABIC = {
    "decimal and thousands signs": "الحرارة ٣٨٫٥ درجة و ١٬٠٠٠ خطوة",
    "less and more": "≥ 38 أو ≤ 35 و SpO₂ < 92 %",
    "footnote in a sentence": "خذ الدواء[^1] في المساء",
    "marks of direction": "\u200f(أو) شيء\u200f و \u200eABC\u200e (1)",
    "soft hyphen": "وال\u00adطبيب يحضر",
    "joiners": "و\u2060أو ثم و\u200bأو ثم ه\u200d",
    "vowels on a letter with hamza": "لا تَتَأَخَّرْ، يُؤْخَذ مُؤَقَّتًا",
    "vowels on one another": "شُدِّدَ وعُدِّل، قهوةً مثلًا",
    "vowels on ligatures": "لَا تَنسَ لِأَنَّ الآلامَ إِلّا",
    "a whole word as one glyph": "بِسْمِ ٱللَّٰهِ، اللّٰه والله ولِلَّهِ",
    "tatweel": "ـــطويل هـ 1445 قُرْآن",
    "forms of letters": "ﻻ ﷺ شيء مسؤول مئة دفء",
    "times": "الساعة 8:00–10:00 أو ٨:٠٠–١٥:٠٠",
    "percentages and fractions": "٢٠٪ أو 20% أو ١/٢ أو ½ قرص",
    "doses": "500 mg من Panodil (أو Pinex) و 5-10 مل",
    "signs before numbers": "−5 °C أو 2 من 3 ثم 4 من 5 و 120/80",
    "ranges and words held together": "27–40 % من C-vitamin و COVID-19 مع e-post",
    "thousands and decimals": "10\u00a0000 ثم 1.000,50 ثم 2026-11-21 ثم 21.11.2026",
    "bold and emphasis": "**2**–**3** أقراص *مهم* (جدًا) **(2)**",
    "link": "انظر [رابط (2)](https://example.org/a) أو غيره",
    "another language": "[Ward 4 (North), 2nd floor.]{lang=en} و [Afsnit 3 (2. sal)]{lang=da}",
    "facts of the clinic": "{{ clinic.phone }} (أو {{ clinic.name }}) و {{ clinic.address }}",
    "isolates": "\u2067نص (1)\u2069 \u2066A (b) 1\u2069",
    "quotation marks and stops": "«نص» و “نص” هل؟ نعم! لا؛ ربما…",
}  # fmt: skip

FARSI = {
    "no joiner": "می‌توانید با ما تماس بگیرید، نمی‌خواهیم",
    "dose and time": "۵۰۰ میلی‌گرم پاراستامول در ساعت ۸:۰۰ بخورید، حداکثر ۳ تا ۴ بار در روز",
    "number and brackets": "با ۱۱۲ تماس بگیرید (در خطر)",
    "letters of its own": "گچ پای چپ، ژل، که، یک، هٔ خانهٔ ما، خانه\u200c\u0654 ما",
    "Sorani": "دەتوانیت پەیوەندی بکەیت، نەخۆش‌خانە، ڕۆژێ",
    "Urdu": "آپ کل ۶ بجے ہسپتال آئیں، ٹیکہ لگے گا، مہربانی",
    "Pashto": "تاسو ښه یاست، ډاکټر ته ووایئ، ځواب",
}

AROUND = "اشرب الماء كل يوم مع الدواء واتصل بالطبيب المختص {} في أي وقت."
NAME = "Klinik Nord (2) – afd. 3"

HEAD = "---\ntitle: {title}\nsummary: {summary}\n---\n\n"
TABLE = "| اليوم | ماذا (2) |\n|---|---|\n| 1–2 | **٤٠٫٢** عُدِّل |\n"


def body(lines: dict[str, str]) -> str:
    """Every line in a paragraph that is longer than a line, and by itself in a list."""
    paragraphs = [AROUND.format(line) for line in lines.values()]
    items = [f"- {line.replace('[^1]', '')}" for line in lines.values()]
    title = f"## {lines[next(iter(lines))]}"
    notes = "[^1]: ملاحظة (1) عن 2 من 3 و عُدِّل.\n" if any("[^1]" in line for line in lines.values()) else ""
    return "\n\n".join([title, *paragraphs, "\n".join(items), TABLE, notes])


@cache
def source(language: str) -> str:
    lines, title = (ARABIC, "العلاج (RFA) ٤٠٫٢") if language == "ar" else (FARSI, "درد کمر (۲)")
    return HEAD.format(title=title, summary=AROUND.format("عُدِّل 500 mg")) + body(lines)


Made = tuple[Page, bytes, tuple[str, ...]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """Return by language a page, its PDF, and what is missing on it."""

    @cache
    def make(language: str) -> Made:
        library = tiny(tmp_path_factory.mktemp(language))
        add(library, language, source(language))
        good = page(library, f"north/first.{language}.a4.pdf")
        return good, *proven(good)

    return make


def proven(made: Page) -> tuple[bytes, tuple[str, ...]]:
    drawn = renderer.render_unverified(made)
    return drawn.pdf, renderer.verify_rendered(made, drawn)[1]


def add(library: TinyLibrary, language: str, text: str) -> None:
    """Add a language from right to left to a tiny library. Its phrases are Arabic."""
    library.write(f"languages/{language}.yaml", packaged_phrases("ar"))
    library.write("library.yaml", f"name: Tiny\nlanguages: [da, sv, en, {', '.join({'ar', language})}]\n")
    library.write(f"content/first/{language}.md", text)
    library.write(
        "clinics/north.yaml", FACTS.replace("[da]", f"[da, {language}]").replace("name: Klinik Nord", f"name: {NAME}")
    )


@pytest.mark.parametrize(("language", "kind"), [*(("ar", kind) for kind in ARABIC), *(("fa", kind) for kind in FARSI)])
def test_it_is_printed(made: Callable[[str], Made], language: str, kind: str) -> None:
    _, _, wrong = made(language)
    assert not [miss for miss in wrong if comparable_letters((ARABIC | FARSI)[kind])[:20] in comparable_letters(miss)]


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_nothing_is_said_of_a_good_page(made: Callable[[str], Made], language: str) -> None:
    _, _, wrong = made(language)
    assert wrong == ()


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_another_reader_has_the_words_in_their_order(made: Callable[[str], Made], language: str) -> None:
    """PDFium turns lines by itself; a lam with an alef comes out the other way round, and marks apart."""
    _, pdf, _ = made(language)
    read = "\n".join(one.get_textpage().get_text_bounded() for one in pypdfium2.PdfDocument(pdf))
    shown = ["".join(sorted(word)) for word in arabic_words(read)]
    for line in AROUND.split("{}"):
        wanted = ["".join(sorted(word)) for word in arabic_words(line)]
        starts = [at for at in range(len(shown)) if shown[at : at + len(wanted)] == wanted]
        assert len(starts) > (len(ARABIC) if language == "ar" else len(FARSI)) / 2


def arabic_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    return re.findall(
        r"[\u0621-\u064a\u0671-\u06d3]+", "".join(sign for sign in plain if not unicodedata.combining(sign))
    )


# Numbers, units and Latin words alone in a cell or paragraph

CELLS = {
    "100 mg": "100 mg", "**100** mg": "100 mg", "100 [mg]{lang=en}": "100 mg", "[100 mg]{lang=en}": "100 mg",
    "Panodil **500** mg": "Panodil 500 mg", "**Panodil *500* mg**": "Panodil 500 mg", "1000 mg/m²": "1000 mg/m²",
    "100 mg.": ".100 mg", "(5 mg)": "(5 mg)", "−5 °C": "−5 °C", "[Pinex 5 mg](https://example.org/a)": "(example.org/a) Pinex 5 mg",
    "خذ **5** mg": "5 mg خذ", "1–2": "2–1", "1, 2, 3": "3 ,2 ,1", "8:00–10:00": "10:00–8:00", "2 × 50": "50 × 2",
    "1 / 2": "2 / 1", "٥٠٠ مغ": "مغ ٥٠٠", "500 مغ": "مغ 500", "≥ 5 mg": "5 mg ≤", "2 = 1": "1 = 2",
    "\u2066100 mg\u2069 2 mg": "2 mg 100 mg", "5 mg[^1]": "5 mg",
}  # fmt: skip
"""What an author writes, and what stands on the line, from left to right."""

NARROW = """
| الدواء | الجرعة | صباحًا | مساءً | ملاحظة |
|---|---|---|---|---|
| Levothyroxinnatrium | 100 mikrogram | 1–2 حبة | 0 حبة | يؤخذ قبل الإفطار |
| **Metforminhydrochlorid** 500 mg | 500 mg | 1–2 | – | Hydroxychlorochin |
| دواء Bendroflumethiazid (Centyl) | **2,5** mg | 1 | 2 | [Hydroxychlorochin]{lang=en} |
"""


@pytest.fixture
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let units be written without their language, as authors do."""
    monkeypatch.setattr(faulty_pages, "ELSEWHERE", {*faulty_pages.ELSEWHERE, "foreign-script"})


def shown(pdf: bytes) -> list[str]:
    """Return the lines of a PDF as they look, from left to right."""
    found = []
    for read in document.read_pdf(pdf).pages:
        lines: dict[int, list[tuple[float, str]]] = {}
        for run in read.runs:
            lines.setdefault(round(run.box[1]), []).append((run.box[0], "".join(run.glyphs).strip()))
        found += [" ".join(text for _, text in sorted(lines[height])) for height in sorted(lines, reverse=True)]
    return found


def arabic_page(root: Path, text: str, paper: str) -> Page:
    library = tiny(root)
    add(library, "ar", HEAD.format(title="العلاج", summary="ملخص") + text)
    leaflet = library.root / "content/first/leaflet.yaml"
    leaflet.write_text(leaflet.read_text("utf-8").replace("[a4, a5]", "[a4, a5, a4-large]"), "utf-8")
    return page(library, f"north/first.ar.{paper}.pdf")


@pytest.mark.usefixtures("unmarked")
def test_a_number_stands_on_the_left_of_its_latin_unit(tmp_path: Path) -> None:
    rows = "".join(f"| {cell} |\n" for cell in CELLS)
    paragraphs = "\n\n".join(cell.replace("[^1]", "") for cell in CELLS)
    text = f"## جدول\n\n| الجرعة |\n|---|\n{rows}\n{paragraphs}\n\n[^1]: 100 mg\n"
    pdf, wrong = proven(arabic_page(tmp_path, text, "a4"))
    assert wrong == ()
    assert [str(one) for one in pdf_validators.wrongs(pdf)] == []
    lines = [re.sub("[\\s\u2060]", "", line) for line in shown(pdf)]
    rest = iter(lines[lines.index("الجرعة"[::-1]) + 1 :])
    for line in CELLS.values():
        assert re.sub(r"[ء-ي]+", lambda word: word[0][::-1], line).replace(" ", "") in rest, line


def test_the_dose_of_an_exercise_is_read_from_the_left(tmp_path: Path) -> None:
    """Rounds, then repetitions: the other way round it is another dose."""
    library = tiny(tmp_path)
    exercise = "## العلاج\n\n::: exercise 2 × 10\n### تمرين\n\nاطو الورقة.\n:::\n"
    add(library, "ar", HEAD.format(title="العلاج", summary="عن العلاج") + exercise)
    pdf, wrong = proven(page(library, "north/first.ar.a4.pdf"))
    assert wrong == ()
    assert "2 × 10" in {"".join(run.glyphs) for read in document.read_pdf(pdf).pages for run in read.runs}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A PDF with numbers, with which nothing is wrong."""
    pdf, wrong = proven(arabic_page(tmp_path_factory.mktemp("numbers"), "## جدول\n\n1–2\n\n100 mg\n", "a4"))
    assert (wrong, [str(one) for one in pdf_validators.wrongs(pdf)]) == ((), [])
    return pdf


@pytest.mark.parametrize("heard", ["1–3", "12", "1–2–1", "1"])
def test_numbers_that_are_heard_in_another_order_than_that_of_their_line_are_found(numbers: bytes, heard: str) -> None:
    def change(opened: Pdf) -> None:
        (line,) = [one for one in elements(opened, "P") if "1\u2060–" in str(one.get("/ActualText"))] or [
            one for one in elements(opened, "Span") if "1\u2060–" in str(one.get("/ActualText"))
        ]
        line.ActualText = String(heard)

    assert {one.code for one in pdf_validators.wrongs(edited(numbers, change))} == {"actual-text"}


@pytest.mark.usefixtures("unmarked")
@pytest.mark.parametrize(
    ("paper", "parts"),
    [
        ("a5", {"Levothyroxinnat-", "rium", "Metforminhy-", "drochlorid"}),
        ("a4-large", {"Levothyroxinnat-", "rium", "Metforminhydroc-", "hlorid"}),
    ],
)
def test_long_latin_words_are_broken_in_narrow_columns(tmp_path: Path, paper: str, parts: set[str]) -> None:
    """Five columns are so many for the narrowest format that words are broken into equal parts there, not at syllables."""
    pdf, wrong = proven(arabic_page(tmp_path, f"## جدول\n{NARROW}", paper))
    assert wrong == ()
    assert [str(one) for one in pdf_validators.wrongs(pdf)] == []
    runs = {"".join(run.glyphs).strip() for read in document.read_pdf(pdf).pages for run in read.runs}
    assert parts <= runs
    assert {"Hydroxy-", "chlorochin", "Bendroflume-", "thiazid (Centyl)", "500 mg"} <= runs
    assert "100 mikrogram" in runs


# What goes missing

GONE: dict[str, tuple[str, str, str]] = {
    "a word": ("vowels on one another", "قهوةً مثلًا", "قهوةً"),
    "a vowel": ("vowels on one another", "شُدِّدَ", "شُدَّدَ"),
    "a hamza": ("vowels on a letter with hamza", "مُؤَقَّتًا", "مُوَقَّتًا"),
    "a digit": ("decimal and thousands signs", "٣٨٫٥", "٣٨٫٦"),
    "a decimal sign": ("decimal and thousands signs", "٣٨٫٥", "٣٨٥"),
    "a thousands sign": ("decimal and thousands signs", "١٬٠٠٠", "١٠٠٠"),
    "more for less": ("less and more", "≥", "≤"),
    "a smaller sign": ("less and more", "&lt;", "&gt;"),
    "a minus": ("signs before numbers", "−5", "5"),
    "a bracket": ("doses", "(أو Pinex)", "أو Pinex)"),
    "a bracket the other way": ("doses", "(أو Pinex)", ")أو Pinex("),
    "the order of numbers": ("signs before numbers", "2 من 3 ثم 4 من 5", "2 من 3 ثم 5 من 4"),
    "the order of numbers in a row": ("thousands and decimals", "2026-11-21", "21-11-2026"),
    "times": ("times", "8:00–10:00", "10:00–8:00"),
    "a foreign word": ("doses", "Panodil", "Pinex"),
    "the order of words": ("quotation marks and stops", "نعم! لا", "لا! نعم"),
    "a percentage": ("percentages and fractions", "٢٠٪", "٢٠"),
    "half a tablet": ("percentages and fractions", "½", "1"),
    "a fact": ("facts of the clinic", "(أو <span dir=\"ltr\">Klinik", "(أو <span dir=\"ltr\">Klinikken"),
    "a word in another language": ("another language", "2nd floor", "3rd floor"),
}  # fmt: skip


def rounds() -> list[dict[str, tuple[str, str]]]:
    """Faults that can be planted at once, one in a line, by the kinds of the lines."""
    found: list[dict[str, tuple[str, str]]] = []
    for kind, old, new in GONE.values():
        free = next((one for one in found if kind not in one), None)
        if free is None:
            found.append(free := {})
        free[kind] = old, new
    return found


@pytest.mark.parametrize("planted", rounds())
def test_what_is_lost_is_found_and_nothing_else(
    made: Callable[[str], Made], planted: dict[str, tuple[str, str]]
) -> None:
    faulty, _, _ = made("ar")
    faulty = replace(faulty, html=faulty.html.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", ""))
    for old, new in planted.values():
        faulty = with_html(faulty, old, new)
    _, wrong = proven(faulty)
    lines = source("ar").split("\n")
    found = {int(miss.split("ar.md:")[1].split(":")[0]) for miss in wrong}
    wanted = {at for at, line in enumerate(lines, 1) if any(ARABIC[kind].split("[^1]")[0] in line for kind in planted)}
    assert found == wanted


def test_what_is_painted_in_another_order_than_it_is_heard_is_found(
    made: Callable[[str], Made],
) -> None:
    good, pdf, _ = made("ar")
    shown = document.read_pdf(pdf)
    (spoken,) = [one for one in shown.spoken if "120/80" in one.text and AROUND[:9] in one.text]
    for old, new in (("4 من 5", "5 من 4"), ("120/80", "80/120"), ("−5", "5"), ("ثم", ""), ("و 120", "120")):
        text = spoken.text.replace("\N{NO-BREAK SPACE}", " ")
        assert old in text
        other = replace(spoken, text=text.replace(old, new))
        heard = replace(shown, spoken=tuple(other if one is spoken else one for one in shown.spoken))
        (miss,) = [
            miss
            for miss in completeness.verify_content(heard, good.expected, "", right_to_left=True).misses
            if "≥" not in miss
        ][:1]
        assert "is not on the page" in miss


# A language in a text of the other direction

INTERPRETERS = """
- Du kan få tolk (gratis) på 2 dage.
- [Ask for an interpreter (free), 2 days.]{lang=en}
- [العربية: يمكنك طلب مترجم (مجانًا) خلال 2 من 3 أيام، اتصل على الرقم 1813 أو اسأل الطبيب (أو الممرضة) قبل الموعد بيومين.]{lang=ar}
- [فارسی: می‌توانید مترجم بخواهید (رایگان)، ۲ روز پیش از قرار با ما تماس بگیرید تا به شما کمک کنیم.]{lang=fa}
- [Polski: tłumacz (bezpłatnie).]{lang=pl}
- [Soomaali: turjubaan (bilaash).]{lang=so}
- [کوردی: دەتوانیت وەرگێڕ داوا بکەیت (بەخۆڕایی).]{lang=ckb}

Et langt dansk afsnit, som går over en linje, og så nævner [آلام أسفل الظهر (2) من 3 أيام، **ثم** 4 أسابيع.]{lang=ar} og mere dansk.

Spørg efter »[حمّى]{lang=ar}« eller 2 ([د. محمد (قسم 3)]{lang=ar}), se [note]{lang=en}[^1].

Et isolat \u2067(1) 2.\u2069 og et til \u2068(2)\u2069.

[نعم، [Ward 4 (North).]{lang=en} ثم لا، {{ clinic.phone }} (أو {{ clinic.name }}).]{lang=ar}

| Sprog | Tekst |
|---|---|
| arabisk | [اتصل بنا (112).]{lang=ar} |

[^1]: [ملاحظة (2) عُدِّل.]{lang=ar}
"""


@pytest.fixture
def interpreters(library: TinyLibrary) -> Page:
    library.write("clinics/north.yaml", FACTS.replace("name: Klinik Nord", f"name: {NAME}"))
    library.body(INTERPRETERS)
    return page(library)


def test_lines_in_languages_of_both_directions_stand_right(interpreters: Page) -> None:
    pdf, wrong = proven(interpreters)
    assert wrong == ()
    shown = document.read_pdf(pdf)
    ends = {text.strip(): run.glyphs for _, run, text in aloud.tagged_runs(shown) if text.strip().endswith(".")}
    arabic = [glyphs for text, glyphs in ends.items() if bidi.has_right_to_left(text) and text[-2].isalpha()]
    assert len(arabic) >= 4
    assert all(glyphs[0] == "." for glyphs in arabic)


def test_a_missing_direction_is_found(interpreters: Page) -> None:
    _, wrong = proven(with_html(interpreters, ' dir="rtl"', ""))
    assert sum("مترجم" in miss for miss in wrong) >= 1


def test_words_that_change_places_in_another_language_are_found(interpreters: Page) -> None:
    for old, new in (
        ("2 من 3", "3 من 2"),
        ("(مجانًا)", "مجانًا"),
        ("۲ روز", "۳ روز"),
        ("ثم</strong> 4", "ثم</strong> 5"),
    ):
        _, wrong = proven(
            with_html(replace(interpreters, html=interpreters.html.replace("\N{NO-BREAK SPACE}", " ")), old, new)
        )
        assert wrong, old


# A translation that is out of date


@pytest.mark.soak
def test_a_stale_arabic_edition_is_printed_in_each_format(tmp_path: Path) -> None:
    """Its label has letters with two marks, which have one glyph."""
    root = tmp_path / "leaflets"
    shutil.copytree(FOUNDING, root)
    text = root / "content/facet-denervation/da.md"
    old, new = "1–2 dage efter behandlingen", "1–2 dage efter denne behandling"
    assert old in text.read_text("utf-8")
    text.write_text(text.read_text("utf-8").replace(old, new), "utf-8")
    renderer.prepare_process()
    shop = open_project(BuildRequest(root, as_of=DAY))
    formats: dict[str, OutputKey] = {}
    for output_key in shop.output_keys():
        if output_key.edition.leaflet == "facet-denervation" and output_key.edition.language == "ar":
            formats.setdefault(output_key.format, output_key)
    assert len(formats) >= 3
    for output_key in sampled(formats.values(), 3):
        stale = shop.draw(output_key).page
        assert any("عُدِّل النص الأصلي" in item.text for item in stale.expected)
        assert renderer.render(stale).pages


# What was changed


def test_words_and_numbers_that_were_changed_stand_in_order(made: Callable[[str], Made]) -> None:
    good, pdf, _ = made("ar")
    html = (
        good.html.replace("\N{NO-BREAK SPACE}", " ")
        .replace("2 من 3 ثم 4 من 5", "2 من 3 ثم 4 من 6")
        .replace("76 36 14 00", "76 36 14 99")
    )
    other, _ = proven(replace(good, html=html))
    before, after = words.body_words(document.read_pdf(pdf)), words.body_words(document.read_pdf(other))
    told = [
        (words.words_as_text(change.gone), words.words_as_text(change.new))
        for change in words.word_changes(before, after)
    ]
    assert ("76 36 14 00", "76 36 14 99") in told
    assert ("5", "6") in told
    assert {gone.replace("00", "99").replace("5", "6") for gone, _ in told} == {new for _, new in told}
    assert "2 من 3 ثم 4 من 5 و 120/80 في أي وقت." in words.words_as_text(before).replace("\N{NO-BREAK SPACE}", " ")
