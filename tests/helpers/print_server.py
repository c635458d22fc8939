"""A print server: CUPS itself, on loopback, with folders of its own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pdfkit_cli.printing.client import IppClient, PrinterAddress, PrinterRefusedError, PrinterUnreachableError
from tests.helpers.virtual_printers import free_port

FILES = """\
ServerRoot {root}
CacheDir {root}/cache
StateDir {root}/state
RequestRoot {root}/spool
TempDir {root}/tmp
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
FileDevice Yes
Sandboxing Relaxed
SystemGroup root
"""

SERVER = """\
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
DirtyCleanInterval 0
<Location />
Allow all
</Location>
<Location /admin>
Allow all
</Location>
<Policy default>
JobPrivateAccess all
JobPrivateValues none
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""


@dataclass(frozen=True)
class PrintServer:
    """A running CUPS, and the folder that its queues may write to."""

    port: int
    folder: Path

    def add_queue(self, name: str, device: str, driver: str, *options: str) -> str:
        """Make a queue, and return its address."""
        queue = ["-h", f"127.0.0.1:{self.port}", "-p", name, "-E", "-v", device, "-m", driver, *options]
        subprocess.run([_program("lpadmin"), *queue], check=True, capture_output=True, timeout=120)
        return f"ipp://127.0.0.1:{self.port}/printers/{name}"


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, "make browser"
    return found


@contextmanager
def print_server() -> Iterator[PrintServer]:
    """Run CUPS. Its filters run as another user, who must reach its folders: those of pytest are closed to others."""
    root = Path(tempfile.mkdtemp(prefix="pdfkit-cups-", dir="/tmp"))
    server = PrintServer(free_port(), root)
    try:
        root.chmod(0o755)
        for name in ("spool", "cache", "state", "tmp", "log"):
            (root / name).mkdir()
            (root / name).chmod(0o1777)
        (root / "cups-files.conf").write_text(FILES.format(root=root))
        (root / "cupsd.conf").write_text(SERVER.format(port=server.port))
        command = [_program("cupsd"), "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _wait(server, process)
                yield server
            finally:
                process.terminate()
    finally:
        shutil.rmtree(root)


def _wait(server: PrintServer, process: "subprocess.Popen[bytes]") -> None:
    client = IppClient(PrinterAddress(f"ipp://127.0.0.1:{server.port}/printers/none"), "CUPS")
    while process.poll() is None:
        try:
            client.printer_attributes("printer-name")
        except PrinterRefusedError:  # it answers that there is no such queue
            return
        except PrinterUnreachableError:
            time.sleep(0.05)
    raise AssertionError((server.folder / "log/error").read_text("utf-8", "replace"))
