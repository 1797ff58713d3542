"""What can be done with candidates: made, changed, tagged, noted, merged, anonymized, deleted."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any

from ..kit.tables import Actor, Row
from . import fields, payloads
from .errors import Problem, Refused, impossible, invalid
from .sandbox import Sandbox

TYPES = {
    "phone_numbers": ("home", "work", "mobile", "skype", "other"),
    "email_addresses": ("personal", "work", "other"),
    "addresses": ("home", "work", "other"),
    "website_addresses": ("personal", "company", "portfolio", "blog", "other"),
    "social_media_addresses": (),
}
TEXTS = ("first_name", "last_name", "preferred_name", "company", "title")
WRITABLE = (*TEXTS, *TYPES, "tags", "private", "can_email", "custom_fields", "linked_user_ids")
NOTE_TYPES = (
    "NOTE", "ACTIVITY", "INTERVIEW", "EMAIL", "FOLLOW_UP", "TAKE_HOME_TEST", "LINKEDIN_NOTE", "LINKEDIN_INMAIL",
    "AVAILABILITY_REQUEST", "MIGRATION_ERROR", "TOUCHPOINT", "FORM", "FEEDBACK",
)  # fmt: skip
VISIBILITIES = {"admin_only": "admin_only_visible", "private": "privately_visible", "public": "publicly_visible"}
ATTACHMENT_TYPES = ("resume", "cover_letter", "admin_only", "other", "take_home_test", "offer_letter",
                    "signed_offer_letter")  # fmt: skip
ANONYMIZABLE = (
    "full_name", "current_company", "current_title", "tags", "phone_numbers", "emails", "email_addresses",
    "social_media_links", "websites", "addresses", "location", "custom_candidate_fields", "source", "recruiter",
    "coordinator", "attachments", "application_questions", "referral_questions", "notes", "rejection_notes",
    "activity_items", "innotes", "inmails", "rejection_reason", "scorecards_and_interviews", "offers",
    "all_offer_versions", "credited_to", "headline", "follow_up_reminders", "custom_application_fields", "education",
    "employment", "candidate_stage_data", "prospect_owner", "custom_rejection_question_fields", "touchpoints",
    "prospect_pool_and_stage", "prospect_jobs", "prospect_offices", "prospect_offices_and_departments",
    "match_score_reasoning", "identity_verification", "third_party_integrations",
)  # fmt: skip
# Kinds whose rows belong to a candidate directly and follow it when it is merged or deleted.
BELONGINGS = ("notes", "attachments", "applied_candidate_tags", "candidate_educations", "candidate_employments",
              "eeoc", "emails")  # fmt: skip
# Kinds whose rows belong to an application.
PARTS = ("application_stages", "rejection_details", "scorecards", "interviews", "offers", "demographic_answers")


def _contacts(key: str, value: Any) -> list[dict[str, Any]]:
    """A whole list of phones, e-mails or addresses; what is sent replaces what was there."""
    if not isinstance(value, list):
        raise invalid(("must be an array", key))
    kinds, result = TYPES[key], list[dict[str, Any]]()
    for entry in value:
        text: str = str(entry.get("value") or "").strip() if isinstance(entry, dict) else ""
        if not text:
            raise invalid(("each entry needs a value", key))
        if key == "email_addresses" and "@" not in text:
            raise invalid((f"{text!r} is not an e-mail address", key))
        if not kinds:
            result.append({"value": text})
            continue
        kind: Any = entry.get("type", "other")
        if kind not in kinds:
            raise Refused(422, Problem(f"Must be one of: {', '.join(kinds)}", "type"), message="Validation error")
        result.append({"value": text, "type": kind})
    return result


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The candidate's own columns out of a request, checked."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        if key in TEXTS:
            if key in ("first_name", "last_name") and not str(value or "").strip():
                raise invalid(("can't be blank", key))
            result[key] = None if value is None else str(value).strip() or None
        elif key in TYPES:
            result[key] = _contacts(key, value)
        elif key in ("private", "can_email"):
            if not isinstance(value, bool):
                raise invalid(("must be true or false", key))
            result[key] = value
        elif key == "linked_user_ids":
            result[key] = list(value)
        elif key not in ("tags", "custom_fields"):
            raise invalid(("is not an attribute of a candidate", key))
    return result


def create(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], *, required: bool = False) -> Row:
    """A new candidate without applications. `required` insists on the tenant's required custom fields."""
    absent = [("can't be blank", key) for key in ("first_name", "last_name") if not str(values.get(key) or "").strip()]
    if absent:
        raise invalid(*absent)
    db, own = sandbox.db, _cleaned(values)
    custom = fields.merged(db, "candidate", {}, values.get("custom_fields", []), tier=sandbox.options.tier)
    if required:
        fields.check_required(db, "candidate", custom)
    names = _tag_names(values["tags"]) if "tags" in values else []
    row = db.create("candidates", actor, **{
        **dict.fromkeys(TEXTS), **{key: [] for key in TYPES}, "private": False, "can_email": True,
        "linked_user_ids": [], "anonymized": False, **own, "custom_fields": custom})  # fmt: skip
    for name in names:
        tag(sandbox, actor, row["id"], name)
    return row


