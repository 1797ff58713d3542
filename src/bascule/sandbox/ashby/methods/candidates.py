"""Candidates, their notes, files, projects and finished assessments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import fields, people, storage
from ..api import Call, Handler
from ..errors import invalid, missing
from ..listing import Page
from .reads import info, listed, table

RESULTS: Mapping[str, Callable[[Any], bool]] = {
    "numeric_score": fields.number,
    "numeric_duration_minutes": fields.number,
    "url": lambda value: isinstance(value, str) and bool(fields.URL.fullmatch(value)),
    "string": lambda value: isinstance(value, str),
    "boolean_success": lambda value: isinstance(value, bool),
}


def candidates(call: Call) -> Page:
    return call.page("candidates", call.newer(call.sight.all("candidates"), "added_at"), call.shower.candidate)


def candidate_info(call: Call) -> Any:
    if "externalMappingId" in call.body and "id" not in call.body:
        raise missing("candidate")
    return call.shower.candidate(call.read("candidates", call.found("candidates", "id", "candidate")))


def candidate_search(call: Call) -> Any:
    email, name = call.text("email", optional=True), call.text("name", optional=True)
    if not (email or "").strip() and not (name or "").strip():
        raise invalid("An email or a name is needed")
    found = [
        row for row in call.sight.all("candidates")
        if (not email or any(one["value"].lower() == email.strip().lower() for one in row["emails"]))
        and (not name or name.strip().lower() in row["name"].lower())
    ]  # fmt: skip
    return [call.shower.candidate(call.read("candidates", row)) for row in found[:100]]


def _place(call: Call) -> Mapping[str, str] | None:
    place = call.body.get("location")
    if place is None:
        return None
    if not isinstance(place, dict) or not all(isinstance(one, str) for one in place.values()):
        raise invalid("An object of city, region and country", "location")
    return {key: place[key] for key in ("city", "region", "country") if place.get(key)} or None


def _links(call: Call, before: list[dict[str, str]], site: str) -> list[dict[str, str]]:
    links = before
    for name, type in (("linkedInUrl", "LinkedIn"), ("githubUrl", "GitHub"), (site, "Website")):
        url = call.text(name, optional=True)
        if url:
            links = people.with_link(links, type, url)
    return links


def _shown(call: Call, id: str) -> Any:
    return call.shower.candidate(call.sandbox.db["candidates"].rows[id])


def candidate_create(call: Call) -> Any:
    email, phone = call.text("email", optional=True), call.text("phoneNumber", optional=True)
    others = call.body.get("alternateEmailAddresses") or []
    if not isinstance(others, list):
        raise invalid("A list of addresses", "alternateEmailAddresses")
    others = [people.address(one, "alternateEmailAddresses") for one in others]
    row = people.create(call.sandbox, call.actor, {
        "name": call.text("name"), "emails": people.contacts(people.address(email) if email else None, others),
        "phones": people.contacts(phone), "links": _links(call, [], "website"), "location": _place(call),
        "source_id": call.named("sources", "sourceId", "source"),
        "credited_to": call.named("users", "creditedToUserId", "user"),
    }, created_at=call.moment("createdAt"))  # fmt: skip
    return call.shower.candidate(call.made(row))


def candidate_update(call: Call) -> Any:
    row = call.found("candidates", "candidateId", "candidate")
    values: dict[str, Any] = {}
    if call.body.get("name") is not None:
        values["name"] = call.text("name").strip()
    emails = row["emails"]
    if other := call.text("alternateEmail", optional=True):
        known = {one["value"].lower() for one in emails}
        if people.address(other, "alternateEmail").lower() not in known:
            emails = [*emails, {"value": other.strip(), "type": "Personal", "isPrimary": not emails}]
    if email := call.text("email", optional=True):
        emails = people.with_primary(emails, people.address(email))
    if phone := call.text("phoneNumber", optional=True):
        values["phones"] = people.with_primary(row["phones"], phone)
    links = row["links"]
    if call.body.get("socialLinks") is not None:
        given = call.body["socialLinks"]
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise invalid("A list of links", "socialLinks")
        links = [people.link(str(one.get("type")), str(one.get("url"))) for one in given]
    values |= {"emails": emails, "links": _links(call, links, "websiteUrl")}
    if "location" in call.body:
        values["location"] = _place(call)
    for name, key, kind, what in (("sourceId", "source_id", "sources", "source"),
                                  ("creditedToUserId", "credited_to", "users", "user")):  # fmt: skip
        if name in call.body:
            values[key] = call.named(kind, name, what)
    people.update(call.sandbox, call.actor, row["id"], values)
    if (created := call.moment("createdAt")) is not None:
        call.sandbox.db.mark("candidates", row["id"], created_at=created)
    return _shown(call, row["id"])


def candidate_anonymize(call: Call) -> Any:
    row = call.found("candidates", "candidateId", "candidate")
    people.anonymize(call.sandbox, call.actor, row["id"])
    return _shown(call, row["id"])


def candidate_tag(change: Callable[..., None]) -> Handler:
    def answer(call: Call) -> Any:
        row = call.found("candidates", "candidateId", "candidate")
        change(call.sandbox, call.actor, row["id"], call.id("tagId"))
        return _shown(call, row["id"])

    return answer


def note_create(call: Call) -> Any:
    row, note = call.found("candidates", "candidateId", "candidate"), call.body.get("note")
    html = False
    if isinstance(note, dict):
        if note.get("type") not in ("text/plain", "text/html"):
            raise invalid("text/plain or text/html", "note.type")
        html, note = note["type"] == "text/html", note.get("value")
    if not isinstance(note, str):
        raise invalid("Required", "note")
    made = people.add_note(call.sandbox, call.actor, row["id"], note, private=call.flag("isPrivate"), html=html,
                           notify=call.flag("sendNotifications"), created_at=call.moment("createdAt"))  # fmt: skip
    return call.shower.note(call.made(made))


def notes(call: Call) -> Page:
    row = call.found("candidates", "candidateId", "candidate")
    return call.page("notes", call.sight.of("notes", "candidate_id", row["id"]), call.shower.note)


def email_message(call: Call) -> Any:
    """Kept with the candidate; it is not sent."""
    row = call.found("candidates", "candidateId", "candidate")
    for name in ("emailProviderEmailId", "subject", "from", "to", "body"):
        call.text(name)
    sent = call.moment("sentAt") or call.sandbox.now()
    made = call.sandbox.db.create(
        "emails", call.actor, candidate_id=row["id"], to=[call.body["to"]], subject=call.body["subject"],
        body=call.body["body"], why=f"kept by a program, from {call.body['from']}",
    )  # fmt: skip
    return {
        "id": made["id"], "candidateId": row["id"], "emailProviderEmailId": call.body["emailProviderEmailId"],
        "subject": made["subject"], "from": call.body["from"], "to": call.body["to"], "body": made["body"],
        "sentAt": sent.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "threadId": call.body.get("threadId") or made["id"],
        "isPrivate": call.flag("isPrivate"), "userIsSender": False,
    }  # fmt: skip


def fraud(call: Call) -> Any:
    row = call.found("candidates", "candidateId", "candidate")
    if call.body.get("fraudStatus") not in people.FRAUD:
        raise invalid(f"One of {', '.join(people.FRAUD)}", "fraudStatus")
    people.update(call.sandbox, call.actor, row["id"], {"fraud": call.body["fraudStatus"]})
    return _shown(call, row["id"])


def project_change(add: bool) -> Handler:
    def answer(call: Call) -> Any:
        row = call.found("candidates", "candidateId", "candidate")
        project = call.found("projects", "projectId", "project")["id"]
        rest = [one for one in row["project_ids"] if one != project]
        people.update(call.sandbox, call.actor, row["id"], {"project_ids": [*rest, project] if add else rest})
        return _shown(call, row["id"])

    return answer


def candidate_projects(call: Call) -> Page:
    row = call.found("candidates", "candidateId", "candidate")
    rows = [one for one in call.sight.all("projects") if one["id"] in row["project_ids"]]
    return call.page("projects", rows, call.shower.project, syncs=False)


def project_search(call: Call) -> Any:
    title = call.text("title").lower()
    return [call.shower.project(row) for row in call.sight.all("projects") if title in row["title"].lower()]


def upload_handle(call: Call) -> Any:
    return storage.handle(call.sandbox, call.actor, call.base, call.text("fileUploadContext"), call.text("filename"),
                          call.text("contentType"), call.body.get("contentLength"))  # fmt: skip


def upload(context: str, name: str, sent: str) -> Handler:
    """A file that lies in storage, or (the old way) in the request itself."""

    def answer(call: Call) -> Any:
        row = call.found("candidates", "candidateId", "candidate")
        file = call.files.get(sent) or storage.taken(call.sandbox, call.actor, call.text(name), context, name)
        people.attach(call.sandbox, call.actor, row["id"], file.name, file.type, file.content,
                      resume=context == "CandidateResume")  # fmt: skip
        return _shown(call, row["id"])

    return answer


def file_info(call: Call) -> Any:
    row = people.file_of(call.sandbox, call.text("fileHandle"))
    if not call.sight.sees("attachments", row):
        raise missing("file")
    return {"url": storage.link(call.sandbox, call.base, row)}


def assessment_add(call: Call) -> Any:
    """A finished assessment of a partner, on the candidate. It is seen on the page; no method reads it."""
    row, sent = call.found("candidates", "candidateId", "candidate"), call.body.get("assessment")
    call.id("partnerId")
    result = sent.get("result") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(result, dict) or not isinstance(call.body.get("timestamp"), int):
        raise invalid("An assessment with a result, and a timestamp in milliseconds", "assessment")
    for part in (result, *(sent.get("metadata") or [])):
        _result(part)
    if not fields.uuid(sent.get("assessmentTypeId")) or not fields.uuid(sent.get("assessmentId")):
        raise invalid("assessmentTypeId and assessmentId are UUIDs", "assessment")
    known = next((one for one in call.sandbox.db["assessments"].where("candidate_id", row["id"])
                  if one["assessment"]["assessmentId"] == sent["assessmentId"]), None)  # fmt: skip
    if known:
        call.sandbox.db.change("assessments", known["id"], call.actor, {"assessment": dict(sent)})
    else:
        call.sandbox.db.create("assessments", call.actor, candidate_id=row["id"], partner_id=call.body["partnerId"],
                               assessment=dict(sent))  # fmt: skip
    people.activity(call.sandbox, row["id"])
    return {"candidateId": row["id"], "assessmentId": sent["assessmentId"], "result": result,
            "assessmentName": sent.get("assessmentName", ""), "assessmentTypeId": sent["assessmentTypeId"],
            "metadata": sent.get("metadata") or []}  # fmt: skip


def _result(part: Any) -> None:
    if not isinstance(part, dict) or part.get("type") not in RESULTS or not RESULTS[part["type"]](part.get("value")):
        raise invalid(f"A result has a type ({', '.join(RESULTS)}) and a value of it", "assessment")


METHODS = table(
    candidates_read={
        "candidate.list": candidates, "candidate.info": candidate_info, "candidate.search": candidate_search,
        "candidate.listNotes": notes, "candidate.listProjects": candidate_projects, "file.info": file_info,
        "project.list": listed("projects", "project", created=True), "project.search": project_search,
    },
    candidates_write={
        "candidate.create": candidate_create, "candidate.update": candidate_update,
        "candidate.anonymize": candidate_anonymize, "candidate.addTag": candidate_tag(people.add_tag),
        "candidate.removeTag": candidate_tag(people.remove_tag), "candidate.createNote": note_create,
        "candidate.addEmailMessage": email_message, "candidate.setFraudStatus": fraud,
        "candidate.addProject": project_change(add=True), "candidate.removeProject": project_change(add=False),
        "candidate.uploadResume": upload("CandidateResume", "resumeHandle", "resume"),
        "candidate.uploadFile": upload("CandidateFiles", "fileHandle", "file"),
        "file.createFileUploadHandle": upload_handle, "assessment.addCompletedToCandidate": assessment_add,
    },
    jobs_read={"project.info": info("projects", "projectId", "project")},
)  # fmt: skip
