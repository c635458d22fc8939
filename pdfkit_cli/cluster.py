"""Tasks over the machines of a Dask cluster, as `execute` does them over worker processes; knows nothing of leaflets.

Dask gives a task to another machine where one dies. What may happen to a single task (a hang, a crash, too much memory) is kept from
Dask: each machine does its tasks in worker processes of its own, as a build without a cluster does.
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

from pdfkit_cli import outpost
from pdfkit_cli.errors import PdfkitError, UsageError, to_install
from pdfkit_cli.execute import Outcome, WorkersError
from pdfkit_cli.last import Newest
from pdfkit_cli.outpost import Order, UnfitError

Name = TypeVar("Name")
Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT = 10.0
"""Seconds to wait for the scheduler."""

WORKERLESS = 30.0
"""Seconds to wait for a worker where there is none any more."""

GROUP = 32
"""Tasks that go to a worker together: a few seconds of work, so that a shared body is laid out once for them and little is lost with a machine."""

ASSETS = 512
"""Assets that are kept in the cluster while nothing that is on its way needs them."""

_AHEAD = 2
"""Groups that are on their way for each thread of the cluster."""

GO_ON = "what is finished stays; the next build goes on with the rest, on this machine without --cluster"


class ClusterError(PdfkitError):
    """The cluster cannot do the work, or not any more."""


@dataclass(frozen=True, slots=True)
class Freight(Generic[Task]):
    """How tasks travel. `pack` takes the assets out of one, by name: the same name is the same content; `belongs` is the same for tasks that gain by one worker."""

    pack: Callable[[Task], tuple[Task, Mapping[str, Path | bytes]]]
    belongs: Callable[[Task], Hashable]


def run(
    address: str,
    order: Order[Task, Result],
    freight: Freight[Task],
    tasks: Iterable[tuple[Name, Task]],
    group: int = GROUP,
) -> Iterator[Outcome[Name, Result]]:
    """Yield the outcome of each task as it comes; tasks are taken from the iterable only as workers get free.

    Raises UsageError without Dask; ClusterError where the scheduler cannot be reached or goes away, where there is no worker, and where one does not work
    with the same versions.
    """
    with _client(address) as client:
        try:
            _check(client, order)
            batch: _Run[Name, Task, Result] = _Run(client, order, freight)
            yield from batch.outcomes(_groups(tasks, freight.belongs, group))
        finally:
            if client.status == "running":
                with suppress(Exception):  # a machine that is gone keeps nothing
                    client.run(outpost.forget, order.build)


def unprotected(address: str) -> str:
    """Return what is to be said of a cluster that is not encrypted; nothing of one that is."""
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
        raise UsageError("--cluster needs Dask, which is not installed", hint=to_install("cluster")) from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # it prints tracebacks of what is said here in words
    try:
        client: Any = Client(address, timeout=CONNECT, set_as_default=False, name="pdfkit")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError) as error:
        hint = "start it with: dask scheduler; or build on this machine, without --cluster"
        raise ClusterError(f"{address}: no Dask scheduler answers there: {error}", hint=hint) from None
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT if client.status == "running" else 1)


def _check(client: Any, order: Order[Any, Any]) -> None:
    """Ask every worker whether it can take part, before the first task. Raises ClusterError."""
    try:
        said = client.run(outpost.unfit, order, on_error="return")
    except Exception as error:
        raise ClusterError(f"the workers of the cluster cannot be asked: {error}", hint=_SAME) from None
    if not said:
        hint = "start some with: dask worker ADDRESS --no-nanny"
        raise ClusterError("the cluster has no workers", hint=hint)
    unfit = [f"worker {worker}: {reason}" for worker, reason in sorted(said.items()) if reason]
    if unfit:
        raise ClusterError("\n".join(unfit), hint=_SAME)


_SAME = "install the same pdfkit-cli, with its locked dependencies, on each machine, and start its worker anew"


def _groups(
    tasks: Iterable[tuple[Name, Task]], belongs: Callable[[Task], Hashable], size: int
) -> Iterator[list[tuple[Name, Task]]]:
    for _, same in groupby(tasks, lambda task: belongs(task[1])):
        while group := list(islice(same, size)):
            yield group


def same(data: bytes) -> bytes:
    """Return an asset: a task of Dask's, which any worker can do again where those that had it are gone."""
    return data


@dataclass(slots=True)
class _Run(Generic[Name, Task, Result]):
    """One batch: the groups that are on their way, and the assets that the cluster has."""

    client: Any
    order: Order[Task, Result]
    freight: Freight[Task]
    waiting: dict["Future[list[Outcome[int, Result]]]", list[tuple[Name, Task]]] = field(default_factory=dict)
    again: list[list[tuple[Name, Task]]] = field(default_factory=list)
    assets: Newest[str, Any] = field(default_factory=partial(Newest, ASSETS))
    sent: int = 0
    seen: float = field(default_factory=time.monotonic)
    """When there was a worker last."""

    def outcomes(self, groups: Iterator[list[tuple[Name, Task]]]) -> Iterator[Outcome[Name, Result]]:
        executor = self.client.get_executor(pure=False)
        try:
            while True:
                room = self._threads() * _AHEAD
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
        """Return how many groups can be done at a time; machines come and go. Raises ClusterError where none is left."""
        if self.client.status != "running":
            raise _gone()
        try:
            threads = int(sum(self.client.nthreads().values()))
        except Exception:
            raise _gone() from None
        if threads:
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > WORKERLESS:
            raise ClusterError("the cluster has no workers any more", hint=GO_ON)
        return max(threads, 1)

    def _sent(self, executor: Any, group: list[tuple[Name, Task]]) -> "Future[list[Outcome[int, Result]]]":
        packed = [self.freight.pack(task) for _, task in group]
        needed = {name: asset for _, assets in packed for name, asset in assets.items()}
        at = {name: future for name, asset in needed.items() if (future := self._asset(name, asset))}
        self.sent += 1
        key = f"pdfkit-group-{self.order.build}-{self.sent}"
        try:
            sent: Future[list[Outcome[int, Result]]] = executor.submit(
                outpost.do, self.order, [light for light, _ in packed], at, key=key
            )
        except Exception:
            raise _gone() from None
        return sent

    def _asset(self, name: str, asset: Path | bytes) -> Any:
        """Return what stands for an asset in the cluster; nothing for a file that is gone, which its task will miss."""
        if name not in self.assets:
            try:
                data = asset if isinstance(asset, bytes) else asset.read_bytes()
            except OSError:
                return None
            self.assets[name] = self.client.submit(same, data, key=f"pdfkit-asset-{name}")
        return self.assets[name]

    def _settled(
        self, group: list[tuple[Name, Task]], future: "Future[list[Outcome[int, Result]]]"
    ) -> Iterator[Outcome[Name, Result]]:
        try:
            for outcome in future.result():
                yield Outcome(group[outcome.name][0], outcome.result, outcome.error)
        except CancelledError:
            raise _gone() from None
        except UnfitError as error:
            raise ClusterError(str(error), hint=_SAME) from None
        except WorkersError as error:
            hint = "see what is missing on the machines of the cluster: pdfkit doctor"
            raise ClusterError(f"nothing can be rendered in the cluster: {error}", hint=hint) from None
        except Exception as error:  # such as KilledWorker: several machines died of it
            if len(group) > 1:
                self.again += [[task] for task in group]
            else:
                yield Outcome(group[0][0], None, f"the cluster could not do it: {error}")


def _gone() -> ClusterError:
    return ClusterError("the scheduler of the cluster went away", hint=GO_ON)
