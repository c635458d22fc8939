"""Passages that are out of date: a warning, or an error where the patient may come to harm."""

import re

import pytest

from pdfkit_cli import checks
from pdfkit_cli.build.pipeline import BuildRequest, check_project, open_project
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.errors import Severity
from tests.helpers.check_runner import DAY, found, said
from tests.helpers.tiny_library import FOUNDING, TinyLibrary
from tests.helpers.translated_library import recorded, source, write

EN = "content/first/en.md"


def judged(library: TinyLibrary) -> list[tuple[str, int]]:
    """Return what is stale: “safety” or “other”, and the line of the translation."""
    codes = {"stale-safety-text": "safety", "stale-text": "other"}
    return [(codes[finding.code], finding.place.line) for finding in found(library) if finding.code in codes]


def test_a_fresh_translation_is_fine(library: TinyLibrary) -> None:
    recorded(library)
    assert judged(library) == []


def test_other_text_warns_with_both_places(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "Tag tøj med", "Tag varmt tøj med")
    assert [re.sub(r"\S+/leaflets/", "", line) for line in said(library, "stale-text")] == [
        f"{EN}:11:1: warning: the source changed after this list item was translated (see content/first/da.md:10); "
        "translate it again, then run: pdfkit translated first en [stale-text]"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"), [("Feber", "Høj feber", 14), ("over 38,5", "mere end 38,5", 15), ("din insulin", "insulinen", 12)]
)  # fmt: skip
def test_words_of_safety_are_errors_that_nobody_may_allow(library: TinyLibrary, old: str, new: str, line: int) -> None:
    recorded(library)
    source(library, old, new)
    (finding,) = (finding for finding in found(library) if finding.code.startswith("stale"))
    assert (finding.code, finding.place.line, finding.severity) == ("stale-safety-text", line, Severity.ERROR)
    assert checks.blocks_rendering(finding)
    assert checks.all_rules()[finding.code].safety


@pytest.mark.parametrize(
    ("danish", "judgement"),
    [
        ("Du må komme X.\n", "other"),
        ("::: warning Pas på\nDu må X.\n:::\n", "safety"),
        (":::: warning Pas på\n- a\n  - Du må X.\n::::\n", "safety"),
        ("::: call\nDu må X.\n:::\n", "safety"),
        ("::: call Du må X\n:::\n", "safety"),
        ("::: do\n- Du må X.\n:::\n", "other"),
        ("Tag din hjertemedicin X.\n", "safety"),
        ("FASTE: X.\n", "safety"),
        ("## Din medicin\n\nHold pause i X dage.\n", "safety"),
        ("## Din medicin\n\n### Tabletter\n\nHold pause i X dage.\n", "safety"),
        ("### Din medicin\n\n## Tøj\n\nHold X.\n", "other"),
        ("## Din medicin\n\n## Tøj\n\n### Sko\n\nHold X.\n", "other"),
        ("::: step before\n## Mad\n\nDu skal faste.\n\nDu må X.\n:::\n", "other"),
        ("Du skal faste, hvis du:\n\n- er a\n- er X\n", "safety"),
        ("Du skal faste.\n\nOrd.\n\n- er X\n", "other"),
        ("Tag pacemakeren X.\n", "safety"),
        ("Ord[^1].\n\n[^1]: Din medicin X.\n", "safety"),
    ],
)
def test_what_concerns_safety(library: TinyLibrary, danish: str, judgement: str) -> None:
    library.write("languages/da.yaml", "safety_words: [pacemaker]\n")
    danish = f"## Ord\n\n{danish}" if danish.startswith("### ") else danish
    english = danish.replace("medicin", "m").replace("faste", "f").replace("FASTE", "f")  # judged by the source alone
    recorded(library, danish, english)
    source(library, "X", "Z")
    assert [kind for kind, _ in judged(library)] == [judgement]


def test_what_went_from_the_source_and_still_stands_in_the_translation(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "Tag din insulin.", "Tag den.")
    assert judged(library) == [("safety", 12)]


def test_where_the_blocks_differ_it_is_said_on_the_first_line(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "## Før\n", "## Før\n\nHold pause med din medicin.\n")
    assert judged(library) == [("safety", 1)]


def test_a_source_that_cannot_be_read_stops_its_translations(library: TinyLibrary) -> None:
    recorded(library)
    library.body("::: nonsense\n:::\n")
    request = BuildRequest(library.root, library.root / "out", as_of=DAY)
    report = check_project(open_project(request), request)
    (finding,) = (finding for finding in report.findings if finding.code == "stale-safety-text")
    assert finding.place.file.endswith(EN)
    assert "da.md cannot be read" in finding.message


def test_what_is_not_in_use_is_not_judged(library: TinyLibrary) -> None:
    recorded(library)
    source(library, "din insulin", "insulinen")
    library.replace("content/first/leaflet.yaml", "draft", "withdrawn")
    assert judged(library) == []


@pytest.mark.parametrize("language", ["ar", "da", "en", "sv"])
def test_the_words_are_found_in_the_founding_texts(language: str) -> None:
    """Each founding leaflet that has a text in this language speaks of medicine, driving, fasting or calling."""
    texts = [path.read_text("utf-8").lower() for path in FOUNDING.glob(f"content/*/{language}.md")]
    assert texts
    assert all(any(word.lower() in text for word in known_language(language).file.safety_words) for text in texts)


def test_a_translation_without_a_record(library: TinyLibrary) -> None:
    write(library)
    assert said(library, "translation-unrecorded") == [
        f"{EN}:1:1: warning: there is no record of which version of the source this was translated from; if it matches the source, "
        "run: pdfkit translated first en [translation-unrecorded]"
    ]
    recorded(library)
    assert said(library, "translation-unrecorded") == []
