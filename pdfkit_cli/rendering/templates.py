"""The templates of a layout: their environment, and the rendering of an edition block by block."""

import re
import traceback
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import segno
from jinja2 import FunctionLoader, Template, TemplateSyntaxError, meta, nodes
from markupsafe import Markup, escape

from pdfkit_cli.content import bilingual, block_content, block_specs, language_files
from pdfkit_cli.content.block_specs import BLOCKS, Content, Panel
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    Emphasis,
    Figure,
    Footnote,
    Heading,
    Inlines,
    List,
    Paragraph,
    Span,
    Strong,
    Table,
    Text,
    plain_text,
    walk,
)
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import BrandEntry
from pdfkit_cli.content.suggestions import did_you_mean
from pdfkit_cli.errors import Finding, SourceError, SourceLocation
from pdfkit_cli.rendering import directional_runs, sandbox, tables
from pdfkit_cli.rendering.layout_files import LayoutFile
from pdfkit_cli.rendering.page import BASE_URL
from pdfkit_cli.rendering.people_picture import people_picture
from pdfkit_cli.rendering.sandbox import TemplateEnvironment
from pdfkit_cli.system.disk_cache import DiskCache

MAX_COMPACT_ITEM_LENGTH = 28
"""Characters of the longest item up to which lists of what to do and what not to do are set side by side."""

MAX_COMPACT_ITEMS = 12
"""The most items for this: lists side by side cannot continue on the next page. Longer lists get two columns each."""

SMALL_PAGE_LINES, PAGE_LINES = 26, 42
"""Lines, of LINE_LENGTH characters, that fill a page of A5 or large print, and a page of any format.

A block that does not fit on the rest of a page moves to the next one; a block that fits on no page starts where it is.
"""

LINE_LENGTH = 45
FIGURE_LINES = 14

LENGTH_BESIDE_PICTURE = 240
"""Characters that are about as high as the small picture beside them."""

_LAST_WORDS = re.compile(r"(?<=[\s>])([^\s<>&]{1,10}) ([^\s<>&]{1,7})$")
"""Two short words that end a paragraph: apart, the last would stand on a line by itself."""

MAX_ACROSS_ITEMS, MAX_ACROSS_LINES = 5, 4
"""The most items of a timeline that are set across a page of A4, and the most lines that each may take."""

ACROSS_LENGTH = 56
"""The characters of a line of A4 for this, less the space between the items."""

_COUNTED = re.compile(rf"(?<=\d){typography.NO_BREAK_SPACE}(?=[^\W\d_]{{4}})")
"""A number and a counted noun, such as minutter; a unit, such as mg, is shorter."""

_SOFT_WORD = re.compile(f"[^\\s<>]*{typography.SOFT_HYPHEN}[^\\s<>]*")

CONTACT_PANEL = Directive("contact", "", (), 0, 2)
"""The last block of a page whose text has no contact panel."""


def picture_url(edition: Edition, name: str) -> str:
    """Return the address of a picture of the leaflet."""
    return f"{BASE_URL}content/{edition.key.leaflet}/{quote(name)}"


def logo_url(brand: BrandEntry) -> str:
    """Return the address of a logo."""
    return f"{BASE_URL}brands/{brand.name}/logo.svg"


