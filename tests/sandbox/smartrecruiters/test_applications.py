"""Status, properties, messages, reviews, jobs and configuration."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.sandbox.kit.faults import AnswerLost

from .conftest import REVIEWS, Build, Rig


def reason(rig: Rig, kind: str) -> str:
    return next(row["id"] for row in rig.sandbox.db["reasons"] if row["kind"] == kind)


async def test_a_stage_is_a_status_with_a_name_from_the_hiring_process(rig: Rig) -> None:
    row = rig.person()
    process = (await rig.ok("GET", f"/jobs/{rig.job()['id']}"))["hiringProcess"]["id"]
    told = await rig.ok("GET", f"/configuration/hiring-processes/{process}")
    assert told["subStatuses"]["INTERVIEW"] == ["Technical interview", "Onsite"]
    path = f"{rig.at(row)}/status"
    assert (await rig.call("PUT", path, json={"status": "INTERVIEW", "subStatus": "Onsite"})).status_code == 204
    shown = await rig.ok("GET", rig.at(row))
    assert (shown["status"], shown["subStatus"]) == ("INTERVIEW", "Onsite")
    for asked, code in (({"status": "INTERVIEW", "subStatus": "Trial day"}, "INVALID_SUB_STATUS"),
                        ({"status": "NEW", "subStatus": "Onsite"}, "INVALID_SUB_STATUS"),
                        ({"status": "TRANSFERRED"}, "INVALID_STATUS"), ({}, "INVALID_STATUS")):  # fmt: skip
        assert await rig.refused("PUT", path, json=asked) == (400, code)
    rig.sandbox.faults.add({"kind": "rename_stage", "name": "Onsite", "to": "Final round"})
    assert (await rig.ok("GET", rig.at(row)))["subStatus"] == "Final round"
    assert (await rig.refused("PUT", path, json={"status": "INTERVIEW", "subStatus": "Onsite"}))[0] == 400
    rows = (await rig.ok("GET", f"{rig.at(row)}/status/history"))["content"]
    assert [one["status"] for one in rows] == ["INTERVIEW", "NEW"]


@pytest.mark.parametrize(("how", "name"), [("first", "Application review"), ("none", None)])
async def test_a_status_without_a_sub_status(build: Build, how: str, name: str | None) -> None:
    rig = build(sub_status=how)
    row = rig.person()
    await rig.ok("PUT", f"{rig.at(row)}/status", json={"status": "IN_REVIEW"})
    assert (await rig.ok("GET", rig.at(row))).get("subStatus") == name


async def test_rejecting_taking_back_and_hiring(build: Build) -> None:
    rig = build(reasons_required=True)
    row = rig.person()
    path = f"{rig.at(row)}/status"
    assert await rig.refused("PUT", path, json={"status": "REJECTED"}) == (400, "MISSING_FIELD")
    wrong = {"status": "REJECTED", "reason": reason(rig, "withdrawal")}
    assert await rig.refused("PUT", path, json=wrong) == (400, "INVALID_REASON")
    await rig.ok("PUT", path, json={"status": "REJECTED", "reason": reason(rig, "rejection")})
    shown = (await rig.ok("GET", f"/candidates/{row['id']}"))["primaryAssignment"]
    assert (shown["status"], shown["reasonOfRejection"]["label"]) == ("REJECTED", "Skills do not match")
    await rig.ok("PUT", path, json={"status": "NEW"})
    assert "reasonOfRejection" not in await rig.ok("GET", rig.at(row))
    assert (await rig.refused("PUT", f"{rig.at(row)}/onboardingStatus", json={"onboardingStatus": "READY_TO_ONBOARD"}))[
        0
    ] == 409
    await rig.ok("PUT", path, json={"status": "HIRED", "startsOn": "2026-12-01"})
    await rig.ok("PUT", f"{rig.at(row)}/onboardingStatus", json={"onboardingStatus": "READY_TO_ONBOARD"})
    shown = await rig.ok("GET", rig.at(row))
    assert (shown["startsOn"], shown["onboardingStatus"]) == ("2026-12-01", "READY_TO_ONBOARD")
    strict = build(unreject="refused")
    row = strict.person()
    await strict.ok("PUT", f"{strict.at(row)}/status", json={"status": "REJECTED"})
    assert (await strict.refused("PUT", f"{strict.at(row)}/status", json={"status": "NEW"}))[0] == 409


async def test_the_status_of_whoever_has_two_applications_is_set_by_the_job(rig: Rig) -> None:
    row = rig.person()
    assert await rig.refused("GET", rig.at(row, "Data Analyst")) == (404, "APPLICATION_NOT_FOUND")
    await rig.ok("PUT", f"/candidates/{row['id']}/status", json={"status": "IN_REVIEW", "subStatus": "Phone screen"})
    assert (await rig.ok("GET", rig.at(row)))["subStatus"] == "Phone screen"


async def test_properties_are_of_the_application(build: Build) -> None:
    rig = build()
    row = rig.person()
    defined = {one["label"]: one for one in (await rig.ok("GET", "/configuration/candidate-properties"))["content"]}
    score, choice = defined["Screening score"], defined["Screening recommendation"]
    options = (await rig.ok("GET", f"/configuration/candidate-properties/{choice['id']}/values"))["content"]
    path = f"{rig.at(row)}/properties"

    async def values() -> dict[str, Any]:
        shown = (await rig.ok("GET", path))["content"]
        return {one["label"]: one["value"] for one in shown if "value" in one}

    assert await values() == {}
    assert (await rig.call("PUT", f"{path}/{score['id']}", json={"value": "87"})).status_code == 204
    await rig.ok("PUT", path, json=[{"id": choice["id"], "value": options[0]["id"]},
                                    {"id": defined["Screened on"]["id"], "value": "2026-11-20"}])  # fmt: skip
    assert await values() == {
        "Screening score": 87,
        "Screening recommendation": options[0],
        "Screened on": "2026-11-20",
    }
    assert await rig.refused("PUT", f"{path}/{score['id']}", json={"value": "high"}) == (400, "INVALID_FORMAT")
    assert await rig.refused("PUT", f"{path}/{score['id']}", json={}) == (400, "MISSING_FIELD")
    mixed = [{"id": score["id"], "value": 1}, {"id": "nothing", "value": 1}]
    assert await rig.refused("PUT", path, json=mixed) == (404, "PROPERTY_NOT_FOUND")
    assert (await values())["Screening score"] == 87, "all or nothing"
    await rig.ok("PUT", f"{path}/{score['id']}", json={"value": None})
    assert "Screening score" not in await values()
    fields = [change.field for change in rig.sandbox.db.log if change.object == "applications" and change.field]
    assert fields == ["properties.Screening score", "properties.Screening recommendation", "properties.Screened on",
                      "properties.Screening score"]  # fmt: skip
    assert (await rig.call("POST", "/configuration/candidate-properties", json={})).status_code == 405


async def test_the_other_ways_to_write_properties(build: Build) -> None:
    rig = build(single_write="id", select="label", numbers="text", no_bulk=True, new_properties="accepted")
    path = f"{rig.at(rig.person())}/properties"
    choice, score = rig.property("Screening recommendation")["id"], rig.property()["id"]
    await rig.ok("PUT", f"{path}/{choice}", json={"id": "Hold"})
    await rig.ok("PUT", f"{path}/{score}", json={"value": 87})
    shown = {one["label"]: one.get("value") for one in (await rig.ok("GET", path))["content"]}
    assert (shown["Screening recommendation"]["label"], shown["Screening score"]) == ("Hold", "87")
    assert (await rig.call("PUT", path, json=[])).status_code == 405
    made = await rig.ok("POST", "/configuration/candidate-properties", json={"label": "Fit", "type": "PERCENT"})
    await rig.ok("PUT", f"{path}/{made['id']}", json={"value": 50})
    value = await rig.ok("POST", f"/configuration/candidate-properties/{choice}/values", json={"label": "Call"})
    await rig.ok("PUT", f"{path}/{choice}", json={"id": value["label"]})


async def test_a_mention_mails_a_user_and_a_tag_puts_the_message_on_the_profile(rig: Rig) -> None:
    row, dana = rig.person(), rig.user()
    said = {"content": f"Score 87 @[USER:{dana['id']}] #[CANDIDATE:{row['id']}]", "correlationId": "op-1",
            "shareWith": {"openNote": True}}  # fmt: skip
    made = await rig.ok("POST", "/messages/shares", json=said)
    assert [mail["to"] for mail in rig.sandbox.db["emails"]] == [dana["email"]]
    (shown,) = (await rig.ok("GET", "/messages/fetch", params={"candidateId": row["id"]}))["content"]
    assert (shown["id"], shown["correlationId"], shown["visibility"]) == (made["id"], "op-1", "OPEN")
    assert shown["context"]["applications"] == [{"candidateId": row["id"], "jobId": rig.job()["id"]}]
    assert (await rig.ok("POST", "/messages/shares", json=said))["id"] != made["id"], "no idempotency"
    for content in ("", "x" * 10_001, "<b>87</b>"):
        assert await rig.refused("POST", "/messages/shares", json={"content": content}) == (400, "INVALID_FORMAT")
    gone = await rig.refused("POST", "/messages/shares", json={"content": "#[CANDIDATE:nobody]"})
    assert gone == (400, "INVALID_REFERENCE")
    await rig.ok("DELETE", f"/messages/shares/{made['id']}")
    assert len((await rig.ok("GET", "/messages/fetch", params={"candidateId": row["id"]}))["content"]) == 1


async def test_a_message_shared_with_nobody_is_its_authors_alone(rig: Rig) -> None:
    row = rig.person()
    await rig.ok("POST", "/messages/shares", json={"content": f"Hm #[CANDIDATE:{row['id']}]"})
    team = {"hiringTeamOf": [rig.job()["id"]]}
    await rig.ok("POST", "/messages/shares", json={"content": f"Hi #[CANDIDATE:{row['id']}]", "shareWith": team})
    other = rig.sandbox.open_credential(rig.dana(), "key", "Dana's", user_id=rig.user()["id"])
    rig.headers = {"X-SmartToken": other["secret"]}
    shown = (await rig.ok("GET", "/messages/fetch", params={"candidateId": row["id"]}))["content"]
    assert [(one["content"][:2], one["visibility"]) for one in shown] == [("Hi", "DIRECT")]
    assert (await rig.refused("DELETE", f"/messages/shares/{shown[0]['id']}"))[0] == 403


@pytest.mark.parametrize("name", ["rating", "overallRating"])
async def test_a_review_is_written_in_the_name_of_a_user(build: Build, name: str) -> None:
    rig = build(rating=name)
    row, dana = rig.person(), rig.user()["id"]
    about = {"candidateId": row["id"], "jobId": rig.job()["id"]}
    asked = {**about, "reviewerId": dana, name: 4, "comment": "Good"}
    made = await rig.ok("POST", REVIEWS, json=asked)
    assert (made[name], made["reviewer"]["firstName"]) == (4, "Dana")
    assert await rig.refused("POST", REVIEWS, json=asked) == (409, "REVIEW_ALREADY_EXISTS")
    other = "overallRating" if name == "rating" else "rating"
    unnamed = {**about, other: 4}
    assert await rig.refused("POST", REVIEWS, json=unnamed) == (400, "INVALID_FORMAT")
    assert await rig.refused("POST", REVIEWS, json={**about, name: 87}) == (400, "INVALID_FORMAT")
    await rig.ok("PATCH", f"{REVIEWS}/{made['id']}", json={name: 5})
    (shown,) = (await rig.ok("GET", REVIEWS, params=about))["content"]
    assert (shown[name], shown["comment"]) == (5, "Good")
    assert (await rig.refused("DELETE", f"{REVIEWS}/{made['id']}"))[0] == 400
    await rig.ok("DELETE", f"{REVIEWS}/{made['id']}", params={"reviewerId": dana})
    assert (await rig.ok("GET", REVIEWS, params=about))["content"] == []


async def test_jobs_users_reasons_and_sources_are_listed(rig: Rig) -> None:
    page = await rig.ok("GET", "/jobs", params={"limit": 3, "offset": 2})
    assert (page["totalFound"], page["offset"], len(page["content"])) == (4, 2, 2)
    assert [one["title"] for one in (await rig.ok("GET", "/jobs", params={"q": "nurse"}))["content"]] == [
        "Registered Nurse"
    ]
    path = f"/jobs/{rig.job()['id']}"
    assert (await rig.ok("PUT", f"{path}/status", json={"status": "FILLED"}))["status"] == "FILLED"
    asked = {"firstName": "A", "lastName": "B", "email": "a@b.example"}
    assert await rig.refused("POST", f"{path}/candidates", json=asked) == (409, "JOB_NOT_ACTIVE")
    assert (await rig.ok("GET", f"{path}/positions"))["totalFound"] == 2
    assert (await rig.ok("GET", f"{path}/hiring-team"))["content"][0]["role"] == "RECRUITER"
    assert (await rig.ok("GET", "/user-api/v201804/users"))["totalFound"] == 6
    assert (await rig.ok("GET", "/configuration/sources/REFERRAL/values"))["totalFound"] == 1
    for kind, count in (("rejection", 3), ("withdrawal", 2)):
        for name in (f"{kind}-reasons", f"reasons/{kind}"):
            assert (await rig.ok("GET", f"/configuration/{name}"))["totalFound"] == count


async def test_faults_speak_the_vendors_words(rig: Rig) -> None:
    row = rig.person()
    rig.sandbox.faults.add({"kind": "answer", "status": 500})
    assert await rig.refused("GET", "/jobs") == (500, "ERROR_500")
    rig.sandbox.faults.add({"kind": "reshape", "path": "candidates", "rename": {"email": "mail"}})
    assert (await rig.ok("GET", "/candidates"))["content"][0]["mail"] == row["email"]
    rig.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "shares"})
    said = {"content": f"Hi #[CANDIDATE:{row['id']}]", "shareWith": {"openNote": True}}
    with pytest.raises(AnswerLost):
        await rig.ok("POST", "/messages/shares", json=said)
    assert len((await rig.ok("GET", "/messages/fetch", params={"candidateId": row["id"]}))["content"]) == 1
    rig.sandbox.faults.add({"kind": "not_ready", "method": "POST", "seconds": 60})
    made = await rig.ok("POST", "/candidates", json={"firstName": "B", "lastName": "C", "email": "b@c.example"})
    assert (await rig.refused("GET", f"/candidates/{made['id']}"))[0] == 404
    rig.clock.move(seconds=60)
    assert (await rig.ok("GET", f"/candidates/{made['id']}"))["firstName"] == "B"
    await rig.ok("PATCH", f"/candidates/{row['id']}", json={"firstName": "Augusta"})
    rig.sandbox.faults.add({"kind": "stale", "method": "GET", "seconds": 30})
    assert [(await rig.ok("GET", f"/candidates/{row['id']}"))["firstName"] for _ in range(2)] == ["Ada", "Augusta"]


async def test_deeds_of_faults(build: Build) -> None:
    rig = build(candidates=6)
    for deed in ({"kind": "rename_field", "name": "Screening score", "to": "Score"},
                 {"kind": "add_option", "name": "Screening recommendation", "to": "Call", "count": 2},
                 {"kind": "require_field", "name": "Cost centre", "on": "application", "type": "text"},
                 {"kind": "change", "object": "applications/.*", "set": {"stage": "Onsite"}},
                 {"kind": "change", "object": "candidates/.*", "set": {"phone": "{id}"}},
                 {"kind": "merge"}, {"kind": "delete"}, {"kind": "remove_field", "name": "Screening recommendation"}):  # fmt: skip
        assert rig.sandbox.faults.add(deed).problem == "", deed
    assert rig.sandbox.people() == 4
    row = rig.person()
    assert await rig.refused("PUT", f"{rig.at(row)}/status", json={"status": "HIRED"}) == (400, "MISSING_FIELD")
    with pytest.raises(ValueError, match="cannot do that"):
        rig.sandbox.faults.add({"kind": "anonymize"})


async def test_an_edit_that_was_not_read_is_counted(rig: Rig) -> None:
    row = rig.person()
    await rig.ok("GET", f"/candidates/{row['id']}")
    rig.clock.move(seconds=5)
    rig.sandbox.db.change("candidates", row["id"], rig.dana(), {"phone": "+44 1"})
    await rig.ok("PATCH", f"/candidates/{row['id']}", json={"phoneNumber": "+44 2"})
    (found,) = (await rig.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert (found["field"], found["written_by"]) == ("phone", "api:Screening key")
