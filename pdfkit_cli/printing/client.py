"""A client of one printer: the six operations that we need (RFC 8011, PWG 5100.14), over HTTP or HTTPS.

It connects to the address that was set up and to no other: no proxy, no redirect. Each request has a time limit, however
slowly the printer answers, and an answer has a limited length.
"""

import hashlib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count
from threading import Timer
from typing import Any, Final
from urllib.parse import urlsplit

from pdfkit_cli.printing import ipp
from pdfkit_cli.printing.ipp import AttributeGroup, Attributes, GroupTag, IppFormatError, IppMessage, IppValue, ValueTag
from pdfkit_cli.printing.problems import PrintingError

ANSWER_SECONDS: Final = 15.0
"""Time for a request and its answer."""

DOCUMENT_SECONDS: Final = 300.0
"""Time to send a document and get the answer: some printers take it as they print it."""

IPP_PORT: Final = 631

USER_NAME: Final = "pdfkit"
"""The name that printers show beside a job: never that of a person."""


class Operation(IntEnum):
    """What a printer is asked to do (RFC 8011, 5.4.15)."""

    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B


class IppStatus(IntEnum):
    """Answers of which we must know what they are (RFC 8011, appendix B). Those below 0x100 are successes."""

    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    GONE = 0x0407
    DOCUMENT_FORMAT = 0x040A
    BUSY = 0x0507
    NOT_ACCEPTING = 0x0506


class PrinterUnreachableError(PrintingError):
    """A printer gave no answer that can be understood: what it did with the request is unknown."""


class PrinterRefusedError(PrintingError):
    """A printer answered that it does not do what was asked."""

    def __init__(self, code: str, status: int, /, **values: Any) -> None:
        super().__init__(code, **values)
        self.status = status


@dataclass(frozen=True, slots=True)
class PrinterAddress:
    """Where a printer is: an `ipp:` or `ipps:` address, and for `ipps:` the SHA-256 of its certificate, if it is its own."""

    uri: str
    fingerprint: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.uri).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.uri).port or IPP_PORT

    @property
    def path(self) -> str:
        return urlsplit(self.uri).path or "/"

    @property
    def encrypted(self) -> bool:
        return urlsplit(self.uri).scheme == "ipps"


@dataclass(frozen=True, slots=True)
class CreatedJob:
    """A job that a printer has accepted, and the attributes that it does not follow."""

    number: int
    ignored: frozenset[str]


