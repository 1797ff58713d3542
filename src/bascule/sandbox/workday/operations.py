"""The other operations of the Recruiting web service: requisitions, moves, assessments, custom objects, files, time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import lxml.etree as etree

from ..kit.tables import Row
from . import candidates, doings, shapes
from .calls import Call, Operation, crawled, found, logged, page_of
from .shapes import GROUPS
from .xml import (
    Element,
    attribute,
    child,
    children,
    content,
    day,
    descriptor,
    flag,
    ids,
    invalid,
    local,
    number,
    response,
    text,
)

NOT_ASSESSED = ("The Job Application business process relevant to the candidate must be in the Assess Candidate state "
                "to use Dynamic Business Process Parameters to Move Forward or Decline.")  # fmt: skip
ASSESSMENTS, MORE = "Candidate Data: Assessments", "Candidate Data: Additional Data"


def timestamp(call: Call) -> Element:
    made = response("Server_Timestamp", call.version)
    call.writer.put(made, "Server_Timestamp_Data", call.sandbox.now())
    return made


# Requisitions.


def requisitions(call: Call) -> Element:
    group = child(call.asked, "Response_Group")
    # Without a word about groups there is only a part of everything.
    wanted: set[str] = set(GROUPS[:2])
    if group is not None and len(group):
        wanted = {name for name in GROUPS if flag(group, name)}

    def search() -> list[Row]:
        criteria = child(call.asked, "Request_Criteria")
        statuses = {call.id(one, "job_statuses") for one in children(criteria, "Job_Requisition_Status_Reference")}
        places = {call.id(one, "locations") for one in children(criteria, "Primary_Location_Reference")}
        for name in ("Supervisory_Organization_Reference", "Additional_Locations_Reference"):
            for one in children(criteria, name):
                call.one(one)
        return [row for row in call.view.db["jobs"].newest_first()
                if call.sees("jobs", row) and (not statuses or row["status_id"] in statuses)
                and (not places or row["location_id"] in places) and logged(call, criteria, "jobs", row)]  # fmt: skip

    rows = found(call, "jobs", "Request_References", "Job_Requisition_Reference", lambda: crawled(call, search))

    def write(data: Element, row: Row) -> None:
        part = call.writer.open(data, "Job_Requisition")
        if GROUPS[0] in wanted:
            call.writer.ref(part, "Job_Requisition_Reference", "jobs", row["id"])
        _requisition(call, call.writer.open(part, "Job_Requisition_Data"), row, wanted)
        call.read("jobs", row)

    return page_of(call, "Get_Job_Requisitions_Response", rows, write)


def _requisition(call: Call, data: Element, row: Row, wanted: set[str]) -> None:
    put, ref = call.writer.put, call.writer.ref
    ref(data, "Job_Requisition_Status_Reference", "job_statuses", row["status_id"])
    if "Include_Job_Requisition_Definition_Data" in wanted:
        detail = call.writer.open(data, "Job_Requisition_Detail_Data")
        put(detail, "Job_Posting_Title", row["title"])
        put(detail, "Positions_Allocated", row["allocated"])
        put(detail, "Positions_Available", row["available"])
        put(detail, "Job_Description", row["description"])
        put(detail, "Available_for_Recruiting", row["available"] > 0)
    if "Include_Job_Requisition_Restrictions_Data" in wanted:
        hiring = call.writer.open(data, "Hiring_Requirement_Data")
        put(hiring, "Recruiting_Start_Date", row["recruiting_start"])
        ref(hiring, "Primary_Location_Reference", "locations", row["location_id"])
    if "Include_Roles" in wanted:
        for name, user in (("Primary Recruiter", row["recruiter_id"]), ("Hiring Manager", row["manager_id"])):
            part = call.writer.open(data, "Role_Assignment_Data")
            role = call.writer.open(part, "Role_Reference")
            if call.writer.descriptors:
                role.set(f"{{{etree.QName(role).namespace}}}Descriptor", name)
            call.writer.id(role, "Organization_Role_ID", name.upper().replace(" ", "_"))
            ref(part, "Role_Assignee_Reference", "users", user)


# Moving.


def _application(call: Call, part: Element) -> Row:
    """The application that a request is about: by its event, by its reference, or by candidate and requisition."""
    if (event := child(part, "Event_Reference")) is not None:
        wids = {value for type, value in ids(event) if type == "WID"}
        for row in call.view.db["applications"]:
            mine = {one["event_id"] for one in call.view.db["assessments"].where("application_id", row["id"])}
            if call.sees("applications", row) and wids & {row["event_id"], *mine}:
                return row
        raise invalid(f"Invalid ID value.  '{text(event, 'ID')}' is not a valid ID value for type = 'WID'", event)
    if (reference := child(part, "Job_Application_Reference")) is not None:
        return call.one(reference, "applications")
    both = child(part, "Candidate_Criteria_Data")
    person = call.one(child(both, "Candidate_Reference"), "candidates")
    reference = child(both, "Job_Requisition_Reference")
    job = None if reference is None else call.one(reference, "jobs")
    mine = [one for one in call.view.db["applications"].where("candidate_id", person["id"])
            if call.sees("applications", one) and (job is None or one["job_id"] == job["id"])]  # fmt: skip
    if len(mine) != 1:
        raise invalid("The candidate has no job application, or more than one, that fits.", both)
    return mine[0]


def move(call: Call) -> Element:
    application = _application(call, child(call.asked, "Move_Candidate_Data"))
    parameters = child(call.asked, "Dynamic_Business_Process_Parameters")
    if parameters is None:
        raise invalid("A next step or a disposition step is required.", call.asked)
    _proceed(call, application, parameters)
    made = response("Move_Candidate_Response", call.version)
    call.writer.event(made, "Event_Reference", application["event_id"], f"Job Application: {application['ref']}")
    return made


def _proceed(call: Call, application: Row, parameters: Element) -> None:
    """On to a next step, or out by a disposition step, with what is said about it."""
    said = [(text(one, "Comment"), call.id(child(one, "Worker_Reference"), "users"))
            for one in children(parameters, "Comment_Data")]  # fmt: skip
    reference = child(parameters, "Next_Step_Reference")
    if reference is not None:
        doings.move(call.sandbox, call.caller.actor, application, call.one(reference, "stages"))
    else:
        step = call.one(child(parameters, "Disposition_Step_Reference"), "stages")
        doings.dispose(call.sandbox, call.caller.actor, application, step)
    for body, worker in said:
        doings.comment(call.sandbox, call.caller.actor, application, body, worker or call.caller.worker_id)


# Assessments.


def assess(call: Call) -> Element:
    asked = child(call.asked, "Assess_Candidate_Data")
    application, data = _application(call, asked), child(asked, "Candidate_Assessment_Data")
    parameters = child(call.asked, "Dynamic_Business_Process_Parameters")
    if parameters is not None and not _in_assessment(call, application):
        raise invalid(NOT_ASSESSED, parameters)
    values: dict[str, Any] = {
        "assessed_by": call.one(child(data, "Assessed_By_Reference"), "users")["id"],
        "assessed_on": day(child(data, "Assessed_On_Date")), "comment": text(data, "Overall_Assessment_Comment"),
        "status_id": call.one(child(data, "Assessment_Status_Reference"), "assessment_statuses")["id"],
        "results": [_result(call, one) for one in children(data, "Assess_Candidate_Test_Result_Data")],
    }  # fmt: skip
    ref = text(data, "Assess_Candidate_Reference")
    row = doings.assess(call.sandbox, call.caller.actor, application, values, ref)
    if parameters is not None:
        _proceed(call, application, parameters)
    made = response("Assess_Candidate_Response", call.version)
    call.writer.event(made, "Candidate_Assessment_Event_Reference", row["event_id"])
    call.writer.ref(made, "Candidate_Assessment_Reference", "assessments", row["id"])
    return made


def _in_assessment(call: Call, application: Row) -> bool:
    step = call.view.db["stages"].rows[application["stage_id"]]
    stage = call.view.db["recruiting_stages"].rows[step["recruiting_stage_id"]]
    return stage["ref"] == "ASSESSMENT" and application["disposition_id"] is None


def _result(call: Call, part: Element) -> dict[str, Any]:
    score, on = child(part, "Assessment_Test_Score"), child(part, "Assessment_Test_Date")
    value = None if score is None else number(score)
    if score is not None and value is not None and (value < 0 or value != int(value) or value >= Decimal(10) ** 12):
        raise invalid(f"'{score.text}' is not a valid score: a whole number of at most 12 digits.", score)
    return {
        "test_id": call.one(child(part, "Assessment_Test_Reference"), "assessment_tests")["id"],
        "score": None if value is None else int(value), "on": None if on is None else day(on),
        "status_id": call.id(child(part, "Assessment_Test_Status_Reference"), "assessment_statuses"),
        "comment": text(part, "Comment"),
    }  # fmt: skip


def assessments(call: Call) -> Element:
    asked = child(call.asked, "Request_Criteria")

    def search() -> list[Row]:
        if asked is None or not len(asked):
            raise invalid("A candidate assessment, a job application or a candidate is required.", call.asked)
        if (event := child(asked, "Job_Application_Event_Reference")) is not None:
            wids = {value for type, value in ids(event) if type == "WID"}
            mine = [row["id"] for row in call.view.db["applications"] if row["event_id"] in wids]
        else:
            mine = [_application(call, asked)["id"]]
        return [one for id in mine for one in call.view.db["assessments"].where("application_id", id)]

    rows = found(call, "assessments", "Request_References", "Assess_Candidate_Reference", search)

    def write(data: Element, row: Row) -> None:
        put, ref, open_ = call.writer.put, call.writer.ref, call.writer.open
        application = call.view.db["applications"].rows[row["application_id"]]
        part = open_(data, "Assess_Candidate_Data")
        call.writer.event(part, "Event_Reference", row["event_id"])
        ref(part, "Job_Application_Reference", "applications", application["id"])
        ref(part, "Candidate_Reference", "candidates", row["candidate_id"])
        ref(part, "Job_Requisition_Reference", "jobs", application["job_id"])
        call.writer.event(part, "Job_Application_Event_Reference", application["event_id"])
        inner = open_(part, "Candidate_Assessment_Data")
        put(inner, "Assess_Candidate_Reference", row["ref"])
        ref(inner, "Assessed_By_Reference", "users", row["assessed_by"])
        put(inner, "Assessed_On_Date", row["assessed_on"])
        ref(inner, "Assessment_Status_Reference", "assessment_statuses", row["status_id"])
        put(inner, "Overall_Assessment_Comment", row["comment"])
        for one in row["results"]:
            result = open_(inner, "Assess_Candidate_Test_Result_Data")
            ref(result, "Assessment_Test_Reference", "assessment_tests", one["test_id"])
            put(result, "Assessment_Test_Score", one["score"])
            ref(result, "Assessment_Test_Status_Reference", "assessment_statuses", one["status_id"])
            put(result, "Assessment_Test_Date", one["on"])
            put(result, "Comment", one["comment"])
        call.read("assessments", row)

    return page_of(call, "Get_Assess_Candidate_Response", rows, write)


# Custom objects of applications, in the tenant's own namespace.


def namespace(call: Call) -> str:
    return f"urn:com.workday/tenants/{call.sandbox.options.tenant}/data/custom"


def put_additional(call: Call) -> Element:
    asked = child(call.asked, "Job_Application_Custom_Object_Data")
    application = call.one(child(asked, "Job_Application_Reference"), "applications")
    data = child(asked, "Business_Object_Additional_Data")
    objects = dict(_objects(call, data))
    if not objects:
        raise invalid("Business_Object_Additional_Data holds no custom object.", data)
    doings.set_additional(call.sandbox, call.caller.actor, application, objects)
    made = response("Put_Job_Application_Additional_Data_Response", call.version)
    call.writer.ref(made, "Job_Application_Additional_Data_Reference", "applications", application["id"])
    _write_objects(call, call.writer.open(made, "Job_Application_Additional_Data"), application)
    return made


def _objects(call: Call, data: Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Alias and values of each custom object in a request."""
    db, space = call.view.db, namespace(call)
    for part in data:
        known = next((row for row in db["custom_objects"] if part.tag == f"{{{space}}}{row['alias']}"), None)
        if known is None:
            raise invalid(f"'{local(part)}' is no custom object of this tenant.", part)
        fields = {row["alias"]: row for row in db["custom_fields"].where("object_id", known["id"])}
        values: dict[str, str] = {}
        for one in part:
            field = fields.get(local(one)) if one.tag.startswith(f"{{{space}}}") else None
            if field is None:
                if local(one) == f"{known['alias']}Reference":
                    continue
                raise invalid(f"'{local(one)}' is no field of the custom object {known['alias']}.", one)
            values[field["alias"]] = _field_value(field, one, space)
        for field in fields.values():
            if field["required"] and not values.get(field["alias"]):
                raise invalid(f"The field {field['name']} is required.", part)
        yield known["alias"], values


