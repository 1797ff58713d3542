"""What people and programs do in a company; both do it through these functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ..kit.errors import Refused
from ..kit.ids import Id
from ..kit.tables import Actor, Row
from .tables import DIVIDED, ONBOARDING, OVER, STATUSES

if TYPE_CHECKING:
    from .sandbox import Sandbox

BLANK: Mapping[str, Any] = {
    "first_name": "", "last_name": "", "email": "", "phone": None, "location": None, "web": {}, "tags": [],
    "education": [], "experience": [], "internal": False, "consent": "NOT_REQUESTED",
}  # fmt: skip
# What a person's profile shows of itself and lets be changed.
PROFILE = ("first_name", "last_name", "email", "phone", "location", "web")
MENTION = re.compile(r"@\[USER:([0-9A-Za-z-]+)\]")
TAGGED = re.compile(r"#\[CANDIDATE:([0-9A-Za-z-]+)\]")
MARKUP = re.compile(r"</?[A-Za-z][^>]*>")
LONGEST = 10_000


# People.


def touch(sandbox: Sandbox, candidate_id: Id, *, profile: bool = False) -> None:
    """`updatedOn` of a candidate follows what happens to it, or only its profile."""
    if profile or sandbox.options.updated_on == "everything":
        sandbox.db.mark("candidates", candidate_id, updated_at=sandbox.now())


def by_email(sandbox: Sandbox, email: str) -> Row | None:
    return sandbox.db["candidates"].first("email", email) if email else None


def create_candidate(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any]) -> Row:
    """Somebody new; or whoever has that e-mail address already, with what is given now."""
    for key in ("first_name", "last_name"):
        if not values.get(key):
            raise Refused(400, f"{_word(key)} is required", code="MISSING_FIELD", field=_word(key))
    known = by_email(sandbox, values.get("email") or "") if sandbox.options.duplicates == "merge" else None
    if known is not None:
        edit_candidate(sandbox, actor, known["id"], {key: values[key] for key in PROFILE if values.get(key)})
        if values.get("tags"):
            set_tags(sandbox, actor, known, [*known["tags"], *values["tags"]])
        return known
    row = sandbox.db.create("candidates", actor, **{**BLANK, **values})
    sandbox.emit("candidate.created", f"/candidates/{row['id']}", f"candidate/{row['id']}", id=row["id"])
    return row


def _word(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(one.title() for one in rest)


def edit_candidate(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> bool:
    changed = sandbox.db.change("candidates", id, actor, values)
    if changed:
        sandbox.emit("candidate.updated", f"/candidates/{id}", f"candidate/{id}", id=id)
    return bool(changed)


def set_tags(sandbox: Sandbox, actor: Actor, row: Row, tags: Sequence[str]) -> None:
    """Tags as they are from now on, each once. No event tells of it."""
    kept = list(dict.fromkeys(one.strip() for one in tags if one.strip()))
    if sandbox.db.change("candidates", row["id"], actor, {"tags": kept}, touch=False):
        touch(sandbox, row["id"], profile=True)


def delete_candidate(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """The whole person, with every application. Messages stay without the person they were about."""
    db = sandbox.db
    for kind in ("history", "attachments", "reviews", "applications"):
        for row in db[kind].where("candidate_id", id):
            db.delete(kind, row["id"], actor)
    for note in [row for row in db["notes"] if id in row["candidates"]]:
        left = [one for one in note["candidates"] if one != id]
        db.change("notes", note["id"], actor, {"candidates": left, "candidate_id": left[0] if left else None})
    db.delete("candidates", id, actor)
    sandbox.emit("candidate.deleted", f"/candidates/{id}", f"candidate/{id}", id=id)


def merge(sandbox: Sandbox, actor: Actor, into: Id, who: Id) -> None:
    """Give everything of one person to another, and delete what is left."""
    db = sandbox.db
    held = {row["job_id"] for row in db["applications"].where("candidate_id", into)}
    for row in db["applications"].where("candidate_id", who):
        if row["job_id"] in held:
            continue
        for kind in ("history", "attachments", "reviews"):
            for one in db[kind].where("application_id", row["id"]):
                db.change(kind, one["id"], actor, {"candidate_id": into})
        db.change("applications", row["id"], actor, {"candidate_id": into})
    for one in db["attachments"].where("candidate_id", who):
        if one["application_id"] is None:
            db.change("attachments", one["id"], actor, {"candidate_id": into})
    for note in [row for row in db["notes"] if who in row["candidates"]]:
        named = list(dict.fromkeys(into if one == who else one for one in note["candidates"]))
        db.change("notes", note["id"], actor, {"candidates": named, "candidate_id": named[0]})
    first, second = db["candidates"].rows[into], db["candidates"].rows[who]
    filled = {key: second[key] for key in (*PROFILE, "tags") if not first[key] and second[key]}
    delete_candidate(sandbox, actor, who)
    if not edit_candidate(sandbox, actor, into, filled):
        touch(sandbox, into)


# Applications.


def primary(sandbox: Sandbox, candidate_id: Id) -> Row | None:
    """The application a profile shows first: the newest that is still under way, else the newest."""
    rows = sandbox.db["applications"].where("candidate_id", candidate_id)
    return max(rows, key=lambda row: (row["status"] not in OVER, row["created_at"]), default=None)


def told(sandbox: Sandbox, action: str, application: Row, path: str = "", **more: Id) -> None:
    """An event of an application, which has no name but its candidate's and its job's."""
    candidate, job = application["candidate_id"], application["job_id"]
    sandbox.emit(action, f"/candidates/{candidate}/jobs/{job}{path}", f"application/{application['id']}",
                 job_id=job, candidate_id=candidate, **more)  # fmt: skip


def apply(
    sandbox: Sandbox, actor: Actor, candidate_id: Id, job_id: Id, *, source: Mapping[str, Any] | None = None,
    answers: Sequence[tuple[str, str]] = (), lead: bool = False,
) -> Row:  # fmt: skip
    """Put a candidate on a job, at the beginning of its hiring process."""
    db, job = sandbox.db, sandbox.db["jobs"].rows[job_id]
    if any(row["job_id"] == job_id for row in db["applications"].where("candidate_id", candidate_id)):
        raise Refused(409, "The candidate is assigned to this job already", code="CANDIDATE_ALREADY_ASSIGNED")
    if job["status"] in ("FILLED", "CANCELLED"):
        raise Refused(409, f"The job is {job['status']}", code="JOB_NOT_ACTIVE")
    stage = sandbox.stage(job["process_id"], "LEAD" if lead else "NEW")
    assert stage is not None
    row = db.create(
        "applications", actor, candidate_id=candidate_id, job_id=job_id, stage_id=stage["id"], status=stage["status"],
        reason_id=None, starts_on=None, onboarding=None, properties={}, answers=list(answers),
        source=dict(source or {"sourceTypeId": "API", "sourceId": "API"}),
    )  # fmt: skip
    _remember(sandbox, actor, row)
    touch(sandbox, candidate_id)
    told(sandbox, "application.created", row)
    if answers:
        told(sandbox, "application.screening-answers.created", row, "/screening-answers")
    return row


def _remember(sandbox: Sandbox, actor: Actor, application: Row) -> None:
    sandbox.db.create("history", actor, candidate_id=application["candidate_id"], application_id=application["id"],
                      stage_id=application["stage_id"], status=application["status"])  # fmt: skip


def set_status(sandbox: Sandbox, actor: Actor, application: Row, asked: Mapping[str, Any]) -> bool:
    """Move, reject, withdraw or hire: `status`, `subStatus`, `reason`, `startsOn`. Whether anything changed."""
    status, options = asked.get("status"), sandbox.options
    if status not in STATUSES or status == "TRANSFERRED":
        raise Refused(400, f"status cannot be {status}", code="INVALID_STATUS", field="status")
    ended = application["status"] in ("REJECTED", "WITHDRAWN") and status != application["status"]
    if ended and options.unreject == "refused":
        raise Refused(409, f"The candidate is {application['status']}", code="STATUS_CHANGE_NOT_ALLOWED")
    stage = _stage(sandbox, application, str(status), asked.get("subStatus"))
    reason = _reason(sandbox, str(status), asked.get("reason"))
    values: dict[str, Any] = {"status": status, "stage_id": stage["id"], "reason_id": reason}
    if asked.get("startsOn") is not None:
        if status not in ("OFFERED", "HIRED"):
            raise Refused(400, "startsOn goes with OFFERED and HIRED", code="INVALID_FORMAT", field="startsOn")
        values["starts_on"] = _date(asked["startsOn"], "startsOn")
    if status == "HIRED":
        _complete(sandbox, application)
    moved = application["stage_id"] != stage["id"]
    changed = sandbox.db.change("applications", application["id"], actor, values)
    if not changed:
        return False
    if moved:
        _remember(sandbox, actor, application)
    touch(sandbox, application["candidate_id"])
    told(sandbox, "application.status.updated", application)
    return True


def _stage(sandbox: Sandbox, application: Row, status: str, name: Any) -> Row:
    process = sandbox.db["jobs"].rows[application["job_id"]]["process_id"]
    names = [row["name"] for row in sandbox.ladder(process) if row["status"] == status and row["name"]]
    if name is not None and name not in names:
        raise Refused(400, f"{status} has no sub-status {name} in the hiring process of this job",
                      code="INVALID_SUB_STATUS", field="subStatus")  # fmt: skip
    if name is None and names and sandbox.options.sub_status == "first":
        name = names[0]
    stage = sandbox.stage(process, status, name)
    assert stage is not None
    return stage


def _reason(sandbox: Sandbox, status: str, id: Any) -> Id:
    ends = {"REJECTED": "rejection", "WITHDRAWN": "withdrawal"}
    if id is None:
        if status in ends and sandbox.options.reasons_required:
            raise Refused(400, "reason is required", code="MISSING_FIELD", field="reason")
        return None
    row = sandbox.db["reasons"].get(id)
    if row is None or row["kind"] != ends.get(status):
        raise Refused(400, f"{id} is no reason for {status}", code="INVALID_REASON", field="reason")
    return row["id"]


def _date(value: Any, field: str) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise Refused(400, f"{value} is no date", code="INVALID_FORMAT", field=field) from None


def _complete(sandbox: Sandbox, application: Row) -> None:
    """What the hire form asks for must be there."""
    for row in sandbox.db["properties"]:
        if row["required"] and "HIRE_FORM" in row["contexts"] and application["properties"].get(row["id"]) is None:
            raise Refused(400, f"{row['label']} is required", code="MISSING_FIELD", field=row["label"])


def set_source(sandbox: Sandbox, actor: Actor, application: Row, source: Mapping[str, Any]) -> None:
    if not source.get("sourceTypeId") or not source.get("sourceId"):
        raise Refused(400, "sourceTypeId and sourceId are required", code="MISSING_FIELD", field="sourceTypeId")
    if sandbox.db.change("applications", application["id"], actor, {"source": dict(source)}):
        touch(sandbox, application["candidate_id"])
        told(sandbox, "application.source.updated", application)


def set_onboarding(sandbox: Sandbox, actor: Actor, application: Row, status: Any) -> None:
    if status not in ONBOARDING:
        raise Refused(400, f"onboardingStatus must be one of {', '.join(ONBOARDING)}", code="INVALID_FORMAT",
                      field="onboardingStatus")  # fmt: skip
    if application["status"] != "HIRED":
        raise Refused(409, "The candidate is not hired", code="CANDIDATE_NOT_HIRED")
    if sandbox.db.change("applications", application["id"], actor, {"onboarding": status}):
        touch(sandbox, application["candidate_id"])
        told(sandbox, "application.onboarding-status.updated", application)


# Properties: the custom fields, with values of each application.


def set_properties(sandbox: Sandbox, actor: Actor, application: Row, asked: Mapping[Id, Any]) -> bool:
    """Values by the id of their property, None clearing one. All or none of them."""
    values = dict(application["properties"])
    for id, value in asked.items():
        row = sandbox.db["properties"].get(id)
        if row is None:
            raise Refused(404, f"There is no candidate property {id}", code="PROPERTY_NOT_FOUND")
        checked = None if value is None else _checked(sandbox, row, value)
        if checked is None:
            values.pop(id, None)
        else:
            values[id] = checked
    if not sandbox.db.change("applications", application["id"], actor, {"properties": values}):
        return False
    touch(sandbox, application["candidate_id"])
    told(sandbox, "application.fields.updated", application, "/properties")
    return True


def _checked(sandbox: Sandbox, row: Row, value: Any) -> Any:
    """A value as it is kept. Raises Refused (400) for what is not of the property's type."""
    try:
        match row["type"]:
            case "NUMBER" | "PERCENT":
                number = float(value) if not isinstance(value, bool) else float("nan")
                if number != number or number in (float("inf"), float("-inf")):
                    raise ValueError
                return int(number) if number.is_integer() else number
            case "BOOLEAN":
                return {True: True, False: False, "true": True, "false": False}[value]
            case "DATE":
                return date.fromisoformat(str(value)[:10]).isoformat()
            case "CURRENCY":
                return {"code": str(value["code"]), "value": float(value["value"])}
            case "SINGLE_SELECT":
                key = "id" if sandbox.options.select == "id" else "label"
                given = value.get(key) if isinstance(value, dict) else value
                return next(one["id"] for one in row["values"] if one[key] == given)
            case _:
                if not isinstance(value, str):
                    raise ValueError
                return value
    except (ValueError, KeyError, TypeError, StopIteration):
        raise Refused(400, f"{value!r} is no value of {row['label']} ({row['type']})", code="INVALID_FORMAT",
                      field="value") from None  # fmt: skip


