"""Edition and format to a page of HTML, with its stylesheet and the files it may show."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import segno
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from pdfkit_cli.content import files, yaml_source
from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    DirectiveName,
    Emphasis,
    Figure,
    Footnote,
    Heading,
    Inlines,
    List,
    Span,
    Strong,
    Table,
    plain_text,
    walk,
)
from pdfkit_cli.content.editions import Edition, EditionKey, has_facts
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.loader import BrandEntry
from pdfkit_cli.content.models import Format, Variant
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Finding, PdfkitError, SourceError, SourceLocation
from pdfkit_cli.pdf.cmyk import Inks
from pdfkit_cli.rendering import directional_runs, tables
from pdfkit_cli.rendering.verification import expected_content
from pdfkit_cli.rendering.verification.expected_content import ContentKind, ExpectedItem
from pdfkit_cli.system.caching import LastValueCache

TEXT_FONT = "source-sans-3/SourceSans3-Regular.ttf"
"""The font of plain text, by which words are measured."""

BASE_URL = "https://pdfkit.invalid/"
"""Where a page's relative addresses begin. The top-level domain is reserved (RFC 2606), so it leads nowhere."""

MAX_FILE_BYTES = 30_000_000
"""Bytes of a font or another file of a layout; fonts with Chinese signs have some 20 million."""

CASCADE_LAYERS = ("base", "component", "format", "brand")
MAX_COMPACT_ITEM_LENGTH = 28
"""A list of what to do and a list of what to leave stand side by side where no item is longer, in characters."""

MAX_COMPACT_ITEMS = 12
"""And where it has no more items: lists side by side cannot go on over the page. Longer ones have two columns each."""

SMALL_PAGE_LINES, PAGE_LINES = 26, 42
"""Lines of a block that fill a page of A5 or of large print, and one of any format, LINE characters each.

A block is kept on one page, so it is moved to the next where there is no room; one that no page has room for begins where it stands.
"""

LINE_LENGTH = 45
FIGURE_LINES = 14

_SOFT_WORD = re.compile(f"[^\\s<>]*{typography.SOFT_HYPHEN}[^\\s<>]*")

CONTACT_PANEL = Directive(DirectiveName.CONTACT, "", (), 0, 2)
"""What a text that has no contact panel ends with."""

PACKAGE = Path(__file__).parents[1]


def packaged_folder(folder: str) -> Path:
    """Return `layouts`, `fonts`, `phrases` or `words`: inside the installed package, or where a checkout has it."""
    inside = PACKAGE / folder
    if inside.is_dir():
        return inside
    return PACKAGE.parent / (f"leaflets/{folder}" if folder in ("phrases", "words") else folder)


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that a render may read: the address it has in the page, where it is, its digest."""

    url: str
    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """CSS, and the digest that names it."""

    css: str
    digest: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Which PDF this is, as its metadata say it, whatever the file is called; `digest` begins with the short hash on paper."""

    leaflet: str
    id: str
    version: str
    language: str
    variant: str
    clinic: str
    format: str
    digest: str
    personal: bool = False
    """Whether it was filled in for one patient. What was filled in stands in the text only."""


@dataclass(frozen=True, slots=True)
class Page:
    """An edition in a format, ready to render: nothing else can change the bytes.

    `shares_body` says that the clinic's facts stand in its own blocks only, so that other clinics have the same body.
    `expected_content` is what must be found in the PDF, `name` says which edition it is where something is not: it changes no byte.
    `inks` are the brand's colours as its organisation prints them, for a format in CMYK.
    """

    html: str
    stylesheet: Stylesheet
    files: tuple[DeclaredFile, ...]
    format: Format
    right_to_left: bool
    shares_body: bool = False
    expected: tuple[ExpectedItem, ...] = ()
    name: str = ""
    identity: Identity | None = None
    inks: Inks = ()


