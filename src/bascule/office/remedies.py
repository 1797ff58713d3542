"""What a data check found, applied in bulk here, after a look, with a way back. No system is written to for it, except
where the owner has mapped such a field out.

Titles go into a field of their own; requisitions are marked as archived. Duplicates: `merges`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bascule.engine.connections import Connected
from bascule.errors import ForbiddenError, NotFoundError
from bascule.match.tidy import tidy
from bascule.model import Actor, ActorKind, Edit, Record, Value
from bascule.store import Tx

from .datacheck import DataChecks, Finding, archived, closed_long, jobs_of
from .desk import Desk

APPLIED, UNDONE = "data remedy applied", "data remedy undone"
LINES = 200  # of the audit that are looked at for batches


class Remedy(StrEnum):
    """What can be applied in bulk."""

    TITLES = "titles"  # the normalised title into a field of its own
    ARCHIVE = "archive"  # requisitions closed over 90 days are marked as archived: found still, and out of the way


FIELD = {Remedy.TITLES: "normal_title", Remedy.ARCHIVE: "archived"}
MENDS = {Finding.TITLES: Remedy.TITLES, Finding.CLOSED: Remedy.ARCHIVE}
"""Which finding each remedy is for."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a remedy would do to one job."""

    family: str
    job: str
    title: str
    value: Value
    before: Value = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A remedy that somebody has applied to so many jobs, and nobody has taken back."""

    id: str
    at: datetime
    actor: str
    remedy: Remedy
    jobs: int


class Remedies:
    """`app.remedies`."""

    def __init__(self, desk: Desk, checks: DataChecks) -> None:
        self._desk = desk
        self._checks = checks

    async def preview(self, name: str, remedy: Remedy) -> list[Change]:
        """What would be changed. Nothing is."""
        at = self._desk.connections.named(name)
        return [one async for job in jobs_of(self._desk, at) if (one := self.change(job, remedy)) is not None]

    def change(self, job: Record, remedy: Remedy) -> Change | None:
        """What it would do to a job; None where that is so already, or the job is not one of those."""
        title, before = str(job.fields.get("title") or ""), job.fields.get(FIELD[remedy])
        if remedy is Remedy.ARCHIVE:
            wanted = closed_long(job, self._desk.now()) and not archived(job)
            return Change(job.family, job.id, title, True, before) if wanted else None
        value = tidy(title)
        return Change(job.family, job.id, title, value, before) if value not in (title, before) else None

    async def apply(self, name: str, remedy: Remedy, actor: Actor) -> tuple[str, int]:
        """Apply a remedy to what it finds now: (the batch by which it is undone, how many jobs)."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person applies what was found.")
        at, batch = self._desk.connections.named(name), self._desk.id()
        changes = await self.preview(name, remedy)
        if not changes:
            return batch, 0
        detail = {"batch": batch, "remedy": str(remedy), "jobs": len(changes)}
        await self._desk.note(actor, APPLIED, connection=at.id, detail=detail)
        for one in changes:
            values = (None, one.value) if one.before == one.value else (one.value,)
            await self._set(one.family, one.job, FIELD[remedy], values, actor, batch)
        await self._again(at)
        return batch, len(changes)

    async def undo(self, name: str, batch: str, actor: Actor) -> int:
        """Empty what a batch has set, where nobody has changed it since; how many jobs."""
        if actor.kind is not ActorKind.PERSON:
            raise ForbiddenError("Only a person takes back what was applied.")
        at, undone = self._desk.connections.named(name), 0
        async for job in jobs_of(self._desk, at):
            for field in FIELD.values():
                source = job.sources.get(field)
                if source is not None and source.cause == batch and job.fields.get(field) is not None:
                    await self._set(job.family, job.id, field, (None,), actor, self._desk.id())
                    undone += 1
        if not undone:
            raise NotFoundError(f"Nothing of batch {batch} stands any more.", hint="It may have been undone already.")
        await self._desk.note(actor, UNDONE, connection=at.id, detail={"batch": batch, "jobs": undone})
        await self._again(at)
        return undone

    async def batches(self, name: str) -> list[Batch]:
        """The newest ones that nobody has taken back."""
        return await self._desk.store.read(lambda tx: self.batches_in(tx, name))

    def batches_in(self, tx: Tx, name: str) -> list[Batch]:
        at, workspace = self._desk.connections.named(name), self._desk.workspace
        undone = {str(line.detail.get("batch")) for line in tx.audit.of_action(workspace, UNDONE, limit=LINES)}
        return [
            Batch(
                str(line.detail["batch"]), line.at, line.actor_id, Remedy(str(line.detail["remedy"])),
                int(str(line.detail["jobs"])),
            )
            for line in tx.audit.of_action(workspace, APPLIED, limit=LINES)
            if line.connection == at.id and line.detail.get("batch") not in undone
        ]  # fmt: skip

    async def _set(self, family: str, job: str, field: str, values: Sequence[Value], actor: Actor, cause: str) -> None:
        edits = [Edit(self._desk.id(), job, {field: value}, actor, cause) for value in values]
        await self._desk.reconcile.edit(family, edits)

    async def _again(self, at: Connected) -> None:
        """What was counted is counted anew."""

        def unit(tx: Tx) -> None:
            if tx.findings.newest(at.id) is not None:
                self._checks.again_in(tx, at)

        await self._desk.store.write(unit)
        self._desk.wake()
