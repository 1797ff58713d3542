"""The Harvest v3 endpoints over HTTP: lists from `resources`, writes from the table at the end of this module."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit import errors as kit
from ..kit.http import base_url, guarded
from ..kit.tables import Actor, Row
from ..kit.trouble import Handler as Asked
from . import fields, jobs, payloads, people, pipeline
from .access import Caller
from .errors import Problem, Refused, forbidden, invalid
from .resources import RESOURCES, moment_of, page
from .sandbox import Sandbox

GONE = "Harvest v1 and v2 were switched off on 31 August 2026. Use Harvest v3."


@dataclass(frozen=True)
class Call:
    """One accepted write: who, on which record, with what."""

    sandbox: Sandbox
    caller: Caller
    id: int
    body: Mapping[str, Any]
    params: Mapping[str, str]

    @property
    def actor(self) -> Actor:
        return self.caller.actor


@dataclass(frozen=True)
class Answer:
    status: int
    # The row to show as `kind` shows it, or a finished body, or nothing.
    row: Row | None = None
    kind: str = ""
    body: Any = None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    scope: str
    handler: Handler


def answer_refused(refused: Refused) -> Response:
    return JSONResponse(refused.as_json(), status_code=refused.status)


# Permissions of the acting user on writes.


def on_job(call: Call, job_id: int | None) -> None:
    if not call.sandbox.may_act(call.caller.user, job_id):
        raise forbidden("The acting user has no permission on this job")


def on_application(call: Call) -> None:
    on_job(call, call.sandbox.row("applications", call.id)["job_id"])


def on_candidate(call: Call, id: Any) -> None:
    row = call.sandbox.db["candidates"].get(id)
    if row is not None and not call.sandbox.may_act_on_candidate(call.caller.user, id):
        raise forbidden("The acting user has no permission on this candidate")


def admin(call: Call) -> None:
    if not call.caller.user["site_admin"]:
        raise forbidden("The acting user must be a Site Admin")


# Handlers. Each is complete in itself: it either changes everything it says or raises Refused.


def create_candidate(call: Call) -> Answer:
    values = dict(call.body)
    application = values.pop("application", None)
    row = people.create(call.sandbox, call.actor, values, required=True)
    if application is not None:
        application = {**application, "candidate_id": row["id"]}
        try:
            pipeline.apply(call.sandbox, call.actor, application, required=True)
        except Refused:
            call.sandbox.db.delete("candidates", row["id"], call.actor)
            raise
    return Answer(201, row, "candidates")


def update_candidate(call: Call) -> Answer:
    on_candidate(call, call.id)
    return Answer(200, people.update(call.sandbox, call.actor, call.id, call.body), "candidates")


def delete_candidate(call: Call) -> Answer:
    on_candidate(call, call.id)
    people.delete(call.sandbox, call.actor, call.id)
    return Answer(200, body={"message": f"Person {call.id} has been deleted."})


def anonymize_candidate(call: Call) -> Answer:
    on_candidate(call, call.id)
    named = call.body.get("fields", call.params.get("fields", ""))
    names = named.split(",") if isinstance(named, str) else named
    return Answer(200, people.anonymize(call.sandbox, call.actor, call.id, [one for one in names if one]), "candidates")


def merge_candidate(call: Call) -> Answer:
    admin(call)
    other = call.body.get("secondary_candidate_id", call.body.get("duplicate_candidate_id"))
    if not isinstance(other, int):
        raise invalid(("must be an id", "secondary_candidate_id"))
    return Answer(200, people.merge(call.sandbox, call.actor, call.id, other), "candidates")


def create_application(call: Call) -> Answer:
    on_job(call, call.body.get("job_id"))
    return Answer(201, pipeline.apply(call.sandbox, call.actor, call.body, required=True), "applications")


def update_application(call: Call) -> Answer:
    on_application(call)
    return Answer(200, pipeline.update(call.sandbox, call.actor, call.id, call.body), "applications")


def delete_application(call: Call) -> Answer:
    on_application(call)
    pipeline.delete(call.sandbox, call.actor, call.id)
    return Answer(200, body={"message": f"Application {call.id} has been deleted."})


def action(act: Callable[[Sandbox, Actor, int, Mapping[str, Any]], object]) -> Handler:
    """An action on an application, answered without a body."""

    def handler(call: Call) -> Answer:
        on_application(call)
        act(call.sandbox, call.actor, call.id, call.body)
        return Answer(204)

    return handler


def unreject(call: Call) -> Answer:
    on_application(call)
    pipeline.unreject(call.sandbox, call.actor, call.id)
    return Answer(204)


def convert(call: Call) -> Answer:
    on_job(call, call.body.get("job_id"))
    return Answer(200, body=pipeline.convert(call.sandbox, call.actor, call.id, call.body))


def update_rejection(call: Call) -> Answer:
    detail = call.sandbox.row("rejection_details", call.id)
    on_application(replace(call, id=detail["application_id"]))
    return Answer(200, pipeline.change_reason(call.sandbox, call.actor, call.id, call.body), "rejection_details")


def create_note(call: Call) -> Answer:
    on_candidate(call, call.body.get("candidate_id"))
    return Answer(201, people.note(call.sandbox, call.actor, call.body), "notes")


def create_tag(call: Call) -> Answer:
    row, new = people.define_tag(call.sandbox, call.actor, str(call.body.get("name") or ""))
    return Answer(201 if new else 200, row, "candidate_tags")


def delete_tag(call: Call) -> Answer:
    admin(call)
    people.delete_tag(call.sandbox, call.actor, call.id)
    return Answer(204)


def apply_tag(call: Call) -> Answer:
    candidate_id, tag_id = call.body.get("candidate_id"), call.body.get("candidate_tag_id")
    if call.sandbox.db["candidates"].get(candidate_id) is None:
        raise invalid(("must exist", "candidate_id"))
    if call.sandbox.db["candidate_tags"].get(tag_id) is None:
        raise invalid(("must exist", "candidate_tag_id"))
    on_candidate(call, candidate_id)
    row, new = people.apply_tag(call.sandbox, call.actor, int(candidate_id or 0), int(tag_id or 0))
    return Answer(201 if new else 200, row, "applied_candidate_tags")


def remove_tag(call: Call) -> Answer:
    on_candidate(call, call.sandbox.row("applied_candidate_tags", call.id)["candidate_id"])
    people.remove_tag(call.sandbox, call.actor, call.id)
    return Answer(204)


def create_attachment(call: Call) -> Answer:
    row = call.sandbox.db["applications"].get(call.body.get("application_id"))
    on_candidate(call, row["candidate_id"] if row else call.body.get("candidate_id"))
    return Answer(201, people.attach(call.sandbox, call.actor, call.body), "attachments")


def delete_attachment(call: Call) -> Answer:
    on_candidate(call, call.sandbox.row("attachments", call.id)["candidate_id"])
    call.sandbox.db.delete("attachments", call.id, call.actor)
    return Answer(204)


def create_field(call: Call) -> Answer:
    admin(call)
    fields.need_tier(call.sandbox.options.tier, str(call.body.get("field_type")))
    return Answer(
        201, fields.define(call.sandbox.db, call.actor, call.sandbox.options.tier, call.body), "custom_fields"
    )


def update_field(call: Call) -> Answer:
    admin(call)
    return Answer(200, fields.redefine(call.sandbox.db, call.actor, call.id, call.body), "custom_fields")


def delete_field(call: Call) -> Answer:
    admin(call)
    fields.drop(call.sandbox.db, call.actor, call.id)
    return Answer(204)


def create_option(call: Call) -> Answer:
    admin(call)
    return Answer(201, fields.add_option(call.sandbox.db, call.actor, call.body), "custom_field_options")


def update_option(call: Call) -> Answer:
    admin(call)
    return Answer(200, fields.change_option(call.sandbox.db, call.actor, call.id, call.body), "custom_field_options")


def delete_option(call: Call) -> Answer:
    """Options are only switched off: values that use one keep it."""
    admin(call)
    fields.change_option(call.sandbox.db, call.actor, call.id, {"active": False})
    return Answer(204)


def create_job(call: Call) -> Answer:
    admin(call)
    body = dict(call.body)
    return Answer(201, jobs.open_job(call.sandbox, call.actor, {**body, "status": body.get("status", "draft")}), "jobs")


def update_job(call: Call) -> Answer:
    on_job(call, call.id)
    return Answer(200, jobs.update(call.sandbox, call.actor, call.id, call.body), "jobs")


def update_post(call: Call) -> Answer:
    on_job(call, call.sandbox.row("job_posts", call.id)["job_id"])
    return Answer(200, jobs.update_post(call.sandbox, call.actor, call.id, call.body), "job_posts")


def create_opening(call: Call) -> Answer:
    if call.sandbox.db["jobs"].get(call.body.get("job_id")) is None:
        raise invalid(("must exist", "job_id"))
    on_job(call, call.body["job_id"])
    row = jobs.add_opening(call.sandbox, call.actor, call.body["job_id"], call.body.get("opening_id"))
    return Answer(201, row, "openings")


def create_interview(call: Call) -> Answer:
    """A scheduled interview; only those made here can be changed here later."""
    body, db = call.body, call.sandbox.db
    application = db["applications"].get(body.get("application_id"))
    slot = db["job_interviews"].get(body.get("job_interview_id", body.get("interview_id")))
    if application is None:
        raise invalid(("must exist", "application_id"))
    if slot is None:
        raise invalid(("must exist", "job_interview_id"))
    on_job(call, application["job_id"])
    times = {key: moment_of(str(body.get(key) or ""), key) for key in ("starts_at", "ends_at")}
    row = db.create(
        "interviews", call.actor, application_id=application["id"], job_id=application["job_id"],
        job_interview_id=slot["id"], organizer_id=call.caller.user["id"], status="scheduled", all_day_start_on=None,
        all_day_end_on=None, location=body.get("location"), external_event_id=body.get("external_event_id"),
        video_conferencing_url=body.get("video_conferencing_url"), actionable=True, **times,
    )  # fmt: skip
    _panel(call, row["id"])
    call.sandbox.touch(application["id"])
    return Answer(201, row, "interviews")


def _panel(call: Call, interview_id: int) -> None:
    """The list of interviewers replaces whatever was there."""
    if "interviewers" not in call.body:
        return
    db = call.sandbox.db
    for one in db["interviewers"].where("interview_id", interview_id):
        db.delete("interviewers", one["id"], call.actor)
    for one in call.body["interviewers"]:
        db.create("interviewers", call.actor, interview_id=interview_id, user_id=one.get("user_id"),
                  response_status=one.get("response_status", "needs_action"), scorecard_id=None)  # fmt: skip


def _own_interview(call: Call) -> Row:
    row = call.sandbox.row("interviews", call.id)
    on_job(call, row["job_id"])
    if not row["actionable"]:
        raise Refused(422, Problem("Only active interviews that were created here can be changed"))
    return row


def update_interview(call: Call) -> Answer:
    row = _own_interview(call)
    own = {key: moment_of(str(call.body[key]), key) for key in ("starts_at", "ends_at") if key in call.body}
    own |= {key: call.body[key] for key in ("location", "video_conferencing_url", "status") if key in call.body}
    call.sandbox.db.change("interviews", call.id, call.actor, own)
    _panel(call, call.id)
    return Answer(200, row, "interviews")


def delete_interview(call: Call) -> Answer:
    row = _own_interview(call)
    for one in call.sandbox.db["interviewers"].where("interview_id", call.id):
        call.sandbox.db.delete("interviewers", one["id"], call.actor)
    call.sandbox.db.delete("interviews", call.id, call.actor)
    call.sandbox.hooks.emit("interview_deleted", lambda: {"id": row["id"], "application_id": row["application_id"]})
    return Answer(204)


def create_offer(call: Call) -> Answer:
    """A new version of an application's offer; the ones before it are deprecated."""
    db = call.sandbox.db
    application = db["applications"].get(call.body.get("application_id"))
    if application is None or application["prospect"]:
        raise invalid(("must be an application on a job", "application_id"))
    on_job(call, application["job_id"])
    custom = fields.merged(db, "offer", {}, call.body.get("custom_fields", []), tier=call.sandbox.options.tier)
    past = db["offers"].where("application_id", application["id"])
    for one in past:
        db.change("offers", one["id"], call.actor, {"status": "Deprecated", "current": False})
    row = db.create(
        "offers", call.actor, application_id=application["id"], candidate_id=application["candidate_id"],
        job_id=application["job_id"], opening_id=call.body.get("opening_id"), version=len(past) + 1, status="Created",
        starts_on=call.body.get("starts_on"), sent_on=call.body.get("sent_on"), resolved_at=None, current=True,
        approval="approved", custom_fields=custom,
    )  # fmt: skip
    call.sandbox.touch(application["id"])
    call.sandbox.hooks.emit("offer_created", lambda: payloads.offer(db, row))
    return Answer(201, row, "offers")


