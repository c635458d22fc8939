"""The memory of one worker over many renders."""

import gc
import itertools
import json
import sys
from pathlib import Path

import psutil

from pdfkit_cli.rendering import renderer
from pdfkit_cli.system import worker_pool
from tests.bench.pages import pages


def main(library: Path, early: int, late: int) -> None:
    """Print resident megabytes after `early` and after `late` renders."""
    gc.set_threshold(worker_pool.GC_THRESHOLD)
    renderer.prepare_process()
    gc.freeze()  # as a worker does
    some = [page for _, page in pages(library, 7)]
    process, seen = psutil.Process(), {}
    for number, page in enumerate(itertools.islice(itertools.cycle(some), late), start=1):
        renderer.render(page)
        if number in (early, late):
            seen[number] = process.memory_info().rss / 1e6
    print(json.dumps({"early": seen[early], "late": seen[late]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
