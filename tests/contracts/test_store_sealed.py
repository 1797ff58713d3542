"""What is sealed stays sealed: keys, rotation, erasure, stored files, and the audit that nobody rewrites."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bascule import model as m
from bascule.core import audit
from bascule.errors import ConfigurationError, NotFoundError
from bascule.store import Store, Tx, open_store
from bascule.store.audit import Line
from bascule.store.people import ApiKey, User
from bascule.store.sql import Sql

from ..conftest import AUDIT, MASTER
from .people import ATS, LATER, NOW, WORKSPACE

DAY = timedelta(days=1)
BIG = os.urandom(40_000)


# ------------------------------------------------------------------------------------------------------------- vault


def test_sealed_values_open_again_and_tell_nothing(store: Store) -> None:
    def unit(tx: Tx) -> tuple[bytes, bytes, bytes]:
        return (
            tx.vault.seal(WORKSPACE, None, b"canary"),
            tx.vault.seal(WORKSPACE, None, b"canary"),
            tx.vault.seal(WORKSPACE, "family-1", b"canary"),
        )

    sealed = store.transact(unit)
    assert len(set(sealed)) == 3
    assert not any(b"canary" in one for one in sealed)
    assert store.query(lambda tx: [tx.vault.open(one) for one in sealed]) == [b"canary"] * 3


def test_a_damaged_value_is_refused(store: Store) -> None:
    sealed = store.transact(lambda tx: tx.vault.seal(WORKSPACE, None, b"canary"))
    for bad in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"short", b"\x09" + sealed[1:]):
        with pytest.raises(ConfigurationError):
            store.query(lambda tx, bad=bad: tx.vault.open(bad))


def test_an_erased_persons_values_cannot_be_opened_by_anybody(store: Store) -> None:
    sealed = store.transact(lambda tx: tx.vault.seal(WORKSPACE, "family-1", b"canary"))
    other = store.transact(lambda tx: tx.vault.seal(WORKSPACE, "family-2", b"kept"))
    store.transact(lambda tx: tx.vault.erase(WORKSPACE, "family-1"))
    with pytest.raises(NotFoundError, match="erased"):
        store.query(lambda tx: tx.vault.open(sealed))
    assert store.query(lambda tx: tx.vault.open(other)) == b"kept"


def test_a_key_of_an_undone_unit_is_not_used_again(store: Store) -> None:
    def unit(tx: Tx) -> bytes:
        with contextlib.suppress(ZeroDivisionError), tx.savepoint():
            tx.vault.seal(WORKSPACE, None, b"x")
            raise ZeroDivisionError
        return tx.vault.seal(WORKSPACE, None, b"kept")

    def failing(tx: Tx) -> None:
        tx.vault.seal("other", None, b"x")
        raise ZeroDivisionError

    sealed = store.transact(unit)
    with pytest.raises(ZeroDivisionError):
        store.transact(failing)
    again = store.transact(lambda tx: tx.vault.seal("other", None, b"kept"))
    assert store.query(lambda tx: [tx.vault.open(one) for one in (sealed, again)]) == [b"kept"] * 2


async def test_the_master_key_is_rotated_while_running(database: str) -> None:
    keys = [MASTER]
    store = open_store(database, master=lambda: keys, workers=2)
    sealed = await store.write(lambda tx: [tx.vault.seal(WORKSPACE, f, b"old") for f in (None, "f1", "f2")])
    fresh = os.urandom(32)
    keys[:] = [fresh, MASTER]
    assert await store.rotate() == 3
    assert await store.rotate() == 0
    sealed += await store.write(lambda tx: [tx.vault.seal(WORKSPACE, "f3", b"new")])
    keys[:] = [fresh]
    assert await store.read(lambda tx: [tx.vault.open(one) for one in sealed]) == [b"old"] * 3 + [b"new"]
    await store.close()

    only_new = open_store(database, master=fresh)
    assert await only_new.read(lambda tx: [tx.vault.open(one) for one in sealed]) == [b"old"] * 3 + [b"new"]
    await only_new.close()
    only_old = open_store(database, master=MASTER)
    with pytest.raises(ConfigurationError, match="not the one configured"):
        await only_old.read(lambda tx: tx.vault.open(sealed[0]))
    await only_old.close()


# ------------------------------------------------------------------------------------------------------------ stored


def put(store: Store, data: bytes, owner: str = "a1", *, family: str = "f1", at: timedelta = timedelta()) -> str | None:
    return store.transact(
        lambda tx: tx.stored.put(WORKSPACE, family, "resume", owner, data, now=NOW + at, media="application/pdf")
    )


def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "files"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("data", [b"", b"small", BIG], ids=["empty", "small", "large"])
def test_content_comes_back_and_lies_sealed(store: Store, tmp_path: Path, data: bytes) -> None:
    address = put(store, data)
    assert address is not None
    assert store.query(lambda tx: tx.stored.get(address)) == data
    item = store.query(lambda tx: tx.stored.item(address))
    assert (item.size, item.media, item.created, item.what) == (len(data), "application/pdf", NOW, "resume")
    assert len(files(tmp_path)) == (data is BIG)
    assert all(BIG[:100] not in file.read_bytes() for file in files(tmp_path))


def test_the_same_content_of_a_person_is_kept_once_until_nobody_has_it(store: Store, tmp_path: Path) -> None:
    first, second = put(store, BIG, "a1"), put(store, BIG, "a2")
    assert first == second
    assert first is not None
    assert len(files(tmp_path)) == 1
    store.transact(lambda tx: tx.stored.release("a1", "resume"))
    assert store.query(lambda tx: tx.stored.get(first)) == BIG
    store.transact(lambda tx: tx.stored.release("a2", "resume"))
    assert files(tmp_path) == []
    with pytest.raises(NotFoundError):
        store.query(lambda tx: tx.stored.get(first))


def test_the_same_content_of_another_person_has_another_address(store: Store) -> None:
    assert put(store, b"same", "a1", family="f1") != put(store, b"same", "a2", family="f2")


def test_a_newer_object_replaces_the_older(store: Store, tmp_path: Path) -> None:
    old, new = put(store, BIG), put(store, BIG + b"2")
    assert new is not None
    assert len(files(tmp_path)) == 1
    assert store.query(lambda tx: tx.stored.of("a1", "resume")) == new
    assert old != new


def test_an_undone_unit_leaves_a_file_that_the_sweep_finds(store: Store, tmp_path: Path) -> None:
    kept = put(store, BIG)

    def failing(tx: Tx) -> None:
        tx.stored.put(WORKSPACE, "f1", "resume", "a9", BIG + b"9", now=NOW)
        tx.stored.release("a1", "resume")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(failing)
    assert len(files(tmp_path)) == 2
    assert store.query(lambda tx: tx.stored.sweep(before=NOW.replace(year=2000))) == 0  # too young to judge
    assert store.query(lambda tx: tx.stored.sweep(before=NOW.replace(year=2200))) == 1
    assert store.query(lambda tx: tx.stored.get(str(kept))) == BIG


def test_released_and_put_again_in_one_round_is_kept(store: Store) -> None:
    def unit(tx: Tx) -> str | None:
        tx.stored.release("a1", "resume")
        return tx.stored.put(WORKSPACE, "f1", "resume", "a1", BIG, now=NOW)

    put(store, BIG)
    address = store.transact(unit)
    assert store.query(lambda tx: tx.stored.get(str(address))) == BIG


def test_a_retention_of_none_keeps_nothing_and_one_of_days_ends(store: Store, tmp_path: Path) -> None:
    young, old = put(store, BIG + b"1", "a1", at=5 * DAY), put(store, BIG, "a2")
    store.transact(lambda tx: tx.stored.set_retention(WORKSPACE, "resume", 7))
    assert store.transact(lambda tx: tx.stored.expire(now=NOW + 8 * DAY)) == 1
    assert store.query(lambda tx: tx.stored.of("a2", "resume")) is None
    assert store.query(lambda tx: tx.stored.of("a1", "resume")) == young
    assert old is not None
    store.transact(lambda tx: tx.stored.set_retention(WORKSPACE, "resume", 0))
    assert put(store, b"transit only", "a3") is None
    store.transact(lambda tx: tx.stored.expire(now=NOW + 8 * DAY))
    assert files(tmp_path) == []


def test_what_is_kept_of_a_person_goes_with_them(store: Store, tmp_path: Path) -> None:
    put(store, BIG, "a1")
    put(store, b"text", "a2")
    other = put(store, b"other", "a3", family="f2")
    assert store.transact(lambda tx: tx.stored.forget(WORKSPACE, "f1")) == 2
    assert files(tmp_path) == []
    assert store.query(lambda tx: tx.stored.get(str(other))) == b"other"


# ------------------------------------------------------------------------------------------------------------- audit


def record(store: Store, n: int, *, family: str | None = "f1", **values: m.Value) -> None:
    store.transact(
        lambda tx: tx.audit.record(
            workspace=WORKSPACE,
            at=NOW + timedelta(seconds=n),
            action="changed",
            actor=m.AI,
            family=family,
            record="r1",
            connection=ATS,
            detail={"n": n, "codes": ("a", 200)},
            values=values,
        )
    )


def chained(lines: list[Line]) -> audit.Broken | None:
    return audit.verify(audit.Sealed(one.position or 0, one.content(), one.chain or "") for one in lines)


def test_the_chain_verifies_after_the_person_is_forgotten(store: Store) -> None:
    for n in range(5):
        record(store, n, first_name="Åsa canary")
    assert store.query(lambda tx: tx.audit.backlog()) == (5, NOW)
    assert store.transact(lambda tx: tx.audit.seal(limit=3)) == 3
    assert store.transact(lambda tx: tx.audit.seal()) == 2
    assert store.transact(lambda tx: tx.audit.seal()) == 0
    salts = store.query(lambda tx: tx.audit.salts(["f1"]))
    (first, *_) = before = store.query(lambda tx: tx.audit.chain())
    assert first.values["first_name"] == AUDIT.value(salts["f1"], "Åsa canary")
    store.transact(lambda tx: tx.audit.forget("f1"))
    assert store.query(lambda tx: tx.audit.salts(["f1"])) == {}
    lines = store.query(lambda tx: tx.audit.chain())
    assert lines == before
    assert chained(lines) is None
    assert store.query(lambda tx: tx.audit.tip()) == (5, lines[-1].chain)


def test_entries_are_found_by_candidate_time_and_workspace(store: Store) -> None:
    for n in range(4):
        record(store, n, family="f1" if n % 2 else None)
    of_family = store.query(lambda tx: tx.audit.of_family("f1"))
    assert [one.detail["n"] for one in of_family] == [3, 1]
    between = store.query(
        lambda tx: tx.audit.between(WORKSPACE, NOW + timedelta(seconds=1), NOW + timedelta(seconds=3))
    )
    assert [one.detail for one in between] == [{"n": n, "codes": ("a", 200)} for n in (1, 2)]
    page = store.query(lambda tx: tx.audit.page(WORKSPACE, limit=3))
    assert [one.detail["n"] for one in page] == [3, 2, 1]
    rest = store.query(lambda tx: tx.audit.page(WORKSPACE, before=page[-1].id))
    assert [one.detail["n"] for one in rest] == [0]
    assert store.query(lambda tx: tx.audit.page("other")) == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit",
        "UPDATE audit SET body = '{}'",
        "UPDATE audit SET actor_id = 'somebody'",
        "UPDATE audit SET position = NULL",
        "UPDATE audit SET chain = 'other'",
    ],
)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "unsealed"])
def test_the_database_itself_refuses_to_change_an_entry(store: Store, change: str, sealed: bool) -> None:
    record(store, 1)
    if sealed:
        store.transact(lambda tx: tx.audit.seal())
    before = store.query(lambda tx: tx.audit.page(WORKSPACE))
    with pytest.raises(Exception, match="append-only"):
        store.transact(lambda tx: tx.run(Sql(change)))
    assert store.query(lambda tx: tx.audit.page(WORKSPACE)) == before


async def test_one_worker_seals_at_a_time(store: Store) -> None:
    for n in range(40):
        record(store, n)

    def some(tx: Tx) -> int:
        return tx.audit.seal(limit=10)

    sealed = await asyncio.gather(*(store.write(some) for _ in range(8)))
    while await store.write(some):
        pass
    assert sum(sealed) <= 40
    lines = await store.read(lambda tx: tx.audit.chain())
    assert [one.position for one in lines] == list(range(1, 41))
    assert chained(lines) is None


# ------------------------------------------------------------------------------------------------------------ people


def a_user() -> User:
    return User("u1", WORKSPACE, "ann@example.org", "Ann", "admin", NOW, {ATS: "77"})


def test_users_sessions_and_log_in_links(store: Store) -> None:
    store.transact(lambda tx: tx.people.set_user(a_user()))
    assert store.query(lambda tx: tx.people.user_by_email(WORKSPACE, " Ann@Example.org ")) == a_user()
    assert store.query(lambda tx: tx.people.users(WORKSPACE)) == [a_user()]

    store.transact(lambda tx: tx.people.offer_login("link-secret", "u1", expires=LATER))
    use: Callable[[Tx], str | None] = lambda tx: tx.people.use_login("link-secret", now=NOW)  # noqa: E731
    assert [store.transact(use), store.transact(use)] == ["u1", None]
    assert store.transact(lambda tx: tx.people.use_login("guess", now=NOW)) is None

    store.transact(lambda tx: tx.people.start_session("cookie", "u1", csrf="c", now=NOW, expires=LATER))
    session = store.query(lambda tx: tx.people.session("cookie", now=NOW))
    assert session is not None
    assert (session.user, session.csrf, session.expires) == (a_user(), "c", LATER)
    assert store.query(lambda tx: tx.people.session("cookie", now=LATER)) is None
    store.transact(lambda tx: tx.people.end_session("cookie"))
    assert store.query(lambda tx: tx.people.session("cookie", now=NOW)) is None


def test_an_expired_link_lets_nobody_in(store: Store) -> None:
    store.transact(lambda tx: tx.people.set_user(a_user()))
    store.transact(lambda tx: tx.people.offer_login("link-secret", "u1", expires=LATER))
    assert store.transact(lambda tx: tx.people.use_login("link-secret", now=LATER)) is None


def test_api_keys_work_until_revoked_and_are_never_stored(store: Store, tmp_path: Path) -> None:
    key = ApiKey("k1", WORKSPACE, "reporting", frozenset({"read", "export"}), "u1", NOW)
    store.transact(lambda tx: tx.people.add_key(key, "canary-secret"))
    assert store.query(lambda tx: tx.people.key("canary-secret", now=NOW)) == key
    assert store.query(lambda tx: tx.people.key("other", now=NOW)) is None
    store.transact(lambda tx: tx.people.revoke_key(WORKSPACE, "k1", now=LATER))
    assert store.query(lambda tx: tx.people.key("canary-secret", now=NOW)) is None
    with pytest.raises(NotFoundError):
        store.transact(lambda tx: tx.people.revoke_key(WORKSPACE, "k1", now=LATER))
    assert store.query(lambda tx: tx.people.keys(WORKSPACE))[0].revoked == LATER


def test_a_notice_is_told_once_and_counted_while_it_lasts(store: Store) -> None:
    def say(tx: Tx) -> bool:
        return tx.notices.put(WORKSPACE, "disconnected", ATS, "sign in again", now=NOW, connection=ATS)

    assert [store.transact(say), store.transact(say)] == [True, False]
    (notice,) = store.query(lambda tx: tx.notices.list(WORKSPACE))
    assert (notice.times, notice.text) == (2, "sign in again")
    assert store.transact(lambda tx: tx.notices.close(WORKSPACE, "disconnected", ATS, now=LATER)) == 1
    assert store.query(lambda tx: tx.notices.list(WORKSPACE)) == []
    assert store.transact(say)
    assert len(store.query(lambda tx: tx.notices.list(WORKSPACE, every=True))) == 2