def _field_value(field: Row, part: Element, space: str) -> str:
    """What a field is set to. Choices are references by their alias."""
    given = (part.text or "").strip()
    match field["type"]:
        case "list":
            chosen = part.find(f"{{{space}}}ID")
            given = given if chosen is None else (chosen.text or "").strip()
            if given and given not in field["options"]:
                raise invalid(f"Invalid ID value.  '{given}' is not a valid ID value for type = 'ExtendedAlias'", part)
        case "number":
            try:
                Decimal(given or "0")
            except InvalidOperation:
                raise invalid(f"'{given}' is not a valid number", part) from None
        case "date":
            return day(part).isoformat() if given else ""
        case _:
            pass
    return given


def get_additional(call: Call) -> Element:
    def search() -> list[Row]:
        reference = child(call.asked, "Request_Criteria", "Candidate_Reference")
        if reference is None:
            return [row for row in call.view.db["applications"] if call.sees("applications", row)]
        person = call.one(reference, "candidates")
        return [one for one in call.view.db["applications"].where("candidate_id", person["id"])
                if call.sees("applications", one)]  # fmt: skip

    rows = found(call, "applications", "Request_References", "Job_Application_Reference", search)

    def write(data: Element, row: Row) -> None:
        part = call.writer.open(data, "Job_Application_Custom_Object_Data")
        call.writer.ref(part, "Job_Application_Reference", "applications", row["id"])
        if any(row["additional"].values()):
            _write_objects(call, call.writer.open(part, "Business_Object_Additional_Data"), row)
        call.read("applications", row)

    return page_of(call, "Get_Job_Application_Additional_Data_Response", rows, write)


