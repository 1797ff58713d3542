"""Automation rules: what they send, for what, when, and that they never try again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from .conftest import Build, OdooError, Rig


async def test_a_body_has_the_chosen_fields_and_no_signature(rig: Rig) -> None:
    await rig.hook(
        "hr.applicant", "on_create_or_write", "stage_id", "write_date", "email_from", "categ_ids", "availability"
    )
    id = await rig.applicant()
    await rig.sandbox.hooks.deliver_due()
    ((url, headers, body),) = rig.receiver.got
    assert url == "http://127.0.0.1:9/hook/t0ken"
    assert dict(headers) == {"Content-Type": "application/json"}
    (event,) = await rig.events()
    stage: Any = rig.stage("New")
    action = rig.sandbox.db["webhooks"].ids[0]
    assert event == {
        "_action": f"Tell Bascule(#{action})", "_id": id, "_model": "hr.applicant", "id": id,
        "stage_id": [stage, "New"] if rig.sandbox.options.version == "17" else stage, "email_from": "ada@example.org",
        "write_date": "2026-11-20 09:00:00.250000", "categ_ids": [], "availability": False,
    }  # fmt: skip
    assert body.index(b'"_action"') < body.index(b'"_id"') < body.index(b'"email_from"'), "keys are sorted"


async def test_without_fields_only_the_id_is_told(newest: Rig) -> None:
    await newest.hook()
    id = await newest.applicant()
    (event,) = await newest.events()
    assert sorted(event) == ["_action", "_id", "_model"]
    assert event["_id"] == id


async def test_triggers(rig: Rig) -> None:
    heard: dict[str, list[int]] = {}
    id = await rig.applicant()
    tag, reason = rig.sandbox.db["tags"].ids[0], rig.sandbox.db["reasons"].ids[0]
    for trigger in ("on_create", "on_write", "on_stage_set", "on_tag_set", "on_archive", "on_unarchive", "on_unlink"):
        rule = await rig.hook("hr.applicant", trigger)
        heard[trigger] = []
        for number, do in enumerate((
            rig.rpc("hr.applicant", "write", [id], {"priority": "1"}),
            rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("First Interview")}),
            rig.rpc("hr.applicant", "write", [id], {"stage_id": rig.stage("New")}),
            rig.rpc("hr.applicant", "write", [id], {"categ_ids": [[4, tag]]}),
            rig.rpc("hr.applicant", "write", [id], {"active": False, "refuse_reason_id": reason}),
            rig.rpc("hr.applicant", "write", [id], {"active": True, "refuse_reason_id": False}),
            rig.rpc("hr.applicant", "write", [id], {"categ_ids": [[3, tag]]}),
        )):  # fmt: skip
            await do
            heard[trigger] += [number] * len(await rig.events())
        await rig.rpc("base.automation", "unlink", [rule])
    assert heard == {
        "on_create": [], "on_write": [0, 1, 2, 3, 4, 5, 6], "on_stage_set": [1, 2], "on_tag_set": [3, 6],
        "on_archive": [4], "on_unarchive": [5], "on_unlink": [],
    }  # fmt: skip


async def test_a_deletion_is_told_before_it_happens(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.hook("hr.applicant", "on_unlink", "partner_name")
    await rig.rpc("hr.applicant", "unlink", [id])
    (event,) = await rig.events()
    assert (event["_id"], event["partner_name"]) == (id, "Ada Byron")


async def test_one_post_for_each_record(newest: Rig) -> None:
    ids = [await newest.applicant(), await newest.applicant(email_from="b@example.org")]
    await newest.hook()
    await newest.rpc("hr.applicant", "write", ids, {"priority": "1"})
    assert [event["_id"] for event in await newest.events()] == ids


async def test_our_own_writes_come_back_to_us_and_say_by_whom(newest: Rig) -> None:
    await newest.hook("hr.applicant", "on_create_or_write", "write_uid")
    await newest.applicant()
    (event,) = await newest.events()
    assert event["write_uid"] == newest.key["user_id"]


async def test_notes_and_files_fire_only_rules_of_their_own_models(rig: Rig) -> None:
    id = await rig.applicant()
    await rig.hook()
    await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    await rig.rpc("ir.attachment", "create", {"name": "a.txt", "datas": "", "res_model": "hr.applicant", "res_id": id})
    assert await rig.events() == []
    await rig.hook("mail.message", "on_create", "res_id")
    await rig.rpc("hr.applicant", "message_post", [id], body="Hello")
    assert [event["res_id"] for event in await rig.events()] == [id]


async def test_a_person_of_18_fires_the_rules_of_candidates_alone(build: Build) -> None:
    rig = build(version="18")
    id = await rig.applicant()
    person = (await rig.one("hr.applicant", id, "candidate_id"))["candidate_id"][0]
    await rig.hook("hr.applicant")
    await rig.rpc("hr.candidate", "write", [person], {"partner_name": "Augusta"})
    assert await rig.events() == []
    await rig.hook("hr.candidate")
    await rig.rpc("hr.applicant", "write", [id], {"email_from": "new@example.org"})
    assert sorted(event["_model"] for event in await rig.events()) == ["hr.applicant", "hr.candidate"]


async def test_a_rule_holds_for_what_its_domain_says_and_what_it_watches(newest: Rig) -> None:
    (field,) = await newest.rpc(
        "ir.model.fields", "search", [("model", "=", "hr.applicant"), ("name", "=", "priority")]
    )
    id = await newest.applicant()
    await newest.hook(filter_domain="[('priority', '=', '3')]", trigger_field_ids=[[6, 0, [field]]])
    for value in ("2", "3", "3"):
        await newest.rpc("hr.applicant", "write", [id], {"priority": value})
    await newest.rpc("hr.applicant", "write", [id], {"availability": "2026-12-01"})
    assert len(await newest.events()) == 1


async def test_nothing_is_tried_twice(rig: Rig) -> None:
    await rig.hook()
    rig.receiver.status = 503
    await rig.applicant()
    assert len(await rig.events()) == 1
    rig.clock.move(days=2)
    assert await rig.events() == []
    (one,) = (await rig.http.get("/sandbox/deliveries")).json()["deliveries"]
    assert (one["state"], len(one["attempts"])) == ("failed", 1)


async def test_a_receiver_has_a_second(newest: Rig) -> None:
    await newest.hook()
    released = asyncio.Event()

    async def slow() -> None:
        await released.wait()

    newest.receiver.meanwhile = slow
    await newest.applicant()
    await newest.sandbox.hooks.deliver_due()
    (one,) = (await newest.http.get("/sandbox/deliveries")).json()["deliveries"]
    assert (one["state"], one["attempts"][0]["status"]) == ("failed", None)
    assert newest.sandbox.hooks.manner.patience == 1.0


async def test_17_sends_before_anybody_can_see_what_was_written(build: Build) -> None:
    for version in ("17", "18", "19"):
        rig = build(version=version)
        id = await rig.applicant()
        await rig.hook()
        seen: list[str] = []

        async def look(rig: Rig = rig, id: int = id, seen: list[str] = seen) -> None:
            seen.append((await rig.one("hr.applicant", id, "priority"))["priority"])

        rig.receiver.meanwhile = look
        rig.clock.move(seconds=10)
        await rig.rpc("hr.applicant", "write", [id], {"priority": "3"})
        assert seen == (["0"] if version == "17" else []), "17 waits for the receiver, within the call"
        await rig.sandbox.hooks.deliver_due()
        assert seen == (["0"] if version == "17" else ["3"])
        assert (await rig.one("hr.applicant", id, "priority"))["priority"] == "3"


async def test_what_was_refused_is_not_told(newest: Rig) -> None:
    id = await newest.applicant()
    await newest.hook()
    with pytest.raises(OdooError):
        await newest.rpc("hr.applicant", "write", [id], {"priority": "9"})
    assert await newest.events() == []


async def test_rules_without_an_address_and_archived_rules_send_nothing(newest: Rig) -> None:
    rule = await newest.hook()
    await newest.rpc("base.automation", "write", [rule], {"active": False})
    await newest.applicant()
    assert await newest.events() == []
    await newest.rpc("base.automation", "write", [rule], {"active": True})
    (action,) = (await newest.rpc("base.automation", "read", [rule], ["action_server_ids"]))[0]["action_server_ids"]
    await newest.rpc("ir.actions.server", "write", [action], {"webhook_url": False})
    await newest.applicant(email_from="b@example.org")
    assert await newest.events() == []
