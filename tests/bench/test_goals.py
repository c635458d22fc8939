import re

from tests.bench import __main__ as bench
from tests.bench.goals import GOALS, Goal, Report
from tests.helpers.tiny_library import ROOT


def test_at_most_is_reached_up_to_the_limit() -> None:
    goal = Goal("a build", 0.5)
    assert goal.row(0.25) == "| a build | 0.25 s | ≤ 0.5 s | yes, 0.50 x the goal |"
    assert "| yes, 1.00 x" in goal.row(0.5)
    assert goal.row(1.234) == "| a build | 1.23 s | ≤ 0.5 s | **no**, 2.47 x the goal |"


def test_at_least_is_reached_from_the_limit_on() -> None:
    goal = Goal("throughput", 3, "x", at_least=True)
    assert goal.row(1.5) == "| throughput | 1.5 x | ≥ 3 x | **no**, 0.50 x the goal |"
    assert "| yes, 1.00 x" in goal.row(3)


def test_large_figures_are_whole_numbers() -> None:
    assert Goal("memory", 200, "MB").row(1234.5) == "| memory | 1234 MB | ≤ 200 MB | **no**, 6.17 x the goal |"


def test_the_table_has_what_was_measured_in_the_order_of_the_goals() -> None:
    report = Report()
    report.goal("founding", 12.0)
    report.goal("version", 0.1)
    first, second = (line.split(" | ")[0] for line in report.table().splitlines()[2:])
    assert (first, second) == (f"| {GOALS['version'].what}", f"| {GOALS['founding'].what}")


def test_every_goal_is_in_the_documented_table() -> None:
    rows = {tuple(line.split(" | ")[::2]) for line in (ROOT / "docs/speed.md").read_text("utf-8").splitlines()}
    assert {tuple(goal.row(1).split(" | ")[::2]) for goal in GOALS.values()} <= rows


def test_make_names_every_size() -> None:
    (task,) = (line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if line.startswith("bench:"))
    assert set(bench.SIZES) <= set(re.findall(r"[\w-]+", task))
