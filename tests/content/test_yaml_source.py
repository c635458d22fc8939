"""Files to data with positions, and every way in which a file can be broken."""

import os
import re
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.models import Clinic, Leaflet, LibrarySettings
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import SourceError
from tests.helpers.soak_sampling import amount


def parsed(text: str, first_line: int = 1) -> yaml_source.ParsedYaml:
    return yaml_source.parse_yaml(SourceFile("f.yaml", text, ""), first_line=first_line)


def refused(text: str) -> list[str]:
    """Each finding of a broken YAML, as it is printed."""
    with pytest.raises(SourceError) as caught:
        parsed(text)
    return [str(finding) for finding in caught.value.findings]


def problems(model: Any, text: str) -> list[str]:
    """Each finding of a model, without the name of the file."""
    with pytest.raises(SourceError) as caught:
        yaml_source.validate_model(model, SourceFile("f.yaml", text, ""), parsed(text))
    return [str(finding).removeprefix("f.yaml:") for finding in caught.value.findings]


def read_error(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        yaml_source.read_text(path, "f.md")
    (finding,) = caught.value.findings
    return str(finding)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "f.md"
    path.write_bytes(b"\xef\xbb\xbfen\r\nto\rtre\n")
    read = yaml_source.read_text(path, "f.md")
    assert read.text == "en\nto\ntre\n"
    assert read.digest == yaml_source.sha256_hex(path.read_bytes())


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param("blåbær\nå".encode("latin-1"), "f.md:1:3: error: byte 0xe5 is not UTF-8", id="latin-1"),
        pytest.param(
            "æøå\nø".encode() + b"\xe5", "f.md:2:2: error: byte 0xe5 is not UTF-8", id="columns are characters"
        ),
        pytest.param(b"\xef\xbb\xbf\xc3\xb8\xff", "f.md:1:2: error: byte 0xff is not UTF-8", id="behind a BOM"),
        pytest.param("en".encode("utf-16"), "f.md:1:1: error: byte 0xff is not UTF-8", id="utf-16"),
        pytest.param("en".encode("utf-16-le"), "f.md:1:2: error: control character U+0000", id="utf-16 without a BOM"),
        pytest.param(b"a\n\x00", "f.md:2:1: error: control character U+0000", id="nul"),
        pytest.param(b"a\x1b[31m", "f.md:1:2: error: control character U+001B", id="escape"),
        pytest.param("a\u2028b".encode(), "f.md:1:2: error: control character U+2028", id="line separator"),
        pytest.param("a \u202eb".encode(), "f.md:1:3: error: control character U+202E", id="right-to-left override"),
        pytest.param("a\n\ufeffb".encode(), "f.md:2:1: error: control character U+FEFF", id="BOM inside"),
    ],
)
def test_what_is_not_utf8_text_is_named_by_line_and_column(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "f.md"
    path.write_bytes(raw)
    said = read_error(path)
    assert said.startswith(message)
    assert "save the file as UTF-8" in said


def test_what_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    assert read_error(tmp_path / "folder").startswith("f.md: error: cannot be read: Is a directory")
    assert read_error(tmp_path / "dangling").startswith("f.md: error: cannot be read: No such file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "f.md"
    path.write_text("x")
    path.chmod(0)
    assert "Permission denied" in read_error(path)


def test_every_scalar_is_a_string() -> None:
    data = parsed('phone: 0712\nword: no\ndate: 2026-01-31\nnone:\nempty: ""\nlist: [1, yes, ~]\ntag: !!int 3\n').data
    assert data == {
        "phone": "0712", "word": "no", "date": "2026-01-31", "none": None, "empty": "", "list": ["1", "yes", "~"],
        "tag": "3",
    }  # fmt: skip


def test_positions_are_those_of_keys_and_items() -> None:
    positions = parsed("a: 1\nb:\n  - x\n  - {c: y}\n", first_line=3).positions
    assert positions[("a",)] == (3, 1)
    assert positions[("b", 1)] == (6, 5)
    assert positions[("b", 1, "c")] == (6, 6)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_no_data(text: str) -> None:
    assert not parsed(text).data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: [b\nc: d\n", "f.yaml:1:4: error: broken YAML", id="bracket"),
        pytest.param("x: y\na: [b,", "f.yaml:2:4: error: broken YAML", id="bracket at the end"),
        pytest.param("a: b\n\tc: d\n", "f.yaml:2:1: error: broken YAML", id="tab"),
        pytest.param("a: 'b\n", "f.yaml:1:4: error: broken YAML", id="quote"),
        pytest.param("a: b: c\n", "f.yaml:1:5: error: broken YAML", id="colon"),
        pytest.param("a: @b\n", "f.yaml:1:4: error: broken YAML", id="reserved character"),
        pytest.param("a: b\n---\nc: d\n", "f.yaml:2:1: error: a second document begins here", id="two documents"),
        pytest.param("a: &x b\nc: *x\n", "f.yaml:2:4: error: YAML aliases (*) are not supported", id="alias"),
        pytest.param("a: &x [*x]\n", "f.yaml:1:8: error: YAML aliases (*) are not supported", id="self alias"),
        pytest.param("a: {{ clinic.name }}\n", "f.yaml:1:5: error: a key must be a word; put quotation", id="field"),
        pytest.param("? [a]\n: b\n", "f.yaml:1:3: error: a key must be a word", id="key that is a list"),
    ],
)
def test_broken_yaml_is_named_by_line_and_column(text: str, message: str) -> None:
    (said,) = refused(text)
    assert said.startswith(message)


def test_every_duplicate_key_is_named() -> None:
    assert refused("a: 1\nb: {c: 1, c: 2}\na: 2\n") == [
        "f.yaml:2:11: error: “c” is here twice; keep one [duplicate-key]",
        "f.yaml:3:1: error: “a” is here twice; keep one [duplicate-key]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: " + "[" * 100_000, id="flow"),
        pytest.param("a: " + "{b: " * 5_000, id="mappings"),
        pytest.param("".join(f"{' ' * depth}a:\n" for depth in range(1_000)), id="block"),
    ],
)
def test_deep_yaml_is_refused_at_once(text: str) -> None:
    started = time.thread_time()
    (said,) = refused(text)
    assert "the data is nested more than 20 levels deep; use fewer levels [yaml]" in said
    assert time.thread_time() - started < 2


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(20)]
    started = time.thread_time()
    (said,) = refused("\n".join(lines))
    assert said.startswith("f.yaml:2:8: error: YAML aliases")
    assert time.thread_time() - started < 2


