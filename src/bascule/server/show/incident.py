"""Incidents: when a system was down, and whose changes were late because of it."""

from __future__ import annotations

from datetime import datetime

from bascule.model import Record
from bascule.office.standing import span
from bascule.store import Tx
from bascule.store.incidents import Incident

from ..views import IncidentPage, IncidentRow, Late, Link
from . import words

LIMIT = 100  # incidents in the list
NAMED = 2000  # families of one incident that are named


def rows(tx: Tx, workspace: str, connection: str, now: datetime) -> tuple[IncidentRow, ...]:
    """The newest first; of one connection (its id), or all."""
    names = words.connection_names(tx, workspace)
    found = tx.incidents.list(workspace, connection=connection, limit=LIMIT)
    return tuple(_row(one, names, now) for one in found)


def page(tx: Tx, workspace: str, id: int, now: datetime) -> IncidentPage:
    """One, with whom it made late: those of open requisitions first, then those who still wait, then by name."""
    one, waiting = tx.incidents.get(workspace, id)
    lines = tx.incidents.people(one.families[:NAMED])
    jobs = tx.families.records(workspace, {job for *_, job in lines if job})
    people: dict[str, tuple[str, str, dict[str, Record]]] = {}
    for family, record, name, job in lines:
        _, _, mine = people.setdefault(family, (record, name, {}))
        if job in jobs:
            mine[job] = jobs[job]
    late = [_late(record, name, mine, family in waiting) for family, (record, name, mine) in people.items()]
    late.sort(key=lambda who: (not who.urgent, not who.waits))
    return IncidentPage(
        _row(one, words.connection_names(tx, workspace), now), tuple(late), len(one.families) - len(late)
    )


def _row(one: Incident, names: dict[str, str], now: datetime) -> IncidentRow:
    return IncidentRow(
        href=f"/incidents/{one.id}",
        connection=names.get(one.connection, "a connection that is gone"),
        began=one.began,
        ended=one.ended,
        lasted=span(((one.ended or now) - one.began).total_seconds()),
        why=one.why,
        late=len(one.families),
        left=one.left,
        reads=one.reads,
    )


def _late(record: str, name: str, jobs: dict[str, Record], waits: bool) -> Late:
    shown = sorted(jobs.values(), key=lambda job: (not _open(job), words.title(job)))
    links = tuple(Link(words.title(job), f"/jobs/{job.id}") for job in shown)
    return Late(name or "name removed", f"/candidates/{record}", links, waits, any(_open(job) for job in shown))


def _open(job: Record) -> bool:
    return (job.fields.get("status") or "open") == "open"
