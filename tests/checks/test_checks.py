"""How strict the rules are, who may let them pass, and that each is explained."""

import re
from pathlib import Path

import pytest

from pdfkit_cli import checks
from pdfkit_cli.content import loader
from pdfkit_cli.errors import Severity, SourceError, UsageError
from tests.helpers.check_runner import found, said
from tests.helpers.tiny_library import LEAFLET, TinyLibrary

DOCS = Path(__file__).parents[2] / "docs/checks.md"


def test_each_rule_is_explained_with_its_severity() -> None:
    sections = dict(re.findall(r"^## (\S+)\n(.+)$", DOCS.read_text("utf-8"), re.M))
    assert set(sections) == set(checks.all_rules())
    for code, text in sections.items():
        rule = checks.all_rules()[code]
        assert text.startswith(f"{str(rule.severity).capitalize()}{', safety' if rule.safety else ''}"), code


def test_codes_are_unlike_each_other() -> None:
    assert len(checks.all_rules()) == len(checks.RULES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in checks.all_rules())


def strict(library: TinyLibrary, setting: str) -> None:
    library.replace("library.yaml", "languages:", f"checks: {{severity: {{{setting}}}}}\nlanguages:")


@pytest.mark.parametrize(("setting", "severities"), [("warning", ["warning"]), ("off", []), ("error", ["error"])])
def test_the_library_says_how_strict_a_rule_is(library: TinyLibrary, setting: str, severities: list[str]) -> None:
    library.body("\nRing 76 36 14 00\n")
    strict(library, f"contact-literal: {setting}")
    assert [str(finding.severity) for finding in found(library, "contact-literal")] == severities


def test_a_setting_for_no_rule_is_an_error_with_its_place(library: TinyLibrary) -> None:
    strict(library, "contact-litteral: off")
    (line,) = said(library, "unknown-check")
    assert re.match(r"library.yaml:\d+:\d+: error: no check has the code .*did you mean “contact-literal”", line)


def test_what_may_harm_patients_stays_an_error(library: TinyLibrary) -> None:
    library.body("\n☎\n")
    strict(library, "missing-glyph: off")
    assert [finding.severity for finding in found(library, "missing-glyph")] == [Severity.ERROR]
    (line,) = said(library, "safety-check")
    assert "“missing-glyph” is always an error" in line
    with pytest.raises(UsageError, match="cannot be allowed"):
        checks.check_allowed(["missing-glyph"])


def test_an_allowed_error_is_a_warning_that_says_so(library: TinyLibrary) -> None:
    library.body("\nRing 76 36 14 00\n")
    (finding,) = found(library, "contact-literal")
    assert checks.blocks_rendering(finding)
    (finding,) = found(library, "contact-literal", allow=["contact-literal"])
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("(allowed for this run)")
    assert not checks.blocks_rendering(finding)


def test_only_a_known_code_can_be_allowed() -> None:
    with pytest.raises(UsageError, match="did you mean “contact-literal”"):
        checks.check_allowed(["contact-literl"])


def narrow(library: TinyLibrary, setting: str) -> list[str]:
    library.write("content/second/leaflet.yaml", LEAFLET.format(id="T-2", owner="north"))
    for leaflet in ("first", "second"):
        library.write(
            f"content/{leaflet}/da.md", "---\ntitle: En titel\nsummary: En kort indledning.\n---\n\nRing 76 36 14 00\n"
        )
    strict(library, f"contact-literal: {setting}")
    places = [(str(finding.severity), finding.place.file) for finding in found(library, "contact-literal")]
    return [f"{severity} {file.split('/')[-2]}" for severity, file in places]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("{severity: warning, only: [first]}", ["warning first", "error second"]),
        ("{severity: off, only: [first]}", ["error second"]),
        ("{severity: off, except: [first]}", ["error first"]),
        ("{severity: warning, except: [first]}", ["error first", "warning second"]),
        ("{severity: warning}", ["warning first", "warning second"]),
    ],
)
def test_a_setting_can_be_for_some_leaflets(library: TinyLibrary, setting: str, expected: list[str]) -> None:
    assert narrow(library, setting) == expected


def test_the_wording_of_a_clinic_belongs_to_its_leaflet(library: TinyLibrary) -> None:
    library.replace("content/first/leaflet.yaml", "formats:", "slots: [own]\nformats:")
    library.body("\n## Ord\n\n::: slot own\nRing.\n:::\n")
    library.write("clinics/north/first/own.da.md", "Ring 76 36 14 00\n")
    strict(library, "contact-literal: {severity: warning, only: [first]}")
    assert [str(finding.severity) for finding in found(library, "contact-literal")] == ["warning"]


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        (
            "contact-literal: {severity: off, only: [frist]}",
            "unknown-leaflet",
            "no leaflet “frist”; did you mean “first”",
        ),
        ("contact-literal: {severity: off, except: [frist]}", "unknown-leaflet", "did you mean “first”"),
        ("contact-litteral: {severity: off, only: [first]}", "unknown-check", "did you mean “contact-literal”"),
        ("missing-glyph: {severity: off, only: [first]}", "safety-check", "“missing-glyph” is always an error"),
    ],
)
def test_a_narrowed_setting_that_means_nothing(library: TinyLibrary, setting: str, code: str, words: str) -> None:
    strict(library, setting)
    (line,) = said(library, code)
    assert words in line
    assert re.match(r"library.yaml:2:\d+: error", line)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("{severity: off, only: [first], except: [first]}", "“only” and “except” cannot be combined"),
        ("{severity: off, onyl: [first]}", "unknown key “onyl”; did you mean “only”"),
        ("{severity: off, exept: [first]}", "unknown key “exept”; did you mean “except”"),
        ("{only: [first]}", "severity” is missing"),
        ("mild", "must be 'error', 'warning' or 'off', not “mild”"),
    ],
)
def test_a_setting_that_cannot_be_read(library: TinyLibrary, setting: str, words: str) -> None:
    strict(library, f"contact-literal: {setting}")
    with pytest.raises(SourceError, match=words) as caught:
        loader.load_library(library.root)
    assert str(caught.value).startswith(f"{library.root}/library.yaml:2:")


def test_each_rule_is_in_the_file_of_its_code() -> None:
    folder = Path(checks.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if re.search(r"^RULE = ", path.read_text("utf-8"), re.M)}
    assert files == {rule.code.replace("-", "_") for rule in checks.RULES}
