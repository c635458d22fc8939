"""A Jinja2 environment for templates that a library brings: they are content, and not trusted.

They reach no file, no network and no code of ours but what is handed to them, and each drawing may take only so many steps.
"""

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date
from string import Formatter
from typing import Any, Final

from jinja2 import StrictUndefined, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_STEPS: Final = 500_000
"""Turns of loops, calls and included templates while one edition is drawn; a long leaflet takes some 10,000."""

FILTERS: Final = (
    "capitalize", "default", "e", "escape", "first", "int", "join", "last", "length", "list", "lower", "map", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title", "trim",
    "unique", "upper",
)  # fmt: skip
"""The filters of Jinja2 that may be used. Those that are left out are random, or make long texts of short ones."""

_PLAIN: Final = (str, int, float, tuple, list, dict, date, LoopContext, TemplateModule)
"""Values whose methods may be called."""

_GROWING: Final = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
"""Methods of texts that make long texts of short ones."""

_steps: ContextVar[Iterator[int] | None] = ContextVar("steps", default=None)


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The environment of all templates."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, loader: BaseLoader, filters: dict[str, Callable[..., Any]]) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # the keys of PDFs are computed from what was loaded
        )
        self.filters = {name: self.filters[name] for name in FILTERS} | filters | {"counted": _counted}
        self.globals = {"namespace": self.globals["namespace"]}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow values of any object, but methods of plain values only."""
        if callable(value) and (not isinstance(obj, _PLAIN) or attr in _GROWING):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Fill the fields of a text that asks for no width: a field such as {:999999999} makes a text of any length."""
        wrapped = super().wrap_str_format(value)
        if wrapped and any(spec for _, _, spec, _ in Formatter().parse(value.__self__)):
            raise SecurityError("the fields of a text have names only, such as {number}")
        return wrapped

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as in Jinja2
        """Call what a template calls, as one step."""
        _count_step()
        return super().call(__context, __obj, *args, **kwargs)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """Return a template, as one step."""
        _count_step()
        return super().get_template(name, parent, globals)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiply and divide numbers; with texts and lists these operators make long ones of short ones."""
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"the operator {operator} is for numbers only")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse a template, and let each loop count its turns."""
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        tree.set_environment(self)
        return tree


def begin_drawing() -> None:
    """Count the steps of a drawing from zero."""
    _steps.set(iter(range(MAX_STEPS)))


def _count_step() -> None:
    steps = _steps.get()
    if steps and next(steps, None) is None:
        raise SecurityError(f"more than {MAX_STEPS} turns of loops, calls and included templates")


def _counted(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        _count_step()
        yield item
