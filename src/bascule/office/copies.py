"""What of one connected system is created at another: nothing, until the owner has looked at it and said so.

People who are at both are matched and stay in step without it. With it, who applies from then on at the one appears at
the other, with candidacy, notes and files; who was there before only where the owner says that too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bascule.core.plan import rearrange
from bascule.engine.connections import TAKES, Connected, taken
from bascule.engine.remap import families_after
from bascule.errors import ForbiddenError, InputError
from bascule.model import Actor, Fields, Kind, Mode, Value, WriteState
from bascule.store import Tx
from bascule.store.connections import Connection as Row
from bascule.store.tasks import TaskLease

from .desk import Desk
from .grants import Grants

COPY = "copy"  # the task that plans everybody anew
EVER = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 50
HOLD = timedelta(seconds=90)
CREATED = (Kind.CANDIDATE, Kind.APPLICATION, Kind.NOTE, Kind.ATTACHMENT)
COST: Mapping[Kind, int] = {Kind.CANDIDATE: 4, Kind.APPLICATION: 3, Kind.NOTE: 2, Kind.ATTACHMENT: 3}
"""About how many requests one of a kind takes at the system it is created at: a look whether it is there, the call, and
reading what came of it."""


@dataclass(frozen=True, slots=True)
class Way:
    """From one connection (by name) to another: since when what is made at the first is created at the second too."""

    source: str
    target: str
    since: datetime

    @property
    def all(self) -> bool:
        """Also what was there before."""
        return self.since == EVER


@dataclass
class Prospect:
    """What a copy would create now, what of it waits for a counterpart (by record, with its name), how many people are
    at both, about how many requests it takes, and what the system may do besides."""

    created: Counter[Kind] = field(default_factory=Counter[Kind])
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    people: int = 0
    matched: int = 0
    effects: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # rights that the credential must be given first

    @property
    def requests(self) -> int:
        return sum(COST[kind] * n for kind, n in self.created.items())


class Copies:
    """`app.copies`."""

    def __init__(self, desk: Desk, grants: Grants) -> None:
        self._desk = desk
        self._grants = grants

    def ways(self) -> list[Way]:
        """What is copied now."""
        known = {at.id: at for at in self._desk.connections.all() if at.row.workspace == self._desk.workspace}
        return sorted(
            (
                Way(known[origin].row.name, at.row.name, since)
                for at in known.values()
                for origin, since in taken(at.row.settings).items()
                if origin in known
            ),
            key=lambda way: (way.source, way.target),
        )

    async def preview(self, source: str, target: str, *, older: bool = False) -> Prospect:
        """What would be created at once. Nothing is changed. Without `older` that is only who applies from now on."""
        one, other = self._two(source, target)
        since = EVER if older else self._desk.now()
        row = _row(other.row, one.id, since)
        after = self._desk.connections.as_if(
            replace(row, mode=Mode.LIVE, crawled=True, live_since=row.live_since or self._desk.now())
        )
        found, place = Prospect(effects=self.effects(target), missing=self._grants.lacking(other)), ""
        while True:
            place = await self._desk.store.read(lambda tx, at=place: self._look(tx, one, after, at, found))
            if not place:
                break
        return found

    def effects(self, target: str) -> tuple[str, ...]:
        """What the system may do besides, when something is created, moved or decided there."""
        at = self._desk.connections.named(target).connector
        calls = {rule.call for kind, rule in at.creates.items() if kind in CREATED} | {"move", "decide"}
        told = (at.sends[call].hidden for call in sorted(calls & at.sends.keys()))
        return tuple(dict.fromkeys(one for one in told if one))

    def _look(self, tx: Tx, one: Connected, after: Connected, place: str, found: Prospect) -> str:
        page = families_after(tx, one.id, Kind.CANDIDATE, place, PAGE)
        names: dict[str, str] = {}
        for family in tx.families.families({family for _, family in page}).values():
            refs = self._desk.reconcile.refs(tx, [(family, after.id, ())], as_if=after)
            context = self._desk.reconcile.context(tx, family.workspace, refs, after)
            planned = rearrange(family, context).family
            found.people += 1
            found.matched += planned.link_of(planned.root.id, after.id) is not None
            for write in planned.writes.values():
                if write.link is not None or write.connection != after.id or write.closed is not None:
                    continue
                if write.id in family.writes and write.state is not WriteState.WAITING:
                    continue
                found.created[planned.records[write.record].kind] += 1
                for _, record in write.waits_for:
                    known = refs.records.get(record)
                    unpaired = known is None or (Kind.JOB, known.parent) not in write.waits_for
                    if record not in planned.records and unpaired:
                        names[record] = _named(known.fields if known else {})
                        found.waiting[record, names[record]] += 1
        return page[-1][0] if page else ""

    async def begin(self, source: str, target: str, actor: Actor, *, older: bool = False, agreed: bool = False) -> Way:
        """Create there what is made at `source` from now on; `older`: also what is there already. `agreed`: that the
        system may do besides what `effects` says. ForbiddenError without, or where nothing may be written."""
        one, other = self._two(source, target)
        if other.row.mode is not Mode.LIVE:
            raise ForbiddenError(
                f"{target} is in mode {other.row.mode}: nothing is created there.",
                hint=f"Promote it first: bascule connections mode {target} live",
            )
        if missing := self._grants.lacking(other):
            raise ForbiddenError(
                f"The credential of {target} lacks {', '.join(missing)}.",
                hint=f"Give it these, then enter what it has: bascule connections rights {target} --granted '...'",
            )
        effects = self.effects(target)
        if effects and not agreed:
            raise ForbiddenError(" ".join(effects), hint="Look at it in the system, then say that you agree.")
        since = EVER if older else self._desk.now().replace(microsecond=0)  # systems' own times are not finer

        told = {"older": older, "agreed": effects}
        await self._choose(one, other, since, "copying begun", told, actor)
        return Way(source, target, since)

    async def end(self, source: str, target: str, actor: Actor) -> None:
        """Create nothing more there. What was created stays, and stays in step."""
        one, other = self._two(source, target)
        if one.id not in taken(other.row.settings):
            raise InputError(f"Nothing of {source} is created at {target}.")
        await self._choose(one, other, None, "copying ended", {}, actor)

    async def run(self, task: TaskLease) -> None:
        """Everybody of the first connection, planned as it is chosen now. Doing it twice changes nothing more."""
        source, after = task.key.partition("|")[0], ""
        await self._desk.connections.refresh()
        while True:
            page = await self._desk.store.read(
                lambda tx, at=after: families_after(tx, source, Kind.CANDIDATE, at, PAGE)
            )
            if not page:
                return
            after = page[-1][0]
            await self._desk.store.write(lambda tx: tx.tasks.renew(task, until=self._desk.now() + HOLD))
            for _, family in page:
                await self._desk.reconcile.replan(family, rearrange)

    # ------------------------------------------------------------------------------------------------------- the choice

    def _two(self, source: str, target: str) -> tuple[Connected, Connected]:
        one, other = self._desk.connections.named(source), self._desk.connections.named(target)
        if one.id == other.id:
            raise InputError("Copies go from one connection to another.")
        if not {Kind.CANDIDATE, Kind.APPLICATION} <= other.connector.creates.keys():
            raise InputError(f"{other.connector.label} lets nobody be created by this connector.")
        return one, other

    async def _choose(
        self, one: Connected, other: Connected, since: datetime | None, action: str, told: Fields, actor: Actor
    ) -> None:
        """Keep the choice, and plan everybody anew."""

        def unit(tx: Tx) -> None:
            row, now = tx.connections.get(other.id), self._desk.now()
            tx.connections.set(_row(row, one.id, since))
            tx.tasks.put(row.workspace, COPY, f"{one.id}|{other.id}", due=now)
            tx.audit.record(
                workspace=row.workspace, at=now, action=action, actor=actor, connection=other.id,
                detail={"from": one.row.name, "to": other.row.name, **told},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        self._desk.wake()


def _row(row: Row, source: str, since: datetime | None) -> Row:
    """A connection's row with what it takes of another, from then on; None: nothing more."""
    told: dict[str, Value] = {origin: at.isoformat() for origin, at in taken(row.settings).items()}
    told.pop(source, None)
    if since is not None:
        told[source] = since.isoformat()
    return replace(row, settings={**row.settings, TAKES: told})


def _named(fields: Mapping[str, Value]) -> str:
    return str(fields.get("title") or fields.get("name") or "")
