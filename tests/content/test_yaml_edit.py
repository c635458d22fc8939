"""Single values of a YAML file are changed in its text; everything else stays as it is."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from pdfkit_cli.content import yaml_edit
from pdfkit_cli.content.yaml_edit import replace_values
from pdfkit_cli.errors import OutputError

TEXT = """\
# yaml-language-server: $schema=../.schemas/clinic.json
name: Klinik Nord  # æøå, before a value
phone: "76 36 14 00" # the desk
fax: 76 36 14 01
hours:
  # in winter
  - {days: [mon, thu], opens: "08:00", closes: "16:00"}
  - {days: [fri], opens: "08:00", closes: "12:00"}   # short
out_of_hours: ["1177", {phone: 70 11, words: {da: Ring}}]  # both

# the leaflets
hands_out:
  first: {languages: [da]}
"""


def test_a_scalar_keeps_its_quotes_and_its_comment() -> None:
    found = replace_values(TEXT, {("phone",): "76 36 14 99", ("fax",): "no"})
    assert found == TEXT.replace('"76 36 14 00"', '"76 36 14 99"').replace("fax: 76 36 14 01", "fax: 'no'")


def test_a_scalar_inside_lists_and_mappings() -> None:
    values = {
        ("hours", 1, "closes"): "13:30",
        ("out_of_hours", 0): "112, and more",
        ("out_of_hours", 1, "phone"): "70 12",
    }
    found = replace_values(TEXT, values)
    expected = TEXT.replace('"12:00"', '"13:30"').replace('"1177"', '"112, and more"').replace("70 11", "70 12")
    assert found == expected


def test_a_missing_key_comes_below_another_and_dates_are_dates() -> None:
    found = replace_values(TEXT, {("reviewed",): date(2026, 12, 1), ("version",): "1.0"}, after="phone")
    assert found == TEXT.replace("# the desk\n", "# the desk\nreviewed: 2026-12-01\nversion: '1.0'\n")
    with pytest.raises(KeyError):
        replace_values(TEXT, {("hours", 7, "opens"): "09:00"})


def test_a_list_is_replaced_and_its_comments_stay() -> None:
    found = replace_values(TEXT, {("hours",): [{"days": ["mon"], "opens": "08:00"}], ("out_of_hours",): ["112"]})
    assert "# in winter\nhours: [{days: [mon], opens: '08:00'}]   # short\n" in found
    assert "out_of_hours: ['112']  # both\n\n# the leaflets\nhands_out:\n" in found
    assert yaml.safe_load(found)["hands_out"] == {"first": {"languages": ["da"]}}


@given(
    some.text(
        some.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\u2028\u2029\ufeff\x85"),
        min_size=1,
    )
)
def test_whatever_is_written_is_read_again_and_nothing_else_changes(words: str) -> None:
    before = yaml.safe_load(TEXT)
    found = yaml.safe_load(replace_values(TEXT, {("phone",): words, ("out_of_hours", 1, "phone"): words}))
    assert (found.pop("phone"), found["out_of_hours"][1].pop("phone")) == (words, words)
    del before["phone"], before["out_of_hours"][1]["phone"]
    assert found == before


def test_a_file_keeps_its_line_ends_its_mark_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: b\r\nc: d\r\n")
    path.chmod(0o640)
    yaml_edit.write_file(path, "a: æ\nc: d\n")
    assert path.read_bytes() == b"\xef\xbb\xbfa: \xc3\xa6\r\nc: d\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["x.yaml"]


def test_a_file_that_cannot_be_written_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file", "utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        yaml_edit.write_file(tmp_path / "folder/x.yaml", "a: b\n")
