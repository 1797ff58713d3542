"""Every method of the interface, with the permission it needs: the table is at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..kit.tables import Row
from . import fields, people, pipeline, storage
from .api import VERSION, Call, File, Handler, Method, parsed, whole
from .errors import forbidden, invalid, missing
from .hooks import BY_HAND, EVENTS
from .listing import Page

# What the result of a partner's assessment may be.
RESULTS: Mapping[str, Callable[[Any], bool]] = {
    "numeric_score": fields.number,
    "numeric_duration_minutes": fields.number,
    "url": lambda value: isinstance(value, str) and bool(fields.URL.fullmatch(value)),
    "string": lambda value: isinstance(value, str),
    "boolean_success": lambda value: isinstance(value, bool),
}

# Plain reads.


def listed(kind: str, show: str, *, archived: bool = False, created: bool = False) -> Handler:
    """A list with pages and sync tokens; archived rows only where asked for."""

    def answer(call: Call) -> Page:
        rows = call.sight.all(kind)
        if archived:
            rows = call.unarchived(rows)
        if created:
            rows = call.newer(rows)
        return call.page(kind, rows, getattr(call.shower, show))

    return answer


def unpaged(kind: str, show: str) -> Handler:
    def answer(call: Call) -> Page:
        rows = call.sight.all(kind)
        if rows and "archived" in rows[0]:
            rows = call.unarchived(rows)
        return whole([getattr(call.shower, show)(row) for row in rows])

    return answer


def info(kind: str, name: str, what: str, show: str = "") -> Handler:
    def answer(call: Call) -> Any:
        return getattr(call.shower, show or what)(call.read(kind, call.found(kind, name, what)))

    return answer


# The key itself.


def key_info(call: Call) -> Any:
    return {"title": call.key["name"], "createdAt": call.key["created_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "scopes": call.key["scopes"]}  # fmt: skip


def versions(call: Call) -> Any:
    return [{"version": VERSION, "status": call.sandbox.options.version_status}]


# Candidates.


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


# Files.


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


# Applications.


def applications(call: Call) -> Page:
    rows, wanted = call.newer(call.sight.all("applications")), call.body.get("status")
    if wanted is not None:
        if wanted not in ("Hired", "Archived", "Active", "Lead"):
            raise invalid("One of Hired, Archived, Active, Lead", "status")
        rows = [row for row in rows if row["status"] == wanted]
    if (job := call.id("jobId", optional=True)) is not None:
        rows = [row for row in rows if row["job_id"] == job]
    expand = call.expand("openings")
    return call.page("applications", rows, lambda row: call.shower.application(row, expand))


def _application(call: Call) -> Row:
    return call.found("applications", "applicationId", "application")


def application_info(call: Call) -> Any:
    expand = call.expand("openings", "applicationFormSubmissions", "referrals")
    if call.body.get("applicationId") is None and call.id("submittedFormInstanceId", optional=True) is not None:
        wanted = call.body["submittedFormInstanceId"]
        row = next((row for row in call.sight.all("applications") if row["form"] and row["form"]["id"] == wanted), None)
        if row is None:
            raise missing("application")
    else:
        row = _application(call)
    return call.shower.application_whole(call.read("applications", row), expand)


def application_create(call: Call) -> Any:
    person, job = call.found("candidates", "candidateId", "candidate"), call.found("jobs", "jobId", "job")
    stage = call.body.get("interviewStageId")
    if stage is not None and stage != pipeline.FIRST_SCREEN:
        stage = call.id("interviewStageId")
    made = pipeline.apply(
        call.sandbox, call.actor, person["id"], job["id"], plan_id=call.id("interviewPlanId", optional=True),
        stage_id=stage, source_id=call.named("sources", "sourceId", "source"),
        credited_to=call.named("users", "creditedToUserId", "user"), created_at=call.moment("createdAt"),
        told=call.sandbox.options.api_submits,
    )  # fmt: skip
    return call.shower.application(call.made(made))


def change_stage(call: Call) -> Any:
    row, email = _application(call), call.body.get("archiveEmail")
    if email is not None and (not isinstance(email, dict) or not fields.uuid(email.get("communicationTemplateId"))):
        raise invalid("Needs a communicationTemplateId", "archiveEmail")
    pipeline.move(call.sandbox, call.actor, row["id"], call.id("interviewStageId"),
                  reason_id=call.id("archiveReasonId", optional=True), email=email)  # fmt: skip
    return call.shower.application(row)


def transfer(call: Call) -> Any:
    row = _application(call)
    call.found("jobs", "jobId", "job")
    call.flag("startAutomaticActivities", default=True)
    pipeline.transfer(call.sandbox, call.actor, row["id"], call.id("jobId"), call.id("interviewPlanId"),
                      call.id("interviewStageId"))  # fmt: skip
    return call.shower.application(row)


def application_update(call: Call) -> Any:
    row = _application(call)
    keys = (("sourceId", "source_id"), ("creditedToUserId", "credited_to"))
    values = {key: call.id(name, optional=True) for name, key in keys if name in call.body}
    if (created := call.moment("createdAt")) is not None:
        values["created_at"] = created
    pipeline.update(call.sandbox, call.actor, row["id"], values, notify=call.flag("sendNotifications", default=True))
    return call.shower.application(row)


def change_source(call: Call) -> Any:
    row = _application(call)
    pipeline.update(call.sandbox, call.actor, row["id"], {"source_id": call.id("sourceId")})
    return call.shower.application(row)


def application_delete(call: Call) -> Any:
    row = _application(call)
    pipeline.remove(call.sandbox, call.actor, row["id"])
    return {"applicationId": row["id"]}


def history(call: Call) -> Page:
    row = _application(call)
    return call.page("history", call.sight.of("history", "application_id", row["id"]), call.shower.history, syncs=False)


def update_history(call: Call) -> Any:
    if not call.key["update_history"]:
        raise forbidden("to update application history")
    row, wanted = _application(call), call.body.get("applicationHistory")
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise invalid("A list of entries", "applicationHistory")
    pipeline.rewrite(call.sandbox, call.actor, row["id"], wanted)
    return call.shower.application_whole(row)


def criteria(call: Call) -> Page:
    """No evaluation by Ashby's own AI: the feature is not switched on here."""
    _application(call)
    return call.page("history", [], call.shower.history, syncs=False)


