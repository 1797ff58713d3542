"""Applications on their way through a plan's stages: move, archive, hire, transfer, offers, custom field values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ..kit.tables import Actor, Row
from . import fields, people
from .errors import Refused, invalid, missing
from .sandbox import Sandbox

TYPES = ("Lead", "PreInterviewScreen", "Active", "Offer", "Hired", "Archived")
STATUS: Mapping[str, str] = {"Lead": "Lead", "Hired": "Hired", "Archived": "Archived"}
FIRST_SCREEN = "FirstPreInterviewScreen"
MOVES: Mapping[str, tuple[str, ...]] = {
    "Draft": ("Open", "Archived"), "Open": ("Closed",), "Closed": ("Draft", "Archived"), "Archived": ("Draft",),
}  # fmt: skip


def status(stage: Row) -> str:
    return STATUS.get(stage["type"], "Active")


def stages(sandbox: Sandbox, plan_id: str) -> list[Row]:
    return sorted(sandbox.db["stages"].where("plan_id", plan_id), key=lambda row: row["order"])


def first(sandbox: Sandbox, plan_id: str, type: str) -> Row:
    found = next((row for row in stages(sandbox, plan_id) if row["type"] == type), None)
    if found is None:
        raise missing("interview_stage")
    return found


def stage_of(sandbox: Sandbox, plan_id: str, stage_id: Any) -> Row:
    """A stage of this plan. A stage of another plan is not found."""
    found = sandbox.db["stages"].get(stage_id)
    if found is None or found["plan_id"] != plan_id:
        raise missing("interview_stage")
    return found


def _plan_of(sandbox: Sandbox, job: Row, plan_id: Any) -> str:
    if plan_id is None:
        return job["plan_id"]
    if plan_id not in job["plan_ids"]:
        raise missing("interview_plan")
    return plan_id


# Coming in.


def apply(
    sandbox: Sandbox, actor: Actor, candidate_id: str, job_id: str, *, plan_id: str | None = None,
    stage_id: str | None = None, source_id: str | None = None, credited_to: str | None = None,
    created_at: datetime | None = None, form: Mapping[str, Any] | None = None, posting_id: str | None = None,
    ip: str | None = None, agent: str | None = None, told: bool = True,
) -> Row:  # fmt: skip
    """Consider a candidate for a job; in the first Lead stage unless another is named."""
    sandbox.row("candidates", candidate_id, "candidate")
    job = sandbox.row("jobs", job_id, "job")
    if job["status"] != "Open":
        raise invalid("The job is not open", "jobId")
    plan = _plan_of(sandbox, job, plan_id)
    if stage_id is None:
        stage = first(sandbox, plan, "Lead")
    elif stage_id == FIRST_SCREEN:
        stage = first(sandbox, plan, "PreInterviewScreen")
    else:
        stage = stage_of(sandbox, plan, stage_id)
    if stage["type"] == "Archived":
        raise invalid("An application cannot begin in an archived stage", "interviewStageId")
    row = sandbox.db.create(
        "applications", actor, candidate_id=candidate_id, job_id=job_id, plan_id=plan, stage_id=stage["id"],
        status=status(stage), source_id=source_id, credited_to=credited_to, archive_reason_id=None, archived_at=None,
        team=[], posting_id=posting_id, custom_fields={}, form=dict(form) if form else None, ip=ip, agent=agent,
    )  # fmt: skip
    if created_at is not None:
        sandbox.db.mark("applications", row["id"], created_at=created_at)
    _enter(sandbox, actor, row, stage, created_at or sandbox.now())
    people.activity(sandbox, candidate_id)
    if told:
        sandbox.tell_application(row, "applicationSubmit")
    return row


def _enter(sandbox: Sandbox, actor: Actor, row: Row, stage: Row, at: datetime) -> None:
    """Leave the stage before and stand in this one, in the history."""
    before = sandbox.db["history"].where("application_id", row["id"])
    if before:
        sandbox.db.change("history", before[-1]["id"], actor, {"left_at": at})
    sandbox.db.create(
        "history", actor, application_id=row["id"], candidate_id=row["candidate_id"], stage_id=stage["id"],
        title=stage["name"], entered_at=at, left_at=None, number=len(before), actor_id=actor.user_id,
    )  # fmt: skip


# Moving.


def move(
    sandbox: Sandbox, actor: Actor, id: str, stage_id: Any, *, reason_id: Any = None,
    email: Mapping[str, Any] | None = None,
) -> Row:  # fmt: skip
    """Into a stage of the application's plan. Archived needs a reason; it and nothing else may send an e-mail."""
    row = sandbox.row("applications", id, "application")
    stage = stage_of(sandbox, row["plan_id"], stage_id)
    archived = stage["type"] == "Archived"
    if archived and reason_id is None:
        raise invalid("Required when moving to an archived stage", "archiveReasonId")
    if reason_id is not None:
        reason = sandbox.row("archive_reasons", reason_id, "archive_reason")
        if reason["archived"]:
            raise missing("archive_reason")
    template = _template(sandbox, email, archived)
    if stage["type"] == "Hired" and sandbox.options.hire_by == "offer" and not _accepted(sandbox, id):
        raise invalid("The application has no accepted offer", "interviewStageId")
    if row["status"] == "Archived" and not archived and not sandbox.options.unarchive:
        raise invalid("The application is archived", "applicationId")
    if template and email is not None and row["status"] != "Archived":
        _reject_by_mail(sandbox, actor, row, template, email)
    _stand_in(sandbox, actor, row, stage, reason_id)
    return row


