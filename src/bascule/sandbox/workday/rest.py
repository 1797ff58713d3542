"""REST Recruiting v4: job postings, interviews with their feedback, prospects. It has no applications and no stages."""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import base_url, guarded, json_within
from ..kit.ids import Id
from ..kit.tables import Row
from . import access, doings
from .access import Caller
from .sandbox import Sandbox
from .xml import types_of

MOST = 48 * 1024 * 1024
FEEDBACK, POSTINGS, PROSPECTS = "Interview Feedback Public API", "Job Postings: External", "Prospects"
CREATE = "Create External Prospects"
FILES = "Candidate Data: Attachments"
# What a part of a prospect's history must have: key, code and message of the refusal.
HISTORIES: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "educations": [("schoolName", "A261", "Enter a school name.")],
    "experiences": [("companyName", "A282", "Enter a company name."), ("title", "A247", "Enter a title."),
                    ("startYear", "A258", "Enter a start year.")],
    "languages": [("language", "A263", "Enter a language."),
                  ("abilities", "A267", "At least one ability for this language is required.")],
    "skills": [("name", "A257", "Enter a skill name.")],
}  # fmt: skip
KEPT = {
    "educations": ("schoolName", "degree", "fieldOfStudy", "gradeAverage", "firstYearAttended", "lastYearAttended"),
    "experiences": ("companyName", "title", "location", "description", "startYear", "startMonth", "endYear", "endMonth",
                    "currentlyWorkHere"),
    "languages": ("language", "native", "abilities"),
    "skills": ("name",),
}  # fmt: skip


class Wrong(Refused):
    """A refusal with Workday's code for it."""

    def __init__(self, message: str, code: str = "", field: str | None = None, status: int = 400) -> None:
        super().__init__(status, message, code=code, field=field)


def worded(error: Refused) -> Response:
    one = {"error": error.message, "field": error.field, "code": error.code or None}
    listed = {key: value for key, value in one.items() if value}
    body: dict[str, Any] = {"error": error.message}
    if error.status == 400:
        body = {"error": "invalid request: validation errors", "errors": [listed]}
    return JSONResponse(body, error.status, headers=error.headers)


Answer = Callable[[Request, Caller], Awaitable[Response]]


