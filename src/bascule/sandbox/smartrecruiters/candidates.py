"""Candidates and their applications, which are addressed by candidate and job."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import json_within
from ..kit.paging import after, pack, unpack
from ..kit.tables import CAREERS, Row, iso
from . import doings
from .api import MOST, Answer, Api, Call, invalid
from .render import page, whole
from .tables import STATUSES

# Keys of a person as they are written, and the columns they stand in.
WRITTEN = {"firstName": "first_name", "lastName": "last_name", "email": "email", "phoneNumber": "phone",
           "location": "location", "web": "web"}  # fmt: skip
CREATED = {**WRITTEN, "tags": "tags", "education": "education", "experience": "experience", "internal": "internal"}
PLACE = ("country", "countryCode", "regionCode", "region", "city", "lat", "lng")


def routes(api: Api) -> list[Route]:
    person, own = "/candidates/{id}", "/candidates/{id}/jobs/{job_id}"
    manage, apply = "candidates_manage", "candidate_applications_manage|candidates_manage"
    return [
        api.route("GET", "/candidates", "candidates_read", search),
        api.route("POST", "/candidates", "candidates_create|candidates_manage", create),
        api.route("POST", "/candidates/cv", "candidates_parse_resume", from_resume),
        api.route("GET", "/candidates/attachments/{attachment_id}", "candidates_read", fetch),
        api.route("GET", person, "candidates_read", get),
        api.route("PATCH", person, manage, update),
        api.route("DELETE", person, manage, delete),
        api.route("POST", "/jobs/{job_id}/candidates", "candidates_create|candidates_manage", create_on_job),
        api.route("POST", "/jobs/{job_id}/candidates/cv", "candidates_parse_resume", from_resume),
        api.route("GET", own, "candidates_read|job_applications_read", application),
        api.route("PUT", f"{person}/status", apply, set_primary_status),
        api.route("PUT", f"{own}/status", apply, set_status),
        api.route("GET", f"{person}/status/history", "candidate_status_read|candidates_read", history),
        api.route("GET", f"{own}/status/history", "candidate_status_read|candidates_read", history),
        api.route("GET", f"{own}/source", "candidates_read", source),
        api.route("PUT", f"{own}/source", apply, set_source),
        api.route("GET", f"{own}/onboardingStatus", "candidates_read", onboarding),
        api.route("PUT", f"{own}/onboardingStatus", apply, set_onboarding),
        api.route("GET", f"{own}/screening-answers", "candidates_read", answers),
        api.route("GET", f"{own}/offers", "candidates_offers_read", offers),
        api.route("GET", f"{person}/tags", "candidates_read", tags),
        api.route("POST", f"{person}/tags", manage, add_tags),
        api.route("PUT", f"{person}/tags", manage, replace_tags),
        api.route("DELETE", f"{person}/tags", manage, clear_tags),
        *(route for path in (person, own) for route in (
            api.route("GET", f"{path}/properties", "candidates_read", properties),
            *([] if api.sandbox.options.no_bulk else [api.route("PUT", f"{path}/properties", apply, set_all)]),
            api.route("PUT", f"{path}/properties/{{property_id}}", apply, set_one),
            api.route("GET", f"{path}/attachments", "candidates_read", attachments),
            api.route("POST", f"{path}/attachments", manage, attach),
        )),
        api.route("GET", f"{person}/attachments/{{attachment_id}}", "candidates_read", fetch),
        api.route("GET", f"{person}/consent/status", "candidates_read", consent),
        api.route("POST", f"{person}/consent/request", manage, ask_consent),
        api.route("GET", "/job-applications/{application_id}", "job_applications_read", by_id),
        api.route("POST", "/postings/{job_id}/candidates", "", apply_to_posting),
    ]  # fmt: skip


# Reading.


async def search(call: Call) -> Answer:
    """Those who have an application, page by page; others are not found."""
    limit = call.number("limit", 10, 1, 100)
    try:
        last = unpack(call.query("pageId") or "") if call.query("pageId") else None
    except ValueError:
        raise invalid("pageId", "is no page") from None
    fits = _filter(call)
    rows = [row for row in call.shown.db["candidates"] if call.sandbox.seen("candidates", row) and fits(row)]
    column = "updated_at" if call.sandbox.options.search_order == "updated" else "created_at"
    sign = -1 if column == "updated_at" else 1
    shown, following = after(rows, lambda row: [sign * int(row[column].timestamp() * 1000), row["id"]], last, limit)
    for row in shown:
        _seen(call, row)
    body = page([call.render.listed(row) for row in shown], len(rows), limit)
    if following is None:
        return body
    cursor = pack(following)
    url = str(call.request.url.include_query_params(pageId=cursor).replace(scheme="", netloc=""))
    return JSONResponse({**body, "nextPageId": cursor},
                        headers={"Link": f'<{call.base}{url.removeprefix("//")}>; rel="next"'})  # fmt: skip


def _seen(call: Call, row: Row) -> None:
    call.read("candidates", row["id"])
    for one in call.shown.db["applications"].where("candidate_id", row["id"]):
        call.read("applications", one["id"])


def _filter(call: Call) -> Any:
    """Whether a person fits all that is asked for; of an application, one must fit status, job and properties alike."""
    db, moment = call.shown.db, call.moment("updatedAfter")
    jobs, statuses, tags = call.queries("jobId"), call.queries("status"), call.queries("tag")
    if unknown := set(statuses) - set(STATUSES):
        raise invalid("status", f"cannot be {', '.join(sorted(unknown))}")
    words, places = (call.query("q") or "").casefold().split(), [one.casefold() for one in call.queries("location")]
    sub, onboarding = call.query("subStatus"), call.query("onboardingStatus")
    property_ids, values = call.queries("propertyId"), call.queries("propertyValueId")
    types = call.queries("sourceType")
    inclusive = call.sandbox.options.updated_after == "inclusive"

    def of(one: Row) -> bool:
        name = db["stages"].rows[one["stage_id"]]["name"]
        return bool(
            call.sandbox.seen("applications", one) and (not jobs or one["job_id"] in jobs)
            and (not statuses or one["status"] in statuses) and (not (statuses and sub) or name == sub)
            and (not onboarding or one["onboarding"] == onboarding)
            and (not types or one["source"].get("sourceTypeId") in types)
            and all(id in one["properties"] for id in property_ids)
            and all(id in one["properties"].values() for id in values)
        )  # fmt: skip

    def fits(row: Row) -> bool:
        place = " ".join(str(one) for one in (row["location"] or {}).values()).casefold()
        text = f"{row['first_name']} {row['last_name']} {row['email']} {' '.join(row['tags'])} {place}".casefold()
        own = [one.casefold() for one in row["tags"]]
        late = moment is None or row["updated_at"] > moment or (inclusive and row["updated_at"] == moment)
        return (
            late and all(word in text for word in words) and all(one.casefold() in own for one in tags)
            and (not places or any(one in place for one in places))
            and any(of(one) for one in db["applications"].where("candidate_id", row["id"]))
        )  # fmt: skip

    return fits


async def get(call: Call) -> Answer:
    row = call.person()
    _seen(call, row)
    return call.render.candidate(row)


async def application(call: Call) -> Answer:
    row = call.application()
    call.read("applications", row["id"])
    return call.render.application(row)


async def by_id(call: Call) -> Answer:
    row = call.find("applications", call.param("application_id"))
    call.read("applications", row["id"])
    return call.render.application(row)


def _own(call: Call) -> Row:
    """The application that is named, or the primary one where only the candidate is."""
    if "job_id" in call.request.path_params:
        return call.application()
    row = doings.primary(call.shown, call.person()["id"])
    if row is None:
        raise Refused(404, "The candidate has no application", code="APPLICATION_NOT_FOUND")
    return row


async def history(call: Call) -> Answer:
    db = call.shown.db
    rows = db["history"].where("application_id", _own(call)["id"])
    return whole([{"changedOn": iso(row["created_at"]), **call.render.where(row)} for row in reversed(rows)])


async def answers(call: Call) -> Answer:
    return whole([
        {"id": f"question-{number}", "type": "INPUT_TEXT", "category": "QUESTION", "name": f"question-{number}",
         "label": label, "records": [{"fields": {"value": {"id": "value", "label": "Answer", "values": [text]}}}]}
        for number, (label, text) in enumerate(call.application()["answers"])
    ])  # fmt: skip


async def offers(call: Call) -> Answer:
    call.application()
    return whole([])


# Writing.


def _values(call: Call, asked: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Columns from what is written of a person. Raises Refused (400)."""
    unknown = sorted(set(asked) - set(known) - {"sourceDetails", "attachments"})
    if unknown and call.sandbox.options.unknown_fields == "refused":
        raise invalid(unknown[0], "cannot be written")
    values = {column: asked[key] for key, column in known.items() if key in asked}
    for key in ("first_name", "last_name", "email", "phone"):
        if values.get(key) is not None and not isinstance(values[key], str):
            raise invalid(key, "must be a text")
    if "email" in values and "@" not in (values["email"] or ""):
        raise invalid("email", "is no e-mail address")
    if values.get("location") is not None:
        if not isinstance(values["location"], dict):
            raise invalid("location", "must be an object")
        values["location"] = {key: values["location"][key] for key in PLACE if values["location"].get(key) is not None}
    for key, kind in (("web", dict), ("tags", list), ("education", list), ("experience", list)):
        if key in values:
            values[key] = values[key] or kind()
            if not isinstance(values[key], kind):
                raise invalid(key, "is not of its type")
    return values


