"""Contacts and their opportunities: what people do on the pages and programs through the interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..kit.ids import Id
from ..kit.tables import Actor, Row
from .errors import invalid
from .hooks import ORIGINS, ms
from .sandbox import Sandbox
from .tables import BELOW

PHONES = ("mobile", "home", "work", "skype", "other")
CONTACT = ("name", "headline", "location", "emails", "phones", "links")
ANONYMOUS = "Anonymous candidate"


# Reading what was sent.


def texts(values: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts of a body. Raises Refused (400)."""
    found = values.get(key)
    if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
        raise invalid(f"{key} must be an array of strings")
    return [one.strip() for one in found]


def _emails(values: Mapping[str, Any]) -> list[str]:
    found = texts(values, "emails")
    if any("@" not in one for one in found):
        raise invalid("emails must be an array of e-mail addresses")
    return found


def _phones(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = values.get("phones")
    if not isinstance(found, list):
        raise invalid("phones must be an array of objects with type and value")
    phones: list[dict[str, Any]] = []
    for one in found:
        if not isinstance(one, dict) or not isinstance(one.get("value"), str) or not one["value"].strip():
            raise invalid("phones must be an array of objects with type and value")
        if one.get("type") not in (*PHONES, None):
            raise invalid(f"phones: type must be one of {', '.join(PHONES)}")
        phones.append({"type": one.get("type") or "other", "value": one["value"].strip()})
    return phones


def contact_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a contact out of a body. Raises Refused (400)."""
    chosen: dict[str, Any] = {}
    for key in ("name", "headline"):
        if key in values:
            if not isinstance(values[key], str):
                raise invalid(f"{key} must be a string")
            chosen[key] = values[key].strip()
    if "location" in values:
        place = values["location"]
        name = place.get("name") if isinstance(place, dict) else place
        if not isinstance(name, str):
            raise invalid("location must be an object with a name")
        chosen["location"] = name.strip()
    for key, read in (("emails", _emails), ("phones", _phones), ("links", lambda given: texts(given, "links"))):
        if key in values:
            chosen[key] = read(values)
    return chosen


# Contacts.


def with_email(sandbox: Sandbox, emails: Sequence[str]) -> Row | None:
    """The contact that has one of these addresses, whatever their case."""
    for address in (one.strip().lower() for one in emails):
        for id in sandbox.addresses.get(address, ()):
            row = sandbox.db["candidates"].get(id)
            if row is not None and address in (one.lower() for one in row["emails"]):
                return row
    return None


def _known_by(sandbox: Sandbox, row: Row) -> None:
    for one in row["emails"]:
        ids = sandbox.addresses.setdefault(one.lower(), [])
        if row["id"] not in ids:
            ids.append(row["id"])


def create_contact(sandbox: Sandbox, actor: Actor, values: Mapping[str, Any]) -> Row:
    empty: dict[str, Any] = {"name": "", "headline": "", "location": "", "emails": [], "phones": [], "links": []}
    row = sandbox.db.create("candidates", actor, anonymized=False, **{**empty, **values})
    _known_by(sandbox, row)
    sandbox.emit("contactCreated", None, lambda: {"contactId": row["id"]}, row["id"])
    return row


def update_contact(sandbox: Sandbox, actor: Actor, id: Id, values: Mapping[str, Any]) -> Row:
    """Change a person: that shows on each of their opportunities, whose `updatedAt` moves."""
    row = sandbox.row("candidates", id)
    if row["anonymized"]:
        raise invalid("An anonymized contact cannot be changed")
    if sandbox.db.change("candidates", id, actor, dict(values)):
        _known_by(sandbox, row)
        for one in sandbox.db["applications"].where("candidate_id", id):
            sandbox.db.mark("applications", one["id"], updated_at=sandbox.now())
        sandbox.emit("contactUpdated", None, lambda: {"contactId": id}, id)
    return row


def merge(sandbox: Sandbox, actor: Actor, into: Id, gone: Id) -> None:
    """Two contacts become one, on the pages: every opportunity of the second is the first's from then on."""
    kept, lost = sandbox.row("candidates", into), sandbox.row("candidates", gone)
    if into == gone:
        raise invalid("A contact cannot be merged into itself")
    for kind in ("applications", *BELOW):
        for one in sandbox.db[kind].where("candidate_id", gone):
            sandbox.db.change(kind, one["id"], actor, {"candidate_id": into}, touch=kind == "applications")
    more = {
        key: [*kept[key], *(one for one in lost[key] if one not in kept[key])] for key in ("emails", "phones", "links")
    }
    sandbox.db.delete("candidates", gone, actor)
    sandbox.db.create("deleted_records", actor, kind="contact", record=gone, into=into, shown={},
                      deleted_at=sandbox.now(), deleted_by=actor.user_id)  # fmt: skip
    update_contact(sandbox, actor, into, more)


def merged_into(sandbox: Sandbox, id: Id) -> Id:
    """The contact that a merged one has gone into, through several merges; None if it never was."""
    found: Id = None
    for row in sandbox.db["deleted_records"]:
        if row["kind"] == "contact" and row["record"] == (found or id):
            found = row["into"]
    return found


def anonymize(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Take away all that tells who it was, on the pages: no webhook says so, and ids stay."""
    sandbox.row("candidates", id)
    for kind in ("notes", "attachments", "forms", "feedback"):
        for one in sandbox.db[kind].where("candidate_id", id):
            sandbox.db.delete(kind, one["id"], actor)
    for one in sandbox.db["submissions"].where("candidate_id", id):
        sandbox.db.change("submissions", one["id"], actor, {
            "name": None, "email": None, "phone": None, "company": None, "links": [], "comments": None,
            "custom_questions": []})  # fmt: skip
    sandbox.db.change("candidates", id, actor, {"name": ANONYMOUS, "headline": "", "location": "", "emails": [],
                                                "phones": [], "links": [], "anonymized": True})  # fmt: skip
    for one in sandbox.db["applications"].where("candidate_id", id):
        sandbox.db.mark("applications", one["id"], updated_at=sandbox.now())


def delete_contact(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Delete a person with all opportunities, on the pages."""
    sandbox.row("candidates", id)
    for one in sandbox.db["applications"].where("candidate_id", id):
        delete_opportunity(sandbox, actor, one["id"])
    if sandbox.db["candidates"].get(id) is not None:
        sandbox.db.delete("candidates", id, actor)


# Opportunities.


def create_opportunity(
    sandbox: Sandbox, actor: Actor, values: Mapping[str, Any], *, contact: Row | None = None, kind: str = "user",
    answers: Mapping[str, Any] | None = None,
) -> tuple[Row, bool]:  # fmt: skip
    """A new candidacy, of the contact named or of the one with the same e-mail address, or of a new one. Whether the
    person was known. `values` are columns: of the contact, and of the opportunity."""
    db, now = sandbox.db, sandbox.now()
    person = {key: values[key] for key in CONTACT if key in values}
    known = contact or with_email(sandbox, person.get("emails", ()))
    job = db["jobs"].get(values.get("job_id"))
    if known is None:
        owner = create_contact(sandbox, actor, person)
    else:
        owner = known
        if contact is not None:  # named by its id: what is new is added; the e-mail's owner keeps what it has
            more = {key: [*owner[key], *(one for one in person[key] if one not in owner[key])]
                    for key in ("emails", "phones", "links") if key in person}  # fmt: skip
            update_contact(sandbox, actor, owner["id"], more)
    created = values.get("created_at") or now
    stage = values.get("stage_id") or first_stage(sandbox, applicant=kind == "posting")
    tags = list(values.get("tags", ()))
    if job is not None and kind == "posting" and sandbox.options.posting_tags:
        tags += [job["text"], *(job["categories"][key] for key in ("team", "location", "commitment"))]
    row = db.create(
        "applications", actor, candidate_id=owner["id"], job_id=job["id"] if job else None, stage_id=stage,
        stage_changes=[_step(sandbox, stage, actor, created)], archived=values.get("archived"),
        confidentiality=job["confidentiality"] if job else "non-confidential",
        tags=known_texts(sandbox, actor, "tags", tags),
        sources=known_texts(sandbox, actor, "sources", values.get("sources", ())),
        sourced_by=actor.user_id if kind == "user" else None, origin=values.get("origin") or "sourced",
        owner_id=values.get("owner_id") or (job and kind == "posting" and job["owner_id"]) or actor.user_id,
        followers=list(dict.fromkeys([*([actor.user_id] if actor.user_id else []), *values.get("followers", ())])),
        last_interaction_at=created, last_advanced_at=created, snoozed_until=None, data_protection=None,
        location=job["categories"]["location"] if job else None, created_at=created,
    )  # fmt: skip
    if job is not None:
        _submit(sandbox, actor, row, job, kind, {**person, **(answers or {})})
    return row, known is not None


def first_stage(sandbox: Sandbox, *, applicant: bool = False) -> Id:
    """Where a new opportunity stands: a lead, or an applicant."""
    wanted = "applicant-new" if applicant else "lead-new"
    ids = list(sandbox.db["stages"].ids)
    return wanted if wanted in ids else ids[0]


def _step(sandbox: Sandbox, stage: Id, actor: Actor, at: datetime) -> dict[str, Any]:
    return {"toStageId": stage, "toStageIndex": sandbox.db["stages"].rows[stage]["position"], "userId": actor.user_id,
            "updatedAt": ms(at)}  # fmt: skip


def _submit(sandbox: Sandbox, actor: Actor, row: Row, job: Row, kind: str, said: Mapping[str, Any]) -> Row:
    """The link to a posting, with what was said in the form; of what a user adds, only that it was."""
    form = kind == "posting"
    made = sandbox.db.create(
        "submissions", actor, application_id=row["id"], candidate_id=row["candidate_id"], job_id=job["id"], type=kind,
        posting_owner=job["owner_id"], posting_hiring_manager=job["hiring_manager_id"],
        user_id=None if form else actor.user_id, name=said.get("name") if form else None,
        email=next(iter(said.get("emails", ())), None) if form else None,
        phone=next(iter(said.get("phones", ())), None) if form else None, company=said.get("company") if form else None,
        links=list(said.get("links", ())) if form else [], comments=said.get("comments") if form else None,
        custom_questions=list(said.get("custom_questions", ())), requisition_for_hire=None,
        created_at=row["created_at"],
    )  # fmt: skip
    sandbox.emit("applicationCreated", row, lambda: {"applicationId": made["id"], **about(row)}, row["candidate_id"])
    return made


def about(row: Row) -> dict[str, Any]:
    """How webhooks name an opportunity: `candidateId` is the older name of the same id."""
    return {"opportunityId": row["id"], "candidateId": row["id"], "contactId": row["candidate_id"]}


def move(sandbox: Sandbox, actor: Actor, id: Id, stage: Any) -> Row:
    """Take an opportunity to another stage. The one it is in already changes nothing."""
    row = sandbox.row("applications", id)
    if not isinstance(stage, str) or sandbox.db["stages"].get(stage) is None:
        raise invalid("stage is not a stage of this account")
    if row["archived"] and sandbox.options.archived_stage == "refuse":
        raise invalid("An archived opportunity cannot change stage")
    before = row["stage_id"]
    if stage == before:
        return row
    now = sandbox.now()
    sandbox.db.change("applications", id, actor, {
        "stage_id": stage, "stage_changes": [*row["stage_changes"], _step(sandbox, stage, actor, now)],
        "last_advanced_at": now, "last_interaction_at": now})  # fmt: skip
    data = {**about(row), "fromStageId": before, "toStageId": stage}
    sandbox.emit("candidateStageChange", row, lambda: data, row["candidate_id"])
    return row


def archive(
    sandbox: Sandbox, actor: Actor, id: Id, reason: Any, *, clean: bool = False, requisition: Any = None
) -> Row:
    """Archive with a reason (a rejection, or a hire by a reason of that type), change it, or unarchive (None)."""
    row = sandbox.row("applications", id)
    if reason is None:
        return _unarchive(sandbox, actor, row)
    chosen = sandbox.db["archive_reasons"].get(reason) if isinstance(reason, str) else None
    if chosen is None:
        raise invalid("reason is not an archive reason of this account")
    if chosen["status"] != "active":
        raise invalid("The archive reason is inactive")
    wanted = _requisition(sandbox, row, chosen, requisition)
    before = row["archived"]
    if before and before["reason"] == reason:
        return row
    now = sandbox.now()
    sandbox.db.change("applications", id, actor, {
        "archived": {"reason": reason, "archivedAt": ms(now)}, "last_advanced_at": now,
        "last_interaction_at": now})  # fmt: skip
    if clean:
        for one in sandbox.db["interviews"].where("application_id", id):
            if one["date"] > now and one["canceled_at"] is None:
                sandbox.db.change("interviews", one["id"], actor, {"canceled_at": now})
    if wanted is not None:
        _hire_against(sandbox, actor, row, wanted)
    data = {**about(row), "fromArchived": before, "toArchived": row["archived"]}
    sandbox.emit("candidateArchiveChange", row, lambda: data, row["candidate_id"])
    if chosen["type"] == "hired":
        sandbox.emit("candidateHired", row, lambda: about(row), row["candidate_id"])
    return row


def _unarchive(sandbox: Sandbox, actor: Actor, row: Row) -> Row:
    before, now = row["archived"], sandbox.now()
    if before is not None:
        sandbox.db.change("applications", row["id"], actor, {"archived": None, "last_interaction_at": now})
        data = {**about(row), "fromArchived": before, "toArchived": None}
        sandbox.emit("candidateArchiveChange", row, lambda: data, row["candidate_id"])
    return row


def _requisition(sandbox: Sandbox, row: Row, reason: Row, id: Any) -> Row | None:
    """The requisition to hire against. Raises Refused (400) for one that is not open, or of another posting."""
    if id is None:
        return None
    found = sandbox.db["requisitions"].get(id) if isinstance(id, str) else None
    if found is None:
        raise invalid("requisitionId is not a requisition of this account")
    if reason["type"] != "hired":
        raise invalid("A requisition can only be named with an archive reason of type hired")
    if found["status"] != "open":
        raise invalid("The requisition is closed")
    if row["job_id"] is None or row["job_id"] not in found["postings"]:
        raise invalid("The opportunity's posting is not linked to the requisition")
    return found


def _hire_against(sandbox: Sandbox, actor: Actor, row: Row, requisition: Row) -> None:
    sandbox.db.change("requisitions", requisition["id"], actor, {"hired": requisition["hired"] + 1})
    for one in sandbox.db["submissions"].where("application_id", row["id"]):
        shown = {"id": requisition["id"], "requisitionCode": requisition["code"],
                 "hiringManagerOnHire": requisition["hiring_manager_id"]}  # fmt: skip
        sandbox.db.change("submissions", one["id"], actor, {"requisition_for_hire": shown})


def known_texts(sandbox: Sandbox, actor: Actor, what: str, values: Sequence[str]) -> list[str]:
    """`tags` or `sources`, each once. They are their text, and exist from their first use on."""
    found = [one for one in dict.fromkeys(values) if one]
    for one in found:
        if one not in sandbox.db[what].rows:
            sandbox.db.create(what, actor, id=one, text=one)
    return found


def label(sandbox: Sandbox, actor: Actor, id: Id, what: str, values: Sequence[str], *, remove: bool = False) -> Row:
    """Add or remove `tags` or `sources`."""
    row = sandbox.row("applications", id)
    if remove:
        left = [one for one in row[what] if one not in values]
    else:
        left = [*row[what], *(one for one in known_texts(sandbox, actor, what, values) if one not in row[what])]
    sandbox.db.change("applications", id, actor, {what: left})
    return row


def link(sandbox: Sandbox, actor: Actor, id: Id, values: Sequence[str], *, remove: bool = False) -> Row:
    """Add or remove links: they are the contact's, so all of its opportunities show it."""
    row = sandbox.row("applications", id)
    held = sandbox.db["candidates"].rows[row["candidate_id"]]["links"]
    left = [one for one in held if one not in values] if remove else [*held, *(o for o in values if o not in held)]
    update_contact(sandbox, actor, row["candidate_id"], {"links": left})
    return row


def snooze(sandbox: Sandbox, actor: Actor, id: Id, until: datetime | None) -> None:
    sandbox.row("applications", id)
    sandbox.db.change("applications", id, actor, {"snoozed_until": until})


def delete_opportunity(sandbox: Sandbox, actor: Actor, id: Id) -> None:
    """Delete one candidacy with all that is below it, on the pages. The contact goes with its last one."""
    row = sandbox.row("applications", id)
    for kind in BELOW:
        for one in sandbox.db[kind].where("application_id", id):
            if kind == "submissions":
                remember(sandbox, actor, "application", one["id"], {"opportunityId": id, "posting": one["job_id"]})
            sandbox.db.delete(kind, one["id"], actor)
    sandbox.db.delete("applications", id, actor)
    remember(sandbox, actor, "opportunity", id, {
        "contact": row["candidate_id"], "createdAt": ms(row["created_at"]), "stage": row["stage_id"],
        "origin": row["origin"], "confidentiality": row["confidentiality"]})  # fmt: skip
    data = {**about(row), "deletedBy": actor.user_id}
    sandbox.emit("candidateDeleted", row, lambda: data, row["candidate_id"])
    if not sandbox.db["applications"].where("candidate_id", row["candidate_id"]):
        sandbox.db.delete("candidates", row["candidate_id"], actor)


def remember(sandbox: Sandbox, actor: Actor, kind: str, id: Id, shown: Mapping[str, Any]) -> None:
    """What the list of deleted objects shows of one."""
    sandbox.db.create("deleted_records", actor, kind=kind, record=id, into=None, shown=dict(shown),
                      deleted_at=sandbox.now(), deleted_by=actor.user_id)  # fmt: skip


def valid_origin(value: Any) -> str:
    if value not in ORIGINS:
        raise invalid(f"origin must be one of {', '.join(ORIGINS)}")
    return value