def _write_objects(call: Call, parent: Element, application: Row) -> None:
    space, db = namespace(call), call.view.db
    for known in db["custom_objects"]:
        values = application["additional"].get(known["alias"])
        if not values:
            continue
        part = etree.SubElement(parent, f"{{{space}}}{known['alias']}", nsmap={"custom": space})
        if call.writer.descriptors:
            part.set(f"{{{etree.QName(parent).namespace}}}Descriptor", descriptor("custom_objects", known))
        for field in db["custom_fields"].where("object_id", known["id"]):
            if (value := values.get(field["alias"])) in (None, ""):
                continue
            one = etree.SubElement(part, f"{{{space}}}{field['alias']}")
            if field["type"] == "list":
                chosen = etree.SubElement(one, f"{{{space}}}ID")
                chosen.set(f"{{{space}}}type", "ExtendedAlias")
                chosen.text = call.writer.said(value)
            else:
                one.text = call.writer.said(value)


# Files.


def attachments(call: Call) -> Element:
    wanted = child(call.asked, "Request_References")

    def search() -> list[Row]:
        asked = children(child(call.asked, "Request_Criteria"), "Candidate_Reference")
        if not asked:
            raise invalid("A candidate or a candidate attachment is required.", call.asked)
        people = [call.one(one, "candidates")["id"] for one in asked]
        mine = [row for id in people for row in call.view.db["attachments"].where("candidate_id", id)]
        whole = call.sandbox.options.attachments == "all"
        return [row for row in mine if call.sees("attachments", row) and (whole or row["of"] == "candidate")]

    rows = (search() if wanted is None else
            found(call, "attachments", "Request_References", "Candidate_Attachment_Reference", search))  # fmt: skip

    def write(data: Element, row: Row) -> None:
        part = call.writer.open(data, "Candidate_Attachment")
        call.writer.ref(part, "Candidate_Reference", "candidates", row["candidate_id"])
        candidates.attachment(call, call.writer.open(part, "Candidate_Attachment_Data"), row)

    return page_of(call, "Get_Candidate_Attachments_Response", rows, write)


