"""What pages read: complete, in order, page by page, and served by an index."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import AUDIT, MASTER

from bascule import model as m
from bascule.store import Store, Tx, migrate, open_store, veil
from bascule.store import statements as s
from bascule.store.queries import END, CandidateRow, Event, Moment, Ranked
from bascule.store.scores import Rubric, Score
from bascule.store.sql import Sql
from bascule.store.workspaces import Workspace

from .people import ATS, NOW, WORKSPACE, a_family, a_write


def fill(store: Store, families: list[m.Family]) -> None:
    def unit(tx: Tx) -> None:
        for family in families:
            tx.families.save(None, family, now=NOW)

    store.transact(unit)


def two_candidates(tx: Tx, after: tuple[str, str]) -> list[CandidateRow]:
    return tx.pages.candidates(WORKSPACE, after=after, limit=2)


def two_ranked(tx: Tx, after: tuple[float | None, str] | None) -> list[Ranked]:
    return tx.pages.ranked("job-1", after=after, limit=2)


def named(n: int, first: str, last: str, *emails: str) -> m.Family:
    family = a_family(n, write=None)
    person = family.records[f"candidate-{n:06}"]
    renamed = replace(person, fields={**person.fields, "first_name": first, "last_name": last, "emails": emails})
    return replace(family, records={**family.records, person.id: renamed})


def test_candidates_are_listed_by_name_page_by_page(store: Store) -> None:
    fill(store, [named(n, "Ann", last) for n, last in enumerate(["Zorn", "Åberg", "abel", "Ärlig", "Berg", "Åberg"])])
    names: list[str] = []
    after = ("", "")
    while page := store.query(partial(two_candidates, after=after)):
        assert len(page) <= 2
        names += [row.name for row in page]
        after = (page[-1].place, page[-1].record)
    assert names == ["Ann abel", "Ann Åberg", "Ann Åberg", "Ann Ärlig", "Ann Berg", "Ann Zorn"]
    assert store.query(lambda tx: tx.pages.candidates("other")) == []


def test_candidates_are_found_by_any_beginnings_of_words_without_accents(store: Store) -> None:
    fill(
        store, [named(1, "Åsa", "Öberg", "asa.o@mail.example"), named(2, "Asante", "Kwabena"), named(3, "Bo", "Öberg")]
    )

    def found(search: str) -> list[str]:
        return [row.name for row in store.query(lambda tx: tx.pages.candidates(WORKSPACE, search=search))]

    assert found("asa") == ["Asante Kwabena", "Åsa Öberg"]
    assert found("ÖBE asa") == ["Åsa Öberg"]
    assert found("mail") == ["Åsa Öberg"]
    assert found("nobody") == []
    assert found("%_'") == []
    assert len(found("")) == 3


@given(st.text(max_size=20), st.text(max_size=20), st.binary(min_size=32, max_size=32))
def test_tokens_keep_the_order_and_the_beginnings_and_nothing_else(one: str, other: str, key: bytes) -> None:
    first, second = one[: veil.SORTED], other[: veil.SORTED]
    places = [veil.place(key, text) for text in (first, second)]
    assert (places[0] < places[1]) == (first.encode() < second.encode())
    assert (places[0] == places[1]) == (first == second)
    assert veil.word(key, one + other).startswith(veil.word(key, one))
    assert veil.word(key, one) == veil.word(key, other) or one != other
    assert one in ("", "a") or veil.word(key, one) != veil.word(bytes(32), one) or key == bytes(32)


def test_tables_that_held_names_in_clear_are_made_anew_and_searched_as_before(store: Store, database: str) -> None:
    fill(store, [named(1, "Åsa", "Öberg"), named(2, "Pelagia", "Featherstone")])
    store.transact(lambda tx: tx.workspaces.set(Workspace(WORKSPACE, "Acme", NOW)))
    asyncio.run(store.close())
    engine = sa.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    migrate.downgrade(engine, "0002")
    with engine.begin() as connection:
        connection.execute(
            sa.text("""
            INSERT INTO candidates (record, workspace, family, name, folded, email, title, company, state, updated)
            SELECT id, workspace, family, 'Pelagia', 'pelagia', 'c@x.org', '', '', state, updated FROM records
            WHERE kind = 'candidate'""")
        )
        connection.execute(sa.text("INSERT INTO words VALUES ('acme', 'pelagia', 'candidate-000002')"))
    engine.dispose()
    again = open_store(database, master=MASTER, audit=AUDIT)

    def found(search: str) -> list[str]:
        return [row.name for row in again.query(lambda tx: tx.pages.candidates(WORKSPACE, search=search))]

    assert found("") == ["Pelagia Featherstone", "Åsa Öberg"]
    assert (found("pelag"), found("oberg")) == (["Pelagia Featherstone"], ["Åsa Öberg"])
    assert again.query(lambda tx: tx.rows(Sql("SELECT * FROM words WHERE word = 'pelagia'"))) == []
    asyncio.run(again.close())


def test_a_renamed_candidate_is_found_by_the_new_name_only(store: Store) -> None:
    family = named(1, "Åsa", "Öberg")
    fill(store, [family])
    before = store.query(lambda tx: tx.families.family(family.id))
    person = before.records["candidate-000001"]
    after = replace(before, records={**before.records, person.id: replace(person, fields={"last_name": "Zorn"})})
    store.transact(lambda tx: tx.families.save(before, after, now=NOW))
    assert store.query(lambda tx: tx.pages.candidates(WORKSPACE, search="öberg")) == []
    (row,) = store.query(lambda tx: tx.pages.candidates(WORKSPACE, search="zorn"))
    assert [one.record for one in row.applications] == ["application-000001"]


def test_a_merged_or_deleted_candidate_is_not_listed(store: Store) -> None:
    family = named(1, "Åsa", "Öberg")
    person = family.records["candidate-000001"]
    gone = replace(person, state=m.RecordState.DELETED)
    fill(store, [replace(family, records={**family.records, person.id: gone})])
    assert store.query(lambda tx: tx.pages.candidates(WORKSPACE)) == []
    assert store.query(lambda tx: tx.pages.candidates(WORKSPACE, search="öberg")) == []


def test_applicants_are_ranked_by_score_and_equal_ones_stay_in_order(store: Store) -> None:
    scores = [50.0, None, 99.5, 50.0, 0.0, None, 50.0]
    fill(store, [a_family(n, write=None, score=score) for n, score in enumerate(scores)])
    ranked: list[tuple[float | None, str]] = []
    after: tuple[float | None, str] | None = None
    while page := store.query(partial(two_ranked, after=after)):
        ranked += [(row.score, row.application[-1]) for row in page]
        after = (page[-1].score, page[-1].application)
    assert ranked == [(99.5, "2"), (50.0, "6"), (50.0, "3"), (50.0, "0"), (0.0, "4"), (None, "5"), (None, "1")]


def test_jobs_say_how_many_applied_and_how_many_have_a_score(store: Store) -> None:
    job = m.Record("job-1", WORKSPACE, m.Kind.JOB, "family-job", None, {"title": "Baker"}, {}, ATS, NOW)
    family = m.Family("family-job", WORKSPACE, m.Kind.JOB, 0, "salt", {job.id: job})
    fill(store, [family, a_family(1, write=None, score=80), a_family(2, write=None)])
    (row,) = store.query(lambda tx: tx.pages.jobs(WORKSPACE))
    assert (row.job, row.applications, row.scored) == (job, 2, 1)
    assert store.query(lambda tx: tx.pages.records(WORKSPACE)) == {
        m.Kind.JOB: 1,
        m.Kind.CANDIDATE: 2,
        m.Kind.APPLICATION: 2,
    }


def test_the_overview_counts_what_each_connection_has_and_lacks(store: Store) -> None:
    dead = replace(a_write(3, state=m.WriteState.DEAD), closed=NOW, reason=m.Reason.VALUE)
    review = m.Review(
        "review-1", m.ReviewKind.CONFLICT, "candidate-000001", ATS, "title", "x", {"seen": "a"}, m.BASCULE, NOW
    )
    third = replace(a_family(3, write=None), writes={dead.id: dead})
    fill(store, [replace(a_family(1), reviews={review.id: review}), a_family(2, write=m.WriteState.HELD), third])
    counts = store.query(lambda tx: tx.pages.overview([ATS, "unknown"]))
    assert counts[ATS].links == {m.Kind.CANDIDATE: 3}
    assert counts[ATS].writes == {"due": 1, "held": 1}
    assert (counts[ATS].failures, counts[ATS].reviews, counts[ATS].gaps) == (1, 1, 0)
    assert (counts[ATS].write_lanes, counts[ATS].oldest_write) == (1, NOW)
    assert counts["unknown"].links == {}

    (failure,) = store.query(lambda tx: tx.pages.failures(WORKSPACE))
    assert (failure.write, failure.family, failure.name) == (dead, "family-000003", "Åsa Öberg000003")
    assert store.query(lambda tx: tx.pages.failures(WORKSPACE, connection=ATS, reason="value")) == [failure]
    assert store.query(lambda tx: tx.pages.failures(WORKSPACE, connection=ATS, reason="gone")) == []
    assert store.query(lambda tx: tx.pages.failures(WORKSPACE, connection="other")) == []
    (group,) = store.query(lambda tx: tx.pages.failure_groups(WORKSPACE))
    assert (group.connection, group.reason, group.count, group.since) == (ATS, m.Reason.VALUE, 1, NOW)
    (waiting,) = store.query(lambda tx: tx.pages.reviews(WORKSPACE))
    assert (waiting.review, waiting.family) == (review, "family-000001")
    assert store.query(lambda tx: tx.pages.reviews(WORKSPACE, kind=m.ReviewKind.GAP)) == []


def test_a_timeline_tells_everything_once_and_never_cuts_an_instant(store: Store) -> None:
    def at(n: int) -> datetime:
        return NOW + timedelta(minutes=n)

    def line(n: int, name: str) -> m.History:
        value: m.Value = (1, {"deep": (None,)})
        return m.History(
            "candidate-000001", m.HistoryKind.CHANGED, name, "old", value, ATS, m.AI, "read", at(n), "because"
        )

    lines = [line(n, f"f{i}") for n in range(4) for i in range(3)]
    attempt = m.Attempt("a1", "w1", ATS, "candidate-000001", "l", "patch", {}, {}, {}, "", 1, at(5))
    family = replace(a_family(), attempts={"a1": attempt})

    def unit(tx: Tx) -> None:
        tx.families.save(None, family, now=NOW, history=lines)
        tx.audit.record(workspace=WORKSPACE, at=at(6), action="viewed", actor=m.AI, family=family.id)

    store.transact(unit)

    def timeline(tx: Tx, before: datetime) -> list[Moment]:
        return tx.pages.timeline(family.id, before=before, limit=4)

    told: list[Moment] = []
    before = at(100)
    while page := store.query(partial(timeline, before=before)):
        told += page
        before = page[-1].at
    assert [one.event for one in told[:2]] == [Event.AUDIT, Event.CALL]
    assert sorted((one.history for one in told if one.history), key=lines.index) == lines
    assert [one.write.id for one in told if one.write] == ["write-000001"]
    assert [one.at for one in told] == sorted((one.at for one in told), reverse=True)
    about_nobody = store.query(lambda tx: tx.pages.timeline(family.id, record="somebody else"))
    assert about_nobody == []


def test_a_live_page_follows_what_changed(store: Store) -> None:
    last = store.query(lambda tx: tx.pages.last_change())
    line = m.History("candidate-000001", m.HistoryKind.CHANGED, "title", "a", "b", ATS, m.AI, "read", NOW)
    store.transact(lambda tx: tx.families.save(None, a_family(), now=NOW, history=[line]))
    (change,) = store.query(lambda tx: tx.pages.changes(WORKSPACE, after=last))
    assert (change.record, change.field) == ("candidate-000001", "title")
    assert store.query(lambda tx: tx.pages.changes(WORKSPACE, after=change.seq)) == []
    assert store.query(lambda tx: tx.pages.changes("other", after=last)) == []


def test_a_new_rubric_makes_the_scores_stale_until_they_are_redone(store: Store) -> None:
    def score(version: int, points: float | None) -> None:
        made = Score("application-1", version, "job-1", points, {"parts": ({"name": "skills", "points": 3},)}, NOW)
        store.transact(lambda tx: tx.scores.set(WORKSPACE, "family-1", made))

    def rubric(version: int) -> None:
        store.transact(lambda tx: tx.scores.set_rubric(WORKSPACE, Rubric("job-1", version, {"skills": ("x",)}, NOW)))

    rubric(1)
    score(1, 80.5)
    assert store.query(lambda tx: tx.scores.to_redo("job-1")) == []
    rubric(2)
    newest = store.query(lambda tx: tx.scores.rubric("job-1"))
    assert newest is not None
    assert (newest.version, newest.stale) == (2, False)
    assert store.query(lambda tx: tx.scores.to_redo("job-1")) == ["application-1"]
    score(2, None)
    assert store.query(lambda tx: tx.scores.to_redo("job-1")) == []
    both = store.query(lambda tx: tx.scores.of_all(["application-1"]))["application-1"]
    assert [(one.version, one.score, one.stale) for one in both] == [(2, None, False), (1, 80.5, True)]
    store.transact(lambda tx: tx.scores.make_stale("application-1"))
    assert store.query(lambda tx: tx.scores.to_redo("job-1")) == ["application-1"]


LISTS: dict[str, tuple[Sql, dict[str, object]]] = {
    "candidates": (
        Sql(s.CANDIDATES.format(words="")),
        {"workspace": WORKSPACE, "place": "m", "record": "", "limit": 50},
    ),
    "ranked": (s.RANKED, {"job": "job-1", "score": 50.0, "record": END, "limit": 50}),
    "failures": (
        s.FAILURES,
        {"workspace": WORKSPACE, "connection": ATS, "reason": "value", "before": END, "limit": 50},
    ),
    "timeline": (s.HISTORY_OF, {"family": "f", "record": "", "before": 9, "since": 0, "limit": 9}),
    "audit": (s.AUDIT_PAGE, {"workspace": WORKSPACE, "before": 9, "limit": 9}),
    "reads": (
        Sql("SELECT kind FROM read_lanes WHERE connection = :c AND priority = 0 AND due <= :now ORDER BY due LIMIT 9"),
        {"c": ATS, "now": 9},
    ),
    "resolve": (s.RESOLVE_LINKS, {"connection": ATS, "wanted": [("candidate", "1")]}),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", LISTS)
def test_no_list_scans_or_sorts_a_whole_table(store: Store, name: str) -> None:
    sql, parameters = LISTS[name]
    explained = Sql(f"EXPLAIN QUERY PLAN {sql.text}")
    plan = " / ".join(row[3] for row in store.query(lambda tx: tx.rows(explained, **parameters)))
    steps = [step for step in plan.split(" / ") if step.startswith("SCAN") and "json_each" not in step]
    assert steps == [], plan
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan


def counted(store: Store) -> tuple[int, list[bool]]:
    """(applicants of the job that nobody has looked at, whether each in rank order was)"""
    (row,) = store.query(lambda tx: tx.pages.jobs(WORKSPACE))
    return row.unseen, [one.seen for one in store.query(lambda tx: tx.pages.ranked("job-1"))]


def test_an_applicant_is_looked_at_once_opened_moved_or_closed(store: Store) -> None:
    job = m.Record("job-1", WORKSPACE, m.Kind.JOB, "family-job", None, {"title": "Baker"}, {}, ATS, NOW)
    fill(store, [m.Family("family-job", WORKSPACE, m.Kind.JOB, 0, "salt", {job.id: job})])
    families = [a_family(n, write=None, score=90 - n) for n in range(1, 4)]
    fill(store, families)
    assert counted(store) == (3, [False, False, False])
    store.transact(lambda tx: tx.families.looked_at(families[0].id, now=NOW))
    assert counted(store) == (2, [True, False, False])
    for family, change in zip(families[1:], ({"stage": "stage-2"}, {"status": "rejected"}), strict=True):
        before = store.query(lambda tx, id=family.id: tx.families.family(id))
        one = next(r for r in before.records.values() if r.kind is m.Kind.APPLICATION)
        staged = replace(one, fields={"stage": "stage-1", **one.fields})
        first = replace(before, records={**before.records, one.id: staged})
        store.transact(lambda tx, a=before, b=first: tx.families.save(a, b, now=NOW))
        again = store.query(lambda tx, id=family.id: tx.families.family(id))
        moved = replace(staged, fields={**staged.fields, **change})
        last = replace(again, records={**again.records, one.id: moved})
        store.transact(lambda tx, a=again, b=last: tx.families.save(a, b, now=NOW))
    assert counted(store) == (0, [True, True, True])


def test_a_search_finds_the_same_people_whether_a_word_is_rare_or_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, [named(n, "Ann", "Berg" if n % 2 else "Bergman") for n in range(6)] + [named(9, "Cy", "Berg")])

    def found(search: str) -> list[str]:
        return [row.record for row in store.query(lambda tx: tx.pages.candidates(WORKSPACE, search=search))]

    searches = ("berg", "bergman", "ann berg", "cy", "cy bergman", "nobody")
    rare = [found(search) for search in searches]
    monkeypatch.setattr("bascule.store.queries.RARE", 0)
    assert [found(search) for search in searches] == rare
    assert [len(one) for one in rare] == [7, 3, 6, 1, 0, 0]


def test_totals_count_what_is_live(store: Store) -> None:
    gone = a_family(3, write=None)
    person = gone.records["candidate-000003"]
    gone = replace(gone, records={**gone.records, person.id: replace(person, state=m.RecordState.DELETED)})
    fill(store, [a_family(1, write=None, score=80), a_family(2, write=None), gone])
    totals = store.query(lambda tx: tx.pages.totals(WORKSPACE))
    assert (totals.candidates, totals.applications, totals.scored) == (2, 3, 1)
    assert store.query(lambda tx: tx.pages.totals("other")).applications == 0


def test_entries_of_the_audit_are_told_without_the_pulls_that_hide_them(store: Store) -> None:
    def note(tx: Tx) -> None:
        for n, action in enumerate(("pull", "view", "pull", "push", "pull")):
            who = m.Actor(m.ActorKind.PERSON, "ida") if action == "view" else m.BASCULE
            tx.audit.record(workspace=WORKSPACE, at=NOW + timedelta(seconds=n), action=action, actor=who)

    store.transact(note)
    assert [one.action for one in store.query(lambda tx: tx.audit.told(WORKSPACE))] == ["push", "view"]
    assert [one.action for one in store.query(lambda tx: tx.audit.of_actor(WORKSPACE, "person"))] == ["view"]
    assert len(store.query(lambda tx: tx.audit.of_action(WORKSPACE, "pull", limit=2))) == 2
    assert store.query(lambda tx: tx.audit.told("other")) == []
