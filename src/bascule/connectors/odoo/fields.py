"""How Odoo's fields read as ours, and what Bascule adds to a customer's database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bascule.connectors import lens
from bascule.connectors.lens import (
    SHOWN,
    TOP_TEN,
    choice,
    document,
    elements,
    full_name,
    number,
    output,
    prose,
    reference,
    references,
    scalar,
    top_ten,
)
from bascule.connectors.spec import CustomField, Setup, Tenant
from bascule.model import Direction, FieldMap, Kind, Value

from .reads import PREFIX

STATUS = {"ongoing": "active", "refused": "rejected", "hired": "hired"}
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (
        *candidate_fields(),
        *application_fields(connection),
        *outputs(tenant),
        *job_fields(connection),
        *hanging_fields(connection),
        *others(connection),
    )


def candidate_fields() -> Sequence[FieldMap]:
    place = "One place: what does not fit stays here. Odoo keeps the contact of this person in step with it."
    return (
        full_name(_C, "partner_name", call="person", note="First and last name are parted before the last word."),
        elements(_C, "email_from", "emails", call="person", whole=True, single=True, label="e-mail", note=place),
        elements(
            _C, "partner_phone", "phones", call="person", whole=True, single=True, fold=lens.phone,
            label="phone (17: and mobile)", note=place,
        ),
        elements(_C, "linkedin_profile", "links", note="Read only: it takes no other links."),
        elements(_C, "tags", "tags", call="tags", note="A new tag there shows when the account is learned anew."),
        scalar(_C, "create_date", "created_at", normal=lens.moment, type="time"),
    )  # fmt: skip


def application_fields(connection: str) -> Sequence[FieldMap]:
    wizard = "Refusing archives the applicant, as the button in Odoo does; archived without a reason reads as refused."
    return (
        reference(connection, _A, "job_id", "job", _J),
        reference(
            connection, _A, "stage_id", "stage", Kind.STAGE, call="move",
            note="A stage may stand for several jobs; as a step of one job it is called job/stage.",
        ),
        choice(_A, "status", "status", STATUS, {"withdrawn": "refused"}, call="decide", note=wizard),
        reference(connection, _A, "refuse_reason_id", "reason", Kind.REJECTION_REASON, call="decide"),
        reference(connection, _A, "source_id", "source", Kind.SOURCE),
        scalar(_A, "prospect", type="yes or no", note="Without a job: a spontaneous application, or in a talent pool."),
        reference(connection, _A, "user_id", "recruiter", Kind.USER, note="After 19.0: recruiter_id, by its user."),
        scalar(_A, "create_date", "applied_at", normal=lens.moment, type="time"),
        scalar(_A, "refuse_date", "rejected_at", normal=lens.moment, type="time", note="From 18 on."),
        document(_A, "answers", "answers", label="applicant_properties", note="Protected traits are left out."),
        document(_A, "custom_fields", "custom", note="The customer's own x_ fields."),
    )  # fmt: skip


def job_fields(connection: str) -> Sequence[FieldMap]:
    return (
        scalar(_J, "name", "title"),
        choice(_J, "status", "status", {"open": "open", "closed": "closed", "draft": "draft"}, label="active"),
        scalar(_J, "department_id", "department", note="Shown by name."),
        elements(_J, "address_id", "offices", note="Shown by name."),
        scalar(_J, "description", normal=prose, type="HTML"),
        references(connection, _J, "user_id", "recruiters", Kind.USER),
        scalar(_J, "create_date", "opened_at", normal=lens.moment, type="time"),
        scalar(Kind.STAGE, "name"),
        scalar(Kind.STAGE, "sequence", "order", normal=number, type="number"),
        scalar(Kind.STAGE, "hired_stage", "kind", type="yes or no", note="A stage that hires is of the kind hired."),
    )


def hanging_fields(connection: str) -> Sequence[FieldMap]:
    note, file, both = Kind.NOTE, Kind.ATTACHMENT, Direction.BOTH
    once = "Logged once, as an internal note: nobody is told of it by e-mail."
    return (
        scalar(note, "body", normal=prose, direction=both, type="HTML", note=once),
        reference(connection, note, "application_id", "application", _A, direction=both),
        reference(connection, note, "create_uid", "author", Kind.USER, note="Outward it is the key's user."),
        scalar(note, "date", "created_at", normal=lens.moment, type="time"),
        scalar(file, "name", "filename"),
        scalar(file, "type", note="Guessed from name and media type: Odoo does not say which file is a CV."),
        reference(connection, file, "application_id", "application", _A),
        scalar(file, "create_date", "created_at", normal=lens.moment, type="time"),
        scalar(file, "checksum", "version", note="Of the content: another file under the same id is read again."),
        scalar(file, "file", "url", normal=bare, type="address", note="How the file is asked for; it opens nothing."),
    )


def bare(value: Value) -> Value:
    """A file is the same whichever way it is asked for."""
    return value.rpartition("/")[2] if isinstance(value, str) else value


def others(connection: str) -> Sequence[FieldMap]:
    user, meeting = Kind.USER, Kind.INTERVIEW
    return (
        scalar(user, "name"),
        scalar(user, "email"),
        scalar(user, "active", type="yes or no"),
        scalar(Kind.SOURCE, "name"),
        scalar(Kind.REJECTION_REASON, "name"),
        scalar(meeting, "name", call="meet"),
        replace(lens.booked("status", "meet", "scheduled", "cancelled"), note="Archived meetings are cancelled."),
        reference(connection, meeting, "applicant_id", "application", _A),
        references(
            connection,
            meeting,
            "partner_ids",
            "interviewers",
            user,
            call="meet",
            label="attendees",
            note="The users among them.",
        ),
        lens.chosen(
            scalar(meeting, "start", "starts_at", call="meet", normal=lens.moment, type="time"), lens.BOOKED_HERE
        ),
        scalar(meeting, "stop", "ends_at", call="meet", normal=lens.moment, type="time"),
        scalar(meeting, "location", "place", call="meet"),
        scalar(meeting, "create_date", "created_at", normal=lens.moment, type="time"),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds


@dataclass(frozen=True, slots=True)
class Added:
    """One field of ours on applicants."""

    canonical: str
    type: str
    name: str

    @property
    def key(self) -> str:
        return PREFIX + self.canonical


ADDED = (
    Added("match_score", "float", "AI match score (0-100)"),
    Added("match_reasons", "text", "AI reasons"),
    Added("match_skills", "text", "AI skills"),
    Added("experience_title", "char", "Current title (from the CV)"),
    Added("experience_employer", "char", "Current employer (from the CV)"),
    Added("experience_years", "float", "Years of experience (from the CV)"),
    Added("ai_status", "char", "AI status"),
    Added("audit_reference", "char", "AI audit reference"),
    Added("shortlist_link", "char", "Shortlist"),
    Added("screening_status", "char", "Screening"),
    Added("screening_answers", "text", "Answers on the screening form"),
    Added("manager_feedback", "text", "Feedback of hiring managers"),
)


def amount(value: Value) -> Value:
    """A number field that is empty shows nought there."""
    return number(value) or None


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Every output, also where its field is to be created yet, and the tag, which needs none."""
    return (
        *(_written(added, tenant.custom.get(f"application.{added.key}")) for added in ADDED),
        output(
            _C, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
            note="One tag for each job; it goes when the application is no longer among them.",
        ),
    )  # fmt: skip


def _written(added: Added, field: CustomField | None) -> FieldMap:
    shown: Callable[..., Value] = lens.of_application(SHOWN[added.canonical])
    return output(
        _A, f"custom.{added.key}", added.canonical, shown, call="outputs", label=field.name if field else added.name,
        normal=amount if added.type == "float" else prose, type=added.type, missing=field is None,
    )  # fmt: skip


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """The definitions that are missing for these canonical outputs."""
    there: Mapping[str, CustomField] = tenant.custom
    return tuple(
        Setup(added.canonical, "application", added.name, added.key, added.type)
        for added in ADDED
        if added.canonical in wanted and f"application.{added.key}" not in there
    )
