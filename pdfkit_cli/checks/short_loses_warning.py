"""A warning that the short variant leaves out."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.block_specs import Role
from pdfkit_cli.content.blocks import Blocks, Directive, List, Span, walk
from pdfkit_cli.content.models import Variant
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield each warning or call panel that is marked as full, completely or in part, in leaflets with a short variant."""
    short = {
        name: leaflet
        for name, leaflet in context.library.leaflets.items()
        if Variant.SHORT in leaflet.model.variants and leaflet.model.in_use
    }
    for leaflet in short.values():
        for text in leaflet.translations.values():
            yield from (
                (SourceLocation(text.source.name, line), message) for line, message in _lost_warnings(text.body.blocks)
            )
    for clinic in context.library.clinics.values():
        for (name, slot, language), (body, wording) in clinic.slots.items():
            text_around = short[name].translations.get(language) if name in short else None
            if text_around:
                in_full = _slot_is_full_only(text_around.body.blocks, slot)
                yield from (
                    (SourceLocation(wording.name, line), message)
                    for line, message in _lost_warnings(body.blocks, in_full)
                )


def _lost_warnings(blocks: Blocks, in_full: bool = False, flag: str = "") -> Iterator[tuple[int, str]]:
    """Yield the line of each red flag inside a block for the full variant, and of each such mark inside a red flag."""
    for block in blocks:
        if isinstance(block, Directive):
            inside = flag or (block.name if block.spec.red_flag else "")
            if inside and not flag and in_full:
                yield block.line, f"the short variant leaves out this {inside}; move it out of the “full” block"
            elif inside and block.spec.role is Role.FULL_ONLY:
                yield (
                    block.line,
                    f"the short variant leaves out part of this {inside}; move the text out of the “full” block",
                )
            else:
                yield from _lost_warnings(block.blocks, in_full or block.spec.role is Role.FULL_ONLY, inside)
        elif isinstance(block, List):
            yield from (found for item in block.items for found in _lost_warnings(item.blocks, in_full, flag))
        elif flag and any(isinstance(node, Span) and node.full for node in walk(block)):
            yield block.line, f"the short variant leaves out words of this {flag}; remove “{{.full}}”"


def _slot_is_full_only(blocks: Blocks, slot: str) -> bool:
    full = (node for node in walk(blocks) if isinstance(node, Directive) and node.spec.role is Role.FULL_ONLY)
    return any(
        isinstance(node, Directive) and node.spec.role is Role.SLOT and node.argument == slot
        for block in full
        for node in walk(block.blocks)
    )


RULE = Rule(
    "short-loses-warning", "A warning that the short variant leaves out", Severity.ERROR, check, safety=True
)  # fmt: skip
