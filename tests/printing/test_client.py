"""The client of one printer: it gives up in time, takes no more than it can hold, and talks to nobody else."""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pdfkit_cli.errors import PdfkitError
from pdfkit_cli.printing import client, ipp
from pdfkit_cli.printing.client import (
    IppClient,
    Operation,
    PrinterAddress,
    PrinterRefusedError,
    PrinterUnreachableError,
)
from pdfkit_cli.printing.ipp import GroupTag
from tests.helpers.lying_printers import LyingPrinter, reply, slowly
from tests.helpers.tiny_library import ROOT
from tests.helpers.virtual_printers import VirtualPrinter, free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"


def ask(printer: LyingPrinter, seconds: float = 20) -> PdfkitError:
    with pytest.raises((PrinterUnreachableError, PrinterRefusedError)) as caught:
        IppClient(PrinterAddress(printer.uri), "Office", seconds).printer_attributes("printer-name")
    return caught.value


def answering(liar: LyingPrinter, data: bytes) -> PdfkitError:
    liar.says[Operation.GET_PRINTER_ATTRIBUTES] = lambda message: data
    return ask(liar)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreachable"),
        (b"\0\xff" * 500, "unreachable"),
        (OK + b"Content-Length: 4\r\n\r\nabcd", "garbled"),
        (OK + b"Content-Length: 400\r\n\r\nabcd", "garbled"),
        (OK + b"\r\n" + b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + b"\x13\x00\x01a\x00\x00" * 400_000, "garbled"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "unreachable"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "needs-password"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "no-printer-there"),
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", "needs-encryption"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "http-status"),
    ],
)
def test_what_is_no_answer(liar: LyingPrinter, data: bytes, code: str) -> None:
    error = answering(liar, data)
    assert error.code == code
    assert error.hint


def test_an_answer_that_never_ends(liar: LyingPrinter) -> None:
    """Attributes without end are read up to the limit and no further."""
    endless = OK + b"\r\n" + b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + b"\x41\x00\x01a\x7f\xff" + b"x" * 0x7FFF
    assert answering(liar, endless + b"\x41\x00\x01a\x7f\xff" * 1_000_000).code == "garbled"


def test_a_refusal_has_the_printers_words(liar: LyingPrinter) -> None:
    liar.says[Operation.GET_PRINTER_ATTRIBUTES] = lambda message: reply(message, status=0x0507)
    error = ask(liar)
    assert isinstance(error, PrinterRefusedError)
    assert (error.status, str(error)) == (0x0507, "Office refused: 0x0507")


def test_a_late_answer(liar: LyingPrinter) -> None:
    liar.says[Operation.GET_PRINTER_ATTRIBUTES] = slowly(3)
    assert ask(liar, 0.5).code == "silent"


@pytest.mark.parametrize("drop", [b"x", b"HTTP/1.1 100 Continue\r\n\r\n", b"X: y\r\n"])
def test_a_printer_that_says_a_little_every_now_and_then(drop: bytes) -> None:
    """The time is for the answer, not for each byte of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line:
                try:
                    while True:
                        line.sendall(drop)
                        time.sleep(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        address = PrinterAddress(f"ipp://127.0.0.1:{server.getsockname()[1]}/ipp/print")
        started = time.monotonic()
        with pytest.raises(PrinterUnreachableError) as caught:
            IppClient(address, "Office", 1.0).printer_attributes()
        assert caught.value.code in ("silent", "unreachable")
        assert time.monotonic() - started < 60


def test_nobody_there() -> None:
    address = PrinterAddress(f"ipp://127.0.0.1:{free_port()}/ipp/print")
    with pytest.raises(PrinterUnreachableError, match="Office cannot be reached: Connection refused"):
        IppClient(address, "Office").printer_attributes()


def test_the_usual_port() -> None:
    plain, other = PrinterAddress("ipp://printer.example/ipp/print"), PrinterAddress("ipps://[::1]:1631")
    assert (plain.host, plain.port, plain.path, plain.encrypted) == ("printer.example", 631, "/ipp/print", False)
    assert (other.host, other.port, other.path, other.encrypted) == ("::1", 1631, "/", True)


def test_nothing_but_the_printer_is_reached(liar: LyingPrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment, and no place that the printer names."""
    reached: list[object] = []
    connect = socket.create_connection

    def seen(address: tuple[str, int], *rest: object, **more: object) -> socket.socket:
        reached.append(address)
        return connect(address, *rest, **more)  # type: ignore[arg-type]

    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setattr(socket, "create_connection", seen)
    liar.printer["printer-uri-supported"] = ipp.keyword("ipp://127.0.0.1:1/")
    made = IppClient(PrinterAddress(liar.uri), "Office")
    made.printer_attributes()
    made.create({}, "x")
    answering(liar, b"HTTP/1.1 307 Moved\r\nLocation: ipp://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    assert set(reached) == {("127.0.0.1", liar.port)}


def test_no_other_module_connects() -> None:
    """What leaves the machine leaves it here; a cluster is told where by its own option."""
    connects = re.compile(r"http\.client|urllib\.request|create_connection|\.connect\(|import httpx")
    found = {file.name for file in (ROOT / "pdfkit_cli").rglob("*.py") if connects.search(file.read_text("utf-8"))}
    assert found == {"client.py"}


def test_what_a_request_names(liar: LyingPrinter) -> None:
    """The printer is told the name of the program, and no person."""
    heard: list[ipp.Attributes] = []
    liar.before_answer = lambda message: heard.append(message.group(GroupTag.OPERATION))
    IppClient(PrinterAddress(liar.uri), "Office").validate({}, "application/pdf")
    assert list(heard[0])[:3] == ["attributes-charset", "attributes-natural-language", "printer-uri"]
    assert ipp.first_string(heard[0], "requesting-user-name") == client.USER_NAME == "pdfkit"


def test_an_encrypted_printer_with_a_certificate_of_its_own(
    start_printer: Callable[..., VirtualPrinter], tmp_path: Path
) -> None:
    printer = start_printer(options=("-K", str(tmp_path)))
    uri = printer.uri.replace("ipp:", "ipps:")
    with pytest.raises(PrinterUnreachableError, match="cannot be reached"):
        IppClient(PrinterAddress(uri), "Office").printer_attributes("printer-name")
    with pytest.raises(PrinterUnreachableError, match="its certificate is another one: ") as caught:
        IppClient(PrinterAddress(uri, "0" * 64), "Office").printer_attributes("printer-name")
    shown = str(caught.value).rpartition(" ")[2]
    assert len(shown) == hashlib.sha256().digest_size * 2
    found = IppClient(PrinterAddress(uri, shown), "Office").printer_attributes("printer-name")
    assert ipp.first_string(found, "printer-name") == "Test"