def update(sandbox: Sandbox, actor: Actor, id: int, values: Mapping[str, Any]) -> Row:
    """Change a candidate; lists that are sent replace the whole list. Fires update_candidate if anything changed."""
    row = sandbox.row("candidates", id)
    own = _cleaned(values)
    if "custom_fields" in values:
        own["custom_fields"] = fields.merged(
            sandbox.db, "candidate", row["custom_fields"], values["custom_fields"], tier=sandbox.options.tier,
            patch=sandbox.options.custom_fields_patch)  # fmt: skip
    names = _tag_names(values["tags"]) if "tags" in values else None
    changed = sandbox.db.change("candidates", id, actor, own)
    if names is not None and _replace_tags(sandbox, actor, id, names):
        sandbox.db.mark("candidates", id, updated_at=sandbox.now())
        changed.append("tags")
    if changed:
        sandbox.hooks.emit("update_candidate", lambda: {"candidate": payloads.candidate(sandbox.db, row)})
    return row


# Tags.


def _tag_names(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise invalid(("must be an array of names", "tags"))
    return list(dict.fromkeys(one.strip() for one in value))


def define_tag(sandbox: Sandbox, actor: Actor, name: str) -> tuple[Row, bool]:
    """The tag of that name, whatever its case, and whether it is new."""
    if not name.strip():
        raise invalid(("can't be blank", "name"))
    for row in sandbox.db["candidate_tags"]:
        if row["name"].casefold() == name.strip().casefold():
            return row, False
    return sandbox.db.create("candidate_tags", actor, name=name.strip()), True


def tags_of(sandbox: Sandbox, candidate_id: int) -> list[Row]:
    applied = sandbox.db["applied_candidate_tags"].where("candidate_id", candidate_id)
    return [sandbox.db["candidate_tags"].rows[one["candidate_tag_id"]] for one in applied]


def tag(sandbox: Sandbox, actor: Actor, candidate_id: int, name: str) -> Row:
    definition, _ = define_tag(sandbox, actor, name)
    return apply_tag(sandbox, actor, candidate_id, definition["id"])[0]


def apply_tag(sandbox: Sandbox, actor: Actor, candidate_id: int, tag_id: int) -> tuple[Row, bool]:
    """Put a tag on a candidate. No event is sent, and the candidate counts as unchanged unless the tenant says so."""
    sandbox.row("candidates", candidate_id)
    sandbox.row("candidate_tags", tag_id)
    for one in sandbox.db["applied_candidate_tags"].where("candidate_id", candidate_id):
        if one["candidate_tag_id"] == tag_id:
            return one, False
    if sandbox.options.tags_touch_candidate:
        sandbox.db.mark("candidates", candidate_id, updated_at=sandbox.now())
    row = sandbox.db.create("applied_candidate_tags", actor, candidate_id=candidate_id, candidate_tag_id=tag_id)
    return row, True


def remove_tag(sandbox: Sandbox, actor: Actor, applied_id: int) -> None:
    row = sandbox.row("applied_candidate_tags", applied_id)
    if sandbox.options.tags_touch_candidate:
        sandbox.db.mark("candidates", row["candidate_id"], updated_at=sandbox.now())
    sandbox.db.delete("applied_candidate_tags", applied_id, actor)


def delete_tag(sandbox: Sandbox, actor: Actor, tag_id: int) -> None:
    """Delete a tag from the tenant and from everyone who has it."""
    sandbox.row("candidate_tags", tag_id)
    for one in sandbox.db["applied_candidate_tags"].where("candidate_tag_id", tag_id):
        sandbox.db.delete("applied_candidate_tags", one["id"], actor)
    sandbox.db.delete("candidate_tags", tag_id, actor)


def _replace_tags(sandbox: Sandbox, actor: Actor, candidate_id: int, names: Sequence[str]) -> bool:
    wanted = {define_tag(sandbox, actor, name)[0]["id"] for name in names}
    applied = sandbox.db["applied_candidate_tags"].where("candidate_id", candidate_id)
    had = {one["candidate_tag_id"] for one in applied}
    for one in applied:
        if one["candidate_tag_id"] not in wanted:
            sandbox.db.delete("applied_candidate_tags", one["id"], actor)
    for tag_id in sorted(wanted - had):
        apply_tag(sandbox, actor, candidate_id, tag_id)
    return wanted != had


# Notes: through the interface they can only be added; a person on the page may delete one.


def note(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any]) -> Row:
    candidate = sandbox.row("candidates", _id(values, "candidate_id"))
    kind = values.get("note_type", values.get("type", "NOTE"))
    visibility = values.get("visibility", "public")
    visibility = VISIBILITIES.get(visibility, visibility)
    body = str(values.get("body") or "")
    if not body.strip():
        raise invalid(("can't be blank", "body"))
    if kind not in NOTE_TYPES:
        raise invalid((f"Must be one of: {', '.join(NOTE_TYPES)}", "type"))
    if visibility not in VISIBILITIES.values():
        raise invalid((f"Must be one of: {', '.join(VISIBILITIES.values())}", "visibility"))
    application_id = values.get("application_id")
    if application_id is not None:
        application = sandbox.db["applications"].get(application_id)
        if application is None or application["candidate_id"] != candidate["id"]:
            raise invalid(("is not an application of this candidate", "application_id"))
        sandbox.touch(application_id)
    mail = {key: values.get(key) for key in ("email_to", "email_from", "email_cc") if key in values}
    return sandbox.db.create("notes", actor, candidate_id=candidate["id"], application_id=application_id, type=kind,
                             user_id=actor.user_id, body=body, subject=values.get("subject"),
                             visibility=visibility, **mail)  # fmt: skip


