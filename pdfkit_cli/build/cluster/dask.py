"""Distributes tasks over the machines of a Dask cluster, as `worker_pool` does over worker processes; independent of leaflets.

If a machine dies, Dask gives its tasks to another one.
A failure of a single task (a hang, a crash, too much memory) is hidden from Dask: each machine runs its tasks in worker
processes of its own, as a build without a cluster does.
"""

import logging
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from pdfkit_cli.build.cluster import machine
from pdfkit_cli.build.cluster.machine import ClusterJob, IncompatibleMachineError
from pdfkit_cli.errors import PdfkitError, Problem, UsageError, install_hint
from pdfkit_cli.system import fault_log
from pdfkit_cli.system.caching import BoundedCache
from pdfkit_cli.system.worker_pool import TaskResult, WorkerPoolError

Name = TypeVar("Name")
Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for the scheduler."""

NO_WORKER_TIMEOUT = 30.0
"""Seconds to wait for a worker if none is left."""

GROUP_SIZE = 32
"""Tasks that are sent to a worker together: a few seconds of work, so that a shared body is laid out once for them, and
little is lost with a machine.
"""

MAX_ASSETS = 512
"""Number of assets that stay in the cluster although no pending task needs them."""

_PREFETCH = 2
"""Pending groups for each thread of the cluster."""

RESUME_HINT = "what is finished stays; the next build goes on with the rest, on this machine without --cluster"


class ClusterError(PdfkitError):
    """The cluster cannot do the work, or can no longer do it."""


@dataclass(frozen=True, slots=True)
class TaskTransport(Generic[Task]):
    """How tasks are transferred.

    `pack` removes the assets from a task and returns them by name; the same name means the same content.
    `belongs` returns equal values for tasks that are best done by one worker.
    """

    pack: Callable[[Task], tuple[Task, Mapping[str, Path | bytes]]]
    group_key: Callable[[Task], Hashable]


def run_on_cluster(
    address: str,
    order: ClusterJob[Task, Result],
    transport: TaskTransport[Task],
    tasks: Iterable[tuple[Name, Task]],
    group: int = GROUP_SIZE,
) -> Iterator[TaskResult[Name, Result]]:
    """Yield the outcome of each task when it is done; tasks are taken from the iterable only when workers are free.

    Raises UsageError if Dask is not installed, and ClusterError if the scheduler cannot be reached or is lost, if there
    is no worker, or if a worker has other versions of the tools.
    """
    with _client(address) as client:
        try:
            _check_workers(client, order)
            batch: _ClusterRun[Name, Task, Result] = _ClusterRun(client, order, transport)
            yield from batch.outcomes(_group_tasks(tasks, transport.group_key, group))
        finally:
            if client.status == "running":
                with suppress(Exception):  # a machine that is lost keeps nothing
                    client.run(machine.release_build, order.build)


def encryption_warning(address: str) -> str:
    """Return a warning about a cluster that is not encrypted; empty for an encrypted one."""
    if address.startswith(("tls://", "wss://")):
        return ""
    return (
        f"{address}: this cluster uses no TLS. Whoever reaches it can run programs on its machines and on this one, and read what is rendered; "
        "use tls:// on a network of its own (docs/scale.md)"
    )


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--cluster needs Dask, which is not installed", hint=install_hint("cluster")) from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it logs tracebacks of errors that are reported here
    try:
        client: Any = Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False, name="pdfkit")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError) as error:
        hint = "start it with: dask scheduler; or build on this machine, without --cluster"
        raise ClusterError(f"{address}: no Dask scheduler answers there: {error}", hint=hint) from None
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT_TIMEOUT if client.status == "running" else 1)


def _check_workers(client: Any, order: ClusterJob[Any, Any]) -> None:
    """Ask every worker whether it can take part, before the first task. Raises ClusterError."""
    try:
        said = client.run(machine.incompatibility, order, on_error="return")
    except Exception as error:
        raise ClusterError(f"the workers of the cluster cannot be asked: {error}", hint=_SAME_VERSIONS_HINT) from None
    if not said:
        hint = "start some with: dask worker ADDRESS --no-nanny"
        raise ClusterError("the cluster has no workers", hint=hint)
    unfit = [f"worker {worker}: {reason}" for worker, reason in sorted(said.items()) if reason]
    if unfit:
        raise ClusterError("\n".join(unfit), hint=_SAME_VERSIONS_HINT)


_SAME_VERSIONS_HINT = (
    "install the same pdfkit-cli, with its locked dependencies, on each machine, and start its worker anew"
)


def _group_tasks(
    tasks: Iterable[tuple[Name, Task]], group_key: Callable[[Task], Hashable], size: int
) -> Iterator[list[tuple[Name, Task]]]:
    for _, same in groupby(tasks, lambda task: group_key(task[1])):
        while group := list(islice(same, size)):
            yield group


def return_asset(data: bytes) -> bytes:
    """Return an asset: a Dask task, which any worker can repeat if the workers that had it are lost."""
    return data


@dataclass(slots=True)
class _ClusterRun(Generic[Name, Task, Result]):
    """One batch: its pending groups, and the assets in the cluster."""

    client: Any
    order: ClusterJob[Task, Result]
    transport: TaskTransport[Task]
    waiting: dict["Future[list[TaskResult[int, Result]]]", list[tuple[Name, Task]]] = field(default_factory=dict)
    again: list[list[tuple[Name, Task]]] = field(default_factory=list)
    assets: BoundedCache[str, Any] = field(default_factory=partial(BoundedCache, MAX_ASSETS))
    sent: int = 0
    seen: float = field(default_factory=time.monotonic)
    """When there was last a worker."""

    def outcomes(self, groups: Iterator[list[tuple[Name, Task]]]) -> Iterator[TaskResult[Name, Result]]:
        executor = self.client.get_executor(pure=False)
        try:
            while True:
                room = self._threads() * _PREFETCH
                while len(self.waiting) < room and (group := self.again.pop() if self.again else next(groups, None)):
                    self.waiting[self._sent(executor, group)] = group
                if not self.waiting:
                    return
                done, _ = wait(self.waiting, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._settled(self.waiting.pop(future), future)
        finally:
            executor.shutdown(wait=False)

    def _threads(self) -> int:
        """Return how many groups can run at the same time; machines join and leave.

        Raises ClusterError if none is left.
        """
        if self.client.status != "running":
            raise _connection_lost_error()
        try:
            threads = int(sum(self.client.nthreads().values()))
        except Exception:
            raise _connection_lost_error() from None
        if threads:
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > NO_WORKER_TIMEOUT:
            raise ClusterError("the cluster has no workers any more", hint=RESUME_HINT)
        return max(threads, 1)

    def _sent(self, executor: Any, group: list[tuple[Name, Task]]) -> "Future[list[TaskResult[int, Result]]]":
        packed = [self.transport.pack(task) for _, task in group]
        needed = {name: asset for _, assets in packed for name, asset in assets.items()}
        at = {name: future for name, asset in needed.items() if (future := self._asset(name, asset))}
        self.sent += 1
        key = f"pdfkit-group-{self.order.build}-{self.sent}"
        try:
            sent: Future[list[TaskResult[int, Result]]] = executor.submit(
                machine.run_task_group, self.order, [light for light, _ in packed], at, key=key
            )
        except Exception:
            raise _connection_lost_error() from None
        return sent

    def _asset(self, name: str, asset: Path | bytes) -> Any:
        """Return the reference to an asset in the cluster; None for a missing file, which its task will report."""
        if name not in self.assets:
            try:
                data = asset if isinstance(asset, bytes) else asset.read_bytes()
            except OSError:
                return None
            self.assets[name] = self.client.submit(return_asset, data, key=f"pdfkit-asset-{name}")
        return self.assets[name]

    def _settled(
        self, group: list[tuple[Name, Task]], future: "Future[list[TaskResult[int, Result]]]"
    ) -> Iterator[TaskResult[Name, Result]]:
        try:
            for outcome in future.result():
                problem = outcome.problem and fault_log.report(outcome.problem)
                yield TaskResult(group[outcome.name][0], outcome.result, problem)
        except CancelledError:
            raise _connection_lost_error() from None
        except IncompatibleMachineError as error:
            raise ClusterError(str(error), hint=_SAME_VERSIONS_HINT) from None
        except WorkerPoolError as error:
            hint = "see what is missing on the machines of the cluster: pdfkit doctor"
            raise ClusterError(f"nothing can be rendered in the cluster: {error}", hint=hint) from None
        except Exception as error:  # such as KilledWorker: several machines died while doing it
            if len(group) > 1:
                self.again += [[task] for task in group]
            else:
                yield TaskResult(group[0][0], None, Problem(f"the cluster could not do it: {error}"))


def _connection_lost_error() -> ClusterError:
    return ClusterError("the scheduler of the cluster went away", hint=RESUME_HINT)
