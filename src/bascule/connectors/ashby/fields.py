"""How Ashby's fields read as ours, and what Bascule adds to a customer's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    of_application,
    output,
    prose,
    reference,
    references,
    scalar,
    top_ten,
    withdrawal,
)
from bascule.connectors.spec import CustomField, Setup, Tenant
from bascule.model import Direction, Family, FieldMap, Fields, Kind, Record, Refs, Value

from .reads import OURS, slug

STATUS = {"Lead": "active", "Active": "active", "Archived": "rejected", "Hired": "hired"}
JOB_STATUS = {"Archived": "closed", "Closed": "closed", "Open": "open", "Draft": "draft"}
VISIBILITY = {"private": "private", "public": "public"}

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (
        *candidate_fields(),
        *application_fields(connection),
        *outputs(tenant),
        *job_fields(connection),
        *note_fields(connection),
        *read_only(connection),
    )


def candidate_fields() -> Sequence[FieldMap]:
    kept = "Ashby's interface adds, and takes nothing away: a removal is refused and is to be made in Ashby."
    return (
        whole_name(),
        scalar(_C, "company", note="Read only: Ashby takes it from the resume or by hand."),
        scalar(_C, "position", "title", note="Read only: Ashby takes it from the resume or by hand."),
        elements(_C, "emailAddresses", "emails", call="candidate", note=kept),
        elements(_C, "phoneNumbers", "phones", call="candidate", fold=lens.phone,
                 note=f"{kept} A number that is added becomes the primary one."),
        elements(_C, "socialLinks", "links", call="candidate", whole=True, fold=str.strip,
                 note="The call replaces the list: it is read, changed and written in one turn, and types are kept."),
        elements(_C, "tags", "tags", call="tags",
                 note="No webhook tells of tags: they follow at the polling interval."),
        scalar(_C, "createdAt", "created_at", normal=moment, type="time"),
        document(_C, "customFields", "custom", note="The customer's own fields; demographic ones are left out."),
    )  # fmt: skip


def whole_name() -> FieldMap:
    """Ashby keeps a name as one text: split at its first space; our own split stays while it joins to the same."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        return joined(record)

    def parse(seen: Value, record: Record, refs: Refs) -> Fields:
        if lens.prose(seen) == joined(record):
            return {name: record.fields.get(name) for name in ("first_name", "last_name")}
        first, _, last = " ".join(str(seen or "").split()).partition(" ")
        return {"first_name": first or None, "last_name": last or None}

    return FieldMap(
        _C, "name", ("first_name", "last_name"), render, parse, call="candidate", normal=prose, type="text",
        note="One text there: it is split at its first space.",
    )  # fmt: skip


def joined(record: Record) -> str | None:
    return " ".join(str(one) for name in ("first_name", "last_name") if (one := record.fields.get(name))) or None


def folded(field: FieldMap, folds: Mapping[str, str]) -> FieldMap:
    """Words of theirs that are one to us compare as one."""
    return replace(field, normal=lambda value: folds.get(str(value), value))


def application_fields(connection: str) -> Sequence[FieldMap]:
    status = choice(_A, "status", "status", STATUS, {"withdrawn": "Archived"}, call="decide",
                    note="Lead and Active are both active; a hire is never written.")  # fmt: skip
    reason = reference(connection, _A, "reason", "reason", Kind.REJECTION_REASON, call="decide")
    return (
        reference(connection, _A, "job", "job", _J),
        reference(connection, _A, "stage", "stage", Kind.STAGE, call="move", label="current interview stage",
                  note="Named by job and stage, as a plan may serve several jobs. Archived and Hired are a status."),
        folded(status, {"Lead": "Active"}),
        withdrawal(reason, "RejectedByCandidate"),
        reference(connection, _A, "source", "source", Kind.SOURCE, call="application"),
        scalar(_A, "prospect", type="yes or no", note="Yes while the application is a Lead."),
        reference(connection, _A, "recruiter", "recruiter", Kind.USER, note="The first of the hiring team's."),
        reference(connection, _A, "coordinator", "coordinator", Kind.USER, note="The first of the hiring team's."),
        scalar(_A, "createdAt", "applied_at", normal=moment, type="time"),
        scalar(_A, "archivedAt", "rejected_at", normal=moment, type="time"),
        document(_A, "answers", "answers", note="Read with one application only, not in lists; questions about "
                 "protected characteristics are left out."),
        document(_A, "customFields", "custom"),
    )  # fmt: skip


def job_fields(connection: str) -> Sequence[FieldMap]:
    status = choice(_J, "status", "status", JOB_STATUS, note="Archived jobs read as closed.")
    return (
        scalar(_J, "title"),
        scalar(_J, "customRequisitionId", "requisition"),
        folded(status, {"Archived": "Closed"}),
        scalar(_J, "department", note="Shown by name."),
        elements(_J, "locations", "offices", note="Shown by name; the primary one."),
        scalar(_J, "descriptionPlain", "description", normal=prose, type="long text",
               note="Of the first published posting; without one there is no text."),
        scalar(_J, "confidential", type="yes or no"),
        references(connection, _J, "recruiters", "recruiters", Kind.USER, label="hiring team (Recruiter)"),
        references(connection, _J, "hiringManagers", "hiring_managers", Kind.USER,
                   label="hiring team (Hiring Manager)"),
        scalar(_J, "openedAt", "opened_at", normal=moment, type="time"),
        scalar(_J, "closedAt", "closed_at", normal=moment, type="time"),
        document(_J, "customFields", "custom"),
        scalar(Kind.STAGE, "title", "name"),
        scalar(Kind.STAGE, "order", normal=number, type="number"),
        scalar(Kind.STAGE, "type", "kind", note="Active may be any step: it gives no type."),
    )  # fmt: skip