def _accepted(sandbox: Sandbox, id: str) -> bool:
    return any(one["acceptance"] == "Accepted" for one in sandbox.db["offers"].where("application_id", id))


def _template(sandbox: Sandbox, email: Mapping[str, Any] | None, archived: bool) -> Row | None:
    if email is None:
        return None
    if not archived:
        raise Refused(200, "An e-mail is sent only when moving to an archived stage",
                      code="communication_template_not_allowed")  # fmt: skip
    template = sandbox.row("templates", email.get("communicationTemplateId"), "communication_template")
    if "email" not in template["types"]:
        raise Refused(200, "This template is not for e-mails", code="communication_template_not_allowed")
    return template


def _reject_by_mail(sandbox: Sandbox, actor: Actor, row: Row, template: Row, email: Mapping[str, Any]) -> None:
    """Listed in the outbox with the time it leaves: the next morning unless one is given, at once if that is past."""
    person, now = sandbox.db["candidates"].rows[row["candidate_id"]], sandbox.now()
    morning = (now + timedelta(days=1)).replace(hour=9, minute=32, second=0, microsecond=0)
    leaves = moment(email["sendAt"], "archiveEmail.sendAt") if email.get("sendAt") else morning
    to = [one["value"] for one in person["emails"][:1]]
    sandbox.email(actor, person["id"], to, template["title"], template["body"],
                  f"archive e-mail, leaves {max(leaves, now):%Y-%m-%d %H:%M}")  # fmt: skip


def _stand_in(sandbox: Sandbox, actor: Actor, row: Row, stage: Row, reason_id: str | None) -> None:
    archived = stage["type"] == "Archived"
    moved = stage["id"] != row["stage_id"]
    values: dict[str, Any] = {"stage_id": stage["id"], "status": status(stage)}
    if archived:
        values |= {"archive_reason_id": reason_id, "archived_at": row["archived_at"] or sandbox.now()}
    else:
        values |= {"archive_reason_id": None, "archived_at": None}
    hired = values["status"] == "Hired" and row["status"] != "Hired"
    changed = sandbox.db.change("applications", row["id"], actor, values)
    if moved:
        _enter(sandbox, actor, row, stage, sandbox.now())
    if changed:
        events = ["applicationUpdate", *(["candidateStageChange"] if moved else []), *(["candidateHire"] * hired)]
        sandbox.tell_application(row, *events)


