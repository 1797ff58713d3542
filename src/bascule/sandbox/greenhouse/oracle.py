"""What only a sandbox can tell: every change in order, the whole state, the requests it saw, and faults to order."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .sandbox import Sandbox
from .tables import plain

MOST = 10_000


class Oracle:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/changes", self.changes),
            Route("/sandbox/state", self.state),
            Route("/sandbox/requests", self.requests),
            Route("/sandbox/deliveries", self.deliveries),
            Route("/sandbox/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/sandbox/seed", self.seed, methods=["POST"]),
            Route("/sandbox/tokens", self.forget_tokens, methods=["DELETE"]),
        ]

    async def changes(self, request: Request) -> Response:
        """`?after=N&limit=M&object=candidates`: the changes with a higher number, oldest first."""
        after, limit = int(request.query_params.get("after", 0)), int(request.query_params.get("limit", MOST))
        wanted = request.query_params.get("object")
        log = self.sandbox.db.log
        rows = (change for change in log[max(after, 0) :] if wanted in (None, change.object))
        picked = [change.as_json() for change, _ in zip(rows, range(limit), strict=False)]
        return JSONResponse({"changes": picked, "last": picked[-1]["seq"] if picked else after, "newest": len(log)})

    async def state(self, request: Request) -> Response:
        """Every table; `?only=candidates,applications` for some. Custom field values are keyed by field id."""
        wanted = [one for one in request.query_params.get("only", "").split(",") if one]
        tables = self.sandbox.db.tables
        state: dict[str, Any] = {name: [plain(row) for row in table] for name, table in tables.items()
                                 if not wanted or name in wanted}  # fmt: skip
        return JSONResponse({"now": plain(self.sandbox.now()), "clock": self.sandbox.now().timestamp(),
                             "tables": state})  # fmt: skip

    async def requests(self, request: Request) -> Response:
        counted = sorted(self.sandbox.requests.items())
        rows = [{"method": method, "endpoint": endpoint, "status": status, "count": count}
                for (method, endpoint, status), count in counted]  # fmt: skip
        return JSONResponse({"requests": rows, "total": sum(self.sandbox.requests.values())})

    async def deliveries(self, request: Request) -> Response:
        """The newest deliveries, oldest of them first, each with its attempts and its body."""
        after = int(request.query_params.get("after", 0))
        hooks = self.sandbox.hooks
        rows = [one.as_json() for one in hooks.deliveries if one.id > after]
        return JSONResponse({"deliveries": rows, "waiting": hooks.waiting})

    async def faults(self, request: Request) -> Response:
        """GET lists what still waits, POST adds one fault or a list of them, DELETE forgets all."""
        faults = self.sandbox.faults
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            try:
                asked: Any = json.loads(await request.body())
                for one in asked if isinstance(asked, list) else [asked]:
                    faults.add(one)
            except ValueError as error:
                return JSONResponse({"errors": [{"message": str(error)}]}, 422)
        return JSONResponse({"faults": faults.as_json()})

    async def seed(self, request: Request) -> Response:
        """Add people to a running sandbox: `{"candidates": 100, "dirty": false}`. They are not in the change log."""
        from .seed import add_people

        body: dict[str, Any] = json.loads(await request.body() or b"{}")
        count = add_people(self.sandbox, int(body.get("candidates", 0)), dirty=bool(body.get("dirty", False)))
        return JSONResponse({"candidates": count})

    async def forget_tokens(self, request: Request) -> Response:
        self.sandbox.access.forget_tokens()
        return JSONResponse({"message": "Every token given so far has stopped working"})
