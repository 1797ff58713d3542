"""From a write that is due to a system that has it: render, send, settle the pair.

The attempt is durable before anything leaves; what happened is settled in the next commit, which also prepares the
lane's next write. A worker whose lease was taken over learns it there, and its outcome is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bascule.connectors.spec import Rendered
from bascule.core import retry
from bascule.core.plan import (
    Context,
    Held,
    Moot,
    Plan,
    Prepared,
    ReadFirst,
    Waiting,
    after,
    due,
    found,
    orphaned,
    prepare,
)
from bascule.errors import LeaseLostError, RemoteError, StaleError
from bascule.model import Attempt, AttemptState, Family, Kind, Outcome, OutcomeKind
from bascule.store import Tx
from bascule.store.lanes import WriteLease

from .connections import Connected, Connections
from .observe import fetch
from .outcomes import answered, outcome_of
from .reconcile import Reconcile
from .runtime import Runtime

NEXT_TURN = timedelta(seconds=5)  # when a write whose field a read did not show is tried again


@dataclass(frozen=True, slots=True)
class Turn:
    """What a lane does next: send, read first, look for a lost creation, wait until, or nothing."""

    send: Prepared | None = None
    read: ReadFirst | None = None
    look: Prepared | None = None
    until: datetime | None = None


class Deliver:
    """Carries out the writes of one lane at a time."""

    def __init__(self, runtime: Runtime, connections: Connections, reconcile: Reconcile) -> None:
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self.on_written: Callable[[Connected, Kind, str, bool, float], None] = lambda *_told: None

    async def lane(self, at: Connected, lease: WriteLease, *, ends: datetime) -> None:
        """Everything that is due in this lane, one call at a time, in order. Ends by releasing the lease, unless it
        was lost. The errors of the client end in the lane's next due time, never in an exception."""
        step: Callable[[Tx, Family], Plan] | None = None
        read: int | None = None  # the read made in this turn, if any
        while True:
            try:
                turn = await self._turn(at, lease, step, read)
            except LeaseLostError:
                return
            step = None
            if turn.read is not None:
                if read is not None:  # it did not show the field: a later turn tries again
                    await self._retry(at, lease, self._runtime.now() + NEXT_TURN, "not shown", tried=True)
                    return
                read = await self._read_first(at, lease, turn.read)
                if read is None:
                    return
                continue
            read = None
            rendered = turn.send or turn.look
            if rendered is None:
                return
            if self._runtime.now() + self._connections.timeout >= ends:  # the lease must outlive the time-out
                await self._retry(
                    at, lease, self._runtime.now(), "the lease was too short for another call", tried=False
                )
                return
            outcome, error = await (self._send(at, rendered) if turn.send else self._look(at, rendered))
            if error is not None and turn.look is not None:  # not looked yet: what was lost stays lost until it is
                await self._delay(at, lease, error)
                return
            if error is not None and outcome.kind is OutcomeKind.NOT_SENT:
                await self._put_off(at, lease, rendered, outcome, error)
                return
            step = self._settlement(rendered, outcome, looked=turn.look is not None)

    # ------------------------------------------------------------------------------------------------------- a turn

    async def _turn(
        self, at: Connected, lease: WriteLease, step: Callable[[Tx, Family], Plan] | None, read: int | None
    ) -> Turn:
        """One commit: settle the last outcome, prepare the next call. LeaseLostError if the lane was taken over."""

        def unit(tx: Tx) -> Turn:
            if not tx.writes.held([lease]):
                raise LeaseLostError
            family = tx.families.family(lease.family)
            if step is not None:
                family = self._reconcile.save(tx, family, step(tx, family))
            family = self._adopt_orphans(tx, at, lease, family)
            return self._prepare(tx, at, lease, family, read)

        return await self._reconcile.commit(unit)

    def _adopt_orphans(self, tx: Tx, at: Connected, lease: WriteLease, family: Family) -> Family:
        """Attempts that a worker before us left open: nobody knows whether they landed."""
        gone = Outcome(OutcomeKind.UNANSWERED, words="the worker ended")
        for attempt in orphaned(family, at.id, lease.epoch):
            family = self._reconcile.save(tx, family, after(family, attempt, gone, self._context(tx, family)))
        return family

    def _context(self, tx: Tx, family: Family) -> Context:
        return self._reconcile.context(tx, family.workspace, self._reconcile.refs(tx, [family], []))

    def _prepare(self, tx: Tx, at: Connected, lease: WriteLease, family: Family, read: int | None) -> Turn:
        now = self._runtime.now()
        context = self._context(tx, family)
        lost = self._lost_create(family, at.id, now)
        if lost is not None:
            return lost
        for write_id in due(family, at.id, context):
            answer = prepare(family, write_id, context, lease.epoch, turn=read)
            match answer:
                case Prepared():
                    self._reconcile.save(tx, family, answer.plan)
                    return Turn(send=answer)
                case ReadFirst():
                    return Turn(read=answer)
                case Moot() | Waiting() | Held():
                    family = self._reconcile.save(tx, family, answer.plan)
        again = [
            a.until
            for a in family.attempts.values()
            if a.link is None and a.connection == at.id and a.state is AttemptState.LOST and a.until
        ]  # of what was written to an object that is there, a read will tell
        if again:
            tx.writes.retry([lease], due=max(min(again), now), error="looking for a lost creation", tried=False)
        else:
            tx.writes.ack([lease], now=now)
        return Turn()

    def _lost_create(self, family: Family, connection: str, now: datetime) -> Turn | None:
        """A creation without an answer, whose object may be looked for now."""
        for attempt in family.attempts.values():
            lost = attempt.link is None and attempt.state is AttemptState.LOST
            if lost and attempt.connection == connection and (attempt.until is None or attempt.until <= now):
                return Turn(look=_as_prepared(family, attempt))
        return None

    # --------------------------------------------------------------------------------------------------- conversations

    def _rendered(self, at: Connected, prepared: Prepared) -> Rendered:
        write = prepared.write
        return Rendered(
            call=write.call,
            kind=prepared.record.kind,
            record=prepared.record,
            external=prepared.link.external if prepared.link else "",
            parents=prepared.parents,
            fields=prepared.fields,
            current=prepared.current,
            added=prepared.added,
            removed=prepared.removed,
            marker=prepared.marker,
            actor=write.actor,
            acts_as=self._connections.acts_as(at, write.actor),
            known={name: pair.theirs for name, pair in prepared.link.pairs.items()} if prepared.link else {},
        )

    async def _send(self, at: Connected, prepared: Prepared) -> tuple[Outcome, RemoteError | None]:
        sends = at.connector.sends[prepared.write.call]
        started = self._runtime.now()
        self._runtime.point("before send")
        try:
            shown = await at.client.run(sends.talk(self._rendered(at, prepared), at.tenant))
        except RemoteError as error:
            outcome, failed = outcome_of(error, repeatable=sends.repeatable), error
        else:
            outcome, failed = answered(shown), None
        self._runtime.point("after send")
        ended = self._runtime.now()
        outcome = replace(outcome, started=started, at=ended)
        self.on_written(
            at, prepared.record.kind, prepared.write.call, failed is None, (ended - prepared.write.at).total_seconds()
        )
        return outcome, failed

    async def _look(self, at: Connected, prepared: Prepared) -> tuple[Outcome, RemoteError | None]:
        """Look for what a lost creation made. ANSWERED with an external id, or without one when there is nothing."""
        sends = at.connector.sends[prepared.write.call]
        if sends.look is None:
            return Outcome(OutcomeKind.ANSWERED, at=self._runtime.now()), None
        try:
            shown = await at.client.run(sends.look(self._rendered(at, prepared), at.tenant))
        except RemoteError as error:
            return replace(outcome_of(error, repeatable=True), kind=OutcomeKind.NOT_SENT), error
        return answered(shown), None

    def _settlement(self, prepared: Prepared, outcome: Outcome, *, looked: bool) -> Callable[[Tx, Family], Plan]:
        def settle(tx: Tx, family: Family) -> Plan:
            context = self._context(tx, family)
            owner = self._owner(tx, family, prepared, outcome)
            if looked:
                externals = (outcome.external,) if outcome.external else ()
                return found(family, prepared.attempt, externals, context, owner=owner)
            return after(family, prepared.attempt, outcome, context, owner=owner)

        return settle

    @staticmethod
    def _owner(tx: Tx, family: Family, prepared: Prepared, outcome: Outcome) -> str:
        """The record of another family that holds the object a creation was answered with, if any."""
        if prepared.link is not None or not outcome.external:
            return ""
        key = (prepared.record.kind, outcome.external)
        holder = tx.families.resolve(prepared.write.connection, [key]).get(key)
        return holder.record if holder is not None and holder.family != family.id else ""

    async def _read_first(self, at: Connected, lease: WriteLease, wanted: ReadFirst) -> int | None:
        """Read what is about to be written to, in the same turn: the read's number; None when the lane was put off."""
        kind, external = wanted.root
        try:
            number, started = await self._connections.number()
            known = await self._connections.children(at, kind, [external])
            reads = await fetch(
                at.client, at.connector.reads, at.tenant, connection=at.id, number=number, read_id=self._runtime.id(),
                started=started, root=kind, externals=[external], kinds=wanted.kinds, known=known,
            )  # fmt: skip
        except RemoteError as error:
            await self._delay(at, lease, error)
            return None
        await self._reconcile.reads(at, kind, reads, keep=True)
        return number

    # --------------------------------------------------------------------------------------------------- putting off

    async def _put_off(
        self, at: Connected, lease: WriteLease, prepared: Prepared, outcome: Outcome, error: RemoteError
    ) -> None:
        """Known not to have been carried out: the write is due again, its lane later; or it is a failure by now."""
        now = self._runtime.now()
        decision = retry.after_error(prepared.write.tries + 1, error, now, prepared.write.key)
        if isinstance(decision, retry.Dead):
            outcome = replace(outcome, kind=OutcomeKind.REFUSED, words=outcome.words or decision.why)

        def unit(tx: Tx) -> None:
            if not tx.writes.held([lease]):
                raise LeaseLostError
            family = tx.families.family(lease.family)
            self._reconcile.save(tx, family, after(family, prepared.attempt, outcome, self._context(tx, family)))
            if isinstance(decision, retry.Dead):  # over: what else the family wants to write need not wait
                self._connections.note_error(tx, at, error, now)
                tx.writes.ack([lease], now=now)
            else:
                self._release(tx, at, lease, error, decision, now)

        try:
            await self._reconcile.commit(unit)
        except (LeaseLostError, StaleError):  # the lease ends by itself, and what was sent is looked for
            return

    async def _delay(self, at: Connected, lease: WriteLease, error: RemoteError) -> None:
        now = self._runtime.now()
        decision = retry.after_error(lease.tries + 1, error, now, f"{lease.connection}|{lease.family}")
        try:
            await self._connections.store.write(lambda tx: self._release(tx, at, lease, error, decision, now))
        except LeaseLostError:
            return

    def _release(
        self, tx: Tx, at: Connected, lease: WriteLease, error: RemoteError, decision: retry.Verdict, now: datetime
    ) -> None:
        self._connections.note_error(tx, at, error, now)
        match decision:
            case retry.Again(at=due_at):
                tx.writes.retry([lease], due=due_at, error=str(error), tried=retry.counts(error))
            case retry.Pause():
                tx.writes.retry([lease], due=now + timedelta(minutes=1), error=str(error), tried=False)
            case retry.Dead():
                tx.writes.retry([lease], due=now + timedelta(minutes=15), error=str(error))

    async def _retry(self, at: Connected, lease: WriteLease, due_at: datetime, why: str, *, tried: bool) -> None:
        try:
            await self._connections.store.write(lambda tx: tx.writes.retry([lease], due=due_at, error=why, tried=tried))
        except LeaseLostError:
            return


def _as_prepared(family: Family, attempt: Attempt) -> Prepared:
    """What a look needs to know of the creation it looks for."""
    record = family.records[attempt.record]
    parent = family.records.get(record.parent) if record.parent else None
    parents: dict[Kind, str] = {}
    while parent is not None:
        link = family.link_of(parent.id, attempt.connection)
        if link is not None:
            parents[parent.kind] = link.external
        parent = family.records.get(parent.parent) if parent.parent else None
    return Prepared(
        plan=Plan(family),
        attempt=attempt.id,
        write=family.writes[attempt.write],
        record=record,
        link=None,
        parents=parents,
        fields={},
        current={},
        added={},
        removed={},
        marker=attempt.marker,
    )
