"""The few statements that only pages need, beside those of the store's own queries. Each is served by an index."""

from __future__ import annotations

from bascule.store.sql import Sql

OF_KIND = Sql("""
    SELECT id FROM records WHERE workspace = :workspace AND kind = :kind AND state = 'live' ORDER BY id LIMIT :limit""")

RECENT = Sql("""
    SELECT record, family, name, folded, email, title, company, updated FROM candidates
    WHERE workspace = :workspace AND state = 'live' AND (updated, record) < (:updated, :record)
    ORDER BY updated DESC, record DESC LIMIT :limit""")

NAMES = Sql("""
    SELECT r.family, c.name FROM records AS r JOIN candidates AS c ON c.record = r.id
    WHERE r.family IN :families AND r.kind = 'candidate' ORDER BY r.id""")

SCORED = Sql("SELECT COUNT(*) FROM applications WHERE workspace = :workspace AND score >= 0 AND state = 'live'")

WAITING = Sql("""
    SELECT
        (SELECT COUNT(*) FROM reviews WHERE workspace = :workspace AND state = 'open'),
        (SELECT COUNT(*) FROM writes WHERE workspace = :workspace AND state = 'dead'),
        (SELECT COUNT(*) FROM gaps WHERE workspace = :workspace AND state = 'open')""")

OPEN_WRITES = Sql("""
    SELECT family, state, COUNT(*) FROM writes
    WHERE family IN :families AND state IN ('due', 'waiting', 'held', 'sent', 'dead') GROUP BY family, state""")

OPEN_REVIEWS = Sql("SELECT family, COUNT(*) FROM reviews WHERE family IN :families AND state = 'open' GROUP BY family")

# Looked at: opened here by a person, or its stage has moved since it arrived.
UNSEEN = Sql("""
    SELECT a.job, COUNT(*) FROM applications AS a
    WHERE a.job IN :jobs AND a.state = 'live' AND a.status = 'active'
        AND NOT EXISTS (SELECT 1 FROM audit AS u WHERE u.family = a.family AND u.actor_kind = 'person')
        AND (SELECT COUNT(*) FROM history AS h
            WHERE h.family = a.family AND h.record = a.record AND h.field = 'stage') < 2
    GROUP BY a.job""")

SEEN = Sql("""
    SELECT a.record FROM applications AS a
    WHERE a.record IN :applications AND (
        a.status <> 'active'
        OR EXISTS (SELECT 1 FROM audit AS u WHERE u.family = a.family AND u.actor_kind = 'person')
        OR (SELECT COUNT(*) FROM history AS h
            WHERE h.family = a.family AND h.record = a.record AND h.field = 'stage') > 1)""")

JOB_FIGURES = Sql("""
    SELECT job, MAX(score), MAX(applied) FROM applications WHERE job IN :jobs AND state = 'live' GROUP BY job""")

STALE = Sql("SELECT job, COUNT(*) FROM scores WHERE job IN :jobs AND stale GROUP BY job")

WRITE = Sql("""
    SELECT family, id, connection, record, link, call, state, at, closed, tries, body FROM writes
    WHERE id = :id AND workspace = :workspace""")

REVIEW = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body FROM reviews
    WHERE id = :id AND workspace = :workspace""")

REVIEW_KINDS = Sql("""
    SELECT kind, COUNT(*) FROM reviews WHERE workspace = :workspace AND state = 'open' GROUP BY kind ORDER BY kind""")

AUDIT_ACTIONS = Sql("SELECT DISTINCT action FROM audit WHERE workspace = :workspace ORDER BY action")

LAST_LOGIN = Sql("""
    SELECT actor_id, MAX(at) FROM audit WHERE workspace = :workspace AND action = 'log-in' GROUP BY actor_id""")

SESSIONS = Sql("SELECT hash, created, expires FROM sessions WHERE person = :person ORDER BY created DESC")

SESSIONS_OTHER = Sql("DELETE FROM sessions WHERE person = :person AND hash <> :hash")
