"""Typographic flaws on a page on which nothing is missing: a nearly empty page, a lone line, a heading without its text."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pdfkit_cli.pdf.reader.content_stream import ARTIFACT, TextRun
from pdfkit_cli.pdf.reader.document import PageContent, PdfContent
from pdfkit_cli.rendering.verification import legibility
from pdfkit_cli.rendering.verification.completeness import Match
from pdfkit_cli.rendering.verification.expected_item import ContentKind
from pdfkit_cli.rendering.verification.typographic_warning import TypographicWarning

NEAR_EMPTY = "near-empty-page"

SAME_LINE = 2.0
"""Points by which the baselines of one line may differ."""


def typographic_warnings(
    reading: PdfContent, matches: Sequence[Match], nearly_empty: float
) -> Iterator[TypographicWarning]:
    """Yield the warnings. A last page that is filled to less than `nearly_empty` of its height is nearly empty."""
    ordered = [
        match for match in matches if match.expected.kind in (ContentKind.TEXT, ContentKind.HEADING) and match.runs
    ]
    last = reading.pages[-1]
    if last.number > 1 and (share := fill_share(last)) < nearly_empty and ordered:
        yield _make_warning(NEAR_EMPTY, last, ordered[-1], describe_fill(share))
    for match in ordered:
        yield from _lone_lines(match)
    notes = {id(run) for match in matches if match.expected.kind is ContentKind.FOOTNOTE for _, run in match.runs}
    for match, following in pairwise(ordered):
        page, run = match.runs[-1]
        if (
            match.expected.kind is ContentKind.HEADING
            and following.runs[0][0].number > page.number
            and _is_last(run, page, notes)
        ):
            yield _make_warning("heading-at-foot", page, match, match.expected.text)


def describe_fill(share: float) -> str:
    """Return as text how far a page is filled."""
    return f"filled to {share:.0%} of its height"


def fill_share(page: PageContent) -> float:
    """Return how far down the page its last line is, as a share of the height."""
    lowest = min((run.box[1] for run in page.runs if run.mark != ARTIFACT), default=page.box[3])
    return (page.box[3] - lowest) / (page.box[3] - page.box[1])


def _lone_lines(match: Match) -> Iterator[TypographicWarning]:
    """Yield a warning for each page with a single line of a text that continues on another page."""
    lines: dict[int, list[tuple[PageContent, TextRun]]] = {}
    for page, run in match.runs:
        known = lines.setdefault(page.number, [])
        if not any(abs(run.box[1] - other.box[1]) <= SAME_LINE for _, other in known):
            known.append((page, run))
    if len(lines) > 1:
        for known in lines.values():
            if len(known) == 1:
                page, run = known[0]
                yield _make_warning("lone-line", page, match, legibility.excerpt(run))


def _is_last(heading: TextRun, page: PageContent, notes: set[int]) -> bool:
    """Return whether nothing but footnotes is below a heading."""
    below = heading.box[1] - SAME_LINE
    texts = (run.box for run in page.runs if run.mark != ARTIFACT and id(run) not in notes)
    pictures = (ink.box for ink in page.inks if ink.mark != ARTIFACT)
    return not any(box[1] < below for boxes in (texts, pictures) for box in boxes)


def _make_warning(code: str, page: PageContent, match: Match, words: str) -> TypographicWarning:
    return TypographicWarning(code, page.number, words, match.expected.line)
