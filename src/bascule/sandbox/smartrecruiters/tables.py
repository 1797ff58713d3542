"""What a company is made of, and the words its API is written in."""

from __future__ import annotations

from collections.abc import Mapping

from ..kit.ids import hexes, uuids
from ..kit.tables import Kind

STATUSES = ("LEAD", "NEW", "IN_REVIEW", "INTERVIEW", "OFFERED", "HIRED", "REJECTED", "WITHDRAWN", "TRANSFERRED")
# Statuses that a hiring process divides by names of its own.
DIVIDED = ("IN_REVIEW", "INTERVIEW", "OFFERED")
# Statuses in which an application is over.
OVER = frozenset({"HIRED", "REJECTED", "WITHDRAWN", "TRANSFERRED"})
ONBOARDING = ("READY_TO_ONBOARD", "ONBOARDING_SUCCESSFUL", "ONBOARDING_FAILED")
JOB_STATUSES = ("CREATED", "SOURCING", "FILLED", "INTERVIEW", "OFFER", "CANCELLED", "ON_HOLD")
TYPES = ("SINGLE_SELECT", "BOOLEAN", "CURRENCY", "DATE", "NUMBER", "PERCENT", "TEXT")
CONTEXTS = ("HIRE_FORM", "OFFER_MANAGEMENT", "CANDIDATE_PROFILE")

SCOPES = (
    "candidates_read", "candidates_create", "candidates_manage", "candidate_status_read", "candidates_offers_read",
    "candidates_parse_resume", "candidate_applications_manage", "jobs_read", "jobs_manage", "jobs_publications_manage",
    "job_applications_read", "job_applications_manage", "configuration_read", "configuration_manage", "messages_read",
    "messages_write", "messages_manage", "reviews_read", "reviews_write", "webhooks_read", "webhooks_write",
    "webhooks_delete", "webhooks_manage", "users_read", "users_manage", "user_me_read", "company_read",
)  # fmt: skip

EVENTS = (
    "application.created", "application.status.updated", "application.fields.updated", "application.attachment.created",
    "application.source.updated", "application.onboarding-status.updated", "application.screening-answers.created",
    "application.screening-answers.updated", "candidate.created", "candidate.updated", "candidate.deleted",
    "job.created", "job.updated", "job.status.updated", "job.hiring-team.updated", "job.ad.created", "job.ad.updated",
    "job.ad.postings.updated", "position.created", "position.updated", "position.deleted", "offer.created",
    "offer.updated", "interview.created", "interview.updated", "interview.canceled",
)  # fmt: skip
REVIEW_EVENTS = ("review.created", "review.updated", "review.deleted")

# Kinds of objects with the columns that point to other kinds.
PARENTS: Mapping[str, tuple[str, ...]] = {
    "users": (), "processes": (), "stages": ("process_id",), "jobs": ("process_id",), "properties": (), "reasons": (),
    "candidates": (), "applications": ("candidate_id", "job_id"), "history": ("candidate_id", "application_id"),
    "attachments": ("candidate_id", "application_id"), "reviews": ("candidate_id", "application_id"),
    "notes": ("candidate_id",), "credentials": (), "webhooks": (), "emails": (),
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {"candidates": ("email",)}
# Objects whose ids are 24 hexadecimal digits; all others have UUIDs.
SHORT = frozenset({"users", "notes", "reviews"})


def kinds(seed: int) -> dict[str, Kind]:
    return {kind: Kind(hexes(seed, kind, 24) if kind in SHORT else uuids(seed, kind), parents, KEYS.get(kind, ()))
            for kind, parents in PARENTS.items()}  # fmt: skip
