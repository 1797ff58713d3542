"""What was found of people is sealed for them, stays when they are told apart, and goes with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.databases import both_databases

from bascule.errors import NotFoundError
from bascule.model import FoundValue
from bascule.store import Store
from bascule.store.found import Kept
from bascule.store.lookups import Lookup

NOW = datetime(2026, 11, 20, tzinfo=UTC)
WORKSPACE, OLD, NEW = "workspace-1", "family-1", "family-2"


def kept(tx: Any, value: str, record: str = "r1") -> Kept:
    id = tx.found.id_of(WORKSPACE, OLD, record, "title", "resume", value)
    return Kept(FoundValue(id, record, "title", value, "resume", 0.95, "2026-11-20", NOW, "f:1", "Canary"), OLD, "fill")


@both_databases
def test_a_value_is_kept_once_moves_with_its_record_and_outlives_the_other(store: Store) -> None:
    def put(tx: Any) -> None:
        tx.found.put(WORKSPACE, [kept(tx, "Nurse"), kept(tx, "Cook", "r2")])
        tx.found.put(WORKSPACE, [kept(tx, "Nurse")])
        tx.lookups.open(Lookup("l1", WORKSPACE, OLD, "r1", NOW, "peopledata", "h", "global", "name", "d", 250_000))

    store.transact(put)
    assert len(store.query(lambda tx: tx.found.of(["r1", "r2"]))) == 2

    def apart(tx: Any) -> None:
        tx.found.move(WORKSPACE, NEW, ["r1"])
        tx.lookups.move(NEW, ["r1"])

    store.transact(apart)
    store.transact(lambda tx: tx.erasure.forget(WORKSPACE, OLD, now=NOW))
    (left,) = store.query(lambda tx: tx.found.of(["r1", "r2"]))
    assert (left.found.value, left.found.quote, left.family) == ("Nurse", "Canary", NEW)
    assert store.query(lambda tx: tx.lookups.about(NEW)) == [("h", 1)]
    store.transact(lambda tx: tx.erasure.forget(WORKSPACE, NEW, now=NOW))
    assert not store.query(lambda tx: tx.found.of(["r1", "r2"]))
    (one,) = store.query(lambda tx: tx.lookups.list(WORKSPACE))
    assert (one.family, one.record, one.cost) == (None, None, 250_000)


def test_a_row_says_nothing_without_the_persons_key(store: Store) -> None:
    store.transact(lambda tx: tx.found.put(WORKSPACE, [kept(tx, "Nurse")]))
    store.transact(lambda tx: tx.vault.erase(WORKSPACE, OLD))
    with pytest.raises(NotFoundError):
        store.query(lambda tx: tx.found.of(["r1"]))
