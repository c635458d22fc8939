"""The layouts: formats, templates, stylesheets and fonts, and how an edition becomes a page of one format."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from pdfkit_cli.content import contrast, extracts, yaml_source
from pdfkit_cli.content.blocks import Table
from pdfkit_cli.content.editions import Edition, EditionKey
from pdfkit_cli.content.fonts import FontFace, FontFamily, load_families
from pdfkit_cli.content.languages.language import Language
from pdfkit_cli.content.library import BrandEntry
from pdfkit_cli.content.models import Extract, Format, Preflight, Variant
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Finding, PdfkitError, SourceError, SourceLocation
from pdfkit_cli.rendering import layout_files
from pdfkit_cli.rendering.layout_files import LAYER_OF_FOLDER, LayoutFile
from pdfkit_cli.rendering.page import (
    BASE_URL,
    ClearZone,
    DeclaredFile,
    Identity,
    Page,
    PageFormat,
    PageLimits,
    Stylesheet,
)
from pdfkit_cli.rendering.verification.expected_item import ContentKind, ExpectedItem
from pdfkit_cli.system.caching import LastValueCache

if TYPE_CHECKING:
    from pdfkit_cli.pdf.cmyk import Inks
    from pdfkit_cli.rendering.templates import SharedDrawing, Templates

TEXT_FONT = "source-sans-3/SourceSans3-Regular.ttf"
"""The font of plain text, used to measure words."""

PAGE = "base/page.html"
"""The template of the page in formats that have none of their own."""

CASCADE_LAYERS = ("base", "component", "format", "brand")
TEXT_FAMILIES = ("Source Sans 3", "Noto Sans Arabic")
TITLE_FAMILIES = ("Source Serif 4", "Noto Naskh Arabic")
"""The families of text, and those that titles have before them, as in base.css: for characters that another family lacks."""

BASE_FAMILIES = frozenset(["source-sans-3", "source-serif-4", "noto-sans-arabic", "noto-naskh-arabic"])
"""The families that fonts.css declares; a page declares others of pdfkit only if they have characters that it needs."""

FAMILIES_OF_STYLES = {"Aran": "noto-nastaliq-urdu"}
"""The families of scripts that have the letters of another one, and so cannot be chosen by their characters (ISO 15924)."""

_MARGINS = ".running-head, .running-first, .running-foot, .label, .kind"
"""What stands on lines of a fixed height, for which Nastaliq is too high: there the letters are those of Naskh."""

_WIDE_SPACE = "\N{IDEOGRAPHIC SPACE}"
"""The families with this character draw dashes and quotation marks as wide as it."""


def page_format(form: Format) -> PageFormat:
    """Return what a format decides about a PDF."""
    return PageFormat(
        form.render_key,
        form.duplex,
        form.imposition,
        form.bleed,
        form.colours,
        form.transparency,
        form.archival,
        form.pages_per_sheet,
        form.columns,
        form.grows,
        form.cover,
        _page_limits(form.preflight) if form.preflight else None,
    )


def _page_limits(limits: Preflight) -> PageLimits:
    zones = tuple(ClearZone(*(value for _, value in zone)) for zone in limits.zones)
    return PageLimits(
        limits.page,
        zones,
        limits.max_bytes,
        limits.max_sheets,
        limits.instead,
        limits.max_pages,
        limits.max_pdf_version,
    )


class Layouts:
    """Formats, templates, stylesheets and fonts, loaded once.

    What draws (Jinja2, hyphenation, QR codes) is imported when something is drawn: most builds draw little or nothing.
    """

    @classmethod
    def load(cls, folder: Path, fonts: Path, library: Path | None, before: "Layouts | None" = None) -> "Layouts":
        """Load the layouts; if none of their files has changed, these are those loaded `before`, with all they know."""
        files = layout_files.read_layouts(folder, library)
        unchanged = before and (before.folder, before.fonts, before._files) == (folder, fonts, files)
        return before if before and unchanged else cls(folder, fonts, library, files)

    def __init__(
        self, folder: Path, fonts: Path, library: Path | None = None, files: Mapping[str, LayoutFile] | None = None
    ) -> None:
        """Load the layouts in `folder`, with those of a library over them; `files` are their files, if they have been read.

        Raises SourceError if one of their files is invalid, PdfkitError if there are none.
        """
        self.folder, self.fonts = folder, fonts
        self._files = files or layout_files.read_layouts(folder, library)
        self.formats = layout_files.read_formats(self._files)
        if not self.formats:
            raise PdfkitError(f"{folder}: no formats here", hint="install pdfkit again; its layouts are missing")
        self._page_formats = {name: page_format(form) for name, form in self.formats.items()}
        self.measures = tuple(sorted({form.text for form in self.formats.values() if form.text}, key=repr))
        """The text widths of all formats, used to fit the words of tables."""

        for name, form in self.formats.items():
            self.css_files(name)
            if form.page:
                self._text(f"formats/{form.page}", f"formats/{name}/format.yaml")
        self.families = load_families(fonts)
        base = [family for name, family in self.families.items() if name in BASE_FAMILIES]
        self._base_characters = frozenset[str]().union(*(family.characters for family in base))
        self.files = (*self._declared(layout_files.PICTURES), *_font_files(base))
        self.templates = self._declared((".html",))
        if any(file.own and name.endswith(".html") for name, file in self._files.items()):
            _ = self._renderer_templates  # reports what is wrong with them
        self._sheets: dict[tuple[str, int, str, tuple[str, ...]], tuple[BrandEntry, Stylesheet]] = {}
        self._shared: LastValueCache[dict[Path, SharedDrawing]] = LastValueCache()
        """The parts of a text that clinics share, by the font with which tables were measured."""

        self.compiled: Path | None = None
        """The folder in which compiled templates are kept for later commands, if any."""

        self._expected: LastValueCache[dict[Extract | None, tuple[ExpectedItem, ...]]] = LastValueCache()
        self.drawing = threading.Lock()
        """Held while a page is drawn: a project and the one opened after it may share the layouts."""

    @cached_property
    def _renderer_templates(self) -> "Templates":
        from pdfkit_cli.rendering.templates import Templates

        return Templates(self._files, {f"formats/{form.page}" for form in self.formats.values() if form.page})

    def _declared(self, endings: tuple[str, ...]) -> tuple[DeclaredFile, ...]:
        return tuple(
            DeclaredFile(f"{BASE_URL}layouts/{name}", file.path, file.digest)
            for name, file in self._files.items()
            if name.endswith(endings)
        )

    def font_digests(self, brands: Iterable[BrandEntry]) -> set[str]:
        """Return the digests of all fonts: those of pdfkit and of brands."""
        families = (*self.families.values(), *(family for brand in brands for family in brand.all_fonts))
        return {face.digest for family in families for face in family.faces}

    def script_families(self, html: str, script: str, brand: BrandEntry) -> tuple[FontFamily, ...]:
        """Return the families that a page needs beside those of fonts.css and of its text, for its script and its characters.

        Those of the brand come before those of pdfkit.
        """
        styled = self.families.get(FAMILIES_OF_STYLES.get(script, ""))
        missing = {sign for sign in set(html) - self._base_characters if sign.isprintable()}
        own = [
            family
            for code, family in brand.script_fonts.items()
            if code == script or not missing.isdisjoint(family.characters)
        ]
        missing = missing.difference(*(family.characters for family in own))
        rest = [family for family in self.families.values() if not missing.isdisjoint(family.characters)]
        return tuple(dict.fromkeys([*own, *([styled] if styled and script not in brand.script_fonts else []), *rest]))

    def css_files(self, format_name: str) -> list[SourceFile]:
        """Return the CSS files of a format, in the order of the cascade. Raises SourceError if one is missing."""
        return [self._text(name, f"formats/{format_name}/format.yaml") for name in self._css_names(format_name)]

    def _css_names(self, format_name: str) -> list[str]:
        return [*self._shared_css_names, *(f"formats/{name}" for name in self.formats[format_name].css)]

    @cached_property
    def _shared_css_names(self) -> list[str]:
        shared = (name for name in self._files if name.endswith(".css") and not name.startswith("formats/"))
        return sorted(shared, key=lambda name: (not name.startswith("base/"), PurePosixPath(name)))

    def digests(self, format_name: str) -> dict[str, str]:
        """Return the digests of the files that only this format uses, by path below the layouts."""
        form = yaml_source.sha256_hex(self.formats[format_name].render_key.encode())
        css = {name: self._files[name].digest for name in self._css_names(format_name)}
        return css | {f"formats/{format_name}/format.yaml": form}

    def text(self, name: str) -> SourceFile | None:
        """Return a text file of the layouts by its path, or None."""
        file = self._files.get(name)
        return file.text if file else None

    def _text(self, name: str, asked_by: str) -> SourceFile:
        if text := self.text(name):
            return text
        message = f"there is no {name} in the layouts; add it, or correct its name"
        place = self._files[asked_by].path.as_posix()
        raise SourceError([Finding("missing-file", message, SourceLocation(place))])

    def stylesheet(
        self, format_name: str, brand: BrandEntry, script: str = "", families: tuple[FontFamily, ...] = ()
    ) -> Stylesheet:
        """Return the one stylesheet of a format in a brand, each file in its cascade layer.

        `families` are those that a text in `script` needs beside the ones of fonts.css.
        """
        script = script if families else ""
        key = format_name, id(brand), script, tuple(family.name for family in families)
        if key not in self._sheets:
            layers = [LAYER_OF_FOLDER[name.partition("/")[0]] for name in self._css_names(format_name)]
            parts = list[tuple[str, SourceFile | str]](zip(layers, self.css_files(format_name), strict=True))
            parts += [("brand", _brand_css(brand, script, families)), *([("brand", brand.css)] if brand.css else [])]
            self._sheets[key] = brand, _layered(parts)
        return self._sheets[key][1]

    def page(self, edition: Edition, html: str, format_name: str) -> Page:
        """Return everything needed to render an edition in one format, given its HTML."""
        from pdfkit_cli.rendering import templates
        from pdfkit_cli.rendering.verification import expected_content

        all_pictures = {**(edition.beside.pictures if edition.beside else {}), **edition.pictures}
        pictures = [
            DeclaredFile(templates.picture_url(edition, name), asset.path, asset.digest)
            for name, asset in all_pictures.items()
        ]
        logo = DeclaredFile(templates.logo_url(edition.brand), edition.brand.logo.path, edition.brand.logo.digest)
        key, model = edition.key, self.formats[format_name]
        script = edition.language.script
        families = self.script_families(html, script, edition.brand)
        stylesheet = self.stylesheet(format_name, edition.brand, script, families)
        shown = extracts.extract_edition(edition, model.extract)
        shares_body = not edition.personal and not shown.text.has_facts and not edition.beside
        right_to_left = edition.language.is_rtl
        known = {} if edition.personal else self._expected(edition, dict)
        if model.extract not in known:
            known[model.extract] = expected_content.expected_content(shown)
        return Page(
            html, stylesheet, (*self.files, *_font_files((*edition.brand.fonts, *families)), logo, *pictures),
            self._page_formats[format_name], right_to_left, shares_body,
            expected=tuple(item for item in known[model.extract] if model.qr or item.kind is not ContentKind.CODE),
            name=" · ".join([*_language_and_variant(key), key.clinic, format_name]),
            identity=_identity(edition, format_name),
            inks=_inks(edition.brand) if model.colours == "cmyk" else (),
        )  # fmt: skip

    def draw(self, edition: Edition, format_name: str | None = None) -> str:
        """Return the HTML of an edition, which is the same in every format that does not show an extract, nor has a page of its own.
        Values filled in for a patient are not cached.

        Raises SourceError if a template of the library fails, or if the edition has nothing that the format shows.
        """
        from pdfkit_cli.rendering import sandbox, tables
        from pdfkit_cli.rendering.templates import EditionRenderer, SharedDrawing

        self._renderer_templates.kept = sandbox.keep_compiled(self.compiled)
        family = edition.brand.text_font
        face = family.regular.path if family else self.fonts / TEXT_FONT
        known: dict[Path, SharedDrawing] = {} if edition.personal else self._shared(edition.text, dict)
        shared = known.setdefault(face, SharedDrawing())
        page, extract = self.formats[format_name].drawing if format_name else ("", None)
        extracts.require_blocks(edition, extract, format_name or "")
        shown = extracts.extract_edition(edition, extract)
        template = f"formats/{page}" if page else PAGE

        def fit_table(table: Table, language: Language, indent: float) -> tuple[Table, str]:
            return tables.fit_table(table, language, face, self.measures, indent)

        with self._renderer_templates.errors_as_findings():
            beside = (
                EditionRenderer(self._renderer_templates, edition.beside, SharedDrawing(), fit_table)
                if edition.beside
                else None
            )
            return str(EditionRenderer(self._renderer_templates, shown, shared, fit_table, beside).page(template))


def _language_and_variant(key: EditionKey) -> list[str]:
    return [key.language] if key.variant is Variant.FULL else [key.language, str(key.variant)]


def _identity(edition: Edition, format_name: str) -> Identity:
    key, leaflet = edition.key, edition.leaflet.model
    return Identity(
        leaflet=key.leaflet, id=leaflet.id, version=leaflet.version, language=key.language, variant=str(key.variant),
        clinic=key.clinic, format=format_name, digest=edition.digest,
        personal=edition.personal,
    )  # fmt: skip


def _inks(brand: BrandEntry) -> "Inks":
    return tuple((getattr(brand.model, name), ink) for name, ink in sorted(brand.model.cmyk.items()))


def _brand_css(brand: BrandEntry, script: str, families: tuple[FontFamily, ...]) -> str:
    model = brand.model
    colours = f"--brand-primary: {model.primary}; --brand-accent: {model.accent}; --brand-tint: {model.tint}; --brand-soft: {contrast.lightened(model.primary, 0.6)};"
    ratio = f" --logo-ratio: {brand.logo_ratio:.4g};" if brand.logo_shape else ""
    return f":root {{ {colours}{ratio} }}\n{_font_css(brand, script, families)}"


def _font_css(brand: BrandEntry, script: str, families: tuple[FontFamily, ...]) -> str:
    """Return the faces of a brand and of other families, and which text uses which family.

    Characters that a family lacks are taken from pdfkit's fonts.
    """
    declared = tuple(dict.fromkeys((*brand.fonts, *families)))
    faces = [
        f'@font-face {{ font-family: "{family.name}"; src: url("{_face_url(family, face)}"); '
        f"font-weight: {face.weight}; font-style: {'italic' if face.italic else 'normal'}; }}\n"
        for family in declared
        for face in family.faces
    ]
    text, heading = brand.text_font, brand.heading_font
    titles = [(heading or text).name] if heading or text else [*TITLE_FAMILIES, TEXT_FAMILIES[0]]  # type: ignore[union-attr]
    uses = (
        ("html { font-family", [text.name] if text else TEXT_FAMILIES[:1], bool(text or families)),
        (":root { --titles", titles, bool(heading or text or families)),
        ("h3, h4 { font-family", [heading.name] if heading else [], bool(heading)),
    )
    margins = (
        f"{_MARGINS} {{ font-family: {_family_chain(uses[0][1], '', ())}; }}\n" if script in FAMILIES_OF_STYLES else ""
    )
    return "".join((*faces, margins)) + "".join(
        f"{where}: {_family_chain(chosen, script, families, brand)}; }}\n"
        for where, chosen, is_needed in uses
        if is_needed
    )


def _family_chain(
    chosen: Sequence[str], script: str, families: tuple[FontFamily, ...], brand: BrandEntry | None = None
) -> str:
    """Return the chosen families with those for what they lack, in the order in which a character is looked for."""
    style = FAMILIES_OF_STYLES.get(script)
    first = [family.name for family in families if _WIDE_SPACE in family.characters and script.startswith("Han")]
    brands = brand.script_fonts.values() if brand else ()
    own = [family.name for family in families if family.name == style or family in brands]
    names = dict.fromkeys([*first, chosen[0], *own, *chosen[1:], *TEXT_FAMILIES])
    return ", ".join(
        f'"{name}"' for name in (*names, *(family.name for family in families if family.name not in names))
    )


def _font_files(families: Iterable[FontFamily]) -> Iterator[DeclaredFile]:
    for family in families:
        for face in family.faces:
            yield DeclaredFile(_face_url(family, face), face.path, face.digest)


def _face_url(family: FontFamily, face: FontFace) -> str:
    return f"{BASE_URL}fonts/{family.name}/{quote(face.path.name)}"


def _layered(parts: Iterable[tuple[str, SourceFile | str]]) -> Stylesheet:
    """Return one stylesheet from CSS in its cascade layers."""
    css, sources = f"@layer {', '.join(CASCADE_LAYERS)};", list[tuple[int, str]]()
    for layer, part in parts:
        if isinstance(part, SourceFile):
            sources.append((css.count("\n") + 3, part.name))
        css += f"\n@layer {layer} {{\n{part.text if isinstance(part, SourceFile) else part}}}"
    return Stylesheet(css, yaml_source.sha256_hex(css.encode()), tuple(sources))
