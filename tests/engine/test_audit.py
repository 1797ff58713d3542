"""Every change and every call is in the audit, by whom and why; a changed row is found; outsiders can check an export."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import datetime

import psycopg
import pytest
from tests.databases import both_databases

from bascule.model import HistoryKind, Kind, Mode
from bascule.sandbox.greenhouse import people
from bascule.server.show import timeline

from .kit import OWNER, ROBIN, Builder, House


async def lines(house: House) -> list:  # type: ignore[type-arg]
    await house.pass_time(6)  # requests are gathered for some seconds before they are written
    return await house.app.store.read(lambda tx: tx.audit.page(house.app.workspace, limit=2000))


def verify(export: dict) -> list[str]:  # type: ignore[type-arg]
    """What an outsider writes from `how_to_verify` alone. What is wrong, in words."""
    wrong = []
    steps = {step["position"]: step for step in export["chain"]}
    for entry in export["entries"]:
        if hashlib.sha256(entry["canonical"].encode()).hexdigest() != entry["digest"]:
            wrong.append(f"entry {entry['position']} was changed")
        if json.loads(entry["canonical"]) != json.loads(json.dumps(entry["entry"])):
            wrong.append(f"entry {entry['position']} does not read as its canonical form")
        if steps.get(entry["position"], {}).get("digest") != entry["digest"]:
            wrong.append(f"entry {entry['position']} is not what the chain says")
    for before, step in zip(export["chain"], export["chain"][1:], strict=False):
        if hashlib.sha256(f"{before['chain']}|{step['digest']}".encode()).hexdigest() != step["chain"]:
            wrong.append(f"step {step['position']} does not follow")
    return wrong


async def test_the_request_that_carried_a_change_stands_beside_it(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(6)
    family = (await house.record(Kind.CANDIDATE, applied.candidate)).family
    raw = await house.app.store.read(lambda tx: tx.pages.timeline(family, limit=500))
    pushes = [one.audit for one in raw if one.audit is not None and one.audit.action == "push"]
    assert {line.detail["endpoint"] for line in pushes} >= {"PATCH /applications/{id}", "POST /notes"}
    assert all(line.record and line.detail["write"] and line.detail["status"] in (200, 201) for line in pushes)
    calls = timeline.exchanges(raw)
    sent = {
        str(one.history.kind): calls[one.history.cause] for one in raw if one.history and one.history.cause in calls
    }
    assert sent[HistoryKind.WRITTEN][0].method == "PATCH"
    taken = [calls[one.history.cause] for one in raw if one.history and one.history.kind is HistoryKind.CHANGED
             and one.history.connection and one.history.cause in calls]  # fmt: skip
    assert ("GET", "/candidates", 200) in {(x.method, x.path, x.status) for some in taken for x in some}
    assert ("GET", "/applications", 200) in {(x.method, x.path, x.status) for some in taken for x in some}


async def test_every_call_that_changes_the_ats_and_every_change_has_an_entry_with_its_actor(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(3)
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    await house.app.changes.edit(record.id, {"first_name": "Augusta"}, OWNER)
    await house.pass_time(3)
    people.update(house.sandbox, ROBIN, applied.candidate, {"last_name": "King"})
    found = await lines(house)
    sent = {key: n for key, n in house.sandbox.requests.items() if key[0] != "GET" and key[1].startswith("/v3/")}
    pushes = [line for line in found if line.action == "push"]
    assert len(pushes) == sum(sent.values())
    assert {line.detail["status"] for line in pushes} <= {200, 201, 204}
    pulls = [line for line in found if line.action == "pull"]
    asked = sum(
        n for key, n in house.sandbox.requests.items() if key[0] == "GET" and key[1].startswith("/v3/candidates")
    )
    told = [line.detail for line in pulls if line.detail["endpoint"] == "GET /candidates"]
    assert 0 < sum(int(str(one["times"])) for one in told) <= asked
    assert {one["kinds"] for one in told} == {("candidate",)}
    assert {one["mapping"] for one in told} == {house.at.row.mapping_version}
    assert all(str(one["first"]) <= str(one["last"]) for one in told)
    assert any(line.detail["first"] != line.detail["last"] for line in pulls)
    assert all(line.at.isoformat() == line.detail["last"] for line in pulls)
    changes = [(x.actor_kind, x.actor_id) for x in found if x.action == "changed" and x.record == record.id]
    assert ("person", OWNER.id) in changes
    assert ("system", house.at.id) in changes
    assert [x for x in found if x.action == "scored" and x.actor_kind == "ai" and x.detail["rubric"] == 1]
    actions = {line.action for line in found}
    assert {"connection added", "mode changed", "custom fields created", "rubric derived"} <= actions
    assert all(line.actor_kind for line in found)


async def test_what_was_sent_just_before_a_stop_has_its_entries(build: Builder) -> None:
    house = await build.house(fields=False)
    await house.app.accounts.create_fields(house.name, OWNER)
    made = sum(n for key, n in house.sandbox.requests.items() if key[:2] == ("POST", "/v3/custom_fields"))
    await build.restart(house)
    found = await house.app.store.read(lambda tx: tx.audit.page(house.app.workspace, limit=2000))
    assert len([line for line in found if line.action == "push"]) == made > 0


@both_databases
async def test_an_untouched_audit_verifies_and_a_changed_or_missing_row_is_found(house: House, database: str) -> None:
    await house.apply()
    await house.pass_time(6)
    verdict = await house.app.trail.verify()
    assert verdict.ok
    assert verdict.entries > 20
    assert verdict.unsealed == 0
    tamper(database, "UPDATE audit SET action = 'nothing' WHERE position = 12")
    broken = await house.app.trail.verify()
    assert not broken.ok
    assert "12" in broken.broken


@both_databases
async def test_a_removed_row_is_found(house: House, database: str) -> None:
    await house.apply()
    await house.pass_time(6)
    assert (await house.app.trail.verify()).ok
    tamper(database, "DELETE FROM audit WHERE position = 15")
    broken = await house.app.trail.verify()
    assert not broken.ok


def tamper(database: str, statement: str) -> None:
    """What somebody with full rights on the database can do: the guards against accidents are taken away first."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=10)) as connection, connection:
            for guard in ("audit_no_change", "audit_no_delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {guard}")
            connection.execute(statement)
        return
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.execute(statement)  # type: ignore[arg-type]


