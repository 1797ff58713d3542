"""API keys: what each may do, and which part of the world it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..kit.access import basic, valid
from ..kit.tables import Database, Row
from .errors import Refused, forbidden

MODULES = ("jobs", "candidates", "interviews", "hiringProcessMetadata", "organization", "offers", "apiKeys",
           "approvals", "reports")  # fmt: skip
SCOPES = (*(f"{module}:{right}" for module in MODULES for right in ("read", "write")), "candidates:delete")

# What an object is of, to know whether it belongs to a confidential job: kind -> the column that leads there.
OF: Mapping[str, tuple[str, str]] = {
    "applications": ("jobs", "job_id"), "postings": ("jobs", "job_id"), "history": ("applications", "application_id"),
    "feedback": ("applications", "application_id"), "schedules": ("applications", "application_id"),
    "events": ("schedules", "schedule_id"), "offers": ("applications", "application_id"),
    "offer_processes": ("applications", "application_id"),
}  # fmt: skip


def key_of(db: Database, authorization: str | None) -> Row:
    """The key that a request's Basic header names. Raises Refused: 401 without one, 403 for a wrong one."""
    named = basic(authorization)
    if named is None or not named[0]:
        raise Refused(401, "Unauthorized: send your API key as the user name of HTTP Basic authentication.")
    for row in db["credentials"]:
        if valid(row, named[0], db.now()):
            return row
    raise Refused(403, "Forbidden: this API key is wrong or was deactivated.")


def allow(key: Row, scope: str) -> None:
    if scope and scope not in key["scopes"]:
        raise forbidden(scope)


class Sight:
    """What one API key sees. None: everything, as a person with all rights does."""

    def __init__(self, db: Database, key: Row | None, seen: Callable[[str, Row], bool]) -> None:
        self.db = db
        self.confidential = key is None or key["confidential"]
        self.private = key is None or key["private_fields"]
        self._seen = seen
        # Most tenants have none, and then nothing needs to be looked up.
        self._secrets = not self.confidential and any(row["confidential"] for row in db["jobs"])

    def sees(self, kind: str, row: Row) -> bool:
        return self._seen(kind, row) and (self.confidential or not self._hidden(kind, row))

    def _hidden(self, kind: str, row: Row) -> bool:
        """Whether it belongs to confidential jobs alone."""
        if kind in ("jobs", "projects"):
            return row["confidential"]
        if not self._secrets:
            return False
        if kind == "candidates":
            own = self.db["applications"].where("candidate_id", row["id"])
            return bool(own) and all(self._hidden("applications", one) for one in own)
        if kind in ("notes", "attachments"):
            return self._hidden("candidates", self.db["candidates"].rows[row["candidate_id"]])
        if kind == "openings":
            jobs = [self.db["jobs"].rows[one] for one in row["job_ids"] if one in self.db["jobs"].rows]
            return bool(jobs) and all(job["confidential"] for job in jobs)
        if kind in OF:
            above, column = OF[kind]
            parent = self.db[above].get(row[column])
            return parent is not None and self._hidden(above, parent)
        return False

    def all(self, kind: str) -> list[Row]:
        return [row for row in self.db[kind] if self.sees(kind, row)]

    def of(self, kind: str, parent: str, id: str) -> list[Row]:
        return [row for row in self.db[kind].where(parent, id) if self.sees(kind, row)]

    def get(self, kind: str, id: object) -> Row | None:
        row = self.db[kind].get(id)
        return row if row is not None and self.sees(kind, row) else None
