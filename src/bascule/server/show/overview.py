"""The first page: is everything in step, and what needs me?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bascule.model import HistoryKind, Kind, Record
from bascule.office.tasks import Task
from bascule.store import Tx
from bascule.store.queries import Change

from ..views.overview import Movement, Overview
from ..views.parts import Lag, Need, Way
from . import connection, failure, review, tasks, words

FEED = 12  # movements shown
LOOK_BACK = 120  # lines of history they are made of
SHOWN = frozenset({HistoryKind.CHANGED, HistoryKind.WRITTEN})
DULL = frozenset({"type", "author", "url", "audit_reference", "shortlist_link"})
"""Values that go along with others and say nothing by themselves."""


def page(
    tx: Tx,
    workspace: str,
    lags: Mapping[str, Lag],
    now: datetime,
    maps: failure.Maps,
    waiting: Sequence[Task],
    etas: connection.Etas,
) -> Overview:
    """`waiting` are the open tasks."""
    rows = connection.rows(tx, workspace, lags, now, etas)
    totals = tx.pages.totals(workspace)
    return Overview(
        state=connection.all_of(rows),
        candidates=totals.candidates,
        applications=totals.applications,
        scored=totals.scored,
        lag=connection.worst(lags),
        backlog=sum(one.backlog for one in rows),
        failures=sum(one.failures for one in rows),
        reviews=sum(one.reviews for one in rows),
        gaps=sum(one.gaps for one in rows),
        connections=rows,
        needs=needs(tx, workspace, maps, waiting),
        latest=latest(tx, workspace),
        tasks=len(waiting),
        overdue=sum(one.due < now for one in waiting),
    )


def needs(tx: Tx, workspace: str, maps: failure.Maps, waiting: Sequence[Task]) -> tuple[Need, ...]:
    """What waits for a person: what nobody did in time, then notices, then the newest failures and reviews."""
    names = words.connection_names(tx, workspace)
    found = [tasks.need(one) for one in waiting if one.escalated is not None][:5]
    found += [
        Need(notice.text, "", f"/connections/{names.get(notice.connection or '', '')}".rstrip("/"), notice.at)
        for notice in tx.notices.list(workspace, limit=5)
    ]
    found += [failure.need(one, maps) for one in tx.pages.failures(workspace, limit=5)]
    found += [review.need(one) for one in tx.pages.reviews(workspace, limit=5)]
    return tuple(found)


def latest(tx: Tx, workspace: str) -> tuple[Movement, ...]:
    """What moved last, newest first; the lines of one record at one instant are one movement."""
    last = tx.pages.last_change()
    lines = tx.pages.changes(workspace, after=max(0, last - LOOK_BACK), limit=LOOK_BACK)
    groups: dict[tuple[str, datetime, Way], list[Change]] = {}
    for line in lines:
        if line.kind in SHOWN and line.field not in DULL:
            groups.setdefault((line.record, line.at, _way(line)), []).append(line)
    newest = list(groups.values())[-FEED:][::-1]
    if not newest:
        return ()
    records = tx.families.records(workspace, {group[0].record for group in newest})
    known = tx.families.records(workspace, words.referred(records.values()))
    names = tx.pages.names([group[0].family for group in newest])
    connections = words.connection_names(tx, workspace)
    return tuple(
        _movement(group, records[group[0].record], known, names, connections)
        for group in newest
        if group[0].record in records
    )


def _way(line: Change) -> Way:
    if line.kind is HistoryKind.WRITTEN:
        return Way.OUT
    return Way.IN if line.connection else Way.HERE


def _movement(
    group: list[Change],
    record: Record,
    known: Mapping[str, Record],
    names: Mapping[str, str],
    connections: Mapping[str, str],
) -> Movement:
    first, way = group[0], _way(group[0])
    return Movement(
        id=str(first.seq),
        at=first.at,
        way=way,
        what=_what(record, {line.field for line in group}, known),
        who=connections.get(first.connection or "", "the ATS") if way is Way.IN else "",
        subject=names.get(first.family) or words.title(record) or "name removed",
        href=f"/records/{first.record}/history" + (f"?field={first.field}" if len(group) == 1 and first.field else ""),
        connection=connections.get(first.connection or "", ""),
    )


def _what(record: Record, fields: set[str], known: Mapping[str, Record]) -> str:
    """What moved, in a few words, with the value where it is short and says it all."""

    def said(name: str) -> str:
        return words.text(words.shown(record.kind, name, record.fields.get(name), known))

    match record.kind:
        case Kind.APPLICATION if "job" in fields:
            return f"Applied to {said('job')}:"
        case Kind.APPLICATION if "match_score" in fields:
            return f"Score {said('match_score')} of"
        case Kind.APPLICATION if "stage" in fields:
            return f"Stage {said('stage')}:"
        case Kind.APPLICATION if "top_ten" in fields:
            return "Among the top 10 %:" if record.fields.get("top_ten") else "No longer among the top 10 %:"
        case Kind.CANDIDATE if "created_at" in fields or len(fields) > 4:
            return "New candidate"
        case Kind.CANDIDATE if fields == {"tags"}:
            return f"Tags {said('tags')}:"
        case Kind.NOTE | Kind.ATTACHMENT:
            return f"{'Note on' if record.kind is Kind.NOTE else 'File of'}"
        case _:
            names = [words.label(record.kind, name) for name in sorted(fields) if name]
            head = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            return f"{head or record.kind.replace('_', ' ').capitalize()} of"