def delete_note(sandbox: Sandbox, actor: Actor, id: int) -> Row:
    sandbox.row("notes", id)
    return sandbox.db.delete("notes", id, actor)


def _id(values: Mapping[str, Any], key: str) -> int:
    value = values.get(key)
    if not isinstance(value, int):
        raise invalid(("must be an id", key))
    return value


# Attachments.


def attach(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any]) -> Row:
    """Add a file given as base64 `content`, to an application or to the candidate's newest one.

    A new resume replaces the earlier resume of the same application.
    """
    candidate_id, application_id = values.get("candidate_id"), values.get("application_id")
    if application_id is not None:
        candidate_id = sandbox.row("applications", application_id)["candidate_id"]
    candidate = sandbox.row("candidates", candidate_id)
    if application_id is None:
        applications = sandbox.db["applications"].where("candidate_id", candidate["id"])
        application_id = applications[-1]["id"] if applications else None
    kind, filename = values.get("type"), str(values.get("filename") or "").strip()
    if kind not in ATTACHMENT_TYPES:
        raise invalid((f"Must be one of: {', '.join(ATTACHMENT_TYPES)}", "type"))
    if not filename:
        raise invalid(("can't be blank", "filename"))
    try:
        content = base64.b64decode(values["content"], validate=True)
    except KeyError:
        raise invalid(("can't be blank; fetching from a url is not supported here", "content")) from None
    except (binascii.Error, ValueError, TypeError):
        raise invalid(("must be base64", "content")) from None
    content_type = str(values.get("content_type") or "")
    return keep(sandbox, actor, candidate["id"], application_id, kind, filename, content, content_type,
                str(values.get("visibility") or "public"))  # fmt: skip


