"""What of a connected system's data will cost work, before anybody relies on it; and how much set-up it asks for.

Counted is what Bascule has read: read everything first. What is found can be applied here in bulk, after a look, and be
taken back: titles go into a field of their own, requisitions are marked as archived. No system is written to for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bascule.core.reviews import named
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import ConflictError, ForbiddenError, NotFoundError
from bascule.match.tidy import tidy
from bascule.model import Actor, ActorKind, Edit, Family, Kind, LinkState, Record, RecordState, ReviewKind, Value
from bascule.store import Tx
from bascule.store.queries import END

from .desk import Desk

CLOSED = timedelta(days=90)
STALE = timedelta(days=730)
PAGE, NAMED = 200, 20
MINUTES: Mapping[str, float] = {"duplicate": 1.0, "gap": 5.0, "title": 0.2, "requisition": 0.2, "field": 3.0}
"""Assumed minutes of a person's time for one of each: an assumption, printed with what follows from it."""


@dataclass
class Report:
    """What was found. Lists name at most `NAMED` of what is counted, by id."""

    connection: str
    candidates: int = 0
    jobs: int = 0
    duplicates: int = 0  # open questions whether two are one
    certain: int = 0  # of them, hardly in doubt
    twice: int = 0  # people with two open objects there
    missing: Counter[str] = field(default_factory=Counter[str])  # field -> candidates without
    stale: int = 0  # candidates of whom nothing is newer than STALE
    undated: int = 0  # of whom nothing is dated
    titles: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])  # job, title, normalised
    untidy: int = 0
    spellings: int = 0  # normalised titles that are written in more than one way
    closed: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])  # job, title, since
    long_closed: int = 0
    closed_undated: int = 0
    custom: Counter[str] = field(default_factory=Counter[str])  # kind.field -> records that have a value
    gaps: int = 0

    @property
    def minutes(self) -> Mapping[str, float]:
        """A person's minutes, by what they go into."""
        return {
            "answering duplicates": MINUTES["duplicate"] * (self.duplicates - self.certain),
            "deciding mapping gaps": MINUTES["gap"] * self.gaps,
            "looking over titles": MINUTES["title"] * self.untidy,
            "looking over closed requisitions": MINUTES["requisition"] * self.long_closed,
            "choosing custom fields": MINUTES["field"] * len(self.custom),
        }

    @property
    def hours(self) -> float:
        return round(sum(self.minutes.values()) / 60, 1)


class Remedy(StrEnum):
    """What can be applied in bulk."""

    TITLES = "titles"  # the normalised title into a field of its own
    ARCHIVE = "archive"  # requisitions closed over 90 days are marked as archived: found still, and out of the way


FIELD = {Remedy.TITLES: "normal_title", Remedy.ARCHIVE: "archived"}


@dataclass(frozen=True, slots=True)
class Change:
    """What a remedy would do to one job."""

    family: str
    job: str
    title: str
    value: Value


