"""Who may see whom: the rule, and the store's lists and look-ups held against it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from tests.databases import both_databases

from bascule.core.sight import EXEMPT, Applied, sees
from bascule.model import Actor, ActorKind, Family, Fields, Kind, Record, Role, Source
from bascule.store import Store, Tx, open_store
from bascule.store.listing import SIGHT_DERIVED
from bascule.store.people import User
from bascule.store.sight import TEAM_ONLY, Sight, seeing, sight_of
from bascule.store.workspaces import Workspace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOURCE = Source("ours", Actor(ActorKind.PERSON, "test", "test"), "read", NOW)
DANA, JO = frozenset({"dana"}), frozenset({"jo"})


def test_the_rule() -> None:
    on, off = Applied(DANA), Applied(JO)
    closed = Applied(JO, confidential=True)
    assert sees(DANA, [off])  # everybody with the right, as it begins
    assert not sees(DANA, [off], team_only=True)
    assert sees(DANA, [off, on], team_only=True)
    assert not sees(DANA, [], team_only=True)
    assert not sees(DANA, [off], private=True)
    assert sees(DANA, [on], private=True)
    assert not sees(DANA, [closed])  # whatever else they applied to, and whatever is chosen
    assert not sees(DANA, [on, closed])
    assert sees(JO, [off, closed])
    assert not sees(frozenset(), [on], team_only=True)
    assert {Role.OWNER, Role.COMPLIANCE, Role.ADMINISTRATOR} == EXEMPT


@dataclass
class World:
    """A store with jobs, and people who have applied to some of them, drawn by lot."""

    store: Store
    people: dict[str, tuple[list[Applied], bool]] = field(default_factory=dict)

    def save(self, id: str, kind: Kind, fields: Fields, *more: Record) -> Record:
        record = Record(id, "w", kind, id, None, fields, dict.fromkeys(fields, SOURCE), "ours", NOW)
        records = {one.id: one for one in (record, *more)}
        family = Family(id, "w", kind, 0, "salt", records)
        self.store.transact(lambda tx: tx.families.save(None, family, now=NOW))
        return record

    def fill(self, lots: random.Random) -> None:
        users, jobs = ("dana", "jo", "kim"), dict[str, tuple[frozenset[str], bool]]()
        for one in users:
            self.save(one, Kind.USER, {"name": one, "email": f"{one.title()}@Mail.example"})
        for number in range(6):
            team = frozenset(lots.sample(users, lots.randrange(3)))
            first, rest = tuple(sorted(team))[:1], tuple(sorted(team))[1:]
            jobs[f"job{number}"] = team, (closed := lots.random() < 0.3)
            self.save(f"job{number}", Kind.JOB, {"recruiters": first, "hiring_managers": rest, "confidential": closed})
        for number in range(60):
            self.apply(f"p{number:02}", lots, jobs)

    def apply(self, id: str, lots: random.Random, jobs: dict[str, tuple[frozenset[str], bool]]) -> None:
        private, told = lots.random() < 0.2, list[Applied]()
        made: list[Record] = []
        for job in lots.sample(sorted(jobs), lots.randrange(4)):
            team, closed = jobs[job]
            named = lots.choice(("", "", "kim"))
            fields: Fields = {"job": job, "status": "active", "coordinator": named or None}
            record = Record(f"{id}-{job}", "w", Kind.APPLICATION, id, id, fields, {}, "ours", NOW)
            made.append(replace(record, sources=dict.fromkeys(fields, SOURCE)))
            told.append(Applied(team | ({named} if named else set()), closed))
        self.save(id, Kind.CANDIDATE, {"first_name": "A", "last_name": id, "private": private}, *made)
        self.people[id] = told, private


@pytest.fixture
def world(database: str) -> Iterator[World]:
    store = open_store(database, master=b"m" * 32, inline=True)
    store.transact(lambda tx: tx.workspaces.set(Workspace("w", "Main", NOW)))
    yield World(store)
    import asyncio

    asyncio.run(store.close())


def listed(tx: Tx) -> set[str]:
    return {row.record for row in tx.pages.candidates("w", limit=200)}


@both_databases
@pytest.mark.parametrize("seed", range(3))
def test_lists_look_ups_and_counts_say_what_the_rule_says(world: World, seed: int) -> None:
    world.fill(random.Random(seed))
    for user in ("dana", "jo", "kim", ""):
        for team_only in (False, True):
            known = frozenset({user} if user else ())
            wanted = {
                id for id, (told, private) in world.people.items()
                if sees(known, told, private=private, team_only=team_only)
            }  # fmt: skip
            assert 0 < len(wanted) < len(world.people) or not user
            with seeing(Sight("w", tuple(known), team_only)):
                assert world.store.query(listed) == wanted
                assert world.store.query(lambda tx: tx.pages.seen("w")) == wanted
                assert world.store.query(lambda tx: tx.pages.count_candidates("w")) == len(wanted)
                assert world.store.query(lambda tx: set(tx.families.families(list(world.people)))) == wanted
                assert world.store.query(lambda tx: set(tx.families.homes(list(world.people)))) == wanted
                assert world.store.query(lambda tx: set(tx.families.records("w", list(world.people)))) == wanted
                assert world.store.query(lambda tx: set(tx.pages.called(list(world.people)))) == wanted
                assert (
                    world.store.transact(lambda tx: {i for i in world.people if tx.families.record_family(i)}) == wanted
                )
    assert world.store.query(listed) == set(world.people)


@both_databases
def test_a_person_is_the_ats_user_with_their_address_and_hidden_only_where_something_is(world: World) -> None:
    def sight(role: Role = Role.RECRUITER, email: str = "dana@mail.example") -> Sight | None:
        user = User("u", "w", email, "Dana", role, NOW)
        return world.store.query(lambda tx: sight_of(tx, user, EXEMPT))

    world.save("dana", Kind.USER, {"name": "Dana", "email": "Dana@Mail.example"})
    world.save("old", Kind.USER, {"name": "Old", "email": "old@mail.example", "active": False})
    assert sight() is None  # as it begins, nothing is hidden and nothing is asked
    world.store.transact(lambda tx: tx.workspaces.set_setting("w", TEAM_ONLY, True))
    assert sight() == Sight("w", ("dana",), True)
    assert sight(email="old@mail.example") == Sight("w", (), True)
    assert sight(email="dana@mail.exampl") == Sight("w", (), True)
    for role in EXEMPT:
        assert sight(role) is None
    world.store.transact(lambda tx: tx.workspaces.set_setting("w", TEAM_ONLY, False))
    world.save("p", Kind.CANDIDATE, {"first_name": "A", "last_name": "B", "private": True})
    assert sight() == Sight("w", ("dana",), False)


def test_what_an_older_version_kept_is_hidden_too(world: World) -> None:
    world.fill(random.Random(1))

    def sighted(tx: Tx) -> list[set[str]]:
        found: list[set[str]] = []
        for user in ("dana", "jo", "kim"):
            tx.sight = Sight("w", (user,), True)
            found.append(listed(tx))
            tx.sight = None
        return found

    before = world.store.query(sighted)

    def forget(tx: Tx) -> None:
        from bascule.store.sql import Sql

        for table in ("teams", "confined", "colleagues"):
            tx.run(Sql(f"DELETE FROM {table}"))
        tx.workspaces.set_setting("w", SIGHT_DERIVED, None)

    world.store.transact(forget)
    assert world.store.query(sighted) != before

    def derive(tx: Tx) -> int:
        from bascule.store.listing import Listing

        return Listing(tx).derive_sight("w", limit=7)

    while world.store.transact(derive):
        pass
    assert world.store.query(sighted) == before
    assert world.store.transact(derive) == 0


def test_who_leaves_a_team_sees_no_more(world: World) -> None:
    world.fill(random.Random(2))
    job = world.store.query(lambda tx: tx.families.family("job0"))
    record = replace(
        job.records["job0"], fields={**job.records["job0"].fields, "recruiters": ("dana",), "confidential": False}
    )

    def sees_of(user: str) -> set[str]:
        with seeing(Sight("w", (user,), True)):
            return world.store.query(listed)

    on = replace(job, records={"job0": record})
    world.store.transact(lambda tx: tx.families.save(job, on, now=NOW))
    mine = sees_of("dana")
    job = world.store.query(lambda tx: tx.families.family("job0"))
    off = replace(
        job, records={"job0": replace(record, fields={**record.fields, "recruiters": (), "hiring_managers": ()})}
    )
    world.store.transact(lambda tx: tx.families.save(job, off, now=NOW))
    assert sees_of("dana") < mine