def new_property(
    sandbox: Sandbox, actor: Actor, label: str, type: str, contexts: Sequence[str], *, values: Sequence[str] = (),
    required: bool = False,
) -> Row:  # fmt: skip
    row = sandbox.db.create("properties", actor, label=label, type=type, contexts=list(contexts), required=required,
                            values=[])  # fmt: skip
    for one in values:
        new_value(sandbox, actor, row, one)
    return row


def new_value(sandbox: Sandbox, actor: Actor, row: Row, label: str) -> dict[str, str]:
    """One more choice of a property. Its id is made of the property's."""
    if row["type"] != "SINGLE_SELECT":
        raise Refused(400, f"{row['label']} has no values to choose from", code="INVALID_PROPERTY_TYPE")
    if not 1 <= len(label) <= 1_000:
        raise Refused(400, "label must have 1 to 1000 characters", code="INVALID_FORMAT", field="label")
    if any(one["label"] == label for one in row["values"]):
        raise Refused(409, f"There is a value {label} already", code="VALUE_ALREADY_EXISTS")
    made = {"id": f"{row['id'][:23]}-{len(row['values']) + 1:012x}", "label": label}
    sandbox.db.change("properties", row["id"], actor, {"values": [*row["values"], made]})
    return made


# Messages, attachments, reviews.


