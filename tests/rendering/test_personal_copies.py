"""Personal fields filled in: what may be typed, and one PDF of it that nothing keeps."""

import gc
import inspect
import logging
import pickle
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import page as validation
import pypdfium2
import pytest
from pypdf import PdfReader

from pdfkit_cli.build.verifier import EditionStatus, ManifestStatus, verify_files
from pdfkit_cli.build.verifier import VerifyRequest as Proof
from pdfkit_cli.content import loader
from pdfkit_cli.content.blocks import Blank, walk
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.content.models import PersonalType
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.pdf import audit
from pdfkit_cli.pdf.reader import spelling
from pdfkit_cli.pdf.reader.content_stream import TextRun
from pdfkit_cli.rendering import personal_copies, renderer
from pdfkit_cli.rendering.engine import RenderError
from pdfkit_cli.rendering.layouts import Layouts
from pdfkit_cli.rendering.personal_copies import PersonalError, PersonalField, PersonalRenderError
from pdfkit_cli.rendering.postprocess.xmp import identity_of
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.system import caching, worker_pool
from pdfkit_cli.system.caching import LastValueCache
from pdfkit_cli.system.phrases import load_phrases, phrase_languages
from pdfkit_cli.system.worker_pool import TaskLimits
from tests.helpers import personal_fields_library
from tests.helpers.page_pictures import DPI, looks_as_it_did
from tests.helpers.personal_fields_library import SHOWN, TODAY, TYPED
from tests.helpers.tiny_library import TinyLibrary, tiny
from tests.helpers.xmp_reader import xmp_of

LANGUAGES = ("da", "sv", "en", "ar")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    renderer.prepare_process()
    library = tiny(tmp_path_factory.mktemp("personal"))
    personal_fields_library.write(library)
    return library.root


@pytest.fixture(scope="module")
def layouts() -> Layouts:
    return Layouts(packaged_folder("layouts"), packaged_folder("fonts"))


def shown(edition: Edition) -> dict[str, str]:
    """Return what has been filled in, by field, without the signs that keep it together."""
    blanks = (node for node in walk(edition.blocks) if isinstance(node, Blank) and node.filled)
    return {blank.name: plain(blank.text) for blank in blanks}


def plain(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text).replace("\u00a0", " ")


# What may be typed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_it_in_its_language(root: Path, language: str) -> None:
    filled = personal_copies.fill_in(personal_fields_library.edition(root, language), TYPED, TODAY)
    assert shown(filled) == dict(zip(TYPED, SHOWN[language], strict=True))
    assert filled.personal


DAY = "torsdag den 3. december 2026"
GOOD = {
    "date": {
        "2026-12-03": DAY, "3.12.2026": DAY, "03.12.2026": DAY, "3/12/2026": DAY, "3/12 2026": DAY, "3. 12. 2026": DAY,
        "3-12-2026": DAY, " 3 12 2026 ": DAY, "3.12.26": DAY, "28.2.2027": "søndag den 28. februar 2027",
        "3. december 2026": DAY, "den 3. December 2026": DAY, "3 dec 2026": DAY, "3 December, 2026": DAY, "3/12": DAY, "3 / 12": DAY,
        "3. december": DAY, "21/11": "lørdag den 21. november 2026", "1/3": "mandag den 1. marts 2027", "1 mars": "mandag den 1. marts 2027",
        "29.2.2028": "tirsdag den 29. februar 2028", "20.11.2026": "fredag den 20. november 2026",
    },
    "time": {
        "14:05": "14.05", "14.05": "14.05", "8.30": "08.30", "9": "09.00", "kl. 9": "09.00", "kl 23.59": "23.59", "0:00": "00.00",
    },
    "side": {"left": "venstre", "right": "højre", "both": "begge"},
    "ward_phone": {
        "97662400": "97 66 24 00", "97 66 24 00": "97 66 24 00", "+45 97-66-24-00": "97 66 24 00", "+46 8 123 456 78": "+46 8 123 456 78",
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, values in GOOD.items() for typed in values])
def test_what_may_be_typed(root: Path, name: str, typed: str) -> None:
    assert shown(personal_copies.fill_in(personal_fields_library.edition(root), {name: typed}, TODAY)) == {
        name: GOOD[name][typed]
    }


