"""Printers to print on: whole ones, which CUPS brings along (`ippeveprinter`), on loopback and with what we say they can."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.client import IppClient, PrinterAddress, PrinterUnreachableError

KEEP = """#!/bin/sh
folder="{folder}/$IPP_JOB_ID"
mkdir "$folder"
cp "$1" "$folder/document"
env | sed -n 's/^IPP_//p' > "$folder/ticket"
echo "$CONTENT_TYPE" > "$folder/type"
{script}
"""

CAPABILITIES: Mapping[str, str] = {
    "mimeMediaType document-format-supported": "application/pdf,image/pwg-raster",
    "mimeMediaType document-format-default": "application/pdf",
    "keyword sides-supported": "one-sided,two-sided-long-edge,two-sided-short-edge",
    "keyword sides-default": "one-sided",
    "keyword media-supported": "iso_a4_210x297mm,iso_a5_148x210mm",
    "keyword media-ready": "iso_a4_210x297mm,iso_a5_148x210mm",
    "keyword media-default": "iso_a4_210x297mm",
    "keyword media-source-supported": "auto,tray-1,tray-2",
    "keyword media-col-supported": "media-size,media-source",
    "collection media-size-supported": "{ MEMBER integer x-dimension 21000 MEMBER integer y-dimension 29700 },{ MEMBER integer x-dimension 14800 MEMBER integer y-dimension 21000 }",
    "rangeOfInteger copies-supported": "1-999",
    "integer copies-default": "1",
    "enum finishings-supported": "3",
    "enum finishings-default": "3",
    "keyword print-color-mode-supported": "auto,color,monochrome",
    "keyword print-color-mode-default": "auto",
    "keyword print-scaling-supported": "auto,none",
    "keyword multiple-document-handling-supported": "separate-documents-uncollated-copies,separate-documents-collated-copies",
    "resolution printer-resolution-supported": "300dpi",
    "resolution printer-resolution-default": "300dpi",
    "resolution pwg-raster-document-resolution-supported": "150dpi,300dpi,600dpi",
    "keyword pwg-raster-document-type-supported": "sgray_8,srgb_8",
    "keyword pwg-raster-document-sheet-back": "normal",
}
"""What a good office printer can: both edges, A4 and A5 in two trays, and colour."""


@dataclass(frozen=True)
class PrintedJob:
    """What a printer got: the document, its type, and the ticket by attribute, in capitals with underscores."""

    document: bytes
    type: str
    ticket: Mapping[str, str]


@dataclass
class VirtualPrinter:
    """A printer of IPP Everywhere that keeps what it gets."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes]" = field(repr=False)

    @property
    def uri(self) -> str:
        return f"ipp://localhost:{self.port}/ipp/print"

    @property
    def jobs(self) -> list[PrintedJob]:
        """What it has got, in that order."""
        found = sorted(
            (each for each in self.folder.glob("jobs/*") if (each / "type").exists()), key=lambda each: int(each.name)
        )
        return [_job(each) for each in found]

    def entry(self, **more: object) -> str:
        """Return a printers.yaml with this printer as `office`."""
        lines = [f"  {name}: {value}" for name, value in {"name": "The printer", "address": self.uri, **more}.items()]
        return "\n".join(("office:", *lines, ""))


def _job(folder: Path) -> PrintedJob:
    lines = (line.partition("=") for line in (folder / "ticket").read_text("utf-8").splitlines())
    ticket = {name: value for name, _, value in lines}
    return PrintedJob((folder / "document").read_bytes(), (folder / "type").read_text().strip(), ticket)


@contextmanager
def message_bus(folder: Path) -> Iterator[Path]:
    """A message bus of our own, which the printer wants to talk to even where nothing announces it."""
    path = folder / "bus"
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={path}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bus:
        try:
            _wait(path.exists, bus)
            yield path
        finally:
            bus.kill()


@contextmanager
def virtual_printer(
    folder: Path,
    bus: Path,
    *,
    script: str = "",
    options: tuple[str, ...] = (),
    **capabilities: str,
) -> Iterator[VirtualPrinter]:
    """Run a printer. `capabilities` replace those above: `sides_supported="one-sided"`; `script` runs for each job it prints."""
    (folder / "jobs").mkdir(parents=True)
    (folder / "spool").mkdir()
    conf, command = folder / "printer.conf", folder / "print"
    conf.write_text("".join(_conf_lines(capabilities)))
    command.write_text(KEEP.format(folder=folder / "jobs", script=script))
    command.chmod(0o755)
    program = shutil.which("ippeveprinter", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "make browser"
    for _ in range(20):
        port = free_port()
        arguments = [program, "-r", "off", "-p", str(port), "-n", "localhost", "-d", str(folder / "spool"), "-k"]
        arguments += ["-a", str(conf), "-c", str(command), *options, "Test"]
        environment = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(arguments, stdout=log, stderr=log, env=environment)
        made = VirtualPrinter(port, folder, process)
        try:
            if _answers(made):
                yield made
                return
        finally:
            process.kill()
            process.wait()
    raise AssertionError((folder / "log").read_text("utf-8", "replace"))


def _conf_lines(changed: Mapping[str, str]) -> Iterator[str]:
    by_name = {name.split()[1].replace("-", "_"): name for name in CAPABILITIES}
    values = dict(CAPABILITIES) | {by_name[name]: value for name, value in changed.items()}
    return (f"ATTR {name} {value}\n" for name, value in values.items() if value)


def _answers(printer: VirtualPrinter) -> bool:
    client = IppClient(PrinterAddress(printer.uri), "test")
    while printer.process.poll() is None:
        try:
            return bool(ipp.first_string(client.printer_attributes("printer-name"), "printer-name"))
        except PrinterUnreachableError:
            time.sleep(0.05)
    return False


def free_port() -> int:
    """Return a port of loopback that nobody listens on at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(done: "object", process: "subprocess.Popen[bytes]") -> None:
    while not done():  # type: ignore[operator]
        assert process.poll() is None, "make browser"
        time.sleep(0.02)
