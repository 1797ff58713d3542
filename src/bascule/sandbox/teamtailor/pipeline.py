"""Jobs, their own stages, and applications that walk through them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..kit.ids import Id
from ..kit.tables import Actor, Row
from . import partner, payloads
from .errors import Invalid
from .hooks import WATCHED
from .sandbox import Sandbox

INBOX, IN_PROCESS, HIRED = "Inbox", "In process", "Hired"
STATUSES = ("open", "draft", "archived", "unlisted", "temp")
REMOTE = ("none", "temporary", "hybrid", "fully")
REQUIREMENTS = ("off", "optional", "required")
STEP = 4_194_304
LADDER = ("Reviewing", "Interview", "Offer")
JOB: Mapping[str, Any] = {
    "pitch": None, "body": "", "status": "open", "internal": False, "pinned": False, "start_date": None,
    "end_date": None, "tags": [], "remote_status": "none", "external_application_url": None, "picture": None,
    "apply_button_text": None, "name_requirement": "required", "resume_requirement": "optional",
    "cover_letter_requirement": "optional", "phone_requirement": "optional", "department_id": None, "role_id": None,
    "location_ids": [], "region_ids": [], "user_id": None,
}  # fmt: skip


# Jobs.


def human_status(sandbox: Sandbox, row: Row) -> str:
    """What a person calls a job's state: its dates count where it is open."""
    now = sandbox.now()
    if row["status"] == "open":
        if row["end_date"] is not None and row["end_date"] <= now:
            return "expired"
        return "scheduled" if row["start_date"] is not None and row["start_date"] > now else "published"
    return "unsaved" if row["status"] == "temp" else row["status"]


def _checked(sandbox: Sandbox, values: Mapping[str, Any]) -> dict[str, Any]:
    problems: list[tuple[str, str]] = []
    for name in ("title", "body"):
        if name in values and not (isinstance(values[name], str) and values[name].strip()):
            problems.append((name, "can't be blank"))
    if "user_id" in values and sandbox.db["users"].get(values["user_id"]) is None:
        problems.append(("user", "must exist"))
    choices = {"status": STATUSES, "remote_status": REMOTE, **dict.fromkeys(
        (name for name in JOB if name.endswith("_requirement")), REQUIREMENTS)}  # fmt: skip
    for name, known in choices.items():
        if name in values and values[name] not in known:
            problems.append((name.replace("_", "-"), "is not included in the list"))
    if problems:
        raise Invalid(*problems)
    return dict(values)


def open_job(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], ladder: Sequence[str] = LADDER) -> Row:
    """A job with its Inbox, its stages in between and its Hired."""
    kept = _checked(sandbox, {"title": None, "body": None, "user_id": None, **values})
    row = sandbox.db.create("jobs", actor, **{**JOB, "tags": [], "location_ids": [], "region_ids": [], **kept})
    stages = [(INBOX, INBOX), *((name, IN_PROCESS) for name in ladder), (HIRED, HIRED)]
    for place, (name, kind) in enumerate(stages):
        sandbox.db.create("stages", actor, job_id=row["id"], name=name, stage_type=kind, row_order=(place - 1) * STEP)
    _tell_job(sandbox, row, "job.create")
    return row


def _tell_job(sandbox: Sandbox, row: Row, event: str) -> None:
    sandbox.hooks.emit(event, lambda: payloads.job(sandbox, row, human_status(sandbox, row)), about=f"job/{row['id']}")


