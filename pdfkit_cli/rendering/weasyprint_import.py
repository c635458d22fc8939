"""Imports WeasyPrint without what costs more than the rest of it, and no PDF of ours needs.

- It lets cffi parse the C declarations of its libraries at each import (0.2 s of CPU), and look for each library with
  `ctypes.util.find_library`, which runs a compiler and a linker for each name that it tries (0.5 s where there is one).
  `pango_abi` has the same declarations, parsed; a library is then looked for by the system's loader only.
- It imports parts of fontTools that it calls only without HarfBuzz's subsetter, for WOFF2 and for variable fonts (0.08 s).
- It compiles the selectors of its stylesheets to Python, most of which are never tried, since no page has their elements
  (0.01 s, and as much again for the selectors of ours).
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any, Final

import cffi.api
import cssselect2.compiler

from pdfkit_cli.rendering import pango_abi
from pdfkit_cli.system.deferred_import import deferred

DECLARATIONS_DIGEST: Final = "299e085733e812fe423fff2164d6600d7a2a647a587339c14f6efed520bf75cf"
"""SHA-256 of the declarations that `pango_abi` was made from; with others, cffi parses them."""

PATCHED_SELECTORS: Final = "0.10.1"
"""The version of cssselect2 whose selectors are compiled when they are first tried."""

_FFI_MODULE: Final = "weasyprint.text.ffi"

_DEFERRED: Final = {
    "fontTools.subset": ("Options", "Subsetter"),
    "fontTools.ttLib.woff2": ("decompress",),
    "fontTools.varLib.instancer": ("instantiateVariableFont",),
}
"""Modules, and what WeasyPrint calls of each."""


@contextmanager
def shortened_import() -> Iterator[None]:
    """Make an import of WeasyPrint cheaper, as described above."""
    original, cffi.FFI = cffi.FFI, _DeclarationsReader
    if cssselect2.__version__ == PATCHED_SELECTORS:
        cssselect2.compiler.eval = evaluated_when_called
    try:
        with deferred(_DEFERRED):
            yield
    finally:
        cffi.FFI = original


_FIRST_CALL: Final = compile("lambda el: evaluated()(el)", __file__, "eval").co_consts[0]


def evaluated_when_called(source: str, names: dict[str, Any], _: object) -> Callable[[Any], Any]:
    """Return the function whose source this is; it is compiled when it is first called, in its own place.

    Relies on `cssselect2.compiler` evaluating the source of a function of one argument, with global names of its own, and
    doing nothing with the result but call it.
    """
    function = FunctionType(_FIRST_CALL, names)
    names["evaluated"] = partial(_compile, function, source)
    return function


def _compile(function: FunctionType, source: str) -> FunctionType:
    function.__code__ = eval(source).__code__  # noqa: S307  # what cssselect2 would evaluate
    del function.__globals__["evaluated"]
    return function


class _DeclarationsReader:
    """Is what WeasyPrint takes for `cffi.FFI()`, until it has read the declarations."""

    def cdef(self, declarations: str) -> None:
        """Put the interface with these declarations in the place of this object."""
        sys.modules[_FFI_MODULE].ffi = interface(declarations)  # type: ignore[attr-defined]


def interface(declarations: str) -> Any:
    """Return the interface with some C declarations: `pango_abi` if it was made from them."""
    if hashlib.sha256(declarations.encode()).hexdigest() == DECLARATIONS_DIGEST:
        return pango_abi.ffi
    ffi = cffi.api.FFI()
    ffi.cdef(declarations)
    return ffi
