"""Every type of object of the customer's interface: what it shows, what it can be asked by, what can be written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ..kit.tables import Row
from . import fields, files, partner, people, pipeline
from .errors import Invalid, wrong
from .jsonapi import Body, Keep, Many, One, Resource, View, Write, moment

TRUE, FALSE = ("true",), ("false",)


def own(*names: str) -> Callable[[View, Row], dict[str, Any]]:
    """Attributes that are columns of the same name; times are told in the company's zone."""

    def shown(view: View, row: Row) -> dict[str, Any]:
        return {name: view.sandbox.when(row[column]) if column.endswith("_at") else row[column]
                for name in names for column in [name.replace("-", "_")]}  # fmt: skip

    return shown


def by(column: str) -> Callable[[View, list[str]], Keep]:
    """A filter: the column has one of the values."""

    def made(view: View, values: list[str]) -> Keep:
        return lambda row: str(row[column]) in values

    return made


def among(column: str) -> Callable[[View, list[str]], Keep]:
    """A filter: one of the values is in the column, which is a list."""

    def made(view: View, values: list[str]) -> Keep:
        return lambda row: any(str(one) in values for one in row[column])

    return made


def below(table: str, column: str, keep: Callable[[Row], bool] = lambda row: True) -> Callable[[View, Row], list[Row]]:
    """The rows of a table that point here."""
    return lambda view, row: [one for one in view.sandbox.db[table].where(column, row["id"]) if keep(one)]


def listed(table: str, column: str) -> Callable[[View, Row], list[Row]]:
    """The rows whose ids a column lists."""
    return lambda view, row: [
        one for one in (view.sandbox.db[table].get(id) for id in row[column]) if one is not None
    ]  # fmt: skip


def plain(type: str, *names: str, level: str = "public", **more: Any) -> Resource:
    """A type that is only read, and only has columns."""
    return Resource(type, type.replace("-", "_"), own(*names), sorts=names, level=level, **more)


# Candidates.


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
    if values[0] not in (*TRUE, *FALSE):
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
    ids = body.ids(department_id="department", role_id="role", location_ids="locations", region_ids="regions")
    return {key: ids[key] for key in ids}


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
        raise wrong(404, "Not Found", "The resource you requested could not be found.", 404)
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


# Applications.


def _application_values(view: View, body: Body) -> dict[str, Any]:
    values = body.values("cover-letter", "referring-url", "sourced")
    if "rejected-at" in body.attributes:
        given = body.attributes["rejected-at"]
        at = moment(view.sandbox, given)
        if given is not None and at is None:
            raise Invalid(("rejected-at", "is invalid"))
        values["rejected_at"] = at
    values.update(body.ids(stage_id="stage", reject_reason_id="reject-reason"))
    return values


async def _create_application(view: View, row: Row | None, body: Body) -> Row:
    sandbox, values = view.sandbox, _application_values(view, body)
    ids = body.ids(candidate_id="candidate", job_id="job")
    row = pipeline.apply(sandbox, view.actor, ids.get("candidate_id"), ids.get("job_id"), **values)
    person, job = sandbox.db["candidates"].rows[row["candidate_id"]], sandbox.db["jobs"].rows[row["job_id"]]
    if body.attributes.get("send-default-reply"):
        sandbox.email(view.actor, person["email"], f"Thank you for applying to {job['title']}",
                      "We have received your application.", "send-default-reply", person["id"])  # fmt: skip
    if body.attributes.get("send-user-notifications"):
        sandbox.email(view.actor, sandbox.db["users"].rows[job["user_id"]]["email"], f"New application: {job['title']}",
                      people.named(person), "send-user-notifications", person["id"])  # fmt: skip
    return row


