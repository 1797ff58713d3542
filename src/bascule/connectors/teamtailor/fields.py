"""How Teamtailor's fields read as ours, and what Bascule adds to a customer's account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from bascule.connectors.spec import CustomField, Setup, Tenant
from bascule.model import Direction, Family, FieldMap, Kind, Record, Refs, Value

from .reads import PREFIX

_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
ONE = "Teamtailor keeps one: a second one is refused, and told to the owner."
SLOW = "Written as a whole list, read just before. No webhook tells of tags: they follow at the polling interval."


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (*candidate_fields(), *application_fields(connection), *outputs(tenant), *other_fields(connection))


def candidate_fields() -> Sequence[FieldMap]:
    return (
        scalar(_C, "first-name", "first_name", call="candidate"),
        scalar(_C, "last-name", "last_name", call="candidate"),
        elements(_C, "email", "emails", call="candidate", whole=True, single=True, note=ONE),
        elements(_C, "phone", "phones", call="candidate", whole=True, single=True, fold=lens.phone, note=ONE),
        elements(_C, "linkedin-url", "links", call="candidate", whole=True, single=True, note=ONE),
        elements(_C, "tags", "tags", call="tags", whole=True, note=SLOW),
        scalar(_C, "created-at", "created_at", normal=moment, type="time"),
        document(_C, "custom-field-values", "custom", note="The customer's own fields; sensitive ones are left out."),
    )


def application_fields(connection: str) -> Sequence[FieldMap]:
    words = {"active": "active", "rejected": "rejected", "withdrawn": "withdrawn", "hired": "hired"}
    stays = "Whoever is rejected stays in their stage. A reason that is not the company's reads as withdrawn."
    return (
        reference(connection, _A, "job", "job", _J),
        reference(connection, _A, "stage", "stage", Kind.STAGE, call="move"),
        choice(_A, "status", "status", words, call="decide", note=stays, label="rejected-at, type of the stage"),
        reference(connection, _A, "reject-reason", "reason", Kind.REJECTION_REASON, call="decide"),
        scalar(_A, "created-at", "applied_at", normal=moment, type="time"),
        scalar(_A, "rejected-at", "rejected_at", normal=moment, type="time"),
    )


def other_fields(connection: str) -> Sequence[FieldMap]:
    note, file, user, reason = Kind.NOTE, Kind.ATTACHMENT, Kind.USER, Kind.REJECTION_REASON
    return (
        scalar(_J, "title"),
        choice(_J, "human-status", "status", {"open": "open", "closed": "closed", "draft": "draft"}),
        scalar(_J, "body", "description", normal=prose, type="HTML"),
        scalar(_J, "internal", "confidential", type="yes or no", note="A job that only employees are shown."),
        scalar(_J, "department"),
        elements(_J, "locations", "offices"),
        references(connection, _J, "user", "recruiters", user, label="recruiter"),
        scalar(_J, "start-date", "opened_at", normal=moment, type="time"),
        scalar(_J, "end-date", "closed_at", normal=moment, type="time"),
        scalar(Kind.STAGE, "name"),
        scalar(Kind.STAGE, "row-order", "order", normal=number, type="number"),
        scalar(Kind.STAGE, "stage-type", "kind"),
        scalar(note, "note", "body", normal=prose, direction=Direction.BOTH, type="long text", note="Written once."),
        choice(note, "private-note", "visibility", {"private": "private", "public": "public"}),
        reference(connection, note, "user-id", "author", user, note="Outward: the acting user, or the one entered."),
        scalar(note, "created-at", "created_at", normal=moment, type="time"),
        scalar(file, "file-name", "filename"),
        scalar(file, "type"),
        scalar(file, "created-at", "created_at", normal=moment, type="time"),
        scalar(file, "url", note="Where to ask for an address: these die within 30 or 60 seconds."),
        scalar(
            file, "version", note="Tells a CV from the next: a candidate has one, without an id or a day of its own."
        ),
        scalar(user, "name"),
        scalar(user, "email"),
        scalar(user, "role", "active", type="yes or no", note="No access: not active."),
        scalar(user, "role.admin", "admin", type="yes or no"),
        scalar(reason, "reason", "name"),
        scalar(reason, "rejected-by-company", "type"),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds


@dataclass(frozen=True, slots=True)
class Added:
    """One custom field of ours, on the candidate: there are none on applications."""

    canonical: str
    key: str
    label: str
    type: str
    render: Callable[[Record, Family, Refs], Value]

    @property
    def name(self) -> str:
        """The vendor makes the name for programs from the name, so that is this in words."""
        return self.key.replace("-", " ").capitalize().replace(" ai ", " AI ")


TEXT, NUMBER = "CustomField::Text", "CustomField::Number"
SCORE = SHOWN["match_score"]
ADDED: tuple[Added, ...] = (
    Added("match_score", f"{PREFIX}match-score", "newest open application", NUMBER, lens.of_newest(SCORE)),
    Added("match_score", f"{PREFIX}match-score-job", "job of the score", TEXT, lens.job_of_newest(SCORE)),
    *(
        Added(name, f"{PREFIX}{name.replace('_', '-')}-by-job", "every application", TEXT, lens.of_all(shown))
        for name, shown in SHOWN.items()
    ),
)


def existing(tenant: Tenant, added: Added) -> CustomField | None:
    """The customer's definition of a field of ours: by its name for programs, else by its name."""
    found = tenant.custom.get(f"candidate.{added.key}")
    return found or next((one for one in tenant.custom.values() if one.name == added.name), None)


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """Every output, also where its field is to be created yet, and the tag, which needs none."""
    return (
        *(_written(added, existing(tenant, added)) for added in ADDED),
        output(
            _C, "tags.top_ten", "top_ten", top_ten, call="tags", is_set=True, label=f"tag “{TOP_TEN}<job>”", type="tag",
            note="On the candidate, one tag for each job; it goes when the application is no longer among them.",
        ),
    )  # fmt: skip


def _written(added: Added, field: CustomField | None) -> FieldMap:
    key, label, type = (field.key, field.name, field.type) if field else (added.key, added.name, added.type)
    return output(
        _C, f"custom.{key}", added.canonical, added.render, call="values", label=label, type=type,
        normal=number if added.type == NUMBER else prose, note=f"On the candidate: {added.label}.",
        missing=field is None,
    )  # fmt: skip


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """The definitions that are missing for these canonical outputs."""
    return tuple(
        Setup(one.canonical, "candidate", one.name, one.key, one.type)
        for one in ADDED
        if one.canonical in wanted and existing(tenant, one) is None
    )
