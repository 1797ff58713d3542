"""A connection between its modes: for whom, what stands against it, and what of before is written then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum

from bascule.core import gates
from bascule.core.plan import Context, Plan, rearrange, rebaseline
from bascule.core.rollout import AI
from bascule.engine.connections import Connected
from bascule.engine.remap import families_after
from bascule.errors import ForbiddenError, InputError
from bascule.model import Actor, ConnectionView, Family, Fields, Kind, Mode, Scope
from bascule.store import Tx

from .desk import Desk
from .grants import Grants
from .rollouts import begun, goes_on

MODES = (Mode.OBSERVE, Mode.LISTEN, Mode.SHADOW, Mode.LIVE)
WRITING = frozenset({Mode.SHADOW, Mode.LIVE})
"""Modes in which writes are planned."""


class Older(StrEnum):
    """What of before a promotion writes: what was wanted and not written by then."""

    NONE = "none"
    OPEN = "open"  # of people with an application that goes on, and of jobs that are open
    ALL = "all"  # of everybody, records that are closed too


class Modes:
    """The part of `app.accounts` that moves a connection between modes."""

    def __init__(
        self, desk: Desk, grants: Grants, objections: Callable[[], Awaitable[str]],
        gate: Callable[[str, Mode], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._desk = desk
        self._grants = grants
        self._objections = objections
        self._gate = gate

    async def set_mode(
        self, name: str, mode: Mode, actor: Actor, *, waive: str = "", scope: Scope | None = None,
        older: Older = Older.NONE,
    ) -> Connected:  # fmt: skip
        """Move a connection between observe, listen, shadow and live, for all records or those of a scope (None: as it
        is). What comes under a mode that writes is re-baselined: nothing old is written, but for `older`.
        ForbiddenError names what stands against it; `waive` is the written reason to accept an excess of rights, and
        is kept (`app.grants`)."""
        await self._desk.connections.refresh()  # a backfill that has just ended is known to the store first
        at = self._desk.connections.named(name)
        if at.is_tool:
            raise InputError(f"{name} is an AI tool and has no mode.", hint="Pause it, stop it, or take it away.")
        if at.row.scope.pilot:
            raise ForbiddenError(f"A pilot is under way at {name}.", hint=f"End it first: bascule pilot {name} --stop")
        if scope is not None:
            await self._desk.store.read(lambda tx: self._may_cover(tx, at, scope))
        if MODES.index(mode) > MODES.index(Mode.LISTEN):
            await self._may_promote(at, waive, actor)
        await self._gate(name, mode)
        now = self._desk.now()
        was, covers = at.row.mode, at.row.scope if scope is None else scope

        def unit(tx: Tx) -> None:
            row = tx.connections.get(at.id)
            live = now if mode is Mode.LIVE and row.mode is not Mode.LIVE else row.live_since
            settings = begun(row, now) if mode is not row.mode else row.settings
            live = live if mode is Mode.LIVE else None
            tx.connections.set(replace(row, mode=mode, live_since=live, scope=covers, settings=settings))
            tx.audit.record(
                workspace=row.workspace, at=self._desk.now(), action="mode changed", actor=actor, connection=at.id,
                detail={"from": str(was), "to": str(mode), "waived": waive, "older": str(older), **scope_of(covers)},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        if (mode in WRITING and was not in WRITING) or (mode is Mode.LIVE and was is Mode.SHADOW):
            await self.rebaseline(at.id, from_shadow=was is Mode.SHADOW, older=older)
        elif mode in WRITING and covers != at.row.scope:
            await self.rebaseline(at.id, from_shadow=False, older=older, before=at.view)
        self._desk.reload()
        return self._desk.connections.get(at.id)

    def _may_cover(self, tx: Tx, at: Connected, scope: Scope) -> None:
        """InputError where a scope names a job that is not there, or is a pilot's."""
        known = tx.families.records(at.row.workspace, scope.jobs)
        lost = [one for one in sorted(scope.jobs) if one not in known or known[one].kind is not Kind.JOB]
        if lost or scope.pilot:
            raise InputError(f"There is no job {lost[0] if lost else scope.pilot}.", hint="See: bascule jobs list")

    async def switch_ai(self, name: str, on: bool, actor: Actor) -> Connected:
        """Turn AI on or off for everybody at a connection. On only once the mapping knows every value: ForbiddenError.
        Who applied while it was off is not scored because of it."""
        at = self._desk.connections.named(name)
        if at.is_tool:
            raise InputError(f"{name} is an AI tool itself.", hint="Name the ATS.")

        def unit(tx: Tx) -> None:
            gaps = len(tx.gaps.list(at.row.workspace, connection=at.id)) if on else 0
            if gaps:
                raise ForbiddenError(
                    f"{gaps} values or stages of {name} are not mapped: AI comes after the mapping.",
                    hint=f"Decide them first: bascule mapping show {name}",
                )
            row = tx.connections.get(at.id)
            tx.connections.set(replace(row, settings={**row.settings, AI: on}))
            tx.audit.record(
                workspace=row.workspace, at=self._desk.now(), action="AI switched", actor=actor, connection=at.id,
                detail={"on": on},
            )  # fmt: skip

        await self._desk.store.write(unit)
        await self._desk.connections.refresh()
        self._desk.reload()
        return self._desk.connections.get(at.id)

    async def _may_promote(self, at: Connected, waive: str, actor: Actor) -> None:
        if not at.row.crawled:
            raise ForbiddenError(
                f"{at.row.name} has not been read whole yet.",
                hint=f"Wait for the backfill: bascule status, or bascule backfill {at.row.name}",
            )
        against = await self._objections()
        if against:
            raise ForbiddenError(against, hint="Decide what clashes first: bascule triggers check")
        await self._grants.require(at, waive, actor)

    async def rebaseline(
        self, connection: str, *, from_shadow: bool, older: Older = Older.NONE, before: ConnectionView | None = None
    ) -> None:
        """Every family of a connection: what differs now is settled as it is, so that a promotion writes nothing old,
        but for what `older` asks for, which is planned afresh. `before`: how it was when only its scope changes: what
        was covered then goes on as before."""

        def step(family: Family, context: Context) -> Plan:
            if older is Older.ALL or (older is Older.OPEN and goes_on(family)):
                return rearrange(family, context)
            records = family.records
            was = {
                id
                for id, record in records.items()
                if before is not None and gates.in_scope(before, record, records.values(), context.refs.records)
            }
            return rebaseline(family, connection, context, from_shadow=from_shadow, but=was)

        for kind in (Kind.CANDIDATE, Kind.JOB):
            after = ""
            while True:
                page = await self._desk.store.read(
                    lambda tx, k=kind, a=after: families_after(tx, connection, k, a, 200)
                )
                if not page:
                    break
                after = page[-1][0]
                for _, family in page:
                    await self._desk.reconcile.replan(family, step)


def scope_of(scope: Scope) -> Fields:
    """A scope as it is told: only what limits it."""
    return {what: tuple(sorted(held)) for what in ("jobs", "departments", "offices") if (held := getattr(scope, what))}
