"""Push and pull: what would come by itself is done now, for one record, a job, or a whole connection.

Nothing new happens here: a pull marks objects wanted, a push derives what is owed and makes it due. Both go the usual
way, through the same gates, and need no webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bascule.core.plan import create_at, push
from bascule.engine.connections import Connected
from bascule.engine.drift import drifted
from bascule.errors import BasculeError, ForbiddenError, NotFoundError
from bascule.model import Actor, Family, Kind
from bascule.store import Tx
from bascule.store.lanes import Hint, Priority

from .desk import Desk

DISCOVER = "discover"  # the task that looks how the account is configured
FEW = 50  # up to so many objects are read before the sweeps; more take their turn with them


@dataclass(frozen=True, slots=True)
class Asked:
    """What a push or pull has set going: how many objects or families, at which connections (by name)."""

    count: int
    connections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What of it is still on its way, and what waits for somebody. `drifts`: of a whole connection, what has changed in
    the system's own configuration and is not dealt with yet."""

    reads: int
    writes: int
    held: int
    failures: int
    drifts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What was named: some families, or a whole connection."""

    families: tuple[str, ...]
    at: tuple[Connected, ...]
    whole: bool = False


class Runs:
    """`app.runs`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def pull(self, target: str, actor: Actor, *, connection: str = "") -> Asked:
        """Read it now: a record with its family, a job with its applicants, or every list of a connection and how its
        account is configured."""
        meant = await self._desk.store.read(lambda tx: self._meant(tx, target, connection))
        now = self._desk.now()

        def unit(tx: Tx) -> int:
            if meant.whole:
                return sum(self._lists(tx, at) for at in meant.at)
            roots = self._roots(tx, meant)
            priority = Priority.LIVE if len(roots) <= FEW else Priority.SWEEP
            tx.reads.wanted([Hint(id, kind, external, priority=priority) for id, kind, external in roots], now=now)
            return len(roots)

        count = await self._desk.store.write(unit)
        return await self._begun("pull", target, actor, meant, count)

    async def push(
        self, target: str, actor: Actor, *, connection: str = "", differences: bool = False, create: bool = False
    ) -> Asked:
        """Write what is owed now. `differences`: also over what was settled as it is; `create`: also where it is not
        there yet. Both only for a record or a job: of a whole connection they would be a mass change."""
        meant = await self._desk.store.read(lambda tx: self._meant(tx, target, connection))
        for at in meant.at:
            if at.row.stopped is not None:
                name = at.row.name
                raise ForbiddenError(f"{name}: {at.row.stopped.words}", hint=f"bascule connections release {name}")
        if meant.whole and (differences or create):
            raise ForbiddenError(
                "Of a whole connection only what is owed is pushed.", hint="Name a record or a job for more."
            )
        now = self._desk.now()
        for at in meant.at:
            for family in meant.families:
                await self._desk.reconcile.replan(
                    family, lambda f, c, at=at: push(f, at.id, actor, c, differences=differences)
                )
                if create:
                    await self._create(family, target, at, actor)
                await self._desk.store.write(lambda tx, at=at, f=family: tx.writes.wake(at.id, family=f, now=now))
            if meant.whole:
                await self._desk.store.write(lambda tx, at=at: tx.writes.wake(at.id, now=now))
        return await self._begun("push", target, actor, meant, len(meant.families))

    async def left(self, target: str, *, connection: str = "") -> Left:
        """How much of the target is still on its way."""

        def read(tx: Tx) -> Left:
            meant = self._meant(tx, target, connection)
            if meant.whole:
                counts = list(tx.pages.overview([at.id for at in meant.at]).values())
                reads, writes = sum(c.reads for c in counts), _added([c.writes for c in counts])
                reads += sum(self._asked(tx, at) for at in meant.at)
                failures = sum(c.failures for c in counts)
                told = tuple(text for at in meant.at for text in drifted(tx, at))
                return Left(reads, _moving(writes), writes.get("held", 0), failures, told)
            of = meant.at[0].id if connection else ""
            reads, states = tx.pages.waiting(meant.families, self._roots(tx, meant), connection=of)
            return Left(reads, _moving(states), states.get("held", 0), states.get("dead", 0))

        return await self._desk.store.read(read)

    # ------------------------------------------------------------------------------------------------------ the target

    def _meant(self, tx: Tx, target: str, connection: str) -> Target:
        """A connection by its name, else a record by its id. NotFoundError for neither; ForbiddenError where the
        connection stands still."""
        everything = self._desk.connections.all()
        if any(at.row.name == target for at in everything):
            return Target((), (self._may(self._desk.connections.named(target)),), whole=True)
        family = tx.families.record_family(target)
        if family is None:
            raise NotFoundError(
                f"{target!r} is neither a record nor a connection.",
                hint="See: bascule candidates list, bascule connections list",
            )
        at = (self._desk.connections.named(connection),) if connection else tuple(everything)
        moving = tuple(self._may(one) for one in at if connection or not one.row.paused)
        found = tx.families.family(family)
        record = found.records.get(target)
        more = tx.pages.families_of_job(target) if record is not None and record.kind is Kind.JOB else []
        return Target((family, *more), moving)

    def _may(self, at: Connected) -> Connected:
        if at.row.paused:
            name = at.row.name
            raise ForbiddenError(f"{name} is paused: {at.row.paused}", hint=f"bascule connections resume {name}")
        return at

    @staticmethod
    def _roots(tx: Tx, meant: Target) -> list[tuple[str, Kind, str]]:
        ids = {at.id for at in meant.at}
        return [one for one in tx.pages.roots_of(meant.families) if one[0] in ids]

    def _lists(self, tx: Tx, at: Connected) -> int:
        """Every list is asked now: what changed by the polls, and the whole by the sweeps; and the configuration."""
        tx.tasks.put(at.row.workspace, DISCOVER, at.id, due=self._desk.now())
        asked = 0
        for reads in at.connector.reads:
            for name, every in (("poll", reads.every), ("sweep", reads.sweep)):
                if every is not None:
                    tx.tasks.put(at.row.workspace, name, f"{at.id}|{reads.title}", due=self._desk.now())
                    asked += 1
        return asked

    def _asked(self, tx: Tx, at: Connected) -> int:
        """Lists of a connection that are due and not read yet."""
        now = self._desk.now()
        names = ("poll", "sweep", DISCOVER)
        tasks = [one for name in names for one in tx.tasks.list(at.row.workspace, name=name, limit=10_000)]
        return sum(1 for task in tasks if task.key.split("|")[0] == at.id and task.due <= now)

    async def _create(self, family: str, target: str, at: Connected, actor: Actor) -> None:
        """Have the record itself created there; one that is there already is left."""
        try:
            await self._desk.reconcile.replan(family, lambda f, c: create_at(f, _within(f, target), at.id, actor, c))
        except BasculeError:
            if await self._desk.store.read(lambda tx: self._is_there(tx, family, target, at)):
                return
            raise

    @staticmethod
    def _is_there(tx: Tx, family: str, target: str, at: Connected) -> bool:
        found = tx.families.family(family)
        return found.link_of(_within(found, target), at.id) is not None

    async def _begun(self, what: str, target: str, actor: Actor, meant: Target, count: int) -> Asked:
        names = tuple(at.row.name for at in meant.at)
        await self._desk.note(actor, what, detail={"target": target, "connections": names, "count": count})
        self._desk.wake()
        return Asked(count, names)


def _within(family: Family, target: str) -> str:
    """The record meant of a family: the named one, else (an applicant of a named job) its root."""
    return target if target in family.records else family.root.id


def _moving(states: Mapping[str, int]) -> int:
    return sum(states.get(state, 0) for state in ("due", "waiting", "sent"))


def _added(counted: list[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counted:
        for state, n in one.items():
            total[state] = total.get(state, 0) + n
    return total
