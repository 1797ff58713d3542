"""How Lever's fields read as ours, and what Bascule adds to a customer's account."""

from __future__ import annotations

from collections.abc import Sequence

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
    plain,
    prose,
    reference,
    references,
    scalar,
)
from bascule.connectors.spec import Setup, Tenant
from bascule.model import Direction, Family, FieldMap, Fields, Kind, Record, Refs, Value

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
STATUS = {"active": "active", "rejected": "rejected", "hired": "hired"}
MADE = "Written when a candidacy is made there, and not changed afterwards."
WHOLE = "The call replaces the list: it is read, changed and written in one turn, and types are kept."


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
    return (
        name(),
        scalar(_C, "headline", "company", call="contact", note="Lever's headline: usually the employers."),
        elements(_C, "emails", "emails", call="contact", whole=True, note=WHOLE),
        elements(_C, "phones", "phones", call="contact", whole=True, fold=lens.phone, note=WHOLE),
        elements(
            _C, "links", "links", call="links", note="Shown on opportunities: the contact's own address has none."
        ),
    )


def name() -> FieldMap:
    """One field there, two here: the first word is the first name."""

    def render(record: Record, family: Family, refs: Refs) -> Value:
        return " ".join(str(one) for key in ("first_name", "last_name") if (one := record.fields.get(key))) or None

    def parse(seen: Value, record: Record, refs: Refs) -> Fields:
        held = {key: record.fields.get(key) for key in ("first_name", "last_name")}
        if any(held.values()) and plain(seen) == plain(render(record, NOBODY, refs)):
            return held
        first, _, last = str(seen or "").strip().partition(" ")
        return {"first_name": first or None, "last_name": last.strip() or None}

    return FieldMap(
        _C, "name", ("first_name", "last_name"), render, parse, direction=Direction.BOTH, call="contact", normal=plain,
        note="Lever has one name: the first word of it is read as the first name.",
    )  # fmt: skip


NOBODY = Family("", "", _C, 0, "")


def application_fields(connection: str) -> Sequence[FieldMap]:
    return (
        reference(connection, _A, "posting", "job", _J, direction=Direction.BOTH, note=MADE),
        reference(
            connection, _A, "stage", "stage", Kind.STAGE, call="move", label="stage (of the account)",
            note="Stages are the account's: each job has them all. A candidacy without a posting shows none.",
        ),
        choice(
            _A, "status", "status", STATUS, {"withdrawn": "rejected"}, call="decide",
            note="Archived: the type of the reason tells a hire from a rejection. Lever has no withdrawals of its own.",
        ),
        reference(connection, _A, "reason", "reason", Kind.REJECTION_REASON, call="decide", label="archive reason"),
        elements(_A, "tags", "tags", call="tags"),
        reference(
            connection, _A, "source", "source", Kind.SOURCE, needed=False,
            note="The first of its sources. One that only another system has is left out.",
        ),
        scalar(_A, "prospect", type="yes or no", note="A candidacy without a posting."),
        reference(connection, _A, "owner", "recruiter", Kind.USER),
        scalar(_A, "createdAt", "applied_at", normal=moment, type="time"),
        scalar(_A, "archivedAt", "rejected_at", normal=moment, type="time"),
        document(_A, "answers", "answers", note="Questions about protected characteristics are left out."),
    )  # fmt: skip


def job_fields(connection: str) -> Sequence[FieldMap]:
    return (
        scalar(_J, "text", "title"),
        scalar(_J, "requisitionCodes", "requisition", note="The first of its codes."),
        choice(_J, "state", "status", {"open": "open", "closed": "closed", "draft": "draft"}),
        scalar(_J, "department", note="The department, else the team."),
        elements(_J, "locations", "offices"),
        scalar(_J, "content", "description", normal=prose, type="HTML"),
        scalar(_J, "confidentiality", "confidential", type="yes or no"),
        references(connection, _J, "owner", "recruiters", Kind.USER, label="posting owner"),
        references(connection, _J, "hiringManager", "hiring_managers", Kind.USER),
        scalar(_J, "createdAt", "opened_at", normal=moment, type="time"),
        scalar(Kind.STAGE, "text", "name"),
        scalar(Kind.STAGE, "order", normal=number, type="number"),
    )