def transfer(sandbox: Sandbox, actor: Actor, id: str, job_id: Any, plan_id: Any, stage_id: Any) -> Row:
    """To another job, its plan and one of its stages. Told as an update, not as a change of stage."""
    row, job = sandbox.row("applications", id, "application"), sandbox.row("jobs", job_id, "job")
    plan = _plan_of(sandbox, job, plan_id)
    stage = stage_of(sandbox, plan, stage_id)
    if stage["type"] == "Archived":
        raise invalid("An application cannot be transferred into an archived stage", "interviewStageId")
    sandbox.db.change("applications", id, actor, {
        "job_id": job["id"], "plan_id": plan, "stage_id": stage["id"], "status": status(stage),
        "archive_reason_id": None, "archived_at": None})  # fmt: skip
    _enter(sandbox, actor, row, stage, sandbox.now())
    sandbox.tell_application(row, "applicationUpdate")
    return row


def update(sandbox: Sandbox, actor: Actor, id: str, values: Mapping[str, Any], *, notify: bool = False) -> Row:
    row = sandbox.row("applications", id, "application")
    for key, kind, what in (("source_id", "sources", "source"), ("credited_to", "users", "user")):
        if values.get(key) is not None:
            sandbox.row(kind, values[key], what)
    if sandbox.db.change("applications", id, actor, values):
        if notify and values.get("credited_to"):
            user = sandbox.db["users"].rows[values["credited_to"]]
            sandbox.email(actor, row["candidate_id"], [user["email"]], "You were credited with an application",
                          "", "application notification")  # fmt: skip
        sandbox.tell_application(row, "applicationUpdate")
    return row


def remove(sandbox: Sandbox, actor: Actor, id: str) -> None:
    """The application and what hangs on it. No event tells of it."""
    sandbox.row("applications", id, "application")
    for kind in ("history", "feedback", "schedules", "offers", "offer_processes"):
        for one in sandbox.db[kind].where("application_id", id):
            sandbox.db.delete(kind, one["id"], actor)
    sandbox.db.delete("applications", id, actor)


def rewrite(sandbox: Sandbox, actor: Actor, id: str, wanted: list[Mapping[str, Any]]) -> None:
    """The times at which stages were entered; entries that are not named go."""
    row = sandbox.row("applications", id, "application")
    known = {one["id"]: one for one in sandbox.db["history"].where("application_id", id)}
    asked = {one.get("applicationHistoryId"): one for one in wanted}
    if not asked or any(one not in known for one in asked):
        raise missing("application_history")
    for entry in known.values():
        if entry["id"] not in asked:
            sandbox.db.delete("history", entry["id"], actor)
    kept = sorted(
        asked.items(), key=lambda pair: moment(pair[1].get("enteredStageAt"), "applicationHistory.enteredStageAt")
    )
    for number, (entry_id, one) in enumerate(kept):
        at = moment(one.get("enteredStageAt"), "applicationHistory.enteredStageAt")
        until = moment(kept[number + 1][1].get("enteredStageAt"), "") if number + 1 < len(kept) else None
        sandbox.db.change("history", entry_id, actor, {"entered_at": at, "left_at": until, "number": number})
    sandbox.db.mark("applications", row["id"], updated_at=sandbox.now())


# Custom field values.


def _fielded(sandbox: Sandbox, object_type: Any, object_id: Any) -> tuple[str, Row]:
    kind = fields.VALUED.get(object_type)
    if kind is None:
        raise invalid(f"One of {', '.join(fields.VALUED)}", "objectType")
    return kind, sandbox.row(kind, object_id, object_type.lower())


def _checked(sandbox: Sandbox, object_type: str, field_id: Any, value: Any) -> Any:
    field = sandbox.row("custom_fields", field_id, "custom_field")
    if field["archived"] or field["object_type"] != object_type:
        raise invalid("This field is archived, or not one of this object's", "fieldId")
    if value is None:
        if field["required"] or not sandbox.options.null_clears:
            raise invalid("The value of this field cannot be cleared", "fieldValue")
        return None
    return fields.checked(field, value)


