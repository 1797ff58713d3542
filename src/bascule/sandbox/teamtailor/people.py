"""Candidates and what hangs on them: tags, notes, files, values of custom fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..kit.ids import Id
from ..kit.tables import Actor, Row
from . import fields, payloads, pipeline
from .errors import Invalid
from .hooks import WATCHED
from .sandbox import Sandbox

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
TEXTS = ("first_name", "last_name", "phone", "pitch", "linkedin_url", "linkedin_uid", "facebook_id", "picture",
         "referring_url")  # fmt: skip
FLAGS = ("sourced", "connected", "referred", "internal", "unsubscribed")
EMPTY: Mapping[str, Any] = {
    "email": None, **dict.fromkeys(TEXTS), **dict.fromkeys(FLAGS, False), "tags": [], "department_id": None,
    "role_id": None, "location_ids": [], "region_ids": [], "resume_id": None, "referring_site": None,
    "restricted_at": None, "removal_at": None, "consent_given_at": None,
}  # fmt: skip
PITCH = 140


def named(row: Row) -> str:
    name = f"{row['first_name'] or ''} {row['last_name'] or ''}".strip()
    return name or row["email"] or f"Candidate {row['id']}"


def by_email(sandbox: Sandbox, email: str) -> Row | None:
    return sandbox.db["candidates"].first("email", email.strip())


def _checked(sandbox: Sandbox, values: Mapping[str, Any], own: Row | None) -> dict[str, Any]:
    """Values as they are stored. Raises Invalid with everything that is wrong with them."""
    kept, problems = dict(values), list[tuple[str, str]]()
    for name in (*TEXTS, "email"):
        value = kept.get(name)
        if value is not None and not isinstance(value, str):
            problems.append((name.replace("_", "-"), "is invalid"))
            kept[name] = None
    email = kept.get("email", own and own["email"])
    if isinstance(email, str):
        email = email.strip().lower() or None
    if "email" in kept or own is None:
        kept["email"] = email
    sourced = kept.get("sourced", own and own["sourced"])
    if not email and not sourced:
        problems.append(("email", "can't be blank"))
    elif email and not EMAIL.fullmatch(email):
        problems.append(("email", "is invalid"))
    elif email and (other := by_email(sandbox, email)) and other is not own:
        problems.append(("email", "has already been taken"))
    if len(kept.get("pitch") or "") > PITCH:
        problems.append(("pitch", f"is too long (maximum is {PITCH} characters)"))
    if "tags" in kept:
        if isinstance(kept["tags"], list) and all(isinstance(tag, str) for tag in kept["tags"]):
            kept["tags"] = _tags(kept["tags"])
        else:
            problems.append(("tags", "is invalid"))
    if problems:
        raise Invalid(*problems)
    return kept


def _tags(tags: Iterable[str]) -> list[str]:
    """Each tag once, in the order given."""
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _site(url: str | None) -> str | None:
    """The friendly name of where somebody came from."""
    host = (urlsplit(url or "").hostname or "").split(".")
    return host[-2].capitalize() if len(host) > 1 else None


def create(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any]) -> Row:
    kept = _checked(sandbox, {"sourced": False, **values}, None)
    kept["referring_site"] = _site(kept.get("referring_url"))
    row = sandbox.db.create("candidates", actor, **{**EMPTY, "tags": [], "location_ids": [], "region_ids": [], **kept})
    sandbox.activity(actor, "created", row["id"])
    if row["sourced"]:
        sandbox.audit(actor, "sourced", "candidate", row, named(row))
    sandbox.hooks.emit("candidate.create", lambda: payloads.candidate(sandbox, row), about=f"candidate/{row['id']}")
    return row


def update(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> bool:
    """Change what differs; whether anything did."""
    row = sandbox.row("candidates", id)
    kept = _checked(sandbox, values, row)
    if "referring_url" in kept:
        kept["referring_site"] = _site(kept["referring_url"])
    only_tags = {key for key, value in kept.items() if row.get(key) != value} <= {"tags"}
    quiet = only_tags and sandbox.options.touch == "columns"
    changed = sandbox.db.change("candidates", id, actor, kept, touch=not quiet)
    if changed:
        sandbox.audit(actor, "update", "candidate", row, named(row))
        told(sandbox, row, changed)
    return bool(changed)


def told(sandbox: Sandbox, row: Row, changed: Iterable[str]) -> None:
    """Send `candidate.update` if something it is sent for has changed."""
    if WATCHED["candidates"] & set(changed):
        sandbox.hooks.emit("candidate.update", lambda: payloads.candidate(sandbox, row), about=f"candidate/{row['id']}")


def _go_along(sandbox: Sandbox, actor: Actor, id: Id, kinds: Iterable[str]) -> None:
    for kind in kinds:
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.delete(kind, one["id"], actor)


BELOW = ("notes", "attachments", "answers", "custom_field_values", "partner_results", "interviews", "activities")


def delete(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Erase somebody with everything that is theirs. The audit log keeps a line for a while."""
    row = sandbox.row("candidates", id)
    for one in sandbox.db["applications"].where("candidate_id", id):
        pipeline.delete(sandbox, actor, one["id"], keep_notes=True)
    _go_along(sandbox, actor, id, (*BELOW, "emails"))
    sandbox.db.delete("candidates", id, actor)
    sandbox.audit(actor, "destroy", "candidate", row, named(row))
    sandbox.hooks.emit("candidate.destroy", lambda: payloads.gone("candidates", id), about=f"candidate/{id}")


