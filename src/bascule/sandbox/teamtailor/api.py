"""HTTP of both interfaces: who calls, how often, in which version, and what is asked of which object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.access import actor_of
from ..kit.errors import Refused
from ..kit.http import guarded
from ..kit.tables import Row
from . import errors, files
from .errors import CURRENT_VERSION, MEDIA_TYPE, missing, no_route, wrong
from .jsonapi import (
    Asked,
    Document,
    Many,
    Resource,
    Resources,
    View,
    Write,
    asked,
    number,
    page,
    picked,
    related,
    view_of,
)
from .jsonapi import body as read_body
from .options import Options
from .resources import PARTNER, PARTNERS, RESOURCES, company
from .sandbox import LEVELS, Sandbox

FIRST_VERSION = date(2016, 11, 8)
KNOWN_VERSIONS = ("20161108", "20180828", "20210218", "20240404", CURRENT_VERSION)
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
# `Token token=abc`, `Token abc` and `Bearer abc` are the same to the framework behind it.
CREDENTIAL = re.compile(r'(?:Token|Bearer)\s+(?:token=)?"?([^",\s]+)"?')


def version_of(options: Options, text: str | None, today: date) -> bool:
    """Whether this is a version of the interface."""
    if text is None or not re.fullmatch(r"\d{8}", text):
        return False
    if options.versions == "known":
        return text in KNOWN_VERSIONS
    try:
        return FIRST_VERSION <= date(int(text[:4]), int(text[4:6]), int(text[6:])) <= today
    except ValueError:
        return False


class Interface:
    """What the customer's interface and the partner's have in common."""

    kind = "customer"
    prefix = "/v1"
    resources: Resources = RESOURCES

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        paths = ("/{type}", "/{type}/{id}", "/{type}/{id}/relationships/{linkage}", "/{type}/{id}/{relation}")
        return [Route(self.prefix + path, guarded(self.sandbox, self.answer), methods=METHODS) for path in paths]

    async def answer(self, request: Request) -> Response:
        sandbox, headers = self.sandbox, dict[str, str]()
        sandbox.sweep()
        try:
            key = self._key(request)
            headers.update(self._rate(key))
            version = request.headers.get("x-api-version")
            if not version_of(sandbox.options, version, sandbox.now().date()):
                raise wrong(406, "Invalid/Missing API Version", "Please provide a correct API version in the "
                            f"X-Api-Version header. Current version is: {CURRENT_VERSION}", "version")  # fmt: skip
            accepted = request.headers.get("accept", "*/*")
            if MEDIA_TYPE not in accepted and "*/*" not in accepted:
                raise wrong(406, "Not acceptable", f"All requests must use the '{MEDIA_TYPE}' Accept without media "
                            f"type parameters. This request specified '{accepted}'.", 406)  # fmt: skip
            response = await self._permitted(request, key)
            response.headers["X-Api-Version"] = version or ""
        except Refused as refused:
            response = errors.worded(refused, self._relations(request))
        response.headers.update(headers)
        return response

    def _relations(self, request: Request) -> tuple[str, ...]:
        resource = self.resources.get(request.path_params.get("type", ""))
        return tuple(resource.relations) if resource else ()

    def _key(self, request: Request) -> Row:
        given = CREDENTIAL.fullmatch(request.headers.get("authorization", "").strip())
        key = given and self.sandbox.holder(self.kind, given[1])
        if not key:
            raise Refused(401, "Access denied")
        return key

    def _rate(self, key: Row) -> dict[str, str]:
        """Count a request. Raises Refused (429) when there were too many in this window."""
        sandbox, names = self.sandbox, ("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset")
        usage = sandbox.windows.take(key["id"], sandbox.now())
        told = usage.headers(*names, "Retry-After" if sandbox.options.retry_after else "", reset_in=True)
        if sandbox.options.static_headers:
            told |= dict(zip(names, (str(usage.limit), str(usage.limit), "1"), strict=True))
        if usage.exceeded:
            raise Refused(429, "Rate limit exceeded", headers=told)
        return told

    async def _permitted(self, request: Request, key: Row) -> Response:
        needed = {"GET": {"read"}, "POST": {"write"}}.get(request.method, {"read", "write"})
        if needed - set(key["scopes"]):
            raise Refused(403, "Forbidden")
        level = next((one for one in reversed(LEVELS) if one in key["scopes"]), "public")
        reads = request.method == "GET"
        lag = self.sandbox.options.list_lag if "id" not in request.path_params else 0.0
        behind = max(request.state.stale, lag) if reads else 0.0
        view = view_of(self.sandbox, request, level, actor_of(key), behind, key["partner_id"])
        return await self._asked(request, view, asked(request), key)

    # What is asked of which object.

    async def _asked(self, request: Request, view: View, wanted: Asked, key: Row) -> Response:
        path = request.path_params
        resource = self.resources.get(path["type"])
        if resource is None or not resource.has(view, resource.type):
            raise no_route()
        if not view.at_least(resource.level):
            raise wrong(403, "Forbidden", f"The {resource.level} scope is required", 403)
        if "linkage" in path or "relation" in path:
            if request.method != "GET":
                raise no_route()
            return self._related(request, view, resource, self._row(view, resource, path["id"]), wanted)
        document = Document(view, self.resources, resource, wanted)
        if "id" not in path:
            if request.method == "POST" and resource.create:
                return await self._created(request, view, resource, document, resource.create)
            if request.method == "GET" and resource.listed:
                return self._list(request, view, resource, document, view.sandbox.db[resource.table], usual=True)
            raise no_route()
        row = self._row(view, resource, path["id"])
        match request.method:
            case "GET":
                return self._document(document.one(resource, row))
            case "PATCH" | "PUT" if resource.update and (request.method == "PATCH" or self.kind == "partner"):
                given = await read_body(request, view, resource, resource.update, str(row["id"]))
                changed = await resource.update.do(view, row, given)
                return self._document(document.one(resource, changed))
            case "DELETE" if resource.delete:
                resource.delete(view, row)
                return Response(status_code=204)
            case _:
                raise no_route()

    def _row(self, view: View, resource: Resource, id: str) -> Row:
        row = view.sandbox.db[resource.table].get(number(id))
        if row is None or not view.seen(resource.table, row) or not resource.visible(view, row):
            raise missing(id)
        return row

    def _document(self, content: Mapping[str, Any], status: int = 200) -> Response:
        return JSONResponse(content, status, media_type=MEDIA_TYPE)

    async def _created(
        self, request: Request, view: View, resource: Resource, document: Document, write: Write
    ) -> Response:
        row = await write.do(view, None, await read_body(request, view, resource, write))
        if request.state.not_ready:
            later = self.sandbox.now() + timedelta(seconds=request.state.not_ready)
            self.sandbox.db.mark(resource.table, row["id"], visible_at=later)
        response = self._document(document.one(resource, row), 201)
        response.headers["Location"] = f"{view.base}{self.prefix}/{resource.type}/{row['id']}"
        return response

    def _list(
        self, request: Request, view: View, resource: Resource, document: Document, rows: Any, *, usual: bool
    ) -> Response:
        found = picked(view, resource, rows, document.asked, usual=usual)
        shown, about = page(request, view, found, document.asked)
        return self._document({**document.several(resource, shown), **about})

    def _related(self, request: Request, view: View, resource: Resource, row: Row, wanted: Asked) -> Response:
        name = request.path_params.get("linkage") or request.path_params["relation"]
        relation = resource.relations.get(name)
        if relation is None or not resource.has(view, name):
            raise no_route()
        other, rows = self.resources[relation.type], related(view, self.resources, relation, row)
        if not view.at_least(other.level):
            raise wrong(403, "Forbidden", f"The {other.level} scope is required", 403)
        if "linkage" in request.path_params:
            linked = [{"type": other.type, "id": str(one["id"])} for one in rows]
            links = {"self": f"{view.base}{request.url.path}",
                     "related": f"{view.base}{request.url.path.replace('/relationships/', '/')}"}  # fmt: skip
            data = linked if isinstance(relation, Many) else next(iter(linked), None)
            return self._document({"links": links, "data": data})
        document = Document(view, self.resources, other, wanted)
        if isinstance(relation, Many):
            return self._list(request, view, other, document, rows, usual=False)
        return self._document(document.one(other, next(iter(rows), None)))


class Customer(Interface):
    """`/v1`: everything of one company."""

    def routes(self) -> list[Route]:
        return [Route("/v1/company", guarded(self.sandbox, self.answer), methods=["GET"]), *super().routes()]

    async def _asked(self, request: Request, view: View, wanted: Asked, key: Row) -> Response:
        if "type" not in request.path_params:
            if not view.at_least("admin"):
                raise wrong(403, "Forbidden", "The admin scope is required", 403)
            return self._document(company(view))
        if request.path_params["type"] == "audit-events" and "audit-log" not in self.sandbox.options.addons:
            raise wrong(403, "Forbidden", "The Audit log feature is not enabled for this company", 403)
        return await super()._asked(request, view, wanted, key)


class Partner(Interface):
    """`/partner/v1`: only what one partner has made, or needs to know of those who have switched it on."""

    kind = "partner"
    prefix = PARTNERS
    resources = PARTNER

    async def _asked(self, request: Request, view: View, wanted: Asked, key: Row) -> Response:
        if request.method == "PATCH":  # it takes PUT
            raise no_route()
        return await super()._asked(request, view, wanted, key)


class Storage:
    """Where the signed addresses lead."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        return [Route("/storage/uploads/{id:int}/{form}/{name}", guarded(self.sandbox, self.file))]

    async def file(self, request: Request) -> Response:
        if (refusal := self.sandbox.vault.refusal(request)) is not None:
            return refusal
        row = self.sandbox.db["attachments"].get(request.path_params["id"])
        if row is None:
            return files.gone()
        if request.path_params["form"] == "pdf":
            return Response(files.as_pdf(row), media_type="application/pdf")
        return Response(row["content"], media_type="application/octet-stream")