class DataChecks:
    """`app.data_checks`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def check(self, name: str) -> Report:
        """Look through everything that was read of a connection. ConflictError before it was read whole."""
        at = self._desk.connections.named(name)
        if not at.row.crawled:
            raise ConflictError(
                f"{name} has not been read whole yet: the counts would say nothing.", hint=f"bascule backfill {name}"
            )
        report, ways = Report(name), Counter[tuple[str, str]]()
        for kind in (Kind.CANDIDATE, Kind.JOB):
            after: str | None = ""
            while after is not None:
                after = await self._desk.store.read(
                    lambda tx, k=kind, a=after: self._page(tx, at, k, a or "", report, ways)
                )
        spelt = Counter(tidied for tidied, _ in ways)
        report.spellings = sum(many > 1 for many in spelt.values())
        await self._desk.store.read(lambda tx: self._asked(tx, at, report))
        return report

    async def preview(self, name: str, remedy: Remedy) -> list[Change]:
        """What would be changed. Nothing is."""
        at = self._desk.connections.named(name)
        return [one async for job in self._jobs(at) if (one := self._change(job, remedy)) is not None]

    async def apply(self, name: str, remedy: Remedy, actor: Actor) -> tuple[str, int]:
        """Apply a remedy to what it finds now: (the batch by which it is undone, how many jobs)."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person applies what was found.")
        batch, changes = self._desk.id(), await self.preview(name, remedy)
        for one in changes:
            await self._set(one.family, one.job, FIELD[remedy], one.value, actor, batch)
        await self._note(name, "data remedy applied", actor, batch, remedy, len(changes))
        return batch, len(changes)

    async def undo(self, name: str, batch: str, actor: Actor) -> int:
        """Empty what a batch has set, where nobody has changed it since; how many jobs."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person takes back what was applied.")
        undone = 0
        async for job in self._jobs(self._desk.connections.named(name)):
            for field_name in FIELD.values():
                source = job.sources.get(field_name)
                if source is not None and source.cause == batch and job.fields.get(field_name) is not None:
                    await self._set(job.family, job.id, field_name, None, actor, self._desk.id())
                    undone += 1
        if not undone:
            raise NotFoundError(f"Nothing of batch {batch} stands any more.", hint="It may have been undone already.")
        await self._note(name, "data remedy undone", actor, batch, None, undone)
        return undone

    async def _jobs(self, at: Connected) -> AsyncIterator[Record]:
        after = ""
        while page := await self._desk.store.read(lambda tx, a=after: families_after(tx, at.id, Kind.JOB, a, PAGE)):
            after, ids = page[-1][0], {family for _, family in page}
            families = await self._desk.store.read(lambda tx, ids=ids: tx.families.families(ids))
            for family in families.values():
                if family.records:
                    yield family.root

    def _change(self, job: Record, remedy: Remedy) -> Change | None:
        title = str(job.fields.get("title") or "")
        value: Value = tidy(title) if remedy is Remedy.TITLES else True
        wanted = tidy(title) != title if remedy is Remedy.TITLES else self._closed_long(job)
        if not title or not wanted or job.fields.get(FIELD[remedy]) == value:
            return None
        return Change(job.family, job.id, title, value)

    def _closed_long(self, job: Record) -> bool:
        closed = _time(job.fields.get("closed_at")) if job.fields.get("status") == "closed" else None
        return closed is not None and closed < self._desk.now() - CLOSED

    async def _set(self, family: str, job: str, name: str, value: Value, actor: Actor, cause: str) -> None:
        await self._desk.reconcile.edit(family, [Edit(self._desk.id(), job, {name: value}, actor, cause)])

    async def _note(self, name: str, action: str, actor: Actor, batch: str, remedy: Remedy | None, jobs: int) -> None:
        at = self._desk.connections.named(name)
        detail = {"batch": batch, "remedy": str(remedy or ""), "jobs": jobs}
        await self._desk.note(actor, action, connection=at.id, detail=detail)

    def _page(
        self, tx: Tx, at: Connected, kind: Kind, after: str, report: Report, ways: Counter[tuple[str, str]]
    ) -> str | None:
        page = families_after(tx, at.id, kind, after, PAGE)
        for family in tx.families.families({family for _, family in page}).values():
            if family.records and kind is Kind.CANDIDATE:
                self._candidate(family, at, report)
            elif family.records:
                self._job(family.root, report, ways)
        return page[-1][0] if page else None

    def _candidate(self, family: Family, at: Connected, report: Report) -> None:
        root = family.root
        report.candidates += 1
        mine = [link for link in family.links.values() if link.connection == at.id and link.record == root.id]
        report.twice += sum(link.state is LinkState.LIVE for link in mine) > 1
        for name in ("first_name", "last_name", "emails", "phones"):
            report.missing[name] += not root.fields.get(name)
        _count_custom(root, report)
        dated: list[datetime] = []
        for record in family.records.values():
            if record.state is RecordState.LIVE and record.kind is Kind.APPLICATION:
                _count_custom(record, report)
            for name in ("created_at", "applied_at", "rejected_at"):
                dated += filter(None, [_time(record.fields.get(name))])
        report.undated += not dated
        report.stale += bool(dated) and max(dated) < self._desk.now() - STALE

    def _job(self, job: Record, report: Report, ways: Counter[tuple[str, str]]) -> None:
        report.jobs += 1
        _count_custom(job, report)
        title = str(job.fields.get("title") or "")
        better = tidy(title)
        ways[better.casefold(), title] += 1
        if title and better != title:
            report.untidy += 1
            if len(report.titles) < NAMED:
                report.titles.append((job.id, title, better))
        if job.fields.get("status") == "closed":
            closed = _time(job.fields.get("closed_at"))
            report.closed_undated += closed is None
            if closed is not None and closed < self._desk.now() - CLOSED:
                report.long_closed += 1
                if len(report.closed) < NAMED:
                    report.closed.append((job.id, title, closed.date().isoformat()))

    def _asked(self, tx: Tx, at: Connected, report: Report) -> None:
        before = END
        while page := tx.pages.reviews(self._desk.workspace, kind=ReviewKind.MERGE, before=before, limit=PAGE):
            before = page[-1].review.id
            families = tx.families.families({one.family for one in page})
            for one in page:
                family = families.get(one.family)
                there = family is not None and any(link.connection == at.id for link in family.links.values())
                if there and named(one.review):
                    report.duplicates += 1
                    report.certain += one.review.detail.get("certain") is True
        report.gaps = len(tx.gaps.list(self._desk.workspace, connection=at.id))


def _count_custom(record: Record, report: Report) -> None:
    custom = record.fields.get("custom")
    for name, value in custom.items() if isinstance(custom, Mapping) else ():
        report.custom[f"{record.kind}.{name}"] += value not in (None, "", ())


def _time(value: Value) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