def note_fields(connection: str) -> Sequence[FieldMap]:
    of, both = Kind.NOTE, Direction.BOTH
    once = "Written once. Replies below a note are shown behind it."
    words = {"secret": "private", "visible": "public"}
    return (
        scalar(of, "value", "body", normal=prose, direction=both, type="long text", note=once),
        choice(
            of, "secret", "visibility", words, {"admin": "secret"}, direction=both, note="Admin notes become secret."
        ),
        reference(connection, of, "application_id", "application", _A, direction=both),
        reference(connection, of, "user", "author", Kind.USER, note="Outward it is the acting user."),
        scalar(of, "createdAt", "created_at", normal=moment, type="time"),
    )


def interview_fields(connection: str) -> Sequence[FieldMap]:
    of, call = Kind.INTERVIEW, "reschedule"
    return (
        scalar(of, "subject", "name", call=call),
        booked("canceledAt", call, "scheduled", "canceled"),
        lens.chosen(scalar(of, "date", "starts_at", call=call, normal=moment, type="time"), lens.BOOKED_HERE),
        scalar(of, "ends", "ends_at", call=call, normal=moment, type="time"),
        scalar(of, "location", "place", call=call, direction=Direction.OUT,
               note="Of ours only, and not read: it may open a meeting by itself."),
        references(connection, of, "interviewers", "interviewers", Kind.USER, call=call),
    )  # fmt: skip


def read_only(connection: str) -> Sequence[FieldMap]:
    offer, interview, card, file, user = Kind.OFFER, Kind.INTERVIEW, Kind.SCORECARD, Kind.ATTACHMENT, Kind.USER
    made = ((file, "uploadedAt"), (offer, "createdAt"), (interview, "createdAt"))
    times = {**dict.fromkeys(made, "created_at"), (card, "completedAt"): "submitted_at"}
    return (
        scalar(file, "name", "filename", direction=Direction.BOTH, note="Written once, with the file."),
        scalar(file, "type", note="What is written there stands among the files."),
        scalar(file, "url", type="address", note="A path at Lever, asked with the connection's credential."),
        reference(connection, file, "application_id", "application", _A, direction=Direction.BOTH),
        *(reference(connection, one, "application_id", "application", _A) for one in (offer, interview, card)),
        *(scalar(kind, name, of, normal=moment, type="time") for (kind, name), of in times.items()),
        scalar(user, "name"),
        scalar(user, "email"),
        scalar(user, "active", type="yes or no"),
        scalar(user, "accessRole", "admin", type="yes or no", note="Admins and Super Admins."),
        scalar(Kind.SOURCE, "text", "name"),
        scalar(Kind.REJECTION_REASON, "text", "name"),
        scalar(Kind.REJECTION_REASON, "type"),
        scalar(offer, "status"),
        scalar(offer, "sentAt", "sent_on", type="date"),
        *interview_fields(connection),
        scalar(card, "rating"),
        scalar(card, "status"),
        reference(connection, card, "user", "interviewer", user),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds

LONG = frozenset({"match_reasons", "match_skills", "screening_answers", "manager_feedback"})
NUMBERS = frozenset({"match_score", "experience_years"})


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Every output in a field of our feedback form, also where that is to be created yet, and the tag."""
    return (
        *(
            output(
                _A, f"custom.bascule_{canonical}", canonical, of_application(shown), call="match",
                normal=number if canonical in NUMBERS else prose, label=words(canonical), type="text",
                note="A field of the feedback form “Bascule match”, changed in place.",
                missing=f"application.bascule_{canonical}" not in tenant.custom,
            )
            for canonical, shown in SHOWN.items()
        ),
        output(
            _A, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
            note="It goes when the application is no longer among them.",
        ),
    )  # fmt: skip


def top_ten(application: Record, family: Family, refs: Refs) -> Value:
    best = application.fields.get("top_ten") and lens.is_open(application)
    return (f"{TOP_TEN}{lens.job_title(application, refs)[:100]}",) if best else ()


def words(canonical: str) -> str:
    return canonical.replace("_", " ").capitalize().replace("Ai ", "AI ")


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """The fields of our form that are missing for these canonical outputs."""
    return tuple(
        Setup(
            one, "application", words(one), f"bascule_{one}", "textarea" if one in LONG else "text", private=False
        )
        for one in SHOWN
        if one in wanted and f"application.bascule_{one}" not in tenant.custom
    )  # fmt: skip
