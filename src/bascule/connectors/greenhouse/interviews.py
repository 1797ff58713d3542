"""Interviews that were booked with us, as scheduled interviews of Greenhouse: made, moved, cancelled.

Greenhouse lets only those be changed that were made by its interface. Each has our mark as the id of its event in a
calendar (`external_event_id`), by which it is found again. It is one of the interviews in the job's plan, which says
what interviewers are asked: which one is only certain where the stage has one that is left.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping

from bascule.connectors.lens import ident, ids, pick, texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant, every_page
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import CreateRule, Json, Kind, Part, Value

from .objects import named, number

TIMES, CANCELLED = ("starts_at", "ends_at"), "cancelled"
MARK = "bsc-"  # how the ids of our events begin


def interview(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen = pick(raw, "status", "starts_at", "ends_at", "created_at", "location") | ids(raw, "application_id")
    event = str(raw.get("external_event_id") or "")
    return [
        Part(
            Kind.INTERVIEW, str(raw["id"]), seen, ident(raw.get("application_id")),
            marker=event if event.startswith(MARK) else "", marker_shown="external_event_id" in raw,
        )
    ]  # fmt: skip


def add_interview(write: Rendered, tenant: Tenant) -> Talk:
    """An interview of the stage that the application is in."""
    of = write.parents[Kind.APPLICATION]
    slot = yield from planned(of)
    body: dict[str, Json] = {
        "application_id": int(of), "job_interview_id": slot, "external_event_id": write.marker,
        **{name: write.fields.get(name) for name in TIMES}, **panel(write),
    }  # fmt: skip
    if write.fields.get("location"):
        body["location"] = write.fields["location"]
    response = yield Request("POST", "/interviews", json=body, acts_as=write.acts_as)
    return {**named(response), **shown(response, write)}


def find_interview(write: Rendered, tenant: Tenant) -> Talk:
    for row in (yield from of_application("/interviews", write.parents[Kind.APPLICATION])):
        if row.get("external_event_id") == write.marker:
            return {"external": str(row["id"])}
    return {}


def planned(application: str) -> Generator[Request, Response, int]:
    """The interview of its plan that this one is: the only one of the application's stage that it has not had."""
    stages = yield from of_application("/application_stages", application)
    now = next((row for row in stages if row.get("current")), None)
    if now is None:
        raise GuardRefusedError("The application is in no stage (hired, or a prospect).")
    rows = yield from every_page(
        Request("GET", "/job_interviews", {"job_interview_stage_ids": str(now["job_interview_stage_id"])})
    )
    here = [one for one in rows if one.get("job_interview_stage_id") == now["job_interview_stage_id"]]
    had = {one.get("job_interview_id") for one in (yield from of_application("/interviews", application))}
    left = [one for one in here if one.get("active", True) and one["id"] not in had]
    if len(left) == 1:
        return int(left[0]["id"])
    if left:
        names = ", ".join(sorted(str(one.get("name")) for one in left))
        raise RejectedError(
            f"The plan has several interviews in this stage ({names}).", hint="Say in Greenhouse which one it is."
        )
    raise RejectedError(
        "The plan has no interview left in this stage.",
        hint="Add one to the job's interview plan in Greenhouse.",
    )


def of_application(path: str, application: str) -> Generator[Request, Response, list[Json]]:
    return (yield from every_page(Request("GET", path, {"application_ids": application, "per_page": "500"})))


def panel(write: Rendered) -> dict[str, Json]:
    """The list takes the place of the one that was there."""
    if "interviewers" not in write.fields:
        return {}
    return {"interviewers": [{"user_id": number(one)} for one in texts(write.fields["interviewers"])]}


def change_interview(write: Rendered, tenant: Tenant) -> Talk:
    """Another time, place or panel; or none at all. One that has gone there is cancelled already."""
    if write.fields.get("status") == CANCELLED:
        yield Request("DELETE", f"/interviews/{write.external}", acts_as=write.acts_as, done_if=(404,))
        return {**write.fields, "gone": True}
    body: dict[str, Json] = {name: write.fields[name] for name in (*TIMES, "location") if name in write.fields}
    body |= panel(write)
    if not body:
        raise RejectedError(
            f"The status {write.fields.get('status')!r} is not written to Greenhouse.",
            hint="Do it in Greenhouse itself.",
        )
    response = yield Request("PATCH", f"/interviews/{write.external}", json=body, acts_as=write.acts_as)
    return shown(response, write)


def shown(response: Response, write: Rendered) -> dict[str, Value]:
    """What the answer shows of what was written; who interviews stands in a list of its own."""
    row = response.json if isinstance(response.json, Mapping) else {}
    return {name: row[name] for name in ("status", *TIMES, "location") if name in row and name in write.fields}


NOT_SAID = (
    "Whether Greenhouse tells anybody of an interview that is made by its interface is not published, and cannot be "
    "asked for or against: interviews are made there only where the owner has chosen so."
)
READS = ("harvest:interviews:list", "harvest:application_stages:list", "harvest:job_interviews:list")
INTERVIEWS = (
    Sends("schedule", Kind.INTERVIEW, add_interview, find_interview, repeatable=False, hidden=NOT_SAID, scopes=(
        "harvest:interviews:create", *READS,
    )),
    Sends("reschedule", Kind.INTERVIEW, change_interview, hidden=NOT_SAID, scopes=(
        "harvest:interviews:update", "harvest:interviews:destroy", *READS[:1],
    )),
)  # fmt: skip
BOOKED = CreateRule(
    Kind.INTERVIEW, "schedule", ("status", *TIMES, "location", "interviewers"), parents=(Kind.APPLICATION,),
    open_only=True,
)  # fmt: skip
