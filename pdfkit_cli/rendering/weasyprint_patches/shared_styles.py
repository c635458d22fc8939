"""A patch of computed styles: elements and documents share the values that they compute."""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cache
from math import inf
from typing import Any, Final

MAX_STYLES: Final = 2000
"""Styles that are remembered for later documents, of some 6 kB each: a leaflet has about 150."""


def styles_shared_by_documents() -> Iterable[tuple[Any, str, Any]]:
    """Remember what was computed for the same declarations below the same inherited values, and make no style that nobody asks for.

    WeasyPrint computes every value anew for every document, although leaflets with the same stylesheet share nearly all,
    and for every parent, although few parents change what is inherited.
    Its own stylesheet declares six pseudo-elements for every element, each of which gets a style.
    A document itself still has its own styles, because WeasyPrint changes some of them.
    Measured: 19 % of the CPU of a layout whose stylesheet was used before, nothing lost with a new one.

    Relies on all styles being made and found by `weasyprint.css.StyleFor`, whose methods below are all that WeasyPrint
    calls; and on a computed value depending on nothing but the declarations of the element or page, inherited values of
    the parent and the root element, fonts, and the size of the first page.
    """
    from weasyprint import css

    return [(css, "StyleFor", _style_for_class())]


class _Declarations:
    """The winning declarations of an element, a pseudo-element or a page.

    `changes_inherited` is whether what its children inherit differs from what its parent's children inherit, and
    `asks_parent` whether it takes values of its parent that are not inherited by themselves.
    """

    __slots__ = ("asks_parent", "cascaded", "changes_inherited")

    def __init__(self, cascaded: dict[str, Any]) -> None:
        from weasyprint.css.properties import INHERITED
        from weasyprint.css.tokens import Pending

        def asks(value: Any) -> bool:
            texts = [token.serialize() for token in value.tokens] if isinstance(value, Pending) else [value]
            return any(isinstance(text, str) and "inherit" in text for text in texts)

        self.cascaded = cascaded
        self.changes_inherited = any(
            name in INHERITED or name.startswith(("__", "text_decoration_")) or name == "page" for name in cascaded
        )
        self.asks_parent = any(asks(value) for value, _ in cascaded.values())


class _Node:
    """What all styles have in common that have the same declarations and the same chain of parents that change inherited values."""

    __slots__ = ("below", "cascaded", "specified", "values")

    def __init__(self, declarations: _Declarations, below: "dict[object, _Node] | None") -> None:
        self.cascaded = declarations.cascaded
        self.below: dict[object, _Node] = {} if below is None or declarations.changes_inherited else below
        self.values: dict[str, Any] = {}
        self.specified: dict[str, Any] | None = None


class _Tree:
    """What documents with the same stylesheets have in common; it keeps those, so that their identities stay theirs."""

    def __init__(self, sheets: list[Any]) -> None:
        self.sheets, self.seen, self.styles = sheets, _reasons.count, 0
        self.root = _Node(_Declarations({}), None)
        self.declared: dict[object, dict[str | None, _Declarations]] = {}
        """What each combination of selectors declares, by pseudo-element; None for the element itself."""
        self.winning: dict[object, tuple[_Declarations, object]] = {}
        """What wins of each combination of rules, with the rules."""


class _ReasonsNotToShare(logging.Filter):
    """Counts what was logged, since it must be logged for each document, and how often the size of a page was asked for."""

    count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        self.count += record.levelno >= logging.WARNING
        return True


_reasons: Final = _ReasonsNotToShare()


class _PageSizes(dict[str, Any]):
    def __getitem__(self, name: str) -> Any:
        _reasons.count += 1
        return super().__getitem__(name)


def _tree(font_config: Any, sheets: list[Any], base_url: str) -> _Tree:
    """Return the tree of earlier documents with these stylesheets and fonts; a new one if there was a reason not to share since."""
    trees: OrderedDict[object, _Tree] = vars(font_config).setdefault("style_trees", OrderedDict())
    key = base_url, *(id(sheet) for sheet, _, _ in sheets)
    found = trees.get(key)
    if found is None or found.seen != _reasons.count:
        found = trees[key] = _Tree(sheets)
    trees.move_to_end(key)
    while len(trees) > 1 and sum(tree.styles for tree in trees.values()) > MAX_STYLES:
        trees.popitem(last=False)
    return found


