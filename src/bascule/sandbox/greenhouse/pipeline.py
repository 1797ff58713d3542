"""What can be done with applications: made, moved, rejected, taken back, hired, converted, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kit.tables import Actor, Row
from . import fields, payloads
from .errors import Problem, Refused, impossible, invalid
from .people import create as create_candidate
from .people import keep, remove_application
from .sandbox import Sandbox

# What the answer calls a status, and what the query and the error messages call it.
SPOKEN = {"in_process": "active"}
CREATABLE = (
    "candidate_id", "job_id", "prospect", "job_ids", "prospective_job_ids", "source_id", "referrer_id", "recruiter_id",
    "coordinator_id", "initial_stage_id", "custom_fields", "prospect_pool_id", "prospect_pool_stage_id",
    "prospect_owner_id", "location_address", "attachments",
)  # fmt: skip
UPDATABLE = ("source_id", "referrer_id", "recruiter_id", "coordinator_id", "custom_fields", "location_address",
             "prospect_pool_id", "prospect_pool_stage_id", "prospect_owner_id", "prospective_job_ids")  # fmt: skip
REFERENCES = {"source_id": "sources", "referrer_id": "referrers", "recruiter_id": "users", "coordinator_id": "users",
              "prospect_pool_id": "prospect_pools", "prospect_pool_stage_id": "prospect_pool_stages",
              "prospect_owner_id": "users"}  # fmt: skip


def stages(sandbox: Sandbox, job_id: int) -> list[Row]:
    """A job's active stages in the order they are passed."""
    rows = [one for one in sandbox.db["job_interview_stages"].where("job_id", job_id) if one["active"]]
    return sorted(rows, key=lambda row: (row["sort_order"], row["id"]))


def _references(sandbox: Sandbox, values: Mapping[str, Any]) -> dict[str, Any]:
    wrong = [("must exist", key) for key, kind in REFERENCES.items()
             if values.get(key) is not None and sandbox.db[kind].get(values[key]) is None]  # fmt: skip
    if wrong:
        raise invalid(*wrong)
    return {key: values[key] for key in REFERENCES if key in values}


def _stage_of(sandbox: Sandbox, job_id: int, stage_id: int | None, field: str) -> Row:
    """The named stage of a job, or its first."""
    ladder = stages(sandbox, job_id)
    for stage in ladder:
        if stage_id in (None, stage["id"]):
            return stage
    raise invalid(("is not an active stage of this job", field))


def _job(sandbox: Sandbox, id: Any, field: str = "job_id") -> Row:
    job = sandbox.db["jobs"].get(id)
    if job is None:
        raise invalid(("must exist", field))
    if job["status"] != "open":
        raise invalid((f"is {job['status']}", field))
    return job


def enter(sandbox: Sandbox, actor: Actor, application: Row, stage: Row | None) -> None:
    """Close the current stage instance and open one for `stage`; the instance's own id becomes `stage_id`."""
    db, now = sandbox.db, sandbox.now()
    for one in db["application_stages"].where("application_id", application["id"]):
        if one["current"]:
            db.change("application_stages", one["id"], actor, {"current": False, "exited_at": now})
    instance = stage and db.create(
        "application_stages", actor, application_id=application["id"], job_interview_stage_id=stage["id"],
        entered_at=now, exited_at=None, current=True)  # fmt: skip
    db.change("applications", application["id"], actor, {
        "stage_id": instance and instance["id"], "job_interview_stage_id": stage and stage["id"],
        "last_activity_at": now})  # fmt: skip