def put_attachment(call: Call) -> Element:
    person = call.one(child(call.asked, "Candidate_Reference"), "candidates")
    own = child(call.asked, "Candidate_Attachment_Data")
    made = response("Put_Candidate_Attachment_Response", call.version)
    call.writer.ref(made, "Candidate_Reference", "candidates", person["id"])
    reference = child(own, "Candidate_Attachment_Reference")
    existing = None if reference is None else call.one(reference, "attachments")
    if existing is not None and attribute(call.asked, "Add_Only") in ("1", "true"):
        raise invalid("The Web Service is set to Add Only, but the attachment already exists.", reference)
    targets = [(one, _holder(call, person, one)) for one in children(call.asked, "Job_Application_Attachment_Data")]
    if own is not None and child(own, "Attachment_Data") is not None:
        part = child(own, "Attachment_Data")
        if existing is None:
            category = child(own, "Document_Category_Reference")
            row = candidates.put_file(call, part, person["id"], category=category)
        else:
            row = doings.replace_file(call.sandbox, call.caller.actor, existing["id"], text(part, "Filename"),
                                      content(child(part, "File_Content")))  # fmt: skip
        call.writer.ref(made, "Attachment_Reference", "attachments", row and row["id"])
    for one, application in targets:
        row = candidates.put_file(
            call, child(one, "Attachment_Data"), person["id"], application["id"], of="application"
        )
        part = call.writer.open(made, "Job_Application_Attachment_Data")
        call.writer.ref(part, "Job_Application_Reference", "applications", application["id"])
        call.writer.ref(part, "Job_Application_Attachment_Reference", "attachments", row and row["id"])
    for one in children(child(call.asked, "Prospect_Resume_Attachments_Data"), "Resume_Attachments"):
        candidates.put_file(call, one, person["id"], of="prospect")
    return made


