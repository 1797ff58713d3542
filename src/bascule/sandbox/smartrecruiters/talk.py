"""Messages, reviews, and webhook subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.paging import after, pack, unpack
from ..kit.tables import Row, iso
from . import doings, hooks
from .api import Answer, Api, Call, invalid
from .render import Json, given, whole

REVIEWS = "/reviews-api/v201910"
SUBSCRIPTIONS = "/webhooks-api/v201907/subscriptions"
LOGGED = timedelta(days=30)


def routes(api: Api) -> list[Route]:
    one, manage = f"{SUBSCRIPTIONS}/{{hook_id}}", "webhooks_manage|webhooks_write"
    return [
        api.route("POST", "/messages/shares", "messages_write|messages_manage", share),
        api.route("DELETE", "/messages/shares/{note_id}", "messages_manage|messages_write", unshare),
        api.route("GET", "/messages/fetch", "messages_read", messages),
        api.route("GET", f"{REVIEWS}/reviews", "reviews_read", reviews),
        api.route("POST", f"{REVIEWS}/reviews", "reviews_write", review),
        api.route("GET", f"{REVIEWS}/reviews/{{review_id}}", "reviews_read", one_review),
        api.route("PATCH", f"{REVIEWS}/reviews/{{review_id}}", "reviews_write", change_review),
        api.route("DELETE", f"{REVIEWS}/reviews/{{review_id}}", "reviews_write", delete_review),
        api.route("GET", f"{REVIEWS}/jobs/{{job_id}}/criteria", "reviews_read", criteria),
        api.route("GET", SUBSCRIPTIONS, "webhooks_read|webhooks_manage", subscriptions),
        api.route("POST", SUBSCRIPTIONS, manage, subscribe),
        api.route("GET", one, "webhooks_read|webhooks_manage", subscription),
        api.route("DELETE", one, "webhooks_delete|webhooks_manage", unsubscribe),
        api.route("PUT", f"{one}/activation", manage, activate),
        api.route("DELETE", f"{one}/activation", manage, deactivate),
        api.route("GET", f"{one}/secret-key", manage, key),
        api.route("POST", f"{one}/secret-key", manage, new_key),
        api.route("GET", f"{one}/callbacks", "webhooks_read|webhooks_manage", callbacks),
    ]


# Messages.


async def share(call: Call) -> Answer:
    row = doings.share(call.sandbox, call.actor, await call.body())
    return call.created("notes", row, {"id": row["id"], "shareRequired": False})


async def unshare(call: Call) -> Answer:
    row = call.find("notes", call.param("note_id"), "message")
    if row["author_id"] != call.actor.user_id:
        raise Refused(403, "Only its author may delete a message", code="ACCESS_FORBIDDEN")
    call.sandbox.db.delete("notes", row["id"], call.actor)
    return None


async def messages(call: Call) -> Answer:
    """Messages about a candidate that the caller may see, the newest first."""
    asked, limit = call.query("candidateId"), call.number("limit", 10, 1, 100)
    person = call.find("candidates", asked)["id"] if asked else None
    rows = [row for row in call.shown.db["notes"] if call.sandbox.seen("notes", row)
            and doings.reads(call.actor.user_id, row) and (person is None or person in row["candidates"])]  # fmt: skip
    try:
        last = unpack(call.query("pageId") or "") if call.query("pageId") else None
    except ValueError:
        raise invalid("pageId", "is no page") from None
    shown, following = after(rows, lambda row: [-int(row["created_at"].timestamp() * 1000), row["id"]], last, limit)
    body: Json = {"limit": limit, "content": [call.render.message(row) for row in shown]}
    return body if following is None else {**body, "nextPageId": pack(following)}


# Reviews.


def _application(call: Call, candidate: Any, job: Any) -> Row:
    person = call.find("candidates", candidate)
    for row in call.shown.db["applications"].where("candidate_id", person["id"]):
        if row["job_id"] == job:
            return row
    raise Refused(404, f"The candidate has no application for {job}", code="APPLICATION_NOT_FOUND")


async def reviews(call: Call) -> Answer:
    candidate, job = call.query("candidateId"), call.query("jobId")
    if not candidate or not job:
        raise Refused(400, "candidateId and jobId are required", code="MISSING_FIELD", field="candidateId")
    rows = call.shown.db["reviews"].where("application_id", _application(call, candidate, job)["id"])
    return whole([call.render.review(row) for row in rows if call.sandbox.seen("reviews", row)])


async def review(call: Call) -> Answer:
    asked = await call.body()
    application = _application(call, asked.get("candidateId"), asked.get("jobId"))
    row = doings.review(call.sandbox, call.actor, application, asked.get("reviewerId", call.actor.user_id),
                        asked.get(call.sandbox.options.rating), asked.get("comment"))  # fmt: skip
    return call.created("reviews", row, call.fresh().review(row))


def _review(call: Call) -> Row:
    return call.find("reviews", call.param("review_id"))


async def one_review(call: Call) -> Answer:
    row = _review(call)
    call.read("reviews", row["id"])
    return call.render.review(row)


async def change_review(call: Call) -> Answer:
    row, asked = _review(call), await call.body()
    values: dict[str, Any] = {}
    if call.sandbox.options.rating in asked:
        values["rating"] = doings.rated(call.sandbox, asked[call.sandbox.options.rating])
    if "comment" in asked:
        values["comment"] = str(asked["comment"] or "")
    if call.sandbox.db.change("reviews", row["id"], call.actor, values):
        doings.reviewed(call.sandbox, "review.updated", row)
    return call.fresh().review(call.sandbox.db["reviews"].rows[row["id"]])


async def delete_review(call: Call) -> Answer:
    row = _review(call)
    if call.query("reviewerId") != row["user_id"]:
        raise Refused(400, "reviewerId must be the review's own", code="INVALID_REFERENCE", field="reviewerId")
    call.sandbox.db.delete("reviews", row["id"], call.actor)
    doings.reviewed(call.sandbox, "review.deleted", row)
    return None


async def criteria(call: Call) -> Answer:
    call.find("jobs", call.param("job_id"))
    return whole([])


# Subscriptions.


def shown(row: Row) -> Json:
    state = "active" if row["enabled"] else "suspended" if row["suspended"] else "inactive"
    return {
        "id": row["id"], "callbackUrl": row["url"], "events": row["events"], "status": state,
        **given({"alertingEmailAddress": row["alert"] or None}), "createdOn": iso(row["created_at"]),
    }  # fmt: skip


def _hook(call: Call) -> Row:
    """A subscription of this very caller."""
    row = call.find("webhooks", call.param("hook_id"), "subscription")
    if (row["credential_id"], row["user_id"]) != (call.credential["id"], call.actor.user_id):
        raise Refused(404, "There is no such subscription", code="SUBSCRIPTION_NOT_FOUND")
    return row


async def subscriptions(call: Call) -> Answer:
    own = (call.credential["id"], call.actor.user_id)
    return whole([shown(row) for row in call.sandbox.db["webhooks"] if (row["credential_id"], row["user_id"]) == own])


async def subscribe(call: Call) -> Answer:
    asked: Mapping[str, Any] = await call.body()
    row = hooks.subscribe(call.sandbox, call.actor, call.credential["id"], call.base, asked)
    return JSONResponse(shown(row), 201)


async def subscription(call: Call) -> Answer:
    return shown(_hook(call))


async def unsubscribe(call: Call) -> Answer:
    call.sandbox.hooks.remove(call.actor, _hook(call)["id"])
    return None


async def activate(call: Call) -> Answer:
    await hooks.activate(call.sandbox, call.actor, _hook(call)["id"])
    return None


async def deactivate(call: Call) -> Answer:
    call.sandbox.hooks.disable(call.actor, _hook(call)["id"])
    return None


async def key(call: Call) -> Answer:
    row = _hook(call)
    if not row["keys"]:
        raise Refused(404, "The subscription has no secret key", code="SECRET_KEY_NOT_FOUND")
    return {"secretKey": row["keys"][-1]["key"]}


async def new_key(call: Call) -> Answer:
    return JSONResponse({"secretKey": hooks.new_key(call.sandbox, call.actor, _hook(call))}, 201)


async def callbacks(call: Call) -> Answer:
    """What was sent to it in the last 30 days, the newest first."""
    row, since = _hook(call), call.sandbox.now() - LOGGED
    found = [one for one in call.sandbox.hooks.deliveries if one.hook_id == row["id"] and one.created_at >= since]
    return whole([
        {"eventName": one.action, "status": one.state.upper(), "createdOn": iso(one.created_at),
         "attempts": [{"sentOn": iso(at), "responseStatus": status} for at, status in one.attempts]}
        for one in reversed(found)
    ])  # fmt: skip
