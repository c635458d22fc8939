"""Worker processes that inherit no secrets: their environment has named variables only."""

import io
import os
import select
import threading
import time
from collections.abc import Mapping
from multiprocessing import popen_spawn_posix, spawn, util
from multiprocessing.connection import Connection, Pipe
from multiprocessing.context import SpawnContext, SpawnProcess, reduction, set_spawning_popen  # type: ignore[attr-defined]
from typing import Any, Final

KEPT_VARIABLES: Final = ("HOME", "LANG", "LANGUAGE", "TEMP", "TMP", "TMPDIR", "TZ")
KEPT_PREFIXES: Final = ("DYLD_", "LC_", "LD_", "MALLOC_", "PYTHON", "XDG_")
"""Variables that Python and system libraries use. All others, such as tokens, stay in the parent process."""


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a worker may see.

    PATH is the system's default, since `ctypes` runs the first `gcc` in it.
    """
    kept = {
        name: value for name, value in environment.items() if name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES)
    }
    return kept | {"PATH": os.defpath}


class _CleanPopen(popen_spawn_posix.Popen):
    """Starts a process as the standard library does, but with a clean environment, for which there is no documented way."""

    def _launch(self, process: Any) -> None:
        data = self._preparation(process)
        (sentinel, child_end), (child_reads, parent_writes) = os.pipe(), os.pipe()
        self.finalizer = util.Finalize(self, util.close_fds, (sentinel, parent_writes))  # type: ignore[attr-defined]
        try:
            command = spawn.get_command_line(pipe_handle=child_reads)
            passed = {*self._fds, child_reads, child_end}  # type: ignore[attr-defined]
            self.pid = os.posix_spawn(
                os.fsdecode(spawn.get_executable()),
                command,
                clean_environment(os.environ),
                file_actions=[(os.POSIX_SPAWN_DUP2, one, one) for one in passed],  # a descriptor on itself is inherited
            )
        finally:
            os.close(child_end)
            os.close(child_reads)
        self.sentinel = sentinel
        with open(parent_writes, "wb", closefd=False) as file:
            file.write(data)

    def _preparation(self, process: Any) -> bytes:
        """Return the data that the new process reads first; the descriptors that it needs are collected meanwhile."""
        pickled = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(spawn.get_preparation_data(process.name), pickled)
            reduction.dump(process, pickled)
        finally:
            set_spawning_popen(None)
        return pickled.getvalue()


class CleanProcess(SpawnProcess):
    """A spawned process that inherits no secrets."""

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802
        return _CleanPopen(process)


class PipeLock:
    """A reentrant lock of threads and processes: a byte in a pipe, which whoever holds the lock has taken out.

    That of `multiprocessing` is a named semaphore, and starts another Python that removes the name should this one die:
    0.03 s of CPU for each command. Like that one, it stays locked if its holder dies.
    """

    def __init__(self) -> None:
        reader, writer = Pipe(duplex=False)
        os.set_blocking(reader.fileno(), False)
        os.write(writer.fileno(), b"\0")
        self.__setstate__((reader, writer))

    def __getstate__(self) -> tuple[Connection, Connection]:
        return self._reader, self._writer

    def __setstate__(self, state: tuple[Connection, Connection]) -> None:
        self._reader, self._writer = state
        self._holder, self._depth = 0, 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take the lock; return whether that was possible, at once or within a number of seconds."""
        if self._holder != threading.get_ident():
            if not self._take_byte(0 if not block else timeout):
                return False
            self._holder = threading.get_ident()
        self._depth += 1
        return True

    def _take_byte(self, seconds: float | None) -> bool:
        until = None if seconds is None else time.monotonic() + seconds
        filled = select.poll()
        filled.register(self._reader, select.POLLIN)
        while True:
            left = None if until is None else max(until - time.monotonic(), 0)
            filled.poll(None if left is None else left * 1e3)
            try:
                os.read(self._reader.fileno(), 1)
            except BlockingIOError:  # somebody else was faster, or time is up
                if left == 0:
                    return False
            else:
                return True

    def release(self) -> None:
        """Give the lock back, once for each time that it was taken. Raises RuntimeError if this thread does not hold it."""
        if self._holder != threading.get_ident():
            raise RuntimeError("the lock is not held by this thread")
        self._depth -= 1
        if not self._depth:
            self._holder = 0
            os.write(self._writer.fileno(), b"\0")


class CleanContext(SpawnContext):
    """A `multiprocessing` context whose processes inherit no secrets."""

    Process = CleanProcess

    def RLock(self) -> PipeLock:  # type: ignore[override]  # noqa: N802
        return PipeLock()