BAD = [
    *[("date", typed, "date") for typed in ("i morgen", "3.12", "3.12.2026 kl. 9", "2026-12", "3.12.026", "١/٢", "x" * 500, "3.12.2026<b>")],
    *[("date", typed, "no-such-day") for typed in ("31.2.2027", "29.2.2027", "3.13.2026", "0.1.2027", "2026-00-10", "12/13/2026")],
    *[("date", typed, "date") for typed in ("3. xember 2026", "december 3", "3. december 26", "3/12-", "den", "3. i 12")],
    *[("date", typed, "no-year") for typed in ("20/11", "1/10", "20. november")],
    *[("date", typed, "no-such-day") for typed in ("31/2", "29/2", "12/13", "31. april")],
    *[("date", typed, "far-away") for typed in ("3.12.2062", "3.12.2016", "3.12.0026", "26.12.03")],
    *[("time", typed, "time") for typed in ("24:00", "12:60", "2 pm", "8:3", "14:05:00", "halv ni", "-1", "14,05", "1400000")],
    *[("side", typed, "side") for typed in ("venstre", "LEFT", "left right", "up", "both ")[:4]],
    *[("ward_phone", typed, "phone") for typed in ("76 DOCTOR", "97 66 24 00 lok. 5", "ring", "tel:97662400", "97662400;ext=1", "+999 12345678")],
    *[("ward_phone", typed, "phone-length") for typed in ("112", "1234567", "976624000000", "+45 1")],
    ("name", "Jens Hansen", "unknown-field"),
    ("", "x", "unknown-field"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "typed", "code"), BAD)
def test_what_may_not(root: Path, name: str, typed: str, code: str) -> None:
    with pytest.raises(PersonalError) as error:
        personal_copies.fill_in(personal_fields_library.edition(root), {name: typed}, TODAY)
    (problem,) = error.value.problems
    assert (problem.code, problem.field) == (code, "" if code == "unknown-field" else name)
    assert len(typed) < 4 or typed not in f"{error.value} {problem!r} {error.value.hint}"


def test_a_day_in_the_past_is_found_but_not_refused(root: Path) -> None:
    edition = personal_fields_library.edition(root)
    for typed, past in (("20.11.2026", ("date",)), ("21.11.2026", ()), ("3.12.2025", ("date",)), ("x", ()), ("", ())):
        assert personal_copies.past_dates(edition, {"date": typed, "time": "14"}, TODAY) == past, typed


def test_everything_that_is_wrong_is_said_at_once(root: Path) -> None:
    with pytest.raises(PersonalError) as error:
        personal_copies.fill_in(
            personal_fields_library.edition(root), {"date": "1.1", "time": "14", "ward_phone": "1"}, TODAY
        )
    assert [(problem.field, problem.words("da")) for problem in error.value.problems] == [
        ("date", "Skriv datoen som dag, måned og år, for eksempel 3.12.2026."),
        ("ward_phone", "Telefonnummeret har for få eller for mange cifre."),
    ]


def test_every_problem_has_words_in_every_language_of_the_desk() -> None:
    codes = {"past", *(code for _, _, code in BAD)}  # a day in the past is only asked about
    languages = phrase_languages(personal_copies.PHRASES)
    assert {"da", "en", "sv"} <= set(languages)
    assert all(set(load_phrases(personal_copies.PHRASES, language)) == codes for language in languages)
    english = load_phrases(personal_copies.PHRASES, "en")["date"]
    assert personal_copies.FieldProblem("date", "date").words("ar") == english


def test_what_is_left_empty_stays_a_line(root: Path) -> None:
    edition = personal_fields_library.edition(root)
    filled = personal_copies.fill_in(edition, {"date": "  ", "time": "9", "side": ""}, TODAY)
    assert shown(filled) == {"time": "09.00"}
    assert personal_copies.fill_in(edition, {"date": ""}, TODAY) == edition


def test_a_form_asks_in_the_language_of_the_one_who_fills_in(root: Path) -> None:
    library = loader.load_library(root)
    edition = personal_fields_library.edition(root, "ar")
    assert personal_copies.personal_fields(library, edition, "sv") == (
        PersonalField("date", PersonalType.DATE, "Datum"),
        PersonalField("time", PersonalType.TIME, "Klockan"),
        PersonalField("side", PersonalType.SIDE, "Vilken sida"),
        PersonalField("ward_phone", PersonalType.PHONE, "Avdelningens telefon"),
    )
    assert personal_copies.personal_fields(library, edition, "fi")[0].label == "التاريخ"


