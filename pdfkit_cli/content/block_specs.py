"""The blocks that an author opens with `:::`. The parser, the proof, the checks and translation segments look here.

Their look is in `layouts/components/<name>/`. `full` and `slot` have none: an edition contains their content instead.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pdfkit_cli.content.models import Phrases


class Role(StrEnum):
    """How a block appears in an edition."""

    DRAWN = "drawn"
    FULL_ONLY = "full-only"
    """Its content, in the full variant only."""

    SLOT = "slot"
    """The clinic's own wording, or else its content."""


class Argument(StrEnum):
    """What an author may write after the name of a block."""

    NOTHING = "nothing"
    TITLE = "title"
    """The heading of the block. It is translated."""

    NAME = "name"
    """A word of the vocabulary, such as the name of a slot. It is not translated."""

    VALUE = "value"
    """Data, such as the dose of an exercise. It is not translated."""


class Content(StrEnum):
    """What a block must contain. `block_content` checks it and says what to write instead."""

    ANY = "any"
    PARAGRAPHS = "paragraphs"
    """Paragraphs only."""

    MOMENTS = "moments"
    """One bulleted list; each item is a line that begins with bold words."""

    TWO_COLUMNS = "two columns"
    """One table of two columns."""

    LEGEND = "legend"
    """One picture, then at most one paragraph, then one numbered list of plain lines."""


class Level(StrEnum):
    """The level of the heading of a block."""

    NONE = "none"
    BELOW = "below"
    """One level below the heading before it. Text after the block does not belong to this heading."""

    SECTION = "section"
    """Level 2, like the sections of a text."""


class Panel(StrEnum):
    """The clinic's contact details that a block prints after its content."""

    NONE = "none"
    NUMBER = "number"
    """The phone alone, before the content, if the clinic has one."""

    PHONE = "phone"
    URGENT_PHONE = "urgent-phone"
    """The phone, and whom to call when it is not answered: what `PHONE` becomes inside an urgent block."""

    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """One kind of block."""

    argument: Argument = Argument.NOTHING
    pattern: str = ""
    """A regular expression that the complete argument must match; empty if everything is allowed."""

    problem: str = ""
    """The message for an argument that does not match; `{}` is the argument."""

    level: Level = Level.NONE
    usual_title: str = ""
    """The field of `Phrases` that is its heading if the author writes none."""

    words: Callable[[str, Phrases], str] | None = None
    """Returns what is printed of an argument that is not a heading."""

    drawn_argument: bool = False
    """Whether the argument is drawn as a picture, whose alternative text is `words`."""

    content: Content = Content.ANY
    icons: bool = False
    """Whether the argument names an icon for each item of its list."""

    role: Role = Role.DRAWN
    panel: Panel = Panel.NONE
    may_be_empty: bool = False
    once: bool = False
    in_slot: bool = True
    """Whether a clinic's own wording of a slot may contain this block."""

    red_flag: bool = False
    """Whether it is a warning: its words count as safety text, and no variant may leave it out."""

    urgent: bool = False
    """Whether a panel with the clinic's phone in it also prints whom to call when the clinic does not answer."""

    personal_fields: bool = False
    """Whether it prints a row for each personal field."""

    exercise: bool = False
    """Whether it is numbered, and its pictures are small."""

    running: bool = False
    """Whether its content is running text, beside which small pictures are set."""

    table_indent: float = 0.0
    """The width in mm that its padding and borders take from a table in it, with the CSS of A5; every format is taken to lose as much."""

    def argument_problem(self, name: str, argument: str) -> str:
        """Return the message for a wrong argument; an empty text for a good one."""
        if self.argument is Argument.NOTHING and argument:
            return f"“{name}” takes no argument; remove “{argument}”"
        if self.argument is Argument.TITLE and not (argument or self.usual_title):
            return f"the {name} has no title; write it after “{name}”"
        return "" if not self.pattern or re.fullmatch(self.pattern, argument) else self.problem.format(argument)


PHASES = ("before", "day", "after")
"""The phases of a treatment, in order."""


FACT_ICONS = (
    "activity", "asleep", "awake", "calendar", "clothes", "companion", "driving", "duration", "fasting", "food", "home", "hospital",
    "medicine", "pain", "phone", "shower", "work", "wound",
)  # fmt: skip
"""The icons of `facts`, as `layouts/components/facts/<name>.svg`."""

MAX_ODDS = 10
"""The most people that `odds` draws."""


