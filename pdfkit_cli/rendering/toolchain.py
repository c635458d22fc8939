"""The tools that decide the bytes of a PDF: pdfkit's own code, and the versions of the libraries."""

import ctypes
import hashlib
import json
import platform
import zlib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

from pdfkit_cli.content.packaged import PACKAGE, library_version

InputGroup: TypeAlias = Mapping[str, str]
"""The digest of each file, or the version of each tool."""

PYTHON_LIBRARIES = (
    "babel", "cssselect2", "fonttools", "jinja2", "markdown-it-py", "markupsafe", "mdit-py-plugins", "phonenumbers",
    "pillow", "pydyf", "pyphen", "segno", "tinycss2", "tinyhtml5", "weasyprint",
)  # fmt: skip
"""The libraries that can change a page or its PDF."""

SYSTEM_LIBRARIES = (
    ("pango", "libpango-1.0.so.0", "pango_version_string"),
    ("harfbuzz", "libharfbuzz.so.0", "hb_version_string"),
    ("harfbuzz-subset", "libharfbuzz-subset.so.0", "hb_version_string"),
)
"""System libraries that can do so, too: name, file, and the function that returns the version."""


CODE: Final = ("content", "rendering", "pdf", "system/codec.py")
"""The code that makes the bytes of a PDF, and that reads the caches."""

UNUSED_CODE: Final = frozenset(
    {f"pdf/{name}" for name in ("attachments.py", "audit", "compare.py", "fidelity.py", "merge", "thumbnails.py")}
)
"""Parts of it that do not affect every PDF: they read or join finished PDFs. The files of languages are inputs by language."""


def group_digest(group: InputGroup) -> str:
    """Return the short name of a group: 16 hexadecimal digits of SHA-256 over its canonical JSON."""
    return hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest()[:16]


def tool_versions() -> InputGroup:
    """Return the versions of the libraries and the digest of pdfkit's own code."""
    own = hashlib.sha256()
    for path in code_files():
        own.update(path.read_bytes())
    return (
        {"pdfkit": own.hexdigest()[:16], "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
        | {name: library_version(name) for name in PYTHON_LIBRARIES}
        | {name: system_version(file, function) for name, file, function in SYSTEM_LIBRARIES}
    )


def code_files() -> Iterator[Path]:
    """Yield the files of the code that makes the bytes of a PDF, in a fixed order."""
    return (PACKAGE / name for name in sorted(chain.from_iterable(map(_code_below, CODE))))


def _code_below(name: str) -> Iterator[str]:
    if name in UNUSED_CODE:
        return
    if name.endswith((".py", ".xml", ".yaml")):
        yield name
    elif (PACKAGE / name).is_dir():
        yield from chain.from_iterable(_code_below(f"{name}/{item.name}") for item in (PACKAGE / name).iterdir())


def system_version(file: str, function: str) -> str:
    """Return the version of a shared library; empty if it cannot be loaded."""
    try:
        tell = ctypes.CDLL(file)[function]
    except (OSError, AttributeError):
        return ""
    tell.restype = ctypes.c_char_p
    return str(tell().decode())
