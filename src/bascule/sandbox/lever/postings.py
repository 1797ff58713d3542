"""The public Postings API under /v0: published postings for everybody, and applications with an API key."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ..kit.errors import Refused
from ..kit.http import base_url, body_within, guarded, json_within
from ..kit.tables import Actor, Row
from . import records
from .errors import invalid
from .hooks import ms
from .sandbox import Sandbox

MOST = 35 * 1024 * 1024
GROUPS = ("location", "commitment", "team", "department")
URL = re.compile(r"urls\[(.+)\]")


def refused(error: Refused) -> Response:
    return JSONResponse({"ok": False, "error": error.message}, error.status, headers=error.headers)


class PostingsApi:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[BaseRoute]:
        found = "/v0/postings/{site}"
        return [Route(found, guarded(self.sandbox, self.listed), methods=["GET"]),
                Route(f"{found}/{{id}}", guarded(self.sandbox, self.single), methods=["GET", "POST"])]  # fmt: skip

    def _public(self, request: Request) -> list[Row]:
        """What everybody may see: published postings that are not confidential, by title."""
        if request.path_params["site"] != self.sandbox.options.site:
            raise Refused(404, "Document not found")
        state = self.sandbox.as_of(request.state.stale) if request.state.stale else self.sandbox
        rows = [row for row in state.db["jobs"] if row["state"] == "published" and state.seen("jobs", row)
                and row["confidentiality"] != "confidential"]  # fmt: skip
        return sorted(rows, key=lambda row: (row["text"], row["id"]))

    async def listed(self, request: Request) -> Response:
        try:
            rows = self._public(request)
            skip, limit = (self._number(request, name) for name in ("skip", "limit"))
        except Refused as error:
            return refused(error)
        asked = request.query_params
        for name in (*GROUPS, "level"):
            wanted = asked.getlist(name)
            # Several values are compared as they are; a single one in any case.
            same = (lambda a, b: a.lower() == b.lower()) if len(wanted) == 1 else (lambda a, b: a == b)
            if wanted:
                rows = [row for row in rows if any(same(row["categories"][name] or "", one) for one in wanted)]
        rows = rows[skip or 0 :][: limit if limit is not None else None]
        shown = [show(row, base_url(request)) for row in rows]
        mode = asked.get("mode") or ("json" if "application/json" in request.headers.get("accept", "") else "html")
        if mode != "json":
            items = "".join(
                f'<li><a href="{html.escape(one["hostedUrl"])}">{html.escape(one["text"])}</a></li>' for one in shown
            )
            return HTMLResponse(f'<div class="lever"><ul>{items}</ul></div>')
        group = asked.get("group")
        if group in GROUPS:
            titles = list(dict.fromkeys(one["categories"].get(group) or "" for one in shown))
            return JSONResponse([{"title": title, "postings": [one for one in shown
                                                               if (one["categories"].get(group) or "") == title]}
                                 for title in titles])  # fmt: skip
        return JSONResponse(shown)

    @staticmethod
    def _number(request: Request, name: str) -> int | None:
        value = request.query_params.get(name)
        if value is None:
            return None
        if not re.fullmatch(r"\d{1,6}", value):
            raise Refused(400, f"{name} must be a number")
        return int(value)

    async def single(self, request: Request) -> Response:
        try:
            job = next((row for row in self._public(request) if row["id"] == request.path_params["id"]), None)
            if job is None:
                raise Refused(404, "Document not found")
            if request.method == "GET":
                return JSONResponse(show(job, base_url(request)))
            return await self._applied(request, job)
        except Refused as error:
            return refused(error)

    async def _applied(self, request: Request, job: Row) -> Response:
        """An application. It is refused beyond two a second, and nobody but the sender can send it again."""
        caller = self.sandbox.access.posting_key(request.query_params.get("key", ""))
        if self.sandbox.posting_limit.take(caller.credential["id"], self.sandbox.now()).exceeded:
            raise Refused(429, "Too many requests")
        values, resume = await _read(request)
        row, made = apply(self.sandbox, caller.acting(), job, values, resume)
        if request.state.not_ready:
            from datetime import timedelta

            visible = self.sandbox.now() + timedelta(seconds=request.state.not_ready)
            self.sandbox.db.mark("applications", row["id"], visible_at=visible)
        return JSONResponse({"ok": True, "applicationId": made["id"]})


def apply(
    sandbox: Sandbox, actor: Actor, job: Row, values: dict[str, Any], resume: tuple[str, bytes] | None
) -> tuple[Row, Row]:
    """What the fields of the form say becomes an application. Custom questions cannot be answered here."""
    name, email = (str(values.get(key) or "").strip() for key in ("name", "email"))
    if not name or not email:
        raise invalid("Missing required field: name" if not name else "Missing required field: email")
    if "@" not in email:
        raise invalid("Invalid email")
    phone, urls = str(values.get("phone") or "").strip(), values.get("urls") or {}
    links = [str(one) for one in urls.values() if one] if isinstance(urls, dict) else []
    company = str(values.get("org") or "").strip()
    person: dict[str, Any] = {"name": name, "emails": [email], "links": links, "headline": company,
                              "phones": [{"type": "mobile", "value": phone}] if phone else []}  # fmt: skip
    row, made = records.apply(
        sandbox, actor, job, person, {"company": company or None, "comments": values.get("comments")}, resume=resume,
        source=str(values["source"]) if values.get("source") else "Posting",
        silent=str(values.get("silent", "")).lower() == "true",
    )  # fmt: skip
    consent = values.get("consent")
    if isinstance(consent, dict) and str(consent.get("marketing", "")).lower() == "true":
        allowed = {"allowed": True, "expiresAt": None}
        sandbox.db.mark("applications", row["id"], data_protection={"store": allowed, "contact": allowed})
    return row, made


async def _read(request: Request) -> tuple[dict[str, Any], tuple[str, bytes] | None]:
    """The fields, and the resume, which only a multipart body can hold."""
    if request.headers.get("content-type", "").startswith("application/json"):
        values = await json_within(request, MOST)
        if not isinstance(values, dict):
            raise invalid("The body must be a JSON object")
        return values, None
    await body_within(request, MOST)
    found: dict[str, Any] = {"urls": {}, "consent": {}}
    resume: tuple[str, bytes] | None = None
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                resume = (value.filename or "resume", await value.read()) if name == "resume" else resume
            elif match := URL.fullmatch(name):
                found["urls"][match[1]] = value
            elif name.startswith("consent["):
                found["consent"][name[8:-1]] = value
            elif name == "urls":
                found["urls"] = json.loads(value or "{}")
            else:
                found[name] = value
    return found, resume


def show(row: Row, base: str) -> dict[str, Any]:
    """A posting as the public sees it."""
    content, categories = row["content"], {key: value for key, value in row["categories"].items() if value}
    at = f"{base}/careers/jobs/{row['id']}"
    return {
        "id": row["id"], "text": row["text"], "categories": categories, "country": row["country"], "opening": "",
        "openingPlain": "", "description": content["descriptionHtml"], "descriptionPlain": content["description"],
        "descriptionBody": content["descriptionHtml"], "descriptionBodyPlain": content["description"],
        "lists": content["lists"], "additional": content["closingHtml"], "additionalPlain": content["closing"],
        "hostedUrl": at, "applyUrl": at, "workplaceType": row["workplace_type"], "createdAt": ms(row["created_at"]),
    }  # fmt: skip
