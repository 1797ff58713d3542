"""Candidates, their notes and their files."""

from __future__ import annotations

from typing import Any

from ...kit.tables import Row
from .. import files, people
from ..errors import Invalid, no_route
from ..jsonapi import Body, Keep, Many, One, Resource, View, Write
from .columns import among, below, by, listed, own


def _candidate(view: View, row: Row) -> dict[str, Any]:
    sandbox, file = view.sandbox, view.sandbox.db["attachments"].get(row["resume_id"])

    def link(form: str) -> str | None:
        return sandbox.vault.link(view.base, file, form, files.RESUME_LIFE) if file else None

    return {
        **own("connected", "created-at", "email", "facebook-id", "first-name", "internal", "last-name", "linkedin-uid",
              "linkedin-url")(view, row),
        "original-resume": link("original"), **own("phone", "picture", "pitch", "referring-site", "referring-url",
                                                   "referred")(view, row),
        "resume": link("pdf"), **own("sourced", "unsubscribed", "updated-at")(view, row),
        "facebook-profile": None, "linkedin-profile": None, "tags": row["tags"],
    }  # fmt: skip


def _connected(view: View, values: list[str]) -> Keep:
    if values[0] not in ("true", "false"):
        raise ValueError(values[0])
    return lambda row: row["connected"] == (values[0] == "true")


async def _resume(view: View, values: dict[str, Any]) -> tuple[str, bytes] | None:
    """The CV behind an address that a program has given."""
    url = values.pop("resume", None)
    if url is None:
        return None
    content = await view.sandbox.fetch(url) if files.fetchable(url) else None
    if content is None:
        raise Invalid(("resume", "could not be downloaded"))
    return files.name_of(url), content


def _links(body: Body) -> dict[str, Any]:
    return body.ids(department_id="department", role_id="role", location_ids="locations", region_ids="regions")


async def _create_candidate(view: View, row: Row | None, body: Body) -> Row:
    sandbox, values = view.sandbox, {**body.values(), **_links(body)}
    merge, welcome = values.pop("merge", False), values.pop("send_welcome_message", False)
    consent = values.pop("set_consent_expiration", False)
    cv = await _resume(view, values)
    known = people.by_email(sandbox, values.get("email") or "")
    if merge and known is not None:
        people.update(sandbox, view.actor, known["id"], values)
        row = known
    else:
        row = people.create(sandbox, view.actor, values)
    _after(view, row, cv, consent)
    if welcome:
        sandbox.email(view.actor, row["email"], "Welcome to connect", f"Hi {row['first_name'] or ''}",
                      "send-welcome-message", row["id"])  # fmt: skip
    return row


def _after(view: View, row: Row, cv: tuple[str, bytes] | None, consent: bool) -> None:
    if cv is not None:
        people.keep(view.sandbox, view.actor, row["id"], "resume", cv[0], cv[1])
    if consent:
        view.sandbox.db.change("candidates", row["id"], view.actor, {"consent_given_at": view.sandbox.now()})


