"""The few statements that only pages need, beside those of the store's own queries. Each is served by an index."""

from __future__ import annotations

from bascule.store.sql import Sql

RECENT = Sql("""
    SELECT record, family, place, updated FROM candidates
    WHERE workspace = :workspace AND state = 'live' AND (updated, record) < (:updated, :record)
        AND SEEN(candidates.family)
    ORDER BY updated DESC, record DESC LIMIT :limit""")

WAITING = Sql("""
    SELECT
        (SELECT COUNT(*) FROM reviews WHERE workspace = :workspace AND state = 'open' AND SEEN(reviews.family)),
        (SELECT COUNT(*) FROM writes WHERE workspace = :workspace AND state = 'dead' AND SEEN(writes.family)),
        (SELECT COUNT(*) FROM gaps WHERE workspace = :workspace AND state = 'open')""")

OPEN_WRITES = Sql("""
    SELECT family, state, COUNT(*) FROM writes
    WHERE family IN :families AND state IN ('due', 'waiting', 'held', 'sent', 'dead') GROUP BY family, state""")

OPEN_REVIEWS = Sql("SELECT family, COUNT(*) FROM reviews WHERE family IN :families AND state = 'open' GROUP BY family")

STALE = Sql("SELECT job, COUNT(*) FROM scores WHERE job IN :jobs AND stale = TRUE GROUP BY job")

WRITE = Sql("""
    SELECT family, id, connection, record, link, call, state, at, closed, tries, body FROM writes
    WHERE id = :id AND workspace = :workspace AND SEEN(writes.family)""")

REVIEW_KINDS = Sql("""
    SELECT kind, COUNT(*) FROM reviews WHERE workspace = :workspace AND state = 'open' AND SEEN(reviews.family)
    GROUP BY kind ORDER BY kind""")

AUDIT_PLACE = Sql("SELECT id FROM audit WHERE workspace = :workspace AND at < :before ORDER BY at DESC LIMIT 1")

# One step down the index for each action, however many entries there are.
AUDIT_ACTIONS = Sql("""
    WITH RECURSIVE known(action) AS (
        SELECT MIN(action) FROM audit WHERE workspace = :workspace
        UNION ALL
        SELECT (SELECT MIN(a.action) FROM audit AS a WHERE a.workspace = :workspace AND a.action > known.action)
        FROM known WHERE known.action IS NOT NULL)
    SELECT action FROM known WHERE action IS NOT NULL""")

LAST_LOGIN = Sql("""
    SELECT actor_id, MAX(at) FROM audit WHERE workspace = :workspace AND action = 'log-in' GROUP BY actor_id""")
