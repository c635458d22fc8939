"""A real Dask cluster on this machine: a scheduler and workers, each a process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass(slots=True)
class DaskCluster:
    """What was started, and the address of the scheduler."""

    folder: Path
    protocol: str = "tcp"
    settings: dict[str, str] = field(default_factory=dict)
    """Dask's own, as variables of the environment."""

    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, workers: int) -> None:
        known = self.folder / "scheduler.json"
        self.scheduler = self._process(
            "dask_scheduler", "--port", "0", "--protocol", self.protocol, "--scheduler-file", str(known)
        )
        while not (known.exists() and known.read_text()):
            time.sleep(0.05)
        self.address = json.loads(known.read_text())["address"]
        for _ in range(workers):
            self.workers.append(
                self._process("dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--protocol", self.protocol)
            )

    def kill(self, process: subprocess.Popen[bytes] | None) -> None:
        """Kill a process and its children at once, as a machine goes that loses its power."""
        if process and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        if process:
            process.wait()

    def _process(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *LOOPBACK, *arguments],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.folder)} | self.settings,
            )  # fmt: skip


def certificates(folder: Path) -> dict[str, str]:
    """Make a certificate for every role, and return the settings that name it."""
    from distributed.security import Security

    made: Any = Security.temporary()  # type: ignore[no-untyped-call]
    names = {"ca-file": made.tls_ca_file}
    for role in ("scheduler", "worker", "client"):
        names |= {f"{role}.cert": getattr(made, f"tls_{role}_cert"), f"{role}.key": getattr(made, f"tls_{role}_key")}
    for name, text in names.items():
        (folder / f"{name}.pem").write_text(text)
    return {f"distributed.comm.tls.{name}": str(folder / f"{name}.pem") for name in names}


def variables(settings: dict[str, str]) -> dict[str, str]:
    """Return settings of Dask as variables of the environment."""
    return {f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": value for name, value in settings.items()}


@contextmanager
def started(
    folder: Path, workers: int = 2, protocol: str = "tcp", settings: dict[str, str] | None = None
) -> Iterator[DaskCluster]:
    """Start a cluster, wait until its workers are there, and kill what is left of it at the end."""
    from distributed import Client

    cluster = DaskCluster(folder, protocol, settings or {})
    try:
        cluster.start(workers)
        with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            if workers:
                client.wait_for_workers(workers, timeout=300)
        yield cluster
    finally:
        for process in (*cluster.workers, cluster.scheduler):
            cluster.kill(process)
