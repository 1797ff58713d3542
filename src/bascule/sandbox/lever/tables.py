"""The kinds of object a tenant of Lever has, by the words that all sandboxes share.

A contact is a candidate, an opportunity an application, a posting a job, a file or a resume an attachment. What Lever
calls an application, the link between an opportunity and a posting, is a submission here.
"""

from __future__ import annotations

from ..kit.ids import numbers, uuids
from ..kit.tables import Kind

# kind: columns that point to other kinds.
PARENTS: dict[str, tuple[str, ...]] = {
    "users": (),
    "stages": (),
    "archive_reasons": (),
    "jobs": (),
    "requisitions": (),
    "requisition_fields": (),
    "candidates": (),
    "applications": ("candidate_id", "job_id"),
    "submissions": ("application_id", "candidate_id", "job_id"),
    "notes": ("application_id", "candidate_id"),
    "attachments": ("application_id", "candidate_id"),
    "form_templates": (),
    "forms": ("application_id", "candidate_id"),
    "feedback_templates": (),
    "feedback": ("application_id", "candidate_id"),
    "panels": ("application_id", "candidate_id"),
    "interviews": ("application_id", "candidate_id", "panel_id"),
    "offers": ("application_id", "candidate_id"),
    "tags": (),
    "sources": (),
    "uploads": (),
    "credentials": (),
    "webhooks": (),
}
# Kinds that no interface shows under an id of theirs.
OWN: dict[str, tuple[str, ...]] = {"deleted_records": (), "emails": ("candidate_id",), "webhook_events": ()}
# What goes with an opportunity.
BELOW = ("submissions", "notes", "attachments", "forms", "feedback", "panels", "interviews", "offers")


def kinds(seed: int) -> dict[str, Kind]:
    made = {kind: Kind(uuids(seed, kind), parents) for kind, parents in PARENTS.items()}
    return {**made, **{kind: Kind(numbers(), parents) for kind, parents in OWN.items()}}
