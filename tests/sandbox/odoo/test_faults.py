"""Whatever can be ordered to go wrong does, in Odoo's own words."""

from __future__ import annotations

import json

import pytest

from bascule.sandbox.kit.faults import AnswerLost

from .conftest import INTEGRATION, Build, OdooError, Rig


async def test_faults_meet_calls_by_model_and_method(rig: Rig) -> None:
    id = await rig.applicant()
    rig.sandbox.faults.add({"kind": "answer", "status": 503, "path": "hr.applicant/write$"})
    assert await rig.rpc("hr.applicant", "search", []) == [id]
    refused = await rig.rpc_raw("hr.applicant", "write", [id], {"priority": "1"})
    assert refused.status_code == 503
    assert refused.headers["content-type"].startswith("text/html")
    assert await rig.rpc("hr.applicant", "write", [id], {"priority": "1"})
    rig.sandbox.faults.add({"kind": "answer", "status": 500, "path": "/xmlrpc/2/object/hr.applicant/search"})
    assert await rig.rpc("hr.applicant", "search", [])
    told = (await rig.http.get("/sandbox/requests")).json()["requests"]
    assert ("/jsonrpc/hr.applicant/write", 503, 1) in [(one["endpoint"], one["status"], one["count"]) for one in told]


async def test_a_lost_answer_was_carried_out(rig: Rig) -> None:
    rig.sandbox.faults.add({"kind": "lost_answer", "method": "POST", "path": "hr.applicant/create"})
    with pytest.raises(AnswerLost):
        await rig.applicant()
    assert len(await rig.rpc("hr.applicant", "search", [])) == 1


async def test_a_replica_is_behind_and_what_was_made_is_not_there_yet(rig: Rig) -> None:
    id = await rig.applicant()
    rig.clock.move(seconds=10)
    await rig.rpc("hr.applicant", "write", [id], {"priority": "3"})
    rig.sandbox.faults.add({"kind": "stale", "method": "POST", "path": "hr.applicant/read", "seconds": 5})
    assert (await rig.one("hr.applicant", id, "priority"))["priority"] == "0"
    assert (await rig.one("hr.applicant", id, "priority"))["priority"] == "3"
    rig.sandbox.faults.add({"kind": "not_ready", "path": "hr.applicant/create", "seconds": 5})
    made = await rig.applicant(email_from="b@example.org")
    assert await rig.rpc("hr.applicant", "search", [("id", "=", made)]) == []
    with pytest.raises(OdooError, match="MissingError"):
        await rig.one("hr.applicant", made, "id")
    rig.clock.move(seconds=6)
    assert await rig.rpc("hr.applicant", "search", [("id", "=", made)]) == [made]


async def test_answers_can_be_reshaped_and_spoilt(rig: Rig) -> None:
    await rig.applicant()
    rig.sandbox.faults.add({"kind": "reshape", "path": "search_read", "rename": {"partner_name": "name_of"}})
    (row,) = await rig.rpc("hr.applicant", "search_read", [], ["partner_name"])
    assert row["name_of"] == "Ada Byron"
    assert "partner_name" not in row
    rig.sandbox.faults.add({"kind": "malformed", "path": "search_read", "how": "html"})
    assert "<html>" in (await rig.rpc_raw("hr.applicant", "search_read", [], ["id"])).text
    rig.sandbox.faults.add({"kind": "malformed", "path": "search_read", "how": "cut"})
    with pytest.raises(json.JSONDecodeError):
        (await rig.rpc_raw("hr.applicant", "search_read", [], ["id"])).json()


async def test_records_are_hidden_changed_and_deleted(rig: Rig) -> None:
    ids = [await rig.applicant(), await rig.applicant(email_from="b@example.org")]
    kind = rig.applicants
    rig.sandbox.faults.add({"kind": "hide", "object": f"{kind}/{ids[0]}", "until": 60})
    assert await rig.rpc("hr.applicant", "search", []) == ids[1:]
    with pytest.raises(OdooError, match="AccessError"):
        await rig.one("hr.applicant", ids[0], "id")
    rig.clock.move(seconds=61)
    rig.sandbox.faults.run_due()
    assert len(await rig.rpc("hr.applicant", "search", [])) == 2
    await rig.hook()
    rig.sandbox.faults.add(
        {"kind": "change", "object": f"{kind}/.*", "set": {"stage": "First Interview", "priority": "2"}}
    )
    rows = await rig.rpc("hr.applicant", "search_read", [], ["stage_id", "priority", "write_uid"])
    assert {(row["stage_id"][1], row["priority"], row["write_uid"][1]) for row in rows} == {
        ("First Interview", "2", "Dana Whitfield")}  # fmt: skip
    assert await rig.events() == [], "quietly"
    rig.sandbox.faults.add({"kind": "delete", "object": "candidates/.*", "count": None, "quiet": False})
    assert await rig.rpc("hr.applicant", "search", []) == []


