"""Everything an ATS already holds, read page by page: resumable, readable from the first page on, and nothing is written."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.databases import both_databases

from bascule.engine.wire import WireRequest, WireResponse
from bascule.model import Kind, Mode
from bascule.sandbox.greenhouse import pipeline
from bascule.store.sql import Sql

from .kit import DANA, OWNER, Builder, House

PEOPLE = 120
LIVE = Sql("SELECT COUNT(*) FROM read_lanes WHERE kind = 'candidate' AND priority = 0")


async def candidates(house: House) -> int:
    return (await house.app.store.read(lambda tx: tx.pages.records(house.app.workspace))).get(Kind.CANDIDATE, 0)


async def until(house: House, done, rounds: int = 20_000) -> None:  # type: ignore[no-untyped-def]
    """Work until something holds, moving the clock only where nothing can be done."""
    for _ in range(rounds):
        if await done():
            return
        leased = await house.app.worker.step()
        await house.app.runtime.settle()
        if leased is not None and not len(leased):
            due = leased.next_due or house.clock.at + timedelta(seconds=1)
            house.clock.at = max(house.clock.at, due)
    raise AssertionError(await house.app.accounts.progress(house.name))


@both_databases
async def test_a_populated_ats_is_read_across_a_restart_and_nothing_is_written_or_scored(
    build: Builder,
) -> None:
    house = await build.house(None, candidates=PEOPLE)
    credential = house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes())
    await house.add(credential)

    async def some() -> bool:
        return await candidates(house) >= PEOPLE

    await until(house, some)
    progress = await house.app.accounts.progress(house.name)
    assert progress.state == "running"
    assert 0 < progress.lists_done < progress.lists
    page = await house.app.store.read(lambda tx: tx.pages.candidates(house.app.workspace, limit=5))
    assert len(page) == 5
    await build.restart(house)
    before = await candidates(house)
    assert before >= PEOPLE
    asked = house.calls("GET", "candidates")

    async def whole() -> bool:
        return house.at.row.crawled

    await until(house, whole)
    progress = await house.app.accounts.progress(house.name)
    assert progress.state == "done"
    assert progress.eta is None
    assert await candidates(house) == PEOPLE
    known = await house.app.store.read(lambda tx: tx.pages.records(house.app.workspace))
    assert known[Kind.APPLICATION] == len(house.sandbox.db["applications"])
    assert known[Kind.ATTACHMENT] == len(house.sandbox.db["attachments"])
    assert known[Kind.NOTE] == len([n for n in house.sandbox.db["notes"] if n["type"] == "NOTE"])
    assert house.calls("GET", "candidates") - asked < PEOPLE / 50  # it went on where it was
    await house.app.accounts.set_mode(house.name, Mode.SHADOW, OWNER)
    await house.app.accounts.set_mode(house.name, Mode.LIVE, OWNER)
    await house.quiet()
    assert not house.written()
    scored = await house.app.store.read(lambda tx: tx.tasks.list(house.app.workspace, name="score"))
    assert not scored
    assert not await house.app.store.read(
        lambda tx: [x for x in tx.audit.page(house.app.workspace) if x.action == "scored"]
    )


async def test_the_newest_people_are_readable_first(build: Builder) -> None:
    house = await build.house(None, candidates=505)
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes()))

    async def some() -> bool:
        return await candidates(house) > 0

    await until(house, some)
    newest = max(house.sandbox.db["candidates"].ids)
    assert await house.family(Kind.CANDIDATE, newest) is not None
    assert await house.family(Kind.CANDIDATE, 66_001) is None


async def test_polls_leave_a_first_reading_to_itself(build: Builder) -> None:
    """Only what has changed lately is followed meanwhile: else the first poll of every list reads the whole of it as
    well, object by object, and whoever applies stands behind them all."""
    house = await build.house(None, candidates=PEOPLE)
    house.clock.at += timedelta(days=30)
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes()))
    live: list[int] = []
    while not house.at.row.crawled:
        house.clock.at += timedelta(seconds=0.2)  # polls fall due between two pages
        await house.app.worker.step()
        await house.app.runtime.settle()
        (waiting,) = await house.app.store.read(lambda tx: tx.rows(LIVE))
        live.append(int(waiting[0]))
    assert max(live) == 0


async def test_who_was_shown_whole_by_a_list_is_not_asked_for_once_more(build: Builder) -> None:
    """A first reading takes as many requests as its lists have pages. By id is asked only what no list shows: why
    somebody was rejected, who interviews."""
    house = await build.house(None, candidates=PEOPLE)
    send, asked = house.transport.send, list[str]()

    async def heard(request: WireRequest, timeout: float) -> WireResponse:
        asked.append(request.url)
        return await send(request, timeout)

    house.transport.send = heard  # type: ignore[method-assign]
    await house.add(house.sandbox.access.create(DANA, "Bascule", 4_012_001, house.scopes()))

    async def whole() -> bool:
        return house.at.row.crawled

    await until(house, whole)
    await house.quiet()
    assert await candidates(house) == PEOPLE
    by_id = {url.partition("?")[0].rpartition("/")[2] for url in asked if re.search(r"[?&](candidate_)?ids=", url)}
    assert by_id.isdisjoint({"candidates", "notes", "attachments", "offers", "scorecards"}), by_id
    assert "applications" in by_id
    known = await house.app.store.read(lambda tx: tx.pages.records(house.app.workspace))
    assert known[Kind.ATTACHMENT] == len(house.sandbox.db["attachments"])
    assert known[Kind.SCORECARD] == len(house.sandbox.db["scorecards"])


@pytest.mark.parametrize(("kind", "status"), [("WE_REJECTED_THEM", "rejected"), ("THEY_REJECTED_US", "withdrawn")])
async def test_why_somebody_was_rejected_before_we_came_is_taken_and_tells_a_withdrawal(
    build: Builder, kind: str, status: str
) -> None:
    house = await build.house(mode=None)
    reasons = house.sandbox.db["rejection_reasons"]
    theirs = kind == "THEY_REJECTED_US"
    reason = next(one for one in reasons if one["type"] and (one["type"]["key"] == "THEY_REJECTED_US") == theirs)
    applied = await house.apply()
    pipeline.reject(house.sandbox, DANA, applied.application, {"rejection_reason_id": reason["id"]})
    await house.connect()
    record = await house.record(Kind.APPLICATION, applied.application)
    assert record.fields["status"] == status
    assert record.fields["reason"] == (await house.record(Kind.REJECTION_REASON, reason["id"])).id
    assert not house.written("applications", "rejection_details")