def note_fields(connection: str) -> Sequence[FieldMap]:
    once = "Written once: Ashby can neither change nor delete a note by API."
    of, both = Kind.NOTE, Direction.BOTH
    return (
        scalar(of, "content", "body", normal=prose, direction=both, type="long text",
               note=f"{once} No webhook and no list tells of notes: they are read when the candidate or an application "
               "has changed, and once a day."),
        choice(of, "visibility", "visibility", VISIBILITY, {"admin": "private"}, direction=both, note=once),
        reference(connection, of, "author", "author", Kind.USER, note="Outward it is the API key."),
        scalar(of, "createdAt", "created_at", normal=moment, type="time"),
    )  # fmt: skip


def interview_fields(connection: str) -> Sequence[FieldMap]:
    of, call = Kind.INTERVIEW, "reschedule"
    return (
        booked("status", call, "Scheduled", "Cancelled"),
        lens.chosen(scalar(of, "startTime", "starts_at", call=call, normal=moment, type="time"), lens.BOOKED_HERE),
        scalar(of, "endTime", "ends_at", call=call, normal=moment, type="time"),
        scalar(of, "createdAt", "created_at", normal=moment, type="time"),
        references(connection, of, "interviewers", "interviewers", Kind.USER, call=call),
    )


def read_only(connection: str) -> Sequence[FieldMap]:
    offer, interview, card, file, user = Kind.OFFER, Kind.INTERVIEW, Kind.SCORECARD, Kind.ATTACHMENT, Kind.USER
    return (
        scalar(file, "name", "filename"),
        scalar(file, "type"),
        scalar(file, "handle", "url", type="handle", note="Opens the file by way of file.info, for this key only."),
        scalar(user, "name"),
        scalar(user, "email"),
        scalar(user, "isEnabled", "active", type="yes or no"),
        scalar(user, "admin", type="yes or no"),
        scalar(Kind.SOURCE, "title", "name"),
        scalar(Kind.SOURCE, "type", "strategy"),
        scalar(Kind.REJECTION_REASON, "text", "name"),
        scalar(Kind.REJECTION_REASON, "reasonType", "type"),
        *(reference(connection, one, "applicationId", "application", _A) for one in (offer, interview, card)),
        scalar(offer, "offerStatus", "status"),
        scalar(offer, "startDate", "starts_on", type="date"),
        scalar(offer, "decidedAt", "resolved_at", normal=moment, type="time"),
        scalar(offer, "createdAt", "created_at", normal=moment, type="time"),
        *interview_fields(connection),
        scalar(card, "recommendation", "rating", note="Of forms that ask for an overall recommendation."),
        reference(connection, card, "submittedByUser", "interviewer", user),
        scalar(card, "submittedAt", "submitted_at", normal=moment, type="time"),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ what Bascule adds

TYPES = {
    "match_score": "Number", "match_reasons": "LongText", "match_skills": "LongText", "experience_title": "String",
    "experience_employer": "String", "experience_years": "Number", "ai_status": "String", "audit_reference": "String",
    "shortlist_link": "Url", "screening_status": "String", "screening_answers": "LongText",
    "manager_feedback": "LongText",
}  # fmt: skip
TITLES = {name: OURS + name.replace("_", " ").replace("ai ", "AI ") for name in TYPES}
"""A field has no key there but its id: Bascule's are known by their titles."""


def existing(tenant: Tenant, canonical: str) -> CustomField | None:
    found = tenant.custom.get(f"application.{slug(TITLES[canonical])}")
    return found if found is not None and found.active else None


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Every output, also where its field is to be created yet, and the tag, which needs none."""
    return (
        *(written(canonical, existing(tenant, canonical)) for canonical in TYPES),
        output(
            _C, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
            note="On the candidate, one tag for each job; it goes when the application is no longer among them.",
        ),
    )  # fmt: skip


def written(canonical: str, field: CustomField | None) -> FieldMap:
    title, type = TITLES[canonical], TYPES[canonical]
    return output(
        _A, f"custom.{slug(title)}", canonical, of_application(SHOWN[canonical]), call="outputs", label=title,
        normal=number if type == "Number" else prose, type=type, missing=field is None,
        note="Known by its title: renamed there, it is not found again.",
    )  # fmt: skip


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """The definitions that are missing for these canonical outputs."""
    return tuple(
        Setup(name, "application", TITLES[name], slug(TITLES[name]), type)
        for name, type in TYPES.items()
        if name in wanted and existing(tenant, name) is None
    )