def qr_code(address: str) -> str:
    """Return a QR code as a data address of an SVG, error level M, with the quiet zone of four modules (ISO 18004)."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False, svgns=True)
    return "data:image/svg+xml," + quote(out.getvalue().decode())


DrawnBlock: TypeAlias = tuple[Block, Markup, int]
"""A block, its HTML, and the number of exercises up to its end."""


@dataclass(frozen=True, slots=True)
class SharedDrawing:
    """What is the same for all clinics with one text, by the identity of its blocks, which are kept with it."""

    blocks: dict[tuple[object, ...], DrawnBlock] = field(default_factory=dict)
    sizes: dict[int, tuple[Directive, dict[str, str]]] = field(default_factory=dict)
    """The classes of blocks that depend on how long they are."""


class EditionRenderer:
    """Draws one edition: a template for each kind of block, and the numbering that runs through the text."""

    def __init__(
        self,
        templates: "Templates",
        edition: Edition,
        shared: SharedDrawing,
        fit_table: Callable[[Table, Language, float], tuple[Table, str]],
        beside: "EditionRenderer | None" = None,
    ) -> None:
        self._beside = beside
        self._templates = templates
        self._edition = edition
        self._shared = shared
        self._clinic_was_read = False
        self._exercises = 0
        self._inside: list[str] = []
        self._fit_table = fit_table
        self._language = language = edition.language
        self._isolate = partial(typography.isolate_ltr, language=language)
        inline = templates.get("components/inline/inline.html").module
        self._nodes = partial(inline.nodes, direction=language.direction)  # type: ignore[attr-defined]
        self._variables: dict[str, Any] = {
            "edition": edition,
            "leaflet": edition.leaflet.model,
            "phrases": edition.phrases.model_dump(),
            "inline": self._inline,
            "isolate": self._isolate,
            "comma": typography.comma(language),
            "divided": partial(tables.divide_long_words, language=language),
            "own_lang": _lang_attribute(language.code, edition.clinic.model.language),
            "own": partial(_in_own_direction, language, edition.clinic.model.language),
        }

    def page(self, template: str = "base/page.html") -> Markup:
        """Return the HTML of the complete page. Of an extract, the text before its blocks is apart, in `introduction`."""
        edition = self._edition
        extract = edition.extract
        chosen = tuple(block for block in edition.blocks if not extract or _template_name(block) == extract.block)
        introduction = self._blocks(edition.blocks[: len(edition.blocks) - len(chosen)])
        language = edition.language
        page_words = _split_page_words(edition.phrases.page)
        body = Markup("") if self._beside else self._blocks(chosen)
        return self._render(
            template,
            introduction=introduction,
            body=body,
            days=tuple(range(1, extract.days + 1)) if extract else (),
            pairs=bilingual.pairs(edition),
            ours=self.side() if self._beside else {},
            theirs=self._beside.side() if self._beside else {},
            direction=language.direction,
            script="" if language.script in _PLAIN_SCRIPTS else language.script,
            has_contact=any(block.spec.panel is Panel.CONTACT for block in _directives(edition.blocks)),
            contact_panel=partial(self._block, CONTACT_PANEL, True),
            logo=logo_url(edition.brand),
            cover=picture_url(edition, leaflet.cover) if (leaflet := edition.leaflet.model).cover else "",
            page_words=page_words,
            longest=_longest_word(tables.divide_long_words(edition.title, language))
            if language.file.word_spaces
            else 0,
            short_digest=edition.digest[:8],
            language_names=_language_names(language, edition.clinic.model.language),
            day=partial(typography.localized_date, language=language),
        )

    def side(self) -> dict[str, Any]:
        """Return what a bilingual page draws one of its sides with."""
        return {
            "edition": self._edition,
            "phrases": self._variables["phrases"],
            "language": self._language.code,
            "direction": self._language.direction,
            "name": self._language.own_name,
            "inline": self._inline,
            "block": partial(self._block, first=True),
            "picture": lambda figure: picture_url(self._edition, figure.source),
            "table": lambda table: self._fit_table(table, self._language, 0)[0],
            "include": lambda template, urgent=False: self._render(template, urgent=urgent),
        }

    def _render(self, template: str, **values: Any) -> Markup:
        self._clinic_was_read |= self._templates.reads_clinic(template)
        return Markup(self._templates.get(template).render(self._variables | values))

    def _inline(self, nodes: Inlines) -> Markup:
        return Markup(str(self._nodes(self._divided(nodes))).strip("\n"))

    def _divided(self, nodes: Inlines) -> Inlines:
        """Return inline nodes whose long words may be divided, if their language does so."""
        if not self._language.file.divide_from:
            return nodes
        return tuple(
            replace(node, text=tables.divide_long_words(node.text, self._language))
            if isinstance(node, Text)
            else replace(node, children=self._divided(node.children))
            if isinstance(node, Strong | Emphasis) or (isinstance(node, Span) and not node.lang)
            else node
            for node in nodes
        )

    def _blocks(self, blocks: Blocks) -> Markup:
        drawn = []
        before: Block | None = None
        following = iter(range(len(blocks)))
        for at in following:
            block = blocks[at]
            if isinstance(block, Figure) and block.small:
                beside = _beside(blocks[at + 1 :])
                drawn.append(self._small_picture(block, beside))
                before = blocks[at + len(beside)]
                for _ in beside:
                    next(following)
                continue
            drawn.append(self._block(block, _template_name(before) != _template_name(block)))
            before = block
        return Markup("\n").join(drawn)

    def _small_picture(self, block: Figure, beside: Blocks) -> Markup:
        """Draw a picture with the words that are beside it."""
        picture = picture_url(self._edition, block.source)
        return self._render(
            "components/figure/figure.html", block=block, first=True, picture=picture, beside=self._blocks(beside)
        )

    def _block(self, block: Block, first: bool) -> Markup:
        """Draw a block; `first` means that the one before it is of another kind."""
        key = id(block), first, self._exercises, id(self._edition.phrases)
        if key not in self._shared.blocks:
            outer, self._clinic_was_read = self._clinic_was_read, False
            html = self._drawn_block(block, first)
            if not self._clinic_was_read:
                self._shared.blocks[key] = block, html, self._exercises
            self._clinic_was_read |= outer
            return html
        _, html, self._exercises = self._shared.blocks[key]
        return html

    def _drawn_block(self, block: Block, first: bool) -> Markup:
        name = _template_name(block)
        values: dict[str, Any] = {"block": block, "first": first}
        match block:
            case Directive():
                values |= self._directive(block)
            case List():
                items = map(self._item, (item.blocks for item in block.items))
                values |= {
                    "items": list(zip(block.markers, items, strict=True)),
                    "widest": max(map(len, block.markers)),
                }
            case Heading():
                values["label"] = _heading_label(block.children) if any(map(_is_footnote, walk(block.children))) else ""
            case Table():
                values |= self._table(block)
            case Figure():
                values["picture"] = picture_url(self._edition, block.source)
            case _:
                pass
        return self._render(f"components/{name}/{name}.html", **values)

    def _table(self, block: Table) -> dict[str, Any]:
        indent = sum(BLOCKS[name].table_indent for name in self._inside)
        table, looks = self._fit_table(block, self._language, indent)
        return {"block": table, "looks": looks}

    def _directive(self, block: Directive) -> dict[str, Any]:
        self._inside.append(block.name)
        values: dict[str, Any] = {
            "inner": self._blocks(block.blocks),
            **self._sizes(block),
            "urgent": any(BLOCKS[name].urgent for name in self._inside),
        }
        self._inside.pop()
        if block.spec.exercise:
            self._exercises += 1
            dose = [part.strip() for part in block.argument.split("×")] if block.argument else []
            values |= {"number": self._exercises, "dose": dose}
        if block.spec.content is Content.MOMENTS:
            values |= {"moments": list(self._moments(block)), "marked": block_content.marked_item(block)}
        if block.spec.drawn_argument:
            values["odds"] = block_specs.odds(block.argument)
        return values

    def _sizes(self, block: Directive) -> dict[str, str]:
        """Return what a template is told of the length of a block."""
        if id(block) not in self._shared.sizes:
            sizes = {"size": _size_classes(block), "form": _layout(block)}
            self._shared.sizes[id(block)] = block, sizes
        return self._shared.sizes[id(block)][1]

    def _moments(self, block: Directive) -> Iterator[tuple[Markup, Markup]]:
        """Yield the bold words that each item begins with, and the words after them."""
        for children in block_content.moments(block):
            yield self._inline(_breakable(children[:1])), self._inline(children[1:]).strip()

    def _item(self, blocks: Blocks) -> Markup:
        """Draw a list item; a single paragraph gets no <p>, as in tight lists of Markdown."""
        if (
            blocks
            and _template_name(blocks[0]) == "paragraph"
            and all(_template_name(block) == "list" for block in blocks[1:])
        ):
            return _keep_last_words(self._inline(blocks[0].children)) + self._blocks(blocks[1:])  # type: ignore[union-attr]
        return self._blocks(blocks)


def _beside(blocks: Blocks) -> Blocks:
    """Return the paragraphs and lists that are beside a small picture above them: as many as are about as high as it is."""
    text, at = 0, 0
    while at < len(blocks) and isinstance(blocks[at], Paragraph | List) and text < LENGTH_BESIDE_PICTURE:
        text, at = text + len(plain_text(blocks[at])), at + 1
    return blocks[:at]


def _keep_last_words(html: Markup) -> Markup:
    """Return the HTML of a paragraph whose last two words, if they are short, stay on one line: WeasyPrint 70 lacks `text-wrap: pretty`."""
    return Markup(_LAST_WORDS.sub(f"\\1{typography.NO_BREAK_SPACE}\\2", str(html)))


def _size_classes(block: Directive) -> str:
    """Return the CSS classes of a block that is longer than a small page, or than any page."""
    lines = _estimated_lines(block)
    return " over-a-small-page" * (lines > SMALL_PAGE_LINES) + " over-a-page" * (lines > PAGE_LINES)


def _estimated_lines(block: Block) -> int:
    """Return roughly how many lines a block has."""
    match block:
        case Directive(blocks=blocks):
            return 2 + sum(map(_estimated_lines, blocks))
        case List(items=items):
            return sum(_estimated_lines(inner) for item in items for inner in item.blocks)
        case Table(head=head, rows=rows):
            return sum(
                max(len(plain_text(cell)) for cell in row) * len(head) // LINE_LENGTH + 1 for row in (head, *rows)
            )
        case Figure(caption=caption):
            return FIGURE_LINES + len(caption) // LINE_LENGTH + 1
        case _:
            return len(plain_text(block)) // LINE_LENGTH + 1


def _layout(block: Directive) -> str:
    """Return how the list in a block is set, as a CSS class."""
    return _timeline_layout(block) if block.spec.content is Content.MOMENTS else _list_layout(block.blocks)


def _list_layout(blocks: Blocks) -> str:
    """Return the setting of the list in a `do` or `dont` block: `compact` (beside the other one), `columns`, or the usual one."""
    match blocks:
        case (List(items=items),) if all(len(plain_text(item)) <= MAX_COMPACT_ITEM_LENGTH for item in items):
            return "compact" if len(items) <= MAX_COMPACT_ITEMS else "columns"
        case _:
            return ""


def _timeline_layout(block: Directive) -> str:
    """Return `across` for a timeline that is short enough to be set across a page of A4."""
    moments = block_content.moments(block)
    room = ACROSS_LENGTH // len(moments)
    words = [plain_text(children) for children in moments]
    fits = all(len(text) <= room * MAX_ACROSS_LINES and max(map(len, text.split())) <= room for text in words)
    return "across" if len(words) <= MAX_ACROSS_ITEMS and fits else ""


def _breakable(nodes: Inlines) -> Inlines:
    """Return words that may be set on two lines after a number: “20–45 minutter” is large, and its cell is narrow."""
    return tuple(
        replace(node, text=_COUNTED.sub(" ", node.text))
        if isinstance(node, Text)
        else replace(node, children=_breakable(node.children))
        if isinstance(node, Strong | Emphasis | Span)
        else node
        for node in nodes
    )


def _is_footnote(node: object) -> bool:
    return isinstance(node, Footnote)


def _heading_label(nodes: Inlines) -> str:
    """Return the text of a heading without its footnotes."""
    inner = (_heading_label(node.children) if isinstance(node, Strong | Emphasis | Span) else plain_text(node) for node in nodes if not _is_footnote(node))  # fmt: skip
    return "".join(inner)


def _no_break_markup(text: str, direction: str = "ltr") -> Markup:
    """Wrap text that must stay on one line: ranges of numbers with their units, and words such as e-post.

    In right-to-left text, joiners do this: WeasyPrint 70.0 would put the elements in the order of the paragraph.
    Words with soft hyphens get an element, too: without it, WeasyPrint 70.0 computes the minimum width of a cell as if
    all words before them were one.
    """
    if direction == "rtl":
        return _isolates_to_markup(typography.join_unbreakable(typography.isolate_ltr_runs(text)))
    held = typography.UNBREAKABLE_PATTERN.sub(r'<span class="together">\g<0></span>', str(_isolates_to_markup(text)))
    return Markup(_SOFT_WORD.sub(r"<span>\g<0></span>", held) if typography.SOFT_HYPHEN in held else held)


def _isolates_to_markup(text: str) -> Markup:
    """Replace directional isolates by elements, which also work across line ends and which screen readers do not announce."""
    return Markup(
        typography.ISOLATE_PATTERN.sub(
            lambda match: f'<span dir="{typography.isolate_direction(*match.groups())}">{match[2]}</span>',
            str(escape(text)),
        )
    )


def _direction_attribute(text: str) -> Markup:
    """Return the dir attribute for a text that is one isolate.

    WeasyPrint 70 would not make an element inside a link clickable.
    """
    match = typography.ISOLATE_PATTERN.fullmatch(text)
    return Markup(' dir="{}"').format(typography.isolate_direction(*match.groups())) if match else Markup("")


def _link_direction_attribute(text: str, direction: str) -> Markup:
    """Return the dir attribute of a link in left-to-right script inside text from right to left."""
    turns = direction == "rtl" and not typography.is_right_to_left(text) and typography.needs_isolation(text)
    return Markup(' dir="ltr"') if turns else Markup("")


def _without_isolate(text: str) -> str:
    match = typography.ISOLATE_PATTERN.fullmatch(text)
    return match[2] if match else text


def _isolated_markup(text: str, direction: str) -> Markup:
    return _isolates_to_markup(typography.isolate_other_direction(text, direction))


def _template_name(block: Block | None) -> str:
    if isinstance(block, Directive):
        return block.name
    return type(block).__name__.lower()


def _directives(blocks: Blocks) -> Iterable[Directive]:
    for block in blocks:
        if isinstance(block, Directive):
            yield block
            yield from _directives(block.blocks)


def _split_page_words(phrase: str) -> tuple[str, str, str]:
    """Split “Page {page} of {pages}” into the words around the two numbers, which CSS counts."""
    before, _, rest = phrase.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return _held(before), _held(between), after


def _longest_word(text: str) -> int:
    """Return the letters of the longest word, or part of one that may be divided; marks above and below letters take no room."""
    words = text.replace(typography.SOFT_HYPHEN, " ").split()
    return max(sum(unicodedata.category(sign) != "Mn" for sign in word) for word in words)


def _held(words: str) -> str:
    """Return words that stay on the line of the number after them."""
    return re.sub(" $", typography.NO_BREAK_SPACE, words)


def _lang_attribute(language: str, clinic: str) -> Markup:
    """Return the lang attribute of a clinic's names, if the text is in another language."""
    return Markup("") if language == clinic else Markup(' lang="{}"').format(clinic)