def set_values(
    sandbox: Sandbox, actor: Actor, object_type: Any, object_id: Any, values: Mapping[Any, Any], *,
    seen: Mapping[str, Any] | None = None,
) -> Row:  # fmt: skip
    """Set all of them or none. `seen` is what the object's values were when this began: where it is older than what
    they are now, others' values are written over, as the interface's setValue does."""
    kind, row = _fielded(sandbox, object_type, object_id)
    checked = {id: _checked(sandbox, object_type, id, value) for id, value in values.items()}
    whole = {**(row["custom_fields"] if seen is None else seen), **checked}
    left = {id: value for id, value in whole.items() if value is not None}
    if sandbox.db.change(kind, row["id"], actor, {"custom_fields": left}):
        if kind == "applications":
            sandbox.tell_application(row, "applicationUpdate")
        elif kind == "jobs":
            sandbox.tell_job(row)
    return row


def values_now(sandbox: Sandbox, object_type: Any, object_id: Any) -> dict[str, Any]:
    return dict(_fielded(sandbox, object_type, object_id)[1]["custom_fields"])


def define_field(
    sandbox: Sandbox, actor: Actor, title: str, object_type: str, field_type: str, *,
    choices: list[dict[str, Any]] | None = None, private: bool = False, required: bool = False,
) -> Row:  # fmt: skip
    if not title.strip():
        raise invalid("Required", "title")
    return sandbox.db.create(
        "custom_fields", actor, title=title.strip(), object_type=object_type, field_type=field_type,
        options=choices or [], private=private, required=required, archived=False,
    )  # fmt: skip


# Jobs and plans.


def define_plan(sandbox: Sandbox, actor: Actor, title: str, ladder: Iterable[tuple[str, str]]) -> Row:
    """A plan with stages of (name, type), in order."""
    plan = sandbox.db.create("plans", actor, title=title, archived=False)
    groups = {row["type"]: row["id"] for row in sandbox.db["stage_groups"]}
    for order, (name, type) in enumerate(ladder):
        sandbox.db.create("stages", actor, plan_id=plan["id"], name=name, type=type, order=order,
                          group_id=groups[type])  # fmt: skip
    return plan


def set_status(sandbox: Sandbox, actor: Actor, id: str, wanted: Any) -> Row:
    job = sandbox.row("jobs", id, "job")
    if wanted not in MOVES:
        raise invalid(f"One of {', '.join(MOVES)}", "status")
    if wanted not in MOVES[job["status"]]:
        raise invalid(f"A job that is {job['status']} cannot become {wanted}", "status")
    times = {"Open": {"opened_at": sandbox.now(), "closed_at": None}, "Closed": {"closed_at": sandbox.now()}}
    sandbox.db.change("jobs", id, actor, {"status": wanted, **times.get(wanted, {})})
    sandbox.tell_job(job)
    return job


def switch_plan(sandbox: Sandbox, actor: Actor, id: str, plan_id: Any) -> Row:
    """The job follows another plan: its applications stand in the stages that answer to theirs, by name or type."""
    job, plan = sandbox.row("jobs", id, "job"), sandbox.row("plans", plan_id, "interview_plan")
    if plan["id"] == job["plan_id"]:
        return job
    before = sandbox.db["plans"].rows[job["plan_id"]]
    to = stages(sandbox, plan["id"])
    pairs: dict[str, str] = {}
    for one in stages(sandbox, before["id"]):
        alike = [row for row in to if row["name"] == one["name"]] or [row for row in to if row["type"] == one["type"]]
        pairs[one["id"]] = (alike or to)[0]["id"]
    sandbox.db.change("jobs", id, actor, {"plan_id": plan["id"], "plan_ids": [plan["id"]]})
    for row in sandbox.db["applications"].where("job_id", id):
        if row["plan_id"] == before["id"]:
            sandbox.db.change("applications", row["id"], actor,
                              {"plan_id": plan["id"], "stage_id": pairs[row["stage_id"]]})  # fmt: skip
    if not job["confidential"]:
        mappings = [{"fromInterviewStageId": old, "toInterviewStageId": new} for old, new in pairs.items()]
        named = {"fromInterviewPlan": before, "toInterviewPlan": plan}
        plans = {key: {"id": row["id"], "title": row["title"]} for key, row in named.items()}
        sandbox.tell("interviewPlanTransition", f"job/{id}",
                     lambda: {"jobId": id, **plans, "interviewStageMappings": mappings})  # fmt: skip
    sandbox.tell_job(job)
    return job