def team_change(add: bool) -> Handler:
    def answer(call: Call) -> Any:
        row = _application(call)
        member = {"user_id": call.found("users", "teamMemberId", "user")["id"],
                  "role_id": call.found("roles", "roleId", "role")["id"]}  # fmt: skip
        rest = [one for one in row["team"] if one != member]
        pipeline.update(call.sandbox, call.actor, row["id"], {"team": [*rest, member] if add else rest})
        return call.shower.team([member])[0]

    return answer


def form_submit(call: Call) -> Any:
    """A candidate applies through somebody's own careers page."""
    posting = call.found("postings", "jobPostingId", "job_posting")
    if not posting["published"] and not call.flag("allowSubmissionForUnpublishedJobPosting"):
        raise invalid("This job posting is not published", "jobPostingId")
    form = parsed(call.body.get("applicationForm"))
    given = form.get("fieldSubmissions") if isinstance(form, dict) else None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("A list of paths and values", "applicationForm")
    values: dict[str, Any] = {str(one.get("path")): one.get("value") for one in given}
    name, email = values.get("_systemfield_name"), values.get("_systemfield_email")
    if email == "testing-fail-validation@example.com":
        raise invalid("Simulated validation failure", "_systemfield_email")
    definition = storage.application_form(posting)
    for one in definition["sections"][0]["fields"]:
        if one["isRequired"] and values.get(one["field"]["path"]) in (None, ""):
            raise invalid(f"Required: {one['field']['title']}", one["field"]["path"])
    person = people.create(call.sandbox, call.actor, {
        "name": name, "emails": people.contacts(people.address(email, "_systemfield_email")),
        "phones": people.contacts(values.get("_systemfield_phone"))})  # fmt: skip
    file = values.get("_systemfield_resume")
    if file is not None:
        sent: File = call.files.get(str(file)) or storage.taken(
            call.sandbox, call.actor, file, "ApplicationForm", "_systemfield_resume"
        )
        people.attach(call.sandbox, call.actor, person["id"], sent.name, sent.type, sent.content, resume=True)
    shown = storage.submission(call.sandbox, definition, values)
    pipeline.apply(call.sandbox, call.actor, person["id"], posting["job_id"], posting_id=posting["id"], form=shown,
                   stage_id=pipeline.FIRST_SCREEN)  # fmt: skip
    return {"submittedFormInstance": shown, "formMessages": {"blocked": False}}


