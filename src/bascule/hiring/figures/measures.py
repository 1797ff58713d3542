"""The KPIs: what each counts, from when to when, of how many, and what is left out. Pure.

Every figure belongs to the week (from Monday, UTC) in which what it measures was over: a hire counts in the week of the
hire, a decision in that of the decision. Shares of what may still happen belong to the week in which it could begin
(`GROWS`): those of the last weeks still grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bascule.core.outcomes import FEW

from .columns import FORWARD, NONE, REJECTED, SECOND, Columns
from .definitions import DEFINITIONS, LEAST_TEAM, Definition, Unit

Mask = NDArray[np.bool_]
DAY = 86_400 * SECOND
WEEK = 7 * DAY
FEW_TIMES = 5  # of fewer times a median says little


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of it, None for all: the first and the last day, the ids of jobs, one connection's id."""

    since: date | None = None
    until: date | None = None
    jobs: frozenset[str] | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One number: `n` is of how many. Of a time the median and the ninth of ten in seconds, of a share `many` of `n`,
    of a sum its value in hours. None: of none, or nobody has stated what it needs."""

    n: int
    value: float | None = None
    p90: float | None = None
    many: int = 0
    few: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over the whole time and week by week. `hidden`: why it is not told; `beside`: what is counted too."""

    key: str
    all: Told
    weeks: tuple[Told, ...] = ()
    hidden: str = ""
    beside: Mapping[str, int] = field(default_factory=lambda: {})


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages of one template, job or sender, and how many were answered. `id` "" where they are of several."""

    id: str
    told: Told


@dataclass(frozen=True, slots=True)
class Team:
    """The recruiters of a department: how they work with scores, and how long its applicants wait for them."""

    department: str
    recruiters: int
    figures: tuple[Figure, ...]
    queue: Told


@dataclass(frozen=True)
class Kpis:
    """Everything a page shows. `weeks` are the Mondays of the columns of `figures`."""

    applications: int
    weeks: tuple[date, ...]
    figures: Mapping[str, Figure]
    queue: Told  # how long those have waited about whom nobody has decided
    oldest: float | None  # the longest of these waits
    rates: Mapping[str, tuple[Rate, ...]]  # by template, job, sender
    teams: tuple[Team, ...]
    small_teams: int  # departments whose team is too small to be told of


def monday(at: date) -> date:
    return at - timedelta(days=at.weekday())


def ticks(at: datetime) -> int:
    """A time as columns have it."""
    return int(at.timestamp() * SECOND)


def first_of(day: date) -> int:
    """The first millisecond of a day."""
    return ticks(datetime(day.year, day.month, day.day, tzinfo=UTC))


def kpis(of: Columns, wanted: Wanted, now: datetime, minutes: float | None = None) -> Kpis:
    """Every figure of what is wanted. `minutes`: what one application with a score saves, as somebody has stated."""
    chosen = _jobs(of, wanted)
    parts = {name: rows_of(of, getattr(of, name), wanted) for name in ("applications", "screenings", "messages")}
    events = _events(parts["applications"], parts["screenings"], parts["messages"], minutes)
    weeks = _weeks(wanted, now, events)
    span = span_of(wanted)
    people = {user for job in chosen for user in of.jobs[job].recruiters}
    why = too_small(len(people))
    found = {
        key: _figure(one, events[key], span, weeks, hidden=why if one.about_people else "")
        for key, one in DEFINITIONS.items()
    }
    moment = ticks(now)
    queue, oldest = _queue(parts["applications"], moment)
    teams, small = _teams(of, parts["applications"], chosen, span, moment)
    applied = parts["applications"]["applied"]
    return Kpis(
        int(within(applied, span).sum()),
        weeks,
        found,
        queue,
        oldest,
        _rates(of, parts["messages"], span),
        teams,
        small,
    )


def too_small(recruiters: int) -> str:
    """Why figures about how people work are not told of so many recruiters; "" where they are."""
    if recruiters >= LEAST_TEAM:
        return ""
    named = "names no recruiter" if not recruiters else f"names {recruiters} recruiter{'s' if recruiters > 1 else ''}"
    return f"The ATS {named} on these jobs; this is told of teams of {LEAST_TEAM} and more, never of one person."


# ------------------------------------------------------------------------------------------------------- choosing


def _jobs(of: Columns, wanted: Wanted) -> list[int]:
    return [place for place, job in enumerate(of.jobs) if wanted.jobs is None or job.id in wanted.jobs]


def span_of(wanted: Wanted) -> tuple[int | None, int | None]:
    """From the first millisecond that is wanted to the one after the last; None: without end."""
    return first_of(wanted.since) if wanted.since else None, first_of(wanted.until) + DAY if wanted.until else None


def rows_of(of: Columns, part: Mapping[str, NDArray[Any]], wanted: Wanted) -> Mapping[str, NDArray[Any]]:
    """The rows of the jobs and of the connection that are wanted."""
    keep = np.ones(len(part["job"]), bool)
    if wanted.jobs is not None:
        keep &= _among(of, _jobs(of, wanted), part["job"])
    if wanted.connection is not None:
        place = of.connections.index(wanted.connection) if wanted.connection in of.connections else -2
        keep &= part["connection"] == place
    if keep.all():
        return part
    rows = np.flatnonzero(keep)
    return {name: array[rows] for name, array in part.items()}


def _among(of: Columns, jobs: Sequence[int], places: NDArray[Any]) -> Mask:
    """Which of these indices of jobs are among some; -1 is not."""
    table = np.zeros(len(of.jobs) + 1, bool)
    table[list(jobs)] = True
    return table[places]


def within(at: NDArray[Any], span: tuple[int | None, int | None]) -> Mask:
    """Which of these times lie in it; those that are not known never do."""
    since, until = span
    keep = at >= (0 if since is None else since)
    return keep if until is None else keep & (at < until)


# --------------------------------------------------------------------------------------------------------- events


@dataclass(frozen=True)
class _Events:
    """What a figure counts: when each counts, and its milliseconds, or whether it is among those of a share."""

    at: NDArray[Any]
    value: NDArray[Any]
    beside: Mapping[str, NDArray[Any]] = field(default_factory=lambda: {})


def _took(began: NDArray[Any], ended: NDArray[Any], where: Mask | None = None) -> _Events:
    """Times of those that have begun and ended; a clock of theirs that is ahead of ours makes no time below 0."""
    keep = (began >= 0) & (ended >= 0)
    keep = keep if where is None else keep & where
    return _Events(ended[keep], np.maximum(ended[keep] - began[keep], 0))


def _events(
    a: Mapping[str, NDArray[Any]], s: Mapping[str, NDArray[Any]], m: Mapping[str, NDArray[Any]], minutes: float | None
) -> dict[str, _Events]:
    decided = a["decision"] > 0
    scored = decided & (a["with_score"] > 0)
    against = np.where(a["above"] > 0, a["decision"] == REJECTED, a["decision"] == FORWARD)
    met = a["interview"] >= 0
    offered = (a["offer"] != NONE) | (a["hired"] != NONE)
    asked = s["opted_out"] < 0
    hours = np.full(int(scored.sum()), (minutes or 0.0) / 60)
    return {
        "time_to_screen": _took(a["applied"], a["decided"], decided),
        "time_to_hire": _took(a["applied"], a["hired"]),
        "interview_to_offer": _Events(a["interview"][met], offered[met]),
        "screening_completion": _Events(
            s["invited"][asked], s["completed"][asked] >= 0, {"opted out": s["invited"][~asked]}
        ),
        "screening_time_saved": _Events(a["decided"][scored], hours if minutes is not None else hours * np.nan),
        "score_latency": _took(a["applied"], a["written"]),
        "response_rate": _Events(m["sent"], m["answered"] >= 0),
        "decided_with_score": _Events(a["decided"][decided], a["with_score"][decided] > 0),
        "score_to_decision": _took(a["scored"], a["decided"], scored),
        "overrides": _Events(a["decided"][scored], against[scored]),
    }


def _weeks(wanted: Wanted, now: datetime, events: Mapping[str, _Events]) -> tuple[date, ...]:
    """The Mondays from the first day that is wanted, or the first event, to the last."""
    last = min(wanted.until or now.date(), now.date())
    first = wanted.since
    if first is None:
        began = min((int(one.at.min()) for one in events.values() if len(one.at)), default=None)
        first = last if began is None else datetime.fromtimestamp(began / SECOND, UTC).date()
    first = min(monday(first), monday(last))
    return tuple(first + timedelta(weeks=n) for n in range((monday(last) - first).days // 7 + 1))


# ------------------------------------------------------------------------------------------------------- measuring


def _figure(
    one: Definition, events: _Events, span: tuple[int | None, int | None], weeks: Sequence[date], hidden: str = ""
) -> Figure:
    if hidden:
        return Figure(one.key, Told(0), tuple(Told(0) for _ in weeks), hidden)
    keep = within(events.at, span)
    at, value = events.at[keep], events.value[keep]
    beside = {name: int(within(other, span).sum()) for name, other in events.beside.items()}
    first = first_of(weeks[0]) if weeks else 0
    place = (at - first) // WEEK
    order = np.argsort(place, kind="stable")
    cuts = np.searchsorted(place[order], np.arange(len(weeks) + 1))
    sorted_values = value[order]
    byweek = tuple(told(one.unit, sorted_values[cuts[n] : cuts[n + 1]]) for n in range(len(weeks)))
    return Figure(one.key, told(one.unit, value), byweek, "", beside)


def told(unit: Unit, values: NDArray[Any]) -> Told:
    """The number of some values: times, whether each is among those of a share, or parts of a sum."""
    n = len(values)
    if not n:
        return Told(0)
    if unit is Unit.SHARE:
        many = int(values.sum())
        return Told(n, many / n, None, many, n < FEW)
    if unit is Unit.HOURS:
        total = float(values.sum())
        return Told(n, None if np.isnan(total) else total)
    middle, most = np.median(values), np.quantile(values, 0.9)
    return Told(n, float(middle) / SECOND, float(most) / SECOND, 0, n < FEW_TIMES)


def _queue(a: Mapping[str, NDArray[Any]], now: int) -> tuple[Told, float | None]:
    waits = np.maximum(now - a["applied"][a["open"] > 0], 0)
    return told(Unit.SECONDS, waits), float(waits.max()) / SECOND if len(waits) else None


def _rates(
    of: Columns, m: Mapping[str, NDArray[Any]], span: tuple[int | None, int | None]
) -> dict[str, tuple[Rate, ...]]:
    keep = within(m["sent"], span)
    answered = m["answered"][keep] >= 0
    found = {
        "template": _grouped(m["template"][keep], answered, of.templates),
        "job": _grouped(m["job"][keep], answered, [one.id for one in of.jobs]),
        "sender": _grouped(m["sender"][keep], answered, of.senders),
    }
    people = [one for one in found["sender"] if one.id]
    if 0 < len(people) < LEAST_TEAM:  # nobody is told of alone
        n, many = sum(one.told.n for one in people), sum(one.told.many for one in people)
        together = Rate("*", Told(n, many / n, None, many, n < FEW))
        found["sender"] = (*(one for one in found["sender"] if not one.id), together)
    return found


def _grouped(places: NDArray[Any], answered: Mask, names: Sequence[str]) -> tuple[Rate, ...]:
    """By group, those with most messages first."""
    rates = [
        Rate(names[int(place)] if place >= 0 else "", told(Unit.SHARE, answered[places == place]))
        for place in np.unique(places)
    ]
    return tuple(sorted(rates, key=lambda one: (-one.told.n, one.id)))


def _teams(
    of: Columns, a: Mapping[str, NDArray[Any]], jobs: Iterable[int], span: tuple[int | None, int | None], now: int
) -> tuple[tuple[Team, ...], int]:
    """The teams of departments, and how many are too small."""
    departments: dict[str, list[int]] = {}
    for place in jobs:
        departments.setdefault(of.jobs[place].department, []).append(place)
    found: list[Team] = []
    small = 0
    for name, places in sorted(departments.items()):
        people = {user for place in places for user in of.jobs[place].recruiters}
        keep = _among(of, places, a["job"])
        if too_small(len(people)):
            small += bool(keep.any())
            continue
        rows = np.flatnonzero(keep)
        mine = {key: array[rows] for key, array in a.items()}
        nothing = {key: np.zeros(0, np.int64) for key in ("invited", "completed", "opted_out", "sent", "answered")}
        events = _events(mine, nothing, nothing, None)
        figures = tuple(_figure(one, events[one.key], span, ()) for one in DEFINITIONS.values() if one.about_people)
        found.append(Team(name, len(people), figures, _queue(mine, now)[0]))
    return tuple(found), small
