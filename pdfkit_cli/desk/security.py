"""The guard that every request passes first.

- The Host header is one of ours: another site cannot reach the desk under a name of its own (DNS rebinding).
- A request that changes something, or uploads a letter, comes from our own pages (Fetch Metadata, or else Origin).
- On an address that others can reach, a request needs a session from the token, or the user header of a known reverse proxy.
- No body is larger than its route needs, and none is read from clients without permission.
- Nothing is loaded from elsewhere, no inline script runs, nothing is framed, and nothing is cached unless its route allows it.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdfkit_cli.desk import fault_log
from pdfkit_cli.desk.sessions import SessionStore
from pdfkit_cli.desk.settings import DeskRole, DeskSettings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self' blob:; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""The headers of every response, unless its route sets others."""

ENCODED_HEADERS: Final = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]

SESSION_COOKIE = "desk"
"""The cookie of a session."""

PUBLIC_PATHS, PUBLIC_FOLDERS = ("/sign-in", "/health"), ("/static/", "/fonts/")
"""Paths that need no session. A clinic may be called `health-centre`: only the folders stand for what begins with them."""

MAX_UPLOAD_BYTES = 40_000_000
"""Greatest size of a request with a letter: enough for a scan of many pages, too little to fill the memory."""

MAX_FORM_BYTES = 10_000
"""Greatest size of any other request: the fields of a form."""

UPLOAD_PATH = re.compile("/[^/]+/(?:pack|pack/print|letter)|(?:/[^/]+)?/keeper/translations/[^/]+/[^/]+")
"""The only routes that accept a letter, below each clinic, or a file from a translator."""

ANONYMOUS_NAMES = frozenset(
    {"(null)", "null", "(none)", "none", "nil", "-", "undefined", "unknown", "anonymous", "false"}
)
"""What web servers send as the user if nobody has signed in."""

_SAFE = ("GET", "HEAD")

_AUTHORITY = re.compile(r"(\[[0-9a-f.]*:[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?")
"""A Host header: a name or an address, and a port (RFC 9110, 7.2)."""

_ORIGIN = re.compile(r"https?://(.+)")


class RequestGuard:
    """The ASGI application that every request passes first; `app` is the one that it protects."""

    def __init__(self, app: ASGIApp, settings: DeskSettings, sessions: SessionStore) -> None:
        self.app, self._settings, self._sessions = app, settings, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            answer = _HeaderSender(send)
            try:
                await (self._refusal(scope) or self.app)(scope, _limit_body(scope, receive), answer)
            except Exception as error:  # its message might quote a letter
                fault_log.log_occurrence(fault_log.describe_fault(error))
                if not answer.begun:
                    await _send_refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a fault of pdfkit")(
                        scope, receive, answer
                    )

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the response to a request that is not allowed; None if it is."""
        if _has_ambiguous_length(scope):
            return _send_refusal(HTTPStatus.BAD_REQUEST, "where this request ends is not clear", close=True)
        if _host(_single_header(scope, b"host")) not in self._settings.names:
            return _send_refusal(HTTPStatus.MISDIRECTED_REQUEST, "this desk is not known by that name")
        if not _is_same_origin(scope, self._settings.names):
            return _send_refusal(HTTPStatus.FORBIDDEN, "this request did not come from a page of the desk")
        if scope["path"] in PUBLIC_PATHS or scope["path"].startswith(PUBLIC_FOLDERS) or self._known(scope):
            return None
        if self._settings.token:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        return _send_refusal(HTTPStatus.UNAUTHORIZED, "the reverse proxy did not say who you are")

    def _known(self, scope: Scope) -> bool:
        settings, client = self._settings, scope.get("client")
        if not (settings.token or settings.user_header):
            return True
        if settings.user_header and client and client[0] in settings.proxies:
            return bool(proxy_user(scope, settings))
        return bool(settings.token) and self._sessions.has(Request(scope).cookies.get(SESSION_COOKIE, ""))


class _HeaderSender:
    """Adds the security headers that a route has not set."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            own = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(header for header in ENCODED_HEADERS if header[0] not in own)]
        await self._send(message)