async def _new(call: Call) -> tuple[Row, Mapping[str, Any]]:
    asked = await call.body()
    for key in ("firstName", "lastName", "email"):
        if not asked.get(key):
            raise Refused(400, f"{key} is required", code="MISSING_FIELD", field=key)
    return doings.create_candidate(call.sandbox, call.actor, _values(call, asked, CREATED)), asked


async def create(call: Call) -> Answer:
    """Into the talent pool: whoever is created so has no application, and no search finds them."""
    row, _ = await _new(call)
    return call.created("candidates", row, call.fresh().candidate(row))


async def create_on_job(call: Call) -> Answer:
    job = call.find("jobs", call.param("job_id"))
    row, asked = await _new(call)
    doings.apply(call.sandbox, call.actor, row["id"], job["id"], source=asked.get("sourceDetails"))
    return call.created("candidates", row, call.fresh().candidate(row))


async def from_resume(call: Call) -> Answer:
    """Somebody made of the name and address in a file of text."""
    name, kind, content = await _file(call)
    lines = [one.strip() for one in content.decode(errors="replace").splitlines() if one.strip()]
    first, _, last = (lines[0] if lines else "").partition(" ")
    email = next((word for line in lines for word in line.split() if "@" in word), "")
    if not last:
        raise Refused(422, "The resume could not be parsed", code="RESUME_NOT_PARSED")
    person = {"first_name": first, "last_name": last, "email": email}
    row = doings.create_candidate(call.sandbox, call.actor, person)
    made = None
    if "job_id" in call.request.path_params:
        job = call.find("jobs", call.param("job_id"))
        made = doings.apply(call.sandbox, call.actor, row["id"], job["id"])
    doings.attach(call.sandbox, call.actor, row["id"], name, kind, content, type="RESUME", application=made)
    return call.created("candidates", row, call.fresh().candidate(row))


