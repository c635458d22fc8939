"""The pairs of colours that are printed on each other, as the layouts list them."""

import re
from collections.abc import Mapping

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.models import ColourPair, ColourPairs
from pdfkit_cli.content.yaml_source import SourceFile

NAMED_COLOURS = {"white": "#ffffff"}
_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_VARIABLE = re.compile(r"(--[\w-]+):\s*(#[0-9a-fA-F]{6})\s*;")


def colour_pairs(source: SourceFile | None) -> tuple[ColourPair, ...]:
    """Return the pairs listed in colours.yaml of the layouts; an empty tuple without that file. Raises SourceError if it is invalid."""
    if source is None:
        return ()
    return yaml_source.validate_model(ColourPairs, source, yaml_source.parse_yaml(source)).pairs


def colour_variables(css: SourceFile | None) -> Mapping[str, str]:
    """Return the colours that CSS sets as custom properties of `:root`, by name."""
    return dict(_VARIABLE.findall("".join(_ROOT.findall(css.text)))) if css else {}
