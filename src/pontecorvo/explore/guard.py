"""Who may talk to the explorer, and how much: checked before anything else is read.

* The ``Host`` header must be an address or a name of this machine, so that no page elsewhere can
  reach the server through a name of its own (DNS rebinding).
* A request that changes or computes must come from the page itself: its ``Origin``, where a browser
  sends one, is this host, and its body is JSON, which no form can send.
* Beyond the loopback a token is needed; it is compared in constant time.
* Bodies are cut at `MOST_BYTES` while they arrive.
* Every answer forbids the browser to load, run or frame anything else.
"""

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 65_536
COOKIE = "pontecorvo-token"
METHODS = ("GET", "HEAD", "POST")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_names() -> frozenset[str]:
    """Names of this machine, lower case."""
    return frozenset({"localhost", socket.gethostname().lower(), socket.getfqdn().lower()})


def host_of(header: str) -> str:
    """The host in a ``Host`` header, without port and brackets, lower case."""
    header = header.strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def allowed_host(header: str, loopback: bool, names: Iterable[str]) -> bool:
    """Whether a ``Host`` header may name this server.

    Args:
        header: What the browser sent.
        loopback: Whether the server listens on the loopback only.
        names: Names of this machine; where it listens beyond the loopback.
    """
    host = host_of(header)
    if is_loopback(host):
        return True
    if loopback:
        return False
    try:
        ipaddress.ip_address(host)
        return True  # an address is no name that someone else could point here
    except ValueError:
        return host in names


class TooLarge(Exception):
    """A body that is longer than allowed."""


class Guard:
    """ASGI middleware: hosts, origins, token, sizes, headers.

    Args:
        app: What is guarded.
        loopback: Whether the server listens on the loopback only.
        token: What must be shown; None asks for none, on the loopback only.
    """

    def __init__(self, app: ASGIApp, loopback: bool, token: str | None) -> None:
        if token is None and not loopback:
            raise ValueError("beyond the loopback a token is needed")
        self.app, self.loopback, self.token = app, loopback, token
        self.names = own_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or pass the request on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets here
        refusal = self.refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self.app(scope, _limited(receive), _with_headers(send))

    def refusal(self, scope: Scope) -> Response | None:
        """What to answer instead, or None where the request may pass."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not allowed_host(host, self.loopback, self.names):
            return PlainTextResponse("this host is not served here", 421)
        if scope["method"] not in METHODS:
            return PlainTextResponse("method not allowed", 405)
        if scope["method"] == "POST":
            origin = headers.get("origin")
            if origin is not None and origin.lower() != f"{scope['scheme']}://{host.lower()}":
                return PlainTextResponse("requests come from the page itself only", 403)
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return PlainTextResponse("requests come from the page itself only", 403)
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                return PlainTextResponse("send JSON", 415)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length[:12]) > MOST_BYTES:
            return PlainTextResponse("the request is too large", 413)
        return self._token_refusal(scope, headers)

    def _token_refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if self.token is None:
            return None
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        given = query.get("token", [""])[0]
        if given and self._is_token(given) and scope["method"] == "GET":
            # once in the address, then in a cookie that no script reads
            moved = RedirectResponse("/", 303)
            moved.set_cookie(COOKIE, given, httponly=True, samesite="strict")
            return moved
        bearer = headers.get("authorization", "")
        shown = bearer[7:] if bearer.lower().startswith("bearer ") else _cookie(headers)
        if self._is_token(shown):
            return None
        return PlainTextResponse("open the address with its token, as the terminal shows it", 401)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.token or "").encode())


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise TooLarge
        return message

    return counted


def _with_headers(send: Send) -> Send:
    extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in extra}
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in own]
            message = {**message, "headers": [*kept, *extra]}
        await send(message)

    return sent