def update_offer(call: Call) -> Answer:
    """Change the current version of an offer."""
    row = call.sandbox.row("offers", call.id)
    on_job(call, row["job_id"])
    own = {key: call.body[key] for key in ("starts_on", "sent_on") if key in call.body}
    if "custom_fields" in call.body:
        own["custom_fields"] = fields.merged(call.sandbox.db, "offer", row["custom_fields"], call.body["custom_fields"],
                                             tier=call.sandbox.options.tier)  # fmt: skip
    if call.sandbox.db.change("offers", call.id, call.actor, own):
        call.sandbox.hooks.emit("offer_updated", lambda: payloads.offer(call.sandbox.db, row))
    return Answer(200, row, "offers")


ENDPOINTS = tuple(Endpoint(*line) for line in (
    ("POST", "candidates", "candidates:create", create_candidate),
    ("PATCH", "candidates/{id}", "candidates:update", update_candidate),
    ("DELETE", "candidates/{id}", "candidates:destroy", delete_candidate),
    ("PATCH", "candidates/{id}/anonymize", "candidates:anonymize", anonymize_candidate),
    ("POST", "candidates/{id}/merge", "candidates:merge", merge_candidate),
    ("POST", "applications", "applications:create", create_application),
    ("PATCH", "applications/{id}", "applications:update", update_application),
    ("DELETE", "applications/{id}", "applications:destroy", delete_application),
    ("POST", "applications/{id}/move", "applications:move", action(pipeline.move)),
    ("POST", "applications/{id}/reject", "applications:reject", action(pipeline.reject)),
    ("POST", "applications/{id}/unreject", "applications:unreject", unreject),
    ("POST", "applications/{id}/hire", "applications:hire", action(pipeline.hire)),
    ("POST", "applications/{id}/convert_to_candidate", "applications:convert_to_candidate", convert),
    ("PATCH", "rejection_details/{id}", "rejection_details:update", update_rejection),
    ("POST", "notes", "notes:create", create_note),
    ("POST", "candidate_tags", "candidate_tags:create", create_tag),
    ("DELETE", "candidate_tags/{id}", "candidate_tags:destroy", delete_tag),
    ("POST", "applied_candidate_tags", "applied_candidate_tags:create", apply_tag),
    ("DELETE", "applied_candidate_tags/{id}", "applied_candidate_tags:destroy", remove_tag),
    ("POST", "attachments", "attachments:create", create_attachment),
    ("DELETE", "attachments/{id}", "attachments:destroy", delete_attachment),
    ("POST", "custom_fields", "custom_fields:create", create_field),
    ("PATCH", "custom_fields/{id}", "custom_fields:update", update_field),
    ("DELETE", "custom_fields/{id}", "custom_fields:destroy", delete_field),
    ("POST", "custom_field_options", "custom_field_options:create", create_option),
    ("PATCH", "custom_field_options/{id}", "custom_field_options:update", update_option),
    ("DELETE", "custom_field_options/{id}", "custom_field_options:destroy", delete_option),
    ("POST", "jobs", "jobs:create", create_job),
    ("PATCH", "jobs/{id}", "jobs:update", update_job),
    ("PATCH", "job_posts/{id}", "job_posts:update", update_post),
    ("POST", "openings", "openings:create", create_opening),
    ("POST", "interviews", "interviews:create", create_interview),
    ("PATCH", "interviews/{id}", "interviews:update", update_interview),
    ("DELETE", "interviews/{id}", "interviews:destroy", delete_interview),
    ("POST", "offers", "offers:create", create_offer),
    ("PATCH", "offers/{id}", "offers:update", update_offer),
))  # fmt: skip