def apply(
    sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], *, answers: list[dict[str, Any]] | None = None,
    job_post_id: int | None = None, required: bool = False, quiet: bool = False,
) -> Row:  # fmt: skip
    """A new application of an existing candidate: on one job in its first stage, or as a prospect.

    Fires new_candidate_application or new_prospect_application unless `quiet`; a caller that still adds files calls
    `announce` itself. `required` insists on the tenant's required custom fields.
    """
    unknown = [("is not an attribute of an application", key) for key in values if key not in CREATABLE]
    if unknown:
        raise invalid(*unknown)
    db = sandbox.db
    candidate = db["candidates"].get(values.get("candidate_id"))
    if candidate is None:
        raise invalid(("must exist", "candidate_id"))
    prospect = str(values.get("prospect", False)).lower() == "true"
    job = None if prospect else _job(sandbox, values.get("job_id"))
    stage = job and _stage_of(sandbox, job["id"], values.get("initial_stage_id"), "initial_stage_id")
    custom = fields.merged(db, "application", {}, values.get("custom_fields", []), tier=sandbox.options.tier)
    if required and sandbox.options.tier == "enterprise":
        fields.check_required(db, "application", custom)
    now = sandbox.now()
    row = db.create("applications", actor, **{
        **dict.fromkeys(REFERENCES), **_references(sandbox, values), "candidate_id": candidate["id"],
        "job_id": job and job["id"], "job_post_id": job_post_id, "stage_id": None, "job_interview_stage_id": None,
        "status": "in_process", "needs_decision": False, "prospect": prospect, "rejected_at": None,
        "prospective_job_ids": list(values.get("prospective_job_ids") or values.get("job_ids") or []),
        "last_activity_at": now, "location_address": values.get("location_address"), "answers": answers or [],
        "custom_fields": custom, "hired_at": None})  # fmt: skip
    if stage:
        enter(sandbox, actor, row, stage)
    sandbox.activity(actor, candidate["id"], f"Applied to {job['name']}" if job else "Added as a prospect", row["id"])
    if not quiet:
        announce(sandbox, row)
    return row


def announce(sandbox: Sandbox, row: Row) -> None:
    action = "new_prospect_application" if row["prospect"] else "new_candidate_application"
    sandbox.hooks.emit(action, lambda: {"application": payloads.application(sandbox.db, row)})


def submit(
    sandbox: Sandbox, actor: Actor, person: Mapping[str, Any], values: Mapping[str, Any],
    files: list[tuple[str, str, bytes, str]], *, answers: list[dict[str, Any]], job_post_id: int | None,
) -> Row:  # fmt: skip
    """An application from the careers page: (kind, file name, content, content type) for each file.

    With auto-merge on, someone whose e-mail is known becomes the same candidate; otherwise a new one each time.
    """
    known = _known(sandbox, person) if sandbox.auto_merge else None
    candidate = known or create_candidate(sandbox, actor, person)
    row = apply(sandbox, actor, {**values, "candidate_id": candidate["id"]}, answers=answers,
                job_post_id=job_post_id, quiet=True)  # fmt: skip
    for kind, filename, content, content_type in files:
        keep(sandbox, actor, candidate["id"], row["id"], kind, filename, content, content_type)
    announce(sandbox, row)
    return row


def _known(sandbox: Sandbox, person: Mapping[str, Any]) -> Row | None:
    mails = {one["value"].casefold() for one in person.get("email_addresses", ())}
    for row in sandbox.db["candidates"].newest_first():
        if any(one["value"].casefold() in mails for one in row["email_addresses"]):
            return row
    return None


