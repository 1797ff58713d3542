"""Where a person is beyond the reach of an erasure, or is taken out by work of its own: subscribers that were told of
them, colleagues' calendars, letters that have left, answers in a mailbox. Each is said before, and in the certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bascule.core.bodies import personal
from bascule.model import CANDIDATE_ERASED, Family, Kind
from bascule.store import Tx
from bascule.store.messages import Message, MessageState
from bascule.store.subscriptions import Outcome, State, Subscription

LEFT = frozenset({MessageState.SENT, MessageState.SENDING, MessageState.UNKNOWN, MessageState.BOUNCED})
CAME = frozenset({MessageState.RECEIVED, MessageState.AUTOMATIC})
BY_HAND = "by a person where none is connected any more"
CALENDARS, LETTERS, MAILBOX = "colleagues' calendars", "letters to the person", "mailbox of their answers"


@dataclass(frozen=True, slots=True)
class Beyond:
    """What is known of a person there. `seats` are events that still stand in calendars."""

    subscribers: Sequence[Subscription]
    interviews: int
    seats: int
    sent: Sequence[Message]
    came: Sequence[Message]


def beyond(tx: Tx, family: Family) -> Beyond:
    """What there is of a person who is, or is to be, erased. A subscriber counts whose events show fields of people."""
    applications = [one.id for one in family.records.values() if one.kind is Kind.APPLICATION]
    interviews = tx.interviews.of(applications)
    seats = [seat for one in interviews for seat in tx.interviews.seats(one.id) if seat.event or seat.written >= 0]
    letters = tx.messages.of([one.id for one in family.records.values() if one.kind is Kind.CANDIDATE])
    return Beyond(
        [one for one in tx.subscriptions.list(family.workspace) if personal(one.wanted.fields)],
        len(interviews),
        len(seats),
        [one for one in letters if one.direction == "out" and one.state in LEFT],
        [one for one in letters if one.direction == "in" and one.state in CAME],
    )


def foreseen(found: Beyond) -> list[tuple[str, str, bool]]:
    """(place, what will happen there, whether it takes a person), before an erasure begins."""
    told = "It is told to delete them. Bascule cannot see whether it does."
    places = [(_named(one), told, False) for one in found.subscribers]
    if found.seats:
        many = f"{_counted(found.seats, 'event')} of theirs"
        words = f"{many}: taken out at once, or once a calendar that is down answers again; {BY_HAND}."
        places.append((CALENDARS, words, False))
    if found.sent:
        places.append((LETTERS, f"{_counted(len(found.sent), 'letter')}: cannot be called back.", False))
    if found.came:
        words = f"{_counted(len(found.came), 'answer')} of theirs: a person deletes them in the mailbox."
        places.append((MAILBOX, words, True))
    return places


def places(tx: Tx, family: Family, found: Beyond, now: datetime) -> list[dict[str, Any]]:
    """The same as it stands when everything else is erased, as places of the certificate."""
    event = tx.events.number_of(family.id, CANDIDATE_ERASED)
    listed = [_told(tx, one, event, now) for one in found.subscribers]
    if found.interviews:
        many = _counted(found.seats, "event")
        outcome = (
            f"{many} still to be taken out; that goes on by itself, {BY_HAND}"
            if found.seats
            else "none of their events is left"
        )
        listed.append(_place(CALENDARS, outcome, now, done=not found.seats))
    if found.sent:
        many, when = _counted(len(found.sent), "letter"), _days([one.sent or one.created for one in found.sent])
        outcome = f"{many} sent {when}; what has left cannot be called back"
        listed.append(_place(LETTERS, outcome, now, done=True))
    if found.came:
        many, when = _counted(len(found.came), "answer"), _days([one.created for one in found.came])
        listed.append(_place(MAILBOX, f"{many} came {when}: a person deletes them there", now, done=False))
    return listed


def _told(tx: Tx, one: Subscription, event: int | None, now: datetime) -> dict[str, Any]:
    """What became of the event that they are erased, at one subscriber."""
    known = tx.subscriptions.delivery(one.id, event) if event is not None else None
    if known is not None and known.state is Outcome.DELIVERED:
        outcome, at = "told to delete them; whether it has, Bascule cannot see", known.at
    elif known is not None and known.state is Outcome.GIVEN_UP:
        outcome, at = "has not taken that they are erased: have them deleted there", known.at
    elif one.state is not State.ACTIVE:
        outcome, at = f"{one.state}: told to delete them once it goes on", now
    else:
        outcome, at = "is being told to delete them, again until it takes it", now
    return _place(_named(one), outcome, at, done=False)


def _place(place: str, outcome: str, at: datetime, *, done: bool) -> dict[str, Any]:
    return {"place": place, "outcome": outcome, "at": at.isoformat(), "done": done}


def _named(one: Subscription) -> str:
    return f"subscriber {one.name} at {one.host}" if one.name != one.host else f"subscriber {one.host}"


def _days(times: Sequence[datetime]) -> str:
    first, last = min(times).date().isoformat(), max(times).date().isoformat()
    return f"on {first}" if first == last else f"from {first} to {last}"


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