def delete_many(sandbox: Sandbox, actor: Actor, ids: Iterable[Id]) -> None:
    """Erase several at once: one line of the audit log says that, and who, besides a line for each."""
    gone = list(ids)
    user = sandbox.db["users"].get(actor.user_id) or sandbox.manager()
    sandbox.audit(actor, "bulk-delete", "user", user, user["email"], f"Deleting {len(gone)} candidates")
    for id in gone:
        delete(sandbox, actor, id)


def merge(sandbox: Sandbox, actor: Actor, primary_id: Id, duplicate_id: Id) -> Row:
    """One person out of two: what the first lacks comes from the second, which goes."""
    primary, duplicate = sandbox.row("candidates", primary_id), sandbox.row("candidates", duplicate_id)
    if primary is duplicate:
        raise Invalid(("candidate", "cannot be merged with itself"))
    db, applied = sandbox.db, {row["job_id"] for row in sandbox.db["applications"].where("candidate_id", primary_id)}
    for row in db["applications"].where("candidate_id", duplicate_id):
        if row["job_id"] in applied:
            pipeline.delete(sandbox, actor, row["id"], keep_notes=True)
        else:
            db.change("applications", row["id"], actor, {"candidate_id": primary_id})
    held = {row["custom_field_id"] for row in db["custom_field_values"].where("candidate_id", primary_id)}
    for kind in BELOW:
        for row in db[kind].where("candidate_id", duplicate_id):
            if kind != "custom_field_values" or row["custom_field_id"] not in held:
                db.change(kind, row["id"], actor, {"candidate_id": primary_id})
    taken = {key: duplicate[key] for key in (*TEXTS, "resume_id") if not primary[key] and duplicate[key]}
    tags = _tags([*primary["tags"], *duplicate["tags"]])
    # The one that goes leaves its address free first.
    db.change("candidates", duplicate_id, actor, {"email": None, "resume_id": None})
    if not primary["email"]:
        taken["email"] = duplicate["email"]
    _go_along(sandbox, actor, duplicate_id, ("custom_field_values",))
    db.delete("candidates", duplicate_id, actor)
    sandbox.audit(actor, "destroy", "candidate", duplicate, named(duplicate), f"Merged into {primary_id}")
    sandbox.hooks.emit("candidate.destroy", lambda: payloads.gone("candidates", duplicate_id),
                       about=f"candidate/{duplicate_id}")  # fmt: skip
    update(sandbox, actor, primary_id, {**taken, "tags": tags})
    return primary


# Notes.


