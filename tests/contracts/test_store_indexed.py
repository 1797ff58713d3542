"""What people are found by is kept sealed, made anew when they change, told of once it is durable, and forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bascule import model as m
from bascule.errors import NotFoundError
from bascule.store import Store, Tx
from bascule.store.indexed import GONE_FOR, Indexed, Mark, Told
from bascule.store.sql import Sql

from .people import LATER, NOW, WORKSPACE, a_family

BODY = Sql("SELECT body FROM people_index WHERE record = :record")


def kept(store: Store, n: int = 1) -> m.Family:
    return store.transact(lambda tx: tx.families.save(None, a_family(n, write=None), now=NOW))


def row(family: m.Family, words: bytes = b"\x01\x02\x03\x04") -> Indexed:
    return Indexed(family.root.id, family.id, "model-1", b"\x05\xfb\x00\x7f", 0.5, words, 11, 22, 3, 4)


def put(store: Store, one: Indexed, marks: int) -> None:
    store.transact(lambda tx: tx.indexed.put(WORKSPACE, one, marks=marks, now=LATER))


def due(store: Store) -> list[Mark]:
    return store.query(lambda tx: tx.indexed.due(WORKSPACE, 10))


def test_who_is_met_is_due_and_what_is_made_of_them_comes_back_as_it_was(store: Store) -> None:
    family = kept(store)
    (mark,) = due(store)
    assert (mark.record, mark.family) == (family.root.id, family.id)
    put(store, row(family), mark.marks)
    assert not due(store)
    found = store.query(lambda tx: tx.indexed.get(WORKSPACE, [family.root.id]))[family.root.id]
    assert replace(found, updated=0) == row(family)
    assert store.query(lambda tx: tx.indexed.page(WORKSPACE, "model-1", "", 10)) == [found]
    assert not store.query(lambda tx: tx.indexed.page(WORKSPACE, "model-2", "", 10))
    assert store.query(lambda tx: tx.indexed.count(WORKSPACE)) == (1, 0)


def test_a_change_while_the_row_is_made_is_looked_at_again_and_what_an_ai_says_is_none(store: Store) -> None:
    family = kept(store)
    (mark,) = due(store)
    person = replace(family.root, fields={**family.root.fields, "title": "Welder"})
    changed = replace(family, records={**family.records, person.id: person})
    stored = store.transact(lambda tx: tx.families.save(family, changed, now=NOW))
    put(store, row(family), mark.marks)
    (again,) = due(store)
    assert again.marks > mark.marks
    put(store, row(family), again.marks)
    application = next(one for one in stored.records.values() if one.kind is m.Kind.APPLICATION)
    scored = replace(application, fields={**application.fields, "match_score": 71.0})
    after = replace(stored, records={**stored.records, scored.id: scored})
    store.transact(lambda tx: tx.families.save(stored, after, now=NOW))
    assert not due(store)


def test_who_listens_hears_of_commits_only_and_of_none_that_was_undone(store: Store) -> None:
    heard: list[Told] = []
    store.shared.indexed.append(heard.extend)
    family = kept(store)
    (mark,) = due(store)

    def undone(tx: Tx) -> None:
        tx.indexed.put(WORKSPACE, row(family), marks=mark.marks, now=LATER)
        raise NotFoundError("meanwhile")

    with pytest.raises(NotFoundError):
        store.transact(undone)
    assert not heard
    put(store, row(family), mark.marks)
    store.transact(lambda tx: tx.indexed.drop(WORKSPACE, [mark], now=LATER))
    assert [(one.record, one.row is not None) for one in heard] == [(family.root.id, True), (family.root.id, False)]


def test_an_erased_persons_row_is_empty_and_goes_once_everybody_has_heard(store: Store) -> None:
    family, other = kept(store, 1), kept(store, 2)
    for mark in due(store):
        put(store, row(family if mark.family == family.id else other), mark.marks)
    seen = store.query(lambda tx: tx.indexed.since(WORKSPACE, 0))
    removed = store.transact(lambda tx: tx.erasure.forget(WORKSPACE, family.id, now=LATER + timedelta(seconds=1)))
    assert removed["vectors and words of the text"] == 1
    assert not store.query(lambda tx: tx.indexed.get(WORKSPACE, [family.root.id]))
    assert store.query(lambda tx: tx.row(BODY, record=family.root.id)) == (None,)
    news = store.query(lambda tx: tx.indexed.since(WORKSPACE, 0))
    assert [record for record, at in news if (record, at) not in seen] == [family.root.id]
    store.transact(lambda tx: tx.indexed.expire(now=LATER + GONE_FOR + timedelta(minutes=1)))
    assert store.query(lambda tx: tx.row(BODY, record=family.root.id)) is None
    assert list(store.query(lambda tx: tx.indexed.get(WORKSPACE, [family.root.id, other.root.id]))) == [other.root.id]


def test_everybody_of_another_model_or_simply_everybody_is_looked_at_anew(store: Store) -> None:
    families = [kept(store, 1), kept(store, 2)]
    for mark in due(store):
        put(store, row(next(one for one in families if one.id == mark.family)), mark.marks)
    assert store.transact(lambda tx: tx.indexed.mark_all(WORKSPACE, other_than="model-1")) == 0
    assert store.transact(lambda tx: tx.indexed.mark_all(WORKSPACE, other_than="model-2")) == 2
    assert len(due(store)) == 2
    assert len(store.query(lambda tx: tx.indexed.page(WORKSPACE, "model-1", "", 10))) == 2, "kept until then"


def test_a_text_that_comes_or_outlives_its_retention_marks_its_person(store: Store) -> None:
    family = kept(store)
    put(store, row(family), due(store)[0].marks)

    def keep(tx: Tx) -> None:
        tx.stored.put(WORKSPACE, family.id, "text", "attachment-1", b"a CV", now=NOW)

    store.transact(keep)
    (mark,) = due(store)
    put(store, row(family), mark.marks)
    store.transact(keep)
    assert not due(store), "the same text again is nothing new"

    def expire(tx: Tx) -> int:
        tx.stored.set_retention(WORKSPACE, "text", 30)
        return tx.stored.expire(now=NOW + timedelta(days=31))

    assert store.transact(expire) == 1
    assert len(due(store)) == 1


def test_who_becomes_part_of_another_person_leaves_nothing_sealed_for_the_one_before(store: Store) -> None:
    family, other = kept(store, 1), kept(store, 2)
    for mark in due(store):
        put(store, row(family if mark.family == family.id else other), mark.marks)
    person = replace(family.root, family=other.id, state=m.RecordState.MERGED, merged_into=other.root.id)
    joined = replace(other, records={**other.records, person.id: person})

    def join(tx: Tx) -> None:
        tx.families.save(other, joined, now=LATER)
        tx.families.save(family, replace(family, records={}, links={}), now=LATER)

    store.transact(join)
    assert person.id not in store.query(lambda tx: tx.indexed.get(WORKSPACE, [person.id, other.root.id]))
    assert {mark.record for mark in due(store)} == {person.id, other.root.id}
