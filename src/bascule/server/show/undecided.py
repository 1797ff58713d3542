"""Who has waited too long for a person's decision."""

from __future__ import annotations

import json
from datetime import datetime

from bascule.office.undecided import UndecidedDesk
from bascule.store import Tx
from bascule.store.outcomes import Place, Undecided

from ..rendering import query
from ..views.parts import Paging
from ..views.undecided import UndecidedPage, WaitingJob, WaitingPerson
from .job import title_of

LIMIT = 50


def page(
    tx: Tx, desk: UndecidedDesk, workspace: str, now: datetime, job: str, after: str, *, may_set: bool
) -> UndecidedPage:
    """By job; with `job`, who waits there. NotFoundError where there is no such job."""
    found = desk.by_job(tx)
    jobs = tuple(
        WaitingJob(one.job.id, one.title, one.many, (now - one.oldest).days, query("/undecided", {"job": one.job.id}))
        for one in found
    )
    days, total = desk.days(tx), sum(one.many for one in jobs)
    if not job:
        return UndecidedPage(days, total, jobs, may_set)
    title = title_of(tx, workspace, job)
    one = next((one for one in found if one.job.id == job), None)
    rows = desk.people(tx, one, after=place_of(after), limit=LIMIT + 1) if one is not None else []
    shown = rows[:LIMIT]
    names = tx.pages.called([one.candidate for one in shown if one.candidate])
    people = tuple(_person(one, names.get(one.candidate, ""), now) for one in shown)
    many = one.many if one is not None else 0
    more = query("/undecided", {"job": job, "after": place(shown[-1])}) if len(rows) > LIMIT else ""
    first = query("/undecided", {"job": job}) if after else ""
    return UndecidedPage(days, many, (), may_set, job, title, people, Paging(next=more, first=first, total=many))


def _person(one: Undecided, name: str, now: datetime) -> WaitingPerson:
    return WaitingPerson(one.candidate, one.application, name, one.applied, (now - one.applied).days, one.seen)


def place(one: Undecided) -> str:
    """Where the next page begins."""
    return json.dumps([one.applied.isoformat(), one.application])


def place_of(after: str) -> Place | None:
    """A place as it was given; anything else begins at the first."""
    try:
        applied, record = json.loads(after)
        at = datetime.fromisoformat(applied)
    except (ValueError, TypeError):
        return None
    return (at, str(record)) if at.tzinfo is not None else None
