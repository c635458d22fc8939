"""The texts of the desk: each in every language, and each used."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pytest
from jinja2 import nodes

from pdfkit_cli import checks
from pdfkit_cli.content.models import Variant, Weekday
from pdfkit_cli.desk import clinic_form, templating
from pdfkit_cli.desk.history import Deed
from pdfkit_cli.desk.i18n import LANGUAGES, Translator
from pdfkit_cli.desk.library_status import EditionState
from pdfkit_cli.errors import OutputBusyError, OutputError, ProblemCode, Severity
from pdfkit_cli.output.catalogue.cards import LeafletState
from pdfkit_cli.output.fingerprints import RebuildReasonKind
from pdfkit_cli.translation.exports import WRITERS
from pdfkit_cli.translation.units import State

FIELD = re.compile(r"\{(\w+)\}")
DESK = Path(templating.__file__).parent

LETTERS = ("password", "protected", "signed", "broken", "empty", "not-pdf", "no-pages", "form", "large", "changed")
"""Kinds of letters that cannot be used; `test_every_kind_of_bad_letter_has_its_phrase` holds them to the code."""

PACKS = ("booklet", "paper", "letter-paper", "failed", "differs")
"""Kinds of packs that cannot be made."""


PICTURE_CODES = {"broken-picture", "undrawable-picture", "unsafe-picture"}


def finding_codes() -> list[str]:
    """Return the code of every rule, and of every finding that the code of pdfkit makes by name of a library.

    What `pdfkit translate` finds in a translator's file is told where that command is called.
    """
    made = re.compile(r'\b(?:Finding|_\w*error|_find\w*|_problem)\(\s*"([a-z]+(?:-[a-z]+)*)",')
    files = [path for path in DESK.parent.rglob("*.py") if "translation" not in path.parts]
    found = {code for path in files for code in made.findall(path.read_text("utf-8"))}
    return sorted(found | {rule.code for rule in checks.RULES} | {"unknown-format", "unknown-variant"} | PICTURE_CODES)


FAMILIES: dict[str, Sequence[str]] = {
    "channel_": ("paper", "digital"),
    "clinic_wrong_": (*clinic_form.FIELDS, "file"),
    "closed_": [state for state in LeafletState if not state.printable],
    "did_": list(Deed),
    "drawing_": ("print_one_side", "print_long_edge", "print_short_edge", "print_booklet", "print_letter_fold"),
    "field_": clinic_form.FIELDS,
    "file_": list(WRITERS),
    "finding_": list(Severity),
    "fix_": finding_codes(),
    "hint_": ("date", "time", "phone"),
    "issued_": ("month", "clinic", "language", "pack", "printer", "to_window", "saved"),
    "label_": ("draft", "unreviewed", "stale", "held"),
    "letter_": LETTERS,
    "means_": list(EditionState),
    "pack_": PACKS,
    "passages_": list(State),
    "problem_": (*ProblemCode, OutputError.code, OutputBusyError.code),
    "reason_": [kind.replace("-", "_") for kind in RebuildReasonKind],
    "review_": ("withdrawn", "superseded", "recalled", "broken"),
    "sheet_": [
        f"{state}{end}"
        for state in ("current", "labelled", "changed", "closed", "recalled", "broken", "mistyped", "unknown")
        for end in ("", "_why")
    ],
    "side_": ("left", "right", "both"),
    "state_": list(EditionState),
    "variant_": list(Variant),
    "weekday_": get_args(Weekday),
}
"""Phrases whose name is put together: how it begins, and how it may go on."""

MEMBERS = {f"{prefix}{end}" for prefix, ends in FAMILIES.items() for end in ends}


def asked_in_templates() -> Iterator[nodes.Expr]:
    """Yield what templates give to `say` and `say.raw`."""
    for template in templating.environment.list_templates():
        tree = templating.environment.parse((DESK / "templates" / template).read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            name = call.node.node if isinstance(call.node, nodes.Getattr) and call.node.attr == "raw" else call.node
            if isinstance(name, nodes.Name) and name.name == "say":
                yield call.args[0]


def in_templates() -> tuple[set[str], set[str]]:
    """Return the phrases that templates ask for, and the beginnings of those whose name they put together."""
    names, prefixes = set[str](), set[str]()
    for asked in asked_in_templates():
        joined = asked.nodes[0] if isinstance(asked, nodes.Concat) else None
        if isinstance(joined, nodes.Const):
            prefixes.add(joined.value)
        else:
            names |= {const.value for const in asked.find_all(nodes.Const)}
            names |= {asked.value} if isinstance(asked, nodes.Const) else set()
    return names, prefixes


def in_code() -> tuple[set[str], set[str]]:
    """Return every string of the code, and how each string begins that it puts together."""
    strings, prefixes = set[str](), set[str]()
    for path in DESK.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings |= {node.value}
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                prefixes |= {str(node.values[0].value)}
    return strings, {prefix for prefix in prefixes if re.fullmatch(r"[a-z]+_", prefix)}


def fields(phrase: object) -> set[str]:
    texts = [phrase] if isinstance(phrase, str) else list(phrase.values())  # type: ignore[attr-defined]
    return {name for text in texts for name in FIELD.findall(text)}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_phrase_is_there_with_the_same_fields(language: str) -> None:
    ours, theirs = Translator(language).phrases, Translator("en").phrases
    assert set(ours) == set(theirs)
    for name, phrase in theirs.items():
        assert fields(ours[name]) == fields(phrase), name
        assert isinstance(ours[name], str) == isinstance(phrase, str), name


def test_no_phrase_is_left_over() -> None:
    used = in_templates()[0] | in_code()[0] | MEMBERS
    assert sorted(set(Translator("en").phrases) - used) == []


def test_every_phrase_whose_name_is_put_together_is_there() -> None:
    assert sorted(MEMBERS - set(Translator("en").phrases)) == []
    assert sorted((in_templates()[1] | in_code()[1]) - set(FAMILIES)) == [], "another beginning of names"


def test_every_phrase_that_a_template_asks_for_is_there() -> None:
    said = {asked.value for asked in asked_in_templates() if isinstance(asked, nodes.Const)}
    assert len(said) > 100
    assert sorted(said - set(Translator("en").phrases)) == []


def test_a_number_chooses_its_phrase() -> None:
    assert [Translator("en")("pages", n=n) for n in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]


def test_an_unknown_language_speaks_english() -> None:
    assert Translator("xx")("find") == Translator("en")("find")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_remedy_of_the_desk_is_a_command(language: str) -> None:
    phrases = Translator(language).phrases
    known = [phrase for name, phrase in phrases.items() if name.startswith("problem_")]
    assert len(known) == len(FAMILIES["problem_"])
    assert not [phrase for phrase in known if "--" in phrase or "pdfkit" in phrase]
