"""How Workday's fields read as ours, and where Bascule's outputs stand there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bascule.connectors import lens
from bascule.connectors.lens import (
    SHOWN,
    choice,
    elements,
    moment,
    number,
    output,
    prose,
    reference,
    references,
    scalar,
)
from bascule.connectors.spec import Setup, Talk, Tenant
from bascule.errors import RejectedError
from bascule.model import FieldMap, Fields, Kind, Record, Refs, StageType, Value, replace

from .objects import several
from .reads import OURS, READY

STATUS = {"active": "active", "rejected": "rejected", "withdrawn": "withdrawn", "hired": "hired"}
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB


def fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    """Every field that can be mapped for this customer."""
    return (
        *candidate_fields(), *application_fields(tenant, connection), *outputs(tenant), *job_fields(connection),
        *others(connection),
    )  # fmt: skip


def candidate_fields() -> Sequence[FieldMap]:
    one = "Workday keeps one for each candidate; which of several it is, is said there: read only."
    whole = "Put_Candidate replaces the section: it is read, changed and written in one turn. Not of linked workers."
    tags = (
        "Read only: no operation lists tags or makes one, and the last one cannot be taken away by it. That somebody "
        "has none any more is not seen, as a missing element may be a missing right."
    )
    return (
        scalar(_C, "First_Name", "first_name", call="name", note=whole),
        scalar(_C, "Last_Name", "last_name", call="name", note=whole),
        elements(_C, "Email_Address", "emails", single=True, note=one),
        elements(_C, "Phone_Number", "phones", single=True, fold=lens.phone, note=one),
        elements(_C, "Website_Data", "links", call="contact", whole=True, label="websites", note=whole),
        elements(_C, "Candidate_Tag_Reference", "tags", label="candidate tags", note=tags),
    )


def application_fields(tenant: Tenant, connection: str) -> Sequence[FieldMap]:
    final = "A rejection is final by interface; people can take it back in Workday. A hire is never written."
    stage = reference(
        connection, _A, "stage", "stage", Kind.STAGE, call="move", label="workflow step",
        note="Only next steps of the process are allowed: a move over several steps goes through those between.",
    )  # fmt: skip
    return (
        reference(connection, _A, "job", "job", _J, label="job requisition"),
        replace(stage, route=route(tenant)),
        choice(_A, "status", "status", STATUS, call="decide", note=final),
        reference(connection, _A, "reason", "reason", Kind.REJECTION_REASON, call="decide", label="disposition"),
        reference(connection, _A, "source", "source", Kind.SOURCE),
        scalar(_A, "applied_at", normal=moment, type="time"),
        scalar(_A, "rejected_at", normal=moment, type="time"),
    )


def route(tenant: Tenant) -> Callable[[Value, Value], Value]:
    """The next step on the shortest way through the process; the target itself where no way is known."""

    def next_step(current: Value, target: Value) -> Value:
        job, _, here = str(current).rpartition("/")
        wanted = str(target).rpartition("/")[2]
        ways: list[tuple[str, str]] = [(one, one) for one in following(tenant, here)]
        met = {here}
        while ways:
            first, at = ways.pop(0)
            if at == wanted:
                return f"{job}/{first}"
            if at not in met:
                met.add(at)
                ways += [(first, one) for one in following(tenant, at)]
        return target

    return next_step


def following(tenant: Tenant, step: str) -> list[str]:
    return several(tenant.facts.get(f"next.{step}"))


def job_fields(connection: str) -> Sequence[FieldMap]:
    frozen = "Frozen, filled and closed requisitions all read as closed."
    return (
        scalar(_J, "Job_Posting_Title", "title"),
        scalar(_J, "requisition", "requisition"),
        choice(_J, "status", "status", {"open": "open", "closed": "closed"}, {"draft": "closed"}, note=frozen),
        scalar(_J, "Job_Description", "description", normal=prose, type="HTML"),
        elements(_J, "location", "offices", label="primary location"),
        references(connection, _J, "recruiters", "recruiters", Kind.USER, label="role assignments: recruiter"),
        references(connection, _J, "managers", "hiring_managers", Kind.USER, label="role assignments: hiring manager"),
    )


def others(connection: str) -> Sequence[FieldMap]:
    file = Kind.ATTACHMENT
    return (
        scalar(Kind.STAGE, "name"),
        scalar(Kind.STAGE, "order", normal=number, type="number"),
        scalar(Kind.STAGE, "recruiting_stage", "kind", label="recruiting stage"),
        scalar(Kind.USER, "name"),
        scalar(Kind.USER, "email"),
        scalar(Kind.SOURCE, "name"),
        scalar(Kind.REJECTION_REASON, "name"),
        scalar(file, "filename"),
        scalar(file, "type"),
        reference(connection, file, "application", "application", _A),
        scalar(
            file, "version", note="Of the content, which comes along: another file under the same id is read again."
        ),
        scalar(file, "url", note="Not an address: files stand inside the answer about their candidate."),
    )


# ------------------------------------------------------------------------------------------------ what Bascule adds


def top_ten(record: Record) -> Value:
    return "Yes" if record.fields.get("top_ten") else None


OUTPUTS = {**SHOWN, "top_ten": top_ten}
NUMBERS = frozenset({"match_score", "experience_years"})


def outputs(tenant: Tenant) -> Sequence[FieldMap]:
    """In the customer's custom object of job applications, where it has our fields; else in an assessment of ours."""
    known = {name for name, alias in OURS.items() if f"application.{alias}" in tenant.custom}
    if tenant.facts.get("outputs") == "assessment":
        return tuple(replace(_output(name, "assess"), closed=not_assessed) for name in OUTPUTS)
    return tuple(_output(name, "object", missing=name not in known) for name in OUTPUTS)