def test_a_label_of_its_own_is_not_replaced_by_the_usual_one(library: TinyLibrary) -> None:
    personal_fields_library.write(library)
    (library.root / "content/first/sv.md").unlink()
    library.replace("clinics/north.yaml", "da, sv, en", "da, en")
    labels = [
        field.label
        for field in personal_copies.personal_fields(
            loader.load_library(library.root), personal_fields_library.edition(library), "sv"
        )
    ]
    assert labels == ["Datum", "Klockan", "Vilken sida", "Afdelingens telefon"]


# The PDF


@pytest.mark.parametrize("format_name", ["a4", "a5", "a4-large"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page(root: Path, layouts: Layouts, language: str, format_name: str) -> None:
    """Proven, as every render is; both standards; and it looks as it did."""
    edition = personal_fields_library.edition(root, language)
    for kind, this in (("empty", edition), ("filled", personal_copies.fill_in(edition, TYPED, TODAY))):
        pdf = renderer.render(personal_copies.personal_page(layouts, this, format_name)).pdf
        for profile in ("ua1", "2a"):
            report = validation.validate_pdf_bytes(
                pdf, profile=profile, limits=validation.SafetyLimits(max_reference_depth=4096)
            )
            assert not report.failures
        assert list(audit.audit_document(audit.read_pdf(pdf))) == []
        picture = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72).to_pil().convert("L")
        looks_as_it_did(f"personal-{kind}-{language}-{format_name}", picture)


def made(layouts: Layouts, edition: Edition, format_name: str = "a4") -> bytes:
    return personal_copies.render_in_worker(personal_copies.personal_page(layouts, edition, format_name))


def words(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def alternatives(pdf: bytes) -> list[str]:
    found: list[str] = []

    def heard(element: Any) -> Iterator[None]:
        if isinstance(element, dict):
            if "/Alt" in element:
                found.append(str(element["/Alt"]))
            for kid in element.get("/K", ()) if isinstance(element.get("/K", ()), list) else ():
                yield from heard(kid.get_object())

    root: Any = PdfReader(BytesIO(pdf)).root_object
    (document,) = root["/StructTreeRoot"]["/K"]
    list(heard(document.get_object()))
    return found


def test_who_cannot_see_hears_what_is_to_be_filled_in(root: Path, layouts: Layouts) -> None:
    edition = personal_fields_library.edition(root)
    hand, tick = "skrives i hånden", "sæt kryds"
    rows = [hand, hand, tick, tick, tick, hand]
    sentence = [f"Dato: {hand}", f"Klokken: {hand}", tick, tick, tick, f"Afdelingens telefon: {hand}"]
    assert [alt for alt in alternatives(made(layouts, edition)) if alt != "Plain"] == rows + sentence
    filled = made(layouts, personal_copies.fill_in(edition, TYPED, TODAY))
    assert [alt for alt in alternatives(filled) if alt != "Plain"] == []
    for said in SHOWN["da"]:
        assert words(filled).count(said) == 2
    assert "Dato: torsdag den 3. december 2026 Klokken: 14.00 Hvilken side: venstre" in words(filled)


def test_a_layout_that_loses_a_line_is_found_out(root: Path, layouts: Layouts) -> None:
    page = personal_copies.personal_page(layouts, personal_fields_library.edition(root), "a4")
    lost = re.sub(r'<img class="blank date"[^>]*alt="Dato[^>]*>', "", page.html)
    assert lost != page.html
    with pytest.raises(RenderError, match=r"da\.md:13:1 .* the picture “Dato: skrives i hånden” is not on the page"):
        renderer.render(replace(page, html=lost))


def test_the_foot_of_the_page_is_that_of_the_edition(root: Path, layouts: Layouts) -> None:
    edition = personal_fields_library.edition(root)
    filled = personal_copies.fill_in(edition, TYPED, TODAY)
    assert filled.digest == edition.digest
    pdf = made(layouts, filled)
    assert edition.digest[:8] in words(pdf)
    identity = identity_of(xmp_of(pdf))
    assert identity
    assert identity.personal
    assert identity.digest == edition.digest
    plain_identity = identity_of(xmp_of(made(layouts, edition)))
    assert plain_identity == replace(identity, personal=False)


def test_a_panel_without_a_title_has_the_usual_one(library: TinyLibrary, layouts: Layouts) -> None:
    personal_fields_library.write(library)
    for language, (_, _, _, title, line, _, _) in personal_fields_library.TEXTS.items():
        library.replace(f"content/first/{language}.md", f"appointment {title}\n{line}\n", "appointment\n")
    assert "Din aftale" in words(made(layouts, personal_fields_library.edition(library)))


def test_another_label_is_another_text(root: Path, library: TinyLibrary) -> None:
    personal_fields_library.write(library)
    library.replace("content/first/da.md", "Afdelingens telefon", "Telefon til afdelingen")
    assert personal_fields_library.edition(library).digest != personal_fields_library.edition(root).digest


def test_verify_knows_it(root: Path, layouts: Layouts, tmp_path: Path) -> None:
    file = tmp_path / "anything.pdf"
    file.write_bytes(made(layouts, personal_copies.fill_in(personal_fields_library.edition(root), TYPED, TODAY)))
    (verdict,) = verify_files(Proof((file,), root, tmp_path, TODAY))
    assert verdict.good
    assert (verdict.standing, verdict.built, verdict.faults) == (EditionStatus.CURRENT, ManifestStatus.PERSONAL, ())


def test_the_same_bytes_for_the_same_values(root: Path, layouts: Layouts) -> None:
    edition = personal_fields_library.edition(root, "ar")
    one = made(layouts, personal_copies.fill_in(edition, TYPED, TODAY))
    other_day = personal_copies.fill_in(edition, {**TYPED, "date": "2026-12-03", "time": "14.00"}, date(2026, 11, 22))
    assert made(Layouts(packaged_folder("layouts"), packaged_folder("fonts")), other_day) == one
    assert made(layouts, personal_copies.fill_in(edition, {**TYPED, "time": "15"}, TODAY)) != one


# Nothing is kept


SECRET = {"date": "17.8.2027", "time": "13.37", "side": "right", "ward_phone": "97 19 28 37"}
TRACES = ("august 2027", "august\u00a02027", "13.37", "97192837", "97 19 28 37", "97\u00a019\u00a028\u00a037")


def test_metadata_and_bookmarks_hold_no_value(root: Path, layouts: Layouts) -> None:
    pdf = made(layouts, personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY))
    reader = PdfReader(BytesIO(pdf))
    assert "13.37" in words(pdf)
    outside = f"{xmp_of(pdf).decode()} {reader.metadata} {reader.outline}"
    assert not [trace for trace in TRACES if trace in outside]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which this process keeps bodies, for as long as the test lasts."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(renderer, "_shared_cache_folder", folder)
    renderer.reset()
    yield folder
    renderer.reset()


@pytest.mark.usefixtures("kept")
def test_no_file_is_written_and_nothing_said(
    root: Path, layouts: Layouts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    edition = personal_fields_library.edition(root)
    (tmp_path / "tmp").mkdir()
    made(layouts, edition)  # WeasyPrint has written its copies of the fonts, and the body is kept
    before = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert before
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    caplog.set_level(logging.DEBUG)
    filled = personal_copies.fill_in(edition, SECRET, TODAY)
    assert made(layouts, filled) == personal_copies.render_personal(layouts, filled, "a4")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == before
    assert not [trace for trace in TRACES if trace in caplog.text]
    assert capfd.readouterr() == ("", "")


def test_no_memory_is_kept(root: Path, layouts: Layouts) -> None:
    """What the process still holds afterwards, wherever it is. A picture holds the document that it was first drawn in."""
    renderer.reset()
    made(layouts, personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY))
    gc.collect()
    assert held() == []
    spelling.comparable_letters(" ".join(["tirsdag", *TRACE]))
    kept = LastValueCache[str]()
    kept(TRACE, lambda: " ".join(["onsdag", *TRACE]))
    painted = LastValueCache[list[str]]()
    painted(TRACE, lambda: list("xx" + " ".join(TRACE)))
    assert len(held()) == 4, "a word, its letters, and two that were kept last"
    caching.clear_text_caches()
    assert held() == []


def test_the_process_that_asks_for_a_filled_in_page_remembers_nothing_either(root: Path, layouts: Layouts) -> None:
    personal_copies.render_personal(
        layouts, personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY), "a4"
    )
    gc.collect()
    assert held() == []


