"""The addresses: `/v1/chat/completions`, `/v1/embeddings`, `/v1/models`, `/v1/messages`."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.endpoints import own_routes
from .faults import KINDS
from .server import Server


def create_app(server: Server) -> Starlette:
    """Everything it serves."""

    async def ask(request: Request) -> Response:
        vendor = "anthropic" if request.url.path.endswith("/messages") else "openai"
        try:
            body: dict[str, Any] = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"error": {"message": "The body is no JSON.", "type": "invalid_request_error"}}, 400)
        made = await server.reply(vendor, request.url.path, dict(request.headers), body)
        text = json.dumps(made.body)
        text = text[: len(text) // 2] if made.cut else text
        return Response(text, made.status, {"content-type": "application/json", **made.headers})

    async def models(_: Request) -> Response:
        known = [{"id": name, "object": "model", "created": 1_795_000_000, "owned_by": "sandbox"}
                 for name in server.options.models]  # fmt: skip
        return JSONResponse({"object": "list", "data": known})

    async def seen(_: Request) -> Response:
        return JSONResponse([{"path": one.path, "status": one.status, "body": one.body} for one in server.seen[-50:]])

    return Starlette(routes=[
        Route("/v1/chat/completions", ask, methods=["POST"]), Route("/v1/embeddings", ask, methods=["POST"]),
        Route("/v1/messages", ask, methods=["POST"]), Route("/v1/models", models), Route("/seen", seen),
        *own_routes(server.faults, KINDS),
    ])  # fmt: skip
