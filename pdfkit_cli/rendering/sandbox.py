"""A Jinja2 environment for a library's templates, which are content and not trusted.

They can reach no file, no network, and no code except the values that they are given.
Each drawing has a limited number of steps.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date
from functools import wraps
from pathlib import Path
from string import Formatter
from typing import Any, Final

from jinja2 import BytecodeCache, StrictUndefined, Template, nodes
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pdfkit_cli.system.disk_cache import DiskCache, cache_key

MAX_STEPS: Final = 500_000
"""Largest number of loop iterations, calls and included templates while one edition is drawn; a long leaflet takes some 10,000."""

CHARACTERS_PER_STEP: Final = 100
"""Characters that count as a step when text is written or joined, so that no template fills the memory by doubling a text."""

FILTERS: Final = (
    "capitalize", "default", "e", "escape", "first", "int", "join", "last", "length", "list", "lower", "map", "reject",
    "rejectattr", "replace", "reverse", "round", "select", "selectattr", "sort", "string", "sum", "title", "trim",
    "unique", "upper",
)  # fmt: skip
"""The permitted filters of Jinja2. The others are random, or can make very long texts from short ones."""

_PLAIN: Final = (str, int, float, tuple, list, dict, date, LoopContext, TemplateModule)
"""Values whose methods may be called."""

_GROWING: Final = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
"""Methods of strings that can make very long texts from short ones."""

MAX_VERDICTS: Final = 4096
"""Attributes of types whose safety is remembered: pdfkit's own templates ask for far fewer, but a template can compute names."""

_steps: ContextVar[list[int] | None] = ContextVar("steps", default=None)
"""The number of remaining steps, as the only item of a list."""


class _CompiledTemplates(BytecodeCache):
    """The compiled templates, by name and file; one whose text changed is compiled anew.

    They are kept in memory, for whoever loads layouts again, and on the disk, for later commands: compiling those of one
    page takes longer than all the rest of drawing it.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Any]] = {}
        self.store = DiskCache(None)

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
        elif isinstance(kept := self.store.get(self._name(bucket)), bytes):
            bucket.code = marshal.loads(kept)  # noqa: S302  # as trusted as the bytecode that Python keeps
            self._known[bucket.key] = bucket.checksum, bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.checksum, bucket.code
        self.store.put(self._name(bucket), marshal.dumps(bucket.code))

    def _name(self, bucket: Bucket) -> str:
        return f"template-{cache_key((bucket.key, bucket.checksum))}"


_compiled = _CompiledTemplates()


def keep_compiled(folder: Path | None) -> DiskCache:
    """Keep what is compiled from now on in a folder for these versions of all tools, which only its owner may write."""
    _compiled.store = DiskCache(folder)
    return _compiled.store


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The environment of all templates."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader, filters: dict[str, Callable[..., Any]]) -> None:
        self._verdicts: dict[tuple[type, str], bool] = {}
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # the keys of PDFs are computed from the loaded files
            finalize=_measured,
            bytecode_cache=_compiled,
        )
        self.filters = {name: self.filters[name] for name in FILTERS} | filters
        self.filters |= {name: _measuring(self.filters[name]) for name in ("join", "replace", "sum")}
        self.filters |= {"counted": _counted, "measured": _measured}
        self.globals = {"namespace": self.globals["namespace"]}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow attributes of any object, but methods of plain values only."""
        if callable(value) and (not isinstance(obj, _PLAIN) or attr in _GROWING):
            return False
        # Nothing else decides, and Jinja2 asks `isinstance` a dozen times: a quarter of a drawing under a profiler.
        key = type(obj), attr
        if (verdict := self._verdicts.get(key)) is None:
            verdict = super().is_safe_attribute(obj, attr, value)
            if len(self._verdicts) < MAX_VERDICTS:
                self._verdicts[key] = verdict
        return verdict

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Format a string whose fields have no format specification: a field such as {:999999999} makes a text of any length."""
        wrapped = super().wrap_str_format(value)
        if wrapped and any(spec for _, _, spec, _ in Formatter().parse(value.__self__)):
            raise SecurityError("the fields of a text have names only, such as {number}")
        return wrapped

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as in Jinja2
        """Call something from a template, and count a step."""
        _count_steps()
        return super().call(__context, __obj, *args, **kwargs)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """Return a template, and count a step."""
        _count_steps()
        return super().get_template(name, parent, globals)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Add any values, but multiply and divide only numbers: with strings and lists these operators can make very long ones."""
        if operator == "+":
            return _measured(super().call_binop(context, operator, left, right))
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"the operator {operator} is for numbers only")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse a template; each loop counts its iterations, and each concatenation its characters."""
        tree = super()._parse(source, name, filename)
        for joined in list(tree.find_all(nodes.Concat)):
            joined.nodes = [
                nodes.Filter(part, "measured", [], [], None, None, lineno=part.lineno) for part in joined.nodes
            ]
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        tree.set_environment(self)
        return tree


def begin_drawing() -> None:
    """Start to count the steps of a drawing."""
    _steps.set([MAX_STEPS])


def _count_steps(number: int = 1) -> None:
    if left := _steps.get():
        left[0] -= number
        if left[0] < 0:
            raise SecurityError(
                f"more than {MAX_STEPS} steps: turns of loops, calls, included templates, "
                f"and each {CHARACTERS_PER_STEP} characters of text"
            )


def _counted(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        _count_steps()
        yield item


def _measured(value: Any) -> Any:
    if isinstance(value, str | list | tuple):
        _count_steps(len(value) // CHARACTERS_PER_STEP)
    return value


def _measuring(apply: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(apply)
    def measured(*args: Any, **kwargs: Any) -> Any:
        return _measured(apply(*args, **kwargs))

    return measured
