"""Files on their way in and out by temporary addresses, and the forms that applications and offers fill in."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..kit.access import secret
from ..kit.http import guarded
from ..kit.tables import Actor, Row
from .api import File
from .errors import invalid
from .payloads import same_id
from .sandbox import Sandbox

CONTEXTS = ("CandidateResume", "CandidateFiles", "ApplicationForm")
UPLOAD_LIFETIME = timedelta(minutes=10)
MOST = 25 * 1024 * 1024

# Uploads.


def handle(sandbox: Sandbox, actor: Actor, base: str, context: str, name: str, type: str, length: Any) -> Any:
    """Where a file may be put for ten minutes, and the handle under which it is then taken."""
    if context not in CONTEXTS:
        raise invalid(f"One of {', '.join(CONTEXTS)}", "fileUploadContext")
    if isinstance(length, bool) or not isinstance(length, int) or not 0 < length <= MOST:
        raise invalid(f"From 1 to {MOST} bytes", "contentLength")
    row = sandbox.db.create(
        "uploads", actor, context=context, name=name, type=type, length=length, handle=secret(sandbox.order, 64),
        key=f"uploads/{secret(sandbox.order, 24)}/{name}", policy=secret(sandbox.order, 40), content=None, used=False,
        until=sandbox.now() + UPLOAD_LIFETIME,
    )  # fmt: skip
    fields = {"key": row["key"], "Content-Type": type, "policy": row["policy"]}
    return {"handle": row["handle"], "url": f"{base}/storage", "fields": fields}


def taken(sandbox: Sandbox, actor: Actor, given: Any, context: str, field: str) -> File:
    """The file that lies in storage under a handle, once. Raises Refused."""
    row = next((row for row in sandbox.db["uploads"] if row["handle"] == given and row["context"] == context), None)
    if row is None or row["used"]:
        raise invalid("Not a handle for this use, or used before", field)
    if row["content"] is None:
        raise invalid("Nothing has been uploaded under this handle", field)
    sandbox.db.mark("uploads", row["id"], used=True)
    return File(row["name"], row["type"], row["content"])


def _storage_error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")


class Storage:
    """Stands apart from the interface: it knows no API keys, only addresses that stop working."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/storage", guarded(self.sandbox, self.put), methods=["POST"]),
            Route("/storage/{id}/{name}", guarded(self.sandbox, self.get)),
        ]

    async def put(self, request: Request) -> Response:
        """All the fields that came with the handle, and the file after them."""
        async with request.form(max_part_size=MOST) as form:
            items = list(form.multi_items())
            fields = {name: value for name, value in items if isinstance(value, str)}
            file = items[-1][1] if items and items[-1][0] == "file" else None
            content = await file.read() if isinstance(file, UploadFile) else None
        row = next((row for row in self.sandbox.db["uploads"] if row["key"] == fields.get("key")), None)
        if row is None or row["policy"] != fields.get("policy"):
            return _storage_error(403, "AccessDenied", "Invalid according to Policy")
        if self.sandbox.now() >= row["until"]:
            return _storage_error(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
        if fields.get("Content-Type") != row["type"]:
            return _storage_error(403, "AccessDenied", "Invalid according to Policy: Content-Type")
        if content is None:
            return _storage_error(400, "InvalidArgument", "POST requires exactly one file upload, as its last field.")
        if len(content) != row["length"]:
            large = len(content) > row["length"]
            return _storage_error(400, "EntityTooLarge" if large else "EntityTooSmall", "The length is another one")
        self.sandbox.db.mark("uploads", row["id"], content=content)
        return Response(status_code=204)

    async def get(self, request: Request) -> Response:
        row = self.sandbox.db["attachments"].get(request.path_params["id"])
        until, signature = request.query_params.get("Expires", ""), request.query_params.get("Signature", "")
        if row is None or not until.isdigit() or not hmac.compare_digest(_signed(self.sandbox, row, until), signature):
            return _storage_error(403, "AccessDenied", "Access Denied")
        if self.sandbox.now() >= datetime.fromtimestamp(int(until), UTC):
            return _storage_error(403, "AccessDenied", "Request has expired")
        named = {"Content-Disposition": f'attachment; filename="{quote(row["name"])}"'}
        return Response(row["content"], media_type=row["type"], headers=named)


def _signed(sandbox: Sandbox, row: Row, until: str) -> str:
    key = f"storage-{sandbox.options.seed}".encode()
    return hmac.new(key, f"{row['id']} {until}".encode(), hashlib.sha256).hexdigest()


def link(sandbox: Sandbox, base: str, row: Row) -> str:
    """An address of a file that works for a while, for whoever has it."""
    until = str(int((sandbox.now() + timedelta(seconds=sandbox.options.file_lifetime)).timestamp()))
    return f"{base}/storage/{row['id']}/{quote(row['name'])}?Expires={until}&Signature={_signed(sandbox, row, until)}"


# Forms.


def form_field(path: str, title: str, type: str, *, required: bool = False, options: Any = None) -> dict[str, Any]:
    named = {"id": same_id(f"field {path}"), "path": path, "humanReadablePath": path, "title": title}
    field: dict[str, Any] = {**named, "type": type, "isNullable": not required}
    if options:
        field["selectableValues"] = [{"label": one, "value": one} for one in options]
    return {"isRequired": required, "field": field}


def application_form(posting: Mapping[str, Any]) -> dict[str, Any]:
    """What an applicant fills in: who they are, a resume, and the questions of the job."""
    own = [form_field("_systemfield_name", "Name", "String", required=True),
           form_field("_systemfield_email", "Email", "Email", required=True),
           form_field("_systemfield_phone", "Phone", "Phone"),
           form_field("_systemfield_resume", "Resume", "File")]  # fmt: skip
    for number, one in enumerate(posting["questions"]):
        spec: dict[str, Any] = {"label": one} if isinstance(one, str) else dict(one)
        yes_no = spec.get("type") == "yes_no"
        kind, options = ("ValueSelect", ("Yes", "No")) if yes_no else ("String", None)
        path, required = f"{posting['id']}_{number}", bool(spec.get("required"))
        own.append(form_field(path, spec["label"], kind, required=required, options=options))
    return {"sections": [{"fields": own}]}


def submission(sandbox: Sandbox, form: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    id = str(UUID(int=sandbox.order.getrandbits(128), version=4))
    return {"id": id, "formDefinition": dict(form), "submittedValues": dict(values)}


OFFER_FORM_ID = same_id("offer form")
OFFER_FORM: Mapping[str, Any] = {
    "sections": [{"fields": [form_field("startDate", "Start date", "Date"),
                             form_field("salary", "Salary", "Currency", required=True)]}]
}  # fmt: skip
