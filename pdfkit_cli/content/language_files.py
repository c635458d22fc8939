"""The files of the languages: those that come with pdfkit, and what a library's own file makes of one."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

import yaml

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.languages.language_file import LanguageFile
from pdfkit_cli.content.packaged import PACKAGE, packaged_languages
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.content.yaml_source import ParsedYaml, SourceFile
from pdfkit_cli.errors import Finding, SourceError, SourceLocation

FOLDER: Final = "languages"
"""The folder of the files, in pdfkit and in a library."""

_MERGED: Final = ("names", "dates", "number_words", "plain_words", "sample", "phrases")
"""Keys of which a library may override single keys."""


@cache
def packaged_source(code: str) -> SourceFile | None:
    """Return pdfkit's file of a language; None if there is none."""
    if code not in packaged_languages():
        return None
    name = f"{FOLDER}/{code}.yaml"
    return yaml_source.decode((PACKAGE / name).read_bytes(), name)


@cache
def _packaged_data(code: str) -> Mapping[str, Any]:
    source = packaged_source(code)
    data: Mapping[str, Any] = yaml.load(source.text, yaml.CBaseLoader) if source else {}  # noqa: S506
    return data


@cache
def known_language(code: str) -> Language:
    """Return a language as pdfkit knows it, without a library: by its file, or else by CLDR alone."""
    return Language(code, LanguageFile.model_validate(_packaged_data(code)))


@lru_cache(256)
def library_language(code: str, own: SourceFile) -> tuple[Language, yaml_source.Positions]:
    """Return a language with a library's own file over pdfkit's, and the positions in that file. Raises SourceError."""
    parsed = yaml_source.parse_yaml(own)
    merged = ParsedYaml(_merge(_packaged_data(code), parsed.data), parsed.positions)
    file = yaml_source.validate_model(LanguageFile, own, merged)
    if file.phrases is None:
        message = f"“phrases” is missing: pdfkit has none in “{code}”; write them all"
        raise SourceError([Finding("missing-key", message, SourceLocation(own.name, 1, 1))])
    if file.hyphenation and file.hyphenation != _packaged_data(code).get("hyphenation"):
        _require_dictionary(file.hyphenation, SourceLocation(own.name, *parsed.positions.get(("hyphenation",), (1, 1))))
    return Language(code, file), parsed.positions


def _require_dictionary(name: str, place: SourceLocation) -> None:
    """Raise SourceError if pyphen has no dictionary of this name."""
    import pyphen  # only a library with a dictionary of its own needs it

    if pyphen.language_fallback(name) is None:
        message = f"there is no dictionary “{name}”{did_you_mean(name, pyphen.LANGUAGES)}"
        raise SourceError([Finding("bad-name", message, place)])


def _merge(base: Mapping[str, Any], own: Any) -> Any:
    """Return the data of a library's file merged over pdfkit's. In `plain_words`, a word without a value is removed."""
    if not isinstance(own, dict | None):
        return own
    merged = {**base, **(own or {})}
    for key in _MERGED:
        if isinstance(ours := base.get(key), dict) and isinstance(theirs := merged[key], dict):
            merged[key] = {**ours, **theirs}
    if isinstance(added := merged.get("safety_words"), list) and base.get("safety_words") is not added:
        merged["safety_words"] = [*base.get("safety_words", []), *added]
    if isinstance(plain := merged.get("plain_words"), dict) and isinstance(listed := plain.get("words"), dict):
        words = base.get("plain_words", {}).get("words", {}) | listed
        merged["plain_words"] = plain | {"words": {word: plainer for word, plainer in words.items() if plainer}}
    return merged