class Layouts:
    """The designer's room and the fonts, loaded once."""

    def __init__(self, folder: Path, fonts: Path) -> None:
        """Load every format. Raises SourceError where a format.yaml is wrong, PdfkitError where there is none."""
        self.folder, self.fonts = folder, fonts
        read = dict(_read_files(folder, (".css", ".html", ".svg", "format.yaml")))
        self._texts = {
            name: yaml_source.decode(data, (folder / name).as_posix())
            for name, data in read.items()
            if not name.endswith(".svg")
        }
        self.formats: dict[str, Format] = {}
        for name, text in self._texts.items():
            if found := re.fullmatch(r"formats/([^/]+)/format\.yaml", name):
                self.formats[found[1]] = yaml_source.validate_model(Format, text, yaml_source.parse_yaml(text))
        if not self.formats:
            raise PdfkitError(f"{folder}: no formats here", hint="install pdfkit-cli again; its layouts are missing")
        faces = dict(_read_files(fonts, (".ttf",)))
        self.files = (
            *_declared_files(folder, "layouts", read, ".svg"),
            *_declared_files(fonts, "fonts", faces, ".ttf"),
        )
        self.templates = tuple(_declared_files(folder, "layouts", read, ".html"))
        self._environment = Environment(
            loader=DictLoader({name: text.text for name, text in self._texts.items()}),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # the keys of PDFs are of these templates
        )
        self._environment.filters |= {
            "kind": _node_type, "grouped": directional_runs.group_ltr_runs, "qr": qr_code, "host": _host, "together": _no_break_markup,
            "direction": typography.text_direction, "isolated": _isolated_markup, "placed": _isolates_to_markup,
            "own_direction": _direction_attribute, "bare": _without_isolate,
            "link_direction": _link_direction_attribute,
        }  # fmt: skip
        self._sheets: dict[tuple[str, str], Stylesheet] = {}
        self._expected: tuple[Edition, tuple[ExpectedItem, ...]] | None = None
        self._drawn: LastValueCache[dict[Any, _RenderedBlock]] = LastValueCache()

    def css_files(self, format_name: str) -> list[Path]:
        """Return the CSS files of a format, in the order of the cascade."""
        own = [self.folder / "formats" / name for name in self.formats[format_name].css]
        names = (name for name in self._texts if name.endswith(".css") and not name.startswith("formats/"))
        shared = [self.folder / name for name in names]
        return [*sorted(shared, key=lambda path: (path.parts[-2] != "base", path)), *own]

    def css(self, path: Path) -> str:
        """Return the text of a CSS file. Raises SourceError where there is none."""
        return self._text(path).text

    def digests(self, format_name: str) -> dict[str, str]:
        """Return what a format alone is made from, by its path below the layouts, with the digests of what was read."""
        paths = [*self.css_files(format_name), self.folder / "formats" / format_name / "format.yaml"]
        return {path.relative_to(self.folder).as_posix(): self._text(path).digest for path in paths}

    def _text(self, path: Path) -> SourceFile:
        try:
            return self._texts[path.relative_to(self.folder).as_posix()]
        except KeyError:
            message = "is not there, and a format.yaml names it; add it or mend the name"
            raise SourceError([Finding("missing-file", message, SourceLocation(path.as_posix()))]) from None

    def stylesheet(self, format_name: str, brand: BrandEntry) -> Stylesheet:
        """Return the one stylesheet of a format in a brand, each file in its cascade layer."""
        key = format_name, brand.source.digest
        if key not in self._sheets:
            parts = [f"@layer {', '.join(CASCADE_LAYERS)};"]
            for path in self.css_files(format_name):
                room = path.relative_to(self.folder).parts[0]
                layer = {"base": "base", "components": "component", "formats": "format"}[room]
                parts.append(f"@layer {layer} {{\n{self.css(path)}}}")
            parts.append(f"@layer brand {{\n{_brand_css(brand)}}}")
            css = "\n".join(parts)
            self._sheets[key] = Stylesheet(css, yaml_source.sha256_hex(css.encode()))
        return self._sheets[key]

    def page(self, edition: Edition, html: str, format_name: str) -> Page:
        """Return what a render needs for an edition, drawn before, in one format."""
        pictures = [
            DeclaredFile(_picture_url(edition, name), asset.path, asset.digest)
            for name, asset in edition.pictures.items()
        ]
        logo = DeclaredFile(_logo_url(edition.brand), edition.brand.logo.path, edition.brand.logo.digest)
        stylesheet = self.stylesheet(format_name, edition.brand)
        shares_body = not edition.personal and not has_facts(edition.blocks)
        right_to_left = typography.text_direction(edition.key.language) == "rtl"
        if edition.personal:
            expected = expected_content.expected_content(edition)
        else:
            if (
                self._expected is None or self._expected[0] is not edition
            ):  # the formats of an edition follow each other
                self._expected = edition, expected_content.expected_content(edition)
            expected = self._expected[1]
        key, model = edition.key, self.formats[format_name]
        return Page(
            html, stylesheet, (*self.files, logo, *pictures), model, right_to_left, shares_body,
            expected=tuple(item for item in expected if model.qr or item.kind is not ContentKind.CODE),
            name=" · ".join([*_language_and_variant(key), key.clinic, format_name]),
            identity=_identity(edition, format_name),
            inks=_inks(edition.brand) if model.colours == "cmyk" else (),
        )  # fmt: skip

    def draw(self, edition: Edition) -> str:
        """Return the HTML of an edition. It is the same in every format: formats are CSS. What is filled in for a patient is not kept."""
        drawn = {} if edition.personal else self._drawn(edition.blocks, dict)
        return str(_EditionRenderer(self._environment, edition, drawn, self.fonts / TEXT_FONT).page())


