"""CVs: which one is an application's, and which file of it."""

from __future__ import annotations

import hashlib

from bascule.model import Family, Kind, Record, RecordState


def newest(family: Family, application: Record) -> Record | None:
    """The newest CV of this application, else the newest of the candidate."""
    mine = [
        r
        for r in family.records.values()
        if r.kind is Kind.ATTACHMENT and r.state is RecordState.LIVE and r.fields.get("type") == "resume"
    ]
    own = [r for r in mine if r.fields.get("application") == application.id]
    return max(own or mine, key=lambda r: (str(r.fields.get("created_at") or ""), r.id), default=None)


def file_of(attachment: Record) -> str:
    """One file of one attachment: what was said of it is not said of the next."""
    return f"{attachment.id}:{version_of(attachment)}"


def version_of(attachment: Record) -> str:
    """What tells one file of an attachment from a later one (its signed address changes all the time)."""
    told = [str(attachment.fields.get(name) or "") for name in ("filename", "created_at", "type")]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]
