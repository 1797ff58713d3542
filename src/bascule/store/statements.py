"""Every hot statement, as text, in one place. `sql.Sql` says how one text serves both back ends."""

from __future__ import annotations

from .sql import Sql

NUMBER_SQLITE = Sql("UPDATE counters SET value = value + 1 WHERE name = 'number' RETURNING value")
NUMBER_POSTGRESQL = Sql("SELECT nextval('number')")
LOCK = Sql("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

# ------------------------------------------------------------------------------------------------- families: loading

FAMILY_REVS = Sql("SELECT id, rev FROM families WHERE id IN :ids AND SEEN(families.id)")
FAMILIES = Sql("SELECT id, workspace, kind, rev, salt, state, transitions FROM families WHERE id IN :ids")
RECORDS_OF = Sql("""
    SELECT family, id, workspace, kind, parent, origin, state, merged_into, born, body
    FROM records WHERE family IN :ids ORDER BY id""")
FAMILY_HEADS = Sql("SELECT id, workspace, kind, rev, salt, state FROM families WHERE id IN :ids")
RECORDS_OF_KINDS = Sql("""
    SELECT family, id, workspace, kind, parent, origin, state, merged_into, born, body
    FROM records WHERE family IN :ids AND kind IN :kinds ORDER BY id""")
LINKS_OF = Sql("""
    SELECT family, id, connection, kind, external, record, is_primary, state, last_read, read_at, body
    FROM links WHERE family IN :ids ORDER BY id""")
ATTEMPTS_OF = Sql("""
    SELECT family, id, write, connection, record, link, state, at, until, body
    FROM attempts WHERE family IN :ids AND ended IS NULL ORDER BY id""")
WRITES_OF = Sql("""
    SELECT family, id, connection, record, link, call, state, at, closed, tries, body
    FROM writes
    WHERE family IN :ids AND state IN ('due', 'waiting', 'held', 'sent', 'dead', 'discarded') ORDER BY id""")
REVIEWS_OF = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body
    FROM reviews WHERE family IN :ids AND state = 'open' ORDER BY id""")
REVIEWS_OVER = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body
    FROM reviews WHERE family = :family AND state <> 'open' ORDER BY id""")
REVIEW_ANSWERED = Sql("""
    SELECT 1 FROM reviews WHERE family = :family AND kind = :kind AND about = :about AND state <> 'open' LIMIT 1""")