def keep(
    sandbox: Sandbox, actor: Actor, candidate_id: int, application_id: int | None, kind: str, filename: str,
    content: bytes, content_type: str = "", visibility: str = "public",
) -> Row:  # fmt: skip
    if kind == "resume":
        for one in sandbox.db["attachments"].where("candidate_id", candidate_id):
            if one["type"] == "resume" and one["application_id"] == application_id:
                sandbox.db.delete("attachments", one["id"], actor)
    if application_id is not None:
        sandbox.touch(application_id)
    guess = content_type or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    row = sandbox.db.create("attachments", actor, candidate_id=candidate_id, application_id=application_id, type=kind,
                            filename=filename, content_type=guess, content=content, visibility=visibility)  # fmt: skip
    row["path"] = f"/attachments/{row['id']}/{filename}"
    return row


# The end of a record.


def delete(sandbox: Sandbox, actor: Actor, id: int) -> None:
    """Delete a person with everything below. Only delete_candidate is sent, naming the applications that went too."""
    row = sandbox.row("candidates", id)
    applications = [one["id"] for one in sandbox.db["applications"].where("candidate_id", id)]
    _remove(sandbox, actor, id)
    person = {"id": id, "first_name": row["first_name"], "last_name": row["last_name"],
              "deleted_application_ids": applications}  # fmt: skip
    sandbox.hooks.emit("delete_candidate", lambda: {"person": person})


def _remove(sandbox: Sandbox, actor: Actor, id: int) -> None:
    for application in sandbox.db["applications"].where("candidate_id", id):
        remove_application(sandbox, actor, application["id"])
    for kind in BELONGINGS:
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.delete(kind, one["id"], actor)
    sandbox.db.delete("candidates", id, actor)


def remove_application(sandbox: Sandbox, actor: Actor, id: int) -> None:
    """Take an application and its parts away, silently."""
    db = sandbox.db
    for card in db["scorecards"].where("application_id", id):
        for kind in ("scorecard_question_answers", "scorecard_candidate_attributes"):
            for one in db[kind].where("scorecard_id", card["id"]):
                db.delete(kind, one["id"], actor)
    for interview in db["interviews"].where("application_id", id):
        for one in db["interviewers"].where("interview_id", interview["id"]):
            db.delete("interviewers", one["id"], actor)
    for kind in PARTS:
        for one in db[kind].where("application_id", id):
            db.delete(kind, one["id"], actor)
    for kind in ("notes", "attachments", "eeoc"):
        for one in db[kind].where("application_id", id):
            db.delete(kind, one["id"], actor)
    db.delete("applications", id, actor)


def merge(sandbox: Sandbox, actor: Actor, primary_id: int, duplicate_id: int) -> Row:
    """Move everything of the duplicate to the primary and delete the duplicate.

    merge_candidate is sent only when a hook is configured for it, else delete_candidate of the duplicate.
    """
    primary, duplicate = sandbox.row("candidates", primary_id), sandbox.row("candidates", duplicate_id)
    if primary_id == duplicate_id:
        raise impossible("A candidate cannot be merged with itself")
    db = sandbox.db
    for application in db["applications"].where("candidate_id", duplicate_id):
        db.change("applications", application["id"], actor, {"candidate_id": primary_id})
        for offer in db["offers"].where("application_id", application["id"]):
            db.change("offers", offer["id"], actor, {"candidate_id": primary_id}, touch=False)
    tags = {one["candidate_tag_id"] for one in db["applied_candidate_tags"].where("candidate_id", primary_id)}
    for one in db["applied_candidate_tags"].where("candidate_id", duplicate_id):
        if one["candidate_tag_id"] in tags:
            db.delete("applied_candidate_tags", one["id"], actor)
    for kind in BELONGINGS:
        for one in db[kind].where("candidate_id", duplicate_id):
            db.change(kind, one["id"], actor, {"candidate_id": primary_id}, touch=False)
    union: dict[str, Any] = {key: primary[key] or duplicate[key] for key in TEXTS}
    for key in TYPES:
        had = {one["value"].casefold() for one in primary[key]}
        union[key] = primary[key] + [one for one in duplicate[key] if one["value"].casefold() not in had]
    union["custom_fields"] = {**duplicate["custom_fields"], **primary["custom_fields"]}
    db.change("candidates", primary_id, actor, union)
    db.mark("candidates", primary_id, updated_at=sandbox.now())
    db.delete("candidates", duplicate_id, actor)
    sandbox.activity(actor, primary_id, f"Merged with candidate {duplicate_id}")
    if sandbox.hooks.wanted("merge_candidate"):
        sandbox.hooks.emit(
            "merge_candidate", lambda: {"person": {"id": duplicate_id, "new_candidate_id": primary_id}})  # fmt: skip
    else:
        person = {"id": duplicate_id, "first_name": duplicate["first_name"], "last_name": duplicate["last_name"],
                  "deleted_application_ids": []}  # fmt: skip
        sandbox.hooks.emit("delete_candidate", lambda: {"person": person})
    return primary


