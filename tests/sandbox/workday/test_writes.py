"""What programs write: candidates, moves, rejections, assessments, custom objects, files; and what is refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from bascule.sandbox.workday import doings as people

from .conftest import PERSON, WD, Build, Got, Rig, move, ref, wid
from .test_candidates import applied_to, get

CUSTOM = "urn:com.workday/tenants/sandbox/data/custom"


def name(first: str, last: str) -> str:
    return (f"<wd:Name_Data><wd:Legal_Name><wd:Name_Detail_Data><wd:First_Name>{first}</wd:First_Name><wd:Last_Name>{last}"
            "</wd:Last_Name></wd:Name_Detail_Data></wd:Legal_Name></wd:Name_Data>")  # fmt: skip


def contact(email: str = "grace@mail.example", more: str = "") -> str:
    return f"<wd:Contact_Data><wd:Email_Address>{email}</wd:Email_Address>{more}</wd:Contact_Data>"


def data(*parts: str) -> str:
    return f"<wd:Candidate_Data>{''.join(parts)}</wd:Candidate_Data>"


async def put(rig: Rig, *parts: str, row: Any = None, **more: Any) -> Got:
    who = wid("Candidate_Reference", row["id"]) if row else ""
    return await rig.soap("Put_Candidate_Request", who + data(*parts), **more)


# Put_Candidate.


async def test_a_candidate_is_added_with_an_application_and_a_cv(rig: Rig) -> None:
    cv = base64.b64encode(b"Rear admiral").decode()
    file = f"<wd:Resume_Attachment_Data><wd:Filename>cv.txt</wd:Filename><wd:File_Content>{cv}</wd:File_Content></wd:Resume_Attachment_Data>"
    inside = applied_to(rig, "Backend Engineer").replace(
        "</wd:Job_Application_Data>", f"{file}</wd:Job_Application_Data>"
    )
    got = await put(rig, name("Grace", "Hopper"), contact(), inside)
    assert got.status == 200, got.response.text
    (row,) = rig.db["candidates"]
    (application,) = rig.db["applications"]
    assert [one.tag.removeprefix(WD) for one in got.all("Put_Candidate_Response")[0]] == [
        "Candidate_Reference", "Candidate_Job_Application_Data"]  # fmt: skip
    assert got.ids("Candidate_Reference", "Candidate_ID") == [row["ref"]]
    assert got.ids("Job_Application_Reference") == [application["id"]]
    assert got.ids("Job_Requisition_Reference", "Job_Requisition_ID") == [rig.job()["ref"]]
    assert {one.actor.kind for one in rig.writes()} == {"api:ISU_Screening"}
    assert base64.b64decode((await get(rig)).text("Resume_Attachment_Data/File_Content")) == b"Rear admiral"
    assert [one["why"] for one in rig.db["emails"]] == ["Job Application"], "the candidate is told of their application"


async def test_what_a_new_candidate_must_have(rig: Rig) -> None:
    target = applied_to(rig, "Backend Engineer")
    for parts, message in (
        ((contact(), target), "Candidate name is required when adding a candidate."),
        ((name("Grace", "Hopper"), target), "Candidate phone number or email address is required when adding a candidate."),
        ((name("Grace", "Hopper"), contact()), "Job Application Data or Prospect Data is required when adding a candidate."),
        ((name("Grace", "Hopper"), contact("no"), target), "The email address you entered is invalid. Enter a valid email address."),
        ((name("Grace", "Hopper"), contact(), applied_to(rig, "Registered Nurse", "SCREEN")),
         "The recruiting stage is not valid for the job requisition."),
    ):  # fmt: skip
        assert (await put(rig, *parts)).message == message
    assert len(rig.db["candidates"]) == 0, "nothing is left of what was refused"


async def test_a_candidate_is_not_added_twice(rig: Rig) -> None:
    parts = (
        "<wd:Candidate_ID>EXT-1</wd:Candidate_ID>",
        name("Grace", "Hopper"),
        contact(),
        applied_to(rig, "Backend Engineer"),
    )
    assert (await put(rig, *parts)).status == 200
    assert [row["ref"] for row in rig.db["candidates"]] == ["EXT-1"]
    again = await put(rig, *parts, attributes='wd:Add_Only="true"')
    assert again.message == "The Web Service is set to Add Only, but the Candidate already exists."
    assert (await put(rig, *parts)).message == "The candidate has already applied to this job requisition."
    assert len(rig.db["applications"]) == 1


async def test_a_section_that_is_there_replaces_what_was_and_others_stay(rig: Rig) -> None:
    row = rig.person(phone="555", websites=["https://a.example", "https://b.example"])
    site = "<wd:Website_Data><wd:URL_Address>https://c.example</wd:URL_Address></wd:Website_Data>"
    assert (await put(rig, contact("new@mail.example", site), row=row)).status == 200
    assert (row["email"], row["phone"], row["websites"]) == ("new@mail.example", "", ["https://c.example"])
    assert (row["first_name"], len(rig.db["applications"])) == ("Ada", 1)
    assert (await put(rig, name("Augusta", "King"), row=row)).status == 200
    assert (row["first_name"], row["email"]) == ("Augusta", "new@mail.example")


async def test_tags_are_written_or_silently_ignored(rig: Rig, build: Build) -> None:
    for tenant, found in ((rig, ["relocation"]), (build(tags="ignored"), [])):
        row, tag = tenant.person(), tenant.sandbox.named("tags", "relocation")
        assert (await put(tenant, wid("Candidate_Tag_Reference", tag["id"]), row=row)).status == 200
        assert [tenant.db["tags"].rows[id]["name"] for id in row["tags"]] == found
    assert (
        "not a valid ID value"
        in (await put(rig, wid("Candidate_Tag_Reference", "f" * 32), row=rig.person("B"))).message
    )


async def test_who_is_a_worker_keeps_the_name_that_hr_gave(rig: Rig) -> None:
    row = rig.person(worker_id=rig.sandbox.named("users", "Mei Tanaka")["id"])
    got = await put(rig, name("Other", "Name"), row=row)
    assert got.message.startswith("Cannot update a candidate's name, contact")
    status = "<wd:Status_Data><wd:Do_Not_Hire>true</wd:Do_Not_Hire><wd:Withdrawn>0</wd:Withdrawn></wd:Status_Data>"
    assert (await put(rig, status, row=row)).status == 200
    assert row["do_not_hire"] is True


async def test_a_put_does_not_move_an_application(rig: Rig) -> None:
    row = rig.person()
    application = rig.applied(row)
    inside = applied_to(rig, "Backend Engineer", "OFFER").replace(
        "<wd:Job_Applied_To_Data>", wid("Job_Application_Reference", application["id"]) + "<wd:Job_Applied_To_Data>", 1)  # fmt: skip
    got = await put(rig, inside, row=row)
    assert got.message == "The stage of a job application cannot be changed here. Move the candidate."


async def test_tenants_differ_in_what_they_require_of_a_candidate(build: Build) -> None:
    rig = build(required=("phone",))
    got = await put(rig, name("Grace", "Hopper"), contact(), applied_to(rig, "Backend Engineer"))
    assert got.message == "The candidate's phone is required in this tenant."


# Move_Candidate.


async def test_a_move_goes_to_a_next_step_and_says_which_event_it_was(rig: Rig) -> None:
    application = rig.applied(rig.person())
    rig.clock.move(minutes=5)
    got = await rig.move(application, "Recruiter Screen", comment="Advanced by screening")
    assert got.status == 200, got.response.text
    assert got.ids("Event_Reference") == [application["event_id"]]
    told = await get(rig)
    assert told.ids("Stage_Reference", "Recruiting_Stage_ID") == ["SCREEN"]
    assert told.ids("Workflow_Step_Reference") == [rig.step("Recruiter Screen")["id"]]
    assert told.text("Status_Timestamp") == "2026-11-20T01:05:00.000-08:00"
    assert told.text("Job_Application_Date") == "2026-11-20T01:00:00.000-08:00"
    assert [note["body"] for note in rig.db["notes"]] == ["Advanced by screening"]
    assert "Advanced by screening" not in told.response.text, "no interface gives comments out"


@pytest.mark.parametrize("step", ["Offer", "Review", "Background Check"])
async def test_a_jump_a_stay_and_a_step_back_are_refused(rig: Rig, step: str) -> None:
    application = rig.applied(rig.person())
    got = await rig.move(application, step)
    assert (got.status, got.message) == (500, "The next step is not valid.")
    assert application["stage_id"] == rig.step("Review")["id"]


async def test_steps_of_the_same_name_in_another_process_are_other_steps(rig: Rig) -> None:
    application = rig.applied(rig.person(job="Registered Nurse"))
    wrong = await rig.move(application, "Interview", "Backend Engineer")
    assert wrong.message == "The next step is not valid."
    assert (await rig.move(application, "Interview", "Registered Nurse")).status == 200


async def test_optional_steps_may_be_passed_by(rig: Rig) -> None:
    application = rig.applied(rig.person())
    for step in ("Recruiter Screen", "Interview", "Offer", "Ready for Hire"):
        assert (await rig.move(application, step)).status == 200, step


async def test_a_rejection_is_a_disposition_step_and_is_final(rig: Rig) -> None:
    row = rig.person()
    application = rig.applied(row)
    got = await rig.move(application, "Candidate declined the offer", kind="Disposition_Step_Reference")
    assert got.message == "The disposition step is not valid.", "not before there is an offer"
    assert (
        await rig.move(application, "Experience or skills do not match", kind="Disposition_Step_Reference")
    ).status == 200
    told = await get(rig)
    assert told.ids("Disposition_Reference", "Recruiting_Disposition_ID") == ["EXPERIENCE_OR_SKILLS"]
    assert told.ids("Stage_Reference", "Recruiting_Stage_ID") == ["REVIEW"], "the stage is where it ended"
    assert told.ids("Workflow_Step_Reference") == [rig.step("Review")["id"]]
    assert told.text("Withdrawn") == "0"
    assert (await rig.move(application, "Recruiter Screen")).message == "The job application process is complete."
    assert [one["why"] for one in rig.db["emails"]] == ["Job Application", "Disposition Candidate"]
    people.reconsider(rig.sandbox, PERSON, application)
    assert (await get(rig)).all("Disposition_Reference") == []
    assert (await rig.move(application, "Recruiter Screen")).status == 200


async def test_a_rejected_application_may_show_the_disposition_step(build: Build) -> None:
    rig = build(disposed_step="disposition", notify_disposition=False)
    application = rig.applied(rig.person())
    assert (await rig.move(application, "Position filled", kind="Disposition_Step_Reference")).status == 200
    assert (await get(rig)).ids("Workflow_Step_Reference") == [rig.step("Position filled")["id"]]
    assert [one["why"] for one in rig.db["emails"]] == ["Job Application"]


async def test_an_application_is_found_by_its_event_or_by_candidate_and_requisition(rig: Rig) -> None:
    row = rig.person()
    application, step = rig.applied(row), rig.step("Recruiter Screen")
    parameters = wid("Next_Step_Reference", step["id"])
    by_event = move(application, parameters).replace(
        wid("Job_Application_Reference", application["id"]), wid("Event_Reference", application["event_id"]))  # fmt: skip
    assert (await rig.soap("Move_Candidate_Request", by_event)).status == 200
    both = (f"<wd:Candidate_Criteria_Data>{ref('Candidate_Reference', 'Candidate_ID', row['ref'])}"
            f"{ref('Job_Requisition_Reference', 'Job_Requisition_ID', rig.job()['ref'])}</wd:Candidate_Criteria_Data>")  # fmt: skip
    further = move(application, ref("Next_Step_Reference", "Workflow_Step_ID", rig.step("Interview")["ref"])).replace(
        wid("Job_Application_Reference", application["id"]), both)  # fmt: skip
    assert (await rig.soap("Move_Candidate_Request", further)).status == 200
    assert application["stage_id"] == rig.step("Interview")["id"]


async def test_shapes_that_contradict_the_wsdl_are_refused(rig: Rig) -> None:
    application = rig.applied(rig.person())
    target = wid("Job_Application_Reference", application["id"])
    stage = ref("Recruiting_Stage_Reference", "Recruiting_Stage_ID", "SCREEN")
    message = await rig.refused(
        "Move_Candidate_Request", f"<wd:Move_Candidate_Data>{target}{stage}</wd:Move_Candidate_Data>"
    )
    assert message == "Element 'Recruiting_Stage_Reference' is not known in 'Move_Candidate_Data'"
    both = wid("Next_Step_Reference", rig.step("Recruiter Screen")["id"]) + wid(
        "Disposition_Step_Reference", rig.step("Position filled")["id"]
    )
    message = await rig.refused("Move_Candidate_Request", move(application, both))
    assert message == "Only one of Next_Step_Reference, Disposition_Step_Reference may be there"
    message = await rig.refused("Move_Candidate_Request", f"<wd:Move_Candidate_Data>{target}</wd:Move_Candidate_Data>")
    assert message == "A next step or a disposition step is required."


async def test_nobody_moves_on_in_a_requisition_that_is_closed_but_can_be_rejected(rig: Rig) -> None:
    application = rig.applied(rig.person())
    rig.db.change("jobs", rig.job()["id"], PERSON, {"status_id": rig.sandbox.named("job_statuses", "CLOSED")["id"]})
    assert (
        await rig.move(application, "Recruiter Screen")
    ).message == f"The job requisition {rig.job()['ref']} is not open."
    assert (await rig.move(application, "Position filled", kind="Disposition_Step_Reference")).status == 200
    got = await put(rig, name("Grace", "Hopper"), contact(), applied_to(rig, "Backend Engineer"))
    assert got.message == f"The job requisition {rig.job()['ref']} is not open."


# Assess_Candidate.


def assessment(application: Any, rig: Rig, score: str, *, ref_: str = "", parameters: str = "") -> str:
    own = f"<wd:Assess_Candidate_Reference>{ref_}</wd:Assess_Candidate_Reference>" if ref_ else ""
    by = wid("Assessed_By_Reference", rig.sandbox.named("users", "Robin Falk")["id"])
    status = ref("Assessment_Status_Reference", "Assessment_Status_ID", "PASSED")
    test = ref("Assessment_Test_Reference", "Reference_ID", "SCREENING_MATCH")
    begun = (
        f"<wd:Dynamic_Business_Process_Parameters>{parameters}</wd:Dynamic_Business_Process_Parameters>"
        if parameters
        else ""
    )
    return (f"{begun}<wd:Assess_Candidate_Data>{wid('Job_Application_Reference', application['id'])}<wd:Candidate_Assessment_Data>{own}"
            f"{by}<wd:Assessed_On_Date>2026-11-20</wd:Assessed_On_Date>{status}<wd:Assess_Candidate_Test_Result_Data>{test}"
            f"<wd:Assessment_Test_Score>{score}</wd:Assessment_Test_Score><wd:Comment>Python, SQL</wd:Comment>"
            "</wd:Assess_Candidate_Test_Result_Data></wd:Candidate_Assessment_Data></wd:Assess_Candidate_Data>")  # fmt: skip


async def test_only_who_came_to_the_assess_candidate_step_can_be_assessed(rig: Rig) -> None:
    application = rig.applied(rig.person())
    message = await rig.refused("Assess_Candidate_Request", assessment(application, rig, "87"))
    assert message.startswith("The Candidate was never in the Assessment Business Process")
    for step in ("Recruiter Screen", "Assess Candidate"):
        await rig.move(application, step)
    got = await rig.ok("Assess_Candidate_Request", assessment(application, rig, "87"))
    (row,) = rig.db["assessments"]
    assert got.ids("Candidate_Assessment_Event_Reference") == [row["event_id"]]
    assert got.ids("Candidate_Assessment_Reference", "Recruiting_Assessment_ID") == [row["ref"]]
    onward = assessment(application, rig, "91", parameters=wid("Next_Step_Reference", rig.step("Interview")["id"]))
    assert (await rig.soap("Assess_Candidate_Request", onward)).status == 200
    assert [one["results"][0]["score"] for one in rig.db["assessments"]] == [91], "it was changed, not added to"
    assert application["stage_id"] == rig.step("Interview")["id"]
    assert (await rig.ok("Assess_Candidate_Request", assessment(application, rig, "92"))).status == 200, (
        "once there, always"
    )
    message = await rig.refused("Assess_Candidate_Request", onward)
    assert "must be in the Assess Candidate state" in message
    told = await rig.ok(
        "Get_Assess_Candidate_Request",
        f"<wd:Request_Criteria>{wid('Job_Application_Reference', application['id'])}</wd:Request_Criteria>",
    )
    assert told.text("Assessment_Test_Score") == "92"
    assert told.text("Assessed_On_Date") == "2026-11-20-08:00"
    assert told.ids("Assessment_Test_Reference", "Reference_ID") == ["SCREENING_MATCH"]


@pytest.mark.parametrize("score", ["87.5", "-1", "1000000000000"])
async def test_a_score_is_a_whole_number(rig: Rig, score: str) -> None:
    application = rig.applied(rig.person())
    for step in ("Recruiter Screen", "Assess Candidate"):
        await rig.move(application, step)
    message = await rig.refused("Assess_Candidate_Request", assessment(application, rig, score))
    assert message == f"'{score}' is not a valid score: a whole number of at most 12 digits."


async def test_a_tenant_can_have_no_assess_step(build: Build) -> None:
    rig = build(assess_step=False)
    assert all(row["name"] != "Assess Candidate" for row in rig.db["stages"])
    application = rig.applied(rig.person())
    assert (await rig.soap("Assess_Candidate_Request", assessment(application, rig, "1"))).status == 500


# Custom objects.


def additional(application: Any, inside: str, space: str = CUSTOM, alias: str = "screeningResult") -> str:
    return (f"<wd:Job_Application_Custom_Object_Data>{wid('Job_Application_Reference', application['id'])}"
            f'<wd:Business_Object_Additional_Data><c:{alias} xmlns:c="{space}">{inside}</c:{alias}>'
            "</wd:Business_Object_Additional_Data></wd:Job_Application_Custom_Object_Data>")  # fmt: skip


async def put_more(rig: Rig, application: Any, inside: str, **more: Any) -> Got:
    return await rig.soap("Put_Job_Application_Additional_Data_Request", additional(application, inside, **more))


def custom(got: Got) -> dict[str, str]:
    found = got.root.find(f".//{{{CUSTOM}}}screeningResult")
    return {} if found is None else {one.tag.split("}")[1]: one.text or one[0].text for one in found}


async def test_a_custom_object_is_written_and_read_in_the_tenants_own_namespace(rig: Rig) -> None:
    row = rig.person()
    application = rig.applied(row)
    choice = '<c:recommendation><c:ID c:type="ExtendedAlias">Advance</c:ID></c:recommendation>'
    got = await put_more(rig, application, f"<c:score>87.5</c:score><c:summary>Knows SQL</c:summary>{choice}")
    assert got.status == 200, got.response.text
    told = await rig.ok("Get_Job_Application_Additional_Data_Request",
                        f"<wd:Request_References>{wid('Job_Application_Reference', application['id'])}</wd:Request_References>")  # fmt: skip
    assert custom(told) == {"score": "87.5", "summary": "Knows SQL", "recommendation": "Advance"}
    of_candidate = await rig.ok("Get_Job_Application_Additional_Data_Request",
                                f"<wd:Request_Criteria>{wid('Candidate_Reference', row['id'])}</wd:Request_Criteria>")  # fmt: skip
    assert custom(of_candidate) == custom(told)
    assert "87.5" not in (await get(rig)).response.text, "candidates do not show it"
    fields = {one.field for one in rig.writes()}
    assert fields == {"additional.screeningResult"}


async def test_a_field_that_is_left_out_is_emptied_or_kept(rig: Rig, build: Build) -> None:
    for tenant, found in ((rig, {"score": "2"}), (build(additional_data="merge"), {"score": "2", "summary": "A"})):
        application = tenant.applied(tenant.person())
        await put_more(tenant, application, "<c:score>1</c:score><c:summary>A</c:summary>")
        assert custom(await put_more(tenant, application, "<c:score>2</c:score>")) == found


@pytest.mark.parametrize(
    ("inside", "more", "message"),
    [("<c:score>high</c:score>", {}, "'high' is not a valid number"),
     ("<c:colour>red</c:colour>", {}, "'colour' is no field of the custom object screeningResult."),
     ("<c:recommendation><c:ID>Maybe</c:ID></c:recommendation>", {}, "Invalid ID value.  'Maybe' is not a valid ID value for type = 'ExtendedAlias'"),
     ("<c:score>1</c:score>", {"space": "urn:com.workday/tenants/other/data/custom"}, "'screeningResult' is no custom object of this tenant."),
     ("<c:score>1</c:score>", {"alias": "other"}, "'other' is no custom object of this tenant.")],
)  # fmt: skip
async def test_what_the_tenant_has_not_defined_is_refused(rig: Rig, inside: str, more: Any, message: str) -> None:
    application = rig.applied(rig.person())
    assert (await put_more(rig, application, inside, **more)).message == message
    assert application["additional"] == {}


async def test_a_tenant_can_have_no_custom_object(build: Build) -> None:
    rig = build(custom_object=False)
    got = await put_more(rig, rig.applied(rig.person()), "<c:score>1</c:score>")
    assert got.message == "'screeningResult' is no custom object of this tenant."


# Files.


async def attachments(rig: Rig, row: Any) -> Got:
    return await rig.ok(
        "Get_Candidate_Attachments_Request",
        f"<wd:Request_Criteria>{wid('Candidate_Reference', row['id'])}</wd:Request_Criteria>",
    )


async def test_files_are_put_and_fetched_later(rig: Rig, build: Build) -> None:
    for tenant, found in ((rig, ["cv.pdf", "more.txt"]), (build(attachments="candidate"), ["more.txt"])):
        row = tenant.person()
        people.attach(
            tenant.sandbox,
            PERSON,
            row["id"],
            "cv.pdf",
            b"%PDF-1.7",
            application_id=tenant.applied(row)["id"],
            of="application",
        )
        content = base64.b64encode(b"more").decode()
        file = f"<wd:Attachment_Data><wd:ID>F-1</wd:ID><wd:Filename>more.txt</wd:Filename><wd:File_Content>{content}</wd:File_Content></wd:Attachment_Data>"
        category = ref("Document_Category_Reference", "Document_Category_ID", "OTHER")
        asked = (
            wid("Candidate_Reference", row["id"])
            + f"<wd:Candidate_Attachment_Data>{file}{category}</wd:Candidate_Attachment_Data>"
        )
        got = await tenant.ok("Put_Candidate_Attachment_Request", asked)
        assert got.ids("Attachment_Reference", "File_ID") == ["F-1"]
        told = await attachments(tenant, row)
        assert told.texts("Filename") == found
        assert base64.b64decode(told.texts("File_Content")[-1]) == b"more"
    other = rig.person("Bob")
    asked = (
        wid("Candidate_Reference", other["id"])
        + f"<wd:Candidate_Attachment_Data>{file}{category}</wd:Candidate_Attachment_Data>"
    )
    assert await rig.refused("Put_Candidate_Attachment_Request", asked) == "File ID for the attachment already in use."
    assert (await rig.soap("Get_Candidate_Attachments_Request")).status == 500, (
        "all files of all people are not for the asking"
    )


# Requisitions.


async def test_requisitions_tell_only_what_their_groups_ask_for(rig: Rig) -> None:
    got = await rig.ok("Get_Job_Requisitions_Request")
    assert got.texts("Job_Posting_Title") == [
        "Data Analyst",
        "Registered Nurse",
        "Account Executive",
        "Backend Engineer",
    ]
    assert got.all("Hiring_Requirement_Data") == []
    groups = ("<wd:Response_Group><wd:Include_Reference>1</wd:Include_Reference><wd:Include_Job_Requisition_Restrictions_Data>1"
              "</wd:Include_Job_Requisition_Restrictions_Data><wd:Include_Roles>1</wd:Include_Roles></wd:Response_Group>")  # fmt: skip
    job = rig.job()
    asked = f"<wd:Request_References>{wid('Job_Requisition_Reference', job['id'])}</wd:Request_References>{groups}"
    got = await rig.ok("Get_Job_Requisitions_Request", asked)
    assert got.all("Job_Requisition_Detail_Data") == []
    assert got.ids("Primary_Location_Reference", "Location_ID") == ["LOCATION_LONDON"]
    assert got.ids("Role_Assignee_Reference") == [job["recruiter_id"], job["manager_id"]]
    assert got.ids("Job_Requisition_Status_Reference", "Job_Requisition_Status_ID") == ["OPEN"]


async def test_requisitions_are_found_by_status_and_by_change(rig: Rig) -> None:
    rig.clock.move(hours=1)
    closed = ref("Job_Requisition_Status_Reference", "Job_Requisition_Status_ID", "CLOSED")
    asked = f"<wd:Request_Criteria>{closed}</wd:Request_Criteria>"
    assert (await rig.ok("Get_Job_Requisitions_Request", asked)).text("Total_Results") == "0"
    rig.db.change("jobs", rig.job()["id"], PERSON, {"status_id": rig.sandbox.named("job_statuses", "CLOSED")["id"]})
    rig.sandbox.happened("jobs", rig.job()["id"], "Close Job Requisition")
    got = await rig.ok("Get_Job_Requisitions_Request", asked)
    assert got.ids("Job_Requisition/Job_Requisition_Reference") == [rig.job()["id"]]
    since = ("<wd:Request_Criteria><wd:Transaction_Log_Criteria_Data><wd:Transaction_Date_Range_Data><wd:Updated_From>"
             "2026-11-20T09:30:00Z</wd:Updated_From></wd:Transaction_Date_Range_Data></wd:Transaction_Log_Criteria_Data></wd:Request_Criteria>")  # fmt: skip
    assert (await rig.ok("Get_Job_Requisitions_Request", since)).text("Total_Results") == "1"


async def test_the_last_position_fills_the_requisition(rig: Rig) -> None:
    job = rig.job("Data Analyst")
    application = rig.applied(rig.person(job="Data Analyst"))
    for step in ("Recruiter Screen", "Interview", "Offer", "Ready for Hire"):
        await rig.move(application, step)
    people.hire(rig.sandbox, PERSON, application)
    got = await rig.ok(
        "Get_Job_Requisitions_Request",
        f"<wd:Request_References>{wid('Job_Requisition_Reference', job['id'])}</wd:Request_References>",
    )
    assert got.ids("Job_Requisition_Status_Reference", "Job_Requisition_Status_ID") == ["FILLED"]
    assert (got.text("Positions_Available"), got.text("Available_for_Recruiting")) == ("0", "0")
