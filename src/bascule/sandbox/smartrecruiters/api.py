"""What every call of the API has in common: who calls, how often and how many at once, scopes, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.access import Token, actor_of, valid
from ..kit.errors import Refused
from ..kit.http import base_url, guarded, json_within
from ..kit.ids import Id
from ..kit.rates import Usage
from ..kit.tables import Actor, Row
from .render import Render
from .sandbox import SEARCH, Sandbox

MOST = 10 * 1024 * 1024
# What a call answers: an object, nothing (204), or a response of its own.
Answer = Mapping[str, Any] | Response | None
Do = Callable[["Call"], Awaitable[Answer]]


@dataclass(frozen=True)
class Call:
    """One call of a known caller. `shown` is the state from which it is answered, which may be behind."""

    request: Request
    sandbox: Sandbox
    shown: Sandbox
    credential: Row
    actor: Actor
    scopes: frozenset[str]
    base: str
    render: Render = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "render", Render(self.shown, self.base))

    # What is asked.

    def param(self, name: str) -> str:
        return str(self.request.path_params[name])

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def queries(self, name: str) -> list[str]:
        """Every value of a parameter that may be there more than once, also under its name with brackets."""
        found = self.request.query_params
        return [*found.getlist(name), *found.getlist(f"{name}[]")]

    def number(self, name: str, usual: int, least: int, most: int | None = None) -> int:
        text = self.query(name)
        value = usual if text is None else int(text) if text.lstrip("-").isdigit() else None
        if value is None or value < least or (most is not None and value > most):
            raise invalid(name, f"must be a number from {least}" + (f" to {most}" if most is not None else ""))
        return value

    def moment(self, name: str) -> datetime | None:
        text = self.query(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise invalid(name, "must be like 2026-11-20T09:00:00.000Z") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    async def body(self) -> dict[str, Any]:
        asked = await json_within(self.request, MOST)
        if not isinstance(asked, dict):
            raise Refused(400, "The body must be a JSON object", code="INVALID_FORMAT")
        return asked

    # What there is.

    def find(self, kind: str, id: Id, word: str = "") -> Row:
        """A row that this caller can see. Raises Refused (404)."""
        row = self.shown.db[kind].get(id)
        if row is None or not self.sandbox.seen(kind, row):
            name = (word or kind.rstrip("s")).upper()
            raise Refused(404, f"There is no {name.lower().replace('_', ' ')} {id}", code=f"{name}_NOT_FOUND")
        return row

    def person(self) -> Row:
        return self.find("candidates", self.param("id"))

    def application(self) -> Row:
        """By its candidate and its job."""
        person, job = self.person(), self.find("jobs", self.param("job_id"))
        for row in self.shown.db["applications"].where("candidate_id", person["id"]):
            if row["job_id"] == job["id"] and self.sandbox.seen("applications", row):
                return row
        raise Refused(404, f"The candidate has no application for {job['id']}", code="APPLICATION_NOT_FOUND")

    # What is answered.

    def read(self, kind: str, id: Id) -> None:
        """Note that a program was shown a whole object."""
        self.sandbox.overwrites.read(self.actor.kind, kind, id, self.sandbox.db.real_now().timestamp())

    def created(self, kind: str, row: Row, answer: Mapping[str, Any]) -> Response:
        """201; while a fault says so, what was created cannot be read yet."""
        wait: float = self.request.state.not_ready
        if wait:
            self.sandbox.db.mark(kind, row["id"], visible_at=self.sandbox.now() + timedelta(seconds=wait))
        return JSONResponse(dict(answer), 201)

    def fresh(self) -> Render:
        """For what was just written, which no replica has."""
        return Render(self.sandbox, self.base)


def invalid(field: str, says: str) -> Refused:
    return Refused(400, f"{field} {says}", code="INVALID_FORMAT", field=field)


def refusal(refused: Refused, headers: Mapping[str, str]) -> Response:
    code = refused.code or f"ERROR_{refused.status}"
    body = {"message": refused.message, "errors": [{"code": code, "message": refused.message}]}
    return JSONResponse(body, refused.status, headers={**headers, **refused.headers})


class Access:
    """Who is behind a request."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def caller(self, request: Request) -> tuple[Row, Token | None]:
        """The credential of an X-SmartToken, or of an access token. Raises Refused (401)."""
        given = request.headers.get("x-smarttoken")
        if given is None:
            return self.sandbox.oauth.caller(request)
        for row in self.sandbox.db["credentials"]:
            if row["type"] == "key" and valid(row, given, self.sandbox.now()):
                return row, None
        raise Refused(401, "The X-SmartToken is unknown or revoked", code="UNAUTHORIZED")

    def name(self, request: Request) -> Id:
        """The credential's id, None where there is none."""
        try:
            return self.caller(request)[0]["id"]
        except Refused:
            return None


class Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.access = Access(sandbox)

    def route(self, method: str, path: str, scope: str, do: Do) -> Route:
        """One endpoint. Limits count for each credential and endpoint; the scope may be one of several (`a|b`)."""
        endpoint = f"{method} {path}"
        windows = self.sandbox.publishing if path.endswith("/publication") and method != "GET" else self.sandbox.windows

        async def answer(request: Request) -> Response:
            told: dict[str, str] = {}
            try:
                credential, token = self.access.caller(request)
                usage = windows.take((credential["id"], endpoint), self.sandbox.now())
                together: Usage = request.state.together
                told = {
                    **usage.headers(reset="", retry=""),
                    **together.headers("X-RateLimit-Concurrent-Limit", "X-RateLimit-Concurrent-Remaining", "", ""),
                }
                if usage.exceeded or together.exceeded:
                    raise Refused(429, "Too many requests", code="TOO_MANY_REQUESTS")
                call = self._call(request, endpoint, credential, token)
                if scope and not call.scopes.intersection(scope.split("|")):
                    raise Refused(403, f"OAuthPermissionsException: the scope {scope} is missing",
                                  code="OAUTH_PERMISSIONS")  # fmt: skip
                found = await do(call)
            except Refused as refused:
                return refusal(refused, told)
            response = found if isinstance(found, Response) else (
                Response(status_code=204) if found is None else JSONResponse(dict(found)))  # fmt: skip
            response.headers.update(told)
            return response

        inner = guarded(self.sandbox, answer)

        async def counted(request: Request) -> Response:
            with self.sandbox.together.entered((self.access.name(request), endpoint)) as usage:
                request.state.together = usage
                return await inner(request)

        return Route(path, counted, methods=[method])

    def _call(self, request: Request, endpoint: str, credential: Row, token: Token | None) -> Call:
        behind: float = request.state.stale if request.method == "GET" else 0.0
        if endpoint == SEARCH:
            behind = max(behind, self.sandbox.options.search_lag)
        scopes = credential["scopes"] if token is None else token.scopes
        return Call(
            request, self.sandbox, self.sandbox.as_of(behind) if behind else self.sandbox, credential,
            actor_of(credential, token and token.user_id),
            frozenset(scopes if credential["role"] else ()), base_url(request),
        )  # fmt: skip