REVIEW_DROP = Sql("DELETE FROM reviews WHERE id = :id")
REVIEWS_ABOUT_TWO = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body
    FROM reviews WHERE family IN :ids AND kind IN ('identity', 'merge') AND state <> 'lapsed'""")
RECORDS_ANYWHERE = Sql("SELECT family, id FROM records WHERE id IN :ids")
RECORD_FAMILY = Sql("SELECT family FROM records WHERE id = :id AND SEEN(records.family)")
RECORD_FAMILIES = Sql("SELECT id, family FROM records WHERE id IN :ids AND SEEN(records.family)")
RECORDS_OPENED = Sql("""
    SELECT family, id, workspace, kind, parent, origin, state, merged_into, born, body FROM records
    WHERE id IN :ids AND SEEN(records.family)""")
# by id: the workspace has no say in the plan
RECORDS = Sql("""
    SELECT family, id, workspace, kind, parent, origin, state, merged_into, born, body
    FROM records WHERE id IN :ids AND workspace || '' = :workspace AND SEEN(records.family)""")

RESOLVE_LINKS = Sql("""
    SELECT l.kind, l.external, l.family, l.record, l.id, l.state
    FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN links AS l
    WHERE l.connection = :connection AND l.kind = w.kind AND l.external = w.external""")
RESOLVE_ALIASES = Sql("""
    SELECT a.kind, a.external, a.family, a.record, a.link, 'live'
    FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN aliases AS a
    WHERE a.connection = :connection AND a.kind = w.kind AND a.external = w.external""")

LINKS_SETTLED = Sql("""
    SELECT l.kind, l.external, l.state, f.state,
        EXISTS (SELECT 1 FROM attempts AS a WHERE a.family = l.family AND a.ended IS NULL), l.workspace, l.family,
        (SELECT r.address FROM stored_for AS r WHERE r.owner = l.id AND r.what = 'raw'), l.followed, l.body
    FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN links AS l JOIN families AS f ON f.id = l.family
    WHERE l.connection = :connection AND l.kind = w.kind AND l.external = w.external""")
LINK_FOLLOWED = Sql("""
    UPDATE links SET followed = :address
    WHERE connection = :connection AND kind = :kind AND external = :external
        AND (followed IS NULL OR followed <> :address)""")
AWAITED = Sql("""
    SELECT n.connection, n.record, COUNT(DISTINCT w.family), MIN(w.at)
    FROM waits AS n JOIN writes AS w ON w.id = n.write
    WHERE w.workspace = :workspace AND w.state = 'waiting' GROUP BY n.connection, n.record""")
FAMILIES_WAITING = Sql("""
    SELECT DISTINCT w.family FROM waits AS n JOIN writes AS w ON w.id = n.write
    WHERE n.connection = :connection AND w.state = 'waiting'""")
STAGES_OF = Sql("""
    SELECT id FROM records WHERE family IN (SELECT family FROM records WHERE id IN :jobs)
        AND kind = 'stage' AND state = 'live'""")
EXTERNALS_OF = Sql("""
    SELECT connection, record, external FROM links
    WHERE record IN :records AND connection IN :connections AND is_primary AND state IN ('live', 'unseen')""")
RECORDS_AT = Sql("""
    SELECT l.connection, l.kind, l.external, l.record
    FROM ROWS(:wanted, connection text, kind text, external text) AS w CROSS JOIN links AS l
    WHERE l.connection = w.connection AND l.kind = w.kind AND l.external = w.external AND l.workspace = :workspace""")
ALIASES_AT = Sql("""
    SELECT a.connection, a.kind, a.external, a.record
    FROM ROWS(:wanted, connection text, kind text, external text) AS w CROSS JOIN aliases AS a
    WHERE a.connection = w.connection AND a.kind = w.kind AND a.external = w.external AND a.workspace = :workspace""")

PROSPECTS = Sql("""
    SELECT c.key, COALESCE(r.family, c.family), c.record FROM claims AS c LEFT JOIN records AS r ON r.id = c.record
    WHERE c.workspace = :workspace AND c.key IN :keys ORDER BY c.key, c.record""")
OPEN_CREATES = Sql("""
    SELECT family, id, write, connection, record, link, state, at, until, body
    FROM attempts WHERE connection = :connection AND kind = :kind AND ended IS NULL AND link IS NULL ORDER BY id""")

# -------------------------------------------------------------------------------------------------- families: saving

FAMILY_NEW = Sql("""
    INSERT INTO families (id, workspace, kind, rev, salt, state, transitions, updated)
    VALUES (:id, :workspace, :kind, 1, :salt, :state, :transitions, :now) ON CONFLICT DO NOTHING""")
FAMILY_SET = Sql("""
    UPDATE families SET rev = rev + 1, salt = :salt, state = :state,
        transitions = COALESCE(:transitions, transitions), updated = :now
    WHERE id = :id AND rev = :rev""")
FAMILY_STATE = Sql("SELECT state FROM families WHERE id = :id")
FAMILY_REV = Sql("SELECT rev FROM families WHERE id = :id")
FAMILIES_BUMP = Sql("UPDATE families SET rev = rev + 1, updated = :now WHERE id IN :ids")

RECORD_SET = Sql("""
    INSERT INTO records (id, workspace, family, kind, parent, origin, state, merged_into, born, updated, body)
    VALUES (:id, :workspace, :family, :kind, :parent, :origin, :state, :merged_into, :born, :now, :body)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, parent = excluded.parent, origin = excluded.origin,
        state = excluded.state, merged_into = excluded.merged_into, updated = excluded.updated, body = excluded.body""")
RECORDS_DROP = Sql("DELETE FROM records WHERE family = :family AND id IN :ids")

LINK_NEW = Sql("""
    INSERT INTO links (id, workspace, family, connection, kind, external, record, is_primary, state, last_read,
        read_at, body)
    VALUES (:id, :workspace, :family, :connection, :kind, :external, :record, :is_primary, :state, :last_read,
        :read_at, :body)
    ON CONFLICT (connection, kind, external) DO UPDATE SET family = excluded.family, record = excluded.record,
        is_primary = excluded.is_primary, state = excluded.state, last_read = excluded.last_read,
        read_at = excluded.read_at, body = excluded.body
    WHERE links.id = excluded.id""")
LINK_SET = Sql("""
    UPDATE links SET family = :family, connection = :connection, kind = :kind, external = :external, record = :record,
        is_primary = :is_primary, state = :state, last_read = :last_read, read_at = :read_at, body = :body
    WHERE id = :id""")
LINKS_DROP = Sql("DELETE FROM links WHERE family = :family AND id IN :ids")

ALIAS_SET = Sql("""
    INSERT INTO aliases (connection, kind, external, workspace, family, record, link)
    VALUES (:connection, :kind, :external, :workspace, :family, :record, :link)
    ON CONFLICT (connection, kind, external) DO UPDATE SET family = excluded.family, record = excluded.record,
        link = excluded.link""")

ATTEMPT_SET = Sql("""
    INSERT INTO attempts (id, workspace, family, connection, write, record, kind, link, state, at, until, body)
    VALUES (:id, :workspace, :family, :connection, :write, :record, :kind, :link, :state, :at, :until, :body)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, record = excluded.record, link = excluded.link,
        state = excluded.state, until = excluded.until, ended = NULL, body = excluded.body""")
ATTEMPTS_END = Sql("UPDATE attempts SET ended = :now WHERE family = :family AND id IN :ids")

WRITE_SET = Sql("""
    INSERT INTO writes (id, workspace, family, connection, record, link, call, key, state, at, closed, tries, body,
        reason)
    VALUES (:id, :workspace, :family, :connection, :record, :link, :call, :key, :state, :at, :closed, :tries, :body,
        :reason)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, record = excluded.record, link = excluded.link,
        key = excluded.key, state = excluded.state, closed = excluded.closed, tries = excluded.tries,
        body = excluded.body, reason = excluded.reason""")
WRITES_CLOSE = Sql("""
    UPDATE writes SET state = 'moot', closed = :now
    WHERE family = :family AND id IN :ids AND state IN ('due', 'waiting', 'held', 'sent', 'dead')""")

WAIT_ADD = Sql(
    "INSERT INTO waits (write, record, connection) VALUES (:write, :record, :connection) ON CONFLICT DO NOTHING"
)
WAITS_DROP = Sql("DELETE FROM waits WHERE write IN :ids")
WAITS_OVER = Sql("""
    SELECT DISTINCT w.connection, w.record
    FROM ROWS(:waits, connection text, record text) AS w CROSS JOIN links AS l
    WHERE l.record = w.record AND l.connection = w.connection AND l.is_primary AND l.state IN ('live', 'unseen')""")
WAITS_MET = Sql("""
    DELETE FROM waits WHERE (connection, record) IN
        (SELECT l.connection, l.record FROM ROWS(:linked, connection text, record text) AS l)
    RETURNING write""")
WRITES_FREE = Sql("""
    UPDATE writes SET state = 'due'
    WHERE id IN :ids AND state = 'waiting' AND NOT EXISTS (SELECT 1 FROM waits WHERE waits.write = writes.id)
    RETURNING connection, family""")

REVIEW_SET = Sql("""
    INSERT INTO reviews (id, workspace, family, record, connection, kind, state, about, at, decided_at, body)
    VALUES (:id, :workspace, :family, :record, :connection, :kind, :state, :about, :at, :decided_at, :body)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, record = excluded.record, state = excluded.state,
        decided_at = excluded.decided_at, body = excluded.body""")
REVIEW_FAMILY = Sql("""
    SELECT family FROM reviews
    WHERE id = :id AND workspace = :workspace AND state = 'open' AND SEEN(reviews.family)""")

FAILURE_FAMILY = Sql("""
    SELECT family FROM writes
    WHERE id = :id AND workspace = :workspace AND state = 'dead' AND SEEN(writes.family)""")

REVIEWS_LAPSE = Sql("""
    UPDATE reviews SET state = 'lapsed', decided_at = :now
    WHERE family = :family AND id IN :ids AND state = 'open'""")

HISTORY_ADD = Sql("""
    INSERT INTO history (workspace, family, record, kind, field, connection, at, body)
    VALUES (:workspace, :family, :record, :kind, :field, :connection, :at, :body)""")

CLAIM_HELD = Sql("""
    SELECT key, record FROM claims WHERE workspace = :workspace AND key IN :keys AND family <> :family""")
CLAIM_FIRST = Sql("""
    INSERT INTO claims (workspace, key, record, family, is_first) VALUES (:workspace, :key, :record, :family, TRUE)
    ON CONFLICT DO NOTHING""")
CLAIM_ALSO = Sql("""
    INSERT INTO claims (workspace, key, record, family, is_first) VALUES (:workspace, :key, :record, :family, FALSE)
    ON CONFLICT (workspace, key, record) DO UPDATE SET family = excluded.family""")
CLAIMS_DROP = Sql("DELETE FROM claims WHERE workspace = :workspace AND key = :key AND record = :record")

CANDIDATE_SET = Sql("""
    INSERT INTO candidates (record, workspace, family, place, state, updated)
    VALUES (:record, :workspace, :family, :place, :state, :now)
    ON CONFLICT (record) DO UPDATE SET family = excluded.family, place = excluded.place, state = excluded.state,
        updated = excluded.updated""")
CANDIDATES_UNSORTED = Sql("""
    SELECT record FROM candidates
    WHERE workspace = :workspace AND state = 'live' AND place IS NULL LIMIT :limit""")
CANDIDATE_SORT = Sql("UPDATE candidates SET place = :place WHERE record = :record AND place IS NULL")
CANDIDATE_DROP = Sql("DELETE FROM candidates WHERE record IN :ids")
WORD_ADD = Sql("INSERT INTO words (workspace, word, record) VALUES (:workspace, :word, :record) ON CONFLICT DO NOTHING")
WORD_DROP = Sql("DELETE FROM words WHERE workspace = :workspace AND word = :word AND record = :record")
WORDS_DROP = Sql("DELETE FROM words WHERE record IN :ids")
LIKENESS_ADD = Sql("INSERT INTO likenesses (token, record) VALUES (:token, :record) ON CONFLICT DO NOTHING")
LIKENESS_DROP = Sql("DELETE FROM likenesses WHERE token = :token AND record = :record")
LIKENESSES_DROP = Sql("DELETE FROM likenesses WHERE record IN :ids")
LIKENESSES_OF = Sql("SELECT record, token FROM likenesses WHERE record IN :ids")
LIKENESS_FOUND = Sql("SELECT record FROM likenesses WHERE token = :token LIMIT :limit")
LIKENESSES_PAGE = Sql("""
    SELECT token, record FROM likenesses WHERE (token, record) > (:token, :record)
    ORDER BY token, record LIMIT :limit""")
CANDIDATES_BY_ID = Sql("""
    SELECT record, family FROM candidates WHERE workspace = :workspace AND state = 'live' AND record > :after
    ORDER BY record LIMIT :limit""")
LIKENESSES_LACKING = Sql("""
    SELECT c.record, c.family FROM candidates AS c
    WHERE c.workspace = :workspace AND c.state = 'live' AND c.record > :after
        AND NOT EXISTS (SELECT 1 FROM likenesses AS k WHERE k.record = c.record)
    ORDER BY c.record LIMIT :limit""")
APPLICATION_SET = Sql("""
    INSERT INTO applications (record, workspace, family, candidate, job, stage, status, score, applied, seen, state,
        scored)
    VALUES (:record, :workspace, :family, :candidate, :job, :stage, :status, :score, :applied, :seen, :state, :scored)
    ON CONFLICT (record) DO UPDATE SET family = excluded.family, candidate = excluded.candidate, job = excluded.job,
        stage = excluded.stage, status = excluded.status, score = excluded.score, applied = excluded.applied,
        seen = COALESCE(applications.seen, excluded.seen), state = excluded.state,
        scored = COALESCE(applications.scored, excluded.scored)""")
APPLICATIONS_SEEN = Sql("UPDATE applications SET seen = :now WHERE family = :family AND seen IS NULL")
APPLICATION_DROP = Sql("DELETE FROM applications WHERE record IN :ids")

# ------------------------------------------------------------------------------- the way of applications, and figures

PASSAGE_FIRST = Sql("""
    INSERT INTO passages (workspace, family, application, job, stage, entered, ended, met)
    SELECT :workspace, :family, :application, :job, :stage, CAST(:entered AS bigint), :ended, TRUE
    WHERE NOT EXISTS (SELECT 1 FROM passages WHERE application = :application)""")
PASSAGE_HOME = Sql("UPDATE passages SET family = :family WHERE application = :application AND family <> :family")
PASSAGE_ADD = Sql("""
    INSERT INTO passages (workspace, family, application, job, stage, entered, until, ended, met)
    VALUES (:workspace, :family, :application, :job, :stage, :entered, :until, :ended, :met)""")
PASSAGE_END = Sql("""
    UPDATE passages SET until = CASE WHEN entered < :at THEN :at ELSE entered END, ended = :ended
    WHERE application = :application AND until IS NULL AND ended = ''""")
_UNTOLD = """
    SELECT p.id, p.application, p.family, p.job, p.stage, p.entered, p.ended, l.external, (
            SELECT n.entered FROM passages AS n WHERE n.application = p.application AND n.id > p.id ORDER BY n.id
            LIMIT 1), (
            SELECT n.stage FROM passages AS n WHERE n.application = p.application AND n.id > p.id ORDER BY n.id
            LIMIT 1)"""
# In the order in which they are joined: by their numbers, or from the links that are named.
PASSAGES_UNTOLD = Sql(f"""{_UNTOLD}
    FROM passages AS p CROSS JOIN applications AS a CROSS JOIN records AS r CROSS JOIN links AS l
    WHERE p.workspace = :workspace AND p.met AND p.id > :after AND p.id <= :top
        AND a.record = p.application AND a.state = 'live' AND a.applied >= :since
        AND r.id = p.application AND r.origin = :connection
        AND l.record = p.application AND l.connection = :connection AND l.is_primary AND l.state IN ('live', 'unseen')
    ORDER BY p.id LIMIT :limit""")
PASSAGES_UNTOLD_OF = Sql(f"""{_UNTOLD}
    FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN links AS l CROSS JOIN records AS r
        CROSS JOIN applications AS a CROSS JOIN passages AS p
    WHERE l.connection = :connection AND l.kind = w.kind AND l.external = w.external AND l.is_primary
        AND l.state IN ('live', 'unseen') AND r.id = l.record AND r.origin = :connection
        AND a.record = l.record AND a.state = 'live' AND a.applied >= :since
        AND p.application = l.record AND p.workspace = :workspace AND p.met
    ORDER BY p.id""")
PASSAGE_NEWEST = Sql("SELECT MAX(id) FROM passages")
PASSAGE_TOLD = Sql("""
    UPDATE passages SET stage = CASE WHEN stage = '' THEN :stage ELSE stage END, entered = :entered,
        until = CASE WHEN until IS NULL AND ended <> '' THEN CAST(:until AS bigint) ELSE until END,
        met = FALSE, told = TRUE
    WHERE id = :id AND met""")
PASSAGE_TELL = Sql("""
    INSERT INTO passages (workspace, family, application, job, stage, entered, until, ended, met, told)
    SELECT workspace, family, application, :job, :stage, CAST(:entered AS bigint), CAST(:until AS bigint), :ended,
        FALSE, TRUE
    FROM passages WHERE id = :id""")
PASSAGE_STAGE = Sql("""
    UPDATE passages SET stage = :stage WHERE application = :application AND met AND stage = '' AND until IS NULL""")
PASSAGE_ENDED_AS = Sql("""
    UPDATE passages SET ended = :status WHERE ended <> '' AND id = COALESCE(
        (SELECT MAX(p.id) FROM passages AS p WHERE p.application = :application AND NOT p.told),
        (SELECT MIN(p.id) FROM passages AS p WHERE p.application = :application))""")
PASSAGES_DROP = Sql("DELETE FROM passages WHERE application IN :ids")
PASSAGES = Sql("""
    SELECT p.application, p.job, p.stage, p.entered, p.until, p.ended, p.met, p.told FROM passages AS p
    JOIN applications AS a ON a.record = p.application
    WHERE p.workspace = :workspace AND a.state = 'live'
    ORDER BY p.application, p.told DESC, CASE WHEN p.told THEN p.entered ELSE p.id END""")
# Figures count everybody and name nobody: no wall stands in them (decision 0026).
FIGURES_APPLICATIONS = Sql("""
    SELECT a.record, a.job, a.stage, a.status, a.applied, a.scored, r.origin, o.decision, o.at, o.score, o.version, (
            SELECT MIN(w.closed) FROM writes AS w WHERE w.family = a.family AND w.record IN (a.record, a.candidate)
                AND w.state = 'done' AND w.at >= a.scored)
    FROM applications AS a JOIN records AS r ON r.id = a.record LEFT JOIN outcomes AS o ON o.application = a.record
    WHERE a.workspace = :workspace AND a.state = 'live' ORDER BY a.record""")
FIGURES_SCREENINGS = Sql("""
    SELECT s.job, r.origin, s.invited, s.completed, s.opted_out FROM screenings AS s
    JOIN records AS r ON r.id = s.application WHERE s.workspace = :workspace AND s.invited IS NOT NULL""")
FIGURES_MESSAGES = Sql("""
    SELECT m.job, m.connection, m.template, m.sender, COALESCE(m.sent, m.created), (
            SELECT MIN(a.created) FROM messages AS a WHERE a.thread = m.thread AND a.direction = 'in'
                AND a.state <> 'automatic' AND a.id > m.id)
    FROM messages AS m WHERE m.workspace = :workspace AND m.direction = 'out' AND m.state = 'sent'""")
FIGURES_MARK = Sql("""
    SELECT (SELECT MAX(seq) FROM history), (SELECT COUNT(*) FROM erasures),
        (SELECT MAX(id) FROM messages WHERE workspace = :workspace),
        (SELECT COUNT(*) FROM outcomes WHERE workspace = :workspace),
        (SELECT MAX(at) FROM cursors WHERE name = 'stage history')""")
FIGURES_KEPT = Sql("SELECT at, mark, many FROM figures WHERE workspace = :workspace")
FIGURES_BODY = Sql("SELECT body FROM figures WHERE workspace = :workspace")
FIGURES_SET = Sql("""
    INSERT INTO figures (workspace, at, mark, many, body) VALUES (:workspace, :at, :mark, :many, :body)
    ON CONFLICT (workspace) DO UPDATE SET at = excluded.at, mark = excluded.mark, many = excluded.many,
        body = excluded.body""")
JOBS_NAMING = Sql("""
    SELECT DISTINCT t.record FROM teams AS t JOIN records AS r ON r.id = t.record
    WHERE t.person IN :people AND r.kind = 'job' AND r.workspace || '' = :workspace""")

# --------------------------------------------------------------------------------------------------- who may see whom

TEAM_ADD = Sql("INSERT INTO teams (record, person) VALUES (:record, :person) ON CONFLICT DO NOTHING")
TEAMS_DROP = Sql("DELETE FROM teams WHERE record IN :ids")
CONFINED_ADD = Sql("""
    INSERT INTO confined (record, workspace, kind) VALUES (:record, :workspace, :kind) ON CONFLICT DO NOTHING""")
CONFINED_DROP = Sql("DELETE FROM confined WHERE record IN :ids")
CONFINED_ANY = Sql("SELECT 1 FROM confined WHERE workspace = :workspace LIMIT 1")
COLLEAGUE_ADD = Sql("""
    INSERT INTO colleagues (workspace, token, record) VALUES (:workspace, :token, :record) ON CONFLICT DO NOTHING""")
COLLEAGUES_DROP = Sql("DELETE FROM colleagues WHERE record IN :ids")
COLLEAGUES = Sql("SELECT record FROM colleagues WHERE workspace = :workspace AND token IN :tokens")
SIGHT_DUE = Sql("""
    SELECT id FROM records
    WHERE workspace = :workspace AND kind = :kind AND state = 'live' AND id > :after ORDER BY id LIMIT :limit""")

# ------------------------------------------------------------------------------------------- what everybody is found by

INDEXED_MARK = Sql("""
    INSERT INTO people_index (workspace, record, family, model, marks, made, updated, body, unread)
    VALUES (:workspace, :record, :family, '', 1, 0, 0, NULL, FALSE)
    ON CONFLICT (workspace, record) DO UPDATE SET marks = people_index.marks + 1, family = excluded.family,
        body = CASE WHEN people_index.family = excluded.family THEN people_index.body ELSE NULL END""")
INDEXED_LEFT = Sql("""
    UPDATE people_index SET marks = marks + 1, body = NULL WHERE workspace = :workspace AND record IN :records""")
INDEXED_MARK_FAMILIES = Sql("UPDATE people_index SET marks = marks + 1 WHERE family IN :families")
INDEXED_MARK_ALL = Sql("""
    UPDATE people_index SET marks = made + 1
    WHERE workspace = :workspace AND marks = made AND (:any OR (model <> :model AND body IS NOT NULL))""")
INDEXED_DUE = Sql("""
    SELECT record, family, marks FROM people_index WHERE workspace = :workspace AND marks > made
    ORDER BY record LIMIT :limit""")
INDEXED_DUE_OF = Sql("SELECT record, family, marks FROM people_index WHERE family = :family AND marks > made")
INDEXED_COUNT = Sql("""
    SELECT COUNT(body), SUM(CASE WHEN marks > made THEN 1 ELSE 0 END) FROM people_index
    WHERE workspace = :workspace""")
INDEXED_PUT = Sql("""
    UPDATE people_index SET family = :family, model = :model, made = GREATEST(made, :marks), updated = :now,
        body = :body, unread = :unread
    WHERE workspace = :workspace AND record = :record""")
INDEXED_DROP = Sql("""
    UPDATE people_index SET made = GREATEST(made, :marks), updated = :now, body = NULL, unread = FALSE
    WHERE workspace = :workspace AND record = :record""")
INDEXED_FORGET = Sql("""
    UPDATE people_index SET model = '', made = marks, updated = :now, body = NULL, unread = FALSE
    WHERE family = :family
    RETURNING record""")
INDEXED_UNREAD = Sql("""
    SELECT record, family, marks FROM people_index WHERE workspace = :workspace AND unread ORDER BY record LIMIT :limit
    """)
INDEXED_UNREAD_COUNT = Sql("SELECT COUNT(*) FROM people_index WHERE workspace = :workspace AND unread")
INDEXED_READ = Sql("UPDATE people_index SET unread = :no WHERE workspace = :workspace AND record = :record")
INDEXED_ROWS = Sql("""
    SELECT record, family, model, updated, body FROM people_index
    WHERE workspace = :workspace AND record IN :records AND body IS NOT NULL""")
INDEXED_PAGE = Sql("""
    SELECT record, family, model, updated, body FROM people_index
    WHERE workspace = :workspace AND record > :after AND model = :model AND body IS NOT NULL
    ORDER BY record LIMIT :limit""")
INDEXED_SINCE = Sql("""
    SELECT record, updated FROM people_index WHERE workspace = :workspace AND updated >= :since ORDER BY updated""")
INDEXED_EXPIRE = Sql("DELETE FROM people_index WHERE body IS NULL AND made >= marks AND updated < :before")

FIT_SET = Sql("""
    INSERT INTO fits (job, record, workspace, family, version, of, score, body, at, seen)
    VALUES (:job, :record, :workspace, :family, :version, :of, :score, :body, :now, NULL)
    ON CONFLICT (job, record) DO UPDATE SET family = excluded.family, version = excluded.version, of = excluded.of,
        score = excluded.score, body = excluded.body, at = excluded.at""")
FIT_FIGURES = Sql("""
    SELECT f.record, f.score, f.seen, CASE WHEN f.version = :version AND f.of >= p.updated THEN 1 ELSE 0 END
    FROM fits AS f JOIN people_index AS p ON p.workspace = f.workspace AND p.record = f.record
    WHERE f.job = :job""")
FIT_BODIES = Sql("SELECT record, body FROM fits WHERE job = :job AND record IN :records")
FIT_JOBS = Sql("SELECT DISTINCT job FROM fits WHERE workspace = :workspace")
FITS_DROP = Sql("DELETE FROM fits WHERE family = :family")
FIT_DROP_OTHERS = Sql("DELETE FROM fits WHERE record = :record AND family <> :family")
FITS_SEEN = Sql("UPDATE fits SET seen = :now WHERE family = :family AND seen IS NULL")

# ---------------------------------------------------------------------------------------------------------------- gaps

GAP_SET = Sql("""
    INSERT INTO gaps (workspace, connection, kind, field, value, record, first_at, last_at, times, state)
    VALUES (:workspace, :connection, :kind, :field, :value, :record, :now, :now, 1, 'open')
    ON CONFLICT (connection, kind, field, value) DO UPDATE SET last_at = excluded.last_at, times = gaps.times + 1,
        state = 'open', record = excluded.record""")
GAP_RECORD_ADD = Sql("""
    INSERT INTO gap_records (connection, kind, field, value, record)
    VALUES (:connection, :kind, :field, :value, :record) ON CONFLICT DO NOTHING""")
GAPS_WAITING_FOR = Sql("""
    SELECT g.id, g.connection, g.kind, g.field, g.value, r.record, g.first_at, g.last_at, g.times, g.state
    FROM gaps AS g JOIN gap_records AS r
        ON r.connection = g.connection AND r.kind = g.kind AND r.field = g.field AND r.value = g.value
    WHERE g.connection = :connection AND g.value = :value AND g.state = 'open' ORDER BY r.record LIMIT :limit""")
GAP_RECORDS_DROP = Sql("""
    DELETE FROM gap_records
    WHERE connection = :connection AND kind = :kind AND field = :field AND (:value = '' OR value = :value)""")
GAP_RECORD_LEFT = Sql("""
    DELETE FROM gap_records
    WHERE connection = :connection AND kind = :kind AND field = :field AND record = :record""")
GAPS_CLOSE_LEFT = Sql("""
    UPDATE gaps SET state = 'closed'
    WHERE connection = :connection AND kind = :kind AND field = :field AND state = 'open' AND record IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM gap_records AS r WHERE r.connection = gaps.connection AND r.kind = gaps.kind
                AND r.field = gaps.field AND r.value = gaps.value)""")
GAPS = Sql("""
    SELECT id, connection, kind, field, value, record, first_at, last_at, times, state FROM gaps
    WHERE workspace = :workspace AND state = :state AND (:connection = '' OR connection = :connection)
    ORDER BY connection, kind, field, value LIMIT :limit""")
GAP_RECORDS_DROP_OF = Sql("DELETE FROM gap_records WHERE connection = :connection")
GAPS_CLOSE_OF = Sql("UPDATE gaps SET state = 'closed' WHERE connection = :connection AND state = 'open'")
GAP_CLOSE = Sql("""
    UPDATE gaps SET state = 'closed'
    WHERE connection = :connection AND kind = :kind AND field = :field AND (:value = '' OR value = :value)""")

# --------------------------------------------------------------------------------------------------------------- inbox

DELIVERY_ADD = Sql("""
    INSERT INTO inbox (workspace, connection, delivery, topic, kind, external, number, received, state, size, body, why)
    VALUES (:workspace, :connection, :delivery, :topic, :kind, :external, :number, :received, :state, :size, :body,
        :why)
    ON CONFLICT (connection, delivery) DO NOTHING RETURNING seq""")
DELIVERIES_APPLIED = Sql("""
    UPDATE inbox SET state = 'applied', body = NULL, finished = :now
    WHERE seq IN (
        SELECT i.seq FROM ROWS(:read, kind text, external text, number bigint) AS r CROSS JOIN inbox AS i
        WHERE i.connection = :connection AND i.kind = r.kind AND i.external = r.external
            AND i.state = 'accepted' AND i.number < r.number)
    RETURNING external, received""")
DELIVERY_FINISH = Sql("""
    UPDATE inbox SET state = :state, why = :why, finished = :now, body = NULL WHERE seq = :seq""")
DELIVERIES = Sql("""
    SELECT seq, delivery, topic, kind, external, number, received, state, size, why, finished FROM inbox
    WHERE connection = :connection AND seq < :before ORDER BY seq DESC LIMIT :limit""")
DELIVERY_BODY = Sql("SELECT body FROM inbox WHERE seq = :seq")
BODIES_DROP = Sql("UPDATE inbox SET body = NULL WHERE body IS NOT NULL AND received < :before")
DELIVERIES_DROP = Sql("DELETE FROM inbox WHERE state <> 'accepted' AND received < :before")
REFUSAL_ADD = Sql("""
    INSERT INTO refusals (workspace, connection, at, status, size, why)
    VALUES (:workspace, :connection, :at, :status, :size, :why)""")
REFUSALS = Sql("""
    SELECT seq, at, status, size, why FROM refusals WHERE connection = :connection AND seq < :before
    ORDER BY seq DESC LIMIT :limit""")
REFUSALS_DROP = Sql("DELETE FROM refusals WHERE at < :before")

# --------------------------------------------------------------------------------------------------------------- lanes

WANT = Sql("""
    INSERT INTO read_lanes (connection, kind, external, priority, kinds, leased, due, behind, seq, since, epoch, until,
        worker, tries, error)
    VALUES (:connection, :kind, :external, :priority, :kinds, 0, :due, :behind, :seq, :now, 0, 0, '', 0, '')
    ON CONFLICT (connection, kind, external) DO UPDATE SET
        priority = LEAST(read_lanes.priority, excluded.priority),
        kinds = read_lanes.kinds | excluded.kinds,
        due = CASE WHEN read_lanes.tries > 0 THEN read_lanes.due
            WHEN GREATEST(read_lanes.behind, excluded.behind) > :now
                THEN LEAST(GREATEST(read_lanes.behind, excluded.behind), read_lanes.since + :patience)
            ELSE LEAST(read_lanes.due, excluded.due) END,
        behind = GREATEST(read_lanes.behind, excluded.behind),
        seq = GREATEST(read_lanes.seq, excluded.seq)""")
READS_LEASE = Sql("""
    WITH picked AS MATERIALIZED (
        SELECT connection, kind, external FROM read_lanes
        WHERE connection = :connection AND priority = :priority AND due <= :now AND until <= :now
        ORDER BY due, seq LIMIT :n FOR UPDATE SKIP LOCKED)
    UPDATE read_lanes SET leased = read_lanes.kinds | read_lanes.leased, kinds = 0, epoch = :epoch, until = :until,
        worker = :worker
    FROM picked
    WHERE read_lanes.connection = picked.connection AND read_lanes.kind = picked.kind
        AND read_lanes.external = picked.external
    RETURNING read_lanes.due, read_lanes.seq, read_lanes.kind, read_lanes.external, read_lanes.leased,
        read_lanes.tries, read_lanes.since""")
READS_HELD = Sql("""
    SELECT r.kind, r.external, r.epoch
    FROM ROWS(:leases, kind text, external text, epoch bigint) AS l CROSS JOIN read_lanes AS r
    WHERE r.connection = :connection AND r.kind = l.kind AND r.external = l.external AND r.epoch = l.epoch
    FOR UPDATE OF r""")
READS_OPEN = Sql("""
    SELECT r.kind, r.external FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN read_lanes AS r
    WHERE r.connection = :connection AND r.kind = w.kind AND r.external = w.external""")
READS_RESTING = Sql("""
    SELECT r.kind, r.external FROM ROWS(:wanted, kind text, external text) AS w CROSS JOIN read_lanes AS r
    WHERE r.connection = :connection AND r.kind = w.kind AND r.external = w.external
        AND r.tries > 0 AND r.due > :soon""")
READ_RENEW = Sql("""
    UPDATE read_lanes SET until = :until
    WHERE connection = :connection AND kind = :kind AND external = :external AND epoch = :epoch""")
READ_DONE = Sql("""
    DELETE FROM read_lanes
    WHERE connection = :connection AND kind = :kind AND external = :external AND epoch = :epoch
        AND behind <= :started AND (kinds = 0 OR (seq < :number AND (kinds & ~leased) = 0))""")
READ_AGAIN = Sql("""
    UPDATE read_lanes SET kinds = CASE WHEN behind > :started THEN kinds | leased ELSE kinds END, leased = 0,
        due = CASE WHEN behind > :started THEN behind ELSE :now END, since = :now, until = 0, epoch = 0, worker = '',
        tries = 0, error = ''
    WHERE connection = :connection AND kind = :kind AND external = :external AND epoch = :epoch""")
READ_RETRY = Sql("""
    UPDATE read_lanes SET kinds = kinds | leased, leased = 0, due = :due, until = 0, epoch = 0, worker = '',
        tries = tries + :tried, error = :error
    WHERE connection = :connection AND kind = :kind AND external = :external AND epoch = :epoch""")
READ_DROP = Sql("""
    DELETE FROM read_lanes
    WHERE connection = :connection AND kind = :kind AND external = :external AND epoch = :epoch""")
READS_WAITING = Sql("""
    SELECT w.connection, w.priority, (
        SELECT r.due FROM read_lanes AS r
        WHERE r.connection = w.connection AND r.priority = w.priority AND r.until <= :now ORDER BY r.due LIMIT 1)
    FROM ROWS(:queues, connection text, priority bigint) AS w""")  # a seek a queue, however long it is
READS_REVOKE = Sql("""
    UPDATE read_lanes SET kinds = kinds | leased, leased = 0, until = 0, epoch = 0, worker = '' WHERE until > 0""")

WRITE_LANE_WANT = Sql("""
    INSERT INTO write_lanes (connection, family, due, since, epoch, until, worker, tries, error, state, rank)
    VALUES (:connection, :family, :now, :now, 0, 0, '', 0, '', 'ready', :rank)
    ON CONFLICT (connection, family) DO UPDATE SET
        rank = LEAST(write_lanes.rank, excluded.rank),
        due = CASE WHEN write_lanes.tries > 0 AND write_lanes.state = 'ready' THEN write_lanes.due
            ELSE LEAST(write_lanes.due, excluded.due) END,
        tries = CASE WHEN write_lanes.state = 'ready' THEN write_lanes.tries ELSE 0 END,
        state = 'ready'""")
WRITES_LEASE = Sql("""
    WITH picked AS MATERIALIZED (
        SELECT connection, family FROM write_lanes
        WHERE connection = :connection AND state = 'ready' AND rank = :rank AND due <= :now AND until <= :now
        ORDER BY due, family LIMIT :n FOR UPDATE SKIP LOCKED)
    UPDATE write_lanes SET epoch = :epoch, until = :until, worker = :worker
    FROM picked WHERE write_lanes.connection = picked.connection AND write_lanes.family = picked.family
    RETURNING write_lanes.due, write_lanes.family, write_lanes.tries, write_lanes.since""")
WRITE_LANES_HELD = Sql("""
    SELECT w.family, w.epoch FROM ROWS(:leases, family text, epoch bigint) AS l CROSS JOIN write_lanes AS w
    WHERE w.connection = :connection AND w.family = l.family AND w.epoch = l.epoch FOR UPDATE OF w""")
WRITE_LANE_RENEW = Sql("""
    UPDATE write_lanes SET until = :until WHERE connection = :connection AND family = :family AND epoch = :epoch""")
WRITE_LANE_DONE = Sql("""
    DELETE FROM write_lanes WHERE connection = :connection AND family = :family AND epoch = :epoch
        AND NOT EXISTS (SELECT 1 FROM writes WHERE writes.family = :family AND writes.connection = :connection
            AND writes.state = 'due')""")
WRITE_LANE_AGAIN = Sql("""
    UPDATE write_lanes SET due = :due, since = :now, until = 0, epoch = 0, worker = '', tries = 0, error = '',
        state = 'ready'
    WHERE connection = :connection AND family = :family AND epoch = :epoch""")
WRITE_LANE_RETRY = Sql("""
    UPDATE write_lanes SET due = :due, until = 0, epoch = 0, worker = '', tries = tries + :tried, error = :error,
        state = :state
    WHERE connection = :connection AND family = :family AND epoch = :epoch""")
WRITE_LANES_REVOKE = Sql("UPDATE write_lanes SET until = 0, epoch = 0, worker = '' WHERE until > 0")
WRITE_LANES_REVOKE_FAMILY = Sql("UPDATE write_lanes SET until = 0, epoch = 0, worker = '' WHERE family = :family")
WRITE_LANES_WAITING = Sql("""
    SELECT w.connection, (
        SELECT l.due FROM write_lanes AS l
        WHERE l.connection = w.connection AND l.state = 'ready' AND l.rank = w.rank AND l.until <= :now
        ORDER BY l.due LIMIT 1)
    FROM ROWS(:queues, connection text, rank bigint) AS w
    WHERE w.connection NOT IN (SELECT id FROM connections WHERE stopped IS NOT NULL)""")
WRITE_LANES_HELD_NOW = Sql("SELECT COUNT(*) FROM write_lanes WHERE connection = :connection AND until > :now")
STOPPED_CALLS = Sql("""
    SELECT call, COUNT(*), MIN(at) FROM writes
    WHERE connection = :connection AND state IN ('due', 'waiting', 'sent') GROUP BY call ORDER BY MIN(at), call""")
STOPPED_FIRST = Sql("""
    SELECT family, MIN(at) FROM writes
    WHERE connection = :connection AND state IN ('due', 'waiting', 'sent')
    GROUP BY family ORDER BY MIN(at), family LIMIT :n""")
_WAKE = """
    UPDATE write_lanes SET due = :now, tries = 0, error = '', state = 'ready'
    WHERE connection = :connection AND (state = 'parked' OR tries > 0)"""
WRITE_LANES_WAKE = Sql(_WAKE)
WRITE_LANE_WAKE = Sql(f"{_WAKE} AND family = :family")

# --------------------------------------------------------------------------------------------------------------- tasks

TASK_PUT = Sql("""
    INSERT INTO tasks (workspace, name, key, due, payload, seq, epoch, until, worker, tries, error, state)
    VALUES (:workspace, :name, :key, :due, :payload, :seq, 0, 0, '', 0, '', 'ready')
    ON CONFLICT (workspace, name, key) DO UPDATE SET due = excluded.due, payload = excluded.payload,
        seq = excluded.seq, tries = 0, error = '', state = 'ready'""")
TASK_GATHER = Sql("""
    INSERT INTO tasks (workspace, name, key, due, payload, seq, epoch, until, worker, tries, error, state)
    VALUES (:workspace, :name, :key, :due, '{}', :seq, 0, 0, '', 0, '', 'ready')
    ON CONFLICT (workspace, name, key) DO UPDATE SET seq = excluded.seq, tries = 0, error = '', state = 'ready',
        due = CASE WHEN tasks.state = 'ready' AND tasks.until <= :now AND tasks.due < excluded.due THEN tasks.due
            ELSE excluded.due END""")
_TASKS_OF = "workspace = :workspace AND name = :name AND substr(key, 1, length(CAST(:first AS TEXT))) = :first"
TASKS_COUNT = Sql(f"SELECT COUNT(*) FROM tasks WHERE {_TASKS_OF}")
TASKS_DROP = Sql(f"DELETE FROM tasks WHERE {_TASKS_OF}")
TASKS_AMONG = Sql("SELECT key FROM tasks WHERE workspace = :workspace AND name = :name AND key IN :keys")
TASK_CANCEL = Sql("DELETE FROM tasks WHERE workspace = :workspace AND name = :name AND key = :key")
TASKS_LEASE = Sql("""
    WITH picked AS MATERIALIZED (
        SELECT workspace, name, key FROM tasks
        WHERE state = 'ready' AND due <= :now AND until <= :now AND name IN :names
        ORDER BY due, seq LIMIT :n FOR UPDATE SKIP LOCKED)
    UPDATE tasks SET epoch = :epoch, until = :until, worker = :worker
    FROM picked WHERE tasks.workspace = picked.workspace AND tasks.name = picked.name AND tasks.key = picked.key
    RETURNING tasks.due, tasks.seq, tasks.workspace, tasks.name, tasks.key, tasks.payload, tasks.tries""")
TASK_RENEW = Sql("""
    UPDATE tasks SET until = :until
    WHERE workspace = :workspace AND name = :name AND key = :key AND epoch = :epoch""")
TASK_HELD = Sql("""
    SELECT seq FROM tasks
    WHERE workspace = :workspace AND name = :name AND key = :key AND epoch = :epoch FOR UPDATE""")
TASK_DONE = Sql("""
    DELETE FROM tasks
    WHERE workspace = :workspace AND name = :name AND key = :key AND epoch = :epoch AND seq = :seq""")
TASK_RELEASE = Sql("""
    UPDATE tasks SET epoch = 0, until = 0, worker = ''
    WHERE workspace = :workspace AND name = :name AND key = :key AND epoch = :epoch""")
TASK_AGAIN = Sql("""
    UPDATE tasks SET epoch = 0, until = 0, worker = '', due = :due, tries = tries + :tried, error = :error,
        state = :state
    WHERE workspace = :workspace AND name = :name AND key = :key AND epoch = :epoch AND seq = :seq""")
TASKS_NEXT = Sql("SELECT MIN(due) FROM tasks WHERE state = 'ready' AND name IN :names AND until <= :now")
TASKS = Sql("""
    SELECT workspace, name, key, due, payload, tries, error, state FROM tasks
    WHERE workspace = :workspace AND (:name = '' OR name = :name) AND (:state = '' OR state = :state)
        AND SEEN_RECORD(tasks.key)
    ORDER BY due, name, key LIMIT :limit""")
TASK_REPLAY = Sql("""
    UPDATE tasks SET state = 'ready', due = :now, tries = 0, error = ''
    WHERE workspace = :workspace AND name = :name AND key = :key AND state = 'dead'""")
TASKS_WAKE = Sql("""
    UPDATE tasks SET due = :now, tries = 0
    WHERE workspace = :workspace AND substr(key, 1, length(CAST(:first AS TEXT))) = :first
        AND state = 'ready' AND error <> '' AND due > :now""")
TASKS_REVOKE = Sql("UPDATE tasks SET until = 0, epoch = 0, worker = '' WHERE until > 0")

# ------------------------------------------------------------------------------------------------------------- budgets

BUDGET = Sql("""
    SELECT allowed, per, ends, used, learned, shares FROM budgets
    WHERE connection = :connection AND cls = :cls FOR UPDATE""")
BUDGET_SEEN = Sql("""
    SELECT allowed, per, ends, used, learned, shares FROM budgets WHERE connection = :connection AND cls = :cls""")
BUDGET_DECLARE = Sql("""
    INSERT INTO budgets (connection, cls, allowed, per, ends, used, learned, shares)
    VALUES (:connection, :cls, :allowed, :per, 0, 0, FALSE, '{}')
    ON CONFLICT (connection, cls) DO UPDATE SET per = excluded.per,
        allowed = CASE WHEN budgets.learned THEN budgets.allowed ELSE excluded.allowed END""")
BUDGET_SET = Sql("""
    UPDATE budgets SET allowed = :allowed, ends = :ends, used = :used, learned = :learned, shares = :shares
    WHERE connection = :connection AND cls = :cls""")
BUDGETS = Sql("""
    SELECT cls, allowed, per, ends, used, learned, shares FROM budgets WHERE connection = :connection ORDER BY cls""")

# --------------------------------------------------------------------------------------------------------- connections

CONNECTION_COLUMNS = """id, workspace, name, system, label, base_url, mode, scope, settings, tenant, choices,
    mapping_version, rank, owner, paused, live_since, crawled, created, not_before, broken, probe_until, stopped,
    messages_stopped"""
CONNECTION = Sql(f"SELECT {CONNECTION_COLUMNS} FROM connections WHERE id = :id")
CONNECTION_NAMED = Sql(f"SELECT {CONNECTION_COLUMNS} FROM connections WHERE workspace = :workspace AND name = :name")
CONNECTIONS = Sql(f"""
    SELECT {CONNECTION_COLUMNS} FROM connections WHERE :workspace = '' OR workspace = :workspace ORDER BY rank, name""")
CONNECTION_ADD = Sql("""
    INSERT INTO connections (id, workspace, name, system, label, base_url, mode, scope, settings, credentials, tenant,
        choices, mapping_version, rank, owner, paused, live_since, crawled, created, not_before, broken, probe_until)
    VALUES (:id, :workspace, :name, :system, :label, :base_url, :mode, :scope, :settings, NULL, :tenant, :choices,
        :mapping_version, :rank, :owner, :paused, :live_since, :crawled, :created, 0, '', 0)""")
CONNECTION_SET = Sql("""
    UPDATE connections SET name = :name, system = :system, label = :label, base_url = :base_url, mode = :mode,
        scope = :scope, settings = :settings, tenant = :tenant, choices = :choices,
        mapping_version = :mapping_version, rank = :rank, owner = :owner, paused = :paused, live_since = :live_since,
        crawled = :crawled
    WHERE id = :id""")
CREDENTIALS = Sql("SELECT workspace, credentials FROM connections WHERE id = :id")
CREDENTIALS_SET = Sql("UPDATE connections SET credentials = :sealed WHERE id = :id")
CONNECTION_HOLD = Sql("""
    UPDATE connections SET not_before = GREATEST(not_before, :until), broken = :why, probe_until = 0 WHERE id = :id""")
CONNECTION_STOPPED = Sql("SELECT stopped, messages_stopped FROM connections WHERE id = :id")
CONNECTION_STOP = Sql("UPDATE connections SET stopped = :stopped WHERE id = :id")
CONNECTION_STOP_MESSAGES = Sql("UPDATE connections SET messages_stopped = :stopped WHERE id = :id")
CONNECTION_WAIT = Sql("UPDATE connections SET not_before = GREATEST(not_before, :until) WHERE id = :id")
CONNECTION_HEALTHY = Sql("""
    UPDATE connections SET broken = '', probe_until = 0, not_before = 0 WHERE id = :id AND broken <> ''""")
CONNECTION_PROBE = Sql("""
    UPDATE connections SET probe_until = :until
    WHERE id = :id AND broken <> '' AND not_before <= :now AND probe_until <= :now""")
BULK_TOUCH = Sql("""
    INSERT INTO bulk_touched (connection, cause, family, at) VALUES (:connection, :cause, :family, :now)
    ON CONFLICT (connection, cause, family) DO UPDATE SET at = excluded.at""")
BULK_FORGET = Sql("DELETE FROM bulk_touched WHERE connection = :connection AND cause = :cause AND at < :before")
BULK_COUNT = Sql("SELECT COUNT(*) FROM bulk_touched WHERE connection = :connection AND cause = :cause")
BULK_RECORDS = Sql("""
    SELECT COUNT(*) FROM links WHERE connection = :connection AND kind IN ('candidate', 'job')
        AND state IN ('live', 'unseen')""")
BULK_ONE = Sql("SELECT state, review, until FROM bulk WHERE connection = :connection AND cause = :cause")
BULK_ALL = Sql("""
    SELECT connection, cause, state, review, until FROM bulk
    WHERE workspace = :workspace AND state <> 'agreed' ORDER BY connection, cause""")
BULK_SET = Sql("""
    INSERT INTO bulk (connection, cause, workspace, state, review, until)
    VALUES (:connection, :cause, :workspace, :state, :review, :until)
    ON CONFLICT (connection, cause) DO UPDATE SET state = excluded.state, review = excluded.review,
        until = excluded.until""")
BULK_DROP = Sql("DELETE FROM bulk WHERE connection = :connection AND cause = :cause")
BULK_HOLDING = Sql("""
    SELECT DISTINCT family FROM writes
    WHERE connection = :connection AND state = 'held' AND family > :after ORDER BY family LIMIT :limit""")
CONNECTION_REMOVE = tuple(
    Sql(text)
    for text in (
        "DELETE FROM read_lanes WHERE connection = :id",
        "DELETE FROM write_lanes WHERE connection = :id",
        "DELETE FROM cursors WHERE connection = :id",
        "DELETE FROM consents WHERE connection = :id",
        "DELETE FROM budgets WHERE connection = :id",
        "DELETE FROM bulk_touched WHERE connection = :id",
        "DELETE FROM bulk WHERE connection = :id",
        "DELETE FROM parity_differences WHERE connection = :id",
        "DELETE FROM parity_ids WHERE connection = :id",
        "DELETE FROM parity_runs WHERE connection = :id",
        "DELETE FROM tool_keys WHERE connection = :id",
        "DELETE FROM tool_results WHERE connection = :id",
        "DELETE FROM pilots WHERE connection = :id",
        "UPDATE inbox SET body = NULL WHERE connection = :id AND body IS NOT NULL",
        "DELETE FROM connections WHERE id = :id",
    )
)
_CONSENT = """
    SELECT mark, body, until, ends, renewed, leased, error, failing FROM consents WHERE connection = :connection"""
CONSENT_SEEN, CONSENT = Sql(_CONSENT), Sql(f"{_CONSENT} FOR UPDATE")
_INCIDENTS = "SELECT id, workspace, connection, cause, began, ended, why, families, reads FROM incidents"
INCIDENT_OPEN = Sql(f"{_INCIDENTS} WHERE connection = :connection AND cause = :cause AND ended IS NULL")
INCIDENTS_OPEN = Sql(f"{_INCIDENTS} WHERE workspace = :workspace AND ended IS NULL ORDER BY began")
INCIDENTS_ENDED = Sql(f"{_INCIDENTS} WHERE workspace = :workspace AND ended >= :since ORDER BY ended")
INCIDENT_BEGIN = Sql("""
    INSERT INTO incidents (id, workspace, connection, cause, began, ended, why, families, reads)
    VALUES (:id, :workspace, :connection, :cause, :now, NULL, :why, '[]', 0) ON CONFLICT DO NOTHING""")
INCIDENT_LASTS = Sql("UPDATE incidents SET families = :families WHERE id = :id")
INCIDENT_END = Sql("UPDATE incidents SET ended = :now, families = :families, reads = :reads WHERE id = :id")
INCIDENT_DROP = Sql("DELETE FROM incidents WHERE id = :id")
INCIDENTS = Sql(f"""
    {_INCIDENTS} WHERE workspace = :workspace AND (:connection = '' OR connection IN ('', :connection))
    ORDER BY began DESC LIMIT :n""")
INCIDENT = Sql(f"{_INCIDENTS} WHERE workspace = :workspace AND id = :id")
INCIDENT_PEOPLE = Sql("""
    SELECT c.family, c.record, a.job FROM candidates AS c
    LEFT JOIN applications AS a ON a.family = c.family AND a.state = 'live'
    WHERE c.family IN :families AND c.state = 'live' ORDER BY c.place, c.record, a.record""")
INCIDENT_JOBS = Sql("""
    SELECT DISTINCT job FROM applications WHERE family IN :families AND state = 'live' AND job IS NOT NULL""")
INCIDENT_SCORES = Sql("""
    WITH late AS (SELECT DISTINCT family, job FROM applications WHERE family IN :families AND state = 'live')
    SELECT family, score, better, scored FROM (
        SELECT family, score, RANK() OVER (PARTITION BY job ORDER BY score DESC) - 1 AS better,
            COUNT(*) OVER (PARTITION BY job) AS scored
        FROM applications WHERE state = 'live' AND score >= 0 AND job IN (SELECT job FROM late)
    ) AS ranked WHERE family IN (SELECT family FROM late)""")
INCIDENT_WRITES = Sql("""
    SELECT family, id, connection, record, link, call, state, at, closed, tries, body FROM writes
    WHERE family IN :families AND connection || '' IN :connections AND at <= :until AND state <> 'held'
        AND (closed IS NULL OR closed >= :since)""")  # by family: the connection has no say in the plan
INCIDENT_LEFT = Sql("""
    SELECT family FROM writes
    WHERE connection IN :connections AND state IN ('due', 'waiting', 'sent') AND at <= :until
    UNION
    SELECT l.family FROM read_lanes AS r
    JOIN links AS l ON l.connection = r.connection AND l.kind = r.kind AND l.external = r.external
    WHERE r.connection IN :connections AND r.since <= :until AND :reads = 1""")
INCIDENT_FAMILIES = Sql("""
    SELECT family FROM write_lanes WHERE connection IN :connections AND state = 'ready'
    UNION
    SELECT l.family FROM read_lanes AS r
    JOIN links AS l ON l.connection = r.connection AND l.kind = r.kind AND l.external = r.external
    WHERE r.connection IN :connections AND r.priority = 0 AND :reads = 1
    ORDER BY family LIMIT 10000""")
INCIDENT_READS = Sql("SELECT COUNT(*) FROM read_lanes WHERE connection IN :connections")
CONSENT_BEGIN = Sql("""
    INSERT INTO consents (connection, mark, body, until, ends, renewed, leased, error, failing)
    VALUES (:connection, :mark, :body, 0, 0, 0, 0, '', 0)
    ON CONFLICT (connection) DO UPDATE SET mark = excluded.mark, body = excluded.body, until = 0, ends = 0, renewed = 0,
        leased = 0, error = '', failing = 0
    WHERE consents.mark <> excluded.mark""")
CONSENT_LEASE = Sql("UPDATE consents SET leased = :until WHERE connection = :connection")
CONSENT_KEEP = Sql("""
    UPDATE consents SET body = :body, until = :until, ends = :ends, renewed = :now, leased = 0, error = '', failing = 0
    WHERE connection = :connection""")
CONSENT_FAILED = Sql("""
    UPDATE consents SET leased = 0, error = :error, failing = CASE WHEN failing = 0 THEN :now ELSE failing END
    WHERE connection = :connection""")
TRACE_PUT = Sql("INSERT INTO traces (subject, parent, at) VALUES (:subject, :parent, :now) ON CONFLICT DO NOTHING")
TRACES = Sql("SELECT subject, parent FROM traces WHERE subject IN :subjects ORDER BY at, parent")
TRACES_DROP = Sql("DELETE FROM traces WHERE subject IN :subjects AND at <= :until")
TRACES_EXPIRE = Sql("DELETE FROM traces WHERE at < :before")
CURSOR = Sql("SELECT value FROM cursors WHERE connection = :connection AND name = :name")
CURSORS = Sql("SELECT name, value, at FROM cursors WHERE connection = :connection ORDER BY name")
CURSOR_SET = Sql("""
    INSERT INTO cursors (connection, name, value, at) VALUES (:connection, :name, :value, :now)
    ON CONFLICT (connection, name) DO UPDATE SET value = excluded.value, at = excluded.at""")
CURSOR_DROP = Sql("DELETE FROM cursors WHERE connection = :connection AND name = :name")

# ------------------------------------------------------------------------------------------------ workspaces, settings

WORKSPACE_ADD = Sql("""
    INSERT INTO workspaces (id, name, region, settings, created) VALUES (:id, :name, :region, :settings, :now)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, region = excluded.region, settings = excluded.settings""")
WORKSPACES = Sql("SELECT id, name, region, settings, created FROM workspaces ORDER BY created, id")
SETTING = Sql("SELECT value FROM settings WHERE workspace = :workspace AND name = :name")
SETTING_SET = Sql("""
    INSERT INTO settings (workspace, name, value) VALUES (:workspace, :name, :value)
    ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value""")
SETTINGS = Sql("SELECT name, value FROM settings WHERE workspace = :workspace ORDER BY name")

# -------------------------------------------------------------------------------------------------------------- people

USER_COLUMNS = "id, workspace, email, name, role, identities, created, disabled"
USER_SET = Sql("""
    INSERT INTO users (id, workspace, email, name, role, identities, created, disabled)
    VALUES (:id, :workspace, :email, :name, :role, :identities, :created, :disabled)
    ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, role = excluded.role,
        identities = excluded.identities, disabled = excluded.disabled""")
USER = Sql(f"SELECT {USER_COLUMNS} FROM users WHERE id = :id")
USER_BY_EMAIL = Sql(f"SELECT {USER_COLUMNS} FROM users WHERE workspace = :workspace AND email = :email")
USERS = Sql(f"SELECT {USER_COLUMNS} FROM users WHERE workspace = :workspace ORDER BY name, id")
SESSION_ADD = Sql("""
    INSERT INTO sessions (hash, person, created, expires, csrf, seen, device, issuer)
    VALUES (:hash, :person, :now, :expires, :csrf, :now, :device, :issuer)""")
SESSION = Sql("""
    SELECT u.id, u.workspace, u.email, u.name, u.role, u.identities, u.created, u.disabled,
        s.csrf, s.expires, s.created, COALESCE(s.seen, s.created), COALESCE(s.device, ''), COALESCE(s.issuer, '')
    FROM sessions AS s JOIN users AS u ON u.id = s.person
    WHERE s.hash = :hash AND s.expires > :now AND COALESCE(s.seen, s.created) > :idle AND u.disabled IS NULL""")
SESSION_SEEN = Sql("UPDATE sessions SET seen = :now WHERE hash = :hash")
SESSIONS = Sql("""
    SELECT s.hash, s.person, s.created, s.expires, COALESCE(s.seen, s.created), COALESCE(s.device, ''),
        COALESCE(s.issuer, '')
    FROM sessions AS s JOIN users AS u ON u.id = s.person
    WHERE u.workspace = :workspace AND (:person = '' OR s.person = :person)
        AND s.expires > :now AND COALESCE(s.seen, s.created) > :idle
    ORDER BY COALESCE(s.seen, s.created) DESC, s.hash""")
SESSION_DROP = Sql("DELETE FROM sessions WHERE hash = :hash")
SESSIONS_DROP = Sql("DELETE FROM sessions WHERE expires <= :now")
SESSIONS_OF = Sql("DELETE FROM sessions WHERE person = :person AND hash <> :but")
SESSIONS_BY_LINK = Sql("""
    DELETE FROM sessions WHERE issuer IS NULL
        AND person IN (SELECT id FROM users WHERE workspace = :workspace AND role <> :role)""")
SUBJECT = Sql("""
    SELECT person, made FROM subjects WHERE workspace = :workspace AND issuer = :issuer AND subject = :subject""")
SUBJECTS_OF = Sql("SELECT issuer, subject, made FROM subjects WHERE person = :person ORDER BY issuer, subject")
SUBJECT_SET = Sql("""
    INSERT INTO subjects (workspace, issuer, subject, person, made)
    VALUES (:workspace, :issuer, :subject, :person, :made)""")
SUBJECTS_DROP = Sql("DELETE FROM subjects WHERE person = :person")
TOKEN_ADD = Sql("INSERT INTO login_tokens (hash, person, expires) VALUES (:hash, :person, :expires)")
TOKEN_USE = Sql("""
    UPDATE login_tokens SET used = :now WHERE hash = :hash AND used IS NULL AND expires > :now RETURNING person""")
TOKENS_DROP = Sql("DELETE FROM login_tokens WHERE expires <= :now")
TOKENS_OF = Sql("DELETE FROM login_tokens WHERE person = :person AND used IS NULL")
KEY_COLUMNS = "id, workspace, name, scopes, owner, created, last_used, revoked, expires, bound"
API_KEY_ADD = Sql("""
    INSERT INTO api_keys (id, workspace, hash, name, scopes, owner, created, expires, bound)
    VALUES (:id, :workspace, :hash, :name, :scopes, :owner, :now, :expires, :bound)""")
API_KEY = Sql(f"""
    SELECT {KEY_COLUMNS} FROM api_keys
    WHERE (hash = :hash OR (former = :hash AND former_until > :now))
        AND revoked IS NULL AND (expires IS NULL OR expires > :now)""")
API_KEY_ROTATE = Sql("""
    UPDATE api_keys SET former = hash, former_until = :until, hash = :hash
    WHERE workspace = :workspace AND id = :id AND revoked IS NULL""")
API_KEYS = Sql(f"SELECT {KEY_COLUMNS} FROM api_keys WHERE workspace = :workspace ORDER BY created, id")
API_KEY_USED = Sql("UPDATE api_keys SET last_used = :now WHERE id = :id")
API_KEY_REVOKE = Sql("UPDATE api_keys SET revoked = :now WHERE workspace = :workspace AND id = :id AND revoked IS NULL")

# ------------------------------------------------------------------------------------------------------------ AI tools

TOOL_FEED_MARK = Sql("""
    INSERT INTO tool_feed (application, workspace, erased, position)
    VALUES (:application, :workspace, :erased, NULL)
    ON CONFLICT (application) DO UPDATE SET position = NULL""")
TOOL_FEED_JOBS = Sql("""
    UPDATE tool_feed SET position = NULL
    WHERE position IS NOT NULL AND application IN (SELECT record FROM applications WHERE job IN :jobs)""")
TOOL_FEED_ALL = Sql("UPDATE tool_feed SET position = NULL WHERE workspace = :workspace AND position IS NOT NULL")
TOOL_FEED_ERASED = Sql("UPDATE tool_feed SET position = NULL, erased = :yes WHERE application IN :applications")
TOOL_FEED_WAITS = Sql("SELECT 1 FROM tool_feed WHERE workspace = :workspace AND position IS NULL LIMIT 1")
TOOL_FEED_LAST = Sql("SELECT COALESCE(MAX(position), 0) FROM tool_feed WHERE workspace = :workspace")
TOOL_FEED_DUE = Sql("""
    SELECT application FROM tool_feed WHERE workspace = :workspace AND position IS NULL
    ORDER BY application LIMIT :limit FOR UPDATE SKIP LOCKED""")
TOOL_FEED_NUMBER = Sql("UPDATE tool_feed SET position = :position WHERE application = :application")
TOOL_FEED_PAGE = Sql("""
    SELECT application, position, erased FROM tool_feed
    WHERE workspace = :workspace AND position > :after ORDER BY position LIMIT :limit""")
TOOL_FEED_BEHIND = Sql("""
    SELECT COUNT(*) FROM tool_feed WHERE workspace = :workspace AND (position IS NULL OR position > :after)""")
TOOL_FEED_ONE = Sql("SELECT erased FROM tool_feed WHERE workspace = :workspace AND application = :application")
TOOL_HOMES = Sql("SELECT id, family FROM records WHERE workspace = :workspace AND id IN :ids")
_GIVEN = "connection, application, version, at, gone, confirmed"
TOOL_GIVEN = Sql(f"SELECT {_GIVEN} FROM tool_given WHERE connection = :connection AND application IN :applications")
TOOL_GIVEN_OF = Sql(f"SELECT {_GIVEN} FROM tool_given WHERE application IN :applications ORDER BY connection")
TOOL_GIVEN_COUNT = Sql("""
    SELECT COUNT(CASE WHEN gone IS NULL THEN 1 END), COUNT(CASE WHEN gone IS NOT NULL AND confirmed IS NULL THEN 1 END)
    FROM tool_given WHERE connection = :connection""")
TOOL_GIVE = Sql("""
    INSERT INTO tool_given (connection, application, workspace, version, at)
    VALUES (:connection, :application, :workspace, :version, :now)
    ON CONFLICT (connection, application) DO UPDATE SET at = excluded.at, gone = NULL, confirmed = NULL,
        version = CASE WHEN excluded.version = '' THEN tool_given.version ELSE excluded.version END""")
TOOL_TAKE = Sql("""
    UPDATE tool_given SET gone = COALESCE(gone, :now)
    WHERE connection = :connection AND application IN :applications""")
TOOL_CONFIRM = Sql("""
    UPDATE tool_given SET gone = COALESCE(gone, :now), confirmed = :now
    WHERE connection = :connection AND application = :application AND confirmed IS NULL""")
TOOL_RESULT = Sql("""
    SELECT version, digest, note, answer, at FROM tool_results
    WHERE connection = :connection AND application = :application""")
TOOL_RESULT_SET = Sql("""
    INSERT INTO tool_results (connection, application, workspace, version, digest, note, answer, at)
    VALUES (:connection, :application, :workspace, :version, :digest, :note, :answer, :now)
    ON CONFLICT (connection, application) DO UPDATE SET version = excluded.version, digest = excluded.digest,
        note = excluded.note, answer = excluded.answer, at = excluded.at
    WHERE tool_results.version < excluded.version""")
TOOL_KEY_ADD = Sql("""
    INSERT INTO tool_keys (hash, workspace, connection, kind, created, until)
    VALUES (:hash, :workspace, :connection, :kind, :now, :until)""")
TOOL_KEY = Sql("""
    SELECT connection, kind, created, until, last_used FROM tool_keys
    WHERE hash = :hash AND (until IS NULL OR until > :now)""")
TOOL_KEYS = Sql("""
    SELECT connection, kind, created, until, last_used FROM tool_keys
    WHERE connection = :connection AND kind = 'key' AND (until IS NULL OR until > :now) ORDER BY created""")
TOOL_KEY_USED = Sql("UPDATE tool_keys SET last_used = :now WHERE hash = :hash")
TOOL_KEYS_END = Sql("""
    UPDATE tool_keys SET until = :until
    WHERE connection = :connection AND kind = 'key' AND (until IS NULL OR until > :until)""")
TOOL_TOKENS_DROP = Sql("DELETE FROM tool_keys WHERE connection = :connection AND kind = 'token'")
TOOL_KEYS_EXPIRE = Sql("DELETE FROM tool_keys WHERE until <= :now")

# -------------------------------------------------------------------------------------------------------- subscribers

EVENT_ADD = Sql("""
    INSERT INTO events (workspace, number, type, family, record, body, at)
    VALUES (:workspace, NULL, :type, :family, :record, :body, :now)""")
EVENTS_WAIT = Sql("SELECT 1 FROM events WHERE workspace = :workspace AND number IS NULL LIMIT 1")
EVENTS_DUE = Sql("SELECT id, type FROM events WHERE workspace = :workspace AND number IS NULL ORDER BY id LIMIT :limit")
EVENTS_LAST = Sql("SELECT COALESCE(MAX(number), 0) FROM events WHERE workspace = :workspace")
EVENT_NUMBER = Sql("UPDATE events SET number = :number WHERE id = :id")
_EVENT = "number, type, family, record, body, at"
EVENTS_PAGE = Sql(f"""
    SELECT {_EVENT} FROM events
    WHERE workspace = :workspace AND number > :after AND type IN :types ORDER BY number LIMIT :limit""")
EVENT_ONE = Sql(f"SELECT {_EVENT} FROM events WHERE workspace = :workspace AND number = :number")
EVENTS_NEWEST = Sql(f"""
    SELECT {_EVENT} FROM events
    WHERE workspace = :workspace AND number IS NOT NULL ORDER BY number DESC LIMIT :limit""")
EVENT_NUMBER_OF = Sql("SELECT MAX(number) FROM events WHERE family = :family AND type = :type")
EVENTS_FORGET = Sql("DELETE FROM events WHERE family = :family AND type <> :kept")
EVENT_DELIVERIES_FORGET = Sql("""
    DELETE FROM event_deliveries WHERE (workspace, event) IN (
        SELECT workspace, number FROM events WHERE family = :family AND type <> :kept AND number IS NOT NULL)""")
EVENTS_HOME = Sql("UPDATE events SET family = :new WHERE family = :old")
EVENTS_HOME_OF = Sql("UPDATE events SET family = :new WHERE family = :old AND record IN :records")
EVENTS_EXPIRE = Sql("DELETE FROM events WHERE number IS NOT NULL AND at < :before")
_SUBSCRIPTION = (
    "id, workspace, name, format, host, body, wanted, owner, state, why, created, expires, cursor, failed, failing, "
    "rests, last_ok"
)
SUBSCRIPTION_ADD = Sql("""
    INSERT INTO subscriptions (
        id, workspace, name, format, host, target, body, wanted, owner, state, why, created, expires, cursor, failed)
    VALUES (:id, :workspace, :name, :format, :host, :target, :body, :wanted, :owner, :state, '', :now, :expires,
        :cursor, 0)""")
SUBSCRIPTION = Sql(f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE workspace = :workspace AND id = :id")
SUBSCRIPTION_HELD = Sql("SELECT 1 FROM subscriptions WHERE id = :id FOR UPDATE")
SUBSCRIPTIONS = Sql(f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE workspace = :workspace ORDER BY created, id")
SUBSCRIPTIONS_AT = Sql(f"""
    SELECT {_SUBSCRIPTION} FROM subscriptions
    WHERE workspace = :workspace AND target = :target ORDER BY created, id""")
SUBSCRIPTION_ANY = Sql("SELECT 1 FROM subscriptions WHERE workspace = :workspace LIMIT 1")
SUBSCRIBED = Sql("SELECT id, wanted FROM subscriptions WHERE workspace = :workspace AND state = 'active' ORDER BY id")
SUBSCRIPTION_STATE = Sql("""
    UPDATE subscriptions SET state = :state, why = :why, failed = 0, failing = NULL, rests = NULL
    WHERE workspace = :workspace AND id = :id""")
SUBSCRIPTION_WANTED = Sql("""
    UPDATE subscriptions SET name = :name, wanted = :wanted, expires = :expires
    WHERE workspace = :workspace AND id = :id""")
SUBSCRIPTION_SEALED = Sql("UPDATE subscriptions SET body = :body WHERE workspace = :workspace AND id = :id")
SUBSCRIPTION_CURSOR = Sql("UPDATE subscriptions SET cursor = GREATEST(cursor, :cursor) WHERE id = :id")
SUBSCRIPTION_WENT_WELL = Sql("""
    UPDATE subscriptions SET failed = 0, failing = NULL, rests = :rests, last_ok = :now WHERE id = :id""")
SUBSCRIPTION_FAILED = Sql("""
    UPDATE subscriptions SET failed = failed + 1, failing = COALESCE(failing, :now), rests = :rests WHERE id = :id""")
SUBSCRIPTION_DROP = Sql("DELETE FROM subscriptions WHERE workspace = :workspace AND id = :id")
_EVENT_DELIVERY = "subscription, event, type, state, tries, first, at, due, status, words"
EVENT_DELIVERY_SET = Sql("""
    INSERT INTO event_deliveries (subscription, event, workspace, type, state, tries, first, at, due, status, words)
    VALUES (:subscription, :event, :workspace, :type, :state, :tries, :first, :at, :due, :status, :words)
    ON CONFLICT (subscription, event) DO UPDATE SET state = excluded.state, tries = excluded.tries,
        first = excluded.first, at = excluded.at, due = excluded.due, status = excluded.status,
        words = excluded.words""")
EVENT_DELIVERY_ONE = Sql(
    f"SELECT {_EVENT_DELIVERY} FROM event_deliveries WHERE subscription = :subscription AND event = :event"
)
EVENT_DELIVERIES_DUE = Sql(f"""
    SELECT {_EVENT_DELIVERY} FROM event_deliveries
    WHERE subscription = :subscription AND state = 'waiting' AND due <= :now ORDER BY event LIMIT :limit""")
EVENT_DELIVERIES_NEXT = Sql("""
    SELECT MIN(due) FROM event_deliveries WHERE subscription = :subscription AND state = 'waiting'""")
EVENT_DELIVERIES_SOON = Sql("""
    UPDATE event_deliveries SET due = :now WHERE subscription = :subscription AND state = 'waiting' AND due > :now""")
EVENT_DELIVERIES = Sql(f"""
    SELECT {_EVENT_DELIVERY} FROM event_deliveries
    WHERE subscription = :subscription AND (:state = '' OR state = :state)
    ORDER BY at DESC, event DESC LIMIT :limit""")
EVENT_DELIVERIES_COUNT = Sql("""
    SELECT subscription, state, COUNT(*) FROM event_deliveries
    WHERE workspace = :workspace GROUP BY subscription, state""")
EVENT_DELIVERIES_DROP = Sql("DELETE FROM event_deliveries WHERE subscription = :subscription")
EVENT_DELIVERY_DROP = Sql("DELETE FROM event_deliveries WHERE subscription = :subscription AND event = :event")
EVENT_DELIVERIES_EXPIRE = Sql("""
    DELETE FROM event_deliveries
    WHERE (state = 'delivered' AND at < :delivered) OR (state = 'given up' AND at < :given)""")

# ------------------------------------------------------------------------------------------------------------- notices

NOTICE_PUT = Sql("""
    INSERT INTO notices (workspace, connection, kind, about, text, at, last_at, times)
    VALUES (:workspace, :connection, :kind, :about, :text, :now, :now, 1)
    ON CONFLICT (workspace, kind, about) WHERE closed IS NULL DO UPDATE SET text = excluded.text,
        last_at = excluded.last_at, times = notices.times + 1
    RETURNING id, times""")
NOTICE_OPEN = Sql("""
    SELECT 1 FROM notices WHERE workspace = :workspace AND kind = :kind AND about = :about AND closed IS NULL""")
NOTICE_CLOSE = Sql("""
    UPDATE notices SET closed = :now
    WHERE workspace = :workspace AND kind = :kind AND (:about = '' OR about = :about) AND closed IS NULL""")
NOTICES_CLOSE_ABOUT = Sql("""
    UPDATE notices SET closed = :now
    WHERE workspace = :workspace AND kind = :kind AND about IN :abouts AND closed IS NULL""")
NOTICES_CLOSE_OF = Sql("""
    UPDATE notices SET closed = :now
    WHERE workspace = :workspace AND connection = :connection AND kind <> :kept AND closed IS NULL""")
NOTICES = Sql("""
    SELECT id, connection, kind, about, text, at, last_at, times, closed FROM notices
    WHERE workspace = :workspace AND id < :before AND (closed IS NULL OR :every = 1) ORDER BY id DESC LIMIT :limit""")

NOTICE_CLOSE_ONE = Sql("UPDATE notices SET closed = :now WHERE workspace = :workspace AND id = :id AND closed IS NULL")

# ---------------------------------------------------------------------------------------------------- models of others

MODEL_CALL_OPEN = Sql("""
    INSERT INTO model_calls (id, workspace, family, at, purpose, provider, model, host, region, prompt, digest,
        tokens_in, tokens_out, cost, ms, status, outcome, kept, dropped)
    VALUES (:id, :workspace, :family, :at, :purpose, :provider, :model, :host, :region, :prompt, :digest,
        :tokens_in, :tokens_out, :cost, 0, 0, :outcome, 0, 0)""")
MODEL_CALL_END = Sql("""
    UPDATE model_calls SET tokens_in = :tokens_in, tokens_out = :tokens_out, cost = :cost, ms = :ms, status = :status,
        outcome = :outcome WHERE id = :id""")
MODEL_CALL_JUDGED = Sql("""
    UPDATE model_calls SET outcome = :outcome, kept = :kept, dropped = :dropped WHERE id = :id""")
MODEL_CALLS_USED = Sql("""
    SELECT COUNT(*), COALESCE(SUM(tokens_in + tokens_out), 0), COALESCE(SUM(cost), 0), COALESCE(SUM(dropped), 0)
    FROM model_calls WHERE workspace = :workspace AND at >= :since""")
MODEL_CALLS = Sql("""
    SELECT id, workspace, family, at, purpose, provider, model, host, region, prompt, digest, tokens_in, tokens_out,
        cost, ms, status, outcome, kept, dropped
    FROM model_calls WHERE workspace = :workspace AND id < :before ORDER BY id DESC LIMIT :limit""")
MODEL_CALLS_ABOUT = Sql("""
    SELECT host, COUNT(*) FROM model_calls WHERE family = :family AND region <> 'local' GROUP BY host ORDER BY host""")
MODEL_CALLS_FORGET = Sql("UPDATE model_calls SET family = NULL WHERE family = :family")
MODEL_CALLS_EXPIRE = Sql("DELETE FROM model_calls WHERE workspace = :workspace AND at < :before")

FOUND_PUT = Sql("""
    INSERT INTO found_values (id, workspace, family, record, field, source, outcome, review, at, body)
    VALUES (:id, :workspace, :family, :record, :field, :source, :outcome, :review, :at, :body)
    ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, review = excluded.review, at = excluded.at,
        family = excluded.family, body = excluded.body""")
FOUND_OF = Sql("""
    SELECT f.id, f.record, f.field, f.source, f.outcome, f.review, f.at, f.body, r.state, f.family
    FROM found_values AS f LEFT JOIN reviews AS r ON r.id = f.review
    WHERE f.record IN :records AND SEEN(f.family) ORDER BY f.id""")
FOUND_WAITING = Sql("""
    SELECT f.id, f.record, f.field, f.source, f.outcome, f.review, f.at, f.body, r.state, f.family
    FROM found_values AS f JOIN reviews AS r ON r.id = f.review
    WHERE f.workspace = :workspace AND f.outcome = 'propose' AND r.state = 'open' AND f.id > :after
        AND (:field = '' OR f.field = :field) AND (:source = '' OR f.source = :source) AND SEEN(f.family)
    ORDER BY f.id LIMIT :limit""")

LOOKUP_OPEN = Sql("""
    INSERT INTO lookups (id, workspace, family, record, at, provider, host, region, sent, digest, cost, ms, status,
        outcome, found)
    VALUES (:id, :workspace, :family, :record, :at, :provider, :host, :region, :sent, :digest, :cost, 0, 0, :outcome, 0)
    """)
LOOKUP_END = Sql("""
    UPDATE lookups SET cost = :cost, ms = :ms, status = :status, outcome = :outcome, found = :found WHERE id = :id""")
LOOKUPS_USED = Sql("""
    SELECT COUNT(*), COALESCE(SUM(cost), 0),
        COALESCE(SUM(CASE WHEN outcome = 'open' AND at >= :recent THEN cost ELSE 0 END), 0)
    FROM lookups WHERE workspace = :workspace AND provider = :provider AND at >= :since""")
LOOKUPS = Sql("""
    SELECT id, workspace, family, record, at, provider, host, region, sent, digest, cost, ms, status, outcome, found
    FROM lookups WHERE workspace = :workspace AND id < :before ORDER BY id DESC LIMIT :limit""")
LOOKUP_LAST = Sql("""
    SELECT id, workspace, family, record, at, provider, host, region, sent, digest, cost, ms, status, outcome, found
    FROM lookups WHERE record = :record AND provider = :provider AND outcome IN ('found', 'nobody')
    ORDER BY id DESC LIMIT 1""")
LOOKUPS_ABOUT = Sql("""
    SELECT host, COUNT(*) FROM lookups WHERE family = :family AND region <> 'local' GROUP BY host ORDER BY host""")
LOOKUPS_FORGET = Sql("UPDATE lookups SET family = NULL, record = NULL WHERE family = :family")
LOOKUPS_MOVE = Sql("UPDATE lookups SET family = :family WHERE record IN :records")
LOOKUPS_EXPIRE = Sql("DELETE FROM lookups WHERE workspace = :workspace AND at < :before")

VECTOR_PUT = Sql("""
    INSERT INTO vectors (workspace, record, model, family, made_from, updated, body)
    VALUES (:workspace, :record, :model, :family, :made_from, :updated, :body)
    ON CONFLICT (workspace, record, model) DO UPDATE SET family = excluded.family, made_from = excluded.made_from,
        updated = excluded.updated, body = excluded.body""")
VECTORS_MADE = Sql("""
    SELECT record, made_from FROM vectors WHERE workspace = :workspace AND model = :model AND record IN :records""")
VECTORS_OF = Sql("""
    SELECT record, made_from, body FROM vectors
    WHERE workspace = :workspace AND model = :model AND record IN :records""")
VECTORS_DROP = Sql("DELETE FROM vectors WHERE record IN :records")
VECTORS_KEEP_ONLY = Sql("DELETE FROM vectors WHERE workspace = :workspace AND NOT (model IN :models)")

# --------------------------------------------------------------------------------------------------------- assignments

ASSIGNMENTS = Sql("SELECT task, assignee, due, snoozed, escalated FROM assignments WHERE workspace = :workspace")
ASSIGNMENT = Sql("""
    SELECT task, assignee, due, snoozed, escalated FROM assignments WHERE workspace = :workspace AND task = :task""")
ASSIGNMENT_SET = Sql("""
    INSERT INTO assignments (workspace, task, assignee, due, snoozed, escalated)
    VALUES (:workspace, :task, :assignee, :due, :snoozed, :escalated)
    ON CONFLICT (workspace, task) DO UPDATE SET assignee = excluded.assignee, due = excluded.due,
        snoozed = excluded.snoozed, escalated = excluded.escalated""")
ASSIGNMENTS_DROP = Sql("DELETE FROM assignments WHERE workspace = :workspace AND task IN :tasks")
OPEN_REVIEWS = Sql("""
    SELECT id, kind, connection, about, at, (
            SELECT d.person FROM decisions_asked AS d WHERE d.review = reviews.id ORDER BY d.at, d.person LIMIT 1
        ) FROM reviews
    WHERE workspace = :workspace AND state = 'open' AND SEEN(reviews.family) ORDER BY id LIMIT :limit""")

# ------------------------------------------------------------------------------------------------------------ mappings

MAPPING_ADD = Sql("""
    INSERT INTO mappings (workspace, connection, version, at, actor_kind, actor_id, actor_name, chosen, why)
    VALUES (:workspace, :connection, :version, :at, :actor_kind, :actor_id, :actor_name, :chosen, :why)""")
MAPPINGS = Sql("""
    SELECT connection, version, at, actor_kind, actor_id, actor_name, chosen, why FROM mappings
    WHERE connection = :connection ORDER BY version DESC""")

# ----------------------------------------------------------------------------------------------------- rubrics, scores

RUBRIC_SET = Sql("""
    INSERT INTO rubrics (job, version, workspace, body, at, stale)
    VALUES (:job, :version, :workspace, :body, :now, FALSE) ON CONFLICT DO NOTHING""")
RUBRIC = Sql("SELECT job, version, body, at, stale FROM rubrics WHERE job = :job ORDER BY version DESC LIMIT 1")
RUBRICS_NEWEST = Sql("""
    SELECT job, version, body, at, stale FROM rubrics r WHERE workspace = :workspace AND job > :after
    AND version = (SELECT MAX(version) FROM rubrics WHERE job = r.job) ORDER BY job LIMIT :limit""")
RUBRIC_NEWEST = Sql("SELECT MAX(version) FROM rubrics WHERE job = :job")
RUBRIC_VERSION = Sql("SELECT job, version, body, at, stale FROM rubrics WHERE job = :job AND version = :version")
RUBRICS_STALE = Sql("UPDATE rubrics SET stale = TRUE WHERE job = :job AND version < :version")
SCORE_SET = Sql("""
    INSERT INTO scores (application, version, workspace, family, job, score, body, at, stale)
    VALUES (:application, :version, :workspace, :family, :job, :score, :body, :now, FALSE)
    ON CONFLICT (application, version) DO UPDATE SET family = excluded.family, job = excluded.job,
        score = excluded.score, body = excluded.body, at = excluded.at, stale = FALSE""")
SCORE = Sql("""
    SELECT application, version, job, score, body, at, stale FROM scores
    WHERE application = :application AND SEEN(scores.family) ORDER BY version DESC LIMIT 1""")
SCORES_OF = Sql("""
    SELECT application, version, job, score, body, at, stale FROM scores
    WHERE application IN :applications ORDER BY application, version DESC""")
SCORES_TIMES = Sql("""
    SELECT application, at, score, version FROM scores
    WHERE application IN :applications ORDER BY application, version DESC""")
SCORES_NEWEST_OF = Sql("""
    SELECT application, version, job, score, body, at, stale FROM scores s
    WHERE application IN :applications
    AND version = (SELECT MAX(version) FROM scores WHERE application = s.application)""")
SCORES_NEWEST = Sql("""
    SELECT application, version, job, score, body, at, stale FROM scores s
    WHERE workspace = :workspace AND application > :after AND SEEN(s.family)
    AND version = (SELECT MAX(version) FROM scores WHERE application = s.application)
    ORDER BY application LIMIT :limit""")
SCORES_STALE = Sql("UPDATE scores SET stale = TRUE WHERE job = :job AND version < :version AND stale = FALSE")
SCORE_STALE = Sql("UPDATE scores SET stale = TRUE WHERE application = :application AND stale = FALSE")
SCORES_DROP = Sql("DELETE FROM scores WHERE application = :application")
STALE_SCORES = Sql("""
    SELECT application FROM scores WHERE job = :job AND application > :after GROUP BY application
    HAVING SUM(CASE WHEN stale THEN 0 ELSE 1 END) = 0 ORDER BY application LIMIT :limit""")

CORRECTION_ADD = Sql("""
    INSERT INTO corrections (id, workspace, family, application, job, resume, kind, about, at, body)
    VALUES (:id, :workspace, :family, :application, :job, :resume, :kind, :about, :at, :body)""")
CORRECTIONS_OF = Sql("""
    SELECT id, application, job, resume, kind, about, at, body FROM corrections
    WHERE application IN :applications AND undone IS NULL ORDER BY id""")
CORRECTION_DROP = Sql("DELETE FROM corrections WHERE id = :id")
CORRECTION_UNDO = Sql("""
    UPDATE corrections SET undone = :now, body = :nothing
    WHERE id = :id AND application = :application AND undone IS NULL RETURNING id""")
CORRECTED_SKILLS = Sql("""
    SELECT about, COUNT(*) FROM corrections WHERE workspace = :workspace AND kind = :kind AND undone IS NULL
    GROUP BY about ORDER BY about""")
CORRECTIONS_RENAMED = Sql("""
    UPDATE corrections SET about = :id WHERE workspace = :workspace AND kind = :kind AND about = :was""")
CORRECTIONS_COUNTED = Sql("""
    SELECT kind, about, COUNT(*), COUNT(DISTINCT family), COUNT(DISTINCT job) FROM corrections
    WHERE workspace = :workspace AND undone IS NULL GROUP BY kind, about ORDER BY COUNT(*) DESC, about LIMIT :limit""")

OUTCOME_SET = Sql("""
    INSERT INTO outcomes (application, workspace, family, job, decision, at, score, version, scorer, hired)
    VALUES (:application, :workspace, :family, :job, :decision, :at, :score, :version, :scorer, :hired)
    ON CONFLICT (application) DO UPDATE SET
        workspace = excluded.workspace, family = excluded.family, job = excluded.job, decision = excluded.decision,
        at = excluded.at, score = excluded.score, version = excluded.version, scorer = excluded.scorer,
        hired = excluded.hired""")
OUTCOME_DROP = Sql("DELETE FROM outcomes WHERE application = :application")
_OUTCOME = "application, job, decision, at, score, version, scorer, hired"
OUTCOMES_OF = Sql(f"SELECT {_OUTCOME} FROM outcomes WHERE application IN :applications")
OUTCOMES_OF_JOBS = Sql("""
    SELECT job, at, decision, hired, score, version, scorer FROM outcomes
    WHERE workspace = :workspace AND job IN :jobs ORDER BY job, at, application""")
OUTCOME_MARKS = Sql("""
    SELECT job, COUNT(*), SUM(at / 1000) FROM outcomes WHERE workspace = :workspace GROUP BY job""")
OUTCOME_MARKS_HIRED = Sql("""
    SELECT job, COUNT(*) FROM outcomes WHERE workspace || '' = :workspace AND hired GROUP BY job""")
_UNDECIDED = """FROM applications AS a LEFT JOIN outcomes AS o ON o.application = a.record
    WHERE a.workspace = :workspace AND a.state = 'live' AND a.status = 'active' AND a.applied <= :before
        AND a.job IS NOT NULL AND o.application IS NULL AND SEEN(a.family)"""
UNDECIDED_STAGES = Sql(f"SELECT a.job, a.stage, COUNT(*), MIN(a.applied) {_UNDECIDED} GROUP BY a.job, a.stage")
UNDECIDED = Sql(f"""
    SELECT a.record, a.family, a.candidate, a.job, a.stage, a.status, a.score, a.applied, a.seen {_UNDECIDED}
        AND a.job = :job AND COALESCE(a.stage, '') IN :stages AND (a.applied, a.record) > (:applied, :record)
    ORDER BY a.applied, a.record LIMIT :limit""")
CORRECTIONS_OF_JOBS = Sql("""
    SELECT job, COUNT(*) FROM corrections WHERE workspace = :workspace AND undone IS NULL GROUP BY job""")
REMEDIATION_ADD = Sql("""
    INSERT INTO remediations (id, workspace, job, at, version, body)
    VALUES (:id, :workspace, :job, :at, :version, :body)""")
REMEDIATIONS = Sql("""
    SELECT id, job, at, version, body FROM remediations
    WHERE workspace = :workspace AND (:job = '' OR job = :job) ORDER BY at DESC, id DESC""")

# ------------------------------------------------------------------------------------------- screening and shortlists

SCREENING_COLUMNS = """id, workspace, family, application, job, state, issue, expires, invited, started, completed,
    opted_out, adjustment, looked, body"""
SCREENING_SET = Sql(f"""
    INSERT INTO screenings ({SCREENING_COLUMNS})
    VALUES (:id, :workspace, :family, :application, :job, :state, :issue, :expires, :invited, :started, :completed,
        :opted_out, :adjustment, :looked, :body)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, job = excluded.job, state = excluded.state,
        issue = excluded.issue, expires = excluded.expires, invited = excluded.invited, started = excluded.started,
        completed = excluded.completed, opted_out = excluded.opted_out, adjustment = excluded.adjustment,
        looked = excluded.looked, body = excluded.body""")
SCREENING = Sql(f"SELECT {SCREENING_COLUMNS} FROM screenings WHERE id = :id AND SEEN(screenings.family)")
SCREENING_HELD = Sql(f"SELECT {SCREENING_COLUMNS} FROM screenings WHERE id = :id FOR UPDATE")
SCREENINGS_OF = Sql(f"""
    SELECT {SCREENING_COLUMNS} FROM screenings
    WHERE application IN :applications AND SEEN(screenings.family) ORDER BY id""")
SCREENINGS_ASKED = Sql(f"""
    SELECT {SCREENING_COLUMNS} FROM screenings
    WHERE workspace = :workspace AND looked IS NULL AND (opted_out IS NOT NULL OR adjustment IS NOT NULL)
        AND SEEN(screenings.family)
    ORDER BY id LIMIT :limit""")
SCREENINGS_COUNTED = Sql("""
    SELECT job, COUNT(invited), COUNT(started), COUNT(completed), COUNT(opted_out), COUNT(adjustment),
        SUM(CASE WHEN state = 'expired' AND invited IS NOT NULL THEN 1 ELSE 0 END)
    FROM screenings WHERE workspace = :workspace GROUP BY job ORDER BY job""")
TERMS_ADD = Sql("""
    INSERT INTO screening_terms (workspace, job, kind, version, at, body)
    VALUES (:workspace, :job, :kind, :version, :at, :body)""")
TERMS = Sql("""
    SELECT job, version, at, body FROM screening_terms
    WHERE workspace = :workspace AND kind = :kind AND job = :job ORDER BY version DESC""")

SHORTLIST_COLUMNS = "id, workspace, job, issue, created, expires, revoked, opened, code, wrong, body"
SHORTLIST_SET = Sql(f"""
    INSERT INTO shortlists ({SHORTLIST_COLUMNS})
    VALUES (:id, :workspace, :job, :issue, :created, :expires, :revoked, :opened, :code, :wrong, :body)
    ON CONFLICT (id) DO UPDATE SET issue = excluded.issue, expires = excluded.expires, revoked = excluded.revoked,
        opened = excluded.opened, code = excluded.code, wrong = excluded.wrong, body = excluded.body""")
SHORTLIST = Sql(f"SELECT {SHORTLIST_COLUMNS} FROM shortlists WHERE id = :id AND SEEN_RECORD(shortlists.job)")
SHORTLIST_HELD = Sql(f"SELECT {SHORTLIST_COLUMNS} FROM shortlists WHERE id = :id FOR UPDATE")
SHORTLISTS = Sql(f"""
    SELECT {SHORTLIST_COLUMNS} FROM shortlists
    WHERE workspace = :workspace AND (job = :job OR :job = '') AND SEEN_RECORD(shortlists.job)
    ORDER BY id DESC LIMIT :limit""")
CREDENTIAL_LINK_COLUMNS = """id, workspace, name, system, connection, issue, created, expires, opened, trying, used,
    ended, body"""
CREDENTIAL_LINK_SET = Sql(f"""
    INSERT INTO credential_links ({CREDENTIAL_LINK_COLUMNS})
    VALUES (:id, :workspace, :name, :system, :connection, :issue, :created, :expires, :opened, :trying, :used, :ended,
        :body)
    ON CONFLICT (id) DO UPDATE SET connection = excluded.connection, issue = excluded.issue,
        expires = excluded.expires, opened = excluded.opened, trying = excluded.trying, used = excluded.used,
        ended = excluded.ended, body = excluded.body""")
CREDENTIAL_LINK = Sql(f"SELECT {CREDENTIAL_LINK_COLUMNS} FROM credential_links WHERE id = :id")
CREDENTIAL_LINK_HELD = Sql(f"SELECT {CREDENTIAL_LINK_COLUMNS} FROM credential_links WHERE id = :id FOR UPDATE")
CREDENTIAL_LINKS = Sql(f"""
    SELECT {CREDENTIAL_LINK_COLUMNS} FROM credential_links
    WHERE workspace = :workspace ORDER BY id DESC LIMIT :limit""")

SHORTLISTED_COLUMNS = "shortlist, application, workspace, family, place, stage, answer, answered, body"
SHORTLISTED_SET = Sql(f"""
    INSERT INTO shortlist_people ({SHORTLISTED_COLUMNS})
    VALUES (:shortlist, :application, :workspace, :family, :place, :stage, :answer, :answered, :body)
    ON CONFLICT (shortlist, application) DO UPDATE SET family = excluded.family, answer = excluded.answer,
        answered = excluded.answered, body = excluded.body""")
SHORTLISTED = Sql(f"""
    SELECT {SHORTLISTED_COLUMNS} FROM shortlist_people
    WHERE shortlist = :shortlist AND SEEN(shortlist_people.family) ORDER BY place, application""")
SHORTLISTED_OF = Sql(f"""
    SELECT {SHORTLISTED_COLUMNS} FROM shortlist_people WHERE application IN :applications
    ORDER BY shortlist, application""")

SHORTLIST_ANSWERS = Sql("""
    SELECT people.application, shortlists.job, people.answer, people.answered
    FROM shortlist_people AS people JOIN shortlists ON shortlists.id = people.shortlist
    WHERE people.workspace = :workspace AND (:job = '' OR shortlists.job = :job) AND people.answer <> ''
    ORDER BY people.answered, people.application""")

# ------------------------------------------------------------------------------------------------------- interviews

INTERVIEW_COLUMNS = """id, workspace, family, application, job, state, issue, sequence, created, expires, starts, ends,
    body"""
INTERVIEW_SET = Sql(f"""
    INSERT INTO interviews ({INTERVIEW_COLUMNS})
    VALUES (:id, :workspace, :family, :application, :job, :state, :issue, :sequence, :created, :expires, :starts, :ends,
        :body)
    ON CONFLICT (id) DO UPDATE SET family = excluded.family, job = excluded.job, state = excluded.state,
        issue = excluded.issue, sequence = excluded.sequence, expires = excluded.expires, starts = excluded.starts,
        ends = excluded.ends, body = excluded.body""")
INTERVIEW = Sql(f"SELECT {INTERVIEW_COLUMNS} FROM interviews WHERE id = :id AND SEEN(interviews.family)")
INTERVIEW_HELD = Sql(f"SELECT {INTERVIEW_COLUMNS} FROM interviews WHERE id = :id FOR UPDATE")
INTERVIEWS_OF = Sql(f"""
    SELECT {INTERVIEW_COLUMNS} FROM interviews
    WHERE application IN :applications AND SEEN(interviews.family) ORDER BY id""")
INTERVIEWS_IN = Sql(f"""
    SELECT {INTERVIEW_COLUMNS} FROM interviews
    WHERE workspace = :workspace AND state IN :states AND (starts IS NULL OR starts >= :since)
        AND SEEN(interviews.family)
    ORDER BY starts, id LIMIT :limit""")
PANEL_SET = Sql("""
    INSERT INTO interview_panel (interview, interviewer, workspace, starts, ends, event, written)
    VALUES (:interview, :interviewer, :workspace, :starts, :ends, :event, :written)
    ON CONFLICT (interview, interviewer) DO UPDATE SET starts = excluded.starts, ends = excluded.ends,
        event = excluded.event, written = excluded.written""")
PANEL = Sql("""
    SELECT interview, interviewer, workspace, starts, ends, event, written FROM interview_panel
    WHERE interview = :interview ORDER BY interviewer""")
PANEL_BUSY = Sql("""
    SELECT p.interview, p.interviewer, p.workspace, p.starts, p.ends, p.event, p.written
    FROM interview_panel AS p JOIN interviews AS i ON i.id = p.interview
    WHERE p.workspace = :workspace AND p.interviewer IN :interviewers AND p.starts < :until AND p.ends > :since
        AND i.state = 'booked' ORDER BY p.starts, p.interview""")
PANEL_DROP = Sql("DELETE FROM interview_panel WHERE interview = :interview AND interviewer = :interviewer")
FEEDBACK_ADD = Sql("""
    INSERT INTO interview_feedback (id, workspace, family, application, key, program, at, body)
    VALUES (:id, :workspace, :family, :application, :key, :program, :at, :body)
    ON CONFLICT (workspace, program, key) DO NOTHING""")
FEEDBACK_COLUMNS = "id, workspace, family, application, key, program, at, body"
FEEDBACK_KEYED = Sql(f"""
    SELECT {FEEDBACK_COLUMNS} FROM interview_feedback
    WHERE workspace = :workspace AND program = :program AND key = :key""")
FEEDBACK_OF = Sql(f"""
    SELECT {FEEDBACK_COLUMNS} FROM interview_feedback
    WHERE application IN :applications AND SEEN(interview_feedback.family) ORDER BY at, id""")
FEEDBACK_MOVE = Sql("""
    UPDATE interview_feedback SET workspace = :workspace, family = :family, body = :body WHERE id = :id""")

# --------------------------------------------------------------------------------------------------------------- audit

AUDIT_ADD = Sql("""
    INSERT INTO audit (workspace, at, action, family, record, connection, actor_kind, actor_id, body, digest)
    VALUES (:workspace, :at, :action, :family, :record, :connection, :actor_kind, :actor_id, :body, :digest)""")
AUDIT_HEAD = Sql("SELECT position, chain FROM audit_head WHERE id = 1 FOR UPDATE SKIP LOCKED")
AUDIT_TIP = Sql("SELECT position, chain FROM audit_head WHERE id = 1")
AUDIT_HEAD_SET = Sql("UPDATE audit_head SET position = :position, chain = :chain WHERE id = 1")
AUDIT_UNSEALED = Sql("SELECT id, digest FROM audit WHERE position IS NULL ORDER BY id LIMIT :limit")
AUDIT_SEAL = Sql("UPDATE audit SET position = :position, chain = :chain WHERE id = :id")
AUDIT_COLUMNS = """id, workspace, at, action, family, record, connection, actor_kind, actor_id, body, digest, position,
    chain"""
AUDIT_CHAIN = Sql(f"SELECT {AUDIT_COLUMNS} FROM audit WHERE position > :after ORDER BY position LIMIT :limit")
AUDIT_OF_FAMILY = Sql(
    f"SELECT {AUDIT_COLUMNS} FROM audit WHERE family = :family AND id < :before ORDER BY id DESC LIMIT :limit"
)
AUDIT_BETWEEN = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit WHERE workspace = :workspace AND at >= :since AND at < :until AND id > :after
    ORDER BY id LIMIT :limit""")