class Rest:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[Route]:
        made: list[Route] = []

        def route(path: str, domain: str, answer: Answer, method: str = "GET") -> None:
            wrapped = guarded(self.sandbox, self._for(domain, answer))
            made.append(Route(f"/ccx/api/recruiting/v4/{{tenant}}/{path}", wrapped, methods=[method]))

        route("jobPostings", POSTINGS, self.postings)
        route("jobPostings/{id}", POSTINGS, self.posting)
        route("jobPostings/{id}/questionnaire", POSTINGS, self.questionnaires)
        route("jobPostings/{id}/candidateAvailabilityTemplate", POSTINGS, self.nothing)
        route("interviews", FEEDBACK, self.interviews)
        route("interviews/{id}", FEEDBACK, self.interview)
        route("interviews/{id}/feedback", FEEDBACK, self.feedback)
        route("interviews/{id}/feedback", FEEDBACK, self.give_feedback, "POST")
        route("interviews/{id}/feedback/{sub}", FEEDBACK, self.one_feedback)
        route("prospects", CREATE, self.create_prospect, "POST")
        route("prospects/{id}", PROSPECTS, self.prospect)
        route("prospects/{id}/resumeAttachments", FILES, self.files)
        route("prospects/{id}/resumeAttachments", CREATE, self.add_file, "POST")
        route("prospects/{id}/resumeAttachments/{sub}", FILES, self.file)
        for kind in HISTORIES:
            route(f"prospects/{{id}}/{kind}", PROSPECTS, self.histories)
            route(f"prospects/{{id}}/{kind}", CREATE, self.add_history, "POST")
            route(f"prospects/{{id}}/{kind}/{{sub}}", PROSPECTS, self.history)
        route("values/common/countries", "", self.countries)
        route("values/common/countries/", "", self.countries)
        return made

    def _for(self, domain: str, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Who may, how often, and how a refusal is told."""

        async def handle(request: Request) -> Response:
            sandbox, now = self.sandbox, self.sandbox.now()
            if sandbox.windows.take(sandbox.options.tenant, now).exceeded:
                return JSONResponse({"error": "Too many requests"}, 429)
            key: Id = "nobody"
            try:
                caller = access.bearer(sandbox, request)
                key = caller.key
                if request.path_params["tenant"] != sandbox.options.tenant:
                    raise Refused(404, "Resource not found.")
                areas = caller.areas or frozenset()
                pool = domain == PROSPECTS and "Talent Pipeline" in areas and PROSPECTS in caller.domains
                if not pool and not (caller.may(domain) if domain else "Recruiting" in areas):
                    raise Refused(403, "permission denied")
                return await answer(request, caller)
            except Refused as error:
                told = Wrong(error.message, error.code, error.field) if error.status == 422 else error
                if told.status < 429 and sandbox.invalid.take(key, now).exceeded:
                    return JSONResponse({"error": "Too many invalid requests"}, 429)
                return worded(told)

        return handle

    # What is shared.

    def _page(self, request: Request, rows: Sequence[Any], most: int = 100, first: int = 20) -> Response:
        """`limit` beyond the most there can be is the most; `offset` counts from 0."""
        numbers: list[int] = []
        for name, default in (("limit", first), ("offset", 0)):
            given = request.query_params.get(name, str(default))
            if not given.isdigit() or (name == "limit" and int(given) < 1):
                raise Wrong(f"{name} must be a whole number", field=name)
            numbers.append(int(given))
        limit, offset = min(numbers[0], most), numbers[1]
        return JSONResponse({"data": list(rows[offset : offset + limit]), "total": len(rows)})

    def _one(self, kind: str, given: str) -> Row:
        """The row of a WID, or of `Type_ID=value`."""
        db, (type, equals, value) = self.sandbox.db, given.partition("=")
        row = db[kind].get(given) if not equals else next(
            (row for row in db[kind] if types_of(kind, row).get(type) == value), None
        )  # fmt: skip
        if row is None or not self.sandbox.seen(kind, row):
            raise Refused(404, "Resource not found.")
        return row

    def _instance(self, kind: str, id: Id) -> dict[str, Any] | None:
        row = self.sandbox.db[kind].get(id)
        return None if row is None else {"id": row["id"], "descriptor": row.get("name") or row.get("ref")}

    def _given(self, kind: str, value: Any, field: str) -> Id:
        """The row that `{"id": ...}` of a request names."""
        if value is None:
            return None
        try:
            return self._one(kind, str(value["id"]))["id"]
        except (Refused, KeyError, TypeError):
            raise Wrong("invalid ID value", "A21", field) from None

    async def _body(self, request: Request) -> dict[str, Any]:
        body = await json_within(request, MOST)
        if not isinstance(body, dict):
            raise Wrong("invalid request body")
        return body

    async def nothing(self, request: Request, caller: Caller) -> Response:
        return self._page(request, [])

    async def countries(self, request: Request, caller: Caller) -> Response:
        rows = [self._instance("countries", row["id"]) for row in self.sandbox.db["countries"]]
        return self._page(request, rows, most=1000, first=1000)

    # Job postings.

    def _posting(self, request: Request, row: Row) -> dict[str, Any]:
        job = self.sandbox.db["jobs"].rows[row["job_id"]]
        return {
            "id": row["id"], "title": job["title"], "jobDescription": job["description"],
            "url": f"{base_url(request)}/careers/jobs/{job['id']}", "startDate": row["start"].isoformat(),
            "primaryLocation": self._instance("locations", job["location_id"]), "additionalLocations": [],
            "categories": [{"id": "", "descriptor": job["department"]}], "spotlightJob": False,
            "jobSite": {"descriptor": row["site"]}, "company": {"descriptor": self.sandbox.options.tenant},
            "timeType": {"descriptor": "Full time"}, "jobType": {"descriptor": "Regular"},
            **({"endDate": row["end"].isoformat()} if row["end"] else {}),
        }  # fmt: skip

    def _posted(self) -> list[Row]:
        today = self.sandbox.now().astimezone(self.sandbox.zone).date()
        jobs = self.sandbox.db["jobs"]
        return [row for row in self.sandbox.db["postings"] if (row["end"] is None or row["end"] >= today)
                and self.sandbox.seen("jobs", jobs.rows[row["job_id"]])]  # fmt: skip

    async def postings(self, request: Request, caller: Caller) -> Response:
        rows, query = self._posted(), request.query_params
        if wanted := query.getlist("jobRequisition"):
            ids = {self._one("jobs", one)["id"] for one in wanted}
            rows = [row for row in rows if row["job_id"] in ids]
        if wanted := query.getlist("jobPosting"):
            rows = [row for row in rows if row["id"] in wanted]
        return self._page(request, [self._posting(request, row) for row in rows])

    async def posting(self, request: Request, caller: Caller) -> Response:
        row = next((row for row in self._posted() if row["id"] == request.path_params["id"]), None)
        if row is None:
            raise Refused(404, "Resource not found.")
        return JSONResponse(self._posting(request, row))

    async def questionnaires(self, request: Request, caller: Caller) -> Response:
        row = self._one("postings", request.path_params["id"])
        asked = self.sandbox.db["jobs"].rows[row["job_id"]]["questions"]
        questions = [{"body": one if isinstance(one, str) else one["label"], "order": chr(97 + place),
                      "required": not isinstance(one, str) and bool(one.get("required"))}
                     for place, one in enumerate(asked)]  # fmt: skip
        return self._page(request, [{"id": row["job_id"], "questions": questions}] if questions else [])

    # Interviews.

    def _statuses(self, row: Row, caller: Caller) -> list[str]:
        given = {one["user_id"] for one in self.sandbox.db["feedback"].where("interview_id", row["id"])}
        if row["completed"]:
            return ["COMPLETED"]
        mine = caller.worker_id in row["interviewers"]
        found = ["SCHEDULED", "PENDING_FEEDBACK"]
        if mine:
            found.append("SUBMITTED_FEEDBACK" if caller.worker_id in given else "AWAITING_ME")
        return found

    def _interview(self, request: Request, row: Row, caller: Caller) -> dict[str, Any]:
        db = self.sandbox.db
        application = db["applications"].rows[row["application_id"]]
        job = db["jobs"].rows[application["job_id"]]
        person = db["candidates"].rows[row["candidate_id"]]
        given = {one["user_id"] for one in db["feedback"].where("interview_id", row["id"])}
        name = f"{person['first_name']} {person['last_name']}"
        return {
            "id": row["id"], "descriptor": f"Interview: {name} - {job['ref']} {job['title']}",
            "jobApplication": {"id": application["id"], "descriptor": application["ref"]},
            "jobRequisition": {"id": job["id"], "descriptor": f"{job['ref']} {job['title']}"},
            "interviewers": [self._instance("users", id) for id in row["interviewers"]],
            "workersPendingFeedback": [self._instance("users", id) for id in row["interviewers"] if id not in given],
            "interviewStatuses": [{"id": one, "descriptor": one} for one in self._statuses(row, caller)],
            "hasCompetenciesQuestionnaires": False, "overallRating": "OPTIONAL", "overallComment": "OPTIONAL",
            "giveInterviewFeedbackLink": f"{base_url(request)}/ats/candidates/{person['id']}",
        }  # fmt: skip

    async def interviews(self, request: Request, caller: Caller) -> Response:
        wanted = set(request.query_params.getlist("interviewStatus"))
        rows = [row for row in self.sandbox.db["interviews"].newest_first()
                if self.sandbox.seen("applications", self.sandbox.db["applications"].rows[row["application_id"]])
                and (not wanted or wanted & set(self._statuses(row, caller)))]  # fmt: skip
        return self._page(request, [self._interview(request, row, caller) for row in rows])

    async def interview(self, request: Request, caller: Caller) -> Response:
        row = self._one("interviews", request.path_params["id"])
        return JSONResponse(self._interview(request, row, caller))

    def _feedback(self, row: Row) -> dict[str, Any]:
        by = self.sandbox.db["users"].rows[row["user_id"]]
        return {"id": row["id"], "descriptor": f"Interview Feedback: {by['name']}", "comment": row["comment"],
                "overallRating": self._instance("ratings", row["rating_id"]),
                "dateSubmitted": row["submitted_on"]}  # fmt: skip

    async def feedback(self, request: Request, caller: Caller) -> Response:
        row = self._one("interviews", request.path_params["id"])
        mine = self.sandbox.db["feedback"].where("interview_id", row["id"])
        return self._page(request, [self._feedback(one) for one in mine])

    async def one_feedback(self, request: Request, caller: Caller) -> Response:
        self._one("interviews", request.path_params["id"])
        return JSONResponse(self._feedback(self._one("feedback", request.path_params["sub"])))

    async def give_feedback(self, request: Request, caller: Caller) -> Response:
        """As the worker whom the token stands for, who must be of the panel."""
        row, body = self._one("interviews", request.path_params["id"]), await self._body(request)
        application = self.sandbox.db["applications"].rows[row["application_id"]]
        given = {one["user_id"] for one in self.sandbox.db["feedback"].where("interview_id", row["id"])}
        if row["completed"] or application["disposition_id"] or caller.worker_id in given:
            raise Wrong("You cannot take action on this candidate.", "A129")
        if caller.worker_id not in row["interviewers"]:
            raise Wrong(
                "You cannot submit interview feedback because you are not a part of the interview team.", "A131"
            )
        try:
            rating = self._given("ratings", body.get("overallRating"), "overallRating")
        except Refused:
            raise Wrong("Select a valid rating.", "A130", "overallRating") from None
        if rating is None:
            raise Wrong("Overall Rating is Required (Configure Optional Fields) but not included.  Please contact your "
                        "administrator.", "A136", "overallRating")  # fmt: skip
        on = str(body.get("dateSubmitted") or self.sandbox.now().astimezone(self.sandbox.zone).date())[:10]
        _day(on, "dateSubmitted")
        made = doings.give_feedback(self.sandbox, caller.actor, row, caller.worker_id, str(body.get("comment") or ""),
                                    rating, on)  # fmt: skip
        return JSONResponse(self._feedback(made), 201)

    # Prospects.

    def _prospect_row(self, request: Request) -> Row:
        row = self._one("candidates", request.path_params["id"])
        if row["prospect"] is None:
            raise Refused(404, "Resource not found.")
        return row

    def _prospect(self, request: Request, row: Row) -> dict[str, Any]:
        prospect = row["prospect"]
        name = f"{row['first_name']} {row['last_name']}".strip()
        shown: dict[str, Any] = {
            "id": row["id"], "descriptor": name, "contactConsent": prospect["consent"],
            "href": f"{base_url(request)}{request.url.path.split('/prospects')[0]}/prospects/{row['id']}",
            "status": self._instance("prospect_statuses", prospect["status_id"]),
            "type": self._instance("prospect_types", prospect["type_id"]),
            "source": self._instance("sources", prospect["source_id"]),
            "candidateTags": [self._instance("tags", id) for id in row["tags"]],
            "candidatePools": [self._instance("pools", id) for id in row["pools"]],
            "candidate": {
                "id": row["id"], "descriptor": name, "email": row["email"],
                "name": {"country": self._instance("countries", row["country_id"]), "firstName": row["first_name"],
                         "middleName": row["middle_name"], "lastName": row["last_name"]},
                "phone": {"phoneNumber": row["phone"]} if row["phone"] else None,
            },
        }  # fmt: skip
        return {key: value for key, value in shown.items() if value is not None}

    async def prospect(self, request: Request, caller: Caller) -> Response:
        row = self._prospect_row(request)
        self.sandbox.overwrites.read(caller.actor.kind, "candidates", row["id"],
                                     self.sandbox.db.real_now().timestamp())  # fmt: skip
        return JSONResponse(self._prospect(request, row))

    async def create_prospect(self, request: Request, caller: Caller) -> Response:
        body = await self._body(request)
        person: Any = body.get("candidate") or {}
        name: Any = person.get("name") or {}
        country = self._given("countries", name.get("country"), "candidate.name.country")
        if country is None:
            raise Wrong("Select a country.", field="candidate.name.country")
        first, last = str(name.get("firstName") or ""), str(name.get("lastName") or "")
        if not (first or last):
            raise Wrong("Enter a name.", "A256", "candidate.name")
        email, phone = str(person.get("email") or ""), str((person.get("phone") or {}).get("phoneNumber") or "")
        if not email and not phone:
            raise Wrong("You must enter the prospect's email address or phone number.", "A249", "candidate.email")
        if email and not doings.EMAIL.fullmatch(email):
            raise Wrong("Enter an email address in this format: xxx@yy.com.", "A269", "candidate.email")
        wait: float = request.state.not_ready
        made = doings.create_candidate(self.sandbox, caller.actor, {
            "first_name": first, "last_name": last, "middle_name": str(name.get("middleName") or ""), "email": email,
            "phone": phone, "country_id": country, "visible_at": doings.later(self.sandbox, wait),
            "tags": [self._given("tags", one, "candidateTags") for one in body.get("candidateTags") or ()],
            "pools": [self._given("pools", one, "candidatePools") for one in body.get("candidatePools") or ()],
            "prospect": {
                "status_id": self._given("prospect_statuses", body.get("status"), "status"), "confidential": False,
                "type_id": self._given("prospect_types", body.get("type"), "type"), 
                "source_id": self._given("sources", body.get("source"), "source"),
                "consent": bool(body.get("contactConsent")),
            },
        })  # fmt: skip
        return JSONResponse(self._prospect(request, made), 201)

    def _histories(self, request: Request) -> tuple[Row, str, list[Row]]:
        row = self._prospect_row(request)
        kind = next(one for one in HISTORIES if f"/{one}" in request.url.path)
        mine = [one for one in self.sandbox.db["histories"].where("candidate_id", row["id"]) if one["type"] == kind]
        return row, kind, mine

    async def histories(self, request: Request, caller: Caller) -> Response:
        _, _, mine = self._histories(request)
        return self._page(request, [{"id": one["id"], **one["values"]} for one in mine])

    async def history(self, request: Request, caller: Caller) -> Response:
        _, _, mine = self._histories(request)
        for one in mine:
            if one["id"] == request.path_params["sub"]:
                return JSONResponse({"id": one["id"], **one["values"]})
        raise Refused(404, "Resource not found.")

    async def add_history(self, request: Request, caller: Caller) -> Response:
        """One, or with `bulk=true` up to 100 in `data`; all or none."""
        row, kind, mine = self._histories(request)
        body = await self._body(request)
        bulk = request.query_params.get("bulk") == "true"
        given = body.get("data") if bulk else [body]
        if not isinstance(given, list) or len(given) > 100:
            raise Wrong("data must be a list of at most 100", field="data")
        names = {str(one["values"].get("name", "")).casefold() for one in mine if kind == "skills"}
        for one in given:
            for key, code, message in HISTORIES[kind]:
                if not one.get(key):
                    raise Wrong(message, code, key)
            if kind == "skills":
                if str(one["name"]).casefold() in names:
                    raise Wrong("You cannot enter duplicate skills.", "A259", "name")
                names.add(str(one["name"]).casefold())
            for key, code, said in (("startMonth", "A286", "start"), ("endMonth", "A253", "end")):
                if one.get(key) is not None and one[key] not in range(1, 13):
                    raise Wrong(f"Enter a number from 1 to 12 for {said} month.", code, key)
        made = [self.sandbox.db.create("histories", caller.actor, candidate_id=row["id"], type=kind,
                                       values={key: one[key] for key in KEPT[kind] if one.get(key) is not None})
                for one in given]  # fmt: skip
        shown = [{"id": one["id"], **one["values"]} for one in made]
        return JSONResponse({"data": shown, "total": len(shown)} if bulk else shown[0], 201)

    # A prospect's files.

    def _files(self, request: Request) -> list[Row]:
        row = self._prospect_row(request)
        return [one for one in self.sandbox.db["attachments"].where("candidate_id", row["id"])
                if one["of"] == "prospect" and self.sandbox.seen("attachments", one)]  # fmt: skip

    async def files(self, request: Request, caller: Caller) -> Response:
        return self._page(request, [_file(one) for one in self._files(request)])

    async def file(self, request: Request, caller: Caller) -> Response:
        for one in self._files(request):
            if one["id"] == request.path_params["sub"]:
                if request.query_params.get("type") == "viewFile":
                    mime = self.sandbox.db["mime_types"].rows[one["mime_id"]]["ref"]
                    quoted = one["name"].encode("ascii", "replace").decode().replace('"', "'")
                    return Response(one["content"], media_type=mime,
                                    headers={"Content-Disposition": f'attachment; filename="{quoted}"'})  # fmt: skip
                return JSONResponse(_file(one))
        raise Refused(404, "Resource not found.")

    async def add_file(self, request: Request, caller: Caller) -> Response:
        row, body = self._prospect_row(request), await self._body(request)
        name, given = str(body.get("fileName") or ""), str(body.get("attachmentContent") or "")
        if not name:
            raise Wrong("Enter a file name.", "A252", "fileName")
        if not given:
            raise Wrong("Select a file to upload.", "A270", "attachmentContent")
        if not re.search(r"\.(txt|pdf|docx?|html?|rtf|odt)$", name, re.IGNORECASE):
            raise Wrong("One of the following file extensions must be used: txt, pdf, doc, docx, html, htm, rtf, odt.",
                        "A246", "fileName")  # fmt: skip
        try:
            content = base64.b64decode(given, validate=True)
        except ValueError:
            raise Wrong("attachmentContent is not base64", field="attachmentContent") from None
        wait = doings.later(self.sandbox, request.state.not_ready)
        made = doings.attach(self.sandbox, caller.actor, row["id"], name, content, of="prospect", visible_at=wait)
        mime = self._instance("mime_types", made["mime_id"])
        return JSONResponse({"id": made["id"], "descriptor": name, "fileName": name, "fileLength": len(content),
                             "contentType": mime}, 201)  # fmt: skip


def _file(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "fileName": row["name"], "fileExtension": row["name"].rpartition(".")[2],
            "fileLength": len(row["content"])}  # fmt: skip


def _day(given: str, field: str) -> None:
    try:
        date.fromisoformat(given)
    except ValueError:
        raise Wrong(f"{field}: '{given}' is not a valid date", field=field) from None