def _in_own_direction(language: Language, clinic: str, words: str) -> Markup:
    """Return a clinic's name with the direction of its language, if that of the text differs."""
    direction = _direction(clinic)
    if direction == language.direction:
        return escape(words)
    return Markup('<span dir="{}">{}</span>').format(direction, words)


def _direction(code: str) -> str:
    """Return the direction of a language by its code: of words in another language than their text."""
    return language_files.known_language(code).direction


_PLAIN_SCRIPTS = frozenset(["Arab", "Cyrl", "Grek", "Latn"])
"""The scripts that the layouts are drawn for; base.css has settings for others, by their codes (ISO 15924)."""


def _language_names(language: Language, staff: str) -> str:
    """Return the name of a language in itself, followed by its name in the language of the staff, if that differs."""
    own = language.own_name
    return own if language.code == staff else f"{own} ({typography.isolate_ltr(language.name_in(staff), language)})"


CLINIC_VARIABLES = frozenset({"edition", "own", "own_lang", "contact_panel", "ours", "theirs"})
"""Variables of templates that differ between the clinics that hand out one text."""


VARIABLES = CLINIC_VARIABLES | {
    "block", "body", "comma", "cover", "day", "days", "direction", "divided", "dose", "first", "form", "has_contact", "inline", "inner", "introduction", "isolate", "items", "label",
    "language_names", "leaflet", "logo", "longest", "looks", "marked", "moments", "number", "odds", "page_words", "pairs", "phrases", "picture", "script", "short_digest", "size",
    "urgent", "widest",
}  # fmt: skip
"""Every variable that a template may be given."""

