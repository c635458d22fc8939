"""Writes the text of a translation: its own file with some passages replaced, or the blocks of the source with other words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import yaml

from pdfkit_cli.content import markdown, personal_fields, references, translations, yaml_edit, yaml_source
from pdfkit_cli.content.blocks import Emphasis, FootnoteMark, Inline, Inlines, Span, Strong, walk
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import LeafletEntry, Translation
from pdfkit_cli.content.loader import split_front_matter
from pdfkit_cli.content.models import FrontMatter
from pdfkit_cli.content.yaml_source import KeyPath, SourceFile
from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.translation import inline_codes
from pdfkit_cli.translation.passages import Form, Part, Passage, locate_passages

Words: TypeAlias = tuple[Inlines | None, ...]
"""The words of the parts of a passage; None where they stay as they are."""


def with_words(text: Translation, passages: Sequence[Passage], words: Mapping[int, Words], head: str = "") -> str:
    """Return the text of a file with the words of some passages replaced, by the index of the passage; all else stays, byte for byte.

    `head` takes the place of the front matter, and has the words of its passages already.
    """
    pairs = [pair for index, new in words.items() for pair in zip(passages[index].parts, new, strict=True)]
    changed = [(part, new) for part, new in pairs if new is not None and not _same(new, part.words)]
    file = text.source.text
    edits = [(part.start, part.end, _written(part, new)) for part, new in changed if part.form is not Form.YAML]
    for start, end, new in sorted(edits, reverse=True):
        file = file[:start] + new + file[end:]
    old_head = split_front_matter(text.source)[0]
    values = {part.key: inline_codes.words_of(new) for part, new in changed if part.form is Form.YAML}
    head = head or yaml_edit.replace_values(old_head, values, "title")
    return _with_head(file, old_head, head)


def _with_head(file: str, old: str, new: str) -> str:
    start = file.index("\n") + 1
    return file[:start] + new + file[start + len(old) :]


def _same(one: Inlines, other: Inlines) -> bool:
    return inline_codes.without_places(one) == inline_codes.without_places(other)


def _written(part: Part, words: Inlines) -> str:
    plain = inline_codes.words_of(words)
    match part.form:
        case Form.MARKDOWN | Form.CELL:
            return inline_codes.to_markdown(words, cell=part.form is Form.CELL)
        case Form.ALT_TEXT:
            return inline_codes.escape(plain)
        case Form.CAPTION:
            return ' "{}"'.format(plain.replace("\\", "\\\\").replace('"', '\\"')) if plain else ""
        case _:
            return f" {plain}" if part.start == part.end and plain else plain


def new_front_matter(passages: Sequence[Passage], words: Mapping[int, Words]) -> str:
    """Return the front matter of a translation that does not exist yet, without search words: those are not translated but chosen."""
    values: dict[str, str | dict[str, str]] = {}
    for index, passage in enumerate(passages):
        for part, new in zip(passage.parts, words.get(index, ()), strict=False):
            if part.form is Form.YAML and new:
                if part.key[0] == "personal":
                    labels = values.setdefault("personal", {})
                    assert isinstance(labels, dict)
                    labels[str(part.key[1])] = inline_codes.words_of(new)
                else:
                    values[str(part.key[0])] = inline_codes.words_of(new)
    values["translation"] = "unreviewed"
    written: str = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=float("inf"))
    return written.rstrip("\n")


def front_matter_with(text: Translation, passages: Sequence[Passage], words: Mapping[int, Words]) -> str:
    """Return the front matter of a text with the words of some passages of another text that has the same keys."""
    pairs = [pair for index, new in words.items() for pair in zip(passages[index].parts, new, strict=True)]
    values: dict[KeyPath, Any] = {part.key: inline_codes.words_of(new) for part, new in pairs if new}
    labels = {path[1]: values.pop(path) for path in list(values) if path[0] == "personal"}
    if labels != dict(text.front_matter.personal):
        values["personal",] = labels
    return yaml_edit.replace_values(split_front_matter(text.source)[0], values, "title")


def mark_unreviewed(text: str, name: str) -> str:
    """Return a translation of which the present words have not been reviewed."""
    head = split_front_matter(SourceFile(name, text, ""))[0]
    return _with_head(text, head, yaml_edit.replace_values(head, {("translation",): "unreviewed"}, "title"))


def read_translation(text: str, name: str, rules: Language, leaflet: LeafletEntry) -> Translation:
    """Return a text as the library would load it, apart from its pictures. Raises SourceError."""
    source = yaml_source.decode(text.encode(), name)
    head, body_text, line = split_front_matter(source)
    parsed = yaml_source.parse_yaml(source, head, 2)
    front_matter = yaml_source.validate_model(FrontMatter, source, parsed)
    body, findings = markdown.parse(body_text, name, line)
    findings += references.body_findings(body, name, leaflet.model)
    findings += personal_fields.personal_field_findings(body, front_matter, name, leaflet.model, parsed.positions)
    if findings:
        raise SourceError(findings)
    return Translation(rules.code, front_matter, body, {}, source, rules)


def check_words(text: Translation, source: Translation, words: Mapping[int, Words]) -> None:
    """Raise SourceError unless a text has the blocks of its source, and in them the words that it should have."""
    if found := translations.first_difference(text, source):
        message = translations.describe_difference(found, source.source.name)
        line = (found.ours or text.segments[-1]).line
        raise SourceError([Finding("different-structure", message, SourceLocation(text.source.name, line))])
    passages = locate_passages(text)
    for index, new in words.items():
        for part, wanted in zip(passages[index].parts, new, strict=True):
            if wanted is not None and not _same(part.words, wanted):
                message = "the words cannot be written with these marks; put a space or a plain letter beside each code"
                raise SourceError(
                    [Finding("translate", message, SourceLocation(text.source.name, passages[index].segment.line))]
                )


def footnote_labels(text: Translation) -> tuple[str, ...]:
    """Return the labels of the footnotes of a text, in the order in which they are called."""
    return tuple(node.label for node in walk(text.body.blocks) if isinstance(node, FootnoteMark))


def relabelled(nodes: Inlines, labels: Mapping[str, str]) -> Inlines:
    """Return nodes whose calls of footnotes have other labels; what is not in `labels` keeps its own."""
    return tuple(_relabelled(node, labels) for node in nodes)


def _relabelled(node: Inline, labels: Mapping[str, str]) -> Inline:
    match node:
        case FootnoteMark(label):
            return replace(node, label=labels.get(label, label))
        case Strong(children) | Emphasis(children) | Span(children):
            return replace(node, children=relabelled(children, labels))
        case _:
            return node
