"""Jobs and their stages, applications, and the reasons for which these are rejected."""

from __future__ import annotations

from typing import Any

from ...kit.tables import Row
from .. import people, pipeline
from ..errors import Invalid
from ..jsonapi import Body, Keep, Many, One, Resource, View, Write, moment
from .columns import among, below, by, listed, own

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


# Reasons.


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