ELSEWHERE = frozenset({"REVIEW", "SCREEN", "INTERVIEW", "REFERENCE_CHECK", "OFFER", "BACKGROUND_CHECK", READY})
"""Recruiting stages of Workday but for ASSESSMENT. Of a stage that is none of these nothing is known: it is tried."""
WAITS = "Waits for the step: Workday takes a score only of who has come to an Assess Candidate step."


def not_assessed(record: Record, held: Fields, refs: Refs) -> str:
    """Why there can be no assessment yet. One that is there can be changed in any step."""
    stage = refs.records.get(str(record.fields.get("stage")))
    if stage is None or any(held.get(f"custom.{alias}") for alias in OURS.values()):
        return ""
    away = stage.fields.get("kind") in ELSEWHERE and stage.fields.get("type") != StageType.ASSESS
    return WAITS if away else ""


def _output(name: str, call: str, *, missing: bool = False) -> FieldMap:
    told = "A whole number, as the score of our assessment test." if name == "match_score" else ""
    note = told or "A line of the comment on our assessment's result." if call == "assess" else ""
    shown = OUTPUTS[name]
    return output(
        _A, f"custom.{OURS[name]}", name, whole(shown) if note == told != "" else lens.of_application(shown),
        call=call, normal=number if name in NUMBERS else prose, type="number" if name in NUMBERS else "text",
        missing=missing, note=note,
    )  # fmt: skip


def whole(shown: lens.Shown) -> Callable[..., Value]:
    """Scores of assessments are whole numbers."""

    def render(record: Record, family: object, refs: object) -> Value:
        value = shown(record)
        return round(value) if isinstance(value, (int, float)) else value

    return render


def setup(tenant: Tenant, wanted: Sequence[str]) -> Sequence[Setup]:
    """Nothing: no operation defines a custom object. What is missing there is made by hand, and named on the page."""
    return ()


def create_field(wanted: Setup) -> Talk:
    raise RejectedError("Workday lets no program define a field.", hint="Add it to the custom object by hand.")
    yield
