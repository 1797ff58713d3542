"""The first page: is everything in step, and what needs me?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bascule.model import HistoryKind, Kind
from bascule.store import Tx
from bascule.store.queries import Change

from ..views import Lag, Movement, Need, Overview, Way
from . import connection, review, sql, words

FEED = 12  # movements shown
LOOK_BACK = 120  # lines of history they are made of
QUIET = frozenset({HistoryKind.BOUND, HistoryKind.ADOPTED})


def page(tx: Tx, workspace: str, status: Mapping[str, Any], now: datetime, totals: Mapping[Kind, int]) -> Overview:
    """`totals`: how many records of each kind, counted a moment ago."""
    rows = connection.rows(tx, workspace, status, now)
    lag = connection.lag_of(status)
    eta = status.get("eta_s")
    return Overview(
        state=connection.all_of(rows),
        candidates=totals.get(Kind.CANDIDATE, 0),
        applications=totals.get(Kind.APPLICATION, 0),
        scored=int(status.get("scored", 0)),
        lag=Lag(lag.p50, lag.p95, lag.slowest),
        backlog=sum(one.backlog for one in rows),
        eta=timedelta(seconds=float(eta)) if eta else None,
        failures=sum(one.failures for one in rows),
        reviews=sum(one.reviews for one in rows),
        gaps=sum(one.gaps for one in rows),
        connections=rows,
        needs=needs(tx, workspace),
        latest=latest(tx, workspace),
    )


def needs(tx: Tx, workspace: str) -> tuple[Need, ...]:
    """What waits for a person: notices first, then the newest reviews."""
    names = words.connection_names(tx, workspace)
    found = [
        Need(notice.text, "", f"/connections/{names.get(notice.connection or '', '')}".rstrip("/"), notice.at)
        for notice in tx.notices.list(workspace, limit=5)
    ]
    found += [review.need(one) for one in tx.pages.reviews(workspace, limit=5)]
    return tuple(found)


def latest(tx: Tx, workspace: str) -> tuple[Movement, ...]:
    """What moved last, newest first; the lines of one record at one instant are one movement."""
    last = tx.pages.last_change()
    lines = tx.pages.changes(workspace, after=max(0, last - LOOK_BACK), limit=LOOK_BACK)
    groups: dict[tuple[str, datetime, str], list[Change]] = {}
    for line in lines:
        if line.kind not in QUIET:
            groups.setdefault((line.record, line.at, _way(line)), []).append(line)
    newest = list(groups.values())[-FEED:][::-1]
    if not newest:
        return ()
    records = tx.families.records(workspace, {group[0].record for group in newest})
    names = dict(tx.rows(sql.NAMES, families=sorted({group[0].family for group in newest})))
    connections = words.connection_names(tx, workspace)
    return tuple(
        _movement(group, records, names, connections) for group in newest if group[0].record in records
    )


def _way(line: Change) -> Way:
    if line.kind is HistoryKind.WRITTEN:
        return Way.OUT
    if line.kind is HistoryKind.CHANGED:
        return Way.IN if line.connection else Way.HERE
    return Way.THERE


def _movement(
    group: list[Change], records: Mapping[str, Any], names: Mapping[str, str], connections: Mapping[str, str]
) -> Movement:
    first = group[0]
    record = records[first.record]
    fields = list(dict.fromkeys(words.label(record.kind, line.field) for line in group if line.field))
    what = ", ".join(fields[:3]) + (f" and {len(fields) - 3} more" if len(fields) > 3 else "")
    thing = "" if record.kind is Kind.CANDIDATE else f"{record.kind.replace('_', ' ')}: "
    is_person = first.family in names
    return Movement(
        id=str(first.seq),
        at=first.at,
        way=_way(first),
        what=f"{thing}{what}".capitalize() if what else str(first.kind).capitalize(),
        who={Way.IN: "the ATS", Way.OUT: "Bascule", Way.HERE: "Bascule", Way.THERE: "the ATS"}[_way(first)],
        subject=names.get(first.family) or words.title(record) or "name removed",
        href=f"/records/{first.record}/history" if not is_person else f"/records/{first.record}/history",
        connection=connections.get(first.connection or "", ""),
    )
