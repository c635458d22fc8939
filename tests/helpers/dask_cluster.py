"""A real Dask cluster on this machine: a scheduler and workers, each a process."""

import json
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")
COMMANDS = ("distributed.cli.dask_scheduler", "distributed.cli.dask_worker")

_CONTEXT = multiprocessing.get_context("forkserver")
"""Imports Dask once, for a second of CPU, and not in each scheduler and worker."""

_CONTEXT.set_forkserver_preload([*COMMANDS, "pdfkit_cli.build.cluster.machine"])


def _run(
    command: str, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], settings: Mapping[str, Any]
) -> None:
    """Run a command of Dask as if it was started in a folder, with nothing but this environment."""
    import dask

    os.setsid()
    os.chdir(folder)
    with Path("log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    with dask.config.set({"distributed.worker.profile.enabled": False, **settings}):
        import_module(command).main([*LOOPBACK, *arguments])


@dataclass(slots=True)
class DaskCluster:
    """What was started, and the address of the scheduler."""

    folder: Path
    protocol: str = "tcp"
    settings: dict[str, str] = field(default_factory=dict)
    """Dask's own."""

    address: str = ""
    scheduler: ForkServerProcess | None = None
    workers: list[ForkServerProcess] = field(default_factory=list)

    def start(self, workers: int) -> None:
        known = self.folder / "scheduler.json"
        self.scheduler = self._process(
            "distributed.cli.dask_scheduler", "--port", "0", "--protocol", self.protocol, "--scheduler-file", str(known)
        )
        while not (known.exists() and known.read_text()):
            time.sleep(0.05)
        self.address = json.loads(known.read_text())["address"]
        for _ in range(workers):
            arguments = (self.address, "--no-nanny", "--nthreads", "1", "--protocol", self.protocol)
            self.workers.append(self._process("distributed.cli.dask_worker", *arguments))

    def kill(self, process: ForkServerProcess | None) -> None:
        """Kill a process and its children at once, as a machine goes that loses its power."""
        if process and process.pid and process.is_alive():
            os.killpg(process.pid, signal.SIGKILL)
        if process:
            process.join()

    def _process(self, command: str, *arguments: str) -> ForkServerProcess:
        environment = os.environ | {"TMPDIR": str(self.folder)}
        process = _CONTEXT.Process(target=_run, args=(command, arguments, self.folder, environment, self.settings))
        process.start()
        return process


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
