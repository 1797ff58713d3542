"""What every route of the Data API does alike: who calls, how often, with which rights; lists and objects below an
opportunity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import base_url, guarded
from ..kit.tables import Row
from . import records
from .calls import Call, newest, take_body
from .errors import forbidden, missing, worded
from .hooks import ms
from .sandbox import Sandbox, name_of
from .show import EXPAND, Show

Handle = Callable[[Call], Response]
# (resource, action, handler) by method.
Methods = Mapping[str, tuple[str, str, Handle]]
READ, WRITE = "read", "write"
ONE = "/opportunities/{id}"


class Frame:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def route(self, path: str, expands: str, methods: Methods) -> Route:
        async def answer(request: Request) -> Response:
            try:
                return await self._answered(request, expands, methods)
            except Refused as refused:
                return worded(refused)

        return Route(f"/v1{path}", guarded(self.sandbox, answer), methods=["GET", "POST", "PUT", "DELETE", "PATCH"])

    async def _answered(self, request: Request, expands: str, methods: Methods) -> Response:
        sandbox = self.sandbox
        caller = sandbox.access.caller(request)
        if sandbox.limits.take(caller.credential["id"], sandbox.now()).exceeded:
            # Without Retry-After, and without a word about what is left: Lever has no such headers.
            raise Refused(429, "Too many requests")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            raise Refused(405, f"{method} is not allowed here")
        resource, action, handle = methods[method]
        if not caller.may(resource, action):
            raise forbidden(f"This credential lacks {resource}:{action}:admin")
        expand = {one for text in request.query_params.getlist("expand") for one in text.split(",")}
        for name, needed in EXPAND.get(expands, {}).items():
            if name in expand and not caller.may(needed, "read"):
                raise forbidden(f"expand={name} needs {needed}:read:admin")
        view = sandbox.as_of(request.state.stale) if request.state.stale else sandbox
        call = Call(sandbox, request, caller, view, Show(view, base_url(request), expand))
        if method in ("POST", "PUT"):
            await take_body(call)
        return handle(call)

    def list_below(self, kind: str, shown: str, key: Callable[[Row], list[Any]], call: Call) -> Response:
        own = call.view.db[kind].where("application_id", call.opportunity()["id"])
        return call.page([one for one in own if call.view.seen(kind, one)], getattr(call.show, shown), key)

    def one_below(self, kind: str, shown: str, call: Call) -> Response:
        row = records.below(call.view, kind, call.opportunity()["id"], call.request.path_params["inner"])
        if not call.view.seen(kind, row):
            raise missing(name_of(kind))
        return call.one(getattr(call.show, shown)(row))

    def remove(self, kind: str, call: Call) -> Response:
        inner = call.request.path_params["inner"]
        records.remove(self.sandbox, call.actor(), kind, call.target(), inner, by_api=kind != "attachments")
        return Response(status_code=204)

    def deleted(self, kind: str, call: Call) -> Response:
        """Deleted objects by when they were deleted, both ends included."""
        within = call.within("deleted_at")
        rows = [row for row in call.view.db["deleted_records"]
                if row["kind"] == kind and within(ms(row["deleted_at"])) and call.sees(row["shown"])]  # fmt: skip
        return call.page(rows, call.show.deleted, newest)

    def lister(self, kind: str, shown: str, resource: str) -> dict[str, tuple[str, str, Handle]]:
        return {"GET": (resource, READ, partial(self.list_below, kind, shown, newest))}

    def getter(self, kind: str, shown: str, resource: str) -> dict[str, tuple[str, str, Handle]]:
        return {"GET": (resource, READ, partial(self.one_below, kind, shown))}