AUDIT_PAGE = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit WHERE workspace = :workspace AND id < :before ORDER BY id DESC LIMIT :limit""")
AUDIT_TOLD = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit WHERE workspace = :workspace AND action <> 'pull' AND id < :before
    ORDER BY id DESC LIMIT :limit""")
AUDIT_OF_ACTION = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit WHERE workspace = :workspace AND action = :action AND id < :before
    ORDER BY id DESC LIMIT :limit""")
AUDIT_OF_ACTOR = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit
    WHERE workspace = :workspace AND actor_kind = :actor AND action <> 'pull' AND id < :before
    ORDER BY id DESC LIMIT :limit""")
AUDIT_BACKLOG = Sql("SELECT COUNT(*), MIN(at) FROM audit WHERE position IS NULL")
SALT = Sql("SELECT salt FROM audit_salts WHERE scope = :scope")
SALTS = Sql("SELECT scope, salt FROM audit_salts WHERE scope IN :scopes")
SALT_ADD = Sql(
    "INSERT INTO audit_salts (scope, workspace, salt) VALUES (:scope, :workspace, :salt) ON CONFLICT DO NOTHING"
)
SALT_DROP = Sql("DELETE FROM audit_salts WHERE scope = :scope")

# ------------------------------------------------------------------------------------------------------------- erasure

