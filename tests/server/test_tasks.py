"""The page of tasks: what, where, how old, due when, whose, what next; narrowed, handed over, put off, ended."""

from __future__ import annotations

from datetime import timedelta

from tests.databases import both_databases

from bascule.server.roles import Role
from bascule.store import Tx
from bascule.store.assignments import Assignment
from bascule.store.people import User

from .conftest import Bench
from .test_pages import dead_write


async def notices(bench: Bench, how_many: int) -> None:
    now = bench.app.runtime.now()

    def put(tx: Tx) -> None:
        for number in range(how_many):
            tx.notices.put(bench.app.workspace, "parity", f"n{number}", f"Difference number {number:03}.", now=now)

    await bench.app.store.write(put)


async def test_a_task_says_what_to_do_and_leads_to_the_thing_itself(inside: Bench) -> None:
    await dead_write(inside)
    page = (await inside.browser.get("/tasks")).text
    assert '<a data-main href="/failures?connection=greenhouse">Value refused</a>' in page
    assert '<a href="/connections/greenhouse">' in page
    assert "Correct the value here" in page
    assert "1 task." in page
    assert '<a href="/tasks" data-cell="tasks">1 task</a>' in (await inside.browser.get("/")).text


async def test_the_list_is_narrowed_by_kind_assignee_and_time(inside: Bench) -> None:
    await dead_write(inside)
    await notices(inside, 1)
    assert "2 tasks." in (await inside.browser.get("/tasks")).text
    only = (await inside.browser.get("/tasks?kind=notice")).text
    assert "Difference number" in only
    assert "Value refused" not in only
    assert "No task matches" in (await inside.browser.get("/tasks?overdue=1")).text
    me = (await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace)))[0]
    assert "No task matches" in (await inside.browser.get(f"/tasks?assignee={me.id}")).text


async def test_a_long_list_goes_on_where_the_last_page_ended(inside: Bench) -> None:
    await notices(inside, 130)
    seen: list[str] = []
    path = "/tasks"
    while path:
        page = (await inside.browser.get(path)).text
        seen += [part[:3] for part in page.split("Choose: Difference number ")[1:]]
        before = page.split('rel="next"')[0] if 'rel="next"' in page else ""
        path = before.rsplit('href="', 1)[-1].split('"')[0].replace("&amp;", "&") if before else ""
    assert len(seen) == len(set(seen)) == 130


async def test_chosen_tasks_are_given_to_somebody_by_a_day(inside: Bench) -> None:
    await notices(inside, 3)
    me = (await inside.app.store.read(lambda tx: tx.people.users(inside.app.workspace)))[0]
    chosen = [task.id for task in await inside.app.tasks.list()][:2]
    answer = await inside.post("/tasks", task=chosen, assignee=me.id, due="2999-11-30", back="/tasks?kind=notice")
    assert answer.headers["location"] == "/tasks?kind=notice"
    assert "2 tasks changed." in (await inside.browser.get("/tasks")).text
    tasks = {task.id: task for task in await inside.app.tasks.list()}
    assert [tasks[id].assignee for id in chosen] == [me.id, me.id]
    assert {tasks[id].due.isoformat() for id in chosen} == {"2999-11-30T17:00:00+00:00"}
    assert "Choose" in (await inside.browser.get(f"/tasks?assignee={me.id}")).text


async def test_what_cannot_be_changes_no_task(inside: Bench) -> None:
    await notices(inside, 1)
    (task,) = await inside.app.tasks.list()
    for given in ({"due": "2001-01-01"}, {"due": "soon"}, {"assignee": "nobody"}, {}):
        await inside.post("/tasks", task=task.id, **given)
        assert await inside.app.tasks.list() == [task]
    await inside.post("/tasks", task=[task.id, "notice:999"], assignee="owner", due="2999-11-30")
    assert await inside.app.tasks.list() == [task]


async def test_put_off_it_comes_back_by_itself(inside: Bench) -> None:
    await notices(inside, 1)
    (task,) = await inside.app.tasks.list()
    await inside.post("/tasks", task=task.id, snoozed="2999-11-30")
    assert "Nothing waits for anybody" in (await inside.browser.get("/tasks")).text
    assert "put off until" in (await inside.browser.get("/tasks?every=1")).text


@both_databases
async def test_a_notice_is_ended_where_it_stands(inside: Bench) -> None:
    await notices(inside, 1)
    (task,) = await inside.app.tasks.list()
    await inside.post("/tasks/done", id=task.id)
    assert "Nothing waits for anybody" in (await inside.browser.get("/tasks")).text


async def test_an_escalated_task_stands_first_on_the_overview_and_is_counted_everywhere(inside: Bench) -> None:
    await notices(inside, 1)
    (task,) = await inside.app.tasks.list()
    past = task.due - timedelta(days=9)
    await inside.app.store.write(lambda tx: tx.assignments.set(inside.app.workspace, Assignment(task.id, due=past)))
    await inside.app.tasks.escalate()
    overview = (await inside.browser.get("/")).text
    assert "Escalated: Difference number 000." in overview
    assert "1 overdue" in overview
    assert '<span class="count bad">1</span>' in (await inside.browser.get("/jobs")).text
    assert "1 of them escalated" in (await inside.browser.get("/tasks?overdue=1")).text


async def test_who_only_reads_is_offered_no_change(bench: Bench) -> None:
    await bench.enter(Role.COMPLIANCE)
    await notices(bench, 1)
    page = (await bench.browser.get("/tasks")).text
    assert "Difference number 000." in page
    assert 'action="/tasks/done"' not in page
    assert 'id="say"' not in page
    (task,) = await bench.app.tasks.list()
    await bench.post("/tasks/done", id=task.id)
    assert "Your role (compliance) does not include this." in (await bench.browser.get("/tasks")).text
    assert await bench.app.tasks.list() == [task]


async def test_absences_are_entered_on_the_page_and_by_the_api(inside: Bench) -> None:
    app = inside.app
    (me,) = await app.store.read(lambda tx: tx.people.users(app.workspace))
    now = app.runtime.now()
    dora = User("dora", app.workspace, "dora@tenant.example", "Dora Deputy", "owner", now)
    await app.store.write(lambda tx: tx.people.set_user(dora))
    last = (now + timedelta(days=3)).date()
    await inside.post("/tasks/away", person=me.id, deputy="dora", until=last.isoformat())
    assert "Dora Deputy acts" in (await inside.browser.get("/tasks")).text
    key = {"authorization": f"Bearer {app.local_key}"}
    (told,) = (await inside.browser.get("/api/v1/absences", headers=key)).json()["items"]
    assert (told["person"], told["deputy"], told["until"][:10]) == (
        me.id, "dora", (last + timedelta(days=1)).isoformat(),
    )  # fmt: skip
    await inside.post("/tasks/away", person=me.id, deputy=me.id, until=last.isoformat())
    assert "Nobody is their own deputy" in (await inside.browser.get("/tasks")).text
    body = {"person": me.email, "deputy": "dora@tenant.example", "until": (now + timedelta(days=9)).isoformat()}
    assert (await inside.browser.put("/api/v1/absences", json=body, headers=key)).status_code == 200
    await inside.post("/tasks/back", person=me.id)
    assert "Everybody is here." in (await inside.browser.get("/tasks")).text
    assert (await inside.browser.delete(f"/api/v1/absences/{me.email}", headers=key)).status_code == 404
    await inside.enter(Role.COMPLIANCE)
    assert "Enter an absence" not in (await inside.browser.get("/tasks")).text
