"""Print how soon the maintainer's pages answer over a large library, from a start without a survey and with the last one: JSON.

`python -m tests.bench.keeper [LEAFLETS CLINICS]`. Beside the seconds of the clock are those of the processor,
which other work on the machine does not lengthen.
"""

import json
import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.helpers.desk_process import served
from tests.helpers.generated_library import generate

LANGUAGES = ("da", "sv", "en", "ar")
PAGES = ("/keeper", "/keeper/pdfs", "/keeper/matrix", "/keeper/findings", "/clinic-00/", "/clinic-00/?q=ryg")


def main(leaflets: int, clinics: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="pdfkit-bench-") as name:
        folder = Path(name)
        library = generate(folder / "leaflets", leaflets, clinics, LANGUAGES)
        rounds = {start: _start(library, folder / "dist", folder / "log") for start in ("cold", "again")}
    print(json.dumps({"leaflets": leaflets, "clinics": clinics, **rounds}, indent=1))


def _start(library: Path, out: Path, log: Path) -> dict[str, object]:
    begun, spent = time.monotonic(), _processor()
    with served(library, out, log=log) as address:
        up = time.monotonic() - begun
        answers = {page: _answer(address, page) for page in PAGES}
        while not _is_surveyed(address):
            time.sleep(1)
        surveyed = time.monotonic() - begun
        again = {page: _answer(address, page) for page in PAGES}
    used = _processor() - spent
    return {"up": up, "first": answers, "surveyed": surveyed, "then": again, "processor": used}


def _is_surveyed(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/keeper/pdfs", timeout=300) as answer:
        return b'class="counts"' in answer.read()


def _answer(address: str, page: str) -> float:
    begun = time.monotonic()
    with urllib.request.urlopen(address + page, timeout=300) as answer:
        answer.read()
    return round(time.monotonic() - begun, 3)


def _processor() -> float:
    """Return the seconds of all processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:3] or ("300", "20")))