@cache
def _style_for_class() -> Any:
    import tinycss2
    from weasyprint import css
    from weasyprint.logger import LOGGER

    LOGGER.addFilter(_reasons)

    def cascade(rules: Iterable[tuple[Any, ...]], tree: _Tree) -> dict[str | None, _Declarations]:
        """Return what wins of the declarations of an element or page."""
        by_pseudo_element: dict[str | None, list[tuple[Any, ...]]] = {None: []}
        for pseudo_type, *rule in rules:
            by_pseudo_element.setdefault(pseudo_type, []).append(tuple(rule))
        declared = {}
        for pseudo_type, applied in by_pseudo_element.items():
            key = pseudo_type, *[(id(rule[0]), *rule[1:3], *rule[3]) for rule in applied]
            if key not in tree.winning:
                tree.winning[key] = _Declarations(cascaded(applied)), applied
            declared[pseudo_type] = tree.winning[key][0]
        return declared

    def cascaded(rules: list[tuple[Any, ...]]) -> dict[str, Any]:
        winning: dict[str, Any] = {}
        for declarations, origin, layer_order, specificity in rules:
            for name, values, importance in declarations:
                weight = css.declaration_precedence(origin, importance), layer_order, specificity
                if name not in winning or winning[name][1] <= weight:
                    winning[name] = values, weight
        return winning

    class SharedStyle(css.ComputedStyle):  # type: ignore[misc]
        """A style that begins with what was computed for its node, and adds to that."""

        def __init__(self, node: _Node, parent_style: Any, pseudo_type: str | None, *context: Any) -> None:
            if node.specified is None:
                first = css.ComputedStyle(parent_style, node.cascaded, pseudo_type, *context)
                node.values, node.specified = dict(first), first.specified
            self.node, self.parent_style, self.pseudo_type = node, parent_style, pseudo_type
            self.cascaded, self.specified = node.cascaded, node.specified
            self.is_root_element = parent_style is None
            self.root_style, self.base_url, self.font_config, self.initial_page_sizes = context
            self.cache = {} if parent_style is None else parent_style.cache
            self.update(node.values)

        def __missing__(self, name: str) -> Any:
            value = css.ComputedStyle.__missing__(self, name)
            if name != "overflow":  # which is moved from an element to the page, and may be inherited
                self.node.values[name] = value
            return value

    class StyleFor(css.StyleFor):  # type: ignore[misc]
        """Finds the styles of a document's elements, pseudo-elements and pages."""

        def __init__(
            self, html: Any, sheets: list[Any], presentational_hints: bool, font_config: Any, target_collector: Any
        ) -> None:
            css.PROGRESS_LOGGER.info("Step 3 - Applying CSS")
            self._sheets, self.font_config = sheets, font_config
            self.initial_page_sizes = _PageSizes(box=None, area=None)
            self._root, self._base_url = html.etree_element, html.base_url
            self._tree = _tree(font_config, sheets, html.base_url)
            self._nodes: dict[Any, _Node] = {}
            self._declared: dict[Any, dict[str | None, _Declarations]] = {}
            self._cascaded_styles: dict[Any, Any] = {}
            self._computed_styles: dict[Any, Any] = {}
            attributes: dict[Any, list[Any]] = {}
            for specificity, element, declarations, _ in css.find_style_attributes(
                html.etree_element, presentational_hints, html.base_url
            ):
                attributes.setdefault(element, []).append((specificity, declarations))
            same: dict[object, Any] = {}
            for wrapper in html.wrapper_element.iter_subtree():
                element, own = wrapper.etree_element, attributes.get(wrapper.etree_element)
                parent = wrapper.parent and wrapper.parent.etree_element
                parent_style = wrapper.parent and self._computed_styles[parent, None]
                node = self._element_node(wrapper, parent, own)
                identity = element if own else (id(parent_style), node)
                if (style := same.get(identity)) is None:
                    style = same[identity] = self._style(element, node, parent_style)
                    if style["anchor"]:
                        target_collector.collect_anchor(style["anchor"])
                self._computed_styles[element, None] = style
            for element, declared in self._declared.items():
                for pseudo_type, winning in declared.items():
                    if (
                        pseudo_type
                        and "anchor" in winning.cascaded
                        and (anchor := self(element, pseudo_type)["anchor"])
                    ):
                        target_collector.collect_anchor(anchor)

        def _element_node(self, wrapper: Any, parent: Any, own: list[Any] | None) -> _Node:
            found = [sheet.matcher.match(wrapper) for sheet, _, _ in self._sheets]
            text = own and tuple(tinycss2.serialize(declarations) for _, declarations in own)
            key = text, *(tuple([selector[1] for selector in selectors]) for selectors in found)
            above = self._tree.root if parent is None else self._nodes[parent]
            return self._declare(wrapper.etree_element, above, key, self._element_rules(own or (), found))

        def _element_rules(self, own: Iterable[Any], found: list[Any]) -> Iterator[tuple[Any, ...]]:
            for specificity, declarations in own:
                prepared = [*css.preprocess_declarations(self._base_url, declarations)]
                yield None, prepared, "author", inf, specificity
            for (sheet, origin, sheet_specificity), selectors in zip(self._sheets, found, strict=True):
                for specificity, _, pseudo_type, (declarations, layer) in selectors:
                    layer_order = inf if layer is None else sheet.layers.index(layer)
                    yield pseudo_type, declarations, origin, layer_order, sheet_specificity or specificity

        def _declare(self, element: Any, above: _Node, key: object, rules: Iterable[tuple[Any, ...]]) -> _Node:
            """Remember what an element or page declares, and return its node."""
            if (declared := self._tree.declared.get(key)) is None:
                declared = self._tree.declared[key] = cascade(rules, self._tree)
            self._declared[element] = declared
            node = self._nodes[element] = self._node(above, declared[None])
            return node

        def _node(self, above: _Node, winning: _Declarations) -> _Node:
            """Return the node for these declarations, new or of an earlier element."""
            key = (winning, above) if winning.asks_parent else winning
            if (node := above.below.get(key)) is None:
                node = above.below[key] = _Node(winning, above.below)
                self._tree.styles += 1
            return node

        def _style(self, element: Any, node: _Node, parent_style: Any, pseudo_type: str | None = None) -> Any:
            if element is self._root and pseudo_type is None:
                root_style = css.InitialStyle(self.font_config)
            else:
                root_style = self._computed_styles[self._root, None]
            style = SharedStyle(
                node, parent_style, pseudo_type, root_style, self._base_url, self.font_config, self.initial_page_sizes
            )
            style["anchor"]  # WeasyPrint takes a style without values for none
            return style

        def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
            if pseudo_type and (element, pseudo_type) not in self._computed_styles:
                declared = self._declared[element]
                if pseudo_type not in declared:
                    return None
                node = self._node(self._nodes[element], declared[pseudo_type])
                parent_style = self._computed_styles[element, None]
                self._computed_styles[element, pseudo_type] = self._style(element, node, parent_style, pseudo_type)
            return super().__call__(element, pseudo_type)

        def add_page_declarations(self, page_type: Any) -> None:
            found = [
                (number, rule, place)
                for number, (sheet, _, _) in enumerate(self._sheets)
                for rule, (_, selectors, _) in enumerate(sheet.page_rules)
                for place, (_, _, page_selector) in enumerate(selectors)
                if self._page_type_match(page_selector, page_type)
            ]
            self._declare(page_type, self._nodes[self._root], ("@page", *found), self._page_rules(found))

        def _page_rules(self, found: list[tuple[int, int, int]]) -> Iterator[tuple[Any, ...]]:
            for number, rule, place in found:
                sheet, origin, sheet_specificity = self._sheets[number]
                _, selectors, declarations = sheet.page_rules[rule]
                specificity, pseudo_type, _ = selectors[place]
                yield pseudo_type, declarations, origin, None, sheet_specificity or specificity

        def set_computed_styles(self, element: Any, parent: Any, **_: Any) -> None:
            """Make the style of a page, which inherits from the root element, and forget those that inherit from an earlier one."""
            for pseudo_type in self._declared[element]:
                self._computed_styles.pop((element, pseudo_type), None)
            parent_style = self._computed_styles[parent, None]
            self._computed_styles[element, None] = self._style(element, self._nodes[element], parent_style)

    return StyleFor