TOMBSTONED = Sql("SELECT hash FROM tombstones WHERE workspace = :workspace AND hash IN :hashes AND at >= :since")
TOMBSTONE_ADD = Sql("""
    INSERT INTO tombstones (workspace, hash, at) VALUES (:workspace, :hash, :at)
    ON CONFLICT (workspace, hash) DO UPDATE SET at = excluded.at""")
ERASURE_START = Sql("""
    INSERT INTO erasures (id, workspace, family, record, actor_kind, actor_id, begun, body)
    VALUES (:id, :workspace, :family, :record, :actor_kind, :actor_id, :begun, '')""")
ERASURE_FINISH = Sql("UPDATE erasures SET ended = :now, body = :body WHERE id = :id")
ERASURE_COLUMNS = "id, workspace, family, record, begun, actor_kind, actor_id, ended, body"
ERASURE = Sql(f"SELECT {ERASURE_COLUMNS} FROM erasures WHERE id = :id")
ERASURES = Sql(f"""
    SELECT {ERASURE_COLUMNS} FROM erasures WHERE workspace = :workspace AND id < :before
    ORDER BY id DESC LIMIT :limit""")
ERASURES_ENDED = Sql("SELECT id FROM erasures WHERE ended IS NOT NULL ORDER BY id")
FAMILY_ERASED = Sql("""
    UPDATE families SET rev = rev + 1, salt = '', state = 'erased', transitions = :empty, updated = :now
    WHERE id = :family""")
