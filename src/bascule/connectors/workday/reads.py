"""What Workday shows: candidates with their applications inside, requisitions, and the customer's own reports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

from bascule.connectors.lens import NEVER_KEPT, decoded, many
from bascule.connectors.spec import Asked, FileTalk, PageNumber, Reads, Request, Tenant
from bascule.errors import AbsentError
from bascule.model import Json, Kind, Part, Presence, Value

from . import objects
from .objects import application_id, chosen, ids, listed, named, operation, report, several, stamp, within

# Personal data that may stand inside applications, and the files themselves, which are read one by one.
DROP = (
    *NEVER_KEPT, "Personal_Information_Data", "Global_Personal_Information_Data", "Candidate_Identification_Data",
    "National_ID", "Government_ID", "Date_of_Birth", "File_Content",
)  # fmt: skip
OURS = {
    name: "bascule" + "".join(word.capitalize() for word in name.split("_"))
    for name in (
        "match_score", "match_reasons", "match_skills", "experience_title", "experience_employer", "experience_years",
        "ai_status", "audit_reference", "shortlist_link", "screening_status", "screening_answers", "manager_feedback",
        "top_ten",
    )
}  # fmt: skip
"""Our fields by the canonical output: their aliases in the custom object of job applications, made by hand."""
ASSESSMENT = "BASCULE_"  # how the reference ids of our assessments begin; the application's follows
LINE = {name: name.replace("_", " ").capitalize().replace("Ai ", "AI ") for name in OURS if name != "match_score"}
WITHDREW = re.compile(r"withdr[ae]w", re.IGNORECASE)
READY = "READY_FOR_HIRE"
JOB_STATUS = {"OPEN": "open", "FROZEN": "closed", "CLOSED": "closed", "FILLED": "closed"}
ROLES = {"recruiters": re.compile("recruiter", re.IGNORECASE), "managers": re.compile("hiring.manager", re.IGNORECASE)}


def wid(raw: Json, key: str) -> str:
    return ids(raw.get(key)).get("WID", "")


def candidate(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """A section that is missing may be one that our user may not see: it is unseen, never empty."""
    id, data = wid(raw, "Candidate_Reference"), raw.get("Candidate_Data")
    if not id:
        return []
    seen: dict[str, Value] = {}
    legal = within(data, "Name_Data", "Legal_Name")
    if isinstance(legal, Mapping) and "Name_Detail_Data" in legal:
        name = legal["Name_Detail_Data"]
        if not name:  # nobody is without a name but who was purged
            return [Part(Kind.CANDIDATE, id, presence=Presence.ANONYMISED)]
        seen |= {key: str(name[key]) for key in ("First_Name", "Last_Name") if name.get(key)}
    contact = within(data, "Contact_Data")
    if isinstance(contact, Mapping):
        seen["Email_Address"] = tuple(str(one) for one in many(contact.get("Email_Address")))
        seen["Phone_Number"] = (phone(contact),) if contact.get("Phone_Number") else ()
        sites = (within(one, "URL_Address") for one in many(contact.get("Website_Data")))
        seen["Website_Data"] = tuple(str(one) for one in sites if one)
    tags = tuple(name for one in many(within(data, "Candidate_Tag_Reference")) if (name := named(one)))
    return [Part(Kind.CANDIDATE, id, seen | ({"Candidate_Tag_Reference": tags} if tags else {}))]


def phone(contact: Mapping[str, Json]) -> str:
    """The number with its country's code, which stands at the end of the code's id ("GBR_44")."""
    code = ids(contact.get("Country_Phone_Code_Reference")).get("Country_Phone_Code_ID", "").rpartition("_")[2]
    number = str(contact["Phone_Number"])
    return f"+{code} {number}" if code.isdigit() and not number.startswith("+") else number


def application(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The application, and what it shows of others: the step it is in, its source, its disposition."""
    id, to = application_id(raw), objects.to(raw)
    if not id:
        return []
    job = ids(to.get("Job_Requisition_Reference")).get("Job_Requisition_ID")
    step, end, source = (to.get(f"{name}_Reference") for name in ("Workflow_Step", "Disposition", "Source"))
    seen: dict[str, Value] = {"status": status(raw, to)}
    seen |= {"job": job} if job else {}
    seen |= {"applied_at": str(to["Job_Application_Date"])} if to.get("Job_Application_Date") else {}
    seen["rejected_at"] = str(to.get("Status_Timestamp") or "") or None if end else None
    found: list[Part] = []
    here = ids(step).get("WID")
    if job and here and not (named(end) and named(end) == named(step)):  # in some tenants it is the disposition's step
        seen["stage"] = f"{job}/{here}"
        of = {} if end else coarse(ids(to.get("Stage_Reference")).get("Recruiting_Stage_ID"))
        found += [Part(Kind.STAGE, f"{job}/{here}", {"name": named(step), **of}, job)] if named(step) else []
    if reason := named(end):
        found.append(Part(Kind.REJECTION_REASON, reason, {"name": reason}))
    seen |= {"reason": reason or None} if reason or not end else {}
    if code := ids(source).get("Applicant_Source_ID"):
        seen["source"] = code
        found.append(Part(Kind.SOURCE, code, {"name": named(source) or code}))
    return [Part(Kind.APPLICATION, id, seen, wid(raw, "Candidate_Reference") or None), *found]


