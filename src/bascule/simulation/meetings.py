"""After quiet: nobody has two interviews at a time, calendars show what is booked, letters came in their order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bascule.core.interviews import InterviewState
from bascule.model import Kind
from bascule.store import Tx

from .ledger import Ledger
from .relay import Taken

if TYPE_CHECKING:
    from .flow import Flow

_EVENT = re.compile(r"(?m)^(UID|SEQUENCE):([^\r\n]+)")


def check(world: Flow, tx: Tx, ledger: Ledger) -> None:
    """Nobody has two at a time, and the calendars show what is booked."""
    applications = [
        record.id for family in ledger.families for record in family.records.values()
        if record.kind is Kind.APPLICATION
    ]  # fmt: skip
    known = tx.interviews.of(applications)
    booked = [one for one in known if one.state == InterviewState.BOOKED]
    world.stats["interviews booked"] = len(booked)
    seats: dict[str, list[tuple[Any, Any, str]]] = defaultdict(list)
    for one in booked:
        panel: Sequence[Mapping[str, str]] = one.said["panel"]  # type: ignore[assignment]
        for each in panel:
            seats[each["email"]].append((one.starts, one.ends, str(one.said["uid"])))
    _in_order(world)
    for email, taken in seats.items():
        ordered = sorted(taken)
        if any(before[1] > after[0] for before, after in pairwise(ordered)):
            world.wrong("two interviews at one time", email)
    standing: dict[str, list[tuple[Any, Any, str]]] = defaultdict(list)
    for event in world.calendars.server.events.values():
        standing[event.owner].append((event.start, event.end, event.uid))
    for email in {*seats, *standing}:
        if sorted(seats[email]) != sorted(standing[email]):
            world.wrong("a calendar that shows something else", email, seats[email], standing[email])


def _in_order(world: Flow) -> None:
    """Nobody is told of an interview as it was before what they have been told already."""
    last: dict[tuple[str, str], int] = {}
    for letter in sorted(world.relay.taken, key=lambda one: one.began):
        event = _EVENT.findall(_calendar(letter))
        if len(event) == 2:
            told = dict(event)
            key, sequence = (letter.to, told["UID"]), int(told["SEQUENCE"])
            if sequence < last.get(key, -1):
                world.wrong("told of an interview as it was before", letter.to, letter.subject)
            last[key] = max(sequence, last.get(key, -1))


def _calendar(letter: Taken) -> str:
    for part in letter.mail.walk():
        if part.get_content_type() == "text/calendar":
            found = part.get_payload(decode=True)
            return found.decode() if isinstance(found, bytes) else ""
    return ""
