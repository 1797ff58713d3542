"""What can be done with jobs: opened with a ladder of stages, posted, changed, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.tables import SYSTEM, Actor, Row
from . import fields, payloads
from .errors import invalid
from .sandbox import Sandbox

LADDER = ("Application Review", "Phone Screen", "Technical Interview", "Onsite", "Offer")
QUESTION_TYPES = ("short_text", "long_text", "yes_no")
UPDATABLE = ("name", "requisition_id", "notes", "confidential", "department_id", "office_ids", "status",
             "custom_fields")  # fmt: skip
POST_UPDATABLE = ("title", "content", "internal_content", "location", "live", "internal", "external", "questions")
STATUSES = ("open", "closed", "draft")


def named(sandbox: Sandbox, kind: str, name: str | None, **values: Any) -> Row | None:
    """The row of that name, made if there is none."""
    if not name:
        return None
    for row in sandbox.db[kind]:
        if row["name"] == name:
            return row
    return sandbox.db.create(kind, SYSTEM, name=name, **values)


def department(sandbox: Sandbox, name: str | None) -> Row | None:
    return named(sandbox, "departments", name, parent_id=None, external_id=None)


def office(sandbox: Sandbox, name: str | None) -> Row | None:
    return named(sandbox, "offices", name, parent_id=None, external_id=None, location=name)


def question(spec: str | Mapping[str, Any], number: int) -> dict[str, Any]:
    """A question of an application form, from a text or {label, required, type}."""
    values: Mapping[str, Any] = {"label": spec} if isinstance(spec, str) else spec
    return {"id": number, "label": str(values["label"]), "required": bool(values.get("required", False)),
            "private": False, "type": values.get("type", "short_text")}  # fmt: skip


def open_job(sandbox: Sandbox, actor: Actor, spec: Mapping[str, Any]) -> Row:
    """A job with stages, openings, an interview kit for each interview stage and, while open, a live post.

    `spec` has the keys of `Options.jobs`. Fires job_created and job_post_created.
    """
    title = str(spec.get("title") or spec.get("name") or "").strip()
    if not title:
        raise invalid(("can't be blank", "name"))
    db, now, status = sandbox.db, sandbox.now(), spec.get("status", "open")
    if status not in STATUSES:
        raise invalid((f"Must be one of: {', '.join(STATUSES)}", "status"))
    room, place = department(sandbox, spec.get("department")), office(sandbox, spec.get("office"))
    row = db.create(
        "jobs", actor, name=title, requisition_id=spec.get("requisition_id"), notes=spec.get("notes"),
        confidential=bool(spec.get("confidential", False)), status=status, is_template=False,
        department_id=room["id"] if room else spec.get("department_id"),
        office_ids=[place["id"]] if place else list(spec.get("office_ids") or []), opened_at=now,
        closed_at=now if status == "closed" else None, custom_fields={},
    )  # fmt: skip
    for order, name in enumerate(spec.get("stages") or LADDER):
        add_stage(sandbox, actor, row["id"], str(name), order)
    for number in range(int(spec.get("openings", 1))):
        add_opening(sandbox, actor, row["id"], f"{row['id']}-{number + 1}", open=status == "open")
    team(sandbox, actor, row["id"], spec.get("team") or {})
    sandbox.hooks.emit("job_created", lambda: {"job": payloads.job(db, row)})
    post(sandbox, actor, row, spec, place["name"] if place else None)
    return row


def add_stage(sandbox: Sandbox, actor: Actor, job_id: int, name: str, order: int) -> Row:
    stage = sandbox.db.create("job_interview_stages", actor, job_id=job_id, name=name, sort_order=order, active=True)
    if any(word in name.lower() for word in ("interview", "onsite", "screen", "panel", "case")):
        slot = sandbox.db.create("job_interviews", actor, job_id=job_id, job_interview_stage_id=stage["id"], name=name,
                                 active=True, sort_order=0, estimated_minutes=45,
                                 scheduling_type="needs_scheduling")  # fmt: skip
        kit = sandbox.db.create("interview_kits", actor, job_interview_id=slot["id"], content="")
        sandbox.db.create("scorecard_questions", actor, interview_kit_id=kit["id"], question="What stood out?",
                          answer_type="text", sort_order=0, required=False)  # fmt: skip
    return stage


def rename_stage(sandbox: Sandbox, actor: Actor, stage_id: int, name: str) -> None:
    sandbox.row("job_interview_stages", stage_id)
    if not name.strip():
        raise invalid(("can't be blank", "name"))
    sandbox.db.change("job_interview_stages", stage_id, actor, {"name": name.strip()})


def add_opening(sandbox: Sandbox, actor: Actor, job_id: int, label: str | None, *, open: bool = True) -> Row:
    now = sandbox.now()
    return sandbox.db.create("openings", actor, job_id=job_id, opening_id=label, open=open, opened_at=now,
                             closed_at=None if open else now, close_reason_id=None, application_id=None,
                             target_start_on=None, custom_fields={})  # fmt: skip


def team(sandbox: Sandbox, actor: Actor, job_id: int, members: Mapping[str, Sequence[int]]) -> None:
    """Add owners (`recruiter`, `coordinator`, `sourcer`) and managers (`hiring_manager`) of a job, by user id."""
    for role, users in members.items():
        for user_id in users:
            if role == "hiring_manager":
                sandbox.db.create("job_hiring_managers", actor, job_id=job_id, user_id=user_id, active=True)
            else:
                sandbox.db.create("job_owners", actor, job_id=job_id, user_id=user_id, role=role, type=role,
                                  responsible=True, active=True)  # fmt: skip


def post(sandbox: Sandbox, actor: Actor, job: Row, spec: Mapping[str, Any], place: str | None) -> Row:
    """The public text of a job with the questions of its form."""
    live = job["status"] == "open" and not job["confidential"]
    row = sandbox.db.create(
        "job_posts", actor, job_id=job["id"], title=job["name"], content=str(spec.get("description") or ""),
        internal_content=None, location={"name": place} if place else None, live=live, active=True, internal=False,
        external=True, language="en", first_published_at=sandbox.now() if live else None,
        questions=[question(one, number) for number, one in enumerate(spec.get("questions") or (), start=1)],
        demographic_question_set_id=next((one["id"] for one in sandbox.db["demographic_question_sets"]), None),
        public_url=None,
    )  # fmt: skip
    row["public_url"] = f"/careers/jobs/{job['id']}"
    _placed(sandbox, actor, row)
    sandbox.hooks.emit("job_post_created", lambda: payloads.job_post(row))
    return row


def _placed(sandbox: Sandbox, actor: Actor, post: Row) -> None:
    """The places of a post, as a list of its own shows them: the text of its location."""
    name = (post["location"] or {}).get("name")
    for one in sandbox.db["job_post_locations"].where("job_post_id", post["id"]):
        sandbox.db.delete("job_post_locations", one["id"], actor)
    if name:
        sandbox.db.create("job_post_locations", actor, job_post_id=post["id"], type="free_text", office_id=None,
                          custom_location_id=None, plain_text_location=name)  # fmt: skip


def post_of(sandbox: Sandbox, job_id: int) -> Row | None:
    """The job's newest active post."""
    posts = [one for one in sandbox.db["job_posts"].where("job_id", job_id) if one["active"]]
    return posts[-1] if posts else None


