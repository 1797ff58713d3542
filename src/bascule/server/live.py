"""`/events`: what changed, as server-sent events. They say where to look and hold no values."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from bascule.store.sight import SIGHT

from .desk import Desk, seeing
from .roles import Right
from .web import Web

router = APIRouter(include_in_schema=False)


@router.get("/events")
async def events(request: Request, at: Annotated[Desk, Depends(seeing(Right.LOOK))]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _stream(at.web, at.signed.secret, request), media_type="text/event-stream", headers=headers
    )


async def _stream(web: Web, secret: str, request: Request) -> AsyncIterator[str]:
    """Until the page goes away, the log-in ends, or the server stops."""
    yield "retry: 2000\n\n"
    async for change in web.hub.follow():
        if change is not None:  # whoever may not see everybody is not told who has changed
            told = dict(change) if SIGHT.get() is None else {"kind": "*", "id": ""}
            yield f"event: change\ndata: {json.dumps(told)}\n\n"
            continue
        if await request.is_disconnected() or await web.people.session(secret) is None:
            return
        yield ": still here\n\n"
