"""What is Workday's own: each thing that its interface does otherwise than one thinks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import lxml.etree as etree
import pytest
from tests.sandbox.workday.wsdl import said

from bascule.connectors.spec import CustomField, Request, Response, Tenant
from bascule.connectors.workday import CONNECTOR, errors
from bascule.connectors.workday.objects import again, ids
from bascule.connectors.workday.reads import lines
from bascule.contract.promises import RECRUITER, Rig, rig, written
from bascule.engine.observe import fetch, parse
from bascule.engine.wire import AsgiTransport, WireRequest, WireResponse
from bascule.errors import (
    DisconnectedError,
    GuardRefusedError,
    PermissionMissingError,
    RejectedError,
    ThrottledError,
    UnavailableError,
)
from bascule.model import Kind
from bascule.sandbox.kit.tables import SYSTEM
from bascule.sandbox.workday import doings

from .accounts.workday import CV
from .recorded import parts

BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
MOVE = Request("POST", "/x", soap={"wd:Move_Candidate_Request": {}})


def fault(text: str, *, validation: bool = False, status: int = 500) -> Response:
    detail = {"Validation_Fault": {"Validation_Error": {"Message": text}}} if validation else {}
    held = {"faultcode": "SOAP-ENV:Server", "faultstring": text, "detail": detail or None}
    return Response(status, {}, {"Fault": held})


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (fault("The next step is not valid.", validation=True), RejectedError),
        (fault("The job application process is complete.", validation=True), GuardRefusedError),
        (fault("invalid username or password"), DisconnectedError),
        (fault("The task submitted is not authorized."), PermissionMissingError),
        (fault("Processing error occurred. Too many requests."), ThrottledError),
        (fault("Processing error occurred."), UnavailableError),
        (Response(500, {}, None), UnavailableError),
        (Response(429, {}, "Too many invalid requests"), ThrottledError),
    ],
)
def test_every_fault_is_a_500_and_its_words_tell_them_apart(response: Response, error: type[Exception]) -> None:
    found = errors(MOVE, response)
    assert type(found) is error
    assert "Move_Candidate" in str(found)


def test_of_several_validation_errors_all_are_told() -> None:
    wrong = {"Validation_Error": [{"Message": "One."}, {"Message": "Two."}]}
    found = errors(MOVE, Response(500, {}, {"Fault": {"detail": {"Validation_Fault": wrong}}}))
    assert found is not None
    assert found.words == "One.; Two."


def test_what_was_shown_is_sent_again_without_its_descriptions() -> None:
    shown = {"Country_Reference": {"@Descriptor": "France", "ID": [{"@type": "WID", "#text": "1f"}]}}
    assert again(shown) == {"wd:Country_Reference": {"wd:ID": [{"@wd:type": "WID", "#text": "1f"}]}}
    assert ids({"ID": {"@type": "WID", "#text": "1f"}}) == {"WID": "1f"}, "one id is no list"


def test_lines_of_a_comment_read_back() -> None:
    told = "Match reasons: • SQL\n• Python: ten years\nAI status: scored"
    assert lines(told) == {"match_reasons": "• SQL\n• Python: ten years", "ai_status": "scored"}


def test_a_missing_section_is_unseen_and_a_missing_name_is_a_purge() -> None:
    reads = next(one for one in CONNECTOR.reads if one.title == "candidates")
    who = {"ID": {"@type": "WID", "#text": "3f"}}
    unseen = {"Candidate_Reference": who, "Candidate_Data": {"Name_Data": {"Legal_Name": {}}}}
    (part,) = parse(reads, [unseen], Tenant())
    assert part.seen == {}
    assert part.presence == "here"


def test_personal_data_inside_applications_goes_no_further() -> None:
    kept = repr([part for reads in CONNECTOR.reads for part in parts(CONNECTOR, reads.title)])
    for word in ("1990-04-01", "QQ123456C", "JVBERi0", "Female"):
        assert word not in kept


def test_every_field_of_the_schema_stands_once_and_is_carried_or_has_a_reason() -> None:
    held = CustomField("o.basculeMatchScore", "basculeMatchScore", "Score", "application", "number")
    theirs = CustomField("o.gender", "gender", "Gender", "application", "text")
    schema = CONNECTOR.schema(Tenant({"application.a": held, "application.b": theirs}))
    mapped = {(each.kind, each.name) for each in CONNECTOR.fields(Tenant(), "c")}
    assert len({(one.object, one.name) for one in schema}) == len(schema)
    for one in schema:
        assert bool(one.why) != bool(one.into), one
        assert not one.into or (one.kind, one.into) in mapped, one
    assert {reads.kind for reads in CONNECTOR.reads} <= {one.kind for one in schema}
    assert any("protected" in one.why for one in schema if one.name == "custom: gender")


async def seen(made: Rig, candidate: str, application: str) -> dict[str, Any]:
    return await made.shown(Kind.CANDIDATE, candidate, Kind.APPLICATION, application)


async def test_pages_are_frozen_by_the_clock_of_workday_though_ours_is_ahead() -> None:
    made = await rig("workday", candidates=20)
    real = made.client._now
    made.client._now = lambda: real() + timedelta(minutes=10)  # type: ignore[method-assign]
    made.client._ahead.clear()
    reads = next(one for one in made.lists() if one.title == "candidates")
    with pytest.raises(RejectedError):
        await made.client.page(reads)  # nothing has been heard of its clock yet
    assert (await made.client.page(reads)).items, "an answer has told of it"


async def test_a_custom_object_keeps_what_is_not_ours() -> None:
    made = await rig("workday")
    candidate, application = made.account.applicant()
    row = made.account.sandbox.db["applications"].where("ref", application)[0]
    theirs = {"screeningResult": {"summary": "Said by a person", "recommendation": "Advance"}}
    doings.set_additional(made.account.sandbox, SYSTEM, row, theirs)
    await written(made, candidate, application)
    held = made.account.sandbox.db["applications"].rows[row["id"]]["additional"]["screeningResult"]
    assert held["summary"] == "Said by a person"
    assert held["recommendation"] == "Advance"
    assert held["basculeMatchScore"] == "87"
    await made.send("object", application, {"custom.basculeMatchSkills": None})
    held = made.account.sandbox.db["applications"].rows[row["id"]]["additional"]["screeningResult"]
    assert "basculeMatchSkills" not in held
    assert held["basculeMatchScore"] == "87"


@pytest.mark.parametrize("variant", ["object", "assessment"])
async def test_of_an_application_that_is_gone_nothing_more_is_asked(variant: str) -> None:
    made = await rig("workday", variant=variant)
    candidate, _ = made.account.applicant()
    read = await fetch(
        made.client, made.connector.reads, made.tenant, connection="c1", number=1, read_id="r",
        started=made.setting.clock(), root=Kind.CANDIDATE, externals=[candidate], kinds=(),
        known={(Kind.APPLICATION, "JOB_APPLICATION-6-9999"): candidate},
    )  # fmt: skip
    assert any(part.kind is Kind.APPLICATION for part in read[candidate].parts)


async def test_scoring_again_changes_the_one_assessment() -> None:
    made = await rig("workday", variant="assessment")
    candidate, application = made.account.applicant()
    await written(made, candidate, application)
    await made.send("assess", application, {"custom.basculeMatchScore": 91})
    rows = [one for one in made.account.sandbox.db["assessments"] if one["ref"] == f"BASCULE_{application}"]
    assert [one["results"][0]["score"] for one in rows] == [91]
    assert "Nine years of SQL" in rows[0]["results"][0]["comment"], "the rest stays"


async def test_who_never_came_to_an_assess_step_cannot_be_scored_and_that_is_said() -> None:
    made = await rig("workday", variant="assessment")
    row = next(one for one in made.account.sandbox.db["applications"] if not one["assessed"])
    with pytest.raises(RejectedError) as refused:
        await made.send("assess", row["ref"], {"custom.basculeMatchScore": 91})
    assert "Assessment" in refused.value.words


async def test_a_move_over_several_steps_goes_through_those_between() -> None:
    made = await rig("workday", candidates=40)
    stages = made.account.sandbox.db["stages"].rows
    candidate, application, here = next(
        (row["candidate_id"], row["ref"], stages[row["stage_id"]])
        for row in made.account._going()
        if stages[row["stage_id"]]["name"] == "Review"
    )
    job = (await seen(made, candidate, application))["job"]
    offer = next(one for one in stages.values() if one["name"] == "Offer" and one["process_id"] == here["process_id"])
    stage = made.field_of(Kind.APPLICATION, "stage")
    assert stage.route is not None
    at, way = f"{job}/{here['id']}", []
    while at != f"{job}/{offer['id']}":
        following = str(stage.route(at, f"{job}/{offer['id']}"))
        await made.send(
            "move", application, {"stage": following}, actor=RECRUITER, current={"stage": at},
            parents={Kind.CANDIDATE: candidate},
        )  # fmt: skip
        at = following
        way.append(stages[at.rpartition("/")[2]]["name"])
    assert way == ["Recruiter Screen", "Interview", "Offer"], "optional steps are left out"
    assert stage.route(at, f"{job}/unknown") == f"{job}/unknown"


async def test_a_step_that_is_a_dispositions_own_is_no_stage() -> None:
    made = await rig("workday")
    candidate, application = made.account.applicant()
    sandbox = made.account.sandbox
    sandbox.options = replace(sandbox.options, disposed_step="disposition")
    row = sandbox.db["applications"].where("ref", application)[0]
    step = sandbox.db["stages"].rows[sandbox.db["stages"].rows[row["stage_id"]]["dispositions"][0]]
    doings.dispose(sandbox, SYSTEM, row, step)
    now = await seen(made, candidate, application)
    assert now["status"] == "rejected"
    assert "stage" not in now


async def test_an_api_clients_token_that_ends_may_be_told_by_a_fault() -> None:
    made = await rig("workday", variant="assessment")
    made.account.sandbox.options = replace(made.account.sandbox.options, expired_token="fault")
    made.account.sandbox.forget_tokens()
    candidate, application = made.account.applicant()
    assert (await seen(made, candidate, application))["status"] == "active"


async def test_a_step_that_is_not_next_is_refused_with_workdays_words() -> None:
    made = await rig("workday")
    candidate, application = made.account.applicant()
    now = await seen(made, candidate, application)
    with pytest.raises(RejectedError) as refused:
        await made.send(
            "move", application, {"stage": now["stage"][:-4] + "0000"}, current={"stage": now["stage"]},
            parents={Kind.CANDIDATE: candidate},
        )  # fmt: skip
    assert refused.value.words


async def test_a_rejection_is_final_by_interface_and_a_reason_must_be_offered() -> None:
    made = await rig("workday")
    candidate, application = made.account.applicant()
    with pytest.raises(RejectedError) as refused:
        await made.send(
            "decide", application, {"status": "rejected", "reason": "Because"}, parents={Kind.CANDIDATE: candidate}
        )
    assert "Position filled" in refused.value.hint
    rejected = {"status": "rejected", "reason": made.account.reason()}
    robin = next(row for row in made.account.sandbox.db["users"] if row["name"] == "Robin Falk")
    await made.send(
        "decide", application, rejected, actor=RECRUITER, acts_as=robin["id"], parents={Kind.CANDIDATE: candidate}
    )
    said = list(made.account.sandbox.db["notes"].where("candidate_id", candidate))[-1]
    assert (said["body"], said["user_id"]) == ("Decided in Bascule by Dana Whitfield.", robin["id"])
    with pytest.raises(RejectedError):
        await made.send("decide", application, {"status": "active"}, parents={Kind.CANDIDATE: candidate})
    row = made.account.sandbox.db["applications"].where("ref", application)[0]
    doings.reconsider(made.account.sandbox, SYSTEM, row)
    after = await seen(made, candidate, application)
    assert (after["status"], after["reason"]) == ("active", None), "people take it back, and that is seen"


async def test_replacing_the_websites_keeps_every_other_contact_field() -> None:
    made = await rig("workday", candidates=30)
    row = next(one for one in made.account.sandbox.db["candidates"]
               if one["phone"] and one["websites"] and one["city"] and not one["worker_id"])  # fmt: skip
    before = {key: row[key] for key in doings.BLANK}
    await made.send("contact", row["id"], {"Website_Data": ()}, added={"Website_Data": ("https://new.example",)})
    after = made.account.sandbox.db["candidates"].rows[row["id"]]
    assert after["websites"] == [*before["websites"], "https://new.example"]
    assert {key: after[key] for key in doings.BLANK if key != "websites"} == {
        key: value for key, value in before.items() if key != "websites"
    }
    await made.send("name", row["id"], {"Last_Name": "Changed"})
    after = made.account.sandbox.db["candidates"].rows[row["id"]]
    assert (after["first_name"], after["last_name"]) == (before["first_name"], "Changed")


async def test_contact_data_that_is_not_shown_is_never_replaced() -> None:
    made = await rig("workday", granted=("Candidate Data", "Custom Reports"), learn=False)
    candidate, _ = made.account.applicant()
    with pytest.raises(PermissionMissingError):
        await made.send("contact", candidate, {}, added={"Website_Data": ("https://new.example",)})
    read = await made.shown(Kind.CANDIDATE, candidate, Kind.CANDIDATE, candidate)
    assert "Email_Address" not in read
    assert "Candidate_Tag_Reference" not in read


async def test_tags_files_and_scores_that_the_log_misses_are_seen_by_the_report() -> None:
    made = await rig("workday")
    made.setting.clock.move(hours=2)
    since = made.setting.clock()
    made.setting.clock.move(seconds=5)
    candidate, _ = made.account.applicant()
    made.account.pages.tag(made.account.dana, candidate, "Shortlist")
    lists = {one.title: one for one in made.lists()}
    logged = [part async for part in made.polled(lists["candidates"], since) if part.external == candidate]
    reported = [part async for part in made.polled(lists["changes"], since) if part.external == candidate]
    assert logged == []
    assert "Shortlist" in reported[0].seen["Candidate_Tag_Reference"]  # type: ignore[operator]
    assert lists["changes"].follow == (Kind.APPLICATION, Kind.ATTACHMENT)


async def test_a_cv_comes_out_of_the_answer_about_its_candidate() -> None:
    made = await rig("workday")
    candidate, application = made.account.apply()
    found = [part for part in (await made.read(Kind.CANDIDATE, candidate)).parts if part.kind is Kind.ATTACHMENT]
    assert [(part.seen["filename"], part.seen["application"]) for part in found] == [("cv.txt", application)]
    assert CONNECTOR.files is not None
    file = await made.client.download(str(found[0].seen["url"]), CONNECTOR.files)
    assert file.data == CV


async def test_without_reports_the_rest_still_works() -> None:
    made = await rig("workday", learn=False)
    bare = {name: value for name, value in made.account.settings().items() if not name.endswith("_report")}
    made.client._given = {**bare, **made.account.secrets()}
    made.account.settings = lambda: bare  # type: ignore[method-assign]
    await made.set_up()
    assert {one.title for one in made.connector.reads} & {"workers", "steps", "changes", "dispositions"} == set()
    candidate, application = made.account.applicant()
    assert (await seen(made, candidate, application))["stage"]


async def test_the_api_client_signs_in_by_its_refresh_token_at_the_tenants_own_host() -> None:
    made = await rig("workday", variant="assessment")
    assert any(one.endpoint == "token" for one in made.seen)
    real = replace(CONNECTOR, auth=CONNECTOR.auth[1])  # type: ignore[index]
    assert real.auth.token_url == ""  # type: ignore[union-attr]


# What has come since the release of the WSDL: the reports of changes, names and phones in more detail, less in an answer.
SINCE = ("Transaction_Log_Criteria_Data", "Exclude_All_Attachments", "Legal_Name", "Phone_Device_Type_Reference")


@pytest.mark.parametrize("variant", ["object", "assessment"])
async def test_every_request_is_one_by_workdays_own_wsdl_but_for_what_came_since(
    variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, send = list[bytes](), AsgiTransport.send

    async def heard(self: AsgiTransport, request: WireRequest, timeout: float) -> WireResponse:
        sent.append(request.body or b"")
        return await send(self, request, timeout)

    monkeypatch.setattr(AsgiTransport, "send", heard)
    made = await rig("workday", variant=variant)
    candidate, application = made.account.applicant()
    for reads in made.lists():
        async for _ in made.polled(reads, made.setting.clock()):
            pass
    await made.read(Kind.CANDIDATE, candidate)
    await written(made, candidate, application)
    await made.send("name", candidate, {"First_Name": "Augusta"})
    await made.send("contact", candidate, {}, added={"Website_Data": ("https://ada.example",)})
    stage = made.field_of(Kind.APPLICATION, "stage")
    await made.send(
        stage.call, application, {stage.name: made.account.next_stage(application)}, actor=RECRUITER,
        acts_as=made.account.user(), parents={Kind.CANDIDATE: candidate},
    )  # fmt: skip
    asked = [etree.fromstring(one).find(BODY)[0] for one in sent if b"Envelope" in one]
    calls = {etree.QName(one).localname.removesuffix("_Request") for one in asked}
    assert {"Get_Candidates", "Put_Candidate", "Move_Candidate", "Get_Job_Requisitions"} < calls
    assert calls & {"Put_Job_Application_Additional_Data", "Assess_Candidate"}
    wrong = {one for request in asked for one in said(request)}
    assert {
        one for one in wrong if not any(f"'{name}': This element is not expected" in one for name in SINCE)
    } == set()
