"""What the desk says, in the languages of those who work at it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

import yaml

from pdfkit_cli.content.models import Channel

LANGUAGES = ("da", "sv", "en")
"""The languages of the desk itself; leaflets have any."""

FALLBACK_LANGUAGE = "en"

Phrase: TypeAlias = str | Mapping[str, str]
"""A text with `{…}` to be filled in; or `one` and `other`, by the number `n`."""

PHRASES_FOLDER = Path(__file__).parent / "phrases"


@cache
def load_phrases(language: str) -> Mapping[str, Phrase]:
    """Return every phrase of a language by its name."""
    loaded: dict[str, Phrase] = {}
    for file in sorted(PHRASES_FOLDER.rglob(f"{language}.yaml")):
        loaded |= yaml.safe_load(file.read_text("utf-8"))
    return loaded


class Translator:
    """The phrases of one language, as templates ask for them: `say("sheets", n=3)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else FALLBACK_LANGUAGE

    def __call__(self, name: str, **values: object) -> str:
        phrase = load_phrases(self.language)[name]
        if not isinstance(phrase, str):
            phrase = phrase["one" if values["n"] == 1 else "other"]
        return phrase.format(**values)

    def channel(self, name: str, channel: Channel) -> str:
        """Return what a channel is called: its title in library.yaml, or else ours for the usual channels."""
        title = channel.title.get(self.language) or channel.title.get(FALLBACK_LANGUAGE)
        return title or str(load_phrases(self.language).get(f"channel_{name}", name))

    def raw(self, name: str) -> str:
        """Return a phrase with its `{…}` still in it, for a script to fill in."""
        return str(load_phrases(self.language)[name])
