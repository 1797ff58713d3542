"""Somebody new in Lever, a candidacy, a file: what an owner has copied there from another system."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from bascule.connectors.lens import fold, moment, texts
from bascule.connectors.spec import Rendered, Request, Response, Sends, Talk, Tenant, not_there
from bascule.errors import RejectedError
from bascule.model import CreateRule, Fields, Json, Kind

from .objects import EXPANDED, answered, every, home, of_contact, posting
from .panels import acting
from .reads import opportunity as candidacies

OPPORTUNITIES = ("opportunities:read:admin", "applications:read:admin", "opportunities:write:admin")


def add_person(write: Rendered, tenant: Tenant) -> Talk:
    """Somebody who is not there yet, with their candidacy: Lever makes no contact without one."""
    mails = texts(write.fields.get("emails"))
    yield from not_there("Lever", mails, with_address)
    body: dict[str, Json] = {"name": str(write.fields.get("name") or ""), "emails": list(mails)}
    body |= {"headline": str(write.fields["headline"])} if write.fields.get("headline") else {}
    body |= {"links": list(texts(write.fields["links"]))} if write.fields.get("links") else {}
    if numbers := texts(write.fields.get("phones")):
        body["phones"] = [{"type": "mobile", "value": one} for one in numbers]
    row = yield from made(write, tenant, {**body, **candidacy(write.along)})
    return {"external": str(row["contact"]), "along": shown(row, tenant)} if row else {}


def find_person(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from with_address(texts(write.fields.get("emails")))
    name = fold(str(write.fields.get("name") or ""))
    mine = [row for row in rows if fold(str(row.get("name") or "")) == name]
    if not mine:
        return {}
    row = max(mine, key=lambda one: (posting(one) == write.along.get("posting"), one.get("createdAt") or 0))
    return {"external": str(row["contact"]), "along": shown(row, tenant)}


def with_address(mails: Sequence[str]) -> Generator[Request, Response, list[Json]]:
    """The candidacies of whoever has one of these e-mail addresses."""
    found: dict[str, Json] = {}
    for one in mails:
        query = {"email": one, "confidentiality": "all", **EXPANDED}
        rows = yield from every(Request("GET", "/opportunities", query))
        found |= {str(row["id"]): row for row in rows}
    return list(found.values())


def add_opportunity(write: Rendered, tenant: Tenant) -> Talk:
    """A further candidacy of somebody who is there. One that is open for this posting is this one."""
    open_there = yield from find_opportunity(write, tenant)
    if open_there:
        return open_there
    row = yield from made(write, tenant, {"contact": write.parents[Kind.CANDIDATE], **candidacy(write.fields)})
    return {"external": str(row["id"]), **shown(row, tenant)} if row else {}


def find_opportunity(write: Rendered, tenant: Tenant) -> Talk:
    rows = yield from of_contact(write.parents[Kind.CANDIDATE])
    mine = [row for row in rows if posting(row) == write.fields.get("posting") and not row.get("archived")]
    row = max(mine, key=lambda one: one.get("createdAt") or 0, default=None)
    return {"external": str(row["id"])} if row is not None else {}


def candidacy(fields: Fields) -> dict[str, Json]:
    """What a new opportunity holds of its own. Nobody is named as having applied: it came from another system."""
    job, _, stage = str(fields.get("stage") or "").partition("/")
    body: dict[str, Json] = {"origin": "sourced", "postings": [str(fields["posting"])]}
    if stage and job == fields["posting"]:
        body["stage"] = stage
    if tagged := texts(fields.get("tags")):
        body["tags"] = list(tagged)
    if fields.get("source"):
        body["sources"] = [str(fields["source"])]
    if isinstance(at := moment(fields.get("createdAt")), float):
        body["createdAt"] = int(at * 1000)
    return body


def made(write: Rendered, tenant: Tenant, body: Json) -> Generator[Request, Response, Json]:
    """The opportunity as it was made; nothing where the answer does not show it."""
    who = acting(write, tenant)
    if not who:
        raise RejectedError(
            "There is no user as whom to make a candidacy.",
            hint="Enter the e-mail address of an active Lever user as acting_user, and connect again.",
        )
    response = yield Request("POST", "/opportunities", EXPANDED, json=body, acts_as=who)
    row = answered(response)
    return row if isinstance(row, Mapping) and row.get("id") and row.get("contact") else None


def shown(row: Json, tenant: Tenant) -> Fields:
    """An opportunity's own fields, as reads show them, and its id."""
    seen = next(part.seen for part in candidacies(row, tenant) if part.kind is Kind.APPLICATION)
    return {**seen, "external": str(row["id"])}


def add_file(write: Rendered, tenant: Tenant) -> Talk:
    """A file, to the candidacy it came with. Resumes can only be given with a new opportunity: a CV stands among the
    files."""
    on = yield from home(write)
    files = {"file": (str(write.fields.get("name") or "file"), write.content)}
    path = f"/opportunities/{on}/files"
    response = yield Request("POST", path, files=files, acts_as=acting(write, tenant))
    row = answered(response)
    return {"external": str(row["id"])} if isinstance(row, Mapping) and row.get("id") else {}


def find_file(write: Rendered, tenant: Tenant) -> Talk:
    on = yield from home(write)
    rows = yield from every(Request("GET", f"/opportunities/{on}/files"))
    mine = [row for row in rows if row.get("name") == write.fields.get("name")]
    row = max(mine, key=lambda one: one.get("uploadedAt") or 0, default=None)
    return {"external": str(row["id"])} if row is not None else {}


MADE = (
    "A candidacy made through the Data API fills in none of Lever's forms, which are what answers applicants; whether "
    "automations of this customer run on it is not verified. Its owner is the user that Bascule acts as."
)
CREATIONS = (
    Sends("add person", Kind.CANDIDATE, add_person, find_person, repeatable=False, hidden=MADE,
          scopes=OPPORTUNITIES),
    Sends("add opportunity", Kind.APPLICATION, add_opportunity, find_opportunity, repeatable=False, hidden=MADE,
          scopes=OPPORTUNITIES),
    Sends("attach", Kind.ATTACHMENT, add_file, find_file, repeatable=False, scopes=(
        "files:read:admin", "files:write:admin", "opportunities:read:admin",
    )),
)  # fmt: skip
COPIES = {
    Kind.CANDIDATE: CreateRule(
        Kind.CANDIDATE, "add person", ("name", "headline", "emails", "phones", "links"), needs=Kind.APPLICATION,
        along=True,
    ),
    Kind.APPLICATION: CreateRule(
        Kind.APPLICATION, "add opportunity", ("posting", "stage", "tags", "source", "createdAt"),
        parents=(Kind.CANDIDATE, Kind.JOB), open_only=True,
    ),
    Kind.ATTACHMENT: CreateRule(Kind.ATTACHMENT, "attach", ("name", "application_id"), parents=(Kind.CANDIDATE,)),
}  # fmt: skip