def status(raw: Json, to: Mapping[str, Json]) -> str:
    """A disposition ends it; a worker whose application is ready for hire was hired by it."""
    if end := to.get("Disposition_Reference"):
        words = f"{named(end)} {ids(end).get('Recruiting_Disposition_ID', '')}"
        return "withdrawn" if WITHDREW.search(words) else "rejected"
    ready = ids(to.get("Stage_Reference")).get("Recruiting_Stage_ID") == READY
    return "hired" if ready and raw.get("Worker_Reference") and raw.get("Pre-Hire_Reference") else "active"


def attachments(body: Json) -> list[Json]:
    """The files of candidates and of their applications, each with whose it is, and what tells its content from
    another: that comes inline, and is dropped before anything of it is kept."""
    found: list[Json] = []
    for one in objects.people(body):
        data = one.get("Candidate_Data") or {}
        about = {"As_Of": one["As_Of"], "Candidate_Reference": one.get("Candidate_Reference")}
        own = [each.get("Attachment_Data") for each in many(data.get("Candidate_Attachment_Data"))]
        own += many(within(data, "Prospect_Data", "Prospect_Attachment_Data", "Resume_Attachments"))
        found += [{**about, "file": file, "version": version(file)} for file in own if file]
    for each in objects.applied(body):
        about = {"As_Of": each["As_Of"], "Candidate_Reference": each["Candidate_Reference"]}
        mine = many(within(each, "Job_Application_Data", "Resume_Attachment_Data"))
        about["application"] = application_id(each)
        found += [{**about, "file": file, "version": version(file)} for file in mine]
    return found


def version(file: Json) -> str:
    """A digest of a file's content, "" where it does not come along."""
    content = "".join(str(file.get("File_Content") or "").split())
    return hashlib.sha256(content.encode()).hexdigest()[:16] if content else ""


def attachment(raw: Json, tenant: Tenant) -> Iterable[Part]:
    file, person = raw.get("file") or {}, wid(raw, "Candidate_Reference")
    if not file.get("ID"):
        return []
    seen: dict[str, Value] = {"filename": str(file["Filename"])} if file.get("Filename") else {}
    seen |= {"url": f"{person}/{file['ID']}"} if person else {}
    seen |= {"application": str(raw["application"]), "type": "resume"} if raw.get("application") else {}
    seen |= {"version": str(raw["version"])} if raw.get("version") else {}
    return [Part(Kind.ATTACHMENT, str(file["ID"]), seen, person or None)]


