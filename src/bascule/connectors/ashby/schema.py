"""Everything that Ashby's lists show, as far as they are read: what carries it, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bascule.connectors.fieldlist import beside
from bascule.connectors.lens import SENSITIVE
from bascule.connectors.spec import CustomField, Key, SchemaField, Shape, Tenant, shape
from bascule.model import Kind

from .reads import OURS

KEY = "its id, by which the two sides are linked"
PARENT = "says whose it is, and is kept as the link to it"
CHANGED = "read to follow changes, not kept as a value"
UNNEEDED = "no value of ours needs it"
PRIVATE = "tells of the person's place or machine, and no value of ours needs it"
ELSEWHERE = "an extract of what another list shows whole"
PAY = "pay is not carried"
PROTECTED = "its name speaks of a protected characteristic: dropped before anything is stored"

CARRIED: Mapping[str, tuple[Kind, str]] = {
    "candidate": (
        Kind.CANDIDATE,
        "name company position createdAt emailAddresses phoneNumbers socialLinks tags customFields",
    ),
    "file": (Kind.ATTACHMENT, "name handle"),
    "application": (
        Kind.APPLICATION,
        "status createdAt archivedAt job source customFields currentInterviewStage>stage archiveReason>reason "
        "hiringTeam>recruiter applicationFormSubmissions>answers",
    ),
    "interviewStage": (Kind.STAGE, "title orderInInterviewPlan>order type"),
    "job": (
        Kind.JOB,
        "title customRequisitionId status confidential openedAt closedAt customFields departmentId>department "
        "locationId>locations hiringTeam>recruiters",
    ),
    "jobPosting": (Kind.JOB, "descriptionPlain"),
    "note": (Kind.NOTE, "content createdAt author isPrivate>visibility"),
    "user": (Kind.USER, "email isEnabled firstName>name lastName>name globalRole>admin"),
    "source": (Kind.SOURCE, "title sourceType>type"),
    "archiveReason": (Kind.REJECTION_REASON, "text reasonType"),
    "offer": (Kind.OFFER, "applicationId offerStatus decidedAt latestVersion>startDate"),
    "interviewSchedule": (Kind.INTERVIEW, "applicationId status createdAt interviewEvents>startTime"),
    "applicationFeedback": (
        Kind.SCORECARD,
        "applicationId submittedAt submittedByUser submittedValues>recommendation",
    ),
}
"""Names of fields, and behind ">" the mapped field that carries one, where that is called otherwise."""

LEFT: Mapping[str, Mapping[str, str]] = {
    "candidate": {
        "updatedAt": CHANGED,
        "primaryEmailAddress": "stands among emailAddresses",
        "primaryPhoneNumber": "stands among phoneNumbers",
        "school": UNNEEDED,
        "applicationIds": "the applications themselves are read",
        "resumeFileHandle": "read as the file it is",
        "fileHandles": "read as the files they are",
        "profileUrl": "pages there are found by id",
        "source": "the application's own source is carried",
        "creditedToUser": UNNEEDED,
        "timezone": PRIVATE,
        "location": "places never reach a score, and no value of ours needs them",
        "fraudStatus": "a suspicion by Ashby is no business of a score",
    },
    "application": {
        "updatedAt": CHANGED,
        "candidate": PARENT,
        "creditedToUser": UNNEEDED,
        "appliedViaJobPostingId": "the job is known; through which of its postings somebody came is not",
        "submitterClientIp": PRIVATE,
        "submitterUserAgent": PRIVATE,
        "openings": UNNEEDED,
        "referrals": "the source is carried; who referred somebody is not",
        "applicationHistory": "read once, for figures, by application.listHistory",
        "resumeFileHandle": ELSEWHERE,
    },
    "interviewStage": {
        "interviewStageGroupId": "how Ashby arranges its own pages",
        "interviewPlanId": "a stage belongs to a job here, and is named by both",
    },
    "job": {
        "updatedAt": CHANGED,
        "createdAt": UNNEEDED,
        "employmentType": UNNEEDED,
        "defaultInterviewPlanId": "its stages are read",
        "interviewPlanIds": "their stages are read",
        "jobPostingIds": "the text of the first is read",
        "brandId": UNNEEDED,
        "author": UNNEEDED,
        "location": ELSEWHERE,
        "openings": UNNEEDED,
        "compensation": PAY,
    },
    "user": {"updatedAt": CHANGED, "managerId": UNNEEDED, "customFields": "custom fields of users are not read"},
    "source": {"isArchived": "an archived one is still what an application came from"},
    "archiveReason": {
        "isArchived": "an archived one is still why an application was rejected",
        "customFields": UNNEEDED,
    },
    "offer": {
        "acceptanceStatus": "the offer's status says it too",
        "versions": "the newest version is carried",
        "formDefinition": UNNEEDED,
    },
    "interviewSchedule": {
        "interviewStageId": UNNEEDED,
        "scheduledBy": UNNEEDED,
        "updatedAt": CHANGED,
        "candidateId": PARENT,
    },
    "applicationFeedback": {
        "formDefinition": "the texts of a scorecard are not read",
        "interviewId": UNNEEDED,
        "interviewEventId": UNNEEDED,
        "feedbackFormDefinitionId": UNNEEDED,
        "applicationHistoryId": UNNEEDED,
    },
}


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    """Standard fields, the customer's own, and what the account shows that nobody knew when this was written."""
    standard = list(_standard())
    new = beside(standard, tenant, lambda _: "new in Ashby since this connector was written")
    return (*standard, *new, *map(_own, tenant.custom.values()))


