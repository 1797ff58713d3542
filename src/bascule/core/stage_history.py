"""What a system's own history of stages tells of the time before Bascule, joined with what Bascule saw itself. Pure.

What Bascule saw stands. Of the history only the way to where an application stood when it was met is taken; whatever
came later is seen by Bascule, and told by nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ROUNDED = timedelta(minutes=1)  # one system may tell one time more exactly than another


@dataclass(frozen=True, slots=True)
class Move:
    """An application came into a stage, or, with `left`, went from it. `stage` "": it left whichever it was in, with
    the status `ended` where that is told."""

    at: datetime
    stage: str
    ended: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in one stage; `until` None where it has not ended. `ended`: the status in which the application ended
    there, "" where it went on, or nobody tells."""

    stage: str
    entered: datetime
    until: datetime | None = None
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """Where an application stood when Bascule met it. `stage` "": in none that is shown; `ended`: the status in which
    it ended there, and `closed` when, as the system dates it; `moved`: when Bascule first saw it move, and
    `next` into which stage."""

    stage: str
    ended: str = ""
    closed: datetime | None = None
    moved: datetime | None = None
    next: str = ""


def stays(moves: Iterable[Move]) -> list[Stay]:
    """Moves, in whatever order they are told, as stays. Where several stages were entered at one moment, it was in the
    order of the telling, which may be backwards."""
    told = list(moves)
    if told and told[0].at > told[-1].at:
        told.reverse()
    found: list[Stay] = []
    open_ = False
    for move in sorted(told, key=lambda one: (one.at, one.left or not one.stage)):
        here = found[-1].stage if open_ else ""
        if (move.stage == here) is not move.left:
            continue  # it comes to where it stands, or leaves what it has left
        if open_:
            found[-1] = replace(found[-1], until=move.at, ended=move.ended)
        open_ = bool(move.stage) and not move.left
        if open_:
            found.append(Stay(move.stage, move.at))
    return found


def joined(moves: Iterable[Move], met: Met) -> list[Stay]:
    """The stays up to where it was met; the last of them is the one it was met in. Empty where the history does not
    lead there."""
    told = stays(moves)
    place = _place(told, met)
    if place is None:
        return []
    here = told[place]
    until = None
    if met.ended:
        dated = met.closed if met.closed is not None and met.closed + ROUNDED >= here.entered else None
        until = here.until or (max(dated, here.entered) if dated is not None else None)
    return [*told[:place], Stay(here.stage, here.entered, until, met.ended)]


def _place(told: Sequence[Stay], met: Met) -> int | None:
    """Which of the stays it was met in: the last in that stage before the one into which Bascule saw it move; of one
    that had ended by then, the last that is told to have ended so, if any is."""
    known = [place for place, one in enumerate(told) if met.moved is None or one.entered <= met.moved]
    into = [place for place in known if told[place].stage == met.next] if met.moved is not None else []
    known = [place for place in known if not into or place < into[-1]]
    fits = [place for place in known if told[place].stage == met.stage or (met.ended and not met.stage)]
    ended = [place for place in fits if met.ended and told[place].ended == met.ended]
    return max(ended or fits, default=None)
