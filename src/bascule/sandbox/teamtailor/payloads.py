"""What webhooks show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..kit.ids import Id
from ..kit.tables import Row
from . import fields
from .sandbox import Sandbox


def gone(kind: str, id: Id) -> dict[str, Any]:
    """What is left of something that was deleted."""
    return {"id": str(id), "type": kind}


def candidate(sandbox: Sandbox, row: Row) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "phone", "pitch", "linkedin_url", "picture", "referring_site",
             "referring_url", "internal", "sourced", "connected", "tags")  # fmt: skip
    places = [sandbox.db["locations"].get(id) for id in row["location_ids"]]
    return {"id": str(row["id"]), "type": "candidates", "attributes": {
        **{name: row[name] for name in names}, "custom_fields": fields.of(sandbox, row["id"]),
        "locations": [place["name"] for place in places if place], "restricted_at": sandbox.when(row["restricted_at"]),
        "created_at": sandbox.when(row["created_at"]), "updated_at": sandbox.when(row["updated_at"]),
        "company_uuid": sandbox.company["uuid"]}}  # fmt: skip


def application(sandbox: Sandbox, row: Row) -> dict[str, Any]:
    job, stage = sandbox.db["jobs"].rows[row["job_id"]], sandbox.db["stages"].get(row["stage_id"])
    days, rejected = sandbox.options.transparent_days, row["rejected_at"]
    return {"id": str(row["id"]), "type": "job_applications", "attributes": {
        "job_id": row["job_id"], "job_title": job["title"], "stage_name": stage and stage["name"],
        "last_moved_at": sandbox.when(row["changed_stage_at"]), "referring_site": row["referring_site"],
        "referring_url": row["referring_url"], "referer_id": None, "rejected_at": sandbox.when(rejected),
        "promotion_id": None, "updated_at": sandbox.when(row["updated_at"]), "company_uuid": sandbox.company["uuid"],
        "transparent_recruiting_visible_at":
            sandbox.when(rejected + timedelta(days=days)) if days and rejected else None}}  # fmt: skip


def job(sandbox: Sandbox, row: Row, human_status: str) -> dict[str, Any]:
    return {"id": str(row["id"]), "type": "jobs", "attributes": {
        "title": row["title"], "body": row["body"], "company-name": sandbox.company["name"],
        "cover-letter-requirement": f"cover_letter_{row['cover_letter_requirement']}",
        "created-at": sandbox.when(row["created_at"]), "employment-level": "none", "employment-type": "none",
        "human-status": human_status, "internal": row["internal"], "remote-status": row["remote_status"],
        "status": row["status"], "tags": row["tags"], "updated-at": sandbox.when(row["updated_at"])}}  # fmt: skip
