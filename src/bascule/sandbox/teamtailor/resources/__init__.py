"""Every type of object of the two interfaces: what it shows, what it can be asked by, what can be written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...kit.tables import Row
from ..jsonapi import Many, One, Resource, View
from .candidates import CANDIDATES, NOTES, UPLOADS
from .columns import below, by, own, plain
from .fields import CHOICES, FIELD_VALUES, FIELDS, SELECTS
from .jobs import APPLICATIONS, JOBS, REASONS, STAGES
from .partners import PARTNER, PARTNERS

__all__ = ["PARTNER", "PARTNERS", "RESOURCES", "company"]


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
