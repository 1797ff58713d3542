"""How Greenhouse's fields read as ours, and what Bascule adds to a customer's account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bascule.connectors import lens
from bascule.connectors.lens import (
    SHOWN,
    TOP_TEN,
    booked,
    choice,
    document,
    elements,
    moment,
    number,
    output,
    prose,
    reference,
    references,
    scalar,
    top_ten,
    withdrawal,
)
from bascule.connectors.spec import CustomField, Setup, Tenant
from bascule.model import Direction, Family, FieldMap, Kind, Record, Refs, Value

from .reads import PREFIX

# "converted" is missing: the prospect lives on as another application, which no status of ours says.
STATUS = {"in_process": "active", "rejected": "rejected", "hired": "hired"}
VISIBILITY = {"admin_only_visible": "admin", "privately_visible": "private", "publicly_visible": "public"}
MADE = "Written when an application is made there, and not changed afterwards."
CONVERTED = "a prospect that was converted lives on as a new application"

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (
        *candidate_fields(),
        *application_fields(connection),
        *outputs(tenant),
        *normal_titles(tenant),
        *job_fields(connection),
        *note_fields(connection),
        *read_only(connection),
    )


def candidate_fields() -> Sequence[FieldMap]:
    whole = "The call replaces the list: it is read, changed and written in one turn, and types are kept."
    return (
        *(scalar(_C, name, call="candidate") for name in ("first_name", "last_name", "preferred_name")),
        *(scalar(_C, name, call="candidate") for name in ("company", "title")),
        elements(_C, "email_addresses", "emails", call="candidate", whole=True, note=whole),
        elements(_C, "phone_numbers", "phones", call="candidate", whole=True, fold=lens.phone, note=whole),
        elements(_C, "links", "links", label="website and social media addresses", note="Read only: two lists there."),
        elements(
            _C, "tags", "tags", call="tags", note="No webhook tells of tags: they follow at the polling interval."
        ),
        scalar(_C, "can_email", type="yes or no"),
        scalar(_C, "private", type="yes or no"),
        scalar(_C, "created_at", normal=moment, type="time"),
        document(_C, "custom_fields", "custom", note="The customer's own fields; demographic ones are left out."),
    )


def application_fields(connection: str) -> Sequence[FieldMap]:
    return (
        reference(connection, _A, "job_id", "job", _J, direction=Direction.BOTH, note=MADE),
        reference(connection, _A, "stage", "stage", Kind.STAGE, call="move", label="stage (job interview stage)"),
        choice(_A, "status", "status", STATUS, {"withdrawn": "rejected"}, call="decide", note=CONVERTED),
        withdrawal(
            reference(connection, _A, "reason", "reason", Kind.REJECTION_REASON, call="decide"), "THEY_REJECTED_US"
        ),
        reference(connection, _A, "source_id", "source", Kind.SOURCE, call="application"),
        scalar(_A, "prospect", type="yes or no"),
        reference(connection, _A, "recruiter_id", "recruiter", Kind.USER),
        reference(connection, _A, "coordinator_id", "coordinator", Kind.USER),
        scalar(_A, "created_at", "applied_at", normal=moment, type="time"),
        scalar(_A, "rejected_at", normal=moment, type="time"),
        document(_A, "answers", "answers", note="Questions about protected characteristics are left out."),
        document(_A, "custom_fields", "custom"),
    )


def job_fields(connection: str) -> Sequence[FieldMap]:
    return (
        scalar(_J, "name", "title"),
        scalar(_J, "requisition_id", "requisition"),
        choice(_J, "status", "status", {"open": "open", "closed": "closed", "draft": "draft"}),
        scalar(_J, "department_id", "department", note="Shown by name."),
        elements(_J, "office_ids", "offices", note="Shown by name."),
        scalar(_J, "content", "description", normal=prose, type="HTML", label="job post content"),
        scalar(_J, "confidential", type="yes or no"),
        references(connection, _J, "recruiters", "recruiters", Kind.USER, label="job owners (recruiter)"),
        references(connection, _J, "hiring_managers", "hiring_managers", Kind.USER),
        scalar(_J, "opened_at", normal=moment, type="time"),
        scalar(_J, "closed_at", normal=moment, type="time"),
        document(_J, "custom_fields", "custom"),
        scalar(Kind.STAGE, "name"),
        scalar(Kind.STAGE, "sort_order", "order", normal=number, type="number"),
        scalar(Kind.STAGE, "active", type="yes or no"),
    )


def note_fields(connection: str) -> Sequence[FieldMap]:
    once = "Written once: Greenhouse can neither change nor delete a note by API."
    of, both = Kind.NOTE, Direction.BOTH
    return (
        scalar(of, "body", normal=prose, direction=both, type="long text", note=once),
        choice(of, "visibility", "visibility", VISIBILITY, direction=both, note=once),
        reference(connection, of, "user_id", "author", Kind.USER, note="Outward it is the acting user."),
        reference(connection, of, "application_id", "application", _A, direction=both),
        scalar(of, "created_at", normal=moment, type="time"),
        scalar(of, "type"),
    )


def file_fields(connection: str) -> Sequence[FieldMap]:
    file, both = Kind.ATTACHMENT, Direction.BOTH
    return (
        scalar(file, "filename", direction=both, note="Written once, with the file."),
        scalar(file, "type", direction=both, note="A resume, a cover letter, or other."),
        reference(connection, file, "application_id", "application", _A, direction=both),
    )


def interview_fields(connection: str) -> Sequence[FieldMap]:
    of, call = Kind.INTERVIEW, "reschedule"
    return (
        booked("status", call, "scheduled", "cancelled"),
        lens.chosen(scalar(of, "starts_at", call=call, normal=moment, type="time"), lens.BOOKED_HERE),
        scalar(of, "ends_at", call=call, normal=moment, type="time"),
        scalar(of, "created_at", normal=moment, type="time"),
        scalar(of, "location", "place", call=call),
        references(connection, of, "interviewers", "interviewers", Kind.USER, call=call),
    )


def read_only(connection: str) -> Sequence[FieldMap]:
    offer, hire, interview, card = Kind.OFFER, Kind.HIRE, Kind.INTERVIEW, Kind.SCORECARD
    file, user = Kind.ATTACHMENT, Kind.USER
    return (
        *file_fields(connection),
        scalar(file, "created_at", normal=moment, type="time"),
        scalar(
            file, "url", normal=lens.without_query, type="address", note="Signed, dies after 7 days: read it again."
        ),
        scalar(user, "name"),
        scalar(user, "primary_email", "email"),
        scalar(user, "active", type="yes or no"),
        scalar(user, "site_admin", "admin", type="yes or no"),
        scalar(Kind.SOURCE, "name"),
        scalar(Kind.SOURCE, "type", "strategy"),
        scalar(Kind.REJECTION_REASON, "name"),
        scalar(Kind.REJECTION_REASON, "type"),
        *(reference(connection, one, "application_id", "application", _A) for one in (offer, hire, interview, card)),
        scalar(offer, "status"),
        scalar(offer, "version", normal=number, type="number"),
        scalar(offer, "starts_on", type="date"),
        scalar(offer, "sent_on", type="date"),
        *(scalar(offer, name, normal=moment, type="time") for name in ("resolved_at", "created_at")),
        reference(connection, hire, "job_id", "job", _J),
        scalar(hire, "closed_at", "hired_at", normal=moment, type="time"),
        *interview_fields(connection),
        scalar(card, "candidate_rating", "rating"),
        scalar(card, "status"),
        reference(connection, card, "interviewer_id", "interviewer", user),
        scalar(card, "submitted_at", normal=moment, type="time"),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds


@dataclass(frozen=True, slots=True)
class Added:
    """One custom field of ours at one level."""

    canonical: str
    key: str
    label: str
    type: str
    render: Callable[[Record, Family, Refs], Value]
    private: bool = False

    @property
    def name(self) -> str:
        """The vendor makes the key from the name, so the name is the key in words."""
        return self.key.replace("_", " ").capitalize().replace(" ai ", " AI ")


TYPES = {
    "match_score": "number", "match_reasons": "long_text", "match_skills": "long_text",
    "experience_title": "short_text", "experience_employer": "short_text", "experience_years": "number",
    "ai_status": "short_text", "audit_reference": "short_text", "shortlist_link": "url",
    "screening_status": "short_text", "screening_answers": "long_text", "manager_feedback": "long_text",
}  # fmt: skip
PRIVATE = frozenset({"match_reasons", "screening_answers", "manager_feedback"})
SCORE = SHOWN["match_score"]
LEVELS: dict[str, tuple[Added, ...]] = {
    "application": tuple(
        Added(name, PREFIX + name, name, TYPES[name], lens.of_application(shown), name in PRIVATE)
        for name, shown in SHOWN.items()
    ),
    "candidate": (
        Added("match_score", "bascule_match_score", "newest open application", "number", lens.of_newest(SCORE)),
        Added("match_score", "bascule_match_score_job", "job of the score", "short_text", lens.job_of_newest(SCORE)),
        *(
            Added(
                name,
                f"{PREFIX}{name}_by_job",
                "every application",
                "long_text",
                lens.of_all(shown),
                name in PRIVATE,
            )
            for name, shown in SHOWN.items()
        ),
    ),
}
"""Where the customer has application fields, one field an output; else candidate fields that name the job."""


NORMAL_TITLE = Added(
    "normal_title",
    PREFIX + "normal_title",
    "",
    "short_text",
    lambda record, family, refs: record.fields.get("normal_title"),
)
"""On jobs, and never made by Bascule: writing to jobs is a right of its own. Who wants it makes the field."""


def existing(tenant: Tenant, level: str, added: Added) -> CustomField | None:
    """The customer's definition of a field of ours: by its key, else by its name."""
    found = tenant.custom.get(f"{level}.{added.key}")
    if found is None:
        found = next((one for one in tenant.custom.values() if one.level == level and one.name == added.name), None)
    return found if found is not None and found.active else None