def _standard() -> Iterable[SchemaField]:
    for of, (kind, names) in CARRIED.items():
        yield SchemaField(of, "id", kind=kind, why=KEY)
        for one in names.split():
            name, _, into = one.partition(">")
            yield SchemaField(of, name, kind=kind, into=into or name)
        for name, why in LEFT.get(of, {}).items():
            yield SchemaField(of, name, why=why)


def _own(one: CustomField) -> SchemaField:
    """A custom field of the customer's, or one of ours."""
    name = f"custom: {one.name}"
    kind = {"candidate": Kind.CANDIDATE, "application": Kind.APPLICATION, "job": Kind.JOB}.get(one.level)
    if kind is None:
        return SchemaField(one.level, name, one.type, why=f"custom fields of the kind {one.level} are not read")
    if not one.active:
        return SchemaField(one.level, name, one.type, why="archived in Ashby")
    if one.name.startswith(OURS) and one.level == "application":
        return SchemaField(one.level, name, one.type, kind, f"custom.{one.key}")
    if SENSITIVE.search(one.name):
        return SchemaField(one.level, name, one.type, why=PROTECTED)
    return SchemaField(one.level, name, one.type, kind, "customFields")


# ------------------------------------------------------------------------------------------------ the shape of answers

OBJECTS: Mapping[str, str] = {
    "candidate": "name string!, emailAddresses list!, phoneNumbers list!, socialLinks list!, tags list!, "
    "fileHandles list!, applicationIds list!, position string, company string, createdAt string, updatedAt string, "
    "customFields list, resumeFileHandle object, emailAddresses[].value string!, emailAddresses[].type, "
    "emailAddresses[].isPrimary, phoneNumbers[].value string!, phoneNumbers[].type, phoneNumbers[].isPrimary, "
    "socialLinks[].url string!, socialLinks[].type string!, tags[].id string!, tags[].title string!, "
    "tags[].isArchived, fileHandles[].id string!, fileHandles[].name string!, fileHandles[].handle string!",
    "application": "status string!, candidate object!, job object!, currentInterviewStage object, source object, "
    "archiveReason object, createdAt string!, updatedAt string!, archivedAt string, customFields list, "
    "hiringTeam list, currentInterviewStage.id string!, currentInterviewStage.title string!, "
    "currentInterviewStage.type string!, currentInterviewStage.interviewPlanId string!, "
    "currentInterviewStage.orderInInterviewPlan number!, currentInterviewStage.interviewStageGroupId",
    "job": "title string!, status string!, confidential boolean!, updatedAt string!, locationId string, "
    "departmentId string, defaultInterviewPlanId string, interviewPlanIds list, jobPostingIds list, "
    "customRequisitionId string, hiringTeam list, customFields list, openedAt string, closedAt string",
    "user": "firstName string!, lastName string!, email string, globalRole string!, isEnabled boolean!",
    "source": "title string!, isArchived boolean!, sourceType object",
    "archiveReason": "text string!, reasonType string!, isArchived boolean!",
    "offer": "applicationId string!, acceptanceStatus string!, offerStatus string, decidedAt string, "
    "latestVersion object",
    "interviewSchedule": "applicationId string!, status string!, createdAt string, interviewEvents list",
    "applicationFeedback": "applicationId string, submittedByUser object, submittedAt string, submittedValues object!",
}
"""What is read of each list's objects, and beside it in what is looked into."""


def shapes() -> Mapping[str, tuple[str, Shape]]:
    """By path, the shape of each list's objects in the published document. Keys that are not said to be required there
    are left out where they have no value."""
    known: dict[str, dict[str, Key]] = {of: {"id": Key(frozenset({"string"}), True)} for of in OBJECTS}
    for one in _standard():
        if one.object in known:
            known[one.object].setdefault(one.name, Key())
    return {f"/{of}.list": (of, {**keys, **shape(OBJECTS[of])}) for of, keys in known.items()}
