"""What hangs on an opportunity: notes, files, profile forms, feedback, interviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..kit.ids import Id, uuids
from ..kit.tables import Actor, Row
from .errors import forbidden, invalid, missing
from .people import create_opportunity, update_contact
from .sandbox import Sandbox, name_of

LARGEST = 30 * 1024 * 1024
# Of profile forms; feedback has three more.
FORM_FIELDS = ("currency", "date", "dropdown", "multiple-choice", "multiple-select", "text", "textarea", "yes-no")
FEEDBACK_FIELDS = (*FORM_FIELDS, "code", "score", "score-system")
WITH_OPTIONS = ("dropdown", "multiple-choice", "multiple-select", "score-system")
SCORE_SYSTEM = ("1 - Strong No Hire", "2 - No Hire", "3 - Hire", "4 - Strong Hire")
REMINDERS = ("once", "daily", "frequently", "none")


def moment(sandbox: Sandbox, value: Any, name: str, *, future: bool = False) -> datetime:
    """A time of a body, in milliseconds. Raises Refused (400), also for one that has not come yet unless `future`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"{name} must be a timestamp in milliseconds")
    try:
        at = datetime.fromtimestamp(value // 1000, UTC) + timedelta(milliseconds=value % 1000)
    except (ValueError, OverflowError, OSError):
        raise invalid(f"{name} must be a timestamp in milliseconds") from None
    if not future and at > sandbox.now():
        raise invalid(f"{name} cannot be in the future")
    return at


def below(sandbox: Sandbox, kind: str, opportunity_id: Id, id: Id) -> Row:
    """A row of this opportunity, or Refused (404). What is deleted is gone here, even where lists still show it."""
    row = sandbox.db[kind].get(id)
    if row is None or row["application_id"] != opportunity_id:
        raise missing(name_of(kind))
    return row


# Notes.


def score_of(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or value not in (1, 2, 3, 4):
        raise invalid("score must be an integer from 1 to 4")
    return value


def _field(sandbox: Sandbox, actor: Actor, row: Row, value: Any, score: Any, at: datetime) -> dict[str, Any]:
    if not isinstance(value, str) or not value.strip():
        raise invalid("value must be a string")
    return {"value": value, "score": score_of(score), "user": actor.user_id, "stage": row["stage_id"], "at": at}


def note(sandbox: Sandbox, actor: Actor, opportunity_id: Id, values: Mapping[str, Any], reply_to: Id = None) -> Row:
    """Write a note, or a reply below another. `notifyFollowers` e-mails those who follow the opportunity."""
    row = sandbox.row("applications", opportunity_id)
    at = moment(sandbox, values["createdAt"], "createdAt") if values.get("createdAt") is not None else sandbox.now()
    for key in ("secret", "notifyFollowers"):
        if not isinstance(values.get(key, False), bool):
            raise invalid(f"{key} must be a boolean")
    field = _field(sandbox, actor, row, values.get("value"), values.get("score"), at)
    if reply_to is not None:
        made = below(sandbox, "notes", opportunity_id, reply_to)
        sandbox.db.change("notes", made["id"], actor, {"fields": [*made["fields"], field]})
    else:
        made = sandbox.db.create(
            "notes", actor, application_id=opportunity_id, candidate_id=row["candidate_id"], user_id=actor.user_id,
            secret=values.get("secret", False), by_api=actor.kind.startswith("api:"), fields=[field], created_at=at,
            completed_at=at, deleted_at=None,
        )  # fmt: skip
    if values.get("notifyFollowers"):
        users = (sandbox.db["users"].get(one) for one in row["followers"])
        to = [one["email"] for one in users if one is not None and one["id"] != actor.user_id]
        if to:
            sandbox.email(actor, to, "New note", field["value"], "note for followers", row["candidate_id"])
    sandbox.interacted(opportunity_id, "notes")
    return made


def rewrite_note(sandbox: Sandbox, actor: Actor, opportunity_id: Id, id: Id, values: Mapping[str, Any]) -> Row:
    """Replace what a note says; only of a note that was made through the interface."""
    made = below(sandbox, "notes", opportunity_id, id)
    _by_api(made, "note")
    given, row = values.get("values"), sandbox.row("applications", opportunity_id)
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid("values must be an array of objects with a value")
    fields = [
        _field(sandbox, actor, row, one.get("value"), one.get("score"),
               moment(sandbox, one["createdAt"], "createdAt") if one.get("createdAt") is not None else sandbox.now())
        for one in given
    ]  # fmt: skip
    sandbox.db.change("notes", id, actor, {"fields": fields})
    sandbox.interacted(opportunity_id, "notes")
    return made


def _by_api(row: Row, what: str) -> None:
    if not row["by_api"]:
        raise forbidden(f"Only a {what} created via the API can be updated or deleted via the API")


def remove(sandbox: Sandbox, actor: Actor, kind: str, opportunity_id: Id, id: Id, *, by_api: bool = True) -> None:
    """Delete a note, a form or feedback. Through the interface, only what came through it."""
    row = below(sandbox, kind, opportunity_id, id)
    if row.get("deleted_at") is not None:
        raise missing(name_of(kind))
    if by_api:
        _by_api(row, kind.rstrip("s"))
    if sandbox.options.deleted == "marked" and kind != "attachments":
        sandbox.db.change(kind, id, actor, {"deleted_at": sandbox.now()})
    else:
        sandbox.db.delete(kind, id, actor)
    if kind in ("notes", "forms", "feedback"):
        sandbox.interacted(opportunity_id, kind)


# Files.


def keep(
    sandbox: Sandbox, actor: Actor, opportunity_id: Id, name: str, content: bytes, *, kind: str = "file",
    parsed: Mapping[str, Any] | None = None,
) -> Row:  # fmt: skip
    """Attach a file or a resume."""
    row = sandbox.row("applications", opportunity_id)
    if len(content) > LARGEST:
        raise invalid("A file cannot be larger than 30 MB")
    name = name.replace("/", "_") or "file"
    made = sandbox.db.create(
        "attachments", actor, application_id=opportunity_id, candidate_id=row["candidate_id"], kind=kind, name=name,
        ext=name.rpartition(".")[2].lower() if "." in name else "", content=content, size=len(content),
        parsed=dict(parsed or {}),
    )  # fmt: skip
    sandbox.interacted(opportunity_id, "files")
    return made


# Templates, and forms made after them.


def template_fields(sandbox: Sandbox, given: Any, known: Sequence[str], before: Sequence[Row] = ()) -> list[Row]:
    """The fields of a template out of a body; one that names its id stays the field it was."""
    if not isinstance(given, list) or not given:
        raise invalid("fields must be an array of fields")
    old = {one["id"] for one in before}
    fields: list[Row] = []
    for number, one in enumerate(given):
        if not isinstance(one, dict) or not isinstance(one.get("text"), str) or not one["text"].strip():
            raise invalid("Each field needs a text")
        if one.get("type") not in known:
            raise invalid(f"type must be one of {', '.join(known)}")
        options = one.get("options")
        if one["type"] == "score-system":
            options = [{"text": text} for text in SCORE_SYSTEM]
        elif one["type"] in WITH_OPTIONS:
            texts = [each.get("text") if isinstance(each, dict) else each for each in options or ()]
            if not texts or not all(isinstance(each, str) and each for each in texts):
                raise invalid(f"A field of type {one['type']} needs options")
            options = [{"text": each, "optionId": new_id(sandbox)} for each in texts]
        fields.append({
            "id": one["id"] if one.get("id") in old else new_id(sandbox), "type": one["type"],
            "text": one["text"].strip(), "description": str(one.get("description") or ""),
            "required": bool(one.get("required", False)), **({"options": options} if options else {}),
            "position": number,
        })  # fmt: skip
    return fields


def new_id(sandbox: Sandbox) -> str:
    """A UUID for what stands within a row."""
    return uuids(sandbox.options.seed, "inner")(sandbox.random.getrandbits(60))


def save_template(
    sandbox: Sandbox, actor: Actor, kind: str, values: Mapping[str, Any], id: Id = None
) -> Row:  # fmt: skip
    """Make a template of forms or of feedback, or replace one: what was filled in before stays as it was."""
    known = FEEDBACK_FIELDS if kind == "feedback_templates" else FORM_FIELDS
    before = sandbox.row(kind, id) if id is not None else None
    if not isinstance(values.get("text"), str) or not values["text"].strip():
        raise invalid("text must be a string")
    chosen: dict[str, Any] = {
        "text": values["text"].strip(), "instructions": str(values.get("instructions") or ""),
        "group": values.get("group"), "secret_by_default": bool(values.get("secretByDefault", False)),
        "fields": template_fields(sandbox, values.get("fields"), known, before["fields"] if before else ()),
    }  # fmt: skip
    if before is None:
        return sandbox.db.create(kind, actor, by_api=actor.kind.startswith("api:"), **chosen)
    sandbox.db.change(kind, before["id"], actor, chosen)
    return before


def delete_template(sandbox: Sandbox, actor: Actor, kind: str, id: Id) -> None:
    row = sandbox.row(kind, id)
    if actor.kind.startswith("api:"):
        _by_api(row, "template")
    sandbox.db.delete(kind, id, actor)


def _value(field: Row, value: Any) -> Any:
    """A value that a field takes. Raises ValueError."""
    options = [one["text"] for one in field.get("options", ())]
    match field["type"]:
        case "multiple-select":
            if not isinstance(value, list) or any(one not in options for one in value):
                raise ValueError
        case "dropdown" | "multiple-choice" | "score-system":
            if value not in options:
                raise ValueError
        case "yes-no":
            if value not in ("yes", "no", "?"):
                raise ValueError
        case "currency" | "date":
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise ValueError
        case "score":
            if isinstance(value, bool) or value not in (1, 2, 3, 4):
                raise ValueError
        case _:
            if not isinstance(value, str):
                raise ValueError
    return value


def filled(template: Row, given: Any, refused: str) -> list[Row]:
    """A template's fields with the values of a body: every field must be there, and no other."""
    values = {one["id"]: one.get("value") for one in given if isinstance(one, dict) and "id" in one} \
        if isinstance(given, list) else None  # fmt: skip
    if values is None or set(values) != {one["id"] for one in template["fields"]}:
        raise invalid(refused)
    fields: list[Row] = []
    for field in template["fields"]:
        value = values[field["id"]]
        try:
            if field["required"] and value in (None, "", []):
                raise ValueError
            if value not in (None, ""):
                value = _value(field, value)
        except ValueError:
            raise invalid(refused) from None
        fields.append({**field, "value": value})
    return fields


def form(sandbox: Sandbox, actor: Actor, opportunity_id: Id, values: Mapping[str, Any]) -> Row:
    """Fill in a profile form. There is no way to change it: who has a new value fills in another."""
    row = sandbox.row("applications", opportunity_id)
    template = _template(sandbox, "form_templates", values)
    at = moment(sandbox, values["createdAt"], "createdAt") if values.get("createdAt") is not None else sandbox.now()
    made = sandbox.db.create(
        "forms", actor, application_id=opportunity_id, candidate_id=row["candidate_id"], template_id=template["id"],
        text=template["text"], instructions=template["instructions"], user_id=actor.user_id, stage_id=row["stage_id"],
        secret=bool(values.get("secret", template["secret_by_default"])), created_at=at, completed_at=at,
        deleted_at=None, by_api=actor.kind.startswith("api:"),
        fields=filled(template, values.get("fields"), "fields must hold a valid value for each field of the template"),
    )  # fmt: skip
    sandbox.interacted(opportunity_id, "forms")
    return made


def _template(sandbox: Sandbox, kind: str, values: Mapping[str, Any]) -> Row:
    id = values.get("baseTemplateId")
    found = sandbox.db[kind].get(id) if isinstance(id, str) else None
    if found is None:
        raise invalid("baseTemplateId is not a template of this account")
    return found


# What Lever says, whatever was wrong with the values.
NO_FEEDBACK = "Unable to create feedback"


def feedback(sandbox: Sandbox, actor: Actor, opportunity_id: Id, values: Mapping[str, Any]) -> Row:
    """Give feedback, for an interview or by itself."""
    row = sandbox.row("applications", opportunity_id)
    template = _template(sandbox, "feedback_templates", values)
    panel, interview = values.get("panel"), values.get("interview")
    if (panel is None) != (interview is None):
        raise invalid("panel and interview must be given together")
    if interview is not None and below(sandbox, "interviews", opportunity_id, interview)["panel_id"] != panel:
        raise invalid("The interview is not of that panel")
    at = moment(sandbox, values["createdAt"], "createdAt") if values.get("createdAt") is not None else sandbox.now()
    done = moment(sandbox, values["completedAt"], "completedAt") if values.get("completedAt") is not None else at
    made = sandbox.db.create(
        "feedback", actor, application_id=opportunity_id, candidate_id=row["candidate_id"], template_id=template["id"],
        text=template["text"], instructions=template["instructions"], user_id=actor.user_id, panel_id=panel,
        interview_id=interview, created_at=at, completed_at=done, deleted_at=None,
        by_api=actor.kind.startswith("api:"), fields=filled(template, values.get("fieldValues"), NO_FEEDBACK),
    )  # fmt: skip
    sandbox.interacted(opportunity_id, "feedback")
    return made


def change_feedback(sandbox: Sandbox, actor: Actor, opportunity_id: Id, id: Id, values: Mapping[str, Any]) -> Row:
    """Replace the values of feedback that was given through the interface."""
    row = below(sandbox, "feedback", opportunity_id, id)
    _by_api(row, "feedback form")
    fields = filled({"fields": [{key: value for key, value in one.items() if key != "value"} for one in row["fields"]]},
                    values.get("fieldValues"), "Unable to update feedback")  # fmt: skip
    chosen: dict[str, Any] = {"fields": fields}
    if values.get("completedAt") is not None:
        chosen["completed_at"] = moment(sandbox, values["completedAt"], "completedAt")
    sandbox.db.change("feedback", id, actor, chosen)
    sandbox.interacted(opportunity_id, "feedback")
    return row


# Interviews and their panels.


def _interviewers(sandbox: Sandbox, given: Any) -> list[Row]:
    if not isinstance(given, list) or not given:
        raise invalid("interviewers must be an array of users")
    found: list[Row] = []
    for one in given:
        user = sandbox.db["users"].get(one.get("id") if isinstance(one, dict) else None)
        if user is None or user["deactivated_at"] is not None:
            raise invalid("interviewers must be active users of this account")
        found.append({"id": user["id"], "name": user["name"], "email": user["email"],
                      "feedbackTemplate": one.get("feedbackTemplate")})  # fmt: skip
    return found


def _interview(sandbox: Sandbox, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an interview: each call names them all."""
    duration, reminder = values.get("duration"), values.get("feedbackReminder", "none")
    if not isinstance(duration, int) or isinstance(duration, bool) or duration <= 0:
        raise invalid("duration must be a number of minutes")
    if reminder not in REMINDERS:
        raise invalid(f"feedbackReminder must be one of {', '.join(REMINDERS)}")
    return {
        "subject": str(values.get("subject") or "Interview"), "note": str(values.get("note") or ""),
        "interviewers": _interviewers(sandbox, values.get("interviewers")),
        "date": moment(sandbox, values.get("date"), "date", future=True), "duration": duration,
        "timezone": str(values.get("timezone") or "UTC"), "location": values.get("location"),
        "feedback_template": values.get("feedbackTemplate"), "feedback_reminder": reminder,
    }  # fmt: skip


def panel(sandbox: Sandbox, actor: Actor, opportunity_id: Id, values: Mapping[str, Any], id: Id = None) -> Row:
    """Make a panel with its interviews, or replace one that is managed from outside."""
    row = sandbox.row("applications", opportunity_id)
    given = values.get("interviews")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid("interviews must be an array of interviews")
    planned = [_interview(sandbox, one) for one in given]
    chosen = {"note": str(values.get("note") or ""), "timezone": str(values.get("timezone") or "UTC"),
              "feedback_reminder": values.get("feedbackReminder", "none")}  # fmt: skip
    if id is None:
        made = sandbox.db.create(
            "panels", actor, application_id=opportunity_id, candidate_id=row["candidate_id"], user_id=actor.user_id,
            externally_managed=actor.kind.startswith("api:"), stage_id=row["stage_id"], canceled_at=None, **chosen,
        )  # fmt: skip
    else:
        made = managed(sandbox, opportunity_id, id)
        sandbox.db.change("panels", id, actor, chosen)
        for one in sandbox.db["interviews"].where("panel_id", id):
            cancel(sandbox, actor, one)
    for one in planned:
        _schedule(sandbox, actor, row, made, one)
    return made


def managed(sandbox: Sandbox, opportunity_id: Id, id: Id) -> Row:
    """A panel that programs may change."""
    found = below(sandbox, "panels", opportunity_id, id)
    if not found["externally_managed"]:
        raise forbidden("Only a panel that is managed externally can be changed via the API")
    return found


def _schedule(sandbox: Sandbox, actor: Actor, row: Row, of: Row, values: Mapping[str, Any]) -> Row:
    made = sandbox.db.create(
        "interviews", actor, application_id=row["id"], candidate_id=row["candidate_id"], panel_id=of["id"],
        user_id=actor.user_id, stage_id=row["stage_id"], canceled_at=None, **values,
    )  # fmt: skip
    sandbox.interacted(row["id"], "interviews")
    _tell(sandbox, "interviewCreated", row, made)
    return made


def interview(sandbox: Sandbox, actor: Actor, opportunity_id: Id, values: Mapping[str, Any], id: Id = None) -> Row:
    """Add an interview to a panel, or replace one."""
    row = sandbox.row("applications", opportunity_id)
    if id is None:
        of = managed(sandbox, opportunity_id, values.get("panel"))
        return _schedule(sandbox, actor, row, of, _interview(sandbox, values))
    found = below(sandbox, "interviews", opportunity_id, id)
    managed(sandbox, opportunity_id, found["panel_id"])
    sandbox.db.change("interviews", id, actor, _interview(sandbox, values))
    sandbox.interacted(opportunity_id, "interviews")
    _tell(sandbox, "interviewUpdated", row, found)
    return found


def cancel(sandbox: Sandbox, actor: Actor, found: Row) -> None:
    """Take an interview away."""
    row = sandbox.row("applications", found["application_id"])
    sandbox.db.delete("interviews", found["id"], actor)
    sandbox.interacted(row["id"], "interviews")
    _tell(sandbox, "interviewDeleted", row, found)


def _tell(sandbox: Sandbox, event: str, row: Row, found: Row) -> None:
    data = {"interviewId": found["id"], "panelId": found["panel_id"], "opportunityId": row["id"],
            "candidateId": row["id"], "contactId": row["candidate_id"]}  # fmt: skip
    sandbox.emit(event, row, lambda: data, row["candidate_id"])


# Applying through a posting.


def apply(
    sandbox: Sandbox, actor: Actor, job: Row, person: Mapping[str, Any], answers: Mapping[str, Any], *,
    resume: tuple[str, bytes] | None, source: str | None, silent: bool, origin: str = "applied",
) -> tuple[Row, Row]:  # fmt: skip
    """An application through the form of a posting, by whichever way: the opportunity and the link to the posting.
    The person gets an e-mail unless `silent`."""
    row, known = create_opportunity(
        sandbox, actor, {**person, "job_id": job["id"], "origin": origin, "sources": [source] if source else []},
        kind="posting", answers=answers,
    )  # fmt: skip
    if known and not sandbox.db["candidates"].rows[row["candidate_id"]]["phones"] and person.get("phones"):
        update_contact(sandbox, actor, row["candidate_id"], {"phones": person["phones"]})
    if resume is not None:
        keep(sandbox, actor, row["id"], resume[0], resume[1], kind="resume")
    if not silent:
        said = "Thank you for your application. We have received it."
        subject = f"Your application: {job['text']}"
        sandbox.email(actor, list(person["emails"]), subject, said, "application", row["candidate_id"])
    (made,) = sandbox.db["submissions"].where("application_id", row["id"])
    return row, made


def media_type(ext: str) -> str:
    known = {"pdf": "application/pdf", "txt": "text/plain", "doc": "application/msword",
             "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}  # fmt: skip
    return known.get(ext, "application/octet-stream")