async def test_the_schema_changes_under_us(rig: Rig) -> None:
    id = await rig.applicant()
    rig.sandbox.faults.add({"kind": "rename_stage", "name": "Qualification", "to": "Screening"})
    assert rig.stage("Screening")
    rig.sandbox.faults.add({"kind": "require_field", "name": "Notice period", "on": "application"})
    with pytest.raises(OdooError, match="mandatory field is not set"):
        await rig.applicant(email_from="b@example.org")
    rig.sandbox.faults.add({"kind": "rename_field", "name": "Notice period", "to": "Notice"})
    assert (await rig.rpc("hr.applicant", "fields_get", ["x_notice_period"], ["string"]))["x_notice_period"][
        "string"
    ] == "Notice"
    await rig.rpc("hr.applicant", "write", [id], {"x_notice_period": "soon"})
    rig.sandbox.faults.add({"kind": "rename_field", "name": "x_notice_period", "to": "x_notice"})
    assert (await rig.one("hr.applicant", id, "x_notice"))["x_notice"] == "soon"
    rig.sandbox.faults.add({"kind": "remove_field", "name": "x_notice"})
    assert "x_notice" not in await rig.rpc("hr.applicant", "fields_get")
    rig.sandbox.faults.add({"kind": "require_field", "name": "x_fit", "on": "application", "type": "single_select"})
    rig.sandbox.faults.add({"kind": "add_option", "name": "x_fit", "to": "Maybe", "count": 1})
    assert (await rig.one("hr.applicant", id, "x_fit"))["x_fit"] == "maybe"


async def test_deeds_odoo_has_no_way_to_do_are_not_known(newest: Rig) -> None:
    for kind in ("merge", "anonymize", "expire_tokens", "expire_consents"):
        with pytest.raises(ValueError, match="cannot do that"):
            newest.sandbox.faults.add({"kind": kind})


async def test_webhooks_can_be_lost_late_and_doubled(newest: Rig) -> None:
    await newest.hook()
    newest.sandbox.faults.add({"kind": "drop", "topic": "hr.applicant/on_create_or_write"})
    id = await newest.applicant()
    assert await newest.events() == []
    newest.sandbox.faults.add({"kind": "late", "object": f"candidate/{id}", "seconds": 60})
    await newest.rpc("hr.applicant", "write", [id], {"priority": "1"})
    assert await newest.events() == []
    newest.clock.move(seconds=61)
    assert len(await newest.events()) == 1
    newest.sandbox.faults.add({"kind": "repeat", "copies": 2})
    await newest.rpc("hr.applicant", "write", [id], {"priority": "2"})
    assert len(await newest.events()) == 3


async def test_a_clock_that_is_ahead_shows_in_what_is_stored(newest: Rig) -> None:
    newest.sandbox.faults.add({"kind": "clock", "seconds": 300, "until": 600})
    id = await newest.applicant()
    assert (await newest.one("hr.applicant", id, "write_date"))["write_date"] == "2026-11-20 09:05:00"


async def test_the_same_options_give_the_same_database(build: Build) -> None:
    for version in ("17", "18", "19"):
        one, two = (build(version=version, candidates=15, dirty=True) for _ in range(2))
        states = [(await rig.http.get("/sandbox/state")).json()["tables"] for rig in (one, two)]
        assert states[0] == states[1]
        assert one.sandbox.people() >= 15
        assert one.sandbox.db.log[0].object == "credentials"
        assert len(one.outbox()) == 0
        assert one.key["user_id"] == INTEGRATION


async def test_people_are_added_to_a_running_sandbox(newest: Rig) -> None:
    told = (await newest.http.post("/sandbox/seed", json={"candidates": 5})).json()
    assert told == {"candidates": 5}
    assert len(newest.sandbox.db["attachments"]) == 5
