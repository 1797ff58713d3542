"""Everything that Lever's lists show, as far as they are read: what carries it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bascule.connectors.fieldlist import beside, carried, left
from bascule.connectors.lens import NEVER_KEPT
from bascule.connectors.spec import Key, SchemaField, Shape, Tenant, shape
from bascule.model import Kind

UNNEEDED = "no value of ours needs it"
KEY = "its id, by which the two sides are linked"
PARENT = "says whose it is, and is kept as the link to it"
CHANGED = "read to follow changes, not kept as a value"
THERE = "how Lever arranges its own pages"
PRIVACY = "dropped for privacy before anything is stored"
PLACES = "where somebody lives never reaches a score, and no value of ours needs it"
FREE = "free text about a person stays in Lever"
KNOWN_HERE = "known from the history here"

STANDARD: Mapping[str, tuple[Kind, str]] = {
    "contact": (Kind.CANDIDATE, "name=; headline=; emails=list; phones=list"),
    "opportunity": (
        Kind.APPLICATION,
        "stage=; archived=object>status; tags=list; sources=list>source; owner=; createdAt=number; "
        "applications=list>posting",
    ),
    "posting": (
        Kind.JOB,
        "text=; state=; confidentiality=; categories=object>department; content=object; owner=; hiringManager=; "
        "requisitionCodes=list; createdAt=number",
    ),
    "stage": (Kind.STAGE, "text="),
    "user": (Kind.USER, "name=; email=; deactivatedAt=number>active; accessRole="),
    "archive_reason": (Kind.REJECTION_REASON, "text=; type="),
    "note": (Kind.NOTE, "fields=list>value; secret=yes or no; user=; createdAt=number"),
    "resume": (Kind.ATTACHMENT, "file=object>name"),
    "file": (Kind.ATTACHMENT, "name=; uploadedAt=number; downloadUrl=>url"),
    "feedback": (Kind.SCORECARD, "fields=list>rating; user=>user; completedAt=number"),
    "interview": (
        Kind.INTERVIEW,
        "subject=; date=number; duration=number>ends; interviewers=list; canceledAt=number; createdAt=number",
    ),
    "offer": (Kind.OFFER, "status=; sentAt=number; createdAt=number"),
}
"""What is carried: "<field>=<type>", and behind ">" the mapped field it goes into, where that is called otherwise."""

ON_CONTACT = "the contact shows it, and is what is changed"
LEFT: Mapping[str, Mapping[str, str]] = {
    "contact": {"location": PLACES, "isAnonymized": "decides whether anything of the person is shown"},
    "opportunity": {
        "contact": PARENT,
        **dict.fromkeys(("name", "headline", "emails", "phones"), ON_CONTACT),
        "links": "carried by the candidate's links",
        "location": PLACES,
        "isAnonymized": "decides whether anything of the person is shown",
        "opportunityLocation": "the posting's locations are carried",
        "confidentiality": "whether the posting is confidential is carried",
        "stageChanges": "read once, for figures",
        "dataProtection": "consent stands on each candidacy there and on the person here",
        "origin": "the source is carried",
        "sourcedBy": "the source is carried; who found somebody is not",
        **dict.fromkeys(("followers", "urls", "snoozedUntil"), THERE),
        **dict.fromkeys(("updatedAt", "lastInteractionAt", "lastAdvancedAt"), CHANGED),
        **dict.fromkeys(("deletedAt", "deletedBy"), "of what was deleted only that it was is kept"),
    },
    "posting": {
        "updatedAt": CHANGED,
        "reqCode": "the requisition codes are carried",
        "user": "the owner is carried",
        **dict.fromkeys(("followers", "distributionChannels", "urls"), THERE),
        **dict.fromkeys(("tags", "country", "salaryRange", "workplaceType"), UNNEEDED),
    },
    "stage": {},
    "user": {
        "photo": PRIVACY,
        **dict.fromkeys(
            ("username", "createdAt", "externalDirectoryId", "linkedContactIds", "jobTitle", "managerId"), UNNEEDED
        ),
    },
    "archive_reason": {"status": "a reason that is switched off still explains old rejections"},
    "note": {"text": UNNEEDED, "completedAt": UNNEEDED, "deletedAt": "a deleted note is not read"},
    "resume": {"createdAt": UNNEEDED, "parsedData": "the CV itself is read"},
    "file": {"opportunityId": PARENT, "ext": UNNEEDED, "size": UNNEEDED, "status": "whether Lever has looked at it"},
    "feedback": {
        **dict.fromkeys(("type", "text", "instructions", "updatedAt"), UNNEEDED),
        **dict.fromkeys(("interview", "panel", "createdAt"), UNNEEDED),
        "baseTemplateId": "tells our own form from people's",
        "deletedAt": "deleted feedback is not read",
    },
    "interview": {
        "note": "holds our mark, by which our own are found again; what others write there is not kept",
        "location": "may open a meeting by itself, and stays in Lever",
        "gcalEventUrl": "opens a meeting by itself, and stays in Lever",
        **dict.fromkeys(
            ("panel", "timezone", "feedbackTemplate", "feedbackForms", "feedbackReminder", "user", "stage", "postings"),
            UNNEEDED,
        ),
    },
    "offer": {
        "fields": "the fields of offers hold pay, and are not read",
        **dict.fromkeys(("posting", "creator", "approved", "approvedAt"), UNNEEDED),
        **dict.fromkeys(("signatures", "sentDocument", "signedDocument"), "contracts are not read"),
    },
}
"""What is not carried, and why."""


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    """The standard fields, those this account shows besides, and the fields of our form."""
    standard = tuple(_standard())
    more = beside(
        standard,
        tenant,
        lambda name: PRIVACY if name in NEVER_KEPT else "new in Lever since this connector was written",
    )
    form = (
        SchemaField("application", f"form: {one.name}", one.type, Kind.APPLICATION, f"custom.{one.key}")
        for _, one in sorted(tenant.custom.items())
    )
    return (*standard, *more, *form)


def _standard() -> Iterable[SchemaField]:
    yield from carried(STANDARD)
    yield from (SchemaField(of, "id", "text", why=KEY) for of in LEFT)
    yield from left(LEFT)


# ------------------------------------------------------------------------------------------------ the shape of answers

JSON = {"text": "string", "yes or no": "boolean"}
WITHIN = {
    "opportunity": "archived.reason string!, archived.archivedAt number!, phones[].value string!, "
    "phones[].type string, isAnonymized boolean!, contact string!",
    "posting": "categories.team string, categories.department string, categories.location string, "
    "categories.commitment string, categories.level string, categories.allLocations list, content.description string, "
    "content.descriptionHtml string, content.lists list, content.closing string, content.closingHtml string, "
    "content.customQuestions list",
    "note": "fields[].value string!, fields[].type string, fields[].text string, fields[].score number, "
    "fields[].user string, fields[].stage string, fields[].createdAt number",
    "resume": "file.name string!, file.ext string, file.downloadUrl string!, file.uploadedAt number!, "
    "file.status string, file.size number",
    "interview": "interviewers[].id string!, interviewers[].name string, interviewers[].email string, "
    "interviewers[].feedbackTemplate",
}
"""What is read within values, or stands beside it there."""
PATHS = {
    "/opportunities": "opportunity", "/postings": "posting", "/users": "user", "/archive_reasons": "archive_reason",
    **{f"/opportunities/{{id}}/{one}s": one for one in ("note", "resume", "file", "interview", "offer")},
    "/opportunities/{id}/feedback": "feedback",
}  # fmt: skip


def shapes() -> Mapping[str, tuple[str, Shape]]:
    """By path, the shape of each list's objects: what is read is always there (what is missing is null)."""
    found: dict[str, dict[str, Key]] = {of: {} for of in STANDARD}
    for one in _standard():
        types = frozenset({JSON.get(one.type, one.type)}) if one.kind else frozenset[str]()
        found[one.object][one.name] = Key(types, bool(one.kind))
    for of, text in WITHIN.items():
        found[of] |= shape(text)
    return {path: (of, found[of]) for path, of in PATHS.items()}
