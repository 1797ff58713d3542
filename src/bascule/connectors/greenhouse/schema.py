"""Everything that Greenhouse's lists show, as far as they are read: what carries it, or why nothing does.

Standard fields are those of the Harvest v3 reference; custom fields are the customer's own, as learned by `discover`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bascule.connectors.fieldlist import beside, carried, left
from bascule.connectors.lens import NEVER_KEPT, SENSITIVE
from bascule.connectors.spec import CustomField, Key, SchemaField, Shape, Tenant, shape
from bascule.model import Kind

from .reads import PREFIX

UNNEEDED = "no value of ours needs it"
KEY = "its id, by which the two sides are linked"
OF_AN_OWNER = "read together with the object it belongs to: the row has no link of its own"
PARENT = "says whose it is, and is kept as the link to it"
CHANGED = "read to follow changes, not kept as a value"
THERE = "how Greenhouse arranges its own pages"
PRIVACY = "dropped for privacy before anything is stored"
PROTECTED = "never asked for: protected characteristics"
PROSPECTS = "pools of prospects are not carried"

STANDARD: Mapping[str, tuple[Kind, str]] = {
    "candidate": (
        Kind.CANDIDATE,
        "first_name=; last_name=; preferred_name=; company=; title=; private=yes or no; can_email=yes or no; "
        "tags=list; phone_numbers=list; email_addresses=list; website_addresses=list>links; "
        "social_media_addresses=list>links; created_at=time; custom_fields=object",
    ),
    "application": (
        Kind.APPLICATION,
        "job_id=number; status=; recruiter_id=number; coordinator_id=number; source_id=number; prospect=yes or no; "
        "rejected_at=time; answers=list; created_at=time; custom_fields=object",
    ),
    "application_stage": (Kind.APPLICATION, "job_interview_stage_id=number>stage; current=yes or no>stage"),
    "rejection_detail": (Kind.APPLICATION, "rejection_reason_id=number>reason"),
    "job": (
        Kind.JOB,
        "name=; requisition_id=; status=; department_id=number; office_ids=list; confidential=yes or no; "
        "opened_at=time; closed_at=time; custom_fields=object",
    ),
    "job_post": (Kind.JOB, "content=HTML"),
    "job_owner": (Kind.JOB, "user_id=number>recruiters; type=>recruiters; role=>recruiters"),
    "job_hiring_manager": (Kind.JOB, "user_id=number>hiring_managers"),
    "job_interview_stage": (Kind.STAGE, "name=; sort_order=number; active=yes or no"),
    "note": (Kind.NOTE, "body=HTML; visibility=; user_id=number; application_id=number; created_at=time; type="),
    "attachment": (Kind.ATTACHMENT, "filename=; type=; application_id=number; created_at=time; url=address"),
    "user": (Kind.USER, "name=; primary_email=; deactivated=yes or no>active; site_admin=yes or no"),
    "source": (Kind.SOURCE, "name=; type=object"),
    "rejection_reason": (Kind.REJECTION_REASON, "name=; type=object"),
    "offer": (
        Kind.OFFER,
        "application_id=number; status=; version=number; starts_on=date; sent_on=date; resolved_at=time; "
        "created_at=time",
    ),
    "opening": (Kind.HIRE, "application_id=number; job_id=number; closed_at=time"),
    "interview": (
        Kind.INTERVIEW,
        "application_id=number; status=; starts_at=time; ends_at=time; location=; created_at=time",
    ),
    "interviewer": (Kind.INTERVIEW, "user_id=number>interviewers"),
    "scorecard": (
        Kind.SCORECARD,
        "application_id=number; candidate_rating=; status=; interviewer_id=number; submitted_at=time",
    ),
}
"""What is carried: "<field>=<type>", and behind ">" the mapped field it goes into, where that is called otherwise."""

LEFT: Mapping[str, Mapping[str, str]] = {
    "candidate": {
        "linked_user_ids": UNNEEDED,
        "addresses": "postal addresses never reach a score, and no value of ours needs them",
        **dict.fromkeys(NEVER_KEPT[:1], PRIVACY),
    },
    "application": {
        "candidate_id": PARENT,
        "job_post_id": "the job is known; through which of its posts somebody came is not",
        "referrer_id": "the source is carried; who referred somebody is not",
        "stage_id": "this application's own instance of a stage: application_stages say which stage it is",
        "stage_name": "the stage is carried by its id: names change",
        "needs_decision": THERE,
        "prospective_job_ids": PROSPECTS,
        "last_activity_at": CHANGED,
        "location_address": "postal addresses never reach a score, and no value of ours needs them",
    },
    "application_stage": {
        "application_id": PARENT,
        "entered_at": "when a stage was entered is known from the history here",
        "exited_at": "when a stage was left is known from the history here",
        "days_in_stage": "can be computed from the history",
        "created_at": UNNEEDED,
    },
    "rejection_detail": {
        "application_id": PARENT,
        "notes": "free text about a rejection stays in Greenhouse",
        "rejected_at": "the application shows it",
        "created_at": UNNEEDED,
    },
    "job": {"notes": "internal free text stays in Greenhouse", "is_template": UNNEEDED, "created_at": UNNEEDED},
    "job_post": {
        "job_id": PARENT,
        "title": "the job's own title is carried",
        "internal_content": "only the public text is matched against",
        "location": "the job's offices are carried",
        "live": "decides which of several posts is read",
        "internal": "decides which of several posts is read",
        **dict.fromkeys(("active", "external", "language", "first_published_at", "public_url", "questions"), UNNEEDED),
        "demographic_question_set_id": PROTECTED,
        "created_at": UNNEEDED,
    },
    "job_owner": {"job_id": PARENT, "responsible": UNNEEDED, "active": UNNEEDED, "created_at": UNNEEDED},
    "job_hiring_manager": {"job_id": PARENT, "active": UNNEEDED, "created_at": UNNEEDED},
    "job_interview_stage": {"job_id": PARENT, "created_at": UNNEEDED},
    "note": {"candidate_id": PARENT, "subject": "only e-mails have one, and they are not carried"},
    "attachment": {"candidate_id": PARENT, "content_type": "the reader looks at the bytes", "visibility": UNNEEDED},
    "user": dict.fromkeys(
        ("first_name", "last_name", "employee_id", "department_ids", "office_ids", "created_at"), UNNEEDED
    ),
    "source": {"public_name": "the name inside Greenhouse is carried", "created_at": UNNEEDED},
    "rejection_reason": {"created_at": UNNEEDED},
    "offer": {
        "candidate_id": PARENT,
        "job_id": "the application's job is carried",
        "opening_id": UNNEEDED,
        "current": "the highest version is the current one",
        "custom_fields": "custom fields of offers hold pay, and are not read",
    },
    "opening": {
        **dict.fromkeys(("opening_id", "open", "opened_at", "close_reason_id", "target_start_on"), UNNEEDED),
        "created_at": UNNEEDED,
        "custom_fields": "custom fields of openings are not read",
    },
    "interview": {
        "job_id": "the application's job is carried",
        "job_interview_id": UNNEEDED,
        "organizer_id": UNNEEDED,
        "all_day_start_on": "an interview without hours has no time here",
        "all_day_end_on": "an interview without hours has no time here",
        "video_conferencing_url": "opens a meeting by itself, and stays in Greenhouse",
        "external_event_id": "holds our mark, by which our own are found again",
        "actionable": THERE,
    },
    "interviewer": {
        "interview_id": PARENT, "response_status": UNNEEDED, "scorecard_id": UNNEEDED, "created_at": UNNEEDED,
    },
    "scorecard": {
        "interview_id": UNNEEDED,
        "interview_kit_id": UNNEEDED,
        "submitter_id": "the interviewer is carried",
        **dict.fromkeys(("notes", "private_notes", "public_notes"), "what interviewers write stays in Greenhouse"),
        "interviewed_at": "the interview's own times are carried",
        "created_at": UNNEEDED,
    },
    "eeoc": {"every field": PROTECTED},
    "demographic_answer": {"every field": PROTECTED},
}  # fmt: skip
"""What is not carried, and why."""

LEVELS = {"candidate": Kind.CANDIDATE, "application": Kind.APPLICATION, "job": Kind.JOB}


def schema(tenant: Tenant) -> Sequence[SchemaField]:
    """The standard fields, those this account shows besides, and its custom fields."""
    live = {(of, name): type for of, name, type in tenant.fields}
    standard = [replace(one, type=one.type or live.get((one.object, one.name), "")) for one in _standard()]
    more = beside(
        standard,
        tenant,
        lambda name: PRIVACY if name in NEVER_KEPT else "new in Greenhouse since this connector was written",
    )
    return (*standard, *more, *(_custom(one) for _, one in sorted(tenant.custom.items())))


def _standard() -> Iterable[SchemaField]:
    yield from carried(STANDARD)
    yield from left(LEFT)
    for of, reasons in LEFT.items():
        if "every field" not in reasons:
            yield SchemaField(of, "id", "number", why=OF_AN_OWNER if of in OF_OTHERS else KEY)
            yield SchemaField(of, "updated_at", "time", why=CHANGED)


OF_OTHERS = frozenset({"application_stage", "rejection_detail", "job_post", "job_owner", "job_hiring_manager",
                       "interviewer"})  # fmt: skip


def _custom(one: CustomField) -> SchemaField:
    """Ours is carried by itself; the customer's own ones together, as one value; some not at all, for a reason."""
    of, name, kind = one.level, f"custom: {one.key}", LEVELS.get(one.level)
    if not one.active:
        return SchemaField(of, name, one.type, why="it is switched off in Greenhouse")
    if kind is None:
        return SchemaField(of, name, one.type, why=f"custom fields of the kind {of} are not read")
    if one.key.startswith(PREFIX):
        return SchemaField(of, name, one.type, kind, f"custom.{one.key}", "created by Bascule, and not written now")
    if SENSITIVE.search(f"{one.key.replace('_', ' ')} {one.name}"):
        return SchemaField(of, name, one.type, why=f"{PRIVACY}: its name speaks of a protected characteristic")
    return SchemaField(of, name, one.type, kind, "custom_fields")


