"""The tables. The migrations lead to exactly this (a test compares them on both back ends).

Times are whole microseconds since 1970. JSON is text, escaped, read by `codec`. `body` holds the fields of a value that
need no column of their own; where it may tell of a person it is sealed (`vault`). What pages sort or search
people by are tokens (`veil`) that compare by code point on both back ends.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Text = sa.Text
Time = sa.BigInteger
Big = sa.BigInteger
Sorted = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NUMBERS = sa.Sequence("number", metadata=metadata)  # PostgreSQL; SQLite counts in the table `counters`


def _table(name: str, *parts: sa.Column[object] | sa.Index | sa.UniqueConstraint) -> sa.Table:
    return sa.Table(name, metadata, *parts)


def _key(name: str, kind: object = Text) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True)  # type: ignore[arg-type]


def _has(name: str, kind: object = Text) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _may(name: str, kind: object = Text) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=True)  # type: ignore[arg-type]


def _serial(name: str) -> sa.Column[object]:
    return sa.Column(name, Counted, primary_key=True, autoincrement=True)


counters = _table("counters", _key("name"), _has("value", Big))

# ------------------------------------------------------------------------------------------- families and records

families = _table(
    "families",
    _key("id"),
    _has("workspace"),
    _has("kind"),
    _has("rev", Big),
    _has("salt"),
    _has("state"),
    _has("transitions", sa.LargeBinary),  # sealed: the last hour's; empty: none
    _has("updated", Time),
)

records = _table(
    "records",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("kind"),
    _may("parent"),
    _has("origin"),
    _has("state"),
    _may("merged_into"),
    _has("born", Time),
    _has("updated", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "kind", "id"),
)

links = _table(
    "links",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("connection"),
    _has("kind"),
    _has("external"),
    _has("record"),
    _has("is_primary", sa.Boolean),
    _has("state"),
    _has("last_read", Big),
    _may("read_at", Time),
    _has("body", sa.LargeBinary),
    _may("followed"),
    sa.UniqueConstraint("connection", "kind", "external"),
    sa.Index(None, "family"),
    sa.Index(None, "record"),
    sa.Index(None, "connection", "kind", "state"),
)

aliases = _table(
    "aliases",
    _key("connection"),
    _key("kind"),
    _key("external"),
    _has("workspace"),
    _has("family"),
    _has("record"),
    _may("link"),
    sa.Index(None, "family"),
)

attempts = _table(
    "attempts",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("connection"),
    _has("write"),
    _has("record"),
    _has("kind"),
    _may("link"),
    _has("state"),
    _has("at", Time),
    _may("until", Time),
    _may("ended", Time),
    _has("body"),
    sa.Index(
        "ix_attempts_open", "family", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL")
    ),
    sa.Index(
        "ix_attempts_creates",
        "connection",
        "kind",
        sqlite_where=sa.text("ended IS NULL AND link IS NULL"),
        postgresql_where=sa.text("ended IS NULL AND link IS NULL"),
    ),
    sa.Index(None, "family", "at"),
)

_OPEN = sa.text("state IN ('due', 'waiting', 'held', 'sent')")
_SHOWN = sa.text("state IN ('due', 'waiting', 'held', 'sent', 'dead', 'discarded')")
writes = _table(
    "writes",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("connection"),
    _has("record"),
    _may("link"),
    _has("call"),
    _has("key"),
    _has("state"),
    _has("at", Time),
    _may("closed", Time),
    _has("tries", sa.Integer),
    _has("body", sa.LargeBinary),
    _may("reason"),
    sa.Index("uq_writes_open_key", "key", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sa.Index("ix_writes_shown", "family", sqlite_where=_SHOWN, postgresql_where=_SHOWN),
    sa.Index("ix_writes_open", "connection", "state", "at", sqlite_where=_SHOWN, postgresql_where=_SHOWN),
    sa.Index(
        "ix_writes_dead",
        "workspace",
        "id",
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    ),
    sa.Index(None, "family", "at"),
)

waits = _table(
    "waits",
    _key("write"),
    _key("record"),
    _has("connection"),
    sa.Index(None, "connection", "record"),
)

_WAITING = sa.text("state = 'open'")
reviews = _table(
    "reviews",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _may("record"),
    _may("connection"),
    _has("kind"),
    _has("state"),
    _has("about"),
    _has("at", Time),
    _may("decided_at", Time),
    _has("body", sa.LargeBinary),
    sa.Index("ix_reviews_open", "family", sqlite_where=_WAITING, postgresql_where=_WAITING),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "state", "id"),
    sa.Index(None, "connection", "state"),
)

history = _table(
    "history",
    _serial("seq"),
    _has("workspace"),
    _has("family"),
    _has("record"),
    _has("kind"),
    _has("field"),
    _may("connection"),
    _has("at", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "family", "at"),
)

bulk_touched = _table(
    "bulk_touched", _key("connection"), _key("cause"), _key("family"), _has("at", Time), sa.Index(None, "family")
)

bulk = _table(
    "bulk",
    _key("connection"),
    _key("cause"),
    _has("workspace"),
    _has("state"),
    _has("review"),
    _has("until", Time),
)

claims = _table(
    "claims",
    _key("workspace"),
    _key("key"),
    _key("record"),
    _has("family"),
    _has("is_first", sa.Boolean),
    sa.Index(
        "uq_claims_first",
        "workspace",
        "key",
        unique=True,
        sqlite_where=sa.text("is_first"),
        postgresql_where=sa.text("is_first"),
    ),
    sa.Index(None, "family"),
)

tombstones = _table("tombstones", _key("workspace"), _key("hash"), _has("at", Time))

erasures = _table(
    "erasures",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("record"),
    _has("actor_kind"),
    _has("actor_id"),
    _has("begun", Time),
    _may("ended", Time),
    _has("body"),  # JSON: the certificate, once there is one; nothing personal
    sa.Index(None, "workspace", "id"),
)

gaps = _table(
    "gaps",
    _serial("id"),
    _has("workspace"),
    _has("connection"),
    _has("kind"),
    _has("field"),
    _has("value"),
    _may("record"),
    _has("first_at", Time),
    _has("last_at", Time),
    _has("times", sa.Integer),
    _has("state"),
    sa.UniqueConstraint("connection", "kind", "field", "value"),
    sa.Index(None, "workspace", "state"),
)

gap_records = _table("gap_records", _key("connection"), _key("kind"), _key("field"), _key("value"), _key("record"))

# ------------------------------------------------------------------------ what pages sort and search by (derived)

_LIVE = sa.text("state = 'live'")
candidates = _table(
    "candidates",
    _key("record"),
    _has("workspace"),
    _has("family"),
    _may("place", Sorted),  # a token that sorts as the name does; NULL: to be made at the next start
    _has("state"),
    _has("updated", Time),
    sa.Index("ix_candidates_by_name", "workspace", "place", "record", sqlite_where=_LIVE, postgresql_where=_LIVE),
    sa.Index("ix_candidates_by_change", "workspace", "updated", "record", sqlite_where=_LIVE, postgresql_where=_LIVE),
    sa.Index(None, "family"),
)

words = _table(
    "words",
    _key("workspace"),
    _key("word", Sorted),  # a token: those of its beginnings are beginnings of it
    _key("record"),
    sa.Index(None, "record"),
)

likenesses = _table(  # under what a person is found by whoever may be the same: tokens of `match.likeness`' keys
    "likenesses",
    _key("token"),
    _key("record"),
    sa.Index(None, "record"),
)

applications = _table(
    "applications",
    _key("record"),
    _has("workspace"),
    _has("family"),
    _may("candidate"),
    _may("job"),
    _may("stage"),
    _has("status"),
    _has("score", sa.Float),  # -1: none
    _has("applied", Time),
    _may("seen", Time),  # when a person first looked at it: opened it here, or moved it on in the ATS
    _has("state"),
    _may("scored", Time),  # when it first had a score
    sa.Index(  # ranks, and counts without a look at the rows
        "ix_applications_of_job",
        *("job", "score", "record", "status", "seen", "applied"),
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    sa.Index("ix_applications_scored", "workspace", "score", sqlite_where=_LIVE, postgresql_where=_LIVE),
    sa.Index(None, "family"),
)

passages = _table(  # the way of applications through the stages, as it was seen
    "passages",
    _serial("id"),
    _has("workspace"),
    _has("family"),
    _has("application"),
    _may("job"),
    _has("stage"),  # "" for none
    _has("entered", Time),
    _may("until", Time),
    _has("ended"),  # the status in which the application ended there; "": it went on, or stands there
    _has("met", sa.Boolean),  # it stood there when it was met: `entered` is when it was made
    sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),  # by the system's own history of stages
    sa.Index(None, "application"),
    sa.Index(None, "family"),
)

figures = _table(  # what figures are counted from, as it stood at a time
    "figures",
    _key("workspace"),
    _has("at", Time),
    _has("mark"),  # what it was made of: as long as that is the same, nothing is made anew
    _has("many", sa.Integer),  # applications
    _has("body", sa.LargeBinary),  # sealed: columns of numbers, one element an application
)

teams = _table(  # who is named on a job, or on one application, of the ATS's users
    "teams",
    _key("record"),
    _key("person"),
    sa.Index(None, "person"),
)

colleagues = _table(  # the ATS's active users, under tokens of their e-mail addresses
    "colleagues",
    _key("workspace"),
    _key("token"),
    _key("record"),
    sa.Index(None, "record"),
)

confined = _table(  # confidential jobs and private candidates
    "confined",
    _key("record"),
    _has("workspace"),
    _has("kind"),
    sa.Index(None, "workspace", "kind"),
)

_MARKED = sa.text("marks > made")
_UNREAD = sa.text("unread")
people_index = _table(  # what everybody is found by; without a body: nothing (yet, or any more)
    "people_index",
    _key("workspace"),
    _key("record"),
    _has("family"),
    _has("model"),
    _has("marks", sa.Integer),  # how often something has changed; how many of these the body answers
    _has("made", sa.Integer),
    _has("updated", Time),
    _may("body", sa.LargeBinary),  # sealed: vector, words, facts
    sa.Column("unread", sa.Boolean, nullable=False, server_default=sa.false()),  # there is a CV to be fetched
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "updated"),
    sa.Index("ix_people_index_unread", "workspace", "record", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    sa.Index("ix_people_index_marked", "workspace", "record", sqlite_where=_MARKED, postgresql_where=_MARKED),
)

# ------------------------------------------------------------------------------------------------ the way data flows

inbox = _table(
    "inbox",
    _serial("seq"),
    _has("workspace"),
    _has("connection"),
    _has("delivery"),
    _has("topic"),
    _may("kind"),
    _may("external"),
    _has("number", Big),
    _has("received", Time),
    _has("state"),
    _has("size", sa.Integer),
    _may("body", sa.LargeBinary),
    _has("why"),
    _may("finished", Time),
    sa.UniqueConstraint("connection", "delivery"),
    sa.Index(
        "ix_inbox_accepted",
        "connection",
        "kind",
        "external",
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    ),
    sa.Index(
        "ix_inbox_bodies",
        "received",
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    ),
    sa.Index(None, "connection", "seq"),
)

refusals = _table(
    "refusals",
    _serial("seq"),
    _has("workspace"),
    _has("connection"),
    _has("at", Time),
    _has("status", sa.Integer),
    _has("size", sa.Integer),
    _has("why"),
    sa.Index(None, "connection", "seq"),
)

read_lanes = _table(
    "read_lanes",
    _key("connection"),
    _key("kind"),
    _key("external"),
    _has("priority", sa.Integer),
    _has("kinds", Big),  # bits, wanted and not leased
    _has("leased", Big),  # bits, leased
    _has("due", Time),
    _has("behind", Time),  # a read must start at or after this to satisfy the want
    _has("seq", Big),
    _has("since", Time),
    _has("epoch", Big),
    _has("until", Time),
    _has("worker"),
    _has("tries", sa.Integer),
    _has("error"),
    sa.Index(None, "connection", "priority", "due", "seq"),
)

write_lanes = _table(
    "write_lanes",
    _key("connection"),
    _key("family"),
    _has("due", Time),
    _has("since", Time),
    _has("epoch", Big),
    _has("until", Time),
    _has("worker"),
    _has("tries", sa.Integer),
    _has("error"),
    _has("state"),
    _has("rank", sa.Integer),  # 0: a person waits for it
    sa.Index(None, "connection", "state", "rank", "due", "family"),
    sa.Index(None, "family"),
)

tasks = _table(
    "tasks",
    _key("workspace"),
    _key("name"),
    _key("key"),
    _has("due", Time),
    _has("payload"),
    _has("seq", Big),
    _has("epoch", Big),
    _has("until", Time),
    _has("worker"),
    _has("tries", sa.Integer),
    _has("error"),
    _has("state"),
    sa.Index(None, "state", "due"),
)

budgets = _table(
    "budgets",
    _key("connection"),
    _key("cls"),
    _has("allowed", sa.Integer),
    _has("per", Big),
    _has("ends", Time),
    _has("used", sa.Integer),
    _has("learned", sa.Boolean),
    _has("shares"),  # JSON: what each sort of work has used and asked for
)

# ---------------------------------------------------------------------------------- workspaces, connections, people

workspaces = _table("workspaces", _key("id"), _has("name"), _has("region"), _has("settings"), _has("created", Time))
settings = _table("settings", _key("workspace"), _key("name"), _has("value"))

connections = _table(
    "connections",
    _key("id"),
    _has("workspace"),
    _has("name"),
    _has("system"),
    _has("label"),
    _has("base_url"),
    _has("mode"),
    _has("scope"),
    _has("settings"),
    _may("credentials", sa.LargeBinary),
    _has("tenant"),
    _has("choices"),
    _has("mapping_version", sa.Integer),
    _has("rank", sa.Integer),
    _has("owner"),
    _has("paused"),
    _may("live_since", Time),
    _has("crawled", sa.Boolean),
    _has("created", Time),
    _has("not_before", Time),
    _has("broken"),
    _has("probe_until", Time),
    _may("stopped"),  # JSON: who stopped all writes, why, when
    _may("messages_stopped"),  # the same of messages to candidates alone
    sa.UniqueConstraint("workspace", "name"),
)

consents = _table(
    "consents",
    _key("connection"),
    _has("mark"),  # of the refresh token that a person entered, where it began
    _has("body", sa.LargeBinary),  # sealed: the tokens
    _has("until", Time),
    _has("ends", Time),  # 0: nobody knows
    _has("renewed", Time),  # 0: never yet
    _has("leased", Time),
    _has("error"),
    _has("failing", Time),  # 0: all is well
)

incidents = _table(
    "incidents",
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    _has("workspace"),
    _has("connection"),  # "" for all of them
    sa.Column("cause", Text, nullable=False, server_default="outage"),
    _has("began", Time),
    _may("ended", Time),
    _has("why"),
    _has("families"),  # JSON: whose writes waited when it ended
    _has("reads", sa.Integer),
    sa.Index(None, "connection", "began"),
    sa.Index(
        "uq_incidents_open",
        "connection",
        "cause",
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    ),
)

parity_runs = _table(
    "parity_runs",
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    _has("workspace"),
    _has("connection"),
    _has("object"),  # the list that is compared
    _has("kind"),
    _has("began", Time),
    _may("ended", Time),
    _has("body"),  # JSON: where it stands, counts and digests
    sa.Index(None, "connection", "object", "id"),
)

parity_ids = _table(  # what a run that goes on has met
    "parity_ids",
    sa.Column("run", Big, primary_key=True, autoincrement=False),
    _key("external"),
    _has("connection"),
    _has("kind"),
)

parity_differences = _table(
    "parity_differences",
    sa.Column("run", Big, primary_key=True, autoincrement=False),
    _key("kind"),
    _key("external"),
    _key("field"),
    _has("connection"),
    _has("family"),
    _has("record"),
    _has("cause"),
    _has("state"),
    _has("seen"),  # a keyed digest while the run goes on
    _has("number", Big),
    sa.Index(None, "connection", "kind", "external"),
)

data_checks = _table(  # one look through all that is held of a connection
    "data_checks",
    _key("id"),
    _has("workspace"),
    _has("connection"),
    _has("began", Time),
    _may("ended", Time),
    _has("body"),  # JSON: where it stands, and counts
    sa.Index(None, "connection", "id"),
)

data_findings = _table("data_findings", _key("check_id"), _key("finding"), _key("record"), sa.Index(None, "record"))

pilots = _table(  # test candidates brought through the whole flow, and what was found
    "pilots",
    _key("id"),
    _has("workspace"),
    _has("connection"),
    _has("began", Time),
    _may("ended", Time),
    _has("rehearsal", sa.Boolean),
    _may("passed", sa.Boolean),
    _has("body", sa.LargeBinary),  # sealed
    sa.Index(None, "connection", "id"),
)

# Which trace waiting work belongs to; `parent` is a traceparent.
traces = _table("traces", _key("subject"), _key("parent"), _has("at", Time))

cursors = _table("cursors", _key("connection"), _key("name"), _has("value"), _has("at", Time))

users = _table(
    "users",
    _key("id"),
    _has("workspace"),
    _has("email"),
    _has("name"),
    _has("role"),
    _has("identities"),  # JSON: connection -> external user id
    _has("created", Time),
    _may("disabled", Time),
    sa.UniqueConstraint("workspace", "email"),
)

sessions = _table(
    "sessions",
    _key("hash"),
    _has("person"),
    _has("created", Time),
    _has("expires", Time),
    _has("csrf"),
    _may("seen", Time),  # when it was last used
    _may("device"),  # what the browser says of itself
    _may("issuer"),  # which provider of identities let the person in; NULL: a login link
    sa.Index(None, "person"),
)

subjects = _table(  # who somebody is at a provider of identities
    "subjects",
    _key("workspace"),
    _key("issuer"),
    _key("subject"),
    _has("person"),
    _has("made", sa.Boolean),  # by their first sign-in there: their role follows what the provider says
    sa.Index(None, "person"),
)

login_tokens = _table(
    "login_tokens", _key("hash"), _has("person"), _has("expires", Time), _may("used", Time), sa.Index(None, "person")
)

api_keys = _table(
    "api_keys",
    _key("id"),
    _has("workspace"),
    _has("hash"),
    _has("name"),
    _has("scopes"),
    _has("owner"),
    _has("created", Time),
    _may("last_used", Time),
    _may("revoked", Time),
    _may("expires", Time),
    _may("bound", sa.Boolean),  # it sees no candidate that its owner may not see
    _may("former"),  # what it was before it was rotated, good until `former_until`
    _may("former_until", Time),
    sa.UniqueConstraint("hash"),
    sa.Index(None, "workspace"),
    sa.Index(None, "former"),
)

notices = _table(
    "notices",
    _serial("id"),
    _has("workspace"),
    _may("connection"),
    _has("kind"),
    _has("about"),
    _has("text"),
    _has("at", Time),
    _has("last_at", Time),
    _has("times", sa.Integer),
    _may("closed", Time),
    sa.Index(
        "uq_notices_open",
        "workspace",
        "kind",
        "about",
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    ),
    sa.Index(None, "workspace", "id"),
)

assignments = _table(  # what was said about a task beyond what it is: who does it, by when
    "assignments",
    _key("workspace"),
    _key("task"),
    _has("assignee"),
    _may("due", Time),
    _may("snoozed", Time),
    _may("escalated", Time),
)

mappings = _table(  # versions of a connection's mapping
    "mappings",
    _has("workspace"),
    _key("connection"),
    _key("version", sa.Integer),
    _has("at", Time),
    _has("actor_kind"),
    _has("actor_id"),
    _has("actor_name"),
    _has("chosen"),
    _has("why"),
)

# -------------------------------------------------------------------------------------------------- rubrics, scores

rubrics = _table(
    "rubrics",
    _key("job"),
    _key("version", sa.Integer),
    _has("workspace"),
    _has("body"),
    _has("at", Time),
    _has("stale", sa.Boolean),
)

fits = _table(  # how well people fit a job they have not applied for
    "fits",
    _key("job"),
    _key("record"),
    _has("workspace"),
    _has("family"),
    _has("version", sa.Integer),
    _has("of", Time),  # when what they are found by was made
    _may("score", sa.Float),
    _has("body", sa.LargeBinary),
    _has("at", Time),
    _may("seen", Time),  # when a person first looked at them afterwards
    sa.Index(None, "family"),
    sa.Index(None, "record"),
    sa.Index(None, "workspace", "job"),
)

scores = _table(
    "scores",
    _key("application"),
    _key("version", sa.Integer),
    _has("workspace"),
    _has("family"),
    _has("job"),
    _may("score", sa.Float),
    _has("body", sa.LargeBinary),
    _has("at", Time),
    _has("stale", sa.Boolean),
    sa.Index(None, "job", "stale"),
    sa.Index(None, "family"),
)

corrections = _table(  # what people have said is wrong in a score; the words are sealed for the person
    "corrections",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("application"),
    _has("job"),
    _has("resume"),  # the file it was said of: another one is another matter
    _has("kind"),
    _has("about"),  # a skill's id, or the part of the score
    _has("at", Time),
    _may("undone", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "application"),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "kind", "about"),
)

outcomes = _table(  # what people decided first about an application, and the score that stood there then
    "outcomes",
    _key("application"),
    _has("workspace"),
    _has("family"),
    _has("job"),
    _has("decision"),
    _has("at", Time),
    _may("score", sa.Float),
    _has("version", sa.Integer),  # of the rubric; 0 where no score stood there
    _has("scorer"),
    _has("hired", sa.Boolean),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "job", "at"),
)

remediations = _table(  # what was done about scores because of what their outcomes showed
    "remediations",
    _key("id"),
    _has("workspace"),
    _has("job"),  # "" where it is of all of them
    _has("at", Time),
    _has("version", sa.Integer),
    _has("body", sa.LargeBinary),
    sa.Index(None, "workspace", "job"),
)

# ------------------------------------------------------------------------------------------------ the hiring flow

triggers = _table(  # versions of the workspace's triggers: the whole file, and since when each rule is in force
    "triggers",
    _key("workspace"),
    _key("version", sa.Integer),
    _has("at", Time),
    _has("actor_kind"),
    _has("actor_id"),
    _has("actor_name"),
    _has("text"),
    _has("since"),  # JSON
    _has("why"),
)

firings = _table(  # what a trigger has done, once for each cause
    "firings",
    _key("id"),
    _has("workspace"),
    _has("trigger"),
    _has("version", sa.Integer),
    _has("application"),
    _has("cause"),
    _may("connection"),
    _may("job"),
    _has("at", Time),
    _has("since", Time),  # when its conditions began to hold
    _has("facts"),  # JSON: what it saw
    _has("action"),
    _has("state"),
    _has("why"),
    _may("effect"),  # the message, review or record that came of it
    _may("decided", Time),
    sa.UniqueConstraint("workspace", "trigger", "application", "cause"),
    sa.Index(None, "application"),
    sa.Index(None, "workspace", "trigger", "id"),
    sa.Index(None, "workspace", "id"),
    sa.Index(None, "effect"),
)

messages = _table(  # to and from candidates; the words are sealed for the person
    "messages",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("candidate"),
    _may("application"),
    _may("job"),
    _may("connection"),
    _has("thread"),  # a keyed digest of what an answer comes back with
    _has("direction"),  # out, in
    _has("template"),
    _has("locale"),
    _has("state"),
    _has("why"),
    _may("firing"),
    _may("review"),
    _has("sender"),  # the user in whose name it goes; "" for nobody's
    _has("created", Time),
    _has("due", Time),
    _may("sent", Time),
    _has("mail"),  # digest of its Message-ID
    _has("body", sa.LargeBinary),
    sa.UniqueConstraint("workspace", "mail"),
    sa.Index(None, "family"),
    sa.Index(None, "candidate", "id"),
    sa.Index(None, "application", "id"),
    sa.Index(None, "thread"),
    sa.Index(None, "workspace", "state", "id"),
    sa.Index(None, "connection", "state", "due"),
    sa.Index(None, "workspace", "id"),
)

decision_desks = _table(  # where a person decides by link, without logging in
    "decision_desks",
    _key("id"),
    _has("workspace"),
    _has("person"),
    _has("issue", sa.Integer),
    _has("expires", Time),
    sa.UniqueConstraint("workspace", "person"),
)

decisions_asked = _table(  # whose each held thing is (a review, or a form with a request); a day later the owner's too
    "decisions_asked",
    _key("review"),
    _has("workspace"),
    _key("person"),
    _has("family"),
    _has("at", Time),
    _may("told", Time),
    _may("escalated", Time),
    sa.Index(None, "workspace", "person"),
    sa.Index(None, "family"),
)

quiet_addresses = _table(  # who is not to be written to: a keyed digest of the address, and why
    "quiet_addresses",
    _key("workspace"),
    _key("address"),
    _has("why"),
    _has("at", Time),
)

# ------------------------------------------------------------------------------------------- screening and shortlists

screenings = _table(  # an application's screening form; what is said in it is sealed for the person
    "screenings",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("application"),
    _has("job"),
    _has("state"),
    _has("issue", sa.Integer),  # of the link: a newer one makes the older worthless
    _has("expires", Time),
    _may("invited", Time),  # when the letter with its link had left, or a person had the link
    _may("started", Time),
    _may("completed", Time),
    _may("opted_out", Time),
    _may("adjustment", Time),  # when an adjustment was asked for
    _may("looked", Time),  # when a person had dealt with what they asked for
    _has("body", sa.LargeBinary),
    sa.Index(None, "application", unique=True),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "job"),
    sa.Index(None, "workspace", "looked"),
)

screening_terms = _table(  # versions of what a job's form says and asks; job "": of the workspace
    "screening_terms",
    _key("workspace"),
    _key("job"),
    _key("kind"),  # disclosure, questions
    _key("version", sa.Integer),
    _has("at", Time),
    _has("body"),
)

shortlists = _table(  # a list of people of a job that one person is shown by a link
    "shortlists",
    _key("id"),
    _has("workspace"),
    _has("job"),
    _has("issue", sa.Integer),
    _has("created", Time),
    _has("expires", Time),
    _may("revoked", Time),
    _may("opened", Time),
    _has("code"),  # digest of the code that opens it besides, "" for none
    _has("wrong", sa.Integer),  # codes that were tried in vain
    _has("body", sa.LargeBinary),
    sa.Index(None, "workspace", "job"),
)

shortlist_people = _table(
    "shortlist_people",
    _key("shortlist"),
    _key("application"),
    _has("workspace"),
    _has("family"),
    _has("place", sa.Integer),
    _has("stage"),  # where they stood when they were put on it
    _has("answer"),  # approve, skip, maybe; "" for none yet
    _may("answered", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "application"),
    sa.Index(None, "family"),
)

# ----------------------------------------------------------------------------------------------------- setting it up

credential_links = _table(  # a link under which somebody of IT enters a connection's credentials, once
    "credential_links",
    _key("id"),
    _has("workspace"),
    _has("name"),  # of the connection
    _has("system"),
    _has("connection"),  # "" until it is there
    _has("issue", sa.Integer),
    _has("created", Time),
    _has("expires", Time),
    _may("opened", Time),
    _may("trying", Time),  # until when an attempt under way keeps others out
    _may("used", Time),  # when credentials worked
    _may("ended", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "workspace", "id"),
)

# ------------------------------------------------------------------------------------------------------- interviews

interviews = _table(  # one that a candidate chooses a time for by a link; what is said of it is sealed for the person
    "interviews",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("application"),
    _has("job"),
    _has("state"),
    _has("issue", sa.Integer),  # of the link
    _has("sequence", sa.Integer),  # of the calendar event: grows with every change (RFC 5545, 3.8.7.4)
    _has("created", Time),
    _has("expires", Time),
    _may("starts", Time),
    _may("ends", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "application"),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "state", "starts"),
)

interview_panel = _table(  # whose time an interview takes, and its event in their calendar; it outlives the person, so
    # that the event can be taken away after they are erased
    "interview_panel",
    _key("interview"),
    _key("interviewer"),  # an e-mail address of a colleague
    _has("workspace"),
    _has("starts", Time),
    _has("ends", Time),
    _has("event"),  # what the calendar calls it, "" for none
    _has("written", sa.Integer),  # the sequence that stands in the calendar, -1 for none
    sa.Index(None, "workspace", "interviewer", "starts"),
)

interview_feedback = _table(  # what an outside tool said of an interview, once for each key of its
    "interview_feedback",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("application"),
    _has("key"),
    _has("program"),
    _has("at", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "workspace", "program", "key", unique=True),
    sa.Index(None, "application"),
    sa.Index(None, "family"),
)

# --------------------------------------------------------------------------------------------------------- AI tools

_UNNUMBERED = sa.text("position IS NULL")
tool_feed = _table(  # applications in the order of their last change, as tools are shown them; the erased stay in it
    "tool_feed",
    _key("application"),
    _has("workspace"),
    _has("erased", sa.Boolean),
    _may("position", Big),  # NULL: changed, and to be numbered before it is shown
    sa.Index(None, "workspace", "position"),
    sa.Index(
        "ix_tool_feed_unnumbered",
        "workspace",
        "application",
        sqlite_where=_UNNUMBERED,
        postgresql_where=_UNNUMBERED,
    ),
)

tool_given = _table(  # which tool has been shown which application; it outlives the person, as their erasure needs it
    "tool_given",
    _key("connection"),
    _key("application"),
    _has("workspace"),
    _has("version"),  # of what it was shown last; "": not yet shown
    _has("at", Time),
    _may("gone", Time),  # since when it is to hold nothing of it any more
    _may("confirmed", Time),  # when it said that it does not
    sa.Index(None, "application"),
)

tool_results = _table(  # the newest result a tool has sent of an application
    "tool_results",
    _key("connection"),
    _key("application"),
    _has("workspace"),
    _has("version", Big),
    _has("digest"),
    _has("note"),  # digest of the note it last came with
    _has("answer"),  # JSON: what the tool was told
    _has("at", Time),
    sa.Index(None, "application"),
)

tool_keys = _table(  # what an AI tool comes to the door with
    "tool_keys",
    _key("hash"),
    _has("workspace"),
    _has("connection"),
    _has("kind"),  # key: made for it, shown once; token: given for a key, for a while
    _has("created", Time),
    _may("until", Time),
    _may("last_used", Time),
    sa.Index(None, "connection"),
)

# -------------------------------------------------------------------------------------------------------- subscribers

_UNTOLD = sa.text("number IS NULL")
events = _table(  # what has happened, by reference: no value of anybody's stands in it
    "events",
    _serial("id"),
    _has("workspace"),
    _may("number", Big),  # NULL: committed, and to be numbered before it is read
    _has("type"),
    _has("family"),
    _has("record"),
    _has("body"),  # ids of the records it is about, names of the fields that changed, by what kind of actor, the cause
    _has("at", Time),
    sa.Index(None, "workspace", "number"),
    sa.Index(None, "family"),
    sa.Index("ix_events_unnumbered", "workspace", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
)

subscriptions = _table(  # who is sent events, which of them, and what of each
    "subscriptions",
    _key("id"),
    _has("workspace"),
    _has("name"),
    _has("format"),
    _has("host"),  # as pages show the address
    _has("target"),  # a keyed digest of the address, to find it by
    _has("body", sa.LargeBinary),  # sealed: the address, the secrets
    _has("wanted"),  # types, filter, fields
    _has("owner"),
    _has("state"),
    _has("why"),
    _has("created", Time),
    _may("expires", Time),
    _has("cursor", Big),  # the number of the last event it was tried with, or passed over
    _has("failed", sa.Integer),  # attempts in a row
    _may("failing", Time),  # since when none has succeeded
    _may("rests", Time),  # nothing is sent before
    _may("last_ok", Time),
    sa.Index(None, "workspace", "state"),
    sa.Index(None, "workspace", "target"),
)

event_deliveries = _table(  # what became of an event at a subscriber
    "event_deliveries",
    _key("subscription"),
    _key("event", Big),
    _has("workspace"),
    _has("type"),
    _has("state"),
    _has("tries", sa.Integer),
    _has("first", Time),
    _has("at", Time),
    _may("due", Time),
    _has("status", sa.Integer),
    _has("words"),
    sa.Index(None, "subscription", "state", "due"),
    sa.Index(None, "workspace", "event"),
)

# ------------------------------------------------------------------------------------------------------------ audit

_NO_PULL = sa.text("action <> 'pull'")  # what people look for; a pull is noted for every endpoint every few seconds
audit = _table(
    "audit",
    _serial("id"),
    _has("workspace"),
    _has("at", Time),
    _has("action"),
    _may("family"),
    _may("record"),
    _may("connection"),
    _has("actor_kind"),
    _has("actor_id"),
    _has("body"),
    _has("digest"),
    _may("position", Big),
    _may("chain"),
    sa.Index(None, "position", unique=True),
    sa.Index(
        "ix_audit_unsealed",
        "id",
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    ),
    sa.Index(None, "family", "at"),
    sa.Index(None, "workspace", "id"),
    sa.Index(None, "workspace", "at"),
    sa.Index(None, "workspace", "action", "id"),
    sa.Index("ix_audit_told", "workspace", "id", sqlite_where=_NO_PULL, postgresql_where=_NO_PULL),
    sa.Index("ix_audit_of_actor", "workspace", "actor_kind", "id", sqlite_where=_NO_PULL, postgresql_where=_NO_PULL),
)

audit_head = _table("audit_head", _key("id", sa.Integer), _has("position", Big), _has("chain"))
audit_salts = _table("audit_salts", _key("scope"), _has("workspace"), _has("salt"))

# ---------------------------------------------------------------------------------------------------- models of others

model_calls = _table(
    "model_calls",
    _key("id"),
    _has("workspace"),
    _may("family"),  # whom it was about
    _has("at", Time),
    _has("purpose"),
    _has("provider"),
    _has("model"),
    _has("host"),
    _has("region"),
    _has("prompt"),  # its name and version
    _has("digest"),  # of what was sent
    _has("tokens_in", Big),
    _has("tokens_out", Big),
    _has("cost", Big),  # in millionths of the workspace's currency
    _has("ms", sa.Integer),
    _has("status", sa.Integer),
    _has("outcome"),
    _has("kept", sa.Integer),
    _has("dropped", sa.Integer),
    sa.Index(None, "workspace", "id"),
    sa.Index(None, "workspace", "at"),
    sa.Index(None, "family"),
)

found_values = _table(  # what a CV or a provider knows of candidates
    "found_values",
    _key("id"),
    _has("workspace"),
    _has("family"),
    _has("record"),
    _has("field"),
    _has("source"),
    _has("outcome"),  # what became of it when it was looked at last
    _may("review"),  # the proposal that it is
    _has("at", Time),
    _has("body", sa.LargeBinary),
    sa.Index(None, "record"),
    sa.Index(None, "family"),
    sa.Index(None, "workspace", "outcome", "id"),
)

lookups = _table(  # what providers were asked about people
    "lookups",
    _key("id"),
    _has("workspace"),
    _may("family"),  # whom it was about ...
    _may("record"),  # ... until they are erased
    _has("at", Time),
    _has("provider"),
    _has("host"),
    _has("region"),
    _has("sent"),  # names of what was sent, none of the values
    _has("digest"),  # of what was sent
    _has("cost", Big),  # in millionths of the workspace's currency
    _has("ms", sa.Integer),
    _has("status", sa.Integer),
    _has("outcome"),
    _has("found", sa.Integer),
    sa.Index(None, "workspace", "id"),
    sa.Index(None, "workspace", "at"),
    sa.Index(None, "record"),
    sa.Index(None, "family"),
)

vectors = _table(
    "vectors",
    _key("workspace"),
    _key("record"),  # a CV, or a job
    _key("model"),
    _has("family"),
    _has("made_from"),
    _has("updated", Time),
    _has("body", sa.LargeBinary),  # sealed
    sa.Index(None, "family"),
    sa.Index(None, "record"),
)

# -------------------------------------------------------------------------------------------- sealed things and keys

vault_keys = _table(
    "vault_keys",
    _key("id"),
    _has("workspace"),
    _has("family"),  # "" for the workspace's own key
    _has("wrapped", sa.LargeBinary),
    _has("master"),
    sa.UniqueConstraint("workspace", "family"),
    sa.Index(None, "master"),
)

stored = _table(
    "stored",
    _key("address"),
    _has("workspace"),
    _has("family"),
    _has("what"),
    _has("media"),
    _has("size", sa.Integer),
    _has("created", Time),
    _may("sealed", sa.LargeBinary),
    _may("path"),
    sa.Index(None, "workspace", "what", "created"),
    sa.Index(None, "family"),
    sa.Index(None, "path"),
)

stored_for = _table(
    "stored_for",
    _key("owner"),
    _key("what"),
    _has("address"),
    sa.Index(None, "address"),
)

retentions = _table("retentions", _key("workspace"), _key("what"), _may("days", sa.Integer))