def scopes() -> list[str]:
    """Every scope a credential can be given. Some have no endpoint behind them, as in the real system."""
    lists = [f"harvest:{name}:list" for name in RESOURCES]
    writes = [f"harvest:{endpoint.scope}" for endpoint in ENDPOINTS]
    idle = ["harvest:scorecards:create", "harvest:scorecards:update", "harvest:webhooks:list",
            "harvest:webhooks:create", "harvest:webhooks:update", "harvest:webhooks:destroy"]  # fmt: skip
    return sorted({*lists, *writes, *idle})


# HTTP.


class Harvest:
    """Answers everything under /v3, and the token endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
        return [
            Route("/token", self.token, methods=["POST"]),
            Route("/auth/token", self.token, methods=["POST"]),
            Route("/v3/{path:path}", self.guarded(self.v3), methods=methods),
            Route("/v1/{path:path}", self.gone, methods=methods),
            Route("/v2/{path:path}", self.gone, methods=methods),
        ]

    def guarded(self, handler: Asked) -> Asked:
        return guarded(self.sandbox, handler)

    async def gone(self, request: Request) -> Response:
        return answer_refused(Refused(410, Problem(GONE), message="Gone"))

    async def token(self, request: Request) -> Response:
        return await self.guarded(self._token)(request)

    async def _token(self, request: Request) -> Response:
        access = self.sandbox.access
        form = await request.form()
        asked = {name: text for name, text in form.items() if isinstance(text, str)}
        try:
            credential = access.credential(request.headers.get("authorization"))
            usage = access.token_requests.take(credential["id"], self.sandbox.now())
            if usage.exceeded:
                raise Refused(429, Problem("Too many token requests"), message="Rate limit exceeded")
            match form.get("grant_type"):
                case "client_credentials":
                    sub = form.get("sub")
                    given = access.grant(credential, str(sub) if sub else None)
                case "refresh_token":
                    given = self._traded(credential, "refresh", "refresh_token", asked)
                case "authorization_code":
                    given = self._traded(credential, "code", "code", asked)
                case _:
                    wanted = "grant_type must be client_credentials, authorization_code or refresh_token"
                    raise Refused(400, Problem(wanted), message="Bad request")
            return JSONResponse(given, headers=usage.headers())
        except Refused as refused:
            response = answer_refused(refused)
            if refused.status == 429:
                response.headers["Retry-After"] = str(int(access.token_requests.rate.seconds))
            return response

    def _traded(self, credential: Row, kind: str, name: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """What a code of a user's consent is good for, or a refresh token. Raises Refused (400)."""
        if kind == "code" and asked.get("redirect_uri") not in credential["redirect_uris"]:
            raise Refused(400, Problem("redirect_uri is not the one of the consent"), message="invalid_grant")
        try:
            held = self.sandbox.oauth.held(credential, kind, asked.get(name, ""), asked)
        except kit.Refused as refused:
            raise Refused(refused.status, Problem(refused.message), message=refused.code) from None
        return self.sandbox.access.traded(credential, kind, asked[name], held)

    async def v3(self, request: Request) -> Response:
        sandbox, headers = self.sandbox, dict[str, str]()
        raw = await request.body()
        try:
            if request.method == "GET" and raw:
                raise forbidden("A GET request must not have a body")
            caller = sandbox.access.caller(request.headers.get("authorization"))
            usage = sandbox.access.requests.take(caller.credential["id"], sandbox.now())
            headers = usage.headers()
            if usage.exceeded:
                raise Refused(429, Problem("Too many requests"), message="Rate limit exceeded")
            response = self._answer(request, caller, raw)
        except Refused as refused:
            response = answer_refused(refused)
        response.headers.update(headers)
        return response

    def _answer(self, request: Request, caller: Caller, raw: bytes) -> Response:
        path = request.path_params["path"]
        if request.method == "GET":
            return self._list(request, caller, path)
        for endpoint in ENDPOINTS:
            match = re.fullmatch(endpoint.path.replace("{id}", r"(\d+)"), path)
            if match and endpoint.method == request.method:
                self._need_scope(caller, f"harvest:{endpoint.scope}")
                call = Call(self.sandbox, caller, int(match[1]) if match.groups() else 0, self._body(raw),
                            dict(request.query_params))  # fmt: skip
                return self._show(request, call, endpoint.handler(call))
        raise Refused(404, Problem(f"No endpoint {request.method} /v3/{path}"), message="Resource not found")

    def _list(self, request: Request, caller: Caller, path: str) -> Response:
        resource = RESOURCES.get(path)
        if resource is None:
            raise Refused(404, Problem(f"No endpoint GET /v3/{path}"), message="Resource not found")
        self._need_scope(caller, f"harvest:{path}:list")
        if not caller.user["site_admin"]:
            raise forbidden("The acting user must be a Site Admin to list")
        base, behind = base_url(request), request.state.stale
        shown = self.sandbox.as_of(behind) if behind else self.sandbox
        params = list(request.query_params.multi_items())
        found = page(shown, caller.user, resource, params, base)
        if "fields" not in request.query_params:
            at = self.sandbox.db.real_now().timestamp() - behind
            for item in found.items:
                self.sandbox.overwrites.read(caller.actor.kind, path, item["id"], at)
        link = {"Link": f'<{base}/v3/{path}?cursor={found.cursor}>; rel="next"'} if found.cursor else {}
        return JSONResponse(found.items, headers=link)

    def _need_scope(self, caller: Caller, scope: str) -> None:
        if scope not in caller.scopes:
            raise forbidden(f"The credential lacks the scope {scope}")

    def _body(self, raw: bytes) -> Mapping[str, Any]:
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            raise Refused(400, Problem("The body is not JSON"), message="Bad request") from None
        if not isinstance(body, dict):
            raise invalid(("must be an object", "body"))
        return body

    def _show(self, request: Request, call: Call, answer: Answer) -> Response:
        if answer.row is None:
            return JSONResponse(answer.body, answer.status) if answer.body is not None else Response(status_code=204)
        options = self.sandbox.options
        if answer.status == 201:
            hidden_for = max(options.creates_visible_after, request.state.not_ready)
            if hidden_for:
                wait = timedelta(seconds=hidden_for)
                answer.row["visible_at"] = self.sandbox.now() + wait
            if options.creates == "id":
                return JSONResponse({"id": answer.row["id"]}, 201)
            if options.creates == "message":
                return JSONResponse({"message": "Your request was accepted and is being processed"}, 202)
        shown = RESOURCES[answer.kind].show(self.sandbox, answer.row, base_url(request))
        at = self.sandbox.db.real_now().timestamp()
        self.sandbox.overwrites.read(call.actor.kind, answer.kind, answer.row["id"], at)
        return JSONResponse(shown, answer.status)