TRACE = ("den", "17.", "august")


def held() -> list[str]:
    """Return every text of this process that holds a trace, which stands in no source file: in one piece, or letter by letter as pages hold it."""
    gc.unfreeze()  # caches that were there when the tests began hold texts, too
    trace = "".join(TRACE)
    texts = (
        part
        for thing in gc.get_objects()
        for part in (*gc.get_referents(thing), letter_by_letter(thing))
        if isinstance(part, str)
    )
    return [text for text in texts if "7" in text and text is not trace and trace in "".join(text.split())]


def letter_by_letter(thing: object) -> str | None:
    """Return what a list of letters, or of what holds a letter each, spells."""
    if type(thing) not in (list, tuple) or len(thing) < 12:  # type: ignore[arg-type]
        return None
    parts = (part.glyphs if isinstance(part, TextRun) else part for part in thing)  # type: ignore[attr-defined]
    return "".join("".join(part) if isinstance(part, tuple) and _are_letters(part) else part if isinstance(part, str) else "" for part in parts)  # fmt: skip


def _are_letters(part: tuple[object, ...]) -> bool:
    return all(isinstance(sign, str) for sign in part)


HARMLESS = {
    "assembler._offset",
    "bidi._mirrored_character",
    "byte_template.numbered_gaps",
    "cmyk._operands",
    "colours._is_srgb",
    "fault_log._handler_at",
    "fingerprints._reason",
    "glossary._entries",
    "language_files._packaged_data",
    "language_files.known_language",
    "language_files.library_language",
    "language_files.packaged_source",
    "tables._dictionary",
    "public_numbers.public_numbers",
    "weasyprint_seams._font_class",
}
"""Caches that hold no word of a page, although they are asked for strings: names of gaps, one sign, numbers of a colour, a profile, names of files, terms of a glossary, a log, what comes with pdfkit, a country, a class."""


