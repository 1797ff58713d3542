"""What only a sandbox can tell: every change in order, the whole state, the requests it saw, edits written over unseen,
and faults to order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .endpoints import FaultEndpoints
from .tables import Change, plain
from .tenant import Tenant

MOST = 10_000


class Oracle:
    def __init__(self, sandbox: Tenant[Any]) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/changes", self.changes),
            Route("/sandbox/state", self.state),
            Route("/sandbox/requests", self.requests),
            Route("/sandbox/deliveries", self.deliveries),
            Route("/sandbox/overwritten", self.overwritten),
            *FaultEndpoints(self.sandbox.faults).routes(),
            Route("/sandbox/seed", self.seed, methods=["POST"]),
            Route("/sandbox/tokens", self.forget_tokens, methods=["DELETE"]),
        ]

    async def changes(self, request: Request) -> Response:
        """`?after=N&limit=M`: the changes with a higher number, oldest first. `object=candidates`, `id=66001`, `field`
        and `actor` pick some; `candidate=66001` picks a person's own and those of everything that is theirs."""
        query = request.query_params
        after, limit = int(query.get("after", 0)), int(query.get("limit", MOST))
        wanted = {key: query[key] for key in ("object", "id", "field", "actor", "candidate") if key in query}
        log = self.sandbox.db.log
        rows = (change for change in log[max(after, 0) :] if _is(change, wanted))
        picked = [change.as_json() for change, _ in zip(rows, range(limit), strict=False)]
        return JSONResponse({"changes": picked, "last": picked[-1]["seq"] if picked else after, "newest": len(log)})

    async def overwritten(self, request: Request) -> Response:
        """Edits that a program wrote over without having seen them, each with the seconds from read to write."""
        return JSONResponse(self.sandbox.overwrites.as_json())

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

    async def seed(self, request: Request) -> Response:
        """Add people to a running sandbox: `{"candidates": 100, "dirty": false}`. They are not in the change log."""
        body: dict[str, Any] = json.loads(await request.body() or b"{}")
        count = self.sandbox.add_people(int(body.get("candidates", 0)), dirty=bool(body.get("dirty", False)))
        return JSONResponse({"candidates": count})

    async def forget_tokens(self, request: Request) -> Response:
        self.sandbox.forget_tokens()
        return JSONResponse({"message": "Every token given so far has stopped working"})


def _is(change: Change, wanted: Mapping[str, str]) -> bool:
    """Whether a change is of what was asked for."""
    own = {"object": change.object, "id": str(change.id), "field": change.field, "actor": change.actor.kind}
    person = change.id if change.object == "candidates" else change.parents.get("candidate_id")
    return all(str(person) == value if key == "candidate" else own[key] == value for key, value in wanted.items())
