"""The mapping on its page and through the API: types of stages, the file, what it would do, versions, the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.databases import both_databases

from bascule.model import Family, Kind, Link, Record, RecordState, Source
from bascule.server.roles import Role

from .conftest import SOMEBODY, Bench

PATH = "/mapping/greenhouse"
API = "/api/v1/connections/greenhouse/mapping"


@pytest.fixture
def local(bench: Bench) -> dict[str, str]:
    return {"authorization": f"Bearer {bench.app.local_key}"}


async def with_stages(bench: Bench) -> str:
    """A connection and one job with two stages; the id of the one called Onsite."""
    row = await bench.connection()
    app, now = bench.app, bench.app.runtime.now()
    job, home = app.runtime.id(), app.runtime.id()
    source = Source(row.id, SOMEBODY, "read", now)
    records = {job: Record(job, app.workspace, Kind.JOB, home, None, {"title": "Engineer"}, {}, row.id, now)}
    links = {}
    onsite = ""
    for number, name in enumerate(("Onsite", "Coffee")):
        onsite = onsite or app.runtime.id()
        id = onsite if number == 0 else app.runtime.id()
        fields = {"name": name, "order": number}
        records[id] = Record(
            id,
            app.workspace,
            Kind.STAGE,
            home,
            job,
            fields,
            dict.fromkeys(fields, source),
            row.id,
            now,
            RecordState.LIVE,
        )
        links[id] = Link(app.runtime.id(), row.id, Kind.STAGE, f"31{number}", id, parent="5501")
    root = Link(app.runtime.id(), row.id, Kind.JOB, "5501", job)
    by_id = {link.id: link for link in (*links.values(), root)}
    made = Family(home, app.workspace, Kind.JOB, 0, "salt", records, by_id)
    at = app.connections.named("greenhouse")

    def settle(family: Family) -> Family:
        from bascule.model import Pair

        named = {
            link.id: replace(link, pairs={"name": Pair(str(records[link.record].fields["name"]), None, shown=1)})
            for link in family.links.values()
            if link.kind is Kind.STAGE
        }
        return replace(family, links={**family.links, **named})

    await app.store.write(lambda tx: tx.families.save(None, settle(made), now=now))
    assert at.id == row.id
    return onsite


async def type_of(bench: Bench, stage: str) -> object:
    found = await bench.app.store.read(lambda tx: tx.families.records(bench.app.workspace, [stage]))
    return found[stage].fields.get("type")


async def test_stage_types_are_proposed_and_confirmed_on_the_page(inside: Bench) -> None:
    onsite = await with_stages(inside)
    page = (await inside.browser.get(PATH)).text
    assert "Proposed: interview" in page
    await inside.post(f"{PATH}/stages", stage=["Coffee", "Onsite"], type=["", "interview"])
    page = (await inside.browser.get(PATH)).text
    assert "Onsite is now, in every job." not in page
    assert "Onsite is interview" in page
    assert await type_of(inside, onsite) == "interview"
    assert "stage Onsite" in page  # among the versions
    await inside.post(f"{PATH}/stages", stage=["Onsite"], type=["lunch"])
    assert "No type was chosen" in (await inside.browser.get(PATH)).text


async def test_a_type_for_one_job_is_looked_at_set_and_taken_back_on_the_page(inside: Bench) -> None:
    onsite = await with_stages(inside)
    page = (await inside.browser.get(PATH)).text
    assert "No rule says" in page  # Coffee, whose place is the last
    found = await inside.app.store.read(lambda tx: tx.families.records(inside.app.workspace, [onsite]))
    given = {"stage": "Onsite", "job": found[onsite].parent or "", "type": "assess"}
    dry = (await inside.post(f"{PATH}/rule", **given, look="1")).text
    assert "something would change in 1 job" in dry
    assert "stage Onsite of Engineer" in dry
    assert await type_of(inside, onsite) is None
    await inside.post(f"{PATH}/rule", **given)
    assert await type_of(inside, onsite) == "assess"
    assert "Only in Engineer: Onsite is assess." in (await inside.browser.get(PATH)).text
    await inside.post(f"{PATH}/rule", **{**given, "type": ""})
    assert await type_of(inside, onsite) is None
    await inside.post(f"{PATH}/rule", **{**given, "type": "lunch"})
    assert "There is no such type" in (await inside.browser.get(PATH)).text


async def test_the_api_tells_ladders_and_takes_types_for_one_job(bench: Bench, local: dict[str, str]) -> None:
    await with_stages(bench)
    (ladder,) = (await bench.browser.get(f"{API}/ladders", headers=local)).json()["items"]
    told = [(one["name"], one["type"], one["rule"], one["in_force"]) for one in ladder["stages"]]
    assert told == [("Onsite", "interview", "words", False), ("Coffee", None, None, False)]
    (job,) = ladder["jobs"]
    assert job["title"] == "Engineer"
    body = {"types": {"Coffee": "screen"}, "job": job["id"], "dry_run": True}
    made = (await bench.browser.post(f"{API}/stages", json=body, headers=local)).json()
    assert (made["version"], made["dry_run"]["jobs"], made["dry_run"]["by_field"]) == (1, 1, {"stage.type": 1})
    await bench.browser.post(f"{API}/stages", json={**body, "dry_run": False}, headers=local)
    (ladder,) = (await bench.browser.get(f"{API}/ladders", headers=local)).json()["items"]
    assert ladder["exceptions"] == [{"job": job["id"], "name": "Coffee", "type": "screen"}]
    back = {"types": {"Coffee": None}, "job": job["id"]}
    assert (await bench.browser.post(f"{API}/stages", json=back, headers=local)).json()["version"] == 3
    refused = await bench.browser.post(f"{API}/stages", json={**back, "job": "elsewhere"}, headers=local)
    assert refused.status_code == 422


async def test_an_edited_file_is_looked_at_then_applied_and_put_back(inside: Bench) -> None:
    onsite = await with_stages(inside)
    file = (await inside.browser.get(f"{PATH}?format=toml")).text
    edited = file.replace("# Onsite = ", "Onsite = ").replace(
        "[candidate.title]  # title\non = true", "[candidate.title]\non = false"
    )
    dry = await inside.post(f"{PATH}/dry-run", text=edited)
    assert dry.status_code == 200
    assert "1 record would change" in dry.text
    assert "candidate.title" in dry.text
    assert await type_of(inside, onsite) is None
    await inside.post(f"{PATH}/apply", text=edited)
    assert "The mapping is at version 2." in (await inside.browser.get(PATH)).text
    assert await type_of(inside, onsite) == "interview"
    back = await inside.post(f"{PATH}/dry-run", version="1")
    assert "Go back to version 1" in back.text
    await inside.post(f"{PATH}/apply", version="1")
    assert inside.app.connections.named("greenhouse").row.choices == {}


async def test_what_was_typed_wrongly_is_not_lost(inside: Bench) -> None:
    await inside.connection()
    page = (await inside.post(f"{PATH}/dry-run", text="[candidate.title]\non = perhaps")).text
    assert "This cannot be taken over" in page
    assert "on = perhaps" in page


async def test_who_only_reads_sees_the_mapping_and_no_way_to_change_it(bench: Bench) -> None:
    await with_stages(bench)
    await bench.enter(Role.COMPLIANCE)
    page = (await bench.browser.get(PATH)).text
    assert "Versions" in page
    assert "Confirm the types" not in page
    assert "Show what would change" not in page
    await bench.post(f"{PATH}/stages", stage=["Onsite"], type=["interview"])
    assert bench.app.connections.named("greenhouse").row.mapping_version == 1


async def test_the_api_exports_previews_applies_and_goes_back(bench: Bench, local: dict[str, str]) -> None:
    onsite = await with_stages(bench)
    text = (await bench.browser.get(f"{API}/file", headers=local)).json()["text"]
    edited = text.replace("# Onsite = ", "Onsite = ")
    body = {"text": edited, "dry_run": True}
    made = (await bench.browser.post(f"{API}/file", json=body, headers=local)).json()
    assert (made["version"], made["dry_run"]["records"], made["dry_run"]["by_field"]) == (1, 1, {"stage.type": 1})
    (moving,) = made["dry_run"]["first"]
    assert (moving["record"], moving["before"], moving["after"]) == (onsite, "empty", "interview")
    made = (await bench.browser.post(f"{API}/file", json={"text": edited}, headers=local)).json()
    assert made == {"version": 2, "dry_run": None}
    assert (await bench.browser.post(f"{API}/file", json={"text": text}, headers=local)).status_code == 409
    versions = (await bench.browser.get(f"{API}/versions", headers=local)).json()["items"]
    assert [one["version"] for one in versions] == [2, 1]
    assert versions[0]["changed"] == [{"what": "stage Onsite", "before": "not confirmed", "after": "interview"}]
    assert (await bench.browser.post(f"{API}/rollback", json={"version": 7}, headers=local)).status_code == 404
    made = (await bench.browser.post(f"{API}/rollback", json={"version": 1}, headers=local)).json()
    assert made["version"] == 3
    types = {"types": {"Coffee": "screen"}}
    assert (await bench.browser.post(f"{API}/stages", json=types, headers=local)).json()["version"] == 4
    stages = (await bench.browser.get(f"{API}/stages", headers=local)).json()["items"]
    assert {one["name"]: one["type"] for one in stages} == {"Onsite": None, "Coffee": "screen"}


@both_databases
async def test_a_key_that_may_not_read_candidates_is_told_how_many_and_no_value(bench: Bench) -> None:
    await with_stages(bench)
    await bench.enter()
    page = await bench.post("/settings/keys", name="operator", scope=["connections:write", "connections:read"])
    shown = (await bench.browser.get(page.headers["location"])).text if page.status_code == 303 else page.text
    secret = shown.split('data-copy="')[1].split('"')[0]
    key = {"authorization": f"Bearer {secret}"}
    text = (await bench.browser.get(f"{API}/file", headers=key)).json()["text"].replace("# Onsite = ", "Onsite = ")
    made = (await bench.browser.post(f"{API}/file", json={"text": text, "dry_run": True}, headers=key)).json()
    (moving,) = made["dry_run"]["first"]
    assert made["dry_run"]["records"] == 1
    assert (moving["name"], moving["before"], moving["after"]) == (None, None, None)
