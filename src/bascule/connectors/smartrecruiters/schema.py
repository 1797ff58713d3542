"""Everything that SmartRecruiters' objects show, as far as they are read: what carries it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bascule.connectors.fieldlist import left
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import SchemaField, Shape, Tenant, shape
from bascule.model import Kind

from .objects import OURS, USERS

UNNEEDED = "no value of ours needs it"
KEY = "its id, by which the two sides are linked"
PARENT = "says whose it is, and is kept as the link to it"
CHANGED = "read to follow changes, not kept as a value"
ADDRESSES = "addresses of further calls, which are known"
PLACE = "postal addresses never reach a score, and no value of ours needs them"
PRIVACY = "dropped for privacy before anything is stored"
UNKNOWN = "no public page shows what its objects look like, so it is not read"
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB

CARRIED: Mapping[str, tuple[Kind, Mapping[str, str]]] = {
    "candidate": (_C, {
        "firstName": "firstName", "lastName": "lastName", "email": "email", "phoneNumber": "phoneNumber", "web": "web",
        "tags": "tags", "createdOn": "createdOn", "experience": "company",
    }),
    "assignment": (_A, {
        "job": "job", "status": "status", "subStatus": "stage", "reasonOfRejection": "reason",
        "reasonOfWithdrawal": "reason", "source": "source",
    }),
    "application": (_A, {"createdOn": "applied_at"}),
    "candidate property": (_A, {"value": "custom_fields"}),
    "screening answer": (_A, {"label": "answers", "records": "answers"}),
    "review": (Kind.SCORECARD, {"rating": "rating", "reviewer": "reviewer", "createdOn": "createdOn",
                                "jobId": "application"}),
    "attachment": (Kind.ATTACHMENT, {"name": "filename", "type": "type", "id": "url"}),
    "message": (Kind.NOTE, {"content": "content", "visibility": "visibility", "author": "author",
                            "createdOn": "createdOn"}),
    "job": (_J, {"title": "title", "refNumber": "refNumber", "status": "status", "department": "department",
                 "location": "location", "jobAd": "jobAd", "createdOn": "createdOn"}),
    "hiring team": (_J, {"id": "recruiters", "role": "recruiters"}),
    "hiring process": (Kind.STAGE, {"subStatuses": "name", "status": "status"}),
    "user": (Kind.USER, {"firstName": "name", "lastName": "name", "email": "email", "active": "active",
                         "systemRole": "admin"}),
    "reason": (Kind.REJECTION_REASON, {"label": "name"}),
    "source type": (Kind.SOURCE, {"sourceTypeId": "name"}),
}  # fmt: skip
"""By the object that shows it: which mapped field carries it."""

LEFT: Mapping[str, Mapping[str, str]] = {
    "candidate": {
        "id": KEY, "updatedOn": CHANGED, "location": PLACE, "education": "the CV itself is read", "internal": UNNEEDED,
        "averageRating": "deprecated, and an average of what the reviews show", "actions": ADDRESSES,
        "primaryAssignment": "carried as applications: which one is primary can change",
        "secondaryAssignments": "carried as applications",
        "consent": "asked for by calls of its own, and said in words of SmartRecruiters' own",
    },
    "assignment": {"startsOn": "said of a hire, of which the status is carried", "actions": ADDRESSES},
    "application": {
        "id": "an application is named by its candidate and its job, as most calls name it", "candidate": PARENT,
        "updatedOn": CHANGED, "onboardingStatus": UNNEEDED, "sourceDetails": "the type of the source is carried",
        "job": "the assignment is carried", "status": "the assignment is carried", "actions": ADDRESSES,
    },
    "candidate property": {"id": KEY, "label": "names the value", "type": UNNEEDED, "actions": ADDRESSES},
    "screening answer": dict.fromkeys(("id", "type", "category", "name"), UNNEEDED),
    "review": {"id": KEY, "candidateId": PARENT, "updatedOn": CHANGED, "scorecardCriteriaScores": UNNEEDED,
               "comment": "what people write about somebody in a review stays in SmartRecruiters; of our own review, "
               "the outputs are read"},
    "attachment": {"contentType": "the reader looks at the bytes", "actions": ADDRESSES},
    "message": {"id": KEY, "correlationId": "the line at its end names our record", "context": PARENT},
    "job": {
        "id": KEY, "updatedOn": CHANGED, "postingStatus": "the status is carried", "actions": ADDRESSES,
        "hiringProcess": "says which stages there are", "template": UNNEEDED, "creator": "the hiring team is carried",
        "eeoCategory": UNNEEDED, "compensation": "pay is not read",
        **dict.fromkeys(("industry", "function", "typeOfEmployment", "experienceLevel", "targetHiringDate",
                         "properties"), UNNEEDED),
    },
    "hiring process": {"id": KEY, "name": UNNEEDED, "active": UNNEEDED},
    "user": {"id": KEY, "updatedOn": CHANGED},
    "reason": {"id": KEY},
    "offer": {"every field": UNKNOWN},
    "interview": {"every field": UNKNOWN},
    "EEO answers": {"every field": "no interface gives them out, and nobody asks"},
}  # fmt: skip
"""What is not carried, and why."""


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    return (*_standard(), *_custom(tenant))


def _standard() -> Iterable[SchemaField]:
    for of, (kind, names) in CARRIED.items():
        yield from (SchemaField(of, name, "text", kind, into) for name, into in names.items())
    yield from left(LEFT)


def _custom(tenant: Tenant) -> Iterable[SchemaField]:
    for _, one in sorted(tenant.custom.items()):
        name = f"custom: {one.name}"
        if one.key in OURS.values():
            yield SchemaField("candidate property", name, one.type, _A, f"custom.{one.key}")
        elif SENSITIVE.search(one.name):
            why = f"{PRIVACY}: its name speaks of a protected characteristic"
            yield SchemaField("candidate property", name, one.type, why=why)
        else:
            yield SchemaField("candidate property", name, one.type, _A, "custom_fields")


SHAPES: Mapping[str, tuple[str, Shape]] = {
    "/candidates": ("candidate", shape(
        "id string!, firstName string!, lastName string!, email string, createdOn string!, updatedOn string!, "
        "tags list, primaryAssignment object, secondaryAssignments list, phoneNumber string, web object, "
        "experience list, education list, internal boolean, averageRating number, location object, actions object"
    )),
    "/jobs": ("job", shape(
        "id string!, title string!, refNumber string, status string!, department object, location object, "
        "createdOn string, updatedOn string!, postingStatus string, actions object"
    )),
    USERS: ("user", shape(
        "id string!, email string!, firstName string!, lastName string!, active boolean, systemRole object, "
        "updatedOn string"
    )),
}  # fmt: skip
"""By path, the objects of the lists that are polled. The rest is asked of one object at a time."""
