"""What figures of the way through the stages are counted from: what Bascule saw, and what each ATS tells of before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from bascule.engine.connections import Connected
from bascule.engine.stage_history import STAGE_HISTORY, State, tells
from bascule.hiring.figures.columns import SECOND, Columns
from bascule.store import Tx


@dataclass(frozen=True, slots=True)
class Counted:
    """One connection's part. `seen_since`: since when Bascule sees moves; `history`: what the ATS tells of before
    ("whole", "current": only since when people stand where they are, "none"), `state` how far that is read ("read",
    "reading", "waiting", "refused", "off", or "" where there is none), `history_since` how far back it goes by now and
    `stays` how many it tells. `said` is all of it in a sentence."""

    connection: str
    system: str
    seen_since: datetime
    history: str
    state: str
    history_since: date | None
    stays: int
    said: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def counted(tx: Tx, connections: Iterable[Connected], of: Columns, days: int) -> tuple[Counted, ...]:
    """Of each of these connections. `days`: how far back history is asked for, 0 where it is not."""
    return tuple(_counted(at, tx.connections.cursors(at.id), of, days) for at in connections if not at.is_tool)


def _counted(at: Connected, cursors: Mapping[str, Any], of: Columns, days: int) -> Counted:
    told = tells(at)
    history = "none" if told is None else "whole" if told.whole else "current"
    read = State.kept(cursors[STAGE_HISTORY][0] if STAGE_HISTORY in cursors else None)
    state = "" if told is None else _state(at, read, days)
    place = of.connections.index(at.id) if at.id in of.connections else -2
    mine = of.passages["entered"][(of.passages["connection"] == place) & (of.passages["told"] > 0)]
    first = datetime.fromtimestamp(int(mine.min()) / SECOND, UTC).date() if len(mine) else None
    said = _said(at, history, state, first, read.failed)
    return Counted(at.row.name, at.connector.label, at.row.created, history, state, first, int(np.size(mine)), said)


def _state(at: Connected, read: State, days: int) -> str:
    if not days:
        return "off"
    if not at.row.crawled:
        return "waiting"
    told = tells(at)
    if told is not None and told.reads is None:  # the first reading shows it
        return "read"
    return "refused" if read.refused else "read" if read.done else "reading"


def _said(at: Connected, history: str, state: str, first: date | None, failed: int) -> str:
    label, told = at.connector.label, tells(at)
    seen = f"{label} ({at.row.name}): moves that Bascule has seen since {_day(at.row.created.date())}"
    if told is None:
        return f"{seen}. {label} tells no history of stages, so that what was before has no time."
    if state == "off":
        return f"{seen}. Its stage history is not read (BASCULE_STAGE_HISTORY_DAYS is 0)."
    if state == "refused":
        return f"{seen}. Its stage history is not for this credential to see; that is tried again every day."
    if state == "waiting":
        return f"{seen}. Its stage history is read as soon as everything else has been."
    more = " It is still being read." if state == "reading" else ""
    more += f" Of {failed:,} applications {label} could not show it." if failed else ""
    if first is None:
        return f"{seen}. Its stage history ({told.says}) tells nothing more.{more}"
    if history == "current":
        return f"{seen}; of before only since when people stand where they are ({told.says}), from {_day(first)}.{more}"
    return f"{seen}; before that by its own stage history ({told.says}), from {_day(first)}.{more}"


def _day(at: date) -> str:
    return f"{at.day} {at:%b %Y}"
