"""Print how fast pdfkit is, beside its goals and beside a naive loop and Typst in the same run.

`python -m tests.bench SIZE …`; the sizes are below, and without one it is what `make bench` does.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench import everyday, formats, fresh, region, sizes
from tests.bench.goals import Report

SIZES: Final[dict[str, Callable[[Path, Report], None]]] = {
    "everyday": everyday.measure,
    "formats": formats.measure,
    **{name: partial(sizes.measure, name) for name in sizes.SIZES},
    **{name: partial(region.measure, name) for name in region.SIZES},
    "fresh": fresh.measure,
}
USUAL = ("everyday", "formats", "usual")


def main(names: list[str]) -> None:
    """Measure some sizes and print the table, also of what was measured before a failure."""
    report = Report()
    try:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="pdfkit-bench-") as folder:
                SIZES[name](Path(folder), report)
    finally:
        print(f"\n{report.table()}")


if __name__ == "__main__":
    main(sys.argv[1:] or list(USUAL))
