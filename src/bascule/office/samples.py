"""Made-up events, one of each type, in the shape that is sent: nobody in them exists."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from bascule.core.bodies import Scene, body
from bascule.core.events import MERGED, STAGE_CHANGED, STATUS_CHANGED, TYPES
from bascule.model import (
    CANDIDATE_ERASED,
    EMPTY,
    Event,
    Family,
    Fields,
    Kind,
    Label,
    Link,
    Record,
    Status,
)

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NUMBER = 1_795_165_200_000_000
FAMILY, JOB_FAMILY = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"
IDS = {kind: f"0190a000-0000-7000-8000-0000000001{number:02d}" for number, kind in enumerate(Kind)}
HERE, NEXT = IDS[Kind.STAGE], "0190a000-0000-7000-8000-000000000201"
VALUES: dict[Kind, Fields] = {
    Kind.CANDIDATE: {
        "first_name": "Ada", "last_name": "Byron", "preferred_name": "Ada", "emails": ("ada@example.org",),
        "phones": ("+44 20 7946 0000",), "links": ("https://example.org/ada",), "company": "Northwind Systems",
        "title": "Backend Developer", "tags": ("referral",), "created_at": "2026-11-18T08:30:00+00:00",
    },
    Kind.APPLICATION: {
        "job": IDS[Kind.JOB], "stage": NEXT, "status": "active", "source": IDS[Kind.SOURCE], "tags": (),
        "applied_at": "2026-11-18T08:30:00+00:00", "match_score": 82.4, "match_skills": ("Docker", "Python"),
        "match_reasons": ("Six years of Python",), "ai_status": "scored", "audit_reference": "BSC-0000000A-1",
        "top_ten": True, "screening_status": "completed",
    },
    Kind.JOB: {
        "title": "Backend Engineer", "requisition": "ENG-7", "status": "open", "department": "Engineering",
        "offices": ("Malmö",), "description": "You build services in Python.",
    },
    Kind.NOTE: {"body": "Spoke on the phone.", "type": "NOTE", "visibility": "private", "created_at": AT.isoformat()},
    Kind.MESSAGE: {"subject": "Your application", "body": "Hello", "channel": "email", "created_at": AT.isoformat()},
    Kind.ATTACHMENT: {"filename": "cv.pdf", "type": "resume", "created_at": AT.isoformat()},
    Kind.INTERVIEW: {
        "name": "Technical interview", "status": "scheduled", "starts_at": "2026-11-25T13:00:00+00:00",
        "ends_at": "2026-11-25T14:00:00+00:00",
    },
    Kind.SCORECARD: {"rating": "yes", "status": "complete", "submitted_at": AT.isoformat(), "notes": "Strong."},
    Kind.OFFER: {"status": "sent", "version": 1, "starts_on": "2027-01-04", "sent_on": "2026-11-20"},
    Kind.HIRE: {"hired_at": AT.isoformat(), "starts_on": "2027-01-04"},
    Kind.SOURCE: {"name": "Careers page"},
}  # fmt: skip


def _record(kind: Kind, id: str = "", **fields: Any) -> Record:
    values: Fields = fields or VALUES.get(kind, EMPTY)
    return Record(id or IDS[kind], "", kind, FAMILY, None, values, EMPTY, "", AT)


def _scene(kind: Kind) -> Scene:
    family = FAMILY if kind is not Kind.JOB else JOB_FAMILY
    own = {Kind.CANDIDATE, Kind.APPLICATION, kind} if kind is not Kind.JOB else {Kind.JOB}
    links = {
        id: Link(id, "ats", one, external, IDS[one])
        for id, one, external in (("a", Kind.CANDIDATE, "4711"), ("b", Kind.APPLICATION, "8150"), ("c", Kind.JOB, "42"))
        if one in own
    }
    root = Kind.JOB if kind is Kind.JOB else Kind.CANDIDATE
    stages = {
        HERE: _record(Kind.STAGE, HERE, name="Application Review", type="applied"),
        NEXT: _record(Kind.STAGE, NEXT, name="Phone Screen", type="screen"),
    }
    around = {IDS[one]: _record(one) for one in (Kind.JOB, Kind.SOURCE)} | stages
    return Scene(
        Family(family, "", root, 1, "", {IDS[one]: _record(one) for one in own}, links),
        around,
        {"ats": ("greenhouse", str(Label.SIMULATOR))},
        {("ats", IDS[Kind.JOB]): "42"},
    )


def sample(type: str, fields: Collection[str], address: str) -> dict[str, Any]:
    """A made-up event of this type, as it is sent to who is shown these fields."""
    head = type.partition(".")[0]
    kind = Kind(head) if head in set(Kind) else Kind.APPLICATION  # of a screening, of a trigger
    subjects: dict[str, Any] = {str(kind): IDS[kind]}
    if kind is not Kind.JOB:
        subjects |= {"candidate": IDS[Kind.CANDIDATE]}
    if kind not in (Kind.JOB, Kind.CANDIDATE):
        subjects |= {"application": IDS[Kind.APPLICATION]}
    if type == CANDIDATE_ERASED:
        subjects |= {"applications": (IDS[Kind.APPLICATION],)}
    before, after, changed = _MOVED.get(type, (None, None, ()))
    event = Event(
        type, FAMILY, IDS[kind], AT, subjects, changed, before, after, "person", "", NUMBER + list(TYPES).index(type)
    )
    return body(event, _scene(kind), fields, address)


_MOVED: dict[str, tuple[str | None, str | None, tuple[str, ...]]] = {
    STAGE_CHANGED: (HERE, NEXT, ("stage",)),
    STATUS_CHANGED: (Status.ACTIVE, Status.REJECTED, ("status",)),
    MERGED: (None, "0190a000-0000-7000-8000-000000000301", ()),
    "application.scored": (None, None, ("match_score",)),
    "screening.completed": (None, None, ("screening_status",)),
    "application.updated": (None, None, ("tags",)),
    "candidate.updated": (None, None, ("emails",)),
    "job.updated": (None, None, ("title",)),
}
