"""The layouts: formats, templates, stylesheets and fonts, and how an edition becomes a page of one format."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pdfkit_cli.content import files, yaml_source
from pdfkit_cli.content.blocks import Table
from pdfkit_cli.content.editions import Edition, EditionKey
from pdfkit_cli.content.languages import typography
from pdfkit_cli.content.loader import BrandEntry
from pdfkit_cli.content.models import Format, Variant
from pdfkit_cli.content.yaml_source import SourceFile
from pdfkit_cli.errors import Finding, PdfkitError, SourceError, SourceLocation
from pdfkit_cli.pdf.cmyk import Inks
from pdfkit_cli.rendering import tables, templates
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Identity, Page, Stylesheet
from pdfkit_cli.rendering.templates import DrawnBlock, EditionRenderer, Templates
from pdfkit_cli.rendering.verification import expected_content
from pdfkit_cli.rendering.verification.expected_content import ContentKind, ExpectedItem
from pdfkit_cli.system.caching import LastValueCache

TEXT_FONT = "source-sans-3/SourceSans3-Regular.ttf"
"""The font of plain text, by which words are measured."""

MAX_FILE_BYTES = 30_000_000
"""Bytes of a font or another file of a layout; fonts with Chinese signs have some 20 million."""

CASCADE_LAYERS = ("base", "component", "format", "brand")


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
        self.measures = tuple(sorted({form.text for form in self.formats.values() if form.text}, key=repr))
        """How wide the text of the formats is set, by which tables know whether their words fit."""

        faces = dict(_read_files(fonts, (".ttf",)))
        self.files = (
            *_declared_files(folder, "layouts", read, ".svg"),
            *_declared_files(fonts, "fonts", faces, ".ttf"),
        )
        self.templates = tuple(_declared_files(folder, "layouts", read, ".html"))
        self._renderer_templates = Templates({name: text.text for name, text in self._texts.items()})
        self._sheets: dict[tuple[str, str], Stylesheet] = {}
        self._shared: LastValueCache[dict[tuple[object, ...], DrawnBlock]] = LastValueCache()
        self._expected: LastValueCache[tuple[ExpectedItem, ...]] = LastValueCache()

    def _fit_table(self, table: Table, language: str, indent: float) -> tuple[Table, str]:
        return tables.fit_table(table, language, self.fonts / TEXT_FONT, self.measures, indent)

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
        css = {
            path.relative_to(self.folder).as_posix(): self._text(path).digest for path in self.css_files(format_name)
        }
        form = yaml_source.sha256_hex(self.formats[format_name].render_key.encode())
        return css | {f"formats/{format_name}/format.yaml": form}

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
            DeclaredFile(templates.picture_url(edition, name), asset.path, asset.digest)
            for name, asset in edition.pictures.items()
        ]
        logo = DeclaredFile(templates.logo_url(edition.brand), edition.brand.logo.path, edition.brand.logo.digest)
        stylesheet = self.stylesheet(format_name, edition.brand)
        shares_body = not edition.personal and not edition.text.has_facts
        right_to_left = typography.text_direction(edition.key.language) == "rtl"
        expected = (
            expected_content.expected_content(edition)
            if edition.personal
            else self._expected(edition, lambda: expected_content.expected_content(edition))
        )
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
        shared = {} if edition.personal else self._shared(edition.text, dict)
        return str(EditionRenderer(self._renderer_templates, edition, shared, self._fit_table).page())


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


def _inks(brand: BrandEntry) -> Inks:
    return tuple((getattr(brand.model, name), ink) for name, ink in sorted(brand.model.cmyk.items()))


def _brand_css(brand: BrandEntry) -> str:
    model = brand.model
    return (
        f":root {{ --brand-primary: {model.primary}; --brand-accent: {model.accent}; --brand-tint: {model.tint}; }}\n"
    )
