"""From a write that is due to a system that has it: render, send, settle the pair.

The attempts are durable before anything leaves; what happened is settled in the next commit, which also prepares the
lane's next writes. A worker whose lease was taken over learns it there, and its outcome is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bascule.connectors.spec import Rendered
from bascule.core import retry
from bascule.core.plan import Context, Ended, Plan, Prepared, ReadFirst, Turn, settled, turn
from bascule.errors import LeaseLostError, RemoteError, StaleError
from bascule.model import BASCULE, Family, FamilyState, Kind, Outcome, OutcomeKind, WriteState
from bascule.store import Tx
from bascule.store.lanes import WriteLease

from .connections import Connected, Connections, children_of, held
from .contents import Contents
from .entries import exchange_detail
from .http import Errand, Observation, is_pull
from .observe import fetch
from .outcomes import answered, outcome_of
from .reconcile import Reconcile
from .runtime import Runtime
from .traces import NONE, Span, SpanKind, write_of

NEXT_TURN = timedelta(seconds=5)  # the shortest wait of a lane whose writes none may leave; what frees them wakes it
BLOCKED = timedelta(minutes=5)  # ... and the longest


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was made for a write."""

    made: Prepared
    seen: Observation


@dataclass(frozen=True, slots=True)
class Reading:
    """A read that comes before a write: its number, and what is known to hang on the object, (kind, external id) ->
    external id of the object."""

    wanted: ReadFirst
    number: int
    known: Mapping[tuple[Kind, str], str]


Sent: TypeAlias = tuple[Outcome, RemoteError | None, Sequence[Observation]]
"""How a call ended, its error if any, and the requests of it that may have changed something."""


class Deliver:
    """Carries out the writes of one lane at a time."""

    def __init__(self, runtime: Runtime, connections: Connections, reconcile: Reconcile, contents: Contents) -> None:
        self._traces = runtime.traces
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._contents = contents
        self._held: dict[str, datetime | None] = {}  # by connection: until when writes waited for a person
        self.on_written: Callable[[Connected, Kind, str, bool, float | None], None] = lambda *_told: None

    async def lane(self, at: Connected, lease: WriteLease, *, ends: datetime) -> None:
        """Everything that is due in this lane, in order for each record. Ends by releasing the lease, unless it was
        lost (LeaseLostError). The errors of the client end in the lane's next due time, never in an exception."""
        ended: tuple[Ended, ...] = ()
        calls: tuple[Call, ...] = ()  # what has been sent since the last commit
        span = NONE  # of the last call: what its outcome leads to belongs to its trace
        while True:
            try:
                with self._traces.inside(span):
                    then, reading = await self._turn(at, lease, ended, calls)
            except LeaseLostError:
                await self._connections.store.write(lambda tx, calls=calls: self._tell(tx, at, calls))
                raise
            ended, calls, span = (), (), NONE
            if reading is not None:
                then = await self._read_first(at, lease, reading)
                if then is None:
                    return
                if then.read is not None:  # it did not show the field: a later turn tries again
                    await self._connections.store.write(lambda tx, to=then: self._ends(tx, at, lease, to.plan.family))
                    return
            if not then.send and then.look is None:
                return
            if self._runtime.now() + self._connections.timeout >= ends:  # the lease must outlive the time-out
                await self._retry(
                    at, lease, self._runtime.now(), "the lease was too short for another call", tried=False
                )
                return
            if then.look is not None:
                span, (outcome, error) = await self._look(at, then.look)
                if error is not None:  # not looked yet: what was lost stays lost until it is
                    await self._delay(at, lease, error)
                    return
                ended = (Ended(then.look.attempt, outcome, look=True),)
                continue
            spans = await self._spans(then.send)
            sent = await self._send_all(at, then.send, ends, spans)
            span = next(iter(spans.values()), NONE)
            calls = tuple(Call(made, seen) for made, (_, _, heard) in sent for seen in heard)
            unsent = [
                (prepared, error)
                for prepared, (outcome, error, _) in sent
                if error is not None and (outcome.kind is OutcomeKind.NOT_SENT or _still_to_erase(prepared, outcome))
            ]
            ended = tuple(Ended(prepared.attempt, outcome) for prepared, (outcome, _, _) in sent)
            if unsent:
                await self._put_off(at, lease, ended, unsent, calls)
                return

    # ------------------------------------------------------------------------------------------------------- a turn

    async def _turn(
        self, at: Connected, lease: WriteLease, ended: Sequence[Ended], calls: Sequence[Call]
    ) -> tuple[Turn, Reading | None]:
        """One commit: settle the last outcomes, prepare the next calls, or the read that must come before them.
        LeaseLostError if the lane was taken over."""

        def unit(tx: Tx) -> tuple[Turn, Reading | None]:
            made = self._turn_in(tx, at, lease, ended, None, calls)
            return made, self._reading(tx, at, made)

        return await self._reconcile.commit(unit)

    def _turn_in(
        self,
        tx: Tx,
        at: Connected,
        lease: WriteLease,
        ended: Sequence[Ended],
        read: int | None,
        calls: Sequence[Call],
    ) -> Turn:
        """The same inside a unit. `read` is the number of the read made in this turn, if any."""
        if not tx.writes.held([lease]):
            raise LeaseLostError
        family = tx.families.family(lease.family)
        known = _owned(tx, family, ended)
        if tx.connections.stopped(at.id) is not None:
            plan = settled(family, known, self._context(tx, family))
            self._reconcile.save_if_moved(tx, family, plan)
            return self._stopped(tx, at, lease, plan, calls)
        made = turn(family, at.id, self._context(tx, family), lease.epoch, ended=known, read=read)
        self._reconcile.save_if_moved(tx, family, made.plan)
        self._held[at.id] = held(tx, at.id)
        self._tell(tx, at, calls)
        if made.again is not None:
            due = max(made.again, self._runtime.now())
            tx.writes.retry([lease], due=due, error="looking for a lost creation", tried=False)
        elif not made.send and made.read is made.look is None:
            self._ends(tx, at, lease, made.plan.family)
        return made

    def _reading(self, tx: Tx, at: Connected, made: Turn) -> Reading | None:
        """The read a turn wants, with its number, which is drawn before the first request leaves."""
        if made.read is None:
            return None
        kind, external = made.read.root
        return Reading(made.read, tx.number(), children_of(made.plan.family, at.id, kind, external))

    def _ends(self, tx: Tx, at: Connected, lease: WriteLease, family: Family) -> None:
        """Nothing may leave now. What is due all the same waits for a read: its object is not seen there, or a call
        that was lost is not settled. It is looked at ever more rarely, and the read wakes the lane."""
        now = self._runtime.now()
        due = [w.at for w in family.writes.values() if w.connection == at.id and w.state is WriteState.DUE]
        if due:
            waits = min(BLOCKED, max(NEXT_TURN, (now - min(due)) / 4))
            tx.writes.retry([lease], due=now + waits, error="what is to be written waits for a read", tried=False)
        else:
            tx.writes.ack([lease], now=now)

    def _stopped(self, tx: Tx, at: Connected, lease: WriteLease, plan: Plan, calls: Sequence[Call]) -> Turn:
        """A person has stopped all writes: what was on its way is settled, nothing more is prepared, the lane waits."""
        self._tell(tx, at, calls)
        tx.writes.retry([lease], due=self._runtime.now(), tried=False)
        return Turn(plan)

    def _tell(self, tx: Tx, at: Connected, calls: Sequence[Call]) -> None:
        """An audit entry for every request that may have changed something there."""
        for call in calls:
            record, write = call.made.record, call.made.write
            tx.audit.record(
                workspace=at.row.workspace, at=call.seen.started, action="push", actor=BASCULE, family=record.family,
                record=record.id, connection=at.id,
                detail={**exchange_detail(call.seen.exchange), "as": call.seen.acts_as, "write": write.id,
                        "attempt": call.made.attempt},
            )  # fmt: skip

    def _context(self, tx: Tx, family: Family) -> Context:
        return self._reconcile.context(tx, family.workspace, self._reconcile.refs(tx, [(family, "", ())]))

    # --------------------------------------------------------------------------------------------------- conversations

    def _rendered(self, at: Connected, prepared: Prepared, content: bytes = b"") -> Rendered:
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
            along=prepared.along,
            content=content,
            into=prepared.into,
        )

    async def _spans(self, calls: Sequence[Prepared], name: str = "write") -> dict[str, Span]:
        """A span for each call, by its attempt, in the trace of the change that made its write due."""
        if not self._traces.on:
            return {}
        above = await self._connections.store.read(lambda tx: tx.traces.of([write_of(made.write.id) for made in calls]))
        return {
            made.attempt: self._traces.start(
                name, above.get(write_of(made.write.id), ()), kind=SpanKind.CLIENT, connection=made.write.connection,
                lane=made.record.family, record=made.record.id, object_kind=str(made.record.kind),
                object=made.link.external if made.link else None, call=made.write.call, write=made.write.id,
                attempt=made.attempt, tries=made.write.tries + 1,
            )
            for made in calls
        }  # fmt: skip

    async def _send_all(
        self, at: Connected, calls: Sequence[Prepared], ends: datetime, spans: Mapping[str, Span]
    ) -> list[tuple[Prepared, Sent]]:
        """Side by side, until all have ended. LeaseLostError when one of them came too late to be sent: the others are
        told of, and looked for by whoever has the lane."""
        done = await asyncio.gather(
            *(self._sent(at, made, ends, spans.get(made.attempt, NONE)) for made in calls), return_exceptions=True
        )
        sent = [(made, one) for made, one in zip(calls, done, strict=True) if not isinstance(one, BaseException)]
        if error := next((one for one in done if isinstance(one, BaseException)), None):
            told = [Call(made, seen) for made, (_, _, heard) in sent for seen in heard]
            await self._connections.store.write(lambda tx: self._tell(tx, at, told))
            raise error
        return sent

    async def _sent(self, at: Connected, prepared: Prepared, ends: datetime, span: Span) -> Sent:
        """One call, and its span."""
        try:
            sent = await self._send(at, prepared, ends)
        except BaseException:
            self._traces.end(span, ok=False, outcome="not known")
            raise
        outcome, failed, heard = sent
        self._traces.end(
            span, ok=failed is None, status=heard[-1].status if heard else None, requests=len(heard),
            ms=round(1000 * sum(one.seconds for one in heard)), outcome=str(outcome.kind),
        )  # fmt: skip
        return sent

    async def _send(self, at: Connected, prepared: Prepared, ends: datetime) -> Sent:
        """One call."""
        sends = at.connector.sends[prepared.write.call]
        started = self._runtime.now()
        self._runtime.point("before send")
        with Errand() as heard:
            try:
                content = await self._content(prepared)
                shown = await at.client.run(sends.talk(self._rendered(at, prepared, content), at.tenant), ends=ends)
            except RemoteError as error:
                outcome, failed = outcome_of(error, repeatable=sends.repeatable), error
            else:
                outcome, failed = answered(shown), None
        self._runtime.point("after send")
        ended = self._runtime.now()
        outcome = replace(outcome, started=started, at=ended)
        lag = self._lag(at, prepared, ended)
        self.on_written(at, prepared.record.kind, prepared.write.call, failed is None, lag)
        return outcome, failed, [seen for seen in heard if not is_pull(seen)]

    def _lag(self, at: Connected, prepared: Prepared, ended: datetime) -> float | None:
        """Seconds from being due to the answer; None where it may have waited for a person, a stop or an outage."""
        until = self._held.get(at.id)
        if until is not None and prepared.write.at <= until:
            return None
        return (ended - prepared.write.at).total_seconds()

    async def _content(self, prepared: Prepared) -> bytes:
        """Of a file that is copied there, its bytes."""
        if prepared.link is not None or prepared.record.kind is not Kind.ATTACHMENT:
            return b""
        return await self._contents.of(prepared.plan.family, prepared.record)

    async def _look(self, at: Connected, prepared: Prepared) -> tuple[Span, tuple[Outcome, RemoteError | None]]:
        """Look for what a lost creation made. ANSWERED with an external id, or without one when there is nothing."""
        sends = at.connector.sends[prepared.write.call]
        if sends.look is None:
            return NONE, (Outcome(OutcomeKind.ANSWERED, at=self._runtime.now()), None)
        span = (await self._spans([prepared], "look")).get(prepared.attempt, NONE)
        try:
            shown = await at.client.run(sends.look(self._rendered(at, prepared), at.tenant))
        except RemoteError as error:
            self._traces.end(span, ok=False)
            return span, (replace(outcome_of(error, repeatable=True), kind=OutcomeKind.NOT_SENT), error)
        outcome = answered(shown)
        self._traces.end(span, outcome="found" if outcome.external else "not there")
        return span, (outcome, None)

    async def _read_first(self, at: Connected, lease: WriteLease, reading: Reading) -> Turn | None:
        """Read what is about to be written to, and go on with the turn in the commit that keeps what was read. None
        when the lane was put off."""
        kind, external = reading.wanted.root
        try:
            reads = await fetch(
                at.client, at.connector.reads, at.tenant, connection=at.id, number=reading.number,
                read_id=self._runtime.id(), started=self._runtime.now(), root=kind, externals=[external],
                kinds=reading.wanted.kinds, known=reading.known,
            )  # fmt: skip
        except RemoteError as error:
            await self._delay(at, lease, error)
            return None
        return await self._reconcile.reads_then(
            at, kind, reads, lambda tx: self._turn_in(tx, at, lease, (), reading.number, ())
        )

    # --------------------------------------------------------------------------------------------------- putting off

    async def _put_off(
        self,
        at: Connected,
        lease: WriteLease,
        ended: Sequence[Ended],
        unsent: Sequence[tuple[Prepared, RemoteError]],
        calls: Sequence[Call],
    ) -> None:
        """Some are known not to have been carried out: those writes are due again, their lane later; or they are
        failures by now. The others are settled."""
        now = self._runtime.now()

        def unit(tx: Tx) -> None:
            if not tx.writes.held([lease]):
                raise LeaseLostError
            down = tx.connections.is_down(at.id)
            verdicts = {
                made.attempt: retry.after_error(made.write.tries + 1, error, now, made.write.key, down=down)
                for made, error in unsent
            }
            known = [_given_up(one, verdicts.get(one.attempt)) for one in ended]
            again = [
                (verdicts[made.attempt], error)
                for made, error in unsent
                if not isinstance(verdicts[made.attempt], retry.Dead)
            ]
            family = tx.families.family(lease.family)
            plan = settled(family, _owned(tx, family, known), self._context(tx, family))
            self._reconcile.save_if_moved(tx, family, plan)
            self._tell(tx, at, calls)
            for verdict, error in again[:1]:
                self._release(tx, at, lease, error, verdict, now)
            if not again:  # over: what else the family wants to write need not wait
                self._connections.note_error(tx, at, unsent[0][1], now)
                tx.writes.ack([lease], now=now)

        try:
            await self._reconcile.commit(unit)
        except StaleError:  # the lease ends by itself, and what was sent is looked for
            return

    async def _delay(self, at: Connected, lease: WriteLease, error: RemoteError) -> None:
        now = self._runtime.now()

        def unit(tx: Tx) -> None:
            down = tx.connections.is_down(at.id)
            decision = retry.after_error(lease.tries + 1, error, now, f"{lease.connection}|{lease.family}", down=down)
            self._release(tx, at, lease, error, decision, now)

        await self._connections.store.write(unit)

    def _release(
        self, tx: Tx, at: Connected, lease: WriteLease, error: RemoteError, decision: retry.Verdict, now: datetime
    ) -> None:
        counts = retry.counts(error, down=tx.connections.is_down(at.id))
        self._connections.note_error(tx, at, error, now)
        match decision:
            case retry.Again(at=due_at):
                tx.writes.retry([lease], due=due_at, error=str(error), tried=counts)
            case retry.Pause():
                due_at = self._connections.parked(tx, at, now, timedelta(minutes=1))
                tx.writes.retry([lease], due=due_at, error=str(error), tried=False)
            case retry.Dead():
                rest = retry.rest(lease.tries + 1, error, f"{lease.connection}|{lease.family}")
                tx.writes.retry([lease], due=now + rest, error=str(error))

    async def _retry(self, at: Connected, lease: WriteLease, due_at: datetime, why: str, *, tried: bool) -> None:
        await self._connections.store.write(lambda tx: tx.writes.retry([lease], due=due_at, error=why, tried=tried))


def _still_to_erase(prepared: Prepared, outcome: Outcome) -> bool:
    """Whether somebody is not shown there who is to be erased: perhaps they are only hidden."""
    return outcome.kind is OutcomeKind.ABSENT and prepared.plan.family.state is FamilyState.ERASING


def _given_up(ended: Ended, verdict: retry.Verdict | None) -> Ended:
    """An end that was the last try is a refusal."""
    if not isinstance(verdict, retry.Dead):
        return ended
    words = ended.outcome.words or verdict.why
    return replace(ended, outcome=replace(ended.outcome, kind=OutcomeKind.REFUSED, words=words))


def _owned(tx: Tx, family: Family, ended: Sequence[Ended]) -> list[Ended]:
    """With the record of another family that holds the object a creation was answered with, if any."""
    return [replace(one, owner=_owner(tx, family, one)) for one in ended]


def _owner(tx: Tx, family: Family, ended: Ended) -> str:
    """The record of another family that holds the object a creation was answered with, if any."""
    attempt, external = family.attempts.get(ended.attempt), ended.outcome.external
    if attempt is None or attempt.link is not None or not external:
        return ""
    key = (family.records[attempt.record].kind, external)
    holder = tx.families.resolve(attempt.connection, [key]).get(key)
    return holder.record if holder is not None and holder.family != family.id else ""
