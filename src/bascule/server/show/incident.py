"""Incidents: when something disturbed the way to a system, and what that did to candidates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bascule.office.incidents import Fate, LateCandidate, What, happened, is_open, open_jobs, report
from bascule.office.standing import span
from bascule.store import Tx
from bascule.store.incidents import Incident

from ..rendering import count
from ..views.incident import IncidentPage, IncidentRow, Late
from ..views.parts import Link
from . import words

LIMIT = 100  # incidents in the list


def rows(tx: Tx, workspace: str, connection: str, now: datetime) -> tuple[IncidentRow, ...]:
    """The newest first; of one connection (its id), or all."""
    names = words.connection_names(tx, workspace)
    found = tx.incidents.list(workspace, connection=connection, limit=LIMIT)
    jobs = open_jobs(tx, workspace, found)
    return tuple(_row(one, names, now, jobs[one.id]) for one in found)


def page(tx: Tx, workspace: str, id: int, now: datetime) -> IncidentPage:
    """One, with whom it made late: those of open requisitions first, of those the best, then who still waits, then by
    name."""
    told = report(tx, workspace, id)
    return IncidentPage(
        _row(told.incident, words.connection_names(tx, workspace), now, told.open_jobs),
        tuple(_late(one) for one in told.late), told.unnamed, told.high,
        _fates(told.count, What.MOVE), _fates(told.count, What.MESSAGE), _fates(told.count, What.VALUE),
    )  # fmt: skip


def _fates(counted: Callable[[What, Fate], int], what: What) -> str:
    """ "2 late, 1 missed" """
    arrived, waits, missed = (counted(what, fate) for fate in Fate)
    parts = ((arrived, "late"), (waits, "waiting"), (missed, "missed"))
    return ", ".join(f"{n:,} {word}" for n, word in parts if n) or "none"


def _row(one: Incident, names: dict[str, str], now: datetime, jobs: int) -> IncidentRow:
    return IncidentRow(
        href=f"/incidents/{one.id}",
        connection=names.get(one.connection, "a connection that is gone") if one.connection else "Every connection",
        happened=happened(one),
        began=one.began,
        ended=one.ended,
        lasted=span(((one.ended or now) - one.began).total_seconds()),
        why=one.why,
        late=len(one.families),
        left=one.left,
        reads=one.reads,
        jobs=jobs,
    )


def _late(one: LateCandidate) -> Late:
    links = tuple(Link(words.title(job), f"/jobs/{job.id}") for job in one.jobs)
    return Late(
        one.name or "name removed", f"/candidates/{one.record}", links, one.waits, one.urgent, one.score, one.high,
        tuple(_said(one, what, fate) for fate in Fate for what in What if one.of(what, fate)),
        any(one.of(what, Fate.MISSED) for what in What),
    )  # fmt: skip


def _said(one: LateCandidate, what: What, fate: Fate) -> str:
    """ "2 moves missed" """
    fates = {Fate.ARRIVED: "late", Fate.WAITS: "waiting", Fate.MISSED: "missed"}
    return f"{count(one.of(what, fate), str(what))} {fates[fate]}"


__all__ = ["is_open", "page", "rows"]
