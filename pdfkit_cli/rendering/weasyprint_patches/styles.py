"""Patches of computed styles."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

MAX_VALUES: Final = 64
"""Values that are remembered of one declaration: it has a few in each setting and format."""


def initial_values_at_once() -> Iterable[tuple[Any, str, Any]]:
    """Let a style begin with all initial values that cannot differ, in place of a call for each that is read.

    Without, a layout makes 14,000 calls to find values, most of them initial. Measured: 8 to 10 % of the CPU of a layout.

    Relies on `ComputedStyle` and `AnonymousStyle` of `weasyprint.css` being dictionaries whose `__missing__` finds the
    value of a property when it is first read, and on what that does for properties that are not in `cascaded`:
    the initial value, or the parent's if it is in INHERITED or begins with two underscores.
    """
    from weasyprint.css import AnonymousStyle, ComputedStyle
    from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    start_computed, start_anonymous, find = ComputedStyle.__init__, AnonymousStyle.__init__, ComputedStyle.__missing__
    line_widths = {name for name in INITIAL_NOT_COMPUTED if name.endswith("_width") and name in PHYSICAL_FUNCTIONS}
    line_widths |= {"outline_width", "column_rule_width"}
    fixed = {
        name: value
        for name, value in INITIAL_VALUES.items()
        if not (name in INHERITED or name in INITIAL_NOT_COMPUTED or name == "page" or "text_decoration" in name)
    }
    fixed |= dict.fromkeys(line_widths, 0)  # lines are of style `none` at first
    fixed["column_gap"] = INITIAL_VALUES["column_gap"]
    affected = defaultdict(set, {name: {name} for name in fixed})
    affected["position"].add("float")  # finding `float` finds `position`, and `display` needs both
    for name, logical in PHYSICAL_FUNCTIONS.items():
        for direction in ("ltr", "rtl"):
            affected[logical(block="ttb", inline=direction)].add(name)
    for names in affected.values():
        names |= {width for name in names if (width := name.replace("_style", "_width")) in line_widths}

    def begin_computed(self: Any, parent_style: Any, cascaded: Any, *arguments: Any) -> None:
        start_computed(self, parent_style, cascaded, *arguments)
        self.update(fixed)
        self.specified = {"position": self["position"], "float": self["float"]}
        for declared in cascaded:
            for name in affected.get(declared, ()):
                self.pop(name, None)

    def begin_anonymous(self: Any, parent_style: Any) -> None:
        start_anonymous(self, parent_style)
        self.update(fixed)

    def find_value(self: Any, name: str) -> Any:
        if name in self.cascaded or self.parent_style is None or not (name in INHERITED or name.startswith("__")):
            return find(self, name)
        value = self[name] = self.parent_style[name]
        return value

    return [
        (ComputedStyle, "__init__", begin_computed),
        (AnonymousStyle, "__init__", begin_anonymous),
        (ComputedStyle, "__missing__", find_value),
    ]


def remembered_values() -> Iterable[tuple[Any, str, Any]]:
    """Validate what a declaration says with variables once for the same values of them: in all settings, formats and texts.

    Measured: 2 % of the CPU of a render: of 14,400 such values of 20 texts, 1,100 differ.
    Relies on what `weasyprint.css.tokens.Pending.solve(tokens, wanted_key, base_url)` returns depending on nothing but the
    declaration, its arguments, and how the tokens are written; an invalid value is an exception.
    """
    import tinycss2
    from weasyprint.css.tokens import Pending

    original = Pending.solve

    def solve(self: Any, tokens: Any, wanted_key: str, base_url: str) -> Any:
        values = vars(self).setdefault("known_values", {})
        key = wanted_key, base_url, tinycss2.serialize(tokens)
        if key not in values:
            if len(values) >= MAX_VALUES:
                values.clear()
            values[key] = original(self, tokens, wanted_key, base_url)
        return values[key]

    return [(Pending, "solve", solve)]
