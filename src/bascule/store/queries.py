"""What pages, the API and commands read. Every list is served by an index and paged by key, never by offset."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from ..model import (
    EMPTY,
    ROOT_OF,
    Family,
    History,
    HistoryKind,
    Kind,
    LinkState,
    Reason,
    Record,
    RecordState,
    Review,
    ReviewKind,
    ReviewState,
    Write,
    WriteState,
)
from . import statements as s
from .audit import Line, line
from .codec import codec, maybe_moment, moment, stamp
from .inbox import LAST
from .lanes import NEVER
from .listing import Listing, name_of, text_of, texts_of, words_of
from .rows import read_record, read_review, read_write
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Row, Tx
    from .vault import Seals

_HISTORY = codec(History, ("record", "kind", "field", "connection", "at"))

END = "\U0010ffff"
"""Sorts behind every id: the start of a list that runs backwards."""
RARE = 2000
"""A word of a search that no more candidates have is looked up first."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One connection at a glance. `oldest_*` is when the longest waiting work was first wanted; None without any."""

    connection: str
    links: Mapping[Kind, int] = field(default_factory=lambda: EMPTY)
    unseen: int = 0
    gone: int = 0
    reads: int = 0
    oldest_read: datetime | None = None
    next_read: datetime | None = None
    write_lanes: int = 0
    oldest_write: datetime | None = None
    next_write: datetime | None = None
    writes: Mapping[str, int] = field(default_factory=lambda: EMPTY)  # by state: due, waiting, held, sent
    failures: int = 0
    reviews: int = 0
    gaps: int = 0
    last_delivery: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits at one connection, by sort. `reads`: objects to read that something tells of; `new`: how many of them
    nobody here knows yet; `later`: objects of sweeps and backfills. `writes`:
    families to write; `tasks`: pieces of work here (scores) whose result will be written. `oldest`: since when the
    longest waiting read or write waits."""

    reads: int = 0
    new: int = 0
    later: int = 0
    writes: int = 0
    tasks: int = 0
    oldest: datetime | None = None
    oldest_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What is to be written to a connection: (call, how many, since when) and the families that wait longest."""

    calls: tuple[tuple[str, int, datetime], ...]
    first: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application in a list. `score` is None where there is none."""

    record: str
    family: str
    candidate: str | None
    job: str | None
    stage: str | None
    status: str
    score: float | None
    applied: datetime


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate in a list, with live applications (newest first). Page on with (`place`, `record`)."""

    record: str
    family: str
    name: str
    place: str
    email: str
    title: str
    company: str
    updated: datetime
    applications: tuple[ApplicationRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many live candidates and applications there are, and how many of those have a score."""

    candidates: int
    applications: int
    scored: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job with figures of its live applications. `unseen`: active ones that no person has looked at. `top` is the
    best score, `newest` when somebody applied last."""

    job: Record
    applications: int = 0
    scored: int = 0
    unseen: int = 0
    top: float | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An applicant of a job. Page on with (`score`, `application`)."""

    application: str
    family: str
    candidate: str | None
    name: str
    stage: str | None
    status: str
    score: float | None
    applied: datetime
    seen: bool = False  # by a person: opened here, moved on there, or closed


@dataclass(frozen=True, slots=True)
class Failure:
    """A write that will not succeed by itself. Page on with `write.id`."""

    write: Write
    family: str
    name: str


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Dead writes of one connection and one class of reason."""

    connection: str
    reason: Reason
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Delay:
    """Why what is to be written at one connection is tried again only then."""

    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OpenReview:
    """Something that waits for a person. Page on with `review.id`."""

    review: Review
    family: str
    name: str


class Event(StrEnum):
    """What a line of a timeline tells of."""

    CHANGE = "change"  # `history` says it
    WRITE = "write"  # a write was planned
    CALL = "call"  # a call was sent
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a timeline; the one of `history`, `write`, `audit` that `event` names is set."""

    at: datetime
    event: Event
    record: str | None
    connection: str | None
    history: History | None = None
    write: Write | None = None
    audit: Line | None = None
    ended: datetime | None = None  # a call's


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the history as a live page needs it: where to look, no values."""

    seq: int
    family: str
    record: str
    kind: HistoryKind
    field: str
    connection: str | None
    at: datetime


class Pages:
    """`tx.pages`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # --------------------------------------------------------------------------------------------------- overview

    def overview(self, connections: Collection[str], *, objects: bool = True) -> dict[str, Counts]:
        """How each connection stands, in seven statements for all of them. Without `objects` its links are not
        counted: that takes longer the more there are, and everything else does not."""
        if not connections:
            return {}
        wanted = _COUNTS if objects else {name: sql for name, sql in _COUNTS.items() if name != "links"}
        rows = {name: self._by_connection(sql, connections) for name, sql in wanted.items()}
        return {
            id: _counts(id, {n: found.get(id, []) for n, found in rows.items()}, self._last(id)) for id in connections
        }

    def queue(self, connection: str, tasks: Sequence[str]) -> Queue:
        """What waits at a connection; `tasks` are the names of those whose result will be written."""
        rows = self._tx.rows(s.QUEUE_READS, connection=connection)
        by_priority = {p: (n, since, whole) for p, n, since, whole in rows}
        reads, since_read, new = by_priority.get(0, (0, None, 0))
        row = self._tx.row(s.QUEUE_WRITES, connection=connection)
        writes, since_write = row if row is not None else (0, None)
        due = self._tx.row(s.QUEUE_TASKS, connection=connection, names=tasks) if tasks else None
        oldest = min((at for at in (since_read, since_write) if at is not None), default=None)
        return Queue(
            reads=reads,
            new=int(new),
            later=sum(n for p, (n, _, _) in by_priority.items() if p),
            writes=writes,
            tasks=due[0] if due else 0,
            oldest=maybe_moment(oldest),
            oldest_read=maybe_moment(since_read),
        )

    def held_back(self, connection: str, first: int) -> HeldBack:
        """What is to be written to a connection, and the `first` families that wait longest."""
        calls = self._tx.rows(s.STOPPED_CALLS, connection=connection)
        rows = self._tx.rows(s.STOPPED_FIRST, connection=connection, n=first)
        return HeldBack(
            tuple((call, n, moment(at)) for call, n, at in calls), tuple((family, moment(at)) for family, at in rows)
        )

    def reads_by_kind(self, connection: str) -> dict[str, int]:
        """How many objects wait to be read, by the kind of their family's root."""
        return dict(self._tx.rows(s.READS_BY_KIND, connection=connection))

    def records(self, workspace: str) -> dict[Kind, int]:
        """How many records of each kind."""
        return {Kind(kind): n for kind, n in self._tx.rows(s.COUNT_RECORDS, workspace=workspace)}

    def totals(self, workspace: str) -> Totals:
        """How many candidates, applications and scores, counted from their indexes."""
        row = self._tx.row(s.COUNT_APPLICATIONS, workspace=workspace)
        assert row is not None
        return Totals(self.count_candidates(workspace), int(row[0]), int(row[1] or 0))

    def seen(self, workspace: str) -> set[str] | None:
        """Every candidate that whoever asks may see; None: all of them."""
        if self._tx.sight is None:
            return None
        return {record for (record,) in self._tx.rows(s.CANDIDATES_SEEN, workspace=workspace)}

    def count_candidates(self, workspace: str) -> int:
        """How many live candidates."""
        row = self._tx.row(s.COUNT_CANDIDATES, workspace=workspace)
        assert row is not None
        return int(row[0])

    def _by_connection(self, sql: Sql, connections: Collection[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._tx.rows(sql, connections=connections):
            found.setdefault(row[0], []).append(row[1:])
        return found

    def _last(self, connection: str) -> datetime | None:
        row = self._tx.row(s.LAST_DELIVERY, connection=connection)
        return None if row is None else moment(row[0])

    # ------------------------------------------------------------------------------------------------- candidates

    def candidates(
        self, workspace: str, *, search: str = "", after: tuple[str, str] = ("", ""), limit: int = 50
    ) -> list[CandidateRow]:
        """Live candidates by name; `search` keeps those with a word beginning with each word of it."""
        words = sorted(words_of(search), key=len, reverse=True)[:5]
        if search.strip() and not (words and self._tx.vault.has(workspace)):
            return []
        tokens = Listing(self._tx).tokens(workspace, words)
        bounds = {f"word{i}": token for i, token in enumerate(tokens)} | {
            f"after{i}": token + END for i, token in enumerate(tokens)
        }
        rare = self._rare(workspace, tokens)
        among = {} if rare is None else {"records": rare}
        rows = self._tx.rows(
            _candidates(len(tokens), among=rare is not None),
            **{"workspace": workspace, "place": after[0], "record": after[1], "limit": limit, **bounds, **among},
        )
        return self.shown(workspace, rows)

    def shown(self, workspace: str, rows: Sequence[Row]) -> list[CandidateRow]:
        """Rows of candidates (record, family, place, updated) with what a list shows of them, opened from the
        records."""
        records = self._tx.families.records(workspace, [row[0] for row in rows])
        mine: dict[str, list[ApplicationRow]] = {}
        for one in self.applications([row[1] for row in rows]):
            mine.setdefault(one.family, []).append(one)
        return [
            _shown(records[id], family, place or "", moment(updated), mine.get(family, ()))
            for id, family, place, updated in rows
            if id in records
        ]

    def _rare(self, workspace: str, words: Sequence[str]) -> list[str] | None:
        """Who has the first word that few have: they are looked at one by one, instead of everybody in order."""
        for word in words:
            found = self._tx.rows(s.WITH_WORD, workspace=workspace, word=word, after=word + END, limit=RARE + 1)
            if len(found) <= RARE:
                return [record for (record,) in found]
        return None

    def applications(self, families: Collection[str]) -> list[ApplicationRow]:
        """Live applications of these families, the newest first."""
        if not families:
            return []
        return [
            ApplicationRow(record, family, candidate, job, stage, status, _score(score), moment(applied))
            for record, family, candidate, job, stage, status, score, applied in self._tx.rows(
                s.APPLICATIONS_OF, families=families
            )
        ]

    def applicants(self, jobs: Collection[str]) -> set[str]:
        """The candidates of all live applications for these jobs."""
        rows = self._tx.rows(s.APPLICANTS, jobs=sorted(jobs)) if jobs else []
        return {candidate for (candidate,) in rows}

    def of_kind(self, workspace: str, kind: Kind, limit: int = 500) -> list[Record]:
        """Live records of a kind that a workspace has few of: sources, reasons, users."""
        rows = self._tx.rows(s.OF_KIND, workspace=workspace, kind=kind, after="", limit=limit)
        return list(self._tx.families.records(workspace, [id for (id,) in rows]).values())

    def each_of_kind(self, workspace: str, kind: Kind, *, page: int = 200) -> Iterator[Record]:
        """Live records of a kind, read as they are asked for: whoever has seen enough stops."""
        after, more = "", True
        while more:
            rows = self._tx.rows(s.OF_KIND, workspace=workspace, kind=kind, after=after, limit=page)
            ids = [id for (id,) in rows]
            yield from self._tx.families.records(workspace, ids).values()
            after, more = ids[-1] if ids else "", len(ids) == page

    # ------------------------------------------------------------------------------------------------------- jobs

    def jobs(self, workspace: str, *, after: str = "", limit: int = 200) -> list[JobRow]:
        """Live jobs by id, with the figures of their applications."""
        rows = self._tx.rows(s.JOBS, workspace=workspace, after=after, limit=limit)
        return self.figures([read_record(self._tx.vault, row) for row in rows])

    def figures(self, jobs: Sequence[Record]) -> list[JobRow]:
        """Jobs with the figures of their applications."""
        counted = self._tx.rows(s.COUNT_APPLICANTS, jobs=[job.id for job in jobs]) if jobs else []
        known = {row[0]: row[1:] for row in counted}
        return [_job(job, known.get(job.id)) for job in jobs]

    def ranked(
        self, job: str, *, after: tuple[float | None, str] | None = None, limit: int = 50, named: bool = True
    ) -> list[Ranked]:
        """A job's applicants: the best score first, those without one last, equal ones by record, the newest first.
        Without `named` nobody's name is opened."""
        score, record = (1e9, END) if after is None else (-1.0 if after[0] is None else after[0], after[1])
        rows = self._tx.rows(s.RANKED, job=job, score=score, record=record, limit=limit)
        names = self.called([row[2] for row in rows if row[2]]) if named else {}
        return [
            Ranked(
                application, family, candidate, names.get(candidate, ""), stage, status, _score(points),
                moment(applied), seen is not None or status != "active",
            )
            for application, family, candidate, stage, status, points, applied, seen in rows
        ]  # fmt: skip

    # --------------------------------------------------------------------------------- what needs a person's eye

    def failures(
        self, workspace: str, *, connection: str = "", reason: str = "", before: str = END, limit: int = 50
    ) -> list[Failure]:
        """Dead writes, the newest first; of one connection, or of one class of reason."""
        rows = self._tx.rows(
            s.FAILURES, workspace=workspace, connection=connection, reason=reason, before=before, limit=limit
        )
        names = self.names([row[0] for row in rows])
        self._tx.vault.fetch([row[-1] for row in rows])
        return [Failure(read_write(self._tx.vault, row), row[0], names.get(row[0], "")) for row in rows]

    def closed_families(
        self, workspace: str, statuses: Collection[str], *, before: datetime, after: str = "", limit: int = 200
    ) -> list[str]:
        """Families with applications, all of them in one of these statuses and made before then, by id."""
        rows = self._tx.rows(
            s.CLOSED_FAMILIES, workspace=workspace, statuses=sorted(statuses), before=stamp(before), after=after,
            limit=limit,
        )  # fmt: skip
        return [family for (family,) in rows]

    def families_of_job(self, job: str) -> list[str]:
        """Families of a job's live applicants."""
        return sorted(family for (family,) in self._tx.rows(s.FAMILIES_OF_JOB, job=job))

    def roots_of(self, families: Collection[str]) -> list[tuple[str, Kind, str]]:
        """(connection, kind, external id) of each family's root, wherever it is linked."""
        if not families:
            return []
        kinds = [kind for kind in Kind if kind not in ROOT_OF]
        rows = self._tx.rows(s.ROOTS_OF, families=sorted(families), kinds=kinds)
        return [(connection, Kind(kind), external) for connection, kind, external in rows]

    def waiting(
        self, families: Collection[str], roots: Collection[tuple[str, Kind, str]], *, connection: str = ""
    ) -> tuple[int, dict[str, int]]:
        """What is still on its way for these: reads of these roots (connection, kind, external), writes by state."""
        reads = self._tx.row(s.WAITING_READS, roots=[(c, str(kind), external) for c, kind, external in roots])
        writes = self._tx.rows(s.WAITING_WRITES, families=sorted(families), connection=connection) if families else []
        return (0 if reads is None else int(reads[0])), {state: int(n) for state, n in writes}

    def failure_groups(self, workspace: str) -> list[FailureGroup]:
        """How many dead writes have the same reason at the same connection: each is one thing to mend."""
        return [
            FailureGroup(connection, Reason(reason or Reason.VENDOR), count, moment(since))
            for connection, reason, count, since in self._tx.rows(s.FAILURE_GROUPS, workspace=workspace)
        ]

    def reviews(
        self,
        workspace: str,
        *,
        kind: str = "",
        connection: str = "",
        state: ReviewState = ReviewState.OPEN,
        before: str = END,
        limit: int = 50,
    ) -> list[OpenReview]:
        """What waits for a person (or was decided), the newest first; of one connection (its id), or of all."""
        rows = self._tx.rows(
            s.REVIEWS, workspace=workspace, kind=kind, connection=connection, state=state, before=before, limit=limit
        )
        names = self.names([row[0] for row in rows])
        self._tx.vault.fetch([row[-1] for row in rows])
        return [OpenReview(read_review(self._tx.vault, row), row[0], names.get(row[0], "")) for row in rows]

    def asked(self, workspace: str, kind: ReviewKind, *, before: str = END, limit: int = 50) -> list[Review]:
        """The open ones of a kind, the newest first, without anybody's name."""
        rows = self._tx.rows(
            s.REVIEWS, workspace=workspace, kind=kind, connection="", state=ReviewState.OPEN, before=before, limit=limit
        )
        self._tx.vault.fetch([row[-1] for row in rows])
        return [read_review(self._tx.vault, row) for row in rows]

    def review(self, workspace: str, id: str) -> OpenReview | None:
        """One item, open or decided, without a name."""
        row = self._tx.row(s.REVIEW, id=id, workspace=workspace)
        return None if row is None else OpenReview(read_review(self._tx.vault, row), row[0], "")

    def names(self, families: Sequence[str]) -> dict[str, str]:
        """What the candidates of these families are called."""
        rows = self._tx.rows(s.CALLED, families=sorted(set(families))) if families else []
        names = self.called([record for _, record in rows])
        return {family: names.get(record, "") for family, record in rows}

    def called(self, ids: Collection[str]) -> dict[str, str]:
        """The names of candidates, opened from their records."""
        rows = self._tx.rows(s.RECORDS_OPENED, ids=sorted(set(ids))) if ids else []
        self._tx.vault.fetch([row[-1] for row in rows])
        return {row[1]: name_of(read_record(self._tx.vault, row)) for row in rows}

    # --------------------------------------------------------------------------------------------------- timeline

    def timeline(self, *families: str, record: str = "", before: datetime = NEVER, limit: int = 100) -> list[Moment]:
        """What happened to a family and to those merged into it (or one record of them), the newest first: changes,
        writes, calls, audit.

        Everything of one instant stays together, so a page may be longer than `limit`; page on with the last `at`.
        """
        found = self._moments(families, record, 0, stamp(before), limit)
        if len(found) > limit:
            found = self._moments(families, record, stamp(found[limit - 1].at), stamp(before), LAST)
        return found

    def merges(self, family: Family) -> dict[str, History]:
        """By merged record that is still in the family: the line that says who joined it, and what it was before."""
        merged = {r.id for r in family.records.values() if r.state is RecordState.MERGED}
        found: dict[str, History] = {}
        homes = [family.id] if merged else []
        for home in homes:  # grows: what was merged may itself hold what was merged into it
            for row in self._tx.rows(s.MERGES_OF, family=home):
                history = history_of(self._tx.vault, row)
                image = history.old
                if isinstance(image, Mapping) and image.get("record") in merged - found.keys():
                    found[str(image["record"])] = history
                    homes.append(str(image["family"]))
        return found

    def homes(self, family: Family) -> list[str]:
        """The family, and those that were merged into it: emptied, but their history and keys are this person's."""
        images = [line.old for line in self.merges(family).values()]
        return [family.id, *dict.fromkeys(str(image["family"]) for image in images if isinstance(image, Mapping))]

    def delays(self, family: str) -> dict[str, Delay]:
        """By connection at which what is to be written of a family waits before it is tried again: why, until when."""
        rows = self._tx.rows(s.DELAYS, family=family)
        return {connection: Delay(why, moment(due)) for connection, why, due in rows}

    def _moments(self, families: Sequence[str], record: str, since: int, before: int, limit: int) -> list[Moment]:
        found: list[Moment] = []
        for family in families:
            found += self._of_family(family, record, since, before, min(limit + 1, LAST))
        return sorted(found, key=lambda one: one.at, reverse=True)

    def _of_family(self, family: str, record: str, since: int, before: int, limit: int) -> list[Moment]:
        where = {"family": family, "record": record, "since": since, "before": before, "limit": limit}
        found = [_change(self._tx.vault, row) for row in self._tx.rows(s.HISTORY_OF, **where)]
        for row in self._tx.rows(s.WRITES_AT, **where):
            write = read_write(self._tx.vault, row)
            found.append(Moment(write.at, Event.WRITE, write.record, write.connection, write=write))
        for _, _, connection, of, _, at, ended in self._tx.rows(s.ATTEMPTS_AT, **where):
            found.append(Moment(moment(at), Event.CALL, of, connection, ended=maybe_moment(ended)))
        for row in self._tx.rows(s.AUDIT_AT, **where):
            kept = line(row)
            found.append(Moment(kept.at, Event.AUDIT, kept.record, kept.connection, audit=kept))
        return found

    def changes(self, workspace: str, *, after: int, limit: int = 200) -> list[Change]:
        """What changed since a `seq`, in order: what a live page follows."""
        return [
            Change(seq, family, record, HistoryKind(kind), name, connection, moment(at))
            for seq, family, record, kind, name, connection, at in self._tx.rows(
                s.CHANGES, workspace=workspace, after=after, limit=limit
            )
        ]

    def last_change(self) -> int:
        """The newest `seq`; 0 before anything happened."""
        row = self._tx.row(s.LAST_CHANGE)
        return 0 if row is None or row[0] is None else int(row[0])


_COUNTS = {
    "links": s.COUNT_LINKS,
    "reads": s.COUNT_READS,
    "lanes": s.COUNT_WRITE_LANES,
    "writes": s.COUNT_WRITES,
    "reviews": s.COUNT_REVIEWS,
    "gaps": s.COUNT_GAPS,
}


def _counts(connection: str, rows: Mapping[str, list[Row]], last: datetime | None) -> Counts:
    links: dict[Kind, int] = {}
    unseen = gone = 0
    for kind, state, n in rows.get("links", ()):
        if state == LinkState.LIVE:
            links[Kind(kind)] = n
        elif state == LinkState.UNSEEN:
            unseen += n
        else:
            gone += n
    reads, since_read, next_read = rows["reads"][0] if rows["reads"] else (0, None, None)
    lanes, since_write, next_write = rows["lanes"][0] if rows["lanes"] else (0, None, None)
    writes: dict[str, int] = {state: n for state, n in rows["writes"] if state != WriteState.DISCARDED}
    return Counts(
        connection=connection,
        links=links,
        unseen=unseen,
        gone=gone,
        reads=reads,
        oldest_read=maybe_moment(since_read),
        next_read=maybe_moment(next_read),
        write_lanes=lanes,
        oldest_write=maybe_moment(since_write),
        next_write=maybe_moment(next_write),
        failures=writes.pop("dead", 0),
        writes=writes,
        reviews=rows["reviews"][0][0] if rows["reviews"] else 0,
        gaps=rows["gaps"][0][0] if rows["gaps"] else 0,
        last_delivery=last,
    )


@cache
def _candidates(words: int, *, among: bool) -> Sql:
    """The candidates' list for a search of so many words; `among`: of given records."""
    text = s.CANDIDATES_AMONG if among else s.CANDIDATES
    return Sql(text.format(words="".join(s.CANDIDATES_WORD.format(i=i) for i in range(words))))


def _shown(
    record: Record, family: str, place: str, updated: datetime, applications: Sequence[ApplicationRow]
) -> CandidateRow:
    emails = texts_of(record.fields.get("emails"))
    return CandidateRow(
        record.id,
        family,
        name_of(record),
        place,
        emails[0] if emails else "",
        text_of(record.fields.get("title")),
        text_of(record.fields.get("company")),
        updated,
        tuple(one for one in applications if one.candidate == record.id),
    )


def _job(job: Record, figures: Row | None) -> JobRow:
    if figures is None:
        return JobRow(job)
    applications, scored, unseen, top, newest = figures
    return JobRow(job, int(applications), int(scored), int(unseen), _score(top), moment(newest))


def _score(score: float) -> float | None:
    return None if score < 0 else score


def history_of(seals: Seals, row: Row) -> History:
    """A line of history from its row (seq, record, kind, field, connection, at, body)."""
    _, record, kind, name, connection, at, body = row
    text = seals.open(body).decode()
    return _HISTORY.read(text, record=record, kind=HistoryKind(kind), field=name, connection=connection, at=moment(at))


def _change(seals: Seals, row: Row) -> Moment:
    history = history_of(seals, row)
    return Moment(history.at, Event.CHANGE, history.record, history.connection, history=history)
