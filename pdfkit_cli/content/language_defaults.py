"""The phrases and word lists that come with pdfkit, by language. A library can override single keys."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.yaml_source import SourceFile

_FILES = resources.files("pdfkit_cli.content")


@lru_cache(maxsize=4)
def packaged_files(folder: str) -> Mapping[str, tuple[Mapping[str, Any], str, str]]:
    """Return the data, text and digest of each packaged file in `phrases` or `words`, by language."""
    return {file.name.removesuffix(".yaml"): _read(file) for file in _yaml_files(folder)}


def _yaml_files(folder: str) -> Iterator[Traversable]:
    return (file for file in sorted((_FILES / folder).iterdir(), key=lambda file: file.name) if file.is_file())


def _read(file: Traversable) -> tuple[Mapping[str, Any], str, str]:
    source = yaml_source.decode(file.read_bytes(), file.name)
    return yaml_source.parse_yaml(source).data, source.text, source.digest


def packaged_source(folder: str, language: str, name: str) -> SourceFile:
    """Return the packaged file of a language; findings refer to it as `name`, the file with which a library would override it."""
    _, text, digest = packaged_files(folder)[language]
    return SourceFile(name, text, digest)


def with_defaults(folder: str, language: str, own: Any) -> Any:
    """Return the data of a library's own file merged over pdfkit's. In `words`, an entry without a value removes the word from the list."""
    if not isinstance(own, dict | None):
        return own
    base = packaged_files(folder)[language][0] if language in packaged_files(folder) else {}
    merged = {**base, **(own or {})}
    if isinstance(listed := merged.get("words"), dict):
        merged["words"] = {word: plainer for word, plainer in (base.get("words", {}) | listed).items() if plainer}
    return merged
