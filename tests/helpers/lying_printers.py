"""A printer that lies: written for the tests, it answers what a test tells it to."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.client import Operation
from pdfkit_cli.printing.ipp import AttributeGroup, Attributes, GroupTag, IntegerRange, IppMessage, IppValue, ValueTag

GOOD: Attributes = {
    "operations-supported": tuple(IppValue(ValueTag.ENUM, int(each)) for each in Operation),
    "document-format-supported": (IppValue(ValueTag.MIME, "application/pdf"),),
    "sides-supported": ipp.keyword("one-sided", "two-sided-long-edge", "two-sided-short-edge"),
    "media-supported": ipp.keyword("iso_a4_210x297mm", "iso_a5_148x210mm"),
    "copies-supported": (IppValue(ValueTag.RANGE, IntegerRange(1, 99)),),
    "printer-is-accepting-jobs": (IppValue(ValueTag.BOOLEAN, True),),
    "printer-state": ipp.enum(3),
    "printer-state-reasons": ipp.keyword("none"),
}


class HangUp(Exception):  # noqa: N818  # it is no error: the printer hangs up on purpose
    """The printer ends the connection without an answer."""


@dataclass
class LyingPrinter:
    """What it has got, and what it does. A test replaces what the printer says by operation."""

    port: int = 0
    says: dict[int, Callable[[IppMessage], "IppMessage | bytes"]] = field(default_factory=dict)
    printer: dict[str, Any] = field(default_factory=lambda: dict(GOOD))
    jobs: dict[int, dict[str, Any]] = field(default_factory=dict)
    documents: list[bytes] = field(default_factory=list)
    """Every document that arrived whole: what is printed."""

    asked: list[int] = field(default_factory=list)
    reads: int = 1 << 30
    """Bytes of a request after which it hangs up."""

    before_answer: Callable[[IppMessage], None] = lambda message: None

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self.port}/ipp/print"

    def answer(self, body: bytes) -> "IppMessage | bytes":
        message = ipp.decode_message(body)
        self.asked.append(message.code)
        given = message.group(GroupTag.OPERATION)
        number = ipp.first_integer(given, "job-id")
        if message.code == Operation.CREATE_JOB:
            number = len(self.jobs) + 1
            self.jobs[number] = {
                "job-id": ipp.integer(number),
                "job-name": given["job-name"],
                "job-state": ipp.enum(4),
                "job-state-reasons": ipp.keyword("job-incoming"),
            }
        if message.code == Operation.SEND_DOCUMENT:
            self.documents.append(body[len(ipp.encode_message(message)) :])
            self.jobs[number] |= {"job-state": ipp.enum(9), "job-state-reasons": ipp.keyword("none")}
        if message.code == Operation.CANCEL_JOB and number in self.jobs:
            self.jobs[number] |= {"job-state": ipp.enum(7)}
        self.before_answer(message)
        if told := self.says.get(message.code):
            return told(message)
        if message.code == Operation.GET_PRINTER_ATTRIBUTES:
            return reply(message, GroupTag.PRINTER, self.printer)
        if number and number not in self.jobs:
            return reply(message, status=0x0406)
        return reply(message, GroupTag.JOB, self.jobs.get(number, {}))


def reply(
    message: IppMessage, tag: int = 0, attributes: Mapping[str, Any] | None = None, status: int = 0
) -> IppMessage:
    """Return an answer."""
    first = {
        "attributes-charset": (IppValue(ValueTag.CHARSET, "utf-8"),),
        "attributes-natural-language": (IppValue(ValueTag.LANGUAGE, "en"),),
    }
    groups = [AttributeGroup(GroupTag.OPERATION, first)]
    if attributes:
        groups.append(AttributeGroup(tag, attributes))
    return IppMessage(status, message.request_id, tuple(groups))


@contextmanager
def lying_printer() -> Iterator[LyingPrinter]:
    """Run one on loopback."""
    printer = LyingPrinter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(min(length, printer.reads))
            try:
                if len(body) < length:
                    raise HangUp
                said = printer.answer(body)
            except HangUp:
                self.close_connection = True
                self.connection.close()
                return
            if isinstance(said, bytes):  # raw, with or without a head
                self.wfile.write(said)
                self.close_connection = True
                return
            content = ipp.encode_message(said)
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return

    with Server(("127.0.0.1", 0), Handler) as server:
        printer.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield printer
        finally:
            server.shutdown()


def slowly(seconds: float) -> Callable[[IppMessage], IppMessage]:
    """Return an answer that comes late."""

    def answer(message: IppMessage) -> IppMessage:
        time.sleep(seconds)
        return reply(message)

    return answer
