"""Extracts: the part of an edition that a format shows. What is drawn and what is proven are both made from it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pdfkit_cli.content.blocks import Block, Blocks, Directive, Footnote, Heading, List, plain_text, walk
from pdfkit_cli.content.editions import Edition, ResolvedText
from pdfkit_cli.content.models import Extract
from pdfkit_cli.errors import Finding, SourceError
from pdfkit_cli.system.caching import LastValueCache

NOTHING_TO_EXTRACT = "nothing-to-extract"
"""The code of a format for which a text has no block."""

_texts: LastValueCache[dict[Extract, tuple[str, ResolvedText]]] = LastValueCache()


def extract_edition(edition: Edition, extract: Extract | None) -> Edition:
    """Return the edition with no more than an extract of its text, for a format that shows one; else the edition itself.

    Its digest remains that of the edition, so that an extract is out of date when its leaflet is.
    """
    if extract is None:
        return edition
    known = {} if edition.personal else _texts(edition.text, dict)
    if extract not in known:
        known[extract] = _extracted(edition, extract)
    title, text = known[extract]
    return replace(edition, title=title or edition.title, summary="", text=text, whole=edition, extract=extract)


def chosen_blocks(blocks: Blocks, extract: Extract) -> Iterator[tuple[Blocks, Directive]]:
    """Yield each block that an extract shows, after the blocks among which it is, in the order of the text."""
    for block in blocks:
        if isinstance(block, Directive):
            holds = not extract.holding or any(_is_called(node, extract.holding) for node in walk(block.blocks))
            if block.name == extract.block and holds:
                yield blocks, block
            else:
                yield from chosen_blocks(block.blocks, extract)


def has_chosen(blocks: Blocks, extract: Extract) -> bool:
    """Return whether a text has a block that an extract shows."""
    return next(chosen_blocks(blocks, extract), None) is not None


def missing_message(extract: Extract, format_name: str, language: str) -> str:
    """Return the message for a text without such a block, in a leaflet that offers the format."""
    wanted = f"::: {extract.block}" + (f" with a ::: {extract.holding} in it" if extract.holding else "")
    return f"the text in {language} has no {wanted}, which {format_name} shows; add one, or take {format_name} out of the formats"


def require_blocks(edition: Edition, extract: Extract | None, format_name: str) -> None:
    """Raise SourceError, at the format in leaflet.yaml, if the edition has no block that the format shows."""
    if extract is None or has_chosen(edition.blocks, extract):
        return
    leaflet = edition.leaflet
    offered = leaflet.model.formats
    place = leaflet.place("formats", offered.index(format_name)) if format_name in offered else leaflet.place("formats")
    message = missing_message(extract, format_name, edition.key.language)
    raise SourceError([Finding(NOTHING_TO_EXTRACT, message, place)])


def _is_called(node: Any, name: str) -> bool:
    return isinstance(node, Directive) and node.name == name


def _extracted(edition: Edition, extract: Extract) -> tuple[str, ResolvedText]:
    """Return the heading of an extract, empty without, and its text."""
    found = list(chosen_blocks(edition.blocks, extract))
    title, before = _section(*found[0]) if found and extract.section else ("", ())
    blocks = tuple(_at_top(block) for block in (*before, *(block for _, block in found)))
    links = tuple(link for link in edition.links if link in set(walk(blocks)))
    return title, ResolvedText(blocks, links, edition.text.elsewhere)


def _section(blocks: Blocks, first: Block) -> tuple[str, Blocks]:
    """Return the heading of the section that a block is in, and the text between both."""
    end = blocks.index(first)
    headings = [at for at, block in enumerate(blocks[:end]) if isinstance(block, Heading)]
    if not headings:
        return "", ()
    heading = blocks[headings[-1]]
    assert isinstance(heading, Heading)
    title = plain_text(tuple(node for node in heading.children if not isinstance(node, Footnote)))
    return title, blocks[headings[-1] + 1 : end]


def _at_top(block: Block) -> Block:
    """Return a block whose highest heading is right below the title: no level may be left out (ISO 14289-1, 7.4.2)."""
    levels = [node.level for node in walk((block,)) if isinstance(node, Heading | Directive) and node.level]
    return _raised(block, min(levels) - 2) if levels and min(levels) > 2 else block


def _raised(block: Block, by: int) -> Block:
    match block:
        case Heading():
            return replace(block, level=block.level - by)
        case Directive():
            inner = tuple(_raised(part, by) for part in block.blocks)
            return replace(block, blocks=inner, level=max(block.level - by, 0))
        case List():
            items = (replace(item, blocks=tuple(_raised(part, by) for part in item.blocks)) for item in block.items)
            return replace(block, items=tuple(items))
        case _:
            return block
