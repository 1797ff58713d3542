"""What may be sent, request by request: granted in the commit that leases the work, paid for before anything leaves.

A `Purse` is what one piece of work was granted. Every request takes one from it; a conversation longer than foreseen
takes more from the store, and what is left goes back with the next round. So no request leaves that no worker of any
machine has counted, and a system that asks to wait is not asked again before the time it named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bascule.connectors.spec import http_date
from bascule.errors import BudgetSpentError
from bascule.store import Store, Tx
from bascule.store.budgets import Grant, Work

from .http import Observation
from .runtime import Runtime

PATIENCE: Mapping[Work, timedelta] = {
    Work.WRITE: timedelta(0),  # a lane that has to wait comes back: nobody waits holding it
    Work.LIVE: timedelta(seconds=30),
    Work.SWEEP: timedelta(hours=1),  # a list of many pages goes on where it was
    Work.BACKFILL: timedelta(0),
}
GOING = frozenset({Work.WRITE, Work.LIVE})  # small pieces: once begun, they may use what is left
UNTOLD = timedelta(seconds=30)  # how long a rate limit without a time is waited for at first ...
SKEW = timedelta(seconds=2)  # clocks that differ by less agree: a Date header knows whole seconds only
EVER = datetime.min.replace(tzinfo=UTC)
LONGEST = timedelta(minutes=15)  # ... and at most, when it is met again and again


@dataclass
class Purse:
    """What one piece of work may still send, by endpoint class. `units`: how many objects or lanes it is for."""

    rates: Rates
    connection: str
    classes: frozenset[str]  # those that have a limit
    work: Work
    grants: dict[str, Grant]
    units: int = 1
    patience: timedelta | None = None  # how long a request waits, where not as long as this sort of work otherwise may
    hold: Callable[[], Awaitable[None]] | None = None  # keeps the work's lease while it waits
    spent: Counter[str] = field(default_factory=lambda: Counter[str]())

    async def pay(self, cls: str) -> None:
        """One request of this class is about to leave. BudgetSpentError when there is no room for it in time."""
        await self.rates.admit(self, cls)
        self.spent[cls] += 1

    def take(self, cls: str, now: datetime) -> bool:
        """Take one of what was granted, if its window still runs."""
        grant = self.grants.get(cls)
        if grant is None or not grant.n or grant.until <= now:
            return False
        self.grants[cls] = Grant(grant.n - 1, grant.until)
        return True


@dataclass
class _Refusals:
    """How often in a row a system said "too many" without a time, and until when it is left alone."""

    until: datetime
    times: int


class Rates:
    """The purses of this process, and what came back from them since the last round."""

    def __init__(self, store: Store, runtime: Runtime) -> None:
        self._store = store
        self._runtime = runtime
        self._learned: dict[tuple[str, str], Learned] = {}
        self._refused: dict[tuple[str, str], _Refusals] = {}
        self._back: defaultdict[tuple[str, str, Work], list[Grant]] = defaultdict(list)
        self._done: defaultdict[tuple[str, str, Work], list[int]] = defaultdict(lambda: [0, 0])

    # -------------------------------------------------------------------------------------------------- asking for it

    def purse(
        self, connection: str, classes: frozenset[str], work: Work, grants: Mapping[str, Grant], units: int = 1
    ) -> Purse:
        """For work that was leased with these grants."""
        return Purse(self, connection, classes, work, dict(grants), units)

    async def ask(
        self, connection: str, classes: frozenset[str], work: Work, cls: str, n: int = 1
    ) -> tuple[Purse | None, float]:
        """A purse of `n` requests for a task, or none and in how many seconds to ask again."""

        def unit(tx: Tx) -> tuple[Grant, datetime]:
            now = self._runtime.now()
            grant = tx.budgets.take(connection, cls, n, now=now, work=work, least=n)
            return grant, now if grant else tx.budgets.opens(connection, cls, now=now, work=work, least=n)

        wait = self.waits(connection, cls) - self._runtime.now()
        if wait > timedelta(0):
            return None, wait.total_seconds()
        grant, opens = await self._store.write(unit)
        if not grant:
            return None, max(0.2, (opens - self._runtime.now()).total_seconds())
        return self.purse(connection, classes, work, {cls: grant}), 0.0

    async def admit(self, purse: Purse, cls: str) -> None:
        """Let one request of a purse out, waiting as long as its work may."""
        patient = self._runtime.now() + (PATIENCE[purse.work] if purse.patience is None else purse.patience)
        while True:
            now = self._runtime.now()
            opens = self.waits(purse.connection, cls)
            if opens <= now:
                if cls not in purse.classes or purse.take(cls, now):
                    return
                grant, opens = await self._more(purse, cls)
                if grant:
                    purse.grants[cls] = Grant(grant.n - 1, grant.until)
                    return
            if opens > patient:
                raise BudgetSpentError(
                    f"The budget of {cls} requests for this window is spent; nothing was sent.",
                    retry_after=max(timedelta(milliseconds=200), opens - now),
                )
            if purse.hold is not None:
                await purse.hold()
            await self._runtime.sleep(max(0.05, min(30.0, (opens - now).total_seconds())))

    async def _more(self, purse: Purse, cls: str) -> tuple[Grant, datetime]:
        going = purse.work in GOING

        def unit(tx: Tx) -> tuple[Grant, datetime]:
            now = self._runtime.now()
            grant = tx.budgets.take(purse.connection, cls, 1, now=now, work=purse.work, going=going)
            return grant, tx.budgets.opens(purse.connection, cls, now=now, work=purse.work)

        return await self._store.write(unit)

    # ------------------------------------------------------------------------------------------- what a system answers

    def waits(self, connection: str, cls: str) -> datetime:
        """Until when this process sends nothing of this class there."""
        refused = self._refused.get((connection, cls))
        return refused.until if refused is not None else EVER

    def observe(self, connection: str, seen: Observation) -> None:
        """An answer came: what it says of the rate is stored with the next round. After a 429 nothing of that class is
        sent before the time the system named, from this moment on; where it named none, longer each time in a row."""
        now = self._runtime.now()
        ends = window_end(seen)
        if seen.status == 429:
            ends = self._refuse(connection, seen.budget, seen.retry_after, ends, now)
        elif 0 < seen.status < 500:
            known = self._refused.get((connection, seen.budget))
            if known is not None and known.until <= now:
                del self._refused[connection, seen.budget]
        if seen.limit is not None or seen.remaining is not None or seen.status == 429:
            remaining = 0 if seen.status == 429 else seen.remaining
            self._learned[connection, seen.budget] = Learned(seen.limit, remaining, ends)

    def _refuse(
        self, connection: str, cls: str, told: timedelta | None, ends: datetime | None, now: datetime
    ) -> datetime:
        known = self._refused.get((connection, cls))
        until = now + told if told is not None else ends if ends is not None and ends > now else None
        if known is not None and known.until > now:  # it was under way when the first was refused
            known.until = max(known.until, until or known.until)
            return known.until
        times = (known.times if known is not None else 0) + (until is None)
        until = until or now + min(LONGEST, UNTOLD * 2 ** (times - 1))
        self._refused[connection, cls] = _Refusals(until, times)
        return until

    # ------------------------------------------------------------------------------------------------------ settling

    def close(self, purse: Purse) -> None:
        """The work is over: what is left goes back, and what it took is remembered."""
        for cls, grant in purse.grants.items():
            if grant.n:
                self._back[purse.connection, cls, purse.work].append(grant)
        purse.grants.clear()
        for cls, spent in purse.spent.items():
            done = self._done[purse.connection, cls, purse.work]
            done[0] += spent
            done[1] += purse.units
        purse.spent.clear()

    def collect(self) -> Settlement:
        """What has come back since the last time, for the next round's commit."""
        found = Settlement(self._learned, self._back, self._done)
        self._learned, self._back, self._done = {}, defaultdict(list), defaultdict(lambda: [0, 0])
        return found


