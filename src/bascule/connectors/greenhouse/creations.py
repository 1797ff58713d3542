"""Somebody new in Greenhouse, a candidacy, a file: what an owner has copied there from another system."""

from __future__ import annotations

import base64
from collections.abc import Generator, Mapping, Sequence

from bascule.connectors.lens import fold, texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant, every_page, not_there
from bascule.model import CreateRule, Json, Kind

from .objects import named, newest, number, of_candidate

TYPES = {"email_addresses": "personal", "phone_numbers": "mobile"}  # of each element of these lists


def add_candidate(write: Rendered, tenant: Tenant) -> Talk:
    """Somebody who is not there yet."""
    yield from not_there("Greenhouse", texts(write.fields.get("email_addresses")), with_address)
    body: dict[str, Json] = {name: value for name, value in write.fields.items() if name not in TYPES}
    for name in TYPES.keys() & write.fields.keys():
        body[name] = [{"value": text, "type": TYPES[name]} for text in texts(write.fields[name])]
    response = yield Request("POST", "/candidates", json=body, acts_as=write.acts_as)
    return named(response)


def find_candidate(write: Rendered, tenant: Tenant) -> Talk:
    found = yield from with_address(texts(write.fields.get("email_addresses")))
    return newest(row for row in found if name_in(row) == name_in(write.fields))


def name_in(fields: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(fold(str(fields.get(one) or "")) for one in ("first_name", "last_name"))


def with_address(addresses: Sequence[str]) -> Generator[Request, Response, list[Json]]:
    """Who has one of these e-mail addresses."""
    found: dict[int, Json] = {}
    for address in addresses:
        for spelling in dict.fromkeys((address, address.casefold())):
            rows = yield from every_page(Request("GET", "/candidates", {"email": spelling, "per_page": "500"}))
            found |= {row["id"]: row for row in rows}
    return list(found.values())


def add_application(write: Rendered, tenant: Tenant) -> Talk:
    """A candidacy for a job, in the stage it is in. One that is open there for this job is this one."""
    open_there = yield from find_application(write, tenant)
    if open_there:
        return open_there
    body: dict[str, Json] = {
        "candidate_id": int(write.parents[Kind.CANDIDATE]),
        "job_id": number(write.fields["job_id"]),
    }
    if write.fields.get("stage"):
        body["initial_stage_id"] = number(write.fields["stage"])
    response = yield Request("POST", "/applications", json=body, acts_as=write.acts_as)
    return named(response)


def find_application(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from of_candidate("/applications", write)
    job = str(write.fields.get("job_id"))
    return newest(row for row in rows if str(row.get("job_id")) == job and row.get("status") == "in_process")


def add_file(write: Rendered, tenant: Tenant) -> Talk:
    """A file, to the candidacy it came with. Greenhouse keeps one CV there and deletes the one before: where there is
    one, ours goes beside it."""
    kind = str(write.fields.get("type"))
    if kind == "resume":
        of = str(write.fields.get("application_id") or "")
        rows = yield from of_candidate("/attachments", write)
        if any(row.get("type") == kind and str(row.get("application_id") or "") == of for row in rows):
            kind = "other"
    body: dict[str, Json] = {
        "candidate_id": int(write.parents[Kind.CANDIDATE]),
        "filename": str(write.fields.get("filename") or "file"),
        "type": kind if kind in ("resume", "cover_letter") else "other",
        "content": base64.b64encode(write.content).decode("ascii"),
    }
    if write.fields.get("application_id"):
        body["application_id"] = number(write.fields["application_id"])
    response = yield Request("POST", "/attachments", json=body, acts_as=write.acts_as)
    return named(response)


def find_file(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from of_candidate("/attachments", write)
    return newest(row for row in rows if row.get("filename") == write.fields.get("filename"))


MADE = (
    "An application is made without filling in the form of a job post; whether this customer's rules for new "
    "applications tell anybody of one, or answer the applicant, is not verified: look at them first."
)
CREATIONS = (
    Sends("add candidate", Kind.CANDIDATE, add_candidate, find_candidate, repeatable=False, scopes=(
        "harvest:candidates:create", "harvest:candidates:list",
    )),
    Sends("apply", Kind.APPLICATION, add_application, find_application, repeatable=False, hidden=MADE, scopes=(
        "harvest:applications:create", "harvest:applications:list",
    )),
    Sends("attach", Kind.ATTACHMENT, add_file, find_file, repeatable=False, scopes=(
        "harvest:attachments:create", "harvest:attachments:list",
    )),
)  # fmt: skip
COPIES = {
    Kind.CANDIDATE: CreateRule(
        Kind.CANDIDATE, "add candidate",
        ("first_name", "last_name", "preferred_name", "company", "title", "email_addresses", "phone_numbers"),
        needs=Kind.APPLICATION,
    ),
    Kind.APPLICATION: CreateRule(
        Kind.APPLICATION, "apply", ("job_id", "stage"), parents=(Kind.CANDIDATE, Kind.JOB), open_only=True
    ),
    Kind.ATTACHMENT: CreateRule(
        Kind.ATTACHMENT, "attach", ("filename", "type", "application_id"), parents=(Kind.CANDIDATE,)
    ),
}  # fmt: skip
