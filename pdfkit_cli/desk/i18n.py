"""The texts of the desk, in the languages of the staff who use it."""

from pathlib import Path
from typing import Final

from pdfkit_cli.content.models import Channel, text_in
from pdfkit_cli.system.phrases import FALLBACK_LANGUAGE, load_phrases

LANGUAGES: Final = ("da", "sv", "en")
"""The languages of the desk itself; leaflets have any."""

PHRASES_FOLDER: Final = Path(__file__).parent / "phrases"


class Translator:
    """The phrases of one language, as templates ask for them: `say("sheets", n=3)`.

    A phrase is a text with `{…}` to fill in, or has the forms `one` and `other` for the number `n`.
    """

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else FALLBACK_LANGUAGE
        self.phrases = load_phrases(PHRASES_FOLDER, self.language)

    def __call__(self, name: str, **values: object) -> str:
        phrase = self.phrases[name]
        if not isinstance(phrase, str):
            phrase = phrase["one" if values["n"] == 1 else "other"]
        return str(phrase.format(**values))

    def channel(self, name: str, channel: Channel) -> str:
        """Return what a channel is called: its title in library.yaml, or else the desk's own name for the usual channels."""
        return text_in(channel.title, self.language) or str(self.phrases.get(f"channel_{name}", name))

    def problem(self, code: str) -> str:
        """Return a problem and its remedy at the desk; empty for a code that only its own message explains."""
        return str(self.phrases.get(f"problem_{code}", ""))

    def remedy(self, code: str) -> str:
        """Return what a finding means and what to do about it; empty for a code of a plug-in, which has only its own message."""
        return str(self.phrases.get(f"fix_{code}", ""))

    def raw(self, name: str) -> str:
        """Return a phrase with its `{…}` still in it, for a script to fill in."""
        return str(self.phrases[name])