def test_every_cache_of_a_worker_forgets_or_holds_no_words() -> None:
    marked = {name_of(cached) for cached in caching._text_caches}
    elsewhere = (
        "pdfkit_cli.checks",
        "pdfkit_cli.desk",
        "pdfkit_cli.content.languages.folding",
        "pdfkit_cli.output.catalogue",
        "pdfkit_cli.cli",
    )
    loaded = [vars(module).values() for name, module in sys.modules.items() if name.startswith("pdfkit_cli.")]
    caches = [thing for things in loaded for thing in things if hasattr(thing, "cache_clear")]
    ours = (one for one in caches if one.__module__.startswith("pdfkit_cli.") and not one.__module__.startswith(elsewhere))  # fmt: skip
    kept = {name_of(cached) for cached in ours if may_hold_words(cached)}
    assert {"content_stream.read_content_stream", "spelling.comparable_letters", "fonts._glyph_font"} <= kept, (
        "the test sees them"
    )
    strange = kept - marked - HARMLESS
    assert strange == set(), "mark it with caching.cache_texts"


def name_of(cached: Any) -> str:
    return f"{cached.__module__.rpartition('.')[2]}.{cached.__name__}"


def may_hold_words(cached: Any) -> bool:
    """Whether anything that it is asked for is a string, other than a language."""
    asked = inspect.signature(cached.__wrapped__).parameters.values()
    return any(one.name != "language" and re.search("str|bytes|Any", str(one.annotation)) for one in asked)


def test_what_goes_wrong_quotes_nothing(root: Path, layouts: Layouts) -> None:
    page = personal_copies.personal_page(
        layouts, personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY), "a4"
    )
    lost = replace(page, expected=(*page.expected, ExpectedItem("da.md", 1, ContentKind.TEXT, "17. august 2027 13.37")))
    with pytest.raises(RenderError, match="august 2027"):
        renderer.render(lost)
    with pytest.raises(PersonalRenderError) as error:
        personal_copies.render_in_worker(lost)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    (outcome,) = worker_pool.run_tasks(
        personal_copies.render_in_worker, [("x", lost)], TaskLimits(1, 60), renderer.prepare_process
    )
    assert (
        str(outcome.problem)
        == "the PDF is not as it should be, so it was not made; print the leaflet as it is, and write on it by hand"
    )


def test_a_hanging_render_is_one_clear_error(root: Path, layouts: Layouts) -> None:
    with pytest.raises(PersonalRenderError, match=r"^it took longer than 0\.01 seconds and was stopped$"):
        personal_copies.render_personal(
            layouts, personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY), "a4", seconds=0.01
        )


def test_a_representation_has_no_value(root: Path) -> None:
    assert not [
        trace
        for trace in TRACES
        if trace in repr(personal_copies.fill_in(personal_fields_library.edition(root), SECRET, TODAY))
    ]


def test_it_can_travel_to_a_worker(root: Path, layouts: Layouts) -> None:
    page = personal_copies.personal_page(
        layouts, personal_copies.fill_in(personal_fields_library.edition(root), TYPED, TODAY), "a4"
    )
    assert pickle.loads(pickle.dumps(page)) == page
    assert not page.shares_body


def test_forgetting_is_whole() -> None:
    spelling.comparable_letters("17. august 2027")
    caching.clear_text_caches()
    assert spelling.comparable_letters.cache_info().currsize == 0
