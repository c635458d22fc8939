"""What a command costs: wall clock, CPU of all its processes, and the memory of the largest of them.

Run as `python -m tests.bench.cost COMMAND …`, which prints that as the last line, in JSON. It is a process of its own because it takes in
what outlives its parent (as multiprocessing's resource tracker does), and because Linux counts the memory of who starts a process as that process's.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

PDFKIT = str(Path(sys.executable).with_name("pdfkit"))
WORKERS = "2"

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall clock and CPU in seconds, and the memory of the largest process in MB."""

    wall: float
    cpu: float
    peak: float = 0.0


def run(*command: str, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> tuple[Cost, str]:
    """Run a command; return what it took and what it printed."""
    measured = [sys.executable, "-P", str(Path(__file__).resolve()), *command]
    done = subprocess.run(measured, capture_output=True, text=True, env=environment, cwd=folder)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    *said, cost = done.stdout.splitlines()
    return Cost(**json.loads(cost)), "\n".join(said)


def run_module(*command: str) -> str:
    """Run a Python module; return what it printed."""
    return run(sys.executable, "-m", *command)[1]


def typical_cpu(times: int, *command: str, environment: Mapping[str, str] | None = None) -> float:
    """Return the median CPU of a command in several runs."""
    return median(run(*command, environment=environment)[0].cpu for _ in range(times))


def build(library: Path, out: Path, *options: str) -> tuple[Cost, dict[str, Any]]:
    """Run `pdfkit build` and return its summary. It finds what builds into the same folder have kept, and no others."""
    command = (PDFKIT, "build", "--library", str(library), "--out", str(out), "--jobs", WORKERS, "--json", *options)
    cost, said = run(*command, environment=cache_beside(out))
    return cost, json.loads(said)


def baseline(module: str, library: Path, every: int) -> Cost:
    """Return what one PDF takes in a baseline."""
    said = json.loads(run_module(f"tests.bench.{module}", str(library), str(every)))
    return Cost(said["wall"], said["cpu"])


def cache_beside(out: Path) -> dict[str, str]:
    """Return the environment in which what builds keep for each other is beside their output folder."""
    return {**os.environ, "XDG_CACHE_HOME": str(out.with_name(f"{out.name}-cache"))}


def main(command: list[str]) -> int:
    """Run a command, wait for all that it started, and print what it took."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.perf_counter()
    code = subprocess.call(command)
    wall = time.perf_counter() - started
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1e3}
    print(json.dumps(cost))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
