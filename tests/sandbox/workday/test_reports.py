"""Reports as a service: candidates that were changed, and the steps of the recruiting processes."""

from __future__ import annotations

import csv
import io
from typing import Any

import lxml.etree as etree

from bascule.sandbox.workday import doings as people

from .conftest import PERSON, Build, Rig
from .test_access import basic

BASE = "/ccx/service/customreport2/sandbox/dwhitfield"


async def run(rig: Rig, report: str, **params: str) -> Any:
    headers = basic("ISU_Screening@sandbox", rig.credential("isu")["secret"])
    return await rig.http.get(f"{BASE}/{report}", params={"format": "json", **params}, headers=headers)


async def rows(rig: Rig, report: str, **params: str) -> list[dict[str, str]]:
    answer = await run(rig, report, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["Report_Entry"]


async def test_the_steps_of_each_requisition_say_where_one_may_go_from_there(rig: Rig) -> None:
    steps = [row for row in await rows(rig, "Screening_Process_Steps") if row["Job_Requisition_ID"] == rig.job()["ref"]]
    assert [row["Workflow_Step"] for row in steps] == [
        "Review", "Recruiter Screen", "Hiring Manager Review", "Assess Candidate", "Interview", "Reference Check", "Offer",
        "Background Check", "Ready for Hire"]  # fmt: skip
    first = steps[0]
    assert (first["Recruiting_Stage_ID"], first["Next_Step_WIDs"]) == ("REVIEW", rig.step("Recruiter Screen")["id"])
    assert "Position filled" in first["Disposition_Steps"]
    assert rig.step("Position filled")["id"] in first["Disposition_Step_WIDs"].split("; ")
    assert "Next_Step_WIDs" not in steps[-1], "what is empty is left out"
    assert all(isinstance(value, str) for row in steps for value in row.values())
    application = rig.applied(rig.person())
    assert (await rig.move(application, "Recruiter Screen")).status == 200, "and it is true"


async def test_who_was_changed_is_found_also_by_what_the_transaction_log_leaves_out(rig: Rig) -> None:
    ada, bob = rig.person(), rig.person("Bob", "Stone", job=None)
    assert [row["First_Name"] for row in await rows(rig, "Screening_Candidates_Changed")] == ["Bob", "Ada"]
    rig.clock.move(hours=1)
    people.tag(rig.sandbox, PERSON, ada["id"], ["referred", "relocation"])
    (row,) = await rows(rig, "Screening_Candidates_Changed", Changed_From="2026-11-20T09:30:00Z")
    assert (row["Candidate_WID"], row["Candidate_Tags"]) == (ada["id"], "referred; relocation")
    assert row["Last_Changed"] == "2026-11-20T02:00:00.000-08:00"
    assert row["Job_Application_ID"] == rig.applied(ada)["ref"]
    assert "Disposition" not in row
    until = await rows(rig, "Screening_Candidates_Changed", Changed_Through="2026-11-20T09:00:00Z")
    assert [row["Candidate_WID"] for row in until] == [bob["id"]]
    assert await rows(rig, "Screening_Candidates_Changed", Changed_From="2026-11-21") == [], (
        "a day begins in the tenant's zone"
    )
    assert len(await rows(rig, "Screening_Candidates_Changed", Changed_From="2026-11-20")) == 2


async def test_other_formats_hold_the_same(build: Build) -> None:
    rig = build(candidates=5)
    json = await rows(rig, "Screening_Candidates_Changed")
    table = list(csv.DictReader(io.StringIO((await run(rig, "Screening_Candidates_Changed", format="csv")).text)))
    assert [row["Candidate_WID"] for row in table] == [row["Candidate_WID"] for row in json]
    xml = etree.fromstring((await run(rig, "Screening_Candidates_Changed", format="simplexml")).content)
    assert len(xml.findall("{*}Report_Entry")) == len(json)
    assert (await run(rig, "Screening_Candidates_Changed", format="gdata")).status_code == 400


async def test_workers_and_custom_fields_are_told_by_reports_only(rig: Rig) -> None:
    workers = await rows(rig, "Screening_Workers")
    assert {row["Worker"] for row in workers} >= {"Robin Falk", "Mei Tanaka"}
    fields = await rows(rig, "Screening_Custom_Fields")
    assert [row["Field_Alias"] for row in fields] == ["score", "summary", "link", "recommendation", "scoredOn"]
    rig.sandbox.faults.add({"kind": "rename_field", "name": "Score", "to": "Match"})
    assert (await rows(rig, "Screening_Custom_Fields"))[0] == {**fields[0], "Field": "Match"}, "its alias stays"


async def test_what_is_no_report_and_who_may_not(rig: Rig) -> None:
    assert (await run(rig, "Nothing")).status_code == 404
    assert (await run(rig, "Screening_Candidates_Changed", Changed_From="yesterday")).status_code == 400
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["Custom Reports"]})
    assert (await run(rig, "Screening_Workers")).status_code == 403