def _holder(call: Call, person: Row, part: Element) -> Row:
    reference = child(part, "Job_Application_Reference")
    if reference is not None:
        row = call.one(reference, "applications")
    else:
        job = call.id(child(part, "Job_Requisition_Reference"), "jobs")
        mine = call.view.db["applications"].where("candidate_id", person["id"])
        row = next((one for one in mine if one["job_id"] == job), None)
    if row is None or row["candidate_id"] != person["id"]:
        raise invalid("The job application is of another candidate.", part)
    return row


# What a request's element begins.
OPERATIONS = {
    "Server_Timestamp_Get": Operation("Get_Server_Timestamp", shapes.TIMESTAMP, "", timestamp),
    "Get_Candidates_Request": Operation("Get_Candidates", shapes.GET_CANDIDATES, "Candidate Data", candidates.get,
                                        shapes.GET_CANDIDATES_26),
    "Put_Candidate_Request": Operation("Put_Candidate", shapes.PUT_CANDIDATE, "Candidate Data", candidates.put,
                                       shapes.PUT_CANDIDATE_26),
    "Get_Job_Requisitions_Request": Operation("Get_Job_Requisitions", shapes.GET_REQUISITIONS, "Job Requisition Data",
                                              requisitions),
    "Move_Candidate_Request": Operation("Move_Candidate", shapes.MOVE_CANDIDATE, "Move Candidate", move),
    "Assess_Candidate_Request": Operation("Assess_Candidate", shapes.ASSESS_CANDIDATE, ASSESSMENTS, assess),
    "Get_Assess_Candidate_Request": Operation("Get_Assess_Candidate", shapes.GET_ASSESS_CANDIDATE, ASSESSMENTS,
                                              assessments),
    "Put_Job_Application_Additional_Data_Request": Operation(
        "Put_Job_Application_Additional_Data", shapes.PUT_ADDITIONAL_DATA, MORE, put_additional),
    "Get_Job_Application_Additional_Data_Request": Operation(
        "Get_Job_Application_Additional_Data", shapes.GET_ADDITIONAL_DATA, MORE, get_additional),
    "Get_Candidate_Attachments_Request": Operation("Get_Candidate_Attachments", shapes.GET_ATTACHMENTS,
                                                   candidates.FILES, attachments),
    "Put_Candidate_Attachment_Request": Operation("Put_Candidate_Attachment", shapes.PUT_ATTACHMENT, candidates.FILES,
                                                  put_attachment),
}  # fmt: skip