def change_job(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> None:
    row = sandbox.row("jobs", id)
    if WATCHED["jobs"] & set(sandbox.db.change("jobs", id, actor, _checked(sandbox, values))):
        _tell_job(sandbox, row, "job.update")


def stages(sandbox: Sandbox, job_id: Id) -> list[Row]:
    return sorted(sandbox.db["stages"].where("job_id", job_id), key=lambda row: row["row_order"])


def add_stage(sandbox: Sandbox, actor: Actor, job_id: Id, name: str) -> Row:
    """One more stage, before Hired."""
    last = stages(sandbox, job_id)[-1]
    row = sandbox.db.create("stages", actor, job_id=job_id, name=name, stage_type=IN_PROCESS,
                            row_order=last["row_order"])  # fmt: skip
    sandbox.db.change("stages", last["id"], actor, {"row_order": last["row_order"] + STEP})
    return row


def rename_stage(sandbox: Sandbox, actor: Actor, id: Id, name: str) -> None:
    """Inbox and Hired keep their names. No webhook tells of it."""
    row = sandbox.row("stages", id)
    if row["stage_type"] != IN_PROCESS:
        raise Invalid(("name", "cannot be changed"))
    sandbox.db.change("stages", id, actor, {"name": name})


def add_trigger(sandbox: Sandbox, actor: Actor, stage_id: Id, kind: str, data: Mapping[str, Any]) -> Row:
    """What happens by itself when somebody comes into a stage: a `Message`, a `Tag`, a `Webhook` to a partner."""
    return sandbox.db.create("triggers", actor, stage_id=stage_id, trigger_type=kind, data=json.dumps(data))


# Applications.


def apply(sandbox: Sandbox, actor: Actor, candidate_id: Id, job_id: Id, **more: Any) -> Row:
    """Somebody applies, or is added to a job; each job has them once."""
    db = sandbox.db
    problems: list[tuple[str, str]] = []
    if db["candidates"].get(candidate_id) is None:
        problems.append(("candidate", "must exist"))
    if db["jobs"].get(job_id) is None:
        problems.append(("job", "must exist"))
    if not problems and any(row["job_id"] == job_id for row in db["applications"].where("candidate_id", candidate_id)):
        problems.append(("candidate", "has already been taken"))
    if problems:
        raise Invalid(*problems)
    stage = stages(sandbox, job_id)[0]
    if more.get("stage_id") is not None:
        stage = _own_stage(sandbox, job_id, more["stage_id"])
    row = db.create("applications", actor, candidate_id=candidate_id, job_id=job_id, **{
        "cover_letter": None, "rejected_at": None, "reject_reason_id": None, "referring_url": None,
        "referring_site": None, "sourced": False, "promotion_id": None, "changed_stage_at": db.now(),
        "row_order": len(db["applications"].where("job_id", job_id)), **more, "stage_id": stage["id"]})  # fmt: skip
    sandbox.activity(actor, "job_application", candidate_id, job_id)
    sandbox.hooks.emit("job_application.create", lambda: payloads.application(sandbox, row),
                       about=f"job_application/{row['id']}")  # fmt: skip
    _run_triggers(sandbox, actor, row)
    return row


def _own_stage(sandbox: Sandbox, job_id: Id, stage_id: Id) -> Row:
    stage = sandbox.db["stages"].get(stage_id)
    if stage is None:
        raise Invalid(("stage", "must exist"))
    if stage["job_id"] != job_id:
        raise Invalid(("stage", "must belong to the same job"))
    return stage


def update(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> bool:
    """Change an application: text, stage, rejection, reason. One event for all that changed; whether anything did."""
    row = sandbox.row("applications", id)
    kept = dict(values)
    if "stage_id" in kept:
        stage = _own_stage(sandbox, row["job_id"], kept["stage_id"])
        if stage["id"] != row["stage_id"]:
            kept["changed_stage_at"] = sandbox.now()
    if kept.get("reject_reason_id") is not None and sandbox.db["reject_reasons"].get(kept["reject_reason_id"]) is None:
        raise Invalid(("reject-reason", "must exist"))
    if "rejected_at" in kept and kept["rejected_at"] is None and row["rejected_at"] is not None:
        kept.setdefault("reject_reason_id", None)
    before = row["rejected_at"]
    changed = sandbox.db.change("applications", id, actor, kept)
    if "stage_id" in changed:
        sandbox.activity(actor, "stage", row["candidate_id"], row["job_id"], stage_id=row["stage_id"])
    if "rejected_at" in changed:
        code = "rejected" if row["rejected_at"] else "unrejected"
        if not (before and row["rejected_at"]):
            sandbox.activity(actor, code, row["candidate_id"], row["job_id"])
    if WATCHED["applications"] & set(changed):
        sandbox.hooks.emit("job_application.update", lambda: payloads.application(sandbox, row),
                           about=f"job_application/{id}")  # fmt: skip
    if "stage_id" in changed:
        _run_triggers(sandbox, actor, row)
    return bool(changed)


def reject(
    sandbox: Sandbox, actor: Actor, id: Id, reason_id: Id, message: str = "", at: datetime | None = None
) -> None:
    """As a person does it: with a reason, and with a message to the candidate or without."""
    update(sandbox, actor, id, {"rejected_at": at or sandbox.now(), "reject_reason_id": reason_id})
    if message:
        row = sandbox.row("applications", id)
        person = sandbox.db["candidates"].rows[row["candidate_id"]]
        sandbox.email(actor, person["email"], "Your application", message, "rejected with a message", person["id"])


def delete(sandbox: Sandbox, actor: Actor, id: Id, *, keep_notes: bool = False) -> None:
    """Only the application, and the notes written about it; the person stays. The audit log says nothing of it."""
    row = sandbox.row("applications", id)
    if not keep_notes:
        for one in sandbox.db["notes"].where("application_id", id):
            sandbox.db.delete("notes", one["id"], actor)
    sandbox.db.delete("applications", id, actor)
    sandbox.hooks.emit("job_application.destroy", lambda: payloads.gone("job_applications", row["id"]),
                       about=f"job_application/{id}")  # fmt: skip


def _run_triggers(sandbox: Sandbox, actor: Actor, row: Row) -> None:
    """What the stage does by itself with who comes into it."""
    from . import people

    person = sandbox.db["candidates"].rows[row["candidate_id"]]
    for trigger in sandbox.db["triggers"].where("stage_id", row["stage_id"]):
        data, by = json.loads(trigger["data"]), Actor("system", actor.user_id)
        match trigger["trigger_type"]:
            case "Message":
                sandbox.email(
                    by, person["email"], data["subject"], data["body"], f"trigger {trigger['id']}", person["id"]
                )
            case "Tag":
                people.update(sandbox, by, person["id"], {"tags": [*person["tags"], *data["tags"]]})
            case "Webhook":
                partner.trigger(sandbox, by, row, trigger, data)
            case _:
                pass
