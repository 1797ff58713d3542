"""Every answer of the Recruiting web service is one by Workday's own WSDL (`wsdl.py` says where that is), in the shapes
of the old version that it is of."""

from __future__ import annotations

import base64
from typing import Any

import lxml.etree as etree
import pytest

from bascule.sandbox.workday.operations import OPERATIONS
from bascule.sandbox.workday.shapes import GROUPS

from .conftest import Build, Got, Rig, move, ref, wid
from .test_candidates import applied_to
from .test_writes import additional, assessment, contact, data
from .wsdl import said

BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
OLD = "v26.0"


def body(got: Got) -> Any:
    assert got.status == 200, got.response.text
    return got.root.find(BODY)[0]


async def answers(rig: Rig) -> dict[str, Got]:
    """An answer of every operation, about somebody of whom everything is known."""
    found: dict[str, Got] = {}

    async def ask(name: str, inside: str = "") -> None:
        found[f"{name} {len(found)}"] = await rig.soap(name, inside, version=OLD)

    person = rig.person(phone="555 0100", websites=["https://ada.example"])
    applied, cv = rig.applied(person), base64.b64encode(b"Rear admiral").decode()
    await ask("Server_Timestamp_Get")
    await ask("Put_Candidate_Request", data(
        "<wd:Name_Data><wd:First_Name>Grace</wd:First_Name><wd:Last_Name>Hopper</wd:Last_Name></wd:Name_Data>",
        contact(), applied_to(rig, "Backend Engineer")))  # fmt: skip
    file = f"<wd:Attachment_Data><wd:ID>F-1</wd:ID><wd:Filename>more.txt</wd:Filename><wd:File_Content>{cv}</wd:File_Content></wd:Attachment_Data>"
    category = ref("Document_Category_Reference", "Document_Category_ID", "OTHER")
    who = wid("Candidate_Reference", person["id"])
    await ask(
        "Put_Candidate_Attachment_Request",
        f"{who}<wd:Candidate_Attachment_Data>{file}{category}</wd:Candidate_Attachment_Data>",
    )
    await ask(
        "Put_Job_Application_Additional_Data_Request",
        additional(applied, "<c:score>87.5</c:score><c:summary>SQL</c:summary>"),
    )
    for step in ("Recruiter Screen", "Assess Candidate"):
        await ask("Move_Candidate_Request", move(applied, wid("Next_Step_Reference", rig.step(step)["id"])))
    await ask("Assess_Candidate_Request", assessment(applied, rig, "87"))
    application = wid("Job_Application_Reference", applied["id"])
    await ask("Get_Assess_Candidate_Request", f"<wd:Request_Criteria>{application}</wd:Request_Criteria>")
    await ask(
        "Get_Job_Application_Additional_Data_Request", f"<wd:Request_References>{application}</wd:Request_References>"
    )
    await ask("Get_Candidate_Attachments_Request", f"<wd:Request_Criteria>{who}</wd:Request_Criteria>")
    ending = wid("Disposition_Step_Reference", rig.step("Experience or skills do not match")["id"])
    await ask("Move_Candidate_Request", move(applied, ending))
    await ask("Get_Candidates_Request")
    await ask("Get_Candidates_Request", f"<wd:Request_References>{who}</wd:Request_References>")
    await ask("Get_Job_Requisitions_Request")
    groups = "".join(f"<wd:{name}>1</wd:{name}>" for name in GROUPS)
    await ask("Get_Job_Requisitions_Request", f"<wd:Response_Group>{groups}</wd:Response_Group>")
    return found


@pytest.mark.parametrize("descriptors", ["always", "asked"])
async def test_every_answer_is_one_by_the_wsdl(build: Build, descriptors: str) -> None:
    found = await answers(build(descriptors=descriptors, candidates=20))
    assert {name.split()[0] for name in found} == set(OPERATIONS), "an answer of every operation"
    assert [wrong for got in found.values() for wrong in said(body(got))] == []


async def test_every_fault_is_one_by_the_wsdl(rig: Rig) -> None:
    invalid = await rig.soap("Get_Candidate_Attachments_Request", version=OLD)
    rig.sandbox.faults.add({"kind": "lose_scopes", "scopes": ["Job Requisition Data"]})
    forbidden = await rig.soap("Get_Job_Requisitions_Request", version=OLD)
    details = [one.root.find(".//detail")[0] for one in (invalid, forbidden)]
    assert [etree.QName(one).localname for one in details] == ["Validation_Fault", "Processing_Fault"]
    assert [wrong for one in details for wrong in said(one)] == []


def test_the_checker_finds_what_is_wrong() -> None:
    made = etree.fromstring('<wd:Server_Timestamp xmlns:wd="urn:com.workday/bsvc"><wd:When/></wd:Server_Timestamp>')
    assert "not expected" in said(made)[0]
