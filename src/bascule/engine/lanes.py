"""The worker's loop: one commit a round leases what is due, everything else happens between two rounds.

A round asks only connections that have something due and may be called; it spends their budgets in the same commit.
Writes go first, then live reads, then sweeps, then backfill; every twentieth round the order is turned round, so that
nothing starves.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from bascule.connectors.spec import Reads
from bascule.core import retry
from bascule.errors import (
    AbsentError,
    BasculeError,
    LeaseLostError,
    MalformedError,
    RejectedError,
    RemoteError,
    StaleError,
    StoreUnavailableError,
)
from bascule.model import Kind, Read
from bascule.store import Store, Tx
from bascule.store.budgets import Grant, Work
from bascule.store.connections import Call
from bascule.store.lanes import Priority, ReadLease, WriteLease
from bascule.store.tasks import Retry, TaskLease

from .connections import Connected, Connections
from .deliver import Deliver
from .http import Observation
from .observe import cost, fetch, one_by_one
from .rates import Purse, Rates, Settlement
from .reconcile import Reconcile
from .runtime import Runtime
from .traces import Span, SpanKind, read_of, task_of

READ_BATCH = 50
READ_WITHIN = 5.0  # seconds that a batch of objects may take of the rate, where each costs requests of its own
READING = timedelta(seconds=30)  # how long a batch waits for its next request: what it has read is not thrown away
USUAL_WRITE = 2  # requests a lane of writes takes, before it is known
WORK = {Priority.LIVE: Work.LIVE, Priority.SWEEP: Work.SWEEP, Priority.BACKFILL: Work.BACKFILL}
SOON = timedelta(seconds=1)  # until a lane is tried again in which others were always faster
OVERTAKEN = 5  # turns of a read in which others were always faster before it is told: nobody is so often in the way
UNREADABLE = "unreadable object"  # the kind of a notice: it cannot be planned
TASK_TRIES = 5  # unforeseen failures of a task before it waits for a person
TURN = 20  # every so many rounds the least urgent go first
GATHER = (0.15, 2.0)  # seconds between two live reads of a connection, so that what arrives together is read together
STANDING = frozenset(
    {
        "alert",
        "poll",
        "sweep",
        "parity",
        "discover",
        "backfill",
        "index all",
        "mailbox",
        "older resumes",
        "credentials",
        "escalate",
        "estimate",
        "measure",
        "no human decision",
        "seal",
        "stage history",
        "tidy",
    }
)  # never given up, whatever happens
STANDING_AGAIN = timedelta(minutes=5)
TASK_PARKED = timedelta(minutes=5)  # until a task is tried again whose system refuses our credentials, or it for good
REFRESH_EVERY = timedelta(seconds=1)  # connections are read anew this often where others may change them
LONGEST_WAIT = 1.0  # seconds between rounds when nothing is known to be due
IDLE = timedelta(seconds=3)  # so long after its last work a worker looks that rarely, whatever others may add
Handler = Callable[[TaskLease], Awaitable[float | None]]
"""Carries out a task; returns in how many seconds it is due again, or None when it is done."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects of one connection that are read together."""

    at: Connected
    root: Kind
    kinds: frozenset[Kind]
    leases: tuple[ReadLease, ...]
    purse: Purse


@dataclass
class Round:
    """What one round has leased."""

    reads: list[Batch] = field(default_factory=list)
    writes: list[tuple[Connected, WriteLease, Purse]] = field(default_factory=list)
    tasks: list[TaskLease] = field(default_factory=list)
    next_due: datetime | None = None

    def __len__(self) -> int:
        return len(self.reads) + len(self.writes) + len(self.tasks)


Wanted: TypeAlias = tuple[Kind, frozenset[Kind], Priority]


def _in_batches(
    at: Connected, groups: Mapping[Wanted, Sequence[ReadLease]]
) -> Iterator[tuple[Wanted, Sequence[ReadLease]]]:
    """What is wanted alike, in batches that are read in one go: of objects that are asked for one by one only as many
    as the rate allows within seconds."""
    rate = at.connector.rates.get(at.connector.default_class)
    for wanted, leases in groups.items():
        each = one_by_one(at.connector.reads, *wanted[:2])
        most = int(READ_WITHIN * rate.requests / rate.per.total_seconds() / each) if rate and each else READ_BATCH
        for start in range(0, len(leases), max(1, most)):
            yield wanted, leases[start : start + max(1, most)]


