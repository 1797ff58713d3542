"""Jobs, configuration, users, public postings."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import base_url, guarded
from ..kit.ids import uuids
from ..kit.paging import window
from ..kit.tables import Row, iso
from . import doings
from .api import Answer, Api, Call, Do, invalid, refusal
from .render import Json, Render, page, posting_number, whole
from .tables import CONTEXTS, JOB_STATUSES, TYPES

SOURCES: Mapping[str, tuple[str, ...]] = {
    "CAREER_SITE": ("CAREER_SITE",), "JOB_BOARD": ("INDEED", "LINKEDIN"), "REFERRAL": ("REFERRAL",),
    "AGENCY": ("AGENCY",), "API": ("API",),
}  # fmt: skip


def routes(api: Api) -> list[Route]:
    sandbox, read, manage = api.sandbox, "configuration_read", "configuration_manage"
    properties = "/configuration/candidate-properties"
    users = "/user-api/v201804/users"
    return [
        api.route("GET", "/jobs", "jobs_read", jobs),
        api.route("GET", "/jobs/{job_id}", "jobs_read", job),
        api.route("PUT", "/jobs/{job_id}/status", "jobs_manage", set_job_status),
        api.route("GET", "/jobs/{job_id}/hiring-team", "jobs_read", hiring_team),
        api.route("GET", "/jobs/{job_id}/positions", "jobs_read", positions),
        api.route("POST", "/jobs/{job_id}/publication", "jobs_publications_manage", posted("PUBLIC")),
        api.route("DELETE", "/jobs/{job_id}/publication", "jobs_publications_manage", posted("NOT_PUBLISHED")),
        api.route("GET", "/configuration/hiring-processes", read, processes),
        api.route("GET", "/configuration/hiring-processes/{process_id}", read, process),
        api.route("GET", properties, read, all_properties),
        *([api.route("POST", properties, manage, create_property)]
          if sandbox.options.new_properties == "accepted" else []),
        api.route("GET", f"{properties}/{{property_id}}", read, one_property),
        api.route("GET", f"{properties}/{{property_id}}/values", read, values),
        api.route("POST", f"{properties}/{{property_id}}/values", manage, create_value),
        api.route("PUT", f"{properties}/{{property_id}}/values/{{value_id}}", manage, rename_value),
        *(api.route("GET", f"/configuration/{path}", read, reasons(kind)) for kind in ("rejection", "withdrawal")
          for path in (f"{kind}-reasons", f"reasons/{kind}")),
        api.route("GET", "/configuration/job-properties", read, nothing),
        api.route("GET", "/configuration/departments", read, departments),
        api.route("GET", "/configuration/sources", read, sources),
        api.route("GET", "/configuration/sources/{type}/values", read, source_values),
        api.route("GET", "/configuration/company", "company_read|configuration_read", company),
        api.route("GET", users, "users_read", all_users),
        api.route("GET", f"{users}/me", "user_me_read|users_read", me),
        api.route("GET", f"{users}/{{user_id}}", "users_read", one_user),
        Route("/v1/companies/{company}/postings", guarded(sandbox, Postings(api).listed)),
        Route("/v1/companies/{company}/postings/{job_id}", guarded(sandbox, Postings(api).one)),
    ]  # fmt: skip


def _sliced(call: Call, rows: list[Row]) -> tuple[list[Row], int, int, int]:
    """(the rows of the page that is asked for, how many in all, limit, offset)"""
    limit, offset = call.number("limit", 10, 1, 100), call.number("offset", 0, 0)
    shown, total = window(rows, offset, limit)
    return shown, total, limit, offset


# Jobs.


async def jobs(call: Call) -> Answer:
    statuses, posting, since = call.queries("status"), call.query("postingStatus"), call.moment("updatedAfter")
    words, cities = (call.query("q") or "").casefold().split(), [one.casefold() for one in call.queries("city")]
    departments = [one.casefold() for one in call.queries("department")]
    inclusive = call.sandbox.options.updated_after == "inclusive"

    def fits(row: Row) -> bool:
        city = str(row["location"]["city"]).casefold()
        text = f"{row['title']} {city}".casefold()
        late = since is None or row["updated_at"] > since or (inclusive and row["updated_at"] == since)
        return (late and (not statuses or row["status"] in statuses) and posting in (None, row["posting_status"])
                and all(word in text for word in words) and (not cities or city in cities)
                and (not departments or row["department"]["label"].casefold() in departments))  # fmt: skip

    rows = [row for row in call.shown.db["jobs"] if call.sandbox.seen("jobs", row) and fits(row)]
    shown, total, limit, offset = _sliced(call, rows)
    return page([call.render.job_listed(row) for row in shown], total, limit, offset)


def _job(call: Call) -> Row:
    return call.find("jobs", call.param("job_id"))


async def job(call: Call) -> Answer:
    return call.render.job(_job(call))


async def set_job_status(call: Call) -> Answer:
    row, status = _job(call), (await call.body()).get("status")
    if status not in JOB_STATUSES:
        raise invalid("status", f"must be one of {', '.join(JOB_STATUSES)}")
    doings.set_job_status(call.sandbox, call.actor, row["id"], status)
    return {"status": status}


async def hiring_team(call: Call) -> Answer:
    return whole([{"id": one["id"], "role": one["role"]} for one in _job(call)["team"]])


async def positions(call: Call) -> Answer:
    row = _job(call)
    identify = uuids(call.sandbox.options.seed, f"positions-{row['id']}")
    return whole([{"id": identify(number), "type": "NEW", "positionOpenDate": iso(row["created_at"]),
                   "status": "OPEN"} for number in range(row["openings"])])  # fmt: skip


def posted(status: str) -> Do:
    async def post(call: Call) -> Answer:
        row = _job(call)
        if call.sandbox.db.change("jobs", row["id"], call.actor, {"posting_status": status}):
            call.sandbox.emit("job.ad.postings.updated", f"/jobs/{row['id']}", f"job/{row['id']}", id=row["id"])
        return None if status != "PUBLIC" else JSONResponse({}, 201)

    return post


# Configuration.


async def processes(call: Call) -> Answer:
    return whole([call.render.process(row) for row in call.shown.db["processes"]])


async def process(call: Call) -> Answer:
    return call.render.process(call.find("processes", call.param("process_id"), "hiring_process"))


async def all_properties(call: Call) -> Answer:
    rows = list(call.shown.db["properties"])
    return whole([call.render.property(row) for row in rows])


def _property(call: Call) -> Row:
    return call.find("properties", call.param("property_id"), "property")


async def one_property(call: Call) -> Answer:
    return call.render.property(_property(call))


async def create_property(call: Call) -> Answer:
    asked = await call.body()
    label, type, contexts = asked.get("label"), asked.get("type"), (asked.get("availability") or {}).get("context")
    if not isinstance(label, str) or not label:
        raise Refused(400, "label is required", code="MISSING_FIELD", field="label")
    if type not in TYPES:
        raise invalid("type", f"must be one of {', '.join(TYPES)}")
    if any(row["label"] == label for row in call.sandbox.db["properties"]):
        raise Refused(409, f"There is a property {label} already", code="PROPERTY_ALREADY_EXISTS")
    row = doings.new_property(call.sandbox, call.actor, label, type, contexts or CONTEXTS[2:])
    return call.created("properties", row, call.fresh().property(row))


async def values(call: Call) -> Answer:
    return whole([dict(one) for one in _property(call)["values"]])


async def create_value(call: Call) -> Answer:
    row = _property(call)
    made = doings.new_value(call.sandbox, call.actor, row, str((await call.body()).get("label") or ""))
    return JSONResponse(made, 201)


async def rename_value(call: Call) -> Answer:
    row, id, label = _property(call), call.param("value_id"), (await call.body()).get("label")
    if not isinstance(label, str) or not label:
        raise Refused(400, "label is required", code="MISSING_FIELD", field="label")
    if all(one["id"] != id for one in row["values"]):
        raise Refused(404, f"There is no value {id}", code="VALUE_NOT_FOUND")
    new = [{**one, "label": label} if one["id"] == id else one for one in row["values"]]
    call.sandbox.db.change("properties", row["id"], call.actor, {"values": new})
    return {"id": id, "label": label}


def reasons(kind: str) -> Do:
    async def listed(call: Call) -> Answer:
        return whole(
            [{"id": row["id"], "label": row["label"]} for row in call.shown.db["reasons"] if row["kind"] == kind]
        )

    return listed


async def nothing(call: Call) -> Answer:
    return whole([])


async def departments(call: Call) -> Answer:
    known = {row["department"]["id"]: row["department"] for row in call.shown.db["jobs"]}
    return whole(list(known.values()))


async def sources(call: Call) -> Answer:
    return whole([{"key": type, "label": type.replace("_", " ").title(), "subTypes": []} for type in SOURCES])


async def source_values(call: Call) -> Answer:
    found = SOURCES.get(call.param("type"))
    if found is None:
        raise Refused(404, "There is no such source type", code="SOURCE_TYPE_NOT_FOUND")
    return whole([{"id": one, "label": one.replace("_", " ").title()} for one in found])


async def company(call: Call) -> Answer:
    name = call.sandbox.options.company
    return {"identifier": name, "name": name.title()}


# Users.


def _user(row: Row) -> Json:
    return {"id": row["id"], "email": row["email"], "firstName": row["first_name"], "lastName": row["last_name"],
            "systemRole": {"id": row["role"], "name": row["role"].title()}, "active": row["active"],
            "updatedOn": iso(row["updated_at"])}  # fmt: skip


async def all_users(call: Call) -> Answer:
    shown, total, limit, offset = _sliced(call, list(call.shown.db["users"]))
    return page([_user(row) for row in shown], total, limit, offset)


async def one_user(call: Call) -> Answer:
    return _user(call.find("users", call.param("user_id")))


async def me(call: Call) -> Answer:
    return _user(call.find("users", call.actor.user_id))


# What anybody may read.


class Postings:
    def __init__(self, api: Api) -> None:
        self.sandbox = api.sandbox

    def _public(self, request: Request) -> list[Row]:
        if request.path_params["company"] != self.sandbox.options.company:
            return []
        return [row for row in self.sandbox.db["jobs"] if row["posting_status"] == "PUBLIC"]

    async def listed(self, request: Request) -> Response:
        limit, offset = (
            int(text) if text.isdigit() else usual
            for text, usual in (
                (request.query_params.get("limit", ""), 100),
                (request.query_params.get("offset", ""), 0),
            )
        )
        shown, total = window(self._public(request), offset, min(limit, 100))
        render = Render(self.sandbox, base_url(request))
        return JSONResponse(page([render.posting(row) for row in shown], total, limit, offset))

    async def one(self, request: Request) -> Response:
        for row in self._public(request):
            if request.path_params["job_id"] in (row["id"], posting_number(row)):
                return JSONResponse(Render(self.sandbox, base_url(request)).posting_whole(row))
        return refusal(Refused(404, "There is no such posting", code="POSTING_NOT_FOUND"), {})