def update(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    row = sandbox.row("applications", id)
    unknown = [("cannot be changed here", key) for key in values if key not in UPDATABLE]
    if unknown:
        raise invalid(*unknown)
    own = _references(sandbox, values)
    own |= {key: values[key] for key in ("location_address", "prospective_job_ids") if key in values}
    if "custom_fields" in values:
        own["custom_fields"] = fields.merged(
            sandbox.db, "application", row["custom_fields"], values["custom_fields"], tier=sandbox.options.tier,
            patch=sandbox.options.custom_fields_patch)  # fmt: skip
    if sandbox.db.change("applications", id, actor, own):
        sandbox.touch(id)
        _fire(sandbox, "application_updated", row)
    return row


def _fire(sandbox: Sandbox, action: str, row: Row) -> None:
    sandbox.hooks.emit(action, lambda: {"application": payloads.application(sandbox.db, row)})


def _need(row: Row, status: str) -> None:
    if row["status"] != status:
        now, wanted = SPOKEN.get(row["status"], row["status"]), SPOKEN.get(status, status)
        raise impossible(f"Application must be '{wanted}', is currently '{now}'")


def move(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    """Advance (no target), move within the job (`to_stage_id`) or to another job (`to_job_id`).

    `from_stage_id`, a stage of the job, must be where the application is. Stage-transition rules run, e-mails
    included.
    """
    row = sandbox.row("applications", id)
    if row["prospect"]:
        raise impossible("A prospect has no stage; convert it to a candidate first")
    _need(row, "in_process")
    if values.get("from_stage_id") is None:
        raise invalid(("can't be blank", "from_stage_id"))
    if values["from_stage_id"] != row["job_interview_stage_id"]:
        raise impossible(f"from_stage_id {values['from_stage_id']} is not the current stage of this application")
    target, to_job = values.get("to_stage_id"), values.get("to_job_id")
    if to_job is not None and to_job != row["job_id"]:
        job = _job(sandbox, to_job, "to_job_id")
        stage = _stage_of(sandbox, job["id"], target, "to_stage_id")
        sandbox.db.change("applications", id, actor, {"job_id": job["id"], "job_post_id": None})
    elif target is None:
        ladder = [one["id"] for one in stages(sandbox, row["job_id"])]
        following = ladder[ladder.index(row["job_interview_stage_id"]) + 1 :]
        if not following:
            raise impossible("Application is in the last stage and cannot be advanced")
        stage = _stage_of(sandbox, row["job_id"], following[0], "to_stage_id")
    else:
        stage = _stage_of(sandbox, row["job_id"], target, "to_stage_id")
        if stage["id"] == row["job_interview_stage_id"]:
            raise impossible("Application is already in this stage")
    enter(sandbox, actor, row, stage)
    sandbox.activity(actor, row["candidate_id"], f"Moved to {stage['name']}", id)
    _run_rules(sandbox, actor, row, stage)
    _fire(sandbox, "candidate_stage_change", row)
    return row


def _run_rules(sandbox: Sandbox, actor: Actor, row: Row, stage: Row) -> None:
    for rule in sandbox.db["stage_rules"].where("job_interview_stage_id", stage["id"]):
        sandbox.email(actor, row["candidate_id"], rule["subject"], rule["body"], f"rule: entered {stage['name']}")


def reject(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    row = sandbox.row("applications", id)
    _need(row, "in_process")
    reason = sandbox.db["rejection_reasons"].get(values.get("rejection_reason_id"))
    if reason is None:
        raise invalid(("must exist", "rejection_reason_id"))
    mail = values.get("rejection_email")
    template = sandbox.db["email_templates"].get(mail.get("email_template_id")) if mail else None
    if mail and template is None:
        raise invalid(("must exist", "rejection_email.email_template_id"))
    now, db = sandbox.now(), sandbox.db
    db.create("rejection_details", actor, application_id=id, rejection_reason_id=reason["id"],
              notes=values.get("notes"), rejected_at=now)  # fmt: skip
    db.change("applications", id, actor, {"status": "rejected", "rejected_at": now, "last_activity_at": now})
    sandbox.activity(actor, row["candidate_id"], f"Rejected: {reason['name']}", id)
    if template:
        sandbox.email(actor, row["candidate_id"], template["name"], template["body"], "rejection")
    _fire(sandbox, "reject_candidate", row)
    return row


def change_reason(sandbox: Sandbox, actor: Actor, detail_id: int, values: Mapping[str, Any]) -> Row:
    detail = sandbox.row("rejection_details", detail_id)
    if sandbox.db["rejection_reasons"].get(values.get("rejection_reason_id")) is None:
        raise invalid(("must exist", "rejection_reason_id"))
    application = sandbox.row("applications", detail["application_id"])
    own = {"rejection_reason_id": values["rejection_reason_id"]}
    if sandbox.db.change("rejection_details", detail_id, actor, own):
        sandbox.db.mark("applications", application["id"], updated_at=sandbox.now())
        _fire(sandbox, "application_updated", application)
    return detail


def unreject(sandbox: Sandbox, actor: Actor, id: int) -> Row:
    row = sandbox.row("applications", id)
    _need(row, "rejected")
    for one in sandbox.db["rejection_details"].where("application_id", id):
        sandbox.db.delete("rejection_details", one["id"], actor)
    own = {"status": "in_process", "rejected_at": None, "last_activity_at": sandbox.now()}
    sandbox.db.change("applications", id, actor, own)
    sandbox.activity(actor, row["candidate_id"], "Unrejected", id)
    _fire(sandbox, "unreject_candidate", row)
    return row


def hire(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    """Mark as hired, filling an opening; with more than one open, `opening_id` says which."""
    row = sandbox.row("applications", id)
    if row["prospect"]:
        raise impossible("A prospect cannot be hired")
    _need(row, "in_process")
    db, now = sandbox.db, sandbox.now()
    if any(one["approval"] == "pending" and one["status"] == "Created"
           for one in db["offers"].where("application_id", id)):  # fmt: skip
        raise impossible("All offer approvals must be complete before hiring")
    free = [one for one in db["openings"].where("job_id", row["job_id"]) if one["open"]]
    wanted = values.get("opening_id")
    if wanted is None and len(free) > 1:
        raise Refused(422, Problem("opening_id is required when more than one opening is open"))
    opening = next((one for one in free if wanted in (None, one["id"])), None)
    if wanted is not None and opening is None:
        raise impossible(f"Opening {wanted} is not an open opening of this job")
    if opening:
        reason = values.get("close_reason_id")
        db.change("openings", opening["id"], actor, {"open": False, "closed_at": now, "application_id": id,
                                                     "close_reason_id": reason})  # fmt: skip
    for offer in db["offers"].where("application_id", id):
        if offer["status"] == "Created":
            db.change("offers", offer["id"], actor, {"status": "Accepted", "resolved_at": now})
    enter(sandbox, actor, row, None)
    db.change("applications", id, actor, {"status": "hired", "hired_at": now})
    sandbox.activity(actor, row["candidate_id"], "Hired", id)
    sandbox.hooks.emit("hire_candidate", lambda: payloads.hire(db, row))
    return row


def unhire(sandbox: Sandbox, actor: Actor, id: int) -> Row:
    """The button on the page; there is no such call in the interface."""
    row = sandbox.row("applications", id)
    _need(row, "hired")
    for opening in sandbox.db["openings"].where("application_id", id):
        sandbox.db.change("openings", opening["id"], actor, {"open": True, "closed_at": None, "application_id": None})
    past = sandbox.db["application_stages"].where("application_id", id)
    ladder = stages(sandbox, row["job_id"])
    back = next((one for one in ladder if past and one["id"] == past[-1]["job_interview_stage_id"]), ladder[0])
    sandbox.db.change("applications", id, actor, {"status": "in_process", "hired_at": None})
    enter(sandbox, actor, row, back)
    sandbox.activity(actor, row["candidate_id"], "Hire taken back", id)
    _fire(sandbox, "unhire_candidate", row)
    return row


def convert(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Make a prospect a candidate of a job. The result is a new application with a new id."""
    row = sandbox.row("applications", id)
    if not row["prospect"]:
        raise impossible("Application is not a prospect")
    _need(row, "in_process")
    stage = values.get("initial_stage_id", values.get("to_job_interview_stage_id"))
    new = apply(sandbox, actor, {"candidate_id": row["candidate_id"], "job_id": values.get("job_id"),
                                 "initial_stage_id": stage, "source_id": row["source_id"],
                                 "referrer_id": row["referrer_id"]}, quiet=True)  # fmt: skip
    sandbox.db.change("applications", id, actor, {"status": "converted"})
    announce(sandbox, new)
    return {"success": True, "old_application_id": id, "new_application_id": new["id"], "new_job_id": new["job_id"],
            "new_stage_id": new["job_interview_stage_id"]}  # fmt: skip


def delete(sandbox: Sandbox, actor: Actor, id: int) -> None:
    row = sandbox.row("applications", id)
    if row["prospect"]:
        raise impossible("A prospect cannot be deleted this way")
    last = payloads.application(sandbox.db, row) if sandbox.hooks.wanted("delete_application") else {}
    remove_application(sandbox, actor, id)
    sandbox.hooks.emit("delete_application", lambda: {"application": last})
