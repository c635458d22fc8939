"""A language: its code, its file, and what CLDR knows of it where the file is silent."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from babel import Locale

from pdfkit_cli.content.languages import locales
from pdfkit_cli.content.languages.language_file import LanguageFile
from pdfkit_cli.content.models import Phrases

_ZEROS: Final = {"arab": "\u0660", "arabext": "\u06f0", "deva": "\u0966", "tamldec": "\u0be6", "thai": "\u0e50"}
"""The digit 0 of numbering systems."""


@dataclass(frozen=True, eq=False)
class Language:
    """One language. It is compared by identity, so that patterns made from it can be cached by it."""

    code: str
    file: LanguageFile

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all that decides how a text in it is read."""
        return hashlib.sha256(f"{self.code} {self.file.model_dump_json()}".encode()).hexdigest()

    @cached_property
    def locale(self) -> Locale:
        """Its locale in CLDR."""
        return locales.parse_locale(self.file.locale or self.code)

    @cached_property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return self.file.direction or ("rtl" if self.locale.text_direction == "rtl" else "ltr")

    @property
    def is_rtl(self) -> bool:
        """Whether it is written from right to left."""
        return self.direction == "rtl"

    @cached_property
    def script(self) -> str:
        """The script that it is written in, such as Latn or Arab; nothing where that is not known."""
        return self.file.script or locales.script_of(self.code)

    @property
    def phrases(self) -> Phrases:
        """The phrases that layouts print. Raises LookupError if it has none; then no edition is made in it."""
        if self.file.phrases is None:
            raise LookupError(self.code)
        return self.file.phrases

    @cached_property
    def own_name(self) -> str:
        """Its name in itself, capitalized if the script has capitals."""
        name = self.file.name or locales.display_name(self.code, self.code)
        return name[:1].upper() + name[1:]

    def name_in(self, language: str) -> str:
        """Return its name in a language, given by its code, in the form used inside a sentence."""
        if language == self.code and self.file.name:
            return self.file.name
        return self.file.names.get(language) or locales.display_name(self.code, language)

    def in_digits(self, text: str) -> str:
        """Return a text of pdfkit's own with the digits of the language."""
        zero = _ZEROS.get(self.file.digits)
        return text.translate({48 + digit: ord(zero) + digit for digit in range(10)}) if zero else text