FILTERS: dict[str, Callable[..., Any]] = {
    "ended": _keep_last_words,
    "kind": lambda node: type(node).__name__,
    "grouped": directional_runs.group_ltr_runs,
    "qr": qr_code,
    "host": lambda address: urlsplit(address).netloc,
    "together": _no_break_markup,
    "direction": _direction,
    "isolated": _isolated_markup,
    "placed": _isolates_to_markup,
    "own_direction": _direction_attribute,
    "bare": _without_isolate,
    "people": people_picture,
    "link_direction": _link_direction_attribute,
}


class Templates:
    """The templates of the layouts, by their path in the layouts folder, ready to draw."""

    def __init__(self, files: Mapping[str, LayoutFile], pages: Collection[str] = ()) -> None:
        """Check the templates of a library; `pages` are those that formats name. Raises SourceError with every problem in them."""
        self._pages = pages
        self._files = {name: file for name, file in files.items() if name.endswith(".html")}
        self._environment = TemplateEnvironment(FunctionLoader(self._load), FILTERS)
        self._clinic_templates: dict[str, bool] = {}
        self.kept = DiskCache(None)
        """Keeps for later commands which templates use clinics' variables."""

        if findings := tuple(self._findings()):
            raise SourceError(findings)

    def _load(self, name: str) -> tuple[str, str, None] | None:
        text = self._files[name].text if name in self._files else None
        return (text.text, text.name, None) if text else None

    def _findings(self) -> Iterator[Finding]:
        own = {name: file.text for name, file in self._files.items() if file.own and file.text}
        trees = {}
        for name, text in own.items():
            try:
                self._environment.compile(text.text, name, text.name)
                trees[name] = self._environment.parse(text.text, name)
            except TemplateSyntaxError as error:
                message = f"{error.message}; correct the template"
                yield Finding("template", message, SourceLocation(text.name, error.lineno))
        for name, tree in trees.items():
            unknown = meta.find_undeclared_variables(tree) - VARIABLES - self._environment.globals.keys()
            for node in tree.find_all(nodes.Name):
                if node.name in unknown:
                    unknown.discard(node.name)
                    message = f"there is no variable “{node.name}”{did_you_mean(node.name, VARIABLES)}"
                    yield Finding("template", message, SourceLocation(own[name].name, node.lineno))
            for other in meta.find_referenced_templates(tree):
                if other is not None and other not in self._files:
                    message = f"there is no template “{other}”{did_you_mean(other, self._files)}"
                    yield Finding("template", message, SourceLocation(own[name].name))
        used = {other for name in self._files for other in self._referenced(name) if other} if own else set()
        for name in own.keys() - used - set(self._pages):
            if not self._files[name].replaces:
                message = f"no template includes it, and pdfkit has none of this name{did_you_mean(name, used)}"
                yield Finding("template", message, SourceLocation(own[name].name))

    def _referenced(self, name: str) -> Iterator[str | None]:
        with suppress(TemplateSyntaxError):
            yield from meta.find_referenced_templates(self._tree(name))

    def _tree(self, name: str) -> nodes.Template:
        text = self._files[name].text
        assert text
        return self._environment.parse(text.text, name)

    @contextmanager
    def errors_as_findings(self) -> Iterator[None]:
        """Limit the steps of a drawing. Raises SourceError, with the line, if a template of the library fails."""
        sandbox.begin_drawing()
        try:
            yield
        except SourceError:
            raise
        except Exception as error:
            own = {file.path.as_posix() for file in self._files.values() if file.own}
            frames = traceback.extract_tb(error.__traceback__)
            place = next((frame for frame in reversed(frames) if frame.filename in own), None)
            if place is None:
                raise
            message = f"{error}; correct the template"
            raise SourceError(
                [Finding("template", message, SourceLocation(place.filename, place.lineno or 0))]
            ) from error

    def get(self, name: str) -> Template:
        """Return a compiled template."""
        return self._environment.get_template(name)

    def reads_clinic(self, name: str) -> bool:
        """Return whether a template, or one that it includes, uses a variable that differs between clinics."""
        if name not in self._clinic_templates:
            self._clinic_templates[name] = True  # a template that includes itself
            own, included = self._clinic_references(name)
            self._clinic_templates[name] = own or any(other is None or self.reads_clinic(other) for other in included)
        return self._clinic_templates[name]

    def _clinic_references(self, name: str) -> tuple[bool, tuple[str | None, ...]]:
        """Return whether a template itself uses such a variable, and which templates it includes."""
        key = f"references-{self._files[name].digest}"
        found: tuple[bool, tuple[str | None, ...]] | None = self.kept.get(key)
        if found is None:
            tree = self._tree(name)
            # Names that a template sets itself count, too: to tell them apart, Jinja2 would compile it a second time.
            names = {node.name for node in tree.find_all(nodes.Name)}
            found = not CLINIC_VARIABLES.isdisjoint(names), tuple(meta.find_referenced_templates(tree))
            self.kept.put(key, found)
        return found
