"""Get_Candidates and Put_Candidate: candidates with their applications inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kit.ids import Id
from ..kit.tables import Row
from . import doings
from .calls import Call, crawled, found, logged, page_of
from .xml import (
    BSVC,
    Element,
    attribute,
    child,
    children,
    content,
    day,
    flag,
    invalid,
    moment,
    response,
    text,
)

CONTACT, FILES, TAGS = (f"Candidate Data: {name}" for name in ("Contact Information", "Attachments", "Tags"))
# A name's parts, in their order.
NAMES = (("First_Name", "first_name"), ("Middle_Name", "middle_name"), ("Last_Name", "last_name"),
         ("Secondary_Last_Name", "secondary_last_name"))  # fmt: skip
PERSONAL = "Candidate Data: Personal Information"


# Reading.


def get(call: Call) -> Element:
    group = child(call.asked, "Response_Group")
    named = group is None or child(group, "Include_Reference") is None or flag(group, "Include_Reference")
    files = call.caller.may(FILES) and not flag(group, "Exclude_All_Attachments")
    rows = found(
        call, "candidates", "Request_References", "Candidate_Reference", lambda: crawled(call, lambda: _search(call))
    )

    def write(data: Element, row: Row) -> None:
        part = call.writer.open(data, "Candidate")
        if named:
            call.writer.ref(part, "Candidate_Reference", "candidates", row["id"])
        _candidate(call, call.writer.open(part, "Candidate_Data"), row, files=files)
        call.read("candidates", row)

    return page_of(call, "Get_Candidates_Response", rows, write)


def _search(call: Call) -> list[Row]:
    criteria = child(call.asked, "Request_Criteria")
    if criteria is not None and not len(criteria) and call.sandbox.options.empty_criteria == "nothing":
        return []
    fits = [] if criteria is None else list(_filters(call, criteria))
    return [row for row in call.view.db["candidates"].newest_first()
            if call.sees("candidates", row) and all(fit(row) for fit in fits)]  # fmt: skip


def _filters(call: Call, criteria: Element) -> Any:
    """A test for each thing that is asked for."""
    zone, db = call.sandbox.zone, call.view.db

    def mine(row: Row) -> list[Row]:
        return [one for one in db["applications"].where("candidate_id", row["id"]) if call.sees("applications", one)]

    def wanted(name: str, *kinds: str) -> set[Id]:
        return {call.id(one, *kinds) for one in children(criteria, name)}

    def any_application(column: Callable[[Row], Id], ids: set[Id]) -> Callable[[Row], bool]:
        return lambda row: any(column(one) in ids for one in mine(row))

    if children(criteria, "Transaction_Log_Criteria_Data"):
        yield lambda row: logged(call, criteria, "candidates", row)
    for name, column in (
        ("First_Name", "first_name"),
        ("Last_Name", "last_name"),
        ("Candidate_Email_Address", "email"),
    ):
        if value := text(criteria, name).casefold():
            yield lambda row, column=column, value=value: row[column].casefold() == value
    for name, kind, column in (
        ("Pre-Hire_Reference", "pre_hires", "pre_hire_id"),
        ("Worker_Reference", "users", "worker_id"),
    ):
        if ids := wanted(name, kind):
            yield lambda row, column=column, ids=ids: row[column] in ids
    if (reference := child(criteria, "Job_Requisition_Reference")) is not None:
        if call.sandbox.options.requisition_filter == "refused":
            raise invalid("Job Requisition is not valid as a filter.", reference)
        yield any_application(lambda one: one["job_id"], wanted("Job_Requisition_Reference", "jobs"))
    if ids := wanted("Recruiting_Stage_Reference", "recruiting_stages"):
        yield any_application(lambda one: db["stages"].rows[one["stage_id"]]["recruiting_stage_id"], ids)
    if ids := wanted("Applicant_Source_Reference", "sources"):
        yield any_application(lambda one: one["source_id"], ids)
    if ids := wanted("Candidate_Tag_Reference", "tags"):
        yield lambda row, ids=ids: bool(ids & set(row["tags"]))
    since, until = child(criteria, "Applied_From"), child(criteria, "Applied_Through")
    if since is not None or until is not None:
        first = None if since is None else moment(since, zone)
        last = None if until is None else moment(until, zone)
        yield lambda row: any(
            (first is None or one["applied_at"] >= first) and (last is None or one["applied_at"] <= last)
            for one in mine(row)
        )
    if flag(criteria, "Internal_Workers_Only"):
        yield lambda row: row["worker_id"] is not None
    if (given := child(criteria, "Created_From")) is not None:
        begin = moment(given, zone)
        yield lambda row: row["created_at"] >= begin
    if (given := child(criteria, "Created_Through")) is not None:
        end = moment(given, zone)
        yield lambda row: row["created_at"] <= end
    if (pool := call.id(child(criteria, "Static_Candidate_Pool_Reference"), "pools")) is not None:
        yield lambda row: pool in row["pools"]
    for reference in children(criteria, "Criteria_Match_Score_Category_Reference"):
        call.one(reference)


def _candidate(call: Call, data: Element, row: Row, *, files: bool) -> None:
    put, ref, db = call.writer.put, call.writer.ref, call.view.db
    put(data, "Candidate_ID", row["ref"])
    ref(data, "Pre-Hire_Reference", "pre_hires", row["pre_hire_id"])
    ref(data, "Worker_Reference", "users", row["worker_id"])
    _name(call, data, row)
    if call.caller.may(CONTACT):
        _contact(call, data, row)
        for one in row["social"]:
            part = call.writer.open(data, "Social_Media_Account_Data")
            ref(part, "Social_Network_Type_Reference", "social_networks", one["network_id"])
            put(part, "Social_Network_Account_URL", one["url"])
            put(part, "Social_Network_Account_User_Name", "" if one["url"] else one["user"])
    status = call.writer.open(data, "Status_Data")
    put(status, "Do_Not_Hire", row["do_not_hire"])
    put(status, "Withdrawn", row["withdrawn"])
    for one in db["applications"].where("candidate_id", row["id"]):
        if call.sees("applications", one):
            _application(call, data, one, files=files)
            call.read("applications", one)
    _prospect(call, data, row, files=files)
    if call.caller.may(TAGS) and not call.old:
        for id in row["tags"]:
            ref(data, "Candidate_Tag_Reference", "tags", id)
    if row["pools"] and not call.old:
        pools = call.writer.open(data, "Candidate_Pool_Data")
        for id in row["pools"]:
            ref(
                call.writer.open(pools, "Candidate_Pool_Membership_Data"),
                "Static_Candidate_Pool_Reference",
                "pools",
                id,
            )
    if files and not call.old:
        for one in db["attachments"].where("candidate_id", row["id"]):
            if one["of"] == "candidate" and call.sees("attachments", one):
                attachment(call, call.writer.open(data, "Candidate_Attachment_Data"), one)


def _name(call: Call, data: Element, row: Row) -> None:
    part = call.writer.open(data, "Name_Data")
    if call.old:
        for name, column in NAMES:
            call.writer.put(part, name, row[column])
        return
    detail = call.writer.open(call.writer.open(part, "Legal_Name"), "Name_Detail_Data")
    for name, column in NAMES:
        call.writer.put(detail, name, row[column])


def _contact(call: Call, data: Element, row: Row) -> None:
    put, ref = call.writer.put, call.writer.ref
    if not any(row[key] for key in ("phone", "email", "websites", "country_id", "city", "address", "postal_code")):
        return
    part = call.writer.open(data, "Contact_Data")
    if row["phone"]:
        if not call.old:
            ref(part, "Phone_Device_Type_Reference", "phone_types", row["phone_type_id"])
            ref(part, "Country_Phone_Code_Reference", "phone_codes", row["phone_code_id"])
        put(part, "Phone_Number", row["phone"])
        put(part, "Phone_Extension", "" if call.old else row["extension"])
    put(part, "Email_Address", row["email"])
    for url in row["websites"]:
        put(call.writer.open(part, "Website_Data"), "URL_Address", url)
    if any(row[key] for key in ("country_id", "city", "address", "postal_code")):
        place = call.writer.open(part, "Location_Data")
        ref(place, "Country_Reference", "countries", row["country_id"])
        put(place, "Address_Line_1", row["address"])
        put(place, "City", row["city"])
        put(place, "Postal_Code", row["postal_code"])


def _application(call: Call, data: Element, row: Row, *, files: bool) -> None:
    put, ref, db = call.writer.put, call.writer.ref, call.view.db
    whole = call.writer.open(data, "Job_Application_Data")
    if not call.old:
        ref(whole, "Job_Application_Reference", "applications", row["id"])
    part = call.writer.open(whole, "Job_Applied_To_Data")
    if call.old:
        ref(part, "Job_Application_Reference", "applications", row["id"])
    else:
        put(part, "Job_Application_ID", row["ref"])
    ref(part, "Job_Requisition_Reference", "jobs", row["job_id"])
    put(part, "Job_Application_Date", row["applied_at"])
    step = db["stages"].rows[row["stage_id"]]
    ref(part, "Stage_Reference", "recruiting_stages", step["recruiting_stage_id"])
    disposed = row["disposition_step_id"] if call.sandbox.options.disposed_step == "disposition" else None
    ref(part, "Workflow_Step_Reference", "stages", disposed or step["id"])
    ref(part, "Disposition_Reference", "dispositions", row["disposition_id"])
    put(part, "Status_Timestamp", row["status_at"])
    ref(part, "Source_Reference", "sources", row["source_id"])
    ref(part, "Referred_By_Worker_Reference", "users", row["referred_by"])
    ref(part, "Added_By_Worker_Reference", "users", row["added_by"])
    if row["personal"] and call.caller.may(PERSONAL):
        put(call.writer.open(part, "Global_Personal_Information_Data"), "Date_of_Birth", row["personal"]["born"])
    if files:
        for one in db["attachments"].where("application_id", row["id"]):
            if call.sees("attachments", one):
                file(call, call.writer.open(whole, "Resume_Attachment_Data"), one)
    if row["summary"] or row["answers"]:
        resume = call.writer.open(whole, "Resume_Data")
        put(resume, "Summary", row["summary"])
        _answers(call, resume, row)


def _answers(call: Call, resume: Element, row: Row) -> None:
    """What was answered to the questionnaire of the requisition, question by question without its text."""
    if not row["answers"]:
        return
    data = call.writer.open(call.writer.open(resume, "Questionnaire_Response_Data"), "Response_Data")
    reference = call.writer.open(data, "Questionnaire_Reference")
    call.writer.id(reference, "Questionnaire_ID", f"QUESTIONNAIRE-{call.view.db['jobs'].rows[row['job_id']]['ref']}")
    for place, (_, answer) in enumerate(row["answers"]):
        part = call.writer.open(data, "Questionnaire_Answer_Data")
        call.writer.put(part, "Question_Order", chr(97 + place))
        call.writer.put(part, "Answer_Text", answer)


def _prospect(call: Call, data: Element, row: Row, *, files: bool) -> None:
    prospect, put, ref = row["prospect"], call.writer.put, call.writer.ref
    if prospect is None:
        return
    part = call.writer.open(data, "Prospect_Data")
    put(part, "Prospect", True)
    if not call.old:
        put(part, "Confidential", prospect["confidential"])
        put(part, "Referral_Consent_Given", prospect["consent"])
    ref(part, "Prospect_Status_Reference", "prospect_statuses", prospect["status_id"])
    ref(part, "Prospect_Type_Reference", "prospect_types", prospect["type_id"])
    ref(part, "Source_Reference", "sources", prospect["source_id"])
    own = [one for one in call.view.db["attachments"].where("candidate_id", row["id"]) if one["of"] == "prospect"]
    if files and own:
        wrapped = call.writer.open(part, "Prospect_Attachment_Data")
        for one in own:
            file(call, call.writer.open(wrapped, "Resume_Attachments"), one)


def attachment(call: Call, part: Element, row: Row) -> None:
    """A file of a candidate, with its reference and category."""
    call.writer.ref(part, "Candidate_Attachment_Reference", "attachments", row["id"])
    file(call, call.writer.open(part, "Attachment_Data"), row)
    call.writer.ref(part, "Document_Category_Reference", "document_categories", row["category_id"])


def file(call: Call, part: Element, row: Row) -> None:
    call.writer.put(part, "ID", row["ref"])
    call.writer.put(part, "Filename", row["name"])
    call.writer.put(part, "File_Content", row["content"], empty=True)
    call.writer.ref(part, "Mime_Type_Reference", "mime_types", row["mime_id"])
    call.writer.put(part, "Comment", row["comment"])


# Writing.


def put(call: Call) -> Element:
    """Add or update a candidate. Sections that are there replace what was; those that are not stay as they were."""
    sandbox, actor, data = call.sandbox, call.caller.actor, child(call.asked, "Candidate_Data")
    existing = _existing(call, data)
    if existing is not None and attribute(call.asked, "Add_Only") in ("1", "true"):
        raise invalid("The Web Service is set to Add Only, but the Candidate already exists.", call.asked)
    values = _values(call, data)
    applications = children(data, "Job_Application_Data")
    _check_files(call, data, existing)
    if existing is None:
        if not applications and child(data, "Prospect_Data") is None:
            raise invalid("Job Application Data or Prospect Data is required when adding a candidate.", data)
        for one in applications:
            _new_target(call, one, None)
        row = doings.create_candidate(
            sandbox, actor, {"visible_at": call.visible_at, **values}, text(data, "Candidate_ID")
        )
    else:
        row = existing
        for one in applications:
            _new_target(call, one, row)
        doings.edit_candidate(sandbox, actor, row["id"], values)
    made = response("Put_Candidate_Response", call.version)
    call.writer.ref(made, "Candidate_Reference", "candidates", row["id"])
    for one in applications:
        application = _put_application(call, one, row)
        part = call.writer.open(made, "Candidate_Job_Application_Data")
        call.writer.ref(part, "Job_Application_Reference", "applications", application["id"])
        call.writer.ref(part, "Job_Requisition_Reference", "jobs", application["job_id"])
    for one in children(data, "Candidate_Attachment_Data"):
        put_file(call, child(one, "Attachment_Data"), row["id"], category=child(one, "Document_Category_Reference"))
    for one in children(child(data, "Prospect_Data", "Prospect_Attachment_Data"), "Resume_Attachments"):
        put_file(call, one, row["id"], of="prospect")
    return made


def _existing(call: Call, data: Element) -> Row | None:
    reference = child(call.asked, "Candidate_Reference")
    if reference is not None:
        return call.one(reference, "candidates")
    known = call.view.db["candidates"].where("ref", text(data, "Candidate_ID"))
    return known[0] if known and call.sees("candidates", known[0]) else None


def _values(call: Call, data: Element) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if (name := child(data, "Name_Data")) is not None:
        detail = name if call.old else child(name, "Legal_Name", "Name_Detail_Data")
        if detail is not None:
            for part, column in NAMES:
                values[column] = text(detail, part)
    if (contact := child(data, "Contact_Data")) is not None:
        values |= _contact_values(call, contact)
    if social := children(data, "Social_Media_Account_Data"):
        values["social"] = [
            {"network_id": call.id(child(one, "Social_Network_Type_Reference"), "social_networks"),
             "url": text(one, "Social_Network_Account_URL"), "user": text(one, "Social_Network_Account_User_Name")}
            for one in social
        ]  # fmt: skip
    if (status := child(data, "Status_Data")) is not None:
        values |= {"do_not_hire": flag(status, "Do_Not_Hire"), "withdrawn": flag(status, "Withdrawn")}
    if (prospect := child(data, "Prospect_Data")) is not None:
        values["prospect"] = _prospect_values(call, prospect)
    if (tags := children(data, "Candidate_Tag_Reference")) and call.sandbox.options.tags == "written":
        values["tags"] = [call.one(one, "tags")["id"] for one in tags]
    if (pools := child(data, "Candidate_Pool_Data")) is not None:
        values["pools"] = [call.one(child(one, "Static_Candidate_Pool_Reference"), "pools")["id"]
                           for one in children(pools, "Candidate_Pool_Membership_Data")]  # fmt: skip
    return values


def _contact_values(call: Call, contact: Element) -> dict[str, Any]:
    place = child(contact, "Location_Data")
    return {
        "phone": text(contact, "Phone_Number"), "extension": text(contact, "Phone_Extension"),
        "phone_code_id": call.id(child(contact, "Country_Phone_Code_Reference"), "phone_codes"),
        "phone_type_id": call.id(child(contact, "Phone_Device_Type_Reference"), "phone_types"),
        "email": text(contact, "Email_Address"),
        "websites": [text(one, "URL_Address") for one in children(contact, "Website_Data")],
        "country_id": call.id(child(place, "Country_Reference"), "countries"),
        "address": text(place, "Address_Line_1"), "city": text(place, "City"),
        "postal_code": text(place, "Postal_Code"),
    }  # fmt: skip


def _prospect_values(call: Call, part: Element) -> dict[str, Any] | None:
    if child(part, "Prospect") is not None and not flag(part, "Prospect"):
        return None
    return {
        "confidential": flag(part, "Confidential"), "consent": flag(part, "Referral_Consent_Given"), 
        "status_id": call.id(child(part, "Prospect_Status_Reference"), "prospect_statuses"),
        "type_id": call.id(child(part, "Prospect_Type_Reference"), "prospect_types"),
        "source_id": call.id(child(part, "Source_Reference"), "sources"),
    }  # fmt: skip


def _applied(call: Call, data: Element) -> tuple[Element, Row | None]:
    """What was applied to, and the application if there is one already."""
    part = child(data, "Job_Applied_To_Data")
    reference = child(part if call.old else data, "Job_Application_Reference")
    if reference is not None:
        return part, call.one(reference, "applications")
    known = call.view.db["applications"].where("ref", text(part, "Job_Application_ID"))
    return part, known[0] if known and text(part, "Job_Application_ID") else None


def _new_target(call: Call, data: Element, row: Row | None) -> None:
    """Refuse what cannot be applied to, before anything is written."""
    part, application = _applied(call, data)
    job = call.one(child(part, "Job_Requisition_Reference"), "jobs")
    stage = call.one(child(part, "Stage_Reference"), "recruiting_stages")
    step = child(part, "Workflow_Step_Reference")
    if application is not None:
        if row is None or application["candidate_id"] != row["id"] or application["job_id"] != job["id"]:
            raise invalid("The job application is of another candidate or job requisition.", part)
        current = call.view.db["stages"].rows[application["stage_id"]]
        if current["recruiting_stage_id"] != stage["id"] or (
            step is not None and call.id(step, "stages") != current["id"]
        ):
            raise invalid("The stage of a job application cannot be changed here. Move the candidate.", part)
        return
    if child(part, "Disposition_Reference") is not None:
        raise invalid("A new job application cannot have a disposition.", part)
    doings.may_apply(call.sandbox, row["id"] if row else None, job)
    _first_step(call, job, stage, step)


def _first_step(call: Call, job: Row, stage: Row, step: Element) -> Id:
    """The step a new application begins in: the one that is named, or the first of its stage."""
    steps = [one for one in call.view.db["stages"].where("process_id", job["process_id"])
             if one["recruiting_stage_id"] == stage["id"]]  # fmt: skip
    if step is not None:
        steps = [one for one in steps if one["id"] == call.id(step, "stages")]
    if not steps:
        raise invalid("The recruiting stage is not valid for the job requisition.", call.asked)
    return min(steps, key=lambda one: one["place"])["id"]


def _put_application(call: Call, data: Element, row: Row) -> Row:
    sandbox, actor = call.sandbox, call.caller.actor
    part, application = _applied(call, data)
    if application is None:
        job = call.one(child(part, "Job_Requisition_Reference"), "jobs")
        stage = call.one(child(part, "Stage_Reference"), "recruiting_stages")
        given = child(part, "Job_Application_Date")
        source = call.id(child(part, "Source_Reference"), "sources")
        more: dict[str, Any] = {} if source is None else {"source_id": source}
        if given is not None:
            more["applied_at"] = moment(given, sandbox.zone)
        born = child(part, "Global_Personal_Information_Data", "Date_of_Birth")
        application = doings.apply(
            sandbox, actor, row["id"], job["id"], ref=text(part, "Job_Application_ID"), visible_at=call.visible_at,
            step_id=_first_step(call, job, stage, child(part, "Workflow_Step_Reference")),
            referred_by=call.id(child(part, "Referred_By_Worker_Reference"), "users"),
            added_by=call.id(child(part, "Added_By_Worker_Reference"), "users") or call.caller.worker_id,
            personal=None if born is None else {"born": day(born)}, **more,
        )  # fmt: skip
    if (resume := child(data, "Resume_Data")) is not None:
        sandbox.db.change("applications", application["id"], actor, {"summary": text(resume, "Summary")})
    for one in children(data, "Resume_Attachment_Data"):
        put_file(call, one, row["id"], application["id"], of="application")
    return application


def _check_files(call: Call, data: Element, row: Row | None) -> None:
    """Refuse a file whose id is somebody else's, before anything is written."""
    for name in ("Resume_Attachment_Data", "Attachment_Data", "Resume_Attachments"):
        for one in data.iter(f"{{{BSVC}}}{name}"):
            known = call.sandbox.db["attachments"].where("ref", text(one, "ID")) if text(one, "ID") else []
            if known and (row is None or known[0]["candidate_id"] != row["id"]):
                raise invalid("File ID for the attachment already in use.", one)
            doings.may_keep(text(one, "Filename"), content(child(one, "File_Content")))


def put_file(
    call: Call, part: Element, candidate_id: Id, application_id: Id = None, *, of: str = "candidate",
    category: Element = None,
) -> Row | None:  # fmt: skip
    """Keep a file; one whose id the same holder has already is kept as it was."""
    if part is None:
        return None
    ref, db = text(part, "ID"), call.sandbox.db
    known = db["attachments"].where("ref", ref) if ref else []
    if known and known[0]["candidate_id"] == candidate_id and known[0]["application_id"] == application_id:
        return known[0]
    named = "RESUME" if category is None else call.one(category, "document_categories")["ref"]
    return doings.attach(
        call.sandbox, call.caller.actor, candidate_id, text(part, "Filename"), content(child(part, "File_Content")),
        application_id=application_id, mime_id=call.id(child(part, "Mime_Type_Reference"), "mime_types"), ref=ref,
        category=named, comment=text(part, "Comment"), of=of, visible_at=call.visible_at,
    )  # fmt: skip
