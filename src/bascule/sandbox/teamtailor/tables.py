"""The objects of a tenant: the columns that point to others, and how their ids are made."""

from __future__ import annotations

from collections.abc import Mapping

from ..kit.ids import numbers, uuids
from ..kit.tables import Kind

# kind: (first id, columns that point to other kinds). No first id: UUIDs.
KINDS: Mapping[str, tuple[int | None, tuple[str, ...]]] = {
    "users": (4_468, ()),
    "departments": (337, ()),
    "roles": (410, ("department_id",)),
    "regions": (12, ()),
    "locations": (667, ("region_id",)),
    "reject_reasons": (31, ()),
    "jobs": (7_199, ("user_id", "department_id", "role_id")),
    "stages": (22_505, ("job_id",)),
    "triggers": (44, ("stage_id",)),
    "questions": (44_221, ("job_id",)),
    "candidates": (54_321, ("department_id", "role_id")),
    "applications": (90_771, ("candidate_id", "job_id", "stage_id", "reject_reason_id")),
    "notes": (3_001, ("candidate_id", "user_id", "application_id")),
    "attachments": (446_842, ("candidate_id", "job_id")),
    "answers": (81_337, ("candidate_id", "question_id")),
    "custom_fields": (901, ()),
    "custom_field_options": (1_501, ("custom_field_id",)),
    "custom_field_values": (60_001, ("candidate_id", "custom_field_id")),
    "interviews": (8_101, ("candidate_id", "job_id", "user_id")),
    "activities": (700_001, ("candidate_id", "job_id", "user_id")),
    "audit_events": (1, ()),
    "emails": (1, ("candidate_id",)),
    "partners": (99, ()),
    "partner_activations": (1, ("partner_id",)),
    "partner_results": (None, ("candidate_id", "job_id", "partner_id")),
    "credentials": (1, ()),
    "webhooks": (1, ()),
}
KEYS: Mapping[str, tuple[str, ...]] = {"candidates": ("email",)}


def kinds(seed: int) -> dict[str, Kind]:
    """Every kind of object of a tenant."""
    return {
        name: Kind(uuids(seed, name) if first is None else numbers(first), parents, KEYS.get(name, ()))
        for name, (first, parents) in KINDS.items()
    }