class Worker:
    """Leases and carries out work until it is told to stop."""

    def __init__(
        self,
        runtime: Runtime,
        connections: Connections,
        reconcile: Reconcile,
        deliver: Deliver,
        rates: Rates,
        handlers: Mapping[str, Handler],
        *,
        slots: int,
        name: str,
        lease: timedelta,
        poll: float = LONGEST_WAIT,
    ) -> None:
        self._traces = runtime.traces
        self._runtime = runtime
        self._connections = connections
        self._reconcile = reconcile
        self._deliver = deliver
        self._rates = rates
        self.handlers = dict(handlers)
        self._slots = slots
        self._name = name
        self._lease = lease
        self._poll = poll
        self._busy = 0
        self._started = 0
        self._rounds = 0
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._stale = True
        self._fresh_until = datetime.min.replace(tzinfo=UTC)
        self._worked = runtime.now()
        self._reads_at: dict[str, datetime] = {}  # connection -> when its next batch of reads may leave
        self._answered: set[str] = set()
        self._running: dict[int, tuple[tuple[ReadLease, ...] | TaskLease, datetime]] = {}  # renewed while they last
        connections.changed = self.reload
        self.on_failure: Callable[[str, Exception], None] = lambda _what, _error: None
        self.on_lost: Callable[[str], None] = lambda _what: None
        self.on_applied: Callable[[Connected, Kind, float], None] = lambda _at, _root, _seconds: None
        """What a delivery told of has been read and is in the record, so many seconds after the delivery came."""

    @property
    def _store(self) -> Store:
        return self._connections.store

    # ------------------------------------------------------------------------------------------------------ the loop

    def wake(self) -> None:
        """Something may be due now. May be called from any thread; before the first round there is nobody to wake."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def reload(self) -> None:
        """A connection has changed: read the rows again before the next round."""
        self._stale = True
        self.wake()

    async def run(self) -> None:
        """Until `stop`; then wait for what is under way. A round that fails is followed by another: whatever keeps the
        database from answering ends sooner or later, and work goes on by itself."""
        while not self._stopping:
            self._wake.clear()
            try:
                leased = await self.step()
            except Exception as error:
                self.on_failure("round", error)
                self._stale = True
                await self._runtime.sleep(self._poll)
                continue
            if leased is None or not len(leased) or self._busy >= self._slots:
                await self._rest(leased)
        await self._runtime.settle()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _rest(self, leased: Round | None) -> None:
        """Until woken, or until the next thing is due."""
        now = self._runtime.now()
        wait = self._poll if now - self._worked < IDLE else LONGEST_WAIT
        if leased is not None and leased.next_due is not None:
            wait = min(wait, max(0.002, (leased.next_due - now).total_seconds()))
        waker = self._runtime.spawn(self._wake.wait(), "wake")
        timer = self._runtime.spawn(self._sleep(wait), "rest")
        await asyncio.wait({waker, timer}, return_when=asyncio.FIRST_COMPLETED)
        waker.cancel()
        timer.cancel()

    async def _sleep(self, seconds: float) -> None:
        await self._runtime.sleep(seconds)

    async def step(self) -> Round | None:
        """One round: lease what is due and start it. None when all slots are taken."""
        self._loop = asyncio.get_running_loop()
        if self._stale or self._others_may_have_changed_them():
            self._stale = False
            self._fresh_until = self._runtime.now() + REFRESH_EVERY
            await self._connections.refresh()
        await self._renew()
        free = self._slots - self._busy
        if free <= 0:
            return None
        self._rounds += 1
        now = self._runtime.now()
        settlement = self._rates.collect()
        healthy, self._answered = self._answered, set()
        leased = await self._store.write(lambda tx: self._round(tx, free, now, settlement, healthy))
        if len(leased):
            self._worked = now
        until = now + self._lease
        for batch in leased.reads:
            self._start(self._read(batch), "read", (batch.leases, until))
        for at, lease, purse in leased.writes:
            self._start(self._write(at, lease, purse, until), "write")
        for task in leased.tasks:
            self._start(self._task(task), "task", (task, until))
        return leased

    async def _renew(self) -> None:
        """Hold on to what takes long: reads and tasks that have used half of their lease. A lane of writes is not held
        on to: it releases itself in time. What is lost is found out, and dropped, when it ends."""
        now = self._runtime.now()
        late = [(key, held) for key, (held, until) in self._running.items() if until - now < self._lease / 2]
        for key, held in late:
            until = now + self._lease

            def unit(tx: Tx, held: tuple[ReadLease, ...] | TaskLease = held, until: datetime = until) -> None:
                if isinstance(held, TaskLease):
                    tx.tasks.renew(held, until=until)
                else:
                    tx.reads.renew(tx.reads.held(held), until=until)

            try:
                await self._store.write(unit)
            except LeaseLostError:
                self._running.pop(key, None)
            else:
                if key in self._running:
                    self._running[key] = (held, until)

    def _others_may_have_changed_them(self) -> bool:
        """Another process may have added, paused or changed a connection, unless this one owns the database."""
        return not self._store.alone and self._runtime.now() >= self._fresh_until

    def _start(
        self,
        work: Awaitable[None],
        what: str,
        held: tuple[tuple[ReadLease, ...] | TaskLease, datetime] | None = None,
    ) -> None:
        self._busy += 1
        self._started += 1
        if held is not None:
            self._running[self._started] = held
        self._runtime.spawn(self._guarded(work, what, self._started), what)

    async def _guarded(self, work: Awaitable[None], what: str, key: int) -> None:
        try:
            await work
        except LeaseLostError:  # another worker has it, and this one's outcome is dropped
            self.on_lost(what)
        except Exception as error:
            self.on_failure(what, error)
        finally:
            self._busy -= 1
            self._running.pop(key, None)
            self._wake.set()

    # ------------------------------------------------------------------------------------------------------- a round

    def _round(self, tx: Tx, free: int, now: datetime, settlement: Settlement, healthy: set[str]) -> Round:
        out = Round()
        settlement.keep(tx, now)
        for connection in healthy:
            self._connections.answered(tx, connection, now)
        until = now + self._lease
        backwards = self._rounds % TURN == 0
        known = self._connections.ids()
        reads = tx.reads.waiting(known, now=now)
        writes = tx.writes.waiting(known, now=now)
        reading = {c for c, _, due in reads if due <= now}
        writing = {c for c, due in writes if due <= now}
        for at in self._order(reading | writing):
            if len(out) >= free:
                break
            gathers = self._reads_at.get(at.id, now)
            probes = until if at.id in reading and gathers <= now else None
            may = tx.connections.may_call(at.id, now=now, probe_until=probes)
            if may is Call.WAIT:
                continue
            if may is Call.PROBE:  # by a read: a write that always fails must not keep its neighbours waiting
                self._lease_reads(tx, at, out, 1, now, until, tuple(Priority))
                continue
            if backwards:
                self._lease_reads(tx, at, out, free - len(out), now, until, tuple(reversed(Priority)))
            if free > len(out) and at.id in writing:
                self._lease_writes(tx, at, out, free - len(out), now, until)
            if free > len(out) and at.id in reading:
                if gathers > now:
                    out.next_due = gathers
                    continue
                self._reads_at[at.id] = now + self._gather(at)
                self._lease_reads(tx, at, out, free - len(out), now, until, tuple(Priority))
        names = tuple(self.handlers)
        if free > len(out):
            out.tasks = tx.tasks.lease(names, free - len(out), now=now, until=until, worker=self._name)
        dues = [due for _, _, due in reads] + [due for _, due in writes]
        task_due = tx.tasks.next_due(names, now=now)
        upcoming = [due for due in [*dues, *([task_due] if task_due else [])] if due > now]
        out.next_due = min([*upcoming, *([out.next_due] if out.next_due else [])], default=None)
        return out

    def _gather(self, at: Connected) -> timedelta:
        """How long reads gather: as long as the rate that the system allows takes to make room for two requests,
        within bounds."""
        rate = at.connector.rates.get("default")
        least, most = GATHER
        allowed = at.client.allowed.get("default", rate.requests) if rate else 0
        seconds = 2 * rate.per.total_seconds() / allowed if rate and allowed else least
        return timedelta(seconds=min(most, max(least, seconds)))

    def _order(self, due: set[str]) -> list[Connected]:
        """The connections with something due that may work, taking turns."""
        mine = [at for at in self._connections.all() if at.id in due and not at.row.paused]
        turn = self._rounds % len(mine) if mine else 0
        return mine[turn:] + mine[:turn]

    def _lease_writes(self, tx: Tx, at: Connected, out: Round, room: int, now: datetime, until: datetime) -> None:
        """As many lanes as there are requests for, each at what a lane has cost of late."""
        cls = at.connector.default_class
        if self._rates.waits(at.id, cls) > now:
            return
        price = tx.budgets.price(at.id, cls, work=Work.WRITE, usual=USUAL_WRITE)
        grant = tx.budgets.take(at.id, cls, room * price, now=now, work=Work.WRITE, least=price)
        if not grant:
            return
        leases = tx.writes.lease(at.id, max(1, grant.n // price), now=now, until=until, worker=self._name)
        rest = grant.n - price * len(leases)
        if rest > 0:
            tx.budgets.give_back(at.id, cls, rest, work=Work.WRITE, until=grant.until)
        for lease in leases:
            mine = {cls: Grant(min(price, grant.n), grant.until)}
            out.writes.append((at, lease, self._rates.purse(at.id, at.classes, Work.WRITE, mine)))

    def _lease_reads(
        self,
        tx: Tx,
        at: Connected,
        out: Round,
        room: int,
        now: datetime,
        until: datetime,
        priorities: Sequence[Priority],
    ) -> None:
        leases = tx.reads.lease(at.id, READ_BATCH, now=now, until=until, worker=self._name, priorities=priorities)
        groups: defaultdict[tuple[Kind, frozenset[Kind], Priority], list[ReadLease]] = defaultdict(list)
        for lease in leases:
            groups[lease.kind, lease.kinds, lease.priority].append(lease)
        for (root, kinds, priority), mine in _in_batches(at, groups):
            price = cost(at.connector.reads, root, kinds, len(mine))
            work = WORK[priority]
            grants = self._grants(tx, at, price, work, now) if room > 0 else {}
            if grants is None or room <= 0:
                opens = [tx.budgets.opens(at.id, cls, now=now, work=work, least=n) for cls, n in price.items()]
                shut = [self._rates.waits(at.id, cls) for cls in price]
                due = max([now, *opens, *shut]) + timedelta(milliseconds=200)
                tx.reads.retry(mine, due=due, tried=False)
                continue
            room -= 1
            purse = self._rates.purse(at.id, at.classes, work, grants, len(mine))
            purse.patience = READING
            out.reads.append(Batch(at, root, kinds, tuple(mine), purse))

    def _grants(
        self, tx: Tx, at: Connected, price: Mapping[str, int], work: Work, now: datetime
    ) -> dict[str, Grant] | None:
        """Requests of every class that is needed, or none of any."""
        grants: dict[str, Grant] = {}
        for cls, n in price.items():
            open = self._rates.waits(at.id, cls) <= now
            grant = tx.budgets.take(at.id, cls, n, now=now, work=work, least=n) if open else Grant(0, now)
            if not grant:
                for taken, mine in grants.items():
                    tx.budgets.give_back(at.id, taken, mine.n, work=work, until=mine.until)
                return None
            grants[cls] = grant
        return grants

    def observed(self, connection: str, seen: Observation) -> None:
        """An answer of a system, or none: what it says of the rate, and that the system is there."""
        self._rates.observe(connection, seen)
        if 0 < seen.status < 500:
            self._answered.add(connection)
            if seen.status != 429:
                self._connections.heard[connection] = seen.started + timedelta(seconds=seen.seconds)

    # ------------------------------------------------------------------------------------------------------- reading

    async def _read(self, batch: Batch) -> None:
        try:
            await self._read_all(batch)
        finally:
            self._rates.close(batch.purse)

    async def _read_all(self, batch: Batch) -> None:
        try:
            await self._fetch(batch)
        except (RejectedError, AbsentError, MalformedError) as error:
            if len(batch.leases) == 1:
                await self._read_failed(batch, error)
                return
            for lease in batch.leases:  # one of them spoils the batch: each by itself
                await self._read_all(replace(batch, leases=(lease,)))
        except RemoteError as error:
            await self._read_failed(batch, error)

    async def _fetch(self, batch: Batch) -> None:
        at, leases = batch.at.paid_from(batch.purse), batch.leases
        number, started = leases[0].epoch, self._runtime.now()
        externals = [lease.external for lease in leases]
        needs_children = any(batch.root not in r.by for r in _asked(at.connector.reads, batch))
        known = await self._connections.children(at, batch.root, externals) if needs_children else {}
        refused: list[RemoteError] = []
        told: list[tuple[str, datetime]] = []
        spans = await self._spans(batch) if self._traces.on else {}
        reads: Mapping[str, Read] = {}
        try:
            reads = await fetch(
                at.client, at.connector.reads, at.tenant, connection=at.id, number=number, read_id=self._runtime.id(),
                started=started, root=batch.root, externals=externals, kinds=batch.kinds, known=known,
                refused=refused.append,
            )  # fmt: skip
        finally:
            for external, span in spans.items():
                self._traces.end(span, ok=external in reads)

        def finish(tx: Tx, failed: Mapping[str, Exception]) -> None:
            now = self._runtime.now()
            for error in refused:
                self._connections.note_error(tx, at, error, now)
            done: list[ReadLease] = []
            for lease in leases:
                why = failed.get(lease.external)
                if isinstance(why, StaleError):  # others keep being faster: again, ever later
                    tx.reads.retry([lease], due=now + retry.back_off(lease.tries + 1, lease.external), error=str(why))
                else:
                    done.append(lease)
            tx.reads.ack(done, number=number, started=started, now=now)
            good = [_about(at, batch.root, lease.external) for lease in done if lease.external not in failed]
            tx.notices.close_about(at.row.workspace, UNREADABLE, good, now=now)
            read = [(batch.root, lease.external, number) for lease in done]
            told[:] = tx.inbox.applied(at.id, read, now=now)
            tx.traces.drop([read_of(at.id, batch.root, external) for external in spans], until=started)

        live = all(lease.priority is not Priority.BACKFILL for lease in leases)
        settled = await self._reconcile.reads(at, batch.root, reads, live=live, finish=finish, spans=spans)
        for external, came in told:
            if external in settled.changed:  # the echo of what we wrote is read behind its fence, and shows nothing new
                self.on_applied(at, batch.root, (self._runtime.now() - came).total_seconds())
        for lease in leases:
            error = settled.failed.get(lease.external)
            if error is None or (isinstance(error, StaleError) and lease.tries + 1 < OVERTAKEN):
                continue
            self.on_failure(f"plan {at.row.name} {batch.root} {lease.external}", error)
            await self._store.write(lambda tx, e=error, x=lease.external: self._poisoned(tx, at, batch.root, x, e))

    async def _spans(self, batch: Batch) -> dict[str, Span]:
        """A span for each of a batch's reads that a change has asked for. Others' are no part of any trace."""
        named = {read_of(batch.at.id, batch.root, lease.external): lease for lease in batch.leases}
        parents = await self._store.read(lambda tx: tx.traces.of(list(named)))
        return {
            named[subject].external: self._traces.start(
                "read", above, kind=SpanKind.CLIENT, connection=batch.at.id, object_kind=str(batch.root),
                object=named[subject].external, attempt=named[subject].tries + 1, read=named[subject].epoch,
            )
            for subject, above in parents.items()
        }  # fmt: skip

    def _poisoned(self, tx: Tx, at: Connected, root: Kind, external: str, error: Exception) -> None:
        name = at.row.name
        again = "It is tried again" if isinstance(error, StaleError) else "It is left as it was until it changes there"
        text = f"{name}: {root} {external} could not be planned ({said(error)}). {again}."
        about = _about(at, root, external)
        tx.notices.put(at.row.workspace, UNREADABLE, about, text, now=self._runtime.now(), connection=at.id)

    async def _read_failed(self, batch: Batch, error: RemoteError) -> None:
        now = self._runtime.now()
        tries = max(lease.tries for lease in batch.leases) + 1
        key = f"{batch.at.id}|{batch.root}|{batch.leases[0].external}"

        def unit(tx: Tx) -> None:
            down = tx.connections.is_down(batch.at.id)
            decision = retry.after_error(tries, error, now, key, down=down)
            self._connections.note_error(tx, batch.at, error, now)
            held = tx.reads.held(batch.leases)
            match decision:
                case retry.Again(at=due):
                    tx.reads.retry(held, due=due, error=str(error), tried=retry.counts(error, down=down))
                case retry.Pause():
                    due = self._connections.parked(tx, batch.at, now, timedelta(minutes=1))
                    tx.reads.retry(held, due=due, error=str(error), tried=False)
                case retry.Dead(why=why):
                    tx.reads.retry(held, due=now + retry.rest(tries, error, key), error=str(error))
                    name = batch.at.row.name
                    text = f"{name}: reading {batch.root} objects fails: {why}. It is tried again and again."
                    about = f"{batch.at.id}|{batch.root}"
                    workspace = batch.at.row.workspace
                    tx.notices.put(workspace, "read failing", about, text, now=now, connection=batch.at.id)

        await self._store.write(unit)

    # --------------------------------------------------------------------------------------------------- writes, tasks

    async def _write(self, at: Connected, lease: WriteLease, purse: Purse, ends: datetime) -> None:
        try:
            await self._deliver.lane(at.paid_from(purse), lease, ends=ends)
        except StaleError as error:  # others keep being faster: what was sent is looked for in the next turn
            again, why = self._runtime.now() + SOON, str(error)
            await self._store.write(lambda tx: tx.writes.retry([lease], due=again, error=why, tried=False))
        finally:
            self._rates.close(purse)

    async def _task(self, lease: TaskLease) -> None:
        handler = self.handlers[lease.name]
        now = self._runtime.now
        at = self._connections.known(lease.key.split("|")[0])  # as it is now: a refusal may come after new credentials
        try:
            again = await self._traced(handler, lease)
        except LeaseLostError:
            raise
        except RemoteError as error:
            decision = retry.after_error(lease.tries + 1, error, now(), f"{lease.name}|{lease.key}")
            refused = error
            await self._store.write(lambda tx: self._task_refused(tx, lease, at, refused, decision))
            return
        except (StaleError, StoreUnavailableError) as error:  # others keep being faster, or the database restarts
            await self._task_again(lease, now() + timedelta(seconds=1), str(error))
            return
        except BasculeError as error:
            self.on_failure(f"task {lease.name}", error)
            if lease.name in STANDING:
                await self._task_again(lease, now() + STANDING_AGAIN, str(error))
            else:
                await self._task_dead(lease, str(error))
            return
        except Exception as error:
            self.on_failure(f"task {lease.name}", error)
            why = said(error)
            if lease.tries >= TASK_TRIES and lease.name in STANDING:
                await self._task_again(lease, now() + STANDING_AGAIN, why)
            elif lease.tries >= TASK_TRIES:
                await self._task_dead(lease, why)
            else:
                await self._task_again(lease, now() + timedelta(seconds=2 ** (lease.tries + 1)), why)
            return
        if again is None:
            await self._store.write(lambda tx: tx.tasks.done(lease))
        else:
            due, tried = now() + timedelta(seconds=again), isinstance(again, Retry)
            await self._store.write(lambda tx: tx.tasks.again(lease, due=due, tried=tried))

    async def _traced(self, handler: Handler, lease: TaskLease) -> float | None:
        """A task that follows from a change is a span of that change's trace."""
        if not self._traces.on:
            return await handler(lease)
        subject, begun = task_of(lease.name, lease.key), self._runtime.now()
        parents = (await self._store.read(lambda tx: tx.traces.of([subject]))).get(subject)
        if parents is None:
            return await handler(lease)
        span, ok = self._traces.start(lease.name, parents, task=lease.key, attempt=lease.tries + 1), False
        try:
            with self._traces.inside(span):
                again = await handler(lease)
            ok = True
        finally:
            self._traces.end(span, ok=ok)
        if again is None:
            await self._store.write(lambda tx: tx.traces.drop([subject], until=begun))
        return again

    def _task_refused(
        self, tx: Tx, lease: TaskLease, at: Connected | None, error: RemoteError, decision: retry.Verdict
    ) -> None:
        """A task of a connection met an error of its system, which may mean the whole connection."""
        now = self._runtime.now()
        due = decision.at if isinstance(decision, retry.Again) else now + TASK_PARKED
        if at is not None:
            if isinstance(decision, retry.Pause):
                due = self._connections.parked(tx, at, now, TASK_PARKED)
            self._connections.note_error(tx, at, error, now)
        probe = tx.connections.get(at.id).not_before if at is not None and retry.says_down(error) else None
        tx.tasks.again(lease, due=probe or due, error=str(error), tried=probe is None)

    async def _task_again(self, lease: TaskLease, due: datetime, why: str) -> None:
        await self._store.write(lambda tx: tx.tasks.again(lease, due=due, error=why))

    async def _task_dead(self, lease: TaskLease, why: str) -> None:
        await self._store.write(lambda tx: tx.tasks.dead(lease, error=why))


def said(error: Exception) -> str:
    """What may be kept of an error: the words of ours; of an unforeseen one its kind and place, for its words may quote
    a value."""
    if isinstance(error, BasculeError):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"


def _asked(reads: Sequence[Reads], batch: Batch) -> list[Reads]:
    from .observe import plan_of

    return plan_of(reads, batch.root, batch.kinds)


def _about(at: Connected, root: Kind, external: str) -> str:
    """What a notice about one object is about."""
    return f"{at.id}|{root}|{external}"
