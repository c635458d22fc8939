"""The supported elements and attributes of SVG, which are drawn as a browser draws them; all others are refused."""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from pdfkit_cli.pdf.images.svg import tree
from pdfkit_cli.pdf.images.svg.style import NO_EFFECT, PRESENTATION

_VIEW: Final = "viewBox preserveAspectRatio"
_BOX: Final = "x y width height"
_GRADIENT: Final = "gradientUnits gradientTransform spreadMethod href"
_ATTRIBUTES: Final = {
    tag: frozenset(names.split())
    for tag, names in {
        "svg": f"{_BOX} {_VIEW} version baseProfile contentScriptType contentStyleType zoomAndPan content name",
        "g": "", "a": "href target rel download", "defs": "", "switch": "",
        "symbol": f"{_BOX} {_VIEW}",
        "use": f"{_BOX} href",
        "image": f"{_BOX} preserveAspectRatio href crossorigin decoding",
        "path": "d pathLength",
        "rect": f"{_BOX} rx ry pathLength", "circle": "cx cy r pathLength", "ellipse": "cx cy rx ry pathLength",
        "line": "x1 y1 x2 y2 pathLength", "polyline": "points pathLength", "polygon": "points pathLength",
        "linearGradient": f"x1 y1 x2 y2 {_GRADIENT}", "radialGradient": f"cx cy r fx fy fr {_GRADIENT}",
        "stop": "offset",
        "pattern": f"{_BOX} {_VIEW} patternUnits patternContentUnits patternTransform href",
        "clipPath": "clipPathUnits", "mask": f"{_BOX} maskUnits maskContentUnits",
        "marker": f"{_VIEW} markerWidth markerHeight refX refY orient markerUnits",
        "style": "type media",
    }.items()
}  # fmt: skip
_GLOBAL_ATTRIBUTES: Final = frozenset([
    "id", "class", "style", "lang", "transform", "tabindex", "role", "focusable", "requiredFeatures",
    "requiredExtensions",
])  # fmt: skip
TEXT_TAGS: Final = frozenset(("text", "tspan", "textpath", "tref"))

UNSAFE: Final = ("script", "foreignobject", "iframe")
TEXT: Final = "contains text, which stays in one language; write it in the caption, or draw it as paths"
_ANIMATION_TAGS: Final = ("animate", "animateMotion", "animateTransform", "animateColor", "set", "mpath", "discard")


def unsupported_features(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield each unsupported element or attribute: the element, and the problem."""
    for element in root.iter():
        found = _of_element(tree.local_name(element))
        if found:
            yield element, found
        elif tree.local_name(element) in _ATTRIBUTES:
            for key in element.attrib:
                if reason := _of_attribute(tree.local_name(element), key.rpartition("}")[2], key):
                    yield element, reason


def _of_element(tag: str) -> str:
    if tag.lower() in UNSAFE or tag.lower() in TEXT_TAGS:
        return ""  # reported elsewhere
    if tag in _ANIMATION_TAGS:
        return f"contains <{tag}>, and nothing moves on paper; remove it"
    return "" if tag in _ATTRIBUTES else f"contains <{tag}>, which is not drawn here; draw it as paths, or export a PNG"


def _of_attribute(tag: str, name: str, full: str) -> str:
    if full.startswith(tree.XLINK):
        return ""  # href is checked elsewhere, and the others do not affect the appearance
    if name == "systemLanguage":
        return "has systemLanguage, and a picture has one language; keep only what is to be seen"
    known = (
        name in _GLOBAL_ATTRIBUTES
        or name in _ATTRIBUTES[tag]
        or name in PRESENTATION
        or name.startswith(("data-", "aria-", "on"))
    )
    return (
        ""
        if known or _has_no_effect(name)
        else f"has the attribute {name} at <{tag}>, which is not known here; remove it"
    )


def _has_no_effect(name: str) -> bool:
    """Return whether an attribute is a property that does not affect shapes, or does not belong to SVG."""
    return bool(NO_EFFECT.fullmatch(name)) or ":" in name
