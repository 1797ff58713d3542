"""Interviews as pages show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bascule.calendars.choice import VENDORS
from bascule.calendars.door import choice_of
from bascule.connectors.manifest import booking
from bascule.core.interviews import InterviewState
from bascule.engine.connections import Connected
from bascule.hiring.interview_letters import panel_of, when
from bascule.hiring.interview_records import record_of
from bascule.hiring.interviewers import interviewer, interviewers_of
from bascule.hiring.interviewing import rules_of
from bascule.hiring.messages import hours_of
from bascule.model import OURS, Kind, Record
from bascule.office.calendars import Standing
from bascule.office.interviews import InterviewDesk
from bascule.store import Tx
from bascule.store.interviews import Feedback, Interview

from ..views.interviews import AtsPart, FeedbackPart, InterviewPart, InterviewsPage, InterviewsPart, SetupPage
from ..views.parts import State, Tone
from . import words

_SAID: Mapping[str, tuple[str, Tone]] = {
    InterviewState.ASKED: ("Asked to choose a time", Tone.CATCHING_UP),
    InterviewState.PROPOSED: ("Proposed times", Tone.WAITING),
    InterviewState.BOOKED: ("Booked", Tone.IN_STEP),
    InterviewState.CANCELLED: ("Cancelled", Tone.QUIET),
}


def parts(
    tx: Tx, desk: InterviewDesk, workspace: str, applications: Mapping[str, bool], now: datetime, *, may_edit: bool
) -> dict[str, InterviewsPart]:
    """What stands on a candidate's page, by application; `applications`: whether each goes on."""
    found: dict[str, list[Interview]] = {id: [] for id in applications}
    for one in tx.interviews.of(applications):
        found[one.application].append(one)
    told: dict[str, list[Feedback]] = {id: [] for id in applications}
    for each in tx.interviews.feedback(applications):
        told[each.application].append(each)
    calendars = choice_of(tx, workspace).on
    hint = ", ".join(interviewers_of(tx, workspace))
    return {
        id: InterviewsPart(
            tuple(replace(_part(tx, desk, one, now, may_edit=may_edit), ats=_there(tx, one)) for one in reversed(rows)),
            tuple(map(_feedback, told[id])),
            may_edit,
            may_edit and applications[id] and not any(_waits(one, now) for one in rows),
            hint,
            calendars,
            _elsewhere(tx, id),
        )
        for id, rows in found.items()
    }


def _elsewhere(tx: Tx, application: str) -> tuple[tuple[str, str], ...]:
    """Interviews that the ATS has besides those that were booked here, the newest first."""
    home = tx.families.record_family(application)
    rows = tx.families.family(home).children(application, Kind.INTERVIEW) if home is not None else ()
    rows = [one for one in rows if one.origin != OURS]
    told: list[tuple[str, str]] = []
    for one in sorted(rows, key=lambda row: str(row.fields.get("starts_at") or ""), reverse=True):
        at = str(one.fields.get("starts_at") or "")
        day = f"{at[:10]} {at[11:16]} UTC" if at else "no time yet"
        told.append((str(one.fields.get("name") or "Interview"), f"{day}, {one.fields.get('status') or 'no status'}"))
    return tuple(told)


def _waits(one: Interview, now: datetime) -> bool:
    until = one.starts if one.state == InterviewState.BOOKED and one.starts is not None else one.expires
    return one.state != InterviewState.CANCELLED and until > now


def _part(tx: Tx, desk: InterviewDesk, one: Interview, now: datetime, *, may_edit: bool) -> InterviewPart:
    data = desk.as_data(tx, one)
    panel = panel_of(one)
    zone = interviewer(tx, one.workspace, panel[0][0]).working.zone
    waits = _waits(one, now)
    return InterviewPart(
        id=one.id,
        state=_state(one, waits),
        when=when(one.starts, zone) if one.starts is not None else "",
        at=one.starts,
        panel=", ".join(name for _, name in panel),
        place=data["place"],
        minutes=rules_of(one).length,
        link=data["link"] if may_edit else "",
        expires=one.expires,
        proposed=tuple((at.isoformat(), when(at, zone)) for at in data["proposed"]),
        note=data["note"],
        why=data["why"],
        open=waits,
        asked=one.state == InterviewState.ASKED,
        unwritten=_unwritten(tx, one) if waits else 0,
    )


