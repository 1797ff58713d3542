"""Everything that Teamtailor's objects show, as far as they are read: what carries it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bascule.connectors.fieldlist import beside, carried, left
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import CustomField, Key, SchemaField, Shape, Tenant
from bascule.model import Kind

from .reads import NEVER, PREFIX

UNNEEDED = "no value of ours needs it"
KEY = "its id, by which the two sides are linked"
CHANGED = "read to follow changes, not kept as a value"
THERE = "how Teamtailor arranges its own pages"
PRIVACY = "dropped for privacy before anything is stored"
PARENT = "says whose it is, and is kept as the link to it"
SITE = "where somebody came from is a name, not a source of ours"
FILE = "an address that opens a file by itself: kept as what to ask for a new one"
RULES = "what a form asks is no part of the job here"

STANDARD: Mapping[str, tuple[Kind, str]] = {
    "candidate": (
        Kind.CANDIDATE,
        "first-name=; last-name=; email=; phone=; linkedin-url=; tags=list; created-at=time; custom-field-values=list",
    ),
    "job-application": (
        Kind.APPLICATION,
        "job=object; stage=object; reject-reason=object; created-at=time; rejected-at=time",
    ),
    "job": (
        Kind.JOB,
        "title=; body=HTML; internal=yes or no; human-status=; start-date=time; end-date=time; department=object; "
        "locations=list; user=object",
    ),
    "stage": (Kind.STAGE, "name=; row-order=number; stage-type="),
    "note": (Kind.NOTE, "note=; user-id=number; private-note=yes or no; created-at=time"),
    "upload": (Kind.ATTACHMENT, "url=; file-name=; created-at=time"),
    "user": (Kind.USER, "name=; email=; role="),
    "reject-reason": (Kind.REJECTION_REASON, "reason=; rejected-by-company=yes or no"),
}
"""What is carried: "<field>=<type>"; each goes into the mapped field of the same name."""
LEFT: Mapping[str, Mapping[str, str]] = {
    "candidate": {
        **dict.fromkeys(("resume", "original-resume"), FILE), "updated-at": CHANGED,
        **dict.fromkeys(("pitch", "sourced", "internal", "unsubscribed", "connected", "referred"), UNNEEDED),
        **dict.fromkeys(("referring-site", "referring-url"), SITE),
        **dict.fromkeys(NEVER[-5:], PRIVACY),
        **dict.fromkeys(("questions", "answers"), "answers hang on the candidate and name no application"),
        **dict.fromkeys(("department", "role", "locations", "regions", "activities"), UNNEEDED),
        "partner-results": "cards of partners are theirs", "job-applications": PARENT,
        "uploads": "files are kept by themselves",
    },
    "job-application": {
        "candidate": PARENT, "updated-at": CHANGED, "changed-stage-at": "read once, for figures",
        "cover-letter": "a text beside the CV, which is what is read", "sourced": UNNEEDED, "row-order": THERE,
        "match": "Teamtailor's own score stays there",
        **dict.fromkeys(("referring-site", "referring-url"), SITE),
    },
    "job": {
        "updated-at": CHANGED, "status": "the state as people call it is carried: this says open of what has expired",
        **dict.fromkeys(("created-at", "tags", "remote-status", "external-application-url"), UNNEEDED),
        **dict.fromkeys(("mailbox", "pitch"), UNNEEDED),
        **dict.fromkeys(("apply-button-text", "pinned", "picture"), THERE),
        **dict.fromkeys(("role", "regions", "questions", "activities"), UNNEEDED),
        **dict.fromkeys(("candidates", "stages"), "read by themselves"),
        **dict.fromkeys(
            ("name-requirement", "resume-requirement", "cover-letter-requirement", "phone-requirement"), RULES
        ),
    },
    "stage": {
        "job": PARENT, "created-at": UNNEEDED, "updated-at": CHANGED,
        **dict.fromkeys(("active-job-applications-count", "rejected-job-applications-count"), THERE),
        **dict.fromkeys(("job-applications", "triggers"), UNNEEDED),
    },
    "note": {
        "candidate-id": PARENT, "candidate": PARENT, "user": PARENT, "updated-at": CHANGED,
        **dict.fromkeys(("created-by-trigger", "mentioned-user-ids"), UNNEEDED),
    },
    "upload": {"internal": UNNEEDED, "updated-at": CHANGED, "candidate": PARENT, "job": UNNEEDED},
    "user": dict.fromkeys(
        ("description", "external-id", "hide-email", "login-email", "phone", "title", "username", "visible",
         "signature", "activities", "department", "location", "jobs"), UNNEEDED,
    ) | {"picture": PRIVACY},
    "reject-reason": {"job-applications": UNNEEDED},
    "audit-event": {
        **dict.fromkeys(("source-id", "source-type", "action"), "tells who was deleted"), "timestamp": CHANGED,
        **dict.fromkeys(("actor-id", "actor-label", "actor-type", "description"), UNNEEDED),
        **dict.fromkeys(("ip-address", "source-label"), UNNEEDED),
    },
    "interview": {"every field": "it names a candidate and a job, no application, and no hour"},
    "job-offer": {"every field": "an add-on that is not described where it could be read"},
    "nps-response": {"every field": UNNEEDED},
}  # fmt: skip
"""What is not carried, and why."""


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    """The standard fields, those this account shows besides, and its custom fields."""
    standard = tuple(_standard())
    more = beside(
        standard,
        tenant,
        lambda name: PRIVACY if name in NEVER else "new in Teamtailor since this connector was written",
    )
    return (*standard, *more, *(_custom(one) for _, one in sorted(tenant.custom.items())))


def _standard() -> Iterable[SchemaField]:
    yield from carried(STANDARD)
    yield from left(LEFT)
    for of, reasons in LEFT.items():
        if "every field" not in reasons:
            yield SchemaField(of, "id", "text", why=KEY)
            yield SchemaField(of, "type", "text", why="the same for every object of a list")


def _custom(one: CustomField) -> SchemaField:
    """Ours is carried by itself; the customer's own ones together, as one value; some not at all, for a reason."""
    name = f"custom: {one.key}"
    if one.level != "candidate":
        return SchemaField(one.level, name, one.type, why=f"custom fields of the kind {one.level} are not read")
    if one.key.startswith(PREFIX):
        into = f"custom.{one.key}"
        return SchemaField("candidate", name, one.type, Kind.CANDIDATE, into, "created by Bascule, and not written now")
    if SENSITIVE.search(f"{one.key.replace('-', ' ')} {one.name}"):
        return SchemaField("candidate", name, one.type, why=f"{PRIVACY}: it speaks of a protected characteristic")
    return SchemaField("candidate", name, one.type, Kind.CANDIDATE, "custom-field-values")


JSON = {
    "": "string", "time": "string", "HTML": "string", "yes or no": "boolean", "list": "list", "object": "object",
    "number": "number", "text": "string",
}  # fmt: skip
LISTS = {"candidate": "candidates", "job-application": "job-applications", "job": "jobs", "stage": "stages",
         "note": "notes", "user": "users", "reject-reason": "reject-reasons"}  # fmt: skip


def shapes() -> Mapping[str, tuple[str, Shape]]:
    """By path, the shape of each list's objects, taken apart: what is read is always there, what is not may be away."""
    found: dict[str, dict[str, Key]] = {of: {} for of in LISTS}
    for one in _standard():
        if one.object in found:
            types = frozenset({JSON[one.type]}) if one.kind else frozenset[str]()
            found[one.object][one.name] = Key(types, bool(one.kind))
    found["candidate"]["following"] = Key()
    found["job-application"]["following"] = Key()
    return {f"/{LISTS[of]}": (of, keys) for of, keys in found.items()}