def file(place: str) -> FileTalk:
    """The bytes of a file: they stand in the answer about its candidate."""
    person, _, id = place.partition("/")
    response = yield objects.candidates(Asked(by=Kind.CANDIDATE, ids=(person,), size=1), files=True)
    for one in attachments(response.json):
        if one["file"].get("ID") == id:
            return decoded(one["file"].get("File_Content"))
    raise AbsentError("Workday shows no such file of this candidate.")


def job(raw: Json, tenant: Tenant) -> Iterable[Part]:
    id, data = ids(raw.get("Job_Requisition_Reference")).get("Job_Requisition_ID"), raw.get("Job_Requisition_Data")
    if not id:
        return []
    seen: dict[str, Value] = {"requisition": id}
    detail = within(data, "Job_Requisition_Detail_Data") or {}
    seen |= {key: str(detail[key]) for key in ("Job_Posting_Title", "Job_Description") if detail.get(key)}
    if word := ids(within(data, "Job_Requisition_Status_Reference")).get("Job_Requisition_Status_ID"):
        seen["status"] = JOB_STATUS.get(word, word)
    if place := named(within(data, "Hiring_Requirement_Data", "Primary_Location_Reference")):
        seen["location"] = (place,)
    roles = many(within(data, "Role_Assignment_Data"))
    for name, pattern in ROLES.items():
        mine = [one for one in roles if pattern.search(ids(one.get("Role_Reference")).get("Organization_Role_ID", ""))]
        who = sorted({ids(each).get("WID", "") for one in mine for each in many(one.get("Role_Assignee_Reference"))})
        seen |= {name: tuple(one for one in who if one)} if mine else {}
    return [Part(Kind.JOB, id, seen)]