def _language_and_variant(key: EditionKey) -> list[str]:
    return [key.language] if key.variant is Variant.FULL else [key.language, str(key.variant)]


def _identity(edition: Edition, format_name: str) -> Identity:
    key, leaflet = edition.key, edition.leaflet.model
    return Identity(
        leaflet=key.leaflet, id=leaflet.id, version=leaflet.version, language=key.language, variant=str(key.variant),
        clinic=key.clinic, format=format_name, digest=edition.digest,
        personal=edition.personal,
    )  # fmt: skip


def _read_files(folder: Path, ends: tuple[str, ...], below: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the files below a folder by their path in it, each read once, so that what is drawn and its digest are of the same bytes."""
    here = folder / below
    for member in files.list_folder(here, here.as_posix()):
        name = f"{below}{member.name}"
        if member.is_folder:
            yield from _read_files(folder, ends, f"{name}/")
        elif name.endswith(ends):
            yield name, files.read_bytes(folder / name, (folder / name).as_posix(), largest=MAX_FILE_BYTES)


def _declared_files(folder: Path, room: str, read: Mapping[str, bytes], end: str) -> Iterator[DeclaredFile]:
    for name in (name for name in read if name.endswith(end)):
        yield DeclaredFile(f"{BASE_URL}{room}/{name}", folder / name, yaml_source.sha256_hex(read[name]))


def _picture_url(edition: Edition, name: str) -> str:
    return f"{BASE_URL}content/{edition.key.leaflet}/{quote(name)}"


def _logo_url(brand: BrandEntry) -> str:
    return f"{BASE_URL}brands/{brand.name}/logo.svg"


def _inks(brand: BrandEntry) -> Inks:
    return tuple((getattr(brand.model, name), ink) for name, ink in sorted(brand.model.cmyk.items()))


def _brand_css(brand: BrandEntry) -> str:
    model = brand.model
    return (
        f":root {{ --brand-primary: {model.primary}; --brand-accent: {model.accent}; --brand-tint: {model.tint}; }}\n"
    )


def qr_code(address: str) -> str:
    """Return a QR code as a data address of an SVG, error level M, with the quiet zone of four modules (ISO 18004)."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False, svgns=True)
    return "data:image/svg+xml," + quote(out.getvalue().decode())


@dataclass(frozen=True, slots=True)
class _RenderedBlock:
    """A block as it was drawn: what its templates read of the edition, and how many exercises there are behind it."""

    block: Block
    read: Mapping[str, Any]
    html: Markup
    exercises: int


class _ReadRecorder:
    """Notes what templates read of an edition, for each of the blocks inside each other that are being drawn."""

    def __init__(self) -> None:
        self._open: list[dict[str, Any]] = []

    def note(self, name: str, value: Any) -> None:
        """Note what has been read, for all blocks that are being drawn."""
        for read in self._open:
            read[name] = value

    @contextmanager
    def reading(self) -> Iterator[dict[str, Any]]:
        """Note what is read from now on."""
        self._open.append({})
        try:
            yield self._open[-1]
        finally:
            self._open.pop()

    def same(self, read: Mapping[str, Any], edition: Any) -> bool:
        """Say whether an edition reads like another that was drawn; what is asked counts as read."""
        return all(_nested_attribute(edition, name) == value for name, value in read.items())


class _RecordingProxy:
    """An edition, or its clinic's contact, of which is noted what is read."""

    def __init__(self, of: Any, watch: _ReadRecorder, prefix: str) -> None:
        self._of, self._watch, self._prefix = of, watch, prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._of, name)
        if name == "contact":
            return _RecordingProxy(value, self._watch, "contact.")
        self._watch.note(self._prefix + name, value)
        return value


def _nested_attribute(edition: Any, name: str) -> Any:
    for part in name.split("."):
        edition = getattr(edition, part)
    return edition


