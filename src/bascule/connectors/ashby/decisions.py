"""What a person decides about an application in Ashby: its stage, and whether it goes on.

Every conversation reads what is there first. One call does all of it there: a rejection is a move to a stage of the
type Archived, with a reason; taking it back is a move to a stage that is none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

from bascule.connectors.spec import Rendered, Request, Response, Talk, Tenant
from bascule.errors import GuardRefusedError, RejectedError
from bascule.model import Json, Value

from .objects import ask, do, every
from .reads import ENDS, application

MEANT = ("PreInterviewScreen", "Active", "Offer", "Lead")  # where somebody is taken back to, if nobody knows


def move(write: Rendered, tenant: Tenant) -> Talk:
    """To another stage of the same job and plan, guarded by where the application is now."""
    job, _, target = str(write.fields["stage"]).partition("/")
    now = yield from ask("application.info", applicationId=write.external)
    at = now["currentInterviewStage"]
    here = f"{now['job']['id']}/{at['id']}"
    if here == write.fields["stage"]:
        return {"stage": here}
    if at["type"] in ENDS:
        raise GuardRefusedError("The application is archived or hired: it is in no stage.")
    if now["job"]["id"] != job:
        raise GuardRefusedError("The application is considered for another job by now.")
    if write.current.get("stage") not in (None, here):
        raise GuardRefusedError("Somebody has moved the application to another stage meanwhile.")
    plan = yield from stages(at["interviewPlanId"])
    found = next((one for one in plan if one["id"] == target), None)
    if found is None:
        raise RejectedError("This stage is of another interview plan than the application's.", hint="Read it again.")
    if found["type"] in ENDS:
        raise RejectedError(f"A move to {found['title']} is no move but a decision.", hint="Do it in Ashby itself.")
    return (yield from changed(write, tenant, target))


def decide(write: Rendered, tenant: Tenant) -> Talk:
    """Reject, take a rejection back, or correct its reason. Asks for no archive e-mail; a hire is never written."""
    status, reason = write.fields.get("status"), write.fields.get("reason")
    if status not in (None, "Archived", "Active"):
        raise RejectedError(f"The status {status!r} is not written to Ashby.", hint="Do it in Ashby itself.")
    now = yield from ask("application.info", applicationId=write.external)
    at, archived = now["currentInterviewStage"], now["status"] == "Archived"
    if now["status"] == "Hired":
        raise GuardRefusedError("Somebody has hired this applicant meanwhile.")
    if status == "Active" and archived:
        plan = yield from stages(at["interviewPlanId"])
        back = yield from before(write.external, plan)
        return (yield from changed(write, tenant, back))
    held = (now.get("archiveReason") or {}).get("id")
    if (status == "Archived" and not archived) or (archived and reason and reason != held):
        if not reason:
            raise RejectedError("Ashby archives nobody without a reason.", hint="Choose a reason for the rejection.")
        plan = yield from stages(at["interviewPlanId"])
        ends = at["id"] if archived else of_type(plan, ("Archived",))
        return (yield from changed(write, tenant, ends, reason))
    return shown(now, tenant, write.fields)


def stages(plan: str) -> Generator[Request, Response, list[Json]]:
    rows = yield from every("interviewStage.list", interviewPlanId=plan)
    return sorted(rows, key=lambda one: one.get("orderInInterviewPlan", 0))


def before(id: str, plan: list[Json]) -> Generator[Request, Response, str]:
    """The last stage that an application was in before it was archived, as far as its plan still has it."""
    open_stages = {one["id"] for one in plan if one["type"] not in ENDS}
    been = yield from every("application.listHistory", applicationId=id)
    been = sorted(been, key=lambda one: str(one.get("enteredStageAt") or ""))
    return next((str(o["stageId"]) for o in reversed(been) if o.get("stageId") in open_stages), of_type(plan, MEANT))


def of_type(plan: list[Json], types: Iterable[str]) -> str:
    found = [str(one["id"]) for type in types for one in plan if one["type"] == type]
    if not found:
        raise RejectedError("The interview plan has no stage for this.", hint="Add one to the plan in Ashby.")
    return found[0]


def changed(write: Rendered, tenant: Tenant, stage: str, reason: Value = None) -> Talk:
    why = {"archiveReasonId": reason} if reason else {}
    now = yield from do("application.changeStage", applicationId=write.external, interviewStageId=stage, **why)
    return shown(now, tenant, ("status", "reason", "stage"))


def shown(now: Json, tenant: Tenant, names: Iterable[str]) -> dict[str, Value]:
    seen = next(iter(application(now, tenant))).seen
    return {name: seen[name] for name in names if name in seen}