async def update(call: Call) -> Answer:
    row = call.person()
    values = _values(call, await call.body(), WRITTEN)
    for key in ("first_name", "last_name"):
        if key in values and not values[key]:
            raise invalid(key, "must not be empty")
    if "email" in values and call.sandbox.options.duplicates == "merge":
        other = doings.by_email(call.sandbox, values["email"])
        if other is not None and other["id"] != row["id"]:
            raise Refused(409, "Another candidate has this e-mail address", code="EMAIL_ALREADY_EXISTS")
    doings.edit_candidate(call.sandbox, call.actor, row["id"], values)
    return call.fresh().candidate(call.sandbox.db["candidates"].rows[row["id"]])


async def delete(call: Call) -> Answer:
    doings.delete_candidate(call.sandbox, call.actor, call.person()["id"])
    return None


async def set_status(call: Call) -> Answer:
    row = call.application()
    doings.set_status(call.sandbox, call.actor, row, await call.body())
    return None


async def set_primary_status(call: Call) -> Answer:
    doings.set_status(call.sandbox, call.actor, _own(call), await call.body())
    return None


async def source(call: Call) -> Answer:
    return call.application()["source"]


async def set_source(call: Call) -> Answer:
    row = call.application()
    doings.set_source(call.sandbox, call.actor, row, await call.body())
    return None


async def onboarding(call: Call) -> Answer:
    return {"onboardingStatus": call.application()["onboarding"]}


async def set_onboarding(call: Call) -> Answer:
    row = call.application()
    doings.set_onboarding(call.sandbox, call.actor, row, (await call.body()).get("onboardingStatus"))
    return None


async def tags(call: Call) -> Answer:
    return {"tags": call.person()["tags"]}


async def _tags(call: Call) -> list[str]:
    asked = (await call.body()).get("tags")
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise invalid("tags", "must be a list of texts")
    return asked


async def add_tags(call: Call) -> Answer:
    row = call.person()
    doings.set_tags(call.sandbox, call.actor, row, [*row["tags"], *await _tags(call)])
    return JSONResponse({"tags": call.sandbox.db["candidates"].rows[row["id"]]["tags"]}, 201)


async def replace_tags(call: Call) -> Answer:
    row = call.person()
    doings.set_tags(call.sandbox, call.actor, row, await _tags(call))
    return {"tags": call.sandbox.db["candidates"].rows[row["id"]]["tags"]}


async def clear_tags(call: Call) -> Answer:
    doings.set_tags(call.sandbox, call.actor, call.person(), [])
    return None


# Properties.


async def properties(call: Call) -> Answer:
    row = _own(call)
    call.read("applications", row["id"])
    return call.render.properties(row, call.query("context"))


