"""The objects inside webhook payloads. They keep the shapes of the first Harvest version."""

from __future__ import annotations

from typing import Any

from ..kit.tables import Database, Row, iso
from . import fields

NOBODY: dict[str, Any] = {}


def named(row: Row | None, *keys: str) -> dict[str, Any] | None:
    return None if row is None else {key: row.get(key) for key in ("id", *(keys or ("name",)))}


def user(row: Row | None) -> dict[str, Any] | None:
    return named(row, "first_name", "last_name", "name", "employee_id")


def candidate(db: Database, row: Row) -> dict[str, Any]:
    """A candidate as update_candidate and every application event carry it."""
    tags = [db["candidate_tags"].rows[one["candidate_tag_id"]]["name"]
            for one in db["applied_candidate_tags"].where("candidate_id", row["id"])]  # fmt: skip
    applications = db["applications"].where("candidate_id", row["id"])
    newest = applications[-1] if applications else NOBODY
    return {
        "id": row["id"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "company": row["company"],
        "title": row["title"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "last_activity": iso(newest.get("last_activity_at") or row["updated_at"]),
        "is_private": row["private"],
        "can_email": row["can_email"],
        "photo_url": None,
        "external_id": None,
        "phone_numbers": row["phone_numbers"],
        "email_addresses": row["email_addresses"],
        "addresses": row["addresses"],
        "website_addresses": row["website_addresses"],
        "social_media_addresses": row["social_media_addresses"],
        "recruiter": user(db["users"].get(newest.get("recruiter_id"))),
        "coordinator": user(db["users"].get(newest.get("coordinator_id"))),
        "application_ids": [one["id"] for one in applications],
        "linked_user_ids": row["linked_user_ids"],
        "tags": tags,
        "custom_fields": fields.keyed(db, "candidate", row["custom_fields"], webhook=True),
    }


def job(db: Database, row: Row) -> dict[str, Any]:
    department = db["departments"].get(row["department_id"])
    return {
        "id": row["id"],
        "name": row["name"],
        "requisition_id": row["requisition_id"],
        "notes": row["notes"],
        "confidential": row["confidential"],
        "status": row["status"],
        "created_at": iso(row["created_at"]),
        "opened_at": iso(row["opened_at"]),
        "closed_at": iso(row["closed_at"]),
        "departments": [named(department)] if department else [],
        "offices": [named(db["offices"].get(id)) for id in row["office_ids"]],
        "openings": [opening(one) for one in db["openings"].where("job_id", row["id"])],
        "custom_fields": fields.keyed(db, "job", row["custom_fields"], webhook=True),
    }


def opening(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "opening_id": row["opening_id"],
        "status": "open" if row["open"] else "closed",
        "opened_at": iso(row["opened_at"]),
        "closed_at": iso(row["closed_at"]),
        "application_id": row["application_id"],
    }


def job_post(row: Row) -> dict[str, Any]:
    """Comes without a wrapper object, and without `job_id` when it is a post for prospects."""
    shown = {
        "id": row["id"], "title": row["title"], "active": row["active"], "live": row["live"],
        "internal": row["internal"], "external": row["external"], "content": row["content"],
        "location": row["location"], "questions": row["questions"], "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }  # fmt: skip
    return {**shown, "job_id": row["job_id"]} if row["job_id"] else shown


def stage(db: Database, row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    interviews = db["job_interviews"].where("job_interview_stage_id", row["id"])
    return {"id": row["id"], "name": row["name"], "interviews": [named(one) for one in interviews]}


def attachment(row: Row) -> dict[str, Any]:
    return {"filename": row["filename"], "url": row["path"], "type": row["type"], "created_at": iso(row["created_at"])}


def rejection_reason(db: Database, id: int | None) -> dict[str, Any] | None:
    row = db["rejection_reasons"].get(id)
    return row and {"id": row["id"], "name": row["name"], "type": row["type"]}


def application(db: Database, row: Row) -> dict[str, Any]:
    """An application with its candidate, as the application events carry it."""
    tables = db.tables
    jobs = [tables["jobs"].get(id) for id in ([row["job_id"]] if row["job_id"] else row["prospective_job_ids"])]
    details = tables["rejection_details"].where("application_id", row["id"])
    detail = details[-1] if details and row["status"] == "rejected" else NOBODY
    pool = tables["prospect_pools"].get(row["prospect_pool_id"])
    pool_stage = tables["prospect_pool_stages"].get(row["prospect_pool_stage_id"])
    owner = tables["users"].get(row["prospect_owner_id"])
    referrer = tables["referrers"].get(row["referrer_id"])
    return {
        "id": row["id"],
        "candidate_id": row["candidate_id"],
        "rejected_at": iso(row["rejected_at"]),
        "prospect": row["prospect"],
        "status": "active" if row["status"] == "in_process" else row["status"],
        "applied_at": iso(row["created_at"]),
        "last_activity_at": iso(row["last_activity_at"]),
        "url": f"/candidates/{row['candidate_id']}?application={row['id']}",
        "source": named(tables["sources"].get(row["source_id"]), "public_name"),
        "credited_to": referrer and {"id": referrer["id"], "name": referrer["name"]},
        "recruiter": user(tables["users"].get(row["recruiter_id"])),
        "coordinator": user(tables["users"].get(row["coordinator_id"])),
        "rejection_reason": rejection_reason(db, detail.get("rejection_reason_id")),
        "rejection_details": {"custom_fields": {}} if detail else None,
        "current_stage": stage(db, tables["job_interview_stages"].get(row["job_interview_stage_id"])),
        "jobs": [{"id": one["id"], "name": one["name"]} for one in jobs if one],
        "job_post_id": row["job_post_id"],
        "answers": row["answers"],
        "location": {"address": row["location_address"]} if row["location_address"] else None,
        "prospect_detail": {
            "prospect_pool": named(pool),
            "prospect_stage": named(pool_stage),
            "prospect_owner": named(owner),
        },
        "attachments": [attachment(one) for one in tables["attachments"].where("application_id", row["id"])],
        "custom_fields": fields.keyed(db, "application", row["custom_fields"], webhook=True),
        "candidate": candidate(db, tables["candidates"].rows[row["candidate_id"]]),
    }


def offer(db: Database, row: Row) -> dict[str, Any]:
    """Dates come as MM/DD/YYYY here."""
    starts = row["starts_on"]
    return {
        "id": row["id"], "application_id": row["application_id"], "candidate_id": row["candidate_id"],
        "job_id": row["job_id"], "version": row["version"], "offer_status": row["status"],
        "sent_on": row["sent_on"], "resolved_at": iso(row["resolved_at"]), "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "start_date": f"{starts[5:7]}/{starts[8:10]}/{starts[:4]}" if starts else None,
        "custom_fields": fields.keyed(db, "offer", row["custom_fields"], webhook=True),
    }  # fmt: skip


def hire(db: Database, row: Row) -> dict[str, Any]:
    """Holds the job twice, as `job` (deprecated) and in `jobs`, and calls the source by `name`, not `public_name`."""
    body = application(db, row)
    hired_for = job(db, db["jobs"].rows[row["job_id"]])
    offers = db["offers"].where("application_id", row["id"])
    source = named(db["sources"].get(row["source_id"]), "name")
    return {"application": {**body, "source": source, "job": hired_for, "jobs": [hired_for],
                            "offer": offer(db, offers[-1]) if offers else None}}  # fmt: skip
