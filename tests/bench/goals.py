"""How fast pdfkit is to be, and the table of how fast it is."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Goal:
    """What is measured, and what it is to be at most, or at least. The unit is "s" or "MB", or "x" of a baseline."""

    what: str
    limit: float
    unit: str = "s"
    at_least: bool = False

    def row(self, measured: float) -> str:
        """Return the line of the table: what, the figure, the goal, and whether it is reached and by how much."""
        reached = measured >= self.limit if self.at_least else measured <= self.limit
        goal = f"{'≥' if self.at_least else '≤'} {self.figure(self.limit)}"
        share = f"{'yes' if reached else '**no**'}, {measured / self.limit:.2f} x the goal"
        return f"| {self.what} | {self.figure(measured)} | {goal} | {share} |"

    def figure(self, number: float) -> str:
        """Return a number with its unit."""
        return f"{number:.0f} {self.unit}" if abs(number) >= 100 else f"{number:.3g} {self.unit}"


GOALS: Final = {
    "version": Goal("`pdfkit --version`", 0.15),
    "help": Goal("`pdfkit --help`", 0.15),
    "completion": Goal("a press of TAB in the shell", 0.15),
    "list": Goal("`pdfkit list`, founding library", 0.35),
    "why": Goal("`pdfkit why`, founding library", 0.35),
    "new": Goal("`pdfkit new leaflet`, founding library", 0.35),
    "unchanged": Goal("nothing changed, founding library", 0.5),
    "word": Goal("one word changed, one PDF, cold command", 1.0),
    "word_typst": Goal("the same against Typst's cold compile of the page", 5, "x"),
    "watch": Goal("one word changed, `--watch`: wall clock from saving to the PDF in place", 0.3),
    "desk": Goal("the desk, a stale PDF: wall clock of whoever waits for it", 0.5),
    "small_naive": Goal("24 PDFs from nothing, against the naive loop", 0.6, "x"),
    "small_throughput": Goal("24 PDFs from nothing, throughput against the naive loop", 3, "x", at_least=True),
    "small_typst": Goal("24 PDFs from nothing, against Typst warm", 20, "x"),
    "founding": Goal("founding library from nothing (the goal: for 87 PDFs)", 30),
    "region": Goal("region, 24,000 PDFs, against Typst warm", 0.5, "x"),
    "phone": Goal("region, one clinic's phone changed, 400 PDFs, against Typst warm", 1.5, "x"),
    "memory": Goal("memory of a worker: largest process, founding library", 200, "MB"),
    "memory_region": Goal("memory of a worker: largest process, region", 200, "MB"),
    "leaflets": Goal("`make leaflets` in a fresh clone, packages cached: wall clock", 60),
    "tests": Goal("`make test`: wall clock", 240),
}
"""CPU of all processes, except where it says otherwise. They are aims: nothing fails where one is missed."""


class Report:
    """Prints figures as they are measured, and keeps those that have a goal for the table."""

    def __init__(self) -> None:
        self._measured: dict[str, float] = {}

    def figure(self, what: str, figure: str) -> None:
        """Print a figure that has no goal."""
        print(f"{what:<66} {figure}", flush=True)

    def goal(self, name: str, measured: float) -> None:
        """Keep a figure for the table, and print it."""
        self._measured[name] = measured
        self.figure(GOALS[name].what, GOALS[name].figure(measured))

    def table(self) -> str:
        """Return the figures that have a goal as a table in Markdown, in the order of the goals; nothing if there are none."""
        head = ("| what | measured | goal | reached |", "|---|---|---|---|")
        rows = [goal.row(self._measured[name]) for name, goal in GOALS.items() if name in self._measured]
        return "\n".join((*head, *rows)) if rows else ""
