"""The style of each element from CSS and attributes: the cascade, and the names of unsupported properties."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from xml.etree.ElementTree import Element

import cssselect2
import tinycss2
from tinycss2.color5 import parse_color

from pdfkit_cli.pdf.images.svg import tree
from pdfkit_cli.pdf.images.svg.model import Colour

Style: TypeAlias = Mapping[str, str]
Report: TypeAlias = Callable[[Element, str], None]
Declarations: TypeAlias = tuple[tuple[str, str], ...]

INHERITED: Final = frozenset([
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "clip-rule", "color",
    "visibility", "marker-start", "marker-mid", "marker-end", "paint-order",
])  # fmt: skip
_OWN: Final = frozenset([
    "opacity", "display", "clip-path", "mask", "mask-type", "overflow", "stop-color", "stop-opacity",
    "transform", "background", "background-color",
])  # fmt: skip
_GEOMETRY: Final = frozenset(["x", "y", "width", "height", "cx", "cy", "r", "rx", "ry"])
"""Lengths of a shape that CSS may set."""

_NEUTRAL: Final = {
    "filter": {"none"},
    "mix-blend-mode": {"normal"},
    "isolation": {"auto", "isolate"},
    "vector-effect": {"none"},
    "color-interpolation": {"auto", "srgb"},
    "transform-box": {"view-box"},
    "transform-origin": {"0 0", "0px 0px", "0", "0px", "left top", "top left"},
    "clip": {"auto"},
    "marker": {"none"},
    "animation": {"none"},
    "transition": {"none"},
}
"""Properties that are supported only with values that change nothing."""

NO_EFFECT: Final = re.compile(
    r"-.+|font.*|text-.*|letter-spacing|word-spacing|kerning|line-height|white-space|writing-mode|direction|unicode-bidi"
    r"|.*-baseline|baseline-shift|glyph-orientation-.*|(color|shape|image)-rendering|color-interpolation-filters|color-scheme"
    r"|color-profile|pointer-events|cursor|user-select|solid-(color|opacity)|flood-(color|opacity)|lighting-color"
    r"|enable-background|block-progression|inline-size|shape-(inside|padding|margin|subtract)|will-change|outline|line-break|hyphens"
    r"|(margin|padding|max-width|max-height|vertical-align)(-.*)?|orphans|widows|tab-size|word-break|overflow-wrap|page-break.*|break-.*"
)
"""Properties that do nothing to shapes on paper."""

PRESENTATION: Final = (INHERITED | _OWN | _NEUTRAL.keys()) - {"transform", "background", "background-color"}


class StyleResolver:
    """The styles of a drawing; reports unsupported properties."""

    def __init__(self, root: Element, report: Report) -> None:
        self._normal, self._important = cssselect2.Matcher(), cssselect2.Matcher()
        self._report = report
        for element in root.iter():
            if tree.local_name(element) == "style":
                self._add_sheet(element)
        self._own: dict[Element, dict[str, str]] = {}
        for wrapper in cssselect2.ElementWrapper.from_xml_root(root).iter_subtree():
            element = wrapper.etree_element
            self._own[element] = self._cascaded(wrapper, element)
            self._check(element, self._own[element])

    def style(self, element: Element, inherited: Style) -> dict[str, str]:
        """Return the properties of an element, computed from its own and from those that it inherits."""
        own = self._own.get(element, {})
        found = {key: value for key, value in inherited.items() if key in INHERITED or key.startswith("--")}
        found |= {key: value for key, value in own.items() if key.startswith("--")}
        for key, given in own.items():
            value = _resolve_variables(given, found) if "(" in given else given
            keyword = value.lower() if value is not None else "unset"
            inherits = keyword == "inherit" or (keyword in ("unset", "revert") and key in INHERITED)
            if inherits:
                value = inherited.get(key)
            elif keyword in ("unset", "revert", "initial"):
                value = None
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return found

    def _add_sheet(self, element: Element) -> None:
        if element.get("type", "text/css") not in ("text/css", "") or element.get("media", "all") not in ("all", ""):
            self._report(element, "has a <style> that is not plain CSS for all media; leave only plain CSS")
            return
        text = "".join(element.itertext())
        for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
            if rule.type == "qualified-rule":
                self._add_rule(element, rule)
            elif rule.type == "at-rule" and rule.lower_at_keyword in ("font-face", "charset", "import"):
                continue  # text and references to other files are refused elsewhere
            else:
                name = f"@{rule.at_keyword}" if rule.type == "at-rule" else "a rule that is broken"
                self._report(
                    element, f"has {name} in <style>; leave only plain rules, or export with presentation attributes"
                )

    def _add_rule(self, element: Element, rule: Any) -> None:
        try:
            selectors = cssselect2.compile_selector_list(rule.prelude)
        except cssselect2.parser.SelectorError as error:
            selector = tinycss2.serialize(rule.prelude).strip()
            self._report(element, f"has the selector “{selector}” ({error}); export with presentation attributes")
            return
        normal, important = _declarations(rule.content)
        for selector in selectors:
            if selector.pseudo_element is None and not selector.never_matches:
                self._normal.add_selector(selector, normal)
                self._important.add_selector(selector, important)

    def _cascaded(self, wrapper: Any, element: Element) -> dict[str, str]:
        names = PRESENTATION | (_GEOMETRY if tree.local_name(element) in _SIZED else frozenset())
        found = {key: value.strip() for key, value in element.attrib.items() if key in names}
        normal, important = _declarations(element.get("style", ""))
        for matcher, last in ((self._normal, normal), (self._important, important)):
            for declarations in (*(match[-1] for match in matcher.match(wrapper)), last):
                for key, value in declarations:
                    if key == "marker":
                        found |= dict.fromkeys(("marker-start", "marker-mid", "marker-end"), value)
                    else:
                        found[key] = value
        return found

    def _check(self, element: Element, own: Style) -> None:
        for key, value in own.items():
            if key in INHERITED or key in _OWN or key.startswith("--") or value.lower() in _KEYWORDS:
                continue
            if key in _GEOMETRY and tree.local_name(element) in _SIZED:
                continue
            if key in _NEUTRAL:
                if value.lower() not in _NEUTRAL[key]:
                    self._report(element, f"has {key}: {value[:40]}; {_ADVICE.get(key, _FLATTEN)}")
            elif not NO_EFFECT.fullmatch(key):
                self._report(element, f"has the property {key}, which is not known here; {_FLATTEN}")


_SIZED: Final = frozenset(("svg", "rect", "circle", "ellipse", "image", "use", "symbol"))
_KEYWORDS: Final = frozenset(("inherit", "initial", "unset", "revert"))
_FLATTEN: Final = "draw it without, or export the drawing as a PNG"
_ADVICE: Final = {
    "filter": "draw the effect as shapes, or export the drawing as a PNG",
    "mix-blend-mode": "draw it in the colours that are seen, or export the drawing as a PNG",
    "vector-effect": "turn the stroke into a path",
    "transform-origin": "put the origin into the transform",
    "transform-box": "put the origin into the transform",
}


def _declarations(text: Any) -> tuple[Declarations, Declarations]:
    """Return the normal and the important declarations of a rule or of a `style` attribute."""
    found: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
    for item in tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            key = item.name if item.name.startswith("--") else item.lower_name
            found[item.important].append((key, tinycss2.serialize(item.value).strip()))
    return tuple(found[False]), tuple(found[True])


def _resolve_variables(value: str, properties: Style) -> str | None:
    """Return a value with its variables resolved, for a light colour scheme; None where a variable has no value."""
    for _ in range(20):
        match = _VARIABLE.search(value)
        if match is None:
            return value
        inner = properties.get(match[1], match[2]) if match[1] else match[3]
        if inner is None:
            return None
        value = value[: match.start()] + inner.strip() + value[match.end() :]
    return None


_CALL: Final = r"(?:[^(),]|\([^()]*\))"
_VARIABLE: Final = re.compile(
    rf"var\(\s*(--[^\s,()]+)\s*(?:,((?:{_CALL}|,)*))?\)|light-dark\(({_CALL}+),{_CALL}+\)", re.I
)


def parse_colour(text: str) -> Colour | None:
    """Return a CSS colour; None for anything else."""
    found = parse_color(text)
    if found is None or found == "currentcolor":
        return None
    red, green, blue = (min(1.0, max(0.0, float(part or 0))) for part in found.to("srgb").coordinates)
    return Colour(red, green, blue, min(1.0, max(0.0, float(found.alpha))))
