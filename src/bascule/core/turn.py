"""One turn of a write lane: settle how its calls ended, prepare the next ones. One plan for both, to be committed
before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bascule.core.draft import Context, Draft, Plan
from bascule.core.outcome import conclude, displace, looked
from bascule.core.sending import Prepared, ReadFirst, orphaned, prepared, ready, to_look_for
from bascule.core.writing import arrange
from bascule.model import Attempt, AttemptState, Family, Outcome, OutcomeKind

TOGETHER = 4  # calls of one family under way at a time, each for a record of its own
GONE = Outcome(OutcomeKind.UNANSWERED, words="the worker ended")


@dataclass(frozen=True, slots=True)
class Ended:
    """How the call of an attempt ended, or (`look`) what a look for a lost creation has found: `outcome.external`.

    `owner` names a record of another family that holds the object a creation was answered with.
    """

    attempt: str
    outcome: Outcome
    owner: str = ""
    look: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be committed, and what the lane does next: send (side by side), read first, look for a lost creation,
    or nothing (`again`: until a lost creation may be looked for)."""

    plan: Plan
    send: tuple[Prepared, ...] = ()
    read: ReadFirst | None = None
    look: Prepared | None = None
    again: datetime | None = None


def turn(
    family: Family,
    connection: str,
    context: Context,
    epoch: int,
    *,
    ended: Sequence[Ended] = (),
    read: int | None = None,
) -> Turn:
    """Settle and go on. Attempts that an earlier holder of the lane left open are taken for unanswered.

    Order holds for a record: the next call for one is prepared when the last has ended. `read` is the number of the
    read that was made first in this turn.
    """
    draft = Draft(family, context)
    _settle(draft, ended)
    for attempt in orphaned(family, connection, epoch):
        conclude(draft, attempt, GONE)
    for attempt in _lost(draft, connection):
        displace(draft, attempt)
    arrange(draft)
    lost = _lost(draft, connection)
    for attempt in lost:
        if attempt.until is None or attempt.until <= context.now:
            wanted = to_look_for(draft, attempt)
            return Turn(wanted.plan, look=wanted)
    send: dict[str, Prepared] = {}  # by record
    for write in ready(draft, connection):
        if write.record in send or len(send) == TOGETHER:
            continue
        match prepared(draft, write, epoch, turn=read):
            case Prepared() as made:
                send[write.record] = made
            case ReadFirst() as wanted if not send:
                return Turn(draft.finish(), read=wanted)
            case _:
                continue
    again = None if send else min((a.until for a in lost if a.until), default=None)
    return Turn(draft.finish(), send=tuple(send.values()), again=again)


def _lost(draft: Draft, connection: str) -> list[Attempt]:
    """Creations to be looked for: of what was written to an object that is there, a read will tell."""
    return [
        a
        for a in draft.attempts.values()
        if a.link is None and a.connection == connection and a.state is AttemptState.LOST
    ]


def settled(family: Family, ended: Sequence[Ended], context: Context) -> Plan:
    """Settle, and nothing else."""
    draft = Draft(family, context)
    _settle(draft, ended)
    arrange(draft)
    return draft.finish()


def _settle(draft: Draft, ended: Sequence[Ended]) -> None:
    for one in ended:
        if one.look:
            external, along = one.outcome.external, one.outcome.along
            looked(draft, one.attempt, (external,) if external else (), one.owner, along)
        else:
            conclude(draft, one.attempt, one.outcome, one.owner)
