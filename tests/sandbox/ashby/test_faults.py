"""Whatever can go wrong on purpose, goes wrong here as it would at the vendor."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.sandbox.kit.faults import AnswerLost

from .conftest import Build, Rig


def order(rig: Rig, kind: str, **more: Any) -> Any:
    return rig.sandbox.faults.add({"kind": kind, **more})


async def test_errors_are_in_the_envelope(rig: Rig) -> None:
    order(rig, "answer", status=500, path="candidate.list")
    order(rig, "answer", status=429, path="candidate.list", retry_after=7)
    broken, limited = [await rig.send("candidate.list") for _ in range(2)]
    assert (broken.status_code, broken.json()["errors"]) == (500, ["internal_error"])
    assert (limited.status_code, limited.json()["errors"], limited.headers["Retry-After"]) == (
        429, ["rate_limited"], "7")  # fmt: skip
    assert (await rig.send("candidate.list")).json()["success"]


async def test_a_lost_answer_has_done_its_work(rig: Rig) -> None:
    person = await rig.person()
    order(rig, "lost_answer", path="createNote")
    with pytest.raises(AnswerLost):
        await rig.call("candidate.createNote", candidateId=person, note="Hello")
    assert len(await rig.got("candidate.listNotes", candidateId=person)) == 1


async def test_a_replica_is_behind_and_what_was_made_cannot_be_read_yet(rig: Rig) -> None:
    order(rig, "not_ready", path="candidate.create", seconds=5)
    rig.clock.move(seconds=1)
    person = await rig.person()
    assert await rig.refused("candidate.info", id=person) == "candidate_not_found"
    assert await rig.got("candidate.list") == []
    rig.clock.move(seconds=5)
    assert (await rig.got("candidate.info", id=person))["id"] == person
    await rig.got("candidate.update", candidateId=person, name="Newer Name")
    order(rig, "stale", method="POST", path="candidate.info", seconds=5)
    assert (await rig.got("candidate.info", id=person))["name"] == "Ada Byron"
    assert (await rig.got("candidate.info", id=person))["name"] == "Newer Name"


async def test_answers_are_reshaped_and_cut(rig: Rig) -> None:
    await rig.person()
    order(rig, "reshape", path="candidate.list", remove=["name"], set={"brandNew": 1})
    (shown,) = await rig.got("candidate.list")
    assert ("name" in shown, shown["brandNew"]) == (False, 1)
    order(rig, "malformed", path="candidate.list", how="html")
    assert "Bad gateway" in (await rig.send("candidate.list")).text


@pytest.mark.parametrize(("fault", "field"), [({"kind": "rename_field", "name": "Notice period", "to": "Notice"}, "Notice"),
                                              ({"kind": "remove_field", "name": "Notice period"}, None)])  # fmt: skip
async def test_fields_are_renamed_and_archived(rig: Rig, fault: dict[str, Any], field: str | None) -> None:
    person, id = await rig.person(), rig.db["custom_fields"].ids[0]
    await rig.got("customField.setValue", objectType="Candidate", objectId=person, fieldId=id, fieldValue="4 weeks")
    rig.sandbox.faults.add(fault)
    shown = (await rig.got("candidate.info", id=person))["customFields"]
    assert [one["title"] for one in shown] == ([field] if field else [])
    (definition,) = [one for one in await rig.got("customField.list") if one["id"] == id]
    assert definition["isArchived"] is (field is None)


async def test_a_tenant_changes_behind_ones_back(build: Build) -> None:
    rig = build(candidates=8)
    await rig.hook("candidateMerge", "candidateDelete", "candidateStageChange")
    order(rig, "rename_stage", name="Onsite", to="On site")
    order(rig, "add_option", name="Work permit", to="Blue card", count=2)
    order(rig, "require_field", name="Salary band", on="application", type="short_text")
    order(rig, "merge", object="candidates/.*", quiet=False)
    order(rig, "delete", object="candidates/.*", quiet=False)
    problems = [one for one in rig.sandbox.faults.as_json() if one.get("problem")]
    assert problems == []
    assert sorted(one["action"] for one in await rig.events()) == ["candidateDelete", "candidateMerge"]
    assert len(rig.db["candidates"]) == 6
    fields = {one["title"]: one for one in await rig.got("customField.list")}
    assert (fields["Salary band"]["isRequired"], fields["Work permit"]["selectableValues"][-1]["value"]) == (
        True, "blue_card")  # fmt: skip
    assert "On site" in {row["name"] for row in rig.db["stages"]}
    order(rig, "change", object="candidates/.*", count=None, set={"company": "Firm {id}"})
    assert {row["company"] for row in rig.db["candidates"]} == {f"Firm {id}" for id in rig.db["candidates"].ids}


async def test_people_in_bulk_are_moved_by_the_name_of_a_stage(build: Build) -> None:
    rig = build()
    made = await rig.application()
    await rig.hook("candidateStageChange")
    order(rig, "change", object="applications/.*", count=None, quiet=False, set={"stage": "Onsite"})
    assert rig.db["applications"].rows[made["id"]]["stage_id"] == rig.stage("Active", number=2)
    assert len(await rig.events()) == 1


async def test_who_is_anonymized_must_have_no_application_under_way(rig: Rig) -> None:
    await rig.application()
    order(rig, "anonymize", object="candidates/.*")
    (told,) = rig.sandbox.faults.as_json()
    assert "archived or hired" in told["problem"]


async def test_keys_are_deactivated_and_lose_scopes_for_a_time(rig: Rig) -> None:
    order(rig, "lose_scopes", object=f"credentials/{rig.key['id']}", scopes=["candidates:read"], until=60)
    assert (await rig.send("candidate.list")).status_code == 403
    rig.clock.move(seconds=60)
    assert (await rig.send("version.list")).status_code == 200
    rig.sandbox.faults.run_due()
    assert (await rig.send("candidate.list")).status_code == 200
    order(rig, "revoke", object=f"credentials/{rig.key['id']}")
    assert (await rig.send("candidate.list")).status_code == 403


async def test_who_is_hidden_is_hidden_with_all_that_is_theirs(rig: Rig) -> None:
    made = await rig.application(person := await rig.person())
    order(rig, "hide", object=f"candidates/{person}", until=60)
    assert (await rig.got("candidate.list"), await rig.got("application.list")) == ([], [])
    assert await rig.refused("application.info", applicationId=made["id"]) == "application_not_found"


async def test_a_write_over_an_edit_that_was_not_seen_is_found(rig: Rig) -> None:
    person = await rig.person()
    await rig.got("candidate.info", id=person)
    rig.clock.move(seconds=3)
    await rig.http.post(f"/ats/candidates/{person}/edit", data={"field_name": "By Hand", "field_email": "a@b.example"})
    rig.clock.move(seconds=2)
    await rig.got("candidate.update", candidateId=person, name="By Program")
    found = (await rig.http.get("/sandbox/overwritten")).json()["overwritten"]
    assert [(one["field"], one["edited_by"], one["written_by"], one["window"]) for one in found] == [
        ("name", "user:Dana Whitfield", "api:Bridge", 5.0)]  # fmt: skip
