"""How SmartRecruiters' fields read as ours, and where Bascule's outputs stand there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bascule.connectors import lens
from bascule.connectors.lens import (
    SHOWN,
    TOP_TEN,
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
)
from bascule.connectors.spec import Setup, Talk, Tenant
from bascule.errors import RejectedError
from bascule.model import Direction, FieldMap, Kind, Record, Value

from .objects import LABEL, OURS
from .reads import known

STATUS = {"active": "active", "rejected": "rejected", "withdrawn": "withdrawn", "hired": "hired"}
VISIBILITY = {"PRIVATE": "admin", "DIRECT": "private", "OPEN": "public"}
NUMBERS = frozenset({"match_score", "experience_years"})
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (
        *candidate_fields(), *application_fields(connection), *outputs(tenant), *job_fields(connection),
        *note_fields(connection), *others(connection),
    )  # fmt: skip


def candidate_fields() -> Sequence[FieldMap]:
    one = "SmartRecruiters keeps one: it is replaced where it is replaced here, and a second one is refused."
    sites = "One of each sort (LinkedIn, Facebook, Twitter, website): a second one is refused."
    polled = "No event tells of tags: they follow at the polling interval."
    job = "Of the current job in the profile."
    return (
        scalar(_C, "firstName", "first_name", call="profile"),
        scalar(_C, "lastName", "last_name", call="profile"),
        elements(_C, "email", "emails", call="email", whole=True, single=True, note=one),
        elements(_C, "phoneNumber", "phones", call="phone", whole=True, single=True, fold=lens.phone, note=one),
        elements(_C, "web", "links", call="web", whole=True, label="web profiles", note=sites),
        elements(_C, "tags", "tags", call="tags", note=polled),
        scalar(_C, "company", note=job),
        scalar(_C, "title", note=job),
        scalar(_C, "createdOn", "created_at", normal=moment, type="time"),
    )


def application_fields(connection: str) -> Sequence[FieldMap]:
    transferred = "Somebody who was transferred lives on as an application for another job: TRANSFERRED is not carried."
    renamed = "A status and the name of a sub-status: renaming one makes it another stage, and nothing tells of it."
    ends = "A reason for withdrawals goes with a withdrawal only."
    return (
        reference(connection, _A, "job", "job", _J),
        reference(
            connection, _A, "stage", "stage", Kind.STAGE, call="move", label="status and sub-status", note=renamed
        ),
        choice(_A, "status", "status", STATUS, call="decide", note=transferred),
        reference(connection, _A, "reason", "reason", Kind.REJECTION_REASON, call="decide", note=ends),
        reference(connection, _A, "source", "source", Kind.SOURCE, label="source type"),
        scalar(_A, "applied_at", normal=moment, type="time", label="created on"),
        document(_A, "answers", "answers", note="Questions about protected characteristics are left out."),
        document(_A, "custom_fields", "custom", label="candidate properties"),
    )  # fmt: skip


def job_fields(connection: str) -> Sequence[FieldMap]:
    return (
        scalar(_J, "title"),
        scalar(_J, "refNumber", "requisition"),
        choice(_J, "status", "status", {"open": "open", "closed": "closed", "draft": "draft"},
               note="Jobs on hold, filled and cancelled all read as closed."),
        scalar(_J, "department"),
        elements(_J, "location", "offices", label="city"),
        scalar(_J, "jobAd", "description", normal=prose, type="HTML", label="job ad"),
        references(connection, _J, "recruiters", "recruiters", Kind.USER, label="hiring team: recruiters"),
        references(connection, _J, "hiring_managers", "hiring_managers", Kind.USER, label="hiring team: managers"),
        scalar(_J, "createdOn", "opened_at", normal=moment, type="time"),
        scalar(Kind.STAGE, "name"),
        scalar(Kind.STAGE, "order", normal=number, type="number"),
        scalar(Kind.STAGE, "status", "kind", note="In review may be any step before an interview: it gives no type."),
        scalar(Kind.STAGE, "active", type="yes or no", note="No: a status that has sub-statuses, by itself."),
    )  # fmt: skip


def note_fields(connection: str) -> Sequence[FieldMap]:
    of, both = Kind.NOTE, Direction.BOTH
    plain = "Written once: a message cannot be changed. Mentions of users are taken apart, as they would e-mail them."
    seen = "private: the hiring team; public: whoever sees the candidate; admin: nobody but the integration's user."
    return (
        scalar(of, "content", "body", normal=prose, direction=both, type="long text", note=plain),
        choice(of, "visibility", "visibility", VISIBILITY, direction=both, note=seen),
        reference(connection, of, "author", "author", Kind.USER, note="Outward it is the integration's own user."),
        scalar(of, "createdOn", "created_at", normal=moment, type="time"),
    )


def others(connection: str) -> Sequence[FieldMap]:
    file, user, card = Kind.ATTACHMENT, Kind.USER, Kind.SCORECARD
    return (
        scalar(file, "filename"),
        scalar(file, "type"),
        reference(connection, file, "application", "application", _A),
        scalar(file, "url", note="The id by which the file is fetched, and no address."),
        scalar(user, "name"),
        scalar(user, "email"),
        scalar(user, "active", type="yes or no"),
        scalar(user, "admin", type="yes or no", label="system role: administrator"),
        scalar(Kind.SOURCE, "name"),
        scalar(Kind.REJECTION_REASON, "name"),
        scalar(Kind.REJECTION_REASON, "type"),
        reference(connection, card, "application", "application", _A),
        scalar(card, "rating", note="1 to 5."),
        reference(connection, card, "reviewer", "interviewer", user),
        scalar(card, "createdOn", "submitted_at", normal=moment, type="time"),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Candidate properties, which have a value for each application, where a person has made them; else the review of
    our own user; and the tag, which needs nothing."""
    there = known(tenant)
    if tenant.facts.get("outputs") == "review":
        made = [_output(name, key, "review", scored(SHOWN[name]), review_note(name)) for name, key in OURS.items()]
    else:
        made = [
            _output(name, key, "properties", SHOWN[name], "", missing=key not in there) for name, key in OURS.items()
        ]
    tag = output(
        _C, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
        note="On the candidate, one tag for each job; it goes when the application is no longer among them.",
    )  # fmt: skip
    return (*made, tag)


def _output(name: str, key: str, call: str, shown: lens.Shown, note: str, *, missing: bool = False) -> FieldMap:
    numeric = name in NUMBERS
    return output(
        _A, f"custom.{key}", name, lens.of_application(shown), call=call, label=LABEL[key],
        normal=number if numeric else prose, type="NUMBER" if numeric else "TEXT", missing=missing, note=note,
    )  # fmt: skip


def review_note(name: str) -> str:
    rating = " The rating is the score in five steps, 5 from 80 on." if name == "match_score" else ""
    return f"A line of the review by the integration's user; there is none before there is a score.{rating}"


def scored(shown: lens.Shown) -> Callable[[Record], Value]:
    """A review has a rating, so there is nothing to show before there is a score."""
    return lambda record: shown(record) if record.fields.get("match_score") is not None else None


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """Nothing: whether the API makes candidate properties is not verified. A person makes them, as the page says."""
    return ()


def create_field(wanted: Setup) -> Talk:
    raise RejectedError(
        "SmartRecruiters lets no program make a candidate property.", hint="Make it under Configure, by hand."
    )
    yield