def note(sandbox: Sandbox, actor: Actor, candidate_id: Id, user_id: Id, text: object, **more: Any) -> Row:
    """A note names who wrote it, whoever sends it. No webhook tells of it."""
    problems: list[tuple[str, str]] = []
    if not (isinstance(text, str) and text.strip()):
        problems.append(("note", "can't be blank"))
    if sandbox.db["candidates"].get(candidate_id) is None:
        problems.append(("candidate", "must exist"))
    if sandbox.db["users"].get(user_id) is None:
        problems.append(("user", "must exist"))
    if problems:
        raise Invalid(*problems)
    row = sandbox.db.create("notes", actor, candidate_id=candidate_id, user_id=user_id, note=text, **{
        "application_id": None, "created_by_trigger": False, "private_note": False, "mentioned_user_ids": [],
        **more})  # fmt: skip
    sandbox.activity(Actor(actor.kind, user_id), "note", candidate_id, text=text)
    return row


def rewrite(sandbox: Sandbox, actor: Actor, id: Id, text: object) -> None:
    if not isinstance(text, str) or not text.strip():
        raise Invalid(("note", "can't be blank"))
    sandbox.db.change("notes", id, actor, {"note": text})


def delete_note(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    sandbox.row("notes", id)
    sandbox.db.delete("notes", id, actor)


# Files.


def keep(sandbox: Sandbox, actor: Actor, candidate_id: Id, kind: str, name: str, content: bytes, **more: Any) -> Row:
    """A file of a candidate: `upload`, or the `resume`, of which there is one and which is no upload."""
    row = sandbox.db.create("attachments", actor, candidate_id=candidate_id, kind=kind, file_name=name,
                            content=content, **{"job_id": None, "internal": False, **more})  # fmt: skip
    if kind == "resume":
        sandbox.db.change("candidates", candidate_id, actor, {"resume_id": row["id"]})
    sandbox.activity(actor, "upload", candidate_id, file_name=name)
    return row


# Custom fields.


def set_value(sandbox: Sandbox, actor: Actor, candidate_id: Id, field_id: Id, value: object) -> Row:
    """Give a candidate the first value of a field. Raises Invalid where there is one already."""
    problems: list[tuple[str, str]] = []
    field, row = sandbox.db["custom_fields"].get(field_id), sandbox.db["candidates"].get(candidate_id)
    if field is None:
        problems.append(("custom-field", "must exist"))
    if row is None:
        problems.append(("owner", "must exist"))
    elif field is not None and field["owner_type"] != "Candidate":
        problems.append(("owner", "is invalid"))
    elif held(sandbox, candidate_id, field_id):
        problems.append(("custom-field", "has already been taken"))
    if problems or field is None or row is None:
        raise Invalid(*problems)
    made = sandbox.db.create("custom_field_values", actor, candidate_id=candidate_id, custom_field_id=field_id,
                             value=fields.stored(sandbox, field, value))  # fmt: skip
    sandbox.touch(candidate_id)
    told(sandbox, row, ["custom_fields"])
    return made


def held(sandbox: Sandbox, candidate_id: Id, field_id: Id) -> Row | None:
    """The value that a candidate has of a field."""
    rows = sandbox.db["custom_field_values"].where("candidate_id", candidate_id)
    return next((row for row in rows if row["custom_field_id"] == field_id), None)


def change_value(sandbox: Sandbox, actor: Actor, id: Id, value: object) -> bool:
    row = sandbox.row("custom_field_values", id)
    field = sandbox.db["custom_fields"].rows[row["custom_field_id"]]
    changed = sandbox.db.change("custom_field_values", id, actor, {"value": fields.stored(sandbox, field, value)})
    if changed:
        sandbox.touch(row["candidate_id"])
        told(sandbox, sandbox.db["candidates"].rows[row["candidate_id"]], ["custom_fields"])
    return bool(changed)


def enter_value(sandbox: Sandbox, actor: Actor, candidate_id: Id, field_id: Id, value: object) -> None:
    """What a person types into a field; nothing takes the value away."""
    row = held(sandbox, candidate_id, field_id)
    if value in (None, "", []):
        if row is not None:
            sandbox.db.delete("custom_field_values", row["id"], actor)
            sandbox.touch(candidate_id)
            told(sandbox, sandbox.row("candidates", candidate_id), ["custom_fields"])
    elif row is not None:
        change_value(sandbox, actor, row["id"], value)
    else:
        set_value(sandbox, actor, candidate_id, field_id, value)