def step(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Steps differ from process to process, so each is a stage of its requisition: "R-00008/<step>"."""
    job, id = raw.get("Job_Requisition_ID"), raw.get("Workflow_Step_WID")
    if not job or not id:
        return []
    seen: dict[str, Value] = {"name": raw["Workflow_Step"]} if "Workflow_Step" in raw else {}
    seen |= {"order": raw["Step_Order"]} if "Step_Order" in raw else {}
    return [Part(Kind.STAGE, f"{job}/{id}", seen | coarse(raw.get("Recruiting_Stage_ID")), job)]


def coarse(id: Json) -> dict[str, Value]:
    """The recruiting stage of a step, as far as it is told: Workday's own, and the same in every tenant."""
    return {"recruiting_stage": str(id)} if id else {}


def endings(body: Json) -> list[Json]:
    """Each disposition once, by what it is called: no operation lists them, and their steps differ everywhere."""
    found = {name: {"name": name} for one in many(within(body, "Report_Entry"))
             for name in several(one.get("Disposition_Steps"))}  # fmt: skip
    return list(found.values())


def reason(raw: Json, tenant: Tenant) -> Iterable[Part]:
    return [Part(Kind.REJECTION_REASON, raw["name"], {"name": raw["name"]})] if raw.get("name") else []


def worker(raw: Json, tenant: Tenant) -> Iterable[Part]:
    seen: dict[str, Value] = {ours: raw[key] for ours, key in (("name", "Worker"), ("email", "Email")) if key in raw}
    return [Part(Kind.USER, raw["Worker_WID"], seen)] if raw.get("Worker_WID") else []


def changed(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """The report sees what the transaction log misses (tags, custom objects, files). A column that is missing may be
    empty, or not in the customer's report."""
    tags = tuple(several(raw.get("Candidate_Tags")))
    seen: dict[str, Value] = {"Candidate_Tag_Reference": tags} if tags else {}
    at = {"Last_Changed": raw.get("Last_Changed")}  # by which a change of what is not shown here is seen
    return [Part(Kind.CANDIDATE, raw["Candidate_WID"], seen, raw=at)] if raw.get("Candidate_WID") else []


def additional(raw: Json, tenant: Tenant) -> Iterable[Part]:
    """Our fields in the custom object. The rest of it is the customer's, and is not read."""
    id = ids(raw.get("Job_Application_Reference")).get("Job_Application_ID")
    if not id:
        return []
    held = within(raw, "Business_Object_Additional_Data", tenant.facts.get("object", ""))
    shown: Mapping[str, Json] = held if isinstance(held, Mapping) else {}
    ours = (alias for alias in OURS.values() if f"application.{alias}" in tenant.custom or alias in shown)
    return [Part(Kind.APPLICATION, id, {f"custom.{alias}": _text(shown.get(alias)) for alias in ours})]


def _text(value: Json) -> Value:
    return str(value) if value is not None else None


def assessments(body: Json) -> list[Json]:
    """Ours among the assessments of an application."""
    found: list[Json] = []
    for one in listed(body, "Get_Assess_Candidate_Response", "Assess_Candidate_Data"):
        id = ids(one.get("Job_Application_Reference")).get("Job_Application_ID", "")
        if within(one, "Candidate_Assessment_Data", "Assess_Candidate_Reference") == ASSESSMENT + id:
            found.append({"id": id, "assessment": one["Candidate_Assessment_Data"]})
    return found


def assessment(raw: Json, tenant: Tenant) -> Iterable[Part]:
    data = next((one.get("assessment") for one in raw["items"]), None) or {}
    result = next(iter(many(data.get("Assess_Candidate_Test_Result_Data"))), None) or {}
    if raw["items"] and not result:
        return []
    told = {**lines(str(result.get("Comment") or "")), "match_score": _text(result.get("Assessment_Test_Score"))}
    return [Part(Kind.APPLICATION, raw["id"], {f"custom.{alias}": told.get(name) for name, alias in OURS.items()})]


def lines(comment: str) -> dict[str, str]:
    """What stands in the comment of our result, by output: "Match skills: ..." and what follows up to the next."""
    heads = {label: name for name, label in LINE.items()}
    found: dict[str, str] = {}
    name = ""
    for line in comment.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head in heads:
            name, line = heads[head], rest
        if name:
            found[name] = f"{found[name]}\n{line}" if name in found else line.strip()
    return {name: text.strip() for name, text in found.items() if text.strip()}


# -------------------------------------------------------------------------------------------------------- the lists

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GROUPS = ("Include_Reference", "Include_Job_Requisition_Definition_Data", "Include_Job_Requisition_Restrictions_Data",
          "Include_Roles")  # fmt: skip
BASIC, JOBS, CUSTOM = "Candidate Data", "Job Requisition Data", "Custom Reports"


def ask_jobs(asked: Asked) -> Request:
    """Without a word about groups only a part of everything comes."""
    body = chosen(asked, "Job_Requisition_Reference", "Job_Requisition_ID", {})
    group = {f"wd:{name}": "1" for name in GROUPS}
    return operation("Get_Job_Requisitions_Request", {**body, "wd:Response_Group": group}, safe=True)


def ask_additional(asked: Asked) -> Request:
    body = chosen(asked, "Job_Application_Reference", "Job_Application_ID", {})
    return operation("Get_Job_Application_Additional_Data_Request", body, safe=True)


def ask_assessments(asked: Asked) -> Request:
    one = {"wd:Job_Application_Reference": objects.ref("Job_Application_ID", asked.ids[0])}
    return operation("Get_Assess_Candidate_Request", {"wd:Request_Criteria": one}, safe=True)


def ask_changed(asked: Asked) -> Request:
    since = {"Changed_From": stamp(asked.since - objects.OVERLAP)} if asked.since is not None else {}
    return report("changed_report", since)


def numbered(answer: str) -> PageNumber:
    return PageNumber("Page", total=f"{answer}.Response_Results.Total_Pages", frozen=True)


def reported(name: str) -> Callable[[Tenant, Mapping[str, str]], bool]:
    return lambda tenant, settings: bool(settings.get("report_owner") and settings.get(name))


def soap(kind: Kind, path: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, **more: object) -> Reads:
    settings: dict[str, object] = {"since": ("Updated_From", "{since}"), "watermark": "As_Of", "sweep": DAY,
                                   "page_size": ("Count", 100), **more}  # fmt: skip
    return Reads(kind, path, parse, root, drop=DROP, **settings)  # type: ignore[arg-type]


def rows(
    kind: Kind, setting: str, parse: Callable[[Json, Tenant], Iterable[Part]], root: Kind, **more: object
) -> Reads:
    """A report of the customer's, where there is one: it is asked whole, whoever is wanted."""
    settings: dict[str, object] = {"ask": lambda asked: report(setting, {}), "by": {root: "id"}, "every": 10 * MINUTE,
                                   "sweep": DAY, **more}  # fmt: skip
    return Reads(
        kind, f"/{settings.pop('name')}", parse, root, items="Report_Entry", pages=PageNumber("page"), drop=DROP,
        page_size=("", 1_000_000), where=reported(setting), scopes=(CUSTOM,), budget="reports", **settings,  # type: ignore[arg-type]
    )  # fmt: skip


# Applications that the same reading has shown: of one that is gone these operations make a fault of the whole answer.
THERE = ("status", ("active", "rejected", "withdrawn", "hired"))
_C, _A, _J = Kind.CANDIDATE, Kind.APPLICATION, Kind.JOB
NEVER_POLLED = {"since": None, "watermark": "", "sweep": None}
PEOPLE = {"by": {_C: "id"}, "pages": numbered("Get_Candidates_Response")}
READS = (
    rows(Kind.USER, "workers_report", worker, Kind.USER, name="workers"),
    rows(Kind.REJECTION_REASON, "steps_report", reason, Kind.REJECTION_REASON, name="dispositions", unfold=endings),
    soap(
        _J, "/requisitions", job, _J, by={_J: "id"}, ask=ask_jobs, every=2 * MINUTE, scopes=(JOBS,),
        unfold=lambda body: listed(body, "Get_Job_Requisitions_Response", "Job_Requisition"),
        pages=numbered("Get_Job_Requisitions_Response"),
    ),
    rows(Kind.STAGE, "steps_report", step, _J, name="steps", collection=True),
    soap(
        _C, "/candidates", candidate, _C, **PEOPLE, ask=objects.candidates, every=MINUTE, unfold=objects.people,
        scopes=(BASIC, f"{BASIC}: Contact Information", f"{BASIC}: Tags"),
    ),
    rows(
        _C, "changed_report", changed, _C, name="changes", by={}, ask=ask_changed, every=MINUTE, sweep=None,
        since=("Changed_From", "{since}"), watermark="Last_Changed", follow=(_A, Kind.ATTACHMENT),
    ),
    soap(
        _A, "/applications", application, _C, **PEOPLE, ask=objects.candidates, every=MINUTE, unfold=objects.applied,
        collection=True, scopes=(BASIC,),
    ),
    soap(
        _A, "/additional_data", additional, _C, by={_A: "id"}, only=THERE, ask=ask_additional, **NEVER_POLLED,
        unfold=lambda body: listed(
            body, "Get_Job_Application_Additional_Data_Response", "Job_Application_Custom_Object_Data"
        ),
        pages=numbered("Get_Job_Application_Additional_Data_Response"), scopes=(f"{BASIC}: Additional Data",),
        where=lambda tenant, settings: bool(tenant.facts.get("object")),
    ),
    soap(
        _A, "/assessments", assessment, _C, by={_A: "id"}, only=THERE, batch=1, group="id", ask=ask_assessments,
        **NEVER_POLLED, unfold=assessments, pages=numbered("Get_Assess_Candidate_Response"),
        where=lambda tenant, settings: not tenant.facts.get("object"),  # the right to it is the one to write it
    ),
    soap(
        Kind.ATTACHMENT, "/attachments", attachment, _C, **PEOPLE, ask=partial(objects.candidates, files=True),
        every=2 * MINUTE, unfold=attachments, page_size=("Count", 10), batch=10, scopes=(f"{BASIC}: Attachments",),
    ),
)  # fmt: skip