@both_databases
async def test_the_database_itself_refuses_to_change_or_remove_an_entry(house: House, database: str) -> None:
    await house.pass_time(6)
    for statement in ("UPDATE audit SET action = 'nothing' WHERE position = 3", "DELETE FROM audit WHERE position = 3"):
        if database.startswith("sqlite"):
            with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=10)) as connection, connection:
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    connection.execute(statement)
        else:
            with psycopg.connect(database, autocommit=True) as connection:
                with pytest.raises(psycopg.Error, match="append-only"):
                    connection.execute(statement)  # type: ignore[arg-type]


async def test_an_export_of_a_candidate_is_verified_by_fifteen_lines_that_know_nothing_of_us(house: House) -> None:
    applied = await house.apply()
    await house.apply("Grace", "Hopper", "grace@example.org")
    await house.pass_time(6)
    await house.app.trail.verify()
    record = await house.record(Kind.CANDIDATE, applied.candidate)
    export = await house.app.trail.export(house.app.workspace, candidate=record.id)
    text = json.dumps(export)
    read = json.loads(text)
    assert len(read["entries"]) >= 3
    assert verify(read) == []
    assert "ada@example.org" not in text
    assert "Byron" not in text
    forged = json.loads(text.replace('"scored"', '"shelved"'))
    assert verify(forged)
    cut = json.loads(text)
    del cut["chain"][1]
    assert verify(cut)


async def test_the_mode_of_a_connection_and_its_pauses_are_entries_by_whoever_did_them(build: Builder) -> None:
    house = await build.house(Mode.SHADOW)
    await house.app.accounts.pause(house.name, OWNER)
    await house.app.accounts.resume(house.name, OWNER)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    found = await lines(house)
    mine = [line.action for line in found if line.actor_id == OWNER.id]
    for action in ("connection added", "connection paused", "connection resumed", "mode changed"):
        assert action in mine
    assert mine.count("mode changed") == 2


@pytest.mark.parametrize("since", ["2026-11-20T00:00:00+00:00"])
async def test_an_export_of_a_time_verifies_too(house: House, since: str) -> None:
    await house.apply()
    await house.pass_time(6)
    await house.app.trail.verify()
    export = await house.app.trail.export(
        house.app.workspace, since=datetime.fromisoformat(since), until=house.clock()
    )  # fmt: skip
    assert len(export["entries"]) > 20
    assert verify(json.loads(json.dumps(export))) == []
