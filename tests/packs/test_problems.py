"""Each problem has words in each language, with a remedy that its reader can follow."""

import re
import string
from pathlib import Path
from typing import Any

import pytest

from pdfkit_cli.content.appointments import APPOINTMENTS_FILE
from pdfkit_cli.errors import Problem, ProblemCode
from pdfkit_cli.packs.job_list import Job
from pdfkit_cli.packs.problems import PHRASES, in_one_line, make_problem, reader_words, report_language
from pdfkit_cli.system.phrases import load_phrases, phrase_languages
from tests.helpers.tiny_library import TinyLibrary

LANGUAGES = phrase_languages(PHRASES)
ENGLISH = load_phrases(PHRASES, "en")
CODES = sorted(ENGLISH["problems"])
PACKAGE = PHRASES.parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def values(code: str) -> dict[str, Any]:
    words = ENGLISH["problems"][code]
    return {name: f"<{name}>" for part in words.values() for name in fields(part)}


def test_every_language_has_every_phrase() -> None:
    assert {"da", "en", "sv"} <= set(LANGUAGES)
    for language in LANGUAGES:
        phrases = load_phrases(PHRASES, language)
        assert set(phrases) == set(ENGLISH)
        assert sorted(phrases["problems"]) == CODES


def test_every_code_that_is_raised_has_words_and_every_word_is_used() -> None:
    source = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.glob("*.py")))
    quoted = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', source))
    raised = set(re.findall(r'(?:Error|make_problem|rejected_row)\(\s*(?:row\.place, )?"([a-z0-9-]+)"', source))
    assert len(raised) > 50
    assert raised <= set(CODES)
    made = {*(f"wrong-{key}" for key in Job.model_fields), *map(str, ProblemCode)}
    assert made <= set(CODES)
    assert set(CODES) <= quoted | made | {"leaflet-altered"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_words_name_no_option_of_the_command_line(code: str, language: str) -> None:
    """Whoever reads a report or a reason file wrote a job, in which there are keys and no options."""
    known = values(code)
    words = load_phrases(PHRASES, language)["problems"][code]
    assert all(fields(part) <= set(known) for part in words.values())
    why, do = reader_words(make_problem(code, **known), language)
    assert why
    assert not re.search(r"(?<!\w)--?[a-z]", f"{why} {do}"), (why, do)
    assert "{" not in why + do


def test_the_command_line_names_its_options() -> None:
    assert "--clinic" in make_problem("clinic-open", names="a, b").hint
    assert reader_words(make_problem("clinic-open", names="a, b"), "en")[1] == "write one as “clinic”"
    assert reader_words(make_problem("clinic-open", names="a, b"), "da") == (
        "hvilken klinik? disse udleverer det hele: a, b",
        "skriv en af dem som “clinic”",
    )


def test_several_problems_are_all_told_with_their_own_remedies() -> None:
    both = [make_problem("empty"), make_problem("leaflets-or-code")]
    assert in_one_line(both, "en") == (
        "the file is empty; is it still being written?; give either “leaflets” or “code”; take one of the two out, or add one"
    )


def test_what_has_no_words_of_its_own_stays_english() -> None:
    assert reader_words(Problem("the disk is on fire", "leave"), "da") == ("the disk is on fire", "leave")


def test_a_value_is_no_template() -> None:
    assert (
        make_problem("leaflet-unknown", name="{0.__class__}", near="").message == "there is no leaflet “{0.__class__}”"
    )


def test_reports_are_in_the_first_language_of_the_library(library: TinyLibrary, tmp_path: Path) -> None:
    assert report_language(library.root) == "da"
    library.write("library.yaml", "name: Tiny\nlanguages: [ar, sv, da]\n")
    assert report_language(library.root) == "sv"
    library.write("library.yaml", "name: [")
    assert report_language(library.root) == "en"
    assert report_language(tmp_path / "nowhere") == "en"
    assert APPOINTMENTS_FILE
