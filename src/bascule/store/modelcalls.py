"""What was asked of models of others: when, why, where, how much of it, and how it ended. No text of it is kept.

A call is written before it leaves, with the most it may take, and again when it has ended; so one that a crash cut off
counts in full, and a budget holds whatever happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from . import statements as s
from .codec import moment, stamp

if TYPE_CHECKING:
    from .tx import Row, Tx

END = "\U0010ffff"
OPEN = "open"  # sent; how it ended is not known yet, or never will be


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request. `family`: whom it was about. `digest` is keyed for them: the same request has the same, and it says
    nothing once they are erased. `cost` in millionths of the workspace's currency. `kept` and `dropped`: of what was
    answered, how much held against the CV and how much did not."""

    id: str
    workspace: str
    family: str | None
    at: datetime
    purpose: str
    provider: str
    model: str
    host: str
    region: str
    prompt: str
    digest: str
    tokens_in: int
    tokens_out: int
    cost: int
    ms: int = 0
    status: int = 0
    outcome: str = OPEN
    kept: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What calls have taken since a moment."""

    calls: int
    tokens: int
    cost: int
    dropped: int


class ModelCalls:
    """`tx.model_calls`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def open(self, call: ModelCall) -> None:
        """It is about to leave."""
        self._tx.run(
            s.MODEL_CALL_OPEN, id=call.id, workspace=call.workspace, family=call.family, at=stamp(call.at),
            purpose=call.purpose, provider=call.provider, model=call.model, host=call.host, region=call.region,
            prompt=call.prompt, digest=call.digest, tokens_in=call.tokens_in, tokens_out=call.tokens_out,
            cost=call.cost, outcome=call.outcome,
        )  # fmt: skip

    def end(self, call: ModelCall) -> None:
        """How it ended, and what it took."""
        self._tx.run(
            s.MODEL_CALL_END, id=call.id, tokens_in=call.tokens_in, tokens_out=call.tokens_out, cost=call.cost,
            ms=call.ms, status=call.status, outcome=call.outcome,
        )  # fmt: skip

    def judged(self, id: str, outcome: str, *, kept: int = 0, dropped: int = 0) -> None:
        """What its answer was worth."""
        self._tx.run(s.MODEL_CALL_JUDGED, id=id, outcome=outcome, kept=kept, dropped=dropped)

    def used(self, workspace: str, *, since: datetime) -> Used:
        """What has been taken since then, calls that have not ended in full."""
        row = self._tx.row(s.MODEL_CALLS_USED, workspace=workspace, since=stamp(since))
        assert row is not None
        return Used(*map(int, row))

    def list(self, workspace: str, *, before: str = END, limit: int = 50) -> list[ModelCall]:
        """The newest first."""
        return [_call(row) for row in self._tx.rows(s.MODEL_CALLS, workspace=workspace, before=before, limit=limit)]

    def about(self, family: str) -> list[tuple[str, int]]:
        """Where requests about somebody went, this machine left out: (host, how many)."""
        return [(host, int(count)) for host, count in self._tx.rows(s.MODEL_CALLS_ABOUT, family=family)]

    def forget(self, family: str) -> None:
        """Nobody knows any more whom they were about; what they took stays counted."""
        self._tx.run(s.MODEL_CALLS_FORGET, family=family)

    def expire(self, workspace: str, *, before: datetime) -> int:
        """Forget calls made before then; how many."""
        return self._tx.run(s.MODEL_CALLS_EXPIRE, workspace=workspace, before=stamp(before))


def _call(row: Row) -> ModelCall:
    id, workspace, family, at, *rest = row
    return ModelCall(id, workspace, family, moment(at), *rest)