RECORD_IDS = Sql("SELECT id FROM records WHERE family = :family")
EXTERNALS_OF_FAMILY = Sql("""
    SELECT connection, kind, external FROM links WHERE family = :family
    UNION SELECT connection, kind, external FROM aliases WHERE family = :family""")
FORGET_EXTERNAL = (
    ("webhook deliveries", Sql("""
        UPDATE inbox SET body = NULL, external = NULL, delivery = 'erased ' || seq,
            state = CASE WHEN state = 'accepted' THEN 'ignored' ELSE state END,
            why = CASE WHEN state = 'accepted' THEN 'its person was erased' ELSE why END
        WHERE seq IN (
            SELECT i.seq FROM ROWS(:known, connection text, kind text, external text) AS k CROSS JOIN inbox AS i
            WHERE i.connection = k.connection AND i.kind = k.kind AND i.external = k.external)""")),
    ("reads that wait", Sql("""
        DELETE FROM read_lanes WHERE epoch = 0 AND (connection, kind, external) IN (
            SELECT k.connection, k.kind, k.external
            FROM ROWS(:known, connection text, kind text, external text) AS k)""")),
    ("parity", Sql("""
        DELETE FROM parity_differences WHERE (connection, kind, external) IN (
            SELECT k.connection, k.kind, k.external
            FROM ROWS(:known, connection text, kind text, external text) AS k)""")),
    ("parity", Sql("""
        DELETE FROM parity_ids WHERE (connection, kind, external) IN (
            SELECT k.connection, k.kind, k.external
            FROM ROWS(:known, connection text, kind text, external text) AS k)""")),
    ("notices", Sql("""
        DELETE FROM notices WHERE about IN (
            SELECT k.connection || '|' || k.kind || '|' || k.external
            FROM ROWS(:known, connection text, kind text, external text) AS k)""")),
)  # fmt: skip
FORGET_RECORDS = (
    ("search index", Sql("DELETE FROM words WHERE record IN :records")),
    ("keys of likeness", Sql("DELETE FROM likenesses WHERE record IN :records")),
    ("findings of data checks", Sql("DELETE FROM data_findings WHERE record IN :records")),
    ("lists", Sql("DELETE FROM candidates WHERE record IN :records")),
    ("lists", Sql("DELETE FROM applications WHERE record IN :records")),
    ("ways through the stages", Sql("DELETE FROM passages WHERE application IN :records")),
    ("lists", Sql("DELETE FROM teams WHERE record IN :records")),
    ("lists", Sql("DELETE FROM confined WHERE record IN :records")),
    ("mapping gaps", Sql("DELETE FROM gap_records WHERE record IN :records")),
    ("mapping gaps", Sql("""
        DELETE FROM gaps WHERE record IN :records AND NOT EXISTS (
            SELECT 1 FROM gap_records AS r WHERE r.connection = gaps.connection AND r.kind = gaps.kind
                AND r.field = gaps.field AND r.value = gaps.value)""")),
    ("mapping gaps", Sql("UPDATE gaps SET record = NULL WHERE record IN :records")),
    ("results of AI tools", Sql("DELETE FROM tool_results WHERE application IN :records")),
    ("what triggers did", Sql("DELETE FROM firings WHERE application IN :records")),
    ("tasks that wait", Sql("DELETE FROM tasks WHERE key IN :records AND epoch = 0")),
    ("writes that wait", Sql("DELETE FROM waits WHERE record IN :records")),
)  # fmt: skip
FORGET_FAMILY = tuple(
    (place, Sql(text))
    for place, text in (
        ("writes that wait", "DELETE FROM waits WHERE write IN (SELECT id FROM writes WHERE family = :family)"),
        ("writes and attempts", "DELETE FROM writes WHERE family = :family"),
        ("writes and attempts", "DELETE FROM attempts WHERE family = :family"),
        ("writes and attempts", "DELETE FROM write_lanes WHERE family = :family"),
        ("reviews and proposals", "DELETE FROM reviews WHERE family = :family"),
        ("history", "DELETE FROM history WHERE family = :family"),
        ("scores", "DELETE FROM scores WHERE family = :family"),
        ("scores", "DELETE FROM fits WHERE family = :family"),
        ("scores", "DELETE FROM corrections WHERE family = :family"),
        ("scores", "DELETE FROM outcomes WHERE family = :family"),
        ("messages", "DELETE FROM messages WHERE family = :family"),
        ("screening forms", "DELETE FROM screenings WHERE family = :family"),
        ("shortlists", "DELETE FROM shortlist_people WHERE family = :family"),
        ("interviews", "DELETE FROM interview_feedback WHERE family = :family"),
        ("interviews", "DELETE FROM interviews WHERE family = :family"),
        ("reviews and proposals", "DELETE FROM decisions_asked WHERE family = :family"),
        ("embeddings", "DELETE FROM vectors WHERE family = :family"),
        ("values found", "DELETE FROM found_values WHERE family = :family"),
        ("identity keys", "DELETE FROM claims WHERE family = :family"),
        ("counts of bulk changes", "DELETE FROM bulk_touched WHERE family = :family"),
        ("links and pairs", "DELETE FROM links WHERE family = :family"),
        ("links and pairs", "DELETE FROM aliases WHERE family = :family"),
        ("records", "DELETE FROM records WHERE family = :family"),
        ("salts of the audit", "DELETE FROM audit_salts WHERE scope = :family"),
    )
)

