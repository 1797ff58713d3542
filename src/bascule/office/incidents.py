"""Incidents: from when to when something disturbed the way to a system, and what that did to candidates.

Late is everybody whose writes or reads waited. Of each is said which messages (notes) and moves (stages, rejections)
were late or missed, and whether it is one of the best of a job. Candidates of open requisitions come first, of those
the best. Nothing is stored of it but whose work waited: the rest is derived from the writes themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bascule.engine.incidents import NOTICE
from bascule.hiring.scoring import TOP_SHARE
from bascule.model import OPEN_WRITES, Kind, Record, Write, WriteState
from bascule.store import Tx
from bascule.store.incidents import NO_WRITES, Cause, Incident

NAMED = 2000  # families of one incident that are named
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SETTLED = timedelta(minutes=15)  # so long after its end a report is told as it is then
HAPPENED: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        Cause.OUTAGE: ("was down", "is down"),
        Cause.CREDENTIALS: ("refused our credentials", "refuses our credentials"),
        Cause.PAUSE: ("was paused", "is paused"),
        Cause.LIMITS: ("let nothing through, by its rate limits,", "lets nothing through, by its rate limits,"),
        Cause.STOP: ("was not written to", "is not written to"),
        Cause.WEBHOOKS: ("told of nothing by webhooks", "tells of nothing by webhooks"),
        Cause.ABSENCE: ("Bascule was not running", "Bascule is not running"),
    }
)
"""What a connection did, and does: "... for 12 min"."""
MOVES = frozenset({"stage", "status", "rejection_reason"})  # fields of an application that decide about somebody


class What(StrEnum):
    """What a late write was to do."""

    MOVE = "move"
    MESSAGE = "message"
    VALUE = "value"


class Fate(StrEnum):
    """What became of a late write."""

    ARRIVED = "arrived"
    WAITS = "waits"
    MISSED = "missed"  # a failure, given up, or overtaken: it did not arrive as it was meant


FATES: Mapping[Fate, str] = MappingProxyType({Fate.ARRIVED: "late", Fate.WAITS: "waiting", Fate.MISSED: "missed"})
PLURAL: Mapping[What, str] = MappingProxyType(
    {What.MOVE: "Moves", What.MESSAGE: "Messages", What.VALUE: "Other values"}
)


@dataclass(frozen=True, slots=True)
class LateWrite:
    """One call that was due while it lasted. `arrived` is None unless it did."""

    write: str
    record: str
    what: What
    call: str
    fate: Fate
    due: datetime
    arrived: datetime | None


@dataclass(frozen=True, slots=True)
class LateCandidate:
    """`jobs` are those applied to, open ones first; `score` the best of the applications, `high`: among the best tenth
    of a job's scored applicants, or its best."""

    family: str
    record: str
    name: str
    jobs: tuple[Record, ...]
    score: float | None
    high: bool
    writes: tuple[LateWrite, ...]

    @property
    def urgent(self) -> bool:
        """An open requisition is touched."""
        return any(is_open(job) for job in self.jobs)

    @property
    def waits(self) -> bool:
        return any(one.fate is Fate.WAITS for one in self.writes)

    def of(self, what: What, fate: Fate) -> int:
        return sum(one.what is what and one.fate is fate for one in self.writes)


@dataclass(frozen=True, slots=True)
class Report:
    """One incident. `unnamed`: further families, that is jobs, people who are gone, and who is beyond what is named."""

    incident: Incident
    late: tuple[LateCandidate, ...]
    unnamed: int

    @property
    def open_jobs(self) -> int:
        """How many open requisitions are touched: what its urgency follows."""
        return len({job.id for one in self.late for job in one.jobs if is_open(job)})

    @property
    def high(self) -> int:
        """How many of the best waited."""
        return sum(one.high for one in self.late)

    def count(self, what: What, fate: Fate) -> int:
        return sum(one.of(what, fate) for one in self.late)


def happened(incident: Incident) -> str:
    """ "was down" """
    return HAPPENED[incident.cause][incident.ended is None]


def within(jobs: int) -> timedelta:
    """How soon somebody is to see to one that touches so many open requisitions: a day for none, half a day for one, a
    third for two, and so on, an hour at least."""
    return max(HOUR, DAY / (1 + jobs))


def finished(tx: Tx, workspace: str, known: Collection[int], *, since: datetime, now: datetime) -> list[Report]:
    """The reports of those that have ended since and are not known: once nothing waits, or a quarter of an hour
    after their end."""
    fresh = [one for one in tx.incidents.ended(workspace, since=since) if one.id not in known]
    reports = [report(tx, workspace, one.id) for one in fresh]
    return [
        one
        for one, incident in zip(reports, fresh, strict=True)
        if not one.incident.left or now - (incident.ended or now) >= SETTLED
    ]


