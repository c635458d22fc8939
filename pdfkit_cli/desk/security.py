"""Who may ask, from where, and what a browser may do with the answer. Everything passes here first.

- The Host header is one of ours: a page elsewhere cannot reach the desk by a name of its own (DNS rebinding).
- A request that changes something, or carries a letter, comes from our own pages (Fetch Metadata, or else Origin).
- On an address that others can reach: a token, or the user header of a known reverse proxy.
- Nothing from elsewhere is loaded, nothing inline is run, nothing is framed, nothing is kept in a cache unless its route says so.
"""

import hashlib
import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdfkit_cli.desk.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self' blob:; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""What every answer has where its route says nothing else."""

_ENCODED = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

SESSION = "desk"
"""The cookie of one who has typed the token."""

OPEN = ("/sign-in", "/static/", "/fonts/")
"""What one sees who has not signed in."""

LARGEST_BODY = 40_000_000
"""Bytes of a request: a scanned letter of many pages, and nothing that fills a memory."""

_SAFE = ("GET", "HEAD")


class Guard:
    """The ASGI application that stands before all others."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            answer = self._refusal(request)
            await (answer or self._app)(scope, _limited(receive), _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        """Return the answer to one who may not ask, if so."""
        if _host(request.headers.get("host", "")) not in self._settings.names:
            return _refused(HTTPStatus.MISDIRECTED_REQUEST, "this desk is not known by that name")
        if not _from_here(request):
            return _refused(HTTPStatus.FORBIDDEN, "this request did not come from a page of the desk")
        if request.url.path.startswith(OPEN) or self._known(request):
            return None
        if self._settings.token:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        return _refused(HTTPStatus.UNAUTHORIZED, "the reverse proxy did not say who you are")

    def _known(self, request: Request) -> bool:
        settings = self._settings
        if not (settings.token or settings.user_header):
            return True
        if settings.user_header and request.client and request.client.host in settings.proxies:
            return bool(request.headers.get(settings.user_header))
        given = request.cookies.get(SESSION, "")
        return bool(settings.token) and hmac.compare_digest(given.encode(), session(settings.token).encode())


def session(token: str) -> str:
    """Return what the cookie holds: it proves the token and does not tell it. Another token ends every session."""
    return hmac.new(token.encode(), b"pdfkit desk", hashlib.sha256).hexdigest()


def _refused(status: HTTPStatus, words: str) -> Response:
    return PlainTextResponse(f"pdfkit: {words}\n", status)


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _from_here(request: Request) -> bool:
    """Say whether a request comes from our own pages, or is one that a link elsewhere may make."""
    headers = request.headers
    site = headers.get("sec-fetch-site")
    if request.method in _SAFE:
        return site != "cross-site" or headers.get("sec-fetch-mode") == "navigate"
    if site:
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


def _limited(receive: Receive) -> Receive:
    """Stop reading a request that is too large, whatever it says of its length."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return limited


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(header for header in _ENCODED if header[0] not in own)]
        await send(message)

    return sending