# ---------------------------------------------------------------------------------------------------- the hiring flow

TRIGGERS_ADD = Sql("""
    INSERT INTO triggers (workspace, version, at, actor_kind, actor_id, actor_name, text, since, why)
    VALUES (:workspace, :version, :at, :actor_kind, :actor_id, :actor_name, :text, :since, :why)""")
TRIGGERS_NEWEST = Sql("""
    SELECT version, at, actor_kind, actor_id, actor_name, text, since, why FROM triggers
    WHERE workspace = :workspace AND version <= :version ORDER BY version DESC LIMIT :limit""")
FIRING_ADD = Sql("""
    INSERT INTO firings (id, workspace, trigger, version, application, cause, connection, job, at, since, facts, action,
        state, why, effect, decided)
    VALUES (:id, :workspace, :trigger, :version, :application, :cause, :connection, :job, :at, :since, :facts, :action,
        :state, :why, :effect, :decided)
    ON CONFLICT (workspace, trigger, application, cause) DO NOTHING""")
FIRING_SET = Sql("""
    UPDATE firings SET state = :state, why = :why, decided = :decided WHERE id = :id""")
_FIRING = """
    SELECT id, trigger, version, application, cause, connection, job, at, since, facts, action, state, why, effect,
        decided FROM firings"""