def level_of(tenant: Tenant) -> str:
    """Application fields where the customer has any, or where nothing of ours stands on candidates yet."""
    if tenant.facts.get("application_custom_fields") == "yes":
        return "application"
    return "candidate" if any(existing(tenant, "candidate", one) for one in LEVELS["candidate"]) else "application"


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Every output, also where its field is to be created yet, and the tag, which needs none."""
    level = level_of(tenant)
    return (
        *(_written(added, level, existing(tenant, level, added)) for added in LEVELS[level]),
        output(
            _C, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
            note="On the candidate, one tag for each job; it goes when the application is no longer among them.",
        ),
    )  # fmt: skip


def normal_titles(tenant: Tenant) -> Sequence[FieldMap]:
    """The title of a job as it was normalised here, where the customer has a job field for it."""
    field = existing(tenant, "job", NORMAL_TITLE)
    return (_written(NORMAL_TITLE, "job", field),) if field is not None and field.key.startswith(PREFIX) else ()


def _written(added: Added, level: str, field: CustomField | None) -> FieldMap:
    """One field of ours as it is there; None: as it would be created."""
    key, label, type, private = (
        (added.key, added.name, added.type, added.private)
        if field is None
        else (field.key, field.name, field.type, field.private)
    )
    said = [f"On the candidate: {added.label}."] if level == "candidate" else []
    return output(
        Kind(level), f"custom.{key}", added.canonical, added.render, call=level, label=label,
        normal=number if type == "number" else prose, type=type,
        note=" ".join([*said, *(["Private."] if private else [])]), missing=field is None,
    )  # fmt: skip


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """The definitions that are missing for these canonical outputs."""
    level = level_of(tenant)
    return tuple(
        definition(added, level)
        for added in LEVELS[level]
        if added.canonical in wanted and existing(tenant, level, added) is None
    )


def definition(added: Added, level: str) -> Setup:
    return Setup(added.canonical, level, added.name, added.key, added.type, added.private)


def on_candidate(wanted: Setup) -> Setup:
    """The candidate field that takes the place of an application field the customer cannot have."""
    return next(definition(one, "candidate") for one in LEVELS["candidate"] if one.canonical == wanted.canonical)