class _EditionRenderer:
    """One edition being drawn: a template for each kind of block, and the counts that run through the text."""

    def __init__(
        self, environment: Environment, edition: Edition, drawn: dict[Any, _RenderedBlock], face: Path
    ) -> None:
        self._get = environment.get_template
        self._watch = _ReadRecorder()
        self._edition: Any = _RecordingProxy(edition, self._watch, "")
        self._known = drawn
        self._exercises = 0
        self._inside: list[str] = []
        self._face = face
        self._language = language = edition.key.language
        self._isolate = partial(typography.isolate_ltr, language=language)
        inline = self._get("components/inline/inline.html").module
        self._nodes = partial(inline.nodes, direction=typography.text_direction(language))  # type: ignore[attr-defined]
        self._shared: dict[str, Any] = {
            "edition": self._edition,
            "leaflet": edition.leaflet.model,
            "phrases": edition.phrases.model_dump(),
            "inline": self._inline,
            "isolate": self._isolate,
            "own_lang": _lang_attribute(language, edition.clinic.model.language),
            "own": partial(_in_own_direction, language, edition.clinic.model.language),
        }

    def page(self) -> Markup:
        edition = self._edition
        language = edition.key.language
        page_words = _split_page_words(edition.phrases.page)
        body = self._blocks(edition.blocks)
        return self._render(
            "base/page.html",
            body=body,
            direction=typography.text_direction(language),
            has_contact=any(block.name is DirectiveName.CONTACT for block in _directives(edition.blocks)),
            contact_panel=partial(self._block, CONTACT_PANEL, True),
            logo=_logo_url(edition.brand),
            page_words=page_words,
            short_digest=edition.digest[:8],
            language_names=_language_names(language, edition.clinic.model.language),
            day=partial(typography.localized_date, language=language),
        )

    def _render(self, template: str, **values: Any) -> Markup:
        return Markup(self._get(template).render(self._shared | values))

    def _inline(self, nodes: Inlines) -> Markup:
        return Markup(str(self._nodes(nodes)).strip("\n"))

    def _blocks(self, blocks: Blocks) -> Markup:
        drawn = []
        before: Block | None = None
        for block in blocks:
            drawn.append(self._block(block, _template_name(before) != _template_name(block)))
            before = block
        return Markup("\n").join(drawn)

    def _block(self, block: Block, first: bool) -> Markup:
        """Draw a block; `first` says that the one before it is of another kind.

        A block that was drawn for another clinic is drawn again only where something that its templates read is different.
        """
        shared = self._shared
        key = id(block), first, self._exercises, shared["own_lang"], id(self._edition.phrases)
        known = self._known.get(key)
        if known is None or not self._watch.same(known.read, self._edition):
            with self._watch.reading() as read:
                html = self._drawn_block(block, first)
            known = self._known[key] = _RenderedBlock(block, read, html, self._exercises)
        self._exercises = known.exercises
        return known.html

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
                values["picture"] = _picture_url(self._edition, block.source)
            case _:
                pass
        return self._render(f"components/{name}/{name}.html", **values)

    def _table(self, block: Table) -> dict[str, Any]:
        indent = sum(tables.BLOCK_INDENTS.get(name, 0.0) for name in self._inside)
        table, looks = tables.fit_table(block, self._language, self._face, indent)
        return {"block": table, "looks": looks}

    def _directive(self, block: Directive) -> dict[str, Any]:
        self._inside.append(block.name)
        values: dict[str, Any] = {"inner": self._blocks(block.blocks), "size": _size_classes(block)}
        self._inside.pop()
        if block.name is DirectiveName.EXERCISE:
            self._exercises += 1
            dose = [part.strip() for part in block.argument.split("×")] if block.argument else []
            values |= {"number": self._exercises, "dose": dose}
        if block.name in (DirectiveName.DO, DirectiveName.DONT):
            values["form"] = _list_layout(block.blocks)
        if block.name is DirectiveName.CONTACT:
            web = self._edition.contact.web
            values["qr"] = qr_code(web.href) if web else ""
        return values

    def _item(self, blocks: Blocks) -> Markup:
        """A list item of one paragraph is drawn without the paragraph, as Markdown's tight lists are."""
        if (
            blocks
            and _template_name(blocks[0]) == "paragraph"
            and all(_template_name(block) == "list" for block in blocks[1:])
        ):
            return self._inline(blocks[0].children) + self._blocks(blocks[1:])  # type: ignore[union-attr]
        return self._blocks(blocks)


def _size_classes(block: Directive) -> str:
    """Return the classes of a block that some pages have no room for, or none has."""
    lines = _estimated_lines(block)
    return " over-a-small-page" * (lines > SMALL_PAGE_LINES) + " over-a-page" * (lines > PAGE_LINES)


def _estimated_lines(block: Block) -> int:
    """Return about how many lines a block has."""
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


