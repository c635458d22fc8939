"""The sheets that the founding leaflets take are those of the table in the docs."""

import runpy
from pathlib import Path

from tests.helpers.tiny_library import ROOT


def test_the_table_counts_what_is_printed(founding: Path) -> None:
    """After a change that is meant: `make sheets`."""
    counting = runpy.run_path(str(ROOT / "docs" / "sheets.py"))
    text = (ROOT / "docs" / "sheets.md").read_text("utf-8")
    before = {match.groups()[:3]: match[4] for match in counting["ROW"].finditer(text)}
    assert counting["table"](counting["counted"](founding / "manifest.json"), before) in text


def test_sheets_are_paper_and_pages_of_a_screen_are_pages() -> None:
    sheets = runpy.run_path(str(ROOT / "docs" / "sheets.py"))["sheets"]
    assert [sheets(pages, {}) for pages in (1, 2, 3)] == [1, 1, 2]
    assert sheets(4, {"imposition": "saddle-stitch", "pages_per_sheet": 4}) == 2
    assert sheets(2, {"imposition": "letter-fold", "pages_per_sheet": 6}) == 1
    assert sheets(8, {"pages_per_sheet": 4}) == 2
    assert sheets(3, {"grows": True}) == 3
