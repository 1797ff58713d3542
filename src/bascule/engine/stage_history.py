"""The way of applications before Bascule met them, as their systems' own histories of stages tell it.

It becomes passages, which figures are counted from, and nothing else: no record, no history, no trigger knows of it.
Asked for once an application, after everything has been read, with what the rate leaves over; where a list shows it
anyway, it is taken from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bascule.connectors.spec import Moved, Reads, StageHistory
from bascule.core.outcomes import first_stages
from bascule.core.stage_history import Met, Move, joined
from bascule.errors import AbsentError, MalformedError, PermissionMissingError, RejectedError
from bascule.model import Family, Json, Kind, Record, StageType, Status, Value
from bascule.store import Tx
from bascule.store.budgets import Work
from bascule.store.figures import Untold
from bascule.store.listing import time_of
from bascule.store.tasks import TaskLease

from .connections import Connected, Connections
from .rates import Rates
from .runtime import Runtime

STAGE_HISTORY = "stage history"  # the task, and its cursor
PAGE = 100  # applications that are looked at in one turn
SOON = 60.0  # seconds until it is looked again whether everything has been read
EVERY = 3600.0  # ... until those are asked for who were met meanwhile
REFUSED = 86_400.0  # ... until a right that was missing is tried again


@dataclass(frozen=True, slots=True)
class State:
    """How far a connection's history has been read. `after`, `top`: of the numbers of passages, which are done and up
    to which they are being done; `next`: up to which the next time. `done`: it was read to the end once; `failed`: of
    so many applications the system could not show it."""

    after: int = 0
    top: int = 0
    next: int = 0
    done: bool = False
    refused: bool = False
    failed: int = 0

    @classmethod
    def kept(cls, value: Value) -> State:
        return cls(**value) if isinstance(value, Mapping) else cls()  # type: ignore[arg-type]


def tells(at: Connected) -> StageHistory | None:
    """How this account tells it, if it does."""
    told = at.connector.stage_history
    return told.told_by(at.tenant) if told is not None else None


class StageHistories:
    """The handler of the task "stage history". `days`: how long ago an application may have been made; 0: none is asked
    for."""

    def __init__(self, runtime: Runtime, connections: Connections, rates: Rates, *, days: int, hold: timedelta) -> None:
        self._runtime = runtime
        self._connections = connections
        self._rates = rates
        self._days = days
        self._hold = hold

    def of(self, at: Connected) -> StageHistory | None:
        """How this connection's system tells it, where it is asked for."""
        return tells(at) if self._days else None

    @property
    def since(self) -> datetime:
        """Applications made before that are left alone."""
        return self._runtime.now() - timedelta(days=self._days)

    def again(self, tx: Tx, at: Connected, now: datetime) -> None:
        """Everything is read anew: so is the history of those of whom none is known."""
        if self.of(at) is not None:
            tx.connections.drop_cursor(at.id, STAGE_HISTORY)
            tx.tasks.put(at.row.workspace, STAGE_HISTORY, at.id, due=now)

    # ------------------------------------------------------------------------------------------------------ taking it

    async def take(self, at: Connected, reads: Reads, items: Sequence[Json]) -> None:
        """What a page of a list shows of it besides."""
        told = self.of(at)
        if told is None or reads.title not in told.shown_by:
            return
        moves = _by_application(told, items, at)

        def unit(tx: Tx) -> None:
            if self._keep(tx, at, told, moves):  # figures are counted anew
                state = State.kept(tx.connections.cursor(at.id, STAGE_HISTORY))
                tx.connections.set_cursor(at.id, STAGE_HISTORY, asdict(state), now=self._runtime.now())

        if moves:
            await self._connections.store.write(unit)

    async def run(self, task: TaskLease) -> float | None:
        """Ask for the history of applications that were met in the middle of their way, in the order they were met."""
        at = await self._connections.find(task.key)
        told = self.of(at) if at is not None else None
        if at is None:
            return None
        if told is None or told.reads is None:  # discovering may show that it tells it after all
            return EVERY
        if not at.row.crawled or not self._connections.working(at, self._runtime.now()):
            return SOON
        since = self.since
        state, rows, wanted = await self._connections.store.read(lambda tx: self._due(tx, at, since))
        if not rows:
            return await self._turn(task, at, state)
        reads = told.reads
        step = reads.at_once(Kind.APPLICATION)
        for start in range(0, len(wanted), step):
            some = wanted[start : start + step]
            purse, wait = await self._rates.ask(at.id, at.classes, Work.BACKFILL, reads.budget)
            if purse is None:
                return wait
            try:
                moves = await self._ask(at.paid_from(purse), told, reads, some)
            except PermissionMissingError as error:
                return await self._refused(task, at, state, error)
            finally:
                self._rates.close(purse)
            failed = state.failed + (len(some) if moves is None else 0)
            state = replace(state, after=some[-1].id, refused=False, failed=failed)
            await self._store(task, at, told, moves or {}, state)
        await self._store(task, at, told, {}, replace(state, after=rows[-1].id))
        return 0.0

    def _due(self, tx: Tx, at: Connected, since: datetime) -> tuple[State, list[Untold], list[Untold]]:
        """The next applications, and those of them whose way did not begin where they were met."""
        newest = tx.figures.newest_passage()
        state = State.kept(tx.connections.cursor(at.id, STAGE_HISTORY))
        state = state if state.top else replace(state, top=newest, next=newest)
        rows = tx.figures.untold(at.row.workspace, at.id, since=since, after=state.after, top=state.top, limit=PAGE)
        jobs = {one.job for one in rows if one.job}
        ladders: defaultdict[str, list[Record]] = defaultdict(list)
        for stage in tx.families.records(at.row.workspace, tx.families.stages(jobs)).values():
            ladders[stage.parent or ""].append(stage)
        first = {id for ladder in ladders.values() for id in first_stages(ladder)}
        return state, rows, [one for one in rows if one.ended or one.stage not in first]

    async def _ask(
        self, at: Connected, told: StageHistory, reads: Reads, some: Sequence[Untold]
    ) -> dict[str, list[Moved]] | None:
        """What the system tells of these; None where it could not, which is no reason to ask for nobody else."""
        items: list[Json] = []
        try:
            async for page in at.client.list(reads, by=Kind.APPLICATION, ids=[one.external for one in some]):
                items += page
        except AbsentError:
            return {}
        except (MalformedError, RejectedError):
            return None
        return _by_application(told, items, at)

    # ----------------------------------------------------------------------------------------------------- keeping it

    async def _turn(self, task: TaskLease, at: Connected, state: State) -> float:
        """It is read up to here: whoever was met meanwhile is next, once all of them are surely to be seen."""

        def unit(tx: Tx) -> float:
            now = replace(state, after=state.top, top=state.next, next=tx.figures.newest_passage(), done=True)
            if now != state:
                self._move(tx, task, at, now)
            return 0.0 if now.top > now.after else EVERY

        return await self._connections.store.write(unit)

    async def _store(
        self, task: TaskLease, at: Connected, told: StageHistory, moves: Mapping[str, Sequence[Moved]], state: State
    ) -> None:
        def unit(tx: Tx) -> None:
            self._keep(tx, at, told, moves)
            self._move(tx, task, at, state)

        await self._connections.store.write(unit)

    async def _refused(self, task: TaskLease, at: Connected, state: State, error: PermissionMissingError) -> float:
        def unit(tx: Tx) -> None:
            self._move(tx, task, at, replace(state, refused=True))
            self._connections.note_error(tx, at, error, self._runtime.now())

        await self._connections.store.write(unit)
        return REFUSED

    def _move(self, tx: Tx, task: TaskLease, at: Connected, state: State) -> None:
        now = self._runtime.now()
        tx.tasks.renew(task, until=now + self._hold)
        tx.connections.set_cursor(at.id, STAGE_HISTORY, asdict(state), now=now)

    def _keep(self, tx: Tx, at: Connected, told: StageHistory, moves: Mapping[str, Sequence[Moved]]) -> int:
        """Join it with what is known, in the commit that reads that; of how many applications something was new."""
        workspace = at.row.workspace
        rows = tx.figures.untold_of(workspace, at.id, moves, since=self.since)
        if not rows:
            return 0
        stages = _Stages(tx, at, told, rows, moves)
        ended = tx.families.families({one.family for one in rows if one.ended})
        kept = 0
        for one in rows:
            way = [
                Move(step.at or one.made, stage, step.ended, step.left)
                for step in moves[one.external]
                if (stage := stages.of(one, step)) or not step.left
            ]
            closed = _closed(ended.get(one.family), one)
            found = joined(way, Met(one.stage, one.ended, closed, one.moved, one.next))
            if found and found[-1].ended == Status.HIRED and found[-1].until is None and stages.hires(found[-1].stage):
                found[-1] = replace(found[-1], until=found[-1].entered)
            stays = [(stages.job(stay.stage), stay.stage, stay.entered, stay.until, stay.ended) for stay in found]
            kept += bool(stays) and tx.figures.tell(one, stays)
        return kept


