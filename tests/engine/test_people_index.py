"""Everybody ever met is in the index: at once who applies, in portions who was there before, nobody who may not be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.databases import both_databases

from bascule.app import App
from bascule.core.rediscovery import Fact, Policy, stored
from bascule.core.retention import Rule
from bascule.hiring.indexing import SETTING
from bascule.hiring.older import OlderResumes
from bascule.match.index import Index, Sought, Unit, word_number
from bascule.match.traits import fold, skill_mark, words_of, work_mark
from bascule.model import Kind
from bascule.sandbox.greenhouse import people, pipeline
from bascule.store import Tx
from bascule.trust.retiring import set_rule

from .kit import DANA, GARDENER, OWNER, ROBIN, Applied, Builder, House, Workbench


async def search(app: App, text: str, *words: str, k: int = 10) -> Sought:
    held = await app.pool.of(app.workspace)
    query = app.matcher.embedder.vector(text) if text else None
    return held.index.search(query, [Unit(((word_number(fold(one)),),)) for one in words], k=k)


async def finds(app: App, *words: str) -> list[str]:
    """Who says all of this."""
    return [one.id for one in (await search(app, "", *words)).found if len(one.said) == len(words)]


async def known(house: House, applied: Applied) -> bool:
    return await house.family(Kind.CANDIDATE, applied.candidate) is not None


async def person(house: House, applied: Applied) -> str:
    return (await house.record(Kind.CANDIDATE, applied.candidate)).id


async def test_who_applies_is_found_by_name_at_once_and_by_their_cv_when_it_is_read(house: House) -> None:
    ada = await house.apply()
    await house.until(lambda: known(house, ada), within=5)
    await house.pass_time(1)
    assert await finds(house.app, "Byron") == [await person(house, ada)]
    cv = GARDENER.replace(b"Ada Byron", b"Rose Bloom")
    gardener = await house.apply("Rose", "Bloom", "rose@example.org", file=cv)
    await house.pass_time(8)
    ours, theirs = await person(house, ada), await person(house, gardener)
    assert await finds(house.app, "Byron") == [ours]
    assert await finds(house.app, "glasshouses") == [theirs]
    assert await finds(house.app, skill_mark(mark(house, "PostgreSQL"))) == [ours]
    sought = await search(house.app, "A gardener who plants roses and trees in a public park.")
    assert [one.id for one in sought.found] == [theirs, ours]
    assert sought.found[0].similarity > sought.found[1].similarity + 0.1
    held = await house.app.pool.of(house.app.workspace)
    assert held.index.where(lambda facts: facts["flags"] & int(Fact.RESUME) > 0).sum() == 2


def mark(house: House, name: str) -> str:
    concept = house.app.matcher.skills.find(name)
    assert concept is not None
    return concept.id


async def test_nobody_is_found_by_what_they_are_not_to_be_judged_by(house: House) -> None:
    said = "Gender: female\nDate of birth: 3 May 1988\nNationality: Swedish\nMarried, two children\n"
    applied = await house.apply("Ada", "Byron", more=said)
    await house.pass_time(8)
    for word in ("female", "swedish", "married", "1988"):
        assert await finds(house.app, word) == [], word
    assert await finds(house.app, "contoso") == [await person(house, applied)]


async def test_who_was_there_before_is_found_after_the_first_reading_and_nothing_is_written(build: Builder) -> None:
    house = await build.house(mode=None)
    old = await house.apply("Old", "Timer", "old@example.org")
    people.update(house.sandbox, ROBIN, old.candidate, {"title": "Glazier", "company": "Windowpane Ltd"})
    await house.connect()
    await house.pass_time(40)
    assert await finds(house.app, "glazier") == [await person(house, old)]
    assert not house.written()


async def test_a_change_in_the_ats_is_found_and_what_was_is_not(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(8)
    people.update(house.sandbox, ROBIN, applied.candidate, {"title": "Beekeeper"})
    await house.pass_time(8)
    assert await finds(house.app, "beekeeper") == [await person(house, applied)]
    people.update(house.sandbox, ROBIN, applied.candidate, {"title": "Falconer"})
    await house.pass_time(8)
    assert await finds(house.app, "beekeeper") == []
    assert await finds(house.app, "falconer") == [await person(house, applied)]


@both_databases
async def test_the_erased_are_gone_from_every_memory(build: Builder) -> None:
    house = await build.house()
    applied, kept = await house.apply("Canarina", "Plume", "c@example.org"), await house.apply()
    await house.pass_time(8)
    record = await person(house, applied)
    other = await build.second(house) if not house.app.store.alone else house
    for app in (house.app, other.app):
        assert await finds(app, "Plume") == [record]
    begun = await house.app.erasures.begin(record, OWNER)
    await house.pass_time(12)
    done = await house.app.erasures.get(begun.id)
    assert done.certificate is not None
    places = {place["place"]: place["outcome"] for place in done.certificate["certificate"]["places"]}
    assert places["vectors and words of the text"] == "1 removed"
    for app in (house.app, other.app):
        held = await app.pool.of(app.workspace)
        assert record not in held.index
        assert await person(house, kept) in held.index
        assert bytes_of(held.index) == bytes_of(only(held.index, await person(house, kept)))


def bytes_of(index: Index) -> list[int]:
    """How many bytes of each array say something, whoever they are of."""
    names = ("vectors", "codes", "words", "live")
    return [sum(int(np.count_nonzero(getattr(b, n))) for b in index._blocks) for n in names]


def only(index: Index, id: str) -> Index:
    """The same index with nobody else ever in it."""
    fresh = Index(index.dimensions, index._own.tolist())
    at = index._places[id]
    block = index._blocks[0]
    fresh._room()
    home = fresh._blocks[0]
    home.vectors[0], home.codes[:, 0], home.live[0] = block.vectors[at], block.codes[:, at], True
    group, bit = divmod(at, 512)
    home.words[0, :, 0] = block.words[group, :, bit >> 3] & np.uint8(1 << (bit & 7))
    return fresh


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_another_process_commits_is_found_by_the_time_somebody_asks(build: Builder) -> None:
    house = await build.house()
    other = await build.second(house)
    await other.app.pool.of(other.app.workspace)
    applied = await house.apply()
    await house.pass_time(8)
    assert await finds(other.app, "Byron") == [await person(house, applied)]
    people.update(house.sandbox, ROBIN, applied.candidate, {"title": "Beekeeper"})
    await house.pass_time(8)
    assert await finds(other.app, "beekeeper") == [await person(house, applied)]


@pytest.mark.parametrize(
    ("change", "policy", "fact"),
    [
        ({"tags": ("No contact",)}, Policy(refused=("no CONTACT",)), Fact.REFUSED),
        ({"custom": {"keep": "no"}}, Policy(field="keep"), Fact.REFUSED),
        ({"custom": {"keep": "2020-01-31"}}, Policy(field="keep"), Fact.REFUSED),
        ({}, Policy(field="keep", only_agreed=True), Fact.NOT_AGREED),
        ({"private": True}, Policy(), Fact.PRIVATE),
    ],
)
async def test_of_who_may_not_be_considered_nothing_but_that_is_held(
    house: House, change: dict[str, Any], policy: Policy, fact: Fact
) -> None:
    applied = await house.apply()
    await house.pass_time(8)
    record = await person(house, applied)
    await house.app.store.write(
        lambda tx: tx.workspaces.set_setting(house.app.workspace, SETTING, stored(policy))
    )  # fmt: skip
    if change:
        await house.app.changes.edit(record, change, OWNER)
    else:
        await house.app.store.write(lambda tx: tx.indexed.mark_all(house.app.workspace))
    await house.pass_time(40)
    held = await house.app.pool.of(house.app.workspace)
    assert held.index.where(lambda facts: facts["flags"] & int(fact) > 0).sum() == 1
    vector = held.index.vector(record)
    assert vector is not None
    assert not vector.any()
    assert await finds(house.app, "Byron") == []


async def test_who_will_be_due_under_the_retention_rule_is_held_until_then(house: House) -> None:
    applied = await house.apply()
    await house.pass_time(8)
    reason = house.reason("Lacks required experience")["id"]
    pipeline.reject(house.sandbox, DANA, applied.application, {"rejection_reason_id": reason})
    await house.pass_time(8)
    record = await person(house, applied)

    def on(tx: Tx) -> None:
        set_rule(tx, house.app.workspace, Rule(on=True, months=12))
        tx.indexed.mark_all(house.app.workspace)

    await house.app.store.write(on)
    await house.pass_time(40)
    held, year = await house.app.pool.of(house.app.workspace), 365 * 86_400
    now = house.clock.at.timestamp()
    until = held.index.where(lambda facts: np.abs(facts["until"] - now - year) < 3600)
    assert until.sum() == 1
    assert await finds(house.app, "Byron") == [record]


def test_words_are_compared_without_accents_and_numbers_only_where_they_are_long() -> None:
    assert words_of("Åkerström built C++ and C# in 2019, 21120 Malmö") == [
        "akerstrom", "built", "c++", "and", "c#", "in", "21120", "malmo",
    ]  # fmt: skip
    assert work_mark("15-1252.00") == work_mark("15-1252")


async def test_older_cvs_are_read_once_somebody_chooses_so_and_nobody_is_scored_for_it(
    build: Builder, bench: Workbench
) -> None:
    house = await build.house(mode=None)
    cv = GARDENER.replace(b"Ada Byron", b"Old Timer")
    old = await house.apply("Old", "Timer", "old@example.org", file=cv)
    await house.connect()
    app = house.app
    app.__dict__["older"] = OlderResumes(app.runtime, app.store, app.connections, app.contents, bench.reader)
    await house.pass_time(130)
    assert await finds(app, "glasshouses") == [], "nothing is fetched because of a first meeting"
    await app.rediscovery.set_policy(Policy(read=True), OWNER)
    await house.pass_time(130)
    assert await finds(app, "glasshouses") == [await person(house, old)]
    record = await house.record(Kind.APPLICATION, old.application)
    assert "match_score" not in record.fields
    assert not house.written()
    waiting = await app.store.read(lambda tx: tx.indexed.count_unread(app.workspace))
    assert waiting == 0


async def test_an_older_cv_that_cannot_be_had_is_not_asked_for_again_and_again(
    build: Builder, bench: Workbench
) -> None:
    house = await build.house(mode=None)
    await house.apply("Old", "Timer", "old@example.org", file=b"\x00\x01 nothing that can be read")
    await house.connect()
    app = house.app
    app.__dict__["older"] = OlderResumes(app.runtime, app.store, app.connections, app.contents, bench.reader)
    await app.rediscovery.set_policy(Policy(read=True), OWNER)
    await house.pass_time(130)
    asked = [one for one in house.transport.log if "attachment" in one.path]
    await house.leap(600)
    assert await app.store.read(lambda tx: tx.indexed.count_unread(app.workspace)) == 0
    assert len([one for one in house.transport.log if "attachments/" in one.path]) <= len(asked) + 1