def posted(sandbox: Sandbox) -> list[tuple[Row, Row]]:
    """What anybody sees: open jobs that have a live post, each with it."""
    rows = [(job, post_of(sandbox, job["id"])) for job in sandbox.db["jobs"]]
    return [(job, post) for job, post in rows if job["status"] == "open" and post and post["live"]]


def update(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    """Change a job; closing it closes its openings and takes its post off the careers page."""
    row, db = sandbox.row("jobs", id), sandbox.db
    unknown = [("cannot be changed here", key) for key in values if key not in UPDATABLE]
    if unknown:
        raise invalid(*unknown)
    own = dict(values)
    if "name" in own and not str(own["name"] or "").strip():
        raise invalid(("can't be blank", "name"))
    if "status" in own and own["status"] not in STATUSES:
        raise invalid((f"Must be one of: {', '.join(STATUSES)}", "status"))
    if own.get("department_id") is not None and db["departments"].get(own["department_id"]) is None:
        raise invalid(("must exist", "department_id"))
    if "custom_fields" in own:
        own["custom_fields"] = fields.merged(
            db, "job", row["custom_fields"], own["custom_fields"], tier=sandbox.options.tier,
            patch=sandbox.options.custom_fields_patch)  # fmt: skip
    changed = db.change("jobs", id, actor, own)
    if "status" in changed:
        _follow_status(sandbox, actor, row)
    if changed:
        sandbox.hooks.emit("job_updated", lambda: {"job": payloads.job(db, row)})
    return row


def _follow_status(sandbox: Sandbox, actor: Actor, row: Row) -> None:
    now, is_open = sandbox.now(), row["status"] == "open"
    sandbox.db.change("jobs", row["id"], actor, {"closed_at": None if is_open else now})
    if not is_open:
        for opening in sandbox.db["openings"].where("job_id", row["id"]):
            if opening["open"]:
                sandbox.db.change("openings", opening["id"], actor, {"open": False, "closed_at": now})
    for one in sandbox.db["job_posts"].where("job_id", row["id"]):
        update_post(sandbox, actor, one["id"], {"live": is_open and not row["confidential"]})


def update_post(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    row = sandbox.row("job_posts", id)
    unknown = [("cannot be changed here", key) for key in values if key not in POST_UPDATABLE]
    if unknown:
        raise invalid(*unknown)
    changed = sandbox.db.change("job_posts", id, actor, values)
    if "location" in changed:
        _placed(sandbox, actor, row)
    if changed:
        sandbox.hooks.emit("job_post_updated", lambda: payloads.job_post(row))
    return row
