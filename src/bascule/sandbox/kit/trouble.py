"""Requests and answers on which faults act, for any sandbox's HTTP."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import AnswerLost, Faults
from .kinds import Answers, Delay, Fault, LostAnswer, Malformed, NotReady, Outage, Reset, Reshape, Stale, Truncate

Handler = Callable[[Request], Awaitable[Response]]
Sleep = Callable[[float], Awaitable[None]]
Count = Callable[[int], object]

BARE = ("answer", "reset", "lost_answer", "delay", "truncate", "malformed", "reshape", "outage")
"""The faults that `through` does whatever the handler is: without replicas, webhooks, a clock or records of its own."""
PROXY_PAGE = b"<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"


def errors(status: int, message: str) -> Response:
    return JSONResponse({"errors": [{"message": message}]}, status)


def itself(content: Any) -> list[Any]:
    """The objects of an answer that is one object or a list of them."""
    return content if isinstance(content, list) else [content]


@dataclass(frozen=True)
class Words:
    """How a vendor words what goes wrong on purpose."""

    # A refusal with a status, in the vendor's own shape.
    refuse: Callable[[int, str], Response] = errors
    # Where in the JSON of an answer its objects are.
    objects: Callable[[Any], list[Any]] = itself
    # Changes keys in the body of an answer that is not JSON.
    reshape: Callable[[Reshape, bytes], bytes] | None = None


class Lost(Response):
    """Nothing: the connection is reset. Whoever calls the application in this process gets AnswerLost.

    It begins to answer all the same, so that no framework puts an error page in its place; `breaking_off` keeps that
    back.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": [], "lost": True})
        raise AnswerLost("the connection was reset on purpose")


class Cut(Response):
    """Promises a whole body, sends a part of it and breaks off."""

    def __init__(self, whole: Response, share: float) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers
        self.share = share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        part = bytes(self.body)[: int(len(self.body) * self.share)]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        raise AnswerLost("the answer was cut on purpose")


async def through(
    faults: Faults, sleep: Sleep, request: Request, handler: Handler, count: Count, words: Words, path: str = ""
) -> Response:
    """Answer a request with the faults that act on it. `count` is told the status that was (or would have been) sent,
    0 where nothing was done or answered. A handler finds `stale` and `not_ready`, in seconds, in the request's state.
    `path` is what faults meet where the address alone does not say what is asked for.
    """
    faults.run_due()
    acting = faults.for_request(request.method, path or request.url.path)
    request.state.stale = max((one.seconds for one in acting if isinstance(one, Stale)), default=0.0)
    request.state.not_ready = max((one.seconds for one in acting if isinstance(one, NotReady)), default=0.0)
    for one in acting:
        if isinstance(one, Delay):
            await sleep(one.seconds)
    response = _instead(acting, words)
    if response is None:
        response = await handler(request)
    count(0 if isinstance(response, Lost) else response.status_code)
    for one in acting:
        if isinstance(one, LostAnswer):
            if one.seconds:
                await sleep(one.seconds)
            return Lost()
        response = _spoilt(one, response, words)
    return response


def _instead(acting: list[Fault], words: Words) -> Response | None:
    """What is answered in place of the handler's answer."""
    if not acting:
        return None
    match acting[-1]:
        case Answers(status=status, retry_after=wait, headers=headers, body=body):
            return _refusal(words, status, wait, headers, body)
        case Outage(status=int(status), retry_after=wait):
            return _refusal(words, status, wait, {}, None)
        case Reset() | Outage():
            return Lost()
        case _:
            return None


def _refusal(words: Words, status: int, wait: float | None, headers: Mapping[str, str], body: Any) -> Response:
    told = {**headers, **({"Retry-After": f"{wait:g}"} if wait is not None else {})}
    answer = words.refuse(status, f"Error {status}") if body is None else JSONResponse(body, status)
    answer.headers.update(told)
    return answer


def _spoilt(fault: Fault, response: Response, words: Words) -> Response:
    match fault:
        case Truncate(share=share):
            return Cut(response, share)
        case Malformed(how=how):
            return _malformed(how, response)
        case Reshape():
            return _reshaped(fault, response, words)
        case _:
            return response


def _malformed(how: str, response: Response) -> Response:
    body = bytes(response.body)
    wrong = {
        "cut": body[: max(len(body) // 2, 1)] or b"{",
        "html": PROXY_PAGE,
        "empty": b"",
        "bytes": b"\xff\xfe" + body,
    }
    kept = {key: value for key, value in response.headers.items() if key not in ("content-length", "content-type")}
    kind = "text/html" if how == "html" else response.headers.get("content-type", "application/json")
    status = 200 if response.status_code == 204 else response.status_code
    return Response(wrong[how], status, headers=kept, media_type=kind)


def _reshaped(fault: Reshape, response: Response, words: Words) -> Response:
    kept = {key: value for key, value in response.headers.items() if key != "content-length"}
    if words.reshape is not None:
        body = words.reshape(fault, bytes(response.body))
        return Response(body, response.status_code, headers={**kept, **fault.headers})
    try:
        content = json.loads(bytes(response.body))
    except ValueError:
        content = None
    for row in words.objects(content):
        if isinstance(row, dict):
            _reshape(row, fault)
    body = bytes(response.body) if content is None else json.dumps(content).encode()
    return Response(body, response.status_code, headers={**kept, **fault.headers})


def _reshape(row: dict[str, Any], fault: Reshape) -> None:
    for old, new in fault.rename.items():
        inner, key = _inside(row, old)
        if inner is not None and key in inner:
            inner[new] = inner.pop(key)
    for name in fault.remove:
        inner, key = _inside(row, name)
        if inner is not None:
            inner.pop(key, None)
    for name, value in fault.set.items():
        inner, key = _inside(row, name)
        if inner is not None:
            inner[key] = value


def _inside(row: dict[str, Any], name: str) -> tuple[dict[str, Any] | None, str]:
    """The object that holds `a.b.c`, and the last of its names; None where there is no such object."""
    *path, key = name.split(".")
    inner: Any = row
    for step in path:
        inner = inner.get(step) if isinstance(inner, dict) else None
    return (inner if isinstance(inner, dict) else None), key


def breaking_off(app: ASGIApp) -> ASGIApp:
    """For an application behind uvicorn: AnswerLost resets its connection, or closes it in the middle of an answer.

    Outermost, so that `send` is the server's own, which knows the transport.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            if message.get("lost"):
                return
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await app(scope, receive, noted)
        except AnswerLost:
            transport = getattr(send, "__self__").transport  # noqa: B009  # a plain Send has no such attribute
            if begun:
                transport.close()
            else:
                raw = transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass

    return wrapped
