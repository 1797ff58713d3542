"""`/hooks/{connection}`: where systems deliver. The body is read raw and bounded; the App verifies and answers."""

from fastapi import APIRouter, Request, Response

from .web import Web

router = APIRouter(tags=["systems call"])
WORDS = {
    200: "accepted",
    202: "accepted",
    401: "not signed as the system signs, or signed too long ago",
    404: "no such connection",
    413: "too large",
    422: "not in the shape of this system's webhooks",
}


@router.get("/hooks/reach", include_in_schema=False)
async def reach(request: Request, nonce: str = "") -> Response:
    """Proves that the address of the webhooks leads to this installation."""
    web: Web = request.app.state.web
    return Response(await web.app.reaching.proof(nonce[:64]), media_type="text/plain")


@router.post("/hooks/{connection}", summary="Deliver a webhook")
@router.post("/hooks/{connection}/{token}", summary="Deliver a webhook of a system that does not sign")
async def deliver(request: Request, connection: str, token: str = "") -> Response:
    """Answers 200 (202 where the system wants that) only once the delivery is durable, and again for one that is known
    already."""
    web: Web = request.app.state.web
    headers = dict(request.headers)
    if asked := web.app.ingest.echo(connection, headers):
        return Response("", headers=dict(asked))
    body = await _bounded(request, web.app.settings.max_hook_bytes)
    status = int(await web.app.ingest.deliver(connection, headers, body, token))
    return Response(WORDS.get(status, ""), status_code=status, media_type="text/plain")


async def _bounded(request: Request, most: int) -> bytes:
    """The body, cut one byte past the limit: enough to know that it is too large, never more in memory."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return b"".join(parts)[: most + 1]
