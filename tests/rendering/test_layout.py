"""Editions to HTML: each kind of block as it was approved, and nothing of an author's is ever markup.

The approved HTML is in tests/rendering/golden/. After a change that is meant, write it again and look at the difference:

    PDFKIT_UPDATE_GOLDEN=1 pytest tests/rendering/test_layout.py && git diff tests/rendering/golden
"""

import os
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pdfkit_cli.content import loader
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.errors import PdfkitError, SourceError
from pdfkit_cli.rendering import templates
from pdfkit_cli.rendering.layouts import Layouts, page_format
from pdfkit_cli.rendering.page import BASE_URL, page_key
from tests.helpers import translated_library
from tests.helpers.block_examples import EXAMPLES, FACTS, LEAFLET_SETTINGS, NORTH, draw, layouts, main_part, resolve
from tests.helpers.tiny_library import FORMATS, LOGO, TEXT, TinyLibrary

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("PDFKIT_UPDATE_GOLDEN"))


class Reader(HTMLParser):
    """Collects elements, attributes and words, and fails where an element is closed that is not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "img", "br", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def approved(name: str, html: str) -> None:
    path = GOLDEN / f"{name}.html"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(html, "utf-8")
    assert html == path.read_text("utf-8"), f"{path.name} differs; is that meant? See the top of {Path(__file__).name}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_block_is_drawn_as_approved(library: TinyLibrary, name: str) -> None:
    library.write("content/first/images/løft.svg", LOGO)
    library.replace("content/first/leaflet.yaml", "owner", f"{LEAFLET_SETTINGS.get(name, '')}owner")
    library.body("\n" + EXAMPLES[name])
    if name == "urgent":
        library.write(NORTH, FACTS)
    html = draw(library)
    Reader(html)
    # The contact panel that every page ends with is approved once, under its own name.
    approved(name, main_part(html) if name == "contact" else main_part(html).partition('<section class="contact">')[0])


@pytest.mark.parametrize("language", ["da", "ar"])
def test_a_whole_page_is_drawn_as_approved(library: TinyLibrary, language: str) -> None:
    library.write(NORTH, FACTS)
    library.write(
        "content/first/ar.md", "---\ntitle: عنوان\nsummary: ملخص.\n---\n\nاتصل على {{ clinic.phone }} خلال 2 أيام.\n"
    )
    edition = resolve(library, language=language)
    html = layouts().draw(edition).replace(edition.digest[:8], "00000000")
    Reader(html)
    approved(f"page-{language}", re.sub(r"data:image/svg\+xml,[^\"]+", "data:image/svg+xml,…", html))


def test_every_approved_page_is_compared() -> None:
    assert {path.stem for path in GOLDEN.glob("*.html")} == {*EXAMPLES, "page-da", "page-ar"}


def test_a_page_says_what_an_edition_owes_its_reader(library: TinyLibrary) -> None:
    library.write("content/first/en.md", TEXT)
    library.replace(
        "content/first/leaflet.yaml", "status: draft", "status: draft\nreviewed: 2026-01-01\nreview_by: 2028-01-01"
    )
    edition = resolve(library, language="en")
    said = Reader(layouts().draw(edition)).words.replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "T-1", "Version 0.1", edition.digest[:8], "English (engelsk)", "Draft – not approved", "Translation not reviewed",
        "1 January 2026", "1 January 2028", "Klinik Nord", "76 36 14 00", "En titel", "En kort indledning.",
    ):  # fmt: skip
        assert words in said, words


def test_the_direction_is_that_of_the_language(library: TinyLibrary) -> None:
    library.write("content/first/ar.md", TEXT)
    assert '<html lang="da" dir="ltr">' in draw(library)
    assert '<html lang="ar" dir="rtl">' in draw(library, language="ar")


def test_drawing_is_the_same_every_time(library: TinyLibrary) -> None:
    library.body("\n::: exercise\na\n:::\n\n::: exercise\nb\n:::\n")
    assert (
        draw(library)
        == draw(library)
        == Layouts(packaged_folder("layouts"), packaged_folder("fonts")).draw(resolve(library))
    )


# Nothing of an author's is markup

EVIL = "\"><script>alert('1–2')</script><i x=\""
ENTITIES = "&quot;&gt;&lt;script&gt;alert('1–2')&lt;/script&gt;&lt;i x=&quot;"

IN_BODY = {
    "heading": "## {}",
    "paragraph": "{}",
    "bold": "**a{}b**",
    "span": "[a {}]{{lang=en}}",
    "list": "- {}",
    "table": "| {} |\n|---|\n| {} |",
    "footnote": "a[^1]\n\n[^1]: {}",
    "link": "[a {}](https://example.org/a)",
    "numbered link": "[a {}](https://example.org/" + "a" * 60 + ")",
    "alt": "![{}](b.svg)",
    "caption": "![a](b.svg '{}')",
    "slot": "::: slot parking\n{}\n:::",
    "contact": "::: contact\n{}\n:::",
    "brief": "::: brief\n{}\n:::",
}


def harmless(html: str) -> str:
    """Assert that what was written is words only, and return these, with those in attributes."""
    reader = Reader(html)
    assert not reader.tags & {"script", "i"}
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "x"]
    return reader.words + " ".join(value for _, value in reader.attributes)


@pytest.mark.parametrize("place", IN_BODY)
def test_what_looks_like_markup_in_a_body_is_words(library: TinyLibrary, place: str) -> None:
    library.write("content/first/b.svg", LOGO)
    library.replace("content/first/leaflet.yaml", "owner", "slots: [parking]\nowner")
    text = ENTITIES.replace("'", "&#39;").replace("script", "scr&#105;pt") if place == "caption" else ENTITIES
    library.body(f"\n{IN_BODY[place].format(text, text)}\n" + ("" if place == "slot" else "\n::: slot parking\n:::\n"))
    assert "<script>alert(" in harmless(draw(library))


@pytest.mark.parametrize("name", ["warning", "call", "do", "dont", "topic"])
def test_what_looks_like_markup_in_a_title_of_a_block_is_words(library: TinyLibrary, name: str) -> None:
    library.body(f"\n::: {name} {EVIL}\na\n:::\n")
    assert EVIL in harmless(draw(library))


def test_what_looks_like_markup_in_facts_and_phrases_is_words(library: TinyLibrary) -> None:
    evil = EVIL.replace("'", "''")
    library.write(
        NORTH,
        FACTS.replace("Klinik Nord", f"'1{evil}'").replace("Afdeling 3", f"'2{evil}'").replace("Vejen 24", f"'3{evil}'")
        .replace("tast 2", f"'4{evil}'").replace("Kolding", f"'5{evil}'").replace("nord@example.org", '\'a&"b=@a.dk\''),
    )  # fmt: skip
    phrases = re.sub(
        r"(?m)^  (\w+): .*?((?:\{.*\})?[^\s'\"]*)['\"]?$", r"  \1: '\1<script>\2'", library.read("languages/da.yaml")
    )
    phrases = re.sub(r"(?m)^  page: .*$", "  page: '<script>{page}<script>{pages}<script>'", phrases)
    phrases = re.sub(r"(?m)^  dose: .*$", "  dose: '<script>{rounds}<script>{repetitions}'", phrases)
    phrases = re.sub(r"(?m)^  from_time_to_time: .*$", "  from_time_to_time: '<script>{opens}–{closes}'", phrases)
    phrases = re.sub(r"(?m)^  out_of: .*$", "  out_of: '<script>{some}<script>{all}<script>'", phrases)
    phrases = re.sub(r"(?m)^  exercise: .*$", "  exercise: '<script>{number}'", phrases)
    library.write("languages/da.yaml", phrases)
    library.replace("brands/plain/brand.yaml", "name: Plain", f"name: '6{evil}'")
    library.body("\n{{ clinic.name }} {{ clinic.unit }} {{ clinic.address }} {{ clinic.email }}\n\n" + EXAMPLES["do"] + "\n"
                 + EXAMPLES["step"] + EXAMPLES["odds"] + EXAMPLES["questions"] + "\n::: exercise 3 × 10\na\n:::\n\n::: topic T\na\n:::\n\n::: brief\na\n:::\n")  # fmt: skip
    said = harmless(draw(library))
    for number in range(1, 7):
        assert f"{number}{EVIL}" in said


def test_what_looks_like_markup_in_title_and_summary_is_words(library: TinyLibrary) -> None:
    edition = replace(resolve(library), title=f"1{EVIL}", summary=f"2{EVIL}", synonyms=(f"3{EVIL}",))
    said = harmless(layouts().draw(edition))
    for number in range(1, 4):
        assert f"{number}{EVIL}" in said


def test_a_body_runs_no_template_code(library: TinyLibrary) -> None:
    library.write(NORTH, FACTS.replace("Klinik Nord", "'{{ 7 * 7 }} {% raw %} {# x #}'"))
    library.body("\n{{ clinic.name }}\n")
    assert "{{ 7 * 7 }} {% raw %} {# x #}" in draw(library)


# What a render needs


def test_a_page_declares_every_file_that_it_shows(library: TinyLibrary) -> None:
    library.write("content/first/images/løft a.svg", LOGO)
    library.body("\n![a](<images/løft a.svg>)\n")
    edition = resolve(library)
    html = layouts().draw(edition)
    page = layouts().page(edition, html, "a4")
    declared = {file.url for file in page.files}
    shown = {value for name, value in Reader(html).attributes if name == "src" and not value.startswith("data:")}
    assert shown == {f"{BASE_URL}content/first/images/l%C3%B8ft%20a.svg", f"{BASE_URL}brands/plain/logo.svg"}
    assert shown <= declared
    assert all(file.path.is_file() and file.url.startswith(BASE_URL) for file in page.files)
    assert not page.right_to_left


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_has_the_limits_of_its_format(name: str) -> None:
    model = layouts().formats[name]
    made = page_format(model)
    said = asdict(made) | {"key": model.render_key, "archival": model.archival}
    known = model.model_dump() | {"key": made.key, "archival": made.archival}
    assert said == {field: known[field] for field in said}


def test_the_key_changes_with_whatever_can_change_the_bytes(library: TinyLibrary) -> None:
    library.write("content/first/b.svg", LOGO)
    library.body("\n![a](b.svg)\n")

    def key(format_name: str = "a4", **versions: str) -> str:
        edition = resolve(library)
        return page_key(layouts().page(edition, layouts().draw(edition), format_name), versions or {"weasyprint": "70"})

    keys = [key(), key("a5"), key(weasyprint="71")]
    library.replace("brands/plain/brand.yaml", "#24506b", "#24506c")
    keys.append(key())
    library.write("brands/plain/logo.svg", LOGO.replace("48", "49"))
    keys.append(key())
    library.write("content/first/b.svg", LOGO.replace("48", "49"))
    keys.append(key())
    library.replace(NORTH, "76 36 14 00", "76 36 14 01")
    keys.append(key())
    assert len(set(keys)) == len(keys)
    assert key() == keys[-1]


def test_brands_are_colours_in_the_last_layer(library: TinyLibrary) -> None:
    edition = resolve(library)
    sheet = layouts().stylesheet("a4", edition.brand)
    assert sheet.css.startswith("@layer base, component, format, brand;")
    assert sheet.css.rpartition("@layer brand")[2].count("--brand-primary: #24506b;") == 1
    assert layouts().stylesheet("a4", edition.brand) is sheet


def test_no_stylesheet_sets_features_of_a_font() -> None:
    """WeasyPrint 70 leaks a list for each piece of text that has any: see docs/drawing-a-layout.md."""
    features = re.compile(r"font-(variant|feature-settings|kerning)[\w-]*:(?! normal)")
    assert [
        str(css) for css in packaged_folder("layouts").rglob("*.css") if features.search(css.read_text("utf-8"))
    ] == []


def test_layouts_without_formats_are_no_layouts(tmp_path: Path) -> None:
    with pytest.raises(PdfkitError, match="no formats here"):
        Layouts(tmp_path, packaged_folder("fonts"))
    (tmp_path / "formats/a4").mkdir(parents=True)
    (tmp_path / "formats/a4/format.yaml").write_text("name: A4\ncss: [a4.css]\nfold: yes\n")
    with pytest.raises(SourceError, match=r"format\.yaml:3:1: error: unknown key “fold”"):
        Layouts(tmp_path, packaged_folder("fonts"))


@pytest.mark.parametrize(
    "address", ["https://example.org/", "https://example.org/" + "æ" * 300, "https://a.dk/" + "a" * 980]
)
def test_every_address_fits_into_a_code(address: str) -> None:
    code = templates.qr_code(address)
    assert code.startswith("data:image/svg+xml,%3Csvg")
    assert '"' not in code


@pytest.mark.parametrize("language", ["da", "sv", "en", "ar"])
@pytest.mark.parametrize("unreviewed", [True, False])
def test_a_translation_that_is_out_of_date_says_so_on_every_page(
    library: TinyLibrary, language: str, unreviewed: bool
) -> None:
    source = "da" if language != "da" else "sv"
    library.replace("content/first/leaflet.yaml", "source_language: da", f"source_language: {source}")
    text = TEXT.replace("---\n\n", f"translation: {'un' if unreviewed else ''}reviewed\n---\n\n")
    library.write(f"content/first/{source}.md", TEXT)
    library.write(f"content/first/{language}.md", text)
    translated_library.record(library, language)
    phrases = loader.load_library(library.root).language(language).phrases
    assert phrases.stale not in draw(library, language=language)
    library.replace(f"content/first/{source}.md", "tvivl", "meget tvivl")
    html = draw(library, language=language)
    label = phrases.stale_unreviewed if unreviewed else phrases.stale
    assert html.count(f'<span class="label">{phrases.draft} · {label}</span>') == 2
    assert (phrases.stale_long in html, phrases.unreviewed_long in html) == (True, unreviewed)
