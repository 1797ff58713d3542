"""What a tool is shown: the truth as it is now, in an order that passes nothing over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from tests.databases import both_databases
from tests.engine.kit import DANA, OWNER, Builder
from tests.tools.conftest import Place

from bascule.errors import InputError
from bascule.model import Kind
from bascule.office.accounts import NewConnection
from bascule.sandbox.greenhouse import jobs
from bascule.store import Tx
from bascule.store.people import User


@both_databases
async def test_a_pull_shows_each_application_once_as_it_is_now(place: Place) -> None:
    ada = await place.applied()
    bob = await place.applied("Bob", "Stone", "bob@example.org", job="Staff Nurse")
    tool = await place.tool()
    first = await tool.pull(limit=1)
    assert first["more"]
    second = await tool.pull(limit=1)
    found = {one["id"]: one for one in (*first["items"], *second["items"])}
    assert set(found) == {await place.id(ada), await place.id(bob)}
    one = found[await place.id(ada)]
    assert (one["state"], one["status"], one["stage"]["name"]) == ("live", "active", "Application Review")
    assert one["ai"] == {"allowed": True, "why": ""}
    job = {**first["jobs"], **second["jobs"]}[one["job"]]
    assert (job["title"], job["status"]) == ("Backend Engineer", "open")
    assert "PostgreSQL" in job["description"]
    assert [stage["name"] for stage in job["stages"]] == ["Application Review", "Phone Screen", "Onsite", "Offer"]
    assert await tool.news() == []


async def test_a_change_in_the_ats_is_shown_and_moves_to_the_end(place: Place) -> None:
    ada, bob = await place.applied(), await place.applied("Bob", "Stone", "bob@example.org")
    tool = await place.tool()
    await tool.news()
    place.move(ada, "Onsite")
    await place.house.pass_time(4)
    [one] = await tool.news()
    assert (one["id"], one["stage"]["name"]) == (await place.id(ada), "Onsite")
    again = await tool.pull(after="")
    assert [one["id"] for one in again["items"]] == [await place.id(bob), await place.id(ada)]


async def test_a_cursor_is_good_for_ever_and_may_be_used_again(place: Place) -> None:
    await place.applied()
    tool = await place.tool()
    page = await tool.pull()
    assert (await tool.pull(after=""))["items"] == page["items"]
    assert (await tool.pull(after=page["next"]))["items"] == []
    answer = await tool.get("/applications?after=nonsense")
    assert answer.status_code == 422
    assert "cursor" in answer.json()["title"]
    assert "next" in answer.json()["hint"]


async def test_contact_data_is_shown_only_where_the_owner_says_so(place: Place) -> None:
    ada = await place.applied()
    plain, told = await place.tool("plain"), await place.tool("told", contact="yes", resume="no")
    [without] = await plain.news()
    assert "Ada" not in str(without)
    assert "ada@example.org" not in str(without)
    [whole] = await told.news()
    assert whole["candidate"]["first_name"] == "Ada"
    assert whole["candidate"]["emails"] == ["ada@example.org"]
    assert whole["resume"] is None
    file = await plain.get(f"/applications/{await place.id(ada)}/resume")
    assert file.status_code == 200
    assert b"Northwind Systems" in file.content
    assert "attachment" in file.headers["content-disposition"]
    assert (await told.get(f"/applications/{await place.id(ada)}/resume")).status_code == 403


async def test_a_tool_is_shown_the_jobs_it_is_for_and_told_when_one_leaves(place: Place) -> None:
    ada = await place.applied()
    bob = await place.applied("Bob", "Stone", "bob@example.org", job="Staff Nurse")
    nurse = (await place.house.record(Kind.JOB, place.house.job("Staff Nurse")["id"])).id
    engineer = (await place.house.record(Kind.JOB, place.house.job("Backend Engineer")["id"])).id
    tool = await place.tool(jobs=nurse)
    assert [one["id"] for one in await tool.news()] == [await place.id(bob)]
    outside = await tool.say(await place.id(ada), version=1, score=5)
    assert outside.status_code == 403
    await place.house.app.aitools.choose(tool.name, OWNER, jobs=[engineer])
    found = {one["id"]: one["state"] for one in await tool.news()}
    assert found == {await place.id(bob): "withdrawn", await place.id(ada): "live"}
    assert (await tool.say(await place.id(bob), version=1, score=5)).status_code == 403
    assert (await tool.forget(await place.id(ada))).status_code == 409
    confirmed = (await tool.forget(await place.id(bob))).json()
    assert (confirmed["state"], confirmed["confirmed"][:4]) == ("withdrawn", "2026")
    await place.house.app.aitools.choose(tool.name, OWNER, jobs=[])
    assert {one["state"] for one in await tool.news()} == {"live"}


async def test_what_a_tool_holds_of_a_closed_job_stays_and_nothing_new_comes(place: Place) -> None:
    ada = await place.applied()
    tool = await place.tool()
    await tool.news()
    jobs.update(place.house.sandbox, DANA, place.house.job("Backend Engineer")["id"], {"status": "closed"})
    other = await place.tool("late")
    await place.house.pass_time(120)
    assert {one["state"] for one in await tool.news()} == {"live"}
    assert tool.seen[await place.id(ada)]["state"] == "live"
    assert await other.news() == []


@both_databases
async def test_changes_of_many_hands_at_once_are_all_shown(place: Place, build: Builder) -> None:
    """Commits become visible out of order; a tool that pulls all the while misses none."""
    tool = await place.tool()
    seen: set[str] = set()

    async def pulling() -> None:
        for _ in range(12):
            seen.update(one["id"] for one in await tool.news())
            await asyncio.sleep(0)

    async def coming(n: int) -> None:
        await place.house.apply(f"P{n}", "Many", f"p{n}@example.org")

    await asyncio.gather(pulling(), *(coming(n) for n in range(8)))
    await asyncio.gather(pulling(), place.house.quiet())
    await place.house.quiet()
    seen.update(one["id"] for one in await tool.news())
    assert len(seen) == 8


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # on SQLite one thread writes
async def test_a_commit_that_shows_late_is_not_passed_over(place: Place, database: str) -> None:
    """On PostgreSQL commits become visible in another order than they began in: what another is just changing gets its
    place when it is there, behind everything that has been shown."""
    ada, bob = await place.applied(), await place.applied("Bob", "Stone", "bob@example.org")
    tool = await place.tool()
    await tool.news()
    marks = "UPDATE tool_feed SET position = NULL WHERE application = %s"
    with psycopg.connect(database) as late, psycopg.connect(database) as soon:
        late.execute(marks, [await place.id(ada)])
        soon.execute(marks, [await place.id(bob)])
        soon.commit()
        assert [one["id"] for one in await tool.news()] == [await place.id(bob)]
        late.commit()
    assert [one["id"] for one in await tool.news()] == [await place.id(ada)]


@both_databases
async def test_after_a_restore_numbers_go_on_above_every_cursor(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool()
    id = await place.id(ada)

    def back(tx: Tx) -> None:
        tx.tools.mark_all(place.house.app.workspace)
        tx.tools.number(place.house.app.workspace, 10, now=place.house.clock.at - timedelta(days=1))

    await tool.news()
    await place.house.app.store.write(back)  # the feed as it was a day ago
    assert await tool.news() == []
    place.move(ada, "Onsite")
    await place.house.pass_time(4)
    assert [one["id"] for one in await tool.news()] == [id]


async def test_without_a_key_or_while_paused_nothing_is_shown(place: Place) -> None:
    await place.applied()
    tool = await place.tool()
    bare = await place.browser.get("/api/tools/v1/applications")
    assert bare.status_code == 401
    assert "connections key" in bare.json()["hint"]
    assert (await place.browser.get("/api/v1/status", headers=tool.headers)).status_code == 401
    await place.house.app.accounts.pause(tool.name, OWNER, "a doubt")
    answer = await tool.get("/applications")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "a doubt" in answer.json()["title"]
    await place.house.app.accounts.resume(tool.name, OWNER)
    former, tool.key = tool.key, await place.house.app.aitools.new_key(tool.name, OWNER)
    assert len(await tool.news()) == 1
    assert (
        await place.browser.get("/api/tools/v1/applications", headers={"authorization": f"Bearer {former}"})
    ).status_code == 200
    await place.house.app.accounts.remove(tool.name, OWNER)
    assert (await tool.get("/applications")).status_code == 401


async def test_a_tool_that_asks_too_often_is_told_how_long_to_wait(place: Place) -> None:
    tool = await place.tool()
    place.server.state.web.pace.most = 2
    assert [(await tool.get("/applications")).status_code for _ in range(3)] == [200, 200, 429]
    answer = await tool.get("/applications")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    place.house.clock.move(61)
    assert (await tool.get("/applications")).status_code == 200


@pytest.mark.parametrize("name", ["match", "Acme", "9lives", "a_b", "x" * 31])
async def test_a_tool_has_a_name_that_its_fields_can_bear(place: Place, name: str) -> None:
    with pytest.raises(InputError):
        await place.house.app.aitools.connect(NewConnection(name, "aitool"), OWNER)


@both_databases
async def test_a_tool_has_a_page_a_line_and_a_finding_like_every_connection(place: Place) -> None:
    ada, tool = await place.applied(), await place.tool(contact="yes")
    await tool.news()
    place.move(ada, "Onsite")
    await place.house.pass_time(4)
    app, browser = place.house.app, place.browser
    user = User(app.runtime.id(), app.workspace, "ida@tenant.example", "Ida", "administrator", app.runtime.now())
    await app.store.write(lambda tx: tx.people.set_user(user))
    link = await app.doors.login_link(user.email)
    await browser.post("/login", data={"token": parse_qs(urlsplit(link).query)["token"][0]})
    page = (await browser.get(f"/connections/{tool.name}")).text
    assert "Changes it has not seen" in page
    assert "Quill score" in page or "Bascule quill score" in page
    assert "How changes are noticed" not in page
    assert (await browser.get(f"/connections/{place.house.name}")).status_code == 200
    assert tool.name in (await browser.get("/connections")).text
    assert (await browser.get(f"/mapping/{tool.name}")).status_code == 200
    key = {"authorization": f"Bearer {app.local_key}"}
    told = (await browser.get(f"/api/v1/connections/{tool.name}/tool", headers=key)).json()
    assert (told["behind"], told["held"], told["unconfirmed"]) == (1, 1, 0)
    found = [one.what for one in await app.health.examine(app.workspace)]
    assert any("quill (AI tool) last asked" in one and "1 changes behind" in one for one in found)
    status = (await browser.get("/api/v1/status", headers=key)).json()
    assert {one["name"]: one["state"] for one in status["connections"]}[tool.name] == "in step"
    candidate = (await place.house.record(Kind.CANDIDATE, ada.candidate)).id
    await tool.say(await place.id(ada), version=1, score=33, reasons=["Knows Django"])
    page = (await browser.get(f"/candidates/{candidate}")).text
    assert "Quill: score (0-100)" in page
    assert "Knows Django" in page
    made = await browser.post("/api/v1/connections", json={"name": "hawk", "system": "aitool"}, headers=key)
    assert made.json()["key"].startswith("bst_")
    assert made.json()["hook_url"].endswith("/api/tools/v1")
    assert (
        await browser.post("/api/v1/connections/hawk/tool", json={"contact": "yes"}, headers=key)
    ).status_code == 200