# ------------------------------------------------------------------------------------------------ the shape of answers

JSON = {"": "string", "time": "string", "date": "string", "HTML": "string", "address": "string", "yes or no": "boolean"}
"""The JSON type of what a field is said to be, where it is not called the same."""
WITHIN = {
    "candidate": "phone_numbers[].value string!, phone_numbers[].type string, email_addresses[].value string!, "
    "email_addresses[].type string, website_addresses[].value string!, website_addresses[].type string, "
    "social_media_addresses[].value string!, social_media_addresses[].type string",
    "application": "answers[].question string!, answers[].answer",
    "source": "type.name string!, type.id number, type.key string",
    "rejection_reason": "type.key string!, type.id number, type.name string",
}
"""What is read within values, or stands beside it there."""
SOMETIMES = frozenset({"custom_fields", "role", "type"})  # by plan and by age of the answer


def shapes() -> Mapping[str, tuple[str, Shape]]:
    """By path, the shape of each list's objects in Harvest v3: what is read is always there (missing values are null
    and not left out, as the reference says), what is not may be away. Custom fields are the customer's own."""
    found: dict[str, dict[str, Key]] = {of: {} for of in STANDARD}
    for one in _standard():
        if one.object not in found:
            continue
        carried = bool(one.kind) and one.name not in SOMETIMES
        types = frozenset({JSON.get(_said(one), _said(one))}) if one.kind else frozenset[str]()
        found[one.object][one.name] = Key(types, carried)
    for of, text in WITHIN.items():
        found[of] |= shape(text)
    return {f"/{of}s": (of, keys) for of, keys in found.items()}


def _said(one: SchemaField) -> str:
    return "" if one.type == "text" else one.type
