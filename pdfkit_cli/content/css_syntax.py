"""Checks that CSS of a library is well-formed, so that it cannot affect the stylesheet around it."""

from collections.abc import Iterable, Iterator
from typing import Any

from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Finding, SourceLocation

_END = "pdfkit-end-of-file"


def css_problems(source: SourceFile) -> tuple[Finding, ...]:
    """Return a finding for each unmatched bracket and each unclosed string, comment or block."""
    import tinycss2  # many libraries have no CSS

    tokens = tinycss2.parse_component_value_list(f"{source.text}\n{_END}")
    wrong = [*_errors(tokens)]
    if not wrong and getattr(tokens[-1], "value", "") != _END:
        wrong = [(tokens[-1].source_line, tokens[-1].source_column, "is never closed; close it")]
    return tuple(Finding("css", message, SourceLocation(source.name, line, column)) for line, column, message in wrong)


def _errors(tokens: Iterable[Any]) -> Iterator[tuple[int, int, str]]:
    for token in tokens:
        if token.type == "error":
            yield token.source_line, token.source_column, f"{token.message}; correct the CSS"
        for inside in ("content", "arguments"):
            yield from _errors(getattr(token, inside, None) or ())