FIRINGS_OF = Sql(f"{_FIRING} WHERE application = :application AND SEEN_RECORD(firings.application) ORDER BY id")
FIRING = Sql(f"{_FIRING} WHERE workspace = :workspace AND id = :id AND SEEN_RECORD(firings.application)")
FIRING_BEHIND = Sql(f"{_FIRING} WHERE effect = :effect")
FIRINGS = Sql(f"""{_FIRING}
    WHERE workspace = :workspace AND id < :before AND (:trigger = '' OR trigger = :trigger)
        AND (:state = '' OR state = :state) AND SEEN_RECORD(firings.application) ORDER BY id DESC LIMIT :limit""")
ACTIVE_APPLICATIONS = Sql("""
    SELECT record FROM applications
    WHERE workspace = :workspace AND record > :after AND state = 'live' AND status IN ('', 'active')
        AND SEEN(applications.family)
    ORDER BY record LIMIT :limit""")
APPLICATIONS_MOVED = Sql("""
    SELECT record FROM applications
    WHERE workspace = :workspace AND state = 'live' AND (status IN ('', 'active') OR applied >= :since)
        AND SEEN(applications.family)
    ORDER BY applied DESC, record LIMIT :limit""")
FIRINGS_COUNTED = Sql("""
    SELECT trigger, state, COUNT(*), MAX(at) FROM firings WHERE workspace = :workspace GROUP BY trigger, state""")
FIRINGS_TALLIED = Sql("""
    SELECT COUNT(*), SUM(CASE WHEN state IN ('changed', 'withheld', 'failed') THEN 1 ELSE 0 END), MIN(at)
    FROM firings WHERE workspace = :workspace AND trigger = :trigger AND connection = :connection AND at >= :since
        AND state IN ('done', 'changed', 'withheld', 'failed')""")
JOBS_FILLED = Sql("""
    SELECT COUNT(DISTINCT f.job) FROM firings AS f
    JOIN passages AS p ON p.application = f.application JOIN records AS r ON r.id = f.job
    WHERE f.workspace = :workspace AND f.trigger = :trigger AND f.connection = :connection AND f.at >= :since
        AND p.ended = 'hired' AND p.until >= :since AND r.born >= :since""")

DECISION_DESK_SET = Sql("""
    INSERT INTO decision_desks (id, workspace, person, issue, expires)
    VALUES (:id, :workspace, :person, :issue, :expires)
    ON CONFLICT (id) DO UPDATE SET issue = excluded.issue, expires = excluded.expires""")
DECISION_DESK = Sql("SELECT id, workspace, person, issue, expires FROM decision_desks WHERE id = :id")
DECISION_DESK_OF = Sql("""
    SELECT id, workspace, person, issue, expires FROM decision_desks
    WHERE workspace = :workspace AND person = :person""")
DECISION_DESKS_WORKING = Sql("SELECT person FROM decision_desks WHERE workspace = :workspace AND expires > :now")
DECISION_ASK = Sql("""
    INSERT INTO decisions_asked (review, workspace, person, family, at, told, escalated)
    VALUES (:review, :workspace, :person, :family, :at, :told, :escalated)
    ON CONFLICT (review, person) DO UPDATE SET told = excluded.told, escalated = excluded.escalated""")
DECISION_ASKED = Sql("""
    SELECT review, person, family, at, told, escalated FROM decisions_asked
    WHERE review = :review ORDER BY at, person""")
DECISIONS_OPEN = Sql("""
    SELECT d.review, d.person, d.family, d.at, d.told, d.escalated FROM decisions_asked AS d
    LEFT JOIN reviews AS r ON r.id = d.review
    LEFT JOIN screenings AS f ON f.id = d.review
    WHERE d.workspace = :workspace AND d.person = :person AND SEEN(d.family)
        AND (r.state = 'open' OR (f.id IS NOT NULL AND f.looked IS NULL))
    ORDER BY d.at, d.review LIMIT 500""")
DECISIONS_DROP = Sql("DELETE FROM decisions_asked WHERE review IN :reviews")

_MESSAGE = """
    SELECT id, family, candidate, application, job, connection, thread, direction, template, locale, state, why, firing,
        review, sender, created, due, sent, body FROM messages"""
MESSAGE_ADD = Sql("""
    INSERT INTO messages (id, workspace, family, candidate, application, job, connection, thread, direction, template,
        locale, state, why, firing, review, sender, created, due, sent, mail, body)
    VALUES (:id, :workspace, :family, :candidate, :application, :job, :connection, :thread, :direction, :template,
        :locale, :state, :why, :firing, :review, :sender, :created, :due, :sent, :mail, :body)
    ON CONFLICT (workspace, mail) DO NOTHING""")
MESSAGE_SET = Sql("""
    UPDATE messages SET state = :state, why = :why, due = :due, sent = :sent, sender = :sender, review = :review,
        body = :body, family = :family
    WHERE id = :id""")
MESSAGE = Sql(f"{_MESSAGE} WHERE workspace = :workspace AND id = :id AND SEEN(messages.family)")
MESSAGES_OF = Sql(f"""{_MESSAGE}
    WHERE candidate IN :candidates AND SEEN(messages.family) ORDER BY id""")
MESSAGE_OF_MAIL = Sql(f"{_MESSAGE} WHERE workspace = :workspace AND mail IN :mails ORDER BY id DESC")
MESSAGES_OF_THREAD = Sql(f"""{_MESSAGE}
    WHERE workspace = :workspace AND thread = :thread AND SEEN(messages.family) ORDER BY id""")
