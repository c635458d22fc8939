"""Parameters of commands are converted only where their values are used."""

from collections.abc import Callable
from typing import Any

from typer.core import TyperArgument, TyperOption


def convert_on_demand() -> None:
    """Let Typer convert no value that is missing, or that nobody will see because TAB was pressed.

    It converts with Pydantic, whose import takes longer than all the rest of `--help`. Typer has no setting for that.
    """
    for kind in (TyperOption, TyperArgument):
        kind.process_value = _on_demand(kind.process_value)  # type: ignore[method-assign]


def _on_demand(convert: Callable[..., Any]) -> Callable[..., Any]:
    def process_value(self: Any, ctx: Any, value: Any) -> Any:
        if ctx.resilient_parsing or (value is None and not (self.required or self.multiple)):
            return value
        return convert(self, ctx, value)

    return process_value