class IppClient:
    """Talks to one printer. All methods raise PrinterUnreachableError and PrinterRefusedError."""

    def __init__(self, address: PrinterAddress, name: str, seconds: float = ANSWER_SECONDS) -> None:
        self._address, self._name, self._seconds = address, name, seconds
        self._numbers = count(1)

    def printer_attributes(self, *names: str) -> Attributes:
        """Return what a printer says of itself: all of it, or attributes by name."""
        asked = {"requested-attributes": ipp.keyword(*names)} if names else {}
        return self._ask(Operation.GET_PRINTER_ATTRIBUTES, asked).group(GroupTag.PRINTER)

    def validate(self, job: Attributes, document_format: str) -> frozenset[str]:
        """Return the names of attributes that the printer would not follow."""
        answer = self._ask(Operation.VALIDATE_JOB, _document(document_format), job)
        return frozenset(answer.group(GroupTag.UNSUPPORTED))

    def create(self, job: Attributes, title: str) -> CreatedJob:
        """Create a job without a document: nothing is printed before the document is sent."""
        answer = self._ask(Operation.CREATE_JOB, {"job-name": (IppValue(ValueTag.NAME, title),)}, job)
        number = ipp.first_integer(answer.group(GroupTag.JOB), "job-id")
        if number <= 0:
            raise PrinterUnreachableError("no-job-number", printer=self._name)
        return CreatedJob(number, frozenset(answer.group(GroupTag.UNSUPPORTED)))

    def send(self, number: int, document: bytes, document_format: str) -> None:
        """Send the only document of a job, which is printed then."""
        last = {"last-document": (IppValue(ValueTag.BOOLEAN, True),)}
        asked = {"job-id": ipp.integer(number), **_document(document_format), **last}
        self._ask(Operation.SEND_DOCUMENT, asked, document=document)

    def job_attributes(self, number: int, *names: str) -> Attributes:
        """Return attributes of a job by name."""
        asked = {"job-id": ipp.integer(number), "requested-attributes": ipp.keyword(*names)}
        return self._ask(Operation.GET_JOB_ATTRIBUTES, asked).group(GroupTag.JOB)

    def cancel(self, number: int) -> None:
        """Cancel a job."""
        self._ask(Operation.CANCEL_JOB, {"job-id": ipp.integer(number)})

    def _ask(
        self, operation: Operation, asked: Attributes, job: Attributes | None = None, document: bytes = b""
    ) -> IppMessage:
        number = next(self._numbers)
        first: Mapping[str, tuple[IppValue, ...]] = {
            "attributes-charset": (IppValue(ValueTag.CHARSET, "utf-8"),),
            "attributes-natural-language": (IppValue(ValueTag.LANGUAGE, "en"),),
            "printer-uri": (IppValue(ValueTag.URI, self._address.uri),),
        }
        # RFC 8011, 4.1.5: the job's number follows the address
        target = {name: values for name, values in asked.items() if name == "job-id"}
        user = {"requesting-user-name": (IppValue(ValueTag.NAME, USER_NAME),)}
        groups = [AttributeGroup(GroupTag.OPERATION, {**first, **target, **user, **asked})]
        if job is not None:
            groups.append(AttributeGroup(GroupTag.JOB, job))
        body = ipp.encode_message(IppMessage(operation, number, tuple(groups))) + document
        answer = self._decoded(self._posted(body, DOCUMENT_SECONDS if document else self._seconds))
        if answer.code >= 0x100:
            raise self._refusal(answer)
        return answer

    def _decoded(self, body: bytes) -> IppMessage:
        try:
            return ipp.decode_message(body)
        except IppFormatError as error:
            raise PrinterUnreachableError("garbled", printer=self._name, reason=error) from None

    def _refusal(self, answer: IppMessage) -> PrinterRefusedError:
        words = ipp.first_string(answer.group(GroupTag.OPERATION), "status-message")
        reason = f"0x{answer.code:04x} {words}".strip()[:200]
        return PrinterRefusedError("printer-refuses", answer.code, printer=self._name, reason=reason)

    def _posted(self, body: bytes, seconds: float) -> bytes:
        """Return the answer to a request; the connection ends with the time, at whatever the printer is then."""
        line = self._connection(seconds)
        late: list[bool] = []
        try:
            line.connect()
            timer = Timer(seconds, _cut, (line.sock, late))
            timer.daemon = True
            timer.start()
            try:
                return self._exchanged(line, body)
            finally:
                timer.cancel()
        except (OSError, HTTPException, ValueError) as error:
            if late or isinstance(error, TimeoutError):
                raise PrinterUnreachableError("silent", printer=self._name, seconds=round(seconds)) from None
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise PrinterUnreachableError("unreachable", printer=self._name, reason=reason) from None
        finally:
            line.close()

    def _exchanged(self, line: HTTPConnection, body: bytes) -> bytes:
        headers = {"Content-Type": "application/ipp", "Accept": "application/ipp"}
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered and hung up before it read all
            line.request("POST", self._address.path, body, headers)
        answer = line.getresponse()
        if answer.status >= 500:  # it may have done what was asked before it failed
            reason = f"it answered with the HTTP status {answer.status}"
            raise PrinterUnreachableError("unreachable", printer=self._name, reason=reason)
        if answer.status != 200:
            raise PrinterRefusedError(
                *_HTTP_REFUSALS.get(answer.status, ("http-status", IppStatus.NOT_POSSIBLE)),
                printer=self._name,
                status=answer.status,
            )
        content = answer.read(ipp.MAX_ANSWER_BYTES + 1)
        if len(content) > ipp.MAX_ANSWER_BYTES:
            raise PrinterUnreachableError("garbled", printer=self._name, reason="the answer is too long")
        return content

    def _connection(self, seconds: float) -> HTTPConnection:
        host, port = self._address.host, self._address.port
        if not self._address.encrypted:
            return HTTPConnection(host, port, timeout=seconds)
        if not self._address.fingerprint:
            return HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
        return _PinnedConnection(host, port, timeout=seconds, fingerprint=self._address.fingerprint)


class _PinnedConnection(HTTPSConnection):
    """A connection to a printer that made its certificate itself: it must be the one that was set up."""

    def __init__(self, host: str, port: int, *, timeout: float, fingerprint: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(host, port, timeout=timeout, context=context)
        self._fingerprint = fingerprint

    def connect(self) -> None:
        super().connect()
        shown = hashlib.sha256(self.sock.getpeercert(binary_form=True) or b"").hexdigest()
        if shown != self._fingerprint:
            raise OSError(f"its certificate is another one: {shown}")


_HTTP_REFUSALS: Final = {
    401: ("needs-password", IppStatus.NOT_POSSIBLE),
    403: ("needs-password", IppStatus.NOT_POSSIBLE),
    404: ("no-printer-there", IppStatus.NOT_FOUND),
    426: ("needs-encryption", IppStatus.NOT_POSSIBLE),
}


def _document(document_format: str) -> Attributes:
    return {"document-format": (IppValue(ValueTag.MIME, document_format),)}


def _cut(line: socket.socket, late: list[bool]) -> None:
    late.append(True)
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
