"""Print how soon the maintainer's pages answer over a large library, from a start without a survey and with the last one: JSON.

`python -m tests.bench.keeper [LEAFLETS CLINICS]`. Beside the seconds of the clock are those of the processor,
which other work on the machine hardly lengthens.
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
        up = _since(begun, spent)
        answers = {page: _answer(address, page) for page in PAGES}
        while not _is_surveyed(address):
            time.sleep(1)
        surveyed = _since(begun, spent)
        again = {page: _answer(address, page) for page in PAGES}
    return {"up": up, "first": answers, "surveyed": surveyed, "then": again}


def _since(begun: float, spent: float) -> dict[str, float]:
    return {"seconds": round(time.monotonic() - begun, 3), "processor": round(_processor() - spent, 3)}


def _is_surveyed(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/keeper/pdfs", timeout=300) as answer:
        return b'class="counts"' in answer.read()


def _answer(address: str, page: str) -> dict[str, float]:
    begun, spent = time.monotonic(), _processor()
    with urllib.request.urlopen(address + page, timeout=300) as answer:
        answer.read()
    return _since(begun, spent)


def _processor() -> float:
    """Return the seconds of the processor that the desk and its workers have used."""
    ended = os.times()
    return ended.children_user + ended.children_system + sum(map(_used, _children(os.getpid())))


def _children(process: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    tasks = Path(f"/proc/{process}/task")
    own = [int(each) for task in tasks.iterdir() for each in (task / "children").read_text().split()]
    return own + [each for one in own for each in _children(one)]


def _used(process: int) -> float:
    """Return the seconds of a process and of those of its children that have ended (proc(5), stat)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:3] or ("300", "20")))
