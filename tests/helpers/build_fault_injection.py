"""Builds in processes of their own, in which the file system fails or the process dies at a call that the test chooses.

The processes are forked from a server that has rendered before, and render by themselves: a build takes half a second or less.
"""

import errno
import hashlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pdfkit_cli.build import output_folder, pipeline
from pdfkit_cli.build.pipeline import BuildRequest
from pdfkit_cli.build.planning import DiskState
from pdfkit_cli.errors import PdfkitError, Severity
from pdfkit_cli.output.past_editions import PAST_LOG
from pdfkit_cli.rendering import toolchain, weasyprint_seams
from pdfkit_cli.rendering.page import page_key
from pdfkit_cli.rendering.postprocess.vector import VectorImage
from pdfkit_cli.rendering.rendered_pdf import RenderedPdf
from pdfkit_cli.system import worker_pool
from pdfkit_cli.system.worker_pool import TaskResult

weasyprint_seams.load_weasyprint(VectorImage)  # in the server, once

DAY = date(2026, 11, 21)
CALLS = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir", "os.scandir", "os.utime", "os.truncate")
)
"""What Python says before it does it (PEP 578); `os.fsync` and the writing of bytes are added below."""

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE, errno.EROFS, errno.ESTALE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: the so-manieth call below a folder fails with an error, or, without one, ends the process there."""

    folder: Path
    call: int
    code: int = 0
    for_ever: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a build said: what it did, or the error that it ended with; `died` where it said nothing. `calls` counts those below the folder."""

    rendered: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    raised: str = ""
    expected: bool = True
    calls: int = 0
    died: bool = False

    @property
    def clean(self) -> bool:
        return not (self.failed or self.errors or self.raised or self.died)


@dataclass(slots=True)
class _Calls:
    fault: Fault
    count: int = field(default=0)

    def meet(self, path: object) -> None:
        """Count a call, and let it fail where it is the one."""
        if isinstance(path, str | os.PathLike) and str(path).startswith(str(self.fault.folder)):
            self.count += 1
            if self.count == self.fault.call or (self.fault.for_ever and self.count > self.fault.call > 0):
                if not self.fault.code:
                    os._exit(9)
                raise OSError(self.fault.code, os.strerror(self.fault.code), str(path))

    def install(self) -> None:
        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in CALLS and arguments:
                self.meet(arguments[0])

        write, sync = Path.write_bytes, os.fsync

        def write_bytes(path: Path, data: bytes) -> int:
            write(path, data[: len(data) // 2])
            self.meet(path)
            return write(path, data)

        def fsync(handle: Any) -> None:
            self.meet(Path(f"/proc/self/fd/{handle}").readlink())
            sync(handle)

        sys.addaudithook(hook)
        Path.write_bytes = write_bytes  # type: ignore[assignment,method-assign]
        os.fsync = fsync  # type: ignore[assignment]


def _here(
    work: Callable[[Any], Any], tasks: Iterable[tuple[Any, Any]], limits: object, prepare: Callable[[], None]
) -> Iterator[TaskResult[Any, Any]]:
    """Do in this process what workers would do."""
    prepare()
    for name, task in tasks:
        yield TaskResult(name, *worker_pool._run_task(work, task))


def _drawn(
    work: object, tasks: Iterable[tuple[Any, Any]], limits: object, prepare: object
) -> Iterator[TaskResult[Any, Any]]:
    """Render nothing: a PDF is the key of its page."""
    for names, pages in tasks:
        pdfs = (f"%PDF-{page_key(page, {})}\n%%EOF".encode() for page in pages)
        yield TaskResult(names, tuple(RenderedPdf(pdf, 1) for pdf in pdfs))


def _build(request: BuildRequest, cache: Path, fault: Fault, drawn: bool, told: Connection) -> None:
    os.environ["XDG_CACHE_HOME"] = str(cache)
    worker_pool.run_tasks = _drawn if drawn else _here
    if drawn:
        tools = {"pdfkit": "1"}
        toolchain.tool_versions = lambda: tools
    calls = _Calls(fault)
    calls.install()
    try:
        made = pipeline.build(request)
        errors = tuple(str(finding) for finding in made.findings if finding.severity is Severity.ERROR)
        said = Told(tuple(made.rendered), tuple(made.removed), tuple(map(str, made.failed.values())), errors)
    except BaseException as error:
        said = Told(raised=f"{type(error).__name__}: {error}", expected=isinstance(error, PdfkitError))
    told.send(replace(said, calls=calls.count))
    os._exit(0)


def build(request: BuildRequest, cache: Path, fault: Fault | None = None, *, drawn: bool = False) -> Told:
    """Build in another process; `drawn` renders nothing, where the bytes of PDFs do not matter."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.helpers.build_fault_injection", "tests.helpers.warm_renderer"])
    ours, theirs = context.Pipe(duplex=False)
    fault = fault or Fault(request.out, 0)
    process = context.Process(target=_build, args=(request, cache, fault, drawn, theirs))
    process.start()
    theirs.close()
    try:
        said: Told = ours.recv()
    except EOFError:
        said = Told(died=True)
    process.join()
    return said


def tree(out: Path) -> dict[str, str]:
    """Return the digest of each published file."""
    found = (path for path in out.rglob("*") if path.is_file() and output_folder.WORK_FOLDER not in path.parts)
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name != output_folder.MANIFEST_NAME
    }


def problems(out: Path, *states: dict[str, str]) -> list[str]:
    """Return what is wrong with an output folder in which each file has to be as in one of these states."""
    found = [
        f"{path} is half, or strange"
        for path, digest in tree(out).items()
        if digest not in {state.get(path) for state in states} and not path.endswith("index.html")
    ]
    for path, entry in output_folder.read_manifest(out).files.items():
        there = (out / path).read_bytes() if (out / path).exists() else b""
        if (
            output_folder.disk_state(out, path, entry) is DiskState.SAME
            and hashlib.sha256(there).hexdigest() != entry.sha256
        ):
            found.append(f"{path} is trusted, and is another")
    return found


def unsettled(out: Path) -> list[str]:
    """Return what a finished build has left that it should not."""
    known = output_folder.read_manifest(out)
    strangers = set(tree(out)) - {*known.files, *known.pages}
    rest = {path.name for path in (out / output_folder.WORK_FOLDER).iterdir()} - {
        "lock",
        output_folder.THUMBNAILS_FOLDER,
        PAST_LOG,
    }
    return [*(f"{path} is pending" for path in known.pending), *sorted(strangers), *sorted(rest)]
