"""Budgets: how many requests each endpoint class of a connection may still send in the running window.

Taken in the commit that leases the work, so every worker of every machine obeys one rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from . import statements as s
from .codec import moment, stamp
from .sql import Sql

if TYPE_CHECKING:
    from .tx import Tx

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` requests in `per`; `used` in the window that ends at `ends`. `learned`: the system said so."""

    cls: str
    limit: int
    per: timedelta
    ends: datetime
    used: int
    learned: bool


class Budgets:
    """`tx.budgets`. A class nobody declared is unlimited."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def declare(self, connection: str, cls: str, limit: int, per: timedelta) -> None:
        """What the connector says; a limit learned from answers stays."""
        self._tx.run(s.BUDGET_DECLARE, connection=connection, cls=cls, allowed=limit, per=per // _MICROSECOND)

    def take(self, connection: str, cls: str, n: int, *, now: datetime, reserve: int = 0) -> int:
        """Take up to `n` requests, leaving `reserve` in the window; how many were granted."""
        budget = self._budget(connection, cls)
        if budget is None:
            return n
        if budget.ends <= now:
            budget = Budget(cls, budget.limit, budget.per, now + budget.per, 0, budget.learned)
        granted = max(0, min(n, budget.limit - reserve - budget.used))
        if granted:
            self._set(connection, budget, budget.used + granted)
        return granted

    def give_back(self, connection: str, cls: str, n: int) -> None:
        """Requests that were taken and not sent."""
        budget = self._budget(connection, cls)
        if budget is not None and n:
            self._set(connection, budget, max(0, budget.used - n))

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
        """What the system's own rate-limit headers say; None where they are silent."""
        budget = self._budget(connection, cls)
        if budget is None:
            return
        allowed = budget.limit if limit is None else limit
        running = budget.ends > now
        used = budget.used if running else 0
        used = used if remaining is None else max(used, allowed - remaining)
        ends = reset_at if reset_at is not None else budget.ends if running else now + budget.per
        self._set(connection, Budget(cls, allowed, budget.per, ends, used, budget.learned or limit is not None), used)

    def opens(self, connection: str, cls: str, *, now: datetime) -> datetime:
        """When there is room again: `now`, or the end of the window."""
        budget = self._budget(connection, cls, s.BUDGET_SEEN)
        return now if budget is None or budget.ends <= now or budget.used < budget.limit else budget.ends

    def list(self, connection: str) -> list[Budget]:
        rows = self._tx.rows(s.BUDGETS, connection=connection)
        return [_budget(row) for row in rows]

    def _budget(self, connection: str, cls: str, sql: Sql = s.BUDGET) -> Budget | None:
        row = self._tx.row(sql, connection=connection, cls=cls)
        return None if row is None else _budget((cls, *row))

    def _set(self, connection: str, budget: Budget, used: int) -> None:
        self._tx.run(
            s.BUDGET_SET,
            connection=connection,
            cls=budget.cls,
            allowed=budget.limit,
            ends=stamp(budget.ends),
            used=used,
            learned=budget.learned,
        )


def _budget(row: tuple[str, int, int, int, int, bool]) -> Budget:
    cls, allowed, per, ends, used, learned = row
    return Budget(cls, allowed, timedelta(microseconds=per), moment(ends), used, bool(learned))