class _Stages:
    """The stages here that a history names."""

    def __init__(
        self, tx: Tx, at: Connected, told: StageHistory, rows: Iterable[Untold], moves: Mapping[str, Sequence[Moved]]
    ) -> None:
        jobs = {one.job for one in rows if one.job} if told.of_job else set[str]()
        external = tx.families.refs(at.row.workspace, [at.id], jobs).external
        self._jobs = {job: external.get((at.id, job), "") for job in jobs}
        self._of_job = told.of_job
        named = {(Kind.STAGE, self._name(one, step)) for one in rows for step in moves[one.external] if step.stage}
        self._known = {name: found.record for (_, name), found in tx.families.resolve(at.id, named).items()}
        self._records = tx.families.records(at.row.workspace, set(self._known.values()))

    def of(self, one: Untold, step: Moved) -> str:
        """Empty for one that is unknown here, or that is an outcome: it ends the stay before."""
        return self._known.get(self._name(one, step), "") if step.stage else ""

    def job(self, stage: str) -> str | None:
        """Whose stage it is: an application may have been moved to another job."""
        return self._records[stage].parent if stage in self._records else None

    def hires(self, stage: str) -> bool:
        """Whether whoever comes there is hired."""
        return stage in self._records and self._records[stage].fields.get("type") == StageType.HIRED

    def _name(self, one: Untold, step: Moved) -> str:
        return f"{self._jobs.get(one.job or '', '')}/{step.stage}" if self._of_job else step.stage


def _by_application(told: StageHistory, items: Iterable[Json], at: Connected) -> dict[str, list[Moved]]:
    found: defaultdict[str, list[Moved]] = defaultdict(list)
    for item in items:
        for step in told.moves(item, at.tenant):
            found[step.application].append(step)
    return dict(found)


def _closed(family: Family | None, one: Untold) -> datetime | None:
    """When an application ended, as its system dates it; None where it does not."""
    application = family.records.get(one.application) if family is not None else None
    if family is None or application is None:
        return None
    if one.ended == Status.HIRED:
        hires = [record for record in family.records.values() if record.kind is Kind.HIRE]
        mine = [record for record in hires if record.fields.get("application") == one.application]
        return next((at for record in mine if (at := time_of(record.fields.get("hired_at"))) is not None), None)
    return time_of(application.fields.get("rejected_at"))
