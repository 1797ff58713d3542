"""Who has waited too long for a person: open applications without a human decision, whatever their score.

A decision is a move beyond where applications begin, or a rejection or hire; it is read off the record, wherever it was
made. Each job's are told to its recruiter by e-mail and stand as one task of the owner's, until somebody decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bascule.core.outcomes import first_stages
from bascule.errors import InputError
from bascule.hiring.notices import addresses, put_letter
from bascule.hiring.rubrics import job_of
from bascule.model import Actor, Kind, Record, RecordState
from bascule.store import Tx
from bascule.store.outcomes import Place, Undecided
from bascule.store.tasks import TaskLease

from .desk import Desk

UNDECIDED = "no human decision"  # the task that looks, and the notice it makes, about a job
SETTING = "undecided"  # in how many days somebody is to decide; and, by job, when its recruiters were told last
DAYS, MOST_DAYS = 10, 365
AGAIN = timedelta(days=7)  # a recruiter is told of the same job
EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class OfJob:
    """A job with those who wait there: how many, since when the one who has waited longest, in which stages."""

    job: Record
    many: int
    oldest: datetime
    stages: Collection[str]

    @property
    def title(self) -> str:
        return str(self.job.fields.get("title") or "a job")


class UndecidedDesk:
    """`app.undecided`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # -------------------------------------------------------------------------------------------------------- reading

    def days(self, tx: Tx) -> int:
        """After how many days without a decision somebody is told; 0: never."""
        kept = tx.workspaces.setting(self._desk.workspace, SETTING)
        days = kept.get("days") if isinstance(kept, Mapping) else None
        return days if isinstance(days, int) else DAYS

    def before(self, tx: Tx) -> datetime:
        """Whoever applied until then has waited too long."""
        return self._desk.now() - timedelta(days=self.days(tx))

    def by_job(self, tx: Tx) -> list[OfJob]:
        """Jobs in which somebody has waited too long, the longest wait first; none where nobody is told, or whose
        connection was taken away: no decision there is seen any more."""
        if not self.days(tx):
            return []
        workspace = self._desk.workspace
        found = tx.outcomes.undecided_stages(workspace, self.before(tx))
        jobs = tx.families.records(workspace, {job for job, _, _, _ in found})
        families = tx.families.families({job.family for job in jobs.values()})
        there = {one.id for one in tx.connections.list(workspace)}
        told: list[OfJob] = []
        for id, job in jobs.items():
            stages = [s for s in families[job.family].children(id, Kind.STAGE) if s.state is RecordState.LIVE]
            first = {"", *first_stages(stages)}
            mine = [(many, oldest) for of, stage, many, oldest in found if of == id and stage in first]
            at = {link.connection for link in families[job.family].links.values() if link.record == id and link.open}
            if mine and job.state is RecordState.LIVE and (not at or at & there):
                told.append(OfJob(job, sum(many for many, _ in mine), min(at for _, at in mine), first))
        return sorted(told, key=lambda one: (one.oldest, one.job.id))

    def of_job(self, tx: Tx, id: str, *, after: Place | None, limit: int) -> list[Undecided]:
        """Who waits in one job, the longest wait first. NotFoundError where there is no such job."""
        job_of(tx, self._desk.workspace, id)
        found = next((one for one in self.by_job(tx) if one.job.id == id), None)
        return self.people(tx, found, after=after, limit=limit) if found is not None else []

    def people(self, tx: Tx, of: OfJob, *, after: Place | None, limit: int) -> list[Undecided]:
        """The same of a job that `by_job` has found."""
        return tx.outcomes.undecided(
            self._desk.workspace, of.job.id, of.stages, self.before(tx), after=after, limit=limit
        )

    # ------------------------------------------------------------------------------------------------------- telling

    async def set_days(self, days: int, actor: Actor) -> None:
        """After how many days somebody is told; 0 for never. InputError for what makes no sense."""
        if not 0 <= days <= MOST_DAYS:
            raise InputError(f"A decision is due within 1 to {MOST_DAYS} days, or 0 for no limit, not {days}.")

        def unit(tx: Tx) -> None:
            self._keep(tx, days, self._told(tx))
            tx.tasks.put(self._desk.workspace, UNDECIDED, "all", due=self._desk.now())

        await self._desk.store.write(unit)
        await self._desk.note(actor, "decisions due set", detail={"days": days})
        self._desk.wake()

    async def look(self, task: TaskLease) -> float:
        """The task "no human decision": each job in which somebody has waited too long is one notice while it lasts,
        and a letter to its recruiters when it begins and each week."""

        def unit(tx: Tx) -> None:
            tx.tasks.hold(task)
            now, workspace = self._desk.now(), self._desk.workspace
            waiting = {one.job.id: one for one in self.by_job(tx)}
            for notice in tx.notices.list(workspace):
                if notice.kind == UNDECIDED and notice.about not in waiting:
                    tx.notices.close(workspace, UNDECIDED, notice.about, now=now)
            told = {job: at for job, at in self._told(tx).items() if job in waiting}
            for id, one in waiting.items():
                said = self.said(tx, one)
                tx.notices.put(workspace, UNDECIDED, id, said, now=now)
                if id not in told or now >= datetime.fromisoformat(told[id]) + AGAIN:
                    told[id] = now.isoformat()
                    self._tell(tx, one, said)
            self._keep(tx, self.days(tx), told)

        await self._desk.store.write(unit)
        return EVERY

    def said(self, tx: Tx, one: OfJob) -> str:
        """It in one sentence."""
        who = "1 applicant has" if one.many == 1 else f"{one.many} applicants have"
        days, longest = self.days(tx), (self._desk.now() - one.oldest).days
        within = "1 day" if days == 1 else f"{days} days"
        return f"{who} waited for a person's decision for {within} or more in “{one.title}”, the longest for {longest}"

    def _tell(self, tx: Tx, one: OfJob, said: str) -> None:
        """The job's recruiters, by e-mail; whoever has no address is reached by the owner's task alone."""
        where = f"{self._desk.settings.address}/undecided?job={one.job.id}"
        text = (
            f"{said}.\n\nWhatever their score: nobody has moved them on or told them no. Decide in the ATS, as always; "
            f"this ends by itself then. Who they are, for colleagues with a sign-in:\n\n{where}\n"
        )
        for address in addresses(tx, self._desk.workspace, one.job.fields.get("recruiters")):
            put_letter(tx, self._desk.workspace, self._desk.id(), address, said, text, now=self._desk.now())

    def _told(self, tx: Tx) -> dict[str, str]:
        kept = tx.workspaces.setting(self._desk.workspace, SETTING)
        told = kept.get("told") if isinstance(kept, Mapping) else None
        return {str(job): str(at) for job, at in told.items()} if isinstance(told, Mapping) else {}

    def _keep(self, tx: Tx, days: int, told: Mapping[str, str]) -> None:
        kept = {"days": days, "told": dict(told)}
        if tx.workspaces.setting(self._desk.workspace, SETTING) != kept:
            tx.workspaces.set_setting(self._desk.workspace, SETTING, kept)