def _dose(argument: str, phrases: Phrases) -> str:
    rounds, _, repetitions = argument.partition("×")
    return phrases.dose.format(rounds=rounds.strip(), repetitions=repetitions.strip()) if argument else ""


def odds(argument: str) -> tuple[int, int]:
    """Return the two numbers of “2 of 3”."""
    some, all_of_them = re.findall(r"\d+", argument)
    return int(some), int(all_of_them)


def _odds(argument: str, phrases: Phrases) -> str:
    some, all_of_them = odds(argument)
    return phrases.out_of.format(some=some, all=all_of_them)


def _phase(argument: str, phrases: Phrases) -> str:
    words: str = getattr(phrases, argument)
    return words


_ODDS = "|".join(
    f"({'|'.join(map(str, range(1, all_of_them + 1)))}) +of +{all_of_them}" for all_of_them in range(2, MAX_ODDS + 1)
)
_ICON = "|".join(FACT_ICONS)

BLOCKS = {
    "appointment": BlockSpec(
        Argument.TITLE, level=Level.BELOW, usual_title="appointment", may_be_empty=True, once=True, in_slot=False,
        personal_fields=True,
    ),
    "brief": BlockSpec(usual_title="brief", panel=Panel.NUMBER, once=True, in_slot=False, table_indent=11.1),
    "call": BlockSpec(
        Argument.TITLE, level=Level.BELOW, usual_title="call", panel=Panel.PHONE, may_be_empty=True, red_flag=True,
        table_indent=26.9,
    ),
    "compare": BlockSpec(Argument.TITLE, level=Level.BELOW, content=Content.TWO_COLUMNS),
    "contact": BlockSpec(
        level=Level.SECTION, usual_title="contact", panel=Panel.CONTACT, may_be_empty=True, once=True, in_slot=False
    ),
    "diagram": BlockSpec(content=Content.LEGEND, in_slot=False),
    "do": BlockSpec(Argument.TITLE, level=Level.BELOW, usual_title="do"),
    "dont": BlockSpec(Argument.TITLE, level=Level.BELOW, usual_title="dont"),
    "exercise": BlockSpec(
        Argument.VALUE, r"(\d+ ?[×x] ?\d+)?", "“exercise {}” is not a valid dose; write it as rounds × repetitions, such as 3 × 10",
        words=_dose, exercise=True, table_indent=10.6,
    ),
    "facts": BlockSpec(
        Argument.NAME, rf"({_ICON})( +({_ICON}))*",
        f"“facts {{}}”: write the name of an icon for each item; they are: {', '.join(FACT_ICONS)}",
        content=Content.MOMENTS, icons=True,
    ),
    "full": BlockSpec(role=Role.FULL_ONLY),
    "important": BlockSpec(Argument.TITLE, level=Level.BELOW, table_indent=10.9),
    "odds": BlockSpec(
        Argument.VALUE, _ODDS,
        f"“odds {{}}” is not a share of people; write it as “2 of 3”, with at most {MAX_ODDS} people",
        words=_odds, drawn_argument=True, content=Content.PARAGRAPHS,
    ),
    "questions": BlockSpec(
        Argument.TITLE, level=Level.SECTION, usual_title="questions", may_be_empty=True, once=True, in_slot=False
    ),
    "say": BlockSpec(Argument.TITLE, level=Level.BELOW, usual_title="say", table_indent=8.0),
    "slot": BlockSpec(
        Argument.NAME, ".+", "the slot has no name; write “::: slot name”", role=Role.SLOT, may_be_empty=True, in_slot=False
    ),
    "step": BlockSpec(
        Argument.NAME, "|".join(PHASES), f"“step {{}}”: the name of a step must be one of: {', '.join(PHASES)}", words=_phase,
        running=True,
    ),
    "timeline": BlockSpec(
        Argument.NAME, r"(day=[1-9]\d?)?", "“timeline {}”: write nothing, or “day=3” if the third item is the day itself",
        content=Content.MOMENTS,
    ),
    "topic": BlockSpec(Argument.TITLE, level=Level.SECTION, table_indent=34.0),
    "warning": BlockSpec(Argument.TITLE, level=Level.BELOW, red_flag=True, urgent=True, table_indent=10.1),
}  # fmt: skip
"""Every block, by name. A library cannot add blocks."""

RED_FLAGS = frozenset(name for name, spec in BLOCKS.items() if spec.red_flag)
