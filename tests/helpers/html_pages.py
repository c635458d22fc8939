"""Pages of a few words, to be rendered."""

from dataclasses import dataclass
from pathlib import Path

from pdfkit_cli.content import yaml_source
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.page import BASE_URL, DeclaredFile, Page, PageFormat, Stylesheet

FONT = packaged_folder("fonts") / "source-sans-3/SourceSans3-Regular.ttf"


A4 = PageFormat("a4")


NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'


GOOD_SVG = f'<svg {NS}><path d="M0 0h9v9z"/></svg>'


PICTURE = '<img src="a.svg" alt="En tegning">'


@dataclass(frozen=True)
class Room:
    """A folder in which pages are made of a few words."""

    folder: Path

    def page(self, body: str = "<p>Hej</p>", *, css: str = "", before: str = "", head: str = "", **files: str) -> Page:
        """Return a page; `files` are pictures, `a="…"` is `a.svg`. `before` is CSS ahead of everything else."""
        found = [DeclaredFile(f"{BASE_URL}f.ttf", FONT, yaml_source.sha256_hex(FONT.read_bytes()))]
        for name, data in files.items():
            path = self.folder / f"{name}.svg"
            path.write_text(data, "utf-8")
            found.append(DeclaredFile(f"{BASE_URL}{name}.svg", path, yaml_source.sha256_hex(data.encode())))
        sheet = f"{before}@font-face {{ font-family: F; src: url(f.ttf) }} html {{ font-family: F }} {css}"
        html = f'<html lang="da"><head><title>T</title>{head}</head><body><h1>T</h1>{body}</body></html>'
        return Page(html, Stylesheet(sheet, yaml_source.sha256_hex(sheet.encode())), tuple(found), A4, False, False)