def share(sandbox: Sandbox, actor: Actor, asked: Mapping[str, Any]) -> Row:
    """A message. Who is mentioned gets an e-mail; who is tagged with # has it on the profile."""
    db, content = sandbox.db, asked.get("content")
    if not isinstance(content, str) or not 1 <= len(content) <= LONGEST:
        raise Refused(400, f"content must have 1 to {LONGEST} characters", code="INVALID_FORMAT", field="content")
    if MARKUP.search(content):
        raise Refused(400, "content must not have HTML", code="INVALID_FORMAT", field="content")
    about = list(dict.fromkeys(TAGGED.findall(content)))
    mentioned = list(dict.fromkeys(MENTION.findall(content)))
    share: Mapping[str, Any] = asked.get("shareWith") or {}
    jobs, users = list(share.get("hiringTeamOf") or ()), list(share.get("users") or ())
    for kind, ids in (("candidates", about), ("users", [*mentioned, *users]), ("jobs", jobs)):
        for id in ids:
            if db[kind].get(id) is None:
                raise Refused(400, f"There is nothing in {kind} with the id {id}", code="INVALID_REFERENCE")
    visibility = ("EVERYONE" if share.get("everyone") else "OPEN" if share.get("openNote")
                  else "DIRECT" if jobs or users or mentioned else "PRIVATE")  # fmt: skip
    row = db.create(
        "notes", actor, content=content, candidates=about, candidate_id=about[0] if about else None,
        author_id=actor.user_id, correlation=asked.get("correlationId"), visibility=visibility,
        readers=[*mentioned, *users, *(one["id"] for job in jobs for one in db["jobs"].rows[job]["team"])],
    )  # fmt: skip
    for id in mentioned:
        sandbox.mail(db["users"].rows[id]["email"], "You were mentioned", content, "messages")
    return row


