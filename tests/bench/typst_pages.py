"""The same leaflets in Typst (PyPI `typst`), as PDF/UA-1, for comparison: one template, one compiler, warm."""

import json
import sys
import time
from pathlib import Path

import typst

from pdfkit_cli.content.blocks import (
    Block,
    Blocks,
    Directive,
    Emphasis,
    Fact,
    Heading,
    Inlines,
    Link,
    List,
    Paragraph,
    Span,
    Strong,
    Text,
)
from pdfkit_cli.content.editions import Edition
from pdfkit_cli.content.packaged import packaged_folder
from pdfkit_cli.rendering.page import Page
from tests.bench.pages import pages

PAPER = {"A4": ("a4", "23mm", "12.5pt"), "A5": ("a5", "15mm", "12pt")}

HEAD = """
#set document(title: {title}, author: {author})
#set page(paper: {paper}, margin: {margin}, footer: context [#line(length: 100%, stroke: 0.5pt)
  {identity} #h(1fr) #counter(page).display() / #counter(page).final().first()])
#set text(font: "Source Sans 3", size: {size}, lang: {lang})
#set par(leading: 0.55em, spacing: 0.9em)
#show heading: set text(fill: rgb("#0f5b6e"))
#show heading: set block(sticky: true, above: 1.4em, below: 0.6em)
#let panel(fill, stroke, body) = block(fill: fill, stroke: stroke, radius: 3pt, inset: 4mm, width: 100%, breakable: false, body)
"""


def literal(text: str) -> str:
    """Return a Typst string."""
    return json.dumps(text, ensure_ascii=False)


def paper(page: Page) -> str:
    """Return the paper of a page, by the name that `source` takes."""
    limits = page.format.preflight
    return "A5" if limits and limits.page[0] < 200 else "A4"


def source(edition: Edition, paper: str) -> str:
    """Return an edition as Typst."""
    name, margin, size = PAPER[paper]
    model, contact = edition.leaflet.model, edition.contact
    head = HEAD.format(
        title=literal(edition.title), author=literal(contact.name), paper=literal(name), margin=margin, size=size,
        lang=literal(edition.key.language), identity=inline((Text(f"{model.id} · {edition.digest[:8]}"),)),
    )  # fmt: skip
    lines = [f"= {inline((Text(edition.title),))}", inline((Text(edition.summary),)), blocks(edition.blocks)]
    panel = "\n\n".join(
        inline((Text(line),)) for line in (contact.name, contact.unit, *contact.address, *contact.hours) if line
    )
    return head + "\n\n".join([*lines, f'#panel(rgb("#eaf3f4"), none)[{panel}]'])


def blocks(nodes: Blocks) -> str:
    """Return blocks as Typst, an empty line between them."""
    return "\n\n".join(block(node) for node in nodes)


def block(node: Block) -> str:
    """Return one block as Typst."""
    match node:
        case Heading(level, children):
            return "=" * level + " " + inline(children)
        case Paragraph(children):
            return inline(children)
        case List(ordered, _, items):
            return ("#enum" if ordered else "#list") + "".join(f"[{blocks(item.blocks)}]" for item in items)
        case Directive(name, argument, inner, _, level):
            title = "=" * level + " " + inline((Text(argument or name),)) + "\n\n" if level else ""
            fill, stroke = ("#fdf1f0", 'rgb("#9c1420")') if name == "warning" else ("#eaf3f4", "none")
            body = title + blocks(inner)
            plain = name in ("step", "contact")
            return body if plain else f'#panel(rgb("{fill}"), {stroke})[{body}]'
        case _:
            return ""


def inline(nodes: Inlines) -> str:
    """Return inline nodes as Typst."""
    result = ""
    for node in nodes:
        match node:
            case Text(text) | Fact(_, text) | Link(text):
                result += f"#{literal(text)};"
            case Strong(children):
                result += f"#strong[{inline(children)}]"
            case Emphasis(children) | Span(children):
                result += inline(children)
            case _:
                pass
    return result


def main(library: Path, every: int) -> None:
    """Print seconds of wall clock and CPU for each PDF, the compiler being warm."""
    sources = [source(edition, paper(page)).encode() for edition, page in pages(library, every)]
    compiler = typst.Compiler(font_paths=[str(packaged_folder("fonts"))], ignore_system_fonts=True)
    for text in sources[:3]:
        compiler.compile(input=text, format="pdf", pdf_standards="ua-1")
    wall, cpu = time.perf_counter(), time.process_time()
    for text in sources:
        compiler.compile(input=text, format="pdf", pdf_standards="ua-1")
    count = len(sources)
    print(
        json.dumps(
            {"pdfs": count, "wall": (time.perf_counter() - wall) / count, "cpu": (time.process_time() - cpu) / count}
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
