"""Every fault that can be ordered acts here as its description says."""

from __future__ import annotations

from typing import Any

import pytest

from bascule.sandbox.kit.kinds import KINDS
from bascule.sandbox.lever import OFFLINE, AnswerLost, scopes

from .conftest import Build, Rig


def order(rig: Rig, **spec: Any) -> Any:
    return rig.sandbox.faults.add(spec)


async def test_all_kinds_can_be_ordered(rig: Rig) -> None:
    able = set(rig.sandbox.faults.deeds)
    deeds = {kind for kind, model in KINDS.items() if model.group == "deed"}
    assert able == deeds


async def test_answers_speak_the_vendors_shape(rig: Rig) -> None:
    order(rig, kind="answer", status=429)
    limited = await rig.call("GET", "stages")
    assert (limited.status_code, limited.json()["code"]) == (429, "TooManyRequests")
    assert "retry-after" not in limited.headers
    order(rig, kind="outage", until=60)
    assert (await rig.call("GET", "stages")).json()["code"] == "ServiceUnavailable"
    assert (await rig.http.get("/v0/postings/sandbox")).status_code == 503
    rig.clock.move(seconds=61)
    assert (await rig.call("GET", "stages")).status_code == 200
    order(rig, kind="reset")
    with pytest.raises(AnswerLost):
        await rig.call("GET", "stages")


async def test_a_lost_answer_is_a_note_that_was_written(rig: Rig) -> None:
    one = (await rig.create())["id"]
    order(rig, kind="lost_answer", method="POST", path="notes")
    with pytest.raises(AnswerLost):
        await rig.call("POST", f"opportunities/{one}/notes", json={"value": "AI score 87/100"})
    assert len(await rig.get(f"opportunities/{one}/notes")) == 1


async def test_answers_are_late_broken_and_reshaped(rig: Rig) -> None:
    order(rig, kind="delay", seconds=9)
    await rig.call("GET", "stages")
    assert rig.slept == [9]
    for how in ("cut", "html", "empty", "bytes"):
        order(rig, kind="malformed", how=how)
        with pytest.raises(ValueError, match=r"."):
            (await rig.call("GET", "stages")).json()
    order(rig, kind="truncate")
    with pytest.raises(AnswerLost):
        await rig.call("GET", "stages")
    order(rig, kind="reshape", rename={"text": "name"}, path="stages")
    assert set((await rig.get("stages"))[0]) == {"id", "name"}


async def test_a_replica_is_behind_and_what_is_new_cannot_be_read_yet(rig: Rig) -> None:
    one = (await rig.create())["id"]
    rig.clock.move(seconds=10)
    await rig.send("PUT", f"opportunities/{one}/stage", json={"stage": "offer"})
    order(rig, kind="stale", seconds=5, times=2)
    assert (await rig.get(f"opportunities/{one}"))["stage"] == "lead-new"
    assert (await rig.items("opportunities"))[0]["stage"] == "lead-new"
    assert (await rig.get(f"opportunities/{one}"))["stage"] == "offer"
    order(rig, kind="not_ready", seconds=5, path="notes")
    made = (await rig.send("POST", f"opportunities/{one}/notes", 201, json={"value": "x"}))["noteId"]
    assert await rig.get(f"opportunities/{one}/notes") == []
    assert (await rig.call("GET", f"opportunities/{one}/notes/{made}")).status_code == 404
    rig.clock.move(seconds=5)
    assert len(await rig.get(f"opportunities/{one}/notes")) == 1


async def test_webhooks_are_dropped_late_repeated_reordered_and_old(build: Build) -> None:
    rig = build(webhooks_on=True)
    await rig.hook("candidateStageChange")
    one = (await rig.create())["id"]

    async def move(stage: str) -> None:
        await rig.send("PUT", f"opportunities/{one}/stage", json={"stage": stage})

    order(rig, kind="drop")
    await move("offer")
    assert await rig.events() == []
    order(rig, kind="late", seconds=30)
    await move("lead-new")
    assert await rig.events() == []
    rig.clock.move(seconds=30)
    assert len(await rig.events()) == 1
    order(rig, kind="repeat", copies=2)
    await move("offer")
    same = await rig.events()
    assert len(same) == 3
    assert len({each["token"] for each in same}) == 1
    order(rig, kind="repeat", new_id=True)
    await move("lead-new")
    assert len({each["token"] for each in await rig.events()}) == 2
    order(rig, kind="reorder")
    await move("offer")
    await move("lead-responded")
    rig.clock.move(seconds=1)
    assert [each["data"]["toStageId"] for each in await rig.events()] == ["lead-responded", "offer"]
    order(rig, kind="old_body")
    await move("lead-new")
    assert [each["data"]["toStageId"] for each in await rig.events()] == ["lead-responded"]


