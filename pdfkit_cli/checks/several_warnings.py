"""More than one warning in a leaflet: the red box then no longer means “act now”."""

from collections.abc import Iterator

from pdfkit_cli.checks.rule import CheckContext, Rule, Violation
from pdfkit_cli.content.blocks import Directive
from pdfkit_cli.errors import Severity, SourceLocation


def check(context: CheckContext) -> Iterator[Violation]:
    """Yield every warning of a text but the first."""
    for leaflet in context.library.leaflets.values():
        for text in leaflet.translations.values():
            warnings = [node for node in text.body.nodes if isinstance(node, Directive) and node.name == "warning"]
            for warning in warnings[1:]:
                message = (
                    f"the leaflet already has a warning, in line {warnings[0].line}; keep “warning” for when to act now, "
                    "once, and write “::: important Title” for what else matters"
                )
                yield SourceLocation(text.source.name, warning.line, 1), message


RULE = Rule("several-warnings", "More than one warning in a leaflet", Severity.WARNING, check)