async def set_all(call: Call) -> Answer:
    row = _own(call)
    asked = await json_within(call.request, MOST)
    if not isinstance(asked, list) or not all(isinstance(one, dict) and "id" in one for one in asked):
        raise Refused(400, "The body must be a list of objects with id and value", code="INVALID_FORMAT")
    doings.set_properties(call.sandbox, call.actor, row, {one["id"]: one.get("value") for one in asked})
    return None


async def set_one(call: Call) -> Answer:
    """`{"value": ...}`; where a tenant has it so, `{"id": ...}` for one of several choices."""
    row, key = _own(call), call.param("property_id")
    asked = await call.body()
    known = call.sandbox.db["properties"].get(key)
    selected = known is not None and known["type"] == "SINGLE_SELECT" and call.sandbox.options.single_write == "id"
    word = "id" if selected else "value"
    if word not in asked:
        raise Refused(400, f"{word} is required", code="MISSING_FIELD", field=word)
    doings.set_properties(call.sandbox, call.actor, row, {key: asked[word]})
    return None


# Attachments.


async def attachments(call: Call) -> Answer:
    if "job_id" in call.request.path_params:
        rows = call.shown.db["attachments"].where("application_id", call.application()["id"])
    else:
        rows = call.shown.db["attachments"].where("candidate_id", call.person()["id"])
    return whole([call.render.attachment(row) for row in rows if call.sandbox.seen("attachments", row)])


async def fetch(call: Call) -> Answer:
    row = call.find("attachments", call.param("attachment_id"))
    if row["candidate_id"] != call.request.path_params.get("id", row["candidate_id"]):
        raise Refused(404, "The candidate has no such attachment", code="ATTACHMENT_NOT_FOUND")
    name = "".join(one for one in row["name"] if one.isascii() and one not in '"\r\n\\')
    return Response(row["content"], media_type=row["content_type"],
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})  # fmt: skip


async def _file(call: Call) -> tuple[str, str, bytes]:
    told = call.request.headers.get("content-length", "")
    if told.isdigit() and int(told) > MOST:
        raise Refused(413, f"The file is larger than {MOST} bytes", code="FILE_TOO_LARGE")
    async with call.request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refused(400, "file is required", code="MISSING_FIELD", field="file")
        kind = form.get("attachmentType")
        call.request.state.kind = kind if isinstance(kind, str) else ""
        return file.filename or "file", file.content_type or "application/octet-stream", await file.read()


async def attach(call: Call) -> Answer:
    application = call.application() if "job_id" in call.request.path_params else None
    person = call.person()
    name, content_type, content = await _file(call)
    kind = call.request.state.kind
    if kind not in ("GENERIC_FILE", "RESUME", "COVER_LETTER"):
        raise invalid("attachmentType", "must be GENERIC_FILE, RESUME or COVER_LETTER")
    row = doings.attach(call.sandbox, call.actor, person["id"], name, content_type, content, type=kind,
                        application=application)  # fmt: skip
    return call.created("attachments", row, call.fresh().attachment(row))


# Consent, and applying through a posting.


async def consent(call: Call) -> Answer:
    return {"status": call.person()["consent"]}


async def ask_consent(call: Call) -> Answer:
    row = call.person()
    call.sandbox.db.change("candidates", row["id"], call.actor, {"consent": "PENDING"}, touch=False)
    call.sandbox.mail(row["email"], "May we keep your data?", "Please give your consent.", "consent")
    return None


async def apply_to_posting(call: Call) -> Answer:
    """As a job board applies for somebody; the posting has the id of its job."""
    job = call.find("jobs", call.param("job_id"), "posting")
    if job["posting_status"] != "PUBLIC":
        raise Refused(404, "There is no such posting", code="POSTING_NOT_FOUND")
    asked = await call.body()
    said = [(str(one.get("id")), str((one.get("records") or [""])[0])) for one in asked.pop("answers", [])]
    resume, letter = asked.pop("resume", None), asked.pop("messageToHiringManager", None)
    row = doings.create_candidate(call.sandbox, CAREERS, _values(call, asked, CREATED))
    if letter:
        said.append(("Message to hiring manager", str(letter)))
    made = doings.apply(call.sandbox, CAREERS, row["id"], job["id"], answers=said,
                        source={"sourceTypeId": "CAREER_SITE", "sourceId": "CAREER_SITE"})  # fmt: skip
    if resume:
        try:
            content = base64.b64decode(resume.get("fileContent", ""), validate=True)
        except binascii.Error:
            raise invalid("resume", "must be in base64") from None
        doings.attach(
            call.sandbox,
            CAREERS,
            row["id"],
            resume.get("fileName", "resume"),
            resume.get("mimeType", "application/octet-stream"),
            content,
            type="RESUME",
            application=made,
        )
    body = {"id": row["id"], "createdOn": iso(row["created_at"]), "applicationId": made["id"]}
    return call.created("applications", made, body)
