"""Somebody new in Greenhouse, a candidacy, a file: what an owner has copied there from another system."""

from __future__ import annotations

import base64
from collections.abc import Generator, Sequence

from bascule.connectors.lens import texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant, every_page
from bascule.errors import RejectedError
from bascule.model import CreateRule, Json, Kind

from .objects import named, number

TYPES = {"email_addresses": "personal", "phone_numbers": "mobile"}  # of each element of these lists


def add_candidate(write: Rendered, tenant: Tenant) -> Talk:
    """Somebody who is not there yet. By the e-mail address they are found when no answer comes, so there must be one;
    who has it already is never made a second time."""
    addresses = texts(write.fields.get("email_addresses"))
    if not addresses:
        raise RejectedError(
            "Nobody is added to Greenhouse without an e-mail address: they could not be found again there.",
            hint="Enter an address, then replay it.",
        )
    if (yield from with_address(addresses)):
        raise RejectedError(
            "Greenhouse holds somebody with this e-mail address already.",
            hint="Bascule joins the two when it has read them; where the names differ, look at both.",
        )
    body: dict[str, Json] = {name: value for name, value in write.fields.items() if name not in TYPES}
    for name in TYPES.keys() & write.fields.keys():
        body[name] = [{"value": text, "type": TYPES[name]} for text in texts(write.fields[name])]
    response = yield Request("POST", "/candidates", json=body, acts_as=write.acts_as)
    return named(response)


def find_candidate(write: Rendered, tenant: Tenant) -> Talk:
    found = yield from with_address(texts(write.fields.get("email_addresses")))
    name = [str(write.fields.get(one) or "").strip().casefold() for one in ("first_name", "last_name")]
    same = [row for row in found if [str(row[k] or "").strip().casefold() for k in ("first_name", "last_name")] == name]
    return {"external": str(max(row["id"] for row in same))} if same else {}


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
    query = {"candidate_ids": write.parents[Kind.CANDIDATE], "per_page": "500"}
    rows = yield from every_page(Request("GET", "/applications", query))
    job = str(write.fields.get("job_id"))
    mine = [row["id"] for row in rows if str(row.get("job_id")) == job and row.get("status") == "in_process"]
    return {"external": str(max(mine))} if mine else {}


def add_file(write: Rendered, tenant: Tenant) -> Talk:
    """A file, to the candidacy it came with. A CV takes the place of the one that stands there."""
    kind = str(write.fields.get("type"))
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
    query = {"candidate_ids": write.parents[Kind.CANDIDATE], "per_page": "500"}
    rows = yield from every_page(Request("GET", "/attachments", query))
    mine = [row["id"] for row in rows if row.get("filename") == write.fields.get("filename")]
    return {"external": str(max(mine))} if mine else {}


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