@example(b"---")
@example(b"[")
@settings(max_examples=amount(100, 2000))
@given(
    st.binary()
    | st.text().map(lambda text: text.encode(errors="replace"))
    | st.text("ab:-[]{}&*#'\"\n ?|>!").map(str.encode)
)
def test_any_bytes_are_data_or_findings_within_the_file(raw: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(raw)
        file.flush()
        positions: Collection[tuple[int, int]]
        try:
            text = yaml_source.read_text(Path(file.name), "f.yaml")
            positions = yaml_source.parse_yaml(text).positions.values()
        except SourceError as error:
            positions = [(finding.place.line, finding.place.column) for finding in error.findings]
            assert positions, error  # noqa: PT017
    lines = re.split(rb"\r\n|\r|\n", raw)
    assert all(1 <= line <= len(lines) and column >= 1 for line, column in positions)


LEAFLET = """\
id: T-1
version: "0.1"
date: 2026-01-31
status: draft
owner: north
audience: patient
source_language: da
formats: [a4]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "owner: north",
            "owner: north\nstatsu: x",
            "6:1: error: unknown key “statsu”; did you mean “status”? [unknown",
        ),
        (
            "owner: north",
            "owner: north\nqqq: x",
            "6:1: error: unknown key “qqq”; use one of: approved_text, audience, cover, date",
        ),
        ("owner: north\n", "", "1:1: error: “owner” is missing; add it [missing-key]"),
        ("[a4]", "a4", "8:1: error: “formats” must be a list, such as [a, b], not “a4”"),
        ("[a4]", "[]", "8:1: error: “formats” must not be empty"),
        ("[a4]", "[A4]", "8:11: error: “formats.0”: “A4” is not a name of small letters, digits and hyphens"),
        ("draft", "ready", "4:1: error: “status” must be 'draft', 'approved' or 'withdrawn', not “ready”"),
        ("T-1", "", "1:1: error: “id” must be text"),
        ("T-1", "{a: b}", "1:1: error: “id” must be text"),
        ("da\n", "dansk\n", "7:1: error: “source_language”: “dansk” is not a language code"),
        ("da\n", "xx\n", "7:1: error: “source_language”: “xx” is not a language code"),
        ("[a4]", "[a4]\nvariants: [short]", "9:1: error: “variants”: must contain full"),
        (
            "draft",
            "approved\nreviewed: 2026-02-02\nreview_by: 2026-02-02",
            "6:1: error: “review_by”: 2026-02-02 must be",
        ),
        *(
            ("2026-01-31", day, f"3:1: error: “date”: “{day}” is not a date; write year-month-day, such as 2026-11-21")
            for day in ("soon", "2026-13-01", "2026", "20260131", "31.01.2026", "2026-01-31T10:00", "")
        ),
    ],
)
def test_a_model_error_names_key_place_and_remedy(old: str, new: str, message: str) -> None:
    (said,) = problems(Leaflet, LEAFLET.replace(old, new, 1))
    assert said.startswith(message)


@pytest.mark.parametrize("text", ["- a\n- b\n", "only words\n"])
def test_a_root_that_is_no_mapping_says_what_a_file_holds(text: str) -> None:
    (said,) = problems(Leaflet, text)
    assert said.startswith("1:1: error: the file must be keys with values, such as “key: value”")


def test_all_problems_come_at_once() -> None:
    text = "id: t\nversion: new\nstatus: draft\nowner: north\naudience: patient\nsource_language: da\nformats: [a4]\nx: y\n"
    assert [said[:3] for said in problems(Leaflet, text)] == ["1:1", "2:1", "1:1", "8:1"]


def test_an_unknown_key_deep_inside_is_compared_with_its_neighbours() -> None:
    text = (
        "name: N\nbrand: b\nlanguage: da\ncountry: DK\n"
        'address: {street: a, postal_code: "1", city: b, streat: c}\nhands_out:\n  x: {languages: [da], format: [a4]}\n'
    )
    first, second = problems(Clinic, text)
    assert first.startswith("5:49: error: unknown key “streat”; did you mean “street”?")
    assert second.startswith("7:24: error: unknown key “format”; did you mean “formats”?")


def test_load_reads_and_validates(tmp_path: Path) -> None:
    path = tmp_path / "library.yaml"
    path.write_text("name: Tiny\nlanguages: [da]\n")
    library, text = yaml_source.load_model(LibrarySettings, path, "library.yaml")
    assert (library.name, text.name) == ("Tiny", "library.yaml")


SECRET = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{SECRET}\n{SECRET}\n", id="no keys"),
        pytest.param(f"{SECRET}: 1\n", id="a key"),
        pytest.param(f"{SECRET}: 1\n{SECRET}: 2\n", id="a key twice"),
        pytest.param(f"name: Nord\n{SECRET}: {{a: {{{SECRET}: 1}}}}\n", id="a key in a key"),
        pytest.param(f"name: [{SECRET}]\n", id="a list"),
        pytest.param(f"hands_out: {{{SECRET}: {{}}}}\n", id="a name that is none"),
        *(pytest.param(f"{key}: “{SECRET}” {SECRET}\n", id=key) for key in Clinic.model_fields),
        pytest.param(f'a: "\\{SECRET}"\n', id="broken"),
        pytest.param(f"a: &{SECRET} 1\nb: *{SECRET}\n", id="an alias"),
        pytest.param(f"a: !{SECRET}!{SECRET} 1\n", id="a tag"),
        pytest.param(f"%{SECRET}\n---\na: 1\n", id="a directive"),
    ],
)
def test_a_finding_repeats_little_of_a_file(text: str) -> None:
    try:
        yaml_source.validate_model(Clinic, SourceFile("f.yaml", text, ""), parsed(text))
    except SourceError as error:
        for finding in error.findings:
            assert SECRET[:41] not in finding.message
