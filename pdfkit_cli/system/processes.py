"""Worker processes that inherit no secrets: their environment has named variables only."""

import io
import os
from collections.abc import Mapping
from multiprocessing import popen_spawn_posix, resource_tracker, spawn, util
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
        tracker = resource_tracker.getfd()
        data = self._preparation(process)
        (sentinel, child_end), (child_reads, parent_writes) = os.pipe(), os.pipe()
        self.finalizer = util.Finalize(self, util.close_fds, (sentinel, parent_writes))  # type: ignore[attr-defined]
        try:
            command = spawn.get_command_line(tracker_fd=tracker, pipe_handle=child_reads)
            passed = {*self._fds, tracker, child_reads, child_end}  # type: ignore[attr-defined]
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


class CleanContext(SpawnContext):
    """A `multiprocessing` context whose processes inherit no secrets."""

    Process = CleanProcess
