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


async def test_the_box_on_the_page_finds_filters_pages_and_exports(inside: Bench) -> None:
    rose = await gardener(inside)
    await inside.candidate()
    await looked_at(inside)
    page = (await inside.browser.get("/candidates?q=park")).text
    assert "Rose Bloom" in page
    assert "Ada Byron" not in page
    assert "“Kew Park”" in page
    assert "said by 1" in page
    alone = (await inside.browser.get("/candidates?within=1")).text
    assert "Rose Bloom" in alone
    assert "Ada Byron" in alone
    assert "Last contact" in alone
    nobody = (await inside.browser.get("/candidates?q=park&outcome=hired")).text
    assert "Nobody is found" in nobody
    sheet = await inside.browser.get("/people.csv?q=park")
    assert [line.split(",")[0] for line in sheet.text.splitlines()[1:]] == [rose]
    like = (await inside.browser.get(f"/candidates?like={rose}")).text
    assert "People most like Rose Bloom" in like
    assert f'href="/candidates?like={rose}"' in (await inside.browser.get(f"/candidates/{rose}")).text


async def test_a_job_leads_to_the_people_met_before_and_each_says_why_and_what_can_be_done(inside: Bench) -> None:
    rose, job = await gardener(inside, (await inside.connection()).id), await vacancy(inside)
    await looked_at(inside)
    assert f'href="/jobs/{job}/people"' in (await inside.browser.get(f"/jobs/{job}")).text
    listed = (await inside.browser.get(f"/jobs/{job}/people")).text
    assert "Rose Bloom" in listed
    assert "no CV is known here" in listed
    assert "1 person may be considered" in listed
    one = (await inside.browser.get(f"/jobs/{job}/people/{rose}")).text
    assert "No connected system has this job" in one
    assert "Kew Park" in one
    refused = await inside.post(f"/jobs/{job}/people/{rose}")
    assert refused.status_code == 303
    assert "No connected system has this job" in (await inside.browser.get(f"/jobs/{job}/people/{rose}")).text
    assert "Fetch the CVs of people who applied before" in listed
    await inside.post(f"/jobs/{job}/people")
    assert (await inside.app.rediscovery.policy()).read
    assert "Fetch the CVs" not in (await inside.browser.get(f"/jobs/{job}/people")).text
    sheet = (await inside.browser.get(f"/jobs/{job}/people.csv")).text
    assert "Rose Bloom" in sheet
    assert (await inside.browser.get(f"/jobs/{job}/people/nobody")).status_code == 404
    assert (await inside.browser.get("/jobs/nothing/people")).status_code == 404


async def test_pages_without_anybody_teach_the_next_step(inside: Bench) -> None:
    job = await vacancy(inside)
    assert "Nobody to consider yet" in (await inside.browser.get(f"/jobs/{job}/people")).text
    assert "Nobody is found" in (await inside.browser.get("/candidates?q=anything")).text
    bad = await inside.browser.get("/candidates?q=x&reached=moon")
    assert bad.status_code == 422
    assert "stage type" in bad.text
