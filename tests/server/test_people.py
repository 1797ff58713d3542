"""Everybody ever met, for programs and on pages: found by name, words or for a job, by who may see candidates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bascule.model import Family, Kind, Record, Source
from bascule.server.roles import Scope
from bascule.store.tasks import TaskLease

from .conftest import SOMEBODY, Bench
from .test_api import key

TEXT = (
    "You plan and look after our gardens: roses, trees, glasshouses and flower beds. You have trained apprentices, "
    "know plants and soils, look after tools and machines, and plan the work of a small team through the year."
)


async def looked_at(bench: Bench) -> None:
    """Everybody who is marked is looked at, as the worker would."""
    now = datetime.now(UTC)
    await bench.app.indexing.index_all(TaskLease(bench.app.workspace, "index all", "all", {}, now, 1, 1, 0))


async def gardener(bench: Bench, connection: str = "") -> str:
    id = await bench.candidate("Rose", "Bloom", connection)
    await bench.app.changes.edit(id, {"title": "Head Gardener", "company": "Kew Park"}, SOMEBODY)
    return id


async def vacancy(bench: Bench) -> str:
    app, now = bench.app, bench.app.runtime.now()
    id, family = app.runtime.id(), app.runtime.id()
    fields = {"title": "Head Gardener", "description": TEXT, "status": "open"}
    source = Source("ours", SOMEBODY, "read", now)
    record = Record(id, app.workspace, Kind.JOB, family, None, fields, dict.fromkeys(fields, source), "ours", now)
    made = Family(family, app.workspace, Kind.JOB, 0, "salt", {id: record}, {})
    await app.store.write(lambda tx: tx.families.save(None, made, now=now))
    return id


async def test_a_program_finds_people_and_is_told_why_and_who_is_left_out(bench: Bench) -> None:
    headers = await key(bench, Scope.CANDIDATES_READ)
    rose, ada, job = await gardener(bench), await bench.candidate(), await vacancy(bench)
    await bench.app.changes.edit(ada, {"private": True}, SOMEBODY)
    await looked_at(bench)
    found = (await bench.browser.get("/api/v1/people/search?q=kew+park+Stockholm", headers=headers)).json()
    assert [(one["candidate"], [said["quote"] for said in one["said"]]) for one in found["items"]] == [
        (rose, ["Kew Park", "Kew Park"])
    ]
    assert [(one["text"], one["holders"]) for one in found["asked"]] == [("kew", 1), ("park", 1), ("Stockholm", 0)]
    assert found["left_out"] == {"private in the ATS": 1}
    listed = (await bench.browser.get(f"/api/v1/jobs/{job}/rediscovery", headers=headers)).json()
    assert [one["candidate"] for one in listed["items"]] == [rose]
    assert (listed["considered"], listed["reading"], listed["unread"]) == (1, 1, 1)
    noted = await bench.app.store.read(lambda tx: tx.audit.of_action(bench.app.workspace, "people searched"))
    assert len(noted) == 1


async def test_bad_questions_say_what_there_is_and_keys_open_only_what_they_may(bench: Bench) -> None:
    headers = await key(bench, Scope.CANDIDATES_READ)
    bad = await bench.browser.get("/api/v1/people/search?q=x&outcome=won", headers=headers)
    assert bad.status_code == 422
    assert "open, hired, rejected, withdrawn" in bad.json()["hint"]
    assert (await bench.browser.get("/api/v1/people/search", headers=headers)).status_code == 422
    assert (await bench.browser.get("/api/v1/jobs/nothing/rediscovery", headers=headers)).status_code == 404
    assert (await bench.browser.put("/api/v1/rediscovery", headers=headers, json={"read": True})).status_code == 403
    jobs = await key(bench, Scope.JOBS_READ)
    assert (await bench.browser.get("/api/v1/people/search?q=x", headers=jobs)).status_code == 403


async def test_who_may_be_considered_is_chosen_piece_by_piece(bench: Bench) -> None:
    local = {"authorization": f"Bearer {bench.app.local_key}"}
    put = bench.browser.put
    await put("/api/v1/rediscovery", headers=local, json={"refused": ["No contact"], "field": "Keep"})
    now = (await put("/api/v1/rediscovery", headers=local, json={"only_agreed": True})).json()
    assert (now["refused"], now["field"], now["only_agreed"], now["read"]) == (["No contact"], "Keep", True, False)


@pytest.mark.parametrize("word", ["Bloom", "rose", "ada@mail"])
async def test_the_box_finds_by_the_beginning_of_a_name_or_address(bench: Bench, word: str) -> None:
    headers = await key(bench, Scope.CANDIDATES_READ)
    rose = await gardener(bench)
    await looked_at(bench)
    found = (await bench.browser.get(f"/api/v1/people/search?q={word}", headers=headers)).json()
    assert [(one["candidate"], one["by_name"]) for one in found["items"]] == [(rose, True)]