MESSAGES = Sql(f"""{_MESSAGE}
    WHERE workspace = :workspace AND id < :before AND (:state = '' OR state = :state) AND SEEN(messages.family)
    ORDER BY id DESC LIMIT :limit""")
MESSAGES_LEAVING = Sql(f"""{_MESSAGE}
    WHERE workspace = :workspace AND state = 'due' AND direction = 'out' AND (:sender = '' OR sender = :sender)
        AND SEEN(messages.family)
    ORDER BY due, id LIMIT :limit""")
MESSAGES_HELD_BACK = Sql("""
    SELECT template, COUNT(*), MIN(created) FROM messages
    WHERE connection = :connection AND state = 'due' AND direction = 'out'
    GROUP BY template ORDER BY MIN(created), template""")
MESSAGES_WAITING = Sql(f"""{_MESSAGE}
    WHERE connection = :connection AND state = 'due' AND direction = 'out' AND SEEN(messages.family)
    ORDER BY due, id LIMIT :limit""")
MESSAGES_UNDER_WAY = Sql("SELECT COUNT(*) FROM messages WHERE connection = :connection AND state = 'sending'")
MESSAGES_WAKE = Sql("""
    UPDATE tasks SET tries = 0, error = '', seq = :seq,
        due = (SELECT m.due FROM messages AS m WHERE m.id = tasks.key)
    WHERE name = :name AND state = 'ready'
        AND key IN (SELECT id FROM messages WHERE connection = :connection AND state = 'due')""")
MESSAGE_BEFORE = Sql("""
    SELECT 1 FROM messages AS m JOIN tasks AS t ON t.workspace = m.workspace AND t.name = :name AND t.key = m.id
    WHERE m.candidate = :candidate AND m.id <> :id AND m.state IN ('due', 'sending') AND t.state = 'ready'
        AND t.due <= :now AND (m.due < :due OR (m.due = :due AND m.id < :id)) LIMIT 1""")
MESSAGES_COUNTED = Sql("SELECT state, COUNT(*) FROM messages WHERE workspace = :workspace GROUP BY state")
MESSAGES_ANSWERED = Sql("""
    SELECT m.template, m.job, m.sender, COUNT(*),
        SUM(CASE WHEN EXISTS (SELECT 1 FROM messages AS a WHERE a.thread = m.thread AND a.direction = 'in'
            AND a.state <> 'automatic' AND a.id > m.id) THEN 1 ELSE 0 END),
        SUM(CASE WHEN m.state = 'bounced' THEN 1 ELSE 0 END)
    FROM messages AS m WHERE m.workspace = :workspace AND m.direction = 'out' AND m.state IN ('sent', 'bounced')
    GROUP BY m.template, m.job, m.sender""")
QUIET_ADD = Sql("""
    INSERT INTO quiet_addresses (workspace, address, why, at) VALUES (:workspace, :address, :why, :at)
    ON CONFLICT (workspace, address) DO UPDATE SET why = excluded.why, at = excluded.at""")
QUIET = Sql("SELECT why FROM quiet_addresses WHERE workspace = :workspace AND address = :address")
QUIET_DROP = Sql("DELETE FROM quiet_addresses WHERE workspace = :workspace AND address = :address")

# --------------------------------------------------------------------------------------------- keys, things kept sealed

KEY_OF = Sql("SELECT id, master, wrapped FROM vault_keys WHERE workspace = :workspace AND family = :family")
KEYS_OF = Sql("""
    SELECT id, workspace, family, master, wrapped FROM vault_keys
    WHERE workspace = :workspace AND family IN :families""")
KEY_BY_ID = Sql("SELECT workspace, family, master, wrapped FROM vault_keys WHERE id = :id")
KEYS_BY_ID = Sql("SELECT id, workspace, family, master, wrapped FROM vault_keys WHERE id IN :ids")
KEY_ADD = Sql("""
    INSERT INTO vault_keys (id, workspace, family, wrapped, master)
    VALUES (:id, :workspace, :family, :wrapped, :master) ON CONFLICT DO NOTHING""")
KEY_ERASE = Sql("DELETE FROM vault_keys WHERE workspace = :workspace AND family = :family")
KEYS_OF_OTHER_MASTERS = Sql("""
    SELECT id, master, wrapped FROM vault_keys WHERE master <> :master LIMIT :limit FOR UPDATE SKIP LOCKED""")
KEY_REWRAP = Sql("UPDATE vault_keys SET master = :master, wrapped = :wrapped WHERE id = :id")

STORED_ADD = Sql("""
    INSERT INTO stored (address, workspace, family, what, media, size, created, sealed, path)
    VALUES (:address, :workspace, :family, :what, :media, :size, :now, :sealed, :path) ON CONFLICT DO NOTHING""")
STORED = Sql("""
    SELECT address, workspace, family, what, media, size, created, sealed, path FROM stored WHERE address = :address""")
STORED_EXISTS = Sql("SELECT 1 FROM stored WHERE address = :address FOR UPDATE")
STORED_MEDIA = Sql("SELECT address, media FROM stored WHERE address IN :addresses")
STORED_CONTENTS = Sql("SELECT address, sealed, path FROM stored WHERE address IN :addresses")
STORED_FOR = Sql("SELECT address FROM stored_for WHERE owner = :owner AND what = :what")
STORED_FOR_ALL = Sql("SELECT owner, address FROM stored_for WHERE owner IN :owners AND what = :what")
STORED_FOR_SET = Sql("""
    INSERT INTO stored_for (owner, what, address) VALUES (:owner, :what, :address)
    ON CONFLICT (owner, what) DO UPDATE SET address = excluded.address""")
STORED_FOR_DROP = Sql("DELETE FROM stored_for WHERE owner = :owner AND what = :what RETURNING address")
STORED_DROP_UNUSED = Sql("""
    DELETE FROM stored WHERE address IN :addresses
        AND NOT EXISTS (SELECT 1 FROM stored_for WHERE stored_for.address = stored.address)
    RETURNING path""")
STORED_OF_FAMILY = Sql("SELECT address FROM stored WHERE workspace = :workspace AND family = :family")
STORED_EXPIRED = Sql("""
    SELECT address, family FROM stored WHERE workspace = :workspace AND what IN :kinds AND created < :before
    ORDER BY created LIMIT :limit""")
STORED_OWNERS_DROP = Sql("DELETE FROM stored_for WHERE address IN :addresses")
STORED_PATHS = Sql("SELECT path FROM stored WHERE path IN :paths")
RETENTION = Sql("SELECT days FROM retentions WHERE workspace = :workspace AND what = :what")
RETENTIONS = Sql("SELECT workspace, what, days FROM retentions WHERE days IS NOT NULL ORDER BY workspace, what")
RETENTION_SET = Sql("""
    INSERT INTO retentions (workspace, what, days) VALUES (:workspace, :what, :days)
    ON CONFLICT (workspace, what) DO UPDATE SET days = excluded.days""")

# --------------------------------------------------------------------------------------------------------------- pages

COUNT_LINKS = Sql("""
    SELECT connection, kind, state, COUNT(*) FROM links WHERE connection IN :connections
    GROUP BY connection, kind, state""")
COUNT_READS = Sql("""
    SELECT connection, COUNT(*), MIN(since), MIN(due) FROM read_lanes WHERE connection IN :connections
    GROUP BY connection""")
COUNT_WRITE_LANES = Sql("""
    SELECT connection, COUNT(*), MIN(since), MIN(due) FROM write_lanes WHERE connection IN :connections
    GROUP BY connection""")
COUNT_WRITES = Sql("""
    SELECT connection, state, COUNT(*) FROM writes
    WHERE connection IN :connections AND state IN ('due', 'waiting', 'held', 'sent', 'dead', 'discarded')
    GROUP BY connection, state""")
COUNT_REVIEWS = Sql("""
    SELECT connection, COUNT(*) FROM reviews WHERE connection IN :connections AND state = 'open' GROUP BY connection""")
COUNT_GAPS = Sql("""
    SELECT connection, COUNT(*) FROM gaps WHERE connection IN :connections AND state = 'open' GROUP BY connection""")
QUEUE_READS = Sql("""
    SELECT r.priority, COUNT(*), MIN(r.since), SUM(CASE WHEN NOT EXISTS (
        SELECT 1 FROM links AS l WHERE l.connection = r.connection AND l.kind = r.kind AND l.external = r.external)
        THEN 1 ELSE 0 END)
    FROM read_lanes AS r WHERE r.connection = :connection GROUP BY r.priority""")
READS_BY_KIND = Sql("SELECT kind, COUNT(*) FROM read_lanes WHERE connection = :connection GROUP BY kind")
QUEUE_WRITES = Sql("""
    SELECT COUNT(*), MIN(since) FROM write_lanes WHERE connection = :connection AND state = 'ready'""")
QUEUE_TASKS = Sql("""
    SELECT COUNT(*) FROM tasks AS t CROSS JOIN links AS l
    WHERE t.name IN :names AND t.state = 'ready' AND l.record = t.key AND l.connection = :connection
        AND l.is_primary""")
LAST_DELIVERY = Sql("SELECT received FROM inbox WHERE connection = :connection ORDER BY seq DESC LIMIT 1")
COUNT_RECORDS = Sql("SELECT kind, COUNT(*) FROM records WHERE workspace = :workspace GROUP BY kind")
COUNT_CANDIDATES = Sql("""
    SELECT COUNT(*) FROM candidates WHERE workspace = :workspace AND state = 'live' AND SEEN(candidates.family)""")
CANDIDATES_SEEN = Sql("""
    SELECT record FROM candidates WHERE workspace = :workspace AND state = 'live' AND SEEN(candidates.family)""")
COUNT_APPLICATIONS = Sql("""
    SELECT COUNT(*), SUM(CASE WHEN score >= 0 THEN 1 ELSE 0 END) FROM applications
    WHERE workspace = :workspace AND state = 'live' AND SEEN(applications.family)""")

CANDIDATES = """
    SELECT c.record, c.family, c.place, c.updated FROM candidates AS c
    WHERE c.workspace = :workspace AND c.state = 'live' AND SEEN(c.family)
        AND (c.place, c.record) > (:place, :record){words}
    ORDER BY c.place, c.record LIMIT :limit"""
CANDIDATES_AMONG = """
    SELECT c.record, c.family, c.place, c.updated FROM candidates AS c
    WHERE c.record IN :records AND c.workspace || '' = :workspace AND c.state = 'live'
        AND SEEN(c.family) AND (c.place, c.record) > (:place, :record){words}
    ORDER BY c.place, c.record LIMIT :limit"""  # by record: the workspace has no say in the plan
WITH_WORD = Sql("""
    SELECT DISTINCT record FROM words WHERE workspace = :workspace AND word >= :word AND word < :after LIMIT :limit""")
CANDIDATES_WORD = """
    AND c.record IN (SELECT record FROM words
        WHERE workspace = :workspace AND word >= :word{i} AND word < :after{i})"""
APPLICATIONS_OF = Sql("""
    SELECT record, family, candidate, job, stage, status, score, applied FROM applications
    WHERE family IN :families AND state = 'live' ORDER BY applied DESC, record DESC""")

JOBS = Sql("""
    SELECT family, id, workspace, kind, parent, origin, state, merged_into, born, body FROM records
    WHERE workspace = :workspace AND kind = 'job' AND state = 'live' AND id > :after AND SEEN(records.family)
    ORDER BY id LIMIT :limit""")
OF_KIND = Sql("""
    SELECT id FROM records
    WHERE workspace = :workspace AND kind = :kind AND state = 'live' AND id > :after AND SEEN(records.family)
    ORDER BY id LIMIT :limit""")
COUNT_APPLICANTS = Sql("""
    SELECT job, COUNT(*), SUM(CASE WHEN score >= 0 THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'active' AND seen IS NULL THEN 1 ELSE 0 END), MAX(score), MAX(applied)
    FROM applications WHERE job IN :jobs AND state = 'live' AND SEEN(applications.family) GROUP BY job""")
APPLICANTS = Sql("""
    SELECT DISTINCT candidate FROM applications
    WHERE job IN :jobs AND state = 'live' AND candidate IS NOT NULL AND SEEN(applications.family)""")
RANKED = Sql("""
    SELECT record, family, candidate, stage, status, score, applied, seen FROM applications
    WHERE job = :job AND state = 'live' AND (score, record) < (:score, :record) AND SEEN(applications.family)
    ORDER BY score DESC, record DESC LIMIT :limit""")

FAILURES = Sql("""
    SELECT w.family, w.id, w.connection, w.record, w.link, w.call, w.state, w.at, w.closed, w.tries, w.body
    FROM writes AS w
    WHERE w.workspace = :workspace AND w.state = 'dead' AND w.id < :before
        AND (:connection = '' OR w.connection = :connection) AND (:reason = '' OR w.reason = :reason)
        AND SEEN(w.family)
    ORDER BY w.id DESC LIMIT :limit""")
CLOSED_FAMILIES = Sql("""
    SELECT family FROM applications WHERE workspace = :workspace AND state = 'live' AND family > :after
    GROUP BY family HAVING MIN(CASE WHEN status IN :statuses THEN 1 ELSE 0 END) = 1 AND MAX(applied) < :before
    ORDER BY family LIMIT :limit""")
FAMILIES_OF_JOB = Sql("SELECT DISTINCT family FROM applications WHERE job = :job AND state = 'live'")
ROOTS_OF = Sql("""
    SELECT connection, kind, external FROM links
    WHERE family IN :families AND kind IN :kinds AND state IN ('live', 'unseen') ORDER BY connection, kind, external""")
WAITING_READS = Sql("""
    SELECT COUNT(*) FROM ROWS(:roots, connection text, kind text, external text) AS w CROSS JOIN read_lanes AS r
    WHERE r.connection = w.connection AND r.kind = w.kind AND r.external = w.external""")
WAITING_WRITES = Sql("""
    SELECT state, COUNT(*) FROM writes
    WHERE family IN :families AND (:connection = '' OR connection = :connection)
        AND state IN ('due', 'waiting', 'held', 'sent', 'dead')
    GROUP BY state""")
FAILURE_GROUPS = Sql("""
    SELECT connection, COALESCE(reason, ''), COUNT(*), MIN(closed) FROM writes
    WHERE workspace = :workspace AND state = 'dead' AND SEEN(writes.family)
    GROUP BY connection, COALESCE(reason, '')""")
CALLED = Sql("""
    SELECT family, record FROM candidates
    WHERE family IN :families AND state = 'live' AND SEEN(candidates.family) ORDER BY record""")
REVIEWS = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body FROM reviews
    WHERE workspace = :workspace AND state = :state AND id < :before AND (:kind = '' OR kind = :kind)
        AND (:connection = '' OR connection = :connection) AND SEEN(reviews.family)
    ORDER BY id DESC LIMIT :limit""")

REVIEW = Sql("""
    SELECT family, id, record, connection, kind, state, about, at, decided_at, body FROM reviews
    WHERE id = :id AND workspace = :workspace AND SEEN(reviews.family)""")

HISTORY_OF = Sql("""
    SELECT seq, record, kind, field, connection, at, body FROM history
    WHERE family = :family AND (:record = '' OR record = :record) AND at < :before AND at >= :since
    ORDER BY at DESC, seq DESC LIMIT :limit""")
HISTORY_AMEND = Sql("UPDATE history SET body = :body WHERE seq = :seq")
HISTORY_DROP = Sql("DELETE FROM history WHERE seq IN :lines!int")
MERGES_OF = Sql("""
    SELECT seq, record, kind, field, connection, at, body FROM history
    WHERE family = :family AND kind = 'merged' ORDER BY at DESC, seq DESC""")
DELAYS = Sql("""
    SELECT connection, error, due FROM write_lanes
    WHERE family = :family AND error <> '' AND state = 'ready' ORDER BY connection""")
WRITES_AT = Sql("""
    SELECT family, id, connection, record, link, call, state, at, closed, tries, body FROM writes
    WHERE family = :family AND (:record = '' OR record = :record) AND at < :before AND at >= :since
    ORDER BY at DESC, id DESC LIMIT :limit""")
ATTEMPTS_AT = Sql("""
    SELECT id, write, connection, record, state, at, ended FROM attempts
    WHERE family = :family AND (:record = '' OR record = :record) AND at < :before AND at >= :since
    ORDER BY at DESC, id DESC LIMIT :limit""")
AUDIT_AT = Sql(f"""
    SELECT {AUDIT_COLUMNS} FROM audit
    WHERE family = :family AND (:record = '' OR record = :record) AND at < :before AND at >= :since
    ORDER BY at DESC, id DESC LIMIT :limit""")
CHANGES = Sql("""
    SELECT seq, family, record, kind, field, connection, at FROM history
    WHERE seq > :after AND workspace = :workspace ORDER BY seq LIMIT :limit""")
LAST_CHANGE = Sql("SELECT MAX(seq) FROM history")
