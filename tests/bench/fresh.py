"""What a contributor waits for: `make leaflets` and `make test` in a fresh clone, with the caches of pip and uv as they are."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.cost import run
from tests.bench.goals import Report
from tests.helpers.tiny_library import ROOT


def measure(folder: Path, report: Report) -> None:
    """Clone what is committed, and make both there."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--local", str(ROOT), str(clone)], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment |= {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PIP_CACHE_DIR": _cache("pip"),
        "UV_CACHE_DIR": _cache("uv"),
    }
    for name in ("leaflets", "test"):
        cost, _ = run("make", name, environment=environment, folder=clone)
        report.goal("leaflets" if name == "leaflets" else "tests", cost.wall)
        report.figure(f"`make {name}`, CPU, s", f"{cost.cpu:.0f}")


def _cache(tool: str) -> str:
    command = (str(Path(sys.executable).with_name(tool)), "cache", "dir")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