def anonymize(sandbox: Sandbox, actor: Actor, id: int, names: Sequence[str]) -> Row:
    """Empty the named kinds of data for good. The record and its applications stay."""
    row = sandbox.row("candidates", id)
    unknown = [name for name in names if name not in ANONYMIZABLE]
    if unknown or not names:
        raise invalid((f"Must be one of: {', '.join(ANONYMIZABLE)}", "fields"))
    wanted, db, own = set(names), sandbox.db, dict[str, Any]()
    empties: dict[str, dict[str, Any]] = {
        "full_name": {"first_name": "Anonymized", "last_name": str(id), "preferred_name": None},
        "current_company": {"company": None}, "current_title": {"title": None}, "headline": {"title": None},
        "phone_numbers": {"phone_numbers": []}, "emails": {"email_addresses": []},
        "email_addresses": {"email_addresses": []}, "social_media_links": {"social_media_addresses": []},
        "websites": {"website_addresses": []}, "addresses": {"addresses": []},
        "custom_candidate_fields": {"custom_fields": {}},
    }  # fmt: skip
    for name in wanted:
        own |= empties.get(name, {})
    _anonymize_children(sandbox, actor, id, wanted)
    db.change("candidates", id, actor, {**own, "anonymized": True})
    db.mark("candidates", id, updated_at=sandbox.now())
    body = {"candidate_id": id, "anonymized_fields": [name for name in ANONYMIZABLE if name in wanted]}
    sandbox.hooks.emit("candidate_anonymized", lambda: body)
    return row


def _anonymize_children(sandbox: Sandbox, actor: Actor, id: int, wanted: set[str]) -> None:
    db = sandbox.db
    kinds = {"tags": "applied_candidate_tags", "attachments": "attachments", "education": "candidate_educations",
             "employment": "candidate_employments"}  # fmt: skip
    for kind in (kinds[name] for name in kinds if name in wanted):
        for one in db[kind].where("candidate_id", id):
            db.delete(kind, one["id"], actor)
    for one in db["notes"].where("candidate_id", id):
        if ("activity_items" if one["type"] == "ACTIVITY" else "notes") in wanted:
            db.delete("notes", one["id"], actor)
    blanks = {"location": {"location_address": None}, "application_questions": {"answers": []},
              "custom_application_fields": {"custom_fields": {}}, "source": {"source_id": None},
              "recruiter": {"recruiter_id": None}, "coordinator": {"coordinator_id": None},
              "credited_to": {"referrer_id": None}, "prospect_owner": {"prospect_owner_id": None}}  # fmt: skip
    for application in db["applications"].where("candidate_id", id):
        own: dict[str, Any] = {}
        for name in wanted:
            own |= blanks.get(name, {})
        db.change("applications", application["id"], actor, own)
        gone = [kind for name, kind in (("scorecards_and_interviews", "scorecards"), ("offers", "offers"),
                                        ("scorecards_and_interviews", "interviews")) if name in wanted]  # fmt: skip
        for kind in gone:
            for one in db[kind].where("application_id", application["id"]):
                db.delete(kind, one["id"], actor)
