"""The addresses of all three, and what the sandbox tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..kit import render
from ..kit.endpoints import FaultEndpoints
from ..kit.trouble import Words, through
from . import caldav, google, graph
from .server import Held, Server

HERE = Path(__file__).parent
Answer = Callable[[Server, Request, bytes], Response]


def create_app(server: Server) -> Starlette:
    """/dav/PERSON/, /graph/v1.0, /graph/token, /google/calendar/v3, /google/token; for people the page at /."""
    page = render.environment(HERE / "templates").get_template("calendars.html")
    words = Words(lambda status, message: graph.error(status, "ServiceUnavailable", message))

    def route(path: str, answer: Answer, *methods: str) -> Route:
        async def made(request: Request) -> Response:
            body = await request.body()
            server.asked.append((request.method, request.url.path))

            async def answered(request: Request) -> Response:
                return answer(server, request, body)

            return await through(server.faults, server.sleep, request, answered, lambda _status: None, words)

        return Route(path, made, methods=list(methods))

    async def events(request: Request) -> Response:
        if request.method == "POST":
            given = await request.json()
            start, end = (datetime.fromisoformat(given[name]) for name in ("start", "end"))
            server.add(given["owner"], start, end, subject=str(given.get("subject", "")))
        return JSONResponse([_shown(one) for one in sorted(server.events.values(), key=lambda one: one.start)])

    async def shown(request: Request) -> Response:
        """For people: what stands in one calendar, or in all, from today on."""
        of, today = request.query_params.get("of", "").casefold(), server.now().date()
        coming = [one for one in server.events.values() if one.end.date() >= today and of in ("", one.owner)]
        coming.sort(key=lambda one: (one.start, one.owner, one.id))
        days = [(day, list(held)) for day, held in groupby(coming, lambda one: one.start.date())]
        people = sorted({one.owner for one in server.events.values()})
        return HTMLResponse(page.render(of=of, people=people, days=days))

    any_of = ("GET", "POST", "PUT", "PATCH", "DELETE")
    return Starlette(routes=[
        route("/dav/{person}/", caldav.collection, "OPTIONS", "REPORT", "PROPFIND", "GET"),
        route("/dav/{person}/{name}", caldav.resource, "GET", "PUT", "DELETE", "REPORT"),
        route("/graph/token", lambda s, _r, b: graph.token(s, b), "POST"),
        route("/graph/v1.0/users/{person}/{path:path}", graph.answered, *any_of),
        route("/google/token", lambda s, _r, b: google.token(s, b), "POST"),
        route("/google/calendar/v3/{path:path}", google.answered, *any_of),
        Route("/", shown),
        Route("/sandbox/events", events, methods=["GET", "POST"]),
        *FaultEndpoints(server.faults).routes(),
        Mount("/static", StaticFiles(directory=render.TEMPLATES.parent / "static")),
    ])  # fmt: skip


def _shown(one: Held) -> dict[str, object]:
    return {
        "id": one.id, "owner": one.owner, "start": one.start.isoformat(), "end": one.end.isoformat(), "uid": one.uid,
        "subject": one.subject, "place": one.place, "busy": one.busy,
    }  # fmt: skip
