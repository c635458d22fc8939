"""The founding library itself: nothing wrong in it, plain words, translations that say what their source says."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from pdfkit_cli.build.pipeline import BuildRequest, dry_run
from pdfkit_cli.content import editions, loader
from pdfkit_cli.content.blocks import (
    Directive,
    Field,
    Figure,
    FootnoteMark,
    Heading,
    Link,
    List,
    Paragraph,
    Table,
    plain_text,
    walk,
)
from pdfkit_cli.content.language_files import known_language
from pdfkit_cli.content.languages.readability import count_words, lix_score, total_count
from pdfkit_cli.content.library import Library, Translation
from pdfkit_cli.content.models import Audience, Status
from tests.helpers import founding_library_build
from tests.helpers.tiny_library import FOUNDING

DAY = date(2026, 11, 21)
TEXTS = sorted(FOUNDING.glob("content/*/*.md"))
NAMES = [f"{path.parent.name}.{path.stem}" for path in TEXTS]
TRANSLATIONS = [name for name, path in zip(NAMES, TEXTS, strict=True) if "\ntranslation:" in path.read_text("utf-8")]
NUMBER = re.compile(r"\d+(?:[.,]\d+)?(?:–\d+(?:[.,]\d+)?)?")

IN_WORDS = {"ساعة واحدة": "1 ساعة", "سنة واحدة": "1 سنة", "يوم أو يومين": "1–2 يوم"}
"""Numbers that Arabic writes as words, and the same in digits."""

QUOTATION_MARKS = {"da": "»«", "sv": "”", "en": "“”", "ar": "«»"}


@cache
def library() -> Library:
    return loader.load_library(FOUNDING)


def text(name: str) -> Translation:
    leaflet, language = name.split(".")
    return library().leaflets[leaflet].translations[language]


def segments(name: str) -> Iterator[str]:
    """Yield the words of each part of a text that stands by itself: title, heading, paragraph, list item, cell."""
    yield text(name).front_matter.title
    yield text(name).front_matter.summary
    for node in walk(text(name).body.blocks):
        match node:
            case Heading() | Paragraph():
                yield plain_text(node)
            case Table():
                yield from map(plain_text, (*node.head, *(cell for row in node.rows for cell in row)))
            case Directive():
                yield node.argument
    for _, footnote in text(name).body.footnotes:
        yield plain_text(footnote)


def skeleton(node: object) -> object:
    """Return what source and translation share: kinds of blocks, levels, arguments, pictures, fields and numbers."""
    match node:
        case tuple():
            return [skeleton(child) for child in node]
        case Heading():
            return "heading", node.level, shared(node)
        case Paragraph():
            return "paragraph", shared(node)
        case Figure():
            return "figure", node.source
        case Table():
            return "table", [shared(cell) for cell in node.head], [[shared(cell) for cell in row] for row in node.rows]
        case Directive("step" | "exercise" | "slot"):
            return node.name, node.argument, skeleton(node.blocks)
        case Directive():
            return node.name, bool(node.argument), NUMBER.findall(node.argument), skeleton(node.blocks)
        case List():
            return "list", node.ordered, node.start, [skeleton(item.blocks) for item in node.items]
    raise AssertionError(node)


def shared(node: object) -> list[str]:
    """Return the numbers of one passage, in order, and its fields, links and footnote marks."""
    marks = []
    for part in walk(node):
        match part:
            case Field():
                marks.append(part.name)
            case Link():
                marks.append(part.href)
            case FootnoteMark():
                marks.append(part.label)
    return [*numbers(plain_text(node)), *marks]


def numbers(words: str) -> list[str]:
    """Return the numbers of a passage, in order."""
    for spelled, digits in IN_WORDS.items():
        words = words.replace(spelled, digits)
    return NUMBER.findall(words)


def test_the_founding_library_has_no_findings_but_the_true_ones(tmp_path: Path) -> None:
    plan, summary = dry_run(BuildRequest(FOUNDING, tmp_path, as_of=DAY))
    root = f"{FOUNDING.as_posix()}/content/"
    found = {(finding.code, finding.place.file.removeprefix(root)) for finding in summary.findings}
    drafts = {("draft-leaflet", f"{name}/leaflet.yaml") for name in library().leaflets}
    unreviewed = {("translation-unreviewed", f"{name.replace('.', '/')}.md") for name in TRANSLATIONS}
    boxes = {path: len(re.findall(r"^:::+ warning\b", path.read_text("utf-8"), re.M)) for path in TEXTS}
    several = {("several-warnings", f"{path.parent.name}/{path.name}") for path, count in boxes.items() if count > 1}
    number = 10 + sum(count - 1 for count in boxes.values() if count > 1)
    assert (found, len(summary.findings), summary.failed) == (drafts | unreviewed | several, number, {})
    assert len(plan.run) == len(founding_library_build.output_keys())
    assert len(NAMES) == 10


def test_what_patients_read_or_are_told_is_plain() -> None:
    measured = {
        name: lix_score(total_count(count_words(text, known_language(name[-2:])) for text in segments(name)))
        for name in NAMES
        if name.endswith((".da", ".sv"))
        and library().leaflets[name.split(".")[0]].model.audience is not Audience.CLINICIAN
    }
    assert len(measured) == 5
    assert {name: value for name, value in measured.items() if value > 40} == {}


def source_of(name: str) -> str:
    leaflet = name.split(".")[0]
    return f"{leaflet}.{library().leaflets[leaflet].model.source_language}"


def test_every_text_but_the_sources_is_an_unreviewed_translation() -> None:
    assert {source_of(name) for name in NAMES} == set(NAMES) - set(TRANSLATIONS)
    assert {text(name).front_matter.translation for name in TRANSLATIONS} == {"unreviewed"}


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_has_the_blocks_and_numbers_of_its_source(name: str) -> None:
    source = source_of(name)
    assert skeleton(text(name).body.blocks) == skeleton(text(source).body.blocks)
    for ours, theirs in zip(
        [*segments(name), *alternatives(name)], [*segments(source), *alternatives(source)], strict=True
    ):
        assert numbers(ours) == numbers(theirs), ours


def alternatives(name: str) -> list[str]:
    return [node.alt for node in walk(text(name).body.blocks) if isinstance(node, Figure)]


def test_every_leaflet_is_a_draft_that_nobody_has_approved() -> None:
    for entry in library().leaflets.values():
        assert entry.model.status is Status.DRAFT
        assert (entry.model.reviewed, entry.model.review_by) == (None, None)


@pytest.mark.parametrize("name", NAMES)
def test_no_phone_number_or_address_is_typed(name: str) -> None:
    words = text(name).source.text
    assert "@" not in words
    assert re.findall(r"(?:\d[ .\-\u00a0]?){6,}", words) == []


@pytest.mark.parametrize("name", NAMES)
def test_signs_are_those_of_the_language(name: str) -> None:
    words = "\n".join([*segments(name), *alternatives(name)])
    assert re.findall(r"[\"'‘„]|\d-\d| - |--|\.\.\.|\u00ad|  ", words) == []
    assert re.findall(r"\w [,.;:?!]", text(name).source.text) == []
    assert set(re.findall(r"[»«“”]", words)) <= set(QUOTATION_MARKS[name[-2:]])


def test_every_format_variant_and_language_is_handed_out_by_some_clinic() -> None:
    output_keys = list(editions.output_keys(library()))
    for name, entry in library().leaflets.items():
        ours = [output_key for output_key in output_keys if output_key.edition.leaflet == name]
        assert {output_key.format for output_key in ours} == set(entry.model.formats)
        assert {output_key.edition.variant for output_key in ours} == set(entry.model.variants)
        assert {output_key.edition.language for output_key in ours} == set(entry.translations)


def test_every_edition_can_be_resolved() -> None:
    keys = {output_key.edition for output_key in editions.output_keys(library())}
    assert all(editions.resolve_edition(library(), key).blocks for key in keys)
