"""What a connection's data will cost is a page: counts, lists, what mending would do, done with a button, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bascule.model import Family, Kind, Link, Record, Source
from bascule.office.datacheck import CHECK
from bascule.office.remedies import Remedy
from bascule.server.roles import Role, Scope

from .conftest import SOMEBODY, Bench
from .test_api import key

AT = "/connections/greenhouse/data"


async def job(bench: Bench, connection: str, external: str, title: str, **fields: str) -> str:
    """A job of that connection, which applicants may have seen."""
    app, now = bench.app, bench.app.runtime.now()
    id, family = app.runtime.id(), app.runtime.id()
    held = {"title": title, "status": "open", **fields}
    source = Source(connection, SOMEBODY, "read", now)
    record = Record(id, app.workspace, Kind.JOB, family, None, held, dict.fromkeys(held, source), connection, now)
    link = Link(app.runtime.id(), connection, Kind.JOB, external, id)
    made = Family(family, app.workspace, Kind.JOB, 0, "salt", {id: record}, {link.id: link})
    await app.store.write(lambda tx: tx.families.save(None, made, now=now))
    return id


async def known(bench: Bench) -> tuple[str, str, str]:
    """A connection that was read whole: an untidy title, one closed long ago, and somebody without a number."""
    row = await bench.connection()
    await bench.app.store.write(lambda tx: tx.connections.set(replace(row, crawled=True)))
    await bench.app.connections.refresh()
    long_ago = (datetime.now(UTC) - timedelta(days=200)).isoformat()
    untidy = await job(bench, row.id, "1", "SR ACCOUNTANT (m/f/d)")
    old = await job(bench, row.id, "2", "Gardener", status="closed", closed_at=long_ago)
    return untidy, old, await bench.candidate(connection=row.id)


async def work(bench: Bench) -> None:
    """The check that is due, as the worker would do it."""
    now = datetime.now(UTC)
    for lease in await bench.app.store.write(
        lambda tx: tx.tasks.lease([CHECK], 1, now=now + timedelta(days=1), until=now + timedelta(days=2), worker="w")
    ):
        await bench.app.data_checks.run(lease)
        await bench.app.store.write(lambda tx, lease=lease: tx.tasks.done(lease))


async def test_the_page_says_at_every_step_where_things_stand(inside: Bench) -> None:
    row = await inside.connection()
    assert "Not everything has been read yet" in (await inside.browser.get(AT)).text
    await inside.post(AT)
    assert "has not been read whole yet" in (await inside.browser.get(AT)).text
    await inside.app.store.write(lambda tx: tx.connections.set(replace(row, crawled=True)))
    await inside.app.connections.refresh()
    assert "Check the data of greenhouse" in (await inside.browser.get(AT)).text
    await inside.post(AT)
    page = (await inside.browser.get(AT)).text
    assert "Looked at 0 of 0 candidates and jobs." in page
    await work(inside)
    assert "Nothing was found that can be mended in bulk." in (await inside.browser.get(AT)).text
    assert f'href="{AT}"' in (await inside.browser.get("/connections/greenhouse")).text
    assert (await inside.browser.get(f"{AT}/moon")).status_code == 404
    assert (await inside.browser.get("/connections/nowhere/data")).status_code == 404


async def test_titles_are_shown_before_normalised_with_a_button_and_taken_back(inside: Bench) -> None:
    untidy, _, _ = await known(inside)
    await inside.post(AT)
    await work(inside)
    page = (await inside.browser.get(AT)).text
    for said in ("Normalise 1 title", "Archive 1 requisition", "Without a telephone number", f"{AT}/no-phone"):
        assert said in page
    assert "Ada Byron" in (await inside.browser.get(f"{AT}/no-phone")).text
    listed = (await inside.browser.get(f"{AT}/titles")).text
    assert "Senior Accountant" in listed
    assert f'href="/jobs/{untidy}"' in listed
    await inside.post(f"{AT}/apply", remedy="titles")
    page = (await inside.browser.get(AT)).text
    assert "1 title normalised." in page
    batch = page.split('name="batch" value="')[1].split('"')[0]
    assert "nothing: mended meanwhile" in (await inside.browser.get(f"{AT}/titles")).text
    await work(inside)  # looked at anew by itself
    assert "Normalise" not in (await inside.browser.get(AT)).text
    jobs = (await inside.browser.get("/jobs?q=senior+accountant")).text
    assert "SR ACCOUNTANT" in jobs
    await inside.post(f"{AT}/undo", batch=batch)
    assert "Taken back of 1 job." in (await inside.browser.get(AT)).text
    await inside.post(f"{AT}/undo", batch=batch)
    assert "stands any more" in (await inside.browser.get(AT)).text


async def test_what_is_archived_leaves_the_lists_and_is_found_by_searching(inside: Bench) -> None:
    _, old, _ = await known(inside)
    before = (await inside.browser.get("/jobs?status=closed")).text
    assert "Gardener" in before
    assert ">Archived</option>" not in before
    await inside.post(f"{AT}/apply", remedy="archive")

    async def found(**query: str) -> list[tuple[str, bool]]:
        answer = await inside.browser.get("/api/v1/jobs", params=query, headers=headers)
        return [(one["id"], one["archived"]) for one in answer.json()["items"]]

    headers = await key(inside, Scope.JOBS_READ)
    assert "Gardener" not in (await inside.browser.get("/jobs?status=closed")).text
    assert await found(status="closed") == []
    assert await found(status="closed", q="garden") == await found(status="archived") == [(old, True)]
    assert (old, True) in await found(status="all")
    page = (await inside.browser.get("/jobs?q=garden")).text
    assert "1 job of another status" in page
    assert ">Archived</option>" in page
    assert "Archived here" in (await inside.browser.get(f"/jobs/{old}")).text
    assert "Gardener" not in (await inside.browser.get("/jobs.csv?status=closed")).text
    assert "Gardener" in (await inside.browser.get("/jobs.csv?status=archived")).text


async def test_who_may_not_operate_looks_and_changes_nothing(bench: Bench) -> None:
    await known(bench)
    await bench.app.data_checks.begin("greenhouse", SOMEBODY)
    await work(bench)
    await bench.enter(Role.RECRUITER)
    page = (await bench.browser.get(AT)).text
    assert "Normalise 1 title" in page
    assert f'action="{AT}' not in page
    await bench.post(f"{AT}/apply", remedy="titles")
    assert len(await bench.app.remedies.preview("greenhouse", Remedy.TITLES)) == 1


async def test_programs_check_list_apply_and_take_back(bench: Bench) -> None:
    headers = {"authorization": f"Bearer {bench.app.local_key}"}
    untidy, _, _ = await known(bench)
    path = f"/api/v1{AT}"
    assert (await bench.browser.get(path, headers=headers)).json()["checked"] is None
    assert (await bench.browser.get(f"{path}/findings/titles", headers=headers)).status_code == 404
    await bench.browser.post(path, headers=headers)
    assert (await bench.browser.get(path, headers=headers)).json()["going"] is True
    await work(bench)
    told = (await bench.browser.get(path, headers=headers)).json()
    assert (told["going"], told["candidates"], told["jobs"], told["findings"]["titles"]) == (False, 1, 2, 1)
    listed = (await bench.browser.get(f"{path}/findings/titles", headers=headers)).json()
    assert listed == {"items": [{"record": untidy, "name": "SR ACCOUNTANT (m/f/d)"}], "next": None}
    changes = (await bench.browser.get(f"{path}/titles", headers=headers)).json()["items"]
    assert [one["value"] for one in changes] == ["Senior Accountant"]
    applied = (await bench.browser.post(f"{path}/titles", headers=headers, json={})).json()
    made = (await bench.browser.get(f"{path}/batches", headers=headers)).json()["items"]
    assert [(one["batch"], one["remedy"], one["jobs"]) for one in made] == [(applied["batch"], "titles", 1)]
    undone = await bench.browser.post(f"{path}/undo", headers=headers, json={"batch": applied["batch"]})
    assert undone.json() == {"jobs": 1}
