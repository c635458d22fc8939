"""The log of what went out: whoever writes it, each press counts once, and no torn line breaks it."""

import json
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdfkit_cli.packs.assembly import Enclosure
from pdfkit_cli.packs.issue_log import (
    ISSUE_LOG,
    IssuedMonth,
    IssueWay,
    append_json_lines,
    append_once,
    issue_entries,
    issued_months,
    read_issues,
)

NOW = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
LEAFLET = Enclosure(Path(), "", "T-1", "0.1", "0" * 64, "north", "da")


def press(out: Path, numbers: list[str]) -> None:
    for number in numbers:
        append_once(out, [LEAFLET], number, NOW, IssueWay.WINDOW, 3)


def test_several_processes_log_the_same_presses_once(tmp_path: Path) -> None:
    numbers = [f"{number:032x}" for number in range(40)]
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=press, args=(tmp_path, numbers[start:] + numbers[:start])) for start in (0, 20)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    lines = [json.loads(line) for line in (tmp_path / ISSUE_LOG).read_text().splitlines()]
    assert sorted(line["pack"] for line in lines) == numbers
    assert issued_months(read_issues(tmp_path)) == [IssuedMonth("2026-11", "north", "da", window=120)]


def test_a_number_that_begins_like_another_is_another(tmp_path: Path) -> None:
    press(tmp_path, ["order-12", "order-1", "order-1"])
    assert [issue.copies for issue in read_issues(tmp_path)] == [3, 3]


def test_a_torn_line_is_skipped_and_the_next_one_counts(tmp_path: Path) -> None:
    press(tmp_path, ["a"])
    with (tmp_path / ISSUE_LOG).open("a") as log:
        log.write('{"time": "2026-11-30T')
    press(tmp_path, ["b"])
    assert len([*read_issues(tmp_path)]) == 2


def test_a_line_of_a_pack_is_one_copy(tmp_path: Path) -> None:
    append_json_lines(tmp_path / ISSUE_LOG, issue_entries([LEAFLET], "a", NOW))
    assert issued_months(read_issues(tmp_path)) == [IssuedMonth("2026-11", "north", "da", pack=1)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"copies": -1},
        {"copies": True},
        {"copies": "3"},
        {"way": "fax"},
        {"way": []},
        {"time": "soon"},
        {"clinic": None},
    ],
)
def test_a_line_that_is_not_understood_is_skipped(tmp_path: Path, wrong: dict[str, object]) -> None:
    append_json_lines(tmp_path / ISSUE_LOG, [issue_entries([LEAFLET], "a", NOW)[0] | wrong])
    assert [*read_issues(tmp_path)] == []


def test_the_latest_month_is_first(tmp_path: Path) -> None:
    for number, month in enumerate((11, 12, 1)):
        append_once(tmp_path, [LEAFLET], str(number), NOW.replace(day=1, month=month), IssueWay.SAVED)
    assert [month.month for month in issued_months(read_issues(tmp_path))] == ["2026-12", "2026-11", "2026-01"]
