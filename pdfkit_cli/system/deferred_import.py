"""Puts off the import of modules that a library imports and hardly ever uses."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def deferred(modules: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    """Give what is imported meanwhile other objects for these modules, which import them when they are used.

    Names that are imported `from` a module are listed with it, and must be functions or classes that are only called.
    Modules that have been imported before are left as they are.
    """
    stand_ins = {name: _stand_in(name, calls) for name, calls in modules.items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _stand_in(name: str, calls: tuple[str, ...]) -> ModuleType:
    module = ModuleType(name)

    def get(wanted: str) -> Any:
        if wanted.startswith("__"):  # asked by the import system
            raise AttributeError(wanted)
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(import_module(name), wanted)

    def call(wanted: str) -> Callable[..., Any]:
        return lambda *arguments, **options: get(wanted)(*arguments, **options)

    module.__dict__.update({"__getattr__": get} | {wanted: call(wanted) for wanted in calls})
    return module
