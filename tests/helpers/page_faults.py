"""What a typesetter would not let pass on finished pages: holes, stranded headings, torn lists, notes on another page.

Each function takes the blocks that the file itself names (see `printed_blocks`) and yields where something is wrong, and what.
"""

from collections.abc import Iterator
from itertools import pairwise

from pdfkit_cli.pdf.reader.content_stream import ARTIFACT
from tests.helpers.printed_blocks import MM, SAME_LINE, Block, Line, Printed

LONG_ITEM = 4
"""Lines of a list's first item that may stand alone on its page: the rest would leave a hole."""

HEADINGS = {f"H{level}" for level in range(1, 7)}


def fill_shares(pdf: Printed, top: float, bottom: float, *, covers: bool) -> Iterator[tuple[int, float]]:
    """Yield each page that text flows on from, and the share of its type area above its last line or picture.

    `top` and `bottom` are the margins of the pages in mm. With covers, the text ends before the last page.
    """
    text = [page for page in pdf.pages if any(block.kind not in HEADINGS for block in _blocks_on(pdf, page.number))]
    for page in text[: -2 if covers else -1]:
        height = page.box[3] - page.box[1] - (top + bottom) * MM
        foot = page.box[1] + bottom * MM
        end = min((box[1] for box in _ink(pdf, page.number)), default=page.box[3] - top * MM)
        yield page.number, 1 - (end - foot) / height


def _blocks_on(pdf: Printed, number: int) -> list[Block]:
    return [block for block in pdf.blocks if any(line.page == number for line in block.lines)]


def _ink(pdf: Printed, number: int) -> Iterator[tuple[float, float, float, float]]:
    yield from (line.box for block in pdf.blocks for line in block.lines if line.page == number)


def _flow(pdf: Printed) -> list[Block]:
    """Return the blocks that follow each other on the pages: without notes."""
    return [block for block in pdf.blocks if block.kind != "Note" and not block.inside("Note")]


def stranded_headings(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each heading that fewer than two lines of its text follow, and the rest on another page or column."""
    flow = _flow(pdf)
    for index, heading in enumerate(flow):
        if heading.kind not in HEADINGS or heading.kind == "H1":
            continue
        section: list[Line] = []
        for block in flow[index + 1 :]:
            if block.kind in HEADINGS:
                if section or block.kind <= heading.kind:
                    break
                continue
            section += block.lines
        here = [line for line in section if line.region == heading.lines[-1].region]
        if len(here) < min(2, len(section)) and all(line.text for line in here):
            yield heading.lines[-1].page, heading.text


def torn_announcements(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each paragraph that ends with a colon, and whose next block begins elsewhere."""
    for block, following in pairwise(_flow(pdf)):
        announces = block.kind == "P" and block.text.rstrip().endswith(":") and not block.inside("LI")
        if announces and block.lines[-1].region != following.lines[0].region:
            yield block.lines[-1].page, block.text


def torn_legends(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each numbered list below a picture, with a sentence between them at most, that begins on another page or column."""
    flow = _flow(pdf)
    for index, picture in enumerate(flow):
        after = flow[index + 1 : index + 3]
        legend = next((block for block in after if block.inside("LI")), None)
        below = picture.kind == "Figure" and legend and legend.text.startswith("1")
        if below and legend and picture.lines[-1].region != legend.lines[0].region:
            yield picture.lines[-1].page, legend.text


def _lists(pdf: Printed) -> Iterator[list[list[Line]]]:
    """Yield the lines of the items of each list."""
    lists: dict[int, dict[int, list[Line]]] = {}
    for block in _flow(pdf):
        if block.inside("L") and block.inside("LI"):
            lists.setdefault(block.inside("L"), {}).setdefault(block.inside("LI"), []).extend(block.lines)
    yield from (list(items.values()) for items in lists.values())


def lone_items(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each first item that is alone on its page, and each last one."""
    for items in _lists(pdf):
        if len(items) < 3:
            continue
        first, second, before, last = items[0], items[1], items[-2], items[-1]
        if first[-1].region != second[0].region and len(first) < LONG_ITEM:
            yield first[0].page, "first: " + first[0].text
        if before[-1].region != last[0].region and len(last) < LONG_ITEM:
            yield last[0].page, "last: " + last[0].text


def lone_ends(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each single line at the top of a page that ends a section which began before."""
    for before, block, following in zip(flow := _flow(pdf), flow[1:], [*flow[2:], None], strict=False):
        ends = following is None or following.kind in HEADINGS
        lines = [before.lines[-1], *block.lines]
        level = lines[-1].page == lines[-2].page and abs(lines[-1].box[1] - lines[-2].box[1]) <= SAME_LINE
        alone = lines[-1].region != lines[-2].region and not level and lines[-1].text
        begins = len(block.lines) == 1 and before.path[: len(block.path) - 1] != block.path[:-1]  # such as a label
        if ends and alone and not begins and not HEADINGS.intersection((before.kind, block.kind)):
            yield block.lines[-1].page, block.lines[-1].text


def distant_notes(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each note that is not on a page of the paragraph that calls it."""
    by_path = {block.path: block for block in pdf.blocks}
    for note in pdf.blocks:
        if note.kind == "Note":
            owner = by_path.get(note.path[:-1])
            if owner and note.lines[0].page not in {line.page for line in owner.lines}:
                yield note.lines[0].page, note.text[:50]


def headless_tables(pdf: Printed) -> Iterator[tuple[int, str]]:
    """Yield each page on which a table goes on without its head."""
    tables: dict[int, list[Block]] = {}
    for block in _flow(pdf):
        if block.inside("Table"):
            tables.setdefault(block.inside("Table"), []).append(block)
    for cells in tables.values():
        head = "".join(cell.text for cell in cells if cell.inside("TH") and not cell.inside("TBody"))
        start = cells[0].lines[0].page
        for number in sorted({line.page for cell in cells for line in cell.lines} - {start}):
            shown = "".join("".join(run.glyphs) for run in pdf.pages[number - 1].runs if run.mark == ARTIFACT)
            if head.replace(" ", "") not in shown.replace(" ", ""):
                yield number, head