def reads(user_id: Id, note: Row) -> bool:
    """Whether a message is shown to somebody."""
    return note["visibility"] in ("OPEN", "EVERYONE") or user_id in (note["author_id"], *note["readers"])


def attach(
    sandbox: Sandbox, actor: Actor, candidate_id: Id, name: str, content_type: str, content: bytes, *,
    type: str = "GENERIC_FILE", application: Row | None = None,
) -> Row:  # fmt: skip
    row = sandbox.db.create(
        "attachments", actor, candidate_id=candidate_id, application_id=application and application["id"], name=name,
        content_type=content_type, content=content, type=type,
    )  # fmt: skip
    touch(sandbox, candidate_id)
    if application is not None:
        told(sandbox, "application.attachment.created", application, "/attachments", attachment_id=row["id"])
    return row


def review(sandbox: Sandbox, actor: Actor, application: Row, reviewer_id: Id, rating: Any, comment: Any) -> Row:
    """What a user thinks of an application, from 1 to 5, and why."""
    db = sandbox.db
    if db["users"].get(reviewer_id) is None:
        raise Refused(400, f"There is no user {reviewer_id}", code="INVALID_REFERENCE", field="reviewerId")
    mine = [row for row in db["reviews"].where("application_id", application["id"]) if row["user_id"] == reviewer_id]
    if mine and sandbox.options.second_review == "refused":
        raise Refused(409, "This user has reviewed the candidate already", code="REVIEW_ALREADY_EXISTS")
    row = db.create("reviews", actor, candidate_id=application["candidate_id"], application_id=application["id"],
                    user_id=reviewer_id, rating=rated(sandbox, rating), comment=str(comment or ""))  # fmt: skip
    reviewed(sandbox, "review.created", row)
    return row


def reviewed(sandbox: Sandbox, action: str, row: Row) -> None:
    if sandbox.options.review_events:
        sandbox.emit(action, f"/reviews-api/v201910/reviews/{row['id']}", f"review/{row['id']}", id=row["id"])


def rated(sandbox: Sandbox, rating: Any) -> int:
    if isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5:
        name = sandbox.options.rating
        raise Refused(400, f"{name} must be a whole number from 1 to 5", code="INVALID_FORMAT", field=name)
    return rating


# Jobs and hiring processes.


def set_job_status(sandbox: Sandbox, actor: Actor, id: Id, status: str) -> None:
    if sandbox.db.change("jobs", id, actor, {"status": status}):
        sandbox.emit("job.status.updated", f"/jobs/{id}", f"job/{id}", id=id)


def open_process(sandbox: Sandbox, name: str, names: Mapping[str, Sequence[str]]) -> Row:
    """A hiring process: every status, and the sub-statuses by which it divides some."""
    row = sandbox.db.create("processes", Actor("system"), name=name, active=True)
    for status in STATUSES:
        for one in (None, *(names.get(status, ()) if status in DIVIDED else ())):
            sandbox.db.create("stages", Actor("system"), process_id=row["id"], status=status, name=one)
    return row
