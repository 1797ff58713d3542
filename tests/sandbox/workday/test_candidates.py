"""Get_Candidates: shape and order, pages that stay as they were, filters in time, references, what is left out."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from bascule.sandbox.workday import doings as people

from .conftest import PERSON, WD, Build, Got, Rig, ref, wid

# The order of elements as the fact sheet gives it.
ORDER: dict[str, tuple[str, ...]] = {
    "Get_Candidates_Response": ("Request_References", "Request_Criteria", "Response_Filter", "Response_Group",
                                "Response_Results", "Response_Data"),
    "Response_Results": ("Total_Results", "Total_Pages", "Page_Results", "Page"),
    "Candidate": ("Candidate_Reference", "Candidate_Data"),
    "Candidate_Data": ("Candidate_ID", "Pre-Hire_Reference", "Worker_Reference", "Name_Data", "Contact_Data",
                       "Social_Media_Account_Data", "Status_Data", "Job_Application_Data", "Prospect_Data",
                       "Candidate_Tag_Reference", "Candidate_Pool_Data", "Candidate_Attachment_Data"),
    "Name_Detail_Data": ("First_Name", "Middle_Name", "Last_Name", "Secondary_Last_Name"),
    "Contact_Data": ("Phone_Device_Type_Reference", "Country_Phone_Code_Reference", "Phone_Number", "Phone_Extension",
                     "Email_Address", "Website_Data", "Location_Data"),
    "Job_Application_Data": ("Job_Application_Reference", "Job_Applied_To_Data", "Resume_Attachment_Data", "Resume_Data"),
    "Job_Applied_To_Data": ("Job_Application_ID", "Job_Requisition_Reference", "Job_Application_Date", "Stage_Reference",
                            "Workflow_Step_Reference", "Disposition_Reference", "Status_Timestamp", "Source_Reference",
                            "Referred_By_Worker_Reference", "Added_By_Worker_Reference",
                            "Global_Personal_Information_Data"),
    "Resume_Attachment_Data": ("ID", "Filename", "File_Content", "Mime_Type_Reference", "Comment"),
    "Resume_Data": ("Summary", "Questionnaire_Response_Data"),
    "Response_Data": ("Candidate", "Questionnaire_Reference", "Questionnaire_Answer_Data"),
    "Questionnaire_Answer_Data": ("Question_Order", "Answer_Text"),
    "Prospect_Data": ("Prospect", "Confidential", "Referral_Consent_Given", "Prospect_Status_Reference",
                      "Prospect_Type_Reference", "Source_Reference", "Prospect_Attachment_Data"),
}  # fmt: skip
REQUIRED = {"Job_Applied_To_Data": ("Job_Requisition_Reference", "Stage_Reference"),
            "Resume_Attachment_Data": ("Filename", "File_Content")}  # fmt: skip


def ordered(root: Any) -> int:
    """Check names and order of every element that the table knows; how many there were."""
    seen = 0
    for element in root.iter():
        name = element.tag.removeprefix(WD)
        if name in ORDER:
            names = [one.tag.removeprefix(WD) for one in element]
            assert set(names) <= set(ORDER[name]), (name, names)
            assert names == sorted(names, key=ORDER[name].index), (name, names)
            assert set(REQUIRED.get(name, ())) <= set(names)
            seen += 1
        if name.endswith("_Reference") and name not in ("Request_References",):
            assert [one for one in element if one.tag == f"{WD}ID" and one.get(f"{WD}type")], name
    return seen


def filter_(page: int | str = 1, count: int | str = 100, entry: str = "", **_: Any) -> str:
    at = f"<wd:As_Of_Entry_DateTime>{entry}</wd:As_Of_Entry_DateTime>" if entry else ""
    return f"<wd:Response_Filter>{at}<wd:Page>{page}</wd:Page><wd:Count>{count}</wd:Count></wd:Response_Filter>"


def updated(since: str = "", until: str = "") -> str:
    begin = f"<wd:Updated_From>{since}</wd:Updated_From>" if since else ""
    end = f"<wd:Updated_Through>{until}</wd:Updated_Through>" if until else ""
    return ("<wd:Request_Criteria><wd:Transaction_Log_Criteria_Data><wd:Transaction_Date_Range_Data>"
            f"{begin}{end}</wd:Transaction_Date_Range_Data></wd:Transaction_Log_Criteria_Data></wd:Request_Criteria>")  # fmt: skip


def criteria(inside: str) -> str:
    return f"<wd:Request_Criteria>{inside}</wd:Request_Criteria>"


def references(*ids: tuple[str, str], skip: bool = False) -> str:
    attribute = ' wd:Skip_Non_Existing_Instances="true"' if skip else ""
    inside = "".join(ref("Candidate_Reference", type, value) for type, value in ids)
    return f"<wd:Request_References{attribute}>{inside}</wd:Request_References>"


async def get(rig: Rig, inside: str = "", **more: Any) -> Got:
    return await rig.ok("Get_Candidates_Request", inside, **more)


async def test_everybody_is_told_whole_and_in_order(build: Build) -> None:
    rig = build(candidates=60, dirty=True)
    got = await get(rig, filter_(count=999))
    assert ordered(got.root) > 300
    assert int(Decimal(got.text("Total_Results"))) == len(rig.db["candidates"])
    assert len(got.all("Candidate")) == len(rig.db["candidates"])
    assert len(got.all("Job_Application_Data")) == len(rig.db["applications"])


async def test_an_application_is_inside_its_candidate_with_stage_step_and_time(rig: Rig) -> None:
    person = rig.person()
    application, job = rig.applied(person), rig.job()
    got = await get(rig)
    assert got.ids("Candidate_Reference") == [person["id"]]
    assert got.ids("Candidate_Reference", "Candidate_ID") == [person["ref"]] == [got.text("Candidate_ID")]
    assert got.ids("Job_Application_Reference", "Job_Application_ID") == [application["ref"]]
    assert got.ids("Job_Requisition_Reference", "Job_Requisition_ID") == [job["ref"]]
    assert got.ids("Stage_Reference", "Recruiting_Stage_ID") == ["REVIEW"]
    assert got.ids("Workflow_Step_Reference") == [rig.step("Review")["id"]]
    assert got.all("Disposition_Reference") == []
    assert got.text("Job_Application_Date") == got.text("Status_Timestamp") == "2026-11-20T01:00:00.000-08:00"
    assert (got.text("Do_Not_Hire"), got.text("Withdrawn")) == ("0", "0")
    assert got.text("As_Of_Entry_DateTime") == "2026-11-20T01:00:00.000-08:00", (
        "the filter is told as it was understood"
    )


async def test_descriptors_are_there_where_the_header_asks_for_them(rig: Rig, build: Build) -> None:
    rig.person()
    assert (await get(rig)).all("Candidate_Reference")[0].get(f"{WD}Descriptor") is None
    asked = ("<wd:Workday_Common_Header><wd:Include_Reference_Descriptors_In_Response>true"
             "</wd:Include_Reference_Descriptors_In_Response></wd:Workday_Common_Header>")  # fmt: skip
    got = await get(rig, header=rig.header(more=asked))
    assert got.all("Workflow_Step_Reference")[0].get(f"{WD}Descriptor") == "Review"
    always = build(descriptors="always")
    always.person()
    assert (await get(always)).all("Candidate_Reference")[0].get(f"{WD}Descriptor").startswith("Ada Byron (C-")


async def test_pages_of_a_frozen_moment_hold_everybody_once_whatever_happens_meanwhile(rig: Rig) -> None:
    rows = [rig.person(f"P{number}") for number in range(7)]
    rig.clock.move(seconds=60)
    entry = "2026-11-20T09:00:30Z"
    seen: list[str] = []
    first = await get(rig, filter_(1, 3, entry))
    assert (first.text("Total_Results"), first.text("Total_Pages"), first.text("Page_Results")) == ("7", "3", "3")
    seen += first.ids("Candidate_Reference")
    rig.person("New")
    people.delete(rig.sandbox, PERSON, rows[1]["id"])
    people.edit_candidate(rig.sandbox, PERSON, rows[0]["id"], {"last_name": "Lovelace"})
    for page in (2, 3):
        got = await get(rig, filter_(page, 3, entry))
        seen += got.ids("Candidate_Reference")
    assert sorted(seen) == sorted(row["id"] for row in rows)
    assert got.texts("Last_Name") == ["Byron"], "rows are told as they were then"
    assert (await get(rig, filter_(4, 3, entry))).text("Page_Results") == "0"


async def test_pages_without_a_frozen_moment_shift(rig: Rig) -> None:
    rows = [rig.person(f"P{number}") for number in range(4)]
    first = (await get(rig, filter_(1, 2))).ids("Candidate_Reference")
    rig.person("New")
    second = (await get(rig, filter_(2, 2))).ids("Candidate_Reference")
    assert set(first) & set(second), "somebody is met twice"
    assert len({*first, *second}) < len(rows)


@pytest.mark.parametrize(
    ("page", "count", "message"),
    [(0, 10, "Page number cannot be zero."), (1, 0, "Count must be between 1 and 999."),
     (1, 1000, "Count must be between 1 and 999."), ("x", 1, "'x' is not a valid number")],
)  # fmt: skip
async def test_page_and_count_have_bounds(rig: Rig, page: Any, count: Any, message: str) -> None:
    assert await rig.refused("Get_Candidates_Request", filter_(page, count)) == message


async def test_numbers_may_be_decimals(rig: Rig) -> None:
    rig.person()
    assert (await get(rig, filter_("1.00", "100.00"))).text("Page_Results") == "1"


async def test_a_moment_to_come_is_refused_or_taken_for_now(rig: Rig, build: Build) -> None:
    message = await rig.refused("Get_Candidates_Request", filter_(entry="2026-11-20T09:00:01Z"))
    assert message == "As Of Entry DateTime cannot be in the future."
    assert (await get(build(future_entry="accepted"), filter_(entry="2027-01-01T00:00:00Z"))).status == 200


async def test_the_transaction_log_is_read_with_both_ends_included_and_a_time_without_zone_is_the_tenants(
    rig: Rig,
) -> None:
    person = rig.person()
    for since, until, found in (
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z", 1),
        ("2026-11-20T09:00:00.001Z", "2026-11-21T00:00:00Z", 0),
        ("2026-11-19T00:00:00Z", "2026-11-20T08:59:59.999Z", 0),
        ("2026-11-20T01:00:00", "2026-11-20T01:00:00", 1),
        ("2026-11-20T10:00:00+01:00", "", 1),
    ):
        assert len((await get(rig, updated(since, until))).all("Candidate")) == found, (since, until)
    rig.clock.move(hours=1)
    await rig.move(rig.applied(person), "Recruiter Screen")
    assert len((await get(rig, updated("2026-11-20T09:30:00Z"))).all("Candidate")) == 1
    old = await get(rig, updated("2026-11-20T08:00:00Z", "2026-11-20T09:30:00Z"))
    assert len(old.all("Candidate")) == 1, "the log keeps what was before, too"
    assert await rig.refused("Get_Candidates_Request", updated("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z")) == (
        "Updated_From must be on or before Updated_Through.")  # fmt: skip


async def test_tags_and_custom_objects_are_not_in_the_transaction_log_unless_the_tenant_logs_all(
    rig: Rig, build: Build
) -> None:
    for tenant, found in ((rig, 0), (build(transaction_log="everything"), 1)):
        person = tenant.person()
        tenant.clock.move(hours=1)
        people.tag(tenant.sandbox, PERSON, person["id"], ["night shifts"])
        people.set_additional(tenant.sandbox, PERSON, tenant.applied(person), {"screeningResult": {"score": "9"}})
        got = await get(tenant, updated("2026-11-20T09:30:00Z"))
        assert len(got.all("Candidate")) == found


async def test_what_is_deleted_leaves_no_entry(rig: Rig) -> None:
    person = rig.person()
    rig.clock.move(hours=1)
    people.delete(rig.sandbox, PERSON, person["id"])
    assert (await get(rig, updated("2026-11-20T08:00:00Z"))).all("Candidate") == []


async def test_criteria_are_all_to_be_met(rig: Rig) -> None:
    ada, bob = rig.person(), rig.person("Bob", "Stone", job="Account Executive")
    people.tag(rig.sandbox, PERSON, bob["id"], ["referred"])
    tag = rig.sandbox.named("tags", "referred")["id"]
    for inside, found in (
        ("<wd:First_Name>ada</wd:First_Name>", [ada]),
        ("<wd:First_Name>Ada</wd:First_Name><wd:Last_Name>Stone</wd:Last_Name>", []),
        ("<wd:Candidate_Email_Address>BOB.stone@mail.example</wd:Candidate_Email_Address>", [bob]),
        (wid("Job_Requisition_Reference", rig.job()["id"]), [ada]),
        (wid("Job_Requisition_Reference", rig.job()["id"])
         + wid("Job_Requisition_Reference", rig.job("Account Executive")["id"]), [ada, bob]),
        (ref("Recruiting_Stage_Reference", "Recruiting_Stage_ID", "REVIEW"), [ada, bob]),
        (ref("Recruiting_Stage_Reference", "Recruiting_Stage_ID", "OFFER"), []),
        (wid("Candidate_Tag_Reference", tag), [bob]),
        ("<wd:Applied_From>2026-11-20T09:00:00Z</wd:Applied_From>", [ada, bob]),
        ("<wd:Applied_Through>2026-11-20T08:59:59Z</wd:Applied_Through>", []),
        ("<wd:Internal_Workers_Only>true</wd:Internal_Workers_Only>", []),
        ("<wd:Created_From>2026-11-20T09:00:00Z</wd:Created_From>", [ada, bob]),
        ("<wd:Created_Through>2026-11-20T08:59:59Z</wd:Created_Through>", []),
    ):  # fmt: skip
        got = await get(rig, criteria(inside))
        assert sorted(got.ids("Candidate_Reference")) == sorted(row["id"] for row in found), inside


async def test_empty_criteria_find_nobody_and_none_find_everybody(rig: Rig, build: Build) -> None:
    rig.person()
    assert (await get(rig, criteria(""))).text("Total_Results") == "0"
    assert (await get(rig)).text("Total_Results") == "1"
    other = build(empty_criteria="everything")
    other.person()
    assert (await get(other, criteria(""))).text("Total_Results") == "1"


async def test_a_tenant_may_refuse_requisitions_as_a_filter(build: Build) -> None:
    rig = build(requisition_filter="refused")
    message = await rig.refused("Get_Candidates_Request", criteria(wid("Job_Requisition_Reference", rig.job()["id"])))
    assert message == "Job Requisition is not valid as a filter."


async def test_references_to_nobody_are_a_fault_unless_they_are_passed_over(rig: Rig) -> None:
    person = rig.person()
    asked = (("WID", person["id"]), ("Candidate_ID", "C-1"))
    message = await rig.refused("Get_Candidates_Request", references(*asked))
    assert message == "Invalid ID value.  'C-1' is not a valid ID value for type = 'Candidate_ID'"
    got = await get(rig, references(*asked, skip=True))
    assert got.ids("Candidate/Candidate_Reference") == [person["id"]]
    both = await rig.refused("Get_Candidates_Request", references(("WID", person["id"])) + criteria(""))
    assert both == "Only one of Request_References, Request_Criteria may be there"


async def test_merged_deleted_and_hidden_people_are_missing_and_purged_ones_are_blank(rig: Rig) -> None:
    ada, twin, gone, blank, hidden = (rig.person(name) for name in ("Ada", "Twin", "Gone", "Blank", "Hidden"))
    people.merge(rig.sandbox, PERSON, ada["id"], twin["id"])
    people.delete(rig.sandbox, PERSON, gone["id"])
    people.purge(rig.sandbox, PERSON, blank["id"])
    rig.sandbox.faults.add({"kind": "hide", "object": f"candidates/{hidden['id']}"})
    wanted = references(*(("Candidate_ID", one["ref"]) for one in (ada, twin, gone, blank, hidden)), skip=True)
    got = await get(rig, wanted)
    assert got.ids("Candidate/Candidate_Reference") == [ada["id"], blank["id"]]
    assert len(got.all("Job_Application_Data")) == 3, "what was the twin's is hers now"
    assert got.texts("First_Name") == ["Ada"]
    assert got.texts("Email_Address") == ["ada.byron@mail.example"]
    changed = await get(rig, updated("2026-11-20T09:00:00Z"))
    assert sorted(changed.ids("Candidate/Candidate_Reference")) == sorted([ada["id"], blank["id"]])


async def test_files_are_inside_as_base64_unless_they_are_excluded(rig: Rig) -> None:
    person = rig.person()
    people.attach(
        rig.sandbox,
        PERSON,
        person["id"],
        "cv.txt",
        b"Analyst",
        application_id=rig.applied(person)["id"],
        of="application",
    )
    people.attach(rig.sandbox, PERSON, person["id"], "note.pdf", b"%PDF", category="OTHER")
    got = await get(rig)
    assert base64.b64decode(got.text("Resume_Attachment_Data/File_Content")) == b"Analyst"
    assert got.texts("Candidate_Attachment_Data/Attachment_Data/Filename") == ["note.pdf"]
    group = "<wd:Response_Group><wd:Include_Reference>0</wd:Include_Reference><wd:Exclude_All_Attachments>1</wd:Exclude_All_Attachments></wd:Response_Group>"
    got = await get(rig, group)
    assert got.all("File_Content") == []
    assert got.all("Candidate/Candidate_Reference") == []


async def test_a_hired_candidate_gains_a_pre_hire_and_then_a_worker(rig: Rig) -> None:
    person = rig.person(job="Registered Nurse")
    application = rig.applied(person)
    for step in ("Interview", "Offer", "Ready for Hire"):
        assert (await rig.move(application, step, "Registered Nurse")).status == 200
    got = await get(rig)
    assert len(got.all("Pre-Hire_Reference")) == 1
    assert got.all("Worker_Reference") == []
    worker = people.hire(rig.sandbox, PERSON, application)
    got = await get(rig)
    assert got.ids("Worker_Reference", "Employee_ID") == [worker["ref"]]
    assert (
        await rig.move(application, "Offer", "Registered Nurse")
    ).message == "The job application process is complete."


async def test_birth_dates_are_told_only_with_their_domain(rig: Rig) -> None:
    person = rig.person()
    born = "<wd:Global_Personal_Information_Data><wd:Date_of_Birth>1990-02-12</wd:Date_of_Birth></wd:Global_Personal_Information_Data>"
    inside = applied_to(rig, "Account Executive", more=born)
    await rig.ok(
        "Put_Candidate_Request",
        wid("Candidate_Reference", person["id"]) + f"<wd:Candidate_Data>{inside}</wd:Candidate_Data>",
    )
    assert (await get(rig)).text("Date_of_Birth") == "1990-02-12-08:00"
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["Candidate Data: Personal Information"]})
    assert (await get(rig)).all("Date_of_Birth") == []


def applied_to(rig: Rig, job: str, stage: str = "REVIEW", more: str = "") -> str:
    return ("<wd:Job_Application_Data><wd:Job_Applied_To_Data>" + wid("Job_Requisition_Reference", rig.job(job)["id"])
            + ref("Stage_Reference", "Recruiting_Stage_ID", stage) + more
            + "</wd:Job_Applied_To_Data></wd:Job_Application_Data>")  # fmt: skip


async def test_versions_of_ten_years_ago_have_flat_names_and_no_transaction_log(rig: Rig) -> None:
    rig.person()
    got = await get(rig, version="v26.1")
    assert got.text("Name_Data/First_Name") == "Ada"
    assert got.all("Legal_Name") + got.all("Country_Phone_Code_Reference") + got.all("Candidate_Tag_Reference") == []
    assert len(got.all("Job_Applied_To_Data/Job_Application_Reference")) == 1
    message = await rig.refused("Get_Candidates_Request", updated("2026-11-20T09:00:00Z"), version="v26.1")
    assert message == "Element 'Transaction_Log_Criteria_Data' is not known in 'Request_Criteria'"


@pytest.mark.parametrize(
    ("version", "service"), [("v99.0", "Recruiting"), ("latest", "Recruiting"), ("v45.2", "Staffing")]
)
async def test_what_is_no_service_or_version_is_refused(rig: Rig, version: str, service: str) -> None:
    message = await rig.refused("Get_Candidates_Request", version=version, service=service)
    assert message == "The web service or version is invalid for the requested operation"
    assert await rig.refused("Get_Workers_Request") == message


async def test_requests_must_be_as_the_schema_says(rig: Rig) -> None:
    for inside, message in (
        (filter_() + criteria(""), "Element 'Request_Criteria' is not in its place in 'Get_Candidates_Request'"),
        (criteria("<wd:Stage>1</wd:Stage>"), "Element 'Stage' is not known in 'Request_Criteria'"),
        ("<wd:Request_References/>", "Element 'Candidate_Reference' is required in 'Request_References'"),
        (criteria("<wd:Candidate_Tag_Reference/>"), "'Candidate_Tag_Reference' has no ID with a type"),
        (criteria("<wd:Applied_From>yesterday</wd:Applied_From>"), "'yesterday' is not a valid dateTime"),
    ):
        assert await rig.refused("Get_Candidates_Request", inside) == message
    got = await rig.soap("Get_Candidates_Request", criteria("<wd:Stage>1</wd:Stage><wd:Step/>"))
    assert got.texts("Validation_Error/Xpath") == [
        "/wd:Get_Candidates_Request[1]/wd:Request_Criteria[1]/wd:Stage[1]",
        "/wd:Get_Candidates_Request[1]/wd:Request_Criteria[1]/wd:Step[1]",
    ]


async def test_what_is_no_xml_or_brings_entities_is_refused(rig: Rig) -> None:
    assert (await rig.post(b"{}")).status == 500
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    got = await rig.post(bomb)
    assert got.fault == ("SOAP-ENV:Client", "Invalid request: a document type is not allowed")
    assert (await rig.http.get("/ccx/service/sandbox/Recruiting/v45.2?wsdl")).status_code == 404
