"""Translated texts: one YAML file per language, in a folder next to the package that uses them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FALLBACK_LANGUAGE: Final = "en"
"""The language for readers of a language that has no phrases."""


@cache
def phrase_languages(folder: Path) -> tuple[str, ...]:
    """Return the languages for which a folder has phrases."""
    return tuple(sorted(file.stem for file in folder.glob("*.yaml")))


@cache
def load_phrases(folder: Path, language: str) -> Mapping[str, Any]:
    """Return the phrases of a language by name, from a folder and its subfolders; those of English if there are none."""
    known = language if language in phrase_languages(folder) else FALLBACK_LANGUAGE
    loaded: dict[str, Any] = {}
    for file in sorted(folder.rglob(f"{known}.yaml")):
        loaded |= yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded
