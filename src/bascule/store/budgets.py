"""Budgets: how many requests each endpoint class of a connection may still send in the running window, and whose.

Taken in the commit that leases the work, so every worker of every machine obeys one rate. Writes come before live
reads, those before sweeps, those before backfill. Each has a floor: the more urgent's is kept free for what may come
any moment, the less urgent's is kept where it waits. What is not urgent spends the rest evenly over the window, so that
a person's change finds room at any time of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from . import statements as s
from .codec import dumps, moment, parsed, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Tx

_MICROSECOND = timedelta(microseconds=1)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
FLOOR = 0.05  # of a window, for each sort of work
FADES = 400  # pieces of work after which what they cost counts half
KEEPS = 0.7  # of what was used a window, from each window to the next
POLLS = 0.25  # of a window that lists asked by the clock may use beside a backfill ...
POLLS_IDLE = 0.5  # ... and at most, while nothing else asks; what is urgent takes it from them down to their floor


class Work(StrEnum):
    """Whose requests they are, the most urgent first."""

    WRITE = "write"
    LIVE = "live"
    SWEEP = "sweep"
    BACKFILL = "backfill"


EARLY: Mapping[Work, float] = MappingProxyType({Work.WRITE: 0.0, Work.LIVE: 0.0, Work.SWEEP: 0.2, Work.BACKFILL: 0.3})
"""Of a window, what is kept from this sort of work at its beginning; it melts away until the end."""


_RANK = {work: rank for rank, work in enumerate(Work)}


@dataclass(frozen=True, slots=True)
class Share:
    """One sort of work's part of a budget.

    `used` in the running window. `refused` and `price`: when it last asked in vain, and for how much at least. `spent`
    requests went into `units` pieces of work (lanes, objects); both fade, so that their ratio is a recent price.
    `pace`: requests a window of late, the running one not counted.
    """

    used: int = 0
    refused: datetime | None = None
    price: int = 0
    spent: float = 0.0
    units: float = 0.0
    pace: float = 0.0

    def waits(self, now: datetime, per: timedelta) -> bool:
        """Whether it has asked in vain of late."""
        return self.refused is not None and now - self.refused <= 2 * per


@dataclass(frozen=True, slots=True)
class Grant:
    """`n` requests that may be sent before `until`."""

    n: int
    until: datetime

    def __bool__(self) -> bool:
        return self.n > 0


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` requests in `per`; `used` in the window that ends at `ends`. `learned`: the system said so."""

    cls: str
    limit: int
    per: timedelta
    ends: datetime
    used: int
    learned: bool
    shares: Mapping[Work, Share] = field(default_factory=lambda: dict[Work, Share]())

    def share(self, work: Work) -> Share:
        return self.shares.get(work, Share())

    def at(self, now: datetime) -> Budget:
        """The budget in the window of `now`: a new one where the last is over."""
        if self.ends > now:
            return self
        idle = KEEPS ** min(100, (now - self.ends) // self.per)  # windows that nobody began
        fresh = {
            work: replace(share, used=0, pace=(KEEPS * share.pace + (1 - KEEPS) * share.used) * idle)
            for work, share in self.shares.items()
        }
        return replace(self, ends=now + self.per, used=0, shares=fresh)

    def for_polls(self, now: datetime) -> float:
        """Which part of the rate lists asked by the clock may use now: what people and changes leave of it, never all,
        and never less than a floor."""
        one = self.at(now)
        urgent = [one.share(work) for work in (Work.WRITE, Work.LIVE)]
        if any(share.waits(now, self.per) for share in urgent):
            return FLOOR
        taken = sum(max(share.pace, share.used) for share in urgent) / max(1, self.limit)
        behind = one.share(Work.BACKFILL)
        most = POLLS if behind.pace >= 1 or behind.used or behind.waits(now, self.per) else POLLS_IDLE
        return max(FLOOR, min(most, 1 - POLLS - taken))

    def left_for(self, work: Work, now: datetime) -> int:
        """How many requests this sort of work may take before only what waits has a right to the rest."""
        kept = sum(
            max(0, self._need(other, other, now) - self.share(other).used) for other in Work if other is not work
        )
        return self.limit - self.used - kept

    def room(self, work: Work, now: datetime) -> int:
        """How many requests this sort of work may take now (in the window of `now`)."""
        left = (self.ends - now) / self.per
        early = int(self.limit * EARLY[work] * min(1.0, max(0.0, left)))
        return self._at_the_end(work, now, self.used) - early

    def most(self, work: Work, now: datetime) -> int:
        """The most it could have in a window of its own."""
        early = int(self.limit * EARLY[work])
        return max(1, self._at_the_end(work, now, 0) - early)

    def _at_the_end(self, work: Work, now: datetime, used: int) -> int:
        kept = sum(
            max(0, self._need(other, work, now) - (self.share(other).used if used else 0))
            for other in Work
            if other is not work
        )
        return self.limit - used - kept

    def _need(self, work: Work, against: Work, now: datetime) -> int:
        """What is kept for one sort of work from another: its floor, and at least the one piece that waits."""
        floor = math.ceil(self.limit * FLOOR)
        share = self.share(work)
        if share.waits(now, self.per):
            return max(floor, min(share.price, self.limit // 4))
        return floor if _RANK[work] < _RANK[against] else 0

    def opens(self, work: Work, least: int, now: datetime) -> datetime:
        """When there is room for `least` requests: now, later in the window, or at its end."""
        spare = self._at_the_end(work, now, self.used) - least
        if self.ends <= now or self.room(work, now) >= least:
            return now
        early = self.limit * EARLY[work]
        return self.ends if spare < 0 or not early else self.ends - self.per * min(1.0, spare / early)


class Budgets:
    """`tx.budgets`. A class nobody declared is unlimited."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def declare(self, connection: str, cls: str, limit: int, per: timedelta) -> None:
        """What the connector says; a limit learned from answers stays."""
        self._tx.run(s.BUDGET_DECLARE, connection=connection, cls=cls, allowed=limit, per=per // _MICROSECOND)

    def take(
        self, connection: str, cls: str, n: int, *, now: datetime, work: Work, least: int = 1, going: bool = False
    ) -> Grant:
        """Up to `n` requests, or none where `least` cannot be had. What is refused is remembered, so that room is kept
        for it. `going`: for work under way, which may end before anything that does not wait yet begins."""
        budget = self._budget(connection, cls)
        if budget is None:
            return Grant(n, FOREVER)
        budget = budget.at(now)
        room = budget.left_for(work, now) if going else budget.room(work, now)
        share = budget.share(work)
        if room < max(1, min(least, budget.most(work, now))):
            self._set(connection, _with(budget, work, replace(share, refused=now, price=least)))
            return Grant(0, budget.ends)
        granted = min(n, room)
        share = replace(share, used=share.used + granted, refused=None, price=0)
        self._set(connection, _with(replace(budget, used=budget.used + granted), work, share))
        return Grant(granted, budget.ends)

    def give_back(self, connection: str, cls: str, n: int, *, work: Work, until: datetime) -> None:
        """Requests of the window that ends at `until` that were taken and not sent."""
        budget = self._budget(connection, cls)
        if budget is not None and n and abs(budget.ends - until) < budget.per / 2:
            share = budget.share(work)
            share = replace(share, used=max(0, share.used - n))
            self._set(connection, _with(replace(budget, used=max(0, budget.used - n)), work, share))

    def cost(self, connection: str, cls: str, *, work: Work, spent: int, units: int) -> None:
        """Pieces of work are done, and what they took."""
        budget = self._budget(connection, cls)
        if budget is not None:
            share = budget.share(work)
            half = 0.5 if share.units > FADES else 1.0
            share = replace(share, spent=share.spent * half + spent, units=share.units * half + units)
            self._set(connection, _with(budget, work, share))

    def price(self, connection: str, cls: str, *, work: Work, usual: int) -> int:
        """What one piece of work has taken of late, in whole requests; `usual` before it is known."""
        budget = self._budget(connection, cls, s.BUDGET_SEEN)
        share = budget.share(work) if budget is not None else Share()
        return max(1, math.ceil(share.spent / share.units - 0.05)) if share.units else usual

    def learn(
        self,
        connection: str,
        cls: str,
        *,
        now: datetime,
        limit: int | None = None,
        remaining: int | None = None,
        reset_at: datetime | None = None,
    ) -> None:
        """What the system's own rate-limit headers say; None where they are silent. Of a window that is over only the
        limit is news."""
        budget = self._budget(connection, cls)
        if budget is None:
            return
        allowed = budget.limit if limit is None else limit
        budget = replace(budget.at(now), limit=allowed, learned=budget.learned or limit is not None)
        if reset_at is None or reset_at > max(now, budget.ends - budget.per):
            if reset_at is not None and remaining is not None and reset_at > budget.ends + budget.per / 10:
                budget = replace(budget, ends=now).at(now)  # their count began anew while ours ran on
            used = budget.used if remaining is None else max(budget.used, allowed - remaining)
            budget = replace(budget, used=used, ends=budget.ends if reset_at is None else reset_at)
        self._set(connection, budget)

    def opens(self, connection: str, cls: str, *, now: datetime, work: Work, least: int = 1) -> datetime:
        """When there is room again for this much: `now`, later in the window, or its end."""
        budget = self._budget(connection, cls, s.BUDGET_SEEN)
        return now if budget is None else budget.opens(work, min(least, budget.most(work, now)), now)

    def list(self, connection: str) -> list[Budget]:
        rows = self._tx.rows(s.BUDGETS, connection=connection)
        return [_budget(row) for row in rows]

    def _budget(self, connection: str, cls: str, sql: Sql = s.BUDGET) -> Budget | None:
        row = self._tx.row(sql, connection=connection, cls=cls)
        return None if row is None else _budget((cls, *row))

    def _set(self, connection: str, budget: Budget) -> None:
        self._tx.run(
            s.BUDGET_SET,
            connection=connection,
            cls=budget.cls,
            allowed=budget.limit,
            ends=stamp(budget.ends),
            used=budget.used,
            learned=budget.learned,
            shares=_shares_text(budget.shares),
        )


def _with(budget: Budget, work: Work, share: Share) -> Budget:
    return replace(budget, shares={**budget.shares, work: share})


def _shares_text(shares: Mapping[Work, Share]) -> str:
    return dumps(
        {
            str(work): [one.used, stamp(one.refused) if one.refused else 0, one.price, one.spent, one.units, one.pace]
            for work, one in shares.items()
        }
    )


def _budget(row: tuple[str, int, int, int, int, bool, str]) -> Budget:
    cls, allowed, per, ends, used, learned, text = row
    shares = {
        Work(work): Share(one, moment(refused) if refused else None, *rest)
        for work, (one, refused, *rest) in parsed(text).items()
    }
    return Budget(cls, allowed, timedelta(microseconds=per), moment(ends), used, bool(learned), shares)