# Jobs.


def _status(call: Call) -> Any:
    wanted = call.body.get("status")
    if wanted is None:
        return ("Open", "Closed", "Archived")
    if not isinstance(wanted, list) or any(one not in pipeline.MOVES for one in wanted):
        raise invalid(f"A list of {', '.join(pipeline.MOVES)}", "status")
    return wanted


def jobs(call: Call) -> Page:
    wanted, expand = _status(call), call.expand("location", "openings")
    rows = [row for row in call.newer(call.sight.all("jobs")) if row["status"] in wanted]
    for name, column, later in (("openedAfter", "opened_at", True), ("openedBefore", "opened_at", False),
                                ("closedAfter", "closed_at", True), ("closedBefore", "closed_at", False)):  # fmt: skip
        bound = call.body.get(name)
        if isinstance(bound, int | float):
            at = datetime.fromtimestamp(bound / 1000, UTC)
            rows = [row for row in rows if row[column] and (row[column] > at if later else row[column] < at)]
    return call.page("jobs", rows, lambda row: call.shower.job(row, expand))


def job_info(call: Call) -> Any:
    expand = call.expand("location", "openings")
    return call.shower.job(call.read("jobs", call.found("jobs", "id", "job")), expand)


def job_search(call: Call) -> Any:
    title, requisition = call.text("title", optional=True), call.text("requisitionId", optional=True)
    if not title and not requisition:
        raise invalid("A title or a requisitionId is needed")
    return [call.shower.job(row) for row in call.sight.all("jobs")
            if (not title or title.lower() in row["title"].lower())
            and (not requisition or row["requisition"] == requisition)]  # fmt: skip


def job_create(call: Call) -> Any:
    db = call.sandbox.db
    plan = call.named("plans", "defaultInterviewPlanId", "interview_plan") or db["plans"].ids[0]
    team, place = call.found("departments", "teamId", "department"), call.found("locations", "locationId", "location")
    job = db.create(
        "jobs", call.actor, title=call.text("title"), status="Draft", confidential=False, employment="FullTime",
        location_id=place["id"], department_id=team["id"], plan_id=plan, plan_ids=[plan], requisition=None, team=[],
        author_id=call.key["user_id"], opened_at=None, closed_at=None, custom_fields={}, questions=[], description="",
    )  # fmt: skip
    call.sandbox.tell_job(job, "jobCreate")
    return call.shower.job(call.made(job))