async def _update_candidate(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    values = {**body.values(), **_links(body)}
    values.pop("merge", None)
    consent, cv = values.pop("set_consent_expiration", False), await _resume(view, values)
    people.update(view.sandbox, view.actor, row["id"], values)
    _after(view, row, cv, consent)
    return row


def _delete_candidate(view: View, row: Row) -> None:
    if not view.sandbox.options.candidate_delete:
        raise no_route()
    people.delete(view.sandbox, view.actor, row["id"])


PERSON = frozenset({
    "email", "first-name", "last-name", "phone", "pitch", "linkedin-url", "linkedin-uid", "facebook-id", "picture",
    "tags", "resume", "sourced", "internal", "unsubscribed", "connected", "referring-url", "merge",
    "set-consent-expiration",
})  # fmt: skip
PLACED = frozenset({"department", "role", "locations", "regions"})

CANDIDATES = Resource(
    "candidates", "candidates", _candidate,
    relations={
        "activities": Many("activities", below("activities", "candidate_id")),
        "department": One("departments", "department_id"), "role": One("roles", "role_id"),
        "job-applications": Many("job-applications", below("applications", "candidate_id")),
        "questions": Many("questions", lambda view, row: [
            view.sandbox.db["questions"].rows[one["question_id"]]
            for one in view.sandbox.db["answers"].where("candidate_id", row["id"])]),
        "answers": Many("answers", below("answers", "candidate_id")),
        "locations": Many("locations", listed("locations", "location_ids")),
        "regions": Many("regions", listed("regions", "region_ids")),
        "uploads": Many("uploads", below("attachments", "candidate_id", lambda row: row["kind"] == "upload")),
        "custom-field-values": Many("custom-field-values", below("custom_field_values", "candidate_id")),
        "partner-results": Many("partner-results", below("partner_results", "candidate_id")),
    },
    filters={
        "email": lambda view, values: lambda row: row["email"] == values[0].strip().lower(),
        "department": by("department_id"), "role": by("role_id"), "locations": among("location_ids"),
        "regions": among("region_ids"), "connected": _connected,
    },
    moments={"created-at": "created_at", "updated-at": "updated_at"},
    sorts=("created-at", "updated-at", "email", "first-name", "last-name", "phone", "connected", "sourced"),
    create=Write(PERSON | {"send-welcome-message"}, PLACED, _create_candidate),
    update=Write(PERSON - {"sourced", "merge"}, PLACED, _update_candidate),
    delete=_delete_candidate,
)  # fmt: skip


# Notes and files.


async def _create_note(view: View, row: Row | None, body: Body) -> Row:
    ids = body.ids(candidate_id="candidate", user_id="user")
    return people.note(
        view.sandbox, view.actor, ids.get("candidate_id"), ids.get("user_id"), body.attributes.get("note", "")
    )


async def _update_note(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    people.rewrite(view.sandbox, view.actor, row["id"], body.attributes.get("note"))
    return row


NOTES = Resource(
    "notes", "notes",
    own("note", "user-id", "candidate-id", "created-by-trigger", "mentioned-user-ids", "private-note", "created-at",
        "updated-at"),
    relations={"candidate": One("candidates", "candidate_id"), "user": One("users", "user_id")},
    sorts=("created-at", "updated-at"),
    create=Write(frozenset({"note"}), frozenset({"candidate", "user"}), _create_note),
    update=Write(frozenset({"note"}), frozenset(), _update_note),
    delete=lambda view, row: people.delete_note(view.sandbox, view.actor, row["id"]),
)  # fmt: skip


def _upload(view: View, row: Row) -> dict[str, Any]:
    link = view.sandbox.vault.link(view.base, row, "original", files.UPLOAD_LIFE)
    return {"url": link, **own("file-name", "internal", "created-at", "updated-at")(view, row)}


async def _create_upload(view: View, row: Row | None, body: Body) -> Row:
    """Teamtailor fetches the file itself: a program can only name an address."""
    sandbox, url = view.sandbox, body.attributes.get("url")
    person = sandbox.db["candidates"].get(body.relations.get("candidate"))
    problems: list[tuple[str, str]] = [] if person else [("candidate", "must exist")]
    content = await sandbox.fetch(url) if isinstance(url, str) and files.fetchable(url) else None
    if url is None:
        problems.append(("url", "can't be blank"))
    elif content is None:
        problems.append(("url", "could not be downloaded"))
    if problems or person is None or content is None:
        raise Invalid(*problems)
    name = body.attributes.get("file-name") or files.name_of(str(url))
    return people.keep(sandbox, view.actor, person["id"], "upload", name, content)


UPLOADS = Resource(
    "uploads", "attachments", _upload,
    relations={"candidate": One("candidates", "candidate_id"), "job": One("jobs", "job_id")},
    filters={"job": by("job_id")}, moments={"updated-at": "updated_at"}, sorts=("file-name", "internal", "created-at"),
    newer=frozenset({"created-at", "updated-at", "filter:updated-at"}),
    visible=lambda view, row: row["kind"] == "upload",
    create=Write(frozenset({"url", "file-name"}), frozenset({"candidate"}), _create_upload),
)  # fmt: skip
