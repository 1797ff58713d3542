"""For a job, everybody the workspace ever met: whose text comes nearest first, and of the nearest those who fit best.

The index answers at once. The nearest few hundred are then scored like applicants, in the background; whoever looks
sees the scores come in. Nobody is hidden by a score, and nothing is written to a system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bascule.core.rediscovery import Fact, Policy, checked, stored
from bascule.errors import NotFoundError
from bascule.hiring.fitting import FIT
from bascule.hiring.indexing import SETTING, policy_of
from bascule.hiring.pool import Pool
from bascule.hiring.rubrics import Rubrics, job_of
from bascule.match import Matcher, Rubric
from bascule.match.index import Found, Index, Unit, word_number
from bascule.match.query import Part
from bascule.match.traits import skill_mark, work_mark
from bascule.model import Actor, Kind, Record
from bascule.store import Tx
from bascule.store.fits import Figure

from .desk import Desk
from .found import Counted, Filters, Shown, Someone, allowed, among, counted, says, sized

NEAREST = 300  # who is scored: those whose texts come nearest ...
BY_NAME = 100  # ... and those who have the job's skills and titles by name, also in another language
LISTED = 1000  # how far down a list goes


@dataclass(frozen=True, slots=True)
class Rediscovered:
    """A page of people for a job. `after` is the number of the next one, None at the end. `unseen`: how many of those
    scored nobody has looked at. `reading`: how many of the nearest are still to be scored; `here`: how many are left
    out since they are on this job already; `unread`: of how many who may be considered no CV is known here;
    `fetching`: how many CVs are still to be fetched, None where nobody has chosen that they are."""

    job: str
    title: str
    rubric: int
    reason: str
    items: tuple[Someone, ...]
    total: int
    counted: Counted
    unseen: int
    reading: int
    here: int
    unread: int
    fetching: int | None
    after: int | None


class Rediscovery:
    """`app.rediscovery`."""

    def __init__(self, desk: Desk, pool: Pool, rubrics: Rubrics, matcher: Callable[[], Matcher]) -> None:
        self._desk = desk
        self._pool = pool
        self._rubrics = rubrics
        self._matcher = matcher

    async def of(self, job: str, filters: Filters | None = None, *, after: int = 0, limit: int = 25) -> Rediscovered:
        """A page of the list. NotFoundError where there is no such job."""
        desk, chosen, now = self._desk, filters or Filters(), self._desk.now()
        record = await desk.store.read(lambda tx: job_of(tx, desk.workspace, job))
        newest = await desk.store.read(lambda tx: tx.scores.rubric_version(record.id))
        rubric, version = await self._rubrics.of(record, newest)
        held = await self._pool.of(desk.workspace)
        here, applied = await desk.store.read(
            lambda tx: (self._here(tx, record.id), allowed(tx, desk.workspace, chosen))
        )
        place = await asyncio.to_thread(self._asked, chosen.place)
        count = counted(held.index, now, loaded=held.loaded, total=held.total)
        found, total, unread = await asyncio.to_thread(
            self._search, held.index, rubric, chosen, place, now, here, applied
        )
        figures = await desk.store.read(lambda tx: tx.fits.figures(record.id, version))
        ordered = _ordered(found, figures)
        wanted = [one.id for one in found[: NEAREST + BY_NAME] if not _fresh(figures, one.id)]
        if wanted and not rubric.reason:
            await self._want(record.id, wanted)
        items, at = await self._items(record.id, ordered, figures, place, after, limit)
        fetching = await desk.store.read(self._fetching)
        return Rediscovered(
            job=record.id,
            title=str(record.fields.get("title") or ""),
            rubric=version,
            reason=rubric.reason,
            items=tuple(items),
            total=total,
            counted=count,
            unseen=sum(not figures[one.id].seen for one in found if one.id in figures),
            reading=0 if rubric.reason else len(wanted),
            here=len(here),
            unread=unread,
            fetching=fetching,
            after=at if at < len(ordered) else None,
        )

    def _fetching(self, tx: Tx) -> int | None:
        workspace = self._desk.workspace
        return tx.indexed.count_unread(workspace) if policy_of(tx, workspace).read else None

    async def one(self, job: str, candidate: str) -> tuple[Someone, str]:
        """Somebody beside a job, and the job's title; with the score where there is one. NotFoundError where there is
        nobody who may be considered."""
        desk = self._desk
        record = await desk.store.read(lambda tx: job_of(tx, desk.workspace, job))
        newest = await desk.store.read(lambda tx: tx.scores.rubric_version(record.id))
        rubric, version = await self._rubrics.of(record, newest)
        vector = (await self._pool.of(desk.workspace)).index.vector(candidate)
        alike = float(vector @ (rubric.basis if rubric.basis.any() else rubric.about)) if vector is not None else 0.0
        some = [Found(candidate, alike, (), alike)]
        figures = await desk.store.read(lambda tx: tx.fits.figures(record.id, version))
        if not _fresh(figures, candidate) and not rubric.reason:
            await self._want(record.id, [candidate])
        found = await desk.store.read(lambda tx: self._shown(tx, record.id, some, figures, ()))
        if not found:
            raise NotFoundError(
                "There is nobody of that id who may be considered.", hint="See the list for who is left out and why."
            )
        return found[0], str(record.fields.get("title") or "")

    # ------------------------------------------------------------------------------------------------------- searching

    def _search(
        self, index: Index, rubric: Rubric, filters: Filters, place: Sequence[Part], now: datetime,
        here: set[str], applied: set[str] | None,
    ) -> tuple[list[Found], int, int]:  # fmt: skip
        """Those nearest, then those by name; how many pass in all; of how many of them no CV is known here."""
        mask = among(index, filters, place, now, applied)
        mask &= ~sized(index.only(here), len(mask))
        vector = rubric.basis if rubric.basis.any() else rubric.about
        near = index.search(vector, k=LISTED, among=mask).found
        known = {one.id for one in near[:NEAREST]}
        named = [one for one in index.search(None, _units(rubric), k=BY_NAME, among=mask).found if one.said]
        more = [one for one in named if one.id not in known]
        rest = {one.id for one in more}
        found = [*near[:NEAREST], *more, *(one for one in near[NEAREST:] if one.id not in rest)]
        unread = mask & ~sized(index.where(lambda facts: (facts["flags"] & int(Fact.RESUME)) > 0), len(mask))
        return found, int(mask.sum()), int(unread.sum())

    def _asked(self, text: str) -> tuple[Part, ...]:
        return self._matcher().query(text).parts if text.strip() else ()

    def _here(self, tx: Tx, job: str) -> set[str]:
        """Who is on the job already, also on what is the same job at another system."""
        views = self._desk.connections.views(self._desk.workspace).values()
        pairs = [pair for view in views for pair in view.same.items() if job in pair]
        return tx.pages.applicants({job, *(one for pair in pairs for one in pair)})

    async def _items(
        self,
        job: str,
        ordered: Sequence[Found],
        figures: Mapping[str, Figure],
        place: Sequence[Part],
        after: int,
        limit: int,
    ) -> tuple[list[Someone], int]:
        """So many people from a number on, and the number after them; who may not be considered any more is passed
        over."""
        found: list[Someone] = []
        at = after
        while len(found) < limit and at < len(ordered):
            some = ordered[at : at + limit - len(found)]
            found += await self._desk.store.read(lambda tx, some=some: self._shown(tx, job, some, figures, place))
            at += len(some)
        return found, at

    def _shown(
        self, tx: Tx, job: str, some: Sequence[Found], figures: Mapping[str, Figure], place: Sequence[Part]
    ) -> list[Someone]:
        desk = self._desk
        shown = Shown(tx, desk.workspace, desk.connections, desk.now())
        families = shown.families([one.id for one in some])
        known = shown.known(families.values())
        rows = tx.indexed.get(desk.workspace, list(families))
        bodies = tx.fits.bodies(job, [id for id in families if id in figures])
        people: list[Someone] = []
        for one in some:
            if one.id not in families or not says(rows.get(one.id), place):
                continue
            read = one.id in rows and bool(rows[one.id].flags & Fact.RESUME)
            person = shown.someone(one.id, families[one.id], known, one.similarity, read)
            figure = figures.get(one.id)
            if figure is not None:
                person = replace(
                    person, score=figure.score, fit=bodies.get(one.id, {}), fresh=figure.fresh, looked_at=figure.seen
                )
            people.append(person)
        return people

    # --------------------------------------------------------------------------------------------------------- scoring

    async def _want(self, job: str, records: Sequence[str]) -> None:
        """Have these scored, the nearest first."""
        desk = self._desk
        payload = {"records": tuple(records)}
        await desk.store.write(lambda tx: tx.tasks.put(desk.workspace, FIT, job, due=desk.now(), payload=payload))
        desk.wake()

    async def refresh(self) -> None:
        """Have who is new scored for every open job that somebody has looked for people for."""
        desk = self._desk

        def listed(tx: Tx) -> list[Record]:
            jobs = tx.families.records(desk.workspace, tx.fits.jobs(desk.workspace))
            return [one for one in jobs.values() if one.kind is Kind.JOB and one.fields.get("status") != "closed"]

        for job in await desk.store.read(listed):
            await self.of(job.id, limit=0)

    # ---------------------------------------------------------------------------------------------------------- policy

    async def policy(self) -> Policy:
        """Who may be considered again."""
        return await self._desk.store.read(lambda tx: policy_of(tx, self._desk.workspace))

    async def set_policy(self, policy: Policy, actor: Actor) -> Policy:
        """Choose it; everybody is looked at anew. InputError for what can be none."""
        desk, chosen = self._desk, checked(policy)

        def unit(tx: Tx) -> None:
            before = policy_of(tx, desk.workspace)
            if chosen == before:
                return
            tx.workspaces.set_setting(desk.workspace, SETTING, stored(chosen))
            tx.indexed.mark_all(desk.workspace)
            tx.audit.record(
                workspace=desk.workspace, at=desk.now(), action="rediscovery policy changed", actor=actor,
                detail={**stored(chosen), **{f"{name}_before": value for name, value in stored(before).items()}},
            )  # fmt: skip

        await desk.store.write(unit)
        desk.wake()
        return chosen


def _units(rubric: Rubric) -> list[Unit]:
    """What the job asks for by name, in any language: its kinds of work, and its skills."""
    units = [Unit(tuple((word_number(work_mark(code)),) for code in rubric.occupations), 2.0)]
    units += [Unit(((word_number(skill_mark(one.id)),),), one.weight) for one in rubric.skills]
    return [one for one in units if one.ways]


def _fresh(figures: Mapping[str, Figure], id: str) -> bool:
    return id in figures and figures[id].fresh


def _ordered(found: Sequence[Found], figures: Mapping[str, Figure]) -> list[Found]:
    """The best score first; then those who have none (yet), the nearest first."""

    def key(one: Found) -> tuple[float, float]:
        figure = figures.get(one.id)
        return (-1.0 if figure is None or figure.score is None else figure.score), one.similarity

    return sorted(found, key=key, reverse=True)
