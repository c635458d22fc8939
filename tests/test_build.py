"""The way through the program, from files to PDFs."""

from datetime import date

from pdfkit_cli.build import Request, build
from tests.libraries import TinyLibrary

DAY = date(2026, 11, 21)


def test_build_renders_everything_then_nothing(library: TinyLibrary) -> None:
    request = Request(library.root, library.root.parent / "dist", as_of=DAY, jobs=1)
    assert len(build(request).rendered) == 4
    again = build(request)
    assert (again.rendered, again.kept) == ([], 4)