async def test_the_clock_is_ahead(rig: Rig) -> None:
    order(rig, kind="clock", seconds=300, until=60)
    assert (await rig.create())["createdAt"] == round(rig.clock.at.timestamp() * 1000) + 300_000


async def test_credentials_expire_are_revoked_rotated_and_lose_rights(rig: Rig) -> None:
    app = rig.sandbox.access.app(rig.person, "Partner", scopes(), ["https://b.example"])
    given = await rig.consent(app)
    order(rig, kind="expire_tokens")
    assert (await rig.call("GET", "stages")).status_code == 401
    renewed = await rig.token(app, grant_type="refresh_token", refresh_token=given["refresh_token"])
    order(rig, kind="expire_consents")
    dead = await rig.token(app, grant_type="refresh_token", refresh_token=renewed.json()["refresh_token"])
    assert dead.status_code == 400
    await rig.consent(app, scope=f"{OFFLINE} stages:read:admin")
    order(rig, kind="lose_scopes", object=f"credentials/{app['id']}", scopes=["stages:read:admin"], until=5)
    assert (await rig.call("GET", "stages")).status_code == 403
    rig.clock.move(seconds=5)
    assert (await rig.call("GET", "stages")).status_code == 200
    row = rig.use_key(name="Mine")
    order(rig, kind="revoke", object=f"credentials/{row['id']}", until=5)
    assert (await rig.call("GET", "stages")).status_code == 401
    rig.clock.move(seconds=5)
    assert (await rig.call("GET", "stages")).status_code == 200
    order(rig, kind="rotate", object=f"credentials/{row['id']}")
    assert (await rig.call("GET", "stages")).status_code == 401


async def test_templates_and_stages_change_under_a_program(rig: Rig) -> None:
    order(rig, kind="rename_stage", name="Offer", to="Contract")
    assert (await rig.get("stages/offer"))["text"] == "Contract"
    template = rig.template()["id"]
    order(rig, kind="rename_field", name="Notice period", to="Period of notice")
    order(rig, kind="remove_field", name="Salary expectation")
    order(rig, kind="require_field", name="Consent given", on="Recruiter screen", type="yes-no")
    one = await rig.create()
    order(rig, kind="require_field", name="Work permit")
    order(rig, kind="remove_field", name="Consent given")
    order(rig, kind="add_option", name="Work permit", to="Blue card", count=1)
    shown = await rig.get(f"form_templates/{template}")
    assert [(each["text"], each["required"]) for each in shown["fields"]] == [
        ("Period of notice", False), ("Work permit", True)]  # fmt: skip
    (form,) = await rig.get(f"opportunities/{one['id']}/forms")
    assert [each["value"] for each in form["fields"]] == [None, "Blue card"]
    assert order(rig, kind="rename_field", name="Nothing", to="x").problem


async def test_people_are_merged_hidden_anonymized_deleted_and_changed(build: Build) -> None:
    rig = build(candidates=8, webhooks_on=True)
    await rig.hook("contactUpdated", "candidateDeleted", "candidateStageChange", "candidateArchiveChange")
    ids = list(rig.sandbox.db["candidates"].ids)
    order(rig, kind="merge", object=f"candidates/{ids[0]}", into=f"candidates/{ids[1]}")
    assert (await rig.call("GET", f"contacts/{ids[0]}")).status_code == 301
    own = rig.sandbox.db["applications"].where("candidate_id", ids[2])[0]["id"]
    order(rig, kind="hide", object=f"candidates/{ids[2]}", until=5)
    for path in (f"contacts/{ids[2]}", f"opportunities/{own}"):
        assert (await rig.call("GET", path)).status_code == 404
    assert own not in [one["id"] for one in await rig.items("opportunities")]
    rig.clock.move(seconds=5)
    assert (await rig.call("GET", f"opportunities/{own}")).status_code == 200
    order(rig, kind="anonymize", object=f"candidates/{ids[3]}")
    assert (await rig.get(f"contacts/{ids[3]}"))["isAnonymized"]
    order(rig, kind="delete", object=f"candidates/{ids[4]}")
    assert len(await rig.items("opportunities/deleted")) == 1
    order(rig, kind="change", object=f"candidates/{ids[5]}", set={"headline": "Imported {id}"})
    assert (await rig.get(f"contacts/{ids[5]}"))["headline"] == f"Imported {ids[5]}"
    assert await rig.events() == [], "quiet"
    row = next(one for one in rig.sandbox.db["applications"] if one["archived"] is None and one["stage_id"] != "offer")
    order(rig, kind="change", object=f"applications/{row['id']}", quiet=False,
          set={"stage": "Offer", "tags": ["bulk"], "reason": "Timing"})  # fmt: skip
    assert [one["event"] for one in await rig.events()] == ["candidateStageChange", "candidateArchiveChange"]
    assert "bulk" in (await rig.get(f"opportunities/{row['id']}"))["tags"]
