"""The tools that decide the bytes of a PDF: pdfkit's own code, and the versions of the libraries."""

import ctypes
import hashlib
import json
import platform
import zlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias

from pdfkit_cli.content.packaged import PACKAGE

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
    {"content/phrases", "content/words"}
    | {f"pdf/{name}" for name in ("attachments.py", "audit", "compare.py", "fidelity.py", "merge", "thumbnails.py")}
)
"""Parts of it that do not affect every PDF: words are inputs by language, and the others read or join finished PDFs."""


def group_digest(group: InputGroup) -> str:
    """Return the short name of a group: 16 hexadecimal digits of SHA-256 over its canonical JSON."""
    return hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest()[:16]


def tool_versions() -> InputGroup:
    """Return the versions of the libraries and the digest of pdfkit's own code."""
    own = hashlib.sha256()
    for path in sorted(code_files()):
        own.update(path.read_bytes())
    return (
        {"pdfkit": own.hexdigest()[:16], "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
        | {name: version(name) for name in PYTHON_LIBRARIES}
        | {name: system_version(file, function) for name, file, function in SYSTEM_LIBRARIES}
    )


def code_files() -> Iterator[Path]:
    """Yield the files of the code that makes the bytes of a PDF."""
    for part in (PACKAGE / name for name in CODE):
        for path in (part,) if part.is_file() else part.rglob("*"):
            name = path.relative_to(PACKAGE)
            parents = {parent.as_posix() for parent in (name, *name.parents)}
            if path.suffix in (".py", ".xml", ".yaml") and UNUSED_CODE.isdisjoint(parents):
                yield path


def system_version(file: str, function: str) -> str:
    """Return the version of a shared library; empty if it cannot be loaded."""
    try:
        tell = ctypes.CDLL(file)[function]
    except (OSError, AttributeError):
        return ""
    tell.restype = ctypes.c_char_p
    return str(tell().decode())