def in_words(found: Report) -> str:
    """A report in a few sentences, without anybody's name."""
    incident = found.incident
    until = incident.ended
    to = f"{until:{'%H:%M' if until.date() == incident.began.date() else '%Y-%m-%d %H:%M'}}" if until else "now"
    words = [f"{happened(incident).rstrip(',')} from {incident.began:%Y-%m-%d %H:%M} to {to} UTC."]
    if not incident.families:
        return f"{words[0]} Nobody's changes waited."
    words += [
        f"Candidates late: {len(found.late)}, high scorers among them: {found.high}.",
        f"Open requisitions touched: {found.open_jobs}.",
    ]
    for what in What:
        parts = [(found.count(what, fate), word) for fate, word in FATES.items()]
        if said := ", ".join(f"{n} {word}" for n, word in parts if n):
            words.append(f"{PLURAL[what]}: {said}.")
    return " ".join(words) + (f" {incident.left} still wait." if incident.left else "")


def touched(tx: Tx, workspace: str) -> dict[tuple[str, str], int]:
    """How many open requisitions those touch that last now: by connection and the kind of notice that tells of it."""
    lasting = [one for one in tx.incidents.lasting(workspace) if one.cause in NOTICE]
    jobs = open_jobs(tx, workspace, lasting) if lasting else {}
    return {(one.connection, NOTICE[one.cause]): jobs[one.id] for one in lasting}


def is_open(job: Record) -> bool:
    return (job.fields.get("status") or "open") == "open"


def report(tx: Tx, workspace: str, id: int) -> Report:
    """What an incident did. NotFoundError if there is none."""
    incident = tx.incidents.get(workspace, id)
    families = incident.families[:NAMED]
    lines = tx.incidents.people(families)
    jobs = tx.families.records(workspace, {job for *_, job in lines if job})
    writes = {} if incident.cause in NO_WRITES else tx.incidents.writes(incident, families)
    records = tx.families.records(workspace, {one.record for mine in writes.values() for one in mine})
    scores = tx.incidents.scores(families)
    people: dict[str, tuple[str, str, list[Record]]] = {}
    for family, record, name, job in lines:
        _, _, mine = people.setdefault(family, (record, name, []))
        if job in jobs and jobs[job] not in mine:
            mine.append(jobs[job])
    late = [
        _late(family, record, name, mine, writes.get(family, ()), records, scores.get(family, ()))
        for family, (record, name, mine) in people.items()
    ]
    late.sort(key=lambda one: (not one.urgent, not one.high, -(one.score or -1), not one.waits))
    return Report(incident, tuple(late), len(incident.families) - len(late))


def open_jobs(tx: Tx, workspace: str, incidents: Sequence[Incident]) -> dict[int, int]:
    """How many open requisitions each of these incidents touches."""
    touched = {one.id: tx.incidents.jobs(one.families[:NAMED]) for one in incidents}
    jobs = tx.families.records(workspace, set().union(*touched.values()))
    return {id: sum(job in jobs and is_open(jobs[job]) for job in mine) for id, mine in touched.items()}


def _late(
    family: str,
    record: str,
    name: str,
    jobs: Sequence[Record],
    writes: Sequence[Write],
    records: Mapping[str, Record],
    scores: Sequence[tuple[float, int, int]],
) -> LateCandidate:
    shown = sorted(jobs, key=lambda job: (not is_open(job), str(job.fields.get("title") or "")))
    high = any(better < max(1, -(-scored // TOP_SHARE)) for _, better, scored in scores)
    told = tuple(_told(one, records.get(one.record)) for one in sorted(writes, key=lambda one: (one.at, one.id)))
    best = max((score for score, _, _ in scores), default=None)
    return LateCandidate(family, record, name, tuple(shown), best, high, told)


def _told(write: Write, record: Record | None) -> LateWrite:
    kind = record.kind if record is not None else None
    moves = kind is Kind.APPLICATION and bool(write.fields & MOVES)
    what = What.MESSAGE if kind is Kind.NOTE else What.MOVE if moves else What.VALUE
    done = write.state is WriteState.DONE
    fate = Fate.ARRIVED if done else Fate.WAITS if write.state in OPEN_WRITES else Fate.MISSED
    return LateWrite(write.id, write.record, what, write.call, fate, write.at, write.closed if done else None)
