"""The explorer as a web application: routes, and how each mistake is answered.

Starlette and uvicorn (BSD) with a page of our own: full control over what the browser may load,
over names for screen readers and over weight, which the canvases of bokeh and panel do not give.
"""

import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..base.errors import InputError, one_line
from .explorer import Explorer
from .guard import Guard, TooLarge
from .newest import Desk, Superseded
from .one_draw import about_draw, all_draws, draw_file, likeliest, sample_command, study_file
from .packing import pack, to_json
from .plane_explorer import PlaneExplorer
from .questions import read_question

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
BYTES, JSON, TEXT = "application/octet-stream", "application/json", "text/plain; charset=utf-8"
Handler = Callable[[Request], Awaitable[Response]]


def page_files() -> dict[str, tuple[bytes, str]]:
    """The page's own files by name, with their types: nothing else is ever read for a request."""
    found = {}
    for entry in files(__package__).joinpath("page").iterdir():
        kind = KINDS.get(entry.name.rpartition(".")[2])
        if kind is not None:
            found[entry.name] = entry.read_bytes(), kind
    return found


def make_app(explorer: Explorer | PlaneExplorer, loopback: bool, token: str | None = None) -> Guard:
    """The application, behind its guard.

    Args:
        explorer: What is explored.
        loopback: Whether it is served on the loopback only.
        token: What must be shown; needed beyond the loopback.
    """
    desk, shipped = Desk(), page_files()

    async def front(request: Request) -> Response:
        return Response(*_as_response(shipped["index.html"]))

    async def page(request: Request) -> Response:
        found = shipped.get(request.path_params["name"])
        return Response("not here", 404) if found is None else Response(*_as_response(found))

    async def session(request: Request) -> Response:
        return Response(to_json(await desk.aside(explorer.describe)), media_type=JSON)

    routes = [
        Route("/", front),
        Route("/page/{name}", page),
        Route("/api/session", answered(session)),
    ]
    own = plane_routes if isinstance(explorer, PlaneExplorer) else posterior_routes
    for path, handler, methods in own(explorer, desk):  # type: ignore[arg-type]
        routes.append(Route(path, answered(handler), methods=methods))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        desk.close()

    return Guard(Starlette(routes=routes, lifespan=lifespan), loopback, token)


def posterior_routes(explorer: Explorer, desk: Desk) -> list[tuple[str, Handler, list[str]]]:
    """Questions to posteriors."""

    async def prior(request: Request) -> Response:
        rows = await desk.aside(explorer.prior)
        return Response(pack({}, rows), media_type=BYTES)

    async def answer(request: Request) -> Response:
        question = read_question(await _content(request))
        page = _page(request)

        def work() -> bytes:
            header, rows = explorer.answer(question)
            found = explorer.found(header["answer"])
            return pack({**header, "command": sample_command(explorer, found)}, rows)

        return Response(await desk.ask(page, work), media_type=BYTES)

    async def improve(request: Request) -> Response:
        question = read_question(await _content(request))
        await desk.background(lambda stop: explorer.improve(question, stop))
        return Response(to_json({"stopped": desk.stop()}), media_type=JSON)

    async def draw(request: Request) -> Response:
        content = await _content(request)

        def work() -> dict[str, Any]:
            found = explorer.found(_whole(content, "answer"))
            index = content.get("index")
            place = likeliest(found) if index is None else _whole(content, "index")
            return about_draw(explorer, found, place)

        return Response(to_json(await desk.aside(work)), media_type=JSON)

    async def file(request: Request) -> Response:
        content = await _content(request)

        def work() -> str:
            found, what = explorer.found(_whole(content, "answer")), content.get("format")
            if what == "yaml":
                return study_file(explorer, found)
            if what == "draws":
                return all_draws(explorer, found)
            return draw_file(explorer, found, _whole(content, "index"), str(what)[:16])

        return Response(await desk.aside(work), media_type=TEXT)

    return [
        ("/api/prior", prior, ["GET"]),
        ("/api/answer", answer, ["POST"]),
        ("/api/improve", improve, ["POST"]),
        ("/api/draw", draw, ["POST"]),
        ("/api/file", file, ["POST"]),
    ]


def plane_routes(explorer: PlaneExplorer, desk: Desk) -> list[tuple[str, Handler, list[str]]]:
    """Questions to a plane."""

    async def answer(request: Request) -> Response:
        content, page = await _content(request), _page(request)
        found = await desk.ask(page, lambda: explorer.answer(content))
        return Response(to_json(found), media_type=JSON)

    async def file(request: Request) -> Response:
        content = await _content(request)
        text = await desk.aside(lambda: explorer.study_file(content))
        return Response(text, media_type=TEXT)

    return [("/api/answer", answer, ["POST"]), ("/api/file", file, ["POST"])]


def answered(handler: Handler) -> Handler:
    """A handler whose refusals are JSON with one sentence."""

    async def safely(request: Request) -> Response:
        try:
            return await handler(request)
        except InputError as error:
            return instead("refused", one_line(error))
        except Superseded:
            return instead("superseded", "a newer question came")
        except TooLarge:
            return Response("the request is too large", 413, media_type=TEXT)
        except Exception as error:  # the page says it, the terminal has the traceback
            traceback.print_exc()
            what = f"{type(error).__name__}: {one_line(error, 200)}"
            return Response(to_json({"error": what}), 500, media_type=JSON)

    return safely


def instead(kind: str, sentence: str) -> Response:
    """An answer that is no result: status 200, since browsers log others as errors of the page.

    The header ``X-Answer`` says ``refused`` or ``superseded``.
    """
    content = to_json({kind: sentence})
    return Response(content, headers={"X-Answer": kind}, media_type=JSON)


async def _content(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("question: this is no JSON") from None
    if not isinstance(content, dict):
        raise InputError("question: give a JSON object")
    return content


def _whole(content: dict[str, Any], key: str) -> int:
    value = content.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise InputError(f"{key}: give a whole number")
    return value


def _page(request: Request) -> str:
    return request.headers.get("x-page", "")[:64]


def _as_response(found: tuple[bytes, str]) -> tuple[bytes, int, None, str]:
    return found[0], 200, None, found[1]
