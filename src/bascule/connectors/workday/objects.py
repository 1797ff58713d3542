"""Requests as Workday takes them, and references as it shows them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bascule.connectors.lens import many
from bascule.connectors.spec import Asked, Request, Response
from bascule.errors import AbsentError
from bascule.model import Json, Kind

VERSION = "v45.2"  # pinned: older ones stay callable
SERVICE = f"/ccx/service/{{tenant}}/Recruiting/{VERSION}"
REPORTS = "/ccx/service/customreport2/{tenant}/{report_owner}/"
SPACES = {"wd": "urn:com.workday/bsvc", "custom": "urn:com.workday/tenants/{tenant}/data/custom"}
HEADER = {"wd:Workday_Common_Header": {"wd:Include_Reference_Descriptors_In_Response": "true"}}
BEGINNING = "1970-01-01T00:00:00.000Z"
SKIPPING = ("Candidate_Reference", "Job_Requisition_Reference")  # who is not there is passed over, if that is asked
OVERLAP = timedelta(minutes=5)  # what is entered in the log late is still met


def operation(name: str, body: Mapping[str, Json], *, safe: bool = False) -> Request:
    return Request("POST", SERVICE, soap={f"wd:{name}": {"@wd:version": VERSION, **body}}, safe=safe)


def report(name: str, query: Mapping[str, str], done_if: tuple[int, ...] = ()) -> Request:
    """All rows at once: reports have no pages. `name` is the setting that says what the customer has called it."""
    path = f"{REPORTS}{{{name}}}"
    return Request("GET", path, {**query, "format": "json"}, budget="reports", done_if=done_if)


def ref(type: str, value: Json) -> Json:
    return {"wd:ID": {"@wd:type": type, "#text": value}}


def ids(reference: Json) -> dict[str, str]:
    """The ids of a reference, by their type."""
    held = reference if isinstance(reference, Mapping) else {}
    return {str(one["@type"]): str(one["#text"]) for one in many(held.get("ID")) if {"@type", "#text"} <= one.keys()}


def named(reference: Json) -> str:
    """What a reference is called where people read it, "" where the answer does not say."""
    return str(reference.get("@Descriptor") or "") if isinstance(reference, Mapping) else ""


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def again(value: Json, prefix: str = "wd") -> Json:
    """What an answer showed, as a request takes it; descriptors are only for reading."""
    if isinstance(value, Mapping):
        return {_prefixed(key, prefix): again(one, prefix) for key, one in value.items() if key != "@Descriptor"}
    return [again(one, prefix) for one in value] if isinstance(value, list) else value


def _prefixed(key: str, prefix: str) -> str:
    return key if key == "#text" else f"@{prefix}:{key[1:]}" if key.startswith("@") else f"{prefix}:{key}"


def chosen(asked: Asked, element: str, type: str, whole: Mapping[str, Json]) -> dict[str, Json]:
    """Which objects are wanted: these, those with entries in the transaction log, or all. Never both: it is a choice.

    A page of a list is read as of the moment the first one was asked for; objects asked for by id as they are now.
    """
    page = {"wd:Page": asked.at or "1", "wd:Count": str(asked.size)}
    if asked.by is not None:
        skip = {"@wd:Skip_Non_Existing_Instances": "1"} if element in SKIPPING else {}
        wanted = {**skip, f"wd:{element}": [ref(type, id) for id in asked.ids]}
        return {"wd:Request_References": wanted, "wd:Response_Filter": page}
    then = {"wd:As_Of_Entry_DateTime": stamp(asked.begun)} if asked.begun is not None else {}
    criteria = dict(whole)
    if asked.since is not None:
        until = {"wd:Updated_Through": stamp(asked.begun)} if asked.begun is not None else {}
        range = {"wd:Updated_From": stamp(asked.since - OVERLAP), **until}
        criteria = {"wd:Transaction_Log_Criteria_Data": {"wd:Transaction_Date_Range_Data": range}}
    return {**({"wd:Request_Criteria": criteria} if criteria else {}), "wd:Response_Filter": {**then, **page}}


def candidates(asked: Asked, *, files: bool = False) -> Request:
    """An empty Request_Criteria is said to find nobody, so everybody is asked for by when they were created."""
    chose = chosen(asked, "Candidate_Reference", "WID", {"wd:Created_From": BEGINNING})
    group = {"wd:Include_Reference": "1", "wd:Exclude_All_Attachments": "0" if files else "1"}
    return operation("Get_Candidates_Request", {**chose, "wd:Response_Group": group}, safe=True)


def within(body: Json, *path: str) -> Json:
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def listed(body: Json, answer: str, item: str) -> list[Json]:
    """The items of an answer, each with the moment the answer is as of: the log is asked from there on the next
    time."""
    at = within(body, answer, "Response_Filter", "As_Of_Entry_DateTime")
    found = many(within(body, answer, "Response_Data", item))
    return [{"As_Of": at, **one} for one in found if isinstance(one, Mapping)]


def people(body: Json) -> list[Json]:
    return listed(body, "Get_Candidates_Response", "Candidate")


def applied(body: Json) -> list[Json]:
    """The applications, which stand inside the candidates, each with whose it is and whether that is a worker."""
    found: list[Json] = []
    for one in people(body):
        data = one.get("Candidate_Data") or {}
        mine = {key: data[key] for key in ("Worker_Reference", "Pre-Hire_Reference") if key in data}
        about = {"As_Of": one["As_Of"], "Candidate_Reference": one.get("Candidate_Reference"), **mine}
        found += [{**about, "Job_Application_Data": each} for each in many(data.get("Job_Application_Data"))]
    return found


def to(application: Json) -> Mapping[str, Json]:
    """What an application says of the requisition it is to: step, disposition, times."""
    data = within(application, "Job_Application_Data", "Job_Applied_To_Data")
    return next((one for one in many(data) if isinstance(one, Mapping)), {})


def application_id(application: Json) -> str:
    own = ids(within(application, "Job_Application_Data", "Job_Application_Reference")).get("Job_Application_ID", "")
    return str(to(application).get("Job_Application_ID") or own)


def candidate(id: str) -> Generator[Request, Response, Json]:
    """The answer about one candidate. AbsentError where there is none (purged people are still there)."""
    asked = Asked(by=Kind.CANDIDATE, ids=(id,), size=1)
    response = yield candidates(asked)
    if not people(response.json):
        raise AbsentError("Workday shows no such candidate.")
    return response.json


def application(candidate_id: str, id: str) -> Generator[Request, Response, Json]:
    """One application: there is no operation for it, so its candidate is read."""
    body = yield from candidate(candidate_id)
    found = next((one for one in applied(body) if application_id(one) == id), None)
    if found is None:
        raise AbsentError("Workday shows no such job application of this candidate.")
    return found


def rows(response: Response) -> Sequence[Mapping[str, str]]:
    """The rows of a report. Every value is a text, and empty ones are missing."""
    found = within(response.json, "Report_Entry") if response.status < 400 else None
    return [one for one in many(found) if isinstance(one, Mapping)]


def several(text: Json) -> list[str]:
    """The values that stand in one text."""
    return [one.strip() for one in str(text or "").split(";") if one.strip()]