def _there(tx: Tx, one: Interview) -> tuple[str, ...]:
    """The connections at which a booked one is an interview of the ATS, by name."""
    if one.state != InterviewState.BOOKED:
        return ()
    home = tx.families.record_family(one.application)
    family = tx.families.family(home) if home is not None else None
    record = record_of(family, one) if family is not None else None
    if family is None or record is None:
        return ()
    known = {each.id: each.name for each in tx.connections.list()}
    links = (link for link in family.links.values() if link.record == record.id and link.open)
    return tuple(sorted({known[link.connection] for link in links if link.connection in known}))


def _unwritten(tx: Tx, one: Interview) -> int:
    if one.state != InterviewState.BOOKED or not choice_of(tx, one.workspace).on:
        return 0
    return sum(seat.written != one.sequence for seat in tx.interviews.seats(one.id))


def _state(one: Interview, waits: bool) -> State:
    said, tone = _SAID[one.state]
    if one.state == InterviewState.BOOKED and not waits:
        return State("Took place", Tone.QUIET)
    if one.state == InterviewState.BOOKED and one.said.get("proposed"):
        return State("Booked; other times are proposed", Tone.WAITING)
    if one.state == InterviewState.ASKED and not waits:
        return State("The link has ended", Tone.QUIET)
    return State(said, tone)


def _feedback(one: Feedback) -> FeedbackPart:
    said: Any = one.said
    scores = tuple(
        (str(each["criterion"]), str(each["score"]), str(each.get("note") or "")) for each in said.get("scores") or ()
    )
    return FeedbackPart(
        str(said.get("interviewer") or ""), str(said.get("tool") or ""), one.at, str(said.get("rating") or ""), scores,
        str(said.get("text") or ""),
    )  # fmt: skip


def page(tx: Tx, desk: InterviewDesk, workspace: str, now: datetime, *, may_set_up: bool) -> InterviewsPage:
    """Interviews to come."""
    rows = desk.upcoming_in(tx)
    people = _people(tx, workspace, rows)
    made = [(one, _named(_part(tx, desk, one, now, may_edit=False), one, people)) for one in rows]
    booked = tuple(part for one, part in made if one.state == InterviewState.BOOKED)
    waiting = tuple(part for one, part in made if one.state != InterviewState.BOOKED and part.open)
    proposed = sum(bool(part.proposed) for _, part in made)
    return InterviewsPage(booked, waiting, choice_of(tx, workspace).on, may_set_up, proposed)


def _people(tx: Tx, workspace: str, rows: Sequence[Interview]) -> dict[str, Record]:
    found = tx.families.records(workspace, {x for one in rows for x in (one.application, one.job) if x})
    parents = {one.parent for one in found.values() if one.parent}
    return {**found, **tx.families.records(workspace, parents)}


def _named(part: InterviewPart, one: Interview, known: Mapping[str, Record]) -> InterviewPart:
    application, job = known.get(one.application), known.get(one.job)
    person = known.get(application.parent or "") if application is not None else None
    return replace(
        part,
        name=words.title(person) if person is not None else "Name removed",
        href=f"/candidates/{person.id}#i-{one.application}" if person is not None else "",
        job=words.title(job) if job is not None else "",
    )


def takers(connections: Sequence[Connected], missing: Callable[[Connected], Sequence[str]]) -> tuple[AtsPart, ...]:
    """The connections at which interviews that are booked here can be interviews of the ATS; `missing` says which
    rights each lacks."""
    found: list[AtsPart] = []
    for at in sorted(connections, key=lambda one: one.row.name):
        rule = at.connector.creates.get(Kind.INTERVIEW)
        if rule is not None:
            on, needs = Kind.INTERVIEW in at.view.creates, booking(at.connector)
            lacks = tuple(one for one in missing(at) if one in needs) if on else ()
            effect = at.connector.sends[rule.call].hidden
            found.append(AtsPart(at.row.name, at.connector.label, on, effect, lacks))
    return tuple(found)


def setup(tx: Tx, workspace: str, standing: Standing, email: str, ats: tuple[AtsPart, ...] = ()) -> SetupPage:
    """Calendars and interviewers; `email`: whose hours the form shows."""
    people = interviewers_of(tx, workspace)
    systems = tuple((str(system), vendor.label) for system, vendor in VENDORS.items())
    return SetupPage(
        standing, systems, tuple(people.values()), people.get(email), hours_of(tx, workspace).zone, ats
    )  # fmt: skip