async def _update_application(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    values, refused = _application_values(view, body), view.sandbox.options.unreject == "refused"
    if "stage_id" in values and values["stage_id"] is None:
        raise Invalid(("stage", "must exist"))
    if refused and row["rejected_at"] and "rejected_at" in values and values["rejected_at"] is None:
        raise Invalid(("rejected-at", "can't be blank"))
    pipeline.update(view.sandbox, view.actor, row["id"], values)
    return row


def _stage_type(view: View, values: list[str]) -> Keep:
    """By the type of the stage somebody is in; small letters are understood too."""
    known = {kind.lower(): kind for kind in (pipeline.INBOX, pipeline.IN_PROCESS, pipeline.HIRED)}
    wanted = {known.get(value.lower().replace("-", " ")) for value in values}
    if None in wanted:
        raise ValueError(values)
    stages = view.sandbox.db["stages"].rows
    return lambda row: row["stage_id"] in stages and stages[row["stage_id"]]["stage_type"] in wanted


APPLICATIONS = Resource(
    "job-applications", "applications",
    own("cover-letter", "created-at", "referring-site", "referring-url", "rejected-at", "sourced", "updated-at",
        "row-order", "changed-stage-at"),
    relations={"candidate": One("candidates", "candidate_id"), "job": One("jobs", "job_id"),
               "stage": One("stages", "stage_id"), "reject-reason": One("reject-reasons", "reject_reason_id")},
    filters={"stage-type": _stage_type, "job": by("job_id"), "stage": by("stage_id"), "candidate": by("candidate_id")},
    moments={"created-at": "created_at", "updated-at": "updated_at", "changed-stage-at": "changed_stage_at"},
    sorts=("created-at", "updated-at", "changed-stage-at", "rejected-at"),
    newer=frozenset({"row-order", "filter:job", "filter:stage", "filter:candidate"}),
    create=Write(frozenset({"cover-letter", "referring-url", "sourced", "rejected-at", "send-default-reply",
                            "send-user-notifications"}),
                 frozenset({"candidate", "job", "stage", "reject-reason"}), _create_application),
    update=Write(frozenset({"cover-letter", "referring-url", "sourced", "rejected-at"}),
                 frozenset({"stage", "reject-reason"}), _update_application),
)  # fmt: skip


# Jobs and stages.


def _job(view: View, row: Row) -> dict[str, Any]:
    sandbox = view.sandbox
    shown = own("apply-button-text", "body", "internal", "picture", "pinned", "status", "title", "pitch",
                "remote-status", "external-application-url", "name-requirement", "resume-requirement",
                "cover-letter-requirement", "phone-requirement", "created-at", "updated-at",
                "tags")(view, row)  # fmt: skip
    if not view.at_least("admin"):
        del shown["created-at"], shown["tags"]
    dates = {"start-date": sandbox.when(row["start_date"]), "end-date": sandbox.when(row["end_date"])}
    return {**shown, **dates, "human-status": pipeline.human_status(sandbox, row),
            "mailbox": f"job-{row['id']}@inbound.tenant.example"}  # fmt: skip


def _job_links(view: View, row: Row) -> dict[str, Any]:
    slug = f"{view.base}/careers/jobs/{row['id']}"
    return {"careersite-job-url": slug, "careersite-job-apply-url": slug,
            "careersite-job-apply-iframe-url": f"{slug}?iframe=true"}  # fmt: skip


def _job_visible(view: View, row: Row) -> bool:
    """A public key sees what is on the career site, and nobody is told that there is more."""
    if view.at_least("internal"):
        return True
    return pipeline.human_status(view.sandbox, row) == "published" and not row["internal"]


def _status(view: View, values: list[str]) -> Keep:
    if set(values) - {"published", "unlisted", "archived", "draft", "scheduled", "expired", "all"}:
        raise ValueError(values)
    return lambda row: "all" in values or pipeline.human_status(view.sandbox, row) in values


def _feed(view: View, values: list[str]) -> Keep:
    if set(values) - {"public", "internal"}:
        raise ValueError(values)
    return lambda row: ("internal" if row["internal"] else "public") in values


ADVERT = frozenset({
    "title", "pitch", "body", "status", "internal", "start-date", "end-date", "tags", "remote-status",
    "external-application-url", "name-requirement", "resume-requirement", "cover-letter-requirement",
    "phone-requirement", "picture", "apply-button-text", "pinned",
})  # fmt: skip


def _job_values(view: View, body: Body) -> dict[str, Any]:
    values = {**body.values(), **body.ids(user_id="user", department_id="department", role_id="role",
                                          location_ids="locations", region_ids="regions")}  # fmt: skip
    for name in ("start_date", "end_date"):
        if values.get(name) is not None:
            values[name] = moment(view.sandbox, values[name])
    return values


async def _create_job(view: View, row: Row | None, body: Body) -> Row:
    return pipeline.open_job(view.sandbox, view.actor, _job_values(view, body))


async def _update_job(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    pipeline.change_job(view.sandbox, view.actor, row["id"], _job_values(view, body))
    return row


def _applicants(view: View, row: Row) -> list[Row]:
    db = view.sandbox.db
    return [db["candidates"].rows[one["candidate_id"]] for one in db["applications"].where("job_id", row["id"])]


JOBS = Resource(
    "jobs", "jobs", _job,
    relations={
        "activities": Many("activities", below("activities", "job_id")),
        "department": One("departments", "department_id"), "role": One("roles", "role_id"),
        "locations": Many("locations", listed("locations", "location_ids")),
        "regions": Many("regions", listed("regions", "region_ids")), "user": One("users", "user_id"),
        "questions": Many("questions", below("questions", "job_id")), "candidates": Many("candidates", _applicants),
        "stages": Many("stages", below("stages", "job_id")),
    },
    filters={"status": _status, "feed": _feed, "department": by("department_id"), "role": by("role_id"),
             "locations": among("location_ids"), "regions": among("region_ids")},
    sorts=("title", "created-at", "updated-at", "pinned", "start-date", "end-date", "status"), level="public",
    newer=frozenset({"updated-at"}), visible=_job_visible, links=_job_links,
    usual={"status": "published", "feed": "public"},
    order=lambda row: (not row["pinned"], row["start_date"] or row["created_at"], row["id"]),
    create=Write(ADVERT, frozenset({"user", "department", "role", "locations", "regions"}), _create_job),
    update=Write(ADVERT, frozenset({"user", "department", "role", "locations", "regions"}), _update_job),
)  # fmt: skip


def _stage(view: View, row: Row) -> dict[str, Any]:
    rows = view.sandbox.db["applications"].where("stage_id", row["id"])
    rejected = sum(one["rejected_at"] is not None for one in rows)
    counts = {"active-job-applications-count": len(rows) - rejected, "rejected-job-applications-count": rejected}
    return {**own("created-at", "updated-at", "name", "stage-type", "row-order")(view, row), **counts}


STAGES = Resource(
    "stages", "stages", _stage,
    relations={"job-applications": Many("job-applications", below("applications", "stage_id")),
               "triggers": Many("triggers", below("triggers", "stage_id")), "job": One("jobs", "job_id")},
    filters={"job": by("job_id")}, newer=frozenset({"filter:job"}),
    sorts=("name", "stage-type", "row-order", "created-at", "updated-at"),
)  # fmt: skip


# Notes, files, reasons.


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


def _reason(body: Body) -> dict[str, Any]:
    values = body.values("reason", "rejected-by-company")
    if "reason" in values and not (isinstance(values["reason"], str) and values["reason"].strip()):
        raise Invalid(("reason", "can't be blank"))
    return values


async def _create_reason(view: View, row: Row | None, body: Body) -> Row:
    values = _reason(Body({"reason": None, "rejected-by-company": True, **body.attributes}, {}))
    return view.sandbox.db.create("reject_reasons", view.actor, **values)


async def _update_reason(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    view.sandbox.db.change("reject_reasons", row["id"], view.actor, _reason(body))
    return row


def _delete_reason(view: View, row: Row) -> None:
    """Who was rejected for it is still rejected, for no reason."""
    for one in view.sandbox.db["applications"].where("reject_reason_id", row["id"]):
        view.sandbox.db.change("applications", one["id"], view.actor, {"reject_reason_id": None}, touch=False)
    view.sandbox.db.delete("reject_reasons", row["id"], view.actor)


REASONS = Resource(
    "reject-reasons", "reject_reasons", own("reason", "rejected-by-company"),
    relations={"job-applications": Many("job-applications", below("applications", "reject_reason_id"))},
    sorts=("reason",),
    create=Write(frozenset({"reason", "rejected-by-company"}), frozenset(), _create_reason),
    update=Write(frozenset({"reason", "rejected-by-company"}), frozenset(), _update_reason),
    delete=_delete_reason,
)  # fmt: skip


# Custom fields.


def _field(view: View, row: Row) -> dict[str, Any]:
    return {**own("name", "api-name", "field-type", "created-at", "updated-at", "owner-type")(view, row),
            "is-private": False, "is-searchable": False}  # fmt: skip


VALUES = {"custom-field-values": Many("custom-field-values", below("custom_field_values", "custom_field_id"))}
OPTIONS = {"custom-field-options": Many("custom-field-options", below("custom_field_options", "custom_field_id"))}


async def _create_field(view: View, row: Row | None, body: Body) -> Row:
    return fields.define(
        view.sandbox, view.actor, body.values(), [one for one in fields.TYPES if one not in fields.SELECTS]
    )


async def _create_select(view: View, row: Row | None, body: Body) -> Row:
    return fields.define(view.sandbox, view.actor, body.values(), fields.SELECTS)


async def _update_field(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    fields.rename(view.sandbox, view.actor, row["id"], body.attributes.get("name", row["name"]))
    return row


FIELDS = Resource(
    "custom-fields", "custom_fields", _field, relations=VALUES, sorts=("name", "api-name", "field-type"),
    newer=frozenset({"owner-type", "is-private", "is-searchable"}),
    create=Write(frozenset({"name", "api-name", "field-type", "owner-type"}), frozenset(), _create_field),
    update=Write(frozenset({"name"}), frozenset(), _update_field),
)  # fmt: skip
SELECTS = Resource(
    "custom-field-selects", "custom_fields", _field, relations={**VALUES, **OPTIONS}, newer=FIELDS.newer,
    sorts=("name", "api-name", "field-type"), visible=lambda view, row: row["field_type"] in fields.SELECTS,
    create=Write(frozenset({"name", "api-name", "field-type", "select-options", "owner-type"}), frozenset(),
                 _create_select),
    update=Write(frozenset({"name"}), frozenset(), _update_field),
)  # fmt: skip


async def _create_option(view: View, row: Row | None, body: Body) -> Row:
    return fields.add_option(view.sandbox, view.actor, body.relations.get("custom-field"), body.attributes.get("value"))


async def _update_option(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    value = body.attributes.get("value", row["value"])
    if not isinstance(value, str) or not value.strip():
        raise Invalid(("value", "can't be blank"))
    view.sandbox.db.change("custom_field_options", row["id"], view.actor, {"value": value})
    return row


CHOICES = Resource(
    "custom-field-options", "custom_field_options", own("value"),
    relations={"custom-field": One("custom-fields", "custom_field_id")}, sorts=("value",),
    create=Write(frozenset({"value"}), frozenset({"custom-field"}), _create_option),
    update=Write(frozenset({"value"}), frozenset(), _update_option),
)  # fmt: skip


def _value(view: View, row: Row) -> dict[str, Any]:
    field = view.sandbox.db["custom_fields"].rows[row["custom_field_id"]]
    return {"field-type": field["field_type"], "value": fields.read(view.sandbox, field, row["value"])}


def _field_type(view: View, values: list[str]) -> Keep:
    if set(values) - set(fields.TYPES):
        raise ValueError(values)
    rows = view.sandbox.db["custom_fields"].rows
    return lambda row: rows[row["custom_field_id"]]["field_type"] in values


async def _create_value(view: View, row: Row | None, body: Body) -> Row:
    ids = body.ids(candidate_id="owner", field_id="custom-field")
    return people.set_value(view.sandbox, view.actor, ids.get("candidate_id"), ids.get("field_id"),
                            body.attributes.get("value"))  # fmt: skip


async def _update_value(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    ids = body.ids(candidate_id="owner", custom_field_id="custom-field")
    for column, id in ids.items():  # may be said again, not changed
        if id != row[column]:
            raise Invalid(("owner" if column == "candidate_id" else "custom-field", "cannot be changed"))
    people.change_value(view.sandbox, view.actor, row["id"], body.attributes.get("value", row["value"]))
    return row


FIELD_VALUES = Resource(
    "custom-field-values", "custom_field_values", _value,
    relations={"custom-field": One("custom-fields", "custom_field_id"), "owner": One("candidates", "candidate_id")},
    filters={"field-type": _field_type, "custom-field": by("custom_field_id")},
    newer=frozenset({"filter:custom-field"}),
    create=Write(frozenset({"value"}), frozenset({"custom-field", "owner"}), _create_value),
    update=Write(frozenset({"value"}), frozenset({"custom-field", "owner"}), _update_value),
)  # fmt: skip


# What is only read.


def _user(view: View, row: Row) -> dict[str, Any]:
    shown = own("description", "email", "external-id", "hide-email", "login-email", "name", "phone", "picture", "role",
                "title", "username", "visible", "signature")(view, row)  # fmt: skip
    if not view.at_least("admin"):
        del shown["login-email"]
        if row["hide_email"]:
            del shown["email"]
    return shown


USERS = Resource(
    "users", "users", _user,
    relations={"activities": Many("activities", below("activities", "user_id")),
               "department": One("departments", "department_id"), "location": One("locations", "location_id"),
               "jobs": Many("jobs", below("jobs", "user_id"))},
    filters={"email": by("email"), "department": by("department_id"), "external-id": by("external_id")},
    sorts=("name", "email", "role", "title", "username"), level="public",
)  # fmt: skip


def _result(view: View, row: Row) -> dict[str, Any]:
    by_whom = view.sandbox.db["partners"].get(row["partner_id"])
    return {"assessment-score": row["assessment"]["score"], "attachments": row["attachments"] or [],
            "created-at": view.sandbox.when(row["created_at"]),
            "details": json.dumps(row["details"]) if row["details"] else "",
            "partner-name": by_whom and by_whom["name"], **own("status", "summary", "url")(view, row)}  # fmt: skip


def _recent(view: View, row: Row) -> bool:
    """Old lines of the audit log are gone."""
    return row["created_at"] > view.sandbox.now() - timedelta(days=view.sandbox.options.audit_days)


def _event(view: View, row: Row) -> dict[str, Any]:
    return {**own("action", "actor-id", "actor-label", "actor-type", "description", "ip-address", "source-label",
                  "source-type")(view, row),
            "source-id": str(row["source_id"]), "timestamp": view.sandbox.when(row["created_at"])}  # fmt: skip


CANDIDATE = One("candidates", "candidate_id")
RESOURCES: Mapping[str, Resource] = {one.type: one for one in (
    CANDIDATES, APPLICATIONS, JOBS, STAGES, NOTES, UPLOADS, REASONS, FIELDS, SELECTS, CHOICES, FIELD_VALUES, USERS,
    plain("departments", "name"),
    plain("roles", "name", relations={"department": One("departments", "department_id")}),
    plain("regions", "name"),
    plain("locations", "name", "city", "country", "address", "zip", relations={"region": One("regions", "region_id")}),
    plain("questions", "title", "question-type", "alternatives", "multiple", "single-line", "start-with", "end-with",
          "unit"),
    plain("answers", "text", "boolean", "choices", "range", "video-token", "updated-at", level="admin",
          relations={"question": One("questions", "question_id"), "candidate": CANDIDATE}),
    plain("triggers", "created-at", "updated-at", "trigger-type", "data", level="admin",
          relations={"stage": One("stages", "stage_id")}),
    plain("activities", "code", "created-at", "data", level="admin", listed=False,
          relations={"candidate": CANDIDATE, "job": One("jobs", "job_id"), "user": One("users", "user_id")}),
    plain("interviews", "note", "status", "created-at", "updated-at", level="admin",
          moments={"updated-at": "updated_at"}, newer=frozenset({"interviews"}),
          relations={"candidate": CANDIDATE, "job": One("jobs", "job_id"), "user": One("users", "user_id")}),
    Resource("partner-results", "partner_results", _result, sorts=("created-at", "status"),
             relations={"candidate": CANDIDATE, "job": One("jobs", "job_id")},
             filters={"candidate": by("candidate_id")}, order=lambda row: row["created_at"]),
    Resource("audit-events", "audit_events", _event, sorts=("timestamp", "action", "source-type"), visible=_recent),
)}  # fmt: skip


def company(view: View) -> dict[str, Any]:
    """The company that a key belongs to."""
    about = view.sandbox.company
    own_link = f"{view.base}/v1/companies/{about['uuid']}"
    return {"data": {
        "id": about["uuid"], "type": "companies", "links": {"self": own_link},
        "attributes": {name: about[name] for name in ("name", "locale", "website")},
        "relationships": {"manager": {"links": {"self": f"{own_link}/relationships/manager",
                                                "related": f"{own_link}/manager"}}}}}  # fmt: skip


# What a partner sees.

PARTNERS = "/partner/v1"
SETTINGS = frozenset({"base-url", "webhook-config", "webhook-activation-config", "dynamic-activation-config"})
CARD = frozenset(name.replace("_", "-") for name in partner.WRITABLE)


def _activation(view: View, row: Row) -> dict[str, Any]:
    about = view.sandbox.company
    return {"provider-key": row["provider_key"], "company-name": about["name"], "company-uuid": about["uuid"]}


async def _create_result(view: View, row: Row | None, body: Body) -> Row:
    return partner.result(view.sandbox, view.actor, view.partner_id, body.values())


async def _update_result(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    partner.change_result(view.sandbox, view.actor, row["id"], body.values())
    return row


async def _configure(view: View, row: Row | None, body: Body) -> Row:
    assert row is not None
    if "base-url" in body.attributes and not partner.valid_address(body.attributes["base-url"]):
        raise Invalid(("base-url", "is invalid"))
    partner.configure(view.sandbox, view.actor, row["id"], body.values())
    return row


def _of_partner(view: View, row: Row) -> bool:
    return row["partner_id"] == view.partner_id


PARTNER: Mapping[str, Resource] = {one.type: one for one in (
    Resource("partner-results", "partner_results",
             own("assessment", "details", "status", "summary", "url", "candidate-id", "attachments", "job-id",
                 "actions", "assessment-criteria"),
             level="public", visible=_of_partner, order=lambda row: row["created_at"], prefix=PARTNERS,
             create=Write(CARD | {"candidate-id"}, frozenset(), _create_result),
             update=Write(CARD, frozenset(), _update_result),
             delete=lambda view, row: view.sandbox.db.delete("partner_results", row["id"], view.actor)),
    Resource("partner-activations", "partner_activations", _activation, level="public", visible=_of_partner,
             prefix=PARTNERS),
    Resource("partners", "partners", own("name", *sorted(SETTINGS)), level="public", listed=False, prefix=PARTNERS,
             visible=lambda view, row: row["id"] == view.partner_id,
             update=Write(SETTINGS, frozenset(), _configure)),
)}  # fmt: skip
