"""The kinds of objects, under the words that all sandboxes use where they have the same thing."""

from __future__ import annotations

from collections.abc import Mapping

from ..kit.ids import numbers, uuids
from ..kit.tables import Kind

PARENTS: Mapping[str, tuple[str, ...]] = {
    "users": (),
    "departments": (),
    "locations": (),
    "sources": (),
    "archive_reasons": (),
    "close_reasons": (),
    "templates": (),
    "roles": (),
    "tags": (),
    "projects": (),
    "custom_fields": (),
    "stage_groups": (),
    "plans": (),
    "stages": ("plan_id",),
    "jobs": (),
    "postings": ("job_id",),
    "openings": (),
    "candidates": (),
    "applications": ("candidate_id", "job_id"),
    "history": ("application_id", "candidate_id"),
    "notes": ("candidate_id",),
    "attachments": ("candidate_id",),
    "uploads": (),
    "forms": (),
    "feedback": ("application_id", "candidate_id"),
    "interviews": (),
    "schedules": ("application_id", "candidate_id"),
    "events": ("schedule_id",),
    "offer_processes": ("application_id", "candidate_id"),
    "offers": ("application_id", "candidate_id"),
    "assessments": ("candidate_id",),
    "emails": ("candidate_id",),
    "credentials": (),
    "webhooks": (),
}


def kinds(seed: int) -> dict[str, Kind]:
    made = {kind: Kind(uuids(seed, kind), parents) for kind, parents in PARENTS.items()}
    return {**made, "credentials": Kind(numbers(1), ())}