# Offers.


def start_offer(sandbox: Sandbox, actor: Actor, id: str) -> Row:
    row = sandbox.row("applications", id, "application")
    if row["status"] in ("Archived", "Hired"):
        raise invalid("The application is archived or hired", "applicationId")
    return sandbox.db.create("offer_processes", actor, application_id=id, candidate_id=row["candidate_id"],
                             status="WaitingOnOfferCreation", offer_id=None)  # fmt: skip


def version(sandbox: Sandbox, actor: Actor, salary: Any, start: Any) -> dict[str, Any]:
    return {"id": str(UUID(int=sandbox.order.getrandbits(128), version=4)), "salary": salary, "start": start,
            "created_at": sandbox.now(), "user_id": actor.user_id, "approval": "WaitingOnApprovals"}  # fmt: skip


def make_offer(sandbox: Sandbox, actor: Actor, process_id: Any, salary: Any, start: Any) -> Row:
    """The offer of a process, or a new version of it; either waits for approval."""
    process = sandbox.row("offer_processes", process_id, "offer_process")
    one = version(sandbox, actor, salary, start)
    if (offer := sandbox.db["offers"].get(process["offer_id"])) is not None:
        sandbox.db.change("offers", offer["id"], actor,
                          {"versions": [*offer["versions"], one], "status": "WaitingOnOfferApproval"})  # fmt: skip
    else:
        offer = sandbox.db.create(
            "offers", actor, application_id=process["application_id"], candidate_id=process["candidate_id"],
            process_id=process["id"], versions=[one], status="WaitingOnOfferApproval", acceptance="Pending",
            decided_at=None,
        )  # fmt: skip
    sandbox.db.change("offer_processes", process["id"], actor,
                      {"offer_id": offer["id"], "status": "WaitingOnOfferApproval"})  # fmt: skip
    _tell_offer(sandbox, offer, "offerCreate" if len(offer["versions"]) == 1 else "offerUpdate")
    return offer


def _tell_offer(sandbox: Sandbox, offer: Row, action: str) -> None:
    application = sandbox.db["applications"].rows[offer["application_id"]]
    if not sandbox.db["jobs"].rows[application["job_id"]]["confidential"]:
        sandbox.tell(action, f"offer/{offer['id']}", lambda: {"offer": sandbox.shower().offer(offer, whole=True)})


def approve_offer(sandbox: Sandbox, actor: Actor, version_id: Any) -> Row:
    offer = next((row for row in sandbox.db["offers"] if row["versions"][-1]["id"] == version_id), None)
    if offer is None:
        raise missing("offer_version")
    approved = [*offer["versions"][:-1], {**offer["versions"][-1], "approval": "Approved"}]
    sandbox.db.change("offers", offer["id"], actor, {
        "versions": approved, "status": "WaitingOnCandidateResponse", "acceptance": "WaitingOnResponse"})  # fmt: skip
    _tell_offer(sandbox, offer, "offerUpdate")
    return offer


def decide_offer(sandbox: Sandbox, actor: Actor, id: str, accepted: bool) -> Row:
    """What the candidate answers. Where hires come by offers, an accepted one hires."""
    offer = sandbox.row("offers", id, "offer")
    if offer["decided_at"]:
        raise invalid("This offer is decided")
    said = ("CandidateAccepted", "Accepted") if accepted else ("CandidateRejected", "Declined")
    sandbox.db.change("offers", id, actor, {"status": said[0], "acceptance": said[1], "decided_at": sandbox.now()})
    sandbox.db.change("offer_processes", offer["process_id"], actor, {"status": said[0]})
    _tell_offer(sandbox, offer, "offerUpdate")
    if accepted and sandbox.options.hire_by == "offer":
        row = sandbox.db["applications"].rows[offer["application_id"]]
        _stand_in(sandbox, actor, row, first(sandbox, row["plan_id"], "Hired"), None)
    return offer


def moment(value: Any, field: str) -> datetime:
    """An ISO time; UTC where it names no zone. Raises Refused."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None:
        raise invalid("Not an ISO 8601 time", field)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
