"""The interface: `POST /<category>.<method>`, a key in every request, an envelope in every answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from inspect import isawaitable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..kit.access import actor_of
from ..kit.http import base_url, guarded, json_within
from ..kit.rates import Windows
from ..kit.tables import Actor, Database, Row
from .access import Sight, allow, key_of
from .errors import Refused, envelope, invalid, missing
from .fields import uuid
from .listing import Lister, Page, created_after, millis
from .payloads import Shower
from .sandbox import Sandbox

VERSION = "2026-01-01"
MOST = 25 * 1024 * 1024


@dataclass(frozen=True)
class File:
    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One request of a known key: who asks, for what, and the world as that key sees it."""

    sandbox: Sandbox
    method: str
    key: Row
    body: Mapping[str, Any]
    base: str
    # What is read; behind the truth while a fault says so.
    db: Database
    # Seconds for which what is created cannot be read.
    hidden: float = 0.0
    files: Mapping[str, File] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return actor_of(self.key)

    @cached_property
    def sight(self) -> Sight:
        return Sight(self.db, self.key, self.sandbox.seen)

    @cached_property
    def shower(self) -> Shower:
        return Shower(self.db, self.sight, self.base)

    # What the body says. Each raises Refused where it does not fit.

    def id(self, name: str, *, optional: bool = False) -> Any:
        value = self.body.get(name)
        if value is None and optional:
            return None
        if value is None:
            raise invalid("Required", name)
        if not uuid(value):
            raise invalid("Not a UUID", name)
        return value

    def text(self, name: str, *, optional: bool = False) -> Any:
        value = self.body.get(name)
        if value is None and optional:
            return None
        if not isinstance(value, str) or not (optional or value.strip()):
            raise invalid("Required" if value is None else "Not a text", name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.body.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise invalid("Neither true nor false", name)
        return value

    def moment(self, name: str) -> datetime | None:
        from .pipeline import moment

        return None if self.body.get(name) is None else moment(self.body[name], name)

    def expand(self, *known: str) -> tuple[str, ...]:
        wanted = self.body.get("expand") or []
        if not isinstance(wanted, list) or any(one not in known for one in wanted):
            raise invalid(f"A list of {', '.join(known)}", "expand")
        return tuple(wanted)

    # What it names.

    def found(self, kind: str, name: str, what: str) -> Row:
        """The row that this key sees under the id in the body."""
        row = self.sight.get(kind, self.id(name))
        if row is None:
            raise missing(what)
        return row

    def named(self, kind: str, name: str, what: str) -> Any:
        """The id in the body of something the key need not see, None where there is none."""
        id = self.id(name, optional=True)
        if id is not None and self.db[kind].get(id) is None:
            raise missing(what)
        return id

    # Answers.

    def read(self, kind: str, row: Row) -> Row:
        """Noted: this key was shown the whole object."""
        now = self.sandbox.db.real_now().timestamp()
        self.sandbox.overwrites.read(self.actor.kind, kind, row["id"], now)
        return row

    def made(self, row: Row) -> Row:
        if self.hidden:
            row["visible_at"] = self.sandbox.now() + timedelta(seconds=self.hidden)
        return row

    def page(self, kind: str, rows: list[Row], show: Callable[[Row], Any], *, syncs: bool = True) -> Page:
        table = self.db[kind]
        sandbox, name = self.sandbox, self.method
        lister = Lister(name, sandbox.options, sandbox.now(), lambda row: table.place(row["id"]), syncs, sandbox.era)
        return lister.page(rows, self.body, lambda row: show(self.read(kind, row)))

    def newer(self, rows: list[Row], column: str = "created_at") -> list[Row]:
        """Those that came after `createdAfter`, where it is given."""
        bound = created_after(self.body)
        return rows if bound is None else [row for row in rows if millis(row[column]) > bound]

    def unarchived(self, rows: list[Row]) -> list[Row]:
        return rows if self.flag("includeArchived") else [row for row in rows if not row["archived"]]


Answer = Page | Any
Handler = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Method:
    # The permission it needs; none for what every key may ask.
    scope: str
    handler: Handler


class Api:
    def __init__(self, sandbox: Sandbox, methods: Mapping[str, Method]) -> None:
        self.sandbox = sandbox
        self.methods = methods
        self.windows = Windows(sandbox.options.rate)
        partner = sandbox.options.partner_rate
        self.partner = Windows(partner) if partner else None

    def routes(self) -> list[Route]:
        return [Route(f"/{name}", guarded(self.sandbox, partial(self.rpc, name)), methods=["POST"])
                for name in self.methods]  # fmt: skip

    async def rpc(self, name: str, request: Request) -> Response:
        self.sandbox.address = base_url(request)
        try:
            answer = await self._answered(name, request)
        except Refused as refused:
            answer = self.refusal(refused)
        answer.headers["Ashby-Version"] = VERSION
        answer.headers["Ashby-Version-Status"] = self.sandbox.options.version_status
        return answer

    def refusal(self, refused: Refused) -> Response:
        """A missing or wrong key is told in words, everything else in the envelope."""
        if refused.status in (401, 403) and not refused.code:
            return PlainTextResponse(refused.message, refused.status)
        told = envelope(refused, self.sandbox.request_id())
        return JSONResponse(told, refused.status, headers=refused.headers)

    async def _answered(self, name: str, request: Request) -> Response:
        sandbox, method = self.sandbox, self.methods[name]
        key = key_of(sandbox.db, request.headers.get("authorization"))
        self._take(key)
        version = request.headers.get("ashby-version")
        if version not in (None, VERSION):
            raise Refused(400, f"There is no version {version}; see version.list", code="invalid_api_version")
        allow(key, method.scope)
        body, files = await self._body(request)
        behind = request.state.stale if name.rpartition(".")[2] in READS else 0
        db = sandbox.as_of(behind).db if behind else sandbox.db
        call = Call(sandbox, name, key, body, base_url(request), db, request.state.not_ready or 0.0, files)
        answer = method.handler(call)
        if isawaitable(answer):
            answer = await answer
        return JSONResponse(answer.as_json() if isinstance(answer, Page) else {"success": True, "results": answer})

    def _take(self, key: Row) -> None:
        now = self.sandbox.now()
        retry = "Retry-After" if self.sandbox.options.retry_after else ""
        if self.partner is not None:
            usage = self.partner.take("partner", now)
            if usage.exceeded:
                headers = {"X-RateLimit-Scope": "integration-partner", **usage.headers("", "", "", retry)}
                raise Refused(429, "The integration partner's requests are throttled across organizations",
                              code="rate_limited", headers=headers)  # fmt: skip
        usage = self.windows.take(key["id"], now)
        if usage.exceeded:
            raise Refused(429, "Too many requests", code="rate_limited", headers=usage.headers("", "", "", retry))

    async def _body(self, request: Request) -> tuple[Mapping[str, Any], Mapping[str, File]]:
        """An object, and the files of a multipart body; nothing at all is an empty object."""
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await _form(request)
        asked = await json_within(request, MOST)
        if asked is None:
            return {}, {}
        if not isinstance(asked, dict):
            raise Refused(400, "The body must be a JSON object", code="invalid_input")
        return asked, {}


READS = frozenset({"list", "info", "search", "listNotes", "listHistory", "listProjects", "listCriteriaEvaluations"})


async def _form(request: Request) -> tuple[dict[str, Any], dict[str, File]]:
    values: dict[str, Any] = {}
    files: dict[str, File] = {}
    async with request.form() as form:
        for name, value in form.items():
            if isinstance(value, UploadFile):
                content = await value.read()
                files[name] = File(value.filename or name, value.content_type or "application/octet-stream", content)
            else:
                values[name] = value
    return values, files


def whole(rows: list[Any]) -> Page:
    """A list without pages."""
    return Page(rows)


def parsed(value: Any) -> Any:
    """What a form sends as text that holds JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
