"""What of a connected system's data will cost work, before anybody relies on it; and how much set-up it asks for.

Counted is what Bascule has read: read everything first. The worker looks through it, page by page, so that it may be a
million people and is gone on with after a restart; what was found stands until the next look. Applying it: `remedies`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bascule.core.enrichment import contacted, stale
from bascule.core.rediscovery import moment
from bascule.core.reviews import named
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import ConflictError, NotFoundError
from bascule.hiring.enriching import bounced
from bascule.match.tidy import tidy
from bascule.model import Actor, Family, Kind, LinkState, Record, RecordState, ReviewKind
from bascule.store import Tx
from bascule.store.findings import Check
from bascule.store.queries import END
from bascule.store.sweeps import roots
from bascule.store.tasks import TaskLease

from .desk import Desk

CHECK = "check data"  # the task, by connection
CLOSED = timedelta(days=90)
PAGE = 200
KEPT = 10_000  # of one finding that are listed; all are counted
HOLD = timedelta(seconds=90)
MINUTES: Mapping[str, float] = {"duplicate": 1.0, "gap": 5.0, "title": 0.2, "requisition": 0.2, "field": 3.0}
"""Assumed minutes of a person's time for one of each: an assumption, shown with what follows from it."""


class Finding(StrEnum):
    """What is listed one by one."""

    TWICE = "twice"  # people with two open objects there
    NO_FIRST_NAME = "no-first-name"
    NO_LAST_NAME = "no-last-name"
    NO_EMAIL = "no-email"
    NO_PHONE = "no-phone"
    STALE = "stale"  # candidates whose contact data may be out of date (`core.enrichment`)
    UNDATED = "undated"  # candidates of whom nothing is dated
    TITLES = "titles"  # jobs whose normalised title is another one, and not in its field yet
    SPELLINGS = "spellings"  # jobs whose normalised title is written in more than one way
    CLOSED = "closed"  # requisitions closed over 90 days ago and not archived
    ARCHIVED = "archived"  # requisitions that are archived here
    CLOSED_UNDATED = "closed-undated"  # closed, and nobody knows since when


MISSING = {
    "first_name": Finding.NO_FIRST_NAME, "last_name": Finding.NO_LAST_NAME, "emails": Finding.NO_EMAIL,
    "phones": Finding.NO_PHONE,
}  # fmt: skip
OF_JOBS = frozenset({Finding.TITLES, Finding.SPELLINGS, Finding.CLOSED, Finding.ARCHIVED, Finding.CLOSED_UNDATED})
CANDIDATES, JOBS, DUPLICATES, CERTAIN, GAPS, SPELT = "candidates", "jobs", "duplicates", "certain", "gaps", "spelt"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check has found. `counts` of findings and of what else is counted; `custom`: kind.field -> records that
    have a value. While one goes on, `looked_at` of `of` objects; `ended` is None where none was ever done."""

    connection: str
    ready: bool  # whether everything there has been read once
    counts: Mapping[str, int]
    custom: Mapping[str, int]
    ended: datetime | None = None
    going: bool = False
    looked_at: int = 0
    of: int = 0
    error: str = ""

    def count(self, what: str) -> int:
        return self.counts.get(what, 0)

    @property
    def minutes(self) -> Mapping[str, float]:
        """A person's minutes, by what they go into."""
        return {
            "answering duplicates": MINUTES["duplicate"] * (self.count(DUPLICATES) - self.count(CERTAIN)),
            "deciding mapping gaps": MINUTES["gap"] * self.count(GAPS),
            "looking over titles": MINUTES["title"] * self.count(Finding.TITLES),
            "looking over closed requisitions": MINUTES["requisition"] * self.count(Finding.CLOSED),
            "choosing custom fields": MINUTES["field"] * len(self.custom),
        }

    @property
    def hours(self) -> float:
        return round(sum(self.minutes.values()) / 60, 1)


@dataclass
class _Tally:
    """What one page, or all jobs, add to a check."""

    counts: Counter[str]
    custom: Counter[str]
    found: list[tuple[str, str]]

    @classmethod
    def new(cls) -> _Tally:
        return cls(Counter(), Counter(), [])

    def find(self, finding: Finding, record: Record, so: bool = True) -> None:
        if so:
            self.counts[finding] += 1
            self.found.append((finding, record.id))


