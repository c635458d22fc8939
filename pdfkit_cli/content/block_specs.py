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
    PHONE = "phone"
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

    role: Role = Role.DRAWN
    panel: Panel = Panel.NONE
    may_be_empty: bool = False
    once: bool = False
    in_slot: bool = True
    """Whether a clinic's own wording of a slot may contain this block."""

    red_flag: bool = False
    """Whether it is a warning: its words count as safety text, and no variant may leave it out."""

    personal_fields: bool = False
    """Whether it prints a row for each personal field."""

    exercise: bool = False
    """Whether it is numbered, and its pictures are small."""

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


def _dose(argument: str, phrases: Phrases) -> str:
    rounds, _, repetitions = argument.partition("×")
    return phrases.dose.format(rounds=rounds.strip(), repetitions=repetitions.strip()) if argument else ""


def _phase(argument: str, phrases: Phrases) -> str:
    words: str = getattr(phrases, argument)
    return words


BLOCKS = {
    "appointment": BlockSpec(
        Argument.TITLE, level=Level.BELOW, usual_title="appointment", may_be_empty=True, once=True, in_slot=False,
        personal_fields=True,
    ),
    "brief": BlockSpec(usual_title="brief", once=True, in_slot=False, table_indent=11.1),
    "call": BlockSpec(
        Argument.TITLE, level=Level.BELOW, usual_title="call", panel=Panel.PHONE, may_be_empty=True, red_flag=True,
        table_indent=26.9,
    ),
    "contact": BlockSpec(
        level=Level.SECTION, usual_title="contact", panel=Panel.CONTACT, may_be_empty=True, once=True, in_slot=False
    ),
    "do": BlockSpec(Argument.TITLE, level=Level.BELOW, usual_title="do"),
    "dont": BlockSpec(Argument.TITLE, level=Level.BELOW, usual_title="dont"),
    "exercise": BlockSpec(
        Argument.VALUE, r"(\d+ ?[×x] ?\d+)?", "“exercise {}” is not a valid dose; write it as rounds × repetitions, such as 3 × 10",
        words=_dose, exercise=True, table_indent=10.6,
    ),
    "full": BlockSpec(role=Role.FULL_ONLY),
    "slot": BlockSpec(
        Argument.NAME, ".+", "the slot has no name; write “::: slot name”", role=Role.SLOT, may_be_empty=True, in_slot=False
    ),
    "step": BlockSpec(
        Argument.NAME, "|".join(PHASES), f"“step {{}}”: the name of a step must be one of: {', '.join(PHASES)}", words=_phase
    ),
    "topic": BlockSpec(Argument.TITLE, level=Level.SECTION, table_indent=34.0),
    "warning": BlockSpec(Argument.TITLE, level=Level.BELOW, red_flag=True, table_indent=10.1),
}  # fmt: skip
"""Every block, by name. A library cannot add blocks."""

RED_FLAGS = frozenset(name for name, spec in BLOCKS.items() if spec.red_flag)