def job_update(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    values: dict[str, Any] = {}
    if call.body.get("title") is not None:
        values["title"] = call.text("title")
    if call.body.get("customRequisitionId") is not None:
        values["requisition"] = call.text("customRequisitionId")
    for name, key, kind, what in (("teamId", "department_id", "departments", "department"),
                                  ("locationId", "location_id", "locations", "location")):  # fmt: skip
        if call.body.get(name) is not None:
            values[key] = call.named(kind, name, what)
    if call.sandbox.db.change("jobs", job["id"], call.actor, values):
        call.sandbox.tell_job(job)
    if (plan := call.id("defaultInterviewPlanId", optional=True)) is not None:
        pipeline.switch_plan(call.sandbox, call.actor, job["id"], plan)
    return call.shower.job(job)


def job_status(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    return call.shower.job(pipeline.set_status(call.sandbox, call.actor, job["id"], call.body.get("status")))


def postings(call: Call) -> Page:
    listed_only = call.flag("listedOnly")
    rows = [row for row in call.sight.all("postings") if row["published"] and (row["listed"] or not listed_only)]
    shown = [call.shower.posting(row) for row in rows]
    for name, key in (("location", "locationName"), ("department", "departmentName")):
        if wanted := call.text(name, optional=True):
            shown = [one for one in shown if one[key] == wanted]
    return whole(shown)


def posting_info(call: Call) -> Any:
    row = call.found("postings", "jobPostingId", "job_posting")
    return call.shower.posting_whole(row, storage.application_form(row))


def job_plan(call: Call) -> Any:
    job = call.found("jobs", "jobId", "job")
    shown: list[Any] = []
    for stage in pipeline.stages(call.sandbox, job["plan_id"]):
        one = call.shower.stage(stage)
        shown.append({key: value for key, value in one.items() if key != "interviewPlanId"} | {"activities": []})
    return {"jobId": job["id"], "interviewPlanId": job["plan_id"], "stages": shown}


def stages(call: Call) -> Page:
    plan = call.found("plans", "interviewPlanId", "interview_plan")
    rows = sorted(call.sight.of("stages", "plan_id", plan["id"]), key=lambda row: row["order"])
    return whole([call.shower.stage(row) for row in rows])


def opening_search(call: Call) -> Any:
    wanted = call.text("identifier")
    return [call.shower.opening(row) for row in call.sight.all("openings") if row["identifier"] == wanted]


# Tags and custom fields.


def tag_create(call: Call) -> Any:
    return call.shower.tag(people.define_tag(call.sandbox, call.actor, call.text("title")))


def tag_archive(call: Call) -> Any:
    tag = call.found("tags", "tagId", "tag")
    call.sandbox.db.change("tags", tag["id"], call.actor, {"archived": True})
    return call.shower.tag(tag)


def _fields(call: Call) -> list[Row]:
    return [row for row in call.sight.all("custom_fields") if call.sight.private or not row["private"]]


def field_list(call: Call) -> Page:
    return call.page("custom_fields", _fields(call), call.shower.field)


def _field(call: Call, id: Any) -> Row:
    row = next((row for row in _fields(call) if row["id"] == id), None)
    if row is None:
        raise missing("custom_field")
    return row


def field_info(call: Call) -> Any:
    return call.shower.field(_field(call, call.id("customFieldId")))


def field_create(call: Call) -> Any:
    kind, of = str(call.body.get("fieldType")), str(call.body.get("objectType"))
    if kind not in fields.TYPES:
        raise invalid(f"One of {', '.join(fields.TYPES)}", "fieldType")
    if of not in fields.OBJECTS:
        raise invalid(f"One of {', '.join(fields.OBJECTS)}", "objectType")
    choices = fields.options(call.body.get("selectableValues")) if kind in fields.SELECTS else None
    return call.shower.field(pipeline.define_field(
        call.sandbox, call.actor, call.text("title"), fields.OBJECTS[of], kind, choices=choices))  # fmt: skip


def field_options(call: Call) -> Any:
    row = _field(call, call.id("customFieldId"))
    if row["field_type"] not in fields.SELECTS:
        raise invalid("This field has no selectable values", "customFieldId")
    options = fields.merged(row["options"], fields.options(call.body.get("selectableValues")))
    call.sandbox.db.change("custom_fields", row["id"], call.actor, {"options": options})
    return call.shower.field(row)


def _valued(call: Call) -> tuple[str, str]:
    """The object whose values are set, which this key must see."""
    of = str(call.body.get("objectType"))
    if of not in fields.VALUED:
        raise invalid(f"One of {', '.join(fields.VALUED)}", "objectType")
    return of, call.found(fields.VALUED[of], "objectId", of.lower())["id"]


def _given(one: Mapping[str, Any], call: Call) -> tuple[str, Any]:
    if not fields.uuid(one.get("fieldId")):
        raise invalid("Not a UUID", "fieldId")
    if "fieldValue" not in one:
        raise invalid("Required", "fieldValue")
    return _field(call, one["fieldId"])["id"], one["fieldValue"]


def _set(call: Call, field_id: str, row: Row) -> Any:
    field = call.sandbox.db["custom_fields"].rows[field_id]
    return call.shower.value(field, row["custom_fields"].get(field_id))


async def set_value(call: Call) -> Any:
    """Reads the object's values, and a moment later writes them with the one that was given: two at once race."""
    of, id = _valued(call)
    field_id, value = _given(call.body, call)
    seen = pipeline.values_now(call.sandbox, of, id)
    await call.sandbox.sleep(call.sandbox.options.race)
    await asyncio.sleep(0)
    row = pipeline.set_values(call.sandbox, call.actor, of, id, {field_id: value}, seen=seen)
    return _set(call, field_id, row)


def set_values(call: Call) -> Any:
    of, id = _valued(call)
    given = call.body.get("values")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid("A list of fieldId and fieldValue", "values")
    values = dict(_given(one, call) for one in given)
    row = pipeline.set_values(call.sandbox, call.actor, of, id, values)
    return [_set(call, field_id, row) for field_id in values]


# Users.


def users(call: Call) -> Page:
    rows = call.sight.all("users")
    if not call.flag("includeDeactivated"):
        rows = [row for row in rows if row["enabled"]]
    return call.page("users", rows, call.shower.user)


def user_search(call: Call) -> Any:
    email = call.text("email").strip().lower()
    return [call.shower.user(row) for row in call.sight.all("users") if row["email"].lower() == email]


def role_names(call: Call) -> Page:
    rows = call.sight.all("roles")
    if call.flag("namesOnly", default=True):
        return whole([row["title"] for row in rows])
    return whole([{"id": row["id"], "title": row["title"]} for row in rows])


def role_list(call: Call) -> Page:
    return whole([{"id": row["id"], "title": row["title"]} for row in call.sight.all("roles")])


# Feedback, interviews, offers, assessments.


def feedback_list(call: Call) -> Page:
    rows = call.newer(call.sight.all("feedback"))
    if call.body.get("applicationId") is not None:
        own = _application(call)["id"]
        rows = [row for row in rows if row["application_id"] == own]
    return call.page("feedback", rows, call.shower.feedback)


def feedback_submit(call: Call) -> Any:
    form, row = call.found("forms", "formDefinitionId", "form_definition"), _application(call)
    sent = call.body.get("feedbackForm")
    given = sent.get("fieldSubmissions") if isinstance(sent, dict) else None
    made = pipeline.feedback(
        call.sandbox, call.actor, row["id"], form["id"], given,
        user_id=call.named("users", "userId", "user"), event_id=call.id("interviewEventId", optional=True),
    )  # fmt: skip
    shown = call.shower.feedback(call.made(made))
    return {"submittedFormInstance": {key: shown[key] for key in ("id", "formDefinition", "submittedValues")}}


def schedules(call: Call) -> Page:
    rows = call.newer(call.sight.all("schedules"))
    for name, column in (("applicationId", "application_id"), ("interviewStageId", "stage_id")):
        if (wanted := call.id(name, optional=True)) is not None:
            rows = [row for row in rows if row[column] == wanted]
    return call.page("schedules", rows, call.shower.schedule)


def _events(call: Call) -> list[dict[str, Any]]:
    given = call.body.get("interviewEvents")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise invalid("A list of events", "interviewEvents")
    emails = {user["email"]: user["id"] for user in call.sandbox.db["users"]}
    made: list[dict[str, Any]] = []
    for one in given:
        start, end = (pipeline.moment(one.get(name), f"interviewEvents.{name}") for name in ("startTime", "endTime"))
        asked = one.get("interviewers")
        if end <= start or not isinstance(asked, list) or not asked:
            raise invalid("An event ends after its start and has interviewers", "interviewEvents")
        if any(not isinstance(who, dict) or who.get("email") not in emails for who in asked):
            raise missing("user")
        made.append({
            "interview_id": one.get("interviewId") or call.sandbox.db["interviews"].ids[0], "start": start, "end": end,
            "extra": one.get("extraData"),
            "interviewers": [{"user_id": emails[who["email"]], "required": who.get("feedbackRequired") is not False}
                             for who in asked]})  # fmt: skip
    return made


def schedule_create(call: Call) -> Any:
    row, events = _application(call), _events(call)
    return call.shower.schedule(call.made(pipeline.schedule(call.sandbox, call.actor, row["id"], events)))


def schedule_cancel(call: Call) -> Any:
    row = call.found("schedules", "id", "interview_schedule")
    return call.shower.schedule(
        pipeline.cancel(call.sandbox, call.actor, row["id"], again=call.flag("allowReschedule")))  # fmt: skip


def interview_events(call: Call) -> Page:
    schedule = call.found("schedules", "interviewScheduleId", "interview_schedule")
    with_interview = bool(call.expand("interview"))

    def show(row: Row) -> Any:
        shown = call.shower.event(row)
        if with_interview:
            shown["interview"] = call.shower.interview(call.db["interviews"].rows[row["interview_id"]])
        return shown

    return call.page("events", call.newer(call.sight.of("events", "schedule_id", schedule["id"])), show)


def offers(call: Call) -> Page:
    rows = call.newer(call.sight.all("offers"))
    if (wanted := call.id("applicationId", optional=True)) is not None:
        rows = [row for row in rows if row["application_id"] == wanted]
    for name, column in (("offerStatus", "status"), ("acceptanceStatus", "acceptance")):
        if call.body.get(name):
            rows = [row for row in rows if row[column] in call.body[name]]
    return call.page("offers", rows, call.shower.offer)


def offer_info(call: Call) -> Any:
    shown = call.shower.offer(call.read("offers", call.found("offers", "offerId", "offer")), whole=True)
    return shown if call.flag("excludeFormDefinition") else {**shown, "formDefinition": storage.OFFER_FORM}


def process_start(call: Call) -> Any:
    return call.shower.process(pipeline.start_offer(call.sandbox, call.actor, _application(call)["id"]))


def offer_start(call: Call) -> Any:
    call.found("offer_processes", "offerProcessId", "offer_process")
    return {"id": storage.OFFER_FORM_ID, "formDefinition": storage.OFFER_FORM}


def _terms(call: Call) -> tuple[Any, Any]:
    form = call.body.get("offerForm")
    given = form.get("fieldSubmissions") if isinstance(form, dict) else None
    if not isinstance(given, list):
        raise invalid("A list of paths and values", "offerForm")
    values = {one.get("path"): one.get("value") for one in given if isinstance(one, dict)}
    salary, start = values.get("salary"), values.get("startDate")
    if salary is not None:
        fields.checked({"field_type": "Currency", "title": "Salary"}, salary)
    return salary, start


def offer_create(call: Call) -> Any:
    process = call.found("offer_processes", "offerProcessId", "offer_process")
    if call.id("offerFormId") != storage.OFFER_FORM_ID:
        raise missing("offer_form")
    return call.shower.offer(pipeline.make_offer(call.sandbox, call.actor, process["id"], *_terms(call)), whole=True)


def offer_update(call: Call) -> Any:
    offer = call.found("offers", "offerId", "offer")
    made = pipeline.make_offer(call.sandbox, call.actor, offer["process_id"], *_terms(call))
    return call.shower.offer(made, whole=True)


def offer_approve(call: Call) -> Any:
    made = pipeline.approve_offer(call.sandbox, call.actor, call.id("offerVersionId"))
    return call.shower.offer(made, whole=True)


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


# Webhooks.


async def hook_create(call: Call) -> Any:
    type, url = call.text("webhookType"), call.text("requestUrl")
    if type not in EVENTS or type in BY_HAND:
        raise invalid("Not a type of webhook", "webhookType")
    if not fields.URL.fullmatch(url):
        raise invalid("Not an address", "requestUrl")
    values = {"url": url, "secret": call.text("secretToken"), "events": [type], "name": type}
    return call.shower.hook(await call.sandbox.hooks.save(call.actor, values))


async def hook_update(call: Call) -> Any:
    row = call.found("webhooks", "webhookId", "webhook")
    keys = (("requestUrl", "url"), ("secretToken", "secret"))
    values = {key: call.text(name) for name, key in keys if name in call.body}
    if not values and "enabled" not in call.body:
        raise invalid("One of enabled, requestUrl, secretToken")
    if call.flag("enabled", default=row["enabled"]):
        await call.sandbox.hooks.save(call.actor, values, row["id"])
    else:
        call.sandbox.db.change("webhooks", row["id"], call.actor, {**values, "enabled": False})
    return call.shower.hook(row)


def hook_info(call: Call) -> Any:
    return call.shower.hook(call.found("webhooks", "webhookId", "webhook"), secret=False)


def hook_delete(call: Call) -> Any:
    row = call.found("webhooks", "webhookId", "webhook")
    call.sandbox.hooks.remove(call.actor, row["id"])
    return {"webhookId": row["id"]}


def _table(**groups: Mapping[str, Handler]) -> dict[str, Method]:
    """`candidates_read={...}`: methods by the permission they need."""
    made: dict[str, Method] = {}
    for group, methods in groups.items():
        module, _, right = group.rpartition("_")
        scope = f"{module}:{right}" if module else ""
        made |= {name: Method(scope, handler) for name, handler in methods.items()}
    return made


METHODS: Mapping[str, Method] = _table(
    any={"version.list": versions},
    candidates_read={
        "candidate.list": candidates, "candidate.info": candidate_info, "candidate.search": candidate_search,
        "candidate.listNotes": notes, "candidate.listProjects": candidate_projects,
        "application.list": applications, "application.info": application_info, "application.listHistory": history,
        "application.listCriteriaEvaluations": criteria, "applicationHiringTeamRole.list": role_list,
        "applicationFeedback.list": feedback_list, "file.info": file_info,
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
        "file.createFileUploadHandle": upload_handle,
        "application.create": application_create, "application.changeStage": change_stage,
        "application.transfer": transfer, "application.update": application_update,
        "application.changeSource": change_source, "application.updateHistory": update_history,
        "application.addHiringTeamMember": team_change(add=True),
        "application.removeHiringTeamMember": team_change(add=False), "applicationForm.submit": form_submit,
        "applicationFeedback.submit": feedback_submit, "customField.setValue": set_value,
        "customField.setValues": set_values, "assessment.addCompletedToCandidate": assessment_add,
    },
    candidates_delete={"application.delete": application_delete},
    jobs_read={
        "job.list": jobs, "job.info": job_info, "job.search": job_search, "jobPosting.list": postings,
        "jobPosting.info": posting_info, "jobInterviewPlan.info": job_plan,
        "opening.list": listed("openings", "opening", created=True),
        "opening.info": info("openings", "openingId", "opening"), "opening.search": opening_search,
        "project.info": info("projects", "projectId", "project"),
    },
    jobs_write={"job.create": job_create, "job.update": job_update, "job.setStatus": job_status},
    interviews_read={
        "interviewPlan.list": listed("plans", "plan", archived=True), "interviewStage.list": stages,
        "interviewStage.info": info("stages", "interviewStageId", "interview_stage", "stage"),
        "interviewStageGroup.list": unpaged("stage_groups", "group"),
        "interview.list": listed("interviews", "interview", archived=True),
        "interview.info": info("interviews", "id", "interview"),
        "interviewSchedule.list": schedules, "interviewEvent.list": interview_events,
    },
    interviews_write={"interviewSchedule.create": schedule_create, "interviewSchedule.cancel": schedule_cancel},
    hiringProcessMetadata_read={
        "archiveReason.list": unpaged("archive_reasons", "archive_reason"), "source.list": unpaged("sources", "source"),
        "closeReason.list": listed("close_reasons", "close_reason", archived=True),
        "communicationTemplate.list": unpaged("templates", "template"),
        "candidateTag.list": listed("tags", "tag", archived=True), "customField.list": field_list,
        "customField.info": field_info,
        "feedbackFormDefinition.list": listed("forms", "form", archived=True),
        "feedbackFormDefinition.info": info("forms", "feedbackFormDefinitionId", "form_definition", "form"),
    },
    hiringProcessMetadata_write={
        "candidateTag.create": tag_create, "candidateTag.archive": tag_archive, "customField.create": field_create,
        "customField.updateSelectableValues": field_options,
    },
    organization_read={
        "user.list": users, "user.info": info("users", "userId", "user"), "user.search": user_search,
        "department.list": listed("departments", "department", archived=True),
        "department.info": info("departments", "departmentId", "department"),
        "location.list": listed("locations", "location", archived=True),
        "location.info": info("locations", "locationId", "location"), "hiringTeamRole.list": role_names,
    },
    offers_read={"offer.list": offers, "offer.info": offer_info},
    offers_write={
        "offerProcess.start": process_start, "offer.start": offer_start, "offer.create": offer_create,
        "offer.update": offer_update, "offer.approve": offer_approve,
    },
    apiKeys_read={"apiKey.info": key_info, "webhook.info": hook_info},
    apiKeys_write={"webhook.create": hook_create, "webhook.update": hook_update, "webhook.delete": hook_delete},
)  # fmt: skip
