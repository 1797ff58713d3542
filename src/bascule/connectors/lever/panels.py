"""Interviews that were booked with us, as an interview in a panel of its own: made, moved, taken away.

Lever lets programs change only panels that they manage themselves (`externallyManaged`), which are those made by the
interface. Our mark stands in the interview's note. Every call says as whom it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bascule.connectors.lens import ident, ids, marked, pick, reference_line, texts
from bascule.connectors.spec import Rendered, Request, Sends, Talk, Tenant
from bascule.errors import AbsentError, RejectedError
from bascule.model import CreateRule, EraseRule, Json, Kind, Part, Value

from .objects import EPOCH, answered, every, when

HERE = "application_id"  # the key under which items are told which opportunity they were asked for by
CALL, CANCELED = "reschedule", "canceled"


def interview(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "subject") | ids(raw, HERE)
    if "canceledAt" in raw:
        seen["canceledAt"] = CANCELED if raw["canceledAt"] else "scheduled"
    if "date" in raw:
        seen["date"] = when(raw["date"])
        if isinstance(raw.get("duration"), int):
            seen["ends"] = when(raw["date"], raw["duration"])
    if "interviewers" in raw:
        seen["interviewers"] = tuple(sorted(str(one["id"]) for one in raw["interviewers"] or () if one.get("id")))
    if "createdAt" in raw:
        seen["createdAt"] = when(raw["createdAt"])
    return [
        Part(
            Kind.INTERVIEW, str(raw["id"]), seen, ident(raw.get(HERE)), marker=marked(str(raw.get("note") or ""))[1],
            marker_shown="note" in raw,
        )
    ]  # fmt: skip


def acting(write: Rendered, tenant: Tenant) -> str:
    """Lever wants to know as whom: the user that was entered, where it is nobody's own doing."""
    return write.acts_as or tenant.facts.get("acting", "")


def planned(fields: Mapping[str, Value], known: Mapping[str, Json]) -> dict[str, Json]:
    """An interview in Lever's terms, whole: what is written over what is known."""
    begins, ends = (_moment(fields[name]) for name in ("date", "ends"))
    kept = {str(one["id"]): one for one in known.get("interviewers") or ()}
    people = [{"id": id, **_form(kept.get(id))} for id in texts(fields["interviewers"])]
    return {
        "subject": fields.get("subject") or "Interview", "interviewers": people,
        "date": int((begins - EPOCH).total_seconds() * 1000), "duration": int((ends - begins).total_seconds() // 60),
        "timezone": known.get("timezone") or "UTC", "location": fields.get("location", known.get("location")) or None,
        "feedbackReminder": known.get("feedbackReminder") or "none", **_form(known),
    }  # fmt: skip


def _form(row: Mapping[str, Json] | None) -> dict[str, Json]:
    return {"feedbackTemplate": row["feedbackTemplate"]} if row and row.get("feedbackTemplate") else {}


def _moment(value: Value) -> datetime:
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def add_interview(write: Rendered, tenant: Tenant) -> Talk:
    """A panel with one interview. Nobody is reminded of feedback."""
    one = {**planned(write.fields, {}), "note": reference_line(write.marker)}
    body: dict[str, Json] = {"timezone": "UTC", "feedbackReminder": "none", "interviews": [one]}
    path = f"/opportunities/{write.parents[Kind.APPLICATION]}/panels"
    made = answered((yield Request("POST", path, json=body, acts_as=acting(write, tenant))))
    first: Json = next(iter((made or {}).get("interviews") or ()), None)
    if isinstance(first, dict):
        return {"external": str(first["id"]), **shown(first, tenant, write)}
    return {"external": str(first)} if first else {}


def find_interview(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from every(Request("GET", f"/opportunities/{write.parents[Kind.APPLICATION]}/interviews"))
    for row in rows:
        if marked(str(row.get("note") or ""))[1] == write.marker:
            return {"external": str(row["id"])}
    return {}


def change_interview(write: Rendered, tenant: Tenant) -> Talk:
    """Another time, place or panel, sent whole; a cancelled one goes with its panel. One that has gone there is
    cancelled already."""
    on, who = f"/opportunities/{write.parents[Kind.APPLICATION]}", acting(write, tenant)
    response = yield Request("GET", f"{on}/interviews/{write.external}", done_if=(404,))
    now = answered(response) if response.status < 400 else None
    if write.fields.get("canceledAt") == CANCELED:
        if now is not None and not now.get("canceledAt"):
            yield Request("DELETE", f"{on}/panels/{_id(now.get('panel'))}", acts_as=who, done_if=(404,))
        return {**write.fields, "gone": True}
    if now is None:
        raise AbsentError(f"Lever shows no interview {write.external}.", status=404)
    if now.get("canceledAt"):
        raise RejectedError("The interview is cancelled in Lever.", hint="Ask for another.")
    there = next(iter(interview(now, tenant))).seen
    body = {**planned({**there, **write.fields}, now), "note": now.get("note"), "panel": _id(now.get("panel"))}
    response = yield Request("PUT", f"{on}/interviews/{write.external}", json=body, acts_as=who)
    return shown(told, tenant, write) if isinstance(told := answered(response), Mapping) else {}


def take_away(write: Rendered, tenant: Tenant) -> Talk:
    """Of somebody who is erased: what we made is taken away."""
    on = f"/opportunities/{write.parents[Kind.APPLICATION]}"
    response = yield Request("GET", f"{on}/interviews/{write.external}", done_if=(404,))
    now = answered(response) if response.status < 400 else None
    if now is not None and not now.get("canceledAt") and marked(str(now.get("note") or ""))[1]:
        path = f"{on}/panels/{_id(now.get('panel'))}"
        yield Request("DELETE", path, acts_as=acting(write, tenant), done_if=(404,))
    return {}


def _id(raw: Json) -> str:
    """An id, or that of an object that stands in its place."""
    return str(raw.get("id") if isinstance(raw, Mapping) else raw)


def shown(row: Mapping[str, Json], tenant: Tenant, write: Rendered) -> dict[str, Value]:
    seen = next(iter(interview(row, tenant))).seen
    return {name: seen[name] for name in write.fields if name in seen}


SAYS = (
    "Lever is asked to remind nobody of feedback. Whether it tells anybody of a panel that is managed from outside is "
    "not published: made only where the owner has chosen so."
)
RIGHTS = ("panels:write:admin", "interviews:write:admin", "interviews:read:admin", "opportunities:read:admin")
INTERVIEWS = (
    Sends("schedule", Kind.INTERVIEW, add_interview, find_interview, repeatable=False, hidden=SAYS, scopes=RIGHTS),
    Sends(CALL, Kind.INTERVIEW, change_interview, hidden=SAYS, scopes=RIGHTS),
    Sends("take away", Kind.INTERVIEW, take_away, scopes=RIGHTS),
)
TAKEN_AWAY = EraseRule(Kind.INTERVIEW, "take away", "interviews made by Bascule are taken away there")
BOOKED = CreateRule(
    Kind.INTERVIEW, "schedule", ("canceledAt", "subject", "date", "ends", "location", "interviewers"),
    parents=(Kind.APPLICATION,), open_only=True,
)  # fmt: skip