def _list_layout(blocks: Blocks) -> str:
    """Return how what to do, or to leave, is set: side by side with the other, in two columns that go on over pages, or as it is."""
    match blocks:
        case (List(items=items),) if all(len(plain_text(item)) <= MAX_COMPACT_ITEM_LENGTH for item in items):
            return "compact" if len(items) <= MAX_COMPACT_ITEMS else "columns"
        case _:
            return ""


def _node_type(node: object) -> str:
    return type(node).__name__


def _is_footnote(node: object) -> bool:
    return isinstance(node, Footnote)


def _heading_label(nodes: Inlines) -> str:
    """Return the words of a heading without its footnotes."""
    inner = (_heading_label(node.children) if isinstance(node, Strong | Emphasis | Span) else plain_text(node) for node in nodes if not _is_footnote(node))  # fmt: skip
    return "".join(inner)


def _host(address: str) -> str:
    return urlsplit(address).netloc


def _no_break_markup(text: str, direction: str = "ltr") -> Markup:
    """Wrap each range of numbers, with its unit, and each word such as e-post, so that no line ends inside it.

    From right to left they are held by joiners: WeasyPrint puts elements in the order of the paragraph (70.0).
    A word with soft hyphens is wrapped, too: WeasyPrint takes all words before it for one when it asks how narrow a cell may be (70.0).
    """
    if direction == "rtl":
        return _isolates_to_markup(typography.join_unbreakable(typography.isolate_ltr_runs(text)))
    held = typography.UNBREAKABLE_PATTERN.sub(r'<span class="together">\g<0></span>', str(_isolates_to_markup(text)))
    return Markup(_SOFT_WORD.sub(r"<span>\g<0></span>", held) if typography.SOFT_HYPHEN in held else held)


def _isolates_to_markup(text: str) -> Markup:
    """Return a text whose isolates are elements: in an element they hold over the end of a line, too, and nobody hears them."""
    return Markup(
        typography.ISOLATE_PATTERN.sub(
            lambda match: f'<span dir="{typography.isolate_direction(*match.groups())}">{match[2]}</span>',
            str(escape(text)),
        )
    )


def _direction_attribute(text: str) -> Markup:
    """Return the attribute of an element whose whole text is an isolate. An element in a link would be no part of the link (WeasyPrint 70)."""
    match = typography.ISOLATE_PATTERN.fullmatch(text)
    return Markup(' dir="{}"').format(typography.isolate_direction(*match.groups())) if match else Markup("")


def _link_direction_attribute(text: str, direction: str) -> Markup:
    """Return the attribute of a link whose words run from left to right in a text from right to left."""
    turns = direction == "rtl" and not typography.is_right_to_left(text) and typography.needs_isolation(text)
    return Markup(' dir="ltr"') if turns else Markup("")


def _without_isolate(text: str) -> str:
    match = typography.ISOLATE_PATTERN.fullmatch(text)
    return match[2] if match else text


def _isolated_markup(text: str, direction: str) -> Markup:
    return _isolates_to_markup(typography.isolate_other_direction(text, direction))


def _template_name(block: Block | None) -> str:
    if isinstance(block, Directive):
        return str(block.name)
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
    return before, between, after


def _lang_attribute(language: str, clinic: str) -> Markup:
    """Return the attribute that says in which language a clinic's names are, where the text is in another."""
    return Markup("") if language == clinic else Markup(' lang="{}"').format(clinic)


def _in_own_direction(language: str, clinic: str, words: str) -> Markup:
    """Return a clinic's name in the direction of its language, inside a text in another."""
    direction = typography.text_direction(clinic)
    if direction == typography.text_direction(language):
        return escape(words)
    return Markup('<span dir="{}">{}</span>').format(direction, words)


def _language_names(language: str, staff: str) -> str:
    """Return the language's own name, and what the staff call it where that differs."""
    own = typography.native_language_name(language)
    return (
        own
        if language == staff
        else f"{own} ({typography.isolate_ltr(typography.language_name(language, staff), language)})"
    )


def page_key(page: Page, versions: Mapping[str, str]) -> str:
    """Return the cache key: SHA-256 over everything that can change the bytes of the PDF."""
    parts = hashlib.sha256()
    for part in (
        page.html,
        page.stylesheet.digest,
        *(f"{file.url} {file.digest}" for file in page.files),
        page.format.model_dump_json(),
        repr(page.identity),
        repr(page.inks),
        *(f"{name} {version}" for name, version in sorted(versions.items())),
    ):
        parts.update(part.encode() + b"\0")
    return parts.hexdigest()