def _send_refusal(status: HTTPStatus, words: str, *, close: bool = False) -> Response:
    return PlainTextResponse(f"pdfkit: {words}\n", status, {"connection": "close"} if close else None)


def _header_values(scope: Scope, name: bytes) -> Iterator[bytes]:
    return (value for key, value in scope["headers"] if key.lower() == name)


def _single_header(scope: Scope, name: bytes) -> str | None:
    """Return the value of a header in lower case; empty if it is missing, None if it occurs more than once."""
    value = _header(scope, name)
    return None if value is None else value.lower()


def _header(scope: Scope, name: bytes) -> str | None:
    values = list(_header_values(scope, name))
    if len(values) != 1:
        return None if values else ""
    try:
        text = values[0].decode("utf-8")
    except UnicodeDecodeError:
        text = values[0].decode("latin-1")
    return text.strip()


def proxy_user(scope: Scope, settings: DeskSettings) -> str:
    """Return the name of the user that a known reverse proxy has signed in; empty if there is none."""
    name = _proxy_header(scope, settings, settings.user_header)
    return name if _is_user(name.lower()) else ""


def proxy_roles(scope: Scope, settings: DeskSettings) -> frozenset[DeskRole]:
    """Return the roles of the user that a known reverse proxy has signed in: those that it sends, and those of the file."""
    user = proxy_user(scope, settings).lower()
    if not user:
        return frozenset()
    sent = {part.strip() for part in _proxy_header(scope, settings, settings.role_header).lower().split(",")}
    return frozenset(role for role in DeskRole if role in sent or user in settings.roles.get(role, ()))


def _proxy_header(scope: Scope, settings: DeskSettings, name: str) -> str:
    """Return a header of a known reverse proxy; empty from anybody else, or if it occurs more than once."""
    client = scope.get("client")
    known = name and client and client[0] in settings.proxies
    return (_header(scope, name.encode("latin-1", "replace")) or "") if known else ""


def _has_ambiguous_length(scope: Scope) -> bool:
    """Return whether a proxy might see the end of the request elsewhere: the rest would be another request (RFC 9112, 6.3)."""
    lengths, codings = list(_header_values(scope, b"content-length")), list(_header_values(scope, b"transfer-encoding"))
    odd = not all(length.isdigit() and len(length) < 16 for length in lengths)
    return odd or len(lengths) + len(codings) > 1 or bool(codings and scope.get("http_version") == "1.0")


def _host(authority: str | None) -> str:
    """Return the name or the address in a Host header; empty if it is not valid."""
    found = _AUTHORITY.fullmatch(authority or "")
    return found[1].strip("[]") if found else ""


def _is_same_origin(scope: Scope, names: frozenset[str]) -> bool:
    """Return whether a request comes from our own pages, or is one that a link elsewhere may make."""
    site, mode = _single_header(scope, b"sec-fetch-site"), _single_header(scope, b"sec-fetch-mode")
    if scope["method"] in _SAFE:
        return site is not None and (site != "cross-site" or mode == "navigate")
    sent = _single_header(scope, b"origin")
    origin = _ORIGIN.fullmatch(sent or "")
    if site:
        return site == "same-origin" and (sent == "" or (origin is not None and _host(origin[1]) in names))
    return site is not None and origin is not None and origin[1] == _single_header(scope, b"host")


def _is_user(name: str | None) -> bool:
    """Return whether a header names a user: neither a placeholder for nobody nor invisible characters."""
    return (
        name is not None and name not in ANONYMOUS_NAMES and name.isprintable() and any(sign.isalnum() for sign in name)
    )


def _limit_body(scope: Scope, receive: Receive) -> Receive:
    """Refuse a body that is declared too large before reading it, and stop reading one that turns out to be."""
    most = MAX_UPLOAD_BYTES if UPLOAD_PATH.fullmatch(scope["path"]) else MAX_FORM_BYTES
    said, taken = max(map(int, _header_values(scope, b"content-length")), default=0), 0

    async def limited() -> Message:
        nonlocal taken
        if said > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return limited
