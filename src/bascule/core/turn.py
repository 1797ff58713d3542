"""One turn of a write lane: settle how the last call ended, prepare the next one. One plan for both, to be committed
before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bascule.core.draft import Context, Draft, Plan
from bascule.core.outcome import conclude, looked
from bascule.core.sending import Prepared, ReadFirst, orphaned, prepared, ready
from bascule.core.writing import arrange
from bascule.model import Attempt, AttemptState, Family, Kind, Outcome, OutcomeKind

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
    """What is to be committed, and what the lane does next: send, read first, look for a lost creation, or nothing
    (`again`: until a lost creation may be looked for)."""

    plan: Plan
    send: Prepared | None = None
    read: ReadFirst | None = None
    look: Prepared | None = None
    again: datetime | None = None


def turn(
    family: Family,
    connection: str,
    context: Context,
    epoch: int,
    *,
    ended: Ended | None = None,
    read: int | None = None,
) -> Turn:
    """Settle and go on. Attempts that an earlier holder of the lane left open are taken for unanswered.

    `read` is the number of the read that was made first in this turn.
    """
    draft = Draft(family, context)
    if ended is not None and ended.look:
        looked(draft, ended.attempt, (ended.outcome.external,) if ended.outcome.external else (), ended.owner)
    elif ended is not None:
        conclude(draft, ended.attempt, ended.outcome, ended.owner)
    for attempt in orphaned(family, connection, epoch):
        conclude(draft, attempt, GONE)
    arrange(draft)
    lost = [
        a
        for a in draft.attempts.values()
        if a.link is None and a.connection == connection and a.state is AttemptState.LOST
    ]  # of what was written to an object that is there, a read will tell
    for attempt in lost:
        if attempt.until is None or attempt.until <= context.now:
            plan = draft.finish()
            return Turn(plan, look=_to_look_for(plan, attempt))
    for write in ready(draft, connection):
        match prepared(draft, write, epoch, turn=read):
            case Prepared() as made:
                return Turn(made.plan, send=made)
            case ReadFirst() as wanted:
                return Turn(draft.finish(), read=wanted)
            case _:
                continue
    return Turn(draft.finish(), again=min((a.until for a in lost if a.until), default=None))


def _to_look_for(plan: Plan, attempt: Attempt) -> Prepared:
    """What a look needs to know of the creation it looks for."""
    family = plan.family
    record = family.records[attempt.record]
    parent = family.records.get(record.parent) if record.parent else None
    parents: dict[Kind, str] = {}
    while parent is not None:
        link = family.link_of(parent.id, attempt.connection)
        if link is not None:
            parents[parent.kind] = link.external
        parent = family.records.get(parent.parent) if parent.parent else None
    return Prepared(
        plan=plan,
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
