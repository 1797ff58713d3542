"""Interviews that were booked with us, as interview schedules of Ashby: made with one event, moved, cancelled.

A key changes only the schedules that it has made. Our mark stands in the event's `extraData`, which is there for that.
Which interview it is of those that the organization has is left to Ashby: its default one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from bascule.connectors.lens import ident, pick, texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant
from bascule.errors import AbsentError, RejectedError
from bascule.model import CreateRule, EraseRule, Json, Kind, Part, Value

from .objects import ask, do, every

MARK = "bascule_ref"  # the key of our mark in `extraData`
CANCELLED = "Cancelled"
TIMES = ("startTime", "endTime")


def interview(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A schedule with all its events: from the first one's start to the last one's end."""
    seen = pick(raw, "applicationId", "status", "createdAt")
    events = raw.get("interviewEvents") or ()
    if "interviewEvents" in raw:
        whom = {str(user) for one in events for user in one.get("interviewerUserIds") or ()}
        seen |= {
            "startTime": min((str(one["startTime"]) for one in events if one.get("startTime")), default=None),
            "endTime": max((str(one["endTime"]) for one in events if one.get("endTime")), default=None),
            "interviewers": tuple(sorted(whom)),
        }
    return [
        Part(
            Kind.INTERVIEW, str(raw["id"]), seen, ident(raw.get("applicationId")), marker=mark(events),
            marker_shown="interviewEvents" in raw,
        )
    ]  # fmt: skip


def mark(events: Iterable[Json]) -> str:
    return next((str(told) for one in events if (told := (one.get("extraData") or {}).get(MARK))), "")


def add_interview(write: Rendered, tenant: Tenant) -> Talk:
    event: dict[str, Json] = {name: write.fields[name] for name in TIMES}
    event |= {"interviewers": (yield from invited(write.fields["interviewers"])), "extraData": {MARK: write.marker}}
    made = yield from do(
        "interviewSchedule.create", applicationId=write.parents[Kind.APPLICATION], interviewEvents=[event]
    )  # fmt: skip
    return {"external": str(made["id"]), **shown(made, tenant, write)}


def invited(users: Value) -> Generator[Request, Response, list[Json]]:
    """Interviewers are named there by their address."""
    people: list[Any] = []
    for id in texts(users):
        people.append((yield from ask("user.info", userId=id)))
    return [{"email": str(one["email"])} for one in people]


def find_interview(write: Rendered, tenant: Tenant) -> Talk:
    for row in (yield from every("interviewSchedule.list", applicationId=write.parents[Kind.APPLICATION])):
        if mark(row.get("interviewEvents") or ()) == write.marker:
            return {"external": str(row["id"])}
    return {}


def change_interview(write: Rendered, tenant: Tenant) -> Talk:
    """Another time or panel; or cancelled, not to be scheduled again. An event is sent whole."""
    if write.fields.get("status") == CANCELLED:
        made = yield from do("interviewSchedule.cancel", id=write.external, allowReschedule=False)
        return shown(made, tenant, write)
    rows = yield from every("interviewSchedule.list", applicationId=write.parents[Kind.APPLICATION])
    now = next((row for row in rows if str(row["id"]) == write.external), None)
    if now is None:
        raise AbsentError(f"Ashby shows no interview schedule {write.external}.", status=404)
    events = now.get("interviewEvents") or []
    if len(events) != 1:
        raise RejectedError("This schedule has other events than ours by now.", hint="Change it in Ashby.")
    there = next(iter(interview(now, tenant))).seen
    wanted = {name: write.fields.get(name, there[name]) for name in (*TIMES, "interviewers")}
    event: dict[str, Json] = {"interviewEventId": events[0]["id"], **{name: wanted[name] for name in TIMES}}
    event |= {"interviewers": (yield from invited(wanted["interviewers"])), "extraData": events[0].get("extraData")}
    made = yield from do("interviewSchedule.update", interviewScheduleId=write.external, interviewEvent=event)
    return shown(made, tenant, write)


def call_off(write: Rendered, tenant: Tenant) -> Talk:
    """Of somebody who is erased: what we made is cancelled. It would stay in interviewers' lists, with nobody."""
    rows = yield from every("interviewSchedule.list", applicationId=write.parents[Kind.APPLICATION])
    now = next((row for row in rows if str(row["id"]) == write.external), None)
    if now is not None and mark(now.get("interviewEvents") or ()) and now.get("status") == "Scheduled":
        yield from do("interviewSchedule.cancel", id=write.external, allowReschedule=False)
    return {}


def shown(made: Json, tenant: Tenant, write: Rendered) -> dict[str, Value]:
    """What the answer shows of what was written."""
    seen = next(iter(interview(made, tenant))).seen
    return {name: seen[name] for name in seen if name in write.fields}


NOT_SAID = (
    "Whether Ashby tells anybody of an interview that is made by its interface, or puts it into calendars, is not "
    "published, and cannot be asked for or against: interviews are made there only where the owner has chosen so."
)
RIGHTS = ("interviews:write", "interviews:read", "organization:read")
INTERVIEWS = (
    Sends("schedule", Kind.INTERVIEW, add_interview, find_interview, repeatable=False, hidden=NOT_SAID, scopes=RIGHTS),
    Sends("reschedule", Kind.INTERVIEW, change_interview, hidden=NOT_SAID, scopes=RIGHTS),
    Sends("call off", Kind.INTERVIEW, call_off, scopes=RIGHTS),
)
CALLED_OFF = EraseRule(Kind.INTERVIEW, "call off", "interviews made by Bascule are cancelled there")
BOOKED = CreateRule(
    Kind.INTERVIEW, "schedule", ("status", *TIMES, "interviewers"), parents=(Kind.APPLICATION,), open_only=True
)
