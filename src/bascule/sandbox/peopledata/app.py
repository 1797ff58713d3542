"""The addresses: `/v5/person/enrich`, and what the sandbox tells of itself."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.endpoints import FaultEndpoints
from ..kit.trouble import Words, through
from .server import Server


def create_app(server: Server) -> Starlette:
    """Everything it serves."""

    def refuse(status: int, message: str) -> Response:
        made = server.refused(status, message)
        return JSONResponse(made.body, made.status, dict(made.headers))

    async def answered(request: Request) -> Response:
        asked: dict[str, Any] = dict(request.query_params)
        if body := await request.body():
            try:
                given = json.loads(body)
            except ValueError:
                return refuse(400, "The body is no JSON")
            if not isinstance(given, dict):
                return refuse(400, "The body is no object")
            asked |= given
        made = server.reply(request.method, dict(request.headers), asked)
        return JSONResponse(made.body, made.status, dict(made.headers))

    async def enrich(request: Request) -> Response:
        words = Words(
            refuse, lambda content: [content["data"]] if isinstance(content, dict) and "data" in content else []
        )
        return await through(server.faults, server.sleep, request, answered, lambda _status: None, words)

    async def seen(_: Request) -> Response:
        last = [{"method": one.method, "status": one.status, "asked": one.asked} for one in server.seen[-50:]]
        return JSONResponse({"credits": server.credits, "requests": last})

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[
        Route("/v5/person/enrich", enrich, methods=methods), Route("/sandbox/seen", seen),
        *FaultEndpoints(server.faults).routes(),
    ])  # fmt: skip
