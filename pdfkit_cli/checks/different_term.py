"""Terms that are not translated as the library's glossary of the language says."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content import glossary, translations
from pdfkit_cli.content.glossary import GlossaryEntry
from pdfkit_cli.content.library import Translation
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each segment whose source has a term of the glossary, and which has none of its translations.

    Texts whose blocks differ from those of the source have a finding of their own.
    """
    for original, text in translations.source_translation_pairs(context.library):
        file = context.library.glossaries.get(text.language)
        known = glossary.entries(file.model, original.language) if file else ()
        known = tuple(glossary.found_entries(known, original.source.text))
        if file and known and not translations.first_difference(text, original):
            for line, entry in _problems(original, text, known):
                at = file.place(original.language, entry.written)
                yield SourceLocation(text.source.name, line), _message(entry, at)


def _problems(
    original: Translation, text: Translation, known: tuple[GlossaryEntry, ...]
) -> Iterator[tuple[int, GlossaryEntry]]:
    for theirs, ours in zip(original.segments, text.segments, strict=True):
        for entry in glossary.found_entries(known, theirs.words):
            if not entry.is_translated_in(glossary.folded(ours.words)):
                yield ours.line, entry


def _message(entry: GlossaryEntry, at: SourceLocation) -> str:
    wanted = " or ".join(f"“{term}”" for term in entry.translations)
    return f"“{entry.term}” is {wanted} in {at.file}:{at.line}, but not here; use it, or add there what fits as well"


RULE = Rule("different-term", "A term that is not translated as the glossary says", Severity.WARNING, check)
