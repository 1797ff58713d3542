"""Reports as a service: what an administrator has built and enabled as a web service. All rows at once, no pages.

What a customer's report is called and which columns it has is the customer's to decide; these are the ones of this
tenant. As in real ones every value is a text, what is empty is left out, and several values stand in one text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

import lxml.etree as etree
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..kit.errors import Refused
from ..kit.http import guarded
from ..kit.tables import Database, Row
from . import access
from .process import steps_of
from .sandbox import Sandbox
from .xml import UNWRITABLE, Writer

OWNER = "dwhitfield"
CHANGED, STEPS, WORKERS = "Screening_Candidates_Changed", "Screening_Process_Steps", "Screening_Workers"
FIELDS = "Screening_Custom_Fields"
JSON_TYPE = "application/json;charset=utf-8"


class Reports:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.known: Mapping[str, Callable[[Request, Sandbox, Writer], Iterator[dict[str, object]]]] = {
            CHANGED: self.changed, STEPS: self.steps, WORKERS: self.workers, FIELDS: self.fields,
        }  # fmt: skip

    def routes(self) -> list[Route]:
        address = "/ccx/service/customreport2/{tenant}/{owner}/{report}"
        return [Route(address, guarded(self.sandbox, self.run, self.named))]

    async def named(self, request: Request) -> str:
        return f"/customreport2/{request.path_params['report']}"

    async def run(self, request: Request) -> Response:
        sandbox, path, now = self.sandbox, request.path_params, self.sandbox.now()
        name = sandbox.options.tenant
        if any(one.take(name, now).exceeded for one in (sandbox.windows, sandbox.extracts, sandbox.days)):
            return PlainTextResponse("Too many requests", 429)
        try:
            caller = access.reporter(sandbox, request)
        except Refused as error:
            return PlainTextResponse(error.message, error.status, headers=error.headers)
        if not caller.may("Custom Reports"):
            return PlainTextResponse("The task submitted is not authorized.", 403)
        report = self.known.get(path["report"])
        if path["tenant"] != name or path["owner"] != OWNER or report is None:
            return PlainTextResponse("The report does not exist or is not enabled as a web service.", 404)
        view = sandbox.as_of(request.state.stale) if request.state.stale else sandbox
        writer = Writer(view.db, sandbox.zone)
        try:
            rows = [{key: writer.said(value) for key, value in row.items() if value not in (None, "")}
                    for row in report(request, view, writer)]  # fmt: skip
        except Refused as error:
            return PlainTextResponse(error.message, 400)
        if path["report"] == CHANGED:
            at = sandbox.db.real_now().timestamp() - request.state.stale
            for row in rows:
                sandbox.overwrites.read(caller.actor.kind, "candidates", row["Candidate_WID"], at)
                sandbox.overwrites.read(caller.actor.kind, "applications", row.get("Job_Application_WID"), at)
        return _formatted(request.query_params.get("format", "simplexml"), path["report"], rows)

    # Reports.

    def changed(self, request: Request, view: Sandbox, writer: Writer) -> Iterator[dict[str, object]]:
        """A row for each application of everybody who was changed; prompts Changed_From and Changed_Through. Unlike the
        transaction log it knows of tags, custom objects and files."""
        db, since = view.db, self._prompt(request, "Changed_From")
        until = self._prompt(request, "Changed_Through")
        for person in db["candidates"].newest_first():
            if not view.seen("candidates", person):
                continue
            mine = [one for one in db["applications"].where("candidate_id", person["id"])
                    if view.seen("applications", one)]  # fmt: skip
            files = db["attachments"].where("candidate_id", person["id"])
            at = max(row["updated_at"] for row in (person, *mine, *files))
            if (since and at < since) or (until and at > until):
                continue
            shown: dict[str, object] = {
                "Candidate_WID": person["id"], "Candidate_ID": person["ref"], "First_Name": person["first_name"],
                "Last_Name": person["last_name"], "Email": person["email"], "Last_Changed": at,
                "Candidate_Tags": "; ".join(db["tags"].rows[id]["name"] for id in person["tags"]),
            }  # fmt: skip
            for one in mine:
                yield {**shown, **self._application(db, one)}
            if not mine:
                yield shown

    @staticmethod
    def _application(db: Database, row: Row) -> dict[str, object]:
        step = db["stages"].rows[row["stage_id"]]
        end = db["dispositions"].get(row["disposition_id"])
        return {
            "Job_Application_WID": row["id"], "Job_Application_ID": row["ref"], "Workflow_Step_WID": step["id"],
            "Workflow_Step": step["name"], "Disposition": end and end["name"], "Status_Timestamp": row["status_at"],
            "Job_Requisition_ID": db["jobs"].rows[row["job_id"]]["ref"],
        }  # fmt: skip

    def steps(self, request: Request, view: Sandbox, writer: Writer) -> Iterator[dict[str, object]]:
        """Every step of the process of every requisition, with the steps and the dispositions that it allows."""
        db = view.db
        for job in db["jobs"]:
            if not view.seen("jobs", job):
                continue
            for step in steps_of(db, job["process_id"]):
                stage = db["recruiting_stages"].rows[step["recruiting_stage_id"]]
                ends = [db["stages"].rows[id] for id in step["dispositions"]]
                yield {
                    "Job_Requisition_ID": job["ref"],
                    "Business_Process": db["processes"].rows[job["process_id"]]["name"],
                    "Step_Order": step["place"], "Workflow_Step": step["name"], "Workflow_Step_WID": step["id"],
                    "Workflow_Step_ID": step["ref"], "Recruiting_Stage": stage["name"],
                    "Recruiting_Stage_ID": stage["ref"], "Next_Step_WIDs": "; ".join(step["next"]),
                    "Disposition_Step_WIDs": "; ".join(one["id"] for one in ends),
                    "Disposition_Steps": "; ".join(one["name"] for one in ends),
                }  # fmt: skip

    def workers(self, request: Request, view: Sandbox, writer: Writer) -> Iterator[dict[str, object]]:
        for row in view.db["users"]:
            yield {"Worker_WID": row["id"], "Employee_ID": row["ref"], "Worker": row["name"],
                   "Business_Title": row["title"], "Email": row["email"]}  # fmt: skip

    def fields(self, request: Request, view: Sandbox, writer: Writer) -> Iterator[dict[str, object]]:
        """The custom objects of job applications: no operation lists them."""
        for known in view.db["custom_objects"]:
            for row in view.db["custom_fields"].where("object_id", known["id"]):
                yield {"Custom_Object": known["name"], "Custom_Object_Alias": known["alias"], "Field": row["name"],
                       "Field_Alias": row["alias"], "Field_Type": row["type"], "Required": row["required"],
                       "Choices": "; ".join(row["options"])}  # fmt: skip

    def _prompt(self, request: Request, name: str) -> datetime | None:
        """A prompt for a time, or for a day, which begins at midnight of the tenant's zone."""
        given = request.query_params.get(name, "").replace(" ", "+")
        if not given:
            return None
        try:
            if "T" not in given:
                day = date.fromisoformat(given[:10])
                return datetime(day.year, day.month, day.day, tzinfo=self.sandbox.zone)
            value = datetime.fromisoformat(given)
        except ValueError:
            raise Refused(400, f"{name}: '{given}' is not a valid date") from None
        return value if value.tzinfo else value.replace(tzinfo=self.sandbox.zone)


def _formatted(format: str, report: str, rows: list[dict[str, str]]) -> Response:
    match format:
        case "json":
            return JSONResponse({"Report_Entry": rows}, media_type=JSON_TYPE)
        case "csv":
            names = list(dict.fromkeys(key for row in rows for key in row))
            out = io.StringIO()
            made = csv.DictWriter(out, names, restval="")
            made.writeheader()
            made.writerows(rows)
            return Response(out.getvalue(), media_type="text/csv;charset=utf-8")
        case "simplexml":
            space = f"urn:com.workday.report/{report}"
            root = etree.Element(f"{{{space}}}Report_Data", nsmap={"wd": space})
            for row in rows:
                entry = etree.SubElement(root, f"{{{space}}}Report_Entry")
                for key, value in row.items():
                    etree.SubElement(entry, f"{{{space}}}{key}").text = UNWRITABLE.sub("", value)
            return Response(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), media_type="text/xml")
        case _:
            return PlainTextResponse(f"{format} is no format of reports", 400)
