"""What goes wrong on purpose, at SOAP: by operation, in SOAP's own words; and what is done to the tenant's data."""

from __future__ import annotations

import pytest

from bascule.sandbox.kit.faults import AnswerLost
from bascule.sandbox.workday import doings as people

from .conftest import PERSON, Rig, wid
from .test_candidates import applied_to, get
from .test_writes import contact, custom, data, name, put_more


async def test_faults_meet_operations_by_name_and_speak_as_soap_does(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "answer", "status": 500, "path": "/Recruiting/Get_Candidates$"})
    assert (await rig.soap("Server_Timestamp_Get")).status == 200
    got = await rig.soap("Get_Candidates_Request")
    assert (got.status, got.fault[0]) == (500, "SOAP-ENV:Server.processingError")
    assert ("POST", "/Recruiting/Get_Candidates", 500) in rig.sandbox.requests
    rig.sandbox.faults.add({"kind": "answer", "status": 429, "path": "jobPostings"})
    assert (await rig.rest("GET", "jobPostings")).json() == {"error": "Error 429"}


async def test_a_lost_answer_is_stored(rig: Rig) -> None:
    application = rig.applied(rig.person())
    rig.sandbox.faults.add({"kind": "lost_answer", "path": "Move_Candidate"})
    with pytest.raises(AnswerLost):
        await rig.move(application, "Recruiter Screen")
    assert application["stage_id"] == rig.step("Recruiter Screen")["id"]
    assert (await rig.move(application, "Recruiter Screen")).message == "The next step is not valid.", (
        "sent again it is refused"
    )


async def test_a_stale_replica_and_what_is_not_ready_yet(rig: Rig) -> None:
    row = rig.person()
    rig.clock.move(seconds=60)
    people.edit_candidate(rig.sandbox, PERSON, row["id"], {"last_name": "King"})
    rig.sandbox.faults.add({"kind": "stale", "method": "POST", "path": "Get_Candidates", "seconds": 30})
    assert (await get(rig)).texts("Last_Name") == ["Byron"]
    assert (await get(rig)).texts("Last_Name") == ["King"]
    rig.sandbox.faults.add({"kind": "not_ready", "path": "Put_Candidate", "seconds": 10})
    await rig.ok("Put_Candidate_Request", data(name("Grace", "Hopper"), contact(), applied_to(rig, "Backend Engineer")))
    assert len((await get(rig)).all("Candidate")) == 1
    rig.clock.move(seconds=10)
    assert len((await get(rig)).all("Candidate")) == 2


async def test_answers_are_reshaped_cut_and_spoilt(rig: Rig) -> None:
    rig.person()
    rig.sandbox.faults.add(
        {
            "kind": "reshape",
            "path": "Get_Candidates",
            "rename": {"Status_Timestamp": "Status_Moment"},
            "remove": ["Contact_Data.Email_Address"],
            "set": {"Status_Data.Withdrawn": "1"},
        }
    )
    got = await get(rig)
    assert (got.text("Status_Moment"), got.all("Status_Timestamp"), got.all("Email_Address"), got.text("Withdrawn")) == (
        "2026-11-20T01:00:00.000-08:00", [], [], "1")  # fmt: skip
    rig.sandbox.faults.add({"kind": "malformed", "how": "html", "path": "Get_Candidates"})
    assert "Bad gateway" in (await rig.soap("Get_Candidates_Request")).response.text
    rig.sandbox.faults.add({"kind": "delay", "seconds": 3, "path": "Get_Candidates"})
    await get(rig)
    assert rig.slept == [3.0]


async def test_the_clock_can_be_wrong(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "clock", "seconds": 300})
    assert (await rig.ok("Server_Timestamp_Get")).text("Server_Timestamp_Data") == "2026-11-20T01:05:00.000-08:00"
    row = rig.person()
    rig.clock.move(seconds=60)
    entry = "<wd:Response_Filter><wd:As_Of_Entry_DateTime>2026-11-20T09:05:30Z</wd:As_Of_Entry_DateTime></wd:Response_Filter>"
    people.edit_candidate(rig.sandbox, PERSON, row["id"], {"last_name": "King"})
    assert (await get(rig, entry)).texts("Last_Name") == ["Byron"], "moments are those of its own clock"


async def test_deeds_are_done_to_people_and_to_the_process(rig: Rig) -> None:
    ada, bob, eve = rig.person(), rig.person("Bob"), rig.person("Eve")
    add = rig.sandbox.faults.add
    add({"kind": "merge", "object": f"candidates/{bob['id']}", "into": f"candidates/{ada['id']}"})
    add({"kind": "anonymize", "object": f"candidates/{eve['id']}"})
    add({"kind": "rename_stage", "name": "Review", "to": "New"})
    add({"kind": "change", "object": f"applications/{rig.applied(ada)['id']}", "set": {"stage": "Interview"}})
    add({"kind": "change", "object": f"candidates/{ada['id']}", "set": {"city": "Cork {id}", "tags": ["bulk"]}})
    assert rig.step("New")["place"] == 1
    assert ada["city"] == f"Cork {ada['id']}"
    assert (eve["email"], eve["purged"]) == ("", True)
    assert {row["id"] for row in rig.db["candidates"]} == {ada["id"], eve["id"]}
    add({"kind": "delete", "object": f"candidates/{eve['id']}"})
    assert {row["candidate_id"] for row in rig.db["applications"]} == {ada["id"]}
    assert not [one for one in rig.sandbox.faults.as_json() if one.get("problem")]


async def test_custom_fields_are_required_and_removed(rig: Rig) -> None:
    application = rig.applied(rig.person())
    await put_more(rig, application, "<c:score>1</c:score><c:summary>A</c:summary>")
    rig.sandbox.faults.add({"kind": "remove_field", "name": "Summary"})
    assert application["additional"] == {"screeningResult": {"score": "1"}}
    rig.sandbox.faults.add({"kind": "add_option", "name": "Recommendation", "to": "Maybe", "count": 1})
    assert application["additional"]["screeningResult"]["recommendation"] == "Maybe"
    rig.sandbox.faults.add({"kind": "require_field", "name": "Notice period"})
    assert (await put_more(rig, application, "<c:score>2</c:score>")).message == "The field Notice period is required."
    got = await put_more(rig, application, "<c:score>2</c:score><c:noticePeriod>4 weeks</c:noticePeriod>")
    assert custom(got) == {"score": "2", "noticePeriod": "4 weeks"}


async def test_an_edit_that_a_program_writes_over_unseen_is_counted(rig: Rig) -> None:
    row = rig.person()
    await get(rig)
    rig.clock.move(seconds=5)
    people.edit_candidate(rig.sandbox, PERSON, row["id"], {"email": "person@mail.example"})
    rig.clock.move(seconds=5)
    await rig.ok("Put_Candidate_Request", wid("Candidate_Reference", row["id"]) + data(contact("program@mail.example")))
    (found,) = (await rig.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert (found["field"], found["edited_by"], found["window"]) == ("email", "user:Dana Whitfield", 10.0)
    await get(rig)
    await rig.ok("Put_Candidate_Request", wid("Candidate_Reference", row["id"]) + data(contact("again@mail.example")))
    assert len((await rig.http.get("/sandbox/overwritten")).json()["overwritten"]) == 1
