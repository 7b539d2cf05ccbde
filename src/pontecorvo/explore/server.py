"""The explorer's server: where it listens, and with which token."""

import secrets
import socket
from collections.abc import Callable

from ..base.errors import InputError
from .explorer import Explorer
from .guard import is_loopback
from .plane_explorer import PlaneExplorer

LEAST_TOKEN = 16


def chosen_token(host: str, token: str | None) -> str | None:
    """The token in force: the user's, one that is made beyond the loopback, or none on it.

    Raises:
        InputError: For a token that is too short, or unfit for an address.
    """
    if token is None:
        return None if is_loopback(host) else secrets.token_urlsafe(24)
    if len(token) < LEAST_TOKEN or not all(
        c.isascii() and (c.isalnum() or c in "-_") for c in token
    ):
        raise InputError(
            f"--token: give {LEAST_TOKEN} to 200 letters, digits, - or _; "
            "or leave it out, and one is made"
        )
    return token


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free.

    Raises:
        InputError: If it cannot.
    """
    if not 0 <= port <= 65535:
        raise InputError(f"--port {port}: give 0 to 65535; 0 takes any that is free")
    found: socket.socket | None = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except OSError as error:
        if found is not None:
            found.close()
        raise InputError(
            f"--host {host} --port {port}: cannot listen there ({error.strerror or error})"
        ) from None
    return found


def address(host: str, port: int, token: str | None) -> str:
    """What to open in a browser."""
    name = f"[{host}]" if ":" in host else host
    name = socket.gethostname() if host in ("0.0.0.0", "::") else name
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def serve(
    explorer: Explorer | PlaneExplorer,
    where: socket.socket,
    host: str,
    token: str | None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted.

    Args:
        explorer: What is explored.
        where: The socket of `listening`.
        host: The address that it listens on.
        token: As of `chosen_token`.
        ready: Called when requests are answered.
    """
    import uvicorn

    from .web import make_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        make_app(explorer, is_loopback(host), token),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=64,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )
    Server(config).run(sockets=[where])