class DataChecks:
    """`app.data_checks`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, name: str, actor: Actor) -> None:
        """Look through everything that was read of a connection, as soon as there is time. ConflictError before it was
        read whole."""
        at = self._desk.connections.named(name)
        if not at.row.crawled:
            raise ConflictError(
                f"{name} has not been read whole yet: the counts would say nothing.", hint=f"bascule backfill {name}"
            )

        def unit(tx: Tx) -> None:
            self.again_in(tx, at)
            tx.audit.record(
                workspace=at.row.workspace, at=self._desk.now(), action="data check asked for", actor=actor,
                connection=at.id,
            )  # fmt: skip

        await self._desk.store.write(unit)
        self._desk.wake()

    def again_in(self, tx: Tx, at: Connected) -> None:
        """Look through it anew, in a unit."""
        tx.tasks.put(at.row.workspace, CHECK, at.id, due=self._desk.now())

    async def told(self, name: str) -> Report:
        """The last result, and how far a check is that goes on."""
        return await self._desk.store.read(lambda tx: self.told_in(tx, name))

    def told_in(self, tx: Tx, name: str) -> Report:
        at = self._desk.connections.named(name)
        done, going = tx.findings.newest(at.id), tx.findings.going(at.id)
        task = next((one for one in tx.tasks.list(at.row.workspace, name=CHECK) if one.key == at.id), None)
        running = task is not None and task.state != "dead"
        looked_at = sum(going.counts.get(kind, 0) for kind in (CANDIDATES, JOBS)) if going is not None else 0
        return Report(
            connection=name,
            ready=at.row.crawled,
            counts=done.counts if done is not None else {},
            custom=done.custom if done is not None else {},
            ended=done.ended if done is not None else None,
            going=running,
            looked_at=looked_at,
            of=sum(roots(tx, at.id, kind) for kind in (Kind.JOB, Kind.CANDIDATE)) if running else 0,
            error=task.error if task is not None and task.state == "dead" else "",
        )

    async def listed(
        self, name: str, finding: Finding, after: str = "", limit: int = 50
    ) -> tuple[list[str], list[Record]]:
        """Whom or what the last check found, by id, behind `after`: (all ids, the records of those that are there
        still). NotFoundError where there was no check."""
        return await self._desk.store.read(lambda tx: self.listed_in(tx, name, finding, after, limit))

    def listed_in(self, tx: Tx, name: str, finding: Finding, after: str, limit: int) -> tuple[list[str], list[Record]]:
        at = self._desk.connections.named(name)
        done = tx.findings.newest(at.id)
        if done is None:
            raise NotFoundError(f"The data of {name} have not been checked.", hint=f"bascule check-data {name}")
        ids = tx.findings.page(done, finding, after, limit)
        records = tx.families.records(at.row.workspace, ids)
        return ids, [records[id] for id in ids if id in records and records[id].state is RecordState.LIVE]

    # ------------------------------------------------------------------------------------------------------ the check

    async def run(self, task: TaskLease) -> None:
        """The task `check data`: all jobs, then everybody page by page. It goes on where it was after a restart."""
        at = self._desk.connections.known(task.key)
        if at is None:
            return
        check = await self._desk.store.read(lambda tx: tx.findings.going(at.id))
        if check is None or not check.place[0]:
            check = await self._jobs(task, at, check)
        while check.ended is None:
            check = await self._people(task, at, check)

    async def _jobs(self, task: TaskLease, at: Connected, check: Check | None) -> Check:
        """The first part: every job."""
        begun = check or Check(self._desk.id(), at.row.workspace, at.id, self._desk.now())
        tally, ways = _Tally.new(), dict[str, dict[str, list[Record]]]()
        async for job in jobs_of(self._desk, at, task):
            self._job(job, tally)
            title = str(job.fields.get("title") or "")
            ways.setdefault(tidy(title).casefold(), {}).setdefault(title, []).append(job)
        for written in ways.values():
            if len(written) > 1:
                tally.counts[SPELT] += 1
                for jobs in written.values():
                    for job in jobs:
                        tally.find(Finding.SPELLINGS, job)

        def unit(tx: Tx) -> Check:
            tx.tasks.renew(task, until=self._desk.now() + HOLD)
            if check is None:
                tx.findings.begin(begun)
            return self._keep(tx, begun, tally, (Kind.CANDIDATE, ""))

        return await self._desk.store.write(unit)

    async def _people(self, task: TaskLease, at: Connected, check: Check) -> Check:
        """One page of everybody; behind the last one, what is asked of people, and the end."""

        def look(tx: Tx) -> tuple[str | None, _Tally]:
            tally = _Tally.new()
            page = families_after(tx, at.id, Kind.CANDIDATE, check.place[1], PAGE)
            for family in tx.families.families({family for _, family in page}).values():
                if family.records:
                    self._candidate(tx, family, at, tally)
            if not page:
                self._asked(tx, at, tally)
            return page[-1][0] if page else None, tally

        last, tally = await self._desk.store.read(look)

        def unit(tx: Tx) -> Check:
            tx.tasks.renew(task, until=self._desk.now() + HOLD)
            kept = self._keep(tx, check, tally, (Kind.CANDIDATE, last or ""))
            if last is None:
                kept = replace(kept, ended=self._desk.now())
                tx.findings.end(kept)
            tx.after_commit(lambda: self._desk.reconcile.watchers.tell("connection", at.id))
            return kept

        return await self._desk.store.write(unit)

    @staticmethod
    def _keep(tx: Tx, check: Check, tally: _Tally, place: tuple[str, str]) -> Check:
        room = {finding: KEPT - check.counts.get(finding, 0) for finding, _ in tally.found}
        found: list[tuple[str, str]] = []
        for finding, record in tally.found:
            if room[finding] > 0:
                room[finding] -= 1
                found.append((finding, record))
        counts, custom = Counter(check.counts) + tally.counts, Counter(check.custom) + tally.custom
        kept = replace(check, place=place, counts=dict(counts), custom=dict(custom))
        tx.findings.add(kept, found)
        tx.findings.set(kept)
        return kept

    def _candidate(self, tx: Tx, family: Family, at: Connected, tally: _Tally) -> None:
        root = family.root
        tally.counts[CANDIDATES] += 1
        mine = [link for link in family.links.values() if link.connection == at.id and link.record == root.id]
        tally.find(Finding.TWICE, root, sum(link.state is LinkState.LIVE for link in mine) > 1)
        for name, finding in MISSING.items():
            tally.find(finding, root, not root.fields.get(name))
        _count_custom(root, tally)
        for record in family.records.values():
            if record.state is RecordState.LIVE and record.kind is Kind.APPLICATION:
                _count_custom(record, tally)
        tally.find(Finding.UNDATED, root, contacted(family) is None)
        tally.find(Finding.STALE, root, bool(stale(family, self._desk.now(), bounced=bounced(tx, family))))

    def _job(self, job: Record, tally: _Tally) -> None:
        tally.counts[JOBS] += 1
        _count_custom(job, tally)
        title = str(job.fields.get("title") or "")
        tally.find(Finding.TITLES, job, tidy(title) not in (title, job.fields.get("normal_title")))
        tally.find(Finding.ARCHIVED, job, archived(job))
        tally.find(Finding.CLOSED, job, closed_long(job, self._desk.now()) and not archived(job))
        undated = job.fields.get("status") == "closed" and moment(job.fields.get("closed_at")) is None
        tally.find(Finding.CLOSED_UNDATED, job, undated)

    def _asked(self, tx: Tx, at: Connected, tally: _Tally) -> None:
        before = END
        while page := tx.pages.asked(self._desk.workspace, ReviewKind.MERGE, before=before, limit=PAGE):
            before = page[-1].id
            homes = {one.id: tx.families.record_family(one.record) for one in page if one.record}
            families = tx.families.families({home for home in homes.values() if home is not None})
            for one in page:
                family = families.get(homes.get(one.id) or "")
                there = family is not None and any(link.connection == at.id for link in family.links.values())
                if there and named(one):
                    tally.counts[DUPLICATES] += 1
                    tally.counts[CERTAIN] += one.detail.get("certain") is True
        tally.counts[GAPS] += len(tx.gaps.list(self._desk.workspace, connection=at.id))


async def jobs_of(desk: Desk, at: Connected, task: TaskLease | None = None) -> AsyncIterator[Record]:
    """Every job of a connection, page by page; a task is held on to."""
    after = ""
    while page := await desk.store.read(lambda tx, a=after: families_after(tx, at.id, Kind.JOB, a, PAGE)):
        after, ids = page[-1][0], {family for _, family in page}
        families = await desk.store.read(lambda tx, ids=ids: tx.families.families(ids))
        if task is not None:
            await desk.store.write(lambda tx: tx.tasks.renew(task, until=desk.now() + HOLD))
        for family in families.values():
            if family.records:
                yield family.root


def archived(job: Record) -> bool:
    """Whether a requisition is out of the way: marked so, closed, and not opened since."""
    source = job.sources.get("archived")
    if job.fields.get("archived") is not True or job.fields.get("status") != "closed" or source is None:
        return False
    closed = moment(job.fields.get("closed_at"))
    return closed is None or closed <= source.at


def closed_long(job: Record, now: datetime) -> bool:
    """Whether it has been closed for over 90 days."""
    closed = moment(job.fields.get("closed_at")) if job.fields.get("status") == "closed" else None
    return closed is not None and closed < now - CLOSED


def _count_custom(record: Record, tally: _Tally) -> None:
    custom = record.fields.get("custom")
    for name, value in custom.items() if isinstance(custom, Mapping) else ():
        tally.custom[f"{record.kind}.{name}"] += value not in (None, "", ())
