"""What writes do, and how they are refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .conftest import Build, Rig


async def test_lists_are_replaced_whole_and_emptied_by_an_empty_list(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    mails = [{"value": "a@example.org", "type": "work"}, {"value": "b@example.org", "type": "other"}]
    shown = (await rig.call("PATCH", f"candidates/{id}", json={"email_addresses": mails, "tags": ["x", "y"]})).json()
    assert shown["email_addresses"] == mails
    assert shown["tags"] == ["x", "y"]
    assert shown["phone_numbers"] == [{"value": "+44 20 7946 0000", "type": "mobile"}]
    shown = (await rig.call("PATCH", f"candidates/{id}", json={"email_addresses": mails[1:], "tags": ["y"]})).json()
    assert (shown["email_addresses"], shown["tags"]) == (mails[1:], ["y"])
    shown = (await rig.call("PATCH", f"candidates/{id}", json={"email_addresses": [], "tags": []})).json()
    assert (shown["email_addresses"], shown["tags"]) == ([], [])


async def field(rig: Rig, **more: Any) -> dict[str, Any]:
    values = {"name": "AI score", "field_type": "application", "value_type": "number", **more}
    return (await rig.call("POST", "custom_fields", json=values)).json()


async def test_custom_fields_are_written_by_id_or_key_and_cleared_by_delete_value(rig: Rig) -> None:
    score = await field(rig)
    assert (score["name_key"], score["private"]) == ("ai_score", False)
    path = f"applications/{(await rig.apply())['application_id']}"
    for key, value, expected in (("id", 87, "87"), ("custom_field_id", "88.50", "88.5"), ("name_key", "90", "90")):
        entry = {key: score["name_key" if key == "name_key" else "id"], "value": value}
        shown = (await rig.call("PATCH", path, json={"custom_fields": [entry]})).json()["custom_fields"]
        assert shown["ai_score"] == {"name": "AI score", "type": "number", "value": expected}
    shown = (await rig.call("PATCH", path, json={"custom_fields": []})).json()["custom_fields"]
    assert shown["ai_score"]["value"] == "90"
    for blank in (None, "", "many"):
        refused = await rig.call("PATCH", path, json={"custom_fields": [{"id": score["id"], "value": blank}]})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "ai_score"
    clear = {"custom_fields": [{"id": score["id"], "delete_value": "true"}]}
    assert (await rig.call("PATCH", path, json=clear)).json()["custom_fields"]["ai_score"]["value"] is None


async def test_unmentioned_custom_fields_stay_unless_the_tenant_replaces_them(build: Build) -> None:
    for patch, left in (("merge", "4 weeks"), ("replace", None)):
        rig = build(custom_fields_patch=patch)
        await rig.sign_in()
        path = f"candidates/{(await rig.apply())['candidate_id']}"
        await rig.call("PATCH", path, json={"custom_fields": [{"name_key": "notice_period", "value": "4 weeks"}]})
        entry = {"custom_fields": [{"name_key": "work_permit", "value": "Citizen"}]}
        shown = (await rig.call("PATCH", path, json=entry)).json()["custom_fields"]
        assert (shown["notice_period"]["value"], shown["work_permit"]["value"]) == (left, "Citizen")


async def test_a_choice_takes_an_option_id_or_its_exact_name(rig: Rig) -> None:
    path = f"candidates/{(await rig.apply())['candidate_id']}"
    field_id = next(row["id"] for row in await rig.items("custom_fields") if row["name_key"] == "work_permit")
    options = {
        row["name"]: row["id"] for row in await rig.items("custom_field_options", custom_field_ids=str(field_id))
    }
    for value, status in ((options["Permit"], 200), ("Permit", 200), ("permit", 422), (1, 422)):
        got = await rig.call("PATCH", path, json={"custom_fields": [{"id": field_id, "value": value}]})
        assert got.status_code == status
    assert (await rig.call("DELETE", f"custom_field_options/{options['Permit']}")).status_code == 204
    assert (await rig.one("custom_field_options", options["Permit"]))["active"] is False
    got = await rig.call("PATCH", path, json={"custom_fields": [{"id": field_id, "value": "Permit"}]})
    assert got.status_code == 422


async def test_deleting_a_field_drops_its_values_and_its_key_never_changes(rig: Rig) -> None:
    score = await field(rig)
    path = f"applications/{(await rig.apply())['application_id']}"
    await rig.call("PATCH", path, json={"custom_fields": [{"id": score["id"], "value": 1}]})
    renamed = (await rig.call("PATCH", f"custom_fields/{score['id']}", json={"name": "Match score"})).json()
    assert (renamed["name"], renamed["name_key"]) == ("Match score", "ai_score")
    refused = await rig.call("PATCH", f"custom_fields/{score['id']}", json={"name_key": "other"})
    assert refused.status_code == 422
    assert (await rig.call("DELETE", f"custom_fields/{score['id']}")).status_code == 204
    assert "ai_score" not in (await rig.items("applications"))[0]["custom_fields"]


async def test_required_fields_are_insisted_on_when_created_through_the_interface(rig: Rig) -> None:
    needed = await field(rig, name="Origin", field_type="candidate", value_type="short_text", required=True)
    person = {"first_name": "Ada", "last_name": "Byron"}
    refused = await rig.call("POST", "candidates", json=person)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "origin")
    entry = {"custom_fields": [{"id": needed["id"], "value": "import"}]}
    assert (await rig.call("POST", "candidates", json={**person, **entry})).status_code == 201


async def test_errors_have_the_documented_shapes(rig: Rig) -> None:
    ids = await rig.apply()
    refused = await rig.call(
        "POST", "attachments", json={**ids, "filename": "a.txt", "type": "photo", "content": "eA=="}
    )
    assert refused.status_code == 422
    assert refused.json()["message"] == "Validation error"
    assert refused.json()["errors"][0]["field"] == "type"
    assert refused.json()["errors"][0]["message"].startswith("Must be one of: resume, cover_letter, admin_only")
    refused = await rig.call("POST", f"applications/{ids['application_id']}/unreject")
    assert refused.status_code == 422
    assert refused.json() == {"errors": [{"message": "Application must be 'rejected', is currently 'active'"}]}
    for path in ("candidates/1", "applications/1", "nothing/1"):
        assert (await rig.call("PATCH", path, json={"title": "x"})).status_code == 404


async def test_move_advances_jumps_and_guards(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    ladder = [row["id"] for row in reversed(await rig.items("job_interview_stages", job_ids="5501"))]

    async def move(**body: int) -> int:
        return (await rig.call("POST", f"applications/{id}/move", json=body)).status_code

    assert await move() == 422
    assert await move(from_stage_id=ladder[1]) == 422
    assert await move(from_stage_id=ladder[0]) == 204
    assert await move(from_stage_id=ladder[1], to_stage_id=ladder[3]) == 204
    assert (await rig.one("applications", id))["stage_name"] == "Onsite"
    assert await move(from_stage_id=ladder[3], to_stage_id=ladder[0]) == 204
    assert await move(from_stage_id=ladder[0], to_stage_id=ladder[0]) == 422
    assert await move(from_stage_id=ladder[0], to_job_id=5502) == 204
    moved = await rig.one("applications", id)
    assert (moved["job_id"], moved["stage_name"]) == (5502, "New")
    assert await move(from_stage_id=ladder[0]) == 422


async def test_the_last_stage_cannot_be_advanced(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    ladder = [row["id"] for row in reversed(await rig.items("job_interview_stages", job_ids="5501"))]
    body = {"from_stage_id": ladder[0], "to_stage_id": ladder[-1]}
    assert (await rig.call("POST", f"applications/{id}/move", json=body)).status_code == 204
    refused = await rig.call("POST", f"applications/{id}/move", json={"from_stage_id": ladder[-1]})
    assert refused.status_code == 422


async def test_a_move_runs_the_stage_rules_and_mails_the_candidate(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    form = {"stage_id": "3102", "subject": "Your phone screen", "body": "Pick a slot."}
    assert (await rig.http.post("/configure/rules/new", data=form)).status_code == 303
    await rig.call("POST", f"applications/{id}/move", json={"from_stage_id": 3101})
    (mail,) = rig.sandbox.db["emails"]
    assert (mail["to"], mail["subject"]) == (["ada@example.org"], "Your phone screen")
    assert "Your phone screen" in (await rig.http.get("/outbox")).text


async def test_reject_and_unreject(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    reason = (await rig.items("rejection_reasons"))[-1]
    assert (await rig.call("POST", f"applications/{id}/reject", json={})).status_code == 422
    body = {"rejection_reason_id": reason["id"], "notes": "Role closed"}
    assert (await rig.call("POST", f"applications/{id}/reject", json=body)).status_code == 204
    row = await rig.one("applications", id)
    assert (row["status"], bool(row["rejected_at"])) == ("rejected", True)
    (detail,) = await rig.items("rejection_details", application_ids=str(id))
    assert (detail["rejection_reason_id"], detail["notes"]) == (reason["id"], "Role closed")
    assert (await rig.call("POST", f"applications/{id}/reject", json=body)).status_code == 422
    other = (await rig.items("rejection_reasons"))[0]["id"]
    changed = await rig.call("PATCH", f"rejection_details/{detail['id']}", json={"rejection_reason_id": other})
    assert changed.json()["rejection_reason_id"] == other
    assert (await rig.call("POST", f"applications/{id}/unreject")).status_code == 204
    assert (await rig.one("applications", id))["status"] == "in_process"
    assert await rig.items("rejection_details") == []


async def test_hire_fills_an_opening_and_asks_which_when_there_are_several(rig: Rig) -> None:
    id = (await rig.apply())["application_id"]
    assert (await rig.call("POST", f"applications/{id}/hire", json={})).status_code == 422
    openings = await rig.items("openings", job_ids="5501", open="true")
    assert len(openings) == 2
    body = {"opening_id": openings[0]["id"]}
    assert (await rig.call("POST", f"applications/{id}/hire", json=body)).status_code == 204
    row = await rig.one("applications", id)
    assert (row["status"], row["stage_id"], row["stage_name"]) == ("hired", None, None)
    assert (await rig.one("openings", openings[0]["id"]))["application_id"] == id
    second = (await rig.apply(email="b@example.org"))["application_id"]
    assert (await rig.call("POST", f"applications/{second}/hire", json={})).status_code == 204


async def test_a_converted_prospect_is_a_new_application(rig: Rig) -> None:
    person = (await rig.call("POST", "candidates", json={"first_name": "Ada", "last_name": "Byron"})).json()
    body = {"candidate_id": person["id"], "prospect": True, "prospective_job_ids": [5501]}
    old = (await rig.call("POST", "applications", json=body)).json()
    assert (old["prospect"], old["job_id"], old["stage_id"]) == (True, None, None)
    assert (await rig.call("DELETE", f"applications/{old['id']}")).status_code == 422
    answer = (await rig.call("POST", f"applications/{old['id']}/convert_to_candidate", json={"job_id": 5501})).json()
    assert answer["old_application_id"] == old["id"] != answer["new_application_id"]
    assert (await rig.one("applications", old["id"]))["status"] == "converted"
    assert (await rig.one("applications", answer["new_application_id"]))["stage_name"] == "Application Review"


async def test_notes_can_only_be_added(rig: Rig) -> None:
    ids = await rig.apply()
    body = {"candidate_id": ids["candidate_id"], "body": "Score 87", "visibility": "private"}
    note = (await rig.call("POST", "notes", json=body)).json()
    assert (note["type"], note["visibility"]) == ("NOTE", "privately_visible")
    assert (await rig.call("PATCH", f"notes/{note['id']}", json={"body": "x"})).status_code == 404
    assert (await rig.call("DELETE", f"notes/{note['id']}")).status_code == 404
    for wrong in ({"body": ""}, {"visibility": "secret"}, {"application_id": 1}):
        assert (await rig.call("POST", "notes", json={**body, **wrong})).status_code == 422
    assert [row for row in await rig.items("notes") if row["type"] == "NOTE"] == [note]


async def test_a_tag_matches_whatever_its_case_and_is_applied_once(rig: Rig) -> None:
    id = (await rig.apply())["candidate_id"]
    first = await rig.call("POST", "candidate_tags", json={"name": "Top Match"})
    again = await rig.call("POST", "candidate_tags", json={"name": "top match"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    body = {"candidate_id": id, "candidate_tag_id": first.json()["id"]}
    applied = await rig.call("POST", "applied_candidate_tags", json=body)
    assert applied.status_code == 201
    assert (await rig.call("POST", "applied_candidate_tags", json=body)).status_code == 200
    assert (await rig.one("candidates", id))["tags"] == ["Top Match"]
    assert (await rig.call("DELETE", f"applied_candidate_tags/{applied.json()['id']}")).status_code == 204
    assert (await rig.one("candidates", id))["tags"] == []


async def test_a_new_resume_replaces_the_earlier_one(rig: Rig) -> None:
    ids = await rig.apply()
    content = base64.b64encode(b"newer").decode()
    body = {"application_id": ids["application_id"], "type": "resume", "filename": "cv2.txt", "content": content}
    assert (await rig.call("POST", "attachments", json=body)).status_code == 201
    (file,) = await rig.items("attachments", application_ids=str(ids["application_id"]))
    assert file["filename"] == "cv2.txt"
    await rig.call("POST", "attachments", json={**body, "type": "other"})
    assert len(await rig.items("attachments")) == 2


async def test_scorecards_and_eeoc_cannot_be_written(rig: Rig) -> None:
    for path in ("scorecards", "eeoc", "demographic_answers", "application_stages"):
        assert (await rig.call("POST", path, json={})).status_code == 404


async def test_a_create_can_be_slow_to_appear_and_say_little(build: Build) -> None:
    person = {"first_name": "Ada", "last_name": "Byron"}
    rig = build(creates="message", creates_visible_after=30.0)
    await rig.sign_in()
    answer = await rig.call("POST", "candidates", json=person)
    assert (answer.status_code, set(answer.json())) == (202, {"message"})
    assert await rig.items("candidates") == []
    rig.clock.move(seconds=30)
    assert len(await rig.items("candidates")) == 1
    rig = build(creates="id")
    await rig.sign_in()
    assert set((await rig.call("POST", "candidates", json=person)).json()) == {"id"}


async def test_updated_at_moves_with_the_record_and_not_with_its_surroundings(rig: Rig) -> None:
    ids = await rig.apply()
    before = await rig.one("candidates", ids["candidate_id"])
    rig.clock.move(minutes=1)
    await rig.call("POST", "notes", json={"candidate_id": ids["candidate_id"], "body": "Hello"})
    await rig.call("POST", f"applications/{ids['application_id']}/move", json={"from_stage_id": 3101})
    tag = (await rig.call("POST", "candidate_tags", json={"name": "x"})).json()["id"]
    await rig.call(
        "POST", "applied_candidate_tags", json={"candidate_id": ids["candidate_id"], "candidate_tag_id": tag}
    )
    assert (await rig.one("candidates", ids["candidate_id"]))["updated_at"] == before["updated_at"]
    assert (await rig.one("applications", ids["application_id"]))["updated_at"] > before["updated_at"]
    await rig.call("PATCH", f"candidates/{ids['candidate_id']}", json={"title": "Analyst"})
    changed = (await rig.one("candidates", ids["candidate_id"]))["updated_at"]
    assert changed > before["updated_at"]
    rig.clock.move(minutes=1)
    await rig.call("PATCH", f"candidates/{ids['candidate_id']}", json={"title": "Analyst"})
    assert (await rig.one("candidates", ids["candidate_id"]))["updated_at"] == changed


@pytest.mark.parametrize("values", [{"first_name": ""}, {"is_private": True}, {"email_addresses": "a@b"},
                                    {"email_addresses": [{"value": "a"}]},
                                    {"phone_numbers": [{"value": "1", "type": "fax"}]}])  # fmt: skip
async def test_a_wrong_candidate_is_refused_and_nothing_changes(rig: Rig, values: dict[str, Any]) -> None:
    id = (await rig.apply())["candidate_id"]
    before, seq = await rig.one("candidates", id), len(rig.sandbox.db.log)
    assert (await rig.call("PATCH", f"candidates/{id}", json={"title": "New", **values})).status_code == 422
    assert await rig.one("candidates", id) == before
    assert len(rig.sandbox.db.log) == seq


async def test_a_job_closes_with_its_openings_and_post(rig: Rig) -> None:
    assert (await rig.call("PATCH", "jobs/5501", json={"status": "closed"})).status_code == 200
    assert await rig.items("openings", job_ids="5501", open="true") == []
    assert (await rig.http.get("/careers/jobs/5501")).status_code == 404
    person = (await rig.call("POST", "candidates", json={"first_name": "A", "last_name": "B"})).json()
    refused = await rig.call("POST", "applications", json={"candidate_id": person["id"], "job_id": 5501})
    assert refused.status_code == 422


async def test_only_interviews_made_here_can_be_changed_here(build: Build) -> None:
    rig = build(candidates=20)
    await rig.sign_in()
    theirs = (await rig.items("interviews"))[0]
    assert (await rig.call("PATCH", f"interviews/{theirs['id']}", json={"location": "x"})).status_code == 422
    body = {"application_id": theirs["application_id"], "job_interview_id": theirs["job_interview_id"],
            "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z",
            "interviewers": [{"user_id": 4_012_003}]}  # fmt: skip
    ours = (await rig.call("POST", "interviews", json=body)).json()
    assert len(await rig.items("interviewers", interview_ids=str(ours["id"]))) == 1
    body = {"interviewers": [{"user_id": 4_012_004}, {"user_id": 4_012_005}]}
    assert (await rig.call("PATCH", f"interviews/{ours['id']}", json=body)).status_code == 200
    panel = await rig.items("interviewers", interview_ids=str(ours["id"]))
    assert {row["user_id"] for row in panel} == {4_012_004, 4_012_005}
    assert (await rig.call("DELETE", f"interviews/{ours['id']}")).status_code == 204