@dataclass(frozen=True, slots=True)
class Learned:
    """What the newest answer said: requests a window, how many of them are left, and when it ends."""

    limit: int | None
    remaining: int | None
    ends: datetime | None


@dataclass(frozen=True)
class Settlement:
    """What systems said of their rates, requests that were granted and not sent, and what finished work has taken."""

    learned: Mapping[tuple[str, str], Learned]
    back: Mapping[tuple[str, str, Work], list[Grant]]
    done: Mapping[tuple[str, str, Work], list[int]]

    def keep(self, tx: Tx, now: datetime) -> None:
        for (connection, cls, work), grants in self.back.items():
            for until in {grant.until for grant in grants}:
                n = sum(grant.n for grant in grants if grant.until == until)
                tx.budgets.give_back(connection, cls, n, work=work, until=until)
        for (connection, cls, work), (spent, units) in self.done.items():
            tx.budgets.cost(connection, cls, work=work, spent=spent, units=units)
        for (connection, cls), one in self.learned.items():
            tx.budgets.learn(connection, cls, now=now, limit=one.limit, remaining=one.remaining, reset_at=one.ends)


def window_end(seen: Observation) -> datetime | None:
    """When the system's window ends, where it says so: an epoch by its own clock, or seconds from the answer."""
    try:
        value = float(seen.reset)
    except ValueError:
        return None
    answered = seen.started + timedelta(seconds=seen.seconds)
    if value < 1e8:
        return answered + timedelta(seconds=value)
    ends, theirs = datetime.fromtimestamp(value, UTC), http_date(seen.date)
    skewed = theirs is not None and abs(theirs - answered) > SKEW
    return answered + (ends - theirs) if theirs is not None and skewed else ends
