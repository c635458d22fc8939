"""Texts for readers of several languages: a YAML file a language, in a folder beside the package that prints them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FALLBACK_LANGUAGE: Final = "en"
"""The language of who reads another one than there are phrases in."""


@cache
def phrase_languages(folder: Path) -> tuple[str, ...]:
    """Return the languages that a folder has phrases in."""
    return tuple(sorted(file.stem for file in folder.glob("*.yaml")))


@cache
def load_phrases(folder: Path, language: str) -> Mapping[str, Any]:
    """Return the phrases of a language by their names, from a folder and those in it; those of English where there are none."""
    known = language if language in phrase_languages(folder) else FALLBACK_LANGUAGE
    loaded: dict[str, Any] = {}
    for file in sorted(folder.rglob(f"{known}.yaml")):
        loaded |= yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded
