"""Sends events to subscribers: signed, as each wants them, again until they are taken or eight days are over.

Each subscriber has a lane of its own, so that one that hangs keeps nobody else waiting. Its events go out one after
the other in the order of their numbers; one that is not taken is tried again by its own schedule, and those behind it
go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bascule.connectors.spec import retry_after
from bascule.core.bodies import Scene, body, passes, personal, referred, slack
from bascule.core.events import matching
from bascule.core.redelivery import OUTAGE, Answer, Format, Verdict, judged, next_try, rest
from bascule.errors import ConfigurationError, RemoteError
from bascule.jsontext import dumps
from bascule.model import CANDIDATE_ERASED, Actor, ActorKind, Event, FamilyState
from bascule.store import Store, Tx
from bascule.store.subscriptions import Delivery, Outcome, State, Subscription, Target, Wanted
from bascule.store.tasks import TaskLease

from .connections import Connections
from .http import checked_target
from .runtime import Runtime
from .signing import PLAIN, signed
from .wire import WireRequest

SEND = "send events"  # the task that sends a subscriber what is due: its key is the subscription's id
SILENT = "subscriber"  # the notice about a subscriber that takes nothing
NUMBERED = 5000  # events that one look gives their numbers
LOOKED = 50  # events that are looked at together
FAR = 60_000_000  # microseconds: how far a place may fall behind the log before it is written down
TURN = 50  # events that are sent before others may have the place
SOON = 0.25  # seconds until a lane is looked at again that found no place
TIMEOUT = 15.0  # seconds a subscriber has to answer
READ = 4096  # bytes of its answer that are read
TOLD = timedelta(minutes=30)  # so long a subscriber may take nothing before its owner is told
PACE = timedelta(seconds=1)  # between two messages to Slack, which takes about one in a second
OVER = "its time is over"
KEPT = timedelta(days=30)  # how long the log is kept
LISTED = timedelta(days=7)  # how long it is known what was delivered

log = structlog.get_logger("bascule")


@dataclass(frozen=True, slots=True)
class Due:
    """An event that is to be sent: what is said of it, and what has become of it before."""

    event: Event
    said: dict[str, Any]
    before: Delivery | None


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing up to this number is to be sent. `more`: it was not looked at everything."""

    to: int
    more: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt: what was answered, what it means, how long it took in seconds."""

    verdict: Verdict
    answer: Answer
    words: str
    seconds: float


class Subscribers:
    """`app.subscribers`, and the handlers of the tasks `announce` and `send events`."""

    def __init__(
        self, runtime: Runtime, connections: Connections, *, address: str, most: int, allowed_hosts: Sequence[str] = ()
    ) -> None:
        """`most` subscribers are sent something at once: who hangs must not take every place of the worker."""
        self._runtime = runtime
        self._connections = connections
        self._address = address
        self._allowed = allowed_hosts
        self._most = most
        self._busy = 0

    @property
    def _store(self) -> Store:
        return self._connections.store

    # -------------------------------------------------------------------------------------------------------- the log

    def number(self, tx: Tx, workspace: str) -> None:
        """Give what is committed its numbers, and set the lanes going of those who want any of it."""
        if not tx.events.waits(workspace):
            return
        now = self._runtime.now()
        types = tx.events.number(workspace, NUMBERED, now=now)
        for id, wanted in tx.subscriptions.active(workspace).items():
            if types.intersection(matching(wanted.types)):
                tx.tasks.put(workspace, SEND, id, due=now)

    async def announce(self, task: TaskLease) -> float | None:
        """The task `announce`: numbers for what has happened, and subscribers told of it."""

        def unit(tx: Tx) -> bool:
            self.number(tx, task.workspace)
            return tx.events.waits(task.workspace)

        return 0.0 if await self._store.write(unit) else None

    def shown(self, tx: Tx, workspace: str, events: Sequence[Event], wanted: Wanted) -> list[dict[str, Any]]:
        """What these say to whoever wants this; what passes its filter not is left out, and who is being erased."""
        names = {
            at.id: (at.row.name, str(at.row.label)) for at in self._connections.all() if at.row.workspace == workspace
        }
        families = tx.families.families({one.family for one in events})
        outside = {id for one in events if one.family in families for id in referred(one, families[one.family])}
        around = tx.families.refs(workspace, names, outside)
        found: list[dict[str, Any]] = []
        for one in events:
            family = families.get(one.family)
            if family is None or (family.state is not FamilyState.LIVE and one.type != CANDIDATE_ERASED):
                continue
            scene = Scene(family, around.records, names, around.external)
            if passes(one, scene, wanted.filter):
                found.append(body(one, scene, wanted.fields, self._address))
        return found

    # -------------------------------------------------------------------------------------------------------- sending

    async def send(self, task: TaskLease) -> float | None:
        """The task `send events`: what is due to one subscriber, one after the other."""
        if self._busy >= self._most:
            return SOON
        self._busy += 1
        try:
            return await self._send(task.workspace, task.key)
        finally:
            self._busy -= 1

    async def _send(self, workspace: str, id: str) -> float | None:
        for _ in range(TURN):
            now = self._runtime.now()
            found = await self._store.read(lambda tx: tx.subscriptions.find(workspace, id))
            if found is None or found[0].state is not State.ACTIVE:
                return None
            one, target = found
            if one.expires is not None and one.expires <= now:
                await self._store.write(lambda tx, s=one: self.end(tx, s, OVER))
                return None
            if one.rests is not None and one.rests > now:
                return (one.rests - now).total_seconds()
            due = await self._next(one, now)
            if due is None:
                at = await self._store.read(lambda tx: tx.subscriptions.next_due(id))
                return None if at is None else max(0.0, (at - now).total_seconds())
            said = slack(due.said) if one.format == Format.SLACK else due.said
            sent = await self.post(one, target, due.said["id"], said)
            await self._store.write(lambda tx, s=one, d=due, a=sent: self._keep(tx, s, d, a))
        return 0.0

    async def _next(self, one: Subscription, now: datetime) -> Due | None:
        """What is to be sent next: what is to be tried again, else what is new. What is none of its is passed over."""
        types = matching(one.wanted.types)
        after = one.cursor
        while True:
            found = await self._store.read(
                lambda tx, a=after: self._again(tx, one, now) or self._new(tx, one, types, a)
            )
            match found:
                case Due():
                    return found
                case Delivery():  # it is no more, or passes the filter no more
                    await self._store.write(lambda tx, d=found: tx.subscriptions.forget(one.id, d.event))
                case Passed(to=to, more=more):
                    if more or to - after >= FAR:
                        await self._store.write(lambda tx, a=to: tx.subscriptions.passed(one.id, a))
                    if not more:
                        return None
                    after = to

    def _look(
        self, tx: Tx, one: Subscription, types: Sequence[str], after: int, now: datetime
    ) -> Due | Delivery | Passed:
        return self._again(tx, one, now) or self._new(tx, one, types, after)

    def _again(self, tx: Tx, one: Subscription, now: datetime) -> Due | Delivery | None:
        """What is to be tried again by now."""
        again = next(iter(tx.subscriptions.due(one.id, 1, now=now)), None)
        event = tx.events.get(one.workspace, again.event) if again is not None else None
        said = self.shown(tx, one.workspace, [event], one.wanted) if event is not None else []
        return Due(event, said[0], again) if event is not None and said else again

    def _new(self, tx: Tx, one: Subscription, types: Sequence[str], after: int) -> Due | Passed:
        """The first event behind this place that is this subscriber's."""
        last = tx.events.last(one.workspace)  # before the page: what is numbered by now stands in it
        events = tx.events.page(one.workspace, after, types, LOOKED)
        for event in events:
            if said := self.shown(tx, one.workspace, [event], one.wanted):
                return Due(event, said[0], None)
        more = len(events) == LOOKED
        return Passed(events[-1].number if more else max(after, last), more)

    async def post(self, one: Subscription, target: Target, id: str, said: dict[str, Any]) -> Sent:
        """One attempt. The address is checked anew each time: what it resolves to may have changed."""
        began, data = self._runtime.now(), dumps(said).encode()
        try:
            standard = one.format == Format.STANDARD
            request = WireRequest(
                "POST", target.url, signed(_secrets(target, began), id, began, data) if standard else PLAIN, data, READ,
                public=checked_target(target.url, self._allowed), cut=True,
            )  # fmt: skip
            got = await self._runtime.transport.send(request, TIMEOUT)
            answer = Answer(got.status, "", got.body.decode("utf-8", "replace"), retry_after(got.headers))
        except (RemoteError, ConfigurationError) as error:
            answer = Answer(0, str(error))
        verdict, words = judged(Format(one.format), answer)
        return Sent(verdict, answer, words, (self._runtime.now() - began).total_seconds())

    # ------------------------------------------------------------------------------------------ what has become of it

    def _keep(self, tx: Tx, one: Subscription, due: Due, sent: Sent) -> None:
        if not tx.subscriptions.hold(one.id):
            return
        now, event = self._runtime.now(), due.event
        known = due.before
        kept = Delivery(
            one.id, event.number, event.type, Outcome.DELIVERED, (known.tries if known else 0) + 1,
            known.first if known and known.tries else now, now, None, sent.answer.status, sent.words,
        )  # fmt: skip
        if known is None:
            tx.subscriptions.passed(one.id, event.number)
        if sent.verdict is Verdict.TAKEN:
            self._taken(tx, one, event, kept, now)
        elif sent.verdict is Verdict.UNSUBSCRIBED:
            self.end(tx, one, sent.words)
        else:
            self._failed(tx, one, kept, sent, now)

    def _taken(self, tx: Tx, one: Subscription, event: Event, kept: Delivery, now: datetime) -> None:
        tx.subscriptions.keep(one.workspace, kept)
        if one.failed >= OUTAGE:
            tx.subscriptions.due_now(one.id, now=now)  # it is back: nobody waits a day for what it missed
        tx.subscriptions.went_well(one.id, now=now, rests=now + PACE if one.format == Format.SLACK else None)
        if one.failing is not None and not tx.subscriptions.deliveries(one.id, state=Outcome.GIVEN_UP, limit=1):
            tx.notices.close(one.workspace, SILENT, one.id, now=now)
        told = personal(one.wanted.fields)
        if told:
            tx.audit.record(
                workspace=one.workspace, at=now, action="sent to a subscriber", actor=as_actor(one),
                family=event.family, record=event.record,
                detail={"subscription": one.id, "event": event.number, "fields": told},
            )  # fmt: skip

    def _failed(self, tx: Tx, one: Subscription, kept: Delivery, sent: Sent, now: datetime) -> None:
        closed = sent.verdict is Verdict.CLOSED
        at = None
        if sent.verdict is Verdict.LATER:
            key = f"{one.id}|{kept.event}"
            at = next_try(kept.first, kept.tries, now, key, sent.answer.retry_after)
        state = Outcome.GIVEN_UP if at is None and not closed else Outcome.WAITING
        if tx.events.get(one.workspace, kept.event) is not None:  # it may have left the log meanwhile
            tx.subscriptions.keep(one.workspace, replace(kept, state=state, due=at or (now if closed else None)))
        rests = now + rest(one.failed + 1, sent.answer.retry_after)
        tx.subscriptions.has_failed(one.id, now=now, rests=rests)
        dead = state is Outcome.GIVEN_UP and sent.verdict is Verdict.LATER and (one.last_ok or kept.first) <= kept.first
        if closed or dead:
            why = f"{sent.words}{'' if closed else ', for eight days'}"
            tx.subscriptions.set_state(one.workspace, one.id, State.STOPPED, why)
            self._tell(tx, one, f"is sent nothing any more: it {why}. Mend it there, then resume it.", now)
        elif state is Outcome.GIVEN_UP:
            self._tell(tx, one, f"has not taken an event, and never will by itself: it {sent.words}.", now)
        elif now - (one.failing or now) >= TOLD:
            self._tell(tx, one, f"takes no events: it {sent.words}. They are kept and tried again for eight days.", now)

    def _tell(self, tx: Tx, one: Subscription, what: str, now: datetime) -> None:
        tx.notices.put(one.workspace, SILENT, one.id, f"The subscriber {one.name} ({one.host}) {what}", now=now)

    def end(self, tx: Tx, one: Subscription, why: str, actor: Actor | None = None) -> None:
        """Take a subscription away for good."""
        now = self._runtime.now()
        tx.subscriptions.drop(one.workspace, one.id)
        tx.notices.close(one.workspace, SILENT, one.id, now=now)
        tx.audit.record(
            workspace=one.workspace, at=now, action="subscription ended", actor=actor or as_actor(one),
            detail={"subscription": one.id, "host": one.host, "why": why},
        )  # fmt: skip
        log.info("subscription ended", subscription=one.id, why=why)

    def expire(self, tx: Tx, workspace: str, now: datetime) -> None:
        """What is too old leaves the log, and whose time is over is sent nothing any more."""
        for one in tx.subscriptions.list(workspace):
            if one.expires is not None and one.expires <= now:
                self.end(tx, one, OVER)
        tx.events.expire(before=now - KEPT)
        tx.subscriptions.expire(delivered=now - LISTED, given_up=now - KEPT)


def _secrets(target: Target, at: datetime) -> list[str]:
    """What an attempt is signed with: with both secrets while one replaces the other."""
    good = target.former and target.former_until is not None and at < target.former_until
    return [target.secret, *([target.former] if good else [])]


def as_actor(one: Subscription) -> Actor:
    """A subscriber, where it is the one who does something."""
    return Actor(ActorKind.SYSTEM, one.id, one.name)
